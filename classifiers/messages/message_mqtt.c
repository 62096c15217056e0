/*
 * MQTT: whether a client that gave a user's name is believed.  OASIS 3.1.1 and
 * 5.0: 2.2.3 (1.5.5) for the length, 3.1.2 and 3.1.3 for CONNECT, 3.2.2 for
 * CONNACK's codes.
 */
#include "classifiers/messages/messages_parts.h"

enum {
	CONNECT = 0x10,
	CONNACK = 0x20,
	HAS_USER = 0x80,
	HAS_PASSWORD = 0x40,
	HAS_WILL = 0x04,
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

/* A text, behind its length in two octets. */
static struct message_piece
text_of(struct cursor *cursor)
{
	size_t size = cursor_be16(cursor);
	const uint8_t *at = cursor_take(cursor, size);

	return (struct message_piece){at, at == NULL ? 0 : size};
}

/* Properties of 5.0, behind their length. */
static void
pass_properties(struct cursor *cursor, uint8_t level)
{
	uint32_t size = 0;
	uint8_t octet = 0x80;

	if (level != 5)
		return;
	for (unsigned shift = 0; shift < 28 && (octet & 0x80) != 0;
	     shift += 7) {
		octet = cursor_u8(cursor);
		size |= (uint32_t)(octet & 0x7f) << shift;
	}
	(void)cursor_take(cursor, size);
}

/*
 * Who gives neither name nor password shows the same each time, too.
 *
 * returns    whether it gives a name
 */
static bool
note_login(const struct segment_view *view)
{
	struct cursor cursor = cursor_over(view->octets, view->size);
	struct message_piece name = {(const uint8_t *)"", 0}, password = name;
	uint8_t level, flags;

	(void)cursor_take(&cursor, body_at(view));
	(void)text_of(&cursor); /* the protocol's name */
	level = cursor_u8(&cursor) & 0x7f;
	flags = cursor_u8(&cursor);
	(void)cursor_be16(&cursor); /* how long it keeps alive */
	pass_properties(&cursor, level);
	(void)text_of(&cursor); /* the client's identifier */
	if ((flags & HAS_WILL) != 0) {
		pass_properties(&cursor, level);
		(void)text_of(&cursor);
		(void)text_of(&cursor);
	}
	if ((flags & HAS_USER) != 0)
		name = text_of(&cursor);
	if ((flags & HAS_PASSWORD) != 0)
		password = text_of(&cursor);
	if (!cursor.short_read) {
		message_note_name(view->note, name);
		message_note_password(view->note, password);
	}
	return (flags & HAS_USER) != 0;
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
		if (view->octets[0] == CONNECT && note_login(view))
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
