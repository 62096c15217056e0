#include "sensor/reassembly.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/address.h"
#include "sensor/decode/decode.h"
#include "sensor/frame.h"
#include "sensor/packet.h"

/*
 * datagrams  half as many as there are blocks, for most take two.  Suricata
 *            has 65,535 trackers (defrag.trackers).
 * octets     32 MiB, as Suricata (defrag.memcap); Linux gives each network
 *            namespace 4 MiB (ipfrag_high_thresh).
 * timeout    30 s, as Linux for IPv4 (ipfrag_time).  RFC 1122 asks for 60 s or
 *            more and RFC 8200 for 60 s, which is what Linux does for IPv6
 *            (ip6frag_time) and Suricata for both; but to wait longer than the
 *            receiver lets old octets into a new datagram, and to give up
 *            early only costs payload, for what came is handed out even so.
 */
const struct reassembly_limits reassembly_limits_default = {
    .datagrams = 16384,
    .octets = (size_t)32 << 20,
    .timeout = 30 * NS_PER_SECOND,
};

/*
 * How late the copy of a packet may be, in ns; sensor/flow_duplicate.c has the
 * reasons.  Copies are compared octet by octet, so that a new datagram that
 * takes an identification at once is not taken for one.
 */
#define COPY_WINDOW (20 * NS_PER_MS)

#define NO_PLACE UINT32_MAX

#define IPV4_SIZE 20
#define IPV6_SIZE 40

#define ROOM_SIZE (IPV6_SIZE + DATAGRAM_MAXIMUM)

/* Hashed and compared as octets, so it has no padding. */
struct place_key {
	struct address source, destination;
	struct tunnel tunnel;
	uint32_t identification;
	uint32_t domain;
	uint16_t vlans[FRAME_VLANS_MAXIMUM];
	uint8_t vlan_count;
	uint8_t protocol; /* 0 in IPv6 */
};

_Static_assert(sizeof(struct place_key) ==
		   2 * sizeof(struct address) + sizeof(struct tunnel) +
		       2 * sizeof(uint32_t) + FRAME_VLANS_MAXIMUM * 2 + 2,
    "has padding");
_Static_assert(
    sizeof(struct tunnel) == 2 * sizeof(struct address) + 8, "has padding");

/* One datagram: it waits, or it is whole and its copies are waited for. */
struct place {
	struct place_key key;
	struct datagram datagram;
	struct instant since; /* when it began to wait, or was whole */
	struct instant last;  /* as its last fragment was stamped */
	uint64_t last_number; /* and its number */
	uint64_t octets;      /* of IP, over all its fragments */
	uint32_t packets;
	uint32_t bucket;
	uint32_t older, newer; /* in its list */
	uint32_t next;         /* in its bucket, or among the spare */
	uint8_t layers;        /* the most that any fragment lay behind */
	bool whole;
	bool has_header;
	uint8_t header[IPV6_SIZE]; /* of the fragment at offset 0 */
};

/* Places by how long they are in it. */
struct place_list {
	uint32_t oldest, newest;
};

/*
 * Places from `untouched` on were never used, so that memory is only taken
 * from the system as it fills.
 */
struct reassembly {
	struct place *places;
	uint32_t *buckets; /* heads; as many as `mask` + 1 */
	uint32_t mask;
	uint32_t untouched, spare;
	uint32_t used; /* places in the lists */
	struct place_list waiting, whole;
	struct datagram_pool pool;
	/* Where datagrams are put together.  Two of them, for the fragment
	 * inside a whole datagram is added while others are given up. */
	uint8_t *whole_room, *partial_room;
	struct reassembly_limits limits;
	struct hash_key secret;
	struct instant now;
	struct reassembly_counts counts;
	datagram_ready *ready;
	void *context;
};

/* --- life ----------------------------------------------------------------- */

static bool
take_memory(struct reassembly *r)
{
	bool pool = datagram_pool_init(&r->pool, r->limits.octets);
	uint32_t buckets = 1;

	while (buckets < r->limits.datagrams && buckets < UINT32_C(1) << 31)
		buckets *= 2;
	r->mask = buckets - 1;
	r->buckets = calloc(buckets, sizeof(r->buckets[0]));
	r->places = calloc(r->limits.datagrams, sizeof(r->places[0]));
	r->whole_room = malloc(ROOM_SIZE);
	r->partial_room = malloc(ROOM_SIZE);
	if (r->buckets == NULL)
		return false;
	for (uint32_t i = 0; i < buckets; i++)
		r->buckets[i] = NO_PLACE;
	return pool && r->places != NULL && r->whole_room != NULL &&
	       r->partial_room != NULL;
}

struct reassembly *
reassembly_new(const struct reassembly_limits *limits,
    const struct hash_key *key, datagram_ready *ready, void *context)
{
	struct reassembly *r = calloc(1, sizeof(*r));

	assert(limits->datagrams > 0 && limits->datagrams < NO_PLACE);
	if (r == NULL)
		return NULL;
	r->limits = *limits;
	r->spare = NO_PLACE;
	r->waiting = r->whole = (struct place_list){NO_PLACE, NO_PLACE};
	r->secret = *key;
	r->now = INSTANT_PAST;
	r->ready = ready;
	r->context = context;
	if (!take_memory(r)) {
		reassembly_free(r); /* which leaves errno as it is */
		return NULL;
	}
	return r;
}

void
reassembly_free(struct reassembly *r)
{
	if (r == NULL)
		return;
	datagram_pool_release(&r->pool);
	free(r->buckets);
	free(r->places);
	free(r->whole_room);
	free(r->partial_room);
	free(r);
}

struct reassembly_counts
reassembly_counts(const struct reassembly *r)
{
	return r->counts;
}

/* --- places --------------------------------------------------------------- */

static struct place_key
key_of(const struct frame *fragment)
{
	struct place_key key = {
	    .source = fragment->key.source,
	    .destination = fragment->key.destination,
	    .tunnel = fragment->tunnel,
	    .identification = fragment->fragment.identification,
	    .domain = fragment->key.domain,
	    .vlan_count = fragment->vlan_count,
	};

	memcpy(key.vlans, fragment->vlans, sizeof(key.vlans));
	/* In IPv6 only the first fragment says what the whole carries. */
	if (address_is_ipv4(&key.source))
		key.protocol = fragment->key.protocol;
	return key;
}

/* Puts a place at the young end of the list that it belongs in. */
static void
list_append(struct reassembly *r, uint32_t at)
{
	struct place *place = &r->places[at];
	struct place_list *list = place->whole ? &r->whole : &r->waiting;

	place->since = r->now;
	place->older = list->newest;
	place->newer = NO_PLACE;
	if (list->newest == NO_PLACE)
		list->oldest = at;
	else
		r->places[list->newest].newer = at;
	list->newest = at;
}

static void
list_remove(struct reassembly *r, uint32_t at)
{
	const struct place *place = &r->places[at];
	struct place_list *list = place->whole ? &r->whole : &r->waiting;

	if (place->older == NO_PLACE)
		list->oldest = place->newer;
	else
		r->places[place->older].newer = place->newer;
	if (place->newer == NO_PLACE)
		list->newest = place->older;
	else
		r->places[place->newer].older = place->older;
}

static void
place_free(struct reassembly *r, uint32_t at)
{
	struct place *place = &r->places[at];
	uint32_t *link = &r->buckets[place->bucket];

	while (*link != at)
		link = &r->places[*link].next;
	*link = place->next;
	list_remove(r, at);
	datagram_end(&r->pool, &place->datagram);
	place->next = r->spare;
	r->spare = at;
	r->used--;
	r->counts.live -= !place->whole;
}

/* From now on only copies of its fragments are waited for. */
static void
place_become_whole(struct reassembly *r, uint32_t at)
{
	list_remove(r, at);
	r->places[at].whole = true;
	list_append(r, at);
	r->counts.live--;
	r->counts.whole++;
}

/* Whether a list's oldest place is in it for so long; not when it is empty. */
static bool
is_due(
    const struct reassembly *r, const struct place_list *list, int64_t timeout)
{
	/* Unsigned, for stamps may be further apart than 2^63 ns. */
	return list->oldest != NO_PLACE &&
	       (uint64_t)r->now.ns -
		       (uint64_t)r->places[list->oldest].since.ns >=
		   (uint64_t)timeout;
}

/* --- handing out ---------------------------------------------------------- */

static void
put_be16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/*
 * Keeps the header for the whole datagram, as if it had never been in pieces:
 * IPv4 options and IPv6 extension headers before the fragment header are left
 * out.  Checksums are not trusted here, so none is made.
 */
static void
keep_header(struct place *place, const struct frame *fragment)
{
	uint8_t *header = place->header;

	if (address_is_ipv4(&place->key.source)) {
		memcpy(header, fragment->ip, IPV4_SIZE);
		header[0] = 0x45;
		put_be16(header + 6, 0);
	} else {
		memcpy(header, fragment->ip, IPV6_SIZE);
		header[6] = fragment->key.protocol;
	}
	place->has_header = true;
}

/* The packets and octets of the frame that a datagram came to. */
static void
sum_fragments(const struct place *place, struct frame *frame)
{
	uint64_t octets = place->octets;

	frame->packets = place->packets;
	frame->ip_length = octets > UINT32_MAX ? UINT32_MAX : (uint32_t)octets;
}

/* Puts a datagram together in `room`, as far as it came, and decodes it. */
static struct packet
put_together(const struct reassembly *r, const struct place *place,
    uint8_t *room, bool whole, struct frame *frame)
{
	bool ipv4 = address_is_ipv4(&place->key.source);
	uint32_t header = ipv4 ? IPV4_SIZE : IPV6_SIZE;
	struct datagram_extent extent =
	    datagram_read(&r->pool, &place->datagram, room + header);
	struct packet packet = {
	    .octets = room,
	    .captured = header + extent.captured,
	    .length = header + extent.length,
	    .at = place->last,
	    .number = place->last_number,
	    .link_type = 101, /* LINKTYPE_RAW */
	};

	memcpy(room, place->header, header);
	if (ipv4)
		put_be16(room + 2, packet.length);
	else
		put_be16(room + 4, extent.length);
	*frame = (struct frame){
	    .tunnel = place->key.tunnel,
	    .vlan_count = place->key.vlan_count,
	    .layers = place->layers,
	};
	memcpy(frame->vlans, place->key.vlans, sizeof(frame->vlans));
	decode_datagram(room, packet.captured, packet.length, whole, frame);
	frame->key.domain = frame->quoted.domain = (uint16_t)place->key.domain;
	/* What a tunnel carried came in one packet of its own. */
	if (frame->ip == room)
		sum_fragments(place, frame);
	return packet;
}

static void
hand_out(struct reassembly *r, const struct packet *packet,
    const struct frame *frame)
{
	if (frame->status == FRAME_OK)
		r->ready(packet, frame, r->context);
	else
		r->counts.unreadable++;
}

/*
 * Gives up a datagram that is not whole.
 *
 * why        the counter of the reason
 */
static void
give_up(struct reassembly *r, uint32_t at, uint64_t *why)
{
	const struct place *place = &r->places[at];
	struct frame frame = {.status = FRAME_SHORT};
	struct packet packet = {.number = 0};

	if (place->has_header)
		packet = put_together(r, place, r->partial_room, false, &frame);
	place_free(r, at);
	++*why;
	hand_out(r, &packet, &frame);
}

void
reassembly_expire(struct reassembly *r, struct instant now)
{
	if (instant_before(r->now, now))
		r->now = now;
	while (is_due(r, &r->whole, COPY_WINDOW))
		place_free(r, r->whole.oldest);
	while (is_due(r, &r->waiting, r->limits.timeout))
		give_up(r, r->waiting.oldest, &r->counts.timed_out);
}

void
reassembly_end_all(struct reassembly *r)
{
	while (r->whole.oldest != NO_PLACE)
		place_free(r, r->whole.oldest);
	while (r->waiting.oldest != NO_PLACE)
		give_up(r, r->waiting.oldest, &r->counts.ended);
}

/* --- fragments ------------------------------------------------------------ */

/*
 * Looks at a fragment for itself.
 *
 * returns    false when it cannot be a part of any datagram
 */
static bool
read_piece(struct reassembly *r, const struct frame *fragment,
    struct datagram_piece *piece)
{
	bool ipv4 = address_is_ipv4(&fragment->key.source);
	uint32_t limit = DATAGRAM_MAXIMUM - (ipv4 ? IPV4_SIZE : 0);
	uint32_t odd = fragment->payload_length % DATAGRAM_UNIT;

	*piece = (struct datagram_piece){
	    .octets = fragment->payload,
	    .captured = fragment->payload_captured,
	    .length = fragment->payload_length,
	    .offset = fragment->fragment.offset,
	    .more = fragment->fragment.more,
	};
	if (piece->more && odd != 0 && !ipv4) {
		r->counts.misaligned++;
		return false;
	}
	if (piece->more && odd != 0) {
		r->counts.trimmed++;
		piece->length -= odd;
	}
	if (piece->captured > piece->length)
		piece->captured = piece->length;
	if (piece->length == 0) {
		r->counts.empty++;
		return false;
	}
	if (piece->length > limit || piece->offset > limit - piece->length) {
		r->counts.too_long++;
		return false;
	}
	return true;
}

/* RFC 1858: nobody sends so little first who does not want to hide. */
static bool
is_tiny(const struct frame *fragment, const struct datagram_piece *piece)
{
	if (piece->offset != 0)
		return false;
	switch (fragment->key.protocol) {
	case PROTOCOL_TCP:
		return piece->length < 20;
	case PROTOCOL_SCTP:
		return piece->length < 12;
	default: /* the headers of the others fit into one unit */
		return false;
	}
}

static uint32_t
find_place(
    const struct reassembly *r, const struct place_key *key, uint32_t bucket)
{
	uint32_t at = r->buckets[bucket];

	while (at != NO_PLACE &&
	       memcmp(&r->places[at].key, key, sizeof(*key)) != 0)
		at = r->places[at].next;
	return at;
}

/* Whoever waits no longer goes first, then who waits longest; `keep` stays. */
static void
evict_one(struct reassembly *r, uint32_t keep)
{
	uint32_t at = r->waiting.oldest;

	if (r->whole.oldest != NO_PLACE) {
		place_free(r, r->whole.oldest);
		return;
	}
	if (at == keep)
		at = r->places[at].newer;
	/* There is room for one datagram of any size: `keep` is not all. */
	assert(at != NO_PLACE);
	give_up(r, at, &r->counts.evicted);
}

static uint32_t
begin_place(struct reassembly *r, const struct place_key *key, uint32_t bucket)
{
	struct place *place;
	uint32_t at;

	if (r->used == r->limits.datagrams)
		evict_one(r, NO_PLACE);
	at = r->spare;
	if (at == NO_PLACE)
		at = r->untouched++;
	else
		r->spare = r->places[at].next;
	place = &r->places[at];
	*place = (struct place){
	    .key = *key, .bucket = bucket, .next = r->buckets[bucket]};
	r->buckets[bucket] = at;
	datagram_begin(&place->datagram);
	list_append(r, at);
	r->used++;
	r->counts.begun++;
	r->counts.live++;
	return at;
}

/*
 * The place of a fragment's datagram.  One that is whole makes way, unless the
 * fragment is a copy of one of its own.
 *
 * returns    NO_PLACE for a copy
 */
static uint32_t
place_for(struct reassembly *r, const struct frame *fragment,
    const struct datagram_piece *piece)
{
	struct place_key key = key_of(fragment);
	uint32_t bucket =
	    (uint32_t)hash_octets(&r->secret, &key, sizeof(key)) & r->mask;
	uint32_t at = find_place(r, &key, bucket);

	if (at != NO_PLACE && r->places[at].whole) {
		if (datagram_holds(&r->pool, &r->places[at].datagram, piece)) {
			r->counts.repeated++;
			return NO_PLACE;
		}
		place_free(r, at);
		at = NO_PLACE;
	}
	return at == NO_PLACE ? begin_place(r, &key, bucket) : at;
}

/* A fragment may itself be a datagram that came in fragments. */
static void
note_packet(struct place *place, const struct packet *packet,
    const struct frame *fragment)
{
	place->packets += fragment->packets;
	place->octets += fragment->ip_length;
	place->last = packet->at;
	place->last_number = packet->number;
	if (place->layers < fragment->layers)
		place->layers = fragment->layers;
	if (fragment->fragment.offset == 0 && !place->has_header)
		keep_header(place, fragment);
}

/*
 * Adds a piece that lies so to what has come.
 *
 * returns    false when that ends the datagram
 */
static bool
take_piece(struct reassembly *r, uint32_t at,
    const struct datagram_piece *piece, const struct datagram_fit *fit)
{
	struct place *place = &r->places[at];

	if (fit->contradicts || datagram_overlaps(fit)) {
		if (fit->contradicts)
			r->counts.contradicted++;
		else
			r->counts.overlapping++;
		r->counts.overlapped++;
		place_free(r, at);
		return false;
	}
	while (r->pool.left < fit->blocks)
		evict_one(r, at);
	datagram_add(&r->pool, &place->datagram, piece);
	return true;
}

/*
 * Adds one fragment.
 *
 * returns    true with `*whole` and `*frame` when its datagram is whole now
 */
static bool
add_one(struct reassembly *r, const struct packet *packet,
    const struct frame *fragment, struct packet *whole, struct frame *frame)
{
	struct datagram_piece piece;
	struct datagram_fit fit;
	struct place *place;
	uint32_t at;

	r->counts.fragments++;
	if (!read_piece(r, fragment, &piece))
		return false;
	r->counts.tiny += is_tiny(fragment, &piece);
	at = place_for(r, fragment, &piece);
	if (at == NO_PLACE)
		return false;
	place = &r->places[at];
	fit = datagram_compare(&r->pool, &place->datagram, &piece);
	if (!take_piece(r, at, &piece, &fit))
		return false;
	if (fit.fresh > 0 || fit.ends)
		note_packet(place, packet, fragment);
	else
		r->counts.repeated++;
	if (!datagram_is_whole(&place->datagram))
		return false;
	*whole = put_together(r, place, r->whole_room, true, frame);
	place_become_whole(r, at);
	return true;
}

void
reassembly_add(struct reassembly *r, const struct packet *packet,
    const struct frame *fragment, struct instant now)
{
	struct packet whole = *packet;
	struct frame frame = *fragment;

	assert(frame.status == FRAME_FRAGMENT);
	reassembly_expire(r, now);
	/* A datagram that holds a fragment lies behind fewer layers than that
	 * does, so this ends with FRAME_TOO_DEEP at the latest. */
	do {
		struct packet outer = whole;
		struct frame inner = frame;

		if (!add_one(r, &outer, &inner, &whole, &frame))
			return;
	} while (frame.status == FRAME_FRAGMENT);
	hand_out(r, &whole, &frame);
}
