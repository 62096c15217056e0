/*
 * What one finding is made of: its key, and the copies that it keeps.
 */
#include "alerts/finding_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/catalog.h"
#include "alerts/sentence.h"
#include "classifiers/detectors/detector.h"
#include "classifiers/inventory/workload.h"
#include "sensor/base/address.h"
#include "sensor/base/text.h"

/*
 * The longest text kept of one finding.  Names come from metadata, where
 * Kubernetes allows 63 + 253 characters; a hostile source has no limit.
 */
#define TEXT_MAXIMUM ((size_t)2048)

/* The longest evidence, which is made of counts and a few examples. */
#define EVIDENCE_MAXIMUM ((size_t)8192)

/* A key is hashed and not kept, so it may be as long as names come. */
#define KEY_MAXIMUM ((size_t)1024 * 1024)

/* --- key ------------------------------------------------------------------ */

/* Before what has a name of its own in each cluster. */
static void
add_cluster(struct text *out, const char *cluster)
{
	if (cluster[0] != '\0')
		text_format(out, "%s/", cluster);
}

/* What stands for one end: who it is, not which pod or address of it. */
void
finding_party_key(struct text *out, const struct party *party)
{
	char address[ADDRESS_TEXT_SIZE];

	switch (party->attribution) {
	case ATTRIBUTION_EXACT:
		text_add(out, party->workload->cluster);
		text_add_char(out, '/');
		text_add(out, party->workload->namespace);
		text_add_char(out, '/');
		text_add(out, party->workload->application);
		return;
	case ATTRIBUTION_AMBIGUOUS:
	case ATTRIBUTION_NODE:
		add_cluster(out, party->node->cluster);
		text_format(out, "node/%s", party->node->name);
		return;
	case ATTRIBUTION_SERVICE:
		add_cluster(out, party->service->cluster);
		text_format(out, "service/%s/%s", party->service->namespace,
		    party->service->name);
		return;
	case ATTRIBUTION_ZONE:
		text_format(out, "zone/%s", party->zone->name);
		return;
	case ATTRIBUTION_EXTERNAL:
	case ATTRIBUTION_UNATTRIBUTED:
	case ATTRIBUTION_STALE:
		address_print(&party->address, address);
		text_add(out, address);
		return;
	}
}

/*
 * What was done there.  Only an application that the payload showed counts:
 * what a port suggests may differ from sensor to sensor.
 */
static void
add_subject(struct text *out, const struct record_flow *about)
{
	const struct flow *flow = about->flow;

	if (about->verdict.attempted)
		text_add(out, "attempted");
	else if (about->appid.confidence == APP_DPI &&
		 about->appid.application != APPLICATION_UNKNOWN)
		text_add(out, application_name(about->appid.application));
	else
		text_format(
		    out, "%u/%u", flow->protocol, flow_server(flow)->port);
}

/* A NUL after each part keeps parts from running together. */
static void
add_part(struct text *key, const char *part)
{
	text_add(key, part);
	text_add_char(key, '\0');
}

static void
add_party(struct text *key, const struct party *party)
{
	finding_party_key(key, party);
	text_add_char(key, '\0');
}

static void
deviation_key(struct text *key, const struct record_flow *about)
{
	add_party(key, &about->client);
	add_party(key, &about->server);
	add_part(key, deviation_name(about->verdict.deviation));
	add_subject(key, about);
}

static void
anomaly_key(struct text *key, const struct anomaly *anomaly)
{
	add_party(key, anomaly->subject->party);
	if (anomaly->object != NULL)
		finding_party_key(key, anomaly->object->party);
	text_add_char(key, '\0');
	add_part(key, anomaly->about == NULL ? "" : anomaly->about);
}

static void
begin_key(struct text *key, const struct signature *signature)
{
	text_init(key, KEY_MAXIMUM);
	text_format(key, "%u", signature->gid);
	text_add_char(key, '\0');
	text_format(key, "%u", signature->id);
	text_add_char(key, '\0');
}

/* A public contract, since uids are made from it. */
void
finding_key(const struct cause *cause, uint8_t key[DIGEST_SIZE])
{
	struct text text;

	begin_key(&text, cause->signature);
	if (cause->anomaly != NULL)
		anomaly_key(&text, cause->anomaly);
	else
		deviation_key(&text, cause->about);
	digest_sha1(text.at, text.length, key);
	text_release(&text);
}

static const struct party *
cause_subject(const struct cause *cause)
{
	return cause->anomaly != NULL ? cause->anomaly->subject->party
				      : &cause->about->client;
}

/* NULL where there are several, or none. */
static const struct party *
cause_object(const struct cause *cause)
{
	if (cause->anomaly == NULL)
		return &cause->about->server;
	return cause->anomaly->object == NULL ? NULL
					      : cause->anomaly->object->party;
}

bool
cause_is_from_outside(const struct cause *cause)
{
	switch (cause_subject(cause)->attribution) {
	case ATTRIBUTION_EXTERNAL:
	case ATTRIBUTION_UNATTRIBUTED:
	case ATTRIBUTION_STALE:
		return true;
	case ATTRIBUTION_EXACT:
	case ATTRIBUTION_AMBIGUOUS:
	case ATTRIBUTION_NODE:
	case ATTRIBUTION_SERVICE:
	case ATTRIBUTION_ZONE:
		return false;
	}
	return false;
}

/* Those that must not hide each other are storms of their own. */
static void
add_origin(struct text *key, const struct cause *cause)
{
	if (!cause_is_from_outside(cause))
		add_part(key, "known");
	else if (cause->anomaly == NULL && !cause->about->verdict.attempted)
		add_part(key, "outside answered");
	else
		add_part(key, "outside");
}

/*
 * No key of one finding is like these: the last part of it is an application,
 * a port, what an anomaly is about or nothing, and there are more of them.
 */
void
finding_storm_key(
    const struct cause *cause, enum storm_kind kind, uint8_t key[DIGEST_SIZE])
{
	struct text text;

	begin_key(&text, cause->signature);
	switch (kind) {
	case STORM_NONE:
		break;
	case STORM_BY_SUBJECT:
		add_party(&text, cause_subject(cause));
		add_part(&text, "storm");
		break;
	case STORM_BY_OBJECT:
		assert(cause_object(cause) != NULL);
		add_party(&text, cause_object(cause));
		add_part(&text, "storm to it");
		add_origin(&text, cause);
		break;
	case STORM_BY_SIGNATURE:
		add_part(&text, "storm of all");
		add_origin(&text, cause);
		break;
	}
	digest_sha1(text.at, text.length, key);
	text_release(&text);
}

void
finding_print_uid(const uint8_t key[DIGEST_SIZE], char uid[FINDING_UID_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < (FINDING_UID_SIZE - 1) / 2; i++) {
		uid[2 * i] = digits[key[i] >> 4];
		uid[2 * i + 1] = digits[key[i] & 15];
	}
	uid[FINDING_UID_SIZE - 1] = '\0';
}

void
finding_uid(const struct record_flow *about, char uid[FINDING_UID_SIZE])
{
	const struct cause cause = {
	    .about = about,
	    .signature = catalog_deviation(about->verdict.deviation),
	};
	uint8_t key[DIGEST_SIZE];

	finding_key(&cause, key);
	finding_print_uid(key, uid);
}

/* --- copies --------------------------------------------------------------- */

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
