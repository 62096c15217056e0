/*
 * capture_file -- takes packets out of the octets of a pcap or pcapng file.
 *
 * Reads large pieces and hands packets out where they lie.  Trusts no length
 * in the file; memory is bounded whatever they say.  Formats are those of
 * draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.  Does not filter.
 */
#ifndef SENSOR_CAPTURE_FILE_H
#define SENSOR_CAPTURE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct byte_source;
struct capture_file; /* opaque */
struct packet;

#define CAPTURE_FILE_FAULT_SIZE 448

/* The largest packet there can be: tcpdump's largest snap length. */
#define CAPTURE_FILE_PACKET_MAXIMUM 262144

enum capture_status {
	CAPTURE_PACKET, /* *packet is the next one */
	CAPTURE_END,    /* the file ended as it should */
	CAPTURE_FAULT,  /* the file is cut short or corrupt here */
};

/*
 * Reads how a capture begins.
 *
 * source     owned from now on, whatever is returned
 * fault      gets what is wrong and what would help, when NULL is returned;
 *            no path is in it
 * returns    an owned file for capture_file_close(), or NULL
 */
struct capture_file *capture_file_open(
    struct byte_source *source, char fault[CAPTURE_FILE_FAULT_SIZE]);

/*
 * Whether what begins so is no capture, nor anything that people take for one:
 * a note beside captures, say.
 */
bool capture_file_is_foreign(const uint8_t *start, size_t size);

/* Octets of the start that tell. */
#define CAPTURE_FILE_START 12

/* Closes the file and its source; NULL is allowed. */
void capture_file_close(struct capture_file *file);

/*
 * Takes the next packet; its octets stay where they are until the next call, or
 * longer: see capture_file_keep().
 *
 * A packet without a time (pcapng's simple packet block) has that of the
 * packet before it.  After the end or a fault, every call says so again.
 */
enum capture_status capture_file_next(
    struct capture_file *file, struct packet *packet);

/* What was given out stays where it is until this is called again. */
void capture_file_keep(struct capture_file *file);

/* The one link type of a pcap file; false for pcapng, which may have many. */
bool capture_file_link_type(const struct capture_file *file, int *link_type);

/*
 * The name that the file states for an interface of the packet that came last,
 * by packet->interface; "" when it states none.  Borrowed until the next call.
 */
const char *capture_file_interface_name(
    const struct capture_file *file, uint32_t interface);

/* What the fault was and what would help; names the packet and the octet. */
const char *capture_file_fault(const struct capture_file *file);

/* Where the octets come from, borrowed. */
const struct byte_source *capture_file_source(const struct capture_file *file);

#endif
