#include "classifiers/detectors/tuning.h"

#include <string.h>

static void
apply(struct tuned_values *values, const struct tuned *tuned, size_t settings)
{
	if (tuned->sets_off)
		values->off = tuned->off;
	if (tuned->sets_severity) {
		values->sets_severity = true;
		values->severity = tuned->severity;
	}
	for (size_t i = 0; i < settings; i++)
		if ((tuned->sets >> i & 1) != 0)
			values->values[i] = tuned->values[i];
}

static bool
is_for_some(const struct tuned *tuned)
{
	return tuned->client.given || tuned->server.given ||
	       tuned->application_count > 0 || tuned->ports.count > 0;
}

static const struct tuned_list *
list_of(const struct tuning *tuning, size_t index)
{
	static const struct tuned_list none;

	return tuning == NULL || index >= tuning->count
		   ? &none
		   : &tuning->detectors[index];
}

static bool
matches(const struct tuned *tuned, const struct sighting *sighting)
{
	(void)sighting;
	return !is_for_some(tuned);
}

struct tuned_values
tuning_values(const struct tuning *tuning, size_t index,
    const struct detector *detector, const struct sighting *sighting)
{
	const struct tuned_list *list = list_of(tuning, index);
	struct tuned_values values = {.off = false};

	for (size_t i = 0; i < detector->setting_count; i++)
		values.values[i] = detector->settings[i].standard;
	for (size_t i = 0; i < list->count; i++) {
		const struct tuned *tuned = &list->at[i];

		if (sighting == NULL ? !is_for_some(tuned)
				     : matches(tuned, sighting))
			apply(&values, tuned, detector->setting_count);
	}
	return values;
}

bool
tuning_is_by_flow(const struct tuning *tuning, size_t index)
{
	const struct tuned_list *list = list_of(tuning, index);

	for (size_t i = 0; i < list->count; i++)
		if (is_for_some(&list->at[i]))
			return true;
	return false;
}
