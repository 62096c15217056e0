/*
 * Guessed passwords, and what only looks so: retries, back-off, expired
 * sessions, programs without a password.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/login/credential.h"
#include "classifiers/detectors/login/guesser.h"
#include "tests/detector_stage.h"

#define GUESSING 2020
#define SPRAYING 2021
#define SUCCESS  2022

static struct stage_flow
connection(struct stage *stage, const char *client, const char *server,
    uint16_t port, enum application application)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, port);

	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_answer(&flow, application);
	return flow;
}

static void
log_in(struct stage *stage, struct stage_flow *flow, bool fails)
{
	static const char words[] = "-WRONGPASS";

	stage_message(stage, flow, MESSAGE_AUTHENTICATION, false, fails, words,
	    sizeof(words) - 1);
}

/* One try in a connection of its own. */
static void
try_once(
    struct stage *stage, const char *client, const char *server, bool fails)
{
	struct stage_flow flow =
	    connection(stage, client, server, 5432, APPLICATION_POSTGRESQL);

	log_in(stage, &flow, fails);
	stage_finish(stage, &flow);
}

static void
quick_tries_are_one_finding(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);

	(void)state;
	for (int i = 0; i < 100; i++) {
		stage_at(stage, i * 0.2);
		try_once(stage, "shop/web", "shop/db", true);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, GUESSING)->about, "postgresql");
	assert_in_range(stage_found(stage, GUESSING)->count, 60, 100);
	/* And then it is let in. */
	try_once(stage, "shop/web", "shop/db", false);
	assert_int_equal(stage_findings(stage, SUCCESS), 1);
	stage_free(stage);
}

static void
tries_on_several_connections_at_once_are_guesses(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	struct stage_flow flows[4];

	(void)state;
	/* Four at once, each waiting two seconds for its answer. */
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 4; i++)
			flows[i] = connection(stage, "shop/web", "shop/db",
			    5432, APPLICATION_POSTGRESQL);
		stage_at(stage, (round + 1) * 2);
		for (int i = 0; i < 4; i++)
			log_in(stage, &flows[i], true);
	}
	assert_int_equal(stage_findings(stage, GUESSING), 1);
	stage_free(stage);
}

static void
several_tries_in_one_connection_are_guesses(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	struct stage_flow flow = connection(
	    stage, "shop/web", "shop/cache", 6379, APPLICATION_REDIS);

	(void)state;
	for (int i = 0; i < 15; i++) {
		stage_at(stage, i * 2);
		log_in(stage, &flow, true);
	}
	assert_int_equal(stage_findings(stage, GUESSING), 1);
	stage_free(stage);
}

static void
ssh(struct stage *stage, const char *client, uint64_t octets, double lasts)
{
	struct stage_flow flow =
	    connection(stage, client, "ops/bastion", 22, APPLICATION_SSH);

	for (int turn = 0; turn < 12; turn++)
		stage_send(stage, &flow, turn % 2 == 0, 1, 100);
	flow.flow.last.ns += (int64_t)(lasts * 1e9);
	flow.flow.packets[0] = 15;
	flow.flow.octets[0] = octets;
	flow.flow.packets[1] = 15;
	flow.flow.octets[1] = 3500;
	stage_finish(stage, &flow);
}

static void
short_exchanges_of_ssh_are_tries(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);

	(void)state;
	for (int i = 0; i < 40; i++) {
		stage_at(stage, i * 0.5);
		ssh(stage, "shop/web", 2400, 2);
		/* Jobs that do something, as often. */
		ssh(stage, "ops/jobs", 6000, 2);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, GUESSING)->subject, "shop/web");
	assert_in_range(stage_found(stage, GUESSING)->confidence, 50, 80);
	stage_free(stage);
}

/* As hydra does: four connections with six tries each, and then it waits. */
static void
tries_within_ssh_are_counted(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct stage_flow flow = connection(
		    stage, "shop/web", "ops/bastion", 22, APPLICATION_SSH);

		for (int turn = 0; turn < 11; turn++)
			stage_send(stage, &flow, turn % 2 == 0, 1, 120);
		for (int turn = 0; turn < 10; turn++)
			stage_send(stage, &flow, turn % 2 == 0, 1, 136);
		stage_finish(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, GUESSING), 1);
	stage_free(stage);
}

static void
request(struct stage *stage, struct stage_flow *flow, const char *credential,
    uint32_t code)
{
	char text[256];
	int size = snprintf(text, sizeof(text),
	    "GET / HTTP/1.1\r\nHost: a\r\n%s%s\r\n\r\n",
	    credential[0] == '\0' ? "" : "Authorization: Basic ", credential);

	stage_message(
	    stage, flow, MESSAGE_HTTP_REQUEST, true, 0, text, (size_t)size);
	stage_message(stage, flow, MESSAGE_HTTP_RESPONSE, false, code, "", 0);
}

static void
different_credentials_are_guesses_at_any_rhythm(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	struct stage_flow flow =
	    connection(stage, "shop/web", "ops/grafana", 80, APPLICATION_HTTP);
	char credential[32];

	(void)state;
	for (int i = 0; i < 20; i++) {
		stage_at(stage, i * 3);
		snprintf(credential, sizeof(credential), "password%d", i);
		request(stage, &flow, credential, 401);
	}
	assert_int_equal(stage_findings(stage, GUESSING), 1);
	request(stage, &flow, "the right one", 200);
	assert_int_equal(stage_findings(stage, SUCCESS), 1);
	stage_free(stage);
}

static void
a_password_at_many_servers_is_spraying(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	char server[32];

	(void)state;
	for (int i = 0; i < 12; i++) {
		stage_at(stage, i * 20);
		snprintf(server, sizeof(server), "shop/db%d", i);
		try_once(stage, "shop/web", server, true);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_int_equal(stage_findings(stage, SPRAYING), 1);
	stage_free(stage);
}

/* --- silent --------------------------------------------------------------- */

static void
one_credential_is_a_retry_however_often(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	struct stage_flow flow =
	    connection(stage, "shop/web", "ops/grafana", 80, APPLICATION_HTTP);

	(void)state;
	for (int i = 0; i < 500; i++) {
		stage_at(stage, i * 0.1);
		request(stage, &flow, "the old one", 401);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
challenges_and_expired_sessions_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	struct stage_flow flow =
	    connection(stage, "shop/web", "ops/grafana", 80, APPLICATION_HTTP);
	char credential[32];

	(void)state;
	for (int i = 0; i < 200; i++) {
		stage_at(stage, i * 0.1);
		snprintf(credential, sizeof(credential), "nonce%d", i);
		request(stage, &flow, "", 401);
		request(stage, &flow, credential, 200);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
crash_loops_and_steady_retries_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	double at = 0, wait = 1;

	(void)state;
	for (int i = 0; i < 60; i++) {
		stage_at(stage, i * 2);
		try_once(stage, "shop/web", "shop/db", true);
	}
	stage_free(stage);
	stage = stage_new(&detector_brute_force);
	for (int i = 0; i < 20; i++) {
		stage_at(stage, at);
		try_once(stage, "shop/web", "shop/db", true);
		at += wait;
		wait = wait * 1.5 > 300 ? 300 : wait * 1.5;
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* Twenty pods with an old password, each in its own beat. */
static void
a_deployment_with_an_old_password_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	char pod[32];

	(void)state;
	for (int i = 0; i < 1200; i++) {
		stage_at(stage, i * 0.1);
		snprintf(pod, sizeof(pod), "shop/web#%d", i % 20);
		try_once(stage, pod, "shop/db", true);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
a_program_without_a_password_is_none(void **state)
{
	static const char words[] = "-NOAUTH Authentication required.";
	struct stage *stage = stage_new(&detector_brute_force);
	struct stage_flow flow = connection(
	    stage, "shop/web", "shop/cache", 6379, APPLICATION_REDIS);

	(void)state;
	for (int i = 0; i < 500; i++) {
		stage_at(stage, i * 0.1);
		stage_message(stage, &flow, MESSAGE_AUTHENTICATION, false, 1,
		    words, sizeof(words) - 1);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
people_who_mistype_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);

	(void)state;
	for (int day = 0; day < 30; day++) {
		for (int i = 0; i < 3; i++) {
			stage_at(stage, day * 3600 + i * 4.7);
			try_once(stage, "ops/desk", "shop/db", true);
		}
		stage_at(stage, day * 3600 + 20);
		try_once(stage, "ops/desk", "shop/db", false);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* Ten connections at once with an old password, each ten seconds. */
static void
pools_with_an_old_password_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);

	(void)state;
	for (int i = 0; i < 200; i++) {
		stage_at(stage, i / 10 * 10 + i % 10 * 0.02);
		try_once(stage, "shop/web", "shop/db", true);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
try_allowed(struct stage *stage, bool fails)
{
	struct stage_flow flow = connection(
	    stage, "shop/web", "shop/db", 5432, APPLICATION_POSTGRESQL);

	flow.sighting.verdict = VERDICT_ALLOWED;
	log_in(stage, &flow, fails);
	stage_finish(stage, &flow);
}

/* Two to six seconds, one at a time, until the secret is mended. */
static void
jittered_retries_are_none_and_neither_is_their_success(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	uint64_t random = 11;
	double at = 0;

	(void)state;
	for (int i = 0; i < 60; i++) {
		stage_at(stage, at);
		try_allowed(stage, true);
		random = random * 6364136223846793005 + 1442695040888963407;
		at += 2 + (double)(random >> 40) / (1 << 24) * 4;
	}
	try_allowed(stage, false);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* As a pool, but without a pause that is worth it, or without a beat. */
static void
bursts_without_a_pause_or_beat_are_guesses(void **state)
{
	static const double pauses[2][5] = {
	    {2, 2, 2, 2, 2}, {31, 6, 19, 9, 40}};

	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		struct stage *stage = stage_new(&detector_brute_force);
		double at = 0;

		for (int burst = 0; burst < 10; burst++) {
			for (int i = 0; i < 20; i++) {
				stage_at(stage, at + i * 0.02);
				try_once(stage, "shop/web", "shop/db", true);
			}
			at += pauses[kind][burst % 5];
		}
		assert_int_equal(stage_findings(stage, GUESSING), 1);
		stage_free(stage);
	}
}

/* Ten at once, each second, to where a model allows it: then it is let in. */
static void
allowed_pools_in_step_are_none(void **state)
{
	static const enum verdict_kind verdicts[] = {
	    VERDICT_ALLOWED, VERDICT_UNMODELLED};

	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		struct stage *stage = stage_new(&detector_brute_force);
		struct stage_flow flow;

		for (int i = 0; i < 90; i++) {
			stage_at(stage, i / 10 + i % 10 * 0.003);
			flow = connection(stage, "shop/web", "shop/db", 3306,
			    APPLICATION_MYSQL);
			flow.sighting.verdict = verdicts[kind];
			log_in(stage, &flow, true);
			stage_finish(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, GUESSING), kind);
		flow = connection(
		    stage, "shop/web", "shop/db", 3306, APPLICATION_MYSQL);
		flow.sighting.verdict = verdicts[kind];
		log_in(stage, &flow, false);
		assert_int_equal(stage_findings(stage, SUCCESS), 0);
		stage_free(stage);
	}
}

/* Forty addresses, four tries each; and as many people, who are let in. */
static void
many_addresses_besiege_a_server(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct stage *stage = stage_new(&detector_brute_force);

		for (int i = 0; i < 160; i++) {
			struct stage_flow flow;
			char address[32];

			stage_at(stage, i * 1.5);
			snprintf(address, sizeof(address), "203.0.113.%d",
			    i % (kind == 2 ? 10 : 40));
			flow = connection(stage, address, "ops/bastion", 5432,
			    APPLICATION_POSTGRESQL);
			flow.sighting.verdict = VERDICT_ALLOWED;
			log_in(stage, &flow, kind != 1 || i % 3 == 0);
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, 0), kind == 0);
		if (kind == 0)
			assert_string_equal(
			    stage_found(stage, GUESSING)->subject,
			    "ops/bastion");
		stage_free(stage);
	}
}

/* A bastion that is open to everybody outside, and an allowed one inside. */
static void
what_is_open_to_all_is_open_to_nobody_who_guesses(void **state)
{
	static const char *const clients[] = {"203.0.113.9", "ops/deploy"};

	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		struct stage *stage = stage_new(&detector_brute_force);

		for (int i = 0; i < 40; i++) {
			struct stage_flow flow;

			stage_at(stage, i * 4);
			flow = connection(stage, clients[kind], "ops/bastion",
			    22, APPLICATION_SSH);
			flow.sighting.verdict = VERDICT_ALLOWED;
			for (int turn = 0; turn < 11; turn++)
				stage_send(stage, &flow, turn % 2 == 0, 1, 120);
			stage_at(stage, i * 4 + 3);
			for (int turn = 0; turn < 10; turn++)
				stage_send(stage, &flow, turn % 2 == 0, 1, 120);
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, 0), 1 - kind);
		stage_free(stage);
	}
}

/* More at once than any pool has. */
static void
a_single_burst_of_many_is_guessing(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);

	(void)state;
	for (int i = 0; i < 40; i++) {
		stage_at(stage, i * 0.01);
		try_once(stage, "shop/web", "shop/db", true);
	}
	assert_int_equal(stage_findings(stage, GUESSING), 1);
	stage_free(stage);
}

/* Mail: connections take turns, and each goes on after it was refused. */
static void
tries_that_take_turns_in_connections_are_guesses(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	struct stage_flow flows[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		flows[i] = connection(
		    stage, "203.0.113.9", "shop/mail", 587, APPLICATION_SMTP);
	for (int i = 0; i < 24; i++) {
		stage_at(stage, 0.5 + i * 0.08);
		log_in(stage, &flows[i % 4], true);
	}
	assert_int_equal(stage_findings(stage, GUESSING), 1);
	stage_free(stage);
}

/* Thirty tries within a second, four at a time, a connection each: who is
 * refused begins anew at once.  A pool begins all that it has beforehand. */
static void
a_short_list_is_guessed_and_a_pool_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	struct stage_flow flows[32];

	(void)state;
	for (int round = 0; round < 8; round++) {
		stage_at(stage, round * 0.1);
		for (int i = 0; i < 4; i++)
			flows[i] = connection(stage, "shop/bad", "shop/db",
			    5432, APPLICATION_POSTGRESQL);
		stage_at(stage, round * 0.1 + 0.05);
		for (int i = 0; i < 4; i++)
			log_in(stage, &flows[i], true);
	}
	assert_int_equal(stage_findings(stage, GUESSING), 1);
	stage_at(stage, 10);
	for (int i = 0; i < 32; i++)
		flows[i] = connection(stage, "shop/pool", "shop/db", 5432,
		    APPLICATION_POSTGRESQL);
	for (int i = 0; i < 32; i++) {
		stage_at(stage, 10.1 + i * 0.02);
		log_in(stage, &flows[i], true);
	}
	assert_int_equal(stage_findings(stage, GUESSING), 1);
	stage_free(stage);
}

/* What a login in clear shows, and who is refused with it. */
static void
show_login(struct stage *stage, struct stage_flow *flow, uint32_t name,
    uint32_t credential)
{
	flow->sighting.message = (struct message){
	    .kind = MESSAGE_AUTHENTICATION,
	    .code = 1,
	    .name = name,
	    .credential = credential,
	};
	stage->packet++;
	stage_tell(stage, flow, SIGHTED_MESSAGE);
}

/* One wrong password ten times a second, and three times in a connection; then
 * a token that is another after each pause of hours. */
static void
a_password_that_is_shown_is_a_retry_at_any_rhythm(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);

	(void)state;
	for (int i = 0; i < 600; i++) {
		struct stage_flow flow = connection(
		    stage, "shop/web", "shop/cache", 6379, APPLICATION_REDIS);

		stage_at(stage, i * 0.1);
		for (int j = 0; j < 3; j++)
			show_login(stage, &flow, 7, 77);
		stage_finish(stage, &flow);
	}
	for (int i = 0; i < 600; i++) {
		struct stage_flow flow = connection(
		    stage, "shop/job", "shop/cache", 6379, APPLICATION_REDIS);

		stage_at(stage, 100 + i / 20 * 7200 + i % 20 * 0.3);
		show_login(stage, &flow, 7, 100 + (uint32_t)i / 20);
		stage_finish(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* Others each time, in the beat of a retry; or for other names each time. */
static void
passwords_and_names_that_are_shown_are_guesses_at_any_rhythm(void **state)
{
	(void)state;
	for (uint32_t kind = 0; kind < 3; kind++) {
		struct stage *stage = stage_new(&detector_brute_force);

		for (uint32_t i = 0; i < 40; i++) {
			struct stage_flow flow = connection(stage, "shop/web",
			    "shop/mail", 143, APPLICATION_IMAP);

			stage_at(stage, i * 2);
			show_login(stage, &flow, kind == 1 ? 1000 + i : 7,
			    kind == 0 ? 1000 + i : 0);
			stage_finish(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, GUESSING), kind < 2);
		stage_free(stage);
	}
}

/* How somebody fails, one try at a time, without a word of what was tried. */
struct persistence {
	enum verdict_kind verdict;
	const char *name;
	double wait, jitter, growth; /* seconds; part of it; factor */
	bool let_in;                 /* once, before */
	bool shown;                  /* another credential each time */
	bool found;
};

static void
fail_on_and_on(const struct persistence *how)
{
	struct stage *stage = stage_new(&detector_brute_force);
	double at = 100, wait = how->growth > 1 ? 1 : how->wait;
	uint64_t random = 7;

	for (uint32_t i = 0; i < 60; i++) {
		struct stage_flow flow;

		stage_at(stage, at);
		flow = connection(
		    stage, "shop/web", "shop/db", 5432, APPLICATION_POSTGRESQL);
		flow.sighting.verdict = how->verdict;
		if (how->let_in && i == 0)
			log_in(stage, &flow, false);
		else
			show_login(stage, &flow, messages_name(how->name),
			    how->shown ? 1000 + i : 0);
		stage_finish(stage, &flow);
		random = random * 6364136223846793005 + 1442695040888963407;
		at += wait * (1 + how->jitter *
				      ((double)(random >> 40) / (1 << 23) - 1));
		wait = wait * how->growth > how->wait ? how->wait
						      : wait * how->growth;
	}
	assert_int_equal(stage_findings(stage, GUESSING), how->found);
	if (how->found)
		assert_int_equal(stage_found(stage, GUESSING)->confidence,
		    how->shown ? 90 : 50);
	stage_free(stage);
}

static void
who_is_never_let_in_guesses_at_any_pace(void **state)
{
	static const struct persistence guesses[] = {
	    {VERDICT_DEVIATION, "shop", 20, 0.2, 1, false, false, true},
	    {VERDICT_DEVIATION, "postgres", 20, 0, 1, false, false, true},
	    {VERDICT_DEVIATION, "root", 300, 0, 1, false, false, true},
	    {VERDICT_DEVIATION, "shop", 120, 0, 1, false, true, true},
	    {VERDICT_ALLOWED, "shop", 120, 0.3, 1, false, true, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		fail_on_and_on(&guesses[i]);
}

/* A timer's beat; one that may; back-off, with and without jitter; who was let
 * in before; too slow. */
static void
programs_that_are_never_let_in_retry(void **state)
{
	static const struct persistence retries[] = {
	    {VERDICT_DEVIATION, "shop", 20, 0.02, 1, false, false, false},
	    {VERDICT_ALLOWED, "root", 20, 0.2, 1, false, false, false},
	    {VERDICT_UNMODELLED, "root", 20, 0.2, 1, false, false, false},
	    {VERDICT_DEVIATION, "shop", 60, 0.5, 1.5, false, false, false},
	    {VERDICT_DEVIATION, "root", 300, 0, 2, false, false, false},
	    {VERDICT_DEVIATION, "root", 20, 0.2, 1, true, false, false},
	    {VERDICT_DEVIATION, "root", 900, 0.2, 1, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(retries) / sizeof(retries[0]); i++)
		fail_on_and_on(&retries[i]);
}

/* --- parts ---------------------------------------------------------------- */

static void
credentials_are_told_apart(void **state)
{
	static const char *const requests[] = {
	    "GET / HTTP/1.1\r\nAuthorization: Basic YTph\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: b\r\nauthorization: Basic YTpi\r\n\r\n",
	    "POST /login HTTP/1.1\r\nHost: b\r\n\r\nuser=a&pass=b",
	    "POST /login HTTP/1.1\r\nHost: b\r\n\r\nuser=a&pass=c",
	};
	uint32_t hashes[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		hashes[i] = credential_of_http(
		    (const uint8_t *)requests[i], strlen(requests[i]));
		assert_int_not_equal(hashes[i], 0);
		for (int j = 0; j < i; j++)
			assert_int_not_equal(hashes[i], hashes[j]);
		/* Cut anywhere it is read within its bounds. */
		for (size_t size = 0; size < strlen(requests[i]); size++) {
			uint8_t *copy = malloc(size + (size == 0));

			memcpy(copy, requests[i], size);
			(void)credential_of_http(copy, size);
			free(copy);
		}
	}
	assert_int_equal(
	    credential_of_http(
		(const uint8_t *)"POST /v1/logs HTTP/1.1\r\n\r\n{\"a\":1}", 33),
	    0);
	assert_int_equal(
	    credential_of_http(
		(const uint8_t *)"GET /?a=b HTTP/1.1\r\nHost: a\r\n\r\n", 33),
	    0);
}

static void
strangers_do_not_exhaust_it(void **state)
{
	struct stage *stage = stage_new(&detector_brute_force);
	struct stage_flow flow = connection(
	    stage, "203.0.113.1", "shop/db", 5432, APPLICATION_POSTGRESQL);
	uint64_t other = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		stage_at(stage, i * 0.3);
		try_once(stage, "shop/web", "shop/db", true);
		for (int j = 0; j < 5000; j++) {
			flow.sighting.client.key =
			    flow.sighting.client.instance =
				++other * UINT64_C(0x9e3779b97f4a7c15);
			log_in(stage, &flow, true);
		}
	}
	/* The workload's own guessing, and that there are many more. */
	assert_int_equal(stage_findings(stage, GUESSING), 2);
	assert_int_equal(stage_findings(stage, 0), 2);
	assert_in_range(detectors_counts_of(stage->row, 0).held, 1, 13000);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quick_tries_are_one_finding),
	    cmocka_unit_test(tries_on_several_connections_at_once_are_guesses),
	    cmocka_unit_test(several_tries_in_one_connection_are_guesses),
	    cmocka_unit_test(short_exchanges_of_ssh_are_tries),
	    cmocka_unit_test(tries_within_ssh_are_counted),
	    cmocka_unit_test(different_credentials_are_guesses_at_any_rhythm),
	    cmocka_unit_test(a_password_at_many_servers_is_spraying),
	    cmocka_unit_test(one_credential_is_a_retry_however_often),
	    cmocka_unit_test(challenges_and_expired_sessions_are_none),
	    cmocka_unit_test(crash_loops_and_steady_retries_are_none),
	    cmocka_unit_test(a_deployment_with_an_old_password_is_none),
	    cmocka_unit_test(a_program_without_a_password_is_none),
	    cmocka_unit_test(people_who_mistype_are_none),
	    cmocka_unit_test(pools_with_an_old_password_are_none),
	    cmocka_unit_test(allowed_pools_in_step_are_none),
	    cmocka_unit_test(many_addresses_besiege_a_server),
	    cmocka_unit_test(what_is_open_to_all_is_open_to_nobody_who_guesses),
	    cmocka_unit_test(
		jittered_retries_are_none_and_neither_is_their_success),
	    cmocka_unit_test(bursts_without_a_pause_or_beat_are_guesses),
	    cmocka_unit_test(a_single_burst_of_many_is_guessing),
	    cmocka_unit_test(a_password_that_is_shown_is_a_retry_at_any_rhythm),
	    cmocka_unit_test(
		passwords_and_names_that_are_shown_are_guesses_at_any_rhythm),
	    cmocka_unit_test(who_is_never_let_in_guesses_at_any_pace),
	    cmocka_unit_test(programs_that_are_never_let_in_retry),
	    cmocka_unit_test(credentials_are_told_apart),
	    cmocka_unit_test(strangers_do_not_exhaust_it),
	    cmocka_unit_test(tries_that_take_turns_in_connections_are_guesses),
	    cmocka_unit_test(a_short_list_is_guessed_and_a_pool_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
