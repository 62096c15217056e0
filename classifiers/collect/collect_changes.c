#include "classifiers/collect/collect_changes.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/sources/inventory_record.h"
#include "classifiers/sources/rack.h"
#include "sensor/base/arena.h"
#include "sensor/base/hash.h"
#include "sensor/base/text.h"

struct heard {
	uint64_t hash;
	uint64_t list; /* the last that had begun when it was heard */
	enum fact_kind kind;
	char *cluster; /* within the block */
};

struct collect_changes {
	struct fact_taker taker;
	struct rack *heard; /* by the kind's letter and the id */
	struct text key, record;
	uint64_t lists;
};

/*
 * Whoever made a fact equal to another's hash would only hide his own change;
 * and hashes are never kept longer than the process lives.
 */
static const struct hash_key hash_key = {{0x6865646765, 0x726f77}};

struct collect_changes *
collect_changes_new(const struct fact_taker *taker, size_t maximum)
{
	struct collect_changes *changes = allocate(1, sizeof(*changes));

	changes->taker = *taker;
	changes->heard = rack_new(maximum);
	text_init(&changes->key, INVENTORY_RECORD_ID_MAXIMUM + 2);
	text_init(&changes->record, INVENTORY_RECORD_MAXIMUM);
	return changes;
}

void
collect_changes_free(struct collect_changes *changes)
{
	if (changes == NULL)
		return;
	rack_free(changes->heard);
	text_release(&changes->key);
	text_release(&changes->record);
	free(changes);
}

/* False when its id is longer than any that may be written. */
static bool
make_key(struct collect_changes *changes, const struct fact *fact)
{
	text_clear(&changes->key);
	text_add_char(&changes->key, (char)('a' + (int)fact->kind));
	text_add(&changes->key, fact->id);
	return !changes->key.overflow;
}

/* The time at which a fact was stated is nothing that it says. */
static bool
hash_of(
    struct collect_changes *changes, const struct fact *fact, uint64_t *hash)
{
	struct fact timeless = *fact;
	uint64_t cut = 0;

	timeless.at = INSTANT_PAST;
	text_clear(&changes->record);
	if (!inventory_record_line(&changes->record, &timeless, &cut))
		return false;
	*hash =
	    hash_octets(&hash_key, changes->record.at, changes->record.length);
	return true;
}

static void
remember(
    struct collect_changes *changes, const struct fact *fact, uint64_t hash)
{
	size_t length = fact->cluster == NULL ? 0 : strlen(fact->cluster);
	struct heard *heard = allocate(1, sizeof(*heard) + length + 1);

	heard->hash = hash;
	heard->list = changes->lists;
	heard->kind = fact->kind;
	heard->cluster = (char *)(heard + 1);
	if (length > 0)
		memcpy(heard->cluster, fact->cluster, length);
	(void)rack_put(changes->heard, changes->key.at, heard);
}

/* Returns whether the fact says something new. */
static bool
note(struct collect_changes *changes, const struct fact *fact)
{
	struct heard *heard;
	uint64_t hash;

	if (fact->kind == FACT_SEEN || !make_key(changes, fact))
		return true;
	heard = rack_get(changes->heard, changes->key.at);
	if (fact->gone) {
		rack_remove(changes->heard, changes->key.at);
		return heard != NULL;
	}
	/* What cannot be written is for the writer to count. */
	if (!hash_of(changes, fact, &hash))
		return true;
	if (heard != NULL && heard->hash == hash) {
		heard->list = changes->lists;
		return false;
	}
	remember(changes, fact, hash);
	return true;
}

static bool
take(const struct fact *fact, void *context)
{
	struct collect_changes *changes = context;

	return !note(changes, fact) || fact_give(&changes->taker, fact);
}

struct fact_taker
collect_changes_taker(struct collect_changes *changes)
{
	return (struct fact_taker){take, changes};
}

uint64_t
collect_changes_begin(struct collect_changes *changes)
{
	return ++changes->lists;
}

size_t
collect_changes_end(struct collect_changes *changes, uint64_t list,
    bool (*belongs)(enum fact_kind kind, const char *id, void *context),
    void *context, struct instant at)
{
	size_t count = 0;

	for (size_t i = 0; i < rack_places(changes->heard); i++) {
		const struct heard *heard = rack_at(changes->heard, i);
		const char *key = rack_name(changes->heard, i);
		struct fact fact = {.gone = true, .id = key + 1, .at = at};

		if (heard == NULL || heard->list >= list ||
		    !belongs(heard->kind, key + 1, context))
			continue;
		fact.kind = heard->kind;
		fact.cluster = heard->cluster;
		(void)fact_give(&changes->taker, &fact);
		rack_remove(changes->heard, key);
		count++;
	}
	return count;
}
