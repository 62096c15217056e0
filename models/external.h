/*
 * external -- tells outside ends apart by what models ask of them.
 *
 * Models name networks, names, countries and numbers of networks; two outside
 * ends that fit the same of these are one to policy.  So there are only as many
 * kinds as models can tell, whoever sends from where.  Does not know
 * identities or flows.
 */
#ifndef MODELS_EXTERNAL_H
#define MODELS_EXTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "models/model.h"

struct library;
struct outside;
struct text;
struct external_criteria; /* opaque */

/* An outside end, as it is asked about. */
struct external_end {
	const struct address *address;
	const struct outside *outside; /* NULL: nothing but its address */
	/* What could not be seen is taken for what a model asks for. */
	bool generous;
};

/* Whether every key that is given holds; within one key, any. */
bool external_fits(
    const struct external *external, const struct external_end *end);

/* Whether something that a model may ask for could not be seen. */
bool external_is_partly_unseen(const struct outside *outside);

/* Calls `each` for every peer under every model and segment of the library. */
void external_each_peer(const struct library *library,
    void (*each)(const struct peer *peer, void *context), void *context);

/* The same for the peers of one model. */
void external_each_peer_of(const struct model *model,
    void (*each)(const struct peer *peer, void *context), void *context);

/* Makes owned, empty criteria for external_criteria_free(). */
struct external_criteria *external_criteria_new(void);
void external_criteria_free(struct external_criteria *criteria);

/* Adds what `external:` asks for; texts are borrowed. */
void external_criteria_add(
    struct external_criteria *criteria, const struct external *external);

/* The networks among the criteria. */
size_t external_network_count(const struct external_criteria *criteria);
const struct prefix *external_network(
    const struct external_criteria *criteria, size_t index);

/* Octets of a class. */
size_t external_class_size(const struct external_criteria *criteria);

/* Writes the octets that are equal for ends that no model tells apart. */
void external_class(const struct external_criteria *criteria,
    const struct external_end *end, char *out);

/* Appends what a class is called: `external[198.51.100.0/24, *.example.com]` */
void external_class_print(const struct external_criteria *criteria,
    const char *class, struct text *out);

/* How many outside ends stand for everything that a peer asks for; 0 if none */
size_t external_example_count(const struct external *external);

/*
 * One of them.
 *
 * address, outside   get what the end is made of; borrowed by `*end`
 */
void external_example(const struct external *external, size_t index,
    struct address *address, struct outside *outside, struct external_end *end);

#endif
