/*
 * Random fragments beside a model that keeps a list of datagrams, an octet and
 * a mark for each place in them, and searches for everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sensor/decode/decode.h"
#include "sensor/reassembly.h"
#include "tests/unit/packet_builder.h"

#define DATAGRAMS   5
#define BLOCKS      DATAGRAM_BLOCKS
#define TIMEOUT     (30 * NS_PER_SECOND)
#define COPY_WINDOW (20 * NS_PER_MS)
#define PLAIN       253 /* a protocol without a header of its own */

enum { HOLE, CAME, CAPTURED };

struct model_datagram {
	unsigned name; /* the identification */
	bool ipv6;
	uint8_t octets[DATAGRAM_MAXIMUM + 1];
	uint8_t marks[DATAGRAM_MAXIMUM + 1];
	uint32_t runs[DATAGRAM_MAXIMUM + 1]; /* the name of each octet's run */
	uint32_t last_run;
	uint32_t reach, packets, ip_octets;
	bool ended, first, whole;
	int64_t since; /* when it began to wait, or was whole */
};

/* What has to come out, or how many datagrams come to nothing. */
struct expected {
	bool ipv6;
	uint32_t captured, length, packets, ip_octets;
	uint8_t octets[DATAGRAM_MAXIMUM + 1];
};

struct model {
	/* The whole first, each sort oldest first. */
	struct model_datagram *datagrams[DATAGRAMS + 1];
	unsigned count, whole;
	struct expected *expected; /* in order */
	unsigned due, came;
	struct reassembly_counts counts;
	int64_t now;
};

#define EXPECTED_MAXIMUM 64

/* One fragment as the model sees it. */
struct sent {
	unsigned name;
	bool ipv6, more;
	uint32_t offset, length, captured;
	uint8_t octets[3000];
};

/* xorshift64 (Marsaglia, 2003). */
static uint64_t
random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static uint32_t
random_below(uint64_t *state, uint32_t bound)
{
	return (uint32_t)(random_next(state) >> 20) % bound;
}

/* --- model ---------------------------------------------------------------- */

static void
model_remove(struct model *model, unsigned at)
{
	model->whole -= model->datagrams[at]->whole;
	free(model->datagrams[at]);
	model->count--;
	for (unsigned i = at; i < model->count; i++)
		model->datagrams[i] = model->datagrams[i + 1];
}

static void
model_hand_out(struct model *model, const struct model_datagram *d)
{
	struct expected *expected = &model->expected[model->due];

	if (!d->first) {
		model->counts.unreadable++;
		return;
	}
	assert_true(model->due < EXPECTED_MAXIMUM);
	model->due++;
	*expected = (struct expected){
	    .ipv6 = d->ipv6,
	    .packets = d->packets,
	    .ip_octets = d->ip_octets,
	};
	while (expected->captured < d->reach &&
	       d->marks[expected->captured] == CAPTURED)
		expected->captured++;
	while (
	    expected->length < d->reach && d->marks[expected->length] != HOLE)
		expected->length++;
	memcpy(expected->octets, d->octets, expected->captured);
}

static void
model_give_up(struct model *model, unsigned at)
{
	model_hand_out(model, model->datagrams[at]);
	model_remove(model, at);
}

static uint32_t
model_blocks(const struct model_datagram *d)
{
	uint32_t blocks = 0;

	for (uint32_t at = 0; at < d->reach; at++) {
		if (d->marks[at] == HOLE)
			continue;
		blocks++;
		at |= DATAGRAM_BLOCK - 1; /* the last of the block */
	}
	return blocks;
}

static uint32_t
model_blocks_in_use(const struct model *model)
{
	uint32_t blocks = 0;

	for (unsigned i = 0; i < model->count; i++)
		blocks += model_blocks(model->datagrams[i]);
	return blocks;
}

static void
model_expire(struct model *model, int64_t now)
{
	if (model->now < now)
		model->now = now;
	while (model->whole > 0 &&
	       model->now - model->datagrams[0]->since >= COPY_WINDOW)
		model_remove(model, 0);
	while (model->count > model->whole &&
	       model->now - model->datagrams[model->whole]->since >= TIMEOUT) {
		model->counts.timed_out++;
		model_give_up(model, model->whole);
	}
}

/* A whole one goes first, then the oldest but `keep`. */
static void
model_evict(struct model *model, const struct model_datagram *keep)
{
	unsigned at = model->whole;

	if (model->whole > 0) {
		model_remove(model, 0);
		return;
	}
	model->counts.evicted++;
	model_give_up(model, at + (model->datagrams[at] == keep));
}

static bool
model_holds(const struct model_datagram *d, const struct sent *sent)
{
	uint32_t end = sent->offset + sent->length;

	if (end > d->reach || sent->more == (end == d->reach))
		return false;
	for (uint32_t i = 0; i < sent->captured; i++)
		if (d->marks[sent->offset + i] == CAPTURED &&
		    d->octets[sent->offset + i] != sent->octets[i])
			return false;
	return true;
}

static struct model_datagram *
model_begin(struct model *model, const struct sent *sent)
{
	struct model_datagram *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	if (model->count == DATAGRAMS)
		model_evict(model, NULL);
	d->name = sent->name;
	d->ipv6 = sent->ipv6;
	d->since = model->now;
	model->counts.begun++;
	return model->datagrams[model->count++] = d;
}

/* The datagram of a fragment, or NULL for a copy. */
static struct model_datagram *
model_find(struct model *model, const struct sent *sent)
{
	for (unsigned i = 0; i < model->count; i++) {
		struct model_datagram *d = model->datagrams[i];

		if (d->name != sent->name || d->ipv6 != sent->ipv6)
			continue;
		if (!d->whole)
			return d;
		if (model_holds(d, sent)) {
			model->counts.repeated++;
			return NULL;
		}
		model_remove(model, i);
		break;
	}
	return model_begin(model, sent);
}

static void
model_become_whole(struct model *model, unsigned at)
{
	struct model_datagram *d = model->datagrams[at];

	model->counts.whole++;
	model_hand_out(model, d);
	d->whole = true;
	d->since = model->now;
	for (; at > model->whole; at--)
		model->datagrams[at] = model->datagrams[at - 1];
	model->datagrams[model->whole++] = d;
}

/* The unit that holds the last octet counts as come, all of it. */
static uint32_t
end_of_units(const struct sent *sent)
{
	return (sent->offset + sent->length + 7) / 8 * 8;
}

static void
model_put(struct model_datagram *d, const struct sent *sent, bool news)
{
	uint32_t end = sent->offset + sent->length;

	/* Only what is put at the very end goes on with the run there. */
	if (sent->offset == 0 || sent->offset != d->reach)
		d->last_run++;
	for (uint32_t i = sent->offset; i < end_of_units(sent); i++) {
		if (d->marks[i] == HOLE)
			d->runs[i] =
			    sent->offset != 0 && sent->offset == d->reach
				? d->runs[sent->offset - 1]
				: d->last_run;
		if (d->marks[i] != CAPTURED &&
		    i - sent->offset < sent->captured) {
			d->octets[i] = sent->octets[i - sent->offset];
			d->marks[i] = CAPTURED;
		} else if (d->marks[i] == HOLE) {
			d->marks[i] = CAME;
		}
	}
	if (end > d->reach)
		d->reach = end;
	if (!sent->more)
		d->ended = true;
	if (sent->offset == 0)
		d->first = true;
	if (!news)
		return;
	d->packets++;
	d->ip_octets += sent->length + (sent->ipv6 ? 48 : 20);
}

static bool
model_is_whole(const struct model_datagram *d)
{
	for (uint32_t i = 0; i < d->reach; i++)
		if (d->marks[i] == HOLE)
			return false;
	return d->ended;
}

/* The oldest others go until it all fits. */
static void
model_make_room(struct model *model, const struct model_datagram *keep)
{
	while (model_blocks_in_use(model) > BLOCKS)
		model_evict(model, keep);
}

static void
model_add(struct model *model, const struct sent *sent, int64_t now)
{
	struct model_datagram *d;
	uint32_t fresh = 0, known = 0, end = sent->offset + sent->length;
	unsigned at = 0;
	bool ends, disputed, seam = false;

	model_expire(model, now);
	model->counts.fragments++;
	d = model_find(model, sent);
	if (d == NULL)
		return;
	ends = !sent->more && !d->ended && end >= d->reach;
	disputed =
	    (d->ended && end > d->reach) || (!sent->more && end < d->reach);
	for (uint32_t i = sent->offset; i < end_of_units(sent); i++) {
		known += d->marks[i] != HOLE;
		fresh += d->marks[i] == HOLE;
		seam |= d->runs[i] != d->runs[sent->offset];
	}
	while (model->datagrams[at] != d)
		at++;
	if (disputed || (known > 0 && (fresh > 0 || seam))) {
		model->counts.contradicted += disputed;
		model->counts.overlapping += !disputed;
		model->counts.overlapped++;
		model_remove(model, at);
		return;
	}
	model->counts.repeated += fresh == 0 && !ends;
	model_put(d, sent, fresh > 0 || ends);
	model_make_room(model, d);
	if (!model_is_whole(d))
		return;
	for (at = 0; model->datagrams[at] != d; at++)
		;
	model_become_whole(model, at);
}

/* --- both ----------------------------------------------------------------- */

static void
check_out(const struct packet *packet, const struct frame *frame, void *context)
{
	struct model *model = context;
	const struct expected *expected = &model->expected[model->came];

	assert_true(model->came < model->due);
	model->came++;
	assert_int_equal(frame->key.protocol, PLAIN);
	assert_int_equal(address_is_ipv4(&frame->key.source), !expected->ipv6);
	assert_int_equal(frame->packets, expected->packets);
	assert_int_equal(frame->ip_length, expected->ip_octets);
	assert_int_equal(frame->payload_length, expected->length);
	assert_int_equal(frame->payload_captured, expected->captured);
	assert_memory_equal(
	    frame->payload, expected->octets, expected->captured);
	assert_int_equal(
	    packet->length, expected->length + (expected->ipv6 ? 40 : 20));
}

static void
check_counts(struct model *model, const struct reassembly *reassembly)
{
	struct reassembly_counts counts = reassembly_counts(reassembly);

	model->counts.live = model->count - model->whole;
	assert_memory_equal(&counts, &model->counts, sizeof(counts));
	assert_int_equal(model->came, model->due);
	model->came = model->due = 0;
}

/* What a run is like. */
struct course {
	uint32_t span;  /* units, in which fragments lie */
	uint32_t units; /* of one fragment at most */
	uint32_t names, step_ms;
	unsigned count;
	bool aligned; /* none of them overlap, nor say where the end is not */
};

static void
choose(uint64_t *seed, const struct course *course, struct sent *sent)
{
	uint32_t units = 1 + random_below(seed, course->units);

	sent->name = random_below(seed, course->names);
	sent->ipv6 = random_below(seed, 2) == 0;
	sent->more = random_below(seed, 4) != 0;
	sent->offset = 8 * random_below(seed, course->span);
	if (sent->offset == 0)
		sent->more = true;
	sent->length = 8 * units;
	if (sent->offset + sent->length > 8 * course->span)
		sent->more = false;
	if (!sent->more && random_below(seed, 2) == 0)
		sent->length -= random_below(seed, 8);
	if (course->aligned) {
		sent->length = 8 * course->units;
		sent->offset = sent->length *
			       random_below(seed, course->span / course->units);
		sent->more = sent->offset + sent->length < 8 * course->span;
	}
	sent->captured = sent->length;
	if (random_below(seed, 8) == 0)
		sent->captured = random_below(seed, sent->length + 1);
	for (uint32_t i = 0; i < sent->length; i++)
		sent->octets[i] = (uint8_t)random_next(seed);
}

static void
give(struct reassembly *reassembly, const struct sent *sent, int64_t now)
{
	struct packet_builder b = {0};
	struct packet packet;
	struct frame frame;

	if (sent->ipv6) {
		build_ipv6(&b, 1, 2, 44, 8 + sent->length);
		build_be32(&b, (uint32_t)PLAIN << 24 | sent->offset |
				   (sent->more ? 1 : 0));
		build_be32(&b, sent->name);
	} else {
		build_ipv4_fragment(&b, 1, 2, PLAIN, sent->length,
		    (sent->more ? 0x2000 : 0) | sent->offset / 8);
		b.octets[4] = 0;
		b.octets[5] = (uint8_t)sent->name;
	}
	for (uint32_t i = 0; i < sent->length; i++)
		build_u8(&b, sent->octets[i]);
	packet = build_packet(&b, 101);
	packet.captured -= sent->length - sent->captured;
	packet.at.ns = now;
	assert_int_equal(decode_packet(&packet, &frame), FRAME_FRAGMENT);
	reassembly_add(reassembly, &packet, &frame, packet.at);
}

static struct reassembly_counts
run(uint64_t seed, const struct course *course)
{
	static const struct hash_key key = {{3, 4}};
	struct reassembly_limits limits = {
	    .datagrams = DATAGRAMS,
	    .octets = (size_t)BLOCKS * DATAGRAM_BLOCK,
	    .timeout = TIMEOUT,
	};
	struct model model = {.now = INT64_MIN};
	struct reassembly *reassembly =
	    reassembly_new(&limits, &key, check_out, &model);
	int64_t now = 0;
	struct sent sent;

	assert_non_null(reassembly);
	model.expected = calloc(EXPECTED_MAXIMUM, sizeof(struct expected));
	assert_non_null(model.expected);
	for (unsigned i = 0; i < course->count; i++) {
		/* Now and then time goes back. */
		now += (random_below(&seed, course->step_ms) -
			   course->step_ms / INT64_C(6)) *
		       NS_PER_MS;
		/* Or else the last one comes again. */
		if (i == 0 || random_below(&seed, 4) != 0)
			choose(&seed, course, &sent);
		model_add(&model, &sent, now);
		give(reassembly, &sent, now);
		check_counts(&model, reassembly);
	}
	while (model.whole > 0)
		model_remove(&model, 0);
	while (model.count > 0) {
		model.counts.ended++;
		model_give_up(&model, 0);
	}
	reassembly_end_all(reassembly);
	check_counts(&model, reassembly);
	reassembly_free(reassembly);
	free(model.expected);
	return model.counts;
}

static void
test_random_fragments_of_small_datagrams(void **state)
{
	const struct course course = {5, 3, 4, 4000, 2000, false};

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct reassembly_counts counts = run(seed, &course);

		assert_true(counts.whole > 20 && counts.overlapped > 20);
		assert_true(counts.contradicted > 20 && counts.repeated > 20);
		assert_true(counts.timed_out > 20 && counts.evicted > 20);
		assert_true(counts.unreadable > 20);
	}
}

/* All their octets are more than the pool has. */
static void
test_random_fragments_of_large_datagrams(void **state)
{
	const struct course course = {5000, 250, 2, 100, 600, true};

	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct reassembly_counts counts = run(seed, &course);

		assert_true(counts.evicted > 5 && counts.repeated > 50);
	}
}

/* So small that most become whole. */
static void
test_random_fragments_that_become_whole(void **state)
{
	const struct course course = {3, 2, 2, 60, 2000, false};

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct reassembly_counts counts = run(seed, &course);

		assert_true(counts.whole > 100 && counts.repeated > 100);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_fragments_of_small_datagrams),
	    cmocka_unit_test(test_random_fragments_of_large_datagrams),
	    cmocka_unit_test(test_random_fragments_that_become_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
