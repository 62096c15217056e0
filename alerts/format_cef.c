/*
 * CEF:0 as of ArcSight's "Implementing ArcSight Common Event Format (CEF)",
 * versions 25 to 27: keys, types and lengths are those of its dictionary for
 * producers, specification 0.1.
 */
#include <string.h>

#include "alerts/format_parts.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"

/* Lengths of the dictionary; octets here, so never too many characters. */
#define CEF_NAME   ((size_t)512)
#define CEF_PROTO  ((size_t)31)
#define CEF_APP    ((size_t)31)
#define CEF_ACTION ((size_t)63)
#define CEF_HOST   ((size_t)100)
#define CEF_INLET  ((size_t)128)
#define CEF_TEXT   ((size_t)1023)
#define CEF_CUSTOM ((size_t)4000)
#define CEF_ID     ((size_t)40)

static const struct escapes in_header = {"\\|", false};
static const struct escapes in_extension = {"\\=", true};

static void
put(struct text *out, const char *key, const char *value, size_t maximum)
{
	if (value == NULL || value[0] == '\0')
		return;
	text_add_char(out, ' ');
	text_add(out, key);
	text_add_char(out, '=');
	format_value(out, value, maximum, &in_extension);
}

static void
put_number(struct text *out, const char *key, int64_t number)
{
	if (number < 0)
		return;
	text_add_char(out, ' ');
	text_add(out, key);
	text_add_char(out, '=');
	text_add_int(out, number);
}

/* A field of no meaning of its own says what it holds in its label. */
static void
put_custom(struct text *out, const char *key, const char *label,
    const char *value, size_t maximum)
{
	if (value == NULL || value[0] == '\0')
		return;
	text_format(out, " %sLabel=%s", key, label);
	put(out, key, value, maximum);
}

static void
put_custom_number(
    struct text *out, const char *key, const char *label, int64_t number)
{
	if (number < 0)
		return;
	text_format(out, " %sLabel=%s", key, label);
	put_number(out, key, number);
}

/* The keys of one end; they differ in nothing but their names. */
struct end_keys {
	const char *ip, *custom_ip, *ip_label, *port, *host, *service;
	const char *custom_namespace, *namespace_label;
};

static const struct end_keys source_keys = {
    .ip = "src",
    .custom_ip = "c6a2",
    .ip_label = "Source IPv6 Address",
    .port = "spt",
    .host = "shost",
    .service = "sourceServiceName",
    .custom_namespace = "cs4",
    .namespace_label = "sourceNamespace",
};
static const struct end_keys destination_keys = {
    .ip = "dst",
    .custom_ip = "c6a3",
    .ip_label = "Destination IPv6 Address",
    .port = "dpt",
    .host = "dhost",
    .service = "destinationServiceName",
    .custom_namespace = "cs5",
    .namespace_label = "destinationNamespace",
};

/* `src` and `dst` hold IPv4 alone in CEF:0; IPv6 has fields of its own. */
static void
put_end(
    struct text *out, const struct end_keys *keys, const struct view_end *end)
{
	struct text party;

	if (end->ip != NULL && strchr(end->ip, ':') != NULL)
		put_custom(
		    out, keys->custom_ip, keys->ip_label, end->ip, CEF_TEXT);
	else
		put(out, keys->ip, end->ip, CEF_TEXT);
	put_number(out, keys->port, end->port);
	put(out, keys->host, end->name, CEF_TEXT);
	text_init(&party, FORMAT_MAXIMUM);
	record_view_party(&party, end);
	put(out, keys->service, party.at, CEF_TEXT);
	text_release(&party);
	put_custom(out, keys->custom_namespace, keys->namespace_label,
	    end->namespace, CEF_CUSTOM);
}

static void
put_times(struct text *out, const struct record_view *view)
{
	put_number(out, "rt", record_view_ms(view->at));
	if (view->kind == VIEW_FINDING) {
		put_number(out, "start", record_view_ms(view->first_seen));
		put_number(out, "end", record_view_ms(view->last_seen));
	} else {
		put_number(out, "start", record_view_ms(view->start));
	}
}

static void
put_traffic(struct text *out, const struct record_view *view)
{
	enum view_side side = record_view_side(view);

	put(out, "proto", view->protocol, CEF_PROTO);
	if (record_view_application_shown(view))
		put(out, "app", view->application, CEF_APP);
	put_end(out, &source_keys, &view->client);
	put_end(out, &destination_keys, &view->server);
	if (side == VIEW_INBOUND || side == VIEW_OUTBOUND)
		put_number(out, "deviceDirection", side == VIEW_OUTBOUND);
	/* `in` is what flows from source to destination. */
	put_number(out, "in", view->client.octets);
	put_number(out, "out", view->server.octets);
	put_custom_number(out, "cn3", "icmpType", view->icmp_type);
}

static void
put_service(struct text *out, const struct json *service)
{
	struct text name;
	const char *namespace = json_get_text(service, "namespace");

	if (!json_is_object(service))
		return;
	text_init(&name, FORMAT_MAXIMUM);
	if (namespace != NULL)
		text_format(&name, "%s/", namespace);
	if (json_get_text(service, "name") != NULL)
		text_add(&name, json_get_text(service, "name"));
	if (json_get_text(service, "ip") != NULL)
		text_format(&name, " %s", json_get_text(service, "ip"));
	put_custom(out, "flexString2", "service", name.at, CEF_TEXT);
	text_release(&name);
}

/* The fields that only a deviation would fill with its model. */
static void
put_detection(struct text *out, const struct record_view *view)
{
	struct text text;

	put(out, "reason", view->about, CEF_TEXT);
	text_init(&text, FORMAT_MAXIMUM);
	format_technique(&text, view);
	put_custom(out, "cs2", "attackTechnique", text.at, CEF_CUSTOM);
	text_clear(&text);
	if (json_is_object(view->evidence))
		format_json(&text, view->evidence);
	put_custom(out, "cs3", "evidence", text.at, CEF_CUSTOM);
	put_custom(out, "flexString1", "detector", view->detector, CEF_TEXT);
	if (view->percent >= 0)
		text_format(out, " cfp1Label=confidence cfp1=%lld",
		    (long long)view->percent);
	text_release(&text);
}

static void
put_policy(struct text *out, const struct record_view *view)
{
	put(out, "cat", view->category, CEF_TEXT);
	put(out, "act", view->action, CEF_ACTION);
	put(out, "outcome", view->attempted ? "failure" : "success",
	    CEF_ACTION);
	put(out, "reason", view->deviation, CEF_TEXT);
	put_custom(out, "cs1", "communityId", view->community_id, CEF_CUSTOM);
	if (view->detector != NULL)
		put_detection(out, view);
	put_custom(out, "cs2", "model", view->model, CEF_CUSTOM);
	put_custom(out, "cs3", "expected", view->expected, CEF_CUSTOM);
	put_custom(out, "cs6", "findingState", view->finding_state, CEF_CUSTOM);
	put_custom(out, "flexString1", "modelSource", view->source, CEF_TEXT);
	put_service(out, view->service);
	put_custom_number(out, "cn1", "flowId", view->flow_id);
}

static void
put_sensor(struct text *out, const struct record_view *view)
{
	put(out, "dvchost", view->host, CEF_HOST);
	put(out, "deviceInboundInterface", view->interface, CEF_INLET);
	put(out, "fname", view->pcap_filename, CEF_TEXT);
	put_custom_number(out, "cn2", "packet", view->packet);
}

/* The last value must not end in a space, or it is lost: the uid never does. */
void
format_cef(struct text *out, const struct record_view *view)
{
	char signature[SIGNATURE_TEXT_SIZE];
	struct text extension;

	format_signature(view, signature);
	text_format(out, "CEF:0|" PRODUCT "|" PRODUCT "|%s|%s|",
	    HEDGEROW_VERSION, signature);
	format_value(out, format_title(view), CEF_NAME, &in_header);
	text_format(out, "|%d|", format_severity(view).line);
	text_init(&extension, FORMAT_MAXIMUM);
	put_times(&extension, view);
	put_policy(&extension, view);
	put_traffic(&extension, view);
	put_sensor(&extension, view);
	put_number(&extension, "cnt", view->count);
	put(&extension, "msg", view->sentence, CEF_TEXT);
	put(&extension, "externalId", view->uid, CEF_ID);
	text_add(out, extension.at + 1);
	text_release(&extension);
}
