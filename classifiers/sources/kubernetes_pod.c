#include <string.h>

#include "classifiers/inventory/image.h"
#include "classifiers/sources/kubernetes_parts.h"
#include "sensor/base/arena.h"

/*
 * What spec calls a list of containers, and status what it says of them.  An
 * ephemeral container is somebody debugging and says nothing of what a pod is.
 */
static const struct {
	const char *specified, *reported;
} container_lists[] = {
    {"containers", "containerStatuses"},
    {"initContainers", "initContainerStatuses"},
};

#define CONTAINER_LISTS (sizeof(container_lists) / sizeof(*container_lists))

static const char *const probe_kinds[] = {
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
};

/* --- containers ---------------------------------------------------------- */

/*
 * Whether a container runs as long as its pod.  An init container that waits
 * for a database with the database's own image does not make its pod one; with
 * `restartPolicy: Always` it is a sidecar (Kubernetes 1.28 and later).
 */
static bool
lasts(size_t list, const struct json *specified)
{
	return list == 0 || strcmp(kubernetes_text(specified, "restartPolicy"),
				"Always") == 0;
}

static void
read_ports(struct arena *arena, const struct json *specified,
    struct container *container)
{
	const struct json *list = json_get(specified, "ports");
	struct container_port *ports =
	    arena_array(arena, json_count(list), sizeof(*ports));
	size_t count = 0;

	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *port = json_at(list, i);
		uint16_t number = kubernetes_port(port, "containerPort");
		uint8_t protocol = kubernetes_protocol(port);

		if (number != 0 && protocol != 0)
			ports[count++] = (struct container_port){
			    .number = number,
			    .protocol = protocol,
			    .name = kubernetes_text(port, "name"),
			};
	}
	container->ports = ports;
	container->port_count = count;
}

/*
 * What a tag pointed to when the image was pulled: `<repository>@<digest>`.
 * Some runtimes report the image's own identifier instead, which is none.
 */
static const char *
reported_digest(const struct json *reports, const char *name)
{
	for (size_t i = 0; i < json_count(reports); i++) {
		const struct json *report = json_at(reports, i);
		const char *at;

		if (strcmp(kubernetes_text(report, "name"), name) != 0)
			continue;
		at = strchr(kubernetes_text(report, "imageID"), '@');
		return at == NULL ? "" : at + 1;
	}
	return "";
}

static void
read_container(const struct kubernetes_reading *reading,
    const struct json *specified, const struct json *reports,
    struct container *container)
{
	container->name = kubernetes_text(specified, "name");
	container->image =
	    image_split(reading->arena, kubernetes_text(specified, "image"));
	if (container->image.digest[0] == '\0')
		container->image.digest =
		    reported_digest(reports, container->name);
	read_ports(reading->arena, specified, container);
}

static void
read_containers(
    const struct kubernetes_reading *reading, struct workload *workload)
{
	struct container *containers;
	size_t count = 0;

	for (size_t l = 0; l < CONTAINER_LISTS; l++)
		count += json_count(
		    json_get(reading->spec, container_lists[l].specified));
	containers = arena_array(reading->arena, count, sizeof(*containers));
	workload->containers = containers;
	for (size_t l = 0; l < CONTAINER_LISTS; l++) {
		const struct json *list =
		    json_get(reading->spec, container_lists[l].specified);
		const struct json *reports =
		    json_get(reading->status, container_lists[l].reported);

		for (size_t i = 0; i < json_count(list); i++)
			if (lasts(l, json_at(list, i)))
				read_container(reading, json_at(list, i),
				    reports,
				    &containers[workload->container_count++]);
	}
}

/* --- probes -------------------------------------------------------------- */

/* A port is a number, or the name of one of the container's TCP ports. */
static uint16_t
probe_port(const struct json *action, const struct container *container)
{
	const char *name = json_get_text(action, "port");

	if (name == NULL)
		return kubernetes_port(action, "port");
	for (size_t i = 0; i < container->port_count; i++)
		if (container->ports[i].protocol == 6 &&
		    strcmp(container->ports[i].name, name) == 0)
			return container->ports[i].number;
	return 0;
}

/* With a host of its own a probe goes elsewhere than to the pod. */
static bool
goes_elsewhere(const struct json *action)
{
	return kubernetes_text(action, "host")[0] != '\0';
}

static struct probe
read_probe(const struct json *probe, const struct container *container)
{
	const struct json *http = json_get(probe, "httpGet");
	const struct json *tcp = json_get(probe, "tcpSocket");
	const struct json *grpc = json_get(probe, "grpc");

	if (http != NULL && !goes_elsewhere(http))
		return (struct probe){
		    .port = probe_port(http, container),
		    .scheme =
			strcmp(kubernetes_text(http, "scheme"), "HTTPS") == 0
			    ? "https"
			    : "http",
		};
	if (tcp != NULL && !goes_elsewhere(tcp))
		return (struct probe){
		    .port = probe_port(tcp, container), .scheme = "tcp"};
	return (struct probe){
	    .port = kubernetes_port(grpc, "port"), .scheme = "grpc"};
}

static void
add_probe(struct workload *workload, struct probe *room, struct probe probe)
{
	if (probe.port == 0)
		return;
	for (size_t i = 0; i < workload->probe_count; i++)
		if (room[i].port == probe.port &&
		    strcmp(room[i].scheme, probe.scheme) == 0)
			return;
	/* One more than a fact may have, so that the draft counts the cut. */
	if (workload->probe_count <= INVENTORY_PORTS_MAXIMUM)
		room[workload->probe_count++] = probe;
}

static void
read_probes(const struct kubernetes_reading *reading, struct workload *workload)
{
	struct probe *room = arena_array(
	    reading->arena, INVENTORY_PORTS_MAXIMUM + 1, sizeof(*room));
	const struct container *container = workload->containers;

	workload->probes = room;
	for (size_t l = 0; l < CONTAINER_LISTS; l++) {
		const struct json *list =
		    json_get(reading->spec, container_lists[l].specified);

		for (size_t i = 0; i < json_count(list); i++) {
			if (!lasts(l, json_at(list, i)))
				continue;
			for (size_t k = 0; k < 3; k++)
				add_probe(workload, room,
				    read_probe(json_get(json_at(list, i),
						   probe_kinds[k]),
					container));
			container++;
		}
	}
}

/* --- addresses ----------------------------------------------------------- */

/* `status.<plural>[].ip`, and `status.<single>` of before there were two. */
static struct address_list
read_addresses(const struct kubernetes_reading *reading, const char *plural,
    const char *single)
{
	const struct json *list = json_get(reading->status, plural);
	struct address_list addresses = {0};

	kubernetes_add_address(
	    reading->arena, &addresses, json_get_text(reading->status, single));
	for (size_t i = 0; i < json_count(list); i++)
		kubernetes_add_address(reading->arena, &addresses,
		    json_get_text(json_at(list, i), "ip"));
	return addresses;
}

/* Where it runs says which addresses the node has, whatever the node says. */
static void
give_host_addresses(const struct kubernetes_reading *reading, const char *node)
{
	struct address_list addresses =
	    read_addresses(reading, "hostIPs", "hostIP");

	for (size_t i = 0; node[0] != '\0' && i < addresses.count; i++) {
		struct fact fact = kubernetes_fact(reading, FACT_NODE_ADDRESS,
		    fact_node_address_id(
			reading->arena, node, &addresses.at[i]));

		/* The version is the pod's, and says nothing of the node. */
		fact.version = 0;
		fact.node_address = (struct fact_node_address){
		    .node = node, .address = addresses.at[i]};
		(void)fact_give(reading->taker, &fact);
	}
}

/* --- times --------------------------------------------------------------- */

static struct instant
read_since(const struct kubernetes_reading *reading)
{
	struct instant since;

	if (kubernetes_time(reading->status, "startTime", &since) ||
	    kubernetes_time(reading->metadata, "creationTimestamp", &since))
		return since;
	return reading->at;
}

/* When the last of its containers ended. */
static bool
read_finish(const struct kubernetes_reading *reading, struct instant *finish)
{
	const struct json *reports =
	    json_get(reading->status, "containerStatuses");
	bool found = false;

	for (size_t i = 0; i < json_count(reports); i++) {
		const struct json *ended = json_get(
		    json_get(json_at(reports, i), "state"), "terminated");
		struct instant at;

		if (!kubernetes_time(ended, "finishedAt", &at) ||
		    (found && instant_before(at, *finish)))
			continue;
		*finish = at;
		found = true;
	}
	return found;
}

/*
 * A pod whose phase is final has given its addresses back, though the object
 * may name them for days.  An object that only stands so says when its
 * containers ended; deletionTimestamp is a plan, and never the end.
 */
static struct instant
read_until(const struct kubernetes_reading *reading, struct instant since)
{
	const char *phase = kubernetes_text(reading->status, "phase");
	struct instant finish;

	if (strcmp(phase, "Succeeded") != 0 && strcmp(phase, "Failed") != 0)
		return INSTANT_FUTURE;
	if (reading->event == KUBERNETES_CHANGED)
		return reading->at;
	if (read_finish(reading, &finish))
		return finish;
	return reading->at.ns == INSTANT_PAST.ns ? since : reading->at;
}

/* --- the pod ------------------------------------------------------------- */

/* Every API object has a uid; one written by hand may do without. */
static const char *
make_id(const struct kubernetes_reading *reading)
{
	const char *uid = kubernetes_text(reading->metadata, "uid");

	if (uid[0] != '\0')
		return arena_format(
		    reading->arena, "kubernetes:%s:%s", reading->cluster, uid);
	return arena_format(reading->arena, "kubernetes:%s:%s/%s",
	    reading->cluster, reading->namespace, reading->name);
}

static struct workload
read_workload(const struct kubernetes_reading *reading, const char *id)
{
	const struct json *annotations =
	    json_get(reading->metadata, "annotations");
	struct address_list addresses =
	    read_addresses(reading, "podIPs", "podIP");
	struct workload workload = {
	    .id = id,
	    .cluster = reading->cluster,
	    .orchestrator = "kubernetes",
	    .namespace = reading->namespace,
	    .name = reading->name,
	    .node = kubernetes_text(reading->spec, "nodeName"),
	    .labels =
		kubernetes_labels(reading->arena, reading->metadata, "labels"),
	    .addresses = addresses.at,
	    .address_count = addresses.count,
	    .provides = kubernetes_text(annotations, "hedgerow.io/provides"),
	    .needs = kubernetes_text(annotations, "hedgerow.io/needs"),
	    .host_network =
		json_is_true(json_get(reading->spec, "hostNetwork")),
	    .since = read_since(reading),
	    .version = reading->version,
	};

	workload.until = read_until(reading, workload.since);
	read_containers(reading, &workload);
	read_probes(reading, &workload);
	return workload;
}

void
kubernetes_read_pod(const struct kubernetes_reading *reading)
{
	const struct json *owner = kubernetes_owner(reading->metadata);
	struct fact fact =
	    kubernetes_fact(reading, FACT_WORKLOAD, make_id(reading));

	fact.workload = (struct fact_workload){
	    .workload = read_workload(reading, fact.id),
	    .owner_kind = kubernetes_text(owner, "kind"),
	    .owner_name = kubernetes_text(owner, "name"),
	    .annotation = kubernetes_text(
		json_get(reading->metadata, "annotations"), "hedgerow.io/app"),
	};
	give_host_addresses(reading, fact.workload.workload.node);
	kubernetes_give(reading, &fact);
}
