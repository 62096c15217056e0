/* Names and addresses, answered from the loop and never from the asking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "sensor/base/loop.h"
#include "sensor/base/resolve.h"

struct scene {
	struct loop *loop;
	struct resolve *resolve;
	struct resolve_answer answer;
	unsigned answers;
	bool frees;
};

static void
take(const struct resolve_answer *answer, void *context)
{
	struct scene *scene = context;

	scene->answers++;
	if (scene->frees) {
		resolve_free(scene->resolve);
		scene->resolve = NULL;
	}
	scene->answer = *answer;
}

static void
ask(struct scene *scene, const char *host)
{
	scene->resolve = resolve_new(scene->loop, host, take, scene);
	assert_non_null(scene->resolve);
	assert_int_equal(scene->answers, 0);
	loop_run(scene->loop);
	assert_int_equal(scene->answers, 1);
	resolve_free(scene->resolve);
	scene->answers = 0;
}

static void
test_answers(void **state)
{
	struct scene scene = {.loop = loop_new()};
	bool loopback = false;

	(void)state;
	ask(&scene, "192.0.2.7");
	assert_int_equal(scene.answer.count, 1);
	assert_string_equal(scene.answer.addresses[0], "192.0.2.7");
	ask(&scene, "2001:db8::1");
	assert_string_equal(scene.answer.addresses[0], "2001:db8::1");
	ask(&scene, "localhost");
	assert_true(scene.answer.count > 0);
	for (size_t i = 0; i < scene.answer.count; i++)
		loopback |=
		    strcmp(scene.answer.addresses[i], "127.0.0.1") == 0 ||
		    strcmp(scene.answer.addresses[i], "::1") == 0;
	assert_true(loopback);
	/* RFC 2606 keeps it from being anybody's. */
	ask(&scene, "nobody.invalid");
	assert_int_equal(scene.answer.count, 0);
	assert_non_null(strstr(scene.answer.fault, "nobody.invalid: "));
	loop_free(scene.loop);
}

static void
test_freed_while_answered(void **state)
{
	struct scene scene = {.loop = loop_new(), .frees = true};

	(void)state;
	ask(&scene, "localhost");
	ask(&scene, "127.0.0.1");
	assert_string_equal(scene.answer.addresses[0], "127.0.0.1");
	loop_free(scene.loop);
}

/* The thread goes on, and finds nobody to tell. */
static void
test_given_up(void **state)
{
	struct scene scene = {.loop = loop_new()};

	(void)state;
	for (int i = 0; i < 20; i++)
		resolve_free(resolve_new(scene.loop,
		    i % 2 == 0 ? "localhost" : "nobody.invalid", take, &scene));
	assert_int_equal(scene.answers, 0);
	loop_run(scene.loop);
	assert_int_equal(scene.answers, 0);
	loop_free(scene.loop);
}

/* What a thread that nobody waits for holds is a leak only to those who look
 * while it ends. */
static int
wait_for_threads(void **state)
{
	const struct timespec nap = {.tv_nsec = 10000000};

	(void)state;
	for (int i = 0; i < 6000; i++) {
		struct stat tasks;

		/* A directory for each, and `.` and `..` */
		if (stat("/proc/self/task", &tasks) != 0 || tasks.st_nlink <= 3)
			break;
		(void)nanosleep(&nap, NULL);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_freed_while_answered),
	    cmocka_unit_test(test_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, wait_for_threads);
}
