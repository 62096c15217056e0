/*
 * Syslog over TCP with octet counting (RFC 6587, 3.4.1) and over TLS (RFC 5425,
 * which counts octets too).
 *
 * Neither acknowledges: what the receiver's kernel has confirmed its process
 * may never read.  So what was confirmed is kept for a while (`settle`), or
 * until the window needs its place, and is sent again when the connection is
 * lost; then some messages come twice, with the same id.
 */
#include <errno.h>
#include <stdio.h>
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
#include "sensor/base/tls.h"

#define CONNECT_PATIENCE (5 * NS_PER_SECOND)

/* A receiver that confirms nothing for so long is no better than none. */
#define STALL_PATIENCE (60 * NS_PER_SECOND)
#define CHECK_INTERVAL (50 * NS_PER_MS)

/* Messages in a row, some milliseconds' work. */
#define BURST 256

enum phase { IDLE, RESOLVING, CONNECTING, SHAKING, UP };

struct stream_sink {
	struct lane *lane;
	struct tls_context *trust; /* NULL: plain TCP */
	struct tls *tls;
	enum phase phase;
	struct resolve *name; /* that is looked up */
	unsigned attempt;     /* each tries another address of the name */
	int socket;
	struct loop_watch *watch;
	struct loop_timer *check;
	struct instant begun;       /* this phase */
	struct instant drained;     /* all that was sent was confirmed then */
	struct text message;        /* with its count; the rest is to be sent */
	size_t done;                /* octets of it that were */
	struct lane_record *record; /* it is, or NULL */
};

static void push(struct stream_sink *sink);

/* --- the connection ------------------------------------------------------- */

static void
hang_up(struct stream_sink *sink)
{
	loop_watch_free(sink->watch);
	sink->watch = NULL;
	loop_timer_cancel(sink->check);
	resolve_free(sink->name);
	sink->name = NULL;
	tls_free(sink->tls);
	sink->tls = NULL;
	if (sink->socket >= 0)
		(void)close(sink->socket);
	sink->socket = -1;
	sink->phase = IDLE;
	sink->record = NULL;
	sink->done = 0;
	text_clear(&sink->message);
}

static void
fail(struct stream_sink *sink, const char *why)
{
	char said[TLS_FAULT_SIZE];

	/* It may lie in what is about to be freed. */
	(void)snprintf(said, sizeof(said), "%s", why);
	hang_up(sink);
	lane_lost(sink->lane, said, 0);
}

static void
enter(struct stream_sink *sink, enum phase phase)
{
	sink->phase = phase;
	sink->begun = sink->drained = loop_steady(lane_loop(sink->lane));
}

static void
shake_hands(struct stream_sink *sink)
{
	switch (tls_shake_hands(sink->tls)) {
	case TLS_DONE:
		enter(sink, UP);
		push(sink);
		return;
	case TLS_WANTS_READABLE:
		loop_watch_change(sink->watch, LOOP_READABLE);
		return;
	case TLS_WANTS_WRITABLE:
		loop_watch_change(sink->watch, LOOP_WRITABLE);
		return;
	case TLS_ENDED:
		fail(sink, "it ended the TLS handshake");
		return;
	case TLS_FAILED:
		fail(sink, tls_fault(sink->tls));
		return;
	}
}

static void
connected(struct stream_sink *sink)
{
	const struct sink_url *url = lane_url(sink->lane);
	int error = dial_error(sink->socket);

	if (error != 0) {
		fail(sink, strerror(error));
		return;
	}
	if (sink->trust == NULL) {
		enter(sink, UP);
		push(sink);
		return;
	}
	sink->tls = tls_new(sink->trust, sink->socket,
	    url->server_name == NULL ? url->host : url->server_name);
	enter(sink, SHAKING);
	shake_hands(sink);
}

/* A receiver says nothing; its end is all there is to read. */
static bool
drain(struct stream_sink *sink)
{
	char octets[512];
	size_t got;
	ssize_t plain;

	if (sink->tls != NULL) {
		enum tls_status status;

		while ((status = tls_read(sink->tls, octets, sizeof(octets),
			    &got)) == TLS_DONE)
			continue;
		if (status != TLS_ENDED && status != TLS_FAILED)
			return true;
		fail(sink, status == TLS_ENDED ? "it closed the connection"
					       : tls_fault(sink->tls));
		return false;
	}
	while ((plain = recv(sink->socket, octets, sizeof(octets), 0)) > 0)
		continue;
	if (plain < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	fail(sink, plain == 0 ? "it closed the connection" : strerror(errno));
	return false;
}

static void
ready(int descriptor, unsigned what, void *context)
{
	struct stream_sink *sink = context;

	(void)descriptor;
	switch (sink->phase) {
	case IDLE:
	case RESOLVING:
		return;
	case CONNECTING:
		connected(sink);
		return;
	case SHAKING:
		shake_hands(sink);
		return;
	case UP:
		if ((what & LOOP_READABLE) != 0 && !drain(sink))
			return;
		push(sink);
		return;
	}
}

/* --- messages ------------------------------------------------------------- */

/* The next message with its octets counted before it. */
static bool
fill(struct stream_sink *sink)
{
	struct lane *lane = sink->lane;
	struct text message;

	text_init(&message, 2 * FORMAT_MAXIMUM);
	text_clear(&sink->message);
	sink->done = 0;
	while ((sink->record = lane_next(lane)) != NULL) {
		if (format_message(&message, lane_url(lane)->format,
			lane_format(lane), sink->record->octets,
			sink->record->size)) {
			text_format(&sink->message, "%zu ", message.length);
			text_add_n(&sink->message, message.at, message.length);
			break;
		}
		lane_refuse(
		    lane, sink->record, "this format has no place for it");
	}
	text_release(&message);
	return sink->record != NULL;
}

/*
 * returns    TLS_DONE when all of the message is sent
 */
static enum tls_status
send_message(struct stream_sink *sink)
{
	while (sink->done < sink->message.length) {
		const char *rest = sink->message.at + sink->done;
		size_t size = sink->message.length - sink->done, took = 0;
		enum tls_status status = TLS_DONE;
		ssize_t wrote;

		if (sink->tls != NULL) {
			status = tls_write(sink->tls, rest, size, &took);
		} else {
			wrote = send(sink->socket, rest, size, MSG_NOSIGNAL);
			if (wrote >= 0)
				took = (size_t)wrote;
			else if (errno == EAGAIN)
				status = TLS_WANTS_WRITABLE;
			else if (errno != EINTR)
				status = TLS_FAILED;
		}
		if (status != TLS_DONE)
			return status;
		sink->done += took;
	}
	return TLS_DONE;
}

/* Sends what goes now; the watch says when more does. */
static void
push(struct stream_sink *sink)
{
	unsigned wanted = LOOP_READABLE;

	for (int i = 0; sink->record != NULL || fill(sink); i++) {
		enum tls_status status;

		/* Others have their turn; this goes on at once after it. */
		if (i == BURST) {
			wanted |= LOOP_WRITABLE;
			break;
		}
		status = send_message(sink);

		if (status == TLS_DONE) {
			lane_sent(sink->lane, sink->record);
			sink->record = NULL;
			continue;
		}
		if (status == TLS_ENDED || status == TLS_FAILED) {
			fail(sink, status == TLS_ENDED
				       ? "it closed the connection"
				   : sink->tls != NULL ? tls_fault(sink->tls)
						       : strerror(errno));
			return;
		}
		if (status == TLS_WANTS_WRITABLE)
			wanted |= LOOP_WRITABLE;
		break;
	}
	loop_watch_change(sink->watch, wanted);
}

/* --- what counts as arrived ----------------------------------------------- */

/*
 * Everything sent before the last moment at which nothing was unconfirmed; the
 * older half of it when there is no room, the rest when it has settled.
 */
static void
acknowledge(struct stream_sink *sink, struct instant now)
{
	struct lane *lane = sink->lane;
	int64_t settle = (int64_t)lane_url(lane)->settle * NS_PER_MS;
	size_t least = lane_is_full(lane) ? lane_under_way(lane) / 2 : SIZE_MAX;
	struct lane_record *record;

	while ((record = lane_oldest(lane)) != NULL &&
	       record->state == LANE_SENT &&
	       instant_before(record->sent, sink->drained) &&
	       (instant_since(now, record->sent) >= settle ||
		   lane_under_way(lane) > least))
		lane_done(lane, record);
}

static void
check(void *context)
{
	struct stream_sink *sink = context;
	struct instant now = loop_steady(lane_loop(sink->lane));

	if (sink->phase != UP) {
		if (instant_since(now, sink->begun) > CONNECT_PATIENCE)
			fail(sink, "it does not answer");
		else
			loop_timer_set(sink->check, CHECK_INTERVAL);
		return;
	}
	if (dial_unconfirmed(sink->socket) == 0) {
		sink->drained = now;
		acknowledge(sink, now);
	} else if (instant_since(now, sink->drained) > STALL_PATIENCE) {
		fail(sink, "it takes nothing");
		return;
	}
	loop_timer_set(sink->check, CHECK_INTERVAL);
	push(sink);
}

/* The name has addresses, or none. */
static void
resolved(const struct resolve_answer *answer, void *context)
{
	struct stream_sink *sink = context;
	char fault[DIAL_FAULT_SIZE];

	if (answer->count == 0) {
		fail(sink, answer->fault);
		return;
	}
	sink->socket = dial(answer->addresses[sink->attempt++ % answer->count],
	    lane_url(sink->lane)->port, false, fault);
	if (sink->socket < 0) {
		fail(sink, fault);
		return;
	}
	enter(sink, CONNECTING);
	sink->watch = loop_watch_new(
	    lane_loop(sink->lane), sink->socket, LOOP_WRITABLE, ready, sink);
	loop_timer_set(sink->check, CHECK_INTERVAL);
}

static void
go(void *context)
{
	struct stream_sink *sink = context;

	if (sink->phase == UP && sink->record == NULL)
		push(sink);
	if (sink->phase != IDLE || lane_next(sink->lane) == NULL)
		return;
	resolve_free(sink->name);
	sink->name = resolve_new(
	    lane_loop(sink->lane), lane_url(sink->lane)->host, resolved, sink);
	if (sink->name == NULL)
		fail(sink, strerror(errno));
	else
		enter(sink, RESOLVING);
}

/* --- the door ------------------------------------------------------------- */

static void
close_sink(void *context)
{
	struct stream_sink *sink = context;

	hang_up(sink);
	loop_timer_free(sink->check);
	tls_context_free(sink->trust);
	text_release(&sink->message);
	free(sink);
}

static void *
open_sink(struct lane *lane, char fault[SINK_FAULT_SIZE])
{
	const struct sink_url *url = lane_url(lane);
	const struct tls_settings settings = {
	    url->ca, url->certificate, url->key, url->insecure};
	struct stream_sink *sink = allocate(1, sizeof(*sink));

	sink->lane = lane;
	sink->socket = -1;
	text_init(&sink->message, 3 * FORMAT_MAXIMUM);
	sink->check = loop_timer_new(lane_loop(lane), check, sink);
	if (url->kind == SINK_SYSLOG_TLS) {
		sink->trust = tls_context_new(&settings, fault);
		if (sink->trust == NULL) {
			close_sink(sink);
			return NULL;
		}
	}
	return sink;
}

/*
 * Certificates are read anew; a connection that stands goes on with what it
 * began with, and the next one is made with the new ones.
 */
static void
reopen(void *context)
{
	struct stream_sink *sink = context;
	const struct sink_url *url = lane_url(sink->lane);
	const struct tls_settings settings = {
	    url->ca, url->certificate, url->key, url->insecure};
	char fault[TLS_FAULT_SIZE];
	struct tls_context *next;

	if (sink->trust == NULL)
		return;
	next = tls_context_new(&settings, fault);
	if (next == NULL) {
		lane_trouble(sink->lane, fault);
		return;
	}
	tls_context_free(sink->trust);
	sink->trust = next;
}

const struct lane_sink sink_stream = {open_sink, close_sink, go, reopen};
