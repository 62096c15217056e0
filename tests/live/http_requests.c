/*
 * http_requests -- asks tests/live/http-server for everything that the client
 * has to be ready for, and says what came otherwise.
 *
 * usage: http_requests PORT SOCKET
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/http.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"

#define MS NS_PER_MS

struct asking {
	struct loop *loop;
	struct http *http;
	const char *port, *socket;
	unsigned failures;
	/* of one request */
	struct text body;
	size_t pieces, stop_after, pause_after;
	bool ended;
	enum http_outcome outcome;
	unsigned status, retry_after;
	char fault[200], location[200];
};

static void
check_at(struct asking *asking, bool good, const char *what, int line)
{
	if (good)
		return;
	asking->failures++;
	printf("line %d: not so: %s (outcome %d, status %u, fault `%s`, "
	       "%zu octets)\n",
	    line, what, (int)asking->outcome, asking->status, asking->fault,
	    asking->body.length);
}

#define CHECK(asking, good) check_at(asking, good, #good, __LINE__)

static bool
take(struct http_request *request, const char *octets, size_t size,
    void *context)
{
	struct asking *asking = context;

	text_add_n(&asking->body, octets, size);
	asking->pieces++;
	if (asking->pieces == asking->pause_after)
		http_pause(request);
	return asking->pieces != asking->stop_after;
}

static void
end(const struct http_end *end, void *context)
{
	struct asking *asking = context;

	asking->ended = true;
	asking->outcome = end->outcome;
	asking->status = end->status;
	asking->retry_after = end->retry_after;
	(void)snprintf(asking->fault, sizeof(asking->fault), "%s", end->fault);
	(void)snprintf(
	    asking->location, sizeof(asking->location), "%s", end->location);
	loop_stop(asking->loop);
}

static struct http_request *
begin(struct asking *asking, const char *path, struct http_ask ask)
{
	char url[200];

	(void)snprintf(
	    url, sizeof(url), "http://127.0.0.1:%s%s", asking->port, path);
	text_clear(&asking->body);
	asking->pieces = 0;
	asking->ended = false;
	asking->fault[0] = '\0';
	if (ask.url == NULL)
		ask.url = url;
	return http_begin(
	    asking->http, &ask, (struct http_taker){take, end, asking});
}

static void
fetch(struct asking *asking, const char *path, struct http_ask ask)
{
	(void)begin(asking, path, ask);
	/* A stop that the last round did not need ends the next at once. */
	for (int i = 0; i < 3 && !asking->ended; i++)
		loop_run(asking->loop);
	CHECK(asking, asking->ended);
}

static void
stop_loop(void *context)
{
	loop_stop(context);
}

static void
pass(void *context)
{
	*(bool *)context = true;
}

/* Lets what is under way go on for that long. */
static void
wait(struct asking *asking, int64_t time)
{
	bool passed = false;
	struct loop_timer *end = loop_timer_new(asking->loop, pass, &passed);

	loop_timer_set(end, time);
	while (!passed) {
		struct loop_timer *step =
		    loop_timer_new(asking->loop, stop_loop, asking->loop);

		loop_timer_set(step, 5 * MS);
		loop_run(asking->loop);
		loop_timer_free(step);
	}
	loop_timer_free(end);
}

static void
answers(struct asking *asking)
{
	static const char *const headers[] = {"X-Test: yes", NULL};
	struct http_ask ask = {
	    .method = "PATCH",
	    .headers = headers,
	    .bearer = "sesame",
	    .body = "two\nlines",
	    .body_size = 9,
	};
	char expected[300];

	fetch(asking, "/hello", (struct http_ask){0});
	CHECK(asking, asking->outcome == HTTP_ANSWERED);
	CHECK(asking, asking->status == 200);
	CHECK(asking, strcmp(asking->body.at, "hello") == 0);
	fetch(asking, "/echo?a=b", ask);
	(void)snprintf(expected, sizeof(expected),
	    "PATCH\n/echo?a=b\n127.0.0.1:%s\nBearer sesame\nyes\n-\n"
	    "hedgerow/" HEDGEROW_VERSION "\ntwo\nlines",
	    asking->port);
	CHECK(asking, strcmp(asking->body.at, expected) == 0);
	fetch(asking, "/pieces", (struct http_ask){0});
	CHECK(asking, strcmp(asking->body.at, "<0><1><2><3><4>") == 0);
	CHECK(asking, asking->pieces == 5);
	fetch(asking, "/busy", (struct http_ask){0});
	CHECK(asking, asking->status == 429 && asking->retry_after == 7);
	/* A redirect is told, and not followed. */
	fetch(asking, "/redirect", (struct http_ask){.bearer = "sesame"});
	CHECK(asking, asking->status == 307);
	CHECK(asking, strstr(asking->location, "/hello") != NULL);
}

static void
sockets_and_names(struct asking *asking)
{
	fetch(asking, "/hello",
	    (struct http_ask){
		.unix_socket = asking->socket, .url = "http://docker/hello"});
	CHECK(asking, strcmp(asking->body.at, "hello") == 0);
	fetch(asking, "/hello",
	    (struct http_ask){.unix_socket = "/nowhere/at/all",
		.url = "http://docker/hello"});
	CHECK(asking, asking->outcome == HTTP_UNREACHABLE);
	/* Only the name is another; the connection goes where it went. */
	fetch(asking, "/echo", (struct http_ask){.server_name = "name.test"});
	CHECK(asking, strstr(asking->body.at, "127.0.0.1:") != NULL);
	CHECK(asking, asking->outcome == HTTP_ANSWERED);
}

static void
failures(struct asking *asking)
{
	fetch(asking, "", (struct http_ask){.url = "http://127.0.0.1:1/"});
	CHECK(asking, asking->outcome == HTTP_UNREACHABLE);
	CHECK(asking, asking->status == 0 && asking->fault[0] != '\0');
	fetch(asking, "", (struct http_ask){.url = "ftp://127.0.0.1/"});
	CHECK(asking, asking->outcome == HTTP_UNREACHABLE);
	fetch(asking, "",
	    (struct http_ask){.url = "not a URL", .server_name = "x"});
	CHECK(asking, asking->outcome == HTTP_UNREACHABLE);
	fetch(asking, "/half", (struct http_ask){0});
	CHECK(asking, asking->outcome == HTTP_BROKEN);
	CHECK(asking, asking->body.length == 50);
	fetch(asking, "/silent", (struct http_ask){.idle_seconds = 1});
	CHECK(asking, asking->outcome == HTTP_IDLE);
}

static void
bounds(struct asking *asking)
{
	fetch(asking, "/endless", (struct http_ask){.maximum = 1000000});
	CHECK(asking, asking->outcome == HTTP_TOO_LARGE);
	CHECK(asking, asking->body.length <= 1000000);
	/* What counts is what it comes to when it is unpacked. */
	fetch(asking, "/bomb",
	    (struct http_ask){.maximum = 100000, .packed = true});
	CHECK(asking, asking->outcome == HTTP_TOO_LARGE);
	asking->stop_after = 3;
	fetch(asking, "/endless", (struct http_ask){0});
	CHECK(asking, asking->outcome == HTTP_STOPPED);
	CHECK(asking, asking->pieces == 3);
	asking->stop_after = 0;
}

static unsigned long
octets_sent(struct asking *asking)
{
	fetch(asking, "/sent", (struct http_ask){0});
	return strtoul(asking->body.at, NULL, 10);
}

/* A taker that has no room holds the server back, and memory stays as it is. */
static void
back_pressure(struct asking *asking)
{
	struct http_request *request;
	unsigned long before, after;
	size_t taken;

	asking->pause_after = 2;
	request = begin(asking, "/endless", (struct http_ask){0});
	wait(asking, 300 * MS);
	taken = asking->pieces;
	CHECK(asking, taken == 2);
	asking->pause_after = 0;
	before = octets_sent(asking);
	wait(asking, 200 * MS);
	after = octets_sent(asking);
	CHECK(asking, before == after);
	asking->pieces = 0;
	http_resume(request);
	wait(asking, 100 * MS);
	CHECK(asking, asking->pieces > 10);
	/* Dropped without a word. */
	asking->ended = false;
	http_cancel(request);
	wait(asking, 50 * MS);
	CHECK(asking, !asking->ended);
}

/* Those that are under way when the client ends are dropped, too. */
static void
ends_at_once(struct asking *asking)
{
	(void)begin(asking, "/silent", (struct http_ask){0});
	(void)begin(asking, "/endless", (struct http_ask){0});
	(void)begin(asking, "", (struct http_ask){.url = "no URL"});
	wait(asking, 20 * MS);
	(void)begin(asking, "", (struct http_ask){.url = "no URL"});
}

int
main(int argc, char **argv)
{
	struct asking asking = {0};

	if (argc != 3)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	asking.port = argv[1];
	asking.socket = argv[2];
	asking.loop = loop_new();
	if (asking.loop == NULL)
		return 2;
	text_init(&asking.body, (size_t)16 * 1024 * 1024);
	asking.http = http_new(asking.loop);
	answers(&asking);
	sockets_and_names(&asking);
	failures(&asking);
	bounds(&asking);
	back_pressure(&asking);
	ends_at_once(&asking);
	http_free(asking.http);
	loop_free(asking.loop);
	text_release(&asking.body);
	return asking.failures == 0 ? 0 : 1;
}
