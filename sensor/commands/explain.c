#include "sensor/commands/explain.h"

#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"
#include "sensor/commands/explain_detection.h"
#include "sensor/commands/rejudge.h"
#include "sensor/run/setup.h"

/* Everything under way while an edit is looked for. */
struct search {
	struct explanation *explanation;
	struct rejudge *list;
	const struct setup_paths *paths;
	const struct setup *setup;
	struct arena *arena;
	bool *mine; /* flows of the finding, by their place in the list */
	struct ports ports; /* of those flows, each once */
	const enum application *applications;
	size_t application_count;
	bool applications_known;
	/* The models with the edits so far. */
	struct library *library;
	struct policy *policy;
};

static bool
deviates(const struct rejudged *one)
{
	return one->about.judged &&
	       one->about.verdict.kind == VERDICT_DEVIATION;
}

/* --- which flows ---------------------------------------------------------- */

static void
find_mine(struct search *search)
{
	struct explanation *explanation = search->explanation;
	char uid[FINDING_UID_SIZE];

	search->mine = arena_array(
	    search->arena, rejudge_count(search->list), sizeof(*search->mine));
	for (size_t i = 0; i < rejudge_count(search->list); i++) {
		const struct rejudged *one = rejudge_at(search->list, i);

		if (!deviates(one))
			continue;
		finding_uid(&one->about, uid);
		search->mine[i] =
		    i == 0 || strcmp(uid, explanation->uid_now) == 0;
		explanation->flows += i > 0 && search->mine[i];
	}
	/* The alert's own flow is one of the records, if there are any. */
	if (explanation->flows == 0)
		explanation->flows = 1;
}

static struct port_range
port_of(const struct flow *flow)
{
	uint16_t port = flow_server(flow)->port;
	bool icmp = flow->protocol == PROTOCOL_ICMP ||
		    flow->protocol == PROTOCOL_ICMPV6;

	return (struct port_range){
	    .protocol = flow->protocol,
	    .first = icmp ? 0 : port,
	    .last = icmp ? UINT16_MAX : port,
	};
}

static int
compare_ports(const void *a, const void *b)
{
	const struct port_range *left = a, *right = b;

	if (left->protocol != right->protocol)
		return left->protocol < right->protocol ? -1 : 1;
	return (left->first > right->first) - (left->first < right->first);
}

/* Whether a flow is refused for the same reason as another. */
static bool
same_refusal(const struct verdict *a, const struct verdict *b)
{
	if (a->boundary != NULL || b->boundary != NULL)
		return a->boundary == b->boundary;
	return a->entry_provides == b->entry_provides &&
	       a->client == b->client && a->server == b->server;
}

/*
 * The ports of all flows of the finding that still deviate for one reason.
 *
 * returns    the first of those flows, or NULL when none deviates any more
 */
static const struct rejudged *
collect_refused(struct search *search)
{
	size_t total = rejudge_count(search->list), kept = 0;
	const struct rejudged *first = NULL;
	struct port_range *at = arena_array(search->arena, total, sizeof(*at));

	for (size_t i = 0; i < total; i++) {
		const struct rejudged *one = rejudge_at(search->list, i);

		if (!search->mine[i] || !deviates(one))
			continue;
		if (first == NULL)
			first = one;
		if (same_refusal(&first->about.verdict, &one->about.verdict))
			at[kept++] = port_of(&one->flow);
	}
	search->ports = (struct ports){.at = at};
	if (kept == 0)
		return NULL;
	qsort(at, kept, sizeof(*at), compare_ports);
	search->ports.count = 1;
	for (size_t i = 1; i < kept; i++)
		if (compare_ports(&at[search->ports.count - 1], &at[i]) != 0)
			at[search->ports.count++] = at[i];
	return first;
}

/* --- editing -------------------------------------------------------------- */

static void
forget_edited(struct search *search)
{
	policy_free(search->policy);
	library_free(search->library);
	search->policy = NULL;
	search->library = NULL;
}

/* Judges every flow by the models with some edits; false when they fail. */
static bool
judge_edited(
    struct search *search, const struct model_edit *edits, size_t count)
{
	forget_edited(search);
	search->library = setup_edited(search->paths, edits, count);
	if (search->library == NULL)
		return false;
	search->policy = policy_new(search->library, search->setup->inventory);
	rejudge_all(
	    search->list, &(struct rejudge_parts){search->setup->inventory,
			      search->setup->geography, search->policy});
	return true;
}

static struct model_edit
suggest(struct search *search, const struct rejudged *refused)
{
	const struct verdict *verdict = &refused->about.verdict;
	struct edit_wish wish = {
	    .verdict = verdict,
	    .client = &flow_client(&refused->flow)->address,
	    .server = &flow_server(&refused->flow)->address,
	    .ports = &search->ports,
	};

	/* Both sides have to name the same ones, or they would not meet. */
	if (verdict->boundary == NULL && !search->applications_known) {
		search->applications = model_edit_applications(verdict,
		    &refused->about.appid, &search->ports, search->arena,
		    &search->application_count);
		search->applications_known = true;
	}
	wish.applications = search->applications;
	wish.application_count = search->application_count;
	return model_edit_suggest(search->arena, search->library, &wish);
}

/* Adds edits until nothing deviates; false when that comes to no end. */
static bool
find_edits(struct search *search)
{
	struct explanation *explanation = search->explanation;
	const struct rejudged *refused;

	if (!judge_edited(search, NULL, 0))
		return false;
	while ((refused = collect_refused(search)) != NULL) {
		if (explanation->edit_count == EXPLAIN_EDITS_MAXIMUM)
			return false;
		explanation->edits[explanation->edit_count++] =
		    suggest(search, refused);
		if (!judge_edited(
			search, explanation->edits, explanation->edit_count))
			return false;
	}
	return true;
}

/* Leaves out every edit without which nothing deviates either. */
static void
leave_out_needless(struct search *search)
{
	struct explanation *explanation = search->explanation;
	struct model_edit fewer[EXPLAIN_EDITS_MAXIMUM];

	for (size_t i = explanation->edit_count; i-- > 0;) {
		size_t count = 0;

		for (size_t e = 0; e < explanation->edit_count; e++)
			if (e != i)
				fewer[count++] = explanation->edits[e];
		if (!judge_edited(search, fewer, count) ||
		    collect_refused(search) != NULL)
			continue;
		memcpy(explanation->edits, fewer, count * sizeof(*fewer));
		explanation->edit_count = count;
	}
}

/* --- what else is opened -------------------------------------------------- */

static const struct address *
outside_of(const struct party *party)
{
	return party->attribution == ATTRIBUTION_EXTERNAL ? &party->address
							  : NULL;
}

static const char *
name_of(struct search *search, const struct party *party,
    const struct identity *identity)
{
	char address[ADDRESS_TEXT_SIZE];

	if (party->attribution != ATTRIBUTION_EXTERNAL)
		return identity->name;
	address_print(&party->address, address);
	return arena_text(search->arena, address);
}

/* The pair that the finding is about is no surprise. */
static void
leave_out_own_pair(struct search *search)
{
	struct openings *openings = &search->explanation->openings;
	const struct record_flow *about = &search->explanation->flow->about;
	struct opening own = {
	    name_of(search, &about->client, about->verdict.client),
	    name_of(search, &about->server, about->verdict.server),
	};
	struct opening *kept =
	    arena_array(search->arena, openings->count, sizeof(*kept));
	size_t count = 0;

	for (size_t i = 0; i < openings->count; i++)
		if (strcmp(openings->at[i].client, own.client) != 0 ||
		    strcmp(openings->at[i].server, own.server) != 0)
			kept[count++] = openings->at[i];
	*openings = (struct openings){kept, count};
}

static void
find_openings(struct search *search)
{
	struct explanation *explanation = search->explanation;
	const struct rejudged *flow = explanation->flow;
	struct policy_side before = {
	    search->setup->policy, search->setup->library};
	struct policy_side after;
	struct policy_probe probe = {
	    .applications = search->applications,
	    .application_count = search->application_count,
	    .outside = {outside_of(&flow->about.client),
		outside_of(&flow->about.server)},
	    .known = {flow->about.client_outside, flow->about.server_outside},
	};

	if (!judge_edited(search, NULL, 0) || collect_refused(search) == NULL ||
	    !judge_edited(search, explanation->edits, explanation->edit_count))
		return;
	probe.ports = &search->ports;
	after = (struct policy_side){search->policy, search->library};
	explanation->openings = policy_openings(
	    search->arena, search->setup->inventory, &before, &after, &probe);
	leave_out_own_pair(search);
}

void
explain(struct explanation *explanation, struct rejudge *list,
    const struct setup_paths *paths, const struct setup *setup,
    struct arena *arena)
{
	struct search search = {
	    .explanation = explanation,
	    .list = list,
	    .paths = paths,
	    .setup = setup,
	    .arena = arena,
	};
	struct rejudged *flow = arena_take(arena, sizeof(*flow));

	rejudge_all(list, &(struct rejudge_parts){setup->inventory,
			      setup->geography, setup->policy});
	/* What follows judges the list anew, so the proof is a copy. */
	*flow = *rejudge_at(list, 0);
	flow->about.flow = &flow->flow;
	if (flow->about.client_outside != NULL)
		flow->about.client_outside = &flow->client_outside;
	if (flow->about.server_outside != NULL)
		flow->about.server_outside = &flow->server_outside;
	explanation->flow = flow;
	/* No model decides what a detector says. */
	if (!deviates(flow) || explain_is_detection(explanation->alert))
		return;
	finding_uid(&flow->about, explanation->uid_now);
	find_mine(&search);
	if (find_edits(&search)) {
		leave_out_needless(&search);
		find_openings(&search);
	} else {
		explanation->edit_count = 0;
	}
	forget_edited(&search);
}
