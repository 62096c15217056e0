/*
 * observation_check -- whether an observation can be one.
 *
 * A worker reads strangers' packets with nDPI: when somebody has taken it over,
 * it says what he likes.  He may lie about flows, but nothing he says may lead
 * whoever reads it out of an array, or into a value that its type has not.
 * So every field that is an index, a choice or a switch is looked at; texts and
 * octets are observation_store.c's.  Whoever adds a field to an observation
 * adds it here.
 */
#ifndef SENSOR_RUN_OBSERVATION_CHECK_H
#define SENSOR_RUN_OBSERVATION_CHECK_H

#include <stdbool.h>

struct appid_flow;
struct flow;
struct observation;

/* Its own pointers are not followed. */
bool observation_is_sound(const struct observation *head,
    const struct flow *flow, const struct appid_flow *appid);

#endif
