/*
 * STOMP: stomp.github.io, "STOMP Protocol Specification, Version 1.2".
 */
#include "classifiers/payload/payload_parts.h"

/* The rest of a line is empty but for an optional carriage return. */
static bool
line_ends(struct cursor *c)
{
	cursor_text(c, "\r");
	return cursor_text(c, "\n");
}

/* `name:` of a first header: lower case, digits and hyphens. */
static bool
header_follows(struct cursor c)
{
	const uint8_t *start = c.at;

	while (
	    cursor_left(&c) > 0 && ((*c.at >= 'a' && *c.at <= 'z') ||
				       *c.at == '-' || octet_is_digit(*c.at)))
		c.at++;
	return c.at != start && cursor_text(&c, ":");
}

struct payload_verdict
payload_stomp(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	enum payload_sender sender = SENDER_CLIENT;

	if (!payload_is_tcp(view))
		return payload_no();
	if (cursor_text(&c, "CONNECTED"))
		sender = SENDER_SERVER;
	else if (!cursor_text(&c, "CONNECT") && !cursor_text(&c, "STOMP"))
		return payload_no();
	if (!line_ends(&c) || !header_follows(c))
		return payload_no();
	return payload_yes(APPLICATION_STOMP, sender);
}
