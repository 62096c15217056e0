#include "sensor/flow_key.h"

#include "sensor/flow_mixer.h"

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
	key->domain = stated->domain;
	key->protocol = stated->protocol;
	return sender;
}

bool
flow_key_is(const struct flow_key *key, const struct flow *flow)
{
	return key->protocol == flow->protocol && key->domain == flow->domain &&
	       end_equal(&key->ends[0], &flow->ends[0]) &&
	       end_equal(&key->ends[1], &flow->ends[1]);
}

uint32_t
flow_key_tag(const struct flow_key *key, const struct hash_key *secret)
{
	const uint8_t *a = key->ends[0].address.octets;
	const uint8_t *b = key->ends[1].address.octets;
	struct mixer mixer = mixer_start(secret);

	mix(&mixer, mixer_load64(a), mixer_load64(a + 8));
	mix(&mixer, mixer_load64(b), mixer_load64(b + 8));
	mix(&mixer,
	    (uint64_t)key->ends[0].port << 32 |
		(uint64_t)key->ends[1].port << 16 | key->protocol,
	    key->domain);
	return mixer_end(&mixer);
}

struct flow_place
flow_place_of(const struct frame *frame, const struct hash_key *secret)
{
	struct flow_place place;

	place.sender = (uint8_t)flow_key_of(
	    frame->icmp_error ? &frame->quoted : &frame->key, &place.key);
	place.tag = flow_key_tag(&place.key, secret);
	return place;
}
