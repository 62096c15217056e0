/*
 * cursor -- reads untrusted octets forward without passing the end.
 *
 * Knows nothing of protocols.  A read that does not fit yields zero and
 * latches `short_read`; every later read yields zero too, so a decoder may
 * read a whole header and ask once.
 */
#ifndef SENSOR_BASE_CURSOR_H
#define SENSOR_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool short_read;
};

/* A cursor over `size` octets, borrowed for the cursor's life. */
static inline struct cursor
cursor_over(const void *octets, size_t size)
{
	const uint8_t *at = octets;

	/* Nothing may have no address, and nothing may be added to that. */
	return (struct cursor){.at = at, .end = size == 0 ? at : at + size};
}

/* Octets not yet read. */
static inline size_t
cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* The next `n` octets, borrowed; NULL once anything has not fitted. */
static inline const uint8_t *
cursor_take(struct cursor *c, size_t n)
{
	const uint8_t *start = c->at;

	if (c->short_read || n > cursor_left(c)) {
		c->short_read = true;
		return NULL;
	}
	c->at += n;
	return start;
}

/* One octet, or zero once anything has not fitted. */
static inline uint8_t
cursor_u8(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 1);

	return p == NULL ? 0 : p[0];
}

/* Two octets, most significant first. */
static inline uint16_t
cursor_be16(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);

	if (p == NULL)
		return 0;
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Three octets, most significant first. */
static inline uint32_t
cursor_be24(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 3);

	if (p == NULL)
		return 0;
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

/* Four octets, most significant first. */
static inline uint32_t
cursor_be32(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 4);

	if (p == NULL)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* Two octets, least significant first. */
static inline uint16_t
cursor_le16(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);

	if (p == NULL)
		return 0;
	return (uint16_t)(p[1] << 8 | p[0]);
}

/* Four octets, least significant first. */
static inline uint32_t
cursor_le32(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 4);

	if (p == NULL)
		return 0;
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

#endif
