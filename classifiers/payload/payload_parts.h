/*
 * payload_parts -- what payload classifiers are made of.
 *
 * Verdicts in one word, and tests on octets that stop at the view's end.
 */
#ifndef CLASSIFIERS_PAYLOAD_PAYLOAD_PARTS_H
#define CLASSIFIERS_PAYLOAD_PAYLOAD_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "classifiers/payload/payload.h"
#include "sensor/base/cursor.h"
#include "sensor/frame.h"

static inline struct payload_verdict
payload_no(void)
{
	return (struct payload_verdict){.answer = PAYLOAD_NO};
}

static inline struct payload_verdict
payload_maybe(enum application application, enum payload_sender sender)
{
	return (struct payload_verdict){.answer = PAYLOAD_MAYBE,
	    .application = application,
	    .sender = sender};
}

static inline struct payload_verdict
payload_yes(enum application application, enum payload_sender sender)
{
	return (struct payload_verdict){.answer = PAYLOAD_YES,
	    .application = application,
	    .sender = sender};
}

static inline bool
payload_is_tcp(const struct payload_view *view)
{
	return view->protocol == PROTOCOL_TCP;
}

static inline struct cursor
payload_cursor(const struct payload_view *view)
{
	return cursor_over(view->octets, view->size);
}

/* Whether the octets begin with a text. */
static inline bool
octets_begin(const uint8_t *octets, size_t size, const char *text)
{
	size_t length = strlen(text);

	return size >= length && memcmp(octets, text, length) == 0;
}

static inline bool
payload_begins(const struct payload_view *view, const char *text)
{
	return octets_begin(view->octets, view->size, text);
}

static inline bool
octet_is_printable(uint8_t octet)
{
	return octet >= 0x20 && octet <= 0x7e;
}

static inline bool
octets_are_printable(const uint8_t *octets, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!octet_is_printable(octets[i]))
			return false;
	return true;
}

static inline bool
octet_is_digit(uint8_t octet)
{
	return octet >= '0' && octet <= '9';
}

/*
 * Reads a decimal number of at most nine digits.
 *
 * returns    false, with the cursor anywhere, when there is none
 */
static inline bool
cursor_decimal(struct cursor *c, uint32_t *out)
{
	const uint8_t *start = c->at;

	*out = 0;
	while (
	    cursor_left(c) > 0 && octet_is_digit(*c->at) && c->at - start < 9)
		*out = *out * 10 + (uint32_t)(cursor_u8(c) - '0');
	return c->at != start;
}

/* Takes a text if it comes next. */
static inline bool
cursor_text(struct cursor *c, const char *text)
{
	if (c->short_read || !octets_begin(c->at, cursor_left(c), text))
		return false;
	c->at += strlen(text);
	return true;
}

/* Takes a line and its CRLF; NULL when there is no whole one. */
static inline const uint8_t *
cursor_line(struct cursor *c, size_t *length)
{
	const uint8_t *start = c->at;
	const uint8_t *feed = memchr(start, '\n', cursor_left(c));

	if (feed == NULL || feed == start || feed[-1] != '\r')
		return NULL;
	*length = (size_t)(feed - 1 - start);
	c->at = feed + 1;
	return start;
}

#endif
