/*
 * detectors_state -- what detectors remember, as octets for a file.
 *
 * A head with the format's version, the size of what follows, the secret that
 * sketches were made under, and a checksum; then each memory under its
 * detector's name, and what is remembered beside them under its own (struct
 * beside).  Entries are as they lie in memory, so a state is good for
 * the kind of machine that wrote it.  A memory whose entries have come to mean
 * other things (detector.revision, or their size) is left out when it is
 * restored, and said; so is one of a detector that is no more.
 */
#ifndef CLASSIFIERS_DETECTORS_DETECTORS_STATE_H
#define CLASSIFIERS_DETECTORS_DETECTORS_STATE_H

#include "classifiers/detectors/detectors.h"

struct text;

/* The largest that is read. */
#define DETECTORS_STATE_MAXIMUM ((size_t)1 << 30)

#define DETECTORS_STATE_FAULT 160

/* Everything in one piece: owned octets for free(), `*size` of them. */
uint8_t *detectors_save(const struct detectors *detectors, size_t *size);

/*
 * Whether the octets are a whole state of this program and machine.
 *
 * fault      gets why not
 * key        gets the secret for detectors_parts, which comes before restoring
 */
bool detectors_state_check(const uint8_t *octets, size_t size,
    struct hash_key *key, char fault[DETECTORS_STATE_FAULT]);

/*
 * Restores into memories that are empty, what was checked before.
 *
 * left_out   gets the names of memories that could not be, with spaces; or ""
 * returns    entries restored
 */
uint64_t detectors_restore(struct detectors *detectors, const uint8_t *octets,
    size_t size, struct text *left_out);

#endif
