/*
 * Traffic of one kind of message each, so that it shows what a message costs:
 * HTTP/1.1 that keeps its connections, DNS as resolvers of libraries ask, and
 * short connections of TLS.
 */
#include <stdio.h>
#include <string.h>

#include "tests/bench/exchange.h"
#include "tests/bench/random.h"
#include "tests/bench/script.h"
#include "tests/bench/talk.h"
#include "tests/bench/wire.h"
#include "tests/bench/workload.h"

/* --- HTTP/1.1 ------------------------------------------------------------- */

#define CONNECTIONS 40

/* One that stays open; the answer acknowledges the request, and the next
 * request the answer. */
struct connection {
	struct wire_end ends[2];
	uint32_t sequences[2];
	char cookie[65];
	bool browser; /* else a program that asks others, and posts */
};

static void
send_segment(struct order *order, struct connection *connection, uint64_t at_us,
    int sender, uint8_t flags, const void *payload, size_t size)
{
	struct wire_tcp tcp = {connection->sequences[sender],
	    connection->sequences[!sender], flags};

	wire_tcp(order->wire, at_us, connection->ends[sender],
	    connection->ends[!sender], tcp, payload, size);
	connection->sequences[sender] +=
	    (uint32_t)size + ((flags & (SYN | FIN)) != 0);
}

static void
open_connection(struct order *order, struct connection *connection,
    uint32_t number, uint64_t at_us, struct random *random)
{
	*connection = (struct connection){
	    .ends = {{0x0a2a0002 + number / 2, (uint16_t)(40000 + number)},
		{0x0a2a8002 + number % 4, 8080}},
	    .sequences = {(uint32_t)random_next(random),
		(uint32_t)random_next(random)},
	};
	connection->browser = number % 3 == 0;
	for (size_t i = 0; i + 1 < sizeof(connection->cookie); i++)
		connection->cookie[i] =
		    "0123456789abcdef"[random_below(random, 16)];
	send_segment(order, connection, at_us, 0, SYN, NULL, 0);
	send_segment(order, connection, at_us + 50, 1, SYN | ACK, NULL, 0);
	send_segment(order, connection, at_us + 100, 0, ACK, NULL, 0);
	order->flows++;
}

/* As browsers ask for what pages are made of. */
static void
add_browser(struct script *script, const struct connection *connection,
    struct random *random)
{
	static const char *const paths[][2] = {{"/", ""},
	    {"/static/app.4f2c", ".js"}, {"/img/rose-", ".webp"},
	    {"/beds/", ""}, {"/search?q=climbing+rose&page=", ""},
	    {"/cart", ""}, {"/static/main-", ".css"},
	    {"/account/orders?from=2026-0", "-01&to=2026-12-31"}};
	uint32_t which = random_below(random, 8);

	script_text(script, "GET %s%u%s", paths[which][0],
	    random_between(random, 1, 9), paths[which][1]);
	script_text(script,
	    " HTTP/1.1\r\nHost: shop.garden:8080\r\nConnection: keep-alive\r\n"
	    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
	    "Gecko/20100101 Firefox/128.0\r\n"
	    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,"
	    "*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n"
	    "Accept-Encoding: gzip, deflate\r\n"
	    "Referer: http://shop.garden:8080/beds/%u\r\n"
	    "Cookie: session=%s; theme=dark\r\n"
	    "Upgrade-Insecure-Requests: 1\r\n\r\n",
	    random_below(random, 500), connection->cookie);
}

/* As services ask each other. */
static void
add_program(struct script *script, struct random *random)
{
	script_text(script,
	    "GET /v1/items/%u?fields=name,price HTTP/1.1\r\n"
	    "Host: catalogue.garden:8080\r\nUser-Agent: Go-http-client/1.1\r\n"
	    "Accept: application/json\r\nX-Request-Id: %08x-%04x\r\n"
	    "Traceparent: 00-%08x%08x%08x%08x-%08x%08x-01\r\n"
	    "Accept-Encoding: gzip\r\n\r\n",
	    random_below(random, 100000), random_below(random, UINT32_MAX),
	    random_below(random, 65536), random_below(random, UINT32_MAX),
	    random_below(random, UINT32_MAX), random_below(random, UINT32_MAX),
	    random_below(random, UINT32_MAX), random_below(random, UINT32_MAX),
	    random_below(random, UINT32_MAX));
}

static void
add_posted(struct script *script, struct random *random)
{
	char body[512];
	int size = snprintf(body, sizeof(body),
	    "{\"order\": %u, \"customer\": \"c-%u\", \"items\": [{\"sku\": "
	    "\"marigold-%u\", \"count\": %u, \"price\": %u.50}, {\"sku\": "
	    "\"hoe\", \"count\": 1, \"price\": 19.90}], \"note\": \"please "
	    "leave it at the gate, or with the neighbours on the left\"}",
	    random_below(random, 1000000), random_below(random, 10000),
	    random_below(random, 40), random_between(random, 1, 9),
	    random_between(random, 1, 30));

	script_text(script,
	    "POST /v1/orders HTTP/1.1\r\nHost: orders.garden:8080\r\n"
	    "User-Agent: Go-http-client/1.1\r\nAccept: application/json\r\n"
	    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	    size, body);
}

static void
add_answer(struct script *script, struct random *random)
{
	static const char *const statuses[] = {"200 OK", "200 OK", "200 OK",
	    "200 OK", "200 OK", "201 Created", "304 Not Modified", "302 Found",
	    "404 Not Found"};
	uint32_t chosen = random_below(random, 50);
	unsigned items = random_between(random, 1, 16);

	script_text(script,
	    "HTTP/1.1 %s\r\nServer: garden/2.1\r\n"
	    "Date: Sat, 07 Nov 2026 10:11:12 GMT\r\n"
	    "Content-Type: application/json\r\nContent-Length: %u\r\n\r\n",
	    statuses[chosen < 9 ? chosen : 0], 64 * items);
	for (unsigned i = 0; i < items; i++)
		script_text(script,
		    "{\"item\": %5u, \"name\": \"marigold\", \"stock\": true, "
		    "\"price\": %2u}\n",
		    random_below(random, 100000),
		    random_between(random, 10, 99));
}

static void
exchange_once(struct order *order, struct connection *connection,
    struct script *script, uint64_t at_us, struct random *random)
{
	script_clear(script);
	script_speak(script, false);
	if (connection->browser)
		add_browser(script, connection, random);
	else if (random_below(random, 2) == 0)
		add_program(script, random);
	else
		add_posted(script, random);
	send_segment(order, connection, at_us, 0, PUSH | ACK, script->octets,
	    script->used);
	script_clear(script);
	script_speak(script, true);
	add_answer(script, random);
	send_segment(order, connection,
	    at_us + random_between(random, 300, 900), 1, PUSH | ACK,
	    script->octets,
	    script->used < WIRE_PAYLOAD_MAXIMUM ? script->used
						: WIRE_PAYLOAD_MAXIMUM);
}

bool
make_http(struct order *order)
{
	struct connection connections[CONNECTIONS];
	struct random random = {6};
	struct script script;
	uint64_t at_us = 0;

	for (uint32_t i = 0; i < CONNECTIONS; i++, at_us += 500)
		open_connection(order, &connections[i], i, at_us, &random);
	for (uint64_t i = 0; i < order->amount; i++, at_us += 1000)
		exchange_once(order,
		    &connections[random_below(&random, CONNECTIONS)], &script,
		    at_us, &random);
	return true;
}

/* --- DNS ------------------------------------------------------------------ */

#define OUTSIDE_NAMES 96

/* Of eight names three are the cluster's; the others come again and again. */
static void
choose_name(char *name, size_t size, struct random *random)
{
	static const char *const domains[] = {"example.com", "orchard.co.uk",
	    "s3.eu-west-1.amazonaws.com", "rosegarden.org", "seeds.io",
	    "weather.example.net"};
	uint32_t which = random_below(random, OUTSIDE_NAMES);

	if (random_below(random, 8) < 3)
		snprintf(name, size, "bed-%02u.garden.svc.cluster.local",
		    which % 60);
	else
		snprintf(name, size, "%s%u.%s",
		    which % 2 == 0 ? "api" : "assets", which / 6,
		    domains[which % 6]);
}

bool
make_dns(struct order *order)
{
	struct talks *talks = talks_new(order->wire);
	struct random random = {7};
	uint64_t at_us = 0;

	while (order->flows < order->amount) {
		struct wire_end client = {
		    0x0a2a0002 + random_below(&random, 200),
		    (uint16_t)random_between(&random, 32768, 60999)};
		struct wire_end server = {
		    0x0a2a8002 + random_below(&random, 2), 53};
		struct script *script =
		    talks_begin(talks, at_us, client, server, &random);
		char name[80];

		if (script != NULL) {
			choose_name(name, sizeof(name), &random);
			exchange_write(EXCHANGE_DNS, script, &random, name, 1);
			order->flows++;
		}
		at_us += random_between(&random, 200, 1800);
		talks_run(talks, at_us);
	}
	talks_finish(talks);
	talks_free(talks);
	return true;
}

/* --- TLS ------------------------------------------------------------------ */

bool
make_tls(struct order *order)
{
	struct talks *talks = talks_new(order->wire);
	struct random random = {8};
	uint64_t at_us = 0;

	while (order->flows < order->amount) {
		struct wire_end client = {
		    0x0a2a0002 + random_below(&random, 200),
		    (uint16_t)random_between(&random, 32768, 60999)};
		struct wire_end server = {
		    0x0a2a8002 + random_below(&random, 40), 8443};
		struct script *script =
		    talks_begin(talks, at_us, client, server, &random);

		if (script != NULL) {
			exchange_write(EXCHANGE_TLS, script, &random,
			    "bed-07.garden.svc.cluster.local", 3);
			order->flows++;
		}
		at_us += random_between(&random, 200, 1800);
		talks_run(talks, at_us);
	}
	talks_finish(talks);
	talks_free(talks);
	return true;
}
