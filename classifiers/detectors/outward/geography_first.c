/*
 * geography -- an application that speaks to a country or network for the first
 * time.
 *
 * Idea: where an application sends and where it is reached from hardly changes:
 * a few services, content networks, the users' countries.  A connection to a
 * network in another country, after weeks of none, is worth a look.
 *
 * Formula: per workload (its controller's name, so that replicas are one),
 * apart for what it opens and what is opened to it: the countries (all there
 * can be, two letters) and autonomous systems (the 48 that were met last) of
 * outside ends of accepted flows.  After `learning` seconds since the first of
 * them, and `flows` of them at least, one that was never met is said, once;
 * then it is known.  The country is said rather than the network where both
 * are new.  What a model allows is learned and not said.  What is opened to a
 * workload is said of countries only, and where less than `strangers`
 * countries were met: who serves the world is reached from everywhere.
 *
 * Thresholds: three days of learning: weekly jobs aside, what an application
 * does it does within a working day; RITA's "first seen" counts 7 days.  The
 * time runs from the first outside flow whatever else comes, so that nobody can
 * prolong it; and nothing is said at start-up.
 *
 * ATT&CK: T1071 (application layer protocol); the country alone is no proof of
 * anything, and the databases are estimates: confidence is low.
 *
 * Still gets through: a server in a country and network that the application
 * uses anyway, such as a large cloud's; who comes in the learning time; who
 * waits until a new country has become known by an event that nobody minded.
 */
#include <string.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/outside.h"

#define SIGNATURE_COUNTRY 2090
#define SIGNATURE_NETWORK 2091

#define LETTERS  26
#define NETWORKS 48

enum setting { LEARNING, FLOWS, STRANGERS };

static const struct detector_setting settings[] = {
    {"learning", "s", 259200, 0, 31536000,
	"after the first outside flow, until what is new is said",
	"a judgement; RITA: 7 days"},
    {"flows", "flows", 20, 1, 1e9, "that are learned from at least",
	"a judgement"},
    {"strangers", "countries", 8, 1, 676,
	"from which an application is reached until it serves the world",
	"a judgement"},
};

struct known {
	int64_t since_ns;
	uint64_t flows;
	uint64_t countries[(LETTERS * LETTERS + 63) / 64];
	uint32_t networks[NETWORKS]; /* the latest first */
	uint64_t country_count;
};

static void *
geography_detector_open(struct detector_host *host)
{
	return desk_open(host, 4096, 16, sizeof(struct known));
}

/* --- what is known -------------------------------------------------------- */

static bool
meet_country(struct known *known, const char *country)
{
	unsigned first = (unsigned)(country[0] - 'A');
	unsigned second = (unsigned)(country[1] - 'A');
	unsigned bit = first * LETTERS + second;
	bool new;

	if (first >= LETTERS || second >= LETTERS)
		return false;
	new = (known->countries[bit / 64] >> (bit % 64) & 1) == 0;
	known->countries[bit / 64] |= UINT64_C(1) << (bit % 64);
	known->country_count += new;
	return new;
}

static bool
meet_network(struct known *known, uint32_t asn)
{
	size_t at = 0;
	bool new;

	if (asn == 0)
		return false;
	while (at < NETWORKS - 1 && known->networks[at] != asn)
		at++;
	new = known->networks[at] != asn;
	memmove(known->networks + 1, known->networks,
	    at * sizeof(known->networks[0]));
	known->networks[0] = asn;
	return new;
}

/* --- saying it ------------------------------------------------------------ */

static void
put_where(struct desk *desk, const struct whereabouts *where,
    const struct known *known, const struct sighting *sighting)
{
	json_put_string(&desk->json, "country",
	    where->country[0] == '\0' ? NULL : where->country);
	if (where->asn != 0)
		json_put_int(&desk->json, "asn", where->asn);
	json_put_string(&desk->json, "organisation",
	    where->organisation[0] == '\0' ? NULL : where->organisation);
	json_put_int(
	    &desk->json, "countries_before", (int64_t)known->country_count - 1);
	json_put_int(&desk->json, "flows_learned", (int64_t)known->flows);
	json_put_int(&desk->json, "learned_s",
	    (sighting->at.ns - known->since_ns) / NS_PER_SECOND);
	seen_put_flow(&desk->json, sighting);
}

static void
say(struct desk *desk, const struct known *known,
    const struct sighting *sighting, bool outward, bool country)
{
	const struct sighted_end *own =
	    outward ? &sighting->client : &sighting->server;
	const struct whereabouts *where =
	    outward ? &sighted_outside(&sighting->server)->where
		    : &sighted_outside(&sighting->client)->where;
	char about[16];
	struct anomaly anomaly = {
	    .signature = country ? SIGNATURE_COUNTRY : SIGNATURE_NETWORK,
	    .subject = own,
	    .about = about,
	    .confidence = country ? 50 : 40,
	    .count = 1,
	    .silent_if = "a country and network that it met in its learning "
			 "time, or a model that allows it"};

	desk_begin(desk);
	if (country)
		snprintf(about, sizeof(about), "%s", where->country);
	else
		snprintf(about, sizeof(about), "AS%u", where->asn);
	text_format(&desk->sentence,
	    outward ? "%s opened a connection to %s%s%s for the first time"
		    : "%s was reached from %s%s%s for the first time",
	    own->name, about, where->organisation[0] == '\0' ? "" : ", ",
	    where->organisation);
	put_where(desk, where, known, sighting);
	desk_raise(desk, anomaly, sighting);
}

/* --- one flow ------------------------------------------------------------- */

static void
judge_flow(struct desk *desk, const struct sighting *sighting,
    const struct sighted_end *own, const struct whereabouts *where)
{
	bool outward = own == &sighting->client;
	struct known *known = memory_get(desk->memory, MEMORY_INSIDE,
	    memory_key(own->key, outward ? 1 : 2), NULL);
	struct detector_host *host = desk->host;
	bool country, network, learned;

	if (known->since_ns == 0)
		known->since_ns = sighting->at.ns;
	learned =
	    (double)known->flows >= detector_setting(host, FLOWS, sighting) &&
	    (double)(sighting->at.ns - known->since_ns) >=
		detector_setting(host, LEARNING, sighting) *
		    (double)NS_PER_SECOND;
	known->flows++;
	country =
	    where->country[0] != '\0' && meet_country(known, where->country);
	network = meet_network(known, where->asn);
	if (!learned || sighting->verdict == VERDICT_ALLOWED ||
	    (!outward && (double)known->country_count >
			     detector_setting(host, STRANGERS, sighting)))
		return;
	if (country || (network && outward))
		say(desk, known, sighting, outward, country);
}

static void
geography_see(void *state, const struct sighting *sighting)
{
	struct desk *desk = state;
	const struct sighted_end *client = &sighting->client;
	const struct sighted_end *server = &sighting->server;
	const struct outside *outside;

	if (!sighting->judged || !flow_was_accepted(sighting->flow) ||
	    detector_is_off(desk->host, sighting))
		return;
	outside = sighted_outside(client->inside ? server : client);
	if (outside != NULL)
		judge_flow(desk, sighting, client->inside ? client : server,
		    &outside->where);
}

const struct detector detector_geography = {
    .name = "geography",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .flows = FLOWS_CROSSING | FLOWS_JUDGED | FLOWS_ACCEPTED,
    .by_place = true,
    .kinds = 1 << SIGHTED_READY,
    .revision = 1,
    .open = geography_detector_open,
    .close = desk_close,
    .see = geography_see,
    .memory = desk_memory,
};
