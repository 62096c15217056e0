#include "classifiers/appid.h"

#include <assert.h>
#include <stdlib.h>

#include "classifiers/mesh.h"
#include "classifiers/ndpi.h"
#include "classifiers/payload/payload.h"
#include "sensor/base/arena.h"
#include "sensor/flow.h"
#include "sensor/frame.h"

/* A direction's opening that may be something is looked at this often. */
#define OWN_LOOKS 3

/*
 * Payloads within which an HTTP/2 session has sent its first headers, which
 * say whether it is gRPC: prefaces, settings and their acknowledgements come
 * before, one packet each at worst.
 */
#define GRPC_LOOKS 12

/* appid_flow keeps applications in single octets. */
static_assert(APPLICATION_COUNT <= UINT8_MAX, "hints are octets");

struct appid_engine {
	struct ndpi_module *ndpi;
	uint32_t sessions; /* that may still be begun */
	struct appid_counts counts;
};

struct appid_engine *
appid_new(struct ndpi_module *ndpi, uint32_t sessions)
{
	struct appid_engine *engine = allocate(1, sizeof(*engine));

	engine->ndpi = ndpi;
	engine->sessions = sessions;
	return engine;
}

void
appid_free(struct appid_engine *engine)
{
	free(engine);
}

struct appid_counts
appid_counts(const struct appid_engine *engine)
{
	return engine->counts;
}

const char *
appid_version(void)
{
	return ndpi_version();
}

/* IANA's protocol numbers that are an application by themselves. */
static enum application
application_of_protocol(uint8_t protocol)
{
	static const struct {
		uint8_t protocol;
		enum application application;
	} known[] = {
	    {PROTOCOL_ICMP, APPLICATION_ICMP},
	    {PROTOCOL_ICMPV6, APPLICATION_ICMPV6},
	    {2, APPLICATION_IGMP},
	    {47, APPLICATION_GRE},
	    {50, APPLICATION_IPSEC},
	    {51, APPLICATION_IPSEC},
	    {89, APPLICATION_OSPF},
	    {112, APPLICATION_VRRP},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].protocol == protocol)
			return known[i].application;
	return APPLICATION_UNKNOWN;
}

static void
release_ndpi(struct appid_engine *engine, struct appid_flow *state)
{
	if (state->ndpi != NULL) {
		state->risks = ndpi_flow_risks(state->ndpi);
		ndpi_flow_return(engine->ndpi, state->ndpi);
		engine->sessions++;
	}
	state->ndpi = NULL;
	state->ndpi_over = true;
}

/* What a payload's sender tells about who spoke first. */
static void
learn_role(struct appid_flow *state, bool to_server, enum payload_sender sender)
{
	bool client_sent = sender == SENDER_CLIENT;
	bool is_first_sender = to_server == !state->server_first;

	if (sender != SENDER_EITHER)
		state->role = client_sent == is_first_sender ? 1 : 2;
}

static bool
meets_port(const struct frame_key *key, uint16_t port)
{
	return key->source_port == port || key->destination_port == port;
}

/*
 * Multicast DNS and LLMNR are DNS messages, and which of them one is only its
 * addresses and ports tell: RFC 6762, 3 and 5.2, RFC 4795, 2.  Port 5353 alone
 * proves nothing, for the DNS pods of some platforms listen there.
 */
static enum application
refine_dns(const struct frame_key *key)
{
	if (key->protocol != PROTOCOL_UDP)
		return APPLICATION_DNS;
	if (meets_port(key, 5355))
		return APPLICATION_LLMNR;
	if (key->destination_port == 5353 &&
	    (key->source_port == 5353 ||
		address_is_multicast(&key->destination)))
		return APPLICATION_MDNS;
	return APPLICATION_DNS;
}

/* Our own classifiers are sure; HTTP/2 may yet turn out to be gRPC. */
static void
settle_own(struct appid_engine *engine, struct appid_flow *state,
    const struct payload_verdict *verdict, bool to_server)
{
	state->result = (struct appid){.application = verdict->application,
	    .carrier = verdict->carrier,
	    .confidence = APP_DPI};
	learn_role(state, to_server, verdict->sender);
	release_ndpi(engine, state);
	state->final = verdict->application != APPLICATION_HTTP2 ||
		       verdict->carrier == APPLICATION_MESH;
	engine->counts.own++;
}

/*
 * TLS without a hello may have begun inside another protocol, before the
 * capture did.  Only a piece of a hello has a sender.
 */
static bool
is_hint_of_tls_records(const struct appid_flow *state, int direction)
{
	return state->hints[direction] == APPLICATION_TLS &&
	       state->hint_senders[direction] == SENDER_EITHER;
}

/*
 * Two suspicions make a certainty when both directions have the same one and
 * not both claim the same role.
 */
static bool
hints_agree(const struct appid_flow *state)
{
	return state->hints[0] != APPLICATION_UNKNOWN &&
	       state->hints[0] == state->hints[1] &&
	       !is_hint_of_tls_records(state, 0) &&
	       !is_hint_of_tls_records(state, 1) &&
	       (state->hint_senders[0] != state->hint_senders[1] ||
		   state->hint_senders[0] == SENDER_EITHER);
}

static void
suspect(struct appid_engine *engine, struct appid_flow *state,
    const struct payload_verdict *verdict, bool to_server)
{
	int direction = to_server ? 0 : 1;

	state->hints[direction] = (uint8_t)verdict->application;
	state->hint_senders[direction] = (uint8_t)verdict->sender;
	if (hints_agree(state))
		settle_own(engine, state, verdict, to_server);
	else if (state->result.confidence < APP_PARTIAL)
		state->result =
		    (struct appid){.application = verdict->application,
			.carrier = verdict->carrier,
			.confidence = APP_PARTIAL};
}

/*
 * TLS whose hello is a service mesh's.  The hello is read whole, for its names
 * stand behind key shares of any length.
 */
static void
refine_tls(const struct frame *frame, struct payload_verdict *verdict)
{
	struct tls_hello hello;
	struct mesh mesh;

	if (verdict->sender != SENDER_CLIENT ||
	    tls_hello_read(frame->payload, frame->payload_captured, &hello) ==
		TLS_HELLO_NONE ||
	    !mesh_read(&hello, frame->key.destination_port, &mesh))
		return;
	if (mesh.application == APPLICATION_UNKNOWN) {
		verdict->application = APPLICATION_MESH;
		verdict->carrier = APPLICATION_TLS;
	} else {
		verdict->application = mesh.application;
		verdict->carrier = APPLICATION_MESH;
	}
}

static struct payload_view
view_of(const struct frame *frame)
{
	size_t size = frame->payload_captured;

	if (size > APPID_PREFIX_MAXIMUM)
		size = APPID_PREFIX_MAXIMUM;
	return (struct payload_view){frame->payload, size, frame->key.protocol};
}

/*
 * The opening of a direction, and what follows it while it is suspected.
 *
 * returns    whether our own classifiers are sure
 */
static bool
look(struct appid_engine *engine, struct appid_flow *state,
    const struct frame *frame, bool to_server)
{
	int direction = to_server ? 0 : 1;
	struct payload_view view = view_of(frame);
	struct payload_verdict verdict;

	if (state->payloads[direction] > OWN_LOOKS)
		return false;
	if (state->payloads[direction] > 1 &&
	    state->hints[direction] == APPLICATION_UNKNOWN)
		return false;
	verdict = payload_classify(&view);
	if (verdict.application == APPLICATION_DNS)
		verdict.application = refine_dns(&frame->key);
	else if (verdict.application == APPLICATION_TLS &&
		 verdict.answer == PAYLOAD_YES)
		refine_tls(frame, &verdict);
	if (verdict.answer == PAYLOAD_YES)
		settle_own(engine, state, &verdict, to_server);
	else if (verdict.answer == PAYLOAD_MAYBE)
		suspect(engine, state, &verdict, to_server);
	return state->result.confidence == APP_DPI;
}

/* An HTTP/2 session, until it shows its headers. */
static void
look_for_grpc(struct appid_flow *state, const struct frame *frame)
{
	struct payload_view view = view_of(frame);
	struct payload_verdict verdict = payload_grpc(&view);

	if (verdict.answer == PAYLOAD_YES) {
		state->result.application = verdict.application;
		state->result.carrier = verdict.carrier;
		state->final = true;
	}
	if (state->payloads[0] + state->payloads[1] >= GRPC_LOOKS)
		state->final = true;
}

/* nDPI against what an opening looked like: neither is to be believed. */
static bool
contradicts_hints(const struct appid_flow *state, const struct appid *said)
{
	for (int i = 0; i < 2; i++)
		if (state->hints[i] != APPLICATION_UNKNOWN &&
		    state->hints[i] != APPLICATION_PROXY &&
		    state->hints[i] != said->application &&
		    state->hints[i] != said->carrier)
			return true;
	return false;
}

/*
 * TLS of which our own classifier saw no hello, not even a piece of one, may
 * have begun inside another protocol: MySQL, say, before the capture started.
 */
static bool
is_tls_unseen(const struct appid_flow *state, const struct appid *said)
{
	if (said->application != APPLICATION_TLS &&
	    said->carrier != APPLICATION_TLS)
		return false;
	for (int i = 0; i < 2; i++)
		if (state->hints[i] == APPLICATION_TLS &&
		    !is_hint_of_tls_records(state, i))
			return false;
	return true;
}

static void
take_word(
    struct appid_engine *engine, struct appid_flow *state, struct appid said)
{
	if (said.confidence == APP_DPI &&
	    (contradicts_hints(state, &said) || is_tls_unseen(state, &said)))
		said.confidence = APP_PARTIAL;
	if (said.confidence <= state->result.confidence)
		return;
	state->result = said;
	if (said.confidence == APP_DPI) {
		state->final = true;
		engine->counts.ndpi++;
	}
}

static bool
begin_session(struct appid_engine *engine, struct appid_flow *state)
{
	if (engine->sessions > 0)
		state->ndpi = ndpi_flow_take(engine->ndpi);
	if (state->ndpi == NULL) {
		state->ndpi_over = true;
		engine->counts.pool_empty++;
		return false;
	}
	engine->sessions--;
	return true;
}

static void
ask_ndpi(struct appid_engine *engine, struct appid_flow *state,
    const struct flow *flow, const struct frame *frame, bool to_server)
{
	int64_t ms = flow->last.ns / NS_PER_MS;
	struct appid said;

	if (state->ndpi_over)
		return;
	if (state->ndpi == NULL && !begin_session(engine, state))
		return;
	if (ndpi_frame(engine->ndpi, state->ndpi, frame, to_server,
		ms > 0 ? (uint64_t)ms : 0, &said)) {
		release_ndpi(engine, state);
		take_word(engine, state, said);
	}
}

/* No more packets: what is known stays, and nDPI may still guess. */
static void
finish(struct appid_engine *engine, struct appid_flow *state)
{
	struct appid said;

	if (state->ndpi != NULL) {
		ndpi_give_up(engine->ndpi, state->ndpi, &said);
		take_word(engine, state, said);
	}
	release_ndpi(engine, state);
	state->final = true;
	if (state->result.confidence != APP_DPI &&
	    state->payloads[0] + state->payloads[1] > 0)
		engine->counts.given_up++;
}

/* Flows whose IP header says it all, or whose payload nobody reads. */
static void
settle_protocol(struct appid_engine *engine, struct appid_flow *state,
    const struct flow *flow)
{
	state->result.application = application_of_protocol(flow->protocol);
	state->final = true;
	engine->counts.flows++;
	if (state->result.application == APPLICATION_UNKNOWN) {
		engine->counts.given_up++;
		return;
	}
	state->result.confidence = APP_DPI;
	engine->counts.own++;
}

static void
count_payload(
    struct appid_engine *engine, struct appid_flow *state, bool to_server)
{
	uint8_t *count = &state->payloads[to_server ? 0 : 1];

	if (state->payloads[0] + state->payloads[1] == 0) {
		state->server_first = !to_server;
		engine->counts.flows++;
	}
	if (*count < UINT8_MAX)
		(*count)++;
}

bool
appid_frame(struct appid_engine *engine, struct appid_flow *state,
    const struct flow *flow, const struct frame *frame, bool to_server)
{
	if (state->final)
		return false;
	if (flow->protocol != PROTOCOL_TCP && flow->protocol != PROTOCOL_UDP) {
		settle_protocol(engine, state, flow);
		return true;
	}
	if (frame->payload_captured == 0)
		return false;
	count_payload(engine, state, to_server);
	if (state->result.confidence == APP_DPI)
		look_for_grpc(state, frame);
	else if (!look(engine, state, frame, to_server))
		ask_ndpi(engine, state, flow, frame, to_server);
	if (!state->final &&
	    state->payloads[0] + state->payloads[1] >= APPID_PACKETS_MAXIMUM)
		finish(engine, state);
	return state->final;
}

void
appid_end(struct appid_engine *engine, struct appid_flow *state)
{
	if (!state->final)
		finish(engine, state);
	assert(state->ndpi == NULL);
}
