/*
 * model -- models of expected behaviour, segments and zones, as plain data.
 *
 * What operators write, after loading: names are checked, fragments are
 * spliced in, `extends` is applied.  Everything lives in the library's arena
 * and is never changed after loading.  docs/models.md is the language's
 * manual.  Does not know workloads that exist, flows or verdicts.
 */
#ifndef MODELS_MODEL_H
#define MODELS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/application.h"
#include "sensor/base/address.h"
#include "sensor/base/report.h"

struct network_peer;
struct zone;
struct segment;

/* Any of these texts; patterns are globs (*, ?) where the manual says so. */
struct words {
	const char *const *at;
	size_t count; /* 0: no opinion */
};

/* One key of a `labels:` test. */
struct label_test {
	const char *key;
	enum { LABEL_ONE_OF, LABEL_PRESENT, LABEL_ABSENT } test;
	struct words values; /* LABEL_ONE_OF */
};

struct label_tests {
	const struct label_test *at;
	size_t count;
};

/* One entry of `match:`; every key that is given must hold. */
struct selector {
	struct place place;
	struct words images;       /* globs on the repository */
	struct words namespaces;   /* globs */
	struct words applications; /* globs */
	struct words kinds, orchestrators, clusters;
	struct words zones;
	struct label_tests labels;
	enum application serves; /* UNKNOWN: not asked */
};

enum same_kind {
	SAME_APPLICATION, /* and the same namespace */
	SAME_NAMESPACE,
	SAME_SEGMENT,
	SAME_NODE,
	SAME_LABEL,
};

struct same {
	enum same_kind kind;
	const char *label; /* SAME_LABEL */
};

/* Outside addresses; an empty one is any of them. */
struct external {
	const struct prefix *prefixes;
	size_t prefix_count;
	/* But none of these; only imported policies have them. */
	const struct prefix *excepts;
	size_t except_count;
	struct words dns, sni; /* globs: answered for it, asked for in TLS */
	struct words countries;
	const uint32_t *asns;
	size_t asn_count;
};

/* One peer of `from:` or `to:`; every key that is given must hold. */
struct peer {
	struct place place;
	bool any, node;
	struct words applications; /* globs; `namespace/name` binds both */
	struct words models, roles;
	struct words namespaces; /* globs */
	struct words segments, zones;
	struct label_tests labels;
	const struct same *sames;
	size_t same_count;
	const struct external *external; /* or NULL */
	/* Of an imported policy: it alone decides, and the rest is for show. */
	const struct network_peer *imported;
};

struct peers {
	bool given; /* false: `from:`/`to:` was left out, which means any */
	const struct peer *at;
	size_t count;
};

/* Ports of one entry; protocol 0 is any, a name is a container port's. */
struct port_range {
	uint8_t protocol;
	uint16_t first, last;
	const char *name; /* or NULL */
};

struct ports {
	const struct port_range *at;
	size_t count; /* 0: any */
	/* Those that the server declares; identities hold their numbers. */
	bool declared;
};

/* One expected relationship: of `provides:` inbound, of `needs:` outbound. */
struct entry {
	struct place place;
	const char *name; /* unique in its list; made up when not given */
	const enum application *applications;
	size_t application_count; /* 0: any */
	struct ports ports;
	struct peers peers;
	bool has_messages; /* `messages:` was given; read, not judged yet */
	bool unjudged;     /* `judged: false`: what fits is left unmodelled */
};

struct entries {
	bool given; /* the key stood there, if only as [] */
	const struct entry *at;
	size_t count;
};

enum severity {
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
};

/* Which layer a model came from; the highest one with a match decides. */
enum layer { LAYER_GENERAL, LAYER_LIBRARY, LAYER_LEARNED, LAYER_OPERATOR };

struct tag {
	const char *key, *value;
};

struct model {
	struct place place;
	const char *name;
	const char *describes; /* or "" */
	uint32_t version;
	enum layer layer;
	bool adds; /* joins the layer below instead of replacing it */
	const struct model *extends; /* what it was made from, or NULL */
	const struct selector *selectors;
	size_t selector_count;
	const char *role; /* or NULL */
	struct entries provides, needs;
	const struct tag *tags;
	size_t tag_count;
	enum severity severity;        /* medium unless given */
	const struct segment *segment; /* it applies only inside, or NULL */
};

/* One boundary of a segment, seen from inside it. */
struct boundary {
	struct place place;
	bool inward; /* `from:` outsiders to members; else `to:` */
	struct peers peers;
	struct peers except; /* of the same direction as written: see manual */
};

struct segment {
	struct place place;
	const char *name;
	const struct selector *selectors;
	size_t selector_count;
	const struct boundary *boundaries;
	size_t boundary_count;
	struct words compliance;
	enum severity severity;
	enum layer layer;
};

const char *severity_name(enum severity severity);
const char *layer_name(enum layer layer);
const char *same_kind_name(enum same_kind kind);

#endif
