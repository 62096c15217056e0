#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/inventory_file.h"
#include "sensor/base/report.h"

#define POD                                                                    \
	"{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"uid\":\"u\","        \
	"\"creationTimestamp\":\"2026-11-21T06:00:00Z\"},"                     \
	"\"status\":{\"podIP\":\"10.0.0.5\"}}"
#define TIME(second) "\"time\":\"2026-11-21T06:00:" second "Z\""
#define EVENT(second, type)                                                    \
	"{" TIME(second) ",\"type\":\"" type "\",\"object\":" POD "}\n"

struct result {
	enum inventory_file_status status;
	size_t workloads, errors, warnings;
	int64_t age; /* at 06:01:00 */
	char printed[2048];
};

static void
print_report(const struct report *report, struct result *result)
{
	FILE *out = fmemopen(result->printed, sizeof(result->printed), "w");

	assert_non_null(out);
	report_print(report, out);
	fclose(out);
}

static struct result
finish(enum inventory_file_status status, struct inventory_draft *draft,
    struct report *report)
{
	struct result result = {.status = status};
	struct inventory *inventory = inventory_publish(draft, report);
	struct instant at;

	assert_true(instant_parse("2026-11-21T06:01:00Z", &at));
	result.workloads = inventory_workload_count(inventory);
	result.age = inventory_age(inventory, INVENTORY_ANY, at);
	result.errors = report_errors(report);
	result.warnings = report_warnings(report);
	print_report(report, &result);
	inventory_free(inventory);
	inventory_draft_free(draft);
	report_free(report);
	return result;
}

static struct result
parse(const char *text)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();

	return finish(
	    inventory_file_parse(draft, "file", text, strlen(text), report),
	    draft, report);
}

static void
assert_refused(const char *text, const char *message)
{
	struct result result = parse(text);

	assert_int_equal(result.status, INVENTORY_REFUSED);
	assert_int_equal(result.workloads, 0);
	assert_int_equal(result.errors, 1);
	if (strstr(result.printed, message) == NULL)
		fail_msg("no '%s' in: %s", message, result.printed);
}

static void
lists_are_read(void **state)
{
	static const char *const texts[] = {
	    "{\"kind\":\"List\",\"items\":[" POD "]}",
	    "{\n \"items\": [\n" POD "\n ],\n \"kind\": \"List\"\n}\n",
	    /* The items of a typed list do not name their kind. */
	    "{\"kind\":\"PodList\",\"items\":[{\"metadata\":"
	    "{\"name\":\"p\"}}]}",
	    "{\"kind\":\"List\",\"items\":[{\"kind\":\"Secret\"}," POD "]}",
	    POD,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct result result = parse(texts[i]);

		assert_int_equal(result.status, INVENTORY_READ);
		assert_int_equal(result.workloads, 1);
		assert_int_equal(result.errors + result.warnings, 0);
		assert_int_equal(result.age, -1);
	}
}

static void
empty_list_is_a_list(void **state)
{
	struct result result = parse("{\"kind\":\"List\",\"items\":[]}");

	(void)state;
	assert_int_equal(result.status, INVENTORY_READ);
	assert_int_equal(result.errors, 0);
}

static void
what_is_no_inventory_is_refused(void **state)
{
	(void)state;
	assert_refused("", "file: error: the file is empty");
	assert_refused(" \n\n", "empty");
	assert_refused("{\"kind\":\"List\"}", "List without \"items\"");
	assert_refused("{\"kind\":\"PodList\",\"items\":null}",
	    "PodList without \"items\"");
	assert_refused("{\"kind\":\"Secret\"}", "kind \"Secret\"");
	assert_refused("[]", "no known form");
	assert_refused("{\"a\":1}", "no known form");
	assert_refused("{\"kind\":\"List\",\n \"items\":[\n x]}", "file:3:");
	assert_refused("pods:\n- a\n", "file:1:");
	assert_refused("{\"kind\":\"List\",\"items\":[" POD "]", "not JSON");
}

/* One hostile object does not hide the others, in a list or in a log. */
static void
hostile_text_costs_itself(void **state)
{
	struct result result =
	    parse("{\"kind\":\"List\",\"items\":[\n"
		  "{\"kind\":\"Pod\",\"a\":1,\"a\":2},\n" POD "]}");

	(void)state;
	assert_int_equal(result.status, INVENTORY_PARTLY);
	assert_int_equal(result.workloads, 1);
	assert_non_null(strstr(result.printed, "file:2:"));
	assert_non_null(strstr(result.printed, "error: an object here"));
	assert_non_null(strstr(result.printed, "1 such objects"));
	result = parse("{\"kind\":\"List\",\"items\":[" POD
		       "],\"hostile\":\"\xff\\u0000\\ud800\"}");
	assert_int_equal(result.status, INVENTORY_READ);
	assert_int_equal(result.workloads, 1);
	assert_non_null(strstr(result.printed, "file: warning: 3 characters"));
	result = parse(EVENT("01", "\xff") EVENT("02", "ADDED"));
	assert_int_equal(result.workloads, 1);
}

static void
watch_log_is_read(void **state)
{
	struct result result = parse(EVENT("01", "ADDED") "\n" EVENT(
	    "02", "MODIFIED") EVENT("03", "DELETED"));

	(void)state;
	assert_int_equal(result.status, INVENTORY_READ);
	assert_int_equal(result.workloads, 1);
	assert_int_equal(result.errors + result.warnings, 0);
	assert_int_equal(result.age, 57 * NS_PER_SECOND);
}

static void
log_of_one_line_is_a_log(void **state)
{
	struct result result = parse(EVENT("01", "ADDED"));

	(void)state;
	assert_int_equal(result.status, INVENTORY_READ);
	assert_int_equal(result.age, 59 * NS_PER_SECOND);
}

static void
bookmark_is_a_sign_of_life(void **state)
{
	struct result result = parse(EVENT("01", "ADDED") "{" TIME(
	    "40") ","
		  "\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\"}}\n");

	(void)state;
	assert_int_equal(result.status, INVENTORY_READ);
	assert_int_equal(result.workloads, 1);
	assert_int_equal(result.age, 20 * NS_PER_SECOND);
}

static void
error_of_the_watch_is_warned_of(void **state)
{
	struct result result = parse(EVENT("01",
	    "ADDED") "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\","
		     "\"code\":410,\"message\":\"too old\"}}\n");

	(void)state;
	assert_int_equal(result.status, INVENTORY_READ);
	assert_int_equal(result.warnings, 1);
	assert_non_null(strstr(result.printed, "file:2: warning"));
	assert_non_null(strstr(result.printed, "410, too old"));
}

static void
half_a_last_line_is_warned_of(void **state)
{
	struct result result =
	    parse(EVENT("01", "ADDED") "{\"time\":\"2026-11");

	(void)state;
	assert_int_equal(result.status, INVENTORY_PARTLY);
	assert_int_equal(result.workloads, 1);
	assert_int_equal(result.errors, 0);
	assert_int_equal(result.warnings, 1);
	assert_non_null(strstr(result.printed, "file:2:"));
	assert_non_null(strstr(result.printed, "half written"));
}

static void
last_line_needs_no_newline(void **state)
{
	struct result result = parse(EVENT("01", "ADDED") "{" TIME(
	    "02") ",\"type\":\"MODIFIED\",\"object\":" POD "}");

	(void)state;
	assert_int_equal(result.status, INVENTORY_READ);
	assert_int_equal(result.errors + result.warnings, 0);
}

static void
assert_bad_line(const char *line, const char *message)
{
	char text[2048];
	struct result result;

	snprintf(text, sizeof(text), "%s%s\n%s", EVENT("01", "ADDED"), line,
	    EVENT("59", "MODIFIED"));
	result = parse(text);
	assert_int_equal(result.status, INVENTORY_PARTLY);
	assert_int_equal(result.workloads, 1);
	assert_int_equal(result.errors, 1);
	/* What comes after it was read. */
	assert_int_equal(result.age, NS_PER_SECOND);
	assert_non_null(strstr(result.printed, "file:2:"));
	if (strstr(result.printed, message) == NULL)
		fail_msg("no '%s' in: %s", message, result.printed);
}

static void
bad_lines_are_named_and_left_out(void **state)
{
	(void)state;
	assert_bad_line("{\"a", "not JSON");
	assert_bad_line("{}", "no watch event");
	assert_bad_line("7", "no watch event");
	assert_bad_line(
	    "{\"type\":\"ADDED\",\"object\":" POD "}", "without \"time\"");
	assert_bad_line("{\"time\":\"noon\",\"type\":\"ADDED\",\"object\":" POD
			"}",
	    "whose \"time\" is not one");
	assert_bad_line("{" TIME("02") ",\"type\":\"MODIFED\",\"object\":" POD
				       "}",
	    "did you mean MODIFIED");
	assert_bad_line("{" TIME("02") ",\"type\":\"x\",\"object\":" POD "}",
	    "expected ADDED");
}

/* The log was cut at its start, as rotation does. */
static void
log_may_begin_with_a_bad_line(void **state)
{
	struct result result =
	    parse("\"2026\",\"type\":\"ADDED\"}\n" EVENT("01", "ADDED"));

	(void)state;
	assert_int_equal(result.status, INVENTORY_PARTLY);
	assert_int_equal(result.workloads, 1);
	assert_non_null(strstr(result.printed, "file:1:"));
}

static void
log_without_a_good_line_is_refused(void **state)
{
	struct result result =
	    parse("{\"type\":\"ADDED\",\"object\":" POD
		  "}\n{\"type\":\"ADDED\",\"object\":" POD "}\n");

	(void)state;
	assert_int_equal(result.status, INVENTORY_REFUSED);
	assert_int_equal(result.workloads, 0);
	assert_int_equal(result.errors, 2);
}

/* The pod of the snapshot and of the log's first lines is one. */
static void
snapshot_and_log_make_one_workload(void **state)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	struct result result;

	(void)state;
	inventory_file_parse(draft, "a", POD, strlen(POD), report);
	result = finish(inventory_file_parse(draft, "b", EVENT("01", "ADDED"),
			    strlen(EVENT("01", "ADDED")), report),
	    draft, report);
	assert_int_equal(result.workloads, 1);
	assert_int_equal(result.errors + result.warnings, 0);
}

static void
file_is_read_from_disk(void **state)
{
	char path[] = "/tmp/hedgerow-inventory-XXXXXX";
	int descriptor = mkstemp(path);
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	struct result result;

	(void)state;
	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, POD, strlen(POD)), strlen(POD));
	close(descriptor);
	assert_int_equal(
	    inventory_file_read(draft, path, report), INVENTORY_READ);
	unlink(path);
	result =
	    finish(inventory_file_read(draft, path, report), draft, report);
	assert_int_equal(result.status, INVENTORY_REFUSED);
	assert_int_equal(result.workloads, 1);
	assert_int_equal(result.errors, 1);
	assert_non_null(strstr(result.printed, path));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists_are_read),
	    cmocka_unit_test(empty_list_is_a_list),
	    cmocka_unit_test(what_is_no_inventory_is_refused),
	    cmocka_unit_test(hostile_text_costs_itself),
	    cmocka_unit_test(watch_log_is_read),
	    cmocka_unit_test(log_of_one_line_is_a_log),
	    cmocka_unit_test(bookmark_is_a_sign_of_life),
	    cmocka_unit_test(error_of_the_watch_is_warned_of),
	    cmocka_unit_test(half_a_last_line_is_warned_of),
	    cmocka_unit_test(last_line_needs_no_newline),
	    cmocka_unit_test(bad_lines_are_named_and_left_out),
	    cmocka_unit_test(log_may_begin_with_a_bad_line),
	    cmocka_unit_test(log_without_a_good_line_is_refused),
	    cmocka_unit_test(snapshot_and_log_make_one_workload),
	    cmocka_unit_test(file_is_read_from_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
