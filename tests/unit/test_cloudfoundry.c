#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/sources/cloudfoundry.h"
#include "fact_lines.h"
#include "json_mutants.h"
#include "sensor/base/file.h"
#include "sensor/base/json_read.h"

/* 2026-11-21T10:00:00Z, when a collector hears something. */
#define HEARD ((struct instant){INT64_C(1795255200) * NS_PER_SECOND})

struct scene {
	struct text out;
	struct fact_taker taker;
	struct cloudfoundry *foundry;
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	text_init(&scene->out, 1 << 20);
	scene->taker = (struct fact_taker){fact_lines_take, &scene->out};
	scene->foundry = cloudfoundry_new("cf", &scene->taker);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	cloudfoundry_free(scene->foundry);
	text_release(&scene->out);
	free(scene);
	return 0;
}

static bool
give(struct scene *scene, const char *text)
{
	struct json_fault fault;
	struct json *value = json_parse(text, strlen(text), &fault);
	bool given;

	assert_non_null(value);
	given = cloudfoundry_give(scene->foundry, value, HEARD);
	json_free(value);
	return given;
}

/* Calls for each line of the example file. */
static size_t
each_line(void (*each)(const char *line, void *context), void *context)
{
	char *octets, *line, *newline;
	size_t size, count = 0;

	assert_int_equal(file_read("tests/data/inventory/cloudfoundry.jsonl",
			     1 << 20, &octets, &size),
	    0);
	octets = realloc(octets, size + 1);
	assert_non_null(octets);
	octets[size] = '\0';
	for (line = octets; (newline = strchr(line, '\n')) != NULL;
	     line = newline + 1) {
		*newline = '\0';
		each(line, context);
		count++;
	}
	free(octets);
	return count;
}

static void
give_line(const char *line, void *context)
{
	assert_true(give(context, line));
}

#define PORTS " ports 8080/6 61001/6 2222/6 61002/6 image="
/* What the example calls two of its processes. */
#define SECOND                                                                 \
	"bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb-"                                \
	"22222222-2222-2222-2222-222222222222"
#define THIRD                                                                  \
	"cccccccc-cccc-cccc-cccc-cccccccccccc-"                                \
	"33333333-3333-3333-3333-333333333333"
#define ID     "workload cloudfoundry:cf:"
#define CELL_0 "node-address cell-0/10.0.1.10\n"
#define CELL_1 "node-address cell-1/10.0.1.11\n"

/* clang-format off */
static const char example[] =
    CELL_0
    ID "inst-1 acme/prod/web/0 kind=App owner=web node=cell-0 at 10.255.1.2 "
    "fd02::2" PORTS ": labels=7 08:00:00.250..future\n"
    CELL_1
    ID "inst-2 cf-apps/" SECOND "/1 kind=Process owner=" SECOND " node=cell-1 "
    "at 10.255.2.2" PORTS ": labels=0 08:00:05.250..future\n"
    CELL_1
    ID "inst-3 cf-apps/" THIRD "/0 kind=Process owner=" THIRD " node=cell-1 "
    "at 10.255.2.3" PORTS ": labels=0 08:00:06.250..future\n"
    "gone " ID "inst-5 08:00:09.250\n"
    CELL_0
    ID "inst-6 cf-apps/task-like/0 kind=Process owner=task-like node=cell-0 "
    "at 10.255.1.3" PORTS ": labels=0 08:00:07.250..future\n";
/* clang-format on */

static void
lrps_and_names(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(each_line(give_line, scene), 8);
	assert_string_equal(scene->out.at, example);
	/* Names that came late are given now, and only once. */
	text_clear(&scene->out);
	cloudfoundry_refresh(scene->foundry, HEARD);
	assert_non_null(strstr(scene->out.at,
	    "workload cloudfoundry:cf:inst-2 acme/prod/cache/1 kind=App "
	    "owner=cache node=cell-1 at 10.255.2.2" PORTS
	    "redis:7.2 labels=3 08:00:05.250..future\n"));
	assert_non_null(strstr(scene->out.at,
	    "workload cloudfoundry:cf:inst-3 acme/stage/orders/0 kind=App "
	    "owner=orders node=cell-1 at 10.255.2.3" PORTS
	    ": labels=2 08:00:06.250..future\n"));
	text_clear(&scene->out);
	cloudfoundry_refresh(scene->foundry, HEARD);
	assert_string_equal(scene->out.at, "");
}

static void
what_is_told_again_is_no_news(void **state)
{
	struct scene *scene = *state;

	each_line(give_line, scene);
	cloudfoundry_refresh(scene->foundry, HEARD);
	each_line(give_line, scene);
	text_clear(&scene->out);
	cloudfoundry_refresh(scene->foundry, HEARD);
	assert_string_equal(scene->out.at, "");
}

#define KEYS                                                                   \
	"\"process_guid\":\"p-1\",\"index\":2,\"domain\":\"cf-apps\","         \
	"\"instance_guid\":\"i\",\"cell_id\":\"c\""
#define INFO(state, since, address)                                            \
	"{\"state\":\"" state "\",\"since\":17952480" since                    \
	"000000000,\"instance_address\":\"" address "\"}"

/* An instance that is claimed gets its address when it runs. */
static void
events_of_diego(void **state)
{
	struct scene *scene = *state;

	assert_true(give(scene,
	    "{\"type\":\"actual_lrp_instance_created\",\"data\":{"
	    "\"actual_lrp\":{\"process_guid\":\"p-1\",\"index\":2,\"domain\":"
	    "\"cf-apps\",\"instance_guid\":\"\",\"state\":\"UNCLAIMED\"}}}"));
	assert_string_equal(scene->out.at, "");
	assert_true(give(scene,
	    "{\"type\":\"actual_lrp_instance_changed\",\"data\":{" KEYS
	    ",\"after\":" INFO("CLAIMED", "10", "") "}}"));
	assert_true(give(scene,
	    "{\"type\":\"actual_lrp_instance_changed\",\"data\":{" KEYS
	    ",\"after\":" INFO("RUNNING", "20", "10.255.0.7") "}}"));
	assert_true(
	    give(scene, "{\"type\":\"actual_lrp_instance_removed\",\"data\":{"
			"\"actual_lrp\":{" KEYS ",\"state\":\"RUNNING\"}}}"));
	assert_string_equal(scene->out.at,
	    "workload cloudfoundry:cf:i cf-apps/p-1/2 kind=Process owner=p-1 "
	    "node=c at ports image=: labels=0 08:00:10.000..future\n"
	    "workload cloudfoundry:cf:i cf-apps/p-1/2 kind=Process owner=p-1 "
	    "node=c at 10.255.0.7 ports image=: labels=0 "
	    "08:00:10.000..future\n"
	    "gone workload cloudfoundry:cf:i 10:00:00.000\n");
}

static void
lists_are_whole(void **state)
{
	struct scene *scene = *state;

	cloudfoundry_list_begin(scene->foundry);
	give(scene, "{" KEYS ",\"state\":\"RUNNING\",\"since\":5}");
	give(scene,
	    "{\"process_guid\":\"q\",\"instance_guid\":\"j\",\"index\":0,"
	    "\"state\":\"RUNNING\",\"since\":5}");
	cloudfoundry_list_end(scene->foundry, HEARD);
	text_clear(&scene->out);
	cloudfoundry_list_begin(scene->foundry);
	give(scene, "{" KEYS ",\"state\":\"RUNNING\",\"since\":5}");
	text_clear(&scene->out);
	cloudfoundry_list_end(scene->foundry, HEARD);
	assert_string_equal(
	    scene->out.at, "gone workload cloudfoundry:cf:j 10:00:00.000\n");
}

static void
what_is_none_of_cloud_foundrys(void **state)
{
	static const char *const texts[] = {"{}", "[]", "7", "\"x\"", "null",
	    "{\"type\":\"ADDED\",\"object\":{}}", "{\"guid\":\"x\"}",
	    "{\"process_guid\":7,\"index\":0}",
	    "{\"type\":\"task_created\",\"data\":{}}"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(give(*state, texts[i]));
}

static void
give_mutant(const char *mutant)
{
	struct json_fault fault;
	struct json *value = json_parse(mutant, strlen(mutant), &fault);
	struct text out;
	struct fact_taker taker = {fact_lines_take, &out};
	struct cloudfoundry *foundry = cloudfoundry_new("", &taker);

	text_init(&out, 1 << 16);
	if (value != NULL)
		(void)cloudfoundry_give(foundry, value, INSTANT_PAST);
	cloudfoundry_refresh(foundry, HEARD);
	cloudfoundry_free(foundry);
	text_release(&out);
	json_free(value);
}

static void
mutate_line(const char *line, void *context)
{
	*(size_t *)context += json_mutants(line, give_mutant);
}

static void
members_of_any_type(void **state)
{
	size_t count = 0;

	(void)state;
	each_line(mutate_line, &count);
	assert_true(count > 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(lrps_and_names),
	    TEST(what_is_told_again_is_no_news),
	    TEST(events_of_diego),
	    TEST(lists_are_whole),
	    TEST(what_is_none_of_cloud_foundrys),
	    TEST(members_of_any_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
