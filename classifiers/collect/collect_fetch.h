/*
 * collect_fetch -- asks a server for one JSON document.
 *
 * The answer is gathered whole, up to a limit, and read.  Also says how long to
 * wait before the next attempt after some that failed.
 */
#ifndef CLASSIFIERS_COLLECT_COLLECT_FETCH_H
#define CLASSIFIERS_COLLECT_COLLECT_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "sensor/base/http.h"
#include "sensor/base/json_salvage.h"

struct collect_fetch; /* one under way; opaque */
struct json;

/* The largest document, in octets: a hundred thousand richly labelled tasks. */
#define COLLECT_DOCUMENT_MAXIMUM ((size_t)512 << 20)

struct collect_answer {
	const struct http_end *end;
	const struct json *document; /* NULL unless it was 200 and JSON */
	const char *fault;           /* in words, where there is none */
	struct json_losses losses;   /* of the document */
};

/*
 * Begins to ask.  `done` is called from the loop, once, last.
 *
 * returns    borrowed until `done` or collect_fetch_cancel()
 */
struct collect_fetch *collect_fetch_begin(struct http *http,
    const struct http_ask *ask,
    void (*done)(const struct collect_answer *answer, void *context),
    void *context);

/* Drops it without a word; NULL is allowed. */
void collect_fetch_cancel(struct collect_fetch *fetch);

/*
 * Nanoseconds to wait after so many failures in a row: 1 s doubled each time,
 * at most 32, of which the second half is left to chance.
 *
 * random     the state of a generator, not 0
 */
int64_t collect_delay(unsigned failures, uint64_t *random);

#endif
