#include "classifiers/detectors/slow_requests.h"

#include <string.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/sighting.h"

/* Requests that are in order arrive within a round trip or two. */
#define AGE (10 * NS_PER_SECOND)

/* A dribble; an upload over the slowest mobile link is more in 10 s. */
#define OCTETS 2048

#define MINUTE (60 * NS_PER_SECOND)

bool
slow_requests_is_slow(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	const struct sighted_amount *amount = &sighting->amount;

	return flow->protocol == PROTOCOL_TCP && flow->answered &&
	       sighting->appid.application == APPLICATION_HTTP &&
	       sighting->appid.carrier == APPLICATION_UNKNOWN &&
	       instant_since(flow->last, flow->first) >= AGE &&
	       amount->payloads[0] > 0 && amount->octets[0] < OCTETS &&
	       amount->payloads[1] == 0 &&
	       !attempt_has_payload(flow, !flow->client);
}

void
slow_requests_note(struct slow_requests *slow, const struct flow *flow)
{
	int64_t minute = flow->last.ns / MINUTE;
	uint64_t bit = attempt_identity(flow) % 256;

	if (minute > slow->minute + 1 || slow->minute == 0) {
		memset(slow, 0, sizeof(*slow));
		slow->since = flow->last.ns;
		slow->example = flow->first_packet;
	}
	if (minute > slow->minute) {
		memset(slow->flows[minute & 1], 0, sizeof(slow->flows[0]));
		slow->minute = minute;
	}
	slow->last = flow->last.ns;
	slow->flows[minute & 1][bit / 64] |= UINT64_C(1) << (bit % 64);
}

uint32_t
slow_requests_count(const struct slow_requests *slow)
{
	uint32_t count = 0;

	for (int i = 0; i < 4; i++)
		count += (uint32_t)__builtin_popcountll(
		    slow->flows[0][i] | slow->flows[1][i]);
	return count;
}
