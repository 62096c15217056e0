#include "alerts/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerts/record.h"
#include "sensor/base/text.h"

/* Many records to one write. */
#define BUFFER_SIZE (4 * RECORD_MAXIMUM)

/* Records name who spoke with whom, so not everybody may read them. */
#define FILE_MODE 0640

struct sink {
	int file;       /* -1: takes nothing */
	bool owned;     /* opened here, so closed here */
	bool regular;   /* a torn line can be cut off again */
	bool at_once;   /* somebody is looking at it */
	bool live;      /* never waits; a failure passes */
	bool torn;      /* live: the file ends with half a line of before */
	size_t sent;    /* live: octets of the first line that have arrived */
	int error;      /* the first failure, as a negative errno */
	off_t complete; /* octets of whole lines in a regular file */
	void (*take)(const struct text *native, void *context); /* or NULL */
	void *context;
	uint64_t written, lost;
	uint64_t pending; /* lines in the buffer */
	size_t used;      /* octets in the buffer */
	char buffer[BUFFER_SIZE];
};

/* For as long as the file is a pipe with room for so much, no write waits. */
#define PIPE_ROOM ((size_t)4096)

/* Whether a sudden end or a full disk left half a line in that file. */
static bool
ends_torn(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	char last = '\n';

	if (file < 0)
		return false;
	if (fstat(file, &status) != 0 || status.st_size == 0 ||
	    pread(file, &last, 1, status.st_size - 1) != 1)
		last = '\n';
	(void)close(file);
	return last != '\n';
}

static int
open_file(struct sink *sink, const char *path)
{
	int how = sink->live ? O_APPEND | O_NONBLOCK : O_TRUNC;
	struct stat status;

	if (strcmp(path, "-") == 0) {
		sink->file = STDOUT_FILENO;
		sink->at_once = isatty(STDOUT_FILENO) == 1;
		return 0;
	}
	sink->file =
	    open(path, O_WRONLY | O_CREAT | O_CLOEXEC | how, FILE_MODE);
	if (sink->file < 0)
		return -errno;
	sink->owned = true;
	sink->regular =
	    fstat(sink->file, &status) == 0 && S_ISREG(status.st_mode);
	sink->torn = sink->live && sink->regular && ends_torn(path);
	return 0;
}

static struct sink *
open_sink(const char *path, bool live, int *error)
{
	struct sink *sink = malloc(sizeof(*sink));

	*error = 0;
	if (sink == NULL) {
		*error = -ENOMEM;
		return NULL;
	}
	/* The buffer need not be touched before it is used. */
	memset(sink, 0, offsetof(struct sink, buffer));
	sink->file = -1;
	sink->live = live;
	if (path != NULL)
		*error = open_file(sink, path);
	if (*error != 0) {
		free(sink);
		return NULL;
	}
	return sink;
}

struct sink *
sink_open(const char *path, int *error)
{
	return open_sink(path, false, error);
}

struct sink *
sink_open_live(const char *path, int *error)
{
	return open_sink(path, true, error);
}

int
sink_give(struct sink *sink, uid_t user, gid_t group)
{
	if (!sink->owned || !sink->regular)
		return 0;
	return fchown(sink->file, user, group) == 0 ? 0 : -errno;
}

int
sink_wants(const struct sink *sink)
{
	return sink->file >= 0 || sink->take != NULL;
}

void
sink_tee(struct sink *sink,
    void (*take)(const struct text *native, void *context), void *context)
{
	sink->take = take;
	sink->context = context;
}

void
sink_tell(struct sink *sink, const struct text *native)
{
	if (sink->take != NULL)
		sink->take(native, sink->context);
}

/*
 * Writes all of it, or stops at a failure.
 *
 * returns    how many octets arrived; *error gets a negative errno or 0
 */
static size_t
write_all(int file, const char *octets, size_t size, int *error)
{
	size_t done = 0;

	*error = 0;
	while (done < size) {
		ssize_t wrote = write(file, octets + done, size - done);
		struct pollfd ready = {.fd = file, .events = POLLOUT};

		if (wrote > 0) {
			done += (size_t)wrote;
		} else if (wrote < 0 && errno == EAGAIN) {
			/* A terminal or pipe that its other user unblocked. */
			poll(&ready, 1, -1);
		} else if (wrote == 0 || errno != EINTR) {
			*error = wrote == 0 ? -EIO : -errno;
			return done;
		}
	}
	return done;
}

/* The end of the last whole line within `size` octets; counts the lines. */
static size_t
whole_lines(const char *octets, size_t size, uint64_t *lines)
{
	size_t end = 0;

	*lines = 0;
	for (size_t i = 0; i < size; i++)
		if (octets[i] == '\n') {
			end = i + 1;
			++*lines;
		}
	return end;
}

/*
 * Writes what can be written without waiting: to a pipe that has room at all,
 * as much as that is at least.
 *
 * returns    how many octets arrived; *error gets a negative errno or 0
 */
static size_t
write_now(const struct sink *sink, const char *octets, size_t size, int *error)
{
	size_t done = 0;

	*error = 0;
	while (done < size) {
		struct pollfd ready = {.fd = sink->file, .events = POLLOUT};
		size_t part = size - done;
		ssize_t wrote;

		if (!sink->regular && part > PIPE_ROOM)
			part = PIPE_ROOM;
		if (poll(&ready, 1, 0) <= 0)
			break;
		wrote = write(sink->file, octets + done, part);
		if (wrote > 0) {
			done += (size_t)wrote;
		} else if (wrote == 0 || errno != EINTR) {
			*error = wrote == 0 ? -EIO : -errno;
			break;
		}
	}
	if (*error == -EAGAIN)
		*error = 0;
	return done;
}

/* A line that arrived in part stays whole here until the rest has, too. */
static void
flush_live(struct sink *sink)
{
	uint64_t lines;
	size_t done = sink->sent, end;

	/* Or the first record would be no line of its own. */
	if (sink->torn && write_now(sink, "\n", 1, &sink->error) == 0)
		return;
	sink->torn = false;
	done += write_now(
	    sink, sink->buffer + done, sink->used - done, &sink->error);
	end = whole_lines(sink->buffer, done, &lines);
	memmove(sink->buffer, sink->buffer + end, sink->used - end);
	sink->used -= end;
	sink->sent = done - end;
	sink->pending -= lines;
	sink->written += lines;
}

/* Sends out the buffer and accounts for every line in it. */
static void
flush(struct sink *sink)
{
	uint64_t arrived = sink->pending;
	size_t done;

	if (sink->pending == 0)
		return;
	if (sink->live) {
		flush_live(sink);
		return;
	}
	done = write_all(sink->file, sink->buffer, sink->used, &sink->error);
	if (sink->error != 0) {
		done = whole_lines(sink->buffer, done, &arrived);
		/* If this fails too, the reader meets half a line. */
		if (sink->regular &&
		    ftruncate(sink->file, sink->complete + (off_t)done) != 0)
			sink->regular = false;
	}
	sink->complete += (off_t)done;
	sink->written += arrived;
	sink->lost += sink->pending - arrived;
	sink->used = 0;
	sink->pending = 0;
}

void
sink_line(struct sink *sink, const struct text *line)
{
	if (sink->file < 0)
		return;
	if (line->length + 1 > BUFFER_SIZE - sink->used)
		flush(sink);
	/* A text that overflowed is half a record, worse than none. */
	if ((sink->error != 0 && !sink->live) || line->overflow ||
	    line->length + 1 > BUFFER_SIZE - sink->used) {
		sink->lost++;
		return;
	}
	memcpy(sink->buffer + sink->used, line->at, line->length);
	sink->used += line->length;
	sink->buffer[sink->used++] = '\n';
	sink->pending++;
	if (sink->at_once)
		flush(sink);
}

uint64_t
sink_written(struct sink *sink)
{
	flush(sink);
	return sink->written;
}

uint64_t
sink_lost(struct sink *sink)
{
	flush(sink);
	return sink->lost;
}

uint64_t
sink_waiting(struct sink *sink)
{
	flush(sink);
	return sink->pending;
}

size_t
sink_waiting_octets(const struct sink *sink)
{
	return sink->live ? sink->used : 0;
}

int
sink_error(const struct sink *sink)
{
	return sink->error;
}

int
sink_reopen(struct sink *sink, const char *path)
{
	struct sink *next;
	struct stat status;
	int error;

	if (!sink->owned)
		return 0;
	flush(sink);
	next = sink_open_live(path, &error);
	if (next == NULL)
		return error;
	/* The whole line goes into the new file; if this fails the reader of
	 * the old one meets half of it there. */
	if (sink->regular && sink->sent > 0 &&
	    fstat(sink->file, &status) == 0 &&
	    ftruncate(sink->file, status.st_size - (off_t)sink->sent) != 0)
		sink->regular = false;
	sink->sent = 0;
	(void)close(sink->file);
	sink->file = next->file;
	sink->regular = next->regular;
	sink->torn = next->regular && ends_torn(path);
	next->owned = false;
	(void)sink_close(next);
	flush(sink);
	return 0;
}

int
sink_close(struct sink *sink)
{
	int error;

	if (sink == NULL)
		return 0;
	flush(sink);
	error = sink->error;
	if (sink->live && sink->pending > 0 && error == 0)
		error = -EAGAIN; /* nobody takes it */
	if (sink->live && sink->pending == 0)
		error = 0; /* what failed once went on */
	/* Some file systems say only now that there was no room (close(2)). */
	if (sink->owned && close(sink->file) != 0 && error == 0)
		error = -errno;
	free(sink);
	return error;
}
