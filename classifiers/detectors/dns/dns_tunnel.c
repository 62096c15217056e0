/*
 * dns-tunnel -- data that travels in names and answers of DNS.
 *
 * Idea: a resolver passes every name on to whoever owns its registered domain,
 * so whoever owns one can be told anything in the labels before it, and answers
 * with anything in TXT, NULL, CNAME or MX.  Each question needs a name that
 * nobody asked before, or a cache would answer it.
 *
 * Formula: per workload and registered domain (public_suffix.h), over a sliding
 * time, of questions and their answers:
 *   distinct   different names below the domain (linear counting, bitmap.h),
 *              where names that are not encoded differ in more than numbers
 *   encoded    those of them whose labels are no words: 16 characters or more,
 *              of a familiarity below -0.4 bits (letters.h), or octets that no
 *              host name has; and that differ from the name before in 13
 *              characters or more (hosts of a content network share most of
 *              theirs).  Instances of services below `_tcp` or `_udp` are
 *              people's words
 *   carried    octets of the labels of distinct encoded names, and of answers
 *              of types that hold anything
 *   unusual    distinct names that were asked for by a type whose answer holds
 *              anything (TXT, NULL, KEY, MX, CNAME, private ones), but for
 *              reversed addresses and names with `_`, which mail asks for, and
 *              names that answer with a policy (`v=spf1`), which mail reads
 *   used       distinct names that the workload then connected to, once there
 *              is reason to look: half as many encoded as it takes, or 100 of
 *              any look.  Names that carry data lead nowhere
 * It is a tunnel when encoded >= `names`, carried >= `octets`, and half of the
 * distinct names or more are encoded, within 10 minutes; or 4 times as many
 * names and octets within a day, for a slow one; or unusual >= `unusual_names`
 * within 10 minutes; or `subdomains` distinct names within a day, whatever they
 * look like, unless more than 250 short ones a second: a flood (dns-load).
 * Names half of which or more are used are none, but for unusual ones.  All
 * domains of a workload that say nothing yet are held together against 4 times
 * as much: whoever spreads a tunnel over many domains; once
 * that is said, domains that said nothing before are part of it.
 *
 * Thresholds: the day's 500 distinct names are RITA's (100, 500, 800 and 1000
 * raise its score).  20 names and 600 octets in ten minutes: less than half a
 * screen of text, and what iodine sends in its first second; benign names
 * of 16 characters that are no words (UUIDs of tenants, hashes of blobs) come
 * by a handful per domain.  12 unusual names: SPF follows 10 at most (RFC 7208,
 * 4.6.4); tunnels use TXT or NULL for every question where they can.
 *
 * ATT&CK: T1071.004 (DNS as a command channel), T1048.003 (exfiltration over
 * it); raised as T1071.004.
 *
 * What a resolver asks for others is not counted again as its own doing.  Names
 * of the cluster and of `arpa` are nobody's to receive (dns_local.h).
 *
 * Still gets through: octets below a label `_tcp`; less than a name an hour;
 * words as code (below 500 a day); a tunnel over DNS over TLS or HTTPS, of
 * which dns-bypass says that it is there; data in answers that fit ordinary
 * types of few names (A records of the attacker's choice); a slow tunnel beside
 * a workload that asks below thousands of domains, whose counts make room.
 * Reported wrongly: services that encode what they ask in names, such as
 * reputation lists of antivirus, of which only the best known are left out:
 * switch the detector off for others.
 */
#include <string.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/destination.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/dns/dns_seen.h"
#include "classifiers/detectors/dns/public_suffix.h"
#include "classifiers/detectors/dns/resolvers.h"
#include "classifiers/detectors/measures/bitmap.h"
#include "classifiers/detectors/measures/letters.h"
#include "sensor/base/hash.h"

#define SIGNATURE_TUNNEL 2050

#define SHORT_HALF (300 * NS_PER_SECOND)
#define LONG_HALF  (43200 * NS_PER_SECOND)

/* A text shorter than this can be a word of any language, an abbreviation, or
 * the random part of a pod's name (10 characters). */
#define ENCODED_LEAST 16
#define STRANGE       (-40)

/* Octets that no host name has: more of them are data. */
#define RAW_LEAST 3

/* Characters in which two names differ that hold data: all but for chance. */
#define DIFFERS_LEAST (ENCODED_LEAST - 3)

/* How much longer than the short time's the long one's must be. */
#define LONG_FACTOR 4

#define DOMAIN_SIZE  64
#define EXAMPLE_SIZE 128

/* So many plain names of a domain, and what they are used for matters. */
#define CURIOUS 100

/* Questions a second: half of what dns-load calls a flood. */
#define FAST 250

/* Instead of a domain, of all together; their key is 0. */
static const char many_domains[] = "many domains";

enum setting { NAMES, OCTETS, SUBDOMAINS, UNUSUAL };

static const struct detector_setting settings[] = {
    {"names", "names", 20, 4, 7000,
	"encoded names of one domain within 10 minutes",
	"a judgement: iodine sets itself up with more than 30"},
    {"octets", "octets", 600, 100, 1e9,
	"what those names and their answers hold",
	"a judgement: 20 names of 30 characters"},
    {"subdomains", "names", 500, 20, 7000,
	"distinct names of one domain within a day", "RITA, medium"},
    {"unusual_names", "names", 12, 4, 7000,
	"of one domain within 10 minutes, asked for by types that hold "
	"anything",
	"RFC 7208, 4.6.4: mail asks for 10"},
};

struct tally {
	struct bitmap names;
	uint32_t encoded;   /* distinct ones */
	uint32_t carried;   /* octets */
	uint32_t questions; /* all of them */
	uint32_t odd;       /* of them for TXT, NULL, CNAME, MX, KEY, ... */
	uint32_t odd_names; /* distinct ones */
};

struct span {
	int64_t since_ns;
	struct tally now, before;
};

struct known {
	struct span brief, lasting;
	struct pace pace;
	struct seen seen;
	struct bitmap used; /* names that were connected to */
	uint16_t longest, raw;
	char domain[DOMAIN_SIZE];
	char example[EXAMPLE_SIZE];
};

/*
 * What a name comes to.  Programs ask for few, each many times, and for two
 * types at once: so what was made of the last ones is kept, by their hash.
 */
struct named {
	uint64_t name;         /* its hash; 0: none */
	uint64_t hash, domain; /* as names and domains are counted */
	uint16_t raw;
	bool encoded;
};

#define NAMES_KEPT 256 /* a power of two */

struct state {
	struct desk desk;
	/* Until when it is of interest what names are used for; 0: never. */
	int64_t curious_ns;
	struct named kept[NAMES_KEPT];
};

/* A name as it is counted. */
struct asked {
	const struct dns_seen *seen;
	const struct named *named; /* of state */
	const char *domain;
	size_t below; /* characters before the domain, without its dot */
};

static void *
tunnel_open(struct detector_host *host)
{
	return desk_open_state(
	    sizeof(struct state), host, 2048, 1024, sizeof(struct known));
}

/*
 * Lists of mails, files and addresses by their digests, whose servers answer
 * anybody; as their own documents name them.  Nobody else receives such names.
 */
static const char *const reputation_lists[] = {"abuse.ch", "cymru.com",
    "mailspike.net", "msbl.org", "rspamd.com", "sophosxl.net", "spamhaus.net",
    "spamhaus.org", "surbl.org", "uribl.com", NULL};

static bool
is_reputation(const char *domain)
{
	for (const char *const *at = reputation_lists; *at != NULL; at++)
		if (strcmp(*at, domain) == 0)
			return true;
	return false;
}

/* --- one name ------------------------------------------------------------- */

/* An instance of a service, as `Printer 3 [2nd floor]._ipp._tcp`: words of
 * people (RFC 6763, 4.1.1). */
static bool
is_instance(const struct dns_query *query)
{
	return strstr(query->name, "._tcp.") != NULL ||
	       strstr(query->name, "._udp.") != NULL;
}

/* Dots only divide what is encoded. */
static bool
is_encoded(const struct dns_query *query, size_t below)
{
	uint8_t joined[DNS_QUERY_NAME_SIZE];
	size_t size = 0;

	if (query->raw > RAW_LEAST)
		return !is_instance(query);
	for (size_t i = 0; i < below; i++) {
		if (query->name[i] != '.')
			joined[size++] = (uint8_t)query->name[i];
	}
	return size >= ENCODED_LEAST &&
	       letters_familiarity(joined, size) < STRANGE;
}

/* `4.3.2.1` of a list of addresses, `_dmarc` and their kin. */
static bool
is_for_mail(const struct asked *asked)
{
	bool digits = true;

	for (size_t i = 0; i < asked->below; i++) {
		char c = asked->seen->query.name[i];

		if (c == '_' &&
		    (i == 0 || asked->seen->query.name[i - 1] == '.'))
			return true;
		digits &= (c >= '0' && c <= '9') || c == '.';
	}
	return digits;
}

/* Whether the question is of a type whose answer may hold anything. */
static bool
is_odd(const struct asked *asked)
{
	switch (asked->seen->query.type) {
	case DNS_TYPE_CNAME:
	case DNS_TYPE_NULL:
	case DNS_TYPE_MX:
	case DNS_TYPE_TXT:
	case DNS_TYPE_KEY:
		return !is_for_mail(asked);
	default:
		return asked->seen->query.type >= DNS_TYPE_PRIVATE;
	}
}

/* Numbered names are one name many times: no code has a run of digits alone. */
static uint64_t
hash_plain(const struct hash_key *key, const char *name)
{
	char plain[DNS_QUERY_NAME_SIZE];
	size_t size = 0;

	for (const char *at = name; *at != '\0'; at++) {
		bool digit = *at >= '0' && *at <= '9';

		if (!digit || size == 0 || plain[size - 1] != '0')
			plain[size++] = digit ? '0' : *at;
	}
	return hash_octets(key, plain, size);
}

static struct named
name_it(const struct hash_key *key, const struct dns_seen *seen)
{
	const struct dns_query *query = &seen->query;
	size_t start = seen->start;
	const char *domain = query->name + start;
	bool encoded = is_encoded(query, start - (start > 0));

	return (struct named){
	    .name = seen->hash,
	    .hash = encoded ? seen->hash : hash_plain(key, query->name),
	    .domain = hash_octets(key, domain, query->length - start) | 1,
	    .raw = query->raw,
	    .encoded = encoded,
	};
}

/* Names are told apart by what cannot be seen in their text as well. */
static const struct named *
named_of(struct state *state, const struct dns_seen *seen)
{
	struct named *named = &state->kept[seen->hash % NAMES_KEPT];

	if (named->name != seen->hash || named->raw != seen->query.raw)
		*named = name_it(detector_key(state->desk.host), seen);
	return named;
}

static bool
read_name(
    struct state *state, const struct sighting *sighting, struct asked *asked)
{
	const struct dns_seen *seen = detector_dns(state->desk.host, sighting);

	if (!seen->read || seen->local || seen->start == 0)
		return false;
	asked->seen = seen;
	asked->named = named_of(state, seen);
	asked->domain = seen->query.name + seen->start;
	asked->below = seen->start - 1U;
	return asked->below > 0 && !is_reputation(asked->domain);
}

/* --- counting ------------------------------------------------------------- */

/* Returns whether all is forgotten. */
static bool
slide(struct span *span, int64_t then_ns, int64_t half_ns)
{
	int passed = halves_passed(&span->since_ns, then_ns, half_ns);

	if (passed == 0)
		return false;
	span->before = passed == 1 ? span->now : (struct tally){0};
	span->now = (struct tally){0};
	return passed == 2;
}

/*
 * Whether a name holds data: what it has in common with the one before, as
 * names of one content network's hosts have, is none.
 */
static bool
is_data(const struct known *entry, const struct asked *asked)
{
	const char *name = asked->seen->query.name, *before = entry->example;
	size_t size = asked->seen->query.length, other = strlen(before);
	size_t least = size < other ? size : other,
	       gap = size + other - 2 * least;
	size_t first = gap, last = gap; /* as they begin, and as they end */

	if (!asked->named->encoded || asked->named->raw > RAW_LEAST)
		return asked->named->encoded;
	for (size_t i = 0; i < least; i++) {
		first += name[i] != before[i];
		last += name[size - 1 - i] != before[other - 1 - i];
	}
	return (first < last ? first : last) >= DIFFERS_LEAST;
}

static void
count_question(struct span *span, const struct asked *asked, bool data)
{
	bool new = !bitmap_has(&span->before.names, asked->named->hash) &&
		   bitmap_set(&span->now.names, asked->named->hash);

	bool odd = is_odd(asked);

	span->now.questions++;
	span->now.odd += odd;
	span->now.odd_names += new &&odd;

	if (new &&data) {
		span->now.encoded++;
		span->now.carried += (uint32_t)asked->below;
	}
}

static void
count_answer(struct span *span, const struct asked *asked)
{
	if (asked->named->encoded)
		span->now.carried += asked->seen->query.carried_octets;
	if (asked->seen->query.policies > 0 && is_odd(asked))
		span->now.odd_names -= span->now.odd_names > 0;
}

static struct tally
both(const struct span *span)
{
	struct tally sum = span->now;

	for (size_t i = 0; i < BITMAP_WORDS; i++)
		sum.names.words[i] |= span->before.names.words[i];
	sum.encoded += span->before.encoded;
	sum.carried += span->before.carried;
	sum.questions += span->before.questions;
	sum.odd += span->before.odd;
	sum.odd_names += span->before.odd_names;
	return sum;
}

static uint32_t
distinct_names(const struct span *span)
{
	return bitmap_count(&span->now.names, &span->before.names);
}

/* --- what names are used for ---------------------------------------------- */

/* `about` has no octet that a terminal or a log would stumble over. */
static void
keep_printable(char *out, size_t size, const char *text)
{
	size_t i = 0;

	for (; text[i] != '\0' && i + 1 < size; i++)
		out[i] = text[i] > ' ' && text[i] < 127 ? text[i] : '?';
	out[i] = '\0';
}

static void
use(struct known *entry, uint64_t hash)
{
	if (entry != NULL &&
	    (bitmap_has(&entry->lasting.now.names, hash) ||
		bitmap_has(&entry->lasting.before.names, hash)))
		(void)bitmap_set(&entry->used, hash);
}

/* A connection to what a name was asked for. */
static void
see_use(struct state *state, const struct sighting *sighting)
{
	const struct sighted_end *client = &sighting->client;
	const struct hash_key *key = detector_key(state->desk.host);
	struct dns_seen seen = {0};
	struct named named;

	if (sighting->then.ns > state->curious_ns || sighting->server.inside ||
	    !destination_is_named(&sighting->server))
		return;
	keep_printable(seen.query.name, sizeof(seen.query.name),
	    destination_name(&sighting->server));
	seen.query.length = (uint16_t)strlen(seen.query.name);
	seen.start = (uint16_t)public_suffix_domain(seen.query.name);
	seen.hash = hash_octets(key, seen.query.name, seen.query.length);
	named = name_it(key, &seen);
	use(memory_find(state->desk.memory, desk_class(client),
		memory_key(client->key, named.domain)),
	    named.hash);
	use(memory_find(state->desk.memory, desk_class(client),
		memory_key(client->key, 0)),
	    named.hash);
}

/* Whether half of the names or more were connected to. */
static bool
is_used(const struct known *entry, const struct span *span)
{
	struct bitmap used = entry->used;

	for (size_t i = 0; i < BITMAP_WORDS; i++)
		used.words[i] &=
		    span->now.names.words[i] | span->before.names.words[i];
	return bitmap_count(&used, NULL) * 2 >= distinct_names(span);
}

/* --- judging -------------------------------------------------------------- */

struct limits {
	double names, octets, subdomains, unusual;
};

static bool
is_over(const struct span *span, const struct limits *limits, double factor)
{
	uint32_t encoded = span->now.encoded + span->before.encoded;

	return encoded >= limits->names * factor &&
	       span->now.carried + span->before.carried >=
		   limits->octets * factor &&
	       encoded * 2 >= distinct_names(span);
}

/*
 * Names are counted where there were questions enough: m bits count n when
 * m (1 - exp(-n / m)) are set, which is more than m n / (m + n).
 */
static bool
has_names(const struct span *span, double least)
{
	double questions =
	    (double)span->now.questions + (double)span->before.questions;
	double n = least - 1; /* counts are rounded */

	return questions * (BITMAP_BITS + n) >= BITMAP_BITS * n &&
	       distinct_names(span) >= least;
}

/* Whether so many are asked for at a time, and so short ones, that they are to
 * keep a server busy. */
static bool
is_flood(const struct known *entry, int64_t then_ns)
{
	const struct span *span = &entry->brief;
	int64_t seconds = (then_ns - span->since_ns) / NS_PER_SECOND;

	return span->now.questions > FAST * (1 + seconds) &&
	       entry->longest < strlen(entry->domain) + ENCODED_LEAST;
}

static bool
has_odd_names(const struct span *span, double least)
{
	return span->now.odd_names + span->before.odd_names >= least;
}

/*
 * How sure: 70 at the threshold, 15 more at ten times as much, 10 for types
 * that no program asks for by the dozen.
 */
static uint8_t
confidence_of(const struct tally *tally, const struct limits *limits)
{
	double times = tally->encoded / limits->names;
	unsigned sure = 70;

	if (tally->encoded < limits->names &&
	    tally->odd_names < limits->unusual)
		return 55; /* nothing but many names */
	sure += times >= 10 ? 15 : (unsigned)(times * 1.5);
	if (tally->odd * 2 > tally->questions)
		sure += 10;
	return (uint8_t)sure;
}

static void
describe(struct desk *desk, const struct known *entry,
    const struct sighting *sighting, const struct tally *tally, bool slow)
{
	const char *domain = entry->domain;

	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s asked for %u different names below %s, %u of them encoded data "
	    "(%u octets in all)",
	    sighting->client.name, bitmap_count(&tally->names, NULL), domain,
	    tally->encoded, tally->carried);
	json_put_string(&desk->json, "domain", domain);
	json_put_int(&desk->json, "window_s", slow ? 86400 : 600);
	json_put_int(&desk->json, "questions", tally->questions);
	json_put_int(
	    &desk->json, "distinct_names", bitmap_count(&tally->names, NULL));
	json_put_int(&desk->json, "encoded_names", tally->encoded);
	json_put_int(&desk->json, "carried_octets", tally->carried);
	json_put_int(&desk->json, "unusual_questions", tally->odd);
	json_put_int(&desk->json, "unusual_names", tally->odd_names);
	json_put_int(&desk->json, "longest_name", entry->longest);
	json_put_int(&desk->json, "entropy_millibits",
	    letters_entropy(
		(const uint8_t *)entry->example, strlen(entry->example)));
	json_put_string(&desk->json, "example", entry->example);
	seen_put(&desk->json, entry->seen);
}

static void
remember(struct known *entry, const struct asked *asked,
    const struct sighting *sighting, const char *domain)
{
	if (entry->domain[0] == '\0' && domain == many_domains)
		memcpy(entry->domain, many_domains, sizeof(many_domains));
	else if (entry->domain[0] == '\0')
		keep_printable(entry->domain, DOMAIN_SIZE, domain);
	pace_begin(&entry->pace, sighting);
	entry->seen = seen_of_pace(&entry->pace, sighting);
	if (asked->seen->query.length > entry->longest)
		entry->longest = asked->seen->query.length;
	if (asked->named->encoded || entry->example[0] == '\0')
		keep_printable(
		    entry->example, EXAMPLE_SIZE, asked->seen->query.name);
}

static void
judge_entry(struct state *state, struct known *entry,
    const struct sighting *sighting, double factor)
{
	struct detector_host *host = state->desk.host;
	struct limits limits = {
	    factor * detector_setting(host, NAMES, sighting),
	    factor * detector_setting(host, OCTETS, sighting),
	    detector_setting(host, SUBDOMAINS, sighting),
	    factor * detector_setting(host, UNUSUAL, sighting)};
	const struct span *span = &entry->brief;
	struct tally tally;
	struct anomaly anomaly = {.signature = SIGNATURE_TUNNEL,
	    .subject = &sighting->client,
	    .about = entry->domain,
	    .silent_if = "fewer names that are no words, or a domain for which "
			 "the detector is switched off"};
	bool slow =
	    !is_over(span, &limits, 1) && !has_odd_names(span, limits.unusual);

	if (slow) {
		span = &entry->lasting;
		if (!is_over(span, &limits, LONG_FACTOR) &&
		    (factor > 1 || !has_names(span, limits.subdomains) ||
			is_flood(entry, sighting->then.ns)))
			return;
	}
	if (!has_odd_names(span, limits.unusual) && is_used(entry, span))
		return;
	anomaly.count = pace_count(&entry->pace, sighting);
	if (anomaly.count == 0)
		return;
	tally = both(span);
	anomaly.confidence = confidence_of(&tally, &limits);
	describe(&state->desk, entry, sighting, &tally, slow);
	desk_raise(&state->desk, anomaly, sighting);
}

static struct known *
entry_of(struct state *state, const struct sighting *sighting, uint64_t domain)
{
	const struct sighted_end *client = &sighting->client;
	struct known *entry = memory_get(state->desk.memory, desk_class(client),
	    memory_key(client->key, domain), NULL);

	slide(&entry->brief, sighting->then.ns, SHORT_HALF);
	if (slide(&entry->lasting, sighting->then.ns, LONG_HALF)) {
		entry->pace = (struct pace){0};
		entry->used = (struct bitmap){0};
	}
	return entry;
}

/* Whether it was said that this workload's tunnel is over many domains. */
static bool
is_spread(struct state *state, const struct sighting *sighting)
{
	const struct sighted_end *client = &sighting->client;
	const struct known *all = memory_find(
	    state->desk.memory, desk_class(client), memory_key(client->key, 0));

	return all != NULL && all->pace.said_ns != 0;
}

/* Long before it is said, it is looked at what the names are used for. */
static void
be_curious(struct state *state, const struct known *entry,
    const struct sighting *sighting)
{
	const struct tally *now = &entry->lasting.now;

	if (now->encoded * 2 >=
		detector_setting(state->desk.host, NAMES, sighting) ||
	    (now->questions >= CURIOUS &&
		distinct_names(&entry->lasting) >= CURIOUS))
		state->curious_ns = sighting->then.ns + LONG_HALF;
}

static const struct known *
take_name(struct state *state, const struct sighting *sighting,
    const struct asked *asked, uint64_t domain, const char *name)
{
	struct known *entry = entry_of(state, sighting, domain);
	bool data;

	if (asked->seen->query.response) {
		count_answer(&entry->brief, asked);
		count_answer(&entry->lasting, asked);
		return entry;
	}
	/* Names of many domains have little in common anyway. */
	data = domain == 0 ? asked->named->encoded : is_data(entry, asked);
	count_question(&entry->brief, asked, data);
	count_question(&entry->lasting, asked, data);
	remember(entry, asked, sighting, name);
	be_curious(state, entry, sighting);
	if (domain == 0 || entry->pace.said_ns != 0 ||
	    !is_spread(state, sighting))
		judge_entry(state, entry, sighting, domain == 0 ? 4 : 1);
	return entry;
}

static void
tunnel_see(void *opaque, const struct sighting *sighting)
{
	struct state *state = opaque;
	struct detector_host *host = state->desk.host;
	const struct known *entry;
	struct asked asked;

	if (sighting->kind == SIGHTED_READY) {
		see_use(state, sighting);
		return;
	}
	if (detector_is_off(host, sighting) ||
	    resolvers_has(detector_resolvers(host), &sighting->client) ||
	    !read_name(state, sighting, &asked))
		return;
	entry = take_name(
	    state, sighting, &asked, asked.named->domain, asked.domain);
	/*
	 * One domain's tunnel is not also one of many domains: what is spread
	 * is encoded, and of a domain that alone says nothing yet.
	 */
	if ((asked.named->encoded || is_odd(&asked)) &&
	    entry->pace.said_ns == 0)
		take_name(state, sighting, &asked, 0, many_domains);
}

const struct detector detector_dns_tunnel = {
    .name = "dns-tunnel",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE | 1 << SIGHTED_READY,
    .messages = 1 << MESSAGE_DNS_QUESTION | 1 << MESSAGE_DNS_ANSWER,
    .traits = TRAIT_OUTSIDE_NAME | TRAIT_CARRIES,
    .flows = FLOWS_CROSSING,
    .revision = 3,
    .open = tunnel_open,
    .close = desk_close,
    .see = tunnel_see,
    .memory = desk_memory,
};
