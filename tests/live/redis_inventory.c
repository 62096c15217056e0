/*
 * The writer and the reader of the inventory against a real redis-server on a
 * unix socket: redis_inventory SERVER DIRECTORY USERS [TEST].  The world that
 * the collector states and the one that a sensor is told are compared as
 * sorted texts.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "classifiers/redis/inventory_redis_read.h"
#include "classifiers/redis/inventory_redis_write.h"
#include "classifiers/redis/redis.h"
#include "classifiers/sources/inventory_record.h"
#include "fact_world.h"
#include "random_fact.h"
#include "sensor/base/loop.h"

#define PATIENCE (10 * NS_PER_SECOND)
#define IDS      60U

#define expect(condition)                                                      \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "line %d: not so: %s\n", __LINE__,     \
			    #condition);                                       \
			scene_end(scene);                                      \
			exit(1);                                               \
		}                                                              \
	} while (0)

struct scene {
	const char *program, *directory, *users;
	char socket[512], url_text[600];
	struct redis_url *url;
	pid_t server;
	struct loop *loop;
	struct loop_timer *deadline;
	bool late, done;
	struct inventory_writer *writer;
	struct inventory_reader *reader;
	struct redis *side; /* of the test itself */
	struct redis_words words;
	char answer[512];
	struct world stated, told;
	char said[4096]; /* by writer and reader */
	uint64_t version;
	unsigned seen;
};

static void scene_end(struct scene *scene);

/* --- the loop ------------------------------------------------------------- */

static void
on_late(void *context)
{
	struct scene *scene = context;

	scene->late = true;
	loop_stop(scene->loop);
}

static void
wake(void *context)
{
	loop_stop(((struct scene *)context)->loop);
}

/* For whoever reads of a failure. */
static void
tell_state(struct scene *scene)
{
	fprintf(stderr, "said:\n%s", scene->said);
	if (scene->reader != NULL) {
		struct inventory_reader_state state =
		    inventory_reader_state(scene->reader);

		fprintf(stderr,
		    "reader: %s, %s, %s, %zu objects, %llu loads, %llu "
		    "changes, %llu gaps; %zu alive of %zu stated\n",
		    state.connected ? "connected" : state.why,
		    state.loaded ? "loaded" : "not loaded",
		    state.complete ? "complete" : "partial", state.objects,
		    (unsigned long long)state.loads,
		    (unsigned long long)state.changes,
		    (unsigned long long)state.gaps, world_alive(&scene->told),
		    world_alive(&scene->stated));
		tell_difference(&scene->stated, &scene->told);
	}
	if (scene->writer != NULL)
		fprintf(stderr, "writer: %s, %llu written, %llu loads\n",
		    inventory_writer_is_settled(scene->writer) ? "settled"
							       : "at work",
		    (unsigned long long)inventory_writer_counts(scene->writer)
			.written,
		    (unsigned long long)inventory_writer_counts(scene->writer)
			.loads);
}

/* Runs until the condition holds; looked at after whatever happens. */
static bool
wait_until(struct scene *scene, bool (*holds)(struct scene *scene))
{
	struct loop_timer *poll = loop_timer_new(scene->loop, wake, scene);

	scene->late = false;
	loop_timer_set(scene->deadline, PATIENCE);
	while (!holds(scene) && !scene->late) {
		loop_timer_set(poll, 5 * NS_PER_MS);
		loop_run(scene->loop);
	}
	loop_timer_cancel(scene->deadline);
	loop_timer_free(poll);
	if (scene->late)
		tell_state(scene);
	return !scene->late;
}

static void
on_said(const char *text, void *context)
{
	struct scene *scene = context;
	size_t length = strlen(scene->said);

	(void)snprintf(
	    scene->said + length, sizeof(scene->said) - length, "%s\n", text);
}

static bool
take_told(const struct fact *fact, void *context)
{
	struct scene *scene = context;

	if (fact->kind == FACT_SEEN)
		scene->seen++;
	else
		world_put(&scene->told, fact);
	return true;
}

/* --- the server ----------------------------------------------------------- */

static void
start_server(struct scene *scene, const char *const *extra)
{
	const char *arguments[32] = {scene->program, "--port", "0",
	    "--unixsocket", scene->socket, "--dir", scene->directory,
	    "--daemonize", "no", "--loglevel", "warning", "--save", ""};
	size_t count = 13;

	for (; extra != NULL && *extra != NULL; extra++)
		arguments[count++] = *extra;
	(void)unlink(scene->socket);
	scene->server = fork();
	if (scene->server == 0) {
		/* NOLINTNEXTLINE(bugprone-unused-return-value) */
		(void)!freopen("/dev/null", "w", stdout);
		/* Should this test die, nobody else would end it. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		execv(scene->program, (char *const *)(uintptr_t)arguments);
		_exit(127);
	}
	expect(scene->server > 0);
}

static void
stop_server(struct scene *scene, int signal)
{
	if (scene->server <= 0)
		return;
	(void)kill(scene->server, signal);
	(void)waitpid(scene->server, NULL, 0);
	scene->server = 0;
}

/* --- the test's own connection -------------------------------------------- */

static void
on_side_up(void *context)
{
	(void)context;
}

static void
on_side_down(const char *why, void *context)
{
	struct scene *scene = context;

	scene->done = true;
	(void)snprintf(scene->answer, sizeof(scene->answer), "down: %s", why);
}

static void
on_side_answer(const struct redis_reply *reply, void *context)
{
	struct scene *scene = context;

	scene->done = true;
	if (redis_reply_kind(reply) == REDIS_INTEGER)
		(void)snprintf(scene->answer, sizeof(scene->answer), "%lld",
		    (long long)redis_reply_integer(reply, 0));
	else
		(void)snprintf(scene->answer, sizeof(scene->answer), "%.500s",
		    redis_reply_text(reply));
}

static bool
side_sent(struct scene *scene)
{
	scene->done = false;
	return redis_send(scene->side, &scene->words, on_side_answer, scene);
}

static bool
side_done(struct scene *scene)
{
	return scene->done;
}

/* Sends one command as soon as it can be; its answer is in `answer`. */
static const char *
ask(struct scene *scene, const char *word, ...)
{
	va_list words;

	redis_words_clear(&scene->words);
	va_start(words, word);
	for (; word != NULL; word = va_arg(words, const char *))
		redis_words_add(&scene->words, word);
	va_end(words);
	expect(wait_until(scene, side_sent));
	expect(wait_until(scene, side_done));
	return scene->answer;
}

/* --- the scene ------------------------------------------------------------ */

static void
start_writer(struct scene *scene, const char *cluster)
{
	const struct inventory_writer_settings settings = {.cluster = cluster,
	    .source = "test",
	    .said = on_said,
	    .context = scene};

	scene->writer =
	    inventory_writer_new(scene->loop, scene->url, &settings);
}

static void
start_reader(struct scene *scene)
{
	const struct inventory_reader_settings settings = {
	    .taker = {take_told, scene}, .said = on_said, .context = scene};

	world_init(&scene->told);
	scene->reader =
	    inventory_reader_new(scene->loop, scene->url, &settings);
}

static void
stop_reader(struct scene *scene)
{
	if (scene->reader == NULL)
		return;
	inventory_reader_free(scene->reader);
	scene->reader = NULL;
	world_release(&scene->told);
}

static void
stop_writer(struct scene *scene)
{
	inventory_writer_free(scene->writer);
	scene->writer = NULL;
}

static void
scene_begin(struct scene *scene, const char *program, const char *directory)
{
	const struct redis_events events = {on_side_up, on_side_down, scene};
	char fault[REDIS_FAULT_SIZE];

	*scene = (struct scene){
	    .program = program, .directory = directory, .users = scene->users};
	(void)snprintf(
	    scene->socket, sizeof(scene->socket), "%s/redis.sock", directory);
	(void)snprintf(scene->url_text, sizeof(scene->url_text), "unix://%s",
	    scene->socket);
	scene->url = redis_url_parse(scene->url_text, fault);
	scene->loop = loop_new();
	scene->deadline = loop_timer_new(scene->loop, on_late, scene);
	redis_words_init(&scene->words);
	world_init(&scene->stated);
	/* What a test before this one saved. */
	(void)snprintf(
	    scene->said, sizeof(scene->said), "%s/dump.rdb", directory);
	(void)unlink(scene->said);
	scene->said[0] = '\0';
	start_server(scene, NULL);
	scene->side = redis_new(scene->loop, scene->url, &events);
	expect(strcmp(ask(scene, "FLUSHALL", NULL), "OK") == 0);
}

static void
scene_end(struct scene *scene)
{
	stop_reader(scene);
	stop_writer(scene);
	redis_free(scene->side);
	redis_words_release(&scene->words);
	world_release(&scene->stated);
	loop_timer_free(scene->deadline);
	loop_free(scene->loop);
	redis_url_free(scene->url);
	stop_server(scene, SIGKILL);
}

/* --- stating -------------------------------------------------------------- */

static void
state_fact(struct scene *scene, struct fact *fact)
{
	fact->cluster = "lab";
	fact->version = ++scene->version;
	if (fact->kind == FACT_WORKLOAD) {
		fact->workload.workload.cluster = "lab";
		fact->workload.workload.version = fact->version;
	}
	if (fact->kind == FACT_POLICY)
		fact->policy.version = fact->version;
	if (scene->writer != NULL) {
		struct fact_taker taker = inventory_writer_taker(scene->writer);

		expect(fact_give(&taker, fact));
	}
	world_put(&scene->stated, fact);
}

/* Some random facts of every kind, as a list or as changes. */
static void
state_random(struct scene *scene, struct random *random, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new();
		struct fact fact = random_fact(random, arena,
		    (enum fact_kind)random_below(random, FACT_SEEN), IDS);

		state_fact(scene, &fact);
		arena_free(arena);
	}
}

/* A list of everything: what it does not name is gone. */
static void
state_list(struct scene *scene, struct random *random, size_t count)
{
	world_release(&scene->stated);
	world_init(&scene->stated);
	if (scene->writer != NULL)
		inventory_writer_list_begins(
		    scene->writer, INVENTORY_KINDS_ALL);
	state_random(scene, random, count);
	if (scene->writer != NULL)
		inventory_writer_list_ends(
		    scene->writer, INVENTORY_KINDS_ALL, loop_now(scene->loop));
}

static bool
is_settled(struct scene *scene)
{
	return inventory_writer_is_settled(scene->writer);
}

static bool
is_same(struct scene *scene)
{
	return worlds_equal(&scene->stated, &scene->told);
}

static bool
is_known(struct scene *scene)
{
	return inventory_reader_state(scene->reader).complete && is_same(scene);
}

/* What a sensor that starts now is told. */
static void
expect_fresh_reader(struct scene *scene)
{
	stop_reader(scene);
	start_reader(scene);
	expect(wait_until(scene, is_known));
}

/* --- tests ---------------------------------------------------------------- */

static void
loads_and_follows(struct scene *scene)
{
	struct random random = {1};

	start_writer(scene, "lab");
	start_reader(scene);
	state_list(scene, &random, 1500);
	expect(wait_until(scene, is_settled));
	expect(wait_until(scene, is_known));
	expect(world_alive(&scene->told) > 100);
	for (int round = 0; round < 20; round++) {
		state_random(scene, &random, 50);
		expect(wait_until(scene, is_same));
	}
	expect(inventory_reader_state(scene->reader).unreadable == 0);
	expect(inventory_reader_state(scene->reader).foreign == 0);
	expect(inventory_reader_state(scene->reader).gaps == 0);
	expect(scene->seen > 0);
	expect_fresh_reader(scene);
}

/* What was stated again is not written again. */
static void
writes_only_what_differs(struct scene *scene)
{
	struct random random = {2}, same;
	struct inventory_writer_counts before, after;

	same = random;
	start_writer(scene, "lab");
	state_list(scene, &random, 400);
	expect(wait_until(scene, is_settled));
	stop_writer(scene);
	start_writer(scene, "lab");
	state_list(scene, &same, 400);
	expect(wait_until(scene, is_settled));
	before = inventory_writer_counts(scene->writer);
	/* Their ends are written anew: they were named while it loaded. */
	expect(before.loads == 1);
	expect(before.written < 40);
	state_list(scene, &same, 0);
	expect(wait_until(scene, is_settled));
	after = inventory_writer_counts(scene->writer);
	expect(after.ended > 100);
	start_reader(scene);
	expect(wait_until(scene, is_known));
	expect(world_alive(&scene->told) == 0);
}

static bool
has_gap(struct scene *scene)
{
	return inventory_reader_state(scene->reader).gaps > 0;
}

/* In a process of its own, so that our reader looks away meanwhile. */
static void
run_writer_elsewhere(struct scene *scene, struct random *random, size_t count)
{
	const struct redis_events events = {on_side_up, on_side_down, scene};
	pid_t child = fork();

	if (child == 0) {
		scene->loop = loop_new();
		scene->deadline = loop_timer_new(scene->loop, on_late, scene);
		scene->side = redis_new(scene->loop, scene->url, &events);
		start_writer(scene, "lab");
		state_list(scene, random, count);
		(void)wait_until(scene, is_settled);
		(void)ask(scene, "XTRIM", "hedgerow:{lab}:changes", "MAXLEN",
		    "1", NULL);
		_exit(0);
	}
	expect(child > 0);
	(void)waitpid(child, NULL, 0);
	state_list(scene, random, count);
}

static void
notices_a_trimmed_stream(struct scene *scene)
{
	struct random random = {3};

	start_writer(scene, "lab");
	state_list(scene, &random, 300);
	start_reader(scene);
	expect(wait_until(scene, is_known));
	stop_writer(scene);
	expect(!has_gap(scene));
	run_writer_elsewhere(scene, &random, 300);
	expect(wait_until(scene, is_known));
	expect(has_gap(scene));
	/* Once more when the writer completes its list meanwhile. */
	expect(inventory_reader_state(scene->reader).loads >= 2);
}

static bool
is_down(struct scene *scene)
{
	return !inventory_reader_state(scene->reader).connected;
}

static bool
is_up(struct scene *scene)
{
	return inventory_reader_state(scene->reader).connected;
}

/* Nothing is forgotten while Redis is away or empty; then it is made good. */
static void
survives_an_empty_restart(struct scene *scene)
{
	struct random random = {4};
	size_t before;

	start_writer(scene, "lab");
	start_reader(scene);
	state_list(scene, &random, 600);
	expect(wait_until(scene, is_known));
	before = world_alive(&scene->told);
	stop_server(scene, SIGKILL);
	expect(wait_until(scene, is_down));
	state_random(scene, &random, 100);
	stop_writer(scene);
	start_server(scene, NULL);
	/* Empty: told what it lacks, the reader keeps what it knows. */
	expect(
	    strcmp(ask(scene, "SET", "hedgerow:schema", "1", NULL), "OK") == 0);
	expect(wait_until(scene, is_up));
	expect(world_alive(&scene->told) == before);
	start_writer(scene, "lab");
	state_list(scene, &random, 600);
	expect(wait_until(scene, is_known));
	expect_fresh_reader(scene);
}

/* The writer goes on with what it knows. */
static void
writes_everything_again(struct scene *scene)
{
	struct random random = {5};

	start_writer(scene, "lab");
	start_reader(scene);
	state_list(scene, &random, 600);
	expect(wait_until(scene, is_known));
	stop_server(scene, SIGKILL);
	state_random(scene, &random, 200);
	start_server(scene, NULL);
	expect(wait_until(scene, is_known));
	expect_fresh_reader(scene);
	/* And the same without a restart. */
	expect(strcmp(ask(scene, "FLUSHALL", NULL), "OK") == 0);
	state_random(scene, &random, 50);
	expect(wait_until(scene, is_settled));
	expect(inventory_reader_state(scene->reader).loads > 0);
}

/* Redis comes back with what it saved a while ago. */
static void
an_older_state_is_made_good(struct scene *scene)
{
	struct random random = {6};

	start_writer(scene, "lab");
	start_reader(scene);
	state_list(scene, &random, 300);
	expect(wait_until(scene, is_known));
	expect(strcmp(ask(scene, "SAVE", NULL), "OK") == 0);
	state_random(scene, &random, 300);
	expect(wait_until(scene, is_same));
	stop_server(scene, SIGKILL);
	state_random(scene, &random, 100);
	start_server(scene, NULL);
	expect(wait_until(scene, is_known));
	expect_fresh_reader(scene);
}

/* Killed in the middle of churn: the next start repairs, whatever it left. */
static void
the_writer_may_be_killed(struct scene *scene)
{
	for (unsigned round = 0; round < 6; round++) {
		struct random random = {100 + round};
		struct timespec wait = {
		    .tv_nsec = (long)(1 + round * 9) * 1000000};
		pid_t child = fork();

		if (child == 0) {
			struct loop *loop = loop_new();

			scene->loop = loop;
			scene->deadline = loop_timer_new(loop, on_late, scene);
			start_writer(scene, "lab");
			for (;;) {
				state_list(scene, &random, 3000);
				(void)wait_until(scene, is_settled);
				state_random(scene, &random, 1000);
			}
		}
		expect(child > 0);
		(void)nanosleep(&wait, NULL);
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, 0);
	}
	{
		struct random random = {7};

		start_writer(scene, "lab");
		state_list(scene, &random, 500);
		expect(wait_until(scene, is_settled));
		start_reader(scene);
		expect(wait_until(scene, is_known));
	}
}

static void
foreign_keys_are_left_alone(struct scene *scene)
{
	struct random random = {8};

	expect(ask(scene, "SET", "hedgerow:{lab}:node:id:1", "mine", NULL));
	expect(ask(scene, "SET", "other", "mine", NULL));
	expect(ask(scene, "SADD", "hedgerow:{lab}:ids:zone", "odd", "list",
	    "torn", NULL));
	expect(ask(scene, "SADD", "hedgerow:clusters", "no{t", NULL));
	expect(ask(scene, "RPUSH", "hedgerow:{lab}:zone:list", "1", NULL));
	expect(ask(scene, "HSET", "hedgerow:{lab}:zone:torn", "v", "1", "fact",
	    "zone", "labels", "{\"a\":", NULL));
	expect(
	    ask(scene, "XADD", "hedgerow:{lab}:changes", "*", "a", "b", NULL));
	start_writer(scene, "lab");
	state_random(scene, &random, 200);
	start_reader(scene);
	expect(wait_until(scene, is_settled));
	expect(wait_until(scene, is_same));
	expect(inventory_reader_state(scene->reader).foreign > 0);
	expect(inventory_reader_state(scene->reader).unreadable > 0);
	expect(inventory_reader_state(scene->reader).fault[0] != '\0');
	expect(!inventory_reader_state(scene->reader).complete);
	expect(strcmp(ask(scene, "GET", "other", NULL), "mine") == 0);
	/* Once the whole is listed, what is not ours is gone from it. */
	state_list(scene, &random, 200);
	expect_fresh_reader(scene);
}

static bool
says_schema(struct scene *scene)
{
	return strstr(scene->said, "hedgerow:schema is \"2\"") != NULL;
}

static void
another_schema_is_refused(struct scene *scene)
{
	struct random random = {9};

	expect(
	    strcmp(ask(scene, "SET", "hedgerow:schema", "2", NULL), "OK") == 0);
	start_reader(scene);
	expect(wait_until(scene, says_schema));
	scene->said[0] = '\0';
	start_writer(scene, "lab");
	state_list(scene, &random, 100);
	expect(wait_until(scene, says_schema));
	expect(!inventory_reader_state(scene->reader).loaded);
	expect(strcmp(ask(scene, "EXISTS", "hedgerow:{lab}:sync",
			  "hedgerow:clusters", NULL),
		   "0") == 0);
}

static bool
says_no_permission(struct scene *scene)
{
	return strstr(scene->said, "NOPERM") != NULL;
}

/* Exactly the lines of docs/inventory.md, which the script gives us. */
static void
least_privileges_are_enough(struct scene *scene)
{
	struct random random = {10};
	const char *users[] = {"--aclfile", scene->users, NULL};
	struct redis_url *plain = scene->url;
	char text[700], fault[REDIS_FAULT_SIZE];
	struct redis_url *collector, *sensor;

	(void)snprintf(text, sizeof(text),
	    "unix://collector:collector-password@%s", scene->socket);
	collector = redis_url_parse(text, fault);
	(void)snprintf(text, sizeof(text), "unix://sensor:sensor-password@%s",
	    scene->socket);
	sensor = redis_url_parse(text, fault);
	expect(collector != NULL && sensor != NULL);
	stop_server(scene, SIGKILL);
	start_server(scene, users);
	expect(strstr(redis_url_shown(sensor), "sensor-password") == NULL);
	scene->url = collector;
	start_writer(scene, "lab");
	state_list(scene, &random, 500);
	scene->url = sensor;
	start_reader(scene);
	expect(wait_until(scene, is_known));
	state_random(scene, &random, 500);
	expect(wait_until(scene, is_same));
	expect(strstr(scene->said, "NOPERM") == NULL);
	/* A sensor cannot write. */
	stop_writer(scene);
	scene->said[0] = '\0';
	start_writer(scene, "lab");
	expect(wait_until(scene, says_no_permission));
	stop_reader(scene);
	stop_writer(scene);
	redis_url_free(collector);
	redis_url_free(sensor);
	scene->url = plain;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct scene *scene);
	} tests[] = {
	    {"loads_and_follows", loads_and_follows},
	    {"writes_only_what_differs", writes_only_what_differs},
	    {"notices_a_trimmed_stream", notices_a_trimmed_stream},
	    {"survives_an_empty_restart", survives_an_empty_restart},
	    {"writes_everything_again", writes_everything_again},
	    {"an_older_state_is_made_good", an_older_state_is_made_good},
	    {"the_writer_may_be_killed", the_writer_may_be_killed},
	    {"foreign_keys_are_left_alone", foreign_keys_are_left_alone},
	    {"another_schema_is_refused", another_schema_is_refused},
	    {"least_privileges_are_enough", least_privileges_are_enough},
	};
	struct scene scene;

	if (argc < 4)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (argc > 4 && strcmp(argv[4], tests[i].name) != 0)
			continue;
		printf("%s\n", tests[i].name);
		(void)fflush(stdout);
		scene.users = argv[3];
		scene_begin(&scene, argv[1], argv[2]);
		tests[i].run(&scene);
		scene_end(&scene);
	}
	return 0;
}
