#include "classifiers/name_pool.h"

#include <stdio.h>
#include <stdlib.h>

#include "classifiers/host_name.h"
#include "sensor/base/arena.h"

struct place {
	uint32_t next; /* free one */
	char text[HOST_NAME_SIZE];
};

struct name_pool {
	struct place *places;    /* the first is never used */
	uint32_t capacity, used; /* places ever taken, of which 0 is one */
	uint32_t free;           /* the first that came back, or 0 */
	uint64_t refused;
};

struct name_pool *
name_pool_new(uint32_t places)
{
	struct name_pool *pool = allocate(1, sizeof(*pool));

	pool->capacity = places + 1;
	pool->places = allocate(pool->capacity, sizeof(*pool->places));
	pool->used = 1;
	return pool;
}

void
name_pool_free(struct name_pool *pool)
{
	if (pool == NULL)
		return;
	free(pool->places);
	free(pool);
}

uint32_t
name_pool_keep(struct name_pool *pool, const char *name)
{
	uint32_t place = pool->free;

	if (place != 0) {
		pool->free = pool->places[place].next;
	} else if (pool->used < pool->capacity) {
		place = pool->used++;
	} else {
		pool->refused++;
		return 0;
	}
	(void)snprintf(pool->places[place].text, HOST_NAME_SIZE, "%s", name);
	return place;
}

const char *
name_pool_text(const struct name_pool *pool, uint32_t place)
{
	return place == 0 ? NULL : pool->places[place].text;
}

void
name_pool_return(struct name_pool *pool, uint32_t *place)
{
	if (*place == 0)
		return;
	pool->places[*place].next = pool->free;
	pool->free = *place;
	*place = 0;
}

uint64_t
name_pool_refused(const struct name_pool *pool)
{
	return pool->refused;
}
