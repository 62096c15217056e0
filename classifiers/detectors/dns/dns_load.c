/*
 * dns-load -- DNS as a weapon: floods, amplification, whole zones.
 *
 * Idea: a server that answers small questions with large answers hits whoever
 * the question pretends to be from; questions for ever new names below one
 * domain wear out its servers; a zone transfer tells all names at once.
 *
 * Formula: per client and server:
 *   flood          questions in 10 seconds sliding >= `questions` and at least
 *                  `times` as many as the most that this pair ever had in 10
 *                  seconds an hour ago or earlier (the learned normal: a
 *                  maximum that forgets half of itself in a day, and grows
 *                  by half of itself in an hour at most); none of who asks
 *                  for a whole network: of a fourth of the questions the
 *                  registered domain is one that was not asked for before
 *                  within 5 s
 *   amplification  in 60 seconds sliding, `large` answers of 512 octets or more
 *                  whose octets are `ratio` times those of all questions, four
 *                  or more for each name: a resolver that validates gets many,
 *                  but of ever other names
 *   zone transfer  one question of the type AXFR (RFC 5936) or IXFR (RFC 1995);
 *                  with an end outside, one that no model allows; none of who
 *                  keeps a copy: it asked that server for the zone's SOA
 *                  within a minute before, to see whether it has changed (RFC
 *                  1034, 4.3.5), or is a DNS server itself
 *
 * Thresholds: 5000 questions in 10 seconds are a judgement, far above what
 * programs ask; one that caches nothing asks for two names per request that it
 * serves.  512 octets: the most that DNS
 * carried before EDNS (RFC 1035, 4.2.1).  The ratio of 10: Rossow,
 * "Amplification Hell" (NDSS 2014), measured 28 to 54 for open resolvers.  100
 * large answers a minute: validating resolvers ask for some.
 *
 * ATT&CK: T1498.001 (flood), T1498.002 (amplification), T1590.002 (zone).
 *
 * Still gets through: who asks for the SOA before the zone; a flood of names of
 * very many domains, or one below the threshold from each of many clients (the
 * floods' detector sees the target).  A spoofed client is blamed: of
 * amplification the sentence says that it may be the victim.
 */
#include <string.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/dns/dns_seen.h"
#include "classifiers/detectors/dns/resolvers.h"
#include "classifiers/detectors/measures/bitmap.h"
#include "sensor/base/hash.h"

#define SIGNATURE_FLOOD         2057
#define SIGNATURE_AMPLIFICATION 2058
#define SIGNATURE_TRANSFER      2059

#define FLOOD_HALF (5 * NS_PER_SECOND)
#define AMPLE_HALF (30 * NS_PER_SECOND)
#define LEARN_TIME (3600 * NS_PER_SECOND)

/* Answers to each name: a resolver asks for most names once, to keep them. */
#define REPEATED 4

/* Of so many questions that were looked at, a fourth are for other domains. */
#define LOOKED_LEAST 16
#define VARIED       4

/* From a look at the SOA to the transfer, one after the other. */
#define CHECK_TIME (60 * NS_PER_SECOND)

enum setting { QUESTIONS, TIMES, LARGE_ANSWERS, RATIO };

static const struct detector_setting settings[] = {
    {"questions", "questions", 5000, 10, 1e9,
	"of one client to one server in 10 seconds", "a judgement"},
    {"times", "times", 4, 1, 1000, "as many as ever before", "a judgement"},
    {"large_answers", "answers", 100, 5, 1e9,
	"of 512 octets or more within a minute", "a judgement"},
    {"ratio", "times", 10, 2, 1000, "octets answered to octets asked",
	"Rossow 2014: 28 to 54"},
};

struct known {
	int64_t flood_since_ns, ample_since_ns, hour_since_ns;
	uint64_t now, before;             /* questions */
	uint64_t hour_most, learned_most; /* in 10 seconds */
	uint64_t asked[2], answered[2];   /* octets: now, before */
	uint64_t large[2];
	struct bitmap names[2]; /* that were answered so */
	struct bitmap domains;  /* of `looked` of the questions of `now` */
	uint64_t looked;
	struct pace flood, ample, transfer;
	uint64_t checked; /* the zone whose SOA was asked for, and when */
	int64_t checked_ns;
};

static void *
load_open(struct detector_host *host)
{
	return desk_open(host, 2048, 2048, sizeof(struct known));
}

/*
 * An hour is over.  Half of what is learned is forgotten in 24 of them; and it
 * grows by half of itself at most, once it is above `questions`, so that nobody
 * can lead it up in a few steps.
 */
static void
learn_hour(
    struct desk *desk, struct known *entry, const struct sighting *sighting)
{
	double limit = detector_setting(desk->host, QUESTIONS, sighting);
	double grown = 1.5 * (double)entry->learned_most;
	uint64_t most = entry->hour_most;

	if (grown > limit)
		limit = grown;
	if ((double)most > limit)
		most = (uint64_t)limit;
	entry->learned_most -= entry->learned_most / 35;
	if (most > entry->learned_most)
		entry->learned_most = most;
	entry->hour_most = 0;
}

static struct known *
entry_of(struct desk *desk, const struct sighting *sighting)
{
	const struct sighted_end *client = &sighting->client;
	struct known *entry = memory_get(desk->memory, desk_class(client),
	    memory_key(client->key, sighting->server.key), NULL);
	int64_t then = sighting->then.ns;
	int passed = halves_passed(&entry->flood_since_ns, then, FLOOD_HALF);

	if (passed > 0) {
		entry->before = passed == 1 ? entry->now : 0;
		entry->now = 0;
		entry->domains = (struct bitmap){0};
		entry->looked = 0;
		if (entry->before == 0)
			entry->flood.first_packet = 0;
	}
	pace_begin(&entry->flood, sighting);
	if (halves_passed(&entry->hour_since_ns, then, LEARN_TIME) > 0) {
		learn_hour(desk, entry, sighting);
	}
	passed = halves_passed(&entry->ample_since_ns, then, AMPLE_HALF);
	if (passed > 0) {
		entry->asked[1] = passed == 1 ? entry->asked[0] : 0;
		entry->answered[1] = passed == 1 ? entry->answered[0] : 0;
		entry->large[1] = passed == 1 ? entry->large[0] : 0;
		entry->names[1] =
		    passed == 1 ? entry->names[0] : (struct bitmap){0};
		entry->names[0] = (struct bitmap){0};
		entry->asked[0] = entry->answered[0] = entry->large[0] = 0;
		if (entry->large[1] == 0)
			entry->ample.first_packet = 0;
	}
	pace_begin(&entry->ample, sighting);
	return entry;
}

/*
 * Whether the names are of few domains: a flood aims at somebody's, and who
 * asks for a whole network does not.  Looked at from half of a flood on.
 */
static bool
is_aimed(
    struct desk *desk, struct known *entry, const struct sighting *sighting)
{
	const struct dns_seen *seen = detector_dns(desk->host, sighting);
	const char *domain = seen->query.name + seen->start;

	entry->looked++;
	if (seen->read && !seen->local)
		(void)bitmap_set(
		    &entry->domains, hash_octets(detector_key(desk->host),
					 domain, strlen(domain)));
	return entry->looked >= LOOKED_LEAST &&
	       bitmap_count(&entry->domains, NULL) * VARIED <= entry->looked;
}

static void
judge_flood(
    struct desk *desk, struct known *entry, const struct sighting *sighting)
{
	struct anomaly anomaly = {.signature = SIGNATURE_FLOOD,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .confidence = 75,
	    .silent_if = "fewer questions, or as many an hour before"};
	double limit = detector_setting(desk->host, QUESTIONS, sighting);
	uint64_t rate = entry->now + entry->before;

	if (rate > entry->hour_most)
		entry->hour_most = rate;
	if ((double)rate * 2 < limit || !is_aimed(desk, entry, sighting) ||
	    (double)rate < limit ||
	    (double)rate < detector_setting(desk->host, TIMES, sighting) *
			       (double)entry->learned_most)
		return;
	/* It asks for others, who are seen asking it. */
	if (resolvers_by_name(&sighting->client))
		return;
	anomaly.count = pace_count(&entry->flood, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s sent %s %llu DNS questions within 10 seconds",
	    sighting->client.name, sighting->server.name,
	    (unsigned long long)rate);
	json_put_int(&desk->json, "questions", (int64_t)rate);
	json_put_int(&desk->json, "most_before", (int64_t)entry->learned_most);
	seen_put(&desk->json, seen_of_pace(&entry->flood, sighting));
	desk_raise(desk, anomaly, sighting);
}

static void
judge_amplification(
    struct desk *desk, struct known *entry, const struct sighting *sighting)
{
	struct anomaly anomaly = {.signature = SIGNATURE_AMPLIFICATION,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .confidence = 75,
	    .silent_if = "fewer large answers, or smaller ones"};
	uint64_t asked = entry->asked[0] + entry->asked[1];
	uint64_t answered = entry->answered[0] + entry->answered[1];
	uint64_t large = entry->large[0] + entry->large[1];

	if ((double)large <
		detector_setting(desk->host, LARGE_ANSWERS, sighting) ||
	    (double)answered <
		detector_setting(desk->host, RATIO, sighting) * (double)asked ||
	    large < REPEATED * bitmap_count(&entry->names[0], &entry->names[1]))
		return;
	anomaly.count = pace_count(&entry->ample, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s answers %s with %llu times what it is asked; %s is abused to "
	    "amplify, or is the victim",
	    sighting->server.name, sighting->client.name,
	    (unsigned long long)(answered / (asked + !asked)),
	    sighting->client.name);
	json_put_int(&desk->json, "octets_asked", (int64_t)asked);
	json_put_int(&desk->json, "octets_answered", (int64_t)answered);
	json_put_int(&desk->json, "large_answers", (int64_t)large);
	json_put_int(&desk->json, "window_s", 60);
	seen_put(&desk->json, seen_of_pace(&entry->ample, sighting));
	desk_raise(desk, anomaly, sighting);
}

/* Who keeps a copy of a zone looks first whether it has changed. */
static void
learn_check(
    struct desk *desk, struct known *entry, const struct sighting *sighting)
{
	entry->checked = detector_dns(desk->host, sighting)->hash;
	entry->checked_ns = sighting->then.ns;
}

static bool
is_secondary(struct desk *desk, const struct known *entry,
    const struct sighting *sighting, const struct dns_seen *seen)
{
	return resolvers_has(
		   detector_resolvers(desk->host), &sighting->client) ||
	       (entry->checked == seen->hash &&
		   sighting->then.ns - entry->checked_ns < CHECK_TIME);
}

static void
judge_transfer(
    struct desk *desk, struct known *entry, const struct sighting *sighting)
{
	struct anomaly anomaly = {.signature = SIGNATURE_TRANSFER,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .confidence = 70,
	    .silent_if = "a client that is a DNS server, or looked at the "
			 "zone's SOA before; a model that allows it, where one "
			 "end is outside"};
	const struct dns_seen *seen;

	if (sighting->judged && sighting->verdict == VERDICT_ALLOWED &&
	    !(sighting->client.inside && sighting->server.inside))
		return;
	seen = detector_dns(desk->host, sighting);
	if (!seen->read || is_secondary(desk, entry, sighting, seen))
		return;
	anomaly.count = pace_count(&entry->transfer, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence, "%s asked %s for the whole zone %s (%s)",
	    sighting->client.name, sighting->server.name,
	    seen->query.length == 0 ? "." : seen->query.name,
	    dns_type_name(seen->query.type));
	json_put_string(&desk->json, "zone", seen->query.name);
	json_put_int(&desk->json, "questions", (int64_t)entry->transfer.told);
	seen_put(&desk->json, seen_of_pace(&entry->transfer, sighting));
	desk_raise(desk, anomaly, sighting);
}

static void
load_see(void *state, const struct sighting *sighting)
{
	struct desk *desk = state;
	const struct message *message = &sighting->message;
	struct known *entry;
	uint64_t name;

	if (detector_is_off(desk->host, sighting))
		return;
	entry = entry_of(desk, sighting);
	if (message->kind == MESSAGE_DNS_QUESTION) {
		entry->now++;
		entry->asked[0] += message->length;
		judge_flood(desk, entry, sighting);
		if (message->code == DNS_TYPE_AXFR ||
		    message->code == DNS_TYPE_IXFR)
			judge_transfer(desk, entry, sighting);
		else if (message->code == DNS_TYPE_SOA)
			learn_check(desk, entry, sighting);
		return;
	}
	if (message->length < ANSWER_LARGE)
		return;
	name = detector_dns(desk->host, sighting)->hash;
	entry->answered[0] += message->length;
	entry->large[0]++;
	(void)bitmap_set(&entry->names[0], name);
	judge_amplification(desk, entry, sighting);
}

const struct detector detector_dns_load = {
    .name = "dns-load",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_DNS_QUESTION | 1 << MESSAGE_DNS_ANSWER,
    .traits = TRAIT_DNS_QUESTION | TRAIT_LARGE_ANSWER,
    .revision = 3,
    .open = load_open,
    .close = desk_close,
    .see = load_see,
    .memory = desk_memory,
};
