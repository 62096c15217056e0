/* A service manager is told what is said, by a path and by an abstract name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sensor/base/notify.h"

/* A socket bound there, as a service manager has one. */
static int
bind_at(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(name);
	int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(descriptor >= 0 && length < sizeof(address.sun_path));
	memcpy(address.sun_path, name, length);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(
	    bind(descriptor, (const void *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
	    0);
	return descriptor;
}

static void
assert_told(const char *name)
{
	int manager = bind_at(name), descriptor = notify_open(name);
	char said[64] = "";

	assert_true(descriptor >= 0);
	assert_true(notify_say(descriptor, "READY=1\nSTATUS=watching"));
	assert_int_equal(recv(manager, said, sizeof(said) - 1, 0), 23);
	assert_string_equal(said, "READY=1\nSTATUS=watching");
	/* It goes away, and nobody dies of that. */
	(void)close(manager);
	assert_false(notify_say(descriptor, "STOPPING=1"));
	(void)close(descriptor);
}

static void
is_told(void **state)
{
	char name[64];

	(void)state;
	(void)snprintf(
	    name, sizeof(name), "/tmp/hedgerow-notify-%ld", (long)getpid());
	(void)unlink(name);
	assert_told(name);
	assert_int_equal(notify_open(name), -ECONNREFUSED);
	(void)unlink(name);
	assert_int_equal(notify_open(name), -ENOENT);
	name[0] = '@';
	assert_told(name);
}

/* A manager that reads nothing is not waited for. */
static void
does_not_wait(void **state)
{
	char name[64];
	int manager, descriptor;
	unsigned said = 0;

	(void)state;
	(void)snprintf(
	    name, sizeof(name), "@hedgerow-notify-full-%ld", (long)getpid());
	manager = bind_at(name);
	descriptor = notify_open(name);
	while (said < 1000000 && notify_say(descriptor, "READY=1"))
		said++;
	assert_in_range(said, 1, 999999);
	(void)close(descriptor);
	(void)close(manager);
}

static void
is_no_address(void **state)
{
	char name[300];

	(void)state;
	assert_int_equal(notify_open(""), -EAFNOSUPPORT);
	assert_int_equal(notify_open("@"), -EAFNOSUPPORT);
	assert_int_equal(notify_open("run/notify"), -EAFNOSUPPORT);
	assert_int_equal(notify_open("vsock:2:1"), -EAFNOSUPPORT);
	memset(name, '/', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(notify_open(name), -EAFNOSUPPORT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_told),
	    cmocka_unit_test(does_not_wait),
	    cmocka_unit_test(is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
