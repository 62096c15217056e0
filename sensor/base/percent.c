#include "sensor/base/percent.h"

#include <ctype.h>

#include "sensor/base/arena.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The octet that `%XX` at `at` stands for, or -1. */
static int
escaped(const char *at, const char *end)
{
	int high = end - at > 2 ? hex_digit(at[1]) : -1;
	int low = end - at > 2 ? hex_digit(at[2]) : -1;

	return high < 0 || low < 0 || high + low == 0 ? -1 : high * 16 + low;
}

char *
percent_decode(const char *at, const char *end)
{
	char *out = allocate((size_t)(end - at) + 1, 1);

	for (size_t used = 0; at < end; used++) {
		int octet;

		if (*at != '%') {
			out[used] = *at++;
			continue;
		}
		octet = escaped(at, end);
		if (octet < 0) {
			free(out);
			return NULL;
		}
		out[used] = (char)octet;
		at += 3;
	}
	return out;
}
