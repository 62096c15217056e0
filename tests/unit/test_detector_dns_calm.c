/*
 * DNS that looks like an attack and is none: names of one template, instances
 * of services, the search list, resolvers that validate.  Each beside what
 * differs in one thing and is one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/detectors/detectors_table.h"
#include "dns_talk.h"

#define TUNNEL        2050
#define GUESSES       2055
#define AMPLIFICATION 2058

/* So many letters and digits that are no word. */
static const char *
code(char *out, int size, int number)
{
	uint64_t state = memory_mix((uint64_t)number);

	for (int i = 0; i < size; i++) {
		out[i] = "bcdfghjkmnpqrstvwxz23456789"[state % 27];
		state = memory_mix(state);
	}
	out[size] = '\0';
	return out;
}

/* Asks for that many names with a code of a size between two texts. */
static size_t
names(const char *before, int size, const char *after, int count)
{
	struct stage *stage = stage_new(&detector_dns_tunnel);
	struct talk talk = talk_of(stage, "shop/one", "203.0.113.53");
	char text[64], name[256];
	size_t found;

	for (int i = 0; i < count; i++) {
		stage_at(stage, 1 + i * 5);
		snprintf(name, sizeof(name), "%s%s%s", before,
		    code(text, size, i), after);
		ask(&talk, name, DNS_TYPE_A);
	}
	found = stage_findings(stage, TUNNEL);
	stage_free(stage);
	return found;
}

static void
what_names_have_in_common_is_no_data(void **state)
{
	(void)state;
	assert_int_equal(names("rr3---sn-", 8, ".video.example.com", 100), 0);
	assert_int_equal(names("", 24, ".example.com", 100), 1);
	assert_int_equal(names("rr3---sn-", 24, ".video.example.com", 100), 1);
}

static void
instances_of_services_are_words(void **state)
{
	(void)state;
	assert_int_equal(
	    names("[1st fl] ", 20, " (b/w)._ipp._tcp.example.com", 60), 0);
	assert_int_equal(names("[1st fl] ", 20, " (b/w).example.com", 60), 1);
}

/* Each name, missed with each ending of a search list or with one alone. */
static size_t
searches(const char *ending, bool own)
{
	struct stage *stage = stage_new(&detector_dns_names);
	struct talk talk = talk_of(stage, "shop/one", "shop/dns");
	char text[64], name[256];
	size_t found;

	for (int i = 0; i < 150; i++) {
		stage_at(stage, 1 + i);
		code(text, 9, i);
		snprintf(name, sizeof(name), "%s.%s.shop.svc.cluster.local",
		    text, ending);
		if (own)
			answer(&talk, name, DNS_TYPE_A, 3, 0);
		snprintf(name, sizeof(name), "%s.%s.svc.cluster.local", text,
		    ending);
		answer(&talk, name, DNS_TYPE_A, 3, 0);
	}
	found = stage_findings(stage, GUESSES);
	stage_free(stage);
	return found;
}

static void
a_search_for_the_internets_names_is_no_guess(void **state)
{
	(void)state;
	assert_int_equal(searches("com", true), 0);
	assert_int_equal(searches("com", false), 1);
	assert_int_equal(searches("backend", true), 1);
}

/* Large answers, to so many names in turn. */
static size_t
answers(int different)
{
	struct stage *stage = stage_new(&detector_dns_load);
	struct talk talk = talk_of(stage, "shop/one", "203.0.113.53");
	char text[64], name[256];
	size_t found;

	for (int i = 0; i < 400; i++) {
		stage_at(stage, 1 + i * 0.1);
		snprintf(name, sizeof(name), "%s.com",
		    code(text, 12, i % different));
		ask(&talk, name, DNS_TYPE_A);
		answer(&talk, name, DNS_TYPE_A, 0, 1100);
	}
	found = stage_findings(stage, AMPLIFICATION);
	stage_free(stage);
	return found;
}

static void
large_answers_of_ever_other_names_are_a_resolvers(void **state)
{
	(void)state;
	assert_int_equal(answers(400), 0);
	assert_int_equal(answers(10), 1);
	assert_int_equal(answers(1), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_names_have_in_common_is_no_data),
	    cmocka_unit_test(instances_of_services_are_words),
	    cmocka_unit_test(a_search_for_the_internets_names_is_no_guess),
	    cmocka_unit_test(large_answers_of_ever_other_names_are_a_resolvers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
