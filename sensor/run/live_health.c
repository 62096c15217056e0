#include <inttypes.h>
#include <string.h>

#include "sensor/run/live_parts.h"

void
live_report_death(struct live *live, const struct live_death *death)
{
	(void)live;
	live_say("worker %u took %" PRIu64 " flows in progress with it",
	    death->worker, death->flows);
}
