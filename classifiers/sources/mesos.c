#include "classifiers/sources/mesos.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/fact_keep.h"
#include "classifiers/sources/mesos_parts.h"
#include "classifiers/sources/rack.h"
#include "sensor/base/arena.h"

struct mesos *
mesos_new(const char *cluster, const struct fact_taker *taker)
{
	struct mesos *mesos = allocate(1, sizeof(*mesos));

	mesos->cluster = cluster;
	mesos->taker = taker;
	mesos->frameworks = rack_new(MESOS_OBJECTS_MAXIMUM);
	mesos->agents = rack_new(MESOS_OBJECTS_MAXIMUM);
	mesos->tasks = rack_new(MESOS_OBJECTS_MAXIMUM);
	return mesos;
}

void
mesos_free(struct mesos *mesos)
{
	if (mesos == NULL)
		return;
	rack_free(mesos->frameworks);
	rack_free(mesos->agents);
	rack_free(mesos->tasks);
	free(mesos);
}

/* --- small readers ------------------------------------------------------- */

const char *
mesos_id(const struct json *object, const char *key)
{
	const struct json *member = json_get(object, key);
	const char *text = json_text(member);

	return text == NULL ? field_text(member, "value") : text;
}

/*
 * TASK_LOST, TASK_UNREACHABLE and TASK_UNKNOWN are no ends: the task may run
 * on behind a broken network (mesos.proto, enum TaskState).
 */
bool
mesos_is_final(const char *state)
{
	static const char *const states[] = {
	    "TASK_FINISHED",
	    "TASK_FAILED",
	    "TASK_KILLED",
	    "TASK_ERROR",
	    "TASK_DROPPED",
	    "TASK_GONE",
	    "TASK_GONE_BY_OPERATOR",
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (strcmp(state, states[i]) == 0)
			return true;
	return false;
}

/* Seconds since 1970 as a double, which holds microseconds and no more. */
struct instant
mesos_time(const struct json *status, struct instant otherwise)
{
	double seconds = json_decimal(json_get(status, "timestamp"), 0);

	/* The year 2261; an int64_t of nanoseconds ends in 2262. */
	if (!(seconds > 0 && seconds < 9.2e9))
		return otherwise;
	return (struct instant){(int64_t)(seconds * 1e6 + 0.5) * NS_PER_US};
}

const char *
mesos_key(struct arena *arena, const char *framework, const char *task)
{
	return arena_format(arena, "%s/%s", framework, task);
}

const char *
mesos_workload_id(
    const struct mesos *mesos, struct arena *arena, const char *key)
{
	return arena_format(arena, "mesos:%s:%s", mesos->cluster, key);
}

/* --- frameworks and agents ----------------------------------------------- */

static struct mesos_named *
make_named(const char *name)
{
	size_t length = strnlen(name, INVENTORY_TEXT_MAXIMUM);
	struct mesos_named *named = allocate(1, sizeof(*named) + length + 1);

	memcpy(named->name, name, length);
	return named;
}

/* In v1 what describes a framework or agent is one level further down. */
static const struct json *
inner(const struct json *object, const char *key)
{
	const struct json *inside = json_get(object, key);

	return json_is_object(inside) ? inside : object;
}

static const char *
read_framework(struct mesos *mesos, const struct json *object)
{
	const struct json *info = inner(object, "framework_info");
	const char *id = mesos_id(info, "id");

	if (id[0] != '\0')
		rack_put(mesos->frameworks, id,
		    make_named(field_text(info, "name")));
	return id;
}

/* `slave(1)@10.0.0.5:5051`, the address that the agent listens on. */
static void
read_pid(struct arena *arena, struct address_set *addresses, const char *pid)
{
	const char *at = strchr(pid, '@');
	const char *colon = at == NULL ? NULL : strrchr(at, ':');

	if (colon == NULL)
		return;
	at++;
	if (*at == '[' && colon > at + 1 && colon[-1] == ']')
		at++, colon--;
	address_set_add(
	    arena, addresses, arena_text_n(arena, at, (size_t)(colon - at)));
}

static void
read_agent(struct mesos *mesos, const struct json *object, struct instant at)
{
	const struct json *info = inner(object, "agent_info");
	const char *id = mesos_id(info, "id");
	const char *host = field_text(info, "hostname");
	struct arena *arena;
	struct address_set addresses = {0};
	struct mesos_named *named;
	struct fact fact = {
	    .kind = FACT_NODE,
	    .cluster = mesos->cluster,
	    .id = host,
	    .at = at,
	    .node.node.name = host,
	};

	if (id[0] == '\0' || host[0] == '\0')
		return;
	arena = arena_new();
	read_pid(arena, &addresses, field_text(object, "pid"));
	/* A hostname may be an address. */
	address_set_add(arena, &addresses, host);
	fact.node.addresses = addresses.at;
	fact.node.address_count = addresses.count;
	fact_give(mesos->taker, &fact);
	named = make_named(host);
	named->has_address = addresses.count > 0;
	if (named->has_address)
		named->address = addresses.at[0];
	rack_put(mesos->agents, id, named);
	arena_free(arena);
}

static void
remove_agent(struct mesos *mesos, const char *id, struct instant at)
{
	const struct mesos_named *agent = rack_get(mesos->agents, id);
	struct fact fact = {
	    .kind = FACT_NODE,
	    .gone = true,
	    .cluster = mesos->cluster,
	    .at = at,
	};

	if (agent == NULL)
		return;
	fact.id = fact.node.node.name = agent->name;
	fact_give(mesos->taker, &fact);
	rack_remove(mesos->agents, id);
}

/* --- tasks --------------------------------------------------------------- */

static void
give_gone(struct mesos *mesos, const char *key, struct instant at)
{
	struct arena *arena = arena_new();
	struct fact fact = {
	    .kind = FACT_WORKLOAD,
	    .gone = true,
	    .cluster = mesos->cluster,
	    .id = mesos_workload_id(mesos, arena, key),
	    .at = at,
	};

	fact_give(mesos->taker, &fact);
	rack_remove(mesos->tasks, key);
	arena_free(arena);
}

static void
read_tasks(struct mesos *mesos, const struct json *owner, const char *framework,
    struct instant at)
{
	static const char *const lists[] = {
	    "tasks", "unreachable_tasks", "completed_tasks"};

	for (size_t l = 0; l < sizeof(lists) / sizeof(*lists); l++) {
		const struct json *list = json_get(owner, lists[l]);

		for (size_t i = 0; i < json_count(list); i++)
			mesos_read_task(mesos, json_at(list, i), framework, at);
	}
}

/* A task that is given anew keeps what no later status repeats. */
static void
update_task(struct mesos *mesos, const struct json *update,
    const struct json *status, const char *key, struct instant at)
{
	struct fact *known = rack_get(mesos->tasks, key);
	struct address_set addresses = {0};
	struct instant when = mesos_time(status, at);
	struct arena *arena;
	struct fact fact, *kept;

	if (known == NULL)
		return;
	if (mesos_is_final(field_text(update, "state")) ||
	    mesos_is_final(field_text(status, "state"))) {
		if (when.ns == INSTANT_PAST.ns)
			when = known->workload.workload.since;
		give_gone(mesos, key, when);
		return;
	}
	arena = arena_new();
	fact = *known;
	fact.at = when;
	fact.version = 0;
	mesos_add_addresses(arena, &addresses, status);
	if (addresses.count > 0) {
		fact.workload.workload.addresses = addresses.at;
		fact.workload.workload.address_count = addresses.count;
	}
	if (fact.workload.workload.since.ns == INSTANT_PAST.ns)
		fact.workload.workload.since = when;
	fact_give(mesos->taker, &fact);
	kept = fact_keep(&fact);
	kept->version = mesos->states;
	rack_put(mesos->tasks, key, kept);
	arena_free(arena);
}

static void
read_update(struct mesos *mesos, const struct json *update, struct instant at)
{
	/* Masters before 1.0 was done had no status here. */
	const struct json *status = inner(update, "status");
	const char *framework = mesos_id(update, "framework_id");
	struct arena *arena = arena_new();

	update_task(mesos, update, status,
	    mesos_key(arena, framework, mesos_id(status, "task_id")), at);
	arena_free(arena);
}

/* --- states -------------------------------------------------------------- */

/*
 * Whatever the last state did not have is not there any more; since when, a
 * file does not say.
 */
static void
sweep(struct mesos *mesos, struct instant at)
{
	bool keeps = mesos->keeps;

	mesos->keeps = false;
	if (keeps || at.ns == INSTANT_PAST.ns)
		return;
	for (size_t i = 0; i < rack_places(mesos->tasks); i++) {
		const struct fact *kept = rack_at(mesos->tasks, i);

		if (kept != NULL && kept->version != mesos->states)
			give_gone(mesos, rack_name(mesos->tasks, i), at);
	}
}

/* The completed ones come last, so that what is running names its own. */
static void
read_frameworks(struct mesos *mesos, const struct json *list, struct instant at)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_at(list, i);

		read_tasks(mesos, one, read_framework(mesos, one), at);
	}
}

static void
read_state(struct mesos *mesos, const struct json *state, struct instant at)
{
	const struct json *agents = json_get(state, "slaves");

	mesos->states++;
	for (size_t i = 0; i < json_count(agents); i++)
		read_agent(mesos, json_at(agents, i), at);
	read_frameworks(mesos, json_get(state, "completed_frameworks"), at);
	read_frameworks(mesos, json_get(state, "frameworks"), at);
	sweep(mesos, at);
}

static void
read_get_state(struct mesos *mesos, const struct json *state, struct instant at)
{
	const struct json *agents =
	    json_get(json_get(state, "get_agents"), "agents");
	const struct json *all = json_get(state, "get_frameworks");

	/* Half a state is none: all tasks would be gone. */
	if (!json_is_object(json_get(state, "get_tasks")))
		return;
	mesos->states++;
	for (size_t i = 0; i < json_count(agents); i++)
		read_agent(mesos, json_at(agents, i), at);
	read_frameworks(mesos, json_get(all, "completed_frameworks"), at);
	read_frameworks(mesos, json_get(all, "frameworks"), at);
	read_tasks(mesos, json_get(state, "get_tasks"), "", at);
	sweep(mesos, at);
}

/* --- the door ------------------------------------------------------------ */

enum form {
	FORM_NONE,
	FORM_STATE,     /* of /state */
	FORM_GET_STATE, /* the answer to GET_STATE, or SUBSCRIBED */
	FORM_EVENT,     /* another event of a subscription */
};

static const struct {
	const char *type;
	enum form form;
} types[] = {
    {"GET_STATE", FORM_GET_STATE},
    {"SUBSCRIBED", FORM_GET_STATE},
    {"TASK_ADDED", FORM_EVENT},
    {"TASK_UPDATED", FORM_EVENT},
    {"AGENT_ADDED", FORM_EVENT},
    {"AGENT_REMOVED", FORM_EVENT},
    {"FRAMEWORK_ADDED", FORM_EVENT},
    {"FRAMEWORK_UPDATED", FORM_EVENT},
    {"FRAMEWORK_REMOVED", FORM_EVENT},
    {"HEARTBEAT", FORM_EVENT},
};

static enum form
form_of(const struct json *object)
{
	const char *type = field_text(object, "type");

	if (json_is_array(json_get(object, "slaves")) &&
	    json_is_array(json_get(object, "frameworks")))
		return FORM_STATE;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(type, types[i].type) == 0)
			return types[i].form;
	return FORM_NONE;
}

bool
mesos_is(const struct json *object)
{
	return form_of(object) != FORM_NONE;
}

bool
mesos_is_state(const struct json *object)
{
	enum form form = form_of(object);

	return form == FORM_STATE || form == FORM_GET_STATE;
}

double
mesos_heartbeat(const struct json *object, double otherwise)
{
	return json_decimal(json_get(json_get(object, "subscribed"),
				"heartbeat_interval_seconds"),
	    otherwise);
}

static void
read_event(struct mesos *mesos, const struct json *event, struct instant at)
{
	const char *type = field_text(event, "type");

	if (strcmp(type, "TASK_ADDED") == 0)
		mesos_read_task(mesos,
		    json_get(json_get(event, "task_added"), "task"), "", at);
	else if (strcmp(type, "TASK_UPDATED") == 0)
		read_update(mesos, json_get(event, "task_updated"), at);
	else if (strcmp(type, "AGENT_ADDED") == 0)
		read_agent(mesos,
		    json_get(json_get(event, "agent_added"), "agent"), at);
	else if (strcmp(type, "AGENT_REMOVED") == 0)
		remove_agent(mesos,
		    mesos_id(json_get(event, "agent_removed"), "agent_id"), at);
	else if (strcmp(type, "FRAMEWORK_ADDED") == 0)
		(void)read_framework(mesos,
		    json_get(json_get(event, "framework_added"), "framework"));
	else if (strcmp(type, "FRAMEWORK_UPDATED") == 0)
		(void)read_framework(
		    mesos, json_get(json_get(event, "framework_updated"),
			       "framework"));
}

/* SUBSCRIBED has the state one level further down than GET_STATE. */
static const struct json *
find_state(const struct json *object)
{
	const struct json *subscribed = json_get(object, "subscribed");

	return json_get(
	    json_is_object(subscribed) ? subscribed : object, "get_state");
}

void
mesos_keep(struct mesos *mesos)
{
	mesos->keeps = true;
}

bool
mesos_give(struct mesos *mesos, const struct json *object, struct instant at)
{
	switch (form_of(object)) {
	case FORM_STATE:
		read_state(mesos, object, at);
		return true;
	case FORM_GET_STATE:
		read_get_state(mesos, find_state(object), at);
		return true;
	case FORM_EVENT:
		read_event(mesos, object, at);
		return true;
	case FORM_NONE:
		break;
	}
	return false;
}
