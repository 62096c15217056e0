#include "sensor/live/recent.h"

bool
recent_look(struct recent *recent, uint64_t count, struct instant now)
{
	if (count > recent->count) {
		recent->rose = now;
		recent->ever = true;
		recent->count = count;
	}
	return recent->ever && instant_since(now, recent->rose) < RECENT_WHILE;
}
