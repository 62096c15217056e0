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
	enum format format = lane_url(lane)->format;
	struct lane_record *record;

	text_clear(&sink->batch);
	sink->done = 0;
	if (sink->torn)
		text_add_char(&sink->batch, '\n');
	while (sink->batch.length < BATCH_SIZE - FORMAT_MAXIMUM - 2 &&
	       (record = lane_next(lane)) != NULL) {
		if (!format_line(&sink->batch, format, lane_format(lane),
			record->octets, record->size)) {
			lane_refuse(
			    lane, record, "this format has no place for it");
			continue;
		}
		text_add_char(&sink->batch, '\n');
		lane_sent(lane, record);
	}
}

static void
acknowledge(struct lane *lane)
{
	struct lane_record *record;

	while (
	    (record = lane_oldest(lane)) != NULL && record->state == LANE_SENT)
		lane_done(lane, record);
}

/* A half line is cut off, or ended where nothing can be cut. */
static void
fail(struct file_sink *sink, int error)
{
	struct stat status;

	if (sink->done > 0 && fstat(sink->file, &status) == 0 &&
	    S_ISREG(status.st_mode) && status.st_size >= (off_t)sink->done &&
	    ftruncate(sink->file, status.st_size - (off_t)sink->done) == 0)
		sink->done = 0;
	close_file(sink);
	text_clear(&sink->batch);
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
	sink->torn = false;
	acknowledge(sink->lane);
	text_clear(&sink->batch);
	sink->done = 0;
	return true;
}

static void
go(void *context)
{
	struct file_sink *sink = context;

	if (sink->file < 0 && !open_now(sink)) {
		lane_lost(sink->lane, strerror(errno), 0);
		return;
	}
	for (;;) {
		if (sink->batch.length == 0)
			gather(sink);
		if (sink->batch.length == 0 || !write_batch(sink))
			return;
	}
}

static void
reopen(void *context)
{
	struct file_sink *sink = context;

	/* In the middle of a batch the rest still belongs to the old file. */
	if (sink->done > 0 && sink->done < sink->batch.length)
		return;
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
