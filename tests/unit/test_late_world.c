/*
 * What is heard late changes nothing in the end: flows are observed while facts
 * about their ends come up to two minutes late and in any order, each
 * generation is freed as soon as the next is there, and the findings are those
 * of a replay that knew everything beforehand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerts/sink.h"
#include "classifiers/inventory/fact.h"
#include "packet_builder.h"
#include "sensor/base/report.h"
#include "sensor/run/exit.h"
#include "sensor/run/pipeline.h"
#include "sensor/run/setup.h"
#include "tests/bench/random.h"

#define LINK_RAW     101 /* LINKTYPE_RAW */
#define PODS         150
#define FLOWS        1500
#define SECONDS      600 /* that they run */
#define FACTS        (2 * PODS + 2)
#define PACKETS      8
#define FINDINGS     512
#define SERVICE      5 /* the last octet of its address */
#define GRACE        (10 * NS_PER_SECOND)
#define START_SECOND INT64_C(1795244400) /* 2026-11-21T07:00:00Z */

static const char models_text[] =
    "model: store\nmatch: [{application: store}]\n"
    "provides: [{app: redis, port: tcp/6379, from: {application: web}}]\n"
    "---\n"
    "model: web\nmatch: [{application: web}]\n"
    "provides: []\n"
    "needs: [{app: redis, port: tcp/6379, to: {application: store}}]\n";

static const char *const applications[] = {"web", "store", "batch"};

struct pod {
	unsigned number; /* the last octet of its address */
	const char *application;
	int64_t since, until; /* nanoseconds; INT64_MAX for ever */
};

/* A fact and when it is heard. */
struct news {
	const struct pod *pod; /* NULL for the node, and that it was heard */
	bool gone;
	int64_t heard;
};

/* A flow's packets, each at its time. */
struct sent {
	int64_t at;
	unsigned flow;
	unsigned step;
};

struct script {
	struct random random;
	struct pod pods[PODS];
	struct news news[FACTS];
	size_t news_count;
	struct {
		const struct pod *client, *server;
		unsigned port;
	} flows[FLOWS];
	struct sent sent[FLOWS * PACKETS];
	size_t sent_count;
};

struct result {
	struct {
		char uid[FINDING_UID_SIZE];
		uint64_t count;
	} findings[FINDINGS];
	size_t count;
	struct pipeline_counts counts;
	uint64_t generations, records;
};

static int64_t
at_second(int64_t second)
{
	return (START_SECOND + second) * NS_PER_SECOND;
}

/* --- what happens --------------------------------------------------------- */

static void
make_pods(struct script *script)
{
	for (unsigned i = 0; i < PODS; i++) {
		struct pod *pod = &script->pods[i];
		int64_t born = random_below(&script->random, SECONDS);

		pod->number = i + 10;
		pod->application =
		    applications[random_below(&script->random, 3)];
		pod->since = at_second(i < 9 ? 0 : born);
		pod->until = INT64_MAX;
		if (i >= 9 && random_below(&script->random, 3) == 0)
			pod->until = pod->since +
				     random_between(&script->random, 30, 200) *
					 NS_PER_SECOND;
	}
}

static const struct pod *
alive(struct script *script, int64_t from, int64_t to)
{
	for (;;) {
		const struct pod *pod =
		    &script->pods[random_below(&script->random, PODS)];

		if (pod->since <= from && pod->until > to)
			return pod;
	}
}

static int
by_time(const void *a, const void *b)
{
	const struct sent *left = a, *right = b;

	if (left->at != right->at)
		return left->at < right->at ? -1 : 1;
	return left->flow != right->flow ? (left->flow < right->flow ? -1 : 1)
					 : (int)left->step - (int)right->step;
}

static void
make_flows(struct script *script)
{
	for (unsigned i = 0; i < FLOWS; i++) {
		int64_t start =
		    at_second(1) +
		    random_below(&script->random, SECONDS) * NS_PER_SECOND;
		int64_t pause =
		    random_between(&script->random, 1, 4000) * NS_PER_MS;
		/* Some are never answered, some never end. */
		unsigned steps = random_below(&script->random, 8) == 0   ? 1
				 : random_below(&script->random, 8) == 0 ? 5
									 : 8;

		script->flows[i].client =
		    alive(script, start, start + 8 * pause);
		do
			script->flows[i].server =
			    alive(script, start, start + 8 * pause);
		while (script->flows[i].server == script->flows[i].client);
		script->flows[i].port =
		    random_below(&script->random, 4) == 0 ? 6380 : 6379;
		for (unsigned step = 0; step < steps; step++)
			script->sent[script->sent_count++] =
			    (struct sent){start + step * pause, i, step};
	}
	qsort(
	    script->sent, script->sent_count, sizeof(script->sent[0]), by_time);
}

static int
by_hearing(const void *a, const void *b)
{
	const struct news *left = a, *right = b;

	return (left->heard > right->heard) - (left->heard < right->heard);
}

static void
make_news(struct script *script)
{
	struct random *random = &script->random;

	script->news[script->news_count++] = (struct news){.heard = 0};
	for (size_t i = 0; i < PODS; i++) {
		const struct pod *pod = &script->pods[i];

		script->news[script->news_count++] = (struct news){pod, false,
		    pod->since + random_below(random, 120000) * NS_PER_MS};
		if (pod->until == INT64_MAX)
			continue;
		script->news[script->news_count++] = (struct news){pod, true,
		    pod->until + random_below(random, 120000) * NS_PER_MS};
	}
	qsort(script->news, script->news_count, sizeof(script->news[0]),
	    by_hearing);
}

static struct script *
script_new(uint64_t seed)
{
	struct script *script = calloc(1, sizeof(*script));

	assert_non_null(script);
	script->random.state = seed;
	make_pods(script);
	make_flows(script);
	make_news(script);
	return script;
}

/* --- facts ---------------------------------------------------------------- */

static void
state_cluster(struct inventory_draft *draft)
{
	struct prefix pods;
	struct fact seen = {.kind = FACT_SEEN,
	    .cluster = "lab",
	    .id = "",
	    .at = {at_second(0)}};
	struct fact node = {
	    .kind = FACT_NODE,
	    .cluster = "lab",
	    .id = "n1",
	    .at = {at_second(0)},
	    .node = {.node = {.name = "n1"},
		.pod_networks = &pods,
		.pod_network_count = 1},
	};

	assert_null(prefix_parse("10.0.0.0/24", &pods));
	assert_true(inventory_put(draft, &node));
	assert_true(inventory_put(draft, &seen));
}

static void
state_pod(struct inventory_draft *draft, const struct pod *pod, bool gone)
{
	const uint8_t octets[4] = {10, 0, 0, (uint8_t)pod->number};
	struct address address = address_from_ipv4(octets);
	struct label label = {"app", pod->application};
	char id[64];
	struct fact fact = {
	    .kind = FACT_WORKLOAD,
	    .gone = gone,
	    .cluster = "lab",
	    .id = id,
	    .version = gone ? 2 : 1,
	    .at = {gone ? pod->until : pod->since},
	    .workload.workload =
		{
		    .orchestrator = "kubernetes",
		    .namespace = "shop",
		    .name = id,
		    .labels = {&label, 1},
		    .addresses = &address,
		    .address_count = 1,
		    .since = {pod->since},
		    .until = INSTANT_FUTURE,
		},
	};

	(void)snprintf(id, sizeof(id), "%s-%u", pod->application, pod->number);
	(void)inventory_put(draft, &fact);
}

static void
state_service(struct inventory_draft *draft, uint64_t version)
{
	struct address address =
	    address_from_ipv4((const uint8_t[4]){10, 0, 0, SERVICE});
	struct label label = {"app", "store"};
	struct service_port port = {
	    .port = 6379, .protocol = 6, .name = "", .target = 6379};
	struct fact fact = {
	    .kind = FACT_SERVICE,
	    .cluster = "lab",
	    .id = "store",
	    .version = version,
	    .at = {at_second(0)},
	    .service =
		{
		    .service =
			{
			    .namespace = "shop",
			    .name = "store",
			    .addresses = &address,
			    .address_count = 1,
			    .ports = &port,
			    .port_count = 1,
			    .since = INSTANT_PAST,
			},
		    .selector = {&label, 1},
		},
	};

	assert_true(inventory_put(draft, &fact));
}

static void
state(struct inventory_draft *draft, const struct news *news)
{
	if (news->pod == NULL)
		state_cluster(draft);
	else
		state_pod(draft, news->pod, news->gone);
}

/* --- packets -------------------------------------------------------------- */

static const char ping[] = "*1\r\n$4\r\nPING\r\n";
static const char pong[] = "+PONG\r\n";

/* SYN, SYN-ACK, ACK, PING, PONG, and three to say goodbye. */
static void
build_step(struct packet_builder *b, const struct script *script,
    const struct sent *sent, bool to_service)
{
	static const struct {
		bool back;
		unsigned flags;
		uint32_t sequence, acknowledged;
		const char *payload;
	} steps[PACKETS] = {
	    {false, 0x02, 1000, 0, ""},
	    {true, 0x12, 5000, 1001, ""},
	    {false, 0x10, 1001, 5001, ""},
	    {false, 0x18, 1001, 5001, ping},
	    {true, 0x18, 5001, 1015, pong},
	    {false, 0x11, 1015, 5008, ""},
	    {true, 0x11, 5008, 1016, ""},
	    {false, 0x10, 1016, 5009, ""},
	};
	unsigned client = script->flows[sent->flow].client->number;
	unsigned server =
	    to_service ? SERVICE : script->flows[sent->flow].server->number;
	unsigned from = 20000 + sent->flow, to = script->flows[sent->flow].port;
	const char *payload = steps[sent->step].payload;
	bool back = steps[sent->step].back;

	b->size = 0;
	build_ipv4(b, back ? server : client, back ? client : server, 6,
	    20 + strlen(payload));
	b->octets[4] = (uint8_t)(sent->flow * PACKETS + sent->step);
	b->octets[5] = (uint8_t)((sent->flow * PACKETS + sent->step) >> 8);
	build_be16(b, back ? to : from);
	build_be16(b, back ? from : to);
	build_be32(b, steps[sent->step].sequence);
	build_be32(b, steps[sent->step].acknowledged);
	build_u8(b, 0x50);
	build_u8(b, steps[sent->step].flags);
	build_be16(b, 65535);
	build_be32(b, 0);
	for (const char *p = payload; *p != '\0'; p++)
		build_u8(b, (uint8_t)*p);
}

/* --- runs ----------------------------------------------------------------- */

static void
closed(const struct finding *finding, void *context)
{
	struct result *result = context;

	for (size_t i = 0; i < result->count; i++)
		if (strcmp(result->findings[i].uid, finding->uid) == 0) {
			result->findings[i].count += finding->count;
			return;
		}
	assert_true(result->count < FINDINGS);
	memcpy(result->findings[result->count].uid, finding->uid,
	    FINDING_UID_SIZE);
	result->findings[result->count++].count = finding->count;
}

struct run {
	struct setup setup;
	struct setup_paths paths;
	struct inventory_draft *draft;
	struct report *report;
	struct sink *flows, *nowhere;
	struct pipeline *pipeline;
	struct result *result;
};

static void
run_begin(struct run *run, const char *models, int64_t grace, uint32_t workers)
{
	struct pipeline_parts parts = {
	    .flow_capacity = 32768, .workers = workers};
	const char *fault = NULL;
	int error = 0;

	run->paths.no_library = run->paths.judges = true;
	assert_true(setup_add_models(&run->paths, models));
	assert_int_equal(
	    setup_load_models(&run->paths, &run->setup), EXIT_DONE);
	run->report = report_new();
	run->setup.inventory = inventory_publish(run->draft, run->report);
	setup_make_policy(&run->setup);
	run->flows = sink_open("/dev/null", &error);
	run->nowhere = sink_open(NULL, &error);
	parts.assessment = (struct assessment_parts){
	    .inventory = run->setup.inventory,
	    .policy = run->setup.policy,
	    .source = {.host = "test"},
	    .alerts = run->nowhere,
	    .flows = run->flows,
	    .grace = grace,
	    .closed = closed,
	    .context = run->result,
	};
	run->pipeline = pipeline_new(&parts, &fault);
	assert_non_null(run->pipeline);
}

/* The next generation takes over and the last one is gone. */
static void
run_publish(struct run *run)
{
	struct inventory *old = run->setup.inventory;

	run->setup.inventory = inventory_publish(run->draft, run->report);
	policy_follow(run->setup.policy, run->setup.inventory);
	pipeline_set_world(
	    run->pipeline, run->setup.inventory, run->setup.policy);
	inventory_free(old);
	run->result->generations++;
}

static void
run_packet(struct run *run, const struct script *script, size_t number,
    bool to_service)
{
	struct packet_builder b;
	struct packet packet;

	build_step(&b, script, &script->sent[number], to_service);
	packet = build_packet(&b, LINK_RAW);
	packet.at.ns = script->sent[number].at;
	packet.number = number + 1;
	assert_int_equal(pipeline_packet(run->pipeline, &packet), FRAME_OK);
	/* The octets are gone. */
	pipeline_flush(run->pipeline);
}

/* Models are read again: another policy, although it says the same. */
static void
run_reload(struct run *run)
{
	struct setup old = run->setup, next;

	assert_true(setup_read_models(&run->paths, &old, &next));
	setup_make_policy(&next);
	run->setup = next;
	pipeline_set_world(run->pipeline, next.inventory, next.policy);
	old.inventory = NULL;
	setup_release(&old);
}

static void
run_end(struct run *run)
{
	pipeline_finish(run->pipeline);
	run->result->counts = pipeline_counts(run->pipeline);
	pipeline_free(run->pipeline);
	run->result->records = sink_written(run->flows);
	assert_int_equal(sink_close(run->flows), 0);
	assert_int_equal(sink_close(run->nowhere), 0);
	setup_release(&run->setup);
	inventory_draft_free(run->draft);
	report_free(run->report);
}

struct how {
	bool late;
	uint32_t workers;
	size_t reload_every; /* packets; 0: never */
	bool forget;
	bool service; /* packets are seen before their translation too */
};

static void
replay_script(const struct script *script, const char *models, struct how how,
    struct result *result)
{
	struct run run = {.result = result};
	size_t heard = how.late ? 1 : script->news_count;

	run.draft = inventory_draft_new();
	for (size_t i = 0; i < heard; i++)
		state(run.draft, &script->news[i]);
	if (how.service && !how.late)
		state_service(run.draft, 1);
	run_begin(&run, models, how.late ? GRACE : 0, how.workers);
	for (size_t i = 0; i < script->sent_count; i++) {
		size_t before = heard;

		for (; heard < script->news_count &&
		       script->news[heard].heard <= script->sent[i].at;
		     heard++)
			state(run.draft, &script->news[heard]);
		if (how.forget)
			(void)inventory_forget(run.draft,
			    (struct instant){
				script->sent[i].at - 400 * NS_PER_SECOND});
		/* The service is another object each time. */
		if (how.service && how.late && i % 200 == 100)
			state_service(run.draft, i);
		if (heard > before)
			run_publish(&run);
		if (how.reload_every > 0 && i % how.reload_every == 500)
			run_reload(&run);
		if (how.service &&
		    script->flows[script->sent[i].flow].port == 6379)
			run_packet(&run, script, i, true);
		run_packet(&run, script, i, false);
	}
	for (; heard < script->news_count; heard++)
		state(run.draft, &script->news[heard]);
	run_publish(&run);
	run_end(&run);
}

static uint64_t
count_of(const struct result *result, const char *uid)
{
	for (size_t i = 0; i < result->count; i++)
		if (strcmp(result->findings[i].uid, uid) == 0)
			return result->findings[i].count;
	return 0;
}

static void
assert_same(const struct result *known, const struct result *late)
{
	assert_true(known->count > 0);
	assert_int_equal(late->count, known->count);
	for (size_t i = 0; i < known->count; i++)
		assert_int_equal(count_of(late, known->findings[i].uid),
		    known->findings[i].count);
	for (size_t i = 0; i <= VERDICT_DEVIATION; i++)
		assert_int_equal(late->counts.assessment.verdicts[i],
		    known->counts.assessment.verdicts[i]);
}

static void
assert_whole(const struct result *result)
{
	const struct assessment_counts *counts = &result->counts.assessment;
	uint64_t sum = counts->infrastructure + counts->copies;

	for (size_t i = 0; i <= VERDICT_DEVIATION; i++)
		sum += counts->verdicts[i];
	assert_int_equal(sum, result->counts.shards.flows.created);
	assert_int_equal(result->records, sum - counts->copies);
}

/* --- tests ---------------------------------------------------------------- */

struct place_of_test {
	char directory[32], models[64];
};

static int
begin(void **out)
{
	struct place_of_test *test = calloc(1, sizeof(*test));
	FILE *file;

	assert_non_null(test);
	(void)snprintf(test->directory, sizeof(test->directory), "%s",
	    "/tmp/hedgerow-late-XXXXXX");
	assert_non_null(mkdtemp(test->directory));
	(void)snprintf(
	    test->models, sizeof(test->models), "%s/own.yaml", test->directory);
	file = fopen(test->models, "w");
	assert_non_null(file);
	assert_true(fputs(models_text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	*out = test;
	return 0;
}

static int
end(void **state_of)
{
	struct place_of_test *test = *state_of;

	(void)unlink(test->models);
	(void)rmdir(test->directory);
	free(test);
	return 0;
}

static void
compare(const struct place_of_test *test, uint64_t seed, struct how how)
{
	struct script *script = script_new(seed);
	struct result *known = calloc(1, sizeof(*known));
	struct result *late = calloc(1, sizeof(*late));

	assert_non_null(known);
	assert_non_null(late);
	replay_script(
	    script, test->directory, (struct how){.workers = 1}, known);
	assert_whole(known);
	replay_script(script, test->directory, how, late);
	assert_whole(late);
	assert_same(known, late);
	assert_true(late->generations > PODS);
	assert_true(late->counts.assessment.late.waited > FLOWS / 20);
	assert_int_equal(known->counts.assessment.late.waited, 0);
	free(known);
	free(late);
	free(script);
}

static void
test_late_news_change_nothing_in_the_end(void **state_of)
{
	for (uint64_t seed = 1; seed <= 3; seed++)
		compare(
		    *state_of, seed, (struct how){.late = true, .workers = 1});
}

static void
test_nor_with_threads(void **state_of)
{
	compare(*state_of, 4, (struct how){.late = true, .workers = 3});
}

static void
test_nor_what_is_forgotten(void **state_of)
{
	compare(*state_of, 5,
	    (struct how){.late = true, .workers = 1, .forget = true});
}

static void
test_nor_models_read_again(void **state_of)
{
	compare(*state_of, 6,
	    (struct how){.late = true, .workers = 1, .reload_every = 1000});
	compare(*state_of, 7,
	    (struct how){.late = true, .workers = 2, .reload_every = 1000});
}

/*
 * Views that are joined name a service of an older inventory: it is not looked
 * at there.  Which findings there are depends on when who was known.
 */
static void
test_services_come_and_change(void **state_of)
{
	const struct place_of_test *test = *state_of;

	for (uint32_t workers = 1; workers <= 2; workers++) {
		struct script *script = script_new(8);
		struct result *late = calloc(1, sizeof(*late));

		assert_non_null(late);
		replay_script(script, test->directory,
		    (struct how){.late = true,
			.workers = workers,
			.reload_every = 1000,
			.service = true},
		    late);
		assert_whole(late);
		assert_true(
		    late->counts.assessment.translation.joined > FLOWS / 20);
		free(late);
		free(script);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_late_news_change_nothing_in_the_end, begin, end),
	    cmocka_unit_test_setup_teardown(test_nor_with_threads, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_nor_what_is_forgotten, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_nor_models_read_again, begin, end),
	    cmocka_unit_test_setup_teardown(
		test_services_come_and_change, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
