#include "classifiers/sources/inventory_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/inventory_forms.h"
#include "classifiers/sources/inventory_list.h"
#include "classifiers/sources/inventory_native.h"
#include "classifiers/sources/kubernetes.h"
#include "classifiers/sources/recordio.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/json_salvage.h"
#include "sensor/base/report.h"

/* Octets by which a list is known; smaller files are read whole. */
#define LIST_HEAD ((size_t)64 * 1024)

/* Lines that are looked at before a text is held to be no log. */
#define LINES_TRIED 16

/* The longest record of a Mesos stream: the first has the whole cluster. */
#define STREAM_RECORD_MAXIMUM ((size_t)256 << 20)

/* What a file may be, for messages. */
#define EXPECTED_FORMS                                                         \
	"the output of `kubectl get ... -o json`, a log of watch events, one " \
	"a line, the output of `docker inspect`, Mesos' /state, what `cfdot` " \
	"prints, or hedgerow's own records or YAML (docs/inventory.md)"

struct reading {
	struct fact_taker taker;
	const char *path;
	struct report *report;
	size_t read, unread;     /* lines of a log */
	size_t mended;           /* characters that are no text */
	size_t left_out;         /* objects within what was read, */
	struct json_fault fault; /* of which this is the first one's */
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

/* What is read may be half text, half something else. */
static struct json *
parse(struct reading *reading, const char *octets, size_t size,
    struct json_fault *fault)
{
	struct json_losses losses;
	struct json *value = json_salvage(octets, size, &losses, fault);

	if (value == NULL)
		return NULL;
	reading->mended += losses.mended;
	if (reading->left_out == 0)
		reading->fault = losses.fault;
	reading->left_out += losses.left_out;
	return value;
}

static void
warn_of_mended(const struct reading *reading)
{
	if (reading->mended > 0)
		report_warning(reading->report, place_of(reading, 0, 0),
		    "%zu characters are no UTF-8, or NUL; another stands for "
		    "each",
		    reading->mended);
}

/* Whatever was read, some of it is missing. */
static enum inventory_file_status
finish(const struct reading *reading, enum inventory_file_status status)
{
	warn_of_mended(reading);
	if (reading->left_out == 0)
		return status;
	report_error(reading->report,
	    place_of(reading, reading->fault.line, reading->fault.column),
	    "an object here cannot be read (%s); %zu such objects were left "
	    "out: write the file again",
	    reading->fault.message, reading->left_out);
	return status == INVENTORY_READ ? INVENTORY_PARTLY : status;
}

/* --- Kubernetes objects and lists ---------------------------------------- */

static bool
ends_in_list(const char *kind)
{
	size_t length = strlen(kind);

	return length >= 4 && strcmp(kind + length - 4, "List") == 0;
}

/* The API lets nothing be without a name. */
static bool
is_named(const struct json *item)
{
	const char *name = json_get_text(json_get(item, "metadata"), "name");

	return name != NULL && name[0] != '\0';
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
	size_t nameless = 0;

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
		bool used = kubernetes_object_of(&reading->taker, "",
		    own == NULL ? item_kind : own, item, KUBERNETES_PRESENT,
		    INSTANT_PAST);

		if ((used || own == NULL) && json_is_object(item) &&
		    !is_named(item))
			nameless++;
	}
	arena_free(arena);
	if (nameless > 0)
		report_warning(reading->report, place_of(reading, 0, 0),
		    "%zu items of the list have no name, and were passed over",
		    nameless);
	return INVENTORY_READ;
}

/* --- other orchestrators' documents -------------------------------------- */

static enum inventory_file_status
read_form(struct reading *reading, const struct inventory_form *form,
    const struct json *document)
{
	struct inventory_form_reading *inside =
	    inventory_form_begin(form, &reading->taker);

	inventory_form_learn(inside, document);
	(void)inventory_form_give(inside, document);
	inventory_form_end(inside);
	return INVENTORY_READ;
}

static enum inventory_file_status
read_document(struct reading *reading, const struct json *document)
{
	const char *kind = json_get_text(document, "kind");
	const struct inventory_form *form = inventory_form_of(document);

	if (kind == NULL && form != NULL)
		return read_form(reading, form, document);
	if (kind == NULL) {
		report_error(reading->report, place_of(reading, 0, 0),
		    "JSON of no known form: expected " EXPECTED_FORMS);
		return INVENTORY_REFUSED;
	}
	if (ends_in_list(kind))
		return read_list(reading, document, kind);
	if (!kubernetes_object(&reading->taker, "", document,
		KUBERNETES_PRESENT, INSTANT_PAST)) {
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
		    &reading->taker, "", object, KUBERNETES_PRESENT, at);
	else if (strcmp(type, "MODIFIED") == 0)
		(void)kubernetes_object(
		    &reading->taker, "", object, KUBERNETES_CHANGED, at);
	else if (strcmp(type, "DELETED") == 0)
		(void)kubernetes_object(
		    &reading->taker, "", object, KUBERNETES_DELETED, at);
	else if (strcmp(type, "BOOKMARK") != 0)
		return false;
	(void)fact_give(&reading->taker,
	    &(struct fact){.kind = FACT_SEEN, .id = "", .at = at});
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
read_line(struct reading *reading, const struct line *line)
{
	struct json_fault fault;
	struct json *event = parse(reading, line->at, line->size, &fault);
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
		size_t mended;
		bool event;

		if (!next_line(&at, octets + size, &line))
			return false;
		value = json_parse_foreign(line.at, line.size, &mended, &fault);
		event = is_event(value);
		json_free(value);
		if (event)
			return true;
	}
	return false;
}

static enum inventory_file_status
finish_lines(const struct reading *reading)
{
	if (reading->unread == 0)
		return INVENTORY_READ;
	return reading->read == 0 ? INVENTORY_REFUSED : INVENTORY_PARTLY;
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
	return finish_lines(reading);
}

/* --- lines and streams of other orchestrators ---------------------------- */

/* The form of the first line that is JSON and has one. */
static const struct inventory_form *
form_of_lines(const char *octets, size_t size)
{
	const struct inventory_form *form = NULL;
	const char *at = octets;
	struct line line = {0};
	struct json_fault fault;

	for (int i = 0; i < LINES_TRIED && form == NULL; i++) {
		struct json *value;
		size_t mended;

		if (!next_line(&at, octets + size, &line))
			return NULL;
		value = json_parse_foreign(line.at, line.size, &mended, &fault);
		form = inventory_form_of(value);
		json_free(value);
	}
	return form;
}

static void
learn_lines(
    struct inventory_form_reading *inside, const char *octets, size_t size)
{
	const char *at = octets;
	struct line line = {0};
	struct json_fault fault;

	while (next_line(&at, octets + size, &line)) {
		size_t mended;
		struct json *value =
		    json_parse_foreign(line.at, line.size, &mended, &fault);

		inventory_form_learn(inside, value);
		json_free(value);
	}
}

static bool
give_line(struct reading *reading, struct inventory_form_reading *inside,
    const struct line *line)
{
	struct json_fault fault;
	struct json *value = parse(reading, line->at, line->size, &fault);
	bool given;

	if (value == NULL) {
		fault_line(reading, line, &fault);
		return false;
	}
	given = inventory_form_give(inside, value);
	json_free(value);
	if (!given)
		report_error(reading->report,
		    place_of(reading, line->number, 0),
		    "not of the form of the lines before it; the line was left "
		    "out: give each source a file of its own");
	return given;
}

static enum inventory_file_status
read_form_lines(struct reading *reading, const struct inventory_form *form,
    const char *octets, size_t size)
{
	struct inventory_form_reading *inside =
	    inventory_form_begin(form, &reading->taker);
	const char *at = octets;
	struct line line = {0};

	learn_lines(inside, octets, size);
	while (next_line(&at, octets + size, &line))
		if (give_line(reading, inside, &line))
			reading->read++;
		else
			reading->unread++;
	inventory_form_end(inside);
	return finish_lines(reading);
}

/* A length alone on the first line, and an object after it. */
static bool
looks_like_stream(const char *octets, size_t size)
{
	size_t digits = 0;

	while (digits < size && octets[digits] >= '0' && octets[digits] <= '9')
		digits++;
	return digits > 0 && digits + 1 < size && octets[digits] == '\n' &&
	       octets[digits + 1] == '{';
}

/* Returns whether the record, which ends before `end`, could be read. */
static bool
read_record(struct reading *reading, struct inventory_form_reading **inside,
    const struct recordio *reader)
{
	struct json_fault fault;
	struct json *value =
	    parse(reading, reader->record, reader->length, &fault);
	const struct inventory_form *form = inventory_form_of(value);
	bool given = false;

	if (*inside == NULL && form != NULL)
		*inside = inventory_form_begin(form, &reading->taker);
	if (*inside != NULL && value != NULL)
		given = inventory_form_give(*inside, value);
	json_free(value);
	if (!given)
		report_error(reading->report, place_of(reading, 0, 0),
		    "record %zu of the stream is no event of Mesos; it was "
		    "left out",
		    reading->read + reading->unread + 1);
	return given;
}

/* What SUBSCRIBE of Mesos' operator API answers, as it was recorded. */
static enum inventory_file_status
read_stream(struct reading *reading, const char *octets, size_t size)
{
	struct inventory_form_reading *inside = NULL;
	enum recordio_status status;
	struct recordio reader;

	recordio_init(&reader, STREAM_RECORD_MAXIMUM);
	while ((status = recordio_take(&reader, &octets, &size)) ==
	       RECORDIO_RECORD)
		if (read_record(reading, &inside, &reader))
			reading->read++;
		else
			reading->unread++;
	if (status == RECORDIO_BROKEN) {
		report_error(reading->report, place_of(reading, 0, 0),
		    "no stream of records after record %zu: expected a length, "
		    "a line feed and as many octets",
		    reading->read + reading->unread);
		reading->unread++;
	} else if (!recordio_between(&reader)) {
		report_warning(reading->report, place_of(reading, 0, 0),
		    "the last record is only half written, and was left out");
	}
	recordio_release(&reader);
	if (inside != NULL)
		inventory_form_end(inside);
	return finish_lines(reading);
}

/* --- the door ------------------------------------------------------------ */

static enum inventory_file_status
refuse(const struct reading *reading, const struct json_fault *fault)
{
	report_error(reading->report,
	    place_of(reading, fault->line, fault->column),
	    "not JSON (%s): expected " EXPECTED_FORMS, fault->message);
	return INVENTORY_REFUSED;
}

static enum inventory_file_status
finish_items(struct reading *reading,
    const struct inventory_list_losses *losses, const struct json_fault *fault)
{
	reading->mended += losses->mended;
	warn_of_mended(reading);
	if (losses->left_out == 0)
		return INVENTORY_READ;
	report_error(reading->report, place_of(reading, fault->line, 0),
	    "an item of the list is not JSON (%s); %zu such items were left "
	    "out: write the list again",
	    fault->message, losses->left_out);
	return INVENTORY_PARTLY;
}

static enum inventory_file_status
finish_list(struct reading *reading, struct inventory_list *list)
{
	struct inventory_list_losses losses = {0};
	struct json_fault fault = {0};

	switch (inventory_list_end(list, &losses, &fault)) {
	case LIST_READ:
		return finish_items(reading, &losses, &fault);
	case LIST_FAULTY:
		return refuse(reading, &fault);
	case LIST_TOO_LARGE:
		report_error(reading->report, place_of(reading, 0, 0),
		    "an item of the list is larger than any object may be");
		return INVENTORY_REFUSED;
	case LIST_NO_KIND:
		break;
	}
	report_error(reading->report, place_of(reading, 0, 0),
	    "JSON of no known form: expected " EXPECTED_FORMS);
	return INVENTORY_REFUSED;
}

static enum inventory_file_status
read_items(struct reading *reading, const char *octets, size_t size)
{
	struct inventory_list *list = inventory_list_new(&reading->taker, "");

	(void)inventory_list_feed(list, octets, size);
	return finish_list(reading, list);
}

/* Nothing else it could be: a document that is not fine as a whole. */
static enum inventory_file_status
read_faulty(struct reading *reading, const char *octets, size_t size)
{
	struct json_fault fault;
	struct json *document = parse(reading, octets, size, &fault);
	enum inventory_file_status status =
	    document == NULL ? refuse(reading, &fault)
			     : read_document(reading, document);

	json_free(document);
	return status;
}

enum inventory_file_status
inventory_file_parse(struct inventory_draft *draft, const char *path,
    const char *octets, size_t size, struct report *report)
{
	return inventory_file_parse_to(
	    inventory_taker(draft), path, octets, size, report);
}

enum inventory_file_status
inventory_file_parse_to(struct fact_taker taker, const char *path,
    const char *octets, size_t size, struct report *report)
{
	struct reading reading = {
	    .taker = taker, .path = path, .report = report};
	const struct inventory_form *form;
	enum inventory_file_status status;
	struct json_fault fault;
	struct json *document;
	size_t mended;

	if (is_blank(octets, size)) {
		report_error(report, place_of(&reading, 0, 0),
		    "the file is empty: expected " EXPECTED_FORMS);
		return INVENTORY_REFUSED;
	}
	if (inventory_native_is(octets, size))
		return inventory_native_read(
		    &taker, path, octets, size, report);
	if (size >= LIST_HEAD && inventory_list_begins(octets, size))
		return read_items(&reading, octets, size);
	/* Of a log this reads one line and stops, so it may come first. */
	document = json_parse_foreign(octets, size, &mended, &fault);
	if (document != NULL)
		reading.mended = mended;
	if (document != NULL && !is_event(document))
		status = read_document(&reading, document);
	else if (looks_like_log(octets, size))
		status = read_log(&reading, octets, size);
	else if (looks_like_stream(octets, size))
		status = read_stream(&reading, octets, size);
	else if ((form = form_of_lines(octets, size)) != NULL)
		status = read_form_lines(&reading, form, octets, size);
	else
		status = read_faulty(&reading, octets, size);
	json_free(document);
	return finish(&reading, status);
}

enum inventory_file_status
inventory_file_read(
    struct inventory_draft *draft, const char *path, struct report *report)
{
	return inventory_file_read_to(inventory_taker(draft), path, report);
}

/* A file on its way in: a list goes through, all else is gathered. */
struct incoming {
	struct fact_taker taker;
	struct inventory_list *list; /* once it is known to be one */
	bool decided;
	char *octets;
	size_t size, capacity;
};

static void
gather(struct incoming *incoming, const char *octets, size_t size)
{
	if (incoming->capacity - incoming->size < size) {
		incoming->capacity = 2 * incoming->capacity + size;
		incoming->octets =
		    reallocate(incoming->octets, incoming->capacity, 1);
	}
	memcpy(incoming->octets + incoming->size, octets, size);
	incoming->size += size;
}

static bool
take_part(const char *octets, size_t size, void *context)
{
	struct incoming *incoming = context;

	if (incoming->list != NULL)
		return inventory_list_feed(incoming->list, octets, size);
	gather(incoming, octets, size);
	if (incoming->decided || incoming->size < LIST_HEAD)
		return true;
	incoming->decided = true;
	if (!inventory_list_begins(incoming->octets, incoming->size))
		return true;
	incoming->list = inventory_list_new(&incoming->taker, "");
	return inventory_list_feed(
	    incoming->list, incoming->octets, incoming->size);
}

static enum inventory_file_status
refuse_file(const char *path, int fault, struct report *report)
{
	struct place place = {.file = path};

	if (fault == -EFBIG)
		report_error(report, place,
		    "larger than %zu octets: split it, or leave out kinds that "
		    "the inventory does not use",
		    INVENTORY_FILE_MAXIMUM);
	else
		report_error(report, place,
		    "cannot be read (%s): does it exist, and may this user "
		    "read it?",
		    strerror(-fault));
	return INVENTORY_REFUSED;
}

enum inventory_file_status
inventory_file_read_to(
    struct fact_taker taker, const char *path, struct report *report)
{
	struct reading reading = {
	    .taker = taker, .path = path, .report = report};
	struct incoming incoming = {.taker = taker};
	enum inventory_file_status status;
	int fault =
	    file_read_parts(path, INVENTORY_FILE_MAXIMUM, take_part, &incoming);

	if (fault < 0)
		status = refuse_file(path, fault, report);
	else if (incoming.list != NULL)
		status = finish_list(&reading, incoming.list);
	else
		status = inventory_file_parse_to(
		    taker, path, incoming.octets, incoming.size, report);
	if (fault < 0 && incoming.list != NULL)
		(void)inventory_list_end(incoming.list,
		    &(struct inventory_list_losses){0},
		    &(struct json_fault){0});
	free(incoming.octets);
	return status;
}
