#include "alerts/finding_key.h"

#include <assert.h>

#include "alerts/catalog.h"
#include "classifiers/detectors/detector.h"
#include "classifiers/inventory/workload.h"
#include "sensor/base/address.h"
#include "sensor/base/text.h"

/* A key is hashed and not kept, so it may be as long as names come. */
#define KEY_MAXIMUM ((size_t)1024 * 1024)

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

const char *
storm_kind_name(enum storm_kind kind)
{
	switch (kind) {
	case STORM_NONE:
		return NULL;
	case STORM_BY_SUBJECT:
		return "subject";
	case STORM_BY_OBJECT:
		return "object";
	case STORM_BY_SIGNATURE:
		return "signature";
	}
	return NULL;
}
