#include "classifiers/outside.h"

#include <stdlib.h>

#include "classifiers/application.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/name_pool.h"
#include "classifiers/server_name.h"
#include "sensor/base/arena.h"
#include "sensor/flow.h"

/* Flows that keep a name: those that have an outside end. */
#define PLACES_MAXIMUM ((uint32_t)1 << 15)

struct outside_observer {
	struct dns_answers *answers;
	const struct geography *geography;
	struct name_pool *names;
};

struct outside_observer *
outside_observer_new(uint32_t flows, const struct hash_key *key,
    const struct geography *geography)
{
	struct outside_observer *observer = allocate(1, sizeof(*observer));

	observer->answers = dns_answers_new(DNS_ANSWERS_DEFAULT, key);
	/* Every outside end is looked up: not where nothing can be found. */
	if (geography != NULL && (geography_knows_countries(geography) ||
				     geography_knows_networks(geography)))
		observer->geography = geography;
	observer->names =
	    name_pool_new(flows < PLACES_MAXIMUM ? flows : PLACES_MAXIMUM);
	return observer;
}

void
outside_observer_free(struct outside_observer *observer)
{
	if (observer == NULL)
		return;
	dns_answers_free(observer->answers);
	name_pool_free(observer->names);
	free(observer);
}

struct outside_counts
outside_counts(const struct outside_observer *observer)
{
	return (struct outside_counts){
	    .dns = dns_answers_counts(observer->answers),
	    .no_room = name_pool_refused(observer->names),
	};
}

void
outside_answer(struct outside_observer *observer,
    const struct dns_client *client, bool udp, const uint8_t *octets,
    size_t size, struct instant at)
{
	if (udp)
		(void)dns_answers_read(
		    observer->answers, octets, size, client, at);
	else
		dns_answers_read_tcp(
		    observer->answers, octets, size, client, at);
}

void
outside_end(struct outside_observer *observer, struct outside_notes *notes)
{
	name_pool_return(observer->names, &notes->name);
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

/* Where the payload showed that the flow is no TLS, there is no name to see. */
static bool
may_ask_for_server(const struct server_name *asked, const struct appid *appid)
{
	if (asked->whole)
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
    const struct server_name *asked, const struct party *peer,
    const struct party *end, struct instant watching, struct outside *out)
{
	const struct dns_client client = {peer->address, flow->domain};

	*out = (struct outside){0};
	if (end->attribution != ATTRIBUTION_EXTERNAL)
		return false;
	out->name_count = dns_answers_find(observer->answers, &client,
	    &end->address, flow->first, held_since(peer), out->names);
	if (out->name_count > 0 && notes->name == 0)
		notes->name = name_pool_keep(observer->names, out->names[0]);
	out->names_unseen = out->name_count == 0 &&
			    may_use_earlier_answer(flow, peer, watching);
	out->server_name = asked->text;
	out->server_name_unseen =
	    out->server_name == NULL && may_ask_for_server(asked, appid);
	notes->names_unseen = out->names_unseen;
	notes->server_name_unseen = out->server_name_unseen;
	geography_find(observer->geography, &end->address, &out->where);
	return true;
}

void
outside_recall(const struct outside_observer *observer,
    const struct outside_notes *notes, const struct server_name *asked,
    const struct address *address, struct outside *out)
{
	out->names[0] = name_pool_text(observer->names, notes->name);
	out->name_count = notes->name != 0;
	out->server_name = asked->text;
	out->names_unseen = notes->names_unseen;
	out->server_name_unseen = notes->server_name_unseen;
	if (observer->geography == NULL)
		whereabouts_clear(&out->where);
	else
		geography_find(observer->geography, address, &out->where);
}
