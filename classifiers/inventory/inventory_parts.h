/*
 * inventory_parts -- what the files of the inventory share with each other.
 *
 * The draft (inventory_draft.c, _take.c, _states.c) keeps one record for every
 * object; a fact that changes one marks it.  Publishing makes the marked ones
 * anew, and only those: workloads (_resolve.c, with _name.c), nodes and
 * services (_join.c), then the addresses that any of them holds (_settle.c),
 * and puts them into a hash whose pages generations share until one changes
 * (_index.c).  What a generation no longer uses lies in an attic until the last
 * generation that may is freed (_attic.c).  inventory.c answers.  Nobody else
 * includes this.
 */
#ifndef CLASSIFIERS_INVENTORY_INVENTORY_PARTS_H
#define CLASSIFIERS_INVENTORY_INVENTORY_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifiers/inventory/bounded_copy.h"
#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/inventory/network_policy.h"
#include "sensor/base/hash.h"

struct arena;
struct map;
struct draft_address;
struct draft_workload;

/* --- what generations share (inventory_attic.c) --------------------------- */

struct attic;

struct attic *attic_new(void);

/* The number that the next generation will have. */
uint64_t attic_next(const struct attic *attic);

/*
 * The draft uses it no more: freed once no generation does that was published
 * so far.  NULL is allowed.
 */
void attic_put_arena(struct attic *attic, struct arena *arena);
void attic_put(struct attic *attic, void *memory);
/* The same for what is constant to whoever else has it. */
void attic_put_constant(struct attic *attic, const void *memory);

void attic_join(struct attic *attic, struct inventory *inventory);
void attic_leave(struct attic *attic, struct inventory *inventory);
/* The draft is gone. */
void attic_close(struct attic *attic);

/* --- the address index (inventory_index.c) -------------------------------- */

/* A stretch of time in which nobody else held the address. */
struct tenure {
	struct instant since, until;
	const struct workload *workload;
};

/* Everything that ever held one address of one cluster. */
struct holder {
	const struct tenure *tenures; /* in order of time, disjoint */
	size_t tenure_count;
	const struct node *const *nodes; /* whoever knows best first */
	size_t node_count;
	const struct service *const *services; /* in order of since */
	size_t service_count;
};

struct page_entry {
	struct address address;
	uint32_t tag;
	uint32_t cluster;
	const struct holder *holder; /* owned by the draft */
};

/* The addresses whose hashes begin alike. */
struct page {
	uint64_t born; /* the generation it may still be changed for */
	size_t count, capacity;
	struct page_entry entries[];
};

struct index {
	struct hash_key key;
	struct page **pages; /* NULL: nothing there */
	size_t mask;         /* pages - 1 */
	size_t count;        /* entries */
};

void index_init(struct index *index);
/* Sets or, with NULL, removes the holder; returns the one before. */
const struct holder *index_put(struct index *index, struct attic *attic,
    uint32_t cluster, const struct address *address,
    const struct holder *holder);
/* The entries of the page that would hold the address; find_in_page() next. */
const struct page *index_page(
    const struct index *index, const struct address *address, uint32_t *tag);
/* Copies the directory; pages are shared. */
struct index index_share(const struct index *index);

/* --- networks (inventory_networks.c) ------------------------------------- */

struct network {
	struct prefix prefix;
	const struct zone *zone; /* or NULL */
};

/* Prefixes by length, the longest first, each length sorted by address. */
struct networks {
	struct arena *arena;
	struct network *at;
	size_t count;
	size_t starts[129]; /* where a length's networks begin, by length */
	size_t counts[129];
	uint8_t lengths[129]; /* that there are any of, longest first */
	size_t length_count;
};

/* The narrowest network of at most `longest` bits, or NULL. */
const struct network *networks_find(const struct networks *networks,
    const struct address *address, unsigned longest);

/* --- sorted lists (inventory_roll.c) ------------------------------------- */

/* Pointers in an order; immutable. */
struct roll {
	size_t count;
	const void *at[];
};

/* What leaves and joins a roll before the next generation. */
struct roll_change {
	const void **removed, **added;
	size_t removed_count, removed_capacity;
	size_t added_count, added_capacity;
};

void roll_remove(struct roll_change *change, const void *one);
void roll_add(struct roll_change *change, const void *one);
/* Replaces *roll if anything changed, and empties the change. */
void roll_apply(struct roll **roll, struct roll_change *change,
    struct attic *attic, int (*compare)(const void *, const void *));
void roll_change_release(struct roll_change *change);

/* --- an inventory -------------------------------------------------------- */

/* Moments at which a source was heard: ns, ascending. */
struct seen {
	const int64_t *at;
	size_t count;
};

struct cluster {
	const char *name;
	const struct networks *pod_networks; /* or NULL */
	struct seen seen;
};

struct inventory {
	struct attic *attic;
	uint64_t number;
	struct inventory *older, *newer; /* on the attic */
	struct index index;
	size_t *page_sums; /* addresses before each page */
	const struct roll *workloads, *nodes, *services, *policies;
	const struct networks *zones;     /* or NULL */
	const struct networks **networks; /* those of zones, then of pods */
	size_t network_parts, network_count;
	struct cluster *clusters;
	size_t cluster_count;
	int64_t patience; /* ns after which a silent source is stale, or 0 */
};

/* --- the draft ----------------------------------------------------------- */

/* What a fact said of a workload; immutable and shared with generations. */
struct state {
	struct arena *arena;
	size_t uses;    /* versions of its record */
	bool published; /* generations may read it */
	struct fact_workload fact;
};

/*
 * Versions that one workload is remembered in.  A pod's object changes some ten
 * times while it starts and seldom after, nearly always in its status, which
 * is no new state.
 */
#define VERSIONS_MAXIMUM ((size_t)64)

struct draft_version {
	uint64_t version;
	struct instant at, since;
	struct state *state;
};

/* One address of one workload and when it held it. */
struct holding {
	struct address address;
	struct instant since, until;
};

/* What facts said of the life of any other object. */
struct life {
	bool known;               /* what it is was said */
	uint64_t version;         /* of the newest fact */
	uint64_t content_version; /* of what is kept */
	struct instant until;     /* INSTANT_FUTURE while it is there */
};

/* A workload as published: one struct workload for every state it had. */
struct issue {
	struct arena *arena;
	const struct draft_workload *record;
	struct workload *versions; /* in order of time, without gaps */
	size_t version_count;
	const struct holding *holdings;
	size_t holding_count;
};

/* What every record begins with. */
struct head {
	char *key;
	bool marked; /* it waits for the next publication */
	bool dying;  /* it is being forgotten */
};

struct draft_workload {
	struct head head;
	const char *id; /* within its key */
	uint32_t cluster;
	struct draft_version *versions; /* by version, then time */
	size_t version_count, version_capacity;
	/* Its last container ended then, as the fact of that version says. */
	struct instant finished;
	uint64_t finished_version;
	struct instant deleted;
	struct draft_space *space;
	struct draft_owner *owner;
	struct draft_node *node; /* whose network it is on */
	struct draft_workload *next_of_space, *next_of_owner, *next_of_node;
	struct draft_service **services; /* that select it */
	size_t service_count;
	struct issue *issue;
};

/* A namespace of one cluster. */
struct draft_space {
	struct head head;
	const char *name;
	uint32_t cluster;
	struct life life;
	struct arena *content;
	struct labels labels;
	struct draft_workload *workloads;
};

/*
 * Services of a namespace whose selectors begin with one label, so that no
 * workload looks at every service.
 */
struct draft_bucket {
	struct head head;
	struct draft_service *services;
};

struct draft_owner {
	struct head head;
	const char *id;
	uint32_t cluster;
	struct life life;
	char *kind, *name;         /* of its own owner; "" for none */
	struct draft_owner *owner; /* or NULL */
	struct draft_owner *owned, *next_of_owner;
	struct draft_workload *workloads;
};

/* All services that ever had one name, and the slices that name it. */
struct draft_name {
	struct head head;
	struct draft_service *services;
	struct draft_slice **slices;
	size_t slice_count, slice_capacity;
};

struct draft_service {
	struct head head;
	uint32_t cluster;
	struct life life;
	struct arena *content;
	struct fact_service fact;
	struct draft_space *space;
	struct draft_name *name;
	struct draft_bucket *bucket; /* NULL without a selector */
	struct draft_service *next_of_bucket, *next_of_name;
	struct draft_workload **members; /* that it selects, or selected */
	size_t member_count, member_capacity;
	struct arena *arena; /* of what is published */
	struct service *service;
};

/* Owners of owners; real chains have two, operators' own kinds a few more. */
#define CHAIN_MAXIMUM 8

/* Addresses that slices may name together, until only the newest count. */
#define NAMED_MAXIMUM ((size_t)1 << 21)

/* What a slice said; none when it is gone. */
struct slice_version {
	uint64_t version;
	struct instant at;
	struct address *addresses;
	size_t count;
};

struct draft_slice {
	struct head head;
	uint32_t cluster;
	struct life life;
	struct draft_name *name;
	struct slice_version *versions; /* by version, then time */
	size_t version_count, version_capacity;
};

struct draft_node {
	struct head head;
	const char *name;
	uint32_t cluster;
	struct life life;
	struct arena *content;
	struct fact_node fact;
	struct address *further; /* what others say that it has */
	size_t further_count;
	struct draft_workload *hosted; /* on its network */
	struct arena *arena;           /* of what is published */
	struct node *node;
	const struct address
	    *addresses; /* of what is published, its own first */
	size_t own_count, address_count;
};

struct draft_policy {
	struct head head;
	uint32_t cluster;
	struct life life;
	struct arena *content;
	struct network_policy *policy, *published;
};

struct draft_zone {
	char *id;
	struct arena *content;
	struct zone *zone;
};

enum claimant_kind {
	CLAIMANT_WORKLOAD,
	CLAIMANT_NODE,
	CLAIMANT_SERVICE,
	CLAIMANT_SLICE, /* names it as a backend */
};

struct claimant {
	enum claimant_kind kind;
	void *record;
};

struct address_key {
	struct address address;
	uint32_t cluster;
};

struct draft_address {
	struct head head;
	struct address_key key;
	struct claimant *claimants;
	size_t claimant_count, claimant_capacity;
};

enum marked_kind {
	MARKED_WORKLOADS,
	MARKED_SERVICES,
	MARKED_NODES,
	MARKED_SPACES,
	MARKED_POLICIES,
	MARKED_ADDRESSES,
};

#define MARKED_KINDS ((size_t)6)

/* Records that wait for publication. */
struct marked {
	void **at;
	size_t count, capacity;
};

struct draft_cluster {
	char *name;
	int64_t *seen; /* ns; generations share what they published of it */
	size_t seen_count, seen_capacity;
	bool seen_unsorted;
	bool networks_changed;
	struct networks *pod_networks;
};

struct inventory_draft {
	struct attic *attic;
	struct map *workloads;
	struct map *services, *names, *slices, *buckets;
	struct map *nodes;
	struct map *spaces;
	struct map *owners;
	struct map *policies;
	struct map *addresses;
	struct draft_zone *zones;
	size_t zone_count, zone_capacity;
	bool zones_changed;
	struct networks *zone_networks;
	struct draft_cluster clusters[INVENTORY_CLUSTERS_MAXIMUM];
	size_t cluster_count;
	struct marked marked[MARKED_KINDS];
	struct roll *roll_workloads, *roll_nodes, *roll_services;
	struct roll *roll_policies;
	struct roll_change workload_change, node_change, service_change;
	struct roll_change policy_change;
	struct index index;
	char *key; /* the one at hand */
	size_t key_capacity;
	int64_t patience;
	size_t named; /* addresses in versions of slices */
	size_t joins; /* of workloads with services that select them */
	uint64_t joins_left_out;
	struct inventory_counts warned; /* what was said of them */
	struct inventory_counts counts;
};

/* --- inventory_draft.c: records ------------------------------------------ */

struct draft_workload *draft_workload(
    struct inventory_draft *draft, uint32_t cluster, const char *id);
struct draft_service *draft_service(
    struct inventory_draft *draft, uint32_t cluster, const char *id);
struct draft_name *draft_name(struct inventory_draft *draft, uint32_t cluster,
    const char *namespace, const char *name);
/* NULL when there is none; `make` makes it. */
struct draft_bucket *draft_bucket(struct inventory_draft *draft,
    uint32_t cluster, const char *namespace, const struct label *label,
    bool make);
struct draft_slice *draft_slice(
    struct inventory_draft *draft, uint32_t cluster, const char *id);
struct draft_node *draft_node(
    struct inventory_draft *draft, uint32_t cluster, const char *name);
struct draft_space *draft_space(
    struct inventory_draft *draft, uint32_t cluster, const char *name);
struct draft_owner *draft_owner(struct inventory_draft *draft, uint32_t cluster,
    const char *namespace, const char *kind, const char *name);
struct draft_owner *draft_owner_of_id(
    struct inventory_draft *draft, uint32_t cluster, const char *id);
struct draft_policy *draft_policy(
    struct inventory_draft *draft, uint32_t cluster, const char *id);

/* Puts the record into the lists of what it belongs to. */
void draft_link_workload(struct draft_workload *record);
void draft_link_service(struct draft_service *record);

/* Notes that the record waits for publication, once. */
void draft_mark(struct marked *marked, void *record);
void draft_mark_workload(
    struct inventory_draft *draft, struct draft_workload *record);
void draft_mark_address(struct inventory_draft *draft, uint32_t cluster,
    const struct address *address);

/* Who says that the address is his; both mark it. */
void draft_claim(struct inventory_draft *draft, uint32_t cluster,
    const struct address *address, enum claimant_kind kind, void *record);
void draft_unclaim(struct inventory_draft *draft, uint32_t cluster,
    const struct address *address, enum claimant_kind kind, void *record);

/* The number of a cluster, made when it is new; false: no room. */
bool draft_cluster(
    struct inventory_draft *draft, const char *name, uint32_t *number);

/* A version of 0 is one that the source does not have: order decides. */
static inline bool
draft_is_stale(uint64_t version, uint64_t known)
{
	return version != 0 && version < known;
}

/* Whether the newest fact did not say that it is gone. */
static inline bool
draft_is_there(const struct life *life)
{
	return life->until.ns == INSTANT_FUTURE.ns;
}

/* --- inventory_take.c ---------------------------------------------------- */

void draft_sort_seen(
    struct inventory_draft *draft, struct draft_cluster *cluster);
/* Forgets the first moments. */
void draft_drop_seen(
    struct inventory_draft *draft, struct draft_cluster *cluster, size_t count);

/* --- inventory_states.c -------------------------------------------------- */

bool draft_take_workload(
    struct inventory_draft *draft, uint32_t cluster, const struct fact *fact);
/* Whether both say the same, but for what was not known yet. */
bool states_alike(const struct state *a, const struct state *b);
void state_drop(struct inventory_draft *draft, struct state *state);

/* --- inventory_copy.c: deep copies; `cut` counts what a limit left out --- */

struct fact_workload copy_workload(
    struct arena *arena, const struct fact_workload *fact, uint64_t *cut);
struct fact_service copy_service(
    struct arena *arena, const struct fact_service *fact, uint64_t *cut);
struct fact_node copy_node(
    struct arena *arena, const struct fact_node *fact, uint64_t *cut);
struct zone copy_zone(
    struct arena *arena, const struct zone *zone, uint64_t *cut);

/* --- inventory_name.c --- */

/* Decides kind, application and its source; all else is there already. */
void workload_name(struct arena *arena, const struct draft_owner *owner,
    const struct fact_workload *fact, struct workload *workload);

/* --- inventory_resolve.c: marked workloads become issues --- */

void resolve_workloads(struct inventory_draft *draft);
int compare_workloads(const void *a, const void *b);

/* --- inventory_settle.c: who of the claimants held an address --- */

/* Tenures of the address, in malloc'ed memory for free(). */
struct tenure *settle_tenures(
    const struct draft_address *record, size_t *count, struct report *report);
void settle_addresses(struct inventory_draft *draft, struct report *report);

/* --- inventory_join.c: nodes and services --- */

void join_nodes(struct inventory_draft *draft);
void join_services(struct inventory_draft *draft);
int compare_nodes(const void *a, const void *b);
int compare_services(const void *a, const void *b);
/* Notes anew which services select the workload. */
void join_select(struct inventory_draft *draft, struct draft_workload *record);
/* The service selects otherwise than before. */
void join_reselect(struct inventory_draft *draft, struct draft_service *record);

/* --- inventory_networks.c --- */

/* Makes networks anew where a fact changed them; warns of what is wrong. */
void networks_make(struct inventory_draft *draft, struct report *report);

/* The place of warnings that come of no line. */
#define INVENTORY_PLACE ((struct place){.file = "inventory"})

#endif
