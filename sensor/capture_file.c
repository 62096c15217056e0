#include "sensor/capture_file.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sensor/base/arena.h"
#include "sensor/byte_source.h"
#include "sensor/capture_file_parts.h"
#include "sensor/packet.h"

/* Files that people take for captures, by how they begin. */
struct mistaken {
	const char *magic;
	size_t size;
	const char *what, *remedy;
};

static const struct mistaken mistakens[] = {
    {"\xfd"
     "7zXZ",
	5, "compressed with xz",
	"unpack it with unxz, or pipe `xzcat` into `-`"},
    {"BZh", 3, "compressed with bzip2",
	"unpack it with bunzip2, or pipe `bzcat` into `-`"},
    {"\x04\x22\x4d\x18", 4, "compressed with lz4",
	"unpack it with unlz4, or pipe `lz4cat` into `-`"},
    {"\x1f\x8b", 2, "compressed twice", "unpack it once"},
    {"\x28\xb5\x2f\xfd", 4, "compressed twice", "unpack it once"},
    {"PK\x03\x04", 4, "a zip archive", "unpack it with unzip"},
    {"snoop", 5, "a snoop capture", CAPTURE_REMEDY_CONVERT},
    {"GMBU", 4, "a Network Monitor capture", CAPTURE_REMEDY_CONVERT},
    {"RTSS", 4, "an old Network Monitor capture", CAPTURE_REMEDY_CONVERT},
    {"TRSNIFF data", 12, "a Sniffer capture", CAPTURE_REMEDY_CONVERT},
};

/* --- the window ----------------------------------------------------------- */

bool
capture_fill(struct capture_file *file, size_t size)
{
	size_t left = (size_t)(file->end - file->at);
	uint8_t *target = file->window;

	assert(size <= CAPTURE_WINDOW_SIZE);
	file->window_offset += (uint64_t)(file->at - file->window);
	if (file->keep) {
		target = file->other;
		file->other = file->window;
		file->window = target;
		file->keep = false;
	}
	memmove(target, file->at, left);
	file->at = file->window;
	file->end = file->window + left;
	/* Only as often as needed: a pipe may have no more for a while. */
	while (left < size) {
		long got = byte_source_read(file->source, file->window + left,
		    CAPTURE_WINDOW_SIZE - left);

		if (got <= 0)
			return false;
		left += (size_t)got;
		file->end = file->window + left;
	}
	return true;
}

bool
capture_skip(struct capture_file *file, uint64_t size)
{
	for (;;) {
		size_t left = (size_t)(file->end - file->at);

		if (size <= left)
			break;
		size -= left;
		file->at = file->end;
		if (!capture_has(file, 1))
			return false;
	}
	file->at += size;
	return true;
}

/* --- ends ----------------------------------------------------------------- */

/* Begins a fault with where it is; returns the length. */
static size_t
fault_place(struct capture_file *file)
{
	uint64_t offset =
	    file->window_offset + (uint64_t)(file->at - file->window);
	bool packed = byte_source_packing(file->source) != NULL;

	if (!file->began)
		return 0;
	return (size_t)snprintf(file->fault, sizeof(file->fault),
	    "packet %" PRIu64 " at octet %" PRIu64 "%s: ", file->number + 1,
	    offset, packed ? " of what is unpacked" : "");
}

/* Ends a fault with what can still be relied on. */
static enum capture_status
fault_end(struct capture_file *file, size_t length)
{
	if (file->began && length < sizeof(file->fault))
		snprintf(file->fault + length, sizeof(file->fault) - length,
		    "; what came before it has been read");
	return file->status = CAPTURE_FAULT;
}

enum capture_status
capture_fail(
    struct capture_file *file, const char *remedy, const char *format, ...)
{
	char what[200];
	size_t length = fault_place(file);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	length += (size_t)snprintf(file->fault + length,
	    sizeof(file->fault) - length, "%s; %s", what, remedy);
	return fault_end(file, length);
}

enum capture_status
capture_run_out(struct capture_file *file, bool between)
{
	const char *fault = byte_source_fault(file->source);
	size_t length;

	if (fault[0] == '\0') {
		if (between && file->at == file->end)
			return file->status = CAPTURE_END;
		return capture_fail(
		    file, CAPTURE_REMEDY_CUT, "the file is cut short");
	}
	length = fault_place(file);
	length += (size_t)snprintf(
	    file->fault + length, sizeof(file->fault) - length, "%s", fault);
	return fault_end(file, length);
}

/* --- opening -------------------------------------------------------------- */

/* What a file is taken for that begins so, or NULL. */
static const struct mistaken *
mistaken_for(const uint8_t *start, size_t size)
{
	for (size_t i = 0; i < sizeof(mistakens) / sizeof(mistakens[0]); i++) {
		const struct mistaken *m = &mistakens[i];

		if (size >= m->size && memcmp(start, m->magic, m->size) == 0)
			return m;
	}
	return NULL;
}

/* Says what a file is that neither reader knows. */
static void
fail_unknown(struct capture_file *file)
{
	const struct mistaken *m =
	    mistaken_for(file->at, (size_t)(file->end - file->at));

	if (m != NULL)
		(void)capture_fail(file, m->remedy, "it is %s", m->what);
	else
		(void)capture_fail(file,
		    "pcap and pcapng are read: convert it with `editcap -F "
		    "pcapng IN "
		    "OUT` if it is another kind of capture",
		    "it is no capture that is known");
}

/* pcapng's magic is 4 octets, its byte order the 4 after the block length. */
static bool
is_pcapng(const uint8_t start[CAPTURE_FILE_START])
{
	static const uint8_t order[] = {0x1a, 0x2b, 0x3c, 0x4d};
	static const uint8_t swapped[] = {0x4d, 0x3c, 0x2b, 0x1a};

	return memcmp(start, "\n\r\r\n", 4) == 0 &&
	       (memcmp(start + 8, order, sizeof(order)) == 0 ||
		   memcmp(start + 8, swapped, sizeof(swapped)) == 0);
}

bool
capture_file_is_foreign(const uint8_t *start, size_t size)
{
	bool pcapng = size >= CAPTURE_FILE_START && is_pcapng(start);

	return !pcapng && !capture_pcap_begins(start, size) &&
	       mistaken_for(start, size) == NULL;
}

/* Chooses the reader by how the file begins. */
static bool
file_begin(struct capture_file *file)
{
	bool whole = capture_has(file, CAPTURE_FILE_START);

	if (!whole && (file->at == file->end ||
			  byte_source_fault(file->source)[0] != '\0')) {
		if (capture_run_out(file, true) == CAPTURE_END)
			(void)capture_fail(file, "capture again",
			    "it is empty: not even a capture header was "
			    "written");
		return false;
	}
	if (whole && is_pcapng(file->at)) {
		file->next = capture_pcapng_next;
	} else if (capture_pcap_open(file)) {
		file->next = capture_pcap_next;
	} else {
		if (file->status == CAPTURE_PACKET)
			fail_unknown(file);
		return false;
	}
	file->began = true;
	return true;
}

struct capture_file *
capture_file_open(
    struct byte_source *source, char fault[CAPTURE_FILE_FAULT_SIZE])
{
	struct capture_file *file = allocate(1, sizeof(*file));

	file->source = source;
	file->window = allocate(CAPTURE_WINDOW_SIZE, 1);
	file->other = allocate(CAPTURE_WINDOW_SIZE, 1);
	file->at = file->end = file->window;
	if (file_begin(file))
		return file;
	memcpy(fault, file->fault, sizeof(file->fault));
	capture_file_close(file);
	return NULL;
}

void
capture_file_close(struct capture_file *file)
{
	if (file == NULL)
		return;
	byte_source_close(file->source);
	free(file->interfaces);
	free(file->window);
	free(file->other);
	free(file);
}

enum capture_status
capture_file_next(struct capture_file *file, struct packet *packet)
{
	if (file->status != CAPTURE_PACKET)
		return file->status;
	return file->next(file, packet);
}

void
capture_file_keep(struct capture_file *file)
{
	file->keep = true;
}

bool
capture_file_link_type(const struct capture_file *file, int *link_type)
{
	if (file->next != capture_pcap_next)
		return false;
	*link_type = file->link_type;
	return true;
}

const char *
capture_file_fault(const struct capture_file *file)
{
	return file->fault;
}

const struct byte_source *
capture_file_source(const struct capture_file *file)
{
	return file->source;
}

const char *
capture_file_interface_name(const struct capture_file *file, uint32_t interface)
{
	uint32_t index = interface - file->interface_base;

	if (index >= file->interface_count)
		return "";
	return file->interfaces[index].name;
}
