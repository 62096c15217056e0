#include "sensor/flow_key.h"

#include <string.h>

#include "sensor/base/hash.h"

static bool
end_equal(const struct flow_end *a, const struct flow_end *b)
{
	return a->port == b->port && address_equal(&a->address, &b->address);
}

int
flow_key_of(const struct frame_key *stated, struct flow_key *key)
{
	int order = address_compare(&stated->source, &stated->destination);
	int sender = order > 0;

	if (order == 0)
		sender = stated->source_port > stated->destination_port;
	key->ends[sender] =
	    (struct flow_end){stated->source, stated->source_port};
	key->ends[!sender] =
	    (struct flow_end){stated->destination, stated->destination_port};
	key->protocol = stated->protocol;
	return sender;
}

bool
flow_key_is(const struct flow_key *key, const struct flow *flow)
{
	return key->protocol == flow->protocol &&
	       end_equal(&key->ends[0], &flow->ends[0]) &&
	       end_equal(&key->ends[1], &flow->ends[1]);
}

uint32_t
flow_key_tag(const struct flow_key *key, const struct hash_key *secret)
{
	/* Copied out, for the structure's own padding is not defined. */
	uint8_t octets[37];

	memcpy(octets, key->ends[0].address.octets, 16);
	memcpy(octets + 16, key->ends[1].address.octets, 16);
	memcpy(octets + 32, &key->ends[0].port, 2);
	memcpy(octets + 34, &key->ends[1].port, 2);
	octets[36] = key->protocol;
	return (uint32_t)hash_octets(secret, octets, sizeof(octets));
}
