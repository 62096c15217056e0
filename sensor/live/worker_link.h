/*
 * worker_link -- what a worker process and the sensor share, and how each of
 * them uses it.
 *
 *   worker -> sensor   a ring of messages, most of them observations
 *   sensor -> worker   how often flows in progress are to be said again
 *   worker             its counts, as of its last batch of packets
 *
 * The memory is made before either process is, has no name and no descriptor,
 * and cannot be cut short by anybody.  It outlives a worker that dies: the next
 * one goes on in it.
 *
 * A worker never waits for the sensor while packets come.  When the ring
 * fills, what can be spared goes first: packets' sightings, answers and
 * messages, then that a flow is ready (it is judged when it ends, then), and
 * ends last.  A flow whose end found no room is said to be lost as soon as
 * there is room again, before anything about the next flow of its number; so
 * on the sensor's side created = ended + in progress + lost.
 *
 * The sensor believes nothing: every message is copied, then checked.
 */
#ifndef SENSOR_LIVE_WORKER_LINK_H
#define SENSOR_LIVE_WORKER_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/ring.h"
#include "sensor/capture_live.h"
#include "sensor/run/observation_store.h"
#include "sensor/run/observer.h"

/*
 * Octets of the rings.  An observation takes some 700, so 16 MiB are 24 000: a
 * second in which the sensor loads models, at 24 000 new flows a second.
 */
#define WORKER_RING ((size_t)16 << 20)

/* The longest message. */
#define WORKER_MESSAGE_MAXIMUM OBSERVATION_MAXIMUM

/* Interfaces of one sensor. */
#define LIVE_INTERFACES 16

enum worker_message {
	WORKER_HELLO,       /* a process begins, with the counts so far */
	WORKER_OBSERVATION, /* as observation_store() has it */
	WORKER_LOST,        /* a flow ended and its end was not said */
	WORKER_BYE,         /* every flow has ended; nothing after it */
};

/* Observations have kinds up to here. */
#define OBSERVATION_KINDS (OBSERVED_CLOCK + 1)

struct worker_interface {
	enum capture_live_status status;
	struct capture_live_counts counts;
};

/* What a worker has counted, and those before it in its place. */
struct worker_counts {
	uint64_t processes; /* that one included */
	struct observer_counts observer;
	struct worker_interface interfaces[LIVE_INTERFACES];
	uint64_t unsaid[OBSERVATION_KINDS]; /* found no room, by kind */
	uint64_t waits; /* times that it let packets wait for the sensor */
};

struct worker_shared; /* opaque: it lies in the shared memory */

struct worker_link {
	struct worker_shared *shared; /* owned until worker_link_release() */
	size_t size;
	int to_sensor, to_worker; /* eventfds; owned likewise */
};

/* Makes one, to be inherited; false, with errno, when the system refuses. */
bool worker_link_make(struct worker_link *link);

/* Lets go of it in this process; the others keep theirs. */
void worker_link_release(struct worker_link *link);

/* --- the worker's side ---------------------------------------------------- */

struct worker_teller {
	struct worker_link *link;
	struct ring ring;
	struct worker_counts before; /* of the processes before */
	struct worker_counts counts; /* own: the caller's to set, but for what
					found no room */
	uint32_t first, flows; /* conversations: the first, and how many */
	uint64_t *untold;      /* owned: bits of those whose end is owed */
	uint64_t untold_count;
	uint8_t *scratch; /* owned */
	int64_t patience; /* how long to wait for room, 0 while packets come */
};

/* Begins to tell; says hello. */
void worker_teller_begin(struct worker_teller *teller, struct worker_link *link,
    uint32_t first, uint32_t flows);
void worker_teller_release(struct worker_teller *teller);

/* Tells the sensor, or counts that it could not; `context` is the teller. */
void worker_tell(const struct observation *one, void *context);

/* Whether packets should rather wait in the kernel's ring for a moment. */
bool worker_is_crowded(const struct worker_teller *teller);

/*
 * Shows the counts, and up to when everything has been told; wakes the sensor
 * when it waits for either.
 */
void worker_publish(struct worker_teller *teller, struct instant progress);

/*
 * Says what is owed and goodbye.  Waits for room, for nothing comes after it,
 * unless nobody reads for `patience` nanoseconds.
 */
void worker_teller_end(struct worker_teller *teller, int64_t patience);

/* How often flows in progress were to be said again. */
uint64_t worker_link_again(const struct worker_link *link);

/* --- the sensor's side ---------------------------------------------------- */

/* Its end of the ring. */
struct ring worker_link_reader(const struct worker_link *link);

/* Flows in progress are to be said again: the policy is another. */
void worker_link_say_again(struct worker_link *link);

/* What the worker has counted, or what it showed before if it shows it just
 * now or died while it did. */
void worker_link_counts(
    const struct worker_link *link, struct worker_counts *counts);

/* Packets that the kernel and the interfaces lost, as it shows them now; cheap,
 * and rarely a number that is none: to see whether it is another one. */
uint64_t worker_link_losses(const struct worker_link *link);

/* Up to when everything of the worker's has been told. */
struct instant worker_link_progress(const struct worker_link *link);

#endif
