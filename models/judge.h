/*
 * judge -- compares one flow with the policy and gives a verdict.
 *
 * Says what exactly differs from the nearest statement, so that a person
 * knows what to do.  What is not known is never a violation: an end that
 * nobody held, an application that stayed hidden, a direction that is only a
 * guess.  Does not know packets, alerts or how often a thing was said.
 */
#ifndef MODELS_JUDGE_H
#define MODELS_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/application.h"
#include "classifiers/inventory/inventory.h"
#include "models/policy.h"
#include "sensor/base/instant.h"

struct outside;
struct text;

/* One flow, as far as policy is concerned. */
struct question {
	struct party client, server;
	/* Of an end outside: what else is known of it, or NULL. */
	const struct outside *client_outside, *server_outside;
	uint8_t protocol;
	uint16_t port; /* the server's; 0 where the protocol has none */
	struct appid appid;
	struct instant start;
	bool attempted;       /* the server never accepted */
	bool may_be_reversed; /* nothing but a guess says who is the client */
};

enum verdict_kind {
	VERDICT_ALLOWED,
	VERDICT_UNMODELLED, /* no model has an opinion */
	VERDICT_UNKNOWN,    /* something that matters is not known */
	VERDICT_DEVIATION,
};

enum deviation {
	DEVIATION_NONE,
	DEVIATION_SEGMENT,      /* crosses an isolated boundary */
	DEVIATION_APPLICATION,  /* pair and port are stated, not this AppID */
	DEVIATION_PORT,         /* the pair is stated, on another port */
	DEVIATION_EXTERNAL,     /* an outside peer that nothing allows */
	DEVIATION_DIRECTION,    /* the reverse is stated */
	DEVIATION_RELATIONSHIP, /* known here, but not with this peer */
};

struct verdict {
	enum verdict_kind kind;
	enum deviation deviation;
	bool attempted;
	enum severity severity;                 /* of a deviation */
	const struct identity *client, *server; /* as judged; NULL if unknown */
	/* What allowed it, or the nearest that does not; else NULL. */
	const struct statement *statement;
	/*
	 * ALLOWED, and by no statement that names the application, a port or
	 * who the other is: it says what nobody thought about.
	 */
	bool blanket;
	const struct model *model; /* whose opinion decided, or NULL */
	const struct entry *entry; /* its nearest entry, or NULL */
	bool entry_provides;       /* it stands under provides:, not needs: */
	const struct segment *segment; /* DEVIATION_SEGMENT */
	const struct boundary *boundary;
};

/* Judges one flow. */
struct verdict judge(struct policy *policy, const struct question *question);

/*
 * The port of a backend that a service's own port leads to; a port that is not
 * the service's leads to itself.
 */
uint16_t judge_target_port(const struct service *service,
    const struct workload *backend, uint8_t protocol, uint16_t port);

/* Where what decided is written; NULL when nothing did. */
const struct place *verdict_place(const struct verdict *verdict);

/* `file:line` of what decided; false when nothing did. */
bool verdict_source(const struct verdict *verdict, struct text *out);

/* `allowed`, `deviation`, ... and `relationship`, `port`, ... */
const char *verdict_kind_name(enum verdict_kind kind);
const char *deviation_name(enum deviation deviation);

#endif
