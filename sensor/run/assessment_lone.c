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
is_beginning(const struct subject *subject, const struct flow_amount *amount)
{
	const struct flow *flow = subject->flow;
	int client = flow->client;

	switch (flow->protocol) {
	case PROTOCOL_TCP:
		return (flow->tcp_flags[client] & ~TCP_ECN) == TCP_SYN &&
		       amount->payloads[client] == 0 &&
		       flow->packets[!client] <= UINT8_MAX;
	case PROTOCOL_UDP:
	case PROTOCOL_SCTP:
		return flow->packets[!client] == 0 &&
		       subject->appid->result.confidence != APP_DPI;
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
	       amount->packets[client] == flow->packets[client] &&
	       amount->packets[!client] == flow->packets[!client] &&
	       flow->octets[client] <= UINT16_MAX &&
	       flow->octets[!client] <= UINT16_MAX &&
	       is_beginning(subject, amount);
}

/* --- there and back ------------------------------------------------------- */

/* Into its place, all but what is not ours to write. */
static void
note_attempt(struct lone_attempt *attempt, const struct subject *subject,
    const struct flow_amount *amount, enum flow_reason reason)
{
	const struct flow *flow = subject->flow;
	int64_t lasted = instant_since(flow->last, flow->first) / 1000;

	attempt->client = flow->client;
	attempt->domain = flow->domain;
	attempt->interface = flow->interface;
	memcpy(attempt->ends, flow->ends, sizeof(attempt->ends));
	attempt->lasted_us =
	    lasted < UINT32_MAX ? (uint32_t)lasted : UINT32_MAX;
	attempt->packet = flow->first_packet;
	for (int end = 0; end < 2; end++) {
		attempt->octets[end] = (uint16_t)flow->octets[end];
		attempt->packets[end] = (uint8_t)flow->packets[end];
		attempt->payloads[end] = (uint8_t)amount->payloads[end];
		attempt->tcp_flags[end] = flow->tcp_flags[end];
	}
	attempt->application = (uint16_t)subject->appid->result.application;
	attempt->protocol = flow->protocol;
	attempt->icmp_type = flow->icmp_type;
	attempt->icmp_code = flow->icmp_code;
	attempt->direction = (uint8_t)flow->direction;
	attempt->state = (uint8_t)flow->state;
	attempt->reason = (uint8_t)reason;
	attempt->confidence = (uint8_t)subject->appid->result.confidence;
	attempt->came_to = subject->talk->came_to;
	attempt->answered = flow->answered;
	attempt->refused = flow->refused;
	attempt->judged = subject->talk->judged;
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
	struct flow flow = {
	    .last = {attempt->first_ns + (int64_t)attempt->lasted_us * 1000},
	    .direction = (enum direction_confidence)attempt->direction,
	    .state = (enum flow_state)attempt->state,
	    .domain = attempt->domain,
	    .protocol = attempt->protocol,
	    .opener = attempt->client,
	    .client = attempt->client,
	    .answered = attempt->answered,
	    .refused = attempt->refused,
	    .first = {attempt->first_ns},
	    .first_packet = attempt->packet,
	    .interface = attempt->interface,
	    .icmp_type = attempt->icmp_type,
	    .icmp_code = attempt->icmp_code,
	};

	for (int end = 0; end < 2; end++) {
		flow.ends[end] = attempt->ends[end];
		flow.packets[end] = attempt->packets[end];
		flow.octets[end] = attempt->octets[end];
		flow.tcp_flags[end] = attempt->tcp_flags[end];
	}
	write_letters(&flow);
	return flow;
}

static struct flow_amount
amount_of(const struct lone_attempt *attempt)
{
	struct flow_amount amount = {.turns = 0};

	for (int end = 0; end < 2; end++) {
		amount.packets[end] = attempt->packets[end];
		amount.octets[end] = attempt->octets[end];
		amount.payloads[end] = attempt->payloads[end];
	}
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

static void
tell(struct assessment *assessment, const struct subject *subject,
    struct known_flow *known, const struct flow_amount *amount,
    enum flow_reason reason, const struct detection_share *share)
{
	struct told_at told = now(assessment);

	assessment->at_hand = subject;
	detection_end_as(
	    assessment->detection, known, amount, reason, share, &told);
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
    const struct detection_share *share)
{
	struct flow flow = flow_of(attempt);
	struct flow_amount amount = amount_of(attempt);
	struct appid_flow appid = {
	    .result = {.application = (enum application)attempt->application,
		.confidence = (enum app_confidence)attempt->confidence},
	};
	struct conversation talk = {
	    .judged = attempt->judged,
	    .came_to = attempt->came_to & 7U,
	};
	struct judgement judgement = {
	    .generation = assessment->generation,
	    .client = who(assessment, &flow, &flow_client(&flow)->address),
	    .server = who(assessment, &flow, &flow_server(&flow)->address),
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
	    (enum flow_reason)attempt->reason, share);
	assessment->client_outside = client;
	assessment->server_outside = server;
	known_forget(assessment);
}

/* --- when ----------------------------------------------------------------- */

static bool
is_icmp(const struct flow *flow)
{
	return flow->protocol == PROTOCOL_ICMP ||
	       flow->protocol == PROTOCOL_ICMPV6;
}

bool
lone_waits(const struct subject *subject)
{
	const struct flow *flow = subject->flow;

	return is_icmp(flow) && flow->packets[!flow->client] == 0 &&
	       flow->packets[flow->client] <= PACKETS_MAXIMUM &&
	       is_stranger(&subject->judgement->client);
}

static void
recall(struct assessment *assessment, const struct address *client)
{
	const struct lone_attempt *before;
	bool counted = false;

	before = strangers_recall(assessment->strangers, client, &counted);
	if (before != NULL)
		tell_kept(assessment, before,
		    &(struct detection_share){
			.recalled = true, .counted = counted, .stands_for = 1});
}

void
lone_recall(struct assessment *assessment, const struct party *client)
{
	if (is_stranger(client))
		recall(assessment, &client->address);
}

/*
 * Whether it is a stranger's; gets whose its target is, for replicas of a
 * workload are one.
 *
 * target     0 for an address that is nobody's
 */
static bool
is_strangers(
    struct assessment *assessment, struct subject *subject, uint64_t *target)
{
	const struct judgement *judgement = subject->judgement;
	struct known_flow *known;
	struct sighted_end end;

	*target = 0;
	if (!known_is_judged_now(assessment, subject)) {
		known = known_by_name(assessment, subject);
		if (known != NULL) {
			if (!is_stranger(known->sighting.server.party))
				*target = known->sighting.server.key;
			return is_stranger(known->sighting.client.party);
		}
		known_ask(assessment, subject);
	}
	if (!is_stranger(&judgement->client))
		return false;
	if (!is_stranger(&judgement->server)) {
		(void)end_names_get(assessment->names, &judgement->server,
		    judgement->generation, &end);
		*target = end.key;
	}
	return true;
}

static void
tell_others(struct assessment *assessment, const struct strangers_told *told)
{
	if (told->before != NULL)
		tell_kept(assessment, told->before,
		    &(struct detection_share){.recalled = true,
			.counted = told->before_counted,
			.stands_for = 1});
	for (size_t i = 0; i < told->beside_count; i++)
		tell_kept(assessment, told->beside[i],
		    &(struct detection_share){.lone = true, .stands_for = 1});
}

bool
lone_end(struct assessment *assessment, struct subject *subject,
    const struct flow_amount *amount, enum flow_reason reason)
{
	const struct flow *flow = subject->flow;
	struct lone_attempt *kept;
	struct strangers_told told;
	uint64_t target;

	if (!is_strangers(assessment, subject, &target))
		return false;
	if (!is_lone(subject, amount)) {
		recall(assessment, &flow_client(flow)->address);
		return false;
	}
	kept = strangers_take(assessment->strangers, flow_client(flow),
	    flow_server(flow), target, flow->first, &told);
	if (kept != NULL)
		note_attempt(kept, subject, amount, reason);
	tell_others(assessment, &told);
	/* As any other. */
	if (told.in_full && told.stands_for == 1)
		return false;
	if (is_icmp(flow))
		detect_forget(assessment, subject);
	if (told.stands_for > 0)
		tell(assessment, subject, known_at_end(assessment, subject),
		    amount, reason,
		    &(struct detection_share){
			.lone = !told.in_full, .stands_for = told.stands_for});
	return true;
}

void
lone_clock(struct assessment *assessment)
{
	const struct lone_attempt *one;
	struct strangers_told told;

	while ((one = strangers_waiting(assessment->strangers, &told)) != NULL)
		tell_kept(assessment, one,
		    &(struct detection_share){
			.lone = !told.in_full, .stands_for = told.stands_for});
}

void
lone_finish(struct assessment *assessment)
{
	if (assessment->strangers != NULL)
		lone_clock(assessment);
}
