#include "alerts/finding_parts.h"

#include <stdlib.h>
#include <string.h>

#include "alerts/catalog.h"
#include "alerts/finding_storm.h"
#include "alerts/sentence.h"
#include "classifiers/detectors/detector.h"
#include "sensor/base/text.h"

/*
 * The longest text kept of one finding.  Names come from metadata, where
 * Kubernetes allows 63 + 253 characters; a hostile source has no limit.
 */
#define TEXT_MAXIMUM ((size_t)2048)

/* The longest evidence, which is made of counts and a few examples. */
#define EVIDENCE_MAXIMUM ((size_t)8192)

/* A copy of what `write` says of the party, or NULL: no memory. */
static char *
party_text(void (*write)(struct text *, const struct party *),
    const struct party *party)
{
	struct text text;
	char *copy;

	text_init(&text, TEXT_MAXIMUM);
	write(&text, party);
	copy = strdup(text.at);
	text_release(&text);
	return copy;
}

/* An end of a storm that has many: the first of them, as an example. */
static char *
many_text(const char *name)
{
	struct text text;
	char *copy;

	text_init(&text, TEXT_MAXIMUM);
	text_format(&text, "%s and many others", name);
	copy = strdup(text.at);
	text_release(&text);
	return copy;
}

/* Whose storm it is. */
static void
add_storm(struct text *out, const struct cause *cause)
{
	if (cause->anomaly != NULL)
		text_add(out, cause->anomaly->subject->name);
	else
		sentence_party(out, &cause->about->client);
	if (cause->storm != STORM_BY_SUBJECT)
		text_add(out, " and many others");
	if (cause->storm != STORM_BY_OBJECT)
		return;
	text_add(out, " towards ");
	if (cause->anomaly != NULL)
		text_add(out, cause->anomaly->object->name);
	else
		sentence_party(out, &cause->about->server);
}

/* What a storm says: the first that is in it, as an example. */
static char *
storm_text(const struct cause *cause, const char *sentence)
{
	int seconds = (int)(FINDING_STORM_NS / NS_PER_SECOND);
	struct text text;
	char *copy;

	text_init(&text, TEXT_MAXIMUM);
	add_storm(&text, cause);
	if (cause->storm == STORM_BY_SIGNATURE)
		text_format(&text,
		    ": more than %d new findings of all kinds within %d s, "
		    "further ones of this kind are one; the first: ",
		    cause_is_from_outside(cause) ? FINDING_STORM_ALL / 2
						 : FINDING_STORM_ALL,
		    seconds);
	else
		text_format(&text,
		    ": more than %d findings of this kind within %d s, which "
		    "are one from here on; the first: ",
		    FINDING_STORM, seconds);
	text_add(&text, sentence);
	copy = strdup(text.at);
	text_release(&text);
	return copy;
}

static char *
sentence_text(const struct cause *cause)
{
	struct text text;
	char *copy;

	text_init(&text, TEXT_MAXIMUM);
	if (cause->anomaly != NULL)
		text_add_n(&text, cause->anomaly->sentence,
		    strnlen(cause->anomaly->sentence, TEXT_MAXIMUM));
	else
		sentence_deviation(&text, cause->about);
	copy = cause->storm != STORM_NONE ? storm_text(cause, text.at)
					  : strdup(text.at);
	text_release(&text);
	return copy;
}

/* NULL stays NULL; half of some evidence would be no JSON. */
static bool
keep_text(char **kept, const char *text, size_t maximum)
{
	char *copy;

	if (text == NULL || strnlen(text, maximum + 1) > maximum)
		return true;
	if (*kept != NULL && strcmp(*kept, text) == 0)
		return true;
	copy = strdup(text);
	if (copy == NULL)
		return false;
	free(*kept);
	*kept = copy;
	return true;
}

static void
make_many(char **name)
{
	char *one = *name;

	if (one == NULL)
		return;
	*name = many_text(one);
	free(one);
}

/* Which ends of a storm are many. */
static void
name_many(struct finding *finding)
{
	const char *subject = finding->anomaly.subject;
	/* What a detector holds against a server. */
	bool turned = subject != NULL && finding->client != NULL &&
		      strcmp(subject, finding->client) != 0;

	if (finding->storm == STORM_NONE)
		return;
	if (finding->storm != STORM_BY_SUBJECT) {
		make_many(turned ? &finding->server : &finding->client);
		make_many(&finding->anomaly.subject);
	}
	if (finding->storm != STORM_BY_OBJECT)
		make_many(turned ? &finding->client : &finding->server);
}

/* With whom: nobody in particular in most storms. */
static const char *
object_name(const struct cause *cause)
{
	if (cause->anomaly->object == NULL)
		return NULL;
	return cause->storm == STORM_NONE || cause->storm == STORM_BY_OBJECT
		   ? cause->anomaly->object->name
		   : NULL;
}

/*
 * As severe as the operator says; else as the catalogue says of what is sure,
 * and less for what is not, so that nobody is woken by a guess.
 */
static enum severity
severity_of(const struct cause *cause, uint8_t confidence)
{
	enum severity stated = cause->signature->severity;

	if (cause->anomaly->sets_severity)
		return cause->anomaly->severity;
	if (confidence >= FINDING_SURE || stated == SEVERITY_LOW)
		return stated;
	return (enum severity)((int)stated - 1);
}

static bool
fill_anomaly(struct finding *finding, const struct cause *cause)
{
	const struct anomaly *anomaly = cause->anomaly;
	struct finding_anomaly *out = &finding->anomaly;

	finding->attempted = false;
	finding->deviation = DEVIATION_NONE;
	finding->severity = severity_of(cause, anomaly->confidence);
	finding->count = anomaly->count;
	out->detector = cause->detector->name;
	out->confidence = anomaly->confidence;
	out->verdict = cause->about->verdict.kind;
	out->judged = cause->about->judged;
	return keep_text(&out->subject, anomaly->subject->name, TEXT_MAXIMUM) &&
	       keep_text(&out->object, object_name(cause), TEXT_MAXIMUM) &&
	       keep_text(&out->about,
		   cause->storm != STORM_NONE ? NULL : anomaly->about,
		   TEXT_MAXIMUM) &&
	       keep_text(&out->evidence, anomaly->evidence, EVIDENCE_MAXIMUM) &&
	       keep_text(&out->silent_if, anomaly->silent_if, TEXT_MAXIMUM);
}

bool
finding_fill(
    struct finding *finding, const struct cause *cause, struct instant at)
{
	const struct record_flow *about = cause->about;
	const struct flow *flow = about->flow;

	*finding = (struct finding){
	    .state = FINDING_NEW,
	    .count = 1,
	    .first_seen = at,
	    .last_seen = at,
	    .catalogued = cause->signature,
	    .storm = cause->storm,
	    .deviation = about->verdict.deviation,
	    .severity = about->verdict.severity,
	    .attempted = about->verdict.attempted,
	    .signature = sentence_text(cause),
	    .client = party_text(sentence_party, &about->client),
	    .server = party_text(sentence_party, &about->server),
	    .client_key = party_text(finding_party_key, &about->client),
	    .server_key = party_text(finding_party_key, &about->server),
	    .application = application_name(about->appid.application),
	    .port = flow_server(flow)->port,
	    .protocol = flow->protocol,
	    .flow_start = flow->first,
	    .flow_id = flow_id(flow),
	};
	if (cause->anomaly != NULL && !fill_anomaly(finding, cause))
		return false;
	name_many(finding);
	return finding->signature != NULL && finding->client != NULL &&
	       finding->server != NULL && finding->client_key != NULL &&
	       finding->server_key != NULL;
}

static void
more_of_anomaly(struct finding *finding, const struct cause *cause)
{
	const struct anomaly *anomaly = cause->anomaly;
	struct finding_anomaly *out = &finding->anomaly;

	/* Where there is no memory for newer evidence, the older stays. */
	finding->count += anomaly->count;
	if (anomaly->confidence > out->confidence)
		out->confidence = anomaly->confidence;
	finding->severity = severity_of(cause, out->confidence);
	if (finding->storm != STORM_NONE)
		return;
	(void)keep_text(&finding->signature, anomaly->sentence, TEXT_MAXIMUM);
	(void)keep_text(&out->evidence, anomaly->evidence, EVIDENCE_MAXIMUM);
	(void)keep_text(&out->silent_if, anomaly->silent_if, TEXT_MAXIMUM);
}

void
finding_more(struct finding *finding, const struct cause *cause)
{
	if (cause->anomaly != NULL) {
		more_of_anomaly(finding, cause);
		return;
	}
	finding->count++;
	/* Names of one key may have models of unlike severity. */
	if (cause->about->verdict.severity > finding->severity)
		finding->severity = cause->about->verdict.severity;
}

void
finding_release(struct finding *finding)
{
	free(finding->signature);
	free(finding->client);
	free(finding->server);
	free(finding->client_key);
	free(finding->server_key);
	free(finding->anomaly.subject);
	free(finding->anomaly.object);
	free(finding->anomaly.about);
	free(finding->anomaly.evidence);
	free(finding->anomaly.silent_if);
}
