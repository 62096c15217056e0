#include "sensor/evidence.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "sensor/packet.h"

/* Entries of the index that a tag may be in: one line of the cache. */
#define WAYS 4

/*
 * Octets of the ring for each entry of the index.  A flow of one small packet
 * takes 104; were all like that, as in a flood, those of its older half could
 * not be found any more.
 */
#define OCTETS_PER_ENTRY 256

/* No writer comes that far in a thousand years. */
#define POSITION_MAXIMUM (UINT64_MAX / 2)

/* Octets of a flow are counted in these. */
#define UNIT 32

/*
 * Positions count every octet that was ever written; a record at a position is
 * whole as long as no more than the ring's size was reserved since.  A record
 * never lies across the ring's end.
 */
struct record {
	uint64_t
	    previous; /* 1 + the position of the flow's last one; 0: none */
	int64_t at;
	uint64_t number;
	uint32_t tag;
	uint32_t length;
	uint16_t captured;
	uint16_t link_type;
	uint16_t interface; /* 1 + its place among the names; 0: none */
	uint16_t spare;
};

struct entry {
	_Atomic uint64_t newest; /* 1 + the position of its last record */
	uint32_t tag;
	uint16_t packets, units; /* since the ring held none of it */
};

static_assert(sizeof(struct record) == 40, "records begin at eights");
static_assert(sizeof(struct entry) * WAYS == 64, "a set is a cache line");

/* The owner's part comes first, then the index, then the ring. */
struct evidence {
	_Atomic uint64_t reserved; /* the end of what is being written */
	size_t size;               /* of the ring, a power of two */
	uint32_t set_mask;         /* sets of the index, less one */
	uint32_t packets;          /* of one flow */
	uint16_t units;            /* likewise */
	uint16_t interface;        /* at hand; as in a record */
	_Atomic uint16_t name_count;
	struct evidence_counts counts;
	char names[EVIDENCE_INTERFACES][EVIDENCE_NAME_SIZE];
};

#define HEAD_SIZE ((sizeof(struct evidence) + 63) / 64 * 64)

/* --- layout --------------------------------------------------------------- */

/* The greatest power of two within what is given. */
static size_t
ring_size(const struct evidence_settings *settings)
{
	size_t size = EVIDENCE_MEMORY_LEAST;

	while (size <= settings->memory / 2 && size < EVIDENCE_MEMORY_MOST)
		size *= 2;
	return size;
}

static size_t
set_count(size_t ring)
{
	return ring / OCTETS_PER_ENTRY / WAYS;
}

size_t
evidence_size(const struct evidence_settings *settings)
{
	size_t ring = ring_size(settings);

	return HEAD_SIZE + set_count(ring) * WAYS * sizeof(struct entry) + ring;
}

static struct entry *
index_of(struct evidence *evidence)
{
	return (void *)((char *)evidence + HEAD_SIZE);
}

static const struct entry *
index_read(const struct evidence *evidence)
{
	return (const void *)((const char *)evidence + HEAD_SIZE);
}

static size_t
ring_offset(size_t ring)
{
	return HEAD_SIZE + set_count(ring) * WAYS * sizeof(struct entry);
}

static void
set_up(struct evidence *evidence, const struct evidence_settings *settings)
{
	size_t units = settings->octets / UNIT;

	evidence->size = ring_size(settings);
	evidence->set_mask = (uint32_t)set_count(evidence->size) - 1;
	evidence->packets = settings->packets;
	evidence->units = (uint16_t)(units > UINT16_MAX ? UINT16_MAX : units);
}

struct evidence *
evidence_new(const struct evidence_settings *settings)
{
	struct evidence *evidence = mmap(NULL, evidence_size(settings),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (evidence == MAP_FAILED)
		return NULL;
	set_up(evidence, settings);
	return evidence;
}

/*
 * What was counted stays, for sums are of all that wrote here, unless nobody
 * would count so far; one that died between two of them left them apart.
 */
static void
keep_counts(struct evidence_counts *counts)
{
	if (counts->kept > POSITION_MAXIMUM ||
	    counts->beyond > POSITION_MAXIMUM ||
	    counts->forgotten > POSITION_MAXIMUM)
		*counts = (struct evidence_counts){0};
	counts->offered = counts->kept + counts->beyond;
}

void
evidence_restart(
    struct evidence *evidence, const struct evidence_settings *settings)
{
	uint64_t reserved =
	    atomic_load_explicit(&evidence->reserved, memory_order_relaxed);
	size_t ring = ring_size(settings);

	/* Who reads goes on from where it was, if that can be believed. */
	reserved = reserved > POSITION_MAXIMUM ? 0 : reserved / ring + 2;
	keep_counts(&evidence->counts);
	evidence->interface = 0;
	atomic_store(&evidence->name_count, 0);
	memset(evidence->names, 0, sizeof(evidence->names));
	memset(index_of(evidence), 0, ring_offset(ring) - HEAD_SIZE);
	atomic_store_explicit(
	    &evidence->reserved, reserved * ring, memory_order_relaxed);
	set_up(evidence, settings);
}

void
evidence_free(
    struct evidence *evidence, const struct evidence_settings *settings)
{
	if (evidence != NULL)
		(void)munmap(evidence, evidence_size(settings));
}

/* --- writing -------------------------------------------------------------- */

void
evidence_set_interface(struct evidence *evidence, const char *name)
{
	uint16_t count =
	    atomic_load_explicit(&evidence->name_count, memory_order_relaxed);

	evidence->interface = 0;
	if (name == NULL || name[0] == '\0')
		return;
	for (uint16_t i = 0; i < count; i++)
		if (strncmp(evidence->names[i], name, EVIDENCE_NAME_SIZE - 1) ==
		    0) {
			evidence->interface = (uint16_t)(i + 1);
			return;
		}
	if (count == EVIDENCE_INTERFACES)
		return;
	(void)snprintf(evidence->names[count], EVIDENCE_NAME_SIZE, "%s", name);
	evidence->interface = (uint16_t)(count + 1);
	atomic_store_explicit(
	    &evidence->name_count, evidence->interface, memory_order_release);
}

static uint64_t
newest_of(const struct entry *entry)
{
	return atomic_load_explicit(&entry->newest, memory_order_relaxed);
}

/* Whether the ring still has a record, of which this is 1 + the position. */
static bool
is_there(uint64_t reserved, uint64_t ring, uint64_t place)
{
	return place != 0 && reserved - (place - 1) <= ring;
}

void
evidence_prefetch(const struct evidence *evidence, uint32_t tag)
{
	__builtin_prefetch(
	    index_read(evidence) + (size_t)(tag & evidence->set_mask) * WAYS,
	    1);
	__builtin_prefetch((const char *)evidence +
			       ring_offset(evidence->size) +
			       (atomic_load_explicit(
				    &evidence->reserved, memory_order_relaxed) &
				   (evidence->size - 1)),
	    1);
}

/* The entry of a tag, or the one to take: empty, or silent for longest. */
static struct entry *
find_entry(struct evidence *evidence, uint32_t tag)
{
	struct entry *set =
	    index_of(evidence) + (size_t)(tag & evidence->set_mask) * WAYS;
	struct entry *oldest = set;

	for (int i = 0; i < WAYS; i++) {
		if (set[i].tag == tag && newest_of(&set[i]) != 0)
			return &set[i];
		if (newest_of(&set[i]) < newest_of(oldest))
			oldest = &set[i];
	}
	return oldest;
}

/* Room for that many octets; what was there is as good as gone. */
static uint64_t
reserve(struct evidence *evidence, uint64_t size)
{
	uint64_t at =
	    atomic_load_explicit(&evidence->reserved, memory_order_relaxed);
	uint64_t left = evidence->size - (at & (evidence->size - 1));

	if (left < size)
		at += left;
	atomic_store_explicit(
	    &evidence->reserved, at + size, memory_order_relaxed);
	/* Whoever sees what is written next sees that it was reserved. */
	atomic_thread_fence(memory_order_release);
	return at;
}

static void
write_record(struct evidence *evidence, struct entry *entry, uint32_t tag,
    const struct packet *packet)
{
	struct record record = {
	    .previous = newest_of(entry),
	    .at = packet->at.ns,
	    .number = packet->number,
	    .tag = tag,
	    .length = packet->length,
	    .captured = (uint16_t)(packet->captured < EVIDENCE_SNAPLEN
				       ? packet->captured
				       : EVIDENCE_SNAPLEN),
	    .link_type = (uint16_t)packet->link_type,
	    .interface = evidence->interface,
	};
	uint64_t size =
	    (sizeof(record) + record.captured + 7) / 8 * UINT64_C(8);
	uint64_t at = reserve(evidence, size);
	char *place = (char *)evidence + ring_offset(evidence->size) +
		      (at & (evidence->size - 1));

	memcpy(place, &record, sizeof(record));
	memcpy(place + sizeof(record), packet->octets, record.captured);
	entry->packets++;
	entry->units =
	    (uint16_t)(entry->units + (record.captured + UNIT - 1U) / UNIT);
	atomic_store_explicit(&entry->newest, at + 1, memory_order_release);
}

void
evidence_packet(
    struct evidence *evidence, uint32_t tag, const struct packet *packet)
{
	struct entry *entry = find_entry(evidence, tag);
	uint64_t reserved =
	    atomic_load_explicit(&evidence->reserved, memory_order_relaxed);
	bool there = is_there(reserved, evidence->size, newest_of(entry));

	evidence->counts.offered++;
	if (entry->tag != tag || newest_of(entry) == 0) {
		evidence->counts.forgotten += there;
		atomic_store_explicit(&entry->newest, 0, memory_order_relaxed);
		entry->tag = tag;
		there = false;
	}
	if (!there) {
		entry->packets = 0;
		entry->units = 0;
	} else if (entry->packets >= evidence->packets ||
		   entry->units >= evidence->units) {
		evidence->counts.beyond++;
		return;
	}
	evidence->counts.kept++;
	write_record(evidence, entry, tag, packet);
}

struct evidence_counts
evidence_counts(const struct evidence *evidence)
{
	return evidence->counts;
}

/* --- reading -------------------------------------------------------------- */

/* What stands in the memory may change at any time, and be anything. */
struct reader {
	const struct evidence *evidence;
	size_t ring;
	uint32_t tag;
};

/* The ring when nobody writes; else what was reserved by now. */
static bool
still_there(const struct reader *reader, uint64_t place)
{
	atomic_thread_fence(memory_order_acquire);
	return is_there(atomic_load_explicit(
			    &reader->evidence->reserved, memory_order_relaxed),
	    reader->ring, place);
}

/* Copies a record's head, and its octets where `octets` has room for them. */
static bool
copy_record(const struct reader *reader, uint64_t place, struct record *head,
    uint8_t octets[EVIDENCE_SNAPLEN])
{
	size_t offset = (size_t)((place - 1) & (reader->ring - 1));
	const char *at =
	    (const char *)reader->evidence + ring_offset(reader->ring) + offset;

	if (place == 0 || offset > reader->ring - sizeof(*head))
		return false;
	memcpy(head, at, sizeof(*head));
	if (head->captured > EVIDENCE_SNAPLEN ||
	    head->captured > reader->ring - sizeof(*head) - offset)
		return false;
	if (octets != NULL)
		memcpy(octets, at + sizeof(*head), head->captured);
	return still_there(reader, place) && head->tag == reader->tag;
}

static uint64_t
find_newest(const struct reader *reader)
{
	size_t mask = set_count(reader->ring) - 1;
	const struct entry *set =
	    index_read(reader->evidence) + (reader->tag & mask) * WAYS;

	for (int i = 0; i < WAYS; i++) {
		uint64_t newest =
		    atomic_load_explicit(&set[i].newest, memory_order_acquire);

		if (newest != 0 && set[i].tag == reader->tag)
			return newest;
	}
	return 0;
}

static void
copy_name(const struct evidence *evidence, uint16_t interface,
    char name[EVIDENCE_NAME_SIZE])
{
	name[0] = '\0';
	if (interface == 0 || interface > EVIDENCE_INTERFACES)
		return;
	memcpy(name, evidence->names[interface - 1], EVIDENCE_NAME_SIZE);
	name[EVIDENCE_NAME_SIZE - 1] = '\0';
}

static bool
read_packet(
    const struct reader *reader, uint64_t place, struct evidence_packet *packet)
{
	struct record head;

	if (!copy_record(reader, place, &head, packet->octets))
		return false;
	packet->at = (struct instant){head.at};
	packet->number = head.number;
	packet->length = head.length;
	packet->captured = head.captured;
	packet->link_type = head.link_type;
	copy_name(reader->evidence, head.interface, packet->interface);
	return true;
}

/*
 * Follows the records back to the first that is wanted, the newest first.
 *
 * returns    how many there are
 */
static size_t
follow(const struct reader *reader, uint64_t from, size_t most,
    uint64_t places[EVIDENCE_PACKETS_MOST], bool *missed)
{
	uint64_t place = find_newest(reader);
	size_t count = 0;

	while (place > from && count < most) {
		struct record head;

		if (!copy_record(reader, place, &head, NULL))
			break;
		places[count++] = place;
		/* Older ones lie before; else somebody made this up. */
		if (head.previous >= place)
			break;
		place = head.previous;
	}
	/* There are never more than `most` of a flow, so the rest is gone. */
	if (place > from)
		*missed = true;
	return count;
}

size_t
evidence_read(const struct evidence *evidence,
    const struct evidence_settings *settings, uint32_t tag, uint64_t *from,
    void (*take)(const struct evidence_packet *packet, void *context),
    void *context, bool *missed)
{
	const struct reader reader = {evidence, ring_size(settings), tag};
	uint64_t places[EVIDENCE_PACKETS_MOST];
	struct evidence_packet packet;
	size_t most = settings->packets, taken = 0, count;

	if (most > EVIDENCE_PACKETS_MOST)
		most = EVIDENCE_PACKETS_MOST;
	count = follow(&reader, *from, most, places, missed);
	while (count-- > 0) {
		*from = places[count];
		if (!read_packet(&reader, places[count], &packet)) {
			*missed = true;
			continue;
		}
		take(&packet, context);
		taken++;
	}
	return taken;
}
