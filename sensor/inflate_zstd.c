#include "sensor/inflate.h"

#include <stdbool.h>
#include <zstd.h>

#include "sensor/base/arena.h"
#include "sensor/base/cursor.h"

/*
 * A frame says how far back it refers, and that much must be kept.  RFC 8878,
 * 3.1.1.1.2, asks for 8 MiB at least; 128 MiB is what the zstd tool unpacks
 * without being told to, and what `zstd --long` and `zstd -22` write.
 */
#define ZSTD_WINDOW_BITS 27

struct zstd {
	ZSTD_DCtx *context;
	size_t first; /* octets that are asked for at the start of a frame */
	size_t next;  /* octets that are asked for now */
	bool filled;  /* there may be output that did not fit yet */
	bool begun;   /* a frame has, and has not ended */
};

static void *
zstd_start(void)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();
	struct zstd *zstd;

	if (context == NULL)
		return NULL;
	zstd = allocate(1, sizeof(*zstd));
	zstd->context = context;
	zstd->next = zstd->first = ZSTD_initDStream(context);
	(void)ZSTD_DCtx_setParameter(
	    context, ZSTD_d_windowLogMax, ZSTD_WINDOW_BITS);
	return zstd;
}

static void
zstd_finish(void *state)
{
	struct zstd *zstd = state;

	if (zstd == NULL)
		return;
	(void)ZSTD_freeDCtx(zstd->context);
	free(zstd);
}

/* Calls the library and keeps what it says; its result. */
static size_t
zstd_call(struct zstd *zstd, ZSTD_outBuffer *to, ZSTD_inBuffer *from)
{
	size_t result = ZSTD_decompressStream(zstd->context, to, from);

	if (ZSTD_isError(result) != 0)
		return result;
	if (result == 0)
		zstd->begun = false;
	else if (from->pos > 0)
		zstd->begun = true;
	zstd->next = result == 0 ? zstd->first : result;
	zstd->filled = to->pos == to->size;
	return result;
}

/*
 * Gives the library no more than it asks for, which is a block at a time, and
 * nothing while a block is still being given out: a call that finds damage
 * does not say how much of its output is good.
 */
static enum inflate_status
zstd_step(void *state, struct cursor *in, uint8_t *out, size_t size,
    size_t *written, const char **why)
{
	struct zstd *zstd = state;
	size_t left = cursor_left(in), result = 0;
	ZSTD_inBuffer from = {in->at, 0, 0};
	ZSTD_outBuffer to = {out, size, 0};

	if (zstd->filled)
		result = zstd_call(zstd, &to, &from);
	if (to.pos == 0 && ZSTD_isError(result) == 0) {
		from.size = left < zstd->next ? left : zstd->next;
		result = zstd_call(zstd, &to, &from);
	}
	in->at += from.pos;
	*written = to.pos;
	if (ZSTD_isError(result) != 0) {
		*why = ZSTD_getErrorName(result);
		return INFLATE_FAULT;
	}
	return zstd->begun ? INFLATE_INSIDE : INFLATE_BETWEEN;
}

const struct inflate_kind inflate_zstd = {
    .name = "zstd",
    .start = zstd_start,
    .finish = zstd_finish,
    .step = zstd_step,
};
