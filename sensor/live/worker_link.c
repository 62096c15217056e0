#include "sensor/live/worker_link.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sensor/base/arena.h"

/*
 * The counts are there twice: one is shown while the other is written, so a
 * worker that dies while it writes leaves the one that is shown whole.
 */
struct worker_shared {
	_Alignas(64) _Atomic uint64_t again;   /* the sensor's */
	_Alignas(64) _Atomic uint64_t version; /* of the counts: which */
	_Atomic int64_t progress;
	struct worker_counts counts[2];
};

/* Where things lie in the memory. */
#define PAGE        ((size_t)4096)
#define FIRST       ((sizeof(struct worker_shared) + PAGE - 1) / PAGE * PAGE)
#define RING_SIZE   (RING_HEADER + WORKER_RING)
#define MEMORY_SIZE (FIRST + RING_SIZE)

/* What has to stay free for others when an observation that can be spared is
 * told: see the header. */
#define SPARED_FIRST  (WORKER_RING / 4)
#define SPARED_SECOND (WORKER_RING / 8)

/* --- life ----------------------------------------------------------------- */

bool
worker_link_make(struct worker_link *link)
{
	void *memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*link = (struct worker_link){.to_sensor = -1, .to_worker = -1};
	if (memory == MAP_FAILED)
		return false;
	link->shared = memory;
	link->size = MEMORY_SIZE;
	atomic_store(&link->shared->progress, INT64_MIN);
	link->to_sensor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	link->to_worker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (link->to_sensor >= 0 && link->to_worker >= 0)
		return true;
	worker_link_release(link);
	return false;
}

void
worker_link_release(struct worker_link *link)
{
	if (link->shared == NULL)
		return;
	(void)munmap(link->shared, link->size);
	if (link->to_sensor >= 0)
		(void)close(link->to_sensor);
	if (link->to_worker >= 0)
		(void)close(link->to_worker);
	*link = (struct worker_link){.to_sensor = -1, .to_worker = -1};
}

static void *
ring_memory(const struct worker_link *link, size_t at)
{
	return (uint8_t *)link->shared + at;
}

/* It can only be full of wakings, and one is enough. */
static void
wake(int descriptor)
{
	const uint64_t one = 1;

	(void)!write(descriptor, &one, sizeof(one));
}

/* --- the worker's side ---------------------------------------------------- */

static bool
is_untold(const struct worker_teller *teller, uint32_t at)
{
	return (teller->untold[at / 64] >> at % 64 & 1) != 0;
}

static void
nap(void)
{
	const struct timespec time = {.tv_nsec = 1000 * 1000};

	(void)nanosleep(&time, NULL);
}

/*
 * Waits for room, which comes as long as the sensor reads; only when no packet
 * is waiting for us.
 */
static bool
wait_for_room(struct worker_teller *teller, size_t size)
{
	int64_t naps = teller->patience / NS_PER_MS;
	size_t before = ring_room(&teller->ring);

	for (int64_t i = 0; i < naps && ring_room(&teller->ring) < size; i++) {
		if (ring_wake(&teller->ring))
			wake(teller->link->to_sensor);
		nap();
		if (ring_room(&teller->ring) != before)
			i = 0;
		before = ring_room(&teller->ring);
	}
	return ring_room(&teller->ring) >= size;
}

static bool
has_room(struct worker_teller *teller, size_t size)
{
	return ring_room(&teller->ring) >= size ||
	       (teller->patience > 0 && wait_for_room(teller, size));
}

/* Begins with what the worker before counted: sums are of all of them. */
void
worker_teller_begin(struct worker_teller *teller, struct worker_link *link,
    uint32_t first, uint32_t flows)
{
	*teller = (struct worker_teller){
	    .link = link,
	    .ring = ring_writer(ring_memory(link, FIRST), WORKER_RING),
	    .first = first,
	    .flows = flows,
	    .untold = allocate(flows / 64 + 1, sizeof(*teller->untold)),
	    .scratch = allocate(1, OBSERVATION_MAXIMUM),
	    .patience = 10 * NS_PER_SECOND,
	};
	worker_link_counts(link, &teller->before);
	teller->before.observer.shards.flows.live = 0;
	teller->before.processes++;
	if (has_room(teller, sizeof(teller->before)))
		(void)ring_write(&teller->ring, WORKER_HELLO, &teller->before,
		    sizeof(teller->before));
	teller->patience = 0;
}

void
worker_teller_release(struct worker_teller *teller)
{
	free(teller->untold);
	free(teller->scratch);
	*teller = (struct worker_teller){.link = NULL};
}

static size_t
spared(enum observation_kind kind)
{
	switch (kind) {
	case OBSERVED_PACKET:
	case OBSERVED_ANSWER:
	case OBSERVED_MESSAGE:
	case OBSERVED_PROGRESS:
		return SPARED_FIRST;
	case OBSERVED_READY:
		return SPARED_SECOND;
	case OBSERVED_END:
	case OBSERVED_CLOCK:
		return 0;
	}
	return 0;
}

/* The end of the flow that had this conversation before is owed. */
static bool
tell_lost(struct worker_teller *teller, uint32_t at)
{
	uint32_t conversation = teller->first + at;

	if (!has_room(teller, sizeof(conversation)) ||
	    !ring_write(&teller->ring, WORKER_LOST, &conversation,
		sizeof(conversation)))
		return false;
	teller->untold[at / 64] &= ~(UINT64_C(1) << at % 64);
	teller->untold_count--;
	return true;
}

static bool
tell(struct worker_teller *teller, const struct observation *one)
{
	uint32_t at = one->conversation - teller->first;
	size_t size = observation_size(one);

	if (!has_room(teller, size + spared(one->kind)))
		return false;
	if (one->kind != OBSERVED_CLOCK && is_untold(teller, at) &&
	    !tell_lost(teller, at))
		return false;
	if (!has_room(teller, size))
		return false;
	observation_store(one, teller->scratch);
	return ring_write(
	    &teller->ring, WORKER_OBSERVATION, teller->scratch, size);
}

void
worker_tell(const struct observation *one, void *context)
{
	struct worker_teller *teller = context;
	uint32_t at = one->conversation - teller->first;

	if (tell(teller, one))
		return;
	teller->counts.unsaid[one->kind]++;
	if (one->kind != OBSERVED_END || is_untold(teller, at))
		return;
	teller->untold[at / 64] |= UINT64_C(1) << at % 64;
	teller->untold_count++;
}

bool
worker_is_crowded(const struct worker_teller *teller)
{
	return ring_room(&teller->ring) < WORKER_RING / 2;
}

static void
add_numbers(uint64_t *sum, const uint64_t *one, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sum[i] += one[i];
}

static void
add_interfaces(struct worker_counts *sum, const struct worker_counts *one)
{
	for (size_t i = 0; i < LIVE_INTERFACES; i++) {
		struct capture_live_counts *to = &sum->interfaces[i].counts;
		const struct capture_live_counts *from =
		    &one->interfaces[i].counts;

		sum->interfaces[i].status = one->interfaces[i].status;
		to->received += from->received;
		to->dropped += from->dropped;
		to->interface += from->interface;
		to->taken += from->taken;
		to->octets += from->octets;
		to->downs += from->downs;
	}
}

void
worker_publish(struct worker_teller *teller, struct instant progress)
{
	struct worker_shared *shared = teller->link->shared;
	uint64_t version = atomic_load(&shared->version) + 1;
	struct worker_counts *shown = &shared->counts[version & 1];

	*shown = teller->before;
	observer_counts_add(&shown->observer, &teller->counts.observer);
	add_interfaces(shown, &teller->counts);
	add_numbers(shown->unsaid, teller->counts.unsaid, OBSERVATION_KINDS);
	shown->waits += teller->counts.waits;
	atomic_store(&shared->version, version);
	atomic_store(&shared->progress, progress.ns);
	if (ring_wake(&teller->ring))
		wake(teller->link->to_sensor);
}

void
worker_teller_end(struct worker_teller *teller, int64_t patience)
{
	teller->patience = patience;
	for (uint32_t at = 0; at < teller->flows && teller->untold_count > 0;
	     at++)
		if (is_untold(teller, at) && !tell_lost(teller, at))
			break;
	if (has_room(teller, 0))
		(void)ring_write(&teller->ring, WORKER_BYE, NULL, 0);
	worker_publish(teller, INSTANT_FUTURE);
	wake(teller->link->to_sensor);
}

uint64_t
worker_link_again(const struct worker_link *link)
{
	return atomic_load(&link->shared->again);
}

/* --- the sensor's side ---------------------------------------------------- */

struct ring
worker_link_reader(const struct worker_link *link)
{
	return ring_reader(ring_memory(link, FIRST), WORKER_RING);
}

void
worker_link_say_again(struct worker_link *link)
{
	atomic_fetch_add(&link->shared->again, 1);
	wake(link->to_worker);
}

/* While it is copied the worker may show the other and begin on this one. */
void
worker_link_counts(const struct worker_link *link, struct worker_counts *counts)
{
	const struct worker_shared *shared = link->shared;

	for (int tries = 0; tries < 1000; tries++) {
		uint64_t version = atomic_load(&shared->version);

		memcpy(counts, &shared->counts[version & 1], sizeof(*counts));
		atomic_thread_fence(memory_order_seq_cst);
		if (atomic_load(&shared->version) == version)
			break;
	}
	for (size_t i = 0; i < LIVE_INTERFACES; i++) {
		unsigned status;

		memcpy(&status, &counts->interfaces[i].status, sizeof(status));
		if (status > CAPTURE_LIVE_GONE)
			counts->interfaces[i].status = CAPTURE_LIVE_GONE;
	}
}

uint64_t
worker_link_losses(const struct worker_link *link)
{
	const struct worker_shared *shared = link->shared;
	const struct worker_counts *shown =
	    &shared->counts[atomic_load(&shared->version) & 1];
	uint64_t losses = 0;

	for (size_t i = 0; i < LIVE_INTERFACES; i++)
		losses += shown->interfaces[i].counts.dropped +
			  shown->interfaces[i].counts.interface;
	return losses;
}

struct instant
worker_link_progress(const struct worker_link *link)
{
	return (struct instant){atomic_load(&link->shared->progress)};
}
