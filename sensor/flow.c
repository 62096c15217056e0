#include "sensor/flow.h"

#include <assert.h>
#include <string.h>

#include "sensor/base/digest.h"
#include "sensor/base/hash.h"
#include "sensor/icmp_pair.h"

/* Octets being put together for a hash; every caller's sum fits. */
struct octets {
	uint8_t at[48];
	size_t count;
};

static void
octets_add(struct octets *octets, const void *more, size_t count)
{
	assert(octets->count + count <= sizeof(octets->at));
	memcpy(octets->at + octets->count, more, count);
	octets->count += count;
}

static void
octets_add_be16(struct octets *octets, uint16_t value)
{
	uint8_t big[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	octets_add(octets, big, sizeof(big));
}

static void
octets_add_be64(struct octets *octets, uint64_t value)
{
	for (unsigned shift = 64; shift > 0; shift -= 16)
		octets_add_be16(octets, (uint16_t)(value >> (shift - 16)));
}

/* Whether the end that counts as the server now has said yes by speaking. */
static bool
server_has_spoken(const struct flow *flow)
{
	int server = !flow->client;

	if (flow->packets[server] == 0)
		return false;
	return flow->protocol != PROTOCOL_TCP ||
	       flow->tcp.ends[server] < TCP_END_RESET;
}

bool
flow_set_client(struct flow *flow, int end, enum direction_confidence evidence)
{
	assert(end == 0 || end == 1);
	if (evidence <= flow->direction)
		return false;
	flow->direction = evidence;
	if (flow->client == end)
		return false;
	flow->client = (uint8_t)end;
	/*
	 * TCP that can still turn round is midstream (a SYN or SYN-ACK at the
	 * start leaves nothing that outranks it), so the connection exists and
	 * speaking is answering, as it is for every other protocol.
	 */
	flow->answered = server_has_spoken(flow);
	return true;
}

const char *
direction_confidence_name(enum direction_confidence confidence)
{
	static const char *const names[] = {
	    [DIRECTION_HEURISTIC] = "heuristic",
	    [DIRECTION_METADATA] = "metadata",
	    [DIRECTION_HANDSHAKE] = "handshake",
	};

	return names[confidence];
}

const char *
flow_reason_name(enum flow_reason reason)
{
	static const char *const names[] = {
	    [FLOW_TIMEOUT] = "timeout",
	    [FLOW_CLOSED] = "closed",
	    [FLOW_REUSED] = "reused",
	    [FLOW_EVICTED] = "evicted",
	    [FLOW_SHUTDOWN] = "shutdown",
	};

	return names[reason];
}

const char *
flow_state_name(enum flow_state state)
{
	static const char *const names[FLOW_STATE_COUNT] = {
	    [FLOW_ATTEMPT] = "attempt",
	    [FLOW_ESTABLISHED] = "established",
	    [FLOW_FINISHED] = "finished",
	};

	return names[state];
}

/* --- history -------------------------------------------------------------- */

/* UDP's letters say no more than who sent, and who first. */
static size_t
datagram_letters(const struct flow *flow, char *out)
{
	size_t count = 0;

	for (int i = 0; i < 2; i++) {
		int end = flow->opener ^ i;

		if (flow->packets[end] > 0)
			out[count++] = end == 0 ? 'D' : 'd';
	}
	return count;
}

/* Changes between upper and lower case. */
#define CASE_BIT ('A' ^ 'a')

void
flow_history(const struct flow *flow, char out[FLOW_HISTORY_SIZE])
{
	size_t count = 0, length = 0;
	char letters[FLOW_LETTERS];

	if (flow->protocol == PROTOCOL_TCP) {
		count = flow->tcp.letter_count;
		memcpy(letters, flow->letters, count);
	} else if (flow->protocol == PROTOCOL_UDP) {
		count = datagram_letters(flow, letters);
	}
	if (count > 0 && flow->opener != flow->client)
		out[length++] = '^';
	for (size_t i = 0; i < count; i++)
		out[length++] =
		    (char)(flow->client == 0 ? letters[i]
					     : letters[i] ^ CASE_BIT);
	out[length] = '\0';
}

/* Whether an end took part without a handshake, if at all. */
static bool
is_inactive(enum tcp_end end)
{
	return end == TCP_END_SILENT || end == TCP_END_PARTIAL;
}

static bool
was_reset(enum tcp_end end)
{
	return end == TCP_END_RESET || end == TCP_END_RESET_AFTER_FIN;
}

/*
 * A half-open scan: the client's SYN, then its RST, and of the client nothing
 * between them but more SYNs or payload.
 */
static bool
is_syn_then_reset(const struct flow *flow)
{
	char history[FLOW_HISTORY_SIZE];
	const char *at = history;

	flow_history(flow, history);
	at += *at == '^';
	if (*at != 'S')
		return false;
	return at[strcspn(at, "HAFGIQR")] == 'R';
}

static const char *
tcp_state_after_reset(
    const struct flow *flow, enum tcp_end client, enum tcp_end server)
{
	const char *letters = flow->letters;
	size_t count = flow->tcp.letter_count;
	bool payload = memchr(letters, 'D', count) != NULL ||
		       memchr(letters, 'd', count) != NULL;

	if (!was_reset(server) && is_inactive(server))
		return is_syn_then_reset(flow) ? "RSTOS0" : "OTH";
	if (!was_reset(server))
		return "RSTO";
	if (client == TCP_END_ASKED || (was_reset(client) && !payload))
		return "REJ";
	return is_inactive(client) ? "RSTRH" : "RSTR";
}

/* The meaning of each is that of Zeek's conn.log. */
static const char *
tcp_state(const struct flow *flow)
{
	enum tcp_end client = flow->tcp.ends[flow->client];
	enum tcp_end server = flow->tcp.ends[!flow->client];

	if (was_reset(client) || was_reset(server))
		return tcp_state_after_reset(flow, client, server);
	if (client == TCP_END_CLOSED && server == TCP_END_CLOSED)
		return "SF";
	if (client == TCP_END_CLOSED)
		return is_inactive(server) ? "SH" : "S2";
	if (server == TCP_END_CLOSED)
		return is_inactive(client) ? "SHR" : "S3";
	if (client == TCP_END_ASKED && server == TCP_END_SILENT)
		return "S0";
	if (client == TCP_END_OPEN && server == TCP_END_OPEN)
		return "S1";
	return "OTH";
}

const char *
flow_connection_state(const struct flow *flow)
{
	bool client = flow->packets[flow->client] > 0;
	bool server = flow->packets[!flow->client] > 0;

	if (flow->protocol == PROTOCOL_TCP)
		return tcp_state(flow);
	if (flow->protocol != PROTOCOL_UDP)
		return NULL;
	if (client && server)
		return "SF";
	return client ? "S0" : "SHR";
}

/* --- identifiers ---------------------------------------------------------- */

/* One end as Community ID sees it. */
struct community_end {
	const struct address *address;
	uint16_t port;
};

static bool
community_end_after(
    const struct community_end *a, const struct community_end *b)
{
	int order = address_compare(a->address, b->address);

	return order > 0 || (order == 0 && a->port > b->port);
}

/*
 * ICMP has types where others have ports: the sender's own and the one that
 * belongs to it, or the code when none does.  Only paired types are ordered
 * (community-id-spec, README, "ICMP").
 */
static bool
community_icmp_ports(const struct flow *flow, struct community_end ends[2])
{
	uint8_t counterpart = flow->icmp_code;
	enum icmp_role role =
	    icmp_role_of(flow->protocol, flow->icmp_type, &counterpart);

	ends[0].port = flow->icmp_type;
	ends[1].port = counterpart;
	return role != ICMP_ONE_WAY;
}

/* The ends in the order that is hashed; the first is the opener's at first. */
static void
community_ends(const struct flow *flow, struct community_end ends[2])
{
	bool ordered = true;

	for (int i = 0; i < 2; i++) {
		const struct flow_end *end = &flow->ends[flow->opener ^ i];

		ends[i] = (struct community_end){&end->address, end->port};
	}
	if (flow->protocol == PROTOCOL_ICMP ||
	    flow->protocol == PROTOCOL_ICMPV6)
		ordered = community_icmp_ports(flow, ends);
	if (ordered && community_end_after(&ends[0], &ends[1])) {
		struct community_end first = ends[0];

		ends[0] = ends[1];
		ends[1] = first;
	}
}

/* The other protocols are hashed without ports (community-id-spec). */
static bool
community_has_ports(uint8_t protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP ||
	       protocol == PROTOCOL_SCTP || protocol == PROTOCOL_ICMP ||
	       protocol == PROTOCOL_ICMPV6;
}

void
flow_community_id(const struct flow *flow, char out[COMMUNITY_ID_SIZE])
{
	struct community_end ends[2];
	struct octets octets = {.count = 0};
	uint8_t digest[DIGEST_SIZE];
	const uint8_t padding = 0;

	community_ends(flow, ends);
	octets_add_be16(&octets, 0); /* the seed */
	for (int i = 0; i < 2; i++) {
		/* IPv4 goes in as its 4 octets, not as a mapped address. */
		size_t skip = address_is_ipv4(ends[i].address) ? 12 : 0;

		octets_add(&octets, ends[i].address->octets + skip, 16 - skip);
	}
	octets_add(&octets, &flow->protocol, 1);
	octets_add(&octets, &padding, 1);
	if (community_has_ports(flow->protocol)) {
		octets_add_be16(&octets, ends[0].port);
		octets_add_be16(&octets, ends[1].port);
	}
	digest_sha1(octets.at, octets.count, digest);
	memcpy(out, "1:", 2);
	digest_base64(digest, out + 2);
}

uint64_t
flow_id(const struct flow *flow)
{
	/* Any constant would do; it must never change, for records keep it. */
	static const struct hash_key key = {
	    {UINT64_C(0x6865646765726f77), UINT64_C(0x666c6f772d696400)}};
	/* Readers of JSON keep integers exactly up to 2^53 (RFC 8259, 6). */
	const uint64_t mask = (UINT64_C(1) << 53) - 1;
	struct octets octets = {.count = 0};

	for (int i = 0; i < 2; i++) {
		octets_add(&octets, flow->ends[i].address.octets, 16);
		octets_add_be16(&octets, flow->ends[i].port);
	}
	octets_add(&octets, &flow->protocol, 1);
	octets_add_be64(&octets, (uint64_t)flow->first.ns);
	if (flow->domain != 0)
		octets_add_be16(&octets, flow->domain);
	return hash_octets(&key, octets.at, octets.count) & mask;
}
