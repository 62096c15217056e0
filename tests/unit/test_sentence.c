#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerts/sentence.h"
#include "sensor/base/text.h"
#include "unit/alerts_scene.h"

typedef void say(struct text *, const struct record_flow *);

static void
expect(const struct scene *s, say *write, const char *wanted)
{
	struct text text;

	text_init(&text, 4096);
	write(&text, &s->about);
	assert_string_equal(text.at, wanted);
	text_release(&text);
}

static void
a_relationship_names_who_may(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27017; "
	    "only shop/carts may");
	expect(&s, sentence_expected, "mongodb on tcp/27017 from shop/carts");
	expect(
	    &s, sentence_observed, "mongodb on tcp/27017 from shop/front-end");
}

static void
several_callers_are_a_list(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.peers[0].applications.count = 2;
	s.peers[1] = (struct peer){.node = true};
	s.entry.peers.count = 2;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27017; "
	    "only shop/carts, shop/orders, nodes may");
}

static void
other_peers_are_said_in_the_language(void **state)
{
	static const char *const roles[] = {"backup"};
	struct scene s;

	(void)state;
	scene_make(&s);
	s.peers[0] = (struct peer){.roles = {roles, 1}};
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27017; "
	    "only backup may");
}

static void
a_namespace_written_in_the_model_is_kept(void **state)
{
	static const char *const names[] = {"billing/ledger"};
	static const struct same same = {.kind = SAME_APPLICATION};
	struct scene s;

	(void)state;
	scene_make(&s);
	s.peers[0].applications = (struct words){names, 1};
	s.peers[1] = (struct peer){.sames = &same, .same_count = 1};
	s.entry.peers.count = 2;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27017; "
	    "only billing/ledger, shop/carts-db may");
}

/* To say that only carts may would say that carts may open ssh. */
static void
another_application_is_no_matter_of_who(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.about.appid.application = APPLICATION_SSH;
	s.flow.ends[1].port = 22;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke ssh to shop/carts-db on tcp/22; "
	    "it provides nothing there");
}

static void
a_client_that_needs_less_is_told_what(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.about.verdict.entry_provides = false;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27017; "
	    "it may only reach shop/carts");
	expect(&s, sentence_expected, "mongodb on tcp/27017 to shop/carts");
	s.about.verdict.entry = NULL;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27017; "
	    "it may reach nothing");
	expect(&s, sentence_expected, "nothing");
}

static void
an_outside_peer_is_an_address(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.about.verdict.deviation = DEVIATION_EXTERNAL;
	s.about.client = (struct party){.attribution = ATTRIBUTION_EXTERNAL,
	    .address = scene_address("2001:db8::7")};
	expect(&s, sentence_deviation,
	    "2001:db8::7 spoke mongodb to shop/carts-db on tcp/27017; "
	    "only shop/carts may");
	s.about.verdict.entry = NULL;
	expect(&s, sentence_deviation,
	    "2001:db8::7 spoke mongodb to shop/carts-db on tcp/27017; "
	    "nobody may");
}

static void
a_port_names_the_expected_one(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.about.verdict.deviation = DEVIATION_PORT;
	s.about.verdict.statement = &s.statement;
	s.flow.ends[1].port = 27018;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27018; "
	    "expected on tcp/27017");
	s.ports[1] = (struct port_range){
	    .protocol = PROTOCOL_UDP, .first = 5000, .last = 5010};
	s.statement.port_count = 2;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27018; "
	    "expected on tcp/27017, udp/5000-5010");
	s.ports[1] = s.ports[0];
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27018; "
	    "expected on tcp/27017");
	s.about.appid.application = APPLICATION_REDIS;
	s.statement.port_count = 1;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke redis to shop/carts-db on tcp/27018; "
	    "expected mongodb on tcp/27017");
}

static void
an_application_names_the_expected_one(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.about.verdict.deviation = DEVIATION_APPLICATION;
	s.about.verdict.statement = &s.statement;
	s.about.appid.application = APPLICATION_REDIS;
	s.applications[0] = APPLICATION_TLS;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke redis to shop/carts-db on tcp/27017; "
	    "expected tls");
	expect(&s, sentence_expected, "tls on tcp/27017 from shop/front-end");
}

/* Both sides bind: what serves http but is only needed as grpc is grpc. */
static void
the_narrower_side_is_expected(void **state)
{
	static const enum application http[] = {APPLICATION_HTTP};
	static const enum application grpc[] = {APPLICATION_GRPC};
	const struct entry provides = {
	    .applications = http, .application_count = 1};
	const struct entry needs = {
	    .applications = grpc, .application_count = 1};
	struct scene s;

	(void)state;
	scene_make(&s);
	s.about.verdict.deviation = DEVIATION_APPLICATION;
	s.about.verdict.statement = &s.statement;
	s.about.appid.application = APPLICATION_REDIS;
	s.statement.provides = &provides;
	s.statement.needs = &needs;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke redis to shop/carts-db on tcp/27017; "
	    "expected grpc");
	s.statement.provides = &needs;
	s.statement.needs = &provides;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke redis to shop/carts-db on tcp/27017; "
	    "expected grpc");
}

static void
a_direction_is_turned_round(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.about.verdict.deviation = DEVIATION_DIRECTION;
	s.about.verdict.statement = &s.statement;
	s.statement.client = &s.server_identity;
	s.statement.server = &s.client_identity;
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27017; "
	    "the other way round is expected");
	expect(
	    &s, sentence_expected, "mongodb on tcp/27017 from shop/carts-db");
}

static void
a_segment_keeps_out_or_in(void **state)
{
	static const struct external anywhere = {0};
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_make_segment(&s);
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27017; "
	    "segment ib-production keeps shop/carts out");
	expect(&s, sentence_expected, "nothing from shop/carts");
	s.boundary.inward = false;
	s.peers[0] = (struct peer){.external = &anywhere};
	expect(&s, sentence_deviation,
	    "shop/front-end spoke mongodb to shop/carts-db on tcp/27017; "
	    "segment ib-production keeps its own from outside addresses");
	expect(&s, sentence_expected, "nothing to outside addresses");
}

static void
an_attempt_is_not_a_deed(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.about.verdict.attempted = true;
	s.about.appid = (struct appid){0};
	expect(&s, sentence_deviation,
	    "shop/front-end tried to reach shop/carts-db on tcp/27017; "
	    "only shop/carts may");
	expect(
	    &s, sentence_observed, "attempt on tcp/27017 from shop/front-end");
}

/* A name that only the port suggests was not spoken. */
static void
an_unknown_application_is_a_port(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.about.appid.confidence = APP_PORT;
	expect(&s, sentence_deviation,
	    "shop/front-end opened tcp/27017 to shop/carts-db; "
	    "only shop/carts may");
	expect(&s, sentence_observed, "tcp/27017 from shop/front-end");
}

static void
icmp_has_no_port(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.flow.protocol = PROTOCOL_ICMP;
	s.about.appid.application = APPLICATION_ICMP;
	s.entry = (struct entry){.peers = {true, s.peers, 1}};
	expect(&s, sentence_deviation,
	    "shop/front-end spoke icmp to shop/carts-db; only shop/carts may");
	s.about.verdict.attempted = true;
	expect(&s, sentence_deviation,
	    "shop/front-end tried to reach shop/carts-db with icmp; "
	    "only shop/carts may");
	s.about.verdict.attempted = false;
	s.flow.protocol = 253;
	s.about.appid = (struct appid){0};
	expect(&s, sentence_deviation,
	    "shop/front-end sent protocol 253 to shop/carts-db; "
	    "only shop/carts may");
}

static void
expect_party(const struct party *party, const char *wanted)
{
	struct text text;

	text_init(&text, 4096);
	sentence_party(&text, party);
	assert_string_equal(text.at, wanted);
	text_release(&text);
}

static void
every_end_has_a_name(void **state)
{
	struct scene s;
	struct party party = {.address = {{0}}};

	(void)state;
	scene_make(&s);
	party.node = &s.node;
	party.attribution = ATTRIBUTION_NODE;
	expect_party(&party, "node/worker-3");
	party.attribution = ATTRIBUTION_AMBIGUOUS;
	expect_party(&party, "node/worker-3");
	party.zone = &s.zone;
	party.attribution = ATTRIBUTION_ZONE;
	expect_party(&party, "zone/lan");
	party.service = &s.service;
	party.attribution = ATTRIBUTION_SERVICE;
	expect_party(&party, "shop/carts");
	party.address = scene_address("192.0.2.1");
	party.attribution = ATTRIBUTION_UNATTRIBUTED;
	expect_party(&party, "192.0.2.1");
	s.client.namespace = "";
	expect_party(&s.about.client, "front-end");
}

static void
hostile_names_stay_short_and_printable(void **state)
{
	char name[4096];
	struct text text;
	struct scene s;

	(void)state;
	scene_make(&s);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	name[3] = '\n';
	name[4] = '\033';
	/* An odd place, so that every cut could halve a character. */
	for (size_t i = 5; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, "\xc3\xa9", 2);
	s.client.application = s.server.application = name;
	s.callers[0] = s.callers[1] = name;
	s.peers[0].applications.count = 2;
	s.peers[1] = s.peers[0];
	s.entry.peers.count = 2;
	text_init(&text, 8192);
	sentence_deviation(&text, &s.about);
	assert_in_range(text.length, 300, 511);
	assert_non_null(strstr(text.at, "shop/nnn?"));
	assert_non_null(strstr(text.at, "... spoke mongodb to shop/nnn?"));
	assert_non_null(strstr(text.at, " on tcp/27017; only shop/nnn?"));
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.at[i];

		assert_true(c >= 0x20);
		/* Every lead has its trail: no character was halved. */
		if (c == 0xc3)
			assert_int_equal((unsigned char)text.at[i + 1], 0xa9);
		if (c == 0xa9)
			assert_int_equal((unsigned char)text.at[i - 1], 0xc3);
	}
	text_release(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_relationship_names_who_may),
	    cmocka_unit_test(several_callers_are_a_list),
	    cmocka_unit_test(other_peers_are_said_in_the_language),
	    cmocka_unit_test(a_namespace_written_in_the_model_is_kept),
	    cmocka_unit_test(another_application_is_no_matter_of_who),
	    cmocka_unit_test(a_client_that_needs_less_is_told_what),
	    cmocka_unit_test(an_outside_peer_is_an_address),
	    cmocka_unit_test(a_port_names_the_expected_one),
	    cmocka_unit_test(an_application_names_the_expected_one),
	    cmocka_unit_test(the_narrower_side_is_expected),
	    cmocka_unit_test(a_direction_is_turned_round),
	    cmocka_unit_test(a_segment_keeps_out_or_in),
	    cmocka_unit_test(an_attempt_is_not_a_deed),
	    cmocka_unit_test(an_unknown_application_is_a_port),
	    cmocka_unit_test(icmp_has_no_port),
	    cmocka_unit_test(every_end_has_a_name),
	    cmocka_unit_test(hostile_names_stay_short_and_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
