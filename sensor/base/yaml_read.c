#include "sensor/base/yaml_read.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "sensor/base/arena.h"
#include "sensor/base/report.h"

#define NESTING_MAXIMUM 32

struct reader {
	yaml_parser_t parser;
	struct arena *arena;
	struct report *report;
	const char *file;
	const char *octets;
	size_t size;
};

/* Nodes gathered before their number is known. */
struct nodes {
	struct yaml_node **at; /* owned */
	size_t count, capacity;
};

static void
nodes_add(struct nodes *nodes, struct yaml_node *node)
{
	if (nodes->count == nodes->capacity) {
		nodes->capacity =
		    nodes->capacity == 0 ? 8 : 2 * nodes->capacity;
		nodes->at = reallocate(
		    nodes->at, nodes->capacity, sizeof(struct yaml_node *));
	}
	nodes->at[nodes->count++] = node;
}

/* Moves the nodes into an arena array, and frees the rest. */
static struct yaml_node **
nodes_keep(struct nodes *nodes, struct arena *arena)
{
	struct yaml_node **kept =
	    arena_array(arena, nodes->count, sizeof(struct yaml_node *));

	for (size_t i = 0; i < nodes->count; i++)
		kept[i] = nodes->at[i];
	free(nodes->at);
	*nodes = (struct nodes){0};
	return kept;
}

static struct place
place_at(const struct reader *reader, yaml_mark_t mark)
{
	return (struct place){
	    .file = reader->file,
	    .line = (uint32_t)mark.line + 1,
	    .column = (uint32_t)mark.column + 1,
	};
}

/*
 * The place of an octet.  The library gives faults in the encoding as an
 * offset only; columns count characters, as its marks do.
 */
static struct place
place_of_octet(const struct reader *reader, size_t offset)
{
	struct place place = {.file = reader->file, .line = 1, .column = 1};

	for (size_t i = 0; i < offset && i < reader->size; i++) {
		if (reader->octets[i] == '\n') {
			place.line++;
			place.column = 1;
		} else if ((reader->octets[i] & 0xc0) != 0x80) {
			place.column++;
		}
	}
	return place;
}

static void
report_fault(const struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	const char *problem = parser->problem;
	struct place place;

	if (problem == NULL)
		problem = "out of memory";
	if (parser->error == YAML_READER_ERROR)
		place = place_of_octet(reader, parser->problem_offset);
	else
		place = place_at(reader, parser->problem_mark);
	if (parser->context != NULL)
		report_error(reader->report, place, "not valid YAML: %s %s",
		    problem, parser->context);
	else
		report_error(
		    reader->report, place, "not valid YAML: %s", problem);
}

static bool
next_event(struct reader *reader, yaml_event_t *event)
{
	if (yaml_parser_parse(&reader->parser, event) == 1)
		return true;
	report_fault(reader);
	return false;
}

/* Reports what this reader leaves out of YAML on purpose. */
static bool
is_allowed(const struct reader *reader, const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;
	const char *refused = NULL;

	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	}
	if (event->type == YAML_ALIAS_EVENT)
		refused = "aliases (*name) are not allowed; repeat the text";
	else if (anchor != NULL)
		refused = "anchors (&name) are not allowed; repeat the text";
	else if (tag != NULL)
		refused = "tags (!name) are not allowed";
	if (refused == NULL)
		return true;
	report_error(
	    reader->report, place_at(reader, event->start_mark), "%s", refused);
	return false;
}

static struct yaml_node *
new_node(
    const struct reader *reader, const yaml_event_t *event, enum yaml_kind kind)
{
	struct yaml_node *node = arena_take(reader->arena, sizeof(*node));

	node->kind = kind;
	node->line = (uint32_t)event->start_mark.line + 1;
	node->column = (uint32_t)event->start_mark.column + 1;
	return node;
}

static struct yaml_node *
read_scalar(const struct reader *reader, const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;
	struct yaml_node *node;

	if (memchr(value, '\0', length) != NULL) {
		report_error(reader->report,
		    place_at(reader, event->start_mark),
		    "a NUL character is not allowed in a text");
		return NULL;
	}
	node = new_node(reader, event, YAML_SCALAR);
	node->scalar = arena_text_n(reader->arena, value, length);
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return node;
}

static struct yaml_node *read_node(
    struct reader *reader, const yaml_event_t *event, unsigned depth);

/*
 * Reads the next node of a collection.
 *
 * ended      set when the collection ends instead
 * returns    the node, or NULL at the end and after a fault
 */
static struct yaml_node *
read_child(struct reader *reader, unsigned depth, bool *ended)
{
	yaml_event_t event;
	struct yaml_node *node = NULL;

	if (!next_event(reader, &event))
		return NULL;
	*ended = event.type == YAML_SEQUENCE_END_EVENT ||
		 event.type == YAML_MAPPING_END_EVENT;
	if (!*ended)
		node = read_node(reader, &event, depth);
	yaml_event_delete(&event);
	return node;
}

static struct yaml_node *
read_sequence(struct reader *reader, const yaml_event_t *event, unsigned depth)
{
	struct yaml_node *node = new_node(reader, event, YAML_SEQUENCE);
	struct yaml_node *item;
	struct nodes items = {0};
	bool ended = false;

	while ((item = read_child(reader, depth, &ended)) != NULL)
		nodes_add(&items, item);
	node->count = items.count;
	node->values = nodes_keep(&items, reader->arena);
	return ended ? node : NULL;
}

/* Orders keys by text, and equal ones by place. */
static int
compare_keys(const void *a, const void *b)
{
	const struct yaml_node *one = *(struct yaml_node *const *)a;
	const struct yaml_node *other = *(struct yaml_node *const *)b;
	int order = strcmp(one->scalar, other->scalar);

	if (order != 0)
		return order;
	if (one->line != other->line)
		return one->line < other->line ? -1 : 1;
	return (one->column > other->column) - (one->column < other->column);
}

/* Sorts rather than compares all pairs: a mapping may have a million keys. */
static bool
keys_differ(const struct reader *reader, const struct yaml_node *mapping)
{
	struct yaml_node **sorted;
	bool differ = true;

	if (mapping->count < 2)
		return true;
	sorted = allocate(mapping->count, sizeof(struct yaml_node *));
	memcpy(
	    sorted, mapping->keys, mapping->count * sizeof(struct yaml_node *));
	qsort(sorted, mapping->count, sizeof(struct yaml_node *), compare_keys);
	for (size_t i = 1; i < mapping->count && differ; i++) {
		struct place place = {
		    reader->file, sorted[i]->line, sorted[i]->column};

		differ = strcmp(sorted[i - 1]->scalar, sorted[i]->scalar) != 0;
		if (!differ)
			report_error(reader->report, place,
			    "duplicate key '%s', first used in line %u",
			    sorted[i]->scalar, sorted[i - 1]->line);
	}
	free(sorted);
	return differ;
}

static struct yaml_node *
read_key(struct reader *reader, unsigned depth, bool *ended)
{
	struct yaml_node *key = read_child(reader, depth, ended);

	if (key == NULL || key->kind == YAML_SCALAR)
		return key;
	report_error(reader->report,
	    (struct place){reader->file, key->line, key->column},
	    "a key must be a plain text, not a list or a mapping");
	return NULL;
}

static struct yaml_node *
read_mapping(struct reader *reader, const yaml_event_t *event, unsigned depth)
{
	struct yaml_node *node = new_node(reader, event, YAML_MAPPING);
	struct yaml_node *key, *value;
	struct nodes keys = {0}, values = {0};
	bool ended = false, cut = false;

	while ((key = read_key(reader, depth, &ended)) != NULL) {
		value = read_child(reader, depth, &cut);
		if (value == NULL)
			break;
		nodes_add(&keys, key);
		nodes_add(&values, value);
	}
	node->count = values.count;
	node->keys = nodes_keep(&keys, reader->arena);
	node->values = nodes_keep(&values, reader->arena);
	return ended && keys_differ(reader, node) ? node : NULL;
}

/*
 * Reads the node that an event starts.
 *
 * depth      collections around it
 * returns    NULL after a fault, which has been reported
 */
static struct yaml_node *
read_node(struct reader *reader, const yaml_event_t *event, unsigned depth)
{
	if (!is_allowed(reader, event))
		return NULL;
	if (event->type == YAML_SCALAR_EVENT)
		return read_scalar(reader, event);
	if (depth == NESTING_MAXIMUM) {
		report_error(reader->report,
		    place_at(reader, event->start_mark),
		    "nested deeper than %d", NESTING_MAXIMUM);
		return NULL;
	}
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return read_sequence(reader, event, depth + 1);
	return read_mapping(reader, event, depth + 1);
}

/* A document with nothing in it is a plain scalar without characters. */
static bool
is_empty(const struct yaml_node *root)
{
	return root->kind == YAML_SCALAR && root->plain &&
	       root->scalar[0] == '\0';
}

/*
 * Reads up to the end of one document.
 *
 * returns    false at the end of the text, or after a fault
 */
static bool
read_document(struct reader *reader, struct nodes *documents)
{
	struct yaml_node *root = NULL;
	bool more = true;

	while (more) {
		yaml_event_t event;
		yaml_event_type_t type;

		if (!next_event(reader, &event))
			return false;
		type = event.type;
		if (type == YAML_STREAM_END_EVENT)
			more = false;
		else if (type != YAML_STREAM_START_EVENT &&
			 type != YAML_DOCUMENT_START_EVENT &&
			 type != YAML_DOCUMENT_END_EVENT)
			more = (root = read_node(reader, &event, 0)) != NULL;
		yaml_event_delete(&event);
		if (type == YAML_DOCUMENT_END_EVENT)
			break;
	}
	if (more && root != NULL && !is_empty(root))
		nodes_add(documents, root);
	return more;
}

size_t
yaml_read(struct arena *arena, const char *file, const char *octets,
    size_t size, struct report *report, struct yaml_node ***documents)
{
	struct reader reader = {
	    .arena = arena,
	    .report = report,
	    .file = arena_text(arena, file),
	    .octets = octets,
	    .size = size,
	};
	struct nodes roots = {0};
	size_t count;

	*documents = NULL;
	if (size > YAML_MAXIMUM_SIZE) {
		report_error(report, (struct place){reader.file, 0, 0},
		    "larger than %zu octets", YAML_MAXIMUM_SIZE);
		return 0;
	}
	if (yaml_parser_initialize(&reader.parser) != 1) {
		report_fault(&reader);
		return 0;
	}
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &reader.parser, (const unsigned char *)octets, size);
	while (read_document(&reader, &roots))
		continue;
	yaml_parser_delete(&reader.parser);
	count = roots.count;
	*documents = nodes_keep(&roots, arena);
	return count;
}

const struct yaml_node *
yaml_get(const struct yaml_node *mapping, const char *key)
{
	if (mapping == NULL || mapping->kind != YAML_MAPPING)
		return NULL;
	for (size_t i = 0; i < mapping->count; i++)
		if (strcmp(mapping->keys[i]->scalar, key) == 0)
			return mapping->values[i];
	return NULL;
}
