#include "alerts/http_body.h"

#include <string.h>

#include "alerts/delivery_lane.h"
#include "alerts/finding.h"
#include "alerts/record_identity.h"
#include "alerts/record_view.h"
#include "models/policy.h"
#include "sensor/base/json_read.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

/*
 * Alertmanager forgets an alert that is not sent again.  An open finding is
 * said anew at most this long after its last flow.
 */
#define ALERT_LIFE (FINDING_QUIET_NS + FINDING_UPDATE_NS)

void
http_body_path(const struct sink_url *url, struct text *out)
{
	const char *path = strcmp(url->path, "/") == 0 ? "" : url->path;

	text_add(out, path);
	switch (url->kind) {
	case SINK_ELASTIC:
		text_add(out, "/_bulk");
		break;
	case SINK_HEC:
		text_add(out, "/services/collector/event");
		break;
	case SINK_LOKI:
		text_add(out, "/loki/api/v1/push");
		break;
	case SINK_ALERTMANAGER:
		text_add(out, "/api/v2/alerts");
		break;
	case SINK_FILE:
	case SINK_SYSLOG_UDP:
	case SINK_SYSLOG_TCP:
	case SINK_SYSLOG_TLS:
	case SINK_REDIS:
	case SINK_KAFKA:
	case SINK_WEBHOOK:
		break;
	}
}

const char *
http_body_type(enum sink_kind kind)
{
	return kind == SINK_ELASTIC ? "Content-Type: application/x-ndjson"
				    : "Content-Type: application/json";
}

void
http_body_open(enum sink_kind kind, struct text *body)
{
	if (kind == SINK_LOKI)
		text_add(body, "{\"streams\":[");
	else if (kind == SINK_WEBHOOK || kind == SINK_ALERTMANAGER)
		text_add_char(body, '[');
}

void
http_body_between(enum sink_kind kind, struct text *body)
{
	if (kind == SINK_LOKI || kind == SINK_WEBHOOK ||
	    kind == SINK_ALERTMANAGER)
		text_add_char(body, ',');
}

void
http_body_close(enum sink_kind kind, struct text *body)
{
	if (kind == SINK_LOKI)
		text_add(body, "]}");
	else if (kind == SINK_WEBHOOK || kind == SINK_ALERTMANAGER)
		text_add_char(body, ']');
}

/* --- records -------------------------------------------------------------- */

/* `create` and the record's id: what comes twice is there once (409). */
static void
add_bulk(const struct lane_record *record, const char *said, struct text *body)
{
	struct json_writer json = json_to(body);
	struct text id;

	text_init(&id, 1024);
	record_identity(&id, record->octets, record->size);
	json_object_open(&json, NULL);
	json_object_open(&json, "create");
	json_put_string(&json, "_id", id.at);
	json_object_close(&json);
	json_object_close(&json);
	text_format(body, "\n%s\n", said);
	text_release(&id);
}

/* Splunk's time is seconds with a fraction. */
static void
add_event(const struct sink_url *url, const struct record_view *view,
    const char *said, struct text *body)
{
	int64_t ms = record_view_ms(view->at);
	struct json_writer json;

	text_format(body, "{\"time\":%lld.%03lld,", (long long)(ms / 1000),
	    (long long)(ms % 1000));
	text_add(body, "\"sourcetype\":\"hedgerow:");
	text_add(body, format_name(url->format));
	text_add_char(body, '"');
	if (view->host != NULL) {
		text_add(body, ",\"host\":");
		json = json_to(body);
		json_put_string(&json, NULL, view->host);
	}
	text_add(body, ",\"event\":");
	if (url->format <= FORMAT_OCSF) {
		text_add(body, said);
	} else {
		json = json_to(body);
		json_put_string(&json, NULL, said);
	}
	text_add_char(body, '}');
}

/* Few labels, of few values each: every set of them is a stream. */
static void
add_loki(const struct record_view *view, const char *said, struct text *body)
{
	struct json_writer json = json_to(body);
	char at[32];

	(void)snprintf(at, sizeof(at), "%lld", (long long)view->at.ns);
	json_object_open(&json, NULL);
	json_object_open(&json, "stream");
	json_put_string(&json, "service_name", "hedgerow");
	json_put_string(&json, "sensor", view->host);
	json_put_string(&json, "event_type", view->event_type);
	if (view->severe)
		json_put_string(
		    &json, "severity", severity_name(view->severity));
	json_object_close(&json);
	json_array_open(&json, "values");
	json_array_open(&json, NULL);
	json_put_string(&json, NULL, at);
	json_put_string(&json, NULL, said);
	json_array_close(&json);
	json_array_close(&json);
	json_object_close(&json);
}

static void
put_time(struct json_writer *json, const char *key, struct instant at)
{
	char text[INSTANT_TEXT_SIZE];

	instant_print(at, text);
	json_put_string(json, key, text);
}

/* The labels are the alert's identity, so none of them counts anything. */
static void
add_alert(const struct record_view *view, struct text *body)
{
	struct json_writer json = json_to(body);
	struct instant begun =
	    view->first_seen.ns > 0 ? view->first_seen : view->at;
	bool closed = view->finding_state != NULL &&
		      strcmp(view->finding_state, "closed") == 0;
	struct text client, server;

	text_init(&client, 1024);
	text_init(&server, 1024);
	record_view_party(&client, &view->client);
	record_view_party(&server, &view->server);
	json_object_open(&json, NULL);
	json_object_open(&json, "labels");
	json_put_string(&json, "alertname", "HedgerowDeviation");
	json_put_string(&json, "uid", view->uid);
	json_put_string(&json, "deviation", view->deviation);
	json_put_string(&json, "src", client.at);
	json_put_string(&json, "dest", server.at);
	if (view->severe)
		json_put_string(
		    &json, "severity", severity_name(view->severity));
	json_object_close(&json);
	json_object_open(&json, "annotations");
	json_put_string(&json, "summary", view->sentence);
	json_object_close(&json);
	put_time(&json, "startsAt", begun);
	put_time(&json, "endsAt",
	    closed ? view->at : (struct instant){view->at.ns + ALERT_LIFE});
	json_object_close(&json);
	text_release(&client);
	text_release(&server);
}

static bool
add_viewed(const struct sink_url *url, const struct lane_record *record,
    const char *said, struct text *body)
{
	struct json_fault fault;
	struct json *parsed = json_parse(record->octets, record->size, &fault);
	struct record_view view;
	bool ours = parsed != NULL && record_view_read(parsed, &view);

	if (ours && url->kind == SINK_HEC)
		add_event(url, &view, said, body);
	else if (ours && url->kind == SINK_LOKI)
		add_loki(&view, said, body);
	else if (ours)
		add_alert(&view, body);
	json_free(parsed);
	return ours;
}

bool
http_body_add(const struct sink_url *url, const struct format_settings *format,
    const struct lane_record *record, struct text *body)
{
	struct text said;
	bool added;

	text_init(&said, 2 * FORMAT_MAXIMUM);
	/* A native one was ours when it was kept. */
	added = url->format == FORMAT_NATIVE ||
		format_line(
		    &said, url->format, format, record->octets, record->size);
	if (url->format == FORMAT_NATIVE)
		text_add_n(&said, record->octets, record->size);
	if (added && url->kind == SINK_ELASTIC)
		add_bulk(record, said.at, body);
	else if (added && url->kind == SINK_WEBHOOK)
		text_add(body, said.at);
	else if (added)
		added = add_viewed(url, record, said.at, body);
	text_release(&said);
	return added;
}

/* --- answers -------------------------------------------------------------- */

/* 409 is our own record of an attempt whose answer was lost. */
enum http_item
http_body_item(const struct json *answer, size_t index, const char **why)
{
	const struct json *item =
	    json_get(json_at(json_get(answer, "items"), index), "create");
	int64_t status = json_get_integer(item, "status", 0);

	*why = json_get_text(json_get(item, "error"), "reason");
	if ((status >= 200 && status < 300) || status == 409)
		return HTTP_ITEM_TAKEN;
	if (*why == NULL)
		*why = "the target gives no reason";
	/*
	 * 400 is a document that cannot be mapped, 413 one that is too long.
	 * All else an operator mends: a right (401, 403), an index that is not
	 * there (404), a full disk (OpenSearch: 403 cluster_block_exception).
	 */
	return status == 400 || status == 413 ? HTTP_ITEM_REFUSED
					      : HTTP_ITEM_LATER;
}
