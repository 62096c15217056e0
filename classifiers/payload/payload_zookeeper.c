/*
 * Apache ZooKeeper: zookeeper.jute (ConnectRequest, ConnectResponse) and the
 * administrator's guide ("The Four Letter Words").
 */
#include "classifiers/payload/payload_parts.h"

enum {
	PASSWORD_SIZE = 16,
	REQUEST_SIZE = 44,  /* one more with the readOnly flag of 3.4 */
	RESPONSE_SIZE = 36, /* likewise */
};

/* Server defaults are far below; a day is nobody's session timeout. */
#define TIMEOUT_MAXIMUM (24U * 3600 * 1000)

static const char *const words[] = {"ruok", "stat", "srvr", "mntr", "conf",
    "cons", "dump", "envi", "isro", "wchs", "wchc", "wchp", "crst", "srst",
    NULL};

static bool
is_request(struct cursor c, uint32_t length)
{
	uint32_t version = cursor_be32(&c), timeout;

	cursor_take(&c, 8); /* last zxid seen */
	timeout = cursor_be32(&c);
	cursor_take(&c, 8); /* session */
	return (length == REQUEST_SIZE || length == REQUEST_SIZE + 1) &&
	       version == 0 && timeout >= 100 && timeout <= TIMEOUT_MAXIMUM &&
	       cursor_be32(&c) == PASSWORD_SIZE && !c.short_read;
}

static bool
is_response(struct cursor c, uint32_t length)
{
	uint32_t version = cursor_be32(&c), timeout = cursor_be32(&c);

	cursor_take(&c, 8); /* session */
	return (length == RESPONSE_SIZE || length == RESPONSE_SIZE + 1) &&
	       version == 0 && timeout <= TIMEOUT_MAXIMUM &&
	       cursor_be32(&c) == PASSWORD_SIZE && !c.short_read;
}

static bool
is_word(const struct payload_view *view)
{
	if (view->size != 4 && !(view->size == 5 && view->octets[4] == '\n'))
		return false;
	for (size_t i = 0; words[i] != NULL; i++)
		if (payload_begins(view, words[i]))
			return true;
	return false;
}

struct payload_verdict
payload_zookeeper(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);
	uint32_t length;

	if (!payload_is_tcp(view))
		return payload_no();
	if (is_word(view))
		return payload_maybe(APPLICATION_ZOOKEEPER, SENDER_CLIENT);
	if (payload_begins(view, "Zookeeper version: ") ||
	    payload_begins(view, "zk_version\t"))
		return payload_yes(APPLICATION_ZOOKEEPER, SENDER_SERVER);
	if (view->size == 4 && payload_begins(view, "imok"))
		return payload_maybe(APPLICATION_ZOOKEEPER, SENDER_SERVER);
	length = cursor_be32(&c);
	if (view->size > (size_t)length + 4)
		return payload_no();
	if (is_request(c, length))
		return payload_yes(APPLICATION_ZOOKEEPER, SENDER_CLIENT);
	if (is_response(c, length))
		return payload_yes(APPLICATION_ZOOKEEPER, SENDER_SERVER);
	return payload_no();
}
