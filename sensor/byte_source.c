#include "sensor/byte_source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/base/cursor.h"
#include "sensor/inflate.h"

/* Compressed octets read at once.  What is not compressed passes this buffer
 * only with its first octets, and then goes straight to the reader. */
#define INPUT_SIZE ((size_t)128 * 1024)

/* The longest magic below. */
#define MAGIC_SIZE 4

struct byte_source {
	int fd;               /* owned; -1 for memory */
	struct cursor memory; /* borrowed octets still to come */
	size_t most;          /* of `memory`, at once */
	uint8_t *buffer;      /* owned; INPUT_SIZE octets for `input` */
	struct cursor input;  /* read and not yet used */
	const struct inflate_kind *kind; /* NULL: nothing to unpack */
	void *inflate;                   /* owned; the state of `kind` */
	uint64_t done, total;
	bool failed;
	char fault[BYTE_SOURCE_FAULT_SIZE];
};

static bool
source_fail(struct byte_source *source, const char *what, const char *why,
    const char *remedy)
{
	source->failed = true;
	snprintf(source->fault, sizeof(source->fault), "%s: %.100s; %s", what,
	    why, remedy);
	return false;
}

static long
read_memory(struct byte_source *source, uint8_t *out, size_t size)
{
	size_t left = cursor_left(&source->memory);

	if (size > left)
		size = left;
	if (source->most > 0 && size > source->most)
		size = source->most;
	if (size > 0)
		memcpy(out, cursor_take(&source->memory, size), size);
	return (long)size;
}

/* Reads octets as they are stored; -1 with `failed` set. */
static long
read_stored(struct byte_source *source, uint8_t *out, size_t size)
{
	long got;

	if (source->fd < 0)
		got = read_memory(source, out, size);
	else
		do
			got = read(source->fd, out, size);
		while (got < 0 && errno == EINTR);
	if (got < 0) {
		(void)source_fail(source, "cannot read it", strerror(errno),
		    "check the device it is on");
		return -1;
	}
	source->done += (uint64_t)got;
	return got;
}

/* Reads into the empty `input`; false at the end and with `failed` set. */
static bool
source_refill(struct byte_source *source)
{
	long got = read_stored(source, source->buffer, INPUT_SIZE);

	source->input = cursor_over(source->buffer, got < 0 ? 0 : (size_t)got);
	return got > 0;
}

/* --- opening -------------------------------------------------------------- */

/* Which kind of compression begins so, or NULL. */
static const struct inflate_kind *
kind_of(const uint8_t *start, size_t size)
{
	/* RFC 1952, 2.3.1; and 8 is deflate, the only method there is */
	if (size >= 3 && start[0] == 0x1f && start[1] == 0x8b && start[2] == 8)
		return &inflate_gzip;
	if (size < MAGIC_SIZE)
		return NULL;
	/* RFC 8878, 3.1.1 */
	if (memcmp(start, "\x28\xb5\x2f\xfd", MAGIC_SIZE) == 0)
		return &inflate_zstd;
	/* RFC 8878, 3.1.2: a skippable frame, which pzstd begins with */
	if ((start[0] & 0xf0) == 0x50 &&
	    memcmp(start + 1, "\x2a\x4d\x18", MAGIC_SIZE - 1) == 0)
		return &inflate_zstd;
	return NULL;
}

/* Reads enough to know how the octets are compressed. */
static bool
source_recognise(struct byte_source *source)
{
	size_t have = 0;

	while (have < MAGIC_SIZE) {
		long got = read_stored(
		    source, source->buffer + have, INPUT_SIZE - have);

		if (got < 0)
			return false;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	source->input = cursor_over(source->buffer, have);
	source->kind = kind_of(source->buffer, have);
	if (source->kind == NULL)
		return true;
	source->inflate = source->kind->start();
	if (source->inflate == NULL)
		return source_fail(source, "cannot unpack it", "no memory",
		    "unpack it beforehand");
	return true;
}

static struct byte_source *
source_begin(struct byte_source *source, char fault[BYTE_SOURCE_FAULT_SIZE])
{
	source->buffer = allocate(INPUT_SIZE, 1);
	if (source_recognise(source))
		return source;
	memcpy(fault, source->fault, BYTE_SOURCE_FAULT_SIZE);
	byte_source_close(source);
	return NULL;
}

/* Says why a file could not be opened, from an errno. */
static void
fault_errno(int error, char fault[BYTE_SOURCE_FAULT_SIZE])
{
	const char *remedy = "check the name";

	if (error == EACCES)
		remedy = "its owner must let this user read it";
	else if (error == EISDIR)
		remedy = "name the capture files in it one by one";
	snprintf(fault, BYTE_SOURCE_FAULT_SIZE, "cannot open it: %s; %s",
	    strerror(error), remedy);
}

/* Opens for reading; standard input as a duplicate, so it can be closed. */
static int
open_path(const char *path)
{
	if (strcmp(path, "-") == 0)
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	return open(path, O_RDONLY | O_CLOEXEC);
}

struct byte_source *
byte_source_open(const char *path, char fault[BYTE_SOURCE_FAULT_SIZE])
{
	struct byte_source *source;
	struct stat status;
	int fd = open_path(path);

	if (fd < 0) {
		fault_errno(errno, fault);
		return NULL;
	}
	if (fstat(fd, &status) != 0 || S_ISDIR(status.st_mode)) {
		fault_errno(EISDIR, fault);
		close(fd);
		return NULL;
	}
	source = allocate(1, sizeof(*source));
	source->fd = fd;
	if (S_ISREG(status.st_mode))
		source->total = (uint64_t)status.st_size;
	return source_begin(source, fault);
}

struct byte_source *
byte_source_memory(const void *octets, size_t size, size_t most,
    char fault[BYTE_SOURCE_FAULT_SIZE])
{
	struct byte_source *source = allocate(1, sizeof(*source));

	source->fd = -1;
	source->memory = cursor_over(octets, size);
	source->most = most;
	source->total = size;
	return source_begin(source, fault);
}

void
byte_source_close(struct byte_source *source)
{
	if (source == NULL)
		return;
	if (source->kind != NULL)
		source->kind->finish(source->inflate);
	if (source->fd >= 0)
		close(source->fd);
	free(source->buffer);
	free(source);
}

/* --- reading -------------------------------------------------------------- */

/* Gives out what was read to recognise the source. */
static long
read_first(struct byte_source *source, uint8_t *out, size_t size)
{
	if (size > cursor_left(&source->input))
		size = cursor_left(&source->input);
	memcpy(out, cursor_take(&source->input, size), size);
	return (long)size;
}

static bool
fail_damaged(struct byte_source *source, const char *why)
{
	char what[64];

	snprintf(
	    what, sizeof(what), "the %s stream is damaged", source->kind->name);
	return source_fail(source, what, why, "copy it again from its source");
}

/* Finds more to unpack; false at the end, with `failed` set if too early. */
static bool
source_continue(struct byte_source *source, enum inflate_status status)
{
	char what[64];

	if (cursor_left(&source->input) > 0 || source_refill(source))
		return true;
	if (source->failed || status == INFLATE_BETWEEN)
		return false;
	snprintf(what, sizeof(what), "the %s stream is cut short",
	    source->kind->name);
	return source_fail(source, what, "it has no end",
	    "copy it again, or wait until it has been written");
}

static long
read_packed(struct byte_source *source, uint8_t *out, size_t size)
{
	enum inflate_status status;
	const char *why = "";
	size_t written = 0;

	do {
		size_t before = cursor_left(&source->input);

		status = source->kind->step(
		    source->inflate, &source->input, out, size, &written, &why);
		if (status == INFLATE_FAULT)
			(void)fail_damaged(source, why);
		else if (written == 0 && before > 0 &&
			 before == cursor_left(&source->input))
			/* Neither library does so; it would be an endless
			 * loop. */
			(void)fail_damaged(source, "it leads nowhere");
	} while (
	    written == 0 && !source->failed && source_continue(source, status));
	if (written > 0)
		return (long)written;
	return source->failed ? -1 : 0;
}

long
byte_source_read(struct byte_source *source, uint8_t *out, size_t size)
{
	assert(size > 0);
	if (source->failed)
		return -1;
	if (source->kind != NULL)
		return read_packed(source, out, size);
	if (cursor_left(&source->input) > 0)
		return read_first(source, out, size);
	return read_stored(source, out, size);
}

const char *
byte_source_fault(const struct byte_source *source)
{
	return source->fault;
}

const char *
byte_source_packing(const struct byte_source *source)
{
	return source->kind == NULL ? NULL : source->kind->name;
}

void
byte_source_progress(
    const struct byte_source *source, uint64_t *done, uint64_t *total)
{
	*done = source->done;
	*total = source->total;
}
