/*
 * options -- one table per command: parsing and help come from the same rows.
 *
 * Long options with `=` or a following word, single letters, options and
 * operands in any order, `--` ends options.  Knows no command.
 */
#ifndef SENSOR_RUN_OPTIONS_H
#define SENSOR_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sensor/base/instant.h"

struct format_settings;

struct option_row {
	const char *name;     /* long name without dashes */
	char letter;          /* or 0 */
	const char *argument; /* its name for the help, or NULL for a switch */
	const char *help;     /* a line, no full stop */
};

struct option_table {
	const char *usage;   /* `hedgerow replay FILE... [OPTION]...` */
	const char *summary; /* a sentence or two */
	const struct option_row *rows;
	size_t count;
	bool operands;        /* words that are no options are taken */
	const char *examples; /* lines that run */
};

enum options_status { OPTIONS_GO, OPTIONS_HELP, OPTIONS_WRONG };

/*
 * Walks the arguments; what is wrong is said on stderr, with the nearest
 * option.  `--help` and `-h` print the help on stdout.
 *
 * take       called per option with its row's number and value (NULL for a
 *            switch), and with `row` SIZE_MAX for an operand, if the table
 *            has any; returns false after it has said on stderr what is wrong
 * returns    OPTIONS_GO when everything was taken
 */
enum options_status options_walk(const struct option_table *table, int argc,
    char **argv, bool (*take)(size_t row, const char *value, void *context),
    void *context);

/*
 * The same for a command that does nothing else with its arguments.
 *
 * code       set when false is returned: what to exit with, for help was asked
 *            for or an argument was wrong
 */
bool options_begin(const struct option_table *table, int argc, char **argv,
    bool (*take)(size_t row, const char *value, void *context), void *context,
    int *code);

/* Says `message` and where help is, on stderr. */
void options_complain(const struct option_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads a time; says on stderr what a time looks like when it is none. */
bool options_time(
    const struct option_table *table, const char *value, struct instant *out);

/* Reads what RFC 5424 asks for; says on stderr what it looks like. */
bool options_facility(const struct option_table *table, const char *value,
    struct format_settings *settings);
bool options_enterprise(const struct option_table *table, const char *value,
    struct format_settings *settings);

/* Reads `text` or `json`. */
bool options_output(
    const struct option_table *table, const char *value, bool *json);

#endif
