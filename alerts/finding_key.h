/*
 * finding_key -- what gives rise to a finding, and what makes two causes one.
 *
 * The uid of a finding is printed from its key, so keys are a public contract:
 * the same on every sensor and every run.  Pure.
 */
#ifndef ALERTS_FINDING_KEY_H
#define ALERTS_FINDING_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "alerts/record_flow.h"
#include "sensor/base/digest.h"

struct anomaly;
struct detector;
struct signature;
struct text;

#define FINDING_UID_SIZE 17 /* 16 hexadecimal digits and the NUL */

/* What many findings that one stands for have in common. */
enum storm_kind {
	STORM_NONE, /* it stands for itself */
	STORM_BY_SUBJECT,
	STORM_BY_OBJECT,
	STORM_BY_SIGNATURE,
};

/* What gives rise to a finding; everything is borrowed. */
struct cause {
	const struct record_flow *about;
	const struct signature *signature;
	const struct detector *detector; /* NULL: the flow deviates */
	const struct anomaly *anomaly;   /* the same */
	enum storm_kind storm;           /* it is the first of many */
};

/* What is equal is one finding. */
void finding_key(const struct cause *cause, uint8_t key[DIGEST_SIZE]);

/* Whose doing it is, is an address that nobody is known to have. */
bool cause_is_from_outside(const struct cause *cause);

/* The same for all that a storm of that kind, not STORM_NONE, stands for. */
void finding_storm_key(
    const struct cause *cause, enum storm_kind kind, uint8_t key[DIGEST_SIZE]);

void finding_print_uid(
    const uint8_t key[DIGEST_SIZE], char uid[FINDING_UID_SIZE]);

/*
 * The uid of the finding that a deviating flow belongs to, whether or not a
 * table has it.
 */
void finding_uid(const struct record_flow *about, char uid[FINDING_UID_SIZE]);

/* What stands for one end in keys: who it is, not which pod or address of
 * it. */
void finding_party_key(struct text *out, const struct party *party);

/* `subject`, `object`, `signature`; NULL for none. */
const char *storm_kind_name(enum storm_kind kind);

#endif
