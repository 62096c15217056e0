#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/library.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static char *
printed(const struct report *report)
{
	char *said = NULL;
	size_t size;
	FILE *out = open_memstream(&said, &size);

	assert_non_null(out);
	report_print(report, out);
	assert_int_equal(fclose(out), 0);
	return said;
}

/* A library layer and an operator layer, `lib` and `own` in messages. */
static struct library *
loaded(const char *shipped, const char *own, char **said)
{
	const char *const names[] = {"own", "lib"};
	const char *const texts[] = {own, shipped};
	const enum layer layers[] = {LAYER_OPERATOR, LAYER_LIBRARY};
	struct report *report = report_new();
	struct library *library =
	    library_parse(names, texts, layers, LENGTH(names), report);

	*said = printed(report);
	report_free(report);
	return library;
}

static struct library *
good(const char *shipped, const char *own)
{
	char *said;
	struct library *library = loaded(shipped, own, &said);

	if (library == NULL || said[0] != '\0')
		fail_msg("was said\n%s", said);
	free(said);
	return library;
}

static void
refuses(const char *shipped, const char *own, const char *expected)
{
	char *said;

	assert_null(loaded(shipped, own, &said));
	assert_string_equal(said, expected);
	free(said);
}

#define REDIS                                                                  \
	"model: redis\n"                                                       \
	"describes: Redis\n"                                                   \
	"match: {image: redis}\n"                                              \
	"role: cache\n"                                                        \
	"severity: high\n"                                                     \
	"tags: {a: b}\n"                                                       \
	"provides:\n"                                                          \
	"  - {name: client, port: tcp/6379}\n"                                 \
	"  - {port: tcp/16379}\n"                                              \
	"needs: []\n"

static void
an_extension_replaces_joins_and_inherits(void **state)
{
	struct library *library =
	    good(REDIS, "model: redis\n"
			"extends: redis\n"
			"provides:\n"
			"  - {port: tcp/1}\n"
			"  - {name: client, port: tcp/7000}\n");
	const struct model *m = library_find(library, "redis");

	(void)state;
	assert_int_equal(library_model_count(library), 2);
	assert_ptr_equal(m, library_model(library, 1));
	assert_int_equal(m->layer, LAYER_OPERATOR);
	assert_string_equal(m->describes, "Redis");
	assert_string_equal(m->role, "cache");
	assert_int_equal(m->severity, SEVERITY_HIGH);
	assert_int_equal(m->selector_count, 1);
	assert_int_equal(m->tag_count, 1);
	assert_int_equal(m->provides.count, 3);
	assert_string_equal(m->provides.at[0].name, "client");
	assert_int_equal(m->provides.at[0].ports.at[0].first, 7000);
	assert_string_equal(m->provides.at[0].place.file, "own");
	assert_string_equal(m->provides.at[1].name, "provides-2");
	assert_string_equal(m->provides.at[1].place.file, "lib");
	assert_string_equal(m->provides.at[2].name, "provides-3");
	assert_int_equal(m->provides.at[2].ports.at[0].first, 1);
	assert_true(m->needs.given);
	/* The library's own stays as it was. */
	m = library_model(library, 0);
	assert_int_equal(m->provides.count, 2);
	assert_int_equal(m->provides.at[0].ports.at[0].first, 6379);
	library_free(library);
}

static void
an_extension_gives_its_own(void **state)
{
	struct library *library =
	    good(REDIS, "model: mine\n"
			"extends: redis\n"
			"describes: Mine\n"
			"match: [{image: a}, {image: b}]\n"
			"role: store\n"
			"severity: low\n"
			"tags: {}\n"
			"provides: []\n"
			"needs: [{port: udp/53}]\n");
	const struct model *m = library_find(library, "mine");

	(void)state;
	assert_string_equal(m->describes, "Mine");
	assert_string_equal(m->role, "store");
	assert_int_equal(m->severity, SEVERITY_LOW);
	assert_int_equal(m->selector_count, 2);
	assert_int_equal(m->tag_count, 0);
	assert_true(m->provides.given);
	assert_int_equal(m->provides.count, 0);
	assert_int_equal(m->needs.count, 1);
	assert_string_equal(m->needs.at[0].name, "needs-1");
	library_free(library);
}

static void
extensions_chain_in_any_order(void **state)
{
	struct library *library =
	    good(REDIS, "model: c\nextends: b\nrole: c\n---\n"
			"model: b\nextends: redis\nprovides: [{name: b}]\n");
	const struct model *c = library_find(library, "c");

	(void)state;
	assert_string_equal(c->role, "c");
	assert_int_equal(c->provides.count, 3);
	assert_string_equal(c->provides.at[2].name, "b");
	library_free(library);
}

static void
a_lower_layer_never_looks_up(void **state)
{
	(void)state;
	refuses("model: a\nextends: own\n", "model: own\nmatch: {image: own}\n",
	    "lib:2:10: error: unknown model 'own'; known: a\n");
}

static void
names_the_circle(void **state)
{
	(void)state;
	refuses("",
	    "model: a\nextends: b\n---\n"
	    "model: b\nextends: c\n---\n"
	    "model: c\nextends: a\n---\n"
	    "model: d\nextends: a\n",
	    "own:2:10: error: 'extends' goes in a circle: a -> b -> c -> a\n");
	refuses("",
	    "model: d\nextends: a\n---\n"
	    "model: a\nextends: b\n---\n"
	    "model: b\nextends: a\n",
	    "own:5:10: error: 'extends' goes in a circle: a -> b -> a\n");
}

static void
an_unknown_base_has_a_neighbour(void **state)
{
	(void)state;
	refuses(REDIS, "model: a\nextends: reids\n",
	    "own:2:10: error: unknown model 'reids'; did you mean 'redis'?\n");
}

#define CLUSTER                                                                \
	"fragment: cluster\n"                                                  \
	"needs:\n"                                                             \
	"  - {name: dns, port: udp/53}\n"                                      \
	"  - {port: tcp/443}\n"                                                \
	"provides: [{port: tcp/9090}]\n"

static void
splices_fragments_side_by_side(void **state)
{
	struct library *library = good(CLUSTER,
	    "model: m\n"
	    "match: {image: m}\n"
	    "provides: [{use: cluster}, {port: tcp/80}]\n"
	    "needs: [{name: needs-3, port: tcp/1}, {use: cluster}]\n");
	const struct model *m = library_model(library, 0);

	(void)state;
	assert_int_equal(m->provides.count, 2);
	assert_int_equal(m->provides.at[0].ports.at[0].first, 9090);
	assert_string_equal(m->provides.at[0].name, "provides-1");
	assert_string_equal(m->provides.at[0].place.file, "lib");
	assert_string_equal(m->provides.at[1].name, "provides-2");
	assert_int_equal(m->needs.count, 3);
	assert_string_equal(m->needs.at[1].name, "dns");
	/* `needs-3` is taken, so the third is the next. */
	assert_string_equal(m->needs.at[2].name, "needs-4");
	library_free(library);
}

static void
refuses_a_fragment_without_that_side(void **state)
{
	(void)state;
	refuses("fragment: f\nneeds: []\n",
	    "model: m\nmatch: {image: m}\nprovides: [{use: f}]\n",
	    "own:3:12: error: fragment 'f' has no 'provides'; it belongs "
	    "under 'needs'\n");
	refuses(CLUSTER,
	    "model: m\nmatch: {image: m}\nneeds: [{use: cuslter}]\n",
	    "own:3:9: error: unknown fragment 'cuslter'; did you mean "
	    "'cluster'?\n");
	refuses(CLUSTER,
	    "model: m\nmatch: {image: m}\n"
	    "needs: [{name: dns}, {use: cluster}]\n",
	    "own:3:22: error: entry 'dns' is already in this list, from line "
	    "3\n");
}

static void
names_the_first_of_two(void **state)
{
	(void)state;
	refuses(REDIS "---\n" REDIS, "",
	    "lib:12:1: error: model 'redis' is already defined at lib:1:1\n");
	refuses(CLUSTER "---\n" CLUSTER, "",
	    "lib:7:1: error: fragment 'cluster' is already defined at "
	    "lib:1:1\n");
	refuses("zone: z\ncidr: 10.0.0.0/8\n", "zone: z\ncidr: 10.0.0.0/9\n",
	    "own:1:1: error: zone 'z' is already defined at lib:1:1\n");
	refuses("segment: s\nmatch: {namespace: s}\n",
	    "segment: s\nmatch: {namespace: t}\n",
	    "own:1:1: error: segment 's' is already defined at lib:1:1\n");
}

static void
a_name_is_free_in_another_layer_or_segment(void **state)
{
	struct library *library =
	    good(REDIS, "segment: s\n"
			"match: {namespace: s}\n"
			"models:\n"
			"  - {model: redis, extends: redis, role: inner}\n"
			"---\n"
			"segment: t\n"
			"match: {namespace: t}\n"
			"models:\n"
			"  - {model: redis, extends: redis}\n");

	(void)state;
	assert_int_equal(library_model_count(library), 3);
	assert_string_equal(library_model(library, 1)->role, "inner");
	assert_string_equal(library_model(library, 1)->segment->name, "s");
	assert_string_equal(library_model(library, 2)->role, "cache");
	/* Outside of its segment, it is not the model of that name. */
	assert_ptr_equal(
	    library_find(library, "redis"), library_model(library, 0));
	library_free(library);
}

static void
references_may_stand_anywhere(void **state)
{
	struct library *library =
	    good("fragment: f\nneeds: [{to: {role: later, zone: z, segment: s, "
		 "model: m}}]\n",
		"model: m\nmatch: {image: m}\nrole: later\n---\n"
		"zone: z\ncidr: 10.0.0.0/8\n---\n"
		"segment: s\nmatch: {zone: z}\n");

	(void)state;
	assert_null(library_find(library, "f"));
	library_free(library);
	refuses("fragment: f\nneeds: [{to: {role: nobody}}]\n", "",
	    "lib:2:21: error: unknown role 'nobody'; known: application\n");
}

static void
orders_by_layer_then_path_then_place(void **state)
{
	const char *const names[] = {"b", "a", "z", "y"};
	const char *const texts[] = {
	    "model: b1\nmatch: {image: x}\n---\nmodel: b2\nmatch: {image: x}\n",
	    "model: a1\nmatch: {image: x}\n---\n"
	    "model: a2\nmatch: {image: x}\norigin: learned\n",
	    "model: z1\nmatch: {image: x}\n", "model: y1\nmatch: {image: x}\n"};
	const enum layer layers[] = {
	    LAYER_OPERATOR, LAYER_OPERATOR, LAYER_LIBRARY, LAYER_LIBRARY};
	static const char *const order[] = {"y1", "z1", "a2", "a1", "b1", "b2"};
	struct report *report = report_new();
	struct library *library =
	    library_parse(names, texts, layers, LENGTH(names), report);

	(void)state;
	assert_non_null(library);
	assert_int_equal(library_model_count(library), LENGTH(order));
	for (size_t i = 0; i < LENGTH(order); i++)
		assert_string_equal(library_model(library, i)->name, order[i]);
	library_free(library);
	report_free(report);
}

static void
bounds_a_list_of_entries(void **state)
{
	char text[8192] = "model: m\nmatch: {image: m}\nneeds:\n";
	char *said;
	size_t base = strlen(text), line = strlen("- {port: 1}\n");

	(void)state;
	for (size_t i = 0; i < 256; i++)
		memcpy(text + base + i * line, "- {port: 1}\n", line + 1);
	library_free(good("", text));
	memcpy(text + base + 256 * line, "- {port: 1}\n", line + 1);
	assert_null(loaded("", text, &said));
	assert_string_equal(
	    said, "own:4:1: error: 'needs' has more than 256 entries\n");
	free(said);
}

/* --- directories ---------------------------------------------------------- */

static void
write_file(const char *directory, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
remove_file(const char *directory, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(unlink(path), 0);
}

static void
loads_a_directory(void **state)
{
	char directory[] = "/tmp/test_library.XXXXXX";
	struct library_source source = {directory, LAYER_OPERATOR};
	struct report *report = report_new();
	struct library *library;

	(void)state;
	assert_non_null(mkdtemp(directory));
	write_file(directory, "b.yaml", "model: b\nmatch: {image: b}\n");
	write_file(directory, "a.yml", "model: a\nmatch: {image: a}\n");
	write_file(directory, "c.txt", "not ours\n");
	library = library_load(&source, 1, report);
	assert_non_null(library);
	assert_int_equal(library_model_count(library), 2);
	assert_string_equal(library_model(library, 0)->name, "a");
	assert_string_equal(library_model(library, 1)->name, "b");
	assert_int_equal(report_warnings(report), 0);
	library_free(library);
	remove_file(directory, "a.yml");
	remove_file(directory, "b.yaml");
	library = library_load(&source, 1, report);
	assert_non_null(library);
	assert_int_equal(library_model_count(library), 0);
	assert_int_equal(report_warnings(report), 1);
	library_free(library);
	remove_file(directory, "c.txt");
	assert_int_equal(rmdir(directory), 0);
	report_free(report);
}

/* And of what others say only what is wrong in itself: whether something is
 * unknown to what was not read, nobody knows. */
static void
says_why_a_path_is_unreadable(void **state)
{
	char directory[] = "/tmp/test_library.XXXXXX";
	const struct library_source sources[] = {
	    {"/nonexistent/models", LAYER_LIBRARY},
	    {"/dev/null", LAYER_LIBRARY},
	    {directory, LAYER_OPERATOR},
	};
	struct report *report = report_new();
	char *said;

	(void)state;
	assert_non_null(mkdtemp(directory));
	write_file(directory, "a.yaml",
	    "model: a\nmatch: {image: a}\n"
	    "needs: [{use: cluster-dns}, {tto: x}]\n");
	assert_null(library_load(sources, 3, report));
	said = printed(report);
	assert_non_null(strstr(said,
	    "/nonexistent/models: error: cannot be read: No such file or "
	    "directory\n"));
	assert_non_null(strstr(said,
	    "/dev/null: error: cannot be read: it is neither a file nor a "
	    "directory\n"));
	assert_non_null(strstr(said, "a.yaml:3:30: error: "));
	assert_int_equal(report_errors(report), 3);
	free(said);
	report_free(report);
	remove_file(directory, "a.yaml");
	assert_int_equal(rmdir(directory), 0);
}

/* An error of somebody else before is not this library's. */
static void
minds_only_its_own_errors(void **state)
{
	struct report *report = report_new();
	struct library *library;

	(void)state;
	report_error(report, (struct place){"x", 1, 1}, "before");
	library = library_load(NULL, 0, report);
	assert_non_null(library);
	assert_int_equal(library_model_count(library), 0);
	library_free(library);
	report_free(report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_extension_replaces_joins_and_inherits),
	    cmocka_unit_test(an_extension_gives_its_own),
	    cmocka_unit_test(extensions_chain_in_any_order),
	    cmocka_unit_test(a_lower_layer_never_looks_up),
	    cmocka_unit_test(names_the_circle),
	    cmocka_unit_test(an_unknown_base_has_a_neighbour),
	    cmocka_unit_test(splices_fragments_side_by_side),
	    cmocka_unit_test(refuses_a_fragment_without_that_side),
	    cmocka_unit_test(names_the_first_of_two),
	    cmocka_unit_test(a_name_is_free_in_another_layer_or_segment),
	    cmocka_unit_test(references_may_stand_anywhere),
	    cmocka_unit_test(orders_by_layer_then_path_then_place),
	    cmocka_unit_test(bounds_a_list_of_entries),
	    cmocka_unit_test(loads_a_directory),
	    cmocka_unit_test(says_why_a_path_is_unreadable),
	    cmocka_unit_test(minds_only_its_own_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
