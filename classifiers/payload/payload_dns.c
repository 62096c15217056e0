/*
 * DNS: RFC 1035, 4; over TCP with a length in front: RFC 7766, 8.  Multicast
 * DNS (RFC 6762) and LLMNR (RFC 4795) have the same form, and which of them it
 * is only the port could tell.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	HEADER_SIZE = 12,
	FLAG_RESPONSE = 0x8000,
	FLAG_TRUNCATED = 0x0200,
	FLAG_RESERVED = 0x0040,
	OPCODE_QUERY = 0,
	OPCODE_NOTIFY = 4,
	OPCODE_UPDATE = 5,
	/* RFC 1002, 4.2.1.3; DNS has no use for the number (RFC 1348). */
	TYPE_NB = 32,
	TYPE_OPT = 41,
	TYPE_TSIG = 250,
	CLASS_MULTICAST = 0x8000, /* RFC 6762, 5.4 and 10.2 */
	NAME_MAXIMUM = 255,
	LABEL_MAXIMUM = 63,
	/* RFC 1002, 4.1: a NetBIOS name is one label of this many letters. */
	NETBIOS_LABEL = 32,
};

/* Multicast queries ask several at once; unicast ones always one. */
#define QUESTIONS_MAXIMUM 16

#define RECORDS_MAXIMUM 4096

struct header {
	uint16_t flags, questions, answers, authorities, additionals;
};

static unsigned
opcode_of(const struct header *header)
{
	return (header->flags >> 11) & 15U;
}

static bool
is_netbios_label(const uint8_t *label, size_t length)
{
	if (length != NETBIOS_LABEL)
		return false;
	for (size_t i = 0; i < length; i++)
		if (label[i] < 'A' || label[i] > 'P')
			return false;
	return true;
}

/* A name; a pointer (RFC 1035, 4.1.4) ends it. */
static bool
skip_name(struct cursor *c)
{
	size_t total = 0;

	for (;;) {
		uint8_t length = cursor_u8(c);
		const uint8_t *label;

		if (c->short_read)
			return false;
		if (length == 0)
			return true;
		if ((length & 0xc0) == 0xc0)
			return cursor_take(c, 1) != NULL;
		label = cursor_take(c, length);
		total += length + 1U;
		if (length > LABEL_MAXIMUM || total >= NAME_MAXIMUM ||
		    label == NULL || is_netbios_label(label, length))
			return false;
	}
}

static bool
is_class(uint16_t class)
{
	class &= (uint16_t)~CLASS_MULTICAST;
	/* IN, CH, HS, NONE, ANY (RFC 6895, 3.2) */
	return class == 1 || class == 3 || class == 4 || class == 254 ||
	       class == 255;
}

static bool
skip_question(struct cursor *c)
{
	uint16_t type, class;

	if (c->at < c->end && (*c->at & 0xc0) == 0xc0)
		return false; /* nothing before it to point to */
	if (!skip_name(c))
		return false;
	type = cursor_be16(c);
	class = cursor_be16(c);
	return !c->short_read && type != 0 && type != TYPE_NB &&
	       is_class(class);
}

/* The start of the record that follows, if the view has one. */
static bool
record_is_sane(struct cursor c, bool additional_only)
{
	uint16_t type, class;

	if (cursor_left(&c) == 0)
		return true;
	if (!skip_name(&c))
		return c.short_read;
	type = cursor_be16(&c);
	class = cursor_be16(&c);
	if (c.short_read)
		return true;
	if (type == TYPE_OPT)
		return true; /* its class is a size */
	if (additional_only)
		return type == TYPE_TSIG && class == 255;
	return type != 0 && is_class(class);
}

static bool
flags_are_sane(const struct header *header)
{
	unsigned opcode = opcode_of(header), code = header->flags & 15U;
	bool response = (header->flags & FLAG_RESPONSE) != 0;

	if ((header->flags & FLAG_RESERVED) != 0)
		return false;
	if (opcode != OPCODE_QUERY && opcode != OPCODE_NOTIFY &&
	    opcode != OPCODE_UPDATE)
		return false;
	/* Codes to 11 are assigned for the four bits; a query has none. */
	return response ? code <= 11 : code == 0;
}

static bool
counts_are_sane(const struct header *header)
{
	bool response = (header->flags & FLAG_RESPONSE) != 0;

	if (header->questions == 0 || header->questions > QUESTIONS_MAXIMUM)
		return false;
	if (header->answers > RECORDS_MAXIMUM ||
	    header->authorities > RECORDS_MAXIMUM ||
	    header->additionals > RECORDS_MAXIMUM)
		return false;
	if (response || opcode_of(header) == OPCODE_UPDATE)
		return true;
	/* RFC 1995 puts a SOA into the authority of an IXFR query. */
	return header->questions > 1 ||
	       header->answers + header->authorities <= 2;
}

/* Multicast responses and some errors repeat no question. */
static struct payload_verdict
without_question(struct cursor c, const struct header *header)
{
	if ((header->flags & FLAG_RESPONSE) == 0 || header->answers == 0 ||
	    header->answers > RECORDS_MAXIMUM || cursor_left(&c) < 11 ||
	    (*c.at & 0xc0) == 0xc0 || !record_is_sane(c, false))
		return payload_no();
	return payload_maybe(APPLICATION_DNS, SENDER_EITHER);
}

static struct payload_verdict
message(struct cursor c)
{
	struct header header;
	bool response;
	uint32_t records;

	cursor_be16(&c); /* the identifier is any */
	header.flags = cursor_be16(&c);
	header.questions = cursor_be16(&c);
	header.answers = cursor_be16(&c);
	header.authorities = cursor_be16(&c);
	header.additionals = cursor_be16(&c);
	if (c.short_read || !flags_are_sane(&header))
		return payload_no();
	if (header.questions == 0)
		return without_question(c, &header);
	if (!counts_are_sane(&header))
		return payload_no();
	for (unsigned i = 0; i < header.questions; i++)
		if (!skip_question(&c))
			return payload_no();
	response = (header.flags & FLAG_RESPONSE) != 0;
	records = (uint32_t)header.answers + header.authorities;
	/* Octets after the last record belong to no DNS message. */
	if (records + header.additionals == 0 && cursor_left(&c) > 0)
		return payload_no();
	if (!record_is_sane(
		c, !response && records == 0 && header.questions == 1))
		return payload_no();
	return payload_yes(
	    APPLICATION_DNS, response ? SENDER_SERVER : SENDER_CLIENT);
}

struct payload_verdict
payload_dns(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint16_t length;

	if (view->protocol == PROTOCOL_UDP)
		return message(c);
	if (!payload_is_tcp(view))
		return payload_no();
	length = cursor_be16(&c);
	if (c.short_read || length < HEADER_SIZE + 5)
		return payload_no();
	/* Queries may follow each other; read only the first. */
	if (length < cursor_left(&c))
		c.end = c.at + length;
	return message(c);
}
