/*
 * setting -- what operators may say about a live sensor, and how it is read.
 *
 * One table for the command line and for the configuration file: `--buffer 64`
 * is `capture: {ring: 64MiB}`.  A row says what its text must be and where the
 * value goes, so both refuse the same mistakes.  What is a list, or a table of
 * its own, is read by command_run.c and config.c.
 */
#ifndef SENSOR_LIVE_SETTING_H
#define SENSOR_LIVE_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live_settings;

enum setting_kind {
	SETTING_TEXT,     /* const char *: borrowed */
	SETTING_ADDRESS,  /* the same: ADDRESS:PORT */
	SETTING_FLAG,     /* bool: true or false */
	SETTING_COUNT,    /* uint32_t */
	SETTING_SIZE,     /* size_t: octets, as 64MiB */
	SETTING_TIME,     /* int64_t: nanoseconds, as 5m */
	SETTING_SECONDS,  /* uint32_t: the same in whole seconds */
	SETTING_FORMAT,   /* enum format */
	SETTING_SYNC,     /* enum journal_sync */
	SETTING_FACILITY, /* unsigned: of RFC 5424 */
};

struct setting {
	const char *option;  /* without its dashes; NULL: the file alone */
	const char *section; /* of the file; "": none */
	const char *key;
	enum setting_kind kind;
	size_t offset;        /* in struct live_settings */
	uint64_t least, most; /* in the unit that the value has */
	/* What a number alone means at the command line, where it may stand;
	 * 0: nothing. */
	uint64_t unit;
	const char *help; /* what it is for; a line, no full stop */
};

#define SETTING_FAULT_SIZE 256

/* The table, and how many rows it has. */
const struct setting *setting_rows(size_t *count);

/* The row of an option, or NULL. */
const struct setting *setting_of_option(const char *option);

/*
 * Reads a value.
 *
 * text       borrowed for as long as the settings are
 * bare       a number alone may stand for one with a unit
 * fault      gets what is wrong and what to write instead, no full stop, when
 *            false is returned; the settings stay as they were then
 */
bool setting_take(const struct setting *row, const char *text, bool bare,
    struct live_settings *settings, char fault[SETTING_FAULT_SIZE]);

/* Whether both have the same value there. */
bool setting_is_same(const struct setting *row, const struct live_settings *a,
    const struct live_settings *b);

#endif
