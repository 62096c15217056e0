#include "classifiers/collect/collect_cloudfoundry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classifiers/collect/collect_cloudfoundry_parts.h"
#include "classifiers/collect/collect_known.h"

/* A desired LRP has its app's environment in it, of at most some 100 KiB. */
#define LINE_MAXIMUM ((size_t)4 << 20)

/* Octets that are read before others have their turn. */
#define PIECE ((size_t)64 * 1024)

/* How long a file that has ended is left alone. */
#define LOOK_AGAIN NS_PER_SECOND

/* Names often come right after what they name. */
#define SETTLE (200 * NS_PER_MS)

static void
finish(struct collect_cloudfoundry *collector, enum collect_end end)
{
	foundry_drop(collector);
	loop_timer_cancel(collector->more);
	loop_timer_cancel(collector->settle);
	loop_watch_free(collector->watch);
	collector->watch = NULL;
	collector->ended = true;
	collector->listener.ended(end, collector->listener.context);
}

/* --- lists --------------------------------------------------------------- */

static bool
belongs(enum fact_kind kind, const char *id, void *context)
{
	(void)id;
	(void)context;
	return kind == FACT_WORKLOAD;
}

static void
begin_list(struct collect_cloudfoundry *collector)
{
	collector->lossy = false;
	cloudfoundry_list_begin(collector->foundry);
	collector->list = collect_changes_begin(collector->changes);
}

static void
say_listed(struct collect_cloudfoundry *collector)
{
	if (collector->listed)
		return;
	collector->listed = true;
	collector->listener.listed(collector->listener.context);
}

/*
 * A refresh comes first, so that what is known by other names now is given by
 * them, and nothing that is there is held to be gone.
 */
static void
end_list(struct collect_cloudfoundry *collector)
{
	struct instant now = loop_now(collector->loop);

	cloudfoundry_refresh(collector->foundry, now);
	if (collector->lossy) {
		if (collector->listener.lossy != NULL)
			collector->listener.lossy(
			    COLLECT_KINDS_ALL, collector->listener.context);
	} else {
		cloudfoundry_list_end(collector->foundry, now);
		(void)collect_changes_end(collector->changes, collector->list,
		    belongs, collector, now);
	}
	begin_list(collector);
	say_listed(collector);
}

void
foundry_consider(struct collect_cloudfoundry *collector)
{
	if (!collector->listener.terms.once || !collector->at_end ||
	    collector->ended ||
	    (collector->settings.api != NULL && !collector->named))
		return;
	cloudfoundry_refresh(collector->foundry, loop_now(collector->loop));
	finish(collector,
	    collector->lines > 0 && collector->lines == collector->unread
		? COLLECT_FAILED
		: COLLECT_LISTED);
}

static void
settle(void *context)
{
	struct collect_cloudfoundry *collector = context;
	struct instant now = loop_now(collector->loop);

	cloudfoundry_refresh(collector->foundry, now);
	collect_seen(&collector->listener, "cloudfoundry", now);
}

/* --- lines --------------------------------------------------------------- */

static void
complain(struct collect_cloudfoundry *collector, const char *fault)
{
	/* What is missing may be what could not be read. */
	collector->lossy = true;
	(void)collect_lost(
	    &collector->listener, &(struct json_losses){.left_out = 1});
	/* Once says it; whoever pipes in another thing would hear no end. */
	if (collector->unread++ == 0)
		collect_say(&collector->listener,
		    "cloudfoundry: line %llu is nothing that cfdot prints "
		    "(%s); such lines are left out",
		    (unsigned long long)collector->lines, fault);
}

static bool
is_blank(const struct text *line)
{
	return strspn(line->at, " \t\r") == line->length;
}

static void
read_line(struct collect_cloudfoundry *collector)
{
	struct json_fault fault = {.message = "of another form"};
	struct json_losses losses;
	struct json *value;

	if (is_blank(&collector->line)) {
		end_list(collector);
		return;
	}
	collector->lines++;
	value = json_salvage(
	    collector->line.at, collector->line.length, &losses, &fault);
	(void)collect_left_out(
	    &collector->listener, "cloudfoundry", "a line", &losses);
	if (!cloudfoundry_give(
		collector->foundry, value, loop_now(collector->loop)))
		complain(collector, fault.message);
	json_free(value);
	loop_timer_set(collector->settle, SETTLE);
}

static void
end_line(struct collect_cloudfoundry *collector)
{
	if (collector->line.overflow) {
		collector->lines++;
		complain(collector, "longer than 4 MiB");
	} else {
		read_line(collector);
	}
	text_clear(&collector->line);
}

static void
take(struct collect_cloudfoundry *collector, const char *octets, size_t size)
{
	while (size > 0) {
		const char *newline = memchr(octets, '\n', size);
		size_t length =
		    newline == NULL ? size : (size_t)(newline - octets);

		text_add_n(&collector->line, octets, length);
		if (newline == NULL)
			return;
		end_line(collector);
		octets += length + 1;
		size -= length + 1;
	}
}

/* A last line without its end is whole only if nothing more can come. */
static void
reach_end(struct collect_cloudfoundry *collector)
{
	if (collector->listener.terms.once) {
		if (collector->line.length > 0)
			end_line(collector);
		/* Without a blank line in it the whole is the list. */
		if (!collector->listed)
			end_list(collector);
		collector->at_end = true;
		loop_watch_free(collector->watch);
		collector->watch = NULL;
		foundry_consider(collector);
		return;
	}
	say_listed(collector);
	if (collector->settings.grows) {
		loop_timer_set(collector->more, LOOK_AGAIN);
		return;
	}
	collect_say(&collector->listener, "cloudfoundry: no more lines come");
	finish(collector, COLLECT_FAILED);
}

/* Whoever writes a file anew makes it shorter first. */
static void
look_for_beginning(struct collect_cloudfoundry *collector)
{
	struct stat status;
	off_t at = lseek(collector->settings.lines, 0, SEEK_CUR);

	if (at <= 0 || fstat(collector->settings.lines, &status) != 0 ||
	    status.st_size >= at)
		return;
	(void)lseek(collector->settings.lines, 0, SEEK_SET);
	text_clear(&collector->line);
}

static void
read_more(void *context)
{
	struct collect_cloudfoundry *collector = context;
	char octets[PIECE];
	ssize_t count;

	if (collector->ended || collector->at_end)
		return;
	if (collector->settings.grows)
		look_for_beginning(collector);
	count = read(collector->settings.lines, octets, sizeof(octets));
	if (count > 0) {
		take(collector, octets, (size_t)count);
		if (collector->watch == NULL)
			loop_timer_set(collector->more, 0);
	} else if (count == 0) {
		reach_end(collector);
	} else if (errno != EAGAIN && errno != EINTR) {
		collect_say(&collector->listener,
		    "cloudfoundry: lines cannot be read: %s", strerror(errno));
		finish(collector, COLLECT_FAILED);
	}
}

static void
ready(int descriptor, unsigned what, void *context)
{
	(void)descriptor;
	(void)what;
	read_more(context);
}

/* --- the door ------------------------------------------------------------ */

struct collect_cloudfoundry *
collect_cloudfoundry_new(struct loop *loop, struct http *http,
    const struct collect_cloudfoundry_settings *settings,
    const struct collect_listener *listener)
{
	struct collect_cloudfoundry *collector =
	    allocate(1, sizeof(*collector));

	collector->loop = loop;
	collector->http = http;
	collector->settings = *settings;
	collector->listener = *listener;
	collector->random =
	    listener->terms.seed == 0 ? 1 : listener->terms.seed;
	collector->changes = collect_changes_new(
	    &listener->taker, 4 * CLOUDFOUNDRY_OBJECTS_MAXIMUM);
	collector->taker = collect_changes_taker(collector->changes);
	collector->foundry =
	    cloudfoundry_new(listener->terms.cluster, &collector->taker);
	text_init(&collector->line, LINE_MAXIMUM);
	text_init(&collector->url, URL_MAXIMUM);
	collector->more = loop_timer_new(loop, read_more, collector);
	collector->settle = loop_timer_new(loop, settle, collector);
	collector->ask = loop_timer_new(loop, foundry_ask, collector);
	/* What is no pipe or socket is always ready, or cannot be watched. */
	if (settings->grows)
		loop_timer_set(collector->more, 0);
	else
		collector->watch = loop_watch_new(
		    loop, settings->lines, LOOP_READABLE, ready, collector);
	if (settings->api != NULL)
		loop_timer_set(collector->ask, 0);
	begin_list(collector);
	return collector;
}

void
collect_cloudfoundry_free(struct collect_cloudfoundry *collector)
{
	if (collector == NULL)
		return;
	foundry_drop(collector);
	loop_watch_free(collector->watch);
	loop_timer_free(collector->more);
	loop_timer_free(collector->settle);
	loop_timer_free(collector->ask);
	cloudfoundry_free(collector->foundry);
	collect_changes_free(collector->changes);
	text_release(&collector->line);
	text_release(&collector->url);
	free(collector);
}
