#include "classifiers/collect/collect_known.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/text.h"

/* With more dead entries than living ones and these, all is copied afresh. */
#define DEAD_ALLOWED ((size_t)1024)

/* Kubernetes' longest id is two names of 253 octets; others are near that. */
#define KEY_MAXIMUM ((size_t)4096)

struct known {
	enum fact_kind kind;
	bool gone;
	uint32_t list; /* the last one that it was noted in or after */
	uint64_t version;
	const char *key; /* the kind's letter, then the id */
};

struct collect_known {
	struct arena *arena;
	struct map *entries; /* key -> struct known */
	struct text key;     /* of the fact at hand */
	size_t maximum, living;
	uint32_t lists[FACT_KINDS]; /* begun, of each kind */
	unsigned listing;           /* kinds */
};

struct collect_known *
collect_known_new(size_t maximum)
{
	struct collect_known *known = allocate(1, sizeof(*known));

	known->arena = arena_new();
	known->maximum = maximum;
	known->entries = map_new(maximum);
	text_init(&known->key, KEY_MAXIMUM);
	return known;
}

void
collect_known_free(struct collect_known *known)
{
	if (known == NULL)
		return;
	map_free(known->entries);
	arena_free(known->arena);
	text_release(&known->key);
	free(known);
}

/* Ids of different kinds may be the same. */
static struct known *
find(struct collect_known *known, const struct fact *fact)
{
	text_clear(&known->key);
	text_add_char(&known->key, (char)('a' + (int)fact->kind));
	text_add(&known->key, fact->id);
	return map_get_text(known->entries, known->key.at);
}

/* Adds what find() has looked for. */
static struct known *
add(struct collect_known *known, const struct fact *fact)
{
	struct known *entry;

	if (map_count(known->entries) == known->maximum || known->key.overflow)
		return NULL;
	entry = arena_take(known->arena, sizeof(*entry));
	entry->kind = fact->kind;
	entry->gone = true;
	entry->key =
	    arena_text_n(known->arena, known->key.at, known->key.length);
	(void)map_put_text(known->entries, entry->key, entry);
	return entry;
}

/* The map forgets nothing, so the living move to another one. */
static void
drop_the_dead(struct collect_known *known)
{
	struct map *before = known->entries;
	struct arena *arena = known->arena;

	known->arena = arena_new();
	known->entries = map_new(known->maximum);
	for (size_t i = 0; i < map_count(before); i++) {
		const struct known *old = map_at(before, i);
		struct known *entry;

		if (old->gone)
			continue;
		entry = arena_take(known->arena, sizeof(*entry));
		*entry = *old;
		entry->key = arena_text(known->arena, old->key);
		(void)map_put_text(known->entries, entry->key, entry);
	}
	map_free(before);
	arena_free(arena);
}

static void
consider_dead(struct collect_known *known)
{
	if (map_count(known->entries) - known->living >
	    known->living + DEAD_ALLOWED)
		drop_the_dead(known);
}

/* The id of a node's address says all that the fact does. */
static bool
is_other(const struct fact *fact, const struct known *entry)
{
	if (fact->kind == FACT_NODE_ADDRESS)
		return false;
	return fact->version == 0 || fact->version != entry->version;
}

bool
collect_known_note(struct collect_known *known, const struct fact *fact)
{
	struct known *entry = find(known, fact);
	bool news;

	if (fact->gone) {
		if (entry != NULL && !entry->gone) {
			entry->gone = true;
			known->living--;
			consider_dead(known);
		}
		return true;
	}
	if (entry == NULL)
		entry = add(known, fact);
	if (entry == NULL)
		return true;
	news = entry->gone || is_other(fact, entry);
	known->living += entry->gone ? 1 : 0;
	entry->gone = false;
	entry->version = fact->version;
	entry->list = known->lists[fact->kind];
	return news;
}

void
collect_known_list(struct collect_known *known, unsigned kinds)
{
	known->listing |= kinds;
	for (unsigned kind = 0; kind < FACT_KINDS; kind++)
		if ((kinds & COLLECT_KIND(kind)) != 0)
			known->lists[kind]++;
}

/* Whether a list of these kinds, that has ended, should have had it. */
static bool
is_missed(const struct collect_known *known, unsigned kinds,
    const struct known *entry)
{
	return !entry->gone && (kinds & COLLECT_KIND(entry->kind)) != 0 &&
	       entry->list != known->lists[entry->kind];
}

size_t
collect_known_listed(struct collect_known *known, unsigned kinds,
    const char *cluster, uint64_t version, struct instant at,
    const struct fact_taker *taker)
{
	size_t count = 0;

	kinds &= known->listing;
	known->listing &= ~kinds;
	for (size_t i = 0; i < map_count(known->entries); i++) {
		struct known *entry = map_at(known->entries, i);
		struct fact fact = {
		    .kind = entry->kind,
		    .gone = true,
		    .cluster = cluster,
		    .id = entry->key + 1,
		    .version = version,
		    .at = at,
		};

		if (!is_missed(known, kinds, entry))
			continue;
		entry->gone = true;
		known->living--;
		count++;
		(void)fact_give(taker, &fact);
	}
	consider_dead(known);
	return count;
}

void
collect_known_keep(struct collect_known *known, unsigned kinds)
{
	known->listing &= ~kinds;
}

size_t
collect_known_count(const struct collect_known *known)
{
	return known->living;
}
