/*
 * The writer and the reader of the inventory against a real redis-server on a
 * unix socket: redis_inventory SERVER DIRECTORY USERS [TEST].
 */
#include "tests/live/redis_scene.h"

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
	static const struct scene_test tests[] = {
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

	return scene_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
