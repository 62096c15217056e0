/*
 * held_messages -- messages that wait for the verdict on their flow.
 *
 * Copies in one ring of fixed size, for each flow in order.  When there is no
 * room the oldest are forgotten, whosever they are, and counted.  One thread
 * at a time.
 */
#ifndef SENSOR_RUN_HELD_MESSAGES_H
#define SENSOR_RUN_HELD_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/messages/messages.h"
#include "sensor/base/instant.h"

struct held_messages; /* opaque */

/* Octets of all that wait. */
#define HELD_MESSAGES_SIZE ((size_t)4 << 20)

/* Messages of one flow that wait, at most. */
#define HELD_MESSAGES_EACH 16

/* When something is told. */
struct told_at {
	struct instant at, wall;
	uint64_t packet;
};

struct held_message {
	struct message message;
	struct told_at told;
	uint8_t sender; /* 0 or 1: the end of the flow */
};

/* Makes an owned one for held_messages_free(); flows are below `flows`. */
struct held_messages *held_messages_new(uint32_t flows);
void held_messages_free(struct held_messages *held);

/* Keeps a copy; false where HELD_MESSAGES_EACH of that flow wait. */
bool held_messages_add(struct held_messages *held, uint32_t flow,
    const struct message *message, uint8_t sender, const struct told_at *told);

/* Takes out the flow's first; NULL when none waits, or it is no flow of them.
 * Borrowed until the next one is added. */
const struct held_message *held_messages_next(
    struct held_messages *held, uint32_t flow);

/* Whether any waits; false of what is no flow of them. */
bool held_messages_wait(const struct held_messages *held, uint32_t flow);

/* Messages that made room for others. */
uint64_t held_messages_lost(const struct held_messages *held);

#endif
