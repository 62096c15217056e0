/*
 * recent -- whether a count has risen lately.
 *
 * What went wrong within the last minute is a reason not to be well.  Whoever
 * asks looks once a second or so, for a count says nothing of when it rose: it
 * did when it was seen to.  Pure.
 */
#ifndef SENSOR_LIVE_RECENT_H
#define SENSOR_LIVE_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/instant.h"

#define RECENT_WHILE (60 * NS_PER_SECOND)

/* Zeroed to begin with. */
struct recent {
	uint64_t count;      /* when last looked at */
	struct instant rose; /* when it was last seen to have risen */
	bool ever;           /* it has */
};

/*
 * Looks at the count, which never sinks.
 *
 * now        on a clock that nobody sets
 * returns    whether it rose within the last minute
 */
bool recent_look(struct recent *recent, uint64_t count, struct instant now);

#endif
