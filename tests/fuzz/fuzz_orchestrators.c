/*
 * Gives the input, one JSON value a line, to the readers of Docker, Mesos and
 * Cloud Foundry as a collector would, and keeps the facts beside.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/sources/cloudfoundry.h"
#include "classifiers/sources/docker.h"
#include "classifiers/sources/fact_keep.h"
#include "classifiers/sources/mesos.h"
#include "sensor/base/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct orchestrators {
	struct docker *docker;
	struct mesos *mesos;
	struct cloudfoundry *foundry;
	struct instant at;
};

static bool
take(const struct fact *fact, void *context)
{
	struct fact *kept;

	(void)context;
	assert(fact->id != NULL && fact->cluster != NULL);
	if (fact->kind != FACT_WORKLOAD || fact->gone)
		return true;
	assert(strcmp(fact->id, fact->workload.workload.id) == 0);
	assert(!instant_before(fact->workload.workload.until,
		   fact->workload.workload.since) ||
	       fact->workload.workload.until.ns != INSTANT_FUTURE.ns);
	kept = fact_keep(fact);
	free(kept);
	return true;
}

static void
give(struct orchestrators *all, const struct json *value)
{
	docker_learn(all->docker, value);
	(void)docker_give(all->docker, value, all->at);
	(void)mesos_give(all->mesos, value, all->at);
	(void)cloudfoundry_give(all->foundry, value, all->at);
	for (size_t i = 0; i < json_count(value); i++)
		give(all, json_at(value, i));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	struct fact_taker taker = {take, NULL};
	struct orchestrators all = {
	    .docker = docker_new("c", &taker),
	    .mesos = mesos_new("c", &taker),
	    .foundry = cloudfoundry_new("c", &taker),
	    .at = {INT64_C(1795248000) * NS_PER_SECOND},
	};

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline == NULL ? end : newline;
		struct json_fault fault;
		struct json *value =
		    json_parse(at, (size_t)(stop - at), &fault);

		give(&all, value);
		json_free(value);
		all.at.ns += NS_PER_SECOND;
		at = newline == NULL ? end : newline + 1;
	}
	docker_give_node(all.docker, all.at);
	cloudfoundry_refresh(all.foundry, all.at);
	docker_free(all.docker);
	mesos_free(all.mesos);
	cloudfoundry_free(all.foundry);
	return 0;
}
