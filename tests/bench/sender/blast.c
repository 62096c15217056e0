/*
 * blast -- sends a capture into an interface, over and over, as fast as it is
 * told or as it can.
 *
 *   blast INTERFACE CAPTURE [--pps N] [--packets N] [--seconds N] [--same]
 *   blast - CAPTURE [--rounds N] [--every SECONDS] [--same]
 *
 * Each time round IPv4 addresses are others, in the same way for both ends, so
 * that flows are new ones; checksums follow (RFC 1624).  --same leaves them.
 * Frames are in memory, go past the queueing discipline, and many at a time.
 * Ends on SIGTERM, too; prints what was sent as JSON.  Only for interfaces of
 * one's own namespaces.
 *
 * To "-" it writes a capture of so many rounds, each beginning so many seconds
 * after the one before.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <pcap/pcap.h>

#define BATCH 64

/* Of pauses: shorter ones cost more than they are worth. */
#define PAUSE_NS 100000

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

struct frame {
	uint8_t *octets;
	int64_t at_us;         /* since the first */
	uint32_t size, length; /* captured, on the wire */
	uint32_t addresses;    /* where they are; 0: not IPv4 */
	uint32_t transport;    /* where its checksum is; 0: none */
};

struct blast {
	int socket;
	struct frame *frames;
	size_t count, capacity;
	uint64_t pps, packets, rounds;
	double seconds, every;
	int64_t begin_us; /* of the capture */
	bool same;
	uint32_t round;
	uint64_t sent, octets, refused;
};

static double
now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* --- the capture ---------------------------------------------------------- */

static uint32_t
two_octets(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

/* Where the transport's checksum is; a UDP checksum of 0 is none. */
static uint32_t
find_checksum(const uint8_t *octets, uint32_t size, uint32_t ip)
{
	uint32_t transport = ip + (octets[ip] & 15U) * 4;
	uint32_t fragment = two_octets(octets + ip + 6) & 0x1fff;

	if (fragment != 0 || size < transport + 20)
		return 0;
	if (octets[ip + 9] == PROTOCOL_TCP)
		return transport + 16;
	if (octets[ip + 9] == PROTOCOL_UDP &&
	    two_octets(octets + transport + 6) != 0)
		return transport + 6;
	return 0;
}

static void
look_into(struct frame *frame)
{
	const uint32_t ip = 14;

	if (frame->size < ip + 20 ||
	    two_octets(frame->octets + 12) != ETHERTYPE_IP)
		return;
	frame->addresses = ip + 12;
	frame->transport = find_checksum(frame->octets, frame->size, ip);
}

static void
add(struct blast *blast, const struct pcap_pkthdr *header, const u_char *octets)
{
	struct frame *frame;

	if (blast->count == blast->capacity) {
		blast->capacity = blast->capacity * 2 + 1024;
		blast->frames = realloc(
		    blast->frames, blast->capacity * sizeof(*blast->frames));
	}
	frame = blast->frames == NULL ? NULL : &blast->frames[blast->count++];
	if (frame == NULL)
		abort();
	*frame = (struct frame){
	    .size = header->caplen,
	    .length = header->len,
	    .at_us = (int64_t)header->ts.tv_sec * 1000000 + header->ts.tv_usec,
	};
	if (blast->count == 1)
		blast->begin_us = frame->at_us;
	frame->at_us -= blast->begin_us;
	frame->octets = malloc(header->caplen + 1);
	if (frame->octets == NULL)
		abort();
	memcpy(frame->octets, octets, header->caplen);
	look_into(frame);
}

static bool
load(struct blast *blast, const char *path)
{
	char fault[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, fault);
	struct pcap_pkthdr *header;
	const u_char *octets;

	if (pcap == NULL) {
		(void)fprintf(stderr, "blast: %s\n", fault);
		return false;
	}
	while (pcap_next_ex(pcap, &header, &octets) == 1)
		add(blast, header, octets);
	pcap_close(pcap);
	return blast->count > 0;
}

/* --- other addresses ------------------------------------------------------ */

/* RFC 1624, equation 3: what was there goes out, what comes goes in. */
static void
amend(uint8_t *checksum, uint32_t was, uint32_t is)
{
	uint32_t sum = (~two_octets(checksum) & 0xffff) + (~was & 0xffff) + is;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	checksum[0] = (uint8_t)(sum >> 8);
	checksum[1] = (uint8_t)sum;
}

/*
 * The two octets in the middle count up: the network's first octet stays, and
 * the last, which tells the hosts of most made-up networks apart.
 */
static void
move_on(struct frame *frame, uint32_t at)
{
	uint8_t *address = frame->octets + at;
	uint32_t first = two_octets(address), second = two_octets(address + 2);
	uint32_t middle = two_octets(address + 1) + 1;
	uint8_t *checksums[2] = {frame->octets + 14 + 10,
	    frame->transport == 0 ? NULL : frame->octets + frame->transport};

	address[1] = (uint8_t)(middle >> 8);
	address[2] = (uint8_t)middle;
	for (int i = 0; i < 2; i++) {
		if (checksums[i] == NULL)
			continue;
		amend(checksums[i], first, two_octets(address));
		amend(checksums[i], second, two_octets(address + 2));
	}
}

static void
prepare(const struct blast *blast, struct frame *frame)
{
	if (blast->same || blast->round == 0 || frame->addresses == 0)
		return;
	move_on(frame, frame->addresses);
	move_on(frame, frame->addresses + 4);
}

/* --- sending -------------------------------------------------------------- */

static bool
open_socket(struct blast *blast, const char *interface)
{
	struct sockaddr_ll address = {
	    .sll_family = AF_PACKET,
	    .sll_ifindex = (int)if_nametoindex(interface),
	};
	const int one = 1, buffer = 16 << 20;

	blast->socket = socket(AF_PACKET, SOCK_RAW, 0);
	if (blast->socket < 0 || address.sll_ifindex == 0 ||
	    bind(blast->socket, (void *)&address, sizeof(address)) != 0) {
		(void)fprintf(
		    stderr, "blast: %s: %s\n", interface, strerror(errno));
		return false;
	}
	(void)setsockopt(
	    blast->socket, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
	(void)setsockopt(
	    blast->socket, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer));
	return true;
}

/* What the interface refuses (too long a frame) is left out and counted. */
static void
send_all(struct blast *blast, struct mmsghdr *messages, unsigned count)
{
	unsigned done = 0;

	while (done < count) {
		int sent =
		    sendmmsg(blast->socket, messages + done, count - done, 0);

		if (sent < 0 &&
		    (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
			continue;
		if (sent <= 0) {
			blast->refused++;
			done++;
			continue;
		}
		for (int i = 0; i < sent; i++)
			blast->octets += messages[done + (unsigned)i].msg_len;
		blast->sent += (uint64_t)sent;
		done += (unsigned)sent;
	}
}

static void
send_batch(struct blast *blast, size_t *at)
{
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];
	unsigned count = 0;

	while (count < BATCH && *at < blast->count) {
		struct frame *frame = &blast->frames[(*at)++];

		prepare(blast, frame);
		parts[count] = (struct iovec){frame->octets, frame->size};
		messages[count].msg_hdr.msg_iov = &parts[count];
		messages[count].msg_hdr.msg_iovlen = 1;
		count++;
	}
	send_all(blast, messages, count);
	if (*at < blast->count)
		return;
	*at = 0;
	blast->round++;
}

static void
pace(const struct blast *blast, double begin)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	double due;

	if (blast->pps == 0)
		return;
	due = begin + (double)blast->sent / (double)blast->pps;
	while (now() < due)
		if (due - now() > 2e-9 * PAUSE_NS)
			(void)nanosleep(&pause, NULL);
}

static volatile sig_atomic_t stopped;

static void
on_signal(int number)
{
	stopped = number;
}

static void
blast_away(struct blast *blast)
{
	double begin = now(), took;
	size_t at = 0;

	while (stopped == 0 && blast->sent < blast->packets &&
	       now() - begin < blast->seconds) {
		send_batch(blast, &at);
		pace(blast, begin);
	}
	took = now() - begin;
	(void)printf("{\"sent\": %" PRIu64 ", \"octets\": %" PRIu64
		     ", \"refused\": %" PRIu64 ", \"rounds\": %" PRIu32
		     ", \"seconds\": %.3f, \"pps\": %.0f}\n",
	    blast->sent, blast->octets, blast->refused, blast->round, took,
	    (double)blast->sent / took);
}

/* --- a capture ------------------------------------------------------------ */

static void
write_round(struct blast *blast, pcap_dumper_t *out)
{
	int64_t begin_us = blast->begin_us +
			   (int64_t)((double)blast->round * blast->every * 1e6);

	for (size_t i = 0; i < blast->count; i++) {
		struct frame *frame = &blast->frames[i];
		int64_t at_us = begin_us + frame->at_us;
		struct pcap_pkthdr header = {
		    .ts = {at_us / 1000000, at_us % 1000000},
		    .caplen = frame->size,
		    .len = frame->length,
		};

		prepare(blast, frame);
		pcap_dump((u_char *)out, &header, frame->octets);
	}
}

static int
write_rounds(struct blast *blast)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 262144);
	pcap_dumper_t *out = pcap_dump_open(pcap, "-");

	if (out == NULL)
		return 1;
	for (; blast->round < blast->rounds && stopped == 0; blast->round++)
		write_round(blast, out);
	pcap_dump_close(out);
	pcap_close(pcap);
	return 0;
}

/* --- the command line ----------------------------------------------------- */

static bool
read_options(struct blast *blast, int count, char **words)
{
	for (int i = 3; i < count; i++) {
		const char *value = i + 1 < count ? words[i + 1] : NULL;

		if (strcmp(words[i], "--same") == 0) {
			blast->same = true;
			continue;
		}
		if (value == NULL)
			return false;
		if (strcmp(words[i], "--pps") == 0)
			blast->pps = strtoull(value, NULL, 10);
		else if (strcmp(words[i], "--packets") == 0)
			blast->packets = strtoull(value, NULL, 10);
		else if (strcmp(words[i], "--seconds") == 0)
			blast->seconds = strtod(value, NULL);
		else if (strcmp(words[i], "--rounds") == 0)
			blast->rounds = strtoull(value, NULL, 10);
		else if (strcmp(words[i], "--every") == 0)
			blast->every = strtod(value, NULL);
		else
			return false;
		i++;
	}
	return count >= 3;
}

int
main(int count, char **words)
{
	struct blast blast = {.packets = UINT64_MAX, .seconds = 1e9};

	if (!read_options(&blast, count, words)) {
		(void)fprintf(stderr, "blast INTERFACE CAPTURE [--pps N] "
				      "[--packets N] [--seconds N] [--same]\n"
				      "blast - CAPTURE [--rounds N] "
				      "[--every SECONDS] [--same]\n");
		return 2;
	}
	if (!load(&blast, words[2]))
		return 1;
	(void)signal(SIGTERM, on_signal);
	(void)signal(SIGINT, on_signal);
	if (strcmp(words[1], "-") == 0)
		return write_rounds(&blast);
	if (!open_socket(&blast, words[1]))
		return 1;
	blast_away(&blast);
	return 0;
}
