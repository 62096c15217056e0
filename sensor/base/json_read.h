/*
 * json_read -- reads strict JSON within given limits (the jansson adapter).
 *
 * Refuses duplicate keys, invalid UTF-8, trailing text, NUL in strings and
 * nesting over 128.
 * Accessors never fail: asked of the wrong kind or of NULL they answer with
 * nothing (NULL, 0, false), so a caller walks hostile objects without a check
 * at every step.  Everything returned is borrowed from the document.
 */
#ifndef SENSOR_BASE_JSON_READ_H
#define SENSOR_BASE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json; /* one value; opaque, borrowed from its document */

struct json_fault {
	unsigned line;   /* from 1 */
	unsigned column; /* from 1 */
	char message[160];
};

/*
 * Reads text of another program: as json_parse(), but octets of strings that
 * are no UTF-8 become `?`, and escapes of NUL and of half a surrogate pair
 * U+FFFD, so that one hostile label does not hide all that stands around it.
 *
 * mended     how many there were
 */
struct json *json_parse_foreign(
    const char *octets, size_t size, size_t *mended, struct json_fault *fault);

/* Mends the text in its place as that does; returns how many there were. */
size_t json_mend(char *octets, size_t size);

/*
 * Reads `size` octets as one JSON value.
 *
 * returns    an owned document for json_free(), or NULL with `*fault` set
 */
struct json *json_parse(
    const char *octets, size_t size, struct json_fault *fault);

/* Frees a document returned by json_parse(); NULL is allowed. */
void json_free(struct json *document);

bool json_is_object(const struct json *value);
bool json_is_array(const struct json *value);
bool json_is_string(const struct json *value);

/* A member of an object, or NULL. */
const struct json *json_get(const struct json *object, const char *key);

/* A string's text (no NUL inside), or NULL. */
const char *json_text(const struct json *string);

/* json_text(json_get(object, key)). */
const char *json_get_text(const struct json *object, const char *key);

/* An integer's value, or `otherwise` when it is none. */
int64_t json_number(const struct json *value, int64_t otherwise);

/* json_number(json_get(object, key), otherwise). */
int64_t json_get_integer(
    const struct json *object, const char *key, int64_t otherwise);

/* A number's value, with or without a fraction, or `otherwise`. */
double json_decimal(const struct json *value, double otherwise);

/* True only for the literal true. */
bool json_is_true(const struct json *value);

/* Elements of an array, 0 when it is none. */
size_t json_count(const struct json *array);

/* An element of an array, or NULL. */
const struct json *json_at(const struct json *array, size_t index);

/* Calls `each` for every member of an object, in the document's order. */
void json_each(const struct json *object,
    void (*each)(const char *key, const struct json *value, void *context),
    void *context);

#endif
