/*
 * strays -- floods of TCP segments that belong to no connection.
 *
 * Idea.  A flood of ACK, RST or FIN, of data, or of segments with any other
 * flags but SYN, passes filters that let pass what looks established, and costs
 * the target a look-up and a RST each.  Of a connection both ends are seen; of
 * these the target sends nothing, or nothing but RSTs, by which it says itself
 * that it knows of no such connection (RFC 9293, 3.10.7.1).
 *
 *   stray     a segment of a flow that began without a SYN or SYN-ACK, to which
 *             the other end sent nothing or RSTs alone, and in which no
 *             acknowledgement shows that the other end speaks uncaptured; of a
 *             flow with payload 3 at most, for such are what is left of a
 *             connection
 *   target    the end that did not begin; per workload (replicas are one), all
 *             ports together
 *   remnant   a stray with payload from inside that was answered by RST or
 *             repeated: so end the old connections of a workload whose node
 *             lost its table of them (conntrack was flushed, a node failed
 *             over), all at once and one each.  Remnants are counted apart,
 *             against ten times as many
 *
 * Formula.  CUSUM over an EWMA, in rate.h; `segments` is h above the usual of
 * that target, k is a fifth of it per bin of 10 s.  Where a load balancer
 * moved, a server was restarted or a link was cut, the ends of dead connections
 * send on; then their programs connect again.  So it is no flood as long as
 * there are not `times` as many strays as connections that the target accepted
 * in the last minute.
 *
 * Thresholds: 2000 as flood's for datagrams, which was measured with hping3 at
 * 1000/s for 3 s.  A connection that died sends its last segment again 3 times
 * within 3 s (RFC 6298 from 200 ms on) and is answered by RST at the first; 4
 * strays for each new connection are more than there are.  Ten times as many
 * for remnants: a hundred pods with pools of a hundred connections have 10 000;
 * a flood of data at 1000/s from inside is still found within a minute.
 *
 * Confidence is 85 % when the target answers at least a tenth with RST, which
 * is proof; else 65 %.  Where most is one source's doing it is named, at 60 %
 * at most, for its address may be forged, and the sentence says so.
 *
 * ATT&CK T1498.001 (direct network flood).
 *
 * Still gets through: fewer than k per bin; strays in the ports of connections
 * that live; from one port with acknowledgements that rise, which looks like
 * one end of a download; as many true connections beside it as `times` asks
 * for, which their maker has to finish; from inside, segments with payload
 * below some 400 a second, which may be what is left of connections.
 */
#include <stdlib.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/detector.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/flood/siege.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/testimony.h"
#include "sensor/base/arena.h"

#define SIGNATURE_STRAYS 2017

#define TARGETS       2048
#define WITH_PAYLOAD  3
#define REMNANT_TIMES 10
#define ACCEPTED_TIME (60 * NS_PER_SECOND)

/* Targets share these by their keys: who shares one gets more patience. */
#define ACCEPTED 1024

enum { SEGMENTS, TIMES, GROWTH };

static const struct detector_setting settings[] = {
    {"segments", "segments", 2000, 10, 1e8,
	"of no connection above the usual, to one target",
	"flood's `udp`, which was measured with hping3"},
    {"times", "times", 4, 0, 1000,
	"as many as connections that the target accepts within a minute",
	"what a dead connection sends at most before it is made anew"},
    {"growth", "%", 50, 0, 1000, "by how much the usual may grow in an hour",
	"so that who poisons it slowly needs days"},
};

struct target {
	struct siege siege;
	uint64_t refused; /* answered by RST, since the siege is on */
	uint8_t flags;    /* of these segments */
	uint8_t spare[7];
};

/* In two halves of ACCEPTED_TIME: now and before. */
struct accepted {
	int64_t half;
	uint32_t count[2];
};

struct strays {
	struct detector_host *host;
	struct memory *targets;
	struct testimony testimony;
	struct accepted accepted[ACCEPTED];
};

static void *
strays_open(struct detector_host *host)
{
	struct strays *state = allocate(1, sizeof(*state));

	state->host = host;
	state->targets = memory_new(
	    TARGETS, TARGETS, sizeof(struct target), detector_key(host));
	testimony_init(&state->testimony);
	return state;
}

static void
strays_close(void *opaque)
{
	struct strays *state = opaque;

	memory_free(state->targets);
	testimony_release(&state->testimony);
	free(state);
}

static struct memory *
strays_memory(void *opaque, size_t index, const char **name)
{
	struct strays *state = opaque;

	*name = "targets";
	return index == 0 ? state->targets : NULL;
}

/* --- connections ---------------------------------------------------------- */

static struct accepted *
accepted_by(struct strays *state, uint64_t key, struct instant now)
{
	struct accepted *one = &state->accepted[key % ACCEPTED];
	int64_t half = now.ns / (ACCEPTED_TIME / 2);

	if (one->half != half) {
		one->count[1] = one->half + 1 == half ? one->count[0] : 0;
		one->count[0] = 0;
		one->half = half;
	}
	return one;
}

static void
see_accepted(struct strays *state, const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	if (flow->answered && !flow->midstream)
		accepted_by(state, sighting->server.key, sighting->at)
		    ->count[0]++;
}

/* --- what is said --------------------------------------------------------- */

static const char *
name_of(uint8_t flags)
{
	uint8_t kind = flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK);

	if ((kind & TCP_RST) != 0)
		return "RST";
	if ((kind & TCP_FIN) != 0)
		return "FIN";
	return kind == TCP_ACK ? "ACK" : "TCP";
}

static void
put_evidence(struct testimony *testimony, const struct target *target,
    const struct sighting *sighting)
{
	const struct siege *siege = &target->siege;

	json_put_int(&testimony->json, "strays", (int64_t)siege->total);
	json_put_int(
	    &testimony->json, "answered_by_reset", (int64_t)target->refused);
	json_put_int(&testimony->json, "sources", siege_sources(siege));
	json_put_int(&testimony->json, "port",
	    sighting->flow->ends[!sighting->flow->opener].port);
	testimony_fraction(
	    testimony, "usual_per_second", siege->rate.mean / 10);
	testimony_times(testimony, siege->first, sighting->flow->last.ns);
	testimony_numbers(testimony, "packets", &siege->example, 1);
}

static void
say_strays(struct strays *state, struct target *target,
    const struct sighted_end *source, const struct sighted_end *end,
    const struct sighting *sighting)
{
	struct testimony *testimony = &state->testimony;
	struct text *out = &testimony->sentence;
	struct siege *siege = &target->siege;
	bool one = siege_is_by_one(siege);
	bool proven = target->refused * 10 >= siege->total;
	uint64_t count;

	if (one && !siege_is_by(siege, source->key))
		return;
	count = siege_tell(siege, sighting->at);
	if (count == 0)
		return;
	testimony_begin(testimony);
	if (one)
		text_format(out, "%s floods %s", source->name, end->name);
	else
		text_format(out, "%u or more sources flood %s",
		    testimony_at_least(siege_sources(siege)), end->name);
	text_format(out, " with %s: %llu segments of no connection; %s",
	    name_of(target->flags), (unsigned long long)siege->total,
	    one ? "the address may be forged"
		: "their addresses may be forged");
	put_evidence(testimony, target, sighting);
	detector_raise(state->host,
	    &(struct anomaly){
		.signature = SIGNATURE_STRAYS,
		.subject = one ? source : end,
		.object = one ? end : NULL,
		.confidence = one      ? 60
			      : proven ? 85
				       : 65,
		.count = count,
		.sentence = out->at,
		.evidence = testimony->evidence.at,
		.silent_if = "a connection that they belong to, or about as "
			     "many connections that are made anew",
	    },
	    sighting);
}

/* --- what is seen --------------------------------------------------------- */

/* Segments of the opener that belong to no connection. */
static uint64_t
strays_in(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	int target = !flow->opener;
	uint64_t count = sighting->amount.packets[flow->opener != flow->client];

	if (!flow->midstream || flow->inferred || count == 0 ||
	    ((flow->tcp_flags[0] | flow->tcp_flags[1]) & TCP_SYN) != 0 ||
	    (flow->packets[target] > 0 &&
		(flow->tcp_flags[target] & TCP_RST) == 0) ||
	    attempt_has_payload(flow, target))
		return 0;
	if (attempt_has_payload(flow, flow->opener) &&
	    flow->packets[flow->opener] > WITH_PAYLOAD)
		return sighting->kind == SIGHTED_END ? WITH_PAYLOAD : 0;
	return count;
}

/* Whoever forges addresses has no connection of which something is left, but
 * whoever is inside may have had thousands. */
static bool
is_remnant(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	const struct sighted_end *source = flow->opener == flow->client
					       ? &sighting->client
					       : &sighting->server;

	return source->inside && attempt_has_payload(flow, flow->opener) &&
	       (flow->packets[!flow->opener] > 0 ||
		   flow->packets[flow->opener] > 1);
}

/* What connections that broke and were made anew do not explain. */
static bool
is_too_many(struct strays *state, const struct target *target,
    const struct sighted_end *end, const struct sighting *sighting)
{
	const struct accepted *accepted =
	    accepted_by(state, end->key, sighting->at);
	double connections =
	    (double)accepted->count[0] + (double)accepted->count[1];

	return rate_excess(&target->siege.rate) >
	       connections * detector_setting(state->host, TIMES, sighting);
}

static void
see_strays(
    struct strays *state, const struct sighting *sighting, uint64_t count)
{
	const struct flow *flow = sighting->flow;
	bool by_client = flow->opener == flow->client;
	const struct sighted_end *source =
	    by_client ? &sighting->client : &sighting->server;
	const struct sighted_end *end =
	    by_client ? &sighting->server : &sighting->client;
	bool remnant = is_remnant(sighting);
	struct target *target;
	struct rate_rule rule;

	rule.h = detector_setting(state->host, SEGMENTS, sighting) *
		 (remnant ? REMNANT_TIMES : 1);
	rule.k = rule.h / 5;
	rule.limit = rule.h;
	rule.growth = detector_setting(state->host, GROWTH, sighting) / 100;
	target = memory_get(state->targets,
	    end->inside ? MEMORY_INSIDE : MEMORY_OUTSIDE,
	    remnant ? memory_key(end->key, 1) : end->key, NULL);
	if (!target->siege.on)
		target->refused = 0;
	if (flow->packets[!flow->opener] > 0)
		target->refused += count;
	target->flags = flow->tcp_flags[flow->opener];
	if (siege_add(&target->siege, &rule,
		&(struct siege_blow){.at = flow->last,
		    .source = source->key,
		    .count = count,
		    .packet = flow->first_packet}) &&
	    is_too_many(state, target, end, sighting))
		say_strays(state, target, source, end, sighting);
}

static void
strays_see(void *opaque, const struct sighting *sighting)
{
	struct strays *state = opaque;
	uint64_t count;

	if (sighting->kind == SIGHTED_READY) {
		see_accepted(state, sighting);
		return;
	}
	count = strays_in(sighting);
	if (count > 0 && !detector_is_off(state->host, sighting))
		see_strays(state, sighting, count);
}

const struct detector detector_strays = {
    .name = "strays",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .flows = FLOWS_TCP,
    .kinds = 1U << SIGHTED_READY | 1U << SIGHTED_PROGRESS | 1U << SIGHTED_END,
    .by_absence = false,
    .revision = 1,
    .open = strays_open,
    .close = strays_close,
    .see = strays_see,
    .memory = strays_memory,
};
