#include "classifiers/payload/payload.h"

#include "classifiers/payload/payload_parts.h"

/*
 * Order matters only where one protocol's opening is another's beginning: gRPC
 * is an HTTP/2 that has said more.  For the rest the likeliest come first.
 */
static payload_classifier *const classifiers[] = {
    payload_http,
    payload_tls,
    payload_dns,
    payload_grpc,
    payload_http2,
    payload_redis,
    payload_postgresql,
    payload_mysql,
    payload_mongodb,
    payload_kafka,
    payload_amqp,
    payload_mqtt,
    payload_memcached,
    payload_ssh,
    payload_ldap,
    payload_cassandra,
    payload_elasticsearch,
    payload_fastcgi,
    payload_zookeeper,
    payload_nats,
    payload_stomp,
    payload_openwire,
    payload_smtp,
    payload_dtls,
    payload_bolt,
    payload_clickhouse,
    payload_oracle,
    payload_socks,
    payload_stun,
    payload_rpc,
    payload_bittorrent,
    payload_websocket,
    payload_imap,
    payload_pop3,
    NULL,
};

/* What they answer with. */
static const enum application known[] = {
    APPLICATION_HTTP,
    APPLICATION_WEBSOCKET,
    APPLICATION_TLS,
    APPLICATION_DNS,
    APPLICATION_GRPC,
    APPLICATION_HTTP2,
    APPLICATION_REDIS,
    APPLICATION_POSTGRESQL,
    APPLICATION_MYSQL,
    APPLICATION_MONGODB,
    APPLICATION_KAFKA,
    APPLICATION_AMQP,
    APPLICATION_MQTT,
    APPLICATION_MEMCACHED,
    APPLICATION_COUCHBASE,
    APPLICATION_SSH,
    APPLICATION_LDAP,
    APPLICATION_CASSANDRA,
    APPLICATION_ELASTICSEARCH,
    APPLICATION_FASTCGI,
    APPLICATION_ZOOKEEPER,
    APPLICATION_NATS,
    APPLICATION_STOMP,
    APPLICATION_OPENWIRE,
    APPLICATION_SMTP,
    APPLICATION_DTLS,
    APPLICATION_BOLT,
    APPLICATION_CLICKHOUSE,
    APPLICATION_ORACLE,
    APPLICATION_SOCKS,
    APPLICATION_STUN,
    APPLICATION_RPC,
    APPLICATION_NFS,
    APPLICATION_BITTORRENT,
    APPLICATION_IMAP,
    APPLICATION_POP3,
};

bool
payload_knows(enum application application)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == application)
			return true;
	return false;
}

payload_classifier *const *
payload_classifiers(void)
{
	return classifiers;
}

static struct payload_verdict
ask_all(const struct payload_view *view)
{
	struct payload_verdict best = payload_no();

	for (size_t i = 0; classifiers[i] != NULL; i++) {
		struct payload_verdict verdict = classifiers[i](view);

		if (verdict.answer == PAYLOAD_YES)
			return verdict;
		if (best.answer == PAYLOAD_NO)
			best = verdict;
	}
	return best;
}

struct payload_verdict
payload_classify(const struct payload_view *view)
{
	size_t proxied = payload_proxy_size(view);
	struct payload_view rest = *view;

	if (proxied == view->size)
		return payload_maybe(APPLICATION_PROXY, SENDER_CLIENT);
	rest.octets += proxied;
	rest.size -= proxied;
	return ask_all(&rest);
}
