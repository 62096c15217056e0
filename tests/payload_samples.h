/*
 * payload_samples -- one opening of each kind, made by hand, and what it is.
 *
 * The samples at the end are nobody's: protocols without a classifier of their
 * own, and near misses of those that have one.
 */
#ifndef TESTS_PAYLOAD_SAMPLES_H
#define TESTS_PAYLOAD_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "classifiers/application.h"
#include "classifiers/payload/payload.h"
#include "sensor/frame.h"

struct payload_sample {
	const char *name;
	enum application application, carrier;
	enum payload_answer answer;
	enum payload_sender sender;
	uint8_t protocol;
	const char *octets;
	size_t size;
};

/* clang-format off */
#define SAMPLE(name, protocol, answer, application, carrier, sender, text)     \
	{name, APPLICATION_##application, APPLICATION_##carrier,               \
	    PAYLOAD_##answer, SENDER_##sender, PROTOCOL_##protocol, text,      \
	    sizeof(text) - 1}

static const struct payload_sample payload_samples[] = {
	SAMPLE("stun-binding", UDP, YES, STUN, UNKNOWN, EITHER,
	    "\x00\x01\x00\x00!\x12\xa4" "B\x00\x01\x02\x03\x04\x05\x06"
	    "\x07\x08\t\n\x0b"),
	SAMPLE("stun-success", UDP, YES, STUN, UNKNOWN, EITHER,
	    "\x01\x01\x00\x0c!\x12\xa4" "B\x00\x01\x02\x03\x04\x05\x06"
	    "\x07\x08\t\n\x0b\x00 \x00\x08\x00\x01\xa1G\xe1\x12\xa6"
	    "C"),
	SAMPLE("stun-tcp", TCP, YES, STUN, UNKNOWN, EITHER,
	    "\x00\x03\x00\x08!\x12\xa4" "B\x00\x01\x02\x03\x04\x05\x06"
	    "\x07\x08\t\n\x0b\x00\x19\x00\x04\x11\x00\x00\x00"),
	SAMPLE("stun-classic", UDP, MAYBE, STUN, UNKNOWN, EITHER,
	    "\x00\x01\x00\x08\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n"
	    "\x0b\x0c\x0d\x0e\x0f\x00\x03\x00\x04\x00\x00\x00\x06"),
	SAMPLE("rpc-nfs-call", TCP, YES, NFS, UNKNOWN, CLIENT,
	    "\x80\x00\x00(\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00"
	    "\x02\x00\x01\x86\xa3\x00\x00\x00\x03\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00"),
	SAMPLE("rpc-portmap-call", UDP, YES, RPC, UNKNOWN, CLIENT,
	    "\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01"
	    "\x86\xa0\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
	SAMPLE("smtp-named-greeting", TCP, MAYBE, SMTP, UNKNOWN, SERVER,
	    "220 SMTP.shop ready\r\n"),
	SAMPLE("bittorrent-handshake", TCP, YES, BITTORRENT, UNKNOWN, EITHER,
	    "\x13" "BitTorrent protocol\x00\x00\x00\x00\x00\x10\x00\x05"),
	SAMPLE("bittorrent-dht-ping", UDP, YES, BITTORRENT, UNKNOWN, EITHER,
	    "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"),
	SAMPLE("bittorrent-dht-answer", UDP, YES, BITTORRENT, UNKNOWN, EITHER,
	    "d2:ip6:abcdef1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re"),
	SAMPLE("socks4-connect", TCP, MAYBE, SOCKS, UNKNOWN, CLIENT,
	    "\x04\x01\x00P\x0a\x00\x00\x08" "carts\x00"),
	SAMPLE("socks4-granted", TCP, MAYBE, SOCKS, UNKNOWN, SERVER,
	    "\x00\x5a\x00\x00\x00\x00\x00\x00"),
	SAMPLE("stun-classic-optional", UDP, MAYBE, STUN, UNKNOWN, EITHER,
	    "\x01\x01\x00\x08\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n"
	    "\x0b\x0c\x0d\x0e\x0f\x80 \x00\x04\x00\x00\x00\x06"),
	SAMPLE("websocket-frame", TCP, MAYBE, WEBSOCKET, UNKNOWN, SERVER,
	    "\x81\x05" "carts"),
	SAMPLE("websocket-masked-frame", TCP, MAYBE, WEBSOCKET, UNKNOWN, CLIENT,
	    "\x82\x85\x07\x08\x09\x0a" "dkqxt"),
	SAMPLE("pop3-greeting", TCP, MAYBE, POP3, UNKNOWN, SERVER,
	    "+OK Dovecot ready.\r\n"),
	SAMPLE("pop3-capa", TCP, MAYBE, POP3, UNKNOWN, CLIENT, "CAPA\r\n"),
	SAMPLE("pop3-auth", TCP, MAYBE, POP3, UNKNOWN, CLIENT,
	    "AUTH PLAIN\r\n"),
	SAMPLE("redis-inline-auth", TCP, MAYBE, REDIS, UNKNOWN, CLIENT,
	    "AUTH secret\r\n"),
	SAMPLE("imap-greeting", TCP, YES, IMAP, UNKNOWN, SERVER,
	    "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"),
	SAMPLE("imap-preauth", TCP, YES, IMAP, UNKNOWN, SERVER,
	    "* PREAUTH IMAP4rev1 server logged in as carts\r\n"),
	SAMPLE("imap-command", TCP, MAYBE, IMAP, UNKNOWN, CLIENT,
	    "a001 login carts secret\r\n"),
	SAMPLE("http-request", TCP, YES, HTTP, UNKNOWN, CLIENT,
	    "GET /carts HTTP/1.1\r\nHost: carts\r\n"
	    "\r\n"),
	SAMPLE("http-propfind", TCP, YES, HTTP, UNKNOWN, CLIENT,
	    "PROPFIND / HTTP/1.0\r\n\r\n"),
	SAMPLE("http-response", TCP, YES, HTTP, UNKNOWN, SERVER,
	    "HTTP/1.1 200 OK\r\nServer: nginx\r\n"
	    "\r\n"),
	SAMPLE("http-response-bare", TCP, YES, HTTP, UNKNOWN, SERVER,
	    "HTTP/1.0 404\r\n\r\n"),
	SAMPLE("http-request-cut", TCP, MAYBE, HTTP, UNKNOWN, CLIENT,
	    "GET /a/very/long/path/that/does/not/end/in/what/was/captur"),
	SAMPLE("websocket-request", TCP, YES, WEBSOCKET, HTTP, CLIENT,
	    "GET /chat HTTP/1.1\r\nHost: chat\r\n"
	    "UPGRADE:  WebSocket\r\n\r\n"),
	SAMPLE("websocket-response", TCP, YES, WEBSOCKET, HTTP, SERVER,
	    "HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: websocket\r\n\r\n"),
	SAMPLE("http2-preface", TCP, YES, HTTP2, UNKNOWN, CLIENT,
	    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	    "\x00\x00\x0c\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00"
	    "d\x00\x04\x00\x00\xff\xff"),
	SAMPLE("http2-preface-cut", TCP, MAYBE, HTTP2, UNKNOWN, CLIENT,
	    "PRI * HTTP/2.0\r\n\r\nSM"),
	SAMPLE("http2-settings", TCP, YES, HTTP2, UNKNOWN, SERVER,
	    "\x00\x00\x0c\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00"
	    "d\x00\x04\x00\x00\xff\xff\x00\x00\x04\x08\x00\x00\x00\x00"
	    "\x00\x00\x0f\x00\x01"),
	SAMPLE("http2-settings-empty", TCP, MAYBE, HTTP2, UNKNOWN, SERVER,
	    "\x00\x00\x00\x04\x00\x00\x00\x00\x00"),
	SAMPLE("grpc-coded", TCP, YES, GRPC, HTTP2, CLIENT,
	    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	    "\x00\x00\x0c\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00"
	    "d\x00\x04\x00\x00\xff\xff\x00\x00\x19\x01\x04\x00\x00\x00"
	    "\x01\x83\x86" "D\x08/a/hello_\x8b\x1du\xd0" "b\r&=LMed"),
	SAMPLE("grpc-plain", TCP, YES, GRPC, HTTP2, EITHER,
	    "\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x00.\x01\x04\x00"
	    "\x00\x00\x01\x83\x86@\x0c" "content-type\x10" "application/"
	    "grpc@\x02te\x08trailers"),
	SAMPLE("grpc-response-priority", TCP, YES, GRPC, HTTP2, EITHER,
	    "\x00\x00 \x01,\x00\x00\x00\x01\x00\x00\x00\x00\x03\x0f\x88"
	    "\x0f\x10\x16" "application/grpc+proto"),
	SAMPLE("redis-ping", TCP, YES, REDIS, UNKNOWN, CLIENT,
	    "*1\r\n$4\r\nPING\r\n"),
	SAMPLE("redis-set", TCP, YES, REDIS, UNKNOWN, CLIENT,
	    "*3\r\n$3\r\nset\r\n$1\r\nk\r\n"
	    "$5\r\nhello\r\n"),
	SAMPLE("redis-array-reply", TCP, YES, REDIS, UNKNOWN, EITHER,
	    "*2\r\n$4\r\nkey1\r\n$4\r\nkey2\r\n"),
	SAMPLE("redis-map-reply", TCP, YES, REDIS, UNKNOWN, SERVER,
	    "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n"),
	SAMPLE("redis-inline", TCP, MAYBE, REDIS, UNKNOWN, CLIENT,
	    "PING\r\n"),
	SAMPLE("redis-pong", TCP, YES, REDIS, UNKNOWN, SERVER,
	    "+PONG\r\n"),
	SAMPLE("redis-noauth", TCP, MAYBE, REDIS, UNKNOWN, SERVER,
	    "-NOAUTH Authentication required.\r\n"),
	SAMPLE("redis-bulk-reply", TCP, MAYBE, REDIS, UNKNOWN, SERVER,
	    "$5\r\nhello\r\n"),
	SAMPLE("ssh-banner", TCP, YES, SSH, UNKNOWN, EITHER,
	    "SSH-2.0-OpenSSH_9.2p1\r\n"),
	SAMPLE("ssh-banner-old", TCP, YES, SSH, UNKNOWN, EITHER,
	    "SSH-1.99-Cisco-1.25\n"),
	SAMPLE("tls-client-hello", TCP, YES, TLS, UNKNOWN, CLIENT,
	    "\x16\x03\x01\x00" "1\x01\x00\x00-\x03\x03\x00\x01\x02\x03"
	    "\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13"
	    "\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x00\x00"
	    "\x04\x13\x01\x13\x02\x01\x00\x00\x00"),
	SAMPLE("tls-server-hello", TCP, YES, TLS, UNKNOWN, SERVER,
	    "\x16\x03\x03\x00,\x02\x00\x00(\x03\x03\x00\x01\x02\x03\x04"
	    "\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14"
	    "\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x00\x13\x01"
	    "\x00\x00\x00"),
	SAMPLE("tls-client-hello-cut", TCP, MAYBE, TLS, UNKNOWN, CLIENT,
	    "\x16\x03\x01\x00" "1\x01\x00\x00-"),
	SAMPLE("tls-client-hello-short", TCP, YES, TLS, UNKNOWN, CLIENT,
	    "\x16\x03\x01\x00" "1\x01\x00\x00-\x03\x03\x00\x01\x02\x03"
	    "\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12"),
	SAMPLE("tls-server-hello-cut", TCP, MAYBE, TLS, UNKNOWN, SERVER,
	    "\x16\x03\x03\x00,\x02\x00\x00("),
	SAMPLE("tls-alert", TCP, MAYBE, TLS, UNKNOWN, EITHER,
	    "\x15\x03\x03\x00\x02\x02("),
	SAMPLE("tls-data", TCP, MAYBE, TLS, UNKNOWN, EITHER,
	    "\x17\x03\x03\x00(defghijklmnopqrstuvwxyz{|}~\x7f\x80\x81"
	    "\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b"),
	SAMPLE("dtls-client-hello", UDP, YES, DTLS, UNKNOWN, CLIENT,
	    "\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00" "6\x01"
	    "\x00\x00*\x00\x00\x00\x00\x00\x00\x00*\xfe\xfd\x00\x01\x02"
	    "\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12"
	    "\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x00"
	    "\x00\x00\x02\xc0+\x01\x00"),
	SAMPLE("dtls-data", UDP, MAYBE, DTLS, UNKNOWN, EITHER,
	    "\x17\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x08" "abcd"
	    "efgh"),
	SAMPLE("dns-query", UDP, YES, DNS, UNKNOWN, CLIENT,
	    "\x12" "4\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x05" "cart"
	    "s\x04shop\x03svc\x00\x00\x01\x00\x01"),
	SAMPLE("dns-query-edns", UDP, YES, DNS, UNKNOWN, CLIENT,
	    "\x12" "5\x01 \x00\x01\x00\x00\x00\x00\x00\x01\x05" "carts"
	    "\x04shop\x03svc\x00\x00\x1c\x00\x01\x00\x00)\x04\xd0\x00"
	    "\x00\x00\x00\x00\x00"),
	SAMPLE("dns-response", UDP, YES, DNS, UNKNOWN, SERVER,
	    "\x12" "4\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x05" "cart"
	    "s\x04shop\x03svc\x00\x00\x01\x00\x01\xc0\x0c\x00\x01\x00"
	    "\x01\x00\x00\x00\x05\x00\x04\n"
	    "`\x00\x01"),
	SAMPLE("dns-nxdomain", UDP, YES, DNS, UNKNOWN, SERVER,
	    "\x12" "6\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00\x05" "cart"
	    "s\x04shop\x03svc\x00\x00\x01\x00\x01"),
	SAMPLE("dns-multicast-response", UDP, MAYBE, DNS, UNKNOWN, EITHER,
	    "\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00\x07printer"
	    "\x05local\x00\x00\x01\x80\x01\x00\x00\x00x\x00\x04\n"
	    "\x00\x00\t"),
	SAMPLE("dns-query-tcp", TCP, YES, DNS, UNKNOWN, CLIENT,
	    "\x00 \x12" "4\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x05"
	    "carts\x04shop\x03svc\x00\x00\x01\x00\x01"),
	SAMPLE("dns-response-tcp", TCP, YES, DNS, UNKNOWN, SERVER,
	    "\x00" "0\x12" "4\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
	    "\x05" "carts\x04shop\x03svc\x00\x00\x01\x00\x01\xc0\x0c\x00"
	    "\x01\x00\x01\x00\x00\x00\x05\x00\x04\n"
	    "`\x00\x01"),
	SAMPLE("postgresql-startup", TCP, YES, POSTGRESQL, UNKNOWN, CLIENT,
	    "\x00\x00\x00\"\x00\x03\x00\x00user\x00" "carts\x00" "databa"
	    "se\x00shop\x00\x00"),
	SAMPLE("postgresql-ssl", TCP, YES, POSTGRESQL, UNKNOWN, CLIENT,
	    "\x00\x00\x00\x08\x04\xd2\x16/"),
	SAMPLE("postgresql-gss", TCP, YES, POSTGRESQL, UNKNOWN, CLIENT,
	    "\x00\x00\x00\x08\x04\xd2\x16" "0"),
	SAMPLE("postgresql-cancel", TCP, YES, POSTGRESQL, UNKNOWN, CLIENT,
	    "\x00\x00\x00\x10\x04\xd2\x16.\x00\x00\x00M\x1b\xad\xca\xfe"),
	SAMPLE("postgresql-error", TCP, YES, POSTGRESQL, UNKNOWN, SERVER,
	    "E\x00\x00\x00:SFATAL\x00VFATAL\x00" "C28P01\x00Mpassword au"
	    "thentication failed\x00\x00"),
	SAMPLE("postgresql-auth", TCP, MAYBE, POSTGRESQL, UNKNOWN, SERVER,
	    "R\x00\x00\x00\x08\x00\x00\x00\x00"),
	SAMPLE("postgresql-tls-yes", TCP, MAYBE, POSTGRESQL, UNKNOWN, SERVER,
	    "S"),
	SAMPLE("postgresql-query", TCP, MAYBE, POSTGRESQL, UNKNOWN, CLIENT,
	    "Q\x00\x00\x00\rSELECT 1\x00"),
	SAMPLE("mysql-greeting", TCP, YES, MYSQL, UNKNOWN, SERVER,
	    "J\x00\x00\x00\n8.0.36\x00\t\x00\x00\x00" "abcdefgh\x00\xff"
	    "\xff\xff\x02\x00\xff\xdf\x15\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00ijklmnopqrst\x00" "caching_sha2_password\x00"),
	SAMPLE("mysql-refusal", TCP, YES, MYSQL, UNKNOWN, SERVER,
	    ",\x00\x00\x00\xffj\x04Host '10.0.0.7' is not allowed to con"
	    "nect"),
	SAMPLE("mysql-login", TCP, YES, MYSQL, UNKNOWN, CLIENT,
	    "=\x00\x00\x01\x85\xf2\xaf\x00\x00\x00\x00\x01-\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00" "carts\x00\x00mysql_native_passwo"
	    "rd\x00"),
	SAMPLE("mysql-tls-request", TCP, YES, MYSQL, UNKNOWN, CLIENT,
	    " \x00\x00\x01\x85\xfa\xaf\x00\x00\x00\x00\x01-\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00"),
	SAMPLE("mongodb-msg", TCP, YES, MONGODB, UNKNOWN, CLIENT,
	    "%\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xdd\x07\x00"
	    "\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x10hello\x00\x01"
	    "\x00\x00\x00\x00"),
	SAMPLE("mongodb-query", TCP, YES, MONGODB, UNKNOWN, CLIENT,
	    "7\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xd4\x07\x00"
	    "\x00\x00\x00\x00\x00" "admin.$cmd\x00\x00\x00\x00\x00\xff"
	    "\xff\xff\xff\x10\x00\x00\x00\x10hello\x00\x01\x00\x00\x00"
	    "\x00"),
	SAMPLE("mongodb-reply", TCP, YES, MONGODB, UNKNOWN, SERVER,
	    "4\x00\x00\x00\x01\x00\x00\x00\x05\x00\x00\x00\x01\x00\x00"
	    "\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x01\x00\x00\x00\x10\x00\x00\x00\x10hello\x00"
	    "\x01\x00\x00\x00\x00"),
	SAMPLE("mongodb-compressed", TCP, YES, MONGODB, UNKNOWN, CLIENT,
	    "!\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xdc\x07\x00"
	    "\x00\xdd\x07\x00\x00(\x00\x00\x00\x01(\x00" "abcdef"),
	SAMPLE("amqp-0-9-1", TCP, YES, AMQP, UNKNOWN, CLIENT,
	    "AMQP\x00\x00\t\x01"),
	SAMPLE("amqp-1-0", TCP, YES, AMQP, UNKNOWN, EITHER,
	    "AMQP\x03\x01\x00\x00"),
	SAMPLE("amqp-start", TCP, YES, AMQP, UNKNOWN, SERVER,
	    "\x01\x00\x00\x00\x00\x00\x1c\x00\n"
	    "\x00\n\x00\t\x00\x00\x00\x00\x00\x00\x00\x05PLAIN\x00\x00"
	    "\x00\x05" "en_US\xce"),
	SAMPLE("amqp-heartbeat", TCP, MAYBE, AMQP, UNKNOWN, EITHER,
	    "\x08\x00\x00\x00\x00\x00\x00\xce"),
	SAMPLE("mqtt-connect", TCP, YES, MQTT, UNKNOWN, CLIENT,
	    "\x10\x12\x00\x04MQTT\x04\x02\x00<\x00\x06meter7"),
	SAMPLE("mqtt-connect-5", TCP, YES, MQTT, UNKNOWN, CLIENT,
	    "\x10\x13\x00\x04MQTT\x05\x02\x00<\x00\x00\x06meter7"),
	SAMPLE("mqtt-connect-3-1", TCP, YES, MQTT, UNKNOWN, CLIENT,
	    "\x10\x14\x00\x06MQIsdp\x03\x02\x00<\x00\x06meter7"),
	SAMPLE("mqtt-connack", TCP, MAYBE, MQTT, UNKNOWN, SERVER,
	    " \x02\x00\x00"),
	SAMPLE("memcached-get", TCP, MAYBE, MEMCACHED, UNKNOWN, CLIENT,
	    "get user:7\r\n"),
	SAMPLE("memcached-set", TCP, YES, MEMCACHED, UNKNOWN, CLIENT,
	    "set user:7 0 300 5\r\nhello\r\n"),
	SAMPLE("memcached-set-bare", TCP, MAYBE, MEMCACHED, UNKNOWN, CLIENT,
	    "set user:7 0 300 5\r\n"),
	SAMPLE("memcached-value", TCP, YES, MEMCACHED, UNKNOWN, SERVER,
	    "VALUE user:7 0 5\r\nhello\r\nEND\r\n"),
	SAMPLE("memcached-stats", TCP, MAYBE, MEMCACHED, UNKNOWN, CLIENT,
	    "stats\r\n"),
	SAMPLE("memcached-stat", TCP, MAYBE, MEMCACHED, UNKNOWN, SERVER,
	    "STAT pid 7\r\nSTAT uptime 9\r\n"
	    "END\r\n"),
	SAMPLE("memcached-end", TCP, MAYBE, MEMCACHED, UNKNOWN, SERVER,
	    "END\r\n"),
	SAMPLE("memcached-binary-get", TCP, YES, MEMCACHED, UNKNOWN, CLIENT,
	    "\x80\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x06\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00user:7"),
	SAMPLE("memcached-binary-miss", TCP, YES, MEMCACHED, UNKNOWN, SERVER,
	    "\x81\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\t\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00Not found"),
	SAMPLE("couchbase-hello", TCP, YES, COUCHBASE, UNKNOWN, CLIENT,
	    "\x80\x1f\x00\x03\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" "app\x00\x03\x00"
	    "\x07"),
	SAMPLE("memcached-udp", UDP, MAYBE, MEMCACHED, UNKNOWN, CLIENT,
	    "\x00\x07\x00\x00\x00\x01\x00\x00stats\r\n"),
	SAMPLE("kafka-versions", TCP, YES, KAFKA, UNKNOWN, CLIENT,
	    "\x00\x00\x00\x11\x00\x12\x00\x00\x00\x00\x00\x01\x00\x07rdk"
	    "afka"),
	SAMPLE("kafka-versions-3", TCP, YES, KAFKA, UNKNOWN, CLIENT,
	    "\x00\x00\x00'\x00\x12\x00\x03\x00\x00\x00\x01\x00\x08orders"
	    "-1\x00\x0e" "apache-kafka\x06" "3.7.0\x00"),
	SAMPLE("kafka-metadata", TCP, YES, KAFKA, UNKNOWN, CLIENT,
	    "\x00\x00\x00\x16\x00\x03\x00\x01\x00\x00\x00\x01\x00\x08ord"
	    "ers-1\x00\x00\x00\x00"),
	SAMPLE("kafka-produce", TCP, MAYBE, KAFKA, UNKNOWN, CLIENT,
	    "\x00\x00\x00\x1e\x00\x00\x00\x07\x00\x00\x00\x01\x00\x08ord"
	    "ers-1\xff\xff\x00\x01\x00\x00\x05\xdc\x00\x00\x00\x00"),
	SAMPLE("nats-info", TCP, YES, NATS, UNKNOWN, SERVER,
	    "INFO {\"server_id\":\"NA7\",\"version\":\"2.10.1\",\"max_pa"
	    "yload\":1048576}\r\n"),
	SAMPLE("nats-connect", TCP, YES, NATS, UNKNOWN, CLIENT,
	    "CONNECT {\"verbose\":false,\"lang\":\"go\"}\r\n"
	    "PING\r\n"),
	SAMPLE("zookeeper-connect", TCP, YES, ZOOKEEPER, UNKNOWN, CLIENT,
	    "\x00\x00\x00-\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00u0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00"),
	SAMPLE("zookeeper-connected", TCP, YES, ZOOKEEPER, UNKNOWN, SERVER,
	    "\x00\x00\x00%\x00\x00\x00\x00\x00\x00u0\x00\x01\x02\x03\x04"
	    "\x05\x06\x07\x00\x00\x00\x10\x00\x01\x02\x03\x04\x05\x06"
	    "\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x00"),
	SAMPLE("zookeeper-ruok", TCP, MAYBE, ZOOKEEPER, UNKNOWN, CLIENT,
	    "ruok"),
	SAMPLE("zookeeper-imok", TCP, MAYBE, ZOOKEEPER, UNKNOWN, SERVER,
	    "imok"),
	SAMPLE("zookeeper-stat", TCP, YES, ZOOKEEPER, UNKNOWN, SERVER,
	    "Zookeeper version: 3.8.0\n"),
	SAMPLE("stomp-connect", TCP, YES, STOMP, UNKNOWN, CLIENT,
	    "CONNECT\naccept-version:1.2\nhost:shop\n"
	    "\n\x00"),
	SAMPLE("stomp-connected", TCP, YES, STOMP, UNKNOWN, SERVER,
	    "CONNECTED\nversion:1.2\n\n\x00"),
	SAMPLE("openwire-info", TCP, YES, OPENWIRE, UNKNOWN, EITHER,
	    "\x00\x00\x00\x1e\x01" "ActiveMQ\x00\x00\x00\x0c\x01\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
	SAMPLE("fastcgi-begin", TCP, YES, FASTCGI, UNKNOWN, CLIENT,
	    "\x01\x01\x00\x01\x00\x08\x00\x00\x00\x01\x00\x00\x00\x00"
	    "\x00\x00\x01\x04\x00\x01\x00\x0f\x01\x00\x0e\x00QUERY_STRIN"
	    "G.\x00"),
	SAMPLE("smtp-ehlo", TCP, YES, SMTP, UNKNOWN, CLIENT,
	    "EHLO mail.shop.example\r\n"),
	SAMPLE("smtp-banner", TCP, YES, SMTP, UNKNOWN, SERVER,
	    "220 mail.shop.example ESMTP Postfix\r\n"),
	SAMPLE("ldap-bind", TCP, YES, LDAP, UNKNOWN, CLIENT,
	    "0\x0c\x02\x01\x01`\x07\x02\x01\x03\x04\x00\x80\x00"),
	SAMPLE("ldap-search", TCP, YES, LDAP, UNKNOWN, CLIENT,
	    "0\x84\x00\x00\x00)\x02\x01\x02" "c\x84\x00\x00\x00 \x04\x00"
	    "\n\x01\x00\n\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00"
	    "\x87\x0bobjectclass0\x00"),
	SAMPLE("ldap-bind-response", TCP, YES, LDAP, UNKNOWN, SERVER,
	    "0\x0c\x02\x01\x01" "a\x07\n\x01\x00\x04\x00\x04\x00"),
	SAMPLE("ldap-starttls", TCP, YES, LDAP, UNKNOWN, CLIENT,
	    "0\x1d\x02\x01\x01w\x18\x80\x16" "1.3.6.1.4.1.1466.20037"),
	SAMPLE("cassandra-startup", TCP, YES, CASSANDRA, UNKNOWN, CLIENT,
	    "\x04\x00\x00\x00\x01\x00\x00\x00\x16\x00\x01\x00\x0b" "CQL_"
	    "VERSION\x00\x05" "3.0.0"),
	SAMPLE("cassandra-supported", TCP, YES, CASSANDRA, UNKNOWN, SERVER,
	    "\x84\x00\x00\x00\x06\x00\x00\x00\x18\x00\x01\x00\x0b" "CQL_"
	    "VERSION\x00\x01\x00\x05" "3.4.6"),
	SAMPLE("cassandra-options", TCP, MAYBE, CASSANDRA, UNKNOWN, CLIENT,
	    "\x04\x00\x00\x00\x05\x00\x00\x00\x00"),
	SAMPLE("elasticsearch-hello", TCP, YES, ELASTICSEARCH, UNKNOWN, CLIENT,
	    "ES\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x07\x08\x00{"
	    "\xc0\x13\x00\x00\x00\x04\x00\x00\x00\x00"),
	SAMPLE("elasticsearch-ping", TCP, MAYBE, ELASTICSEARCH, UNKNOWN, EITHER,
	    "ES\xff\xff\xff\xff"),
	SAMPLE("bolt-handshake", TCP, YES, BOLT, UNKNOWN, CLIENT,
	    "``\xb0\x17\x00\x02\x04\x04\x00\x00\x00\x04\x00\x00\x00\x03"
	    "\x00\x00\x00\x00"),
	SAMPLE("clickhouse-hello", TCP, YES, CLICKHOUSE, UNKNOWN, CLIENT,
	    "\x00\x11" "ClickHouse client\x17\x08"),
	SAMPLE("clickhouse-hello-server", TCP, YES, CLICKHOUSE, UNKNOWN, SERVER,
	    "\x00\nClickHouse\x17\x08"),
	SAMPLE("oracle-connect", TCP, YES, ORACLE, UNKNOWN, CLIENT,
	    "\x00\x8d\x00\x00\x01\x00\x00\x00\x01>\x01,\x00\x00 \x00\x7f"
	    "\xffO\x98\x00\x00\x00\x01\x00Q\x00:\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00(DESCRIPTIO"
	    "N=(CONNECT_DATA=(SID=XE))(ADDRESS=(PROTOCOL=TCP)(HOST=db)(P"
	    "ORT=1521)))"),
	SAMPLE("socks-greeting", TCP, MAYBE, SOCKS, UNKNOWN, CLIENT,
	    "\x05\x02\x00\x02"),
	SAMPLE("socks-answer", TCP, MAYBE, SOCKS, UNKNOWN, SERVER,
	    "\x05\x00"),
	SAMPLE("ftp-banner", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "220 (vsFTPd 3.0.5)\r\n"),
	SAMPLE("ftp-user", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "USER carts\r\n"),
	SAMPLE("pop3-lookalike", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "+OKAY ready.\r\n"),
	SAMPLE("redis-ok", TCP, NO, UNKNOWN, UNKNOWN, EITHER, "+OK\r\n"),
	SAMPLE("telnet-options", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\xff\xfd\x18\xff\xfd \xff\xfd#\xff\xfd'"),
	SAMPLE("rtsp-options", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "OPTIONS rtsp://cam/ RTSP/1.0\r\n"
	    "CSeq: 1\r\n\r\n"),
	SAMPLE("sip-options-tcp", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "OPTIONS sip:7@shop SIP/2.0\r\n"
	    "Via: SIP/2.0/TCP a\r\n\r\n"),
	SAMPLE("http-0-9", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "GET /\r\n"),
	SAMPLE("redis-inline-get", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "GET key\r\n"),
	SAMPLE("line-of-text", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "hello there\r\n"),
	SAMPLE("ssdp-search", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\n"
	    "\r\n"),
	SAMPLE("ssdp-answer", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n"
	    "\r\n"),
	SAMPLE("netbios-status", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x07\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00 CKAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAA\x00\x00!\x00\x01"),
	SAMPLE("snmp-get", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "0&\x02\x01\x01\x04\x06public\xa0\x19\x02\x01\x01\x02\x01"
	    "\x00\x02\x01\x00" "0\x0e" "0\x0c\x06\x08+\x06\x01\x02\x01"
	    "\x01\x01\x00\x05\x00"),
	SAMPLE("snmp-tcp", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "0&\x02\x01\x01\x04\x06public\xa0\x19\x02\x01\x01\x02\x01"
	    "\x00\x02\x01\x00" "0\x0e" "0\x0c\x06\x08+\x06\x01\x02\x01"
	    "\x01\x01\x00\x05\x00"),
	SAMPLE("ntp-request", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "#\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00"),
	SAMPLE("syslog-line", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "<34>Oct 11 22:14:15 web su: failed"),
	SAMPLE("stun-no-method", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x00\x00\x00\x00\x01\x02\x03\x04\x05\x06\x07"
	    "\x08\t\n\x0b\x0c\x0d\x0e\x0f"),
	SAMPLE("stun-odd-length", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x01\x00\x02!\x12\xa4" "B\x00\x01\x02\x03\x04\x05\x06"
	    "\x07\x08\t\n\x0b\x00\x00"),
	SAMPLE("rpc-of-version-1", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01"
	    "\x86\xa0\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
	SAMPLE("websocket-wrong-length", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x81\x06" "carts"),
	SAMPLE("imap-lookalike", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "a1+ LOGIN carts secret\r\n"),
	SAMPLE("netbios-damaged-name", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x07\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00 "
	    "ZBFDEJFPEEEPENEBEJEOCACACACACABM\x00\x00 \x00\x01"),
	SAMPLE("tds-response", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x04\x01\x00\x15\x00\x00\x01\x00\xfd\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00"),
	SAMPLE("rdp-request", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08"
	    "\x00\x03\x00\x00\x00"),
	SAMPLE("smb-negotiate", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x00\x00" "D\xfeSMB@\x00\x01\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
	SAMPLE("tds-prelogin", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x12\x01\x00/\x00\x00\x01\x00\x00\x00\x1a\x00\x06\x01\x00 "
	    "\x00\x01\x02\x00!\x00\x01\x03\x00\"\x00\x04\x04\x00&\x00"
	    "\x01\xff\x0b\x00\x0c" "8\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00"),
	SAMPLE("bgp-open", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\xff\xff\x00\x1d\x01\x04\xfd\xe9\x00\xb4\n"
	    "\x00\x00\x01\x00"),
	SAMPLE("git-request", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "0032git-upload-pack /shop.git\x00host=git.example\x00"),
	SAMPLE("rsync-greeting", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "@RSYNCD: 31.0\n"),
	SAMPLE("java-rmi", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "JRMI\x00\x02K"),
	SAMPLE("openwire-version-0", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x00\x00\x1e\x01" "ActiveMQ\x00\x00\x00\x00\x01\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
	SAMPLE("openwire-other-command", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x00\x00\x1e\x02" "ActiveMQ\x00\x00\x00\x0c\x01\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
	SAMPLE("xmpp-stream", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "<?xml version='1.0'?><stream:stream to='shop'>"),
	SAMPLE("zabbix-agent", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "ZBXD\x01\n\x00\x00\x00\x00\x00\x00\x00" "agent.ping"),
	SAMPLE("irc-nick", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "NICK carts\r\n"),
	SAMPLE("http-lookalike", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "GETAWAY / HTTP/1.1\r\n\r\n"),
	SAMPLE("zero", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
	SAMPLE("ones", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
	SAMPLE("zero-udp", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
	SAMPLE("one-octet", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "x"),
	SAMPLE("protobuf-like", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\n\x05" "carts\x12\x04shop\x18\x07"),
	SAMPLE("tls-on-udp", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x16\x03\x01\x00" "1\x01\x00\x00-\x03\x03\x00\x01\x02\x03"
	    "\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13"
	    "\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x00\x00"
	    "\x04\x13\x01\x13\x02\x01\x00\x00\x00"),
	SAMPLE("dtls-on-tcp", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00" "6\x01"
	    "\x00\x00*\x00\x00\x00\x00\x00\x00\x00*\xfe\xfd\x00\x01\x02"
	    "\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12"
	    "\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x00"
	    "\x00\x00\x02\xc0+\x01\x00"),
	SAMPLE("dns-long-question", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00?aaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?aaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaa?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaa?a\x00\x00\x01\x00\x01"),
	SAMPLE("dns-no-class", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x05" "cart"
	    "s\x04shop\x03svc\x00\x00\x01\x00\t"),
	SAMPLE("dns-extra-octets", UDP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "\x12" "4\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x05" "cart"
	    "s\x04shop\x03svc\x00\x00\x01\x00\x01" "abc"),
	SAMPLE("mongodb-bad-flags", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "%\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xdd\x07\x00"
	    "\x00\x04\x00\x00\x00\x00\x10\x00\x00\x00\x10hello\x00\x01"
	    "\x00\x00\x00\x00"),
	SAMPLE("mysql-old", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "/\x00\x00\x00\t5.0.1\x00" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaa"),
	SAMPLE("ssh-like", TCP, NO, UNKNOWN, UNKNOWN, EITHER,
	    "SSHD-2.0 x\r\n"),
};
/* clang-format on */

#define PAYLOAD_SAMPLES (sizeof(payload_samples) / sizeof(payload_samples[0]))

#endif
