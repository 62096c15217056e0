/*
 * capture_file_parts -- what the readers of the two formats share.
 *
 * A window of octets that moves over the file.  For sensor/capture_file*.c
 * only.
 */
#ifndef SENSOR_CAPTURE_FILE_PARTS_H
#define SENSOR_CAPTURE_FILE_PARTS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sensor/base/instant.h"
#include "sensor/capture_file.h"

/*
 * Octets read at once, and the largest record or block that is looked into.
 * Two of them stay in the second-level cache: 4 MiB were measured 15 % slower.
 * Mapping the file grows with it, and ends the program when it is cut.
 */
#define CAPTURE_WINDOW_SIZE ((size_t)320 * 1024)

#define CAPTURE_REMEDY_CUT     "copy it again, or wait until the capture ends"
#define CAPTURE_REMEDY_DAMAGED "copy it again from its source"
#define CAPTURE_REMEDY_CONVERT "convert it with `editcap -F pcapng IN OUT`"

/* Longer names are cut; Linux has 15 characters (IFNAMSIZ). */
#define CAPTURE_INTERFACE_NAME 63

struct capture_interface {
	uint64_t exact_end; /* fewer ticks than this, times `tick`, are ns */
	uint64_t tick;
	int64_t offset;       /* if_tsoffset: seconds to add */
	uint8_t resolution;   /* if_tsresol as it is written */
	uint32_t snap_length; /* 0: none */
	int link_type;
	char name[CAPTURE_INTERFACE_NAME + 1]; /* "": not stated */
};

struct capture_file {
	const uint8_t *at, *end; /* read and not yet given out */
	bool swapped;            /* the other byte order than ours */

	/* pcap */
	uint32_t header_size; /* of a record */
	uint32_t tick;        /* ns of a unit of its fraction */
	int link_type;
	bool lengths_swapped; /* perhaps: the smaller was captured */

	/* pcapng: this section's; at most CAPTURE_INTERFACES_MAXIMUM */
	struct capture_interface *interfaces; /* owned */
	uint32_t interface_count, interface_capacity;
	uint32_t interface_base; /* interfaces of the sections before */

	uint64_t number;     /* packets given out */
	struct instant last; /* pcapng: the time of the last one */
	enum capture_status status;
	enum capture_status (*next)(
	    struct capture_file *file, struct packet *packet);

	struct byte_source *source; /* owned */
	uint8_t *window;            /* owned */
	uint8_t *other;             /* owned: what was read before */
	bool keep;                  /* what was given out lies in `window` */
	uint64_t window_offset;     /* of its start in the file */
	bool began;                 /* the start of the file was understood */
	char fault[CAPTURE_FILE_FAULT_SIZE];
};

#define CAPTURE_INTERFACES_MAXIMUM 65536

/* Reads until `size` octets are in the window; moves what is not given out. */
bool capture_fill(struct capture_file *file, size_t size);

/* Whether `size` octets lie at `at`, or can be read. */
static inline bool
capture_has(struct capture_file *file, size_t size)
{
	return (size_t)(file->end - file->at) >= size ||
	       capture_fill(file, size);
}

/* Passes over `size` octets, however many. */
bool capture_skip(struct capture_file *file, uint64_t size);

/* Ends the file where octets lack: an end between packets, else a fault. */
enum capture_status capture_run_out(struct capture_file *file, bool between);

/* Ends the file at `at` with a fault. */
enum capture_status capture_fail(struct capture_file *file, const char *remedy,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

static inline uint16_t
capture_u16(const struct capture_file *file, const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return file->swapped ? __builtin_bswap16(value) : value;
}

static inline uint32_t
capture_u32(const struct capture_file *file, const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return file->swapped ? __builtin_bswap32(value) : value;
}

static inline uint64_t
capture_u64(const struct capture_file *file, const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return file->swapped ? __builtin_bswap64(value) : value;
}

/* Whether a file that begins so is pcap, in either byte order. */
bool capture_pcap_begins(const uint8_t *start, size_t size);

/* The readers; `open` expects the magic at `at`, false sets a fault. */
bool capture_pcap_open(struct capture_file *file);
enum capture_status capture_pcap_next(
    struct capture_file *file, struct packet *packet);
enum capture_status capture_pcapng_next(
    struct capture_file *file, struct packet *packet);

#endif
