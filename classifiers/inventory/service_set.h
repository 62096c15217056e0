/*
 * service_set -- which addresses may be a service's, for whoever has no
 * inventory.
 *
 * All that a worker has to know of the inventory: the packets of a flow to a
 * service's virtual address are shown one by one (translation.h), those of
 * other flows are not.  A fixed number of bits (a Bloom filter), so it may lie
 * in memory that one process writes and others read at the same time: an
 * address of the old inventory and of the new one is in it at every moment
 * between them, and nobody waits.  It may have an address too many, about one
 * of 100 000 with 10 000 services, of which packets are shown in vain.
 */
#ifndef CLASSIFIERS_INVENTORY_SERVICE_SET_H
#define CLASSIFIERS_INVENTORY_SERVICE_SET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/address.h"

struct inventory;

#define SERVICE_SET_WORDS 16384 /* of 64 bits: 128 KiB */

/* Zeroed: there are no services. */
struct service_set {
	_Atomic uint64_t words[SERVICE_SET_WORDS];
	_Atomic uint32_t any; /* there are services at all */
};

/* Goes over to the services of an inventory; one thread at a time. */
void service_set_follow(
    struct service_set *set, const struct inventory *inventory);

/* Whether there is any service; from any thread or process. */
static inline bool
service_set_any(const struct service_set *set)
{
	return atomic_load_explicit(&set->any, memory_order_relaxed) != 0;
}

/* Whether the address may be a service's; from any thread or process. */
bool service_set_has(
    const struct service_set *set, const struct address *address);

#endif
