#include "sensor/live/supervisor.h"

#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/base/notify.h"
#include "sensor/capture_live.h"
#include "sensor/evidence.h"
#include "sensor/live/crew.h"
#include "sensor/live/live.h"
#include "sensor/live/live_parts.h"
#include "sensor/live/supervisor_parts.h"
#include "sensor/live/worker_process.h"
#include "sensor/run/exit.h"

/* How often interfaces are looked for that were removed. */
#define LOOK NS_PER_SECOND

/* And when one could not be opened that was there: all flows end with each
 * attempt. */
#define LOOK_AGAIN (30 * NS_PER_SECOND)

/*
 * A worker that dies for the first time in a while is replaced at once; each
 * time after that its place stays empty twice as long.  Whoever sends what
 * kills workers then costs one processor for a part of the time.
 */
#define DELAY_FIRST   (100 * NS_PER_MS)
#define DELAY_MAXIMUM (5 * NS_PER_SECOND)
#define A_WHILE       (10 * NS_PER_SECOND)

/* So often in a row before it ever took a packet: it never will. */
#define STILLBORN 10

/* How long workers may take to end all flows. */
#define STOP_PATIENCE (30 * NS_PER_SECOND)

int64_t
supervisor_clock(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static struct instant
wall_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){
	    (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec};
}

/* --- interfaces ----------------------------------------------------------- */

static void
close_rings(struct rings **rings)
{
	for (size_t i = 0; *rings != NULL && i < LIVE_INTERFACES; i++)
		capture_live_close((*rings)->captures[i]);
	free(*rings);
	*rings = NULL;
}

/*
 * Opens one interface for a worker.
 *
 * returns    an exit code; EXIT_USAGE when it is not there
 */
static int
open_ring(struct supervisor *supervisor, size_t number, struct rings *rings)
{
	const struct live_settings *given = supervisor->settings;
	const struct capture_live_settings settings = {
	    .interface = given->interfaces[number],
	    .filter = given->filter,
	    .buffer = given->buffer,
	    .promiscuous = given->promiscuous,
	    .number = (uint32_t)number,
	};
	char fault[CAPTURE_LIVE_FAULT_SIZE];
	struct capture_live *capture;
	bool denied = false;

	capture = capture_live_open(&settings, fault, &denied);
	rings->captures[number] = capture;
	if (capture != NULL &&
	    (supervisor->crew->count == 1 ||
		capture_live_share(capture, supervisor->crew->count,
		    &supervisor->groups[number], fault))) {
		supervisor->indices[number] = capture_live_index(capture);
		return EXIT_DONE;
	}
	supervisor->lacking[number] = true;
	live_say("%s", fault);
	return denied ? EXIT_PERMISSION : EXIT_USAGE;
}

/* An interface that is not there now may come back. */
struct rings *
supervisor_open_rings(struct supervisor *supervisor, int *code)
{
	struct rings *rings = allocate(1, sizeof(*rings));

	*code = EXIT_DONE;
	for (size_t i = 0; i < supervisor->settings->interface_count; i++) {
		int one = EXIT_DONE;

		if (supervisor->told &&
		    if_nametoindex(supervisor->settings->interfaces[i]) == 0)
			continue;
		one = open_ring(supervisor, i, rings);
		if (one != EXIT_DONE)
			*code = one;
	}
	return rings;
}

static void
begin_ring(struct rings *rings, size_t number)
{
	if (rings->captures[number] != NULL)
		capture_live_since(rings->captures[number], wall_now());
}

/* With others, what came before a ring was one of its group came to all. */
void
supervisor_begin_rings(struct supervisor *supervisor, struct rings *rings)
{
	for (size_t i = 0; supervisor->crew->count > 1 && i < LIVE_INTERFACES;
	     i++)
		begin_ring(rings, i);
}

/*
 * The worker of these rings has ended: notes what had come to them and was not
 * taken.  Its own counts are those that it showed last.
 */
static void
account(struct supervisor *supervisor, uint32_t number, struct rings *rings)
{
	struct crew_note *note = &supervisor->crew->board->notes[number];
	struct worker_counts *known = allocate(1, sizeof(*known));

	worker_link_counts(&supervisor->crew->links[number], known);
	for (size_t i = 0; i < LIVE_INTERFACES; i++) {
		const struct capture_live_counts *own =
		    &known->interfaces[i].counts;
		struct capture_live_counts last;
		uint64_t received, over;

		if (rings == NULL || rings->captures[i] == NULL)
			continue;
		last = capture_live_counts(rings->captures[i]);
		note->received[i] += last.received;
		note->dropped[i] += last.dropped;
		received = own->received + note->received[i];
		over = own->dropped + note->dropped[i] + own->taken +
		       note->lost[i];
		if (received > over)
			note->lost[i] += received - over;
	}
	free(known);
}

/* --- whoever started us --------------------------------------------------- */

static void
find_manager(struct supervisor *supervisor)
{
	const char *name = getenv("NOTIFY_SOCKET");

	supervisor->manager = -1;
	if (name == NULL || name[0] == '\0')
		return;
	supervisor->manager = notify_open(name);
	if (supervisor->manager < 0)
		live_say("NOTIFY_SOCKET %s: %s; it is not told when this is "
			 "ready",
		    name, strerror(-supervisor->manager));
}

static void
tell_manager(struct supervisor *supervisor, const char *lines)
{
	if (supervisor->manager >= 0)
		(void)notify_say(supervisor->manager, lines);
}

static void
forget_manager(struct supervisor *supervisor)
{
	if (supervisor->manager >= 0)
		(void)close(supervisor->manager);
	supervisor->manager = -1;
}

/* --- processes ------------------------------------------------------------ */

/* In a new process: the signals are its own again, and others speak for it. */
static void
become_child(struct supervisor *supervisor)
{
	forget_manager(supervisor);
	(void)sigprocmask(SIG_SETMASK, &supervisor->before, NULL);
}

void
supervisor_be_sensor(struct supervisor *supervisor)
{
	crew_keep_sensor(supervisor->crew);
	become_child(supervisor);
	/* Whoever signals all of us means the supervisor, which says when. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)prctl(PR_SET_NAME, "hedgerow-sensor", 0, 0, 0);
}

static void
be_worker(struct supervisor *supervisor, uint32_t number, pid_t parent)
{
	struct worker_process parts = {
	    .settings = supervisor->settings,
	    .crew = supervisor->crew,
	    .number = number,
	    .captures = supervisor->members[number].now->captures,
	    .messages = supervisor->crew->board->messages,
	    .progress = supervisor->crew->board->progress != 0,
	    .parent = parent,
	};
	int code;

	if (supervisor->crew->evidence[number] != NULL &&
	    supervisor->crew->board->notes[number].started > 0)
		evidence_restart(supervisor->crew->evidence[number],
		    supervisor->crew->evidence_settings);
	crew_keep_worker(supervisor->crew, number);
	become_child(supervisor);
	for (uint32_t i = 0; i < supervisor->crew->count; i++) {
		close_rings(&supervisor->members[i].past);
		if (i != number)
			close_rings(&supervisor->members[i].now);
	}
	code = worker_process_run(&parts);
	close_rings(&supervisor->members[number].now);
	crew_free(supervisor->crew);
	free(supervisor);
	exit(code);
}

/* How many processes in its place came so far as to take packets. */
static uint64_t
begun(const struct supervisor *supervisor, uint32_t number)
{
	struct worker_counts *counts = allocate(1, sizeof(*counts));
	uint64_t processes;

	worker_link_counts(&supervisor->crew->links[number], counts);
	processes = counts->processes;
	free(counts);
	return processes;
}

static bool
start_worker(struct supervisor *supervisor, uint32_t number)
{
	struct member *member = &supervisor->members[number];
	struct crew_note *note = &supervisor->crew->board->notes[number];
	pid_t self = getpid(), process;

	member->before = begun(supervisor, number);
	process = fork();
	if (process == 0)
		be_worker(supervisor, number, self);
	if (process < 0) {
		live_say("a worker cannot be started: %s", strerror(errno));
		member->due = supervisor_clock() + NS_PER_SECOND;
		return false;
	}
	member->process = process;
	member->started = supervisor_clock();
	note->process = process;
	note->started++;
	return true;
}

static void
start_those_due(struct supervisor *supervisor)
{
	int64_t now = supervisor_clock();

	for (uint32_t i = 0; i < supervisor->crew->count; i++) {
		struct member *member = &supervisor->members[i];

		if (member->process == 0 && member->due <= now)
			(void)start_worker(supervisor, i);
	}
}

static void
signal_workers(struct supervisor *supervisor, int number)
{
	for (uint32_t i = 0; i < supervisor->crew->count; i++)
		if (supervisor->members[i].process > 0)
			(void)kill(supervisor->members[i].process, number);
}

static bool
any_worker(const struct supervisor *supervisor)
{
	for (uint32_t i = 0; i < supervisor->crew->count; i++)
		if (supervisor->members[i].process > 0)
			return true;
	return false;
}

/* --- what dies ------------------------------------------------------------ */

/*
 * The new rings come before the old ones go: then they take their place among
 * those of the other workers, and nobody else's packets go astray.  What comes
 * until the next process is there waits in them.
 */
static void
renew_rings(struct supervisor *supervisor, uint32_t number)
{
	struct member *member = &supervisor->members[number];
	int code;
	struct rings *next = supervisor_open_rings(supervisor, &code);

	account(supervisor, number, member->now);
	supervisor_begin_rings(supervisor, next);
	close_rings(&member->now);
	member->now = next;
}

static void
say_death(const struct supervisor *supervisor, uint32_t number, int status)
{
	struct crew_note *note = &supervisor->crew->board->notes[number];
	const char *next =
	    supervisor->stopping ? "" : "; another takes its place";

	note->died++;
	note->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	note->code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	if (WIFSIGNALED(status))
		live_say("worker %u died of signal %d (%s)%s", number,
		    WTERMSIG(status), strsignal(WTERMSIG(status)), next);
	else
		live_say("worker %u ended with code %d%s", number,
		    WEXITSTATUS(status), next);
	(void)crew_say(supervisor->crew->supervisor_end, CREW_DIED, number);
}

/* When the next one is to be started. */
static void
plan(struct supervisor *supervisor, uint32_t number)
{
	struct member *member = &supervisor->members[number];
	int64_t now = supervisor_clock(), delay = 0;

	if (now - member->started > A_WHILE)
		member->deaths = 0;
	for (uint32_t i = 0; i < member->deaths && delay < DELAY_MAXIMUM; i++)
		delay = delay == 0 ? DELAY_FIRST : 2 * delay;
	member->deaths++;
	member->due = now + (delay < DELAY_MAXIMUM ? delay : DELAY_MAXIMUM);
	member->stillborn = begun(supervisor, number) > member->before
				? 0
				: member->stillborn + 1;
}

static void
end_all(struct supervisor *supervisor, int code)
{
	if (!supervisor->stopping || supervisor->code == EXIT_DONE)
		supervisor->code = code;
	supervisor->stopping = supervisor->killed = true;
	signal_workers(supervisor, SIGKILL);
	if (supervisor->sensor > 0)
		(void)kill(supervisor->sensor, SIGKILL);
}

static void
worker_ended(struct supervisor *supervisor, uint32_t number, int status)
{
	struct member *member = &supervisor->members[number];
	bool clean = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE;

	member->process = 0;
	supervisor->crew->board->notes[number].process = 0;
	if (!clean && !supervisor->killed)
		say_death(supervisor, number, status);
	if (supervisor->stopping) {
		account(supervisor, number, member->now);
		return;
	}
	if (supervisor->reopening) {
		account(supervisor, number, member->past);
		member->due = 0;
		return;
	}
	if (clean)
		member->due = 0;
	else
		plan(supervisor, number);
	renew_rings(supervisor, number);
	if (member->stillborn >= STILLBORN) {
		live_say("workers die before they begin; the sensor ends");
		end_all(supervisor, EXIT_INTERNAL);
	}
}

static void
sensor_ended(struct supervisor *supervisor, int status)
{
	supervisor->sensor = 0;
	if (supervisor->stopping && WIFEXITED(status)) {
		supervisor->code = WEXITSTATUS(status);
		return;
	}
	if (supervisor->killed)
		return;
	if (WIFEXITED(status)) {
		end_all(supervisor, WEXITSTATUS(status) == EXIT_DONE
					? EXIT_INTERNAL
					: WEXITSTATUS(status));
		return;
	}
	live_say("the sensor's process died of signal %d (%s); all end, to be "
		 "started anew",
	    WTERMSIG(status), strsignal(WTERMSIG(status)));
	end_all(supervisor, EXIT_INTERNAL);
}

/* The last worker is gone, so the sensor has heard everything. */
static void
tell_stop(struct supervisor *supervisor)
{
	if (!supervisor->stopping || any_worker(supervisor) ||
	    supervisor->crew->supervisor_end < 0)
		return;
	(void)crew_say(supervisor->crew->supervisor_end, CREW_STOP, 0);
	(void)close(supervisor->crew->supervisor_end);
	supervisor->crew->supervisor_end = -1;
}

static void
collect(struct supervisor *supervisor)
{
	pid_t process;
	int status;

	while ((process = waitpid(-1, &status, WNOHANG)) > 0) {
		if (process == supervisor->sensor) {
			sensor_ended(supervisor, status);
			continue;
		}
		for (uint32_t i = 0; i < supervisor->crew->count; i++)
			if (supervisor->members[i].process == process)
				worker_ended(supervisor, i, status);
	}
	tell_stop(supervisor);
}

/* --- interfaces that come back -------------------------------------------- */

/*
 * Every worker gets new rings of all interfaces; the old ones stay open until
 * the last of them has ended, so that each goes on to get its own packets.
 * What comes from the interface that is there again comes to the new ones
 * alone, from when all of them were there.
 */
static void
reopen(struct supervisor *supervisor, size_t returned)
{
	int code;

	supervisor->reopening = true;
	supervisor->returned = returned;
	memset(supervisor->groups, 0, sizeof(supervisor->groups));
	memset(supervisor->lacking, 0, sizeof(supervisor->lacking));
	for (uint32_t i = 0; i < supervisor->crew->count; i++) {
		struct member *member = &supervisor->members[i];

		member->past = member->now;
		member->now = supervisor_open_rings(supervisor, &code);
		if (member->process == 0)
			account(supervisor, i, member->past);
	}
	for (uint32_t i = 0; i < supervisor->crew->count; i++)
		if (supervisor->crew->count > 1)
			begin_ring(supervisor->members[i].now, returned);
	if (supervisor->lacking[returned])
		supervisor->looked = supervisor_clock() + LOOK_AGAIN;
	signal_workers(supervisor, SIGTERM);
}

/* All have ended: the next ones may begin. */
static void
reopened(struct supervisor *supervisor)
{
	if (!supervisor->reopening || any_worker(supervisor))
		return;
	supervisor->reopening = false;
	for (uint32_t i = 0; i < supervisor->crew->count; i++) {
		for (size_t j = 0; j < LIVE_INTERFACES; j++)
			if (j != supervisor->returned)
				begin_ring(supervisor->members[i].now, j);
		close_rings(&supervisor->members[i].past);
	}
}

/*
 * One worker goes on with the socket that it has; its flows of the other
 * interfaces know nothing of it.  Several share packets by a group, and a
 * member of one is bound to its interface for good.
 */
static bool
follow(struct supervisor *supervisor, size_t number)
{
	struct rings *rings = supervisor->members[0].now;
	struct capture_live *capture =
	    rings == NULL ? NULL : rings->captures[number];

	if (supervisor->crew->count > 1 || capture == NULL ||
	    !capture_live_follow(capture))
		return false;
	supervisor->indices[number] = capture_live_index(capture);
	return true;
}

/* It may come back with the number that it had, which is another's then. */
static void
note_gone(struct supervisor *supervisor, size_t number)
{
	if (supervisor->indices[number] != 0)
		live_say("%s: the interface is gone; until it is back, nothing "
			 "is seen there",
		    supervisor->settings->interfaces[number]);
	supervisor->indices[number] = 0;
}

/*
 * One that is there and not up cannot be opened yet: it is looked at again.
 *
 * returns    whether there is to be a reopen()
 */
static bool
look_at(struct supervisor *supervisor, size_t number)
{
	const char *name = supervisor->settings->interfaces[number];
	uint32_t index = if_nametoindex(name);
	bool followed;

	if (index == 0) {
		note_gone(supervisor, number);
		return false;
	}
	if (index == supervisor->indices[number] &&
	    !supervisor->lacking[number])
		return false;
	followed = follow(supervisor, number);
	if (!followed && !capture_live_is_up(name))
		return false;
	live_say("%s: the interface is there again", name);
	return !followed;
}

static void
look_at_interfaces(struct supervisor *supervisor)
{
	int64_t now = supervisor_clock();

	if (now - supervisor->looked < LOOK || supervisor->reopening)
		return;
	supervisor->looked = now;
	for (size_t i = 0; i < supervisor->settings->interface_count; i++) {
		if (!look_at(supervisor, i))
			continue;
		reopen(supervisor, i);
		return;
	}
}

/* --- signals -------------------------------------------------------------- */

static void
stop(struct supervisor *supervisor)
{
	tell_manager(supervisor, "STOPPING=1");
	supervisor->stopping = true;
	supervisor->deadline = supervisor_clock() + STOP_PATIENCE;
	atomic_store(&supervisor->crew->board->stopping, true);
	signal_workers(supervisor, SIGTERM);
	tell_stop(supervisor);
}

static void
wait_for_signal(struct supervisor *supervisor)
{
	const struct timespec most = {.tv_nsec = 50 * NS_PER_MS};
	const struct timespec usual = {.tv_nsec = 250 * NS_PER_MS};
	bool waits = supervisor->reopening || supervisor->stopping;
	int number;

	for (uint32_t i = 0; i < supervisor->crew->count; i++)
		if (supervisor->members[i].process == 0)
			waits = true;
	number =
	    sigtimedwait(&supervisor->signals, NULL, waits ? &most : &usual);
	if (number == SIGHUP)
		(void)crew_say(
		    supervisor->crew->supervisor_end, CREW_RELOAD, 0);
	else if ((number == SIGTERM || number == SIGINT) &&
		 !supervisor->stopping)
		stop(supervisor);
	else if (number == SIGTERM || number == SIGINT) {
		live_say("told to end once more; all end at once, and flows in "
			 "progress are lost");
		end_all(supervisor, EXIT_INTERNAL); /* he has waited enough */
	}
}

static void
supervise(struct supervisor *supervisor)
{
	while (supervisor->sensor > 0 || any_worker(supervisor)) {
		wait_for_signal(supervisor);
		collect(supervisor);
		if (supervisor->stopping) {
			if (supervisor->deadline > 0 &&
			    supervisor_clock() > supervisor->deadline)
				signal_workers(supervisor, SIGKILL);
			continue;
		}
		reopened(supervisor);
		look_at_interfaces(supervisor);
		if (!supervisor->reopening)
			start_those_due(supervisor);
	}
}

/* --- all of it ------------------------------------------------------------ */

static void
release(struct supervisor *supervisor)
{
	forget_manager(supervisor);
	for (uint32_t i = 0; i < supervisor->crew->count; i++) {
		close_rings(&supervisor->members[i].now);
		close_rings(&supervisor->members[i].past);
	}
	crew_free(supervisor->crew);
	free(supervisor);
}

static void
say_ready(struct supervisor *supervisor)
{
	uint32_t workers = supervisor->crew->count;

	tell_manager(supervisor, "READY=1");
	if (!supervisor->settings->quiet)
		live_say("watching with %u worker%s", workers,
		    workers == 1 ? "" : "s");
}

int
supervisor_run(const struct live_settings *settings)
{
	struct supervisor *supervisor = allocate(1, sizeof(*supervisor));
	uint32_t workers =
	    settings->workers == 0 ? crew_default() : settings->workers;
	const char *fault = NULL;
	int code;

	supervisor->settings = settings;
	supervisor->crew = crew_new(workers, settings->flow_capacity,
	    settings->witness.file.path == NULL ? NULL
						: &settings->witness.evidence,
	    &fault);
	if (supervisor->crew == NULL) {
		live_say("%s", fault);
		free(supervisor);
		return EXIT_INTERNAL;
	}
	(void)fflush(stdout);
	find_manager(supervisor);
	supervisor_block_signals(supervisor);
	code = supervisor_start(supervisor);
	if (code != EXIT_DONE)
		end_all(supervisor, code);
	else if (!supervisor->stopping)
		start_those_due(supervisor);
	if (code == EXIT_DONE && !supervisor->stopping)
		say_ready(supervisor);
	supervise(supervisor);
	if (code == EXIT_DONE)
		code = supervisor->code;
	release(supervisor);
	return code;
}
