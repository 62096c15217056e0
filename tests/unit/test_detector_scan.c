/*
 * Scans: every technique alone is found once, whoever knows what he wants is
 * not, and nobody is blamed for what others did in his name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/scan/scanner.h"
#include "tests/detector_stage.h"
#include "tests/unit/attempts.h"

#define SCAN  2001
#define MANY  2002
#define KNOCK 2003

static void
unanswered(struct stage *stage, const char *client, const char *server,
    uint8_t protocol, uint16_t port)
{
	struct stage_flow flow = attempt(stage, client, server, protocol, port);

	stage_over(stage, &flow);
}

/* A connection in which the client asks for something and gets it. */
static void
served(struct stage *stage, const char *client, const char *server,
    uint16_t port, enum verdict_kind verdict)
{
	struct stage_flow flow =
	    attempt(stage, client, server, PROTOCOL_TCP, port);

	flow.sighting.verdict = verdict;
	stage_answer(&flow, APPLICATION_HTTP);
	stage_send(stage, &flow, true, 1, 400);
	stage_send(stage, &flow, false, 3, 3000);
	stage_over(stage, &flow);
}

/* --- found ---------------------------------------------------------------- */

static void
ports_of_one_target_are_one_finding(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int port = 1; port <= 1000; port++) {
		stage_at(stage, port * 0.001);
		refused(stage, "shop/carts", "shop/db", (uint16_t)port);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, SCAN)->subject, "shop/carts");
	assert_non_null(
	    strstr(stage_found(stage, SCAN)->evidence, "\"vertical\""));
	/* Said of at least nearly all, though not a thousand times. */
	assert_in_range(stage_found(stage, SCAN)->count, 900, 1000);
	assert_in_range(stage_found(stage, SCAN)->times, 2, 100);
	stage_free(stage);
}

static void
hosts_on_one_port_are_one_finding(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 40; i++) {
		stage_at(stage, i);
		unanswered(stage, "shop/carts", stage_numbered("10.9.0.", i),
		    PROTOCOL_TCP, 6379);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_non_null(
	    strstr(stage_found(stage, SCAN)->evidence, "\"horizontal\""));
	stage_free(stage);
}

/* All of its addresses have the zone's name and key. */
static void
the_hosts_of_a_zone_are_many(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct stage_end *end =
		    stage_end_of(stage, stage_numbered("203.0.113.", 10 + i));

		end->party.attribution = ATTRIBUTION_ZONE;
		end->end.key = end->end.instance = 77;
		stage_at(stage, i);
		unanswered(stage, "shop/a", end->asked, PROTOCOL_TCP, 445);
	}
	assert_int_equal(stage_findings(stage, SCAN), 1);
	stage_free(stage);
}

static void
a_target_an_hour_is_found_too(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 20; i++) {
		stage_at(stage, i * 3600.0);
		unanswered(stage, "shop/carts", "shop/db", PROTOCOL_TCP,
		    (uint16_t)(100 + i));
		/* Its daily work goes on. */
		served(
		    stage, "shop/carts", "shop/cache", 6379, VERDICT_ALLOWED);
	}
	assert_int_equal(stage_findings(stage, SCAN), 1);
	stage_free(stage);
}

static void
half_open(struct stage *stage, const char *server, uint16_t port)
{
	struct stage_flow flow =
	    attempt(stage, "shop/carts", server, PROTOCOL_TCP, port);

	flow.flow.answered = true;
	flow.flow.packets[1] = 1;
	flow.flow.octets[1] = 60;
	flow.flow.tcp_flags[0] = TCP_SYN | TCP_RST;
	flow.flow.tcp_flags[1] = TCP_SYN | TCP_ACK;
	stage_over(stage, &flow);
}

static void
open_ports_that_nobody_wants_count(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 20; i++)
		half_open(stage, stage_numbered("shop/s", i), 80);
	assert_int_equal(stage_findings(stage, SCAN), 1);
	assert_non_null(strstr(stage_found(stage, SCAN)->sentence, "(syn)"));
	stage_free(stage);
}

static void
connections_in_which_nothing_is_said_count(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct stage_flow flow = attempt(stage, "shop/carts",
		    stage_numbered("shop/s", i % 5), PROTOCOL_TCP,
		    (uint16_t)(80 + i / 5));

		if (i % 3 == 0)
			stage_refuse(&flow);
		else
			stage_answer(&flow, APPLICATION_UNKNOWN);
		stage_over(stage, &flow);
	}
	assert_non_null(
	    strstr(stage_found(stage, SCAN)->sentence, "(syn, connect)"));
	/* It finished handshakes: it is who it says it is. */
	assert_in_range(stage_found(stage, SCAN)->confidence, 70, 100);
	stage_free(stage);
}

static void
odd(struct stage *stage, uint16_t port, uint8_t flags)
{
	struct stage_flow flow =
	    attempt(stage, "shop/carts", "shop/db", PROTOCOL_TCP, port);

	flow.flow.tcp_flags[0] = flags;
	flow.flow.midstream = true;
	flow.flow.direction = DIRECTION_HEURISTIC;
	flow.flow.octets[0] = 40;
	flow.flow.packets[1] = 1;
	flow.flow.tcp_flags[1] = TCP_RST;
	flow.sighting.direction_known = false;
	stage_over(stage, &flow);
}

static void
segments_that_begin_nothing_count(void **state)
{
	static const struct {
		uint8_t flags;
		const char *name;
	} odds[] = {
	    {TCP_FIN, "(fin)"}, {0, "(null)"},
	    {TCP_FIN | TCP_PSH | 0x20, "(xmas)"}, {TCP_ACK, "(ack)"},
	    {TCP_FIN | TCP_ACK, "(fin)"}, /* nmap -sM */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(odds) / sizeof(odds[0]); i++) {
		struct stage *stage = stage_new(&detector_scan);

		for (int port = 1; port < 30; port++)
			odd(stage, (uint16_t)port, odds[i].flags);
		assert_int_equal(stage_findings(stage, 0), 1);
		assert_non_null(
		    strstr(stage_found(stage, SCAN)->sentence, odds[i].name));
		stage_free(stage);
	}
}

static void
datagrams_and_echoes_count(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 30; i++) {
		stage_at(stage, i * 0.1);
		unanswered(stage, "shop/a", "shop/db", PROTOCOL_UDP,
		    (uint16_t)(100 + i));
	}
	for (int i = 0; i < 30; i++) {
		struct stage_flow flow = attempt(stage, "shop/b",
		    stage_numbered("shop/s", i), PROTOCOL_ICMP, 0);

		flow.flow.answered = i % 2 == 0;
		stage_over(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, SCAN), 2);
	stage_free(stage);
}

static void
ping(struct stage *stage, struct stage_flow *flow, int host, double at)
{
	stage_at(stage, at);
	*flow = attempt(stage, "mon/prober", stage_numbered("shop/s", host),
	    PROTOCOL_ICMP, 0);
	if (host % 4 == 3)
		return;
	stage_send(stage, flow, false, 1, 84);
	flow->flow.answered = true;
	stage_ready(stage, flow);
}

/*
 * A hundred hosts, a quarter of them dead, each with an identifier of its own
 * in each round of 15 s; flows end after 30 s.  A sweep asks once, or twice
 * within some seconds.
 */
static void
who_pings_in_rounds_watches(void **state)
{
	static const struct {
		double pause;
		size_t findings;
	} cases[] = {{15, 0}, {3, 1}};
	static struct stage_flow flows[2][100];

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct stage *stage = stage_new(&detector_scan);

		/* It does other checks as well. */
		refused(stage, "mon/prober", "shop/db", 5432);
		for (int round = 0; round < 2; round++)
			for (int i = 0; i < 100; i++)
				ping(stage, &flows[round][i], i,
				    round * cases[c].pause + i * 0.01);
		for (int round = 0; round < 2; round++)
			for (int i = 0; i < 100; i++) {
				stage_at(stage,
				    30 + round * cases[c].pause + i * 0.01);
				stage_over(stage, &flows[round][i]);
			}
		assert_int_equal(
		    stage_findings(stage, SCAN), cases[c].findings);
		stage_free(stage);
	}
}

/* A monitor pings thirty hosts, each for minutes; a sweep asks each twice. */
static void
who_pings_on_watches(void **state)
{
	(void)state;
	for (int sweep = 0; sweep < 2; sweep++) {
		struct stage *stage = stage_new(&detector_scan);
		struct stage_flow flows[30];

		for (int i = 0; i < 30; i++)
			flows[i] = attempt(stage, "mon/prober",
			    stage_numbered("shop/s", i), PROTOCOL_ICMP, 0);
		for (int round = 1; round < (sweep ? 2 : 6); round++) {
			stage_at(stage, round * 15);
			for (int i = 0; i < 30; i++) {
				stage_send(stage, &flows[i], true, 1, 84);
				stage_send(stage, &flows[i], false, 1, 84);
				flows[i].flow.answered = true;
			}
		}
		for (int i = 0; i < 30; i++)
			stage_over(stage, &flows[i]);
		assert_int_equal(stage_findings(stage, SCAN), sweep);
		if (sweep)
			assert_non_null(
			    strstr(stage_found(stage, SCAN)->sentence,
				"hosts asked whether they are there (icmp)"));
		stage_free(stage);
	}
}

static void
several_techniques_are_one_finding(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int port = 1; port < 30; port++) {
		refused(stage, "shop/carts", "shop/db", (uint16_t)port);
		odd(stage, (uint16_t)port, TCP_FIN);
		unanswered(stage, "shop/carts", "shop/db", PROTOCOL_UDP,
		    (uint16_t)port);
	}
	stage_at(stage, 5);
	odd(stage, 40, TCP_FIN);
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_non_null(
	    strstr(stage_found(stage, SCAN)->sentence, "(syn, fin, udp)"));
	stage_free(stage);
}

static void
opens(struct stage *stage, const char *client, const char *opening, size_t size)
{
	struct stage_flow flow =
	    attempt(stage, client, "shop/db", PROTOCOL_TCP, 5432);

	stage_answer(&flow, APPLICATION_UNKNOWN);
	stage_send(stage, &flow, true, 1, 52 + size);
	stage_message(stage, &flow, MESSAGE_OPENING, true, 0, opening, size);
	stage_over(stage, &flow);
}

static void
asking_in_many_protocols_is_a_scan(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	opens(stage, "shop/a", "GET / HTTP/1.0\r\n\r\n", 18);
	opens(stage, "shop/a", "POST / HTTP/1.0\r\n\r\n", 19);
	opens(stage, "shop/a", "\x16\x03\x00\x00\x53\x01", 6);
	assert_int_equal(stage_findings(stage, 0), 0);
	opens(stage, "shop/a", "\x80\x00\x00\x28\x00\x00\x00\x01", 8);
	assert_non_null(
	    strstr(stage_found(stage, SCAN)->sentence, "service-probe"));
	/* Two of nmap's own. */
	opens(stage, "shop/b", "HELP\r\n", 6);
	assert_int_equal(stage_findings(stage, 0), 1);
	opens(stage, "shop/b", "\x80\x00\x00\x28\x72\xfe\x1d\x13", 8);
	assert_int_equal(stage_findings(stage, SCAN), 2);
	stage_free(stage);
}

static void
a_knock_and_then_a_session(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	unanswered(stage, "shop/a", "ops/box", PROTOCOL_TCP, 7000);
	stage_at(stage, 1);
	unanswered(stage, "shop/a", "ops/box", PROTOCOL_TCP, 8000);
	stage_at(stage, 2);
	unanswered(stage, "shop/a", "ops/box", PROTOCOL_UDP, 9000);
	stage_at(stage, 3);
	served(stage, "shop/a", "ops/box", 22, VERDICT_DEVIATION);
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_non_null(
	    strstr(stage_found(stage, KNOCK)->evidence, "[7000,8000,9000]"));
	stage_free(stage);
}

/* What a firewall drops is known half a minute later; then the session that it
 * opened is over. */
static void
knock_silently(struct stage *stage, const char *client,
    enum application application, enum verdict_kind verdict, uint64_t packets)
{
	static const uint16_t ports[] = {7000, 8000, 9000};
	struct stage_flow knocks[3], session;

	for (int i = 0; i < 3; i++) {
		stage_at(stage, i);
		knocks[i] =
		    attempt(stage, client, "ops/box", PROTOCOL_TCP, ports[i]);
		knocks[i].flow.packets[0] = packets;
	}
	stage_at(stage, 4);
	session = attempt(stage, client, "ops/box", PROTOCOL_TCP, 22);
	session.sighting.verdict = verdict;
	stage_answer(&session, application);
	stage_send(stage, &session, true, 1, 400);
	stage_send(stage, &session, false, 3, 3000);
	stage_over(stage, &session);
	assert_int_equal(stage_findings(stage, 0), 0);
	for (int i = 0; i < 3; i++) {
		stage_at(stage, 30 + i);
		stage_over(stage, &knocks[i]);
	}
}

static void
knocks_that_nobody_answers_are_knocks(void **state)
{
	static const struct {
		const char *client;
		enum application application;
		enum verdict_kind verdict;
		uint64_t packets;
		size_t found;
	} rows[] = {
	    {"shop/a", APPLICATION_HTTP, VERDICT_DEVIATION, 1, 1},
	    {"203.0.113.5", APPLICATION_SSH, VERDICT_ALLOWED, 2, 1},
	    /* What models let a workload do; the web, which all may ask; who
	     * waits for an answer. */
	    {"shop/a", APPLICATION_SSH, VERDICT_ALLOWED, 1, 0},
	    {"203.0.113.5", APPLICATION_HTTP, VERDICT_ALLOWED, 1, 0},
	    {"shop/a", APPLICATION_HTTP, VERDICT_DEVIATION, 6, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stage *stage = stage_new(&detector_scan);

		knock_silently(stage, rows[i].client, rows[i].application,
		    rows[i].verdict, rows[i].packets);
		assert_int_equal(stage_findings(stage, 0), rows[i].found);
		if (rows[i].found > 0)
			assert_non_null(
			    strstr(stage_found(stage, KNOCK)->evidence,
				"\"served_port\":22"));
		stage_free(stage);
	}
}

/* --- silent --------------------------------------------------------------- */

static void
a_scrape_of_many_targets_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 200; i++) {
			stage_at(stage, round * 15 + i * 0.05);
			/* Some are down, and in the end a whole rack. */
			if (i % 10 == 3 || i >= 185)
				unanswered(stage, "mon/prometheus",
				    stage_numbered("shop/s", i), PROTOCOL_TCP,
				    9100);
			else
				served(stage, "mon/prometheus",
				    stage_numbered("shop/s", i), 9100,
				    VERDICT_UNMODELLED);
		}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
dead_backends_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	/* Replicas are one target, and so is one that is retried for long. */
	for (int second = 0; second < 300; second++) {
		stage_at(stage, second);
		for (int i = 0; i < 20; i++)
			refused(stage, "shop/proxy",
			    stage_numbered("shop/web#", i), 8080);
		refused(stage, "shop/proxy",
		    stage_numbered("shop/s", second % 10), 80);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
servers_that_were_up_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 40; i++)
		served(stage, "shop/proxy", stage_numbered("shop/s", i), 80,
		    VERDICT_UNMODELLED);
	for (int i = 0; i < 40; i++)
		refused(stage, "shop/proxy", stage_numbered("shop/s", i), 80);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
servers_that_come_up_take_it_back(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 30; i++) {
		stage_at(stage, i);
		refused(stage, "node:a", stage_numbered("shop/s", i), 8080);
		if (i >= 5)
			served(stage, "node:a", stage_numbered("shop/s", i - 5),
			    8080, VERDICT_UNMODELLED);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
what_models_allow_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct stage_flow flow = stage_flow(stage, "mon/prometheus",
		    stage_numbered("shop/s", i), PROTOCOL_TCP, 9100);

		stage_refuse(&flow);
		stage_over(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
backscatter_is_nobodys_scan(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct stage_flow flow = attempt(stage, "shop/victim",
		    stage_numbered("198.51.100.", i), PROTOCOL_TCP,
		    (uint16_t)(1024 + i));

		/* A SYN-ACK or a RST to a SYN that somebody forged. */
		flow.flow.tcp_flags[0] = TCP_RST | TCP_ACK;
		flow.flow.midstream = true;
		flow.flow.direction = DIRECTION_HEURISTIC;
		stage_over(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
a_syslog_stream_and_a_resolver_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct stage_flow flow = attempt(stage, "shop/app",
		    stage_numbered("ops/log", i % 30), PROTOCOL_UDP, 514);

		stage_send(stage, &flow, true, 50, 5000);
		stage_over(stage, &flow);
		unanswered(stage, "shop/app", "kube/dns", PROTOCOL_UDP, 53);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* --- attackers ------------------------------------------------------------ */

static void
whoever_may_be_forged_is_named_with_doubt(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int port = 1; port <= 60; port++) {
		unanswered(stage, "shop/innocent", "shop/db", PROTOCOL_TCP,
		    (uint16_t)port);
		if (port == 12)
			assert_int_equal(
			    stage_found(stage, SCAN)->confidence, 45);
	}
	assert_int_equal(stage_found(stage, SCAN)->confidence, 45);
	assert_non_null(
	    strstr(stage_found(stage, SCAN)->sentence, "may be forged"));
	stage_free(stage);
}

static void
decoys_are_one_finding_that_names_nobody(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int port = 1; port <= 200; port++) {
		stage_at(stage, port * 0.01);
		for (int i = 0; i < 10; i++)
			unanswered(stage, stage_numbered("shop/decoy", i),
			    "shop/db", PROTOCOL_TCP, (uint16_t)port);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, MANY)->subject, "shop/db");
	/* A failure of its own later does not turn it on one of them. */
	unanswered(stage, "shop/decoy3", "kube/dns", PROTOCOL_UDP, 53);
	assert_int_equal(stage_findings(stage, 0), 1);
	stage_free(stage);
}

static void
many_sources_of_few_attempts_are_found(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	for (int i = 0; i < 100; i++)
		refused(stage, stage_numbered("203.0.113.", i), "shop/db",
		    (uint16_t)(i * 7));
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_int_equal(stage_findings(stage, MANY), 1);
	stage_free(stage);
}

/* Random sources of one attempt each: neither findings nor memory. */
static void
strangers_do_not_hide_a_workload(void **state)
{
	struct stage *stage = stage_new(&detector_scan);
	struct stage_flow flow;

	(void)state;
	for (int i = 0; i < 8; i++)
		refused(stage, "shop/carts", "shop/db", (uint16_t)(1 + i));
	flow = attempt(stage, "203.0.113.1", "shop/web", PROTOCOL_TCP, 80);
	for (uint64_t i = 1; i <= 1000000; i++) {
		flow.sighting.client.key = i * UINT64_C(0x9e3779b97f4a7c15);
		stage_over(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	for (int i = 8; i < 16; i++)
		refused(stage, "shop/carts", "shop/db", (uint16_t)(1 + i));
	assert_int_equal(stage_findings(stage, SCAN), 1);
	assert_in_range(detectors_counts_of(stage->row, 0).held, 1, 30000);
	assert_true(detectors_counts_of(stage->row, 0).evicted > 900000);
	stage_free(stage);
}

/* --- the walk, beside a naive one ----------------------------------------- */

struct naive {
	enum { UNSEEN, TRIED, SERVED } at[40];
	int32_t walk;
};

static void
naive_take(struct naive *naive, size_t target, bool failed)
{
	if (failed && naive->at[target] == UNSEEN) {
		naive->at[target] = TRIED;
		naive->walk++;
	} else if (!failed && naive->at[target] != SERVED) {
		naive->at[target] = SERVED;
		naive->walk -= naive->walk > -16;
	}
}

static void
the_walk_is_the_papers(void **state)
{
	uint64_t random = 99;

	(void)state;
	for (int run = 0; run < 300; run++) {
		struct scanner scanner = {0};
		struct naive naive = {0};
		uint64_t bias = (random >> 35) % 10;

		for (int i = 0; i < 200; i++) {
			struct flow flow = {.protocol = PROTOCOL_TCP};
			size_t target;
			struct attempt made;

			random =
			    random * 6364136223846793005 + 1442695040888963407;
			target = (random >> 33) % 40;
			made = (struct attempt){
			    .outcome = OUTCOME_FAILED,
			    .technique = TECHNIQUE_SYN,
			    .port = 80,
			};
			naive_take(&naive, target, (random >> 50) % 10 < bias);
			if ((random >> 50) % 10 < bias)
				(void)scanner_failed(
				    &scanner, target + 1, &made, &flow);
			else
				scanner_served(
				    &scanner, target + 1, &made, &flow);
			assert_int_equal(scanner.walk, naive.walk);
		}
	}
}

static void
settings_are_obeyed(void **state)
{
	struct stage *stage = stage_new(&detector_scan);

	(void)state;
	stage_set(stage, "targets", 40);
	for (int port = 1; port < 40; port++)
		refused(stage, "shop/carts", "shop/db", (uint16_t)port);
	assert_int_equal(stage_findings(stage, 0), 0);
	refused(stage, "shop/carts", "shop/db", 41);
	assert_int_equal(stage_findings(stage, SCAN), 1);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ports_of_one_target_are_one_finding),
	    cmocka_unit_test(hosts_on_one_port_are_one_finding),
	    cmocka_unit_test(the_hosts_of_a_zone_are_many),
	    cmocka_unit_test(a_target_an_hour_is_found_too),
	    cmocka_unit_test(open_ports_that_nobody_wants_count),
	    cmocka_unit_test(connections_in_which_nothing_is_said_count),
	    cmocka_unit_test(segments_that_begin_nothing_count),
	    cmocka_unit_test(datagrams_and_echoes_count),
	    cmocka_unit_test(who_pings_in_rounds_watches),
	    cmocka_unit_test(who_pings_on_watches),
	    cmocka_unit_test(several_techniques_are_one_finding),
	    cmocka_unit_test(asking_in_many_protocols_is_a_scan),
	    cmocka_unit_test(a_knock_and_then_a_session),
	    cmocka_unit_test(knocks_that_nobody_answers_are_knocks),
	    cmocka_unit_test(a_scrape_of_many_targets_is_none),
	    cmocka_unit_test(dead_backends_are_none),
	    cmocka_unit_test(servers_that_were_up_are_none),
	    cmocka_unit_test(servers_that_come_up_take_it_back),
	    cmocka_unit_test(what_models_allow_is_none),
	    cmocka_unit_test(backscatter_is_nobodys_scan),
	    cmocka_unit_test(a_syslog_stream_and_a_resolver_are_none),
	    cmocka_unit_test(whoever_may_be_forged_is_named_with_doubt),
	    cmocka_unit_test(decoys_are_one_finding_that_names_nobody),
	    cmocka_unit_test(many_sources_of_few_attempts_are_found),
	    cmocka_unit_test(strangers_do_not_hide_a_workload),
	    cmocka_unit_test(the_walk_is_the_papers),
	    cmocka_unit_test(settings_are_obeyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
