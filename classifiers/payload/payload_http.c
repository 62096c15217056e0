/*
 * HTTP/1.0 and HTTP/1.1: RFC 9112, 3 and 4; WebSocket: RFC 6455, 4.1.
 */
#include <strings.h>

#include "classifiers/payload/payload_parts.h"

/* IANA's registry of HTTP methods, those that are met. */
static const char *const methods[] = {"GET ", "POST ", "HEAD ", "PUT ",
    "OPTIONS ", "DELETE ", "PATCH ", "CONNECT ", "TRACE ", "PROPFIND ",
    "PROPPATCH ", "MKCOL ", "COPY ", "MOVE ", "LOCK ", "UNLOCK ", "REPORT ",
    "SEARCH ", "PURGE ", "MKCALENDAR ", NULL};

/* A target this long without its end in sight is likely one all the same. */
#define TARGET_MINIMUM 32

static bool
skip_method(struct cursor *c)
{
	for (size_t i = 0; methods[i] != NULL; i++)
		if (cursor_text(c, methods[i]))
			return true;
	return false;
}

/* Whether a header field with this name has a value that begins so. */
static bool
has_field(struct cursor c, const char *name, const char *value)
{
	size_t length, named = strlen(name);
	const uint8_t *line;

	while ((line = cursor_line(&c, &length)) != NULL && length > 0) {
		if (length < named + strlen(value) + 1 ||
		    strncasecmp((const char *)line, name, named) != 0)
			continue;
		line += named;
		length -= named;
		while (length > 0 && *line == ' ') {
			line++;
			length--;
		}
		if (length >= strlen(value) &&
		    strncasecmp((const char *)line, value, strlen(value)) == 0)
			return true;
	}
	return false;
}

static struct payload_verdict
http_in(struct cursor fields, enum payload_sender sender)
{
	struct payload_verdict verdict = payload_yes(APPLICATION_HTTP, sender);

	if (has_field(fields, "upgrade:", "websocket")) {
		verdict.application = APPLICATION_WEBSOCKET;
		verdict.carrier = APPLICATION_HTTP;
	}
	return verdict;
}

/*
 * The version ends the request line, which tells HTTP from RTSP, SIP and ICAP
 * with the same methods.  HTTP/0.9 has none and looks like anybody's text.
 */
static struct payload_verdict
request(struct cursor c)
{
	static const char version[] = " HTTP/1.";
	const uint8_t *target = c.at;
	size_t length;
	const uint8_t *line = cursor_line(&c, &length);

	if (line == NULL) {
		if (*target != '/' || cursor_left(&c) < TARGET_MINIMUM ||
		    !octets_are_printable(target, cursor_left(&c)))
			return payload_no();
		return payload_maybe(APPLICATION_HTTP, SENDER_CLIENT);
	}
	if (length < sizeof(version) + 1)
		return payload_no();
	line += length - sizeof(version);
	if (memcmp(line, version, sizeof(version) - 1) != 0 ||
	    !octet_is_digit(line[sizeof(version) - 1]))
		return payload_no();
	return http_in(c, SENDER_CLIENT);
}

static struct payload_verdict
response(struct cursor c)
{
	uint32_t code;
	size_t length;

	cursor_u8(&c); /* the minor version */
	if (!cursor_text(&c, " ") || !cursor_decimal(&c, &code) || code < 100 ||
	    code > 999)
		return payload_no();
	if (cursor_left(&c) > 0 && *c.at != ' ' && *c.at != '\r')
		return payload_no();
	cursor_line(&c, &length);
	if (code != 101)
		return payload_yes(APPLICATION_HTTP, SENDER_SERVER);
	return http_in(c, SENDER_SERVER);
}

/* Over UDP the same lines are SSDP. */
struct payload_verdict
payload_http(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);

	if (!payload_is_tcp(view))
		return payload_no();
	if (cursor_text(&c, "HTTP/1."))
		return response(c);
	if (!skip_method(&c) || cursor_left(&c) == 0)
		return payload_no();
	return request(c);
}
