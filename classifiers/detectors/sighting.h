/*
 * sighting -- what detectors are told of flows, in the order of packets.
 *
 * A flow is seen when it is judged, again while it goes on, with every message
 * in it that says something, and when it ends.  Its ends have names already:
 * what a detector remembers, it remembers of workloads, never of addresses,
 * which are given to somebody else within seconds.
 *
 * What was only attempted is judged when it ends, 30 s later or at the end of
 * the capture: then READY and END come one after the other, and of flows that
 * end together the oldest first.  So when a thing happened stands in
 * `flow->first` and `flow->last`, and `at` is when it was known.  A message
 * waits for its flow's verdict, 10 s at most, or less when too many wait.
 *
 * One connection is one flow here, though it is seen before and after its
 * address is translated.
 *
 * Does not know detectors, nor what was found.  Everything is borrowed for the
 * call that hands it over.
 */
#ifndef CLASSIFIERS_DETECTORS_SIGHTING_H
#define CLASSIFIERS_DETECTORS_SIGHTING_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "classifiers/application.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/messages/messages.h"
#include "models/judge.h"
#include "sensor/base/instant.h"
#include "sensor/flow.h"

struct outside;

/*
 * What the two ends sent since this flow was last seen so.  Counts of a flow's
 * whole life are in `flow`.
 */
struct sighted_amount {
	uint64_t packets[2];  /* by the client, by the server */
	uint64_t octets[2];   /* of IP */
	uint32_t payloads[2]; /* packets with payload */
	uint32_t turns;       /* times that the sender of payload changed */
	uint32_t begun[2];    /* payloads after a second or more without any */
	uint8_t closed[2];    /* TCP: windows of zero, 255 at most */
	/* TCP: its SYN offered less than a segment; of the whole life. */
	bool narrow[2];
};

/* Reads what is known of a flow's ends that are outside, when it is asked for:
 * of most flows it never is. */
struct outside_reader {
	void (*read)(void *context);
	void *context;
};

/* One end of a flow, as detectors tell ends apart. */
struct sighted_end {
	/*
	 * Of the workload: its controller's name, so that replicas are one;
	 * of the node, service or zone; of the address where nobody held it.
	 * Equal on every sensor and in every run; never 0.
	 */
	uint64_t key;
	uint64_t instance; /* the pod, container or address alone; never 0 */
	const char *name;  /* for people: `shop/carts`, or the address */
	const char *application;   /* of its metadata, or NULL */
	const struct party *party; /* never NULL */
	/* EXTERNAL: what is known, or NULL; for sighted_outside() alone. */
	const struct outside *outside;
	const struct outside_reader *unread; /* NULL: it was read */
	bool inside; /* the cluster's own: anything but EXTERNAL and ZONE */
};

/* What is known of an end that is EXTERNAL, or NULL. */
static inline const struct outside *
sighted_outside(const struct sighted_end *end)
{
	if (end->unread != NULL)
		end->unread->read(end->unread->context);
	return end->outside;
}

enum sighting_kind {
	/*
	 * Judged: its application is known, or never will.  Only of what was
	 * answered or recognised; else its end says all there is.
	 */
	SIGHTED_READY,
	SIGHTED_PROGRESS, /* it goes on; at most every SIGHTING_INTERVAL */
	SIGHTED_MESSAGE,  /* its `message` */
	SIGHTED_END,
	/*
	 * Attempts of strangers that ended, each of whom was heard of once
	 * (strangers.h): `stands_for` of them, of which this is one.  What
	 * counts by target or by all wants it; of its client nothing need be
	 * remembered, for if it is heard of again its END is told yet.
	 */
	SIGHTED_LONE,
	SIGHTED_KINDS
};

/* A flow with packets is seen at least this often. */
#define SIGHTING_INTERVAL (10 * NS_PER_SECOND)

struct sighting {
	enum sighting_kind kind;
	struct instant at;   /* when this is told; never goes back */
	struct instant then; /* MESSAGE: its packet's time; else `at` */
	/* For evidence: `then` as packets are stamped, and a packet's number in
	 * its file; if it is told by a packet that is not this flow's, the time
	 * of the flow's last, and the number of its first. */
	struct instant wall;
	uint64_t packet;
	/* Turned so that its client is the client; as of `then`. */
	const struct flow *flow;
	struct appid appid;
	struct sighted_end client, server;
	uint16_t port;       /* the server's; 0 where the protocol has none */
	bool judged;         /* there is a verdict */
	bool infrastructure; /* never judged: neighbours, multicast, ... */
	/*
	 * Valid if judged.  What is allowed by a statement that names nobody is
	 * UNMODELLED here: nobody thought of these two.
	 */
	enum verdict_kind verdict;
	bool blanket;         /* it was such a one */
	bool direction_known; /* more than a guess about who began */
	/* Nanoseconds from the flow's first packet to its last that passed on
	 * no clock but the one that stamps packets: it was set. */
	int64_t stepped;
	struct sighted_amount amount; /* PROGRESS, END, LONE */
	enum flow_reason reason;      /* END, LONE */
	/* LONE, END of a stranger that makes very many: attempts; else 1. */
	uint32_t stands_for;
	/* END: it ended before, and was kept back until its client was heard
	 * of again; perhaps it was told as LONE meanwhile. */
	bool recalled, counted;
	struct message message; /* MESSAGE */
	/* Of a million packets, the most that were lost in any ten seconds or
	 * so of this flow, as far as known. */
	uint32_t lost_ppm;
};

/* What stands for the client's network: outside, a /64 of IPv6, within which a
 * host changes its address (RFC 8981); else its key. */
static inline uint64_t
sighted_network(const struct sighting *sighting)
{
	const struct address *from = &flow_client(sighting->flow)->address;
	uint64_t prefix;

	if (sighting->client.inside || address_is_ipv4(from))
		return sighting->client.key;
	memcpy(&prefix, from->octets, sizeof(prefix));
	/* Keys are mixed already: what a sender chooses is not. */
	return memory_key(prefix, 64);
}

#endif
