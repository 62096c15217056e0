#include "classifiers/tls_hello.h"

#include <string.h>

#include "sensor/base/cursor.h"

enum {
	RECORD_HANDSHAKE = 22,
	CLIENT_HELLO = 1,
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_ALPN = 16,
	NAME_HOST = 0,
	RANDOM_SIZE = 32,
};

/*
 * A hello is put together here when it lies in several records.  Post-quantum
 * key shares make one of about 1.8 kB (draft-ietf-tls-ecdhe-mlkem); what is
 * longer than this is read as far as it goes.
 */
#define HELLO_MAXIMUM 4096

/* Records of one hello; a client that needs more is playing games. */
#define RECORDS_MAXIMUM 8

struct handshake {
	uint8_t octets[HELLO_MAXIMUM];
	size_t size;
};

/* RFC 8446, 5.1: a record's version is 3.x, whatever the x. */
static bool
take_record(struct cursor *c, struct handshake *out)
{
	uint8_t type = cursor_u8(c);
	uint16_t version = cursor_be16(c);
	size_t length = cursor_be16(c);

	if (c->short_read || type != RECORD_HANDSHAKE || version >> 8 != 3 ||
	    length == 0)
		return false;
	if (length > cursor_left(c))
		length = cursor_left(c);
	if (length > HELLO_MAXIMUM - out->size)
		length = HELLO_MAXIMUM - out->size;
	memcpy(out->octets + out->size, cursor_take(c, length), length);
	out->size += length;
	return true;
}

/* The handshake message, in so far as the payload has it. */
static struct handshake
gather(const uint8_t *octets, size_t size)
{
	struct cursor c = cursor_over(octets, size);
	struct handshake out;

	out.size = 0;
	for (int i = 0; i < RECORDS_MAXIMUM; i++) {
		size_t wanted = 4;

		if (out.size >= 4)
			wanted += (size_t)out.octets[1] << 16 |
				  (size_t)out.octets[2] << 8 | out.octets[3];
		if (out.size >= wanted || !take_record(&c, &out))
			break;
	}
	return out;
}

/* A list of names, of which a host's comes once at most (RFC 6066, 3). */
static void
read_server_name(struct cursor c, struct tls_hello *hello)
{
	size_t length = cursor_be16(&c);
	const uint8_t *list = cursor_take(&c, length);
	struct cursor names = cursor_over(list, list == NULL ? 0 : length);

	while (cursor_left(&names) > 0 && !names.short_read) {
		uint8_t type = cursor_u8(&names);
		size_t size = cursor_be16(&names);
		const uint8_t *name = cursor_take(&names, size);

		if (name == NULL || type != NAME_HOST)
			continue;
		(void)host_name_read(&hello->server, name, size);
		return;
	}
}

/* Protocol names are octets; only printable ones are worth keeping. */
static void
read_alpn(struct cursor c, struct tls_hello *hello)
{
	uint16_t length = cursor_be16(&c);
	size_t size = cursor_u8(&c);
	const uint8_t *name = cursor_take(&c, size);

	if (name == NULL || size == 0 || size >= length ||
	    size >= TLS_ALPN_SIZE)
		return;
	for (size_t i = 0; i < size; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return;
	memcpy(hello->alpn, name, size);
	hello->alpn[size] = '\0';
}

static enum tls_hello_answer
read_extensions(struct cursor *c, struct tls_hello *hello)
{
	size_t length = cursor_be16(c);
	bool cut = length > cursor_left(c);
	struct cursor list;

	if (c->short_read)
		return TLS_HELLO_CUT;
	if (cut)
		length = cursor_left(c);
	list = cursor_over(cursor_take(c, length), length);
	while (cursor_left(&list) > 0) {
		uint16_t type = cursor_be16(&list);
		size_t size = cursor_be16(&list);
		const uint8_t *body = cursor_take(&list, size);

		if (body == NULL)
			return TLS_HELLO_CUT;
		if (type == EXTENSION_SERVER_NAME)
			read_server_name(cursor_over(body, size), hello);
		else if (type == EXTENSION_ALPN)
			read_alpn(cursor_over(body, size), hello);
	}
	return cut ? TLS_HELLO_CUT : TLS_HELLO_WHOLE;
}

enum tls_hello_answer
tls_hello_read(const uint8_t *octets, size_t size, struct tls_hello *hello)
{
	struct handshake handshake = gather(octets, size);
	struct cursor c = cursor_over(handshake.octets, handshake.size);
	uint8_t type = cursor_u8(&c);
	size_t length = cursor_be24(&c);
	bool cut;

	*hello = (struct tls_hello){0};
	if (c.short_read || type != CLIENT_HELLO)
		return TLS_HELLO_NONE;
	cut = length > cursor_left(&c);
	if (!cut)
		c = cursor_over(c.at, length);
	if (cursor_be16(&c) >> 8 != 3 && !c.short_read)
		return TLS_HELLO_NONE;
	cursor_take(&c, RANDOM_SIZE);
	cursor_take(&c, cursor_u8(&c));
	cursor_take(&c, cursor_be16(&c)); /* cipher suites */
	cursor_take(&c, cursor_u8(&c));   /* compression methods */
	if (c.short_read)
		return TLS_HELLO_CUT;
	/* Extensions are optional before TLS 1.3 (RFC 5246, 7.4.1.2). */
	if (cursor_left(&c) == 0 && !cut)
		return TLS_HELLO_WHOLE;
	return read_extensions(&c, hello);
}
