#include "sensor/decode/decode.h"

#include <string.h>

#include "sensor/decode/decode_parts.h"
#include "sensor/packet.h"

static enum layer (*const decoders[])(struct decode *d) = {
#define X(name, function) [LAYER_##name] = decode_##function,
    LAYERS(X)
#undef X
};

/* Goes in from one layer, on from the layers that were passed before. */
static enum frame_status
decode_from(struct decode *d, enum layer layer)
{
	struct frame *frame = d->frame;

	frame->packets = 1;
	while (frame->layers < FRAME_LAYERS_MAXIMUM) {
		frame->layers++;
		layer = decoders[layer](d);
		if (layer == LAYER_END)
			return frame->status;
	}
	return frame->status = FRAME_TOO_DEEP;
}

enum frame_status
decode_packet(const struct packet *packet, struct frame *frame)
{
	enum layer layer = layer_of_link_type(packet->link_type);
	struct decode d = {
	    .cursor = cursor_over(packet->octets, packet->captured),
	    .frame = frame,
	};

	memset(frame, 0, sizeof(*frame));
	if (layer == LAYER_END)
		return frame->status = FRAME_UNKNOWN_LINK;
	if (packet->length > packet->captured)
		d.cut = packet->length - packet->captured;
	return decode_from(&d, layer);
}

enum frame_status
decode_datagram(const uint8_t *ip, uint32_t captured, uint32_t length,
    bool whole, struct frame *frame)
{
	struct decode d = {
	    .cursor = cursor_over(ip, captured),
	    .cut = length - captured,
	    .frame = frame,
	    .partial = !whole,
	};

	return decode_from(&d, LAYER_RAW_IP);
}
