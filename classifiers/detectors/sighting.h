/*
 * sighting -- what detectors are told of flows, in the order of packets.
 *
 * A flow is seen when it is judged, again while it goes on, with every message
 * in it that says something, and when it ends.  Its ends have names already:
 * what a detector remembers, it remembers of workloads, never of addresses,
 * which are given to somebody else within seconds.
 *
 * Does not know detectors, nor what was found.  Everything is borrowed for the
 * call that hands it over.
 */
#ifndef CLASSIFIERS_DETECTORS_SIGHTING_H
#define CLASSIFIERS_DETECTORS_SIGHTING_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/application.h"
#include "classifiers/inventory/inventory.h"
#include "models/judge.h"
#include "sensor/base/instant.h"
#include "sensor/flow.h"

struct outside;

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
	const char *application;       /* of its metadata, or NULL */
	const struct party *party;     /* never NULL */
	const struct outside *outside; /* EXTERNAL: what is known, or NULL */
	bool inside; /* the cluster's own: anything but EXTERNAL and ZONE */
};

enum sighting_kind {
	SIGHTED_READY,    /* judged: its application is known, or never will */
	SIGHTED_PROGRESS, /* it goes on; at most every SIGHTING_INTERVAL */
	SIGHTED_MESSAGE,  /* its `message` */
	SIGHTED_END,
};

/* A flow with packets is seen at least this often. */
#define SIGHTING_INTERVAL (10 * NS_PER_SECOND)

enum message_kind {
	/* code: type of the question; octets: the whole message */
	MESSAGE_DNS_QUESTION,
	/* code: the response code; octets: the whole message */
	MESSAGE_DNS_ANSWER,
	/* octets: from the request line on, as far as the segment goes */
	MESSAGE_HTTP_REQUEST,
	/* code: the status; octets: from the status line on */
	MESSAGE_HTTP_RESPONSE,
	/* The server said yes (code 0) or no (1) to who the client is. */
	MESSAGE_AUTHENTICATION,
	/* octets: a TLS handshake message of this sender, from its type on;
	 * code: that type (RFC 8446 section 4, 5246 section 7.4) */
	MESSAGE_TLS,
	/* octets: the line that names software and version */
	MESSAGE_BANNER,
	/* octets: an echo's payload; code: 1 where it is a reply */
	MESSAGE_ECHO,
	/* octets: the first payload of this sender, whatever it is */
	MESSAGE_OPENING,
	/* nDPI's risks of the flow, as bits; no octets */
	MESSAGE_RISKS,
	MESSAGE_KINDS
};

/* The most octets of a message that are handed over. */
#define MESSAGE_MAXIMUM 2048

struct message {
	enum message_kind kind;
	bool from_client;
	uint32_t code;
	uint64_t risks; /* MESSAGE_RISKS */
	const uint8_t *octets;
	uint32_t size;   /* of what is here */
	uint32_t length; /* of what was sent; more when some is missing */
};

/* What client and server sent since this flow was last seen so. */
struct sighted_amount {
	uint64_t packets[2]; /* by the client, by the server */
	uint64_t octets[2];  /* of IP */
};

struct sighting {
	enum sighting_kind kind;
	struct instant at;       /* time that passes; never goes back */
	struct instant wall;     /* as the packets are stamped */
	uint64_t packet;         /* number in its file, for evidence */
	const struct flow *flow; /* turned so that its client is the client */
	struct appid appid;
	struct sighted_end client, server;
	uint16_t port; /* the server's; 0 where the protocol has none */
	bool judged;   /* false: before the verdict */
	enum verdict_kind verdict;    /* valid if judged */
	bool direction_known;         /* more than a guess about who began */
	struct sighted_amount amount; /* PROGRESS, END */
	enum flow_reason reason;      /* END */
	struct message message;       /* MESSAGE */
	/* Packets of a million that were lost lately, as far as known. */
	uint32_t lost_ppm;
};

#endif
