#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/format.h"
#include "alerts/record_view.h"
#include "format_readers.h"
#include "sensor/base/json_read.h"
#include "unit/format_scene.h"

static const struct format_settings plain = {32473, 21, NULL};

/* A scene's native line, and the same in another form. */
struct told {
	struct text native, line;
	bool said;
};

static struct told
tell_case(struct format_case *c, enum format format)
{
	struct told told;
	struct instant at = {SCENE_START + NS_PER_SECOND};

	text_init(&told.native, RECORD_MAXIMUM);
	text_init(&told.line, FORMAT_MAXIMUM);
	format_scene_alert(&told.native, c, at);
	assert_false(told.native.overflow);
	told.said = format_line(
	    &told.line, format, &plain, told.native.at, told.native.length);
	return told;
}

static struct told
tell(const struct format_scene *scene, enum format format)
{
	struct told told;

	text_init(&told.native, RECORD_MAXIMUM);
	text_init(&told.line, FORMAT_MAXIMUM);
	format_scene_line(&told.native, scene);
	told.said = format_line(
	    &told.line, format, &plain, told.native.at, told.native.length);
	return told;
}

static void
told_free(struct told *told)
{
	text_release(&told->native);
	text_release(&told->line);
}

static struct json *
parse(const struct text *line)
{
	struct json_fault fault;
	struct json *json = json_parse(line->at, line->length, &fault);

	if (json == NULL)
		fail_msg("%s in %s", fault.message, line->at);
	return json;
}

/* --- names ---------------------------------------------------------------- */

static void
every_format_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < FORMAT_COUNT; i++) {
		enum format found = FORMAT_COUNT;

		assert_true(format_parse(format_name((enum format)i), &found));
		assert_int_equal(found, i);
		assert_string_equal(
		    format_names()[i], format_name((enum format)i));
	}
	assert_null(format_names()[FORMAT_COUNT]);
}

static void
no_other_name_is_a_format(void **state)
{
	enum format format = FORMAT_LEEF;

	(void)state;
	assert_false(format_parse("", &format));
	assert_false(format_parse("CEF", &format));
	assert_false(format_parse("cefs", &format));
	assert_int_equal(format, FORMAT_LEEF);
}

/* --- every scene in every format ------------------------------------------ */

typedef struct reader read_line(const char *line);

static void
read_all(enum format format, read_line *read)
{
	for (size_t i = 0; i < FORMAT_SCENES; i++) {
		struct told told = tell(&format_scenes[i], format);
		struct reader reader;

		assert_true(told.said == (format_scenes[i].kind != SCENE_FLOW));
		if (!told.said) {
			assert_int_equal(told.line.length, 0);
			told_free(&told);
			continue;
		}
		reader = read(told.line.at);
		if (reader.fault != NULL)
			fail_msg("%s: %s in %s", format_scenes[i].name,
			    reader.fault, told.line.at);
		assert_true(reader.head_count >= 6);
		reader_free(&reader);
		told_free(&told);
	}
}

static void
line_formats_hold_to_their_grammar(void **state)
{
	(void)state;
	read_all(FORMAT_CEF, read_cef);
	read_all(FORMAT_LEEF, read_leef);
	read_all(FORMAT_SYSLOG, read_syslog);
}

static void
json_formats_are_json(void **state)
{
	(void)state;
	for (int i = FORMAT_NATIVE; i <= FORMAT_OCSF; i++) {
		for (size_t s = 0; s < FORMAT_SCENES; s++) {
			struct told told =
			    tell(&format_scenes[s], (enum format)i);

			assert_true(told.said);
			assert_null(strchr(told.line.at, '\n'));
			json_free(parse(&told.line));
			told_free(&told);
		}
	}
}

static void
native_is_left_alone(void **state)
{
	(void)state;
	for (size_t s = 0; s < FORMAT_SCENES; s++) {
		struct told told = tell(&format_scenes[s], FORMAT_NATIVE);

		assert_string_equal(told.line.at, told.native.at);
		told_free(&told);
	}
}

/* --- hostile names -------------------------------------------------------- */

/* What a format should say of `value`, given what it keeps and cuts. */
static void
assert_says(const struct reader *reader, const char *key, const char *value,
    size_t maximum, const char *kept)
{
	char *expected = reader_expected(value, maximum, kept);
	const char *said = reader_get(reader, key);

	assert_non_null(said);
	assert_string_equal(said, expected);
	free(expected);
}

/* The native record's words for a scene, which every format starts from. */
static struct json *
words_of(const struct told *told, const char **name, const char **model)
{
	struct json *native = parse(&told->native);

	*name = json_get_text(json_get(native, "src_workload"), "name");
	*model = json_get_text(json_get(native, "policy"), "model");
	assert_non_null(*name);
	assert_non_null(*model);
	return native;
}

static const struct format_scene *
hostile(void)
{
	for (size_t i = 0; i < FORMAT_SCENES; i++)
		if (format_scenes[i].change == scene_hostile)
			return &format_scenes[i];
	return NULL;
}

static void
a_hostile_name_comes_out_as_it_went_in(void **state)
{
	const char *name, *model;
	struct told told = tell(hostile(), FORMAT_CEF);
	struct reader reader = read_cef(told.line.at);
	struct json *native = words_of(&told, &name, &model);

	(void)state;
	assert_says(&reader, "shost", name, 1023, "\n\r");
	assert_says(&reader, "cs2", model, 4000, "\n\r");
	assert_says(&reader, "deviceInboundInterface", name, 128, "\n\r");
	reader_free(&reader);
	told_free(&told);
	told = tell(hostile(), FORMAT_LEEF);
	reader = read_leef(told.line.at);
	assert_says(&reader, "srcName", name, 1024, "");
	assert_says(&reader, "policy", model, 1024, "");
	reader_free(&reader);
	told_free(&told);
	told = tell(hostile(), FORMAT_SYSLOG);
	reader = read_syslog(told.line.at);
	assert_says(&reader, "model", model, 160, "");
	reader_free(&reader);
	told_free(&told);
	json_free(native);
}

static void
a_hostile_name_stays_whole_in_json(void **state)
{
	const char *name, *model;
	struct told told = tell(hostile(), FORMAT_ECS);
	struct json *native = words_of(&told, &name, &model);
	struct json *said = parse(&told.line);
	const struct json *ours = json_get(said, "hedgerow");

	(void)state;
	assert_string_equal(
	    json_get_text(json_get(ours, "source"), "name"), name);
	assert_string_equal(
	    json_get_text(json_get(ours, "policy"), "model"), model);
	json_free(said);
	told_free(&told);
	told = tell(hostile(), FORMAT_OCSF);
	said = parse(&told.line);
	assert_string_equal(
	    json_get_text(json_get(said, "policy"), "name"), model);
	json_free(said);
	told_free(&told);
	json_free(native);
}

/* A header field of CEF has its own escapes; a title is never hostile today. */
static void
an_unknown_signature_goes_by_its_sentence(void **state)
{
	static const char line[] =
	    "{\"timestamp\":\"2026-08-24T09:15:28.401120+0000\","
	    "\"event_type\":\"alert\",\"alert\":{\"gid\":9,"
	    "\"signature_id\":8,\"rev\":7,\"severity\":2,"
	    "\"signature\":\"a|b\\\\c=d\\ne\"},\"finding\":{"
	    "\"uid\":\"0011223344556677\",\"state\":\"new\",\"count\":1}}";
	struct text out;
	struct reader reader;

	(void)state;
	text_init(&out, FORMAT_MAXIMUM);
	assert_true(format_line(&out, FORMAT_CEF, &plain, line, strlen(line)));
	reader = read_cef(out.at);
	assert_null(reader.fault);
	assert_string_equal(reader.heads[4], "9:8");
	assert_string_equal(reader.heads[5], "a|b\\c=d\xef\xbf\xbd"
					     "e");
	assert_string_equal(reader.heads[6], "5");
	assert_string_equal(reader_get(&reader, "msg"), "a|b\\c=d\ne");
	reader_free(&reader);
	text_release(&out);
}

/* --- long names ----------------------------------------------------------- */

/* Names of 64 KiB each: whatever is cut, a line is said and is in order. */
static void
long_names_leave_a_line_in_order(void **state)
{
	static read_line *const readers[FORMAT_COUNT] = {
	    [FORMAT_CEF] = read_cef,
	    [FORMAT_LEEF] = read_leef,
	    [FORMAT_SYSLOG] = read_syslog,
	};
	struct format_case *c = malloc(sizeof(*c));
	char *name = malloc(65537);

	(void)state;
	assert_non_null(c);
	assert_non_null(name);
	for (size_t i = 0; i < 65536; i++)
		name[i] = "\\=|\"]\xe2\x82\xac"[i % 8];
	name[65536] = '\0';
	for (int i = FORMAT_NATIVE; i < FORMAT_COUNT; i++) {
		struct told told;

		format_case_make(c);
		scene_hostile(c);
		c->s.client.name = c->s.client.namespace = name;
		c->s.client.application = c->s.model.name = name;
		c->source = (struct record_source){name, name, name};
		told = tell_case(c, (enum format)i);
		assert_true(told.said);
		if (readers[i] == NULL) {
			json_free(parse(&told.line));
		} else {
			struct reader reader = readers[i](told.line.at);

			if (reader.fault != NULL)
				fail_msg("%s", reader.fault);
			reader_free(&reader);
		}
		told_free(&told);
	}
	free(name);
	free(c);
}

/* RFC 5424, 6.1: what receivers should take without cutting. */
static void
a_message_stays_below_2048_octets_of_usual_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMAT_SCENES; i++) {
		struct told told = tell(&format_scenes[i], FORMAT_SYSLOG);

		assert_true(told.line.length < 2048);
		told_free(&told);
	}
}

/* --- severity ------------------------------------------------------------- */

static void
every_scale_has_its_severity(void **state)
{
	static const struct {
		enum severity severity;
		const char *line;
		int64_t ocsf, ecs;
		const char *priority; /* local5 is 21 */
	} scales[] = {
	    {SEVERITY_LOW, "3", 2, 21, "173"},
	    {SEVERITY_MEDIUM, "5", 3, 47, "172"},
	    {SEVERITY_HIGH, "8", 4, 73, "171"},
	    {SEVERITY_CRITICAL, "10", 5, 99, "170"},
	};
	struct format_case *c = malloc(sizeof(*c));

	(void)state;
	assert_non_null(c);
	for (size_t i = 0; i < 4; i++) {
		struct told told;
		struct reader reader;
		struct json *json;

		format_case_make(c);
		c->s.about.verdict.severity = scales[i].severity;
		told = tell_case(c, FORMAT_CEF);
		reader = read_cef(told.line.at);
		assert_string_equal(reader.heads[6], scales[i].line);
		reader_free(&reader);
		told_free(&told);
		told = tell_case(c, FORMAT_LEEF);
		reader = read_leef(told.line.at);
		assert_string_equal(reader_get(&reader, "sev"), scales[i].line);
		reader_free(&reader);
		told_free(&told);
		told = tell_case(c, FORMAT_SYSLOG);
		reader = read_syslog(told.line.at);
		assert_string_equal(reader.heads[0] + 1, scales[i].priority);
		reader_free(&reader);
		told_free(&told);
		told = tell_case(c, FORMAT_OCSF);
		json = parse(&told.line);
		assert_int_equal(
		    json_get_integer(json, "severity_id", -1), scales[i].ocsf);
		json_free(json);
		told_free(&told);
		told = tell_case(c, FORMAT_ECS);
		json = parse(&told.line);
		assert_int_equal(
		    json_get_integer(json_get(json, "event"), "severity", -1),
		    scales[i].ecs);
		json_free(json);
		told_free(&told);
	}
	free(c);
}

/* A record that is too long says less, but critical stays critical. */
static void
a_cut_record_keeps_its_severity(void **state)
{
	struct format_case *c = malloc(sizeof(*c));
	char *name = malloc(4001);
	struct told told;
	struct reader reader;

	(void)state;
	assert_non_null(c);
	assert_non_null(name);
	memset(name, '\x01', 4000);
	name[4000] = '\0';
	format_case_make(c);
	c->s.client.cluster = c->s.client.namespace = name;
	c->s.client.name = c->s.client.kind = c->s.client.node = name;
	c->s.about.verdict.severity = SEVERITY_CRITICAL;
	told = tell_case(c, FORMAT_CEF);
	assert_null(strstr(told.native.at, "src_workload"));
	reader = read_cef(told.line.at);
	assert_null(reader.fault);
	assert_string_equal(reader.heads[6], "10");
	reader_free(&reader);
	told_free(&told);
	free(name);
	free(c);
}

/* --- identity ------------------------------------------------------------- */

static void
id_of(const struct format_scene *scene, char *id, size_t size)
{
	struct told told = tell(scene, FORMAT_NATIVE);
	struct json *native = parse(&told.native);
	struct record_view view;
	struct text text;

	assert_true(record_view_read(native, &view));
	text_init(&text, size - 1);
	record_view_id(&text, &view);
	assert_false(text.overflow);
	memcpy(id, text.at, text.length + 1);
	text_release(&text);
	json_free(native);
	told_free(&told);
}

/* Sinks take it as the document's id: the same for the same record alone. */
static void
an_id_is_of_one_record(void **state)
{
	static const struct format_scene ways[] = {
	    {"raised", SCENE_ALERT, NULL},
	    {"goes on", SCENE_FINDING, scene_going_on},
	    {"is closed", SCENE_FINDING, scene_closed},
	    {"a flow", SCENE_FLOW, NULL},
	};
	char ids[4][128], again[128];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		id_of(&ways[i], ids[i], sizeof(ids[i]));
		id_of(&ways[i], again, sizeof(again));
		assert_string_equal(ids[i], again);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(ids[i], ids[j]);
	}
	assert_string_equal(ids[0], "0123456789abcdef-new-1787562928401120");
}

/* --- RFC 5424 as an envelope ---------------------------------------------- */

static void
any_format_goes_in_a_message(void **state)
{
	static const char *const beginnings[FORMAT_COUNT] = {
	    [FORMAT_NATIVE] = "@cee: {\"timestamp\":",
	    [FORMAT_ECS] = "@cee: {\"@timestamp\":",
	    [FORMAT_OCSF] = "@cee: {\"metadata\":",
	    [FORMAT_CEF] = "CEF:0|",
	    [FORMAT_LEEF] = "LEEF:2.0|",
	    [FORMAT_SYSLOG] = "shop/front-end spoke ",
	};
	static const struct format_settings settings = {4242, 4, "812"};
	static const struct format_scene scene = {"one", SCENE_ALERT, NULL};
	struct told told = tell(&scene, FORMAT_NATIVE);

	(void)state;
	for (int i = 0; i < FORMAT_COUNT; i++) {
		struct reader reader;

		text_clear(&told.line);
		assert_true(format_message(&told.line, (enum format)i,
		    &settings, told.native.at, told.native.length));
		for (char *tab = told.line.at; *tab != '\0'; tab++)
			if (*tab == '\t')
				*tab = ' '; /* LEEF's own delimiter */
		reader = read_syslog(told.line.at);
		if (reader.fault != NULL)
			fail_msg("%s: %s", reader.fault, told.line.at);
		assert_string_equal(reader.heads[0] + 1, "35");
		assert_string_equal(reader.heads[2], "tap-rack7");
		assert_string_equal(reader.heads[3], "hedgerow");
		assert_string_equal(reader.heads[4], "812");
		assert_string_equal(reader.heads[5], "alert");
		assert_int_equal(strncmp(reader.message, beginnings[i],
				     strlen(beginnings[i])),
		    0);
		if (i == FORMAT_SYSLOG)
			assert_string_equal(reader.heads[6], "hedgerow@4242");
		reader_free(&reader);
	}
	told_free(&told);
}

static void
a_message_of_a_flow_is_json(void **state)
{
	static const struct format_scene scene = {
	    "one", SCENE_FLOW, scene_allow};
	struct told told = tell(&scene, FORMAT_NATIVE);

	(void)state;
	text_clear(&told.line);
	assert_true(format_message(&told.line, FORMAT_ECS, &plain,
	    told.native.at, told.native.length));
	assert_int_equal(strncmp(told.line.at, "<174>1 ", 7), 0);
	told_free(&told);
}

/* --- what is refused ------------------------------------------------------ */

static void
what_is_not_ours_is_refused_whole(void **state)
{
	static const char *const lines[] = {
	    "",
	    "{}",
	    "[]",
	    "no JSON",
	    "{\"event_type\":\"alert\"}",
	    "{\"event_type\":\"stats\","
	    "\"timestamp\":\"2026-08-24T09:15:28.401120+0000\"}",
	    "{\"event_type\":\"flow\",\"timestamp\":\"yesterday\"}",
	    "{\"event_type\":\"alert\","
	    "\"timestamp\":\"2026-08-24T09:15:28.401120+0000\"}",
	};
	struct text out;

	(void)state;
	text_init(&out, FORMAT_MAXIMUM);
	text_add(&out, "before");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		for (int f = 0; f < FORMAT_COUNT; f++)
			assert_false(format_line(&out, (enum format)f, &plain,
			    lines[i], strlen(lines[i])));
	assert_string_equal(out.at, "before");
	text_release(&out);
}

static void
what_does_not_fit_is_refused_whole(void **state)
{
	static const struct format_scene scene = {"one", SCENE_ALERT, NULL};
	struct told told = tell(&scene, FORMAT_NATIVE);
	struct text small;

	(void)state;
	text_init(&small, 100);
	text_add(&small, "before");
	for (int f = 0; f < FORMAT_COUNT; f++)
		assert_false(format_line(&small, (enum format)f, &plain,
		    told.native.at, told.native.length));
	assert_string_equal(small.at, "before");
	assert_false(small.overflow);
	text_release(&small);
	told_free(&told);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_format_has_a_name),
	    cmocka_unit_test(no_other_name_is_a_format),
	    cmocka_unit_test(line_formats_hold_to_their_grammar),
	    cmocka_unit_test(json_formats_are_json),
	    cmocka_unit_test(native_is_left_alone),
	    cmocka_unit_test(a_hostile_name_comes_out_as_it_went_in),
	    cmocka_unit_test(a_hostile_name_stays_whole_in_json),
	    cmocka_unit_test(an_unknown_signature_goes_by_its_sentence),
	    cmocka_unit_test(long_names_leave_a_line_in_order),
	    cmocka_unit_test(a_message_stays_below_2048_octets_of_usual_names),
	    cmocka_unit_test(every_scale_has_its_severity),
	    cmocka_unit_test(a_cut_record_keeps_its_severity),
	    cmocka_unit_test(an_id_is_of_one_record),
	    cmocka_unit_test(any_format_goes_in_a_message),
	    cmocka_unit_test(a_message_of_a_flow_is_json),
	    cmocka_unit_test(what_is_not_ours_is_refused_whole),
	    cmocka_unit_test(what_does_not_fit_is_refused_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
