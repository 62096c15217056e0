#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sensor/base/loop.h"

#define MS NS_PER_MS

struct scene {
	struct loop *loop;
	struct loop_timer *timers[3];
	struct loop_watch *watches[2];
	struct loop_signal *signal;
	int sockets[2];
	char told[16];
	size_t told_count;
};

static void
tell(struct scene *scene, char what)
{
	assert_true(scene->told_count < sizeof(scene->told) - 1);
	scene->told[scene->told_count++] = what;
}

static int
set_up(void **state)
{
	struct scene *scene = test_calloc(1, sizeof(*scene));

	scene->loop = loop_new();
	assert_non_null(scene->loop);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, scene->sockets),
	    0);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	for (size_t i = 0; i < 3; i++)
		loop_timer_free(scene->timers[i]);
	for (size_t i = 0; i < 2; i++)
		loop_watch_free(scene->watches[i]);
	loop_signal_free(scene->signal);
	loop_free(scene->loop);
	(void)close(scene->sockets[0]);
	(void)close(scene->sockets[1]);
	test_free(scene);
	return 0;
}

static int64_t
clock_now(clockid_t clock)
{
	struct timespec now;

	assert_int_equal(clock_gettime(clock, &now), 0);
	return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static void
tell_a(void *context)
{
	tell(context, 'a');
}

static void
tell_b(void *context)
{
	tell(context, 'b');
}

static void
tell_c_and_set_again(void *context)
{
	struct scene *scene = context;

	tell(scene, 'c');
	if (scene->told_count < 5)
		loop_timer_set(scene->timers[2], MS);
}

static void
timers_come_in_order_and_not_early(void **state)
{
	struct scene *scene = *state;
	int64_t start = clock_now(CLOCK_MONOTONIC);

	scene->timers[0] = loop_timer_new(scene->loop, tell_a, scene);
	scene->timers[1] = loop_timer_new(scene->loop, tell_b, scene);
	loop_timer_set(scene->timers[0], 20 * MS);
	loop_timer_set(scene->timers[1], 5 * MS);
	loop_run(scene->loop);
	assert_string_equal(scene->told, "ba");
	assert_true(clock_now(CLOCK_MONOTONIC) - start >= 20 * MS);
}

static void
timers_are_set_anew_and_cancelled(void **state)
{
	struct scene *scene = *state;

	scene->timers[0] = loop_timer_new(scene->loop, tell_a, scene);
	scene->timers[1] = loop_timer_new(scene->loop, tell_b, scene);
	scene->timers[2] =
	    loop_timer_new(scene->loop, tell_c_and_set_again, scene);
	loop_timer_set(scene->timers[0], 1);
	loop_timer_set(scene->timers[1], MS);
	loop_timer_cancel(scene->timers[1]);
	loop_timer_cancel(scene->timers[1]);
	loop_timer_set(scene->timers[0], 10 * MS);
	loop_timer_set(scene->timers[2], -5);
	loop_run(scene->loop);
	assert_in_range(scene->told_count, 5, 6);
	assert_null(strchr(scene->told, 'b'));
	assert_non_null(strchr(scene->told, 'a'));
	assert_int_not_equal(scene->told[0], 'a');
}

static void
an_idle_loop_returns(void **state)
{
	struct scene *scene = *state;

	loop_run(scene->loop);
	scene->timers[0] = loop_timer_new(scene->loop, tell_a, scene);
	loop_run(scene->loop);
	assert_int_equal(scene->told_count, 0);
}

static void
read_and_rest(int descriptor, unsigned what, void *context)
{
	struct scene *scene = context;
	char octet;

	assert_int_equal(what, LOOP_READABLE);
	assert_int_equal(read(descriptor, &octet, 1), 1);
	tell(scene, octet);
	if (octet == '3')
		loop_watch_change(scene->watches[0], 0);
	if (octet == '3')
		loop_stop(scene->loop);
}

static void
write_and_go(int descriptor, unsigned what, void *context)
{
	struct scene *scene = context;

	assert_int_equal(what, LOOP_WRITABLE);
	assert_int_equal(write(descriptor, "1234", 4), 4);
	loop_watch_free(scene->watches[1]);
	scene->watches[1] = NULL;
}

static void
descriptors_are_watched_until_changed(void **state)
{
	struct scene *scene = *state;

	scene->watches[0] = loop_watch_new(scene->loop, scene->sockets[0],
	    LOOP_READABLE, read_and_rest, scene);
	scene->watches[1] = loop_watch_new(
	    scene->loop, scene->sockets[1], LOOP_WRITABLE, write_and_go, scene);
	loop_run(scene->loop);
	assert_string_equal(scene->told, "123");
	/* Rests although there is something to read. */
	scene->timers[0] = loop_timer_new(
	    scene->loop, (void (*)(void *))loop_stop, scene->loop);
	loop_timer_set(scene->timers[0], 5 * MS);
	loop_run(scene->loop);
	assert_string_equal(scene->told, "123");
}

static void
end_of_file(int descriptor, unsigned what, void *context)
{
	struct scene *scene = context;
	char octet;

	assert_int_equal(what & LOOP_READABLE, LOOP_READABLE);
	assert_int_equal(read(descriptor, &octet, 1), 0);
	tell(scene, 'e');
	loop_watch_free(scene->watches[0]);
	scene->watches[0] = NULL;
}

static void
a_hang_up_is_told(void **state)
{
	struct scene *scene = *state;

	scene->watches[0] = loop_watch_new(
	    scene->loop, scene->sockets[0], LOOP_READABLE, end_of_file, scene);
	assert_int_equal(shutdown(scene->sockets[1], SHUT_RDWR), 0);
	loop_run(scene->loop);
	assert_string_equal(scene->told, "e");
}

static void
came(int number, void *context)
{
	assert_int_equal(number, SIGUSR1);
	tell(context, 's');
	loop_stop(((struct scene *)context)->loop);
}

static void
signals_come_through_the_loop(void **state)
{
	struct scene *scene = *state;

	scene->signal = loop_signal_new(scene->loop, SIGUSR1, came, scene);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(scene->told_count, 0);
	loop_run(scene->loop);
	assert_string_equal(scene->told, "s");
}

static void
a_stop_before_the_run_counts_once(void **state)
{
	struct scene *scene = *state;

	scene->timers[0] = loop_timer_new(scene->loop, tell_a, scene);
	loop_timer_set(scene->timers[0], 10 * MS);
	for (int i = 0; i < 3; i++)
		loop_stop(scene->loop);
	loop_run(scene->loop);
	assert_int_equal(scene->told_count, 0);
	loop_run(scene->loop);
	assert_string_equal(scene->told, "a");
}

static void *
stop_from_elsewhere(void *context)
{
	struct timespec wait = {.tv_nsec = 5 * MS};

	(void)nanosleep(&wait, NULL);
	loop_stop(context);
	return NULL;
}

static void
another_thread_stops_it(void **state)
{
	struct scene *scene = *state;
	pthread_t thread;

	scene->timers[0] = loop_timer_new(scene->loop, tell_a, scene);
	loop_timer_set(scene->timers[0], 60 * NS_PER_SECOND);
	assert_int_equal(
	    pthread_create(&thread, NULL, stop_from_elsewhere, scene->loop), 0);
	loop_run(scene->loop);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(scene->told_count, 0);
}

static void
it_knows_the_time_of_day(void **state)
{
	struct scene *scene = *state;
	int64_t before = clock_now(CLOCK_REALTIME);
	int64_t now = loop_now(scene->loop).ns;

	assert_true(before <= now && now <= clock_now(CLOCK_REALTIME));
}

int
main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(timers_come_in_order_and_not_early),
	    TEST(timers_are_set_anew_and_cancelled),
	    TEST(an_idle_loop_returns),
	    TEST(descriptors_are_watched_until_changed),
	    TEST(a_hang_up_is_told),
	    TEST(signals_come_through_the_loop),
	    TEST(a_stop_before_the_run_counts_once),
	    TEST(another_thread_stops_it),
	    TEST(it_knows_the_time_of_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
