#include "models/judge.h"

#include <assert.h>
#include <limits.h>

#include "classifiers/inventory/workload.h"
#include "classifiers/mesh.h"
#include "models/external.h"
#include "models/peer.h"
#include "sensor/base/text.h"
#include "sensor/frame.h"

/*
 * Identities that one end may stand for: a service's backends, or a node and
 * the pods on its network.  More than this many backends are of one kind
 * anyway, so the rest would say the same.
 */
#define CANDIDATES_MAXIMUM 64

struct candidate {
	const struct identity *identity;
	const char *node; /* the node it is on, or "" */
	uint16_t port;    /* as the candidate itself sees it */
};

struct candidates {
	struct candidate at[CANDIDATES_MAXIMUM];
	size_t count, most;
};

static void
add_candidate(struct candidates *list, const struct identity *identity,
    const char *node, uint16_t port)
{
	if (list->count < list->most)
		list->at[list->count++] =
		    (struct candidate){identity, node, port};
}

static void
add_workload(struct policy *policy, struct candidates *list,
    const struct workload *workload, uint16_t port)
{
	add_candidate(
	    list, policy_workload(policy, workload), workload->node, port);
}

uint16_t
judge_target_port(const struct service *service, const struct workload *backend,
    uint8_t protocol, uint16_t port)
{
	for (size_t i = 0; i < service->port_count; i++) {
		const struct service_port *one = &service->ports[i];
		uint16_t target;

		if (one->port != port || one->protocol != protocol)
			continue;
		target = service_target(one, backend);
		return target != 0 ? target : port;
	}
	return port;
}

static void
add_backends(struct policy *policy, struct candidates *list,
    const struct service *service, const struct question *question)
{
	for (size_t i = 0;
	     i < service->backend_count && list->count < list->most; i++)
		if (workload_alive(service->backends[i], question->start))
			add_workload(policy, list, service->backends[i],
			    judge_target_port(service, service->backends[i],
				question->protocol, question->port));
}

static void
add_host_workloads(struct policy *policy, struct candidates *list,
    const struct node *node, const struct question *question)
{
	for (size_t i = 0;
	     i < node->host_workload_count && list->count < list->most; i++)
		if (workload_alive(node->host_workloads[i], question->start))
			add_workload(policy, list, node->host_workloads[i],
			    question->port);
}

/*
 * Everybody that this end may be; none when nobody held the address.
 *
 * generous   what could not be seen of an outside end is as models ask
 * most       of them
 */
static void
expand(struct policy *policy, const struct party *party,
    const struct question *question, bool generous, struct candidates *list,
    size_t most)
{
	const struct outside *outside = party == &question->client
					    ? question->client_outside
					    : question->server_outside;

	list->count = 0;
	list->most = most;
	switch (party->attribution) {
	case ATTRIBUTION_EXACT:
		add_workload(policy, list, party->workload, question->port);
		break;
	case ATTRIBUTION_AMBIGUOUS:
		add_host_workloads(policy, list, party->node, question);
		add_candidate(list, policy_node(policy, party->node),
		    party->node->name, question->port);
		break;
	case ATTRIBUTION_NODE:
		add_candidate(list, policy_node(policy, party->node),
		    party->node->name, question->port);
		break;
	case ATTRIBUTION_SERVICE:
		add_backends(policy, list, party->service, question);
		break;
	case ATTRIBUTION_ZONE:
		add_candidate(
		    list, policy_zone(policy, party->zone), "", question->port);
		break;
	case ATTRIBUTION_EXTERNAL:
		add_candidate(list,
		    policy_external(policy, &party->address, outside, generous),
		    "", question->port);
		break;
	case ATTRIBUTION_UNATTRIBUTED:
	case ATTRIBUTION_STALE:
		break;
	}
}

/* One pair of candidates in one flow. */
struct case_file {
	struct policy *policy;
	const struct question *question;
	const struct pair *pair;
	uint16_t port;
	bool same_node;
};

static bool
is_for_tcp(const struct statement *statement)
{
	for (size_t i = 0; i < statement->port_count; i++)
		if (statement->ports[i].protocol == 0 ||
		    statement->ports[i].protocol == PROTOCOL_TCP)
			return true;
	return statement->port_count == 0;
}

/* Behind the port of a mesh's proxies there may be any of the pod's. */
static bool
fits_port(const struct case_file *c, const struct statement *statement)
{
	const struct question *question = c->question;

	if (question->protocol == PROTOCOL_TCP &&
	    mesh_hides_port(&question->appid, question->port))
		return is_for_tcp(statement);
	return statement_port_fits(statement, question->protocol, c->port);
}

/*
 * The statement that allows it; a match is a better reason than a maybe, and
 * either a better one than none at all.
 */
static const struct statement *
find_allowing(const struct case_file *c)
{
	const struct statement *found = NULL;
	int best = INT_MAX;

	for (size_t i = 0; i < c->pair->count; i++) {
		const struct statement *one = &c->pair->statements[i];
		enum app_match match;
		int rank;

		if (!fits_port(c, one))
			continue;
		match = statement_app_fits(one, &c->question->appid);
		rank = (int)match +
		       (statement_is_unjudged(one) ? APP_CONTRADICT : 0);
		if (match != APP_CONTRADICT && rank < best) {
			best = rank;
			found = one;
		}
	}
	return found;
}

/* Whether nothing that fits says more than that anybody may do anything. */
static bool
is_blanket(const struct case_file *c)
{
	for (size_t i = 0; i < c->pair->count; i++) {
		const struct statement *one = &c->pair->statements[i];

		if (!statement_is_blanket(one) && fits_port(c, one) &&
		    statement_app_fits(one, &c->question->appid) !=
			APP_CONTRADICT)
			return false;
	}
	return true;
}

static const struct statement *
find_on_port(const struct case_file *c)
{
	for (size_t i = 0; i < c->pair->count; i++)
		if (fits_port(c, &c->pair->statements[i]))
			return &c->pair->statements[i];
	return NULL;
}

/* A statement of the pair on any port, one that speaks the same if possible */
static const struct statement *
find_of_pair(const struct case_file *c)
{
	const struct statement *first = NULL;

	for (size_t i = 0; i < c->pair->count; i++) {
		const struct statement *one = &c->pair->statements[i];

		if (statement_is_unjudged(one))
			continue;
		if (statement_app_fits(one, &c->question->appid) == APP_MATCH)
			return one;
		if (first == NULL)
			first = one;
	}
	return first;
}

static bool
is_external(const struct identity *identity)
{
	return identity->kind == IDENTITY_EXTERNAL;
}

static bool
is_node(const struct identity *identity)
{
	return identity->kind == IDENTITY_NODE;
}

/* Whether an entry is about somebody: not left open, and not for anybody. */
static bool
names_its_peer(const struct entry *entry)
{
	if (entry == NULL || !entry->peers.given)
		return false;
	for (size_t i = 0; i < entry->peers.count; i++)
		if (entry->peers.at[i].any)
			return false;
	return true;
}

/*
 * What models state the other way round.  A kubelet's probes do not count, nor
 * do statements that hold for anybody, or for every node: they are no
 * relationship of these two.
 */
static const struct statement *
find_reverse(const struct case_file *c)
{
	const struct pair *reverse;

	if (is_node(c->pair->client) || is_node(c->pair->server))
		return NULL;
	reverse = policy_pair(
	    c->policy, c->pair->server, c->pair->client, c->same_node);

	for (size_t i = 0; i < reverse->count; i++) {
		const struct statement *one = &reverse->statements[i];

		if (!statement_is_unjudged(one) &&
		    (names_its_peer(one->provides) ||
			names_its_peer(one->needs)))
			return one;
	}
	return NULL;
}

static enum deviation
classify(const struct case_file *c, const struct statement **nearest)
{
	*nearest = find_on_port(c);
	if (*nearest != NULL)
		return DEVIATION_APPLICATION;
	*nearest = find_of_pair(c);
	if (*nearest != NULL)
		return DEVIATION_PORT;
	if (is_external(c->pair->client) || is_external(c->pair->server))
		return DEVIATION_EXTERNAL;
	*nearest = find_reverse(c);
	if (*nearest != NULL)
		return DEVIATION_DIRECTION;
	return DEVIATION_RELATIONSHIP;
}

/*
 * How near one entry comes: what it says of the application counts most, then
 * of the port, then of the peer.  An entry that leaves one open, or that is for
 * nobody, is no better a hint for it.
 *
 * fits       set when nothing of it is missed
 */
static int
nearness(const struct case_file *c, const struct entry *entry,
    const struct meeting *meeting, bool *fits)
{
	enum app_match app = entry_app_fits(entry, &c->question->appid);
	bool port = entry_port_fits(
	    entry, c->pair->server, c->question->protocol, c->port);
	bool peer = peers_fit(&entry->peers, meeting);
	bool nobody = entry->peers.given && entry->peers.count == 0;

	if (app != APP_CONTRADICT && port && peer)
		*fits = true;
	if (nobody)
		return 0;
	return (app == APP_MATCH && entry->application_count > 0) * 8 +
	       (port && entry->ports.count > 0) * 4 + peer * 2 + 1;
}

/* Looks through one side's entries; says whether one of them fits wholly. */
static bool
find_nearest_entry(
    const struct case_file *c, bool provides, struct verdict *verdict)
{
	const struct identity *self =
	    provides ? c->pair->server : c->pair->client;
	struct meeting meeting = {
	    self, provides ? c->pair->client : c->pair->server, c->same_node};
	bool fits = false;
	int best = -1;

	verdict->entry_provides = provides;
	verdict->entry = NULL;
	verdict->model = NULL;
	for (size_t m = 0; m < self->model_count; m++) {
		const struct entries *entries = provides
						    ? &self->models[m]->provides
						    : &self->models[m]->needs;

		if (!identity_heeds(self, self->models[m], provides))
			continue;
		if (verdict->model == NULL)
			verdict->model = self->models[m];
		for (size_t i = 0; i < entries->count; i++) {
			int score =
			    nearness(c, &entries->at[i], &meeting, &fits);

			if (score <= best)
				continue;
			best = score;
			verdict->entry = &entries->at[i];
			verdict->model = self->models[m];
		}
	}
	return fits;
}

/* Whose opinion it is that is missed: the server's first. */
static void
find_nearest(const struct case_file *c, struct verdict *verdict)
{
	if (c->pair->server_modelled &&
	    (!find_nearest_entry(c, true, verdict) ||
		!c->pair->client_modelled))
		return;
	find_nearest_entry(c, false, verdict);
}

static struct verdict
judge_pair(const struct case_file *c)
{
	struct verdict verdict = {
	    .client = c->pair->client,
	    .server = c->pair->server,
	    .attempted = c->question->attempted,
	};

	if (c->pair->boundary != NULL) {
		verdict.kind = VERDICT_DEVIATION;
		verdict.deviation = DEVIATION_SEGMENT;
		verdict.segment = c->pair->segment;
		verdict.boundary = c->pair->boundary;
		verdict.severity = c->pair->segment->severity;
		return verdict;
	}
	verdict.statement = find_allowing(c);
	if (verdict.statement != NULL) {
		verdict.kind = statement_is_unjudged(verdict.statement)
				   ? VERDICT_UNMODELLED
				   : VERDICT_ALLOWED;
		verdict.blanket = verdict.kind == VERDICT_ALLOWED &&
				  statement_is_blanket(verdict.statement) &&
				  is_blanket(c);
		return verdict;
	}
	if (!c->pair->server_modelled && !c->pair->client_modelled) {
		verdict.kind = VERDICT_UNMODELLED;
		return verdict;
	}
	verdict.kind = VERDICT_DEVIATION;
	verdict.deviation = classify(c, &verdict.statement);
	find_nearest(c, &verdict);
	assert(verdict.model != NULL);
	verdict.severity = verdict.model->severity;
	return verdict;
}

static const char *
cluster_of(const struct identity *identity)
{
	if (identity->workload != NULL)
		return identity->workload->cluster;
	return identity->node != NULL ? identity->node->cluster : "";
}

static bool
share_node(const struct candidate *a, const struct candidate *b)
{
	return a->node[0] != '\0' && strcmp(a->node, b->node) == 0 &&
	       strcmp(cluster_of(a->identity), cluster_of(b->identity)) == 0;
}

/*
 * Whether one before it would be judged the same: most of a service's backends
 * are pods of one kind.
 */
static bool
was_judged(const struct candidates *servers, size_t index,
    const struct candidate *client)
{
	const struct candidate *one = &servers->at[index];

	for (size_t i = 0; i < index; i++)
		if (servers->at[i].identity == one->identity &&
		    servers->at[i].port == one->port &&
		    share_node(client, &servers->at[i]) ==
			share_node(client, one))
			return true;
	return false;
}

static int
count_nodes(const struct verdict *verdict)
{
	return (verdict->client != NULL && is_node(verdict->client)) +
	       (verdict->server != NULL && is_node(verdict->server));
}

/*
 * With a node's address leaves whatever is masqueraded, and comes whatever came
 * in by a NodePort: of what nobody there may do, none of its pods is to blame.
 */
static bool
is_better(const struct verdict *one, const struct verdict *best)
{
	if (one->kind != best->kind)
		return one->kind < best->kind;
	return count_nodes(one) > count_nodes(best);
}

/* Only when nobody that an end may be fits, is anybody to blame. */
static struct verdict
judge_candidates(struct policy *policy, const struct question *question,
    const struct candidates *clients, const struct candidates *servers)
{
	struct verdict best = {.kind = VERDICT_UNKNOWN};
	bool first = true;

	for (size_t c = 0; c < clients->count; c++)
		for (size_t s = 0; s < servers->count; s++) {
			const struct candidate *client = &clients->at[c];
			const struct candidate *server = &servers->at[s];
			struct case_file file = {
			    .policy = policy,
			    .question = question,
			    .port = server->port,
			    .same_node = share_node(client, server),
			};
			struct verdict one;

			if (was_judged(servers, s, client))
				continue;
			file.pair = policy_pair(policy, client->identity,
			    server->identity, file.same_node);
			one = judge_pair(&file);
			if (first || is_better(&one, &best))
				best = one;
			first = false;
			if (best.kind == VERDICT_ALLOWED)
				return best;
		}
	return best;
}

static bool
may_be_many(const struct party *party)
{
	return party->attribution == ATTRIBUTION_SERVICE ||
	       party->attribution == ATTRIBUTION_AMBIGUOUS;
}

/*
 * Whoever is behind a service is mostly of one kind, so the first of them
 * decides it, and the others are asked only when he would not do.
 */
static struct verdict
judge_ends(
    struct policy *policy, const struct question *question, bool generous)
{
	struct candidates clients, servers;
	struct verdict verdict;

	expand(policy, &question->client, question, generous, &clients, 1);
	expand(policy, &question->server, question, generous, &servers, 1);
	verdict = judge_candidates(policy, question, &clients, &servers);
	if (verdict.kind == VERDICT_ALLOWED ||
	    !(may_be_many(&question->client) || may_be_many(&question->server)))
		return verdict;
	expand(policy, &question->client, question, generous, &clients,
	    CANDIDATES_MAXIMUM);
	expand(policy, &question->server, question, generous, &servers,
	    CANDIDATES_MAXIMUM);
	return judge_candidates(policy, question, &clients, &servers);
}

/* Whether it would be none if what nobody could see were as it should be. */
static bool
may_be_right(struct policy *policy, const struct question *question)
{
	return (external_is_partly_unseen(question->client_outside) ||
		   external_is_partly_unseen(question->server_outside)) &&
	       judge_ends(policy, question, true).kind != VERDICT_DEVIATION;
}

struct verdict
judge(struct policy *policy, const struct question *question)
{
	struct verdict verdict = judge_ends(policy, question, false);

	if (verdict.kind == VERDICT_DEVIATION &&
	    (question->may_be_reversed || may_be_right(policy, question))) {
		verdict.kind = VERDICT_UNKNOWN;
		verdict.deviation = DEVIATION_NONE;
	}
	verdict.attempted = question->attempted;
	return verdict;
}

const struct place *
verdict_place(const struct verdict *verdict)
{
	if (verdict->boundary != NULL)
		return &verdict->boundary->place;
	if (verdict->kind == VERDICT_ALLOWED && verdict->statement != NULL) {
		if (verdict->statement->provides != NULL)
			return &verdict->statement->provides->place;
		if (verdict->statement->needs != NULL)
			return &verdict->statement->needs->place;
		return NULL;
	}
	if (verdict->entry != NULL)
		return &verdict->entry->place;
	return verdict->model == NULL ? NULL : &verdict->model->place;
}

bool
verdict_source(const struct verdict *verdict, struct text *out)
{
	const struct place *place = verdict_place(verdict);

	if (place == NULL)
		return false;
	text_format(out, "%s:%u", place->file, place->line);
	return true;
}

const char *
verdict_kind_name(enum verdict_kind kind)
{
	switch (kind) {
	case VERDICT_ALLOWED:
		return "allowed";
	case VERDICT_UNMODELLED:
		return "unmodelled";
	case VERDICT_UNKNOWN:
		return "unknown";
	case VERDICT_DEVIATION:
		return "deviation";
	}
	return "unknown";
}

const char *
deviation_name(enum deviation deviation)
{
	switch (deviation) {
	case DEVIATION_NONE:
		return NULL;
	case DEVIATION_SEGMENT:
		return "segment";
	case DEVIATION_APPLICATION:
		return "application";
	case DEVIATION_PORT:
		return "port";
	case DEVIATION_EXTERNAL:
		return "external";
	case DEVIATION_DIRECTION:
		return "direction";
	case DEVIATION_RELATIONSHIP:
		return "relationship";
	}
	return NULL;
}
