#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/scan/scan_parts.h"

/* What many sources did together they did within this time. */
#define WINDOW (600 * NS_PER_SECOND)

/* Distinct ports; below what one source may try, to come before it is named. */
#define PORTS 9

/* Workloads that fail at one server by chance; more have lost it. */
#define OUTAGE_SOURCES 3

static void
set_bit(uint64_t bits[8], uint64_t value)
{
	uint64_t bit = memory_key(value, 3) % 512;

	bits[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static uint32_t
distinct(const uint64_t bits[8])
{
	uint32_t count = 0;

	for (int i = 0; i < 8; i++)
		count += (uint32_t)__builtin_popcountll(bits[i]);
	return count;
}

/* Whoever scans from inside does not hide among strangers: those are counted
 * apart. */
static struct scan_victim *
victim_of(struct scan *scan, const struct sighted_end *prober,
    const struct sighted_end *target)
{
	return memory_get(scan->victims,
	    target->inside ? MEMORY_INSIDE : MEMORY_OUTSIDE,
	    memory_key(target->key, prober->inside), NULL);
}

static bool
is_by_many(const struct scan *scan, const struct scan_victim *victim,
    const struct sighting *sighting)
{
	/* So few attempts need not be counted. */
	return victim->attempts >= PORTS && distinct(victim->ports) >= PORTS &&
	       distinct(victim->sources) >=
		   detector_setting(scan->host, SCAN_SETTING_SOURCES, sighting);
}

/* Outside there is always somebody who looks around. */
static const struct scan_victim *
lost_server(struct scan *scan, const struct sighted_end *client,
    const struct sighted_end *server, const struct sighting *sighting)
{
	const struct scan_victim *victim;

	if (!client->inside)
		return NULL;
	victim = victim_of(scan, client, server);
	return sighting->flow->first.ns - victim->since <= WINDOW &&
		       distinct(victim->sources) >= OUTAGE_SOURCES
		   ? victim
		   : NULL;
}

bool
scan_is_outage(struct scan *scan, const struct sighting *sighting)
{
	return lost_server(scan, &sighting->client, &sighting->server,
		   sighting) != NULL;
}

bool
scan_is_shared(struct scan *scan, const struct sighted_end *client,
    const struct sighted_end *server, uint64_t own,
    const struct sighting *sighting)
{
	const struct scan_victim *victim =
	    lost_server(scan, client, server, sighting);

	return victim != NULL && victim->attempts >= OUTAGE_SOURCES * own;
}

bool
scan_is_by_many(struct scan *scan, const struct sighted_end *prober,
    const struct sighted_end *target, const struct attempt *attempt,
    const struct sighting *sighting)
{
	struct scan_victim *victim = victim_of(scan, prober, target);
	int64_t at = sighting->flow->first.ns;

	if (attempt->technique == TECHNIQUE_ICMP)
		return false;
	if (sighting->counted)
		return is_by_many(scan, victim, sighting);
	if (victim->attempts == 0 || at - victim->since > WINDOW)
		*victim = (struct scan_victim){
		    .since = at,
		    .raised = victim->raised,
		    .example = sighting->flow->first_packet,
		};
	victim->attempts += sighting->stands_for;
	set_bit(victim->sources, prober->key);
	set_bit(victim->ports, attempt->port);
	return is_by_many(scan, victim, sighting);
}

void
scan_raise_many(struct scan *scan, const struct sighted_end *prober,
    const struct sighted_end *target, const struct sighting *sighting,
    uint32_t signature)
{
	struct scan_victim *victim = victim_of(scan, prober, target);
	struct testimony *testimony = &scan->testimony;
	uint64_t more = victim->attempts - victim->counted;

	if (victim->counted > 0 && more < 64 &&
	    sighting->at.ns - victim->raised < NS_PER_SECOND)
		return;
	testimony_begin(testimony);
	text_format(&testimony->sentence,
	    "%u or more sources together scan %u or more ports of %s; their "
	    "addresses may be "
	    "forged",
	    testimony_at_least(distinct(victim->sources)),
	    testimony_at_least(distinct(victim->ports)), target->name);
	json_put_int(&testimony->json, "sources", distinct(victim->sources));
	json_put_int(&testimony->json, "ports", distinct(victim->ports));
	json_put_int(&testimony->json, "attempts", (int64_t)victim->attempts);
	testimony_times(testimony, victim->since, sighting->flow->first.ns);
	testimony_numbers(testimony, "packets", &victim->example, 1);
	detector_raise(scan->host,
	    &(struct anomaly){
		.signature = signature,
		.subject = target,
		.confidence = 60,
		.count = more,
		.sentence = testimony->sentence.at,
		.evidence = testimony->evidence.at,
		.silent_if = "fewer sources or ports in ten minutes, or a "
			     "handshake that shows whose doing it is",
	    },
	    sighting);
	victim->counted = victim->attempts;
	victim->raised = sighting->at.ns;
}
