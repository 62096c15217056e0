/*
 * flood -- more SYN, datagrams or echo requests than a target ever had to bear.
 *
 * Idea.  A flood is told from load by what it leaves undone: connections that
 * stay half open, datagrams that nobody answers; echo requests are none of an
 * application's business in any number.  What is left undone is counted per
 * target, so that it does not matter from how many or which addresses it
 * comes, and compared with what is usual for this target.
 *
 *   SYN    flows that stay half open (answered, and the client never
 *          acknowledged) or that are one SYN without an answer: a client that
 *          waits repeats it (RFC 6298: after a second).  One that sends more
 *          than 7 (Linux's tcp_syn_retries + 1) counts with every packet.
 *          Per port.  What is refused counts as a retry storm, not as a flood;
 *          and so does, where nobody answers, what three and more clients
 *          inside try again and again, forty times a second each at most: they
 *          wait, though less than a second (connect time-outs of 200 ms to 1 s
 *          are common), and who forges sources has others each time.  What a
 *          model allows workloads to begin is counted by itself, and is a
 *          retry storm up to 150 a second each, of three and more pods 500
 *   UDP    packets of flows in which less than a tenth comes back, unless a
 *          model allows that workload to send them; known applications a
 *          quarter.  Per port, and with three times as many for all ports; of
 *          one source, where they are empty, more than there are ports: who
 *          tries each scans.  To groups (multicast) nobody answers: none.
 *          Streams of workloads, and RTP of anybody, flows of 10 s and more
 *          with below 500 a second, are telemetry and calls (statsd, syslog,
 *          flow records): they are counted by themselves, against 25 times as
 *          many; and so is what anybody sends to a target that reports on it
 *          in the same flow, once in two seconds or more (SRT, RIST)
 *   ICMP   packets of the end that asks
 *
 * Formula: CUSUM over an EWMA, in rate.h.  `syn`, `udp`, `icmp` are h, in
 * packets above the usual; k is a fifth of it per bin of 10 s.  NeuVector:
 * 800 SYN in 5 s, 100 ICMP in 1 s; ntopng: 256 SYN in a minute, 250 ICMP/s.
 *
 * Up to two sources are named, each for a quarter of it or more; where there
 * are more, none did more than half and two not three quarters, the target is,
 * for it is one doing.
 * A source of SYN, UDP or ICMP may be forged, so confidence in a named source
 * is 60 %, and the sentence says so; in the flood itself it is 85 %.
 *
 * Attempts of strangers that come once are told when their target had four of
 * them in ten minutes, and from 256 on in shares that stand for others
 * (strangers.h): the sum is right, `sources` are at least as many.
 *
 * ATT&CK T1498.001 (direct network flood).
 *
 * What still gets through: floods that are answered in full (http-flood, and
 * floods of DNS, see there); TCP to ports that refuse; less than k per bin for
 * ever; SYNs to a target that answers none, of three and more workloads below
 * forty a second each, or below what is said above if a model allows them;
 * workloads that send few enough in each of a few flows to look like streams
 * (2000 a second together); as many from anywhere, if the target answers a few
 * of them in each flow.  Who prepares for hours raises the normal by `growth`
 * an hour, and to a tenth of h per second at most.
 */
#include <stdlib.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/detector.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/flood/amplifiers.h"
#include "classifiers/detectors/measures/rate.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/testimony.h"
#include "sensor/base/arena.h"

#define SIGNATURE_SYN  2010
#define SIGNATURE_UDP  2011
#define SIGNATURE_ICMP 2012

#define TARGETS 4096

/* More sources than these are nobody in particular. */
#define NAMED       2
#define SOURCE_BITS 256

#define SYN_RETRIES 7

/* Tries of a client inside: fewer are none that tries again; more, in a second,
 * do not wait (ten connections of a pool, 300 ms each, are 33). */
#define TRIES_LEAST 2
#define TRIES_MOST  40

/* And of one that a model allows: a pool of 20 connections, 150 ms each; where
 * all replicas of a workload do it, it is no single one that was taken over. */
#define TRIES_ALLOWED      150
#define TRIES_ALLOWED_MANY 500

/*
 * All ports of a target together.  Whoever sends to each port once scans, how
 * fast ever (masscan's manual: `--rate` of millions): one source of empty
 * datagrams floods when there are not as many ports.
 */
#define ANY_PORT    0x10000
#define PORTS_TIMES 3
#define PORTS_ALL   65536

/*
 * One-way streams.  Rates in the field: a node's syslog below 200/s, a busy
 * statsd client some hundreds; every tool that floods (hping3 -i u1000 is its
 * slowest in use) sends 1000/s and more, or from a new port each time.
 */
#define STREAM_TIME    (10 * NS_PER_SECOND)
#define STREAM_PACE    500 /* datagrams a second, over the flow's life */
#define STREAM_TIMES   25
#define REPORT_SECONDS 2       /* SRT acknowledges each 10 ms */
#define STREAMS        0x20000 /* beside the port: they are counted apart */
#define ALLOWED        0x40000 /* and so are tries that a model allows */

enum { SYN, UDP, ICMP, GROWTH };

static const struct detector_setting settings[] = {
    {"syn", "connections", 500, 10, 1e7,
	"half-open connections above the usual, to one port",
	"NeuVector: 800 in 5 s of one source"},
    {"udp", "packets", 2000, 10, 1e8,
	"unanswered datagrams above the usual, to one port",
	"measured: hping3 at 1000/s for 3 s; syslog of a node is below 200/s"},
    {"icmp", "packets", 500, 10, 1e7,
	"echo requests above the usual, to one target",
	"NeuVector: 100 in 1 s; ping sends 10 in a bin"},
    {"growth", "%", 50, 0, 1000, "by how much the usual may grow in an hour",
	"so that who poisons it slowly needs days"},
};

/* What is undone at one target. */
struct besieged {
	struct rate rate;
	uint64_t sources[SOURCE_BITS / 64];     /* a sketch */
	uint64_t named[NAMED], by_named[NAMED]; /* who, and what they did */
	uint64_t by_all;
	int64_t bin;      /* newest of these; what is older counts half each */
	int64_t sketched; /* number of the bin since when */
	int64_t calm;     /* ns, since when: */
	uint64_t tried;   /* SYNs without any answer, of clients inside */
	uint64_t others;  /* and all else */
	int64_t first;    /* ns, since when it is a flood */
	int64_t raised;
	uint64_t total, counted; /* of this flood */
	uint64_t example;
	uint8_t on, by_many;
	uint8_t spare[6];
};

struct flood {
	struct detector_host *host;
	struct memory *targets;
	struct testimony testimony;
};

/* What one sighting adds. */
struct undone {
	int kind; /* SYN, UDP, ICMP */
	uint64_t count;
	uint64_t own; /* of the one source at hand */
	struct instant at;
	uint32_t port; /* or ANY_PORT */
	bool stream;   /* UDP: it flows steadily, from a workload */
	bool filled;   /* UDP: its datagrams hold something */
	bool tried;    /* SYN: without any answer, by a client inside */
	bool allowed;  /* and a model allows it */
};

static void *
flood_open(struct detector_host *host)
{
	struct flood *flood = allocate(1, sizeof(*flood));

	flood->host = host;
	flood->targets = memory_new(
	    TARGETS, TARGETS, sizeof(struct besieged), detector_key(host));
	testimony_init(&flood->testimony);
	return flood;
}

static void
flood_close(void *state)
{
	struct flood *flood = state;

	memory_free(flood->targets);
	testimony_release(&flood->testimony);
	free(flood);
}

static struct memory *
flood_memory(void *state, size_t index, const char **name)
{
	struct flood *flood = state;

	*name = "targets";
	return index == 0 ? flood->targets : NULL;
}

/* --- what is undone ------------------------------------------------------- */

static bool
is_allowed(const struct sighting *sighting)
{
	return sighting->judged && sighting->client.inside &&
	       sighting->verdict == VERDICT_ALLOWED;
}

static uint64_t
undone_syns(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	uint64_t sent = flow->packets[flow->client];
	bool acknowledged = (flow->tcp_flags[flow->client] & TCP_ACK) != 0;

	if (flow->midstream || flow->refused || acknowledged ||
	    (flow->tcp_flags[flow->client] & TCP_SYN) == 0)
		return 0;
	if (sent > SYN_RETRIES)
		return sighting->amount.packets[0];
	if (sighting->kind == SIGHTED_PROGRESS)
		return 0;
	return flow->answered || sent == 1;
}

/*
 * Datagrams that are all alike, and have no identification (IPv6, or IPv4 of
 * which none is set), count as copies of one up to seven times if they come
 * soon (flow_duplicate.h).  A packet that is captured at as many places as that
 * is rarer than a flood of one.
 */
#define COPIES_LEAST 6

/* Packets that one stands for. */
static uint64_t
copies_of(const struct flow *flow)
{
	uint64_t packets = flow->packets[0] + flow->packets[1];

	return flow->duplicates >= COPIES_LEAST * packets
		   ? 1 + flow->duplicates / packets
		   : 1;
}

static uint64_t
undone_datagrams(const struct sighting *sighting)
{
	const struct sighted_amount *amount = &sighting->amount;
	uint64_t sent;

	/* Of answers that nobody asked for reflection has the sum. */
	if (sighting->infrastructure ||
	    flow_direction_is_guess(sighting->flow) ||
	    amplifiers_turned(sighting) || is_allowed(sighting) ||
	    amount->packets[1] * 10 >= amount->packets[0])
		return 0;
	sent = amount->packets[0] * copies_of(sighting->flow);
	return sighting->appid.confidence == APP_DPI ? sent / 4 : sent;
}

/* Whoever takes a stream says so all the time; a victim answers all that it
 * can, or nothing. */
static bool
is_reported_on(const struct flow *flow, int64_t seconds)
{
	return flow->packets[!flow->client] >=
	       (uint64_t)(seconds / REPORT_SECONDS);
}

/* Of a call one end may be silent (RFC 3550): a caller outside whom the other
 * end hears and who hears music, or a phone that is muted. */
static bool
is_call(const struct sighting *sighting)
{
	return sighting->appid.confidence == APP_DPI &&
	       (sighting->appid.application == APPLICATION_RTP ||
		   sighting->appid.application == APPLICATION_RTCP);
}

static bool
is_stream(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	int64_t life = instant_since(flow->last, flow->first);
	int64_t seconds = life / NS_PER_SECOND;

	if (life < STREAM_TIME)
		return false;
	if (is_reported_on(flow, seconds))
		return true;
	return (sighting->client.inside || is_call(sighting)) &&
	       flow->packets[flow->client] * copies_of(flow) / STREAM_PACE <
		   (uint64_t)seconds;
}

static bool
find_undone(const struct sighting *sighting, struct undone *undone)
{
	const struct flow *flow = sighting->flow;

	*undone = (struct undone){.port = sighting->port, .at = flow->last};
	switch (flow->protocol) {
	case PROTOCOL_TCP:
		undone->kind = SYN;
		undone->count = undone_syns(sighting);
		undone->tried = sighting->client.inside && !flow->answered &&
				flow->packets[flow->client] == 1;
		undone->allowed = undone->tried && is_allowed(sighting);
		break;
	case PROTOCOL_UDP:
		undone->kind = UDP;
		if (!address_is_multicast(&flow_server(flow)->address))
			undone->count = undone_datagrams(sighting);
		undone->stream = is_stream(sighting);
		undone->filled = attempt_load(flow) > 0;
		break;
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		undone->kind = ICMP;
		if (!sighting->infrastructure)
			undone->count = sighting->amount.packets[0];
		break;
	default:
		break;
	}
	/* The others that it stands for had other sources. */
	undone->own = undone->count;
	undone->count *= sighting->stands_for;
	if (sighting->kind != SIGHTED_LONE)
		undone->own = undone->count;
	return undone->count > 0;
}

/* --- whose doing ---------------------------------------------------------- */

static uint32_t
distinct(const struct besieged *besieged)
{
	uint32_t count = 0;

	for (int i = 0; i < SOURCE_BITS / 64; i++)
		count += (uint32_t)__builtin_popcountll(besieged->sources[i]);
	return count;
}

/*
 * Whether that source is one to name: whose part is below a quarter may stand
 * among those of a flood by chance, or because somebody used its address.
 */
static bool
is_named(const struct besieged *besieged, uint64_t key)
{
	for (int i = 0; i < NAMED; i++)
		if (besieged->named[i] == key)
			return besieged->by_named[i] * 4 >= besieged->by_all;
	return false;
}

/*
 * More than those who can be named, and no one's alone: who forges the
 * addresses of a few workloads gets none of them blamed.
 */
static bool
is_by_many(const struct besieged *besieged)
{
	uint64_t unnamed = besieged->by_all, most = 0;

	for (int i = 0; i < NAMED; i++) {
		unnamed -= besieged->by_named[i];
		if (besieged->by_named[i] > most)
			most = besieged->by_named[i];
	}
	return distinct(besieged) > NAMED && unnamed * 4 > besieged->by_all &&
	       most * 2 <= besieged->by_all;
}

/* Clients that lost their server, and not a flood. */
static bool
is_retried(const struct besieged *besieged, const struct undone *undone)
{
	double seconds =
	    (double)(undone->at.ns - besieged->calm) / (double)NS_PER_SECOND;
	uint32_t clients = distinct(besieged);
	double each;

	each = (double)besieged->tried / clients;
	if (undone->allowed)
		return each <=
		       (clients > NAMED ? TRIES_ALLOWED_MANY : TRIES_ALLOWED) *
			   (seconds + 1);
	/* Of a full sketch nobody knows how many they are. */
	return besieged->tried >= 4 * besieged->others && clients > NAMED &&
	       clients <= SOURCE_BITS * 7 / 8 && each >= TRIES_LEAST &&
	       each <= TRIES_MOST * (seconds + 1);
}

/* So that a flood is theirs who make it now, not who made the one before. */
static void
age_sources(struct besieged *besieged, int64_t bin)
{
	for (; besieged->bin < bin && besieged->by_all > 0; besieged->bin++) {
		besieged->by_all /= 2;
		for (int i = 0; i < NAMED; i++) {
			besieged->by_named[i] /= 2;
			if (besieged->by_named[i] == 0)
				besieged->named[i] = 0;
		}
	}
	if (besieged->bin < bin)
		besieged->bin = bin;
}

/* Free entries may stand before used ones. */
static void
note_named(struct besieged *besieged, uint64_t key, uint64_t count)
{
	int at = -1;

	for (int i = 0; i < NAMED; i++)
		if (besieged->named[i] == key ||
		    (at < 0 && besieged->named[i] == 0))
			at = i;
	if (at < 0)
		return;
	besieged->named[at] = key;
	besieged->by_named[at] += count;
}

static void
note_source(struct besieged *besieged, const struct sighted_end *source,
    double calm, const struct undone *undone)
{
	uint64_t bit = memory_key(source->instance, 5) % SOURCE_BITS;
	int64_t bin = rate_bin(undone->at);

	/* Those who did it before, in small numbers, have no part in it. */
	if (calm <= 0 && bin != besieged->sketched && !besieged->on) {
		besieged->sketched = bin;
		for (int i = 0; i < SOURCE_BITS / 64; i++)
			besieged->sources[i] = 0;
		for (int i = 0; i < NAMED; i++)
			besieged->named[i] = besieged->by_named[i] = 0;
		besieged->by_all = 0;
		besieged->tried = besieged->others = 0;
		besieged->calm = undone->at.ns;
	}
	*(undone->tried ? &besieged->tried : &besieged->others) +=
	    undone->count;
	age_sources(besieged, bin);
	besieged->by_all += undone->count;
	besieged->sources[bit / 64] |= UINT64_C(1) << (bit % 64);
	note_named(besieged, source->key, undone->own);
}

/* --- what is said --------------------------------------------------------- */

static const struct {
	uint32_t signature;
	const char *name, *of;
} kinds[] = {
    [SYN] = {SIGNATURE_SYN, "SYN", "half-open connections"},
    [UDP] = {SIGNATURE_UDP, "UDP", "unanswered datagrams"},
    [ICMP] = {SIGNATURE_ICMP, "ICMP", "echo requests"},
};

static void
say_flood(struct flood *flood, const struct besieged *besieged,
    const struct undone *undone, const struct sighting *sighting)
{
	struct text *out = &flood->testimony.sentence;

	testimony_begin(&flood->testimony);
	if (besieged->by_many)
		text_format(out, "%u or more sources flood %s",
		    testimony_at_least(distinct(besieged)),
		    sighting->server.name);
	else
		text_format(out, "%s floods %s", sighting->client.name,
		    sighting->server.name);
	if (undone->port == ANY_PORT)
		text_add(out, " on many ports");
	else if (undone->kind != ICMP)
		text_format(out, " on port %u", undone->port);
	text_format(out, " with %s: %llu %s%s", kinds[undone->kind].name,
	    (unsigned long long)besieged->total, kinds[undone->kind].of,
	    besieged->by_many ? "; their addresses may be forged"
			      : "; the address may be forged");
}

static void
raise_flood(struct flood *flood, struct besieged *besieged,
    const struct undone *undone, const struct sighting *sighting)
{
	struct testimony *testimony = &flood->testimony;

	say_flood(flood, besieged, undone, sighting);
	json_put_int(&testimony->json, "undone", (int64_t)besieged->total);
	json_put_int(&testimony->json, "sources", distinct(besieged));
	testimony_fraction(
	    testimony, "usual_per_second", besieged->rate.mean / 10);
	testimony_times(testimony, besieged->first, undone->at.ns);
	testimony_numbers(testimony, "packets", &besieged->example, 1);
	detector_raise(flood->host,
	    &(struct anomaly){
		.signature = kinds[undone->kind].signature,
		.subject =
		    besieged->by_many ? &sighting->server : &sighting->client,
		.object = besieged->by_many ? NULL : &sighting->server,
		.confidence = besieged->by_many ? 85 : 60,
		.count = besieged->total - besieged->counted,
		.sentence = testimony->sentence.at,
		.evidence = testimony->evidence.at,
		.silent_if = "a rate that this target is used to, or "
			     "exchanges that are completed",
	    },
	    sighting);
	besieged->counted = besieged->total;
	besieged->raised = sighting->at.ns;
}

static bool
is_due(const struct besieged *besieged, const struct sighting *sighting)
{
	uint64_t more = besieged->total - besieged->counted;

	return more > besieged->counted / 4 ||
	       sighting->at.ns - besieged->raised >= NS_PER_SECOND;
}

/* --- what is seen --------------------------------------------------------- */

static void
begin_flood(struct besieged *besieged, const struct undone *undone,
    const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	besieged->on = true;
	besieged->total =
	    (uint64_t)rate_excess(&besieged->rate) - undone->count;
	besieged->counted = 0;
	besieged->first = besieged->rate.rising;
	if (flow->first.ns < besieged->first &&
	    sighting->amount.packets[0] == flow->packets[flow->client])
		besieged->first = flow->first.ns; /* it is all of it */
	besieged->example = sighting->flow->first_packet;
}

/*
 * Counts at one port of the target, or at all of them.
 *
 * times      h is the setting that many times
 * over       whether it is more than usual
 */
static struct besieged *
count_undone(struct flood *flood, const struct undone *undone, double times,
    const struct sighting *sighting, bool *over)
{
	const struct sighted_end *server = &sighting->server;
	struct besieged *besieged = memory_get(flood->targets,
	    server->inside ? MEMORY_INSIDE : MEMORY_OUTSIDE,
	    memory_key(server->key,
		(uint64_t)undone->kind << 32 | (undone->stream ? STREAMS : 0) |
		    (undone->allowed ? ALLOWED : 0) | undone->port),
	    NULL);
	struct rate_rule rule;
	double sum;

	rule.h = times *
		 detector_setting(flood->host, (size_t)undone->kind, sighting);
	rule.k = rule.h / 5;
	rule.limit = rule.h;
	rule.growth = detector_setting(flood->host, GROWTH, sighting) / 100;
	sum = rate_add(&besieged->rate, &rule, undone->at, undone->count);
	note_source(
	    besieged, &sighting->client, sum - (double)undone->count, undone);
	*over = sum > rule.h;
	besieged->on = besieged->on && sum > 0;
	return besieged;
}

/* Returns whether it is a flood. */
static bool
take_undone(struct flood *flood, const struct undone *undone, double times,
    const struct sighting *sighting)
{
	bool over;
	struct besieged *besieged =
	    count_undone(flood, undone, times, sighting, &over);

	if (!over)
		return false;
	if (is_retried(besieged, undone))
		return true;
	if (!besieged->on)
		begin_flood(besieged, undone, sighting);
	besieged->total += undone->count;
	besieged->by_many = is_by_many(besieged);
	if (undone->port == ANY_PORT && !besieged->by_many && !undone->filled &&
	    besieged->total <= PORTS_ALL)
		return true;
	if ((besieged->by_many || is_named(besieged, sighting->client.key)) &&
	    is_due(besieged, sighting))
		raise_flood(flood, besieged, undone, sighting);
	return true;
}

/* It was counted when it ended; or that is too long ago to be of a flood that
 * goes on, and of its target there were too few then to count. */
static bool
is_old(const struct sighting *sighting)
{
	return sighting->recalled &&
	       (sighting->counted ||
		   instant_since(sighting->at, sighting->flow->last) >
		       RATE_BINS * RATE_BIN);
}

/* What a model allows is no flood's unless it is too fast for tries; then it
 * counts with all else, for its address may be forged, too. */
static bool
is_allowed_retry(
    struct flood *flood, struct undone *undone, const struct sighting *sighting)
{
	const struct besieged *besieged;
	bool over;

	if (!undone->allowed)
		return false;
	besieged = count_undone(flood, undone, 1, sighting, &over);
	if (!over || is_retried(besieged, undone))
		return true;
	undone->allowed = undone->tried = false;
	return false;
}

static void
flood_see(void *state, const struct sighting *sighting)
{
	struct flood *flood = state;
	struct undone undone;

	if (is_old(sighting) || !find_undone(sighting, &undone) ||
	    detector_is_off(flood->host, sighting) ||
	    is_allowed_retry(flood, &undone, sighting))
		return;
	if (take_undone(
		flood, &undone, undone.stream ? STREAM_TIMES : 1, sighting) ||
	    undone.kind != UDP || undone.stream)
		return;
	undone.port = ANY_PORT;
	(void)take_undone(flood, &undone, PORTS_TIMES, sighting);
}

const struct detector detector_flood = {
    .name = "flood",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1U << SIGHTED_PROGRESS | 1U << SIGHTED_END | 1U << SIGHTED_LONE,
    .by_absence = false,
    .revision = 4,
    .open = flood_open,
    .close = flood_close,
    .see = flood_see,
    .memory = flood_memory,
};
