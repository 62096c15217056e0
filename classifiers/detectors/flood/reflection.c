/*
 * reflection -- answers in masses that nobody asked for, and who gives them.
 *
 * Idea.  Whoever wants to flood somebody and stay unseen asks others in the
 * victim's name; they answer the victim, and answers are larger than questions.
 * The victim sees answers to what it never asked: flows in which it has not
 * sent one packet.  Who is abused to answer sees small questions of one client,
 * which does not wait for what it gets, and sends it very much more.
 *
 *   victim      what comes from outside to a workload, node or service in flows
 *               that begin with an answer and in which it sends nothing, which
 *               ever end the ports make the client, or but RSTs:
 *                 datagrams from ports that are known to amplify,
 *                 echo replies (smurf),
 *                 SYN-ACKs (the backscatter of a SYN flood elsewhere with
 *                 our address, or a reflection over TCP);
 *               and such datagrams of the cluster's own, but for those of DNS,
 *               whose answers may come late or by another way, and SYN-ACKs
 *               that it resets
 *   reflector   a server of ours on such a port, other than DNS (dns-load has
 *               that): in 60 seconds sliding `large_answers` packets or more,
 *               `ratio` times as many octets of IP as it was asked; not where a
 *               model allows a workload to ask it
 *
 * Formula.  Victim: CUSUM over an EWMA, in rate.h; `datagrams` and `segments`
 * (echo replies and SYN-ACKs) are h above the usual of that victim, k is a
 * fifth of it per bin of 10 s.
 *
 * Thresholds: flood's, which has the sources; a client that asks gets no answer
 * that it did not ask for, so the usual is none.  Ports: CISA's alert TA14-017A
 * "UDP-Based Amplification Attacks" and Rossow, "Amplification Hell" (NDSS
 * 2014), who also measured factors of 10 (NetBIOS 3.8, SNMP 6.3, DNS 28 to 54,
 * CharGen 358, NTP 556); less than 10 floods nobody.  100 packets a minute: a
 * table that somebody fetches by SNMP has dozens.
 *
 * Confidence is 85 % when something was seen lately that a workload itself sent
 * outside, so that it is known that the capture would show questions; else
 * 60 %: then only answers may have been captured.  Of a reflector 75 %.  Lost
 * packets do not silence it, for a flood is when they are lost: where a tenth
 * is lost, 20 000 answered questions in a bin would look like h.
 *
 * ATT&CK T1498.002 (reflection amplification).
 *
 * Still gets through: answers from ports that nobody is known to amplify with
 * (flood counts what looks as if the sender were the client); fewer than k per
 * bin; answers in flows in which the victim asks as well; a reflector that is
 * asked in the names of so many that none gets much is found by the sum, but
 * who asked is nobody's to know.  The victim never saw who sent the questions:
 * nobody is named but the victim.
 */
#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detector.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/flood/amplifiers.h"
#include "classifiers/detectors/flood/siege.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/testimony.h"
#include "sensor/base/arena.h"

#define SIGNATURE_VICTIM    2015
#define SIGNATURE_REFLECTOR 2016

#define VICTIMS    1024
#define REFLECTORS 512
#define HALF       (30 * NS_PER_SECOND)
#define LARGE      256 /* octets of IP; NTP's list comes in 468 each */

/* How long it holds that questions would be seen. */
#define SENT_TIME (600 * NS_PER_SECOND)

#define ECHO_REPLY    0
#define ECHO_REPLY_V6 129

#define DNS_PORT 53

/* Beside the kind of answer: what comes from inside is counted apart. */
#define OF_INSIDE 0x100

enum { DATAGRAMS, SEGMENTS, GROWTH, LARGE_ANSWERS, RATIO };

static const struct detector_setting settings[] = {
    {"datagrams", "packets", 2000, 10, 1e8,
	"answers that a victim did not ask for, above the usual",
	"flood's `udp`, which was measured with hping3"},
    {"segments", "packets", 500, 10, 1e8,
	"SYN-ACKs or echo replies that it did not ask for, above the usual",
	"flood's `syn` and `icmp`: NeuVector's 800 in 5 s, 100 in 1 s"},
    {"growth", "%", 50, 0, 1000, "by how much the usual may grow in an hour",
	"so that who poisons it slowly needs days"},
    {"large_answers", "packets", 100, 5, 1e9,
	"that a reflector answers within a minute",
	"a table that is fetched by SNMP has dozens"},
    {"ratio", "times", 10, 2, 1000, "octets answered to octets asked",
	"Rossow 2014: NTP 556, CharGen 358, DNS 28 to 54"},
};

/* Of a server's port, in halves of a minute: now and before. */
struct reflector {
	int64_t since_ns;
	uint64_t asked[2], answered[2]; /* octets */
	uint64_t packets[2];            /* of answers */
	struct pace pace;
};

struct reflection {
	struct detector_host *host;
	struct memory *victims, *reflectors;
	struct testimony testimony;
	int64_t sent_ns; /* when a workload last sent something outside */
	int64_t sent_inside_ns; /* the same, to another */
	uint64_t latest; /* ends of the latest SYN-ACK of the cluster's own */
};

static void *
reflection_open(struct detector_host *host)
{
	struct reflection *state = allocate(1, sizeof(*state));
	const struct hash_key *key = detector_key(host);

	state->host = host;
	state->victims = memory_new(VICTIMS, 1, sizeof(struct siege), key);
	state->reflectors =
	    memory_new(REFLECTORS, 1, sizeof(struct reflector), key);
	testimony_init(&state->testimony);
	return state;
}

static void
reflection_close(void *opaque)
{
	struct reflection *state = opaque;

	memory_free(state->victims);
	memory_free(state->reflectors);
	testimony_release(&state->testimony);
	free(state);
}

static struct memory *
reflection_memory(void *opaque, size_t index, const char **name)
{
	struct reflection *state = opaque;

	*name = index == 0 ? "victims" : "reflectors";
	if (index == 0)
		return state->victims;
	return index == 1 ? state->reflectors : NULL;
}

/* --- victims -------------------------------------------------------------- */

enum answer { ANSWER_NONE, ANSWER_DATAGRAM, ANSWER_ECHO, ANSWER_SYN_ACK };

/* Who was sent what it did not ask for, and by whom. */
struct unasked {
	enum answer answer;
	const struct sighted_end *victim, *source;
	uint16_t port; /* the source's */
	bool refused;  /* the victim says itself that it never asked */
	uint64_t count;
};

/*
 * What a flow of answers alone consists of.  An end that is not captured may
 * have asked: then what it was sent acknowledges it, and goes on.
 */
static enum answer
answer_of(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	switch (flow->protocol) {
	case PROTOCOL_UDP:
		return amplifiers_has(sighting->port) ? ANSWER_DATAGRAM
						      : ANSWER_NONE;
	case PROTOCOL_TCP:
		return flow->midstream || flow->inferred ||
			       (flow->tcp_flags[!flow->client] & TCP_SYN) == 0
			   ? ANSWER_NONE
			   : ANSWER_SYN_ACK;
	case PROTOCOL_ICMP:
		return flow->icmp_type == ECHO_REPLY ? ANSWER_ECHO
						     : ANSWER_NONE;
	case PROTOCOL_ICMPV6:
		return flow->icmp_type == ECHO_REPLY_V6 ? ANSWER_ECHO
							: ANSWER_NONE;
	default:
		return ANSWER_NONE;
	}
}

static const char *
noun_of(enum answer answer)
{
	switch (answer) {
	case ANSWER_DATAGRAM:
		return "datagrams";
	case ANSWER_ECHO:
		return "echo replies";
	case ANSWER_SYN_ACK:
		return "SYN-ACKs";
	case ANSWER_NONE:
		break;
	}
	return "packets";
}

static void
say_sources(struct text *out, uint32_t sources, const struct unasked *unasked)
{
	const char *where = unasked->source->inside ? "inside" : "outside";

	/* Who amplifies is not who asked; but a SYN-ACK amplifies nothing. */
	if (sources == 1 && unasked->refused && unasked->source->inside)
		text_format(out, "%s, whose address may be forged",
		    unasked->source->name);
	else if (sources == 1)
		text_format(out, "one host %s", where);
	else
		text_format(out, "%u or more hosts %s",
		    testimony_at_least(sources), where);
}

static struct unasked
unasked_of(const struct sighting *sighting)
{
	const struct sighted_amount *amount = &sighting->amount;
	const struct flow *flow = sighting->flow;

	if (amplifiers_turned(sighting))
		return (struct unasked){ANSWER_DATAGRAM, &sighting->server,
		    &sighting->client, flow_client(flow)->port, false,
		    amount->packets[0]};
	return (struct unasked){answer_of(sighting), &sighting->client,
	    &sighting->server, sighting->port,
	    flow_only_resets(flow, flow->client), amount->packets[1]};
}

/* Late answers of the cluster's own DNS, and what else goes round inside; but
 * no SYN-ACK that is reset. */
static bool
is_ordinary(const struct unasked *unasked)
{
	if (!unasked->source->inside)
		return unasked->answer == ANSWER_NONE;
	switch (unasked->answer) {
	case ANSWER_DATAGRAM:
		return unasked->port == DNS_PORT;
	case ANSWER_SYN_ACK:
		return !unasked->refused;
	case ANSWER_NONE:
	case ANSWER_ECHO:
		break;
	}
	return true;
}

static void
say_victim(struct reflection *state, struct siege *siege,
    const struct unasked *unasked, const struct sighting *sighting)
{
	struct testimony *testimony = &state->testimony;
	enum answer answer = unasked->answer;
	int64_t sent =
	    unasked->source->inside ? state->sent_inside_ns : state->sent_ns;
	bool would_see = sent != 0 && sighting->at.ns - sent < SENT_TIME;
	uint64_t count = siege_tell(siege, sighting->at);

	if (count == 0)
		return;
	testimony_begin(testimony);
	text_format(&testimony->sentence,
	    "%s gets %llu answers that it never asked for (%s",
	    unasked->victim->name, (unsigned long long)siege->total,
	    noun_of(answer));
	if (answer == ANSWER_DATAGRAM)
		text_format(
		    &testimony->sentence, " from port %u", unasked->port);
	text_add(&testimony->sentence, "), of ");
	say_sources(&testimony->sentence, siege_sources(siege), unasked);
	json_put_string(&testimony->json, "answers", noun_of(answer));
	json_put_int(&testimony->json, "unasked", (int64_t)siege->total);
	json_put_int(&testimony->json, "sources", siege_sources(siege));
	json_put_bool(&testimony->json, "questions_would_be_seen", would_see);
	testimony_times(testimony, siege->first, sighting->flow->last.ns);
	testimony_numbers(testimony, "packets", &siege->example, 1);
	detector_raise(state->host,
	    &(struct anomaly){
		.signature = SIGNATURE_VICTIM,
		.subject = unasked->victim,
		.confidence = would_see ? 85 : 60,
		.count = count,
		.sentence = testimony->sentence.at,
		.evidence = testimony->evidence.at,
		.silent_if = "one packet of its own in these flows: who asked "
			     "is answered",
	    },
	    sighting);
}

/*
 * Whoever sends equal SYNs from one port asks, though they look like copies of
 * one (flow_duplicate.h); what resets the answers is its kernel.
 */
static bool
is_of_one_question(struct reflection *state, const struct unasked *unasked,
    const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	uint64_t ends = memory_key(
	    memory_key(flow_client(flow)->port, flow_server(flow)->port),
	    memory_key(unasked->victim->instance, unasked->source->instance));
	bool again = ends == state->latest;

	state->latest = ends;
	return again;
}

static void
see_answers(struct reflection *state, const struct sighting *sighting)
{
	struct unasked unasked = unasked_of(sighting);
	struct rate_rule rule;
	struct siege *siege;

	if (!unasked.victim->inside || unasked.count == 0 ||
	    is_ordinary(&unasked) || detector_is_off(state->host, sighting))
		return;
	if (unasked.source->inside && unasked.answer == ANSWER_SYN_ACK &&
	    is_of_one_question(state, &unasked, sighting))
		return;
	rule.h = detector_setting(state->host,
	    unasked.answer == ANSWER_DATAGRAM ? DATAGRAMS : SEGMENTS, sighting);
	rule.k = rule.h / 5;
	rule.limit = rule.h;
	rule.growth = detector_setting(state->host, GROWTH, sighting) / 100;
	siege = memory_get(state->victims, MEMORY_INSIDE,
	    memory_key(unasked.victim->key,
		unasked.answer | (unasked.source->inside ? OF_INSIDE : 0)),
	    NULL);
	if (siege_add(siege, &rule,
		&(struct siege_blow){.at = sighting->flow->last,
		    .source = unasked.source->key,
		    .count = unasked.count,
		    .packet = sighting->flow->first_packet}))
		say_victim(state, siege, &unasked, sighting);
}

/* --- reflectors ----------------------------------------------------------- */

static void
advance(struct reflector *entry, int64_t now_ns)
{
	int passed = halves_passed(&entry->since_ns, now_ns, HALF);

	if (passed == 0)
		return;
	entry->asked[1] = passed == 1 ? entry->asked[0] : 0;
	entry->answered[1] = passed == 1 ? entry->answered[0] : 0;
	entry->packets[1] = passed == 1 ? entry->packets[0] : 0;
	entry->asked[0] = entry->answered[0] = entry->packets[0] = 0;
}

static void
say_reflector(struct reflection *state, struct reflector *entry,
    const struct sighting *sighting)
{
	struct testimony *testimony = &state->testimony;
	uint64_t asked = entry->asked[0] + entry->asked[1];
	uint64_t answered = entry->answered[0] + entry->answered[1];
	uint64_t count = pace_count(&entry->pace, sighting);

	if (count == 0)
		return;
	testimony_begin(testimony);
	text_format(&testimony->sentence,
	    "%s answers on port %u with %llu times what it is asked; %s is "
	    "abused to amplify, or is the victim",
	    sighting->server.name, sighting->port,
	    (unsigned long long)(answered / (asked + !asked)),
	    sighting->client.name);
	json_put_int(&testimony->json, "octets_asked", (int64_t)asked);
	json_put_int(&testimony->json, "octets_answered", (int64_t)answered);
	json_put_int(&testimony->json, "answers",
	    (int64_t)(entry->packets[0] + entry->packets[1]));
	json_put_int(&testimony->json, "window_s", 60);
	seen_put(&testimony->json, seen_of_pace(&entry->pace, sighting));
	detector_raise(state->host,
	    &(struct anomaly){
		.signature = SIGNATURE_REFLECTOR,
		.subject = &sighting->server,
		.confidence = 75,
		.count = count,
		.sentence = testimony->sentence.at,
		.evidence = testimony->evidence.at,
		.silent_if = "fewer or smaller answers, or a model that allows "
			     "a workload to ask for them",
	    },
	    sighting);
}

static bool
is_asked_rightly(const struct sighting *sighting)
{
	return sighting->judged && sighting->client.inside &&
	       sighting->verdict == VERDICT_ALLOWED;
}

static void
see_reflector(struct reflection *state, const struct sighting *sighting)
{
	const struct sighted_amount *amount = &sighting->amount;
	struct reflector *entry;
	uint64_t asked, answered;

	/* Small answers in any number are a server's everyday. */
	if (!sighting->server.inside || sighting->port == DNS_PORT ||
	    amount->octets[1] < LARGE || is_asked_rightly(sighting) ||
	    detector_is_off(state->host, sighting))
		return;
	entry = memory_get(state->reflectors, MEMORY_INSIDE,
	    memory_key(sighting->server.key, sighting->port), NULL);
	advance(entry, sighting->at.ns);
	entry->asked[0] += amount->octets[0];
	entry->answered[0] += amount->octets[1];
	entry->packets[0] += amount->packets[1];
	pace_begin(&entry->pace, sighting);
	asked = entry->asked[0] + entry->asked[1];
	answered = entry->answered[0] + entry->answered[1];
	if ((double)(entry->packets[0] + entry->packets[1]) >=
		detector_setting(state->host, LARGE_ANSWERS, sighting) &&
	    (double)answered >=
		detector_setting(state->host, RATIO, sighting) * (double)asked)
		say_reflector(state, entry, sighting);
}

static void
reflection_see(void *opaque, const struct sighting *sighting)
{
	struct reflection *state = opaque;
	const struct flow *flow = sighting->flow;

	if (flow->packets[flow->client] == 0 ||
	    flow_only_resets(flow, flow->client) ||
	    amplifiers_turned(sighting)) {
		see_answers(state, sighting);
		return;
	}
	if (sighting->client.inside && !sighting->server.inside)
		state->sent_ns = sighting->at.ns;
	else if (sighting->client.inside && flow->answered)
		state->sent_inside_ns = sighting->at.ns;
	if (flow->protocol == PROTOCOL_UDP && amplifiers_has(sighting->port))
		see_reflector(state, sighting);
}

const struct detector detector_reflection = {
    .name = "reflection",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1U << SIGHTED_PROGRESS | 1U << SIGHTED_END,
    .by_absence = false,
    .revision = 1,
    .open = reflection_open,
    .close = reflection_close,
    .see = reflection_see,
    .memory = reflection_memory,
};
