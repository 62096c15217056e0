#include "sensor/run/inventory_argument.h"

#include <stdbool.h>
#include <string.h>

#include "classifiers/inventory/fact_frame.h"
#include "sensor/base/arena.h"
#include "sensor/base/report.h"

struct argument {
	const char *cluster, *path;
	struct instant from, to;
	bool odd_times; /* what looks like a time range is none */
};

/* Names of clusters are those of contexts, without a directory's slash. */
static void
split_cluster(struct arena *arena, const char *text, struct argument *out)
{
	size_t length = strcspn(text, "=/");

	out->cluster = "";
	out->path = text;
	if (length == 0 || text[length] != '=')
		return;
	out->cluster = arena_text_n(arena, text, length);
	out->path = text + length + 1;
}

static bool
read_time(struct arena *arena, const char *text, size_t length,
    struct instant otherwise, struct instant *out)
{
	*out = otherwise;
	return length == 0 ||
	       instant_parse(arena_text_n(arena, text, length), out);
}

/* What follows the last `@`, if it is two times with `..` between them. */
static void
split_times(struct arena *arena, struct argument *out)
{
	const char *at = strrchr(out->path, '@');
	const char *dots = at == NULL ? NULL : strstr(at, "..");
	struct instant from, to;

	out->from = INSTANT_PAST;
	out->to = INSTANT_FUTURE;
	out->odd_times = false;
	if (dots == NULL ||
	    !read_time(
		arena, at + 1, (size_t)(dots - at - 1), INSTANT_PAST, &from) ||
	    !read_time(
		arena, dots + 2, strlen(dots + 2), INSTANT_FUTURE, &to)) {
		out->odd_times = dots != NULL;
		return;
	}
	out->path = arena_text_n(arena, out->path, (size_t)(at - out->path));
	out->from = from;
	out->to = to;
}

enum inventory_file_status
inventory_argument_read(
    const char *text, struct fact_taker taker, struct report *report)
{
	struct arena *arena = arena_new();
	enum inventory_file_status status;
	struct argument argument;
	struct fact_frame *frame;

	split_cluster(arena, text, &argument);
	split_times(arena, &argument);
	frame =
	    fact_frame_new(taker, argument.cluster, argument.from, argument.to);
	status = inventory_file_read_to(
	    fact_frame_taker(frame), argument.path, report);
	if (status == INVENTORY_REFUSED && argument.odd_times)
		report_error(report, (struct place){.file = text},
		    "what follows the last `@` is no time range: write "
		    "FROM..TO with times such as 2026-11-21T06:28:00Z, and "
		    "leave out either");
	fact_frame_end(frame);
	arena_free(arena);
	return status;
}
