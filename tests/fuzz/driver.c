/*
 * driver -- runs a fuzz target over stored inputs, without a fuzzer.
 *
 * Each argument is an input or a directory of inputs.  An input is given in a
 * heap copy of its exact size, so that the address sanitizer sees a read past
 * its end.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/file.h"

#define INPUT_MAXIMUM ((size_t)64 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
replay_file(const char *path)
{
	char *octets;
	uint8_t *exact;
	size_t size;
	int error = file_read(path, INPUT_MAXIMUM, &octets, &size);

	if (error != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(-error));
		return false;
	}
	exact = allocate(size, 1);
	memcpy(exact, octets, size);
	free(octets);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	return true;
}

/* Replays a file or a directory; returns how many, or -1. */
static long
replay(const char *path)
{
	struct arena *arena;
	const char **paths;
	long count;

	if (!file_is_directory(path))
		return replay_file(path) ? 1 : -1;
	arena = arena_new();
	count = file_list(arena, path, NULL, &paths);
	if (count < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror((int)-count));
		count = -1;
	}
	for (long i = 0; i < count; i++)
		if (!replay_file(paths[i]))
			count = -1;
	arena_free(arena);
	return count;
}

int
main(int argc, char **argv)
{
	long total = 0;
	bool failed = false;

	for (int i = 1; i < argc; i++) {
		long count = replay(argv[i]);

		failed |= count < 0;
		total += count < 0 ? 0 : count;
	}
	printf("%ld inputs replayed\n", total);
	return failed || total == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
