#include "sensor/run/observation_check.h"

#include <string.h>

#include "sensor/run/observation.h"

/* Nanoseconds since 1970: until 2116. */
#define TIME_MOST (INT64_C(1) << 62)

/* Reading a switch that is neither on nor off is undefined, so its octet is. */
static bool
is_switch(const bool *field)
{
	uint8_t octet;

	memcpy(&octet, field, sizeof(octet));
	return octet <= 1;
}

/* An enum may lie as any number in its memory. */
static bool
is_choice(const void *field, unsigned last)
{
	unsigned value;

	memcpy(&value, field, sizeof(value));
	return value <= last;
}

_Static_assert(sizeof(enum flow_state) == sizeof(unsigned) &&
		   sizeof(enum application) == sizeof(unsigned),
    "is_choice() reads an enum as a number");

/* Any two of them can be subtracted: seventy years to either side of now are
 * within. */
static bool
is_time(struct instant at)
{
	return at.ns > -TIME_MOST && at.ns < TIME_MOST;
}

/* Its octets are the observation's payload. */
static bool
message_is_sound(const struct observation *head)
{
	const struct message *message = &head->message;

	return is_choice(&message->kind, MESSAGE_KINDS - 1) &&
	       is_switch(&message->from_client) &&
	       message->size <= head->payload_size &&
	       message->size <= MESSAGE_MAXIMUM;
}

static bool
head_is_sound(const struct observation *head)
{
	if (head->kind == OBSERVED_MESSAGE && !message_is_sound(head))
		return false;
	return is_time(head->at) && is_time(head->wall) &&
	       is_choice(&head->kind, OBSERVED_CLOCK) &&
	       is_switch(&head->asked.whole) && head->heard.sender >= 0 &&
	       head->heard.sender <= 1 && is_switch(&head->heard.duplicate) &&
	       is_choice(&head->reason, FLOW_SHUTDOWN) &&
	       is_switch(&head->revised) && is_switch(&head->differs);
}

static bool
tcp_is_sound(const struct flow_tcp *tcp)
{
	return tcp->letter_count <= FLOW_LETTERS && tcp->reopening <= 2 &&
	       tcp->ends[0] <= TCP_END_RESET_AFTER_FIN &&
	       tcp->ends[1] <= TCP_END_RESET_AFTER_FIN;
}

static bool
flow_is_sound(const struct flow *flow)
{
	return is_time(flow->first) && is_time(flow->last) &&
	       is_choice(&flow->direction, DIRECTION_HANDSHAKE) &&
	       is_choice(&flow->state, FLOW_FINISHED) && flow->opener <= 1 &&
	       flow->client <= 1 && is_switch(&flow->answered) &&
	       is_switch(&flow->refused) && is_switch(&flow->midstream) &&
	       is_switch(&flow->inferred) &&
	       flow->vlan_count <= FRAME_VLANS_MAXIMUM &&
	       is_choice(&flow->tunnel.kind, TUNNEL_IPIP) &&
	       tcp_is_sound(&flow->tcp);
}

static bool
appid_is_sound(const struct appid_flow *appid)
{
	return is_choice(&appid->result.application, APPLICATION_COUNT - 1) &&
	       is_choice(&appid->result.carrier, APPLICATION_COUNT - 1) &&
	       is_choice(&appid->result.confidence, APP_DPI) &&
	       is_switch(&appid->final) && is_switch(&appid->server_first) &&
	       is_switch(&appid->ndpi_over);
}

bool
observation_is_sound(const struct observation *head, const struct flow *flow,
    const struct appid_flow *appid)
{
	return head_is_sound(head) &&
	       (head->kind == OBSERVED_CLOCK ||
		   (flow_is_sound(flow) && appid_is_sound(appid)));
}
