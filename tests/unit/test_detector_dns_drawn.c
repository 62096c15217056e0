/* Orders that come as addresses: names that are drawn, new each time, in a
 * beat; and what asks for drawn names otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "classifiers/detectors/detectors_table.h"
#include "tests/unit/dns_talk.h"

static void
encoded(uint64_t *seed, char *out, size_t size)
{
	static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";

	for (size_t i = 0; i < size; i++)
		out[i] = base32[draw(seed) % 32];
	out[size] = '\0';
}

/*
 * Questions for addresses of ever new names, or of `names` that come again;
 * `size` letters of chance before `middle` and the domain.
 */
static size_t
drawn_beats(size_t size, const char *middle, int names, double jitter)
{
	struct stage *stage = stage_new(&detector_dns_beacon);
	uint64_t seed = 77;
	double at = 0;
	size_t found;

	for (int i = 0; i < 60; i++) {
		struct talk talk =
		    talk_of(stage, "shop/carts", "kube-system/dns");
		uint64_t name_seed = 1000 + (uint64_t)(i % names) * 7919;
		char code[64], name[128];

		stage_at(stage, at);
		encoded(&name_seed, code, size);
		snprintf(name, sizeof(name), "%s%s.example.com", code, middle);
		ask(&talk, name, DNS_TYPE_A);
		ask(&talk, name, DNS_TYPE_AAAA);
		stage_over(stage, &talk.flow);
		at += 60 *
		      (1 + jitter * ((double)(draw(&seed) % 1000) / 500 - 1));
	}
	found = stage_findings(stage, 0);
	assert_int_equal(stage_findings(stage, 2033), found);
	stage_free(stage);
	return found;
}

static void
test_orders_as_addresses_are_found(void **state)
{
	(void)state;
	assert_int_equal(drawn_beats(8, "", 1000, 0.1), 1);
	assert_int_equal(drawn_beats(10, ".api", 1000, 0.3), 1);
	/* Names that come again, events at random, words, and what is long
	 * enough for dns-tunnel to judge. */
	assert_int_equal(drawn_beats(8, "", 10, 0.1), 0);
	assert_int_equal(drawn_beats(8, "", 1000, 0.95), 0);
	assert_int_equal(drawn_beats(4, "-frontend", 1000, 0.1), 0);
	assert_int_equal(drawn_beats(30, "", 1000, 0.1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_orders_as_addresses_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
