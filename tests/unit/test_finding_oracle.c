/*
 * Findings beside a naive table of them, under random deviations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "unit/finding_scene.h"

#define ORACLE_MAXIMUM 6

struct remembered {
	char what[96]; /* client, kind and subject */
	uint64_t count, touched;
	int64_t first, last, said, due;
	uint64_t put_off; /* when `due` was set, in order */
	bool news;
};

/* New attempts of one client and kind within a minute. */
struct oracle_storm {
	char whose[64];
	int64_t since;
	unsigned count;
};

struct oracle {
	struct remembered open[ORACLE_MAXIMUM];
	size_t count;
	uint64_t clock; /* of touches, for a stable order */
	struct oracle_storm storms[6];
	uint64_t storm_count;
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
oracle_put_off(struct oracle *oracle, struct remembered *r, int64_t now)
{
	r->due = now + FINDING_UPDATE_NS;
	r->put_off = ++oracle->clock;
}

static void
oracle_update(struct oracle *oracle, struct remembered *r, int64_t now)
{
	r->said = now;
	r->news = false;
	oracle_put_off(oracle, r, now);
	oracle_say(oracle, r, "ongoing", now);
}

static struct remembered *
oracle_first_due(struct oracle *oracle)
{
	struct remembered *found = &oracle->open[0];

	for (size_t i = 1; i < oracle->count; i++)
		if (oracle->open[i].put_off < found->put_off)
			found = &oracle->open[i];
	return found;
}

static void
oracle_expire(struct oracle *oracle, int64_t now)
{
	while (oracle->count > 0) {
		size_t index = oracle_longest_quiet(oracle);

		if (now - oracle->open[index].last < FINDING_QUIET_NS)
			break;
		oracle_close(oracle, index, now);
	}
	while (oracle->count > 0) {
		struct remembered *r = oracle_first_due(oracle);

		if (now < r->due)
			return;
		if (r->news)
			oracle_update(oracle, r, now);
		else
			oracle_put_off(oracle, r, now);
	}
}

static void
oracle_more(struct oracle *oracle, struct remembered *r, int64_t now)
{
	r->count++;
	r->last = now;
	r->touched = ++oracle->clock;
	r->news = true;
	if (now - r->said >= FINDING_UPDATE_NS)
		oracle_update(oracle, r, now);
}

static bool
oracle_has(struct oracle *oracle, const char *what, int64_t now)
{
	for (size_t i = 0; i < oracle->count; i++)
		if (strcmp(oracle->open[i].what, what) == 0) {
			oracle_more(oracle, &oracle->open[i], now);
			return true;
		}
	return false;
}

static bool
oracle_storms(struct oracle *oracle, const char *whose, int64_t now)
{
	struct oracle_storm *storm = oracle->storms;

	while (storm->whose[0] != '\0' && strcmp(storm->whose, whose) != 0)
		storm++;
	(void)snprintf(storm->whose, sizeof(storm->whose), "%.60s", whose);
	if (storm->count == 0 || now - storm->since >= FINDING_STORM_NS) {
		storm->since = now;
		storm->count = 0;
	}
	return ++storm->count > FINDING_STORM;
}

static void
oracle_add(struct oracle *oracle, const char *what, int64_t now)
{
	const char *attempted = strstr(what, " attempted");
	struct remembered *r;
	char storm[96];

	oracle_expire(oracle, now);
	if (oracle_has(oracle, what, now))
		return;
	if (attempted != NULL) {
		(void)snprintf(storm, sizeof(storm), "%.80s storm", what);
		if (oracle_has(oracle, storm, now))
			return;
		if (oracle_storms(oracle, what, now)) {
			what = storm;
			oracle->storm_count++;
		}
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
	oracle_put_off(oracle, r, now);
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
	assert_int_equal(
	    findings_counts(heard.findings).storms, oracle.storm_count);
	if (longest_pause == 1)
		assert_true(oracle.storm_count > 0);
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
	static const unsigned pauses[] = {1, 2, 40, 130, 700};

	(void)state;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++)
		run_against_oracle(i + 1, pauses[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_does_what_a_naive_one_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
