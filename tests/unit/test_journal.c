/*
 * The journal against a naive one that keeps everything in an array: records,
 * restarts, cuts at every octet, rot, bounds, and numbers that go on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alerts/journal.h"
#include "alerts/journal_cursor.h"
#include "alerts/journal_reader.h"
#include "sensor/base/arena.h"
#include "sensor/base/checksum.h"
#include "sensor/base/file.h"

#define NOW ((struct instant){INT64_C(1764000000) * NS_PER_SECOND})

struct scene {
	char directory[64];
	struct journal_settings settings;
	unsigned said;
};

static void
count_said(const char *message, void *context)
{
	struct scene *scene = context;

	assert_non_null(message);
	scene->said++;
}

static int
set_up(void **state)
{
	struct scene *scene = test_calloc(1, sizeof(*scene));

	(void)snprintf(scene->directory, sizeof(scene->directory), "%s",
	    "/tmp/hedgerow-journal-XXXXXX");
	assert_non_null(mkdtemp(scene->directory));
	scene->settings.say = count_said;
	scene->settings.context = scene;
	*state = scene;
	return 0;
}

static void
empty(const struct scene *scene)
{
	struct arena *arena = arena_new();
	const char **paths;
	long count = file_list(arena, scene->directory, NULL, &paths);

	for (long i = 0; i < count; i++)
		(void)unlink(paths[i]);
	arena_free(arena);
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	empty(scene);
	(void)rmdir(scene->directory);
	test_free(scene);
	return 0;
}

static struct journal *
open_journal(struct scene *scene, struct instant now)
{
	char fault[JOURNAL_FAULT_SIZE];
	int error;
	struct journal *journal = journal_open(
	    scene->directory, &scene->settings, now, fault, &error);

	assert_non_null(journal);
	return journal;
}

/* The n-th record: its length and octets follow from its number. */
static size_t
make(uint64_t number, char *octets)
{
	size_t size = (size_t)(number * 37 % 90);

	for (size_t i = 0; i < size; i++)
		octets[i] = (char)(number * 31 + i * 7);
	return size;
}

static void
append(struct journal *journal, struct instant now)
{
	char octets[128];
	size_t size = make(journal_next(journal), octets);

	assert_true(journal_append(journal, octets, size, now));
}

/* Reads from a number on; every record is what it was. */
static uint64_t
read_all(
    const struct scene *scene, uint64_t from, uint64_t *first, uint64_t *last)
{
	int error;
	struct journal_reader *reader =
	    journal_reader_new(scene->directory, from, &error);
	struct journal_record record;
	uint64_t count = 0;
	char octets[128];

	assert_non_null(reader);
	*first = *last = 0;
	while (journal_reader_next(reader, &record)) {
		assert_int_equal(record.size, make(record.sequence, octets));
		assert_memory_equal(record.octets, octets, record.size);
		assert_true(record.sequence > *last);
		*first = *first == 0 ? record.sequence : *first;
		*last = record.sequence;
		count++;
	}
	journal_reader_free(reader);
	return count;
}

static void
test_checksum(void **state)
{
	uint8_t zeros[32] = {0};

	(void)state;
	/* RFC 3720, B.4. */
	assert_int_equal(checksum_crc32c(0, zeros, 32), 0x8a9136aa);
	assert_int_equal(checksum_crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(
	    checksum_crc32c(checksum_crc32c(0, "1234", 4), "56789", 5),
	    0xe3069283);
}

static void
test_goes_on(void **state)
{
	struct scene *scene = *state;
	uint64_t first, last;

	for (uint64_t run = 0; run < 4; run++) {
		struct journal *journal = open_journal(scene, NOW);

		assert_int_equal(journal_next(journal), run * 5 + 1);
		for (int i = 0; i < 5; i++)
			append(journal, NOW);
		assert_int_equal(journal_close(journal), 0);
	}
	assert_int_equal(read_all(scene, 0, &first, &last), 20);
	assert_int_equal(last, 20);
	assert_int_equal(read_all(scene, 13, &first, &last), 8);
	assert_int_equal(first, 13);
	assert_int_equal(journal_reader_end(scene->directory), 21);
}

/* Two writers would write over each other. */
static void
test_one_writer(void **state)
{
	struct scene *scene = *state;
	struct journal *journal = open_journal(scene, NOW);
	char fault[JOURNAL_FAULT_SIZE];
	int error;

	assert_null(journal_open(
	    scene->directory, &scene->settings, NOW, fault, &error));
	assert_int_equal(error, -16);
	assert_non_null(strstr(fault, "another process"));
	(void)journal_close(journal);
}

static void
segment_path(const struct scene *scene, char path[128])
{
	(void)snprintf(path, 128, "%s/%020d.journal", scene->directory, 1);
}

/* As a kill or a crash leaves it: whatever the place, what was whole stays. */
static void
test_cut_at_every_octet(void **state)
{
	struct scene *scene = *state;
	struct journal *journal = open_journal(scene, NOW);
	char path[128], *octets;
	size_t size, ends[9] = {JOURNAL_MAGIC_SIZE};

	for (uint64_t i = 1; i <= 8; i++) {
		char made[128];

		ends[i] = ends[i - 1] + JOURNAL_HEAD_SIZE + make(i, made);
		append(journal, NOW);
	}
	(void)journal_close(journal);
	segment_path(scene, path);
	assert_int_equal(file_read(path, 1 << 20, &octets, &size), 0);
	assert_int_equal(size, ends[8]);
	for (size_t cut = 0; cut <= size; cut++) {
		uint64_t whole = 0, first, last;
		FILE *file = fopen(path, "wb");

		assert_int_equal(fwrite(octets, 1, cut, file), cut);
		assert_int_equal(fclose(file), 0);
		while (whole < 8 && ends[whole + 1] <= cut)
			whole++;
		journal = open_journal(scene, NOW);
		assert_int_equal(journal_next(journal), whole + 1);
		assert_int_equal(journal_counts(journal).torn,
		    cut < JOURNAL_MAGIC_SIZE ? 0 : cut - ends[whole]);
		append(journal, NOW);
		(void)journal_close(journal);
		assert_int_equal(read_all(scene, 0, &first, &last), whole + 1);
	}
	free(octets);
}

/* One rotten octet costs its record, and no other. */
static void
test_rot(void **state)
{
	struct scene *scene = *state;
	struct journal *journal = open_journal(scene, NOW);
	char path[128], *octets;
	size_t size;

	for (int i = 0; i < 8; i++)
		append(journal, NOW);
	(void)journal_close(journal);
	segment_path(scene, path);
	assert_int_equal(file_read(path, 1 << 20, &octets, &size), 0);
	for (size_t at = JOURNAL_MAGIC_SIZE; at < size; at++) {
		uint64_t first, last;
		FILE *file = fopen(path, "wb");

		octets[at] ^= 0x5a;
		assert_int_equal(fwrite(octets, 1, size, file), size);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(read_all(scene, 0, &first, &last), 7);
		octets[at] ^= 0x5a;
	}
	free(octets);
}

/* Numbers never come twice, even where the disk lost what a sink has. */
static void
test_cursor_ahead(void **state)
{
	struct scene *scene = *state;
	int directory = open(scene->directory, O_RDONLY | O_DIRECTORY);
	struct journal_cursor cursor = {.next = 42, .dropped = 3}, read;
	char path[128];
	struct journal *journal;

	assert_int_equal(journal_cursor_save(directory, "a", &cursor), 0);
	assert_true(journal_cursor_load(directory, "a", &read));
	assert_memory_equal(&read, &cursor, sizeof(read));
	assert_false(journal_cursor_load(directory, "b", &read));
	journal = open_journal(scene, NOW);
	assert_int_equal(journal_next(journal), 42);
	(void)journal_close(journal);
	/* Half a file is none. */
	(void)snprintf(path, sizeof(path), "%s/a.cursor", scene->directory);
	assert_int_equal(truncate(path, 12), 0);
	assert_false(journal_cursor_load(directory, "a", &read));
	(void)close(directory);
}

static void
test_bounds(void **state)
{
	struct scene *scene = *state;
	struct journal *journal;
	struct journal_counts counts;
	struct instant now = NOW;
	uint64_t first, last;

	scene->settings.maximum = 8192;
	scene->settings.age = 100 * NS_PER_SECOND;
	journal = open_journal(scene, now);
	for (int i = 0; i < 1000; i++) {
		append(journal, now);
		counts = journal_counts(journal);
		assert_true(counts.octets <= 8192);
	}
	assert_true(counts.dropped > 10);
	assert_true(read_all(scene, 0, &first, &last) > 50);
	assert_int_equal(last, 1000);
	/* Old ones go although nothing comes. */
	now.ns += 200 * NS_PER_SECOND;
	journal_tick(journal, now);
	append(journal, now);
	now.ns += 200 * NS_PER_SECOND;
	append(journal, now);
	(void)read_all(scene, 0, &first, &last);
	assert_true(first >= 1001);
	assert_int_equal(last, 1002);
	(void)journal_close(journal);
}

/* A file may not grow: records wait, then are lost, then all goes on. */
static void
test_full_disk(void **state)
{
	struct scene *scene = *state;
	struct rlimit before, tight;
	struct journal *journal;
	struct journal_counts counts;
	char octets[128];
	unsigned lost = 0;
	uint64_t first, last;

	(void)signal(SIGXFSZ, SIG_IGN);
	scene->settings.waiting = 2048;
	journal = open_journal(scene, NOW);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight = before;
	tight.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	for (int i = 0; i < 300; i++) {
		size_t size = make(journal_next(journal), octets);

		lost += !journal_append(journal, octets, size, NOW);
	}
	counts = journal_counts(journal);
	assert_int_equal(counts.lost, lost);
	assert_int_equal(counts.kept + counts.lost, 300);
	assert_true(lost > 100);
	assert_true(counts.waiting > 10);
	assert_int_equal(scene->said, 1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	journal_tick(journal, NOW);
	assert_int_equal(scene->said, 2);
	assert_int_equal(journal_counts(journal).waiting, 0);
	append(journal, NOW);
	assert_int_equal(journal_close(journal), 0);
	assert_int_equal(read_all(scene, 0, &first, &last), counts.kept + 1);
}

/* Appends, and says what was kept only once it was, until it is killed. */
static void
append_for_ever(struct scene *scene, int confirmed)
{
	char fault[JOURNAL_FAULT_SIZE], octets[128];
	int error;
	struct journal *journal = journal_open(
	    scene->directory, &scene->settings, NOW, fault, &error);

	while (journal != NULL) {
		uint64_t number = journal_next(journal);
		size_t size = make(number, octets);

		if (!journal_append(journal, octets, size, NOW) ||
		    write(confirmed, &number, sizeof(number)) !=
			(ssize_t)sizeof(number))
			_exit(1);
	}
	_exit(2);
}

/* The last number that was confirmed before the end. */
static uint64_t
last_confirmed(int pipe)
{
	uint64_t number, last = 0;

	while (read(pipe, &number, sizeof(number)) == (ssize_t)sizeof(number))
		last = number;
	return last;
}

/* At whatever moment it comes, nothing that was kept is missing. */
static void
test_killed(void **state)
{
	struct scene *scene = *state;
	uint64_t kept = 0, first, last, confirmed;

	scene->settings.segment = 20000;
	for (int round = 0; round < 60; round++) {
		const struct timespec nap = {.tv_nsec = 137000L * (round + 1)};
		int ends[2], status;
		pid_t child;

		assert_int_equal(pipe(ends), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			(void)close(ends[0]);
			append_for_ever(scene, ends[1]);
		}
		(void)close(ends[1]);
		/* It writes until the pipe is full, or the nap is over. */
		(void)nanosleep(&nap, NULL);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		confirmed = last_confirmed(ends[0]);
		(void)close(ends[0]);
		kept = confirmed > kept ? confirmed : kept;
		(void)read_all(scene, 0, &first, &last);
		assert_true(last >= kept && last <= kept + 1);
		kept = last;
	}
	assert_int_equal(read_all(scene, 0, &first, &last), kept);
	assert_true(kept > 1000);
}

/* A model that is a number: restarts, torn tails and readers at random. */
static void
test_against_model(void **state)
{
	struct scene *scene = *state;
	uint64_t chance = 7, model = 0, first, last;
	struct journal *journal;

	scene->settings.segment = 700;
	journal = open_journal(scene, NOW);
	for (int step = 0; step < 3000; step++) {
		chance = chance * UINT64_C(6364136223846793005) + 1442695041;
		switch (chance >> 33 & 31) {
		case 0:
			(void)journal_close(journal);
			journal = open_journal(scene, NOW);
			assert_int_equal(journal_next(journal), model + 1);
			break;
		case 1: {
			uint64_t from = 1 + (chance >> 40) % (model + 1);

			assert_int_equal(read_all(scene, from, &first, &last),
			    model + 1 - from);
			assert_int_equal(
			    journal_reader_end(scene->directory), model + 1);
			break;
		}
		default:
			append(journal, NOW);
			model++;
		}
	}
	assert_true(journal_counts(journal).segments > 100);
	(void)journal_close(journal);
	assert_int_equal(read_all(scene, 0, &first, &last), model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_checksum),
	    cmocka_unit_test_setup_teardown(test_goes_on, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_one_writer, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_cut_at_every_octet, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_rot, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_cursor_ahead, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bounds, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_full_disk, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_against_model, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
