/*
 * http_flood -- more requests than a server was ever asked, and requests that
 * never end.
 *
 * Idea.  A request flood is answered, so it cannot be told by what is left
 * undone; it is told by who asks.  Load that grows comes from clients that a
 * model allows, or that have asked before.  So requests are counted by target
 * and port in two accounts:
 *
 *   strange   requests that a model forbids.  What is usual begins at nothing
 *   familiar  from outside, though allowed, and what no model is about.  What
 *             is usual is learnt for a minute first, and has to be exceeded
 *             five times over.  A client that has asked for `known` seconds
 *             counts only with what exceeds ten times its own usual; one
 *             inside after half of that, and fifty times, for it may hand on
 *             what many ask it.  Of a crowd, clients that ask no more than a
 *             browser does (100 in 10 s), one request in ten counts, and of
 *             the first 25 of each one in forty: a sale brings many who were
 *             never there before, each of them takes a page with its files and
 *             is slow
 *
 * While it is learnt, one client of the outside that asks five times `requests`
 * within 10 s floods all the same (twice, if its address is a public one, which
 * no load balancer of one's own has, and it names nobody for whom it asks, as
 * those of clouds do; once, if those are connections of it), and teaches
 * nothing beyond `requests`.
 *
 * What a model allows one workload to ask another counts in neither: that is a
 * load spike.  Where requests cannot be seen (TLS, HTTP/2) connections stand
 * for them.
 *
 * Who asked three quarters of it is named, else, of three and more, the target.
 *
 * Formula: CUSUM over an EWMA, in rate.h, with h of `requests` above the usual
 * and k a fifth of it per bin of 10 s.  ntopng: 256 new flows a second.
 *
 * Connections of a client whose logins fail there, ten and more than succeed,
 * are guesses at a password (brute-force), and no flood besides.
 *
 * Slow requests: `slow` connections at once in which the client has sent for
 * 10 s or more, more than once and less than 2 KB between two looks, and the
 * server has not said a word, or answered and is sent the rest: a request line
 * or body that does not end.  NeuVector: header over 3 s, body over 30 s, off
 * by default.  Of many sources four times as many, and as many of those whose
 * request said that it streams (`chunked`: readings of machines, live video).
 * Addresses of one /64 of IPv6 are one client (RFC 4291, 2.5.4; RFC 8981 has
 * hosts change theirs), named by the one that was first.
 *
 * Slow reading: as many connections of HTTP or TLS in which the client closed
 * its window, or opened with one of less than a segment, and got less than
 * 2 KB between two looks and 256 KB in all: who pauses a download has read.
 *
 * Silence: `silent` connections within two minutes that their client opened
 * and kept for 5 s or more without a word; not those that a model allows a
 * workload.  Of many sources ten times as many.
 *
 * ATT&CK T1499.002 (service exhaustion flood), T1499.003 (slow requests are
 * application exhaustion).
 *
 * Spoofing: requests need a handshake, so whoever is named did it.
 *
 * What still gets through: floods from a workload that may ask that server; a
 * target's first minute, unless one client of the outside floods by itself; a
 * crowd that together asks less than ten times `requests`, or forty times, if
 * each of them asks 25 times; many requests in one HTTP/2 or TLS connection;
 * slow requests inside TLS; readers that take 256 KB first; connections that
 * are kept after one small request.  Who prepares for hours raises the familiar
 * account by `growth` an hour.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/detector.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/flood/slow_requests.h"
#include "classifiers/detectors/http/http_request.h"
#include "classifiers/detectors/measures/rate.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/testimony.h"
#include "sensor/base/arena.h"

#define SIGNATURE_REQUESTS 2013
#define SIGNATURE_SLOW     2014

#define TARGETS 2048
#define CLIENTS 8192
#define SILENT  512

#define LEARNING (60 * NS_PER_SECOND)

/* Of a client's own usual; what it may always ask, in a bin. */
#define OWN_FACTOR        10
#define OWN_FACTOR_INSIDE 50 /* a gateway's visitors come in crowds */
#define OWN_LEAST         100

/*
 * One request of so many counts of who asks no more than a person, and one of
 * so many of a page with its files, of which each browser takes some dozens
 * once.
 */
#define CROWD      10
#define CROWD_PAGE 40
#define PAGE       25

/* Of `known`, for clients inside. */
#define KNOWN_INSIDE 0.5

/* Of `requests`: more of one stranger in a bin is no beginning.  What stands
 * before a cluster and asks for everybody has private addresses mostly, and
 * keeps its connections. */
#define LEARNING_FACTOR        5
#define LEARNING_FACTOR_PUBLIC 2

/* Of many sources, so many times the setting. */
#define SLOW_TIMES   4
#define SILENT_TIMES 10 /* visitors' browsers connect beforehand, too */

enum { REQUESTS, KNOWN, GROWTH, SLOW, SILENCES };

static const struct detector_setting settings[] = {
    {"requests", "requests", 1000, 10, 1e8,
	"requests or connections above the usual, to one port",
	"measured: wrk and ab make 5000 a second and more"},
    {"known", "s", 120, 10, 86400, "after which a client is known to a target",
	"twice as long as its target is learnt"},
    {"growth", "%", 50, 0, 1000, "by how much the usual may grow in an hour",
	"so that who poisons it slowly needs days"},
    {"slow", "connections", 10, 3, 60,
	"connections at once whose requests do not end",
	"slowhttptest's default is 50, slowloris' 150"},
    {"silent", "connections", 200, 20, 5000,
	"connections of one client on which it says nothing",
	"PostgreSQL serves 100 at once, Apache 400, nginx 512"},
};

enum account { STRANGE, FAMILIAR, ACCOUNTS };

/* One port of one target. */
struct asked {
	struct rate rates[ACCOUNTS];
	uint64_t sources[4]; /* a sketch of 256 bits, of the flood */
	struct slow_requests slow;
	int64_t since;
	uint64_t learnt; /* familiar requests while it is learnt */
	int64_t first, raised;
	uint64_t total, counted;
	uint64_t example;
	uint64_t named; /* the client that flooded first, or does most of it */
	uint64_t calm;  /* requests since it was calm */
	uint64_t voted; /* a majority's vote of who asked since then */
	uint64_t votes; /* how many more were that one's than were others' */
	uint32_t crowd; /* requests of slow strangers, in CROWD_PAGE-ths */
	uint8_t on[ACCOUNTS];
	uint8_t spare[2];
};

/* One client of one target. */
struct asking {
	struct slow_requests slow;
	int64_t since;
	int64_t bin;             /* number of it */
	double mean;             /* requests in a bin that is over */
	uint64_t in_bin, before; /* and in the bin before this */
	uint64_t named;          /* that keeps requests from ending */
	uint32_t failed, let_in; /* logins, as many as were counted */
	uint32_t asked;          /* requests, as far as PAGE */
};

struct http_flood {
	struct detector_host *host;
	struct memory *targets, *clients, *silences;
	struct testimony testimony;
};

static void *
http_flood_open(struct detector_host *host)
{
	struct http_flood *flood = allocate(1, sizeof(*flood));
	const struct hash_key *key = detector_key(host);

	flood->host = host;
	flood->targets =
	    memory_new(TARGETS, TARGETS, sizeof(struct asked), key);
	flood->clients =
	    memory_new(CLIENTS, CLIENTS, sizeof(struct asking), key);
	flood->silences =
	    memory_new(SILENT, SILENT, sizeof(struct silences), key);
	testimony_init(&flood->testimony);
	return flood;
}

static void
http_flood_close(void *state)
{
	struct http_flood *flood = state;

	memory_free(flood->targets);
	memory_free(flood->clients);
	memory_free(flood->silences);
	testimony_release(&flood->testimony);
	free(flood);
}

static struct memory *
http_flood_memory(void *state, size_t index, const char **name)
{
	struct http_flood *flood = state;

	switch (index) {
	case 0:
		*name = "targets";
		return flood->targets;
	case 1:
		*name = "clients";
		return flood->clients;
	case 2:
		*name = "silences";
		return flood->silences;
	default:
		return NULL;
	}
}

static struct asked *
asked_of(struct http_flood *flood, const struct sighting *sighting)
{
	const struct sighted_end *server = &sighting->server;

	return memory_get(flood->targets,
	    server->inside ? MEMORY_INSIDE : MEMORY_OUTSIDE,
	    memory_key(server->key, sighting->port), NULL);
}

static struct asking *
asking_of(struct http_flood *flood, const struct sighting *sighting)
{
	const struct sighted_end *client = &sighting->client;

	return memory_get(flood->clients,
	    client->inside ? MEMORY_INSIDE : MEMORY_OUTSIDE,
	    memory_key(
		memory_key(client->key, sighting->server.key), sighting->port),
	    NULL);
}

/* Of the client, or its network, for requests that do not end. */
static struct asking *
keeping_of(struct http_flood *flood, const struct sighting *sighting)
{
	return memory_get(flood->clients,
	    sighting->client.inside ? MEMORY_INSIDE : MEMORY_OUTSIDE,
	    memory_key(
		memory_key(sighted_network(sighting), sighting->server.key),
		sighting->port),
	    NULL);
}

static uint32_t
distinct(const struct asked *asked)
{
	uint32_t count = 0;

	for (int i = 0; i < 4; i++)
		count += (uint32_t)__builtin_popcountll(asked->sources[i]);
	return count;
}

/* --- requests ------------------------------------------------------------- */

/*
 * Boyer and Moore's majority vote ("MJRTY", 1991): whoever asks more than half
 * of all is the one that is left.
 */
static void
vote(struct asked *asked, uint64_t key)
{
	if (asked->votes == 0)
		asked->voted = key;
	if (asked->voted == key)
		asked->votes++;
	else
		asked->votes--;
}

/* One that asks three quarters of all floods, whoever visits meanwhile. */
static bool
is_by_one(const struct asked *asked)
{
	return asked->votes * 2 >= asked->calm;
}

static bool
is_by_many(const struct asked *asked)
{
	return distinct(asked) > 2 && !is_by_one(asked);
}

static void
raise_requests(struct http_flood *flood, struct asked *asked,
    enum account account, const struct sighting *sighting)
{
	struct testimony *testimony = &flood->testimony;
	bool by_many = is_by_many(asked);

	testimony_begin(testimony);
	if (by_many)
		text_format(&testimony->sentence, "%u or more clients flood",
		    testimony_at_least(distinct(asked)));
	else
		text_format(
		    &testimony->sentence, "%s floods", sighting->client.name);
	text_format(&testimony->sentence,
	    " %s on port %u with requests: %llu so far", sighting->server.name,
	    sighting->port, (unsigned long long)asked->total);
	json_put_int(&testimony->json, "requests", (int64_t)asked->total);
	json_put_int(&testimony->json, "clients", distinct(asked));
	testimony_fraction(
	    testimony, "usual_per_second", asked->rates[account].mean / 10);
	testimony_times(testimony, asked->first, sighting->then.ns);
	testimony_numbers(testimony, "packets", &asked->example, 1);
	detector_raise(flood->host,
	    &(struct anomaly){
		.signature = SIGNATURE_REQUESTS,
		.subject = by_many ? &sighting->server : &sighting->client,
		.object = by_many ? NULL : &sighting->server,
		.confidence = account == STRANGE ? 85 : 60,
		.count = asked->total - asked->counted,
		.sentence = testimony->sentence.at,
		.evidence = testimony->evidence.at,
		.silent_if = "a model that allows this workload to ask, a "
			     "client that is known, or fewer requests",
	    },
	    sighting);
	asked->counted = asked->total;
	asked->raised = sighting->at.ns;
}

/* Whether it asks no more than some times what it always did. */
static bool
is_usual_for(struct http_flood *flood, struct asking *asking,
    const struct sighting *sighting)
{
	int64_t bin = rate_bin(sighting->then), now = sighting->then.ns;
	double known = detector_setting(flood->host, KNOWN, sighting), factor;
	double bins;

	if (asking->since == 0) {
		asking->since = now;
		asking->bin = bin;
	}
	if (sighting->client.inside)
		known *= KNOWN_INSIDE;
	bins = (double)(asking->bin - asking->since / RATE_BIN);
	for (int i = 0; asking->bin < bin && i < 100; i++) {
		/* Of its first bins all count alike. */
		asking->mean += fmax(0.05, 1 / ++bins) *
				((double)asking->in_bin - asking->mean);
		asking->before = asking->in_bin;
		asking->in_bin = 0;
		asking->bin++;
	}
	asking->bin = bin;
	asking->in_bin++;
	asking->asked += asking->asked <= PAGE;
	factor = sighting->client.inside ? OWN_FACTOR_INSIDE : OWN_FACTOR;
	return (double)(now - asking->since) >= known * (double)NS_PER_SECOND &&
	       (double)asking->in_bin <= factor * asking->mean + OWN_LEAST;
}

/* RFC 1918, 4193, 6598: networks of one's own, and carriers' NAT. */
static bool
is_public(const struct sighting *sighting)
{
	const struct address *from = &flow_client(sighting->flow)->address;
	const uint8_t *at = from->octets;

	if (!address_is_ipv4(from))
		return (at[0] & 0xfe) != 0xfc && !address_is_link_local(from);
	at += 12;
	return at[0] != 10 && (at[0] != 172 || (at[1] & 0xf0) != 16) &&
	       (at[0] != 192 || at[1] != 168) &&
	       (at[0] != 100 || (at[1] & 0xc0) != 64);
}

/* Whoever says for whom it asks (RFC 7239) stands before others: the load
 * balancers of large clouds have public addresses. */
static bool
is_proxy(const struct sighting *sighting)
{
	const struct message *message = &sighting->message;

	return sighting->kind == SIGHTED_MESSAGE &&
	       (http_header(message->octets, message->size, "x-forwarded-for")
			   .size > 0 ||
		   http_header(message->octets, message->size, "forwarded")
			   .size > 0);
}

static double
learning_factor(const struct sighting *sighting)
{
	if (!is_public(sighting) || is_proxy(sighting))
		return LEARNING_FACTOR;
	/* Of silent connections `silent` has the count. */
	return sighting->kind == SIGHTED_READY &&
		       sighting->appid.confidence == APP_DPI
		   ? 1
		   : LEARNING_FACTOR_PUBLIC;
}

/*
 * Whether what is asked is learnt still.
 *
 * most       requests of one stranger in a bin that teach
 */
static bool
is_learning(struct asked *asked, const struct asking *asking, double most,
    const struct sighting *sighting)
{
	int64_t now = sighting->then.ns;
	double in_bin = sighting->client.inside ? 0 : (double)asking->in_bin;
	double before = sighting->client.inside ? 0 : (double)asking->before;

	if (asked->since < 0)
		return false;
	asked->learnt += in_bin <= most;
	in_bin = fmax(in_bin, before);
	if (now - asked->since < LEARNING)
		return in_bin <= most ||
		       in_bin <= most * learning_factor(sighting);
	asked->since = -1;
	asked->rates[FAMILIAR].mean =
	    (double)asked->learnt / (double)(LEARNING / RATE_BIN);
	return false;
}

/* A person's browser: a page brings some dozens of requests. */
static bool
is_one_of_crowd(struct asked *asked, const struct asking *asking)
{
	uint32_t before = asked->crowd / CROWD_PAGE;

	if (asking->in_bin > OWN_LEAST)
		return false;
	asked->crowd += asking->asked <= PAGE ? 1 : CROWD_PAGE / CROWD;
	return asked->crowd / CROWD_PAGE == before;
}

/* False where it does not count. */
static bool
find_account(struct http_flood *flood, struct asked *asked,
    const struct sighting *sighting, enum account *account)
{
	struct asking *asking;
	bool usual, crowd;
	double most;

	if (sighting->verdict == VERDICT_DEVIATION) {
		*account = STRANGE;
		asked->calm++;
		return true;
	}
	*account = FAMILIAR;
	asking = asking_of(flood, sighting);
	most = detector_setting(flood->host, REQUESTS, sighting);
	/* All three remember, whatever the others say. */
	if (asked->since == 0)
		asked->since = sighting->then.ns;
	usual = is_usual_for(flood, asking, sighting);
	crowd = is_one_of_crowd(asked, asking);
	if (usual)
		return false;
	asked->calm++;
	return !crowd && !is_learning(asked, asking, most, sighting);
}

static void
begin_flood(
    struct asked *asked, enum account account, const struct sighting *sighting)
{
	asked->on[account] = true;
	asked->total = asked->calm - 1;
	asked->counted = 0;
	asked->first = asked->rates[account].rising;
	asked->example = sighting->packet;
	asked->named = sighting->client.key;
}

static void
note_source(struct asked *asked, uint64_t key, bool calm)
{
	uint64_t bit = memory_key(key, 11) % 256;

	if (calm) {
		for (int i = 0; i < 4; i++)
			asked->sources[i] = 0;
		asked->calm = 1;
		asked->votes = 0;
	}
	vote(asked, key);
	asked->sources[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* Where brute-force says what it is: its `attempts` are ten. */
#define GUESSES 10

static const struct asking *
known_asking(const struct http_flood *flood, const struct sighting *sighting)
{
	const struct sighted_end *client = &sighting->client;

	return memory_find(flood->clients,
	    client->inside ? MEMORY_INSIDE : MEMORY_OUTSIDE,
	    memory_key(
		memory_key(client->key, sighting->server.key), sighting->port));
}

static void
see_login(struct http_flood *flood, const struct sighting *sighting)
{
	bool failed = sighting->message.code != 0;
	struct asking *asking;

	/* Of whom no login failed nothing need be known. */
	if (!failed && known_asking(flood, sighting) == NULL)
		return;
	asking = asking_of(flood, sighting);
	if (failed)
		asking->failed += asking->failed < UINT32_MAX;
	else
		asking->let_in += asking->let_in < UINT32_MAX;
}

static bool
is_guessing(const struct http_flood *flood, const struct sighting *sighting)
{
	const struct asking *asking = known_asking(flood, sighting);

	return asking != NULL && asking->failed >= GUESSES &&
	       asking->failed > asking->let_in;
}

/* A request, or a connection in which none can be seen. */
static void
take_request(struct http_flood *flood, const struct sighting *sighting)
{
	struct asked *asked;
	enum account account;
	struct rate_rule rule;
	double sum;

	/* Most requests there are, and no load of them is a flood. */
	if (sighting->verdict == VERDICT_ALLOWED && sighting->client.inside)
		return;
	if (sighting->kind == SIGHTED_READY && is_guessing(flood, sighting))
		return;
	asked = asked_of(flood, sighting);
	if (!find_account(flood, asked, sighting, &account))
		return;
	rule.h = detector_setting(flood->host, REQUESTS, sighting);
	rule.k = rule.h / 5;
	if (account == FAMILIAR)
		rule.k = fmax(rule.k, 4 * asked->rates[account].mean);
	rule.limit = account == STRANGE ? rule.h : 1000 * rule.h;
	rule.growth = detector_setting(flood->host, GROWTH, sighting) / 100;
	sum = rate_add(&asked->rates[account], &rule, sighting->then, 1);
	note_source(
	    asked, sighting->client.key, sum <= 0 && !asked->on[account]);
	if (sum <= rule.h) {
		asked->on[account] = asked->on[account] && sum > 0;
		return;
	}
	if (!asked->on[account])
		begin_flood(asked, account, sighting);
	asked->total = asked->calm;
	if (is_by_one(asked))
		asked->named = asked->voted;
	if ((asked->total - asked->counted > asked->counted / 4 ||
		sighting->at.ns - asked->raised >= NS_PER_SECOND) &&
	    (is_by_many(asked) || asked->named == sighting->client.key))
		raise_requests(flood, asked, account, sighting);
}

/* --- slow requests -------------------------------------------------------- */

static void
raise_held(struct http_flood *flood, const struct held *held,
    const struct sighting *sighting)
{
	struct testimony *testimony = &flood->testimony;

	testimony_begin(testimony);
	held_say(&testimony->sentence, held, sighting);
	json_put_int(&testimony->json, "connections", held->count);
	testimony_times(testimony, held->since, held->last);
	testimony_numbers(testimony, "packets", &held->example, 1);
	detector_raise(flood->host,
	    &(struct anomaly){
		.signature = SIGNATURE_SLOW,
		.subject =
		    held->by_many ? &sighting->server : &sighting->client,
		.object = held->by_many ? NULL : &sighting->server,
		.confidence = held->holding == HOLDS_REQUESTS ? 85 : 75,
		.count = 1,
		.sentence = testimony->sentence.at,
		.evidence = testimony->evidence.at,
		.silent_if = "fewer such connections at once, or a server "
			     "that answers them and is heard",
	    },
	    sighting);
}

static void
raise_slow(struct http_flood *flood, const struct slow_requests *slow,
    enum holding holding, bool by_many, const struct sighting *sighting)
{
	raise_held(flood,
	    &(struct held){.holding = holding,
		.by_many = by_many,
		.count = slow_requests_count(slow),
		.since = slow->since,
		.last = slow->last,
		.example = slow->example},
	    sighting);
}

/* A body that is as long as it becomes (RFC 9112, 7.1). */
static void
see_request(struct http_flood *flood, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;

	if (message->size > 0 && message->octets[0] == 'P' &&
	    http_piece_has(http_header(message->octets, message->size,
			       "transfer-encoding"),
		"chunked"))
		slow_requests_note_stream(
		    &keeping_of(flood, sighting)->slow, sighting->flow);
}

static void
see_progress(struct http_flood *flood, const struct sighting *sighting)
{
	double slow = detector_setting(flood->host, SLOW, sighting), own;
	bool unread = slow_requests_is_unread(sighting);
	enum holding holding = unread ? HOLDS_ANSWERS : HOLDS_REQUESTS;
	struct asking *asking;
	struct asked *asked;

	if (!unread && !slow_requests_is_slow(sighting))
		return;
	asking = keeping_of(flood, sighting);
	if (!unread && !slow_requests_goes_on(&asking->slow, sighting))
		return;
	slow_requests_note(&asking->slow, sighting->flow);
	asked = asked_of(flood, sighting);
	slow_requests_note(&asked->slow, sighting->flow);
	own = slow * (slow_requests_is_stream(&asking->slow, sighting->flow)
			     ? SLOW_TIMES
			     : 1);
	if (slow_requests_count(&asking->slow) >= own) {
		if (asking->named == 0)
			asking->named = sighting->client.key;
		if (asking->named == sighting->client.key)
			raise_slow(
			    flood, &asking->slow, holding, false, sighting);
	} else if (slow_requests_count(&asked->slow) >= SLOW_TIMES * slow) {
		raise_slow(flood, &asked->slow, holding, true, sighting);
	}
}

/* --- silence -------------------------------------------------------------- */

/* Of one client or its network (its key), or of all (0). */
static struct silences *
note_silence(struct http_flood *flood, uint64_t client, bool inside,
    const struct sighting *sighting)
{
	struct silences *silences =
	    memory_get(flood->silences, inside ? MEMORY_INSIDE : MEMORY_OUTSIDE,
		memory_key(
		    memory_key(client, sighting->server.key), sighting->port),
		NULL);

	silences_note(silences, sighting->flow);
	if (silences->named == 0)
		silences->named = sighting->client.key;
	return silences;
}

static void
raise_silence(struct http_flood *flood, const struct silences *silences,
    bool by_many, const struct sighting *sighting)
{
	raise_held(flood,
	    &(struct held){.holding = HOLDS_SILENT,
		.by_many = by_many,
		.count = silences_count(silences),
		.since = silences->since,
		.last = silences->last,
		.example = silences->example},
	    sighting);
}

static void
see_silence(struct http_flood *flood, const struct sighting *sighting)
{
	double silent = detector_setting(flood->host, SILENCES, sighting);
	const struct silences *silences;

	if (!slow_requests_is_silent(sighting) ||
	    (sighting->client.inside && sighting->judged &&
		sighting->verdict == VERDICT_ALLOWED))
		return;
	silences = note_silence(flood, sighted_network(sighting),
	    sighting->client.inside, sighting);
	if (silences_count(silences) >= silent) {
		if (silences->named == sighting->client.key)
			raise_silence(flood, silences, false, sighting);
		return;
	}
	silences = note_silence(flood, 0, true, sighting);
	if (silences_count(silences) >= SILENT_TIMES * silent)
		raise_silence(flood, silences, true, sighting);
}

/* --- what is seen --------------------------------------------------------- */

static bool
hides_requests(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	/* Half open ones are a SYN flood's; what began before it was seen, such
	 * as idle connections of a pool, may have begun long ago. */
	return flow->protocol == PROTOCOL_TCP && flow->answered &&
	       !flow->midstream &&
	       (flow->tcp_flags[flow->client] & TCP_ACK) != 0 &&
	       (sighting->appid.application != APPLICATION_HTTP ||
		   sighting->appid.carrier != APPLICATION_UNKNOWN);
}

static void
http_flood_see(void *state, const struct sighting *sighting)
{
	struct http_flood *flood = state;

	if (sighting->infrastructure || detector_is_off(flood->host, sighting))
		return;
	if (sighting->kind == SIGHTED_PROGRESS)
		see_progress(flood, sighting);
	else if (sighting->kind != SIGHTED_MESSAGE)
		see_silence(flood, sighting);
	else if (sighting->message.kind == MESSAGE_HTTP_REQUEST)
		see_request(flood, sighting);
	if (!sighting->judged)
		return;
	if (sighting->kind == SIGHTED_READY) {
		if (hides_requests(sighting))
			take_request(flood, sighting);
	} else if (sighting->kind != SIGHTED_MESSAGE) {
		return;
	} else if (sighting->message.kind == MESSAGE_AUTHENTICATION) {
		see_login(flood, sighting);
	} else if (sighting->message.from_client) {
		take_request(flood, sighting);
	}
}

const struct detector detector_http_flood = {
    .name = "http-flood",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .flows = FLOWS_TCP | FLOWS_ACCEPTED,
    .kinds = 1U << SIGHTED_READY | 1U << SIGHTED_PROGRESS |
	     1U << SIGHTED_MESSAGE | 1U << SIGHTED_END,
    .messages = 1U << MESSAGE_HTTP_REQUEST | 1U << MESSAGE_AUTHENTICATION,
    .revision = 6,
    .open = http_flood_open,
    .close = http_flood_close,
    .see = http_flood_see,
    .memory = http_flood_memory,
};
