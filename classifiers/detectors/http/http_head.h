/*
 * http_head -- an HTTP/1 request, divided into its lines once for all.
 *
 * Most detectors look for something that most requests have not: credentials, a
 * form's password, two lengths.  What is said here of a whole request lets them
 * leave it, and errs on one side only: what is not said is not there (RFC 9112,
 * 3 and 5, read leniently).  Borrows from the message.  Pure, any thread; every
 * octet is hostile.
 */
#ifndef CLASSIFIERS_DETECTORS_HTTP_HTTP_HEAD_H
#define CLASSIFIERS_DETECTORS_HTTP_HTTP_HEAD_H

#include "classifiers/detectors/http/http_request.h"

/* Of one request; beyond, lines are not divided. */
#define HTTP_HEAD_LINES 64

enum http_line_kind {
	HTTP_LINE_OTHER,
	HTTP_LINE_AGENT, /* User-Agent */
	HTTP_LINE_TYPE,  /* Content-Type */
	/* Nothing that a server would look into, or whose quotes and brackets
	 * are their own grammar. */
	HTTP_LINE_DULL,
};

struct http_head {
	struct http_piece request; /* the first line, trimmed */
	struct http_line {
		struct http_piece name, value; /* up to the colon; trimmed */
		enum http_line_kind kind;
	} lines[HTTP_HEAD_LINES]; /* those with a value */
	size_t count;
	struct http_piece rest; /* behind the empty line or the last of them */
	/* What may be in it. */
	bool authorizes; /* Authorization, Proxy-Authorization */
	bool frames;     /* lengths that are not one plain Content-Length */
	bool logs_in;    /* a target or body that names a password, or XML */
};

void http_head_read(struct http_head *head, const uint8_t *octets, size_t size);

/* Its first line alone. */
struct http_piece http_head_line(const uint8_t *octets, size_t size);

#endif
