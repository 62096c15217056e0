/*
 * finding_parts -- what one finding is made of; for finding.c alone.
 */
#ifndef ALERTS_FINDING_PARTS_H
#define ALERTS_FINDING_PARTS_H

#include "alerts/finding.h"
#include "sensor/base/digest.h"

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

/* Copies what is said of it; false where there was no memory, and
 * finding_release() is due all the same. */
bool finding_fill(
    struct finding *finding, const struct cause *cause, struct instant at);

/* It was seen once more. */
void finding_more(struct finding *finding, const struct cause *cause);

void finding_release(struct finding *finding);

#endif
