#include "classifiers/messages/http_odd.h"

#include <string.h>

#define T_PATH      1
#define T_PARAMETER 2
#define T_HEADER    4
#define T_ALL       (T_PATH | T_PARAMETER | T_HEADER)
#define T_NEXT      8 /* with the character behind it */

/*
 * Characters that ordinary parts have not, and one of which every pattern needs
 * in some disguise.  Brackets, semicolons and double quotes are the grammar of
 * headers; a percent sign hides anything in a path or parameter, and little in
 * a header.
 */
static const uint8_t triggers[128] = {
    ['\''] = T_ALL,
    ['`'] = T_ALL,
    ['<'] = T_ALL,
    ['{'] = T_ALL,
    ['$'] = T_ALL,
    ['\\'] = T_ALL,
    ['#'] = T_ALL,
    ['%'] = T_PATH | T_PARAMETER,
    ['"'] = T_PATH | T_PARAMETER,
    ['>'] = T_PATH | T_PARAMETER,
    ['('] = T_PATH | T_PARAMETER | T_NEXT,
    ['.'] = T_NEXT,
    ['O'] = T_NEXT,
    [')'] = T_PATH | T_PARAMETER,
    ['|'] = T_PATH | T_PARAMETER,
    [';'] = T_PATH | T_PARAMETER,
    ['*'] = T_PATH | T_PARAMETER,
    ['@'] = T_PATH | T_PARAMETER,
    [' '] = T_PATH | T_PARAMETER,
    ['\n'] = T_PATH | T_PARAMETER,
    [':'] = T_PATH | T_PARAMETER,
    ['+'] = T_PARAMETER,
    ['/'] = T_PARAMETER,
    ['_'] = T_PARAMETER,
};

static bool
begins(const char *at, size_t size, const char *text)
{
	size_t length = strlen(text);

	return size > length && memcmp(at, text, length) == 0;
}

/* Parameters by which a web shell, a class loader or a metadata address are
 * reached without any of these. */
static bool
has_telling_name(const char *at, size_t size)
{
	const char *end = at + size;

	if (size > 0 && (*at == 'c' || *at == 'e') &&
	    (begins(at, size, "cmd=") || begins(at, size, "c=whoam") ||
		begins(at, size, "exec=") || begins(at, size, "command=") ||
		begins(at, size, "class.") || begins(at, size, "class[")))
		return true;
	while ((at = memchr(at, '=', (size_t)(end - at))) != NULL) {
		if (end - at >= 9 && memcmp(at, "=169.254.", 9) == 0)
			return true;
		at++;
	}
	return false;
}

/* The shortest object that does anything has more octets in base64. */
#define OBJECT_LEAST 40

/*
 * A step up, a program of PHP, the grammar of a function; and `rO0AB`, by which
 * Java's objects begin in base64: the rest may be letters alone.
 */
static bool
is_telling_pair(const uint8_t *at, size_t left, size_t size)
{
	if (left < 2)
		return false;
	if (*at == '.')
		return at[1] == '.' || (at[1] | 0x20) == 'p';
	if (*at == '(')
		return at[1] == ')' || at[1] == 's';
	return at[1] == '0' && size >= OBJECT_LEAST;
}

/* Whether one of the octets from `i` to `end` tells. */
static bool
tells(const uint8_t *octets, size_t size, size_t i, size_t end, uint8_t bit)
{
	for (; i < end; i++) {
		uint8_t c = octets[i];
		uint8_t found = c < 128 ? triggers[c] & (bit | T_NEXT) : T_ALL;

		if (found == 0)
			continue;
		if ((found & bit) != 0 ||
		    is_telling_pair(octets + i, size - i, size))
			return true;
	}
	return false;
}

bool
http_part_is_odd(enum http_part part, const uint8_t *octets, size_t size)
{
	uint8_t bit = part == HTTP_PART_PATH        ? T_PATH
		      : part == HTTP_PART_PARAMETER ? T_PARAMETER
						    : T_HEADER;
	size_t i = 0;

	for (; bit == T_HEADER && i + 17 <= size; i += 16)
		if (sixteen_any(http_odd_header(octets + i)) &&
		    tells(octets, size, i, i + 16, bit))
			return true;
	return tells(octets, size, i, size, bit) ||
	       (part == HTTP_PART_PARAMETER &&
		   has_telling_name((const char *)octets, size));
}

/* --- what is posted ------------------------------------------------------- */

/*
 * Of patterns for bodies that have no rare character three that stand together,
 * folded as below: words and sentences have few of them.
 */
#define THREES(X)                                                              \
	X('n', 'i', 'o')   /* union select */                                  \
	X('s', 's', '.')   /* class.module */                                  \
	X('s', 's', '{')   /* class[ */                                        \
	X('/', '/', '/')   /* .NET's objects in base64 */                      \
	X('m', '.', 's')   /* com.sun. */                                      \
	X('h', 'x', 'm')   /* ClassPathXml... */                               \
	X('v', '/', 't')   /* /dev/tcp */                                      \
	X('s', 'h', ' ')   /* sh -c */                                         \
	X('r', '.', 't')   /* freemarker.template */                           \
	X('d', 0x7f, 'p')  /* child_process */                                 \
	X(0x7f, 0x7f, 'p') /* __proto__ */                                     \
	X('r', 'o', 't')   /* prototype */                                     \
	X('/', '1', '6')   /* http://169.254.169.254 */

/* Letters as small ones; `[` as `{`, `_` as DEL. */
SIXTEEN_INLINE sixteen
folded(const uint8_t *octets)
{
	return sixteen_load(octets) | sixteen_times[0x20];
}

SIXTEEN_INLINE sixteen
is_among(sixteen at, uint8_t first, uint8_t last)
{
	return (
	    sixteen)(at - sixteen_times[first] <= sixteen_times[last - first]);
}

/* What JSON and sentences have least: quotes that are no JSON's, operators,
 * brackets, what hides others, and blanks that are not spaces. */
SIXTEEN_INLINE sixteen
rare(sixteen at)
{
	sixteen found = is_among(at, '#', '+') | is_among(at, ';', '@');

	found |= sixteen_is_either(at, '!', '\\');
	found |= sixteen_is_either(at, '`', '|');
	found |= is_among(at, '~', 0xff);
	return found | (is_among(at, 0, ' ' - 1) & ~sixteen_is(at, '\n'));
}

/* Where one of sixteen octets is, or begins, what is odd; there are eighteen.
 */
SIXTEEN_INLINE sixteen
odd_in_body(const uint8_t *octets)
{
	sixteen at = folded(octets), next = folded(octets + 1),
		last = folded(octets + 2);
	sixteen found = rare(sixteen_load(octets));

#define X(a, b, c)                                                             \
	found |= sixteen_is(at, a) & sixteen_is(next, b) & sixteen_is(last, c);
	THREES(X)
#undef X
	/* Objects: of Java in base64 (rO0), of PHP (O:8:). */
	return found |
	       (sixteen_is(at, 'o') & sixteen_is_either(next, '0', ':') &
		   is_among(last, '0', 'z'));
}

SIXTEEN_CLONES
bool
http_body_is_odd(const uint8_t *octets, size_t size)
{
	sixteen found = {0};
	uint8_t end[32];
	size_t i = 0;

	for (; i + 18 <= size; i += 16)
		found |= odd_in_body(octets + i);
	/* Spaces are nobody's. */
	memset(end, ' ', sizeof(end));
	memcpy(end, octets + i, size - i);
	return sixteen_any(found | odd_in_body(end) | odd_in_body(end + 14));
}
