/*
 * What a service says to where it keeps things: Redis, PostgreSQL, MySQL,
 * MongoDB, memcached.
 */
#include "tests/bench/exchange.h"

#include <string.h>

#include "tests/bench/random.h"
#include "tests/bench/script.h"

#define ROUND_ROOM 2500

/* --- Redis: "Redis serialization protocol specification" ------------------ */

void
exchange_redis(struct script *script, struct random *random, const char *server,
    unsigned rounds)
{
	(void)server;
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		uint32_t key = random_below(random, 10000000);
		uint32_t value = random_below(random, 100000000);

		script_speak(script, false);
		script_text(script,
		    "*3\r\n$3\r\nSET\r\n$11\r\nbed:%07u\r\n$8\r\n%08u\r\n", key,
		    value);
		script_speak(script, true);
		script_text(script, "+OK\r\n");
		script_speak(script, false);
		script_text(
		    script, "*2\r\n$3\r\nGET\r\n$11\r\nbed:%07u\r\n", key);
		script_speak(script, true);
		script_text(script, "$8\r\n%08u\r\n", value);
	}
}

/* --- PostgreSQL: "Frontend/Backend Protocol", message formats ------------- */

static size_t
postgresql_begin(struct script *script, char kind)
{
	size_t mark;

	script_u8(script, (unsigned char)kind);
	mark = script_mark(script);
	script_be32(script, 0);
	return mark;
}

static void
postgresql_end(struct script *script, size_t mark)
{
	script_patch_be32(script, mark, script_mark(script) - mark);
}

static void
postgresql_ready(struct script *script)
{
	size_t mark = postgresql_begin(script, 'Z');

	script_u8(script, 'I');
	postgresql_end(script, mark);
}

static void
postgresql_open(struct script *script)
{
	static const char parameters[] = "user\0gardener\0database\0beds\0";
	static const char version[] = "server_version\00015.4";
	size_t mark;

	script_speak(script, false);
	mark = script_mark(script);
	script_be32(script, 0);
	script_be32(script, 0x00030000);
	script_add(script, parameters, sizeof(parameters));
	postgresql_end(script, mark);

	script_speak(script, true);
	mark = postgresql_begin(script, 'R'); /* no password wanted */
	script_be32(script, 0);
	postgresql_end(script, mark);
	mark = postgresql_begin(script, 'S');
	script_add(script, version, sizeof(version));
	postgresql_end(script, mark);
	postgresql_ready(script);
}

static void
postgresql_rows(struct script *script, struct random *random, unsigned count)
{
	/* one column, `name`, of text */
	static const uint8_t column[] = {0, 1, 'n', 'a', 'm', 'e', 0, 0, 0, 0,
	    0, 0, 0, 0, 0, 0, 25, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0};
	size_t mark = postgresql_begin(script, 'T');

	script_add(script, column, sizeof(column));
	postgresql_end(script, mark);
	for (unsigned i = 0; i < count; i++) {
		mark = postgresql_begin(script, 'D');
		script_be16(script, 1);
		script_be32(script, 14);
		script_text(
		    script, "bed %010u", random_below(random, UINT32_MAX));
		postgresql_end(script, mark);
	}
	mark = postgresql_begin(script, 'C');
	script_text(script, "SELECT %u", count);
	script_u8(script, 0);
	postgresql_end(script, mark);
	postgresql_ready(script);
}

void
exchange_postgresql(struct script *script, struct random *random,
    const char *server, unsigned rounds)
{
	(void)server;
	postgresql_open(script);
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		size_t mark;

		script_speak(script, false);
		mark = postgresql_begin(script, 'Q');
		script_text(script, "SELECT name FROM beds WHERE garden = %u",
		    random_below(random, 100000));
		script_u8(script, 0);
		postgresql_end(script, mark);
		script_speak(script, true);
		postgresql_rows(script, random, random_below(random, 30));
	}
}

/* --- MySQL: "MySQL Client/Server Protocol" -------------------------------- */

static void
mysql_greeting(struct script *script, struct random *random)
{
	static const char version[] = "8.0.34";
	static const char plugin[] = "mysql_native_password";

	script_speak(script, true);
	script_le32(
	    script, 1 + sizeof(version) + 4 + 8 + 1 + 18 + 13 + sizeof(plugin));
	script_u8(script, 10);
	script_add(script, version, sizeof(version));
	script_le32(script, random_below(random, 100000)); /* connection */
	script_text(script, "%08x", random_below(random, UINT32_MAX));
	script_u8(script, 0);
	script_le16(script, 0xf7ff); /* capabilities, the lower half */
	script_u8(script, 45);       /* utf8mb4 */
	script_le16(script, 2);
	script_le16(script, 0xc1ff);
	script_u8(script, 21);
	script_add(script, "\0\0\0\0\0\0\0\0\0", 10);
	script_text(script, "%012x", random_below(random, UINT32_MAX));
	script_u8(script, 0);
	script_add(script, plugin, sizeof(plugin));
}

static void
mysql_login(struct script *script)
{
	static const uint8_t filler[23];
	static const char rest[] = "gardener\0\0beds\0mysql_native_password";

	script_speak(script, false);
	script_le16(script, 32 + sizeof(rest));
	script_u8(script, 0);
	script_u8(script, 1);
	script_le32(script, 0x000fa68d);
	script_le32(script, 1 << 24);
	script_u8(script, 45);
	script_add(script, filler, sizeof(filler));
	script_add(script, rest, sizeof(rest));
	script_speak(script, true);
	script_add(script, "\x07\0\0\x02\0\0\0\x02\0\0", 11); /* OK */
}

void
exchange_mysql(struct script *script, struct random *random, const char *server,
    unsigned rounds)
{
	(void)server;
	mysql_greeting(script, random);
	mysql_login(script);
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		size_t size = random_between(random, 60, 1200);

		script_speak(script, false);
		script_le32(script, 45);
		script_u8(script, 3); /* COM_QUERY */
		script_text(script, "SELECT name FROM beds WHERE garden = %07u",
		    random_below(random, 10000000));
		script_speak(script, true);
		script_le32(script, (uint32_t)size | 1U << 24);
		script_noise(script, random, size);
	}
}

/* --- MongoDB: "MongoDB Wire Protocol", OP_MSG; bsonspec.org --------------- */

static size_t
mongodb_begin(
    struct script *script, bool from_server, uint32_t number, uint32_t answers)
{
	size_t mark;

	script_speak(script, from_server);
	mark = script_mark(script);
	script_le32(script, 0);
	script_le32(script, number);
	script_le32(script, answers);
	script_le32(script, 2013);
	script_le32(script, 0);
	script_u8(script, 0); /* one document follows */
	script_le32(script, 0);
	return mark;
}

static void
mongodb_text(struct script *script, const char *name, const char *value)
{
	script_u8(script, 2);
	script_add(script, name, strlen(name) + 1);
	script_le32(script, (uint32_t)strlen(value) + 1);
	script_add(script, value, strlen(value) + 1);
}

static void
mongodb_end(struct script *script, size_t mark)
{
	size_t size;

	script_u8(script, 0);
	size = script_mark(script) - mark;
	script_patch_le32(script, mark, size);
	script_patch_le32(script, mark + 21, size - 21);
}

void
exchange_mongodb(struct script *script, struct random *random,
    const char *server, unsigned rounds)
{
	uint32_t number = random_below(random, 1000);

	(void)server;
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		size_t mark = mongodb_begin(script, false, ++number, 0);
		unsigned count = random_below(random, 20);

		mongodb_text(script, "find", "beds");
		mongodb_text(script, "$db", "garden");
		mongodb_end(script, mark);
		mark = mongodb_begin(script, true, number + 5000, number);
		while (count-- > 0)
			mongodb_text(script, "name", "lavender and thyme");
		script_u8(script, 1);
		script_add(script, "ok\0\0\0\0\0\0\0\xf0\x3f", 11);
		mongodb_end(script, mark);
	}
}

/* --- memcached: its doc/protocol.txt, the text protocol ------------------- */

void
exchange_memcached(struct script *script, struct random *random,
    const char *server, unsigned rounds)
{
	(void)server;
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		uint32_t key = random_below(random, 10000000);
		size_t size = random_between(random, 20, 900);

		script_speak(script, false);
		script_text(
		    script, "set bed:%07u 0 300 8\r\n%08u\r\n", key, key);
		script_speak(script, true);
		script_text(script, "STORED\r\n");
		script_speak(script, false);
		script_text(script, "get bed:%07u\r\n", key);
		script_speak(script, true);
		script_text(script, "VALUE bed:%07u 0 %zu\r\n", key, size);
		script_noise(script, random, size);
		script_text(script, "\r\nEND\r\n");
	}
}
