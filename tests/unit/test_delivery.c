/*
 * From a journal to its sinks: everything arrives, whole and in order; what
 * fails waits, costs nobody else anything and no more memory than it may; and
 * the sums close whatever happens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alerts/delivery.h"
#include "alerts/delivery_lane.h"
#include "alerts/journal.h"
#include "alerts/journal_reader.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/loop.h"

struct scene {
	char directory[64], file[96], url[128];
	struct loop *loop;
	struct journal *journal;
	struct journal_settings settings;
	struct delivery *delivery;
	unsigned made, said;
	bool settled;
};

/* --- the scene ------------------------------------------------------------ */

static struct instant
wall(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){now.tv_sec * NS_PER_SECOND + now.tv_nsec};
}

static void
say(const char *message, void *context)
{
	struct scene *scene = context;

	assert_non_null(message);
	scene->said++;
}

static void
settled(void *context)
{
	struct scene *scene = context;

	scene->settled = true;
	loop_stop(scene->loop);
}

static void
open_delivery(struct scene *scene)
{
	const struct delivery_parts parts = {
	    .loop = scene->loop,
	    .directory = scene->directory,
	    .format = FORMAT_SETTINGS_DEFAULT,
	    .say = say,
	    .settled = settled,
	    .context = scene,
	};
	int error;

	scene->delivery = delivery_new(&parts, &error);
	assert_non_null(scene->delivery);
}

static void
open_journal(struct scene *scene)
{
	char fault[JOURNAL_FAULT_SIZE];
	int error;

	scene->journal = journal_open(
	    scene->directory, &scene->settings, wall(), fault, &error);
	assert_non_null(scene->journal);
}

static int
set_up(void **state)
{
	struct scene *scene = test_calloc(1, sizeof(*scene));

	(void)snprintf(scene->directory, sizeof(scene->directory),
	    "/tmp/hedgerow-delivery-XXXXXX");
	assert_non_null(mkdtemp(scene->directory));
	(void)snprintf(
	    scene->file, sizeof(scene->file), "%s/out", scene->directory);
	(void)snprintf(scene->url, sizeof(scene->url), "file:%s", scene->file);
	scene->loop = loop_new();
	open_journal(scene);
	open_delivery(scene);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;
	struct arena *arena = arena_new();
	const char **paths;
	long count;

	delivery_free(scene->delivery);
	(void)journal_close(scene->journal);
	count = file_list(arena, scene->directory, NULL, &paths);
	for (long i = 0; i < count; i++)
		(void)unlink(paths[i]);
	arena_free(arena);
	(void)rmdir(scene->directory);
	loop_free(scene->loop);
	test_free(scene);
	return 0;
}

static void
add(struct scene *scene, const char *url)
{
	char fault[SINK_FAULT_SIZE] = "";

	if (!delivery_add(scene->delivery, url, NULL, fault))
		fail_msg("%s: %s", url, fault);
}

/* Alerts with a number of their own in their uid. */
static void
raise_alerts(struct scene *scene, unsigned count)
{
	char line[1024];

	for (unsigned i = 0; i < count; i++) {
		int length = snprintf(line, sizeof(line),
		    "{\"timestamp\":\"2026-11-21T06:28:00.%06u+0000\","
		    "\"event_type\":\"alert\",\"host\":\"made\","
		    "\"src_ip\":\"10.0.0.1\",\"dest_ip\":\"10.0.0.2\","
		    "\"proto\":\"TCP\",\"alert\":{\"action\":\"allowed\","
		    "\"gid\":100,\"signature_id\":1003,\"rev\":1,"
		    "\"signature\":\"a spoke redis to b\",\"category\":"
		    "\"Policy Violation\",\"severity\":2},\"finding\":{"
		    "\"uid\":\"%016x\",\"state\":\"new\",\"count\":1}}",
		    scene->made % 1000000, scene->made);

		(void)journal_append(
		    scene->journal, line, (size_t)length, wall());
		scene->made++;
	}
}

static void
give_up(void *context)
{
	struct scene *scene = context;

	loop_stop(scene->loop);
}

/* Until every sink has all, or for so long.  returns whether they have */
static bool
run(struct scene *scene, int64_t milliseconds)
{
	struct loop_timer *patience =
	    loop_timer_new(scene->loop, give_up, scene);

	scene->settled = false;
	loop_timer_set(patience, milliseconds * NS_PER_MS);
	delivery_wake(scene->delivery);
	loop_run(scene->loop);
	loop_timer_free(patience);
	return scene->settled;
}

/* The sums of delivery.h, against the journal's own numbers. */
static struct delivery_counts
count(const struct scene *scene, size_t sink)
{
	struct delivery_counts counts = delivery_counts(scene->delivery, sink);
	uint64_t behind = journal_next(scene->journal) - counts.unread;

	assert_int_equal(counts.unread - counts.first,
	    counts.read + counts.dropped + counts.unwanted);
	assert_int_equal(counts.read,
	    counts.acknowledged + counts.refused + counts.under_way);
	assert_int_equal(journal_next(scene->journal) - counts.first,
	    counts.acknowledged + counts.refused + counts.dropped +
		counts.unwanted + counts.under_way + behind);
	return counts;
}

/* The file has whole lines with these numbers, each once and in order. */
static void
assert_file_has(const char *path, unsigned from, unsigned to)
{
	char *octets, *line, *end;
	size_t size;
	unsigned number = from;

	assert_int_equal(file_read(path, 1 << 28, &octets, &size), 0);
	for (line = octets; line < octets + size; line = end + 1) {
		char uid[40];

		end = strchr(line, '\n');
		assert_non_null(end);
		assert_memory_equal(end - 2, "}}", 2);
		*end = '\0';
		(void)snprintf(uid, sizeof(uid), "\"uid\":\"%016x\"", number++);
		assert_non_null(strstr(line, uid));
	}
	assert_int_equal(number, to);
	free(octets);
}

/* --- files ---------------------------------------------------------------- */

static void
test_goes_on_at_its_cursor(void **state)
{
	struct scene *scene = *state;

	add(scene, scene->url);
	raise_alerts(scene, 5000);
	assert_true(run(scene, 10000));
	assert_int_equal(count(scene, 0).acknowledged, 5000);
	assert_file_has(scene->file, 0, 5000);
	delivery_free(scene->delivery);
	raise_alerts(scene, 10);
	open_delivery(scene);
	add(scene, scene->url);
	assert_int_equal(count(scene, 0).first, 5001);
	assert_true(run(scene, 10000));
	assert_int_equal(count(scene, 0).acknowledged, 10);
	assert_file_has(scene->file, 0, 5010);
}

/* A rotation by rename: told of, and not told of. */
static void
test_rotation(void **state)
{
	struct scene *scene = *state;
	char old[128], older[128];

	(void)snprintf(old, sizeof(old), "%s.1", scene->file);
	(void)snprintf(older, sizeof(older), "%s.2", scene->file);
	add(scene, scene->url);
	raise_alerts(scene, 100);
	assert_true(run(scene, 10000));
	assert_int_equal(rename(scene->file, older), 0);
	delivery_reopen(scene->delivery);
	raise_alerts(scene, 100);
	assert_true(run(scene, 10000));
	assert_file_has(older, 0, 100);
	assert_file_has(scene->file, 100, 200);
	assert_int_equal(rename(scene->file, old), 0);
	raise_alerts(scene, 100);
	assert_true(run(scene, 10000));
	assert_file_has(old, 100, 200);
	assert_file_has(scene->file, 200, 300);
	assert_int_equal(count(scene, 0).failures, 0);
}

/* The reader of a pipe is slow: a line goes on where it stopped. */
static void
test_rotation_in_a_line(void **state)
{
	struct scene *scene = *state;
	char old[128], octets[4096];
	int reader;
	ssize_t got;
	size_t lines = 0;

	(void)snprintf(old, sizeof(old), "%s.1", scene->file);
	assert_int_equal(mkfifo(scene->file, 0600), 0);
	reader = open(scene->file, O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	add(scene, scene->url);
	raise_alerts(scene, 1000);
	assert_false(run(scene, 50));
	assert_int_equal(rename(scene->file, old), 0);
	delivery_reopen(scene->delivery);
	for (int i = 0; i < 1000 && lines < 1000; i++) {
		while ((got = read(reader, octets, sizeof(octets))) > 0)
			for (ssize_t at = 0; at < got; at++)
				lines += octets[at] == '\n';
		(void)run(scene, 5);
	}
	/* The batch that was begun ends in the old place. */
	assert_true(lines > 0);
	assert_true(run(scene, 10000));
	if (lines < 1000)
		assert_file_has(scene->file, (unsigned)lines, 1000);
	(void)close(reader);
}

/* Lines are whole at every moment, and none is missing when there is room. */
static void
test_full_disk(void **state)
{
	struct scene *scene = *state;
	struct rlimit before, tight;
	struct delivery_counts counts;

	add(scene, scene->url);
	raise_alerts(scene, 3000);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	for (rlim_t limit = 100000; limit < 103000; limit += 997) {
		tight = before;
		tight.rlim_cur = limit;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
		assert_false(run(scene, 500));
		counts = count(scene, 0);
		assert_true(counts.failing);
		assert_true(counts.acknowledged > 100);
		assert_string_equal(
		    delivery_trouble(scene->delivery, 0), "File too large");
		assert_file_has(scene->file, 0, (unsigned)counts.acknowledged);
	}
	assert_true(scene->said >= 1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(run(scene, 30000));
	assert_false(count(scene, 0).failing);
	assert_file_has(scene->file, 0, 3000);
}

/* --- targets that take nothing -------------------------------------------- */

/* A port where connections are taken by the kernel and read by nobody. */
static int
listen_deaf(char url[128], const char *scheme)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(
	    bind(made, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(made, 8), 0);
	assert_int_equal(
	    getsockname(made, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(url, 128, "%s://127.0.0.1:%u", scheme,
	    (unsigned)ntohs(address.sin_port));
	return made;
}

static void
test_stalled_target(void **state)
{
	struct scene *scene = *state;
	struct delivery_counts counts;
	char url[128];
	int deaf = listen_deaf(url, "syslog+tcp");

	add(scene, url);
	add(scene, scene->url);
	for (int i = 0; i < 20; i++) {
		raise_alerts(scene, 2000);
		(void)run(scene, 30);
		counts = count(scene, 0);
		assert_true(counts.under_way <= LANE_RECORDS);
		assert_true(counts.octets < LANE_OCTETS + 1024);
	}
	assert_true(counts.acknowledged < 40000);
	assert_true(counts.heard.ns > 0 && counts.oldest.ns > 0);
	/* The other one never waited. */
	for (int i = 0; i < 500 && count(scene, 1).acknowledged < 40000; i++)
		(void)run(scene, 20);
	assert_int_equal(count(scene, 1).acknowledged, 40000);
	assert_file_has(scene->file, 0, 40000);
	assert_int_equal(count(scene, 0).dropped, 0);
	(void)close(deaf);
}

/* Nobody is there: trouble is told once, and told to be over. */
/* Begins to listen where nobody did. */
static int
listen_again(const struct sockaddr_in *address)
{
	int deaf = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	(void)setsockopt(deaf, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	assert_int_equal(
	    bind(deaf, (const struct sockaddr *)address, sizeof(*address)), 0);
	assert_int_equal(listen(deaf, 8), 0);
	return deaf;
}

static void
test_target_comes_back(void **state)
{
	struct scene *scene = *state;
	char url[160];
	int deaf = listen_deaf(url, "syslog+tcp");
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	assert_int_equal(
	    getsockname(deaf, (struct sockaddr *)&address, &size), 0);
	(void)close(deaf);
	memcpy(url + strlen(url), "?settle=0", 10);
	add(scene, url);
	raise_alerts(scene, 3);
	assert_false(run(scene, 700));
	assert_true(count(scene, 0).failing);
	assert_int_equal(scene->said, 1);
	assert_string_equal(
	    delivery_trouble(scene->delivery, 0), "Connection refused");
	deaf = listen_again(&address);
	assert_true(run(scene, 20000));
	assert_int_equal(scene->said, 2);
	assert_false(count(scene, 0).failing);
	assert_int_equal(count(scene, 0).acknowledged, 3);
	(void)close(deaf);
}

/* --- bounds and ranges ---------------------------------------------------- */

/* What left the journal unread is counted, and nothing else is missing. */
static void
test_journal_too_small(void **state)
{
	struct scene *scene = *state;
	struct delivery_counts counts;

	(void)journal_close(scene->journal);
	scene->settings.maximum = 1 << 18;
	open_journal(scene);
	add(scene, scene->url);
	raise_alerts(scene, 5000);
	assert_true(run(scene, 10000));
	counts = count(scene, 0);
	assert_true(counts.dropped > 3000);
	assert_true(counts.acknowledged > 300);
	assert_int_equal(counts.acknowledged + counts.dropped, 5000);
	assert_file_has(scene->file, (unsigned)counts.dropped, 5000);
}

/* Nobody has to wait for a target to come back to hear what it has missed. */
static void
test_journal_too_small_for_the_dead(void **state)
{
	struct scene *scene = *state;
	char url[160];
	int deaf = listen_deaf(url, "syslog+tcp");
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	uint64_t dropped;

	assert_int_equal(
	    getsockname(deaf, (struct sockaddr *)&address, &size), 0);
	(void)close(deaf);
	memcpy(url + strlen(url), "?settle=0", 10);
	(void)journal_close(scene->journal);
	scene->settings.maximum = 1 << 16;
	open_journal(scene);
	add(scene, url);
	raise_alerts(scene, 3);
	assert_false(run(scene, 300));
	raise_alerts(scene, 80);
	assert_false(run(scene, 1200));
	assert_int_equal(count(scene, 0).dropped, 0);
	raise_alerts(scene, 5000);
	assert_false(run(scene, 1200));
	dropped = count(scene, 0).dropped;
	assert_true(dropped > 4000);
	assert_int_equal(count(scene, 0).acknowledged, 0);
	assert_int_equal(scene->said, 2);
	deaf = listen_again(&address);
	assert_true(run(scene, 20000));
	assert_int_equal(count(scene, 0).dropped, dropped);
	assert_int_equal(count(scene, 0).acknowledged + dropped, 5083);
	(void)close(deaf);
}

static bool
is_even(const struct journal_record *record, void *context)
{
	unsigned *asked = context;

	++*asked;
	return record->sequence % 2 == 0;
}

/* A span is sent again, and the cursor stays where it is. */
static void
test_range(void **state)
{
	struct scene *scene = *state;
	unsigned asked = 0;
	const struct delivery_range range = {101, 201, is_even, &asked};
	char fault[SINK_FAULT_SIZE], *octets, again[160];
	size_t size, lines = 0;
	struct delivery_counts counts;

	(void)snprintf(again, sizeof(again), "file:%s.again", scene->file);
	raise_alerts(scene, 300);
	assert_true(delivery_add(scene->delivery, again, &range, fault));
	assert_true(run(scene, 10000));
	counts = delivery_counts(scene->delivery, 0);
	assert_int_equal(asked, 100);
	assert_int_equal(counts.acknowledged, 50);
	assert_int_equal(counts.unwanted, 50);
	assert_int_equal(file_read(again + 5, 1 << 20, &octets, &size), 0);
	for (size_t i = 0; i < size; i++)
		lines += octets[i] == '\n';
	assert_int_equal(lines, 50);
	free(octets);
	delivery_free(scene->delivery);
	open_delivery(scene);
	add(scene, again);
	assert_int_equal(count(scene, 0).first, 1);
}

/* Half a line of somebody who was killed is ended, and not written on. */
static void
test_torn_before(void **state)
{
	struct scene *scene = *state;
	FILE *file = fopen(scene->file, "w");
	char *octets;
	size_t size;

	assert_true(fputs("{\"torn\":", file) >= 0);
	assert_int_equal(fclose(file), 0);
	add(scene, scene->url);
	raise_alerts(scene, 2);
	assert_true(run(scene, 10000));
	assert_int_equal(file_read(scene->file, 1 << 20, &octets, &size), 0);
	assert_memory_equal(octets, "{\"torn\":\n{\"timestamp\"", 21);
	assert_int_equal(count(scene, 0).acknowledged, 2);
	free(octets);
}

static void
test_mistakes(void **state)
{
	struct scene *scene = *state;
	char fault[SINK_FAULT_SIZE];

	add(scene, scene->url);
	assert_false(delivery_add(scene->delivery, scene->url, NULL, fault));
	assert_non_null(strstr(fault, "#NAME"));
	assert_false(
	    delivery_add(scene->delivery, "file:/no/such/place", NULL, fault));
	assert_non_null(strstr(fault, "/no/such/place: No such file"));
	assert_false(delivery_add(
	    scene->delivery, "kafka://127.0.0.1/t?no.such.key=1", NULL, fault));
	assert_non_null(strstr(fault, "no.such.key"));
	assert_false(delivery_add(scene->delivery,
	    "kafka://127.0.0.1/t?enable.idempotence=false", NULL, fault));
	assert_non_null(strstr(fault, "not to be changed"));
	assert_false(delivery_add(scene->delivery,
	    "syslog+tls://127.0.0.1?ca=/no/such.pem", NULL, fault));
	assert_non_null(strstr(fault, "/no/such.pem"));
	assert_int_equal(delivery_count(scene->delivery), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_goes_on_at_its_cursor),
	    TEST(test_rotation),
	    TEST(test_rotation_in_a_line),
	    TEST(test_full_disk),
	    TEST(test_stalled_target),
	    TEST(test_target_comes_back),
	    TEST(test_journal_too_small),
	    TEST(test_journal_too_small_for_the_dead),
	    TEST(test_range),
	    TEST(test_torn_before),
	    TEST(test_mistakes),
	};

	(void)signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
