/*
 * live_counts -- what a live sensor has counted, stage by stage.
 *
 * Nothing gets lost between two stages:
 *
 *   received = dropped + unread + packets + lost  of the kernel's rings
 *   packets  = sum of frames                      by how decoding went
 *   created  = active + ended + lost              flows; some were evicted
 *   ended + those judged already = verdicts + infrastructure + copies
 *   raised   = emitted + suppressed + dropped     deviating flows
 *   lines    = written + waiting + lost           of each sink
 *   offered  = kept + beyond                      packets, as evidence
 *
 * live_stats.h and live_metrics.h say it.  Pure.
 */
#ifndef SENSOR_LIVE_LIVE_COUNTS_H
#define SENSOR_LIVE_LIVE_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "sensor/base/instant.h"
#include "sensor/capture_live.h"
#include "sensor/live/delay.h"
#include "sensor/live/gathering.h"
#include "sensor/live/live_delivery_counts.h"
#include "sensor/run/pipeline.h"
#include "sensor/run/witness.h"

#define LIVE_SINKS 3

/* More clusters, or orchestrators in them, are counted together as `other`:
 * whoever writes metadata must not fill the memory of who reads metrics. */
#define LIVE_CLUSTERS     16
#define LIVE_CLUSTER_NAME 64
#define LIVE_REASONS      40

struct live_interface_counts {
	const char *name;
	enum capture_live_status status;
	struct capture_live_counts counts;
	uint64_t lost; /* had come to a worker that died */
};

struct live_worker_counts {
	int32_t process;        /* its number, 0: there is none now */
	uint32_t started, died; /* processes in its place */
};

struct live_sink_counts {
	const char *name; /* NULL: takes nothing */
	uint64_t written, waiting, lost;
	uint64_t octets;          /* of those that wait */
	struct instant succeeded; /* when one was written last; 0: never */
};

/* What is known of one cluster; an orchestrator's workloads in it. */
struct live_cluster {
	char name[LIVE_CLUSTER_NAME];
	char orchestrator[LIVE_CLUSTER_NAME];
	uint64_t workloads;
};

struct live_clusters {
	uint64_t generation; /* of the world that was counted */
	struct live_cluster at[LIVE_CLUSTERS];
	size_t count;
	/* Nanoseconds since a source was heard, of each cluster; -1: none. */
	struct live_cluster_age {
		char name[LIVE_CLUSTER_NAME];
		int64_t age_ns;
	} ages[LIVE_CLUSTERS];
	size_t age_count;
};

/* Of the process that judges and reports. */
struct live_process {
	int64_t cpu;       /* nanoseconds */
	uint64_t resident; /* octets; 0: not known */
};

struct live_counts {
	struct instant began, now; /* on the wall */
	int64_t uptime;            /* which no set clock changes; nanoseconds */
	struct live_interface_counts interfaces[LIVE_INTERFACES];
	size_t interface_count;
	struct pipeline_counts pipeline;
	struct live_worker_counts workers[CREW_WORKERS];
	size_t worker_count;
	uint64_t lost_flows;                /* whose end no worker could tell */
	uint64_t unsaid[OBSERVATION_KINDS]; /* observations without room */
	uint64_t late;    /* observations that were behind others */
	uint64_t unsound; /* messages that no worker would send */
	uint64_t waits;   /* times that packets waited for the sensor */
	struct live_sink_counts sinks[LIVE_SINKS];
	struct live_delivery_counts delivery;
	bool witnesses; /* packets of findings are kept */
	struct evidence_counts evidence;
	struct witness_counts witness;
	struct delays delays; /* from a packet to its alert */
	struct live_process process;
	struct instant reloaded; /* for the last time; 0: never */
	uint64_t reloads, reloads_failed;
	bool reload_failed; /* the last one */
	bool metadata_away; /* Redis does not answer */
	bool metadata_old;  /* and has not told everything yet */
	size_t workloads;   /* of every time */
	struct live_clusters clusters;
	size_t models;           /* that are judged by */
	int64_t metadata_age_ns; /* -1: none */
	const char *host;
	const char *reasons[LIVE_REASONS]; /* for not being well */
	size_t reason_count;
};

/* Packets that passed the filter and have come to nobody yet. */
uint64_t live_counts_unread(const struct live_interface_counts *one);

/* Workers that died, of all. */
uint64_t live_counts_deaths(const struct live_counts *counts);

/* The sum over all interfaces. */
struct capture_live_counts live_counts_capture(
    const struct live_counts *counts);

/* The row of a cluster and an orchestrator in it; the last one has whatever
 * finds no room. */
struct live_cluster *live_clusters_row(
    struct live_clusters *clusters, const char *name, const char *orchestrator);

#endif
