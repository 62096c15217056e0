#include "tests/bench/cluster.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/random.h"

enum {
	PODS_A_NODE = 20,
	NODES = CLUSTER_PODS / PODS_A_NODE,
	DNS_PODS = 4,
	CALLED_MAXIMUM = 5,  /* services that one service calls */
	PORTS_FIRST = 32768, /* Linux, ip_local_port_range */
	PORTS_LAST = 60999,
};

/* What a service is; its image decides which models hold for it. */
struct kind {
	const char *image;
	enum exchange exchange;
	bool is_store;
};

static const struct kind web = {"nginx:1.25.3", EXCHANGE_HTTP, false};
static const struct kind plain = {
    "registry.garden.example/beds:4.2", EXCHANGE_HTTP, false};
static const struct kind secure = {
    "registry.garden.example/gate:1.9", EXCHANGE_TLS, false};
static const struct kind cache = {"redis:7.2.3", EXCHANGE_REDIS, true};
static const struct kind database = {
    "postgres:15.4", EXCHANGE_POSTGRESQL, true};

/* In the order of their numbers, so that calls go to higher ones only. */
static const struct {
	const struct kind *kind;
	unsigned end; /* the first service that is something else */
} tiers[] = {
    {&web, 8},
    {&plain, 32},
    {&secure, 42},
    {&cache, 52},
    {&database, CLUSTER_SERVICES},
};

struct service {
	const struct kind *kind;
	unsigned first_pod, pods;
	unsigned called[CALLED_MAXIMUM], called_count;
};

struct cluster {
	struct service services[CLUSTER_SERVICES];
	unsigned service_of[CLUSTER_PODS];
	uint16_t next_port[CLUSTER_PODS];
};

static const struct kind *
kind_of(unsigned service)
{
	size_t tier = 0;

	while (service >= tiers[tier].end)
		tier++;
	return tiers[tier].kind;
}

/* Many pods for the first services, few for the last, all of them used up. */
static void
place_pods(struct cluster *cluster)
{
	unsigned left = CLUSTER_PODS;

	for (unsigned s = 0, pod = 0; s < CLUSTER_SERVICES; s++) {
		struct service *service = &cluster->services[s];
		unsigned later = CLUSTER_SERVICES - s - 1;

		service->kind = kind_of(s);
		service->first_pod = pod;
		service->pods = later == 0 ? left : (left - later) / 14 + 1;
		left -= service->pods;
		for (unsigned i = 0; i < service->pods; i++)
			cluster->service_of[pod++] = s;
	}
}

/* Web servers call applications; these call later ones, and stores. */
static void
choose_calls(struct cluster *cluster, struct random *random)
{
	const unsigned applications = tiers[2].end, webs = tiers[0].end;

	for (unsigned s = 0; s < applications; s++) {
		struct service *service = &cluster->services[s];
		unsigned first = s < webs ? webs : s + 1;
		unsigned end = s < webs ? applications : CLUSTER_SERVICES;

		service->called_count =
		    random_between(random, 2, CALLED_MAXIMUM);
		for (unsigned i = 0; i < service->called_count; i++)
			service->called[i] =
			    random_between(random, first, end - 1);
		if (s >= webs)
			service->called[0] = random_between(
			    random, applications, CLUSTER_SERVICES - 1);
	}
}

struct cluster *
cluster_new(void)
{
	struct random random = {7};
	struct cluster *cluster = calloc(1, sizeof(*cluster));

	if (cluster == NULL)
		abort();
	place_pods(cluster);
	choose_calls(cluster, &random);
	for (unsigned pod = 0; pod < CLUSTER_PODS; pod++)
		cluster->next_port[pod] =
		    (uint16_t)random_between(&random, PORTS_FIRST, PORTS_LAST);
	return cluster;
}

void
cluster_free(struct cluster *cluster)
{
	free(cluster);
}

/* 10.42.node.pod, as k3s does it; .1 is the node's bridge. */
static uint32_t
pod_address(unsigned pod)
{
	return 0x0a2a0000 + (pod / PODS_A_NODE << 8) + 2 + pod % PODS_A_NODE;
}

/* On the last nodes, behind the other pods. */
static uint32_t
dns_address(unsigned pod)
{
	return 0x0a2a0000 + ((NODES - 1 - pod) << 8) + 2 + PODS_A_NODE;
}

static uint32_t
service_address(unsigned service)
{
	return 0x0a2b0010 + service;
}

static uint16_t
take_port(struct cluster *cluster, unsigned pod)
{
	uint16_t port = cluster->next_port[pod];

	cluster->next_port[pod] =
	    port == PORTS_LAST ? PORTS_FIRST : (uint16_t)(port + 1);
	return port;
}

/*
 * One of 400 calls of a web server goes to a store.  Most are seen as they
 * reach the pod, one of eight as it was addressed, to the service.
 */
static void
choose_server(struct cluster *cluster, struct random *random,
    const struct service *caller, struct cluster_call *call)
{
	unsigned s = caller->called[random_below(random, caller->called_count)];
	const struct service *service;

	if (caller->kind == &web && random_below(random, 400) == 0)
		s = random_between(random, tiers[2].end, CLUSTER_SERVICES - 1);
	service = &cluster->services[s];
	call->exchange = service->kind->exchange;
	call->server.address = pod_address(
	    service->first_pod + random_below(random, service->pods));
	if (random_below(random, 8) == 0)
		call->server.address = service_address(s);
	snprintf(call->name, sizeof(call->name),
	    "bed-%02u.garden.svc.cluster.local", s);
}

struct cluster_call
cluster_next(struct cluster *cluster, struct random *random)
{
	struct cluster_call call = {0};
	const struct service *caller;
	unsigned pod;

	do {
		pod = random_below(random, CLUSTER_PODS);
		caller = &cluster->services[cluster->service_of[pod]];
	} while (caller->called_count == 0);
	choose_server(cluster, random, caller, &call);
	if (random_below(random, 100) < 35) {
		call.exchange = EXCHANGE_DNS;
		call.server.address =
		    dns_address(random_below(random, DNS_PODS));
	}
	call.server.port = exchange_port(call.exchange);
	call.client =
	    (struct wire_end){pod_address(pod), take_port(cluster, pod)};
	return call;
}

/* --- inventory ------------------------------------------------------------ */

/* What begins every object; all of them are older than the capture. */
static void
write_head(FILE *file, const char *kind, const char *name,
    const char *namespace, const char *labels)
{
	fprintf(file,
	    "{\"apiVersion\":\"v1\",\"kind\":\"%s\",\"metadata\":{"
	    "\"name\":\"%s\",\"namespace\":\"%s\",\"uid\":\"%s/%s/%s\","
	    "\"creationTimestamp\":\"2025-12-31T00:00:00Z\","
	    "\"labels\":{%s}",
	    kind, name, namespace, kind, namespace, name, labels);
}

static void
write_owner(FILE *file, const char *kind, const char *name)
{
	fprintf(file,
	    ",\"ownerReferences\":[{\"apiVersion\":\"apps/v1\","
	    "\"kind\":\"%s\",\"name\":\"%s\",\"controller\":true}]",
	    kind, name);
}

static const char *
address_text(uint32_t address, char text[16])
{
	snprintf(text, 16, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
	    address >> 8 & 255, address & 255);
	return text;
}

struct made_pod {
	const char *owner, *namespace, *labels, *image, *protocol;
	unsigned number, port;
	uint32_t address;
};

static void
write_pod(FILE *file, const struct made_pod *pod)
{
	char name[80], owner[64], address[16];
	unsigned node = pod->address >> 8 & 255;

	snprintf(owner, sizeof(owner), "%s-7d9f", pod->owner);
	snprintf(name, sizeof(name), "%s-%04u", owner, pod->number);
	address_text(pod->address, address);
	write_head(file, "Pod", name, pod->namespace, pod->labels);
	write_owner(file, "ReplicaSet", owner);
	fprintf(file,
	    "},\"spec\":{\"nodeName\":\"node-%u\",\"containers\":[{"
	    "\"name\":\"main\",\"image\":\"%s\",\"ports\":[{"
	    "\"containerPort\":%u,\"protocol\":\"%s\"}]}]},\"status\":{"
	    "\"phase\":\"Running\",\"startTime\":\"2025-12-31T00:00:00Z\","
	    "\"podIP\":\"%s\",\"podIPs\":[{\"ip\":\"%s\"}]}},\n",
	    node, pod->image, pod->port, pod->protocol, address, address);
}

static void
write_owners(
    FILE *file, const char *name, const char *namespace, const char *labels)
{
	char set[64];

	snprintf(set, sizeof(set), "%s-7d9f", name);
	write_head(file, "Deployment", name, namespace, labels);
	fputs("}},\n", file);
	write_head(file, "ReplicaSet", set, namespace, labels);
	write_owner(file, "Deployment", name);
	fputs("}},\n", file);
}

static void
write_service(FILE *file, const struct cluster *cluster, unsigned s)
{
	const struct service *service = &cluster->services[s];
	char name[32], labels[64], address[16];
	struct made_pod pod = {
	    .owner = name,
	    .namespace = "garden",
	    .labels = labels,
	    .image = service->kind->image,
	    .protocol = "TCP",
	    .port = exchange_port(service->kind->exchange),
	};

	snprintf(name, sizeof(name), "bed-%02u", s);
	snprintf(
	    labels, sizeof(labels), "\"app\":\"%s\",\"env\":\"prod\"", name);
	write_head(file, "Service", name, "garden", labels);
	address_text(service_address(s), address);
	fprintf(file,
	    "},\"spec\":{\"clusterIP\":\"%s\",\"clusterIPs\":[\"%s\"],"
	    "\"selector\":{\"app\":\"%s\"},\"ports\":[{\"port\":%u,"
	    "\"targetPort\":%u,\"protocol\":\"TCP\"}]}},\n",
	    address, address, name, pod.port, pod.port);
	write_owners(file, name, "garden", labels);
	for (unsigned i = 0; i < service->pods; i++) {
		pod.number = i;
		pod.address = pod_address(service->first_pod + i);
		write_pod(file, &pod);
	}
}

static void
write_dns(FILE *file)
{
	struct made_pod pod = {
	    .owner = "coredns",
	    .namespace = "kube-system",
	    .labels = "\"k8s-app\":\"kube-dns\"",
	    .image = "registry.k8s.io/coredns/coredns:v1.11.1",
	    .protocol = "UDP",
	    .port = 53,
	};

	write_owners(file, pod.owner, pod.namespace, pod.labels);
	for (pod.number = 0; pod.number < DNS_PODS; pod.number++) {
		pod.address = dns_address(pod.number);
		write_pod(file, &pod);
	}
}

static void
write_node(FILE *file, unsigned node)
{
	char name[32];

	snprintf(name, sizeof(name), "node-%u", node);
	write_head(file, "Node", name, "", "");
	fprintf(file,
	    "},\"spec\":{\"podCIDR\":\"10.42.%u.0/24\"},\"status\":{"
	    "\"addresses\":[{\"type\":\"InternalIP\","
	    "\"address\":\"172.18.0.%u\"}]}},\n",
	    node, node + 2);
}

bool
cluster_write_inventory(const struct cluster *cluster, const char *path)
{
	FILE *file = fopen(path, "w");
	bool good;

	if (file == NULL)
		return false;
	fputs("{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n", file);
	write_head(file, "Namespace", "garden", "", "");
	fputs("}},\n", file);
	for (unsigned node = 0; node < NODES; node++)
		write_node(file, node);
	for (unsigned s = 0; s < CLUSTER_SERVICES; s++)
		write_service(file, cluster, s);
	write_dns(file);
	write_head(file, "Namespace", "kube-system", "", "");
	fputs("}}\n]}\n", file);
	good = ferror(file) == 0;
	return fclose(file) == 0 && good;
}
