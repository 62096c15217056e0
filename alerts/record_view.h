/*
 * record_view -- a native record taken apart, for whoever says it in another
 * form.
 *
 * Every format starts from the native line, not from flows and verdicts: that
 * line is what is kept, so an old alert can be sent to a new SIEM, and what is
 * said does not depend on the form it is said in.  Pure; what is not known is
 * NULL, -1 or nothing.
 */
#ifndef ALERTS_RECORD_VIEW_H
#define ALERTS_RECORD_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/model.h"
#include "sensor/base/instant.h"

struct json;
struct signature;
struct text;

enum view_kind { VIEW_ALERT, VIEW_FINDING, VIEW_FLOW };

/* Which way a flow goes, seen from the cluster. */
enum view_side {
	VIEW_SIDE_UNKNOWN,
	VIEW_INTERNAL,
	VIEW_INBOUND,
	VIEW_OUTBOUND,
	VIEW_EXTERNAL, /* both ends are outside */
};

/* One end. */
struct view_end {
	const char *ip;
	int64_t port;
	int64_t packets, octets; /* that it sent */
	const char *attribution;
	const char *cluster, *namespace, *application, *kind, *name, *node;
	const char *image, *model, *dns, *sni;
	const char *country, *organisation;
	int64_t asn;
	const struct json *labels, *segments, *unseen;
	const char *party; /* a finding's own words for it */
};

/* A record; all texts are borrowed from its JSON document. */
struct record_view {
	enum view_kind kind;
	const char *event_type;
	struct instant at;
	const char *host, *interface, *pcap_filename;
	int64_t packet, flow_id;
	const char *community_id;
	const char *domain; /* the network that the addresses are of */
	const struct json *vlans, *tunnel, *service;
	struct view_end client, server;
	const char *protocol; /* `TCP`, or three digits */
	int protocol_number;  /* -1: not known */
	int64_t icmp_type, icmp_code, ip_version;
	const char *application, *carrier, *confidence, *direction_confidence;
	/* of the flow */
	struct instant start, end; /* INSTANT_PAST: not known */
	const char *state, *reason;
	const char *connection_state, *history; /* as in Zeek's conn.log */
	int64_t duplicates;
	unsigned tcp_flags;
	/* of the alert */
	const struct signature *signature; /* NULL: not in the catalogue */
	const char *sentence, *category, *action;
	int64_t gid, signature_id, revision;
	/* of the policy */
	const char *verdict, *deviation, *statement, *model, *source;
	const char *expected, *observed, *segment;
	const struct json *compliance, *tags;
	int64_t metadata_age_ms;
	bool attempted;
	bool severe;            /* it has a severity */
	enum severity severity; /* valid when severe */
	/* of what a detector found */
	const char *technique_id, *technique, *tactic_id, *tactic;
	const char *detector; /* NULL: it is a deviation */
	const char *subject, *object, *about, *silent_if;
	int64_t percent; /* how sure the detector is */
	const struct json *evidence;
	/* of the finding */
	const char *uid, *finding_state;
	const char *storm; /* of whom it stands for many; NULL: for itself */
	int64_t count;
	struct instant first_seen, last_seen;
};

/*
 * Takes a record apart.
 *
 * returns    false when it is no alert, finding or flow of ours
 */
bool record_view_read(const struct json *record, struct record_view *view);

enum view_side record_view_side(const struct record_view *view);

/* One end by the name that sentences use, such as `shop/carts`. */
void record_view_party(struct text *out, const struct view_end *end);

/*
 * What identifies a record, and only a record, in a SIEM: a duplicate has the
 * same, in every format and after every restart.
 */
void record_view_id(struct text *out, const struct record_view *view);

/* Whether its application is known, and not only suggested by a port. */
bool record_view_application_shown(const struct record_view *view);

/* Milliseconds since 1970, as many formats want a time. */
int64_t record_view_ms(struct instant at);

#endif
