#include <time.h>

#include "sensor/packet.h"
#include "sensor/run/exit.h"
#include "sensor/run/live_parts.h"

/* Packets in a row, a millisecond's work: then others have their turn. */
#define BATCH 1024

/* How often an interface that is down is looked at. */
#define RETRY (NS_PER_SECOND / 2)

/* --- opening -------------------------------------------------------------- */

static int
open_interface(struct live *live, size_t number)
{
	struct live_interface *one = &live->interfaces[number];
	const struct capture_live_settings settings = {
	    .interface = live->settings->interfaces[number],
	    .filter = live->settings->filter,
	    .buffer = live->settings->buffer,
	    .promiscuous = live->settings->promiscuous,
	    .number = (uint32_t)number,
	};
	char fault[CAPTURE_LIVE_FAULT_SIZE];
	bool denied;

	one->live = live;
	one->capture = capture_live_open(&settings, fault, &denied);
	if (one->capture != NULL)
		return EXIT_DONE;
	live_say("%s", fault);
	return denied ? EXIT_PERMISSION : EXIT_USAGE;
}

int
live_open_interfaces(struct live *live)
{
	int code = EXIT_DONE;

	for (size_t i = 0; i < live->settings->interface_count; i++)
		if (code == EXIT_DONE)
			code = open_interface(live, i);
	return code;
}

/* --- taking --------------------------------------------------------------- */

static void
on_packet(const struct packet *packet, void *context)
{
	struct live *live = context;

	(void)pipeline_packet(live->pipeline, packet);
}

static size_t
take_batch(struct live_interface *one)
{
	struct live *live = one->live;
	size_t taken;

	if (live->at_hand != one) {
		live->at_hand = one;
		pipeline_set_interface(
		    live->pipeline, capture_live_interface(one->capture));
	}
	taken = capture_live_take(one->capture, BATCH, on_packet, live);
	pipeline_flush(live->pipeline);
	return taken;
}

static bool
any_is_left(const struct live *live)
{
	for (size_t i = 0; i < live->settings->interface_count; i++)
		if (capture_live_status(live->interfaces[i].capture) !=
		    CAPTURE_LIVE_GONE)
			return true;
	return false;
}

/*
 * Opening it again would need a right that was given up: whoever started us
 * does that, for an exit code says so.
 */
static void
interface_is_gone(struct live_interface *one)
{
	struct live *live = one->live;

	if (one->gone)
		return;
	one->gone = true;
	live_say("%s: the interface was removed",
	    capture_live_interface(one->capture));
	loop_watch_change(one->watch, 0);
	if (any_is_left(live))
		return;
	live_say("no interface is left; the sensor ends, to be started anew");
	live->code = EXIT_INPUT;
	live->stopping = true;
	loop_stop(live->loop);
}

/* A socket of an interface that is down may be readable all the time. */
static void
interface_is_down(struct live_interface *one)
{
	loop_watch_change(one->watch, 0);
	loop_timer_set(one->retry, RETRY);
}

static void
on_readable(int descriptor, unsigned what, void *context)
{
	struct live_interface *one = context;

	(void)descriptor;
	(void)what;
	(void)take_batch(one);
	switch (capture_live_status(one->capture)) {
	case CAPTURE_LIVE_OPEN:
		break;
	case CAPTURE_LIVE_DOWN:
		interface_is_down(one);
		break;
	case CAPTURE_LIVE_GONE:
		interface_is_gone(one);
		break;
	}
}

static void
on_retry(void *context)
{
	struct live_interface *one = context;

	loop_watch_change(one->watch, LOOP_READABLE);
	on_readable(-1, LOOP_READABLE, one);
}

void
live_look_at_interfaces(struct live *live)
{
	for (size_t i = 0; i < live->settings->interface_count; i++) {
		struct live_interface *one = &live->interfaces[i];

		capture_live_look(one->capture);
		if (capture_live_status(one->capture) == CAPTURE_LIVE_GONE)
			interface_is_gone(one);
	}
}

void
live_watch_interfaces(struct live *live)
{
	for (size_t i = 0; i < live->settings->interface_count; i++) {
		struct live_interface *one = &live->interfaces[i];

		one->retry = loop_timer_new(live->loop, on_retry, one);
		one->watch = loop_watch_new(live->loop,
		    capture_live_descriptor(one->capture), LOOP_READABLE,
		    on_readable, one);
	}
}

/* --- the end -------------------------------------------------------------- */

/*
 * The block that the kernel writes to comes to us when its time is up, and
 * packets go on coming: so until as many were taken as had come when we were
 * told to stop, or nothing came for a few such times.
 */
static void
drain(struct live_interface *one)
{
	struct capture_live_counts counts = capture_live_counts(one->capture);
	uint64_t end = counts.received - counts.dropped;
	const struct timespec nap = {
	    .tv_nsec = CAPTURE_LIVE_BLOCK_MS * NS_PER_MS / 10};

	for (int quiet = 0; counts.taken < end && quiet < 30; quiet++) {
		if (take_batch(one) > 0)
			quiet = 0;
		else
			(void)nanosleep(&nap, NULL);
		if (capture_live_status(one->capture) != CAPTURE_LIVE_OPEN)
			break;
		counts = capture_live_counts(one->capture);
	}
}

void
live_drain_interfaces(struct live *live)
{
	for (size_t i = 0; i < live->settings->interface_count; i++)
		drain(&live->interfaces[i]);
}

void
live_close_interfaces(struct live *live)
{
	for (size_t i = 0; i < LIVE_INTERFACES; i++) {
		struct live_interface *one = &live->interfaces[i];

		loop_watch_free(one->watch);
		loop_timer_free(one->retry);
		capture_live_close(one->capture);
		*one = (struct live_interface){.live = live};
	}
}
