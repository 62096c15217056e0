/*
 * policy -- what the models come to for the workloads that exist.
 *
 * A statement allows one application on some ports from one identity to
 * another.  Statements are made for a pair when it is first asked about and
 * kept, so a new workload costs its own pairs and never the world's.  Who lives
 * on asks now and then whether too much was kept, and makes the policy anew.
 * Does not know flows or verdicts.  One thread at a time.
 */
#ifndef MODELS_POLICY_H
#define MODELS_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/application.h"
#include "models/identity.h"
#include "models/statement.h"

struct inventory;
struct library;
struct outside;
struct party;
struct policy; /* opaque */
struct report;

/* What a policy was made of, and what that took, since it began. */
struct policy_counts {
	uint64_t identities, pairs;
	uint64_t keyed;    /* workloads whose identity was looked for */
	uint64_t resolved; /* identities whose models were decided */
	uint64_t stated;   /* pairs whose statements were made */
	uint64_t octets;   /* taken from the system for them */
};

/*
 * Makes an owned policy; the library is borrowed for its life, the inventory
 * until another takes its place.
 */
struct policy *policy_new(
    const struct library *library, const struct inventory *inventory);
void policy_free(struct policy *policy);

/*
 * Goes on with a newer inventory: the old one may be freed after.  Identities
 * and pairs stay as they are, and what was borrowed from the policy before
 * stays good.  Whoever is new or different costs his own identity and pairs;
 * only imported policies that changed have models decided anew.
 */
void policy_follow(struct policy *policy, const struct inventory *inventory);

/*
 * Whether more than half of the kinds of workload that it knows have died, or
 * statements were made for more pairs than are worth keeping (a quarter of a
 * million, or 16 for each identity), so that it is time for policy_renew(); to
 * be asked after it followed.  Mostly costs nothing: it looks who lives only
 * when as many kinds are new as there were.
 */
bool policy_is_worn(struct policy *policy);

/*
 * A policy made anew for the same library and inventory, which keeps what the
 * living were seen to serve and forgets the dead: so memory is bounded by what
 * lives, whatever has come and gone.  The old one stays as it is, to be freed
 * by who holds nothing that was borrowed from it any more.
 */
struct policy *policy_renew(struct policy *policy);

struct policy_counts policy_counts(const struct policy *policy);

/*
 * Reads what every workload declares of itself; what is wrong there is said
 * once for each identity, and no reason to go without a policy.
 */
void policy_check_declarations(struct policy *policy, struct report *report);

/* The identity of each kind of end; borrowed, made when first asked for. */
const struct identity *policy_workload(
    struct policy *policy, const struct workload *workload);
const struct identity *policy_node(
    struct policy *policy, const struct node *node);
const struct identity *policy_zone(
    struct policy *policy, const struct zone *zone);

/*
 * The identity of an outside end: outside ends are one where models ask for
 * nothing that tells them apart.
 *
 * outside    what is known besides its address, borrowed for the call; NULL
 *            for nothing
 * generous   take what could not be seen for what models ask for
 */
const struct identity *policy_external(struct policy *policy,
    const struct address *address, const struct outside *outside,
    bool generous);

/* The networks that models divide the outside by. */
size_t policy_network_count(const struct policy *policy);
const struct prefix *policy_network(const struct policy *policy, size_t index);

/* What is stated from one to the other; borrowed. */
const struct pair *policy_pair(struct policy *policy,
    const struct identity *client, const struct identity *server,
    bool same_node);

/*
 * A workload was seen to serve an application.  Where nothing else chose a
 * model, one that matches `serves:` applies from now on; one that `adds` joins
 * whatever did.
 */
void policy_serves(struct policy *policy, const struct workload *workload,
    enum application application);

#endif
