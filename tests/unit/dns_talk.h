/*
 * dns_talk -- questions and answers of DNS, made by hand, on a stage for
 * detectors (after <cmocka.h>).
 */
#ifndef TESTS_UNIT_DNS_TALK_H
#define TESTS_UNIT_DNS_TALK_H

#include <string.h>

#include "classifiers/detectors/dns/dns_query.h"
#include "tests/detector_stage.h"

struct made {
	uint8_t octets[2048];
	size_t size;
};

/* A question, or the answer with a code and `data` octets of that type. */
static inline struct made
made_dns(
    const char *name, uint16_t type, bool answer, unsigned code, size_t data)
{
	struct made made = {.octets = {0, 1, 1, 0, 0, 1}, .size = 12};

	if (answer) {
		made.octets[2] = 0x81;
		made.octets[3] = (uint8_t)(0x80 | code);
		made.octets[7] = data > 0;
	}
	while (*name != '\0') {
		size_t length = strcspn(name, ".");

		made.octets[made.size++] = (uint8_t)length;
		memcpy(made.octets + made.size, name, length);
		made.size += length;
		name += length + (name[length] == '.');
	}
	made.size++;
	made.octets[made.size++] = (uint8_t)(type >> 8);
	made.octets[made.size++] = (uint8_t)type;
	made.size++;
	made.octets[made.size++] = 1;
	if (!answer || data == 0)
		return made;
	made.octets[made.size++] = 0xc0;
	made.octets[made.size++] = 12;
	made.octets[made.size++] = (uint8_t)(type >> 8);
	made.octets[made.size++] = (uint8_t)type;
	made.size += 6;
	made.octets[made.size++] = (uint8_t)(data >> 8);
	made.octets[made.size++] = (uint8_t)data;
	made.size += data;
	assert_true(made.size <= sizeof(made.octets));
	return made;
}

struct talk {
	struct stage *stage;
	struct stage_flow flow;
};

static inline struct talk
talk_of(struct stage *stage, const char *client, const char *server)
{
	struct talk talk = {
	    stage, stage_flow(stage, client, server, PROTOCOL_UDP, 53)};

	stage_answer(&talk.flow, APPLICATION_DNS);
	return talk;
}

static inline void
ask(struct talk *talk, const char *name, uint16_t type)
{
	struct made made = made_dns(name, type, false, 0, 0);

	stage_message(talk->stage, &talk->flow, MESSAGE_DNS_QUESTION, true,
	    type, made.octets, made.size);
}

static inline void
answer(struct talk *talk, const char *name, uint16_t type, unsigned code,
    size_t data)
{
	struct made made = made_dns(name, type, true, code, data);

	stage_message(talk->stage, &talk->flow, MESSAGE_DNS_ANSWER, false, code,
	    made.octets, made.size);
}

/* Numbers that are nobody's: xorshift, Marsaglia 2003. */
static inline uint64_t
draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static inline void
miss(struct talk *talk, const char *name)
{
	ask(talk, name, DNS_TYPE_A);
	answer(talk, name, DNS_TYPE_A, DNS_CODE_NXDOMAIN, 0);
}

#endif
