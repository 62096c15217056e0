/* Names that an algorithm made of words, or seldom; and who asks for as many
 * that do not exist for reasons of his own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/detectors_table.h"
#include "tests/unit/dns_talk.h"

#define GENERATED 2053
#define MISSING   2054

static const char *const words[] = {"river", "table", "green", "paper",
    "window", "summer", "market", "silver", "garden", "letter", "bridge",
    "orange", "winter", "forest", "castle", "mirror"};

/* Two words, another pair for each number below 256. */
static const char *
domain(int number, const char *before, const char *after)
{
	static char name[96];

	snprintf(name, sizeof(name), "%s%s%s%s", before, words[number % 16],
	    words[number / 16 % 16], after);
	return name;
}

static void
exists(struct talk *talk, const char *name)
{
	ask(talk, name, DNS_TYPE_A);
	answer(talk, name, DNS_TYPE_A, 0, 4);
}

static void
test_names_made_of_words(void **state)
{
	struct stage *stage = stage_new(&detector_dns_names);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");

	(void)state;
	for (int i = 0; i < 250; i++) {
		stage_at(stage, i);
		miss(&talk, domain(i, "", ".net"));
		/* What it is there for goes on. */
		exists(&talk, "api.stripe.com");
		exists(&talk, "db.shop.svc.cluster.local");
		if (i == 50)
			assert_int_equal(stage_findings(stage, 0), 0);
	}
	/* One finding, though there are more than `domains` as well. */
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_in_range(stage_found(stage, GENERATED)->confidence, 60, 70);
	stage_free(stage);
}

/* Crawlers, mail servers, hosts of domains, and one program's numbers. */
static void
test_names_that_others_miss(void **state)
{
	struct stage *stage = stage_new(&detector_dns_names);
	struct talk crawler = talk_of(stage, "web/crawler", "kube/dns");
	struct talk mail = talk_of(stage, "mail/postfix", "kube/dns");
	struct talk hosts = talk_of(stage, "shop/ads", "kube/dns");
	struct talk numbered = talk_of(stage, "shop/number", "kube/dns");
	char name[64];

	(void)state;
	for (int i = 0; i < 180; i++) {
		stage_at(stage, i);
		/* A third of what it looks for is gone. */
		miss(&crawler, domain(i, "", ".com"));
		exists(&crawler, domain(i, "", ".org"));
		exists(&crawler, domain(i, "www.", ".net"));
		ask(&mail, domain(i, "", ".com"), DNS_TYPE_MX);
		answer(&mail, domain(i, "", ".com"), DNS_TYPE_MX,
		    DNS_CODE_NXDOMAIN, 0);
		miss(&hosts, domain(i, "ads.", ".com"));
		snprintf(name, sizeof(name), "shard%d.example", i);
		miss(&numbered, name);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* A pod after a restart of DNS: each name with each ending of its list, with
 * ndots:5, and a search domain of the node's own. */
static void
test_search_lists_are_silent(void **state)
{
	static const char *const endings[] = {".shop.svc.cluster.local",
	    ".svc.cluster.local", ".cluster.local", ".corp.example"};
	struct stage *stage = stage_new(&detector_dns_names);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");

	(void)state;
	for (int i = 0; i < 200; i++)
		for (size_t s = 0; s < 4; s++) {
			char name[160];

			stage_at(stage, i);
			snprintf(name, sizeof(name), "%s%s",
			    domain(i, "www.", ".com"), endings[s]);
			miss(&talk, name);
		}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
strange(char name[64], uint64_t *seed)
{
	size_t size = 0;

	for (; size < 12; size++)
		name[size] = (char)('a' + draw(seed) % 26);
	snprintf(name + size, 64 - size, ".com");
}

/* One every ten minutes: never 20 within 10 minutes. */
static void
test_a_slow_algorithm(void **state)
{
	struct stage *stage = stage_new(&detector_dns_names);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");
	uint64_t seed = 21;
	char name[64];

	(void)state;
	for (int i = 0; i < 100; i++) {
		stage_at(stage, i * 600.0);
		strange(name, &seed);
		miss(&talk, name);
		exists(&talk, "api.stripe.com");
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_non_null(
	    strstr(stage_found(stage, GENERATED)->sentence, "within a day"));
	stage_free(stage);
}

/* Two a day in a thousand that exist: a proxy's visitors mistype. */
static void
test_a_proxy_misses_some(void **state)
{
	struct stage *stage = stage_new(&detector_dns_names);
	struct talk talk = talk_of(stage, "web/proxy", "kube/dns");
	uint64_t seed = 21;
	char name[64];

	(void)state;
	for (int i = 0; i < 400; i++) {
		stage_at(stage, i * 200.0);
		strange(name, &seed);
		miss(&talk, name);
		for (int k = 0; k < 5; k++) {
			strange(name, &seed);
			exists(&talk, name);
		}
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names_made_of_words),
	    cmocka_unit_test(test_names_that_others_miss),
	    cmocka_unit_test(test_search_lists_are_silent),
	    cmocka_unit_test(test_a_slow_algorithm),
	    cmocka_unit_test(test_a_proxy_misses_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
