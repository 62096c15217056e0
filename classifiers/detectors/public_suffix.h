/*
 * public_suffix -- whose a domain name is (the libpsl adapter).
 *
 * The registered domain is the part that somebody can buy: one label below a
 * public suffix such as `com`, `co.uk` or `s3.amazonaws.com`, by the list that
 * libpsl was built with (publicsuffix.org).  Pure, any thread.
 */
#ifndef CLASSIFIERS_DETECTORS_PUBLIC_SUFFIX_H
#define CLASSIFIERS_DETECTORS_PUBLIC_SUFFIX_H

#include <stddef.h>
#include <stdint.h>

#include "sensor/base/hash.h"

/*
 * Where in `name`, in lower case and without a final dot, its registered
 * domain begins; 0 for a name that has nothing before it.
 */
size_t public_suffix_domain(const char *name);

#define PUBLIC_SUFFIX_KEPT 256 /* a power of two */

/* The same of names that were asked for lately, by their hash: the list takes
 * long.  Zeroed to begin with; one thread at a time. */
struct public_suffix_memo {
	struct {
		uint64_t name, start;
	} kept[PUBLIC_SUFFIX_KEPT];
};

size_t public_suffix_recall(struct public_suffix_memo *memo,
    const struct hash_key *key, const char *name, size_t length);

#endif
