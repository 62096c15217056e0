/*
 * finding_parts -- the copies that one finding keeps; for finding.c alone.
 */
#ifndef ALERTS_FINDING_PARTS_H
#define ALERTS_FINDING_PARTS_H

#include "alerts/finding.h"
#include "alerts/finding_key.h"

/* Copies what is said of it; false where there was no memory, and
 * finding_release() is due all the same. */
bool finding_fill(
    struct finding *finding, const struct cause *cause, struct instant at);

/* It was seen once more. */
void finding_more(struct finding *finding, const struct cause *cause);

void finding_release(struct finding *finding);

#endif
