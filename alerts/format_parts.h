/*
 * format_parts -- what the formats share; nothing for others.
 */
#ifndef ALERTS_FORMAT_PARTS_H
#define ALERTS_FORMAT_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "alerts/format.h"
#include "alerts/record_view.h"
#include "sensor/base/json_write.h"

#define PRODUCT "hedgerow"

/* One severity on every scale. */
struct severity_scales {
	int line;   /* CEF's and LEEF's, 1 to 10 */
	int ocsf;   /* severity_id */
	int ecs;    /* event.severity, as Elastic's own rules have it */
	int syslog; /* 0 is the worst */
	const char *ocsf_name;
};

/* Of a record without a severity: informational. */
struct severity_scales format_severity(const struct record_view *view);

/* `100:1001`, as the catalogue names a signature. */
#define SIGNATURE_TEXT_SIZE 42
void format_signature(
    const struct record_view *view, char out[SIGNATURE_TEXT_SIZE]);

/* The catalogue's words for it; the sentence for what is not in it. */
const char *format_title(const struct record_view *view);

/* What may not stand in a field as it is. */
struct escapes {
	const char *backslashed; /* characters that get a backslash */
	bool newlines;           /* CR and LF become \r and \n */
};

/*
 * Appends UTF-8 text as the value of a field: at most `maximum` octets before
 * they are escaped, never half a character.  A control character that cannot
 * be escaped becomes U+FFFD, so a value never ends its field or its line.
 */
void format_value(struct text *out, const char *value, size_t maximum,
    const struct escapes *escapes);

/* Absent when NULL or "": an unknown is an absent key. */
void format_put(struct json_writer *json, const char *key, const char *value);
/* Absent when negative. */
void format_put_count(struct json_writer *json, const char *key, int64_t count);

/* An image reference, taken apart at its tag; `*tag` is 0 without one. */
struct image_parts {
	size_t name;     /* characters of its name */
	const char *tag; /* inside the reference, or NULL */
};
struct image_parts format_image(const char *image);

/* Strings of an array, or `key` + separator + `value` of an object. */
void format_put_list(
    struct json_writer *json, const char *key, const struct json *array);
void format_put_pairs(struct json_writer *json, const char *key,
    const struct json *object, char separator);

/* The orchestrator's Service that was called, if there is one. */
void format_put_service(struct json_writer *json, const struct json *service);

/*
 * Whom an anomaly is about, and on what grounds.  Evidence differs from
 * detector to detector: as fields it would fill an index with them, so it is
 * one text.
 */
void format_put_grounds(
    struct json_writer *json, const struct record_view *view);

/* Appends a value as JSON in one line. */
void format_json(struct text *out, const struct json *value);

/* `T1046 Network Service Discovery`, or nothing. */
void format_technique(struct text *out, const struct record_view *view);

/* The technique that a sub-technique is of: characters of its id. */
size_t format_technique_parent(const char *id);

/* The formats themselves. */
void format_ecs(struct text *out, const struct record_view *view);
void format_ocsf(struct text *out, const struct record_view *view);
void format_cef(struct text *out, const struct record_view *view);
void format_leef(struct text *out, const struct record_view *view);

/* Everything of a message up to its structured data. */
void format_syslog_header(struct text *out, const struct record_view *view,
    const struct format_settings *settings);
void format_syslog(struct text *out, const struct record_view *view,
    const struct format_settings *settings);

#endif
