/*
 * dns_answers -- which names each client was answered for which addresses.
 *
 * Reads DNS responses as they pass and remembers, for a while, that a client
 * asked for a name and got an address; a chain of CNAMEs counts under the name
 * that was asked for.  Bounded: a fixed number of answers, the longest
 * unrepeated one makes room; what is kept never grows.  Whether a response is
 * to be believed is its caller's to say.  Does not know flows, models or
 * clocks.  One thread at a time.
 */
#ifndef CLASSIFIERS_DNS_ANSWERS_H
#define CLASSIFIERS_DNS_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/address.h"
#include "sensor/base/hash.h"
#include "sensor/base/instant.h"

struct dns_answers; /* opaque */

/* Answers that are remembered, unless said otherwise: 22 MiB when all are. */
#define DNS_ANSWERS_DEFAULT ((uint32_t)1 << 16)

/* Names of one address for one client; the longest unrepeated one goes. */
#define DNS_NAMES_MAXIMUM 8

/*
 * How long an answer counts: its TTL, but never more than a week, which is
 * what RFC 8767, 4 tells resolvers to cut a TTL at; and an hour longer, for
 * programs go on using an address after its TTL.  Cilium let its DNS policies
 * hold for an hour at least until version 1.13 (--tofqdns-min-ttl) for the
 * same reason.  So a TTL needs no floor of its own.
 */
#define DNS_TTL_MAXIMUM ((int64_t)7 * 24 * 3600 * NS_PER_SECOND)
#define DNS_GRACE       ((int64_t)3600 * NS_PER_SECOND)

/* Who asked: the same address in two networks (domain.h) is two clients. */
struct dns_client {
	struct address address;
	uint16_t domain;
};

struct dns_answers_counts {
	uint64_t messages;  /* responses that were read */
	uint64_t malformed; /* what was no response, or broke off */
	uint64_t answers;   /* addresses learnt or heard again */
	uint64_t evicted;   /* forgotten before their time, to make room */
	uint64_t held;      /* now */
};

/*
 * Makes an owned table for dns_answers_free() that never allocates again.
 *
 * capacity   answers, at least 1
 * key        of the hash; a secret live, a constant in replay
 */
struct dns_answers *dns_answers_new(
    uint32_t capacity, const struct hash_key *key);
void dns_answers_free(struct dns_answers *answers);

/*
 * Reads one response message that was sent to `client` at `at`.
 *
 * returns    whether it was a response that could be read to its end
 */
bool dns_answers_read(struct dns_answers *answers, const uint8_t *octets,
    size_t size, const struct dns_client *client, struct instant at);

/*
 * The same for the payload of one TCP segment: messages with their length in
 * front (RFC 7766, 8), those that lie in it whole.
 */
void dns_answers_read_tcp(struct dns_answers *answers, const uint8_t *octets,
    size_t size, const struct dns_client *client, struct instant at);

/*
 * The names for an address that had been answered to the client by `at` and
 * whose lifetime was not over then, the latest first.
 *
 * since      when the client got its own address; what was answered to that
 *            address before is somebody else's.  INSTANT_PAST when not known
 * names      gets borrowed texts, valid until the next message is read
 * returns    how many, at most DNS_NAMES_MAXIMUM
 */
size_t dns_answers_find(const struct dns_answers *answers,
    const struct dns_client *client, const struct address *address,
    struct instant at, struct instant since,
    const char *names[DNS_NAMES_MAXIMUM]);

struct dns_answers_counts dns_answers_counts(const struct dns_answers *answers);

#endif
