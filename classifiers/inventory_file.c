#include "classifiers/inventory_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory.h"
#include "classifiers/kubernetes.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/json_read.h"
#include "sensor/base/report.h"

/* Lines that are looked at before a text is held to be no log. */
#define LINES_TRIED 16

struct reading {
	struct inventory_draft *draft;
	const char *path;
	struct report *report;
	size_t read, unread; /* lines of a log */
};

struct line {
	const char *at;
	size_t size;
	uint32_t number;
	bool ended; /* by a newline; else the text ends here */
};

static struct place
place_of(const struct reading *reading, uint32_t line, uint32_t column)
{
	return (struct place){reading->path, line, column};
}

/* --- Kubernetes objects and lists ---------------------------------------- */

static bool
ends_in_list(const char *kind)
{
	size_t length = strlen(kind);

	return length >= 4 && strcmp(kind + length - 4, "List") == 0;
}

/*
 * The items of a `PodList` do not say that they are Pods, those of a `List`
 * do.
 */
static enum inventory_file_status
read_list(struct reading *reading, const struct json *list, const char *kind)
{
	const struct json *items = json_get(list, "items");
	struct arena *arena;
	const char *item_kind;

	if (!json_is_array(items)) {
		report_error(reading->report, place_of(reading, 0, 0),
		    "a Kubernetes %s without \"items\": write the whole output "
		    "of `kubectl get ... -o json` into the file",
		    kind);
		return INVENTORY_REFUSED;
	}
	arena = arena_new();
	item_kind = arena_text_n(arena, kind, strlen(kind) - 4);
	for (size_t i = 0; i < json_count(items); i++) {
		const struct json *item = json_at(items, i);
		const char *own = json_get_text(item, "kind");

		(void)kubernetes_object_of(reading->draft, "",
		    own == NULL ? item_kind : own, item, KUBERNETES_PRESENT,
		    INSTANT_PAST);
	}
	arena_free(arena);
	return INVENTORY_READ;
}

static enum inventory_file_status
read_document(struct reading *reading, const struct json *document)
{
	const char *kind = json_get_text(document, "kind");

	if (kind == NULL) {
		report_error(reading->report, place_of(reading, 0, 0),
		    "JSON of no known form: expected the output of `kubectl "
		    "get ... -o json`, or a log of watch events, one a line");
		return INVENTORY_REFUSED;
	}
	if (ends_in_list(kind))
		return read_list(reading, document, kind);
	if (!kubernetes_object(reading->draft, "", document, KUBERNETES_PRESENT,
		INSTANT_PAST)) {
		report_error(reading->report, place_of(reading, 0, 0),
		    "a single Kubernetes object of kind \"%.64s\", which the "
		    "inventory does not use: give pods, services, nodes, "
		    "namespaces and their owners",
		    kind);
		return INVENTORY_REFUSED;
	}
	return INVENTORY_READ;
}

/* --- watch logs ---------------------------------------------------------- */

static bool
is_event(const struct json *value)
{
	return json_is_string(json_get(value, "type")) &&
	       json_is_object(json_get(value, "object"));
}

/* A server says that the watch is over, nearly always as 410 Gone. */
static void
warn_of_error(const struct reading *reading, const struct line *line,
    const struct json *object)
{
	const char *message = json_get_text(object, "message");

	report_warning(reading->report, place_of(reading, line->number, 0),
	    "the watch had an error here (%lld, %.200s): changes may be "
	    "missing until the next list",
	    (long long)json_get_integer(object, "code", 0),
	    message == NULL ? "no message" : message);
}

static void
fault_type(
    const struct reading *reading, const struct line *line, const char *type)
{
	static const char *const types[] = {
	    "ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR", NULL};
	const char *nearest = nearest_word(type, types);

	report_error(reading->report, place_of(reading, line->number, 0),
	    "unknown event type \"%.64s\"%s%s", type,
	    nearest == NULL
		? ": expected ADDED, MODIFIED, DELETED, BOOKMARK or ERROR"
		: ": did you mean ",
	    nearest == NULL ? "" : nearest);
}

/* Returns whether the type is one that a watch has. */
static bool
apply_event(
    const struct reading *reading, const struct json *event, struct instant at)
{
	const char *type = json_get_text(event, "type");
	const struct json *object = json_get(event, "object");

	if (strcmp(type, "ADDED") == 0)
		(void)kubernetes_object(
		    reading->draft, "", object, KUBERNETES_PRESENT, at);
	else if (strcmp(type, "MODIFIED") == 0)
		(void)kubernetes_object(
		    reading->draft, "", object, KUBERNETES_CHANGED, at);
	else if (strcmp(type, "DELETED") == 0)
		(void)kubernetes_object(
		    reading->draft, "", object, KUBERNETES_DELETED, at);
	else if (strcmp(type, "BOOKMARK") != 0)
		return false;
	inventory_seen(reading->draft, at);
	return true;
}

static bool
read_event(const struct reading *reading, const struct line *line,
    const struct json *event)
{
	const char *time = json_get_text(event, "time");
	struct instant at;

	if (!is_event(event)) {
		report_error(reading->report,
		    place_of(reading, line->number, 0),
		    "no watch event: expected an object with \"time\", "
		    "\"type\" and \"object\"");
		return false;
	}
	/* The server has broken off; such a line needs no time. */
	if (strcmp(json_get_text(event, "type"), "ERROR") == 0) {
		warn_of_error(reading, line, json_get(event, "object"));
		return true;
	}
	if (time == NULL || !instant_parse(time, &at)) {
		report_error(reading->report,
		    place_of(reading, line->number, 0),
		    "a watch event %s: give \"time\" as RFC 3339, such as "
		    "\"2026-11-21T06:27:31.663229Z\"",
		    time == NULL ? "without \"time\""
				 : "whose \"time\" is not one");
		return false;
	}
	if (apply_event(reading, event, at))
		return true;
	fault_type(reading, line, json_get_text(event, "type"));
	return false;
}

/* Whoever writes a log may be in the middle of its last line. */
static void
fault_line(const struct reading *reading, const struct line *line,
    const struct json_fault *fault)
{
	struct place place = place_of(reading, line->number, fault->column);

	if (line->ended)
		report_error(reading->report, place,
		    "not JSON (%s); the line was left out: remove it, or "
		    "record the log again",
		    fault->message);
	else
		report_warning(reading->report, place,
		    "the last line is only half written (%s), and was left "
		    "out",
		    fault->message);
}

static bool
read_line(const struct reading *reading, const struct line *line)
{
	struct json_fault fault;
	struct json *event = json_parse(line->at, line->size, &fault);
	bool good;

	if (event == NULL) {
		fault_line(reading, line, &fault);
		return false;
	}
	good = read_event(reading, line, event);
	json_free(event);
	return good;
}

static bool
is_blank(const char *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (strchr(" \t\r\n", at[i]) == NULL || at[i] == '\0')
			return false;
	return true;
}

/* Takes the next line that is not blank from `*at`. */
static bool
next_line(const char **at, const char *end, struct line *line)
{
	while (*at < end) {
		const char *newline = memchr(*at, '\n', (size_t)(end - *at));

		line->ended = newline != NULL;
		line->at = *at;
		line->size = (size_t)((newline == NULL ? end : newline) - *at);
		line->number++;
		*at = newline == NULL ? end : newline + 1;
		if (!is_blank(line->at, line->size))
			return true;
	}
	return false;
}

static bool
looks_like_log(const char *octets, size_t size)
{
	const char *at = octets;
	struct line line = {0};
	struct json_fault fault;

	for (int i = 0; i < LINES_TRIED; i++) {
		struct json *value;
		bool event;

		if (!next_line(&at, octets + size, &line))
			return false;
		value = json_parse(line.at, line.size, &fault);
		event = is_event(value);
		json_free(value);
		if (event)
			return true;
	}
	return false;
}

static enum inventory_file_status
read_log(struct reading *reading, const char *octets, size_t size)
{
	const char *at = octets;
	struct line line = {0};

	while (next_line(&at, octets + size, &line))
		if (read_line(reading, &line))
			reading->read++;
		else
			reading->unread++;
	if (reading->unread == 0)
		return INVENTORY_READ;
	return reading->read == 0 ? INVENTORY_REFUSED : INVENTORY_PARTLY;
}

/* --- the door ------------------------------------------------------------ */

enum inventory_file_status
inventory_file_parse(struct inventory_draft *draft, const char *path,
    const char *octets, size_t size, struct report *report)
{
	struct reading reading = {
	    .draft = draft, .path = path, .report = report};
	enum inventory_file_status status;
	struct json_fault fault;
	struct json *document;

	if (is_blank(octets, size)) {
		report_error(report, place_of(&reading, 0, 0),
		    "the file is empty: expected the output of `kubectl get "
		    "... -o json`, or a log of watch events");
		return INVENTORY_REFUSED;
	}
	/* Of a log this reads one line and stops, so it may come first. */
	document = json_parse(octets, size, &fault);
	if (document != NULL && !is_event(document)) {
		status = read_document(&reading, document);
	} else if (looks_like_log(octets, size)) {
		status = read_log(&reading, octets, size);
	} else {
		report_error(report,
		    place_of(&reading, fault.line, fault.column),
		    "not JSON (%s): expected the output of `kubectl get ... "
		    "-o json`, or a log of watch events, one a line",
		    fault.message);
		status = INVENTORY_REFUSED;
	}
	json_free(document);
	return status;
}

enum inventory_file_status
inventory_file_read(
    struct inventory_draft *draft, const char *path, struct report *report)
{
	struct place place = {.file = path};
	enum inventory_file_status status;
	char *octets;
	size_t size;
	int fault = file_read(path, INVENTORY_FILE_MAXIMUM, &octets, &size);

	if (fault == -EFBIG) {
		report_error(report, place,
		    "larger than %zu octets: split it, or leave out kinds that "
		    "the inventory does not use",
		    INVENTORY_FILE_MAXIMUM);
		return INVENTORY_REFUSED;
	}
	if (fault < 0) {
		report_error(report, place,
		    "cannot be read (%s): does it exist, and may this user "
		    "read it?",
		    strerror(-fault));
		return INVENTORY_REFUSED;
	}
	status = inventory_file_parse(draft, path, octets, size, report);
	free(octets);
	return status;
}
