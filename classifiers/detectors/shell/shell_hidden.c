/*
 * hidden-shells -- a person at the other end of an encrypted connection that a
 * workload opened.
 *
 * Idea.  In a connection that a program opens the program asks.  Where the
 * server begins each time, says little, and is answered at more length and
 * each time otherwise, it is the one that commands; and where its pauses are
 * those of a person, a person types.  TLS and SSH hide the words, not that.
 *
 * Formula.  Of a TLS or SSH connection to the outside that no model names: an
 * exchange begins when somebody sends after a second or more without any
 * payload; what is counted in octets begins with the second sighting, for the
 * first has the handshake.  It is a shell
 * when the server began `exchanges` in `seconds` or more, the client less than
 * a fifth as many; the server's packets hold 100 octets at most on average, a
 * typed line in a record of TLS or a key in a packet of SSH (36 to 52 octets);
 * the client sent half as much again as it got, but not more than 20 KB for
 * each; and both the time and the octets of an answer, averaged over what a
 * sighting tells and weighted by how many that is, vary by `variation` or more
 * (standard deviation over mean).
 *
 * What it is told from.  Keep-alives and pings: alike in size and time.  Long
 * polling: the client's requests are alike.  Chats and notifications: what is
 * answered is little.  Databases, LSP, git: the client begins.
 *
 * ATT&CK T1573 (encrypted channel).  Confidence is low, 45 %, and 55 % where a
 * model forbids the connection.
 *
 * Still gets through: shells that are asked for their orders (beacons, then),
 * tools that poll beside what is typed, a few commands, programs that command
 * at intervals.  Reported wrongly: agents by which somebody manages from
 * outside what is inside: name their servers in a model.
 */
#include <math.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/destination.h"
#include "classifiers/detectors/detectors_table.h"

#define SIGNATURE 2088

/* IP and TCP headers with the usual options (RFC 7323). */
#define HEADER_OCTETS 52
#define LINE_OCTETS   100
#define ANSWER_OCTETS 20000

enum setting { EXCHANGES, SECONDS, VARIATION };

static const struct detector_setting settings[] = {
    {"exchanges", "exchanges", 8, 5, 10000, "that the server began",
	"a judgement: eight commands"},
    {"seconds", "s", 40, 10, 86400, "that they took at least", "a judgement"},
    {"variation", "%", 20, 1, 200, "of times and answers, at least",
	"calculated: pauses between 1 and 9 s have 46 %, a program's with a "
	"jitter of 30 % have 17 %"},
};

/* Of a flow while it lasts. */
struct known {
	int64_t begun, last; /* ns: of what is counted */
	uint64_t exchanges[2];
	uint64_t packets[2], octets[2]; /* with payload; of payload */
	struct scatter {
		double count, weight, mean, squares;
	} times, answers; /* of an exchange, averaged over a sighting */
	struct pace pace;
};

static void *
hidden_open(struct detector_host *host)
{
	return desk_open(host, 2048, 8, sizeof(struct known));
}

static bool
is_watched(const struct sighting *sighting)
{
	enum application carrier = sighting->appid.carrier,
			 application = sighting->appid.application;

	return sighting->judged && sighting->verdict != VERDICT_ALLOWED &&
	       sighting->appid.confidence == APP_DPI &&
	       (carrier == APPLICATION_TLS || application == APPLICATION_TLS ||
		   application == APPLICATION_SSH) &&
	       sighting->client.party->attribution == ATTRIBUTION_EXACT;
}

/* Octets of payload, about: acknowledgements have none. */
static uint64_t
payload_of(const struct sighted_amount *amount, int end)
{
	uint64_t headers = HEADER_OCTETS * amount->packets[end];

	return amount->octets[end] > headers ? amount->octets[end] - headers
					     : 0;
}

/*
 * Welford's, weighted: a mean of n exchanges scatters by an n-th of the
 * variance that one has.
 */
static void
note(struct scatter *scatter, double value, double weight)
{
	double apart = value - scatter->mean;

	scatter->count++;
	scatter->weight += weight;
	scatter->mean += apart * weight / scatter->weight;
	scatter->squares += weight * apart * (value - scatter->mean);
}

/* The standard deviation over the mean, in percent. */
static double
variation_of(const struct scatter *scatter)
{
	if (scatter->count < 3 || scatter->mean <= 0)
		return 0;
	return 100 * sqrt(scatter->squares / (scatter->count - 1)) /
	       scatter->mean;
}

static void
add(struct known *known, const struct sighted_amount *amount, int64_t last)
{
	double begun = amount->begun[1];

	for (int end = 0; end < 2; end++) {
		known->exchanges[end] += amount->begun[end];
		known->packets[end] += amount->payloads[end];
		known->octets[end] += payload_of(amount, end);
	}
	if (amount->begun[1] == 0)
		return;
	note(&known->answers, (double)payload_of(amount, 0) / begun, begun);
	note(&known->times,
	    (double)(last - known->last) / (double)NS_PER_SECOND / begun,
	    begun);
	known->last = last;
}

static bool
is_a_person(struct detector_host *host, const struct known *known,
    const struct sighting *sighting)
{
	double seconds =
	    (double)(known->last - known->begun) / (double)NS_PER_SECOND;
	double variation = detector_setting(host, VARIATION, sighting);
	uint64_t exchanges = known->exchanges[1];

	return (double)exchanges >=
		   detector_setting(host, EXCHANGES, sighting) &&
	       seconds >= detector_setting(host, SECONDS, sighting) &&
	       known->exchanges[0] * 5 < exchanges &&
	       known->octets[1] <= LINE_OCTETS * known->packets[1] &&
	       known->octets[0] * 2 > known->octets[1] * 3 &&
	       known->octets[0] < ANSWER_OCTETS * exchanges &&
	       variation_of(&known->answers) >= variation &&
	       variation_of(&known->times) >= variation;
}

static void
say(struct desk *desk, struct known *known, const struct sighting *sighting)
{
	bool named = destination_is_named(&sighting->server);
	struct anomaly anomaly = {.signature = SIGNATURE,
	    .subject = &sighting->client,
	    .object = named ? NULL : &sighting->server,
	    .about = destination_name(&sighting->server),
	    .confidence = sighting->verdict == VERDICT_DEVIATION ? 55 : 45,
	    .names_flow = true,
	    .silent_if = "a model that names the server, a client that asks, "
			 "or answers that are alike"};

	anomaly.count = pace_count(&known->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s opened an encrypted connection over which %s on port %u "
	    "commands it, by its rhythm",
	    sighting->client.name, destination_name(&sighting->server),
	    sighting->port);
	json_put_int(
	    &desk->json, "begun_by_server", (int64_t)known->exchanges[1]);
	json_put_int(
	    &desk->json, "begun_by_client", (int64_t)known->exchanges[0]);
	json_put_int(
	    &desk->json, "octets_of_server", (int64_t)known->octets[1]);
	json_put_int(
	    &desk->json, "octets_of_client", (int64_t)known->octets[0]);
	json_put_int(&desk->json, "variation_percent",
	    (int64_t)variation_of(&known->times));
	seen_put_flow(&desk->json, sighting);
	desk_raise(desk, anomaly, sighting);
}

/* The first payload of all begins nothing but the connection. */
static void
begin(struct known *known, const struct sighting *sighting)
{
	const struct sighted_amount *amount = &sighting->amount;

	known->begun = sighting->flow->first.ns;
	known->last = sighting->flow->last.ns;
	known->exchanges[0] = amount->begun[0] > 0 ? amount->begun[0] - 1 : 0;
	known->exchanges[1] = amount->begun[1];
}

static void
hidden_see(void *state, const struct sighting *sighting)
{
	struct desk *desk = state;
	bool over = sighting->kind == SIGHTED_END, new = false;
	struct known *known;
	uint64_t key;

	if (!is_watched(sighting) || detector_is_off(desk->host, sighting))
		return;
	key = memory_key(
	    sighting->client.instance, attempt_identity(sighting->flow));
	known = over ? memory_find(desk->memory, MEMORY_INSIDE, key)
		     : memory_get(desk->memory, MEMORY_INSIDE, key, &new);
	if (new)
		begin(known, sighting);
	if (new || known == NULL)
		return;
	add(known, &sighting->amount, sighting->flow->last.ns);
	if (is_a_person(desk->host, known, sighting))
		say(desk, known, sighting);
	if (over)
		memory_drop(desk->memory, MEMORY_INSIDE, key);
}

const struct detector detector_hidden_shells = {
    .name = "hidden-shells",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .flows = FLOWS_TCP | FLOWS_UNEXPECTED | FLOWS_CROSSING | FLOWS_JUDGED,
    .kinds = 1 << SIGHTED_PROGRESS | 1 << SIGHTED_END,
    .revision = 2,
    .open = hidden_open,
    .close = desk_close,
    .see = hidden_see,
    .memory = desk_memory,
};
