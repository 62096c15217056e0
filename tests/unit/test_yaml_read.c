#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/base/yaml_read.h"

struct result {
	struct arena *arena;
	struct report *report;
	struct yaml_node **documents;
	size_t count;
	char printed[1024];
};

/* Reads an exact-size copy, and keeps what the report says. */
static void
read_n(struct result *result, const char *octets, size_t size)
{
	char *copy = allocate(size, 1);
	FILE *out;

	memcpy(copy, octets, size);
	*result = (struct result){
	    .arena = arena_new(),
	    .report = report_new(),
	};
	result->count = yaml_read(result->arena, "m.yaml", copy, size,
	    result->report, &result->documents);
	free(copy);
	out = fmemopen(result->printed, sizeof(result->printed), "w");
	assert_non_null(out);
	report_print(result->report, out);
	assert_int_equal(fclose(out), 0);
}

static void
read_text(struct result *result, const char *text)
{
	read_n(result, text, strlen(text));
}

static void
release(struct result *result)
{
	arena_free(result->arena);
	report_free(result->report);
}

/* The first fault is at a place, and says a word. */
static void
refused_n(const char *octets, size_t size, const char *place, const char *word)
{
	struct result result;
	char start[64];

	(void)snprintf(start, sizeof(start), "m.yaml:%s: error: ", place);
	read_n(&result, octets, size);
	assert_int_equal(result.count, 0);
	assert_int_equal(report_errors(result.report), 1);
	if (strncmp(result.printed, start, strlen(start)) != 0 ||
	    strstr(result.printed, word) == NULL)
		fail_msg("at %s, %s: %s", place, word, result.printed);
	release(&result);
}

static void
refused(const char *text, const char *place, const char *word)
{
	refused_n(text, strlen(text), place, word);
}

static void
is_scalar(const struct yaml_node *node, const char *text, bool plain,
    uint32_t line, uint32_t column)
{
	assert_non_null(node);
	assert_int_equal(node->kind, YAML_SCALAR);
	assert_string_equal(node->scalar, text);
	assert_int_equal(node->plain, plain);
	assert_int_equal(node->line, line);
	assert_int_equal(node->column, column);
}

static void
reads_a_tree_with_places(void **state)
{
	struct result r;
	const struct yaml_node *root, *ports;

	(void)state;
	read_text(&r, "# a comment\n"
		      "name: web\n"
		      "ports:\n"
		      "  - 80\n"
		      "  - \"443\"\n"
		      "nested: {a: 'é', b: é, c: [x, []]}\n"
		      "nothing:\n");
	assert_string_equal(r.printed, "");
	assert_int_equal(r.count, 1);
	root = r.documents[0];
	assert_int_equal(root->kind, YAML_MAPPING);
	assert_int_equal(root->count, 4);
	assert_int_equal(root->line, 2);
	is_scalar(root->keys[1], "ports", true, 3, 1);
	is_scalar(yaml_get(root, "name"), "web", true, 2, 7);
	ports = yaml_get(root, "ports");
	assert_int_equal(ports->kind, YAML_SEQUENCE);
	assert_int_equal(ports->count, 2);
	is_scalar(ports->values[0], "80", true, 4, 5);
	is_scalar(ports->values[1], "443", false, 5, 5);
	is_scalar(yaml_get(yaml_get(root, "nested"), "a"), "é", false, 6, 13);
	is_scalar(yaml_get(yaml_get(root, "nested"), "b"), "é", true, 6, 21);
	assert_int_equal(yaml_get(yaml_get(root, "nested"), "c")->count, 2);
	is_scalar(yaml_get(root, "nothing"), "", true, 7, 9);
	assert_null(yaml_get(root, "absent"));
	assert_null(yaml_get(ports, "name"));
	assert_null(yaml_get(NULL, "name"));
	release(&r);
}

static void
reads_every_document(void **state)
{
	struct result r;

	(void)state;
	read_text(&r, "---\na: 1\n---\n---\n# nothing\n---\n- b\n...\n");
	assert_string_equal(r.printed, "");
	assert_int_equal(r.count, 2);
	assert_int_equal(r.documents[0]->kind, YAML_MAPPING);
	assert_int_equal(r.documents[1]->kind, YAML_SEQUENCE);
	assert_int_equal(r.documents[1]->line, 7);
	release(&r);
	read_text(&r, "");
	assert_int_equal(r.count, 0);
	assert_int_equal(report_errors(r.report), 0);
	release(&r);
	read_text(&r, "# only a comment\n");
	assert_int_equal(r.count, 0);
	assert_int_equal(report_errors(r.report), 0);
	release(&r);
	/* Quotes make an empty text a value. */
	read_text(&r, "''\n");
	assert_int_equal(r.count, 1);
	release(&r);
}

static void
keeps_the_documents_before_a_fault(void **state)
{
	struct result r;

	(void)state;
	read_text(&r, "a: 1\n---\nb: *x\n---\nc: 1\n");
	assert_int_equal(r.count, 1);
	is_scalar(yaml_get(r.documents[0], "a"), "1", true, 1, 4);
	assert_int_equal(report_errors(r.report), 1);
	assert_non_null(strstr(r.printed, "m.yaml:3:4: error: aliases"));
	release(&r);
}

static void
refuses_what_is_left_out_on_purpose(void **state)
{
	(void)state;
	refused("a: &x 1\n", "1:4", "anchor");
	refused("a:\n  - &x [1]\n", "2:5", "anchor");
	refused("&x a: 1\n", "1:1", "anchor");
	refused("a: &x {b: 1}\n", "1:4", "anchor");
	refused("a: 1\nb: *x\n", "2:4", "alias");
	refused("*x : 1\n", "1:1", "alias");
	refused("a: !!str 1\n", "1:4", "tag");
	refused("a: !mine {b: 1}\n", "1:4", "tag");
	refused("- ! x\n", "1:3", "tag");
	refused("!!seq [1]\n", "1:1", "tag");
	refused("a: 1\nb: 2\na: 3\n", "3:1",
	    "duplicate key 'a', first used in "
	    "line 1");
	refused("x:\n  - {p: 1, q: 2, p: 3}\n", "2:18", "duplicate key 'p'");
	refused("a: 1\n\"a\": 2\n", "2:1", "duplicate key 'a'");
	refused("? [a]\n: 1\n", "1:3", "key must be");
	refused("{{a: 1}: 2}\n", "1:2", "key must be");
	refused("a: \"x\\0y\"\n", "1:4", "NUL");
	refused("\"\\0\": 1\n", "1:1", "NUL");
}

static void
refuses_what_is_not_yaml(void **state)
{
	(void)state;
	refused("a: b: c\n", "1:5", "not valid YAML");
	refused("a:\n\t- 1\n", "2:1", "not valid YAML");
	refused("a: [1,\n", "2:1", "not valid YAML");
	refused("a: 'x\n", "2:1", "not valid YAML");
	refused("a: 1\n  b: 2\n", "2:4", "not valid YAML");
	refused("}\n", "1:1", "not valid YAML");
	refused("a: 1\nbé: \xff\n", "2:5", "not valid YAML");
	refused("a: \x01\n", "1:4", "not valid YAML");
	refused("a: \xed\xa0\x80\n", "1:4", "not valid YAML");
	refused_n("a: \0\n", 5, "1:4", "not valid YAML");
	refused_n("\xff\xfe\x61\x00", 4, "1:1", "not valid YAML");
}

static void
limits_nesting(void **state)
{
	char text[80];
	struct result r;

	(void)state;
	memset(text, '[', 33);
	memset(text + 32, ']', 32);
	read_n(&r, text, 64);
	assert_string_equal(r.printed, "");
	assert_int_equal(r.count, 1);
	release(&r);
	memset(text, '[', 33);
	memset(text + 33, ']', 33);
	refused_n(text, 66, "1:33", "deeper than 32");
	/* Compact block sequences nest without a bracket. */
	for (size_t i = 0; i < 33; i++)
		memcpy(text + 2 * i, "- ", 2);
	refused_n(text, 66, "1:65", "deeper than 32");
}

static void
limits_size(void **state)
{
	char *text = allocate(YAML_MAXIMUM_SIZE + 1, 1);
	struct result r;

	(void)state;
	memset(text, '#', YAML_MAXIMUM_SIZE + 1);
	read_n(&r, text, YAML_MAXIMUM_SIZE + 1);
	assert_int_equal(r.count, 0);
	assert_string_equal(
	    r.printed, "m.yaml: error: larger than 16777216 octets\n");
	release(&r);
	free(text);
}

/* Many keys must not take quadratic time: this is seconds if they do. */
static void
finds_a_duplicate_among_many(void **state)
{
	struct text text;
	struct result r;

	(void)state;
	text_init(&text, 4000000);
	for (int i = 0; i < 60000; i++)
		text_format(&text, "k%d: 1\n", i * 7919 % 60000);
	text_add(&text, "k31415: 2\n");
	assert_false(text.overflow);
	read_n(&r, text.at, text.length);
	assert_int_equal(r.count, 0);
	assert_non_null(
	    strstr(r.printed, "m.yaml:60001:1: error: duplicate key"));
	release(&r);
	text_release(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_a_tree_with_places),
	    cmocka_unit_test(reads_every_document),
	    cmocka_unit_test(keeps_the_documents_before_a_fault),
	    cmocka_unit_test(refuses_what_is_left_out_on_purpose),
	    cmocka_unit_test(refuses_what_is_not_yaml),
	    cmocka_unit_test(limits_nesting),
	    cmocka_unit_test(limits_size),
	    cmocka_unit_test(finds_a_duplicate_among_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
