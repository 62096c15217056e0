/*
 * live_parts -- what the files of live share, and nobody else.
 *
 *   live.c           start, stop, signals, timers
 *   live_packets.c   from the interfaces into the pipeline
 *   live_world.c     models and inventory, again and again
 *   live_control.c   what operators ask
 *   live_confine.c   what is left when everything is open
 */
#ifndef SENSOR_RUN_LIVE_PARTS_H
#define SENSOR_RUN_LIVE_PARTS_H

#include <sys/types.h>

#include "sensor/base/listener.h"
#include "sensor/base/loop.h"
#include "sensor/run/live.h"

struct domain_clusters;
struct evidence;
struct sink;
struct summary;
struct world;

enum live_sink { LIVE_ALERTS, LIVE_FLOWS, LIVE_STATS };

struct live;

struct live_interface {
	struct live *live;
	struct capture_live *capture; /* owned */
	struct loop_watch *watch;
	struct loop_timer *retry; /* looks whether it is up again */
	bool gone;                /* that was said */
};

struct live {
	const struct live_settings *settings;
	uid_t user;
	gid_t group;
	struct loop *loop;
	struct world *world; /* that is judged by */
	struct domain_clusters *clusters;
	struct summary *summary;
	struct sink *sinks[LIVE_SINKS];
	struct live_delivery *delivery; /* NULL: no journal is kept */
	struct pipeline *pipeline;
	struct evidence *evidence; /* NULL: none is kept */
	struct witness *witness;   /* likewise */
	struct live_interface interfaces[LIVE_INTERFACES];
	struct live_interface *at_hand; /* whose packets come */
	struct listener *control, *metrics;
	struct loop_signal *signals[3];
	struct loop_timer *tick, *stats, *minute;
	struct live_counts counts; /* as of the last live_count() */
	struct live_counts before; /* about a minute ago */
	bool reload_asked, stopping;
	int code;
};

/* --- live_packets.c ------------------------------------------------------- */

/* Opens every interface; says what is wrong.  returns an exit code */
int live_open_interfaces(struct live *live);

/* Takes packets from here on, as they come. */
void live_watch_interfaces(struct live *live);

/* Notices those that were removed. */
void live_look_at_interfaces(struct live *live);

/* Takes what the rings hold, and no more than that. */
void live_drain_interfaces(struct live *live);
void live_close_interfaces(struct live *live);

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

/* --- live_confine.c ------------------------------------------------------- */

/* Gives up every right that is not needed any more.  returns an exit code */
int live_confine(struct live *live);

/* --- live.c --------------------------------------------------------------- */

/* Brings live->counts up to date. */
void live_count(struct live *live);

/* A message for the operator's log. */
void live_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
