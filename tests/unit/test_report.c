#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sensor/base/report.h"

static char *
printed(const struct report *report)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	report_print(report, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
prints_in_order_with_places(void **state)
{
	struct report *report = report_new();
	char file[] = "web.yaml";
	char *text;

	(void)state;
	report_error(
	    report, (struct place){file, 3, 7}, "unknown key '%s'", "prots");
	report_warning(report, (struct place){file, 4, 0}, "never matches");
	report_error(report, (struct place){file, 0, 0}, "is empty");
	report_error(report, (struct place){NULL, 0, 0}, "no models");
	/* A report outlives the reader that named the file. */
	file[0] = 'X';
	assert_int_equal(report_errors(report), 3);
	assert_int_equal(report_warnings(report), 1);
	text = printed(report);
	assert_string_equal(text, "web.yaml:3:7: error: unknown key 'prots'\n"
				  "web.yaml:4: warning: never matches\n"
				  "web.yaml: error: is empty\n"
				  "error: no models\n");
	free(text);
	report_free(report);
	report_free(NULL);
}

static void
counts_what_it_leaves_out(void **state)
{
	struct report *report = report_new();
	struct place place = {"f", 1, 1};
	size_t lines = 0;
	char *text;

	(void)state;
	text = printed(report);
	assert_string_equal(text, "");
	free(text);
	for (int i = 0; i < REPORT_MAXIMUM + 3; i++)
		report_error(report, place, "%d", i);
	report_warning(report, place, "x");
	assert_int_equal(report_errors(report), REPORT_MAXIMUM + 3);
	assert_int_equal(report_warnings(report), 1);
	text = printed(report);
	for (const char *c = text; *c != '\0'; c++)
		lines += *c == '\n';
	assert_int_equal(lines, REPORT_MAXIMUM + 1);
	assert_non_null(strstr(text, "3 more errors, 1 more warnings\n"));
	free(text);
	report_free(report);
}

static void
gives_no_orders_to_a_terminal(void **state)
{
	struct report *report = report_new();
	char long_word[2000];
	char *text;

	(void)state;
	memset(long_word, 'w', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	report_error(report, (struct place){"f", 1, 1}, "'%s'",
	    "\x1b[2J\nf:1: error: forged\x7f");
	report_error(report, (struct place){"f", 2, 1}, "%s", long_word);
	text = printed(report);
	assert_int_equal(
	    strncmp(text, "f:1:1: error: '?[2J?f:1: error: forged?'\nf:2:", 45),
	    0);
	assert_in_range(strlen(text), 100, 700);
	free(text);
	report_free(report);
}

static void
finds_the_nearest_word(void **state)
{
	static const char *const words[] = {
	    "listen", "ports", "protocol", "peers", "to", "from", NULL};
	static const char *const none[] = {NULL};

	(void)state;
	assert_string_equal(nearest_word("ports", words), "ports");
	assert_string_equal(nearest_word("prots", words), "ports");
	assert_string_equal(nearest_word("port", words), "ports");
	assert_string_equal(nearest_word("protocl", words), "protocol");
	assert_string_equal(nearest_word("protokoll", words), "protocol");
	assert_string_equal(nearest_word("form", words), "from");
	assert_string_equal(nearest_word("too", words), "to");
	assert_string_equal(nearest_word("ot", words), "to");
	assert_string_equal(nearest_word("prot", words), "protocol");
	assert_string_equal(nearest_word("proto", words), "protocol");
	assert_null(nearest_word("pro.", words));
	assert_null(nearest_word("ports", none));
	/* Two steps are more than a third of five letters. */
	assert_null(nearest_word("xorty", words));
	assert_null(nearest_word("", words));
	assert_null(nearest_word("namespace", words));
}

static void
bounds_the_words(void **state)
{
	char long_word[200];
	const char *words[] = {long_word, "ports", NULL};

	(void)state;
	memset(long_word, 'p', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	assert_null(nearest_word(long_word, words));
	assert_string_equal(nearest_word("prots", words), "ports");
	long_word[64] = '\0';
	assert_ptr_equal(nearest_word(long_word, words), long_word);
}

/* The recursive definition of the distance is the oracle. */
static size_t
distance(const char *a, size_t i, const char *b, size_t j)
{
	size_t best, other;

	if (i == 0 || j == 0)
		return i + j;
	best = distance(a, i - 1, b, j - 1) + (a[i - 1] != b[j - 1]);
	other = distance(a, i - 1, b, j) + 1;
	best = other < best ? other : best;
	other = distance(a, i, b, j - 1) + 1;
	best = other < best ? other : best;
	if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
		other = distance(a, i - 2, b, j - 2) + 1;
		best = other < best ? other : best;
	}
	return best;
}

static void
random_word(char word[8])
{
	size_t length = (size_t)random() % 7;

	for (size_t i = 0; i < length; i++)
		word[i] = (char)('a' + random() % 3);
	word[length] = '\0';
}

static void
agrees_with_the_definition(void **state)
{
	unsigned near = 0;

	(void)state;
	srandom(5);
	for (unsigned i = 0; i < 5000; i++) {
		char word[8], candidate[8];
		const char *words[] = {candidate, NULL};
		size_t limit;

		random_word(word);
		random_word(candidate);
		limit = strlen(word) / 3;
		limit = limit == 0 ? 1 : limit;
		if (distance(word, strlen(word), candidate,
			strlen(candidate)) <= limit) {
			assert_ptr_equal(nearest_word(word, words), candidate);
			near++;
		} else if (strlen(word) >= 3 &&
			   strncmp(candidate, word, strlen(word)) == 0) {
			assert_ptr_equal(nearest_word(word, words), candidate);
		} else {
			assert_null(nearest_word(word, words));
		}
	}
	assert_in_range(near, 100, 4900);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(prints_in_order_with_places),
	    cmocka_unit_test(counts_what_it_leaves_out),
	    cmocka_unit_test(gives_no_orders_to_a_terminal),
	    cmocka_unit_test(finds_the_nearest_word),
	    cmocka_unit_test(bounds_the_words),
	    cmocka_unit_test(agrees_with_the_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
