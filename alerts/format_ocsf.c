/*
 * OCSF 1.5.0: Detection Finding (2004) for alerts and findings; Network
 * Activity (4001) is in format_ocsf_flow.c.  What the schema has no attribute
 * for stands under `unmapped`.
 */
#include <string.h>

#include "alerts/catalog.h"
#include "alerts/format_ocsf.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"

#define OCSF_VERSION "1.5.0"

/* --- metadata ------------------------------------------------------------- */

void
ocsf_put_time(struct json_writer *json, const char *key, struct instant at)
{
	if (at.ns != INSTANT_PAST.ns)
		json_put_int(json, key, record_view_ms(at));
}

static void
put_product(struct json_writer *json)
{
	json_object_open(json, "product");
	json_put_string(json, "name", PRODUCT);
	json_put_string(json, "vendor_name", PRODUCT);
	json_put_string(json, "version", HEDGEROW_VERSION);
	json_object_close(json);
}

static void
put_logger(struct json_writer *json, const struct record_view *view)
{
	if (view->host == NULL)
		return;
	json_array_open(json, "loggers");
	json_object_open(json, NULL);
	json_put_string(json, "name", view->host);
	json_object_close(json);
	json_array_close(json);
}

void
ocsf_put_metadata(struct json_writer *json, const struct record_view *view)
{
	struct text id;

	text_init(&id, FORMAT_MAXIMUM);
	record_view_id(&id, view);
	json_object_open(json, "metadata");
	json_put_string(json, "version", OCSF_VERSION);
	json_put_string(json, "uid", id.at);
	if (view->uid != NULL)
		json_put_string(json, "correlation_uid", view->uid);
	json_put_string(json, "log_name", view->event_type);
	json_array_open(json, "profiles");
	json_put_string(json, NULL, "container");
	json_put_string(json, NULL, "security_control");
	json_array_close(json);
	put_product(json);
	put_logger(json, view);
	json_object_close(json);
	text_release(&id);
}

void
ocsf_put_class(struct json_writer *json, const struct ocsf_class *class,
    int activity, const char *activity_name)
{
	json_put_int(json, "category_uid", class->category);
	json_put_string(json, "category_name", class->category_name);
	json_put_int(json, "class_uid", class->uid);
	json_put_string(json, "class_name", class->name);
	json_put_int(json, "activity_id", activity);
	json_put_string(json, "activity_name", activity_name);
	json_put_int(json, "type_uid", class->uid * 100 + activity);
}

void
ocsf_put_severity(struct json_writer *json, const struct record_view *view)
{
	struct severity_scales scales = format_severity(view);

	json_put_int(json, "severity_id", scales.ocsf);
	json_put_string(json, "severity", scales.ocsf_name);
}

/* --- ends ----------------------------------------------------------------- */

/* The tag is in the reference; `tag` of its own is deprecated since 1.4.0. */
static void
put_container(struct json_writer *json, const struct view_end *end)
{
	struct image_parts parts;

	if (end->image == NULL || end->name == NULL)
		return;
	parts = format_image(end->image);
	json_object_open(json, "container");
	json_put_string(json, "name", end->name);
	json_object_open(json, "image");
	json_put_string_n(json, "name", end->image, parts.name);
	json_put_string(json, "uid", end->image);
	json_object_close(json);
	json_object_close(json);
}

static void
put_place(struct json_writer *json, const struct view_end *end)
{
	if (end->country != NULL) {
		json_object_open(json, "location");
		json_put_string(json, "country", end->country);
		json_object_close(json);
	}
	if (end->asn < 0 && end->organisation == NULL)
		return;
	json_object_open(json, "autonomous_system");
	format_put_count(json, "number", end->asn);
	format_put(json, "name", end->organisation);
	json_object_close(json);
}

void
ocsf_put_end(
    struct json_writer *json, const char *key, const struct view_end *end)
{
	if (end->ip == NULL && end->party == NULL)
		return;
	json_object_open(json, key);
	format_put(json, "ip", end->ip);
	format_put_count(json, "port", end->port);
	format_put(json, "name", end->name != NULL ? end->name : end->party);
	format_put(json, "svc_name", end->application);
	format_put(json, "zone", end->namespace);
	format_put(json, "domain", end->dns != NULL ? end->dns : end->sni);
	put_place(json, end);
	put_container(json, end);
	json_object_close(json);
}

/* --- connection ----------------------------------------------------------- */

/* Direction and boundary of connection_info; a tap sees no perimeter of its
 * own, so what passes from outside to outside is neither. */
static void
put_direction(struct json_writer *json, enum view_side side)
{
	static const struct {
		int direction, boundary;
		const char *direction_name, *boundary_name;
	} sides[] = {
	    [VIEW_SIDE_UNKNOWN] = {0, 0, "Unknown", "Unknown"},
	    [VIEW_INTERNAL] = {3, 2, "Lateral", "Internal"},
	    [VIEW_INBOUND] = {1, 3, "Inbound", "External"},
	    [VIEW_OUTBOUND] = {2, 3, "Outbound", "External"},
	    [VIEW_EXTERNAL] = {99, 3, "Transit", "External"},
	};

	json_put_int(json, "direction_id", sides[side].direction);
	json_put_string(json, "direction", sides[side].direction_name);
	json_put_int(json, "boundary_id", sides[side].boundary);
	json_put_string(json, "boundary", sides[side].boundary_name);
}

/* `protocol_name` is IANA's keyword in lower case. */
static void
put_protocol(struct json_writer *json, const struct record_view *view)
{
	struct text lower;

	if (view->protocol_number >= 0)
		json_put_int(json, "protocol_num", view->protocol_number);
	if (view->protocol == NULL ||
	    (*view->protocol >= '0' && *view->protocol <= '9'))
		return;
	text_init(&lower, FORMAT_MAXIMUM);
	for (const char *at = view->protocol; *at != '\0'; at++)
		text_add_char(
		    &lower, (char)(*at >= 'A' && *at <= 'Z' ? *at | 32 : *at));
	json_put_string(json, "protocol_name", lower.at);
	text_release(&lower);
}

static void
put_uid(struct json_writer *json, int64_t number)
{
	struct text uid;

	if (number < 0)
		return;
	text_init(&uid, 32);
	text_add_int(&uid, number);
	json_put_string(json, "uid", uid.at);
	text_release(&uid);
}

void
ocsf_put_connection(struct json_writer *json, const struct record_view *view)
{
	json_object_open(json, "connection_info");
	put_uid(json, view->flow_id);
	put_direction(json, record_view_side(view));
	put_protocol(json, view);
	if (view->ip_version > 0)
		json_put_int(json, "protocol_ver_id", view->ip_version);
	format_put(json, "community_uid", view->community_id);
	if (view->tcp_flags != 0)
		json_put_int(json, "tcp_flags", view->tcp_flags);
	format_put(json, "flag_history", view->history);
	json_object_close(json);
}

void
ocsf_put_policy(struct json_writer *json, const struct record_view *view)
{
	if (view->model == NULL)
		return;
	json_object_open(json, "policy");
	json_put_string(json, "name", view->model);
	format_put(json, "uid", view->source);
	format_put(json, "desc",
	    view->statement != NULL ? view->statement : view->expected);
	json_object_close(json);
}

static void
put_icmp(struct json_writer *json, const struct record_view *view)
{
	format_put_count(json, "icmp_type", view->icmp_type);
	format_put_count(json, "icmp_code", view->icmp_code);
}

static void
put_tunnel(struct json_writer *json, const struct json *tunnel)
{
	if (!json_is_object(tunnel))
		return;
	json_object_open(json, "tunnel");
	format_put(json, "type", json_get_text(tunnel, "type"));
	format_put_count(json, "vni", json_get_integer(tunnel, "vni", -1));
	format_put(json, "src_ip", json_get_text(tunnel, "src_ip"));
	format_put(json, "dest_ip", json_get_text(tunnel, "dest_ip"));
	json_object_close(json);
}

void
ocsf_put_unmapped(struct json_writer *json, const struct record_view *view)
{
	json_object_open(json, "unmapped");
	format_put(json, "domain", view->domain);
	format_put(json, "app_proto", view->application);
	format_put(json, "app_carrier", view->carrier);
	format_put(json, "app_confidence", view->confidence);
	format_put(json, "direction_confidence", view->direction_confidence);
	format_put(json, "conn_state", view->connection_state);
	format_put(json, "verdict", view->verdict);
	format_put(json, "deviation", view->deviation);
	format_put(json, "detector", view->detector);
	format_put(json, "src_attribution", view->client.attribution);
	format_put(json, "dst_attribution", view->server.attribution);
	format_put(json, "pcap_filename", view->pcap_filename);
	format_put_count(json, "pcap_cnt", view->packet);
	put_icmp(json, view);
	format_put_service(json, view->service);
	put_tunnel(json, view->tunnel);
	json_object_close(json);
}

/* --- detection finding ---------------------------------------------------- */

static void
put_analytic(struct json_writer *json, const struct record_view *view)
{
	char signature[SIGNATURE_TEXT_SIZE];
	struct text revision;

	format_signature(view, signature);
	text_init(&revision, 32);
	text_add_int(&revision, view->revision);
	json_object_open(json, "analytic");
	json_put_int(json, "type_id", 1);
	json_put_string(json, "type", "Rule");
	json_put_string(json, "uid", signature);
	json_put_string(json, "name", format_title(view));
	if (view->signature != NULL)
		json_put_string(json, "desc", view->signature->meaning);
	json_put_string(json, "version", revision.at);
	json_object_close(json);
	text_release(&revision);
}

static void
put_entity(struct json_writer *json, const char *key, const char *uid,
    size_t length, const char *name)
{
	json_object_open(json, key);
	json_put_string_n(json, "uid", uid, length);
	format_put(json, "name", name);
	json_object_close(json);
}

/* The name that we have is that of the sub-technique where it is one. */
static void
put_attacks(struct json_writer *json, const struct record_view *view)
{
	const char *id = view->technique_id;
	size_t parent;

	if (id == NULL)
		return;
	parent = format_technique_parent(id);
	json_array_open(json, "attacks");
	json_object_open(json, NULL);
	put_entity(json, "technique", id, parent,
	    id[parent] == '\0' ? view->technique : NULL);
	if (id[parent] != '\0')
		put_entity(
		    json, "sub_technique", id, strlen(id), view->technique);
	if (view->tactic_id != NULL)
		put_entity(json, "tactic", view->tactic_id,
		    strlen(view->tactic_id), view->tactic);
	json_object_close(json);
	json_array_close(json);
}

static void
put_finding_info(struct json_writer *json, const struct record_view *view)
{
	json_object_open(json, "finding_info");
	json_put_string(json, "uid", view->uid);
	json_put_string(json, "title", format_title(view));
	json_put_string(json, "desc", view->sentence);
	ocsf_put_time(json, "created_time", view->first_seen);
	ocsf_put_time(json, "first_seen_time", view->first_seen);
	ocsf_put_time(json, "last_seen_time", view->last_seen);
	if (view->category != NULL) {
		json_array_open(json, "types");
		json_put_string(json, NULL, view->category);
		json_array_close(json);
	}
	if (view->interface != NULL) {
		json_array_open(json, "data_sources");
		json_put_string(json, NULL, view->interface);
		json_array_close(json);
	}
	put_analytic(json, view);
	put_attacks(json, view);
	json_object_close(json);
}

static void
put_evidence_data(struct json_writer *json, const struct record_view *view)
{
	json_object_open(json, "data");
	format_put_grounds(json, view);
	format_put(json, "deviation", view->deviation);
	format_put(json, "expected", view->expected);
	format_put(json, "observed", view->observed);
	json_put_bool(json, "attempted", view->attempted);
	format_put(json, "segment", view->segment);
	format_put_list(json, "compliance", view->compliance);
	json_object_close(json);
}

static void
put_evidence(struct json_writer *json, const struct record_view *view)
{
	json_array_open(json, "evidences");
	json_object_open(json, NULL);
	put_uid(json, view->flow_id);
	json_put_string(json, "name", "flow");
	ocsf_put_connection(json, view);
	ocsf_put_end(json, "src_endpoint", &view->client);
	ocsf_put_end(json, "dst_endpoint", &view->server);
	put_evidence_data(json, view);
	json_object_close(json);
	json_array_close(json);
}

/* The server is what the finding is about: somebody got at it. */
static void
put_resource(struct json_writer *json, const struct view_end *server)
{
	const char *name = server->name != NULL ? server->name : server->party;

	if (name == NULL)
		return;
	json_array_open(json, "resources");
	json_object_open(json, NULL);
	json_put_string(json, "name", name);
	format_put(json, "type", server->kind);
	format_put(json, "namespace", server->namespace);
	format_put_pairs(json, "labels", server->labels, ':');
	json_object_close(json);
	json_array_close(json);
}

static void
put_observables(struct json_writer *json, const struct record_view *view)
{
	static const char *const names[] = {
	    "evidences[0].src_endpoint.ip", "evidences[0].dst_endpoint.ip"};
	const char *const values[] = {view->client.ip, view->server.ip};

	if (values[0] == NULL || values[1] == NULL)
		return;
	json_array_open(json, "observables");
	for (size_t i = 0; i < 2; i++) {
		json_object_open(json, NULL);
		json_put_string(json, "name", names[i]);
		json_put_int(json, "type_id", 2);
		json_put_string(json, "type", "IP Address");
		json_put_string(json, "value", values[i]);
		json_object_close(json);
	}
	json_array_close(json);
}

/* A detector's own, in thirds. */
static void
put_percent(struct json_writer *json, int64_t percent)
{
	static const char *const names[] = {"Low", "Medium", "High"};
	int third = percent < 50 ? 0 : percent < 80 ? 1 : 2;

	json_put_int(json, "confidence_id", third + 1);
	json_put_string(json, "confidence", names[third]);
	json_put_int(json, "confidence_score", percent);
}

/* What the payload shows is certain, what a port suggests is not. */
static void
put_confidence(struct json_writer *json, const char *confidence)
{
	static const struct {
		const char *ours, *name;
		int id;
	} scale[] = {
	    {"dpi", "High", 3}, {"partial", "Medium", 2}, {"port", "Low", 1}};

	for (size_t i = 0; confidence != NULL && i < 3; i++) {
		if (strcmp(confidence, scale[i].ours) != 0)
			continue;
		json_put_int(json, "confidence_id", scale[i].id);
		json_put_string(json, "confidence", scale[i].name);
	}
}

static void
put_remediation(struct json_writer *json, const struct record_view *view)
{
	if (view->signature == NULL)
		return;
	json_object_open(json, "remediation");
	json_put_string(json, "desc", view->signature->remedy);
	json_object_close(json);
}

/* A status is the analyst's to set, but for the first one. */
static void
put_state(struct json_writer *json, const struct record_view *view)
{
	static const struct ocsf_class class = {
	    2, 2004, "Findings", "Detection Finding"};
	bool created = view->kind == VIEW_ALERT;
	bool closed = strcmp(view->finding_state, "closed") == 0;

	if (created)
		ocsf_put_class(json, &class, 1, "Create");
	else if (closed)
		ocsf_put_class(json, &class, 3, "Close");
	else
		ocsf_put_class(json, &class, 2, "Update");
	if (created) {
		json_put_int(json, "status_id", 1);
		json_put_string(json, "status", "New");
	}
	json_put_bool(json, "is_alert", created);
	json_put_int(json, "action_id", 3);
	json_put_string(json, "action", "Observed");
	json_put_int(json, "disposition_id", 19);
	json_put_string(json, "disposition", "Alert");
}

void
format_ocsf(struct text *out, const struct record_view *view)
{
	struct json_writer writer = json_to(out);
	struct json_writer *json = &writer;

	json_object_open(json, NULL);
	ocsf_put_metadata(json, view);
	ocsf_put_time(json, "time", view->at);
	ocsf_put_severity(json, view);
	if (view->kind == VIEW_FLOW) {
		ocsf_put_flow(json, view);
		json_object_close(json);
		return;
	}
	put_state(json, view);
	if (view->percent >= 0)
		put_percent(json, view->percent);
	else
		put_confidence(json, view->confidence);
	json_put_string(json, "message", view->sentence);
	ocsf_put_time(json, "start_time", view->first_seen);
	ocsf_put_time(json, "end_time", view->last_seen);
	format_put_count(json, "count", view->count);
	put_finding_info(json, view);
	ocsf_put_policy(json, view);
	put_evidence(json, view);
	put_resource(json, &view->server);
	put_observables(json, view);
	put_remediation(json, view);
	ocsf_put_unmapped(json, view);
	json_object_close(json);
}
