/* pcap files: draft-ietf-opsawg-pcap. */
#include <inttypes.h>

#include "sensor/capture_file_parts.h"
#include "sensor/packet.h"

#define FILE_HEADER_SIZE   24
#define RECORD_HEADER_SIZE 16

/* Patched libpcaps of the 1990s add 8 octets to a record's header: the
 * interface, the protocol and the direction. */
#define PATCHED_HEADER_SIZE 24

/* The field also holds the length of the frame check sequence. */
#define LINK_TYPE_MASK 0xffff

struct magic {
	uint32_t value, tick, header_size;
};

static const struct magic magics[] = {
    {0xa1b2c3d4, NS_PER_US, RECORD_HEADER_SIZE},
    {0xa1b23c4d, 1, RECORD_HEADER_SIZE},
    {0xa1b2cd34, NS_PER_US, PATCHED_HEADER_SIZE},
};

/* Finds the magic in either byte order. */
static const struct magic *
magic_find(struct capture_file *file)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		file->swapped = false;
		if (capture_u32(file, file->at) == magics[i].value)
			return &magics[i];
		file->swapped = true;
		if (capture_u32(file, file->at) == magics[i].value)
			return &magics[i];
	}
	return NULL;
}

bool
capture_pcap_begins(const uint8_t *start, size_t size)
{
	uint32_t value;

	if (size < sizeof(value))
		return false;
	memcpy(&value, start, sizeof(value));
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (value == magics[i].value ||
		    __builtin_bswap32(value) == magics[i].value)
			return true;
	return false;
}

bool
capture_pcap_open(struct capture_file *file)
{
	const struct magic *magic;
	unsigned major, minor;

	if (!capture_has(file, sizeof(uint32_t)))
		return false;
	magic = magic_find(file);
	if (magic == NULL)
		return false;
	if (!capture_has(file, FILE_HEADER_SIZE)) {
		(void)capture_run_out(file, false);
		return false;
	}
	major = capture_u16(file, file->at + 4);
	minor = capture_u16(file, file->at + 6);
	if (major != 2 || minor > 4) {
		(void)capture_fail(file, CAPTURE_REMEDY_CONVERT,
		    "it is pcap of version %u.%u, and 2.0 to 2.4 are read",
		    major, minor);
		return false;
	}
	/* Up to 2.2 the length on the wire came first, and in 2.3 as it
	 * pleased the writer; the captured one is the smaller. */
	file->lengths_swapped = minor < 4;
	file->tick = magic->tick;
	file->header_size = magic->header_size;
	file->link_type =
	    (int)(capture_u32(file, file->at + 20) & LINK_TYPE_MASK);
	file->at += FILE_HEADER_SIZE;
	return true;
}

struct record {
	uint32_t seconds, fraction, captured, length;
};

/* A record's header in our byte order. */
static inline struct record
record_at(const struct capture_file *file, const uint8_t *at)
{
	struct record record = {
	    .seconds = capture_u32(file, at),
	    .fraction = capture_u32(file, at + 4),
	    .captured = capture_u32(file, at + 8),
	    .length = capture_u32(file, at + 12),
	};

	if (record.length < record.captured) {
		uint32_t smaller = record.length;

		record.length = record.captured;
		if (file->lengths_swapped)
			record.captured = smaller;
	}
	return record;
}

/* Hands out the next packet when it is sound and lies in the window whole. */
static inline bool
packet_take(struct capture_file *file, struct packet *packet)
{
	const uint8_t *at;
	struct record record;

	if (file->end - file->at < file->header_size)
		return false;
	record = record_at(file, file->at);
	at = file->at + file->header_size;
	if (record.captured > CAPTURE_FILE_PACKET_MAXIMUM ||
	    file->end - at < record.captured)
		return false;
	file->at = at + record.captured;
	packet->octets = at;
	packet->captured = record.captured;
	packet->length = record.length;
	/* 32 bits of seconds and of a fraction always fit */
	packet->at.ns = record.seconds * NS_PER_SECOND +
			(int64_t)record.fraction * file->tick;
	packet->number = ++file->number;
	packet->interface = 0;
	packet->link_type = file->link_type;
	return true;
}

/* Brings the next packet into the window, or ends the file.  Inlined, its
 * calls would cost every packet a third more instructions. */
static __attribute__((noinline)) enum capture_status
packet_fetch(struct capture_file *file, struct packet *packet)
{
	struct record record;

	if (!capture_has(file, file->header_size))
		return capture_run_out(file, true);
	record = record_at(file, file->at);
	if (record.captured > CAPTURE_FILE_PACKET_MAXIMUM)
		return capture_fail(file, CAPTURE_REMEDY_DAMAGED,
		    "the file is damaged: a packet of %" PRIu32 " octets",
		    record.captured);
	if (!capture_has(file, file->header_size + record.captured))
		return capture_run_out(file, false);
	(void)packet_take(file, packet);
	return CAPTURE_PACKET;
}

enum capture_status
capture_pcap_next(struct capture_file *file, struct packet *packet)
{
	if (packet_take(file, packet))
		return CAPTURE_PACKET;
	return packet_fetch(file, packet);
}
