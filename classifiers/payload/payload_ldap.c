/*
 * LDAP: RFC 4511, 4 (messages, in the Basic Encoding Rules).
 */
#include "classifiers/payload/payload_parts.h"

enum {
	TAG_BOOLEAN = 0x01,
	TAG_INTEGER = 0x02,
	TAG_OCTETS = 0x04,
	TAG_ENUMERATED = 0x0a,
	TAG_SEQUENCE = 0x30,
	BIND_REQUEST = 0x60,
	BIND_RESPONSE = 0x61,
	SEARCH_REQUEST = 0x63,
	EXTENDED_REQUEST = 0x77,
	AUTH_SIMPLE = 0x80,
	AUTH_SASL = 0xa3,
	/* 9.2 of Microsoft's MS-ADTS: credentials in the bind itself. */
	AUTH_SICILY_FIRST = 0x89,
	AUTH_SICILY_LAST = 0x8b,
};

/* X.690, 8.1.3; Microsoft writes short lengths in four octets. */
static uint32_t
take_length(struct cursor *c)
{
	uint8_t first = cursor_u8(c);

	switch (first) {
	case 0x81:
		return cursor_u8(c);
	case 0x82:
		return cursor_be16(c);
	case 0x83:
		return cursor_be24(c);
	case 0x84:
		return cursor_be32(c);
	default:
		if (first >= 0x80)
			c->short_read = true;
		return first;
	}
}

/* One octet of a given type, such as a version or a result. */
static bool
take_small(struct cursor *c, uint8_t tag, uint8_t *out)
{
	if (cursor_u8(c) != tag || take_length(c) != 1)
		return false;
	*out = cursor_u8(c);
	return !c->short_read;
}

static bool
skip_octets(struct cursor *c)
{
	return cursor_u8(c) == TAG_OCTETS &&
	       cursor_take(c, take_length(c)) != NULL;
}

static bool
is_bind(struct cursor c)
{
	uint8_t version, method;

	if (!take_small(&c, TAG_INTEGER, &version) || version < 2 ||
	    version > 3 || !skip_octets(&c))
		return false;
	method = cursor_u8(&c);
	return method == AUTH_SIMPLE || method == AUTH_SASL ||
	       (method >= AUTH_SICILY_FIRST && method <= AUTH_SICILY_LAST);
}

static bool
is_search(struct cursor c)
{
	uint8_t scope, aliases;

	return skip_octets(&c) && take_small(&c, TAG_ENUMERATED, &scope) &&
	       scope <= 3 && take_small(&c, TAG_ENUMERATED, &aliases) &&
	       aliases <= 3 && cursor_u8(&c) == TAG_INTEGER;
}

static bool
is_bind_response(struct cursor c)
{
	uint8_t code;

	return take_small(&c, TAG_ENUMERATED, &code) && skip_octets(&c) &&
	       skip_octets(&c);
}

/* StartTLS and its like: an object identifier under 1.3.6.1.4.1. */
static bool
is_extended(struct cursor c)
{
	uint32_t length;

	if (cursor_u8(&c) != 0x80)
		return false;
	length = take_length(&c);
	return length > 10 && length < 64 && cursor_text(&c, "1.3.6.1.4.1.");
}

/* CLDAP is the same over UDP. */
struct payload_verdict
payload_ldap(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint32_t whole, identifier;
	uint8_t operation;

	if (cursor_u8(&c) != TAG_SEQUENCE)
		return payload_no();
	whole = take_length(&c);
	if (c.short_read || whole < 7 || cursor_u8(&c) != TAG_INTEGER)
		return payload_no();
	identifier = take_length(&c);
	if (identifier == 0 || identifier > 4)
		return payload_no();
	cursor_take(&c, identifier);
	operation = cursor_u8(&c);
	take_length(&c);
	if (c.short_read)
		return payload_no();
	if ((operation == BIND_REQUEST && is_bind(c)) ||
	    (operation == SEARCH_REQUEST && is_search(c)) ||
	    (operation == EXTENDED_REQUEST && is_extended(c)))
		return payload_yes(APPLICATION_LDAP, SENDER_CLIENT);
	if (operation == BIND_RESPONSE && is_bind_response(c))
		return payload_yes(APPLICATION_LDAP, SENDER_SERVER);
	return payload_no();
}
