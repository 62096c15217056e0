#include "sensor/base/json_split.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/* The array whose elements are handed out, at depth 1 of the outer object. */
static const char items_key[] = "items";

struct json_split {
	enum json_split_shape shape;
	struct json_split_taker taker;
	struct text object, around;
	uint64_t oversized;
	unsigned depth;      /* open brackets, those of strings not counted */
	unsigned item_depth; /* where objects to hand out begin */
	bool in_string, escaped;
	bool in_object;     /* inside one that is handed out */
	bool in_items;      /* of ITEMS: inside the array */
	bool ended, broken; /* of ITEMS: the outer object is closed */
	/* The last string at depth 1, as far as it can be the key. */
	char key[sizeof(items_key)];
	size_t key_length;
};

void
json_split_restart(struct json_split *split, enum json_split_shape shape)
{
	split->shape = shape;
	split->depth = 0;
	split->item_depth = shape == JSON_SPLIT_ITEMS ? 2 : 0;
	split->in_string = split->escaped = false;
	split->in_object = split->in_items = false;
	split->ended = split->broken = false;
	split->key_length = 0;
	text_clear(&split->object);
	text_clear(&split->around);
}

struct json_split *
json_split_new(
    enum json_split_shape shape, size_t maximum, struct json_split_taker taker)
{
	struct json_split *split = allocate(1, sizeof(*split));

	split->taker = taker;
	text_init(&split->object, maximum);
	text_init(&split->around, maximum);
	json_split_restart(split, shape);
	return split;
}

void
json_split_free(struct json_split *split)
{
	if (split == NULL)
		return;
	text_release(&split->object);
	text_release(&split->around);
	free(split);
}

/* Where an octet that is not skipped goes. */
static struct text *
place_of(struct json_split *split)
{
	return split->in_object ? &split->object : &split->around;
}

/* Whether objects that begin now are handed out. */
static bool
is_at_item(const struct json_split *split)
{
	if (split->in_object || split->depth != split->item_depth)
		return false;
	return split->shape == JSON_SPLIT_OBJECTS || split->in_items;
}

static bool
hand_out(struct json_split *split)
{
	bool on = true;

	split->in_object = false;
	if (split->object.overflow)
		split->oversized++;
	else
		on = split->taker.take(split->object.at, split->object.length,
		    split->taker.context);
	text_clear(&split->object);
	return on;
}

/* A string is the key of what follows it at depth 1, or a value: no matter. */
static void
note_key(struct json_split *split, char c)
{
	if (split->depth == 1 && split->key_length < sizeof(split->key))
		split->key[split->key_length++] = c;
}

static bool
key_is_items(const struct json_split *split)
{
	return split->key_length == sizeof(items_key) - 1 &&
	       memcmp(split->key, items_key, sizeof(items_key) - 1) == 0;
}

static void
open_bracket(struct json_split *split, char c)
{
	if (is_at_item(split)) {
		if (c == '[') {
			split->broken = true;
			return;
		}
		split->in_object = true;
	} else if (split->depth == 0 && c == '[') {
		split->broken = true;
		return;
	} else if (c == '[' && split->depth == 1 &&
		   split->shape == JSON_SPLIT_ITEMS && key_is_items(split)) {
		split->in_items = true;
	}
	split->depth++;
	text_add_char(place_of(split), c);
}

/* Returns false when the taker wants no more. */
static bool
close_bracket(struct json_split *split, char c)
{
	if (split->depth == 0) {
		split->broken = true;
		return true;
	}
	text_add_char(place_of(split), c);
	split->depth--;
	if (split->in_object && split->depth == split->item_depth)
		return hand_out(split);
	if (split->in_items && split->depth == 1) {
		split->in_items = false;
		split->key_length = 0;
	}
	split->ended = split->depth == 0 && split->shape == JSON_SPLIT_ITEMS;
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Returns false when the taker wants no more. */
static bool
read_outside_string(struct json_split *split, char c)
{
	/* After the end, and between objects, there is only white space. */
	if (split->depth == 0 && (split->ended || c != '{')) {
		split->broken = !is_blank(c);
		return true;
	}
	if (c == '{' || c == '[') {
		open_bracket(split, c);
		return true;
	}
	if (c == '}' || c == ']')
		return close_bracket(split, c);
	/* The commas between items would make what is around them no JSON. */
	if (is_at_item(split)) {
		split->broken = !is_blank(c) && c != ',';
		return true;
	}
	if (c == '"') {
		split->in_string = true;
		if (split->depth == 1)
			split->key_length = 0;
	}
	text_add_char(place_of(split), c);
	return true;
}

/* Reads the rest of a string, or of the octets; returns how many. */
static size_t
read_string(struct json_split *split, const char *octets, size_t size)
{
	size_t i = 0;

	while (i < size && split->in_string) {
		char c = octets[i++];

		if (split->escaped)
			split->escaped = false;
		else if (c == '\\')
			split->escaped = true;
		else if (c == '"')
			split->in_string = false;
		if (split->in_string)
			note_key(split, c);
	}
	text_add_n(place_of(split), octets, i);
	return i;
}

enum json_split_status
json_split_feed(struct json_split *split, const char *octets, size_t size)
{
	size_t i = 0;

	while (i < size && !split->broken) {
		if (split->in_string)
			i += read_string(split, octets + i, size - i);
		else if (!read_outside_string(split, octets[i++]))
			return JSON_SPLIT_STOPPED;
	}
	return split->broken ? JSON_SPLIT_BROKEN : JSON_SPLIT_ON;
}

bool
json_split_is_whole(const struct json_split *split)
{
	if (split->broken)
		return false;
	return split->shape == JSON_SPLIT_ITEMS ? split->ended
						: split->depth == 0;
}

const char *
json_split_around(const struct json_split *split, size_t *size)
{
	*size = split->around.length;
	return split->around.at;
}

uint64_t
json_split_oversized(const struct json_split *split)
{
	return split->oversized;
}
