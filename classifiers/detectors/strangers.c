#include "classifiers/detectors/strangers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/beside.h"
#include "sensor/base/arena.h"
#include "sensor/base/hash.h"

#define WAYS 4

/* A client of each attempt that is kept, and twice as many that are known. */
#define CLIENT_SETS 32768

/* Targets anybody may invent; and those of the inventory, which are few. */
#define STRANGE_SETS 8192
#define KNOWN_SETS   1024

/* Clients that are known and busy; who pushes out another is told in full. */
#define BUSY_SETS 1024

/* Targets of which some attempts wait. */
#define WAITING_MAXIMUM 64

/* What is known of a client, in the upper bits of its state: of two that may
 * make room the lesser does. */
enum {
	EMPTY,
	SEEN, /* at a target that is flooded: nothing is kept of it */
	KEPT, /* its attempt is */
	KNOWN,
};

#define NUMBER_BITS 30
#define NUMBER_MASK ((UINT32_C(1) << NUMBER_BITS) - 1)

/* What was told of an attempt that is kept; the last two are of those that
 * wait. */
enum { TOLD_OF_CLIENT = 1, TOLD_OF_TARGET = 2, WAITS = 4, IN_FULL = 8 };

/* Half a cache line. */
struct clients {
	uint32_t marks[WAYS];
	uint32_t states[WAYS]; /* and how many were kept before it */
};

/* And what a known client is, by the same rules. */
struct target {
	uint32_t mark;
	uint32_t since; /* seconds */
	uint16_t count; /* as many or more; 0: no entry */
	union {
		/* Places of those that were kept back. */
		uint16_t kept[STRANGERS_STANDS_OUT - 1];
		struct {
			uint16_t waiting;
			uint16_t kept; /* place of the first that waits */
			uint16_t listed;
		} flooded;
	};
};

struct strangers {
	struct hash_key key;
	uint32_t kept;    /* attempts that ever were, modulo NUMBER_MASK + 1 */
	uint32_t is_full; /* the ring; behind the last, for both are saved */
	struct strangers_counts counts;
	struct target *waiting[WAITING_MAXIMUM];
	uint32_t waiting_count;
	struct clients *clients;
	struct target *strange, *known, *busy; /* sets of WAYS */
	struct lone_attempt *ring;
};

static_assert(STRANGERS_KEPT <= UINT16_MAX + 1, "places have 16 bits");
static_assert(sizeof(struct target) * WAYS == 64, "a set is a cache line");

/* --- life ----------------------------------------------------------------- */

struct strangers *
strangers_new(const struct hash_key *key)
{
	struct strangers *strangers = allocate(1, sizeof(*strangers));

	strangers->key = *key;
	strangers->clients =
	    allocate_sparse(CLIENT_SETS, sizeof(struct clients));
	strangers->strange =
	    allocate_sparse(STRANGE_SETS * WAYS, sizeof(struct target));
	strangers->known =
	    allocate_sparse(KNOWN_SETS * WAYS, sizeof(struct target));
	strangers->busy =
	    allocate_sparse(BUSY_SETS * WAYS, sizeof(struct target));
	strangers->ring =
	    allocate_sparse(STRANGERS_KEPT, sizeof(struct lone_attempt));
	return strangers;
}

void
strangers_free(struct strangers *strangers)
{
	if (strangers == NULL)
		return;
	free_sparse(strangers->clients, CLIENT_SETS, sizeof(struct clients));
	free_sparse(
	    strangers->strange, STRANGE_SETS * WAYS, sizeof(struct target));
	free_sparse(strangers->known, KNOWN_SETS * WAYS, sizeof(struct target));
	free_sparse(strangers->busy, BUSY_SETS * WAYS, sizeof(struct target));
	free_sparse(
	    strangers->ring, STRANGERS_KEPT, sizeof(struct lone_attempt));
	free(strangers);
}

/* --- keys ----------------------------------------------------------------- */

/*
 * Two words under a secret: a 128-bit product, folded (as in Wang Yi's wyhash),
 * and a last step, for the place is of its low bits.  Nobody learns what it
 * comes to, and SipHash of each end would be as much as all else here.
 */
static inline uint64_t
fold(const struct strangers *strangers, uint64_t one, uint64_t other)
{
	__extension__ typedef unsigned __int128 wide;
	wide product =
	    (wide)(one ^ strangers->key.words[0] ^
		   UINT64_C(0xa0761d6478bd642f)) *
	    (other ^ strangers->key.words[1] ^ UINT64_C(0xe7037ed1a0b428db));
	uint64_t folded = (uint64_t)product ^ (uint64_t)(product >> 64);

	folded *= UINT64_C(0x9e3779b97f4a7c15);
	return folded ^ folded >> 32;
}

static inline uint64_t
hash_address(const struct strangers *strangers, const struct address *address)
{
	uint64_t words[2];

	memcpy(words, address->octets, sizeof(words));
	return fold(strangers, words[0], words[1]);
}

/* --- clients -------------------------------------------------------------- */

static inline struct clients *
clients_of(struct strangers *strangers, uint64_t hash)
{
	return &strangers->clients[hash % CLIENT_SETS];
}

static inline int
find_client(const struct clients *clients, uint32_t mark)
{
#pragma GCC unroll 4
	for (int i = 0; i < WAYS; i++)
		if (clients->marks[i] == mark && clients->states[i] != 0)
			return i;
	return -1;
}

static inline uint32_t
state_of(const struct strangers *strangers, uint32_t kind)
{
	return kind << NUMBER_BITS | strangers->kept;
}

/* Its attempt, unless that made room. */
static struct lone_attempt *
attempt_of_state(struct strangers *strangers, uint32_t state)
{
	uint32_t ago = (strangers->kept - state) & NUMBER_MASK;

	if (state >> NUMBER_BITS != KEPT || ago == 0 || ago > STRANGERS_KEPT)
		return NULL;
	return &strangers->ring[(state & NUMBER_MASK) % STRANGERS_KEPT];
}

static inline void
add_client(struct strangers *strangers, struct clients *clients, uint32_t mark,
    uint32_t kind)
{
	uint32_t place = 0, least = clients->states[0];

#pragma GCC unroll 4
	for (uint32_t i = 1; i < WAYS; i++)
		if (clients->states[i] < least) {
			place = i;
			least = clients->states[i];
		}
	clients->marks[place] = mark;
	clients->states[place] = state_of(strangers, kind);
}

/* Makes it a known one; gets what was kept back of it. */
static const struct lone_attempt *
know_client(struct strangers *strangers, struct clients *clients, int place,
    const struct address *address, bool *was_counted)
{
	struct lone_attempt *attempt =
	    attempt_of_state(strangers, clients->states[place]);

	clients->states[place] = state_of(strangers, KNOWN);
	if (attempt == NULL || (attempt->told & TOLD_OF_CLIENT) != 0 ||
	    !address_equal(&attempt->ends[attempt->client].address, address))
		return NULL;
	*was_counted = (attempt->told & TOLD_OF_TARGET) != 0;
	attempt->told |= TOLD_OF_CLIENT;
	return attempt;
}

const struct lone_attempt *
strangers_recall(struct strangers *strangers, const struct address *client,
    bool *was_counted)
{
	uint64_t hash = hash_address(strangers, client);
	struct clients *clients = clients_of(strangers, hash);
	int place = find_client(clients, (uint32_t)(hash >> 32));

	/* Who is told of in full anyway needs no place here. */
	if (place < 0 || clients->states[place] >> NUMBER_BITS == KNOWN)
		return NULL;
	return know_client(strangers, clients, place, client, was_counted);
}

/* --- the ring ------------------------------------------------------------- */

/* After that many all begins anew, for an old number would be a new one. */
static void
begin_anew(struct strangers *strangers)
{
	memset(strangers->clients, 0, CLIENT_SETS * sizeof(struct clients));
	memset(
	    strangers->strange, 0, STRANGE_SETS * WAYS * sizeof(struct target));
	memset(strangers->known, 0, KNOWN_SETS * WAYS * sizeof(struct target));
	memset(strangers->busy, 0, BUSY_SETS * WAYS * sizeof(struct target));
	strangers->waiting_count = 0;
}

/* A place for one that the caller will write. */
static inline struct lone_attempt *
keep(struct strangers *strangers, uint64_t target, int64_t first_ns,
    uint8_t told)
{
	struct lone_attempt *kept =
	    &strangers->ring[strangers->kept % STRANGERS_KEPT];

	if (strangers->is_full != 0)
		strangers->counts.lost += kept->told == 0;
	kept->target = target;
	kept->first_ns = first_ns;
	kept->told = told;
	strangers->kept = (strangers->kept + 1) & NUMBER_MASK;
	if (strangers->kept == STRANGERS_KEPT)
		strangers->is_full = 1;
	if (strangers->kept == 0)
		begin_anew(strangers);
	return kept;
}

static inline uint16_t
place_of(const struct strangers *strangers, const struct lone_attempt *kept)
{
	return (uint16_t)(kept - strangers->ring);
}

/* --- targets -------------------------------------------------------------- */

/* Flows do not end in the order in which they began. */
static inline bool
is_over(const struct target *target, uint32_t now)
{
	return (int32_t)(now - target->since) >
	       (int32_t)(STRANGERS_WINDOW / NS_PER_SECOND);
}

/* What has the fewest attempts of its window makes room. */
static inline struct target *
replace_target(struct target *set, uint32_t mark, uint32_t now)
{
	uint32_t place = 0, least = UINT32_MAX;

#pragma GCC unroll 4
	for (uint32_t i = 0; i < WAYS; i++) {
		uint32_t count = is_over(&set[i], now) ? 0 : set[i].count;

		if (count < least) {
			least = count;
			place = i;
		}
	}
	set[place] = (struct target){.mark = mark, .since = now};
	return &set[place];
}

static inline struct target *
target_of(struct target *set, uint32_t mark, uint32_t now)
{
#pragma GCC unroll 4
	for (int i = 0; i < WAYS; i++) {
		if (set[i].mark != mark || set[i].count == 0)
			continue;
		if (is_over(&set[i], now))
			set[i] = (struct target){.mark = mark, .since = now};
		return &set[i];
	}
	return replace_target(set, mark, now);
}

/* Those that were kept back and of which nobody was told. */
static void
take_beside(struct strangers *strangers, const struct target *target,
    uint64_t hash, struct strangers_told *told)
{
	for (int i = 0; i < STRANGERS_STANDS_OUT - 1; i++) {
		struct lone_attempt *one = &strangers->ring[target->kept[i]];

		if (one->target != hash || one->told != 0 ||
		    one->first_ns / NS_PER_SECOND < target->since)
			continue;
		one->told = TOLD_OF_TARGET;
		told->beside[told->beside_count++] = one;
	}
}

/* Whether that one has to stand for those that wait. */
static bool
is_sample(uint64_t hash)
{
	return (hash >> 24) % STRANGERS_SHARE == 0;
}

/* Waits until one stands for it; of many such targets none waits. */
static bool
may_wait(struct strangers *strangers, struct target *target)
{
	if (target->flooded.listed != 0)
		return true;
	if (strangers->waiting_count == WAITING_MAXIMUM)
		return false;
	strangers->waiting[strangers->waiting_count++] = target;
	target->flooded.listed = 1;
	return true;
}

static bool
is_waiting(const struct lone_attempt *one, uint32_t mark)
{
	return (one->told & WAITS) != 0 &&
	       (uint32_t)(one->target >> 32) == mark;
}

/* In the place of the one before, so that a flood takes one place. */
static struct lone_attempt *
keep_waiting(struct strangers *strangers, struct target *target, uint64_t hash,
    int64_t first_ns, uint8_t told)
{
	struct lone_attempt *one = &strangers->ring[target->flooded.kept];

	if (!is_waiting(one, target->mark)) {
		one = keep(strangers, hash, first_ns, told);
		target->flooded.kept = place_of(strangers, one);
	}
	one->first_ns = first_ns;
	return one;
}

/*
 * Too many: they are told by shares.
 *
 * sample     a hash that nobody can choose
 * hash       of the target, or of the busy client
 */
static struct lone_attempt *
take_flooded(struct strangers *strangers, struct target *target,
    uint64_t sample, uint64_t hash, int64_t first_ns,
    struct strangers_told *told)
{
	uint32_t waiting = ++target->flooded.waiting;
	uint8_t how = TOLD_OF_TARGET | WAITS | (told->in_full ? IN_FULL : 0);

	if (is_sample(sample) || waiting == UINT16_MAX ||
	    !may_wait(strangers, target)) {
		target->flooded.waiting = 0;
		told->stands_for = waiting;
		return NULL;
	}
	return waiting == 1
		   ? keep_waiting(strangers, target, hash, first_ns, how)
		   : NULL;
}

const struct lone_attempt *
strangers_waiting(struct strangers *strangers, struct strangers_told *told)
{
	*told = (struct strangers_told){.in_full = false};
	while (strangers->waiting_count > 0) {
		struct target *target =
		    strangers->waiting[--strangers->waiting_count];
		const struct lone_attempt *one =
		    &strangers->ring[target->flooded.kept];

		/* It may have become another's. */
		if (target->count <= STRANGERS_EACH ||
		    target->flooded.listed == 0)
			continue;
		target->flooded.listed = 0;
		if (target->flooded.waiting == 0 ||
		    !is_waiting(one, target->mark))
			continue;
		told->stands_for = target->flooded.waiting;
		told->in_full = (one->told & IN_FULL) != 0;
		target->flooded.waiting = 0;
		return one;
	}
	return NULL;
}

/* --- attempts ------------------------------------------------------------- */

/* Of a target that stands out. */
static struct lone_attempt *
take_lone(struct strangers *strangers, struct target *target, uint64_t hash,
    int64_t first_ns, struct strangers_told *told)
{
	struct lone_attempt *kept =
	    keep(strangers, hash, first_ns, TOLD_OF_TARGET);

	if (target->count == STRANGERS_STANDS_OUT) {
		take_beside(strangers, target, hash, told);
		memset(&target->flooded, 0, sizeof(target->flooded));
	}
	told->stands_for = 1;
	return kept;
}

/* Whose it is that is known. */
static struct lone_attempt *
take_known(struct strangers *strangers, uint64_t by,
    const struct flow_end *client, const struct flow_end *server,
    int64_t first_ns, struct strangers_told *told)
{
	uint64_t ports = (uint64_t)client->port << 16 | server->port;
	struct target *busy = target_of(&strangers->busy[by % BUSY_SETS * WAYS],
	    (uint32_t)(by >> 32), (uint32_t)(first_ns / NS_PER_SECOND));

	strangers->counts.known++;
	told->in_full = true;
	told->stands_for = 1;
	if (busy->count < UINT16_MAX)
		busy->count++;
	if (busy->count <= STRANGERS_BUSY)
		return NULL;
	told->stands_for = 0;
	return take_flooded(strangers, busy,
	    fold(strangers, hash_address(strangers, &server->address), ports),
	    by, first_ns, told);
}

/* Whose it is that nobody has heard of. */
static struct lone_attempt *
take_stranger(struct strangers *strangers, uint64_t by, struct target *target,
    uint64_t at, int64_t first_ns, struct strangers_told *told)
{
	struct lone_attempt *kept;

	if (target->count < UINT16_MAX)
		target->count++;
	add_client(strangers, clients_of(strangers, by), (uint32_t)(by >> 32),
	    target->count > STRANGERS_EACH ? SEEN : KEPT);
	if (target->count < STRANGERS_STANDS_OUT) {
		kept = keep(strangers, at, first_ns, 0);
		target->kept[target->count - 1] = place_of(strangers, kept);
		strangers->counts.kept++;
		return kept;
	}
	strangers->counts.lone++;
	return target->count > STRANGERS_EACH
		   ? take_flooded(strangers, target, by, at, first_ns, told)
		   : take_lone(strangers, target, at, first_ns, told);
}

struct lone_attempt *
strangers_take(struct strangers *strangers, const struct flow_end *client,
    const struct flow_end *server, uint64_t key, struct instant first,
    struct strangers_told *told)
{
	uint64_t by = hash_address(strangers, &client->address), at;
	struct clients *clients = clients_of(strangers, by);
	int place = find_client(clients, (uint32_t)(by >> 32));
	struct target *set;

	told->in_full = false;
	told->stands_for = 0;
	told->beside_count = 0;
	told->before = NULL;
	strangers->counts.taken++;
	if (place >= 0) {
		told->before = know_client(strangers, clients, place,
		    &client->address, &told->before_counted);
		return take_known(
		    strangers, by, client, server, first.ns, told);
	}
	at = key != 0 ? fold(strangers, key, 0)
		      : hash_address(strangers, &server->address);
	set = key != 0 ? &strangers->known[at % KNOWN_SETS * WAYS]
		       : &strangers->strange[at % STRANGE_SETS * WAYS];
	return take_stranger(strangers, by,
	    target_of(set, (uint32_t)(at >> 32),
		(uint32_t)(first.ns / NS_PER_SECOND)),
	    at, first.ns, told);
}

struct strangers_counts
strangers_counts(const struct strangers *strangers)
{
	return strangers->counts;
}

/* --- across runs ---------------------------------------------------------- */

static void
end_waiting(struct target *targets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (targets[i].count < STRANGERS_STANDS_OUT)
			for (int k = 0; k < STRANGERS_STANDS_OUT - 1; k++)
				targets[i].kept[k] %= STRANGERS_KEPT;
		else
			memset(
			    &targets[i].flooded, 0, sizeof(targets[i].flooded));
	}
}

/* Nothing of a file is to lead anywhere that is not; what waited to be told by
 * shares is not told. */
static void
restored(void *owner, bool whole)
{
	struct strangers *strangers = owner;

	strangers->kept &= NUMBER_MASK;
	if (!whole) {
		begin_anew(strangers);
		return;
	}
	end_waiting(strangers->strange, STRANGE_SETS * WAYS);
	end_waiting(strangers->known, KNOWN_SETS * WAYS);
	end_waiting(strangers->busy, BUSY_SETS * WAYS);
	for (size_t i = 0; i < STRANGERS_KEPT; i++) {
		struct lone_attempt *one = &strangers->ring[i];

		one->client &= 1;
		one->told &= TOLD_OF_CLIENT | TOLD_OF_TARGET;
		if (one->domain != 0)
			one->told = TOLD_OF_CLIENT | TOLD_OF_TARGET;
		one->domain = 0;
	}
}

struct beside
strangers_beside(struct strangers *strangers)
{
	return (struct beside){
	    .name = "strangers",
	    .revision = 1,
	    .tables =
		{
		    {"counts", &strangers->kept, 2 * sizeof(uint32_t), 1},
		    {"clients", strangers->clients, sizeof(struct clients),
			CLIENT_SETS},
		    {"strange", strangers->strange, sizeof(struct target),
			STRANGE_SETS * WAYS},
		    {"known", strangers->known, sizeof(struct target),
			KNOWN_SETS * WAYS},
		    {"busy", strangers->busy, sizeof(struct target),
			BUSY_SETS * WAYS},
		    {"ring", strangers->ring, sizeof(struct lone_attempt),
			STRANGERS_KEPT},
		},
	    .table_count = 6,
	    .restored = restored,
	    .owner = strangers,
	};
}
