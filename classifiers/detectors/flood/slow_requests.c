#include "classifiers/detectors/flood/slow_requests.h"

#include <string.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/sighting.h"
#include "sensor/base/text.h"

/* Requests that are in order arrive within a round trip or two. */
#define AGE (10 * NS_PER_SECOND)

/* A dribble; an upload over the slowest mobile link is more in 10 s. */
#define OCTETS 2048

/* When a live sensor says what nobody has spoken on (shard.h, `patience`). */
#define SILENCE (5 * NS_PER_SECOND)

#define MINUTE (60 * NS_PER_SECOND)

/*
 * What a client takes with the receive buffer of an ordinary program before it
 * is full (Linux: net.ipv4.tcp_rmem, 128 KiB, and the segment on its way): who
 * took more has read, and pauses.
 */
#define UNREAD_MOST ((uint64_t)256 * 1024)

static bool
is_http(const struct sighting *sighting)
{
	return sighting->appid.application == APPLICATION_HTTP &&
	       sighting->appid.carrier == APPLICATION_UNKNOWN;
}

/*
 * Servers that answer before they have the body, as RFC 9112, 9.3 lets them,
 * read the rest of it all the same: the client begins anew, more than once,
 * and gets no second answer.
 */
static bool
goes_on_after_answer(const struct sighted_amount *amount)
{
	return amount->begun[0] >= 2 && amount->begun[1] == 0 &&
	       amount->payloads[0] >= amount->payloads[1] + 2;
}

bool
slow_requests_is_slow(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	const struct sighted_amount *amount = &sighting->amount;

	if (flow->protocol != PROTOCOL_TCP || !flow->answered ||
	    !is_http(sighting) ||
	    instant_since(flow->last, flow->first) < AGE ||
	    amount->payloads[0] == 0 || amount->octets[0] >= OCTETS)
		return false;
	if (amount->payloads[1] == 0 &&
	    !attempt_has_payload(flow, !flow->client))
		return true;
	return goes_on_after_answer(amount);
}

/*
 * A receiver announces nothing or a segment and more (RFC 1122, 4.2.3.3), so
 * one that takes less than a server's smallest pages in 10 s and is full again
 * does not read.  slowhttptest -X makes its buffer so small that a segment does
 * not fit: then small answers fit as a whole, and nothing is left to be told.
 */
bool
slow_requests_is_unread(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	const struct sighted_amount *amount = &sighting->amount;

	if (flow->protocol != PROTOCOL_TCP || !flow->answered ||
	    instant_since(flow->last, flow->first) < AGE ||
	    amount->octets[1] >= OCTETS ||
	    flow->octets[!flow->client] >= UNREAD_MOST)
		return false;
	if (!is_http(sighting) &&
	    sighting->appid.application != APPLICATION_TLS &&
	    sighting->appid.carrier != APPLICATION_TLS)
		return false;
	return amount->closed[0] > 0 ||
	       (amount->narrow[0] && amount->payloads[0] <= 1);
}

/*
 * Connections that a client opens before it knows what to ask, as browsers do,
 * are few and soon used.  What was closed was open until then.
 */
bool
slow_requests_is_silent(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	uint8_t flags = flow->tcp_flags[flow->client];
	struct instant until =
	    flow->state == FLOW_FINISHED ? flow->last : sighting->at;

	return flow->protocol == PROTOCOL_TCP && flow->answered &&
	       !flow->midstream && flow->direction == DIRECTION_HANDSHAKE &&
	       (flags & TCP_SYN) != 0 && (flags & TCP_ACK) != 0 &&
	       instant_since(until, flow->first) >= SILENCE &&
	       !attempt_has_payload(flow, flow->client);
}

static uint64_t
bit_of(const struct flow *flow, int *place)
{
	uint64_t bit = attempt_identity(flow) % 256;

	*place = (int)(bit / 64);
	return UINT64_C(1) << (bit % 64);
}

bool
slow_requests_goes_on(
    const struct slow_requests *slow, const struct sighting *sighting)
{
	uint64_t bit = attempt_identity(sighting->flow) % 256;
	uint64_t seen = slow->flows[0][bit / 64] | slow->flows[1][bit / 64];

	return sighting->amount.payloads[0] >= 2 ||
	       (seen >> (bit % 64) & 1) != 0;
}

void
slow_requests_note(struct slow_requests *slow, const struct flow *flow)
{
	int64_t minute = flow->last.ns / MINUTE;
	int place;
	uint64_t bit = bit_of(flow, &place);

	if (minute > slow->minute + 1 || slow->minute == 0) {
		memset(slow->flows, 0, sizeof(slow->flows));
		slow->since = flow->last.ns;
		slow->example = flow->first_packet;
	}
	if (minute > slow->minute) {
		memset(slow->flows[minute & 1], 0, sizeof(slow->flows[0]));
		slow->minute = minute;
	}
	slow->last = flow->last.ns;
	slow->flows[minute & 1][place] |= bit;
}

void
slow_requests_note_stream(struct slow_requests *slow, const struct flow *flow)
{
	int place;
	uint64_t bit = bit_of(flow, &place);

	slow->streams[place] |= bit;
}

bool
slow_requests_is_stream(
    const struct slow_requests *slow, const struct flow *flow)
{
	int place;
	uint64_t bit = bit_of(flow, &place);

	return (slow->streams[place] & bit) != 0;
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

void
silences_note(struct silences *silences, const struct flow *flow)
{
	int64_t minute = flow->first.ns / MINUTE;

	if (minute < silences->minute - 1)
		return;
	if (minute > silences->minute + 1 || silences->minute == 0) {
		memset(silences, 0, sizeof(*silences));
		silences->since = flow->first.ns;
		silences->example = flow->first_packet;
	}
	if (minute > silences->minute) {
		memset(&silences->flows[minute & 1], 0,
		    sizeof(silences->flows[0]));
		silences->minute = minute;
	}
	silences->last = flow->first.ns;
	(void)bitmap_set(&silences->flows[minute & 1], attempt_identity(flow));
}

uint32_t
silences_count(const struct silences *silences)
{
	return bitmap_count(&silences->flows[0], &silences->flows[1]);
}

void
held_say(
    struct text *out, const struct held *held, const struct sighting *sighting)
{
	const char *server = sighting->server.name;

	if (held->by_many)
		text_add(out, "many clients together keep");
	else
		text_format(out, "%s keeps", sighting->client.name);
	switch (held->holding) {
	case HOLDS_REQUESTS:
		text_format(out, " %u requests to %s on port %u from ending",
		    held->count, server, sighting->port);
		break;
	case HOLDS_ANSWERS:
		text_format(out,
		    " %u answers of %s on port %u from ending, which it does "
		    "not read",
		    held->count, server, sighting->port);
		break;
	case HOLDS_SILENT:
		text_format(out,
		    " %u connections to %s on port %u open without a word",
		    held->count, server, sighting->port);
		break;
	}
}
