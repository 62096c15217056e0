/*
 * A file or standard output: one write a batch, whole lines only.  What the
 * kernel took is acknowledged, for it outlives this process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerts/delivery_lane.h"
#include "sensor/base/arena.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"

#define BATCH_SIZE (4 * FORMAT_MAXIMUM)
#define FILE_MODE  0640

struct file_sink {
	struct lane *lane;
	int file; /* -1: to be opened */
	struct text batch;
	size_t done; /* octets of the batch that arrived */
	bool torn;   /* a line of before was left half written */
	bool ends;   /* the batch begins with the end of that line */
	bool aged;   /* the file is to be opened anew behind the batch */
};

static bool
is_output(const struct file_sink *sink)
{
	return strcmp(lane_url(sink->lane)->path, "-") == 0;
}

static void
close_file(struct file_sink *sink)
{
	if (sink->file >= 0 && !is_output(sink))
		(void)close(sink->file);
	sink->file = -1;
}

/* A line that another run left half written is ended, not written on. */
static bool
ends_torn(int file)
{
	struct stat status;
	char last;

	return fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
	       status.st_size > 0 &&
	       pread(file, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

/*
 * Whether the name is another file's by now, or nobody's: a rotation that
 * tells nobody, after which what is written would be thrown away.
 */
static bool
is_replaced(const struct file_sink *sink)
{
	struct stat ours, theirs;

	if (sink->file < 0 || is_output(sink) || fstat(sink->file, &ours) != 0)
		return false;
	if (stat(lane_url(sink->lane)->path, &theirs) != 0)
		return errno == ENOENT;
	return ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev;
}

static bool
open_now(struct file_sink *sink)
{
	const char *path = lane_url(sink->lane)->path;

	if (is_output(sink)) {
		sink->file = STDOUT_FILENO;
		return true;
	}
	/* To read its last octet; what can only be written, such as a pipe,
	 * has none. */
	sink->file = open(path,
	    O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, FILE_MODE);
	if (sink->file < 0)
		return false;
	sink->torn = ends_torn(sink->file);
	return true;
}

/* Marks as sent what goes into one write. */
static void
gather(struct file_sink *sink)
{
	struct lane *lane = sink->lane;
	struct lane_record *record;

	text_clear(&sink->batch);
	sink->done = 0;
	sink->ends = sink->torn;
	if (sink->torn)
		text_add_char(&sink->batch, '\n');
	while (sink->batch.length < BATCH_SIZE - FORMAT_MAXIMUM - 2 &&
	       (record = lane_next(lane)) != NULL) {
		if (!lane_say(lane, record, &sink->batch)) {
			lane_refuse(
			    lane, record, "this format has no place for it");
			continue;
		}
		text_add_char(&sink->batch, '\n');
		lane_sent(lane, record);
	}
}

/*
 * Acknowledges the lines that arrived whole.
 *
 * returns    octets of the line that arrived in part
 */
static size_t
acknowledge(struct file_sink *sink)
{
	const char *at = sink->batch.at, *end = at + sink->done, *line;
	struct lane_record *record;

	if (sink->ends && at < end) {
		at++;
		sink->torn = false;
	}
	while ((line = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		record = lane_oldest(sink->lane);
		if (record != NULL)
			lane_done(sink->lane, record);
		at = line + 1;
	}
	return (size_t)(end - at);
}

/*
 * Whole lines stay, for somebody may have read them; a half one is cut off, or
 * ended by the next where nothing can be cut.
 */
static void
fail(struct file_sink *sink, int error)
{
	struct stat status;
	size_t half = acknowledge(sink);

	if (half > 0 && fstat(sink->file, &status) == 0 &&
	    S_ISREG(status.st_mode) && status.st_size >= (off_t)half)
		(void)!ftruncate(sink->file, status.st_size - (off_t)half);
	close_file(sink);
	text_clear(&sink->batch);
	sink->done = 0;
	sink->aged = false;
	lane_lost(sink->lane, strerror(error), 0);
}

static bool
write_batch(struct file_sink *sink)
{
	while (sink->done < sink->batch.length) {
		ssize_t wrote = write(sink->file, sink->batch.at + sink->done,
		    sink->batch.length - sink->done);

		if (wrote < 0 && errno == EINTR)
			continue;
		/* A reader that is slow: the rest of the line comes later. */
		if (wrote < 0 && errno == EAGAIN) {
			lane_pause(sink->lane, 20 * NS_PER_MS);
			return false;
		}
		if (wrote <= 0) {
			fail(sink, wrote < 0 ? errno : EIO);
			return false;
		}
		sink->done += (size_t)wrote;
	}
	(void)acknowledge(sink);
	text_clear(&sink->batch);
	sink->done = 0;
	return true;
}

static void
go(void *context)
{
	struct file_sink *sink = context;

	if (sink->batch.length == 0 && is_replaced(sink))
		close_file(sink);
	if (sink->file < 0 && !open_now(sink)) {
		lane_lost(sink->lane, strerror(errno), 0);
		return;
	}
	if (sink->batch.length == 0)
		gather(sink);
	if (sink->batch.length == 0 || !write_batch(sink))
		return;
	if (sink->aged)
		close_file(sink);
	sink->aged = false;
	/* Others have their turn before the next batch. */
	lane_pause(sink->lane, 0);
}

static void
reopen(void *context)
{
	struct file_sink *sink = context;

	/* In the middle of a batch the rest still belongs to the old file. */
	sink->aged = sink->batch.length > 0;
	if (!sink->aged)
		close_file(sink);
}

static void *
open_sink(struct lane *lane, char fault[SINK_FAULT_SIZE])
{
	struct file_sink *sink = allocate(1, sizeof(*sink));

	sink->lane = lane;
	sink->file = -1;
	text_init(&sink->batch, BATCH_SIZE);
	if (open_now(sink))
		return sink;
	(void)snprintf(fault, SINK_FAULT_SIZE, "%s: %s", lane_url(lane)->path,
	    strerror(errno));
	text_release(&sink->batch);
	free(sink);
	return NULL;
}

static void
close_sink(void *context)
{
	struct file_sink *sink = context;

	close_file(sink);
	text_release(&sink->batch);
	free(sink);
}

const struct lane_sink sink_file = {open_sink, close_sink, go, reopen};
