/*
 * text -- a growable text with a declared maximum.
 *
 * What does not fit is left out whole and latches `overflow`, and so is all
 * that comes after it until the text is cleared: the text has no holes, and
 * stays NUL-terminated and valid up to there.  One thread at a time.
 */
#ifndef SENSOR_BASE_TEXT_H
#define SENSOR_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *at;        /* owned; NUL-terminated, never NULL after init */
	size_t length;   /* characters before the NUL */
	size_t capacity; /* octets allocated */
	size_t maximum;  /* characters it may ever hold */
	bool overflow;   /* something did not fit since the last clear */
};

/* Makes an empty text of at most `maximum` characters. */
void text_init(struct text *text, size_t maximum);

/* Frees the contents; the text may be initialised again. */
void text_release(struct text *text);

/* Empties the text and keeps its memory. */
void text_clear(struct text *text);

/* Appends a NUL-terminated text, `length` characters, or one character. */
void text_add(struct text *text, const char *more);
void text_add_n(struct text *text, const char *more, size_t length);
void text_add_char(struct text *text, char c);

/* Appends an integer in decimal; made for the record writer's speed. */
void text_add_int(struct text *text, long long value);

/* Appends a formatted text. */
void text_format(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
