/*
 * dns-beacon -- a workload that asks for its orders by DNS.
 *
 * Idea.  Names are asked for when a cache has forgotten them, so at intervals;
 * but by types that give addresses.  Orders come in types that hold anything,
 * of names below one domain that somebody registered, and in a beat; or as
 * addresses, of names that are new each time, or a cache would answer.
 *
 * Formula.  RITA's measures (rhythm.h) over the last 64 questions of one
 * workload for TXT, NULL, CNAME, KEY or a private type, of names below one
 * registered domain: a score of `score`, intervals with a variation of `jitter`
 * at most, and a median of 2 s to half an hour, in `least` questions for 3 to
 * 16 different names: one name is looked up again when a cache has forgotten
 * it, and who asks for more has a tunnel (dns-tunnel).  Not counted: names of
 * services (a label that begins with `_`, as _dmarc and _acme-challenge; RFC
 * 8552), the domain itself (SPF), names of the cluster, and what DNS servers
 * ask for others.
 *
 * The same of questions for A, AAAA and HTTPS, of names whose first label is no
 * word (7 characters or more, of a familiarity below -0.4 bits: letters.h) and
 * that hold less than 16 characters before the domain: of more, dns-tunnel is
 * the judge.  Then nine of ten names have to be different ones.
 *
 * ATT&CK T1071.004 (DNS).
 *
 * Spoofing: a source of UDP can be forged inside a cluster where nothing checks
 * it; the finding says who is said to have asked.
 *
 * Still gets through: words as names of addresses; one name; intervals at
 * random, or longer than half an hour; many domains.  Reported wrongly:
 * programs that read versions of several things from TXT each minute, and
 * monitors that ask for a name that no cache has; name them by `for`.
 */
#include <string.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/dns/dns_seen.h"
#include "classifiers/detectors/dns/resolvers.h"
#include "classifiers/detectors/measures/letters.h"
#include "classifiers/detectors/measures/rhythm.h"
#include "sensor/base/hash.h"

#define SIGNATURE 2033

/* Seconds: faster is work, slower is how programs look for their updates. */
#define INTERVAL_LEAST 2
#define INTERVAL_MOST  1800

/*
 * Of the last questions: one name, or a pair, is looked up again when a cache
 * has forgotten it, and orders behind one would stay in caches; what asks for
 * more is a tunnel (dns-tunnel).
 */
#define NAMES_LEAST 3
#define NAMES_MOST  16

/*
 * Of names that are drawn, as dns_names.c has it; in more than 15 characters
 * before the domain dns-tunnel sees data.
 */
#define STRANGE     (-40)
#define DRAWN_LEAST 7
#define DRAWN_MOST  16 /* with the dot */

/* The same question again so soon is a retry; and so is its other half, for A
 * and AAAA are asked together. */
#define RETRY (NS_PER_SECOND * 3 / 2)

enum setting { LEAST, SCORE, JITTER };

static const struct detector_setting settings[] = {
    {"least", "questions", 20, 6, RHYTHM_EVENTS,
	"of one domain before it can be a beacon",
	"twice what connections need: TXT has more uses"},
    {"score", "%", 70, 1, 100, "RITA's score", "RITA: medium"},
    {"jitter", "%", 30, 1, 200, "variation of the intervals, at most",
	"calculated: uniform jitter of 50 % has 26 %"},
};

struct known {
	int64_t times[RHYTHM_EVENTS]; /* rings: ms */
	int64_t sizes[RHYTHM_EVENTS];
	uint32_t names[RHYTHM_EVENTS]; /* hashes */
	uint64_t count;
	int64_t last; /* ns */
	struct pace pace;
};

static void *
beacon_open(struct detector_host *host)
{
	return desk_open(host, 512, 64, sizeof(struct known));
}

/* A type whose answers are addresses, or where they are (RFC 9460). */
static bool
gives_addresses(uint32_t type)
{
	return type == DNS_TYPE_A || type == DNS_TYPE_AAAA ||
	       type == DNS_TYPE_HTTPS;
}

static bool
is_watched_type(uint32_t type)
{
	return type == DNS_TYPE_TXT || type == DNS_TYPE_NULL ||
	       type == DNS_TYPE_CNAME || type == DNS_TYPE_KEY ||
	       type >= DNS_TYPE_PRIVATE;
}

/* The registered domain that a name lies below; NULL: it is not counted. */
static const char *
domain_of(const struct dns_seen *seen)
{
	const char *name = seen->query.name;

	if (seen->start == 0 || name[0] == '_' || strstr(name, "._") != NULL)
		return NULL;
	return name + seen->start;
}

static void
say(struct desk *desk, struct known *known, const struct rhythm *rhythm,
    const struct dns_query *query, const char *domain,
    const struct sighting *sighting)
{
	const char *type = dns_type_name(query->type);
	struct anomaly anomaly = {.signature = SIGNATURE,
	    .subject = &sighting->client,
	    .about = domain,
	    .confidence = (uint8_t)(rhythm->score * 70),
	    .silent_if = "fewer questions, types that give addresses, or "
			 "intervals at random"};

	anomaly.count = pace_count(&known->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s asks DNS for %s of names below %s every %.1f s, %llu times "
	    "so far",
	    sighting->client.name, type == NULL ? "a private type" : type,
	    domain, rhythm->interval, (unsigned long long)known->count);
	json_put_string(&desk->json, "domain", domain);
	json_put_string(&desk->json, "example", query->name);
	json_put_int(&desk->json, "questions", (int64_t)known->count);
	json_put_int(
	    &desk->json, "score_percent", (int64_t)(rhythm->score * 100));
	json_put_int(&desk->json, "variation_percent",
	    (int64_t)(rhythm->variation * 100));
	seen_put(&desk->json, seen_of_pace(&known->pace, sighting));
	desk_raise(desk, anomaly, sighting);
}

/* What a program drew or encoded, and too little of it for a tunnel. */
static bool
is_drawn(const struct dns_query *query, const char *domain)
{
	size_t size = strcspn(query->name, ".");

	return (size_t)(domain - query->name) <= DRAWN_MOST &&
	       size >= DRAWN_LEAST && size < (size_t)(domain - query->name) &&
	       letters_familiarity((const uint8_t *)query->name, size) <
		   STRANGE;
}

static bool
has_some_names(const struct known *known, size_t count, bool drawn)
{
	size_t different = 0;

	for (size_t i = 0; i < count; i++) {
		size_t j = 0;

		while (known->names[j] != known->names[i])
			j++;
		different += j == i;
	}
	if (drawn)
		return different * 10 >= count * 9;
	return different >= NAMES_LEAST && different <= NAMES_MOST;
}

static void
measure(struct desk *desk, struct known *known, const struct dns_query *query,
    const char *domain, const struct sighting *sighting)
{
	int64_t times[RHYTHM_EVENTS], sizes[RHYTHM_EVENTS];
	size_t count =
	    known->count < RHYTHM_EVENTS ? (size_t)known->count : RHYTHM_EVENTS;
	struct rhythm rhythm;

	if ((double)count < detector_setting(desk->host, LEAST, sighting))
		return;
	memcpy(times, known->times, sizeof(times));
	memcpy(sizes, known->sizes, sizeof(sizes));
	rhythm = rhythm_of(times, sizes, count);
	if (rhythm.interval >= INTERVAL_LEAST &&
	    rhythm.interval <= INTERVAL_MOST &&
	    rhythm.score * 100 >=
		detector_setting(desk->host, SCORE, sighting) &&
	    rhythm.variation * 100 <=
		detector_setting(desk->host, JITTER, sighting) &&
	    has_some_names(known, count, gives_addresses(query->type)))
		say(desk, known, &rhythm, query, domain, sighting);
}

static void
beacon_see(void *opaque, const struct sighting *sighting)
{
	static const struct hash_key key = {{UINT64_C(0x646e73), 0}};
	struct desk *desk = opaque;
	const struct message *message = &sighting->message;
	const struct dns_seen *seen;
	const char *domain;
	struct known *known;
	size_t place;

	if (!message->from_client || !sighting->client.inside ||
	    !(is_watched_type(message->code) ||
		gives_addresses(message->code)) ||
	    !(seen = detector_dns(desk->host, sighting))->read ||
	    (domain = domain_of(seen)) == NULL ||
	    (gives_addresses(seen->query.type) &&
		!is_drawn(&seen->query, domain)) ||
	    detector_is_off(desk->host, sighting) ||
	    resolvers_by_name(&sighting->client))
		return;
	known = memory_get(desk->memory, MEMORY_INSIDE,
	    memory_key(sighting->client.key,
		hash_octets(&key, domain, strlen(domain)) ^
		    gives_addresses(seen->query.type)),
	    NULL);
	pace_begin(&known->pace, sighting);
	if (known->last != 0 && sighting->then.ns - known->last < RETRY)
		return;
	known->last = sighting->then.ns;
	place = known->count % RHYTHM_EVENTS;
	known->times[place] = sighting->then.ns / NS_PER_MS;
	known->sizes[place] = message->length;
	known->names[place] =
	    (uint32_t)hash_octets(&key, seen->query.name, seen->query.length);
	known->count++;
	measure(desk, known, &seen->query, domain, sighting);
}

const struct detector detector_dns_beacon = {
    .name = "dns-beacon",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_DNS_QUESTION,
    .traits = TRAIT_OUTSIDE_NAME,
    .revision = 2,
    .open = beacon_open,
    .close = desk_close,
    .see = beacon_see,
    .memory = desk_memory,
};
