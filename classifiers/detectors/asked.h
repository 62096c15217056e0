/*
 * asked -- what flows asked last, until they are answered.
 *
 * A table of fixed size without chains: of two flows in one place the later one
 * stays, and the earlier one's answer is not known.  An answer to a flow that
 * asked nothing costs a comparison while nobody waits.
 */
#ifndef CLASSIFIERS_DETECTORS_ASKED_H
#define CLASSIFIERS_DETECTORS_ASKED_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/detectors/attempt.h"

#define ASKED_FLOWS 1024 /* a power of two */

struct asked {
	struct asked_by {
		uint64_t flow;       /* attempt_identity(); 0: nobody */
		uint64_t what, whom; /* as the asker means it */
	} at[ASKED_FLOWS];
	uint32_t waiting;
};

static inline void
asked_put(
    struct asked *asked, const struct flow *flow, uint64_t what, uint64_t whom)
{
	uint64_t identity = attempt_identity(flow) | 1;
	struct asked_by *one = &asked->at[(identity >> 1) % ASKED_FLOWS];

	asked->waiting += one->flow == 0;
	*one = (struct asked_by){identity, what, whom};
}

/* What this flow asked, once; false where it asked nothing. */
static inline bool
asked_take(struct asked *asked, const struct flow *flow, struct asked_by *out)
{
	uint64_t identity;
	struct asked_by *one;

	if (asked->waiting == 0)
		return false;
	identity = attempt_identity(flow) | 1;
	one = &asked->at[(identity >> 1) % ASKED_FLOWS];
	if (one->flow != identity)
		return false;
	*out = *one;
	one->flow = 0;
	asked->waiting--;
	return true;
}

#endif
