#include "classifiers/detectors/tuning_make.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/detectors.h"
#include "models/library.h"
#include "models/tuning_draft.h"
#include "sensor/base/arena.h"

/* What is meant by every detector. */
#define ALL "all"

struct making {
	const struct detector *const *table;
	size_t count;
	struct report *report;
	struct tuning *tuning;
};

/* --- words ---------------------------------------------------------------- */

static void
complain(struct report *report, struct place place, const char *what,
    const char *word, const char *const *candidates)
{
	const char *nearest = nearest_word(word, candidates);

	if (nearest != NULL)
		report_error(report, place,
		    "unknown %s '%.80s'; did you mean '%s'?", what, word,
		    nearest);
	else
		report_error(report, place,
		    "unknown %s '%.80s'; `hedgerow detectors` shows them all",
		    what, word);
}

/* The number of a detector; `making->count` when there is none. */
static size_t
find_detector(const struct making *making, const struct tuning_draft *draft)
{
	const char *names[DETECTORS_MAXIMUM + 2] = {ALL};

	for (size_t i = 0; i < making->count; i++) {
		names[i + 1] = making->table[i]->name;
		if (strcmp(draft->detector, names[i + 1]) == 0)
			return i;
	}
	/* An entry of `for:` has the detector's word, which was reported. */
	if (!draft->is_for)
		complain(making->report, draft->detector_place, "detector",
		    draft->detector, names);
	return making->count;
}

static const struct detector_setting *
find_setting(const struct making *making, const struct detector *detector,
    const struct tuning_draft *draft, const struct tuning_word *word)
{
	static const char *const language[] = {"off", "severity", "for"};
	static const char *const some[] = {"client", "destination", "workload",
	    "app", "port", "off", "severity"};
	const char *names[DETECTOR_SETTINGS_MAXIMUM + 8] = {0};
	const char *const *more = draft->is_for ? some : language;
	size_t more_count = draft->is_for ? 7 : 3;
	size_t count = detector->setting_count;

	for (size_t i = 0; i < count; i++) {
		names[i] = detector->settings[i].name;
		if (strcmp(word->name, names[i]) == 0)
			return &detector->settings[i];
	}
	for (size_t i = 0; i < more_count; i++)
		names[count + i] = more[i];
	complain(making->report, word->place, "setting", word->name, names);
	return NULL;
}

static bool
check_bounds(const struct making *making,
    const struct detector_setting *setting, const struct tuning_word *word)
{
	if (!word->is_number) {
		report_error(making->report, word->value_place,
		    "a number is expected, such as 30 or 0.5, without its "
		    "unit");
		return false;
	}
	if (word->value >= setting->least && word->value <= setting->most)
		return true;
	report_error(making->report, word->value_place, "'%s' is %g to %g %s",
	    setting->name, setting->least, setting->most, setting->unit);
	return false;
}

/* --- settings ------------------------------------------------------------- */

static void
take_words(const struct making *making, const struct detector *detector,
    const struct tuning_draft *draft, struct tuned *tuned)
{
	for (size_t i = 0; i < draft->word_count; i++) {
		const struct tuning_word *word = &draft->words[i];
		const struct detector_setting *setting =
		    find_setting(making, detector, draft, word);
		size_t index;

		if (setting == NULL || !check_bounds(making, setting, word))
			continue;
		index = (size_t)(setting - detector->settings);
		tuned->sets |= 1U << index;
		tuned->values[index] = word->value;
	}
}

static void
check_words(const struct making *making, const struct detector *detector,
    const struct tuning_draft *draft)
{
	struct tuned none;

	none.sets = 0;
	take_words(making, detector, draft, &none);
}

static void
add(struct making *making, size_t index, const struct tuning_draft *draft,
    bool with_words)
{
	struct tuned_list *list = &making->tuning->detectors[index];
	struct tuned *at =
	    reallocate(list->at, list->count + 1, sizeof(*list->at));
	struct tuned *tuned = &at[list->count++];

	list->at = at;
	*tuned = (struct tuned){
	    .place = draft->place,
	    .is_for = draft->is_for,
	    .client = draft->client,
	    .destination = draft->destination,
	    .workload = draft->workload,
	    .applications = draft->applications,
	    .application_count = draft->application_count,
	    .ports = draft->ports,
	    .sets_off = draft->sets_off,
	    .off = draft->off,
	    .sets_severity = draft->sets_severity,
	    .severity = draft->severity,
	};
	if (with_words)
		take_words(making, making->table[index], draft, tuned);
}

static bool
is_for_all(const struct tuning_draft *draft)
{
	return strcmp(draft->detector, ALL) == 0;
}

/* What every detector has: it is on or off, and severe. */
static void
check_all(const struct making *making, const struct tuning_draft *draft)
{
	if (draft->word_count > 0)
		report_error(making->report, draft->words[0].place,
		    "'%s' cannot be set for all detectors at once; under "
		    "'all' stand 'off', 'severity' and 'for'",
		    draft->words[0].name);
}

static void
add_draft(struct making *making, const struct tuning_draft *draft)
{
	size_t index;

	if (is_for_all(draft)) {
		check_all(making, draft);
		for (size_t i = 0; i < making->count; i++)
			add(making, i, draft, false);
		return;
	}
	index = find_detector(making, draft);
	if (index < making->count)
		add(making, index, draft, true);
}

void
tuning_check(const struct tuning_draft *draft,
    const struct detector *const *table, size_t count, struct report *report)
{
	const struct making making = {
	    .table = table,
	    .count = count,
	    .report = report,
	};
	size_t index;

	if (is_for_all(draft)) {
		check_all(&making, draft);
		return;
	}
	index = find_detector(&making, draft);
	if (index < count)
		check_words(&making, table[index], draft);
}

struct tuning *
tuning_make(const struct library *library, const struct detector *const *table,
    size_t count, struct report *report)
{
	struct making making = {
	    .table = table,
	    .count = count,
	    .report = report,
	    .tuning = allocate(1, sizeof(*making.tuning)),
	};

	making.tuning->count = count;
	making.tuning->detectors =
	    allocate(count + 1, sizeof(*making.tuning->detectors));
	for (size_t i = 0; i < library_tuning_count(library); i++)
		add_draft(&making, library_tuning(library, i));
	return making.tuning;
}

void
tuning_free(struct tuning *tuning)
{
	if (tuning == NULL)
		return;
	for (size_t i = 0; i < tuning->count; i++)
		free(tuning->detectors[i].at);
	free(tuning->detectors);
	free(tuning);
}
