#include "models/library_edit.h"

#include <string.h>

#include "models/edit.h"
#include "models/model_parse.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

#define TEXT_MAXIMUM ((size_t)2 * 1024 * 1024)

static bool
same_place(const struct place *a, const struct place *b)
{
	return a->line == b->line && a->column == b->column &&
	       strcmp(a->file, b->file) == 0;
}

/* Reads a text as one more document of the operator's. */
static void
read_document(struct parse *parse, const char *text)
{
	struct arena *trees = arena_new();
	struct yaml_node **documents;
	size_t count;

	parse->file = EDIT_FILE;
	parse->layer = LAYER_OPERATOR;
	count = yaml_read(
	    trees, parse->file, text, strlen(text), parse->report, &documents);
	for (size_t i = 0; i < count; i++)
		parse_document(parse, documents[i]);
	arena_free(trees);
}

static void
report_lost(struct parse *parse, const struct model_edit *edit)
{
	report_error(
	    parse->report, edit->place, "there is no '%s' to edit", edit->name);
}

/* --- entries -------------------------------------------------------------- */

static void
append_items(struct parse *parse, struct side *side, const struct side *more)
{
	struct item *at =
	    arena_array(parse->arena, side->count + more->count, sizeof(*at));

	for (size_t i = 0; i < side->count; i++)
		at[i] = side->at[i];
	for (size_t i = 0; i < more->count; i++)
		at[side->count + i] = more->at[i];
	*side = (struct side){true, at, side->count + more->count};
}

/* A fragment is what items may stand in without anything else. */
static void
edit_model(struct parse *parse, const struct model_edit *edit)
{
	size_t before = parse->fragments.count;
	struct fragment_draft *made;
	struct text text;

	text_init(&text, TEXT_MAXIMUM);
	text_format(&text, "fragment: edit\n%s:\n  %s\n", model_edit_key(edit),
	    edit->yaml);
	read_document(parse, text.at);
	text_release(&text);
	if (parse->fragments.count == before)
		return;
	made = parse->fragments.at[--parse->fragments.count];
	for (size_t i = 0; i < parse->models.count; i++) {
		struct model_draft *draft = parse->models.at[i];

		if (!same_place(&draft->model->place, &edit->place))
			continue;
		append_items(parse,
		    edit->inward ? &draft->provides : &draft->needs,
		    edit->inward ? &made->provides : &made->needs);
		return;
	}
	report_lost(parse, edit);
}

/* --- boundaries ----------------------------------------------------------- */

static struct boundary *
find_boundary(struct parse *parse, const struct place *place)
{
	for (size_t i = 0; i < parse->segments.count; i++) {
		struct segment *segment = parse->segments.at[i];
		struct boundary *own;

		for (size_t b = 0; b < segment->boundary_count; b++) {
			if (!same_place(&segment->boundaries[b].place, place))
				continue;
			own = arena_array(parse->arena, segment->boundary_count,
			    sizeof(*own));
			memcpy(own, segment->boundaries,
			    segment->boundary_count * sizeof(*own));
			segment->boundaries = own;
			return &own[b];
		}
	}
	return NULL;
}

static void
append_peers(struct parse *parse, struct peers *peers, const struct peers *more)
{
	struct peer *at =
	    arena_array(parse->arena, peers->count + more->count, sizeof(*at));

	for (size_t i = 0; i < peers->count; i++)
		at[i] = peers->at[i];
	for (size_t i = 0; i < more->count; i++)
		at[peers->count + i] = more->at[i];
	*peers = (struct peers){true, at, peers->count + more->count};
}

static void
edit_boundary(struct parse *parse, const struct model_edit *edit)
{
	size_t before = parse->segments.count;
	const struct segment *made;
	struct boundary *boundary;
	struct text text;

	text_init(&text, TEXT_MAXIMUM);
	text_format(&text,
	    "segment: edit\nmatch: [{namespace: edit}]\nisolate:\n"
	    "  - %s: {any: true}\n    except:\n      %s\n",
	    edit->inward ? "from" : "to", edit->yaml);
	read_document(parse, text.at);
	text_release(&text);
	if (parse->segments.count == before)
		return;
	made = parse->segments.at[--parse->segments.count];
	boundary = find_boundary(parse, &edit->place);
	if (boundary == NULL || made->boundary_count != 1)
		report_lost(parse, edit);
	else
		append_peers(
		    parse, &boundary->except, &made->boundaries[0].except);
}

void
library_edit(struct parse *parse, const struct model_edit *edit)
{
	switch (edit->kind) {
	case EDIT_ENTRY:
		edit_model(parse, edit);
		return;
	case EDIT_MODEL:
		read_document(parse, edit->yaml);
		return;
	case EDIT_EXCEPTION:
		edit_boundary(parse, edit);
		return;
	}
}
