#include "alerts/finding_storm.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/detector.h"
#include "sensor/base/arena.h"

#define STORM_PLACES 4096

/* How many findings there have been of late under one key. */
struct storm_place {
	uint64_t whose;
	struct instant since;
	uint32_t count;
};

/* Of their own, so that a flood of subjects takes no object's place. */
struct storms {
	struct storm_place subjects[STORM_PLACES], objects[STORM_PLACES];
	struct storm_place all;
};

struct storms *
storms_new(void)
{
	return allocate(1, sizeof(struct storms));
}

void
storms_free(struct storms *storms)
{
	free(storms);
}

/* --- what may be taken ---------------------------------------------------- */

static bool
may_storm_by_object(const struct cause *cause)
{
	if (cause->anomaly != NULL)
		return cause->anomaly->object != NULL &&
		       cause_is_from_outside(cause);
	return cause->about->verdict.attempted || cause_is_from_outside(cause);
}

bool
storm_may_take(const struct cause *cause, enum storm_kind kind)
{
	bool blind = cause->anomaly != NULL || cause->about->verdict.attempted;

	switch (kind) {
	case STORM_NONE:
		return false;
	case STORM_BY_SUBJECT:
		return blind;
	case STORM_BY_OBJECT:
		return may_storm_by_object(cause);
	case STORM_BY_SIGNATURE:
		return blind || cause_is_from_outside(cause);
	}
	return false;
}

/* --- counts --------------------------------------------------------------- */

static void
begin(struct storm_place *place, uint64_t whose, struct instant at)
{
	int64_t ns;

	if (place->whose != whose || place->count == 0 ||
	    __builtin_sub_overflow(at.ns, place->since.ns, &ns) ||
	    ns >= FINDING_STORM_NS)
		*place = (struct storm_place){.whose = whose, .since = at};
}

static bool
is_storming(struct storm_place *places, const struct cause *cause,
    enum storm_kind kind, struct instant at)
{
	uint8_t key[DIGEST_SIZE];
	struct storm_place *place;
	uint64_t whose;

	if (!storm_may_take(cause, kind))
		return false;
	finding_storm_key(cause, kind, key);
	memcpy(&whose, key, sizeof(whose));
	place = &places[whose % STORM_PLACES];
	begin(place, whose, at);
	if (place->count <= FINDING_STORM)
		place->count++;
	return place->count > FINDING_STORM;
}

/* The outside gets half of what is left to everybody. */
static bool
is_too_much(struct storms *storms, const struct cause *cause, struct instant at)
{
	uint32_t most = cause_is_from_outside(cause) ? FINDING_STORM_ALL / 2
						     : FINDING_STORM_ALL;

	if (!storm_may_take(cause, STORM_BY_SIGNATURE))
		return false;
	begin(&storms->all, 0, at);
	if (storms->all.count >= most)
		return true;
	storms->all.count++;
	return false;
}

enum storm_kind
storms_count(
    struct storms *storms, const struct cause *cause, struct instant at)
{
	enum storm_kind kind = STORM_NONE;

	if (is_storming(storms->subjects, cause, STORM_BY_SUBJECT, at))
		kind = STORM_BY_SUBJECT;
	else if (is_storming(storms->objects, cause, STORM_BY_OBJECT, at))
		kind = STORM_BY_OBJECT;
	return is_too_much(storms, cause, at) ? STORM_BY_SIGNATURE : kind;
}
