/*
 * Credentials that a login in clear shows, as hashes that tell two of them
 * apart: whoever tries one again and again has a wrong password, whoever tries
 * others guesses.  They are compared, never aimed at, so the hash has no key.
 *
 *   SASL    RFC 4422; PLAIN RFC 4616: three texts between NULs; LOGIN
 *           (draft-murchison-sasl-login): name and password in turn
 *   base64  RFC 4648, 4
 */
#include <strings.h>

#include "classifiers/messages/messages_parts.h"
#include "sensor/base/hash.h"

/* Octets of an answer that are decoded: RFC 4616 has 255 for a text. */
#define SASL_MAXIMUM 384

enum { SASL_NOTHING, SASL_NAME, SASL_PASSWORD, SASL_BOTH };

static uint32_t
hash_of(const void *octets, size_t size)
{
	static const struct hash_key key;

	return (uint32_t)(hash_octets(&key, octets, size) >> 32) | 1;
}

void
message_note_name(struct message_note *note, struct message_piece name)
{
	note->name = hash_of(name.at, name.size);
	note->credential = 0;
}

uint32_t
messages_name(const char *name)
{
	return hash_of(name, strlen(name));
}

void
message_note_password(struct message_note *note, struct message_piece password)
{
	uint32_t both[] = {note->name, hash_of(password.at, password.size)};

	note->credential = hash_of(both, sizeof(both));
}

struct message_piece
message_first_line(const struct segment_view *view)
{
	return (struct message_piece){view->octets, message_line(view)};
}

bool
message_command(
    struct message_piece line, const char *command, struct message_piece *rest)
{
	size_t size = strlen(command);

	if (line.size < size ||
	    strncasecmp((const char *)line.at, command, size) != 0)
		return false;
	*rest = (struct message_piece){line.at + size, line.size - size};
	return true;
}

struct message_piece
message_until(struct message_piece *rest, uint8_t end)
{
	const uint8_t *at =
	    rest->size == 0 ? NULL : memchr(rest->at, end, rest->size);
	struct message_piece piece = *rest;

	if (at == NULL) {
		rest->at += rest->size;
		rest->size = 0;
		return piece;
	}
	piece.size = (size_t)(at - rest->at);
	rest->at += piece.size + 1;
	rest->size -= piece.size + 1;
	return piece;
}

/* --- SASL ----------------------------------------------------------------- */

static int
value_of(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* As far as it is base64 and finds room. */
static size_t
decode(struct message_piece text, uint8_t out[SASL_MAXIMUM])
{
	uint32_t bits = 0, held = 0;
	size_t size = 0;

	for (size_t i = 0; i < text.size && size < SASL_MAXIMUM; i++) {
		int value = value_of(text.at[i]);

		if (value < 0)
			break;
		bits = (bits << 6 | (uint32_t)value) & 0xffff;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		out[size++] = (uint8_t)(bits >> held);
	}
	return size;
}

void
message_note_plain(struct message_note *note, struct message_piece said)
{
	(void)message_until(&said, 0); /* as whom to act */
	message_note_name(note, message_until(&said, 0));
	message_note_password(note, said);
}

void
message_sasl_begins(struct message_note *note, struct message_piece rest)
{
	struct message_piece mechanism = message_until(&rest, ' '), none;

	note->name = note->credential = 0;
	note->sasl = SASL_NOTHING;
	if (message_command(mechanism, "PLAIN", &none))
		note->sasl = SASL_BOTH;
	else if (message_command(mechanism, "LOGIN", &none))
		note->sasl = SASL_NAME;
	if (rest.size > 0)
		message_sasl_goes_on(note, rest);
}

void
message_sasl_goes_on(struct message_note *note, struct message_piece line)
{
	uint8_t octets[SASL_MAXIMUM];
	struct message_piece said = {octets, 0};

	if (note->sasl == SASL_NOTHING)
		return;
	said.size = decode(line, octets);
	if (note->sasl == SASL_NAME) {
		message_note_name(note, said);
		note->sasl = SASL_PASSWORD;
		return;
	}
	if (note->sasl == SASL_BOTH)
		message_note_plain(note, said);
	else
		message_note_password(note, said);
	note->sasl = SASL_NOTHING;
}
