#include "sensor/run/observation_store.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/run/observation_check.h"

/* More than any two drained batches need; it doubles from here. */
#define CAPACITY_MINIMUM ((size_t)1 << 16)

/* A server's name is no longer (RFC 1035, 2.3.4), with its NUL. */
#define NAME_MAXIMUM 256

/* At most so many workers' backlogs are merged. */
#define BACKLOGS_MAXIMUM 64

/* An observation as it lies in a backlog; then its texts and octets. */
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

/* --- copies --------------------------------------------------------------- */

static bool
has_flow(const struct observation *one)
{
	return one->kind != OBSERVED_CLOCK;
}

static uint32_t
name_size(const struct observation *one)
{
	size_t length;

	if (!has_flow(one) || one->asked.text == NULL)
		return 0;
	length = strlen(one->asked.text);
	return length < NAME_MAXIMUM ? (uint32_t)length + 1 : 0;
}

static uint32_t
payload_size(const struct observation *one)
{
	size_t most = OBSERVATION_MAXIMUM - sizeof(struct stored) -
		      NAME_MAXIMUM - alignof(max_align_t);

	return one->payload_size < most ? one->payload_size : (uint32_t)most;
}

size_t
observation_size(const struct observation *one)
{
	return aligned(
	    sizeof(struct stored) + name_size(one) + payload_size(one));
}

void
observation_store(const struct observation *one, uint8_t *at)
{
	struct stored stored = {
	    .size = observation_size(one),
	    .head = *one,
	    .name_size = name_size(one),
	};

	stored.head.payload_size = payload_size(one);
	if (has_flow(one)) {
		stored.flow = *one->flow;
		stored.appid = *one->appid;
		stored.appid.ndpi = NULL; /* not for others */
	}
	memcpy(at, &stored, sizeof(stored));
	at += sizeof(stored);
	if (stored.name_size > 0)
		memcpy(at, one->asked.text, stored.name_size);
	if (stored.head.payload_size > 0)
		memcpy(at + stored.name_size, one->payload,
		    stored.head.payload_size);
}

static struct observation
observation_at(const struct stored *stored)
{
	struct observation one = stored->head;
	const uint8_t *rest = (const uint8_t *)(stored + 1);

	one.flow = &stored->flow;
	one.appid = &stored->appid;
	one.asked.text = stored->name_size == 0 ? NULL : (const char *)rest;
	one.payload = rest + stored->name_size;
	one.message.octets = one.payload;
	return one;
}

bool
observation_load(const uint8_t *at, size_t size, struct observation *one)
{
	const struct stored *stored = (const void *)at;
	const uint8_t *rest = at + sizeof(*stored);
	size_t left;

	if (size < sizeof(*stored) || stored->size != size)
		return false;
	left = size - sizeof(*stored);
	if (stored->name_size > left || stored->name_size > NAME_MAXIMUM ||
	    stored->head.payload_size > left - stored->name_size)
		return false;
	if (stored->name_size > 0 && memchr(rest, '\0', stored->name_size) !=
					 rest + stored->name_size - 1)
		return false;
	if (!observation_is_sound(&stored->head, &stored->flow, &stored->appid))
		return false;
	*one = observation_at(stored);
	return true;
}

/* --- backlogs ------------------------------------------------------------- */

static uint8_t *
backlog_room(struct backlog *backlog, size_t size)
{
	size_t capacity = backlog->capacity;
	uint8_t *octets;

	while (backlog->size + size > capacity)
		capacity = capacity == 0 ? CAPACITY_MINIMUM : 2 * capacity;
	if (capacity != backlog->capacity) {
		octets = allocate(capacity, 1);
		if (backlog->size > 0)
			memcpy(octets, backlog->octets, backlog->size);
		free(backlog->octets);
		backlog->octets = octets;
		backlog->capacity = capacity;
	}
	octets = backlog->octets + backlog->size;
	backlog->size += size;
	return octets;
}

void
backlog_add(struct backlog *backlog, const struct observation *one)
{
	observation_store(one, backlog_room(backlog, observation_size(one)));
}

static const struct stored *
stored_at(const struct backlog *backlog, size_t at)
{
	return (const void *)(backlog->octets + at);
}

static bool
is_earlier(const struct stored *a, const struct stored *b)
{
	return a->head.order != b->head.order ? a->head.order < b->head.order
					      : a->head.shard < b->head.shard;
}

void
backlogs_drain(struct backlog *backlogs, size_t count, take_observation *take,
    void *context)
{
	size_t at[BACKLOGS_MAXIMUM] = {0};
	struct observation one;

	assert(count <= BACKLOGS_MAXIMUM);
	for (;;) {
		const struct stored *first = NULL;
		size_t whose = 0;

		for (size_t i = 0; i < count; i++) {
			const struct stored *next;

			if (at[i] == backlogs[i].size)
				continue;
			next = stored_at(&backlogs[i], at[i]);
			if (first == NULL || is_earlier(next, first)) {
				first = next;
				whose = i;
			}
		}
		if (first == NULL)
			break;
		one = observation_at(first);
		take(&one, context);
		at[whose] += first->size;
	}
	for (size_t i = 0; i < count; i++)
		backlogs[i].size = 0;
}

void
backlog_release(struct backlog *backlog)
{
	free(backlog->octets);
	*backlog = (struct backlog){0};
}
