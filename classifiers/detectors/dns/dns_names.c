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
 *   bare      those of `domains` of which an address was asked (A, AAAA) by the
 *             domain itself, without a host in front
 *   existing  different registered domains that do exist, since 20 bare ones
 *             did not
 *   slow      strange and bare, over 24 hours sliding
 *   guesses   different first labels of names with at most one dot before
 *             `.svc`, so `redis.prod.svc.cluster.local` and not what the search
 *             list makes of `example.com`: that was asked for in the client's
 *             own namespace just before, and `com` is a public suffix
 *   reverse   different names below in-addr.arpa and ip6.arpa, of private
 *             addresses, or of public ones that lie together: of one /16, or
 *             /48 of IPv6, that more than half of them belong to; without those
 *             who connected to the workload, which servers ask for
 * In a first label a run of digits counts as one digit: numbered names are one
 * program's doing.  Names look generated when strange >= `generated` and half
 * of the domains or more are strange; when bare >= `worded` and less than a
 * quarter as many exist; or when slow >= `slow` and no more exist; names are
 * guessed when guesses >= `guesses`; addresses are swept when reverse >=
 * `addresses`; many names do not exist when domains >= `domains`.
 *
 * Thresholds: Conficker tried 250 names a day, newer families 1000 and more
 * within minutes (Plohmann et al., "A comprehensive measurement study of
 * domain generating malware", USENIX Security 2016): 20 strange ones are less
 * than a tenth of one round.  100 guesses: no application has as many services
 * to miss.  64 addresses: a quarter of a node's /24; a server that looks up its
 * visitors for a log asks for strangers' addresses from all over the world.
 * 200 domains: a mail server or crawler that cleans up an old list reaches
 * dozens.  Algorithms that put words together (Suppobox, Matsnu) try 85 names
 * and more at a time and go on until one exists; a mail server asks for MX, a
 * crawler finds most of what it looks for, and both ask for hosts: 60 bare ones
 * are less than a round.  Registrars' tools, which ask whether a name is still
 * to be had, look the same: confidence is 60 %.  48 strange ones a day: two an
 * hour, and people do not type such names.
 *
 * ATT&CK: T1568.002 (generated), T1046 and T1018 (guesses, sweep), T1071.004.
 *
 * Still gets through: generated names made of words, fewer than 60 in 10
 * minutes; an algorithm with fewer than 48 tries a day, or whose tries are
 * hidden among questions for as many names that exist; guesses that are spread
 * over workloads; a sweep of public addresses in no order.
 */
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/dns/dns_seen.h"
#include "classifiers/detectors/dns/public_suffix.h"
#include "classifiers/detectors/dns/resolvers.h"
#include "classifiers/detectors/measures/bitmap.h"
#include "classifiers/detectors/measures/letters.h"
#include "sensor/base/hash.h"

#define SIGNATURE_GENERATED 2053
#define SIGNATURE_MISSING   2054
#define SIGNATURE_GUESSES   2055
#define SIGNATURE_SWEEP     2056

#define WINDOW_HALF (300 * NS_PER_SECOND)
#define DAY_HALF    (43200 * NS_PER_SECOND)

/* So many bare ones missing, and it is of interest how many exist; so many
 * addresses, and who connects. */
#define CURIOUS       20
#define STRANGE       (-40)
#define STRANGE_LEAST 7

/* Names of one network ahead of those of others, until they lie together. */
#define TOGETHER 8

/* Labels of a name for an address that are its network's: /16, /48. */
#define NETWORK_LABELS_4 2
#define NETWORK_LABELS_6 12

/* Names whose search is under way: one asks for few at once. */
#define SEARCHED 16

enum setting { GENERATED, DOMAINS, GUESSES, ADDRESSES, WORDED, SLOW };

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
    {"worded", "domains", 60, 10, 7000,
	"missing domains within 10 minutes that were asked for without a host, "
	"where hardly any exist",
	"Suppobox tries 85 at a time"},
    {"slow", "domains", 48, 10, 7000,
	"missing domains within a day that are no words", "a judgement"},
};

enum sort {
	SORT_DOMAINS,
	SORT_STRANGE,
	SORT_GUESSES,
	SORT_REVERSE,
	SORT_BARE,
	SORT_EXISTING, /* beside SORT_BARE: that many do exist */
	SORT_VISITORS, /* of SORT_REVERSE: they connected to who asks */
	/* Over a day: */
	SORT_SLOW,
	SORT_EXISTING_SLOW,
	SORTS
};

struct known {
	int64_t since_ns, since_day_ns;
	struct bitmap now[SORTS], before[SORTS];
	struct pace pace[SORTS];
	char example[SORTS][64];
	uint64_t network; /* the commonest of public addresses, by its hash */
	uint64_t ahead;   /* how many more were of it than were not */
	uint64_t searched[SEARCHED], searched_next; /* a ring of hashes */
};

struct state {
	struct desk desk;
	/* Until when names that exist are of interest to anybody: 0: never;
	 * and who connects to whom. */
	int64_t curious_ns, visitors_ns;
};

static void *
names_open(struct detector_host *host)
{
	detector_listen(host, TRAIT_NO_SUCH_NAME);
	return desk_open_state(
	    sizeof(struct state), host, 1024, 512, sizeof(struct known));
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

/*
 * Whether a name of two labels is one of the Internet's that the search list
 * has tried in the client's own namespace before, as `example.com.shop.svc`.
 */
static bool
is_searched(const struct state *state, const struct known *entry,
    const char *name, size_t size)
{
	uint64_t hash = hash_octets(detector_key(state->desk.host), name, size);
	const char *dot = memchr(name, '.', size);
	size_t left = dot == NULL ? 0 : (size_t)(name + size - dot) - 1;
	char last[64] = "";

	if (left == 0 || left >= sizeof(last))
		return false;
	memcpy(last, dot + 1, left);
	if (!public_suffix_is(last))
		return false;
	for (size_t i = 0; i < SEARCHED; i++)
		if (entry->searched[i] == hash)
			return true;
	return false;
}

/* A name that may be somebody's guess at a service, by its first label. */
static bool
is_guess(const struct state *state, struct known *entry,
    const struct dns_query *query)
{
	const char *service = strstr(query->name, ".svc."), *own = NULL;
	unsigned dots = 0;

	if (service == NULL)
		return false;
	for (const char *at = query->name; at < service; at++)
		if (*at == '.') {
			own = at;
			dots++;
		}
	if (dots <= 1)
		return !is_searched(
		    state, entry, query->name, (size_t)(service - query->name));
	entry->searched[entry->searched_next++ % SEARCHED] =
	    hash_octets(detector_key(state->desk.host), query->name,
		(size_t)(own - query->name));
	return false;
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

static bool
asks_address(const struct dns_query *query)
{
	return query->type == DNS_TYPE_A || query->type == DNS_TYPE_AAAA;
}

/* A domain that was asked for by itself. */
static void
count_bare(
    struct state *state, struct known *entry, const struct dns_query *query)
{
	const struct hash_key *key = detector_key(state->desk.host);

	if (!asks_address(query))
		return;
	(void)set(entry, SORT_BARE, hash_label(state, query->name), query);
	if (is_strange(query->name))
		(void)set(entry, SORT_SLOW,
		    hash_octets(key, query->name, query->length), query);
}

/*
 * Counts a name that does not exist.
 *
 * returns    the sort that it added to, or SORTS
 */
static enum sort
count_name(
    struct state *state, struct known *entry, const struct dns_seen *seen)
{
	const struct hash_key *key = detector_key(state->desk.host);
	const struct dns_query *query = &seen->query;
	const char *domain;

	if (ends_in(query, ".arpa")) {
		if (!is_swept(state, entry, query))
			return SORTS;
		return set(entry, SORT_REVERSE, seen->hash, query)
			   ? SORT_REVERSE
			   : SORTS;
	}
	if (is_guess(state, entry, query))
		return set(entry, SORT_GUESSES, hash_label(state, query->name),
			   query)
			   ? SORT_GUESSES
			   : SORTS;
	if (seen->local || strchr(query->name, '.') == NULL)
		return SORTS;
	domain = query->name + seen->start;
	if (domain == query->name)
		count_bare(state, entry, query);
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
    [SORT_BARE] = {WORDED, SIGNATURE_GENERATED, 60,
	"different domains that do not exist, and for hardly any that do",
	"missing_domains", "fewer of them, or more that exist"},
    [SORT_SLOW] = {SLOW, SIGNATURE_GENERATED, 60,
	"different domains that do not exist and look generated, within a day",
	"generated_domains", "fewer of them, or more that exist"},
};

static uint32_t
count_of(const struct known *entry, enum sort sort)
{
	struct bitmap both = entry->now[sort];

	for (size_t i = 0; i < BITMAP_WORDS; i++) {
		both.words[i] |= entry->before[sort].words[i];
		if (sort == SORT_REVERSE)
			both.words[i] &=
			    ~(entry->now[SORT_VISITORS].words[i] |
				entry->before[SORT_VISITORS].words[i]);
	}
	return bitmap_count(&both, NULL);
}

/* What else must be so. */
static bool
is_borne_out(const struct known *entry, enum sort sort, uint32_t count)
{
	switch (sort) {
	case SORT_STRANGE:
		return count * 2 >= count_of(entry, SORT_DOMAINS);
	case SORT_BARE:
		return count_of(entry, SORT_EXISTING) * 4 < count;
	case SORT_SLOW:
		return count_of(entry, SORT_EXISTING_SLOW) <= count;
	case SORT_DOMAINS:
	case SORT_GUESSES:
	case SORT_REVERSE:
	case SORT_EXISTING:
	case SORT_VISITORS:
	case SORT_EXISTING_SLOW:
	case SORTS:
		break;
	}
	return true;
}

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
	uint32_t count = count_of(entry, sort);
	double limit = detector_setting(desk->host, meaning->setting, sighting);

	if (count < limit || !is_borne_out(entry, sort, count))
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
	json_put_int(&desk->json, "window_s", sort == SORT_SLOW ? 86400 : 600);
	json_put_string(&desk->json, "example", entry->example[sort]);
	seen_put(&desk->json, seen_of_pace(&entry->pace[sort], sighting));
	desk_raise(desk, anomaly, sighting);
}

static void
pass(struct known *entry, int sort, int passed)
{
	entry->before[sort] =
	    passed == 1 ? entry->now[sort] : (struct bitmap){0};
	entry->now[sort] = (struct bitmap){0};
	if (passed == 2)
		entry->pace[sort] = (struct pace){0};
}

static struct known *
entry_of(struct state *state, const struct sighting *sighting)
{
	struct known *entry = memory_get(state->desk.memory,
	    desk_class(&sighting->client), sighting->client.key, NULL);
	int passed =
	    halves_passed(&entry->since_ns, sighting->then.ns, WINDOW_HALF);

	for (int sort = 0; passed > 0 && sort < SORTS; sort++)
		if (sort < SORT_SLOW)
			pass(entry, sort, passed);
	passed =
	    halves_passed(&entry->since_day_ns, sighting->then.ns, DAY_HALF);
	for (int sort = SORT_SLOW; passed > 0 && sort < SORTS; sort++)
		pass(entry, sort, passed);
	return entry;
}

/* Names that exist are looked at while somebody misses many, and of whom. */
static void
see_existing(struct state *state, const struct sighting *sighting)
{
	const struct dns_seen *seen;
	struct known *entry;
	const char *domain;
	uint64_t hash;

	if (sighting->then.ns > state->curious_ns) {
		detector_listen(state->desk.host, TRAIT_NO_SUCH_NAME);
		return;
	}
	entry = memory_find(state->desk.memory, desk_class(&sighting->client),
	    sighting->client.key);
	if (entry == NULL ||
	    count_of(entry, SORT_BARE) + count_of(entry, SORT_SLOW) < CURIOUS)
		return;
	seen = detector_dns(state->desk.host, sighting);
	if (!seen->read || seen->local)
		return;
	entry = entry_of(state, sighting);
	domain = seen->query.name + seen->start;
	hash =
	    hash_octets(detector_key(state->desk.host), domain, strlen(domain));
	(void)set(entry, SORT_EXISTING, hash, &seen->query);
	(void)set(entry, SORT_EXISTING_SLOW, hash, &seen->query);
}

/* The name for an address (RFC 1035, 3.5; RFC 3596, 2.5). */
static void
print_reversed(const struct address *address, char out[80])
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *octets = address->octets;

	if (address_is_ipv4(address)) {
		snprintf(out, 80, "%u.%u.%u.%u.in-addr.arpa", octets[15],
		    octets[14], octets[13], octets[12]);
		return;
	}
	for (size_t i = 16; i-- > 0;) {
		*out++ = digits[octets[i] & 15];
		*out++ = '.';
		*out++ = digits[octets[i] >> 4];
		*out++ = '.';
	}
	memcpy(out, "ip6.arpa", sizeof("ip6.arpa"));
}

/* Who connects to somebody that asks for the names of many addresses. */
static void
see_visitor(struct state *state, const struct sighting *sighting)
{
	const struct sighted_end *server = &sighting->server;
	struct known *entry;
	char name[80];

	if (sighting->then.ns > state->visitors_ns)
		return;
	entry =
	    memory_find(state->desk.memory, desk_class(server), server->key);
	if (entry == NULL)
		return;
	print_reversed(&flow_client(sighting->flow)->address, name);
	(void)bitmap_set(&entry->now[SORT_VISITORS],
	    hash_octets(detector_key(state->desk.host), name, strlen(name)));
}

/* Bare names count beside what else they are. */
static void
judge_bare(
    struct state *state, struct known *entry, const struct sighting *sighting)
{
	uint32_t bare = count_of(entry, SORT_BARE);
	uint32_t slow = count_of(entry, SORT_SLOW);

	if (bare + slow < CURIOUS)
		return;
	state->curious_ns = sighting->then.ns +
			    (slow < CURIOUS ? 2 * WINDOW_HALF : 2 * DAY_HALF);
	detector_listen(
	    state->desk.host, TRAIT_NO_SUCH_NAME | TRAIT_NAME_EXISTS);
	/* One is enough to say that they are generated. */
	if (entry->pace[SORT_STRANGE].said_ns != 0)
		return;
	pace_begin(&entry->pace[SORT_BARE], sighting);
	judge_sort(state, entry, SORT_BARE, sighting);
	if (entry->pace[SORT_BARE].said_ns != 0)
		return;
	pace_begin(&entry->pace[SORT_SLOW], sighting);
	judge_sort(state, entry, SORT_SLOW, sighting);
}

/* Then they are not many by whatever chance. */
static bool
is_generated(const struct known *entry)
{
	return entry->pace[SORT_STRANGE].said_ns != 0 ||
	       entry->pace[SORT_BARE].said_ns != 0;
}

static void
names_see(void *opaque, const struct sighting *sighting)
{
	struct state *state = opaque;
	const struct message *message = &sighting->message;
	struct detector_host *host = state->desk.host;
	const struct dns_seen *seen;
	struct known *entry;
	enum sort sort;

	if (sighting->kind == SIGHTED_READY) {
		see_visitor(state, sighting);
		return;
	}
	if (message->code == 0 && !message->from_client)
		see_existing(state, sighting);
	if (message->code != DNS_CODE_NXDOMAIN || message->from_client ||
	    detector_is_off(host, sighting) ||
	    resolvers_has(detector_resolvers(host), &sighting->client))
		return;
	seen = detector_dns(host, sighting);
	if (!seen->read)
		return;
	entry = entry_of(state, sighting);
	sort = count_name(state, entry, seen);
	judge_bare(state, entry, sighting);
	if (sort == SORTS)
		return;
	if (sort == SORT_REVERSE && count_of(entry, sort) >= CURIOUS)
		state->visitors_ns = sighting->then.ns + 2 * WINDOW_HALF;
	pace_begin(&entry->pace[sort], sighting);
	if (sort != SORT_DOMAINS || !is_generated(entry))
		judge_sort(state, entry, sort, sighting);
	if (sort == SORT_STRANGE && !is_generated(entry))
		judge_sort(state, entry, SORT_DOMAINS, sighting);
}

const struct detector detector_dns_names = {
    .name = "dns-names",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE | 1 << SIGHTED_READY,
    .messages = 1 << MESSAGE_DNS_ANSWER,
    .traits = TRAIT_NO_SUCH_NAME | TRAIT_NAME_EXISTS,
    .revision = 5,
    .open = names_open,
    .close = desk_close,
    .see = names_see,
    .memory = desk_memory,
};
