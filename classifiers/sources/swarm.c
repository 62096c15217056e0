/*
 * A Swarm's objects as its managers answer: services, tasks and nodes (Engine
 * API, definitions Service, Task and Node).
 */
#include <string.h>

#include "classifiers/inventory/image.h"
#include "classifiers/sources/docker_parts.h"
#include "classifiers/sources/rack.h"
#include "sensor/base/arena.h"

/* Task states after which nothing runs any more (TaskState). */
static const char *const final_states[] = {
    "complete",
    "shutdown",
    "failed",
    "rejected",
    "remove",
    "orphaned",
};

static const struct docker_named *
find_named(const struct rack *rack, const char *id)
{
	return id[0] == '\0' ? NULL : rack_get(rack, id);
}

static uint64_t
read_version(const struct json *object)
{
	return field_version(json_get(object, "Version"), "Index");
}

/* --- services ------------------------------------------------------------ */

static const char *
service_namespace(const struct json *object)
{
	return field_text(json_get(json_get(object, "Spec"), "Labels"),
	    "com.docker.stack.namespace");
}

void
swarm_learn_service(struct docker *docker, const struct json *object)
{
	const char *name = field_text(json_get(object, "Spec"), "Name");

	rack_put(docker->services, field_text(object, "ID"),
	    docker_named_new(name, service_namespace(object)));
}

/*
 * On the ingress network packets carry the published port up to the task
 * itself; to the address of a service in a network of one's own any port goes,
 * and stays what it is.
 */
static struct service_port
read_port(const struct json *object)
{
	struct service_port port = {
	    .port = field_port(object, "PublishedPort"),
	    .protocol = protocol_number(field_text(object, "Protocol")),
	    .name = field_text(object, "Name"),
	    .target = field_port(object, "TargetPort"),
	    .target_name = "",
	    .node_port = field_port(object, "PublishedPort"),
	};

	if (port.port == 0)
		port.port = port.target;
	return port;
}

static void
read_ports(const struct docker_reading *reading, struct service *service)
{
	const struct json *list =
	    json_get(json_get(reading->object, "Endpoint"), "Ports");
	struct service_port *ports =
	    arena_array(reading->arena, json_count(list), sizeof(*ports));
	size_t count = 0;

	for (size_t i = 0; i < json_count(list); i++) {
		struct service_port port = read_port(json_at(list, i));

		if (port.port != 0 && port.protocol != 0)
			ports[count++] = port;
	}
	service->ports = ports;
	service->port_count = count;
}

static struct address_set
read_virtual_addresses(const struct docker_reading *reading)
{
	const struct json *list =
	    json_get(json_get(reading->object, "Endpoint"), "VirtualIPs");
	struct address_set addresses = {0};

	for (size_t i = 0; i < json_count(list); i++)
		address_set_add(reading->arena, &addresses,
		    json_get_text(json_at(list, i), "Addr"));
	return addresses;
}

/* Its backends are the workloads that say that they run for it. */
void
swarm_read_service(const struct docker_reading *reading)
{
	const char *id = field_text(reading->object, "ID");
	struct label selector = {"com.docker.swarm.service.id", id};
	struct address_set addresses = read_virtual_addresses(reading);
	struct fact fact = {
	    .kind = FACT_SERVICE,
	    .cluster = reading->docker->cluster,
	    .id = id,
	    .version = read_version(reading->object),
	    .at = reading->at,
	    .service.service =
		{
		    .namespace = service_namespace(reading->object),
		    .name =
			field_text(json_get(reading->object, "Spec"), "Name"),
		    .addresses = addresses.at,
		    .address_count = addresses.count,
		    .since = INSTANT_PAST,
		    .until = INSTANT_FUTURE,
		},
	    .service.selector = {&selector, 1},
	};

	(void)field_time(
	    reading->object, "CreatedAt", &fact.service.service.since);
	read_ports(reading, &fact.service.service);
	fact_give(reading->docker->taker, &fact);
}

/* --- tasks --------------------------------------------------------------- */

/*
 * The labels that the engine gives the container of a task, so that one policy
 * fits whichever of both was seen.
 */
static struct label_set
read_labels(
    const struct docker_reading *reading, const struct docker_named *service)
{
	const struct json *object = reading->object;
	const struct json *spec =
	    json_get(json_get(object, "Spec"), "ContainerSpec");
	int64_t slot = json_get_integer(object, "Slot", 0);
	const char *owner =
	    service == NULL ? field_text(object, "ServiceID") : service->name;
	const char *id = field_text(object, "ID");
	const char *node = field_text(object, "NodeID");
	struct label_set labels = {0};
	const char *name = slot > 0 ? arena_format(reading->arena, "%s.%lld.%s",
					  owner, (long long)slot, id)
				    : arena_format(reading->arena, "%s.%s.%s",
					  owner, node, id);

	label_set_add(
	    reading->arena, &labels, "com.docker.swarm.node.id", node);
	label_set_add(reading->arena, &labels, "com.docker.swarm.service.id",
	    field_text(object, "ServiceID"));
	if (service != NULL)
		label_set_add(reading->arena, &labels,
		    "com.docker.swarm.service.name", owner);
	label_set_add(reading->arena, &labels, "com.docker.swarm.task", "");
	label_set_add(reading->arena, &labels, "com.docker.swarm.task.id", id);
	label_set_add(
	    reading->arena, &labels, "com.docker.swarm.task.name", name);
	label_set_add_object(reading->arena, &labels, json_get(spec, "Labels"));
	return labels;
}

static bool
is_host_network(const struct json *network)
{
	return strcmp(field_text(json_get(network, "DriverState"), "Name"),
		   "host") == 0 ||
	       strcmp(field_text(json_get(network, "Spec"), "Name"), "host") ==
		   0;
}

static struct address_set
read_addresses(const struct docker_reading *reading, struct workload *workload)
{
	const struct json *list =
	    json_get(reading->object, "NetworksAttachments");
	const struct json *status = json_get(reading->object, "Status");
	struct address_set addresses = {0};

	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_at(list, i);
		const struct json *held = json_get(one, "Addresses");

		if (is_host_network(json_get(one, "Network")))
			workload->host_network = true;
		for (size_t a = 0; a < json_count(held); a++)
			address_set_add(reading->arena, &addresses,
			    json_text(json_at(held, a)));
	}
	docker_add_gateway(reading->docker, reading->arena, &addresses,
	    field_text(json_get(status, "ContainerStatus"), "ContainerID"));
	return addresses;
}

/* Addresses are a task's from when it is made, before its container starts. */
static void
read_times(const struct docker_reading *reading, struct workload *workload)
{
	const struct json *status = json_get(reading->object, "Status");
	const char *state = field_text(status, "State");

	workload->since = reading->at;
	workload->until = INSTANT_FUTURE;
	(void)field_time(reading->object, "CreatedAt", &workload->since);
	for (size_t i = 0; i < sizeof(final_states) / sizeof(*final_states);
	     i++) {
		if (strcmp(state, final_states[i]) != 0)
			continue;
		workload->until = reading->at.ns == INSTANT_PAST.ns
				      ? workload->since
				      : reading->at;
		(void)field_time(status, "Timestamp", &workload->until);
	}
}

static void
set_names(const struct docker_reading *reading,
    const struct docker_named *service, struct fact_workload *fact)
{
	const char *node = field_text(reading->object, "NodeID");
	const struct docker_named *named =
	    find_named(reading->docker->nodes, node);
	struct label_set labels = read_labels(reading, service);

	docker_apply_labels(fact, &labels);
	if (service != NULL)
		fact->workload.namespace = service->other;
	fact->workload.name =
	    label_set_get(&labels, "com.docker.swarm.task.name");
	fact->workload.node = named == NULL ? node : named->name;
}

/*
 * Its own version is not the fact's, which also has what other objects say: a
 * service's name, an address on docker_gwbridge, a node's networks.
 */
void
swarm_read_task(const struct docker_reading *reading)
{
	const struct json *object = reading->object;
	const struct docker_named *service = find_named(
	    reading->docker->services, field_text(object, "ServiceID"));
	const char *id = arena_format(reading->arena, "swarm:%s:%s",
	    reading->docker->cluster, field_text(object, "ID"));
	struct container container = {
	    .name = "",
	    .image = image_split(reading->arena,
		field_text(json_get(json_get(object, "Spec"), "ContainerSpec"),
		    "Image")),
	};
	struct fact fact = {
	    .kind = FACT_WORKLOAD,
	    .cluster = reading->docker->cluster,
	    .id = id,
	    .at = reading->at,
	    .workload.workload =
		{
		    .id = id,
		    .cluster = reading->docker->cluster,
		    .orchestrator = "swarm",
		    .kind = "Service",
		    .containers = &container,
		    .container_count = 1,
		},
	};
	struct workload *workload = &fact.workload.workload;
	struct address_set addresses = read_addresses(reading, workload);

	workload->addresses = addresses.at;
	workload->address_count = addresses.count;
	set_names(reading, service, &fact.workload);
	container.name = workload->name;
	read_times(reading, workload);
	fact_give(reading->docker->taker, &fact);
}

/* --- nodes --------------------------------------------------------------- */

static const char *
node_name(const struct json *object)
{
	return field_text(json_get(object, "Description"), "Hostname");
}

void
swarm_learn_node(struct docker *docker, const struct json *object)
{
	rack_put(docker->nodes, field_text(object, "ID"),
	    docker_named_new(node_name(object), ""));
}

/* `172.17.0.1:2377` or `[fd00::1]:2377`. */
static void
add_manager(const struct docker_reading *reading, struct address_set *addresses)
{
	const char *text =
	    field_text(json_get(reading->object, "ManagerStatus"), "Addr");
	const char *colon = strrchr(text, ':');

	if (colon == NULL)
		return;
	if (text[0] == '[' && colon > text + 1 && colon[-1] == ']')
		text++, colon--;
	address_set_add(reading->arena, addresses,
	    arena_text_n(reading->arena, text, (size_t)(colon - text)));
}

/* Of its own node an engine knows the networks too. */
void
swarm_read_node(const struct docker_reading *reading)
{
	const struct json *object = reading->object;
	struct address_set addresses = {0};
	struct prefix_set prefixes = {0};
	struct label_set labels = {0};
	struct fact fact = {
	    .kind = FACT_NODE,
	    .cluster = reading->docker->cluster,
	    .id = node_name(object),
	    .at = reading->at,
	    .node.node.name = node_name(object),
	};

	address_set_add(reading->arena, &addresses,
	    json_get_text(json_get(object, "Status"), "Addr"));
	add_manager(reading, &addresses);
	label_set_add_object(reading->arena, &labels,
	    json_get(json_get(object, "Spec"), "Labels"));
	if (strcmp(fact.id, docker_node_name(reading->docker)) == 0)
		docker_add_networks(
		    reading->docker, reading->arena, &addresses, &prefixes);
	fact.node.node.labels = label_set_labels(&labels);
	fact.node.addresses = addresses.at;
	fact.node.address_count = addresses.count;
	fact.node.pod_networks = prefixes.at;
	fact.node.pod_network_count = prefixes.count;
	fact_give(reading->docker->taker, &fact);
}
