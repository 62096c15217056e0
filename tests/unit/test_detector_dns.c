#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/dns/dns_query.h"
#include "classifiers/detectors/dns/public_suffix.h"
#include "classifiers/detectors/measures/bitmap.h"
#include "classifiers/detectors/measures/letters.h"
#include "detector_stage.h"
#include "tests/unit/dns_talk.h"

static void
make_dns_image(struct stage *stage, const char *server)
{
	static struct container container = {.name = "dns",
	    .image = {.name = "coredns:1.11",
		.registry = "",
		.repository = "",
		.base = "coredns",
		.tag = "",
		.digest = ""}};
	struct stage_end *end = stage_end_of(stage, server);

	end->workload.containers = &container;
	end->workload.container_count = 1;
}

static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";

static void
encoded(uint64_t *seed, char *out, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = base32[draw(seed) % 32];
	out[size] = '\0';
}

/* --- beats --------------------------------------------------------------- */

/* Questions of one type for `names` names below a domain, `interval` apart. */
static size_t
beats(const char *client, const char *names, uint16_t type, double interval,
    double jitter)
{
	struct stage *stage = stage_new(&detector_dns_beacon);
	uint64_t seed = 5;
	double at = 0;
	size_t found;

	for (int i = 0; i < 60; i++) {
		struct talk talk = talk_of(stage, client, "kube-system/dns");
		char name[128];

		stage_at(stage, at);
		snprintf(name, sizeof(name), "%c%s",
		    *names == '=' ? 'a' : 'a' + i % 7, names + (*names == '='));
		ask(&talk, name, type);
		stage_over(stage, &talk.flow);
		at += interval *
		      (1 + jitter * ((double)(draw(&seed) % 1000) / 500 - 1));
	}
	found = stage_findings(stage, 0);
	assert_int_equal(stage_findings(stage, 2033), found);
	stage_free(stage);
	return found;
}

static void
test_orders_by_dns_are_found(void **state)
{
	(void)state;
	assert_int_equal(
	    beats("shop/carts", ".cmd.evil.example.com", DNS_TYPE_TXT, 30, 0),
	    1);
	assert_int_equal(
	    beats("shop/carts", ".cmd.example.com", DNS_TYPE_NULL, 10, 0.4), 1);
	assert_int_equal(
	    beats("shop/carts", ".x.example.com", DNS_TYPE_CNAME, 300, 0.2), 1);
}

static void
test_names_that_are_asked_for_again_are_none(void **state)
{
	(void)state;
	assert_int_equal(
	    beats("shop/carts", ".example.com", DNS_TYPE_A, 5, 0), 0);
	assert_int_equal(
	    beats("shop/carts", "._dmarc.example.com", DNS_TYPE_TXT, 5, 0), 0);
	assert_int_equal(
	    beats("shop/carts", ".shop.svc.cluster.local", DNS_TYPE_TXT, 5, 0),
	    0);
	assert_int_equal(
	    beats("shop/carts", ".example.com", DNS_TYPE_TXT, 7200, 0), 0);
	assert_int_equal(
	    beats("shop/carts", ".example.com", DNS_TYPE_TXT, 30, 0.95), 0);
	assert_int_equal(
	    beats("shop/carts", "=.example.com", DNS_TYPE_TXT, 30, 0), 0);
	assert_int_equal(
	    beats("203.0.113.9", ".example.com", DNS_TYPE_TXT, 30, 0), 0);
}

/* --- parts ---------------------------------------------------------------- */

static void
test_names_are_read(void **state)
{
	struct made made =
	    made_dns("WWW.Example.com", DNS_TYPE_TXT, true, 0, 200);
	struct dns_query query;

	(void)state;
	assert_true(dns_query_read(made.octets, made.size, &query));
	assert_string_equal(query.name, "www.example.com");
	assert_int_equal(query.type, DNS_TYPE_TXT);
	assert_int_equal(query.carried_octets, 200);
	assert_int_equal(query.fault, DNS_SOUND);
	assert_int_equal(public_suffix_domain("a.b.example.co.uk"), 4);
	assert_int_equal(public_suffix_domain("example.com"), 0);
	assert_int_equal(public_suffix_domain("x.evil.test"), 2);
	/* Each beginning is cut, none is read too far. */
	for (size_t size = 0; size < made.size; size++) {
		uint8_t *exact = malloc(size + !size);

		assert_non_null(exact);
		memcpy(exact, made.octets, size);
		dns_query_read(exact, size, &query);
		free(exact);
	}
}

static void
test_loops_are_faults(void **state)
{
	uint8_t self[] = {
	    0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1};
	uint8_t forward[] = {0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0xc0,
	    16, 0, 0, 1, 0, 1};
	struct dns_query query;

	(void)state;
	assert_false(dns_query_read(self, sizeof(self), &query));
	assert_int_equal(query.fault, DNS_LOOP);
	assert_false(dns_query_read(forward, sizeof(forward), &query));
	assert_int_equal(query.fault, DNS_LOOP);
}

static void
test_words_are_told_from_codes(void **state)
{
	static const char *const words[] = {"payments-service-canary",
	    "ip-10-0-1-23.eu-west-1.compute", "googleusercontent",
	    "mongodb-shard-00-02.prod", "prometheus-operator",
	    "storage-eu-central", "kubernetes-dashboard-metrics"};
	uint64_t seed = 7;
	char code[64];

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_true(letters_familiarity((const uint8_t *)words[i],
				strlen(words[i])) > 0);
	for (int i = 0; i < 1000; i++) {
		encoded(&seed, code, 40);
		assert_true(
		    letters_familiarity((const uint8_t *)code, 40) < -40);
	}
	assert_int_equal(letters_entropy((const uint8_t *)"abcd", 4), 2000);
	assert_int_equal(letters_entropy((const uint8_t *)"aaaa", 4), 0);
}

static void
test_bitmap_counts(void **state)
{
	struct bitmap bitmap = {0};
	uint64_t seed = 3;

	(void)state;
	for (uint32_t n = 1; n <= 2000; n++) {
		bitmap_set(&bitmap, draw(&seed) * UINT64_C(0x9e3779b97f4a7c15));
		if (n % 250 == 0)
			assert_in_range(
			    bitmap_count(&bitmap, NULL), n - n / 8, n + n / 8);
	}
}

/* --- tunnels -------------------------------------------------------------- */

static void
tunnel(struct talk *talk, const char *domain, int names, size_t length,
    double from, double gap)
{
	uint64_t seed = 11;
	char name[256], code[128];

	for (int i = 0; i < names; i++) {
		stage_at(talk->stage, from + i * gap);
		encoded(&seed, code, length);
		snprintf(name, sizeof(name), "%s.%s", code, domain);
		ask(talk, name, DNS_TYPE_TXT);
		answer(talk, name, DNS_TYPE_TXT, 0, 40);
	}
}

static void
test_a_tunnel_is_one_finding(void **state)
{
	struct stage *stage = stage_new(&detector_dns_tunnel);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");
	const struct stage_found *found;

	(void)state;
	tunnel(&talk, "t.evil.example", 200, 50, 1, 0.1);
	assert_int_equal(stage_findings(stage, 0), 1);
	found = stage_found(stage, 2050);
	assert_string_equal(found->subject, "shop/carts");
	assert_string_equal(found->about, "evil.example");
	assert_true(found->confidence >= 85);
	assert_non_null(strstr(found->evidence, "\"example\":\""));
	stage_free(stage);
}

/* What the resolver asks the outside for it is not its doing. */
static void
test_resolvers_are_not_blamed(void **state)
{
	struct stage *stage = stage_new(&detector_dns_tunnel);
	struct talk own = talk_of(stage, "shop/carts", "kube/dns");
	struct talk other = talk_of(stage, "shop/front", "kube/dns");
	struct talk up = talk_of(stage, "kube/dns", "203.0.113.53");

	(void)state;
	answer(&own, "a.example", DNS_TYPE_A, 0, 4);
	answer(&other, "a.example", DNS_TYPE_A, 0, 4);
	tunnel(&up, "evil.example", 200, 50, 1, 0.1);
	assert_int_equal(stage_findings(stage, 0), 0);
	/* One that only one workload asked might be its accomplice. */
	up = talk_of(stage, "shop/rogue", "203.0.113.53");
	own = talk_of(stage, "shop/carts", "shop/rogue");
	answer(&own, "a.example", DNS_TYPE_A, 0, 4);
	tunnel(&up, "evil.example", 200, 50, 30, 0.1);
	assert_int_equal(stage_findings(stage, 2050), 1);
	stage_free(stage);
}

static void
test_slow_and_spread_tunnels(void **state)
{
	struct stage *stage = stage_new(&detector_dns_tunnel);
	struct talk slow = talk_of(stage, "shop/carts", "kube/dns");
	struct talk wide = talk_of(stage, "shop/front", "kube/dns");
	uint64_t seed = 5;
	char name[256], code[64];

	(void)state;
	/* One name each five minutes: two in any ten minutes. */
	tunnel(&slow, "evil.example", 120, 50, 1, 300);
	assert_int_equal(stage_findings(stage, 2050), 1);
	/* 300 domains with a name each. */
	for (int i = 0; i < 300; i++) {
		encoded(&seed, code, 50);
		snprintf(name, sizeof(name), "%s.domain%c%c.example", code,
		    'a' + i % 26, 'a' + i / 26);
		ask(&wide, name, DNS_TYPE_A);
	}
	assert_int_equal(stage_findings(stage, 2050), 2);
	stage_free(stage);
}

/* One tunnel over ten domains, each of which would be one alone. */
static void
test_a_spread_tunnel_is_one_finding(void **state)
{
	struct stage *stage = stage_new(&detector_dns_tunnel);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");
	uint64_t seed = 7;
	char name[256], code[64];

	(void)state;
	for (int i = 0; i < 400; i++) {
		stage_at(stage, i * 0.5);
		encoded(&seed, code, 50);
		snprintf(name, sizeof(name), "%s.evil%c.example", code,
		    'a' + i % 10);
		ask(&talk, name, DNS_TYPE_TXT);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, 2050)->about, "many domains");
	stage_free(stage);
}

/* A mail server looks up who may send for each host that greets it. */
static void
test_policies_of_mail_are_no_data(void **state)
{
	static const char policy[] = "v=spf1 include:_spf.example.com -all";
	static const char *const hosts[] = {"www", "mail", "list", "shop",
	    "news", "docs", "blog", "intra", "billing", "status", "wiki",
	    "forum", "media", "store", "events", "jobs", "press", "labs"};

	(void)state;
	for (int mail = 0; mail < 2; mail++) {
		struct stage *stage = stage_new(&detector_dns_tunnel);
		struct talk talk = talk_of(stage, "shop/mail", "kube/dns");

		for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
			char name[64];
			struct made made;

			snprintf(
			    name, sizeof(name), "%s.example.org", hosts[i]);
			stage_at(stage, (double)i);
			ask(&talk, name, DNS_TYPE_TXT);
			made = made_dns(
			    name, DNS_TYPE_TXT, true, 0, sizeof(policy));
			if (mail)
				memcpy(made.octets + made.size -
					   sizeof(policy) + 1,
				    policy, sizeof(policy) - 1);
			stage_message(stage, &talk.flow, MESSAGE_DNS_ANSWER,
			    false, 0, made.octets, made.size);
		}
		assert_int_equal(stage_findings(stage, 2050), !mail);
		stage_free(stage);
	}
}

/* Above all of these nothing is said. */
static void
test_ordinary_names_are_silent(void **state)
{
	static const char *const suffixes[] = {"shop.svc.cluster.local",
	    "svc.cluster.local", "cluster.local", "eu-west-1.compute.internal"};
	struct stage *stage = stage_new(&detector_dns_tunnel);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");
	char name[256];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		stage_at(stage, i * 0.05);
		/* One service that crashed, asked for over and over. */
		ask(&talk, "a8f3k2j4h5g6f7d8s9a0.svc.example.com", DNS_TYPE_A);
		snprintf(
		    name, sizeof(name), "payments.banking.%s", suffixes[i % 4]);
		ask(&talk, name, DNS_TYPE_AAAA);
		snprintf(name, sizeof(name),
		    "ip-10-0-%d-%d.eu-west-1.compute.internal", i % 20, i % 7);
		ask(&talk, name, DNS_TYPE_A);
		/* Buckets are domains of their own. */
		snprintf(
		    name, sizeof(name), "bucket-%d.s3.amazonaws.com", i % 40);
		ask(&talk, name, DNS_TYPE_A);
		snprintf(name, sizeof(name), "host-%d.example.org", i);
		ask(&talk, name, DNS_TYPE_A);
		snprintf(name, sizeof(name), "%d.1.0.10.in-addr.arpa", i % 256);
		ask(&talk, name, DNS_TYPE_PTR);
		/* Names of pods in the cluster are random, and local. */
		snprintf(name, sizeof(name),
		    "q%dzk4xw7vb%d-hj2k9.web.shop.svc.cluster.local", i, i);
		ask(&talk, name, DNS_TYPE_A);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* Names of strangers' making do not push out what is known of workloads, and
 * a workload that sprays domains to push out its own tunnel is seen by that. */
static void
test_exhaustion(void **state)
{
	struct stage *stage = stage_new(&detector_dns_tunnel);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");
	uint64_t seed = 99;
	char name[256], code[64];

	(void)state;
	for (int i = 0; i < 60; i++) {
		encoded(&seed, code, 50);
		snprintf(name, sizeof(name), "%s.evil.example", code);
		ask(&talk, name, DNS_TYPE_A);
		if (stage_findings(stage, 0) > 0)
			break;
		for (int d = 0; d < 3000; d++) {
			snprintf(name, sizeof(name), "a%s.d%d-%d.example",
			    code + 30, i, d);
			ask(&talk, name, DNS_TYPE_A);
		}
	}
	assert_true(stage_findings(stage, 2050) >= 1);
	stage_free(stage);
}

/* --- past the cluster ----------------------------------------------------- */

/* Kubernetes has a resolver, seen or not; on a node's network it is not one's
 * own. */
static void
test_bypass_of_what_was_not_seen(void **state)
{
	struct stage *stage = stage_new(&detector_dns_bypass);
	struct talk node = talk_of(stage, "kube/proxy", "203.0.113.53");
	struct talk talk = talk_of(stage, "shop/carts", "203.0.113.53");

	(void)state;
	stage_end_of(stage, "kube/proxy")->workload.host_network = true;
	node.flow.sighting.verdict = VERDICT_UNMODELLED;
	talk.flow.sighting.verdict = VERDICT_UNMODELLED;
	for (int i = 0; i < 10; i++)
		ask(&node, "a.example", DNS_TYPE_A);
	assert_int_equal(stage_findings(stage, 0), 0);
	for (int i = 0; i < 10; i++)
		ask(&talk, "a.example", DNS_TYPE_A);
	assert_int_equal(stage_findings(stage, 0), 1);
	stage_free(stage);
}

static void
test_bypass(void **state)
{
	struct stage *stage = stage_new(&detector_dns_bypass);
	struct talk talk = talk_of(stage, "shop/carts", "203.0.113.53");
	struct talk own = talk_of(stage, "shop/front", "kube/dns");
	struct talk up = talk_of(stage, "kube/dns", "203.0.113.53");

	(void)state;
	talk.flow.sighting.verdict = VERDICT_DEVIATION;
	up.flow.sighting.verdict = VERDICT_UNMODELLED;
	/* Where nobody knows of a resolver this is how it is done. */
	stage_end_of(stage, "shop/carts")->workload.orchestrator = "docker";
	for (int i = 0; i < 10; i++)
		ask(&talk, "a.example", DNS_TYPE_A);
	assert_int_equal(stage_findings(stage, 0), 0);
	make_dns_image(stage, "kube/dns");
	answer(&own, "a.example", DNS_TYPE_A, 0, 4);
	for (int i = 0; i < 10; i++)
		ask(&up, "a.example", DNS_TYPE_A);
	assert_int_equal(stage_findings(stage, 0), 0);
	ask(&talk, "a.example", DNS_TYPE_A);
	assert_int_equal(stage_findings(stage, 2051), 0);
	ask(&talk, "a.example", DNS_TYPE_A);
	ask(&talk, "b.example", DNS_TYPE_A);
	assert_int_equal(stage_findings(stage, 2051), 1);
	assert_string_equal(stage_found(stage, 2051)->object, "203.0.113.53");
	stage_free(stage);
}

/* As distributions call their copies of CoreDNS and its cache, without the
 * label that says what they are. */
static void
test_resolvers_of_distributions(void **state)
{
	static const char *const images[] = {"coredns",
	    "mirrored-coredns-coredns", "hardened-coredns",
	    "mirrored-k8s-dns-node-cache", "hardened-dns-node-cache"};
	struct container container = {.name = "dns"};

	(void)state;
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		struct stage *stage = stage_new(&detector_dns_tunnel);
		struct talk up = talk_of(stage, "kube/dns", "203.0.113.53");
		struct stage_end *end = stage_end_of(stage, "kube/dns");

		container.image = (struct image){.name = images[i],
		    .registry = "",
		    .repository = "",
		    .base = images[i],
		    .tag = "",
		    .digest = ""};
		end->workload.containers = &container;
		end->workload.container_count = 1;
		/* What it asks is what others asked it. */
		tunnel(&up, "evil.example", 100, 50, 1, 0.1);
		if (stage_findings(stage, 0) != 0)
			fail_msg("%s is blamed", images[i]);
		stage_free(stage);
	}
}

static void
test_bypass_is_silent_where_it_may(void **state)
{
	struct stage *stage = stage_new(&detector_dns_bypass);
	struct talk own = talk_of(stage, "shop/front", "kube/dns");
	struct talk allowed = talk_of(stage, "shop/carts", "203.0.113.53");
	struct talk multicast = talk_of(stage, "shop/carts", "224.0.0.251");
	struct talk local = talk_of(stage, "shop/carts", "169.254.20.10");

	(void)state;
	make_dns_image(stage, "kube/dns");
	answer(&own, "a.example", DNS_TYPE_A, 0, 4);
	multicast.flow.sighting.verdict = VERDICT_UNMODELLED;
	local.flow.sighting.verdict = VERDICT_UNMODELLED;
	for (int i = 0; i < 50; i++) {
		ask(&own, "b.example", DNS_TYPE_A);
		ask(&allowed, "b.example", DNS_TYPE_A);
		ask(&multicast, "b.local", DNS_TYPE_A);
		ask(&local, "b.example", DNS_TYPE_A);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
test_encrypted_bypass(void **state)
{
	struct stage *stage = stage_new(&detector_dns_bypass);
	struct talk own = talk_of(stage, "shop/front", "kube/dns");
	struct stage_flow flow;

	(void)state;
	make_dns_image(stage, "kube/dns");
	answer(&own, "a.example", DNS_TYPE_A, 0, 4);
	flow =
	    stage_flow(stage, "shop/carts", "203.0.113.9", PROTOCOL_TCP, 443);
	stage_answer(&flow, APPLICATION_TLS);
	flow.sighting.verdict = VERDICT_UNMODELLED;
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_end_of(stage, "203.0.113.9")->outside.server_name = "dns.google";
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 2052), 1);
	flow =
	    stage_flow(stage, "shop/carts", "203.0.113.8", PROTOCOL_TCP, 853);
	stage_answer(&flow, APPLICATION_TLS);
	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 2052), 2);
	stage_free(stage);
}

/* --- names that do not exist ---------------------------------------------- */

static void
test_generated_names(void **state)
{
	struct stage *stage = stage_new(&detector_dns_names);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");
	uint64_t seed = 21;
	char name[64];

	(void)state;
	for (int i = 0; i < 60; i++) {
		size_t size = 0;

		stage_at(stage, i * 0.5);
		for (; size < 12; size++)
			name[size] = (char)('a' + draw(&seed) % 26);
		snprintf(name + size, sizeof(name) - size, ".example");
		miss(&talk, name);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_true(stage_found(stage, 2053)->count > 10);
	stage_free(stage);
}

/* Search lists, one missing service, numbered names: whatever the number. */
static void
test_bursts_of_one_program_are_silent(void **state)
{
	static const char *const search[] = {"%s.shop.svc.cluster.local",
	    "%s.svc.cluster.local", "%s.cluster.local", "%s"};
	static const char *const names[] = {"payments", "payments.banking",
	    "api.stripe.com", "mail.example.org", "old-host.example.net",
	    "metrics.vendor.example"};
	struct stage *stage = stage_new(&detector_dns_names);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");
	char name[128];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		stage_at(stage, i * 0.01);
		for (int s = 0; s < 4; s++) {
			char format[64];

			snprintf(format, sizeof(format), "%s", names[i % 6]);
			snprintf(
			    name, sizeof(name), "%s%s", format, search[s] + 2);
			miss(&talk, name);
		}
		snprintf(name, sizeof(name), "host-%d.example.com", i);
		miss(&talk, name);
		snprintf(
		    name, sizeof(name), "web-%d.web.shop.svc.cluster.local", i);
		miss(&talk, name);
		snprintf(
		    name, sizeof(name), "cache-%d.shop.svc.cluster.local", i);
		miss(&talk, name);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
test_guesses_and_sweeps(void **state)
{
	static const char *const words[] = {"redis", "postgres", "mysql",
	    "admin", "vault", "jenkins", "grafana", "kafka", "mongo", "etcd"};
	static const char *const ends[] = {"", "-db", "-api", "-svc", "-master",
	    "-prod", "-dev", "-web", "-cache", "-test"};
	struct stage *stage = stage_new(&detector_dns_names);
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");
	char name[128];

	(void)state;
	for (int i = 0; i < 100; i++) {
		stage_set(stage, "guesses", 64);
		snprintf(name, sizeof(name), "%s%s.prod.svc.cluster.local",
		    words[i % 10], ends[i / 10]);
		miss(&talk, name);
	}
	assert_int_equal(stage_findings(stage, 2055), 1);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "%d.2.0.10.in-addr.arpa", i);
		miss(&talk, name);
	}
	assert_int_equal(stage_findings(stage, 2056), 1);
	assert_int_equal(stage_findings(stage, 0), 2);
	stage_free(stage);
}

/* A log of visitors has names looked up for strangers' addresses. */
static void
test_visitors_are_no_sweep(void **state)
{
	struct stage *stage = stage_new(&detector_dns_names);
	struct talk visitors = talk_of(stage, "shop/front-end", "kube/dns");
	struct talk sweep = talk_of(stage, "shop/carts", "kube/dns");
	char name[128];

	(void)state;
	for (int i = 0; i < 400; i++) {
		/* A tenth of them are customers of one provider. */
		snprintf(name, sizeof(name), "%d.%d.%d.%d.in-addr.arpa",
		    i % 250, i % 97, i % 10 == 0 ? 7 : i * 37 % 251,
		    i % 10 == 0 ? 93 : 1 + i * 53 % 9);
		miss(&visitors, name);
		snprintf(name, sizeof(name),
		    "%x.%x.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.%x.%x.%x.0.0.4."
		    "8.b.d.0.1.0.0.2.ip6.arpa",
		    i % 16, i / 16 % 16, i % 16, i / 16 % 16, i / 256);
		miss(&visitors, name);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%d.113.0.203.in-addr.arpa", i);
		miss(&sweep, name);
	}
	assert_int_equal(stage_findings(stage, 2056), 1);
	stage_free(stage);
}

/* Each network that nobody outside has is a cluster's. */
static void
test_private_networks_are_swept(void **state)
{
	static const char *const networks[] = {"4.10.in-addr.arpa",
	    "31.172.in-addr.arpa", "168.192.in-addr.arpa",
	    "127.100.in-addr.arpa",
	    "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6."
	    "arpa"};
	char name[128], client[32];

	(void)state;
	for (size_t n = 0; n < sizeof(networks) / sizeof(networks[0]); n++) {
		struct stage *stage = stage_new(&detector_dns_names);
		struct talk talk;

		snprintf(client, sizeof(client), "shop/carts");
		talk = talk_of(stage, client, "kube/dns");
		for (int i = 0; i < 80; i++) {
			/* Strangers in between hide nothing. */
			snprintf(name, sizeof(name), "1.1.%d.%d.in-addr.arpa",
			    i, 20 + i);
			miss(&talk, name);
			if (n == 4)
				snprintf(name, sizeof(name), "%x.%x.0.0.%s",
				    i % 16, i / 16, networks[n]);
			else
				snprintf(name, sizeof(name), "%d.9.%s", i,
				    networks[n]);
			miss(&talk, name);
		}
		if (stage_findings(stage, 2056) != 1)
			fail_msg("%s is not swept", networks[n]);
		stage_free(stage);
	}
}

/* --- load ----------------------------------------------------------------- */

static void
test_amplification(void **state)
{
	struct stage *stage = stage_new(&detector_dns_load);
	struct talk talk = talk_of(stage, "203.0.113.7", "shop/dns");
	struct talk plain = talk_of(stage, "shop/carts", "shop/dns");

	(void)state;
	for (int i = 0; i < 300; i++) {
		stage_at(stage, i * 0.05);
		ask(&talk, "big.example", DNS_TYPE_ANY);
		answer(&talk, "big.example", DNS_TYPE_ANY, 0, 1400);
		ask(&plain, "small.example", DNS_TYPE_A);
		answer(&plain, "small.example", DNS_TYPE_A, 0, 4);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, 2058)->subject, "203.0.113.7");
	stage_free(stage);
}

static void
test_floods_are_told_from_what_is_usual(void **state)
{
	struct stage *stage = stage_new(&detector_dns_load);
	struct talk busy = talk_of(stage, "shop/crawler", "kube/dns");
	struct talk talk = talk_of(stage, "shop/carts", "kube/dns");
	double at = 0;

	(void)state;
	stage_set(stage, "questions", 500);
	/* Its usual 200 questions in ten seconds for three hours, then 600. */
	for (int i = 0; i < 60 * 60 * 3; i++)
		for (int n = 0; n < 20; n += 20) {
			stage_at(stage, at = i);
			for (int q = 0; q < 20; q++)
				ask(&busy, "a.example", DNS_TYPE_A);
		}
	for (int i = 0; i < 30; i++) {
		stage_at(stage, at + 1 + i);
		for (int q = 0; q < 60; q++)
			ask(&busy, "a.example", DNS_TYPE_A);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	for (int i = 0; i < 1000; i++)
		ask(&talk, "a.example", DNS_TYPE_A);
	assert_int_equal(stage_findings(stage, 2057), 1);
	assert_string_equal(stage_found(stage, 2057)->subject, "shop/carts");
	stage_free(stage);
}

static void
test_zone_transfers(void **state)
{
	struct stage *stage = stage_new(&detector_dns_load);
	struct talk talk = talk_of(stage, "203.0.113.7", "shop/dns");

	(void)state;
	ask(&talk, "example.com", DNS_TYPE_AXFR);
	assert_int_equal(stage_findings(stage, 2059), 0);
	talk.flow.sighting.verdict = VERDICT_UNMODELLED;
	ask(&talk, "example.com", DNS_TYPE_AXFR);
	assert_int_equal(stage_findings(stage, 2059), 1);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_orders_by_dns_are_found),
	    cmocka_unit_test(test_names_that_are_asked_for_again_are_none),
	    cmocka_unit_test(test_names_are_read),
	    cmocka_unit_test(test_loops_are_faults),
	    cmocka_unit_test(test_words_are_told_from_codes),
	    cmocka_unit_test(test_bitmap_counts),
	    cmocka_unit_test(test_a_tunnel_is_one_finding),
	    cmocka_unit_test(test_resolvers_are_not_blamed),
	    cmocka_unit_test(test_slow_and_spread_tunnels),
	    cmocka_unit_test(test_a_spread_tunnel_is_one_finding),
	    cmocka_unit_test(test_policies_of_mail_are_no_data),
	    cmocka_unit_test(test_ordinary_names_are_silent),
	    cmocka_unit_test(test_exhaustion),
	    cmocka_unit_test(test_bypass),
	    cmocka_unit_test(test_bypass_of_what_was_not_seen),
	    cmocka_unit_test(test_resolvers_of_distributions),
	    cmocka_unit_test(test_bypass_is_silent_where_it_may),
	    cmocka_unit_test(test_encrypted_bypass),
	    cmocka_unit_test(test_generated_names),
	    cmocka_unit_test(test_bursts_of_one_program_are_silent),
	    cmocka_unit_test(test_guesses_and_sweeps),
	    cmocka_unit_test(test_visitors_are_no_sweep),
	    cmocka_unit_test(test_private_networks_are_swept),
	    cmocka_unit_test(test_amplification),
	    cmocka_unit_test(test_floods_are_told_from_what_is_usual),
	    cmocka_unit_test(test_zone_transfers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
