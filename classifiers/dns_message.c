#include "classifiers/dns_message.h"

#include <string.h>

#include "sensor/base/cursor.h"

enum {
	FLAG_RESPONSE = 0x8000,
	OPCODE_MASK = 0x7800,
	RCODE_MASK = 0x000f,
	TYPE_A = 1,
	TYPE_CNAME = 5,
	TYPE_AAAA = 28,
	CLASS_IN = 1,
	POINTER = 0xc0,
	HEADER_SIZE = 12,
	LABELS_MAXIMUM = 128, /* 255 octets hold no more */
};

/* Records of one message; 64 KiB hold about this many of the least size. */
#define RECORDS_MAXIMUM 4096

struct message {
	const uint8_t *octets;
	size_t size;
};

/* A resource record; `data` is not a name yet, if it is to be one. */
struct resource {
	struct host_name owner;
	bool is_host; /* its owner is named as hosts are */
	uint16_t type, class;
	uint32_t ttl;
	size_t data, data_size;
};

/*
 * Reads the name at `*at` and moves behind it.  Every pointer must point
 * before the place that the last one led to (as RFC 1035, 4.1.4 says: a prior
 * occurrence), so each name ends.
 *
 * is_host    gets false for a name that no host can have; it is read over
 * returns    false when it breaks off or breaks the rules
 */
static bool
read_name(const struct message *message, size_t *at, struct host_name *name,
    bool *is_host)
{
	size_t here = *at, floor = *at;
	bool jumped = false;

	*name = (struct host_name){0};
	*is_host = true;
	for (int labels = 0; labels < LABELS_MAXIMUM; labels++) {
		uint8_t length;

		if (here >= message->size)
			return false;
		length = message->octets[here++];
		if (length >= POINTER) {
			if (here >= message->size)
				return false;
			if (!jumped)
				*at = here + 1;
			jumped = true;
			here = (size_t)(length & ~POINTER) << 8 |
			       message->octets[here];
			if (here >= floor)
				return false;
			floor = here;
			continue;
		}
		if (length == 0) {
			if (!jumped)
				*at = here;
			return true;
		}
		if (length > 63 || length > message->size - here)
			return false;
		if (!host_name_label(name, message->octets + here, length))
			*is_host = false;
		here += length;
	}
	return false;
}

static bool
read_resource(
    const struct message *message, size_t *at, struct resource *resource)
{
	struct cursor c;

	if (!read_name(message, at, &resource->owner, &resource->is_host))
		return false;
	c = cursor_over(message->octets + *at, message->size - *at);
	resource->type = cursor_be16(&c);
	resource->class = cursor_be16(&c);
	resource->ttl = cursor_be32(&c);
	resource->data_size = cursor_be16(&c);
	if (c.short_read)
		return false;
	/* RFC 2181, 8: with the highest bit set it is to be taken for zero. */
	if (resource->ttl > INT32_MAX)
		resource->ttl = 0;
	resource->data = (size_t)(c.at - message->octets);
	if (cursor_take(&c, resource->data_size) == NULL)
		return false;
	*at = resource->data + resource->data_size;
	return true;
}

static bool
same_name(const struct host_name *a, const struct host_name *b)
{
	return a->length == b->length &&
	       memcmp(a->text, b->text, a->length) == 0;
}

/* Where the chain is: the name whose records are the next to look for. */
struct chain {
	struct host_name name;
	int aliases;
	bool broken; /* it goes on to what is no host's name */
};

static void
follow_alias(const struct message *message, const struct resource *resource,
    struct chain *chain, struct dns_response *response)
{
	size_t at = resource->data;
	struct host_name target;
	bool is_host;

	if (!read_name(message, &at, &target, &is_host) || !is_host ||
	    target.length == 0 || ++chain->aliases > DNS_ALIASES_MAXIMUM) {
		chain->broken = true;
		return;
	}
	chain->name = target;
	if (resource->ttl < response->ttl)
		response->ttl = resource->ttl;
}

static void
add_address(const struct message *message, const struct resource *resource,
    struct dns_response *response)
{
	const uint8_t *data = message->octets + resource->data;
	struct address address;

	if (resource->type == TYPE_A && resource->data_size == 4)
		address = address_from_ipv4(data);
	else if (resource->type == TYPE_AAAA && resource->data_size == 16)
		address = address_from_ipv6(data);
	else
		return;
	if (response->count == DNS_ADDRESSES_MAXIMUM)
		return;
	response->addresses[response->count++] = address;
	if (resource->ttl < response->ttl)
		response->ttl = resource->ttl;
}

/*
 * The records of a chain stand in its order, as servers write them and stub
 * resolvers need them: a record of another name is no answer to the question.
 */
static bool
read_answers(const struct message *message, size_t at, unsigned count,
    struct dns_response *response)
{
	struct chain chain = {.name = response->name};

	response->ttl = INT32_MAX;
	for (unsigned i = 0; i < count; i++) {
		struct resource resource;

		if (i == RECORDS_MAXIMUM ||
		    !read_resource(message, &at, &resource))
			return false;
		if (resource.class != CLASS_IN || chain.broken ||
		    !resource.is_host ||
		    !same_name(&resource.owner, &chain.name))
			continue;
		if (resource.type == TYPE_CNAME)
			follow_alias(message, &resource, &chain, response);
		else
			add_address(message, &resource, response);
	}
	return true;
}

bool
dns_message_read(
    const uint8_t *octets, size_t size, struct dns_response *response)
{
	struct message message = {octets, size};
	struct cursor c = cursor_over(octets, size);
	size_t at = HEADER_SIZE;
	uint16_t flags, questions, answers, type, class;
	bool is_host;

	response->count = 0;
	response->name.length = 0;
	cursor_be16(&c);
	flags = cursor_be16(&c);
	questions = cursor_be16(&c);
	answers = cursor_be16(&c);
	if (size < HEADER_SIZE || (flags & FLAG_RESPONSE) == 0 ||
	    (flags & OPCODE_MASK) != 0 || questions != 1)
		return false;
	if (!read_name(&message, &at, &response->name, &is_host))
		return false;
	c = cursor_over(octets + at, size - at);
	type = cursor_be16(&c);
	class = cursor_be16(&c);
	if (c.short_read)
		return false;
	if ((flags & RCODE_MASK) != 0 || !is_host ||
	    response->name.length == 0 || class != CLASS_IN ||
	    (type != TYPE_A && type != TYPE_AAAA))
		return true;
	if (read_answers(&message, at + 4, answers, response))
		return true;
	response->count = 0;
	return false;
}
