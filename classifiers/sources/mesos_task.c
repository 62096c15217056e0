#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "classifiers/inventory/image.h"
#include "classifiers/sources/fact_keep.h"
#include "classifiers/sources/mesos_parts.h"
#include "classifiers/sources/rack.h"
#include "sensor/base/arena.h"

/* One task on its way to the taker. */
struct reading {
	struct mesos *mesos;
	struct arena *arena;
	const struct json *task;
	const struct json *last; /* the last status that has addresses */
	const struct mesos_named *framework, *agent; /* or NULL */
	struct instant at;
};

/* --- statuses ------------------------------------------------------------ */

static const struct json *
network_infos(const struct json *status)
{
	return json_get(json_get(status, "container_status"), "network_infos");
}

void
mesos_add_addresses(struct arena *arena, struct address_set *addresses,
    const struct json *status)
{
	const struct json *infos = network_infos(status);

	for (size_t i = 0; i < json_count(infos); i++) {
		const struct json *list =
		    json_get(json_at(infos, i), "ip_addresses");

		for (size_t a = 0; a < json_count(list); a++)
			address_set_add(arena, addresses,
			    json_get_text(json_at(list, a), "ip_address"));
	}
}

static const struct json *
last_with_addresses(const struct json *task)
{
	const struct json *statuses = json_get(task, "statuses");

	for (size_t i = json_count(statuses); i > 0; i--)
		if (json_count(network_infos(json_at(statuses, i - 1))) > 0)
			return json_at(statuses, i - 1);
	return NULL;
}

/* Statuses are kept in the order in which they came. */
static void
read_times(const struct reading *reading, struct workload *workload)
{
	const struct json *statuses = json_get(reading->task, "statuses");
	size_t count = json_count(statuses);

	workload->since = mesos_time(json_at(statuses, 0), reading->at);
	workload->until = INSTANT_FUTURE;
	if (!mesos_is_final(field_text(reading->task, "state")))
		return;
	workload->until =
	    reading->at.ns == INSTANT_PAST.ns ? workload->since : reading->at;
	if (count > 0)
		workload->until =
		    mesos_time(json_at(statuses, count - 1), workload->until);
}

/* --- ports --------------------------------------------------------------- */

static void
add_mappings(
    struct arena *arena, struct port_set *ports, const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_at(list, i);
		const char *protocol = field_text(one, "protocol");
		struct container_port port = {
		    .number = field_port(one, "container_port"),
		    .protocol =
			protocol[0] == '\0' ? 6 : protocol_number(protocol),
		    .name = "",
		};

		port_set_add(arena, ports, &port);
	}
}

static void
add_all_mappings(
    struct arena *arena, struct port_set *ports, const struct json *infos)
{
	for (size_t i = 0; i < json_count(infos); i++)
		add_mappings(
		    arena, ports, json_get(json_at(infos, i), "port_mappings"));
}

/* `tcp,udp`, as Marathon writes for both. */
static void
add_discovered(
    struct arena *arena, struct port_set *ports, const struct json *one)
{
	const char *protocols = field_text(one, "protocol");
	struct container_port port = {
	    .number = field_port(one, "number"),
	    .name = field_text(one, "name"),
	};

	if (protocols[0] == '\0' || strstr(protocols, "tcp") != NULL) {
		port.protocol = 6;
		port_set_add(arena, ports, &port);
	}
	if (strstr(protocols, "udp") != NULL) {
		port.protocol = 17;
		port_set_add(arena, ports, &port);
	}
}

/*
 * What a discovery names are ports of the host where there is a mapping, and
 * of the task where there is none.
 */
static struct port_set
read_ports(const struct reading *reading, const struct json *container)
{
	const struct json *discovered = json_get(
	    json_get(json_get(reading->task, "discovery"), "ports"), "ports");
	struct port_set ports = {0};

	add_all_mappings(reading->arena, &ports, network_infos(reading->last));
	add_all_mappings(
	    reading->arena, &ports, json_get(container, "network_infos"));
	add_mappings(reading->arena, &ports,
	    json_get(json_get(container, "docker"), "port_mappings"));
	for (size_t i = 0; ports.count == 0 && i < json_count(discovered); i++)
		add_discovered(reading->arena, &ports, json_at(discovered, i));
	return ports;
}

/* --- the container ------------------------------------------------------- */

static const char *
image_name(const struct json *container)
{
	const char *name = field_text(json_get(container, "docker"), "image");

	if (name[0] != '\0')
		return name;
	return field_text(
	    json_get(json_get(json_get(container, "mesos"), "image"), "docker"),
	    "name");
}

/*
 * Without a network of its own a task is on its agent's.  Mesos then names the
 * agent's address; another address means a network that the agent gives to all.
 */
static bool
is_on_host(const struct reading *reading, const struct json *container,
    const struct address_set *addresses)
{
	const struct json *docker = json_get(container, "docker");

	for (size_t i = 0; reading->agent != NULL &&
			   reading->agent->has_address && i < addresses->count;
	     i++)
		if (!address_equal(&addresses->at[i], &reading->agent->address))
			return false;
	if (json_is_object(docker)) {
		const char *network = field_text(docker, "network");

		return network[0] == '\0' || strcmp(network, "HOST") == 0;
	}
	return json_count(json_get(container, "network_infos")) == 0;
}

/* In /state a list of labels, in v1 an object that has the list. */
static struct label_set
read_labels(const struct reading *reading)
{
	const struct json *list = json_get(reading->task, "labels");
	struct label_set labels = {0};

	if (json_is_object(list))
		list = json_get(list, "labels");
	for (size_t i = 0; i < json_count(list); i++) {
		const char *key = json_get_text(json_at(list, i), "key");

		if (key != NULL)
			label_set_add(reading->arena, &labels, key,
			    field_text(json_at(list, i), "value"));
	}
	return labels;
}

/* --- names --------------------------------------------------------------- */

/* Marathon's groups, outermost first: `a.b` of `web.a.b` is `b/a`. */
static const char *
reverse_path(struct arena *arena, const char *dotted)
{
	size_t length = strlen(dotted), end = length, used = 0;
	char *path = arena_take(arena, length + 1);

	while (end > 0) {
		size_t start = end;

		while (start > 0 && dotted[start - 1] != '.')
			start--;
		if (used > 0)
			path[used++] = '/';
		memcpy(path + used, dotted + start, end - start);
		used += end - start;
		end = start == 0 ? 0 : start - 1;
	}
	return path;
}

static void
read_names(const struct reading *reading, struct fact_workload *fact)
{
	const char *framework =
	    reading->framework == NULL ? "" : reading->framework->name;
	const char *name = field_text(reading->task, "name");
	size_t first = strcspn(name, ".");

	fact->workload.name = name;
	fact->workload.kind = "Task";
	fact->workload.namespace = framework;
	fact->owner_kind = "Task";
	fact->owner_name = name;
	if (strncasecmp(framework, "marathon", 8) != 0 || first == 0)
		return;
	fact->workload.kind = fact->owner_kind = "App";
	fact->owner_name = arena_text_n(reading->arena, name, first);
	if (name[first] == '.')
		fact->workload.namespace =
		    reverse_path(reading->arena, name + first + 1);
}

/* --- the task ------------------------------------------------------------ */

static void
give_and_keep(const struct reading *reading, struct fact *fact, const char *key)
{
	struct fact *kept;

	fact_give(reading->mesos->taker, fact);
	if (fact->workload.workload.until.ns != INSTANT_FUTURE.ns) {
		rack_remove(reading->mesos->tasks, key);
		return;
	}
	kept = fact_keep(fact);
	kept->version = reading->mesos->states;
	rack_put(reading->mesos->tasks, key, kept);
}

static void
read_task(const struct reading *reading, const char *key)
{
	const struct json *described = json_get(reading->task, "container");
	struct address_set addresses = {0};
	struct port_set ports = read_ports(reading, described);
	struct label_set labels = read_labels(reading);
	struct container container = {
	    .name = field_text(reading->task, "name"),
	    .image = image_split(reading->arena, image_name(described)),
	    .ports = ports.at,
	    .port_count = ports.count,
	};
	struct fact fact = {
	    .kind = FACT_WORKLOAD,
	    .cluster = reading->mesos->cluster,
	    .id = mesos_workload_id(reading->mesos, reading->arena, key),
	    .at = reading->at,
	    .workload.annotation = label_set_get(&labels, "hedgerow.io/app"),
	};
	struct workload *workload = &fact.workload.workload;

	mesos_add_addresses(reading->arena, &addresses, reading->last);
	read_names(reading, &fact.workload);
	workload->id = fact.id;
	workload->cluster = fact.cluster;
	workload->orchestrator = "mesos";
	workload->node = reading->agent == NULL
			     ? mesos_id(reading->task, "agent_id")
			     : reading->agent->name;
	workload->labels = label_set_labels(&labels);
	workload->provides = label_set_get(&labels, "hedgerow.io/provides");
	workload->needs = label_set_get(&labels, "hedgerow.io/needs");
	workload->containers = &container;
	workload->container_count = 1;
	workload->addresses = addresses.at;
	workload->address_count = addresses.count;
	workload->host_network = is_on_host(reading, described, &addresses);
	read_times(reading, workload);
	give_and_keep(reading, &fact, key);
}

/* /state says id and slave_id where v1 says task_id and agent_id. */
static const char *
either_id(const struct json *task, const char *one, const char *other)
{
	const char *id = mesos_id(task, one);

	return id[0] != '\0' ? id : mesos_id(task, other);
}

void
mesos_read_task(struct mesos *mesos, const struct json *task,
    const char *framework, struct instant at)
{
	const char *id = either_id(task, "task_id", "id");
	const char *own = mesos_id(task, "framework_id");
	struct reading reading = {
	    .mesos = mesos,
	    .task = task,
	    .last = last_with_addresses(task),
	    .at = at,
	};

	if (own[0] != '\0')
		framework = own;
	if (id[0] == '\0')
		return;
	reading.framework = rack_get(mesos->frameworks, framework);
	reading.agent =
	    rack_get(mesos->agents, either_id(task, "agent_id", "slave_id"));
	reading.arena = arena_new();
	read_task(&reading, mesos_key(reading.arena, framework, id));
	arena_free(reading.arena);
}
