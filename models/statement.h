/*
 * statement -- makes the statements of one pair of identities.
 *
 * The only place where a server's `provides` meets a client's `needs`, and
 * where what the metadata promises (probes, declared ports) is added.  Does
 * not keep anything: policy does.
 */
#ifndef MODELS_STATEMENT_H
#define MODELS_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/application.h"
#include "models/identity.h"

struct arena;

/* Why a statement stands. */
enum statement_origin {
	STATEMENT_MODEL, /* models say so */
	STATEMENT_PROBE, /* the node's kubelet probes a declared probe port */
	STATEMENT_PORT,  /* or, where no probe is declared, a declared port */
};

/* `allow client -> server`: both sides that have an opinion agree. */
struct statement {
	enum statement_origin origin;
	const struct identity *client, *server;
	/* What the server provides; NULL without a model, or for a probe. */
	const struct model *provider;
	const struct entry *provides;
	/* What the client needs; NULL when its models have no opinion. */
	const struct model *needer;
	const struct entry *needs;
	const struct port_range *ports; /* numbers only; see port_count */
	size_t port_count;              /* 0: any */
};

/* Everything that is stated from one identity to another. */
struct pair {
	const struct identity *client, *server;
	bool server_modelled; /* the server's models have an opinion inward */
	bool client_modelled; /* the client's have one outward */
	const struct statement *statements;
	size_t count;
	/* The boundary that this pair would cross, or NULL. */
	const struct segment *segment;
	const struct boundary *boundary;
};

/*
 * Fills in everything of `*pair` but its two identities.
 *
 * arena      owns the statements
 * same_node  the two share a node, or the client is the server's node
 */
void statements_make(struct arena *arena, struct pair *pair, bool same_node);

/* How a statement's port and application fit what was seen. */
bool statement_port_fits(
    const struct statement *statement, uint8_t protocol, uint16_t port);
enum app_match statement_app_fits(
    const struct statement *statement, const struct appid *appid);

/* Whether the entries behind it all leave open what to think of a flow. */
bool statement_is_unjudged(const struct statement *statement);

/*
 * Whether it allows anybody anything: neither side's entry names an
 * application, a port or its peer (`to: [{any: true}]` and nothing else, or
 * `to: [{external: {}}]`).
 */
bool statement_is_blanket(const struct statement *statement);

/* How one entry's application or port fits a server, on its own. */
enum app_match entry_app_fits(
    const struct entry *entry, const struct appid *appid);
bool entry_port_fits(const struct entry *entry, const struct identity *server,
    uint8_t protocol, uint16_t port);

#endif
