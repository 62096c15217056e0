/*
 * keeper -- puts the alerts of a replay into a journal.
 *
 * The wall's time is when a record is kept, which its own time is not.
 */
#ifndef SENSOR_COMMANDS_KEEPER_H
#define SENSOR_COMMANDS_KEEPER_H

#include <stdbool.h>

struct keeper; /* opaque */
struct text;

/*
 * Opens the journal, and says on stderr why not.
 *
 * code       gets an exit code when NULL is returned
 */
struct keeper *keeper_open(const char *journal, int *code);

/* For sink_tee(); `context` is the keeper. */
void keeper_take(const struct text *native, void *context);

/*
 * Says what was kept, unless it is to be quiet and nothing is missing.
 *
 * returns    whether everything was kept
 */
bool keeper_close(struct keeper *keeper, bool quiet);

#endif
