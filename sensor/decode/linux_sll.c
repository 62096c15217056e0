/*
 * linux_sll -- what Linux writes for `-i any`: LINKTYPE_LINUX_SLL and _SLL2
 * (tcpdump.org/linktypes).
 */
#include "sensor/decode/decode_parts.h"

#define ARPHRD_OF_NETLINK 824 /* its protocol field is a netlink family */
#define PROTOCOL_OF_LLC   4   /* Linux, ETH_P_802_2; none is an EtherType */

static enum layer
sll_protocol(struct decode *d, uint16_t hardware, uint16_t protocol)
{
	if (hardware == ARPHRD_OF_NETLINK)
		return decode_end(d, FRAME_NOT_IP);
	if (protocol == PROTOCOL_OF_LLC)
		return LAYER_LLC;
	if (layer_of_ethertype(protocol) == LAYER_END)
		return decode_end(d, FRAME_NOT_IP);
	return layer_of_ethertype(protocol);
}

enum layer
decode_linux_sll(struct decode *d)
{
	struct cursor header;
	uint16_t hardware;

	if (!decode_take(d, 16, &header))
		return decode_end(d, FRAME_SHORT);
	cursor_take(&header, 2);
	hardware = cursor_be16(&header);
	cursor_take(&header, 10);
	return sll_protocol(d, hardware, cursor_be16(&header));
}

enum layer
decode_linux_sll2(struct decode *d)
{
	struct cursor header;
	uint16_t protocol;

	if (!decode_take(d, 20, &header))
		return decode_end(d, FRAME_SHORT);
	protocol = cursor_be16(&header);
	cursor_take(&header, 6);
	return sll_protocol(d, cursor_be16(&header), protocol);
}
