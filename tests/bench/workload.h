/*
 * workload -- a capture to be made: what it is told, and what it says of
 * itself.
 */
#ifndef TESTS_BENCH_WORKLOAD_H
#define TESTS_BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

struct wire;

struct order {
	struct wire *wire;
	uint64_t amount;       /* packets, octets, flows or requests */
	uint64_t flows;        /* that were made */
	const char *inventory; /* where to write one, or NULL */
};

typedef bool workload(struct order *order);

/* Of one kind of message each (messages.c): requests on connections that stay
 * open, lookups, connections. */
workload make_http;
workload make_dns;
workload make_tls;

#endif
