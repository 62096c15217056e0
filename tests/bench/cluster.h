/*
 * cluster -- a made-up Kubernetes cluster of 2 000 pods, and its inventory.
 *
 * A hundred nodes, sixty services in one namespace and the cluster's DNS in
 * another.  Web servers call applications, applications call each other and
 * their stores; now and then a web server goes to a store, which no model
 * allows.
 */
#ifndef TESTS_BENCH_CLUSTER_H
#define TESTS_BENCH_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/exchange.h"
#include "tests/bench/wire.h"

struct random;
struct cluster; /* opaque */

#define CLUSTER_PODS     2000
#define CLUSTER_SERVICES 60

/* One flow that somebody in the cluster begins. */
struct cluster_call {
	struct wire_end client, server;
	enum exchange exchange;
	char name[64]; /* the server's, as DNS knows it */
};

/* Owned, for cluster_free(); the same every time. */
struct cluster *cluster_new(void);
void cluster_free(struct cluster *cluster);

/* Who calls whom next. */
struct cluster_call cluster_next(
    struct cluster *cluster, struct random *random);

/* Writes what `kubectl get ... -o json` would; false when it could not. */
bool cluster_write_inventory(const struct cluster *cluster, const char *path);

#endif
