#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "alerts/catalog.h"
#include "alerts/finding.h"
#include "alerts/finding_storm.h"
#include "classifiers/detectors/detector.h"
#include "sensor/base/text.h"
#include "unit/finding_scene.h"

static void
a_thing_is_said_once(void **state)
{
	struct heard heard;
	struct scene s;
	struct finding_counts counts;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 8);
	for (int i = 0; i < 100; i++)
		add(&heard, &s, 0);
	counts = findings_counts(heard.findings);
	assert_int_equal(heard.alerts, 1);
	assert_int_equal(heard.updates, 0);
	assert_int_equal(counts.raised, 100);
	assert_int_equal(counts.emitted, 1);
	assert_int_equal(counts.suppressed, 99);
	assert_int_equal(counts.dropped, 0);
	assert_int_equal(counts.findings, 1);
	heard_release(&heard);
}

static void
more_of_it_is_said_at_intervals(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 8);
	for (int second = 0; second <= 1500; second++)
		add(&heard, &s, second);
	assert_int_equal(heard.updates, 1500 / 300);
	heard_release(&heard);

	heard_init(&heard, 8);
	add(&heard, &s, 0);
	add(&heard, &s, 299);
	assert_int_equal(heard.updates, 0);
	add(&heard, &s, 300);
	assert_int_equal(heard.updates, 1);
	add(&heard, &s, 599);
	assert_int_equal(heard.updates, 1);
	heard_release(&heard);
}

static void
quiet_ends_it_and_a_return_is_new(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 8);
	add(&heard, &s, 0);
	add(&heard, &s, 100);
	findings_expire(heard.findings, after_seconds(999));
	assert_int_equal(heard.closed, 0);
	findings_expire(heard.findings, after_seconds(1000));
	assert_int_equal(heard.closed, 1);
	add(&heard, &s, 1001);
	assert_int_equal(heard.alerts, 2);
	assert_int_equal(findings_counts(heard.findings).findings, 2);
	/* Without anybody calling expire, too. */
	add(&heard, &s, 5000);
	assert_int_equal(heard.alerts, 3);
	assert_int_equal(heard.closed, 2);
	heard_release(&heard);
}

static void
the_oldest_makes_room(void **state)
{
	static const char *const clients[] = {
	    "192.0.2.1", "192.0.2.2", "192.0.2.3"};
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 2);
	s.about.client.attribution = ATTRIBUTION_EXTERNAL;
	for (int i = 0; i < 2; i++) {
		s.about.client.address = scene_address(clients[i]);
		add(&heard, &s, i);
	}
	s.about.client.address = scene_address(clients[0]);
	add(&heard, &s, 2); /* now the second is the longest quiet */
	s.about.client.address = scene_address(clients[2]);
	text_clear(&heard.log);
	add(&heard, &s, 3);
	assert_int_equal(heard.closed, 1);
	assert_non_null(strstr(heard.log.at, "closed 192.0.2.2 "));
	assert_non_null(strstr(heard.log.at, "new 192.0.2.3 "));
	text_clear(&heard.log);
	findings_close_all(heard.findings, after_seconds(4));
	assert_true(strstr(heard.log.at, "closed 192.0.2.1 ") <
		    strstr(heard.log.at, "closed 192.0.2.3 "));
	assert_int_equal(heard.closed, 3);
	heard_release(&heard);
}

static void
time_that_goes_back_counts_as_now(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 4);
	add(&heard, &s, 1000);
	add(&heard, &s, 0);
	findings_expire(heard.findings, INSTANT_PAST);
	assert_int_equal(heard.closed, 0);
	findings_expire(heard.findings, INSTANT_FUTURE);
	assert_int_equal(heard.closed, 1);
	heard_release(&heard);
}

static void
the_worst_severity_stays(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 4);
	add(&heard, &s, 0);
	s.about.verdict.severity = SEVERITY_CRITICAL;
	add(&heard, &s, 1);
	s.about.verdict.severity = SEVERITY_LOW;
	add(&heard, &s, 2);
	findings_close_all(heard.findings, after_seconds(3));
	assert_int_equal(heard.severity, SEVERITY_CRITICAL);
	heard_release(&heard);
}

/* --- what makes two deviations the same ----------------------------------- */

static void
uid_of(const struct scene *s, char uid[FINDING_UID_SIZE])
{
	struct heard heard;

	heard_init(&heard, 1);
	add(&heard, s, 0);
	memcpy(uid, heard.uid, FINDING_UID_SIZE);
	heard_release(&heard);
}

static void
expect_same(const struct scene *a, const struct scene *b, bool same)
{
	char first[FINDING_UID_SIZE], second[FINDING_UID_SIZE];

	uid_of(a, first);
	uid_of(b, second);
	assert_int_equal(strlen(first), 16);
	assert_int_equal(strspn(first, "0123456789abcdef"), 16);
	if (same)
		assert_string_equal(first, second);
	else
		assert_string_not_equal(first, second);
}

static void
pods_and_client_ports_do_not_tell_apart(void **state)
{
	struct scene a, b;

	(void)state;
	scene_make(&a);
	scene_make(&b);
	b.client.name = "front-end-other";
	b.client.node = "worker-9";
	b.flow.ends[0] = (struct flow_end){scene_address("10.244.7.7"), 50000};
	b.about.client.address = b.flow.ends[0].address;
	/* The application is known, so its port is not asked. */
	b.flow.ends[1].port = 27018;
	expect_same(&a, &b, true);
	b.client.application = "back-end";
	expect_same(&a, &b, false);
	b.client.application = "front-end";
	b.client.cluster = "us1";
	expect_same(&a, &b, false);
}

/* Names of nodes and services are those of one cluster. */
static void
clusters_tell_nodes_and_services_apart(void **state)
{
	static const enum attribution kinds[] = {
	    ATTRIBUTION_NODE, ATTRIBUTION_SERVICE};
	struct scene a, b;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		scene_make(&a);
		scene_make(&b);
		a.node.cluster = b.node.cluster = "eu1";
		a.service.cluster = b.service.cluster = "eu1";
		a.about.server = (struct party){.attribution = kinds[i],
		    .node = &a.node,
		    .service = &a.service};
		b.about.server = (struct party){.attribution = kinds[i],
		    .node = &b.node,
		    .service = &b.service};
		expect_same(&a, &b, true);
		b.node.cluster = b.service.cluster = "us1";
		expect_same(&a, &b, false);
	}
}

static void
kind_and_application_tell_apart(void **state)
{
	struct scene a, b;

	(void)state;
	scene_make(&a);
	scene_make(&b);
	b.about.verdict.deviation = DEVIATION_EXTERNAL;
	expect_same(&a, &b, false);
	scene_make(&b);
	b.about.appid.application = APPLICATION_REDIS;
	expect_same(&a, &b, false);
	/* What only a port suggests is not known. */
	a.about.appid.confidence = APP_PORT;
	b.about.appid.confidence = APP_PARTIAL;
	expect_same(&a, &b, true);
	b.flow.ends[1].port = 22;
	expect_same(&a, &b, false);
}

static void
a_scan_is_one_finding_and_hides_nothing(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 1000);
	s.about.appid = (struct appid){0};
	s.about.verdict.attempted = true;
	for (uint16_t port = 1; port <= 500; port++) {
		s.flow.ends[1].port = port;
		add(&heard, &s, 0);
	}
	assert_int_equal(heard.alerts, 1);
	s.about.verdict.attempted = false;
	add(&heard, &s, 0);
	assert_int_equal(heard.alerts, 2);
	heard_release(&heard);
}

static void
outside_ends_are_their_address(void **state)
{
	struct scene a, b;

	(void)state;
	scene_make(&a);
	a.about.client = (struct party){.attribution = ATTRIBUTION_EXTERNAL,
	    .address = scene_address("192.0.2.1")};
	scene_make(&b);
	b.about.client = a.about.client;
	expect_same(&a, &b, true);
	b.about.client.address = scene_address("192.0.2.2");
	expect_same(&a, &b, false);
}

/*
 * A public contract: a later version must find stored uids again.  This one
 * is what sha1sum says of `100`, `1001`, `eu1/shop/front-end`,
 * `eu1/shop/carts-db`, `relationship` and `mongodb` with a NUL between each.
 */
static void
the_uid_never_changes(void **state)
{
	char uid[FINDING_UID_SIZE];
	struct scene s;

	(void)state;
	scene_make(&s);
	uid_of(&s, uid);
	assert_string_equal(uid, "0d865c389ba24db0");
}

/* --- what goes on, and storms --------------------------------------------- */

static void
what_goes_on_is_said_though_nothing_comes(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 8);
	add(&heard, &s, 0);
	add(&heard, &s, 10);
	findings_expire(heard.findings, after_seconds(299));
	assert_int_equal(heard.updates, 0);
	findings_expire(heard.findings, after_seconds(300));
	assert_int_equal(heard.updates, 1);
	assert_non_null(strstr(heard.log.at, "ongoing"));
	/* Nothing more came: nothing more is said, until it is closed. */
	findings_expire(heard.findings, after_seconds(899));
	assert_int_equal(heard.updates, 1);
	findings_expire(heard.findings, after_seconds(910));
	assert_int_equal(heard.closed, 1);
	heard_release(&heard);
}

static void
times_are_the_operators(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 8);
	findings_set_times(heard.findings,
	    &(struct finding_times){10 * NS_PER_SECOND, 30 * NS_PER_SECOND});
	add(&heard, &s, 0);
	add(&heard, &s, 9);
	assert_int_equal(heard.updates, 0);
	findings_expire(heard.findings, after_seconds(39));
	assert_int_equal(heard.closed, 1);
	heard_release(&heard);
}

static void
try_everybody(struct heard *heard, struct scene *s, bool attempted)
{
	s->about.verdict.attempted = attempted;
	s->about.server.attribution = ATTRIBUTION_EXTERNAL;
	for (uint8_t i = 0; i < 200; i++) {
		s->about.server.address = scene_address("192.0.2.1");
		s->about.server.address.octets[15] = i;
		add(heard, s, 0);
	}
}

static void
a_storm_of_attempts_is_one_finding(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 1000);
	try_everybody(&heard, &s, true);
	assert_int_equal(heard.alerts, FINDING_STORM + 1);
	assert_int_equal(findings_counts(heard.findings).storms, 1);
	/* What was answered is said one by one. */
	try_everybody(&heard, &s, false);
	assert_int_equal(heard.alerts, FINDING_STORM + 1 + 200);
	/* Slow enough, they are findings of their own. */
	findings_close_all(heard.findings, after_seconds(10));
	s.about.verdict.attempted = true;
	for (uint8_t i = 0; i < 40; i++) {
		s.about.server.address.octets[15] = i;
		add(&heard, &s, 100 + i * 5);
	}
	assert_int_equal(findings_counts(heard.findings).storms, 1);
	heard_release(&heard);
}

/* An address that nobody is known to have, by its number. */
static void
be_stranger(struct scene *s, unsigned number)
{
	s->about.client = (struct party){.attribution = ATTRIBUTION_EXTERNAL,
	    .address = scene_address("198.0.0.0")};
	s->about.client.address.octets[13] = (uint8_t)(number >> 16);
	s->about.client.address.octets[14] = (uint8_t)(number >> 8);
	s->about.client.address.octets[15] = (uint8_t)number;
}

static void
be_known(struct scene *s)
{
	s->about.client = (struct party){
	    .attribution = ATTRIBUTION_EXACT, .workload = &s->client};
}

/* Made-up sources, which one workload answers or does not. */
static void
come_from_everywhere(
    struct heard *heard, struct scene *s, bool attempted, unsigned sources)
{
	s->about.verdict.attempted = attempted;
	for (unsigned i = 0; i < sources; i++) {
		be_stranger(s, i);
		add(heard, s, i / 5000);
	}
}

static void
strangers_at_one_target_are_one_finding(void **state)
{
	struct finding_counts counts;
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 1000);
	come_from_everywhere(&heard, &s, false, 100000);
	assert_int_equal(heard.alerts, FINDING_STORM + 1);
	assert_non_null(strstr(heard.log.at,
	    "198.0.0.16 and many others relationship mongodb storm-object"));
	/* What nobody answered is another storm, and hides nothing. */
	come_from_everywhere(&heard, &s, true, 1000);
	assert_int_equal(heard.alerts, 2 * (FINDING_STORM + 1));
	counts = findings_counts(heard.findings);
	assert_int_equal(counts.storms, 2);
	assert_int_equal(counts.raised, 101000);
	assert_int_equal(counts.suppressed, 101000 - heard.alerts);
	findings_close_all(heard.findings, after_seconds(100));
	assert_int_equal(heard.told, 101000);
	heard_release(&heard);
}

/* Neither what it got an answer to nor what it tried. */
static void
strangers_hide_no_workload(void **state)
{
	struct heard heard;
	struct scene s;
	uint64_t before;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 1000);
	come_from_everywhere(&heard, &s, false, 1000);
	come_from_everywhere(&heard, &s, true, 1000);
	before = heard.alerts;
	be_known(&s);
	add(&heard, &s, 1);
	assert_int_equal(heard.alerts, before + 1);
	s.about.verdict.attempted = false;
	add(&heard, &s, 1);
	assert_int_equal(heard.alerts, before + 2);
	heard_release(&heard);
}

/* Many workloads try one: one finding; each that got an answer is its own. */
static void
attempts_of_many_workloads_are_one_finding(void **state)
{
	struct heard heard;
	struct scene s;
	char name[16];

	(void)state;
	scene_make(&s);
	heard_init(&heard, 1000);
	s.client.application = name;
	s.about.verdict.attempted = true;
	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "client-%u", i);
		add(&heard, &s, 0);
	}
	assert_int_equal(heard.alerts, FINDING_STORM + 1);
	s.about.verdict.attempted = false;
	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "client-%u", i);
		add(&heard, &s, 0);
	}
	assert_int_equal(heard.alerts, FINDING_STORM + 1 + 100);
	heard_release(&heard);
}

/*
 * A public contract as well: what sha1sum says of `100`, `1001`,
 * `eu1/shop/carts-db`, `storm to it` and `outside answered` with a NUL after
 * each.
 */
static void
the_uid_of_a_storm_is_that_of_its_object(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	for (unsigned first = 0; first < 2; first++) {
		scene_make(&s);
		heard_init(&heard, 1000);
		for (unsigned i = 0; i <= FINDING_STORM; i++) {
			be_stranger(&s, first * 1000 + i);
			add(&heard, &s, first * 1000 + i);
		}
		assert_int_equal(findings_counts(heard.findings).storms, 1);
		assert_string_equal(heard.uid, "0a9d8cbd3f6b9fb2");
		heard_release(&heard);
	}
}

/* New strangers at ever new targets: no storm of one end sees it. */
static void
come_to_everybody(struct heard *heard, struct scene *s, int64_t seconds)
{
	char name[16];

	s->about.server.attribution = ATTRIBUTION_EXACT;
	s->server.application = name;
	for (unsigned i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "server-%u", i);
		be_stranger(s, i);
		add(heard, s, seconds);
	}
	s->server.application = "carts-db";
}

static void
all_that_is_new_is_bounded(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 1000);
	come_to_everybody(&heard, &s, 0);
	assert_int_equal(heard.alerts, FINDING_STORM_ALL / 2 + 1);
	assert_non_null(strstr(heard.log.at, "and many others relationship "
					     "mongodb storm-signature"));
	/* What workloads try has the other half, what they do is not bounded.
	 */
	be_known(&s);
	try_everybody(&heard, &s, true);
	assert_int_equal(
	    heard.alerts, FINDING_STORM_ALL / 2 + 1 + FINDING_STORM + 1);
	try_everybody(&heard, &s, false);
	assert_int_equal(
	    heard.alerts, FINDING_STORM_ALL / 2 + 1 + FINDING_STORM + 1 + 200);
	/* A minute later there is room again, and the storm goes on. */
	findings_close_all(heard.findings, after_seconds(1));
	heard.alerts = 0;
	come_to_everybody(&heard, &s, 59);
	assert_int_equal(heard.alerts, 1);
	come_to_everybody(&heard, &s, 60);
	assert_int_equal(heard.alerts, 1 + FINDING_STORM_ALL / 2);
	heard_release(&heard);
}

/* --- anomalies ------------------------------------------------------------ */

/* A detection's signature, whichever comes first. */
static const struct signature *
some_detection(void)
{
	for (size_t i = 0; i < catalog_signature_count; i++)
		if (catalog_signatures[i].detector != NULL)
			return &catalog_signatures[i];
	return NULL;
}

static void
an_anomaly_is_a_finding(void **state)
{
	static const struct detector detector = {.name = "made-up"};
	const struct signature *signature = some_detection();
	struct sighted_end subject = {.key = 1, .name = "shop/front-end"};
	struct anomaly anomaly = {
	    .subject = &subject,
	    .confidence = 70,
	    .count = 5,
	    .sentence = "it did what nobody does",
	    .evidence = "\"ports\":5",
	    .silent_if = "fewer ports",
	};
	struct finding_counts counts;
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 8);
	heard.of_anomalies = true;
	subject.party = &s.about.client;
	anomaly.signature = 1; /* in no catalogue */
	findings_add_anomaly(
	    heard.findings, &detector, &anomaly, &s.about, after_seconds(0));
	check_sum(heard.findings);
	assert_int_equal(heard.alerts, 0);
	if (signature == NULL) {
		heard_release(&heard);
		skip();
	}
	anomaly.signature = signature->id;
	for (int i = 0; i < 10; i++)
		findings_add_anomaly(heard.findings, &detector, &anomaly,
		    &s.about, after_seconds(i));
	assert_int_equal(heard.alerts, 1);
	anomaly.about = "port 22";
	findings_add_anomaly(
	    heard.findings, &detector, &anomaly, &s.about, after_seconds(10));
	assert_int_equal(heard.alerts, 2);
	findings_close_all(heard.findings, after_seconds(11));
	assert_non_null(strstr(heard.log.at, " 50 at "));
	counts = findings_counts(heard.findings);
	assert_int_equal(counts.raised, 12);
	assert_int_equal(counts.dropped, 1);
	assert_int_equal(counts.emitted, 2);
	heard_release(&heard);
}

/* Says what a detector is so sure of, and closes it. */
static enum severity
severity_of(struct anomaly anomaly, uint8_t confidence, uint8_t later)
{
	static const struct detector detector = {.name = "made-up"};
	struct sighted_end subject = {.key = 1, .name = "shop/front-end"};
	struct heard heard;
	struct scene s;
	enum severity severity;

	scene_make(&s);
	heard_init(&heard, 8);
	heard.of_anomalies = true;
	subject.party = &s.about.client;
	anomaly.subject = &subject;
	anomaly.sentence = "it did what nobody does";
	anomaly.count = 1;
	anomaly.confidence = confidence;
	findings_add_anomaly(
	    heard.findings, &detector, &anomaly, &s.about, after_seconds(0));
	anomaly.confidence = later;
	findings_add_anomaly(
	    heard.findings, &detector, &anomaly, &s.about, after_seconds(1));
	findings_close_all(heard.findings, after_seconds(2));
	severity = heard.severity;
	heard_release(&heard);
	return severity;
}

/* docs/alerts.md: below FINDING_SURE a step less, unless an operator says. */
static void
severity_follows_confidence(void **state)
{
	struct anomaly anomaly = {.signature = 2010}; /* critical */

	(void)state;
	assert_int_equal(severity_of(anomaly, 99, 99), SEVERITY_CRITICAL);
	assert_int_equal(
	    severity_of(anomaly, FINDING_SURE, 1), SEVERITY_CRITICAL);
	assert_int_equal(
	    severity_of(anomaly, FINDING_SURE - 1, 1), SEVERITY_HIGH);
	assert_int_equal(
	    severity_of(anomaly, 30, FINDING_SURE), SEVERITY_CRITICAL);
	anomaly.sets_severity = true;
	anomaly.severity = SEVERITY_MEDIUM;
	assert_int_equal(severity_of(anomaly, 1, 1), SEVERITY_MEDIUM);
	assert_int_equal(severity_of(anomaly, 99, 99), SEVERITY_MEDIUM);
}

/* What detectors hold against strangers is folded, but by whose doing it is
 * where that is known. */
static void
anomalies_of_strangers_are_one_finding(void **state)
{
	static const struct detector detector = {.name = "made-up"};
	const struct signature *signature = some_detection();
	struct sighted_end subject = {.key = 1, .name = "198.18.0.1"};
	struct sighted_end object = {.key = 2, .name = "shop/carts-db"};
	struct anomaly anomaly = {.subject = &subject,
	    .object = &object,
	    .count = 3,
	    .sentence = "it did what nobody does"};
	struct heard heard;
	struct scene s;
	char name[16];

	(void)state;
	assert_non_null(signature);
	if (signature == NULL)
		return;
	anomaly.signature = signature->id;
	scene_make(&s);
	heard_init(&heard, 1000);
	heard.of_anomalies = true;
	subject.party = &s.about.client;
	object.party = &s.about.server;
	for (unsigned i = 0; i < 500; i++) {
		be_stranger(&s, i);
		findings_add_anomaly(heard.findings, &detector, &anomaly,
		    &s.about, after_seconds(0));
		check_sum(heard.findings);
	}
	assert_int_equal(heard.alerts, FINDING_STORM + 1);
	be_known(&s);
	s.client.application = name;
	for (unsigned i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "client-%u", i);
		findings_add_anomaly(heard.findings, &detector, &anomaly,
		    &s.about, after_seconds(0));
	}
	assert_int_equal(heard.alerts, FINDING_STORM + 1 + 50);
	findings_close_all(heard.findings, after_seconds(1));
	assert_non_null(strstr(heard.log.at, " storm-object 1452 at "));
	heard_release(&heard);
}

/* A wide table: what is found must not depend on slots and chains. */
static void
thousands_at_once_are_kept_apart(void **state)
{
	struct heard heard;
	struct scene s;
	char name[16];

	(void)state;
	scene_make(&s);
	heard_init(&heard, 5000);
	s.client.application = name;
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < 5000; i++) {
			(void)snprintf(name, sizeof(name), "client-%u", i);
			add(&heard, &s, round);
		}
	assert_int_equal(heard.alerts, 5000);
	assert_int_equal(heard.closed, 0);
	findings_expire(heard.findings, after_seconds(10000));
	assert_int_equal(heard.closed, 5000);
	assert_int_equal(heard.told, 15000);
	heard_release(&heard);
}

static void
states_have_names(void **state)
{
	(void)state;
	assert_string_equal(finding_state_name(FINDING_NEW), "new");
	assert_string_equal(finding_state_name(FINDING_ONGOING), "ongoing");
	assert_string_equal(finding_state_name(FINDING_CLOSED), "closed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_thing_is_said_once),
	    cmocka_unit_test(more_of_it_is_said_at_intervals),
	    cmocka_unit_test(quiet_ends_it_and_a_return_is_new),
	    cmocka_unit_test(the_oldest_makes_room),
	    cmocka_unit_test(time_that_goes_back_counts_as_now),
	    cmocka_unit_test(the_worst_severity_stays),
	    cmocka_unit_test(pods_and_client_ports_do_not_tell_apart),
	    cmocka_unit_test(clusters_tell_nodes_and_services_apart),
	    cmocka_unit_test(kind_and_application_tell_apart),
	    cmocka_unit_test(a_scan_is_one_finding_and_hides_nothing),
	    cmocka_unit_test(outside_ends_are_their_address),
	    cmocka_unit_test(the_uid_never_changes),
	    cmocka_unit_test(what_goes_on_is_said_though_nothing_comes),
	    cmocka_unit_test(times_are_the_operators),
	    cmocka_unit_test(a_storm_of_attempts_is_one_finding),
	    cmocka_unit_test(strangers_at_one_target_are_one_finding),
	    cmocka_unit_test(strangers_hide_no_workload),
	    cmocka_unit_test(attempts_of_many_workloads_are_one_finding),
	    cmocka_unit_test(the_uid_of_a_storm_is_that_of_its_object),
	    cmocka_unit_test(all_that_is_new_is_bounded),
	    cmocka_unit_test(an_anomaly_is_a_finding),
	    cmocka_unit_test(severity_follows_confidence),
	    cmocka_unit_test(anomalies_of_strangers_are_one_finding),
	    cmocka_unit_test(thousands_at_once_are_kept_apart),
	    cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
