#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/inventory_record.h"
#include "fact_text.h"
#include "random_fact.h"
#include "sensor/base/json_read.h"

#define ROUNDS 4000

static const char *
told(struct text *out, const struct fact *fact)
{
	text_clear(out);
	tell_fact(out, fact);
	assert_false(out->overflow);
	return out->at;
}

static void
compare(struct arena *arena, const char *line, size_t length,
    const struct fact *expected)
{
	char fault[INVENTORY_RECORD_FAULT_SIZE];
	struct json_fault json_fault;
	struct json *json = json_parse(line, length, &json_fault);
	struct text want, got;
	struct fact fact;

	if (json == NULL)
		print_error("%s: %s\n", json_fault.message, line);
	assert_non_null(json);
	assert_true(inventory_record_is_one(json));
	if (!inventory_record_read(arena, json, &fact, fault))
		print_error("%s: %s\n", fault, line);
	assert_string_equal(fault, "");
	text_init(&want, (size_t)1 << 20);
	text_init(&got, (size_t)1 << 20);
	assert_string_equal(told(&got, &fact), told(&want, expected));
	text_release(&got);
	text_release(&want);
	json_free(json);
}

static void
every_kind_comes_back_from_its_line(void **state)
{
	struct random random = {41};
	struct text line;

	(void)state;
	text_init(&line, INVENTORY_RECORD_MAXIMUM);
	for (size_t i = 0; i < ROUNDS; i++) {
		struct arena *arena = arena_new();
		struct fact fact = random_fact(
		    &random, arena, (enum fact_kind)(i % FACT_KINDS), 100);
		uint64_t cut = 0;

		text_clear(&line);
		assert_true(inventory_record_line(&line, &fact, &cut));
		assert_int_equal(cut, 0);
		assert_null(memchr(line.at, '\n', line.length));
		compare(arena, line.at, line.length, &fact);
		arena_free(arena);
	}
	text_release(&line);
}

static void
join(const struct inventory_record_field *field, void *context)
{
	inventory_record_join(
	    context, field->name, field->value, field->length);
}

static void
every_kind_comes_back_from_its_fields(void **state)
{
	struct random random = {42};
	struct text line;

	(void)state;
	text_init(&line, INVENTORY_RECORD_MAXIMUM);
	for (size_t i = 0; i < ROUNDS; i++) {
		struct arena *arena = arena_new();
		struct fact fact = random_fact(
		    &random, arena, (enum fact_kind)(i % FACT_KINDS), 100);
		struct inventory_record_sink sink = {join, &line};
		uint64_t cut = 0;

		inventory_record_join_open(&line);
		inventory_record_join(&line, "comment", "foreign\"", 8);
		assert_true(inventory_record_fields(&fact, &sink, &cut));
		inventory_record_join_close(&line);
		compare(arena, line.at, line.length, &fact);
		arena_free(arena);
	}
	text_release(&line);
}

/* As operators read it in docs/inventory.md. */
static void
the_line_is_as_documented(void **state)
{
	static const struct address address = {
	    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 7}};
	static const struct label labels[] = {{"app", "shop"}};
	static const struct container_port ports[] = {
	    {8080, 6, "http"}, {53, 17, ""}};
	static const struct probe probes[] = {{8081, "http"}};
	const struct container container = {.name = "web",
	    .image = {.name = "registry.example/shop:1"},
	    .ports = ports,
	    .port_count = 2};
	struct fact fact = {
	    .kind = FACT_WORKLOAD,
	    .cluster = "lab",
	    .id = "static:lab:shop-1",
	    .version = 7,
	    .at = {INT64_C(1795242451) * NS_PER_SECOND},
	    .workload = {.workload = {.orchestrator = "static",
			     .name = "shop-1",
			     .addresses = &address,
			     .address_count = 1,
			     .labels = {labels, 1},
			     .containers = &container,
			     .container_count = 1,
			     .probes = probes,
			     .probe_count = 1,
			     .since = {INT64_C(1795242451) * NS_PER_SECOND +
				       5 * NS_PER_MS},
			     .until = INSTANT_FUTURE}},
	};
	struct text line;
	uint64_t cut = 0;

	(void)state;
	text_init(&line, INVENTORY_RECORD_MAXIMUM);
	assert_true(inventory_record_line(&line, &fact, &cut));
	assert_string_equal(line.at,
	    "{\"v\":1,\"fact\":\"workload\",\"cluster\":\"lab\","
	    "\"id\":\"static:lab:shop-1\",\"orchestrator\":\"static\","
	    "\"name\":\"shop-1\",\"addresses\":[\"10.0.0.7\"],"
	    "\"since\":\"2026-11-21T06:27:31.005000000Z\","
	    "\"labels\":{\"app\":\"shop\"},"
	    "\"containers\":[{\"name\":\"web\","
	    "\"image\":\"registry.example/shop:1\","
	    "\"ports\":[\"8080/tcp/http\",\"53/udp\"]}],"
	    "\"probes\":[\"8081/http\"],\"version\":7,"
	    "\"at\":\"2026-11-21T06:27:31Z\"}");
	text_release(&line);
}

static void
what_is_too_long_is_cut_and_counted(void **state)
{
	struct arena *arena = arena_new();
	size_t count = INVENTORY_LABELS_MAXIMUM + 10;
	struct label *labels = arena_array(arena, count, sizeof(*labels));
	char *large = arena_take(arena, 65536);
	struct fact fact = {.kind = FACT_NAMESPACE, .id = "n"};
	char fault[INVENTORY_RECORD_FAULT_SIZE];
	struct json_fault json_fault;
	struct json *json;
	struct fact back;
	struct text line;
	uint64_t cut = 0;

	(void)state;
	memset(large, 'x', 65535);
	/* The cut lies within this character. */
	memcpy(large + INVENTORY_TEXT_MAXIMUM - 1, "\xc3\xa9", 2);
	for (size_t i = 0; i < count; i++)
		labels[i] = (struct label){arena_format(arena, "k%zu", i), "v"};
	labels[0].value = large;
	labels[1].key = large;
	labels[2].key = "not \"clean\"";
	labels[3].key = "\xff";
	labels[4].key = "k5";
	fact.namespace = (struct namespace){"n", {labels, count}};
	text_init(&line, INVENTORY_RECORD_MAXIMUM);
	assert_true(inventory_record_line(&line, &fact, &cut));
	/* Too many, a long value, a long key, two that are no text, a double */
	assert_int_equal(cut, 6);
	json = json_parse(line.at, line.length, &json_fault);
	assert_true(inventory_record_read(arena, json, &back, fault));
	assert_int_equal(
	    back.namespace.labels.count, INVENTORY_LABELS_MAXIMUM - 4);
	assert_int_equal(strlen(back.namespace.labels.at[0].value),
	    INVENTORY_TEXT_MAXIMUM - 1);
	assert_string_equal(back.namespace.labels.at[1].key, "k5");
	json_free(json);
	text_release(&line);
	arena_free(arena);
}

static void
ids_that_cannot_be_kept_are_refused(void **state)
{
	static const char *const bad[] = {
	    "", "a\"b", "a\\b", "a\nb", "\xff", "\xc3"};
	char large[INVENTORY_RECORD_ID_MAXIMUM + 2];
	struct fact fact = {.kind = FACT_SEEN, .id = ""};

	(void)state;
	assert_true(inventory_record_may_be_written(&fact));
	fact.kind = FACT_OWNER;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fact.id = bad[i];
		assert_false(inventory_record_may_be_written(&fact));
	}
	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	fact.id = large;
	assert_false(inventory_record_may_be_written(&fact));
	fact.id = large + 1;
	assert_true(inventory_record_may_be_written(&fact));
	fact.cluster = "\x01";
	assert_false(inventory_record_may_be_written(&fact));
}

static void
faults_are_said(void **state)
{
	static const struct {
		const char *line, *fault;
	} cases[] = {
	    {"{\"v\":2,\"fact\":\"node\",\"id\":\"a\"}", "\"v\" should be 1"},
	    {"{\"v\":1,\"fact\":\"pod\",\"id\":\"a\"}", "kind \"pod\""},
	    {"{\"v\":1,\"fact\":\"node\",\"name\":\"a\"}", "needs \"id\""},
	    {"{\"v\":1,\"fact\":\"node\",\"id\":\"a\"}", "needs \"name\""},
	    {"{\"v\":1,\"fact\":\"node\",\"id\":\"a\",\"name\":\"a\","
	     "\"addresses\":[\"10.0.0.300\"]}",
		"not \"10.0.0.300\""},
	    {"{\"v\":1,\"fact\":\"node\",\"id\":\"a\",\"name\":7}",
		"\"name\" should be a text"},
	    {"{\"v\":1,\"fact\":\"zone\",\"id\":\"a\",\"name\":\"a\","
	     "\"cidr\":[\"10.0.0.1/8\"]}",
		"not \"10.0.0.1/8\""},
	    {"{\"v\":1,\"fact\":\"zone\",\"id\":\"a\",\"name\":\"a\","
	     "\"labels\":{\"a\":1}}",
		"a label"},
	    {"{\"v\":1,\"fact\":\"workload\",\"id\":\"a\","
	     "\"orchestrator\":\"static\",\"since\":\"today\"}",
		"not \"today\""},
	    {"{\"v\":1,\"fact\":\"workload\",\"id\":\"a\","
	     "\"orchestrator\":\"static\",\"containers\":"
	     "[{\"ports\":[\"66000/tcp\"]}]}",
		"8080/tcp"},
	    {"{\"v\":1,\"fact\":\"workload\",\"id\":\"a\\\"b\","
	     "\"orchestrator\":\"static\"}",
		"\"id\" should have"},
	    {"{\"v\":1,\"fact\":\"node\",\"id\":\"a\",\"version\":-4}",
		"\"version\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *arena = arena_new();
		char fault[INVENTORY_RECORD_FAULT_SIZE];
		struct json_fault json_fault;
		struct fact fact;
		struct json *json = json_parse(
		    cases[i].line, strlen(cases[i].line), &json_fault);

		assert_non_null(json);
		assert_false(inventory_record_read(arena, json, &fact, fault));
		if (strstr(fault, cases[i].fault) == NULL)
			print_error("%s: %s\n", cases[i].line, fault);
		assert_non_null(strstr(fault, cases[i].fault));
		json_free(json);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_comes_back_from_its_line),
	    cmocka_unit_test(every_kind_comes_back_from_its_fields),
	    cmocka_unit_test(the_line_is_as_documented),
	    cmocka_unit_test(what_is_too_long_is_cut_and_counted),
	    cmocka_unit_test(ids_that_cannot_be_kept_are_refused),
	    cmocka_unit_test(faults_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
