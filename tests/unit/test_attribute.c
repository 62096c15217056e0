/*
 * Who is the client where no handshake was seen, and what is never judged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/appid.h"
#include "classifiers/attribute.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/known_servers.h"
#include "facts.h"
#include "sensor/base/report.h"
#include "sensor/flow.h"

#define START ((struct instant){INT64_C(1000) * NS_PER_SECOND})

static struct address
address(const char *text)
{
	struct address out;

	assert_true(address_parse(text, &out));
	return out;
}

/* One workload that declares tcp/6379, and nothing else. */
static struct inventory *
inventory_with_redis(void)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	struct container_port port = {6379, PROTOCOL_TCP, "redis"};
	struct container container = {
	    .name = "redis",
	    .image = {.name = "redis:7"},
	    .ports = &port,
	    .port_count = 1,
	};
	struct address own = address("10.0.0.3");
	struct workload_fact fact = {
	    .workload =
		{
		    .id = "one",
		    .cluster = "",
		    .orchestrator = "test",
		    .namespace = "shop",
		    .name = "db-0",
		    .node = "",
		    .containers = &container,
		    .container_count = 1,
		    .addresses = &own,
		    .address_count = 1,
		    .since = {0},
		    .until = INSTANT_FUTURE,
		},
	};
	struct inventory *inventory;

	assert_true(state_workload(draft, &fact));
	inventory = inventory_publish(draft, report);
	inventory_draft_free(draft);
	report_free(report);
	return inventory;
}

/* A flow between the workload (end 0) and an outsider (end 1). */
static struct flow
flow_of(uint16_t port, uint16_t other, uint8_t client,
    enum direction_confidence direction)
{
	return (struct flow){
	    .ends = {{address("10.0.0.3"), port}, {address("10.9.9.9"), other}},
	    .first = START,
	    .packets = {1, 1},
	    .protocol = PROTOCOL_TCP,
	    .client = client,
	    .direction = direction,
	    .midstream = direction == DIRECTION_HEURISTIC,
	};
}

/* Somebody else may have asked in its name: not even DPI makes it a client. */
static void
test_who_has_sent_nothing_is_a_guess(void **state)
{
	struct flow flow = flow_of(40000, 53, 0, DIRECTION_METADATA);

	(void)state;
	assert_false(flow_direction_is_guess(&flow));
	flow.packets[0] = 0;
	assert_true(flow_direction_is_guess(&flow));
	/* That end was not captured, but it acknowledges. */
	flow.inferred = true;
	assert_false(flow_direction_is_guess(&flow));
}

static void
test_declared_port_is_the_server(void **state)
{
	struct inventory *inventory = inventory_with_redis();
	struct flow flow = flow_of(6379, 45000, 0, DIRECTION_HEURISTIC);
	struct appid_flow appid = {0};
	struct party client, server;

	(void)state;
	assert_true(attribute_flow(
	    inventory, INVENTORY_ANY, NULL, &flow, &appid, &client, &server));
	assert_int_equal(flow.client, 1);
	assert_int_equal(flow.direction, DIRECTION_METADATA);
	assert_int_equal(client.attribution, ATTRIBUTION_EXTERNAL);
	assert_string_equal(server.workload->name, "db-0");
	inventory_free(inventory);
}

/* A port alone turned it round: what comes of that must not deviate. */
static void
test_direction_by_port_is_a_guess(void **state)
{
	struct inventory *inventory = inventory_with_redis();
	struct flow flow = flow_of(500, 45000, 1, DIRECTION_HEURISTIC);
	struct appid_flow appid = {0};
	struct party client, server;

	(void)state;
	flow.protocol = PROTOCOL_UDP;
	flow.midstream = false;
	flow.opener = 0;
	assert_false(attribute_flow(
	    inventory, INVENTORY_ANY, NULL, &flow, &appid, &client, &server));
	/* Who spoke first is the client: that is no guess. */
	flow.opener = 1;
	assert_true(attribute_flow(
	    inventory, INVENTORY_ANY, NULL, &flow, &appid, &client, &server));
	inventory_free(inventory);
}

static void
test_handshake_outranks_metadata(void **state)
{
	struct inventory *inventory = inventory_with_redis();
	struct flow flow = flow_of(6379, 45000, 0, DIRECTION_HANDSHAKE);
	struct appid_flow appid = {0};
	struct party client, server;

	(void)state;
	assert_true(attribute_flow(
	    inventory, INVENTORY_ANY, NULL, &flow, &appid, &client, &server));
	assert_int_equal(flow.client, 0);
	assert_string_equal(client.workload->name, "db-0");
	inventory_free(inventory);
}

/* Who answered a handshake on that port is its server afterwards. */
static void
test_known_server_outranks_payload(void **state)
{
	static const struct hash_key key = {{1, 2}};
	struct inventory *inventory = inventory_with_redis();
	struct known_servers *known = known_servers_new(&key);
	struct flow before = flow_of(45001, 7777, 0, DIRECTION_HANDSHAKE);
	struct flow flow = flow_of(45000, 7777, 1, DIRECTION_HEURISTIC);
	/* The payload's first sender, which is end 1, looks like a client. */
	struct appid_flow appid = {.role = 1};
	struct party client, server;

	(void)state;
	known_servers_learn(known, &before);
	assert_true(attribute_flow(
	    inventory, INVENTORY_ANY, known, &flow, &appid, &client, &server));
	assert_int_equal(flow.client, 0);
	assert_int_equal(flow.direction, DIRECTION_METADATA);
	/* Another protocol, another domain: not known. */
	flow.protocol = PROTOCOL_UDP;
	assert_int_equal(
	    known_servers_seen(known, &flow, 1).ns, INSTANT_PAST.ns);
	flow.protocol = PROTOCOL_TCP;
	flow.domain = 1;
	assert_int_equal(
	    known_servers_seen(known, &flow, 1).ns, INSTANT_PAST.ns);
	known_servers_free(known);
	inventory_free(inventory);
}

/* What was seen before the workload had the address is somebody else's. */
static void
test_known_server_of_another_time(void **state)
{
	static const struct hash_key key = {{1, 2}};
	struct inventory *inventory = inventory_with_redis();
	struct known_servers *known = known_servers_new(&key);
	struct flow before = flow_of(7777, 45001, 1, DIRECTION_HANDSHAKE);
	struct flow flow = flow_of(7777, 45000, 0, DIRECTION_HEURISTIC);
	struct appid_flow appid = {0};
	struct party client, server;

	(void)state;
	before.first = (struct instant){-1};
	known_servers_learn(known, &before);
	assert_false(attribute_flow(
	    inventory, INVENTORY_ANY, known, &flow, &appid, &client, &server));
	assert_int_equal(flow.client, 0);
	before.first = START;
	known_servers_learn(known, &before);
	assert_true(attribute_flow(
	    inventory, INVENTORY_ANY, known, &flow, &appid, &client, &server));
	assert_int_equal(flow.client, 1);
	known_servers_free(known);
	inventory_free(inventory);
}

/* A flood of listeners pushes out the oldest, and nothing grows. */
static void
test_known_servers_are_bounded(void **state)
{
	static const struct hash_key key = {{1, 2}};
	struct known_servers *known = known_servers_new(&key);
	struct flow flow = flow_of(7777, 1, 1, DIRECTION_HANDSHAKE);
	uint32_t left = 0;

	(void)state;
	for (uint32_t i = 0; i < 8 * KNOWN_SERVERS_MAXIMUM; i++) {
		memcpy(flow.ends[0].address.octets + 8, &i, sizeof(i));
		known_servers_learn(known, &flow);
		assert_int_equal(
		    known_servers_seen(known, &flow, 0).ns, START.ns);
	}
	for (uint32_t i = 0; i < 8 * KNOWN_SERVERS_MAXIMUM; i++) {
		memcpy(flow.ends[0].address.octets + 8, &i, sizeof(i));
		left += known_servers_seen(known, &flow, 0).ns == START.ns;
	}
	assert_in_range(
	    left, KNOWN_SERVERS_MAXIMUM * 9 / 10, KNOWN_SERVERS_MAXIMUM);
	known_servers_free(known);
}

static void
test_payload_says_who_asks(void **state)
{
	struct inventory *inventory = inventory_with_redis();
	struct appid_flow appid = {.role = 2};
	struct party client, server;
	struct flow flow = flow_of(40000, 45000, 0, DIRECTION_HEURISTIC);

	(void)state;
	/* The first payload came from end 0 and was an answer. */
	assert_true(attribute_flow(
	    inventory, INVENTORY_ANY, NULL, &flow, &appid, &client, &server));
	assert_int_equal(flow.client, 1);

	/* The first payload came from end 1, then the server, as a request. */
	flow = flow_of(40000, 45000, 0, DIRECTION_HEURISTIC);
	appid = (struct appid_flow){.role = 1, .server_first = true};
	assert_true(attribute_flow(
	    inventory, INVENTORY_ANY, NULL, &flow, &appid, &client, &server));
	assert_int_equal(flow.client, 1);
	inventory_free(inventory);
}

static void
test_a_mere_guess_is_said(void **state)
{
	struct inventory *inventory = inventory_with_redis();
	struct flow flow = flow_of(40000, 45000, 0, DIRECTION_HEURISTIC);
	struct appid_flow appid = {0};
	struct party client, server;

	(void)state;
	assert_false(attribute_flow(
	    inventory, INVENTORY_ANY, NULL, &flow, &appid, &client, &server));
	inventory_free(inventory);
}

static void
test_infrastructure(void **state)
{
	static const char *const infrastructure[] = {"ff02::1", "224.0.0.251",
	    "fe80::1", "169.254.20.10", "255.255.255.255", "0.0.0.0"};
	static const char *const judged[] = {
	    "169.254.169.254", "10.0.0.1", "198.51.100.1", "fd00::1"};
	struct flow flow = flow_of(1, 2, 0, DIRECTION_HANDSHAKE);

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		flow.ends[1].address = address(infrastructure[i]);
		assert_true(flow_is_infrastructure(&flow));
	}
	for (size_t i = 0; i < 4; i++) {
		flow.ends[1].address = address(judged[i]);
		assert_false(flow_is_infrastructure(&flow));
	}
}

/* Neighbour discovery between global addresses; an echo is not that. */
static void
test_neighbour_discovery(void **state)
{
	struct flow flow = flow_of(0, 0, 0, DIRECTION_HEURISTIC);

	(void)state;
	flow.ends[1].address = address("fd00::1");
	flow.protocol = PROTOCOL_ICMPV6;
	flow.icmp_type = 135;
	assert_true(flow_is_infrastructure(&flow));
	flow.icmp_type = 128;
	assert_false(flow_is_infrastructure(&flow));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who_has_sent_nothing_is_a_guess),
	    cmocka_unit_test(test_declared_port_is_the_server),
	    cmocka_unit_test(test_direction_by_port_is_a_guess),
	    cmocka_unit_test(test_handshake_outranks_metadata),
	    cmocka_unit_test(test_known_server_outranks_payload),
	    cmocka_unit_test(test_known_server_of_another_time),
	    cmocka_unit_test(test_known_servers_are_bounded),
	    cmocka_unit_test(test_payload_says_who_asks),
	    cmocka_unit_test(test_a_mere_guess_is_said),
	    cmocka_unit_test(test_infrastructure),
	    cmocka_unit_test(test_neighbour_discovery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
