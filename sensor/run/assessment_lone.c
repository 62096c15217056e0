/*
 * The part of the assessment that is about strangers: which flows are attempts
 * that detectors need not be told of one by one (strangers.h).
 */
#include <string.h>

#include "classifiers/attribute.h"
#include "sensor/base/address.h"
#include "sensor/run/assessment_parts.h"

/* SYNs, datagrams, echo requests of one attempt; a SYN is repeated after a
 * second (RFC 6298), and then after two more. */
#define PACKETS_MAXIMUM 2

/* Who asks for congestion notification says so in its SYN (RFC 3168). */
#define TCP_ECN 0xc0

/* --- what is one ---------------------------------------------------------- */

/* An address that is nobody's: anybody may invent as many as he likes. */
static bool
is_stranger(const struct party *party)
{
	return party->attribution == ATTRIBUTION_EXTERNAL ||
	       party->attribution == ATTRIBUTION_UNATTRIBUTED ||
	       party->attribution == ATTRIBUTION_STALE;
}

/* The protocol's part: nothing but a beginning came from the client. */
static bool
is_beginning(const struct flow *flow, const struct flow_amount *amount)
{
	int client = flow->client;

	switch (flow->protocol) {
	case PROTOCOL_TCP:
		return (flow->tcp_flags[client] & ~TCP_ECN) == TCP_SYN &&
		       amount->payloads[client] == 0 &&
		       flow->packets[!client] <= UINT8_MAX;
	case PROTOCOL_UDP:
	case PROTOCOL_SCTP:
		return flow->packets[!client] == 0;
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		return flow->packets[!client] <= PACKETS_MAXIMUM;
	default:
		return false;
	}
}

/* Its client was the first to send, and that is about all that came. */
static bool
is_lone(const struct subject *subject, const struct flow_amount *amount)
{
	const struct flow *flow = subject->flow;
	int client = flow->client;

	return flow->opener == client &&
	       flow->packets[client] <= PACKETS_MAXIMUM && !flow->midstream &&
	       !flow->inferred &&
	       subject->appid->result.confidence != APP_DPI &&
	       amount->packets[client] == flow->packets[client] &&
	       amount->packets[!client] == flow->packets[!client] &&
	       flow->octets[client] <= UINT16_MAX &&
	       flow->octets[!client] <= UINT16_MAX &&
	       is_beginning(flow, amount);
}

/* --- there and back ------------------------------------------------------- */

static void
note_attempt(struct lone_attempt *attempt, const struct subject *subject,
    const struct flow_amount *amount, enum flow_reason reason)
{
	const struct flow *flow = subject->flow;
	const struct conversation *talk = subject->talk;
	int client = flow->client, server = !client;
	int64_t lasted = instant_since(flow->last, flow->first) / 1000;

	*attempt = (struct lone_attempt){
	    .client = flow->ends[client].address,
	    .server = flow->ends[server].address,
	    .packet = flow->first_packet,
	    .first_ns = flow->first.ns,
	    .lasted_us = lasted < UINT32_MAX ? (uint32_t)lasted : UINT32_MAX,
	    .interface = flow->interface,
	    .client_port = flow->ends[client].port,
	    .server_port = flow->ends[server].port,
	    .octets = {(uint16_t)flow->octets[client],
		(uint16_t)flow->octets[server]},
	    .domain = flow->domain,
	    .application = (uint16_t)subject->appid->result.application,
	    .packets = {(uint8_t)flow->packets[client],
		(uint8_t)flow->packets[server]},
	    .tcp_flags = {flow->tcp_flags[client], flow->tcp_flags[server]},
	    .payloads = {(uint8_t)amount->payloads[client],
		(uint8_t)amount->payloads[server]},
	    .protocol = flow->protocol,
	    .icmp_type = flow->icmp_type,
	    .icmp_code = flow->icmp_code,
	    .direction = (uint8_t)flow->direction,
	    .state = (uint8_t)flow->state,
	    .reason = (uint8_t)reason,
	    .confidence = (uint8_t)subject->appid->result.confidence,
	    .verdict = talk->came_to,
	    .opened_by_first = client == 0,
	    .answered = flow->answered,
	    .refused = flow->refused,
	    .judged = talk->judged,
	};
}

/* What a history says of these few packets, in the order in which they came
 * (flow_tcp.h); the case says whose they are. */
static void
write_letters(struct flow *flow)
{
	int small = flow->client == 0 ? 0 : 'a' - 'A', large = small ^ ' ';

	if (flow->protocol != PROTOCOL_TCP)
		return;
	flow->letters[flow->tcp.letter_count++] = (char)('S' + small);
	if (flow->answered)
		flow->letters[flow->tcp.letter_count++] = (char)('H' + large);
	else if (flow->refused && (flow->tcp_flags[!flow->client] & TCP_RST))
		flow->letters[flow->tcp.letter_count++] = (char)('R' + large);
}

static struct flow
flow_of(const struct lone_attempt *attempt)
{
	int client = attempt->opened_by_first ? 0 : 1, server = !client;
	struct flow flow = {
	    .last = {attempt->first_ns + (int64_t)attempt->lasted_us * 1000},
	    .direction = (enum direction_confidence)attempt->direction,
	    .state = (enum flow_state)attempt->state,
	    .domain = attempt->domain,
	    .protocol = attempt->protocol,
	    .opener = (uint8_t)client,
	    .client = (uint8_t)client,
	    .answered = attempt->answered,
	    .refused = attempt->refused,
	    .first = {attempt->first_ns},
	    .first_packet = attempt->packet,
	    .interface = attempt->interface,
	    .icmp_type = attempt->icmp_type,
	    .icmp_code = attempt->icmp_code,
	};

	flow.ends[client] =
	    (struct flow_end){attempt->client, attempt->client_port};
	flow.ends[server] =
	    (struct flow_end){attempt->server, attempt->server_port};
	flow.packets[client] = attempt->packets[0];
	flow.packets[server] = attempt->packets[1];
	flow.octets[client] = attempt->octets[0];
	flow.octets[server] = attempt->octets[1];
	flow.tcp_flags[client] = attempt->tcp_flags[0];
	flow.tcp_flags[server] = attempt->tcp_flags[1];
	write_letters(&flow);
	return flow;
}

static struct flow_amount
amount_of(const struct lone_attempt *attempt, const struct flow *flow)
{
	int client = flow->client, server = !client;
	struct flow_amount amount = {.turns = 0};

	amount.packets[client] = attempt->packets[0];
	amount.packets[server] = attempt->packets[1];
	amount.octets[client] = attempt->octets[0];
	amount.octets[server] = attempt->octets[1];
	amount.payloads[client] = attempt->payloads[0];
	amount.payloads[server] = attempt->payloads[1];
	return amount;
}

/* --- telling -------------------------------------------------------------- */

static struct told_at
now(const struct assessment *assessment)
{
	return (struct told_at){
	    .at = assessment->now,
	    .wall = assessment->wall,
	    .packet = assessment->packet,
	};
}

/* How to tell of one. */
struct telling {
	bool lone;
	bool counted;        /* not lone */
	uint32_t stands_for; /* lone */
};

static void
tell(struct assessment *assessment, const struct subject *subject,
    const struct known_flow *known, const struct flow_amount *amount,
    enum flow_reason reason, const struct telling *how)
{
	struct detection *detection = assessment->detection;
	struct told_at told = now(assessment);

	assessment->at_hand = subject;
	if (how->lone)
		detection_lone(
		    detection, known, amount, reason, how->stands_for, &told);
	else
		detection_end_recalled(
		    detection, known, amount, reason, how->counted, &told);
	assessment->at_hand = NULL;
}

static struct party
who(const struct assessment *assessment, const struct flow *flow,
    const struct address *address)
{
	return inventory_who(assessment->parts.inventory,
	    assessment_cluster(assessment, flow), address, flow->first);
}

/* Tells of one that is over; what is said of the flow at hand stays. */
static void
tell_kept(struct assessment *assessment, const struct lone_attempt *attempt,
    const struct telling *how)
{
	struct flow flow = flow_of(attempt);
	struct flow_amount amount = amount_of(attempt, &flow);
	struct appid_flow appid = {
	    .result = {.application = (enum application)attempt->application,
		.confidence = (enum app_confidence)attempt->confidence},
	};
	struct conversation talk = {
	    .judged = attempt->judged,
	    .came_to = attempt->verdict & 7U,
	};
	struct judgement judgement = {
	    .generation = assessment->generation,
	    .client = who(assessment, &flow, &attempt->client),
	    .server = who(assessment, &flow, &attempt->server),
	};
	struct translation_flow view = {.settled = true};
	struct outside_notes notes = {.name = 0};
	struct subject subject = {
	    .number = NO_CONVERSATION,
	    .flow = &flow,
	    .appid = &appid,
	    .talk = &talk,
	    .view = &view,
	    .judgement = &judgement,
	    .notes = &notes,
	};
	struct outside client = assessment->client_outside,
		       server = assessment->server_outside;

	tell(assessment, &subject, known_flow(assessment, &subject), &amount,
	    (enum flow_reason)attempt->reason, how);
	assessment->client_outside = client;
	assessment->server_outside = server;
	/* It borrows of what ends here. */
	assessment->told_at = 0;
}

/* --- when ----------------------------------------------------------------- */

void
lone_recall(struct assessment *assessment, const struct party *client)
{
	const struct lone_attempt *before;
	bool counted = false;

	if (!is_stranger(client))
		return;
	before =
	    strangers_recall(assessment->strangers, &client->address, &counted);
	if (before != NULL)
		tell_kept(
		    assessment, before, &(struct telling){.counted = counted});
}

/* Who made it, at whose: replicas of a workload are one target. */
struct lone_ends {
	struct party client;
	uint64_t target; /* 0: a stranger's address */
};

static struct lone_ends
ends_of(struct assessment *assessment, struct subject *subject)
{
	const struct party *server = &subject->judgement->server;
	struct lone_ends ends = {.client = subject->judgement->client};
	const struct known_flow *known;
	struct sighted_end end;

	if (!known_is_judged_now(assessment, subject)) {
		known = known_at_end(assessment, subject);
		ends.client = *known->client.party;
		if (!is_stranger(known->server.party))
			ends.target = known->server.key;
	} else if (is_stranger(&ends.client) && !is_stranger(server)) {
		(void)end_names_get(assessment->names, server,
		    subject->judgement->generation, &end);
		ends.target = end.key;
	}
	return ends;
}

static void
tell_taken(struct assessment *assessment, struct subject *subject,
    const struct flow_amount *amount, enum flow_reason reason,
    const struct strangers_told *told)
{
	if (told->before != NULL)
		tell_kept(assessment, told->before,
		    &(struct telling){.counted = told->before_counted});
	for (size_t i = 0; i < told->beside_count; i++)
		tell_kept(assessment, told->beside[i],
		    &(struct telling){.lone = true, .stands_for = 1});
	if (told->stands_for > 0)
		tell(assessment, subject, known_at_end(assessment, subject),
		    amount, reason,
		    &(struct telling){
			.lone = true, .stands_for = told->stands_for});
}

bool
lone_end(struct assessment *assessment, struct subject *subject,
    const struct flow_amount *amount, enum flow_reason reason)
{
	struct lone_ends ends = ends_of(assessment, subject);
	struct lone_attempt attempt;
	struct strangers_told told;

	if (!is_stranger(&ends.client))
		return false;
	if (talk_is_infrastructure(subject->talk) ||
	    !is_lone(subject, amount)) {
		lone_recall(assessment, &ends.client);
		return false;
	}
	note_attempt(&attempt, subject, amount, reason);
	told = strangers_take(assessment->strangers, &attempt, ends.target);
	tell_taken(assessment, subject, amount, reason, &told);
	return !told.in_full;
}

void
lone_clock(struct assessment *assessment)
{
	const struct lone_attempt *one;
	struct telling how = {.lone = true};

	while ((one = strangers_waiting(
		    assessment->strangers, &how.stands_for)) != NULL)
		tell_kept(assessment, one, &how);
}

void
lone_finish(struct assessment *assessment)
{
	if (assessment->strangers != NULL)
		lone_clock(assessment);
}
