/*
 * Apache Kafka: "Kafka protocol guide" (request header v1 and v2, ApiVersions,
 * Metadata).
 */
#include "classifiers/payload/payload_parts.h"

enum {
	KEY_METADATA = 3,
	KEY_SASL_HANDSHAKE = 17,
	KEY_API_VERSIONS = 18,
	KEY_MAXIMUM = 92,
	VERSION_MAXIMUM = 18,
};

/* socket.request.max.bytes of a broker. */
#define REQUEST_MAXIMUM (100U * 1024 * 1024)

/* Clients open with these; each with its newest version. */
static bool
opens(uint16_t key, uint16_t version)
{
	switch (key) {
	case KEY_METADATA:
		return version <= 13;
	case KEY_SASL_HANDSHAKE:
		return version <= 1;
	case KEY_API_VERSIONS:
		return version <= 4;
	default:
		return false;
	}
}

/* Client id: a length and that many octets, or -1 for none. */
static bool
take_client(struct cursor *c, bool *named)
{
	uint16_t length = cursor_be16(c);
	const uint8_t *name;

	*named = false;
	if (length == 0xffff || length == 0)
		return !c->short_read;
	if (length > 255)
		return false;
	name = cursor_take(c, length);
	*named = true;
	return name != NULL && octets_are_printable(name, length);
}

struct payload_verdict
payload_kafka(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint32_t size = cursor_be32(&c), correlation;
	uint16_t key = cursor_be16(&c), version = cursor_be16(&c);
	bool named;

	correlation = cursor_be32(&c);
	if (!payload_is_tcp(view) || c.short_read || size < 10 ||
	    size > REQUEST_MAXIMUM || view->size > (size_t)size + 4 ||
	    key > KEY_MAXIMUM || version > VERSION_MAXIMUM ||
	    correlation > INT32_MAX || !take_client(&c, &named))
		return payload_no();
	if (!named && (key != KEY_API_VERSIONS || view->size != size + 4))
		return payload_no();
	if (opens(key, version) && (named || size <= 64))
		return payload_yes(APPLICATION_KAFKA, SENDER_CLIENT);
	return named ? payload_maybe(APPLICATION_KAFKA, SENDER_CLIENT)
		     : payload_no();
}
