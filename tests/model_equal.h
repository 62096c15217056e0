/*
 * model_equal -- compares models as plain data, and writes whole libraries.
 *
 * For tests: what model_print() writes must load to what it was given.  Places
 * are left out of the comparison.
 */
#ifndef TESTS_MODEL_EQUAL_H
#define TESTS_MODEL_EQUAL_H

#include <stdbool.h>
#include <string.h>

#include "models/library.h"
#include "models/model.h"
#include "models/model_print.h"
#include "sensor/base/text.h"

#include "classifiers/inventory/workload.h"

static bool
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

static bool
same_words(const struct words *a, const struct words *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->at[i], b->at[i]) != 0)
			return false;
	return true;
}

static bool
same_labels(const struct label_tests *a, const struct label_tests *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_text(a->at[i].key, b->at[i].key) ||
		    a->at[i].test != b->at[i].test ||
		    !same_words(&a->at[i].values, &b->at[i].values))
			return false;
	return true;
}

static bool
same_selector(const struct selector *a, const struct selector *b)
{
	return same_words(&a->images, &b->images) &&
	       same_words(&a->namespaces, &b->namespaces) &&
	       same_words(&a->applications, &b->applications) &&
	       same_words(&a->kinds, &b->kinds) &&
	       same_words(&a->orchestrators, &b->orchestrators) &&
	       same_words(&a->clusters, &b->clusters) &&
	       same_words(&a->zones, &b->zones) &&
	       same_labels(&a->labels, &b->labels) && a->serves == b->serves;
}

static bool
same_external(const struct external *a, const struct external *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->prefix_count != b->prefix_count || a->asn_count != b->asn_count)
		return false;
	for (size_t i = 0; i < a->prefix_count; i++)
		if (!address_equal(
			&a->prefixes[i].base, &b->prefixes[i].base) ||
		    a->prefixes[i].length != b->prefixes[i].length)
			return false;
	for (size_t i = 0; i < a->asn_count; i++)
		if (a->asns[i] != b->asns[i])
			return false;
	return same_words(&a->dns, &b->dns) && same_words(&a->sni, &b->sni) &&
	       same_words(&a->countries, &b->countries);
}

static bool
same_peer(const struct peer *a, const struct peer *b)
{
	if (a->same_count != b->same_count)
		return false;
	for (size_t i = 0; i < a->same_count; i++)
		if (a->sames[i].kind != b->sames[i].kind ||
		    !same_text(a->sames[i].label, b->sames[i].label))
			return false;
	return a->any == b->any && a->node == b->node &&
	       same_words(&a->applications, &b->applications) &&
	       same_words(&a->models, &b->models) &&
	       same_words(&a->roles, &b->roles) &&
	       same_words(&a->namespaces, &b->namespaces) &&
	       same_words(&a->segments, &b->segments) &&
	       same_words(&a->zones, &b->zones) &&
	       same_labels(&a->labels, &b->labels) &&
	       same_external(a->external, b->external);
}

static bool
same_peers(const struct peers *a, const struct peers *b)
{
	if (a->given != b->given || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_peer(&a->at[i], &b->at[i]))
			return false;
	return true;
}

static bool
same_ports(const struct ports *a, const struct ports *b)
{
	if (a->count != b->count || a->declared != b->declared)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->at[i].protocol != b->at[i].protocol ||
		    a->at[i].first != b->at[i].first ||
		    a->at[i].last != b->at[i].last ||
		    !same_text(a->at[i].name, b->at[i].name))
			return false;
	return true;
}

static bool
same_entries(const struct entries *a, const struct entries *b)
{
	if (a->given != b->given || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct entry *x = &a->at[i], *y = &b->at[i];

		if (!same_text(x->name, y->name) ||
		    x->application_count != y->application_count ||
		    x->has_messages != y->has_messages ||
		    x->unjudged != y->unjudged ||
		    !same_ports(&x->ports, &y->ports) ||
		    !same_peers(&x->peers, &y->peers))
			return false;
		for (size_t p = 0; p < x->application_count; p++)
			if (x->applications[p] != y->applications[p])
				return false;
	}
	return true;
}

static bool
model_equal(const struct model *a, const struct model *b)
{
	if (a->selector_count != b->selector_count ||
	    a->tag_count != b->tag_count)
		return false;
	for (size_t i = 0; i < a->selector_count; i++)
		if (!same_selector(&a->selectors[i], &b->selectors[i]))
			return false;
	for (size_t i = 0; i < a->tag_count; i++)
		if (!same_text(a->tags[i].key, b->tags[i].key) ||
		    !same_text(a->tags[i].value, b->tags[i].value))
			return false;
	return same_text(a->name, b->name) &&
	       same_text(a->describes, b->describes) &&
	       same_text(a->role, b->role) && a->version == b->version &&
	       a->layer == b->layer && a->adds == b->adds &&
	       a->severity == b->severity &&
	       same_entries(&a->provides, &b->provides) &&
	       same_entries(&a->needs, &b->needs);
}

/* The document as an item of a segment's `models:`. */
static void
add_nested(struct text *out, const struct model *model)
{
	struct text one;
	const char *mark = "  - ";
	const char *line;

	text_init(&one, (size_t)1 << 24);
	model_print(&one, model);
	line = one.at + strlen("---\n");
	while (*line != '\0') {
		size_t length = strcspn(line, "\n") + 1;

		text_add(out, mark);
		text_add_n(out, line, length);
		mark = "    ";
		line += length;
	}
	text_release(&one);
}

/*
 * Everything of the given layer, of learned and of general ones as one text;
 * segments and zones only as far as models name them or stand in them.
 */
static void
library_as_text(
    struct text *out, const struct library *library, enum layer layer)
{
	for (size_t i = 0; i < library_zone_count(library); i++)
		text_format(out, "---\nzone: \"%s\"\ncidr: 192.0.2.0/24\n",
		    library_zone(library, i)->name);
	for (size_t i = 0; i < library_model_count(library); i++) {
		const struct model *model = library_model(library, i);

		if (model->segment == NULL &&
		    (model->layer == layer || model->layer == LAYER_LEARNED ||
			model->layer == LAYER_GENERAL))
			model_print(out, model);
	}
	for (size_t s = 0; s < library_segment_count(library); s++) {
		const struct segment *segment = library_segment(library, s);

		text_format(out,
		    "---\nsegment: \"%s\"\nmatch: {namespace: x}\nmodels:\n",
		    segment->name);
		for (size_t i = 0; i < library_model_count(library); i++)
			if (library_model(library, i)->segment == segment)
				add_nested(out, library_model(library, i));
		if (out->at[out->length - 2] == ':')
			text_add(out, "  []\n");
	}
}

/* The model of the same name, layer and segment, or NULL. */
static const struct model *
counterpart(const struct library *library, const struct model *model)
{
	for (size_t i = 0; i < library_model_count(library); i++) {
		const struct model *one = library_model(library, i);

		if (one->layer == model->layer &&
		    strcmp(one->name, model->name) == 0 &&
		    (one->segment == NULL) == (model->segment == NULL) &&
		    (one->segment == NULL ||
			strcmp(one->segment->name, model->segment->name) == 0))
			return one;
	}
	return NULL;
}

/* Whether each library has every model of the other, and the same. */
static bool
libraries_equal(const struct library *a, const struct library *b)
{
	if (library_model_count(a) != library_model_count(b))
		return false;
	for (size_t i = 0; i < library_model_count(a); i++) {
		const struct model *one = library_model(a, i);
		const struct model *other = counterpart(b, one);

		if (other == NULL || !model_equal(one, other))
			return false;
	}
	return true;
}

#endif
