/*
 * end_names -- the keys and names by which detectors tell ends apart.
 *
 * The key is made of what stands for an end in findings (finding_party_key()),
 * or of the address of one that is nothing else,
 * so that the same end has the same one on every sensor and in every run.
 * Remembers what it made lately, for the same ends come again and again, and
 * numbers it: whoever keeps the number need not ask the inventory again.
 */
#ifndef SENSOR_RUN_END_NAMES_H
#define SENSOR_RUN_END_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/detectors/sighting.h"

struct end_names; /* opaque */

/* Makes an owned one for end_names_free(). */
struct end_names *end_names_new(void);
void end_names_free(struct end_names *names);

/*
 * The end for a party of that generation of the inventory; what is known of an
 * outside one is left to the caller.
 *
 * end        gets it; what it points to is borrowed until two other ends were
 *            asked for
 * returns    its number, which is never 0
 */
uint32_t end_names_get(struct end_names *names, const struct party *party,
    uint32_t generation, struct sighted_end *end);

/*
 * The same by the number, where it is remembered still.
 *
 * address    the end's
 */
bool end_names_again(struct end_names *names, uint32_t number,
    const struct address *address, uint32_t generation,
    struct sighted_end *end);

#endif
