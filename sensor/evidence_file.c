#include "sensor/evidence_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/evidence.h"

/* One finding's packets, comments and blocks, several times over. */
#define BUFFER_SIZE ((size_t)256 * 1024)

/* More interfaces and link types than that begin a section of their own. */
#define INTERFACES_MAXIMUM 128

/* Types, options and their layouts: draft-ietf-opsawg-pcapng-03, section 4. */
enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	ORDER_OF_OCTETS = 0x1a2b3c4d,
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_INTERFACE_NAME = 2,
	OPTION_PROGRAM = 4,
	OPTION_RESOLUTION = 9,
	NANOSECONDS = 9, /* ten to the minus nine */
};

/* The most that a packet takes: its interface's block, and its own. */
#define PACKET_MAXIMUM                                                         \
	((size_t)EVIDENCE_SNAPLEN + EVIDENCE_COMMENT_MAXIMUM +                 \
	    EVIDENCE_NAME_SIZE + 512)

struct interface {
	char name[EVIDENCE_NAME_SIZE];
	int link_type;
};

struct evidence_file {
	struct evidence_file_settings settings;
	int descriptor;
	uint64_t size; /* octets of whole blocks in the file */
	struct evidence_file_counts counts;
	struct interface interfaces[INTERFACES_MAXIMUM]; /* of the section */
	uint32_t interface_count;
	bool stuck; /* there is no file to go on in, until it is opened anew */
	bool begun; /* the section has its header, written or in the buffer */
	uint64_t waiting;   /* packets in the buffer */
	size_t used, block; /* of the buffer; where the block at hand begins */
	uint8_t buffer[BUFFER_SIZE];
};

/* --- blocks --------------------------------------------------------------- */

static void
put(struct evidence_file *file, const void *octets, size_t size)
{
	static const uint8_t zeroes[4];
	size_t padding = (4 - size % 4) % 4;

	memcpy(file->buffer + file->used, octets, size);
	memcpy(file->buffer + file->used + size, zeroes, padding);
	file->used += size + padding;
}

static void
put32(struct evidence_file *file, uint32_t value)
{
	const uint8_t octets[] = {(uint8_t)value, (uint8_t)(value >> 8),
	    (uint8_t)(value >> 16), (uint8_t)(value >> 24)};

	put(file, octets, sizeof(octets));
}

/* Two halves of a word. */
static void
put16(struct evidence_file *file, unsigned first, unsigned second)
{
	put32(file, (uint32_t)(first & 0xffff) | (uint32_t)second << 16);
}

static void
put_option(
    struct evidence_file *file, unsigned code, const void *value, size_t size)
{
	put16(file, code, (unsigned)size);
	put(file, value, size);
}

static void
begin_block(struct evidence_file *file, uint32_t type)
{
	file->block = file->used;
	put32(file, type);
	put32(file, 0);
}

/* The length stands at both of its ends. */
static void
end_block(struct evidence_file *file)
{
	uint32_t length = (uint32_t)(file->used - file->block) + 4;
	size_t end;

	put32(file, length);
	end = file->used;
	file->used = file->block + 4;
	put32(file, length);
	file->used = end;
}

static void
begin_section(struct evidence_file *file)
{
	begin_block(file, BLOCK_SECTION);
	put32(file, ORDER_OF_OCTETS);
	put16(file, 1, 0);       /* the format's version */
	put32(file, UINT32_MAX); /* the section's length is not said */
	put32(file, UINT32_MAX);
	put_option(file, OPTION_PROGRAM, file->settings.program,
	    strlen(file->settings.program));
	put16(file, OPTION_END, 0);
	end_block(file);
	file->begun = true;
	file->interface_count = 0;
}

static void
declare_interface(struct evidence_file *file, const struct interface *one)
{
	const uint8_t resolution = NANOSECONDS;

	begin_block(file, BLOCK_INTERFACE);
	put16(file, (unsigned)one->link_type, 0);
	put32(file, EVIDENCE_SNAPLEN);
	if (one->name[0] != '\0')
		put_option(
		    file, OPTION_INTERFACE_NAME, one->name, strlen(one->name));
	put_option(file, OPTION_RESOLUTION, &resolution, 1);
	put16(file, OPTION_END, 0);
	end_block(file);
}

/* Its number in the section, which is declared when it first comes. */
static uint32_t
number_interface(
    struct evidence_file *file, const struct evidence_packet *packet)
{
	struct interface *one = file->interfaces;
	uint32_t number = 0;

	for (; number < file->interface_count; number++, one++)
		if (one->link_type == packet->link_type &&
		    strcmp(one->name, packet->interface) == 0)
			return number;
	if (number == INTERFACES_MAXIMUM) {
		begin_section(file);
		number = 0;
		one = file->interfaces;
	}
	memcpy(one->name, packet->interface, sizeof(one->name));
	one->link_type = packet->link_type;
	declare_interface(file, one);
	file->interface_count = number + 1;
	return number;
}

static void
add_packet(struct evidence_file *file, const struct evidence_packet *packet,
    const char *comment)
{
	uint32_t number = number_interface(file, packet);
	uint64_t at = (uint64_t)packet->at.ns;

	begin_block(file, BLOCK_PACKET);
	put32(file, number);
	put32(file, (uint32_t)(at >> 32));
	put32(file, (uint32_t)at);
	put32(file, packet->captured);
	put32(file, packet->length);
	put(file, packet->octets, packet->captured);
	put_option(file, OPTION_COMMENT, comment,
	    strnlen(comment, EVIDENCE_COMMENT_MAXIMUM));
	put16(file, OPTION_END, 0);
	end_block(file);
}

/* --- the file ------------------------------------------------------------- */

/* A file without packets is a capture all the same. */
static int
open_file(struct evidence_file *file)
{
	struct stat status;
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND;
	int descriptor = open(file->settings.path,
	    file->settings.keeps ? flags : flags | O_TRUNC, 0640);

	if (descriptor < 0 || fstat(descriptor, &status) != 0) {
		int error = -errno;

		if (descriptor >= 0)
			(void)close(descriptor);
		return error;
	}
	if (file->descriptor >= 0)
		(void)close(file->descriptor);
	file->descriptor = descriptor;
	file->size = (uint64_t)status.st_size;
	file->begun = false;
	file->stuck = false;
	return 0;
}

static void
name_older(const char *path, uint32_t number, char out[PATH_MAX])
{
	(void)snprintf(out, PATH_MAX, number == 0 ? "%s" : "%s.%u", path,
	    (unsigned)number);
}

/* A step that fails leaves a file where it is, and is not the last one. */
static void
rotate(struct evidence_file *file)
{
	char from[PATH_MAX], to[PATH_MAX];

	if (file->settings.count == 1)
		(void)unlink(file->settings.path);
	for (uint32_t i = file->settings.count - 1; i > 0; i--) {
		name_older(file->settings.path, i - 1, from);
		name_older(file->settings.path, i, to);
		(void)rename(from, to);
	}
	file->counts.rotations++;
}

/* What came of it is whole blocks, whatever happens. */
static bool
write_out(struct evidence_file *file)
{
	size_t done = 0;
	ssize_t written = 0;

	while (done < file->used) {
		written = write(
		    file->descriptor, file->buffer + done, file->used - done);
		if (written <= 0 && errno != EINTR)
			break;
		done += written > 0 ? (size_t)written : 0;
	}
	if (done == file->used)
		return true;
	file->counts.error = written < 0 ? -errno : -ENOSPC;
	if (done > 0 && ftruncate(file->descriptor, (off_t)file->size) != 0)
		file->counts.error = -errno;
	return false;
}

void
evidence_file_flush(struct evidence_file *file)
{
	if (file->used == 0)
		return;
	if (write_out(file)) {
		file->size += file->used;
		file->counts.packets += file->waiting;
		file->counts.octets += file->used;
	} else {
		/* The next one says again where it stands. */
		file->counts.lost += file->waiting;
		file->begun = false;
	}
	file->used = 0;
	file->waiting = 0;
}

/* Makes room in the buffer and in the file. */
static void
make_room(struct evidence_file *file)
{
	bool full =
	    file->size + file->used + PACKET_MAXIMUM > file->settings.size;

	if (full || file->used + PACKET_MAXIMUM > sizeof(file->buffer))
		evidence_file_flush(file);
	if (full && file->size > 0) {
		int error;

		rotate(file);
		error = open_file(file);
		file->stuck = error != 0;
		if (error != 0)
			file->counts.error = error;
	}
	if (!file->begun && !file->stuck)
		begin_section(file);
}

void
evidence_file_packet(struct evidence_file *file,
    const struct evidence_packet *packet, const char *comment)
{
	if (!file->stuck)
		make_room(file);
	if (file->stuck) {
		file->counts.lost++;
		return;
	}
	add_packet(file, packet, comment);
	file->waiting++;
}

int
evidence_file_reopen(struct evidence_file *file)
{
	evidence_file_flush(file);
	return open_file(file);
}

int
evidence_file_give(struct evidence_file *file, uid_t user, gid_t group)
{
	return fchown(file->descriptor, user, group) == 0 ? 0 : -errno;
}

struct evidence_file_counts
evidence_file_counts(const struct evidence_file *file)
{
	return file->counts;
}

/*
 * A file with a head and nothing else has no evidence to keep: starts that fail
 * one after the other would push out all that there is.
 */
static bool
begin_in_place(struct evidence_file *file)
{
	begin_section(file);
	if (file->size == file->used && ftruncate(file->descriptor, 0) == 0) {
		file->size = 0;
		return true;
	}
	file->used = 0;
	return false;
}

struct evidence_file *
evidence_file_open(const struct evidence_file_settings *settings, int *error)
{
	struct evidence_file *file = allocate(1, sizeof(*file));

	file->settings = *settings;
	file->descriptor = -1;
	*error = open_file(file);
	if (*error == 0 && file->size > 0 && !begin_in_place(file)) {
		rotate(file);
		*error = open_file(file);
	}
	if (*error == 0) {
		if (!file->begun)
			begin_section(file);
		evidence_file_flush(file);
		*error = file->counts.error;
	}
	if (*error == 0)
		return file;
	if (file->descriptor >= 0)
		(void)close(file->descriptor);
	free(file);
	return NULL;
}

void
evidence_file_close(struct evidence_file *file)
{
	if (file == NULL)
		return;
	evidence_file_flush(file);
	(void)close(file->descriptor);
	free(file);
}
