/*
 * Every metric with its labels is as tests/formats/metrics.prom has it, which
 * deploy/ is checked against; `make expect-update` (this program with --update)
 * writes it anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "alerts/catalog.h"
#include "alerts/finding.h"
#include "sensor/base/file.h"
#include "sensor/base/text.h"
#include "sensor/flow.h"
#include "sensor/live/live_counts.h"
#include "sensor/live/live_metrics.h"

#define PAGE    "tests/formats/metrics.prom"
#define MAXIMUM ((size_t)1 << 20)

static void
fill_judged(struct assessment_counts *judged)
{
	struct tally *tally = &judged->tally;
	const struct flow web = {.protocol = PROTOCOL_TCP};
	const struct flow odd = {.protocol = 47};
	const struct appid http = {.application = APPLICATION_HTTP,
	    .carrier = APPLICATION_TLS,
	    .confidence = APP_DPI};
	const struct appid none = {.application = APPLICATION_UNKNOWN};
	const struct verdict verdicts[] = {
	    {.kind = VERDICT_ALLOWED},
	    {.kind = VERDICT_DEVIATION, .deviation = DEVIATION_PORT},
	};
	const struct finding finding = {
	    .catalogued = &catalog_signatures[0], .severity = SEVERITY_HIGH};

	judged->verdicts[VERDICT_ALLOWED] = 41;
	judged->attributions[ATTRIBUTION_EXACT] = 3;
	judged->findings = (struct finding_counts){
	    .raised = 9, .emitted = 2, .suppressed = 6, .dropped = 1};
	tally_verdict(tally, &verdicts[0]);
	tally_verdict(tally, &verdicts[1]);
	tally_end(tally, &web, &http, VERDICT_ALLOWED);
	tally_end(tally, &odd, &none, TALLY_INFRASTRUCTURE);
	tally_end(tally, &web, &http, TALLY_COPY);
	tally_alert(tally, &finding);
}

static void
fill_slow(struct live_counts *counts)
{
	struct live_delivery_sink *sink = &counts->delivery.sinks[0];

	live_clusters_row(&counts->clusters, "prod", "kubernetes")->workloads =
	    5;
	live_clusters_row(&counts->clusters, "", "docker")->workloads = 2;
	counts->clusters.age_count = 1;
	counts->clusters.ages[0] =
	    (struct live_cluster_age){"prod", 4 * NS_PER_SECOND};
	counts->models = 96;
	for (size_t i = 0; i < LIVE_SINKS; i++)
		counts->sinks[i] = (struct live_sink_counts){
		    .name = i == 0   ? "alerts"
			    : i == 1 ? "flows"
				     : "stats",
		    .written = 10 + i,
		    .lost = i,
		    .octets = 100 * i,
		    .succeeded = {(int64_t)(1000 + i) * NS_PER_SECOND},
		};
	counts->delivery.kept = true;
	counts->delivery.count = 1;
	sink->name = "file:/a \"quoted\"";
	sink->counts.acknowledged = sink->total = 7;
	sink->behind_octets = 12;
	sink->succeeded.ns = 2000 * NS_PER_SECOND;
}

/* Owned, with something of everything. */
static struct live_counts *
everything(void)
{
	struct live_counts *counts = calloc(1, sizeof(*counts));

	assert_non_null(counts);
	counts->began.ns = 500 * NS_PER_SECOND;
	counts->interface_count = 1;
	counts->interfaces[0] = (struct live_interface_counts){
	    .name = "eth1", .counts = {.received = 20, .taken = 18}};
	counts->worker_count = 2;
	counts->witnesses = true;
	counts->process.resident = 4096;
	delay_add(&counts->delays, 30 * NS_PER_MS);
	fill_judged(&counts->pipeline.assessment);
	fill_slow(counts);
	return counts;
}

/* Categories come and go with the catalogue: those without an alert are left
 * out. */
static void
write_lines(struct text *out, const char *page)
{
	static const char alerts[] = "hedgerow_alerts_total{";

	for (const char *end; (end = strchr(page, '\n')) != NULL;
	     page = end + 1)
		if (strncmp(page, alerts, sizeof(alerts) - 1) != 0 ||
		    strncmp(end - 2, " 0", 2) != 0)
			text_add_n(out, page, (size_t)(end - page) + 1);
}

static void
write_page(struct text *out)
{
	struct live_counts *counts = everything();
	struct text page;
	char *version;

	text_init(out, MAXIMUM);
	text_init(&page, MAXIMUM);
	live_metrics_page(&page, counts);
	write_lines(out, page.at);
	text_release(&page);
	free(counts);
	/* The libraries' versions are another matter. */
	version = strstr(out->at, "hedgerow_build_info{");
	assert_non_null(version);
	for (version += 20; *version != '}'; version++)
		if (*version >= '0' && *version <= '9')
			*version = '0';
}

static void
is_as_written_down(void **state)
{
	const bool *updates = *state;
	struct text page;
	char *octets;
	size_t size;

	write_page(&page);
	if (*updates) {
		FILE *file = fopen(PAGE, "we");

		assert_non_null(file);
		assert_int_equal(
		    fwrite(page.at, 1, page.length, file), page.length);
		assert_int_equal(fclose(file), 0);
	}
	if (file_read(PAGE, MAXIMUM, &octets, &size) != 0)
		fail_msg("%s is not there; run `make expect-update`", PAGE);
	if (size != page.length || memcmp(octets, page.at, size) != 0)
		fail_msg("%s is not what is written; run `make expect-update` "
			 "and look at what changed",
		    PAGE);
	free(octets);
	text_release(&page);
}

static uint64_t
value_of(const char *page, const char *sample)
{
	const char *at = strstr(page, sample);

	if (at == NULL)
		fail_msg("no %s", sample);
	else
		return strtoull(at + strlen(sample), NULL, 10);
	return 0;
}

/* Beyond the bound everything has one label, and the sum is right. */
static void
clusters_have_a_bound(void **state)
{
	struct live_counts *counts = everything();
	struct text page;
	uint64_t sum = 0;
	size_t rows = 0;

	(void)state;
	memset(&counts->clusters, 0, sizeof(counts->clusters));
	for (int i = 0; i < 1000; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "c%d", i);
		live_clusters_row(&counts->clusters, name, "k")->workloads++;
	}
	text_init(&page, MAXIMUM);
	live_metrics_page(&page, counts);
	for (const char *at = page.at;
	     (at = strstr(at, "\nhedgerow_workloads{")) != NULL; at++) {
		rows++;
		sum += strtoull(strchr(at, '}') + 1, NULL, 10);
	}
	assert_int_equal(rows, LIVE_CLUSTERS);
	assert_int_equal(sum, 1000);
	assert_int_equal(
	    value_of(page.at, "hedgerow_workloads{cluster=\"other\","
			      "orchestrator=\"other\"} "),
	    1000 - LIVE_CLUSTERS + 1);
	text_release(&page);
	free(counts);
}

/* A verdict that takes the place of another leaves what was counted. */
static void
verdicts_count_when_given(void **state)
{
	static const char allowed[] =
	    "hedgerow_policy_verdicts_total{verdict=\"allowed\","
	    "deviation=\"none\"} ";
	static const char port[] =
	    "hedgerow_policy_verdicts_total{verdict=\"deviation\","
	    "deviation=\"port\"} ";
	struct live_counts *counts = everything();
	struct text page;

	(void)state;
	text_init(&page, MAXIMUM);
	live_metrics_page(&page, counts);
	assert_int_equal(value_of(page.at, allowed), 1);
	assert_int_equal(value_of(page.at, port), 1);
	assert_int_equal(
	    value_of(page.at, "hedgerow_flows_judged{verdict=\"allowed\"} "),
	    41);
	assert_int_equal(
	    value_of(page.at, "hedgerow_flows_total{protocol=\"tcp\","
			      "verdict=\"copy\"} "),
	    1);
	text_release(&page);
	free(counts);
}

int
main(int argc, char **argv)
{
	bool updates = argc == 2 && strcmp(argv[1], "--update") == 0;
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_prestate(is_as_written_down, &updates),
	    cmocka_unit_test(clusters_have_a_bound),
	    cmocka_unit_test(verdicts_count_when_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
