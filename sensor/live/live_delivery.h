/*
 * live_delivery -- a live sensor's journal, and the sinks that are served from
 * it.
 *
 * Every alert is in the journal before anything else happens to it; sinks read
 * it on the event loop, each at its own pace, and nobody waits for any.  It is
 * opened after the rights were given up, so that what is there belongs to
 * whoever the sensor has become, and what the libraries of sinks do they do
 * confined.
 */
#ifndef SENSOR_LIVE_LIVE_DELIVERY_H
#define SENSOR_LIVE_LIVE_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "alerts/format.h"
#include "sensor/live/live_delivery_counts.h"

struct arena;
struct confine_settings;
struct live_delivery; /* opaque */
struct loop;
struct text;

/* Zero is a fitting default; texts are borrowed. */
struct live_delivery_settings {
	const char *journal; /* directory; NULL: none is kept */
	const char *sinks[LIVE_DELIVERY_SINKS]; /* URLs */
	size_t sink_count;
	enum journal_sync sync;
	uint64_t maximum; /* octets of the journal */
	int64_t age;      /* nanoseconds that it keeps a record */
	/* Unless a sink's URL says otherwise; enterprise 0: as usual. */
	struct format_settings format;
};

/*
 * Reads the sinks' URLs, makes the journal's directory and files of sinks that
 * are not there, and gives them to whoever the sensor is going to be; what is
 * wrong is on stderr.
 *
 * returns    an exit code
 */
int live_delivery_prepare(
    const struct live_delivery_settings *settings, uid_t user, gid_t group);

/* Adds what it needs when rights are given up; texts are of the arena. */
void live_delivery_confine(const struct live_delivery_settings *settings,
    struct arena *arena, struct confine_settings *confine);

/*
 * Opens the journal and the sinks.
 *
 * code       gets an exit code when NULL is returned; why is on stderr
 * returns    owned, for live_delivery_free(); NULL and EXIT_DONE: none is kept
 */
struct live_delivery *live_delivery_new(struct loop *loop,
    const struct live_delivery_settings *settings, int *code);

/* Closes both; NULL is allowed, here and below.  false: alerts were lost */
bool live_delivery_free(struct live_delivery *delivery);

/* For sink_tee(); `context` is the live_delivery. */
void live_delivery_take(const struct text *native, void *context);

/* Writes and synchronises what waits; now and then. */
void live_delivery_tick(struct live_delivery *delivery);

/* Opens files of sinks anew, after they were renamed. */
void live_delivery_reopen(struct live_delivery *delivery);

/*
 * Runs the loop until every sink has all there is, or for so long; what is left
 * stays in the journal.
 */
void live_delivery_finish(struct live_delivery *delivery, int64_t nanoseconds);

/* Texts in it are borrowed until the next call. */
void live_delivery_count(
    struct live_delivery *delivery, struct live_delivery_counts *counts);

#endif
