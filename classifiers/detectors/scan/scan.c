/*
 * scan -- a workload that looks for what there is to reach.
 *
 * Idea.  Programs know whom they want: their first contact to a new target
 * mostly succeeds, and what failed is tried again.  Who looks around meets
 * refusals and silence at ever new targets, and asks nothing of what answers.
 * So outcomes count, not breadth: a scrape of 200 targets is none.
 *
 * Formula.  Threshold random walk (Jung, Paxson, Berger, Balakrishnan: "Fast
 * Portscan Detection Using Sequential Hypothesis Testing", 2004) over first
 * contacts of a workload to distinct targets, one port of one workload each (or
 * of one address of a zone).
 * With theta0 0.8 and theta1 0.2, as in Bro's trw.bro, the likelihood ratio
 * goes up by 4 with a failure and down by 4 with a success, so it is a walk of
 * whole steps: W = max(-16, W + 1 or - 1).  Bro's bounds (0.99, 0.01) come to 4
 * steps; here it takes `net` steps, for in a cluster whole groups of servers
 * come and go together, and `targets` distinct ones that never served.
 *
 *   failure   refused, unanswered (TCP, UDP, SCTP); a connection, half open or
 *             whole, on which the client said nothing; an echo request; a
 *             segment that begins no connection (FIN, Xmas, null, ACK)
 *   success   the client asked for something and was heard
 *   neither   what models allow; a target that has served this workload, or
 *             is one of the three ports after one that has (members of a
 *             cluster look for each other so); DNS to servers outside; a
 *             target tried 5 times in a minute or more: who retries hopes; a
 *             host that is sent more than 10 echo requests on end, or 5 in a
 *             minute or more: who pings on watches it
 *   taken back  a failure of a target that later serves
 *
 * Slow scans need no rule of their own: there is no rate in this, only
 * `window`.
 *
 * What looks like a scan and is none:
 *
 * - Checks, as load balancers and monitors make by TCP: three quarters of the
 *   targets or more accept a whole handshake and are told nothing.  Each such
 *   target counts as two fifths of one, for in a round of checks those that are
 *   refused end first, and would be told of alone.
 * - Checks by a monitor of whose targets many are down: two fifths of them
 *   accept so (a quarter, of few; of attempts, where it has more than the 64
 *   targets that are known one by one), it tries one port or two of each host,
 *   and less than half of them are addresses of the cluster that nobody held.
 *   It comes back to them within five minutes; who does not, scans.
 * - Pings of a monitor: hosts that answer are asked again in rounds of 10 s to
 *   5 min.  They count as no targets.  The first round is known when its flows
 *   end, after 30 s; where rounds are longer that is too late, but for images
 *   whose business it is (monitor_images: Icinga, Zabbix, ...).
 * - Probes of nodes of what starts on them: they need three times as many
 *   targets.
 * - Pings of a DHCP server, which asks whether an address is free.
 * - Datagrams to a port from which their receiver asked that very host in vain
 *   within a minute: they are the answer, from another port (TFTP).
 * - A host that went away: three workloads and more try its ports, each no more
 *   than its share.
 * - Floods over the ports of one host: datagrams that are filled, alike and
 *   faster than 500 a second.
 *
 * Version detection (nmap -sV): one client opens one port in `protocols`
 * different protocols, or sends two probes that are known to be nmap's
 * (nmap-service-probes, file format "Nmap service detection probe list").
 *
 * Many sources: of one target, `sources` workloads or addresses together met
 * failures at 9 distinct ports, and none of them is known for it: decoys
 * (nmap -D) or a spread scan.  Then nobody is named, the target is.  Sources
 * inside and outside are counted apart.
 *
 * A stranger that comes once is looked at when it comes again (strangers.h), or
 * for its target, when that had four of them in ten minutes.
 *
 * Knocking: 3 to 8 ports of one server in vain within a minute, one try each,
 * and then a port that serves, which was not looked at before and no model
 * allows (or from outside: a login by SSH, RDP, VNC, telnet); of who tried
 * ports in vain at three servers at most.  What nobody answered is known half a
 * minute later, when what it opened may be over; then it is one with 3 packets
 * at most.  Not by one of several workloads that met failures there within ten
 * minutes: the server was away.
 *
 * Spoofing.  A SYN in another's name is indistinguishable from its own until
 * it finishes a handshake; as long as no handshake of the scan was finished,
 * confidence is 45 %, and the sentence says so.
 *
 * ATT&CK T1046 (scans), T1595 (many sources), T1205.001 (knocking).
 *
 * What still gets through:
 *
 * - targets that are known to serve (from DNS, say) and are asked something; a
 *   target a day; one failure for each success at new targets;
 * - each target tried again for a minute, or a dozen pings of each host;
 * - what looks like a monitor: ports that nearly all accept, or one port that
 *   two fifths do for five minutes; a sweep by ping that is repeated after 10 s
 *   to 5 min, is small beside what its maker watches, or comes from a monitor's
 *   image;
 * - many sources over many targets, each once;
 * - what models allow; ARP sweeps, which are no flows.
 */
#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/detector.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/scan/monitor_images.h"
#include "classifiers/detectors/scan/probe_marks.h"
#include "classifiers/detectors/scan/scan_parts.h"
#include "sensor/base/arena.h"

/* Entries: some 3 KB each, of which only those in use take memory. */
#define SCANNERS 4096
#define PAIRS    8192
#define VICTIMS  2048

/* A handshake, a probe, its answer and a second one. */
#define PROBE_PACKETS 12

/* Packets of a knock that nobody answers: the SYN, and that again after one
 * second and three more (RFC 6298). */
#define KNOCK_PACKETS 3

/* Servers at which who knocks tries ports in vain: one, and some that are down
 * besides. */
#define KNOCKED_HOSTS 3

#define SIGNATURE_SCAN  2001
#define SIGNATURE_MANY  2002
#define SIGNATURE_KNOCK 2003

enum { TARGETS, NET, WINDOW, PROTOCOLS, SOURCES };

static const struct detector_setting settings[] = {
    {"targets", "targets", 12, 4, 60,
	"distinct ports or hosts tried in vain before it is a scan",
	"Zeek's scan.zeek has 15 ports and 25 hosts; replicas count once here"},
    {"net", "steps", 8, 4, 60, "failures less successes among first contacts",
	"Bro's trw.bro has 4, for hosts that do not come and go"},
    {"window", "s", 86400, 60, 604800, "how long an attempt counts",
	"Bro's trw.bro forgets after 1800 s, which a slow scan outlasts"},
    {"protocols", "protocols", 3, 2, 10,
	"protocols that one client opens one port in, within ten minutes",
	"two are met where TLS and plain text share a port"},
    {"sources", "sources", 8, 3, 200,
	"sources whose attempts together make a scan of one target",
	"nmap's manual has 5 to 10 decoys in its examples"},
};

static void
clear_scanner(void *entry)
{
	scanner_clear(entry);
}

static void *
scan_open(struct detector_host *host)
{
	struct scan *scan = allocate(1, sizeof(*scan));
	const struct hash_key *key = detector_key(host);

	scan->host = host;
	scan->scanners =
	    memory_new(SCANNERS, SCANNERS, sizeof(struct scanner), key);
	memory_clear_by(scan->scanners, clear_scanner);
	scan->pairs = memory_new(PAIRS, PAIRS, sizeof(struct scan_pair), key);
	scan->victims =
	    memory_new(VICTIMS, VICTIMS, sizeof(struct scan_victim), key);
	testimony_init(&scan->testimony);
	return scan;
}

static void
scan_close(void *state)
{
	struct scan *scan = state;

	memory_free(scan->scanners);
	memory_free(scan->pairs);
	memory_free(scan->victims);
	testimony_release(&scan->testimony);
	free(scan);
}

static struct memory *
scan_memory(void *state, size_t index, const char **name)
{
	struct scan *scan = state;

	switch (index) {
	case 0:
		*name = "scanners";
		return scan->scanners;
	case 1:
		*name = "pairs";
		return scan->pairs;
	case 2:
		*name = "victims";
		return scan->victims;
	default:
		return NULL;
	}
}

static enum memory_class
class_of(const struct sighted_end *end)
{
	return end->inside ? MEMORY_INSIDE : MEMORY_OUTSIDE;
}

static bool
is_node(const struct sighted_end *end)
{
	return end->party->attribution == ATTRIBUTION_NODE ||
	       end->party->attribution == ATTRIBUTION_AMBIGUOUS;
}

static bool
is_nobodys(const struct sighted_end *end)
{
	return end->party->attribution == ATTRIBUTION_UNATTRIBUTED;
}

/* A zone is many hosts, which have nothing but its name in common. */
static uint64_t
target_key(const struct sighted_end *end)
{
	uint64_t halves[2];

	if (end->party->attribution != ATTRIBUTION_ZONE)
		return end->key;
	memcpy(halves, end->party->address.octets, sizeof(halves));
	return memory_key(halves[0], halves[1]);
}

/* --- what is said --------------------------------------------------------- */

static void
say_techniques(struct text *out, const struct scanner *scanner)
{
	bool some = false;

	for (int i = 0; i < TECHNIQUE_COUNT; i++) {
		if (scanner->by_technique[i] == 0)
			continue;
		text_add(out, some ? ", " : "");
		text_add(out, technique_name((enum technique)i));
		some = true;
	}
}

/* As many or more, where not every attempt was looked at. */
static void
say_number(struct text *out, const struct scanner *scanner, uint32_t number,
    const char *noun)
{
	if (scanner->shared)
		text_format(out, "%u or more %ss", number, noun);
	else
		text_format(
		    out, "%u %s%s", number, noun, number == 1 ? "" : "s");
}

/* Echo requests have no port, and may all have been answered. */
static void
say_targets(struct text *out, const struct scanner *scanner)
{
	bool echoes =
	    scanner->by_technique[TECHNIQUE_ICMP] == scanner->attempts;

	if (!echoes) {
		say_number(
		    out, scanner, scanner_distinct(scanner->ports), "port");
		text_add(out, " of ");
	}
	say_number(out, scanner, scanner_distinct(scanner->hosts), "host");
	text_add(
	    out, echoes ? " asked whether they are there" : " tried in vain");
}

static const char *
shape_name(const struct scan_shape *shape)
{
	if (shape->port_hosts <= 2 && shape->ports > 2)
		return "vertical";
	return shape->ports <= 2 ? "horizontal" : "block";
}

static void
give_evidence(struct scan *scan, const struct scanner *scanner,
    const struct scan_shape *shape)
{
	struct testimony *testimony = &scan->testimony;
	struct json_writer *json = &testimony->json;

	json_put_string(json, "shape", shape_name(shape));
	json_put_int(json, "attempts", (int64_t)scanner->attempts);
	json_put_int(json, "hosts", scanner_distinct(scanner->hosts));
	json_put_int(json, "ports", scanner_distinct(scanner->ports));
	json_put_int(json, "served", scanner->served_count);
	json_put_int(json, "walk", scanner->walk);
	json_object_open(json, "techniques");
	for (int i = 0; i < TECHNIQUE_COUNT; i++)
		if (scanner->by_technique[i] != 0)
			json_put_int(json, technique_name((enum technique)i),
			    scanner->by_technique[i]);
	json_object_close(json);
	json_put_bool(json, "handshake", scanner->proven != 0);
	testimony_times(testimony, scanner->first, scanner->last);
	testimony_numbers(
	    testimony, "packets", scanner->examples, SCANNER_EXAMPLES);
}

static uint8_t
scan_confidence(const struct scanner *scanner, const struct scan_shape *shape)
{
	uint32_t more = shape->targets > 30 ? 30 : shape->targets;

	/* Two probes by name leave no doubt of the tool, but of its user. */
	if (scanner->by_technique[TECHNIQUE_SERVICE] > 0)
		return 90;
	/* Then whose doing it is is in doubt, not what it is: more of it makes
	 * that no surer. */
	return (uint8_t)(scanner->proven ? 65 + more : 45);
}

static void
raise_scan(struct scan *scan, struct scanner *scanner,
    const struct scan_shape *shape, const struct sighted_end *prober,
    const struct sighting *sighting)
{
	struct text *sentence = &scan->testimony.sentence;

	testimony_begin(&scan->testimony);
	text_format(sentence, "%s scans: ", prober->name);
	say_targets(sentence, scanner);
	text_add(sentence, " (");
	say_techniques(sentence, scanner);
	text_add(sentence, ")");
	if (!scanner->proven)
		text_add(sentence, "; no handshake was finished, so its "
				   "address may be forged");
	give_evidence(scan, scanner, shape);
	detector_raise(scan->host,
	    &(struct anomaly){
		.signature = SIGNATURE_SCAN,
		.subject = prober,
		.confidence = scan_confidence(scanner, shape),
		.count = scanner->attempts - scanner->counted,
		.sentence = sentence->at,
		.evidence = scan->testimony.evidence.at,
		.silent_if = "fewer distinct targets in vain, targets that "
			     "serve it, or a model that allows them",
	    },
	    sighting);
	scanner->counted = scanner->attempts;
	scanner->raised = sighting->at.ns;
	scanner->scanning = true;
}

/*
 * Whether to say it (again): saying costs a sentence, and a full scan of one
 * host is 65 535 attempts.
 */
static bool
is_due(const struct scanner *scanner, const struct sighting *sighting)
{
	uint64_t more = scanner->attempts - scanner->counted;

	return !scanner->scanning || more >= 64 ||
	       more >= scanner->counted / 4 ||
	       sighting->at.ns - scanner->raised >= NS_PER_SECOND;
}

/* --- what is seen --------------------------------------------------------- */

/* Whether the hosts that it asks by echo requests are those it watches, as far
 * as anybody can tell by now. */
static bool
watches(const struct scanner *scanner, const struct sighted_end *prober)
{
	const struct party *party = prober->party;

	return scanner->leases || scanner_asks_in_rounds(scanner) ||
	       (party->attribution == ATTRIBUTION_EXACT &&
		   monitor_images_has(party->workload) &&
		   scanner_may_check_in_rounds(scanner));
}

/* Targets, as far as each of them is one that a scan would try. */
static double
weigh_targets(const struct scan_shape *shape)
{
	return shape->targets - shape->open * 0.6;
}

/* Whether as many accept as of what a monitor checks: of what is remembered, or
 * where that is less than was tried, of all attempts. */
static bool
accept_mostly(
    const struct scanner *scanner, const struct scan_shape *shape, bool few)
{
	uint64_t least = few ? 20 : 12;
	uint64_t echoes = scanner->by_technique[TECHNIQUE_ICMP];

	return shape->open * least >= (uint64_t)shape->targets * 5 ||
	       (scanner->tried_next >= SCANNER_TRIED &&
		   scanner->by_technique[TECHNIQUE_CONNECT] * least >=
		       (scanner->attempts - echoes) * 5);
}

/*
 * Who looks around finds ports that are closed as well.  So does a monitor, of
 * whose targets many may be down; but it looks at a port or two of each, comes
 * back to all of them, and has them from somebody who knows what there is.
 *
 * few        so few that chance may have it that fewer accept
 */
static bool
is_check(
    const struct scanner *scanner, const struct scan_shape *shape, bool few)
{
	if (shape->open * 4 >= shape->targets * 3)
		return true;
	return accept_mostly(scanner, shape, few) && shape->ports <= 2 &&
	       shape->nobodys * 2 < shape->targets &&
	       scanner_may_check_in_rounds(scanner);
}

static void
judge_scanner(struct scan *scan, struct scanner *scanner,
    const struct sighted_end *prober, const struct sighted_end *target,
    const struct sighting *sighting)
{
	double targets = detector_setting(scan->host, TARGETS, sighting);
	double net = detector_setting(scan->host, NET, sighting);
	double window = detector_setting(scan->host, WINDOW, sighting);
	struct scan_shape shape;
	double weight;

	if (is_node(prober))
		targets =
		    targets * 3 > SCANNER_TRIED ? SCANNER_TRIED : targets * 3;
	if (!is_due(scanner, sighting) || scanner->walk < net)
		return;
	shape = scanner_shape(scanner, scanner->last, (uint32_t)window);
	if (shape.hosts == 1 &&
	    (scanner_pours(scanner) || scan_is_shared(scan, prober, target,
					   scanner->attempts, sighting)))
		return; /* flood says that; its server is down */
	if (watches(scanner, prober))
		shape.targets -= shape.echoes;
	weight = weigh_targets(&shape);
	if (weight >= targets &&
	    !is_check(scanner, &shape, weight < 2 * targets))
		raise_scan(scan, scanner, &shape, prober, sighting);
}

/* Who never tried anything in vain has not knocked, and who did so at many
 * servers, as a monitor of which half is down, no more. */
static bool
may_knock(const struct scanner *scanner)
{
	return scanner->attempts > 0 &&
	       scanner_distinct(scanner->hosts) <= KNOCKED_HOSTS;
}

/* An attempt in vain may have been for what served since. */
static void
see_knock(struct scan *scan, const struct scanner *scanner,
    const struct attempt *attempt, const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	const struct served_lately *served;

	scan_knock(scan, sighting, attempt);
	served = scanner_served_after(
	    scanner, target_key(&sighting->server), flow, SCAN_KNOCK_WINDOW);
	if (served != NULL && attempt->outcome == OUTCOME_FAILED &&
	    flow->packets[flow->client] <= KNOCK_PACKETS &&
	    may_knock(scanner) &&
	    scan_has_knocked(scan, sighting, served->port, served->at))
		scan_raise_knock(
		    scan, sighting, served->port, served->at, SIGNATURE_KNOCK);
}

static void
see_failure(struct scan *scan, const struct sighting *sighting,
    const struct attempt *attempt)
{
	const struct flow *flow = sighting->flow;
	bool turned = attempt->prober != flow->client;
	const struct sighted_end *prober =
	    turned ? &sighting->server : &sighting->client;
	const struct sighted_end *target =
	    turned ? &sighting->client : &sighting->server;
	struct scanner *scanner =
	    memory_get(scan->scanners, class_of(prober), prober->key, NULL);

	if (!scanner_failed(scanner, target_key(target), attempt, flow))
		return;
	scanner_more(scanner, attempt, sighting->stands_for - 1);
	if (!turned)
		see_knock(scan, scanner, attempt, sighting);
	if (!scanner->proven && !scanner->scanning &&
	    scan_is_by_many(scan, prober, target, attempt, sighting)) {
		scanner_forgive(scanner, target_key(target));
		scan_raise_many(scan, prober, target, sighting, SIGNATURE_MANY);
		return;
	}
	judge_scanner(scan, scanner, prober, target, sighting);
}

/* Of clients that come once nothing is remembered; but of this target there
 * were some.  Whoever was served by it before has met an outage. */
static void
see_lone(struct scan *scan, const struct sighting *sighting,
    const struct attempt *attempt)
{
	const struct sighted_end *client = &sighting->client,
				 *server = &sighting->server;
	const struct scanner *scanner =
	    memory_find(scan->scanners, class_of(client), client->key);

	if (scanner != NULL && attempt->outcome == OUTCOME_FAILED &&
	    scanner_knows(scanner, target_key(server), sighting->flow->protocol,
		attempt->port))
		return;
	if (scan_is_by_many(scan, client, server, attempt, sighting))
		scan_raise_many(scan, client, server, sighting, SIGNATURE_MANY);
}

/* What no model allows; and what is open to everybody outside, if it is what
 * knocking guards: logins to machines (knockd's manual: sshd). */
static bool
may_be_knocked_for(const struct sighting *sighting)
{
	if (!sighting->judged || sighting->verdict != VERDICT_ALLOWED)
		return true;
	switch ((int)sighting->appid.application) {
	case APPLICATION_SSH:
	case APPLICATION_RDP:
	case APPLICATION_VNC:
	case APPLICATION_TELNET:
		return !sighting->client.inside;
	default:
		return false;
	}
}

static void
see_success(struct scan *scan, const struct sighting *sighting,
    const struct attempt *attempt)
{
	const struct sighted_end *client = &sighting->client;
	int64_t began = sighting->flow->first.ns;
	struct scanner *scanner =
	    memory_get(scan->scanners, class_of(client), client->key, NULL);

	scanner_served(
	    scanner, target_key(&sighting->server), attempt, sighting->flow);
	if (sighting->kind != SIGHTED_END || !attempt->proven ||
	    !may_be_knocked_for(sighting))
		return;
	scanner_note_served(
	    scanner, target_key(&sighting->server), sighting->flow);
	if (may_knock(scanner) &&
	    scan_has_knocked(scan, sighting, attempt->port, began))
		scan_raise_knock(
		    scan, sighting, attempt->port, began, SIGNATURE_KNOCK);
}

/* Of who keeps its connections nothing else is told for long. */
static void
see_asking(struct scan *scan, const struct sighting *sighting)
{
	struct attempt attempt;

	if (sighting->flow->protocol != PROTOCOL_TCP)
		return;
	attempt = attempt_of(sighting->flow);
	if (attempt.outcome == OUTCOME_SERVED)
		see_success(scan, sighting, &attempt);
}

/* One client opens one port as if it did not know what is there. */
static void
see_protocol(struct scan *scan, const struct sighting *sighting,
    enum application protocol, uint32_t tool)
{
	uint32_t protocols = scan_protocols(scan, sighting, protocol);
	bool many =
	    protocols >= detector_setting(scan->host, PROTOCOLS, sighting);
	struct attempt attempt = {.technique = TECHNIQUE_SERVICE,
	    .proven = true,
	    .outcome = OUTCOME_ODD,
	    .port = sighting->port};
	struct scanner *scanner;
	struct scan_shape shape;

	if (tool == 0 && !many)
		return;
	scanner = memory_get(scan->scanners, class_of(&sighting->client),
	    sighting->client.key, NULL);
	scanner->probes |= tool;
	(void)scanner_failed(
	    scanner, target_key(&sighting->server), &attempt, sighting->flow);
	if (!many && __builtin_popcount(scanner->probes) < 2)
		return;
	shape = scanner_shape(scanner, scanner->last, UINT32_MAX);
	raise_scan(scan, scanner, &shape, &sighting->client, sighting);
}

/* What DPI knows that it is, or is inside. */
static enum application
protocol_of(const struct appid *appid)
{
	if (appid->confidence != APP_DPI)
		return APPLICATION_UNKNOWN;
	return appid->carrier == APPLICATION_UNKNOWN ? appid->application
						     : appid->carrier;
}

static void
see_message(struct scan *scan, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;
	struct probe_marks marks;

	see_asking(scan, sighting);
	/* Probes come first; requests of a busy connection are none. */
	if (!message->from_client || sighting->flow->protocol != PROTOCOL_TCP ||
	    sighting->flow->packets[sighting->flow->client] > PROBE_PACKETS)
		return;
	marks = probe_marks_of(message->octets, message->size);
	if (message->kind == MESSAGE_TLS)
		marks.protocol = APPLICATION_TLS;
	/* Of what the flow is known to be it is told by itself. */
	if (marks.tool == 0 &&
	    (enum application)marks.protocol == protocol_of(&sighting->appid))
		return;
	see_protocol(scan, sighting, marks.protocol, marks.tool);
}

/* What DPI knows without a message of its own. */
static void
see_application(struct scan *scan, const struct sighting *sighting)
{
	if (sighting->kind == SIGHTED_READY &&
	    sighting->flow->protocol == PROTOCOL_TCP)
		see_protocol(scan, sighting, protocol_of(&sighting->appid), 0);
}

/* Its end is told half a minute later, and when the next round was begun. */
static void
see_answered_echo(struct scan *scan, const struct sighting *sighting)
{
	const struct sighted_end *client = &sighting->client;

	/* Of strangers who ping there may be any number. */
	if (client->inside)
		scanner_asked(memory_get(scan->scanners, class_of(client),
				  client->key, NULL),
		    target_key(&sighting->server), sighting->flow);
}

/* RFC 2131, 4.1: to addresses that are nobody's yet; RFC 8415, 7.2. */
static bool
is_dhcp_answer(const struct flow *flow)
{
	uint16_t from = flow_client(flow)->port, to = flow_server(flow)->port;

	return (from == 67 && to == 68) || (from == 547 && to == 546);
}

/*
 * Datagrams that say nothing of who sent them if they are not answered.  Each
 * call has ports of its own, and often only one end talks; and a resolver asks
 * whoever names are delegated to, outside.
 */
static bool
is_one_sided(const struct sighting *sighting)
{
	enum application application = sighting->appid.application;

	if (sighting->flow->protocol != PROTOCOL_UDP)
		return false;
	if (sighting->appid.confidence != APP_DPI)
		return is_dhcp_answer(sighting->flow);
	return application == APPLICATION_RTP ||
	       application == APPLICATION_RTCP ||
	       application == APPLICATION_STUN ||
	       application == APPLICATION_DHCP ||
	       (application == APPLICATION_DNS && !sighting->server.inside &&
		   !sighting->flow->answered);
}

/* Whoever gives addresses away asks first whether somebody has them (RFC 2131,
 * 2.2). */
static void
see_lease(struct scan *scan, const struct sighting *sighting)
{
	const struct sighted_end *client = &sighting->client;
	struct scanner *scanner;

	if (!client->inside || !is_dhcp_answer(sighting->flow))
		return;
	scanner = memory_get(scan->scanners, MEMORY_INSIDE, client->key, NULL);
	scanner->leases = 1;
}

/*
 * An answer is known at once, but whether the client asked for anything only
 * at the end; who keeps a connection for hours must not look unserved.
 */
static void
scan_see(void *state, const struct sighting *sighting)
{
	struct scan *scan = state;
	struct attempt attempt;

	if (detector_is_off(scan->host, sighting))
		return;
	if (sighting->kind == SIGHTED_MESSAGE) {
		see_message(scan, sighting);
		return;
	}
	if (sighting->kind == SIGHTED_PROGRESS) {
		see_asking(scan, sighting);
		return;
	}
	if (is_one_sided(sighting)) {
		see_lease(scan, sighting);
		return;
	}
	attempt = attempt_of(sighting->flow);
	if (attempt.outcome == OUTCOME_SERVED) {
		see_application(scan, sighting);
		see_success(scan, sighting, &attempt);
		return;
	}
	if (attempt.outcome == OUTCOME_NEITHER || sighting->infrastructure)
		return;
	if (sighting->kind == SIGHTED_END && scan_is_answer(scan, sighting))
		return;
	if (sighting->kind == SIGHTED_READY) {
		if (attempt.technique == TECHNIQUE_ICMP)
			see_answered_echo(scan, sighting);
		return;
	}
	if (attempt.outcome != OUTCOME_ODD && sighting->judged &&
	    sighting->verdict == VERDICT_ALLOWED)
		return;
	attempt.nobodys = is_nobodys(attempt.prober == sighting->flow->client
					 ? &sighting->server
					 : &sighting->client);
	if (sighting->kind == SIGHTED_LONE)
		see_lone(scan, sighting, &attempt);
	else
		see_failure(scan, sighting, &attempt);
}

const struct detector detector_scan = {
    .name = "scan",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1U << SIGHTED_READY | 1U << SIGHTED_END | 1U << SIGHTED_MESSAGE |
	     1U << SIGHTED_LONE | 1U << SIGHTED_PROGRESS,
    .messages =
	1U << MESSAGE_OPENING | 1U << MESSAGE_HTTP_REQUEST | 1U << MESSAGE_TLS,
    .by_absence = true,
    .revision = 8,
    .open = scan_open,
    .close = scan_close,
    .see = scan_see,
    .memory = scan_memory,
};
