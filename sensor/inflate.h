/*
 * inflate -- unpacks compressed octets piece by piece.
 *
 * One adapter for each library, all of the same form.  Memory does not grow
 * with what comes out.  Does not know where octets come from or what they are.
 */
#ifndef SENSOR_INFLATE_H
#define SENSOR_INFLATE_H

#include <stddef.h>
#include <stdint.h>

struct cursor;

enum inflate_status {
	INFLATE_BETWEEN, /* whatever has begun has ended as it should */
	INFLATE_INSIDE,  /* something has begun and has not ended */
	INFLATE_FAULT,   /* the compressed octets are damaged */
};

struct inflate_kind {
	const char *name; /* such as `gzip` */

	/* Makes an owned state for finish(); NULL when memory lacks. */
	void *(*start)(void);

	/* Frees the state; NULL is allowed. */
	void (*finish)(void *state);

	/*
	 * Unpacks what fits.  Members or frames may follow each other; all of
	 * them are unpacked as one.
	 *
	 * in         advances by what was used; may be empty, as what was
	 *            taken earlier can still have something to give
	 * out        gets at most `size` octets, `*written` says how many,
	 *            also with INFLATE_FAULT
	 * why        gets a borrowed text with INFLATE_FAULT
	 */
	enum inflate_status (*step)(void *state, struct cursor *in,
	    uint8_t *out, size_t size, size_t *written, const char **why);
};

/* RFC 1952, and RFC 8878. */
extern const struct inflate_kind inflate_gzip, inflate_zstd;

#endif
