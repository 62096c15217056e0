/*
 * Elastic Common Schema 8.11.  What ECS has no field for stands under
 * `hedgerow`, as ECS asks of custom fields; labels and tags are lists of
 * `key=value` there, because keys such as `app` and `app.kubernetes.io/name`
 * cannot be fields of one index.  No `data_stream`: where a document goes is
 * its shipper's business, and a wrong one is refused.
 */
#include <ctype.h>
#include <string.h>

#include "alerts/catalog.h"
#include "alerts/format_parts.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"

#define ECS_VERSION "8.11.0"

static void
put_time(struct json_writer *json, const char *key, struct instant at)
{
	char text[INSTANT_TEXT_SIZE];

	if (at.ns == INSTANT_PAST.ns)
		return;
	instant_print(at, text);
	json_put_string(json, key, text);
}

/* ECS wants names of protocols in lower case. */
static void
put_lower(struct json_writer *json, const char *key, const char *value)
{
	char lower[64];
	size_t length = 0;

	if (value == NULL)
		return;
	for (; length < sizeof(lower) && value[length] != '\0'; length++)
		lower[length] = (char)tolower((unsigned char)value[length]);
	json_put_string_n(json, key, lower, length);
}

static void
put_record_id(
    struct json_writer *json, const char *key, const struct record_view *view)
{
	struct text id;

	text_init(&id, FORMAT_MAXIMUM);
	record_view_id(&id, view);
	json_put_string(json, key, id.at);
	text_release(&id);
}

/* --- event ---------------------------------------------------------------- */

static void
put_action(struct json_writer *json, const struct record_view *view)
{
	const char *title = format_title(view);
	char action[64];
	size_t length = 0;

	if (view->kind == VIEW_FLOW) {
		json_put_string(json, "action", "flow-ended");
		return;
	}
	if (view->kind == VIEW_FINDING || view->signature == NULL) {
		json_put_string(json, "action", "finding-changed");
		return;
	}
	for (; length < sizeof(action) && title[length] != '\0'; length++)
		action[length] = title[length] == ' ' ? '-' : title[length];
	json_put_string_n(json, "action", action, length);
}

/* Only the first sight is an alert: updates must not be counted as more. */
static void
put_kinds(struct json_writer *json, const struct record_view *view)
{
	bool alert = view->kind == VIEW_ALERT;

	json_put_string(json, "kind", alert ? "alert" : "event");
	json_array_open(json, "category");
	json_put_string(json, NULL, "network");
	if (view->kind != VIEW_FLOW)
		json_put_string(json, NULL, "intrusion_detection");
	json_array_close(json);
	json_array_open(json, "type");
	if (view->kind == VIEW_FLOW) {
		json_put_string(json, NULL, "connection");
		json_put_string(json, NULL, "end");
	} else {
		json_put_string(json, NULL, alert ? "allowed" : "info");
	}
	json_array_close(json);
}

static void
put_reason(struct json_writer *json, const struct record_view *view)
{
	struct text reason;

	if (view->expected == NULL || view->observed == NULL)
		return;
	text_init(&reason, FORMAT_MAXIMUM);
	text_format(&reason, "expected %s, observed %s", view->expected,
	    view->observed);
	json_put_string(json, "reason", reason.at);
	text_release(&reason);
}

static void
put_span(struct json_writer *json, const struct record_view *view)
{
	bool finding = view->kind == VIEW_FINDING;
	struct instant start = finding ? view->first_seen : view->start;
	struct instant end = finding ? view->last_seen : view->end;

	put_time(json, "start", start);
	put_time(json, "end", end);
	if (start.ns != INSTANT_PAST.ns && end.ns != INSTANT_PAST.ns &&
	    end.ns >= start.ns)
		json_put_int(json, "duration", instant_since(end, start));
}

static void
put_outcome(struct json_writer *json, const struct record_view *view)
{
	bool failed = view->attempted;

	if (view->kind == VIEW_FLOW)
		failed =
		    view->state != NULL && strcmp(view->state, "attempt") == 0;
	json_put_string(json, "outcome", failed ? "failure" : "success");
}

static void
put_event(struct json_writer *json, const struct record_view *view)
{
	char signature[SIGNATURE_TEXT_SIZE];
	char dataset[32] = PRODUCT ".";

	json_object_open(json, "event");
	put_kinds(json, view);
	put_action(json, view);
	json_put_string(json, "module", PRODUCT);
	json_put_string(json, "dataset",
	    strncat(dataset, view->event_type, sizeof(dataset) / 2));
	json_put_string(json, "provider", PRODUCT);
	put_record_id(json, "id", view);
	json_put_int(json, "severity", format_severity(view).ecs);
	if (view->kind != VIEW_FLOW) {
		format_signature(view, signature);
		json_put_string(json, "code", signature);
	}
	put_reason(json, view);
	put_outcome(json, view);
	put_span(json, view);
	json_object_close(json);
}

static void
put_rule(struct json_writer *json, const struct record_view *view)
{
	char signature[SIGNATURE_TEXT_SIZE];
	struct text text;

	if (view->kind == VIEW_FLOW)
		return;
	format_signature(view, signature);
	text_init(&text, 32);
	text_add_int(&text, view->revision);
	json_object_open(json, "rule");
	json_put_string(json, "id", signature);
	json_put_string(json, "name", format_title(view));
	format_put(json, "category", view->category);
	json_put_string(json, "version", text.at);
	format_put(json, "ruleset", view->model);
	if (view->signature != NULL)
		json_put_string(json, "description", view->signature->meaning);
	json_object_close(json);
	text_release(&text);
}

/* A sub-technique stands below its technique, whose name we do not have. */
static void
put_technique(struct json_writer *json, const struct record_view *view)
{
	size_t parent = format_technique_parent(view->technique_id);
	bool is_part = view->technique_id[parent] != '\0';

	json_object_open(json, "technique");
	json_array_open(json, "id");
	json_put_string_n(json, NULL, view->technique_id, parent);
	json_array_close(json);
	if (is_part) {
		json_object_open(json, "subtechnique");
		json_array_open(json, "id");
		format_put(json, NULL, view->technique_id);
		json_array_close(json);
	}
	if (view->technique != NULL) {
		json_array_open(json, "name");
		format_put(json, NULL, view->technique);
		json_array_close(json);
	}
	if (is_part)
		json_object_close(json);
	json_object_close(json);
}

static void
put_threat(struct json_writer *json, const struct record_view *view)
{
	if (view->technique_id == NULL)
		return;
	json_object_open(json, "threat");
	json_put_string(json, "framework", "MITRE ATT&CK");
	if (view->tactic_id != NULL && view->tactic != NULL) {
		json_object_open(json, "tactic");
		json_array_open(json, "id");
		format_put(json, NULL, view->tactic_id);
		json_array_close(json);
		json_array_open(json, "name");
		format_put(json, NULL, view->tactic);
		json_array_close(json);
		json_object_close(json);
	}
	put_technique(json, view);
	json_object_close(json);
}

/* --- network -------------------------------------------------------------- */

/* A finding knows its ends by name; one that is outside goes by its address. */
static const char *
address_of(const struct view_end *end)
{
	return end->ip != NULL ? end->ip : end->party;
}

static void
put_end(struct json_writer *json, const char *key, const struct view_end *end)
{
	if (address_of(end) == NULL && end->port < 0)
		return;
	json_object_open(json, key);
	format_put(json, "address", address_of(end));
	format_put(json, "ip", end->ip);
	format_put_count(json, "port", end->port);
	format_put_count(json, "bytes", end->octets);
	format_put_count(json, "packets", end->packets);
	format_put(json, "domain", end->dns != NULL ? end->dns : end->sni);
	if (end->country != NULL) {
		json_object_open(json, "geo");
		format_put(json, "country_iso_code", end->country);
		json_object_close(json);
	}
	if (end->asn >= 0) {
		json_object_open(json, "as");
		json_put_int(json, "number", end->asn);
		if (end->organisation != NULL) {
			json_object_open(json, "organization");
			format_put(json, "name", end->organisation);
			json_object_close(json);
		}
		json_object_close(json);
	}
	json_object_close(json);
}

static const char *
direction_name(enum view_side side)
{
	switch (side) {
	case VIEW_INTERNAL:
		return "internal";
	case VIEW_INBOUND:
		return "inbound";
	case VIEW_OUTBOUND:
		return "outbound";
	case VIEW_EXTERNAL:
		return "external";
	case VIEW_SIDE_UNKNOWN:
		return NULL;
	}
	return NULL;
}

static void
put_number_text(struct json_writer *json, const char *key, int64_t number)
{
	struct text text;

	text_init(&text, 32);
	text_add_int(&text, number);
	json_put_string(json, key, text.at);
	text_release(&text);
}

static void
put_vlans(struct json_writer *json, const struct json *vlans)
{
	static const char *const keys[] = {"vlan", "inner"};

	for (size_t i = 0; i < json_count(vlans) && i < 2; i++) {
		json_object_open(json, keys[i]);
		if (i == 1)
			json_object_open(json, "vlan");
		put_number_text(json, "id", json_number(json_at(vlans, i), 0));
		if (i == 1)
			json_object_close(json);
		json_object_close(json);
	}
}

static void
put_network(struct json_writer *json, const struct record_view *view)
{
	const struct view_end *client = &view->client;
	const struct view_end *server = &view->server;

	json_object_open(json, "network");
	if (view->protocol != NULL && !isdigit((unsigned char)*view->protocol))
		put_lower(json, "transport", view->protocol);
	if (view->protocol_number >= 0)
		put_number_text(json, "iana_number", view->protocol_number);
	if (view->ip_version > 0)
		json_put_string(
		    json, "type", view->ip_version == 4 ? "ipv4" : "ipv6");
	if (record_view_application_shown(view))
		put_lower(json, "protocol", view->application);
	format_put(json, "community_id", view->community_id);
	format_put(json, "direction", direction_name(record_view_side(view)));
	if (client->octets >= 0 && server->octets >= 0)
		json_put_int(json, "bytes", client->octets + server->octets);
	if (client->packets >= 0 && server->packets >= 0)
		json_put_int(
		    json, "packets", client->packets + server->packets);
	put_vlans(json, view->vlans);
	json_object_close(json);
}

static void
put_observer(struct json_writer *json, const struct record_view *view)
{
	json_object_open(json, "observer");
	format_put(json, "name", view->host);
	json_put_string(json, "type", "sensor");
	json_put_string(json, "vendor", PRODUCT);
	json_put_string(json, "product", PRODUCT);
	json_put_string(json, "version", HEDGEROW_VERSION);
	if (view->interface != NULL) {
		json_object_open(json, "ingress");
		json_object_open(json, "interface");
		format_put(json, "name", view->interface);
		json_object_close(json);
		json_object_close(json);
	}
	json_object_close(json);
	if (view->pcap_filename == NULL)
		return;
	json_object_open(json, "log");
	json_object_open(json, "file");
	format_put(json, "path", view->pcap_filename);
	json_object_close(json);
	json_object_close(json);
}

/* --- workloads ------------------------------------------------------------ */

/* ECS has one orchestrator and container: those of the end that acted. */
static void
put_subject(struct json_writer *json, const struct view_end *client)
{
	struct image_parts parts;

	if (client->cluster != NULL || client->namespace != NULL) {
		json_object_open(json, "orchestrator");
		if (client->cluster != NULL) {
			json_object_open(json, "cluster");
			format_put(json, "name", client->cluster);
			json_object_close(json);
		}
		format_put(json, "namespace", client->namespace);
		json_object_close(json);
	}
	if (client->image == NULL)
		return;
	parts = format_image(client->image);
	json_object_open(json, "container");
	json_object_open(json, "image");
	json_put_string_n(json, "name", client->image, parts.name);
	if (parts.tag != NULL) {
		json_array_open(json, "tag");
		format_put(json, NULL, parts.tag);
		json_array_close(json);
	}
	json_object_close(json);
	json_object_close(json);
}

static void
put_related(struct json_writer *json, const struct record_view *view)
{
	const struct view_end *ends[] = {&view->client, &view->server};

	if (ends[0]->ip == NULL && ends[1]->ip == NULL)
		return;
	json_object_open(json, "related");
	json_array_open(json, "ip");
	for (size_t i = 0; i < 2; i++)
		format_put(json, NULL, ends[i]->ip);
	json_array_close(json);
	if (ends[0]->name != NULL || ends[1]->name != NULL) {
		json_array_open(json, "hosts");
		for (size_t i = 0; i < 2; i++)
			format_put(json, NULL, ends[i]->name);
		json_array_close(json);
	}
	json_object_close(json);
}

static void
put_workload(
    struct json_writer *json, const char *key, const struct view_end *end)
{
	if (end->attribution == NULL)
		return;
	json_object_open(json, key);
	format_put(json, "attribution", end->attribution);
	format_put(json, "cluster", end->cluster);
	format_put(json, "namespace", end->namespace);
	format_put(json, "application", end->application);
	format_put(json, "kind", end->kind);
	format_put(json, "name", end->name);
	format_put(json, "node", end->node);
	format_put(json, "image", end->image);
	format_put(json, "model", end->model);
	format_put(json, "dns", end->dns);
	format_put(json, "sni", end->sni);
	format_put_list(json, "unseen", end->unseen);
	format_put_list(json, "segments", end->segments);
	format_put_pairs(json, "labels", end->labels, '=');
	json_object_close(json);
}

/* --- hedgerow ------------------------------------------------------------- */

static void
put_policy(struct json_writer *json, const struct record_view *view)
{
	if (view->verdict == NULL || view->detector != NULL)
		return;
	json_object_open(json, "policy");
	json_put_string(json, "verdict", view->verdict);
	format_put(json, "deviation", view->deviation);
	json_put_bool(json, "attempted", view->attempted);
	format_put(json, "statement", view->statement);
	format_put(json, "model", view->model);
	format_put(json, "source", view->source);
	format_put(json, "expected", view->expected);
	format_put(json, "observed", view->observed);
	if (view->severe)
		json_put_string(
		    json, "severity", severity_name(view->severity));
	format_put(json, "segment", view->segment);
	format_put_list(json, "compliance", view->compliance);
	format_put_pairs(json, "tags", view->tags, '=');
	format_put_count(json, "metadata_age_ms", view->metadata_age_ms);
	json_object_close(json);
}

static void
put_anomaly(struct json_writer *json, const struct record_view *view)
{
	if (view->detector == NULL)
		return;
	json_object_open(json, "anomaly");
	format_put(json, "detector", view->detector);
	format_put_count(json, "confidence", view->percent);
	format_put(json, "verdict", view->verdict);
	format_put_grounds(json, view);
	json_object_close(json);
}

static void
put_finding(struct json_writer *json, const struct record_view *view)
{
	if (view->uid == NULL)
		return;
	json_object_open(json, "finding");
	json_put_string(json, "uid", view->uid);
	format_put(json, "state", view->finding_state);
	format_put_count(json, "count", view->count);
	put_time(json, "first_seen", view->first_seen);
	put_time(json, "last_seen", view->last_seen);
	format_put(json, "storm", view->storm);
	format_put(json, "client", view->client.party);
	format_put(json, "server", view->server.party);
	json_object_close(json);
}

static void
put_flow(struct json_writer *json, const struct record_view *view)
{
	json_object_open(json, "app");
	format_put(json, "name", view->application);
	format_put(json, "carrier", view->carrier);
	format_put(json, "confidence", view->confidence);
	json_object_close(json);
	json_object_open(json, "flow");
	format_put_count(json, "id", view->flow_id);
	format_put(json, "state", view->state);
	format_put(json, "reason", view->reason);
	format_put(json, "conn_state", view->connection_state);
	format_put(json, "history", view->history);
	format_put_count(json, "duplicates", view->duplicates);
	format_put(json, "direction_confidence", view->direction_confidence);
	format_put_count(json, "icmp_type", view->icmp_type);
	format_put_count(json, "icmp_code", view->icmp_code);
	if (view->tcp_flags != 0)
		json_put_int(json, "tcp_flags", view->tcp_flags);
	json_object_close(json);
	if (view->packet >= 0) {
		json_object_open(json, "pcap");
		json_put_int(json, "packet", view->packet);
		json_object_close(json);
	}
}

static void
put_tunnel(struct json_writer *json, const struct json *tunnel)
{
	if (!json_is_object(tunnel))
		return;
	json_object_open(json, "tunnel");
	format_put(json, "type", json_get_text(tunnel, "type"));
	format_put_count(json, "vni", json_get_integer(tunnel, "vni", -1));
	format_put(json, "source_ip", json_get_text(tunnel, "src_ip"));
	format_put(json, "destination_ip", json_get_text(tunnel, "dest_ip"));
	json_object_close(json);
}

void
format_ecs(struct text *out, const struct record_view *view)
{
	struct json_writer writer = json_to(out);
	struct json_writer *json = &writer;

	json_object_open(json, NULL);
	put_time(json, "@timestamp", view->at);
	json_object_open(json, "ecs");
	json_put_string(json, "version", ECS_VERSION);
	json_object_close(json);
	format_put(json, "message", view->sentence);
	put_event(json, view);
	put_rule(json, view);
	put_threat(json, view);
	put_end(json, "source", &view->client);
	put_end(json, "destination", &view->server);
	put_network(json, view);
	put_observer(json, view);
	put_subject(json, &view->client);
	put_related(json, view);
	json_object_open(json, PRODUCT);
	format_put(json, "domain", view->domain);
	put_workload(json, "source", &view->client);
	put_workload(json, "destination", &view->server);
	format_put_service(json, view->service);
	put_tunnel(json, view->tunnel);
	put_policy(json, view);
	put_anomaly(json, view);
	put_finding(json, view);
	put_flow(json, view);
	json_object_close(json);
	json_object_close(json);
}
