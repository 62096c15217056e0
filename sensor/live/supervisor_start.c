/*
 * How the supervisor begins: the sensor first, then the interfaces, then it
 * gives up its rights.
 */
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sensor/base/confine.h"
#include "sensor/live/live.h"
#include "sensor/live/live_parts.h"
#include "sensor/live/supervisor_parts.h"
#include "sensor/run/exit.h"

/* How long a sensor that has not begun, and has nothing to lose, may take to
 * end. */
#define START_PATIENCE NS_PER_SECOND

void
supervisor_block_signals(struct supervisor *supervisor)
{
	static const int numbers[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};

	(void)sigemptyset(&supervisor->signals);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)sigaddset(&supervisor->signals, numbers[i]);
	(void)sigprocmask(SIG_BLOCK, &supervisor->signals, &supervisor->before);
}

/* Who everybody is going to be. */
static int
find_user(struct supervisor *supervisor)
{
	const char *name = supervisor->settings->user;

	supervisor->user = geteuid();
	supervisor->group = getegid();
	if (supervisor->user != 0 || !supervisor->settings->confined)
		return EXIT_DONE;
	if (confine_user(name == NULL ? LIVE_USER : name, &supervisor->user,
		&supervisor->group))
		return EXIT_DONE;
	live_say("--user %s: no such user", name == NULL ? LIVE_USER : name);
	return EXIT_USAGE;
}

/* SIGTERM or SIGINT has come, before anybody takes signals. */
static bool
is_told_to_end(void)
{
	const struct timespec now = {.tv_nsec = 0};
	sigset_t ends;

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	return sigtimedwait(&ends, NULL, &now) > 0;
}

/*
 * The sensor hears it where it waits for others; in the midst of loading it
 * does not, and has opened nothing yet that wants to be closed.
 */
static int
end_early(struct supervisor *supervisor)
{
	const struct timespec nap = {.tv_nsec = 10 * NS_PER_MS};
	int64_t deadline = supervisor_clock() + START_PATIENCE;
	pid_t ended = 0;

	live_say("told to end before it watched anything");
	supervisor->stopping = true;
	(void)crew_say(supervisor->crew->supervisor_end, CREW_STOP, 0);
	while (ended == 0 && supervisor_clock() < deadline) {
		ended = waitpid(supervisor->sensor, NULL, WNOHANG);
		if (ended == 0)
			(void)nanosleep(&nap, NULL);
	}
	if (ended == 0) {
		(void)kill(supervisor->sensor, SIGKILL);
		(void)waitpid(supervisor->sensor, NULL, 0);
	}
	supervisor->sensor = 0;
	return EXIT_DONE;
}

/* Until the sensor has opened what it needs, or we are told to end. */
static int
await_sensor(struct supervisor *supervisor)
{
	int end = supervisor->crew->supervisor_end;
	struct pollfd said = {.fd = end, .events = POLLIN};
	enum crew_word word;
	uint32_t worker;
	int status = 0;
	pid_t ended = 0;

	/* We have the sensor's end too, so nothing is heard when it dies. */
	while (ended == 0 && poll(&said, 1, 50) == 0) {
		if (is_told_to_end())
			return end_early(supervisor);
		ended = waitpid(supervisor->sensor, &status, WNOHANG);
	}
	if (ended == 0 && crew_hear(end, &word, &worker) == 1 &&
	    word == CREW_READY) {
		supervisor->told = false;
		return EXIT_DONE;
	}
	if (ended == 0)
		ended = waitpid(supervisor->sensor, &status, 0);
	if (ended == supervisor->sensor)
		supervisor->sensor = 0;
	return WIFEXITED(status) && WEXITSTATUS(status) != EXIT_DONE
		   ? WEXITSTATUS(status)
		   : EXIT_INTERNAL;
}

static int
open_all(struct supervisor *supervisor)
{
	int code = EXIT_DONE;

	for (uint32_t i = 0; i < supervisor->crew->count; i++)
		if (code == EXIT_DONE)
			supervisor->members[i].now =
			    supervisor_open_rings(supervisor, &code);
	supervisor->told = true;
	for (uint32_t i = 0; i < supervisor->crew->count; i++)
		if (code == EXIT_DONE)
			supervisor_begin_rings(
			    supervisor, supervisor->members[i].now);
	return code;
}

static int
give_up_rights(struct supervisor *supervisor)
{
	struct confine_settings settings = {
	    .user = supervisor->user,
	    .group = supervisor->group,
	    .supervises = true,
	};
	struct confined confined;
	char fault[CONFINE_FAULT_SIZE];

	if (!crew_seal(supervisor->crew)) {
		live_say("shared memory cannot be sealed: %s", strerror(errno));
		return EXIT_INTERNAL;
	}
	if (!supervisor->settings->confined)
		return EXIT_DONE;
	confine_add(&settings.readable, "/sys");
	if (confine_keep(&settings, CAP_NET_RAW, &confined, fault))
		return EXIT_DONE;
	live_say("cannot be confined: %s; --no-confine goes on without", fault);
	return EXIT_PERMISSION;
}

static int
start_sensor(struct supervisor *supervisor)
{
	pid_t process = fork();

	if (process < 0) {
		live_say("no process to be had: %s", strerror(errno));
		return EXIT_INTERNAL;
	}
	if (process == 0) {
		const struct live_settings *settings = supervisor->settings;
		struct crew *crew = supervisor->crew;
		int code;

		supervisor_be_sensor(supervisor);
		free(supervisor);
		code = live_run(settings, crew);
		crew_free(crew);
		exit(code);
	}
	supervisor->sensor = process;
	return EXIT_DONE;
}

int
supervisor_start(struct supervisor *supervisor)
{
	int code = find_user(supervisor);

	if (code == EXIT_DONE)
		code = start_sensor(supervisor);
	if (code == EXIT_DONE)
		code = await_sensor(supervisor);
	if (supervisor->stopping)
		return code;
	if (code == EXIT_DONE)
		code = open_all(supervisor);
	if (code == EXIT_DONE)
		code = give_up_rights(supervisor);
	return code;
}
