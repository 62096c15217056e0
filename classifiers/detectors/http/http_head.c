#include "classifiers/detectors/http/http_head.h"

#include <string.h>
#include <strings.h>

#include "sensor/base/sixteen.h"

/* --- lines ---------------------------------------------------------------- */

static inline const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

static inline struct http_piece
trim(const char *at, const char *end)
{
	at = skip_blanks(at, end);
	while (at < end && (end[-1] == '\r' || end[-1] == ' '))
		end--;
	return (struct http_piece){at, (size_t)(end - at)};
}

/* Where a character stands, or else the end. */
static inline const char *
find(const char *at, const char *end, char c)
{
	const char *found = memchr(at, c, (size_t)(end - at));

	return found == NULL ? end : found;
}

/* --- what headers are ----------------------------------------------------- */

enum header {
	HEADER_OTHER,
	HEADER_AGENT,
	HEADER_TYPE,
	HEADER_DULL,
	HEADER_LENGTH,
	HEADER_CODING,
	HEADER_AUTHORIZATION,
};

#define NAMES_OF_A_SIZE 3

static const struct name {
	const char *text;
	enum header is;
} names[][NAMES_OF_A_SIZE] = {
    [4] = {{"date", HEADER_DULL}, {"etag", HEADER_DULL}},
    [6] = {{"accept", HEADER_DULL}},
    [7] = {{"baggage", HEADER_DULL}},
    [9] = {{"sec-ch-ua", HEADER_DULL}},
    [10] = {{"user-agent", HEADER_AGENT}, {"connection", HEADER_DULL},
	{"tracestate", HEADER_DULL}},
    [11] = {{"traceparent", HEADER_DULL}},
    [12] = {{"content-type", HEADER_TYPE}},
    [13] = {{"if-none-match", HEADER_DULL},
	{"authorization", HEADER_AUTHORIZATION}},
    [14] = {{"content-length", HEADER_LENGTH}},
    [15] = {{"accept-encoding", HEADER_DULL}},
    [17] = {{"transfer-encoding", HEADER_CODING}},
    [19] = {{"proxy-authorization", HEADER_AUTHORIZATION}},
};

/* By the size of its name, and by its first letter. */
static enum header
header_of(struct http_piece name)
{
	if (name.size >= sizeof(names) / sizeof(names[0]))
		return HEADER_OTHER;
	for (int i = 0; i < NAMES_OF_A_SIZE; i++) {
		const struct name *one = &names[name.size][i];

		if (one->text == NULL)
			break;
		if (((*name.at ^ *one->text) & 0xdf) == 0 &&
		    strncasecmp(name.at, one->text, name.size) == 0)
			return one->is;
	}
	return HEADER_OTHER;
}

/* As nearly all are. */
static bool
is_number(struct http_piece value)
{
	for (size_t i = 0; i < value.size; i++)
		if (value.at[i] < '0' || value.at[i] > '9')
			return false;
	return value.size > 0;
}

static enum http_line_kind
take_header(struct http_head *head, struct http_piece name,
    struct http_piece value, bool *length)
{
	switch (header_of(name)) {
	case HEADER_AGENT:
		return HTTP_LINE_AGENT;
	case HEADER_TYPE:
		return HTTP_LINE_TYPE;
	case HEADER_DULL:
		return HTTP_LINE_DULL;
	case HEADER_LENGTH:
		head->frames |= *length || !is_number(value);
		*length = true;
		return HTTP_LINE_DULL;
	case HEADER_CODING:
		head->frames = true;
		break;
	case HEADER_AUTHORIZATION:
		head->authorizes = true;
		break;
	case HEADER_OTHER:
		break;
	}
	return HTTP_LINE_OTHER;
}

/* A line that not everybody takes for what we do: a folded one, a name with a
 * blank behind it, or one that may be the last. */
static bool
is_odd(const char *line, size_t size, struct http_piece name)
{
	if (name.size == 0)
		return size > 1 || (size == 1 && *line != '\r');
	return size < 2 || *line == ' ' || *line == '\t' ||
	       (uint8_t)name.at[name.size - 1] <= ' ';
}

/* Returns whether there may be anything in it. */
static bool
divide(struct http_head *head, const char *at, const char *end)
{
	bool odd = false, length = false;
	int i = 0;

	for (; i < HTTP_HEAD_LINES && at < end; i++) {
		const char *line = at, *stop = find(at, end, '\n');
		struct http_line *to = &head->lines[head->count];
		struct http_piece whole = trim(line, stop);
		const char *last = whole.at + whole.size;
		const char *colon = find(whole.at, last, ':');

		at = stop < end ? stop + 1 : end;
		to->name.at = whole.at;
		to->name.size = (size_t)(colon - whole.at);
		odd |= is_odd(line, (size_t)(stop - line), to->name);
		if (whole.size == 0)
			break;
		to->value.at =
		    skip_blanks(colon < last ? colon + 1 : last, last);
		to->value.size = (size_t)(last - to->value.at);
		to->kind = take_header(head, to->name, to->value, &length);
		head->count += to->value.size > 0;
	}
	head->rest = (struct http_piece){at, (size_t)(end - at)};
	return odd || i == HTTP_HEAD_LINES;
}

/* --- passwords ------------------------------------------------------------ */

static bool
begins_password(const char *at, const char *end)
{
	return (*at | 0x20) == 'p' &&
	       (strncasecmp(at, "pwd", 3) == 0 ||
		   (end - at >= 4 && strncasecmp(at, "pass", 4) == 0));
}

/* Of seventeen octets; nearly all texts have no such pair. */
static bool
has_pair(const char *at)
{
	sixteen first = sixteen_load(at) | 0x20;
	sixteen second = sixteen_load(at + 1) | 0x20;

	return sixteen_any(
	    sixteen_is(first, 'p') & sixteen_is_either(second, 'a', 'w'));
}

/* `pass` or `pwd`, in any case. */
static bool
names_password(struct http_piece text)
{
	const char *at = text.at, *end = text.at + text.size;

	while (end - at >= 3) {
		const char *until = at + 16;

		if (end - at < 18)
			until = end - 2;
		else if (!has_pair(at))
			at = until;
		for (; at < until; at++)
			if (begins_password(at, end))
				return true;
	}
	return false;
}

/* In a form, as it is sent in a body or behind a question mark; or in XML. */
static bool
may_log_in(const struct http_head *head)
{
	struct http_piece query = head->request, rest = head->rest;

	(void)http_piece_cut(&query, '?');
	return names_password(query) || names_password(rest) ||
	       (rest.size > 0 && memchr(rest.at, '<', rest.size) != NULL);
}

struct http_piece
http_head_line(const uint8_t *octets, size_t size)
{
	const char *at = (const char *)octets, *end = at + size;

	return trim(at, find(at, end, '\n'));
}

void
http_head_read(struct http_head *head, const uint8_t *octets, size_t size)
{
	const char *at = (const char *)octets, *end = at + size;
	const char *stop = find(at, end, '\n');
	bool any;

	head->count = 0;
	head->authorizes = head->frames = false;
	head->request = trim(at, stop);
	any = divide(head, stop < end ? stop + 1 : end, end);
	head->authorizes |= any;
	head->frames |= any;
	head->logs_in = any || may_log_in(head);
}
