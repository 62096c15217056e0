#include "alerts/record.h"

#include "alerts/catalog.h"
#include "alerts/finding.h"
#include "alerts/record_doubt.h"
#include "alerts/record_finding.h"
#include "alerts/sentence.h"
#include "classifiers/inventory/workload.h"
#include "classifiers/outside.h"
#include "sensor/base/address.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

/*
 * Labels, tags, segments: enough for what people set, too few to fill a
 * record.  Kubernetes allows 63 characters in a value and 317 in a key; other
 * orchestrators set no limit.
 */
#define LIST_MAXIMUM  ((size_t)64)
#define VALUE_MAXIMUM ((size_t)256)
#define KEY_MAXIMUM   ((size_t)317)

/* Every other text: a file's name may have this many octets on Linux. */
#define PIECE_MAXIMUM ((size_t)4096)

/* How much is said; less when a record does not fit otherwise. */
enum detail {
	DETAIL_FULL,
	DETAIL_NO_LABELS,
	DETAIL_CORE, /* EVE's own keys, the verdict and the finding */
};

/* One record being written. */
struct record {
	struct json_writer json;
	const struct record_source *source;
	const struct record_flow *about;
	const struct finding *finding; /* of alerts and findings, else NULL */
	const char *signature;         /* of an alert, else NULL */
	struct instant at;
	enum flow_reason reason; /* of a flow */
	enum detail detail;
};

/* --- values --------------------------------------------------------------- */

/* The length of at most `maximum` octets without half a UTF-8 character. */
static size_t
cut_length(const char *text, size_t maximum)
{
	size_t length = strnlen(text, maximum + 1);

	if (length <= maximum)
		return length;
	for (length = maximum; length > 0; length--)
		if (((unsigned char)text[length] & 0xc0) != 0x80)
			return length;
	return 0;
}

/* An unknown is an absent key: nothing is written for "" as for NULL. */
static void
put_text(struct record *record, const char *key, const char *value)
{
	if (value != NULL && value[0] != '\0')
		json_put_string_n(
		    &record->json, key, value, strnlen(value, PIECE_MAXIMUM));
}

/* A key longer than any orchestrator allows is left out, not cut: two keys
 * could become one. */
static void
put_member(struct record *record, const char *key, const char *value)
{
	char cut[VALUE_MAXIMUM + 1];
	size_t length = cut_length(value, VALUE_MAXIMUM);

	if (strnlen(key, KEY_MAXIMUM + 1) > KEY_MAXIMUM)
		return;
	memcpy(cut, value, length);
	cut[length] = '\0';
	json_put_member(&record->json, key, cut);
}

static void
put_time(struct record *record, const char *key, struct instant at)
{
	char text[INSTANT_TEXT_SIZE];

	instant_print_eve(at, text);
	json_put_string(&record->json, key, text);
}

static void
put_address(
    struct record *record, const char *key, const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];

	address_print(address, text);
	json_put_string(&record->json, key, text);
}

/* Counters are 64 bits without sign, JSON integers here with one. */
static void
put_count(struct record *record, const char *key, uint64_t count)
{
	json_put_int(
	    &record->json, key, count > INT64_MAX ? INT64_MAX : (int64_t)count);
}

/* A text that some function writes; absent when it writes nothing. */
static void
put_sentence(struct record *record, const char *key,
    void (*write)(struct text *, const struct record_flow *))
{
	struct text text;

	text_init(&text, PIECE_MAXIMUM);
	write(&text, record->about);
	put_text(record, key, text.at);
	text_release(&text);
}

/* --- common keys ---------------------------------------------------------- */

static void
put_head(struct record *record, const char *event_type)
{
	put_time(record, "timestamp", record->at);
	json_put_string(&record->json, "event_type", event_type);
	put_text(record, "host", record->source->host);
	put_text(record, "in_iface",
	    record_interface(record->source, record->about));
	put_text(record, "pcap_filename", record->source->pcap_filename);
}

static bool
has_ports(uint8_t protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP ||
	       protocol == PROTOCOL_SCTP;
}

/* Upper case as in EVE; a protocol without a name goes by its number. */
static void
put_protocol(struct record *record, uint8_t protocol)
{
	const char *name = protocol_name(protocol);
	const char number[] = {(char)('0' + protocol / 100),
	    (char)('0' + protocol / 10 % 10), (char)('0' + protocol % 10),
	    '\0'};

	json_put_string(&record->json, "proto", name != NULL ? name : number);
}

static void
put_identifiers(struct record *record)
{
	const struct flow *flow = record->about->flow;
	char community_id[COMMUNITY_ID_SIZE];

	/* A packet number says nothing without a file to look it up in. */
	if (record->signature != NULL && record->source->pcap_filename != NULL)
		put_count(record, "pcap_cnt", record->about->packet);
	put_count(record, "flow_id", flow_id(flow));
	flow_community_id(flow, community_id);
	json_put_string(&record->json, "community_id", community_id);
	put_text(record, "domain", record->about->domain);
	if (flow->vlan_count == 0)
		return;
	json_array_open(&record->json, "vlan");
	for (uint8_t i = 0; i < flow->vlan_count; i++)
		json_put_int(&record->json, NULL, flow->vlans[i]);
	json_array_close(&record->json);
}

static void
put_ends(struct record *record)
{
	const struct flow *flow = record->about->flow;
	const struct flow_end *client = flow_client(flow);
	const struct flow_end *server = flow_server(flow);
	bool ports = has_ports(flow->protocol);

	put_address(record, "src_ip", &client->address);
	if (ports)
		json_put_int(&record->json, "src_port", client->port);
	put_address(record, "dest_ip", &server->address);
	if (ports)
		json_put_int(&record->json, "dest_port", server->port);
	put_protocol(record, flow->protocol);
	if (flow->protocol == PROTOCOL_ICMP ||
	    flow->protocol == PROTOCOL_ICMPV6) {
		json_put_int(&record->json, "icmp_type", flow->icmp_type);
		json_put_int(&record->json, "icmp_code", flow->icmp_code);
	}
	json_put_int(
	    &record->json, "ip_v", address_is_ipv4(&client->address) ? 4 : 6);
}

static void
put_application(struct record *record)
{
	const struct record_flow *about = record->about;

	json_put_string(&record->json, "app_proto",
	    application_name(about->appid.application));
	if (about->appid.carrier != APPLICATION_UNKNOWN)
		json_put_string(&record->json, "app_carrier",
		    application_name(about->appid.carrier));
	json_put_string(&record->json, "app_confidence",
	    app_confidence_name(about->appid.confidence));
	json_put_string(&record->json, "direction_confidence",
	    direction_confidence_name(about->flow->direction));
	record_put_doubts(&record->json, about->doubts);
}

static void
put_tunnel(struct record *record)
{
	const struct tunnel *tunnel = &record->about->flow->tunnel;

	if (tunnel->kind == TUNNEL_NONE)
		return;
	json_object_open(&record->json, "tunnel");
	json_put_string(&record->json, "type", tunnel_kind_name(tunnel->kind));
	/* An IP-in-IP tunnel has no number; 0 is one for all the others. */
	if (tunnel->kind != TUNNEL_IPIP)
		json_put_int(&record->json, "vni", tunnel->id);
	put_address(record, "src_ip", &tunnel->source);
	put_address(record, "dest_ip", &tunnel->destination);
	json_object_close(&record->json);
}

/* Whole seconds, as in EVE. */
static int64_t
age_in_seconds(const struct flow *flow)
{
	return flow->last.ns / NS_PER_SECOND - flow->first.ns / NS_PER_SECOND;
}

/* As Zeek's conn.log has them, so that what reads that finds them here. */
static void
put_connection(struct record *record, const struct flow *flow)
{
	char history[FLOW_HISTORY_SIZE];

	flow_history(flow, history);
	put_text(record, "conn_state", flow_connection_state(flow));
	put_text(record, "history", history);
}

/* An alert's flow may go on, so it has no end, age or reason. */
static void
put_flow(struct record *record)
{
	const struct record_flow *about = record->about;
	const struct flow *flow = about->flow;

	json_object_open(&record->json, "flow");
	put_count(record, "pkts_toserver", flow->packets[flow->client]);
	put_count(record, "pkts_toclient", flow->packets[!flow->client]);
	put_count(record, "bytes_toserver", flow->octets[flow->client]);
	put_count(record, "bytes_toclient", flow->octets[!flow->client]);
	put_count(record, "duplicates", flow->duplicates);
	put_time(record, "start", flow->first);
	if (record->signature == NULL) {
		put_time(record, "end", flow->last);
		json_put_int(&record->json, "age", age_in_seconds(flow));
	}
	json_put_string(&record->json, "state", flow_state_name(flow->state));
	put_connection(record, flow);
	if (record->signature == NULL) {
		json_put_string(
		    &record->json, "reason", flow_reason_name(record->reason));
		json_put_bool(&record->json, "alerted",
		    about->judged && about->verdict.kind == VERDICT_DEVIATION);
	}
	json_object_close(&record->json);
}

static void
put_flags(struct record *record, const char *key, unsigned flags)
{
	static const char digits[] = "0123456789abcdef";
	char text[] = {digits[flags >> 4 & 15], digits[flags & 15], '\0'};

	json_put_string(&record->json, key, text);
}

static void
put_tcp(struct record *record)
{
	const struct flow *flow = record->about->flow;
	unsigned to_server = flow->tcp_flags[flow->client];
	unsigned to_client = flow->tcp_flags[!flow->client];

	if (flow->protocol != PROTOCOL_TCP)
		return;
	json_object_open(&record->json, "tcp");
	put_flags(record, "tcp_flags", to_server | to_client);
	put_flags(record, "tcp_flags_ts", to_server);
	put_flags(record, "tcp_flags_tc", to_client);
	json_object_close(&record->json);
}

static void
put_alert(struct record *record)
{
	const struct finding *finding = record->finding;
	const struct signature *signature =
	    finding->catalogued != NULL ? finding->catalogued
					: catalog_deviation(finding->deviation);

	json_object_open(&record->json, "alert");
	/* A tap blocks nothing. */
	json_put_string(&record->json, "action", "allowed");
	json_put_int(&record->json, "gid", signature->gid);
	json_put_int(&record->json, "signature_id", signature->id);
	json_put_int(&record->json, "rev", signature->revision);
	put_text(record, "signature",
	    record->signature != NULL ? record->signature : finding->signature);
	json_put_string(&record->json, "category", signature->category);
	json_put_int(
	    &record->json, "severity", catalog_eve_severity(finding->severity));
	json_object_close(&record->json);
}

/* --- workloads ------------------------------------------------------------ */

static bool
has_model(const struct identity *identity, const struct model *model)
{
	for (size_t i = 0; i < identity->model_count; i++)
		if (identity->models[i] == model)
			return true;
	return false;
}

/* Of several models of one end, the one that decided. */
static const struct model *
model_of(const struct identity *identity, const struct verdict *verdict)
{
	const struct statement *statement = verdict->statement;

	if (identity->model_count == 0)
		return NULL;
	if (verdict->model != NULL && has_model(identity, verdict->model))
		return verdict->model;
	if (statement != NULL && statement->provider != NULL &&
	    has_model(identity, statement->provider))
		return statement->provider;
	if (statement != NULL && statement->needer != NULL &&
	    has_model(identity, statement->needer))
		return statement->needer;
	return identity->models[0];
}

static void
put_labels(struct record *record, const struct labels *labels)
{
	if (labels->count == 0 || record->detail != DETAIL_FULL)
		return;
	json_object_open(&record->json, "labels");
	for (size_t i = 0; i < labels->count && i < LIST_MAXIMUM; i++)
		put_member(record, labels->at[i].key, labels->at[i].value);
	json_object_close(&record->json);
}

/* What the models know of an end whose attribution is certain. */
static void
put_identity(struct record *record, const struct identity *identity)
{
	const struct model *model;

	if (identity == NULL)
		return;
	model = model_of(identity, &record->about->verdict);
	put_text(record, "model", model != NULL ? model->name : NULL);
}

static void
put_segments(struct record *record, const struct identity *identity)
{
	if (identity == NULL || identity->segment_count == 0)
		return;
	json_array_open(&record->json, "segments");
	for (size_t i = 0; i < identity->segment_count && i < LIST_MAXIMUM; i++)
		put_text(record, NULL, identity->segments[i]->name);
	json_array_close(&record->json);
}

static void
put_workload(struct record *record, const struct workload *workload,
    const struct identity *identity)
{
	put_text(record, "cluster", workload->cluster);
	put_text(record, "namespace", workload->namespace);
	put_text(record, "application", workload->application);
	put_text(record, "kind", workload->kind);
	put_text(record, "name", workload->name);
	put_text(record, "node", workload->node);
	if (workload->container_count > 0)
		put_text(record, "image", workload->containers[0].image.name);
	put_identity(record, identity);
	put_labels(record, &workload->labels);
	put_segments(record, identity);
}

/* What there may be although it is not written. */
static void
put_unseen(struct record *record, const struct outside *outside)
{
	if (!outside->names_unseen && !outside->server_name_unseen)
		return;
	json_array_open(&record->json, "unseen");
	if (outside->names_unseen)
		json_put_string(&record->json, NULL, "dns");
	if (outside->server_name_unseen)
		json_put_string(&record->json, NULL, "sni");
	json_array_close(&record->json);
}

/* The name that its peer was answered says more than the one asked for. */
static void
put_outside(struct record *record, const struct outside *outside)
{
	const struct whereabouts *where;

	if (outside == NULL)
		return;
	where = &outside->where;
	put_text(record, "name",
	    outside->name_count > 0 ? outside->names[0] : outside->server_name);
	if (outside->name_count > 0)
		put_text(record, "dns", outside->names[0]);
	put_text(record, "sni", outside->server_name);
	put_unseen(record, outside);
	if (where->country[0] == '\0' && where->asn == 0)
		return;
	json_object_open(&record->json, "geo");
	put_text(record, "country", where->country);
	if (where->asn != 0)
		json_put_int(&record->json, "asn", where->asn);
	put_text(record, "org", where->organisation);
	json_object_close(&record->json);
}

/*
 * identity   as judged; of an ambiguous end or a service it is only one of
 *            those that it may have been, and is not written
 */
static void
put_party(struct record *record, const char *key, const struct party *party,
    const struct identity *identity, const struct outside *outside)
{
	json_object_open(&record->json, key);
	switch (party->attribution) {
	case ATTRIBUTION_EXACT:
		put_workload(record, party->workload, identity);
		break;
	case ATTRIBUTION_AMBIGUOUS:
	case ATTRIBUTION_NODE:
		put_text(record, "name", party->node->name);
		put_text(record, "node", party->node->name);
		break;
	case ATTRIBUTION_SERVICE:
		put_text(record, "namespace", party->service->namespace);
		put_text(record, "name", party->service->name);
		break;
	case ATTRIBUTION_ZONE:
		put_text(record, "name", party->zone->name);
		put_identity(record, identity);
		put_segments(record, identity);
		break;
	case ATTRIBUTION_EXTERNAL:
		put_outside(record, outside);
		break;
	case ATTRIBUTION_UNATTRIBUTED:
	case ATTRIBUTION_STALE:
		break;
	}
	json_put_string(
	    &record->json, "attribution", attribution_name(party->attribution));
	json_object_close(&record->json);
}

/* The service that the client asked for, be the backend known or not. */
static struct service_view
service_of(const struct record_flow *about)
{
	const struct party *server = &about->server;

	if (server->attribution != ATTRIBUTION_SERVICE)
		return about->service;
	return (struct service_view){
	    .service = server->service,
	    .address = server->address,
	    .port = flow_server(about->flow)->port,
	};
}

static void
put_service(struct record *record)
{
	struct service_view view = service_of(record->about);

	if (view.service == NULL)
		return;
	json_object_open(&record->json, "service");
	put_text(record, "name", view.service->name);
	put_text(record, "namespace", view.service->namespace);
	put_address(record, "ip", &view.address);
	if (has_ports(record->about->flow->protocol))
		json_put_int(&record->json, "port", view.port);
	json_object_close(&record->json);
}

static void
put_parties(struct record *record)
{
	const struct record_flow *about = record->about;
	bool judged = about->judged;

	if (record->detail == DETAIL_CORE)
		return;
	put_party(record, "src_workload", &about->client,
	    judged ? about->verdict.client : NULL, about->client_outside);
	put_party(record, "dest_workload", &about->server,
	    judged ? about->verdict.server : NULL, about->server_outside);
	put_service(record);
}

/* --- policy --------------------------------------------------------------- */

/* Whose opinion it was: of an allowance the server's, if it had one. */
static const struct model *
policy_model(const struct verdict *verdict)
{
	if (verdict->model != NULL)
		return verdict->model;
	if (verdict->statement != NULL && verdict->statement->provider != NULL)
		return verdict->statement->provider;
	if (verdict->statement != NULL && verdict->statement->needer != NULL)
		return verdict->statement->needer;
	if (verdict->server != NULL && verdict->server->model_count > 0)
		return verdict->server->models[0];
	return NULL;
}

static void
write_statement(struct text *out, const struct record_flow *about)
{
	if (about->verdict.statement != NULL)
		sentence_statement(out, about->verdict.statement);
}

static void
write_source(struct text *out, const struct record_flow *about)
{
	verdict_source(&about->verdict, out);
}

/* EVE's own severity does not tell critical from high. */
static void
put_severity(struct record *record, const struct verdict *verdict)
{
	if (verdict->kind == VERDICT_DEVIATION)
		json_put_string(&record->json, "severity",
		    severity_name(verdict->severity));
}

static void
put_deviation(struct record *record, const struct verdict *verdict)
{
	if (verdict->kind != VERDICT_DEVIATION)
		return;
	put_sentence(record, "expected", sentence_expected);
	put_sentence(record, "observed", sentence_observed);
	put_severity(record, verdict);
}

static void
put_segment(struct record *record, const struct segment *segment)
{
	if (segment == NULL)
		return;
	put_text(record, "segment", segment->name);
	if (segment->compliance.count == 0)
		return;
	json_array_open(&record->json, "compliance");
	for (size_t i = 0; i < segment->compliance.count && i < LIST_MAXIMUM;
	     i++)
		put_text(record, NULL, segment->compliance.at[i]);
	json_array_close(&record->json);
}

static void
put_tags(struct record *record, const struct model *model)
{
	if (model == NULL || model->tag_count == 0)
		return;
	json_object_open(&record->json, "tags");
	for (size_t i = 0; i < model->tag_count && i < LIST_MAXIMUM; i++)
		put_member(record, model->tags[i].key, model->tags[i].value);
	json_object_close(&record->json);
}

static void
put_policy_detail(struct record *record)
{
	const struct verdict *verdict = &record->about->verdict;
	const struct model *model = policy_model(verdict);

	put_sentence(record, "statement", write_statement);
	put_text(record, "model", model != NULL ? model->name : NULL);
	put_sentence(record, "source", write_source);
	put_deviation(record, verdict);
	put_segment(record, verdict->segment);
	put_tags(record, model);
	if (record->about->metadata_age_ns >= 0)
		json_put_int(&record->json, "metadata_age_ms",
		    record->about->metadata_age_ns / NS_PER_MS);
}

static void
put_policy(struct record *record)
{
	const struct verdict *verdict = &record->about->verdict;

	if (!record->about->judged)
		return;
	json_object_open(&record->json, "policy");
	json_put_string(
	    &record->json, "verdict", verdict_kind_name(verdict->kind));
	json_put_string(
	    &record->json, "deviation", deviation_name(verdict->deviation));
	json_put_bool(&record->json, "attempted", verdict->attempted);
	if (record->detail == DETAIL_CORE)
		put_severity(record, verdict);
	else
		put_policy_detail(record);
	json_object_close(&record->json);
}

/* --- finding -------------------------------------------------------------- */

static void
put_finding_keys(struct record *record)
{
	const struct finding *finding = record->finding;

	json_put_string(&record->json, "uid", finding->uid);
	json_put_string(
	    &record->json, "state", finding_state_name(finding->state));
	put_count(record, "count", finding->count);
	put_time(record, "first_seen", finding->first_seen);
	put_time(record, "last_seen", finding->last_seen);
	json_put_string(
	    &record->json, "storm", storm_kind_name(finding->storm));
}

/* A finding outlives its flows, so their own keys are of the first of them. */
static void
put_first_flow(struct record *record)
{
	const struct finding *finding = record->finding;

	put_count(record, "flow_id", finding->flow_id);
	if (has_ports(finding->protocol))
		json_put_int(&record->json, "dest_port", finding->port);
	put_protocol(record, finding->protocol);
	json_put_string(&record->json, "app_proto", finding->application);
	json_object_open(&record->json, "flow");
	put_time(record, "start", finding->flow_start);
	json_object_close(&record->json);
}

/* --- whole records -------------------------------------------------------- */

static void
write_flow(struct record *record)
{
	put_head(record, "flow");
	put_identifiers(record);
	put_ends(record);
	put_application(record);
	put_tunnel(record);
	put_flow(record);
	put_tcp(record);
	put_parties(record);
	put_policy(record);
}

static void
write_alert(struct record *record)
{
	put_head(record, "alert");
	put_identifiers(record);
	put_ends(record);
	put_application(record);
	put_tunnel(record);
	put_flow(record);
	put_tcp(record);
	put_alert(record);
	if (record->finding->anomaly.detector != NULL)
		record_put_anomaly(&record->json, record->finding);
	put_parties(record);
	if (record->finding->anomaly.detector == NULL)
		put_policy(record);
	json_object_open(&record->json, "finding");
	put_finding_keys(record);
	json_object_close(&record->json);
}

static void
write_finding(struct record *record)
{
	const struct finding *finding = record->finding;

	put_head(record, "finding");
	put_first_flow(record);
	put_alert(record);
	if (finding->anomaly.detector != NULL)
		record_put_anomaly(&record->json, finding);
	else
		record_put_deviation(&record->json, finding);
	json_object_open(&record->json, "finding");
	put_finding_keys(record);
	put_text(record, "client", finding->client);
	put_text(record, "server", finding->server);
	json_object_close(&record->json);
}

/*
 * Written again with less detail when it did not fit: metadata may be as long
 * as its source likes, and an alert must not be lost to it.
 */
static void
write_to(
    struct text *out, struct record *record, void (*write)(struct record *))
{
	size_t start = out->length;

	for (record->detail = DETAIL_FULL;; record->detail++) {
		record->json = json_to(out);
		json_object_open(&record->json, NULL);
		write(record);
		json_object_close(&record->json);
		if (!out->overflow || record->detail == DETAIL_CORE)
			return;
		out->length = start;
		out->at[start] = '\0';
		out->overflow = false;
	}
}

void
record_write_flow(struct text *out, const struct record_source *source,
    const struct record_flow *about, enum flow_reason reason)
{
	struct record record = {
	    .source = source,
	    .about = about,
	    .at = about->flow->last,
	    .reason = reason,
	};

	write_to(out, &record, write_flow);
}

void
record_write_alert(struct text *out, const struct record_source *source,
    const struct record_flow *about, const struct finding *finding,
    const char *signature, struct instant at)
{
	struct record record = {
	    .source = source,
	    .about = about,
	    .finding = finding,
	    .signature = signature,
	    .at = at,
	};

	write_to(out, &record, write_alert);
}

void
record_write_finding(struct text *out, const struct record_source *source,
    const struct finding *finding, struct instant at)
{
	struct record record = {
	    .source = source,
	    .finding = finding,
	    .at = at,
	};

	write_to(out, &record, write_finding);
}
