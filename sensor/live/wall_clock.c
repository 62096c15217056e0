#include "sensor/live/wall_clock.h"

#include <time.h>

/* Two readings that are further apart are none: we were stopped between. */
#define TOGETHER (10 * NS_PER_MS)
#define TRIES    5

static int64_t
read_clock(clockid_t which)
{
	struct timespec now;

	(void)clock_gettime(which, &now);
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static bool
read_both(struct instant *wall, int64_t *ahead)
{
	int64_t before = read_clock(CLOCK_BOOTTIME);

	wall->ns = read_clock(CLOCK_REALTIME);
	*ahead = wall->ns - before;
	return read_clock(CLOCK_BOOTTIME) - before <= TOGETHER;
}

struct wall_clock
wall_clock_new(void)
{
	struct wall_clock clock;
	struct instant wall;

	for (int i = 0; i < TRIES; i++)
		if (read_both(&wall, &clock.ahead))
			break;
	return clock;
}

static bool
is_set(int64_t ahead, int64_t before)
{
	return ahead - before >= WALL_CLOCK_LEAST ||
	       before - ahead >= WALL_CLOCK_LEAST;
}

bool
wall_clock_is_other(const struct wall_clock *clock)
{
	struct instant wall;
	int64_t ahead;

	return read_both(&wall, &ahead) && is_set(ahead, clock->ahead);
}

struct instant
wall_clock_look(struct wall_clock *clock, int64_t *set)
{
	struct instant wall;
	int64_t ahead;

	*set = 0;
	for (int i = 0; i < TRIES; i++) {
		if (!read_both(&wall, &ahead))
			continue;
		if (is_set(ahead, clock->ahead))
			*set = ahead - clock->ahead;
		clock->ahead = ahead;
		break;
	}
	return wall;
}
