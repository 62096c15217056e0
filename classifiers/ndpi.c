#include "classifiers/ndpi.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <ndpi_define.h>

/*
 * Before 4.6 nothing but the module itself leads to its caches, see forget().
 * Its structure is in the public headers, for who says that he builds nDPI; the
 * second name keeps out the settings of that build, which they would ask for
 * next and which do not change the structure.
 */
#if NDPI_MAJOR == 4 && NDPI_MINOR < 6
#define NDPI_LIB_COMPILATION
#define _NDPI_CONFIG_H_ /* NOLINT(bugprone-reserved-identifier) */
#endif
#include <ndpi_api.h>

#include "classifiers/guards.h"
#include "classifiers/payload/payload.h"
#include "sensor/base/arena.h"
#include "sensor/frame.h"

/*
 * Every difference between nDPI's versions is one of these.  Built and run
 * against 4.2, 4.8 and 4.11 (development); the branches for 5.0 follow its
 * release notes, and want a try on a machine that has it.
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
 * flow has not.  Its record header is known to our own payload_dtls.c.  Tinc is
 * left out while it has a cache that nobody can turn off; it has no name here.
 */
static void
choose_protocols(struct ndpi_detection_module_struct *library)
{
#if VERSION < 500
	NDPI_PROTOCOL_BITMASK chosen;

	NDPI_BITMASK_SET_ALL(chosen);
#if VERSION < 411
	/* The macro's mask is wider than the words it is for. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#if VERSION < 410
	if (guards_are_up())
		NDPI_BITMASK_DEL(chosen, NDPI_PROTOCOL_DTLS);
#endif
	NDPI_BITMASK_DEL(chosen, NDPI_PROTOCOL_TINC);
#pragma GCC diagnostic pop
#endif
	ndpi_set_protocol_detection_bitmask2(library, &chosen);
#else
	(void)library;
#endif
}

/*
 * nDPI remembers across flows: who spoke BitTorrent, to which server a STUN
 * client talked, what a certificate said.  What it makes of a flow would hang
 * on the flows before it, and on which of them went to another worker.  So its
 * caches get no room, where a version can be told so.
 */
static void
turn_caches_off(struct ndpi_detection_module_struct *library)
{
#if VERSION < 406
	(void)library; /* see forget() */
#elif VERSION < 410
	for (int i = 0; i < NDPI_LRUCACHE_MAX; i++)
		ndpi_set_lru_cache_size(library, (lru_cache_type)i, 0);
#else
	static const char *const names[] = {"lru.ookla.size",
	    "lru.bittorrent.size", "lru.stun.size", "lru.tls_cert.size",
	    "lru.mining.size", "lru.msteams.size", "lru.fpc_dns.size",
	    "lru.signal.size"};

	/* A name that this version does not have is no mistake. */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)ndpi_set_config(library, NULL, names[i], "0");
#endif
}

/*
 * Whether the structure is the one of the headers: what stands right behind the
 * caches has to be where the library says that it is.
 */
static bool
layout_is_known(struct ndpi_detection_module_struct *library)
{
#if VERSION < 406
	return ndpi_get_proto_defaults(library) == library->proto_defaults;
#else
	(void)library;
	return true;
#endif
}

/*
 * Versions before 4.6 make a cache when they have the first thing to put into
 * it, and again when it is gone.  Called after each packet.
 */
static void
forget(struct ndpi_detection_module_struct *library)
{
#if VERSION < 406
	struct ndpi_lru_cache **caches[] = {&library->ookla_cache,
	    &library->bittorrent_cache, &library->zoom_cache,
	    &library->stun_cache, &library->tls_cert_cache,
	    &library->mining_cache, &library->msteams_cache};

	for (size_t i = 0; i < sizeof(caches) / sizeof(caches[0]); i++) {
		if (*caches[i] == NULL)
			continue;
		ndpi_lru_free_cache(*caches[i]);
		*caches[i] = NULL;
	}
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
	turn_caches_off(library);
	if (FINALIZE(library) == 0 && layout_is_known(library))
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
		/* Since 4.6, what came out of a cache.  Before, BitTorrent is
		 * always said so, and no cache outlives its packet. */
		return VERSION < 406 ? APP_DPI : APP_NONE;
#if VERSION >= 404
	case NDPI_CONFIDENCE_DPI_PARTIAL_CACHE:
		return APP_NONE;
#endif
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

	if (confidence_of(flow->state) == APP_NONE ||
	    (INNER(protocol) == NDPI_PROTOCOL_UNKNOWN &&
		OUTER(protocol) == NDPI_PROTOCOL_UNKNOWN))
		return appid;
	return appid_from_pair(application_from_ndpi(ndpi_get_proto_name(
				   library, OUTER(protocol))),
	    application_from_ndpi(
		ndpi_get_proto_name(library, INNER(protocol))),
	    confidence_of(flow->state));
}

/* `<13>`: a priority of up to three digits (RFC 5424, 6.2.1). */
static bool
begins_like_syslog(const struct frame *frame)
{
	size_t i = 1;

	while (i < frame->payload_captured && i <= 3 &&
	       frame->payload[i] >= '0' && frame->payload[i] <= '9')
		i++;
	return frame->payload[0] == '<' && i > 1 &&
	       i < frame->payload_captured && frame->payload[i] == '>';
}

/*
 * RTP has no mark of its own.  But its telephony codecs of 64 kbit/s, numbers
 * 0, 8 and 9, come in pieces of 10 ms, 80 octets each (RFC 3551, 4.5).
 */
static bool
looks_like_telephony(const struct frame *frame)
{
	uint32_t size = frame->payload_captured;
	uint8_t type;

	if (size <= 12 || (size - 12) % 80 != 0 || frame->payload[0] != 0x80)
		return false;
	type = frame->payload[1] & 0x7f;
	return type == 0 || type == 8 || type == 9;
}

/*
 * What nDPI takes for these it takes from too little: any datagram with its
 * highest bit set is RTP (OMRON FINS, RakNet), OpenFlow is RTMP, which begins
 * with its version 3 ("RTMP specification", 5.2.2), rsh on syslog's port is
 * syslog, and each ISO transport connection (MMS) S7's.
 */
static bool
is_shown(enum application application, const struct frame *frame)
{
	bool present = frame != NULL && frame->payload_captured > 0;

	switch ((int)application) {
	case APPLICATION_RTP:
		return present && looks_like_telephony(frame);
	case APPLICATION_RTMP:
		return present && frame->payload[0] == 3;
	case APPLICATION_SYSLOG:
		return present && begins_like_syslog(frame);
	case APPLICATION_S7COMM:
		/* TPKT and COTP data, then S7's own number. */
		return present && frame->payload_captured > 7 &&
		       frame->payload[5] == 0xf0 && frame->payload[7] == 0x32;
	default:
		return true;
	}
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

	if (said.confidence != APP_DPI)
		return said;
	if (!payload_knows(said.application)) {
		if (!is_shown(said.application, frame))
			said.confidence = APP_PARTIAL;
		return said;
	}
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
	forget(module->library);
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
	forget(module->library);
	*result = doubt(translate(module, flow, protocol), NULL);
}

uint64_t
ndpi_flow_risks(const struct ndpi_flow *flow)
{
	return flow->state->risk;
}

const char *
ndpi_version(void)
{
#define TEXT_OF(value) #value
#define TEXT(value)    TEXT_OF(value)
	return "nDPI " TEXT(NDPI_MAJOR) "." TEXT(NDPI_MINOR) "." TEXT(
	    NDPI_PATCH);
}
