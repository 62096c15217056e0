#include "classifiers/inventory/fact.h"

#include <assert.h>
#include <string.h>

#include "sensor/base/arena.h"

/* In the order of the kinds; Redis keys and record files have these words. */
static const char *const kind_names[FACT_KINDS] = {
    "workload",
    "owner",
    "service",
    "backends",
    "node",
    "node-address",
    "namespace",
    "zone",
    "policy",
    "seen",
};

const char *
fact_kind_name(enum fact_kind kind)
{
	assert((size_t)kind < FACT_KINDS);
	return kind_names[kind];
}

bool
fact_kind_of(const char *name, enum fact_kind *kind)
{
	for (size_t i = 0; i < FACT_KINDS; i++)
		if (strcmp(name, kind_names[i]) == 0) {
			*kind = (enum fact_kind)i;
			return true;
		}
	return false;
}

const char *
fact_id(struct arena *arena, const char *namespace, const char *name)
{
	return arena_format(arena, "%s/%s", namespace, name);
}

const char *
fact_owner_id(struct arena *arena, const char *namespace, const char *kind,
    const char *name)
{
	return arena_format(arena, "%s/%s/%s", namespace, kind, name);
}

const char *
fact_node_address_id(
    struct arena *arena, const char *node, const struct address *address)
{
	char printed[ADDRESS_TEXT_SIZE];

	address_print(address, printed);
	return arena_format(arena, "%s/%s", node, printed);
}
