/*
 * forwarded -- what was asked of whom a moment ago, so that a proxy that asks
 * the same is not taken for who wants it.
 *
 * What comes through a proxy is seen twice, and behind it the proxy is the
 * client.  Where the way to it is encrypted only what is behind can be read;
 * then X-Forwarded-For says whom it asks for.
 */
#ifndef CLASSIFIERS_DETECTORS_FORWARDED_H
#define CLASSIFIERS_DETECTORS_FORWARDED_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/sighting.h"

#define FORWARDED_KNOWN 64

/* A proxy asks at once, for somebody waits. */
#define FORWARDED_TIME (5 * NS_PER_SECOND)

struct forwarded {
	struct {
		uint64_t what;
		int64_t at;
	} known[FORWARDED_KNOWN]; /* a ring */
	uint32_t next;
};

/*
 * Whether the same was asked of this client just now; notes what it asks.
 *
 * what       a hash of what only the same request has
 */
static inline bool
forwarded_is(
    struct forwarded *forwarded, uint64_t what, const struct sighting *sighting)
{
	uint64_t asked = memory_key(what, sighting->client.key);
	int64_t now = sighting->then.ns;
	uint32_t place = forwarded->next++ % FORWARDED_KNOWN;
	bool is = false;

	for (int i = 0; i < FORWARDED_KNOWN; i++)
		if (forwarded->known[i].what == asked)
			is |= now - forwarded->known[i].at <= FORWARDED_TIME;
	forwarded->known[place].what = memory_key(what, sighting->server.key);
	forwarded->known[place].at = now;
	return is;
}

#endif
