/*
 * span -- times and days as people say them, in UTC.
 *
 *   2026-11-17T08:30:00Z   RFC 3339
 *   2026-11-17             when that day begins
 *   45s 90m 2h 3d 1w       so long ago
 *   today, yesterday       when that day begins
 *   tuesday                when the last such day before today began
 *
 * Pure but for span_now().
 */
#ifndef SENSOR_COMMANDS_SPAN_H
#define SENSOR_COMMANDS_SPAN_H

#include <stdbool.h>

#include "sensor/base/instant.h"

/* The clock on the wall. */
struct instant span_now(void);

/* returns    false, with `*out` untouched, when it is no time */
bool span_time(const char *text, struct instant now, struct instant *out);

/*
 * From the beginning of a day to that of the next.
 *
 * returns    false, with both untouched, when it is no day
 */
bool span_day(const char *text, struct instant now, struct instant *from,
    struct instant *to);

#endif
