#include "sensor/capture_live.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/capture_fanout.h"
#include "sensor/packet.h"

#define SNAPLEN CAPTURE_LIVE_SNAPLEN

#define ETHERNET_SIZE 14

/* ETH_P_ALL of packet(7). */
#define EVERY_PROTOCOL 3

/* libpcap's number for IP without a link layer, and what files say. */
#define LINKTYPE_IP 101

struct capture_live {
	pcap_t *pcap;
	char *interface; /* owned */
	uint32_t number;
	int link_type;
	enum capture_live_status status;
	struct pcap_stat last; /* as of the last count */
	struct capture_live_counts counts;
	void (*take)(const struct packet *packet, void *context);
	void *context;
	struct instant since; /* packets before are somebody else's */
	/* Packets that had come then, and are not counted as received; how many
	 * of them were somebody else's is known when the first comes that is
	 * not. */
	uint64_t held, early;
	bool settled;
	uint32_t index; /* of the interface */
	int hardware;   /* its kind */
	bool shared, promiscuous;
	bool turn;
	uint8_t octets[2][SNAPLEN];
};

/* What the kernel calls its kind (ARPHRD_ETHER, ...); -1: it is not there. */
static int
hardware_of(int socket, const char *interface)
{
	struct ifreq request = {.ifr_flags = 0};

	if (strlen(interface) >= sizeof(request.ifr_name))
		return -1;
	memcpy(request.ifr_name, interface, strlen(interface) + 1);
	return ioctl(socket, SIOCGIFHWADDR, &request) == 0
		   ? request.ifr_hwaddr.sa_family
		   : -1;
}

bool
capture_live_is_up(const char *interface)
{
	struct ifreq request = {.ifr_flags = 0};
	int descriptor;
	bool up;

	if (strlen(interface) >= sizeof(request.ifr_name))
		return false;
	memcpy(request.ifr_name, interface, strlen(interface) + 1);
	descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return false;
	up = ioctl(descriptor, SIOCGIFFLAGS, &request) == 0 &&
	     (request.ifr_flags & IFF_UP) != 0;
	(void)close(descriptor);
	return up;
}

/* --- opening -------------------------------------------------------------- */

static const char *
advice(int status)
{
	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return "; it takes root or CAP_NET_RAW, as `setcap "
		       "cap_net_raw,cap_net_admin=ep hedgerow` or the systemd "
		       "unit give it";
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return "; `hedgerow -D` lists the interfaces";
	case PCAP_ERROR_IFACE_NOT_UP:
		return "; try `ip link set INTERFACE up`";
	default:
		return "";
	}
}

static void
describe(char fault[CAPTURE_LIVE_FAULT_SIZE], const char *interface, int status,
    pcap_t *pcap)
{
	const char *own = pcap_geterr(pcap);

	if (strcmp(own, pcap_statustostr(status)) == 0)
		own = ""; /* once is enough */
	(void)snprintf(fault, CAPTURE_LIVE_FAULT_SIZE, "%s: %s%s%s%s",
	    interface, pcap_statustostr(status), own[0] == '\0' ? "" : " (",
	    own[0] == '\0' ? "" : own, own[0] == '\0' ? "" : ")");
	(void)snprintf(fault + strlen(fault),
	    CAPTURE_LIVE_FAULT_SIZE - strlen(fault), "%s", advice(status));
}

/*
 * Never immediate mode: libpcap then takes the older ring, which wakes us for
 * every packet and loses half of them at 400,000 a second.
 */
static bool
configure(pcap_t *pcap, const struct capture_live_settings *settings)
{
	size_t buffer =
	    settings->buffer == 0 ? CAPTURE_LIVE_BUFFER : settings->buffer;

	if (buffer > CAPTURE_LIVE_BUFFER_MAXIMUM)
		buffer = CAPTURE_LIVE_BUFFER_MAXIMUM;
	/* Where stamps of nanoseconds are not to be had, those of
	 * microseconds are scaled. */
	(void)pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	return pcap_set_snaplen(pcap, SNAPLEN) == 0 &&
	       pcap_set_promisc(pcap, settings->promiscuous) == 0 &&
	       pcap_set_timeout(pcap, CAPTURE_LIVE_BLOCK_MS) == 0 &&
	       pcap_set_buffer_size(pcap, (int)buffer) == 0;
}

static bool
filter(pcap_t *pcap, const struct capture_live_settings *settings,
    char fault[CAPTURE_LIVE_FAULT_SIZE])
{
	struct bpf_program program;
	bool fine;

	if (settings->filter == NULL)
		return true;
	fine = pcap_compile(pcap, &program, settings->filter, 1,
		   PCAP_NETMASK_UNKNOWN) == 0;
	if (fine) {
		fine = pcap_setfilter(pcap, &program) == 0;
		pcap_freecode(&program);
	}
	if (!fine)
		(void)snprintf(fault, CAPTURE_LIVE_FAULT_SIZE,
		    "%s: filter `%s`: %s", settings->interface,
		    settings->filter, pcap_geterr(pcap));
	return fine;
}

static bool
activate(pcap_t *pcap, const struct capture_live_settings *settings,
    char fault[CAPTURE_LIVE_FAULT_SIZE], bool *denied)
{
	char message[PCAP_ERRBUF_SIZE];
	int status;

	if (!configure(pcap, settings)) {
		(void)snprintf(fault, CAPTURE_LIVE_FAULT_SIZE,
		    "%s: libpcap takes none of our settings",
		    settings->interface);
		return false;
	}
	status = pcap_activate(pcap);
	if (status < 0) {
		*denied = status == PCAP_ERROR_PERM_DENIED ||
			  status == PCAP_ERROR_PROMISC_PERM_DENIED;
		describe(fault, settings->interface, status, pcap);
		return false;
	}
	if (!filter(pcap, settings, fault))
		return false;
	if (pcap_setnonblock(pcap, 1, message) != 0) {
		(void)snprintf(fault, CAPTURE_LIVE_FAULT_SIZE, "%s: %s",
		    settings->interface, message);
		return false;
	}
	return true;
}

/*
 * A loopback interface shows each packet twice, as it goes out and as it comes
 * in.  libpcap leaves the first out, but the kernel has counted it, and it
 * would seem to wait in the ring for ever.  Kernels before 4.20 know no better.
 */
static void
take_once(pcap_t *pcap, const char *interface)
{
	struct ifreq request = {.ifr_flags = 0};
	const int yes = 1;

	if (strlen(interface) >= sizeof(request.ifr_name))
		return;
	memcpy(request.ifr_name, interface, strlen(interface) + 1);
	if (ioctl(pcap_fileno(pcap), SIOCGIFFLAGS, &request) == 0 &&
	    (request.ifr_flags & IFF_LOOPBACK) != 0)
		(void)setsockopt(pcap_fileno(pcap), SOL_PACKET,
		    PACKET_IGNORE_OUTGOING, &yes, sizeof(yes));
}

struct capture_live *
capture_live_open(const struct capture_live_settings *settings,
    char fault[CAPTURE_LIVE_FAULT_SIZE], bool *denied)
{
	char message[PCAP_ERRBUF_SIZE] = "";
	size_t size = strlen(settings->interface) + 1;
	struct capture_live *capture;
	pcap_t *pcap = pcap_create(settings->interface, message);

	*denied = false;
	if (pcap == NULL) {
		(void)snprintf(fault, CAPTURE_LIVE_FAULT_SIZE, "%s: %s",
		    settings->interface, message);
		return NULL;
	}
	if (!activate(pcap, settings, fault, denied)) {
		pcap_close(pcap);
		return NULL;
	}
	take_once(pcap, settings->interface);
	capture = allocate(1, sizeof(*capture));
	capture->pcap = pcap;
	capture->interface = allocate(1, size);
	memcpy(capture->interface, settings->interface, size);
	capture->number = settings->number;
	capture->since = INSTANT_PAST;
	capture->index = if_nametoindex(settings->interface);
	capture->hardware = hardware_of(pcap_fileno(pcap), settings->interface);
	capture->promiscuous = settings->promiscuous;
	capture->link_type = pcap_datalink(pcap);
	if (capture->link_type == DLT_RAW)
		capture->link_type = LINKTYPE_IP;
	return capture;
}

bool
capture_live_share(struct capture_live *capture, uint32_t members,
    uint32_t *group, char fault[CAPTURE_LIVE_FAULT_SIZE])
{
	uint32_t link = UINT32_MAX;

	capture->shared = true;
	if (capture->link_type == DLT_EN10MB)
		link = ETHERNET_SIZE;
	else if (capture->link_type == LINKTYPE_IP)
		link = 0;
	if (capture_fanout_join(
		pcap_fileno(capture->pcap), link, members, group))
		return true;
	(void)snprintf(fault, CAPTURE_LIVE_FAULT_SIZE,
	    "%s: packets cannot be shared among workers: %s; try --workers 1",
	    capture->interface, strerror(errno));
	return false;
}

uint32_t
capture_live_index(const struct capture_live *capture)
{
	return capture->index;
}

void
capture_live_close(struct capture_live *capture)
{
	if (capture == NULL)
		return;
	pcap_close(capture->pcap);
	free(capture->interface);
	free(capture);
}

/* --- packets -------------------------------------------------------------- */

/* Stamps of several processors may be out of order by a little: that is no
 * reason to leave a packet out once others were taken. */
static bool
is_early(struct capture_live *capture, struct instant at)
{
	if (capture->settled)
		return false;
	if (instant_before(at, capture->since)) {
		capture->early++;
		return true;
	}
	capture->settled = true;
	if (capture->held > capture->early)
		capture->counts.received += capture->held - capture->early;
	return false;
}

/*
 * The octets are copied: the last packet of a block goes back to the kernel
 * before the first one of the next is here, and the pipeline is not done with
 * it then.  What it is about to read is in the cache after that.
 */
static void
on_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *octets)
{
	/* libpcap gives back what it was given. */
	struct capture_live *capture = (void *)user;
	uint32_t captured = header->caplen < SNAPLEN ? header->caplen : SNAPLEN;
	uint8_t *copy = capture->octets[capture->turn];
	struct packet packet = {
	    .octets = copy,
	    .captured = captured,
	    .length = header->len,
	    .at = {(int64_t)header->ts.tv_sec * NS_PER_SECOND +
		   (int64_t)header->ts.tv_usec},
	    .interface = capture->number,
	    .link_type = capture->link_type,
	};

	if (is_early(capture, packet.at))
		return;
	memcpy(copy, octets, captured);
	capture->turn = !capture->turn;
	capture->counts.octets += header->len;
	packet.number = ++capture->counts.taken;
	capture->take(&packet, capture->context);
}

static void
set_status(struct capture_live *capture, enum capture_live_status status)
{
	if (status == CAPTURE_LIVE_DOWN && capture->status != status)
		capture->counts.downs++;
	capture->status = status;
}

size_t
capture_live_take(struct capture_live *capture, size_t most,
    void (*take)(const struct packet *packet, void *context), void *context)
{
	uint64_t before = capture->counts.taken;
	int status;

	capture->take = take;
	capture->context = context;
	if (most > INT_MAX)
		most = INT_MAX;
	if (capture->status == CAPTURE_LIVE_GONE)
		return 0;
	status =
	    pcap_dispatch(capture->pcap, (int)most, on_packet, (void *)capture);
	if (status == PCAP_ERROR_IFACE_NOT_UP)
		set_status(capture, CAPTURE_LIVE_DOWN);
	else if (status < 0)
		set_status(capture, CAPTURE_LIVE_GONE);
	return (size_t)(capture->counts.taken - before);
}

/* A packet socket whose interface is gone is bound to none (packet(7)). */
static bool
is_gone(const struct capture_live *capture)
{
	struct sockaddr_ll bound = {.sll_ifindex = 0};
	socklen_t size = sizeof(bound);
	int socket = pcap_fileno(capture->pcap);

	return getsockname(socket, (void *)&bound, &size) == 0 &&
	       bound.sll_family == AF_PACKET && bound.sll_ifindex < 0;
}

/* Whether it can be said at all; "any" is no interface and always up. */
static bool
is_down(const struct capture_live *capture)
{
	struct ifreq request = {.ifr_flags = 0};

	if (strlen(capture->interface) >= sizeof(request.ifr_name))
		return false;
	memcpy(request.ifr_name, capture->interface,
	    strlen(capture->interface) + 1);
	return ioctl(pcap_fileno(capture->pcap), SIOCGIFFLAGS, &request) == 0 &&
	       (request.ifr_flags & IFF_UP) == 0;
}

void
capture_live_look(struct capture_live *capture)
{
	if (is_gone(capture))
		set_status(capture, CAPTURE_LIVE_GONE);
	else if (is_down(capture))
		set_status(capture, CAPTURE_LIVE_DOWN);
	else
		set_status(capture, CAPTURE_LIVE_OPEN);
}

/* --- an interface that is there again ------------------------------------- */

/* What was asked of the interface that is no more went with it. */
static bool
listen_to_all(int socket, uint32_t index)
{
	const struct packet_mreq all = {
	    .mr_ifindex = (int)index, .mr_type = PACKET_MR_PROMISC};

	return setsockopt(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all,
		   sizeof(all)) == 0;
}

/* The kernel binds no member of a group anew (packet(7): PACKET_FANOUT). */
bool
capture_live_follow(struct capture_live *capture)
{
	int socket = pcap_fileno(capture->pcap);
	struct sockaddr_ll address = {
	    .sll_family = AF_PACKET,
	    .sll_protocol = htons(EVERY_PROTOCOL),
	    .sll_ifindex = (int)if_nametoindex(capture->interface),
	};

	if (capture->shared || address.sll_ifindex == 0 ||
	    hardware_of(socket, capture->interface) != capture->hardware ||
	    bind(socket, (const void *)&address, sizeof(address)) != 0)
		return false;
	capture->index = (uint32_t)address.sll_ifindex;
	return !capture->promiscuous || listen_to_all(socket, capture->index);
}

/* --- what is known of it -------------------------------------------------- */

int
capture_live_descriptor(const struct capture_live *capture)
{
	return pcap_get_selectable_fd(capture->pcap);
}

const char *
capture_live_interface(const struct capture_live *capture)
{
	return capture->interface;
}

int
capture_live_link_type(const struct capture_live *capture)
{
	return capture->link_type;
}

enum capture_live_status
capture_live_status(const struct capture_live *capture)
{
	return capture->status;
}

/*
 * libpcap takes what the interface has lost from /sys; of one that was removed
 * it reads nothing, which is less than before.
 */
static uint32_t
more_lost(const struct capture_live *capture, uint32_t lost)
{
	uint32_t more = lost - capture->last.ps_ifdrop;

	return more > INT32_MAX ? 0 : more;
}

struct capture_live_counts
capture_live_counts(struct capture_live *capture)
{
	struct capture_live_counts *counts = &capture->counts;
	struct pcap_stat now;

	if (pcap_stats(capture->pcap, &now) == 0) {
		counts->received += now.ps_recv - capture->last.ps_recv;
		counts->dropped += now.ps_drop - capture->last.ps_drop;
		counts->interface += more_lost(capture, now.ps_ifdrop);
		capture->last = now;
	}
	return *counts;
}

void
capture_live_taken(
    const struct capture_live *capture, uint64_t *taken, uint64_t *octets)
{
	*taken = capture->counts.taken;
	*octets = capture->counts.octets;
}

/*
 * The clock was read first, so what is held is never less than what is early,
 * and what was said to be received never sinks.
 */
void
capture_live_since(struct capture_live *capture, struct instant since)
{
	struct pcap_stat now;

	capture->since = since;
	if (pcap_stats(capture->pcap, &now) != 0)
		return;
	capture->held += now.ps_recv - capture->last.ps_recv;
	capture->held -= now.ps_drop - capture->last.ps_drop;
	capture->counts.interface += more_lost(capture, now.ps_ifdrop);
	capture->last = now;
}

/* --- interfaces ----------------------------------------------------------- */

static void
print_interface(FILE *out, const pcap_if_t *one)
{
	const char *state = "down";

	if ((one->flags & PCAP_IF_UP) != 0)
		state = "up";
	if ((one->flags & PCAP_IF_RUNNING) != 0)
		state = "running";
	fprintf(out, "%-16s %-8s%s%s%s\n", one->name, state,
	    (one->flags & PCAP_IF_LOOPBACK) != 0 ? " loopback" : "",
	    one->description == NULL ? "" : " ",
	    one->description == NULL ? "" : one->description);
}

/* What is none of the kernel's interfaces has other packets than IP. */
static bool
is_network(const pcap_if_t *one)
{
	return strncmp(one->name, "bluetooth", 9) != 0 &&
	       strncmp(one->name, "usbmon", 6) != 0 &&
	       strncmp(one->name, "dbus-", 5) != 0 &&
	       strcmp(one->name, "nflog") != 0 &&
	       strcmp(one->name, "nfqueue") != 0;
}

bool
capture_live_list(FILE *out, char fault[CAPTURE_LIVE_FAULT_SIZE])
{
	char message[PCAP_ERRBUF_SIZE] = "";
	pcap_if_t *all = NULL;

	if (pcap_findalldevs(&all, message) != 0) {
		(void)snprintf(fault, CAPTURE_LIVE_FAULT_SIZE, "%s", message);
		return false;
	}
	for (const pcap_if_t *one = all; one != NULL; one = one->next)
		if (is_network(one))
			print_interface(out, one);
	pcap_freealldevs(all);
	return true;
}
