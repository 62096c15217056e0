/*
 * memcached: doc/protocol.txt (text) and "BinaryProtocolRevamped"; Couchbase
 * speaks the binary one and opens with HELLO, an opcode of its own.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	MAGIC_REQUEST = 0x80,
	MAGIC_RESPONSE = 0x81,
	OPCODE_HELLO = 0x1f,
	OPCODE_MAXIMUM = 0x26,
	HEADER_SIZE = 24,
	UDP_HEADER_SIZE = 8,
};

/* Both limits are the server's own. */
#define KEY_MAXIMUM  250
#define ITEM_MAXIMUM (1024U * 1024 * 1024)

/* Verbs that end their line or are followed by a key. */
static const char *const readers[] = {"get ", "gets ", "gat ", "gats ",
    "delete ", "incr ", "decr ", "touch ", "stats\r\n", "stats ", "version\r\n",
    "flush_all", "mg ", "md ", "mn\r\n", "verbosity ", NULL};

static const char *const writers[] = {
    "set ", "add ", "replace ", "append ", "prepend ", "cas ", NULL};

static const char *const answers[] = {"STORED\r\n", "NOT_STORED\r\n",
    "EXISTS\r\n", "NOT_FOUND\r\n", "END\r\n", "STAT ", "VERSION ",
    "DELETED\r\n", "TOUCHED\r\n", "SERVER_ERROR ", "CLIENT_ERROR ", "ERROR\r\n",
    NULL};

static bool
starts_with_any(const struct cursor *c, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		if (octets_begin(c->at, cursor_left(c), words[i]))
			return true;
	return false;
}

/* A key and the blank after it. */
static bool
take_key(struct cursor *c)
{
	size_t length = 0;

	while (cursor_left(c) > 0 && *c->at > ' ' && *c->at != 0x7f) {
		c->at++;
		length++;
	}
	return length > 0 && length <= KEY_MAXIMUM && cursor_text(c, " ");
}

/* `<octets>\r\n`, the data and its CRLF, as far as the view has them. */
static bool
data_fits(struct cursor c, uint32_t octets)
{
	if (octets > ITEM_MAXIMUM)
		return false;
	if (cursor_left(&c) < (size_t)octets + 2)
		return true;
	cursor_take(&c, octets);
	return cursor_text(&c, "\r\n");
}

/*
 * `set <key> <flags> <exptime> <bytes> [...]\r\n`.  Only the data block makes
 * it certain: Redis takes inline commands that look alike.
 */
static struct payload_verdict
writer(struct cursor c, bool data_needed)
{
	uint32_t flags, expiry, octets;
	size_t length;
	bool data;

	if (!take_key(&c) || !cursor_decimal(&c, &flags) ||
	    !cursor_text(&c, " "))
		return payload_no();
	if (cursor_text(&c, "-")) /* already expired */
		data_needed = true;
	if (!cursor_decimal(&c, &expiry) || !cursor_text(&c, " ") ||
	    !cursor_decimal(&c, &octets) || cursor_line(&c, &length) == NULL)
		return payload_no();
	data = cursor_left(&c) >= 2;
	if (!data_fits(c, octets))
		return payload_no();
	if (!data && data_needed)
		return payload_maybe(APPLICATION_MEMCACHED, SENDER_CLIENT);
	return payload_yes(APPLICATION_MEMCACHED, SENDER_CLIENT);
}

/* `VALUE <key> <flags> <bytes> [<cas>]\r\n` and its data. */
static struct payload_verdict
value(struct cursor c)
{
	uint32_t flags, octets;
	size_t length;

	if (!take_key(&c) || !cursor_decimal(&c, &flags) ||
	    !cursor_text(&c, " ") || !cursor_decimal(&c, &octets) ||
	    cursor_line(&c, &length) == NULL || !data_fits(c, octets))
		return payload_no();
	return payload_yes(APPLICATION_MEMCACHED, SENDER_SERVER);
}

static struct payload_verdict
text(struct cursor c)
{
	struct cursor line = c;
	size_t length;
	const uint8_t *start = cursor_line(&line, &length);

	if (start == NULL || !octets_are_printable(start, length))
		return payload_no();
	for (size_t i = 0; writers[i] != NULL; i++)
		if (cursor_text(&c, writers[i]))
			return writer(c, true);
	if (cursor_text(&c, "VALUE "))
		return value(c);
	if (starts_with_any(&c, readers))
		return payload_maybe(APPLICATION_MEMCACHED, SENDER_CLIENT);
	if (starts_with_any(&c, answers))
		return payload_maybe(APPLICATION_MEMCACHED, SENDER_SERVER);
	return payload_no();
}

/* Whether the message ends with the view, or another of its kind follows. */
static bool
ends_well(struct cursor c, uint32_t body, uint8_t magic)
{
	if (cursor_left(&c) < body)
		return true;
	cursor_take(&c, body);
	return cursor_left(&c) == 0 || *c.at == magic;
}

static struct payload_verdict
binary(struct cursor c)
{
	uint8_t magic = cursor_u8(&c), opcode = cursor_u8(&c);
	uint16_t key = cursor_be16(&c);
	uint8_t extras = cursor_u8(&c), type = cursor_u8(&c);
	uint16_t status = cursor_be16(&c);
	uint32_t body = cursor_be32(&c);
	enum payload_sender sender =
	    magic == MAGIC_REQUEST ? SENDER_CLIENT : SENDER_SERVER;

	cursor_take(&c, 12); /* opaque and CAS */
	if (c.short_read || opcode > OPCODE_MAXIMUM || key > KEY_MAXIMUM ||
	    extras > 20 || body < (uint32_t)key + extras ||
	    body > ITEM_MAXIMUM || !ends_well(c, body, magic))
		return payload_no();
	/* Couchbase's data type says JSON or compressed, and its requests
	 * have a partition where memcached's have zero. */
	if (opcode == OPCODE_HELLO)
		return payload_yes(APPLICATION_COUCHBASE, sender);
	if (type != 0 || status > 0x86)
		return payload_no();
	if (magic == MAGIC_REQUEST && status != 0)
		return payload_maybe(APPLICATION_COUCHBASE, sender);
	if (cursor_left(&c) != body)
		return payload_maybe(APPLICATION_MEMCACHED, sender);
	return payload_yes(APPLICATION_MEMCACHED, sender);
}

/* Over UDP: request, sequence, datagrams, zero (protocol.txt, "UDP"). */
static bool
skip_udp_header(struct cursor *c)
{
	uint16_t sequence, datagrams, reserved;

	cursor_be16(c);
	sequence = cursor_be16(c);
	datagrams = cursor_be16(c);
	reserved = cursor_be16(c);
	return !c->short_read && reserved == 0 && sequence < datagrams &&
	       cursor_left(c) > 0;
}

struct payload_verdict
payload_memcached(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);

	if (view->protocol == PROTOCOL_UDP && !skip_udp_header(&c))
		return payload_no();
	if (view->protocol != PROTOCOL_UDP && !payload_is_tcp(view))
		return payload_no();
	if (*c.at == MAGIC_REQUEST || *c.at == MAGIC_RESPONSE)
		return binary(c);
	return text(c);
}
