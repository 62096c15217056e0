#include "classifiers/detectors/scan/scanner.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "classifiers/detectors/memory.h"
#include "sensor/base/instant.h"

/*
 * Who waits for a server asks at least so often, for at least so long.  No
 * scanner does: nmap asks 11 times at most, within seconds (its
 * --max-retries).
 */
#define RETRY_TIMES   5
#define RETRY_SECONDS 60

/*
 * Monitors ask each 10 s to 5 min; sweeps ask who did not answer again within
 * some seconds (nmap, fping), the others not.  Balancers' checks come each 2 s
 * (HAProxy's `inter`) to 30 s.
 */
#define ROUND_LEAST 10

/* What looks for the members of a cluster tries the ports that they take if the
 * first is in use: Hazelcast's manual has a `port-count`, and clients that try
 * three. */
#define PORTS_ON 3

/* Of so few hosts that answered nothing can be said. */
#define ASKED_LEAST 4

/* Who gets no answer by datagrams tries the same by TCP, as members of a
 * cluster do (memberlist): that is one target. */
static uint32_t
target_of(uint64_t server, uint8_t protocol, uint16_t port)
{
	uint64_t kind = protocol == PROTOCOL_UDP ? PROTOCOL_TCP : protocol;
	uint64_t key = memory_key(server, kind << 16 | port);

	return (uint32_t)(key >> 32) | 1;
}

static uint32_t
host_of(uint64_t server)
{
	return (uint32_t)(memory_key(server, 2) >> 32);
}

static void
set_bit(uint64_t *bits, uint64_t value)
{
	uint64_t bit = memory_key(value, 1) % SCANNER_BITS;

	bits[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* Linear counting: Whang, Vander-Zanden, Taylor, 1990. */
uint32_t
scanner_distinct(const uint64_t *bits)
{
	uint32_t set = 0;

	for (int i = 0; i < SCANNER_BITS / 64; i++)
		set += (uint32_t)__builtin_popcountll(bits[i]);
	if (set >= SCANNER_BITS)
		set = SCANNER_BITS - 1;
	return (uint32_t)lround(
	    -SCANNER_BITS * log(1 - (double)set / SCANNER_BITS));
}

/*
 * The next place in a ring of `size`; how often it was asked for says how much
 * of the ring is in use, so it goes round above that for ever.
 */
static uint32_t
next_place(uint32_t *next, uint32_t size)
{
	uint32_t place = *next % size;

	*next = *next >= 2 * size ? size + place + 1 : *next + 1;
	return place;
}

static uint32_t
in_use(uint32_t next, uint32_t size)
{
	return next < size ? next : size;
}

void
scanner_clear(struct scanner *scanner)
{
	uint32_t tried = in_use(scanner->tried_next, SCANNER_TRIED);

	memset(scanner, 0,
	    offsetof(struct scanner, tried) + tried * sizeof(struct tried));
}

/* So few are looked at one by one. */
#define FEW 16

/* Its place, or SCANNER_TRIED. */
static uint32_t
find_tried(const struct scanner *scanner, uint32_t target)
{
	uint32_t count = in_use(scanner->tried_next, SCANNER_TRIED), found = 0;

	for (uint32_t i = 0; i < count && count <= FEW; i++)
		if (scanner->targets[i] == target)
			return i;
	if (count <= FEW)
		return SCANNER_TRIED;
	/* Each is there once; a constant number of them is what compilers make
	 * vectors of. */
	for (uint32_t i = 0; i < SCANNER_TRIED; i++)
		found |= scanner->targets[i] == target ? i + 1 : 0;
	return found == 0 ? SCANNER_TRIED : found - 1;
}

static void
forget_tried(struct scanner *scanner, uint32_t place)
{
	scanner->targets[place] = 0;
	memset(&scanner->tried[place], 0, sizeof(scanner->tried[place]));
}

static bool
is_served(const struct scanner *scanner, uint32_t target)
{
	uint32_t count = in_use(scanner->served_next, SCANNER_SERVED);

	for (uint32_t i = 0; i < count; i++)
		if (scanner->served[i] == target)
			return true;
	return false;
}

void
scanner_more(
    struct scanner *scanner, const struct attempt *attempt, uint32_t count)
{
	scanner->shared |= count > 0;
	scanner->attempts += count;
	scanner->by_technique[attempt->technique] += count;
}

bool
scanner_knows(const struct scanner *scanner, uint64_t server, uint8_t protocol,
    uint16_t port)
{
	return is_served(scanner, target_of(server, protocol, port));
}

/* The hosts of the least hashes are a sample of all that does not depend on how
 * many they are nor how often they are asked: Broder's bottom-k, 1997. */
static void
note_round(struct asked sample[SCANNER_ASKED], uint32_t host, uint32_t at)
{
	struct asked *place = NULL;

	for (int i = 0; i < SCANNER_ASKED; i++) {
		struct asked *one = &sample[i];

		if (one->host == host) {
			one->again |= at >= one->last + ROUND_LEAST;
			one->last = at > one->last ? at : one->last;
			return;
		}
		if (at > one->last + SCANNER_ROUND)
			*one = (struct asked){0};
		if (place == NULL || one->host == 0 ||
		    (place->host != 0 && one->host > place->host))
			place = one;
	}
	if (place->host == 0 || host < place->host)
		*place = (struct asked){.host = host, .last = at};
}

static bool
has_rounds(const struct asked sample[SCANNER_ASKED])
{
	int hosts = 0, again = 0;

	for (int i = 0; i < SCANNER_ASKED; i++) {
		hosts += sample[i].host != 0;
		again += sample[i].again != 0;
	}
	return hosts >= ASKED_LEAST && again * 4 >= hosts * 3;
}

void
scanner_asked(struct scanner *scanner, uint64_t server, const struct flow *flow)
{
	note_round(scanner->asked, host_of(server),
	    (uint32_t)(flow->first.ns / NS_PER_SECOND));
}

bool
scanner_asks_in_rounds(const struct scanner *scanner)
{
	return has_rounds(scanner->asked);
}

bool
scanner_may_check_in_rounds(const struct scanner *scanner)
{
	return scanner->last - scanner->first < SCANNER_ROUND * NS_PER_SECOND ||
	       has_rounds(scanner->checked);
}

/* False where it waits for that target. */
static bool
try_again(struct tried *tried, uint32_t at)
{
	if (at > tried->last)
		tried->last = at;
	if (at < tried->first)
		tried->first = at;
	if (tried->times < UINT8_MAX)
		tried->times++;
	if (tried->times >= RETRY_TIMES &&
	    tried->last - tried->first >= RETRY_SECONDS)
		tried->patient = true;
	return !tried->patient;
}

static void
note_load(struct scanner *scanner, uint32_t load)
{
	scanner->loads += load > 0 && load == scanner->load;
	scanner->load = load;
}

/*
 * A second; what fills datagrams and comes slower looks around (nmap with
 * --data-length sends some dozens a second to a host that does not answer).
 */
#define POURS 500

bool
scanner_pours(const struct scanner *scanner)
{
	int64_t took = scanner->last - scanner->first;

	return (uint64_t)scanner->loads * 4 >= scanner->attempts * 3 &&
	       (double)scanner->attempts * (double)NS_PER_SECOND >=
		   POURS * (double)took;
}

static void
note_attempt(struct scanner *scanner, uint64_t server,
    const struct attempt *attempt, const struct flow *flow)
{
	int64_t at = flow->first.ns;

	if (scanner->attempts == 0 || at < scanner->first)
		scanner->first = at;
	if (scanner->attempts == 0 || at > scanner->last)
		scanner->last = at;
	if (scanner->attempts < SCANNER_EXAMPLES)
		scanner->examples[scanner->attempts] = flow->first_packet;
	note_load(scanner, attempt_load(flow));
	scanner->attempts++;
	scanner->by_technique[attempt->technique]++;
	scanner->proven |= attempt->proven;
	set_bit(scanner->hosts, server);
	set_bit(scanner->ports, attempt->port);
}

/* Whether the port is one of the next ones after one that served it. */
static bool
is_next(const struct scanner *scanner, uint64_t server, uint8_t protocol,
    uint16_t port)
{
	for (uint16_t i = 1; i <= PORTS_ON && i < port; i++)
		if (scanner_knows(
			scanner, server, protocol, (uint16_t)(port - i)))
			return true;
	return false;
}

/* The same, when that one serves it later. */
static void
forget_next(
    struct scanner *scanner, uint64_t server, uint8_t protocol, uint16_t port)
{
	for (uint16_t i = 1; i <= PORTS_ON; i++) {
		uint32_t place = find_tried(
		    scanner, target_of(server, protocol, (uint16_t)(port + i)));

		if (place == SCANNER_TRIED || !scanner->tried[place].down)
			continue;
		forget_tried(scanner, place);
		scanner->walk--;
	}
}

bool
scanner_failed(struct scanner *scanner, uint64_t server,
    const struct attempt *attempt, const struct flow *flow)
{
	uint32_t target = target_of(server, flow->protocol, attempt->port);
	uint32_t at = (uint32_t)(flow->first.ns / NS_PER_SECOND);
	uint32_t place = find_tried(scanner, target);

	if (attempt->outcome == OUTCOME_FAILED &&
	    (is_served(scanner, target) ||
		is_next(scanner, server, flow->protocol, attempt->port)))
		return false;
	if (flow->protocol == PROTOCOL_TCP)
		note_round(scanner->checked, target, at);
	if (place < SCANNER_TRIED) {
		if (!try_again(&scanner->tried[place], at))
			return false;
	} else {
		place = next_place(&scanner->tried_next, SCANNER_TRIED);
		scanner->targets[place] = target;
		scanner->tried[place] = (struct tried){
		    .host = host_of(server),
		    .first = at,
		    .last = at,
		    .port = attempt->port,
		    .times = 1,
		    .technique = (uint8_t)attempt->technique,
		    .down = attempt->outcome == OUTCOME_FAILED,
		    .nobodys = attempt->nobodys,
		};
		scanner->walk += scanner->walk < INT32_MAX;
	}
	note_attempt(scanner, server, attempt, flow);
	return true;
}

void
scanner_served(struct scanner *scanner, uint64_t server,
    const struct attempt *attempt, const struct flow *flow)
{
	uint32_t target = target_of(server, flow->protocol, attempt->port);
	uint32_t place = find_tried(scanner, target);

	/* It was down and is up again; but who asked for nothing, and later
	 * for something, has looked around first. */
	if (place < SCANNER_TRIED && scanner->tried[place].down)
		forget_tried(scanner, place);
	else if (is_served(scanner, target))
		return;
	scanner->served[next_place(&scanner->served_next, SCANNER_SERVED)] =
	    target;
	scanner->served_count++;
	scanner->walk -= scanner->walk > -SCANNER_CREDIT;
	forget_next(scanner, server, flow->protocol, attempt->port);
}

void
scanner_note_served(
    struct scanner *scanner, uint64_t server, const struct flow *flow)
{
	scanner->lately[scanner->lately_next++ % SCANNER_LATELY] =
	    (struct served_lately){.at = flow->first.ns,
		.host = host_of(server),
		.port = flow_server(flow)->port};
}

const struct served_lately *
scanner_served_after(const struct scanner *scanner, uint64_t server,
    const struct flow *flow, int64_t window)
{
	const struct served_lately *found = NULL;

	for (int i = 0; i < SCANNER_LATELY; i++) {
		const struct served_lately *one = &scanner->lately[i];

		if (one->host == host_of(server) && one->at > flow->first.ns &&
		    one->at - flow->first.ns <= window &&
		    (found == NULL || one->at < found->at))
			found = one;
	}
	return found;
}

void
scanner_forgive(struct scanner *scanner, uint64_t server)
{
	for (uint32_t i = 0; i < SCANNER_TRIED; i++) {
		if (scanner->targets[i] == 0 ||
		    scanner->tried[i].host != host_of(server))
			continue;
		forget_tried(scanner, i);
		scanner->walk--;
	}
}

#define GROUPS 128

/* Those of one number among the targets that count: to compare each with each
 * was most of what a scan cost. */
struct groups {
	uint32_t numbers[GROUPS];
	uint8_t counts[GROUPS]; /* 0: no group */
	uint8_t firsts[GROUPS]; /* targets */
	uint8_t of[SCANNER_TRIED];
};

static_assert(GROUPS >= 2 * SCANNER_TRIED, "there is always a free place");

static void
group(struct groups *groups, uint32_t target, uint32_t number)
{
	uint32_t at = (number * 0x9e3779b1U) >> 16;

	for (at %= GROUPS; groups->counts[at] != 0; at = (at + 1) % GROUPS)
		if (groups->numbers[at] == number)
			break;
	if (groups->counts[at]++ == 0) {
		groups->numbers[at] = number;
		groups->firsts[at] = (uint8_t)target;
	}
	groups->of[target] = (uint8_t)at;
}

static bool
counts(const struct scanner *scanner, uint32_t target)
{
	return scanner->targets[target] != 0 && !scanner->tried[target].patient;
}

/* As many as have the same number as that target. */
static uint32_t
group_count(const struct groups *groups, uint32_t target)
{
	return groups->counts[groups->of[target]];
}

struct scan_shape
scanner_shape(const struct scanner *scanner, int64_t now, uint32_t window)
{
	struct scan_shape shape = {0};
	uint32_t at = (uint32_t)(now / NS_PER_SECOND);
	struct groups hosts = {.counts = {0}}, ports = {.counts = {0}};

	for (uint32_t i = 0; i < SCANNER_TRIED; i++) {
		if (!counts(scanner, i))
			continue;
		group(&hosts, i, scanner->tried[i].host);
		group(&ports, i, scanner->tried[i].port);
	}
	for (uint32_t i = 0; i < SCANNER_TRIED; i++) {
		const struct tried *one = &scanner->tried[i];

		if (!counts(scanner, i) ||
		    (at > one->last && at - one->last > window))
			continue;
		shape.targets++;
		shape.open += one->technique == TECHNIQUE_CONNECT && !one->down;
		shape.echoes += one->technique == TECHNIQUE_ICMP;
		shape.nobodys += one->nobodys;
		shape.hosts += hosts.firsts[hosts.of[i]] == i;
		if (group_count(&hosts, i) > shape.ports)
			shape.ports = group_count(&hosts, i);
		if (group_count(&ports, i) > shape.port_hosts) {
			shape.port_hosts = group_count(&ports, i);
			shape.port = one->port;
		}
	}
	return shape;
}
