#include "alerts/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerts/journal_cursor.h"
#include "alerts/journal_disk.h"
#include "alerts/journal_frame.h"
#include "alerts/journal_reader.h"
#include "sensor/base/arena.h"

#define MAXIMUM_DEFAULT ((uint64_t)1 << 30)
#define SEGMENT_DEFAULT ((uint64_t)16 << 20)
#define AGE_DEFAULT     (INT64_C(30) * 86400 * NS_PER_SECOND)
#define WAITING_DEFAULT ((size_t)4 << 20)

/* fdatasync(2) of a second's alerts is a small part of any disk's second. */
#define SYNC_INTERVAL NS_PER_SECOND

/* A segment ends after this part of the age, so that age can drop it whole. */
#define AGE_PARTS 10

/* Records name who spoke with whom, so not everybody may read them. */
#define FILE_MODE      0640
#define DIRECTORY_MODE 0750
#define LOCK_NAME      "lock"

struct segment {
	uint64_t first, octets;
	struct instant begun, ended; /* of its first and last record */
};

struct journal {
	struct journal_settings settings;
	int directory, lock;
	int file; /* of the last segment; -1: it could not be made */
	uint64_t next;
	struct segment *segments; /* oldest first; the last one is written */
	size_t count, capacity;
	uint8_t *waiting; /* frames that are not on disk yet */
	size_t waiting_size;
	uint64_t waiting_first; /* sequence number of the first of them */
	bool unsynced, failing;
	int error; /* that it failed with last */
	struct instant synced;
	struct journal_disk *disk;
	struct journal_counts counts;
};

/* --- what is said --------------------------------------------------------- */

/* Once, until it works again. */
static void
fails(struct journal *journal, int error)
{
	char message[JOURNAL_FAULT_SIZE];

	journal->counts.failures++;
	journal->error = error;
	if (journal->failing)
		return;
	journal->failing = true;
	if (journal->settings.say == NULL)
		return;
	(void)snprintf(message, sizeof(message),
	    "the journal cannot be written: %s; alerts wait in memory",
	    strerror(error));
	journal->settings.say(message, journal->settings.context);
}

static void
works(struct journal *journal)
{
	if (!journal->failing)
		return;
	journal->failing = false;
	if (journal->settings.say != NULL)
		journal->settings.say("the journal can be written again",
		    journal->settings.context);
}

/* --- segments ------------------------------------------------------------- */

static struct segment *
last_of(const struct journal *journal)
{
	return &journal->segments[journal->count - 1];
}

static void
add_segment(struct journal *journal, struct segment segment)
{
	if (journal->count == journal->capacity) {
		journal->capacity = journal->capacity * 2 + 16;
		journal->segments = reallocate(journal->segments,
		    journal->capacity, sizeof(*journal->segments));
	}
	journal->segments[journal->count++] = segment;
	journal->counts.octets += segment.octets;
}

/* The oldest; never the one that is written. */
static bool
drop_oldest(struct journal *journal)
{
	char name[JOURNAL_NAME_SIZE];

	assert(journal->count > 1);
	journal_segment_name(journal->segments[0].first, name);
	if (unlinkat(journal->directory, name, 0) != 0 && errno != ENOENT) {
		fails(journal, errno);
		return false;
	}
	journal->counts.octets -= journal->segments[0].octets;
	journal->count--;
	memmove(journal->segments, journal->segments + 1,
	    journal->count * sizeof(*journal->segments));
	return true;
}

/* So that the last segment has room to be filled. */
static void
drop_excess(struct journal *journal, struct instant now)
{
	uint64_t most = journal->settings.maximum - journal->settings.segment;

	while (journal->count > 1 &&
	       (journal->counts.octets > most ||
		   instant_since(now, journal->segments[0].ended) >
		       journal->settings.age)) {
		if (!drop_oldest(journal))
			return;
		journal->counts.dropped++;
	}
}

/* Makes room from what every sink has; what none has read yet is worth more. */
static bool
drop_passed(struct journal *journal)
{
	uint64_t lowest, highest;
	bool any = false;

	journal_cursor_span(journal->directory, &lowest, &highest);
	while (journal->count > 1 && lowest >= journal->segments[1].first &&
	       drop_oldest(journal)) {
		journal->counts.dropped++;
		any = true;
	}
	return any;
}

static int
begin_segment(struct journal *journal, uint64_t first, struct instant now)
{
	char name[JOURNAL_NAME_SIZE];
	int file, error = 0;

	journal_segment_name(first, name);
	file = openat(
	    journal->directory, name, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (file < 0)
		return -errno;
	errno = ENOSPC;
	if (pwrite(file, JOURNAL_MAGIC, JOURNAL_MAGIC_SIZE, 0) !=
	    (ssize_t)JOURNAL_MAGIC_SIZE) {
		error = -errno;
		(void)close(file);
		(void)unlinkat(journal->directory, name, 0);
		return error;
	}
	journal->file = file;
	add_segment(
	    journal, (struct segment){first, JOURNAL_MAGIC_SIZE, now, now});
	/* The name too must survive. */
	if (journal->settings.sync != JOURNAL_SYNC_NEVER)
		(void)fsync(journal->directory);
	return 0;
}

static void
synchronise(struct journal *journal, struct instant now)
{
	journal->synced = now;
	if (!journal->unsynced || journal->file < 0 ||
	    journal->settings.sync == JOURNAL_SYNC_NEVER)
		return;
	if (fdatasync(journal->file) != 0)
		fails(journal, errno);
	journal->unsynced = false;
}

/*
 * The same without waiting for the disk.  One that is still at the last time's
 * is left alone until the next time.
 */
static void
synchronise_aside(struct journal *journal, struct instant now)
{
	int error = journal_disk_error(journal->disk);

	if (error != 0)
		fails(journal, error);
	journal->synced = now;
	if (journal->unsynced && journal->file >= 0 &&
	    journal->settings.sync != JOURNAL_SYNC_NEVER &&
	    journal_disk_begin(journal->disk, journal->file))
		journal->unsynced = false;
}

/* Whether the segment has had enough, by size or age. */
static bool
is_over(const struct journal *journal, size_t more, struct instant now)
{
	const struct segment *segment = last_of(journal);

	if (segment->octets == JOURNAL_MAGIC_SIZE)
		return false;
	return segment->octets + more > journal->settings.segment ||
	       instant_since(now, segment->begun) >
		   journal->settings.age / AGE_PARTS;
}

/* --- writing -------------------------------------------------------------- */

/*
 * Where it goes is counted here and not by the kernel, so half a write is
 * written over by the next attempt.
 */
static int
write_waiting(struct journal *journal, struct instant now)
{
	struct segment *segment;
	size_t done = 0;
	int error;

	if (is_over(journal, journal->waiting_size, now)) {
		int old = journal->file;

		synchronise_aside(journal, now);
		if (journal->unsynced)
			synchronise(journal, now);
		error = begin_segment(journal, journal->waiting_first, now);
		if (error != 0)
			return error;
		(void)close(old);
		drop_excess(journal, now);
	}
	segment = last_of(journal);
	if (segment->octets == JOURNAL_MAGIC_SIZE)
		segment->begun = now;
	while (done < journal->waiting_size) {
		ssize_t wrote = pwrite(journal->file, journal->waiting + done,
		    journal->waiting_size - done,
		    (off_t)(segment->octets + done));

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return wrote < 0 ? -errno : -EIO;
		done += (size_t)wrote;
	}
	segment->octets += done;
	segment->ended = now;
	journal->counts.octets += done;
	journal->counts.waiting = 0;
	journal->waiting_size = 0;
	journal->unsynced = true;
	return 0;
}

static void
flush(struct journal *journal, struct instant now)
{
	int error;

	if (journal->waiting_size == 0)
		return;
	error = write_waiting(journal, now);
	if ((error == -ENOSPC || error == -EDQUOT) && drop_passed(journal))
		error = write_waiting(journal, now);
	if (error != 0) {
		fails(journal, -error);
		return;
	}
	works(journal);
	if (journal->settings.sync == JOURNAL_SYNC_EVERY)
		synchronise(journal, now);
}

bool
journal_append(struct journal *journal, const char *octets, size_t size,
    struct instant now)
{
	struct journal_record record = {journal->next, now, octets, size};
	size_t frame = JOURNAL_HEAD_SIZE + size;

	if (size > JOURNAL_RECORD_MAXIMUM ||
	    frame > journal->settings.waiting - journal->waiting_size) {
		journal->counts.lost++;
		journal_tick(journal, now);
		return false;
	}
	if (journal->waiting_size == 0)
		journal->waiting_first = journal->next;
	journal_frame_write(&record, journal->waiting + journal->waiting_size);
	memcpy(journal->waiting + journal->waiting_size + JOURNAL_HEAD_SIZE,
	    octets, size);
	journal->waiting_size += frame;
	journal->next++;
	journal->counts.kept++;
	journal->counts.waiting++;
	journal_tick(journal, now);
	return true;
}

void
journal_tick(struct journal *journal, struct instant now)
{
	flush(journal, now);
	if (instant_since(now, journal->synced) >= SYNC_INTERVAL ||
	    instant_before(now, journal->synced)) {
		synchronise_aside(journal, now);
		drop_excess(journal, now);
	}
}

uint64_t
journal_next(const struct journal *journal)
{
	return journal->next;
}

struct journal_counts
journal_counts(const struct journal *journal)
{
	struct journal_counts counts = journal->counts;

	counts.segments = journal->count;
	return counts;
}

uint64_t
journal_octets_behind(
    const struct journal *journal, uint64_t segment, uint64_t offset)
{
	uint64_t octets = 0;

	for (size_t i = 0; i < journal->count; i++) {
		const struct segment *one = &journal->segments[i];

		if (one->first > segment)
			octets += one->octets - JOURNAL_MAGIC_SIZE;
		else if (one->first == segment && one->octets > offset)
			octets += one->octets - offset;
	}
	return octets;
}

const char *
journal_trouble(const struct journal *journal)
{
	return journal->failing ? strerror(journal->error) : NULL;
}

/* --- opening -------------------------------------------------------------- */

/* Waits for nobody: two writers would write over each other. */
static int
take_lock(struct journal *journal)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	journal->lock = openat(journal->directory, LOCK_NAME,
	    O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (journal->lock < 0)
		return -errno;
	if (fcntl(journal->lock, F_OFD_SETLK, &whole) == 0)
		return 0;
	return errno == EACCES || errno == EAGAIN ? -EBUSY : -errno;
}

/*
 * Age is asked of the file: reading all of a journal to learn when its records
 * were kept takes too long at a start.
 */
static void
list_segments(struct journal *journal)
{
	uint64_t *firsts;
	long count = journal_segments(journal->directory, &firsts);

	for (long i = 0; i < count; i++) {
		char name[JOURNAL_NAME_SIZE];
		struct stat status;
		struct segment segment = {.first = firsts[i]};

		journal_segment_name(firsts[i], name);
		if (fstatat(journal->directory, name, &status, 0) != 0)
			continue;
		segment.octets = (uint64_t)status.st_size;
		segment.begun = segment.ended =
		    (struct instant){status.st_mtim.tv_sec * NS_PER_SECOND +
				     status.st_mtim.tv_nsec};
		add_segment(journal, segment);
	}
	free(firsts);
}

/* Reads the last segment to its last whole record, and cuts what follows. */
static int
mend_last(struct journal *journal, const char *directory)
{
	struct segment *segment = last_of(journal);
	char name[JOURNAL_NAME_SIZE];
	int error;
	struct journal_reader *reader =
	    journal_reader_new(directory, segment->first, &error);
	struct journal_record record;
	uint64_t end = JOURNAL_MAGIC_SIZE, size = segment->octets;

	if (reader == NULL)
		return error;
	journal->next = segment->first;
	while (journal_reader_next(reader, &record)) {
		journal->next = record.sequence + 1;
		segment->ended = record.at;
		end = journal_reader_offset(reader);
	}
	journal->counts.torn = journal_reader_damaged(reader);
	journal_reader_free(reader);
	journal_segment_name(segment->first, name);
	journal->file = openat(journal->directory, name, O_RDWR | O_CLOEXEC);
	if (journal->file < 0)
		return -errno;
	if (size > end)
		journal->counts.torn += size - end;
	if (ftruncate(journal->file, (off_t)end) != 0 ||
	    pwrite(journal->file, JOURNAL_MAGIC, JOURNAL_MAGIC_SIZE, 0) < 0)
		return -errno;
	journal->counts.octets += end - size;
	segment->octets = end;
	return 0;
}

/*
 * A cursor beyond the last record: the machine crashed after a sink had what
 * the disk had not.  Numbers go on behind it, or the sink would miss the next.
 */
static int
begin(struct journal *journal, const char *directory, struct instant now)
{
	uint64_t lowest, highest;
	int error = 0;

	list_segments(journal);
	journal->next = 1;
	if (journal->count > 0)
		error = mend_last(journal, directory);
	journal_cursor_span(journal->directory, &lowest, &highest);
	if (highest > journal->next)
		journal->next = highest;
	if (error == 0 && journal->count == 0)
		error = begin_segment(journal, journal->next, now);
	if (error == 0)
		drop_excess(journal, now);
	return error;
}

static void
release(struct journal *journal)
{
	if (journal->file >= 0)
		(void)close(journal->file);
	if (journal->lock >= 0)
		(void)close(journal->lock);
	if (journal->directory >= 0)
		(void)close(journal->directory);
	journal_disk_free(journal->disk);
	free(journal->segments);
	free(journal->waiting);
	free(journal);
}

static struct journal *
make(const struct journal_settings *settings)
{
	struct journal *journal = allocate(1, sizeof(*journal));
	struct journal_settings *own = &journal->settings;

	*own = *settings;
	own->maximum = own->maximum == 0 ? MAXIMUM_DEFAULT : own->maximum;
	own->segment = own->segment == 0 ? SEGMENT_DEFAULT : own->segment;
	own->age = own->age == 0 ? AGE_DEFAULT : own->age;
	own->waiting = own->waiting == 0 ? WAITING_DEFAULT : own->waiting;
	/* Else the bound would be met by one segment that cannot go. */
	if (own->segment > own->maximum / 4)
		own->segment = own->maximum / 4;
	journal->waiting = allocate(1, own->waiting);
	journal->disk = journal_disk_new();
	journal->directory = journal->lock = journal->file = -1;
	return journal;
}

/* Made only where there is none: who is confined may make none. */
static int
open_directory(struct journal *journal, const char *directory)
{
	int how = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

	journal->directory = open(directory, how);
	if (journal->directory < 0 && errno == ENOENT &&
	    mkdir(directory, DIRECTORY_MODE) == 0)
		journal->directory = open(directory, how);
	return journal->directory < 0 ? -errno : 0;
}

struct journal *
journal_open(const char *directory, const struct journal_settings *settings,
    struct instant now, char fault[JOURNAL_FAULT_SIZE], int *error)
{
	struct journal *journal = make(settings);

	*error = 0;
	journal->synced = now;
	*error = open_directory(journal, directory);
	if (*error == 0)
		*error = take_lock(journal);
	if (*error == 0)
		*error = begin(journal, directory, now);
	if (*error == 0)
		return journal;
	(void)snprintf(fault, JOURNAL_FAULT_SIZE, "%s: %s", directory,
	    *error == -EBUSY ? "another process writes this journal; stop it, "
			       "or give another --journal"
			     : strerror(-*error));
	release(journal);
	return NULL;
}

uint64_t
journal_close(struct journal *journal)
{
	uint64_t lost;

	if (journal == NULL)
		return 0;
	flush(journal, journal->synced);
	synchronise(journal, journal->synced);
	lost = journal->counts.waiting;
	release(journal);
	return lost;
}
