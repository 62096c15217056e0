/*
 * Syslog over UDP (RFC 5426): one message a datagram, and nobody says that it
 * arrived.  All that can be known is an ICMP error, when nobody listens; so
 * each burst waits a moment for one before it counts as arrived.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alerts/delivery_lane.h"
#include "sensor/base/arena.h"
#include "sensor/base/dial.h"
#include "sensor/base/loop.h"
#include "sensor/base/resolve.h"
#include "sensor/base/text.h"

/* Longer than a round trip in a data centre, and 3200 messages a second. */
#define BURST 64
#define PAUSE (20 * NS_PER_MS)

/* What UDP over IPv4 carries: 65535 - 20 - 8. */
#define DATAGRAM_MAXIMUM 65507

struct datagram_sink {
	struct lane *lane;
	int socket;           /* -1: to be made */
	struct resolve *name; /* that is looked up */
	unsigned attempt;     /* each tries another address of the name */
	struct text message;
};

static void
fail(struct datagram_sink *sink, const char *why)
{
	if (sink->socket >= 0)
		(void)close(sink->socket);
	sink->socket = -1;
	resolve_free(sink->name);
	sink->name = NULL;
	lane_lost(sink->lane, why, 0);
}

/*
 * returns    0 when it is sent, or is not for this sink, else an errno
 */
static int
send_one(struct datagram_sink *sink, struct lane_record *record)
{
	struct lane *lane = sink->lane;

	text_clear(&sink->message);
	if (!format_message(&sink->message, lane_url(lane)->format,
		lane_format(lane), record->octets, record->size)) {
		lane_refuse(lane, record, "this format has no place for it");
		return 0;
	}
	if (sink->message.length > DATAGRAM_MAXIMUM) {
		lane_refuse(lane, record, "it is longer than a datagram");
		return 0;
	}
	if (send(sink->socket, sink->message.at, sink->message.length, 0) < 0) {
		/* The network's: it would never go through. */
		if (errno != EMSGSIZE)
			return errno;
		lane_refuse(lane, record, "it is longer than a datagram");
		return 0;
	}
	lane_sent(lane, record);
	return 0;
}

/* Nobody complained about the burst before. */
static void
acknowledge(struct lane *lane)
{
	struct lane_record *record;

	while (
	    (record = lane_oldest(lane)) != NULL && record->state == LANE_SENT)
		lane_done(lane, record);
}

/* The name has addresses, or none. */
static void
resolved(const struct resolve_answer *answer, void *context)
{
	struct datagram_sink *sink = context;
	char fault[DIAL_FAULT_SIZE];

	if (answer->count == 0) {
		fail(sink, answer->fault);
		return;
	}
	sink->socket = dial(answer->addresses[sink->attempt++ % answer->count],
	    lane_url(sink->lane)->port, true, fault);
	if (sink->socket < 0)
		fail(sink, fault);
	else
		lane_pause(sink->lane, 0);
}

/* Nothing is looked up for nobody. */
static void
look_up(struct datagram_sink *sink)
{
	if (sink->name != NULL || lane_next(sink->lane) == NULL)
		return;
	sink->name = resolve_new(
	    lane_loop(sink->lane), lane_url(sink->lane)->host, resolved, sink);
	if (sink->name == NULL)
		fail(sink, strerror(errno));
}

static void
go(void *context)
{
	struct datagram_sink *sink = context;
	struct lane_record *record;
	int error = 0;

	if (sink->socket < 0) {
		look_up(sink);
		return;
	}
	error = dial_error(sink->socket);
	if (error == 0)
		acknowledge(sink->lane);
	for (int i = 0; i < BURST && error == 0; i++) {
		record = lane_next(sink->lane);
		if (record == NULL)
			break;
		error = send_one(sink, record);
	}
	if (error == EAGAIN || error == ENOBUFS)
		error = 0;
	if (error != 0)
		fail(sink, strerror(error));
	else if (lane_under_way(sink->lane) > 0)
		lane_pause(sink->lane, PAUSE);
}

static void *
open_sink(struct lane *lane, char fault[SINK_FAULT_SIZE])
{
	struct datagram_sink *sink = allocate(1, sizeof(*sink));

	(void)fault;
	sink->lane = lane;
	sink->socket = -1;
	text_init(&sink->message, 2 * FORMAT_MAXIMUM);
	return sink;
}

static void
close_sink(void *context)
{
	struct datagram_sink *sink = context;

	if (sink->socket >= 0)
		(void)close(sink->socket);
	resolve_free(sink->name);
	text_release(&sink->message);
	free(sink);
}

const struct lane_sink sink_datagram = {open_sink, close_sink, go, NULL};
