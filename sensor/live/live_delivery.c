#include "sensor/live/live_delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerts/journal.h"
#include "sensor/base/arena.h"
#include "sensor/base/confine.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"
#include "sensor/run/exit.h"

/* Records name who spoke with whom, so not everybody may read them. */
#define DIRECTORY_MODE 0750
#define FILE_MODE      0640

struct live_delivery {
	struct loop *loop;
	struct journal *journal;
	struct delivery *delivery;
	bool finishing; /* the loop is run until every sink has all */
	/* Of each sink, as of the last tick, and when that was more. */
	uint64_t acknowledged[LIVE_DELIVERY_SINKS];
	struct instant succeeded[LIVE_DELIVERY_SINKS];
};

static void
say(const char *message, void *context)
{
	(void)context;
	fprintf(stderr, "hedgerow: %s\n", message);
}

static int
code_of(int error)
{
	return error == -EACCES || error == -EPERM ? EXIT_PERMISSION
						   : EXIT_USAGE;
}

/* --- before rights are given up ------------------------------------------- */

static struct sink_url *
read_url(const char *text)
{
	char fault[SINK_FAULT_SIZE];
	struct sink_url *url = sink_url_parse(text, fault);

	if (url == NULL)
		fprintf(stderr, "hedgerow: --sink: %s\n", fault);
	return url;
}

/* One that is there belongs to whom it belongs: only its own is given. */
static int
make_directory(const char *path, uid_t user, gid_t group)
{
	if (mkdir(path, DIRECTORY_MODE) == 0) {
		if (geteuid() != 0 || lchown(path, user, group) == 0)
			return EXIT_DONE;
	} else if (errno == EEXIST) {
		return EXIT_DONE;
	}
	fprintf(stderr, "hedgerow: --journal %s: %s\n", path, strerror(errno));
	return code_of(-errno);
}

/* A file that is made here is given away; whatever is there is left alone. */
static void
make_file(const char *path, uid_t user, gid_t group)
{
	int file =
	    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);

	if (file < 0)
		return;
	if (geteuid() == 0 && fchown(file, user, group) != 0)
		fprintf(stderr, "hedgerow: --sink file:%s: %s\n", path,
		    strerror(errno));
	(void)close(file);
}

int
live_delivery_prepare(
    const struct live_delivery_settings *settings, uid_t user, gid_t group)
{
	int code = EXIT_DONE;

	if (settings->sink_count > 0 && settings->journal == NULL) {
		fprintf(stderr, "hedgerow: --sink needs --journal DIR: sinks "
				"are served from the journal\n");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < settings->sink_count; i++) {
		struct sink_url *url = read_url(settings->sinks[i]);

		if (url == NULL)
			code = EXIT_USAGE;
		else if (url->kind == SINK_FILE && strcmp(url->path, "-") != 0)
			make_file(url->path, user, group);
		sink_url_free(url);
	}
	if (code == EXIT_DONE && settings->journal != NULL)
		code = make_directory(settings->journal, user, group);
	return code;
}

/* The directory of a file; of the arena. */
static const char *
directory_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ".";
	return slash == path
		   ? "/"
		   : arena_text_n(arena, path, (size_t)(slash - path));
}

/* Files that may be replaced under way, so their directories. */
static void
confine_sink(const struct sink_url *url, struct arena *arena,
    struct confine_settings *confine)
{
	const char *const files[] = {
	    url->ca, url->certificate, url->key, url->token_file};

	if (url->kind == SINK_FILE) {
		if (strcmp(url->path, "-") != 0)
			confine_add(
			    &confine->writable, directory_of(arena, url->path));
		return;
	}
	confine->connects = confine->threads = true;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i] != NULL)
			confine_add(
			    &confine->readable, directory_of(arena, files[i]));
}

/* The system's authorities are links in /etc. */
void
live_delivery_confine(const struct live_delivery_settings *settings,
    struct arena *arena, struct confine_settings *confine)
{
	static const char *const authorities[] = {
	    "/usr/share/ca-certificates", "/usr/local/share/ca-certificates"};
	char fault[SINK_FAULT_SIZE];

	if (settings->journal == NULL)
		return;
	confine_add(&confine->writable, settings->journal);
	confine->threads = true; /* journal_disk */
	for (size_t i = 0; i < settings->sink_count; i++) {
		struct sink_url *url =
		    sink_url_parse(settings->sinks[i], fault);

		if (url != NULL)
			confine_sink(url, arena, confine);
		sink_url_free(url);
	}
	if (!confine->connects)
		return;
	for (size_t i = 0; i < sizeof(authorities) / sizeof(authorities[0]);
	     i++)
		if (access(authorities[i], F_OK) == 0)
			confine_add(&confine->readable, authorities[i]);
}

/* --- opening -------------------------------------------------------------- */

static void
settled(void *context)
{
	struct live_delivery *delivery = context;

	if (delivery->finishing)
		loop_stop(delivery->loop);
}

static int
open_journal(struct live_delivery *delivery,
    const struct live_delivery_settings *settings)
{
	const struct journal_settings given = {
	    .sync = settings->sync,
	    .maximum = settings->maximum,
	    .age = settings->age,
	    .say = say,
	};
	char fault[JOURNAL_FAULT_SIZE];
	int error;

	delivery->journal = journal_open(
	    settings->journal, &given, loop_now(delivery->loop), fault, &error);
	if (delivery->journal != NULL)
		return EXIT_DONE;
	fprintf(stderr, "hedgerow: --journal %s%s\n", fault,
	    error == -EACCES ? "; give it to whoever the sensor becomes, or "
			       "choose another --user"
			     : "");
	return code_of(error);
}

static int
open_sinks(struct live_delivery *delivery,
    const struct live_delivery_settings *settings)
{
	const struct format_settings defaults = FORMAT_SETTINGS_DEFAULT;
	const struct delivery_parts parts = {
	    .loop = delivery->loop,
	    .directory = settings->journal,
	    .format =
		settings->format.enterprise == 0 ? defaults : settings->format,
	    .say = say,
	    .settled = settled,
	    .context = delivery,
	};
	char fault[SINK_FAULT_SIZE];
	int error;

	delivery->delivery = delivery_new(&parts, &error);
	if (delivery->delivery == NULL) {
		fprintf(stderr, "hedgerow: --journal %s: %s\n",
		    settings->journal, strerror(-error));
		return code_of(error);
	}
	for (size_t i = 0; i < settings->sink_count; i++) {
		if (delivery_add(
			delivery->delivery, settings->sinks[i], NULL, fault))
			continue;
		fprintf(stderr, "hedgerow: --sink: %s\n", fault);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

struct live_delivery *
live_delivery_new(
    struct loop *loop, const struct live_delivery_settings *settings, int *code)
{
	struct live_delivery *delivery;

	*code = EXIT_DONE;
	if (settings->journal == NULL)
		return NULL;
	delivery = allocate(1, sizeof(*delivery));
	delivery->loop = loop;
	*code = open_journal(delivery, settings);
	if (*code == EXIT_DONE)
		*code = open_sinks(delivery, settings);
	if (*code == EXIT_DONE)
		return delivery;
	(void)live_delivery_free(delivery);
	return NULL;
}

bool
live_delivery_free(struct live_delivery *delivery)
{
	uint64_t lost;

	if (delivery == NULL)
		return true;
	delivery_free(delivery->delivery);
	lost = journal_close(delivery->journal);
	if (lost > 0)
		fprintf(stderr,
		    "hedgerow: %llu alerts could not be written to the "
		    "journal and are lost\n",
		    (unsigned long long)lost);
	free(delivery);
	return lost == 0;
}

/* --- at work -------------------------------------------------------------- */

/*
 * A text that overflowed is half a record, which no journal takes: it is
 * counted as lost there.
 */
void
live_delivery_take(const struct text *native, void *context)
{
	struct live_delivery *delivery = context;

	size_t size = native->overflow ? SIZE_MAX : native->length;

	(void)journal_append(
	    delivery->journal, native->at, size, loop_now(delivery->loop));
}

void
live_delivery_tick(struct live_delivery *delivery)
{
	if (delivery == NULL)
		return;
	journal_tick(delivery->journal, loop_now(delivery->loop));
	for (size_t i = 0; i < delivery_count(delivery->delivery); i++) {
		struct delivery_counts counts =
		    delivery_counts(delivery->delivery, i);

		if (counts.acknowledged > delivery->acknowledged[i])
			delivery->succeeded[i] = loop_now(delivery->loop);
		delivery->acknowledged[i] = counts.acknowledged;
	}
}

void
live_delivery_reopen(struct live_delivery *delivery)
{
	if (delivery != NULL)
		delivery_reopen(delivery->delivery);
}

static void
give_up(void *context)
{
	struct live_delivery *delivery = context;

	loop_stop(delivery->loop);
}

void
live_delivery_finish(struct live_delivery *delivery, int64_t nanoseconds)
{
	struct loop_timer *patience;

	if (delivery == NULL || delivery_count(delivery->delivery) == 0)
		return;
	patience = loop_timer_new(delivery->loop, give_up, delivery);
	loop_timer_set(patience, nanoseconds);
	delivery->finishing = true;
	delivery_wake(delivery->delivery);
	loop_run(delivery->loop);
	loop_timer_free(patience);
}

/* --- counts --------------------------------------------------------------- */

static void
find_trouble(
    struct live_delivery_sink *sink, const char *trouble, struct instant now)
{
	bool stalled =
	    sink->counts.heard.ns != 0 &&
	    instant_since(now, sink->counts.heard) > LIVE_DELIVERY_PATIENCE;

	sink->trouble[0] = '\0';
	if (!sink->counts.failing && !stalled)
		return;
	(void)snprintf(sink->trouble, sizeof(sink->trouble), "%s: %s",
	    sink->name,
	    sink->counts.failing ? trouble : "it acknowledges nothing");
}

static void
count_sink(const struct live_delivery *delivery, size_t i,
    struct live_delivery_sink *sink)
{
	struct instant now = loop_now(delivery->loop);
	uint64_t next = journal_next(delivery->journal);

	sink->name = delivery_name(delivery->delivery, i);
	sink->counts = delivery_counts(delivery->delivery, i);
	/* Numbers of before a crash may lie ahead of the journal's. */
	sink->total = next > sink->counts.first ? next - sink->counts.first : 0;
	sink->behind = sink->counts.under_way;
	if (next > sink->counts.unread)
		sink->behind += next - sink->counts.unread;
	sink->behind_octets = sink->counts.octets +
			      journal_octets_behind(delivery->journal,
				  sink->counts.segment, sink->counts.offset);
	sink->oldest_ns = sink->counts.oldest.ns == 0
			      ? 0
			      : instant_since(now, sink->counts.oldest);
	sink->succeeded = delivery->succeeded[i];
	find_trouble(sink, delivery_trouble(delivery->delivery, i),
	    loop_steady(delivery->loop));
}

void
live_delivery_count(
    struct live_delivery *delivery, struct live_delivery_counts *counts)
{
	const char *trouble;

	if (delivery == NULL)
		return;
	counts->kept = true;
	counts->journal = journal_counts(delivery->journal);
	trouble = journal_trouble(delivery->journal);
	counts->trouble[0] = '\0';
	if (trouble != NULL)
		(void)snprintf(counts->trouble, sizeof(counts->trouble),
		    "the journal cannot be written: %s", trouble);
	counts->count = delivery_count(delivery->delivery);
	for (size_t i = 0; i < counts->count; i++)
		count_sink(delivery, i, &counts->sinks[i]);
}
