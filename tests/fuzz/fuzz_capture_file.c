/*
 * Reads octets as a whole capture file, packed or not: once in large pieces
 * and once in small ones, which must come to the same.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sensor/byte_source.h"
#include "sensor/capture_file.h"
#include "sensor/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Compressed, an input can hold more than there is time to look at. */
#define PACKETS_MAXIMUM  20000
#define UNPACKED_MAXIMUM ((size_t)64 * 1024 * 1024)

/* FNV-1a (Fowler, Noll, Vo). */
static uint64_t
digest_add(uint64_t digest, const void *octets, size_t size)
{
	const uint8_t *at = octets;

	for (size_t i = 0; i < size; i++)
		digest = (digest ^ at[i]) * UINT64_C(0x100000001b3);
	return digest;
}

/* All that a packet says; reading its octets shows them to a sanitizer. */
static uint64_t
digest_packet(uint64_t digest, const struct packet *packet)
{
	assert(packet->captured <= packet->length);
	assert(packet->captured <= CAPTURE_FILE_PACKET_MAXIMUM);
	assert(packet->at.ns >= 0);
	digest = digest_add(digest, packet->octets, packet->captured);
	digest = digest_add(digest, &packet->length, sizeof(packet->length));
	digest = digest_add(digest, &packet->at, sizeof(packet->at));
	return digest_add(
	    digest, &packet->link_type, sizeof(packet->link_type));
}

/* Reads a file in pieces of `most`; returns a digest of all that came. */
static uint64_t
digest_file(const uint8_t *data, size_t size, size_t most)
{
	char fault[CAPTURE_FILE_FAULT_SIZE] = "";
	uint64_t digest = UINT64_C(0xcbf29ce484222325), number = 0;
	struct byte_source *source =
	    byte_source_memory(data, size, most, fault);
	enum capture_status status;
	struct capture_file *file;
	struct packet packet;

	assert(source != NULL);
	file = capture_file_open(source, fault);
	if (file == NULL) {
		assert(strlen(fault) > 0);
		return digest_add(digest, fault, strlen(fault));
	}
	do {
		status = capture_file_next(file, &packet);
		if (status != CAPTURE_PACKET)
			break;
		assert(packet.number == ++number);
		digest = digest_packet(digest, &packet);
	} while (number < PACKETS_MAXIMUM);
	if (status == CAPTURE_FAULT)
		digest = digest_add(digest, capture_file_fault(file),
		    strlen(capture_file_fault(file)));
	capture_file_close(file);
	return digest_add(digest, &status, sizeof(status));
}

/* Whether all of it can be unpacked.  How much comes out of a damaged stream
 * before its fault is up to the libraries, and may differ with the pieces. */
static bool
is_sound(const uint8_t *data, size_t size)
{
	char fault[BYTE_SOURCE_FAULT_SIZE];
	uint8_t out[4096];
	struct byte_source *source = byte_source_memory(data, size, 0, fault);
	size_t count = 0;
	long got;

	assert(source != NULL);
	do {
		got = byte_source_read(source, out, sizeof(out));
		count += got > 0 ? (size_t)got : 0;
	} while (got > 0 && count < UNPACKED_MAXIMUM);
	byte_source_close(source);
	return got >= 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *octets = size == 0 ? (const uint8_t *)"" : data;
	uint64_t whole = digest_file(octets, size, 0);
	uint64_t pieces = digest_file(octets, size, 13);

	assert(whole == pieces || !is_sound(octets, size));
	return 0;
}
