/*
 * script -- what two programs say to each other, message by message.
 *
 * A message is added to octet by octet; script_speak() begins the next one.
 * Knows no protocol and no packets.  Running out of room is a mistake in the
 * generator and ends it.
 */
#ifndef TESTS_BENCH_SCRIPT_H
#define TESTS_BENCH_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random;

#define SCRIPT_OCTETS_MAXIMUM   32768
#define SCRIPT_MESSAGES_MAXIMUM 64

struct message {
	bool from_server;
	uint32_t at, size; /* of the script's octets */
};

struct script {
	bool datagrams; /* UDP: one message, one packet */
	size_t count, used;
	struct message messages[SCRIPT_MESSAGES_MAXIMUM];
	uint8_t octets[SCRIPT_OCTETS_MAXIMUM];
};

/* Whether there is room for a message of this size. */
bool script_has_room(const struct script *script, size_t size);

void script_clear(struct script *script);
void script_speak(struct script *script, bool from_server);

void script_add(struct script *script, const void *octets, size_t size);
void script_text(struct script *script, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void script_u8(struct script *script, unsigned value);
void script_be16(struct script *script, unsigned value);
void script_be24(struct script *script, uint32_t value);
void script_be32(struct script *script, uint32_t value);
void script_le16(struct script *script, unsigned value);
void script_le32(struct script *script, uint32_t value);
void script_noise(struct script *script, struct random *random, size_t size);

/* A place for a length that is known later: where to put it. */
size_t script_mark(const struct script *script);
void script_patch_be16(struct script *script, size_t at, size_t value);
void script_patch_be24(struct script *script, size_t at, size_t value);
void script_patch_be32(struct script *script, size_t at, size_t value);
void script_patch_le32(struct script *script, size_t at, size_t value);

#endif
