/*
 * dns_local -- which names of DNS are nobody's on the Internet.
 *
 * Those of a cluster's services and pods, and reversed addresses, whose servers
 * answer for the cluster.  Pure, any thread.
 */
#ifndef CLASSIFIERS_DNS_LOCAL_H
#define CLASSIFIERS_DNS_LOCAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether names of two labels or more that end in this one are such; in any
 * case. */
bool dns_label_is_local(const char *label, size_t size);

/* The same of a name, with dots between its labels and none behind. */
bool dns_name_is_local(const char *name, size_t length);

#endif
