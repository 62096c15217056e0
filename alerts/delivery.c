#include "alerts/delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerts/delivery_lane.h"
#include "alerts/journal_reader.h"
#include "sensor/base/arena.h"
#include "sensor/base/http.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"

#define SINKS_MAXIMUM 16

/* The wait after the first failure, and after the eighth and later. */
#define WAIT_FIRST (200 * NS_PER_MS)
#define WAIT_LAST  (30 * NS_PER_SECOND)

/* How often the journal is looked at, and cursors are saved. */
#define LOOK_INTERVAL (100 * NS_PER_MS)

/* So many looks are between two at what has left the journal. */
#define LOOKS_AT_GONE 10

#define MESSAGE_SIZE 512
#define WHY_SIZE     256
#define SAY_INTERVAL (60 * NS_PER_SECOND)

struct lane {
	struct delivery *delivery;
	struct sink_url *url;
	const struct lane_sink *sink;
	void *opened;
	struct journal_reader *reader;
	struct lane_record *records; /* a ring of LANE_RECORDS */
	size_t head, count;          /* oldest, and how many */
	size_t ready;  /* none of those before it, from the head, is READY */
	size_t octets; /* of all records */
	struct loop_timer *again;
	bool waiting;        /* for `again` */
	bool keeps_cursor;   /* or leaves it alone */
	bool dirty;          /* the cursor moved since it was saved */
	bool failing;        /* nothing went well since it went wrong */
	bool complained;     /* that was said */
	bool refusing;       /* that was said, too */
	struct instant said; /* when it was said that it fails */
	uint64_t gone;       /* left the journal, and is not read over yet */
	uint64_t gone_said;  /* dropped or gone when that was said */
	struct instant gone_said_at;
	char why[WHY_SIZE]; /* it failed last */
	unsigned failures_in_row;
	uint64_t expected;    /* sequence number that is read next */
	uint64_t to;          /* and the first one that is not sent */
	struct instant heard; /* a record was settled, or the first was read */
	struct delivery_range range;
	struct format_settings format;
	struct journal_cursor cursor;
	struct delivery_counts counts;
};

struct delivery {
	struct delivery_parts parts;
	int directory;
	struct http *http;
	struct loop_timer *look;
	uint64_t chance;
	unsigned looks; /* since what is gone was looked for */
	struct lane *lanes[SINKS_MAXIMUM];
	size_t count;
};

/* --- what a sink asks ----------------------------------------------------- */

const struct sink_url *
lane_url(const struct lane *lane)
{
	return lane->url;
}

struct loop *
lane_loop(const struct lane *lane)
{
	return lane->delivery->parts.loop;
}

struct http *
lane_http(struct lane *lane)
{
	if (lane->delivery->http == NULL)
		lane->delivery->http = http_new(lane_loop(lane));
	return lane->delivery->http;
}

const struct format_settings *
lane_format(const struct lane *lane)
{
	return &lane->format;
}

bool
lane_say(
    const struct lane *lane, const struct lane_record *record, struct text *out)
{
	if (lane->url->format != FORMAT_NATIVE)
		return format_line(out, lane->url->format, &lane->format,
		    record->octets, record->size);
	text_add_n(out, record->octets, record->size);
	return true;
}

size_t
lane_under_way(const struct lane *lane)
{
	return lane->count;
}

static struct lane_record *
at(const struct lane *lane, size_t index)
{
	return &lane->records[(lane->head + index) % LANE_RECORDS];
}

struct lane_record *
lane_oldest(struct lane *lane)
{
	return lane->count == 0 ? NULL : at(lane, 0);
}

bool
lane_is_full(const struct lane *lane)
{
	return lane->count == LANE_RECORDS || lane->octets >= LANE_OCTETS;
}

__attribute__((format(printf, 2, 3))) static void
say(const struct lane *lane, const char *format, ...)
{
	const struct delivery_parts *parts = &lane->delivery->parts;
	char message[MESSAGE_SIZE];
	va_list arguments;
	int used = snprintf(message, sizeof(message), "%s: ", lane->url->shown);

	if (parts->say == NULL || used < 0 || used >= (int)sizeof(message))
		return;
	va_start(arguments, format);
	(void)vsnprintf(
	    message + used, sizeof(message) - (size_t)used, format, arguments);
	va_end(arguments);
	parts->say(message, parts->context);
}

/* --- the journal's side --------------------------------------------------- */

/* A gap that was met is no longer ahead. */
static void
drop(struct lane *lane, uint64_t records)
{
	lane->counts.dropped += records;
	lane->gone -= records < lane->gone ? records : lane->gone;
}

/*
 * The next record that is wanted; a gap before it is what was dropped.
 *
 * missing    gets how many were dropped before it
 */
static bool
read_wanted(struct lane *lane, struct journal_record *read, uint64_t *missing)
{
	const struct delivery_range *range = &lane->range;

	*missing = 0;
	while (lane->expected < lane->to &&
	       journal_reader_next(lane->reader, read)) {
		uint64_t end =
		    read->sequence < lane->to ? read->sequence : lane->to;

		*missing += end - lane->expected;
		drop(lane, end - lane->expected);
		lane->expected = end;
		if (end == lane->to)
			return false;
		lane->expected++;
		if (range->wanted == NULL ||
		    range->wanted(read, range->context))
			return true;
		lane->counts.unwanted++;
	}
	return false;
}

/* Reads one more record. */
static bool
read_one(struct lane *lane)
{
	struct journal_record read;
	struct lane_record *record;
	uint64_t missing;

	if (lane_is_full(lane) || !read_wanted(lane, &read, &missing))
		return false;
	if (lane->count == 0)
		lane->heard = loop_steady(lane_loop(lane));
	record = at(lane, lane->count++);
	*record = (struct lane_record){
	    .sequence = read.sequence,
	    .missing = missing,
	    .at = read.at,
	    .octets = allocate(read.size + 1, 1),
	    .size = read.size,
	};
	memcpy(record->octets, read.octets, read.size);
	lane->octets += read.size;
	lane->counts.read++;
	return true;
}

struct lane_record *
lane_next(struct lane *lane)
{
	if (lane->waiting)
		return NULL;
	for (;; lane->ready++) {
		if (lane->ready == lane->count && !read_one(lane))
			return NULL;
		if (at(lane, lane->ready)->state == LANE_READY)
			return at(lane, lane->ready);
	}
}

/* The cursor moves over all that is done, from the oldest on. */
static void
forget_done(struct lane *lane)
{
	while (lane->count > 0 && at(lane, 0)->state == LANE_DONE) {
		struct lane_record *record = at(lane, 0);

		lane->cursor.next = record->sequence + 1;
		lane->cursor.dropped += record->missing;
		lane->cursor.refused += record->refused;
		lane->dirty = true;
		lane->octets -= record->size;
		free(record->octets);
		record->octets = NULL;
		lane->head = (lane->head + 1) % LANE_RECORDS;
		lane->count--;
		if (lane->ready > 0)
			lane->ready--;
	}
}

static void
save(struct lane *lane)
{
	if (!lane->dirty || !lane->keeps_cursor)
		return;
	/* On a full disk the old one stays, which costs duplicates only. */
	if (journal_cursor_save(
		lane->delivery->directory, lane->url->name, &lane->cursor) == 0)
		lane->dirty = false;
}

/* --- what becomes of a record --------------------------------------------- */

void
lane_sent(struct lane *lane, struct lane_record *record)
{
	record->state = LANE_SENT;
	record->sent = loop_steady(lane_loop(lane));
	lane->counts.sent++;
	if (record->tried)
		lane->counts.retried++;
	record->tried = true;
}

/* The next failure is a first one. */
void
lane_well(struct lane *lane)
{
	lane->failures_in_row = 0;
	lane->heard = loop_steady(lane_loop(lane));
	if (lane->complained)
		say(lane, "it takes alerts again");
	lane->failing = lane->complained = false;
}

void
lane_done(struct lane *lane, struct lane_record *record)
{
	record->state = LANE_DONE;
	lane->counts.acknowledged++;
	lane_well(lane);
	forget_done(lane);
}

void
lane_refuse(struct lane *lane, struct lane_record *record, const char *why)
{
	record->state = LANE_DONE;
	lane->counts.refused++;
	record->refused = true;
	if (!lane->refusing)
		say(lane,
		    "a record is refused and left out, as others may be: %s",
		    why);
	lane->refusing = true;
	lane->heard = loop_steady(lane_loop(lane));
	forget_done(lane);
}

static size_t
index_of(const struct lane *lane, const struct lane_record *record)
{
	size_t place = (size_t)(record - lane->records);

	return (place + LANE_RECORDS - lane->head) % LANE_RECORDS;
}

void
lane_again(struct lane *lane, struct lane_record *record)
{
	size_t index = index_of(lane, record);

	record->state = LANE_READY;
	if (index < lane->ready)
		lane->ready = index;
}

/* --- trouble -------------------------------------------------------------- */

/* Half of the wait is left to chance, lest many sensors come at once. */
static int64_t
next_wait(struct lane *lane)
{
	struct delivery *delivery = lane->delivery;
	int64_t wait = WAIT_FIRST;

	for (unsigned i = 0; i < lane->failures_in_row && wait < WAIT_LAST; i++)
		wait *= 2;
	if (wait > WAIT_LAST)
		wait = WAIT_LAST;
	/* Knuth, TAOCP 2, 3.3.4: the constants of MMIX's generator. */
	delivery->chance = delivery->chance * UINT64_C(6364136223846793005) +
			   UINT64_C(1442695040888963407);
	return wait / 2 +
	       (int64_t)((delivery->chance >> 33) % (uint64_t)(wait / 2));
}

/* A target that is busy every few moments need not be told of each time. */
static void
say_failing(struct lane *lane, const char *why)
{
	struct instant now = loop_steady(lane_loop(lane));

	lane->failing = true;
	(void)snprintf(lane->why, sizeof(lane->why), "%s", why);
	if (lane->complained ||
	    (lane->said.ns != 0 &&
		instant_since(now, lane->said) < SAY_INTERVAL))
		return;
	say(lane, "%s; alerts wait in the journal", why);
	lane->complained = true;
	lane->said = now;
}

void
lane_trouble(struct lane *lane, const char *why)
{
	lane->counts.failures++;
	say_failing(lane, why);
}

void
lane_lost(struct lane *lane, const char *why, unsigned seconds)
{
	int64_t wait = next_wait(lane);
	int64_t asked = (int64_t)seconds * NS_PER_SECOND;

	for (size_t i = 0; i < lane->count; i++)
		if (at(lane, i)->state == LANE_SENT)
			at(lane, i)->state = LANE_READY;
	lane->ready = 0;
	lane->counts.failures++;
	lane->failures_in_row++;
	say_failing(lane, why);
	lane_pause(lane, asked > wait ? asked : wait);
}

void
lane_rest(struct lane *lane, const char *why, unsigned seconds)
{
	int64_t wait = next_wait(lane);
	int64_t asked = (int64_t)seconds * NS_PER_SECOND;

	lane->failures_in_row++;
	lane_trouble(lane, why);
	lane_pause(lane, asked > wait ? asked : wait);
}

void
lane_pause(struct lane *lane, int64_t nanoseconds)
{
	lane->waiting = true;
	loop_timer_set(lane->again, nanoseconds);
}

static void
end_wait(void *context)
{
	struct lane *lane = context;

	lane->waiting = false;
	lane->sink->go(lane->opened);
}

/* --- rounds --------------------------------------------------------------- */

static void
tell_settled(struct delivery *delivery)
{
	if (delivery->parts.settled != NULL && delivery_is_settled(delivery))
		delivery->parts.settled(delivery->parts.context);
}

/*
 * What a target that takes nothing has lost is counted and said while it takes
 * nothing, and not when it is back: it may never be.
 */
static void
look_for_gone(struct lane *lane)
{
	struct instant now = loop_steady(lane_loop(lane));
	uint64_t dropped;

	if (!lane->keeps_cursor)
		return;
	lane->gone = journal_reader_gone(lane->reader, lane->expected);
	dropped = lane->counts.dropped + lane->gone;
	if (dropped <= lane->gone_said ||
	    (lane->gone_said_at.ns != 0 &&
		instant_since(now, lane->gone_said_at) < SAY_INTERVAL))
		return;
	say(lane,
	    "%" PRIu64 " alerts are gone from the journal that it had not "
	    "taken",
	    dropped);
	lane->gone_said = dropped;
	lane->gone_said_at = now;
}

static void
look_for_all_gone(struct delivery *delivery)
{
	if (++delivery->looks < LOOKS_AT_GONE)
		return;
	delivery->looks = 0;
	for (size_t i = 0; i < delivery->count; i++)
		look_for_gone(delivery->lanes[i]);
}

/* Cursors are saved last, so that the next start knows what came of this. */
static void
look(void *context)
{
	struct delivery *delivery = context;

	for (size_t i = 0; i < delivery->count; i++) {
		struct lane *lane = delivery->lanes[i];

		if (!lane->waiting)
			lane->sink->go(lane->opened);
		save(lane);
	}
	look_for_all_gone(delivery);
	loop_timer_set(delivery->look, LOOK_INTERVAL);
	tell_settled(delivery);
}

void
delivery_wake(struct delivery *delivery)
{
	loop_timer_set(delivery->look, 0);
}

void
delivery_reopen(struct delivery *delivery)
{
	for (size_t i = 0; i < delivery->count; i++) {
		struct lane *lane = delivery->lanes[i];

		if (lane->sink->reopen != NULL)
			lane->sink->reopen(lane->opened);
	}
}

/* Reading on is the only way to know, and what is read is under way. */
bool
delivery_is_settled(struct delivery *delivery)
{
	for (size_t i = 0; i < delivery->count; i++)
		if (delivery->lanes[i]->count > 0 ||
		    read_one(delivery->lanes[i]))
			return false;
	return true;
}

size_t
delivery_count(const struct delivery *delivery)
{
	return delivery->count;
}

const char *
delivery_name(const struct delivery *delivery, size_t sink)
{
	return delivery->lanes[sink]->url->shown;
}

struct delivery_counts
delivery_counts(const struct delivery *delivery, size_t sink)
{
	const struct lane *lane = delivery->lanes[sink];
	struct delivery_counts counts = lane->counts;

	counts.next = lane->cursor.next;
	counts.unread = lane->expected + lane->gone;
	counts.dropped += lane->gone;
	counts.under_way = counts.read - counts.acknowledged - counts.refused;
	counts.octets = lane->octets;
	counts.segment = journal_reader_segment(lane->reader);
	counts.offset = journal_reader_offset(lane->reader);
	counts.failing = lane->failing;
	if (lane->count > 0) {
		counts.oldest = at(lane, 0)->at;
		counts.heard = lane->heard;
	}
	return counts;
}

const char *
delivery_trouble(const struct delivery *delivery, size_t sink)
{
	return delivery->lanes[sink]->why;
}

/* --- sinks come and go ---------------------------------------------------- */

static const struct lane_sink *
sink_of(enum sink_kind kind)
{
	switch (kind) {
	case SINK_FILE:
		return &sink_file;
	case SINK_SYSLOG_UDP:
		return &sink_datagram;
	case SINK_SYSLOG_TCP:
	case SINK_SYSLOG_TLS:
		return &sink_stream;
	case SINK_REDIS:
		return &sink_redis;
	case SINK_KAFKA:
		return &sink_kafka;
	case SINK_ELASTIC:
	case SINK_HEC:
	case SINK_LOKI:
	case SINK_WEBHOOK:
	case SINK_ALERTMANAGER:
		break;
	}
	return &sink_http;
}

static void
lane_free(struct lane *lane)
{
	if (lane->opened != NULL)
		lane->sink->close(lane->opened);
	save(lane);
	for (size_t i = 0; i < lane->count; i++)
		free(at(lane, i)->octets);
	loop_timer_free(lane->again);
	journal_reader_free(lane->reader);
	sink_url_free(lane->url);
	free(lane->records);
	free(lane);
}

/* The first record that the journal has. */
static uint64_t
oldest(const struct delivery *delivery)
{
	uint64_t *firsts, first = 1;

	if (journal_segments(delivery->directory, &firsts) > 0)
		first = firsts[0];
	free(firsts);
	return first;
}

static bool
begin(struct lane *lane, const struct delivery_range *range,
    char fault[SINK_FAULT_SIZE])
{
	struct delivery *delivery = lane->delivery;
	uint64_t next = range == NULL ? 0 : range->from;
	int error;

	for (size_t i = 0; i < delivery->count; i++)
		if (strcmp(delivery->lanes[i]->url->name, lane->url->name) ==
		    0) {
			(void)snprintf(fault, SINK_FAULT_SIZE,
			    "the same sink twice; give one of them another "
			    "name: %s#NAME",
			    lane->url->shown);
			return false;
		}
	lane->format = delivery->parts.format;
	if (lane->url->facility_said)
		lane->format.facility = lane->url->facility;
	if (lane->url->enterprise != 0)
		lane->format.enterprise = lane->url->enterprise;
	lane->keeps_cursor = range == NULL;
	if (range != NULL)
		lane->range = *range;
	lane->to = range == NULL ? UINT64_MAX : range->to;
	if (lane->keeps_cursor) {
		(void)journal_cursor_load(
		    delivery->directory, lane->url->name, &lane->cursor);
		next = lane->cursor.next;
	}
	if (next == 0)
		next = oldest(delivery);
	lane->expected = lane->counts.first = lane->cursor.next = next;
	/* So that a full disk takes nothing from a sink that has had none. */
	lane->dirty = true;
	lane->reader =
	    journal_reader_new(delivery->parts.directory, next, &error);
	if (lane->reader == NULL) {
		(void)snprintf(fault, SINK_FAULT_SIZE, "%s: %s",
		    delivery->parts.directory, strerror(-error));
		return false;
	}
	lane->records = allocate(LANE_RECORDS, sizeof(*lane->records));
	lane->again = loop_timer_new(delivery->parts.loop, end_wait, lane);
	lane->sink = sink_of(lane->url->kind);
	lane->opened = lane->sink->open(lane, fault);
	return lane->opened != NULL;
}

bool
delivery_add(struct delivery *delivery, const char *text,
    const struct delivery_range *range, char fault[SINK_FAULT_SIZE])
{
	struct sink_url *url = sink_url_parse(text, fault);
	struct lane *lane;

	if (url == NULL)
		return false;
	if (delivery->count == SINKS_MAXIMUM) {
		(void)snprintf(fault, SINK_FAULT_SIZE, "more than %d sinks",
		    SINKS_MAXIMUM);
		sink_url_free(url);
		return false;
	}
	lane = allocate(1, sizeof(*lane));
	lane->delivery = delivery;
	lane->url = url;
	if (!begin(lane, range, fault)) {
		lane_free(lane);
		return false;
	}
	delivery->lanes[delivery->count++] = lane;
	return true;
}

struct delivery *
delivery_new(const struct delivery_parts *parts, int *error)
{
	struct delivery *delivery = allocate(1, sizeof(*delivery));

	delivery->parts = *parts;
	delivery->directory =
	    open(parts->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*error = delivery->directory < 0 ? -errno : 0;
	if (delivery->directory < 0) {
		free(delivery);
		return NULL;
	}
	/* A target that goes away is an error of one write. */
	(void)signal(SIGPIPE, SIG_IGN);
	delivery->chance = (uint64_t)loop_now(parts->loop).ns;
	delivery->look = loop_timer_new(parts->loop, look, delivery);
	loop_timer_set(delivery->look, 0);
	return delivery;
}

void
delivery_free(struct delivery *delivery)
{
	if (delivery == NULL)
		return;
	for (size_t i = 0; i < delivery->count; i++)
		lane_free(delivery->lanes[i]);
	http_free(delivery->http);
	loop_timer_free(delivery->look);
	(void)close(delivery->directory);
	free(delivery);
}
