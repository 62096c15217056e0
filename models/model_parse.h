/*
 * model_parse -- turns the documents of one text into drafts (private to
 * library).
 *
 * A draft is what one document says by itself: fragments are not spliced in,
 * `extends` is not followed, names of others are noted and not looked up.
 * Every mistake goes to the report and reading goes on, so what comes out of a
 * faulty text is only good for finding further mistakes.
 */
#ifndef MODELS_MODEL_PARSE_H
#define MODELS_MODEL_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/model.h"
#include "sensor/base/yaml_read.h"

struct arena;

/* Most models, fragments, segments and zones together of one library. */
#define DOCUMENTS_MAXIMUM ((size_t)16384)

/* Most entries of one `provides:` or `needs:`. */
#define ENTRIES_MAXIMUM ((size_t)256)

/* Longest name, label or tag key, other word, and description, in octets. */
#define NAME_MAXIMUM        ((size_t)128)
#define KEY_MAXIMUM         ((size_t)317)
#define WORD_MAXIMUM        ((size_t)1024)
#define DESCRIPTION_MAXIMUM ((size_t)8192)

/* Pointers in order of addition. */
struct pile {
	void **at; /* owned */
	size_t count, capacity;
};

void pile_add(struct pile *pile, void *item);
void pile_release(struct pile *pile);

/* A name of somebody else that some document mentions. */
enum reference_kind {
	REFERENCE_MODEL,
	REFERENCE_ROLE,
	REFERENCE_SEGMENT,
	REFERENCE_ZONE,
};

struct reference {
	enum reference_kind kind;
	const char *name;
	struct place place;
};

/* One item of `provides:` or `needs:`. */
struct item {
	struct entry entry; /* its name is NULL when none was given */
	const char *use;    /* a fragment's name, or NULL for an entry */
	struct place place;
};

struct side {
	bool given;
	struct item *at;
	size_t count;
};

struct model_draft {
	struct model *model; /* what was given; the rest empty */
	struct side provides, needs;
	const char *extends; /* or NULL */
	struct place extends_place;
	bool gives_match, gives_severity, gives_tags;
	/* For library.c, which follows `extends`. */
	enum { DRAFT_NEW, DRAFT_OPEN, DRAFT_DONE } state;
	struct model_draft *base, *waiting;
};

struct fragment_draft {
	struct place place;
	const char *name;
	enum layer layer;
	struct side provides, needs;
	struct entries provided, needed; /* set by library.c */
};

struct zone_draft {
	struct place place;
	struct zone *zone;
};

/* What is being read, and what came of it so far. */
struct parse {
	struct arena *arena; /* holds everything that stays */
	struct report *report;
	const char *file; /* of the document being read; in the arena */
	enum layer layer;
	struct pile models;     /* struct model_draft */
	struct pile fragments;  /* struct fragment_draft */
	struct pile segments;   /* struct segment */
	struct pile zones;      /* struct zone_draft */
	struct pile tunings;    /* struct tuning_draft */
	struct pile references; /* struct reference */
	size_t documents;
};

/* Reads one document of whichever kind. */
void parse_document(struct parse *parse, const struct yaml_node *node);

/* --- between the files of the parser -------------------------------------- */

/* A key that takes a list takes a scalar or a mapping as a list of one. */
static inline size_t
list_count(const struct yaml_node *node)
{
	return node->kind == YAML_SEQUENCE ? node->count : 1;
}

static inline const struct yaml_node *
list_at(const struct yaml_node *node, size_t index)
{
	return node->kind == YAML_SEQUENCE ? node->values[index] : node;
}

struct place parse_place(
    const struct parse *parse, const struct yaml_node *node);

/* Reports `word`, naming the nearest candidate or, of a few, all of them. */
void parse_unknown(struct parse *parse, struct place place, const char *what,
    const char *word, const char *const *candidates);

/*
 * Reports keys that are not known; `candidates` is NULL-terminated.
 *
 * what       such as `a model`, for messages
 * returns    false, after a report, when the node is no mapping
 */
bool parse_keys(struct parse *parse, const struct yaml_node *node,
    const char *what, const char *const *candidates);

/*
 * A text of 1 to `maximum` octets without control characters, in the arena.
 *
 * what       the key that it stands under, for messages
 * returns    NULL after a report
 */
const char *parse_text(struct parse *parse, const struct yaml_node *node,
    const char *what, size_t maximum);

/* A name: letters, digits, `.`, `_`, `-` and `/`; NULL after a report. */
const char *parse_name(
    struct parse *parse, const struct yaml_node *node, const char *what);

/* A plain decimal number; false after a report. */
bool parse_number(struct parse *parse, const struct yaml_node *node,
    const char *what, uint32_t maximum, uint32_t *out);

/* Reads `true` or `false`; false after a report for anything else. */
bool parse_truth(
    struct parse *parse, const struct yaml_node *node, const char *what);

/* One or more words. */
struct words parse_words(
    struct parse *parse, const struct yaml_node *node, const char *what);

/* Networks of `cidr:`; the array is in the arena. */
const struct prefix *parse_prefixes(
    struct parse *parse, const struct yaml_node *node, size_t *count);

enum severity parse_severity(struct parse *parse, const struct yaml_node *node);

/* An application's name; APPLICATION_UNKNOWN after a report. */
enum application parse_application(
    struct parse *parse, const struct yaml_node *node, const char *what);

/* What could be read; faulty items are left out after a report. */
struct ports parse_ports(struct parse *parse, const struct yaml_node *node);
struct peers parse_peers(
    struct parse *parse, const struct yaml_node *node, const char *what);

/* `match:`; `serves` says whether the key of that name may be used. */
const struct selector *parse_selectors(struct parse *parse,
    const struct yaml_node *node, bool serves, size_t *count);

/* The entries under `provides` or `needs`, whichever `key` is. */
struct side parse_entries(struct parse *parse, const struct yaml_node *node,
    const char *key, bool in_fragment);

/* Whether there is room for one more document; reports the first that is not */
bool parse_has_room(struct parse *parse, const struct yaml_node *node);

/* A model; `segment` is the one that it stands in, or NULL. */
void parse_model(struct parse *parse, const struct yaml_node *node,
    const struct segment *segment);
void parse_segment(struct parse *parse, const struct yaml_node *node);
void parse_zone(struct parse *parse, const struct yaml_node *node);
void parse_detectors(struct parse *parse, const struct yaml_node *node);

#endif
