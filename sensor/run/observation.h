/*
 * observation -- what a shard tells of a flow, and the only thing it tells.
 *
 * Shards track flows and classify them, each its own part of them, perhaps on
 * a thread of its own; the assessment judges and reports them, one after the
 * other.  Between them pass observations, in an order that does not depend on
 * who made them: by `order`, then by shard.
 *
 * Does not know verdicts.
 */
#ifndef SENSOR_RUN_OBSERVATION_H
#define SENSOR_RUN_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/appid.h"
#include "classifiers/messages/messages.h"
#include "classifiers/server_name.h"
#include "sensor/base/instant.h"
#include "sensor/flow.h"
#include "sensor/flowtable.h"

enum observation_kind {
	OBSERVED_PACKET, /* it may be another flow's, before translation */
	/* The application is final, the server has answered; or neither for
	 * long, or the server refused (shard.h).  Then it may be said again. */
	OBSERVED_READY,
	OBSERVED_ANSWER, /* a DNS message that says it is a response */
	/* For detectors, and only where some want it: */
	OBSERVED_MESSAGE,  /* `message`, whose octets are `payload` */
	OBSERVED_PROGRESS, /* it goes on; at most every PROGRESS_INTERVAL */
	OBSERVED_END,      /* and nothing about this flow after it */
	OBSERVED_CLOCK,    /* time went on; about no flow */
};

/* A flow with packets is observed at least this often, if anybody wants it. */
#define PROGRESS_INTERVAL (10 * NS_PER_SECOND)

/* What both ends sent since that was last said of the flow. */
struct flow_amount {
	uint64_t packets[2], octets[2]; /* by end 0, end 1 */
	uint32_t payloads[2];           /* packets with payload */
	uint32_t turns;    /* times that the sender of payload changed */
	uint32_t begun[2]; /* payloads after a second or more without any */
	uint8_t closed[2]; /* TCP: windows of zero, 255 at most */
	/* Bits 0 and 1: that end's SYN offered less than NARROW_WINDOW; of the
	 * flow's whole life. */
	uint8_t narrow;
};

/*
 * Less than a segment of any network (RFC 8200, 5: 1280 octets less headers of
 * 60): whoever opens with it keeps its own buffer so small.  A SYN's window is
 * never scaled (RFC 7323, 2.2).
 */
#define NARROW_WINDOW 1220

/* All pointers are borrowed for the call that hands it over. */
struct observation {
	enum observation_kind kind;
	uint32_t shard;
	uint64_t order;      /* of what gave rise to it, within the run */
	uint64_t packet;     /* its number in its file */
	struct instant at;   /* the time that passes, of packet_clock.h */
	struct instant wall; /* and what a clock on the wall showed */
	/* All below but for CLOCK. */
	uint32_t conversation;   /* below the run's flow capacity, by flow */
	const struct flow *flow; /* as it was then */
	const struct appid_flow *appid; /* the same */
	struct server_name asked;       /* the same */
	struct heard heard;             /* PACKET, ANSWER */
	enum flow_reason reason;        /* END */
	bool revised; /* READY, and was said to be before it was */
	bool differs; /* valid when that: what was said then was not so */
	const uint8_t *payload;    /* ANSWER, MESSAGE */
	uint32_t payload_size;     /* ANSWER, MESSAGE */
	struct message message;    /* MESSAGE; its octets are `payload` */
	struct flow_amount amount; /* PROGRESS, END */
};

/* Such as `packet`. */
const char *observation_kind_name(enum observation_kind kind);

typedef void take_observation(
    const struct observation *observation, void *context);

#endif
