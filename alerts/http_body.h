/*
 * http_body -- what is sent to, and answered by, each kind of HTTP target.
 *
 * Pure: bodies are made from native records, answers are read; sink_http.c
 * does the talking.
 */
#ifndef ALERTS_HTTP_BODY_H
#define ALERTS_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/sink_url.h"

struct json;
struct lane_record;
struct text;

/* The path and query of the request that sends records. */
void http_body_path(const struct sink_url *url, struct text *out);

const char *http_body_type(enum sink_kind kind);

/* What stands before the first record, between two, and behind the last. */
void http_body_open(enum sink_kind kind, struct text *body);
void http_body_between(enum sink_kind kind, struct text *body);
void http_body_close(enum sink_kind kind, struct text *body);

/*
 * Appends one record.
 *
 * returns    false, with nothing appended, when the target has no place for it
 */
bool http_body_add(const struct sink_url *url,
    const struct format_settings *format, const struct lane_record *record,
    struct text *body);

enum http_item { HTTP_ITEM_TAKEN, HTTP_ITEM_LATER, HTTP_ITEM_REFUSED };

/*
 * What an answer of `_bulk` says of one item.
 *
 * why        gets the reason when it is refused, borrowed
 */
enum http_item http_body_item(
    const struct json *answer, size_t index, const char **why);

#endif
