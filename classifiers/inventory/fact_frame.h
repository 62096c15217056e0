/*
 * fact_frame -- the facts of one source as those of one cluster and one stretch
 * of time.
 *
 * What a snapshot says was so always; framed, it was so from one moment to
 * another.  Events after the frame are left out, those before it are held to
 * have happened as it began, and what is there at its end is gone then.  Does
 * not know where facts come from.
 */
#ifndef CLASSIFIERS_INVENTORY_FACT_FRAME_H
#define CLASSIFIERS_INVENTORY_FACT_FRAME_H

#include "classifiers/inventory/fact.h"
#include "sensor/base/instant.h"

struct fact_frame; /* opaque */

/*
 * Makes an owned frame for fact_frame_end().
 *
 * taker      gets the facts as they are in the frame
 * cluster    for facts that name none; "" for none
 * from, to   INSTANT_PAST and INSTANT_FUTURE: for ever
 */
struct fact_frame *fact_frame_new(struct fact_taker taker, const char *cluster,
    struct instant from, struct instant to);

/* The frame as a taker, as long as it lives. */
struct fact_taker fact_frame_taker(struct fact_frame *frame);

/* States the end of whatever is there at the end, and frees the frame. */
void fact_frame_end(struct fact_frame *frame);

#endif
