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

/* What tells addresses apart: the prefix of IPv4's mapped form is constant. */
static size_t
copy_address(uint8_t *out, const struct address *address)
{
	size_t skip = address_is_ipv4(address) ? 12 : 0;

	memcpy(out, address->octets + skip, 16 - skip);
	return 16 - skip;
}

uint32_t
flow_key_tag(const struct flow_key *key, const struct hash_key *secret)
{
	/* Copied out, for the structure's own padding is not defined. */
	uint8_t octets[37];
	size_t size = copy_address(octets, &key->ends[0].address);

	size += copy_address(octets + size, &key->ends[1].address);
	memcpy(octets + size, &key->ends[0].port, 2);
	memcpy(octets + size + 2, &key->ends[1].port, 2);
	octets[size + 4] = key->protocol;
	return (uint32_t)hash_octets(secret, octets, size + 5);
}
