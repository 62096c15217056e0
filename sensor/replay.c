#include "sensor/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/byte_source.h"
#include "sensor/capture_file.h"
#include "sensor/packet.h"

/* Link types that one filter is compiled for; a pcapng file that has more is
 * not made by a capture. */
#define PROGRAMS_MAXIMUM 32

/* The path's share of a fault. */
#define PATH_SIZE 161

#define LINK_ETHERNET    1
#define LINK_SLL2        276
#define LINK_RAW         101
#define LINK_RAW_OPENBSD 14

/* A filter as it is for one link type. */
struct program {
	int link_type;
	bool usable; /* `code` is compiled */
	struct bpf_program code;
};

struct replay {
	struct capture_file *file; /* owned */
	char *filter;              /* owned; NULL for every packet */
	struct program programs[PROGRAMS_MAXIMUM];
	size_t program_count;
	size_t program_last; /* the one that was used last */
	uint64_t left_out;   /* packets for which there is no program */
	int left_out_link;   /* the link type of the first of them */
	char path[PATH_SIZE];
	char fault[REPLAY_FAULT_SIZE];
};

/* --- link types ----------------------------------------------------------- */

/*
 * A libpcap handle for a link type, to be closed by pcap_close().
 *
 * It reads a file without packets.  pcap_open_dead() would be taken for a live
 * interface: `inbound` on Ethernet would not be refused, but never match.  It
 * would also want libpcap's own numbers (DLT_), which are not those in files.
 *
 * message    gets libpcap's words when NULL is returned
 */
static pcap_t *
link_open(int link_type, char message[PCAP_ERRBUF_SIZE])
{
	struct pcap_file_header header = {
	    .magic = 0xa1b2c3d4,
	    .version_major = 2,
	    .version_minor = 4,
	    .snaplen = CAPTURE_FILE_PACKET_MAXIMUM,
	    .linktype = (bpf_u_int32)link_type,
	};
	FILE *file;
	pcap_t *pcap;

	if (link_type == LINK_RAW_OPENBSD)
		header.linktype = LINK_RAW;
	file = fmemopen(&header, sizeof(header), "rb");
	if (file == NULL) {
		snprintf(message, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
		return NULL;
	}
	pcap = pcap_fopen_offline(file, message);
	if (pcap == NULL)
		fclose(file);
	return pcap;
}

const char *
replay_link_name(int link_type)
{
	char message[PCAP_ERRBUF_SIZE];
	const char *name = NULL;
	pcap_t *pcap;

	pcap = link_open(link_type, message);
	if (pcap != NULL) {
		name = pcap_datalink_val_to_name(pcap_datalink(pcap));
		pcap_close(pcap);
	}
	return name == NULL ? "unknown" : name;
}

/* --- filters -------------------------------------------------------------- */

/*
 * Compiles a filter for one link type.
 *
 * message    gets libpcap's words when false is returned
 */
static bool
program_compile(
    struct program *program, const char *filter, char message[PCAP_ERRBUF_SIZE])
{
	pcap_t *pcap = link_open(program->link_type, message);

	if (pcap == NULL)
		return false;
	program->usable = pcap_compile(pcap, &program->code, filter, 1,
			      PCAP_NETMASK_UNKNOWN) == 0;
	if (!program->usable)
		snprintf(message, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return program->usable;
}

/* The filter for a link type, compiled when it is first seen; NULL when there
 * are too many. */
static const struct program *
replay_program(struct replay *replay, int link_type)
{
	char message[PCAP_ERRBUF_SIZE];
	struct program *program = &replay->programs[replay->program_last];

	if (replay->program_count > 0 && program->link_type == link_type)
		return program;
	for (size_t i = 0; i < replay->program_count; i++) {
		if (replay->programs[i].link_type != link_type)
			continue;
		replay->program_last = i;
		return &replay->programs[i];
	}
	if (replay->program_count == PROGRAMS_MAXIMUM)
		return NULL;
	replay->program_last = replay->program_count++;
	program = &replay->programs[replay->program_last];
	program->link_type = link_type;
	(void)program_compile(program, replay->filter, message);
	return program;
}

static bool
replay_passes(struct replay *replay, const struct packet *packet)
{
	const struct program *program =
	    replay_program(replay, packet->link_type);
	/* The filter sees the lengths alone. */
	const struct pcap_pkthdr header = {
	    .caplen = packet->captured,
	    .len = packet->length,
	};

	if (program == NULL || !program->usable) {
		if (replay->left_out++ == 0)
			replay->left_out_link = packet->link_type;
		return false;
	}
	return pcap_offline_filter(&program->code, &header, packet->octets) !=
	       0;
}

/*
 * Says before the first packet what is wrong with a filter.  Interfaces of
 * pcapng files are not known then; Ethernet stands for them, and then Linux
 * cooked captures, on which alone filters such as `inbound` work.
 */
static bool
replay_check_filter(const struct replay *replay, char fault[REPLAY_FAULT_SIZE])
{
	char message[PCAP_ERRBUF_SIZE] = "", ignored[PCAP_ERRBUF_SIZE];
	struct program program = {.link_type = LINK_ETHERNET};
	bool known = capture_file_link_type(replay->file, &program.link_type);
	int named = program.link_type;
	bool good = program_compile(&program, replay->filter, message);

	if (!good && !known) {
		program.link_type = LINK_SLL2;
		good = program_compile(&program, replay->filter, ignored);
	}
	if (good) {
		pcap_freecode(&program.code);
		return true;
	}
	snprintf(fault, REPLAY_FAULT_SIZE,
	    "%s: the filter `%.100s` is not understood for link type %s "
	    "(%d): %.200s; see pcap-filter(7)",
	    replay->path, replay->filter, replay_link_name(named), named,
	    message);
	return false;
}

/* --- the source ----------------------------------------------------------- */

static bool
replay_open_file(
    struct replay *replay, const char *path, char fault[REPLAY_FAULT_SIZE])
{
	char why[CAPTURE_FILE_FAULT_SIZE] = "";
	struct byte_source *source = byte_source_open(path, why);

	if (source != NULL)
		replay->file = capture_file_open(source, why);
	if (replay->file != NULL)
		return true;
	snprintf(fault, REPLAY_FAULT_SIZE, "%s: %s", replay->path, why);
	return false;
}

struct replay *
replay_open(const char *path, const char *filter, char fault[REPLAY_FAULT_SIZE])
{
	struct replay *replay = allocate(1, sizeof(*replay));
	size_t size;

	snprintf(replay->path, sizeof(replay->path), "%s", path);
	if (filter != NULL) {
		size = strlen(filter) + 1;
		replay->filter = allocate(size, 1);
		memcpy(replay->filter, filter, size);
	}
	if (!replay_open_file(replay, path, fault) ||
	    (filter != NULL && !replay_check_filter(replay, fault))) {
		replay_close(replay);
		return NULL;
	}
	return replay;
}

bool
replay_is_foreign(const char *path)
{
	char why[BYTE_SOURCE_FAULT_SIZE];
	uint8_t start[CAPTURE_FILE_START];
	size_t size = 0;
	struct byte_source *source = byte_source_open(path, why);

	if (source == NULL)
		return false;
	while (size < sizeof(start)) {
		long got = byte_source_read(
		    source, start + size, sizeof(start) - size);

		if (got <= 0)
			break;
		size += (size_t)got;
	}
	byte_source_close(source);
	return capture_file_is_foreign(start, size);
}

void
replay_close(struct replay *replay)
{
	if (replay == NULL)
		return;
	for (size_t i = 0; i < replay->program_count; i++) {
		if (replay->programs[i].usable)
			pcap_freecode(&replay->programs[i].code);
	}
	capture_file_close(replay->file);
	free(replay->filter);
	free(replay);
}

/* Says how the file has ended, and whether the filter could do its work. */
static enum replay_status
replay_finish(struct replay *replay, enum capture_status status)
{
	if (status == CAPTURE_FAULT) {
		snprintf(replay->fault, sizeof(replay->fault), "%s: %s",
		    replay->path, capture_file_fault(replay->file));
		return REPLAY_FAULT;
	}
	if (replay->left_out == 0)
		return REPLAY_END;
	snprintf(replay->fault, sizeof(replay->fault),
	    "%s: the filter `%.100s` means nothing on link type %s (%d), and "
	    "%" PRIu64 " packets of such interfaces were left out; see "
	    "pcap-filter(7)",
	    replay->path, replay->filter,
	    replay_link_name(replay->left_out_link), replay->left_out_link,
	    replay->left_out);
	return REPLAY_FAULT;
}

/* Takes the next packet that passes the filter there is.  Not inlined, so that
 * packets without a filter do not pay for it. */
static __attribute__((noinline)) enum replay_status
replay_next_filtered(struct replay *replay, struct packet *packet)
{
	enum capture_status status;

	do
		status = capture_file_next(replay->file, packet);
	while (status == CAPTURE_PACKET && !replay_passes(replay, packet));
	return status == CAPTURE_PACKET ? REPLAY_PACKET
					: replay_finish(replay, status);
}

enum replay_status
replay_next(struct replay *replay, struct packet *packet)
{
	enum capture_status status;

	capture_file_keep(replay->file);
	if (replay->filter != NULL)
		return replay_next_filtered(replay, packet);
	status = capture_file_next(replay->file, packet);
	return status == CAPTURE_PACKET ? REPLAY_PACKET
					: replay_finish(replay, status);
}

const char *
replay_fault(const struct replay *replay)
{
	return replay->fault;
}

void
replay_progress(const struct replay *replay, uint64_t *done, uint64_t *total)
{
	byte_source_progress(capture_file_source(replay->file), done, total);
}

const char *
replay_interface_name(const struct replay *replay, uint32_t interface)
{
	const char *name = capture_file_interface_name(replay->file, interface);
	const char *slash = strrchr(replay->path, '/');

	if (name[0] != '\0')
		return name;
	return slash == NULL ? replay->path : slash + 1;
}
