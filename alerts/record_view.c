#include "alerts/record_view.h"

#include <stdlib.h>
#include <string.h>

#include "alerts/catalog.h"
#include "sensor/base/address.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"
#include "sensor/frame.h"

/* --- reading -------------------------------------------------------------- */

/* EVE's zone is `+0000`, without the colon that RFC 3339 has. */
static struct instant
read_time(const struct json *object, const char *key)
{
	const char *text = json_get_text(object, key);
	size_t length = text == NULL ? 0 : strlen(text);
	struct instant at = INSTANT_PAST;
	char plain[INSTANT_TEXT_SIZE];

	if (length < 5 || length >= sizeof(plain) ||
	    strcmp(text + length - 5, "+0000") != 0)
		return at;
	memcpy(plain, text, length - 5);
	plain[length - 5] = 'Z';
	plain[length - 4] = '\0';
	(void)instant_parse(plain, &at);
	return at;
}

static int
number_of_protocol(const char *name)
{
	const char *known;

	if (name == NULL)
		return -1;
	for (unsigned i = 0; i < 256; i++) {
		known = protocol_name((uint8_t)i);
		if (known != NULL && strcmp(known, name) == 0)
			return (int)i;
	}
	if (strlen(name) == 3 && strspn(name, "0123456789") == 3)
		return (int)strtol(name, NULL, 10);
	return -1;
}

static void
read_workload(const struct json *party, struct view_end *end)
{
	const struct json *geo = json_get(party, "geo");

	end->attribution = json_get_text(party, "attribution");
	end->cluster = json_get_text(party, "cluster");
	end->namespace = json_get_text(party, "namespace");
	end->application = json_get_text(party, "application");
	end->kind = json_get_text(party, "kind");
	end->name = json_get_text(party, "name");
	end->node = json_get_text(party, "node");
	end->image = json_get_text(party, "image");
	end->model = json_get_text(party, "model");
	end->dns = json_get_text(party, "dns");
	end->sni = json_get_text(party, "sni");
	end->country = json_get_text(geo, "country");
	end->asn = json_get_integer(geo, "asn", -1);
	end->organisation = json_get_text(geo, "org");
	end->labels = json_get(party, "labels");
	end->segments = json_get(party, "segments");
	end->unseen = json_get(party, "unseen");
}

/* A finding names an end that is outside by its address, and only such. */
static void
read_party_address(struct view_end *end)
{
	struct address address;

	if (end->ip == NULL && end->party != NULL &&
	    address_parse(end->party, &address))
		end->ip = end->party;
}

static void
read_ends(const struct json *record, struct record_view *view)
{
	const struct json *flow = json_get(record, "flow");
	const struct json *finding = json_get(record, "finding");
	struct view_end *client = &view->client;
	struct view_end *server = &view->server;

	client->ip = json_get_text(record, "src_ip");
	client->port = json_get_integer(record, "src_port", -1);
	client->packets = json_get_integer(flow, "pkts_toserver", -1);
	client->octets = json_get_integer(flow, "bytes_toserver", -1);
	client->party = json_get_text(finding, "client");
	server->ip = json_get_text(record, "dest_ip");
	server->port = json_get_integer(record, "dest_port", -1);
	server->packets = json_get_integer(flow, "pkts_toclient", -1);
	server->octets = json_get_integer(flow, "bytes_toclient", -1);
	server->party = json_get_text(finding, "server");
	read_workload(json_get(record, "src_workload"), client);
	read_workload(json_get(record, "dest_workload"), server);
	read_party_address(client);
	read_party_address(server);
}

static void
read_head(const struct json *record, struct record_view *view)
{
	view->at = read_time(record, "timestamp");
	view->host = json_get_text(record, "host");
	view->interface = json_get_text(record, "in_iface");
	view->pcap_filename = json_get_text(record, "pcap_filename");
	view->packet = json_get_integer(record, "pcap_cnt", -1);
	view->flow_id = json_get_integer(record, "flow_id", -1);
	view->community_id = json_get_text(record, "community_id");
	view->domain = json_get_text(record, "domain");
	view->vlans = json_get(record, "vlan");
	view->tunnel = json_get(record, "tunnel");
	view->service = json_get(record, "service");
	view->protocol = json_get_text(record, "proto");
	view->protocol_number = number_of_protocol(view->protocol);
	view->icmp_type = json_get_integer(record, "icmp_type", -1);
	view->icmp_code = json_get_integer(record, "icmp_code", -1);
	view->ip_version = json_get_integer(record, "ip_v", -1);
	view->application = json_get_text(record, "app_proto");
	view->carrier = json_get_text(record, "app_carrier");
	view->confidence = json_get_text(record, "app_confidence");
	view->direction_confidence =
	    json_get_text(record, "direction_confidence");
}

static void
read_flow(const struct json *record, struct record_view *view)
{
	const struct json *flow = json_get(record, "flow");
	const char *flags = json_get_text(json_get(record, "tcp"), "tcp_flags");

	view->start = read_time(flow, "start");
	view->end = read_time(flow, "end");
	view->state = json_get_text(flow, "state");
	view->connection_state = json_get_text(flow, "conn_state");
	view->history = json_get_text(flow, "history");
	view->reason = json_get_text(flow, "reason");
	view->duplicates = json_get_integer(flow, "duplicates", -1);
	if (flags != NULL)
		view->tcp_flags = (unsigned)strtoul(flags, NULL, 16) & 0xff;
}

static void
read_alert(const struct json *record, struct record_view *view)
{
	const struct json *alert = json_get(record, "alert");

	view->gid = json_get_integer(alert, "gid", -1);
	view->signature_id = json_get_integer(alert, "signature_id", -1);
	view->revision = json_get_integer(alert, "rev", -1);
	view->signature = catalog_find(view->gid, view->signature_id);
	view->sentence = json_get_text(alert, "signature");
	view->category = json_get_text(alert, "category");
	view->action = json_get_text(alert, "action");
}

/* A detection has its own; without any, EVE's has to do. */
static void
read_severity(const struct json *record, struct record_view *view)
{
	const char *name =
	    json_get_text(json_get(record, "policy"), "severity");
	int64_t eve =
	    json_get_integer(json_get(record, "alert"), "severity", 0);

	if (name == NULL)
		name = json_get_text(json_get(record, "anomaly"), "severity");
	for (int s = SEVERITY_LOW; name != NULL && s <= SEVERITY_CRITICAL;
	     s++) {
		if (strcmp(name, severity_name((enum severity)s)) != 0)
			continue;
		view->severity = (enum severity)s;
		view->severe = true;
		return;
	}
	view->severe = eve > 0;
	view->severity = eve == 1   ? SEVERITY_HIGH
			 : eve == 2 ? SEVERITY_MEDIUM
				    : SEVERITY_LOW;
}

static void
read_policy(const struct json *record, struct record_view *view)
{
	const struct json *policy = json_get(record, "policy");

	view->verdict = json_get_text(policy, "verdict");
	view->deviation = json_get_text(policy, "deviation");
	view->attempted = json_is_true(json_get(policy, "attempted"));
	view->statement = json_get_text(policy, "statement");
	view->model = json_get_text(policy, "model");
	view->source = json_get_text(policy, "source");
	view->expected = json_get_text(policy, "expected");
	view->observed = json_get_text(policy, "observed");
	view->segment = json_get_text(policy, "segment");
	view->compliance = json_get(policy, "compliance");
	view->tags = json_get(policy, "tags");
	view->metadata_age_ms = json_get_integer(policy, "metadata_age_ms", -1);
	read_severity(record, view);
}

/* Of a detection the verdict is the flow's, and is no reproach. */
static void
read_anomaly(const struct json *record, struct record_view *view)
{
	const struct json *threat = json_get(record, "threat");
	const struct json *anomaly = json_get(record, "anomaly");

	view->technique_id = json_get_text(threat, "technique_id");
	view->technique = json_get_text(threat, "technique");
	view->tactic_id = json_get_text(threat, "tactic_id");
	view->tactic = json_get_text(threat, "tactic");
	view->detector = json_get_text(anomaly, "detector");
	view->subject = json_get_text(anomaly, "subject");
	view->object = json_get_text(anomaly, "object");
	view->about = json_get_text(anomaly, "about");
	view->silent_if = json_get_text(anomaly, "silent_if");
	view->percent = json_get_integer(anomaly, "confidence", -1);
	view->evidence = json_get(anomaly, "evidence");
	if (view->verdict == NULL)
		view->verdict = json_get_text(anomaly, "verdict");
}

static void
read_finding(const struct json *record, struct record_view *view)
{
	const struct json *finding = json_get(record, "finding");

	view->uid = json_get_text(finding, "uid");
	view->finding_state = json_get_text(finding, "state");
	view->count = json_get_integer(finding, "count", -1);
	view->storm = json_get_text(finding, "storm");
	view->first_seen = read_time(finding, "first_seen");
	view->last_seen = read_time(finding, "last_seen");
}

static bool
read_kind(const struct json *record, struct record_view *view)
{
	static const char *const names[] = {
	    [VIEW_ALERT] = "alert",
	    [VIEW_FINDING] = "finding",
	    [VIEW_FLOW] = "flow",
	};

	view->event_type = json_get_text(record, "event_type");
	if (view->event_type == NULL)
		return false;
	for (int kind = VIEW_ALERT; kind <= VIEW_FLOW; kind++) {
		view->kind = (enum view_kind)kind;
		if (strcmp(view->event_type, names[kind]) == 0)
			return true;
	}
	return false;
}

bool
record_view_read(const struct json *record, struct record_view *view)
{
	*view = (struct record_view){.kind = VIEW_ALERT};
	if (!read_kind(record, view))
		return false;
	read_head(record, view);
	read_ends(record, view);
	read_flow(record, view);
	read_alert(record, view);
	read_policy(record, view);
	read_anomaly(record, view);
	read_finding(record, view);
	/* What every format asks for without a second look. */
	return view->at.ns != INSTANT_PAST.ns &&
	       (view->kind == VIEW_FLOW ||
		   (view->uid != NULL && view->finding_state != NULL &&
		       view->sentence != NULL && view->gid >= 0));
}

/* --- what follows from it ------------------------------------------------- */

static bool
is_external(const struct view_end *end)
{
	return strcmp(end->attribution, "external") == 0;
}

enum view_side
record_view_side(const struct record_view *view)
{
	const struct view_end *client = &view->client;
	const struct view_end *server = &view->server;

	if (client->attribution == NULL || server->attribution == NULL)
		return VIEW_SIDE_UNKNOWN;
	if (is_external(client))
		return is_external(server) ? VIEW_EXTERNAL : VIEW_INBOUND;
	return is_external(server) ? VIEW_OUTBOUND : VIEW_INTERNAL;
}

static void
add_pair(struct text *out, const char *first, const char *second)
{
	if (first != NULL) {
		text_add(out, first);
		text_add_char(out, '/');
	}
	text_add(out, second);
}

void
record_view_party(struct text *out, const struct view_end *end)
{
	const char *how = end->attribution == NULL ? "" : end->attribution;

	if (end->party != NULL)
		text_add(out, end->party);
	else if (strcmp(how, "exact") == 0 && end->application != NULL)
		add_pair(out, end->namespace, end->application);
	else if (strcmp(how, "service") == 0 && end->name != NULL)
		add_pair(out, end->namespace, end->name);
	else if (strcmp(how, "zone") == 0 && end->name != NULL)
		add_pair(out, "zone", end->name);
	else if ((strcmp(how, "node") == 0 || strcmp(how, "ambiguous") == 0) &&
		 end->name != NULL)
		add_pair(out, "node", end->name);
	else if (end->ip != NULL)
		text_add(out, end->ip);
}

/*
 * A finding that comes back has the same uid, and its state and count begin
 * anew: only with the time it is one record.
 */
void
record_view_id(struct text *out, const struct record_view *view)
{
	int64_t us = view->at.ns / NS_PER_US;

	if (view->kind == VIEW_FLOW)
		text_format(
		    out, "%lld-%lld", (long long)view->flow_id, (long long)us);
	else
		text_format(out, "%s-%s-%lld", view->uid, view->finding_state,
		    (long long)us);
}

/* A finding does not say how its application was known: then it was not. */
bool
record_view_application_shown(const struct record_view *view)
{
	const char *name = view->application;

	if (name == NULL || strcmp(name, "unknown") == 0)
		return false;
	return view->confidence != NULL && strcmp(view->confidence, "dpi") == 0;
}

int64_t
record_view_ms(struct instant at)
{
	return at.ns / NS_PER_MS;
}
