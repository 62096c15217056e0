#include "classifiers/detectors/impostor/tls_fingerprint.h"

#include <stdbool.h>

#include "sensor/base/hash.h"

/* Ciphers and extensions that are looked at; programs offer a third of it. */
#define VALUES_MAXIMUM 128

enum {
	CLIENT_HELLO = 1,
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_GROUPS = 10,
	EXTENSION_ALPN = 16,
	EXTENSION_PADDING = 21,
	EXTENSION_TICKET = 35,
	EXTENSION_PSK = 41,
	EXTENSION_EARLY_DATA = 42,
	EXTENSION_COOKIE = 44,
};

struct hello_text {
	const uint8_t *octets;
	size_t size, at;
	bool broken;
};

struct values {
	uint16_t at[VALUES_MAXIMUM];
	size_t count;
};

static uint32_t
take(struct hello_text *text, size_t count)
{
	uint32_t value = 0;

	if (text->broken || text->size - text->at < count) {
		text->broken = true;
		return 0;
	}
	while (count-- > 0)
		value = value << 8 | text->octets[text->at++];
	return value;
}

static void
skip(struct hello_text *text, size_t count)
{
	if (text->broken || text->size - text->at < count)
		text->broken = true;
	else
		text->at += count;
}

/* 0x0a0a, 0x1a1a, ..., 0xfafa (RFC 8701). */
static bool
means_nothing(uint32_t value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

static void
add(struct values *values, uint32_t value)
{
	if (!means_nothing(value) && values->count < VALUES_MAXIMUM)
		values->at[values->count++] = (uint16_t)value;
}

static void
add_list(struct values *values, struct hello_text *text, size_t octets)
{
	for (; octets >= 2 && !text->broken; octets -= 2)
		add(values, take(text, 2));
	skip(text, octets);
}

/* Those that come and go with the server and with what was said before. */
static bool
is_fleeting(uint32_t type)
{
	return type == EXTENSION_SERVER_NAME || type == EXTENSION_ALPN ||
	       type == EXTENSION_PADDING || type == EXTENSION_TICKET ||
	       type == EXTENSION_PSK || type == EXTENSION_EARLY_DATA ||
	       type == EXTENSION_COOKIE;
}

/* Insertion: a dozen, and browsers shuffle them. */
static void
sort(uint16_t *values, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		uint16_t value = values[i];
		size_t at = i;

		for (; at > 0 && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
}

static void
read_extensions(struct hello_text *text, struct values *values)
{
	struct values types = {.count = 0}, groups = {.count = 0};
	size_t end = take(text, 2);

	end += text->at;
	while (!text->broken && text->at < end) {
		uint32_t type = take(text, 2), size = take(text, 2);

		if (!is_fleeting(type))
			add(&types, type);
		if (type == EXTENSION_GROUPS && size >= 2) {
			skip(text, 2);
			add_list(&groups, text, size - 2);
		} else {
			skip(text, size);
		}
	}
	sort(types.at, types.count);
	for (size_t i = 0; i < types.count; i++)
		add(values, types.at[i]);
	for (size_t i = 0; i < groups.count; i++)
		add(values, groups.at[i]);
}

/*
 * Of libraries with TLS 1.3, seen on the wire: OpenSSL 3.0 by curl, s_client
 * and Python, Node 18 and 20, JDK 17; GnuTLS 3.7 by gnutls-cli, wget, git and
 * apt, whose priorities have CCM as the fourth (SECURE192, SECURE256,
 * PERFORMANCE and those of one's own look otherwise, and are unknown); Go 1.19,
 * which puts those of 1.3 behind the others, as nobody else does.
 */
static enum tls_library
library_of(const struct values *ciphers)
{
	const uint16_t *at = ciphers->at;
	bool first_is_new = ciphers->count > 3 && at[0] >> 8 == 0x13;

	if (ciphers->count < 4)
		return TLS_LIBRARY_UNKNOWN;
	if (first_is_new && at[0] == 0x1302 && at[1] == 0x1301)
		return TLS_LIBRARY_JAVA;
	if (first_is_new && at[0] == 0x1302 && at[1] == 0x1303 &&
	    at[2] == 0x1301)
		return at[3] == 0x1304 ? TLS_LIBRARY_GNUTLS
				       : TLS_LIBRARY_OPENSSL;
	for (size_t i = 1; !first_is_new && i < ciphers->count; i++)
		if (at[i] == 0x1301)
			return TLS_LIBRARY_GO;
	return TLS_LIBRARY_UNKNOWN;
}

enum tls_library
tls_library_of(const uint8_t *octets, size_t size)
{
	struct hello_text text = {octets, size, 0, false};
	struct values ciphers = {.count = 0};
	bool is_hello = take(&text, 1) == CLIENT_HELLO;

	skip(&text, 3 + 2 + 32); /* length, version, random */
	skip(&text, take(&text, 1));
	add_list(&ciphers, &text, take(&text, 2));
	return is_hello && !text.broken ? library_of(&ciphers)
					: TLS_LIBRARY_UNKNOWN;
}

const char *
tls_library_name(enum tls_library library)
{
	switch (library) {
	case TLS_LIBRARY_UNKNOWN:
		break;
	case TLS_LIBRARY_OPENSSL:
		return "OpenSSL";
	case TLS_LIBRARY_GNUTLS:
		return "GnuTLS";
	case TLS_LIBRARY_GO:
		return "Go";
	case TLS_LIBRARY_JAVA:
		return "Java";
	}
	return "unknown";
}

uint64_t
tls_fingerprint(const uint8_t *octets, size_t size)
{
	/* Not secret: it has to be the same on every sensor. */
	static const struct hash_key key = {{0x68656c6c6f, 1}};
	struct hello_text text = {octets, size, 0, false};
	struct values values = {.count = 0};
	bool is_hello = take(&text, 1) == CLIENT_HELLO;

	skip(&text, 3); /* its length */
	add(&values, take(&text, 2));
	skip(&text, 32); /* random */
	skip(&text, take(&text, 1));
	add_list(&values, &text, take(&text, 2));
	skip(&text, take(&text, 1));
	if (text.at < text.size)
		read_extensions(&text, &values);
	if (!is_hello || text.broken)
		return 0;
	return hash_octets(
		   &key, values.at, values.count * sizeof(values.at[0])) |
	       1;
}
