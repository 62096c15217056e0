/*
 * server_name -- which server the client of a flow asks for, in TLS.
 *
 * Looks at the first payload of the client alone: a ClientHello names the
 * server there (tls_hello) or nowhere.  QUIC carries its hello encrypted under
 * a key that anybody can make (RFC 9001, 5.2), which is not done here.  Does
 * not know workloads.  One per worker's part of the flows, one thread each.
 */
#ifndef CLASSIFIERS_SERVER_NAME_H
#define CLASSIFIERS_SERVER_NAME_H

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct server_names; /* opaque */

/* What is kept per flow; zeroed for a new flow, open only to be stored. */
struct server_name_note {
	uint32_t place; /* of the name, 0: none */
	bool looked;    /* at the client's first payload */
	bool whole;     /* the hello was read to its end */
};

/* What a flow's client asks for, as far as it was seen. */
struct server_name {
	const char *text; /* borrowed until the flow ends, or NULL */
	bool whole;       /* the hello was read to its end */
};

struct server_name_counts {
	uint64_t hellos;  /* ClientHellos seen */
	uint64_t no_room; /* names that found no room */
};

/* Makes an owned one for server_names_free(); `flows` may be in progress. */
struct server_names *server_names_new(uint32_t flows);
void server_names_free(struct server_names *names);

/* Shows a frame of a flow. */
void server_name_frame(struct server_names *names,
    struct server_name_note *note, const struct frame *frame, bool to_server);

struct server_name server_name_of(
    const struct server_names *names, const struct server_name_note *note);

/* The flow has ended: its name goes back. */
void server_name_end(struct server_names *names, struct server_name_note *note);

struct server_name_counts server_name_counts(const struct server_names *names);

#endif
