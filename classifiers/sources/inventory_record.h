/*
 * inventory_record -- a fact as its native record, and back.
 *
 * A record is one JSON object of flat members; the same members, with texts as
 * they are and lists as JSON, are the fields of a Redis hash.  The contract is
 * docs/inventory.md.  Records come from anybody: what is wrong with one is said
 * in words, what is too long is cut and counted, members of a later version
 * are passed over.  Does not know files or Redis.
 */
#ifndef CLASSIFIERS_SOURCES_INVENTORY_RECORD_H
#define CLASSIFIERS_SOURCES_INVENTORY_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct container_port;
struct fact;
struct json;
struct text;

/* The member `v` of every record. */
#define INVENTORY_RECORD_VERSION 1

/* The longest record, in octets, and the longest id. */
#define INVENTORY_RECORD_MAXIMUM    ((size_t)16 << 20)
#define INVENTORY_RECORD_ID_MAXIMUM ((size_t)1024)

/* Room for what is wrong with a record, with its NUL. */
#define INVENTORY_RECORD_FAULT_SIZE 160

/* How the value of a member is written in JSON. */
enum record_form {
	RECORD_TEXT,   /* a string; its value here is without quotes */
	RECORD_NUMBER, /* an integer in decimal */
	RECORD_TRUTH,  /* `true`; what is false is left out */
	RECORD_NESTED, /* an array or object; its value here is JSON */
};

struct inventory_record_field {
	const char *name;
	enum record_form form;
	const char *value;
	size_t length;
};

/* Whoever takes the fields of a record, each borrowed for the call. */
struct inventory_record_sink {
	void (*put)(const struct inventory_record_field *field, void *context);
	void *context;
};

/*
 * Whether a fact may be written: its id has 1 to INVENTORY_RECORD_ID_MAXIMUM
 * octets, and id and cluster are UTF-8 without quote, backslash or control
 * character.
 */
bool inventory_record_may_be_written(const struct fact *fact);

/*
 * Gives the fields of a fact in a constant order; absent ones are left out.
 * `v`, `fact`, `cluster` and `id` come first, `version` and `at` last.
 *
 * cut        counts texts, labels, addresses, ... beyond a limit
 * returns    false when the fact may not be written or is too large; a sink
 *            may have been given a part
 */
bool inventory_record_fields(const struct fact *fact,
    const struct inventory_record_sink *sink, uint64_t *cut);

/* Appends the record as one line without its newline; false as above. */
bool inventory_record_line(
    struct text *out, const struct fact *fact, uint64_t *cut);

/* Whether this is a record at all: an object with `v` and `fact`. */
bool inventory_record_is_one(const struct json *value);

/*
 * Reads a record.
 *
 * arena      owns what the fact refers to, beside the record itself
 * fault      gets what is wrong, and what was expected
 * returns    false when something is; `*fact` is then undefined
 */
bool inventory_record_read(struct arena *arena, const struct json *record,
    struct fact *fact, char fault[INVENTORY_RECORD_FAULT_SIZE]);

/*
 * Reads `8080/tcp` or `8080/tcp/http`; the protocol may be left out (tcp) or a
 * number.  The name is borrowed from the text.
 */
bool inventory_record_parse_port(const char *text, struct container_port *port);

/*
 * Puts the fields of a hash together as a record's JSON text: open, add each,
 * close.  Fields that no record has are left out.
 */
void inventory_record_join_open(struct text *out);
void inventory_record_join(
    struct text *out, const char *name, const char *value, size_t length);
void inventory_record_join_close(struct text *out);

#endif
