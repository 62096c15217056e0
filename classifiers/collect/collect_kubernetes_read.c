#include <stdlib.h>
#include <string.h>

#include "classifiers/collect/collect_kubernetes_parts.h"
#include "sensor/base/json_read.h"

static void
leave_out(struct kind *kind, const char *why)
{
	kind->collector->counts.unread++;
	kind->lossy |= kind->state == KIND_LISTS;
	collector_leave_out(kind->collector, kind->resource->plural, why);
}

/* --- list pages ---------------------------------------------------------- */

static void
set_text(struct text *text, const char *value)
{
	text_clear(text);
	text_add(text, value == NULL ? "" : value);
}

/* Texts that did not fit are as good as none. */
static bool
is_set(const struct text *text)
{
	return text->length > 0 && !text->overflow;
}

bool
kind_read_page(struct kind *kind)
{
	struct json_fault fault;
	struct json *list;
	const struct json *metadata;
	const char *text;
	size_t size;

	if (!json_split_is_whole(kind->split))
		return false;
	text = json_split_around(kind->split, &size);
	list = json_parse(text, size, &fault);
	metadata = json_get(list, "metadata");
	set_text(&kind->next, json_get_text(metadata, "continue"));
	set_text(&kind->version, json_get_text(metadata, "resourceVersion"));
	json_free(list);
	/* Without a version there is nowhere to watch from. */
	return is_set(&kind->version) && !kind->next.overflow;
}

static void
take_item(struct kind *kind, const struct json *item)
{
	struct collect_kubernetes *collector = kind->collector;

	(void)kubernetes_object_of(&kind->taker,
	    collector->listener.terms.cluster, kind->resource->kind, item,
	    KUBERNETES_PRESENT, loop_now(collector->loop));
}

/* --- watches ------------------------------------------------------------- */

/*
 * The server ends a watch with a Status: 410 when what came since is
 * forgotten, anything else when it has trouble of its own.
 */
static void
take_error(struct kind *kind, const struct json *status)
{
	int64_t code = json_get_integer(status, "code", 0);
	const char *message = json_get_text(status, "message");

	kind->stream_fault = code == 410 ? KIND_FORGOTTEN : KIND_BROKEN;
	set_text(&kind->complaint, message);
}

static bool
event_of(const char *type, enum kubernetes_event *event)
{
	if (strcmp(type, "ADDED") == 0)
		*event = KUBERNETES_PRESENT;
	else if (strcmp(type, "MODIFIED") == 0)
		*event = KUBERNETES_CHANGED;
	else if (strcmp(type, "DELETED") == 0)
		*event = KUBERNETES_DELETED;
	else
		return false;
	return true;
}

/* Returns false when the watch is over. */
static bool
take_event(struct kind *kind, const struct json *line)
{
	struct collect_kubernetes *collector = kind->collector;
	const char *type = json_get_text(line, "type");
	const struct json *object = json_get(line, "object");
	const char *version =
	    json_get_text(json_get(object, "metadata"), "resourceVersion");
	enum kubernetes_event event;

	if (type == NULL || !json_is_object(object)) {
		leave_out(kind, "it is no event");
		return true;
	}
	if (strcmp(type, "ERROR") == 0) {
		take_error(kind, object);
		return false;
	}
	collector->counts.events++;
	if (kind->stream_events++ == 0) {
		kind->forgotten = 0;
		kind_is_well(kind);
	}
	if (event_of(type, &event))
		(void)kubernetes_object_of(&kind->taker,
		    collector->listener.terms.cluster, kind->resource->kind,
		    object, event, loop_now(collector->loop));
	/* Only now, so that a watch resumes before what was not taken. */
	if (version != NULL && version[0] != '\0')
		set_text(&kind->version, version);
	return true;
}

/* --- both ---------------------------------------------------------------- */

bool
kind_take_object(const char *octets, size_t size, void *context)
{
	struct kind *kind = context;
	struct json_fault fault;
	size_t mended;
	struct json *object = json_parse_foreign(octets, size, &mended, &fault);
	bool on = true;

	kind->collector->counts.mended += mended;
	(void)collect_lost(
	    &kind->collector->listener, &(struct json_losses){.mended = mended,
					    .left_out = object == NULL});
	if (object == NULL)
		leave_out(kind, fault.message);
	else if (kind->state == KIND_WATCHES)
		on = take_event(kind, object);
	else
		take_item(kind, object);
	json_free(object);
	return on;
}

const char *
kind_complaint(struct kind *kind)
{
	struct json_fault fault;
	struct json *status =
	    json_parse(kind->complaint.at, kind->complaint.length, &fault);
	const char *message = json_get_text(status, "message");

	if (message != NULL) {
		char *copy = strdup(message);

		if (copy != NULL)
			set_text(&kind->complaint, copy);
		free(copy);
	}
	json_free(status);
	return kind->complaint.at;
}

uint64_t
kind_version(const struct kind *kind)
{
	char *end;
	unsigned long long version = strtoull(kind->version.at, &end, 10);

	return *end == '\0' ? version : 0;
}
