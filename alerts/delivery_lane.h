/*
 * delivery_lane -- what a sink sees of the delivery: its records, in order.
 *
 * A lane reads the journal, keeps what is on its way, and knows when to try
 * again.  A sink takes records from it, and says what became of each.
 */
#ifndef ALERTS_DELIVERY_LANE_H
#define ALERTS_DELIVERY_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/sink_url.h"
#include "sensor/base/instant.h"

struct http;
struct lane; /* opaque */
struct text;

/* Records and octets that one sink has in memory, at most. */
#define LANE_RECORDS ((size_t)4096)
#define LANE_OCTETS  ((size_t)4 << 20)

enum lane_state { LANE_READY, LANE_SENT, LANE_DONE };

/* Stays where it is until it is done. */
struct lane_record {
	uint64_t sequence;
	uint64_t missing;  /* records before it that were dropped */
	struct instant at; /* when it was kept */
	char *octets;      /* the native line, NUL-terminated */
	size_t size;
	enum lane_state state;
	bool tried;          /* it was sent before */
	bool refused;        /* it is done, but the target has it not */
	struct instant sent; /* when it was handed over */
};

/* What each kind of sink is. */
struct lane_sink {
	/* returns NULL with `fault` set when the URL cannot be served */
	void *(*open)(struct lane *lane, char fault[SINK_FAULT_SIZE]);
	void (*close)(void *sink);
	/* There are records to send, or there is an end to a wait. */
	void (*go)(void *sink);
	void (*reopen)(void *sink); /* or NULL */
};

/* One for each file of sinks. */
extern const struct lane_sink sink_file;
extern const struct lane_sink sink_datagram;
extern const struct lane_sink sink_stream;
extern const struct lane_sink sink_redis;
extern const struct lane_sink sink_http;
extern const struct lane_sink sink_kafka;

const struct sink_url *lane_url(const struct lane *lane);
struct loop *lane_loop(const struct lane *lane);
struct http *lane_http(struct lane *lane);
const struct format_settings *lane_format(const struct lane *lane);

/*
 * Appends a record in the sink's format.  A native one was ours when it was
 * kept, so nobody reads it again.
 *
 * returns    false, with nothing appended, when the format has no place for it
 */
bool lane_say(const struct lane *lane, const struct lane_record *record,
    struct text *out);

/* --- records -------------------------------------------------------------- */

/*
 * The next record to send, which stays the next until something is said of it.
 *
 * returns    NULL when there is none, or as many are on their way as may be
 */
struct lane_record *lane_next(struct lane *lane);

/* The record was handed to the target. */
void lane_sent(struct lane *lane, struct lane_record *record);

/* The target has it. */
void lane_done(struct lane *lane, struct lane_record *record);

/* It will never be taken; the reason is said, once in a while. */
void lane_refuse(
    struct lane *lane, struct lane_record *record, const char *why);

/* It was sent in vain, alone; it is the next one again. */
void lane_again(struct lane *lane, struct lane_record *record);

/* Records that were read and are not done; the oldest of them, or NULL. */
size_t lane_under_way(const struct lane *lane);
struct lane_record *lane_oldest(struct lane *lane);

/* Whether nothing more fits until something is done. */
bool lane_is_full(const struct lane *lane);

/* --- trouble -------------------------------------------------------------- */

/*
 * The target is gone: everything sent is to be sent again, and go() is called
 * after a while.
 *
 * seconds    that the target asks to wait at least, or 0
 */
void lane_lost(struct lane *lane, const char *why, unsigned seconds);

/*
 * Something is wrong with the target, which the sink itself waits out; what
 * was sent stays sent.
 */
void lane_trouble(struct lane *lane, const char *why);

/*
 * The same, and go() is called after a while, longer each time.
 *
 * seconds    that the target asks to wait at least, or 0
 */
void lane_rest(struct lane *lane, const char *why, unsigned seconds);

/* The target is there again, though it has acknowledged nothing yet. */
void lane_well(struct lane *lane);

/* Calls go() after a while, in which nothing is wrong. */
void lane_pause(struct lane *lane, int64_t nanoseconds);

#endif
