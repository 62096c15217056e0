#include "classifiers/detectors/desk.h"

#include <assert.h>
#include <stdlib.h>

/* Both are cut by their writers before; a sentence of the catalogue's kind has
 * 200 letters. */
#define SENTENCE_MAXIMUM 512
#define EVIDENCE_MAXIMUM 4096

void *
desk_open_state(size_t state_size, struct detector_host *host, size_t inside,
    size_t outside, size_t size)
{
	struct desk *desk = calloc(1, state_size);

	if (desk == NULL)
		return NULL;
	desk->host = host;
	desk->memory = memory_new(
	    inside, outside, (size + 7) & ~(size_t)7, detector_key(host));
	text_init(&desk->sentence, SENTENCE_MAXIMUM);
	text_init(&desk->evidence, EVIDENCE_MAXIMUM);
	return desk;
}

void *
desk_open(
    struct detector_host *host, size_t inside, size_t outside, size_t size)
{
	return desk_open_state(
	    sizeof(struct desk), host, inside, outside, size);
}

void
desk_close(void *state)
{
	struct desk *desk = state;

	if (desk == NULL)
		return;
	memory_free(desk->memory);
	text_release(&desk->sentence);
	text_release(&desk->evidence);
	free(desk);
}

struct memory *
desk_memory(void *state, size_t index, const char **name)
{
	struct desk *desk = state;

	*name = "entries";
	return index == 0 ? desk->memory : NULL;
}

void
desk_begin(struct desk *desk)
{
	text_clear(&desk->sentence);
	text_clear(&desk->evidence);
	desk->json = json_to(&desk->evidence);
}

void
desk_raise(
    struct desk *desk, struct anomaly anomaly, const struct sighting *sighting)
{
	assert(desk->sentence.length > 0);
	anomaly.sentence = desk->sentence.at;
	anomaly.evidence =
	    desk->evidence.length == 0 ? NULL : desk->evidence.at;
	if (anomaly.count == 0)
		anomaly.count = 1;
	if (anomaly.confidence > 99)
		anomaly.confidence = 99;
	detector_raise(desk->host, &anomaly, sighting);
}

void
pace_begin(struct pace *pace, const struct sighting *sighting)
{
	if (pace->first_packet != 0)
		return;
	pace->first_packet = sighting->packet;
	pace->first_ns = sighting->kind == SIGHTED_MESSAGE ||
				 sighting->kind == SIGHTED_PROGRESS
			     ? sighting->wall.ns
			     : seen_of_flow(sighting).first_ns;
}

uint64_t
pace_count(struct pace *pace, const struct sighting *sighting)
{
	int64_t now = sighting->at.ns;
	uint64_t told;

	pace_begin(pace, sighting);
	pace->waiting++;
	if (pace->said_ns != 0 && pace->waiting < pace->told &&
	    now - pace->said_ns < PACE_NS)
		return 0;
	told = pace->waiting;
	pace->told += told;
	pace->waiting = 0;
	pace->said_ns = now == 0 ? 1 : now;
	return told;
}

struct seen
seen_of_pace(const struct pace *pace, const struct sighting *sighting)
{
	return (struct seen){pace->first_ns, sighting->wall.ns,
	    {pace->first_packet, sighting->packet}};
}

/* Flows know when they began by the clock that never goes back. */
struct seen
seen_of_flow(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	return (struct seen){
	    sighting->wall.ns - instant_since(sighting->kind == SIGHTED_MESSAGE
						  ? sighting->then
						  : flow->last,
				    flow->first),
	    sighting->wall.ns, {flow->first_packet, sighting->packet}};
}

void
seen_put(struct json_writer *json, struct seen seen)
{
	char text[INSTANT_TEXT_SIZE];

	instant_print((struct instant){seen.first_ns}, text);
	json_put_string(json, "first", text);
	instant_print((struct instant){seen.last_ns}, text);
	json_put_string(json, "last", text);
	json_array_open(json, "packets");
	json_put_int(json, NULL, (int64_t)seen.packets[0]);
	if (seen.packets[1] != seen.packets[0])
		json_put_int(json, NULL, (int64_t)seen.packets[1]);
	json_array_close(json);
}

void
seen_put_flow(struct json_writer *json, const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	json_put_int(
	    json, "packets_of_client", (int64_t)flow->packets[flow->client]);
	json_put_int(
	    json, "packets_of_server", (int64_t)flow->packets[!flow->client]);
	seen_put(json, seen_of_flow(sighting));
}

int
halves_passed(int64_t *since_ns, int64_t then_ns, int64_t half_ns)
{
	int64_t passed;

	if (*since_ns == 0) {
		*since_ns = then_ns == 0 ? 1 : then_ns;
		return 0;
	}
	passed = then_ns - *since_ns;
	if (passed < half_ns)
		return 0;
	if (passed < 2 * half_ns) {
		*since_ns += half_ns;
		return 1;
	}
	*since_ns = then_ns;
	return 2;
}
