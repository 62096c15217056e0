#include "sensor/live/run_environment.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/live/run_options.h"
#include "sensor/live/setting.h"

#define PREFIX_SIZE  (sizeof(RUN_ENVIRONMENT_PREFIX) - 1)
#define NAME_MAXIMUM 64
#define WORDS        128

/*
 * Others' words: of the place of models, of the unit's options, of tests, and
 * what Kubernetes puts into every container beside a service that is called
 * hedgerow.
 */
static bool
is_elses(const char *word)
{
	static const char *const whole[] = {"DATA", "OPTIONS", "RELEASE"};
	static const char *const begun[] = {"TEST_", "SERVICE_", "PORT"};

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (strcmp(word, whole[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(begun) / sizeof(begun[0]); i++)
		if (strncmp(word, begun[i], strlen(begun[i])) == 0)
			return true;
	return false;
}

/* --- names ---------------------------------------------------------------- */

/* `stats-interval` as STATS_INTERVAL. */
static void
shout(const char *name, char out[NAME_MAXIMUM])
{
	size_t i = 0;

	for (; name[i] != '\0' && i < NAME_MAXIMUM - 1; i++)
		out[i] = name[i] == '-' || name[i] == '.'
			     ? '_'
			     : (char)toupper((unsigned char)name[i]);
	out[i] = '\0';
}

/* What the file alone has; its flags are switches at the command line. */
static bool
is_of_the_file(const struct setting *row)
{
	return row->option == NULL && row->kind != SETTING_FLAG;
}

static void
name_of_setting(const struct setting *row, char out[NAME_MAXIMUM])
{
	char name[NAME_MAXIMUM];

	(void)snprintf(name, sizeof(name), "%s.%s", row->section, row->key);
	shout(name, out);
}

/* The row of an option, or RUN_ROW_COUNT. */
static size_t
find_option(const struct run_options *options, const char *word)
{
	char name[NAME_MAXIMUM];

	for (size_t i = 0; i < RUN_ROW_COUNT; i++) {
		shout(options->table->rows[i].name, name);
		if (strcmp(name, word) == 0)
			return i;
	}
	return RUN_ROW_COUNT;
}

static const struct setting *
find_setting(const char *word)
{
	size_t count;
	const struct setting *rows = setting_rows(&count);
	char name[NAME_MAXIMUM];

	for (size_t i = 0; i < count; i++) {
		name_of_setting(&rows[i], name);
		if (is_of_the_file(&rows[i]) && strcmp(name, word) == 0)
			return &rows[i];
	}
	return NULL;
}

/* --- what is wrong -------------------------------------------------------- */

/* The right word that is nearest, in `out`; false when none is near. */
static bool
nearest(
    const struct run_options *options, const char *word, char out[NAME_MAXIMUM])
{
	char names[WORDS][NAME_MAXIMUM];
	const char *candidates[WORDS + 1] = {NULL};
	size_t row_count, count = 0;
	const struct setting *rows = setting_rows(&row_count);
	const char *found;

	for (size_t i = 0; i < RUN_ROW_COUNT && count < WORDS; i++)
		shout(options->table->rows[i].name, names[count++]);
	for (size_t i = 0; i < row_count && count < WORDS; i++)
		if (is_of_the_file(&rows[i]))
			name_of_setting(&rows[i], names[count++]);
	for (size_t i = 0; i < count; i++)
		candidates[i] = names[i];
	found = nearest_word(word, candidates);
	if (found != NULL)
		(void)snprintf(out, NAME_MAXIMUM, "%s", found);
	return found != NULL;
}

/*
 * Near to one of ours it is a slip of the pen, and a sensor that starts without
 * that setting would be a wrong one.  Else it may well be somebody else's.
 */
static bool
complain_unknown(const struct run_options *options, const char *word)
{
	char name[NAME_MAXIMUM];

	if (nearest(options, word, name)) {
		options_complain(options->table,
		    "no setting " RUN_ENVIRONMENT_PREFIX
		    "%.60s in the environment; did you "
		    "mean " RUN_ENVIRONMENT_PREFIX "%s?",
		    word, name);
		return false;
	}
	fprintf(stderr,
	    "hedgerow: " RUN_ENVIRONMENT_PREFIX
	    "%.60s in the environment is no setting\n",
	    word);
	return true;
}

/* --- values --------------------------------------------------------------- */

static bool
is_list(size_t row)
{
	return row == SETUP_ROW_INVENTORY || row == SETUP_ROW_MODELS ||
	       row == SETUP_ROW_GEO || row == RUN_ROW_INTERFACE ||
	       row == RUN_ROW_SINK || row == RUN_ROW_DOMAIN;
}

static bool
take_list(struct run_options *options, size_t row, const char *value)
{
	static const char blanks[] = " \t\n";

	for (value += strspn(value, blanks); *value != '\0';
	     value += strspn(value, blanks)) {
		size_t length = strcspn(value, blanks);

		if (!run_options_take(row,
			arena_text_n(options->arena, value, length), options))
			return false;
		value += length;
	}
	return true;
}

static bool
take_switch(struct run_options *options, size_t row, const char *value)
{
	bool on = strcmp(value, "true") == 0;

	if (on || strcmp(value, "false") == 0)
		return run_options_switch(options, row, on);
	options_complain(options->table, "%s: '%.40s' is not true or false",
	    options->word, value);
	return false;
}

static bool
take_setting(struct run_options *options, const struct setting *setting,
    const char *value)
{
	char fault[SETTING_FAULT_SIZE];

	if (setting_take(setting, value, true, &options->settings, fault))
		return true;
	options_complain(options->table, "%s: %s", options->word, fault);
	return false;
}

static bool
take(struct run_options *options, const char *word, const char *value)
{
	size_t row = find_option(options, word);
	const struct setting *setting = find_setting(word);

	if (row == RUN_ROW_CONFIG)
		return true; /* it was read already */
	if (row == RUN_ROW_COUNT && setting == NULL)
		return complain_unknown(options, word);
	if (row == RUN_ROW_COUNT)
		return take_setting(options, setting, value);
	if (is_list(row))
		return take_list(options, row, value);
	if (options->table->rows[row].argument == NULL)
		return take_switch(options, row, value);
	return run_options_take(row, value, options);
}

/* --- all of it ------------------------------------------------------------ */

const char *
run_environment_config(const char *const *environment)
{
	static const char name[] = RUN_ENVIRONMENT_PREFIX "CONFIG=";

	for (; *environment != NULL; environment++)
		if (strncmp(*environment, name, sizeof(name) - 1) == 0 &&
		    (*environment)[sizeof(name) - 1] != '\0')
			return *environment + sizeof(name) - 1;
	return NULL;
}

/* An empty one says nothing, as in many a compose file. */
bool
run_environment_read(
    struct run_options *options, const char *const *environment)
{
	bool fine = true;

	for (; *environment != NULL; environment++) {
		const char *equals = strchr(*environment, '=');
		const char *word;

		if (strncmp(*environment, RUN_ENVIRONMENT_PREFIX,
			PREFIX_SIZE) != 0 ||
		    equals == NULL || equals[1] == '\0')
			continue;
		options->word = arena_text_n(options->arena, *environment,
		    (size_t)(equals - *environment));
		word = options->word + PREFIX_SIZE;
		if (!is_elses(word) && !take(options, word, equals + 1))
			fine = false;
	}
	options->word = NULL;
	options->said = 0;
	return fine;
}
