/*
 * journal_frame -- how one record lies in a segment of the journal.
 *
 *   offset  octets
 *    0      4      CRC-32C of all that follows
 *    4      4      length of the record
 *    8      8      sequence number
 *   16      8      when it was kept, nanoseconds since 1970
 *   24             the record
 *
 * Numbers are little-endian.  Pure: knows no files.
 */
#ifndef ALERTS_JOURNAL_FRAME_H
#define ALERTS_JOURNAL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/base/instant.h"

#define JOURNAL_HEAD_SIZE ((size_t)24)

/* The longest record; native ones end at RECORD_MAXIMUM. */
#define JOURNAL_RECORD_MAXIMUM ((size_t)256 * 1024)
#define JOURNAL_FRAME_MAXIMUM  (JOURNAL_HEAD_SIZE + JOURNAL_RECORD_MAXIMUM)

struct journal_record {
	uint64_t sequence;
	struct instant at;  /* when it was kept */
	const char *octets; /* borrowed */
	size_t size;
};

enum journal_frame {
	JOURNAL_FRAME_WHOLE,
	JOURNAL_FRAME_SHORT,   /* it may go on behind these octets */
	JOURNAL_FRAME_DAMAGED, /* here is no frame, whatever follows */
};

/* Writes the head of a record; its octets follow. */
void journal_frame_write(
    const struct journal_record *record, uint8_t head[JOURNAL_HEAD_SIZE]);

/*
 * Reads one frame.
 *
 * after      the sequence number before; a frame with no greater one is none
 * record     set when it is whole; its octets are borrowed from `octets`
 */
enum journal_frame journal_frame_read(const uint8_t *octets, size_t size,
    uint64_t after, struct journal_record *record);

#endif
