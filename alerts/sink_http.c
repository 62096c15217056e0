/*
 * One engine for every HTTP target: a batch is sent, its answer read, and only
 * then comes the next; where an indexer acknowledges later, some batches wait
 * for that meanwhile.  What is wrong with a target is waited out; what is wrong
 * with a record is found by halving the batch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/delivery_lane.h"
#include "alerts/http_body.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/http.h"
#include "sensor/base/json_read.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"

/* Well under every target's limit of a request (Loki's is 4 MB). */
#define BATCH_RECORDS ((size_t)500)
#define BATCH_OCTETS  ((size_t)1 << 20)

#define ANSWER_MAXIMUM ((size_t)8 << 20)
#define ACK_ANSWER     ((size_t)64 << 10)
#define TOKEN_MAXIMUM  ((size_t)16384)

/* Splunk asks to poll no faster; after so long the batch is sent again. */
#define ACK_INTERVAL (500 * NS_PER_MS)
#define ACK_PATIENCE (60 * NS_PER_SECOND)

/* As many as the lane has room for. */
#define PENDING_BATCHES (LANE_RECORDS / BATCH_RECORDS)

/* A request and its answer. */
struct exchange {
	struct http_sink *sink;
	struct http_request *request; /* NULL: none is under way */
	struct text answer;
};

/* A batch that Splunk has taken, but no indexer has acknowledged. */
struct pending {
	int64_t number;
	struct instant since;
	struct lane_record *records[BATCH_RECORDS];
	size_t count;
};

struct http_sink {
	struct lane *lane;
	struct exchange sending, asking; /* the latter for acknowledgements */
	struct lane_record *batch[BATCH_RECORDS];
	size_t count;
	size_t limit; /* records of the next batch, at most */
	struct text body;
	char channel[40]; /* for Splunk, a GUID of this run */
	struct pending pending[PENDING_BATCHES];
	size_t pending_count;
	struct loop_timer *poll;
};

static void go(void *context);

/* --- requests ------------------------------------------------------------- */

/* Any octet in a user or password is written so that it says only itself. */
static void
add_encoded(struct text *out, const char *word)
{
	for (; word != NULL && *word != '\0'; word++)
		text_format(out, "%%%02x", (unsigned char)*word);
}

/* Splunk's token is no password, though it may be written as one. */
static void
write_url(const struct sink_url *url, const char *path, struct text *out)
{
	text_add(out, url->secure ? "https://" : "http://");
	if (url->user != NULL && url->kind != SINK_HEC) {
		add_encoded(out, url->user);
		text_add_char(out, ':');
		add_encoded(out, url->password);
		text_add_char(out, '@');
	}
	text_format(out, strchr(url->host, ':') != NULL ? "[%s]:%s" : "%s:%s",
	    url->host, url->port);
	text_add(out, path);
}

/* Read for each request: a token may be replaced under way. */
static void
write_authorization(const struct sink_url *url, struct text *out)
{
	const char *scheme = url->kind == SINK_HEC       ? "Splunk"
			     : url->kind == SINK_ELASTIC ? "ApiKey"
							 : "Bearer";
	char *token = NULL;
	size_t size;

	if (url->token_file != NULL &&
	    file_read(url->token_file, TOKEN_MAXIMUM, &token, &size) == 0) {
		token[strcspn(token, "\r\n")] = '\0';
		text_format(out, "Authorization: %s %s", scheme, token);
		explicit_bzero(token, size);
	} else if (url->kind == SINK_HEC && url->password != NULL) {
		text_format(out, "Authorization: Splunk %s", url->password);
	}
	free(token);
}

static bool
take(struct http_request *request, const char *octets, size_t size,
    void *context)
{
	struct exchange *exchange = context;

	(void)request;
	text_add_n(&exchange->answer, octets, size);
	return true;
}

static void
ask(struct exchange *exchange, const char *path, const struct text *body,
    void (*end)(const struct http_end *end, void *context))
{
	const struct http_sink *sink = exchange->sink;
	const struct sink_url *url = lane_url(sink->lane);
	struct text address, authorization, channel;
	const char *headers[4] = {http_body_type(url->kind)};
	size_t count = 1;

	text_init(&address, 8192);
	text_init(&authorization, TOKEN_MAXIMUM + 64);
	text_init(&channel, 128);
	write_url(url, path, &address);
	write_authorization(url, &authorization);
	if (authorization.length > 0)
		headers[count++] = authorization.at;
	if (url->kind == SINK_HEC) {
		text_format(
		    &channel, "X-Splunk-Request-Channel: %s", sink->channel);
		headers[count++] = channel.at;
	}
	text_clear(&exchange->answer);
	exchange->request = http_begin(lane_http(sink->lane),
	    &(struct http_ask){
		.method = "POST",
		.url = address.at,
		.headers = headers,
		.body = body->at,
		.body_size = body->length,
		.authorities = {.file = url->ca},
		.certificate = {.file = url->certificate},
		.key = {.file = url->key},
		.server_name = url->server_name,
		.insecure = url->insecure,
		.connect_seconds = 5,
		.idle_seconds = 30,
		.maximum = ANSWER_MAXIMUM,
	    },
	    (struct http_taker){take, end, exchange});
	explicit_bzero(authorization.at, authorization.length);
	text_release(&address);
	text_release(&authorization);
	text_release(&channel);
}

/* --- answers -------------------------------------------------------------- */

/* After a good answer, for the batch may have been halved. */
static void
widen(struct http_sink *sink)
{
	sink->limit *= 2;
	if (sink->limit > BATCH_RECORDS)
		sink->limit = BATCH_RECORDS;
}

static void
all_done(struct http_sink *sink)
{
	widen(sink);
	for (size_t i = 0; i < sink->count; i++)
		lane_done(sink->lane, sink->batch[i]);
	sink->count = 0;
	go(sink);
}

/* The others of the batch may be fine. */
static void
refused(struct http_sink *sink, unsigned status)
{
	char why[160];

	(void)snprintf(
	    why, sizeof(why), "%u %.120s", status, sink->sending.answer.at);
	if (sink->count == 1) {
		lane_refuse(sink->lane, sink->batch[0], why);
	} else {
		sink->limit = sink->count / 2;
		for (size_t i = sink->count; i > 0; i--)
			lane_again(sink->lane, sink->batch[i - 1]);
	}
	sink->count = 0;
	go(sink);
}

static void
cancel(struct exchange *exchange)
{
	if (exchange->request != NULL)
		http_cancel(exchange->request);
	exchange->request = NULL;
}

/* Whatever was sent is sent again, so nothing of it is waited for. */
static void
give_up(struct http_sink *sink, const char *why, unsigned seconds)
{
	cancel(&sink->sending);
	cancel(&sink->asking);
	loop_timer_cancel(sink->poll);
	sink->count = sink->pending_count = 0;
	lane_lost(sink->lane, why, seconds);
}

/* What it took before it has still: only the last batch is sent again. */
static void
try_later(struct exchange *exchange, const char *why, unsigned seconds)
{
	struct http_sink *sink = exchange->sink;

	if (exchange == &sink->asking) {
		lane_trouble(sink->lane, why);
		loop_timer_set(sink->poll, 4 * ACK_INTERVAL);
		return;
	}
	for (size_t i = sink->count; i > 0; i--)
		lane_again(sink->lane, sink->batch[i - 1]);
	sink->count = 0;
	lane_rest(sink->lane, why, seconds);
}

/* One that does not answer may not know any more what it took. */
static void
lost(struct exchange *exchange, const struct http_end *end)
{
	char why[256];

	if (end->outcome != HTTP_ANSWERED) {
		give_up(exchange->sink, end->fault, end->retry_after);
		return;
	}
	(void)snprintf(why, sizeof(why), "it answers %u %.120s", end->status,
	    exchange->answer.at);
	try_later(exchange, why, end->retry_after);
}

/* Each item of a _bulk has an answer of its own. */
static void
each_item(struct http_sink *sink, const struct http_end *end)
{
	struct json_fault fault;
	struct json *answer = json_parse(
	    sink->sending.answer.at, sink->sending.answer.length, &fault);
	size_t later = 0;
	const char *why;

	widen(sink);
	for (size_t i = 0; i < sink->count; i++)
		switch (http_body_item(answer, i, &why)) {
		case HTTP_ITEM_TAKEN:
			lane_done(sink->lane, sink->batch[i]);
			break;
		case HTTP_ITEM_LATER:
			later++;
			break;
		case HTTP_ITEM_REFUSED:
			lane_refuse(sink->lane, sink->batch[i], why);
			break;
		}
	json_free(answer);
	sink->count = 0;
	if (later > 0)
		lane_lost(sink->lane, "it takes some of a batch later",
		    end->retry_after);
	else
		go(sink);
}

/* --- Splunk's indexer ----------------------------------------------------- */

/* Done with the batch; another takes its place in the table. */
static void
settle(struct http_sink *sink, size_t index)
{
	struct pending *pending = &sink->pending[index];

	for (size_t i = 0; i < pending->count; i++)
		lane_done(sink->lane, pending->records[i]);
	*pending = sink->pending[--sink->pending_count];
}

static void
take_acknowledgements(struct http_sink *sink, const struct json *acks)
{
	struct instant now = loop_steady(lane_loop(sink->lane));

	for (size_t i = sink->pending_count; i > 0; i--) {
		const struct pending *pending = &sink->pending[i - 1];
		char number[24];

		(void)snprintf(
		    number, sizeof(number), "%lld", (long long)pending->number);
		if (json_is_true(json_get(acks, number))) {
			settle(sink, i - 1);
		} else if (instant_since(now, pending->since) > ACK_PATIENCE) {
			give_up(sink, "its indexers acknowledge nothing", 0);
			return;
		}
	}
	if (sink->pending_count > 0)
		loop_timer_set(sink->poll, ACK_INTERVAL);
	go(sink);
}

static void
acknowledged(const struct http_end *end, void *context)
{
	struct exchange *exchange = context;
	struct json_fault fault;
	struct json *answer;

	exchange->request = NULL;
	if (end->outcome != HTTP_ANSWERED || end->status != 200) {
		lost(exchange, end);
		return;
	}
	answer =
	    json_parse(exchange->answer.at, exchange->answer.length, &fault);
	take_acknowledgements(exchange->sink, json_get(answer, "acks"));
	json_free(answer);
}

static void
poll_acknowledgements(void *context)
{
	struct http_sink *sink = context;
	struct text body, path;

	if (sink->asking.request != NULL || sink->pending_count == 0)
		return;
	text_init(&body, 512);
	text_init(&path, 256);
	text_add(&body, "{\"acks\":[");
	for (size_t i = 0; i < sink->pending_count; i++)
		text_format(&body, i == 0 ? "%lld" : ",%lld",
		    (long long)sink->pending[i].number);
	text_add(&body, "]}");
	text_format(&path, "/services/collector/ack?channel=%s", sink->channel);
	ask(&sink->asking, path.at, &body, acknowledged);
	text_release(&body);
	text_release(&path);
}

/* A token without acknowledgement gives no ackId. */
static void
taken_by_splunk(struct http_sink *sink)
{
	struct json_fault fault;
	struct json *answer = json_parse(
	    sink->sending.answer.at, sink->sending.answer.length, &fault);
	int64_t number = json_get_integer(answer, "ackId", -1);
	struct pending *pending = &sink->pending[sink->pending_count];

	json_free(answer);
	if (number < 0 || !lane_url(sink->lane)->indexer_acknowledges) {
		all_done(sink);
		return;
	}
	widen(sink);
	pending->number = number;
	pending->since = loop_steady(lane_loop(sink->lane));
	pending->count = sink->count;
	memcpy(pending->records, sink->batch,
	    sink->count * sizeof(sink->batch[0]));
	sink->count = 0;
	if (sink->pending_count++ == 0)
		loop_timer_set(sink->poll, ACK_INTERVAL / 5);
	go(sink);
}

/* --- a batch -------------------------------------------------------------- */

static void
answered(const struct http_end *end, void *context)
{
	struct exchange *exchange = context;
	struct http_sink *sink = exchange->sink;
	enum sink_kind kind = lane_url(sink->lane)->kind;

	exchange->request = NULL;
	if (end->outcome != HTTP_ANSWERED)
		lost(exchange, end);
	else if (end->status >= 200 && end->status < 300 &&
		 kind == SINK_ELASTIC)
		each_item(sink, end);
	else if (end->status >= 200 && end->status < 300 && kind == SINK_HEC)
		taken_by_splunk(sink);
	else if (end->status >= 200 && end->status < 300)
		all_done(sink);
	else if (end->status == 400 || end->status == 413 || end->status == 422)
		refused(sink, end->status);
	else
		/* Its load, our token, its path: an operator mends these. */
		lost(exchange, end);
}

static void
gather(struct http_sink *sink)
{
	struct lane *lane = sink->lane;
	const struct sink_url *url = lane_url(lane);
	struct lane_record *record;

	text_clear(&sink->body);
	http_body_open(url->kind, &sink->body);
	while (sink->count < sink->limit && sink->body.length < BATCH_OCTETS &&
	       (record = lane_next(lane)) != NULL) {
		size_t before = sink->body.length;

		if (sink->count > 0)
			http_body_between(url->kind, &sink->body);
		if (!http_body_add(
			url, lane_format(lane), record, &sink->body)) {
			sink->body.length = before;
			sink->body.at[before] = '\0';
			lane_refuse(
			    lane, record, "this target has no place for it");
			continue;
		}
		lane_sent(lane, record);
		sink->batch[sink->count++] = record;
	}
	http_body_close(url->kind, &sink->body);
}

static void
go(void *context)
{
	struct http_sink *sink = context;
	struct text path;

	if (sink->sending.request != NULL ||
	    sink->pending_count == PENDING_BATCHES ||
	    lane_next(sink->lane) == NULL)
		return;
	gather(sink);
	if (sink->count == 0)
		return;
	text_init(&path, 4096);
	http_body_path(lane_url(sink->lane), &path);
	ask(&sink->sending, path.at, &sink->body, answered);
	text_release(&path);
}

/* --- the door ------------------------------------------------------------- */

static void
close_sink(void *context)
{
	struct http_sink *sink = context;

	cancel(&sink->sending);
	cancel(&sink->asking);
	loop_timer_free(sink->poll);
	text_release(&sink->body);
	text_release(&sink->sending.answer);
	text_release(&sink->asking.answer);
	free(sink);
}

static void *
open_sink(struct lane *lane, char fault[SINK_FAULT_SIZE])
{
	const struct sink_url *url = lane_url(lane);
	struct http_sink *sink;
	uint64_t chance = (uint64_t)loop_now(lane_loop(lane)).ns *
			  UINT64_C(6364136223846793005);

	if (url->format > FORMAT_OCSF &&
	    (url->kind == SINK_ELASTIC || url->kind == SINK_WEBHOOK)) {
		(void)snprintf(fault, SINK_FAULT_SIZE,
		    "format=%s is no JSON; write native, ecs or ocsf",
		    format_name(url->format));
		return NULL;
	}
	sink = allocate(1, sizeof(*sink));
	sink->lane = lane;
	sink->limit = BATCH_RECORDS;
	sink->sending.sink = sink->asking.sink = sink;
	sink->poll =
	    loop_timer_new(lane_loop(lane), poll_acknowledgements, sink);
	text_init(&sink->body, BATCH_OCTETS + 4 * FORMAT_MAXIMUM);
	text_init(&sink->sending.answer, ANSWER_MAXIMUM);
	text_init(&sink->asking.answer, ACK_ANSWER);
	/* RFC 4122, 4.4: version 4. */
	(void)snprintf(sink->channel, sizeof(sink->channel),
	    "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(chance >> 32),
	    (unsigned)(chance >> 16) & 0xffff, (unsigned)(chance >> 4) & 0xfff,
	    (unsigned)(chance >> 20) & 0xfff,
	    (unsigned long long)(chance >> 8) & 0xffffffffffffULL);
	return sink;
}

const struct lane_sink sink_http = {open_sink, close_sink, go, NULL};
