#include "models/model_print.h"

#include <ctype.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "sensor/base/text.h"

/* --- scalars -------------------------------------------------------------- */

/*
 * Words that some YAML reader takes for something else than a text (YAML 1.1,
 * "bool" and "null" types); numbers begin with a digit and are quoted anyway.
 */
static bool
is_reserved(const char *word)
{
	static const char *const reserved[] = {
	    "null", "true", "false", "yes", "no", "on", "off", "y", "n"};
	size_t count = sizeof(reserved) / sizeof(reserved[0]);

	for (size_t i = 0; i < count; i++)
		if (strcasecmp(word, reserved[i]) == 0)
			return true;
	return false;
}

/* Whether the word may stand without quotes, in flow form as well. */
static bool
is_plain(const char *word)
{
	size_t length = strlen(word);

	if (!isalpha((unsigned char)word[0]) || word[length - 1] == ' ' ||
	    is_reserved(word))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)word[i]) &&
		    strchr("._-/ ", word[i]) == NULL)
			return false;
	return true;
}

/* The code point at `*at`, which is valid UTF-8 as YAML texts are. */
static uint32_t
code_point(const char **at)
{
	const unsigned char *c = (const unsigned char *)*at;
	uint32_t value = c[0];
	int more = c[0] >= 0xf0 ? 3 : c[0] >= 0xe0 ? 2 : c[0] >= 0xc0 ? 1 : 0;

	if (more > 0)
		value &= 0x3fU >> more;
	for (int i = 1; i <= more && c[i] != '\0'; i++) {
		value = value << 6 | (c[i] & 0x3fU);
		(*at)++;
	}
	(*at)++;
	return value;
}

/*
 * What may stand in quotes as it is: the printable characters (YAML 1.1, 4.1)
 * without its line breaks, which would be folded, and the byte order mark.
 */
static bool
is_printable(uint32_t c)
{
	if (c == 0x2028 || c == 0x2029 || c == 0xfeff)
		return false;
	return (c >= 0x20 && c <= 0x7e) || (c >= 0xa0 && c <= 0xd7ff) ||
	       (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

static void
scalar_quoted(struct text *out, const char *word)
{
	text_add_char(out, '"');
	while (*word != '\0') {
		const char *start = word;
		uint32_t c = code_point(&word);

		if (c == '"' || c == '\\')
			text_format(out, "\\%c", (char)c);
		else if (c == '\n')
			text_add(out, "\\n");
		else if (is_printable(c))
			text_add_n(out, start, (size_t)(word - start));
		else if (c <= 0xff)
			text_format(out, "\\x%02X", c);
		else
			text_format(out, "\\u%04X", c);
	}
	text_add_char(out, '"');
}

static void
scalar_print(struct text *out, const char *word)
{
	if (is_plain(word))
		text_add(out, word);
	else
		scalar_quoted(out, word);
}

/* One word alone, more as a list. */
static void
words_print(struct text *out, const struct words *words)
{
	if (words->count == 1) {
		scalar_print(out, words->at[0]);
		return;
	}
	text_add_char(out, '[');
	for (size_t i = 0; i < words->count; i++) {
		text_add(out, i == 0 ? "" : ", ");
		scalar_print(out, words->at[i]);
	}
	text_add_char(out, ']');
}

/* --- mappings in flow form ------------------------------------------------ */

struct flow_form {
	struct text *out;
	bool comma;
};

static struct flow_form
flow_open(struct text *out)
{
	text_add_char(out, '{');
	return (struct flow_form){.out = out};
}

static void
flow_key(struct flow_form *form, const char *key)
{
	text_add(form->out, form->comma ? ", " : "");
	scalar_print(form->out, key);
	text_add(form->out, ": ");
	form->comma = true;
}

static void
flow_words(struct flow_form *form, const char *key, const struct words *words)
{
	if (words->count == 0)
		return;
	flow_key(form, key);
	words_print(form->out, words);
}

/* `"!key": `, which asks for a label's absence. */
static void
flow_key_without(struct flow_form *form, const char *key)
{
	struct text both;

	text_init(&both, strlen(key) + 1);
	text_format(&both, "!%s", key);
	flow_key(form, both.at);
	text_release(&both);
}

static void
flow_labels(struct flow_form *form, const struct label_tests *tests)
{
	struct flow_form labels;

	if (tests->count == 0)
		return;
	flow_key(form, "labels");
	labels = flow_open(form->out);
	for (size_t i = 0; i < tests->count; i++) {
		const struct label_test *test = &tests->at[i];

		switch (test->test) {
		case LABEL_ONE_OF:
			flow_words(&labels, test->key, &test->values);
			break;
		case LABEL_PRESENT:
			flow_key(&labels, test->key);
			text_add(form->out, "\"*\"");
			break;
		case LABEL_ABSENT:
			flow_key_without(&labels, test->key);
			text_add(form->out, "true");
			break;
		}
	}
	text_add_char(form->out, '}');
}

static void
same_print(struct text *out, const struct same *same)
{
	struct text both;

	if (same->kind != SAME_LABEL || is_plain(same->label)) {
		text_add(out, same_kind_name(same->kind));
		if (same->kind == SAME_LABEL)
			text_format(out, ":%s", same->label);
		return;
	}
	text_init(&both, strlen(same->label) + strlen("label:"));
	text_format(&both, "label:%s", same->label);
	scalar_print(out, both.at);
	text_release(&both);
}

static void
flow_sames(struct flow_form *form, const struct peer *peer)
{
	if (peer->same_count == 0)
		return;
	flow_key(form, "same");
	if (peer->same_count > 1)
		text_add_char(form->out, '[');
	for (size_t i = 0; i < peer->same_count; i++) {
		text_add(form->out, i == 0 ? "" : ", ");
		same_print(form->out, &peer->sames[i]);
	}
	if (peer->same_count > 1)
		text_add_char(form->out, ']');
}

static void
flow_true(struct flow_form *form, const char *key, bool value)
{
	if (!value)
		return;
	flow_key(form, key);
	text_add(form->out, "true");
}

static void
flow_external(struct flow_form *form, const struct external *external)
{
	struct text *out = form->out;
	struct flow_form inner;

	flow_key(form, "external");
	inner = flow_open(out);
	for (size_t i = 0; i < external->prefix_count; i++) {
		char prefix[ADDRESS_TEXT_SIZE];

		if (i == 0) {
			flow_key(&inner, "cidr");
			text_add_char(out, '[');
		}
		prefix_print(&external->prefixes[i], prefix);
		text_format(out, "%s\"%s\"", i == 0 ? "" : ", ", prefix);
	}
	text_add(out, external->prefix_count > 0 ? "]" : "");
	flow_words(&inner, "dns", &external->dns);
	flow_words(&inner, "sni", &external->sni);
	flow_words(&inner, "country", &external->countries);
	for (size_t i = 0; i < external->asn_count; i++) {
		if (i == 0) {
			flow_key(&inner, "asn");
			text_add_char(out, '[');
		}
		text_format(out, "%s%u", i == 0 ? "" : ", ", external->asns[i]);
	}
	text_add(out, external->asn_count > 0 ? "]}" : "}");
}

/* --- parts of entries ----------------------------------------------------- */

void
peer_print(struct text *out, const struct peer *peer)
{
	struct flow_form form = flow_open(out);

	flow_true(&form, "any", peer->any);
	flow_true(&form, "node", peer->node);
	flow_words(&form, "application", &peer->applications);
	flow_words(&form, "model", &peer->models);
	flow_words(&form, "role", &peer->roles);
	flow_words(&form, "namespace", &peer->namespaces);
	flow_words(&form, "segment", &peer->segments);
	flow_words(&form, "zone", &peer->zones);
	flow_labels(&form, &peer->labels);
	flow_sames(&form, peer);
	if (peer->external != NULL)
		flow_external(&form, peer->external);
	text_add_char(out, '}');
}

void
peers_print(struct text *out, const struct peers *peers)
{
	if (!peers->given) {
		text_add(out, "{any: true}");
		return;
	}
	if (peers->count == 1) {
		peer_print(out, &peers->at[0]);
		return;
	}
	text_add_char(out, '[');
	for (size_t i = 0; i < peers->count; i++) {
		text_add(out, i == 0 ? "" : ", ");
		peer_print(out, &peers->at[i]);
	}
	text_add_char(out, ']');
}

static const char *
protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmpv6";
	default:
		return "any";
	}
}

static void
port_print(struct text *out, const struct port_range *port)
{
	if (port->name != NULL) {
		scalar_print(out, port->name);
		return;
	}
	if (port->protocol != 0)
		text_add(out, protocol_name(port->protocol));
	if (port->protocol == IPPROTO_ICMP || port->protocol == IPPROTO_ICMPV6)
		return;
	text_format(out, "%s%u", port->protocol != 0 ? "/" : "", port->first);
	if (port->last != port->first)
		text_format(out, "-%u", port->last);
}

/* `icmp` stands for both versions of it, which were read as a pair. */
static bool
is_second_icmp(const struct ports *ports, size_t index)
{
	return index > 0 && ports->at[index].protocol == IPPROTO_ICMPV6 &&
	       ports->at[index - 1].protocol == IPPROTO_ICMP;
}

void
ports_print(struct text *out, const struct ports *ports)
{
	size_t shown = 0, written = 0;

	for (size_t i = 0; i < ports->count; i++)
		shown += !is_second_icmp(ports, i);
	shown += ports->declared;
	if (shown == 0)
		text_add(out, "any");
	text_add(out, shown > 1 ? "[" : "");
	if (ports->declared)
		text_add(out, "declared"), written++;
	for (size_t i = 0; i < ports->count; i++) {
		if (is_second_icmp(ports, i))
			continue;
		text_add(out, written++ == 0 ? "" : ", ");
		port_print(out, &ports->at[i]);
	}
	text_add(out, shown > 1 ? "]" : "");
}

void
applications_print(struct text *out, const struct entry *entry)
{
	size_t count = entry->application_count;

	if (count == 0)
		text_add(out, "any");
	text_add(out, count > 1 ? "[" : "");
	for (size_t i = 0; i < count; i++) {
		text_add(out, i == 0 ? "" : ", ");
		scalar_print(out, application_name(entry->applications[i]));
	}
	text_add(out, count > 1 ? "]" : "");
}

/* --- models --------------------------------------------------------------- */

static void
line_of(struct text *out, const char *key, const char *word)
{
	text_format(out, "%s: ", key);
	scalar_print(out, word);
	text_add_char(out, '\n');
}

void
selector_print(struct text *out, const struct selector *selector)
{
	struct flow_form form = flow_open(out);

	flow_words(&form, "image", &selector->images);
	flow_words(&form, "namespace", &selector->namespaces);
	flow_words(&form, "application", &selector->applications);
	flow_words(&form, "kind", &selector->kinds);
	flow_words(&form, "orchestrator", &selector->orchestrators);
	flow_words(&form, "cluster", &selector->clusters);
	flow_words(&form, "zone", &selector->zones);
	flow_labels(&form, &selector->labels);
	if (selector->serves != APPLICATION_UNKNOWN) {
		flow_key(&form, "serves");
		scalar_print(out, application_name(selector->serves));
	}
	text_add_char(out, '}');
}

static void
entry_print(struct text *out, const struct entry *entry, const char *peers_key)
{
	text_add(out, "  - ");
	line_of(out, "name", entry->name);
	if (entry->application_count > 0) {
		text_add(out, "    app: ");
		applications_print(out, entry);
		text_add_char(out, '\n');
	}
	if (entry->ports.count > 0 || entry->ports.declared) {
		text_add(out, "    port: ");
		ports_print(out, &entry->ports);
		text_add_char(out, '\n');
	}
	if (entry->peers.given) {
		text_format(out, "    %s: ", peers_key);
		peers_print(out, &entry->peers);
		text_add_char(out, '\n');
	}
	if (entry->has_messages)
		text_add(out, "    messages: {}\n");
	if (entry->unjudged)
		text_add(out, "    judged: false\n");
}

static void
entries_print(struct text *out, const struct entries *entries, const char *key,
    const char *peers_key)
{
	if (!entries->given)
		return;
	text_format(out, "%s:%s\n", key, entries->count == 0 ? " []" : "");
	for (size_t i = 0; i < entries->count; i++)
		entry_print(out, &entries->at[i], peers_key);
}

static void
tags_print(struct text *out, const struct model *model)
{
	struct flow_form form;

	if (model->tag_count == 0)
		return;
	text_add(out, "tags: ");
	form = flow_open(out);
	for (size_t i = 0; i < model->tag_count; i++) {
		flow_key(&form, model->tags[i].key);
		scalar_print(out, model->tags[i].value);
	}
	text_add(out, "}\n");
}

void
model_print(struct text *out, const struct model *model)
{
	text_add(out, "---\n");
	line_of(out, "model", model->name);
	text_format(out, "version: %u\n", model->version);
	if (model->describes[0] != '\0')
		line_of(out, "describes", model->describes);
	if (model->layer == LAYER_LEARNED || model->layer == LAYER_GENERAL)
		line_of(out, "origin", layer_name(model->layer));
	if (model->adds)
		text_add(out, "adds: true\n");
	text_add(out, "match:\n");
	for (size_t i = 0; i < model->selector_count; i++) {
		text_add(out, "  - ");
		selector_print(out, &model->selectors[i]);
		text_add_char(out, '\n');
	}
	if (model->role != NULL)
		line_of(out, "role", model->role);
	entries_print(out, &model->provides, "provides", "from");
	entries_print(out, &model->needs, "needs", "to");
	tags_print(out, model);
	line_of(out, "severity", severity_name(model->severity));
}
