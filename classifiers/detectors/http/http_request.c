#include "classifiers/detectors/http/http_request.h"

#include <string.h>
#include <strings.h>

#include "sensor/base/hash.h"

/* Headers that are looked through; programs refuse more than 100 or so. */
#define HEADERS_MAXIMUM 100

static struct http_piece
piece_between(const char *at, const char *end)
{
	return (struct http_piece){at, (size_t)(end - at)};
}

bool
http_target_read(const uint8_t *octets, size_t size, struct http_target *out)
{
	const char *at = memchr(octets, ' ', size), *end, *stop, *mark;

	*out = (struct http_target){{NULL, 0}, {NULL, 0}};
	if (at == NULL)
		return false;
	at++;
	stop = (const char *)octets + size;
	end = memchr(at, '\n', (size_t)(stop - at));
	end = end == NULL ? stop : end;
	mark = memchr(at, ' ', (size_t)(end - at));
	end = mark == NULL ? end : mark;
	if (end - at > 8 && *at != '/' && strncasecmp(at, "http", 4) == 0) {
		const char *host = memmem(at, (size_t)(end - at), "://", 3);

		if (host != NULL && end - host > 3)
			at = memchr(host + 3, '/', (size_t)(end - host - 3));
		if (at == NULL)
			return false;
	}
	mark = memchr(at, '?', (size_t)(end - at));
	if (mark != NULL)
		out->query = piece_between(mark + 1, end);
	out->path = piece_between(at, mark == NULL ? end : mark);
	return out->path.size > 0;
}

/* The line behind `at`, without its end; false where there is none. */
static bool
next_line(const char **at, const char *end, struct http_piece *line)
{
	const char *stop;

	if (*at >= end)
		return false;
	stop = memchr(*at, '\n', (size_t)(end - *at));
	*line = piece_between(*at, stop == NULL ? end : stop);
	*at = stop == NULL ? end : stop + 1;
	if (line->size > 0 && line->at[line->size - 1] == '\r')
		line->size--;
	return true;
}

static struct http_piece
trim(struct http_piece piece)
{
	while (piece.size > 0 && (*piece.at == ' ' || *piece.at == '\t')) {
		piece.at++;
		piece.size--;
	}
	while (piece.size > 0 && (piece.at[piece.size - 1] == ' ' ||
				     piece.at[piece.size - 1] == '\t'))
		piece.size--;
	return piece;
}

struct http_piece
http_header(const uint8_t *octets, size_t size, const char *name)
{
	const char *at = (const char *)octets, *end = at + size;
	size_t length = strlen(name);
	struct http_piece line;

	if (!next_line(&at, end, &line))
		return (struct http_piece){NULL, 0};
	for (int i = 0; i < HEADERS_MAXIMUM; i++) {
		if (!next_line(&at, end, &line) || line.size == 0)
			break;
		if (line.size <= length || line.at[length] != ':' ||
		    ((line.at[0] ^ name[0]) & 0xdf) != 0 ||
		    strncasecmp(line.at, name, length) != 0)
			continue;
		line.at += length + 1;
		line.size -= length + 1;
		return trim(line);
	}
	return (struct http_piece){NULL, 0};
}

struct http_piece
http_body(const uint8_t *octets, size_t size)
{
	const char *from = (const char *)octets;
	const char *at = memmem(octets, size, "\r\n\r\n", 4);

	if (at == NULL)
		return (struct http_piece){NULL, 0};
	return piece_between(at + 4, from + size);
}

struct http_piece
http_forwarded_for(const uint8_t *octets, size_t size)
{
	struct http_piece value = http_header(octets, size, "x-forwarded-for");
	const char *comma;

	if (value.size == 0)
		return http_header(octets, size, "x-real-ip");
	comma = memrchr(value.at, ',', value.size);
	if (comma == NULL)
		return value;
	return trim(piece_between(comma + 1, value.at + value.size));
}

bool
http_piece_is(struct http_piece piece, const char *text)
{
	return piece.size == strlen(text) && http_piece_begins(piece, text);
}

bool
http_piece_begins(struct http_piece piece, const char *text)
{
	size_t length = strlen(text);

	return piece.size >= length && strncasecmp(piece.at, text, length) == 0;
}

bool
http_piece_has(struct http_piece piece, const char *text)
{
	size_t length = strlen(text);

	for (; piece.size >= length; piece.at++, piece.size--)
		if (((*piece.at ^ *text) & 0xdf) == 0 &&
		    strncasecmp(piece.at, text, length) == 0)
			return true;
	return false;
}

struct http_piece
http_piece_cut(struct http_piece *rest, char at)
{
	const char *end =
	    rest->size == 0 ? NULL : memchr(rest->at, at, rest->size);
	struct http_piece first = *rest;

	if (end == NULL) {
		rest->at += rest->size;
		rest->size = 0;
		return first;
	}
	first.size = (size_t)(end - rest->at);
	rest->at = end + 1;
	rest->size -= first.size + 1;
	return first;
}

uint64_t
http_piece_hash(struct http_piece piece)
{
	static const struct hash_key key = {{UINT64_C(0x68747470), 0}};

	return hash_octets(&key, piece.at, piece.size);
}
