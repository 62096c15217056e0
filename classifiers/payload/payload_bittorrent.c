/*
 * BitTorrent: BEP 3 (handshake of peers), BEP 5 (queries of the distributed
 * hash table), BEP 14 (local discovery).
 */
#include "classifiers/payload/payload_parts.h"

/* Its first key holds the sender's identifier: `id`, of 20 octets. */
static bool
is_hash_table(const struct payload_view *view)
{
	return payload_begins(view, "d1:ad2:id20:") ||
	       payload_begins(view, "d1:rd2:id20:") ||
	       (payload_begins(view, "d2:ip") &&
		   memmem(view->octets, view->size, "1:rd2:id20:", 11) != NULL);
}

/* Peers are each other's servers. */
struct payload_verdict
payload_bittorrent(const struct payload_view *view)
{
	bool known;

	if (payload_is_tcp(view))
		known = payload_begins(view, "\x13"
					     "BitTorrent protocol");
	else
		known = view->protocol == PROTOCOL_UDP &&
			(is_hash_table(view) ||
			    payload_begins(view, "BT-SEARCH * HTTP/1.1\r\n"));
	return known ? payload_yes(APPLICATION_BITTORRENT, SENDER_EITHER)
		     : payload_no();
}
