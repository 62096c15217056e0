/*
 * inventory_forms -- the forms of inventory files that other orchestrators
 * than Kubernetes write.
 *
 * A form is recognised by one value of it: Docker Engine and Swarm (`docker
 * inspect` and the Engine API), Mesos (/state, GET_STATE, SUBSCRIBE), and Cloud
 * Foundry (cfdot, API v3).  Values of one form may name each other, so all of
 * them are learnt before the first is given.  Does not know files.
 */
#ifndef CLASSIFIERS_SOURCES_INVENTORY_FORMS_H
#define CLASSIFIERS_SOURCES_INVENTORY_FORMS_H

#include <stdbool.h>

struct fact_taker;
struct inventory_form;         /* opaque, constant */
struct inventory_form_reading; /* opaque */
struct json;

/*
 * The form of a value; of an array, that of the first element that has one.
 *
 * returns    NULL when it has none
 */
const struct inventory_form *inventory_form_of(const struct json *value);

/* Starts to read values of a form; for inventory_form_end(). */
struct inventory_form_reading *inventory_form_begin(
    const struct inventory_form *form, const struct fact_taker *taker);

/* Learns what other values need to know of this one. */
void inventory_form_learn(
    struct inventory_form_reading *reading, const struct json *value);

/*
 * Gives what a value, or each element of an array, says.
 *
 * returns    false when nothing of it was of the form
 */
bool inventory_form_give(
    struct inventory_form_reading *reading, const struct json *value);

/* Gives what only all values together say, and frees the reading. */
void inventory_form_end(struct inventory_form_reading *reading);

#endif
