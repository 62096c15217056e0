/*
 * crew -- the processes of a live sensor, and what they share.
 *
 *   supervisor   starts the others, opens the interfaces for the workers, and
 *                replaces those that die (supervisor.h)
 *   sensor       judges and reports: everything in live*.c
 *   workers      from packets to observations (worker_process.h)
 *
 * Made before the first of them, and inherited.  The supervisor and the sensor
 * have a socket between them: one octet, and a worker's number.  When either
 * side of it is gone, so is that process.
 */
#ifndef SENSOR_LIVE_CREW_H
#define SENSOR_LIVE_CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/hash.h"
#include "sensor/live/wall_clock.h"
#include "sensor/live/worker_link.h"

struct evidence;
struct evidence_settings;
struct service_set;

/* More than one for each of the cores that packets come to is of no use. */
#define CREW_WORKERS 32

/* What the supervisor notes of a worker, for the sensor to read. */
struct crew_note {
	_Atomic int32_t process;  /* its number, 0: there is none */
	_Atomic uint32_t started; /* processes so far */
	_Atomic uint32_t died;    /* of them, that did not end by themselves */
	_Atomic int32_t signal;   /* that the last of those died of, or 0 */
	_Atomic int32_t code;     /* or its exit code */
	/* By interface, packets of rings whose worker has ended: */
	_Atomic uint64_t
	    received[LIVE_INTERFACES];             /* that it did not know of */
	_Atomic uint64_t dropped[LIVE_INTERFACES]; /* the same */
	_Atomic uint64_t lost[LIVE_INTERFACES];    /* that it never took */
};

/* What the supervisor and the sensor tell each other without a word. */
struct crew_board {
	struct crew_note notes[CREW_WORKERS];
	/* What detectors want of workers: bits of message_kind, and flows that
	 * go on.  The sensor's, before it is ready. */
	_Atomic uint32_t messages, progress;
	/* Every worker was told to end.  The supervisor's. */
	atomic_bool stopping;
};

struct crew {
	uint32_t count; /* workers */
	struct worker_link links[CREW_WORKERS];
	struct crew_board *board; /* no worker has it */
	/* The sensor writes it; for workers the memory is sealed. */
	struct service_set *services;
	int services_descriptor;
	struct wall_clock
	    begun;              /* when it was made: workers count from there */
	struct hash_key key;    /* of flows: one, so that views of one meet */
	uint32_t flow_capacity; /* of each worker */
	/* Packets of its flows, that each worker writes and the sensor reads;
	 * NULL: none are kept. */
	struct evidence *evidence[CREW_WORKERS];
	const struct evidence_settings *evidence_settings; /* borrowed */
	int sensor_end, supervisor_end;                    /* of the socket */
};

enum crew_word {
	CREW_READY = 'R',  /* sensor: everything is open, packets may come */
	CREW_STOP = 'S',   /* supervisor: all workers have ended */
	CREW_RELOAD = 'H', /* supervisor: SIGHUP */
	CREW_DIED = 'D',   /* supervisor: that worker did; see the notes */
};

/* As many workers as fit the processors that this process may use. */
uint32_t crew_default(void);

/*
 * Makes a crew of so many workers with so many flows at once in all of them.
 *
 * evidence   how much of it each worker keeps, borrowed; NULL for none
 * returns    owned, for crew_free(), or NULL with a constant text in *fault
 */
struct crew *crew_new(uint32_t workers, uint32_t flow_capacity,
    const struct evidence_settings *evidence, const char **fault);

/* Lets go of all that this process has of it; NULL is allowed. */
void crew_free(struct crew *crew);

/* In a new process: keeps what is the sensor's, or one worker's. */
void crew_keep_sensor(struct crew *crew);
void crew_keep_worker(struct crew *crew, uint32_t number);

/* From here on nobody but the sensor writes the services. */
bool crew_seal(struct crew *crew);

/* Never waits: false when the other side has not heard thousands of words. */
bool crew_say(int end, enum crew_word word, uint32_t worker);

/*
 * The next word; waits for it unless the end is non-blocking.
 *
 * returns    1, 0 when there is none now, -1 when the other side is gone
 */
int crew_hear(int end, enum crew_word *word, uint32_t *worker);

#endif
