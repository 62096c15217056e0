#include "classifiers/sources/kubernetes.h"

#include <string.h>

#include "classifiers/sources/kubernetes_parts.h"
#include "sensor/base/arena.h"

/* --- helpers of every kind ----------------------------------------------- */

const char *
kubernetes_text(const struct json *object, const char *key)
{
	const char *text = json_get_text(object, key);

	return text == NULL ? "" : text;
}

bool
kubernetes_time(const struct json *object, const char *key, struct instant *out)
{
	const char *text = json_get_text(object, key);

	return text != NULL && instant_parse(text, out);
}

/* resourceVersions are decimal numbers that grow, whatever else they mean. */
static uint64_t
parse_version(const char *text)
{
	uint64_t version = 0;

	for (const char *c = text; *c != '\0'; c++)
		if (*c < '0' || *c > '9' ||
		    __builtin_mul_overflow(version, 10, &version) ||
		    __builtin_add_overflow(
			version, (uint64_t)(*c - '0'), &version))
			return 0;
	return version;
}

struct gathering {
	struct arena *arena;
	struct label *at;
	size_t count, capacity;
};

static void
gather_label(const char *key, const struct json *value, void *context)
{
	struct gathering *gathering = context;
	const char *text = json_text(value);
	struct label *more;

	if (text == NULL)
		return;
	if (gathering->count == gathering->capacity) {
		gathering->capacity = 2 * gathering->capacity + 16;
		more = arena_array(
		    gathering->arena, gathering->capacity, sizeof(*more));
		if (gathering->count > 0)
			memcpy(more, gathering->at,
			    gathering->count * sizeof(*more));
		gathering->at = more;
	}
	gathering->at[gathering->count++] = (struct label){key, text};
}

struct labels
kubernetes_labels(
    struct arena *arena, const struct json *object, const char *key)
{
	struct gathering gathering = {.arena = arena};

	json_each(json_get(object, key), gather_label, &gathering);
	return (struct labels){gathering.at, gathering.count};
}

/* The numbers are IANA's. */
uint8_t
kubernetes_protocol(const struct json *object)
{
	const char *text = kubernetes_text(object, "protocol");

	if (text[0] == '\0' || strcmp(text, "TCP") == 0)
		return 6;
	if (strcmp(text, "UDP") == 0)
		return 17;
	return strcmp(text, "SCTP") == 0 ? 132 : 0;
}

uint16_t
kubernetes_port(const struct json *object, const char *key)
{
	int64_t number = json_get_integer(object, key, 0);

	return number < 0 || number > UINT16_MAX ? 0 : (uint16_t)number;
}

const struct json *
kubernetes_owner(const struct json *metadata)
{
	const struct json *owners = json_get(metadata, "ownerReferences");

	for (size_t i = 0; i < json_count(owners); i++)
		if (json_is_true(json_get(json_at(owners, i), "controller")))
			return json_at(owners, i);
	return json_at(owners, 0);
}

void
kubernetes_add_address(
    struct arena *arena, struct address_list *list, const char *text)
{
	size_t maximum =
	    list->maximum == 0 ? INVENTORY_ADDRESSES_MAXIMUM : list->maximum;
	struct address address, *more;

	if (text == NULL || !address_parse(text, &address))
		return;
	for (size_t i = 0; i < list->count; i++)
		if (address_equal(&list->at[i], &address))
			return;
	/* One more than a fact may have, so that the draft counts the cut. */
	if (list->count > maximum)
		return;
	if (list->count == list->capacity) {
		list->capacity = 2 * list->capacity + 4;
		more = arena_array(arena, list->capacity, sizeof(*more));
		if (list->count > 0)
			memcpy(more, list->at, list->count * sizeof(*more));
		list->at = more;
	}
	list->at[list->count++] = address;
}

/* --- facts --------------------------------------------------------------- */

struct fact
kubernetes_fact(const struct kubernetes_reading *reading, enum fact_kind kind,
    const char *id)
{
	return (struct fact){
	    .kind = kind,
	    .cluster = reading->cluster,
	    .id = id,
	    .version = reading->version,
	    .at = reading->at,
	};
}

void
kubernetes_give(
    const struct kubernetes_reading *reading, const struct fact *fact)
{
	struct fact gone = *fact;

	(void)fact_give(reading->taker, fact);
	if (reading->event != KUBERNETES_DELETED)
		return;
	gone.gone = true;
	(void)fact_give(reading->taker, &gone);
}

/* --- kinds that need no file of their own -------------------------------- */

static void
read_namespace(const struct kubernetes_reading *reading)
{
	struct fact fact =
	    kubernetes_fact(reading, FACT_NAMESPACE, reading->name);

	fact.namespace = (struct namespace){
	    .name = reading->name,
	    .labels =
		kubernetes_labels(reading->arena, reading->metadata, "labels"),
	};
	kubernetes_give(reading, &fact);
}

static void
read_owner(const struct kubernetes_reading *reading)
{
	const struct json *owner = kubernetes_owner(reading->metadata);
	struct fact fact = kubernetes_fact(reading, FACT_OWNER,
	    fact_owner_id(reading->arena, reading->namespace, reading->kind,
		reading->name));

	fact.owner = (struct fact_owner){
	    .namespace = reading->namespace,
	    .kind = reading->kind,
	    .name = reading->name,
	    .owner_kind = kubernetes_text(owner, "kind"),
	    .owner_name = kubernetes_text(owner, "name"),
	};
	kubernetes_give(reading, &fact);
}

/* --- the door ------------------------------------------------------------ */

static const struct {
	const char *kind;
	kubernetes_reader *read;
} kinds[] = {
    {"Pod", kubernetes_read_pod},
    {"Service", kubernetes_read_service},
    {"EndpointSlice", kubernetes_read_endpoints},
    {"Node", kubernetes_read_node},
    {"NetworkPolicy", kubernetes_read_policy},
    {"Namespace", read_namespace},
    {"ReplicaSet", read_owner},
    {"Deployment", read_owner},
    {"StatefulSet", read_owner},
    {"DaemonSet", read_owner},
    {"ReplicationController", read_owner},
    {"Job", read_owner},
    {"CronJob", read_owner},
};

bool
kubernetes_object_of(const struct fact_taker *taker, const char *cluster,
    const char *kind, const struct json *object, enum kubernetes_event event,
    struct instant at)
{
	const struct json *metadata = json_get(object, "metadata");
	struct kubernetes_reading reading = {
	    .taker = taker,
	    .cluster = cluster,
	    .kind = kind,
	    .object = object,
	    .metadata = metadata,
	    .spec = json_get(object, "spec"),
	    .status = json_get(object, "status"),
	    .namespace = kubernetes_text(metadata, "namespace"),
	    .name = kubernetes_text(metadata, "name"),
	    .version =
		parse_version(kubernetes_text(metadata, "resourceVersion")),
	    .event = event,
	    .at = at,
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(kinds[i].kind, kind) != 0)
			continue;
		/* The API lets nothing be without a name. */
		if (reading.name[0] == '\0')
			return true;
		reading.arena = arena_new();
		kinds[i].read(&reading);
		arena_free(reading.arena);
		return true;
	}
	return false;
}

bool
kubernetes_object(const struct fact_taker *taker, const char *cluster,
    const struct json *object, enum kubernetes_event event, struct instant at)
{
	return kubernetes_object_of(
	    taker, cluster, kubernetes_text(object, "kind"), object, event, at);
}
