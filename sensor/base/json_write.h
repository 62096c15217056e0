/*
 * json_write -- writes one JSON value into a text, fast and always well-formed.
 *
 * Commas and quoting are the writer's; keys are our own constants and are not
 * escaped.  String values are anybody's: control characters are escaped, and
 * octets that are not UTF-8 become U+FFFD, so a line is always one line of
 * valid UTF-8.  Does not know records.
 */
#ifndef SENSOR_BASE_JSON_WRITE_H
#define SENSOR_BASE_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

struct json_writer {
	struct text *out; /* borrowed */
	bool comma;       /* the next value needs one before it */
};

/* Starts writing at the end of `out`. */
struct json_writer json_to(struct text *out);

/* `key` is NULL inside an array and for the outermost value. */
void json_object_open(struct json_writer *writer, const char *key);
void json_object_close(struct json_writer *writer);
void json_array_open(struct json_writer *writer, const char *key);
void json_array_close(struct json_writer *writer);

/* Writes nothing at all when `value` is NULL: an unknown is an absent key. */
void json_put_string(
    struct json_writer *writer, const char *key, const char *value);
void json_put_string_n(struct json_writer *writer, const char *key,
    const char *value, size_t length);
void json_put_int(struct json_writer *writer, const char *key, int64_t value);
void json_put_bool(struct json_writer *writer, const char *key, bool value);

/* A member whose key is somebody else's text, such as a label. */
void json_put_member(
    struct json_writer *writer, const char *key, const char *value);

#endif
