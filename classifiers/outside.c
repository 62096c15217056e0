#include "classifiers/outside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/application.h"
#include "classifiers/inventory.h"
#include "classifiers/payload.h"
#include "sensor/base/arena.h"
#include "sensor/flow.h"

/*
 * Flows that keep a name, two at most each; 16 MiB when all are taken.  Only
 * flows that speak TLS or have an outside end take one.
 */
#define KEPT_MAXIMUM ((uint32_t)1 << 16)

/* A name that lives as long as its flow; slot 0 is nobody's. */
struct kept {
	uint32_t next; /* free one */
	char text[HOST_NAME_SIZE];
};

struct outside_observer {
	struct dns_answers *answers;
	const struct geography *geography;
	struct kept *kept;
	uint32_t capacity, used; /* slots ever taken, of which 0 is one */
	uint32_t free;           /* the first that came back, or 0 */
	uint64_t hellos, no_room;
};

struct outside_observer *
outside_observer_new(uint32_t flows, const struct hash_key *key,
    const struct geography *geography)
{
	struct outside_observer *observer = allocate(1, sizeof(*observer));

	observer->answers = dns_answers_new(DNS_ANSWERS_DEFAULT, key);
	observer->geography = geography;
	observer->capacity = flows < KEPT_MAXIMUM ? 2 * flows : KEPT_MAXIMUM;
	observer->capacity++;
	observer->kept = allocate(observer->capacity, sizeof(*observer->kept));
	observer->used = 1;
	return observer;
}

void
outside_observer_free(struct outside_observer *observer)
{
	if (observer == NULL)
		return;
	dns_answers_free(observer->answers);
	free(observer->kept);
	free(observer);
}

struct outside_counts
outside_counts(const struct outside_observer *observer)
{
	return (struct outside_counts){
	    .dns = dns_answers_counts(observer->answers),
	    .hellos = observer->hellos,
	    .no_room = observer->no_room,
	};
}

/* --- names of flows ------------------------------------------------------- */

static uint32_t
keep(struct outside_observer *observer, const char *name)
{
	uint32_t slot = observer->free;

	if (slot != 0) {
		observer->free = observer->kept[slot].next;
	} else if (observer->used < observer->capacity) {
		slot = observer->used++;
	} else {
		observer->no_room++;
		return 0;
	}
	(void)snprintf(observer->kept[slot].text, HOST_NAME_SIZE, "%s", name);
	return slot;
}

static const char *
kept_text(const struct outside_observer *observer, uint32_t slot)
{
	return slot == 0 ? NULL : observer->kept[slot].text;
}

static void
give_back(struct outside_observer *observer, uint32_t *slot)
{
	if (*slot == 0)
		return;
	observer->kept[*slot].next = observer->free;
	observer->free = *slot;
	*slot = 0;
}

void
outside_end(struct outside_observer *observer, struct outside_notes *notes)
{
	give_back(observer, &notes->name);
	give_back(observer, &notes->server_name);
}

/* --- packets -------------------------------------------------------------- */

void
outside_frame(struct outside_observer *observer, struct outside_notes *notes,
    const struct frame *frame, bool to_server)
{
	struct payload_view view = {
	    frame->payload, frame->payload_captured, frame->key.protocol};
	struct tls_hello hello;
	enum tls_hello_answer answer;
	size_t skip;

	if (notes->looked || !to_server || view.size == 0 ||
	    view.protocol != PROTOCOL_TCP)
		return;
	notes->looked = true;
	skip = payload_proxy_size(&view);
	if (skip >= view.size)
		return;
	answer = tls_hello_read(view.octets + skip, view.size - skip, &hello);
	if (answer == TLS_HELLO_NONE)
		return;
	observer->hellos++;
	notes->hello_whole = answer == TLS_HELLO_WHOLE;
	if (hello.server.length > 0)
		notes->server_name = keep(observer, hello.server.text);
}

void
outside_answer(struct outside_observer *observer, const struct flow *flow,
    const struct frame *frame)
{
	const struct address *client = &flow_client(flow)->address;

	if (frame->payload_captured == 0)
		return;
	if (flow->protocol == PROTOCOL_UDP)
		(void)dns_answers_read(observer->answers, frame->payload,
		    frame->payload_captured, client, flow->last);
	else if (flow->protocol == PROTOCOL_TCP)
		dns_answers_read_tcp(observer->answers, frame->payload,
		    frame->payload_captured, client, flow->last);
}

/* --- questions ------------------------------------------------------------ */

/* Since when somebody has had his address, as far as anybody knows. */
static struct instant
held_since(const struct party *party)
{
	return party->workload == NULL ? INSTANT_PAST : party->workload->since;
}

static bool
may_use_earlier_answer(
    const struct flow *flow, const struct party *peer, struct instant watching)
{
	return instant_before(held_since(peer), watching) &&
	       (instant_before(flow->first, watching) ||
		   instant_since(flow->first, watching) < OUTSIDE_WARM_UP);
}

/*
 * Where the payload showed that the flow is no TLS, there is no name to see.
 * QUIC carries its hello encrypted under a key that anybody can make (RFC
 * 9001, 5.2), which is not done here.
 */
static bool
may_ask_for_server(const struct outside_notes *notes, const struct appid *appid)
{
	if (notes->hello_whole)
		return false;
	return appid->confidence != APP_DPI ||
	       appid->application == APPLICATION_TLS ||
	       appid->carrier == APPLICATION_TLS ||
	       appid->application == APPLICATION_QUIC ||
	       appid->carrier == APPLICATION_QUIC;
}

bool
outside_describe(struct outside_observer *observer, struct outside_notes *notes,
    const struct flow *flow, const struct appid *appid,
    const struct party *peer, const struct party *end, struct instant watching,
    struct outside *out)
{
	*out = (struct outside){0};
	if (end->attribution != ATTRIBUTION_EXTERNAL)
		return false;
	out->name_count = dns_answers_find(observer->answers, &peer->address,
	    &end->address, flow->first, held_since(peer), out->names);
	if (out->name_count > 0 && notes->name == 0)
		notes->name = keep(observer, out->names[0]);
	out->names_unseen = out->name_count == 0 &&
			    may_use_earlier_answer(flow, peer, watching);
	out->server_name = kept_text(observer, notes->server_name);
	out->server_name_unseen =
	    out->server_name == NULL && may_ask_for_server(notes, appid);
	notes->names_unseen = out->names_unseen;
	notes->server_name_unseen = out->server_name_unseen;
	out->where = geography_find(observer->geography, &end->address);
	return true;
}

bool
outside_recall(const struct outside_observer *observer,
    const struct outside_notes *notes, const struct party *end,
    struct outside *out)
{
	*out = (struct outside){0};
	if (end->attribution != ATTRIBUTION_EXTERNAL)
		return false;
	out->names[0] = kept_text(observer, notes->name);
	out->name_count = notes->name != 0;
	out->server_name = kept_text(observer, notes->server_name);
	out->names_unseen = notes->names_unseen;
	out->server_name_unseen = notes->server_name_unseen;
	out->where = geography_find(observer->geography, &end->address);
	return true;
}
