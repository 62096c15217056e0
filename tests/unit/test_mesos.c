#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/sources/mesos.h"
#include "classifiers/sources/recordio.h"
#include "fact_lines.h"
#include "json_mutants.h"
#include "sensor/base/file.h"
#include "sensor/base/json_read.h"

/* 2026-11-21T10:00:00Z, when a collector hears something. */
#define HEARD ((struct instant){INT64_C(1795255200) * NS_PER_SECOND})

static struct json *
parse(const char *text)
{
	struct json_fault fault;

	return json_parse(text, strlen(text), &fault);
}

/* The file's octets with a NUL, for free(). */
static char *
read_octets(const char *path, size_t *size)
{
	char *octets;

	assert_int_equal(file_read(path, 1 << 20, &octets, size), 0);
	octets = realloc(octets, *size + 1);
	assert_non_null(octets);
	octets[*size] = '\0';
	return octets;
}

static void
state_of_a_master(void **state)
{
	struct text out;
	struct fact_taker taker = {fact_lines_take, &out};
	struct mesos *mesos = mesos_new("lab", &taker);
	size_t size;
	char *octets =
	    read_octets("tests/data/inventory/mesos_state.json", &size);
	struct json *document = parse(octets);

	(void)state;
	text_init(&out, 1 << 16);
	assert_true(mesos_is_state(document));
	assert_true(mesos_give(mesos, document, INSTANT_PAST));
	assert_string_equal(out.at,
	    "node agent-0.lab agent-0.lab at 10.0.0.10 networks\n"
	    "node 10.0.0.11 10.0.0.11 at 10.0.0.11 networks\n"
	    "workload mesos:lab:F-0001/shop_web.instance-1._app.1 "
	    "shop/web.shop kind=App owner=web node=agent-0.lab at 9.0.1.2 "
	    "fd01::2 ports 80/6 image=nginx:1.25 labels=2 "
	    "08:00:00.250..future\n"
	    "workload mesos:lab:F-0001/probe.1 marathon/probe kind=App "
	    "owner=probe node=10.0.0.11 host at 10.0.0.11 ports "
	    "9100/6=metrics 9100/17=metrics image=: labels=0 "
	    "08:00:00.250..future\n"
	    "workload mesos:lab:F-0001/shop_web.instance-0._app.1 "
	    "shop/web.shop kind=App owner=web node=agent-0.lab at 9.0.1.2 "
	    "ports image=redis:7 labels=0 07:00:00.250..07:30:00.250\n"
	    "workload mesos:lab:F-0002/7 spark/Executor 7 kind=Task "
	    "owner=Executor 7 node=agent-0.lab host at ports image=: labels=0 "
	    "past..future\n");
	json_free(document);
	free(octets);
	mesos_free(mesos);
	text_release(&out);
}

static void
give_stream(struct mesos *mesos, const char *octets, size_t size)
{
	struct recordio reader;

	recordio_init(&reader, 1 << 20);
	while (recordio_take(&reader, &octets, &size) == RECORDIO_RECORD) {
		struct json *event = parse(reader.record);

		assert_non_null(event);
		assert_true(mesos_give(mesos, event, HEARD));
		json_free(event);
	}
	assert_true(recordio_between(&reader));
	recordio_release(&reader);
}

#define DB                                                                     \
	"workload mesos:lab:F-0001/db.1 shop/db.shop kind=App owner=db "       \
	"node=agent-0.lab at 9.0.1.9 ports image=postgres:15 labels=1 "        \
	"08:00:00.250..future\n"

/* What TASK_UPDATED leaves out is what TASK_ADDED said. */
static void
events_of_a_subscription(void **state)
{
	struct text out;
	struct fact_taker taker = {fact_lines_take, &out};
	struct mesos *mesos = mesos_new("lab", &taker);
	size_t size;
	char *octets =
	    read_octets("tests/data/inventory/mesos_subscribe.recordio", &size);

	(void)state;
	text_init(&out, 1 << 16);
	give_stream(mesos, octets, size);
	assert_string_equal(out.at,
	    "node agent-0.lab agent-0.lab at 10.0.0.10 networks\n" DB
	    "node agent-9.lab agent-9.lab at 10.0.0.19 networks\n"
	    "workload mesos:lab:F-0001/cart.1 shop/backend/cart.backend.shop "
	    "kind=App owner=cart node=agent-9.lab at ports 8080/6 image=: "
	    "labels=0 10:00:00.000..future\n"
	    "workload mesos:lab:F-0001/cart.1 shop/backend/cart.backend.shop "
	    "kind=App owner=cart node=agent-9.lab at 9.0.2.4 ports 8080/6 "
	    "image=: labels=0 10:00:00.000..future\n" DB
	    "gone workload mesos:lab:F-0001/cart.1 08:00:20.250\n"
	    "gone node agent-9.lab 10:00:00.000\n");
	free(octets);
	mesos_free(mesos);
	text_release(&out);
}

#define SUBSCRIBED(tasks)                                                      \
	"{\"type\":\"SUBSCRIBED\",\"subscribed\":{\"get_state\":{" tasks       \
	"},\"heartbeat_interval_seconds\":7.5}}"
#define TASK(id)                                                               \
	"{\"name\":\"" id "\",\"task_id\":{\"value\":\"" id                    \
	"\"},\"framework_id\":{\"value\":\"F\"},\"state\":\"TASK_RUNNING\"}"

static void
give_text(struct mesos *mesos, const char *text)
{
	struct json *event = parse(text);

	assert_non_null(event);
	assert_true(mesos_give(mesos, event, HEARD));
	json_free(event);
}

/* After a new connection, what is not in the state is gone. */
static void
states_are_whole(void **state)
{
	struct text out;
	struct fact_taker taker = {fact_lines_take, &out};
	struct mesos *mesos = mesos_new("", &taker);

	(void)state;
	text_init(&out, 1 << 16);
	give_text(mesos, SUBSCRIBED("\"get_tasks\":{\"tasks\":[" TASK(
			     "a") "," TASK("b") "]}"));
	text_clear(&out);
	give_text(
	    mesos, SUBSCRIBED("\"get_tasks\":{\"tasks\":[" TASK("b") "]}"));
	assert_non_null(
	    strstr(out.at, "gone workload mesos::F/a 10:00:00.000\n"));
	assert_null(strstr(out.at, "gone workload mesos::F/b"));
	text_clear(&out);
	/* Half a state says nothing about what it lacks. */
	give_text(mesos, SUBSCRIBED(""));
	give_text(mesos, "{\"type\":\"SUBSCRIBED\"}");
	assert_string_equal(out.at, "");
	give_text(mesos, SUBSCRIBED("\"get_tasks\":{}"));
	assert_string_equal(out.at, "gone workload mesos::F/b 10:00:00.000\n");
	mesos_free(mesos);
	text_release(&out);
}

static void
heartbeats(void **state)
{
	struct json *said = parse(SUBSCRIBED(""));
	struct json *whole =
	    parse("{\"subscribed\":{\"heartbeat_interval_seconds\":15}}");
	struct json *silent = parse("{\"type\":\"SUBSCRIBED\"}");

	(void)state;
	assert_true(mesos_heartbeat(said, 1) == 7.5);
	assert_true(mesos_heartbeat(whole, 1) == 15);
	assert_true(mesos_heartbeat(silent, 1) == 1);
	json_free(said);
	json_free(whole);
	json_free(silent);
}

static void
what_is_none_of_mesos(void **state)
{
	static const char *const texts[] = {"{}", "[]", "7", "\"x\"", "null",
	    "{\"type\":\"ADDED\",\"object\":{}}", "{\"slaves\":[]}",
	    "{\"frameworks\":{},\"slaves\":[]}"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct json *value = parse(texts[i]);

		assert_false(mesos_is(value));
		json_free(value);
	}
}

static bool
take_nothing(const struct fact *fact, void *context)
{
	(void)fact;
	(void)context;
	return true;
}

static void
give_mutant(const char *mutant)
{
	struct fact_taker taker = {take_nothing, NULL};
	struct mesos *mesos = mesos_new("", &taker);
	struct json *value = parse(mutant);

	if (value != NULL) {
		(void)mesos_give(mesos, value, HEARD);
		(void)mesos_give(mesos, value, INSTANT_PAST);
	}
	json_free(value);
	mesos_free(mesos);
}

static void
members_of_any_type(void **state)
{
	size_t size, count = 0;
	char *octets =
	    read_octets("tests/data/inventory/mesos_state.json", &size);
	char *stream =
	    read_octets("tests/data/inventory/mesos_subscribe.recordio", &size);
	const char *at = stream;
	struct recordio reader;

	(void)state;
	count = json_mutants(octets, give_mutant);
	recordio_init(&reader, 1 << 20);
	while (recordio_take(&reader, &at, &size) == RECORDIO_RECORD)
		count += json_mutants(reader.record, give_mutant);
	assert_true(count > 1000);
	recordio_release(&reader);
	free(stream);
	free(octets);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(state_of_a_master),
	    cmocka_unit_test(events_of_a_subscription),
	    cmocka_unit_test(states_are_whole),
	    cmocka_unit_test(heartbeats),
	    cmocka_unit_test(what_is_none_of_mesos),
	    cmocka_unit_test(members_of_any_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
