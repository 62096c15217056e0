#include <ctype.h>
#include <inttypes.h>

#include "alerts/sentence.h"
#include "classifiers/inventory/workload.h"
#include "models/peer.h"
#include "sensor/base/file.h"
#include "sensor/base/json_read.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"
#include "sensor/commands/explain.h"
#include "sensor/commands/explain_detection.h"
#include "sensor/commands/rejudge.h"

#define TEXT_MAXIMUM ((size_t)16 * 1024 * 1024)

/* Model files are read again for the text of a line; no larger ones are. */
#define SOURCE_MAXIMUM ((size_t)16 * 1024 * 1024)

/* Pairs that are named on a terminal; JSON has them all. */
#define PAIRS_SHOWN 20

/* --- metadata ------------------------------------------------------------- */

static void
add_tenure(struct text *out, const struct workload *workload)
{
	char since[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE];

	instant_print(workload->since, since);
	instant_print(workload->until, until);
	text_format(out, "          held the address from %s %s%s\n",
	    workload->since.ns == INSTANT_PAST.ns ? "before all records"
						  : since,
	    workload->until.ns == INSTANT_FUTURE.ns ? "on" : "until ",
	    workload->until.ns == INSTANT_FUTURE.ns ? "" : until);
}

static void
add_workload(struct text *out, const struct workload *workload)
{
	text_format(out, "pod %s%s%s\n", workload->name,
	    workload->node[0] == '\0' ? "" : " on ", workload->node);
	text_format(out, "          application %s, from %s\n",
	    workload->application, workload->application_source);
	if (workload->container_count > 0)
		text_format(out, "          image %s\n",
		    workload->containers[0].image.name);
	add_tenure(out, workload);
}

static void
add_models(struct text *out, const struct identity *identity)
{
	if (identity == NULL || identity->model_count == 0)
		return;
	text_add(out, "          model");
	for (size_t i = 0; i < identity->model_count; i++)
		text_format(out, "%s %s (%s:%u)", i == 0 ? "" : ",",
		    identity->models[i]->name, identity->models[i]->place.file,
		    identity->models[i]->place.line);
	text_add_char(out, '\n');
}

static void
add_party(struct text *out, const char *label, const struct party *party,
    const struct identity *identity)
{
	char address[ADDRESS_TEXT_SIZE];

	address_print(&party->address, address);
	text_format(out, "%-9s %s is ", label, address);
	if (party->attribution == ATTRIBUTION_EXTERNAL)
		text_add(out, "outside: no workload, node or zone\n");
	else if (party->attribution == ATTRIBUTION_UNATTRIBUTED)
		text_add(out, "the cluster's, but nobody held it then\n");
	else if (party->attribution == ATTRIBUTION_STALE)
		text_add(out, "the cluster's, of which nothing was heard\n");
	else
		sentence_party(out, party);
	if (party->attribution == ATTRIBUTION_EXACT) {
		text_add(out, ", ");
		add_workload(out, party->workload);
	} else if (party->attribution != ATTRIBUTION_EXTERNAL &&
		   party->attribution != ATTRIBUTION_UNATTRIBUTED &&
		   party->attribution != ATTRIBUTION_STALE) {
		text_format(
		    out, " (%s)\n", attribution_name(party->attribution));
	}
	add_models(out, identity);
}

/* --- the model line ------------------------------------------------------- */

/* The text of a line of a file, without indentation; nothing if it is gone. */
static void
add_source_line(struct text *out, const char *path, uint32_t line)
{
	char *octets;
	const char *at;
	size_t size;

	if (file_read(path, SOURCE_MAXIMUM, &octets, &size) != 0)
		return;
	at = octets;
	for (uint32_t i = 1; i < line && at != NULL; i++) {
		at = strchr(at, '\n');
		at = at == NULL ? NULL : at + 1;
	}
	if (at != NULL) {
		at += strspn(at, " \t");
		text_add_n(out, at, strcspn(at, "\r\n"));
	}
	free(octets);
}

static void
add_decider(struct text *out, const struct verdict *verdict)
{
	if (verdict->boundary != NULL)
		text_format(out, "segment %s, isolate", verdict->segment->name);
	else if (verdict->kind == VERDICT_ALLOWED)
		text_add(out, "allows it");
	else if (verdict->model == NULL)
		text_add(out, "none has an opinion");
	else
		text_format(out, "%s.%s%s%s", verdict->model->name,
		    verdict->entry_provides ? "provides" : "needs",
		    verdict->entry == NULL ? "" : ".",
		    verdict->entry == NULL ? "" : verdict->entry->name);
}

/* --- packets -------------------------------------------------------------- */

/* A word that a shell takes as one. */
static void
add_quoted(struct text *out, const char *word)
{
	static const char *const plain =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "._-/+,:=@%";

	if (word[0] != '-' && strspn(word, plain) == strlen(word)) {
		text_add(out, word);
		return;
	}
	/* A file whose name begins with a dash would be an option. */
	text_add(out, word[0] == '-' && word[1] != '\0' ? "'./" : "'");
	for (; *word != '\0'; word++)
		text_add(out, *word == '\'' ? "'\\''" : (char[]){*word, '\0'});
	text_add_char(out, '\'');
}

static void
add_hosts(struct text *out, const char *a, const char *b)
{
	text_format(out, "host %s and host %s", a, b);
}

/*
 * Addresses of our own writing, so nothing of a hostile record gets into the
 * filter.  What is inside a tunnel cannot be asked for in this language.
 */
static void
add_filter(struct text *out, const struct explanation *explanation)
{
	const struct flow *flow = &explanation->flow->flow;
	const struct json *tunnel = json_get(explanation->alert, "tunnel");
	size_t vlans = json_count(json_get(explanation->alert, "vlan"));
	struct address outer[2];
	char a[ADDRESS_TEXT_SIZE], b[ADDRESS_TEXT_SIZE];
	const char *source = json_get_text(tunnel, "src_ip");
	const char *destination = json_get_text(tunnel, "dest_ip");

	for (size_t i = 0; i < vlans; i++)
		text_add(out, "vlan and ");
	if (source != NULL && destination != NULL &&
	    address_parse(source, &outer[0]) &&
	    address_parse(destination, &outer[1])) {
		address_print(&outer[0], a);
		address_print(&outer[1], b);
		add_hosts(out, a, b);
		return;
	}
	address_print(&flow_client(flow)->address, a);
	address_print(&flow_server(flow)->address, b);
	add_hosts(out, a, b);
	text_format(out, " and ip%s proto %u",
	    address_is_ipv4(&flow_client(flow)->address) ? "" : "6",
	    flow->protocol);
	if (flow_client(flow)->port != 0)
		text_format(out, " and port %u and port %u",
		    flow_client(flow)->port, flow_server(flow)->port);
}

static void
add_tcpdump(struct text *out, const struct explanation *explanation)
{
	const char *file = json_get_text(explanation->alert, "pcap_filename");

	text_add(out, "tcpdump -nr ");
	add_quoted(out, file == NULL ? "FILE" : file);
	text_add(out, " '");
	add_filter(out, explanation);
	text_add_char(out, '\'');
}

/* --- the nearest miss ----------------------------------------------------- */

static void
add_fit(struct text *out, const char *what, const char *how)
{
	text_format(out, "%s%s %s",
	    out->length == 0 || out->at[out->length - 1] == ':' ? " " : ", ",
	    what, how);
}

/*
 * What of the nearest entry fits the flow and what does not.  It stands by that
 * entry's line: what is said to be nearest may be another one of the pair, such
 * as what is expected the other way round.
 */
static void
add_miss(struct text *out, const struct rejudged *flow)
{
	const struct verdict *verdict = &flow->about.verdict;
	const struct entry *entry = verdict->entry;
	struct meeting meeting = {verdict->server, verdict->client, false};
	const char *app;

	if (!verdict->entry_provides)
		meeting =
		    (struct meeting){verdict->client, verdict->server, false};
	app = entry_app_fits(entry, &flow->about.appid) == APP_MATCH ? "fits"
	      : entry_app_fits(entry, &flow->about.appid) == APP_UNKNOWABLE
		  ? "is not known"
		  : "differs";
	text_add(out, "          of that:");
	add_fit(out, "application", app);
	add_fit(out, "port",
	    entry_port_fits(entry, verdict->server, flow->flow.protocol,
		flow_server(&flow->flow)->port)
		? "fits"
		: "differs");
	add_fit(out, "peer",
	    peers_fit(&entry->peers, &meeting) ? "fits" : "differs");
	text_add_char(out, '\n');
}

static void
add_chain(struct text *out, const struct explanation *explanation)
{
	const struct rejudged *flow = explanation->flow;
	const struct verdict *verdict = &flow->about.verdict;
	const struct place *place = verdict_place(verdict);

	text_add(out, "model     ");
	add_decider(out, verdict);
	if (place != NULL) {
		text_format(
		    out, " (%s:%u)\n          | ", place->file, place->line);
		add_source_line(out, place->file, place->line);
	}
	text_add_char(out, '\n');
	if (verdict->kind == VERDICT_DEVIATION && verdict->entry != NULL)
		add_miss(out, flow);
	text_add(out, "statement ");
	if (verdict->statement != NULL)
		sentence_statement(out, verdict->statement);
	else
		text_add(out, "none for these two");
	text_add_char(out, '\n');
	if (verdict->kind != VERDICT_DEVIATION)
		return;
	text_add(out, "nearest   ");
	sentence_expected(out, &flow->about);
	text_add_char(out, '\n');
	text_add(out, "observed  ");
	sentence_observed(out, &flow->about);
	text_add_char(out, '\n');
}

/* --- the edit ------------------------------------------------------------- */

static void
add_indented(struct text *out, const char *before, const char *yaml)
{
	while (*yaml != '\0') {
		size_t length = strcspn(yaml, "\n");

		text_format(out, "%s%.*s\n", before, (int)length, yaml);
		yaml += length + (yaml[length] == '\n');
	}
}

static void
add_edit(struct text *out, const struct model_edit *edit)
{
	switch (edit->kind) {
	case EDIT_ENTRY:
		text_format(out, "edit      to `%s:` of model %s (%s:%u) add\n",
		    model_edit_key(edit), edit->name, edit->place.file,
		    edit->place.line);
		break;
	case EDIT_MODEL:
		text_format(out,
		    "edit      beside model %s (%s:%u), in a file of your own, "
		    "put\n",
		    edit->name, edit->place.file, edit->place.line);
		break;
	case EDIT_EXCEPTION:
		text_format(out,
		    "edit      to `except:` of the boundary of segment %s "
		    "(%s:%u) add\n",
		    edit->name, edit->place.file, edit->place.line);
		break;
	}
	add_indented(out, "            ", edit->yaml);
}

static void
add_openings(struct text *out, const struct openings *openings)
{
	if (openings->count == 0) {
		text_add(out, "opens     nothing else\n");
		return;
	}
	text_format(out, "opens     %zu other pair%s as well:\n",
	    openings->count, openings->count == 1 ? "" : "s");
	for (size_t i = 0; i < openings->count && i < PAIRS_SHOWN; i++)
		text_format(out, "            %s -> %s\n",
		    openings->at[i].client, openings->at[i].server);
	if (openings->count > PAIRS_SHOWN)
		text_format(out, "            and %zu more; -o json has them\n",
		    openings->count - PAIRS_SHOWN);
}

/* Where a port is part of what a finding is, all its flows have that one. */
static bool
has_many_ports(const struct record_flow *about)
{
	return about->verdict.attempted ||
	       (about->appid.confidence == APP_DPI &&
		   about->appid.application != APPLICATION_UNKNOWN);
}

/* Of flows that deviate as its first one does. */
static bool
is_made_of_flows(const struct json *alert)
{
	return !explain_is_detection(alert) &&
	       json_get(json_get(alert, "finding"), "storm") == NULL;
}

/* Never an edit of a model: an opinion of models silences few detectors, and
 * opens what it allows. */
static void
add_suppression(struct text *out, const struct json *alert)
{
	struct text yaml;

	text_init(&yaml, TEXT_MAXIMUM);
	explain_add_suppression(&yaml, alert);
	text_add(out,
	    "settings  if it is rightly so, put into a file of --models\n");
	add_indented(out, "            ", yaml.at);
	text_add(out,
	    "          or `severity: low` instead of `off: true`, or what the "
	    "detector goes by:\n          `hedgerow detectors` shows it\n");
	text_release(&yaml);
}

static void
add_edits(struct text *out, const struct explanation *explanation)
{
	if (explain_is_detection(explanation->alert)) {
		add_suppression(out, explanation->alert);
		return;
	}
	if (explanation->flow->about.verdict.kind != VERDICT_DEVIATION)
		return;
	if (explanation->edit_count == 0) {
		text_add(out, "edit      none was found that allows it\n");
		return;
	}
	for (size_t i = 0; i < explanation->edit_count; i++)
		add_edit(out, &explanation->edits[i]);
	add_openings(out, &explanation->openings);
	if (explanation->count > explanation->flows &&
	    is_made_of_flows(explanation->alert) &&
	    has_many_ports(&explanation->flow->about))
		text_format(out,
		    "note      the edit is for the port of this flow; the "
		    "finding has %" PRIu64 " flows, and\n"
		    "          with --flows FILE of flow records the edit is "
		    "for all of them\n",
		    explanation->count);
}

/* --- all of it ------------------------------------------------------------ */

/* No verdict comes to the uid of a detection, or of a storm. */
static void
add_note(struct text *out, const struct explanation *explanation)
{
	const char *storm =
	    json_get_text(json_get(explanation->alert, "finding"), "storm");

	if (storm != NULL)
		text_format(out,
		    "note      it stands for many of one %s; this is the "
		    "first of them\n",
		    storm);
	else if (!explain_is_detection(explanation->alert) &&
		 strcmp(explanation->uid, explanation->uid_now) != 0)
		text_add(out,
		    "note      these models and this inventory come to "
		    "another verdict than the alert's\n");
}

static void
add_head(struct text *out, const struct explanation *explanation)
{
	const struct rejudged *flow = explanation->flow;
	const char *said =
	    json_get_text(json_get(explanation->alert, "alert"), "signature");
	char start[INSTANT_TEXT_SIZE];

	instant_print(flow->flow.first, start);
	text_format(out, "alert     %s\n", said == NULL ? "" : said);
	if (explain_is_detection(explanation->alert))
		text_format(out,
		    "finding   %s, counted %" PRIu64 ", said of the flow at "
		    "%s\n",
		    explanation->uid, explanation->count, start);
	else
		text_format(out,
		    "finding   %s, %" PRIu64 " flow%s, the first at %s\n",
		    explanation->uid, explanation->count,
		    explanation->count == 1 ? "" : "s", start);
	text_format(out, "verdict   %s", rejudge_verdict(flow));
	if (flow->about.judged && flow->about.verdict.kind == VERDICT_DEVIATION)
		text_format(out, ", %s, %s",
		    deviation_name(flow->about.verdict.deviation),
		    severity_name(flow->about.verdict.severity));
	text_add_char(out, '\n');
	add_note(out, explanation);
}

static void
add_packets(struct text *out, const struct explanation *explanation)
{
	const char *file = json_get_text(explanation->alert, "pcap_filename");
	int64_t number = json_get_integer(explanation->alert, "pcap_cnt", 0);
	const char *tunnel =
	    json_get_text(json_get(explanation->alert, "tunnel"), "type");

	text_format(out, "packets   %s",
	    file == NULL ? "not from a capture file" : file);
	if (number > 0)
		text_format(out, ", said at packet %lld", (long long)number);
	if (tunnel != NULL)
		text_format(out, ", inside a %s tunnel", tunnel);
	text_add(out, "\n          ");
	add_tcpdump(out, explanation);
	text_add_char(out, '\n');
}

/* Names come from metadata and from records, and go to a terminal. */
static void
put_clean(struct text *text)
{
	for (size_t i = 0; i < text->length; i++)
		if (iscntrl((unsigned char)text->at[i]) && text->at[i] != '\n')
			text->at[i] = '?';
	fputs(text->at, stdout);
}

void
explain_print_text(const struct explanation *explanation)
{
	const struct record_flow *about = &explanation->flow->about;
	struct text out;

	text_init(&out, TEXT_MAXIMUM);
	add_head(&out, explanation);
	explain_add_detection(&out, explanation->alert);
	add_party(&out, "client", &about->client, about->verdict.client);
	add_party(&out, "server", &about->server, about->verdict.server);
	if (about->judged)
		add_chain(&out, explanation);
	add_packets(&out, explanation);
	add_edits(&out, explanation);
	put_clean(&out);
	text_release(&out);
}

/* --- JSON ----------------------------------------------------------------- */

static void
json_made(struct json_writer *json, const char *key, const struct text *text)
{
	json_put_string(json, key, text->length == 0 ? NULL : text->at);
}

static void
json_time(struct json_writer *json, const char *key, struct instant at)
{
	char text[INSTANT_TEXT_SIZE];

	if (at.ns == INSTANT_PAST.ns || at.ns == INSTANT_FUTURE.ns)
		return;
	instant_print(at, text);
	json_put_string(json, key, text);
}

static void
json_party(struct json_writer *json, const char *key, const struct party *party,
    const struct identity *identity)
{
	char address[ADDRESS_TEXT_SIZE];
	struct text name;

	text_init(&name, TEXT_MAXIMUM);
	sentence_party(&name, party);
	address_print(&party->address, address);
	json_object_open(json, key);
	json_put_string(json, "name", name.at);
	json_put_string(json, "ip", address);
	json_put_string(
	    json, "attribution", attribution_name(party->attribution));
	if (party->attribution == ATTRIBUTION_EXACT) {
		json_put_string(json, "pod", party->workload->name);
		json_put_string(
		    json, "application", party->workload->application);
		json_put_string(
		    json, "because", party->workload->application_source);
		json_time(json, "since", party->workload->since);
		json_time(json, "until", party->workload->until);
	}
	json_array_open(json, "models");
	for (size_t i = 0; identity != NULL && i < identity->model_count; i++)
		json_put_string(json, NULL, identity->models[i]->name);
	json_array_close(json);
	json_object_close(json);
	text_release(&name);
}

static void
json_chain(struct json_writer *json, const struct explanation *explanation)
{
	const struct record_flow *about = &explanation->flow->about;
	const struct verdict *verdict = &about->verdict;
	const struct place *place = verdict_place(verdict);
	struct text text;

	text_init(&text, TEXT_MAXIMUM);
	if (place != NULL) {
		text_format(&text, "%s:%u", place->file, place->line);
		json_made(json, "source", &text);
		text_clear(&text);
		add_source_line(&text, place->file, place->line);
		json_made(json, "source_text", &text);
		text_clear(&text);
	}
	if (verdict->statement != NULL)
		sentence_statement(&text, verdict->statement);
	json_made(json, "statement", &text);
	if (verdict->kind == VERDICT_DEVIATION) {
		text_clear(&text);
		sentence_expected(&text, about);
		json_made(json, "expected", &text);
		text_clear(&text);
		sentence_observed(&text, about);
		json_made(json, "observed", &text);
	}
	text_release(&text);
}

static void
json_edits(struct json_writer *json, const struct explanation *explanation)
{
	static const char *const kinds[] = {
	    [EDIT_ENTRY] = "entry",
	    [EDIT_MODEL] = "model",
	    [EDIT_EXCEPTION] = "exception",
	};

	json_array_open(json, "edits");
	for (size_t i = 0; i < explanation->edit_count; i++) {
		const struct model_edit *edit = &explanation->edits[i];

		json_object_open(json, NULL);
		json_put_string(json, "kind", kinds[edit->kind]);
		json_put_string(json, "file", edit->place.file);
		json_put_int(json, "line", edit->place.line);
		json_put_string(json,
		    edit->kind == EDIT_EXCEPTION ? "segment" : "model",
		    edit->name);
		json_put_string(json, "under", model_edit_key(edit));
		json_put_string(json, "yaml", edit->yaml);
		json_object_close(json);
	}
	json_array_close(json);
	json_array_open(json, "opens");
	for (size_t i = 0; i < explanation->openings.count; i++) {
		json_object_open(json, NULL);
		json_put_string(
		    json, "client", explanation->openings.at[i].client);
		json_put_string(
		    json, "server", explanation->openings.at[i].server);
		json_object_close(json);
	}
	json_array_close(json);
}

static void
json_packets(struct json_writer *json, const struct explanation *explanation)
{
	struct text text;

	text_init(&text, TEXT_MAXIMUM);
	json_put_string(json, "pcap_filename",
	    json_get_text(explanation->alert, "pcap_filename"));
	if (json_get_integer(explanation->alert, "pcap_cnt", 0) > 0)
		json_put_int(json, "pcap_cnt",
		    json_get_integer(explanation->alert, "pcap_cnt", 0));
	add_filter(&text, explanation);
	json_made(json, "filter", &text);
	text_clear(&text);
	add_tcpdump(&text, explanation);
	json_made(json, "tcpdump", &text);
	text_release(&text);
}

static void
json_suppression(struct json_writer *json, const struct json *alert)
{
	struct text yaml;

	if (!explain_is_detection(alert))
		return;
	text_init(&yaml, TEXT_MAXIMUM);
	explain_add_suppression(&yaml, alert);
	json_made(json, "suppression", &yaml);
	text_release(&yaml);
}

void
explain_print_json(const struct explanation *explanation)
{
	const struct record_flow *about = &explanation->flow->about;
	struct json_writer json;
	struct text out;

	text_init(&out, TEXT_MAXIMUM);
	json = json_to(&out);
	json_object_open(&json, NULL);
	json_put_string(&json, "uid", explanation->uid);
	json_put_string(&json, "signature",
	    json_get_text(json_get(explanation->alert, "alert"), "signature"));
	json_put_int(&json, "count", (int64_t)explanation->count);
	explain_put_detection(&json, explanation->alert);
	json_put_string(&json, "verdict", rejudge_verdict(explanation->flow));
	if (about->judged)
		json_put_string(&json, "deviation",
		    deviation_name(about->verdict.deviation));
	json_time(&json, "start", explanation->flow->flow.first);
	json_party(&json, "client", &about->client, about->verdict.client);
	json_party(&json, "server", &about->server, about->verdict.server);
	if (about->judged)
		json_chain(&json, explanation);
	json_packets(&json, explanation);
	json_suppression(&json, explanation->alert);
	json_edits(&json, explanation);
	json_object_close(&json);
	puts(out.at);
	text_release(&out);
}
