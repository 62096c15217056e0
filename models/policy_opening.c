#include "models/policy_opening.h"

#include <assert.h>
#include <string.h>

#include "models/model_edit.h"
#include "models/policy.h"
#include "models/policy_walk.h"
#include "sensor/base/address.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"

#define OPENINGS_MAXIMUM ((size_t)1 << 20)

struct search {
	struct arena *arena;
	const struct policy_probe *probe;
	struct policy *before_policy, *after_policy;
	struct identities before, after; /* the same ones, in one order */
	const char **names;
	struct map *known; /* names of a pair -> itself */
	struct opening *at;
	size_t count, capacity;
};

/* --- who is touched ------------------------------------------------------- */

static bool
is_edited(const struct place *place)
{
	return strcmp(place->file, EDIT_FILE) == 0;
}

static bool
any_edited(const struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		if (is_edited(&entries->at[i].place))
			return true;
	return false;
}

static bool
boundary_edited(const struct boundary *boundary)
{
	for (size_t i = 0; i < boundary->except.count; i++)
		if (is_edited(&boundary->except.at[i].place))
			return true;
	return false;
}

/* Whether some edit reached this identity, if only through `extends`. */
static bool
is_touched(const struct identity *identity)
{
	for (size_t i = 0; i < identity->model_count; i++)
		if (any_edited(&identity->models[i]->provides) ||
		    any_edited(&identity->models[i]->needs))
			return true;
	for (size_t i = 0; i < identity->segment_count; i++)
		for (size_t b = 0; b < identity->segments[i]->boundary_count;
		     b++)
			if (boundary_edited(
				&identity->segments[i]->boundaries[b]))
				return true;
	return false;
}

/* --- what is let through -------------------------------------------------- */

static bool
lets_through(const struct pair *pair, uint8_t protocol, uint16_t port,
    enum application application)
{
	struct appid appid = {
	    .application = application, .confidence = APP_DPI};

	if (pair->boundary != NULL)
		return false;
	if (!pair->server_modelled && !pair->client_modelled)
		return true;
	for (size_t i = 0; i < pair->count; i++)
		if (statement_port_fits(&pair->statements[i], protocol, port) &&
		    statement_app_fits(&pair->statements[i], &appid) !=
			APP_CONTRADICT)
			return true;
	return false;
}

/* An edit for any application is asked about with one that nobody states. */
static bool
opens_port(const struct search *search, const struct pair *before,
    const struct pair *after, uint8_t protocol, uint16_t port)
{
	const struct policy_probe *probe = search->probe;

	if (probe->application_count == 0)
		return lets_through(after, protocol, port, APPLICATION_OTHER) &&
		       !lets_through(before, protocol, port, APPLICATION_OTHER);
	for (size_t i = 0; i < probe->application_count; i++)
		if (lets_through(
			after, protocol, port, probe->applications[i]) &&
		    !lets_through(
			before, protocol, port, probe->applications[i]))
			return true;
	return false;
}

static bool
opens(const struct search *search, size_t c, size_t s)
{
	const struct ports *ports = search->probe->ports;

	for (int same_node = 0; same_node < 2; same_node++) {
		const struct pair *before = policy_pair(search->before_policy,
		    search->before.at[c], search->before.at[s], same_node != 0);
		const struct pair *after = policy_pair(search->after_policy,
		    search->after.at[c], search->after.at[s], same_node != 0);

		for (size_t i = 0; i < ports->count; i++)
			if (opens_port(search, before, after,
				ports->at[i].protocol, ports->at[i].first))
				return true;
	}
	return false;
}

/* --- everybody ------------------------------------------------------------ */

static void
keep(struct search *search, const char *client, const char *server)
{
	const char *key =
	    arena_format(search->arena, "%s -> %s", client, server);
	struct opening *grown;

	if (map_get_text(search->known, key) != NULL ||
	    !map_put_text(search->known, key, search))
		return;
	if (search->count == search->capacity) {
		search->capacity = 2 * search->capacity + 16;
		grown = arena_array(
		    search->arena, search->capacity, sizeof(*grown));
		for (size_t i = 0; i < search->count; i++)
			grown[i] = search->at[i];
		search->at = grown;
	}
	search->at[search->count++] = (struct opening){client, server};
}

/*
 * The outside addresses in question come after everybody else.  Other outside
 * ends are left out but for one that no model names: which there are depends
 * on the models, and both sides must list the same.
 */
static struct identities
collect(struct search *search, const struct inventory *inventory,
    const struct policy_side *side)
{
	struct identities some = policy_walk_ends(side->policy, side->library,
	    inventory, INSTANT_PAST, search->arena);
	struct identities all = {
	    .at = arena_array(search->arena, some.count + 3, sizeof(*all.at)),
	};
	struct address nobody = {{0}};

	for (size_t i = 0; i < some.count; i++)
		if (some.at[i]->kind != IDENTITY_EXTERNAL)
			all.at[all.count++] = some.at[i];
	all.at[all.count++] =
	    policy_external(side->policy, &nobody, NULL, false);
	for (size_t i = 0; i < 2; i++)
		if (search->probe->outside[i] != NULL)
			all.at[all.count++] = policy_external(side->policy,
			    search->probe->outside[i], search->probe->known[i],
			    false);
	return all;
}

/* Copies, for they are read when the policies are gone. */
static void
name_everybody(struct search *search)
{
	size_t count = search->after.count, outside = 0;
	char address[ADDRESS_TEXT_SIZE];

	search->names =
	    arena_array(search->arena, count, sizeof(*search->names));
	for (size_t i = 0; i < count; i++)
		search->names[i] =
		    arena_text(search->arena, search->after.at[i]->name);
	for (size_t i = 2; i-- > 0;) {
		if (search->probe->outside[i] == NULL)
			continue;
		address_print(search->probe->outside[i], address);
		search->names[count - ++outside] =
		    arena_text(search->arena, address);
	}
}

struct openings
policy_openings(struct arena *arena, const struct inventory *inventory,
    const struct policy_side *before, const struct policy_side *after,
    const struct policy_probe *probe)
{
	struct search search = {
	    .arena = arena,
	    .probe = probe,
	    .before_policy = before->policy,
	    .after_policy = after->policy,
	    .known = map_new(OPENINGS_MAXIMUM),
	};
	bool *touched;

	search.before = collect(&search, inventory, before);
	search.after = collect(&search, inventory, after);
	assert(search.before.count == search.after.count);
	name_everybody(&search);
	touched = arena_array(arena, search.after.count, sizeof(*touched));
	for (size_t i = 0; i < search.after.count; i++)
		touched[i] = is_touched(search.after.at[i]);
	for (size_t c = 0; c < search.after.count; c++)
		for (size_t s = 0; s < search.after.count; s++)
			if ((touched[c] || touched[s]) && opens(&search, c, s))
				keep(&search, search.names[c], search.names[s]);
	map_free(search.known);
	return (struct openings){search.at, search.count};
}
