/* DNS: RFC 1035, section 4.1 for messages and 4.2.2 for TCP. */
#include "classifiers/messages/messages_parts.h"

#define HEADER_SIZE 12

/* Messages of one segment that are read: what resolvers send at once is two,
 * A and AAAA. */
#define MESSAGES_MAXIMUM 16

/* The type of the first question; 0 where it is not here. */
static uint32_t
question_type(const uint8_t *octets, uint32_t size)
{
	uint32_t at = HEADER_SIZE;

	while (at < size && octets[at] != 0 && octets[at] < 0x40)
		at += 1U + octets[at];
	if (at >= size || octets[at] != 0 || size - at < 3)
		return 0;
	return (uint32_t)octets[at + 1] << 8 | octets[at + 2];
}

static void
say(const struct segment_view *view, uint32_t at, uint32_t length)
{
	const uint8_t *octets = view->octets + at;
	uint32_t here = view->size - at;
	uint32_t size = here < length ? here : length;

	if (size < HEADER_SIZE)
		return;
	if ((octets[2] & 0x80) != 0)
		message_say(
		    view, MESSAGE_DNS_ANSWER, octets[3] & 15U, at, length);
	else
		message_say(view, MESSAGE_DNS_QUESTION,
		    question_type(octets, size), at, length);
}

void
message_dns(const struct segment_view *view)
{
	uint32_t at = 0;

	if (!view->stream) {
		say(view, 0, view->length);
		return;
	}
	for (int i = 0; i < MESSAGES_MAXIMUM && view->size - at >= 2; i++) {
		uint32_t length =
		    (uint32_t)view->octets[at] << 8 | view->octets[at + 1];

		say(view, at + 2, length);
		if (length > view->size - at - 2)
			return;
		at += 2 + length;
	}
}
