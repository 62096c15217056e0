/*
 * scanner -- what is remembered of one workload that opens flows: whom it tried
 * in vain, and who served it.
 *
 * A plain structure of a fixed size for memory.h.  Counts targets, each once;
 * a target is a port of a workload, so that fifty replicas that are down are
 * one.  Does not know when this is too much.
 */
#ifndef CLASSIFIERS_DETECTORS_SCAN_SCANNER_H
#define CLASSIFIERS_DETECTORS_SCAN_SCANNER_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/detectors/attempt.h"

/* Targets that were tried in vain and are known one by one. */
#define SCANNER_TRIED 64
/* Targets that served, known one by one. */
#define SCANNER_SERVED 48
/* Bits of a sketch of distinct hosts or ports. */
#define SCANNER_BITS     1024
#define SCANNER_EXAMPLES 4
/* Successes that count against failures to come: who knows so many may find as
 * many more of them down. */
#define SCANNER_CREDIT 16

/* Hosts, and ports, of which it is known whether it asks them again. */
#define SCANNER_ASKED 8

/* Monitors come back within so many seconds: smokeping's step is 300 s. */
#define SCANNER_ROUND 300

/* Connections that served it last, known one by one. */
#define SCANNER_LATELY 4

/* How one port served it. */
struct served_lately {
	int64_t at;    /* when its connection began, ns; 0: no entry */
	uint32_t host; /* a hash */
	uint16_t port;
	uint16_t spare;
};

/* A host that answered an echo request, or a port that was tried. */
struct asked {
	uint32_t host; /* a hash; 0: no entry */
	uint32_t last; /* seconds */
	uint32_t again;
};

struct tried {
	uint32_t host;        /* a hash */
	uint32_t first, last; /* seconds */
	uint16_t port;
	uint8_t times;
	uint8_t technique;
	bool patient; /* tried again and again for long: a retry */
	bool down;    /* it was refused or nobody answered */
	bool nobodys; /* an address of the cluster that nobody held */
	uint8_t spare;
};

/* What every flow looks at comes first. */
struct scanner {
	uint64_t attempts, counted; /* in vain; said so far */
	uint32_t tried_next, served_next, served_count;
	/* Failures less successes of first contacts, at least
	 * -SCANNER_CREDIT. */
	int32_t walk;
	uint32_t probes; /* bits: tools' own probes that it sent */
	/* What its latest datagram in vain held, and how many held as much as
	 * the one before. */
	uint32_t load, loads;
	uint8_t proven;                  /* it has what was sent to it */
	uint8_t scanning;                /* it was said */
	uint8_t shared;                  /* some attempts stood for others */
	uint8_t leases;                  /* it gives addresses to hosts */
	uint32_t served[SCANNER_SERVED]; /* a ring */
	int64_t first, last;             /* of attempts, ns */
	int64_t raised;                  /* when it was last said, ns */
	uint64_t hosts[SCANNER_BITS / 64], ports[SCANNER_BITS / 64];
	uint64_t examples[SCANNER_EXAMPLES];         /* numbers of packets */
	struct served_lately lately[SCANNER_LATELY]; /* a ring */
	uint64_t lately_next;
	/* Those of the least hashes. */
	struct asked asked[SCANNER_ASKED], checked[SCANNER_ASKED];
	uint32_t by_technique[TECHNIQUE_COUNT];
	/* A ring; hashes of targets lie apart, for they are looked through. */
	uint32_t targets[SCANNER_TRIED]; /* 0: no entry */
	struct tried tried[SCANNER_TRIED];
};

/* What the targets that were tried in vain look like together. */
struct scan_shape {
	uint32_t targets; /* distinct, without those of retries */
	uint32_t hosts;   /* of them */
	uint32_t ports;   /* most of one host */
	uint32_t open;   /* accepted a whole handshake, and were told nothing */
	uint32_t echoes; /* hosts that were asked whether they are there */
	uint32_t nobodys; /* addresses of the cluster that nobody held */
	uint16_t port;    /* tried on most hosts, and on how many */
	uint32_t port_hosts;
};

/*
 * Takes an attempt in vain.
 *
 * server     the target's workload
 * returns    false when the target is known to serve it, or is retried: that
 *            is an outage, not a scan
 */
bool scanner_failed(struct scanner *scanner, uint64_t server,
    const struct attempt *attempt, const struct flow *flow);

/* Takes more attempts of which nothing else is known. */
void scanner_more(
    struct scanner *scanner, const struct attempt *attempt, uint32_t count);

/* Whether that port of that server has served it. */
bool scanner_knows(const struct scanner *scanner, uint64_t server,
    uint8_t protocol, uint16_t port);

/* Takes a flow in which the target served it. */
void scanner_served(struct scanner *scanner, uint64_t server,
    const struct attempt *attempt, const struct flow *flow);

/* Takes a connection that no model allows and in which it was served. */
void scanner_note_served(
    struct scanner *scanner, uint64_t server, const struct flow *flow);

/*
 * The first such connection to that server that began within `window` ns after
 * that flow, or NULL: the flow, in vain, is told later than it.
 */
const struct served_lately *scanner_served_after(const struct scanner *scanner,
    uint64_t server, const struct flow *flow, int64_t window);

/* Takes an echo request that was answered, when it is. */
void scanner_asked(
    struct scanner *scanner, uint64_t server, const struct flow *flow);

/* Whether it asks the same hosts again in rounds, as far as they answer. */
bool scanner_asks_in_rounds(const struct scanner *scanner);

/*
 * Whether it comes back to the same ports of TCP in rounds, or that cannot be
 * known yet.
 */
bool scanner_may_check_in_rounds(const struct scanner *scanner);

/* Whether what it tries are datagrams of one size, filled and fast as those of
 * a flood. */
bool scanner_pours(const struct scanner *scanner);

/* Makes it all zeroes, and touches only what was written: a flood of strangers
 * has one of these for each, with one target in it. */
void scanner_clear(struct scanner *scanner);

/* Forgets what was tried at that server: it may have been somebody else. */
void scanner_forgive(struct scanner *scanner, uint64_t server);

/*
 * Looks at the targets together.
 *
 * window     seconds; older attempts are forgotten
 */
struct scan_shape scanner_shape(
    const struct scanner *scanner, int64_t now, uint32_t window);

/* About how many were distinct; 7000 at most, with an error of some percent. */
uint32_t scanner_distinct(const uint64_t *bits);

#endif
