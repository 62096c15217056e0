/*
 * domain -- which network a packet belongs to, where there are several.
 *
 * Two clusters may use the same addresses.  Operators say how packets of each
 * are told apart, and equal addresses of two domains never meet in one flow or
 * one datagram:
 *
 *   prod-a=vlan:100,vlan:101
 *   prod-b=vni:4096
 *   edge=interface:eth1
 *
 * The innermost evidence decides: the number of the innermost tunnel (VNI, GRE
 * key, ERSPAN session), then VLANs from the inside out, then the interface.
 * What nobody declared is domain 0.  Whoever declares a VLAN says that its
 * packets are seen with that tag everywhere: the same packet without it is in
 * another domain, and counts again.
 *
 * Built at start-up, then read only.  Does not know addresses or clusters.
 */
#ifndef SENSOR_DOMAIN_H
#define SENSOR_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "sensor/base/report.h"
#include "sensor/frame.h"

struct domains; /* opaque */

/* Domains, and rules for all of them together. */
#define DOMAINS_MAXIMUM      1000
#define DOMAIN_RULES_MAXIMUM 10000

/* Makes owned, empty domains for domains_free(). */
struct domains *domains_new(void);

/* NULL is allowed. */
void domains_free(struct domains *domains);

/*
 * Adds what an operator wrote: a name, `=`, and how its packets are told, with
 * commas between.  Reports every mistake; what is right is taken all the same.
 *
 * place      of the text's first character
 */
void domains_add(struct domains *domains, const char *text,
    struct report *report, struct place place);

/* Whether both say the same; NULL is as good as none. */
bool domains_are_same(const struct domains *a, const struct domains *b);

/* How many there are; they are numbered from 1. */
uint16_t domains_count(const struct domains *domains);

/* The name of a domain, borrowed; NULL for 0. */
const char *domains_name(const struct domains *domains, uint16_t domain);

/* The domain of an interface, 0 when it has none; `name` may be NULL. */
uint16_t domains_of_interface(const struct domains *domains, const char *name);

/* The domain of a frame with a tunnel or VLANs, or else `otherwise`. */
uint16_t domains_of_carrier(const struct domains *domains,
    const struct frame *frame, uint16_t otherwise);

/*
 * Puts a decoded frame into its domain, and what it quotes with it.
 *
 * domains    NULL when there are none
 * otherwise  that of the interface, or for a datagram that of its fragments
 */
static inline void
domains_settle(
    const struct domains *domains, struct frame *frame, uint16_t otherwise)
{
	if (domains == NULL)
		return;
	if (frame->vlan_count > 0 || frame->tunnel.kind != TUNNEL_NONE)
		otherwise = domains_of_carrier(domains, frame, otherwise);
	frame->key.domain = frame->quoted.domain = otherwise;
}

#endif
