#include "sensor/run/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/finding.h"
#include "alerts/record.h"
#include "sensor/base/arena.h"
#include "sensor/decode/decode.h"
#include "sensor/flow_key.h"
#include "sensor/packet.h"

/* A sentence is cut before this; then a packet's number follows. */
#define COMMENT_SIZE 900

struct source {
	const struct evidence *evidence;
	struct hash_key secret;
};

/* A finding that is looked after. */
struct watch {
	struct flow_key key;  /* of its flow */
	struct instant first; /* when that began, as it was stamped */
	struct instant until; /* INSTANT_PAST until it was looked at once */
	uint64_t from[WITNESS_SOURCES];
	uint64_t written;
	bool missed;
	char comment[COMMENT_SIZE];
};

struct witness {
	struct witness_settings settings;
	struct source sources[WITNESS_SOURCES];
	size_t source_count;
	struct evidence_file *file;
	struct watch watches[WITNESS_FINDINGS]; /* a ring, oldest first */
	size_t first, count;
	struct witness_counts counts;
};

/* --- packets -------------------------------------------------------------- */

struct writing {
	struct witness *witness;
	struct watch *watch;
};

/* Whether a packet is of that flow, and of no earlier one between its ends. */
static bool
is_of(const struct watch *watch, const struct evidence_packet *packet)
{
	const struct packet captured = {
	    .octets = packet->octets,
	    .captured = packet->captured,
	    .length = packet->length,
	    .link_type = packet->link_type,
	};
	struct frame frame;
	struct flow_key key;

	if (instant_before(packet->at, watch->first) ||
	    decode_packet(&captured, &frame) != FRAME_OK)
		return false;
	(void)flow_key_of(frame.icmp_error ? &frame.quoted : &frame.key, &key);
	return key.protocol == watch->key.protocol &&
	       key.ends[0].port == watch->key.ends[0].port &&
	       key.ends[1].port == watch->key.ends[1].port &&
	       address_equal(
		   &key.ends[0].address, &watch->key.ends[0].address) &&
	       address_equal(&key.ends[1].address, &watch->key.ends[1].address);
}

static void
write_packet(const struct evidence_packet *packet, void *context)
{
	const struct writing *writing = context;
	struct watch *watch = writing->watch;
	char comment[EVIDENCE_COMMENT_MAXIMUM];

	if (!is_of(watch, packet))
		return;
	(void)snprintf(comment, sizeof(comment), "%s (packet %llu)",
	    watch->comment, (unsigned long long)packet->number);
	evidence_file_packet(writing->witness->file, packet, comment);
	watch->written++;
}

static void
look_at(struct witness *witness, struct watch *watch)
{
	struct writing writing = {witness, watch};

	for (size_t i = 0; i < witness->source_count; i++) {
		const struct source *source = &witness->sources[i];

		(void)evidence_read(source->evidence,
		    &witness->settings.evidence,
		    flow_key_tag(&watch->key, &source->secret), &watch->from[i],
		    write_packet, &writing, &watch->missed);
	}
}

/* --- findings ------------------------------------------------------------- */

static struct watch *
oldest(struct witness *witness)
{
	return &witness->watches[witness->first];
}

static void
end_oldest(struct witness *witness)
{
	const struct watch *watch = oldest(witness);

	if (watch->written == 0)
		witness->counts.none++;
	else if (watch->missed)
		witness->counts.partial++;
	else
		witness->counts.whole++;
	witness->first = (witness->first + 1) % WITNESS_FINDINGS;
	witness->count--;
}

static struct watch *
new_watch(struct witness *witness)
{
	struct watch *watch;

	if (witness->count == WITNESS_FINDINGS) {
		look_at(witness, oldest(witness));
		witness->counts.hurried++;
		end_oldest(witness);
	}
	watch = &witness->watches[(witness->first + witness->count) %
				  WITNESS_FINDINGS];
	witness->count++;
	return watch;
}

void
witness_raised(const struct finding *finding, const struct record_flow *about,
    struct instant at, void *context)
{
	struct witness *witness = context;
	const struct flow *flow = about->flow;
	struct watch *watch;

	(void)at; /* what the next look says of time is what it goes by */
	if (flow == NULL)
		return;
	witness->counts.findings++;
	watch = new_watch(witness);
	*watch = (struct watch){
	    .key =
		{
		    .ends = {flow->ends[0], flow->ends[1]},
		    .domain = flow->domain,
		    .protocol = flow->protocol,
		},
	    .first = flow->first,
	    .until = INSTANT_PAST,
	};
	(void)snprintf(watch->comment, sizeof(watch->comment),
	    "hedgerow finding %s: %s", finding->uid, finding->signature);
	look_at(witness, watch);
	evidence_file_flush(witness->file);
}

bool
witness_is_busy(const struct witness *witness)
{
	return witness->count > 0;
}

static struct instant
later(struct instant at, int64_t by)
{
	return at.ns > INT64_MAX - by ? INSTANT_FUTURE
				      : (struct instant){at.ns + by};
}

void
witness_look(struct witness *witness, struct instant now)
{
	if (witness->count == 0)
		return;
	for (size_t i = 0; i < witness->count; i++) {
		struct watch *watch =
		    &witness->watches[(witness->first + i) % WITNESS_FINDINGS];

		look_at(witness, watch);
		if (watch->until.ns == INSTANT_PAST.ns)
			watch->until = later(now, witness->settings.follow);
	}
	while (
	    witness->count > 0 && !instant_before(now, oldest(witness)->until))
		end_oldest(witness);
	evidence_file_flush(witness->file);
}

void
witness_finish(struct witness *witness)
{
	witness_look(witness, INSTANT_FUTURE);
}

/* --- life ----------------------------------------------------------------- */

int
witness_reopen(struct witness *witness)
{
	return evidence_file_reopen(witness->file);
}

int
witness_give(struct witness *witness, uid_t user, gid_t group)
{
	return evidence_file_give(witness->file, user, group);
}

struct witness_counts
witness_counts(const struct witness *witness)
{
	struct witness_counts counts = witness->counts;

	counts.file = evidence_file_counts(witness->file);
	return counts;
}

void
witness_source(struct witness *witness, const struct evidence *evidence,
    const struct hash_key *secret)
{
	if (witness->source_count < WITNESS_SOURCES)
		witness->sources[witness->source_count++] =
		    (struct source){evidence, *secret};
}

struct witness *
witness_new(const struct witness_settings *settings, int *error)
{
	struct witness *witness = allocate(1, sizeof(*witness));

	witness->settings = *settings;
	witness->file = evidence_file_open(&settings->file, error);
	if (witness->file != NULL)
		return witness;
	free(witness);
	return NULL;
}

void
witness_free(struct witness *witness)
{
	if (witness == NULL)
		return;
	evidence_file_close(witness->file);
	free(witness);
}
