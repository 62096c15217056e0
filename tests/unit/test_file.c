#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/base/file.h"

/* Each test works in its own directory, which is left at the end. */
static int
enter(void **state)
{
	char name[] = "/tmp/test_file.XXXXXX";

	if (mkdtemp(name) == NULL || chdir(name) != 0)
		return -1;
	*state = strdup(name);
	return *state == NULL ? -1 : 0;
}

static int
leave(void **state)
{
	char *command = NULL;
	int status = -1;

	if (chdir("/") == 0 &&
	    asprintf(&command, "rm -rf '%s'", (char *)*state) > 0)
		status = system(command);
	free(command);
	free(*state);
	return status;
}

static void
make(const char *path, const char *octets, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(octets, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void
reads_a_whole_file(void **state)
{
	char *octets, *large = allocate(300000, 1);
	size_t size;

	(void)state;
	make("small", "a\0b", 3);
	assert_int_equal(file_read("small", 3, &octets, &size), 0);
	assert_int_equal(size, 3);
	assert_memory_equal(octets, "a\0b", 4);
	free(octets);
	make("empty", "", 0);
	assert_int_equal(file_read("empty", 0, &octets, &size), 0);
	assert_int_equal(size, 0);
	assert_string_equal(octets, "");
	free(octets);
	for (size_t i = 0; i < 300000; i++)
		large[i] = (char)(i % 251 + 1);
	make("large", large, 300000);
	assert_int_equal(file_read("large", 300000, &octets, &size), 0);
	assert_int_equal(size, 300000);
	assert_memory_equal(octets, large, size);
	assert_int_equal(octets[size], '\0');
	free(octets);
	free(large);
}

static void
refuses_what_it_should_not_read(void **state)
{
	char *octets = (char *)1;
	size_t size = 1;

	(void)state;
	make("four", "four", 4);
	assert_int_equal(file_read("four", 3, &octets, &size), -EFBIG);
	assert_null(octets);
	assert_int_equal(size, 0);
	assert_int_equal(file_read("none", 3, &octets, &size), -ENOENT);
	assert_int_equal(file_read(".", 3, &octets, &size), -EISDIR);
	/* A queue would block a reader for ever. */
	assert_int_equal(mkfifo("queue", 0600), 0);
	assert_int_equal(file_read("queue", 3, &octets, &size), -EINVAL);
	assert_int_equal(file_read("/dev/zero", 3, &octets, &size), -EINVAL);
}

static void
reads_standard_input(void **state)
{
	static const char *const names[] = {"-", "/dev/stdin"};
	int kept = dup(STDIN_FILENO), ends[2];
	char *octets;
	size_t size;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], "from input", 10), 10);
		(void)close(ends[1]);
		assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
		(void)close(ends[0]);
		assert_int_equal(file_read(names[i], 100, &octets, &size), 0);
		assert_string_equal(octets, "from input");
		free(octets);
	}
	if (kept >= 0) {
		(void)dup2(kept, STDIN_FILENO);
		(void)close(kept);
	}
}

static void
make_tree(void)
{
	assert_int_equal(mkdir("m", 0700), 0);
	assert_int_equal(mkdir("m/b", 0700), 0);
	assert_int_equal(mkdir("m/.git", 0700), 0);
	make("m/z.yaml", "", 0);
	make("m/b/x.yaml", "", 0);
	make("m/b.yaml", "", 0);
	make("m/a.yaml.bak", "", 0);
	make("m/.hidden.yaml", "", 0);
	make("m/.git/c.yaml", "", 0);
	assert_int_equal(symlink("../z.yaml", "m/b/link.yaml"), 0);
	assert_int_equal(symlink("..", "m/b/up.yaml"), 0);
	assert_int_equal(symlink("nowhere", "m/b/broken.yaml"), 0);
	assert_int_equal(mkfifo("m/queue.yaml", 0600), 0);
}

static void
lists_a_tree_in_order(void **state)
{
	static const char *const expected[] = {
	    "m/b.yaml", "m/b/link.yaml", "m/b/x.yaml", "m/z.yaml"};
	struct arena *arena = arena_new();
	const char **paths;

	(void)state;
	make_tree();
	assert_int_equal(file_list(arena, "m", ".yaml", &paths), 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(paths[i], expected[i]);
	assert_int_equal(file_list(arena, "m//", ".yaml", &paths), 4);
	assert_string_equal(paths[0], "m/b.yaml");
	assert_int_equal(file_list(arena, "m", NULL, &paths), 5);
	assert_string_equal(paths[0], "m/a.yaml.bak");
	assert_int_equal(file_list(arena, "m", ".json", &paths), 0);
	assert_int_equal(file_list(arena, "none", NULL, &paths), -ENOENT);
	assert_int_equal(file_list(arena, "m/b.yaml", NULL, &paths), -ENOTDIR);
	arena_free(arena);
}

static void
limits_the_depth_of_a_tree(void **state)
{
	struct arena *arena = arena_new();
	const char **paths;
	char path[100] = "d";

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		memcpy(path + 2 * i, "d/", 3);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	assert_int_equal(file_list(arena, "d", NULL, &paths), -ELOOP);
	arena_free(arena);
}

static void
tells_directories(void **state)
{
	(void)state;
	make("plain", "", 0);
	assert_true(file_is_directory("."));
	assert_false(file_is_directory("plain"));
	assert_false(file_is_directory("none"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(reads_a_whole_file, enter, leave),
	    cmocka_unit_test_setup_teardown(
		refuses_what_it_should_not_read, enter, leave),
	    cmocka_unit_test_setup_teardown(reads_standard_input, enter, leave),
	    cmocka_unit_test_setup_teardown(
		lists_a_tree_in_order, enter, leave),
	    cmocka_unit_test_setup_teardown(
		limits_the_depth_of_a_tree, enter, leave),
	    cmocka_unit_test_setup_teardown(tells_directories, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
