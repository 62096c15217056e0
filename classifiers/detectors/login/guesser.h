/*
 * guesser -- what is remembered of one pod that fails to log in at one port of
 * one workload: when, how, and with how many different credentials.
 *
 * A plain structure of a fixed size for memory.h.  Does not know applications,
 * nor when this is too much.
 */
#ifndef CLASSIFIERS_DETECTORS_LOGIN_GUESSER_H
#define CLASSIFIERS_DETECTORS_LOGIN_GUESSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Failures whose times are known one by one. */
#define GUESSER_FAILURES 32
/* Flows whose latest credential is known, for requests and their answers. */
#define GUESSER_ASKED    16
#define GUESSER_EXAMPLES 4
/* Bursts that are known one by one. */
#define GUESSER_BURSTS 8
/* Flows that failed last: a tool keeps 64 connections at most, by default 16
 * (hydra's manual, -t). */
#define GUESSER_FLOWS 16

struct guesser_asked {
	uint64_t flow; /* attempt_identity() */
	uint32_t credential;
	uint32_t spare;
};

/* Tries whose connections began within a second of a refusal before. */
struct guesser_burst {
	int64_t began, ended; /* its first and its latest connection, ns */
	int64_t refused;      /* its first try */
	uint32_t tries;
	uint32_t anew; /* that began after one of it was refused */
};

struct guesser {
	int64_t failures[GUESSER_FAILURES]; /* a ring of times, ns */
	struct guesser_asked asked[GUESSER_ASKED];
	uint64_t credentials[4]; /* a sketch of 256 bits of distinct ones */
	uint64_t names;          /* the same of 64 bits */
	uint64_t examples[GUESSER_EXAMPLES];
	int64_t first, last;           /* of failures */
	int64_t raised, began;         /* said last; since when it guesses */
	uint64_t flows[GUESSER_FLOWS]; /* that failed last: a ring */
	uint64_t failed, succeeded, counted;
	struct guesser_burst bursts[GUESSER_BURSTS]; /* a ring */
	uint64_t burst_count;
	uint64_t shown;    /* failures whose credential was to be seen */
	uint64_t unshown;  /* and others; both since a long pause */
	uint32_t repeated; /* failures in a flow that failed before */
	uint32_t parallel; /* in a flow that began before the one before */
	uint32_t famous;   /* failures under a name that everybody knows */
	uint8_t guessing;  /* it was said */
	uint8_t slowed; /* it waited ever longer from its first failures on */
	uint8_t spare[2];
	/* Since a long pause: when its first connection began, and how long
	 * it rested between a refusal and the next one, all together. */
	int64_t awake, rested;
	uint64_t named; /* of a /64: who stands for it; 0: nobody yet */
};

/* One failure. */
struct guess {
	int64_t at;          /* of the refusal, ns */
	int64_t began;       /* of its flow, ns */
	uint64_t flow;       /* attempt_identity() */
	uint64_t packet;     /* for evidence */
	uint32_t credential; /* hash of what was tried; 0: it is not seen */
	uint32_t name;       /* the same of whom it is of */
	bool famous;         /* whom everybody knows: `root` */
};

void guesser_failed(struct guesser *guesser, const struct guess *guess);

/* Notes what a flow asks with, and what it asked with last; 0: nothing. */
void guesser_ask(struct guesser *guesser, uint64_t flow, uint32_t credential);
uint32_t guesser_asked_with(const struct guesser *guesser, uint64_t flow);

/* Failures in the `window` ns before the newest, GUESSER_FAILURES at most. */
uint32_t guesser_recent(const struct guesser *guesser, int64_t window);

/* At least so many different credentials. */
uint32_t guesser_credentials(const struct guesser *guesser);

/*
 * Whether it tries the same thing again and again, as a program does that was
 * given a wrong password: one credential or two; or, where they are not seen
 * and not for ever other names, one try per connection, one after the other, a
 * second apart or more, in a steady or slowing beat; or a pool's: several
 * connections within a second, then a pause of several, in a steady or slowing
 * beat of those.
 */
bool guesser_is_retrying(const struct guesser *guesser);

/* Whether only one name is tried, and with what cannot be seen. */
bool guesser_is_of_one(const struct guesser *guesser);

/*
 * Whether it looks like replicas or a pool that were given a password that is
 * no longer right, at whatever rhythm: one name, which is not everybody's, one
 * try per connection, credentials that are not seen, and more than half of the
 * time spent in rests of a tenth of a second or more without a connection.  Who
 * guesses tries the next as soon as one is refused.
 */
bool guesser_is_outdated(const struct guesser *guesser);

/*
 * Whether it goes on for hours without ever being let in, and not as a program
 * does: with ever other credentials; or, where they are not seen, under a name
 * that everybody knows, or in a beat that no timer has.  Not who waited longer
 * and longer, nor a pool.
 */
bool guesser_is_persistent(const struct guesser *guesser);

/*
 * Whether what it tries comes all at once, again and again: its failures lie
 * within a tenth of a second or half a second or more apart, in a steady beat.
 * So does a pool of connections that waits a second; and a tool at a server
 * that makes everybody wait.
 */
bool guesser_is_in_step(const struct guesser *guesser);

#endif
