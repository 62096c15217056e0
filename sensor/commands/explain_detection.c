#include "sensor/commands/explain_detection.h"

#include <ctype.h>
#include <string.h>

#include "alerts/format_parts.h"
#include "sensor/base/json_read.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

bool
explain_is_detection(const struct json *alert)
{
	return json_get_text(json_get(alert, "anomaly"), "detector") != NULL;
}

static void
add_line(struct text *out, const char *label, const struct json *from,
    const char *key)
{
	const char *value = json_get_text(from, key);

	if (value != NULL)
		text_format(out, "%-9s %s\n", label, value);
}

static void
add_technique(struct text *out, const struct json *threat)
{
	const char *id = json_get_text(threat, "technique_id");
	const char *name = json_get_text(threat, "technique");
	const char *tactic = json_get_text(threat, "tactic");

	if (id != NULL && name != NULL && tactic != NULL)
		text_format(out, "technique %s %s (%s)\n", id, name, tactic);
}

/* A text without its quotes; lists and objects as they stand in the record. */
static void
add_evidence(const char *key, const struct json *value, void *context)
{
	struct text *out = context;

	text_format(out, "          %s: ", key);
	if (json_is_string(value))
		text_add(out, json_text(value));
	else
		format_json(out, value);
	text_add_char(out, '\n');
}

void
explain_add_detection(struct text *out, const struct json *alert)
{
	const struct json *anomaly = json_get(alert, "anomaly");
	const struct json *evidence = json_get(anomaly, "evidence");
	const char *severity = json_get_text(anomaly, "severity");

	if (!explain_is_detection(alert))
		return;
	text_format(out, "detector  %s, %d %% sure%s%s\n",
	    json_get_text(anomaly, "detector"),
	    (int)json_get_integer(anomaly, "confidence", 0),
	    severity == NULL ? "" : ", ", severity == NULL ? "" : severity);
	add_technique(out, json_get(alert, "threat"));
	add_line(out, "subject", anomaly, "subject");
	add_line(out, "object", anomaly, "object");
	add_line(out, "about", anomaly, "about");
	if (json_is_object(evidence)) {
		text_add(out, "evidence\n");
		json_each(evidence, add_evidence, out);
	}
	add_line(out, "silent if", anomaly, "silent_if");
}

/* --- what would silence it ------------------------------------------------ */

/* A word of YAML, quoted as JSON is unless it needs none. */
static void
add_word(struct text *out, const char *word)
{
	struct json_writer json = json_to(out);

	if (word[0] != '\0' && isalnum((unsigned char)word[0]) &&
	    strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789-_./") == strlen(word))
		text_add(out, word);
	else
		json_put_string(&json, NULL, word);
}

/* One end as a peer, and its name as detectors have it. */
struct end {
	const struct json *who;
	const char *address, *namespace, *application;
};

static struct end
end_of(const struct json *alert, const char *who, const char *address)
{
	struct end end = {
	    .who = json_get(alert, who),
	    .address = json_get_text(alert, address),
	};

	end.namespace = json_get_text(end.who, "namespace");
	end.application = json_get_text(end.who, "application");
	return end;
}

static bool
is_at(const struct end *end, const char *attribution)
{
	const char *value = json_get_text(end->who, "attribution");

	return value != NULL && strcmp(value, attribution) == 0;
}

/* Whether a name that the detector said is that end's. */
static bool
is_named(const struct end *end, const char *name)
{
	size_t size = end->namespace == NULL ? 0 : strlen(end->namespace);

	if (name == NULL)
		return false;
	if (!is_at(end, "exact"))
		return end->address != NULL && strcmp(end->address, name) == 0;
	if (end->application == NULL)
		return false;
	return size == 0 ? strcmp(end->application, name) == 0
			 : strncmp(end->namespace, name, size) == 0 &&
			       name[size] == '/' &&
			       strcmp(name + size + 1, end->application) == 0;
}

static void
add_end(struct text *out, const char *key, const struct end *end)
{
	struct text name;

	if (is_at(end, "exact") && end->application != NULL) {
		text_init(&name, FORMAT_MAXIMUM);
		if (end->namespace != NULL)
			text_format(&name, "%s/", end->namespace);
		text_add(&name, end->application);
		text_format(out, "%s: {application: ", key);
		add_word(out, name.at);
		text_add(out, "}, ");
		text_release(&name);
	} else if (is_at(end, "external") && end->address != NULL) {
		text_format(out, "%s: {external: {cidr: \"%s/%d\"}}, ", key,
		    end->address, strchr(end->address, ':') == NULL ? 32 : 128);
	} else if (is_at(end, "node") || is_at(end, "ambiguous")) {
		text_format(out, "%s: {node: true}, ", key);
	} else if (is_at(end, "zone")) {
		text_format(out, "%s: {zone: ", key);
		add_word(out, json_get_text(end->who, "name"));
		text_add(out, "}, ");
	}
}

/* Those that the finding is about; of a finding of many, the flow's workload.
 */
void
explain_add_suppression(struct text *out, const struct json *alert)
{
	const struct json *anomaly = json_get(alert, "anomaly");
	const char *subject = json_get_text(anomaly, "subject");
	const char *object = json_get_text(anomaly, "object");
	struct end client = end_of(alert, "src_workload", "src_ip");
	struct end server = end_of(alert, "dest_workload", "dest_ip");
	bool of_client =
	    is_named(&client, subject) || is_named(&client, object);
	bool of_server =
	    is_named(&server, subject) || is_named(&server, object);

	size_t before;

	text_format(out, "detectors:\n  %s:\n    for:\n      - {",
	    json_get_text(anomaly, "detector"));
	before = out->length;
	if (of_client || (!of_server && is_at(&client, "exact")))
		add_end(out, "client", &client);
	if (of_server || (!of_client && !is_at(&client, "exact")))
		add_end(out, "destination", &server);
	/* Of ends that nobody held there is nothing but the port to say. */
	if (out->length == before)
		text_format(out, "port: %d, ",
		    (int)json_get_integer(alert, "dest_port", 0));
	text_add(out, "off: true}\n");
}

/* What is as the record has it, under the record's own names. */
void
explain_put_detection(struct json_writer *json, const struct json *alert)
{
	static const char *const keys[] = {"threat", "anomaly"};
	struct text text;

	if (!explain_is_detection(alert))
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!json_is_object(json_get(alert, keys[i])))
			continue;
		text_init(&text, FORMAT_MAXIMUM);
		format_json(&text, json_get(alert, keys[i]));
		json_object_open(json, keys[i]);
		text_add_n(json->out, text.at + 1, text.length - 2);
		json_object_close(json);
		text_release(&text);
	}
}
