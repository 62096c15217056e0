#include "alerts/journal_frame.h"

#include <string.h>

#include "sensor/base/checksum.h"

static void
put(uint8_t *at, uint64_t value, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t
get(const uint8_t *at, size_t octets)
{
	uint64_t value = 0;

	for (size_t i = octets; i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

void
journal_frame_write(
    const struct journal_record *record, uint8_t head[JOURNAL_HEAD_SIZE])
{
	uint32_t crc;

	put(head + 4, record->size, 4);
	put(head + 8, record->sequence, 8);
	put(head + 16, (uint64_t)record->at.ns, 8);
	crc = checksum_crc32c(0, head + 4, JOURNAL_HEAD_SIZE - 4);
	put(head, checksum_crc32c(crc, record->octets, record->size), 4);
}

/*
 * The sequence number is looked at first: when a damaged segment is searched
 * octet by octet, it spares most places their checksum.
 */
enum journal_frame
journal_frame_read(const uint8_t *octets, size_t size, uint64_t after,
    struct journal_record *record)
{
	size_t length;
	uint64_t sequence;

	if (size < JOURNAL_HEAD_SIZE)
		return JOURNAL_FRAME_SHORT;
	length = (size_t)get(octets + 4, 4);
	sequence = get(octets + 8, 8);
	if (length > JOURNAL_RECORD_MAXIMUM || sequence <= after)
		return JOURNAL_FRAME_DAMAGED;
	if (size - JOURNAL_HEAD_SIZE < length)
		return JOURNAL_FRAME_SHORT;
	if (checksum_crc32c(0, octets + 4, JOURNAL_HEAD_SIZE - 4 + length) !=
	    get(octets, 4))
		return JOURNAL_FRAME_DAMAGED;
	*record = (struct journal_record){
	    .sequence = sequence,
	    .at = {(int64_t)get(octets + 16, 8)},
	    .octets = (const char *)octets + JOURNAL_HEAD_SIZE,
	    .size = length,
	};
	return JOURNAL_FRAME_WHOLE;
}
