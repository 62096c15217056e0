/*
 * What goes between programs that stay connected: AMQP, MQTT, Kafka, SSH, and
 * something that nobody knows.
 */
#include "tests/bench/exchange.h"

#include <string.h>

#include "tests/bench/random.h"
#include "tests/bench/script.h"

#define ROUND_ROOM 2500

/* --- AMQP 0-9-1: its specification, 2.3 and 4.2 --------------------------- */

struct amqp_method {
	bool from_server;
	uint8_t class, method, channel;
	uint8_t size;
	uint8_t arguments[40];
};

/* Opens a connection and a channel; the arguments are the least allowed. */
static const struct amqp_method amqp_opening[] = {
    {true, 10, 10, 0, 24,
	{0, 9, 0, 0, 0, 0, 0, 0, 0, 5, 'P', 'L', 'A', 'I', 'N', 0, 0, 0, 5, 'e',
	    'n', '_', 'U', 'S'}},
    {false, 10, 11, 0, 26,
	{0, 0, 0, 0, 5, 'P', 'L', 'A', 'I', 'N', 0, 0, 0, 6, 0, 'a', 'b', 0,
	    'c', 'd', 5, 'e', 'n', '_', 'U', 'S'}},
    {true, 10, 30, 0, 8, {0x07, 0xff, 0, 2, 0, 0, 0, 60}},
    {false, 10, 31, 0, 8, {0x07, 0xff, 0, 2, 0, 0, 0, 60}},
    {false, 10, 40, 0, 4, {1, '/', 0, 0}},
    {true, 10, 41, 0, 1, {0}},
    {false, 20, 10, 1, 1, {0}},
    {true, 20, 11, 1, 4, {0}},
};

static size_t
amqp_begin(struct script *script, unsigned kind, unsigned channel)
{
	size_t mark;

	script_u8(script, kind);
	script_be16(script, channel);
	mark = script_mark(script);
	script_be32(script, 0);
	return mark;
}

static void
amqp_end(struct script *script, size_t mark)
{
	script_patch_be32(script, mark, script_mark(script) - mark - 4);
	script_u8(script, 0xce);
}

static void
amqp_open(struct script *script)
{
	script_speak(script, false);
	script_add(script, "AMQP\0\0\x09\x01", 8);
	for (size_t i = 0; i < sizeof(amqp_opening) / sizeof(amqp_opening[0]);
	     i++) {
		const struct amqp_method *m = &amqp_opening[i];
		size_t mark;

		script_speak(script, m->from_server);
		mark = amqp_begin(script, 1, m->channel);
		script_be16(script, m->class);
		script_be16(script, m->method);
		script_add(script, m->arguments, m->size);
		amqp_end(script, mark);
	}
}

/* Messages are published; a confirmation comes back for each. */
void
exchange_amqp(struct script *script, struct random *random, const char *server,
    unsigned rounds)
{
	(void)server;
	amqp_open(script);
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		uint32_t size = random_between(random, 30, 1200);
		size_t mark;

		script_speak(script, false);
		mark = amqp_begin(script, 1, 1);
		script_be32(script, 60 << 16 | 40); /* Basic.Publish */
		script_add(script,
		    "\0\0\x06"
		    "garden\x04"
		    "beds\0",
		    15);
		amqp_end(script, mark);
		mark = amqp_begin(script, 2, 1);
		script_be32(script, 60 << 16);
		script_be32(script, 0);
		script_be32(script, size);
		script_be16(script, 0);
		amqp_end(script, mark);
		mark = amqp_begin(script, 3, 1);
		script_noise(script, random, size);
		amqp_end(script, mark);
		script_speak(script, true);
		mark = amqp_begin(script, 1, 1);
		script_be32(script, 60 << 16 | 80); /* Basic.Ack */
		script_be32(script, 0);
		script_be32(script, i + 1);
		script_u8(script, 0);
		amqp_end(script, mark);
	}
}

/* --- MQTT 3.1.1: OASIS, 3 ------------------------------------------------- */

void
exchange_mqtt(struct script *script, struct random *random, const char *server,
    unsigned rounds)
{
	static const char topic[] = "garden/beds/moisture";

	(void)server;
	script_speak(script, false);
	script_add(script, "\x10\x16\0\x04MQTT\x04\x02\0\x3c\0\x0a", 14);
	script_text(script, "probe-%04u", random_below(random, 10000));
	script_speak(script, true);
	script_add(script, "\x20\x02\0", 4);
	script_speak(script, false);
	script_add(script, "\x82\x0d\0\x01\0\x08", 6);
	script_add(script, "garden/#\0", 9);
	script_speak(script, true);
	script_add(script, "\x90\x03\0\x01", 5);
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		size_t size = random_between(random, 4, 80);

		script_speak(script, random_below(random, 2) == 0);
		script_u8(script, 0x30);
		script_u8(script, (unsigned)(2 + sizeof(topic) - 1 + size));
		script_be16(script, sizeof(topic) - 1);
		script_add(script, topic, sizeof(topic) - 1);
		script_noise(script, random, size);
	}
}

/* --- Kafka: "Apache Kafka Protocol Guide" --------------------------------- */

static size_t
kafka_begin(
    struct script *script, unsigned key, unsigned version, uint32_t correlation)
{
	size_t mark;

	script_speak(script, false);
	mark = script_mark(script);
	script_be32(script, 0);
	script_be16(script, key);
	script_be16(script, version);
	script_be32(script, correlation);
	script_be16(script, 6);
	script_text(script, "garden");
	return mark;
}

static void
kafka_end(struct script *script, size_t mark)
{
	script_patch_be32(script, mark, script_mark(script) - mark - 4);
}

static void
kafka_answer(struct script *script, uint32_t correlation)
{
	script_speak(script, true);
	script_be32(script, 0);
	script_be32(script, correlation);
}

static void
kafka_versions(struct script *script)
{
	size_t mark = kafka_begin(script, 18, 0, 1);

	kafka_end(script, mark);
	mark = script_mark(script);
	kafka_answer(script, 1);
	script_be16(script, 0);
	script_be32(script, 20);
	for (unsigned key = 0; key < 20; key++) {
		script_be16(script, key);
		script_be16(script, 0);
		script_be16(script, 8);
	}
	kafka_end(script, mark);
}

/* Produce requests of one record batch, which is not read into here. */
void
exchange_kafka(struct script *script, struct random *random, const char *server,
    unsigned rounds)
{
	static const char topic[] = "moisture";

	(void)server;
	kafka_versions(script);
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		uint32_t size = random_between(random, 70, 1300);
		size_t mark = kafka_begin(script, 0, 2, i + 2);

		script_be16(script, 1); /* acknowledged by the leader */
		script_be32(script, 30000);
		script_be32(script, 1);
		script_be16(script, sizeof(topic) - 1);
		script_add(script, topic, sizeof(topic) - 1);
		script_be32(script, 1);
		script_be32(script, 0);
		script_be32(script, size);
		script_noise(script, random, size);
		kafka_end(script, mark);
		mark = script_mark(script);
		kafka_answer(script, i + 2);
		script_be32(script, 1);
		script_be16(script, sizeof(topic) - 1);
		script_add(script, topic, sizeof(topic) - 1);
		script_be32(script, 1);
		script_add(script, "\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
		script_be32(script, UINT32_MAX); /* no time of its own */
		script_be32(script, UINT32_MAX);
		script_be32(script, 0);
		kafka_end(script, mark);
	}
}

/* --- SSH: RFC 4253, 4.2 and 7 --------------------------------------------- */

static void
ssh_packet(struct script *script, struct random *random, size_t size)
{
	/* random from the first octet on, as what is encrypted is */
	script_noise(script, random, size);
}

static void
ssh_key_exchange(struct script *script, struct random *random, bool from_server)
{
	static const char *const lists[] = {
	    "curve25519-sha256,ecdh-sha2-nistp256", "ssh-ed25519",
	    "chacha20-poly1305@openssh.com,aes128-ctr",
	    "chacha20-poly1305@openssh.com,aes128-ctr", "hmac-sha2-256",
	    "hmac-sha2-256", "none", "none", "", ""};
	size_t mark, size;

	script_speak(script, from_server);
	mark = script_mark(script);
	script_be32(script, 0);
	script_u8(script, 6);  /* padding */
	script_u8(script, 20); /* SSH_MSG_KEXINIT */
	script_noise(script, random, 16);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		size = strlen(lists[i]);
		script_be32(script, (uint32_t)size);
		script_add(script, lists[i], size);
	}
	script_add(script, "\0\0\0\0\0\0\0\0\0\0", 11);
	script_patch_be32(script, mark, script_mark(script) - mark - 4);
}

void
exchange_ssh(struct script *script, struct random *random, const char *server,
    unsigned rounds)
{
	(void)server;
	script_speak(script, false);
	script_text(script, "SSH-2.0-OpenSSH_9.2\r\n");
	script_speak(script, true);
	script_text(script, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
	ssh_key_exchange(script, random, false);
	ssh_key_exchange(script, random, true);
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		script_speak(script, false);
		ssh_packet(script, random, 4 * random_between(random, 9, 60));
		script_speak(script, true);
		ssh_packet(script, random, 4 * random_between(random, 9, 300));
	}
}

/* --- nobody's ------------------------------------------------------------- */

/* Octets with no beginning that means anything, as a home-made protocol. */
void
exchange_unknown(struct script *script, struct random *random,
    const char *server, unsigned rounds)
{
	(void)server;
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		script_speak(script, false);
		script_be16(script, 0xc73e);
		script_noise(script, random, random_between(random, 30, 400));
		script_speak(script, true);
		script_be16(script, 0xc73f);
		script_noise(script, random, random_between(random, 30, 1200));
	}
}
