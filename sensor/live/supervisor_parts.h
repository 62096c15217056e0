/*
 * supervisor_parts -- what the files of supervisor share, and nobody else.
 *
 *   supervisor.c        interfaces, workers, signals: for as long as it lives
 *   supervisor_start.c  how it begins
 */
#ifndef SENSOR_LIVE_SUPERVISOR_PARTS_H
#define SENSOR_LIVE_SUPERVISOR_PARTS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sensor/live/crew.h"

struct capture_live;
struct live_settings;

/* The interfaces as one worker reads them. */
struct rings {
	struct capture_live *captures[LIVE_INTERFACES]; /* owned, or NULL */
};

struct member {
	pid_t process;      /* 0: none */
	struct rings *now;  /* owned: those of the process, or of the next */
	struct rings *past; /* owned: kept while the others still run */
	int64_t started;    /* on the clock that only goes forward */
	int64_t due;        /* when to start it, if there is none */
	uint32_t deaths;    /* in a row */
	uint32_t stillborn; /* in a row */
	uint64_t before;    /* processes that had begun when it was started */
};

struct supervisor {
	const struct live_settings *settings;
	struct crew *crew;
	pid_t sensor; /* 0: it has ended */
	struct member members[CREW_WORKERS];
	uint32_t indices[LIVE_INTERFACES]; /* as last opened */
	uint32_t groups[LIVE_INTERFACES];  /* of the rings of now */
	bool lacking[LIVE_INTERFACES];     /* somebody has no ring of it */
	sigset_t signals, before;
	bool reopening, stopping, told;
	size_t returned; /* the interface that it is done for */
	bool killed;     /* all of them, by end_all(): no death is news */
	int64_t looked, deadline;
	int manager; /* a socket to whoever wants to know of us, or -1 */
	int code;
	uid_t user;
	gid_t group;
};

/* --- supervisor.c --------------------------------------------------------- */

/* Of the clock that only goes forward. */
int64_t supervisor_clock(void);

/*
 * Opens every interface for one worker; one that is not there may come back,
 * once all were there.
 *
 * code       gets an exit code
 */
struct rings *supervisor_open_rings(struct supervisor *supervisor, int *code);

/* From here on packets come to the rings that are theirs. */
void supervisor_begin_rings(struct supervisor *supervisor, struct rings *rings);

/* In a new process: it is the sensor. */
void supervisor_be_sensor(struct supervisor *supervisor);

/* --- supervisor_start.c --------------------------------------------------- */

/* Signals wait until they are asked for. */
void supervisor_block_signals(struct supervisor *supervisor);

/*
 * Starts the sensor, opens the interfaces, gives up what is not needed any
 * more.
 *
 * returns    an exit code; EXIT_DONE while it is `stopping`: it was told to end
 */
int supervisor_start(struct supervisor *supervisor);

#endif
