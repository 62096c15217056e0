/*
 * http_odd -- whether a part of an HTTP request has what ordinary ones have
 * not, so that somebody has to look closer.
 *
 * Attacks are written in characters that paths, parameters, headers and JSON
 * hardly have.  Errs on one side only: what is not odd has no attack that
 * exploit_match.h knows, however it is disguised.  Pure, any thread; every
 * octet is hostile.
 */
#ifndef CLASSIFIERS_MESSAGES_HTTP_ODD_H
#define CLASSIFIERS_MESSAGES_HTTP_ODD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/sixteen.h"

enum http_part {
	HTTP_PART_PATH,
	HTTP_PART_PARAMETER, /* `name=value` of a query or a form */
	HTTP_PART_HEADER,    /* a value, or a body of unknown kind */
};

bool http_part_is_odd(enum http_part part, const uint8_t *octets, size_t size);

/* The same of JSON and other text that is posted. */
bool http_body_is_odd(const uint8_t *octets, size_t size);

/* Where one of sixteen octets of a header may be odd; there are seventeen.
 * `#` and the apostrophe differ in one bit, so do `<`, the backslash and `|`.
 */
SIXTEEN_INLINE sixteen
http_odd_header(const uint8_t *octets)
{
	sixteen at = sixteen_load(octets), next = sixteen_load(octets + 1);
	sixteen found = at & sixteen_times[0x80];

	found |= sixteen_is(at | sixteen_times[4], '\'') |
		 sixteen_is(at | sixteen_times[0x60], '|');
	found |= sixteen_is_either(at, '{', '`') | sixteen_is(at, '$');
	found |= sixteen_is(at, '.') &
		 (sixteen_is(next, '.') |
		     sixteen_is(next | sixteen_times[0x20], 'p'));
	found |= sixteen_is(at, '(') & sixteen_is_either(next, ')', 's');
	return found | (sixteen_is(at, 'O') & sixteen_is(next, '0'));
}

#endif
