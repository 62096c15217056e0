/*
 * known_servers -- where a handshake was answered lately.
 *
 * Of a flow whose beginning was not seen, the end that accepted connections on
 * this port before is most likely the server again.  A fixed number of
 * listeners, of which a newer one takes the place of the oldest of its few.
 * Addresses change hands: whoever asks is told when it was.  Does not know
 * workloads.  One thread at a time.
 */
#ifndef CLASSIFIERS_KNOWN_SERVERS_H
#define CLASSIFIERS_KNOWN_SERVERS_H

#include <stdint.h>

#include "sensor/base/hash.h"
#include "sensor/base/instant.h"
#include "sensor/flow.h"

struct known_servers; /* opaque */

/* Listeners that are remembered; a power of two.  About 1 MiB. */
#define KNOWN_SERVERS_MAXIMUM ((uint32_t)1 << 14)

/* Makes an owned table for known_servers_free(); the key is copied. */
struct known_servers *known_servers_new(const struct hash_key *key);
void known_servers_free(struct known_servers *servers);

/* Takes note of a flow whose server accepted it after a handshake. */
void known_servers_learn(
    struct known_servers *servers, const struct flow *flow);

/*
 * When the flow's end `end` (0 or 1) was last seen to accept a connection on
 * the port that it has here; INSTANT_PAST when it was not.
 */
struct instant known_servers_seen(
    const struct known_servers *servers, const struct flow *flow, int end);

#endif
