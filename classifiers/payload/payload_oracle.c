/*
 * Oracle TNS: the packet header as the tns dissectors of Wireshark and nmap's
 * service probes describe it; the protocol has no public document.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	TYPE_CONNECT = 1,
	TYPE_REFUSE = 4,
	VERSION_MINIMUM = 300,
	VERSION_MAXIMUM = 400,
};

static bool
contains(struct cursor c, const char *text)
{
	return memmem(c.at, cursor_left(&c), text, strlen(text)) != NULL;
}

struct payload_verdict
payload_oracle(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint16_t length = cursor_be16(&c), checksum = cursor_be16(&c), version;
	uint8_t type = cursor_u8(&c);

	cursor_take(&c, 3); /* reserved, header checksum */
	version = cursor_be16(&c);
	if (!payload_is_tcp(view) || c.short_read || checksum != 0 ||
	    length < 12 || view->size > length)
		return payload_no();
	if (type == TYPE_CONNECT && version >= VERSION_MINIMUM &&
	    version <= VERSION_MAXIMUM && contains(c, "(CONNECT_DATA="))
		return payload_yes(APPLICATION_ORACLE, SENDER_CLIENT);
	if (type == TYPE_REFUSE && contains(c, "(DESCRIPTION="))
		return payload_yes(APPLICATION_ORACLE, SENDER_SERVER);
	return payload_no();
}
