/*
 * dns-names -- names that do not exist, by the dozen.
 *
 * Idea: malware with a domain generation algorithm tries names until one of
 * them exists; somebody who looks for targets guesses names of services, or
 * asks for the names of all addresses.  Both show as many *different* names
 * that do not exist.  A program that asks for one missing name over and over,
 * and the search list of Kubernetes (`ndots:5` asks each name of fewer dots
 * with 3 to 6 endings first), show few.
 *
 * Formula: per workload, over 10 minutes sliding, of answers NXDOMAIN:
 *   domains   different registered domains, of names outside the cluster
 *   strange   those of them whose own label is no word: 7 characters or more,
 *             of a familiarity below -0.4 bits (letters.h)
 *   guesses   different first labels of names with at most one dot before
 *             `.svc`, so `redis.prod.svc.cluster.local` and not what the search
 *             list makes of `example.com`
 *   reverse   different names below in-addr.arpa and ip6.arpa, of private
 *             addresses, or of public ones that lie together: of one /16, or
 *             /48 of IPv6, that more than half of them belong to
 * In a first label a run of digits counts as one digit: numbered names are one
 * program's doing.  Names look generated when strange >= `generated` and half
 * of the domains or more are strange; names are guessed when guesses >=
 * `guesses`; addresses are swept when reverse >= `addresses`; many names do not
 * exist when domains >= `domains`.
 *
 * Thresholds: Conficker tried 250 names a day, newer families 1000 and more
 * within minutes (Plohmann et al., "A comprehensive measurement study of
 * domain generating malware", USENIX Security 2016): 20 strange ones are less
 * than a tenth of one round.  100 guesses: no application has as many services
 * to miss.  64 addresses: a quarter of a node's /24; a server that looks up its
 * visitors for a log asks for strangers' addresses from all over the world.
 * 200 domains: a mail server or crawler that cleans up an old list reaches
 * dozens.
 *
 * ATT&CK: T1568.002 (generated), T1046 and T1018 (guesses, sweep), T1071.004.
 *
 * Still gets through: generated names made of words; an algorithm with fewer
 * than 20 tries in 10 minutes; guesses that are spread over workloads; a sweep
 * of public addresses in no order.
 */
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/bitmap.h"
#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/dns_query.h"
#include "classifiers/detectors/letters.h"
#include "classifiers/detectors/public_suffix.h"
#include "classifiers/detectors/resolvers.h"
#include "sensor/base/hash.h"

#define SIGNATURE_GENERATED 2053
#define SIGNATURE_MISSING   2054
#define SIGNATURE_GUESSES   2055
#define SIGNATURE_SWEEP     2056

#define WINDOW_HALF   (300 * NS_PER_SECOND)
#define STRANGE       (-40)
#define STRANGE_LEAST 7

/* Names of one network ahead of those of others, until they lie together. */
#define TOGETHER 8

/* Labels of a name for an address that are its network's: /16, /48. */
#define NETWORK_LABELS_4 2
#define NETWORK_LABELS_6 12

enum setting { GENERATED, DOMAINS, GUESSES, ADDRESSES };

static const struct detector_setting settings[] = {
    {"generated", "domains", 20, 5, 7000,
	"missing domains within 10 minutes that are no words",
	"Plohmann et al. 2016: families try hundreds"},
    {"domains", "domains", 200, 20, 7000,
	"missing domains within 10 minutes, of any look", "a judgement"},
    {"guesses", "names", 100, 10, 7000,
	"missing names of services within 10 minutes", "a judgement"},
    {"addresses", "addresses", 64, 10, 7000,
	"addresses without a name within 10 minutes, private or of one "
	"network",
	"a quarter of a node's /24"},
};

enum sort { SORT_DOMAINS, SORT_STRANGE, SORT_GUESSES, SORT_REVERSE, SORTS };

struct known {
	int64_t since_ns;
	struct bitmap now[SORTS], before[SORTS];
	struct pace pace[SORTS];
	char example[SORTS][64];
	uint64_t network; /* the commonest of public addresses, by its hash */
	uint64_t ahead;   /* how many more were of it than were not */
};

struct state {
	struct desk desk;
	struct resolvers resolvers;
};

static void *
names_open(struct detector_host *host)
{
	struct state *state = desk_open_state(
	    sizeof(struct state), host, 1024, 512, sizeof(struct known));

	if (state != NULL)
		resolvers_open(&state->resolvers, detector_key(host));
	return state;
}

static void
names_close(void *opaque)
{
	struct state *state = opaque;

	if (state != NULL)
		resolvers_close(&state->resolvers);
	desk_close(state);
}

static struct memory *
names_memory(void *opaque, size_t index, const char **name)
{
	struct state *state = opaque;

	if (index == 0)
		return desk_memory(state, index, name);
	*name = "resolvers";
	return index == 1 ? state->resolvers.memory : NULL;
}

/* --- one name ------------------------------------------------------------- */

/* A first label with its numbers made one. */
static uint64_t
hash_label(const struct state *state, const char *name)
{
	char label[64];
	size_t size = 0;

	for (; *name != '\0' && *name != '.' && size < sizeof(label); name++) {
		bool digit = *name >= '0' && *name <= '9';

		if (digit && size > 0 && label[size - 1] == '0')
			continue;
		label[size++] = digit ? '0' : *name;
	}
	return hash_octets(detector_key(state->desk.host), label, size);
}

/* The first label of a name that may be somebody's guess at a service. */
static bool
is_guess(const struct dns_query *query)
{
	const char *service = strstr(query->name, ".svc.");
	unsigned dots = 0;

	if (service == NULL)
		return false;
	for (const char *at = query->name; at < service; at++)
		dots += *at == '.';
	return dots <= 1;
}

static bool
ends_in(const struct dns_query *query, const char *ending)
{
	size_t size = strlen(ending);

	return query->length >= size &&
	       strcmp(query->name + query->length - size, ending) == 0;
}

/* RFC 1918 and 6598, as they stand before in-addr.arpa; RFC 4193. */
static bool
is_private(const char *network)
{
	static const char *const networks[] = {
	    "10.in-addr.arpa", "168.192.in-addr.arpa", NULL};
	unsigned second = 0, first = 0;

	for (size_t i = 0; networks[i] != NULL; i++) {
		size_t size = strlen(network), ending = strlen(networks[i]);

		if (size >= ending &&
		    strcmp(network + size - ending, networks[i]) == 0 &&
		    (size == ending || network[size - ending - 1] == '.'))
			return true;
	}
	if (strstr(network, ".ip6.arpa") != NULL)
		return strstr(network, ".c.f.ip6.arpa") != NULL ||
		       strstr(network, ".d.f.ip6.arpa") != NULL;
	return sscanf(network, "%3u.%3u.in-addr", &second, &first) == 2 &&
	       ((first == 172 && second >= 16 && second < 32) ||
		   (first == 100 && second >= 64 && second < 128));
}

/* Where the labels of its network begin in the name for an address. */
static const char *
network_of(const struct dns_query *query)
{
	unsigned labels = 2 + (ends_in(query, ".ip6.arpa") ? NETWORK_LABELS_6
							   : NETWORK_LABELS_4);
	const char *at = query->name + query->length;

	for (; at > query->name; at--) {
		if (at[-1] == '.' && --labels == 0)
			return at;
	}
	return query->name;
}

/*
 * Whether the address is one of a sweep: of the cluster's, or beside those
 * that were asked for before.  The commonest network is found by majority vote
 * (Boyer and Moore, 1981).
 */
static bool
is_swept(const struct state *state, struct known *entry,
    const struct dns_query *query)
{
	const char *network = network_of(query);
	uint64_t hash;

	if (is_private(network))
		return true;
	hash = hash_octets(
	    detector_key(state->desk.host), network, strlen(network));
	if (entry->ahead == 0)
		entry->network = hash;
	if (entry->network != hash) {
		entry->ahead--;
		return false;
	}
	entry->ahead += entry->ahead < 2 * TOGETHER;
	return entry->ahead >= TOGETHER;
}

static bool
is_strange(const char *domain)
{
	size_t size = strcspn(domain, ".");

	return size >= STRANGE_LEAST &&
	       letters_familiarity((const uint8_t *)domain, size) < STRANGE;
}

static bool
set(struct known *entry, enum sort sort, uint64_t hash,
    const struct dns_query *query)
{
	if (bitmap_has(&entry->before[sort], hash) ||
	    !bitmap_set(&entry->now[sort], hash))
		return false;
	memcpy(entry->example[sort], query->name,
	    sizeof(entry->example[sort]) - 1);
	return true;
}

/*
 * Counts a name that does not exist.
 *
 * returns    the sort that it added to, or SORTS
 */
static enum sort
count_name(
    struct state *state, struct known *entry, const struct dns_query *query)
{
	const struct hash_key *key = detector_key(state->desk.host);
	const char *domain;
	uint64_t hash;

	if (ends_in(query, ".arpa")) {
		if (!is_swept(state, entry, query))
			return SORTS;
		hash = hash_octets(key, query->name, query->length);
		return set(entry, SORT_REVERSE, hash, query) ? SORT_REVERSE
							     : SORTS;
	}
	if (is_guess(query))
		return set(entry, SORT_GUESSES, hash_label(state, query->name),
			   query)
			   ? SORT_GUESSES
			   : SORTS;
	if (dns_name_is_local(query->name, query->length) ||
	    strchr(query->name, '.') == NULL)
		return SORTS;
	domain = query->name + public_suffix_domain(query->name);
	if (!set(entry, SORT_DOMAINS, hash_label(state, domain), query))
		return SORTS;
	if (!is_strange(domain))
		return SORT_DOMAINS;
	set(entry, SORT_STRANGE, hash_octets(key, domain, strlen(domain)),
	    query);
	return SORT_STRANGE;
}

/* --- judging -------------------------------------------------------------- */

struct meaning {
	enum setting setting;
	uint32_t signature;
	uint8_t confidence;
	const char *sentence; /* after the client and the count */
	const char *member;
	const char *silent_if;
};

static const struct meaning meanings[SORTS] = {
    [SORT_DOMAINS] = {DOMAINS, SIGNATURE_MISSING, 50,
	"different domains that do not exist", "missing_domains",
	"fewer different domains, or some that exist"},
    [SORT_STRANGE] = {GENERATED, SIGNATURE_GENERATED, 80,
	"different domains that do not exist and look generated",
	"generated_domains", "fewer of them, or names that are words"},
    [SORT_GUESSES] = {GUESSES, SIGNATURE_GUESSES, 80,
	"different services that do not exist, as if guessing", "guessed_names",
	"fewer different names: one that is missing, or "
	"numbered ones, are none"},
    [SORT_REVERSE] = {ADDRESSES, SIGNATURE_SWEEP, 75,
	"different addresses whose names do not exist", "addresses",
	"fewer different addresses, or public ones of many networks"},
};

static void
judge_sort(struct state *state, struct known *entry, enum sort sort,
    const struct sighting *sighting)
{
	const struct meaning *meaning = &meanings[sort];
	struct desk *desk = &state->desk;
	struct anomaly anomaly = {.signature = meaning->signature,
	    .subject = &sighting->client,
	    .confidence = meaning->confidence,
	    .silent_if = meaning->silent_if};
	uint32_t count = bitmap_count(&entry->now[sort], &entry->before[sort]);
	double limit = detector_setting(desk->host, meaning->setting, sighting);

	if (count < limit ||
	    (sort == SORT_STRANGE &&
		count * 2 < bitmap_count(&entry->now[SORT_DOMAINS],
				&entry->before[SORT_DOMAINS])))
		return;
	anomaly.count = pace_count(&entry->pace[sort], sighting);
	if (anomaly.count == 0)
		return;
	if (count >= 4 * limit)
		anomaly.confidence = (uint8_t)(anomaly.confidence + 10);
	desk_begin(desk);
	text_format(&desk->sentence, "%s asked for %u %s",
	    sighting->client.name, count, meaning->sentence);
	json_put_int(&desk->json, meaning->member, count);
	json_put_int(&desk->json, "window_s", 600);
	json_put_string(&desk->json, "example", entry->example[sort]);
	json_put_int(&desk->json, "first_packet",
	    (int64_t)entry->pace[sort].first_packet);
	json_put_int(&desk->json, "last_packet", (int64_t)sighting->packet);
	desk_raise(desk, anomaly, sighting);
}

static struct known *
entry_of(struct state *state, const struct sighting *sighting)
{
	struct known *entry = memory_get(state->desk.memory,
	    desk_class(&sighting->client), sighting->client.key, NULL);
	int passed =
	    halves_passed(&entry->since_ns, sighting->then.ns, WINDOW_HALF);

	for (int sort = 0; passed > 0 && sort < SORTS; sort++) {
		entry->before[sort] =
		    passed == 1 ? entry->now[sort] : (struct bitmap){0};
		entry->now[sort] = (struct bitmap){0};
		if (passed == 2)
			entry->pace[sort] = (struct pace){0};
	}
	return entry;
}

static void
names_see(void *opaque, const struct sighting *sighting)
{
	struct state *state = opaque;
	const struct message *message = &sighting->message;
	struct dns_query query;
	struct known *entry;
	enum sort sort;

	resolvers_learn(&state->resolvers, sighting);
	if (message->code != DNS_CODE_NXDOMAIN || message->from_client ||
	    detector_is_off(state->desk.host, sighting) ||
	    resolvers_has(&state->resolvers, &sighting->client) ||
	    !dns_query_read(message->octets, message->size, &query))
		return;
	entry = entry_of(state, sighting);
	sort = count_name(state, entry, &query);
	if (sort == SORTS)
		return;
	pace_begin(&entry->pace[sort], sighting);
	judge_sort(state, entry, sort, sighting);
	if (sort == SORT_STRANGE && entry->pace[SORT_STRANGE].said_ns == 0)
		judge_sort(state, entry, SORT_DOMAINS, sighting);
}

const struct detector detector_dns_names = {
    .name = "dns-names",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_DNS_ANSWER,
    .revision = 2,
    .open = names_open,
    .close = names_close,
    .see = names_see,
    .memory = names_memory,
};
