/*
 * naive_flowtable -- the flow table a second time, as a plain array of flows
 * that is searched from end to end for everything, with its rules in other
 * words.
 */
#ifndef TESTS_UNIT_NAIVE_FLOWTABLE_H
#define TESTS_UNIT_NAIVE_FLOWTABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "sensor/flowtable.h"
#include "tests/made_frame.h"

#define NAIVE_MAXIMUM 64
#define LOG_MAXIMUM   4096

#define RECENT 4

/* A packet that was counted, and how often it was seen again. */
struct naive_packet {
	struct frame frame;
	int64_t at;
	int copies;
};

/* What is known of one end of TCP. */
struct naive_end {
	bool known, spoke;
	bool doubted;    /* a FIN that was not believed ends at `stray_at` */
	bool shaken;     /* has sent a SYN, and neither FIN nor RST */
	uint32_t next;   /* it goes on with this */
	uint32_t strays; /* in a row */
	uint32_t stray_at;
};

/* A SYN that may open another connection, with its repeats. */
struct naive_syn {
	bool waits;
	bool by_server;
	struct frame frame; /* the first */
	uint64_t packets, octets, number;
	int64_t at;
};

/* A flow as its client and server know it; hosts are as in made_host(). */
struct naive_flow {
	uint64_t sequence;
	struct frame_key asked; /* source is who the client is thought to be */
	struct frame_key first_key;
	struct naive_packet recent[2][RECENT]; /* newest first */
	size_t recent_count[2];
	uint64_t duplicates;
	bool certain; /* a handshake or an echo said so */
	bool midstream, answered, refused, syn_seen, syn_sent, reset, inferred;
	bool fin_client, fin_server;
	bool client_spoke, server_spoke;
	uint32_t syn_sequence;
	struct naive_end ends[2]; /* the client, the server */
	struct naive_syn waiting;
	uint64_t packets, octets;
	int64_t first, last; /* as stamped */
	int64_t heard;       /* by the clock */
	uint64_t touched;    /* number of the packet */
};

struct ending {
	uint64_t sequence;
	enum flow_reason reason;
};

/* Endings since the last look. */
struct endings {
	struct ending at[LOG_MAXIMUM];
	size_t count;
};

struct naive {
	struct naive_flow flows[NAIVE_MAXIMUM];
	size_t count, capacity;
	uint64_t created, matched, orphaned, strays, disbelieved;
	int64_t now;
	struct endings endings;
};

static inline bool
same_key(const struct frame_key *a, const struct frame_key *b)
{
	return a->protocol == b->protocol && a->source_port == b->source_port &&
	       a->destination_port == b->destination_port &&
	       address_equal(&a->source, &b->source) &&
	       address_equal(&a->destination, &b->destination);
}

static inline struct naive_flow *
naive_find(struct naive *naive, const struct frame_key *key)
{
	struct frame_key back = made_reverse(*key);

	for (size_t i = 0; i < naive->count; i++) {
		const struct frame_key *asked = &naive->flows[i].asked;

		if (same_key(asked, key) || same_key(asked, &back))
			return &naive->flows[i];
	}
	return NULL;
}

static inline enum flow_state
naive_state(const struct naive_flow *flow)
{
	bool both = flow->client_spoke && flow->server_spoke;

	if (flow->reset || (flow->fin_client && flow->fin_server))
		return FLOW_FINISHED;
	if (!both && flow->inferred && (flow->fin_client || flow->fin_server))
		return FLOW_FINISHED;
	return both || flow->inferred ? FLOW_ESTABLISHED : FLOW_ATTEMPT;
}

static inline int64_t
naive_timeout(const struct naive_flow *flow)
{
	enum flow_state state = naive_state(flow);

	if (flow->asked.protocol == PROTOCOL_TCP)
		return NS_PER_SECOND * (state == FLOW_ATTEMPT       ? 30
					   : state == FLOW_FINISHED ? 10
								    : 600);
	if (flow->asked.protocol == PROTOCOL_UDP)
		return NS_PER_SECOND * (state == FLOW_ATTEMPT ? 30 : 180);
	return NS_PER_SECOND * 30;
}

/* Breaks ties between flows of different kinds. */
static inline int
naive_class(const struct naive_flow *flow)
{
	int protocol = flow->asked.protocol == PROTOCOL_TCP   ? 0
		       : flow->asked.protocol == PROTOCOL_UDP ? 1
							      : 2;
	enum flow_state state = naive_state(flow);

	if (state == FLOW_ESTABLISHED && protocol == 0 &&
	    !(flow->client_spoke && flow->server_spoke))
		return 15; /* one-sided */
	return protocol + (state == FLOW_ATTEMPT       ? 0
			      : state == FLOW_FINISHED ? 10
						       : 20);
}

static inline void
naive_end(struct naive *naive, struct naive_flow *flow, enum flow_reason reason)
{
	struct endings *endings = &naive->endings;
	size_t i = (size_t)(flow - naive->flows);

	assert_true(endings->count < LOG_MAXIMUM);
	endings->at[endings->count++] = (struct ending){flow->sequence, reason};
	naive->count--;
	memmove(flow, flow + 1, (naive->count - i) * sizeof(*flow));
}

/* Whether `a` comes before `b`: three numbers each, the first most. */
static inline bool
comes_before(const int64_t a[3], const int64_t b[3])
{
	for (int i = 0; i < 2; i++)
		if (a[i] != b[i])
			return a[i] < b[i];
	return a[2] < b[2];
}

static inline struct naive_flow *
naive_next_due(struct naive *naive)
{
	struct naive_flow *best = NULL;
	int64_t best_order[3] = {0};

	for (size_t i = 0; i < naive->count; i++) {
		struct naive_flow *flow = &naive->flows[i];
		int64_t order[3] = {flow->heard + naive_timeout(flow),
		    naive_class(flow), (int64_t)flow->touched};

		if (order[0] > naive->now)
			continue;
		if (best == NULL || comes_before(order, best_order)) {
			best = flow;
			memcpy(best_order, order, sizeof(order));
		}
	}
	return best;
}

static inline void
naive_expire(struct naive *naive, int64_t now)
{
	struct naive_flow *flow;

	if (now > naive->now)
		naive->now = now;
	while ((flow = naive_next_due(naive)) != NULL)
		naive_end(naive, flow,
		    naive_state(flow) == FLOW_FINISHED ? FLOW_CLOSED
						       : FLOW_TIMEOUT);
}

/* Attempts and finished flows; what is doubtful; established TCP. */
static inline int
naive_group(const struct naive_flow *flow)
{
	if (naive_class(flow) == 15)
		return 1;
	if (naive_class(flow) / 10 < 2)
		return 0;
	return flow->asked.protocol == PROTOCOL_TCP ? 2 : 1;
}

/* The longest idle of a group; of equals finished ones, then lower classes. */
static inline struct naive_flow *
naive_oldest(struct naive *naive, int group)
{
	struct naive_flow *best = NULL;
	int64_t best_order[3] = {0};

	for (size_t i = 0; i < naive->count; i++) {
		struct naive_flow *flow = &naive->flows[i];
		bool finished = naive_state(flow) == FLOW_FINISHED;
		int64_t order[3] = {flow->heard,
		    finished ? -1 : naive_class(flow), (int64_t)flow->touched};

		if (naive_group(flow) != group)
			continue;
		if (best == NULL || comes_before(order, best_order)) {
			best = flow;
			memcpy(best_order, order, sizeof(order));
		}
	}
	return best;
}

static inline void
naive_evict(struct naive *naive)
{
	struct naive_flow *best = naive_oldest(naive, 0);
	struct naive_flow *datagrams = naive_oldest(naive, 1);

	if (best == NULL ||
	    (datagrams != NULL &&
		best->heard - datagrams->heard > 2 * NS_PER_SECOND))
		best = datagrams;
	if (best == NULL)
		best = naive_oldest(naive, 2);
	naive_end(naive, best, FLOW_EVICTED);
}

static inline bool
has(const struct frame *frame, uint8_t flags)
{
	return (frame->tcp_flags & flags) == flags;
}

static inline bool
is_opening_syn(const struct frame *frame)
{
	return frame->key.protocol == PROTOCOL_TCP && has(frame, TCP_SYN) &&
	       !has(frame, TCP_ACK) && !has(frame, TCP_RST);
}

static inline bool
is_accepting_syn(const struct frame *frame)
{
	return frame->key.protocol == PROTOCOL_TCP &&
	       has(frame, TCP_SYN | TCP_ACK) && !has(frame, TCP_RST);
}

/* The streams below know but echo among the ICMP that makes flows. */
static inline bool
asks_for_certain(const struct frame *frame)
{
	return is_opening_syn(frame) ||
	       (frame->key.protocol == PROTOCOL_ICMP && frame->icmp_type == 8);
}

static inline bool
replies_for_certain(const struct frame *frame)
{
	return is_accepting_syn(frame) ||
	       (frame->key.protocol == PROTOCOL_ICMP && frame->icmp_type == 0);
}

static inline bool
guessed_reply(const struct frame_key *key)
{
	uint16_t from = key->source_port, to = key->destination_port;

	return from != 0 &&
	       ((from < 1024 && to >= 1024) || (from < 32768 && to >= 32768));
}

/* Within 65535 octets, before or behind. */
static inline bool
is_near(uint32_t a, uint32_t b)
{
	uint32_t there = a - b, back = b - a;

	return there <= 65535 || back <= 65535;
}

/* The connection's own SYN, again or late. */
static inline bool
naive_owns(const struct naive_flow *flow, const struct frame *frame)
{
	bool by_client = same_key(&flow->asked, &frame->key);
	const struct naive_end *end = &flow->ends[!by_client];

	if (by_client && flow->syn_seen)
		return flow->syn_sequence == frame->tcp_sequence;
	return naive_state(flow) == FLOW_ESTABLISHED && end->known &&
	       is_near(frame->tcp_sequence, end->next);
}

static inline bool
naive_is_new_connection(
    const struct naive_flow *flow, const struct frame *frame)
{
	bool by_client = same_key(&flow->asked, &frame->key);
	const struct naive_end *end = &flow->ends[!by_client];
	bool other_spoke = by_client ? flow->server_spoke : flow->client_spoke;

	if (naive_state(flow) == FLOW_ATTEMPT)
		return false;
	if (naive_state(flow) == FLOW_ESTABLISHED && other_spoke)
		return false;
	if (is_opening_syn(frame))
		return !naive_owns(flow, frame);
	return is_accepting_syn(frame) && end->known &&
	       !is_near(frame->tcp_sequence, end->next);
}

/* SYN-ACK or RST to the very SYN that waits. */
static inline bool
naive_is_answer(const struct naive_flow *flow, const struct frame *frame)
{
	const struct naive_syn *waiting = &flow->waiting;

	return waiting->waits && (has(frame, TCP_SYN) || has(frame, TCP_RST)) &&
	       has(frame, TCP_ACK) &&
	       same_key(&flow->asked, &frame->key) == waiting->by_server &&
	       frame->tcp_acknowledgement == waiting->frame.tcp_sequence + 1;
}

static inline void
naive_wait(struct naive_flow *flow, const struct frame *frame, int64_t at,
    uint64_t number)
{
	struct naive_syn *waiting = &flow->waiting;
	bool by_server = !same_key(&flow->asked, &frame->key);

	if (naive_state(flow) != FLOW_ESTABLISHED || naive_owns(flow, frame))
		return;
	if (!waiting->waits || waiting->by_server != by_server ||
	    waiting->frame.tcp_sequence != frame->tcp_sequence) {
		*waiting = (struct naive_syn){.waits = true,
		    .by_server = by_server,
		    .frame = *frame,
		    .number = number,
		    .at = at};
	}
	waiting->packets++;
	waiting->octets += frame->ip_length;
}

static inline struct naive_flow *
naive_begin(struct naive *naive, const struct frame *frame, int64_t at)
{
	struct naive_flow *flow;

	if (naive->count == naive->capacity)
		naive_evict(naive);
	flow = &naive->flows[naive->count++];
	*flow = (struct naive_flow){
	    .sequence = ++naive->created,
	    .asked = guessed_reply(&frame->key) ? made_reverse(frame->key)
						: frame->key,
	    .first_key = frame->key,
	    .midstream = frame->key.protocol == PROTOCOL_TCP &&
			 !is_opening_syn(frame) && !is_accepting_syn(frame),
	    .first = at,
	    .last = at,
	};
	return flow;
}

static inline void
swap_flags(bool *a, bool *b)
{
	bool first = *a;

	*a = *b;
	*b = first;
}

/* Only what ports alone said can turn; of TCP that is midstream. */
static inline void
naive_turn(struct naive_flow *flow)
{
	struct naive_end first;

	flow->asked = made_reverse(flow->asked);
	swap_flags(&flow->fin_client, &flow->fin_server);
	swap_flags(&flow->client_spoke, &flow->server_spoke);
	flow->answered = flow->server_spoke;
	first = flow->ends[0];
	flow->ends[0] = flow->ends[1];
	flow->ends[1] = first;
	flow->waiting.by_server = !flow->waiting.by_server;
}

static inline void
naive_hear_server(struct naive_flow *flow, const struct frame *frame)
{
	bool data = has(frame, TCP_ACK) && frame->payload_length > 0;
	bool reset = has(frame, TCP_RST);

	if (frame->key.protocol != PROTOCOL_TCP) {
		flow->answered = true;
		return;
	}
	if (!reset && (data || flow->midstream || is_accepting_syn(frame)))
		flow->answered = true;
	if (reset && flow->syn_sent && !flow->midstream && !flow->answered)
		flow->refused = true;
}

static inline bool
naive_in_place(const struct naive_flow *flow, const struct frame *frame)
{
	bool by_client = same_key(&flow->asked, &frame->key);
	const struct naive_end *end = &flow->ends[!by_client];
	const struct naive_end *other = &flow->ends[by_client];
	uint32_t sequence = frame->tcp_sequence;

	if (frame->key.protocol != PROTOCOL_TCP)
		return true;
	if (!end->known && has(frame, TCP_RST) && has(frame, TCP_ACK))
		return !other->known ||
		       is_near(frame->tcp_acknowledgement, other->next);
	if (!end->known)
		return true;
	if (has(frame, TCP_SYN) && naive_state(flow) == FLOW_ATTEMPT)
		return true;
	if (has(frame, TCP_FIN))
		sequence += frame->payload_length;
	return is_near(sequence, end->next);
}

static inline uint32_t
naive_end_of(const struct frame *frame)
{
	return frame->tcp_sequence + frame->payload_length +
	       has(frame, TCP_SYN) + has(frame, TCP_FIN);
}

/* Whether that is forward, as seen from `from`. */
static inline bool
is_ahead(uint32_t to, uint32_t from)
{
	return to != from && to - from < UINT32_C(1) << 31;
}

/* Three in a row of one end are believed. */
static inline bool
naive_hear_stray(struct naive_end *end, const struct frame *frame)
{
	if (has(frame, TCP_FIN)) {
		end->doubted = true;
		end->strays = 0;
		end->stray_at = naive_end_of(frame);
	}
	if (has(frame, TCP_FIN) || has(frame, TCP_RST))
		return false;
	end->doubted = false;
	if (has(frame, TCP_SYN))
		return false;
	if (!is_near(frame->tcp_sequence, end->stray_at))
		end->strays = 0;
	end->strays++;
	end->stray_at = naive_end_of(frame);
	if (end->strays < 3)
		return false;
	end->next = end->stray_at;
	return true;
}

/* What an end says of the other, which may not be captured at all. */
static inline void
naive_hear_ack(struct naive_flow *flow, const struct frame *frame)
{
	bool by_client = same_key(&flow->asked, &frame->key);
	struct naive_end *end = &flow->ends[!by_client];
	struct naive_end *other = &flow->ends[by_client];
	uint32_t ack = frame->tcp_acknowledgement;
	bool spoke = by_client ? flow->server_spoke : flow->client_spoke;

	if (!spoke) {
		if (has(frame, TCP_SYN))
			return;
		if ((end->shaken && !has(frame, TCP_FIN)) ||
		    (other->known && is_ahead(ack, other->next)))
			flow->inferred = true;
		other->next = ack;
		other->known = true;
		return;
	}
	if (is_near(ack, other->next))
		other->strays = 0;
	if (other->known && !is_ahead(ack, other->next))
		return;
	other->next = ack;
	other->known = true;
	if (other->doubted && ack == other->stray_at)
		*(by_client ? &flow->fin_server : &flow->fin_client) = true;
}

/* The first SYN of an end, or one after segments that nobody answered. */
static inline void
naive_shake(struct naive_flow *flow, const struct frame *frame)
{
	bool by_client = same_key(&flow->asked, &frame->key);
	struct naive_end *end = &flow->ends[!by_client];
	const struct naive_end *other = &flow->ends[by_client];

	if (has(frame, TCP_SYN) &&
	    (!end->spoke || (is_opening_syn(frame) && !other->spoke)))
		end->shaken = true;
	end->spoke = true;
	if (has(frame, TCP_FIN) || has(frame, TCP_RST))
		end->shaken = false;
}

/* Whether the segment counts as one of this connection. */
static inline bool
naive_hear_tcp(struct naive *naive, struct naive_flow *flow,
    const struct frame *frame, int64_t at, uint64_t number)
{
	bool by_client = same_key(&flow->asked, &frame->key);
	struct naive_end *end = &flow->ends[!by_client];
	bool silent = naive_state(flow) == FLOW_ATTEMPT;
	bool ends = has(frame, TCP_FIN) || has(frame, TCP_RST);

	if (is_opening_syn(frame) && by_client && silent) {
		flow->syn_seen = true;
		flow->syn_sequence = frame->tcp_sequence;
	} else if (is_opening_syn(frame)) {
		naive_wait(flow, frame, at, number);
	}
	flow->syn_sent |= by_client && has(frame, TCP_SYN);
	if (!naive_in_place(flow, frame) && !naive_hear_stray(end, frame)) {
		naive->strays++;
		naive->disbelieved += ends;
		return !ends;
	}
	end->strays = 0;
	if (!has(frame, TCP_RST)) {
		if (!end->known || (has(frame, TCP_SYN) && silent) ||
		    is_ahead(naive_end_of(frame), end->next))
			end->next = naive_end_of(frame);
		end->known = true;
		if (has(frame, TCP_ACK))
			naive_hear_ack(flow, frame);
	}
	naive_shake(flow, frame);
	flow->reset |= has(frame, TCP_RST);
	if (has(frame, TCP_FIN) && !has(frame, TCP_RST) && by_client)
		flow->fin_client = true;
	if (has(frame, TCP_FIN) && !has(frame, TCP_RST) && !by_client)
		flow->fin_server = true;
	return true;
}

/* Units of 2^20 ns, cut off, of which 19 are the window. */
static inline bool
seen_just_now(int64_t at, int64_t now)
{
	const int64_t unit = 1 << 20;

	return now / unit - at / unit <= 19;
}

static inline bool
looks_the_same(const struct frame *a, const struct frame *b)
{
	return a->ip_length == b->ip_length && a->tcp_flags == b->tcp_flags &&
	       a->tcp_sequence == b->tcp_sequence &&
	       a->tcp_acknowledgement == b->tcp_acknowledgement &&
	       a->icmp_type == b->icmp_type;
}

/* Every packet of one direction is kept whole and compared whole. */
static inline bool
naive_is_duplicate(
    struct naive_flow *flow, const struct frame *frame, int64_t now)
{
	int direction = same_key(&flow->first_key, &frame->key);
	struct naive_packet *recent = flow->recent[direction];
	size_t *count = &flow->recent_count[direction];

	for (size_t i = 0; i < *count; i++)
		if (looks_the_same(&recent[i].frame, frame) &&
		    seen_just_now(recent[i].at, now) && recent[i].copies < 7) {
			recent[i].copies++;
			return true;
		}
	memmove(&recent[1], &recent[0], (RECENT - 1) * sizeof(recent[0]));
	recent[0] = (struct naive_packet){*frame, now, 0};
	if (*count < RECENT)
		(*count)++;
	return false;
}

static inline void
naive_hear(struct naive *naive, struct naive_flow *flow,
    const struct frame *frame, int64_t at, uint64_t number)
{
	bool believed = true;

	flow->packets += frame->packets;
	flow->octets += frame->ip_length;
	if (at > flow->last ||
	    (uint64_t)flow->last - (uint64_t)at > 10 * NS_PER_SECOND)
		flow->last = at > flow->first ? at : flow->first;
	flow->heard = naive->now;
	flow->touched = number;
	if (!flow->certain && naive_in_place(flow, frame) &&
	    (asks_for_certain(frame) || replies_for_certain(frame))) {
		flow->certain = true;
		if (same_key(&flow->asked, &frame->key) !=
		    asks_for_certain(frame))
			naive_turn(flow);
	}
	if (frame->key.protocol == PROTOCOL_TCP)
		believed = naive_hear_tcp(naive, flow, frame, at, number);
	if (same_key(&flow->asked, &frame->key)) {
		flow->client_spoke = true;
		return;
	}
	if (believed)
		naive_hear_server(flow, frame);
	flow->server_spoke = true;
}

/* The SYN that waited is the first packet of another flow. */
static inline struct naive_flow *
naive_reopen(struct naive *naive, struct naive_flow *flow, uint64_t number)
{
	struct naive_syn syn = flow->waiting;

	flow->packets -= syn.packets;
	flow->octets -= syn.octets;
	naive_end(naive, flow, FLOW_REUSED);
	flow = naive_begin(naive, &syn.frame, syn.at);
	syn.frame.tcp_flags = TCP_SYN;
	syn.frame.payload_length = 0;
	syn.frame.packets = (uint32_t)syn.packets;
	syn.frame.ip_length = (uint32_t)syn.octets;
	naive_hear(naive, flow, &syn.frame, syn.at, number);
	return flow;
}

static inline struct naive_flow *
naive_track(
    struct naive *naive, const struct frame *frame, int64_t at, uint64_t number)
{
	struct naive_flow *flow = naive_find(naive, &frame->key);
	if (flow != NULL && naive_is_answer(flow, frame)) {
		flow = naive_reopen(naive, flow, number);
	} else if (flow != NULL && naive_is_new_connection(flow, frame)) {
		naive_end(naive, flow, FLOW_REUSED);
		flow = NULL;
	}
	if (flow == NULL)
		flow = naive_begin(naive, frame, at);
	if (naive_is_duplicate(flow, frame, naive->now)) {
		flow->duplicates++;
		return flow;
	}
	naive_hear(naive, flow, frame, at, number);
	return flow;
}

static inline void
naive_error(struct naive *naive, const struct frame *frame)
{
	struct naive_flow *flow = naive_find(naive, &frame->quoted);

	if (flow == NULL) {
		naive->orphaned++;
		return;
	}
	naive->matched++;
	if (!flow->answered &&
	    !(frame->icmp_type == 3 && frame->icmp_code == 4))
		flow->refused = true;
}

#endif
