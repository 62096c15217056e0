#include "models/library_check.h"

#include <string.h>

#include "models/library.h"
#include "models/model_print.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"

/* Characters of one thing in words, for comparison. */
#define WORDS_MAXIMUM ((size_t)1024 * 1024)

/* --- who can be meant ----------------------------------------------------- */

/* A label that has to be there, and has not to. */
static const char *
contradicted_label(const struct label_tests *tests)
{
	for (size_t i = 0; i < tests->count; i++)
		for (size_t j = 0; j < tests->count; j++)
			if (tests->at[i].test == LABEL_ABSENT &&
			    tests->at[j].test != LABEL_ABSENT &&
			    strcmp(tests->at[i].key, tests->at[j].key) == 0)
				return tests->at[i].key;
	return NULL;
}

static void
check_labels(
    struct report *report, struct place place, const struct label_tests *tests)
{
	const char *key = contradicted_label(tests);

	if (key != NULL)
		report_warning(report, place,
		    "nobody fits: label '%s' would have to be there and not to "
		    "be; write two items, one for each",
		    key);
}

/* The keys of which no two can hold for one end. */
static void
check_peer(struct report *report, const struct peer *peer)
{
	const struct {
		const char *key;
		bool given;
	} kinds[] = {
	    {"node", peer->node},
	    {"external", peer->external != NULL},
	    {"zone", peer->zones.count > 0},
	    {"application", peer->applications.count > 0},
	    {"namespace", peer->namespaces.count > 0},
	};
	const char *first = NULL;

	check_labels(report, peer->place, &peer->labels);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!kinds[i].given)
			continue;
		if (first == NULL) {
			first = kinds[i].key;
		} else if (strcmp(first, "application") != 0) {
			report_warning(report, peer->place,
			    "nobody fits: every key of a peer must hold, and "
			    "nobody is both '%s' and '%s'; write two peers, "
			    "[{%s: ...}, {%s: ...}]",
			    first, kinds[i].key, first, kinds[i].key);
			return;
		}
	}
}

static void
check_peers(struct report *report, const struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++)
		check_peer(report, &peers->at[i]);
}

/* --- entries -------------------------------------------------------------- */

static bool
is_anybody(const struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++) {
		const struct peer *peer = &peers->at[i];

		if (peer->any && peer->labels.count == 0 &&
		    peer->same_count == 0 && peer->roles.count == 0 &&
		    peer->models.count == 0 && peer->segments.count == 0)
			return true;
	}
	return !peers->given;
}

/* Two of a kind in the words that a person would write. */
static bool
same_words(const struct entry *a, const struct entry *b, bool ports)
{
	struct text one, other;
	bool same;

	text_init(&one, WORDS_MAXIMUM);
	text_init(&other, WORDS_MAXIMUM);
	if (ports) {
		ports_print(&one, &a->ports);
		ports_print(&other, &b->ports);
	} else {
		peers_print(&one, &a->peers);
		peers_print(&other, &b->peers);
	}
	same = strcmp(one.at, other.at) == 0;
	text_release(&one);
	text_release(&other);
	return same;
}

static bool
holds_application(const struct entry *entry, enum application application)
{
	for (size_t i = 0; i < entry->application_count; i++)
		if (entry->applications[i] == application)
			return true;
	return entry->application_count == 0;
}

/* Whether whatever `b` allows is allowed by `a` already. */
static bool
covers(const struct entry *a, const struct entry *b)
{
	bool any_port = a->ports.count == 0 && !a->ports.declared;

	if (a->unjudged != b->unjudged ||
	    (a->application_count > 0 && b->application_count == 0))
		return false;
	for (size_t i = 0; i < b->application_count; i++)
		if (!holds_application(a, b->applications[i]))
			return false;
	return (is_anybody(&a->peers) || same_words(a, b, false)) &&
	       (any_port || same_words(a, b, true));
}

/* An entry for nobody closes one that was inherited. */
static bool
is_closed(const struct entry *entry)
{
	return entry->peers.given && entry->peers.count == 0;
}

static void
check_entries(struct report *report, const struct model *model,
    const struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->at[i];

		check_peers(report, &entry->peers);
		for (size_t j = 0; j < entries->count; j++) {
			const struct entry *other = &entries->at[j];

			if (i == j || is_closed(entry) || is_closed(other) ||
			    !covers(other, entry) ||
			    (j > i && covers(entry, other)))
				continue;
			report_warning(report, entry->place,
			    "entry '%s' of model '%s' allows nothing that '%s' "
			    "(line %u) does not; make '%s' narrower, or leave "
			    "this one out",
			    entry->name, model->name, other->name,
			    other->place.line, other->name);
			break;
		}
	}
}

/* --- segments ------------------------------------------------------------- */

static bool
same_peers(const struct peers *a, const struct peers *b)
{
	struct entry one = {.peers = *a}, other = {.peers = *b};

	return same_words(&one, &other, false);
}

/* Whether it keeps only members from members, who cross nothing. */
static bool
is_about_itself(const struct segment *segment, const struct boundary *boundary)
{
	for (size_t i = 0; i < boundary->peers.count; i++) {
		const struct words *names = &boundary->peers.at[i].segments;

		if (names->count != 1 ||
		    strcmp(names->at[0], segment->name) != 0)
			return false;
	}
	return boundary->peers.count > 0;
}

static void
check_boundary(struct report *report, const struct segment *segment,
    const struct boundary *boundary)
{
	check_peers(report, &boundary->peers);
	check_peers(report, &boundary->except);
	if (boundary->except.given &&
	    (is_anybody(&boundary->except) ||
		same_peers(&boundary->peers, &boundary->except)))
		report_warning(report, boundary->place,
		    "'except' takes back all that this isolates from; make "
		    "'except' narrower, or leave the boundary out");
	else if (is_about_itself(segment, boundary))
		report_warning(report, boundary->place,
		    "members of '%s' cross no boundary among themselves, so "
		    "this keeps nobody out; name others than '%s'",
		    segment->name, segment->name);
}

static void
check_selectors(
    struct report *report, const struct selector *selectors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct selector *one = &selectors[i];

		check_labels(report, one->place, &one->labels);
		if (one->zones.count > 0 &&
		    (one->images.count > 0 || one->namespaces.count > 0 ||
			one->applications.count > 0 || one->kinds.count > 0))
			report_warning(report, one->place,
			    "nobody fits: what is in a 'zone' is no workload; "
			    "write two items of 'match', one for each");
	}
}

void
library_check(const struct library *library, struct report *report)
{
	for (size_t i = 0; i < library_model_count(library); i++) {
		const struct model *model = library_model(library, i);

		check_selectors(
		    report, model->selectors, model->selector_count);
		check_entries(report, model, &model->provides);
		check_entries(report, model, &model->needs);
	}
	for (size_t i = 0; i < library_segment_count(library); i++) {
		const struct segment *segment = library_segment(library, i);

		check_selectors(
		    report, segment->selectors, segment->selector_count);
		for (size_t b = 0; b < segment->boundary_count; b++)
			check_boundary(
			    report, segment, &segment->boundaries[b]);
	}
}
