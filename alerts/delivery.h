/*
 * delivery -- takes a journal's records to any number of sinks.
 *
 * Reads the journal itself, so nothing is in memory but what is on its way.
 * Each sink is on its own: its cursor moves when its target has acknowledged,
 * its window is bounded, and after a failure it waits longer and longer, with
 * some chance in it, before it sends again what was not acknowledged.  A record
 * arrives at least once; what comes twice has the same id.
 *
 * On the event loop's thread, whoever writes the journal.  SIGPIPE is ignored.
 */
#ifndef ALERTS_DELIVERY_H
#define ALERTS_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/format.h"
#include "alerts/sink_url.h"
#include "sensor/base/instant.h"

struct delivery; /* opaque */
struct journal_record;
struct loop;

struct delivery_parts {
	struct loop *loop;
	const char *directory; /* of the journal */
	struct format_settings format;
	/* What an operator should know: a sink fails, and works again. */
	void (*say)(const char *message, void *context);
	/* Every sink has all there was; may be NULL. */
	void (*settled)(void *context);
	void *context;
};

/* Records to send whatever a sink's cursor says, which is left alone. */
struct delivery_range {
	uint64_t from, to; /* the first one, and the first one no more */
	/* Which of them; NULL: all. */
	bool (*wanted)(const struct journal_record *record, void *context);
	void *context;
};

/*
 * What becomes of a sink's records, since it was added:
 *
 *   unread - first = read + dropped + unwanted
 *   read           = acknowledged + refused + under_way
 *
 * and it is behind by what is under way and what the journal has from `unread`
 * on.
 */
struct delivery_counts {
	uint64_t read;         /* taken from the journal */
	uint64_t sent;         /* handed to the target, again or not */
	uint64_t retried;      /* of them again */
	uint64_t acknowledged; /* the target has them */
	uint64_t refused;      /* the target will never take them */
	uint64_t dropped;      /* the journal had them no longer */
	uint64_t unwanted;     /* not within the range */
	uint64_t failures;     /* connections lost, requests not answered */
	uint64_t first;        /* the record that it began with */
	uint64_t next;         /* first record that is not acknowledged */
	uint64_t unread;       /* first one that was not read and can be */
	uint64_t under_way;    /* read, and nothing is known of them */
	uint64_t octets;       /* of the records in memory */
	/* Where the journal was read to, for journal_octets_behind(). */
	uint64_t segment, offset;
	struct instant
	    oldest; /* when the first of `under_way` was kept, or 0 */
	/* When one was settled last, while more are under way; or 0. */
	struct instant heard;
	bool failing; /* the last that was heard of it was trouble */
};

/*
 * Makes an owned delivery without sinks; `parts` is copied, what it points to
 * is borrowed.
 *
 * error      gets a negative errno when NULL is returned
 */
struct delivery *delivery_new(const struct delivery_parts *parts, int *error);

/* Saves the cursors; NULL is allowed. */
void delivery_free(struct delivery *delivery);

/*
 * Adds a sink.
 *
 * range      NULL: go on at its cursor; without one, at the oldest record
 * fault      gets what is wrong, and what to write instead
 */
bool delivery_add(struct delivery *delivery, const char *url,
    const struct delivery_range *range, char fault[SINK_FAULT_SIZE]);

/* There may be new records; without this they are found a moment later. */
void delivery_wake(struct delivery *delivery);

/* Opens files anew, after they were renamed. */
void delivery_reopen(struct delivery *delivery);

/* Whether every sink has every record that the journal had just now. */
bool delivery_is_settled(struct delivery *delivery);

/* Sinks, in the order in which they were added. */
size_t delivery_count(const struct delivery *delivery);
const char *delivery_name(const struct delivery *delivery, size_t sink);
struct delivery_counts delivery_counts(
    const struct delivery *delivery, size_t sink);

/* The last trouble that it had, or "". */
const char *delivery_trouble(const struct delivery *delivery, size_t sink);

#endif
