#include "classifiers/detectors/destination.h"

#include <string.h>

#include "classifiers/detectors/sighting.h"
#include "classifiers/outside.h"
#include "sensor/base/hash.h"

/* The same on every sensor, so it can be no secret; a collision joins two
 * series of one workload. */
static const struct hash_key key = {{UINT64_C(0x64657374), 0}};

static const char *
name_of(const struct sighted_end *end)
{
	const struct outside *outside = sighted_outside(end);

	if (outside == NULL)
		return NULL;
	if (outside->server_name != NULL)
		return outside->server_name;
	return outside->name_count > 0 ? outside->names[0] : NULL;
}

bool
destination_is_named(const struct sighted_end *end)
{
	return name_of(end) != NULL;
}

const char *
destination_name(const struct sighted_end *end)
{
	const char *name = name_of(end);

	return name == NULL ? end->name : name;
}

uint64_t
destination_key(const struct sighted_end *end)
{
	const char *name = name_of(end);

	return name == NULL ? end->key : hash_octets(&key, name, strlen(name));
}
