/*
 * NATS: "NATS client protocol" (docs.nats.io): INFO and CONNECT with JSON.
 */
#include "classifiers/payload/payload_parts.h"

static bool
contains(struct cursor c, const char *text)
{
	return memmem(c.at, cursor_left(&c), text, strlen(text)) != NULL;
}

struct payload_verdict
payload_nats(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);

	if (!payload_is_tcp(view))
		return payload_no();
	/* A cluster's routes and leaf nodes send INFO both ways. */
	if (cursor_text(&c, "INFO {"))
		return contains(c, "\"server_id\"")
			   ? payload_yes(APPLICATION_NATS, SENDER_SERVER)
			   : payload_maybe(APPLICATION_NATS, SENDER_SERVER);
	if (cursor_text(&c, "CONNECT {"))
		return contains(c, "\"verbose\"") || contains(c, "\"lang\"")
			   ? payload_yes(APPLICATION_NATS, SENDER_CLIENT)
			   : payload_maybe(APPLICATION_NATS, SENDER_CLIENT);
	return payload_no();
}
