/*
 * MQTT: OASIS 3.1.1 and 5.0, 3.1 (CONNECT) and 3.2 (CONNACK); MQTT V3.1 for
 * the older name.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	CONNECT = 0x10,
	CONNACK = 0x20,
};

/* MQTT 5.0, 1.5.5: at most four octets of seven bits. */
static bool
take_length(struct cursor *c, uint32_t *out)
{
	*out = 0;
	for (unsigned shift = 0; shift < 28; shift += 7) {
		uint8_t octet = cursor_u8(c);

		*out |= (uint32_t)(octet & 0x7f) << shift;
		if ((octet & 0x80) == 0)
			return !c->short_read;
	}
	return false;
}

static struct payload_verdict
connect_request(struct cursor c, uint32_t length)
{
	uint16_t name = cursor_be16(&c);
	uint8_t level, flags;

	if (name == 4   ? !cursor_text(&c, "MQTT")
	    : name == 6 ? !cursor_text(&c, "MQIsdp")
			: true)
		return payload_no();
	level = cursor_u8(&c);
	flags = cursor_u8(&c);
	/* Bridges set the top bit of the level (mosquitto's extension). */
	level &= 0x7f;
	if (c.short_read || length < 10 || (flags & 1) != 0 ||
	    (name == 6 ? level != 3 : level != 4 && level != 5))
		return payload_no();
	return payload_yes(APPLICATION_MQTT, SENDER_CLIENT);
}

/* A few small octets: enough for a suspicion. */
static struct payload_verdict
connect_answer(struct cursor c, uint32_t length)
{
	uint8_t flags = cursor_u8(&c), code = cursor_u8(&c);

	if (c.short_read || flags > 1 || length != cursor_left(&c) + 2)
		return payload_no();
	if (length == 2 ? code > 5 : code != 0 && code < 0x80)
		return payload_no();
	if (length > 2 && c.at[0] != length - 3 && c.at[0] < 0x80)
		return payload_no();
	return payload_maybe(APPLICATION_MQTT, SENDER_SERVER);
}

struct payload_verdict
payload_mqtt(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint8_t type = cursor_u8(&c);
	uint32_t length;

	if (!payload_is_tcp(view) || !take_length(&c, &length))
		return payload_no();
	if (type == CONNECT)
		return connect_request(c, length);
	if (type == CONNACK)
		return connect_answer(c, length);
	return payload_no();
}
