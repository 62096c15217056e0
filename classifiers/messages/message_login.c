/*
 * Databases and brokers that say in clear whether they believe a client.
 *
 *   PostgreSQL  "Message Formats" of its manual: R with 0 is AuthenticationOk,
 *               E with SQLSTATE 28P01 or 28000 a refusal (appendix A)
 *   MySQL       "Connection Phase" of the internals manual: OK 0x00, ERR 0xff
 *               with 1045 (access denied) or 1044 (to that database)
 *   Redis       RESP, "AUTH" and "HELLO" of the commands' manual
 *   LDAP        RFC 4511, 4.2.2: bindResponse [APPLICATION 1], result 49 is
 *               invalidCredentials
 *   AMQP 0-9-1  its specification, 1.4.2: connection.tune comes after a login,
 *               connection.close with 403 (access-refused) instead of it
 *   MongoDB     "SASL" of its driver specifications: code 18
 */
#include "classifiers/messages/messages_parts.h"

/* --- PostgreSQL ----------------------------------------------------------- */

/* Messages of one segment; SCRAM's last word comes before the OK. */
#define POSTGRESQL_MESSAGES 4

/* Authentication messages up to AuthenticationOk: of 8 octets, with 0. */
static bool
postgresql_is_believed(const struct segment_view *view)
{
	struct cursor cursor = cursor_over(view->octets, view->size);

	for (int i = 0; i < POSTGRESQL_MESSAGES; i++) {
		uint32_t size, what;

		if (cursor_u8(&cursor) != 'R')
			return false;
		size = cursor_be32(&cursor);
		what = cursor_be32(&cursor);
		if (cursor.short_read || size < 8)
			return false;
		if (size == 8 && what == 0)
			return true;
		(void)cursor_take(&cursor, size - 8);
	}
	return false;
}

enum { POSTGRESQL_VERSION = 3, POSTGRESQL_CLEARTEXT = 3 };

/* What the server asked for is in `asked`; what is hashed with a salt is
 * another each time. */
static void
postgresql_note(const struct segment_view *view)
{
	struct message_piece rest = {view->octets, view->size};

	if (rest.size > 8 && rest.at[4] == 0 &&
	    rest.at[5] == POSTGRESQL_VERSION) {
		rest = (struct message_piece){rest.at + 8, rest.size - 8};
		while (rest.size > 1) {
			struct message_piece key = message_until(&rest, 0), no;

			if (message_command(key, "user", &no) && key.size == 4)
				message_note_name(
				    view->note, message_until(&rest, 0));
			else
				(void)message_until(&rest, 0);
		}
	} else if (rest.size > 5 && rest.at[0] == 'p' &&
		   view->note->asked == POSTGRESQL_CLEARTEXT) {
		message_note_password(view->note,
		    (struct message_piece){rest.at + 5, rest.size - 5});
	}
}

void
message_postgresql(const struct segment_view *view)
{
	struct cursor cursor = cursor_over(view->octets, view->size);

	if (view->from_client) {
		postgresql_note(view);
		return;
	}
	switch (cursor_u8(&cursor)) {
	case 'R':
		if (view->size > 8)
			view->note->asked = view->octets[8];
		if (postgresql_is_believed(view)) {
			message_say_outcome(view, true);
			message_done(view); /* queries from here on */
		}
		break;
	case 'E':
		if (message_has(view, "C28P01", 512) ||
		    message_has(view, "C28000", 512))
			message_say_outcome(view, false);
		break;
	default:
		break;
	}
}

/* --- MySQL ---------------------------------------------------------------- */

enum { ACCESS_DENIED = 1045, DATABASE_DENIED = 1044 };

/* Packets of one segment; a server says two at most during a login. */
#define MYSQL_PACKETS 4

/* The greeting, protocol 10: the version's text ends with a NUL. */
static void
mysql_greeting(const struct segment_view *view)
{
	const uint8_t *version = view->octets + 5;
	const uint8_t *end = memchr(version, 0, view->size - 5);

	if (end != NULL && end > version)
		message_say(
		    view, MESSAGE_BANNER, 0, 5, (uint32_t)(end - version));
}

/*
 * returns    whether the login is over
 */
static bool
mysql_outcome(const struct segment_view *view, struct cursor packet)
{
	uint8_t kind = cursor_u8(&packet);
	uint16_t code = cursor_le16(&packet);

	if (packet.short_read)
		return false;
	if (kind == 0xff && (code == ACCESS_DENIED || code == DATABASE_DENIED))
		message_say_outcome(view, false);
	else if (kind == 0)
		message_say_outcome(view, true);
	return kind == 0 || kind == 0xff;
}

/* HandshakeResponse41: the name stands behind 32 octets; what is hashed with
 * the server's salt is another each time. */
static void
mysql_note(const struct segment_view *view)
{
	struct message_piece rest = {view->octets, view->size};

	if (view->note->asked != 0 || rest.size <= 4 + 32)
		return;
	rest = (struct message_piece){rest.at + 36, rest.size - 36};
	message_note_name(view->note, message_until(&rest, 0));
}

void
message_mysql(const struct segment_view *view)
{
	struct cursor cursor = cursor_over(view->octets, view->size);

	if (view->from_client) {
		mysql_note(view);
		view->note->asked = 1;
		return;
	}
	for (int i = 0; i < MYSQL_PACKETS; i++) {
		const uint8_t *header = cursor_take(&cursor, 4);
		uint32_t size;

		if (header == NULL)
			return;
		size = header[0] | (uint32_t)header[1] << 8 |
		       (uint32_t)header[2] << 16;
		if (header[3] == 0 && cursor_left(&cursor) > 1 &&
		    cursor.at[0] == 10) {
			mysql_greeting(view);
		} else if (view->note->asked != 0 &&
			   mysql_outcome(view, cursor)) {
			message_done(view);
			return;
		}
		(void)cursor_take(&cursor, size);
	}
}

/* --- Redis ---------------------------------------------------------------- */

/* The command's name stands within this, behind the counts of RESP. */
#define REDIS_NAME 32

/* `AUTH`, in whatever case; in HELLO it stands behind the version. */
static bool
redis_asks(const struct segment_view *view)
{
	uint32_t size = view->size < REDIS_NAME ? view->size : REDIS_NAME;

	for (uint32_t i = 0; i + 4 < size; i++)
		if ((view->octets[i] | 0x20) == 'a' &&
		    (view->octets[i + 1] | 0x20) == 'u' &&
		    (view->octets[i + 2] | 0x20) == 't' &&
		    (view->octets[i + 3] | 0x20) == 'h' &&
		    (view->octets[i + 4] == '\r' || view->octets[i + 4] == ' '))
			return true;
	return false;
}

/* `$4`, and so many octets behind it. */
static struct message_piece
redis_word(struct message_piece *rest)
{
	struct message_piece count = message_until(rest, '\n'), word = *rest;
	size_t size = 0;

	for (size_t i = 1; i < count.size && count.at[i] >= '0' &&
			   count.at[i] <= '9' && size < MESSAGE_MAXIMUM;
	     i++)
		size = size * 10 + (size_t)(count.at[i] - '0');
	word.size = size < rest->size ? size : rest->size;
	rest->at += word.size;
	rest->size -= word.size;
	(void)message_until(rest, '\n');
	return word;
}

/* AUTH, with a name or without, or HELLO's (its manual, "AUTH", "HELLO"). */
static void
redis_note(const struct segment_view *view)
{
	struct message_piece rest = {view->octets, view->size}, word, none;
	bool named = message_begins(view, "*3");

	view->note->name = view->note->credential = 0;
	if (message_command(rest, "AUTH ", &rest)) {
		message_note_password(view->note, message_until(&rest, '\r'));
		return;
	}
	(void)message_until(&rest, '\n');
	word = redis_word(&rest);
	if (message_command(word, "HELLO", &none)) {
		(void)redis_word(&rest); /* the version */
		word = redis_word(&rest);
		named = true;
	}
	if (!message_command(word, "AUTH", &none))
		return;
	if (named)
		message_note_name(view->note, redis_word(&rest));
	message_note_password(view->note, redis_word(&rest));
}

void
message_redis(const struct segment_view *view)
{
	if (view->size == 0)
		return;
	if (view->from_client) {
		view->note->asked = redis_asks(view);
		if (view->note->asked != 0)
			redis_note(view);
		return;
	}
	if (view->octets[0] == '-' &&
	    (message_begins(view, "-WRONGPASS") ||
		message_begins(view, "-NOAUTH") ||
		message_begins(view, "-ERR invalid password") ||
		message_begins(view, "-ERR AUTH ")))
		message_say_outcome(view, false);
	else if (view->note->asked != 0 &&
		 (message_begins(view, "+OK") || view->octets[0] == '%' ||
		     view->octets[0] == '*'))
		message_say_outcome(view, true);
	view->note->asked = 0;
}

/* --- LDAP ----------------------------------------------------------------- */

enum {
	LDAP_SEQUENCE = 0x30,
	LDAP_INTEGER = 0x02,
	LDAP_OCTETS = 0x04,
	LDAP_BIND_REQUEST = 0x60,
	LDAP_SIMPLE = 0x80,
	LDAP_BIND_RESPONSE = 0x61,
	LDAP_ENUMERATED = 0x0a,
	LDAP_SUCCESS = 0,
	LDAP_INVALID_CREDENTIALS = 49,
};

/* A tag and a length, which is read over (X.690, 8.1). */
static bool
ldap_tag(struct cursor *cursor, uint8_t tag)
{
	uint8_t length;

	if (cursor_u8(cursor) != tag)
		return false;
	length = cursor_u8(cursor);
	if ((length & 0x80) != 0)
		(void)cursor_take(cursor, length & 0x7f);
	return !cursor->short_read;
}

/* The value of that tag; empty where there is another. */
static struct message_piece
ldap_value(struct cursor *cursor, uint8_t tag)
{
	uint32_t size;
	const uint8_t *at;

	if (cursor_u8(cursor) != tag)
		return (struct message_piece){NULL, 0};
	size = cursor_u8(cursor);
	if (size == 0x81)
		size = cursor_u8(cursor);
	else if (size == 0x82)
		size = cursor_be16(cursor);
	at = cursor_take(cursor, size);
	return (struct message_piece){at, at == NULL ? 0 : size};
}

/* A simple bind: its name, and the password in clear (4.2). */
static void
ldap_note(const struct segment_view *view)
{
	struct cursor cursor = cursor_over(view->octets, view->size);
	struct message_piece name, password;

	if (!ldap_tag(&cursor, LDAP_SEQUENCE))
		return;
	(void)ldap_value(&cursor, LDAP_INTEGER);
	if (!ldap_tag(&cursor, LDAP_BIND_REQUEST))
		return;
	(void)ldap_value(&cursor, LDAP_INTEGER); /* the version */
	name = ldap_value(&cursor, LDAP_OCTETS);
	password = ldap_value(&cursor, LDAP_SIMPLE);
	if (name.at != NULL)
		message_note_name(view->note, name);
	if (password.at != NULL)
		message_note_password(view->note, password);
}

void
message_ldap(const struct segment_view *view)
{
	struct cursor cursor = cursor_over(view->octets, view->size);
	uint8_t size, result;

	if (view->from_client)
		ldap_note(view);
	if (view->from_client || !ldap_tag(&cursor, LDAP_SEQUENCE) ||
	    cursor_u8(&cursor) != LDAP_INTEGER)
		return;
	size = cursor_u8(&cursor);
	(void)cursor_take(&cursor, size);
	if (!ldap_tag(&cursor, LDAP_BIND_RESPONSE) ||
	    !ldap_tag(&cursor, LDAP_ENUMERATED))
		return;
	result = cursor_u8(&cursor);
	if (cursor.short_read)
		return;
	if (result == LDAP_SUCCESS || result == LDAP_INVALID_CREDENTIALS)
		message_say_outcome(view, result == LDAP_SUCCESS);
}

/* --- AMQP ----------------------------------------------------------------- */

enum {
	AMQP_METHOD = 1,
	AMQP_CONNECTION = 10,
	AMQP_START_OK = 11,
	AMQP_TUNE = 30,
	AMQP_CLOSE = 50,
	AMQP_REFUSED = 403,
};

/* Properties, the mechanism, and what it says: of PLAIN (RFC 4616) or another
 * that is no different when it is said again. */
static void
amqp_note(const struct segment_view *view)
{
	struct cursor cursor = cursor_over(view->octets, view->size);
	struct message_piece mechanism, said, none;

	(void)cursor_take(&cursor, 7);
	if (cursor_be16(&cursor) != AMQP_CONNECTION ||
	    cursor_be16(&cursor) != AMQP_START_OK)
		return;
	(void)cursor_take(&cursor, cursor_be32(&cursor));
	mechanism.size = cursor_u8(&cursor);
	mechanism.at = cursor_take(&cursor, mechanism.size);
	said.size = cursor_be32(&cursor);
	said.at = cursor_take(&cursor, said.size);
	if (said.at == NULL)
		return;
	if (message_command(mechanism, "PLAIN", &none))
		message_note_plain(view->note, said);
	else
		message_note_password(view->note, said);
}

void
message_amqp(const struct segment_view *view)
{
	struct cursor cursor = cursor_over(view->octets, view->size);
	uint16_t class, method, code;

	if (view->from_client)
		amqp_note(view);
	if (view->from_client || cursor_u8(&cursor) != AMQP_METHOD)
		return;
	(void)cursor_take(&cursor, 6); /* channel and size */
	class = cursor_be16(&cursor);
	method = cursor_be16(&cursor);
	code = cursor_be16(&cursor);
	if (cursor.short_read || class != AMQP_CONNECTION)
		return;
	if (method == AMQP_CLOSE && code == AMQP_REFUSED)
		message_say_outcome(view, false);
	if (method == AMQP_TUNE) {
		message_say_outcome(view, true);
		message_done(view);
	}
}

/* --- MongoDB -------------------------------------------------------------- */

/* Replies name their fields early; conversations of SASL are short. */
#define MONGODB_REPLY 512

void
message_mongodb(const struct segment_view *view)
{
	if (view->from_client) {
		view->note->asked = message_has(view, "saslStart", 256) ||
				    message_has(view, "saslContinue", 256);
		return;
	}
	if (view->note->asked == 0)
		return;
	view->note->asked = 0;
	if (message_has(view, "AuthenticationFailed", MONGODB_REPLY) ||
	    message_has(view, "Authentication failed", MONGODB_REPLY))
		message_say_outcome(view, false);
	else if (memmem(view->octets, view->size,
		     "\x08"
		     "done\0\x01",
		     7) != NULL)
		message_say_outcome(view, true);
}
