/*
 * MQTT: whether a client that gave a user's name is believed.  OASIS 3.1.1 and
 * 5.0: 2.2.3 (1.5.5) for the length, 3.1.2 for CONNECT's flags, 3.2.2 for
 * CONNACK's codes.
 */
#include "classifiers/messages/messages_parts.h"

enum {
	CONNECT = 0x10,
	CONNACK = 0x20,
	HAS_USER = 0x80,
};

/* Where what follows type and length begins; beyond the segment: nowhere. */
static uint32_t
body_at(const struct segment_view *view)
{
	uint32_t at = 1;

	while (at < view->size && at < 4 && (view->octets[at] & 0x80) != 0)
		at++;
	return at + 1;
}

/* Behind the protocol's name (a length in two octets) and level. */
static bool
gives_user(const struct segment_view *view)
{
	uint32_t at = body_at(view);

	if (at + 2 > view->size)
		return false;
	at += 2U + ((uint32_t)view->octets[at] << 8 | view->octets[at + 1]) + 1;
	return at < view->size && (view->octets[at] & HAS_USER) != 0;
}

/* Bad user name or password, not authorized; of 3.1.1 and of 5.0. */
static bool
is_refusal(uint8_t code)
{
	return code == 4 || code == 5 || code == 0x86 || code == 0x87;
}

void
message_mqtt(const struct segment_view *view)
{
	uint32_t at;

	if (view->from_client) {
		if (view->octets[0] == CONNECT && gives_user(view))
			view->note->asked = 1;
		return;
	}
	at = body_at(view) + 1;
	if (view->octets[0] != CONNACK || at >= view->size)
		return;
	if (is_refusal(view->octets[at]))
		message_say_outcome(view, false);
	else if (view->octets[at] == 0 && view->note->asked != 0)
		message_say_outcome(view, true);
}
