/*
 * deliver -- empties a journal into its sinks, and says what came of it.
 *
 * For commands that end: `replay` and `alerts replay`.  Runs its own loop.
 */
#ifndef SENSOR_COMMANDS_DELIVER_H
#define SENSOR_COMMANDS_DELIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/format.h"

struct delivery_range;

#define DELIVER_SINKS   16
#define DELIVER_SECONDS 30 /* unless it is said otherwise */

struct deliver_options {
	const char *journal; /* directory */
	const char *sinks[DELIVER_SINKS];
	size_t count;
	uint32_t seconds;                   /* to wait, at most */
	const struct delivery_range *range; /* NULL: go on at the cursors */
	struct format_settings format;      /* enterprise 0: as usual */
	bool quiet;
};

/*
 * Delivers until every sink has all there is, or time is over.
 *
 * returns    an exit code: EXIT_DONE when nothing is left
 */
int deliver_run(const struct deliver_options *options);

#endif
