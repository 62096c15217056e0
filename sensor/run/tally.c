#include "sensor/run/tally.h"

#include <stddef.h>

#include "alerts/catalog.h"
#include "alerts/finding.h"
#include "sensor/flow.h"

void
tally_verdict(struct tally *tally, const struct verdict *verdict)
{
	tally->verdicts[verdict->kind]++;
	if (verdict->kind == VERDICT_DEVIATION)
		tally->deviations[verdict->deviation]++;
}

static enum tally_transport
transport_of(const struct flow *flow)
{
	switch (flow->protocol) {
	case PROTOCOL_TCP:
		return TALLY_TCP;
	case PROTOCOL_UDP:
		return TALLY_UDP;
	case PROTOCOL_ICMP:
		return TALLY_ICMP;
	case PROTOCOL_ICMPV6:
		return TALLY_ICMPV6;
	case PROTOCOL_SCTP:
		return TALLY_SCTP;
	default: /* a number that a packet says */
		return TALLY_OTHER;
	}
}

void
tally_end(struct tally *tally, const struct flow *flow,
    const struct appid *appid, int end)
{
	tally->ends[transport_of(flow)][end]++;
	if (end != TALLY_COPY)
		tally->applications[appid->application][appid->confidence]++;
}

void
tally_alert(struct tally *tally, const struct finding *finding)
{
	ptrdiff_t at = finding->catalogued - catalog_signatures;

	if (at >= TALLY_SIGNATURES)
		at = TALLY_SIGNATURES - 1;
	tally->alerts[at][finding->severity]++;
}

const char *
tally_transport_name(enum tally_transport transport)
{
	switch (transport) {
	case TALLY_TCP:
		return "tcp";
	case TALLY_UDP:
		return "udp";
	case TALLY_ICMP:
		return "icmp";
	case TALLY_ICMPV6:
		return "icmpv6";
	case TALLY_SCTP:
		return "sctp";
	case TALLY_OTHER:
	case TALLY_TRANSPORTS:
		break;
	}
	return "other";
}

const char *
tally_end_name(int end)
{
	if (end == TALLY_COPY)
		return "copy";
	return end == TALLY_INFRASTRUCTURE
		   ? "infrastructure"
		   : verdict_kind_name((enum verdict_kind)end);
}
