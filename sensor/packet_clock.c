#include "sensor/packet_clock.h"

/*
 * Where `now` may begin: from 1970 on, with as much time left as it takes to
 * step 53,000 times (2116, in 2^62 ns).  A file that does stops the clock.
 */
#define BEGINNING_LAST (INT64_C(1) << 62)

static int64_t
beginning(int64_t stamp)
{
	if (stamp < 0)
		return 0;
	return stamp > BEGINNING_LAST ? BEGINNING_LAST : stamp;
}

/* From `a` to a later or equal `b`, which may be 2^64 - 1 ns apart. */
static uint64_t
passed_from(struct instant a, struct instant b)
{
	return (uint64_t)b.ns - (uint64_t)a.ns;
}

static void
pass(struct packet_clock *clock, uint64_t passed)
{
	uint64_t left = (uint64_t)(INT64_MAX - clock->now.ns);

	if (passed > (uint64_t)PACKET_CLOCK_STEP)
		passed = (uint64_t)PACKET_CLOCK_STEP;
	clock->now.ns += (int64_t)(passed < left ? passed : left);
}

/*
 * Whether a doubted stamp goes on from those before it.  On the far side
 * forward anything further does, for captures with little in them have each
 * packet far from the last.
 */
static bool
goes_on(const struct packet_clock *clock, struct instant stamp)
{
	bool forward = instant_before(clock->wall, stamp);

	if (clock->doubts == 0 ||
	    forward != instant_before(clock->wall, clock->latest))
		return false;
	return !instant_before(stamp, clock->latest) ||
	       passed_from(stamp, clock->latest) <= (uint64_t)PACKET_CLOCK_BACK;
}

static void
step(struct packet_clock *clock)
{
	if (instant_before(clock->wall, clock->latest)) {
		clock->counts.forward++;
		pass(clock, passed_from(clock->wall, clock->latest));
	} else {
		clock->counts.back++;
	}
	clock->wall = clock->latest;
	clock->doubts = 0;
}

void
packet_clock_end_capture(struct packet_clock *clock)
{
	if (clock->doubts > 0)
		step(clock);
}

static void
doubt(struct packet_clock *clock, struct instant stamp)
{
	clock->counts.doubted++;
	if (!goes_on(clock, stamp)) {
		clock->first = clock->latest = stamp;
		clock->doubts = 0;
	}
	if (instant_before(clock->latest, stamp))
		clock->latest = stamp;
	if (++clock->doubts == PACKET_CLOCK_DOUBTS ||
	    passed_from(clock->first, clock->latest) >= (uint64_t)NS_PER_SECOND)
		step(clock);
}

/* The first stamp of all, or of another capture. */
static void
begin(struct packet_clock *clock, struct instant stamp)
{
	if (!clock->started)
		clock->now.ns = beginning(stamp.ns);
	else if (instant_before(clock->wall, stamp))
		pass(clock, passed_from(clock->wall, stamp));
	clock->started = clock->expects = true;
	clock->wall = stamp;
	clock->doubts = 0;
}

void
packet_clock_take_odd(struct packet_clock *clock, struct instant stamp)
{
	if (!clock->expects) {
		begin(clock, stamp);
	} else if (!instant_before(stamp, clock->wall) &&
		   passed_from(clock->wall, stamp) <=
		       (uint64_t)PACKET_CLOCK_FORWARD) {
		pass(clock, passed_from(clock->wall, stamp));
		clock->wall = stamp;
		clock->doubts = 0;
	} else if (instant_before(stamp, clock->wall) &&
		   passed_from(stamp, clock->wall) <=
		       (uint64_t)PACKET_CLOCK_BACK) {
		clock->counts.late++;
		clock->doubts = 0;
	} else {
		doubt(clock, stamp);
	}
}
