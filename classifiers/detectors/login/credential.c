#include "classifiers/detectors/login/credential.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "classifiers/messages/messages.h"
#include "sensor/base/hash.h"

/* It is compared, never aimed at: a collision hides one guess of many. */
static const struct hash_key key;

static uint32_t
hash_of(const uint8_t *octets, size_t size)
{
	return (uint32_t)(hash_octets(&key, octets, size) >> 32) | 1;
}

/* The end of the line, before its CR LF; `end` where there is none. */
static const uint8_t *
end_of_line(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *feed = memchr(at, '\n', (size_t)(end - at));

	return feed == NULL ? end : feed;
}

static bool
begins(const uint8_t *at, const uint8_t *end, const char *name)
{
	size_t length = strlen(name);

	return (size_t)(end - at) > length &&
	       ((at[0] ^ (uint8_t)name[0]) & 0xdf) == 0 &&
	       strncasecmp((const char *)at, name, length) == 0;
}

/* A word in any case, by its first letter in either. */
static bool
names(const uint8_t *at, const uint8_t *end, const char *word)
{
	const char letters[] = {word[0], (char)(word[0] ^ 0x20)};
	size_t length = strlen(word);

	for (size_t i = 0; i < sizeof(letters); i++) {
		const uint8_t *one = at;

		while ((one = memchr(one, letters[i], (size_t)(end - one))) !=
		       NULL) {
			if ((size_t)(end - one) >= length &&
			    strncasecmp((const char *)one, word, length) == 0)
				return true;
			one++;
		}
	}
	return false;
}

/*
 * Forms name the field: `password`, `passwd`, `passphrase`, `pwd`.  What a log
 * shipper sends without a right to is no credential, though ever different.
 */
static uint32_t
body_of(const uint8_t *at, const uint8_t *end)
{
	if (at >= end || (!names(at, end, "pass") && !names(at, end, "pwd")))
		return 0;
	return hash_of(at, (size_t)(end - at));
}

uint32_t
credential_of_http(const uint8_t *octets, size_t size)
{
	const uint8_t *end = octets + size;
	const uint8_t *at = end_of_line(octets, end);
	bool has_body =
	    begins(octets, end, "POST ") || begins(octets, end, "PUT ");

	while (at < end) {
		const uint8_t *line = at + 1;

		if (line >= end)
			break;
		at = end_of_line(line, end);
		if (at - line <= 1) /* the empty line */
			return has_body ? body_of(at + 1, end) : 0;
		if (begins(line, at, "authorization:") ||
		    begins(line, at, "proxy-authorization:"))
			return hash_of(line, (size_t)(at - line));
	}
	return 0;
}

bool
credential_is_famous(uint32_t name)
{
	static const char *const names[] = {
	    "postgres", "root", "admin", "administrator"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (name == messages_name(names[i]))
			return true;
	return false;
}
