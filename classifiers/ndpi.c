#include "classifiers/ndpi.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <ndpi_api.h>

#include "classifiers/payload.h"
#include "sensor/base/arena.h"
#include "sensor/frame.h"

/*
 * Every difference between nDPI's versions is one of these.  Built and run
 * against 4.2 only; the branches for newer versions follow their headers and
 * release notes, and want a try on a machine that has one.
 */
#define VERSION (NDPI_MAJOR * 100 + NDPI_MINOR)

#if VERSION < 410
#define INIT()           ndpi_init_detection_module(ndpi_no_prefs)
#define FINALIZE(module) (ndpi_finalize_initialization(module), 0)
#define IS_DETECTED(module, protocol)                                          \
	ndpi_is_protocol_detected(module, protocol)
#else
#define INIT()           ndpi_init_detection_module(NULL)
#define FINALIZE(module) ndpi_finalize_initialization(module)
#if VERSION < 500
#define IS_DETECTED(module, protocol) ndpi_is_protocol_detected(protocol)
#else
#define IS_DETECTED(module, protocol)                                          \
	((protocol).state == NDPI_STATE_CLASSIFIED ||                          \
	    (protocol).state == NDPI_STATE_MONITORING)
#endif
#endif

#if VERSION < 406
#define PROCESS(module, state, octets, size, ms)                               \
	ndpi_detection_process_packet(module, state, octets, size, ms)
#else
#define PROCESS(module, state, octets, size, ms)                               \
	ndpi_detection_process_packet(module, state, octets, size, ms, NULL)
#endif

#if VERSION < 411
#define OUTER(protocol) ((protocol).master_protocol)
#define INNER(protocol) ((protocol).app_protocol)
#else
#define OUTER(protocol) ((protocol).proto.master_protocol)
#define INNER(protocol) ((protocol).proto.app_protocol)
#endif

/* Octets of zero after a packet: some dissectors look past the end. */
#define PADDING 256

/* process_packet() takes the length as an unsigned short. */
#define PACKET_MAXIMUM 65535

/* The states lie in one block, each aligned for any type. */
#define ALIGNMENT 16

struct ndpi_flow {
	struct ndpi_flow_struct *state; /* zeroed while the flow is free */
	struct frame_key key;           /* of the first frame */
	bool seen;                      /* there was a first frame */
};

struct ndpi_module {
	bool started; /* the library was asked for, with or without success */
	struct ndpi_detection_module_struct *library; /* or NULL */
	uint8_t *states;
	struct ndpi_flow *flows;
	struct ndpi_flow **free;
	uint32_t free_count, sessions;
	uint8_t scratch[PACKET_MAXIMUM + PADDING];
};

/*
 * All protocols are on since 5.0.  Before 4.10, DTLS is left out: a certificate
 * whose subject matches a built-in name makes 4.2 read a TCP header that a UDP
 * flow has not.  Its record header is known to classifiers/payload_dtls.c.
 */
static void
choose_protocols(struct ndpi_detection_module_struct *library)
{
#if VERSION < 500
	NDPI_PROTOCOL_BITMASK chosen;

	NDPI_BITMASK_SET_ALL(chosen);
#if VERSION < 410
	/* The macro's mask is wider than the words it is for. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
	NDPI_BITMASK_DEL(chosen, NDPI_PROTOCOL_DTLS);
#pragma GCC diagnostic pop
#endif
	ndpi_set_protocol_detection_bitmask2(library, &chosen);
#else
	(void)library;
#endif
}

static void
make_pool(struct ndpi_module *module)
{
	uint32_t sessions = module->sessions;
	size_t size = sizeof(struct ndpi_flow_struct);

	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	module->states = allocate(sessions, size);
	module->flows = allocate(sessions, sizeof(*module->flows));
	module->free = allocate(sessions, sizeof(struct ndpi_flow *));
	/* From the last to the first, so that the first is taken first. */
	for (uint32_t i = sessions; i > 0; i--) {
		struct ndpi_flow *flow = &module->flows[i - 1];
		void *state = module->states + (i - 1) * size;

		flow->state = state;
		module->free[module->free_count++] = flow;
	}
}

struct ndpi_module *
ndpi_module_new(uint32_t sessions, const char **fault)
{
	struct ndpi_module *module;

	assert(sessions > 0);
	if (ndpi_get_api_version() != (uint16_t)NDPI_API_VERSION ||
	    ndpi_detection_get_sizeof_ndpi_flow_struct() !=
		sizeof(struct ndpi_flow_struct)) {
		*fault = "libndpi is not the version this was built with";
		return NULL;
	}
	module = allocate(1, sizeof(*module));
	module->sessions = sessions;
	return module;
}

static struct ndpi_detection_module_struct *
start_library(void)
{
	struct ndpi_detection_module_struct *library = INIT();

	if (library == NULL)
		return NULL;
	choose_protocols(library);
	if (FINALIZE(library) == 0)
		return library;
	ndpi_exit_detection_module(library);
	return NULL;
}

/*
 * nDPI's tables cost as much as reading a million packets, and our own
 * classifiers often leave it nothing to do: they are made when it is first
 * asked.  When that fails it is not tried again.
 */
static void
start(struct ndpi_module *module)
{
	/* Its making touches nDPI's own globals; workers may start at once. */
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
	struct ndpi_detection_module_struct *library;

	pthread_mutex_lock(&one_at_a_time);
	library = start_library();
	pthread_mutex_unlock(&one_at_a_time);
	module->started = true;
	if (library == NULL)
		return;
	module->library = library;
	make_pool(module);
}

void
ndpi_module_free(struct ndpi_module *module)
{
	if (module == NULL)
		return;
	if (module->library != NULL) {
		assert(module->free_count == module->sessions);
		ndpi_exit_detection_module(module->library);
	}
	free(module->free);
	free(module->flows);
	free(module->states);
	free(module);
}

struct ndpi_flow *
ndpi_flow_take(struct ndpi_module *module)
{
	if (!module->started)
		start(module);
	if (module->free_count == 0)
		return NULL;
	return module->free[--module->free_count];
}

void
ndpi_flow_return(struct ndpi_module *module, struct ndpi_flow *flow)
{
	if (flow == NULL)
		return;
	assert(module->free_count < module->sessions);
	ndpi_free_flow_data(flow->state);
	memset(flow->state, 0, sizeof(*flow->state));
	flow->seen = false;
	module->free[module->free_count++] = flow;
}

static bool
keys_meet(const struct frame_key *a, const struct frame_key *b)
{
	if (a->protocol != b->protocol)
		return false;
	if (a->source_port == b->source_port &&
	    a->destination_port == b->destination_port &&
	    address_equal(&a->source, &b->source) &&
	    address_equal(&a->destination, &b->destination))
		return true;
	return a->source_port == b->destination_port &&
	       a->destination_port == b->source_port &&
	       address_equal(&a->source, &b->destination) &&
	       address_equal(&a->destination, &b->source);
}

/* Whether the frame is one that nDPI was seen to survive. */
static bool
is_fit(struct ndpi_flow *flow, const struct frame *frame)
{
	uint32_t header = frame->key.protocol == PROTOCOL_TCP ? 20 : 8;

	if (frame->status != FRAME_OK || frame->payload_captured == 0)
		return false;
	if (frame->key.protocol != PROTOCOL_TCP &&
	    frame->key.protocol != PROTOCOL_UDP)
		return false;
	if (frame->transport_offset < 20 ||
	    frame->ip_captured < frame->transport_offset + header ||
	    frame->transport_offset + header > PACKET_MAXIMUM)
		return false;
	if (flow->seen)
		return keys_meet(&flow->key, &frame->key);
	flow->key = frame->key;
	flow->seen = true;
	return true;
}

static void
put_be16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/*
 * Copies a packet in front of zeros.  Its IP header is made to claim what is
 * there: nDPI ignores packets that a snap length has cut or an offload grown.
 */
static uint16_t
copy_packet(struct ndpi_module *module, const struct frame *frame)
{
	size_t size = frame->ip_captured < PACKET_MAXIMUM ? frame->ip_captured
							  : PACKET_MAXIMUM;
	uint8_t *packet = module->scratch;

	memcpy(packet, frame->ip, size);
	memset(packet + size, 0, PADDING);
	if (packet[0] >> 4 == 4)
		put_be16(packet + 2, size);
	else if (size >= 40)
		put_be16(packet + 4, size - 40);
	return (uint16_t)size;
}

static enum app_confidence
confidence_of(const struct ndpi_flow_struct *state)
{
	switch (state->confidence) {
	case NDPI_CONFIDENCE_UNKNOWN:
		return APP_NONE;
	case NDPI_CONFIDENCE_MATCH_BY_PORT:
		return APP_PORT;
	case NDPI_CONFIDENCE_DPI_CACHE:
	case NDPI_CONFIDENCE_DPI:
		return APP_DPI;
	default: /* by address, and the half-measures of newer versions */
		return APP_PARTIAL;
	}
}

static struct appid
translate(struct ndpi_module *module, const struct ndpi_flow *flow,
    ndpi_protocol protocol)
{
	struct ndpi_detection_module_struct *library = module->library;
	struct appid appid = {.application = APPLICATION_UNKNOWN};

	if (INNER(protocol) == NDPI_PROTOCOL_UNKNOWN &&
	    OUTER(protocol) == NDPI_PROTOCOL_UNKNOWN)
		return appid;
	return appid_from_pair(application_from_ndpi(ndpi_get_proto_name(
				   library, OUTER(protocol))),
	    application_from_ndpi(
		ndpi_get_proto_name(library, INNER(protocol))),
	    confidence_of(flow->state));
}

/*
 * Where we know a protocol's opening ourselves, nDPI's word alone is not
 * enough.  4.2 sees Cassandra in FastCGI, Raft and SOCKS, MQTT in LDAP and
 * SNMP, HTTP in SIP over TCP and in an inline `GET key` of Redis, NATS in any
 * PING: each from a few octets that our own reading does not confirm.
 *
 * frame      the one on which nDPI made up its mind, or NULL
 */
static struct appid
doubt(struct appid said, const struct frame *frame)
{
	struct payload_view view;

	if (said.confidence != APP_DPI || !payload_knows(said.application))
		return said;
	if (frame != NULL) {
		view = (struct payload_view){frame->payload,
		    frame->payload_captured, frame->key.protocol};
		if (payload_classify(&view).application == said.application)
			return said;
	}
	said.confidence = APP_PARTIAL;
	return said;
}

bool
ndpi_frame(struct ndpi_module *module, struct ndpi_flow *flow,
    const struct frame *frame, bool to_server, uint64_t at_ms,
    struct appid *result)
{
	ndpi_protocol protocol;
	uint16_t size;

	/* nDPI finds the direction by itself, as in the version it is for. */
	(void)to_server;
	*result = (struct appid){.application = APPLICATION_UNKNOWN};
	if (!is_fit(flow, frame))
		return false;
	size = copy_packet(module, frame);
	protocol =
	    PROCESS(module->library, flow->state, module->scratch, size, at_ms);
	if (!IS_DETECTED(module->library, protocol))
		return false;
	*result = doubt(translate(module, flow, protocol), frame);
	return true;
}

void
ndpi_give_up(
    struct ndpi_module *module, struct ndpi_flow *flow, struct appid *result)
{
	ndpi_protocol protocol;
#if VERSION < 410
	uint8_t guessed = 0;

	protocol =
	    ndpi_detection_giveup(module->library, flow->state, 1, &guessed);
#elif VERSION < 500
	uint8_t guessed = 0;

	protocol =
	    ndpi_detection_giveup(module->library, flow->state, &guessed);
#else
	protocol = ndpi_detection_giveup(module->library, flow->state);
#endif
	*result = doubt(translate(module, flow, protocol), NULL);
}

const char *
ndpi_version(void)
{
#define TEXT_OF(value) #value
#define TEXT(value)    TEXT_OF(value)
	return "nDPI " TEXT(NDPI_MAJOR) "." TEXT(NDPI_MINOR) "." TEXT(
	    NDPI_PATCH);
}
