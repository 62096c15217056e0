/*
 * What is said inside flows: each protocol's messages from segments made by
 * hand, and what must not be taken for one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/appid.h"
#include "classifiers/messages/messages.h"
#include "sensor/frame.h"

#define EVERY ((1U << MESSAGE_KINDS) - 1)

/* A flow that speaks something, and what was said in it. */
struct talk {
	struct message_note note;
	struct appid_flow appid;
	uint8_t protocol;
	uint32_t wanted, sequence[2];
	char said[1024]; /* `kind code direction "octets"`, a line each */
	size_t length, count;
	struct message last;
};

static void
hear(const struct message *message, void *context)
{
	static const char *const names[] = {"question", "answer", "request",
	    "response", "login", "tls", "banner", "echo", "opening", "risks",
	    "overlap"};
	struct talk *talk = context;

	assert_true(message->kind < MESSAGE_KINDS);
	assert_true(message->size <= message->length &&
		    message->size <= MESSAGE_MAXIMUM);
	talk->length += (size_t)snprintf(talk->said + talk->length,
	    sizeof(talk->said) - talk->length, "%s %u %c;",
	    names[message->kind], message->code,
	    message->from_client ? 'c' : 's');
	talk->count++;
	talk->last = *message;
}

static struct talk
talk_of(uint8_t protocol, enum application application)
{
	struct talk talk = {.protocol = protocol, .wanted = EVERY};

	talk.appid.final = true;
	talk.appid.result = (struct appid){
	    .application = application,
	    .confidence =
		application == APPLICATION_UNKNOWN ? APP_NONE : APP_DPI,
	};
	return talk;
}

static void
send_cut(struct talk *talk, bool from_client, const void *octets, size_t size,
    size_t sent)
{
	const struct message_taker taker = {talk->wanted, hear, talk};
	struct frame frame = {
	    .status = FRAME_OK,
	    .key = {.protocol = talk->protocol},
	    .payload = octets,
	    .payload_captured = (uint32_t)size,
	    .payload_length = (uint32_t)sent,
	    .tcp_sequence = talk->sequence[!from_client],
	};

	talk->sequence[!from_client] += (uint32_t)sent;
	if (!talk->note.over)
		messages_frame(
		    &talk->note, &taker, &talk->appid, &frame, from_client);
}

static void
send_octets(
    struct talk *talk, bool from_client, const void *octets, size_t size)
{
	send_cut(talk, from_client, octets, size, size);
}

/* Text with NULs, as literals have it. */
#define CLIENT(talk, text) send_octets(talk, true, text, sizeof(text) - 1)
#define SERVER(talk, text) send_octets(talk, false, text, sizeof(text) - 1)

/* Another request in the place of the last one, and the same one again. */
static void
what_says_two_things_in_one_place(void **state)
{
	static const char shown[] = "GET /fine HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char meant[] = "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n";
	struct talk talk = talk_of(PROTOCOL_TCP, APPLICATION_HTTP);
	uint32_t at = talk.sequence[0] = UINT32_MAX - 10;

	(void)state;
	CLIENT(&talk, shown);
	talk.sequence[0] = at;
	CLIENT(&talk, shown); /* lost, perhaps, and said again */
	talk.sequence[0] = at;
	send_octets(&talk, true, shown, 20); /* in other pieces */
	talk.sequence[0] = at + sizeof(shown) - 2;
	CLIENT(&talk, "x"); /* is somebody there? */
	assert_string_equal(talk.said, "request 0 c;");
	talk.sequence[0] = at;
	CLIENT(&talk, meant);
	assert_string_equal(talk.said, "request 0 c;overlap 0 c;");
	assert_memory_equal(talk.last.octets, meant, sizeof(meant) - 1);
	/* Of the server as well; and of what was read last alone. */
	SERVER(&talk, "HTTP/1.1 200 OK\r\n\r\nthis or that");
	talk.sequence[1] = 0;
	SERVER(&talk, "HTTP/1.1 302 No\r\n\r\nthis or that");
	assert_string_equal(
	    talk.said, "request 0 c;overlap 0 c;response 200 s;overlap 0 s;");
}

static void
dns_by_udp_and_tcp(void **state)
{
	static const char question[] = "\x12\x34\x01\x00\0\x01\0\0\0\0\0\0"
				       "\x03www\x02to\0\0\x10\0\x01";
	static const char answer[] = "\x12\x34\x81\x83\0\x01\0\0\0\0\0\0"
				     "\x03www\x02to\0\0\x10\0\x01";
	struct talk talk = talk_of(PROTOCOL_UDP, APPLICATION_DNS);
	char both[2 * sizeof(question) + 4];
	size_t size = sizeof(question) - 1;

	(void)state;
	CLIENT(&talk, question);
	SERVER(&talk, answer);
	CLIENT(&talk, "\x12\x34\x01");
	assert_string_equal(talk.said, "question 16 c;answer 3 s;");
	assert_int_equal(talk.last.size, sizeof(answer) - 1);

	/* Two in one segment, and one that goes on in another. */
	talk = talk_of(PROTOCOL_TCP, APPLICATION_DNS);
	both[0] = both[size + 2] = 0;
	both[1] = both[size + 3] = (char)size;
	memcpy(both + 2, question, size);
	memcpy(both + size + 4, question, size);
	send_octets(&talk, true, both, 2 * size + 4);
	assert_string_equal(talk.said, "question 16 c;question 16 c;");
	send_octets(&talk, true, both, 2 + 14);
	assert_int_equal(talk.count, 3);
	assert_int_equal(talk.last.length, size);
	assert_int_equal(talk.last.size, 14);
}

static void
http_on_every_message(void **state)
{
	struct talk talk = talk_of(PROTOCOL_TCP, APPLICATION_HTTP);

	(void)state;
	CLIENT(&talk, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	SERVER(&talk, "HTTP/1.1 401 Unauthorized\r\n\r\n");
	CLIENT(&talk, "POST /b HTTP/1.1\r\n\r\nbody");
	CLIENT(&talk, "more body, GET nothing");
	CLIENT(&talk, "GET something in a body\r\nthat goes on");
	SERVER(&talk, "HTTP/1.1 204 No Content\r\n\r\n");
	SERVER(&talk, "HTTP/1.1 2x4 No Content\r\n\r\n");
	assert_string_equal(talk.said,
	    "request 0 c;response 401 s;request 0 c;response 204 s;");
	/* A long target whose line is not whole. */
	CLIENT(&talk, "GET /?q=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	assert_int_equal(talk.count, 5);
	assert_false(talk.note.over);
}

static void
what_was_sent_before_is_no_message_more(void **state)
{
	struct talk talk = talk_of(PROTOCOL_TCP, APPLICATION_HTTP);
	uint32_t first = talk.sequence[0];

	(void)state;
	CLIENT(&talk, "GET /a HTTP/1.1\r\n\r\n");
	talk.sequence[0] = first;
	CLIENT(&talk, "GET /a HTTP/1.1\r\n\r\n");
	assert_int_equal(talk.count, 1);
	CLIENT(&talk, "GET /b HTTP/1.1\r\n\r\n");
	assert_int_equal(talk.count, 2);
}

static void
logins(void **state)
{
	struct talk talk = talk_of(PROTOCOL_TCP, APPLICATION_POSTGRESQL);

	(void)state;
	CLIENT(&talk, "\0\0\0\x10\0\3\0\0user\0a\0\0");
	SERVER(&talk, "R\0\0\0\x0c\0\0\0\x05salt");
	SERVER(&talk, "E\0\0\0\x20SFATAL\0C28P01\0Mno\0\0");
	assert_string_equal(talk.said, "login 1 s;");
	SERVER(&talk, "R\0\0\0\x0c\0\0\0\x0cv=ok"
		      "R\0\0\0\x08\0\0\0\0S\0\0\0\4");
	assert_string_equal(talk.said, "login 1 s;login 0 s;");
	assert_true(talk.note.over);

	talk = talk_of(PROTOCOL_TCP, APPLICATION_MYSQL);
	SERVER(&talk, "\x20\0\0\0\x0a"
		      "8.0.36\0rest of the greeting");
	assert_string_equal(talk.said, "banner 0 s;");
	assert_memory_equal(talk.last.octets, "8.0.36", talk.last.size);
	CLIENT(&talk, "\x05\0\0\1login");
	SERVER(&talk, "\x09\0\0\2\xff\x15\x04#28000");
	assert_string_equal(talk.said, "banner 0 s;login 1 s;");
	assert_true(talk.note.over);
	talk = talk_of(PROTOCOL_TCP, APPLICATION_MYSQL);
	CLIENT(&talk, "\x05\0\0\1login");
	SERVER(&talk, "\x02\0\0\2\x01\x03\x07\0\0\3\0\0\0\2\0\0\0");
	assert_string_equal(talk.said, "login 0 s;");

	talk = talk_of(PROTOCOL_TCP, APPLICATION_REDIS);
	CLIENT(&talk, "*2\r\n$4\r\nauth\r\n$1\r\nx\r\n");
	SERVER(&talk, "-WRONGPASS no\r\n");
	CLIENT(&talk, "*1\r\n$4\r\nPING\r\n");
	SERVER(&talk, "+OK\r\n");
	CLIENT(&talk, "AUTH y\r\n");
	SERVER(&talk, "+OK\r\n");
	assert_string_equal(talk.said, "login 1 s;login 0 s;");

	talk = talk_of(PROTOCOL_TCP, APPLICATION_LDAP);
	SERVER(&talk, "\x30\x0c\2\1\1\x61\7\x0a\1\x31\4\0\4\0");
	SERVER(&talk, "\x30\x0c\2\1\2\x61\7\x0a\1\x00\4\0\4\0");
	SERVER(&talk, "\x30\x0c\2\1\2\x65\7\x0a\1\x00\4\0\4\0");
	assert_string_equal(talk.said, "login 1 s;login 0 s;");

	talk = talk_of(PROTOCOL_TCP, APPLICATION_AMQP);
	SERVER(&talk, "\1\0\0\0\0\0\x20\0\x0a\0\x32\1\x93"
		      "ACCESS_REFUSED");
	assert_string_equal(talk.said, "login 1 s;");
}

static void
line_protocols(void **state)
{
	struct talk talk = talk_of(PROTOCOL_TCP, APPLICATION_SMTP);

	(void)state;
	SERVER(&talk, "220 mail ESMTP Postfix\r\n");
	CLIENT(&talk, "AUTH PLAIN x\r\n");
	SERVER(&talk, "535 5.7.8 no\r\n");
	SERVER(&talk, "235 2.7.0 yes\r\n");
	assert_string_equal(talk.said, "banner 0 s;login 1 s;login 0 s;");
	talk = talk_of(PROTOCOL_TCP, APPLICATION_IMAP);
	SERVER(&talk, "* OK Dovecot ready\r\n");
	CLIENT(&talk, "a1 LOGIN me it\r\n");
	SERVER(&talk, "a1 NO [AUTHENTICATIONFAILED]\r\n");
	SERVER(&talk, "a2 OK other\r\n");
	assert_string_equal(talk.said, "banner 0 s;login 1 s;");
	talk = talk_of(PROTOCOL_TCP, APPLICATION_POP3);
	SERVER(&talk, "+OK ready\r\n");
	CLIENT(&talk, "USER me\r\n");
	SERVER(&talk, "+OK\r\n");
	CLIENT(&talk, "PASS it\r\n");
	SERVER(&talk, "-ERR no\r\n");
	assert_string_equal(talk.said, "banner 0 s;login 1 s;");
	talk = talk_of(PROTOCOL_TCP, APPLICATION_SSH);
	SERVER(&talk, "SSH-2.0-OpenSSH_9.6\r\nrest");
	CLIENT(&talk, "SSH-2.0-libssh\r\n");
	assert_string_equal(talk.said, "banner 0 s;banner 0 c;");
	assert_int_equal(talk.last.size, 14);
}

static void
tls_handshakes(void **state)
{
	struct talk talk = talk_of(PROTOCOL_TCP, APPLICATION_TLS);

	(void)state;
	CLIENT(&talk, "\x16\3\1\0\6\1\0\0\2\3\3");
	/* Neither certificates nor what servers choose ordinarily. */
	SERVER(&talk, "\x16\3\3\0\x10\2\0\0\2\3\3\x0b\0\0\2\1\2\x0e\0\0\0");
	SERVER(&talk, "\x17\3\3\0\2\1\2");
	assert_string_equal(talk.said, "tls 1 c;");
	/* SSL 3.0, of which the beginning is here. */
	talk = talk_of(PROTOCOL_TCP, APPLICATION_TLS);
	SERVER(&talk, "\x16\3\0\2\0\x0b\0\0\1\1\2\0\1\xfc\3\0\1");
	assert_string_equal(talk.said, "tls 2 s;");
	assert_int_equal(talk.last.size, 7);
	assert_int_equal(talk.last.length, 4 + 0x1fc);
	/* Whatever is inside, a mesh's or an application's. */
	talk = talk_of(PROTOCOL_TCP, APPLICATION_HTTP);
	talk.appid.result.carrier = APPLICATION_TLS;
	CLIENT(&talk, "\x16\3\1\0\6\1\0\0\2\3\3");
	assert_string_equal(talk.said, "tls 1 c;");
}

static void
openings_of_what_nobody_knows(void **state)
{
	struct talk talk = talk_of(PROTOCOL_TCP, APPLICATION_UNKNOWN);

	(void)state;
	CLIENT(&talk, "sh-5.2$ ");
	CLIENT(&talk, "again");
	SERVER(&talk, "id\n");
	assert_string_equal(talk.said, "opening 0 c;opening 0 s;");
	assert_true(talk.note.over);
	/* Of a flow that was told before it is not said. */
	talk = talk_of(PROTOCOL_TCP, APPLICATION_KAFKA);
	CLIENT(&talk, "anything");
	assert_int_equal(talk.count, 0);
	assert_true(talk.note.over);
}

static void
echoes(void **state)
{
	struct talk talk = talk_of(PROTOCOL_ICMP, APPLICATION_ICMP);
	const struct message_taker taker = {EVERY, hear, &talk};
	struct frame frame = {
	    .status = FRAME_OK,
	    .key = {.protocol = PROTOCOL_ICMP},
	    .payload = (const uint8_t *)"abc",
	    .payload_captured = 3,
	    .payload_length = 3,
	    .icmp_type = 8,
	};

	(void)state;
	messages_frame(&talk.note, &taker, &talk.appid, &frame, true);
	frame.icmp_type = 0;
	messages_frame(&talk.note, &taker, &talk.appid, &frame, false);
	frame.icmp_type = 13;
	messages_frame(&talk.note, &taker, &talk.appid, &frame, true);
	frame.key.protocol = PROTOCOL_ICMPV6;
	frame.icmp_type = 128;
	messages_frame(&talk.note, &taker, &talk.appid, &frame, true);
	assert_string_equal(talk.said, "echo 0 c;echo 1 s;echo 0 c;");
}

static void
what_nobody_wants_is_not_read(void **state)
{
	struct talk talk = talk_of(PROTOCOL_TCP, APPLICATION_HTTP);

	(void)state;
	talk.wanted = 1U << MESSAGE_DNS_QUESTION;
	CLIENT(&talk, "GET /a HTTP/1.1\r\n\r\n");
	assert_int_equal(talk.count, 0);
	assert_true(talk.note.over);
	/* A login is looked for so long and no longer. */
	talk = talk_of(PROTOCOL_TCP, APPLICATION_POSTGRESQL);
	for (int i = 0; i < 100; i++)
		CLIENT(&talk, "Q\0\0\0\x0dselect 1\0");
	assert_true(talk.note.over);
}

static void
long_messages_are_cut(void **state)
{
	struct talk talk = talk_of(PROTOCOL_TCP, APPLICATION_HTTP);
	char request[5000] = "GET /";

	(void)state;
	memset(request + 5, 'a', sizeof(request) - 5);
	send_cut(&talk, true, request, sizeof(request), 9000);
	assert_int_equal(talk.last.size, MESSAGE_MAXIMUM);
	assert_int_equal(talk.last.length, 9000);
}

/* CONNECT with a user's name or without, CONNACK of 3.1.1 and of 5. */
static void
mqtt_says_who_is_let_in(void **state)
{
	static const char named[] = "\x10\x18\0\4MQTT\4\xc2\0\x3c\0\1a\0\5"
				    "admin\0\2pw";
	static const char nobody[] = "\x10\x0d\0\4MQTT\4\2\0\x3c\0\1a";
	static const struct {
		const char *connect, *answer;
		size_t connect_size, answer_size;
		const char *said;
	} rows[] = {
	    {named, "\x20\2\0\0", sizeof(named) - 1, 4, "login 0 s;"},
	    {named, "\x20\2\0\5", sizeof(named) - 1, 4, "login 1 s;"},
	    {named, "\x20\3\0\x86\0", sizeof(named) - 1, 5, "login 1 s;"},
	    {nobody, "\x20\2\0\4", sizeof(nobody) - 1, 4, "login 1 s;"},
	    {nobody, "\x20\2\0\0", sizeof(nobody) - 1, 4, ""},
	    {named, "\x20\2\0\3", sizeof(named) - 1, 4, ""},
	    {named, "\x30\2\0\5", sizeof(named) - 1, 4, ""},
	    {named, "\x20\x82\0\5", sizeof(named) - 1, 3, ""},
	    {"\x10\xff\xff\xff", "\x20\xff", 4, 2, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct talk talk = talk_of(PROTOCOL_TCP, APPLICATION_MQTT);

		send_octets(&talk, true, rows[i].connect, rows[i].connect_size);
		send_octets(&talk, false, rows[i].answer, rows[i].answer_size);
		if (strcmp(talk.said, rows[i].said) != 0)
			fail_msg("row %zu: %s", i, talk.said);
	}
}

/* --- credentials ---------------------------------------------------------- */

struct line {
	bool from_client;
	const char *octets;
	size_t size;
};

#define C(text)                                                                \
	{                                                                      \
		true, text, sizeof(text) - 1                                   \
	}
#define S(text)                                                                \
	{                                                                      \
		false, text, sizeof(text) - 1                                  \
	}

/* A login with a password, the same again, and one with another. */
struct shown {
	enum application application;
	struct line lines[3][6];
};

static const struct shown shown[] = {
    {APPLICATION_SMTP,
	{{C("AUTH PLAIN AGFubmEAb25l\r\n"), S("535 no\r\n")},
	    {C("auth login\r\n"), S("334 VXNlcm5hbWU6\r\n"), C("YW5uYQ==\r\n"),
		S("334 UGFzc3dvcmQ6\r\n"), C("b25l\r\n"), S("535 no\r\n")},
	    {C("AUTH PLAIN\r\n"), S("334 \r\n"), C("AGFubmEAdHdv\r\n"),
		S("535 no\r\n")}}},
    {APPLICATION_IMAP,
	{{C("a LOGIN anna one\r\n"), S("a NO no\r\n")},
	    {C("b login \"anna\" \"one\"\r\n"), S("b NO no\r\n")},
	    {C("c AUTHENTICATE PLAIN\r\n"), S("+ \r\n"), C("AGFubmEAdHdv\r\n"),
		S("c NO no\r\n")}}},
    {APPLICATION_POP3, {{C("USER anna\r\n"), S("+OK\r\n"), C("PASS one\r\n"),
			    S("-ERR no\r\n")},
			   {C("AUTH PLAIN\r\n"), S("+ \r\n"),
			       C("AGFubmEAb25l\r\n"), S("-ERR no\r\n")},
			   {C("USER anna\r\n"), S("+OK\r\n"), C("PASS two\r\n"),
			       S("-ERR no\r\n")}}},
    {APPLICATION_FTP, {{C("USER anna\r\n"), S("331 go on\r\n"),
			   C("PASS one\r\n"), S("530 no\r\n")},
			  {C("user anna\r\n"), S("331 go on\r\n"),
			      C("pass one\r\n"), S("530 no\r\n")},
			  {C("USER anna\r\n"), S("331 go on\r\n"),
			      C("PASS two\r\n"), S("530 no\r\n")}}},
    {APPLICATION_REDIS,
	{{C("*3\r\n$4\r\nAUTH\r\n$4\r\nanna\r\n$3\r\none\r\n"),
	     S("-WRONGPASS no\r\n")},
	    {C("*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n"
	       "$4\r\nanna\r\n$3\r\none\r\n"),
		S("-WRONGPASS no\r\n")},
	    {C("*3\r\n$4\r\nAUTH\r\n$4\r\nanna\r\n$3\r\ntwo\r\n"),
		S("-WRONGPASS no\r\n")}}},
    {APPLICATION_LDAP, {{C("\x30\x13\2\1\1\x60\x0e\2\1\3\4\4anna\x80\3one"),
			    S("\x30\x0c\2\1\1\x61\7\x0a\1\x31\4\0\4\0")},
			   {C("\x30\x81\x14\2\1\7\x60\x0f\2\1\3\4\x81\4"
			      "anna\x80\3one"),
			       S("\x30\x0c\2\1\1\x61\7\x0a\1\x31\4\0\4\0")},
			   {C("\x30\x13\2\1\1\x60\x0e\2\1\3\4\4anna\x80\3two"),
			       S("\x30\x0c\2\1\1\x61\7\x0a\1\x31\4\0\4\0")}}},
    {APPLICATION_AMQP,
	{{C("\1\0\0\0\0\0\x20\0\x0a\0\x0b\0\0\0\0\5PLAIN\0\0\0\x09"
	    "\0anna\0one\5en_US"),
	     S("\1\0\0\0\0\0\x20\0\x0a\0\x32\1\x93no")},
	    {C("\1\0\0\0\0\0\x20\0\x0a\0\x0b\0\0\0\1x\5PLAIN\0\0\0\x09"
	       "\0anna\0one\5en_US"),
		S("\1\0\0\0\0\0\x20\0\x0a\0\x32\1\x93no")},
	    {C("\1\0\0\0\0\0\x20\0\x0a\0\x0b\0\0\0\0\5PLAIN\0\0\0\x09"
	       "\0anna\0two\5en_US"),
		S("\1\0\0\0\0\0\x20\0\x0a\0\x32\1\x93no")}}},
    {APPLICATION_MQTT,
	{{C("\x10\x19\0\4MQTT\4\xc2\0\x3c\0\2id\0\4anna\0\3one"),
	     S("\x20\2\0\5")},
	    {C("\x10\x21\0\4MQTT\5\xc6\0\x3c\0\0\2jd\0\0\1t\0\1w"
	       "\0\4anna\0\3one"),
		S("\x20\3\0\x86\0")},
	    {C("\x10\x19\0\4MQTT\4\xc2\0\x3c\0\2id\0\4anna\0\3two"),
		S("\x20\2\0\5")}}},
    {APPLICATION_POSTGRESQL,
	{{C("\0\0\0\x13\0\3\0\0user\0anna\0\0"), S("R\0\0\0\x08\0\0\0\3"),
	     C("p\0\0\0\x08one\0"), S("E\0\0\0\x20SFATAL\0C28P01\0\0")},
	    {C("\0\0\0\x1f\0\3\0\0database\0a\0user\0anna\0\0"),
		S("R\0\0\0\x08\0\0\0\3"), C("p\0\0\0\x08one\0"),
		S("E\0\0\0\x20SFATAL\0C28P01\0\0")},
	    {C("\0\0\0\x13\0\3\0\0user\0anna\0\0"), S("R\0\0\0\x08\0\0\0\3"),
		C("p\0\0\0\x08two\0"), S("E\0\0\0\x20SFATAL\0C28P01\0\0")}}},
};

static struct message
login_of(enum application application, const struct line lines[6])
{
	struct talk talk = talk_of(PROTOCOL_TCP, application);

	for (int i = 0; i < 6 && lines[i].octets != NULL; i++)
		send_octets(&talk, lines[i].from_client, lines[i].octets,
		    lines[i].size);
	assert_string_equal(talk.said, "login 1 s;");
	return talk.last;
}

static void
logins_in_clear_show_who_tries(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		enum application application = shown[i].application;
		struct message first = login_of(application, shown[i].lines[0]),
			       again = login_of(application, shown[i].lines[1]),
			       other = login_of(application, shown[i].lines[2]);

		assert_int_not_equal(first.name, 0);
		assert_int_not_equal(first.credential, 0);
		assert_int_equal(first.name, again.name);
		assert_int_equal(first.credential, again.credential);
		assert_int_equal(first.name, other.name);
		assert_int_not_equal(other.credential, 0);
		assert_int_not_equal(first.credential, other.credential);
	}
}

/* What is salted is another each time, and a password is said once. */
static void
what_is_hashed_is_not_shown(void **state)
{
	struct talk talk = talk_of(PROTOCOL_TCP, APPLICATION_POSTGRESQL);
	char login[64] = "\x40\0\0\1";

	(void)state;
	CLIENT(&talk, "\0\0\0\x10\0\3\0\0user\0a\0\0");
	SERVER(&talk, "R\0\0\0\x0c\0\0\0\x05salt");
	CLIENT(&talk, "p\0\0\0\x0amd5123\0");
	SERVER(&talk, "E\0\0\0\x20SFATAL\0C28P01\0\0");
	assert_int_not_equal(talk.last.name, 0);
	assert_int_equal(talk.last.credential, 0);
	talk = talk_of(PROTOCOL_TCP, APPLICATION_MYSQL);
	memcpy(login + 36, "anna", 5);
	CLIENT(&talk, login);
	SERVER(&talk, "\x09\0\0\2\xff\x15\x04#28000");
	assert_int_not_equal(talk.last.name, 0);
	assert_int_equal(talk.last.credential, 0);
	talk = talk_of(PROTOCOL_TCP, APPLICATION_SMTP);
	CLIENT(&talk, "AUTH PLAIN AGEAYg==\r\n");
	SERVER(&talk, "535 no\r\n");
	assert_int_not_equal(talk.last.credential, 0);
	CLIENT(&talk, "AUTH CRAM-MD5\r\n");
	SERVER(&talk, "334 PDE+\r\n");
	CLIENT(&talk, "YW5uYSAxMjM0\r\n");
	SERVER(&talk, "535 no\r\n");
	assert_int_equal(talk.last.credential, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_says_two_things_in_one_place),
	    cmocka_unit_test(dns_by_udp_and_tcp),
	    cmocka_unit_test(http_on_every_message),
	    cmocka_unit_test(what_was_sent_before_is_no_message_more),
	    cmocka_unit_test(logins),
	    cmocka_unit_test(line_protocols),
	    cmocka_unit_test(tls_handshakes),
	    cmocka_unit_test(openings_of_what_nobody_knows),
	    cmocka_unit_test(echoes),
	    cmocka_unit_test(what_nobody_wants_is_not_read),
	    cmocka_unit_test(long_messages_are_cut),
	    cmocka_unit_test(mqtt_says_who_is_let_in),
	    cmocka_unit_test(logins_in_clear_show_who_tries),
	    cmocka_unit_test(what_is_hashed_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
