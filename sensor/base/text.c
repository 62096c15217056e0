#include "sensor/base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

#define CAPACITY_FIRST ((size_t)256)

void
text_init(struct text *text, size_t maximum)
{
	size_t capacity = CAPACITY_FIRST;

	assert(maximum < SIZE_MAX / 2);
	if (capacity > maximum + 1)
		capacity = maximum + 1;
	*text = (struct text){
	    .at = allocate(capacity, 1),
	    .capacity = capacity,
	    .maximum = maximum,
	};
}

void
text_release(struct text *text)
{
	free(text->at);
	*text = (struct text){0};
}

void
text_clear(struct text *text)
{
	text->length = 0;
	text->at[0] = '\0';
	text->overflow = false;
}

/*
 * A record is written while packets arrive, so a text that cannot grow is
 * one that is full, not the end of the program.
 */
static bool
grow(struct text *text, size_t needed)
{
	size_t capacity = text->capacity * 2;
	char *moved;

	if (capacity < needed)
		capacity = needed;
	if (capacity > text->maximum + 1)
		capacity = text->maximum + 1;
	moved = realloc(text->at, capacity);
	if (moved == NULL)
		return false;
	text->at = moved;
	text->capacity = capacity;
	return true;
}

/*
 * Makes room for `length` more characters.  After an overflow there is never
 * room: a text with a hole in it would be worse than one that ends early.
 */
static bool
reserve(struct text *text, size_t length)
{
	if (text->overflow || length > text->maximum - text->length) {
		text->overflow = true;
		return false;
	}
	if (length < text->capacity - text->length)
		return true;
	if (grow(text, text->length + length + 1))
		return true;
	text->overflow = true;
	return false;
}

void
text_add(struct text *text, const char *more)
{
	text_add_n(text, more, strlen(more));
}

void
text_add_n(struct text *text, const char *more, size_t length)
{
	if (length == 0 || !reserve(text, length))
		return;
	memcpy(text->at + text->length, more, length);
	text->length += length;
	text->at[text->length] = '\0';
}

void
text_add_char(struct text *text, char c)
{
	if (!reserve(text, 1))
		return;
	text->at[text->length++] = c;
	text->at[text->length] = '\0';
}

void
text_add_int(struct text *text, long long value)
{
	char digits[24];
	size_t start = sizeof(digits);
	unsigned long long left = (unsigned long long)value;

	if (value < 0)
		left = 0 - left;
	do {
		digits[--start] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0)
		digits[--start] = '-';
	text_add_n(text, digits + start, sizeof(digits) - start);
}

void
text_format(struct text *text, const char *format, ...)
{
	va_list arguments, again;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	assert(length >= 0);
	if (reserve(text, (size_t)length)) {
		(void)vsnprintf(
		    text->at + text->length, (size_t)length + 1, format, again);
		text->length += (size_t)length;
	}
	va_end(again);
	va_end(arguments);
}
