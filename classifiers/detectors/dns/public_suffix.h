/*
 * public_suffix -- whose a domain name is (the libpsl adapter).
 *
 * The registered domain is the part that somebody can buy: one label below a
 * public suffix such as `com`, `co.uk` or `s3.amazonaws.com`, by the list that
 * libpsl was built with (publicsuffix.org).  Pure, any thread.
 */
#ifndef CLASSIFIERS_DETECTORS_DNS_PUBLIC_SUFFIX_H
#define CLASSIFIERS_DETECTORS_DNS_PUBLIC_SUFFIX_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Where in `name`, in lower case and without a final dot, its registered
 * domain begins; 0 for a name that has nothing before it.
 */
size_t public_suffix_domain(const char *name);

/* Whether names are sold below it, as below `com`. */
bool public_suffix_is(const char *name);

#endif
