/*
 * messages_parts -- what readers of one protocol's messages are made of.
 *
 * A reader sees segments or datagrams of a flow that speaks its protocol, one
 * by one, and says the messages that begin there.
 */
#ifndef CLASSIFIERS_MESSAGES_MESSAGES_PARTS_H
#define CLASSIFIERS_MESSAGES_MESSAGES_PARTS_H

#include <stddef.h>
#include <string.h>

#include "classifiers/messages/messages.h"
#include "sensor/base/cursor.h"

/* A segment or datagram at hand. */
struct segment_view {
	struct message_note *note;
	const struct message_taker *taker;
	const uint8_t *octets;
	uint32_t size, length; /* of what is here, and of what was sent */
	bool from_client, stream;
};

typedef void message_reader(const struct segment_view *view);

/* One per protocol or family; its file states the sources. */
message_reader message_dns;
message_reader message_http;
message_reader message_tls;
message_reader message_ssh;
message_reader message_postgresql;
message_reader message_mysql;
message_reader message_redis;
message_reader message_ldap;
message_reader message_amqp;
message_reader message_mongodb;
message_reader message_smtp;
message_reader message_imap;
message_reader message_pop3;
message_reader message_ftp;
message_reader message_mqtt;

/* Nothing more of this flow is of interest. */
static inline void
message_done(const struct segment_view *view)
{
	view->note->over = true;
}

/* Says a message that lies in the segment at `at`, if anybody wants it. */
void message_say(const struct segment_view *view, enum message_kind kind,
    uint32_t code, uint32_t at, uint32_t length);

/* The same of one that has no more than these of enum message_trait. */
void message_say_with(const struct segment_view *view, enum message_kind kind,
    uint32_t code, uint32_t traits, uint32_t at, uint32_t length);

/* The whole segment, for what a server says of who its client is; and what the
 * client has shown of that, which is over then. */
static inline void
message_say_outcome(const struct segment_view *view, bool believed)
{
	message_say(
	    view, MESSAGE_AUTHENTICATION, believed ? 0 : 1, 0, view->length);
	view->note->credential = 0;
}

static inline bool
message_begins(const struct segment_view *view, const char *text)
{
	size_t length = strlen(text);

	return view->size >= length && memcmp(view->octets, text, length) == 0;
}

/* Whether a text stands among the first `within` octets. */
static inline bool
message_has(const struct segment_view *view, const char *text, uint32_t within)
{
	uint32_t size = view->size < within ? view->size : within;

	return memmem(view->octets, size, text, strlen(text)) != NULL;
}

/* Octets of the first line, without its end; the whole when it has none. */
static inline uint32_t
message_line(const struct segment_view *view)
{
	const uint8_t *end = memchr(view->octets, '\n', view->size);
	uint32_t size =
	    end == NULL ? view->size : (uint32_t)(end - view->octets);

	if (size > 0 && view->octets[size - 1] == '\r')
		size--;
	return size;
}

/* The first line, as a banner. */
static inline void
message_say_banner(const struct segment_view *view)
{
	message_say(view, MESSAGE_BANNER, 0, 0, message_line(view));
}

/* --- credentials (message_credential.c) ----------------------------------- */

/* Octets of a segment; borrowed. */
struct message_piece {
	const uint8_t *at;
	size_t size;
};

/* Notes who the client says to be, for the outcome; a password after its name,
 * where there is one. */
void message_note_name(struct message_note *note, struct message_piece name);
void message_note_password(
    struct message_note *note, struct message_piece password);

/* Both, of what SASL's PLAIN says. */
void message_note_plain(struct message_note *note, struct message_piece said);

/* What follows AUTH or AUTHENTICATE in a line, and a line after that. */
void message_sasl_begins(struct message_note *note, struct message_piece rest);
void message_sasl_goes_on(struct message_note *note, struct message_piece line);

struct message_piece message_first_line(const struct segment_view *view);

/* Whether a line begins with a command, in any case, and what follows it. */
bool message_command(
    struct message_piece line, const char *command, struct message_piece *rest);

/* Takes what stands before an octet, and that; all where there is none. */
struct message_piece message_until(struct message_piece *rest, uint8_t end);

#endif
