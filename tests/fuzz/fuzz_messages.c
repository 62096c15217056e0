/*
 * Messages of every application over any octets.  The first octet chooses the
 * application, the next the transport and the direction; then a segment, up to
 * the first 0xfe, and another from the other end.
 */
#include <stdlib.h>
#include <string.h>

#include "classifiers/appid.h"
#include "classifiers/messages/messages.h"
#include "sensor/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every octet that is handed over is one of the segment. */
static void
check(const struct message *message, void *context)
{
	const struct frame *frame = context;
	volatile uint8_t sum = 0;

	if (message->kind >= MESSAGE_KINDS || message->size > MESSAGE_MAXIMUM ||
	    message->size > message->length ||
	    message->octets < frame->payload ||
	    message->octets + message->size >
		frame->payload + frame->payload_captured)
		abort();
	for (uint32_t i = 0; i < message->size; i++)
		sum = (uint8_t)(sum + message->octets[i]);
}

static void
read_one(struct message_note *note, const struct appid_flow *appid, uint8_t how,
    const uint8_t *octets, size_t size, bool from_client)
{
	static const uint8_t protocols[] = {
	    PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP, PROTOCOL_ICMPV6};
	struct frame frame = {
	    .status = FRAME_OK,
	    .key = {.protocol = protocols[how & 3]},
	    .payload_captured = (uint32_t)size,
	    .payload_length = (uint32_t)size + (how >> 4),
	    .icmp_type = how & 4 ? 8 : 128,
	};
	struct message_taker taker = {(1U << MESSAGE_KINDS) - 1, check, &frame};
	/* Of its own, so that a step too far is seen. */
	uint8_t *copy = malloc(size + 1);

	if (copy == NULL)
		return;
	if (size > 0)
		memcpy(copy, octets, size);
	frame.payload = realloc(copy, size == 0 ? 1 : size);
	if (frame.payload == NULL)
		frame.payload = copy;
	if (!note->over)
		messages_frame(note, &taker, appid, &frame, from_client);
	free((void *)(uintptr_t)frame.payload);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message_note note = {.over = false};
	struct appid_flow appid = {.final = true};
	const uint8_t *end;
	bool from_client;

	if (size < 2)
		return 0;
	appid.result = (struct appid){
	    .application = (enum application)(data[0] % APPLICATION_COUNT),
	    .confidence = APP_DPI,
	};
	from_client = (data[1] & 8) != 0;
	for (const uint8_t *at = data + 2; at < data + size; at = end + 1) {
		end = memchr(at, 0xfe, (size_t)(data + size - at));
		if (end == NULL)
			end = data + size;
		read_one(&note, &appid, data[1], at, (size_t)(end - at),
		    from_client);
		from_client = !from_client;
	}
	return 0;
}
