#include "sensor/run/explain_detection.h"

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
