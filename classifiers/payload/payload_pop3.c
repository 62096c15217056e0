/*
 * POP3: RFC 1939, 3 (a positive answer) and 4 (the greeting), 7; its commands
 * of before the login, with those of RFC 2449 (CAPA), 2595 (STLS), 5034 (AUTH).
 */
#include <strings.h>

#include "classifiers/payload/payload_parts.h"

/* What comes first; FTP begins with USER as well. */
static const char *const commands[] = {"APOP ", "CAPA", "STLS", "AUTH PLAIN",
    "AUTH LOGIN", "AUTH CRAM-MD5", "AUTH XOAUTH2", NULL};

struct payload_verdict
payload_pop3(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	size_t length;
	const uint8_t *line = cursor_line(&c, &length);

	if (!payload_is_tcp(view) || line == NULL ||
	    !octets_are_printable(line, length))
		return payload_no();
	/* Redis says no more than the sign. */
	if (octets_begin(line, length, "+OK "))
		return payload_maybe(APPLICATION_POP3, SENDER_SERVER);
	for (size_t i = 0; commands[i] != NULL; i++) {
		size_t size = strlen(commands[i]);

		if (length >= size &&
		    strncasecmp((const char *)line, commands[i], size) == 0)
			return payload_maybe(APPLICATION_POP3, SENDER_CLIENT);
	}
	return payload_no();
}
