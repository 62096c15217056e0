#include "models/policy_walk.h"

#include "classifiers/inventory/inventory.h"
#include "classifiers/outside.h"
#include "models/external.h"
#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"

static void
add_end(
    struct map *seen, struct identities *ends, const struct identity *identity)
{
	const struct identity **slot = &ends->at[ends->count];

	if (map_get(seen, &identity, sizeof(identity)) != NULL)
		return;
	*slot = identity;
	ends->count++;
	map_put(seen, slot, sizeof(identity), slot);
}

/* What models name of the outside, each as an end that stands for it. */
struct outsides {
	struct policy *policy;
	struct map *seen;
	struct identities *ends; /* NULL: they are only counted */
	size_t count;
};

static void
add_outsides(const struct peer *peer, void *context)
{
	struct outsides *outsides = context;
	size_t count =
	    peer->external == NULL ? 0 : external_example_count(peer->external);

	outsides->count += count;
	for (size_t i = 0; outsides->ends != NULL && i < count; i++) {
		struct address address;
		struct outside outside;
		struct external_end end;

		external_example(peer->external, i, &address, &outside, &end);
		add_end(outsides->seen, outsides->ends,
		    policy_external(outsides->policy, end.address, end.outside,
			end.generous));
	}
}

struct identities
policy_walk_ends(struct policy *policy, const struct library *library,
    const struct inventory *inventory, struct instant at, struct arena *arena)
{
	size_t workloads = inventory_workload_count(inventory);
	size_t nodes = inventory_node_count(inventory);
	size_t zones = library_zone_count(library);
	struct outsides outsides = {.policy = policy};
	struct identities ends = {0};
	struct address nobody = {{0}};
	size_t most;

	external_each_peer(library, add_outsides, &outsides);
	most = workloads + nodes + zones + outsides.count + 1;
	ends.at = arena_array(arena, most, sizeof(*ends.at));
	struct map *seen = map_new(most);

	for (size_t i = 0; i < workloads; i++) {
		const struct workload *workload =
		    inventory_workload(inventory, i);

		if (at.ns == INSTANT_PAST.ns || workload_alive(workload, at))
			add_end(seen, &ends, policy_workload(policy, workload));
	}
	for (size_t i = 0; i < nodes; i++)
		add_end(seen, &ends,
		    policy_node(policy, inventory_node(inventory, i)));
	for (size_t i = 0; i < zones; i++)
		add_end(
		    seen, &ends, policy_zone(policy, library_zone(library, i)));
	/* Nobody's address stands for every address that no model names. */
	add_end(seen, &ends, policy_external(policy, &nobody, NULL, false));
	outsides.seen = seen;
	outsides.ends = &ends;
	external_each_peer(library, add_outsides, &outsides);
	map_free(seen);
	return ends;
}

static bool
is_spoken_of(const struct pair *pair)
{
	return pair->server_modelled || pair->client_modelled ||
	       pair->boundary != NULL || pair->client->kind == IDENTITY_NODE;
}

void
policy_walk_pairs(struct policy *policy, const struct identities *ends,
    void (*each)(const struct pair *pair, bool same_node, void *context),
    void *context)
{
	for (size_t c = 0; c < ends->count; c++)
		for (size_t s = 0; s < ends->count; s++)
			for (int same_node = 0; same_node < 2; same_node++) {
				const struct pair *pair = policy_pair(policy,
				    ends->at[c], ends->at[s], same_node != 0);

				if (is_spoken_of(pair))
					each(pair, same_node != 0, context);
			}
}
