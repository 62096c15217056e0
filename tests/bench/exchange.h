/*
 * exchange -- plays both sides of an application protocol into a script.
 *
 * Written from the protocols' own documents; each function in exchange_*.c
 * names its source.  Enough of each protocol that a sensor can recognise it
 * and has to skip what follows: real openings, real framing, made-up content.
 */
#ifndef TESTS_BENCH_EXCHANGE_H
#define TESTS_BENCH_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

struct random;
struct script;

/* NAME, function, the server's port, and how many of 100 flows of a mix. */
#define EXCHANGES(X)                                                           \
	X(DNS, dns, 53, 18)                                                    \
	X(HTTP, http, 8080, 16)                                                \
	X(GRPC, grpc, 50051, 10)                                               \
	X(TLS, tls, 8443, 14)                                                  \
	X(REDIS, redis, 6379, 8)                                               \
	X(POSTGRESQL, postgresql, 5432, 6)                                     \
	X(MYSQL, mysql, 3306, 4)                                               \
	X(MONGODB, mongodb, 27017, 4)                                          \
	X(AMQP, amqp, 5672, 3)                                                 \
	X(MQTT, mqtt, 1883, 3)                                                 \
	X(KAFKA, kafka, 9092, 4)                                               \
	X(SSH, ssh, 22, 1)                                                     \
	X(MEMCACHED, memcached, 11211, 3)                                      \
	X(UNKNOWN, unknown, 31999, 6)

enum exchange {
#define X(name, function, port, share) EXCHANGE_##name,
	EXCHANGES(X)
#undef X
	    EXCHANGE_COUNT
};

/*
 * Writes a whole conversation into a cleared script.
 *
 * server     the name by which the client knows the server
 * rounds     requests, at least 1; fewer when the script is full
 */
void exchange_write(enum exchange exchange, struct script *script,
    struct random *random, const char *server, unsigned rounds);

uint16_t exchange_port(enum exchange exchange);
const char *exchange_name(enum exchange exchange);

/* One at random, by the shares above. */
enum exchange exchange_choose(struct random *random);

/* The single conversations, in exchange_*.c. */
typedef void exchange_writer(struct script *script, struct random *random,
    const char *server, unsigned rounds);
#define X(name, function, port, share) exchange_writer exchange_##function;
EXCHANGES(X)
#undef X

#endif
