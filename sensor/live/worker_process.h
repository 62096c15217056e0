/*
 * worker_process -- a process that reads packets and nothing else.
 *
 *   interfaces -> observer (frames, flows, nDPI) -> ring to the sensor
 *
 * Starts with its interfaces open, gives up every right (no user, no
 * capability, no file, no connection; some thirty system calls), and goes on
 * until SIGTERM: then what the rings hold is observed and every flow ends.
 * What nDPI or a decoder may do wrong happens here, and costs the flows that
 * this process has in progress.
 */
#ifndef SENSOR_LIVE_WORKER_PROCESS_H
#define SENSOR_LIVE_WORKER_PROCESS_H

#include <sys/types.h>

#include "sensor/live/crew.h"

struct capture_live;
struct live_settings;

/* All borrowed. */
struct worker_process {
	const struct live_settings *settings;
	struct crew *crew;
	uint32_t number;                /* which worker of the crew */
	struct capture_live **captures; /* by interface; NULL: it is gone */
	uint32_t messages; /* bit per message_kind that is wanted */
	bool progress;     /* flows that go on are wanted */
	pid_t parent;      /* whose end is ours */
};

/* Runs until it is told to stop.  returns the process's exit code */
int worker_process_run(const struct worker_process *parts);

#endif
