#include <string.h>

#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/scan/scan_parts.h"

/* knockd's examples have three ports; more than eight are a scan. */
#define KNOCKS_LEAST 3
#define KNOCKS_MOST  8

#define PROTOCOLS_WINDOW (600 * NS_PER_SECOND)

/* Answers from another port come at once (RFC 1350, section 4), and again until
 * they are confirmed; flows that are never answered are told 30 s later, and a
 * question that is repeated lasts as long. */
#define ANSWER_SECONDS 60

static struct scan_pair *
pair_of(struct scan *scan, const struct sighting *sighting)
{
	bool inside = sighting->client.inside;

	return memory_get(scan->pairs, inside ? MEMORY_INSIDE : MEMORY_OUTSIDE,
	    memory_key(sighting->client.key, sighting->server.key), NULL);
}

void
scan_knock(struct scan *scan, const struct sighting *sighting,
    const struct attempt *attempt)
{
	struct scan_pair *pair;
	int64_t at = sighting->flow->first.ns;

	if (attempt->technique == TECHNIQUE_ICMP || attempt->port == 0)
		return;
	pair = pair_of(scan, sighting);
	if (attempt->outcome != OUTCOME_FAILED) {
		pair->looked_at[pair->looked_next++ % 4] = attempt->port;
		return;
	}
	for (int i = 0; i < SCAN_KNOCKS; i++) {
		struct scan_knock *one = &pair->knocks[i];

		if (one->port != attempt->port)
			continue;
		one->times = (uint8_t)(at - one->at > SCAN_KNOCK_WINDOW
					   ? 1
					   : one->times + (one->times < 9));
		one->at = at;
		one->packet = sighting->flow->first_packet;
		return;
	}
	pair->knocks[pair->knock_count++ % SCAN_KNOCKS] = (struct scan_knock){
	    .at = at,
	    .packet = sighting->flow->first_packet,
	    .port = attempt->port,
	    .times = 1,
	};
}

/* Knocks before a connection, or -1 where what happened is no knocking. */
static int
count_knocks(const struct scan_pair *pair, uint16_t port, int64_t served)
{
	int count = 0;

	for (int i = 0; i < 4; i++)
		if (pair->looked_at[i] == port)
			return -1;
	for (int i = 0; i < SCAN_KNOCKS; i++) {
		const struct scan_knock *one = &pair->knocks[i];

		if (one->port == 0 || one->port == port ||
		    served - one->at > SCAN_KNOCK_WINDOW)
			continue;
		if (one->times > 2 || one->at > served)
			return -1;
		count++;
	}
	return count;
}

bool
scan_has_knocked(struct scan *scan, const struct sighting *sighting,
    uint16_t port, int64_t began)
{
	int count = count_knocks(pair_of(scan, sighting), port, began);

	return count >= KNOCKS_LEAST && count <= KNOCKS_MOST &&
	       !scan_is_outage(scan, sighting);
}

void
scan_raise_knock(struct scan *scan, const struct sighting *sighting,
    uint16_t port, int64_t began, uint32_t signature)
{
	struct scan_pair *pair = pair_of(scan, sighting);
	struct testimony *testimony = &scan->testimony;
	uint64_t packets[SCAN_KNOCKS], ports[SCAN_KNOCKS];
	int64_t first = began;
	size_t count = 0;

	for (int i = 0; i < SCAN_KNOCKS; i++) {
		const struct scan_knock *one = &pair->knocks[i];

		if (one->port == 0 || one->port == port ||
		    began - one->at > SCAN_KNOCK_WINDOW)
			continue;
		first = one->at < first ? one->at : first;
		packets[count] = one->packet;
		ports[count++] = one->port;
	}
	testimony_begin(testimony);
	text_format(&testimony->sentence,
	    "%s knocked at %zu closed ports of %s, and then was served on "
	    "port %u",
	    sighting->client.name, count, sighting->server.name, port);
	json_put_int(&testimony->json, "knocks", (int64_t)count);
	testimony_times(testimony, first, began);
	testimony_numbers(testimony, "ports", ports, count);
	testimony_numbers(testimony, "packets", packets, count);
	json_put_int(&testimony->json, "served_port", port);
	detector_raise(scan->host,
	    &(struct anomaly){
		.signature = signature,
		.subject = &sighting->client,
		.object = &sighting->server,
		.confidence = 60,
		.count = 1,
		.sentence = testimony->sentence.at,
		.evidence = testimony->evidence.at,
		.silent_if = "fewer than 3 ports in vain within a minute "
			     "before, or a model that allows the connection",
	    },
	    sighting);
	memset(pair->knocks, 0, sizeof(pair->knocks));
}

static void
note_question(struct scan_pair *pair, uint16_t port, uint32_t at)
{
	int place = pair->asked_next;

	for (int i = 0; i < 2; i++)
		if (pair->asked_from[i] == port)
			place = i;
	pair->asked_from[place] = port;
	pair->asked_at[place] = at;
	if (place == pair->asked_next)
		pair->asked_next ^= 1;
}

bool
scan_is_answer(struct scan *scan, const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	uint32_t at = (uint32_t)(flow->first.ns / NS_PER_SECOND);
	const struct sighted_end *receiver = &sighting->server;
	const struct scan_pair *pair;

	if (flow->protocol != PROTOCOL_UDP || flow->answered)
		return false;
	pair = memory_find(scan->pairs,
	    receiver->inside ? MEMORY_INSIDE : MEMORY_OUTSIDE,
	    memory_key(receiver->key, sighting->client.key));
	for (int i = 0; pair != NULL && i < 2; i++)
		if (pair->asked_from[i] == flow_server(flow)->port &&
		    pair->asked_from[i] != 0 && at >= pair->asked_at[i] &&
		    at - pair->asked_at[i] <= ANSWER_SECONDS)
			return true;
	note_question(pair_of(scan, sighting), flow_client(flow)->port, at);
	return false;
}

/* What is nothing but another put to a use is that other. */
static enum application
root_of(enum application protocol)
{
	bool web =
	    protocol == APPLICATION_HTTP2 || protocol == APPLICATION_HTTP3 ||
	    protocol == APPLICATION_GRPC || protocol == APPLICATION_WEBSOCKET;

	return web ? APPLICATION_HTTP : protocol;
}

uint32_t
scan_protocols(struct scan *scan, const struct sighting *sighting,
    enum application protocol)
{
	struct scan_pair *pair;
	int64_t at = sighting->then.ns;
	uint32_t bit = (uint32_t)root_of(protocol) % 256, count = 0;

	if (protocol == APPLICATION_UNKNOWN)
		return 0;
	pair = pair_of(scan, sighting);
	if (pair->protocols_port != sighting->port ||
	    at - pair->protocols_since > PROTOCOLS_WINDOW) {
		memset(pair->protocols, 0, sizeof(pair->protocols));
		pair->protocols_since = at;
		pair->protocols_port = sighting->port;
	}
	pair->protocols[bit / 64] |= UINT64_C(1) << (bit % 64);
	for (int i = 0; i < 4; i++)
		for (uint64_t bits = pair->protocols[i]; bits != 0;
		     bits &= bits - 1)
			count++; /* few: seldom more than one */
	return count;
}
