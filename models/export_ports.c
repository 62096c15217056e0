#include "models/export_parts.h"
#include "sensor/base/arena.h"
#include "sensor/frame.h"

/* What a port without a protocol stands for; only these have port numbers. */
static const uint8_t with_ports[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_SCTP};

#define WITH_PORTS (sizeof(with_ports) / sizeof(with_ports[0]))

bool
protocol_has_ports(uint8_t protocol)
{
	for (size_t i = 0; i < WITH_PORTS; i++)
		if (with_ports[i] == protocol)
			return true;
	return false;
}

const char *
protocol_word(uint8_t protocol)
{
	switch (protocol) {
	case PROTOCOL_TCP:
		return "tcp";
	case PROTOCOL_UDP:
		return "udp";
	case PROTOCOL_SCTP:
		return "sctp";
	case PROTOCOL_ICMP:
		return "icmp";
	case PROTOCOL_ICMPV6:
		return "icmpv6";
	default:
		return "any";
	}
}

static int
compare_ranges(const void *a, const void *b)
{
	const struct port_range *left = a, *right = b;

	if (left->protocol != right->protocol)
		return left->protocol < right->protocol ? -1 : 1;
	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	return (left->last > right->last) - (left->last < right->last);
}

/* Ranges that touch become one; a firewall's sets refuse those that overlap */
static size_t
join(struct port_range *at, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct port_range *last = kept == 0 ? NULL : &at[kept - 1];

		if (last != NULL && last->protocol == at[i].protocol &&
		    at[i].first <= (uint32_t)last->last + 1) {
			if (at[i].last > last->last)
				last->last = at[i].last;
			continue;
		}
		at[kept++] = at[i];
	}
	return kept;
}

struct port_set
port_set_of(struct arena *arena, const struct port_range *ranges, size_t count)
{
	struct port_set set = {
	    .any = count == 0,
	    .at = arena_array(arena, count * WITH_PORTS, sizeof(*set.at)),
	};

	for (size_t i = 0; i < count; i++) {
		if (ranges[i].protocol != 0) {
			set.at[set.count++] = ranges[i];
			continue;
		}
		for (size_t p = 0; p < WITH_PORTS; p++) {
			set.at[set.count] = ranges[i];
			set.at[set.count++].protocol = with_ports[p];
		}
	}
	if (set.count > 0)
		qsort(set.at, set.count, sizeof(*set.at), compare_ranges);
	set.count = join(set.at, set.count);
	return set;
}
