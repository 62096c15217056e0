#include "sensor/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/base/arena.h"

#define READ_FIRST ((size_t)64 * 1024)

/* A tree deeper or larger than these is hardly one of configuration files. */
#define DEPTH_MAXIMUM 32
#define FILES_MAXIMUM ((size_t)100000)

/* Reads to the end; `*size` is what has been read, even after an error. */
static int
read_all(int descriptor, size_t maximum, char **octets, size_t *size)
{
	size_t capacity = 0;

	for (;;) {
		ssize_t got;

		if (*size > maximum)
			return -EFBIG;
		if (*size == capacity) {
			capacity = capacity == 0 ? READ_FIRST : 2 * capacity;
			*octets = reallocate(*octets, capacity + 1, 1);
		}
		got = read(descriptor, *octets + *size, capacity - *size);
		if (got == 0)
			break;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			*size += (size_t)got;
	}
	(*octets)[*size] = '\0';
	return 0;
}

/* Opens a regular file; a queue must not block, so it is never waited for. */
static int
open_regular(const char *path)
{
	int descriptor =
	    open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int error = 0;
	struct stat status;

	if (descriptor < 0)
		return -errno;
	if (fstat(descriptor, &status) != 0)
		error = -errno;
	else if (S_ISDIR(status.st_mode))
		error = -EISDIR;
	else if (!S_ISREG(status.st_mode))
		error = -EINVAL;
	if (error == 0)
		return descriptor;
	(void)close(descriptor);
	return error;
}

/* Its name in shells' pipelines, where it is a queue and no file. */
static bool
is_standard_input(const char *path)
{
	return strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0;
}

int
file_read(const char *path, size_t maximum, char **octets, size_t *size)
{
	bool is_input = is_standard_input(path);
	int descriptor = is_input ? STDIN_FILENO : open_regular(path);
	int error;

	*octets = NULL;
	*size = 0;
	if (descriptor < 0)
		return descriptor;
	error = read_all(descriptor, maximum, octets, size);
	if (!is_input)
		(void)close(descriptor);
	if (error != 0) {
		free(*octets);
		*octets = NULL;
		*size = 0;
	}
	return error;
}

/* Large enough that a system call is nothing beside what is done with it. */
#define PART_SIZE ((size_t)256 * 1024)

static int
read_parts(int descriptor, size_t maximum,
    bool (*take)(const char *octets, size_t size, void *context), void *context)
{
	char *part = allocate(PART_SIZE, 1);
	size_t total = 0;
	ssize_t count;
	int error = 0;

	do {
		do
			count = read(descriptor, part, PART_SIZE);
		while (count < 0 && errno == EINTR);
		if (count < 0)
			error = -errno;
		else if ((total += (size_t)count) > maximum)
			error = -EFBIG;
	} while (error == 0 && count > 0 && take(part, (size_t)count, context));
	free(part);
	return error;
}

int
file_read_parts(const char *path, size_t maximum,
    bool (*take)(const char *octets, size_t size, void *context), void *context)
{
	bool is_input = is_standard_input(path);
	int descriptor = is_input ? STDIN_FILENO : open_regular(path);
	int error;

	if (descriptor < 0)
		return descriptor;
	error = read_parts(descriptor, maximum, take, context);
	if (!is_input)
		(void)close(descriptor);
	return error;
}

struct listing {
	struct arena *arena;
	const char *suffix;
	const char **paths; /* owned */
	size_t count, capacity;
};

static bool
ends_in(const char *name, const char *suffix)
{
	size_t length = strlen(name), wanted;

	if (suffix == NULL)
		return true;
	wanted = strlen(suffix);
	return length >= wanted && strcmp(name + length - wanted, suffix) == 0;
}

static int
add_file(struct listing *listing, const char *path)
{
	if (!ends_in(path, listing->suffix))
		return 0;
	if (listing->count == FILES_MAXIMUM)
		return -EOVERFLOW;
	if (listing->count == listing->capacity) {
		listing->capacity =
		    listing->capacity == 0 ? 64 : 2 * listing->capacity;
		listing->paths = reallocate(
		    listing->paths, listing->capacity, sizeof(const char *));
	}
	listing->paths[listing->count++] = path;
	return 0;
}

static int list_directory(
    struct listing *listing, const char *directory, unsigned depth);

/*
 * A link to a file counts as one, for that is how Kubernetes mounts a
 * ConfigMap.  What has gone meanwhile, or a link to nothing, is no error.
 */
static int
list_entry(struct listing *listing, const char *path, unsigned depth)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(status.st_mode))
		return list_directory(listing, path, depth + 1);
	if (S_ISLNK(status.st_mode) && stat(path, &status) != 0)
		return 0;
	return S_ISREG(status.st_mode) ? add_file(listing, path) : 0;
}

static int
list_directory(struct listing *listing, const char *directory, unsigned depth)
{
	size_t length = strlen(directory);
	const struct dirent *entry;
	int error = 0;
	DIR *stream;

	if (depth > DEPTH_MAXIMUM)
		return -ELOOP;
	stream = opendir(directory);
	if (stream == NULL)
		return -errno;
	while (length > 1 && directory[length - 1] == '/')
		length--;
	while (error == 0 && (errno = 0, entry = readdir(stream)) != NULL) {
		const char *between = directory[length - 1] == '/' ? "" : "/";

		if (entry->d_name[0] == '.')
			continue;
		error = list_entry(listing,
		    arena_format(listing->arena, "%.*s%s%s", (int)length,
			directory, between, entry->d_name),
		    depth);
	}
	if (error == 0 && errno != 0)
		error = -errno;
	(void)closedir(stream);
	return error;
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

long
file_list(struct arena *arena, const char *directory, const char *suffix,
    const char ***paths)
{
	struct listing listing = {.arena = arena, .suffix = suffix};
	int error = list_directory(&listing, directory, 0);

	*paths = NULL;
	if (error == 0 && listing.count > 0) {
		qsort(listing.paths, listing.count, sizeof(const char *),
		    compare_paths);
		*paths =
		    arena_array(arena, listing.count, sizeof(const char *));
		memcpy(*paths, listing.paths,
		    listing.count * sizeof(const char *));
	}
	free(listing.paths);
	return error != 0 ? error : (long)listing.count;
}

bool
file_is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}
