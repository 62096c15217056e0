#include "alerts/journal_reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/base/arena.h"

/* Two of the longest frames: one can always be had whole. */
#define WINDOW_SIZE (2 * JOURNAL_FRAME_MAXIMUM)

struct journal_reader {
	int directory;
	int file;          /* -1: none yet */
	uint64_t segment;  /* first record of the one that is open */
	uint64_t after;    /* first record of its successor, once it was seen */
	uint64_t wanted;   /* no record before it is handed out */
	uint64_t last;     /* sequence number that was read last */
	uint64_t offset;   /* of what is read next */
	uint64_t end;      /* of the record that was read last */
	uint64_t searched; /* the segment's size when a search ended in vain */
	uint64_t damaged;
	uint64_t window_offset;
	size_t window_size;
	uint8_t window[WINDOW_SIZE];
};

/* --- segments ------------------------------------------------------------- */

void
journal_segment_name(uint64_t first, char name[JOURNAL_NAME_SIZE])
{
	(void)snprintf(
	    name, JOURNAL_NAME_SIZE, "%020" PRIu64 JOURNAL_SUFFIX, first);
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* A name of ours, and no other file that somebody put there. */
static bool
parse_name(const char *name, uint64_t *first)
{
	char own[JOURNAL_NAME_SIZE];

	errno = 0;
	*first = strtoull(name, NULL, 10);
	journal_segment_name(*first, own);
	return errno == 0 && strcmp(name, own) == 0;
}

long
journal_segments(int directory, uint64_t **firsts)
{
	int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;
	size_t count = 0, capacity = 0;
	uint64_t first;

	*firsts = NULL;
	if (list == NULL) {
		int error = errno;

		if (again >= 0)
			(void)close(again);
		return -error;
	}
	while ((entry = readdir(list)) != NULL) {
		if (!parse_name(entry->d_name, &first))
			continue;
		if (count == capacity) {
			capacity = capacity * 2 + 16;
			*firsts =
			    reallocate(*firsts, capacity, sizeof(**firsts));
		}
		(*firsts)[count++] = first;
	}
	(void)closedir(list);
	if (count > 0)
		qsort(*firsts, count, sizeof(**firsts), compare);
	return (long)count;
}

/*
 * The segment after the open one, or the one that holds what is wanted; those
 * between may have been dropped.
 *
 * returns    0 when there is none
 */
static uint64_t
successor(const struct journal_reader *reader)
{
	uint64_t *firsts, chosen = 0;
	long count = journal_segments(reader->directory, &firsts);

	for (long i = 0; i < count; i++) {
		if (reader->file >= 0 && firsts[i] <= reader->segment)
			continue;
		if (chosen != 0 && firsts[i] > reader->wanted)
			break;
		chosen = firsts[i];
	}
	free(firsts);
	return chosen;
}

/* It may have been dropped since it was seen. */
static bool
open_segment(struct journal_reader *reader, uint64_t first)
{
	char name[JOURNAL_NAME_SIZE];
	int file;

	journal_segment_name(first, name);
	file = openat(reader->directory, name, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	if (reader->file >= 0)
		(void)close(reader->file);
	reader->file = file;
	reader->segment = first;
	reader->after = 0;
	reader->offset = reader->end = JOURNAL_MAGIC_SIZE;
	reader->window_size = 0;
	reader->searched = 0;
	return true;
}

/* --- a segment ------------------------------------------------------------ */

/* Has as many octets at the offset as there are, up to a whole frame. */
static const uint8_t *
look(struct journal_reader *reader, size_t *size)
{
	uint64_t begin = reader->window_offset;
	size_t skip = 0;

	if (reader->offset >= begin &&
	    reader->offset - begin <= reader->window_size)
		skip = (size_t)(reader->offset - begin);
	else
		reader->window_size = 0;
	*size = reader->window_size - skip;
	if (*size >= JOURNAL_FRAME_MAXIMUM)
		return reader->window + skip;
	memmove(reader->window, reader->window + skip, *size);
	reader->window_offset = reader->offset;
	while (*size < WINDOW_SIZE) {
		ssize_t got = pread(reader->file, reader->window + *size,
		    WINDOW_SIZE - *size, (off_t)(reader->offset + *size));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		*size += (size_t)got;
	}
	reader->window_size = *size;
	return reader->window;
}

/* The next whole frame at or behind the offset; leaves the offset there. */
static bool
find(struct journal_reader *reader, struct journal_record *record)
{
	uint64_t begin = reader->offset;
	size_t size, at;

	for (;;) {
		const uint8_t *octets = look(reader, &size);
		/* Of the last octets of the window only at the file's end. */
		size_t most = size < JOURNAL_FRAME_MAXIMUM
				  ? size
				  : size - JOURNAL_FRAME_MAXIMUM + 1;

		for (at = 0; at < most; at++) {
			if (journal_frame_read(octets + at, size - at,
				reader->last, record) != JOURNAL_FRAME_WHOLE)
				continue;
			reader->offset += at;
			reader->damaged += reader->offset - begin;
			return true;
		}
		if (most == size)
			break;
		reader->offset += most;
	}
	reader->searched = reader->offset + size;
	reader->offset = begin;
	return false;
}

/*
 * A frame that does not end yet may be on its way, so nothing behind it is
 * looked for again before there is more.
 */
static bool
next_in_segment(struct journal_reader *reader, struct journal_record *record)
{
	size_t size;
	const uint8_t *octets = look(reader, &size);

	if (journal_frame_read(octets, size, reader->last, record) !=
	    JOURNAL_FRAME_WHOLE) {
		if (size == 0 || reader->offset + size == reader->searched ||
		    !find(reader, record))
			return false;
	}
	reader->offset += JOURNAL_HEAD_SIZE + record->size;
	reader->end = reader->offset;
	reader->last = record->sequence;
	return true;
}

/* What is left of a segment that has a successor is never completed. */
static void
count_rest(struct journal_reader *reader)
{
	struct stat status;

	if (fstat(reader->file, &status) == 0 &&
	    (uint64_t)status.st_size > reader->offset)
		reader->damaged += (uint64_t)status.st_size - reader->offset;
}

/* --- the door ------------------------------------------------------------- */

struct journal_reader *
journal_reader_new(const char *directory, uint64_t from, int *error)
{
	struct journal_reader *reader = allocate(1, sizeof(*reader));

	reader->file = -1;
	reader->wanted = from;
	reader->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*error = reader->directory < 0 ? -errno : 0;
	if (reader->directory >= 0)
		return reader;
	free(reader);
	return NULL;
}

void
journal_reader_free(struct journal_reader *reader)
{
	if (reader == NULL)
		return;
	if (reader->file >= 0)
		(void)close(reader->file);
	(void)close(reader->directory);
	free(reader);
}

/* The next record of the open segment that is wanted. */
static bool
next_wanted(struct journal_reader *reader, struct journal_record *record)
{
	while (reader->file >= 0 && next_in_segment(reader, record))
		if (record->sequence >= reader->wanted)
			return true;
	return false;
}

bool
journal_reader_next(
    struct journal_reader *reader, struct journal_record *record)
{
	uint64_t first;

	for (;;) {
		if (next_wanted(reader, record))
			return true;
		first = successor(reader);
		if (first == 0)
			return false;
		/* What was written before the successor was begun. */
		if (next_wanted(reader, record))
			return true;
		if (reader->file >= 0)
			count_rest(reader);
		if (!open_segment(reader, first))
			return false;
	}
}

/* Of the last segment only; an empty one is named by what it waits for. */
uint64_t
journal_reader_end(const char *directory)
{
	int error;
	struct journal_reader *reader =
	    journal_reader_new(directory, UINT64_MAX, &error);
	struct journal_record record;
	uint64_t end = 1;

	if (reader == NULL)
		return end;
	while (journal_reader_next(reader, &record))
		continue;
	end = reader->segment > end ? reader->segment : end;
	end = reader->last >= end ? reader->last + 1 : end;
	journal_reader_free(reader);
	return end;
}

uint64_t
journal_reader_gone(struct journal_reader *reader, uint64_t expected)
{
	uint64_t *firsts, oldest = 0, readable = expected;
	long count = journal_segments(reader->directory, &firsts);

	for (long i = 0; i + 1 < count; i++)
		if (firsts[i] == reader->segment)
			reader->after = firsts[i + 1];
	if (count > 0)
		oldest = firsts[0];
	free(firsts);
	if (reader->file >= 0 && reader->after == 0)
		return 0;
	if (reader->after > readable)
		readable = reader->after;
	return oldest > readable ? oldest - readable : 0;
}

uint64_t
journal_reader_damaged(const struct journal_reader *reader)
{
	return reader->damaged;
}

uint64_t
journal_reader_offset(const struct journal_reader *reader)
{
	return reader->end;
}

uint64_t
journal_reader_segment(const struct journal_reader *reader)
{
	return reader->segment;
}
