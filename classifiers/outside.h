/*
 * outside -- what is known of an end that is none of ours, besides its address.
 *
 * The names that its peer was answered for the address (dns_answers), the
 * server that the flow asks for (server_name), and where the address is
 * (geography).  Not knowing is told from there being nothing to know: a rule
 * must not be broken by what nobody could see.  Does not know models.  One
 * thread at a time.
 */
#ifndef CLASSIFIERS_OUTSIDE_H
#define CLASSIFIERS_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/dns_answers.h"
#include "classifiers/geography.h"

struct appid;
struct flow;
struct outside_observer; /* opaque */
struct party;
struct server_name;

/*
 * How long after watching began an earlier answer, which nobody here saw, may
 * still be what a client goes by: most names that programs call have a TTL of
 * five minutes at most.
 */
#define OUTSIDE_WARM_UP ((int64_t)300 * NS_PER_SECOND)

/* Of one end in one flow; texts are borrowed. */
struct outside {
	const char *names[DNS_NAMES_MAXIMUM]; /* answered, the latest first */
	size_t name_count;
	const char *server_name; /* asked for in TLS, or NULL */
	struct whereabouts where;
	/* Not that there is none: it could not be seen. */
	bool names_unseen, server_name_unseen;
};

/* What the observer keeps per flow; zeroed for a new flow. */
struct outside_notes {
	uint32_t name; /* answered, as of the verdict; 0: none */
	bool names_unseen, server_name_unseen; /* as of the verdict */
};

struct outside_counts {
	struct dns_answers_counts dns;
	uint64_t no_room; /* names that found no room */
};

/*
 * Makes an owned observer for outside_observer_free().
 *
 * flows      that may keep a name at once
 * key        of the hash of answers
 * geography  borrowed for its life, with all its databases, or NULL
 */
struct outside_observer *outside_observer_new(uint32_t flows,
    const struct hash_key *key, const struct geography *geography);
void outside_observer_free(struct outside_observer *observer);

/*
 * Shows what a DNS server sent to `client` at `at`, by UDP or else by TCP; the
 * caller believes it.
 */
void outside_answer(struct outside_observer *observer,
    const struct dns_client *client, bool udp, const uint8_t *octets,
    size_t size, struct instant at);

/*
 * Says what is known of `end`, when the flow is judged.
 *
 * asked      by the client; its text is borrowed by `*out`
 * peer       the flow's other end
 * watching   when watching began
 * returns    false, with `*out` empty, when the end is none of the outside
 */
bool outside_describe(struct outside_observer *observer,
    struct outside_notes *notes, const struct flow *flow,
    const struct appid *appid, const struct server_name *asked,
    const struct party *peer, const struct party *end, struct instant watching,
    struct outside *out);

/* The same, later, of an end that is outside: of several names the first. */
void outside_recall(const struct outside_observer *observer,
    const struct outside_notes *notes, const struct server_name *asked,
    const struct address *address, struct outside *out);

/* The flow has ended: its names go back. */
void outside_end(
    struct outside_observer *observer, struct outside_notes *notes);

struct outside_counts outside_counts(const struct outside_observer *observer);

#endif
