/*
 * A few frames of one flow through the engine, nDPI included.  The first octet
 * chooses the transport (1) and the port (the rest); then each frame has an
 * octet for its direction (1) and an octet for its payload's length.
 */
#include <stdlib.h>

#include "classifiers/appid.h"
#include "classifiers/ndpi.h"
#include "made_packet.h"
#include "sensor/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t ports[] = {
    53, 80, 443, 1883, 3306, 5060, 5432, 6379, 9042, 40001};

static void
check(const struct appid_flow *state)
{
	if (state->result.application >= APPLICATION_COUNT ||
	    state->result.carrier >= APPLICATION_COUNT)
		abort();
	if (state->result.confidence == APP_DPI &&
	    state->result.application <= APPLICATION_OTHER)
		abort();
	if (state->final && state->ndpi != NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *fault = NULL;
	struct ndpi_module *ndpi;
	struct appid_engine *engine;
	struct appid_flow state = {0};
	struct flow flow = {.last = {NS_PER_SECOND}};
	struct frame_key key;
	struct made_packet packet;

	if (size < 1)
		return 0;
	ndpi = ndpi_module_new(1, &fault);
	if (ndpi == NULL)
		abort();
	engine = appid_new(ndpi, 1);
	flow.protocol = (data[0] & 1) != 0 ? PROTOCOL_UDP : PROTOCOL_TCP;
	key = made_key(flow.protocol, 7, 40000, 8,
	    ports[(data[0] >> 1) % (sizeof(ports) / sizeof(ports[0]))]);
	for (size_t at = 1; size - at >= 2;) {
		bool to_server = (data[at] & 1) == 0;
		size_t length = data[at + 1];

		at += 2;
		if (length > size - at)
			length = size - at;
		made_packet(&packet, to_server ? key : made_reverse(key),
		    data + at, length);
		at += length;
		appid_frame(engine, &state, &flow, &packet.frame, to_server);
		check(&state);
	}
	appid_end(engine, &state);
	check(&state);
	appid_free(engine);
	ndpi_module_free(ndpi);
	return 0;
}
