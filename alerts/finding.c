#include "alerts/finding.h"

#include <assert.h>
#include <sys/auxv.h>

#include "alerts/catalog.h"
#include "alerts/sentence.h"
#include "classifiers/inventory/workload.h"
#include "sensor/base/address.h"
#include "sensor/base/arena.h"
#include "sensor/base/digest.h"
#include "sensor/base/hash.h"
#include "sensor/base/text.h"

/*
 * The longest text kept of one finding.  Names come from metadata, where
 * Kubernetes allows 63 + 253 characters; a hostile source has no limit.
 */
#define TEXT_MAXIMUM ((size_t)2048)

/* A key is hashed and not kept, so it may be as long as names come. */
#define KEY_MAXIMUM ((size_t)1024 * 1024)

/*
 * An open finding.  Entries with one hash slot are chained, and all of them
 * lie in one list by last_seen, so that closing the longest quiet one never
 * needs a search.
 */
struct open_finding {
	struct finding finding;     /* first, so that hooks get its address */
	struct instant heard, said; /* last, as time passes */
	uint8_t key[DIGEST_SIZE];
	struct open_finding *chain;
	struct open_finding *older, *newer;
};

struct findings {
	struct finding_hooks hooks;
	struct finding_counts counts;
	struct hash_key hash;
	size_t maximum, open;
	size_t slot_mask;
	struct open_finding **slots;
	struct open_finding *oldest, *newest;
	struct instant now; /* only moves forward */
	int64_t ahead;      /* ns of it before the clock on the wall */
};

/* --- key ------------------------------------------------------------------ */

/* Before what has a name of its own in each cluster. */
static void
add_cluster(struct text *out, const char *cluster)
{
	if (cluster[0] != '\0')
		text_format(out, "%s/", cluster);
}

/* What stands for one end: who it is, not which pod or address of it. */
static void
party_key(struct text *out, const struct party *party)
{
	char address[ADDRESS_TEXT_SIZE];

	switch (party->attribution) {
	case ATTRIBUTION_EXACT:
		text_format(out, "%s/%s/%s", party->workload->cluster,
		    party->workload->namespace, party->workload->application);
		return;
	case ATTRIBUTION_AMBIGUOUS:
	case ATTRIBUTION_NODE:
		add_cluster(out, party->node->cluster);
		text_format(out, "node/%s", party->node->name);
		return;
	case ATTRIBUTION_SERVICE:
		add_cluster(out, party->service->cluster);
		text_format(out, "service/%s/%s", party->service->namespace,
		    party->service->name);
		return;
	case ATTRIBUTION_ZONE:
		text_format(out, "zone/%s", party->zone->name);
		return;
	case ATTRIBUTION_EXTERNAL:
	case ATTRIBUTION_UNATTRIBUTED:
	case ATTRIBUTION_STALE:
		address_print(&party->address, address);
		text_add(out, address);
		return;
	}
}

/*
 * What was done there.  Only an application that the payload showed counts:
 * what a port suggests may differ from sensor to sensor.
 */
static void
add_subject(struct text *out, const struct record_flow *about)
{
	const struct flow *flow = about->flow;

	if (about->verdict.attempted)
		text_add(out, "attempted");
	else if (about->appid.confidence == APP_DPI &&
		 about->appid.application != APPLICATION_UNKNOWN)
		text_add(out, application_name(about->appid.application));
	else
		text_format(
		    out, "%u/%u", flow->protocol, flow_server(flow)->port);
}

/*
 * A NUL after each part keeps parts from running together; a public contract,
 * since uids are made from it.
 */
static void
make_key(const struct record_flow *about, uint8_t key[DIGEST_SIZE])
{
	const struct signature *signature =
	    catalog_deviation(about->verdict.deviation);
	struct text text;

	text_init(&text, KEY_MAXIMUM);
	text_format(&text, "%u", signature->gid);
	text_add_char(&text, '\0');
	text_format(&text, "%u", signature->id);
	text_add_char(&text, '\0');
	party_key(&text, &about->client);
	text_add_char(&text, '\0');
	party_key(&text, &about->server);
	text_add_char(&text, '\0');
	text_add(&text, deviation_name(about->verdict.deviation));
	text_add_char(&text, '\0');
	add_subject(&text, about);
	digest_sha1(text.at, text.length, key);
	text_release(&text);
}

static void
print_uid(const uint8_t key[DIGEST_SIZE], char uid[FINDING_UID_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < (FINDING_UID_SIZE - 1) / 2; i++) {
		uid[2 * i] = digits[key[i] >> 4];
		uid[2 * i + 1] = digits[key[i] & 15];
	}
	uid[FINDING_UID_SIZE - 1] = '\0';
}

void
finding_uid(const struct record_flow *about, char uid[FINDING_UID_SIZE])
{
	uint8_t key[DIGEST_SIZE];

	make_key(about, key);
	print_uid(key, uid);
}

/* --- table ---------------------------------------------------------------- */

/*
 * A secret seed although the key is a digest: outside addresses are part of
 * it, and whoever has many can pick those whose SHA-1 falls into one slot.
 */
static void
choose_hash_key(struct hash_key *key)
{
	unsigned long random = getauxval(AT_RANDOM);

	if (random != 0)
		memcpy(key, (const void *)random, sizeof(*key));
}

struct findings *
findings_new(size_t maximum, const struct finding_hooks *hooks)
{
	struct findings *findings = allocate(1, sizeof(*findings));
	size_t slots = 16;

	assert(maximum > 0 && maximum <= SIZE_MAX / 4);
	while (slots < maximum)
		slots *= 2;
	findings->hooks = *hooks;
	findings->maximum = maximum;
	findings->slot_mask = slots - 1;
	findings->slots = allocate(slots, sizeof(struct open_finding *));
	findings->now = INSTANT_PAST;
	choose_hash_key(&findings->hash);
	return findings;
}

static void
entry_free(struct open_finding *entry)
{
	if (entry == NULL)
		return;
	free(entry->finding.signature);
	free(entry->finding.client);
	free(entry->finding.server);
	free(entry->finding.client_key);
	free(entry->finding.server_key);
	free(entry);
}

void
findings_free(struct findings *findings)
{
	if (findings == NULL)
		return;
	while (findings->oldest != NULL) {
		struct open_finding *entry = findings->oldest;

		findings->oldest = entry->newer;
		entry_free(entry);
	}
	free(findings->slots);
	free(findings);
}

/* The pointer that points to the entry of that key, or to the chain's end. */
static struct open_finding **
find(struct findings *findings, const uint8_t key[DIGEST_SIZE])
{
	uint64_t hash = hash_octets(&findings->hash, key, DIGEST_SIZE);
	struct open_finding **at = &findings->slots[hash & findings->slot_mask];

	while (*at != NULL && memcmp((*at)->key, key, DIGEST_SIZE) != 0)
		at = &(*at)->chain;
	return at;
}

static void
list_remove(struct findings *findings, struct open_finding *entry)
{
	if (entry->older != NULL)
		entry->older->newer = entry->newer;
	else
		findings->oldest = entry->newer;
	if (entry->newer != NULL)
		entry->newer->older = entry->older;
	else
		findings->newest = entry->older;
	entry->older = entry->newer = NULL;
}

static void
list_append(struct findings *findings, struct open_finding *entry)
{
	entry->older = findings->newest;
	if (findings->newest != NULL)
		findings->newest->newer = entry;
	else
		findings->oldest = entry;
	findings->newest = entry;
}

/* --- life of a finding ---------------------------------------------------- */

/* Nanoseconds between two times, or the most there can be. */
static int64_t
elapsed(struct instant later, struct instant earlier)
{
	int64_t ns;

	if (__builtin_sub_overflow(later.ns, earlier.ns, &ns))
		return INT64_MAX;
	return ns;
}

/* A copy of what `write` says of the party, or NULL: no memory. */
static char *
party_text(void (*write)(struct text *, const struct party *),
    const struct party *party)
{
	struct text text;
	char *copy;

	text_init(&text, TEXT_MAXIMUM);
	write(&text, party);
	copy = strdup(text.at);
	text_release(&text);
	return copy;
}

static char *
sentence_text(const struct record_flow *about)
{
	struct text text;
	char *copy;

	text_init(&text, TEXT_MAXIMUM);
	sentence_deviation(&text, about);
	copy = strdup(text.at);
	text_release(&text);
	return copy;
}

/* What the clock on the wall shows. */
static struct instant
wall(const struct findings *findings, struct instant at)
{
	int64_t ns;

	if (__builtin_sub_overflow(at.ns, findings->ahead, &ns))
		return at;
	return (struct instant){ns};
}

static bool
fill(
    struct finding *finding, const struct record_flow *about, struct instant at)
{
	const struct flow *flow = about->flow;

	*finding = (struct finding){
	    .state = FINDING_NEW,
	    .count = 1,
	    .first_seen = at,
	    .last_seen = at,
	    .deviation = about->verdict.deviation,
	    .severity = about->verdict.severity,
	    .attempted = about->verdict.attempted,
	    .signature = sentence_text(about),
	    .client = party_text(sentence_party, &about->client),
	    .server = party_text(sentence_party, &about->server),
	    .client_key = party_text(party_key, &about->client),
	    .server_key = party_text(party_key, &about->server),
	    .application = application_name(about->appid.application),
	    .port = flow_server(flow)->port,
	    .protocol = flow->protocol,
	    .flow_start = flow->first,
	    .flow_id = flow_id(flow),
	};
	return finding->signature != NULL && finding->client != NULL &&
	       finding->server != NULL && finding->client_key != NULL &&
	       finding->server_key != NULL;
}

/* A new entry, or NULL when there is no memory: packets go on arriving. */
static struct open_finding *
entry_new(const struct findings *findings, const struct record_flow *about,
    const uint8_t key[DIGEST_SIZE], struct instant at)
{
	struct open_finding *entry = calloc(1, sizeof(*entry));

	if (entry == NULL)
		return NULL;
	entry->heard = entry->said = at;
	if (!fill(&entry->finding, about, wall(findings, at))) {
		entry_free(entry);
		return NULL;
	}
	memcpy(entry->key, key, DIGEST_SIZE);
	print_uid(key, entry->finding.uid);
	return entry;
}

static void
close_entry(
    struct findings *findings, struct open_finding *entry, struct instant at)
{
	struct open_finding **link = find(findings, entry->key);

	assert(*link == entry);
	*link = entry->chain;
	list_remove(findings, entry);
	findings->open--;
	entry->finding.state = FINDING_CLOSED;
	findings->hooks.update(
	    &entry->finding, wall(findings, at), findings->hooks.context);
	entry_free(entry);
}

static void
first_sight(struct findings *findings, const struct record_flow *about,
    const uint8_t key[DIGEST_SIZE], struct instant at)
{
	struct open_finding *entry = entry_new(findings, about, key, at);

	if (entry == NULL) {
		findings->counts.dropped++;
		return;
	}
	findings->counts.emitted++;
	findings->counts.findings++;
	if (findings->open == findings->maximum)
		close_entry(findings, findings->oldest, at);
	*find(findings, key) = entry;
	list_append(findings, entry);
	findings->open++;
	findings->hooks.raise(&entry->finding, about, entry->finding.signature,
	    wall(findings, at), findings->hooks.context);
}

static void
more_of_it(struct findings *findings, struct open_finding *entry,
    const struct record_flow *about, struct instant at)
{
	struct finding *finding = &entry->finding;

	findings->counts.suppressed++;
	finding->state = FINDING_ONGOING;
	finding->count++;
	finding->last_seen = wall(findings, at);
	entry->heard = at;
	/* Names of one key may have models of unlike severity. */
	if (about->verdict.severity > finding->severity)
		finding->severity = about->verdict.severity;
	list_remove(findings, entry);
	list_append(findings, entry);
	if (elapsed(at, entry->said) < FINDING_UPDATE_NS)
		return;
	entry->said = at;
	findings->hooks.update(
	    finding, wall(findings, at), findings->hooks.context);
}

/* Time that went back would break the order of the list. */
static struct instant
advance(struct findings *findings, struct instant to)
{
	if (instant_before(findings->now, to))
		findings->now = to;
	return findings->now;
}

void
findings_set_wall(
    struct findings *findings, struct instant shown, struct instant now)
{
	if (__builtin_sub_overflow(now.ns, shown.ns, &findings->ahead))
		findings->ahead = 0;
}

void
findings_add(struct findings *findings, const struct record_flow *about,
    struct instant at)
{
	uint8_t key[DIGEST_SIZE];
	struct open_finding *entry;

	assert(about->verdict.kind == VERDICT_DEVIATION);
	at = advance(findings, at);
	findings_expire(findings, at);
	make_key(about, key);
	entry = *find(findings, key);
	findings->counts.raised++;
	if (entry == NULL)
		first_sight(findings, about, key, at);
	else
		more_of_it(findings, entry, about, at);
}

void
findings_expire(struct findings *findings, struct instant now)
{
	now = advance(findings, now);
	while (findings->oldest != NULL &&
	       elapsed(now, findings->oldest->heard) >= FINDING_QUIET_NS)
		close_entry(findings, findings->oldest, now);
}

void
findings_close_all(struct findings *findings, struct instant now)
{
	now = advance(findings, now);
	while (findings->oldest != NULL) {
		const struct open_finding *oldest = findings->oldest;

		close_entry(findings, findings->oldest, now);
		assert(findings->oldest != oldest);
	}
}

struct finding_counts
findings_counts(const struct findings *findings)
{
	return findings->counts;
}

const char *
finding_state_name(enum finding_state state)
{
	switch (state) {
	case FINDING_NEW:
		return "new";
	case FINDING_ONGOING:
		return "ongoing";
	case FINDING_CLOSED:
		return "closed";
	}
	return "closed";
}
