#include "sensor/base/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/loop.h"

#define CONNECT_SECONDS 10
#define IDLE_SECONDS    60

struct http {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer *timer;
	struct http_request *requests; /* all that are under way */
	bool inside;                   /* a taker's take() is running */
};

struct http_request {
	struct http *http;
	struct http_request *next;
	CURL *easy;
	struct curl_slist *headers, *connect_to;
	struct http_taker taker;
	uint64_t taken, maximum;
	bool paused, too_large;
	CURLcode refused; /* an option that the library does not take */
	char fault[CURL_ERROR_SIZE];
};

/* --- ends ---------------------------------------------------------------- */

static void
forget(struct http_request *request)
{
	struct http_request **link = &request->http->requests;

	while (*link != request)
		link = &(*link)->next;
	*link = request->next;
	curl_multi_remove_handle(request->http->multi, request->easy);
	curl_easy_cleanup(request->easy);
	curl_slist_free_all(request->headers);
	curl_slist_free_all(request->connect_to);
	free(request);
}

/* Once it is connected and has asked, a time-out is the server's silence. */
static bool
has_asked(const struct http_request *request)
{
	curl_off_t microseconds = 0;

	curl_easy_getinfo(
	    request->easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds);
	return microseconds > 0;
}

static enum http_outcome
outcome_of(const struct http_request *request, CURLcode code)
{
	if (code == CURLE_OK)
		return HTTP_ANSWERED;
	if (code == CURLE_WRITE_ERROR)
		return request->too_large ? HTTP_TOO_LARGE : HTTP_STOPPED;
	if (!has_asked(request))
		return HTTP_UNREACHABLE;
	return code == CURLE_OPERATION_TIMEDOUT ? HTTP_IDLE : HTTP_BROKEN;
}

/* The library counts down from a date, if the server wrote one. */
static unsigned
retry_after(const struct http_request *request)
{
	curl_off_t seconds = 0;

	curl_easy_getinfo(request->easy, CURLINFO_RETRY_AFTER, &seconds);
	if (seconds <= 0)
		return 0;
	return seconds > 3600 ? 3600 : (unsigned)seconds;
}

static void
finish(struct http_request *request, CURLcode code)
{
	struct http_taker taker = request->taker;
	const char *location = NULL;
	struct http_end end = {
	    .outcome = outcome_of(request, code),
	    .status = http_status(request),
	    .fault = request->fault,
	    .retry_after = retry_after(request),
	};

	/* The address is made absolute, and not followed. */
	curl_easy_getinfo(request->easy, CURLINFO_REDIRECT_URL, &location);
	end.location = location == NULL ? "" : location;
	if (code == CURLE_OK)
		end.fault = "";
	else if (end.outcome == HTTP_TOO_LARGE)
		end.fault = "the answer is larger than can be";
	else if (request->fault[0] == '\0')
		end.fault = curl_easy_strerror(code);
	taker.end(&end, taker.context);
	forget(request);
}

/* Outside of every call into the library, so takers may begin and cancel. */
static void
finish_those_done(struct http *http)
{
	struct http_request *request, *next;
	CURLMsg *message;
	int left;

	for (request = http->requests; request != NULL; request = next) {
		next = request->next;
		if (request->refused != CURLE_OK) {
			finish(request, request->refused);
			/* The taker may have changed any of the list. */
			next = http->requests;
		}
	}
	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(
		    message->easy_handle, CURLINFO_PRIVATE, &request);
		finish(request, message->data.result);
	}
}

/* --- the loop's side ----------------------------------------------------- */

static void
act(struct http *http, curl_socket_t socket, int what)
{
	int running;

	curl_multi_socket_action(http->multi, socket, what, &running);
	finish_those_done(http);
}

static void
socket_ready(int descriptor, unsigned events, void *context)
{
	int what = (events & LOOP_READABLE ? CURL_CSELECT_IN : 0) |
		   (events & LOOP_WRITABLE ? CURL_CSELECT_OUT : 0);

	act(context, descriptor, what);
}

static void
timer_due(void *context)
{
	act(context, CURL_SOCKET_TIMEOUT, 0);
}

/* --- the library's side -------------------------------------------------- */

static int
watch_socket(CURL *easy, curl_socket_t socket, int what, void *context,
    void *socket_context)
{
	struct http *http = context;
	struct loop_watch *watch = socket_context;
	unsigned events = (what & CURL_POLL_IN ? LOOP_READABLE : 0U) |
			  (what & CURL_POLL_OUT ? LOOP_WRITABLE : 0U);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		loop_watch_free(watch);
		curl_multi_assign(http->multi, socket, NULL);
	} else if (watch != NULL) {
		loop_watch_change(watch, events);
	} else {
		watch = loop_watch_new(
		    http->loop, socket, events, socket_ready, http);
		curl_multi_assign(http->multi, socket, watch);
	}
	return 0;
}

static int
set_timer(CURLM *multi, long milliseconds, void *context)
{
	struct http *http = context;

	(void)multi;
	if (milliseconds < 0)
		loop_timer_cancel(http->timer);
	else
		loop_timer_set(http->timer, milliseconds * NS_PER_MS);
	return 0;
}

static size_t
take_piece(char *octets, size_t one, size_t size, void *context)
{
	struct http_request *request = context;
	bool on;

	(void)one;
	if (request->paused)
		return CURL_WRITEFUNC_PAUSE;
	request->taken += size;
	if (request->maximum != 0 && request->taken > request->maximum) {
		request->too_large = true;
		return 0;
	}
	request->http->inside = true;
	on = request->taker.take(request, octets, size, request->taker.context);
	request->http->inside = false;
	/* An empty piece that is refused would look as if it were taken. */
	return on ? size : size + 1;
}

/* --- a request ----------------------------------------------------------- */

/* The first option that is refused is the fault of the request. */
static CURLcode
first_of(CURLcode before, CURLcode now)
{
	return before == CURLE_OK ? now : before;
}

#define SET(request, option, value)                                            \
	((request)->refused = first_of((request)->refused,                     \
	     curl_easy_setopt((request)->easy, option, value)))

static void
set_pem(struct http_request *request, const struct http_pem *pem,
    CURLoption file, CURLoption blob)
{
	struct curl_blob octets = {
	    .len = pem->size,
	    .flags = CURL_BLOB_COPY,
	};

	if (pem->octets != NULL) {
		/* The library copies it, as the flag says. */
		memcpy(&octets.data, &pem->octets, sizeof(octets.data));
		SET(request, blob, &octets);
	} else if (pem->file != NULL) {
		SET(request, file, pem->file);
	}
}

static void
set_trust(struct http_request *request, const struct http_ask *ask)
{
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Authorities are read again after a minute, not the day of newer
	 * libraries; one that cannot keep them at all may refuse. */
	(void)curl_easy_setopt(request->easy, CURLOPT_CA_CACHE_TIMEOUT, 60L);
#endif
	SET(request, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(request, CURLOPT_SSL_VERIFYPEER, ask->insecure ? 0L : 1L);
	SET(request, CURLOPT_SSL_VERIFYHOST, ask->insecure ? 0L : 2L);
	/* Else the system's authorities would be trusted beside these. */
	if (ask->authorities.octets != NULL || ask->authorities.file != NULL)
		SET(request, CURLOPT_CAPATH, NULL);
	set_pem(
	    request, &ask->authorities, CURLOPT_CAINFO, CURLOPT_CAINFO_BLOB);
	set_pem(
	    request, &ask->certificate, CURLOPT_SSLCERT, CURLOPT_SSLCERT_BLOB);
	set_pem(request, &ask->key, CURLOPT_SSLKEY, CURLOPT_SSLKEY_BLOB);
	if (ask->bearer != NULL) {
		SET(request, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		SET(request, CURLOPT_XOAUTH2_BEARER, ask->bearer);
	}
}

static void
set_times(struct http_request *request, const struct http_ask *ask)
{
	unsigned connect = ask->connect_seconds, idle = ask->idle_seconds;

	SET(request, CURLOPT_CONNECTTIMEOUT,
	    (long)(connect == 0 ? CONNECT_SECONDS : connect));
	SET(request, CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(request, CURLOPT_LOW_SPEED_TIME,
	    (long)(idle == 0 ? IDLE_SECONDS : idle));
	/* A peer that vanished without a word is found by the kernel. */
	SET(request, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(request, CURLOPT_TCP_KEEPIDLE, 30L);
	SET(request, CURLOPT_TCP_KEEPINTVL, 10L);
}

static void
add_header(struct http_request *request, const char *header)
{
	struct curl_slist *more = curl_slist_append(request->headers, header);

	if (more == NULL)
		request->refused = CURLE_OUT_OF_MEMORY;
	else
		request->headers = more;
}

/*
 * The library takes the name to ask the certificate for from the URL, so that
 * name goes into the URL, and the host where the connection goes.
 */
static void
set_server_name(struct http_request *request, const struct http_ask *ask)
{
	CURLU *url = curl_url();
	char *host = NULL, *port = NULL, *renamed = NULL;
	char text[1024];

	if (url == NULL || curl_url_set(url, CURLUPART_URL, ask->url, 0) != 0 ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) != 0 ||
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != 0 ||
	    curl_url_set(url, CURLUPART_HOST, ask->server_name, 0) != 0 ||
	    curl_url_get(url, CURLUPART_URL, &renamed, 0) != 0) {
		request->refused = CURLE_URL_MALFORMAT;
	} else {
		(void)snprintf(text, sizeof(text), "Host: %s:%s", host, port);
		add_header(request, text);
		(void)snprintf(text, sizeof(text), "::%s:%s", host, port);
		request->connect_to = curl_slist_append(NULL, text);
		SET(request, CURLOPT_CONNECT_TO, request->connect_to);
		SET(request, CURLOPT_URL, renamed);
	}
	curl_free(host);
	curl_free(port);
	curl_free(renamed);
	curl_url_cleanup(url);
}

static void
set_where(struct http_request *request, const struct http_ask *ask)
{
	SET(request, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(request, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	if (ask->server_name != NULL)
		set_server_name(request, ask);
	else
		SET(request, CURLOPT_URL, ask->url);
	if (ask->unix_socket != NULL) {
		SET(request, CURLOPT_UNIX_SOCKET_PATH, ask->unix_socket);
		SET(request, CURLOPT_PROXY, "");
	} else if (ask->proxy != NULL) {
		SET(request, CURLOPT_PROXY, ask->proxy);
	}
}

static void
set_words(struct http_request *request, const struct http_ask *ask)
{
	SET(request, CURLOPT_USERAGENT, "hedgerow/" HEDGEROW_VERSION);
	for (size_t i = 0; ask->headers != NULL && ask->headers[i] != NULL; i++)
		add_header(request, ask->headers[i]);
	if (ask->packed)
		SET(request, CURLOPT_ACCEPT_ENCODING, "gzip");
	if (ask->body != NULL) {
		SET(request, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)ask->body_size);
		SET(request, CURLOPT_COPYPOSTFIELDS, ask->body);
		/* It is small; waiting for `100 Continue` costs a round. */
		add_header(request, "Expect:");
	}
	if (ask->method != NULL)
		SET(request, CURLOPT_CUSTOMREQUEST, ask->method);
	SET(request, CURLOPT_HTTPHEADER, request->headers);
}

static void
set_own(struct http_request *request)
{
	SET(request, CURLOPT_NOSIGNAL, 1L);
	SET(request, CURLOPT_PRIVATE, request);
	SET(request, CURLOPT_ERRORBUFFER, request->fault);
	SET(request, CURLOPT_WRITEFUNCTION, take_piece);
	SET(request, CURLOPT_WRITEDATA, request);
}

/* --- the door ------------------------------------------------------------ */

struct http *
http_new(struct loop *loop)
{
	struct http *http = allocate(1, sizeof(*http));

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    (http->multi = curl_multi_init()) == NULL)
		abort(); /* no memory, this early */
	http->loop = loop;
	http->timer = loop_timer_new(loop, timer_due, http);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	return http;
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	while (http->requests != NULL)
		forget(http->requests);
	curl_multi_cleanup(http->multi);
	loop_timer_free(http->timer);
	curl_global_cleanup();
	free(http);
}

struct http_request *
http_begin(
    struct http *http, const struct http_ask *ask, struct http_taker taker)
{
	struct http_request *request = allocate(1, sizeof(*request));

	request->easy = curl_easy_init();
	if (request->easy == NULL)
		abort();
	request->http = http;
	request->taker = taker;
	request->maximum = ask->maximum;
	request->next = http->requests;
	http->requests = request;
	set_own(request);
	set_where(request, ask);
	set_trust(request, ask);
	set_times(request, ask);
	set_words(request, ask);
	if (request->refused == CURLE_OK)
		curl_multi_add_handle(http->multi, request->easy);
	else
		loop_timer_set(http->timer, 0);
	return request;
}

void
http_cancel(struct http_request *request)
{
	assert(!request->http->inside);
	forget(request);
}

void
http_pause(struct http_request *request)
{
	request->paused = true;
}

void
http_resume(struct http_request *request)
{
	assert(!request->http->inside);
	if (!request->paused)
		return;
	request->paused = false;
	curl_easy_pause(request->easy, CURLPAUSE_CONT);
}

unsigned
http_status(const struct http_request *request)
{
	long status = 0;

	curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
	return status < 0 ? 0 : (unsigned)status;
}
