#include "sensor/replay.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/packet.h"

/* LINKTYPE_RAW; libpcap calls it 12 or 14, by the system. */
#define LINKTYPE_RAW 101

/* libpcap reads through stdio, whose own 4 KiB make a system call for every
 * few packets. */
#define READ_BUFFER_SIZE ((size_t)1024 * 1024)

struct replay {
	pcap_t *pcap; /* owns `file` */
	FILE *file;   /* borrowed from pcap */
	char *buffer; /* of `file`; must outlive it */
	struct bpf_program program;
	bool filtered; /* `program` is compiled */
	int link_type;
	enum replay_status status; /* REPLAY_PACKET until the file has ended */
	uint64_t number;
	uint64_t octets; /* of records, for where the file has no offset */
	uint64_t total;
	char fault[REPLAY_FAULT_SIZE];
};

/* Files that people take for captures, by how they begin. */
struct mistaken {
	const char *magic;
	size_t size;
	const char *what, *remedy;
};

static const struct mistaken mistakens[] = {
    {"\x1f\x8b", 2, "compressed with gzip",
	"unpack it with gunzip, or pipe `gunzip -c` into `-`"},
    {"\x28\xb5\x2f\xfd", 4, "compressed with zstd",
	"unpack it with unzstd, or pipe `zstdcat` into `-`"},
    {"\xfd"
     "7zXZ",
	5, "compressed with xz",
	"unpack it with unxz, or pipe `xzcat` into `-`"},
    {"BZh", 3, "compressed with bzip2",
	"unpack it with bunzip2, or pipe `bzcat` into `-`"},
    {"PK\x03\x04", 4, "a zip archive", "unpack it with unzip"},
    {"snoop", 5, "a snoop capture", "convert it with `editcap -F pcap IN OUT`"},
    {"GMBU", 4, "a Network Monitor capture",
	"convert it with `editcap -F pcap IN OUT`"},
};

/* What libpcap says, and what helps.  Its texts are its only error codes. */
struct remedy {
	const char *says, *remedy;
};

static const struct remedy remedies[] = {
    {"has a type",
	"one link type per file can be read: keep one interface with "
	"`tshark -r IN -Y 'frame.interface_id == 0' -w PART` and `editcap -F "
	"pcap -T ether PART OUT`, or capture each into its own file"},
    {"has a snapshot length",
	"one snap length per file can be read: convert it with `editcap -F "
	"pcap IN OUT`"},
    {"truncated",
	"the file is cut short: copy it again, or wait until the capture has "
	"ended"},
    {"unknown file format",
	"pcap and pcapng are read: convert it with `editcap -F pcap IN OUT` "
	"if it is another kind of capture"},
};

static const char *
remedy_for(const char *message)
{
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
		if (strstr(message, remedies[i].says) != NULL)
			return remedies[i].remedy;
	}
	return "the file is damaged here: copy it again from its source";
}

/* Opens for reading; standard input as a duplicate, so it can be closed. */
static FILE *
replay_file(const char *path)
{
	FILE *file;
	int fd;

	if (strcmp(path, "-") != 0)
		return fopen(path, "rbe");
	fd = dup(STDIN_FILENO);
	if (fd < 0)
		return NULL;
	file = fdopen(fd, "rb");
	if (file == NULL)
		close(fd);
	return file;
}

/* Says why `path` could not be opened, from an errno. */
static void
fault_errno(const char *path, int error, char fault[REPLAY_FAULT_SIZE])
{
	const char *remedy = "check the name";

	if (error == EACCES)
		remedy = "its owner must let this user read it";
	else if (error == EISDIR)
		remedy = "name the capture files in it one by one";
	snprintf(fault, REPLAY_FAULT_SIZE, "%.160s: cannot open it: %s; %s",
	    path, strerror(error), remedy);
}

/*
 * Looks at the start of a regular file before libpcap does, which only says
 * that it does not know it.
 *
 * returns    false with `fault` set when it is no capture for sure
 */
static bool
replay_check(const char *path, FILE *file, uint64_t *total,
    char fault[REPLAY_FAULT_SIZE])
{
	struct stat status;
	char start[8] = {0};

	if (fstat(fileno(file), &status) != 0 || S_ISDIR(status.st_mode)) {
		fault_errno(path, EISDIR, fault);
		return false;
	}
	if (!S_ISREG(status.st_mode))
		return true;
	*total = (uint64_t)status.st_size;
	if (status.st_size == 0) {
		snprintf(fault, REPLAY_FAULT_SIZE,
		    "%.160s: the file is empty: not even a capture header was "
		    "written; capture again",
		    path);
		return false;
	}
	if (pread(fileno(file), start, sizeof(start), 0) <= 0)
		return true;
	for (size_t i = 0; i < sizeof(mistakens) / sizeof(mistakens[0]); i++) {
		const struct mistaken *m = &mistakens[i];

		if (memcmp(start, m->magic, m->size) != 0)
			continue;
		snprintf(fault, REPLAY_FAULT_SIZE, "%.160s: the file is %s: %s",
		    path, m->what, m->remedy);
		return false;
	}
	return true;
}

/* Hands the open file to libpcap, which then owns it. */
static bool
replay_begin(struct replay *replay, const char *path, FILE *file,
    char fault[REPLAY_FAULT_SIZE])
{
	char message[PCAP_ERRBUF_SIZE] = "";

	replay->buffer = allocate(READ_BUFFER_SIZE, 1);
	setvbuf(file, replay->buffer, _IOFBF, READ_BUFFER_SIZE);
	replay->pcap = pcap_fopen_offline_with_tstamp_precision(
	    file, PCAP_TSTAMP_PRECISION_NANO, message);
	if (replay->pcap == NULL) {
		fclose(file);
		/* A pipe cannot be looked at beforehand. */
		if (strstr(message, "only got 0") != NULL)
			snprintf(fault, REPLAY_FAULT_SIZE,
			    "%.160s: the input is empty: nothing was written "
			    "to it",
			    path);
		else
			snprintf(fault, REPLAY_FAULT_SIZE, "%.160s: %s; %s",
			    path, message, remedy_for(message));
		return false;
	}
	replay->file = file;
	replay->link_type = pcap_datalink(replay->pcap);
	if (replay->link_type == DLT_RAW)
		replay->link_type = LINKTYPE_RAW;
	return true;
}

static bool
replay_filter(struct replay *replay, const char *path, const char *filter,
    char fault[REPLAY_FAULT_SIZE])
{
	if (filter == NULL)
		return true;
	if (pcap_compile(replay->pcap, &replay->program, filter, 1,
		PCAP_NETMASK_UNKNOWN) != 0) {
		snprintf(fault, REPLAY_FAULT_SIZE,
		    "%.160s: the filter `%.100s` is not understood for link "
		    "type "
		    "%s: %s; see pcap-filter(7)",
		    path, filter, replay_link_name(replay->link_type),
		    pcap_geterr(replay->pcap));
		return false;
	}
	replay->filtered = true;
	return true;
}

struct replay *
replay_open(const char *path, const char *filter, char fault[REPLAY_FAULT_SIZE])
{
	struct replay *replay;
	FILE *file = replay_file(path);

	if (file == NULL) {
		fault_errno(path, errno, fault);
		return NULL;
	}
	replay = allocate(1, sizeof(*replay));
	if (!replay_check(path, file, &replay->total, fault)) {
		fclose(file);
		replay_close(replay);
		return NULL;
	}
	if (!replay_begin(replay, path, file, fault) ||
	    !replay_filter(replay, path, filter, fault)) {
		replay_close(replay);
		return NULL;
	}
	return replay;
}

void
replay_close(struct replay *replay)
{
	if (replay == NULL)
		return;
	if (replay->filtered)
		pcap_freecode(&replay->program);
	if (replay->pcap != NULL)
		pcap_close(replay->pcap);
	free(replay->buffer);
	free(replay);
}

/*
 * The time of a record.  A pcapng file can state seconds that nanoseconds in
 * 64 bits cannot hold; such times become the nearest that they can.
 */
static struct instant
replay_instant(const struct timeval *at)
{
	int64_t seconds = at->tv_sec;
	int64_t last = INT64_MAX / NS_PER_SECOND - 1;

	if (seconds < 0)
		return (struct instant){0};
	if (seconds > last)
		seconds = last;
	/* nanoseconds, as asked for at opening, under an old name */
	return (struct instant){seconds * NS_PER_SECOND + at->tv_usec};
}

/* Ends the file at the record that libpcap could not read. */
static enum replay_status
replay_fail(struct replay *replay)
{
	const char *message = pcap_geterr(replay->pcap);

	snprintf(replay->fault, sizeof(replay->fault),
	    "packet %llu: %s; %s; what came before it has been read",
	    (unsigned long long)replay->number + 1, message,
	    remedy_for(message));
	return replay->status = REPLAY_FAULT;
}

enum replay_status
replay_next(struct replay *replay, struct packet *packet)
{
	struct pcap_pkthdr *header;
	const uint8_t *octets;

	while (replay->status == REPLAY_PACKET) {
		int result = pcap_next_ex(replay->pcap, &header, &octets);

		if (result == PCAP_ERROR_BREAK)
			return replay->status = REPLAY_END;
		if (result != 1)
			return replay_fail(replay);
		replay->number++;
		replay->octets += header->caplen;
		/* Not pcap_setfilter(): it would hide how many packets did
		 * not pass, and the numbers would not be Wireshark's. */
		if (replay->filtered &&
		    pcap_offline_filter(&replay->program, header, octets) == 0)
			continue;
		*packet = (struct packet){
		    .octets = octets,
		    .captured = header->caplen,
		    .length = header->len < header->caplen ? header->caplen
							   : header->len,
		    .at = replay_instant(&header->ts),
		    .number = replay->number,
		    .link_type = replay->link_type,
		};
		return REPLAY_PACKET;
	}
	return replay->status;
}

const char *
replay_fault(const struct replay *replay)
{
	return replay->fault;
}

void
replay_progress(const struct replay *replay, uint64_t *done, uint64_t *total)
{
	off_t offset = ftello(replay->file);

	*done = offset < 0 ? replay->octets : (uint64_t)offset;
	*total = replay->total;
}

const char *
replay_link_name(int link_type)
{
	int value = link_type == LINKTYPE_RAW ? DLT_RAW : link_type;
	const char *name = pcap_datalink_val_to_name(value);

	return name == NULL ? "unknown" : name;
}
