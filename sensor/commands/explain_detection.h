/*
 * explain_detection -- what a detector held against somebody, as the alert
 * says it: no model decided it, so none can be shown.
 */
#ifndef SENSOR_COMMANDS_EXPLAIN_DETECTION_H
#define SENSOR_COMMANDS_EXPLAIN_DETECTION_H

#include <stdbool.h>

struct json;
struct json_writer;
struct text;

/* Whether a detector raised the alert. */
bool explain_is_detection(const struct json *alert);

/* Both write nothing where none did. */
void explain_add_detection(struct text *out, const struct json *alert);
void explain_put_detection(struct json_writer *json, const struct json *alert);

/*
 * Writes what an operator would set to hear no more of this: a suppression for
 * those that it is about, in the language of docs/detectors.md.
 */
void explain_add_suppression(struct text *out, const struct json *alert);

#endif
