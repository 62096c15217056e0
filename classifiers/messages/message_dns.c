/* DNS: RFC 1035, section 4.1 for messages and 4.2.2 for TCP. */
#include "classifiers/dns_local.h"
#include "classifiers/messages/messages_parts.h"

#define HEADER_SIZE 12

/* Messages of one segment that are read: what resolvers send at once is two,
 * A and AAAA. */
#define MESSAGES_MAXIMUM 16

/* RFC 1035, 4.1.1 */
#define CODE_NO_SUCH_NAME 3

/* What is known of a message by its first question. */
struct look {
	uint32_t type;                   /* 0 where it is not here */
	bool surely_local, surely_plain; /* its name; its first pointer */
};

static struct look
look_at(const uint8_t *octets, uint32_t size)
{
	uint32_t at = HEADER_SIZE, last = 0, before = 0;
	struct look look = {0, false, false};

	while (at < size && octets[at] != 0 && octets[at] < 0x40) {
		before = last;
		last = at;
		at += 1U + octets[at];
	}
	if (at >= size || octets[at] != 0)
		return look;
	look.surely_local =
	    before != 0 &&
	    dns_label_is_local((const char *)octets + last + 1, octets[last]);
	if (size - at >= 3)
		look.type = (uint32_t)octets[at + 1] << 8 | octets[at + 2];
	at += 5;
	look.surely_plain =
	    at + 2 > size || octets[at] < 0xc0 ||
	    (octets[at] == 0xc0 && octets[at + 1] == HEADER_SIZE);
	return look;
}

/* `v=spf1`, `v=DKIM1` (RFC 7208, 6376): anything that has this. */
static bool
may_hold_policy(const uint8_t *octets, uint32_t size)
{
	const uint8_t *at = octets, *end = octets + size;

	while ((at = memchr(at, '=', (size_t)(end - at))) != NULL) {
		if (at > octets && at[-1] == 'v')
			return true;
		at++;
	}
	return false;
}

static void
say_question(const struct segment_view *view, const struct look *look,
    uint32_t at, uint32_t length)
{
	uint32_t has = TRAIT_DNS_QUESTION;

	if (!look->surely_local)
		has |= TRAIT_OUTSIDE_NAME;
	if (!look->surely_plain)
		has |= TRAIT_ODD_POINTER;
	message_say_with(
	    view, MESSAGE_DNS_QUESTION, look->type, has, at, length);
}

static void
say_answer(const struct segment_view *view, const struct look *look,
    uint32_t at, uint32_t length)
{
	const uint8_t *octets = view->octets + at;
	uint32_t here = view->size - at, code = octets[3] & 15U, has = 0;

	if (!look->surely_plain)
		has |= TRAIT_ODD_POINTER;
	if (length >= ANSWER_LARGE)
		has |= TRAIT_LARGE_ANSWER;
	if (code == CODE_NO_SUCH_NAME)
		has |= TRAIT_NO_SUCH_NAME;
	if (code == 0 && !look->surely_local)
		has |= TRAIT_NAME_EXISTS;
	if (!look->surely_local &&
	    (length >= ANSWER_CARRIES ||
		may_hold_policy(octets, here < length ? here : length)))
		has |= TRAIT_CARRIES;
	if (has != 0)
		message_say_with(
		    view, MESSAGE_DNS_ANSWER, code, has, at, length);
}

static void
say(const struct segment_view *view, uint32_t at, uint32_t length)
{
	const uint8_t *octets = view->octets + at;
	uint32_t here = view->size - at;
	uint32_t size = here < length ? here : length;
	struct look look;

	if (size < HEADER_SIZE)
		return;
	look = look_at(octets, size);
	/* A segment in the midst of a message begins like none. */
	look.surely_plain |= view->stream && here < length;
	if ((octets[2] & 0x80) == 0)
		say_question(view, &look, at, length);
	else
		say_answer(view, &look, at, length);
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
