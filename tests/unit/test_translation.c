/*
 * Connections that are seen before and after a service's address is translated:
 * when two views are joined, when they are not, and who counts what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/translation.h"
#include "facts.h"
#include "made_frame.h"
#include "sensor/base/hash.h"
#include "sensor/base/report.h"
#include "sensor/flowtable.h"
#include "sensor/packet.h"

#define START    (INT64_C(1000) * NS_PER_SECOND)
#define CAPACITY 32

/* Hosts, as in made_host(). */
enum {
	CLIENT = 1,
	DB = 2,       /* behind VIP on 6379, which is named */
	DB_TWO = 3,   /* the same */
	STRANGER = 4, /* a workload that is behind nothing */
	OLD = 5,      /* was behind VIP, until START */
	NODE = 9,     /* has an API behind API_VIP that no fact names */
	HOST = 50,    /* nobody's: publishes a port of STRANGER's */
	VIP = 100,
	API_VIP = 101,
};

/* --- the cluster ---------------------------------------------------------- */

static void
put_workload(struct inventory_draft *draft, uint8_t host, const char *name,
    const char *label, int64_t until)
{
	struct container_port port = {6379, PROTOCOL_TCP, "redis"};
	struct container container = {
	    .name = "c",
	    .image = {.name = "redis:7"},
	    .ports = &port,
	    .port_count = 1,
	};
	struct label labels[] = {{"app", label}};
	struct address own = made_host(host);
	struct workload_fact fact = {
	    .workload =
		{
		    .id = name,
		    .cluster = "",
		    .orchestrator = "test",
		    .namespace = "shop",
		    .name = name,
		    .node = "",
		    .labels = {labels, 1},
		    .containers = &container,
		    .container_count = 1,
		    .addresses = &own,
		    .address_count = 1,
		    .since = {0},
		    .until = {until},
		},
	};

	assert_true(state_workload(draft, &fact));
}

/* Port 80 leads to the container port `redis`, udp/53 to 5353. */
static void
put_service(struct inventory_draft *draft, uint8_t host, const char *name,
    const char *selects)
{
	struct service_port ports[] = {
	    {80, PROTOCOL_TCP, "", 0, "redis", 0},
	    {53, PROTOCOL_UDP, "", 5353, "", 0},
	    {443, PROTOCOL_TCP, "", 6443, "", 0},
	};
	struct label selector[] = {{"app", selects}};
	struct address own = made_host(host);
	struct service_fact fact = {
	    .service =
		{
		    .namespace = "shop",
		    .name = name,
		    .addresses = &own,
		    .address_count = 1,
		    .ports = ports,
		    .port_count = 3,
		    .since = {0},
		    .until = INSTANT_FUTURE,
		},
	    .selector = {selector, selects == NULL ? 0 : 1},
	};

	state_service(draft, &fact);
}

static struct inventory *
cluster(void)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	struct address node = made_host(NODE);
	struct node_fact fact = {
	    .node = {.name = "node-1"},
	    .addresses = &node,
	    .address_count = 1,
	};
	struct inventory *inventory;

	put_workload(draft, CLIENT, "client", "web", INT64_MAX);
	put_workload(draft, DB, "db", "db", INT64_MAX);
	put_workload(draft, DB_TWO, "db-two", "db", INT64_MAX);
	put_workload(draft, STRANGER, "stranger", "other", INT64_MAX);
	put_workload(draft, OLD, "old", "db", START);
	put_service(draft, VIP, "db", "db");
	put_service(draft, API_VIP, "api", NULL);
	state_node(draft, &fact);
	inventory = inventory_publish(draft, report);
	inventory_draft_free(draft);
	report_free(report);
	return inventory;
}

/* --- a tap ---------------------------------------------------------------- */

struct bench {
	struct inventory *inventory;
	struct flowtable *table;
	struct translation *translation;
	struct translation_flow states[CAPACITY];
	const struct flow *flows[CAPACITY]; /* seen last, by slot */
	struct packet packet;
	struct flow reported[CAPACITY]; /* that were no copies */
	struct service_view services[CAPACITY];
	size_t count, copies;
};

static void
record(struct flow *flow, enum flow_reason reason, void *context)
{
	struct bench *bench = context;
	struct translation_flow *state = &bench->states[flow->slot];

	(void)reason;
	if (state->is_copy) {
		bench->copies++;
	} else {
		assert_true(bench->count < CAPACITY);
		bench->services[bench->count] = state->service;
		bench->reported[bench->count] = *flow;
		bench->reported[bench->count++].duplicates += state->duplicates;
	}
	translation_end(state);
}

static void
bench_open(struct bench *bench, uint32_t capacity)
{
	static const struct hash_key secret = {{5, 6}};

	*bench = (struct bench){.packet = {.at = {START}}};
	bench->inventory = cluster();
	bench->translation = translation_new(bench->inventory, NULL);
	bench->table = flowtable_new(
	    capacity, &secret, &flow_timeouts_default, record, bench);
	assert_non_null(bench->table);
}

static void
bench_close(struct bench *bench)
{
	flowtable_end_all(bench->table);
	for (size_t i = 0; i < CAPACITY; i++)
		assert_int_equal(bench->states[i].flow.serial, 0);
	flowtable_free(bench->table);
	translation_free(bench->translation);
	inventory_free(bench->inventory);
}

/* A frame comes `after` microseconds; returns whether its flow is a copy. */
static bool
see(struct bench *bench, int64_t after, struct frame frame)
{
	struct heard heard;
	struct flow *flow;
	struct translation_flow *state;

	bench->packet.at.ns += after * NS_PER_US;
	bench->packet.number++;
	flow = flowtable_track(bench->table, &bench->packet, &frame, NULL,
	    bench->packet.at, &heard);
	assert_non_null(flow);
	state = &bench->states[flow->slot];
	bench->flows[flow->slot] = flow;
	if (!translation_wants(translation_is_to_service(
				   bench->inventory, INVENTORY_ANY, flow),
		flow->packets[0] + flow->packets[1]))
		return state->is_copy;
	return translation_packet(bench->translation, state, flow, &heard,
	    bench->packet.number, bench->packet.at);
}

static struct frame_key
to(uint8_t host, uint16_t port)
{
	return made_key(PROTOCOL_TCP, CLIENT, 40000, host, port);
}

static struct frame
syn(uint8_t host, uint16_t port, uint32_t sequence)
{
	return made_tcp(to(host, port), TCP_SYN, sequence);
}

/* Both views of one packet of the client's, and then of the server's. */
static void
see_both_ways(struct bench *bench, uint8_t backend, uint32_t sequence)
{
	struct frame_key vip = to(VIP, 80), real = to(backend, 6379);

	(void)see(bench, 900, made_tcp(vip, TCP_ACK, sequence));
	(void)see(bench, 10, made_tcp(real, TCP_ACK, sequence));
	(void)see(
	    bench, 80, made_tcp(made_reverse(real), TCP_ACK, sequence + 1));
	assert_true(
	    see(bench, 10, made_tcp(made_reverse(vip), TCP_ACK, sequence + 1)));
}

static void
assert_service(const struct bench *bench, size_t i, uint8_t host, uint16_t port)
{
	const struct service_view *view = &bench->services[i];
	struct address address = made_host(host);

	assert_non_null(view->service);
	assert_true(address_equal(&view->address, &address));
	assert_int_equal(view->port, port);
}

static void
assert_server(const struct bench *bench, size_t i, uint8_t host)
{
	struct address address = made_host(host);

	assert_true(i < bench->count);
	assert_true(address_equal(
	    &flow_server(&bench->reported[i])->address, &address));
}

/* --- in a network ------------------------------------------------------ */

/* Another network's packet is another packet, however alike. */
static void
test_domains_are_kept_apart(void **state)
{
	struct bench bench;
	struct frame before = syn(VIP, 80, 7), after = syn(DB, 6379, 7);

	(void)state;
	bench_open(&bench, CAPACITY);
	before.key.domain = 1;
	after.key.domain = 2;
	assert_false(see(&bench, 0, before));
	assert_false(see(&bench, 10, after));
	bench_close(&bench);
	assert_int_equal(bench.count, 2);
	assert_int_equal(bench.copies, 0);

	bench_open(&bench, CAPACITY);
	after.key.domain = 1;
	assert_false(see(&bench, 0, before));
	assert_false(see(&bench, 10, after));
	bench_close(&bench);
	assert_int_equal(bench.count, 1);
	assert_int_equal(bench.copies, 1);
	assert_service(&bench, 0, VIP, 80);
}

/* --- joined --------------------------------------------------------------- */

static void
test_connection_is_one_flow(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	assert_false(see(&bench, 0, syn(VIP, 80, 7)));
	assert_false(see(&bench, 10, syn(DB, 6379, 7)));
	for (uint32_t i = 0; i < 50; i++)
		see_both_ways(&bench, DB, 100 + 2 * i);
	bench_close(&bench);
	assert_int_equal(bench.count, 1);
	assert_int_equal(bench.copies, 1);
	assert_server(&bench, 0, DB);
	assert_service(&bench, 0, VIP, 80);
	assert_int_equal(bench.reported[0].packets[0], 51);
	assert_int_equal(bench.reported[0].packets[1], 50);
	assert_int_equal(bench.reported[0].duplicates, 101);
}

/* Copies of either view are duplicates of the connection too. */
static void
test_each_view_seen_twice(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	(void)see(&bench, 0, syn(VIP, 80, 7));
	(void)see(&bench, 3, syn(VIP, 80, 7));
	(void)see(&bench, 3, syn(DB, 6379, 7));
	(void)see(&bench, 3, syn(DB, 6379, 7));
	assert_true(see(&bench, 3, syn(VIP, 80, 7)));
	bench_close(&bench);
	assert_int_equal(bench.count, 1);
	assert_int_equal(bench.reported[0].packets[0], 1);
	assert_int_equal(bench.reported[0].duplicates, 4);
}

/* The capture begins with replies, which pass the backend's view first. */
static void
test_reply_comes_first(void **state)
{
	struct frame_key query = made_key(PROTOCOL_UDP, CLIENT, 40000, VIP, 53);
	struct frame_key real = made_key(PROTOCOL_UDP, CLIENT, 40000, DB, 5353);
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	assert_false(see(&bench, 0, made_frame(made_reverse(real), 90)));
	assert_true(see(&bench, 5, made_frame(made_reverse(query), 90)));
	assert_true(see(&bench, 500, made_frame(query, 50)));
	assert_false(see(&bench, 5, made_frame(real, 50)));
	bench_close(&bench);
	assert_int_equal(bench.count, 1);
	assert_int_equal(bench.reported[0].duplicates, 2);
	assert_service(&bench, 0, VIP, 53);
}

/* The tap lost the SYN behind the translation; the next packet tells. */
static void
test_first_copy_is_lost(void **state)
{
	struct frame_key vip = to(VIP, 80), real = to(DB, 6379);
	const uint8_t both = TCP_SYN | TCP_ACK;
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	assert_false(see(&bench, 0, made_tcp(vip, TCP_SYN, 7)));
	assert_false(see(&bench, 90, made_tcp(made_reverse(real), both, 9)));
	assert_true(see(&bench, 10, made_tcp(made_reverse(vip), both, 9)));
	bench_close(&bench);
	assert_int_equal(bench.count, 1);
	assert_int_equal(bench.reported[0].duplicates, 2);
}

/* One socket asks on, and the node sends it to another backend in time. */
static void
test_service_goes_on_to_another_backend(void **state)
{
	struct frame_key query = made_key(PROTOCOL_UDP, CLIENT, 40000, VIP, 53);
	struct frame_key one = made_key(PROTOCOL_UDP, CLIENT, 40000, DB, 5353);
	struct frame_key two =
	    made_key(PROTOCOL_UDP, CLIENT, 40000, DB_TWO, 5353);
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	for (uint32_t i = 0; i < 6; i++) {
		(void)see(&bench, 100000, made_frame(query, 50 + i));
		(void)see(&bench, 5, made_frame(one, 50 + i));
	}
	for (uint32_t i = 0; i < 8; i++) {
		assert_true(see(&bench, 100000, made_frame(query, 60 + i)));
		assert_false(see(&bench, 5, made_frame(two, 60 + i)));
	}
	bench_close(&bench);
	assert_int_equal(bench.count, 2);
	assert_int_equal(bench.copies, 1);
	assert_int_equal(bench.reported[0].duplicates, 6);
	assert_int_equal(bench.reported[1].duplicates, 8);
	assert_server(&bench, 0, DB);
	assert_server(&bench, 1, DB_TWO);
	assert_service(&bench, 0, VIP, 53);
	assert_service(&bench, 1, VIP, 53);
}

/* The next connection on the same ports is the next flow, in both views. */
static void
test_ports_are_used_again(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	for (uint32_t i = 0; i < 2; i++) {
		uint8_t backend = i == 0 ? DB : DB_TWO;

		(void)see(&bench, 0, syn(VIP, 80, 7 + i));
		(void)see(&bench, 10, syn(backend, 6379, 7 + i));
		(void)see(&bench, 90, made_tcp(to(VIP, 80), TCP_RST, 8 + i));
		(void)see(
		    &bench, 10, made_tcp(to(backend, 6379), TCP_RST, 8 + i));
		bench.packet.at.ns += NS_PER_SECOND;
	}
	bench_close(&bench);
	assert_int_equal(bench.count, 2);
	assert_int_equal(bench.copies, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(bench.reported[i].duplicates, 2);
		assert_service(&bench, i, VIP, 80);
	}
}

/* The table was full and one view had to go: the other finds its next one. */
static void
test_evicted_view_is_joined_again(void **state)
{
	struct frame_key other = made_key(PROTOCOL_UDP, 7, 9, STRANGER, 9);
	struct bench bench;

	(void)state;
	bench_open(&bench, 2);
	(void)see(&bench, 0, syn(VIP, 80, 7));
	(void)see(&bench, 10, syn(DB, 6379, 7));
	/* Evicts the service's view, and is evicted by its next packet. */
	(void)see(&bench, 10, made_frame(other, 1));
	assert_int_equal(bench.copies, 1);
	(void)see(&bench, 10, made_tcp(to(DB, 6379), TCP_ACK, 8));
	assert_true(see(&bench, 10, made_tcp(to(VIP, 80), TCP_ACK, 8)));
	assert_server(&bench, 0, STRANGER);
	bench_close(&bench);
	assert_int_equal(bench.count, 2);
	assert_int_equal(bench.reported[1].duplicates, 2);
}

/* No fact says what is behind the cluster's own API: a node, then. */
static void
test_node_behind_a_service_without_backends(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	(void)see(&bench, 0, syn(API_VIP, 443, 7));
	(void)see(&bench, 10, syn(NODE, 6443, 7));
	bench_close(&bench);
	assert_int_equal(bench.count, 1);
	assert_service(&bench, 0, API_VIP, 443);
}

/* --- joined by what was answered ------------------------------------------ */

/* Numbers as systems draw them. */
#define DRAWN 0x9e3779b9U

/* Numbers as systems draw them. */
#define DRAWN 0x9e3779b9U

static struct frame
segment(
    struct frame_key key, uint8_t flags, uint32_t sequence, uint32_t answers)
{
	struct frame frame = made_tcp(key, flags, sequence);

	frame.tcp_acknowledgement = answers;
	return frame;
}

/* A handshake in two views, of which `one` is nearer to the client; the server
 * begins at that number. */
static void
shake_hands(struct bench *bench, struct frame_key one, struct frame_key two,
    uint32_t number)
{
	const struct frame_key back[] = {made_reverse(two), made_reverse(one)};
	struct frame frames[] = {
	    segment(one, TCP_SYN, DRAWN, 0),
	    segment(two, TCP_SYN, DRAWN, 0),
	    segment(back[0], TCP_SYN | TCP_ACK, number, DRAWN + 1),
	    segment(back[1], TCP_SYN | TCP_ACK, number, DRAWN + 1),
	    segment(one, TCP_ACK, DRAWN + 1, number + 1),
	    segment(two, TCP_ACK, DRAWN + 1, number + 1),
	};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		(void)see(bench, i % 2 == 0 ? 90 : 10, frames[i]);
}

static void
assert_joined(
    struct frame_key one, struct frame_key two, uint8_t client, uint8_t server)
{
	struct address address = made_host(client);
	struct bench bench;

	bench_open(&bench, CAPACITY);
	shake_hands(&bench, one, two, DRAWN + 99);
	bench_close(&bench);
	assert_int_equal(bench.count, 1);
	assert_int_equal(bench.copies, 1);
	assert_true(
	    address_equal(&flow_client(&bench.reported[0])->address, &address));
	assert_server(&bench, 0, server);
	assert_null(bench.services[0].service);
	assert_int_equal(bench.reported[0].duplicates, 3);
}

/* A port that a host publishes, and one whose address it masquerades: what is
 * translated has its own address where it was seen first. */
static void
test_nobodys_address_is_translated(void **state)
{
	(void)state;
	assert_joined(to(HOST, 8080), to(STRANGER, 80), CLIENT, STRANGER);
	assert_joined(to(HOST, 8080),
	    made_key(PROTOCOL_TCP, HOST, 61000, HOST, 8080), CLIENT, HOST);
	assert_joined(to(NODE, 30080), to(DB, 6379), CLIENT, DB);
}

/* A workload's probes leave by its node, and nobody answers. */
static void
test_node_masquerades(void **state)
{
	struct frame_key one = to(HOST, 53);
	struct frame_key two = made_key(PROTOCOL_TCP, NODE, 61000, HOST, 53);
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	assert_false(see(&bench, 10, made_tcp(one, TCP_SYN, 7)));
	assert_true(see(&bench, 10, made_tcp(two, TCP_SYN, 7)));
	one.protocol = two.protocol = PROTOCOL_UDP;
	assert_false(see(&bench, 10, made_frame(one, 90)));
	assert_true(see(&bench, 10, made_frame(two, 90)));
	bench_close(&bench);
	assert_int_equal(bench.copies, 2);
}

/* Whoever sends one packet from many addresses, or to many, translates none:
 * what was answered differs, nothing was, or with no number of its own. */
static void
test_alike_is_not_translated(void **state)
{
	const uint8_t both = TCP_SYN | TCP_ACK, refusal = TCP_RST | TCP_ACK;
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	for (uint8_t i = 0; i < 3; i++) {
		struct frame_key from =
		    made_key(PROTOCOL_TCP, 20 + i, 20, HOST, 80);
		struct frame_key onto = to(HOST + i, 80);
		struct frame frames[] = {
		    segment(from, TCP_SYN, DRAWN, 0),
		    segment(made_reverse(from), both, DRAWN + i, DRAWN + 1),
		    segment(from, TCP_SYN, DRAWN + 1, 0),
		    segment(onto, TCP_SYN, DRAWN, 0),
		    segment(made_reverse(onto), refusal, 0, DRAWN + 1),
		};

		for (size_t j = 0; j < sizeof(frames) / sizeof(frames[0]); j++)
			(void)see(&bench, 10, frames[j]);
	}
	bench_close(&bench);
	assert_int_equal(bench.count, 6);
	assert_int_equal(bench.copies, 0);
}

/* Other ports, made up numbers, and a service whose backends are known. */
static void
test_what_is_answered_alike(void **state)
{
	struct frame_key other = to(HOST, 80);
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	other.source_port++;
	shake_hands(&bench, to(HOST, 80), other, DRAWN + 99);
	bench_close(&bench);
	assert_int_equal(bench.count, 2);
	bench_open(&bench, CAPACITY);
	shake_hands(&bench, to(HOST, 80), to(STRANGER, 80), 99);
	bench_close(&bench);
	assert_int_equal(bench.count, 2);
	bench_open(&bench, CAPACITY);
	shake_hands(&bench, to(VIP, 80), to(STRANGER, 80), DRAWN + 99);
	bench_close(&bench);
	assert_int_equal(bench.count, 2);
}

/* --- not joined ----------------------------------------------------------- */

/* Two flows, whatever their packets have in common. */
static void
assert_apart(struct frame before, struct frame after, int64_t late)
{
	struct bench bench;

	bench_open(&bench, CAPACITY);
	assert_false(see(&bench, 0, before));
	assert_false(see(&bench, late, after));
	bench_close(&bench);
	assert_int_equal(bench.count, 2);
	assert_int_equal(bench.copies, 0);
	for (size_t i = 0; i < 2; i++) {
		assert_null(bench.services[i].service);
		assert_int_equal(bench.reported[i].duplicates, 0);
	}
}

static void
test_what_is_no_translation(void **state)
{
	struct frame vip = syn(VIP, 80, 7);
	struct frame elsewhere = syn(DB, 6379, 7);

	(void)state;
	assert_apart(vip, syn(DB, 6379, 8), 10);       /* another sequence */
	assert_apart(vip, syn(DB, 6380, 7), 10);       /* not the target */
	assert_apart(vip, syn(STRANGER, 6379, 7), 10); /* no backend */
	assert_apart(vip, syn(OLD, 6379, 7), 10);      /* not any more */
	assert_apart(vip, syn(VIP, 81, 7), 10);
	assert_apart(syn(VIP, 443, 7), syn(NODE, 6443, 7), 10);
	assert_apart(vip, syn(DB, 6379, 7), 25000); /* too late */
	/* A pod scans its neighbours with one port and one sequence. */
	assert_apart(syn(DB, 6379, 7), syn(DB_TWO, 6379, 7), 10);
	elsewhere.key.source_port = 40001;
	assert_apart(vip, elsewhere, 10);
	elsewhere = syn(DB, 6379, 7);
	elsewhere.key.source = made_host(STRANGER);
	assert_apart(vip, elsewhere, 10);
	elsewhere = syn(DB, 6379, 7);
	elsewhere.key.protocol = PROTOCOL_SCTP;
	assert_apart(vip, elsewhere, 10);
}

/* A verdict stands: what was said of the service's view is not unsaid. */
static void
test_settled_view_stays_a_flow(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	(void)see(&bench, 0, syn(VIP, 80, 7));
	bench.states[0].settled = true;
	assert_false(see(&bench, 10, syn(DB, 6379, 7)));
	bench_close(&bench);
	assert_int_equal(bench.count, 2);
}

static const struct party to_service = {.attribution = ATTRIBUTION_SERVICE};

static bool
hold(struct bench *bench, uint32_t slot, const struct party *server)
{
	struct held_flow held = {.number = slot, .flow = *bench->flows[slot]};

	return translation_hold(bench->translation, &bench->states[slot], &held,
	    server, bench->packet.at);
}

static const struct held_flow *
due(struct bench *bench, int64_t after)
{
	bench->packet.at.ns += after * NS_PER_US;
	return translation_due(bench->translation, bench->packet.at);
}

/* A flow to a service waits for 20 ms, and then comes back once. */
static void
test_verdicts_wait(void **state)
{
	const struct party pod = {.attribution = ATTRIBUTION_EXACT};
	struct bench bench;
	const struct held_flow *held;

	(void)state;
	bench_open(&bench, CAPACITY);
	(void)see(&bench, 0, syn(VIP, 80, 7));
	(void)see(&bench, 0, syn(DB_TWO, 6379, 8));
	assert_false(hold(&bench, 1, &pod));
	assert_true(hold(&bench, 0, &to_service));
	assert_true(hold(&bench, 0, &to_service));
	assert_null(due(&bench, 18000));
	held = due(&bench, 4000);
	assert_non_null(held);
	assert_int_equal(held->number, 0);
	assert_int_equal(held->flow.slot, 0);
	assert_null(due(&bench, 4000));
	assert_false(hold(&bench, 0, &to_service)); /* it is old enough now */
	bench_close(&bench);
}

/* Nothing comes back that was joined, judged or has ended meanwhile. */
static void
test_verdicts_that_need_not_wait(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, CAPACITY);
	for (uint16_t port = 80; port < 83; port++) {
		(void)see(&bench, 0, syn(VIP, port, port));
		assert_true(hold(&bench, port - 80U, &to_service));
	}
	(void)see(&bench, 10, syn(DB, 6379, 80));
	bench.states[1].settled = true;
	translation_end(&bench.states[2]);
	assert_null(due(&bench, 30000));
	bench_close(&bench);
}

static void
test_too_many_wait(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, 1);
	for (uint32_t i = 0; i <= TRANSLATION_HELD; i++) {
		struct frame frame = syn(VIP, 80, i);

		frame.key.source_port = (uint16_t)i;
		(void)see(&bench, 1, frame);
		bench.count = 0;
		assert_int_equal(
		    hold(&bench, 0, &to_service), i < TRANSLATION_HELD);
	}
	assert_int_equal(translation_counts(bench.translation).hurried, 1);
	assert_null(due(&bench, 30000)); /* each had made room for the next */
	(void)see(&bench, 1, syn(VIP, 80, 1));
	assert_true(hold(&bench, 0, &to_service));
	assert_non_null(due(&bench, 30000));
	bench.count = 0;
	bench_close(&bench);
}

/* Far more packets wait than there is room: none is joined wrongly. */
static void
test_flood_evicts_what_waits(void **state)
{
	struct bench bench;
	struct translation_counts counts;

	(void)state;
	bench_open(&bench, 2);
	for (uint32_t i = 0; i < 3 * TRANSLATION_ENTRIES; i++) {
		struct frame frame = syn(VIP, 80, i);

		frame.key.source_port = (uint16_t)i;
		assert_false(see(&bench, 1, frame));
		bench.count = 0;
	}
	counts = translation_counts(bench.translation);
	assert_int_equal(counts.joined, 0);
	assert_in_range(
	    counts.evicted, 2 * TRANSLATION_ENTRIES, 3 * TRANSLATION_ENTRIES);
	bench_close(&bench);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_domains_are_kept_apart),
	    cmocka_unit_test(test_connection_is_one_flow),
	    cmocka_unit_test(test_each_view_seen_twice),
	    cmocka_unit_test(test_reply_comes_first),
	    cmocka_unit_test(test_first_copy_is_lost),
	    cmocka_unit_test(test_service_goes_on_to_another_backend),
	    cmocka_unit_test(test_ports_are_used_again),
	    cmocka_unit_test(test_evicted_view_is_joined_again),
	    cmocka_unit_test(test_node_behind_a_service_without_backends),
	    cmocka_unit_test(test_nobodys_address_is_translated),
	    cmocka_unit_test(test_node_masquerades),
	    cmocka_unit_test(test_alike_is_not_translated),
	    cmocka_unit_test(test_what_is_answered_alike),
	    cmocka_unit_test(test_what_is_no_translation),
	    cmocka_unit_test(test_settled_view_stays_a_flow),
	    cmocka_unit_test(test_verdicts_wait),
	    cmocka_unit_test(test_verdicts_that_need_not_wait),
	    cmocka_unit_test(test_too_many_wait),
	    cmocka_unit_test(test_flood_evicts_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
