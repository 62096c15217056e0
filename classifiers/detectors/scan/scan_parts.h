/*
 * scan_parts -- what the files of the detector of scans share.
 *
 * scan.c has the idea and the thresholds; scan_pairs.c what is remembered of
 * pairs of workloads (knocking, protocols); scan_many.c what is remembered of
 * targets (many sources).
 */
#ifndef CLASSIFIERS_DETECTORS_SCAN_SCAN_PARTS_H
#define CLASSIFIERS_DETECTORS_SCAN_SCAN_PARTS_H

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/detector.h"
#include "classifiers/detectors/scan/scanner.h"
#include "classifiers/detectors/testimony.h"

/* Ports of one server that one client tried in vain lately. */
#define SCAN_KNOCKS 9

struct scan_knock {
	int64_t at;
	uint64_t packet;
	uint16_t port;
	uint8_t times;
	uint8_t spare[5];
};

/* Of one client and one server. */
struct scan_pair {
	struct scan_knock knocks[SCAN_KNOCKS];
	uint32_t knock_count;
	uint16_t looked_at[4]; /* ports connected to for nothing */
	uint8_t looked_next;
	uint8_t spare[3];
	/* Protocols that one port was opened in. */
	uint64_t protocols[4]; /* bits by enum application */
	int64_t protocols_since;
	uint16_t protocols_port;
	/* Ports from which the client asked it by UDP last, unanswered. */
	uint16_t asked_from[2];
	uint8_t asked_next;
	uint8_t spare2;
	uint32_t asked_at[2]; /* seconds */
};

/* Of one target of many sources. */
struct scan_victim {
	uint64_t sources[8], ports[8]; /* sketches of 512 bits */
	int64_t since, raised;
	uint64_t attempts, counted;
	uint64_t example;
};

struct scan {
	struct detector_host *host;
	struct memory *scanners, *pairs, *victims;
	struct testimony testimony;
};

/* Notes a failure for knocking. */
void scan_knock(struct scan *scan, const struct sighting *sighting,
    const struct attempt *attempt);

/* Knockers (knockd's manual: seq_timeout, a few to 25 s) are quick. */
#define SCAN_KNOCK_WINDOW (60 * NS_PER_SECOND)

/*
 * Whether that port, which served a connection that began then, was knocked
 * for: by what is known now, for silence is known later than an answer.
 */
bool scan_has_knocked(struct scan *scan, const struct sighting *sighting,
    uint16_t port, int64_t began);
void scan_raise_knock(struct scan *scan, const struct sighting *sighting,
    uint16_t port, int64_t began, uint32_t signature);

/*
 * Whether a datagram that nobody answered is an answer itself: it goes to a
 * port from which its receiver asked that host.  Else it is noted as a
 * question.
 */
bool scan_is_answer(struct scan *scan, const struct sighting *sighting);

/* In how many protocols this client opened this port lately, with this. */
uint32_t scan_protocols(struct scan *scan, const struct sighting *sighting,
    enum application protocol);

/* Notes a failure for its target; whether many sources together scan it. */
bool scan_is_by_many(struct scan *scan, const struct sighted_end *prober,
    const struct sighted_end *target, const struct attempt *attempt,
    const struct sighting *sighting);
/* Whether more workloads than it failed at the server lately. */
bool scan_is_outage(struct scan *scan, const struct sighting *sighting);

/* The same, and whether what the client did there, its own, is no more than its
 * share of it. */
bool scan_is_shared(struct scan *scan, const struct sighted_end *client,
    const struct sighted_end *server, uint64_t own,
    const struct sighting *sighting);
void scan_raise_many(struct scan *scan, const struct sighted_end *prober,
    const struct sighted_end *target, const struct sighting *sighting,
    uint32_t signature);

/* The number of the setting `sources`. */
#define SCAN_SETTING_SOURCES 4

#endif
