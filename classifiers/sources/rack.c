#include "classifiers/sources/rack.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/map.h"

/* Fewer empty places than this are not worth a copy. */
#define EMPTY_MINIMUM 256

struct place_in_rack {
	void *thing; /* owned, or NULL */
	char name[];
};

struct rack {
	struct map *places; /* of place_in_rack, each one block */
	size_t count, maximum;
};

struct rack *
rack_new(size_t maximum)
{
	struct rack *rack = allocate(1, sizeof(*rack));

	/* Places that were emptied stay for a while, as many again. */
	rack->places = map_new(2 * maximum + EMPTY_MINIMUM);
	rack->maximum = maximum;
	return rack;
}

void
rack_free(struct rack *rack)
{
	if (rack == NULL)
		return;
	for (size_t i = 0; i < map_count(rack->places); i++) {
		struct place_in_rack *place = map_at(rack->places, i);

		free(place->thing);
		free(place);
	}
	map_free(rack->places);
	free(rack);
}

/* Leaves the empty places behind. */
static void
tidy(struct rack *rack)
{
	size_t all = map_count(rack->places);
	struct map *places;

	if (all - rack->count < EMPTY_MINIMUM + rack->count)
		return;
	places = map_new(2 * rack->maximum + EMPTY_MINIMUM);
	for (size_t i = 0; i < all; i++) {
		struct place_in_rack *place = map_at(rack->places, i);

		if (place->thing != NULL)
			map_put_text(places, place->name, place);
		else
			free(place);
	}
	map_free(rack->places);
	rack->places = places;
}

static struct place_in_rack *
find_or_make(struct rack *rack, const char *name)
{
	struct place_in_rack *place = map_get_text(rack->places, name);
	size_t size = strlen(name) + 1;

	if (place != NULL)
		return place;
	tidy(rack);
	place = allocate(1, sizeof(*place) + size);
	memcpy(place->name, name, size);
	if (map_put_text(rack->places, place->name, place))
		return place;
	free(place);
	return NULL;
}

bool
rack_put(struct rack *rack, const char *name, void *thing)
{
	struct place_in_rack *place = NULL;

	assert(thing != NULL);
	if (rack->count < rack->maximum || rack_get(rack, name) != NULL)
		place = find_or_make(rack, name);
	if (place == NULL) {
		free(thing);
		return false;
	}
	if (place->thing == NULL)
		rack->count++;
	free(place->thing);
	place->thing = thing;
	return true;
}

void *
rack_get(const struct rack *rack, const char *name)
{
	const struct place_in_rack *place = map_get_text(rack->places, name);

	return place == NULL ? NULL : place->thing;
}

void
rack_remove(struct rack *rack, const char *name)
{
	struct place_in_rack *place = map_get_text(rack->places, name);

	if (place == NULL || place->thing == NULL)
		return;
	free(place->thing);
	place->thing = NULL;
	rack->count--;
}

size_t
rack_count(const struct rack *rack)
{
	return rack->count;
}

size_t
rack_places(const struct rack *rack)
{
	return map_count(rack->places);
}

void *
rack_at(const struct rack *rack, size_t place)
{
	const struct place_in_rack *found = map_at(rack->places, place);

	return found->thing;
}

const char *
rack_name(const struct rack *rack, size_t place)
{
	const struct place_in_rack *found = map_at(rack->places, place);

	return found->name;
}
