/*
 * instant -- a point in time as the packets and the metadata state it.
 *
 * Nanoseconds since 1970-01-01 UTC, wrapped so that it mixes with nothing
 * else.  Nothing here reads a clock: below the top of the program, time is
 * always a parameter.
 */
#ifndef SENSOR_BASE_INSTANT_H
#define SENSOR_BASE_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_MS     INT64_C(1000000)
#define NS_PER_US     INT64_C(1000)

struct instant {
	int64_t ns;
};

/* Before every event, and after every event. */
#define INSTANT_PAST   ((struct instant){INT64_MIN})
#define INSTANT_FUTURE ((struct instant){INT64_MAX})

static inline bool
instant_before(struct instant a, struct instant b)
{
	return a.ns < b.ns;
}

/* Nanoseconds from `earlier` to `later`; both must be real times. */
static inline int64_t
instant_since(struct instant later, struct instant earlier)
{
	return later.ns - earlier.ns;
}

/* Room for every text that this module prints, with its NUL. */
#define INSTANT_TEXT_SIZE 40

/*
 * Reads an RFC 3339 time: `2026-11-21T06:27:31.663229Z`, with a zone of `Z`
 * or `+hh:mm`, with or without a fraction.
 *
 * returns    false, with `*out` untouched, when `text` is not one
 */
bool instant_parse(const char *text, struct instant *out);

/*
 * Writes the time as Suricata's EVE does: `2026-11-21T06:27:31.663229+0000`.
 *
 * out        INSTANT_TEXT_SIZE octets; always NUL-terminated
 */
void instant_print_eve(struct instant at, char out[INSTANT_TEXT_SIZE]);

/* Writes the time as RFC 3339 with `Z` and microseconds. */
void instant_print(struct instant at, char out[INSTANT_TEXT_SIZE]);

#endif
