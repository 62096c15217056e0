#include "sensor/run/summary.h"

#include <inttypes.h>

#include "alerts/finding.h"
#include "sensor/base/arena.h"
#include "sensor/run/pipeline.h"

struct row {
	enum severity severity;
	bool attempted;
	uint64_t count, flow_id;
	struct instant first;
	char *signature; /* owned */
};

struct summary {
	struct row rows[SUMMARY_ROWS]; /* worst first */
	size_t count;
	uint64_t by_severity[SEVERITY_CRITICAL + 1];
};

struct summary *
summary_new(void)
{
	return allocate(1, sizeof(struct summary));
}

void
summary_free(struct summary *summary)
{
	if (summary == NULL)
		return;
	for (size_t i = 0; i < summary->count; i++)
		free(summary->rows[i].signature);
	free(summary);
}

/* Worse first; what was answered before what was only tried; then older. */
static bool
is_worse(const struct row *a, const struct row *b)
{
	if (a->severity != b->severity)
		return a->severity > b->severity;
	if (a->attempted != b->attempted)
		return !a->attempted;
	if (a->first.ns != b->first.ns)
		return instant_before(a->first, b->first);
	return a->flow_id < b->flow_id;
}

static char *
copy_text(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(allocate(1, size), text, size);
}

void
summary_add(struct summary *summary, const struct finding *finding)
{
	struct row row = {
	    .severity = finding->severity,
	    .attempted = finding->attempted,
	    .count = finding->count,
	    .flow_id = finding->flow_id,
	    .first = finding->first_seen,
	};
	size_t at = summary->count;

	summary->by_severity[finding->severity]++;
	while (at > 0 && is_worse(&row, &summary->rows[at - 1]))
		at--;
	if (at == SUMMARY_ROWS)
		return;
	row.signature = copy_text(finding->signature);
	if (summary->count == SUMMARY_ROWS)
		free(summary->rows[--summary->count].signature);
	memmove(&summary->rows[at + 1], &summary->rows[at],
	    (summary->count - at) * sizeof(row));
	summary->rows[at] = row;
	summary->count++;
}

uint64_t
summary_count(const struct summary *summary, enum severity least)
{
	uint64_t count = 0;

	for (int s = (int)least; s <= SEVERITY_CRITICAL; s++)
		count += summary->by_severity[s];
	return count;
}

static void
print_packets(const struct pipeline_counts *counts)
{
	double seconds =
	    counts->packets == 0
		? 0
		: (double)instant_since(counts->last, counts->first) / 1e9;

	fprintf(stderr, "packets   %" PRIu64 " in %.1f s", counts->packets,
	    seconds);
	if (counts->assessment.duplicates > 0)
		fprintf(stderr, ", %" PRIu64 " seen before",
		    counts->assessment.duplicates);
	for (int s = 0; s < FRAME_STATUS_COUNT; s++)
		if (s != FRAME_OK && counts->frames[s] > 0)
			fprintf(stderr, ", %" PRIu64 " %s", counts->frames[s],
			    frame_status_name((enum frame_status)s));
	fputc('\n', stderr);
}

static void
print_flows(const struct pipeline_counts *counts)
{
	fprintf(stderr, "flows     %" PRIu64 ":",
	    counts->shards.flows.created - counts->assessment.copies);
	for (int v = VERDICT_ALLOWED; v <= VERDICT_DEVIATION; v++)
		fprintf(stderr, " %" PRIu64 " %s,",
		    counts->assessment.verdicts[v],
		    verdict_kind_name((enum verdict_kind)v));
	fprintf(stderr, " %" PRIu64 " infrastructure",
	    counts->assessment.infrastructure);
	if (counts->shards.flows.evicted > 0)
		fprintf(stderr, "; %" PRIu64 " evicted from a full table",
		    counts->shards.flows.evicted);
	fputc('\n', stderr);
}

/* Only what a person must know to judge the rest. */
static void
print_names(const struct pipeline_counts *counts)
{
	const struct outside_counts *outside = &counts->assessment.outside;
	uint64_t no_room = outside->no_room + counts->shards.names.no_room;

	if (outside->dns.evicted > 0)
		fprintf(stderr,
		    "names     %" PRIu64 " answers forgotten early, for there "
		    "were too many\n",
		    outside->dns.evicted);
	if (no_room > 0)
		fprintf(stderr,
		    "names     %" PRIu64 " found no room beside their flow\n",
		    no_room);
}

static void
print_findings(
    const struct summary *summary, const struct finding_counts *counts)
{
	fprintf(stderr,
	    "findings  %" PRIu64 " from %" PRIu64 " sightings (%" PRIu64
	    " emitted + %" PRIu64 " suppressed + %" PRIu64 " dropped)\n",
	    counts->findings, counts->raised, counts->emitted,
	    counts->suppressed, counts->dropped);
	for (size_t i = 0; i < summary->count; i++) {
		const struct row *row = &summary->rows[i];

		fprintf(stderr, "  %-8s  %s", severity_name(row->severity),
		    row->signature);
		if (row->count > 1)
			fprintf(stderr, " (%" PRIu64 " times)", row->count);
		fputc('\n', stderr);
	}
	if (summary_count(summary, SEVERITY_LOW) > summary->count)
		fprintf(stderr, "  ... and %" PRIu64 " more\n",
		    summary_count(summary, SEVERITY_LOW) - summary->count);
}

/* Stamps that make what is said of time less sure. */
static void
print_clock(const struct packet_clock_counts *counts)
{
	if (counts->forward + counts->back > 0)
		fprintf(stderr,
		    "clock     went forward %" PRIu64 " and back %" PRIu64
		    " times by more than packets do\n",
		    counts->forward, counts->back);
	if (counts->doubted > 0)
		fprintf(stderr,
		    "clock     %" PRIu64 " packets were stamped too far from "
		    "their neighbours\n",
		    counts->doubted);
}

/* Every way a fragment can be wrong, where one was. */
static void
print_fragments(const struct reassembly_counts *counts)
{
	const struct {
		uint64_t count;
		const char *what;
	} ways[] = {
	    {counts->empty, "empty"},
	    {counts->too_long, "too long"},
	    {counts->misaligned, "misaligned"},
	    {counts->trimmed, "trimmed"},
	    {counts->tiny, "without a whole header"},
	    {counts->overlapping, "overlapping"},
	    {counts->contradicted, "contradicted"},
	};
	const char *before = "fragments ";

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (ways[i].count > 0) {
			fprintf(stderr, "%s%" PRIu64 " %s", before,
			    ways[i].count, ways[i].what);
			before = ", ";
		}
	if (counts->unreadable > 0) {
		fprintf(stderr, "%s%" PRIu64 " datagrams unreadable", before,
		    counts->unreadable);
		before = ", ";
	}
	if (*before == ',')
		fputc('\n', stderr);
}

/* Segments that are no part of their connection, and errors about none. */
static void
print_strays(const struct flowtable_counts *counts)
{
	if (counts->strays + counts->disbelieved > 0)
		fprintf(stderr,
		    "tcp       %" PRIu64 " segments outside their window, "
		    "%" PRIu64 " FIN or RST not believed\n",
		    counts->strays, counts->disbelieved);
	if (counts->errors_orphaned > 0)
		fprintf(stderr,
		    "icmp      %" PRIu64 " errors about flows that were not "
		    "seen\n",
		    counts->errors_orphaned);
}

/* What detectors raised, and why it is not all among the findings. */
static void
print_detection(const struct detection_counts *counts)
{
	if (counts->sightings == 0)
		return;
	fprintf(stderr,
	    "anomalies %" PRIu64 " raised (%" PRIu64 " where they are switched "
	    "off), %" PRIu64 " sightings left out for lost packets\n",
	    counts->raised, counts->off, counts->lossy);
	if (counts->lost > 0)
		fprintf(stderr,
		    "limits    %" PRIu64 " messages of %" PRIu64 " that waited "
		    "for a verdict were not told to detectors\n",
		    counts->lost, counts->held);
}

/* What a bound cost, said only where one was met. */
static void
print_limits(const struct pipeline_counts *counts)
{
	if (counts->shards.appid.pool_empty > 0)
		fprintf(stderr,
		    "limits    %" PRIu64 " flows were not shown to nDPI, "
		    "for want of room\n",
		    counts->shards.appid.pool_empty);
	if (counts->reassembly.evicted + counts->reassembly.timed_out > 0)
		fprintf(stderr,
		    "limits    %" PRIu64 " datagrams timed out and %" PRIu64
		    " made room before all their fragments came\n",
		    counts->reassembly.timed_out, counts->reassembly.evicted);
}

void
summary_print(
    const struct summary *summary, const struct pipeline_counts *counts)
{
	print_packets(counts);
	print_flows(counts);
	print_names(counts);
	print_clock(&counts->clock);
	print_fragments(&counts->reassembly);
	print_strays(&counts->shards.flows);
	print_limits(counts);
	print_detection(&counts->assessment.detection);
	print_findings(summary, &counts->assessment.findings);
}
