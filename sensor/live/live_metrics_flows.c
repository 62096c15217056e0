#include <string.h>

#include "alerts/catalog.h"
#include "sensor/live/exposition.h"
#include "sensor/live/live_metrics_parts.h"
#include "sensor/run/pipeline.h"

/* --- verdicts ------------------------------------------------------------- */

static void
write_verdict(struct text *out, enum verdict_kind kind, enum deviation how,
    uint64_t count)
{
	const struct exposition_label labels[] = {
	    {"verdict", verdict_kind_name(kind)},
	    {"deviation", how == DEVIATION_NONE ? "none" : deviation_name(how)},
	};

	exposition_sample(out, "policy_verdicts_total", labels, 2, count);
}

/* As they were given: one that is given anew counts anew. */
static void
write_verdicts(struct text *out, const struct tally *tally)
{
	exposition_family(out, "policy_verdicts_total", "counter",
	    "Verdicts given, those given anew after a reload or for a late "
	    "name too.");
	for (int v = VERDICT_ALLOWED; v < VERDICT_DEVIATION; v++)
		write_verdict(out, (enum verdict_kind)v, DEVIATION_NONE,
		    tally->verdicts[v]);
	for (int d = DEVIATION_SEGMENT; d <= DEVIATION_RELATIONSHIP; d++)
		write_verdict(out, VERDICT_DEVIATION, (enum deviation)d,
		    tally->deviations[d]);
}

/* As they stand, which a reload may change to less. */
static void
write_standing(struct text *out, const struct assessment_counts *judged)
{
	exposition_family(out, "flows_judged", "gauge",
	    "Flows since the beginning by the verdict that stands.");
	for (int v = VERDICT_ALLOWED; v <= VERDICT_DEVIATION; v++)
		exposition_labelled(out, "flows_judged", "verdict",
		    verdict_kind_name((enum verdict_kind)v),
		    judged->verdicts[v]);
	exposition_family(out, "policy_deviations_total", "counter",
	    "Flows that deviate, by how.");
	for (int d = DEVIATION_SEGMENT; d <= DEVIATION_RELATIONSHIP; d++)
		exposition_labelled(out, "policy_deviations_total", "deviation",
		    deviation_name((enum deviation)d), judged->deviations[d]);
}

/* --- ends ----------------------------------------------------------------- */

/* Several ways to know an end are a hit of the same kind to who asks whether
 * metadata is good. */
static const char *
lookup_result(enum attribution attribution)
{
	switch (attribution) {
	case ATTRIBUTION_EXACT:
		return "hit";
	case ATTRIBUTION_UNATTRIBUTED:
		return "miss";
	case ATTRIBUTION_NODE:
		return "host_network";
	case ATTRIBUTION_AMBIGUOUS:
	case ATTRIBUTION_SERVICE:
	case ATTRIBUTION_ZONE:
	case ATTRIBUTION_EXTERNAL:
	case ATTRIBUTION_STALE:
		break;
	}
	return attribution_name(attribution);
}

static void
write_lookups(struct text *out, const struct assessment_counts *judged)
{
	exposition_family(out, "workload_lookups_total", "counter",
	    "Ends of flows by what is known of who they are.");
	for (int a = ATTRIBUTION_EXACT; a <= ATTRIBUTION_STALE; a++)
		exposition_labelled(out, "workload_lookups_total", "result",
		    lookup_result((enum attribution)a),
		    judged->attributions[a]);
}

/* --- flows ---------------------------------------------------------------- */

static void
write_ends(struct text *out, const struct tally *tally)
{
	exposition_family(out, "flows_total", "counter",
	    "Flows that ended, by transport and last verdict.");
	for (int t = 0; t < TALLY_TRANSPORTS; t++)
		for (int e = 0; e < TALLY_ENDS; e++) {
			const struct exposition_label labels[] = {
			    {"protocol",
				tally_transport_name((enum tally_transport)t)},
			    {"verdict", tally_end_name(e)},
			};

			exposition_sample(
			    out, "flows_total", labels, 2, tally->ends[t][e]);
		}
}

/* What never occurred is left out: most of a hundred protocols never do. */
static void
write_applications(struct text *out, const struct tally *tally)
{
	exposition_family(out, "app_classifications_total", "counter",
	    "Flows that ended, by what they spoke and how sure that is.");
	for (int a = 0; a < APPLICATION_COUNT; a++)
		for (int c = APP_NONE; c <= APP_DPI; c++) {
			const struct exposition_label labels[] = {
			    {"app", application_name((enum application)a)},
			    {"confidence",
				app_confidence_name((enum app_confidence)c)},
			};

			if (tally->applications[a][c] > 0)
				exposition_sample(out,
				    "app_classifications_total", labels, 2,
				    tally->applications[a][c]);
		}
}

static void
write_methods(struct text *out, const struct appid_counts *counts)
{
	const struct {
		const char *by;
		uint64_t count;
	} ways[] = {
	    {"own", counts->own},
	    {"ndpi", counts->ndpi},
	    {"none", counts->given_up},
	};

	exposition_family(out, "app_decisions_total", "counter",
	    "Flows by what told their application.");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		exposition_labelled(out, "app_decisions_total", "by",
		    ways[i].by, ways[i].count);
}

static void
write_flows(struct text *out, const struct pipeline_counts *counts)
{
	const struct assessment_counts *judged = &counts->assessment;

	exposition_plain(out, "flows_created_total", "counter",
	    "Flows that began.", counts->shards.flows.created);
	exposition_plain(out, "flows_ended_total", "counter",
	    "Flows that ended.", counts->shards.flows.ended);
	exposition_plain(out, "flows_active", "gauge", "Flows in progress.",
	    counts->shards.flows.live);
	exposition_family(out, "flow_evictions_total", "counter",
	    "Flows that ended before their time, by why.");
	exposition_labelled(out, "flow_evictions_total", "reason", "capacity",
	    counts->shards.flows.evicted);
	exposition_plain(out, "flows_infrastructure_total", "counter",
	    "Flows that are never judged.", judged->infrastructure);
	exposition_plain(out, "flows_copies_total", "counter",
	    "Flows that were a view of another one.", judged->copies);
	exposition_plain(out, "flows_waited_total", "counter",
	    "Flows whose verdict waited for metadata.", judged->late.waited);
	exposition_plain(out, "flows_named_late_total", "counter",
	    "Of them, those that metadata came for in time.",
	    judged->late.settled);
}

/* --- alerts --------------------------------------------------------------- */

static bool
came_before(size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(catalog_signatures[i].category,
			catalog_signatures[at].category) == 0)
			return true;
	return false;
}

/* The sum of all signatures that have the category of that one. */
static uint64_t
of_category(const struct tally *tally, size_t at, enum severity severity)
{
	uint64_t sum = 0;

	for (size_t i = at; i < catalog_signature_count; i++)
		if (i < TALLY_SIGNATURES &&
		    strcmp(catalog_signatures[i].category,
			catalog_signatures[at].category) == 0)
			sum += tally->alerts[i][severity];
	return sum;
}

static void
write_category(struct text *out, const struct tally *tally, size_t at)
{
	for (int s = SEVERITY_LOW; s <= SEVERITY_CRITICAL; s++) {
		const struct exposition_label labels[] = {
		    {"severity", severity_name((enum severity)s)},
		    {"category", catalog_signatures[at].category},
		};

		exposition_sample(out, "alerts_total", labels, 2,
		    of_category(tally, at, (enum severity)s));
	}
}

static void
write_findings(struct text *out, const struct assessment_counts *judged)
{
	const struct finding_counts *counts = &judged->findings;

	exposition_plain(out, "deviations_total", "counter",
	    "Flows that deviate, and what detectors raised.", counts->raised);
	exposition_family(out, "alerts_total", "counter",
	    "Of them, said as alerts, by how severe they are and of what "
	    "kind.");
	for (size_t i = 0; i < catalog_signature_count; i++)
		if (i < TALLY_SIGNATURES && !came_before(i))
			write_category(out, &judged->tally, i);
	exposition_plain(out, "alerts_suppressed_total", "counter",
	    "Of them, counted in a finding that was said.", counts->suppressed);
	exposition_plain(out, "alerts_dropped_total", "counter",
	    "Of them, lost for want of room.", counts->dropped);
}

void
live_metrics_flows(struct text *out, const struct pipeline_counts *counts)
{
	const struct tally *tally = &counts->assessment.tally;

	write_flows(out, counts);
	write_ends(out, tally);
	write_verdicts(out, tally);
	write_standing(out, &counts->assessment);
	write_lookups(out, &counts->assessment);
	write_applications(out, tally);
	write_methods(out, &counts->shards.appid);
	write_findings(out, &counts->assessment);
}
