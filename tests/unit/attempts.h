/*
 * attempts -- flows that nobody allows, as scans and floods are made of.
 */
#ifndef TESTS_UNIT_ATTEMPTS_H
#define TESTS_UNIT_ATTEMPTS_H

#include "tests/detector_stage.h"

static inline struct stage_flow
attempt(struct stage *stage, const char *client, const char *server,
    uint8_t protocol, uint16_t port)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, protocol, port);

	flow.sighting.verdict = VERDICT_UNMODELLED;
	return flow;
}

static inline void
refused(
    struct stage *stage, const char *client, const char *server, uint16_t port)
{
	struct stage_flow flow =
	    attempt(stage, client, server, PROTOCOL_TCP, port);

	stage_refuse(&flow);
	stage_over(stage, &flow);
}

#endif
