/*
 * Redis: the serialisation protocol RESP2 and RESP3 (redis.io, "Redis
 * serialization protocol specification").
 */
#include <strings.h>

#include "classifiers/payload/payload_parts.h"

/* The specification's limit for an inline request and for an array. */
#define ARRAY_MAXIMUM (1024 * 1024)

/* Longer than any command's name, those of modules included. */
#define COMMAND_MAXIMUM 40

/* What clients open with; any other word may as well be a server's reply. */
static const char *const openings[] = {"HELLO", "AUTH", "PING", "INFO",
    "CLIENT", "CONFIG", "SELECT", "COMMAND", "CLUSTER", "ROLE", "REPLCONF",
    "PSYNC", "SYNC", "SUBSCRIBE", "PSUBSCRIBE", "MULTI", "EVAL", "EVALSHA",
    "GET", "SET", "SETEX", "MGET", "DEL", "EXISTS", "EXPIRE", "INCR", "HGET",
    "HSET", "HGETALL", "LPUSH", "RPUSH", "LPOP", "RPOP", "BLPOP", "BRPOP",
    "SADD", "SMEMBERS", "ZADD", "ZRANGE", "PUBLISH", "SCAN", "KEYS", "XADD",
    "XREADGROUP", "SENTINEL", "FLUSHALL", "DBSIZE", "SLAVEOF", "REPLICAOF",
    NULL};

/* Error prefixes that no other protocol with `-` lines has. */
static const char *const errors[] = {"-NOAUTH ", "-WRONGPASS ", "-WRONGTYPE ",
    "-MOVED ", "-ASK ", "-LOADING ", "-DENIED Redis", "-CLUSTERDOWN ",
    "-READONLY ", "-NOPERM ", "-NOPROTO ", "-MASTERDOWN ",
    "-ERR unknown command", "-ERR wrong number of arguments",
    "-ERR Client sent AUTH", "-ERR invalid password", NULL};

static bool
is_command_octet(uint8_t octet)
{
	return (octet >= 'A' && octet <= 'Z') ||
	       (octet >= 'a' && octet <= 'z') || octet_is_digit(octet) ||
	       octet == '.' || octet == '_' || octet == '-';
}

static enum payload_sender
who_says(const uint8_t *word, size_t length)
{
	for (size_t i = 0; openings[i] != NULL; i++)
		if (strlen(openings[i]) == length &&
		    strncasecmp(openings[i], (const char *)word, length) == 0)
			return SENDER_CLIENT;
	return SENDER_EITHER;
}

/* `N\r\n`, a count that RESP allows. */
static bool
take_count(struct cursor *c, uint32_t minimum, uint32_t maximum, uint32_t *out)
{
	return cursor_decimal(c, out) && *out >= minimum && *out <= maximum &&
	       cursor_text(c, "\r\n");
}

/* `*N\r\n$L\r\n` and a word, which is how every request begins. */
static struct payload_verdict
array(struct cursor c)
{
	uint32_t count, length;
	const uint8_t *word;

	if (!take_count(&c, 1, ARRAY_MAXIMUM, &count))
		return payload_no();
	if (cursor_left(&c) == 0)
		return payload_maybe(APPLICATION_REDIS, SENDER_CLIENT);
	if (!cursor_text(&c, "$") || !take_count(&c, 1, ARRAY_MAXIMUM, &length))
		return payload_no();
	word = cursor_take(&c, length);
	if (word == NULL || !cursor_text(&c, "\r\n"))
		return payload_maybe(APPLICATION_REDIS, SENDER_EITHER);
	if (length > COMMAND_MAXIMUM)
		return payload_maybe(APPLICATION_REDIS, SENDER_SERVER);
	for (uint32_t i = 0; i < length; i++)
		if (!is_command_octet(word[i]))
			return payload_maybe(APPLICATION_REDIS, SENDER_SERVER);
	return payload_yes(APPLICATION_REDIS, who_says(word, length));
}

/* RESP3's map, the answer to HELLO: its first key is `server`. */
static struct payload_verdict
map(struct cursor c)
{
	uint32_t count;

	if (take_count(&c, 1, 64, &count) &&
	    cursor_text(&c, "$6\r\nserver\r\n"))
		return payload_yes(APPLICATION_REDIS, SENDER_SERVER);
	return payload_no();
}

static struct payload_verdict
bulk(struct cursor c)
{
	struct payload_verdict maybe =
	    payload_maybe(APPLICATION_REDIS, SENDER_SERVER);
	uint32_t length;

	if (cursor_text(&c, "-1\r\n") && cursor_left(&c) == 0)
		return maybe;
	if (!take_count(&c, 0, 512U * ARRAY_MAXIMUM, &length))
		return payload_no();
	/* Cut short by the view, or ended where it says. */
	if (cursor_take(&c, length) == NULL)
		return maybe;
	return cursor_left(&c) == 0 || cursor_text(&c, "\r\n") ? maybe
							       : payload_no();
}

/* Mechanisms of SASL and FTP, which mail and others name in their AUTH. */
static bool
is_mechanism(const char *word)
{
	static const char *const names[] = {"PLAIN", "LOGIN", "CRAM-",
	    "DIGEST-", "SCRAM-", "NTLM", "GSS", "XOAUTH", "OAUTH", "EXTERNAL",
	    "ANONYMOUS", "TLS", "SSL", NULL};

	for (size_t i = 0; names[i] != NULL; i++)
		if (strncasecmp(word, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* "Inline commands" of the specification. */
static bool
is_inline_login(const struct payload_view *view)
{
	const char *text = (const char *)view->octets;

	return view->size > 7 && strncasecmp(text, "AUTH ", 5) == 0 &&
	       memcmp(text + view->size - 2, "\r\n", 2) == 0 &&
	       !is_mechanism(text + 5);
}

/*
 * Short lines.  Those that other protocols have too (NATS says PING as well)
 * are never enough alone: only both directions together make a Redis.
 */
static struct payload_verdict
line(const struct payload_view *view)
{
	if (view->size == 6 &&
	    strncasecmp((const char *)view->octets, "PING\r\n", 6) == 0)
		return payload_maybe(APPLICATION_REDIS, SENDER_CLIENT);
	if (view->size == 6 &&
	    strncasecmp((const char *)view->octets, "INFO\r\n", 6) == 0)
		return payload_maybe(APPLICATION_REDIS, SENDER_CLIENT);
	if (is_inline_login(view))
		return payload_maybe(APPLICATION_REDIS, SENDER_CLIENT);
	/* NATS answers PONG without the sign. */
	if (payload_begins(view, "+PONG\r\n"))
		return payload_yes(APPLICATION_REDIS, SENDER_SERVER);
	for (size_t i = 0; errors[i] != NULL; i++)
		if (payload_begins(view, errors[i]))
			return payload_maybe(APPLICATION_REDIS, SENDER_SERVER);
	return payload_no();
}

struct payload_verdict
payload_redis(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);

	if (!payload_is_tcp(view))
		return payload_no();
	switch (cursor_u8(&c)) {
	case '*':
		return array(c);
	case '%':
		return map(c);
	case '$':
		return bulk(c);
	default:
		return line(view);
	}
}
