/*
 * nftables_differential -- the kernel's verdict against the judge's.
 *
 *	nftables_differential SENDER ROUTER RECEIVER
 *
 * The three are network namespaces in a row, made by nftables.sh.  Random
 * universes are compiled, loaded into the router, and asked: real TCP and UDP
 * sockets in the sender, bound to any client's address, open connections to any
 * server's.  What arrives at the receiver, the kernel let pass.  The judge is
 * asked the same with an application that is not known, since a kernel sees
 * ports only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "models/export.h"
#include "models/judge.h"
#include "universe.h"

#define UNIVERSES  60
#define QUESTIONS  250
#define FIRST_PORT 10000 /* of senders; each question has its own */
#define PORTS      65536
#define WARM_UP    100 /* tries, one each 20 ms */

struct asked {
	struct address client, server;
	uint8_t protocol;
	uint16_t port, source_port;
	bool drop; /* what the judge says */
};

struct world {
	const char *sender, *router, *receiver;
	int sender_namespace, own_namespace;
	int tap; /* sees what arrives */
	bool arrived[PORTS];
	uint16_t next_port;
	size_t compared, dropped;
};

/* --- namespaces ----------------------------------------------------------- */

static int
namespace_open(const char *name)
{
	char path[256];
	int file;

	(void)snprintf(path, sizeof(path), "/var/run/netns/%s", name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		perror(path);
	return file;
}

static bool
namespace_enter(int file)
{
	if (setns(file, CLONE_NEWNET) == 0)
		return true;
	perror("setns");
	return false;
}

static bool
run_in(const char *namespace, const char *command)
{
	char line[1024];
	int code;

	(void)snprintf(
	    line, sizeof(line), "ip netns exec %s %s", namespace, command);
	code = system(line);
	if (code != 0)
		fprintf(stderr, "%s: status %d\n", line, code);
	return code == 0;
}

/* --- packets -------------------------------------------------------------- */

static socklen_t
socket_address(
    const struct address *address, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in ipv4 = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 ipv6 = {
	    .sin6_family = AF_INET6, .sin6_port = htons(port)};

	memset(out, 0, sizeof(*out));
	if (address_is_ipv4(address)) {
		memcpy(&ipv4.sin_addr, address->octets + 12, 4);
		memcpy(out, &ipv4, sizeof(ipv4));
		return sizeof(ipv4);
	}
	memcpy(&ipv6.sin6_addr, address->octets, 16);
	memcpy(out, &ipv6, sizeof(ipv6));
	return sizeof(ipv6);
}

/* One SYN or one datagram, from an address that is not this host's. */
static bool
send_one(const struct asked *asked)
{
	bool ipv4 = address_is_ipv4(&asked->client);
	bool tcp = asked->protocol == PROTOCOL_TCP;
	struct sockaddr_storage from, to;
	socklen_t size =
	    socket_address(&asked->client, asked->source_port, &from);
	int one = 1, sent;
	int file = socket(ipv4 ? AF_INET : AF_INET6,
	    (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (file < 0 ||
	    setsockopt(file, ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
		ipv4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, &one,
		sizeof(one)) != 0 ||
	    bind(file, (struct sockaddr *)&from, size) != 0) {
		perror("a socket of the sender");
		if (file >= 0)
			close(file);
		return false;
	}
	socket_address(&asked->server, asked->port, &to);
	sent = connect(file, (struct sockaddr *)&to, size);
	if (sent == 0 && !tcp)
		sent = send(file, "?", 1, 0) == 1 ? 0 : -1;
	else if (errno == EINPROGRESS)
		sent = 0;
	if (sent != 0)
		perror("a packet of the sender");
	close(file);
	return sent == 0;
}

/* The source port of an IP packet, or 0. */
static uint16_t
source_port(const uint8_t *packet, ssize_t size)
{
	size_t header;
	uint8_t protocol;

	if (size < 24)
		return 0;
	if (packet[0] >> 4 == 4) {
		header = (packet[0] & 15u) * 4;
		protocol = packet[9];
	} else {
		header = 40;
		protocol = packet[6];
	}
	if ((protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP) ||
	    (size_t)size < header + 4)
		return 0;
	return (uint16_t)(packet[header] << 8 | packet[header + 1]);
}

static void
collect(struct world *world, int milliseconds)
{
	struct pollfd wait = {.fd = world->tap, .events = POLLIN};
	uint8_t packet[2048];

	while (poll(&wait, 1, milliseconds) > 0) {
		ssize_t size = recv(world->tap, packet, sizeof(packet), 0);

		world->arrived[source_port(packet, size)] = true;
	}
}

static bool
tap_open(struct world *world)
{
	struct sockaddr_ll all = {
	    .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int octets = 8 << 20;
	int receiver = namespace_open(world->receiver);

	if (receiver < 0 || !namespace_enter(receiver))
		return false;
	close(receiver);
	world->tap =
	    socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (world->tap < 0 ||
	    bind(world->tap, (struct sockaddr *)&all, sizeof(all)) != 0) {
		perror("the tap");
		return false;
	}
	(void)setsockopt(
	    world->tap, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof(octets));
	return namespace_enter(world->own_namespace);
}

/* Something that nobody holds, so that no rule is about it. */
static struct asked
marker(struct world *world, bool ipv4)
{
	return (struct asked){
	    .client =
		ipv4 ? universe_ipv4(10, 0, 0, 201) : universe_ipv6(0x99, 201),
	    .server =
		ipv4 ? universe_ipv4(10, 0, 0, 200) : universe_ipv6(0x99, 200),
	    .protocol = PROTOCOL_UDP,
	    .port = 9,
	    .source_port = world->next_port++,
	};
}

/* Neighbours are found and duplicate addresses ruled out while we wait. */
static bool
warm_up(struct world *world, bool ipv4)
{
	for (int i = 0; i < WARM_UP; i++) {
		struct asked hello = marker(world, ipv4);

		if (namespace_enter(world->sender_namespace))
			(void)send_one(&hello);
		collect(world, 20);
		if (world->arrived[hello.source_port])
			return true;
	}
	fprintf(stderr, "no %s packet gets through without rules\n",
	    ipv4 ? "IPv4" : "IPv6");
	return false;
}

/* --- one universe --------------------------------------------------------- */

static bool
load(const struct world *world, const struct universe *universe,
    enum export_format format, bool enforce)
{
	struct export_options options = {
	    .at = INSTANT_PAST, .enforce = enforce};
	char path[] = "/tmp/hedgerow-rules-XXXXXX";
	char command[512];
	struct text rules;
	int file = mkstemp(path);
	bool written, loaded = true;

	if (file < 0)
		return false;
	text_init(&rules, EXPORT_MAXIMUM);
	export_policy(universe->policy, universe->library, universe->inventory,
	    format, &options, &rules);
	written = write(file, rules.at, rules.length) == (ssize_t)rules.length;
	close(file);
	if (format == EXPORT_NFTABLES) {
		(void)snprintf(command, sizeof(command), "nft -f %s", path);
		loaded = run_in(world->router, command);
	}
	for (int i = 0; i < 2 && format == EXPORT_IPTABLES; i++) {
		const char *version = i == 0 ? "" : "6";

		(void)snprintf(command, sizeof(command),
		    "sh -c 'ip%stables -F; ip%stables -X; "
		    "ip%stables-restore --noflush %s && "
		    "ip%stables -I FORWARD -j hedgerow'",
		    version, version, version, path, version);
		loaded = loaded && run_in(world->router, command);
	}
	if (!loaded)
		fprintf(stderr, "kept: %s\n", path);
	else
		(void)unlink(path);
	text_release(&rules);
	return written && loaded;
}

static bool
unload(const struct world *world, enum export_format format)
{
	if (format == EXPORT_NFTABLES)
		return run_in(world->router, "nft delete table inet hedgerow");
	return run_in(world->router,
	    "sh -c 'iptables -F; iptables -X; ip6tables -F; ip6tables -X'");
}

static struct asked
random_question(
    struct world *world, const struct universe *universe, uint64_t *state)
{
	bool ipv4 = roll(state, 3) > 0;
	struct instant at = {INSTANT_FUTURE.ns - 1};
	struct asked asked = {
	    .client = universe_address(state, ipv4),
	    .server = universe_address(state, ipv4),
	    .protocol = roll(state, 3) > 0 ? PROTOCOL_TCP : PROTOCOL_UDP,
	    .port = (uint16_t)(UNIVERSE_PORT + roll(state, UNIVERSE_PORTS)),
	    .source_port = world->next_port++,
	};
	struct question question = {
	    .client = inventory_who(
		universe->inventory, INVENTORY_ANY, &asked.client, at),
	    .server = inventory_who(
		universe->inventory, INVENTORY_ANY, &asked.server, at),
	    .client_outside = &universe_unseen,
	    .server_outside = &universe_unseen,
	    .protocol = asked.protocol,
	    .port = asked.port,
	    .start = at,
	};

	asked.drop =
	    judge(universe->policy, &question).kind == VERDICT_DEVIATION;
	return asked;
}

static void
complain(const struct asked *asked, bool arrived, int number)
{
	char client[ADDRESS_TEXT_SIZE], server[ADDRESS_TEXT_SIZE];

	address_print(&asked->client, client);
	address_print(&asked->server, server);
	fprintf(stderr,
	    "universe %d: %s -> %s %s/%u: the kernel %s it, the "
	    "judge would %s it\n",
	    number, client, server,
	    asked->protocol == PROTOCOL_TCP ? "tcp" : "udp", asked->port,
	    arrived ? "passes" : "drops", asked->drop ? "drop" : "pass");
}

/* The counter of what is unexpected. */
static bool
counter_is(const struct world *world, size_t expected)
{
	char line[512];
	unsigned long packets = 0;
	FILE *list;
	bool found = false;

	(void)snprintf(line, sizeof(line),
	    "ip netns exec %s nft list counter inet hedgerow unexpected",
	    world->router);
	list = popen(line, "r");
	while (list != NULL && fgets(line, sizeof(line), list) != NULL)
		if (strstr(line, "packets ") != NULL)
			found = sscanf(strstr(line, "packets "), "packets %lu",
				    &packets) == 1;
	if (list != NULL)
		pclose(list);
	if (found && packets == expected)
		return true;
	fprintf(stderr, "the counter says %lu, not %zu\n", packets, expected);
	return false;
}

static bool
ask(struct world *world, const struct universe *universe, uint64_t *state,
    int number, bool enforce)
{
	struct asked asked[QUESTIONS];
	bool good = namespace_enter(world->sender_namespace);
	size_t unexpected = 0;

	memset(world->arrived, 0, sizeof(world->arrived));
	for (size_t i = 0; i < QUESTIONS; i++) {
		asked[i] = random_question(world, universe, state);
		good = send_one(&asked[i]) && good;
	}
	/* Packets are handed on at once; what comes later was not dropped. */
	collect(world, 100);
	for (size_t i = 0; i < QUESTIONS; i++) {
		bool arrived = world->arrived[asked[i].source_port];

		unexpected += asked[i].drop;
		if (arrived == (asked[i].drop && enforce)) {
			complain(&asked[i], arrived, number);
			good = false;
		}
	}
	world->compared += QUESTIONS;
	world->dropped += unexpected;
	return good && namespace_enter(world->own_namespace) &&
	       (enforce || counter_is(world, unexpected));
}

static bool
compare(struct world *world, uint64_t *state, int number)
{
	enum export_format format =
	    number % 2 == 1 ? EXPORT_IPTABLES : EXPORT_NFTABLES;
	bool enforce = number % 4 != 2;
	struct universe universe;
	bool good;

	if (!universe_make(&universe, state, false))
		return false;
	good = load(world, &universe, format, enforce) &&
	       ask(world, &universe, state, number, enforce);
	good = unload(world, format) && good;
	universe_free(&universe);
	return good;
}

int
main(int argc, char **argv)
{
	static struct world world;
	uint64_t state = 20261121;
	bool good;

	if (argc != 4) {
		fputs("usage: nftables_differential SENDER ROUTER RECEIVER\n",
		    stderr);
		return 2;
	}
	world.sender = argv[1];
	world.router = argv[2];
	world.receiver = argv[3];
	world.next_port = FIRST_PORT;
	world.own_namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	world.sender_namespace = namespace_open(world.sender);
	good = world.own_namespace >= 0 && world.sender_namespace >= 0 &&
	       tap_open(&world) && warm_up(&world, true) &&
	       warm_up(&world, false);
	for (int i = 0; i < UNIVERSES && good; i++)
		good = compare(&world, &state, i);
	printf("%zu packets, of which the judge refuses %zu\n", world.compared,
	    world.dropped);
	/* Universes in which one answer never comes would prove little. */
	if (good && (world.dropped < world.compared / 5 ||
			world.dropped > world.compared * 4 / 5)) {
		fputs("too one-sided to prove anything\n", stderr);
		good = false;
	}
	return good ? 0 : 1;
}
