#include "classifiers/sources/cloudfoundry.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/image.h"
#include "classifiers/sources/cloudfoundry_parts.h"
#include "classifiers/sources/fact_keep.h"
#include "classifiers/sources/rack.h"
#include "sensor/base/arena.h"

struct cloudfoundry *
cloudfoundry_new(const char *cluster, const struct fact_taker *taker)
{
	struct cloudfoundry *foundry = allocate(1, sizeof(*foundry));

	foundry->cluster = cluster;
	foundry->taker = taker;
	foundry->desired = rack_new(CLOUDFOUNDRY_OBJECTS_MAXIMUM);
	foundry->processes = rack_new(CLOUDFOUNDRY_OBJECTS_MAXIMUM);
	foundry->apps = rack_new(CLOUDFOUNDRY_OBJECTS_MAXIMUM);
	foundry->spaces = rack_new(CLOUDFOUNDRY_OBJECTS_MAXIMUM);
	foundry->organizations = rack_new(CLOUDFOUNDRY_OBJECTS_MAXIMUM);
	foundry->instances = rack_new(CLOUDFOUNDRY_OBJECTS_MAXIMUM);
	return foundry;
}

void
cloudfoundry_free(struct cloudfoundry *foundry)
{
	if (foundry == NULL)
		return;
	rack_free(foundry->desired);
	rack_free(foundry->processes);
	rack_free(foundry->apps);
	rack_free(foundry->spaces);
	rack_free(foundry->organizations);
	rack_free(foundry->instances);
	free(foundry);
}

/* --- instances ----------------------------------------------------------- */

static const char *
make_id(const struct cloudfoundry *foundry, struct arena *arena,
    const char *instance)
{
	return arena_format(
	    arena, "cloudfoundry:%s:%s", foundry->cluster, instance);
}

/*
 * Gives an instance as it was read, with who it is; its node is its cell and
 * its name, as it was read, the process guid and index.
 */
static void
give(struct cloudfoundry *foundry, const struct fact *read, struct instant at)
{
	const struct workload *was = &read->workload.workload;
	struct arena *arena = arena_new();
	size_t stem = strcspn(was->name, "/");
	const char *process = arena_text_n(arena, was->name, stem);
	struct cloudfoundry_names names =
	    cloudfoundry_find_names(foundry, arena, process, &was->labels);
	struct container container = was->containers[0];
	struct fact fact = *read;
	struct workload *workload = &fact.workload.workload;

	container.image = image_split(arena, names.image);
	fact.version = 0;
	fact.at = at;
	workload->containers = &container;
	workload->labels = label_set_labels(&names.labels);
	workload->provides =
	    label_set_get(&names.labels, "hedgerow.io/provides");
	workload->needs = label_set_get(&names.labels, "hedgerow.io/needs");
	fact.workload.annotation =
	    label_set_get(&names.labels, "hedgerow.io/app");
	if (names.space[0] != '\0')
		workload->namespace = arena_format(
		    arena, "%s/%s", names.organization, names.space);
	if (names.application[0] != '\0') {
		workload->name = arena_format(
		    arena, "%s%s", names.application, was->name + stem);
		workload->kind = fact.workload.owner_kind = "App";
		fact.workload.owner_name = names.application;
	} else {
		fact.workload.owner_kind = "Process";
		fact.workload.owner_name = process;
	}
	fact_give(foundry->taker, &fact);
	arena_free(arena);
}

static void
give_gone(struct cloudfoundry *foundry, const char *instance, struct instant at)
{
	struct arena *arena = arena_new();
	struct fact fact = {
	    .kind = FACT_WORKLOAD,
	    .gone = true,
	    .cluster = foundry->cluster,
	    .id = make_id(foundry, arena, instance),
	    .at = at,
	};

	fact_give(foundry->taker, &fact);
	rack_remove(foundry->instances, instance);
	arena_free(arena);
}

/* The cell's own address, at which mapped ports answer. */
static void
give_cell(struct cloudfoundry *foundry, const char *cell,
    const struct json *object, struct instant at)
{
	struct arena *arena = arena_new();
	struct address_set addresses = {0};
	struct fact fact = {
	    .kind = FACT_NODE_ADDRESS,
	    .cluster = foundry->cluster,
	    .at = at,
	    .node_address.node = cell,
	};

	address_set_add(arena, &addresses, json_get_text(object, "address"));
	if (cell[0] != '\0' && addresses.count > 0) {
		fact.id = fact_node_address_id(arena, cell, addresses.at);
		fact.node_address.address = addresses.at[0];
		fact_give(foundry->taker, &fact);
	}
	arena_free(arena);
}

/* What the application listens on, and Envoy before it. */
static struct port_set
read_ports(struct arena *arena, const struct json *list)
{
	struct port_set ports = {0};

	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_at(list, i);
		struct container_port port = {
		    .number = field_port(one, "container_port"),
		    .protocol = 6,
		    .name = "",
		};

		port_set_add(arena, &ports, &port);
		port.number = field_port(one, "container_tls_proxy_port");
		port_set_add(arena, &ports, &port);
	}
	return ports;
}

/* When it entered its state, in nanoseconds since 1970. */
static struct instant
read_since(const struct json *object, struct instant otherwise)
{
	int64_t since = json_get_integer(object, "since", 0);

	if (since > 0)
		otherwise.ns = since;
	return otherwise;
}

static struct address_set
read_addresses(struct arena *arena, const struct json *object)
{
	struct address_set addresses = {0};

	address_set_add(
	    arena, &addresses, json_get_text(object, "instance_address"));
	address_set_add(
	    arena, &addresses, json_get_text(object, "instance_ipv6_address"));
	return addresses;
}

/*
 * Keeps what was read, since the earliest that is known of: an instance has
 * its address while it starts.  Tags come with an instance, not with changes.
 */
static void
keep_and_give(struct cloudfoundry *foundry, const char *instance,
    struct fact *fact, struct instant at)
{
	const struct fact *known = rack_get(foundry->instances, instance);
	struct workload *workload = &fact->workload.workload;
	struct fact *kept;

	if (known != NULL) {
		const struct workload *was = &known->workload.workload;

		if (instant_before(was->since, workload->since))
			workload->since = was->since;
		if (workload->labels.count == 0)
			workload->labels = was->labels;
	}
	kept = fact_keep(fact);
	kept->version = foundry->lists;
	give(foundry, kept, at);
	rack_put(foundry->instances, instance, kept);
}

/*
 * keys       who the instance is
 * info       how it stands; in a list both are one object
 */
static void
read_instance(struct cloudfoundry *foundry, const struct json *keys,
    const struct json *info, struct instant at)
{
	const char *instance = field_text(keys, "instance_guid");
	struct arena *arena = arena_new();
	struct address_set addresses = read_addresses(arena, info);
	struct port_set ports = read_ports(arena, json_get(info, "ports"));
	struct label_set labels = {0};
	struct container container = {
	    .name = "app", .ports = ports.at, .port_count = ports.count};
	struct fact fact = {
	    .kind = FACT_WORKLOAD,
	    .cluster = foundry->cluster,
	    .id = make_id(foundry, arena, instance),
	    .at = at,
	};
	struct workload *workload = &fact.workload.workload;

	label_set_add_object(arena, &labels, json_get(info, "metric_tags"));
	workload->id = fact.id;
	workload->cluster = foundry->cluster;
	workload->orchestrator = "cloudfoundry";
	workload->namespace = field_text(keys, "domain");
	workload->name =
	    arena_format(arena, "%s/%lld", field_text(keys, "process_guid"),
		(long long)json_get_integer(keys, "index", 0));
	workload->kind = "Process";
	workload->node = field_text(keys, "cell_id");
	workload->labels = label_set_labels(&labels);
	workload->containers = &container;
	workload->container_count = 1;
	workload->addresses = addresses.at;
	workload->address_count = addresses.count;
	workload->since = read_since(info, at);
	workload->until = INSTANT_FUTURE;
	give_cell(foundry, workload->node, info, at);
	keep_and_give(foundry, instance, &fact, at);
	arena_free(arena);
}

/*
 * UNCLAIMED is a wish without an instance.  A crashed one is gone since it
 * entered that state.
 */
static void
read_actual(struct cloudfoundry *foundry, const struct json *keys,
    const struct json *info, struct instant at)
{
	const char *state = field_text(info, "state");
	const char *instance = field_text(keys, "instance_guid");

	if (instance[0] == '\0')
		return;
	if (strcmp(state, "RUNNING") == 0 || strcmp(state, "CLAIMED") == 0)
		read_instance(foundry, keys, info, at);
	else if (strcmp(state, "CRASHED") == 0 ||
		 rack_get(foundry->instances, instance) != NULL)
		give_gone(foundry, instance, read_since(info, at));
}

/* --- events -------------------------------------------------------------- */

static void
read_event(
    struct cloudfoundry *foundry, const struct json *object, struct instant at)
{
	const char *type = field_text(object, "type");
	const struct json *data = json_get(object, "data");
	const struct json *actual = json_get(data, "actual_lrp");
	const struct json *desired = json_get(data, "desired_lrp");

	if (strcmp(type, "actual_lrp_instance_created") == 0) {
		read_actual(foundry, actual, actual, at);
	} else if (strcmp(type, "actual_lrp_instance_changed") == 0) {
		read_actual(foundry, data, json_get(data, "after"), at);
	} else if (strcmp(type, "actual_lrp_instance_removed") == 0) {
		if (field_text(actual, "instance_guid")[0] != '\0' &&
		    at.ns != INSTANT_PAST.ns)
			give_gone(
			    foundry, field_text(actual, "instance_guid"), at);
	} else if (strcmp(type, "desired_lrp_created") == 0) {
		(void)cloudfoundry_learn(foundry, desired);
	} else if (strcmp(type, "desired_lrp_changed") == 0) {
		(void)cloudfoundry_learn(foundry, json_get(data, "after"));
	} else if (strcmp(type, "desired_lrp_removed") == 0) {
		cloudfoundry_forget(
		    foundry, field_text(desired, "process_guid"));
	}
}

/* --- the door ------------------------------------------------------------ */

bool
cloudfoundry_give(
    struct cloudfoundry *foundry, const struct json *object, struct instant at)
{
	switch (cloudfoundry_kind_of(object)) {
	case CLOUDFOUNDRY_ACTUAL:
		read_actual(foundry, object, object, at);
		return true;
	case CLOUDFOUNDRY_EVENT:
		read_event(foundry, object, at);
		return true;
	case CLOUDFOUNDRY_DESIRED:
	case CLOUDFOUNDRY_RESOURCE:
	case CLOUDFOUNDRY_PAGE:
		return cloudfoundry_learn(foundry, object);
	case CLOUDFOUNDRY_NONE:
		break;
	}
	return false;
}

void
cloudfoundry_refresh(struct cloudfoundry *foundry, struct instant at)
{
	if (!foundry->names_changed)
		return;
	foundry->names_changed = false;
	for (size_t i = 0; i < rack_places(foundry->instances); i++) {
		const struct fact *kept = rack_at(foundry->instances, i);

		if (kept != NULL)
			give(foundry, kept, at);
	}
}

void
cloudfoundry_list_begin(struct cloudfoundry *foundry)
{
	foundry->lists++;
}

void
cloudfoundry_list_end(struct cloudfoundry *foundry, struct instant at)
{
	for (size_t i = 0; i < rack_places(foundry->instances); i++) {
		const struct fact *kept = rack_at(foundry->instances, i);

		if (kept != NULL && kept->version != foundry->lists)
			give_gone(
			    foundry, rack_name(foundry->instances, i), at);
	}
}
