/*
 * Every shipped model against flows that it must allow and flows that it must
 * not: tests/models/MODEL.flows, in the world of tests/models/world.
 */
#include "flow_lines.h"

#define WORLD "tests/models/world"
#define FLOWS "tests/models"

/* Entries that a flow may use: more than all models together have. */
#define ENTRIES_MAXIMUM ((size_t)1 << 16)

struct shipped {
	struct library *library;
	struct arena *arena;
	const char **paths; /* of the .flows files */
	size_t path_count;
	struct map *tried; /* `file:line` of entries that allowed something */
};

/* What one file came to. */
struct outcome {
	struct shipped *shipped;
	const char *model; /* the file is named after */
	size_t allowed, denied, failed;
};

static const char *
place_key(struct arena *arena, const struct place *place)
{
	return arena_format(arena, "%s:%u", place->file, place->line);
}

static void
try_entry(struct shipped *shipped, const struct entry *entry)
{
	if (entry == NULL)
		return;
	assert_true(map_put_text(
	    shipped->tried, place_key(shipped->arena, &entry->place), shipped));
}

static bool
has_model(const struct identity *identity, const char *name)
{
	for (size_t i = 0; identity != NULL && i < identity->model_count; i++)
		if (strcmp(identity->models[i]->name, name) == 0)
			return true;
	return false;
}

/* What a person reads when a line does not hold. */
static void
print_surprise(const struct flow_line *line)
{
	const struct verdict *verdict = &line->verdict;
	const char *deviation = deviation_name(verdict->deviation);
	struct text source;

	text_init(&source, 1024);
	if (!verdict_source(verdict, &source))
		text_add(&source, "nothing");
	print_error("%s:%u: %s%s%s, decided by %s (model %s)\n",
	    line->place.file, line->place.line,
	    verdict_kind_name(verdict->kind), deviation == NULL ? "" : " ",
	    deviation == NULL ? "" : deviation, source.at,
	    verdict->model == NULL ? "-" : verdict->model->name);
	text_release(&source);
}

static bool
holds(const struct flow_line *line)
{
	const char *deviation = deviation_name(line->verdict.deviation);

	if (line->verdict.kind != line->expected)
		return false;
	return line->deviation == NULL ||
	       (deviation != NULL && strcmp(deviation, line->deviation) == 0);
}

static void
hear(const struct flow_line *line, void *context)
{
	struct outcome *outcome = context;
	const struct statement *statement = line->verdict.statement;

	if (!holds(line)) {
		print_surprise(line);
		outcome->failed++;
		return;
	}
	if (!has_model(line->verdict.client, outcome->model) &&
	    !has_model(line->verdict.server, outcome->model))
		return;
	outcome->allowed += line->expected == VERDICT_ALLOWED;
	outcome->denied += line->expected == VERDICT_DEVIATION;
	if (line->expected == VERDICT_ALLOWED && statement != NULL) {
		try_entry(outcome->shipped, statement->provides);
		try_entry(outcome->shipped, statement->needs);
	}
}

/* `postgresql` of `tests/models/postgresql.flows`. */
static const char *
model_of(struct arena *arena, const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return arena_text_n(arena, name, strlen(name) - strlen(".flows"));
}

static void
every_line_holds(void **state)
{
	struct shipped *shipped = *state;
	size_t failed = 0;

	for (size_t i = 0; i < shipped->path_count; i++) {
		struct outcome outcome = {.shipped = shipped,
		    .model = model_of(shipped->arena, shipped->paths[i])};

		flow_lines_run(
		    shipped->library, WORLD, shipped->paths[i], hear, &outcome);
		failed += outcome.failed;
		if (outcome.allowed > 0 && outcome.denied > 0)
			continue;
		print_error("%s: %zu lines allow and %zu deny a flow of '%s'; "
			    "each is needed\n",
		    shipped->paths[i], outcome.allowed, outcome.denied,
		    outcome.model);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void
every_model_has_its_file(void **state)
{
	struct shipped *shipped = *state;
	size_t count = library_model_count(shipped->library), missing = 0;

	assert_true(count > 50);
	for (size_t i = 0; i < count; i++) {
		const char *name = library_model(shipped->library, i)->name;
		bool found = false;

		for (size_t p = 0; p < shipped->path_count; p++)
			if (strcmp(model_of(shipped->arena, shipped->paths[p]),
				name) == 0)
				found = true;
		if (found)
			continue;
		print_error("%s/%s.flows is missing\n", FLOWS, name);
		missing++;
	}
	for (size_t p = 0; p < shipped->path_count; p++)
		assert_non_null(library_find(shipped->library,
		    model_of(shipped->arena, shipped->paths[p])));
	assert_int_equal(missing, 0);
}

static size_t
count_untried(struct shipped *shipped, const struct entries *entries)
{
	size_t untried = 0;

	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->at[i];
		const char *key = place_key(shipped->arena, &entry->place);

		/* One that leaves a flow unmodelled allows none by itself. */
		if (entry->unjudged ||
		    map_get_text(shipped->tried, key) != NULL)
			continue;
		print_error(
		    "%s: no flow was allowed by '%s'\n", key, entry->name);
		untried++;
	}
	return untried;
}

/* An entry that never allows anything is mistyped, or shadowed by another. */
static void
every_entry_allows_something(void **state)
{
	struct shipped *shipped = *state;
	size_t untried = 0;

	for (size_t i = 0; i < library_model_count(shipped->library); i++) {
		const struct model *model = library_model(shipped->library, i);

		untried += count_untried(shipped, &model->provides);
		untried += count_untried(shipped, &model->needs);
	}
	assert_int_equal(untried, 0);
}

static int
load(void **state)
{
	static const struct library_source sources[] = {
	    {"models/platform", LAYER_LIBRARY},
	    {"models/library", LAYER_LIBRARY},
	    {"models/general", LAYER_LIBRARY},
	};
	struct report *report = report_new();
	struct shipped *shipped = allocate(1, sizeof(*shipped));
	long count;

	shipped->arena = arena_new();
	shipped->tried = map_new(ENTRIES_MAXIMUM);
	shipped->library = library_load(sources, 3, report);
	report_print(report, stderr);
	count = file_list(shipped->arena, FLOWS, ".flows", &shipped->paths);
	shipped->path_count = count < 0 ? 0 : (size_t)count;
	*state = shipped;
	count = (long)report_errors(report) + (long)report_warnings(report);
	report_free(report);
	return count == 0 ? 0 : -1;
}

static int
unload(void **state)
{
	struct shipped *shipped = *state;

	library_free(shipped->library);
	map_free(shipped->tried);
	arena_free(shipped->arena);
	free(shipped);
	return 0;
}

int
main(void)
{
	/* In this order: the last one counts what the first one tried. */
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_line_holds),
	    cmocka_unit_test(every_model_has_its_file),
	    cmocka_unit_test(every_entry_allows_something),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
