/*
 * generate -- makes the captures that the benchmark measures with.
 *
 *   generate mix OUT PACKETS             fourteen protocols, short and long
 *   generate elephant OUT OCTETS         four flows of full-size frames
 *   generate mice OUT FLOWS [INVENTORY]  short flows among 2 000 pods
 *   generate syn OUT PACKETS             a flow for every packet
 *   generate small OUT PACKETS           the smallest frames, 10 000 flows
 *   generate http OUT REQUESTS           on 40 connections that stay open
 *   generate dns OUT LOOKUPS             of A and AAAA
 *   generate tls OUT CONNECTIONS         with three exchanges each
 *
 * The same arguments make the same octets, on any machine.  What is measured
 * may not depend on captures that cannot be in this tree, so everything in
 * them is made up here.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/cluster.h"
#include "tests/bench/exchange.h"
#include "tests/bench/random.h"
#include "tests/bench/script.h"
#include "tests/bench/talk.h"
#include "tests/bench/wire.h"
#include "tests/bench/workload.h"

/* --- mix ------------------------------------------------------------------ */

/* Mostly a few requests, one flow in ten many. */
static unsigned
choose_rounds(struct random *random)
{
	return random_below(random, 10) == 0 ? random_between(random, 6, 24)
					     : random_between(random, 1, 4);
}

static bool
make_mix(struct order *order)
{
	struct talks *talks = talks_new(order->wire);
	struct random random = {1};
	uint64_t at_us = 0;

	while (wire_packets(order->wire) < order->amount) {
		enum exchange exchange = exchange_choose(&random);
		struct wire_end client = {
		    0x0a2a0002 + random_below(&random, 4000),
		    (uint16_t)random_between(&random, 32768, 60999)};
		struct wire_end server = {
		    0x0a2a8002 + 64 * exchange + random_below(&random, 40),
		    exchange_port(exchange)};
		struct script *script =
		    talks_begin(talks, at_us, client, server, &random);

		if (script != NULL) {
			exchange_write(exchange, script, &random,
			    "bed-07.garden.svc.cluster.local",
			    choose_rounds(&random));
			order->flows++;
		}
		at_us += random_between(&random, 50, 450);
		talks_run(talks, at_us);
	}
	talks_finish(talks);
	talks_free(talks);
	return true;
}

/* --- elephant ------------------------------------------------------------- */

/* A long transfer from server to client. */
struct transfer {
	struct wire_end client, server;
	uint32_t sequences[2];
};

/* The openings are those of the mix, cut before their goodbye. */
static void
open_transfer(struct order *order, struct transfer *transfer,
    enum exchange exchange, uint64_t at_us)
{
	struct random random = {100 + exchange};
	struct script script;
	struct wire_tcp tcp = {transfer->sequences[0]++, 0, SYN};

	wire_tcp(order->wire, at_us, transfer->client, transfer->server, tcp,
	    NULL, 0);
	tcp = (struct wire_tcp){
	    transfer->sequences[1]++, transfer->sequences[0], SYN | ACK};
	wire_tcp(order->wire, at_us, transfer->server, transfer->client, tcp,
	    NULL, 0);
	exchange_write(exchange, &script, &random, "barn.garden", 1);
	for (size_t i = 0; i < script.count; i++) {
		const struct message *message = &script.messages[i];
		int sender = message->from_server ? 1 : 0;
		size_t size = message->size < WIRE_PAYLOAD_MAXIMUM
				  ? message->size
				  : WIRE_PAYLOAD_MAXIMUM;

		tcp = (struct wire_tcp){transfer->sequences[sender],
		    transfer->sequences[!sender], PUSH | ACK};
		wire_tcp(order->wire, at_us + i,
		    sender ? transfer->server : transfer->client,
		    sender ? transfer->client : transfer->server, tcp,
		    script.octets + message->at, size);
		transfer->sequences[sender] += (uint32_t)size;
	}
}

/* A full frame; every second one is acknowledged. */
static void
send_transfer(struct order *order, struct transfer *transfer, uint64_t at_us,
    const uint8_t *payload, bool acknowledge)
{
	struct wire_tcp tcp = {
	    transfer->sequences[1], transfer->sequences[0], ACK};

	wire_tcp(order->wire, at_us, transfer->server, transfer->client, tcp,
	    payload, WIRE_PAYLOAD_MAXIMUM);
	transfer->sequences[1] += WIRE_PAYLOAD_MAXIMUM;
	if (!acknowledge)
		return;
	tcp = (struct wire_tcp){
	    transfer->sequences[0], transfer->sequences[1], ACK};
	wire_tcp(order->wire, at_us, transfer->client, transfer->server, tcp,
	    NULL, 0);
}

static bool
make_elephant(struct order *order)
{
	static const enum exchange exchanges[4] = {
	    EXCHANGE_HTTP, EXCHANGE_TLS, EXCHANGE_GRPC, EXCHANGE_UNKNOWN};
	struct transfer transfers[4];
	struct random random = {2};
	uint8_t noise[4 * WIRE_PAYLOAD_MAXIMUM];
	uint64_t at_us = 1000;

	random_fill(&random, noise, sizeof(noise));
	for (uint32_t i = 0; i < 4; i++) {
		uint16_t port = exchange_port(exchanges[i]);

		transfers[i] = (struct transfer){
		    .client = {0x0a2a0102 + i, (uint16_t)(41000 + i)},
		    .server = {0x0a2a0202 + i, port},
		};
		open_transfer(order, &transfers[i], exchanges[i], i * 200);
	}
	for (uint32_t i = 0; wire_octets(order->wire) < order->amount; i++)
		/* bursts of eight, as a sender's window lets them go */
		send_transfer(order, &transfers[i / 8 % 4], at_us += 3,
		    noise + i % 256 * 16, i % 2 != 0);
	order->flows = 4;
	return true;
}

/* --- mice ----------------------------------------------------------------- */

static bool
make_mice(struct order *order)
{
	struct cluster *cluster = cluster_new();
	struct talks *talks = talks_new(order->wire);
	struct random random = {3};
	bool good = true;

	if (order->inventory != NULL)
		good = cluster_write_inventory(cluster, order->inventory);
	/* about 20 000 flows a second */
	for (uint64_t at_us = 0; good && order->flows < order->amount;
	     at_us += random_between(&random, 20, 80)) {
		struct cluster_call call = cluster_next(cluster, &random);
		struct script *script;

		talks_run(talks, at_us);
		script = talks_begin(
		    talks, at_us, call.client, call.server, &random);
		if (script == NULL)
			continue;
		exchange_write(call.exchange, script, &random, call.name, 1);
		order->flows++;
	}
	talks_finish(talks);
	talks_free(talks);
	cluster_free(cluster);
	return good;
}

/* --- syn ------------------------------------------------------------------ */

static bool
make_syn(struct order *order)
{
	struct random random = {4};

	for (uint64_t i = 0; i < order->amount; i++) {
		uint64_t ends = random_next(&random);
		uint64_t rest = random_next(&random);
		struct wire_end client = {
		    (uint32_t)ends, (uint16_t)(1024 + rest % 64000)};
		struct wire_end server = {0x0a000000 | (ends >> 32 & 0xffffff),
		    (uint16_t)(rest >> 32)};
		struct wire_tcp tcp = {(uint32_t)(rest >> 16), 0, SYN};

		/* two a microsecond */
		wire_tcp(order->wire, i / 2, client, server, tcp, NULL, 0);
	}
	order->flows = order->amount;
	return true;
}

/* --- small ---------------------------------------------------------------- */

/* 18 octets fill the smallest frame; no protocol begins like these. */
static bool
make_small(struct order *order)
{
	struct random random = {5};
	uint8_t payload[18];

	order->flows = 10000;
	for (uint64_t i = 0; i < order->amount; i++) {
		uint32_t flow = random_below(&random, (uint32_t)order->flows);
		struct wire_end client = {
		    0x0a2a0000 + flow % 2000, (uint16_t)(40000 + flow % 5000)};
		struct wire_end server = {
		    0x0a2c0000 + flow / 2000, (uint16_t)(21000 + flow % 7)};
		bool reply = random_below(&random, 2) != 0;

		random_fill(&random, payload, sizeof(payload));
		payload[0] = 0xc7;
		payload[1] = 0x3e;
		wire_udp(order->wire, i / 2, reply ? server : client,
		    reply ? client : server, payload, sizeof(payload));
	}
	return true;
}

/* --- main ----------------------------------------------------------------- */

static const struct {
	const char *name;
	workload *make;
} workloads[] = {
    {"mix", make_mix},
    {"elephant", make_elephant},
    {"mice", make_mice},
    {"syn", make_syn},
    {"small", make_small},
    {"http", make_http},
    {"dns", make_dns},
    {"tls", make_tls},
};

static int
generate(workload *make, const char *path, struct order *order)
{
	bool good;

	order->wire = wire_open(path);
	if (order->wire == NULL) {
		perror(path);
		return EXIT_FAILURE;
	}
	good = make(order);
	printf("packets=%" PRIu64 " octets=%" PRIu64 " flows=%" PRIu64 "\n",
	    wire_packets(order->wire), wire_octets(order->wire), order->flows);
	if (wire_close(order->wire) && good)
		return EXIT_SUCCESS;
	fprintf(stderr, "%s: could not be written\n", path);
	return EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	struct order order = {0};

	if (argc == 4 || argc == 5) {
		order.amount = strtoull(argv[3], NULL, 10);
		order.inventory = argv[4]; /* NULL after the last */
		for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]);
		     i++)
			if (strcmp(argv[1], workloads[i].name) == 0)
				return generate(
				    workloads[i].make, argv[2], &order);
	}
	fprintf(stderr,
	    "usage: generate mix|elephant|mice|syn|small|http|dns|tls OUT "
	    "AMOUNT [INVENTORY]\n");
	return EXIT_FAILURE;
}
