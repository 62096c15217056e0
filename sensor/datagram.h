/*
 * datagram -- the payload of one IP datagram as its fragments bring it.
 *
 * Keeps octets where they belong, in blocks that all datagrams take from one
 * pool, and knows which have come.  Fragments come in any order, twice and cut
 * by a snap length; one that overlaps others is told, and not for adding.  An
 * octet that came stays, and one that did not come is never made up.  Work and
 * memory depend on the octets of a fragment, never on how many came before it,
 * so their number needs no limit.  Does not know addresses, headers or time.
 */
#ifndef SENSOR_DATAGRAM_H
#define SENSOR_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an offset of 13 bits and a length of 16 can say (RFC 791, RFC 8200). */
#define DATAGRAM_MAXIMUM 65535

/* Offsets count in units of this many octets. */
#define DATAGRAM_UNIT 8

/* The most common fragments, of just under 1500 octets, take two blocks. */
#define DATAGRAM_BLOCK 1024

/* Blocks of one datagram at most. */
#define DATAGRAM_BLOCKS ((DATAGRAM_MAXIMUM + 1) / DATAGRAM_BLOCK)

struct datagram_block; /* opaque */

struct datagram_pool {
	struct datagram_block *blocks; /* owned */
	uint32_t count, untouched;     /* those from `untouched` are new */
	uint32_t spare;                /* head of a list */
	uint32_t left;                 /* blocks that nobody has */
};

struct datagram {
	uint32_t blocks[DATAGRAM_BLOCKS];
	uint32_t reach; /* the highest end of any fragment so far */
	uint32_t units; /* how many have come */
	bool ended;     /* a last fragment ends at `reach` */
};

/* What one fragment brings. */
struct datagram_piece {
	const uint8_t *octets;
	uint32_t captured, length; /* octets there, octets on the wire */
	uint32_t offset;           /* a multiple of DATAGRAM_UNIT */
	bool more;                 /* then `length` is such a multiple too */
};

/*
 * How a piece lies to what has come.  A run is what Linux takes for one piece
 * (inet_frag_queue_insert()): fragments that came one behind the other, each
 * at the end of all before it.  Any other begins a run of its own.
 */
struct datagram_fit {
	uint32_t fresh, known; /* units that are new, and that are not */
	uint32_t runs;         /* that begin inside it, behind its beginning */
	uint32_t blocks;       /* to be taken from the pool */
	bool ends;             /* says first where the end is */
	bool contradicts;      /* what has come about where the end is */
};

/* How much there is from the beginning to the first hole. */
struct datagram_extent {
	uint32_t captured, length;
};

/*
 * Makes a pool that never allocates again.
 *
 * octets     at least DATAGRAM_MAXIMUM + 1
 * returns    false when there is no memory; release it all the same
 */
bool datagram_pool_init(struct datagram_pool *pool, size_t octets);
void datagram_pool_release(struct datagram_pool *pool);

/* Begins a datagram of which nothing has come. */
void datagram_begin(struct datagram *datagram);

/* Gives its blocks back. */
void datagram_end(struct datagram_pool *pool, struct datagram *datagram);

/* The piece has at least one octet and ends at DATAGRAM_MAXIMUM at most. */
struct datagram_fit datagram_compare(const struct datagram_pool *pool,
    const struct datagram *datagram, const struct datagram_piece *piece);

/* Whether the piece covers octets that came otherwise divided, or in part. */
static inline bool
datagram_overlaps(const struct datagram_fit *fit)
{
	return fit->known > 0 && (fit->fresh > 0 || fit->runs > 0);
}

/*
 * Adds what has not come yet of a piece that neither overlaps nor contradicts;
 * the pool has the blocks that it needs.
 */
void datagram_add(struct datagram_pool *pool, struct datagram *datagram,
    const struct datagram_piece *piece);

bool datagram_is_whole(const struct datagram *datagram);

/*
 * Whether a piece says nothing of a whole datagram that is not known; octets
 * that were not captured of either are not compared.
 */
bool datagram_holds(const struct datagram_pool *pool,
    const struct datagram *datagram, const struct datagram_piece *piece);

/*
 * Copies the octets up to the first that was not captured.
 *
 * out        room for DATAGRAM_MAXIMUM octets
 */
struct datagram_extent datagram_read(const struct datagram_pool *pool,
    const struct datagram *datagram, uint8_t *out);

#endif
