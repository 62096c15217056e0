/* pcapng files: draft-ietf-opsawg-pcapng; sections in () are of it. */
#include <inttypes.h>

#include "sensor/base/arena.h"
#include "sensor/capture_file_parts.h"
#include "sensor/packet.h"

/* Block types. */
enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_ENHANCED_PACKET = 6,
};

/* Octets of each block without options and packet, its two lengths included. */
#define BLOCK_SIZE_MINIMUM     12
#define SECTION_SIZE_MINIMUM   28
#define INTERFACE_SIZE_MINIMUM 20
#define SIMPLE_SIZE_MINIMUM    16
#define PACKET_SIZE_MINIMUM    32

/* What libpcap reads at most; more is taken for damage. */
#define BLOCK_SIZE_MAXIMUM (16 * 1024 * 1024)

#define BYTE_ORDER_MAGIC 0x1a2b3c4d

/* Options of an interface (section 4.2). */
#define OPTION_END        0
#define OPTION_NAME       2
#define OPTION_RESOLUTION 9
#define OPTION_OFFSET     14

/* Times are in microseconds unless the interface says otherwise. */
#define RESOLUTION_DEFAULT 6
#define RESOLUTION_BINARY  0x80U

/* The last second whose nanoseconds all fit into 64 bits. */
#define SECONDS_LAST (INT64_MAX / NS_PER_SECOND - 1)

struct block {
	uint32_t type;
	uint32_t size;
};

/* --- times ---------------------------------------------------------------- */

static uint64_t
power_of_ten(unsigned power)
{
	uint64_t value = 1;

	while (power-- > 0)
		value *= 10;
	return value;
}

/* Nanoseconds, rounded down, of a fraction of 2^power. */
static uint64_t
binary_nanoseconds(uint64_t fraction, unsigned power)
{
	uint64_t second = (uint64_t)NS_PER_SECOND;

	if (power <= 32)
		return fraction * second >> power;
	/* In two halves, as the product has up to 93 bits. */
	return ((fraction >> 32) * second +
		   ((fraction & UINT32_MAX) * second >> 32)) >>
	       (power - 32);
}

/* Nanoseconds, rounded down, of a fraction of 10^power. */
static uint64_t
decimal_nanoseconds(uint64_t fraction, unsigned power)
{
	if (power <= 9)
		return fraction * power_of_ten(9 - power);
	return fraction / power_of_ten(power - 9);
}

/* Seconds moved by the interface's offset and put where they can be kept. */
static int64_t
bounded_seconds(uint64_t seconds, int64_t offset)
{
	uint64_t last = (uint64_t)SECONDS_LAST;

	if (offset < 0) {
		uint64_t back = 0 - (uint64_t)offset;

		seconds = seconds < back ? 0 : seconds - back;
	} else if (seconds <= last) {
		seconds += (uint64_t)offset;
	}
	return (int64_t)(seconds > last ? last : seconds);
}

/*
 * Any time of any interface.  A file can state times that nanoseconds in 64
 * bits cannot hold, or before 1970; such become the nearest that can be.
 */
static struct instant
interface_time(const struct capture_interface *interface, uint64_t ticks)
{
	unsigned power = interface->resolution & ~RESOLUTION_BINARY;
	bool binary = (interface->resolution & RESOLUTION_BINARY) != 0;
	uint64_t second = binary ? UINT64_C(1) << power : power_of_ten(power);
	uint64_t fraction = ticks % second;
	int64_t seconds = bounded_seconds(ticks / second, interface->offset);
	uint64_t ns = binary ? binary_nanoseconds(fraction, power)
			     : decimal_nanoseconds(fraction, power);

	return (struct instant){seconds * NS_PER_SECOND + (int64_t)ns};
}

/* Prepares the short way for what nearly every file has. */
static void
interface_set_exact(struct capture_interface *interface)
{
	if (interface->resolution > 9 || interface->offset != 0)
		return;
	interface->tick = power_of_ten(9U - interface->resolution);
	interface->exact_end =
	    (uint64_t)SECONDS_LAST * power_of_ten(interface->resolution);
}

/* --- blocks --------------------------------------------------------------- */

/* Reads how a block begins; a section's byte order comes with it. */
static bool
block_begin(struct capture_file *file, struct block *block)
{
	if (!capture_has(file, BLOCK_SIZE_MINIMUM)) {
		(void)capture_run_out(file, true);
		return false;
	}
	/* The type of a section reads the same in both orders. */
	block->type = capture_u32(file, file->at);
	if (block->type == BLOCK_SECTION &&
	    capture_u32(file, file->at + 8) != BYTE_ORDER_MAGIC) {
		file->swapped = !file->swapped;
		if (capture_u32(file, file->at + 8) != BYTE_ORDER_MAGIC) {
			(void)capture_fail(file, CAPTURE_REMEDY_DAMAGED,
			    "the file is damaged: a section has no byte "
			    "order");
			return false;
		}
	}
	block->size = capture_u32(file, file->at + 4);
	if (block->size < BLOCK_SIZE_MINIMUM ||
	    block->size > BLOCK_SIZE_MAXIMUM || block->size % 4 != 0) {
		(void)capture_fail(file, CAPTURE_REMEDY_DAMAGED,
		    "the file is damaged: a block of type %" PRIu32 " and "
		    "%" PRIu32 " octets",
		    block->type, block->size);
		return false;
	}
	return true;
}

/* Expects the length at the end of a block to be that of its start. */
static bool
block_ends(
    struct capture_file *file, const struct block *block, const uint8_t *at)
{
	uint32_t again = capture_u32(file, at);

	if (again == block->size)
		return true;
	(void)capture_fail(file, CAPTURE_REMEDY_DAMAGED,
	    "the file is damaged: a block begins with %" PRIu32
	    " octets and ends with %" PRIu32,
	    block->size, again);
	return false;
}

/* Brings a whole block into the window, when it has at least `minimum`. */
static bool
block_load(
    struct capture_file *file, const struct block *block, uint32_t minimum)
{
	if (block->size < minimum || block->size > CAPTURE_WINDOW_SIZE) {
		(void)capture_fail(file, CAPTURE_REMEDY_DAMAGED,
		    "the file is damaged: a block of type %" PRIu32 " with "
		    "%" PRIu32 " octets, and %" PRIu32 " to %zu are possible",
		    block->type, block->size, minimum, CAPTURE_WINDOW_SIZE);
		return false;
	}
	if (!capture_has(file, block->size)) {
		(void)capture_run_out(file, false);
		return false;
	}
	return block_ends(file, block, file->at + block->size - 4);
}

/* Passes over a block whose type is of no use here. */
static void
block_skip(struct capture_file *file, const struct block *block)
{
	if (!capture_skip(file, block->size - 4) || !capture_has(file, 4))
		(void)capture_run_out(file, false);
	else if (block_ends(file, block, file->at))
		file->at += 4;
}

/* --- sections and interfaces ---------------------------------------------- */

/* A section forgets the interfaces of the one before it (section 4.1). */
static void
section_begin(struct capture_file *file, const struct block *block)
{
	unsigned major, minor;

	if (!block_load(file, block, SECTION_SIZE_MINIMUM))
		return;
	major = capture_u16(file, file->at + 12);
	minor = capture_u16(file, file->at + 14);
	/* 1.2 was written by mistake and is the same (section 4.1). */
	if (major != 1 || (minor != 0 && minor != 2)) {
		(void)capture_fail(file, CAPTURE_REMEDY_CONVERT,
		    "a section is pcapng of version %u.%u, and 1.0 is read",
		    major, minor);
		return;
	}
	file->interface_base += file->interface_count;
	file->interface_count = 0;
	file->at += block->size;
}

/* Takes what matters of one option; false when it cannot be so. */
static bool
interface_option(const struct capture_file *file,
    struct capture_interface *interface, unsigned code, unsigned size,
    const uint8_t *at)
{
	unsigned power;

	switch (code) {
	case OPTION_NAME:
		if (size > CAPTURE_INTERFACE_NAME)
			size = CAPTURE_INTERFACE_NAME;
		memcpy(interface->name, at, size);
		interface->name[size] = '\0';
		return true;
	case OPTION_RESOLUTION:
		if (size != 1)
			return false;
		interface->resolution = at[0];
		power = at[0] & ~RESOLUTION_BINARY;
		/* 2^63 and 10^19 are the last that 64 bits hold. */
		return power <= ((at[0] & RESOLUTION_BINARY) != 0 ? 63U : 19U);
	case OPTION_OFFSET:
		if (size != 8)
			return false;
		interface->offset = (int64_t)capture_u64(file, at);
		return true;
	default:
		return true;
	}
}

/* Reads options up to `end`; false when they are malformed. */
static bool
interface_options(const struct capture_file *file,
    struct capture_interface *interface, const uint8_t *at, const uint8_t *end)
{
	while (end - at >= 4) {
		unsigned code = capture_u16(file, at);
		unsigned size = capture_u16(file, at + 2);
		size_t padded = (size + 3U) & ~(size_t)3;

		at += 4;
		if (code == OPTION_END)
			return true;
		if ((size_t)(end - at) < padded ||
		    !interface_option(file, interface, code, size, at))
			return false;
		at += padded;
	}
	/* The end may be left out; blocks come in units of 4 octets. */
	return true;
}

/* Room for one more interface, or NULL with a fault. */
static struct capture_interface *
interface_new(struct capture_file *file)
{
	uint32_t capacity = file->interface_capacity;

	if (file->interface_count == CAPTURE_INTERFACES_MAXIMUM) {
		(void)capture_fail(file, CAPTURE_REMEDY_DAMAGED,
		    "the file is damaged: a section has more than %d "
		    "interfaces",
		    CAPTURE_INTERFACES_MAXIMUM);
		return NULL;
	}
	if (file->interface_count == capacity) {
		capacity = capacity == 0 ? 4 : capacity * 2;
		file->interfaces = reallocate(
		    file->interfaces, capacity, sizeof(file->interfaces[0]));
		file->interface_capacity = capacity;
	}
	return &file->interfaces[file->interface_count];
}

static void
interface_add(struct capture_file *file, const struct block *block)
{
	const uint8_t *at;
	struct capture_interface *interface;

	if (!block_load(file, block, INTERFACE_SIZE_MINIMUM))
		return;
	interface = interface_new(file);
	if (interface == NULL)
		return;
	at = file->at;
	*interface = (struct capture_interface){
	    .resolution = RESOLUTION_DEFAULT,
	    .snap_length = capture_u32(file, at + 12),
	    .link_type = capture_u16(file, at + 8),
	};
	if (!interface_options(
		file, interface, at + 16, at + block->size - 4)) {
		(void)capture_fail(file, CAPTURE_REMEDY_DAMAGED,
		    "the file is damaged: interface %" PRIu32
		    " has an option that cannot be",
		    file->interface_count);
		return;
	}
	interface_set_exact(interface);
	file->interface_count++;
	file->at += block->size;
}

/* Finds an interface of this section, or sets a fault. */
static const struct capture_interface *
interface_find(struct capture_file *file, uint32_t index)
{
	if (index < file->interface_count)
		return &file->interfaces[index];
	(void)capture_fail(file, CAPTURE_REMEDY_DAMAGED,
	    "the file is damaged: interface %" PRIu32 " of %" PRIu32, index,
	    file->interface_count);
	return NULL;
}

/* --- packets -------------------------------------------------------------- */

/* Hands out the packet that lies `header` octets into the block. */
static bool
packet_give(struct capture_file *file, const struct block *block,
    const struct capture_interface *interface, uint32_t header,
    struct packet *packet)
{
	/* The length at the block's end follows; block_load() saw to both. */
	uint32_t room = block->size - header - 4;

	if (packet->captured > room ||
	    packet->captured > CAPTURE_FILE_PACKET_MAXIMUM) {
		(void)capture_fail(file, CAPTURE_REMEDY_DAMAGED,
		    "the file is damaged: a packet of %" PRIu32
		    " octets in a block with room for %" PRIu32,
		    packet->captured, room);
		return false;
	}
	packet->octets = file->at + header;
	if (packet->length < packet->captured)
		packet->length = packet->captured;
	packet->at = file->last;
	packet->number = ++file->number;
	packet->interface =
	    file->interface_base + (uint32_t)(interface - file->interfaces);
	packet->link_type = interface->link_type;
	file->at += block->size;
	return true;
}

/* An enhanced packet block (section 4.3), or its forerunner (appendix A),
 * which keeps a counter in the upper half of the interface. */
static bool
packet_enhanced(
    struct capture_file *file, const struct block *block, struct packet *packet)
{
	const struct capture_interface *interface;
	const uint8_t *at;
	uint64_t ticks;

	if (!block_load(file, block, PACKET_SIZE_MINIMUM))
		return false;
	at = file->at;
	interface = interface_find(file, block->type == BLOCK_OLD_PACKET
					     ? capture_u16(file, at + 8)
					     : capture_u32(file, at + 8));
	if (interface == NULL)
		return false;
	ticks = (uint64_t)capture_u32(file, at + 12) << 32 |
		capture_u32(file, at + 16);
	packet->captured = capture_u32(file, at + 20);
	packet->length = capture_u32(file, at + 24);
	if (ticks < interface->exact_end)
		file->last.ns = (int64_t)(ticks * interface->tick);
	else
		file->last = interface_time(interface, ticks);
	return packet_give(file, block, interface, 28, packet);
}

/* A simple packet block (section 4.4): of the first interface, cut to its snap
 * length, without a time. */
static bool
packet_simple(
    struct capture_file *file, const struct block *block, struct packet *packet)
{
	const struct capture_interface *interface;

	if (!block_load(file, block, SIMPLE_SIZE_MINIMUM))
		return false;
	interface = interface_find(file, 0);
	if (interface == NULL)
		return false;
	packet->length = capture_u32(file, file->at + 8);
	packet->captured = packet->length;
	if (interface->snap_length > 0 &&
	    packet->captured > interface->snap_length)
		packet->captured = interface->snap_length;
	return packet_give(file, block, interface, 12, packet);
}

enum capture_status
capture_pcapng_next(struct capture_file *file, struct packet *packet)
{
	struct block block;
	bool given = false;

	while (!given && file->status == CAPTURE_PACKET &&
	       block_begin(file, &block)) {
		switch (block.type) {
		case BLOCK_ENHANCED_PACKET:
		case BLOCK_OLD_PACKET:
			given = packet_enhanced(file, &block, packet);
			break;
		case BLOCK_SIMPLE_PACKET:
			given = packet_simple(file, &block, packet);
			break;
		case BLOCK_SECTION:
			section_begin(file, &block);
			break;
		case BLOCK_INTERFACE:
			interface_add(file, &block);
			break;
		default:
			block_skip(file, &block);
		}
	}
	return file->status;
}
