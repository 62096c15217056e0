/*
 * SSH: RFC 4253, 4.2 (identification string) and 5.1 (versions 1.x).
 */
#include "classifiers/payload/payload_parts.h"

struct payload_verdict
payload_ssh(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint32_t major, minor;

	if (!payload_is_tcp(view) || !cursor_text(&c, "SSH-"))
		return payload_no();
	if (!cursor_decimal(&c, &major) || !cursor_text(&c, ".") ||
	    !cursor_decimal(&c, &minor) || !cursor_text(&c, "-"))
		return payload_no();
	if (major != 1 && major != 2)
		return payload_no();
	return payload_yes(APPLICATION_SSH, SENDER_EITHER);
}
