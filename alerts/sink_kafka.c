/*
 * A Kafka topic (the librdkafka adapter): an idempotent producer that waits for
 * every replica in sync (`acks=all`).  A record's key is its finding's uid, so
 * what belongs to one finding keeps its order in one partition; its id goes
 * along as a header.  The delivery report is the acknowledgement.
 *
 * librdkafka sends again, connects again and backs off by itself, in threads of
 * its own; what it has to say comes through a pipe to the event loop.  Its
 * messages never time out there: how far a target is behind is told by the
 * lane, and what was given to it is not given twice.
 */
#include <errno.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerts/delivery_lane.h"
#include "alerts/record_identity.h"
#include "sensor/base/arena.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"

/* Formatting so many takes some milliseconds; then others have their turn. */
#define BATCH 256

/*
 * Without a report for so long, while more are under way, the producer is made
 * anew: it may know something that keeps it from going on, and costs nothing
 * but some messages that come twice.
 */
#define SILENCE_MAXIMUM (300 * NS_PER_SECOND)

struct kafka_sink {
	struct lane *lane;
	rd_kafka_conf_t *settings; /* to copy from */
	rd_kafka_t *producer;      /* NULL: to be made */
	rd_kafka_queue_t *events;
	int pipe[2]; /* an octet comes when there are events */
	struct loop_watch *watch;
	struct text said, id;
	bool fatal;           /* the producer is of no use any more */
	struct instant heard; /* it reported last, or was made, or was idle */
};

/* --- settings ------------------------------------------------------------- */

/* What we promise depends on these. */
static bool
is_ours(const char *key)
{
	static const char *const ours[] = {"enable.idempotence",
	    "request.required.acks", "bootstrap.servers",
	    "metadata.broker.list", "message.timeout.ms",
	    "delivery.timeout.ms"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(key, ours[i]) == 0)
			return true;
	return false;
}

static bool
set(rd_kafka_conf_t *settings, const char *key, const char *value,
    char fault[SINK_FAULT_SIZE])
{
	return value == NULL || rd_kafka_conf_set(settings, key, value, fault,
				    SINK_FAULT_SIZE) == RD_KAFKA_CONF_OK;
}

/* SCRAM shows the password to nobody, even where nothing is encrypted. */
static bool
set_identity(rd_kafka_conf_t *settings, const struct sink_url *url,
    char fault[SINK_FAULT_SIZE])
{
	bool named = url->user != NULL && url->user[0] != '\0';
	const char *protocol = url->secure ? (named ? "sasl_ssl" : "ssl")
			       : named     ? "sasl_plaintext"
					   : "plaintext";

	return set(settings, "security.protocol", protocol, fault) &&
	       (!named ||
		   (set(settings, "sasl.mechanisms", "SCRAM-SHA-512", fault) &&
		       set(settings, "sasl.username", url->user, fault) &&
		       set(settings, "sasl.password", url->password, fault)));
}

static bool
set_trust(rd_kafka_conf_t *settings, const struct sink_url *url,
    char fault[SINK_FAULT_SIZE])
{
	if (!url->secure)
		return true;
	return set(settings, "ssl.ca.location", url->ca, fault) &&
	       set(settings, "ssl.certificate.location", url->certificate,
		   fault) &&
	       set(settings, "ssl.key.location", url->key, fault) &&
	       set(settings, "enable.ssl.certificate.verification",
		   url->insecure ? "false" : "true", fault) &&
	       set(settings, "ssl.endpoint.identification.algorithm",
		   url->insecure ? "none" : "https", fault);
}

static bool
set_foreign(rd_kafka_conf_t *settings, const struct sink_url *url,
    char fault[SINK_FAULT_SIZE])
{
	for (size_t i = 0; i < url->setting_count; i++) {
		const struct sink_setting *one = &url->settings[i];

		if (is_ours(one->key)) {
			(void)snprintf(fault, SINK_FAULT_SIZE,
			    "`%s` is not to be changed here", one->key);
			return false;
		}
		if (!set(settings, one->key, one->value, fault))
			return false;
	}
	return true;
}

static bool
set_all(rd_kafka_conf_t *settings, const struct sink_url *url,
    char fault[SINK_FAULT_SIZE])
{
	char window[24];

	(void)snprintf(window, sizeof(window), "%zu", 2 * LANE_RECORDS);
	return set(settings, "bootstrap.servers", url->host, fault) &&
	       set(settings, "client.id", "hedgerow", fault) &&
	       set_identity(settings, url, fault) &&
	       set_trust(settings, url, fault) &&
	       set_foreign(settings, url, fault) &&
	       set(settings, "enable.idempotence", "true", fault) &&
	       set(settings, "acks", "all", fault) &&
	       set(settings, "message.timeout.ms", "0", fault) &&
	       set(settings, "queue.buffering.max.messages", window, fault);
}

/* --- the producer --------------------------------------------------------- */

/*
 * What it had is purged, so it waits for no broker; a look-up of a name that is
 * under way in one of its threads it does wait for.
 */
static void
destroy(struct kafka_sink *sink)
{
	if (sink->producer == NULL)
		return;
	(void)rd_kafka_purge(sink->producer, RD_KAFKA_PURGE_F_QUEUE |
						 RD_KAFKA_PURGE_F_INFLIGHT |
						 RD_KAFKA_PURGE_F_NON_BLOCKING);
	rd_kafka_queue_io_event_enable(sink->events, -1, NULL, 0);
	rd_kafka_queue_destroy(sink->events);
	rd_kafka_destroy(sink->producer);
	sink->producer = NULL;
	sink->events = NULL;
}

static bool
create(struct kafka_sink *sink)
{
	char fault[SINK_FAULT_SIZE];
	rd_kafka_conf_t *settings = rd_kafka_conf_dup(sink->settings);

	sink->producer =
	    rd_kafka_new(RD_KAFKA_PRODUCER, settings, fault, sizeof(fault));
	if (sink->producer == NULL) {
		rd_kafka_conf_destroy(settings);
		lane_lost(sink->lane, fault, 0);
		return false;
	}
	sink->fatal = false;
	sink->heard = loop_steady(lane_loop(sink->lane));
	sink->events = rd_kafka_queue_get_main(sink->producer);
	rd_kafka_queue_io_event_enable(sink->events, sink->pipe[1], "", 1);
	return true;
}

/* --- what it says --------------------------------------------------------- */

/* The record's own fault; all else is the target's, or an operator's. */
static bool
is_refusal(rd_kafka_resp_err_t error)
{
	return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
	       error == RD_KAFKA_RESP_ERR_INVALID_RECORD ||
	       error == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE;
}

static void
take_reports(struct kafka_sink *sink, rd_kafka_event_t *event)
{
	const rd_kafka_message_t *report;
	const char *why = NULL;

	sink->heard = loop_steady(lane_loop(sink->lane));
	while ((report = rd_kafka_event_message_next(event)) != NULL) {
		struct lane_record *record = report->_private;

		if (report->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
			lane_done(sink->lane, record);
		} else if (is_refusal(report->err)) {
			lane_refuse(
			    sink->lane, record, rd_kafka_err2str(report->err));
		} else {
			why = rd_kafka_err2str(report->err);
			lane_again(sink->lane, record);
		}
	}
	if (why != NULL && !sink->fatal)
		lane_rest(sink->lane, why, 0);
}

/* With nothing to send, whether a broker is there is nobody's business. */
static void
take_error(struct kafka_sink *sink, rd_kafka_event_t *event)
{
	switch ((int)rd_kafka_event_error(event)) {
	case RD_KAFKA_RESP_ERR__FATAL:
		sink->fatal = true;
		break;
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__SSL:
		if (lane_under_way(sink->lane) > 0)
			lane_trouble(
			    sink->lane, rd_kafka_event_error_string(event));
		break;
	}
}

/*
 * Takes all that there is to hear.
 *
 * returns    whether the producer can go on
 */
static bool
hear(struct kafka_sink *sink)
{
	rd_kafka_event_t *event;

	while (sink->events != NULL &&
	       (event = rd_kafka_queue_poll(sink->events, 0)) != NULL) {
		if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
			take_reports(sink, event);
		else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
			take_error(sink, event);
		rd_kafka_event_destroy(event);
	}
	if (lane_under_way(sink->lane) == 0)
		sink->heard = loop_steady(lane_loop(sink->lane));
	if (sink->producer != NULL &&
	    instant_since(loop_steady(lane_loop(sink->lane)), sink->heard) >
		SILENCE_MAXIMUM)
		sink->fatal = true;
	if (!sink->fatal)
		return true;
	/* Its numbers and the brokers' do not fit any more. */
	destroy(sink);
	sink->fatal = false;
	lane_lost(sink->lane, "the producer was given up", 0);
	return false;
}

/* --- records -------------------------------------------------------------- */

/*
 * returns    whether the next one may be tried
 */
static bool
produce(struct kafka_sink *sink, struct lane_record *record)
{
	struct lane *lane = sink->lane;
	const struct sink_url *url = lane_url(lane);
	rd_kafka_resp_err_t error;

	text_clear(&sink->said);
	text_clear(&sink->id);
	if (!lane_say(lane, record, &sink->said)) {
		lane_refuse(lane, record, "this format has no place for it");
		return true;
	}
	record_identity(&sink->id, record->octets, record->size);
	error =
	    rd_kafka_producev(sink->producer, RD_KAFKA_V_TOPIC(url->path + 1),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		RD_KAFKA_V_KEY(sink->id.at, strcspn(sink->id.at, "-")),
		RD_KAFKA_V_VALUE(sink->said.at, sink->said.length),
		RD_KAFKA_V_HEADER("id", sink->id.at, (ssize_t)sink->id.length),
		RD_KAFKA_V_OPAQUE(record), RD_KAFKA_V_END);
	if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
		lane_sent(lane, record);
		return true;
	}
	if (is_refusal(error)) {
		lane_refuse(lane, record, rd_kafka_err2str(error));
		return true;
	}
	/* The next report makes room. */
	if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL)
		lane_rest(lane, rd_kafka_err2str(error), 0);
	return false;
}

/*
 * What came before the pipe was there, or while a queue was not yet empty, is
 * told by no octet: so it is listened to here, too.
 */
static void
go(void *context)
{
	struct kafka_sink *sink = context;
	struct lane_record *record;

	if (!hear(sink))
		return;
	for (int i = 0; i < BATCH; i++) {
		record = lane_next(sink->lane);
		if (record == NULL)
			return;
		if (sink->producer == NULL && !create(sink))
			return;
		if (!produce(sink, record))
			return;
	}
	lane_pause(sink->lane, 0);
}

static void
ready(int descriptor, unsigned what, void *context)
{
	char drained[64];

	(void)what;
	while (read(descriptor, drained, sizeof(drained)) > 0)
		continue;
	go(context);
}

/* --- the door ------------------------------------------------------------- */

static void
close_sink(void *context)
{
	struct kafka_sink *sink = context;

	destroy(sink);
	loop_watch_free(sink->watch);
	for (size_t i = 0; i < 2; i++)
		if (sink->pipe[i] >= 0)
			(void)close(sink->pipe[i]);
	if (sink->settings != NULL)
		rd_kafka_conf_destroy(sink->settings);
	text_release(&sink->said);
	text_release(&sink->id);
	free(sink);
}

/* The producer has threads, so it is made only when it is needed. */
static void *
open_sink(struct lane *lane, char fault[SINK_FAULT_SIZE])
{
	struct kafka_sink *sink = allocate(1, sizeof(*sink));

	sink->lane = lane;
	sink->pipe[0] = sink->pipe[1] = -1;
	text_init(&sink->said, 2 * FORMAT_MAXIMUM);
	text_init(&sink->id, 1024);
	sink->settings = rd_kafka_conf_new();
	rd_kafka_conf_set_events(
	    sink->settings, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
	rd_kafka_conf_set_log_cb(sink->settings, NULL);
	if (!set_all(sink->settings, lane_url(lane), fault)) {
		close_sink(sink);
		return NULL;
	}
	if (pipe2(sink->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
		(void)snprintf(fault, SINK_FAULT_SIZE, "%s", strerror(errno));
		close_sink(sink);
		return NULL;
	}
	sink->watch = loop_watch_new(
	    lane_loop(lane), sink->pipe[0], LOOP_READABLE, ready, sink);
	return sink;
}

const struct lane_sink sink_kafka = {open_sink, close_sink, go, NULL};
