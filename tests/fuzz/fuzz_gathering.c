/*
 * Whatever a worker that was taken over says: it may lie about flows, and does
 * no more to the sensor that judges them.
 *
 * The input is a list of what it does: a sound observation with some octets
 * changed, any message, octets of the ring's own head, counts, a death.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/sink.h"
#include "classifiers/inventory/inventory.h"
#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/report.h"
#include "sensor/live/gathering.h"
#include "sensor/run/assessment.h"

#define FLOWS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct scene {
	struct report *report;
	struct library *library;
	struct inventory_draft *draft;
	struct inventory *inventory;
	struct policy *policy;
	struct sink *sink;
	struct crew *crew;
	struct assessment *assessment;
	struct gathering *gathering;
	int64_t now;
};

struct input {
	const uint8_t *at;
	size_t left;
};

static uint8_t
octet(struct input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->at++;
}

static void
begin(struct scene *scene)
{
	const struct hash_key key = {{1, 2}};
	struct assessment_parts parts = {.grace = NS_PER_SECOND};
	struct gathering_parts gathering = {
	    .take = assessment_observe, .forget = assessment_forget};
	const char *fault;
	int error;

	scene->report = report_new();
	scene->library = library_parse(NULL, NULL, NULL, 0, scene->report);
	scene->draft = inventory_draft_new();
	scene->inventory = inventory_publish(scene->draft, scene->report);
	scene->policy = policy_new(scene->library, scene->inventory);
	scene->sink = sink_open("/dev/null", &error);
	scene->crew = crew_new(2, 2 * FLOWS, NULL, &fault);
	assert(scene->library != NULL && scene->crew != NULL);
	parts.inventory = scene->inventory;
	parts.policy = scene->policy;
	parts.alerts = parts.flows = scene->sink;
	parts.source.host = "fuzz";
	scene->assessment = assessment_new(&parts, 2 * FLOWS, &key);
	gathering.crew = scene->crew;
	gathering.context = scene->assessment;
	scene->gathering = gathering_new(&gathering);
}

static void
end(struct scene *scene)
{
	gathering_drain(scene->gathering);
	assessment_finish(scene->assessment, (struct instant){scene->now});
	gathering_free(scene->gathering);
	assessment_free(scene->assessment);
	crew_free(scene->crew);
	(void)sink_close(scene->sink);
	policy_free(scene->policy);
	inventory_free(scene->inventory);
	inventory_draft_free(scene->draft);
	library_free(scene->library);
	report_free(scene->report);
}

/* One that a worker would say, but for what the input changes. */
static void
tell(struct scene *scene, struct worker_teller *teller, struct input *input)
{
	uint8_t record[OBSERVATION_MAXIMUM];
	const struct flow flow = {
	    .protocol = 6,
	    .first = {scene->now},
	    .last = {scene->now},
	    .answered = true,
	};
	const struct appid_flow appid = {.final = true};
	const struct observation one = {
	    .kind = (enum observation_kind)(octet(input) % OBSERVATION_KINDS),
	    .at = {scene->now},
	    .conversation = teller->first + octet(input) % FLOWS,
	    .flow = &flow,
	    .appid = &appid,
	};
	size_t size = observation_size(&one);

	assert(size <= sizeof(record));
	observation_store(&one, record);
	for (uint8_t changes = octet(input) % 16; changes > 0; changes--) {
		size_t where =
		    (size_t)(octet(input) << 8 | octet(input)) % size;

		record[where] = octet(input);
	}
	(void)ring_write(&teller->ring, WORKER_OBSERVATION, record, size);
}

static void
say_anything(struct worker_teller *teller, struct input *input)
{
	uint8_t octets[256];
	uint32_t kind = octet(input) % 6;
	size_t size = octet(input);

	for (size_t i = 0; i < size; i++)
		octets[i] = octet(input);
	(void)ring_write(&teller->ring, kind, octets, size);
}

/* The memory that both have: the counts, then the ring's head. */
static void
scribble(struct worker_link *link, struct input *input)
{
	uint8_t *memory = (void *)link->shared;
	size_t where = (size_t)(octet(input) << 8 | octet(input));
	uint8_t value = octet(input);

	memory[where % (link->size - WORKER_RING)] = value;
}

static void
act(struct scene *scene, struct worker_teller *teller, struct input *input)
{
	uint8_t what = octet(input);

	switch (what % 8) {
	case 0:
		say_anything(teller, input);
		break;
	case 1:
		scribble(teller->link, input);
		break;
	case 2:
		(void)gathering_bury(scene->gathering, what / 8 % 2);
		break;
	case 3:
		worker_publish(teller, (struct instant){scene->now});
		(void)gathering_counts(scene->gathering);
		break;
	case 4:
		scene->now += (int64_t)octet(input) * NS_PER_SECOND;
		(void)gathering_take(
		    scene->gathering, (struct instant){scene->now}, 100);
		break;
	default:
		tell(scene, teller, input);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size < 4096 ? size : 4096};
	struct scene scene = {.now = NS_PER_SECOND};
	struct worker_teller teller;

	begin(&scene);
	worker_teller_begin(&teller, &scene.crew->links[0], 0, FLOWS);
	while (input.left > 0)
		act(&scene, &teller, &input);
	(void)gathering_counts(scene.gathering);
	worker_teller_release(&teller);
	end(&scene);
	return 0;
}
