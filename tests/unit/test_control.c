#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sensor/base/listener.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"
#include "sensor/live/control.h"

static bool
parses(const char *line, enum control_command *command, char out[512])
{
	struct text answer;
	bool fine;

	text_init(&answer, 511);
	fine = control_parse(line, strlen(line), command, &answer);
	memcpy(out, answer.at, answer.length + 1);
	text_release(&answer);
	return fine;
}

static void
takes_each_command(void **state)
{
	enum control_command command = CONTROL_COUNT;
	char answer[512];

	(void)state;
	assert_true(parses("{\"command\":\"reload\"}\n", &command, answer));
	assert_int_equal(command, CONTROL_RELOAD);
	assert_string_equal(answer, "");
	assert_true(parses("{\"command\":\"health\"}\n", &command, answer));
	assert_int_equal(command, CONTROL_HEALTH);
}

static void
says_what_is_wrong(void **state)
{
	enum control_command command = CONTROL_COUNT;
	char answer[512];

	(void)state;
	assert_false(parses("{\"command\":\"relaod\"}\n", &command, answer));
	assert_non_null(strstr(answer, "\"ok\":false"));
	assert_non_null(strstr(answer, "\"meant\":\"reload\""));
	assert_false(parses("reload\n", &command, answer));
	assert_non_null(strstr(answer, "\"ok\":false"));
	assert_false(parses("{\"command\":7}\n", &command, answer));
	assert_int_equal(command, CONTROL_COUNT);
}

static void
knows_a_path(void **state)
{
	char path[16];

	(void)state;
	assert_true(control_http_path(
	    "GET /metrics HTTP/1.1\r\n", 23, path, sizeof(path)));
	assert_string_equal(path, "/metrics");
	assert_true(
	    control_http_path("GET /a?b HTTP/1.1\r\n", 19, path, sizeof(path)));
	assert_string_equal(path, "/a");
	assert_false(
	    control_http_path("POST /a HTTP/1.1\r\n", 18, path, sizeof(path)));
	assert_false(control_http_path(
	    "GET /0123456789abcdef HTTP/1.1\r\n", 33, path, sizeof(path)));
	assert_false(control_http_path("GE", 2, path, sizeof(path)));
	assert_false(control_http_complete("GET / HTTP/1.1\r\n", 16));
	assert_true(control_http_complete("GET / HTTP/1.1\r\n\r\n", 18));
}

/* --- the socket ----------------------------------------------------------- */

static void
answer(const char *octets, size_t size, struct text *out, void *context)
{
	struct loop *loop = context;

	text_add(out, "you said ");
	text_add_n(out, octets, size);
	loop_stop(loop);
}

static int
call(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	assert_int_equal(
	    connect(descriptor, (struct sockaddr *)&address, sizeof(address)),
	    0);
	return descriptor;
}

static void
nudge(void *context)
{
	loop_stop(context);
}

/* Runs the loop for a moment, as long as there is something to do. */
static void
turn(struct loop *loop, int64_t delay)
{
	struct loop_timer *timer = loop_timer_new(loop, nudge, loop);

	loop_timer_set(timer, delay);
	loop_run(loop);
	loop_timer_free(timer);
}

static void
answers_and_outlives_bad_callers(void **state)
{
	struct loop *loop = loop_new();
	struct listener_settings settings = {control_complete, answer, loop};
	char directory[] = "/tmp/hedgerow-control-XXXXXX", path[64];
	char fault[LISTENER_FAULT_SIZE], got[64] = "";
	char flood[LISTENER_REQUEST];
	struct listener *listener;
	int asking, idle, flooding;

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/control", directory);
	listener =
	    listener_new_unix(loop, path, getuid(), getgid(), &settings, fault);
	assert_non_null(listener);
	/* A second sensor does not take the first one's place. */
	assert_null(listener_new_unix(
	    loop, path, getuid(), getgid(), &settings, fault));
	idle = call(path);
	flooding = call(path);
	asking = call(path);
	memset(flood, 'x', sizeof(flood));
	assert_int_equal(write(flooding, flood, sizeof(flood)), sizeof(flood));
	assert_int_equal(write(asking, "hello\n", 6), 6);
	turn(loop, NS_PER_SECOND);
	turn(loop, 20 * NS_PER_MS);
	assert_int_equal(read(asking, got, sizeof(got) - 1), 15);
	assert_string_equal(got, "you said hello\n");
	/* Hung up on, with what it wrote unread or without. */
	assert_true(read(flooding, got, sizeof(got)) <= 0);
	listener_free(listener);
	/* What a dead one has left is replaced. */
	listener =
	    listener_new_unix(loop, path, getuid(), getgid(), &settings, fault);
	assert_non_null(listener);
	listener_free(listener);
	(void)close(idle);
	(void)close(asking);
	(void)close(flooding);
	(void)unlink(path);
	(void)rmdir(directory);
	loop_free(loop);
}

static void
refuses_what_is_no_address(void **state)
{
	struct loop *loop = loop_new();
	struct listener_settings settings = {
	    control_http_complete, answer, loop};
	char fault[LISTENER_FAULT_SIZE];
	struct listener *listener;

	(void)state;
	assert_null(listener_new_tcp(loop, "9847", &settings, fault));
	assert_null(listener_new_tcp(loop, "host.name:1", &settings, fault));
	assert_null(listener_new_tcp(loop, "127.0.0.1:", &settings, fault));
	assert_non_null(strstr(fault, "ADDRESS:PORT"));
	listener = listener_new_tcp(loop, "127.0.0.1:0", &settings, fault);
	assert_non_null(listener);
	assert_true(listener_port(listener) > 0);
	listener_free(listener);
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_each_command),
	    cmocka_unit_test(says_what_is_wrong),
	    cmocka_unit_test(knows_a_path),
	    cmocka_unit_test(answers_and_outlives_bad_callers),
	    cmocka_unit_test(refuses_what_is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
