#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/kubernetes.h"
#include "sensor/base/json_read.h"
#include "sensor/base/report.h"

struct cluster {
	struct inventory_draft *draft;
	struct inventory *inventory;
	struct report *report;
};

static struct cluster
cluster_new(void)
{
	return (struct cluster){inventory_draft_new(), NULL, report_new()};
}

static void
cluster_free(struct cluster *cluster)
{
	inventory_free(cluster->inventory);
	inventory_draft_free(cluster->draft);
	report_free(cluster->report);
}

static void
publish(struct cluster *cluster)
{
	inventory_free(cluster->inventory);
	cluster->inventory = inventory_publish(cluster->draft, cluster->report);
}

static struct instant
time_of(const char *text)
{
	struct instant at;

	assert_true(instant_parse(text, &at));
	return at;
}

/* The objects here are written with ' for ", which no text in them has. */
static bool
put_at(struct cluster *cluster, enum kubernetes_event event, struct instant at,
    const char *text)
{
	size_t size = strlen(text);
	char octets[4096];
	struct json_fault fault;
	struct fact_taker taker = inventory_taker(cluster->draft);
	struct json *object;
	bool taken;

	assert_true(size < sizeof(octets));
	for (size_t i = 0; i < size; i++)
		octets[i] = text[i] == '\'' ? '"' : text[i];
	object = json_parse(octets, size, &fault);
	assert_non_null(object);
	taken = kubernetes_object(&taker, "c1", object, event, at);
	json_free(object);
	return taken;
}

static bool
put(struct cluster *cluster, const char *text)
{
	return put_at(cluster, KUBERNETES_PRESENT, INSTANT_PAST, text);
}

static struct party
who(const struct cluster *cluster, const char *text, struct instant at)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return inventory_who(cluster->inventory, INVENTORY_ANY, &address, at);
}

static const struct workload *
only_workload(struct cluster *cluster)
{
	publish(cluster);
	assert_int_equal(inventory_workload_count(cluster->inventory), 1);
	return inventory_workload(cluster->inventory, 0);
}

/* --- pods ---------------------------------------------------------------- */

#define RICH_POD                                                               \
	"{'kind':'Pod','metadata':{'name':'web-7f-x','namespace':'shop',"      \
	"'uid':'u1','resourceVersion':'107709',"                               \
	"'creationTimestamp':'2026-11-21T06:00:00Z',"                          \
	"'labels':{'tier':'front','pod-template-hash':'7f','bad':7},"          \
	"'annotations':{'hedgerow.io/app':'web'},"                             \
	"'ownerReferences':[{'kind':'Other','name':'o'},"                      \
	"{'kind':'ReplicaSet','name':'web-7f','controller':true}]},"           \
	"'spec':{'nodeName':'n1','containers':[{'name':'main',"                \
	"'image':'docker.io/library/nginx:1.25','ports':["                     \
	"{'containerPort':8080,'name':'http'},"                                \
	"{'containerPort':53,'protocol':'UDP','name':'dns'},"                  \
	"{'containerPort':99999},{'containerPort':1,'protocol':'XXX'}],"       \
	"'livenessProbe':{'httpGet':{'port':'http','path':'/'}},"              \
	"'readinessProbe':{'tcpSocket':{'port':9000}},"                        \
	"'startupProbe':{'httpGet':{'port':'http'}}},"                         \
	"{'name':'tls','image':'proxy',"                                       \
	"'livenessProbe':{'httpGet':{'port':8443,'scheme':'HTTPS'}},"          \
	"'readinessProbe':{'grpc':{'port':7000}},"                             \
	"'startupProbe':{'httpGet':{'port':1,'host':'example.org'}}}],"        \
	"'initContainers':[{'name':'init','image':'postgres'},"                \
	"{'name':'mesh','image':'proxyv2','restartPolicy':'Always'}],"         \
	"'ephemeralContainers':[{'name':'debug','image':'netshoot'}]},"        \
	"'status':{'phase':'Running','startTime':'2026-11-21T06:00:03Z',"      \
	"'hostIP':'172.16.0.9','hostIPs':[{'ip':'172.16.0.9'},"                \
	"{'ip':'fd01::9'}],'podIP':'10.0.0.5','podIPs':[{'ip':'10.0.0.5'},"    \
	"{'ip':'fd00::5'}],'containerStatuses':[{'name':'main',"               \
	"'imageID':'docker.io/library/nginx@sha256:aa'}]}}"

static void
pod_fields_are_read(void **state)
{
	struct cluster cluster = cluster_new();
	const struct workload *pod;

	(void)state;
	assert_true(put(&cluster, RICH_POD));
	pod = only_workload(&cluster);
	assert_string_equal(pod->id, "kubernetes:c1:u1");
	assert_string_equal(pod->cluster, "c1");
	assert_string_equal(pod->orchestrator, "kubernetes");
	assert_string_equal(pod->namespace, "shop");
	assert_string_equal(pod->name, "web-7f-x");
	assert_string_equal(pod->application, "web");
	assert_string_equal(pod->kind, "Deployment");
	assert_string_equal(pod->node, "n1");
	assert_int_equal(pod->version, 107709);
	assert_int_equal(pod->since.ns, time_of("2026-11-21T06:00:03Z").ns);
	assert_int_equal(pod->until.ns, INSTANT_FUTURE.ns);
	assert_int_equal(pod->labels.count, 2);
	assert_string_equal(labels_get(&pod->labels, "tier"), "front");
	assert_int_equal(pod->address_count, 2);
	assert_false(pod->host_network);
	assert_ptr_equal(who(&cluster, "fd00::5", pod->since).workload, pod);
	assert_string_equal(
	    who(&cluster, "172.16.0.9", pod->since).node->name, "n1");
	assert_string_equal(
	    who(&cluster, "fd01::9", pod->since).node->name, "n1");
	cluster_free(&cluster);
}

static void
pod_containers_and_probes_are_read(void **state)
{
	static const struct probe wanted[] = {
	    {8080, "http"}, {9000, "tcp"}, {8443, "https"}, {7000, "grpc"}};
	struct cluster cluster = cluster_new();
	const struct workload *pod;

	(void)state;
	put(&cluster, RICH_POD);
	pod = only_workload(&cluster);
	/* Who waits for a database, or debugs, says nothing of the pod. */
	assert_int_equal(pod->container_count, 3);
	assert_string_equal(pod->containers[2].name, "mesh");
	assert_string_equal(pod->containers[0].image.repository, "nginx");
	assert_string_equal(pod->containers[0].image.digest, "sha256:aa");
	assert_int_equal(pod->containers[0].port_count, 2);
	assert_int_equal(pod->containers[0].ports[0].number, 8080);
	assert_int_equal(pod->containers[0].ports[0].protocol, 6);
	assert_int_equal(pod->containers[0].ports[1].protocol, 17);
	assert_string_equal(pod->containers[0].ports[1].name, "dns");
	assert_string_equal(pod->containers[1].image.digest, "");
	assert_int_equal(pod->probe_count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pod->probes[i].port, wanted[i].port);
		assert_string_equal(pod->probes[i].scheme, wanted[i].scheme);
	}
	cluster_free(&cluster);
}

#define POD(version, phase, more)                                              \
	"{'kind':'Pod','metadata':{'name':'p','namespace':'s','uid':'u',"      \
	"'resourceVersion':'" version "',"                                     \
	"'creationTimestamp':'2026-11-21T06:00:00Z'},"                         \
	"'status':{'phase':'" phase "'" more "}}"

#define HELD ",'startTime':'2026-11-21T06:00:01Z','podIP':'10.0.0.5'"

#define FINISHED                                                               \
	HELD ",'containerStatuses':["                                          \
	     "{'state':{'terminated':{'finishedAt':'2026-11-21T06:05:00Z'}}}," \
	     "{'state':{'terminated':{'finishedAt':'2026-11-21T06:07:00Z'}}}," \
	     "{'state':{'terminated':{}}}]"

static void
assert_life(struct cluster *cluster, const char *since, const char *until)
{
	const struct workload *pod = only_workload(cluster);
	struct instant from = time_of(since), to = time_of(until);
	struct instant last = {to.ns - 1};

	assert_int_equal(pod->since.ns, from.ns);
	assert_int_equal(pod->until.ns, to.ns);
	assert_ptr_equal(who(cluster, "10.0.0.5", from).workload, pod);
	assert_ptr_equal(who(cluster, "10.0.0.5", last).workload, pod);
	assert_int_equal(
	    who(cluster, "10.0.0.5", to).attribution, ATTRIBUTION_UNATTRIBUTED);
}

/* The order of a real watch: created, started, published, done, deleted. */
static void
pod_ends_when_its_phase_is_final(void **state)
{
	struct cluster cluster = cluster_new();

	(void)state;
	put_at(&cluster, KUBERNETES_PRESENT, time_of("2026-11-21T06:00:00.1Z"),
	    POD("1", "Pending", ""));
	put_at(&cluster, KUBERNETES_CHANGED, time_of("2026-11-21T06:00:04.5Z"),
	    POD("2", "Running", HELD));
	put_at(&cluster, KUBERNETES_CHANGED, time_of("2026-11-21T06:07:00.4Z"),
	    POD("3", "Succeeded", FINISHED));
	put_at(&cluster, KUBERNETES_CHANGED, time_of("2026-11-21T06:09:00Z"),
	    POD("4", "Succeeded", FINISHED));
	put_at(&cluster, KUBERNETES_DELETED, time_of("2026-11-21T06:30:00Z"),
	    POD("5", "Succeeded", FINISHED));
	assert_life(&cluster, "2026-11-21T06:00:01Z", "2026-11-21T06:07:00.4Z");
	cluster_free(&cluster);
}

static void
pod_ends_when_it_is_deleted(void **state)
{
	struct cluster cluster = cluster_new();

	(void)state;
	put(&cluster, POD("2", "Running", HELD));
	put_at(&cluster, KUBERNETES_DELETED, time_of("2026-11-21T06:03:00.7Z"),
	    POD("3", "Running", HELD));
	assert_life(&cluster, "2026-11-21T06:00:01Z", "2026-11-21T06:03:00.7Z");
	cluster_free(&cluster);
}

static void
deletion_timestamp_is_no_end(void **state)
{
	struct cluster cluster = cluster_new();

	(void)state;
	put(&cluster, "{'kind':'Pod','metadata':{'name':'p','uid':'u',"
		      "'deletionTimestamp':'2026-11-21T06:01:00Z'},"
		      "'status':{'phase':'Running','podIP':'10.0.0.5'}}");
	assert_int_equal(only_workload(&cluster)->until.ns, INSTANT_FUTURE.ns);
	cluster_free(&cluster);
}

/* In a snapshot, and in the list with which a watch begins. */
static void
finished_pod_ended_with_its_last_container(void **state)
{
	const struct instant times[] = {
	    INSTANT_PAST, time_of("2026-11-21T08:00:00Z")};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct cluster cluster = cluster_new();

		put_at(&cluster, KUBERNETES_PRESENT, times[i],
		    POD("3", "Failed", FINISHED));
		assert_life(
		    &cluster, "2026-11-21T06:00:01Z", "2026-11-21T06:07:00Z");
		cluster_free(&cluster);
	}
}

static void
finished_pod_without_a_time_holds_nothing(void **state)
{
	struct cluster cluster = cluster_new();
	const struct workload *pod;

	(void)state;
	put(&cluster, POD("3", "Failed", HELD));
	pod = only_workload(&cluster);
	assert_int_equal(pod->until.ns, pod->since.ns);
	assert_int_equal(who(&cluster, "10.0.0.5", pod->since).attribution,
	    ATTRIBUTION_UNATTRIBUTED);
	cluster_free(&cluster);
}

static void
pod_without_times_begins_with_its_first_event(void **state)
{
	struct instant first = time_of("2026-11-21T06:00:00Z");
	struct instant later = time_of("2026-11-21T06:10:00Z");
	const char *pod = "{'kind':'Pod','metadata':{'name':'p','uid':'u'},"
			  "'status':{'podIP':'10.0.0.5'}}";
	struct cluster cluster = cluster_new();

	(void)state;
	put_at(&cluster, KUBERNETES_PRESENT, first, pod);
	put_at(&cluster, KUBERNETES_CHANGED, later, pod);
	assert_int_equal(only_workload(&cluster)->since.ns, first.ns);
	cluster_free(&cluster);
}

/* Evicted: the last word about the pod names no address any more. */
static void
address_that_is_left_out_is_not_forgotten(void **state)
{
	struct cluster cluster = cluster_new();

	(void)state;
	put(&cluster, POD("2", "Running", HELD));
	put_at(&cluster, KUBERNETES_CHANGED, time_of("2026-11-21T06:03:00Z"),
	    POD("3", "Failed", ",'startTime':'2026-11-21T06:00:01Z'"));
	assert_life(&cluster, "2026-11-21T06:00:01Z", "2026-11-21T06:03:00Z");
	cluster_free(&cluster);
}

static void
host_network_pod_is_its_nodes(void **state)
{
	struct cluster cluster = cluster_new();
	struct party party;

	(void)state;
	put(&cluster, "{'kind':'Pod','metadata':{'name':'p','uid':'u'},"
		      "'spec':{'nodeName':'n1','hostNetwork':true},"
		      "'status':{'podIP':'172.16.0.1','hostIP':'172.16.0.1'}}");
	publish(&cluster);
	party = who(&cluster, "172.16.0.1", (struct instant){0});
	assert_int_equal(party.attribution, ATTRIBUTION_AMBIGUOUS);
	assert_string_equal(party.node->name, "n1");
	cluster_free(&cluster);
}

static void
version_that_is_no_number_is_zero(void **state)
{
	static const char *const odd[] = {
	    "abc", "12a", "-1", "99999999999999999999", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct cluster cluster = cluster_new();
		char text[200];

		snprintf(text, sizeof(text),
		    "{'kind':'Pod','metadata':{'name':'p',"
		    "'resourceVersion':'%s'}}",
		    odd[i]);
		put(&cluster, text);
		assert_int_equal(only_workload(&cluster)->version, 0);
		cluster_free(&cluster);
	}
}

/* --- services, nodes, the rest ------------------------------------------- */

static void
service_fields_are_read(void **state)
{
	struct cluster cluster = cluster_new();
	const struct service *service;

	(void)state;
	put(&cluster, RICH_POD);
	put(&cluster, "{'kind':'Service','metadata':{'name':'web',"
		      "'namespace':'shop',"
		      "'creationTimestamp':'2026-11-21T05:00:00Z'},"
		      "'spec':{'clusterIP':'10.96.0.1',"
		      "'clusterIPs':['10.96.0.1','fd00:96::1'],"
		      "'externalIPs':['198.51.100.9'],"
		      "'selector':{'tier':'front'},'ports':["
		      "{'name':'a','port':80,'targetPort':'http',"
		      "'nodePort':30080},"
		      "{'port':53,'protocol':'UDP','targetPort':5353},"
		      "{'port':443}]},"
		      "'status':{'loadBalancer':{'ingress':["
		      "{'ip':'198.51.100.10'},{'hostname':'x.example'}]}}}");
	publish(&cluster);
	assert_int_equal(inventory_service_count(cluster.inventory), 1);
	service = inventory_service(cluster.inventory, 0);
	assert_int_equal(service->address_count, 4);
	assert_int_equal(service->port_count, 3);
	assert_string_equal(service->ports[0].target_name, "http");
	assert_int_equal(service->ports[0].target, 0);
	assert_int_equal(service->ports[0].node_port, 30080);
	assert_int_equal(service->ports[1].protocol, 17);
	assert_int_equal(service->ports[1].target, 5353);
	assert_int_equal(service->ports[2].target, 443);
	assert_int_equal(service->backend_count, 1);
	assert_string_equal(service->backends[0]->name, "web-7f-x");
	assert_ptr_equal(
	    who(&cluster, "198.51.100.10", service->since).service, service);
	cluster_free(&cluster);
}

static void
headless_service_has_no_address(void **state)
{
	struct cluster cluster = cluster_new();

	(void)state;
	put(&cluster, "{'kind':'Service','metadata':{'name':'db'},'spec':"
		      "{'clusterIP':'None','clusterIPs':['None','']}}");
	publish(&cluster);
	assert_int_equal(
	    inventory_service(cluster.inventory, 0)->address_count, 0);
	cluster_free(&cluster);
}

static void
deleted_service_ends(void **state)
{
	struct instant end = time_of("2026-11-21T06:00:00Z");
	const char *service = "{'kind':'Service','metadata':{'name':'db'},"
			      "'spec':{'clusterIP':'10.96.0.1'}}";
	struct cluster cluster = cluster_new();

	(void)state;
	put(&cluster, service);
	put_at(&cluster, KUBERNETES_DELETED, end, service);
	publish(&cluster);
	assert_int_equal(
	    who(&cluster, "10.96.0.1", (struct instant){end.ns - 1})
		.attribution,
	    ATTRIBUTION_SERVICE);
	assert_int_equal(who(&cluster, "10.96.0.1", end).attribution,
	    ATTRIBUTION_UNATTRIBUTED);
	cluster_free(&cluster);
}

static void
endpoint_slice_names_backends(void **state)
{
	struct cluster cluster = cluster_new();

	(void)state;
	put(&cluster, RICH_POD);
	put(&cluster, "{'kind':'Service','metadata':{'name':'web',"
		      "'namespace':'shop'},'spec':{'clusterIP':'10.96.0.1'}}");
	put(&cluster, "{'kind':'EndpointSlice','metadata':{'name':'web-1',"
		      "'namespace':'shop','labels':"
		      "{'kubernetes.io/service-name':'web'}},"
		      "'addressType':'IPv4','endpoints':["
		      "{'addresses':['10.0.0.5']},{'addresses':['x.y']}]}");
	publish(&cluster);
	assert_int_equal(
	    inventory_service(cluster.inventory, 0)->backend_count, 1);
	cluster_free(&cluster);
}

static void
assert_node(const struct cluster *cluster, const char *address)
{
	struct party party = who(cluster, address, (struct instant){0});

	assert_int_equal(party.attribution, ATTRIBUTION_NODE);
	assert_string_equal(party.node->name, "n1");
}

static void
node_addresses_are_gathered(void **state)
{
	static const char *const own[] = {"172.16.0.1", "198.51.100.1",
	    "10.0.1.1", "fd00:1::1", "10.0.1.0", "172.16.0.2", "172.16.0.3",
	    "10.0.1.7", "fd00:1::7"};
	struct cluster cluster = cluster_new();

	(void)state;
	put(&cluster, "{'kind':'Node','metadata':{'name':'n1',"
		      "'labels':{'zone':'a'},'annotations':{"
		      "'flannel.alpha.coreos.com/public-ip':'172.16.0.2',"
		      "'projectcalico.org/IPv4Address':'172.16.0.3/24',"
		      "'io.cilium.network.ipv4-cilium-host':'10.0.1.7',"
		      "'network.cilium.io/ipv6-cilium-host':'fd00:1::7'}},"
		      "'spec':{'podCIDR':'10.0.1.0/24',"
		      "'podCIDRs':['10.0.1.0/24','fd00:1::/64']},"
		      "'status':{'addresses':["
		      "{'type':'InternalIP','address':'172.16.0.1'},"
		      "{'type':'Hostname','address':'n1'},"
		      "{'type':'ExternalIP','address':'198.51.100.1'}]}}");
	publish(&cluster);
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		assert_node(&cluster, own[i]);
	assert_int_equal(
	    who(&cluster, "10.0.1.2", (struct instant){0}).attribution,
	    ATTRIBUTION_UNATTRIBUTED);
	assert_int_equal(
	    who(&cluster, "fd00:1::2", (struct instant){0}).attribution,
	    ATTRIBUTION_UNATTRIBUTED);
	assert_string_equal(
	    labels_get(&inventory_node(cluster.inventory, 0)->labels, "zone"),
	    "a");
	cluster_free(&cluster);
}

/* Only flannel's device has the network's own address. */
static void
network_address_is_no_nodes_without_flannel(void **state)
{
	struct cluster cluster = cluster_new();

	(void)state;
	put(&cluster, "{'kind':'Node','metadata':{'name':'n1'},"
		      "'spec':{'podCIDR':'10.0.1.0/24'}}");
	publish(&cluster);
	assert_int_equal(
	    who(&cluster, "10.0.1.0", (struct instant){0}).attribution,
	    ATTRIBUTION_UNATTRIBUTED);
	cluster_free(&cluster);
}

static void
owners_and_namespaces_are_read(void **state)
{
	struct cluster cluster = cluster_new();
	const struct workload *pod;

	(void)state;
	put(&cluster, "{'kind':'Pod','metadata':{'name':'p','namespace':'s',"
		      "'ownerReferences':[{'kind':'Job','name':'j-1',"
		      "'controller':true}]}}");
	put(&cluster, "{'kind':'Job','metadata':{'name':'j-1','namespace':'s',"
		      "'ownerReferences':[{'kind':'CronJob','name':'nightly',"
		      "'controller':true}]}}");
	put(&cluster, "{'kind':'Namespace','metadata':{'name':'s',"
		      "'labels':{'env':'prod'}}}");
	pod = only_workload(&cluster);
	assert_string_equal(pod->kind, "CronJob");
	assert_string_equal(pod->application, "nightly");
	assert_string_equal(workload_label(pod, "env"), "prod");
	cluster_free(&cluster);
}

static void
other_kinds_are_not_taken(void **state)
{
	struct cluster cluster = cluster_new();

	(void)state;
	assert_false(
	    put(&cluster, "{'kind':'Secret','metadata':{'name':'x'}}"));
	assert_false(put(&cluster, "{}"));
	assert_false(put(&cluster, "[]"));
	assert_false(put(&cluster, "7"));
	publish(&cluster);
	assert_int_equal(inventory_workload_count(cluster.inventory), 0);
	cluster_free(&cluster);
}

/* Every field of another type than it should have. */
static void
wrong_types_are_nothing(void **state)
{
	struct cluster cluster = cluster_new();
	const struct workload *pod;

	(void)state;
	assert_true(put(&cluster,
	    "{'kind':'Pod','metadata':{'name':'p','uid':7,"
	    "'labels':[],'annotations':'x','ownerReferences':{},"
	    "'creationTimestamp':null},'spec':{'containers':["
	    "null,7,{'ports':'x','image':[],'livenessProbe':[]}],"
	    "'nodeName':{},'hostNetwork':'true'},'status':{"
	    "'podIPs':'x','podIP':9,'phase':[],'startTime':'soon'}}"));
	pod = only_workload(&cluster);
	assert_int_equal(pod->address_count, 0);
	assert_int_equal(pod->container_count, 3);
	assert_int_equal(pod->labels.count, 0);
	assert_false(pod->host_network);
	assert_int_equal(pod->since.ns, INSTANT_PAST.ns);
	cluster_free(&cluster);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pod_fields_are_read),
	    cmocka_unit_test(pod_containers_and_probes_are_read),
	    cmocka_unit_test(pod_ends_when_its_phase_is_final),
	    cmocka_unit_test(pod_ends_when_it_is_deleted),
	    cmocka_unit_test(deletion_timestamp_is_no_end),
	    cmocka_unit_test(finished_pod_ended_with_its_last_container),
	    cmocka_unit_test(finished_pod_without_a_time_holds_nothing),
	    cmocka_unit_test(pod_without_times_begins_with_its_first_event),
	    cmocka_unit_test(address_that_is_left_out_is_not_forgotten),
	    cmocka_unit_test(host_network_pod_is_its_nodes),
	    cmocka_unit_test(version_that_is_no_number_is_zero),
	    cmocka_unit_test(service_fields_are_read),
	    cmocka_unit_test(headless_service_has_no_address),
	    cmocka_unit_test(deleted_service_ends),
	    cmocka_unit_test(endpoint_slice_names_backends),
	    cmocka_unit_test(node_addresses_are_gathered),
	    cmocka_unit_test(network_address_is_no_nodes_without_flannel),
	    cmocka_unit_test(owners_and_namespaces_are_read),
	    cmocka_unit_test(other_kinds_are_not_taken),
	    cmocka_unit_test(wrong_types_are_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
