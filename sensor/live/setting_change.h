/*
 * setting_change -- which settings of a live sensor are others than before.
 */
#ifndef SENSOR_LIVE_SETTING_CHANGE_H
#define SENSOR_LIVE_SETTING_CHANGE_H

#include <stdbool.h>

struct live_settings;

#define SETTING_NAME_SIZE 64

/*
 * Tells each setting that differs by its name in the file, such as
 * `capture.ring`.
 *
 * differs    may be NULL
 * returns    whether any does
 */
bool setting_changes(const struct live_settings *before,
    const struct live_settings *now,
    void (*differs)(const char *name, void *context), void *context);

#endif
