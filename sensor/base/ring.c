#include "sensor/base/ring.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

/* What each side writes is in cache lines of its own. */
struct ring_shared {
	_Alignas(64) _Atomic uint64_t head;   /* the writer's: what is there */
	_Alignas(64) _Atomic uint64_t tail;   /* the reader's: what is done */
	_Alignas(64) _Atomic uint32_t asleep; /* the reader is */
};

_Static_assert(sizeof(struct ring_shared) <= RING_HEADER, "RING_HEADER");

/* Before each record. */
struct head {
	uint32_t size, kind;
};

static struct ring
ring_over(void *memory, size_t capacity)
{
	assert(capacity >= 64 && (capacity & (capacity - 1)) == 0);
	return (struct ring){
	    .shared = memory,
	    .octets = (uint8_t *)memory + RING_HEADER,
	    .capacity = capacity,
	};
}

struct ring
ring_writer(void *memory, size_t capacity)
{
	struct ring ring = ring_over(memory, capacity);

	ring.at = atomic_load(&ring.shared->head);
	return ring;
}

struct ring
ring_reader(void *memory, size_t capacity)
{
	struct ring ring = ring_over(memory, capacity);

	ring.at = atomic_load(&ring.shared->tail);
	return ring;
}

/* --- the writer ----------------------------------------------------------- */

size_t
ring_room(const struct ring *ring)
{
	uint64_t tail =
	    atomic_load_explicit(&ring->shared->tail, memory_order_acquire);
	uint64_t used = ring->at - tail;

	/* A reader that says nonsense gets nothing. */
	if (used > ring->capacity ||
	    ring->capacity - used < sizeof(struct head))
		return 0;
	return (size_t)(ring->capacity - used - sizeof(struct head));
}

static void
put(struct ring *ring, const void *octets, size_t size)
{
	size_t at = (size_t)(ring->at & (ring->capacity - 1));
	size_t first = (size_t)ring->capacity - at;

	if (first > size)
		first = size;
	if (first > 0)
		memcpy(ring->octets + at, octets, first);
	if (size > first)
		memcpy(ring->octets, (const uint8_t *)octets + first,
		    size - first);
	ring->at += size;
}

bool
ring_begin(struct ring *ring, uint32_t kind, size_t size)
{
	struct head head = {.size = (uint32_t)size, .kind = kind};

	if (size > UINT32_MAX || ring_room(ring) < size)
		return false;
	ring->end = ring->at + sizeof(head) + size;
	put(ring, &head, sizeof(head));
	return true;
}

void
ring_put(struct ring *ring, const void *octets, size_t size)
{
	assert(size <= ring->end - ring->at);
	put(ring, octets, size);
}

void
ring_end(struct ring *ring)
{
	assert(ring->at == ring->end);
	atomic_store_explicit(
	    &ring->shared->head, ring->at, memory_order_release);
}

bool
ring_write(struct ring *ring, uint32_t kind, const void *octets, size_t size)
{
	if (!ring_begin(ring, kind, size))
		return false;
	ring_put(ring, octets, size);
	ring_end(ring);
	return true;
}

/* Either he sees what was written, or we see that he sleeps: both sides write
 * first and look then, in one order for all. */
bool
ring_wake(struct ring *ring)
{
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&ring->shared->asleep, memory_order_relaxed) ==
	    0)
		return false;
	return atomic_exchange(&ring->shared->asleep, 0) != 0;
}

/* --- the reader ----------------------------------------------------------- */

size_t
ring_waiting(const struct ring *ring)
{
	uint64_t head =
	    atomic_load_explicit(&ring->shared->head, memory_order_acquire);

	return (size_t)(head - ring->at);
}

static void
get(const struct ring *ring, uint64_t from, void *octets, size_t size)
{
	size_t at = (size_t)(from & (ring->capacity - 1));
	size_t first = (size_t)ring->capacity - at;

	if (first > size)
		first = size;
	memcpy(octets, ring->octets + at, first);
	if (size > first)
		memcpy((uint8_t *)octets + first, ring->octets, size - first);
}

bool
ring_read(
    struct ring *ring, uint32_t *kind, void *record, size_t most, size_t *size)
{
	size_t waiting = ring_waiting(ring);
	struct head head;

	if (ring->broken || waiting == 0)
		return false;
	if (waiting > ring->capacity || waiting < sizeof(head)) {
		ring->broken = true;
		return false;
	}
	get(ring, ring->at, &head, sizeof(head));
	if (head.size > most || head.size > waiting - sizeof(head)) {
		ring->broken = true;
		return false;
	}
	get(ring, ring->at + sizeof(head), record, head.size);
	*kind = head.kind;
	*size = head.size;
	ring->at += sizeof(head) + head.size;
	atomic_store_explicit(
	    &ring->shared->tail, ring->at, memory_order_release);
	return true;
}

bool
ring_sleep(struct ring *ring)
{
	atomic_store(&ring->shared->asleep, 1);
	atomic_thread_fence(memory_order_seq_cst);
	if (ring->broken || ring_waiting(ring) == 0)
		return true;
	atomic_store(&ring->shared->asleep, 0);
	return false;
}

void
ring_skip(struct ring *ring)
{
	ring->at = atomic_load(&ring->shared->head);
	ring->broken = false;
	atomic_store(&ring->shared->tail, ring->at);
}
