#include "sensor/commands/rejudge.h"

#include "alerts/record_read.h"
#include "classifiers/attribute.h"
#include "classifiers/inventory/domain_clusters.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/json_read.h"
#include "sensor/base/report.h"
#include "sensor/run/exit.h"

struct rejudge {
	struct arena *arena; /* holds names of outside ends */
	struct rejudged *at;
	size_t count, capacity;
};

struct rejudge *
rejudge_new(void)
{
	struct rejudge *list = allocate(1, sizeof(*list));

	list->arena = arena_new();
	return list;
}

void
rejudge_free(struct rejudge *list)
{
	if (list == NULL)
		return;
	arena_free(list->arena);
	free(list->at);
	free(list);
}

size_t
rejudge_count(const struct rejudge *list)
{
	return list->count;
}

const struct rejudged *
rejudge_at(const struct rejudge *list, size_t index)
{
	return &list->at[index];
}

const char *
rejudge_verdict(const struct rejudged *one)
{
	return one->about.judged ? verdict_kind_name(one->about.verdict.kind)
				 : "infrastructure";
}

/* --- reading -------------------------------------------------------------- */

static struct rejudged *
next(struct rejudge *list)
{
	if (list->count == list->capacity) {
		list->capacity = 2 * list->capacity + 64;
		list->at =
		    reallocate(list->at, list->capacity, sizeof(*list->at));
	}
	list->at[list->count] = (struct rejudged){.line = 0};
	return &list->at[list->count];
}

/* The record goes before the list does. */
static void
keep_outside(struct rejudge *list, const struct json *record, bool client,
    struct outside *out)
{
	record_read_outside(record, client, out);
	for (size_t i = 0; i < out->name_count; i++)
		out->names[i] = arena_text(list->arena, out->names[i]);
	out->server_name = arena_text(list->arena, out->server_name);
}

bool
rejudge_add(struct rejudge *list, const struct json *record, const char *file,
    unsigned line, struct report *report)
{
	struct place place = {.file = file, .line = line};
	struct record_fault fault = {0};
	struct rejudged *one;

	if (list->count == REJUDGE_FLOWS_MAXIMUM) {
		report_error(report, place, "more than %zu flows; split them",
		    REJUDGE_FLOWS_MAXIMUM);
		return false;
	}
	one = next(list);
	one->line = line;
	switch (record_read(record, &one->flow, &one->about.appid, &fault)) {
	case RECORD_FLOW:
	case RECORD_ALERT:
		keep_outside(list, record, true, &one->client_outside);
		keep_outside(list, record, false, &one->server_outside);
		one->about.domain =
		    arena_text(list->arena, json_get_text(record, "domain"));
		list->count++;
		return true;
	case RECORD_ELSE:
		return true;
	case RECORD_WRONG:
		break;
	}
	report_error(report, place, "%s %s", fault.key, fault.message);
	return false;
}

static void
read_line(struct rejudge *list, const char *path, unsigned line,
    const char *text, size_t length, struct report *report)
{
	struct json_fault fault = {.line = 0};
	struct json *record;

	if (length > 0 && text[length - 1] == '\r')
		length--;
	if (length == 0)
		return;
	record = json_parse(text, length, &fault);
	if (record == NULL)
		report_error(report, (struct place){path, line, fault.column},
		    "%s", fault.message);
	else
		(void)rejudge_add(list, record, path, line, report);
	json_free(record);
}

int
rejudge_read(struct rejudge *list, const char *path)
{
	struct report *report;
	unsigned line = 0;
	char *octets;
	size_t size, at = 0;
	int error = file_read(path, REJUDGE_FILE_MAXIMUM, &octets, &size);

	if (error != 0) {
		fprintf(stderr, "hedgerow: %s: %s\n", path, strerror(-error));
		return EXIT_INPUT;
	}
	report = report_new();
	while (at < size) {
		const char *end = memchr(octets + at, '\n', size - at);
		size_t length =
		    end == NULL ? size - at : (size_t)(end - octets) - at;

		read_line(list, path, ++line, octets + at, length, report);
		at += length + 1;
	}
	error = report_errors(report) > 0 ? EXIT_INPUT : EXIT_DONE;
	report_print(report, stderr);
	report_free(report);
	free(octets);
	return error;
}

/* --- judging -------------------------------------------------------------- */

/* Whether this flow shows what its server serves, as in pipeline.c. */
static bool
teaches(const struct rejudged *one)
{
	return one->flow.answered &&
	       one->flow.direction == DIRECTION_HANDSHAKE &&
	       one->about.appid.confidence == APP_DPI;
}

/*
 * When a sensor judges it: soon after its start if the application was shown,
 * else when it is over.
 */
static struct instant
judged_at(const struct rejudged *one)
{
	return teaches(one) ? one->flow.first : one->flow.last;
}

/* By the time of judging; flows of one time stay in the order of lines. */
static int
compare_judged(const void *a, const void *b)
{
	const struct rejudged *left = *(struct rejudged *const *)a;
	const struct rejudged *right = *(struct rejudged *const *)b;
	struct instant l = judged_at(left), r = judged_at(right);

	if (l.ns != r.ns)
		return l.ns < r.ns ? -1 : 1;
	return left < right ? -1 : 1;
}

/* NULL for an end that is somebody's. */
static const struct outside *
describe(struct outside *outside, const struct party *party,
    const struct geography *geography)
{
	struct whereabouts *where = &outside->where;

	if (party->attribution != ATTRIBUTION_EXTERNAL)
		return NULL;
	if (where->country[0] == '\0' && where->asn == 0)
		geography_find(geography, &party->address, where);
	return outside;
}

static void
attribute(
    struct rejudged *one, const struct rejudge_parts *parts, uint32_t cluster)
{
	struct record_flow *about = &one->about;
	const struct flow *flow = &one->flow;

	about->flow = flow;
	about->client = inventory_who(parts->inventory, cluster,
	    &flow_client(flow)->address, flow->first);
	about->server = inventory_who(parts->inventory, cluster,
	    &flow_server(flow)->address, flow->first);
	about->client_outside =
	    describe(&one->client_outside, &about->client, parts->geography);
	about->server_outside =
	    describe(&one->server_outside, &about->server, parts->geography);
	about->metadata_age_ns =
	    inventory_age(parts->inventory, cluster, flow->first);
}

static void
judge_one(
    struct rejudged *one, const struct rejudge_parts *parts, uint32_t cluster)
{
	struct record_flow *about = &one->about;
	const struct flow *flow = &one->flow;
	struct question question;

	attribute(one, parts, cluster);
	about->judged = !flow_is_infrastructure(flow);
	if (!about->judged)
		return;
	if (teaches(one) && about->server.workload != NULL)
		policy_serves(parts->policy, about->server.workload,
		    about->appid.application);
	question = (struct question){
	    .client = about->client,
	    .server = about->server,
	    .client_outside = about->client_outside,
	    .server_outside = about->server_outside,
	    .protocol = flow->protocol,
	    .port = flow_server(flow)->port,
	    .appid = about->appid,
	    .start = flow->first,
	    .attempted = !flow->answered,
	    .may_be_reversed = flow_direction_is_guess(flow),
	};
	about->verdict = judge(parts->policy, &question);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

void
rejudge_all(struct rejudge *list, const struct rejudge_parts *parts)
{
	const char *domain = NULL;
	uint32_t cluster = INVENTORY_ANY;
	struct rejudged **order = allocate(list->count + 1, sizeof(*order));

	for (size_t i = 0; i < list->count; i++)
		order[i] = &list->at[i];
	if (list->count > 0)
		qsort(order, list->count, sizeof(struct rejudged *),
		    compare_judged);
	for (size_t i = 0; i < list->count; i++) {
		const char *named = order[i]->about.domain;

		/* Neighbours are mostly of one domain. */
		if (!same_text(domain, named))
			cluster = domain_cluster_named(parts->inventory, named);
		domain = named;
		judge_one(order[i], parts, cluster);
	}
	free(order);
}
