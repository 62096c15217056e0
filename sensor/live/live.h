/*
 * live -- the sensor on interfaces, for as long as nobody stops it.
 *
 * Several processes (crew.h): a supervisor that starts the others, workers that
 * read packets and say what they observe, and the sensor, which is here: it
 * judges what they observe, knows who is who and what is expected, writes
 * records and answers operators.  An event loop takes observations in small
 * batches and, between them, timers and what operators ask.  So each of them
 * waits for no more than a batch, and a reload is the one thing that
 * observations wait for, in the workers' rings.
 *
 *   start    everything is opened, then every right is given up (confine.h)
 *   SIGHUP   files of records are opened anew; models and inventory are read
 *            anew, and with a mistake among them the old ones go on
 *   SIGTERM, SIGINT
 *            what the rings still hold is judged, every flow ends once
 *
 * Signals come to the supervisor, which passes them on.
 */
#ifndef SENSOR_LIVE_LIVE_H
#define SENSOR_LIVE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/finding.h"
#include "alerts/format.h"
#include "sensor/live/live_counts.h"
#include "sensor/live/live_delivery.h"
#include "sensor/run/setup.h"
#include "sensor/run/witness.h"

struct crew;
struct domains;

#define LIVE_CONTROL "/run/hedgerow/control"
#define LIVE_USER    "nobody"
#define LIVE_WORKERS CREW_WORKERS

struct live_settings {
	const char *config; /* the file that they are of, or NULL */
	/* Reads them all anew, for as long as the program runs; NULL, with
	 * what is wrong on stderr, for a mistake. */
	const struct live_settings *(*again)(void *context);
	void *again_context;
	struct setup_paths paths;
	const char *interfaces[LIVE_INTERFACES];
	size_t interface_count;
	const char *filter; /* a BPF expression, or NULL */
	size_t buffer;      /* octets of each ring */
	bool promiscuous;
	const struct domains *domains; /* or NULL */
	const char *alerts, *flows, *stats;
	struct live_delivery_settings delivery; /* journal and sinks */
	uint32_t stats_seconds;
	enum format format;
	const char *sensor; /* the name in records */
	uint32_t flow_capacity;
	const char *saved;   /* what Redis told last, or NULL */
	const char *control; /* path of the socket; NULL: LIVE_CONTROL, if it
				can be made */
	const char *metrics; /* ADDRESS:PORT, or NULL */
	const char *user;    /* NULL: LIVE_USER, when we are root */
	bool confined, quiet;
	uint32_t workers; /* processes; 0: as fits the processors */
	struct finding_times times;
	bool detectors;    /* there are any */
	const char *state; /* file of what they remember, or NULL */
	struct witness_settings witness; /* its file's path NULL: none */
};

/* What holds where nobody says anything else; the host's name is `sensor`. */
struct live_settings live_settings_default(const char *host);

/*
 * The sensor's own process: runs until the supervisor says that every worker
 * has ended, or is gone.
 *
 * returns    an exit code
 */
int live_run(const struct live_settings *settings, struct crew *crew);

#endif
