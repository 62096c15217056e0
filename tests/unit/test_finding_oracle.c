/*
 * Findings beside a naive table of them, under random deviations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "alerts/finding_storm.h"
#include "unit/finding_scene.h"

#define ORACLE_MAXIMUM 6

struct remembered {
	char key[96];
	char shown[128]; /* client, kind, subject and storm */
	uint64_t count, touched;
	int64_t first, last, said, due;
	uint64_t put_off; /* when `due` was set, in order */
	bool news;
};

/* New findings under one key within a minute. */
struct oracle_storm {
	char key[96];
	int64_t since;
	unsigned count;
};

struct oracle {
	struct remembered open[ORACLE_MAXIMUM];
	size_t count;
	uint64_t clock; /* of touches, for a stable order */
	struct oracle_storm storms[64];
	uint64_t storm_counts[STORM_BY_SIGNATURE + 1];
	struct text log;
};

/* What deviates, in words. */
struct told {
	char client[24], server[24], kind[24], subject[24];
	bool outside;
};

static void
oracle_say(struct oracle *oracle, const struct remembered *r, const char *as,
    int64_t at)
{
	text_format(&oracle->log, "%s %s %lu at %ld from %ld to %ld\n", as,
	    r->shown, (unsigned long)r->count, (long)at, (long)r->first,
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
oracle_has(struct oracle *oracle, const char *key, int64_t now)
{
	for (size_t i = 0; i < oracle->count; i++)
		if (strcmp(oracle->open[i].key, key) == 0) {
			oracle_more(oracle, &oracle->open[i], now);
			return true;
		}
	return false;
}

static struct oracle_storm *
oracle_storm(struct oracle *oracle, const char *key, int64_t now)
{
	struct oracle_storm *storm = oracle->storms;

	while (storm->key[0] != '\0' && strcmp(storm->key, key) != 0) {
		storm++;
		assert_true(storm < oracle->storms + 64);
	}
	(void)snprintf(storm->key, sizeof(storm->key), "%s", key);
	if (storm->count == 0 || now - storm->since >= FINDING_STORM_NS) {
		storm->since = now;
		storm->count = 0;
	}
	return storm;
}

/* Whether one more is too many. */
static bool
oracle_exceeds(
    struct oracle *oracle, const char *key, unsigned most, int64_t now)
{
	struct oracle_storm *storm = oracle_storm(oracle, key, now);

	if (storm->count >= most)
		return true;
	storm->count++;
	return false;
}

static void
oracle_open(struct oracle *oracle, const struct told *told, const char *key,
    enum storm_kind kind, int64_t now)
{
	struct remembered *r;

	if (oracle->count == ORACLE_MAXIMUM)
		oracle_close(oracle, oracle_longest_quiet(oracle), now);
	oracle->storm_counts[kind]++;
	r = &oracle->open[oracle->count++];
	*r = (struct remembered){.count = 1,
	    .touched = ++oracle->clock,
	    .first = now,
	    .last = now,
	    .said = now};
	(void)snprintf(r->key, sizeof(r->key), "%s", key);
	(void)snprintf(r->shown, sizeof(r->shown), "%s%s %s %s%s%s",
	    told->client,
	    kind == STORM_BY_OBJECT || kind == STORM_BY_SIGNATURE
		? " and many others"
		: "",
	    told->kind, told->subject, kind == STORM_NONE ? "" : " storm-",
	    kind == STORM_NONE ? "" : storm_kind_name(kind));
	oracle_put_off(oracle, r, now);
	oracle_say(oracle, r, "new", now);
}

static void
oracle_add_blind(struct oracle *oracle, const struct told *told,
    const char *own, bool attempted, int64_t now)
{
	const char *class = !told->outside ? "known"
			    : attempted    ? "outside"
					   : "answered";
	char subject[96], object[96], all[96];
	const char *keys[] = {own, subject, object, all};
	enum storm_kind kind = STORM_NONE;

	(void)snprintf(
	    subject, sizeof(subject), "S %s %s", told->client, told->kind);
	(void)snprintf(object, sizeof(object), "O %s %s %s", told->server,
	    told->kind, class);
	(void)snprintf(all, sizeof(all), "A %s %s", told->kind, class);
	if ((attempted && oracle_has(oracle, subject, now)) ||
	    oracle_has(oracle, object, now))
		return;
	if (attempted && oracle_exceeds(oracle, subject, FINDING_STORM, now))
		kind = STORM_BY_SUBJECT;
	else if (oracle_exceeds(oracle, object, FINDING_STORM, now))
		kind = STORM_BY_OBJECT;
	if (oracle_exceeds(oracle, "all",
		told->outside ? FINDING_STORM_ALL / 2 : FINDING_STORM_ALL, now))
		kind = STORM_BY_SIGNATURE;
	if (!oracle_has(oracle, keys[kind], now))
		oracle_open(oracle, told, keys[kind], kind, now);
}

static void
oracle_add(struct oracle *oracle, const struct told *told, int64_t now)
{
	bool attempted = strcmp(told->subject, "attempted") == 0;
	char own[96];

	(void)snprintf(own, sizeof(own), "%s %s %s %s", told->client,
	    told->server, told->kind, told->subject);
	oracle_expire(oracle, now);
	if (oracle_has(oracle, own, now))
		return;
	if (attempted || told->outside)
		oracle_add_blind(oracle, told, own, attempted, now);
	else
		oracle_open(oracle, told, own, STORM_NONE, now);
}

/* A linear congruential generator: the same numbers on every run. */
static unsigned
next_random(uint64_t *seed, unsigned below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(*seed >> 33) % below;
}

/* One of four clients, two of which are outside, and one of five servers,
 * mostly the first. */
static void
random_ends(struct scene *s, uint64_t *seed, struct told *told)
{
	static const char *const applications[] = {"one", "two"};
	static const char *const addresses[] = {"192.0.2.1", "192.0.2.2"};
	static const char *const servers[] = {
	    "carts-db", "db", "web", "queue", "cache"};
	unsigned client = next_random(seed, 2);
	unsigned server = next_random(seed, 16);

	s->server.application = servers[server < 5 ? server : 0];
	(void)snprintf(
	    told->server, sizeof(told->server), "%s", s->server.application);
	told->outside = next_random(seed, 2) == 0;
	s->about.client = (struct party){.attribution = ATTRIBUTION_EXACT,
	    .workload = &s->client,
	    .address = scene_address(addresses[client])};
	s->client.application = applications[client];
	if (told->outside) {
		s->about.client.attribution = ATTRIBUTION_EXTERNAL;
		(void)snprintf(told->client, sizeof(told->client), "%s",
		    addresses[client]);
	} else {
		(void)snprintf(told->client, sizeof(told->client), "shop/%s",
		    applications[client]);
	}
}

static void
random_deviation(struct scene *s, uint64_t *seed, struct told *told)
{
	static const enum application applications[] = {
	    APPLICATION_UNKNOWN, APPLICATION_REDIS, APPLICATION_MONGODB};
	struct text subject;

	random_ends(s, seed, told);
	s->about.appid.application = applications[next_random(seed, 3)];
	s->about.appid.confidence =
	    s->about.appid.application == APPLICATION_UNKNOWN ? APP_NONE
							      : APP_DPI;
	s->about.verdict.deviation = next_random(seed, 4) == 0
					 ? DEVIATION_EXTERNAL
					 : DEVIATION_RELATIONSHIP;
	s->about.verdict.attempted = next_random(seed, 4) == 0;
	s->flow.ends[1].port = (uint16_t)(1 + next_random(seed, 2));
	(void)snprintf(told->kind, sizeof(told->kind), "%s",
	    deviation_name(s->about.verdict.deviation));
	text_init(&subject, 24);
	say_subject(&subject, s->about.verdict.attempted,
	    s->about.appid.application, PROTOCOL_TCP, s->flow.ends[1].port);
	(void)snprintf(told->subject, sizeof(told->subject), "%s", subject.at);
	text_release(&subject);
}

static void
run_against_oracle(
    uint64_t seed, unsigned longest_pause, uint64_t *storm_counts)
{
	struct oracle oracle = {.count = 0};
	struct told told;
	struct heard heard;
	struct scene s;
	int64_t now = SCENE_START;
	uint64_t storms = 0;

	scene_make(&s);
	heard_init(&heard, ORACLE_MAXIMUM);
	text_init(&oracle.log, (size_t)64 * 1024 * 1024);
	for (int i = 0; i < 3000; i++) {
		now +=
		    (int64_t)next_random(&seed, longest_pause) * NS_PER_SECOND;
		random_deviation(&s, &seed, &told);
		oracle_add(&oracle, &told, now);
		findings_add(heard.findings, &s.about, (struct instant){now});
		check_sum(heard.findings);
	}
	while (oracle.count > 0)
		oracle_close(&oracle, oracle_longest_quiet(&oracle), now);
	findings_close_all(heard.findings, (struct instant){now});
	assert_false(oracle.log.overflow);
	assert_string_equal(heard.log.at, oracle.log.at);
	for (int kind = STORM_BY_SUBJECT; kind <= STORM_BY_SIGNATURE; kind++) {
		storms += oracle.storm_counts[kind];
		storm_counts[kind] += oracle.storm_counts[kind];
	}
	assert_int_equal(findings_counts(heard.findings).storms, storms);
	/* Everything raised was told in the end. */
	assert_int_equal(heard.told, 3000);
	assert_int_equal(heard.alerts, heard.closed);
	text_release(&oracle.log);
	heard_release(&heard);
}

static void
it_does_what_a_naive_one_does(void **state)
{
	static const unsigned pauses[] = {1, 2, 3, 5, 40, 130, 700};
	uint64_t storms[STORM_BY_SIGNATURE + 1] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++)
		run_against_oracle(i + 1, pauses[i], storms);
	for (int kind = STORM_BY_SUBJECT; kind <= STORM_BY_SIGNATURE; kind++)
		assert_true(storms[kind] > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_does_what_a_naive_one_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
