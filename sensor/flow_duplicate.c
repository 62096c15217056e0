#include "sensor/flow_duplicate.h"

#include "sensor/flow_mixer.h"
#include "sensor/frame.h"
#include <assert.h>

/*
 * The window lies between how late a copy can be and how soon a sender repeats
 * itself.  A copy has waited in one queue more: a full one of 1000 frames, as
 * Linux has it (txqueuelen), takes 12 ms at 1 Gbit/s; in the lab copies come
 * within 0.1 ms.  Repeats come after 200 ms (TCP_RTO_MIN of Linux; RFC 6298
 * asks for 1 s); the soonest in the lab, of MLD reports, after 52 ms.  Arkime
 * takes 2 s for the same question, in which TCP does repeat itself.
 */
#define COPIES_BITS 3
#define COPIES_MASK ((UINT32_C(1) << COPIES_BITS) - 1)

static_assert(FLOW_COPIES_MAXIMUM == COPIES_MASK, "copies fit their bits");
static_assert(sizeof(struct flow_recent) == 64, "one cache line a flow");

/* Octets after TCP's fixed header that are looked at. */
#define TCP_LOOK 32

#define IPV4_SIZE 20
#define TCP_SIZE  20
#define ICMP_SIZE 8

/*
 * The first 16 octets and the last 16.  Reads overlap where there are fewer:
 * that is cheaper than to end with what is left, and the IP length tells the
 * cases apart.
 */
static inline void
mix_octets(struct mixer *mixer, const uint8_t *at, size_t count)
{
	const uint8_t *end = at + count;

	if (count >= 16) {
		mix(mixer, mixer_load64(at), mixer_load64(at + 8));
		if (count > 16)
			mix(mixer, mixer_load64(end - 16),
			    mixer_load64(end - 8));
	} else if (count >= 8) {
		mix(mixer, mixer_load64(at), mixer_load64(end - 8));
	} else if (count >= 4) {
		mix(mixer, mixer_load32(at), mixer_load32(end - 4));
	} else if (count > 0) {
		mix(mixer, at[0], (uint64_t)at[count / 2] << 8 | end[-1]);
	}
}

/* Octets of the transport header and after it. */
static inline size_t
transport_there(const struct frame *frame)
{
	return frame->ip_captured > frame->transport_offset
		   ? frame->ip_captured - frame->transport_offset
		   : 0;
}

/*
 * The options, of which timestamps are the first 12 octets and the blocks of a
 * selective acknowledgement come next, which set duplicate ACKs of IPv6 apart;
 * or else the payload, because a forged packet that never arrives must not
 * hide one with the same header.
 */
static inline void
mix_tcp(struct mixer *mixer, uint64_t head, const struct frame *frame)
{
	const uint8_t *header = frame->ip;
	size_t count = transport_there(frame);

	head |= (uint64_t)frame->tcp_flags << 32;
	if (count >= TCP_SIZE) {
		header += frame->transport_offset;
		head |= mixer_load16(header + 14); /* the window */
	}
	mix(mixer, head,
	    (uint64_t)frame->tcp_sequence << 32 | frame->tcp_acknowledgement);
	if (count <= TCP_SIZE)
		return;
	count -= TCP_SIZE;
	mix_octets(
	    mixer, header + TCP_SIZE, count < TCP_LOOK ? count : TCP_LOOK);
}

/*
 * Of a long payload the beginning and the end: messages that share a
 * beginning, such as log lines of one second, differ there.
 */
static void
mix_payload(struct mixer *mixer, const struct frame *frame)
{
	size_t count = frame->payload_captured;

	if (count == 0 || frame->payload == NULL)
		return;
	/* Where the end is not there, the snap length chose what is last. */
	if (count < frame->payload_length && count > 16)
		count = 16;
	mix_octets(mixer, frame->payload, count);
}

static void
mix_icmp(struct mixer *mixer, uint64_t head, const struct frame *frame)
{
	uint64_t echo = 0;

	head |= (uint64_t)frame->icmp_type << 32 | frame->icmp_code;
	if (transport_there(frame) >= ICMP_SIZE) {
		const uint8_t *header = frame->ip + frame->transport_offset;

		echo =
		    mixer_load16(header + 4) << 16 | mixer_load16(header + 6);
	}
	mix(mixer, head, echo);
	mix_payload(mixer, frame);
}

uint32_t
flow_fingerprint(const struct frame *frame, const struct hash_key *secret)
{
	struct mixer mixer = mixer_start(secret);
	uint64_t head = (uint64_t)frame->ip_length << 40;

	if (frame->ip_captured >= IPV4_SIZE && frame->ip[0] >> 4 == 4)
		head |= mixer_load16(frame->ip + 4) << 16; /* identification */
	switch (frame->key.protocol) {
	case PROTOCOL_TCP:
		mix_tcp(&mixer, head, frame);
		break;
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		mix_icmp(&mixer, head, frame);
		break;
	default:
		mix(&mixer, head, 0);
		mix_payload(&mixer, frame);
	}
	return mixer_end(&mixer);
}

/*
 * Counts the packet as a copy if one of the remembered ones is this one and
 * neither too long ago nor copied too often.
 */
static bool
count_copy(const uint32_t *fingerprints, uint32_t *stamps, uint64_t packets,
    uint32_t fingerprint, uint32_t stamp)
{
	for (size_t i = 0; i < FLOW_RECENT && i < packets; i++) {
		uint32_t age = stamp - (stamps[i] & ~COPIES_MASK);

		if (fingerprints[i] == fingerprint &&
		    age <= FLOW_COPY_WINDOW << COPIES_BITS &&
		    (stamps[i] & COPIES_MASK) < FLOW_COPIES_MAXIMUM) {
			stamps[i]++;
			return true;
		}
	}
	return false;
}

bool
flow_is_duplicate(struct flow_recent *recent, int sender, uint64_t packets,
    uint32_t fingerprint, struct instant now)
{
	uint32_t *known = recent->fingerprints[sender];
	uint32_t *stamps = recent->stamps[sender];
	uint32_t stamp = flow_copy_units(now) << COPIES_BITS;

	static_assert(FLOW_RECENT == 4, "each is compared");
	if ((known[0] == fingerprint || known[1] == fingerprint ||
		known[2] == fingerprint || known[3] == fingerprint) &&
	    count_copy(known, stamps, packets, fingerprint, stamp))
		return true;
	known[packets % FLOW_RECENT] = fingerprint;
	stamps[packets % FLOW_RECENT] = stamp;
	return false;
}
