/*
 * Our own classifiers against nDPI, flow by flow of the captures in pcaps/:
 * what both are sure of is the same, and the commonest protocols of containers
 * do not need nDPI at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "classifiers/appid.h"
#include "classifiers/ndpi.h"
#include "sensor/base/arena.h"
#include "sensor/decode/decode.h"
#include "sensor/flowtable.h"
#include "sensor/frame.h"
#include "sensor/packet.h"
#include "sensor/replay.h"

#define FLOWS 4096

/* Payload frames that nDPI gets of a flow. */
#define LOOKS 16

struct asked {
	struct ndpi_flow *ndpi; /* NULL: not begun, or over */
	bool over;
	int looks;
	struct appid said;
	struct appid_flow own;
};

struct oracle {
	struct ndpi_module *ndpi, *none;
	struct appid_engine *engine;
	struct flowtable *table;
	struct asked *asked; /* by slot */
	struct instant now;
	unsigned both, theirs[APPLICATION_COUNT], ours[APPLICATION_COUNT];
};

/* The same, or one is what the other travels in. */
static bool
agree(const struct appid *own, const struct appid *said)
{
	return appid_match(own, said->application) == APP_MATCH ||
	       appid_match(said, own->application) != APP_CONTRADICT;
}

static void
ended(struct flow *flow, enum flow_reason reason, void *context)
{
	struct oracle *oracle = context;
	struct asked *asked = &oracle->asked[flow->slot];
	const struct appid *own = &asked->own.result;

	(void)reason;
	ndpi_flow_return(oracle->ndpi, asked->ndpi);
	appid_end(oracle->engine, &asked->own);
	if (asked->said.confidence == APP_DPI) {
		oracle->theirs[asked->said.application]++;
		if (own->confidence == APP_DPI) {
			oracle->both++;
			oracle->ours[asked->said.application]++;
			if (!agree(own, &asked->said))
				fail_msg("%s, but nDPI says %s",
				    application_name(own->application),
				    application_name(asked->said.application));
		}
	}
	*asked = (struct asked){0};
}

static void
ask_ndpi(struct oracle *oracle, struct asked *asked, const struct frame *frame)
{
	if (asked->over || frame->payload_captured == 0)
		return;
	if (asked->ndpi == NULL)
		asked->ndpi = ndpi_flow_take(oracle->ndpi);
	assert_non_null(asked->ndpi);
	asked->over = ndpi_frame(oracle->ndpi, asked->ndpi, frame, true, 1000,
			  &asked->said) ||
		      ++asked->looks == LOOKS;
	if (!asked->over)
		return;
	ndpi_flow_return(oracle->ndpi, asked->ndpi);
	asked->ndpi = NULL;
}

static void
take(struct oracle *oracle, const struct packet *packet)
{
	struct frame frame;
	struct heard heard;
	struct flow *flow;
	struct asked *asked;

	if (decode_packet(packet, &frame) != FRAME_OK ||
	    (frame.key.protocol != PROTOCOL_TCP &&
		frame.key.protocol != PROTOCOL_UDP))
		return;
	if (packet->at.ns > oracle->now.ns)
		oracle->now = packet->at;
	flow = flowtable_track(
	    oracle->table, packet, &frame, NULL, oracle->now, &heard);
	if (flow == NULL || heard.duplicate)
		return;
	asked = &oracle->asked[flow->slot];
	ask_ndpi(oracle, asked, &frame);
	appid_frame(oracle->engine, &asked->own, flow, &frame,
	    heard.sender == flow->client);
}

static void
replay(struct oracle *oracle, const char *path)
{
	char fault[REPLAY_FAULT_SIZE];
	struct replay *source = replay_open(path, NULL, fault);
	struct packet packet;

	if (source == NULL)
		fail_msg("%s", fault);
	while (replay_next(source, &packet) == REPLAY_PACKET)
		take(oracle, &packet);
	replay_close(source);
	flowtable_end_all(oracle->table);
}

static void
open_oracle(struct oracle *oracle)
{
	static const struct hash_key key = {{1, 2}};
	const char *fault = NULL;

	oracle->ndpi = ndpi_module_new(FLOWS, &fault);
	oracle->none = ndpi_module_new(1, &fault);
	assert_non_null(oracle->ndpi);
	assert_non_null(oracle->none);
	/* No session: what the engine says is its own. */
	oracle->engine = appid_new(oracle->none, 0);
	oracle->asked = allocate(FLOWS, sizeof(*oracle->asked));
	oracle->table =
	    flowtable_new(FLOWS, &key, &flow_timeouts_default, ended, oracle);
	assert_non_null(oracle->table);
}

static void
test_own_answers_are_ndpis(void **state)
{
	static const enum application common[] = {APPLICATION_HTTP,
	    APPLICATION_TLS, APPLICATION_DNS, APPLICATION_REDIS,
	    APPLICATION_POSTGRESQL, APPLICATION_MYSQL};
	struct oracle oracle = {0};
	unsigned theirs = 0, ours = 0;

	(void)state;
	open_oracle(&oracle);
	replay(&oracle, "pcaps/demo/capture.pcap");
	replay(&oracle, "pcaps/dnat/capture.pcap");
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		theirs += oracle.theirs[common[i]];
		ours += oracle.ours[common[i]];
		print_message("%s: nDPI %u, of them without it %u\n",
		    application_name(common[i]), oracle.theirs[common[i]],
		    oracle.ours[common[i]]);
	}
	/* Flows whose beginning the capture missed are left to nDPI. */
	assert_true(theirs > 500);
	assert_true(ours * 100 >= theirs * 98);
	assert_true(oracle.both >= ours);
	flowtable_free(oracle.table);
	appid_free(oracle.engine);
	ndpi_module_free(oracle.ndpi);
	ndpi_module_free(oracle.none);
	free(oracle.asked);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_own_answers_are_ndpis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
