#include "sensor/commands/collect_output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classifiers/collect/collect_known.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/redis/inventory_redis_write.h"
#include "classifiers/redis/redis.h"
#include "classifiers/sources/inventory_file.h"
#include "classifiers/sources/inventory_record.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/hash.h"
#include "sensor/base/json_read.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"
#include "sensor/run/options.h"

/* How long a record may wait for others to be written with. */
#define FLUSH_AFTER (100 * NS_PER_MS)

/* Redis keeps clusters apart by name, so there is always one. */
#define CLUSTER_OF_REDIS "default"

struct collect_output {
	struct collect_options options;
	struct collect_output_events events;
	/* Redis */
	struct redis_url *url;
	struct inventory_writer *writer;
	/* a file */
	FILE *file;
	struct collect_known *known;
	struct hash_key key; /* of contents */
	struct text line;
	struct loop_timer *flush;
	bool waiting, broken;
	uint64_t cut, unwritable, foreign;
	uint64_t mended, left_out;
};

/* --- options ------------------------------------------------------------- */

bool
collect_options_take(const struct option_table *table,
    struct collect_options *options, size_t row, const char *value)
{
	const char *fault;

	switch (row) {
	case COLLECT_ROW_REDIS:
		options->redis = value;
		return true;
	case COLLECT_ROW_OUTPUT:
		options->file = value;
		return true;
	case COLLECT_ROW_CLUSTER:
		options->cluster = value;
		fault = inventory_writer_cluster_fault(value);
		if (fault == NULL)
			return true;
		options_complain(table, "--cluster `%s`: %s", value, fault);
		return false;
	default:
		options->once = true;
		return true;
	}
}

bool
collect_options_check(
    const struct option_table *table, struct collect_options *options)
{
	if (options->cluster == NULL)
		options->cluster =
		    options->redis == NULL ? "" : CLUSTER_OF_REDIS;
	if ((options->redis == NULL) != (options->file == NULL))
		return true;
	options_complain(table,
	    options->file == NULL
		? "nowhere to write to: give --redis URL or --output FILE"
		: "two places to write to: give --redis or --output");
	return false;
}

/* --- what a file has already --------------------------------------------- */

struct summing {
	struct hash_key key;
	uint64_t sum;
};

/* When a fact was stated, and its version, are no change by themselves. */
static void
sum_field(const struct inventory_record_field *field, void *context)
{
	struct summing *summing = context;
	struct hash_key key = summing->key;

	if (strcmp(field->name, "at") == 0 ||
	    strcmp(field->name, "version") == 0)
		return;
	key.words[0] ^= summing->sum;
	summing->sum = hash_octets(&key, field->name, strlen(field->name));
	key.words[0] ^= summing->sum;
	summing->sum = hash_octets(&key, field->value, field->length);
}

/* Whether the file does not say so yet. */
static bool
is_news(struct collect_output *output, const struct fact *fact)
{
	struct summing summing = {.key = output->key};
	struct inventory_record_sink sink = {sum_field, &summing};
	struct fact summed = *fact;
	uint64_t cut = 0;

	if (fact->kind == FACT_SEEN)
		return true;
	if (!fact->gone && inventory_record_fields(fact, &sink, &cut))
		summed.version = summing.sum | 1;
	return collect_known_note(output->known, &summed);
}

static bool
recall_line(struct collect_output *output, const char *line, size_t size)
{
	struct arena *arena = arena_new();
	char words[INVENTORY_RECORD_FAULT_SIZE];
	struct json_fault fault;
	struct json *record = json_parse(line, size, &fault);
	struct fact fact;
	bool fine = record != NULL && inventory_record_is_one(record) &&
		    inventory_record_read(arena, record, &fact, words);

	/* Another cluster's are not ours to end. */
	if (fine && fact.kind != FACT_SEEN &&
	    strcmp(fact.cluster == NULL ? "" : fact.cluster,
		output->options.cluster) == 0)
		(void)is_news(output, &fact);
	json_free(record);
	arena_free(arena);
	return fine;
}

static bool
recall_octets(struct collect_output *output, const char *octets, size_t size,
    size_t *whole)
{
	static const char beginning[] = "{\"v\":";
	const char *at = octets, *end = octets + size, *newline;

	while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
		bool fine = recall_line(output, at, (size_t)(newline - at));

		if (at == octets && !fine)
			return false;
		at = newline + 1;
	}
	*whole = (size_t)(at - octets);
	/* Less than a line: the beginning of a record, or somebody's own? */
	return *whole > 0 ||
	       strncmp(octets, beginning,
		   size < sizeof(beginning) ? size : sizeof(beginning) - 1) ==
		   0;
}

static bool
recall_file(struct collect_output *output)
{
	const char *path = output->options.file;
	size_t size, whole = 0;
	char *octets;
	bool ours;
	int fault = file_read(path, INVENTORY_FILE_MAXIMUM, &octets, &size);

	if (fault == -ENOENT)
		return true;
	if (fault < 0) {
		fprintf(stderr, "hedgerow: %s: cannot be read: %s\n", path,
		    strerror(-fault));
		return false;
	}
	ours = recall_octets(output, octets, size, &whole);
	free(octets);
	if (!ours) {
		fprintf(stderr,
		    "hedgerow: %s: has something else than inventory records "
		    "in it; name another file\n",
		    path);
		return false;
	}
	if (whole < size && truncate(path, (off_t)whole) != 0) {
		fprintf(stderr, "hedgerow: %s: %s\n", path, strerror(errno));
		return false;
	}
	return true;
}

/* --- writing a file ------------------------------------------------------ */

static void
complain(struct collect_output *output)
{
	if (output->broken)
		return;
	output->broken = true;
	fprintf(stderr, "hedgerow: %s: cannot be written: %s\n",
	    output->options.file, strerror(errno));
	/* From the loop, whoever asked. */
	loop_timer_set(output->flush, 0);
}

static void
flush(void *context)
{
	struct collect_output *output = context;

	output->waiting = false;
	if (!output->broken && fflush(output->file) != 0)
		complain(output);
	if (output->broken)
		output->events.broken(output->events.context);
	else
		output->events.settled(output->events.context);
}

static void
flush_later(struct collect_output *output, int64_t delay)
{
	if (output->broken)
		return;
	output->waiting = true;
	loop_timer_set(output->flush, delay);
}

static bool
write_fact(const struct fact *fact, void *context)
{
	struct collect_output *output = context;

	if (output->broken)
		return false;
	text_clear(&output->line);
	if (!inventory_record_may_be_written(fact) ||
	    !inventory_record_line(&output->line, fact, &output->cut)) {
		output->unwritable++;
		return false;
	}
	text_add_char(&output->line, '\n');
	if (fwrite(output->line.at, 1, output->line.length, output->file) !=
	    output->line.length) {
		complain(output);
		return false;
	}
	if (!output->waiting)
		flush_later(output, FLUSH_AFTER);
	return true;
}

static bool
take_for_file(const struct fact *fact, void *context)
{
	struct collect_output *output = context;

	return !is_news(output, fact) || write_fact(fact, output);
}

/* Two that write the same file would each end what the other has. */
static bool
lock_file(const struct collect_output *output)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int descriptor = fileno(output->file);

	/* What cannot be locked, such as a pipe, nobody reads back either. */
	if (fcntl(descriptor, F_OFD_SETLK, &lock) == 0 || errno != EAGAIN)
		return true;
	fprintf(stderr, "hedgerow: %s: another collector writes to it\n",
	    output->options.file);
	return false;
}

static bool
open_file(struct collect_output *output, struct loop *loop)
{
	const char *path = output->options.file;

	text_init(&output->line, INVENTORY_RECORD_MAXIMUM);
	output->flush = loop_timer_new(loop, flush, output);
	output->known = collect_known_new(INVENTORY_MAXIMUM);
	/* Objects are anybody's; nobody shall make two that look the same. */
	output->key = (struct hash_key){
	    {(uint64_t)loop_now(loop).ns, (uint64_t)(uintptr_t)output}};
	if (strcmp(path, "-") == 0) {
		output->file = stdout;
		return true;
	}
	output->file = fopen(path, "a");
	if (output->file == NULL) {
		fprintf(stderr, "hedgerow: %s: %s\n", path, strerror(errno));
		return false;
	}
	return lock_file(output) && recall_file(output);
}

/* What no reader will miss, but an operator may want to know. */
static void
say_left_out(uint64_t count, const char *what)
{
	if (count > 0)
		fprintf(stderr, "hedgerow: %llu %s\n",
		    (unsigned long long)count, what);
}

static void
close_file(struct collect_output *output)
{
	if (output->file != NULL && !output->broken &&
	    fflush(output->file) != 0)
		complain(output);
	if (output->file != NULL && output->file != stdout)
		(void)fclose(output->file);
	loop_timer_free(output->flush);
	collect_known_free(output->known);
	text_release(&output->line);
}

/* --- writing to Redis ---------------------------------------------------- */

static void
say(const char *text, void *context)
{
	(void)context;
	fprintf(stderr, "hedgerow: %s\n", text);
}

static void
settled(void *context)
{
	struct collect_output *output = context;

	output->events.settled(output->events.context);
}

static bool
open_redis(struct collect_output *output, struct loop *loop, const char *source)
{
	struct inventory_writer_settings settings = {
	    .cluster = output->options.cluster,
	    .source = source,
	    .said = say,
	    .settled = settled,
	    .context = output,
	};
	char fault[REDIS_FAULT_SIZE];

	output->url = redis_url_argument(output->options.redis, fault);
	if (output->url == NULL) {
		fprintf(stderr, "hedgerow: --redis: %s\n", fault);
		return false;
	}
	output->writer = inventory_writer_new(loop, output->url, &settings);
	return true;
}

static void
close_redis(struct collect_output *output)
{
	struct inventory_writer_counts counts = {0};

	if (output->writer != NULL)
		counts = inventory_writer_counts(output->writer);
	output->cut += counts.cut;
	output->unwritable += counts.refused;
	output->foreign += counts.foreign;
	/* Which and why was said when it was found out. */
	output->broken = output->broken || counts.blocked > 0;
	inventory_writer_free(output->writer);
	redis_url_free(output->url);
}

/* --- the door ------------------------------------------------------------ */

struct collect_output *
collect_output_open(struct loop *loop, const struct collect_options *options,
    const char *source, const struct collect_output_events *events)
{
	struct collect_output *output = allocate(1, sizeof(*output));

	output->options = *options;
	output->events = *events;
	if (options->redis != NULL ? open_redis(output, loop, source)
				   : open_file(output, loop))
		return output;
	(void)collect_output_close(output);
	return NULL;
}

struct fact_taker
collect_output_taker(struct collect_output *output)
{
	if (output->writer != NULL)
		return inventory_writer_taker(output->writer);
	return (struct fact_taker){take_for_file, output};
}

void
collect_output_list_begins(struct collect_output *output, unsigned kinds)
{
	if (output->writer != NULL)
		inventory_writer_list_begins(output->writer, kinds);
	else
		collect_known_list(output->known, kinds);
}

void
collect_output_list_ends(
    struct collect_output *output, unsigned kinds, struct instant at)
{
	struct fact_taker taker = {write_fact, output};

	if (output->writer != NULL) {
		inventory_writer_list_ends(output->writer, kinds, at);
		return;
	}
	(void)collect_known_listed(
	    output->known, kinds, output->options.cluster, 0, at, &taker);
	flush_later(output, 0);
}

void
collect_output_list_keeps(struct collect_output *output, unsigned kinds)
{
	if (output->writer != NULL)
		inventory_writer_list_keeps(output->writer, kinds);
	else
		collect_known_keep(output->known, kinds);
}

void
collect_output_lists_again(
    struct collect_output *output, unsigned kinds, bool begins)
{
	if (output->writer != NULL)
		inventory_writer_lists_again(output->writer, kinds, begins);
}

void
collect_output_losses(
    struct collect_output *output, uint64_t mended, uint64_t left_out)
{
	output->mended = mended;
	output->left_out = left_out;
	if (output->writer != NULL)
		inventory_writer_losses(output->writer, mended, left_out);
}

void
collect_output_cut(struct collect_output *output, uint64_t count)
{
	output->cut += count;
}

bool
collect_output_is_settled(const struct collect_output *output)
{
	if (output->writer != NULL)
		return inventory_writer_is_settled(output->writer);
	return !output->waiting && !output->broken;
}

bool
collect_output_close(struct collect_output *output)
{
	bool fine;

	if (output->options.redis != NULL)
		close_redis(output);
	else
		close_file(output);
	fine = !output->broken;
	say_left_out(output->cut,
	    "texts, labels or addresses were longer than an inventory holds, "
	    "and were cut");
	say_left_out(output->mended,
	    "characters of the source were no UTF-8, or NUL; another stands "
	    "for each");
	say_left_out(output->left_out,
	    "objects of the source could not be read, and were left out");
	say_left_out(output->foreign,
	    "facts name another cluster than --cluster does, and were left "
	    "out");
	say_left_out(output->unwritable,
	    "facts have ids that no record can have, and were left out");
	free(output);
	return fine;
}
