#include "classifiers/server_name.h"

#include <stdlib.h>

#include "classifiers/name_pool.h"
#include "classifiers/payload/payload.h"
#include "classifiers/tls_hello.h"
#include "sensor/base/arena.h"
#include "sensor/frame.h"

/* Names at once; of a quarter of a million flows, more would be a flood. */
#define PLACES_MAXIMUM ((uint32_t)1 << 15)

struct server_names {
	struct name_pool *pool;
	uint64_t hellos;
};

struct server_names *
server_names_new(uint32_t flows)
{
	struct server_names *names = allocate(1, sizeof(*names));

	names->pool =
	    name_pool_new(flows < PLACES_MAXIMUM ? flows : PLACES_MAXIMUM);
	return names;
}

void
server_names_free(struct server_names *names)
{
	if (names == NULL)
		return;
	name_pool_free(names->pool);
	free(names);
}

/* The first payload of a client, after a PROXY protocol's header. */
static void
look(struct server_names *names, struct server_name_note *note,
    const struct payload_view *view)
{
	size_t skip = payload_proxy_size(view);
	struct tls_hello hello;
	enum tls_hello_answer answer;

	note->looked = true;
	if (skip >= view->size)
		return;
	answer = tls_hello_read(view->octets + skip, view->size - skip, &hello);
	if (answer == TLS_HELLO_NONE)
		return;
	names->hellos++;
	note->whole = answer == TLS_HELLO_WHOLE;
	if (hello.server.length > 0)
		note->place = name_pool_keep(names->pool, hello.server.text);
}

void
server_name_frame(struct server_names *names, struct server_name_note *note,
    const struct frame *frame, bool to_server)
{
	struct payload_view view = {
	    frame->payload, frame->payload_captured, frame->key.protocol};

	if (!note->looked && to_server && view.size > 0 &&
	    view.protocol == PROTOCOL_TCP)
		look(names, note, &view);
}

struct server_name
server_name_of(
    const struct server_names *names, const struct server_name_note *note)
{
	return (struct server_name){
	    .text = name_pool_text(names->pool, note->place),
	    .whole = note->whole,
	};
}

void
server_name_end(struct server_names *names, struct server_name_note *note)
{
	name_pool_return(names->pool, &note->place);
}

struct server_name_counts
server_name_counts(const struct server_names *names)
{
	return (struct server_name_counts){
	    .hellos = names->hellos,
	    .no_room = name_pool_refused(names->pool),
	};
}
