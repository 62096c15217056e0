/*
 * SMTP: RFC 5321, 4.1.1.1 (EHLO, HELO) and 4.2 (greeting).
 */
#include <strings.h>

#include "classifiers/payload/payload_parts.h"

struct payload_verdict
payload_smtp(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	const char *word = (const char *)view->octets;
	size_t length;
	const uint8_t *line = cursor_line(&c, &length);

	if (!payload_is_tcp(view) || line == NULL ||
	    !octets_are_printable(line, length))
		return payload_no();
	if (length > 5 && (strncasecmp(word, "EHLO ", 5) == 0 ||
			      strncasecmp(word, "HELO ", 5) == 0))
		return payload_yes(APPLICATION_SMTP, SENDER_CLIENT);
	/* FTP greets with 220 as well; only the name tells, and `SMTP` may be
	 * part of a host's. */
	if (!octets_begin(line, length, "220 ") &&
	    !octets_begin(line, length, "220-"))
		return payload_no();
	if (memmem(line, length, " ESMTP", 6) != NULL)
		return payload_yes(APPLICATION_SMTP, SENDER_SERVER);
	if (memmem(line, length, "SMTP", 4) != NULL)
		return payload_maybe(APPLICATION_SMTP, SENDER_SERVER);
	return payload_no();
}
