/*
 * detector -- the contract between the detectors and their frame.
 *
 * A detector is one file: the idea, the formula, its thresholds with unit and
 * source stand in its header comment.  It is told of flows in the order of
 * packets, remembers something of workloads in a table of fixed size
 * (memory.h), and raises anomalies.  The frame (detectors.h) decides what the
 * operator has tuned or switched off, and findings decide what is said.
 *
 * A detector reads no clock, allocates only when it is opened, draws no random
 * numbers, and its output depends on sightings alone: so a replay finds what
 * the live sensor found, whatever the number of workers.
 */
#ifndef CLASSIFIERS_DETECTORS_DETECTOR_H
#define CLASSIFIERS_DETECTORS_DETECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/detectors/sighting.h"

struct dns_seen;
struct http_head;
struct resolvers;
struct text;
struct memory;

/* A number that operators may set, for all or for some. */
struct detector_setting {
	const char *name; /* as in files: `distinct_targets` */
	const char *unit; /* `targets`, `s`, `octets`, `%` */
	double standard, least, most;
	const char *meaning; /* a line for the manual */
	const char *source;  /* a paper, a peer, or what was measured */
};

#define DETECTOR_SETTINGS_MAXIMUM 12

/*
 * The frame's side of a detector.  Only the functions below look into it: they
 * are asked for every sighting.
 */
struct detector_host {
	bool by_flow; /* some flows have settings of their own */
	bool off;     /* as set for no flow in particular, and the values */
	double values[DETECTOR_SETTINGS_MAXIMUM];
};

/* What was found.  Everything is borrowed for the call. */
struct anomaly {
	uint32_t signature; /* id in alerts/catalog.yaml, group 102 or 103 */
	/*
	 * Together they make it one finding: whose doing, and what else.  Ends
	 * of the sighting that gives rise to it.
	 */
	const struct sighted_end *subject;
	const struct sighted_end *object; /* NULL: several, or none */
	const char *about;    /* constant or short: a domain, a port; or NULL */
	uint8_t confidence;   /* percent */
	uint64_t count;       /* what this call stands for, at least 1 */
	const char *sentence; /* for a person, without a full stop */
	/*
	 * Counts, times, examples with packet numbers: the members of a JSON
	 * object without its braces, written with sensor/base/json_write or
	 * such; NULL for none.
	 */
	const char *evidence;
	const char *silent_if; /* what would have made it silent */
	/* It says what this one connection is: detector_flow_is_known(). */
	bool names_flow;
	/* The frame's: an operator's severity instead of the catalogue's. */
	bool sets_severity;
	enum severity severity;
};

/* What flows have in common that a detector may need. */
enum sighted_flows {
	FLOWS_TCP = 1,
	FLOWS_CROSSING = 2, /* of their ends one is inside, one is not */
	FLOWS_JUDGED = 4,   /* there is a verdict */
	FLOWS_ACCEPTED = 8, /* flow_was_accepted() */
	/* They deviate, or are crossing and not allowed. */
	FLOWS_UNEXPECTED = 16,
	FLOWS_SORTS = 32
};

struct detector {
	const char *name; /* as in files, records and metrics */
	const struct detector_setting *settings;
	size_t setting_count;
	uint32_t kinds;    /* bit per sighting_kind that it wants */
	uint32_t messages; /* bit per message_kind that it wants */
	/* enum message_trait: of a message that lacks all of these it is not
	 * told, but of every one of a kind without traits; 0: of all. */
	uint32_t traits;
	/* Bits of enum sighted_flows: of flows that have not all of them it is
	 * not told; the same of their messages. */
	uint32_t flows, message_flows;
	/* By where the outside is: it is told nothing if nobody knows that. */
	bool by_place;
	/* Of absence: not told of flows beside which more packets were lost
	 * than the frame's bound. */
	bool by_absence;
	/* Counts up when entries of its memories come to mean other things:
	 * then what was saved is not restored. */
	uint32_t revision;
	/* Makes owned state for close().  `host` outlives it. */
	void *(*open)(struct detector_host *host);
	void (*close)(void *state);
	void (*see)(void *state, const struct sighting *sighting);
	/* Time went on, at most once a second.  May be NULL. */
	void (*clock)(void *state, struct instant now);
	/*
	 * The memories that are saved and restored, by a constant name; NULL
	 * at the end of the list.  May be NULL when there are none.
	 */
	struct memory *(*memory)(void *state, size_t index, const char **name);
};

/* The same two, where some flows have their own. */
double detector_setting_for(
    struct detector_host *host, size_t index, const struct sighting *sighting);
bool detector_is_off_for(
    struct detector_host *host, const struct sighting *sighting);

/*
 * What a setting is for this flow, as tuned by operators; for none in
 * particular where `sighting` is NULL.  `index` is into the detector's
 * settings.
 */
static inline double
detector_setting(
    struct detector_host *host, size_t index, const struct sighting *sighting)
{
	return host->by_flow && sighting != NULL
		   ? detector_setting_for(host, index, sighting)
		   : host->values[index];
}

/* Whether it is switched off for that flow, so that work can be saved; what is
 * raised all the same is dropped. */
static inline bool
detector_is_off(struct detector_host *host, const struct sighting *sighting)
{
	return host->by_flow && sighting != NULL
		   ? detector_is_off_for(host, sighting)
		   : host->off;
}

/*
 * Says what was found; only in see().  The frame drops it where it is switched
 * off, which is counted, and hands it on to the findings.  Raising what is
 * known already is right: a finding counts, and is said anew only now and then.
 *
 * sighting   the one at hand; its flow goes into the record
 */
void detector_raise(struct detector_host *host, const struct anomaly *anomaly,
    const struct sighting *sighting);

/* Whether some detector has said what that connection is; it is forgotten when
 * very many others were said since. */
bool detector_flow_is_known(
    const struct detector_host *host, const struct flow *flow);

/* From now on it is told of messages that have one of these, which are among
 * its `traits`; at first of all of those. */
void detector_listen(struct detector_host *host, uint32_t traits);

/* More of this flow is waited for: its requests and answers have TRAIT_AWAITED,
 * and so have those of a few others. */
void detector_await(
    struct detector_host *host, const struct sighting *sighting);

/* A secret live, zeroed in replay: for sketches that attackers could aim at.
 * The same again when what was remembered is restored. */
const struct hash_key *detector_key(const struct detector_host *host);

/* The message of the sighting at hand, MESSAGE_DNS_QUESTION or _ANSWER, which
 * is read once for all; only in see(). */
const struct dns_seen *detector_dns(
    struct detector_host *host, const struct sighting *sighting);

/* Who resolves names for others, as far as was seen up to that message. */
struct resolvers *detector_resolvers(struct detector_host *host);

/* The request of the sighting at hand, MESSAGE_HTTP_REQUEST, which is divided
 * once for all; only in see(). */
const struct http_head *detector_request(
    struct detector_host *host, const struct sighting *sighting);

#endif
