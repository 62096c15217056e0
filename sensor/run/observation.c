#include "sensor/run/observation.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

/* More than any two drained batches need; it doubles from here. */
#define CAPACITY_MINIMUM ((size_t)1 << 16)

/* At most so many workers' journals are merged. */
#define JOURNALS_MAXIMUM 64

/* An observation as it lies in a journal; then its texts and octets. */
struct stored {
	size_t size; /* with what follows, aligned */
	struct observation head;
	struct flow flow;
	struct appid_flow appid;
	uint32_t name_size; /* with its NUL; 0: none */
};

static size_t
aligned(size_t size)
{
	size_t unit = alignof(max_align_t);

	return (size + unit - 1) / unit * unit;
}

static uint8_t *
journal_room(struct journal *journal, size_t size)
{
	size_t capacity = journal->capacity;
	uint8_t *octets;

	while (journal->size + size > capacity)
		capacity = capacity == 0 ? CAPACITY_MINIMUM : 2 * capacity;
	if (capacity != journal->capacity) {
		octets = allocate(capacity, 1);
		if (journal->size > 0)
			memcpy(octets, journal->octets, journal->size);
		free(journal->octets);
		journal->octets = octets;
		journal->capacity = capacity;
	}
	octets = journal->octets + journal->size;
	journal->size += size;
	return octets;
}

void
journal_add(struct journal *journal, const struct observation *one)
{
	bool has_flow = one->kind != OBSERVED_CLOCK;
	const char *name = has_flow ? one->asked.text : NULL;
	struct stored stored = {
	    .head = *one,
	    .name_size = name == NULL ? 0 : (uint32_t)strlen(name) + 1,
	};
	uint8_t *at;

	if (has_flow) {
		stored.flow = *one->flow;
		stored.appid = *one->appid;
	}
	stored.size =
	    aligned(sizeof(stored) + stored.name_size + one->payload_size);
	at = journal_room(journal, stored.size);
	memcpy(at, &stored, sizeof(stored));
	at += sizeof(stored);
	if (stored.name_size > 0)
		memcpy(at, name, stored.name_size);
	if (one->payload_size > 0)
		memcpy(at + stored.name_size, one->payload, one->payload_size);
}

static const struct stored *
stored_at(const struct journal *journal, size_t at)
{
	return (const void *)(journal->octets + at);
}

static void
hand_over(const struct stored *stored, take_observation *take, void *context)
{
	struct observation one = stored->head;
	const uint8_t *rest = (const uint8_t *)(stored + 1);

	one.flow = &stored->flow;
	one.appid = &stored->appid;
	one.asked.text = stored->name_size == 0 ? NULL : (const char *)rest;
	one.payload = rest + stored->name_size;
	one.message.octets = one.payload;
	take(&one, context);
}

static bool
is_earlier(const struct stored *a, const struct stored *b)
{
	return a->head.order != b->head.order ? a->head.order < b->head.order
					      : a->head.shard < b->head.shard;
}

void
journals_drain(struct journal *journals, size_t count, take_observation *take,
    void *context)
{
	size_t at[JOURNALS_MAXIMUM] = {0};

	assert(count <= JOURNALS_MAXIMUM);
	for (;;) {
		const struct stored *first = NULL;
		size_t whose = 0;

		for (size_t i = 0; i < count; i++) {
			const struct stored *next;

			if (at[i] == journals[i].size)
				continue;
			next = stored_at(&journals[i], at[i]);
			if (first == NULL || is_earlier(next, first)) {
				first = next;
				whose = i;
			}
		}
		if (first == NULL)
			break;
		hand_over(first, take, context);
		at[whose] += first->size;
	}
	for (size_t i = 0; i < count; i++)
		journals[i].size = 0;
}

void
journal_release(struct journal *journal)
{
	free(journal->octets);
	*journal = (struct journal){0};
}
