#include "classifiers/known_servers.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

/* Listeners that may be in one place of the table, the latest first. */
#define PLACES  4
#define BUCKETS (KNOWN_SERVERS_MAXIMUM / PLACES)

struct listener {
	struct address address;
	struct instant seen;
	uint16_t port, domain;
	uint8_t protocol; /* 0: none */
};

struct known_servers {
	struct hash_key key;
	struct listener listeners[BUCKETS][PLACES];
};

struct known_servers *
known_servers_new(const struct hash_key *key)
{
	struct known_servers *servers = allocate(1, sizeof(*servers));

	servers->key = *key;
	return servers;
}

void
known_servers_free(struct known_servers *servers)
{
	free(servers);
}

static struct listener
listener_of(const struct flow *flow, int end)
{
	return (struct listener){
	    .address = flow->ends[end].address,
	    .port = flow->ends[end].port,
	    .domain = flow->domain,
	    .protocol = flow->protocol,
	};
}

static bool
is_same(const struct listener *a, const struct listener *b)
{
	return a->port == b->port && a->protocol == b->protocol &&
	       a->domain == b->domain &&
	       address_equal(&a->address, &b->address);
}

static size_t
bucket_of(const struct known_servers *servers, const struct listener *listener)
{
	uint8_t octets[21];

	memcpy(octets, listener->address.octets, 16);
	memcpy(octets + 16, &listener->port, 2);
	memcpy(octets + 18, &listener->domain, 2);
	octets[20] = listener->protocol;
	return hash_octets(&servers->key, octets, sizeof(octets)) % BUCKETS;
}

void
known_servers_learn(struct known_servers *servers, const struct flow *flow)
{
	struct listener listener = listener_of(flow, !flow->client);
	struct listener *places =
	    servers->listeners[bucket_of(servers, &listener)];
	size_t at = 0;

	while (at < PLACES - 1 && !is_same(&places[at], &listener))
		at++;
	/* What is heard again goes to the front, what is last falls out. */
	memmove(&places[1], &places[0], at * sizeof(places[0]));
	listener.seen = flow->first;
	places[0] = listener;
}

struct instant
known_servers_seen(
    const struct known_servers *servers, const struct flow *flow, int end)
{
	struct listener listener = listener_of(flow, end);
	const struct listener *places =
	    servers->listeners[bucket_of(servers, &listener)];

	for (size_t i = 0; i < PLACES; i++)
		if (is_same(&places[i], &listener))
			return places[i].seen;
	return INSTANT_PAST;
}
