/*
 * Frames in any octets: what is called whole is what would be written, a prefix
 * of it is short, and nothing is found in what is damaged.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "alerts/journal_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t head[JOURNAL_HEAD_SIZE];
	uint64_t last = 0;

	for (size_t at = 0; at < size;) {
		struct journal_record record, again;

		if (journal_frame_read(data + at, size - at, last, &record) !=
		    JOURNAL_FRAME_WHOLE) {
			at++;
			continue;
		}
		assert(record.sequence > last);
		assert(record.octets ==
		       (const char *)data + at + JOURNAL_HEAD_SIZE);
		assert(record.size <= size - at - JOURNAL_HEAD_SIZE);
		journal_frame_write(&record, head);
		assert(memcmp(head, data + at, sizeof(head)) == 0);
		assert(journal_frame_read(data + at,
			   JOURNAL_HEAD_SIZE + record.size - 1, last,
			   &again) == JOURNAL_FRAME_SHORT);
		last = record.sequence;
		at += JOURNAL_HEAD_SIZE + record.size;
	}
	return 0;
}
