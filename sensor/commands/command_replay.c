#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alerts/format.h"
#include "alerts/sink.h"
#include "classifiers/inventory/domain_clusters.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/commands/commands.h"
#include "sensor/commands/deliver.h"
#include "sensor/commands/keeper.h"
#include "sensor/commands/replay_evidence.h"
#include "sensor/domain.h"
#include "sensor/packet.h"
#include "sensor/replay.h"
#include "sensor/run/detection.h"
#include "sensor/run/detector_file.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"
#include "sensor/run/pipeline.h"
#include "sensor/run/setup.h"
#include "sensor/run/summary.h"

#define CAPTURES_MAXIMUM 1024
#define FILTER_MAXIMUM   65536

enum {
	ROW_READ = SETUP_ROW_COUNT,
	ROW_ALERTS,
	ROW_FLOWS,
	ROW_FORMAT,
	ROW_FACILITY,
	ROW_ENTERPRISE,
	ROW_FAIL_ON,
	ROW_CAPACITY,
	ROW_DOMAIN,
	ROW_THREADS,
	ROW_SENSOR,
	ROW_JOURNAL,
	ROW_SINK,
	ROW_SECONDS,
	ROW_EVIDENCE,
	ROW_NO_DETECTORS,
	ROW_STATE,
	ROW_LOST,
	ROW_STATS,
	ROW_QUIET,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
    [ROW_READ] = {"read", 'r', "FILE", "a capture file, as an operand is"},
    [ROW_ALERTS] = {"alerts", 0, "FILE", "where alerts go (default -)"},
    [ROW_FLOWS] = {"flows", 0, "FILE", "where flow records go (default none)"},
    [ROW_FORMAT] = {"format", 0, "FORMAT",
	"native, ecs, ocsf, cef, leef or syslog (default native)"},
    [ROW_FACILITY] = {"facility", 0, "NAME",
	"of syslog messages (default local5)"},
    [ROW_ENTERPRISE] = {"enterprise", 0, "NUMBER",
	"your private enterprise number, for syslog (default 32473)"},
    [ROW_FAIL_ON] = {"fail-on", 0, "SEVERITY",
	"exit 1 if a finding is at least this severe"},
    [ROW_CAPACITY] = {"flow-capacity", 0, "N",
	"flows in progress at once (default 262144)"},
    [ROW_DOMAIN] = {"domain", 0, "NAME=WHAT",
	"a network of its own, a cluster's by its name: vlan:N, vni:N, "
	"interface:NAME; repeatable"},
    [ROW_THREADS] = {"threads", 0, "N",
	"threads that track flows (default 1); the output is the same"},
    [ROW_SENSOR] = {"sensor", 0, "NAME",
	"the sensor's name in records (default replay)"},
    [ROW_JOURNAL] = {"journal", 0, "DIR", "keep every alert there, too"},
    [ROW_SINK] = {"sink", 0, "URL",
	"send what the journal has there, at the end; repeatable"},
    [ROW_SECONDS] = {"deliver-for", 0, "SECONDS",
	"give up sending after so long (default 30)"},
    [ROW_EVIDENCE] = {"evidence", 0, "FILE",
	"the packets around each finding, as pcapng; takes one thread"},
    [ROW_NO_DETECTORS] = {"no-detectors", 0, NULL,
	"judge by models alone, and look for no anomalies"},
    [ROW_STATE] = {"state", 0, "FILE",
	"what detectors remember, from before and for later"},
    [ROW_LOST] = {"lost", 0, "PPM",
	"packets of a million that the capture lacks (default 0)"},
    [ROW_STATS] = {"stats", 0, "FILE",
	"what was counted, as one stats record (default none)"},
    [ROW_QUIET] = {"quiet", 'q', NULL, "no summary and no progress"},
};

static const struct option_table table = {
    .usage = "hedgerow replay FILE... [OPTION]... [BPF-EXPRESSION]",
    .summary = "Judges the flows of pcap and pcapng files, directories of "
	       "them, or `-`.\nAlerts go to stdout as JSON lines, a summary to "
	       "stderr.",
    .rows = rows,
    .count = ROW_COUNT,
    .operands = true,
    .examples = "  hedgerow replay pcaps/demo/capture.pcap \\\n"
		"    --inventory pcaps/demo/metadata.json \\\n"
		"    --inventory pcaps/demo/watch.jsonl \\\n"
		"    --models pcaps/demo/models\n"
		"  hedgerow -r pcaps/demo/capture.pcap --flows - port 6379\n",
};

struct replay_options {
	struct setup_paths paths;
	const char *captures[CAPTURES_MAXIMUM];
	size_t capture_count;
	struct domains *domains; /* NULL: none is declared */
	struct report *mistakes; /* in what declares them */
	struct text filter;      /* words joined by spaces; empty: none */
	const char *alerts, *flows, *sensor, *evidence, *stats, *state;
	enum format format;
	bool fails;
	enum severity fail_on;
	uint32_t flow_capacity, threads, lost_ppm;
	bool quiet, no_detectors;
	struct deliver_options deliver;
	struct keeper *keeper; /* NULL: no journal is kept */
};

/* --- arguments ------------------------------------------------------------ */

static bool
take_severity(struct replay_options *options, const char *value)
{
	const char *names[SEVERITY_CRITICAL + 2] = {0};
	const char *nearest;

	for (int s = SEVERITY_LOW; s <= SEVERITY_CRITICAL; s++) {
		names[s] = severity_name((enum severity)s);
		if (strcmp(value, names[s]) != 0)
			continue;
		options->fails = true;
		options->fail_on = (enum severity)s;
		return true;
	}
	nearest = nearest_word(value, names);
	options_complain(&table,
	    "--fail-on %s: not low, medium, high or critical%s%s", value,
	    nearest == NULL ? "" : "; did you mean ",
	    nearest == NULL ? "" : nearest);
	return false;
}

static bool
take_format(struct replay_options *options, const char *value)
{
	const char *nearest;

	if (format_parse(value, &options->format))
		return true;
	nearest = nearest_word(value, format_names());
	options_complain(&table,
	    "--format %s: not native, ecs, ocsf, cef, leef or syslog%s%s",
	    value, nearest == NULL ? "" : "; did you mean ",
	    nearest == NULL ? "" : nearest);
	return false;
}

/* Whether every record that is asked for has a place in its format. */
static bool
check_format(const struct replay_options *options)
{
	if (options->flows == NULL || format_takes_flows(options->format))
		return true;
	options_complain(&table,
	    "--format %s has no place for flow records; leave out --flows, or "
	    "choose native, ecs or ocsf",
	    format_name(options->format));
	return false;
}

/* A whole number from 1 to `most`. */
static bool
take_number(
    const char *option, const char *value, uint32_t most, uint32_t *number)
{
	char *end;
	unsigned long given;

	errno = 0;
	given = strtoul(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || given < 1 ||
	    given > most) {
		options_complain(
		    &table, "--%s %s: not 1 to %u", option, value, most);
		return false;
	}
	*number = (uint32_t)given;
	return true;
}

/* Every mistake is said once all are read. */
static void
take_domain(struct replay_options *options, const char *value)
{
	const struct place place = {"--domain", 1, 1};

	if (options->domains == NULL) {
		options->domains = domains_new();
		options->mistakes = report_new();
	}
	domains_add(options->domains, value, options->mistakes, place);
}

static bool
take_sink(struct replay_options *options, const char *value)
{
	if (options->deliver.count == DELIVER_SINKS) {
		options_complain(&table, "more than %d sinks", DELIVER_SINKS);
		return false;
	}
	options->deliver.sinks[options->deliver.count++] = value;
	return true;
}

/* Sinks are served from the journal. */
static bool
check_journal(const struct replay_options *options)
{
	if (options->deliver.count == 0 || options->deliver.journal != NULL)
		return true;
	options_complain(&table, "--sink needs --journal DIR");
	return false;
}

static bool
take_capture(struct replay_options *options, const char *path)
{
	if (options->capture_count == CAPTURES_MAXIMUM) {
		options_complain(&table,
		    "more than %d captures; give a directory instead",
		    CAPTURES_MAXIMUM);
		return false;
	}
	options->captures[options->capture_count++] = path;
	return true;
}

/* What nobody would type into a filter expression. */
static bool
looks_like_file(const char *word)
{
	struct stat status;

	return strcmp(word, "-") == 0 || stat(word, &status) == 0 ||
	       strstr(word, ".pcap") != NULL || strstr(word, ".cap") != NULL;
}

static bool
take_operand(struct replay_options *options, const char *word)
{
	if (options->filter.length == 0 &&
	    (options->capture_count == 0 || looks_like_file(word)))
		return take_capture(options, word);
	if (options->filter.length > 0)
		text_add_char(&options->filter, ' ');
	text_add(&options->filter, word);
	return true;
}

/* Options that are a text, and where it goes; NULL for the others. */
static const char **
place_of(struct replay_options *options, size_t row)
{
	switch (row) {
	case ROW_ALERTS:
		return &options->alerts;
	case ROW_FLOWS:
		return &options->flows;
	case ROW_SENSOR:
		return &options->sensor;
	case ROW_JOURNAL:
		return &options->deliver.journal;
	case ROW_EVIDENCE:
		return &options->evidence;
	case ROW_STATS:
		return &options->stats;
	default:
		return NULL;
	}
}

static bool
take(size_t row, const char *value, void *context)
{
	struct replay_options *options = context;
	const char **text = place_of(options, row);

	if (row < SETUP_ROW_COUNT)
		return setup_take(&options->paths, row, value);
	if (text != NULL) {
		*text = value;
		return true;
	}
	switch (row) {
	case ROW_READ:
		return take_capture(options, value);
	case ROW_FORMAT:
		return take_format(options, value);
	case ROW_FACILITY:
		return options_facility(
		    &table, value, &options->deliver.format);
	case ROW_ENTERPRISE:
		return options_enterprise(
		    &table, value, &options->deliver.format);
	case ROW_FAIL_ON:
		return take_severity(options, value);
	case ROW_CAPACITY:
		return take_number("flow-capacity", value,
		    FLOWTABLE_CAPACITY_MAXIMUM, &options->flow_capacity);
	case ROW_DOMAIN:
		take_domain(options, value);
		return true;
	case ROW_THREADS:
		return take_number(
		    "threads", value, WORKERS_MAXIMUM, &options->threads);
	case ROW_SINK:
		return take_sink(options, value);
	case ROW_SECONDS:
		return take_number("deliver-for", value, UINT32_MAX,
		    &options->deliver.seconds);
	case ROW_NO_DETECTORS:
		options->no_detectors = true;
		return true;
	case ROW_STATE:
		options->state = value;
		return true;
	case ROW_LOST:
		return take_number("lost", value, 1000000, &options->lost_ppm);
	case ROW_QUIET:
		options->quiet = options->deliver.quiet = true;
		return true;
	default:
		return take_operand(options, value);
	}
}

/* --- progress ------------------------------------------------------------- */

/* A line on the terminal, at most ten a second, after the first second. */
struct progress {
	bool wanted, shown;
	struct timespec next;
};

static void
progress_start(struct progress *progress, bool wanted)
{
	progress->wanted = wanted && isatty(STDERR_FILENO);
	(void)clock_gettime(CLOCK_MONOTONIC, &progress->next);
	progress->next.tv_sec++;
}

static void
progress_show(struct progress *progress, const struct replay *replay,
    const char *path, uint64_t packets)
{
	struct timespec now;
	uint64_t done, total;

	/* Every 16384 packets is often enough, and cheap enough to ask. */
	if (!progress->wanted || packets % 16384 != 0)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < progress->next.tv_sec ||
	    (now.tv_sec == progress->next.tv_sec &&
		now.tv_nsec < progress->next.tv_nsec))
		return;
	progress->next = now;
	progress->next.tv_nsec += 100000000;
	if (progress->next.tv_nsec >= 1000000000) {
		progress->next.tv_nsec -= 1000000000;
		progress->next.tv_sec++;
	}
	replay_progress(replay, &done, &total);
	fprintf(stderr, "\r%s: %" PRIu64 " packets", path, packets);
	if (total > 0)
		fprintf(stderr, ", %" PRIu64 " %%", done * 100 / total);
	progress->shown = true;
}

static void
progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}

/* --- replay --------------------------------------------------------------- */

struct run {
	const struct replay_options *options;
	struct pipeline *pipeline;
	struct replay_evidence evidence;
	struct sink *stats; /* NULL: none are asked for */
	struct progress progress;
	bool damaged; /* some input was unusable from somewhere on */
	bool misused; /* the filter says nothing that can be asked */
	uint64_t packets;
};

static void
complain_link(const char *path, int link_type, uint64_t packets)
{
	fprintf(stderr,
	    "hedgerow: %s: link type %s (%d) is not decoded; %" PRIu64
	    " packets were counted and left out\n",
	    path, replay_link_name(link_type), link_type, packets);
}

/* Packets of one file whose link type nobody decodes. */
struct undecoded {
	uint64_t packets;
	int link_type; /* of the last one */
};

static enum replay_status
replay_packets(struct run *run, struct replay *replay, const char *path,
    struct undecoded *undecoded)
{
	struct packet packet;
	enum replay_status status;
	uint32_t interface = UINT32_MAX; /* none yet */

	while ((status = replay_next(replay, &packet)) == REPLAY_PACKET) {
		if (packet.interface != interface) {
			interface = packet.interface;
			pipeline_set_interface(run->pipeline,
			    replay_interface_name(replay, interface));
		}
		if (pipeline_packet(run->pipeline, &packet) ==
		    FRAME_UNKNOWN_LINK) {
			undecoded->packets++;
			undecoded->link_type = packet.link_type;
		}
		replay_evidence_look(&run->evidence, run->packets, packet.at);
		progress_show(&run->progress, replay, path, ++run->packets);
	}
	progress_end(&run->progress);
	return status;
}

/* A file that opens without the filter is not what is wrong. */
static void
complain_unopened(struct run *run, const char *path, const char *why)
{
	char fault[REPLAY_FAULT_SIZE];
	struct replay *plain = NULL;

	fprintf(stderr, "hedgerow: %s\n", why);
	if (run->options->filter.length > 0)
		plain = replay_open(path, NULL, fault);
	if (plain != NULL)
		run->misused = true;
	else
		run->damaged = true;
	replay_close(plain);
}

static void
replay_file(struct run *run, const char *path)
{
	char fault[REPLAY_FAULT_SIZE];
	struct replay *replay = replay_open(path,
	    run->options->filter.length == 0 ? NULL : run->options->filter.at,
	    fault);
	struct undecoded undecoded = {0};

	if (replay == NULL) {
		complain_unopened(run, path, fault);
		return;
	}
	pipeline_set_file(run->pipeline, path);
	if (replay_packets(run, replay, path, &undecoded) == REPLAY_FAULT) {
		fprintf(stderr, "hedgerow: %s\n", replay_fault(replay));
		run->damaged = true;
	}
	if (undecoded.packets > 0) {
		complain_link(path, undecoded.link_type, undecoded.packets);
		run->damaged = true;
	}
	pipeline_flush(run->pipeline);
	replay_close(replay);
}

static void
replay_path(struct run *run, struct arena *arena, const char *path)
{
	const char **paths;
	long count, foreign = 0;

	if (strcmp(path, "-") == 0 || !file_is_directory(path)) {
		replay_file(run, path);
		return;
	}
	count = file_list(arena, path, NULL, &paths);
	if (count <= 0) {
		fprintf(stderr, "hedgerow: %s: %s\n", path,
		    count == 0 ? "no files in this directory"
			       : strerror((int)-count));
		run->damaged = true;
	}
	for (long i = 0; i < count; i++) {
		if (replay_is_foreign(paths[i]))
			foreign++;
		else
			replay_file(run, paths[i]);
	}
	if (foreign > 0)
		fprintf(stderr,
		    "hedgerow: %s: %ld files are no captures and were left "
		    "out\n",
		    path, foreign);
}

static void
closed(const struct finding *finding, void *context)
{
	summary_add(context, finding);
}

static struct sink *
open_sink(const char *path, int *code)
{
	int error = 0;
	struct sink *sink = sink_open(path, &error);

	if (sink == NULL) {
		fprintf(stderr, "hedgerow: %s: %s\n", path, strerror(-error));
		*code = error == -EACCES || error == -EPERM ? EXIT_PERMISSION
							    : EXIT_USAGE;
	}
	return sink;
}

static int
close_sink(struct sink *sink, const char *path, int code)
{
	uint64_t lost = sink == NULL ? 0 : sink_lost(sink);
	int error = sink_close(sink);

	if (error == 0)
		return code;
	fprintf(stderr, "hedgerow: %s: %s; %" PRIu64 " records were lost\n",
	    path, strerror(-error), lost);
	return EXIT_INTERNAL;
}

/* Runs every capture through the pipeline. */
static void
replay_captures(struct run *run, const struct assessment_parts *assessment)
{
	const struct replay_options *options = run->options;
	struct arena *arena = arena_new();
	struct pipeline_counts counts;

	progress_start(&run->progress, !options->quiet);
	for (size_t i = 0; i < options->capture_count; i++)
		replay_path(run, arena, options->captures[i]);
	pipeline_finish(run->pipeline);
	replay_evidence_finish(&run->evidence);
	counts = pipeline_counts(run->pipeline);
	replay_stats_write(
	    run->stats, options->sensor, &counts, &run->evidence);
	if (!options->quiet && !run->misused)
		summary_print(assessment->context, &counts);
	arena_free(arena);
}

/* The same with what detectors remember from before, and for later. */
static void
replay_remembering(struct run *run, const struct assessment_parts *assessment,
    struct detector_file *file)
{
	struct detection *detection = pipeline_detection(run->pipeline);

	if (detection == NULL) {
		replay_captures(run, assessment);
		return;
	}
	detector_file_restore(file, detection_row(detection));
	detection_set_loss(detection, run->options->lost_ppm);
	replay_captures(run, assessment);
	(void)detector_file_write(file, detection_row(detection));
}

/* Runs everything through a pipeline whose parts are ready. */
static int
replay_all(const struct replay_options *options,
    const struct assessment_parts *assessment, struct detector_file *file,
    bool damaged)
{
	struct pipeline_parts parts = {
	    .assessment = *assessment,
	    .flow_capacity = options->flow_capacity,
	    .workers = options->threads,
	};
	const char *fault = NULL;
	struct run run = {.options = options, .damaged = damaged};
	int code = EXIT_DONE;

	if (options->stats != NULL)
		run.stats = open_sink(options->stats, &code);
	if (code == EXIT_DONE)
		code = replay_evidence_open(
		    &run.evidence, options->evidence, &parts);
	if (code != EXIT_DONE) {
		(void)sink_close(run.stats);
		return code;
	}
	run.pipeline = pipeline_new(&parts, &fault);
	if (run.pipeline == NULL) {
		fprintf(stderr, "hedgerow: %s\n", fault);
		code = EXIT_INTERNAL;
	} else {
		replay_evidence_follow(&run.evidence, run.pipeline);
		replay_remembering(&run, assessment, file);
		pipeline_free(run.pipeline);
	}
	code = replay_evidence_close(&run.evidence, code);
	if (run.stats != NULL)
		code = close_sink(run.stats, options->stats, code);
	if (run.misused)
		return EXIT_USAGE;
	return run.damaged && code == EXIT_DONE ? EXIT_INPUT : code;
}

/* The clusters of the domains, owned; NULL when none is declared. */
static struct domain_clusters *
find_clusters(const struct replay_options *options, const struct setup *setup)
{
	const struct place place = {"--domain", 1, 1};
	struct domain_clusters *clusters;
	struct report *report;

	if (options->domains == NULL)
		return NULL;
	report = report_new();
	clusters = domain_clusters_new(
	    options->domains, setup->inventory, report, place);
	report_print(report, stderr);
	report_free(report);
	return clusters;
}

static int
replay_with_sinks(
    const struct replay_options *options, const struct setup *setup)
{
	int code = EXIT_DONE;
	struct summary *summary = summary_new();
	struct domain_clusters *clusters = find_clusters(options, setup);
	struct detectors_parts detectors = detection_standard(setup->tuning);
	struct detector_file file = {.path = NULL};
	struct assessment_parts assessment = {
	    .inventory = setup->inventory,
	    .policy = setup->policy,
	    .geography = setup->geography,
	    .domains = options->domains,
	    .clusters = clusters,
	    .detectors = options->no_detectors ? NULL : &detectors,
	    .source = {.host = options->sensor},
	    .format = options->format,
	    .syslog = options->deliver.format,
	    .closed = closed,
	    .context = summary,
	};

	assessment.alerts = open_sink(options->alerts, &code);
	assessment.flows = open_sink(options->flows, &code);
	if (assessment.alerts != NULL && options->keeper != NULL)
		sink_tee(assessment.alerts, keeper_take, options->keeper);
	if (!options->no_detectors)
		detector_file_read(&file, options->state, &detectors);
	if (assessment.alerts != NULL && assessment.flows != NULL)
		code = replay_all(options, &assessment, &file, setup->damaged);
	detector_file_release(&file);
	code = close_sink(assessment.alerts, options->alerts, code);
	code = close_sink(assessment.flows, options->flows, code);
	if (code == EXIT_DONE && options->fails &&
	    summary_count(summary, options->fail_on) > 0)
		code = EXIT_CONDITION;
	summary_free(summary);
	domain_clusters_free(clusters);
	return code;
}

static int
replay_to_journal(struct replay_options *options, const struct setup *setup)
{
	const struct deliver_options *deliver = &options->deliver;
	int code = EXIT_DONE, delivered = EXIT_DONE;

	options->keeper = keeper_open(deliver->journal, &code);
	if (options->keeper == NULL)
		return code;
	code = replay_with_sinks(options, setup);
	if (!keeper_close(options->keeper, options->quiet) && code == EXIT_DONE)
		code = EXIT_INTERNAL;
	if (deliver->count > 0)
		delivered = deliver_run(deliver);
	return code == EXIT_DONE ? delivered : code;
}

/* Whether what declares domains has none. */
static bool
say_mistakes(const struct replay_options *options)
{
	if (options->mistakes == NULL)
		return true;
	report_print(options->mistakes, stderr);
	return report_errors(options->mistakes) == 0;
}

int
command_replay(int argc, char **argv)
{
	struct replay_options *options = allocate(1, sizeof(*options));
	struct setup setup = {0};
	enum options_status status;
	int code;

	options->alerts = "-";
	options->format = FORMAT_NATIVE;
	options->paths.judges = true;
	options->sensor = "replay";
	options->flow_capacity = FLOWTABLE_CAPACITY_DEFAULT;
	options->threads = 1;
	options->deliver.seconds = DELIVER_SECONDS;
	options->deliver.format = FORMAT_SETTINGS_DEFAULT;
	text_init(&options->filter, FILTER_MAXIMUM);
	status = options_walk(&table, argc, argv, take, options);
	code = status == OPTIONS_HELP ? EXIT_DONE : EXIT_USAGE;
	if (status == OPTIONS_GO && options->capture_count == 0) {
		options_complain(&table, "no capture file");
	} else if (status == OPTIONS_GO && say_mistakes(options) &&
		   check_format(options) && check_journal(options)) {
		code = setup_load(&options->paths, &setup);
		if (code == EXIT_DONE && options->deliver.journal != NULL)
			code = replay_to_journal(options, &setup);
		else if (code == EXIT_DONE)
			code = replay_with_sinks(options, &setup);
	}
	setup_release(&setup);
	text_release(&options->filter);
	domains_free(options->domains);
	report_free(options->mistakes);
	free(options);
	return code;
}
