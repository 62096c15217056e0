/*
 * Bolt (Neo4j): "Bolt handshake specification" (neo4j.com/docs/bolt).
 */
#include "classifiers/payload/payload_parts.h"

struct payload_verdict
payload_bolt(const struct payload_view *view)
{
	static const uint8_t magic[] = {0x60, 0x60, 0xb0, 0x17};

	/* The magic and four proposed versions. */
	if (!payload_is_tcp(view) || view->size < 20 ||
	    memcmp(view->octets, magic, sizeof(magic)) != 0)
		return payload_no();
	return payload_yes(APPLICATION_BOLT, SENDER_CLIENT);
}
