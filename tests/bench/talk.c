#include "tests/bench/talk.h"

#include <stdlib.h>

#include "tests/bench/random.h"
#include "tests/bench/script.h"

/* Where a talk is: the handshake, its messages, the goodbye. */
enum stage {
	STAGE_SYN,
	STAGE_SYN_ACK,
	STAGE_ACK,
	STAGE_MESSAGES,
	STAGE_FIN,
	STAGE_FIN_ACK,
	STAGE_LAST_ACK,
	STAGE_OVER,
};

struct talk {
	struct wire_end ends[2]; /* client, server */
	uint32_t sequences[2];   /* of the next octet that each sends */
	uint32_t journey_us;     /* from one end to the other */
	uint32_t thinking_us;    /* before the first answer */
	enum stage stage;
	size_t message, sent; /* the message being sent, and how much of it */
	unsigned unacknowledged; /* full segments since the last one */
	struct script *script;
};

/* The next packet of a talk.  Ties are broken by the order of their making. */
struct event {
	uint64_t at_us, order;
	uint32_t talk;
};

struct talks {
	struct wire *wire;
	struct talk *all;
	uint32_t *spare;
	size_t spare_count;
	struct event *events; /* a heap, the earliest first */
	size_t event_count;
	uint64_t order;
};

/* --- when ----------------------------------------------------------------- */

static bool
comes_before(const struct event *a, const struct event *b)
{
	return a->at_us < b->at_us ||
	       (a->at_us == b->at_us && a->order < b->order);
}

static void
push(struct talks *talks, uint64_t at_us, uint32_t talk)
{
	struct event event = {at_us, talks->order++, talk};
	size_t at = talks->event_count++;

	while (at > 0 && comes_before(&event, &talks->events[(at - 1) / 2])) {
		talks->events[at] = talks->events[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	talks->events[at] = event;
}

static struct event
pop(struct talks *talks)
{
	struct event first = talks->events[0];
	struct event last = talks->events[--talks->event_count];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < talks->event_count) {
		if (child + 1 < talks->event_count &&
		    comes_before(
			&talks->events[child + 1], &talks->events[child]))
			child++;
		if (!comes_before(&talks->events[child], &last))
			break;
		talks->events[at] = talks->events[child];
		at = child;
	}
	talks->events[at] = last;
	return first;
}

/* --- what ----------------------------------------------------------------- */

/* Sends one segment; returns the microseconds until the next packet. */
static uint64_t
send_tcp(struct talks *talks, struct talk *talk, uint64_t at_us, int sender,
    uint8_t flags, const uint8_t *payload, size_t size)
{
	struct wire_tcp tcp = {
	    talk->sequences[sender], talk->sequences[!sender], flags};

	wire_tcp(talks->wire, at_us, talk->ends[sender], talk->ends[!sender],
	    tcp, payload, size);
	talk->sequences[sender] += (uint32_t)size;
	if ((flags & (SYN | FIN)) != 0)
		talk->sequences[sender]++;
	return talk->journey_us;
}

/* How long the next message takes to come after the one at `talk->message`. */
static uint64_t
pause_before_next(const struct talk *talk)
{
	const struct script *script = talk->script;
	size_t next = talk->message + 1;

	if (next == script->count)
		return talk->journey_us;
	if (script->messages[next].from_server ==
	    script->messages[talk->message].from_server)
		return 3;
	return talk->journey_us + (next == 1 ? talk->thinking_us : 0);
}

static uint64_t
send_part(struct talks *talks, struct talk *talk, uint64_t at_us)
{
	const struct message *message = &talk->script->messages[talk->message];
	int sender = message->from_server ? 1 : 0;
	size_t size = message->size - talk->sent;
	const uint8_t *part = talk->script->octets + message->at + talk->sent;
	bool last = size <= WIRE_PAYLOAD_MAXIMUM;

	if (talk->unacknowledged == 2) {
		talk->unacknowledged = 0;
		(void)send_tcp(talks, talk, at_us, !sender, ACK, NULL, 0);
		return 1;
	}
	if (!last)
		size = WIRE_PAYLOAD_MAXIMUM;
	(void)send_tcp(talks, talk, at_us, sender,
	    last ? (uint8_t)(PUSH | ACK) : (uint8_t)ACK, part, size);
	talk->sent += size;
	talk->unacknowledged++;
	if (!last)
		return 2;
	uint64_t pause = pause_before_next(talk);
	talk->sent = 0;
	talk->unacknowledged = 0;
	if (++talk->message == talk->script->count)
		talk->stage = STAGE_FIN;
	return pause;
}

static uint64_t
send_datagram(struct talks *talks, struct talk *talk, uint64_t at_us)
{
	const struct message *message = &talk->script->messages[talk->message];
	int sender = message->from_server ? 1 : 0;
	uint64_t pause = pause_before_next(talk);

	wire_udp(talks->wire, at_us, talk->ends[sender], talk->ends[!sender],
	    talk->script->octets + message->at, message->size);
	if (++talk->message == talk->script->count)
		talk->stage = STAGE_OVER;
	return pause;
}

static uint64_t
send_next(struct talks *talks, struct talk *talk, uint64_t at_us)
{
	static const struct {
		int sender;
		uint8_t flags;
	} bare[] = {
	    [STAGE_SYN] = {0, SYN},
	    [STAGE_SYN_ACK] = {1, SYN | ACK},
	    [STAGE_ACK] = {0, ACK},
	    [STAGE_FIN] = {0, FIN | ACK},
	    [STAGE_FIN_ACK] = {1, FIN | ACK},
	    [STAGE_LAST_ACK] = {0, ACK},
	};
	enum stage stage = talk->stage;

	if (talk->script->datagrams)
		return send_datagram(talks, talk, at_us);
	if (stage == STAGE_MESSAGES)
		return send_part(talks, talk, at_us);
	talk->stage = (enum stage)(stage + 1);
	return send_tcp(
	    talks, talk, at_us, bare[stage].sender, bare[stage].flags, NULL, 0);
}

/* --- life ----------------------------------------------------------------- */

struct talks *
talks_new(struct wire *wire)
{
	struct talks *talks = calloc(1, sizeof(*talks));

	if (talks == NULL)
		abort();
	talks->wire = wire;
	talks->all = calloc(TALKS_MAXIMUM, sizeof(*talks->all));
	talks->spare = calloc(TALKS_MAXIMUM, sizeof(*talks->spare));
	talks->events = calloc(TALKS_MAXIMUM, sizeof(*talks->events));
	if (talks->all == NULL || talks->spare == NULL || talks->events == NULL)
		abort();
	for (uint32_t i = TALKS_MAXIMUM; i > 0; i--)
		talks->spare[talks->spare_count++] = i - 1;
	return talks;
}

void
talks_free(struct talks *talks)
{
	for (size_t i = 0; i < TALKS_MAXIMUM; i++)
		free(talks->all[i].script);
	free(talks->all);
	free(talks->spare);
	free(talks->events);
	free(talks);
}

struct script *
talks_begin(struct talks *talks, uint64_t at_us, struct wire_end client,
    struct wire_end server, struct random *random)
{
	struct script *script;
	struct talk *talk;
	uint32_t number;

	if (talks->spare_count == 0)
		return NULL;
	number = talks->spare[--talks->spare_count];
	talk = &talks->all[number];
	script = talk->script;
	if (script == NULL)
		script = malloc(sizeof(*script));
	if (script == NULL)
		abort();
	script_clear(script);
	*talk = (struct talk){
	    .ends = {client, server},
	    .sequences = {(uint32_t)random_next(random),
		(uint32_t)random_next(random)},
	    .journey_us = random_between(random, 20, 250),
	    .script = script,
	};
	/* One in twenty waits for something slow. */
	if (random_below(random, 20) == 0)
		talk->thinking_us = random_between(random, 5000, 200000);
	push(talks, at_us, number);
	return script;
}

void
talks_run(struct talks *talks, uint64_t until_us)
{
	while (talks->event_count > 0 && talks->events[0].at_us < until_us) {
		struct event event = pop(talks);
		struct talk *talk = &talks->all[event.talk];
		uint64_t pause = send_next(talks, talk, event.at_us);

		if (talk->stage == STAGE_OVER)
			talks->spare[talks->spare_count++] = event.talk;
		else
			push(talks, event.at_us + pause, event.talk);
	}
}

void
talks_finish(struct talks *talks)
{
	talks_run(talks, UINT64_MAX);
}
