/*
 * Every format says every scene as tests/formats/ has it; `make expect-update`
 * (this program with --update) writes those files anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/format.h"
#include "unit/format_scene.h"

static void
golden_path(char *path, size_t size, enum format format)
{
	const char *ending = format <= FORMAT_OCSF ? "ndjson" : "txt";

	(void)snprintf(
	    path, size, "tests/formats/%s.%s", format_name(format), ending);
}

/* All scenes in one format, a line each. */
static void
write_all(struct text *out, enum format format)
{
	struct format_settings settings = FORMAT_SETTINGS_DEFAULT;
	struct text native, line;

	text_init(&native, RECORD_MAXIMUM);
	text_init(&line, FORMAT_MAXIMUM);
	for (size_t i = 0; i < FORMAT_SCENES; i++) {
		bool flow = format_scenes[i].kind == SCENE_FLOW;
		bool said;

		text_clear(&native);
		text_clear(&line);
		format_scene_line(&native, &format_scenes[i]);
		said = format_line(
		    &line, format, &settings, native.at, native.length);
		if (said == (flow && !format_takes_flows(format)))
			fail_msg("%s: %s", format_name(format),
			    format_scenes[i].name);
		if (!said)
			continue;
		text_add_n(out, line.at, line.length);
		text_add_char(out, '\n');
	}
	text_release(&native);
	text_release(&line);
	assert_false(out->overflow);
}

static void
compare(const char *path, const struct text *now)
{
	FILE *file = fopen(path, "rb");
	char *expected = calloc(now->length + 2, 1);
	size_t length;

	assert_non_null(expected);
	if (file == NULL)
		fail_msg("%s is not there; run `make expect-update`", path);
	length = fread(expected, 1, now->length + 1, file);
	(void)fclose(file);
	if (length != now->length || memcmp(expected, now->at, length) != 0)
		fail_msg("%s is not what is written; run `make expect-update` "
			 "and look at the difference",
		    path);
	free(expected);
}

static void
update(const char *path, const struct text *now)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(now->at, 1, now->length, file), now->length);
	assert_int_equal(fclose(file), 0);
}

static void
every_format_is_as_expected(void **state)
{
	const bool *updates = *state;

	for (int i = 0; i < FORMAT_COUNT; i++) {
		struct text all;
		char path[64];

		text_init(&all, 16 * FORMAT_MAXIMUM);
		write_all(&all, (enum format)i);
		golden_path(path, sizeof(path), (enum format)i);
		if (*updates)
			update(path, &all);
		else
			compare(path, &all);
		text_release(&all);
	}
}

int
main(int argc, char **argv)
{
	bool updates = argc == 2 && strcmp(argv[1], "--update") == 0;
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_prestate(every_format_is_as_expected, &updates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
