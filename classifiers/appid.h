/*
 * appid -- decides which application a flow speaks, from its payload.
 *
 * Our own classifiers look at the first payload of each direction; what none
 * of them recognises goes to nDPI.  A flow costs nothing here until its first
 * payload, and its memory goes back as soon as the answer is final.  Never
 * guesses: an answer has APP_DPI only when octets showed it.  Does not know
 * workloads or models.  One engine per part of the flows, one thread at a time.
 */
#ifndef CLASSIFIERS_APPID_H
#define CLASSIFIERS_APPID_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/application.h"

struct frame;
struct flow;
struct appid_engine; /* opaque */
struct ndpi_module;

/* Payload packets of one flow that are looked at before giving up. */
#define APPID_PACKETS_MAXIMUM 24

/* Octets of a direction's first payload that our own classifiers may read. */
#define APPID_PREFIX_MAXIMUM 1024

/* What appid keeps per flow; zeroed for a new flow, open only to be stored. */
struct appid_flow {
	struct appid result;
	bool final;          /* result will not change again */
	bool server_first;   /* the server sent the first payload */
	uint8_t payloads[2]; /* payload packets seen to server, to client */
	/* From the payload: 0 not known, 1 its first sender is the client, 2
	 * the server.  Lets a flow without a handshake learn its direction. */
	uint8_t role;
	/* What a direction's opening may be, by our own classifiers: an
	 * application, and who would send such octets. */
	uint8_t hints[2], hint_senders[2];
	bool ndpi_over;         /* nDPI has spoken, or was full */
	uint64_t risks;         /* that nDPI saw, by its numbers; until said */
	struct ndpi_flow *ndpi; /* owned while detection runs, else NULL */
};

/* Each flow with a payload is in the end one of own, ndpi and given_up. */
struct appid_counts {
	uint64_t flows, own, ndpi, given_up;
	uint64_t pool_empty; /* flows that nDPI had no room for */
};

/*
 * Makes an owned engine for appid_free().
 *
 * ndpi       borrowed; of one thread, perhaps of several engines
 * sessions   flows of this engine that may be in nDPI's hands at once, at
 *            least 1; nDPI has room for those of all its engines
 */
struct appid_engine *appid_new(struct ndpi_module *ndpi, uint32_t sessions);

/* Frees the engine; every flow must have been ended.  NULL is allowed. */
void appid_free(struct appid_engine *engine);

/*
 * Shows a frame of a flow to the classifiers.  Frames without payload cost
 * next to nothing.
 *
 * state      this flow's own
 * to_server  whether the flow's client sent it
 * returns    true when this frame made the result final
 */
bool appid_frame(struct appid_engine *engine, struct appid_flow *state,
    const struct flow *flow, const struct frame *frame, bool to_server);

/* The flow has ended: what is known becomes final and memory goes back. */
void appid_end(struct appid_engine *engine, struct appid_flow *state);

struct appid_counts appid_counts(const struct appid_engine *engine);

/* The library and its version, such as `nDPI 4.2.0`. */
const char *appid_version(void);

#endif
