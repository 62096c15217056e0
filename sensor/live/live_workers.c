/*
 * What the workers tell, into the assessment: the sensor's packet path, which
 * has no packets.
 */
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alerts/record_sensor.h"
#include "alerts/sink.h"
#include "classifiers/inventory/domain_clusters.h"
#include "classifiers/inventory/service_set.h"
#include "sensor/base/report.h"
#include "sensor/domain.h"
#include "sensor/live/live_parts.h"
#include "sensor/run/detection.h"
#include "sensor/run/exit.h"
#include "sensor/run/pipeline.h"
#include "sensor/run/summary.h"
#include "sensor/run/world.h"

/* Observations in a row, a few milliseconds' work: then others have their
 * turn. */
#define BATCH 2048

/* How long workers may go on when the supervisor is gone: as long as it would
 * have let them. */
#define ORPHAN_PATIENCE (30 * NS_PER_SECOND)
#define ORPHAN_LOOK     (50 * NS_PER_MS)

/* --- the assessment ------------------------------------------------------- */

/* What was raised is told of at once, so this is how long it took. */
static void
raised(const struct finding *finding, const struct record_flow *about,
    struct instant at, void *context)
{
	struct live *live = context;
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	delay_add(&live->counts.delays,
	    (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec - at.ns);
	if (live->witness != NULL)
		witness_raised(finding, about, at, live->witness);
}

static void
closed(const struct finding *finding, void *context)
{
	struct live *live = context;

	summary_add(live->summary, finding);
}

int
live_make_assessment(struct live *live)
{
	const struct live_settings *settings = live->settings;
	struct world_view view = world_view(live->world);
	struct detectors_parts detectors;
	struct assessment_parts parts = {
	    .inventory = view.inventory,
	    .policy = view.policy,
	    .geography = view.geography,
	    .grace = world_grace(live->world),
	    .domains = settings->domains,
	    .clusters = live->clusters,
	    .source = {.host = settings->sensor},
	    .alerts = live->sinks[LIVE_ALERTS],
	    .flows = live->sinks[LIVE_FLOWS],
	    .format = settings->format,
	    .syslog = settings->delivery.format,
	    .detectors = live_detectors(live, &detectors),
	    .closed = closed,
	    .context = live,
	    .times = settings->times,
	    .raised = raised,
	    .raised_context = live,
	};
	struct gathering_parts gathering = {
	    .crew = live->crew,
	    .domains = settings->domains == NULL
			   ? 0
			   : domains_count(settings->domains),
	    .take = assessment_observe,
	    .forget = assessment_forget,
	};

	parts.interfaces = settings->interfaces;
	parts.interface_count = settings->interface_count;
	if (settings->interface_count == 1)
		parts.source.interface = settings->interfaces[0];
	live->policy = view.policy;
	live->assessment = assessment_new(&parts,
	    live->crew->count * live->crew->flow_capacity, &live->crew->key);
	service_set_follow(live->crew->services, view.inventory);
	live_detectors_begin(live);
	gathering.context = live->assessment;
	live->gathering = gathering_new(&gathering);
	return EXIT_DONE;
}

/* Clusters may have come that domains are named for. */
static void
find_clusters(struct live *live, const struct inventory *inventory)
{
	const struct place place = {"--domain", 1, 1};
	struct report *report;

	if (live->settings->domains == NULL)
		return;
	live->clusters_before = live->clusters;
	report = report_new();
	live->clusters = domain_clusters_new(
	    live->settings->domains, inventory, report, place);
	report_free(report);
}

/*
 * What the rings still hold is judged by the new world too: it was observed
 * before, but nobody has said anything of it.
 */
void
live_set_world(
    struct live *live, const struct inventory *inventory, struct policy *policy)
{
	bool other = live->policy != policy;

	live->policy = policy;
	find_clusters(live, inventory);
	assessment_follow(live->assessment, inventory, live->clusters, policy);
	domain_clusters_free(live->clusters_before);
	live->clusters_before = NULL;
	service_set_follow(live->crew->services, inventory);
	if (other)
		gathering_say_again(live->gathering);
}

/* --- what workers tell ---------------------------------------------------- */

static struct instant
steady_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (struct instant){
	    (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec};
}

static void
gather(void *context)
{
	struct live *live = context;
	uint64_t losses = gathering_losses(live->gathering);
	int64_t wait;

	/* What is taken now may have gone on through either. */
	if (losses != live->told_losses || wall_clock_is_other(&live->clock))
		live_look_at_clock(live);
	live->told_losses = losses;
	wait = gathering_take(live->gathering, steady_now(), BATCH);
	/* An alert is of no use in a buffer. */
	(void)sink_written(live->sinks[LIVE_ALERTS]);
	if (wait >= 0)
		loop_timer_set(live->gather, wait);
}

static void
on_told(int descriptor, unsigned what, void *context)
{
	uint64_t wakings;

	(void)what;
	(void)!read(descriptor, &wakings, sizeof(wakings));
	gather(context);
}

/* --- what the supervisor says --------------------------------------------- */

static void
worker_died(struct live *live, uint32_t worker)
{
	const struct crew_note *note;
	struct worker_death death;

	if (worker >= live->crew->count)
		return;
	note = &live->crew->board->notes[worker];
	death = (struct worker_death){
	    .worker = worker,
	    .signal = note->signal,
	    .code = note->code,
	    .died = note->died,
	    .flows = gathering_bury(live->gathering, worker),
	};
	live_report_death(live, &death);
}

/* Nobody replaces workers any more, and they end by themselves. */
static void
supervisor_is_gone(struct live *live)
{
	loop_watch_change(live->words, 0);
	live_say("the supervisor is gone; the sensor ends");
	live->code = EXIT_INTERNAL;
	live->orphaned = steady_now();
	loop_timer_set(live->orphan, 0);
}

static void
on_orphan(void *context)
{
	struct live *live = context;

	gather(live);
	if (gathering_is_over(live->gathering) ||
	    instant_since(steady_now(), live->orphaned) > ORPHAN_PATIENCE)
		live_stop(live);
	else
		loop_timer_set(live->orphan, ORPHAN_LOOK);
}

static void
on_word(int descriptor, unsigned what, void *context)
{
	struct live *live = context;
	enum crew_word word;
	uint32_t worker;
	int heard;

	(void)what;
	while ((heard = crew_hear(descriptor, &word, &worker)) == 1) {
		switch (word) {
		case CREW_STOP:
			loop_watch_change(live->words, 0);
			live_stop(live);
			return;
		case CREW_RELOAD:
			live_hangup(live);
			break;
		case CREW_DIED:
			worker_died(live, worker);
			break;
		case CREW_READY:
			break;
		}
	}
	if (heard < 0)
		supervisor_is_gone(live);
}

/* --- the beginning and the end -------------------------------------------- */

void
live_watch_workers(struct live *live)
{
	int end = live->crew->sensor_end;

	live->gather = loop_timer_new(live->loop, gather, live);
	live->orphan = loop_timer_new(live->loop, on_orphan, live);
	for (uint32_t i = 0; i < live->crew->count; i++)
		live->told[i] =
		    loop_watch_new(live->loop, live->crew->links[i].to_sensor,
			LOOP_READABLE, on_told, live);
	(void)crew_say(end, CREW_READY, 0);
	(void)fcntl(end, F_SETFL, O_NONBLOCK);
	live->words =
	    loop_watch_new(live->loop, end, LOOP_READABLE, on_word, live);
	loop_timer_set(live->gather, 0);
}

void
live_finish_workers(struct live *live)
{
	struct gathering_counts counts;

	gathering_drain(live->gathering);
	counts = gathering_counts(live->gathering);
	assessment_finish(live->assessment, counts.observer.last);
}

static void
count_workers(struct live_counts *counts, const struct crew *crew)
{
	counts->worker_count = crew->count;
	for (uint32_t i = 0; i < crew->count; i++)
		counts->workers[i] = (struct live_worker_counts){
		    .process = crew->board->notes[i].process,
		    .started = crew->board->notes[i].started,
		    .died = crew->board->notes[i].died,
		};
}

void
live_count_workers(struct live *live)
{
	struct live_counts *counts = &live->counts;
	struct gathering_counts gathered = gathering_counts(live->gathering);

	counts->interface_count = live->settings->interface_count;
	for (size_t i = 0; i < counts->interface_count; i++)
		counts->interfaces[i] = (struct live_interface_counts){
		    .name = live->settings->interfaces[i],
		    .status = gathered.interfaces[i].status,
		    .counts = gathered.interfaces[i].counts,
		    .lost = gathered.lost_packets[i],
		};
	counts->pipeline = pipeline_counts_of(
	    &gathered.observer, assessment_counts(live->assessment));
	counts->lost_flows = gathered.lost_flows;
	memcpy(counts->unsaid, gathered.unsaid, sizeof(counts->unsaid));
	counts->late = gathered.late;
	counts->unsound = gathered.unsound;
	counts->waits = gathered.waits;
	count_workers(counts, live->crew);
}

void
live_release_workers(struct live *live)
{
	for (uint32_t i = 0; i < CREW_WORKERS; i++)
		loop_watch_free(live->told[i]);
	loop_watch_free(live->words);
	loop_timer_free(live->gather);
	loop_timer_free(live->orphan);
	gathering_free(live->gathering);
	assessment_free(live->assessment);
}
