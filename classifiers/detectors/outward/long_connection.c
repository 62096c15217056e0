/*
 * long_connection -- a connection to the outside that does not end.
 *
 * Idea.  Tunnels and remote shells stay; requests end.  Whom a workload may
 * stay connected to is for models to say: what they allow is none.
 *
 * A connection from the outside counts only where nobody can say that it is a
 * visitor: chats, event streams and consoles stay open for as long as a page
 * does, in WebSockets, HTTP or the TLS that hides them.
 *
 * So does what outside servers push to workloads (chat bots, agents of CI and
 * monitoring, pools of managed databases): in TLS, to a server that was asked
 * for by name, four times as long is nothing yet.
 *
 * One of which another detector said what it is (a shell, a miner) is
 * none besides; nor is a ping, which connects nobody.
 *
 * Formula.  Time from the first packet to the latest, in steps of RITA's: 1 h
 * (base), 4 h (low), 8 h (medium), 12 h (high); confidence goes with the step.
 * It is said while the connection is open, and again with every step.
 *
 * ATT&CK T1572 (protocol tunneling).
 *
 * What still gets through: a tunnel that reconnects within `hours` (a beacon,
 * then); one through what a model allows; one that the outside opens in HTTP,
 * WebSockets or TLS (a web shell of the server's own); idle for longer than
 * flows are kept without packets (10 minutes), which begins anew.
 */
#include <stdlib.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/destination.h"
#include "classifiers/detectors/detector.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/testimony.h"
#include "sensor/base/arena.h"

#define SIGNATURE 2032

#define PAIRS 2048
#define HOUR  (3600 * NS_PER_SECOND)

/* RITA's first step with a score, `low`, is four times its base. */
#define TIMES_NAMED 4

static const struct detector_setting settings[] = {
    {"hours", "h", 1, 0.1, 1000,
	"how long a connection to the outside may last", "RITA: 1, 4, 8, 12"},
};

/* What was said of one client and one destination. */
struct stayed {
	uint64_t flow;
	uint32_t step, spare;
};

struct long_connection {
	struct detector_host *host;
	struct memory *pairs;
	struct testimony testimony;
};

static void *
long_connection_open(struct detector_host *host)
{
	struct long_connection *detector = allocate(1, sizeof(*detector));

	detector->host = host;
	detector->pairs =
	    memory_new(PAIRS, PAIRS, sizeof(struct stayed), detector_key(host));
	testimony_init(&detector->testimony);
	return detector;
}

static void
long_connection_close(void *state)
{
	struct long_connection *detector = state;

	memory_free(detector->pairs);
	testimony_release(&detector->testimony);
	free(detector);
}

static struct memory *
long_connection_memory(void *state, size_t index, const char **name)
{
	struct long_connection *detector = state;

	*name = "pairs";
	return index == 0 ? detector->pairs : NULL;
}

static uint32_t
step_of(double hours)
{
	return hours >= 12 ? 4 : hours >= 8 ? 3 : hours >= 4 ? 2 : 1;
}

static void
raise_stay(struct long_connection *detector, uint32_t step, double hours,
    const struct sighting *sighting)
{
	static const uint8_t confidence[] = {0, 50, 60, 70, 80};
	const struct flow *flow = sighting->flow;
	struct testimony *testimony = &detector->testimony;
	bool outbound = !sighting->server.inside;
	const struct sighted_end *away =
	    outbound ? &sighting->server : &sighting->client;

	testimony_begin(testimony);
	text_format(&testimony->sentence,
	    "%s has been connected to %s on port %u for %.1f h",
	    sighting->client.name, destination_name(&sighting->server),
	    sighting->port, hours);
	testimony_fraction(testimony, "hours", hours);
	testimony_times(testimony, flow->first.ns, flow->last.ns);
	json_put_int(&testimony->json, "octets_out",
	    (int64_t)flow->octets[flow->client]);
	json_put_int(&testimony->json, "octets_in",
	    (int64_t)flow->octets[!flow->client]);
	testimony_numbers(testimony, "packets", &flow->first_packet, 1);
	detector_raise(detector->host,
	    &(struct anomaly){
		.signature = SIGNATURE,
		.subject = &sighting->client,
		.object = destination_is_named(away) ? NULL : &sighting->server,
		.about = destination_name(away),
		.confidence = confidence[step],
		.count = 1,
		.sentence = testimony->sentence.at,
		.evidence = testimony->evidence.at,
		.silent_if = "a model that allows it, or a shorter connection",
	    },
	    sighting);
}

/* Who came by what people's browsers speak, and no model forbids it. */
static bool
is_visitor(const struct sighting *sighting)
{
	if (sighting->client.inside || sighting->verdict == VERDICT_DEVIATION ||
	    sighting->appid.confidence != APP_DPI)
		return false;
	if (sighting->appid.carrier == APPLICATION_HTTP ||
	    sighting->appid.carrier == APPLICATION_TLS)
		return true;
	switch ((int)sighting->appid.application) {
	case APPLICATION_HTTP:
	case APPLICATION_HTTP2:
	case APPLICATION_WEBSOCKET:
	case APPLICATION_TLS:
		return true;
	default:
		return false;
	}
}

static double
hours_allowed(
    const struct long_connection *detector, const struct sighting *sighting)
{
	double hours = detector_setting(detector->host, 0, sighting);
	bool tls = sighting->appid.confidence == APP_DPI &&
		   (sighting->appid.carrier == APPLICATION_TLS ||
		       sighting->appid.application == APPLICATION_TLS);

	return tls && sighting->client.inside &&
		       destination_is_named(&sighting->server)
		   ? hours * TIMES_NAMED
		   : hours;
}

static bool
is_watched(const struct long_connection *detector, double hours,
    const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	return sighting->judged && sighting->verdict != VERDICT_ALLOWED &&
	       !sighting->infrastructure && flow->answered &&
	       (flow->protocol == PROTOCOL_TCP ||
		   flow->protocol == PROTOCOL_UDP) &&
	       hours >= hours_allowed(detector, sighting) &&
	       !is_visitor(sighting) &&
	       !detector_is_off(detector->host, sighting) &&
	       !detector_flow_is_known(detector->host, flow);
}

static void
long_connection_see(void *state, const struct sighting *sighting)
{
	struct long_connection *detector = state;
	const struct flow *flow = sighting->flow;
	double hours = (double)(instant_since(flow->last, flow->first) -
				sighting->stepped) /
		       (double)HOUR;
	struct stayed *stayed;
	uint64_t key;

	if (!is_watched(detector, hours, sighting))
		return;
	key = memory_key(
	    sighting->client.key, destination_key(&sighting->server));
	stayed = memory_get(detector->pairs,
	    sighting->client.inside ? MEMORY_INSIDE : MEMORY_OUTSIDE,
	    memory_key(key, sighting->port), NULL);
	if (stayed->flow == attempt_identity(flow) &&
	    stayed->step >= step_of(hours))
		return;
	*stayed = (struct stayed){attempt_identity(flow), step_of(hours), 0};
	raise_stay(detector, stayed->step, hours, sighting);
}

const struct detector detector_long_connection = {
    .name = "long-connection",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .flows = FLOWS_UNEXPECTED | FLOWS_CROSSING | FLOWS_JUDGED | FLOWS_ACCEPTED,
    .kinds = 1U << SIGHTED_PROGRESS | 1U << SIGHTED_END,
    .revision = 1,
    .open = long_connection_open,
    .close = long_connection_close,
    .see = long_connection_see,
    .memory = long_connection_memory,
};
