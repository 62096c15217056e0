#include "sensor/datagram.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NO_BLOCK UINT32_MAX

#define BLOCK_UNITS (DATAGRAM_BLOCK / DATAGRAM_UNIT)

#define RUN_START 0x80U

struct datagram_block {
	uint8_t octets[DATAGRAM_BLOCK];
	/* 0 for a unit that has not come, else 1 more than its octets that
	 * were captured, and RUN_START where it begins a run. */
	uint8_t units[BLOCK_UNITS];
	uint32_t next; /* spare one */
};

/* --- pool ----------------------------------------------------------------- */

bool
datagram_pool_init(struct datagram_pool *pool, size_t octets)
{
	assert(octets > DATAGRAM_MAXIMUM);
	assert(octets / DATAGRAM_BLOCK < NO_BLOCK);
	*pool = (struct datagram_pool){
	    .count = (uint32_t)(octets / DATAGRAM_BLOCK),
	    .spare = NO_BLOCK,
	};
	pool->left = pool->count;
	pool->blocks = calloc(pool->count, sizeof(pool->blocks[0]));
	return pool->blocks != NULL;
}

void
datagram_pool_release(struct datagram_pool *pool)
{
	free(pool->blocks);
	pool->blocks = NULL;
}

static uint32_t
pool_take(struct datagram_pool *pool)
{
	uint32_t block = pool->spare;

	assert(pool->left > 0);
	pool->left--;
	if (block == NO_BLOCK)
		block = pool->untouched++;
	else
		pool->spare = pool->blocks[block].next;
	memset(pool->blocks[block].units, 0, BLOCK_UNITS);
	return block;
}

static void
pool_give(struct datagram_pool *pool, uint32_t block)
{
	pool->blocks[block].next = pool->spare;
	pool->spare = block;
	pool->left++;
}

/* --- units ---------------------------------------------------------------- */

/* The state of the unit number `unit`; 0 where there is no block. */
static uint8_t
unit_state(const struct datagram_pool *pool, const struct datagram *datagram,
    uint32_t unit)
{
	uint32_t block = datagram->blocks[unit / BLOCK_UNITS];

	if (block == NO_BLOCK)
		return 0;
	return pool->blocks[block].units[unit % BLOCK_UNITS];
}

/* The octets of a unit that has come that were captured. */
static uint32_t
unit_captured(uint8_t state)
{
	return (state & ~RUN_START) - 1U;
}

/*
 * Puts the octets of a unit down, but not over those that are there.
 *
 * start      RUN_START when it begins a run, else 0
 * returns    whether the unit has only now come
 */
static bool
unit_put(struct datagram_block *block, uint32_t unit, const uint8_t *octets,
    uint32_t captured, unsigned start)
{
	uint8_t *state = &block->units[unit];
	bool fresh = *state == 0;
	uint32_t had = fresh ? 0 : unit_captured(*state);

	if (captured > had)
		memcpy(block->octets + (size_t)unit * DATAGRAM_UNIT + had,
		    octets + had, captured - had);
	else
		captured = had;
	if (!fresh)
		start = *state & RUN_START;
	*state = (uint8_t)(start | (1 + captured));
	return fresh;
}

/* --- datagram ------------------------------------------------------------- */

void
datagram_begin(struct datagram *datagram)
{
	*datagram = (struct datagram){.reach = 0};
	for (unsigned i = 0; i < DATAGRAM_BLOCKS; i++)
		datagram->blocks[i] = NO_BLOCK;
}

void
datagram_end(struct datagram_pool *pool, struct datagram *datagram)
{
	for (unsigned i = 0; i < DATAGRAM_BLOCKS; i++)
		if (datagram->blocks[i] != NO_BLOCK)
			pool_give(pool, datagram->blocks[i]);
	datagram_begin(datagram);
}

static uint32_t
units_of(uint32_t octets)
{
	return (octets + DATAGRAM_UNIT - 1) / DATAGRAM_UNIT;
}

struct datagram_fit
datagram_compare(const struct datagram_pool *pool,
    const struct datagram *datagram, const struct datagram_piece *piece)
{
	uint32_t first = piece->offset / DATAGRAM_UNIT;
	uint32_t end = piece->offset + piece->length;
	struct datagram_fit fit = {.fresh = 0};

	assert(piece->length > 0 && end <= DATAGRAM_MAXIMUM);
	for (uint32_t unit = first; unit < units_of(end); unit++) {
		uint8_t state = unit_state(pool, datagram, unit);

		fit.known += state != 0;
		fit.fresh += state == 0;
		fit.runs += unit > first && (state & RUN_START) != 0;
	}
	for (uint32_t i = piece->offset / DATAGRAM_BLOCK;
	     i <= (end - 1) / DATAGRAM_BLOCK; i++)
		fit.blocks += datagram->blocks[i] == NO_BLOCK;
	fit.ends = !piece->more && !datagram->ended && end >= datagram->reach;
	fit.contradicts = (datagram->ended && end > datagram->reach) ||
			  (!piece->more && end < datagram->reach);
	return fit;
}

void
datagram_add(struct datagram_pool *pool, struct datagram *datagram,
    const struct datagram_piece *piece)
{
	uint32_t unit = piece->offset / DATAGRAM_UNIT;
	uint32_t end = piece->offset + piece->length;
	unsigned start = piece->offset == datagram->reach ? 0 : RUN_START;

	assert(piece->captured <= piece->length);
	for (uint32_t at = 0; at < piece->length; at += DATAGRAM_UNIT, unit++) {
		uint32_t *block = &datagram->blocks[unit / BLOCK_UNITS];
		uint32_t from = at < piece->captured ? at : piece->captured;
		uint32_t captured = piece->captured - from;

		if (captured > DATAGRAM_UNIT)
			captured = DATAGRAM_UNIT;
		if (*block == NO_BLOCK)
			*block = pool_take(pool);
		datagram->units += unit_put(&pool->blocks[*block],
		    unit % BLOCK_UNITS, piece->octets + from, captured, start);
		start = 0;
	}
	if (end > datagram->reach)
		datagram->reach = end;
	datagram->ended |= !piece->more;
}

bool
datagram_is_whole(const struct datagram *datagram)
{
	return datagram->ended && datagram->units == units_of(datagram->reach);
}

/* Whether captured octets are those of a unit, as far as it was captured. */
static bool
unit_equals(const struct datagram_block *block, uint32_t unit,
    const uint8_t *octets, uint32_t captured)
{
	uint32_t there = unit_captured(block->units[unit]);

	return memcmp(block->octets + (size_t)unit * DATAGRAM_UNIT, octets,
		   captured < there ? captured : there) == 0;
}

bool
datagram_holds(const struct datagram_pool *pool,
    const struct datagram *datagram, const struct datagram_piece *piece)
{
	uint32_t end = piece->offset + piece->length;
	uint32_t unit = piece->offset / DATAGRAM_UNIT;

	assert(datagram_is_whole(datagram));
	if (end > datagram->reach || piece->more != (end < datagram->reach))
		return false;
	for (uint32_t at = 0; at < piece->captured;
	     at += DATAGRAM_UNIT, unit++) {
		uint32_t block = datagram->blocks[unit / BLOCK_UNITS];
		uint32_t left = piece->captured - at;

		if (!unit_equals(&pool->blocks[block], unit % BLOCK_UNITS,
			piece->octets + at,
			left < DATAGRAM_UNIT ? left : DATAGRAM_UNIT))
			return false;
	}
	return true;
}

struct datagram_extent
datagram_read(const struct datagram_pool *pool, const struct datagram *datagram,
    uint8_t *out)
{
	struct datagram_extent extent = {.captured = 0};
	uint32_t unit, there, total = units_of(datagram->reach);
	bool cut = false;
	uint8_t state;

	for (unit = 0; unit < total; unit++) {
		state = unit_state(pool, datagram, unit);
		if (state == 0)
			break;
		if (cut)
			continue;
		there = unit_captured(state);
		memcpy(out + extent.captured,
		    pool->blocks[datagram->blocks[unit / BLOCK_UNITS]].octets +
			(size_t)(unit % BLOCK_UNITS) * DATAGRAM_UNIT,
		    there);
		extent.captured += there;
		cut = there < DATAGRAM_UNIT;
	}
	extent.length = unit * DATAGRAM_UNIT;
	if (extent.length > datagram->reach)
		extent.length = datagram->reach;
	return extent;
}
