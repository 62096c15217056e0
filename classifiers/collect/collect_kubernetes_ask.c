#include <errno.h>
#include <string.h>

#include "classifiers/collect/collect_kubernetes_parts.h"

/* What kubectl and client-go ask for. */
#define PAGE 500

/* The server ends a watch by itself after this; client-go asks for 5 to 10. */
#define WATCH_SECONDS 300

/* A server that is later to end a watch than by this part is gone. */
#define WATCH_GRACE_PART 10

/* A list waits for etcd; the API server itself gives up after 60 s. */
#define LIST_IDLE_SECONDS 75

#define URL_MAXIMUM ((size_t)16 * 1024)

/* --- what is asked ------------------------------------------------------- */

/* RFC 3986 section 2.3: unreserved characters stay. */
static void
add_escaped(struct text *url, const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
		if (strchr("-._~", *c) != NULL || (*c >= '0' && *c <= '9') ||
		    (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z'))
			text_add_char(url, *c);
		else
			text_format(url, "%%%02X", (unsigned)(unsigned char)*c);
}

static void
add_path(struct text *url, const struct kind *kind)
{
	const struct collect_kubernetes_settings *settings =
	    &kind->collector->settings;
	const struct resource *resource = kind->resource;

	text_format(url, "%s%s/", settings->access->server, resource->group);
	if (settings->namespace != NULL && resource->namespaced) {
		text_add(url, "namespaces/");
		add_escaped(url, settings->namespace);
		text_add_char(url, '/');
	}
	text_format(url, "%s?", resource->plural);
	/* Of the namespaces, too, only that one is anybody's business. */
	if (settings->namespace != NULL &&
	    strcmp(resource->plural, "namespaces") == 0) {
		text_add(url, "fieldSelector=metadata.name%3D");
		add_escaped(url, settings->namespace);
		text_add_char(url, '&');
	}
}

static unsigned
watch_seconds(const struct kind *kind)
{
	unsigned seconds = kind->collector->settings.watch_seconds;

	return seconds == 0 ? WATCH_SECONDS : seconds;
}

static unsigned
watch_idle_seconds(const struct kind *kind)
{
	unsigned seconds = watch_seconds(kind);

	return seconds + 1 + seconds / WATCH_GRACE_PART;
}

static void
add_list(struct text *url, const struct kind *kind)
{
	unsigned page = kind->collector->settings.page;

	/*
	 * A list whose pages grew too old twice is too slow for pages; in one
	 * piece it cannot, and objects are read one by one anyway.
	 */
	if (kind->forgotten < 2 || kind->next.length > 0)
		text_format(url, "limit=%u", page == 0 ? PAGE : page);
	if (kind->next.length == 0)
		return;
	text_add(url, "&continue=");
	add_escaped(url, kind->next.at);
}

static void
add_watch(struct text *url, const struct kind *kind)
{
	text_add(url, "watch=1&allowWatchBookmarks=true&resourceVersion=");
	add_escaped(url, kind->version.at);
	text_format(url, "&timeoutSeconds=%u", watch_seconds(kind));
}

/* --- the answer ---------------------------------------------------------- */

static bool
take_piece(struct http_request *request, const char *octets, size_t size,
    void *context)
{
	struct kind *kind = context;

	if (http_status(request) == 200) {
		collector_is_answered(kind->collector, kind->number);
		return json_split_feed(kind->split, octets, size) ==
		       JSON_SPLIT_ON;
	}
	if (!kind->complaint.overflow)
		text_add_n(&kind->complaint, octets, size);
	return true;
}

static enum kind_fault
fault_of_status(unsigned status)
{
	switch (status) {
	case 200:
		return KIND_FINE;
	case 401:
		return KIND_STRANGER;
	case 403:
		return KIND_FORBIDDEN;
	case 404:
		return KIND_MISSING;
	case 410:
		return KIND_FORGOTTEN;
	default:
		return KIND_BROKEN;
	}
}

static void
take_end(const struct http_end *end, void *context)
{
	struct kind *kind = context;
	struct text words;
	enum kind_fault fault = fault_of_status(end->status);

	kind->request = NULL;
	if (json_split_oversized(kind->split) > kind->oversized) {
		kind->lossy |= kind->state == KIND_LISTS;
		(void)collect_lost(&kind->collector->listener,
		    &(struct json_losses){
			.left_out = json_split_oversized(kind->split) -
				    kind->oversized});
		collector_leave_out(kind->collector, kind->resource->plural,
		    "it is larger than an object can be");
	}
	kind->oversized = json_split_oversized(kind->split);
	text_init(&words, COMPLAINT_MAXIMUM);
	if (kind->stream_fault != KIND_FINE) {
		fault = kind->stream_fault;
		text_add(&words, kind->complaint.at);
	} else if (end->outcome == HTTP_UNREACHABLE) {
		fault = KIND_UNREACHABLE;
		text_add(&words, end->fault);
	} else if (end->outcome == HTTP_STOPPED) {
		fault = KIND_BROKEN;
		text_add(&words, "the answer is no JSON of the API");
	} else if (end->outcome != HTTP_ANSWERED) {
		fault = KIND_BROKEN;
		text_add(&words, end->fault);
	} else if (fault != KIND_FINE) {
		text_format(
		    &words, "%u, %.300s", end->status, kind_complaint(kind));
	}
	kind_answered(kind, fault, end->retry_after, words.at);
	text_release(&words);
}

/* --- asking -------------------------------------------------------------- */

static void
begin(struct kind *kind, const char *url)
{
	static const char *const headers[] = {"Accept: application/json", NULL};
	struct collect_kubernetes *collector = kind->collector;
	const struct kubernetes_access *access = collector->settings.access;
	bool watches = kind->state == KIND_WATCHES;
	struct http_ask ask = {
	    .url = url,
	    .proxy = access->proxy,
	    .headers = headers,
	    .bearer = collector->token.length == 0 ? NULL : collector->token.at,
	    .authorities = access->authorities,
	    .certificate = access->certificate,
	    .key = access->key,
	    .server_name = access->server_name,
	    .insecure = access->insecure,
	    .packed = !watches,
	    .idle_seconds =
		watches ? watch_idle_seconds(kind) : LIST_IDLE_SECONDS,
	};

	kind->stream_fault = KIND_FINE;
	kind->stream_events = 0;
	kind->asked = loop_steady(collector->loop);
	text_clear(&kind->complaint);
	json_split_restart(
	    kind->split, watches ? JSON_SPLIT_OBJECTS : JSON_SPLIT_ITEMS);
	kind->request = http_begin(collector->http, &ask,
	    (struct http_taker){take_piece, take_end, kind});
}

void
kind_ask(struct kind *kind)
{
	struct collect_kubernetes *collector = kind->collector;
	struct text url;
	int fault = kubernetes_access_token(
	    collector->settings.access, &collector->token);

	kind->number = ++collector->asked;
	if (fault < 0) {
		kind_answered(kind, KIND_STRANGER, 0,
		    fault == -EINVAL ? "there is no token in its file"
				     : "the file of the token cannot be read");
		return;
	}
	text_init(&url, URL_MAXIMUM);
	add_path(&url, kind);
	if (kind->state == KIND_WATCHES) {
		add_watch(&url, kind);
		collector->counts.watches++;
	} else {
		add_list(&url, kind);
	}
	begin(kind, url.at);
	text_release(&url);
}
