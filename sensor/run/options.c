#include "sensor/run/options.h"

#include <stdarg.h>
#include <stdint.h>

#include "alerts/format.h"
#include "sensor/base/report.h"
#include "sensor/run/exit.h"

#define OPTIONS_MAXIMUM 64

static void
print_help(const struct option_table *table)
{
	printf("usage: %s\n\n%s\n\noptions:\n", table->usage, table->summary);
	for (size_t i = 0; i < table->count; i++) {
		const struct option_row *row = &table->rows[i];
		char left[64];

		(void)snprintf(left, sizeof(left), "%c%c --%s%s%s",
		    row->letter == 0 ? ' ' : '-',
		    row->letter == 0 ? ' ' : row->letter, row->name,
		    row->argument == NULL ? "" : " ",
		    row->argument == NULL ? "" : row->argument);
		printf("  %-28s %s\n", left, row->help);
	}
	printf("  %-28s %s\n", "-h --help", "print this");
	printf("\nexamples:\n%s", table->examples);
}

void
options_complain(const struct option_table *table, const char *format, ...)
{
	/* The usage begins with the command's own words, of small letters. */
	size_t length = strspn(table->usage, "abcdefghijklmnopqrstuvwxyz ");
	va_list arguments;

	while (length > 0 && table->usage[length] != ' ')
		length--;
	while (length > 0 && table->usage[length - 1] == ' ')
		length--;
	fputs("hedgerow: ", stderr);
	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\nTry `%.*s --help`.\n", (int)length, table->usage);
}

static void
complain_unknown(const struct option_table *table, const char *word)
{
	const char *names[OPTIONS_MAXIMUM + 1] = {0};
	const char *nearest;

	for (size_t i = 0; i < table->count && i < OPTIONS_MAXIMUM; i++)
		names[i] = table->rows[i].name;
	nearest = nearest_word(word + strspn(word, "-"), names);
	if (nearest != NULL)
		options_complain(
		    table, "no option %s; did you mean --%s?", word, nearest);
	else
		options_complain(table, "no option %s", word);
}

/* The row that `word` names, and the value after its `=` if there is one. */
static const struct option_row *
find_row(const struct option_table *table, const char *word, const char **value)
{
	const char *equals = strchr(word, '=');
	size_t length = equals == NULL ? strlen(word) : (size_t)(equals - word);

	*value = NULL;
	for (size_t i = 0; i < table->count; i++) {
		const struct option_row *row = &table->rows[i];

		if (word[1] == '-' && strlen(row->name) == length - 2 &&
		    strncmp(word + 2, row->name, length - 2) == 0) {
			*value = equals == NULL ? NULL : equals + 1;
			return row;
		}
		if (word[1] != '-' && row->letter == word[1] &&
		    (word[2] == '\0' || row->argument != NULL)) {
			*value = word[2] == '\0' ? NULL : word + 2;
			return row;
		}
	}
	return NULL;
}

static bool
is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

/* Takes argv[*at], and the word after it when the option wants one. */
static enum options_status
take_option(const struct option_table *table, int argc, char **argv, int *at,
    bool (*take)(size_t row, const char *value, void *context), void *context)
{
	const char *word = argv[*at];
	const char *value;
	const struct option_row *row;

	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		print_help(table);
		return OPTIONS_HELP;
	}
	row = find_row(table, word, &value);
	if (row == NULL) {
		complain_unknown(table, word);
		return OPTIONS_WRONG;
	}
	if (row->argument == NULL && value != NULL) {
		options_complain(table, "--%s takes no value", row->name);
		return OPTIONS_WRONG;
	}
	if (row->argument != NULL && value == NULL) {
		if (*at + 1 >= argc) {
			options_complain(
			    table, "--%s needs %s", row->name, row->argument);
			return OPTIONS_WRONG;
		}
		value = argv[++*at];
	}
	return take((size_t)(row - table->rows), value, context)
		   ? OPTIONS_GO
		   : OPTIONS_WRONG;
}

static bool
take_operand(const struct option_table *table, const char *word,
    bool (*take)(size_t row, const char *value, void *context), void *context)
{
	if (table->operands)
		return take(SIZE_MAX, word, context);
	options_complain(table, "`%s`: no operand is expected", word);
	return false;
}

enum options_status
options_walk(const struct option_table *table, int argc, char **argv,
    bool (*take)(size_t row, const char *value, void *context), void *context)
{
	bool operands_only = false;

	for (int i = 0; i < argc; i++) {
		enum options_status status = OPTIONS_GO;

		if (!operands_only && strcmp(argv[i], "--") == 0)
			operands_only = true;
		else if (!operands_only && is_option(argv[i]))
			status =
			    take_option(table, argc, argv, &i, take, context);
		else if (!take_operand(table, argv[i], take, context))
			status = OPTIONS_WRONG;
		if (status != OPTIONS_GO)
			return status;
	}
	return OPTIONS_GO;
}

bool
options_time(
    const struct option_table *table, const char *value, struct instant *out)
{
	if (instant_parse(value, out))
		return true;
	options_complain(
	    table, "`%s` is no time; write it as 2026-11-21T06:28:00Z", value);
	return false;
}

bool
options_facility(const struct option_table *table, const char *value,
    struct format_settings *settings)
{
	if (format_facility(value, &settings->facility))
		return true;
	options_complain(table,
	    "--facility %s: not a name such as local5, or 0 to 23", value);
	return false;
}

bool
options_enterprise(const struct option_table *table, const char *value,
    struct format_settings *settings)
{
	if (format_enterprise(value, &settings->enterprise))
		return true;
	options_complain(
	    table, "--enterprise %s: not a number that IANA gives", value);
	return false;
}

bool
options_output(const struct option_table *table, const char *value, bool *json)
{
	*json = strcmp(value, "json") == 0;
	if (*json || strcmp(value, "text") == 0)
		return true;
	options_complain(table, "`-o %s`: there is text and json", value);
	return false;
}

bool
options_begin(const struct option_table *table, int argc, char **argv,
    bool (*take)(size_t row, const char *value, void *context), void *context,
    int *code)
{
	enum options_status status =
	    options_walk(table, argc, argv, take, context);

	if (status != OPTIONS_GO)
		*code = status == OPTIONS_HELP ? EXIT_DONE : EXIT_USAGE;
	return status == OPTIONS_GO;
}
