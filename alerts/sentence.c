#include "alerts/sentence.h"

#include <ctype.h>

#include "classifiers/inventory/workload.h"
#include "models/model_print.h"
#include "models/policy_print.h"
#include "sensor/base/address.h"
#include "sensor/base/text.h"

/*
 * A name may take this much of a sentence: then both ends, the port and the
 * kind always stand in it, and what is cut is the list at its end.
 */
#define NAME_MAXIMUM     ((size_t)128)
#define SENTENCE_MAXIMUM ((size_t)500)
#define PIECE_MAXIMUM    ((size_t)16 * 1024)

/* --- pieces --------------------------------------------------------------- */

/*
 * Adds at most `maximum` octets, never half a UTF-8 character, and no control
 * character: sentences are read on terminals.
 */
static void
add_cut(struct text *out, const char *text, size_t maximum)
{
	size_t length = strlen(text);
	bool cut = length > maximum;

	if (cut) {
		length = maximum - strlen("...");
		while (
		    length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	for (size_t i = 0; i < length; i++)
		text_add_char(
		    out, iscntrl((unsigned char)text[i]) ? '?' : text[i]);
	if (cut)
		text_add(out, "...");
}

static void
add_name(struct text *out, const char *namespace, const char *name)
{
	struct text both;

	text_init(&both, PIECE_MAXIMUM);
	text_add(&both, namespace);
	if (namespace[0] != '\0')
		text_add_char(&both, '/');
	text_add(&both, name);
	add_cut(out, both.at, NAME_MAXIMUM);
	text_release(&both);
}

void
sentence_party(struct text *out, const struct party *party)
{
	char address[ADDRESS_TEXT_SIZE];

	switch (party->attribution) {
	case ATTRIBUTION_EXACT:
		add_name(out, party->workload->namespace,
		    party->workload->application);
		return;
	case ATTRIBUTION_AMBIGUOUS:
	case ATTRIBUTION_NODE:
		add_name(out, "node", party->node->name);
		return;
	case ATTRIBUTION_SERVICE:
		add_name(out, party->service->namespace, party->service->name);
		return;
	case ATTRIBUTION_ZONE:
		add_name(out, "zone", party->zone->name);
		return;
	case ATTRIBUTION_EXTERNAL:
	case ATTRIBUTION_UNATTRIBUTED:
	case ATTRIBUTION_STALE:
		address_print(&party->address, address);
		text_add(out, address);
		return;
	}
}

static bool
has_ports(uint8_t protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP ||
	       protocol == PROTOCOL_SCTP;
}

void
sentence_transport(struct text *out, const struct flow *flow)
{
	const char *name = flow->protocol == PROTOCOL_ICMPV6
			       ? "icmpv6"
			       : protocol_name(flow->protocol);

	if (name == NULL) {
		text_format(out, "protocol %u", flow->protocol);
		return;
	}
	for (; *name != '\0'; name++)
		text_add_char(out, (char)tolower((unsigned char)*name));
	if (has_ports(flow->protocol))
		text_format(out, "/%u", flow_server(flow)->port);
}

/* Only what the payload showed is said to have been spoken. */
static bool
application_is_shown(const struct record_flow *about)
{
	return about->appid.confidence == APP_DPI &&
	       about->appid.application != APPLICATION_UNKNOWN;
}

static void
add_applications(struct text *out, const struct entry *entry)
{
	for (size_t i = 0; i < entry->application_count; i++) {
		text_add(out, i == 0 ? "" : " or ");
		text_add(out, application_name(entry->applications[i]));
	}
}

/* A service's port that leads to a stated one stands there a second time. */
static bool
is_repeated(const struct port_range *ports, size_t index)
{
	const struct port_range *one = &ports[index];

	for (size_t i = 0; i < index; i++)
		if (ports[i].name == NULL && one->name == NULL &&
		    ports[i].protocol == one->protocol &&
		    ports[i].first == one->first && ports[i].last == one->last)
			return true;
	return false;
}

static void
add_ports(struct text *out, const struct port_range *ports, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct ports one = {.at = &ports[i], .count = 1};

		if (is_repeated(ports, i))
			continue;
		text_add(out, i == 0 ? "" : ", ");
		ports_print(out, &one);
	}
}

/* `redis on tcp/6379`; what is left open is left out. */
static void
add_what(struct text *out, const struct entry *entry,
    const struct port_range *ports, size_t port_count)
{
	if (entry != NULL && entry->application_count > 0)
		add_applications(out, entry);
	else
		text_add(out, "anything");
	if (port_count == 0)
		return;
	text_add(out, " on ");
	add_ports(out, ports, port_count);
}

/* --- peers in words ------------------------------------------------------- */

static size_t
key_count(const struct peer *peer)
{
	return (size_t)peer->any + peer->node + (peer->applications.count > 0) +
	       (peer->models.count > 0) + (peer->roles.count > 0) +
	       (peer->namespaces.count > 0) + (peer->segments.count > 0) +
	       (peer->zones.count > 0) + (peer->labels.count > 0) +
	       peer->same_count + (peer->external != NULL);
}

/* The namespace that applications of this peer are in, "" if not said. */
static const char *
namespace_of(const struct peer *peer, const struct identity *self)
{
	if (peer->namespaces.count == 1)
		return peer->namespaces.at[0];
	if (peer->same_count == 1 && peer->sames[0].kind == SAME_NAMESPACE &&
	    self != NULL)
		return identity_namespace(self);
	return "";
}

static void
add_words(struct text *out, const struct words *words, const char *namespace)
{
	for (size_t i = 0; i < words->count; i++) {
		text_add(out, i == 0 ? "" : ", ");
		/* `namespace/name` in a model names its namespace itself. */
		add_name(out,
		    strchr(words->at[i], '/') == NULL ? namespace : "",
		    words->at[i]);
	}
}

static bool
is_same_application(const struct peer *peer)
{
	return peer->same_count == 1 && peer->sames[0].kind == SAME_APPLICATION;
}

static bool
is_any_outside(const struct external *external)
{
	return external != NULL && external->prefix_count == 0 &&
	       external->dns.count == 0 && external->sni.count == 0 &&
	       external->countries.count == 0 && external->asn_count == 0;
}

/* `application of the same namespace`: the library's usual peer. */
static void
add_role_peer(struct text *out, const struct peer *peer)
{
	for (size_t i = 0; i < peer->roles.count; i++)
		text_format(
		    out, "%s%s", i == 0 ? "" : " or ", peer->roles.at[i]);
	for (size_t i = 0; i < peer->same_count; i++)
		text_format(out, "%s%s", i == 0 ? " of the same " : ", ",
		    peer->sames[i].kind == SAME_LABEL
			? peer->sames[i].label
			: same_kind_name(peer->sames[i].kind));
}

/* A name where the peer comes down to one, else the model's own words. */
static void
add_peer(struct text *out, const struct peer *peer, const struct identity *self)
{
	const char *namespace = namespace_of(peer, self);
	size_t keys = key_count(peer);

	if (peer->applications.count > 0 &&
	    keys == 1 + (size_t)(namespace[0] != '\0'))
		add_words(out, &peer->applications, namespace);
	else if (peer->roles.count > 0 && keys == 1 + peer->same_count)
		add_role_peer(out, peer);
	else if (keys == 1 && peer->any)
		text_add(out, "anybody");
	else if (keys == 1 && peer->node)
		text_add(out, "nodes");
	else if (keys == 1 && peer->zones.count > 0)
		add_words(out, &peer->zones, "zone");
	else if (keys == 1 && is_any_outside(peer->external))
		text_add(out, "outside addresses");
	else if (keys == 1 && is_same_application(peer) && self != NULL)
		add_name(out, "", self->name);
	else
		peer_print(out, peer);
}

static bool
peers_are_anybody(const struct peers *peers)
{
	if (!peers->given)
		return true;
	for (size_t i = 0; i < peers->count; i++)
		if (peers->at[i].any)
			return true;
	return false;
}

/* After a peer that is a list itself, a comma alone would run on. */
static const char *
separator(const struct peer *peer)
{
	return peer->roles.count > 0 && peer->same_count > 0 ? ", or " : ", ";
}

static void
add_peers(
    struct text *out, const struct peers *peers, const struct identity *self)
{
	if (peers_are_anybody(peers)) {
		text_add(out, "anybody");
		return;
	}
	if (peers->count == 0)
		text_add(out, "nobody");
	for (size_t i = 0; i < peers->count; i++) {
		text_add(out, i == 0 ? "" : separator(&peers->at[i]));
		add_peer(out, &peers->at[i], self);
	}
}

static const struct identity *
boundary_self(const struct verdict *verdict)
{
	return verdict->boundary->inward ? verdict->server : verdict->client;
}

/* --- expected and observed ------------------------------------------------ */

void
sentence_statement(struct text *out, const struct statement *statement)
{
	text_add(out, "allow  ");
	statement_print(out, statement);
}

/*
 * The side whose applications bind: the client's where all of them are among
 * what the server provides (it needs grpc of what serves http), else the
 * server's.
 */
static const struct entry *
binding_entry(const struct statement *statement)
{
	const struct entry *provides = statement->provides;
	const struct entry *needs = statement->needs;

	if (provides == NULL || provides->application_count == 0)
		return needs;
	if (needs == NULL || needs->application_count == 0)
		return provides;
	for (size_t i = 0; i < needs->application_count; i++) {
		struct appid one = {
		    .application = needs->applications[i],
		    .confidence = APP_DPI,
		};

		if (entry_app_fits(provides, &one) != APP_MATCH)
			return provides;
	}
	return needs;
}

static void
expected_of_statement(struct text *out, const struct statement *statement)
{
	add_what(out, binding_entry(statement), statement->ports,
	    statement->port_count);
	text_add(out, " from ");
	add_name(out, "", statement->client->name);
}

static void
expected_of_entry(struct text *out, const struct verdict *verdict)
{
	const struct entry *entry = verdict->entry;
	const struct identity *self =
	    verdict->entry_provides ? verdict->server : verdict->client;

	if (entry == NULL) {
		text_add(out, "nothing");
		return;
	}
	add_what(out, entry, entry->ports.at, entry->ports.count);
	text_add(out, verdict->entry_provides ? " from " : " to ");
	add_peers(out, &entry->peers, self);
}

static void
expected_of_boundary(struct text *out, const struct verdict *verdict)
{
	text_add(
	    out, verdict->boundary->inward ? "nothing from " : "nothing to ");
	add_peers(out, &verdict->boundary->peers, boundary_self(verdict));
}

static void
write_expected(struct text *out, const struct record_flow *about)
{
	const struct verdict *verdict = &about->verdict;

	if (verdict->boundary != NULL)
		expected_of_boundary(out, verdict);
	else if (verdict->statement != NULL)
		expected_of_statement(out, verdict->statement);
	else
		expected_of_entry(out, verdict);
}

static void
write_observed(struct text *out, const struct record_flow *about)
{
	if (about->verdict.attempted)
		text_add(out, "attempt on ");
	else if (application_is_shown(about))
		text_format(
		    out, "%s on ", application_name(about->appid.application));
	sentence_transport(out, about->flow);
	text_add(out, " from ");
	sentence_party(out, &about->client);
}

/* --- the sentence --------------------------------------------------------- */

static void
add_deed(struct text *out, const struct record_flow *about)
{
	sentence_party(out, &about->client);
	if (about->verdict.attempted) {
		text_add(out, " tried to reach ");
	} else if (application_is_shown(about)) {
		text_format(out, " spoke %s to ",
		    application_name(about->appid.application));
	} else {
		text_add(out,
		    has_ports(about->flow->protocol) ? " opened " : " sent ");
		sentence_transport(out, about->flow);
		text_add(out, " to ");
		sentence_party(out, &about->server);
		return;
	}
	sentence_party(out, &about->server);
	if (!has_ports(about->flow->protocol) && !about->verdict.attempted)
		return;
	text_add(out, has_ports(about->flow->protocol) ? " on " : " with ");
	sentence_transport(out, about->flow);
}

/* Whether the nearest entry speaks of something else altogether. */
static bool
misses_everything(const struct record_flow *about)
{
	const struct entry *entry = about->verdict.entry;
	bool says_app = entry->application_count > 0;
	bool says_port = entry->ports.count > 0;
	bool app = says_app && application_is_shown(about) &&
		   entry_app_fits(entry, &about->appid) != APP_CONTRADICT;
	bool port = says_port &&
		    entry_port_fits(entry, about->verdict.server,
			about->flow->protocol, flow_server(about->flow)->port);

	return (says_app || says_port) && !app && !port;
}

/* Whether the entry differs from the flow in its peer and nothing else. */
static bool
misses_only_peer(const struct record_flow *about)
{
	const struct verdict *verdict = &about->verdict;
	const struct entry *entry = verdict->entry;

	return !peers_are_anybody(&entry->peers) &&
	       entry_app_fits(entry, &about->appid) != APP_CONTRADICT &&
	       entry_port_fits(entry, verdict->server, about->flow->protocol,
		   flow_server(about->flow)->port);
}

static void
say_who_may(struct text *out, const struct record_flow *about)
{
	const struct verdict *verdict = &about->verdict;

	if (verdict->entry == NULL) {
		text_add(out, verdict->entry_provides ? "nobody may"
						      : "it may reach nothing");
	} else if (misses_everything(about)) {
		text_add(out, verdict->entry_provides
				  ? "it provides nothing there"
				  : "it needs nothing of the kind");
	} else if (!misses_only_peer(about)) {
		text_add(out, "expected ");
		expected_of_entry(out, verdict);
	} else if (verdict->entry_provides) {
		text_add(out, "only ");
		add_peers(out, &verdict->entry->peers, verdict->server);
		text_add(out, " may");
	} else {
		text_add(out, "it may only reach ");
		add_peers(out, &verdict->entry->peers, verdict->client);
	}
}

static void
say_which_port(struct text *out, const struct record_flow *about)
{
	const struct statement *statement = about->verdict.statement;

	text_add(out, "expected ");
	if (statement_app_fits(statement, &about->appid) == APP_CONTRADICT)
		add_what(out, binding_entry(statement), statement->ports,
		    statement->port_count);
	else {
		text_add(out, "on ");
		add_ports(out, statement->ports, statement->port_count);
	}
}

static void
say_which_segment(struct text *out, const struct verdict *verdict)
{
	text_add(out, "segment ");
	add_name(out, "", verdict->segment->name);
	text_add(out,
	    verdict->boundary->inward ? " keeps " : " keeps its own from ");
	add_peers(out, &verdict->boundary->peers, boundary_self(verdict));
	text_add(out, verdict->boundary->inward ? " out" : "");
}

static void
add_advice(struct text *out, const struct record_flow *about)
{
	switch (about->verdict.deviation) {
	case DEVIATION_NONE:
		return;
	case DEVIATION_SEGMENT:
		say_which_segment(out, &about->verdict);
		return;
	case DEVIATION_APPLICATION:
		text_add(out, "expected ");
		add_what(out, binding_entry(about->verdict.statement), NULL, 0);
		return;
	case DEVIATION_PORT:
		say_which_port(out, about);
		return;
	case DEVIATION_DIRECTION:
		text_add(out, "the other way round is expected");
		return;
	case DEVIATION_EXTERNAL:
	case DEVIATION_RELATIONSHIP:
		say_who_may(out, about);
		return;
	}
}

static void
write_sentence(struct text *out, const struct record_flow *about)
{
	add_deed(out, about);
	text_add(out, "; ");
	add_advice(out, about);
}

/* Lists in models have no end of their own, so every text gets one here. */
static void
bounded(struct text *out, const struct record_flow *about,
    void (*write)(struct text *, const struct record_flow *))
{
	struct text whole;

	text_init(&whole, PIECE_MAXIMUM);
	write(&whole, about);
	add_cut(out, whole.at, SENTENCE_MAXIMUM);
	text_release(&whole);
}

void
sentence_deviation(struct text *out, const struct record_flow *about)
{
	bounded(out, about, write_sentence);
}

void
sentence_expected(struct text *out, const struct record_flow *about)
{
	bounded(out, about, write_expected);
}

void
sentence_observed(struct text *out, const struct record_flow *about)
{
	bounded(out, about, write_observed);
}
