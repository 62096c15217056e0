#include "classifiers/sources/inventory_forms.h"

#include <stddef.h>
#include <stdlib.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/sources/cloudfoundry.h"
#include "classifiers/sources/docker.h"
#include "classifiers/sources/mesos.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"

/*
 * Files name no cluster, and say how things stood at no particular time: hence
 * "" and INSTANT_PAST.
 */
struct inventory_form {
	bool (*is)(const struct json *value);
	void *(*begin)(const struct fact_taker *taker);
	void (*learn)(void *state, const struct json *value);
	bool (*give)(void *state, const struct json *value);
	void (*end)(void *state);
};

struct inventory_form_reading {
	const struct inventory_form *form;
	struct fact_taker taker;
	void *state;
};

/* --- Docker Engine and Swarm --------------------------------------------- */

static bool
is_docker(const struct json *value)
{
	return docker_kind_of(value) != DOCKER_NONE;
}

static void *
begin_docker(const struct fact_taker *taker)
{
	return docker_new("", taker);
}

static void
learn_docker(void *state, const struct json *value)
{
	docker_learn(state, value);
}

static bool
give_docker(void *state, const struct json *value)
{
	return docker_give(state, value, INSTANT_PAST);
}

static void
end_docker(void *state)
{
	docker_give_node(state, INSTANT_PAST);
	docker_free(state);
}

/* --- Mesos --------------------------------------------------------------- */

static void *
begin_mesos(const struct fact_taker *taker)
{
	return mesos_new("", taker);
}

/* A state names its own, and an event is true only after those before it. */
static void
learn_nothing(void *state, const struct json *value)
{
	(void)state;
	(void)value;
}

static bool
give_mesos(void *state, const struct json *value)
{
	return mesos_give(state, value, INSTANT_PAST);
}

static void
end_mesos(void *state)
{
	mesos_free(state);
}

/* --- Cloud Foundry ------------------------------------------------------- */

static bool
is_cloudfoundry(const struct json *value)
{
	return cloudfoundry_kind_of(value) != CLOUDFOUNDRY_NONE;
}

static void *
begin_cloudfoundry(const struct fact_taker *taker)
{
	return cloudfoundry_new("", taker);
}

static bool
give_cloudfoundry(void *state, const struct json *value)
{
	return cloudfoundry_give(state, value, INSTANT_PAST);
}

static void
end_cloudfoundry(void *state)
{
	cloudfoundry_refresh(state, INSTANT_PAST);
	cloudfoundry_free(state);
}

/* --- the table ----------------------------------------------------------- */

static const struct inventory_form forms[] = {
    {is_docker, begin_docker, learn_docker, give_docker, end_docker},
    {mesos_is, begin_mesos, learn_nothing, give_mesos, end_mesos},
    {is_cloudfoundry, begin_cloudfoundry, learn_nothing, give_cloudfoundry,
	end_cloudfoundry},
};

static const struct inventory_form *
form_of_one(const struct json *value)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (forms[i].is(value))
			return &forms[i];
	return NULL;
}

const struct inventory_form *
inventory_form_of(const struct json *value)
{
	for (size_t i = 0; i < json_count(value); i++) {
		const struct inventory_form *form =
		    form_of_one(json_at(value, i));

		if (form != NULL)
			return form;
	}
	return form_of_one(value);
}

struct inventory_form_reading *
inventory_form_begin(
    const struct inventory_form *form, const struct fact_taker *taker)
{
	struct inventory_form_reading *reading = allocate(1, sizeof(*reading));

	reading->form = form;
	reading->taker = *taker;
	reading->state = form->begin(&reading->taker);
	return reading;
}

void
inventory_form_learn(
    struct inventory_form_reading *reading, const struct json *value)
{
	if (!json_is_array(value))
		reading->form->learn(reading->state, value);
	for (size_t i = 0; i < json_count(value); i++)
		reading->form->learn(reading->state, json_at(value, i));
}

bool
inventory_form_give(
    struct inventory_form_reading *reading, const struct json *value)
{
	bool any = false;

	if (!json_is_array(value))
		return reading->form->give(reading->state, value);
	for (size_t i = 0; i < json_count(value); i++)
		any |= reading->form->give(reading->state, json_at(value, i));
	/* An engine without containers lists none. */
	return any || json_count(value) == 0;
}

void
inventory_form_end(struct inventory_form_reading *reading)
{
	reading->form->end(reading->state);
	free(reading);
}
