#include "alerts/journal_cursor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sensor/base/checksum.h"

#define SUFFIX    ".cursor"
#define FILE_MODE 0640
#define TEXT_SIZE 160

/* The line of a file but for its checksum. */
static int
say(const struct journal_cursor *cursor, char text[TEXT_SIZE])
{
	return snprintf(text, TEXT_SIZE,
	    "next %" PRIu64 " dropped %" PRIu64 " refused %" PRIu64,
	    cursor->next, cursor->dropped, cursor->refused);
}

/* A cursor is only what would be written just so. */
static bool
parse(const char *text, size_t length, struct journal_cursor *cursor)
{
	struct journal_cursor read = {0};
	char own[TEXT_SIZE];
	uint32_t crc;
	size_t said;

	if (sscanf(text,
		"next %" SCNu64 " dropped %" SCNu64 " refused %" SCNu64
		" crc %" SCNx32,
		&read.next, &read.dropped, &read.refused, &crc) != 4)
		return false;
	said = (size_t)say(&read, own);
	if (said > length || memcmp(own, text, said) != 0 ||
	    checksum_crc32c(0, own, said) != crc)
		return false;
	*cursor = read;
	return true;
}

static bool
load_file(int directory, const char *file_name, struct journal_cursor *cursor)
{
	char text[TEXT_SIZE];
	int file = openat(directory, file_name, O_RDONLY | O_CLOEXEC);
	ssize_t size;

	*cursor = (struct journal_cursor){0};
	if (file < 0)
		return false;
	size = read(file, text, sizeof(text) - 1);
	(void)close(file);
	if (size <= 0)
		return false;
	text[size] = '\0';
	return parse(text, (size_t)size, cursor);
}

bool
journal_cursor_load(
    int directory, const char *name, struct journal_cursor *cursor)
{
	char file_name[JOURNAL_CURSOR_NAME + sizeof(SUFFIX)];

	(void)snprintf(file_name, sizeof(file_name), "%s" SUFFIX, name);
	return load_file(directory, file_name, cursor);
}

/*
 * Not synchronised: after a crash of the machine the old cursor, or none, only
 * makes some records come twice.
 */
int
journal_cursor_save(
    int directory, const char *name, const struct journal_cursor *cursor)
{
	char text[TEXT_SIZE], line[TEXT_SIZE + 16];
	char file_name[JOURNAL_CURSOR_NAME + sizeof(SUFFIX)];
	char new_name[JOURNAL_CURSOR_NAME + 8];
	int said = say(cursor, text), error = 0, file;
	int length = snprintf(line, sizeof(line), "%s crc %08" PRIx32 "\n",
	    text, checksum_crc32c(0, text, (size_t)said));

	(void)snprintf(file_name, sizeof(file_name), "%s" SUFFIX, name);
	(void)snprintf(new_name, sizeof(new_name), "%s.new", name);
	file = openat(directory, new_name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	if (file < 0)
		return -errno;
	errno = EIO;
	if (write(file, line, (size_t)length) != length)
		error = -errno;
	if (close(file) != 0 && error == 0)
		error = -errno;
	if (error == 0 &&
	    renameat(directory, new_name, directory, file_name) != 0)
		error = -errno;
	if (error != 0)
		(void)unlinkat(directory, new_name, 0);
	return error;
}

void
journal_cursor_span(int directory, uint64_t *lowest, uint64_t *highest)
{
	int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;
	struct journal_cursor cursor;

	*lowest = *highest = 0;
	if (list == NULL) {
		if (again >= 0)
			(void)close(again);
		return;
	}
	while ((entry = readdir(list)) != NULL) {
		size_t length = strlen(entry->d_name);

		if (length <= strlen(SUFFIX) ||
		    strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) !=
			0 ||
		    !load_file(directory, entry->d_name, &cursor))
			continue;
		if (*lowest == 0 || cursor.next < *lowest)
			*lowest = cursor.next;
		if (cursor.next > *highest)
			*highest = cursor.next;
	}
	(void)closedir(list);
}
