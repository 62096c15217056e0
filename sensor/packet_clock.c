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

/* --- a clock that was set ------------------------------------------------- */

static struct instant
moved(struct instant at, int64_t by)
{
	struct instant to;

	if (__builtin_add_overflow(at.ns, by, &to.ns))
		return by < 0 ? INSTANT_PAST : INSTANT_FUTURE;
	return to;
}

static uint64_t
apart(struct instant a, struct instant b)
{
	return instant_before(a, b) ? passed_from(a, b) : passed_from(b, a);
}

static void
note_usual(struct packet_clock *clock)
{
	clock->usual = clock->expects && clock->set == 0 && !clock->stepped;
}

void
packet_clock_set(struct packet_clock *clock, int64_t by)
{
	if (__builtin_add_overflow(clock->set, by, &clock->set))
		clock->set = by;
	note_usual(clock);
}

/* Follows if the stamp is of after rather than of before. */
static void
follow(struct packet_clock *clock, struct instant stamp)
{
	struct instant there = moved(clock->wall, clock->set);

	if (apart(stamp, there) >= apart(stamp, clock->wall))
		return;
	if (clock->set > 0)
		clock->counts.forward++;
	else
		clock->counts.back++;
	clock->before = clock->wall;
	clock->until = moved(clock->now, PACKET_CLOCK_BACK);
	clock->stepped = true;
	clock->wall = there;
	clock->set = 0;
	clock->doubts = 0;
}

/* Whether the stamp is of before the clock was set: of another ring, say. */
static bool
is_of_before(const struct packet_clock *clock, struct instant stamp)
{
	uint64_t most = instant_before(stamp, clock->before)
			    ? (uint64_t)PACKET_CLOCK_BACK
			    : (uint64_t)NS_PER_SECOND;

	return clock->stepped && apart(stamp, clock->before) <= most &&
	       apart(stamp, clock->before) < apart(stamp, clock->wall);
}

/*
 * The first stamp of all, or of another capture.  What was set until then is
 * no time that passed for others, who go by it from an earlier beginning on.
 */
static void
begin(struct packet_clock *clock, struct instant stamp)
{
	if (!clock->started)
		clock->now.ns = beginning(moved(stamp, -clock->set).ns);
	else if (instant_before(clock->wall, stamp))
		pass(clock, passed_from(clock->wall, stamp));
	clock->started = clock->expects = true;
	clock->wall = stamp;
	clock->set = 0;
	clock->doubts = 0;
}

static void
take_stamp(struct packet_clock *clock, struct instant stamp)
{
	if (!clock->expects) {
		begin(clock, stamp);
	} else if (is_of_before(clock, stamp)) {
		clock->counts.late++;
		clock->doubts = 0;
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

void
packet_clock_take_odd(struct packet_clock *clock, struct instant stamp)
{
	if (instant_before(clock->until, clock->now))
		clock->stepped = false;
	if (clock->set != 0 && clock->expects)
		follow(clock, stamp);
	take_stamp(clock, stamp);
	note_usual(clock);
}
