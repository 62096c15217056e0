#include "classifiers/messages/http_traits.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "classifiers/messages/http_odd.h"
#include "classifiers/messages/messages.h"

/* Of one request; beyond, nothing is sure. */
#define LINES_MAXIMUM 64

/* Of what need not be one more than these. */
#define ALL_OF_HEAD                                                            \
	(TRAIT_CREDENTIALS | TRAIT_PASSWORD | TRAIT_ODD_LENGTH |               \
	    TRAIT_ODD_HEADER | TRAIT_ODD_BODY | TRAIT_NEW_AGENT)

struct reading {
	struct http_traits traits;
	const uint8_t *end;
	const uint8_t *body; /* NULL: not there yet */
	unsigned lines;
	bool length; /* a header has said one */
	bool form;   /* a body may be a form, or an object */
};

/* --- passwords ------------------------------------------------------------ */

/* Where `pas` or `pwd` may begin, of eighteen octets. */
SIXTEEN_INLINE sixteen
may_be_password(const uint8_t *octets)
{
	sixteen first = sixteen_load(octets) | sixteen_times[0x20];
	sixteen second = sixteen_load(octets + 1) | sixteen_times[0x20];
	sixteen third = sixteen_load(octets + 2) | sixteen_times[0x20];

	return sixteen_is(first, 'p') &
	       ((sixteen_is(second, 'a') & sixteen_is(third, 's')) |
		   (sixteen_is(second, 'w') & sixteen_is(third, 'd')));
}

/* `"me`: what a JSON text calls a method begins so. */
SIXTEEN_INLINE sixteen
may_be_method(const uint8_t *octets)
{
	return sixteen_is(sixteen_load(octets), '"') &
	       sixteen_is(sixteen_load(octets + 1), 'm') &
	       sixteen_is(sixteen_load(octets + 2), 'e');
}

/* In a target, which is short. */
static bool
names_password(const uint8_t *at, const uint8_t *end)
{
	for (; end - at >= 3; at++)
		if ((*at | 0x20) == 'p' &&
		    (strncasecmp((const char *)at, "pas", 3) == 0 ||
			strncasecmp((const char *)at, "pwd", 3) == 0))
			return true;
	return false;
}

/* --- the request line ----------------------------------------------------- */

static bool
has_odd_parameter(const uint8_t *at, const uint8_t *end)
{
	while (at < end) {
		const uint8_t *stop = memchr(at, '&', (size_t)(end - at));

		if (stop == NULL)
			stop = end;
		if (http_part_is_odd(
			HTTP_PART_PARAMETER, at, (size_t)(stop - at)))
			return true;
		at = stop + 1;
	}
	return false;
}

static uint32_t
look_at_target(const uint8_t *line, size_t size)
{
	const uint8_t *at = memchr(line, ' ', size), *end = line + size, *query;
	uint32_t has = 0;

	if (at == NULL)
		return TRAIT_ODD_TARGET | TRAIT_PASSWORD;
	at++;
	query = memchr(at, '?', (size_t)(end - at));
	if (query != NULL && names_password(query, end))
		has |= TRAIT_PASSWORD;
	/* What is behind a space but the version is an attacker's. */
	if (end - at > 9 && memcmp(end - 9, " HTTP/1.", 8) == 0)
		end -= 9;
	if (query == NULL || query >= end)
		query = end;
	if (http_part_is_odd(HTTP_PART_PATH, at, (size_t)(query - at)) ||
	    (query < end && has_odd_parameter(query + 1, end)))
		has |= TRAIT_ODD_TARGET | TRAIT_METHOD;
	return has;
}

/* --- headers -------------------------------------------------------------- */

static bool
begins(const struct reading *reading, const uint8_t *at, const char *name)
{
	size_t size = strlen(name);

	return (size_t)(reading->end - at) > size &&
	       strncasecmp((const char *)at, name, size) == 0;
}

/* Behind its name: a colon and one plain number. */
static bool
is_plain_length(const struct reading *reading, const uint8_t *at)
{
	const uint8_t *end = reading->end, *digits;

	if (*at++ != ':')
		return false;
	while (at < end && *at == ' ')
		at++;
	for (digits = at; at < end && *at >= '0' && *at <= '9';)
		at++;
	return at > digits && end - at >= 2 && at[0] == '\r' && at[1] == '\n';
}

/* A form's or an object's type says so; these do not. */
static bool
is_text_type(const struct reading *reading, const uint8_t *at)
{
	static const char *const types[] = {": application/json\r",
	    ": application/json; charset=utf-8\r", ": text/plain\r", NULL};

	for (size_t i = 0; types[i] != NULL; i++)
		if (begins(reading, at, types[i]))
			return true;
	return false;
}

/* One program has the same name in all its requests. */
static uint32_t
hash_line(const struct reading *reading, const uint8_t *at)
{
	const uint8_t *stop = memchr(at, '\n', (size_t)(reading->end - at));
	size_t size = (size_t)((stop == NULL ? reading->end : stop) - at);
	uint64_t hash = size, word;

	for (; size >= sizeof(word); size -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
		at += sizeof(word);
	}
	for (word = 0; size > 0; size--)
		word = word << 8 | *at++;
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(hash >> 32) | 1;
}

static void
look_at_content(struct reading *reading, const uint8_t *at)
{
	if (begins(reading, at, "content-length")) {
		if (reading->length || !is_plain_length(reading, at + 14))
			reading->traits.has |= TRAIT_ODD_LENGTH;
		reading->length = true;
	} else if (begins(reading, at, "content-type") &&
		   !is_text_type(reading, at + 12)) {
		reading->form = true;
	}
}

static void
look_at_agent(struct reading *reading, const uint8_t *at)
{
	struct http_traits *traits = &reading->traits;

	if (!begins(reading, at, "user-agent"))
		return;
	/* Whoever looks for one looks no further. */
	if (traits->agent != 0)
		traits->has |= TRAIT_ODD_HEADER | TRAIT_NEW_AGENT;
	traits->agent = hash_line(reading, at + 10);
}

/* By its first four letters. */
static void
look_at_name(struct reading *reading, const uint8_t *at)
{
	uint32_t *has = &reading->traits.has;

#define FOUR(a, b, c, d)                                                       \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 |      \
	    (uint32_t)(d))
	if (reading->end - at < 4)
		return;
	switch (FOUR(at[0], at[1], at[2], at[3]) | FOUR(' ', ' ', ' ', ' ')) {
	case FOUR('a', 'u', 't', 'h'):
		if (begins(reading, at, "authorization"))
			*has |= TRAIT_CREDENTIALS;
		break;
	case FOUR('p', 'r', 'o', 'x'):
		if (begins(reading, at, "proxy-authorization"))
			*has |= TRAIT_CREDENTIALS;
		break;
	case FOUR('t', 'r', 'a', 'n'):
		if (begins(reading, at, "transfer-encoding"))
			*has |= TRAIT_ODD_LENGTH;
		break;
	case FOUR('u', 's', 'e', 'r'):
		look_at_agent(reading, at);
		break;
	case FOUR('c', 'o', 'n', 't'):
		look_at_content(reading, at);
		break;
	default:
		break;
	}
#undef FOUR
}

/* A line of the head begins; what not everybody takes for one, is anything. */
static void
look_at_line(struct reading *reading, const uint8_t *at)
{
	if (at >= reading->end || reading->body != NULL)
		return;
	if (*at == '\n' ||
	    (*at == '\r' && reading->end - at >= 2 && at[1] == '\n')) {
		reading->body = at + (*at == '\n' ? 1 : 2);
		return;
	}
	/* One octet is as good as the end of the head to some. */
	if (++reading->lines > LINES_MAXIMUM || *at <= ' ' || *at == ':' ||
	    (reading->end - at >= 2 && at[1] == '\n')) {
		reading->traits.has |= ALL_OF_HEAD;
		return;
	}
	look_at_name(reading, at);
}

/* Every line that begins behind one of sixteen octets. */
static void
look_at_lines(struct reading *reading, const uint8_t *at, sixteen ends)
{
	uint64_t halves[2];

	memcpy(halves, &ends, sizeof(halves));
	for (int i = 0; i < 2; i++, at += 8) {
		uint64_t half = le64toh(halves[i]);

		while (half != 0) {
			int place = __builtin_ctzll(half) / 8;

			half &= ~(UINT64_C(0xff) << 8 * place);
			look_at_line(reading, at + place + 1);
		}
	}
}

/* Less than twenty octets, with blanks behind them. */
struct last {
	uint8_t octets[32];
	size_t size;
};

static struct last
last_of(const uint8_t *at, const uint8_t *end)
{
	struct last last = {.size = (size_t)(end - at)};

	memset(last.octets, ' ', sizeof(last.octets));
	memcpy(last.octets, at, last.size);
	return last;
}

/* From the end of the request line on. */
SIXTEEN_INLINE void
look_at_head(struct reading *reading, const uint8_t *at)
{
	sixteen odd = {0};
	struct last last;

	for (; reading->end - at >= 18; at += 16) {
		sixteen ends = sixteen_is(sixteen_load(at), '\n');

		if (sixteen_any(ends))
			look_at_lines(reading, at, ends);
		if (reading->body != NULL)
			break;
		odd |= http_odd_header(at);
	}
	last =
	    last_of(at, reading->body == NULL ? reading->end : reading->body);
	odd |= http_odd_header(last.octets) | http_odd_header(last.octets + 8);
	for (size_t i = 0; reading->body == NULL && i < last.size; i++)
		if (last.octets[i] == '\n')
			look_at_line(reading, at + i + 1);
	if (sixteen_any(odd))
		reading->traits.has |= TRAIT_ODD_HEADER | TRAIT_METHOD;
}

/* --- what is posted ------------------------------------------------------- */

SIXTEEN_INLINE void
look_at_body(struct reading *reading)
{
	const uint8_t *at = reading->body, *end = reading->end;
	sixteen password = {0}, method = {0}, xml = {0};
	uint32_t *has = &reading->traits.has;
	struct last last;

	if (at == NULL || at >= end)
		return;
	if (reading->form || http_body_is_odd(at, (size_t)(end - at)))
		*has |= TRAIT_ODD_BODY;
	for (; end - at >= 18; at += 16) {
		password |= may_be_password(at);
		method |= may_be_method(at);
		xml |= sixteen_is(sixteen_load(at), '<');
	}
	last = last_of(at, end);
	password |= may_be_password(last.octets);
	method |= may_be_method(last.octets);
	xml |= sixteen_is(sixteen_load(last.octets), '<') |
	       sixteen_is(sixteen_load(last.octets + 8), '<');
	if (sixteen_any(password | xml))
		*has |= TRAIT_PASSWORD;
	if (sixteen_any(method))
		*has |= TRAIT_METHOD;
}

SIXTEEN_CLONES
struct http_traits
http_traits_of(const uint8_t *octets, size_t size, size_t line)
{
	struct reading reading = {
	    .traits = {.has = TRAIT_HTTP_REQUEST},
	    .end = octets + size,
	};

	reading.traits.has |= look_at_target(octets, line);
	look_at_head(&reading, octets + line);
	look_at_body(&reading);
	return reading.traits;
}
