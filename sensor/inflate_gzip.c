#include "sensor/inflate.h"

#include <limits.h>
#include <stdbool.h>

/* Makes zlib's input pointer one to const. */
#define ZLIB_CONST
#include <zlib.h>

#include "sensor/base/arena.h"
#include "sensor/base/cursor.h"

/* zlib.h, inflateInit2(): the largest window, and 16 for gzip alone. */
#define GZIP_WINDOW_BITS (15 + 16)

struct gzip {
	z_stream stream;
	bool begun; /* a member has, and has not ended */
};

static void *
gzip_start(void)
{
	struct gzip *gzip = allocate(1, sizeof(*gzip));

	if (inflateInit2(&gzip->stream, GZIP_WINDOW_BITS) == Z_OK)
		return gzip;
	free(gzip);
	return NULL;
}

static void
gzip_finish(void *state)
{
	struct gzip *gzip = state;

	if (gzip == NULL)
		return;
	(void)inflateEnd(&gzip->stream);
	free(gzip);
}

static const char *
gzip_why(const struct gzip *gzip, int result)
{
	if (gzip->stream.msg != NULL)
		return gzip->stream.msg;
	return result == Z_MEM_ERROR ? "no memory" : "not a gzip stream";
}

static enum inflate_status
gzip_step(void *state, struct cursor *in, uint8_t *out, size_t size,
    size_t *written, const char **why)
{
	struct gzip *gzip = state;
	z_stream *stream = &gzip->stream;
	size_t given = cursor_left(in);
	int result;

	if (given > UINT_MAX)
		given = UINT_MAX;
	if (size > UINT_MAX)
		size = UINT_MAX;
	stream->next_in = in->at;
	stream->avail_in = (unsigned)given;
	stream->next_out = out;
	stream->avail_out = (unsigned)size;
	result = inflate(stream, Z_NO_FLUSH);
	if (stream->avail_in < given)
		gzip->begun = true;
	in->at += given - stream->avail_in;
	*written = size - stream->avail_out;
	if (result == Z_STREAM_END) {
		/* Another member may follow (RFC 1952, 2.2). */
		gzip->begun = false;
		result = inflateReset(stream);
	}
	/* Z_BUF_ERROR: there was nothing to do, which is no error. */
	if (result != Z_OK && result != Z_BUF_ERROR) {
		*why = gzip_why(gzip, result);
		return INFLATE_FAULT;
	}
	return gzip->begun ? INFLATE_INSIDE : INFLATE_BETWEEN;
}

const struct inflate_kind inflate_gzip = {
    .name = "gzip",
    .start = gzip_start,
    .finish = gzip_finish,
    .step = gzip_step,
};
