/*
 * json_list -- takes the objects of one long array out of a JSON text.
 *
 * A list of 100 000 objects is read object by object, so that no more than one
 * is in memory.  What is around them stays as a short text that can be parsed
 * as a whole: there every object is a 0.  Only brackets and quotes are looked
 * at; whether each piece is JSON says whoever parses it.  Does not read files.
 */
#ifndef SENSOR_BASE_JSON_LIST_H
#define SENSOR_BASE_JSON_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_list; /* opaque */

/* The largest object that is taken out, in octets without white space. */
#define JSON_LIST_MAXIMUM ((size_t)16 << 20)

/* One object; its blanks are gone, its line breaks are there. */
struct json_piece {
	const char *octets;
	size_t size;
	uint32_t line; /* at which it begins, from 1 */
};

/*
 * Makes an owned reader for json_list_free().
 *
 * member     of the outermost object: the array whose objects are taken out
 * take       is called for every one, and returns false to take no more
 */
struct json_list *json_list_new(const char *member,
    bool (*take)(const struct json_piece *piece, void *context), void *context);
void json_list_free(struct json_list *split);

/*
 * Leaves the values of these members out of objects, wherever they stand, if
 * they are objects or arrays themselves: a 0 stands there.
 *
 * names      ended by NULL, borrowed
 */
void json_list_omit(struct json_list *split, const char *const *names);

/*
 * Reads on.  Any number of octets at a time gives the same pieces.
 *
 * returns    false when `take` did, or a piece was too large
 */
bool json_list_feed(struct json_list *split, const char *octets, size_t size);

/* Objects taken out so far. */
size_t json_list_count(const struct json_list *split);

/* Whether an object was larger than JSON_LIST_MAXIMUM. */
bool json_list_overflowed(const struct json_list *split);

/* What is around them, borrowed; with the line breaks of the whole. */
const char *json_list_rest(const struct json_list *split, size_t *size);

/* The text of a member of the outermost object that came so far, or "". */
const char *json_list_kind(const struct json_list *split);

#endif
