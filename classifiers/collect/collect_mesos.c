#include "classifiers/collect/collect_mesos.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/collect/collect_changes.h"
#include "classifiers/collect/collect_fetch.h"
#include "classifiers/collect/collect_known.h"
#include "classifiers/sources/fields.h"
#include "classifiers/sources/mesos.h"
#include "classifiers/sources/recordio.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"

/* The master's own default (DEFAULT_HEARTBEAT_INTERVAL, src/master). */
#define HEARTBEAT_SECONDS 15

/* Beats that may be missed (master.proto, HEARTBEAT). */
#define BEATS_MISSED 5

/* Leaders that are asked one after the other before it is a failure. */
#define REDIRECTS_MAXIMUM 5

/* With `once`, attempts before giving up. */
#define ATTEMPTS 5

#define URL_MAXIMUM ((size_t)2048)

/* The body of the one question that is ever asked. */
#define SUBSCRIBE "{\"type\":\"SUBSCRIBE\"}"

struct collect_mesos {
	struct loop *loop;
	struct http *http;
	struct collect_mesos_settings settings;
	struct collect_listener listener;
	struct collect_changes *changes;
	struct fact_taker taker; /* what has passed the changes */
	struct mesos *mesos;
	struct text leader; /* its URL, or empty while any will do */
	struct text authorization;
	struct http_request *request;
	struct recordio reader;
	double heartbeat; /* seconds */
	struct instant seen;
	bool listed;
	unsigned failures, redirects;
	uint64_t random;
	struct loop_timer *retry, *silence, *done;
};

/* --- the end ------------------------------------------------------------- */

static void
drop(struct collect_mesos *collector)
{
	if (collector->request != NULL)
		http_cancel(collector->request);
	collector->request = NULL;
	loop_timer_cancel(collector->silence);
	collector->listed = false;
}

static void
finish(struct collect_mesos *collector, enum collect_end end)
{
	drop(collector);
	loop_timer_cancel(collector->retry);
	collector->listener.ended(end, collector->listener.context);
}

static void
fail(struct collect_mesos *collector, bool refused, const char *fault)
{
	drop(collector);
	/* Whoever led may not lead any more. */
	text_clear(&collector->leader);
	collector->redirects = 0;
	collector->failures++;
	collect_say(&collector->listener, "mesos: %s",
	    fault[0] == '\0' ? "the connection ended" : fault);
	if (collector->listener.terms.once &&
	    (refused || collector->failures >= ATTEMPTS)) {
		finish(collector, refused ? COLLECT_FORBIDDEN : COLLECT_FAILED);
		return;
	}
	loop_timer_set(collector->retry,
	    collect_delay(collector->failures, &collector->random));
}

/* --- events -------------------------------------------------------------- */

/* Anything that the master has once said is in its state, if it is so yet. */
static bool
belongs(enum fact_kind kind, const char *id, void *context)
{
	(void)id;
	(void)context;
	return kind == FACT_WORKLOAD || kind == FACT_NODE;
}

static void
hear_state(
    struct collect_mesos *collector, const struct json *state, bool lossy)
{
	struct instant now = loop_now(collector->loop);
	uint64_t list = collect_changes_begin(collector->changes);

	if (lossy)
		mesos_keep(collector->mesos);
	(void)mesos_give(collector->mesos, state, now);
	/* What could not be read may be what is missing. */
	if (!lossy)
		(void)collect_changes_end(
		    collector->changes, list, belongs, collector, now);
	else if (collector->listener.lossy != NULL)
		collector->listener.lossy(
		    COLLECT_KINDS_ALL, collector->listener.context);
	collector->heartbeat = mesos_heartbeat(state, HEARTBEAT_SECONDS);
	/* What is no time between two beats is none. */
	if (!(collector->heartbeat >= 0.1 && collector->heartbeat <= 3600))
		collector->heartbeat = HEARTBEAT_SECONDS;
	collector->listed = true;
	collector->failures = 0;
	collector->redirects = 0;
}

/* A whole state has tasks, if only an empty list of them. */
static bool
is_whole(const struct json *event)
{
	const struct json *state =
	    json_get(json_get(event, "subscribed"), "get_state");

	return mesos_is_state(event) &&
	       json_is_object(json_get(state, "get_tasks"));
}

static void
be_patient(struct collect_mesos *collector)
{
	loop_timer_set(collector->silence,
	    (int64_t)(BEATS_MISSED * collector->heartbeat * 1e9));
}

static void
say_seen(struct collect_mesos *collector)
{
	collector->seen = loop_steady(collector->loop);
	collect_seen(&collector->listener, "mesos", loop_now(collector->loop));
}

/* Returns whether the record is an event. */
static bool
hear(struct collect_mesos *collector)
{
	struct json_fault fault;
	struct json_losses losses;
	struct json *event = json_salvage(collector->reader.record,
	    collector->reader.length, &losses, &fault);
	bool known = mesos_is(event);
	bool lossy = collect_left_out(
	    &collector->listener, "mesos", "what it tells", &losses);

	if (is_whole(event)) {
		hear_state(collector, event, lossy);
		say_seen(collector);
		/* The listener may want to end, which cannot be from here. */
		loop_timer_set(collector->done, 0);
	} else if (collector->listed && known) {
		(void)mesos_give(
		    collector->mesos, event, loop_now(collector->loop));
		if (instant_since(loop_steady(collector->loop),
			collector->seen) > NS_PER_SECOND)
			say_seen(collector);
	}
	json_free(event);
	be_patient(collector);
	return event != NULL;
}

static bool
take(struct http_request *request, const char *octets, size_t size,
    void *context)
{
	struct collect_mesos *collector = context;
	enum recordio_status status;

	/* What a redirection says beside its place is nothing. */
	if (http_status(request) != 200)
		return true;
	while ((status = recordio_take(&collector->reader, &octets, &size)) ==
	       RECORDIO_RECORD)
		if (!hear(collector))
			return false;
	return status != RECORDIO_BROKEN;
}

/* --- asking -------------------------------------------------------------- */

/*
 * The leader's place, as a master says it: `//host:5050/api/v1`, which is of
 * the scheme that was asked with (RFC 3986, 4.2), or a whole URL.
 */
static bool
follow(struct collect_mesos *collector, const char *location)
{
	const char *own = collector->settings.url;
	const char *place = strstr(location, "//");
	const char *path;

	if (place == NULL || collector->redirects++ == REDIRECTS_MAXIMUM)
		return false;
	path = strchr(place + 2, '/');
	text_clear(&collector->leader);
	if (place == location)
		text_add_n(&collector->leader, own, strcspn(own, "/"));
	/* A password is for masters, not for whoever is less well guarded. */
	else if (strncmp(location, "https://", 8) != 0 &&
		 (strncmp(location, "http://", 7) != 0 ||
		     strncmp(own, "https:", 6) == 0))
		return false;
	text_add_n(&collector->leader, location,
	    path == NULL ? strlen(location) : (size_t)(path - location));
	return !collector->leader.overflow;
}

static void
end(const struct http_end *how, void *context)
{
	struct collect_mesos *collector = context;
	const char *fault = how->fault;

	collector->request = NULL;
	if (how->status >= 300 && how->status < 400 &&
	    follow(collector, how->location)) {
		loop_timer_set(collector->retry, 0);
		return;
	}
	if (how->outcome == HTTP_STOPPED)
		fault = "what it sends is no stream of events";
	else if (how->outcome == HTTP_ANSWERED && how->status != 200)
		fault = how->status == 401 || how->status == 403
			    ? "it does not let us in"
			    : "it cannot be subscribed to";
	fail(collector, how->status == 401 || how->status == 403, fault);
}

static void
subscribe(void *context)
{
	struct collect_mesos *collector = context;
	const struct collect_mesos_settings *settings = &collector->settings;
	const char *headers[] = {
	    "Content-Type: application/json",
	    "Accept: application/json",
	    collector->authorization.length > 0 ? collector->authorization.at
						: NULL,
	    NULL,
	};
	struct arena *arena = arena_new();
	struct http_ask ask = {
	    .method = "POST",
	    .url = arena_format(arena, "%s/api/v1",
		collector->leader.length > 0 ? collector->leader.at
					     : settings->url),
	    .headers = headers,
	    .body = SUBSCRIBE,
	    .body_size = strlen(SUBSCRIBE),
	    .authorities = settings->authorities,
	    .certificate = settings->certificate,
	    .key = settings->key,
	    /* Its silence is measured here, in its own beats. */
	    .idle_seconds = 2 * 3600 * BEATS_MISSED,
	};

	recordio_release(&collector->reader);
	recordio_init(&collector->reader, COLLECT_DOCUMENT_MAXIMUM);
	collector->request = http_begin(
	    collector->http, &ask, (struct http_taker){take, end, collector});
	collector->heartbeat = HEARTBEAT_SECONDS;
	be_patient(collector);
	arena_free(arena);
}

static void
be_silent(void *context)
{
	struct collect_mesos *collector = context;

	fail(collector, false, "it has been silent for too long");
}

static void
say_listed(void *context)
{
	struct collect_mesos *collector = context;

	collector->listener.listed(collector->listener.context);
	if (collector->listener.terms.once)
		finish(collector, COLLECT_LISTED);
}

/* --- the door ------------------------------------------------------------ */

/* RFC 4648, 4; RFC 7617. */
static void
add_base64(struct text *out, const char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				      "opqrstuvwxyz0123456789+/";
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i += 3) {
		uint32_t word = 0;

		for (size_t k = 0; k < 3; k++)
			word =
			    word << 8 |
			    (i + k < length ? (unsigned char)text[i + k] : 0U);
		for (size_t k = 0; k < 4; k++)
			text_add_char(
			    out, i + k > length
				     ? '='
				     : letters[word >> (18 - 6 * k) & 63]);
	}
}

static void
set_authorization(struct collect_mesos *collector)
{
	const struct collect_mesos_settings *settings = &collector->settings;
	struct text plain;

	if (settings->user == NULL)
		return;
	text_init(&plain, URL_MAXIMUM);
	text_format(&plain, "%s:%s", settings->user,
	    settings->password == NULL ? "" : settings->password);
	text_add(&collector->authorization, "Authorization: Basic ");
	add_base64(&collector->authorization, plain.at);
	text_release(&plain);
}

struct collect_mesos *
collect_mesos_new(struct loop *loop, struct http *http,
    const struct collect_mesos_settings *settings,
    const struct collect_listener *listener)
{
	struct collect_mesos *collector = allocate(1, sizeof(*collector));

	collector->loop = loop;
	collector->http = http;
	collector->settings = *settings;
	collector->listener = *listener;
	collector->random =
	    listener->terms.seed == 0 ? 1 : listener->terms.seed;
	collector->changes =
	    collect_changes_new(&listener->taker, 2 * MESOS_OBJECTS_MAXIMUM);
	collector->taker = collect_changes_taker(collector->changes);
	collector->mesos =
	    mesos_new(listener->terms.cluster, &collector->taker);
	text_init(&collector->leader, URL_MAXIMUM);
	text_init(&collector->authorization, 2 * URL_MAXIMUM);
	set_authorization(collector);
	recordio_init(&collector->reader, COLLECT_DOCUMENT_MAXIMUM);
	collector->retry = loop_timer_new(loop, subscribe, collector);
	collector->silence = loop_timer_new(loop, be_silent, collector);
	collector->done = loop_timer_new(loop, say_listed, collector);
	loop_timer_set(collector->retry, 0);
	return collector;
}

void
collect_mesos_free(struct collect_mesos *collector)
{
	if (collector == NULL)
		return;
	drop(collector);
	loop_timer_free(collector->retry);
	loop_timer_free(collector->silence);
	loop_timer_free(collector->done);
	mesos_free(collector->mesos);
	collect_changes_free(collector->changes);
	recordio_release(&collector->reader);
	text_release(&collector->leader);
	text_release(&collector->authorization);
	free(collector);
}

bool
collect_mesos_is_current(const struct collect_mesos *collector)
{
	return collector->listed && collector->request != NULL;
}
