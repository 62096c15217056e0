/*
 * A real redis-server on a unix socket, with a writer and a reader of the
 * inventory.  The world that the collector states and the one that a sensor is
 * told are compared as sorted texts.
 */
#ifndef TESTS_LIVE_REDIS_SCENE_H
#define TESTS_LIVE_REDIS_SCENE_H

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

#define PATIENCE (90 * NS_PER_SECOND)
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
	int64_t heartbeat; /* the writer's, 0: as always */
	unsigned seen;
};

static inline void scene_end(struct scene *scene);

/* --- the loop ------------------------------------------------------------- */

static inline void
on_late(void *context)
{
	struct scene *scene = context;

	scene->late = true;
	loop_stop(scene->loop);
}

static inline void
wake(void *context)
{
	loop_stop(((struct scene *)context)->loop);
}

/* For whoever reads of a failure. */
static inline void
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
static inline bool
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

static inline void
on_said(const char *text, void *context)
{
	struct scene *scene = context;
	size_t length = strlen(scene->said);

	(void)snprintf(
	    scene->said + length, sizeof(scene->said) - length, "%s\n", text);
}

static inline bool
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

static inline void
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

static inline void
stop_server(struct scene *scene, int signal)
{
	if (scene->server <= 0)
		return;
	(void)kill(scene->server, signal);
	(void)waitpid(scene->server, NULL, 0);
	scene->server = 0;
}

/* --- the test's own connection -------------------------------------------- */

static inline void
on_side_up(void *context)
{
	(void)context;
}

static inline void
on_side_down(const char *why, void *context)
{
	struct scene *scene = context;

	scene->done = true;
	(void)snprintf(scene->answer, sizeof(scene->answer), "down: %s", why);
}

static inline void
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

static inline bool
side_sent(struct scene *scene)
{
	scene->done = false;
	return redis_send(scene->side, &scene->words, on_side_answer, scene);
}

static inline bool
side_done(struct scene *scene)
{
	return scene->done;
}

/* Sends one command as soon as it can be; its answer is in `answer`. */
static inline const char *
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

static inline void
start_writer(struct scene *scene, const char *cluster)
{
	const struct inventory_writer_settings settings = {.cluster = cluster,
	    .source = "test",
	    .heartbeat_ns = scene->heartbeat,
	    .said = on_said,
	    .context = scene};

	scene->writer =
	    inventory_writer_new(scene->loop, scene->url, &settings);
}

static inline void
start_reader(struct scene *scene)
{
	const struct inventory_reader_settings settings = {
	    .taker = {take_told, scene}, .said = on_said, .context = scene};

	world_init(&scene->told);
	scene->reader =
	    inventory_reader_new(scene->loop, scene->url, &settings);
}

static inline void
stop_reader(struct scene *scene)
{
	if (scene->reader == NULL)
		return;
	inventory_reader_free(scene->reader);
	scene->reader = NULL;
	world_release(&scene->told);
}

static inline void
stop_writer(struct scene *scene)
{
	inventory_writer_free(scene->writer);
	scene->writer = NULL;
}

static inline void
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

static inline void
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

static inline void
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
static inline void
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
static inline void
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

static inline bool
is_settled(struct scene *scene)
{
	return inventory_writer_is_settled(scene->writer);
}

static inline bool
is_same(struct scene *scene)
{
	return worlds_equal(&scene->stated, &scene->told);
}

static inline bool
is_known(struct scene *scene)
{
	return inventory_reader_state(scene->reader).complete && is_same(scene);
}

/* What a sensor that starts now is told. */
static inline void
expect_fresh_reader(struct scene *scene)
{
	stop_reader(scene);
	start_reader(scene);
	expect(wait_until(scene, is_known));
}

/* --- running them --------------------------------------------------------- */

struct scene_test {
	const char *name;
	void (*run)(struct scene *scene);
};

/* PROGRAM SERVER DIRECTORY USERS [TEST]: all of them, or one. */
static inline int
scene_run(int argc, char **argv, const struct scene_test *tests, size_t count)
{
	struct scene scene;

	if (argc < 4)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < count; i++) {
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

#endif
