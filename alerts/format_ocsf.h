/*
 * format_ocsf -- the objects that both of our OCSF classes have.
 */
#ifndef ALERTS_FORMAT_OCSF_H
#define ALERTS_FORMAT_OCSF_H

#include "alerts/format_parts.h"

struct ocsf_class {
	int category, uid;
	const char *category_name, *name;
};

void ocsf_put_class(struct json_writer *json, const struct ocsf_class *class,
    int activity, const char *activity_name);
void ocsf_put_time(
    struct json_writer *json, const char *key, struct instant at);
void ocsf_put_metadata(
    struct json_writer *json, const struct record_view *view);
void ocsf_put_severity(
    struct json_writer *json, const struct record_view *view);
void ocsf_put_end(
    struct json_writer *json, const char *key, const struct view_end *end);
void ocsf_put_connection(
    struct json_writer *json, const struct record_view *view);
void ocsf_put_policy(struct json_writer *json, const struct record_view *view);
void ocsf_put_unmapped(
    struct json_writer *json, const struct record_view *view);

/* Network Activity: what follows metadata, time and severity. */
void ocsf_put_flow(struct json_writer *json, const struct record_view *view);

#endif
