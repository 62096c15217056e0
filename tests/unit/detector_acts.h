/*
 * detector_acts -- what detectors count, as single acts: so many of them are a
 * finding (after <cmocka.h>).
 *
 * `who` is whose doing it is, and `i` numbers what differs each time.
 */
#ifndef TESTS_UNIT_DETECTOR_ACTS_H
#define TESTS_UNIT_DETECTOR_ACTS_H

#include "classifiers/detectors/detectors_table.h"
#include "tests/unit/dns_talk.h"

#define CART     "shop/carts"
#define STRANGER "203.0.113.9"

/* A word that is none, and another one for each number. */
static inline const char *
strange_word(int number, char word[33])
{
	uint64_t seed = (uint64_t)number * 7919 + 12345;

	for (int i = 0; i < 32; i++)
		word[i] = "bcdfghjklmnpqrstvwxz0123456789qx"[draw(&seed) % 32];
	word[32] = '\0';
	return word;
}

/* --- connections ---------------------------------------------------------- */

static inline struct stage_flow
unmodelled(
    struct stage *stage, const char *client, const char *server, uint16_t port)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, port);

	flow.sighting.verdict = VERDICT_UNMODELLED;
	return flow;
}

static inline void
act_scan(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow =
	    unmodelled(stage, who, "shop/db", (uint16_t)(100 + i));

	stage_refuse(&flow);
	stage_over(stage, &flow);
}

static inline void
act_scan_together(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow = unmodelled(
	    stage, stage_numbered("shop/decoy", i), who, (uint16_t)(100 + i));

	stage_over(stage, &flow);
}

static inline void
act_ask_for_versions(struct stage *stage, const char *who, int i)
{
	static const struct {
		const char *text;
		size_t size;
	} openings[] = {{"GET / HTTP/1.0\r\n\r\n", 18},
	    {"\x16\x03\x00\x00\x53\x01", 6},
	    {"\x80\x00\x00\x28\x00\x00\x00\x01", 8}};
	struct stage_flow flow = unmodelled(stage, who, "shop/db", 5432);

	stage_answer(&flow, APPLICATION_UNKNOWN);
	stage_send(stage, &flow, true, 1, 52 + openings[i % 3].size);
	stage_message(stage, &flow, MESSAGE_OPENING, true, 0,
	    openings[i % 3].text, openings[i % 3].size);
	stage_over(stage, &flow);
}

/* Three ports in vain, and then one that serves. */
static inline void
act_knock(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow = unmodelled(
	    stage, who, "ops/box", i % 4 < 3 ? (uint16_t)(7000 + i) : 22);

	if (i % 4 == 3) {
		stage_answer(&flow, APPLICATION_SSH);
		stage_send(stage, &flow, true, 1, 400);
		stage_send(stage, &flow, false, 3, 3000);
	}
	stage_over(stage, &flow);
}

static inline void
act_flood(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow = unmodelled(stage, who, "shop/web", 80);

	(void)i;
	flow.flow.answered = true;
	flow.flow.packets[1] = 1;
	flow.flow.tcp_flags[0] = TCP_SYN | TCP_RST;
	flow.flow.tcp_flags[1] = TCP_SYN | TCP_ACK;
	stage_over(stage, &flow);
}

/* A request that has not ended after half a minute. */
static inline void
act_hold(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow = unmodelled(stage, who, "shop/web", 80);

	(void)i;
	flow.flow.first.ns -= 30 * NS_PER_SECOND;
	stage_answer(&flow, APPLICATION_HTTP);
	stage_send(stage, &flow, true, 2, 120);
	stage_progress(stage, &flow);
}

static inline void
act_say_nothing(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow = unmodelled(stage, who, "shop/web", 80);

	(void)i;
	flow.flow.first.ns -= 30 * NS_PER_SECOND;
	stage_answer(&flow, APPLICATION_UNKNOWN);
	stage_finish(stage, &flow);
}

static inline void
act_send_strays(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow = unmodelled(stage, STRANGER, who, 80);

	(void)i;
	flow.flow.midstream = true;
	flow.flow.tcp_flags[0] = TCP_ACK;
	flow.flow.packets[0] = 200;
	stage_over(stage, &flow);
}

/* Answers of a time server that nobody asked. */
static inline void
act_reflect(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow =
	    stage_flow(stage, who, STRANGER, PROTOCOL_UDP, 123);

	(void)i;
	flow.flow.opener = 1;
	flow.flow.packets[0] = flow.flow.octets[0] = 0;
	flow.flow.packets[1] = 200;
	flow.flow.octets[1] = 93600;
	stage_over(stage, &flow);
}

static inline void
act_ask_a_reflector(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow =
	    stage_flow(stage, who, "shop/cache", PROTOCOL_UDP, 11211);

	(void)i;
	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_answer(&flow, APPLICATION_MEMCACHED);
	stage_send(stage, &flow, false, 20, 28000);
	stage_over(stage, &flow);
}

static inline void
act_call_home(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow = unmodelled(stage, who, STRANGER, 443);

	(void)i;
	stage_answer(&flow, APPLICATION_TLS);
	for (int turn = 0; turn < 4; turn++)
		stage_send(stage, &flow, turn % 2 == 0, 3, 800);
	stage_over(stage, &flow);
}

static inline void
act_send_to(struct stage *stage, const char *who, const char *server)
{
	struct stage_flow flow = unmodelled(stage, who, server, 443);

	stage_answer(&flow, APPLICATION_TLS);
	stage_send(stage, &flow, true, 700, 1000000);
	stage_send(stage, &flow, false, 350, 20000);
	stage_over(stage, &flow);
}

static inline void
act_send_out(struct stage *stage, const char *who, int i)
{
	(void)i;
	act_send_to(stage, who, STRANGER);
}

static inline void
act_send_everywhere(struct stage *stage, const char *who, int i)
{
	act_send_to(stage, who, stage_numbered("198.51.100.", i));
}

/* After 25 times to another country. */
static inline void
act_travel(struct stage *stage, const char *who, int i)
{
	const char *server = i < 25 ? STRANGER : "198.51.100.7";
	struct stage_flow flow = unmodelled(stage, who, server, 443);

	snprintf(stage_end_of(stage, server)->outside.where.country, 3, "%s",
	    i < 25 ? "DE" : "NL");
	stage_answer(&flow, APPLICATION_TLS);
	stage_ready(stage, &flow);
}

/* After 25 times by another program. */
static inline void
act_say_hello(struct stage *stage, const char *who, int i)
{
	/* Type, length, version; behind 32 octets an empty session, two octets
	 * of ciphers, a compression. */
	uint8_t hello[45] = {
	    1, 0, 0, 41, 3, 3, [40] = 2, 0x13, i < 25 ? 1 : 2, 1};
	struct stage_flow flow = unmodelled(stage, who, STRANGER, 443);

	stage_answer(&flow, APPLICATION_TLS);
	stage_message(stage, &flow, MESSAGE_TLS, true, 1, hello, sizeof(hello));
}

/* --- pings ---------------------------------------------------------------- */

static inline void
act_ping(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow =
	    stage_flow(stage, who, STRANGER, PROTOCOL_ICMP, 0);
	char payload[64] = {0}, word[33];

	stage_answer(&flow, APPLICATION_ICMP);
	memcpy(payload + 24, strange_word(i, word), 32);
	stage_message(stage, &flow, MESSAGE_ECHO, true, 0, payload, 56);
	stage_message(stage, &flow, MESSAGE_ECHO, false, 1, payload, 56);
}

static inline void
act_ping_large(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow =
	    stage_flow(stage, who, STRANGER, PROTOCOL_ICMP, 0);
	char payload[1024];

	(void)i;
	for (size_t n = 0; n < sizeof(payload); n++)
		payload[n] = "move"[n % 4];
	stage_answer(&flow, APPLICATION_ICMP);
	stage_message(
	    stage, &flow, MESSAGE_ECHO, true, 0, payload, sizeof(payload));
}

/* --- names ---------------------------------------------------------------- */

static inline void
act_ask_past_the_cluster(struct stage *stage, const char *who, int i)
{
	struct talk talk = talk_of(stage, who, STRANGER);

	(void)i;
	talk.flow.sighting.verdict = VERDICT_UNMODELLED;
	ask(&talk, "a.example", DNS_TYPE_A);
}

static inline void
act_ask_in_code(struct stage *stage, const char *who, int i)
{
	struct talk talk = talk_of(stage, who, "kube/dns");
	char word[33], name[64];

	snprintf(name, sizeof(name), "%s.evil.example", strange_word(i, word));
	ask(&talk, name, DNS_TYPE_A);
}

static inline void
act_ask_for_texts(struct stage *stage, const char *who, int i)
{
	struct talk talk = talk_of(stage, who, "kube/dns");
	char name[64];

	snprintf(name, sizeof(name), "order-%c%c.evil.example", 'a' + i % 26,
	    'a' + i / 26);
	ask(&talk, name, DNS_TYPE_TXT);
}

static inline void
act_ask_for_orders(struct stage *stage, const char *who, int i)
{
	struct talk talk = talk_of(stage, who, "kube/dns");
	char name[64];

	snprintf(name, sizeof(name), "%c.cmd.evil.example", 'a' + i % 7);
	ask(&talk, name, DNS_TYPE_TXT);
}

/* With a host in front, or a day's count has them as well. */
static inline void
act_miss_a_host(struct stage *stage, const char *who, int i)
{
	struct talk talk = talk_of(stage, who, "kube/dns");
	char word[33], name[64];

	snprintf(
	    name, sizeof(name), "www.%.12s.example", strange_word(i, word));
	miss(&talk, name);
}

static inline void
act_miss_a_domain(struct stage *stage, const char *who, int i)
{
	struct talk talk = talk_of(stage, who, "kube/dns");
	char word[33], name[64];

	snprintf(name, sizeof(name), "%.12s.example", strange_word(i, word));
	miss(&talk, name);
}

static inline void
act_miss_a_service(struct stage *stage, const char *who, int i)
{
	struct talk talk = talk_of(stage, who, "kube/dns");
	char name[64];

	snprintf(name, sizeof(name), "%c%c%c.shop.svc.cluster.local",
	    'a' + i % 26, 'a' + i / 26 % 26, 'a' + i / 7 % 26);
	miss(&talk, name);
}

static inline void
act_miss_an_address(struct stage *stage, const char *who, int i)
{
	struct talk talk = talk_of(stage, who, "kube/dns");
	char name[64];

	snprintf(name, sizeof(name), "%d.2.0.10.in-addr.arpa", i);
	miss(&talk, name);
}

static inline void
act_ask_for_little(struct stage *stage, const char *who, int i)
{
	struct talk talk = talk_of(stage, who, "kube/dns");

	(void)i;
	ask(&talk, "a.example", DNS_TYPE_A);
}

static inline void
act_ask_for_much(struct stage *stage, const char *who, int i)
{
	struct talk talk = talk_of(stage, who, "shop/dns");

	(void)i;
	ask(&talk, "a.example", DNS_TYPE_ANY);
	answer(&talk, "a.example", DNS_TYPE_ANY, 0, 1400);
}

/* --- the web, and logins -------------------------------------------------- */

static inline void
ask_web(struct stage *stage, const char *client, const char *request,
    uint32_t code, const char *answer)
{
	struct stage_flow flow = unmodelled(stage, client, "shop/front", 80);

	stage_answer(&flow, APPLICATION_HTTP);
	stage_message(stage, &flow, MESSAGE_HTTP_REQUEST, true, 0, request,
	    strlen(request));
	stage_message(stage, &flow, MESSAGE_HTTP_RESPONSE, false, code, answer,
	    strlen(answer));
	stage_finish(stage, &flow);
}

static inline void
get_missing(struct stage *stage, const char *client, const char *path)
{
	char request[256];

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
	    path);
	ask_web(stage, client, request, 404, "HTTP/1.1 404 No\r\n\r\n");
}

static inline void
act_ask(struct stage *stage, struct stage_flow *flow)
{
	stage_answer(flow, APPLICATION_HTTP);
	stage_message(stage, flow, MESSAGE_HTTP_REQUEST, true, 0,
	    "GET / HTTP/1.1\r\n\r\n", 18);
}

static inline void
act_ask_much_of_the_web(struct stage *stage, const char *who, int i)
{
	struct stage_flow flow = unmodelled(stage, who, "shop/front", 80);

	(void)i;
	flow.sighting.verdict = VERDICT_DEVIATION;
	act_ask(stage, &flow);
}

static inline void
act_ask_for_secrets(struct stage *stage, const char *who, int i)
{
	static const char *const names[] = {"/.env", "/.git/config",
	    "/.aws/credentials", "/.htpasswd", "/.npmrc", "/.ssh/id_rsa"};

	get_missing(stage, who, names[i % 6]);
}

static inline void
act_guess_a_path(struct stage *stage, const char *who, int i)
{
	char path[32];

	snprintf(path, sizeof(path), "/%c%c%c", 'a' + i % 26, 'a' + i / 26 % 26,
	    'a' + i / 5 % 26);
	get_missing(stage, who, path);
}

static inline void
act_guess_in_a_form(struct stage *stage, const char *who, int i)
{
	char request[256];

	snprintf(request, sizeof(request),
	    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: "
	    "application/x-www-form-urlencoded\r\n\r\nuser=admin&password=p%d",
	    i);
	ask_web(stage, who, request, 302,
	    "HTTP/1.1 302 Found\r\nLocation: /login?error\r\n\r\n");
}

static inline void
act_guess_from_many(struct stage *stage, const char *who, int i)
{
	(void)who;
	act_guess_in_a_form(stage, stage_numbered("203.0.113.", i % 10), i);
}

static inline void
fail_to_log_in(struct stage *stage, const char *client, const char *server)
{
	struct stage_flow flow = unmodelled(stage, client, server, 5432);

	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_answer(&flow, APPLICATION_POSTGRESQL);
	stage_message(
	    stage, &flow, MESSAGE_AUTHENTICATION, false, 1, "FATAL", 5);
	stage_finish(stage, &flow);
}

static inline void
act_guess(struct stage *stage, const char *who, int i)
{
	(void)i;
	fail_to_log_in(stage, who, "shop/db");
}

static inline void
act_spray(struct stage *stage, const char *who, int i)
{
	fail_to_log_in(stage, who, stage_numbered("shop/db", i));
}

static inline void
act_besiege(struct stage *stage, const char *who, int i)
{
	fail_to_log_in(stage, stage_numbered("203.0.113.", i / 2), who);
}

/* --- how often is enough -------------------------------------------------- */

struct act {
	const struct detector *detector;
	uint32_t signature;
	const char *who;
	void (*act)(struct stage *stage, const char *who, int i);
	int enough;    /* times */
	double within; /* s, of which half is used */
	/* It slides: what takes longer is none, and it may begin anywhere. */
	bool slides;
};

static const struct act acts[] = {
    {&detector_scan, 2001, CART, act_scan, 14, 86400, false},
    {&detector_scan, 2001, CART, act_ask_for_versions, 3, 600, false},
    {&detector_scan, 2002, "shop/db", act_scan_together, 15, 600, true},
    {&detector_scan, 2003, CART, act_knock, 4, 60, false},
    {&detector_flood, 2010, CART, act_flood, 2000, 18, false},
    {&detector_http_flood, 2013, CART, act_ask_much_of_the_web, 5000, 18,
	false},
    {&detector_http_flood, 2014, CART, act_hold, 10, 60, false},
    {&detector_http_flood, 2014, CART, act_say_nothing, 210, 120, true},
    {&detector_strays, 2017, "shop/web", act_send_strays, 40, 18, false},
    {&detector_reflection, 2015, CART, act_reflect, 40, 18, false},
    {&detector_reflection, 2016, STRANGER, act_ask_a_reflector, 6, 60, true},
    {&detector_beacon, 2030, CART, act_call_home, 24, 3000, false},
    {&detector_exfil, 2065, CART, act_send_out, 9, 3600, true},
    {&detector_exfil, 2065, CART, act_send_everywhere, 9, 3600, true},
    {&detector_geography, 2090, CART, act_travel, 27, 1e6, false},
    {&detector_tls_clients, 2079, CART, act_say_hello, 27, 1e6, false},
    {&detector_icmp_tunnel, 2070, CART, act_ping, 11, 600, true},
    {&detector_icmp_tunnel, 2070, CART, act_ping_large, 10, 600, true},
    {&detector_dns_bypass, 2051, CART, act_ask_past_the_cluster, 3, 600, true},
    {&detector_dns_tunnel, 2050, CART, act_ask_in_code, 22, 600, true},
    {&detector_dns_tunnel, 2050, CART, act_ask_in_code, 100, 86400, true},
    {&detector_dns_tunnel, 2050, CART, act_ask_for_texts, 13, 600, true},
    {&detector_dns_beacon, 2033, CART, act_ask_for_orders, 24, 3000, false},
    {&detector_dns_names, 2053, CART, act_miss_a_host, 22, 600, true},
    {&detector_dns_names, 2053, CART, act_miss_a_domain, 50, 86400, true},
    {&detector_dns_names, 2055, CART, act_miss_a_service, 110, 600, true},
    {&detector_dns_names, 2056, CART, act_miss_an_address, 70, 600, true},
    {&detector_dns_load, 2057, CART, act_ask_for_little, 5050, 10, true},
    {&detector_dns_load, 2058, CART, act_ask_for_much, 101, 60, true},
    {&detector_secret_paths, 2142, CART, act_ask_for_secrets, 3, 600, true},
    {&detector_path_guessing, 2141, CART, act_guess_a_path, 80, 60, true},
    {&detector_login_forms, 2023, CART, act_guess_in_a_form, 14, 120, true},
    {&detector_login_forms, 2023, NULL, act_guess_from_many, 28, 120, true},
    {&detector_brute_force, 2020, CART, act_guess, 24, 20, false},
    {&detector_brute_force, 2021, CART, act_spray, 7, 600, true},
    {&detector_brute_force, 2020, "shop/db", act_besiege, 48, 600, true},
};

#define ACTS (sizeof(acts) / sizeof(acts[0]))

static inline bool
act_is_found(const struct stage *stage, const struct act *act)
{
	return stage_findings(stage, act->signature) > 0;
}

#endif
