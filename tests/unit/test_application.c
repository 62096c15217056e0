#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/application.h"

#define APP(name) APPLICATION_##name

static enum app_match
match(enum application application, enum application carrier,
    enum application expected)
{
	struct appid seen = {application, carrier, APP_DPI};

	return appid_match(&seen, expected);
}

static void
test_names_are_distinct_and_found(void **state)
{
	(void)state;
	for (int i = APP(OTHER) + 1; i < APPLICATION_COUNT; i++) {
		const char *name = application_name((enum application)i);

		assert_true(strlen(name) > 1);
		for (const char *c = name; *c != '\0'; c++)
			assert_non_null(strchr(
			    "abcdefghijklmnopqrstuvwxyz0123456789-", *c));
		/* The first with this name is this one: there is no other. */
		assert_int_equal(application_find(name), i);
	}
	assert_int_equal(application_find("redsi"), APP(UNKNOWN));
	assert_int_equal(application_find("Redis"), APP(UNKNOWN));
	assert_int_equal(application_find(""), APP(UNKNOWN));
	assert_int_equal(application_find("other"), APP(UNKNOWN));
	assert_string_equal(application_name(APPLICATION_COUNT), "unknown");
}

static void
test_names_lists_every_name_once(void **state)
{
	const char *const *names = application_names();
	size_t count = 0;

	(void)state;
	for (; names[count] != NULL; count++)
		assert_int_equal(
		    application_find(names[count]), APP(OTHER) + 1 + count);
	assert_int_equal(count, APPLICATION_COUNT - APP(OTHER) - 1);
}

static void
test_ndpi_names_of_all_versions(void **state)
{
	static const struct {
		const char *name;
		enum application application;
	} cases[] = {
	    {"Redis", APP(REDIS)}, /* to 4.8 */
	    {"RESP", APP(REDIS)},  /* since 4.10 */
	    {"IPsec", APP(IPSEC)},
	    {"IPSec", APP(IPSEC)},
	    {"Collectd", APP(COLLECTD)},
	    {"collectd", APP(COLLECTD)},
	    {"DCE_RPC", APP(DCE_RPC)},
	    {"MS-RPCH", APP(DCE_RPC)},
	    {"s7comm", APP(S7COMM)},
	    {"S7Comm", APP(S7COMM)},
	    {"MsSQL-TDS", APP(TDS)},
	    {"HTTP2", APP(HTTP2)},
	    {"HTTP_Connect", APP(HTTP)},
	    {"IMAPS", APP(TLS)}, /* the passenger is a guess by the port */
	    {"DoH_DoT", APP(OTHER)},
	    {"Facebook", APP(OTHER)},
	    {"AmazonAWS", APP(OTHER)},
	    {"Unknown", APP(UNKNOWN)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (application_from_ndpi(cases[i].name) !=
		    cases[i].application)
			fail_msg("%s is %s", cases[i].name,
			    application_name(
				application_from_ndpi(cases[i].name)));
}

static void
test_pairs_keep_what_the_payload_shows(void **state)
{
	struct appid appid = appid_from_pair(APP(TLS), APP(OTHER), APP_DPI);

	(void)state;
	assert_int_equal(appid.application, APP(TLS));
	assert_int_equal(appid.carrier, APP(UNKNOWN));
	assert_int_equal(appid.confidence, APP_DPI);
	/* nDPI's MySQL.HTTP: the port was MySQL's, the octets are HTTP. */
	appid = appid_from_pair(APP(MYSQL), APP(HTTP), APP_DPI);
	assert_int_equal(appid.application, APP(HTTP));
	assert_int_equal(appid.carrier, APP(UNKNOWN));
	appid = appid_from_pair(APP(HTTP), APP(WEBSOCKET), APP_DPI);
	assert_int_equal(appid.application, APP(WEBSOCKET));
	assert_int_equal(appid.carrier, APP(HTTP));
	appid = appid_from_pair(APP(UNKNOWN), APP(SIP), APP_PORT);
	assert_int_equal(appid.application, APP(SIP));
	assert_int_equal(appid.confidence, APP_PORT);
	appid = appid_from_pair(APP(DNS), APP(UNKNOWN), APP_DPI);
	assert_int_equal(appid.application, APP(DNS));
}

static void
test_what_has_no_name_is_not_judged(void **state)
{
	struct appid appid = appid_from_pair(APP(MYSQL), APP(OTHER), APP_DPI);

	(void)state;
	assert_int_equal(appid.application, APP(OTHER));
	assert_int_equal(appid.confidence, APP_PARTIAL);
	assert_int_equal(appid_match(&appid, APP(REDIS)), APP_UNKNOWABLE);
}

static void
test_only_dpi_is_judged(void **state)
{
	struct appid seen = {APP(HTTP), APP(UNKNOWN), APP_NONE};

	(void)state;
	for (int c = APP_NONE; c < APP_DPI; c++) {
		seen.confidence = (enum app_confidence)c;
		assert_int_equal(appid_match(&seen, APP(HTTP)), APP_UNKNOWABLE);
		assert_int_equal(
		    appid_match(&seen, APP(REDIS)), APP_UNKNOWABLE);
	}
	seen.confidence = APP_DPI;
	assert_int_equal(appid_match(&seen, APP(HTTP)), APP_MATCH);
	assert_int_equal(appid_match(&seen, APP(REDIS)), APP_CONTRADICT);
}

static void
test_carriers_are_satisfied_by_their_passengers(void **state)
{
	(void)state;
	assert_int_equal(match(APP(REDIS), APP(TLS), APP(TLS)), APP_MATCH);
	assert_int_equal(match(APP(GRPC), APP(HTTP2), APP(HTTP2)), APP_MATCH);
	/* gRPC is HTTP/2 is HTTP, whether or not the carrier was named. */
	assert_int_equal(match(APP(GRPC), APP(HTTP2), APP(HTTP)), APP_MATCH);
	assert_int_equal(match(APP(GRPC), APP(UNKNOWN), APP(HTTP2)), APP_MATCH);
	assert_int_equal(match(APP(HTTP2), APP(UNKNOWN), APP(HTTP)), APP_MATCH);
	assert_int_equal(
	    match(APP(WEBSOCKET), APP(UNKNOWN), APP(HTTP)), APP_MATCH);
	assert_int_equal(match(APP(MDNS), APP(UNKNOWN), APP(DNS)), APP_MATCH);
	assert_int_equal(match(APP(OTHER), APP(TLS), APP(TLS)), APP_MATCH);
	assert_int_equal(match(APP(HTTP3), APP(UNKNOWN), APP(QUIC)), APP_MATCH);
	assert_int_equal(
	    match(APP(ELASTICSEARCH), APP(HTTP2), APP(HTTP)), APP_MATCH);
}

static void
test_plaintext_contradicts_its_carrier(void **state)
{
	(void)state;
	assert_int_equal(
	    match(APP(REDIS), APP(UNKNOWN), APP(TLS)), APP_CONTRADICT);
	assert_int_equal(
	    match(APP(HTTP), APP(UNKNOWN), APP(TLS)), APP_CONTRADICT);
	assert_int_equal(
	    match(APP(GRPC), APP(HTTP2), APP(TLS)), APP_CONTRADICT);
	assert_int_equal(
	    match(APP(REDIS), APP(TLS), APP(HTTP)), APP_CONTRADICT);
}

static void
test_bare_carriers_prove_nothing_of_passengers(void **state)
{
	static const enum application cases[][2] = {
	    {APP(TLS), APP(REDIS)},
	    {APP(TLS), APP(HTTP)},
	    {APP(TLS), APP(GRPC)}, /* by way of HTTP/2 */
	    {APP(QUIC), APP(HTTP)},
	    {APP(HTTP2), APP(GRPC)},
	    {APP(HTTP), APP(HTTP2)},
	    {APP(HTTP), APP(ELASTICSEARCH)},
	    {APP(HTTP), APP(DOCKER)},
	    {APP(DNS), APP(MDNS)},
	    {APP(DTLS), APP(COAP)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(match(cases[i][0], APP(UNKNOWN), cases[i][1]),
		    APP_UNKNOWABLE);
	/* A web service in TLS is TLS. */
	assert_int_equal(
	    match(APP(OTHER), APP(TLS), APP(REDIS)), APP_UNKNOWABLE);
}

static void
test_anything_else_contradicts(void **state)
{
	static const enum application cases[][2] = {
	    {APP(TLS), APP(SSH)},
	    {APP(TLS), APP(MYSQL)}, /* it turns to TLS inside itself */
	    {APP(HTTP), APP(REDIS)},
	    {APP(HTTP), APP(MYSQL)},
	    {APP(DNS), APP(HTTP)},
	    {APP(SSH), APP(TLS)},
	    {APP(REDIS), APP(MEMCACHED)},
	    {APP(HTTP2), APP(WEBSOCKET)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(match(cases[i][0], APP(UNKNOWN), cases[i][1]),
		    APP_CONTRADICT);
}

/* Every application is itself, and nothing is two answers at once. */
static void
test_all_pairs_are_consistent(void **state)
{
	(void)state;
	for (int a = APP(OTHER) + 1; a < APPLICATION_COUNT; a++) {
		assert_int_equal(match((enum application)a, APP(UNKNOWN),
				     (enum application)a),
		    APP_MATCH);
		for (int b = APP(OTHER) + 1; b < APPLICATION_COUNT; b++) {
			enum app_match there = match((enum application)a,
			    APP(UNKNOWN), (enum application)b);
			enum app_match back = match((enum application)b,
			    APP(UNKNOWN), (enum application)a);

			if (a == b || there != APP_MATCH)
				continue;
			/* b must carry a; seen alone it leaves a open. */
			assert_int_equal(back, APP_UNKNOWABLE);
		}
	}
}

static void
test_confidence_names(void **state)
{
	(void)state;
	assert_string_equal(app_confidence_name(APP_NONE), "none");
	assert_string_equal(app_confidence_name(APP_PORT), "port");
	assert_string_equal(app_confidence_name(APP_PARTIAL), "partial");
	assert_string_equal(app_confidence_name(APP_DPI), "dpi");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names_are_distinct_and_found),
	    cmocka_unit_test(test_names_lists_every_name_once),
	    cmocka_unit_test(test_ndpi_names_of_all_versions),
	    cmocka_unit_test(test_pairs_keep_what_the_payload_shows),
	    cmocka_unit_test(test_what_has_no_name_is_not_judged),
	    cmocka_unit_test(test_only_dpi_is_judged),
	    cmocka_unit_test(test_carriers_are_satisfied_by_their_passengers),
	    cmocka_unit_test(test_plaintext_contradicts_its_carrier),
	    cmocka_unit_test(test_bare_carriers_prove_nothing_of_passengers),
	    cmocka_unit_test(test_anything_else_contradicts),
	    cmocka_unit_test(test_all_pairs_are_consistent),
	    cmocka_unit_test(test_confidence_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
