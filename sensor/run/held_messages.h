/*
 * held_messages -- messages that wait for the verdict on their flow.
 *
 * Copies in one ring of fixed size, for each flow in order.  When there is no
 * room the oldest are handed to whoever spares them, or forgotten and counted.
 * One thread at a time.
 */
#ifndef SENSOR_RUN_HELD_MESSAGES_H
#define SENSOR_RUN_HELD_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/messages/messages.h"
#include "sensor/base/address.h"
#include "sensor/base/instant.h"

struct held_messages; /* opaque */

/* Octets of all that wait: of anybody, and those that are spared while a flood
 * makes room for itself. */
#define HELD_MESSAGES_SIZE   ((size_t)4 << 20)
#define HELD_MESSAGES_SPARED ((size_t)1 << 20)

/* Messages of one flow that wait, at most. */
#define HELD_MESSAGES_EACH 16

/* When something is told. */
struct told_at {
	struct instant at, wall;
	uint64_t packet;
};

/* Whose flow it is, as far as that is known without a verdict. */
struct held_client {
	struct address address;
	struct instant began;
	uint16_t domain;
};

struct held_message {
	struct held_client client;
	struct message message;
	struct told_at told;
	uint8_t sender; /* 0 or 1: the end of the flow */
};

/* Makes an owned one for held_messages_free(), of so many octets; flows are
 * below `flows`. */
struct held_messages *held_messages_new(uint32_t flows, size_t size);
void held_messages_free(struct held_messages *held);

/* Called with what makes room, borrowed for the call: whether it is kept
 * elsewhere. */
typedef bool held_message_spare(
    uint32_t flow, const struct held_message *one, void *context);
void held_messages_set_spare(
    struct held_messages *held, held_message_spare *spare, void *context);

/* Keeps a copy; false where HELD_MESSAGES_EACH of that flow wait. */
bool held_messages_add(struct held_messages *held, uint32_t flow,
    const struct held_client *client, const struct message *message,
    uint8_t sender, const struct told_at *told);

/* Takes out the flow's first; NULL when none waits, or it is no flow of them.
 * Borrowed until the next one is added. */
const struct held_message *held_messages_next(
    struct held_messages *held, uint32_t flow);

/* Messages that wait, of all flows. */
uint32_t held_messages_count(const struct held_messages *held);

/* Whether any waits; false of what is no flow of them. */
bool held_messages_wait(const struct held_messages *held, uint32_t flow);

/* Messages that made room for others. */
uint64_t held_messages_lost(const struct held_messages *held);

#endif
