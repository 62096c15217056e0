#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerts/finding.h"
#include "sensor/base/text.h"
#include "unit/alerts_scene.h"

/* What the hooks were told, one line each. */
struct heard {
	struct text log;
	struct findings *findings;
	char uid[FINDING_UID_SIZE];
	uint64_t alerts, updates, closed, told;
	enum severity severity;
};

/* The sum holds at all times, so inside a hook as well. */
static void
check_sum(const struct findings *findings)
{
	struct finding_counts counts = findings_counts(findings);

	assert_int_equal(
	    counts.raised, counts.emitted + counts.suppressed + counts.dropped);
}

static void
say_subject(struct text *out, bool attempted, enum application application,
    uint8_t protocol, uint16_t port)
{
	if (attempted)
		text_add(out, "attempted");
	else if (application != APPLICATION_UNKNOWN)
		text_add(out, application_name(application));
	else
		text_format(out, "%u/%u", protocol, port);
}

static void
hear(struct heard *heard, const struct finding *finding, struct instant at)
{
	struct text *log = &heard->log;

	text_format(log, "%s %s %s ", finding_state_name(finding->state),
	    finding->client, deviation_name(finding->deviation));
	say_subject(log, finding->attempted,
	    application_find(finding->application), finding->protocol,
	    finding->port);
	text_format(log, " %lu at %ld from %ld to %ld\n",
	    (unsigned long)finding->count, (long)at.ns,
	    (long)finding->first_seen.ns, (long)finding->last_seen.ns);
	memcpy(heard->uid, finding->uid, sizeof(heard->uid));
	heard->severity = finding->severity;
}

static void
on_raise(const struct finding *finding, const struct record_flow *about,
    const char *signature, struct instant at, void *context)
{
	struct heard *heard = context;

	assert_non_null(about);
	assert_string_equal(signature, finding->signature);
	assert_int_equal(finding->state, FINDING_NEW);
	assert_int_equal(finding->count, 1);
	hear(heard, finding, at);
	heard->alerts++;
	heard->told++;
	check_sum(heard->findings);
}

static void
on_update(const struct finding *finding, struct instant at, void *context)
{
	struct heard *heard = context;

	hear(heard, finding, at);
	check_sum(heard->findings);
	if (finding->state != FINDING_CLOSED) {
		assert_int_equal(finding->state, FINDING_ONGOING);
		heard->updates++;
		return;
	}
	heard->closed++;
	heard->told += finding->count - 1;
}

static void
heard_init(struct heard *heard, size_t maximum)
{
	struct finding_hooks hooks = {on_raise, on_update, heard};

	*heard = (struct heard){.alerts = 0};
	text_init(&heard->log, (size_t)64 * 1024 * 1024);
	heard->findings = findings_new(maximum, &hooks);
}

static void
heard_release(struct heard *heard)
{
	findings_free(heard->findings);
	text_release(&heard->log);
}

static struct instant
after_seconds(int64_t seconds)
{
	return (struct instant){SCENE_START + seconds * NS_PER_SECOND};
}

static void
add(struct heard *heard, const struct scene *s, int64_t seconds)
{
	findings_add(heard->findings, &s->about, after_seconds(seconds));
	check_sum(heard->findings);
}

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

/* --- a naive oracle ------------------------------------------------------- */

#define ORACLE_MAXIMUM 6

struct remembered {
	char what[96]; /* client, kind and subject */
	uint64_t count, touched;
	int64_t first, last, said;
};

struct oracle {
	struct remembered open[ORACLE_MAXIMUM];
	size_t count;
	uint64_t clock; /* of touches, for a stable order */
	struct text log;
};

static void
oracle_say(struct oracle *oracle, const struct remembered *r, const char *as,
    int64_t at)
{
	text_format(&oracle->log, "%s %s %lu at %ld from %ld to %ld\n", as,
	    r->what, (unsigned long)r->count, (long)at, (long)r->first,
	    (long)r->last);
}

static size_t
oracle_longest_quiet(const struct oracle *oracle)
{
	size_t found = 0;

	for (size_t i = 1; i < oracle->count; i++)
		if (oracle->open[i].touched < oracle->open[found].touched)
			found = i;
	return found;
}

static void
oracle_close(struct oracle *oracle, size_t index, int64_t at)
{
	oracle_say(oracle, &oracle->open[index], "closed", at);
	oracle->open[index] = oracle->open[--oracle->count];
}

static void
oracle_expire(struct oracle *oracle, int64_t now)
{
	while (oracle->count > 0) {
		size_t index = oracle_longest_quiet(oracle);

		if (now - oracle->open[index].last < FINDING_QUIET_NS)
			return;
		oracle_close(oracle, index, now);
	}
}

static void
oracle_more(struct oracle *oracle, struct remembered *r, int64_t now)
{
	r->count++;
	r->last = now;
	r->touched = ++oracle->clock;
	if (now - r->said < FINDING_UPDATE_NS)
		return;
	r->said = now;
	oracle_say(oracle, r, "ongoing", now);
}

static void
oracle_add(struct oracle *oracle, const char *what, int64_t now)
{
	struct remembered *r;

	oracle_expire(oracle, now);
	for (size_t i = 0; i < oracle->count; i++)
		if (strcmp(oracle->open[i].what, what) == 0) {
			oracle_more(oracle, &oracle->open[i], now);
			return;
		}
	if (oracle->count == ORACLE_MAXIMUM)
		oracle_close(oracle, oracle_longest_quiet(oracle), now);
	r = &oracle->open[oracle->count++];
	*r = (struct remembered){.count = 1,
	    .touched = ++oracle->clock,
	    .first = now,
	    .last = now,
	    .said = now};
	(void)snprintf(r->what, sizeof(r->what), "%s", what);
	oracle_say(oracle, r, "new", now);
}

/* A linear congruential generator: the same numbers on every run. */
static unsigned
next_random(uint64_t *seed, unsigned below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(*seed >> 33) % below;
}

static void
random_deviation(struct scene *s, uint64_t *seed, struct text *what)
{
	static const char *const clients[] = {
	    "192.0.2.1", "192.0.2.2", "192.0.2.3"};
	static const enum application applications[] = {
	    APPLICATION_UNKNOWN, APPLICATION_REDIS, APPLICATION_MONGODB};
	unsigned client = next_random(seed, 3);

	s->about.client.attribution = ATTRIBUTION_EXTERNAL;
	s->about.client.address = scene_address(clients[client]);
	s->about.appid.application = applications[next_random(seed, 3)];
	s->about.appid.confidence =
	    s->about.appid.application == APPLICATION_UNKNOWN ? APP_NONE
							      : APP_DPI;
	s->about.verdict.deviation = next_random(seed, 2) == 0
					 ? DEVIATION_EXTERNAL
					 : DEVIATION_RELATIONSHIP;
	s->about.verdict.attempted = next_random(seed, 4) == 0;
	s->flow.ends[1].port = (uint16_t)(1 + next_random(seed, 2));
	text_clear(what);
	text_format(what, "%s %s ", clients[client],
	    deviation_name(s->about.verdict.deviation));
	say_subject(what, s->about.verdict.attempted,
	    s->about.appid.application, PROTOCOL_TCP, s->flow.ends[1].port);
}

static void
run_against_oracle(uint64_t seed, unsigned longest_pause)
{
	struct oracle oracle = {.count = 0};
	struct text what;
	struct heard heard;
	struct scene s;
	int64_t now = SCENE_START;

	scene_make(&s);
	heard_init(&heard, ORACLE_MAXIMUM);
	text_init(&oracle.log, (size_t)64 * 1024 * 1024);
	text_init(&what, 256);
	for (int i = 0; i < 3000; i++) {
		now +=
		    (int64_t)next_random(&seed, longest_pause) * NS_PER_SECOND;
		random_deviation(&s, &seed, &what);
		oracle_add(&oracle, what.at, now);
		findings_add(heard.findings, &s.about, (struct instant){now});
		check_sum(heard.findings);
	}
	while (oracle.count > 0)
		oracle_close(&oracle, oracle_longest_quiet(&oracle), now);
	findings_close_all(heard.findings, (struct instant){now});
	assert_false(oracle.log.overflow);
	assert_string_equal(heard.log.at, oracle.log.at);
	/* Everything raised was told in the end. */
	assert_int_equal(heard.told, 3000);
	assert_int_equal(heard.alerts, heard.closed);
	text_release(&what);
	text_release(&oracle.log);
	heard_release(&heard);
}

static void
it_does_what_a_naive_one_does(void **state)
{
	static const unsigned pauses[] = {2, 40, 130, 700};

	(void)state;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++)
		run_against_oracle(i + 1, pauses[i]);
}

/* A wide table: what is found must not depend on slots and chains. */
static void
thousands_at_once_are_kept_apart(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 5000);
	s.about.client.attribution = ATTRIBUTION_EXTERNAL;
	s.about.client.address = scene_address("198.51.0.0");
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < 5000; i++) {
			s.about.client.address.octets[14] = (uint8_t)(i >> 8);
			s.about.client.address.octets[15] = (uint8_t)i;
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
	    cmocka_unit_test(it_does_what_a_naive_one_does),
	    cmocka_unit_test(thousands_at_once_are_kept_apart),
	    cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
