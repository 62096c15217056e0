/*
 * floor -- the least that reading, tracking and classifying can cost.
 *
 *   floor read FILE   libpcap hands out every packet
 *   floor flow FILE   + headers are decoded and flows counted in a table
 *   floor ndpi FILE   + nDPI sees each flow until it has an answer
 *
 * @INTERFACE:OCTETS for a FILE takes packets from an interface, through a ring
 * of so many octets, until SIGINT, and says what found no room there.
 *
 * What the sensor is compared with, so it shares no code with it: a plain
 * table of its own that grows and never forgets, Ethernet and IP only, no
 * tunnels, no timeouts, no output.  Nobody would deploy it.
 */
#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ndpi_api.h>
#include <pcap/pcap.h>

#define BUCKETS_FIRST ((uint32_t)1 << 16)
#define SLAB_FLOWS    ((uint32_t)1 << 12)
#define SLABS_MAXIMUM ((uint32_t)1 << 15)

/* As ndpiReader 4.2 by default: packets of a flow until it is given up. */
#define TCP_PACKETS_MAXIMUM 80
#define UDP_PACKETS_MAXIMUM 24

enum mode { MODE_READ, MODE_FLOW, MODE_NDPI };

struct key {
	uint8_t addresses[2][16];
	uint16_t ports[2];
	uint8_t protocol, padding[3];
};

struct flow {
	struct key key;
	uint32_t hash, next; /* in its bucket: a number plus 1, or 0 */
	uint64_t first_us, last_us;
	uint64_t packets[2], octets[2];
	struct ndpi_flow_struct *state; /* NULL before and after */
	bool classified;
};

struct parsed {
	struct key key;
	int sender; /* which of the key's ends */
	const uint8_t *ip;
	uint32_t ip_size;
};

struct floor {
	enum mode mode;
	uint32_t *buckets, mask;
	struct flow *slabs[SLABS_MAXIMUM];
	uint32_t flows;
	uint64_t packets, octets, undecoded, classified;
	struct ndpi_detection_module_struct *ndpi;
};

/* --- decoding ------------------------------------------------------------- */

static uint16_t
be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* The transport's ports, and the order of ends that both directions share. */
static bool
parse_ends(struct parsed *parsed, const uint8_t *source,
    const uint8_t *destination, size_t width, const uint8_t *transport,
    uint32_t left)
{
	struct key *key = &parsed->key;
	uint16_t ports[2] = {0, 0};
	int order = memcmp(source, destination, width);

	if ((key->protocol == 6 && left >= 20) ||
	    (key->protocol == 17 && left >= 8)) {
		ports[0] = be16(transport);
		ports[1] = be16(transport + 2);
	}
	if (order == 0)
		order = (int)ports[0] - (int)ports[1];
	parsed->sender = order > 0;
	memcpy(key->addresses[parsed->sender], source, width);
	memcpy(key->addresses[!parsed->sender], destination, width);
	key->ports[parsed->sender] = ports[0];
	key->ports[!parsed->sender] = ports[1];
	return true;
}

static bool
parse_ipv4(struct parsed *parsed, const uint8_t *ip, uint32_t left)
{
	uint32_t header, total;

	if (left < 20)
		return false;
	header = (ip[0] & 15U) * 4;
	total = be16(ip + 2);
	if (total == 0 || total > left)
		total = left;
	if (ip[0] >> 4 != 4 || header < 20 || header > total)
		return false;
	parsed->ip_size = total;
	parsed->key.protocol = ip[9];
	/* later fragments have no ports */
	return parse_ends(parsed, ip + 12, ip + 16, 4, ip + header,
	    (be16(ip + 6) & 0x1fff) == 0 ? total - header : 0);
}

static bool
parse_ipv6(struct parsed *parsed, const uint8_t *ip, uint32_t left)
{
	if (left < 40 || ip[0] >> 4 != 6)
		return false;
	parsed->ip_size = 40U + be16(ip + 4);
	if (parsed->ip_size > left)
		parsed->ip_size = left;
	parsed->key.protocol = ip[6];
	return parse_ends(
	    parsed, ip + 8, ip + 24, 16, ip + 40, parsed->ip_size - 40);
}

static bool
parse(struct parsed *parsed, const uint8_t *octets, uint32_t size)
{
	uint32_t at = 12;

	memset(&parsed->key, 0, sizeof(parsed->key));
	while (at + 6 <= size && be16(octets + at) == 0x8100)
		at += 4;
	if (at + 2 > size)
		return false;
	parsed->ip = octets + at + 2;
	if (be16(octets + at) == 0x0800)
		return parse_ipv4(parsed, parsed->ip, size - at - 2);
	if (be16(octets + at) == 0x86dd)
		return parse_ipv6(parsed, parsed->ip, size - at - 2);
	return false;
}

/* --- table ---------------------------------------------------------------- */

static uint32_t
hash_of(const struct key *key)
{
	uint64_t words[sizeof(*key) / 8], sum = 0;

	static_assert(sizeof(*key) % 8 == 0, "a key is whole words");
	memcpy(words, key, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		sum = (sum ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
		sum ^= sum >> 29;
	}
	return (uint32_t)(sum >> 32);
}

static struct flow *
flow_at(const struct floor *floor, uint32_t number)
{
	return &floor->slabs[number / SLAB_FLOWS][number % SLAB_FLOWS];
}

static void
rehash(struct floor *floor, uint32_t count)
{
	free(floor->buckets);
	floor->buckets = calloc(count, sizeof(*floor->buckets));
	if (floor->buckets == NULL)
		abort();
	floor->mask = count - 1;
	for (uint32_t i = 0; i < floor->flows; i++) {
		struct flow *flow = flow_at(floor, i);
		uint32_t *bucket = &floor->buckets[flow->hash & floor->mask];

		flow->next = *bucket;
		*bucket = i + 1;
	}
}

static struct flow *
add_flow(struct floor *floor, const struct key *key, uint32_t hash)
{
	uint32_t number = floor->flows;
	struct flow *flow;
	uint32_t *bucket;

	if (number > floor->mask)
		rehash(floor, (floor->mask + 1) * 2);
	if (number % SLAB_FLOWS == 0) {
		if (number / SLAB_FLOWS == SLABS_MAXIMUM)
			abort();
		floor->slabs[number / SLAB_FLOWS] =
		    calloc(SLAB_FLOWS, sizeof(*flow));
		if (floor->slabs[number / SLAB_FLOWS] == NULL)
			abort();
	}
	floor->flows++;
	flow = flow_at(floor, number);
	bucket = &floor->buckets[hash & floor->mask];
	flow->key = *key;
	flow->hash = hash;
	flow->next = *bucket;
	*bucket = number + 1;
	return flow;
}

static struct flow *
find_flow(struct floor *floor, const struct key *key)
{
	uint32_t hash = hash_of(key);
	uint32_t number = floor->buckets[hash & floor->mask];

	while (number != 0) {
		struct flow *flow = flow_at(floor, number - 1);

		if (flow->hash == hash &&
		    memcmp(&flow->key, key, sizeof(*key)) == 0)
			return flow;
		number = flow->next;
	}
	return add_flow(floor, key, hash);
}

/* --- nDPI ----------------------------------------------------------------- */

#define VERSION (NDPI_MAJOR * 100 + NDPI_MINOR)

#if VERSION < 410
#define START()        ndpi_init_detection_module(ndpi_no_prefs)
#define DETECTED(m, p) ndpi_is_protocol_detected(m, p)
#else
#define START() ndpi_init_detection_module(NULL)
#if VERSION < 500
#define DETECTED(m, p) ndpi_is_protocol_detected(p)
#else
#define DETECTED(m, p) ((p).state == NDPI_STATE_CLASSIFIED)
#endif
#endif

#if VERSION < 406
#define PROCESS(m, s, o, n, t) ndpi_detection_process_packet(m, s, o, n, t)
#else
#define PROCESS(m, s, o, n, t)                                                 \
	ndpi_detection_process_packet(m, s, o, n, t, NULL)
#endif

static void
start_ndpi(struct floor *floor)
{
	floor->ndpi = START();
	if (floor->ndpi == NULL)
		abort();
#if VERSION < 500
	NDPI_PROTOCOL_BITMASK every;

	NDPI_BITMASK_SET_ALL(every);
	ndpi_set_protocol_detection_bitmask2(floor->ndpi, &every);
#endif
	ndpi_finalize_initialization(floor->ndpi);
}

/* Every packet of a flow from its first on, as most users of nDPI do. */
static void
ask_ndpi(struct floor *floor, struct flow *flow, const struct parsed *parsed)
{
	uint64_t seen = flow->packets[0] + flow->packets[1];
	uint64_t most = parsed->key.protocol == 6 ? TCP_PACKETS_MAXIMUM
						  : UDP_PACKETS_MAXIMUM;
	ndpi_protocol protocol;

	if (flow->classified)
		return;
	if (flow->state == NULL)
		flow->state = ndpi_calloc(
		    1, ndpi_detection_get_sizeof_ndpi_flow_struct());
	if (flow->state == NULL)
		abort();
	protocol = PROCESS(floor->ndpi, flow->state, parsed->ip,
	    (uint16_t)parsed->ip_size, flow->last_us / 1000);
	if (!DETECTED(floor->ndpi, protocol) && seen < most)
		return;
	floor->classified += DETECTED(floor->ndpi, protocol);
	flow->classified = true;
	ndpi_free_flow(flow->state);
	flow->state = NULL;
}

/* --- packets -------------------------------------------------------------- */

static void
take_packet(
    u_char *context, const struct pcap_pkthdr *header, const u_char *octets)
{
	struct floor *floor = (void *)context;
	struct parsed parsed;
	struct flow *flow;

	floor->packets++;
	floor->octets += header->len;
	if (floor->mode == MODE_READ)
		return;
	if (!parse(&parsed, octets, header->caplen)) {
		floor->undecoded++;
		return;
	}
	flow = find_flow(floor, &parsed.key);
	flow->last_us = (uint64_t)header->ts.tv_sec * 1000000 +
			(uint64_t)header->ts.tv_usec;
	if (flow->first_us == 0)
		flow->first_us = flow->last_us;
	flow->packets[parsed.sender]++;
	flow->octets[parsed.sender] += parsed.ip_size;
	if (floor->mode == MODE_NDPI)
		ask_ndpi(floor, flow, &parsed);
}

/* A signal has nothing else to go by. */
static pcap_t *live;

static void
stop_live(int number)
{
	(void)number;
	pcap_breakloop(live);
}

static pcap_t *
open_live(const char *source, char message[PCAP_ERRBUF_SIZE])
{
	char interface[32] = "";
	int ring = 0;
	pcap_t *pcap;

	if (sscanf(source, "@%31[^:]:%d", interface, &ring) < 1)
		return NULL;
	pcap = pcap_create(interface, message);
	if (pcap == NULL)
		return NULL;
	(void)pcap_set_timeout(pcap, 100);
	(void)pcap_set_promisc(pcap, 1);
	if (ring > 0)
		(void)pcap_set_buffer_size(pcap, ring);
	if (pcap_activate(pcap) < 0) {
		(void)snprintf(
		    message, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(pcap));
		pcap_close(pcap);
		return NULL;
	}
	live = pcap;
	(void)signal(SIGINT, stop_live);
	fprintf(stderr, "floor: watching\n");
	return pcap;
}

static void
take_all(struct floor *floor, pcap_t *pcap)
{
	struct pcap_stat stat;

	if (pcap != live) {
		(void)pcap_dispatch(pcap, -1, take_packet, (u_char *)floor);
		return;
	}
	(void)pcap_loop(pcap, -1, take_packet, (u_char *)floor);
	if (pcap_stats(pcap, &stat) == 0)
		printf("received=%u dropped=%u ", stat.ps_recv, stat.ps_drop);
}

static int
run(struct floor *floor, const char *path)
{
	char message[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = path[0] == '@' ? open_live(path, message)
				      : pcap_open_offline(path, message);

	if (pcap == NULL) {
		fprintf(stderr, "%s\n", message);
		return EXIT_FAILURE;
	}
	rehash(floor, BUCKETS_FIRST);
	if (floor->mode == MODE_NDPI)
		start_ndpi(floor);
	take_all(floor, pcap);
	pcap_close(pcap);
	printf("packets=%" PRIu64 " octets=%" PRIu64 " undecoded=%" PRIu64
	       " flows=%" PRIu32 " classified=%" PRIu64 "\n",
	    floor->packets, floor->octets, floor->undecoded, floor->flows,
	    floor->classified);
	/* Memory goes back with the process, as cheaply as it can. */
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	static const char *const modes[] = {
	    [MODE_READ] = "read", [MODE_FLOW] = "flow", [MODE_NDPI] = "ndpi"};
	struct floor *floor = calloc(1, sizeof(*floor));

	if (floor == NULL)
		return EXIT_FAILURE;
	for (int mode = MODE_READ; argc == 3 && mode <= MODE_NDPI; mode++)
		if (strcmp(argv[1], modes[mode]) == 0) {
			floor->mode = (enum mode)mode;
			return run(floor, argv[2]);
		}
	fprintf(stderr, "usage: floor read|flow|ndpi FILE|@INTERFACE:RING\n");
	return EXIT_FAILURE;
}
