/*
 * run_options -- the options of `run` and `check`, one by one.
 *
 * Both commands take the same, so that `check` looks at what `run` would do.
 * Knows no order between the places where an option may stand
 * (run_settings.h); a list begun in one takes the place of the one before.
 */
#ifndef SENSOR_LIVE_RUN_OPTIONS_H
#define SENSOR_LIVE_RUN_OPTIONS_H

#include <stdbool.h>

#include "sensor/base/text.h"
#include "sensor/live/config.h"
#include "sensor/live/live.h"
#include "sensor/run/options.h"

/* Of the kernel; what is longer is cut. */
#define RUN_HOST_SIZE 65

/* Rows after SETUP_ROWS, then a command's own from RUN_ROW_COUNT. */
enum {
	RUN_ROW_CONFIG = SETUP_ROW_COUNT,
	RUN_ROW_INTERFACE,
	RUN_ROW_ALERTS,
	RUN_ROW_FLOWS,
	RUN_ROW_FORMAT,
	RUN_ROW_FACILITY,
	RUN_ROW_ENTERPRISE,
	RUN_ROW_STATS,
	RUN_ROW_STATS_INTERVAL,
	RUN_ROW_EVIDENCE,
	RUN_ROW_JOURNAL,
	RUN_ROW_SINK,
	RUN_ROW_WORKERS,
	RUN_ROW_CAPACITY,
	RUN_ROW_BUFFER,
	RUN_ROW_NO_PROMISCUOUS,
	RUN_ROW_DOMAIN,
	RUN_ROW_SAVED,
	RUN_ROW_NO_DETECTORS,
	RUN_ROW_STATE,
	RUN_ROW_CONTROL,
	RUN_ROW_METRICS,
	RUN_ROW_USER,
	RUN_ROW_NO_CONFINE,
	RUN_ROW_SENSOR,
	RUN_ROW_QUIET,
	RUN_ROW_COUNT,
};

/* clang-format off */
#define RUN_ROWS                                                               \
	SETUP_ROWS,                                                            \
	[RUN_ROW_CONFIG] = {"config", 'c', "FILE",                             \
	    "settings (default " CONFIG_PATH ", if it is there)"},             \
	[RUN_ROW_INTERFACE] = {"interface", 'i', "NAME",                       \
	    "where packets come from; repeatable"},                            \
	[RUN_ROW_ALERTS] = {"alerts", 0, "FILE",                               \
	    "where alerts go (default -)"},                                    \
	[RUN_ROW_FLOWS] = {"flows", 0, "FILE",                                 \
	    "where flow records go (default none)"},                           \
	[RUN_ROW_FORMAT] = {"format", 0, "FORMAT",                             \
	    "native, ecs, ocsf, cef, leef or syslog (default native)"},        \
	[RUN_ROW_FACILITY] = {"facility", 0, "NAME",                           \
	    "of syslog messages (default local5)"},                            \
	[RUN_ROW_ENTERPRISE] = {"enterprise", 0, "NUMBER",                     \
	    "your private enterprise number, for syslog (default 32473)"},     \
	[RUN_ROW_STATS] = {"stats", 0, "FILE",                                 \
	    "where stats records go (default none)"},                          \
	[RUN_ROW_STATS_INTERVAL] = {"stats-interval", 0, "SECONDS",            \
	    "how often (default 60)"},                                         \
	[RUN_ROW_EVIDENCE] = {"evidence", 0, "FILE",                           \
	    "the packets around each finding, as pcapng (default none)"},      \
	[RUN_ROW_JOURNAL] = {"journal", 0, "DIR",                              \
	    "keep every alert there first (default none)"},                    \
	[RUN_ROW_SINK] = {"sink", 0, "URL",                                    \
	    "send what the journal has there; repeatable"},                    \
	[RUN_ROW_WORKERS] = {"workers", 0, "N",                                \
	    "processes that packets are parted among (default: processors)"},  \
	[RUN_ROW_CAPACITY] = {"flow-capacity", 0, "N",                         \
	    "flows in progress at once (default 262144)"},                     \
	[RUN_ROW_BUFFER] = {"buffer", 0, "MIB",                                \
	    "the ring of each interface (default 32)"},                        \
	[RUN_ROW_NO_PROMISCUOUS] = {"no-promiscuous", 'p', NULL,               \
	    "only what is for this host"},                                     \
	[RUN_ROW_DOMAIN] = {"domain", 0, "NAME=WHAT",                          \
	    "a network of its own: vlan:N, vni:N, interface:NAME; repeatable"},\
	[RUN_ROW_SAVED] = {"saved", 0, "FILE",                                 \
	    "what Redis told last is kept there, for a start without it"},     \
	[RUN_ROW_NO_DETECTORS] = {"no-detectors", 0, NULL,                     \
	    "judge by models alone, and look for no anomalies"},               \
	[RUN_ROW_STATE] = {"state", 0, "FILE",                                 \
	    "what detectors remember is kept there (default none)"},           \
	[RUN_ROW_CONTROL] = {"control", 0, "PATH",                             \
	    "the socket for `hedgerow ctl` (default " LIVE_CONTROL ")"},       \
	[RUN_ROW_METRICS] = {"metrics", 0, "ADDRESS:PORT",                     \
	    "Prometheus metrics, /livez and /readyz (default none)"},          \
	[RUN_ROW_USER] = {"user", 0, "NAME",                                   \
	    "who to be when all is open (default " LIVE_USER ")"},             \
	[RUN_ROW_NO_CONFINE] = {"no-confine", 0, NULL,                         \
	    "keep every right; to look for faults"},                           \
	[RUN_ROW_SENSOR] = {"sensor", 0, "NAME",                               \
	    "the sensor's name in records (default the host's)"},              \
	[RUN_ROW_QUIET] = {"quiet", 'q', NULL,                                 \
	    "no summary, only what is wrong"}
/* clang-format on */

/* Filled in by run_settings_read(); released by run_options_release(). */
struct run_options {
	struct live_settings settings;
	const char *config;      /* the file that was read, or NULL */
	struct arena *arena;     /* owned: its texts */
	struct domains *domains; /* owned; NULL: none is declared */
	struct report *mistakes; /* owned: in the file, and in domains */
	struct text filter;      /* of the command line; empty: none */
	char host[RUN_HOST_SIZE];
	int argc; /* as they were read, for reading them again */
	char **argv;
	struct run_options
	    *next;        /* owned: read later; their texts are in use */
	uint64_t said;    /* a bit for each row whose list was begun here */
	const char *word; /* of the environment, that is read now; or NULL */
	const struct option_table *table;
	/* For rows from RUN_ROW_COUNT. */
	bool (*take)(size_t row, const char *value, void *context);
	void *context;
};

/* The end of the help of both. */
#define RUN_ENVIRONMENT_HELP                                                   \
	"\nEvery option may stand in the environment, --stats-interval as "    \
	"HEDGEROW_STATS_INTERVAL."

/* Takes one option's value, wherever it stands; `context` are the options. */
bool run_options_take(size_t row, const char *value, void *context);

/* Turns a switch on or off; false when the row is none. */
bool run_options_switch(struct run_options *options, size_t row, bool on);

void run_options_release(struct run_options *options);

#endif
