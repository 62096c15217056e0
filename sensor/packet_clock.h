/*
 * packet_clock -- the time that passes, from stamps that may be wrong.
 *
 * Stamps are late when packets come over several queues, jump when the clock
 * of the capturing host is set or captures lie years apart, and are anything
 * at all in a file that somebody made.  Timeouts must neither stop nor all
 * strike at once for one wrong stamp.  So:
 *
 *   forward, up to PACKET_CLOCK_FORWARD    believed at once
 *   back, up to PACKET_CLOCK_BACK          late: time stands still
 *   further, either way                    doubted: time stands still, until
 *       PACKET_CLOCK_DOUBTS packets in a row go on from there, or two that are
 *       a second apart; then it is a step.  A packet that fits the old time
 *       takes the doubt back.
 *
 * A step forward is time that passed, for nothing tells a clock that was set
 * from silence; at most PACKET_CLOCK_STEP of it counts.  A step back is none.
 *
 * Where packets come as they are captured, another clock tells what is a step:
 * packet_clock_set() says by how much the one on the wall was set.  Stamps
 * follow when the first packet of after comes, and no time has passed by that;
 * those of before may come for a while still, and are late.
 *
 * Otherwise depends on the stamps and their order alone.  A few compares for a
 * packet that is stamped as it should.  Knows no packets.
 */
#ifndef SENSOR_PACKET_CLOCK_H
#define SENSOR_PACKET_CLOCK_H

#include <stdint.h>

#include "sensor/base/instant.h"

/* Longer than any timeout of a flow: further, all that is idle would end. */
#define PACKET_CLOCK_FORWARD (600 * NS_PER_SECOND)

/* As long as the shortest timeout of a flow: no more than one is lost. */
#define PACKET_CLOCK_BACK (10 * NS_PER_SECOND)

#define PACKET_CLOCK_DOUBTS 4

/* Longer than anything here waits for. */
#define PACKET_CLOCK_STEP (86400 * NS_PER_SECOND)

struct packet_clock_counts {
	uint64_t late;    /* stamps a little before one that came earlier */
	uint64_t doubted; /* too far away, whether believed in the end or not */
	uint64_t forward, back; /* steps */
};

/* Zeroed to begin with. */
struct packet_clock {
	struct instant now;  /* never goes back; for all that waits */
	struct instant wall; /* what a clock on the wall showed, as believed */
	bool started;        /* `now` and `wall` are set */
	bool expects;        /* that the next stamp goes on from `wall` */
	bool usual;          /* and that nothing is known of a step */
	bool stepped;        /* by what was set, not long ago */
	struct instant before, until; /* then: on the wall; on `now` */
	int64_t set;                  /* what stamps are going to step by */
	uint32_t doubts;              /* stamps in a row that are doubted */
	struct instant first, latest; /* of them */
	struct packet_clock_counts counts;
};

/* Another capture begins: its first stamp is believed, whatever it is. */
static inline void
packet_clock_new_capture(struct packet_clock *clock)
{
	clock->expects = clock->usual = false;
}

/* The clock on the wall was set forward by so much, or back. */
void packet_clock_set(struct packet_clock *clock, int64_t by);

/* The capture is over, so what is doubted is believed. */
void packet_clock_end_capture(struct packet_clock *clock);

/* Takes a stamp that is not the usual. */
void packet_clock_take_odd(struct packet_clock *clock, struct instant stamp);

/*
 * Takes the next packet's stamp.
 *
 * returns    clock->now
 */
static inline struct instant
packet_clock_take(struct packet_clock *clock, struct instant stamp)
{
	uint64_t passed = (uint64_t)stamp.ns - (uint64_t)clock->wall.ns;

	if (passed <= (uint64_t)PACKET_CLOCK_FORWARD &&
	    !instant_before(stamp, clock->wall) && clock->usual &&
	    clock->now.ns <= INT64_MAX - PACKET_CLOCK_FORWARD) {
		clock->wall = stamp;
		clock->now.ns += (int64_t)passed;
		clock->doubts = 0;
	} else {
		packet_clock_take_odd(clock, stamp);
	}
	return clock->now;
}

#endif
