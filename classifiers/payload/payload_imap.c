/*
 * IMAP: RFC 9051, 7.1 (greeting) and 2.2.1 (commands with their tags), which
 * are those of RFC 3501.
 */
#include <strings.h>

#include "classifiers/payload/payload_parts.h"

/* A client's tag is its own choice; those in use have a few letters. */
#define TAG_MAXIMUM 16

/* Commands that other line protocols do not have. */
static const char *const commands[] = {"AUTHENTICATE ", "CAPABILITY", "ID (",
    "ID NIL", "LOGIN ", "SELECT ", "EXAMINE ", "STARTTLS", NULL};

static bool
is_command(struct cursor c)
{
	size_t tag = 0;

	while (cursor_left(&c) > 0 && *c.at != ' ') {
		uint8_t octet = cursor_u8(&c);

		/* RFC 9051, 9: an atom without `+`. */
		if (!octet_is_printable(octet) || octet == '+' ||
		    strchr("(){%*\"\\", octet) != NULL || ++tag > TAG_MAXIMUM)
			return false;
	}
	if (tag == 0 || !cursor_text(&c, " "))
		return false;
	for (size_t i = 0; commands[i] != NULL; i++) {
		size_t length = strlen(commands[i]);

		if (cursor_left(&c) >= length &&
		    strncasecmp((const char *)c.at, commands[i], length) == 0)
			return true;
	}
	return false;
}

struct payload_verdict
payload_imap(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	size_t length;
	const uint8_t *line = cursor_line(&c, &length);

	if (!payload_is_tcp(view) || line == NULL ||
	    !octets_are_printable(line, length))
		return payload_no();
	if (octets_begin(line, length, "* OK ") ||
	    octets_begin(line, length, "* PREAUTH "))
		return payload_yes(APPLICATION_IMAP, SENDER_SERVER);
	if (is_command(cursor_over(line, length)))
		return payload_maybe(APPLICATION_IMAP, SENDER_CLIENT);
	return payload_no();
}
