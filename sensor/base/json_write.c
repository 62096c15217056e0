#include "sensor/base/json_write.h"

#include <string.h>

#include "sensor/base/text.h"

struct json_writer
json_to(struct text *out)
{
	return (struct json_writer){.out = out};
}

/*
 * Whether an octet stands for itself in a JSON string: printable ASCII but for
 * the quote and the backslash.
 */
static inline bool
is_plain(uint8_t octet)
{
	return octet >= 0x20 && octet < 0x7f && octet != '"' && octet != '\\';
}

static void
add_escaped(struct text *out, unsigned code)
{
	static const char short_forms[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	static const char digits[] = "0123456789abcdef";
	char escape[6] = {'\\', 'u'};

	for (const char *form = short_forms; *form != '\0'; form += 2) {
		if ((unsigned)*form == code) {
			escape[1] = form[1];
			text_add_n(out, escape, 2);
			return;
		}
	}
	for (unsigned i = 0; i < 4; i++)
		escape[2 + i] = digits[(code >> (12 - 4 * i)) & 15];
	text_add_n(out, escape, sizeof(escape));
}

/* What may follow a lead octet; Table 3-7 of the Unicode Standard. */
struct sequence {
	unsigned length;   /* octets in all; 0 for no lead octet */
	uint8_t low, high; /* bounds of the second octet */
};

static struct sequence
sequence_of(uint8_t lead)
{
	if (lead >= 0xc2 && lead <= 0xdf)
		return (struct sequence){2, 0x80, 0xbf};
	if (lead == 0xe0)
		return (struct sequence){3, 0xa0, 0xbf}; /* no overlong */
	if (lead == 0xed)
		return (struct sequence){3, 0x80, 0x9f}; /* no surrogate */
	if (lead >= 0xe1 && lead <= 0xef)
		return (struct sequence){3, 0x80, 0xbf};
	if (lead == 0xf0)
		return (struct sequence){4, 0x90, 0xbf}; /* no overlong */
	if (lead >= 0xf1 && lead <= 0xf3)
		return (struct sequence){4, 0x80, 0xbf};
	if (lead == 0xf4)
		return (struct sequence){4, 0x80, 0x8f}; /* <= U+10FFFF */
	return (struct sequence){0, 0, 0};
}

/*
 * Measures the character at `at`, which is not ASCII.
 *
 * valid      set to whether it is well-formed
 * returns    its octets, or those of the longest ill-formed piece that one
 *            U+FFFD stands for (Unicode Standard, 3.9, "maximal subparts")
 */
static size_t
measure(const uint8_t *at, size_t left, bool *valid)
{
	struct sequence sequence = sequence_of(at[0]);
	size_t length = 1;

	*valid = false;
	if (sequence.length == 0 || left < 2 || at[1] < sequence.low ||
	    at[1] > sequence.high)
		return 1;
	for (length = 2; length < sequence.length; length++)
		if (length >= left || (at[length] & 0xc0) != 0x80)
			return length;
	*valid = true;
	return length;
}

/*
 * Adds one character that is not ASCII.  The C1 controls and the separators
 * U+2028 and U+2029 are escaped: they end a line for some readers, and a
 * terminal obeys the former.
 */
static size_t
add_wide(struct text *out, const uint8_t *at, size_t left)
{
	bool valid;
	size_t length = measure(at, left, &valid);

	if (!valid)
		text_add_n(out, "\xef\xbf\xbd", 3);
	else if (length == 2 && at[0] == 0xc2 && at[1] < 0xa0)
		add_escaped(out, at[1]);
	else if (length == 3 && at[0] == 0xe2 && at[1] == 0x80 &&
		 (at[2] == 0xa8 || at[2] == 0xa9))
		add_escaped(out, 0x2000u | (at[2] & 0x3f));
	else
		text_add_n(out, (const char *)at, length);
	return length;
}

static void
add_quoted(struct text *out, const char *value, size_t length)
{
	const uint8_t *at = (const uint8_t *)value;
	size_t done = 0;

	text_add_char(out, '"');
	while (done < length) {
		size_t run = done;

		while (run < length && is_plain(at[run]))
			run++;
		text_add_n(out, value + done, run - done);
		done = run;
		if (done == length)
			break;
		if (at[done] < 0x80)
			add_escaped(out, at[done++]);
		else
			done += add_wide(out, at + done, length - done);
	}
	text_add_char(out, '"');
}

/* Starts a value: the comma it needs, and its key if it has one. */
static void
begin(struct json_writer *writer, const char *key)
{
	if (writer->comma)
		text_add_char(writer->out, ',');
	writer->comma = true;
	if (key == NULL)
		return;
	text_add_char(writer->out, '"');
	text_add(writer->out, key);
	text_add_n(writer->out, "\":", 2);
}

static void
open_with(struct json_writer *writer, const char *key, char bracket)
{
	begin(writer, key);
	text_add_char(writer->out, bracket);
	writer->comma = false;
}

static void
close_with(struct json_writer *writer, char bracket)
{
	text_add_char(writer->out, bracket);
	writer->comma = true;
}

void
json_object_open(struct json_writer *writer, const char *key)
{
	open_with(writer, key, '{');
}

void
json_object_close(struct json_writer *writer)
{
	close_with(writer, '}');
}

void
json_array_open(struct json_writer *writer, const char *key)
{
	open_with(writer, key, '[');
}

void
json_array_close(struct json_writer *writer)
{
	close_with(writer, ']');
}

void
json_put_string(struct json_writer *writer, const char *key, const char *value)
{
	if (value != NULL)
		json_put_string_n(writer, key, value, strlen(value));
}

void
json_put_string_n(struct json_writer *writer, const char *key,
    const char *value, size_t length)
{
	if (value == NULL)
		return;
	begin(writer, key);
	add_quoted(writer->out, value, length);
}

void
json_put_int(struct json_writer *writer, const char *key, int64_t value)
{
	begin(writer, key);
	text_add_int(writer->out, value);
}

void
json_put_bool(struct json_writer *writer, const char *key, bool value)
{
	begin(writer, key);
	text_add(writer->out, value ? "true" : "false");
}

void
json_put_member(struct json_writer *writer, const char *key, const char *value)
{
	if (value == NULL)
		return;
	begin(writer, NULL);
	add_quoted(writer->out, key, strlen(key));
	text_add_char(writer->out, ':');
	add_quoted(writer->out, value, strlen(value));
}
