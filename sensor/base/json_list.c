#include "sensor/base/json_list.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

/*
 * Line breaks of the whole that the rest repeats, so that a fault after the
 * objects names its line.  An object of a real list has some 200 lines.
 */
#define BREAKS_MAXIMUM ((size_t)64 << 20)

/* Names and kinds that matter are short. */
#define WORD_SIZE 64

struct octets {
	char *at;
	size_t count, capacity;
};

struct json_list {
	const char *member;
	bool (*take)(const struct json_piece *piece, void *context);
	void *context;
	struct octets piece, rest;
	size_t depth;  /* brackets open */
	size_t base;   /* depth at which objects are taken out, or 0 */
	bool in_piece; /* depth is above base */
	const char *const *omitted; /* or NULL */
	size_t omit_depth; /* what is deeper is left out; 0: nothing is */
	bool quoted, escaped;
	bool named; /* the last word of depth 1 was followed by a colon */
	bool overflowed, stopped;
	char word[WORD_SIZE], key[WORD_SIZE], kind[WORD_SIZE];
	size_t word_size;
	uint32_t line, piece_line;
	size_t count, breaks;
};

struct json_list *
json_list_new(const char *member,
    bool (*take)(const struct json_piece *piece, void *context), void *context)
{
	struct json_list *split = allocate(1, sizeof(*split));

	split->member = member;
	split->take = take;
	split->context = context;
	split->line = 1;
	return split;
}

void
json_list_free(struct json_list *split)
{
	if (split == NULL)
		return;
	free(split->piece.at);
	free(split->rest.at);
	free(split);
}

void
json_list_omit(struct json_list *split, const char *const *names)
{
	split->omitted = names;
}

static void
append(struct octets *octets, const char *from, size_t count)
{
	if (octets->capacity - octets->count < count) {
		octets->capacity = 2 * octets->capacity + count + 4096;
		octets->at = reallocate(octets->at, octets->capacity, 1);
	}
	memcpy(octets->at + octets->count, from, count);
	octets->count += count;
}

/* Where what is read goes: into the object at hand, or into the rest. */
static void
keep(struct json_list *split, const char *from, size_t count)
{
	if (split->omit_depth > 0)
		return;
	if (!split->in_piece) {
		append(&split->rest, from, count);
		return;
	}
	if (split->piece.count + count > JSON_LIST_MAXIMUM) {
		split->overflowed = split->stopped = true;
		return;
	}
	append(&split->piece, from, count);
}

static void
line_break(struct json_list *split)
{
	split->line++;
	if (split->in_piece && split->piece.count < JSON_LIST_MAXIMUM)
		append(&split->piece, "\n", 1);
	if (split->breaks < BREAKS_MAXIMUM) {
		split->breaks++;
		append(&split->rest, "\n", 1);
	}
}

/* --- words of the outermost object --------------------------------------- */

static void
word_add(struct json_list *split, const char *from, size_t count)
{
	if (split->depth != 1)
		return;
	if (count > WORD_SIZE - 1 - split->word_size)
		count = WORD_SIZE - 1 - split->word_size;
	memcpy(split->word + split->word_size, from, count);
	split->word_size += count;
}

static void
word_end(struct json_list *split)
{
	if (split->depth != 1)
		return;
	split->word[split->word_size] = '\0';
	if (split->named && strcmp(split->key, "kind") == 0)
		memcpy(split->kind, split->word, WORD_SIZE);
}

/* --- brackets ------------------------------------------------------------ */

static void
piece_end(struct json_list *split)
{
	struct json_piece piece = {
	    split->piece.at, split->piece.count, split->piece_line};

	split->in_piece = false;
	split->count++;
	append(&split->rest, "0", 1);
	if (!split->take(&piece, split->context))
		split->stopped = true;
	split->piece.count = 0;
}

/* Whether what comes now is the value of a member of that name. */
static bool
follows(const struct octets *piece, const char *name)
{
	size_t length = strlen(name);
	const char *end = piece->at + piece->count;

	return piece->count > length + 3 && end[-1] == ':' && end[-2] == '"' &&
	       memcmp(end - 2 - length, name, length) == 0 &&
	       end[-3 - (ptrdiff_t)length] == '"';
}

static bool
is_omitted(const struct json_list *split)
{
	if (!split->in_piece || split->omitted == NULL)
		return false;
	for (const char *const *name = split->omitted; *name != NULL; name++)
		if (follows(&split->piece, *name))
			return true;
	return false;
}

static void
bracket_open(struct json_list *split, char c)
{
	if (split->base > 0 && split->depth == split->base && c == '{') {
		split->in_piece = true;
		split->piece_line = split->line;
	}
	if (split->omit_depth == 0 && is_omitted(split)) {
		keep(split, "0", 1);
		split->omit_depth = split->depth;
	}
	keep(split, &c, 1);
	if (split->depth == 1 && c == '[' && split->named &&
	    strcmp(split->key, split->member) == 0)
		split->base = 2;
	split->depth++;
}

static void
bracket_close(struct json_list *split, char c)
{
	keep(split, &c, 1);
	if (split->depth > 0)
		split->depth--;
	if (split->omit_depth > 0 && split->depth == split->omit_depth)
		split->omit_depth = 0;
	if (split->in_piece && split->depth == split->base)
		piece_end(split);
	else if (split->base > 0 && split->depth < split->base)
		split->base = 0;
}

static void
punctuate(struct json_list *split, char c)
{
	if (split->depth == 1 && c == ':') {
		memcpy(split->key, split->word, WORD_SIZE);
		split->named = true;
	} else if (split->depth == 1 && c == ',') {
		split->named = false;
	}
	switch (c) {
	case '{':
	case '[':
		bracket_open(split, c);
		break;
	case '}':
	case ']':
		bracket_close(split, c);
		break;
	case '\n':
		line_break(split);
		break;
	case ' ':
	case '\t':
	case '\r':
		break;
	case '"':
		split->quoted = true;
		split->word_size = 0;
		keep(split, &c, 1);
		break;
	default:
		keep(split, &c, 1);
	}
}

/* --- text ---------------------------------------------------------------- */

/* Reads on within quotes; returns how many octets that were. */
static size_t
read_quoted(struct json_list *split, const char *octets, size_t size)
{
	size_t i = 0;

	while (i < size && split->quoted) {
		char c = octets[i++];

		if (split->escaped)
			split->escaped = false;
		else if (c == '\\')
			split->escaped = true;
		else if (c == '"')
			split->quoted = false;
		/* No string may hold one, but the lines are counted. */
		if (c == '\n')
			split->line++;
	}
	keep(split, octets, i);
	word_add(split, octets, split->quoted ? i : i - 1);
	if (!split->quoted)
		word_end(split);
	return i;
}

static bool
is_plain(char c)
{
	return c != '"' && c != '{' && c != '}' && c != '[' && c != ']' &&
	       c != ':' && c != ',' && (unsigned char)c > ' ';
}

bool
json_list_feed(struct json_list *split, const char *octets, size_t size)
{
	size_t i = 0;

	while (i < size && !split->stopped) {
		size_t begin = i;

		if (split->quoted) {
			i += read_quoted(split, octets + i, size - i);
			continue;
		}
		while (i < size && is_plain(octets[i]))
			i++;
		if (i > begin)
			keep(split, octets + begin, i - begin);
		else if (octets[i] == ' ')
			while (i < size && octets[i] == ' ')
				i++;
		else
			punctuate(split, octets[i++]);
	}
	return !split->stopped;
}

/* --- results ------------------------------------------------------------- */

size_t
json_list_count(const struct json_list *split)
{
	return split->count;
}

bool
json_list_overflowed(const struct json_list *split)
{
	return split->overflowed;
}

const char *
json_list_rest(const struct json_list *split, size_t *size)
{
	*size = split->rest.count;
	return split->rest.count == 0 ? "" : split->rest.at;
}

const char *
json_list_kind(const struct json_list *split)
{
	return split->kind;
}
