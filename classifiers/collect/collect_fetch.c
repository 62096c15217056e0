#include "classifiers/collect/collect_fetch.h"

#include <stdio.h>
#include <stdlib.h>

#include "sensor/base/arena.h"
#include "sensor/base/instant.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"

struct collect_fetch {
	struct http_request *request;
	struct text body;
	void (*done)(const struct collect_answer *answer, void *context);
	void *context;
};

static bool
take(struct http_request *request, const char *octets, size_t size,
    void *context)
{
	struct collect_fetch *fetch = context;

	(void)request;
	text_add_n(&fetch->body, octets, size);
	return !fetch->body.overflow;
}

static void
release(struct collect_fetch *fetch)
{
	text_release(&fetch->body);
	free(fetch);
}

/* What a server says beside an error is at most a line of it. */
static const char *
fault_of(const struct http_end *end, char *room, size_t size)
{
	if (end->outcome != HTTP_ANSWERED)
		return end->fault;
	snprintf(room, size, "status %u", end->status);
	return room;
}

static void
end(const struct http_end *how, void *context)
{
	struct collect_fetch *fetch = context;
	struct json_fault fault = {0};
	struct json *document = NULL;
	char room[64];
	struct collect_answer answer = {.end = how, .fault = ""};

	if (how->outcome == HTTP_ANSWERED && how->status == 200) {
		document = json_salvage(
		    fetch->body.at, fetch->body.length, &answer.losses, &fault);
		answer.fault = fault.message;
	} else {
		answer.fault = fault_of(how, room, sizeof(room));
	}
	answer.document = document;
	/* Done may free whoever asked, so nothing of it is used after. */
	fetch->done(&answer, fetch->context);
	json_free(document);
	release(fetch);
}

struct collect_fetch *
collect_fetch_begin(struct http *http, const struct http_ask *ask,
    void (*done)(const struct collect_answer *answer, void *context),
    void *context)
{
	struct collect_fetch *fetch = allocate(1, sizeof(*fetch));

	fetch->done = done;
	fetch->context = context;
	text_init(&fetch->body, COLLECT_DOCUMENT_MAXIMUM);
	fetch->request =
	    http_begin(http, ask, (struct http_taker){take, end, fetch});
	return fetch;
}

void
collect_fetch_cancel(struct collect_fetch *fetch)
{
	if (fetch == NULL)
		return;
	http_cancel(fetch->request);
	release(fetch);
}

int64_t
collect_delay(unsigned failures, uint64_t *random)
{
	unsigned doublings = failures > 6 ? 6 : failures;
	int64_t delay = NS_PER_SECOND << (doublings == 0 ? 0 : doublings - 1);

	/* xorshift64 (Marsaglia 2003); it only spreads collectors out. */
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return delay / 2 + (int64_t)(*random % (uint64_t)(delay / 2));
}
