/*
 * confine_parts -- what the files of confine share, and nobody else.
 */
#ifndef SENSOR_BASE_CONFINE_PARTS_H
#define SENSOR_BASE_CONFINE_PARTS_H

#include "sensor/base/confine.h"

/* Says what was refused, and why by errno.  returns false */
bool confine_refused(char fault[CONFINE_FAULT_SIZE], const char *what);

/* Which files; *abi gets 0 where the kernel has no Landlock. */
bool confine_landlock(const struct confine_settings *settings, int *abi,
    char fault[CONFINE_FAULT_SIZE]);

/* Which system calls. */
bool confine_seccomp(
    const struct confine_settings *settings, char fault[CONFINE_FAULT_SIZE]);

#endif
