#include "alerts/record_read.h"

#include <ctype.h>
#include <strings.h>

#include "classifiers/outside.h"
#include "sensor/base/json_read.h"

#define PORT_MAXIMUM     65535
#define PROTOCOL_MAXIMUM 255

/* One record being read; the first fault stays. */
struct reading {
	const struct json *record;
	struct flow *flow;
	struct record_fault *fault;
	bool wrong;
};

static void
refuse(struct reading *reading, const char *key, const char *message)
{
	if (!reading->wrong)
		*reading->fault = (struct record_fault){key, message};
	reading->wrong = true;
}

/* --- time ----------------------------------------------------------------- */

/* EVE writes the zone as +0000, RFC 3339 as +00:00. */
static bool
read_time(const char *text, struct instant *out)
{
	char copy[INSTANT_TEXT_SIZE + 1];
	size_t length = strnlen(text, INSTANT_TEXT_SIZE);

	if (instant_parse(text, out))
		return true;
	if (length < 5 || length >= INSTANT_TEXT_SIZE ||
	    (text[length - 5] != '+' && text[length - 5] != '-'))
		return false;
	memcpy(copy, text, length - 2);
	copy[length - 2] = ':';
	memcpy(copy + length - 1, text + length - 2, 3);
	return instant_parse(copy, out);
}

static void
read_times(struct reading *reading)
{
	const struct json *details = json_get(reading->record, "flow");
	const char *start = json_get_text(details, "start");
	const char *said = json_get_text(reading->record, "timestamp");
	const char *end = json_get_text(details, "end");
	const char *key = "flow.start";

	if (start == NULL) {
		start = json_get_text(reading->record, "time");
		key = "time";
	}
	if (start == NULL) {
		start = said;
		key = "timestamp";
	}
	if (start == NULL)
		refuse(reading, "time", "is not there");
	else if (!read_time(start, &reading->flow->first))
		refuse(reading, key,
		    "is no time; write it as 2026-11-21T06:28:00Z");
	reading->flow->last = reading->flow->first;
	if (end != NULL)
		(void)read_time(end, &reading->flow->last);
}

/* --- ends ----------------------------------------------------------------- */

static void
read_address(struct reading *reading, const char *key, struct address *out)
{
	const char *text = json_get_text(reading->record, key);

	if (text == NULL)
		refuse(reading, key, "is not there");
	else if (!address_parse(text, out))
		refuse(reading, key, "is no address");
}

static bool
has_ports(uint8_t protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP ||
	       protocol == PROTOCOL_SCTP;
}

static uint16_t
read_port(struct reading *reading, const char *key, int64_t otherwise)
{
	int64_t port;

	if (!has_ports(reading->flow->protocol))
		return 0;
	port = json_get_integer(reading->record, key, otherwise);
	if (json_get(reading->record, key) != NULL &&
	    json_get_integer(reading->record, key, -1) < 0)
		port = -1;
	if (port < 0 || port > PORT_MAXIMUM) {
		refuse(reading, key, "is no port from 0 to 65535");
		return 0;
	}
	return (uint16_t)port;
}

/* A name of EVE's, in any case, or the three digits of one without a name. */
static void
read_protocol(struct reading *reading)
{
	const char *text = json_get_text(reading->record, "proto");
	unsigned number = 0;

	if (text == NULL) {
		refuse(reading, "proto", "is not there");
		return;
	}
	if (strcasecmp(text, "icmpv6") == 0)
		text = "IPv6-ICMP";
	for (unsigned i = 0; i <= PROTOCOL_MAXIMUM; i++) {
		const char *name = protocol_name((uint8_t)i);

		if (name == NULL || strcasecmp(text, name) != 0)
			continue;
		reading->flow->protocol = (uint8_t)i;
		return;
	}
	for (size_t i = 0; i < 3 && isdigit((unsigned char)text[i]); i++)
		number = number * 10 + (unsigned)(text[i] - '0');
	if (strspn(text, "0123456789") != 3 || text[3] != '\0' ||
	    number > PROTOCOL_MAXIMUM)
		refuse(reading, "proto", "is no protocol, such as tcp or udp");
	reading->flow->protocol = (uint8_t)number;
}

static void
read_ends(struct reading *reading)
{
	struct flow *flow = reading->flow;
	int64_t otherwise;

	read_protocol(reading);
	/* A server's port is what models speak of, a client's is not. */
	otherwise = has_ports(flow->protocol) ? -1 : 0;
	read_address(reading, "src_ip", &flow->ends[0].address);
	read_address(reading, "dest_ip", &flow->ends[1].address);
	flow->ends[0].port = read_port(reading, "src_port", 0);
	flow->ends[1].port = read_port(reading, "dest_port", otherwise);
	flow->icmp_type =
	    (uint8_t)json_get_integer(reading->record, "icmp_type", 0);
	flow->icmp_code =
	    (uint8_t)json_get_integer(reading->record, "icmp_code", 0);
}

/* --- evidence ------------------------------------------------------------- */

static enum application
read_application(struct reading *reading, const char *key)
{
	const char *name = json_get_text(reading->record, key);
	enum application found;

	if (name == NULL ||
	    strcmp(name, application_name(APPLICATION_UNKNOWN)) == 0)
		return APPLICATION_UNKNOWN;
	if (strcmp(name, application_name(APPLICATION_OTHER)) == 0)
		return APPLICATION_OTHER;
	found = application_find(name);
	if (found == APPLICATION_UNKNOWN)
		refuse(reading, key, "is no application that hedgerow knows");
	return found;
}

static void
read_appid(struct reading *reading, struct appid *appid)
{
	const char *name = json_get_text(reading->record, "app_confidence");

	appid->application = read_application(reading, "app_proto");
	appid->carrier = read_application(reading, "app_carrier");
	appid->confidence =
	    appid->application == APPLICATION_UNKNOWN ? APP_NONE : APP_DPI;
	if (name == NULL)
		return;
	for (int i = APP_NONE; i <= APP_DPI; i++)
		if (strcmp(name, app_confidence_name((enum app_confidence)i)) ==
		    0) {
			appid->confidence = (enum app_confidence)i;
			return;
		}
	refuse(reading, "app_confidence", "is not dpi, partial, port or none");
}

static void
read_direction(struct reading *reading)
{
	const char *name =
	    json_get_text(reading->record, "direction_confidence");
	const char *history =
	    json_get_text(json_get(reading->record, "flow"), "history");
	struct flow *flow = reading->flow;

	/* `^`: the first packet seen was the server's. */
	flow->opener =
	    history != NULL && *history == '^' ? !flow->client : flow->client;
	flow->direction = DIRECTION_HANDSHAKE;
	if (name == NULL)
		return;
	for (int i = DIRECTION_HEURISTIC; i <= DIRECTION_HANDSHAKE; i++) {
		if (strcmp(name, direction_confidence_name(
				     (enum direction_confidence)i)) != 0)
			continue;
		flow->direction = (enum direction_confidence)i;
		/* TCP whose SYN was seen is sure of its direction. */
		flow->midstream =
		    flow->protocol == PROTOCOL_TCP && i == DIRECTION_HEURISTIC;
		return;
	}
	refuse(reading, "direction_confidence",
	    "is not handshake, metadata or heuristic");
}

/* Who asks is told by who sends: without counts both ends are held to. */
static void
read_packets(struct reading *reading)
{
	const struct json *counts = json_get(reading->record, "flow");
	struct flow *flow = reading->flow;
	int64_t asked = json_get_integer(counts, "pkts_toserver", 1);
	int64_t answered = json_get_integer(counts, "pkts_toclient", 1);

	flow->packets[flow->client] = asked < 0 ? 0 : (uint64_t)asked;
	flow->packets[!flow->client] = answered < 0 ? 0 : (uint64_t)answered;
}

/* --- outside ends --------------------------------------------------------- */

static bool
has_word(const struct json *list, const char *word)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const char *one = json_text(json_at(list, i));

		if (one != NULL && strcmp(one, word) == 0)
			return true;
	}
	return false;
}

static void
read_geography(const struct json *geo, struct whereabouts *out)
{
	const char *country = json_get_text(geo, "country");
	int64_t asn = json_get_integer(geo, "asn", 0);

	if (country != NULL && strlen(country) < sizeof(out->country))
		memcpy(out->country, country, strlen(country) + 1);
	if (asn > 0 && asn <= UINT32_MAX)
		out->asn = (uint32_t)asn;
}

void
record_read_outside(const struct json *record, bool client, struct outside *out)
{
	const struct json *party =
	    json_get(record, client ? "src_workload" : "dest_workload");
	const struct json *unseen = json_get(party, "unseen");
	const char *name = json_get_text(party, "dns");

	*out = (struct outside){.server_name = json_get_text(party, "sni")};
	if (name != NULL)
		out->names[out->name_count++] = name;
	/* A record of ours says what was not seen, any other says nothing. */
	out->names_unseen =
	    party != NULL ? has_word(unseen, "dns") : name == NULL;
	out->server_name_unseen =
	    party != NULL ? has_word(unseen, "sni") : out->server_name == NULL;
	read_geography(json_get(party, "geo"), &out->where);
}

enum record_kind
record_read(const struct json *record, struct flow *flow, struct appid *appid,
    struct record_fault *fault)
{
	struct reading reading = {
	    .record = record, .flow = flow, .fault = fault};
	const char *type = json_get_text(record, "event_type");

	*flow = (struct flow){.client = 0};
	*appid = (struct appid){.confidence = APP_NONE};
	if (!json_is_object(record)) {
		*fault = (struct record_fault){"the line", "is no JSON object"};
		return RECORD_WRONG;
	}
	if (type != NULL && strcmp(type, "flow") != 0 &&
	    strcmp(type, "alert") != 0)
		return RECORD_ELSE;
	read_ends(&reading);
	read_times(&reading);
	read_appid(&reading, appid);
	read_direction(&reading);
	read_packets(&reading);
	flow->answered =
	    !json_is_true(json_get(json_get(record, "policy"), "attempted"));
	if (reading.wrong)
		return RECORD_WRONG;
	return type != NULL && strcmp(type, "alert") == 0 ? RECORD_ALERT
							  : RECORD_FLOW;
}
