#include "alerts/record_finding.h"

#include "alerts/catalog.h"
#include "alerts/finding.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

/* The framework by the name that ECS and OCSF ask for. */
static void
put_threat(struct json_writer *json, const struct technique *technique)
{
	if (technique->id == NULL)
		return;
	json_object_open(json, "threat");
	json_put_string(json, "framework", "MITRE ATT&CK");
	json_put_string(json, "technique_id", technique->id);
	json_put_string(json, "technique", technique->name);
	json_put_string(json, "tactic_id", technique->tactic_id);
	json_put_string(json, "tactic", technique->tactic);
	json_object_close(json);
}

/* Members that a detector has written, as they are. */
static void
put_evidence(struct json_writer *json, const char *members)
{
	if (members == NULL || members[0] == '\0')
		return;
	json_object_open(json, "evidence");
	text_add(json->out, members);
	json_object_close(json);
}

void
record_put_anomaly(struct json_writer *json, const struct finding *finding)
{
	const struct finding_anomaly *anomaly = &finding->anomaly;

	put_threat(json, &finding->catalogued->technique);
	json_object_open(json, "anomaly");
	json_put_string(json, "detector", anomaly->detector);
	json_put_int(json, "confidence", anomaly->confidence);
	json_put_string(json, "severity", severity_name(finding->severity));
	if (anomaly->judged)
		json_put_string(
		    json, "verdict", verdict_kind_name(anomaly->verdict));
	json_put_string(json, "subject", anomaly->subject);
	json_put_string(json, "object", anomaly->object);
	json_put_string(json, "about", anomaly->about);
	put_evidence(json, anomaly->evidence);
	json_put_string(json, "silent_if", anomaly->silent_if);
	json_object_close(json);
}

void
record_put_deviation(struct json_writer *json, const struct finding *finding)
{
	json_object_open(json, "policy");
	json_put_string(json, "verdict", verdict_kind_name(VERDICT_DEVIATION));
	json_put_string(json, "deviation", deviation_name(finding->deviation));
	json_put_bool(json, "attempted", finding->attempted);
	json_put_string(json, "severity", severity_name(finding->severity));
	json_object_close(json);
}
