/*
 * TLS handshakes: records of RFC 8446, section 5.1, and messages of section 4
 * (RFC 5246, 6.2.1 and 7.4, says the same of the older ones).
 *
 * Of a message that goes on in later segments what is here is handed over.
 * What nobody would act upon is not: certificates, and the answer of a server
 * that chose what it may.
 */
#include "classifiers/messages/messages_parts.h"

enum {
	RECORD_HANDSHAKE = 22,
	RECORD_HEARTBEAT = 24, /* RFC 6520 */
	RECORD_HEADER = 5,
	MESSAGE_HEADER = 4,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
};

/* Messages and records of one segment that are read. */
#define PIECES_MAXIMUM 16

/* A version that RFC 7568 forbids stands behind the header. */
static bool
is_of_interest(const uint8_t *octets, uint32_t size)
{
	return octets[0] == CLIENT_HELLO ||
	       (octets[0] == SERVER_HELLO && size >= MESSAGE_HEADER + 2 &&
		   octets[4] == 3 && octets[5] == 0);
}

/*
 * The messages of one record that lies at `at`; one that goes on in the next
 * record is said with the header of that one inside, and ends what is read.
 *
 * returns    false when there is nothing to be read behind it
 */
static bool
read_record(const struct segment_view *view, uint32_t at, uint32_t size)
{
	uint32_t end = size < view->size - at ? at + size : view->size;

	for (int i = 0; i < PIECES_MAXIMUM && end - at >= MESSAGE_HEADER; i++) {
		const uint8_t *octets = view->octets + at;
		uint32_t length = (uint32_t)octets[1] << 16 |
				  (uint32_t)octets[2] << 8 | octets[3];

		if (is_of_interest(octets, view->size - at))
			message_say(view, MESSAGE_TLS, octets[0], at,
			    MESSAGE_HEADER + length);
		if (length > end - at - MESSAGE_HEADER)
			return false;
		at += MESSAGE_HEADER + length;
	}
	return true;
}

void
message_tls(const struct segment_view *view)
{
	uint32_t at = 0;

	for (int i = 0; i < PIECES_MAXIMUM && view->size - at >= RECORD_HEADER;
	     i++) {
		const uint8_t *octets = view->octets + at;
		uint32_t size = (uint32_t)octets[3] << 8 | octets[4];

		/* Whatever else comes is encrypted, or soon will be. */
		if (octets[1] != 3 || (octets[0] != RECORD_HANDSHAKE &&
					  octets[0] != RECORD_HEARTBEAT))
			return;
		if (octets[0] == RECORD_HEARTBEAT)
			message_say(view, MESSAGE_TLS, RECORD_HEARTBEAT,
			    at + RECORD_HEADER, size);
		else if (!read_record(view, at + RECORD_HEADER, size))
			return;
		if (size > view->size - at - RECORD_HEADER)
			return;
		at += RECORD_HEADER + size;
	}
}
