#include "classifiers/detectors/strangers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/hash.h"

#define WAYS 4

/* A client of each attempt that is kept, and twice as many that are known. */
#define CLIENT_SETS 32768

/* Targets anybody may invent; and those of the inventory, which are few. */
#define STRANGE_SETS 8192
#define KNOWN_SETS   1024

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

/* What was told of an attempt that is kept; the last is of those that wait. */
enum { TOLD_OF_CLIENT = 1, TOLD_OF_TARGET = 2, WAITS = 4 };

/* Half a cache line. */
struct clients {
	uint32_t marks[WAYS];
	uint32_t states[WAYS]; /* and how many were kept before it */
};

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
	uint32_t kept; /* attempts that ever were, modulo NUMBER_MASK + 1 */
	struct strangers_counts counts;
	struct target *waiting[WAITING_MAXIMUM];
	uint32_t waiting_count;
	struct clients *clients;
	struct target *strange, *known; /* sets of WAYS */
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
	strangers->clients = allocate(CLIENT_SETS, sizeof(struct clients));
	strangers->strange =
	    allocate(STRANGE_SETS * WAYS, sizeof(struct target));
	strangers->known = allocate(KNOWN_SETS * WAYS, sizeof(struct target));
	strangers->ring = allocate(STRANGERS_KEPT, sizeof(*strangers->ring));
	return strangers;
}

void
strangers_free(struct strangers *strangers)
{
	if (strangers == NULL)
		return;
	free(strangers->clients);
	free(strangers->strange);
	free(strangers->known);
	free(strangers->ring);
	free(strangers);
}

/* --- keys ----------------------------------------------------------------- */

/*
 * Two words under a secret: a 128-bit product, folded (as in Wang Yi's wyhash).
 * Nobody learns what it comes to, and SipHash of each end would be as much as
 * all else here.
 */
static inline uint64_t
fold(const struct strangers *strangers, uint64_t one, uint64_t other)
{
	__extension__ typedef unsigned __int128 wide;
	wide product =
	    (wide)(one ^ strangers->key.words[0] ^
		   UINT64_C(0xa0761d6478bd642f)) *
	    (other ^ strangers->key.words[1] ^ UINT64_C(0xe7037ed1a0b428db));

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Once is linear in half of the address, and an upper half that is alone under
 * the secret may be nothing at all; twice is neither. */
static inline uint64_t
hash_address(const struct strangers *strangers, const struct address *address)
{
	uint64_t words[2];

	memcpy(words, address->octets, sizeof(words));
	return fold(strangers, fold(strangers, words[0], words[1]) ^ words[1],
	    UINT64_C(0x9e3779b97f4a7c15));
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
	int place = 0;

	for (int i = 1; i < WAYS; i++)
		if (clients->states[i] < clients->states[place])
			place = i;
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
	    !address_equal(&attempt->client, address))
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
	strangers->waiting_count = 0;
}

static inline uint16_t
keep(struct strangers *strangers, const struct lone_attempt *attempt,
    uint64_t target, uint8_t told)
{
	uint32_t place = strangers->kept % STRANGERS_KEPT;
	struct lone_attempt *kept = &strangers->ring[place];

	strangers->counts.lost += kept->packets[0] != 0 && kept->told == 0;
	*kept = *attempt;
	kept->target = target;
	kept->told = told;
	strangers->kept = (strangers->kept + 1) & NUMBER_MASK;
	if (strangers->kept == 0)
		begin_anew(strangers);
	return (uint16_t)place;
}

/* --- targets -------------------------------------------------------------- */

static inline uint32_t
seconds_of(const struct lone_attempt *attempt)
{
	return (uint32_t)(attempt->first_ns / NS_PER_SECOND);
}

/* Flows do not end in the order in which they began. */
static inline bool
is_over(const struct target *target, uint32_t now)
{
	return (int32_t)(now - target->since) >
	       (int32_t)(STRANGERS_WINDOW / NS_PER_SECOND);
}

/* Attempts at it, and the time of the first where these are equal. */
static inline uint64_t
worth_of(const struct target *target, uint32_t now)
{
	return is_over(target, now)
		   ? 0
		   : (uint64_t)target->count << 32 | target->since;
}

/* What is worth the least makes room. */
static struct target *
replace_target(struct target *set, uint32_t mark, uint32_t now)
{
	struct target *least = set;

	for (int i = 1; i < WAYS; i++)
		if (worth_of(&set[i], now) < worth_of(least, now))
			least = &set[i];
	*least = (struct target){.mark = mark, .since = now};
	return least;
}

static inline struct target *
target_of(struct target *set, uint32_t mark, uint32_t now)
{
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
		    seconds_of(one) < target->since)
			continue;
		one->told = TOLD_OF_TARGET;
		told->beside[told->beside_count++] = one;
	}
}

/* Whether that one has to stand for those that wait. */
static bool
is_sample(uint64_t client)
{
	return (client >> 24) % STRANGERS_SHARE == 0;
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

/* Takes the place of the one before, so that a flood takes one place. */
static void
keep_waiting(struct strangers *strangers, struct target *target,
    const struct lone_attempt *attempt, uint64_t hash)
{
	struct lone_attempt *one = &strangers->ring[target->flooded.kept];

	if (!is_waiting(one, target->mark)) {
		target->flooded.kept =
		    keep(strangers, attempt, hash, TOLD_OF_TARGET | WAITS);
		return;
	}
	*one = *attempt;
	one->target = hash;
	one->told = TOLD_OF_TARGET | WAITS;
}

/* Too many: they are told by shares. */
static uint32_t
take_flooded(struct strangers *strangers, struct target *target,
    const struct lone_attempt *attempt, uint64_t client, uint64_t hash)
{
	uint32_t stands_for = ++target->flooded.waiting;

	if (is_sample(client) || stands_for == UINT16_MAX ||
	    !may_wait(strangers, target)) {
		target->flooded.waiting = 0;
		return stands_for;
	}
	if (stands_for == 1)
		keep_waiting(strangers, target, attempt, hash);
	return 0;
}

const struct lone_attempt *
strangers_waiting(struct strangers *strangers, uint32_t *stands_for)
{
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
		*stands_for = target->flooded.waiting;
		if (*stands_for == 0 || !is_waiting(one, target->mark))
			continue;
		target->flooded.waiting = 0;
		return one;
	}
	return NULL;
}

/* --- attempts ------------------------------------------------------------- */

/* A client that nobody has heard of. */
static void
take_stranger(struct strangers *strangers, const struct lone_attempt *attempt,
    struct clients *clients, uint64_t client, struct target *target,
    uint64_t hash, struct strangers_told *told)
{
	uint32_t mark = (uint32_t)(client >> 32);

	if (target->count < UINT16_MAX)
		target->count++;
	if (target->count > STRANGERS_EACH) {
		add_client(strangers, clients, mark, SEEN);
		told->stands_for =
		    take_flooded(strangers, target, attempt, client, hash);
		strangers->counts.lone++;
		return;
	}
	add_client(strangers, clients, mark, KEPT);
	if (target->count < STRANGERS_STANDS_OUT) {
		target->kept[target->count - 1] =
		    keep(strangers, attempt, hash, 0);
		strangers->counts.kept++;
		return;
	}
	if (target->count == STRANGERS_STANDS_OUT) {
		take_beside(strangers, target, hash, told);
		memset(&target->flooded, 0, sizeof(target->flooded));
	}
	(void)keep(strangers, attempt, hash, TOLD_OF_TARGET);
	told->stands_for = 1;
	strangers->counts.lone++;
}

struct strangers_told
strangers_take(struct strangers *strangers, const struct lone_attempt *attempt,
    uint64_t key)
{
	struct strangers_told told = {.in_full = false};
	uint64_t client = hash_address(strangers, &attempt->client);
	struct clients *clients = clients_of(strangers, client);
	int place = find_client(clients, (uint32_t)(client >> 32));
	uint32_t now = seconds_of(attempt);
	struct target *set;
	uint64_t hash;

	strangers->counts.taken++;
	if (place >= 0) {
		told.in_full = true;
		told.before = know_client(strangers, clients, place,
		    &attempt->client, &told.before_counted);
		strangers->counts.known++;
		return told;
	}
	hash = key != 0 ? fold(strangers, key, UINT64_C(0x9e3779b97f4a7c15))
			: hash_address(strangers, &attempt->server);
	set = key != 0 ? &strangers->known[hash % KNOWN_SETS * WAYS]
		       : &strangers->strange[hash % STRANGE_SETS * WAYS];
	take_stranger(strangers, attempt, clients, client,
	    target_of(set, (uint32_t)(hash >> 32), now), hash, &told);
	return told;
}

struct strangers_counts
strangers_counts(const struct strangers *strangers)
{
	return strangers->counts;
}
