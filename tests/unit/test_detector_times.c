/*
 * "Within so long": of every detector that counts over a sliding time.  What
 * comes within half of it is found wherever it begins; what is spread over more
 * than it never is, nor what comes in two parts that are further apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/detectors_table.h"
#include "tests/unit/dns_talk.h"

#define CLIENT   "shop/carts"
#define STRANGER "203.0.113.9"

/* A word that is none, and another one for each number. */
static const char *
strange_word(int number, char word[33])
{
	uint64_t seed = (uint64_t)number * 7919 + 12345;

	for (int i = 0; i < 32; i++)
		word[i] = "bcdfghjklmnpqrstvwxz0123456789qx"[draw(&seed) % 32];
	word[32] = '\0';
	return word;
}

static void
ask_web(struct stage *stage, const char *client, const char *request,
    uint32_t code, const char *answer)
{
	struct stage_flow flow =
	    stage_flow(stage, client, "shop/front", PROTOCOL_TCP, 80);

	stage_answer(&flow, APPLICATION_HTTP);
	stage_message(stage, &flow, MESSAGE_HTTP_REQUEST, true, 0, request,
	    strlen(request));
	stage_message(stage, &flow, MESSAGE_HTTP_RESPONSE, false, code, answer,
	    strlen(answer));
	stage_finish(stage, &flow);
}

static void
get_missing(struct stage *stage, const char *path)
{
	char request[256];

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
	    path);
	ask_web(stage, STRANGER, request, 404, "HTTP/1.1 404 No\r\n\r\n");
}

static void
fail_to_log_in(struct stage *stage, const char *client, const char *server)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 5432);

	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_answer(&flow, APPLICATION_POSTGRESQL);
	stage_message(
	    stage, &flow, MESSAGE_AUTHENTICATION, false, 1, "FATAL", 5);
	stage_finish(stage, &flow);
}

/* --- what is done, each time a little otherwise --------------------------- */

static void
ping(struct stage *stage, int i)
{
	struct stage_flow flow =
	    stage_flow(stage, CLIENT, STRANGER, PROTOCOL_ICMP, 0);
	char payload[64] = {0}, word[33];

	stage_answer(&flow, APPLICATION_ICMP);
	memcpy(payload + 24, strange_word(i, word), 32);
	stage_message(stage, &flow, MESSAGE_ECHO, true, 0, payload, 56);
	stage_message(stage, &flow, MESSAGE_ECHO, false, 1, payload, 56);
}

static void
ping_large(struct stage *stage, int i)
{
	struct stage_flow flow =
	    stage_flow(stage, CLIENT, STRANGER, PROTOCOL_ICMP, 0);
	char payload[1024];

	(void)i;
	for (size_t n = 0; n < sizeof(payload); n++)
		payload[n] = "move"[n % 4];
	stage_answer(&flow, APPLICATION_ICMP);
	stage_message(
	    stage, &flow, MESSAGE_ECHO, true, 0, payload, sizeof(payload));
}

static void
ask_past_the_cluster(struct stage *stage, int i)
{
	struct talk talk = talk_of(stage, CLIENT, STRANGER);

	(void)i;
	talk.flow.sighting.verdict = VERDICT_UNMODELLED;
	ask(&talk, "a.example", DNS_TYPE_A);
}

static void
ask_in_code(struct stage *stage, int i)
{
	struct talk talk = talk_of(stage, CLIENT, "kube/dns");
	char word[33], name[64];

	snprintf(name, sizeof(name), "%s.evil.example", strange_word(i, word));
	ask(&talk, name, DNS_TYPE_A);
}

static void
ask_for_texts(struct stage *stage, int i)
{
	struct talk talk = talk_of(stage, CLIENT, "kube/dns");
	char name[64];

	snprintf(name, sizeof(name), "order-%c%c.evil.example", 'a' + i % 26,
	    'a' + i / 26);
	ask(&talk, name, DNS_TYPE_TXT);
}

/* With a host in front, or a day's count has them as well. */
static void
miss_a_domain(struct stage *stage, int i)
{
	struct talk talk = talk_of(stage, CLIENT, "kube/dns");
	char word[33], name[64];

	snprintf(
	    name, sizeof(name), "www.%.12s.example", strange_word(i, word));
	miss(&talk, name);
}

static void
miss_a_bare_domain(struct stage *stage, int i)
{
	struct talk talk = talk_of(stage, CLIENT, "kube/dns");
	char word[33], name[64];

	snprintf(name, sizeof(name), "%.12s.example", strange_word(i, word));
	miss(&talk, name);
}

static void
miss_a_service(struct stage *stage, int i)
{
	struct talk talk = talk_of(stage, CLIENT, "kube/dns");
	char name[64];

	snprintf(name, sizeof(name), "%c%c%c.shop.svc.cluster.local",
	    'a' + i % 26, 'a' + i / 26 % 26, 'a' + i / 7 % 26);
	miss(&talk, name);
}

static void
miss_an_address(struct stage *stage, int i)
{
	struct talk talk = talk_of(stage, CLIENT, "kube/dns");
	char name[64];

	snprintf(name, sizeof(name), "%d.2.0.10.in-addr.arpa", i);
	miss(&talk, name);
}

static void
ask_for_little(struct stage *stage, int i)
{
	struct talk talk = talk_of(stage, CLIENT, "kube/dns");

	(void)i;
	ask(&talk, "a.example", DNS_TYPE_A);
}

static void
ask_for_much(struct stage *stage, int i)
{
	struct talk talk = talk_of(stage, STRANGER, "shop/dns");

	(void)i;
	ask(&talk, "a.example", DNS_TYPE_ANY);
	answer(&talk, "a.example", DNS_TYPE_ANY, 0, 1400);
}

static void
ask_a_reflector(struct stage *stage, int i)
{
	struct stage_flow flow =
	    stage_flow(stage, STRANGER, "shop/cache", PROTOCOL_UDP, 11211);

	(void)i;
	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_answer(&flow, APPLICATION_MEMCACHED);
	stage_send(stage, &flow, false, 20, 28000);
	stage_over(stage, &flow);
}

static void
ask_for_secrets(struct stage *stage, int i)
{
	static const char *const names[] = {"/.env", "/.git/config",
	    "/.aws/credentials", "/.htpasswd", "/.npmrc", "/.ssh/id_rsa"};

	get_missing(stage, names[i % 6]);
}

static void
guess_a_path(struct stage *stage, int i)
{
	char path[32];

	snprintf(path, sizeof(path), "/%c%c%c", 'a' + i % 26, 'a' + i / 26 % 26,
	    'a' + i / 5 % 26);
	get_missing(stage, path);
}

static void
guess_in_a_form(struct stage *stage, const char *client, int i)
{
	char request[256];

	snprintf(request, sizeof(request),
	    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: "
	    "application/x-www-form-urlencoded\r\n\r\nuser=admin&password=p%d",
	    i);
	ask_web(stage, client, request, 302,
	    "HTTP/1.1 302 Found\r\nLocation: /login?error\r\n\r\n");
}

static void
guess_a_password(struct stage *stage, int i)
{
	guess_in_a_form(stage, STRANGER, i);
}

static void
guess_from_many(struct stage *stage, int i)
{
	guess_in_a_form(stage, stage_numbered("203.0.113.", i % 10), i);
}

static void
spray(struct stage *stage, int i)
{
	fail_to_log_in(stage, CLIENT, stage_numbered("shop/db", i));
}

static void
besiege(struct stage *stage, int i)
{
	fail_to_log_in(stage, stage_numbered("203.0.113.", i / 2), "shop/db");
}

static void
send_out(struct stage *stage, int i)
{
	struct stage_flow flow =
	    stage_flow(stage, CLIENT, STRANGER, PROTOCOL_TCP, 443);

	(void)i;
	flow.sighting.verdict = VERDICT_UNMODELLED;
	stage_answer(&flow, APPLICATION_TLS);
	stage_send(stage, &flow, true, 700, 1000000);
	stage_send(stage, &flow, false, 350, 20000);
	stage_over(stage, &flow);
}

static void
scan_together(struct stage *stage, int i)
{
	struct stage_flow flow =
	    stage_flow(stage, stage_numbered("shop/decoy", i), "shop/db",
		PROTOCOL_TCP, (uint16_t)(100 + i));

	flow.sighting.verdict = VERDICT_UNMODELLED;
	stage_over(stage, &flow);
}

/* --- when ----------------------------------------------------------------- */

static const struct {
	const struct detector *detector;
	uint32_t signature;
	int enough;    /* times */
	double within; /* seconds */
	void (*act)(struct stage *stage, int i);
} rows[] = {
    {&detector_icmp_tunnel, 2070, 11, 600, ping},
    {&detector_icmp_tunnel, 2070, 10, 600, ping_large},
    {&detector_dns_bypass, 2051, 3, 600, ask_past_the_cluster},
    {&detector_dns_tunnel, 2050, 22, 600, ask_in_code},
    {&detector_dns_tunnel, 2050, 13, 600, ask_for_texts},
    {&detector_dns_names, 2053, 22, 600, miss_a_domain},
    {&detector_dns_tunnel, 2050, 100, 86400, ask_in_code},
    {&detector_dns_names, 2053, 50, 86400, miss_a_bare_domain},
    {&detector_dns_names, 2055, 110, 600, miss_a_service},
    {&detector_dns_names, 2056, 70, 600, miss_an_address},
    {&detector_dns_load, 2057, 5050, 10, ask_for_little},
    {&detector_dns_load, 2058, 101, 60, ask_for_much},
    {&detector_reflection, 2016, 6, 60, ask_a_reflector},
    {&detector_secret_paths, 2142, 3, 600, ask_for_secrets},
    {&detector_path_guessing, 2141, 80, 60, guess_a_path},
    {&detector_login_forms, 2023, 14, 120, guess_a_password},
    {&detector_login_forms, 2023, 28, 120, guess_from_many},
    {&detector_brute_force, 2021, 7, 600, spray},
    {&detector_brute_force, 2020, 48, 600, besiege},
    {&detector_exfil, 2065, 9, 3600, send_out},
    {&detector_scan, 2002, 15, 600, scan_together},
};

/* How often, in times of what is enough, and when, in times of the row's. */
struct plan {
	double times, lasts;
	double lead;  /* once so long before; 0: not */
	double pause; /* in the middle */
};

static bool
is_found(size_t row, const struct plan *plan)
{
	struct stage *stage = stage_new(rows[row].detector);
	int times = (int)(plan->times * rows[row].enough) + 1;
	bool found;

	if (plan->lead > 0)
		rows[row].act(stage, 0);
	for (int i = 0; i < times; i++) {
		double part = plan->lead + plan->lasts * i / times;

		if (2 * i >= times)
			part += plan->pause;
		stage_at(stage, part * rows[row].within);
		rows[row].act(stage, i);
	}
	found = stage_findings(stage, rows[row].signature) > 0;
	stage_free(stage);
	return found;
}

static void
expect(bool found, const struct plan *plan)
{
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
		if (is_found(row, plan) != found)
			fail_msg("%u in row %zu, %g before",
			    rows[row].signature, row, plan->lead);
}

static void
within_half_of_its_time_it_is_found(void **state)
{
	(void)state;
	for (int sixth = 0; sixth < 12; sixth++)
		expect(true, &(struct plan){1, 0.48, sixth / 6.0, 0});
}

static void
beyond_its_time_it_is_none(void **state)
{
	(void)state;
	expect(false, &(struct plan){2, 6, 0, 0});
}

static void
in_two_parts_it_is_none(void **state)
{
	(void)state;
	expect(false, &(struct plan){1, 0.2, 0, 2.2});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(within_half_of_its_time_it_is_found),
	    cmocka_unit_test(beyond_its_time_it_is_none),
	    cmocka_unit_test(in_two_parts_it_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
