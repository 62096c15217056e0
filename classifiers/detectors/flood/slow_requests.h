/*
 * slow_requests -- connections that do not come to their end: of requests that
 * are dribbled, answers that are not read, and those on which nothing is said.
 *
 * Sketches of distinct ones, of those that were seen within two minutes; plain
 * structures for memory.h.  Does not know how many are too many.
 */
#ifndef CLASSIFIERS_DETECTORS_FLOOD_SLOW_REQUESTS_H
#define CLASSIFIERS_DETECTORS_FLOOD_SLOW_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/detectors/measures/bitmap.h"

struct flow;
struct sighting;
struct text;

struct slow_requests {
	/* By which minute they were seen in, odd and even; 256 bits each. */
	uint64_t flows[2][4];
	uint64_t streams[4]; /* those whose request said that it streams */
	int64_t minute;
	int64_t since, last; /* ns */
	uint64_t example;    /* number of a packet */
};

/* Connections without a word of their client, by the minute they began in. */
struct silences {
	struct bitmap flows[2]; /* odd minutes and even ones */
	int64_t minute;
	int64_t since, last; /* ns */
	uint64_t example;    /* number of a packet */
	uint64_t named;      /* key of the client that was first */
};

/*
 * Whether the client of that flow sends little, and the server waits; or has
 * answered already, and is sent the rest all the same.
 */
bool slow_requests_is_slow(const struct sighting *sighting);

/* Whether the server of that flow has more to say than its client takes. */
bool slow_requests_is_unread(const struct sighting *sighting);

/*
 * Whether the client of that flow finished its handshake and then said nothing
 * for long.  READY and END.
 */
bool slow_requests_is_silent(const struct sighting *sighting);

/*
 * Whether that slow client has gone on with its request: a connection that a
 * pool opened long ago, and that is asked something now, is as old.
 */
bool slow_requests_goes_on(
    const struct slow_requests *slow, const struct sighting *sighting);

void slow_requests_note(struct slow_requests *slow, const struct flow *flow);

/* At least so many, in this minute and the one before. */
uint32_t slow_requests_count(const struct slow_requests *slow);

/* Of a flow whose request has no length, for it goes on: ever since. */
void slow_requests_note_stream(
    struct slow_requests *slow, const struct flow *flow);
bool slow_requests_is_stream(
    const struct slow_requests *slow, const struct flow *flow);

void silences_note(struct silences *silences, const struct flow *flow);

/* About so many, begun in this minute and the one before. */
uint32_t silences_count(const struct silences *silences);

enum holding { HOLDS_REQUESTS, HOLDS_ANSWERS, HOLDS_SILENT };

/* What is held open, and since when. */
struct held {
	enum holding holding;
	bool by_many;
	uint32_t count;
	int64_t since, last;
	uint64_t example;
};

/* A sentence of it. */
void held_say(
    struct text *out, const struct held *held, const struct sighting *sighting);

#endif
