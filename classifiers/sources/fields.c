#include "classifiers/sources/fields.h"

#include <string.h>
#include <strings.h>

#include "classifiers/inventory/inventory.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"

const char *
field_text(const struct json *object, const char *key)
{
	const char *text = json_get_text(object, key);

	return text == NULL ? "" : text;
}

bool
field_time(const struct json *object, const char *key, struct instant *out)
{
	const char *text = json_get_text(object, key);
	struct instant at;

	if (text == NULL || !instant_parse(text, &at) || at.ns <= 0)
		return false;
	*out = at;
	return true;
}

uint16_t
field_port(const struct json *object, const char *key)
{
	int64_t number = json_get_integer(object, key, 0);

	return number < 0 || number > UINT16_MAX ? 0 : (uint16_t)number;
}

uint64_t
field_version(const struct json *object, const char *key)
{
	int64_t number = json_get_integer(object, key, 0);

	return number < 0 ? 0 : (uint64_t)number;
}

uint8_t
protocol_number(const char *name)
{
	if (strcasecmp(name, "tcp") == 0)
		return 6;
	if (strcasecmp(name, "udp") == 0)
		return 17;
	return strcasecmp(name, "sctp") == 0 ? 132 : 0;
}

/*
 * Room for one element more, in `at`; NULL when the list is as long as it may
 * be.
 */
static void *
grow(struct arena *arena, void *at, size_t count, size_t *capacity,
    size_t maximum, size_t size)
{
	void *more;

	if (count > maximum)
		return NULL;
	if (count < *capacity)
		return at;
	*capacity = 2 * *capacity + 4;
	more = arena_array(arena, *capacity, size);
	if (count > 0)
		memcpy(more, at, count * size);
	return more;
}

void
address_set_add(struct arena *arena, struct address_set *set, const char *text)
{
	char alone[ADDRESS_TEXT_SIZE];
	struct address address, *at;
	size_t length = text == NULL ? 0 : strcspn(text, "/");

	if (length == 0 || length >= sizeof(alone))
		return;
	memcpy(alone, text, length);
	alone[length] = '\0';
	/* Docker writes no address as the unspecified one here and there. */
	if (!address_parse(alone, &address) ||
	    address_is_broadcast_or_unspecified(&address))
		return;
	for (size_t i = 0; i < set->count; i++)
		if (address_equal(&set->at[i], &address))
			return;
	at = grow(arena, set->at, set->count, &set->capacity,
	    INVENTORY_ADDRESSES_MAXIMUM, sizeof(*at));
	if (at == NULL)
		return;
	set->at = at;
	at[set->count++] = address;
}

void
prefix_set_add(struct arena *arena, struct prefix_set *set, const char *text)
{
	struct prefix prefix, *at;

	if (text == NULL || prefix_parse(text, &prefix) != NULL)
		return;
	for (size_t i = 0; i < set->count; i++)
		if (set->at[i].length == prefix.length &&
		    address_equal(&set->at[i].base, &prefix.base))
			return;
	at = grow(arena, set->at, set->count, &set->capacity,
	    INVENTORY_ADDRESSES_MAXIMUM, sizeof(*at));
	if (at == NULL)
		return;
	set->at = at;
	at[set->count++] = prefix;
}

void
port_set_add(struct arena *arena, struct port_set *set,
    const struct container_port *port)
{
	struct container_port *at;

	if (port->number == 0 || port->protocol == 0)
		return;
	for (size_t i = 0; i < set->count; i++)
		if (set->at[i].number == port->number &&
		    set->at[i].protocol == port->protocol)
			return;
	at = grow(arena, set->at, set->count, &set->capacity,
	    INVENTORY_PORTS_MAXIMUM, sizeof(*at));
	if (at == NULL)
		return;
	set->at = at;
	at[set->count++] = *port;
}

void
label_set_add(struct arena *arena, struct label_set *set, const char *key,
    const char *value)
{
	struct label *at;

	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->at[i].key, key) == 0)
			return;
	at = grow(arena, set->at, set->count, &set->capacity,
	    INVENTORY_LABELS_MAXIMUM, sizeof(*at));
	if (at == NULL)
		return;
	set->at = at;
	at[set->count++] = (struct label){key, value};
}

struct adding {
	struct arena *arena;
	struct label_set *set;
};

static void
add_member(const char *key, const struct json *value, void *context)
{
	struct adding *adding = context;
	const char *text = json_text(value);

	if (text != NULL)
		label_set_add(adding->arena, adding->set, key, text);
}

void
label_set_add_object(
    struct arena *arena, struct label_set *set, const struct json *object)
{
	struct adding adding = {arena, set};

	json_each(object, add_member, &adding);
}

const char *
label_set_get(const struct label_set *set, const char *key)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->at[i].key, key) == 0)
			return set->at[i].value;
	return "";
}

struct labels
label_set_labels(const struct label_set *set)
{
	return (struct labels){set->at, set->count};
}
