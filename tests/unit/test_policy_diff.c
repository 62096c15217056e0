/*
 * What two policies state differently, from lines as policy_print() writes
 * them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/policy_diff.h"
#include "sensor/base/text.h"

static void
note(bool added, const char *line, void *context)
{
	text_format(context, "%c%s\n", added ? '+' : '-', line);
}

static void
check(bool json, const char *const *old, const char *const *new, size_t added,
    size_t removed, const char *expected)
{
	struct policy_lines *a = policy_lines_new(json);
	struct policy_lines *b = policy_lines_new(json);
	struct policy_changes changes;
	struct text out;

	text_init(&out, 4096);
	for (; *old != NULL; old++)
		policy_lines_add(a, *old);
	for (; *new != NULL; new ++)
		policy_lines_add(b, *new);
	changes = policy_diff(a, b, note, &out);
	assert_int_equal(changes.added, added);
	assert_int_equal(changes.removed, removed);
	assert_string_equal(out.at, expected);
	text_release(&out);
	policy_lines_free(a);
	policy_lines_free(b);
}

static void
says_what_came_and_went(void **state)
{
	const char *old[] = {"allow  a -> b  http  tcp/80  # m (f:1)",
	    "allow  a -> d  http  tcp/80  # m (f:2)", NULL};
	const char *new[] = {"allow  a -> b  http  tcp/80  # m (f:1)",
	    "allow  a -> c  http  tcp/80  # m (f:3)", NULL};

	(void)state;
	check(false, old, new, 1, 1,
	    "+allow  a -> c  http  tcp/80  # m (f:3)\n"
	    "-allow  a -> d  http  tcp/80  # m (f:2)\n");
}

/* Nor does the order, nor in how many places it is stated. */
static void
place_makes_no_difference(void **state)
{
	const char *old[] = {"allow  a -> b  http  tcp/80  # m (f:1)",
	    "allow  x -> y  any  any  # m (f:9)", NULL};
	const char *new[] = {"allow  x -> y  any  any  # n (g:9)",
	    "allow  a -> b  http  tcp/80  # m (f:7)",
	    "allow  a -> b  http  tcp/80  # other (f:70)", NULL};

	(void)state;
	check(false, old, new, 0, 0, "");
}

/* A statement that begins as another does is still another. */
static void
one_is_not_the_others_beginning(void **state)
{
	const char *old[] = {"allow  a -> b  http  tcp/80  # m (f:1)", NULL};
	const char *new[] = {"allow  a -> b  http  tcp/8080  # m (f:1)", NULL};

	(void)state;
	check(false, old, new, 1, 1,
	    "-allow  a -> b  http  tcp/80  # m (f:1)\n"
	    "+allow  a -> b  http  tcp/8080  # m (f:1)\n");
}

/* A peer's quoted text may hold what stands before a place. */
static void
marks_inside_of_texts(void **state)
{
	const char *old[] = {
	    "deny   {labels: {a: \"x  # y\"}} -> segment/s  any  any  # f:1",
	    NULL};
	const char *new[] = {
	    "deny   {labels: {a: \"x  # z\"}} -> segment/s  any  any  # f:1",
	    NULL};
	const char *quoted[] = {
	    "{\"client\":\"a,\\\"because\\\":\\\"b\",\"because\":\"f:1\"}",
	    NULL};
	const char *moved[] = {
	    "{\"client\":\"a,\\\"because\\\":\\\"b\",\"because\":\"f:2\"}",
	    NULL};
	const char *other[] = {
	    "{\"client\":\"a,\\\"because\\\":\\\"c\",\"because\":\"f:1\"}",
	    NULL};
	const char *none[] = {NULL};
	const char **lists[] = {quoted, none};

	(void)state;
	check(false, old, new, 1, 1,
	    "-deny   {labels: {a: \"x  # y\"}} -> segment/s  any  any  # f:1\n"
	    "+deny   {labels: {a: \"x  # z\"}} -> segment/s  any  any  # "
	    "f:1\n");
	check(true, lists[0], moved, 0, 0, "");
	check(true, lists[1], lists[1], 0, 0, "");
	check(true, none, other, 1, 0,
	    "+{\"client\":\"a,\\\"because\\\":\\\"c\",\"because\":\"f:1\"}\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_came_and_went),
	    cmocka_unit_test(place_makes_no_difference),
	    cmocka_unit_test(one_is_not_the_others_beginning),
	    cmocka_unit_test(marks_inside_of_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
