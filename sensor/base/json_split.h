/*
 * json_split -- cuts a stream of octets into JSON objects as they arrive.
 *
 * A stream is either objects one after the other (a watch, an event log), or
 * one object whose `items` are handed out singly (a list page), so that a list
 * of any length takes the memory of its largest item.  Finds only where objects
 * begin and end; whoever takes them parses them, and refuses what is no JSON.
 */
#ifndef SENSOR_BASE_JSON_SPLIT_H
#define SENSOR_BASE_JSON_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_split; /* opaque */

enum json_split_shape {
	JSON_SPLIT_OBJECTS, /* each object of the stream */
	JSON_SPLIT_ITEMS,   /* each object in the array `items` of one object */
};

enum json_split_status {
	JSON_SPLIT_ON,      /* all octets were read */
	JSON_SPLIT_STOPPED, /* the taker said so */
	JSON_SPLIT_BROKEN,  /* this is no such stream; nothing more is read */
};

struct json_split_taker {
	/* One object, borrowed for the call; false stops. */
	bool (*take)(const char *octets, size_t size, void *context);
	void *context;
};

/*
 * Makes an owned splitter for json_split_free().
 *
 * maximum    octets of one object; a larger one is left out and counted
 */
struct json_split *json_split_new(
    enum json_split_shape shape, size_t maximum, struct json_split_taker taker);

/* NULL is allowed. */
void json_split_free(struct json_split *split);

/* Forgets what it has read, to begin with another stream. */
void json_split_restart(struct json_split *split, enum json_split_shape shape);

/* Reads on; may call the taker any number of times. */
enum json_split_status json_split_feed(
    struct json_split *split, const char *octets, size_t size);

/* Whether nothing half-written is held; for ITEMS, whether it ended. */
bool json_split_is_whole(const struct json_split *split);

/*
 * The object around the items, with `items` left empty: valid JSON where the
 * stream was.  Cut at `maximum`; borrowed until the next call.  ITEMS only.
 */
const char *json_split_around(const struct json_split *split, size_t *size);

/* Objects that were larger than the maximum. */
uint64_t json_split_oversized(const struct json_split *split);

#endif
