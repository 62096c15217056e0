/*
 * LEEF 2.0 as of IBM's "LEEF event components" and "Predefined LEEF event
 * attributes" (QRadar DSM guide).  There is no escape: what would be a
 * delimiter in a value is replaced.
 */
#include "alerts/format_parts.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"

#define LEEF_VALUE ((size_t)1024)

static const struct escapes unescaped = {"", false};

static void
put(struct text *out, const char *key, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	text_add_char(out, '\t');
	text_add(out, key);
	text_add_char(out, '=');
	format_value(out, value, LEEF_VALUE, &unescaped);
}

static void
put_number(struct text *out, const char *key, int64_t number)
{
	if (number < 0)
		return;
	text_add_char(out, '\t');
	text_add(out, key);
	text_add_char(out, '=');
	text_add_int(out, number);
}

static void
put_party(struct text *out, const char *key, const struct view_end *end)
{
	struct text party;

	text_init(&party, FORMAT_MAXIMUM);
	record_view_party(&party, end);
	put(out, key, party.at);
	text_release(&party);
}

static void
put_ends(struct text *out, const struct record_view *view)
{
	const struct view_end *client = &view->client;
	const struct view_end *server = &view->server;

	put(out, "proto", view->protocol);
	put(out, "src", client->ip);
	put_number(out, "srcPort", client->port);
	put(out, "dst", server->ip);
	put_number(out, "dstPort", server->port);
	put(out, "dstPreNAT", json_get_text(view->service, "ip"));
	put_number(
	    out, "dstPreNATPort", json_get_integer(view->service, "port", -1));
	put_number(out, "srcBytes", client->octets);
	put_number(out, "dstBytes", server->octets);
	put_number(out, "srcPackets", client->packets);
	put_number(out, "dstPackets", server->packets);
	put_number(out, "icmpType", view->icmp_type);
	put_party(out, "srcWorkload", client);
	put_party(out, "dstWorkload", server);
	put(out, "srcName", client->name);
	put(out, "dstName", server->name);
}

static void
put_policy(struct text *out, const struct record_view *view)
{
	put(out, "policy", view->model);
	put(out, "policySource", view->source);
	put(out, "category", view->category);
	put(out, "action", view->action);
	put(out, "verdict", view->verdict);
	put(out, "deviation", view->deviation);
	if (view->detector == NULL)
		put(out, "attempted", view->attempted ? "true" : "false");
	put(out, "expected", view->expected);
	put(out, "observed", view->observed);
	put(out, "findingId", view->uid);
	put_number(out, "count", view->count);
	put_number(out, "firstSeen", record_view_ms(view->first_seen));
	put_number(out, "lastSeen", record_view_ms(view->last_seen));
}

static void
put_detection(struct text *out, const struct record_view *view)
{
	struct text text;

	if (view->detector == NULL)
		return;
	text_init(&text, FORMAT_MAXIMUM);
	format_technique(&text, view);
	put(out, "attackTechnique", text.at);
	put(out, "attackTactic", view->tactic);
	put(out, "detector", view->detector);
	put_number(out, "confidence", view->percent);
	put(out, "subject", view->subject);
	put(out, "object", view->object);
	put(out, "about", view->about);
	text_clear(&text);
	if (json_is_object(view->evidence))
		format_json(&text, view->evidence);
	put(out, "evidence", text.at);
	put(out, "silentIf", view->silent_if);
	text_release(&text);
}

static void
put_flow(struct text *out, const struct record_view *view)
{
	if (record_view_application_shown(view))
		put(out, "appProto", view->application);
	put(out, "communityId", view->community_id);
	put(out, "networkDomain", view->domain);
	put_number(out, "flowId", view->flow_id);
	put(out, "sensor", view->host);
	put(out, "interface", view->interface);
	put(out, "pcapFile", view->pcap_filename);
	put_number(out, "pcapPacket", view->packet);
}

/*
 * QRadar chooses an event's meaning by the EventID and `cat`: the first sight
 * of a finding, its going on and its end are three meanings of one signature.
 * devTime in milliseconds needs no devTimeFormat.
 */
void
format_leef(struct text *out, const struct record_view *view)
{
	char signature[SIGNATURE_TEXT_SIZE];

	format_signature(view, signature);
	text_format(out, "LEEF:2.0|" PRODUCT "|" PRODUCT "|%s|%s|x09|",
	    HEDGEROW_VERSION, signature);
	text_format(out, "devTime=%lld", (long long)record_view_ms(view->at));
	put(out, "cat", view->finding_state);
	put_number(out, "sev", format_severity(view).line);
	put(out, "name", format_title(view));
	put_ends(out, view);
	put_policy(out, view);
	put_detection(out, view);
	put_flow(out, view);
	put(out, "msg", view->sentence);
}
