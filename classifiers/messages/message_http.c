/* HTTP/1: RFC 9112, sections 3 and 4, for lines that begin a segment. */
#include "classifiers/messages/http_traits.h"
#include "classifiers/messages/messages_parts.h"

/* Methods have up to 17 letters (UPDATEREDIRECTREF, IANA's registry). */
#define METHOD_MAXIMUM 20

static bool
is_letter(uint8_t octet)
{
	return (octet >= 'A' && octet <= 'Z') || octet == '-' || octet == '_';
}

/*
 * `GET /...`: a method and a target, and the version where the line is whole.
 * Where it is not, what a body goes on with could look alike; so the target has
 * to begin as one does: a path, an address, an authority or a star.
 */
static bool
is_request(const struct segment_view *view, uint32_t *length)
{
	uint32_t method = 0, line;

	while (method < view->size && method < METHOD_MAXIMUM &&
	       is_letter(view->octets[method]))
		method++;
	if (method < 3 || view->size - method < 2 ||
	    view->octets[method] != ' ' || view->octets[method + 1] <= ' ')
		return false;
	*length = line = message_line(view);
	if (line == view->size)
		return view->octets[method + 1] == '/' ||
		       message_begins(view, "CONNECT ");
	return line > method + 9 &&
	       memcmp(view->octets + line - 9, " HTTP/1.", 8) == 0;
}

/* Three digits behind the version; 0 where there is no status line. */
static uint32_t
status(const struct segment_view *view)
{
	uint32_t number = 0;

	if (view->size < 12 || !message_begins(view, "HTTP/1.") ||
	    view->octets[8] != ' ')
		return 0;
	for (uint32_t i = 9; i < 12; i++) {
		if (view->octets[i] < '0' || view->octets[i] > '9')
			return 0;
		number = 10 * number + view->octets[i] - '0';
	}
	return number;
}

static void
say_request(const struct segment_view *view, uint32_t line)
{
	uint32_t size = view->size;
	struct http_traits traits;

	/* Nobody sees more. */
	if (size > MESSAGE_MAXIMUM)
		size = MESSAGE_MAXIMUM;
	traits = http_traits_of(view->octets, size, line < size ? line : size);
	if (traits.agent != view->note->agent)
		traits.has |= TRAIT_NEW_AGENT;
	view->note->agent = traits.agent;
	message_say_with(
	    view, MESSAGE_HTTP_REQUEST, 0, traits.has, 0, view->length);
}

static void
say_response(const struct segment_view *view, uint32_t code)
{
	uint32_t has = TRAIT_AWAITED;

	if (!view->note->answered)
		has |= TRAIT_FIRST_ANSWER;
	if (code >= 400)
		has |= TRAIT_REFUSAL;
	view->note->answered = true;
	message_say_with(
	    view, MESSAGE_HTTP_RESPONSE, code, has, 0, view->length);
}

void
message_http(const struct segment_view *view)
{
	uint32_t code, line;

	if (view->from_client) {
		if (is_request(view, &line))
			say_request(view, line);
		return;
	}
	code = status(view);
	if (code != 0)
		say_response(view, code);
}
