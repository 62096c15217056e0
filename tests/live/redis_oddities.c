/*
 * What else may be the matter with an inventory in a real redis-server: keys of
 * another type, lists with a loss, versions that go back, two collectors, and
 * sensors that come late: redis_oddities SERVER DIRECTORY USERS [TEST].
 */
#include "tests/live/redis_scene.h"

#define AT(second) ((struct instant){(second)*NS_PER_SECOND})

static bool
said(const struct scene *scene, const char *words)
{
	return strstr(scene->said, words) != NULL;
}

/* --- one namespace or workload, told by its label ------------------------- */

static struct fact
namespace_of(const char *name, uint64_t version, const struct label *label)
{
	return (struct fact){.kind = FACT_NAMESPACE,
	    .cluster = "lab",
	    .id = name,
	    .version = version,
	    .at = AT(100),
	    .namespace = {.name = name, .labels = {label, 1}}};
}

static struct fact
workload_of(uint64_t version, struct instant at, const struct label *label)
{
	return (struct fact){.kind = FACT_WORKLOAD,
	    .cluster = "lab",
	    .id = "kubernetes:lab:a",
	    .version = version,
	    .at = at,
	    .workload.workload = {.id = "kubernetes:lab:a",
		.cluster = "lab",
		.orchestrator = "kubernetes",
		.namespace = "shop",
		.name = "a",
		.labels = {label, 1},
		.since = AT(1),
		.until = INSTANT_FUTURE,
		.version = version}};
}

static void
put(struct scene *scene, const struct fact *fact)
{
	struct fact_taker taker = inventory_writer_taker(scene->writer);

	(void)fact_give(&taker, fact);
	world_put(&scene->stated, fact);
}

/* --- foreign keys --------------------------------------------------------- */

static bool
is_blocked(struct scene *scene)
{
	return inventory_writer_counts(scene->writer).blocked == 1 &&
	       is_settled(scene);
}

static bool
says_no_set(struct scene *scene)
{
	return said(scene, "hedgerow:{lab}:ids:zone is no set") &&
	       said(scene, "nothing new is known of any zone");
}

static size_t
told_of(const struct scene *scene, enum fact_kind kind)
{
	size_t alive = 0;

	for (unsigned id = 0; id < IDS; id++) {
		char key[64];
		const char *text;

		(void)snprintf(key, sizeof(key), "%d id:%u", (int)kind, id);
		text = map_get_text(scene->told.objects, key);
		alive += text != NULL && text[0] != '\0';
	}
	return alive;
}

/* Whoever has put something else there: one kind stands still, no more. */
static void
ids_of_another_type_cost_one_kind(struct scene *scene)
{
	struct random random = {21};
	size_t zones;

	start_writer(scene, "lab");
	start_reader(scene);
	state_list(scene, &random, 600);
	expect(wait_until(scene, is_known));
	zones = told_of(scene, FACT_ZONE);
	expect(zones > 0);
	expect(ask(scene, "DEL", "hedgerow:{lab}:ids:zone", NULL));
	expect(ask(scene, "SET", "hedgerow:{lab}:ids:zone", "mine", NULL));
	stop_writer(scene);
	scene->heartbeat = NS_PER_SECOND / 10;
	start_writer(scene, "lab");
	/* A gap, so that all is read again. */
	expect(ask(
	    scene, "XADD", "hedgerow:{lab}:changes", "*", "n", "99999", NULL));
	expect(wait_until(scene, says_no_set));
	state_list(scene, &random, 600);
	expect(wait_until(scene, is_blocked));
	expect(told_of(scene, FACT_ZONE) >= zones);
	expect(told_of(scene, FACT_NODE) > 0);
	expect(!inventory_reader_state(scene->reader).complete ||
	       inventory_reader_state(scene->reader).foreign > 0);
	expect(strcmp(ask(scene, "GET", "hedgerow:{lab}:ids:zone", NULL),
		   "mine") == 0);
	expect(said(scene, "no zone is written until"));
	/* Out of the way, it is made good by itself. */
	expect(ask(scene, "DEL", "hedgerow:{lab}:ids:zone", NULL));
	expect(wait_until(scene, is_known));
	expect_fresh_reader(scene);
}

static bool
leaves_other_out(struct scene *scene)
{
	return is_same(scene) &&
	       said(scene, "hedgerow:{other}:sync is of another type");
}

static bool
has_two_clusters(struct scene *scene)
{
	return inventory_reader_state(scene->reader).complete &&
	       inventory_reader_state(scene->reader).clusters == 2;
}

static void
a_cluster_of_foreign_keys_costs_itself(struct scene *scene)
{
	struct random random = {22};
	struct inventory_writer *lab;

	expect(ask(scene, "SADD", "hedgerow:clusters", "other", NULL));
	expect(ask(scene, "SET", "hedgerow:{other}:sync", "mine", NULL));
	start_writer(scene, "lab");
	start_reader(scene);
	state_list(scene, &random, 300);
	expect(wait_until(scene, leaves_other_out));
	state_random(scene, &random, 100);
	expect(wait_until(scene, is_same));
	expect(inventory_reader_state(scene->reader).foreign == 1);
	expect(!inventory_reader_state(scene->reader).complete);
	expect(ask(scene, "DEL", "hedgerow:{other}:sync", NULL));
	lab = scene->writer;
	start_writer(scene, "other");
	inventory_writer_list_begins(scene->writer, INVENTORY_KINDS_ALL);
	inventory_writer_list_ends(
	    scene->writer, INVENTORY_KINDS_ALL, loop_now(scene->loop));
	expect(wait_until(scene, has_two_clusters));
	inventory_writer_free(lab);
}

static bool
is_loaded(struct scene *scene)
{
	return inventory_reader_state(scene->reader).loaded;
}

/* A sensor that is there first finds the first collector. */
static void
a_reader_waits_for_the_first_cluster(struct scene *scene)
{
	struct random random = {23};

	expect(
	    strcmp(ask(scene, "SET", "hedgerow:schema", "1", NULL), "OK") == 0);
	start_reader(scene);
	expect(wait_until(scene, is_loaded));
	start_writer(scene, "lab");
	state_list(scene, &random, 100);
	expect(wait_until(scene, is_known));
}

/* --- lists ---------------------------------------------------------------- */

static bool
knows_workloads_alone(struct scene *scene)
{
	size_t workloads = told_of(scene, FACT_WORKLOAD);

	return workloads > 0 && world_alive(&scene->told) == workloads;
}

static void
a_list_with_a_loss_ends_nothing(struct scene *scene)
{
	const unsigned workloads = INVENTORY_KIND(FACT_WORKLOAD);
	struct random random = {24}, few = {25};
	uint64_t ended;
	size_t before;

	start_writer(scene, "lab");
	start_reader(scene);
	state_list(scene, &random, 600);
	expect(wait_until(scene, is_known));
	before = world_alive(&scene->told);
	/* Nothing of it could be read. */
	inventory_writer_list_begins(scene->writer, INVENTORY_KINDS_ALL);
	inventory_writer_list_keeps(scene->writer, INVENTORY_KINDS_ALL);
	inventory_writer_list_ends(
	    scene->writer, INVENTORY_KINDS_ALL, loop_now(scene->loop));
	expect(wait_until(scene, is_settled));
	state_fact(scene, &(struct fact){.kind = FACT_NAMESPACE,
			      .id = "marker",
			      .at = AT(5),
			      .namespace.name = "marker"});
	expect(wait_until(scene, is_same));
	expect(world_alive(&scene->told) == before + 1);
	/* Of one kind alone. */
	inventory_writer_list_begins(scene->writer, INVENTORY_KINDS_ALL);
	inventory_writer_list_keeps(scene->writer, workloads);
	inventory_writer_list_ends(
	    scene->writer, INVENTORY_KINDS_ALL, loop_now(scene->loop));
	expect(wait_until(scene, is_settled));
	ended = inventory_writer_counts(scene->writer).ended;
	expect(ended > 0);
	expect(wait_until(scene, knows_workloads_alone));
	/* The next whole one ends them. */
	state_list(scene, &few, 0);
	expect(wait_until(scene, is_known));
	expect(world_alive(&scene->told) == 0);
}

/* --- versions ------------------------------------------------------------- */

static const struct label one = {"is", "one"}, two = {"is", "two"},
			  three = {"is", "three"};

static bool
is_set_back(struct scene *scene)
{
	return inventory_writer_counts(scene->writer).set_back > 0;
}

/* etcd was restored from a backup: versions go on at a lower number. */
static void
versions_that_go_back_are_believed_in_a_list(struct scene *scene)
{
	const unsigned kinds = INVENTORY_KIND(FACT_NAMESPACE);
	struct fact first = namespace_of("shop", 1000, &one);
	struct fact older = namespace_of("shop", 900, &two);
	struct fact next = namespace_of("shop", 901, &three);
	struct fact_taker taker;

	start_writer(scene, "lab");
	start_reader(scene);
	inventory_writer_list_begins(scene->writer, INVENTORY_KINDS_ALL);
	put(scene, &first);
	inventory_writer_list_ends(
	    scene->writer, INVENTORY_KINDS_ALL, loop_now(scene->loop));
	expect(wait_until(scene, is_known));
	/* An event that comes late says nothing. */
	taker = inventory_writer_taker(scene->writer);
	expect(!fact_give(&taker, &older));
	expect(inventory_writer_counts(scene->writer).stale == 1);
	expect(!is_set_back(scene));
	/* A list does, and what follows it. */
	inventory_writer_lists_again(scene->writer, kinds, true);
	put(scene, &older);
	inventory_writer_lists_again(scene->writer, kinds, false);
	expect(is_set_back(scene));
	expect(said(scene, "began at a lower number"));
	expect(wait_until(scene, is_same));
	put(scene, &next);
	expect(wait_until(scene, is_same));
	expect(inventory_writer_counts(scene->writer).stale == 1);
	/* For sensors it has only grown: 1000 + 901. */
	ask(scene, "HGET", "hedgerow:{lab}:namespace:shop", "version", NULL);
	expect(strcmp(scene->answer, "1901") == 0);
}

static bool
has_read_redis(struct scene *scene)
{
	return inventory_writer_counts(scene->writer).loads > 0;
}

/* The collector was started anew after that. */
static void
a_new_writer_finds_higher_versions(struct scene *scene)
{
	struct fact shop = namespace_of("shop", 1000, &one);
	struct fact bank = namespace_of("bank", 2000, &one);
	struct fact older = namespace_of("shop", 10, &two);
	struct fact same = namespace_of("bank", 20, &one);
	struct fact later = namespace_of("bank", 21, &three);

	start_writer(scene, "lab");
	start_reader(scene);
	put(scene, &shop);
	put(scene, &bank);
	expect(wait_until(scene, is_settled));
	for (int round = 0; round < 2; round++) {
		stop_writer(scene);
		start_writer(scene, "lab");
		/* Before or after Redis was read. */
		expect(round == 0 || wait_until(scene, has_read_redis));
		inventory_writer_list_begins(
		    scene->writer, INVENTORY_KINDS_ALL);
		put(scene, &older);
		put(scene, &same);
		inventory_writer_list_ends(
		    scene->writer, INVENTORY_KINDS_ALL, loop_now(scene->loop));
		expect(wait_until(scene, is_known));
		expect(is_set_back(scene));
		older.version++;
	}
	put(scene, &later);
	expect(wait_until(scene, is_same));
	ask(scene, "HGET", "hedgerow:{lab}:namespace:bank", "version", NULL);
	expect(strtoull(scene->answer, NULL, 10) > 2000);
}

/* --- two collectors ------------------------------------------------------- */

static bool
sees_a_rival(struct scene *scene)
{
	return inventory_writer_counts(scene->writer).rivals > 0;
}

static void
two_writers_are_told_of_each_other(struct scene *scene)
{
	struct inventory_writer *other;

	scene->heartbeat = NS_PER_SECOND / 10;
	start_writer(scene, "lab");
	expect(wait_until(scene, is_settled));
	/* Whoever was killed is no rival: his name is there, and he is not. */
	stop_writer(scene);
	start_writer(scene, "lab");
	expect(wait_until(scene, is_settled));
	expect(!sees_a_rival(scene));
	other = scene->writer;
	start_writer(scene, "lab");
	expect(wait_until(scene, sees_a_rival));
	expect(said(scene, "another collector ("));
	inventory_writer_free(other);
}

/* --- what was so earlier -------------------------------------------------- */

struct heard {
	struct text out;
	struct inventory_reader *reader;
};

static bool
hear(const struct fact *fact, void *context)
{
	struct heard *heard = context;

	if (fact->kind == FACT_WORKLOAD && !fact->gone)
		text_format(&heard->out, "%s@%lld ",
		    fact->workload.workload.labels.at[0].value,
		    (long long)(fact->at.ns / NS_PER_SECOND));
	else if (fact->kind == FACT_WORKLOAD)
		text_format(&heard->out, "gone@%lld ",
		    (long long)(fact->at.ns / NS_PER_SECOND));
	else if (fact->kind == FACT_BACKENDS)
		text_format(&heard->out, "%zu@%lld ",
		    fact->backends.address_count,
		    (long long)(fact->at.ns / NS_PER_SECOND));
	return true;
}

static void
listen_to(struct scene *scene, struct heard *heard)
{
	const struct inventory_reader_settings settings = {
	    .taker = {hear, heard}, .said = on_said, .context = scene};

	text_init(&heard->out, 1 << 16);
	heard->reader =
	    inventory_reader_new(scene->loop, scene->url, &settings);
}

static const char *awaited;
static const struct heard *listening;

static bool
has_heard(struct scene *scene)
{
	(void)scene;
	return strcmp(listening->out.at, awaited) == 0;
}

static void
expect_heard(struct scene *scene, struct heard *heard, const char *words)
{
	awaited = words;
	listening = heard;
	if (!wait_until(scene, has_heard))
		fprintf(stderr, "heard: %s\n", heard->out.at);
	expect(strcmp(heard->out.at, words) == 0);
	text_clear(&heard->out);
}

static void
stop_listening(struct heard *heard)
{
	inventory_reader_free(heard->reader);
	text_release(&heard->out);
}

static void
earlier_states_reach_whoever_comes_later(struct scene *scene)
{
	struct fact facts[] = {workload_of(1, AT(10), &one),
	    workload_of(2, AT(20), &two), workload_of(3, AT(30), &three),
	    workload_of(4, AT(40), &one)};
	struct heard early, late;

	start_writer(scene, "lab");
	listen_to(scene, &early);
	put(scene, &facts[0]);
	expect_heard(scene, &early, "one@10 ");
	/* Together, so that Redis never holds the second by itself. */
	put(scene, &facts[1]);
	put(scene, &facts[2]);
	expect_heard(scene, &early, "two@20 three@30 ");
	/* What is said again is so since it was said first. */
	facts[2].version = 9;
	facts[2].at = AT(35);
	put(scene, &facts[2]);
	listen_to(scene, &late);
	expect_heard(scene, &late, "one@10 two@20 three@30 ");
	/* Another run knows only what Redis holds. */
	stop_writer(scene);
	start_writer(scene, "lab");
	expect(wait_until(scene, is_settled));
	facts[3].version = 10;
	put(scene, &facts[3]);
	expect_heard(scene, &early, "one@40 ");
	expect_heard(scene, &late, "one@40 ");
	stop_listening(&late);
	listen_to(scene, &late);
	expect_heard(scene, &late, "one@10 two@20 three@30 one@40 ");
	/* And its end. */
	facts[3].gone = true;
	facts[3].at = AT(50);
	put(scene, &facts[3]);
	expect_heard(scene, &early, "one@40 gone@50 ");
	stop_listening(&late);
	listen_to(scene, &late);
	expect_heard(scene, &late, "one@10 two@20 three@30 one@40 gone@50 ");
	stop_listening(&early);
	stop_listening(&late);
}

/* A new run that is told of the world before it has read what Redis holds. */
static void
what_was_is_read_before_it_is_replaced(struct scene *scene)
{
	struct fact first = workload_of(1, AT(10), &one);
	struct fact second = workload_of(2, AT(20), &two);
	struct fact third = workload_of(3, AT(30), &three);
	struct heard late;

	start_writer(scene, "lab");
	put(scene, &first);
	expect(wait_until(scene, is_settled));
	stop_writer(scene);
	start_writer(scene, "lab");
	put(scene, &second);
	put(scene, &third);
	expect(wait_until(scene, is_settled));
	listen_to(scene, &late);
	expect_heard(scene, &late, "one@10 two@20 three@30 ");
	stop_listening(&late);
}

static bool
has_heard_the_last(struct scene *scene)
{
	(void)scene;
	return strstr(listening->out.at, "odd@299 ") != NULL;
}

/* A status says nothing of what it was; and there is an end to remembering. */
static void
only_what_says_something_is_kept(struct scene *scene)
{
	struct fact fact = workload_of(1, AT(10), &one);
	struct address address = {{0x20, 1}};
	struct heard late;
	size_t count = 0;

	start_writer(scene, "lab");
	put(scene, &fact);
	fact.version = 2;
	fact.at = AT(12);
	fact.workload.workload.addresses = &address;
	fact.workload.workload.address_count = 1;
	put(scene, &fact);
	expect(wait_until(scene, is_settled));
	ask(scene, "HEXISTS", "hedgerow:{lab}:workload:kubernetes:lab:a",
	    "before", NULL);
	expect(strcmp(scene->answer, "0") == 0);
	for (int64_t i = 0; i < 200; i++) {
		struct label label = {"is", i % 2 == 0 ? "even" : "odd"};

		fact.version++;
		fact.at = AT(100 + i);
		fact.workload.workload.labels.at = &label;
		put(scene, &fact);
	}
	expect(wait_until(scene, is_settled));
	listen_to(scene, &late);
	listening = &late;
	expect(wait_until(scene, has_heard_the_last));
	/* The newest of them, and what is. */
	for (const char *at = late.out.at; *at != '\0'; at++)
		count += *at == '@';
	expect(count == 33);
	expect(strncmp(late.out.at, "odd@267 even@268 ", 17) == 0);
	stop_listening(&late);
}

/* Whom a flow of then could reach is what the slice said then. */
static void
slices_are_remembered(struct scene *scene)
{
	struct address addresses[2] = {{{0x20, 1}}, {{0x20, 2}}};
	struct fact slice = {.kind = FACT_BACKENDS,
	    .cluster = "lab",
	    .id = "shop/web-1",
	    .backends = {"shop", "web", addresses, 1}};
	struct heard late;

	start_writer(scene, "lab");
	for (size_t i = 0; i < 3; i++) {
		slice.version = i + 1;
		slice.at = AT(10 * (int64_t)(i + 1));
		slice.backends.address_count = i;
		put(scene, &slice);
	}
	expect(wait_until(scene, is_settled));
	listen_to(scene, &late);
	expect_heard(scene, &late, "0@10 1@20 2@30 ");
	stop_listening(&late);
}

int
main(int argc, char **argv)
{
	static const struct scene_test tests[] = {
	    {"ids_of_another_type_cost_one_kind",
		ids_of_another_type_cost_one_kind},
	    {"a_cluster_of_foreign_keys_costs_itself",
		a_cluster_of_foreign_keys_costs_itself},
	    {"a_reader_waits_for_the_first_cluster",
		a_reader_waits_for_the_first_cluster},
	    {"a_list_with_a_loss_ends_nothing",
		a_list_with_a_loss_ends_nothing},
	    {"versions_that_go_back_are_believed_in_a_list",
		versions_that_go_back_are_believed_in_a_list},
	    {"a_new_writer_finds_higher_versions",
		a_new_writer_finds_higher_versions},
	    {"two_writers_are_told_of_each_other",
		two_writers_are_told_of_each_other},
	    {"earlier_states_reach_whoever_comes_later",
		earlier_states_reach_whoever_comes_later},
	    {"what_was_is_read_before_it_is_replaced",
		what_was_is_read_before_it_is_replaced},
	    {"only_what_says_something_is_kept",
		only_what_says_something_is_kept},
	    {"slices_are_remembered", slices_are_remembered},
	};

	return scene_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
