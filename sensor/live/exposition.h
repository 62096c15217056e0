/*
 * exposition -- Prometheus' text format (its exposition formats, version
 * 0.0.4), with `hedgerow_` before every name.
 *
 * Pure: takes numbers and writes text.
 */
#ifndef SENSOR_LIVE_EXPOSITION_H
#define SENSOR_LIVE_EXPOSITION_H

#include <stddef.h>
#include <stdint.h>

struct text;

struct exposition_label {
	const char *name, *value;
};

/* What comes next, once for all samples of a name. */
void exposition_family(
    struct text *out, const char *name, const char *type, const char *help);

/* One sample; a value's quotes and backslashes are escaped. */
void exposition_sample(struct text *out, const char *name,
    const struct exposition_label *labels, size_t count, uint64_t value);

/* A family of one sample without labels. */
void exposition_plain(struct text *out, const char *name, const char *type,
    const char *help, uint64_t value);

/* One sample with one label. */
void exposition_labelled(struct text *out, const char *name, const char *label,
    const char *text, uint64_t value);

#endif
