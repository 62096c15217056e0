/*
 * payload -- our own classifiers, each of which knows one protocol's opening.
 *
 * A classifier reads the first payload of one direction and says whether it
 * is its protocol, from the octets alone: no ports, no addresses.  It must
 * need enough evidence never to be wrong with confidence; where a few octets
 * may still be another protocol it says MAYBE, and the next packet or nDPI
 * decides.  Pure functions, no state, any thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_PAYLOAD_PAYLOAD_H
#define CLASSIFIERS_PAYLOAD_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/application.h"

enum payload_answer { PAYLOAD_NO, PAYLOAD_MAYBE, PAYLOAD_YES };

/* Who, by this protocol's rules, sends such octets. */
enum payload_sender { SENDER_EITHER, SENDER_CLIENT, SENDER_SERVER };

struct payload_view {
	const uint8_t *octets; /* the prefix that was captured, borrowed */
	size_t size;           /* at least 1 */
	uint8_t protocol;      /* IP protocol number: TCP, UDP or SCTP */
};

struct payload_verdict {
	enum payload_answer answer;
	enum application application;
	enum application carrier; /* APPLICATION_UNKNOWN where none was seen */
	enum payload_sender sender;
};

typedef struct payload_verdict payload_classifier(
    const struct payload_view *view);

/* One per file: classifiers/payload_<name>.c states its source. */
payload_classifier payload_amqp;
payload_classifier payload_bittorrent;
payload_classifier payload_bolt;
payload_classifier payload_cassandra;
payload_classifier payload_clickhouse;
payload_classifier payload_dns;
payload_classifier payload_dtls;
payload_classifier payload_elasticsearch;
payload_classifier payload_fastcgi;
payload_classifier payload_grpc;
payload_classifier payload_http;
payload_classifier payload_http2;
payload_classifier payload_imap;
payload_classifier payload_pop3;
payload_classifier payload_kafka;
payload_classifier payload_ldap;
payload_classifier payload_memcached;
payload_classifier payload_mongodb;
payload_classifier payload_mqtt;
payload_classifier payload_mysql;
payload_classifier payload_nats;
payload_classifier payload_openwire;
payload_classifier payload_oracle;
payload_classifier payload_postgresql;
payload_classifier payload_redis;
payload_classifier payload_rpc;
payload_classifier payload_smtp;
payload_classifier payload_socks;
payload_classifier payload_ssh;
payload_classifier payload_stomp;
payload_classifier payload_stun;
payload_classifier payload_tls;
payload_classifier payload_websocket;
payload_classifier payload_zookeeper;

/*
 * Octets of a PROXY protocol header in front of the first real payload, which
 * says nothing about what follows; 0 when there is none or it is not whole.
 */
size_t payload_proxy_size(const struct payload_view *view);

/*
 * Asks all of them; the first YES wins, else MAYBE if any said so, else NO.
 * A PROXY protocol header is skipped; one with nothing after it is a MAYBE.
 */
struct payload_verdict payload_classify(const struct payload_view *view);

/* Whether one of the classifiers knows this application's opening. */
bool payload_knows(enum application application);

/* Every classifier, NULL-terminated, in the order of asking. */
payload_classifier *const *payload_classifiers(void);

#endif
