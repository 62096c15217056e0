/*
 * http_request -- the parts of an HTTP/1 request that detectors compare.
 *
 * Reads as far as is there, leniently (RFC 9112, 3 and 5); nothing is decoded.
 * Pure, any thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_DETECTORS_HTTP_HTTP_REQUEST_H
#define CLASSIFIERS_DETECTORS_HTTP_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of a message; borrowed. */
struct http_piece {
	const char *at;
	size_t size; /* 0: there is none */
};

/* What stands in a request line, as it was sent. */
struct http_target {
	struct http_piece path; /* without the host that a proxy is asked for */
	struct http_piece query; /* behind the `?` */
};

/* False where the line has no target. */
bool http_target_read(
    const uint8_t *octets, size_t size, struct http_target *out);

/* The first value of a header, of a request or an answer, trimmed. */
struct http_piece http_header(
    const uint8_t *octets, size_t size, const char *name);

/* What is here of the body. */
struct http_piece http_body(const uint8_t *octets, size_t size);

/*
 * For whom a proxy asks: what it appended last to X-Forwarded-For, which
 * nobody before it could choose, or else its X-Real-IP.
 */
struct http_piece http_forwarded_for(const uint8_t *octets, size_t size);

/* Whether a piece is, begins with, or contains a text, whatever its case. */
bool http_piece_is(struct http_piece piece, const char *text);
bool http_piece_begins(struct http_piece piece, const char *text);
bool http_piece_has(struct http_piece piece, const char *text);

/* What is up to a character; the rest, without it, is left in `*rest`. */
struct http_piece http_piece_cut(struct http_piece *rest, char at);

/* Equal on every sensor; it is compared, and nobody gains by a collision. */
uint64_t http_piece_hash(struct http_piece piece);

#endif
