/*
 * What becomes of each item of a `_bulk`: only what no operator can mend is
 * refused for good.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/delivery_lane.h"
#include "alerts/http_body.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"

struct item_case {
	const char *item; /* of the answer */
	enum http_item expected;
	const char *why; /* or NULL */
};

static const struct item_case item_cases[] = {
    {"{\"create\":{\"status\":201}}", HTTP_ITEM_TAKEN, NULL},
    {"{\"create\":{\"status\":200}}", HTTP_ITEM_TAKEN, NULL},
    /* Our own, of an attempt whose answer was lost. */
    {"{\"create\":{\"status\":409,\"error\":{\"type\":"
     "\"version_conflict_engine_exception\",\"reason\":\"there\"}}}",
	HTTP_ITEM_TAKEN, NULL},
    {"{\"create\":{\"status\":429,\"error\":{\"type\":"
     "\"es_rejected_execution_exception\"}}}",
	HTTP_ITEM_LATER, NULL},
    {"{\"create\":{\"status\":503}}", HTTP_ITEM_LATER, NULL},
    /* A full disk, as OpenSearch says it. */
    {"{\"create\":{\"status\":403,\"error\":{\"type\":"
     "\"cluster_block_exception\",\"reason\":\"FORBIDDEN/12\"}}}",
	HTTP_ITEM_LATER, NULL},
    {"{\"create\":{\"status\":401}}", HTTP_ITEM_LATER, NULL},
    {"{\"create\":{\"status\":404,\"error\":{\"type\":"
     "\"index_not_found_exception\"}}}",
	HTTP_ITEM_LATER, NULL},
    {"{\"create\":{\"status\":400,\"error\":{\"type\":"
     "\"document_parsing_exception\",\"reason\":\"no ip\"}}}",
	HTTP_ITEM_REFUSED, "no ip"},
    {"{\"create\":{\"status\":400}}", HTTP_ITEM_REFUSED,
	"the target gives no reason"},
    {"{\"create\":{\"status\":413,\"error\":{\"reason\":\"long\"}}}",
	HTTP_ITEM_REFUSED, "long"},
    /* What says nothing has taken nothing. */
    {"{}", HTTP_ITEM_LATER, NULL},
    {"{\"index\":{\"status\":201}}", HTTP_ITEM_LATER, NULL},
    {"{\"create\":{\"status\":\"201\"}}", HTTP_ITEM_LATER, NULL},
    {"null", HTTP_ITEM_LATER, NULL},
};

static struct json *
parse(const char *text)
{
	struct json_fault fault;
	struct json *parsed = json_parse(text, strlen(text), &fault);

	assert_non_null(parsed);
	return parsed;
}

static void
every_item_has_its_own_answer(void **state)
{
	size_t count = sizeof(item_cases) / sizeof(item_cases[0]);
	struct text all;
	struct json *answer;

	(void)state;
	text_init(&all, 65536);
	text_add(&all, "{\"errors\":true,\"items\":[");
	for (size_t i = 0; i < count; i++)
		text_format(
		    &all, "%s%s", i == 0 ? "" : ",", item_cases[i].item);
	text_add(&all, "]}");
	answer = parse(all.at);
	for (size_t i = 0; i < count; i++) {
		const char *why = NULL;

		if (http_body_item(answer, i, &why) != item_cases[i].expected)
			fail_msg("%s", item_cases[i].item);
		if (item_cases[i].why != NULL)
			assert_string_equal(why, item_cases[i].why);
	}
	json_free(answer);
	text_release(&all);
}

static void
an_answer_that_is_none_takes_nothing(void **state)
{
	static const char *const answers[] = {"{}", "[]", "{\"items\":{}}",
	    "{\"items\":[]}", "{\"took\":1,\"errors\":false}"};
	const char *why;

	(void)state;
	assert_int_equal(http_body_item(NULL, 0, &why), HTTP_ITEM_LATER);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct json *answer = parse(answers[i]);

		assert_int_equal(
		    http_body_item(answer, 0, &why), HTTP_ITEM_LATER);
		json_free(answer);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_item_has_its_own_answer),
	    cmocka_unit_test(an_answer_that_is_none_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
