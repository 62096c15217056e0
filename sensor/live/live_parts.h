/*
 * live_parts -- what the files of live share, and nobody else.
 *
 *   live.c           start, stop, signals, timers
 *   live_workers.c   what workers tell, into the assessment
 *   live_world.c     models and inventory, again and again
 *   live_detectors.c what detectors remember, and what they cannot see
 *   live_reread.c    the configuration file, again
 *   live_clusters.c  what is known of each cluster
 *   live_control.c   what operators ask
 *   live_health.c    what is not well
 *   live_confine.c   what is left when everything is open
 */
#ifndef SENSOR_LIVE_LIVE_PARTS_H
#define SENSOR_LIVE_LIVE_PARTS_H

#include <sys/types.h>

#include "sensor/base/listener.h"
#include "sensor/base/loop.h"
#include "sensor/live/crew.h"
#include "sensor/live/live.h"
#include "sensor/live/recent.h"
#include "sensor/live/wall_clock.h"
#include "sensor/run/detector_file.h"

struct assessment;
struct crew;
struct detectors_parts;
struct domain_clusters;
struct gathering;
struct inventory;
struct policy;
struct sink;
struct summary;
struct tuning;
struct worker_death;
struct world;

enum live_sink { LIVE_ALERTS, LIVE_FLOWS, LIVE_STATS };

struct live;

/* Directories that a confined sensor may read. */
#define LIVE_READABLE (3 * SETUP_PATHS_MAXIMUM)

struct live {
	const struct live_settings *settings; /* `own` */
	struct live_settings own;      /* as given, and as changed since */
	char *readable[LIVE_READABLE]; /* owned: since the beginning */
	size_t readable_count;
	uid_t user;
	gid_t group;
	struct loop *loop;
	struct world *world; /* that is judged by */
	struct domain_clusters *clusters;
	struct summary *summary;
	struct sink *sinks[LIVE_SINKS];
	uint64_t written[LIVE_SINKS];   /* lines, as of the last look */
	struct live_delivery *delivery; /* NULL: no journal is kept */
	struct crew *crew;              /* borrowed */
	struct gathering *gathering;
	struct assessment *assessment;
	struct policy *policy; /* that it judges by; borrowed */
	struct domain_clusters *clusters_before;
	struct loop_watch *told[CREW_WORKERS]; /* a worker has told something */
	struct loop_watch *words;              /* the supervisor says */
	struct loop_timer *gather;             /* there is more to take */
	struct loop_timer *orphan;             /* the supervisor is gone */
	struct instant orphaned;
	struct witness *witness; /* NULL: no packets are kept */
	struct live_remembering {
		struct detector_file file;
		struct instant written; /* last */
		/* Packets up to the beginning of the last while. */
		uint64_t received, lost;
		struct instant counted;
		bool blind; /* too many are lost */
	} remembering;
	struct listener *control, *metrics;
	struct loop_timer *tick, *stats, *mark;
	int memory; /* /proc/self/statm, which is out of reach later */
	struct live_counts counts; /* as of the last live_count() */
	struct live_recent {
		struct recent dropped, missed, evicted, deaths, ends, records,
		    evidence, steps;
		struct live_delivery_recent delivery;
	} recent;
	unsigned marked; /* looks so far */
	/* What makes records unsure, as of the last tick. */
	uint64_t losses, steps;
	uint64_t told_losses; /* of which workers told */
	struct wall_clock clock;
	struct instant begun; /* on a clock that nobody sets */
	struct instant looked;
	struct instant heard; /* the last packet's time, then */
	bool stopping;
	int code;
};

/* --- live_workers.c ------------------------------------------------------- */

/* Makes what judges and what gathers.  returns an exit code */
int live_make_assessment(struct live *live);

/* Goes on with a newer inventory and its policy. */
void live_set_world(struct live *live, const struct inventory *inventory,
    struct policy *policy);

/* Says that all is ready, and takes what workers tell from here on. */
void live_watch_workers(struct live *live);

/* Nobody tells anything any more: takes what is there, and ends all. */
void live_finish_workers(struct live *live);

/* Brings the part of live->counts up to date that is about them. */
void live_count_workers(struct live *live);
void live_release_workers(struct live *live);

/* --- live_detectors.c ----------------------------------------------------- */

/* What looks for anomalies, and remembers what is in its file; NULL: nothing
 * does. */
const struct detectors_parts *live_detectors(
    struct live *live, struct detectors_parts *parts);

/* They are there, and workers are not started yet. */
void live_detectors_begin(struct live *live);

/* They go by other settings from here on. */
void live_tune(struct live *live, const struct tuning *tuning);

/* Tells them what was lost; writes what they remember, if it is time. */
void live_detectors_tick(struct live *live);

/* Writes it for the last time. */
void live_detectors_end(struct live *live);

/* --- live_reread.c -------------------------------------------------------- */

/* Settings that were read anew, while it is not known whether they hold. */
struct live_reread {
	const struct live_settings *next; /* NULL: nothing is another */
	struct setup_paths paths;         /* as they were */
};

/*
 * Reads the configuration file anew; where models and inventory are goes by it
 * from here on.
 *
 * returns    false when there is a mistake in it; then nothing has changed
 */
bool live_reread_begin(struct live *live, struct live_reread *reread);

/* They hold, and the rest is taken over; or they do not, and nothing is. */
void live_reread_end(struct live *live, struct live_reread *reread, bool fine);

/* --- live_clusters.c ------------------------------------------------------ */

/* Brings the part of live->counts up to date that is about each cluster. */
void live_count_clusters(struct live *live);

/* --- live_health.c -------------------------------------------------------- */

/* Brings `reasons` of live->counts up to date; the rest of it is. */
void live_find_reasons(struct live *live);

/* How often a clock stepped, forward or back. */
uint64_t live_clock_steps(const struct live_counts *counts);

/* Says in an alert that a worker died. */
void live_report_death(struct live *live, const struct worker_death *death);

/* --- live_world.c --------------------------------------------------------- */

/* Loads models and inventory for the first time.  returns an exit code */
int live_load_world(struct live *live);

/*
 * Loads them anew and goes over to them.
 *
 * returns    whether they hold; with a mistake the old ones go on, and what is
 *            wrong is on stderr
 */
bool live_reload_world(struct live *live);

/* Opens every file of records anew; false, with a message, for any failure. */
bool live_reopen(struct live *live);

/* --- live_control.c ------------------------------------------------------- */

/* Opens what operators ask at.  returns an exit code */
int live_open_control(struct live *live);
void live_close_control(struct live *live);

/* What this process has used so far. */
void live_count_process(struct live *live);

/* --- live_confine.c ------------------------------------------------------- */

/* Gives up every right that is not needed any more.  returns an exit code */
int live_confine(struct live *live);

/* Whether a place lies in one that may be read since then. */
bool live_is_readable(const struct live *live, const char *path);

/* --- live.c --------------------------------------------------------------- */

/* SIGHUP came, or it is time to end. */
void live_hangup(struct live *live);
void live_stop(struct live *live);

/* Notes what makes records unsure: a clock that was set, packets that were
 * lost. */
void live_look_at_clock(struct live *live);

/* Brings live->counts up to date. */
void live_count(struct live *live);

/* A message for the operator's log. */
void live_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
