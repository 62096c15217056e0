/*
 * live -- the sensor on interfaces, for as long as nobody stops it.
 *
 * One process and one thread: an event loop that takes packets in small
 * batches and, between them, timers, signals and what operators ask.  So each
 * of them waits for no more than a batch, and a reload is the one thing that
 * packets wait for, in the kernel's ring.
 *
 *   start    everything is opened, then every right is given up (confine.h)
 *   SIGHUP   files of records are opened anew; models and inventory are read
 *            anew, and with a mistake among them the old ones go on
 *   SIGTERM, SIGINT
 *            what the ring still holds is judged, every flow ends once
 *
 * Workers of their own (one process for each part of the packets, by
 * PACKET_FANOUT) would each have what live_packets.c has; everything else
 * here stays where it is.
 */
#ifndef SENSOR_RUN_LIVE_H
#define SENSOR_RUN_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/finding.h"
#include "alerts/format.h"
#include "sensor/run/live_counts.h"
#include "sensor/run/live_delivery.h"
#include "sensor/run/setup.h"
#include "sensor/run/witness.h"

struct domains;

#define LIVE_CONTROL "/run/hedgerow/control"
#define LIVE_USER    "nobody"
#define LIVE_WORKERS 32

struct live_settings {
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
	uint32_t workers; /* processes; 0: as many as there are processors */
	struct finding_times times;
	struct witness_settings witness; /* its file's path NULL: none */
};

/* What holds where nobody says anything else; the host's name is `sensor`. */
struct live_settings live_settings_default(const char *host);

/* Runs until it is stopped.  returns an exit code */
int live_run(const struct live_settings *settings);

#endif
