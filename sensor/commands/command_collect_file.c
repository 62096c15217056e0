#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "classifiers/collect/collect_known.h"
#include "classifiers/inventory/fact_frame.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/fact_order.h"
#include "classifiers/sources/inventory_file.h"
#include "sensor/base/loop.h"
#include "sensor/base/report.h"
#include "sensor/commands/collect_output.h"
#include "sensor/commands/commands.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"

#define FILES_MAXIMUM ((size_t)64)

/* As long as Redis may be away before `--once` gives up. */
#define PATIENCE (60 * NS_PER_SECOND)

static const struct option_row rows[COLLECT_ROW_COUNT] = {COLLECT_ROWS};

static const struct option_table table = {
    .usage = "hedgerow collect file FILE... [OPTION]...",
    .summary =
	"Writes what inventory files say, in any form that --inventory takes,\n"
	"to where sensors read it.  Reads them again on SIGHUP.",
    .rows = rows,
    .count = COLLECT_ROW_COUNT,
    .operands = true,
    .examples = "  hedgerow collect file legacy.yaml --cluster datacentre \\\n"
		"    --redis redis://collector:secret@127.0.0.1\n"
		"  hedgerow collect file pods.json --once -o records.ndjson\n",
};

struct file_options {
	struct collect_options collect;
	const char *files[FILES_MAXIMUM];
	size_t file_count;
};

struct collecting {
	const struct file_options *options;
	struct loop *loop;
	struct collect_output *output;
	int code;
};

static bool
take(size_t row, const char *value, void *context)
{
	struct file_options *options = context;

	if (row < COLLECT_ROW_COUNT)
		return collect_options_take(
		    &table, &options->collect, row, value);
	if (options->file_count == FILES_MAXIMUM) {
		options_complain(&table, "more than %zu files", FILES_MAXIMUM);
		return false;
	}
	options->files[options->file_count++] = value;
	return true;
}

/* --- whose facts they are ------------------------------------------------- */

/* Which cluster the facts name, as they go by to the next taker. */
struct naming {
	struct fact_taker next;
	const char *cluster; /* that is collected for */
	uint64_t own, foreign;
	char other[64]; /* the first one of the foreign, as far as it fits */
};

static bool
note_cluster(const struct fact *fact, void *context)
{
	struct naming *naming = context;

	if (fact->kind == FACT_SEEN)
		return fact_give(&naming->next, fact);
	if (fact->cluster == NULL || fact->cluster[0] == '\0' ||
	    strcmp(fact->cluster, naming->cluster) == 0)
		naming->own++;
	else if (naming->foreign++ == 0)
		(void)snprintf(
		    naming->other, sizeof(naming->other), "%s", fact->cluster);
	return fact_give(&naming->next, fact);
}

/*
 * Redis has each cluster by itself, so nothing of these files would be written
 * and all that was known of this cluster would end: they are the wrong files,
 * or it is the wrong name.
 */
static bool
are_all_foreign(const struct file_options *options, const struct naming *naming)
{
	if (options->collect.redis == NULL || naming->foreign == 0 ||
	    naming->own > 0)
		return false;
	fprintf(stderr,
	    "hedgerow: every fact of these files names another cluster than "
	    "--cluster %s, the first one `%s`: nothing is written\n",
	    naming->cluster, naming->other);
	return true;
}

/* --- events --------------------------------------------------------------- */

/* Named as by any collector of this cluster, or as by --inventory NAME=. */
static enum inventory_file_status
read_all(const struct file_options *options, struct fact_taker taker,
    struct report *report)
{
	struct fact_frame *frame = fact_frame_new(
	    taker, options->collect.cluster, INSTANT_PAST, INSTANT_FUTURE);
	enum inventory_file_status worst = INVENTORY_READ;

	for (size_t i = 0; i < options->file_count; i++) {
		enum inventory_file_status status = inventory_file_read_to(
		    fact_frame_taker(frame), options->files[i], report);

		if (status > worst)
			worst = status;
	}
	fact_frame_end(frame);
	return worst;
}

/* Once more, and each object's facts in the order in which it became so. */
static void
write_all(struct collecting *collecting, struct fact_order *order,
    enum inventory_file_status status)
{
	struct collect_output *output = collecting->output;
	const struct fact_taker taker = collect_output_taker(output);
	struct report *report = report_new();

	collect_output_list_begins(output, COLLECT_KINDS_ALL);
	(void)read_all(
	    collecting->options, fact_order_sort(order, &taker), report);
	collect_output_cut(output, fact_order_end(order));
	if (status == INVENTORY_PARTLY) {
		fputs("hedgerow: not all could be read; what the files lack is "
		      "not held to be gone until it can\n",
		    stderr);
		collect_output_list_keeps(output, COLLECT_KINDS_ALL);
	}
	collect_output_list_ends(
	    output, COLLECT_KINDS_ALL, loop_now(collecting->loop));
	report_free(report);
}

/*
 * All files are read before anything is written: half a list would end what
 * the other half names.
 *
 * returns    false, with nothing written, when one is unusable or all of them
 *            are about somebody else
 */
static bool
collect(struct collecting *collecting)
{
	const struct file_options *options = collecting->options;
	struct fact_order *order = fact_order_new(INVENTORY_MAXIMUM);
	struct report *report = report_new();
	struct naming naming = {
	    .next = fact_order_learn(order),
	    .cluster = options->collect.cluster,
	};
	enum inventory_file_status status = read_all(
	    options, (struct fact_taker){note_cluster, &naming}, report);

	report_print(report, stderr);
	report_free(report);
	if (status != INVENTORY_REFUSED && are_all_foreign(options, &naming))
		status = INVENTORY_REFUSED;
	if (status != INVENTORY_REFUSED)
		write_all(collecting, order, status);
	fact_order_free(order);
	return status != INVENTORY_REFUSED;
}

static void
read_again(int number, void *context)
{
	(void)number;
	if (!collect(context))
		fputs("hedgerow: the files of before stay in force\n", stderr);
}

static void
stop(int number, void *context)
{
	struct collecting *collecting = context;

	(void)number;
	loop_stop(collecting->loop);
}

static void
settled(void *context)
{
	struct collecting *collecting = context;

	if (collecting->options->collect.once)
		loop_stop(collecting->loop);
}

static void
broken(void *context)
{
	struct collecting *collecting = context;

	collecting->code = EXIT_INTERNAL;
	loop_stop(collecting->loop);
}

static void
lose_patience(void *context)
{
	struct collecting *collecting = context;

	fputs("hedgerow: it could not be written in time\n", stderr);
	broken(collecting);
}

/* --- the run -------------------------------------------------------------- */

static void
run(struct collecting *collecting)
{
	struct loop *loop = collecting->loop;
	struct loop_signal *signals[] = {
	    loop_signal_new(loop, SIGTERM, stop, collecting),
	    loop_signal_new(loop, SIGINT, stop, collecting),
	    loop_signal_new(loop, SIGHUP, read_again, collecting),
	};
	struct loop_timer *patience =
	    loop_timer_new(loop, lose_patience, collecting);

	if (collecting->options->collect.once)
		loop_timer_set(patience, PATIENCE);
	if (collect(collecting))
		loop_run(loop);
	else
		collecting->code = EXIT_INPUT;
	loop_timer_free(patience);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		loop_signal_free(signals[i]);
}

static int
open_and_run(const struct file_options *options)
{
	struct collecting collecting = {
	    .options = options, .loop = loop_new(), .code = EXIT_DONE};
	struct collect_output_events events = {settled, broken, &collecting};

	/* A server or a reader that goes away is an error of one write. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (collecting.loop == NULL) {
		fprintf(
		    stderr, "hedgerow: no event loop: %s\n", strerror(errno));
		return EXIT_INTERNAL;
	}
	collecting.output = collect_output_open(
	    collecting.loop, &options->collect, "file", &events);
	if (collecting.output == NULL) {
		collecting.code = EXIT_USAGE;
	} else {
		run(&collecting);
		if (!collect_output_close(collecting.output))
			collecting.code = EXIT_INTERNAL;
	}
	loop_free(collecting.loop);
	return collecting.code;
}

int
command_collect_file(int argc, char **argv)
{
	struct file_options options = {0};
	int code = EXIT_USAGE;

	if (!options_begin(&table, argc, argv, take, &options, &code))
		return code;
	if (options.file_count == 0) {
		options_complain(&table, "no file to collect from");
		return EXIT_USAGE;
	}
	if (!collect_options_check(&table, &options.collect))
		return EXIT_USAGE;
	return open_and_run(&options);
}
