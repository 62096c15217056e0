#include "sensor/base/json_salvage.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

/*
 * Each object is read once for every array around it that is looked into, so
 * that number is the price of a hostile text.  Tasks of Mesos are in an array
 * of an array, and have arrays themselves.
 */
#define ARRAYS_MAXIMUM 4U

/* No text that nests deeper is read anyway. */
#define NESTING_MAXIMUM 128U

struct bracket {
	char kind;
	size_t start;
	unsigned line;
};

struct salvage {
	char *octets;
	size_t size;
	struct bracket open[NESTING_MAXIMUM];
	unsigned depth, arrays;
	unsigned line;
	struct json_losses *losses;
};

/* A 0 is asked nothing that it would not answer with nothing. */
static void
blank_out(struct salvage *salvage, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		if (salvage->octets[i] != '\n')
			salvage->octets[i] = ' ';
	salvage->octets[start] = '0';
}

/* An element of an array has ended, just before `end`. */
static void
try_element(struct salvage *salvage, const struct bracket *bracket, size_t end)
{
	struct json_fault fault;
	struct json *element = json_parse(
	    salvage->octets + bracket->start, end - bracket->start, &fault);

	if (element != NULL) {
		json_free(element);
		return;
	}
	fault.line += bracket->line - 1;
	if (salvage->losses->left_out++ == 0)
		salvage->losses->fault = fault;
	blank_out(salvage, bracket->start, end);
}

static bool
is_element(const struct salvage *salvage, unsigned depth)
{
	return depth > 0 && salvage->open[depth].kind == '{' &&
	       salvage->open[depth - 1].kind == '[' &&
	       salvage->arrays <= ARRAYS_MAXIMUM;
}

/* Returns false when brackets do not match, or there are too many. */
static bool
read_bracket(struct salvage *salvage, size_t at)
{
	char c = salvage->octets[at];
	struct bracket *bracket;

	if (c == '{' || c == '[') {
		if (salvage->depth == NESTING_MAXIMUM)
			return false;
		salvage->open[salvage->depth++] =
		    (struct bracket){c, at, salvage->line};
		salvage->arrays += c == '[';
		return true;
	}
	if (salvage->depth == 0)
		return false;
	bracket = &salvage->open[--salvage->depth];
	if ((bracket->kind == '{') != (c == '}'))
		return false;
	if (is_element(salvage, salvage->depth))
		try_element(salvage, bracket, at + 1);
	salvage->arrays -= c == ']';
	return true;
}

static size_t
end_of_string(const struct salvage *salvage, size_t at)
{
	while (at < salvage->size && salvage->octets[at] != '"')
		at += salvage->octets[at] == '\\' ? 2 : 1;
	return at;
}

static void
blank_faulty_elements(struct salvage *salvage)
{
	for (size_t i = 0; i < salvage->size; i++) {
		switch (salvage->octets[i]) {
		case '"':
			i = end_of_string(salvage, i + 1);
			break;
		case '\n':
			salvage->line++;
			break;
		case '{':
		case '}':
		case '[':
		case ']':
			if (!read_bracket(salvage, i))
				return;
			break;
		default:
			break;
		}
	}
}

struct json *
json_salvage(const char *octets, size_t size, struct json_losses *losses,
    struct json_fault *fault)
{
	struct salvage *salvage;
	struct json *document;

	*losses = (struct json_losses){0};
	document = json_parse_foreign(octets, size, &losses->mended, fault);
	if (document != NULL || size == 0)
		return document;
	salvage = allocate(1, sizeof(*salvage));
	salvage->octets = allocate(size, 1);
	salvage->size = size;
	salvage->line = 1;
	salvage->losses = losses;
	memcpy(salvage->octets, octets, size);
	losses->mended = json_mend(salvage->octets, size);
	blank_faulty_elements(salvage);
	if (losses->left_out > 0)
		document = json_parse(salvage->octets, size, fault);
	free(salvage->octets);
	free(salvage);
	return document;
}
