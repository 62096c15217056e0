#include "models/model_edit.h"

#include <ctype.h>
#include <netinet/in.h>
#include <string.h>

#include "classifiers/inventory/workload.h"
#include "models/judge.h"
#include "models/library.h"
#include "models/model_print.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/* The names of entries and models stay well below what a model may hold. */
#define NAME_LENGTH_MAXIMUM ((size_t)96)
#define YAML_MAXIMUM        ((size_t)1024 * 1024)

/* --- the peer ------------------------------------------------------------- */

/* A peer with the room that its lists need. */
struct made_peer {
	struct peer peer;
	const char *application, *namespace, *zone;
	struct same same;
	struct external external;
	struct prefix prefix;
};

/* A name as a pattern that fits nothing but itself. */
static const char *
literal(struct arena *arena, const char *name)
{
	char *pattern = arena_take(arena, 2 * strlen(name) + 1);
	size_t length = 0;

	for (; *name != '\0'; name++) {
		if (strchr("*?[\\", *name) != NULL)
			pattern[length++] = '\\';
		pattern[length++] = *name;
	}
	return pattern;
}

static bool
share_namespace(const struct identity *a, const struct identity *b)
{
	return a->workload != NULL && b->workload != NULL &&
	       strcmp(a->workload->namespace, b->workload->namespace) == 0 &&
	       strcmp(a->workload->cluster, b->workload->cluster) == 0;
}

/*
 * A slash binds the namespace as well, so an application that has one in its
 * own name is named in full.
 */
static void
make_workload(struct arena *arena, struct made_peer *made,
    const struct identity *other, bool same_namespace)
{
	const char *namespace = identity_namespace(other);
	bool slash = strchr(identity_application(other), '/') != NULL;

	made->application =
	    literal(arena, slash ? other->name : identity_application(other));
	made->peer.applications = (struct words){&made->application, 1};
	if (namespace[0] == '\0')
		return;
	if (same_namespace) {
		made->same.kind = SAME_NAMESPACE;
		made->peer.sames = &made->same;
		made->peer.same_count = 1;
	} else {
		made->namespace = literal(arena, namespace);
		made->peer.namespaces = (struct words){&made->namespace, 1};
	}
}

static void
make_external(struct made_peer *made, const struct address *address)
{
	made->prefix = (struct prefix){.base = *address, .length = 128};
	made->external.prefixes = &made->prefix;
	made->external.prefix_count = 1;
	made->peer.external = &made->external;
}

/* The narrowest peer that `other` is, seen from somebody of its namespace. */
static void
make_peer(struct arena *arena, struct made_peer *made,
    const struct identity *other, const struct address *address,
    bool same_namespace)
{
	*made = (struct made_peer){.application = NULL};
	switch (other->kind) {
	case IDENTITY_WORKLOAD:
		make_workload(arena, made, other, same_namespace);
		return;
	case IDENTITY_NODE:
		made->peer.node = true;
		return;
	case IDENTITY_ZONE:
		made->zone = other->zone->name;
		made->peer.zones = (struct words){&made->zone, 1};
		return;
	case IDENTITY_EXTERNAL:
		make_external(made, address);
		return;
	}
}

/* --- names ---------------------------------------------------------------- */

static const char *
short_name(const struct identity *identity)
{
	switch (identity->kind) {
	case IDENTITY_WORKLOAD:
		return identity_application(identity);
	case IDENTITY_NODE:
		return "nodes";
	case IDENTITY_ZONE:
		return identity->zone->name;
	case IDENTITY_EXTERNAL:
		return "outside";
	}
	return "peer";
}

static bool
entry_is_named(const struct entries *entries, const char *name)
{
	for (size_t i = 0; i < entries->count; i++)
		if (strcmp(entries->at[i].name, name) == 0)
			return true;
	return false;
}

static bool
model_is_named(const struct library *library, const char *name)
{
	for (size_t i = 0; i < library_model_count(library); i++)
		if (strcmp(library_model(library, i)->name, name) == 0)
			return true;
	return false;
}

/*
 * `before` and the name's letters, with a number when that is taken: an entry
 * of a name that is there would replace it.
 */
static const char *
free_name(struct arena *arena, const char *before, const char *name,
    const char *after, const struct entries *entries,
    const struct library *library)
{
	size_t length = strnlen(name, NAME_LENGTH_MAXIMUM);
	char *base =
	    arena_format(arena, "%s%.*s%s", before, (int)length, name, after);
	const char *made = base;

	for (char *c = base; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("._-", *c) == NULL)
			*c = '-';
	for (unsigned n = 2; entries != NULL ? entry_is_named(entries, made)
					     : model_is_named(library, made);
	     n++)
		made = arena_format(arena, "%s-%u", base, n);
	return made;
}

/* --- texts ---------------------------------------------------------------- */

/* What the language has no word for (tcp/0, GRE) is left open. */
static bool
ports_are_sayable(const struct ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		switch (ports->at[i].protocol) {
		case IPPROTO_ICMP:
		case IPPROTO_ICMPV6:
			break;
		case IPPROTO_TCP:
		case IPPROTO_UDP:
		case IPPROTO_SCTP:
			if (ports->at[i].first == 0)
				return false;
			break;
		default:
			return false;
		}
	return true;
}

static void
print_item(struct text *out, const struct edit_wish *wish, const char *name,
    const char *key, const struct peer *peer)
{
	struct entry entry = {
	    .applications = wish->applications,
	    .application_count = wish->application_count,
	};

	text_format(out, "- {name: %s, ", name);
	if (entry.application_count > 0) {
		text_add(out, "app: ");
		applications_print(out, &entry);
		text_add(out, ", ");
	}
	if (wish->ports->count > 0 && ports_are_sayable(wish->ports)) {
		text_add(out, "port: ");
		ports_print(out, wish->ports);
		text_add(out, ", ");
	}
	text_format(out, "%s: ", key);
	peer_print(out, peer);
	text_add_char(out, '}');
}

static const char *
keep(struct arena *arena, struct text *text)
{
	const char *kept = arena_text_n(arena, text->at, text->length);

	text_release(text);
	return kept;
}

/* Edits outlive the library that they were found in. */
static struct place
keep_place(struct arena *arena, const struct place *place)
{
	return (struct place){
	    .file = arena_text(arena, place->file),
	    .line = place->line,
	    .column = place->column,
	};
}

/* Something that chooses the identity and, as far as models can, no other. */
static void
print_match(
    struct arena *arena, struct text *out, const struct identity *identity)
{
	struct made_peer self = {.application = NULL};

	if (identity->zone != NULL) {
		self.zone = identity->zone->name;
		self.peer.zones = (struct words){&self.zone, 1};
	} else {
		self.application =
		    literal(arena, identity_application(identity));
		self.namespace = literal(arena, identity_namespace(identity));
		self.peer.applications = (struct words){&self.application, 1};
		self.peer.namespaces = (struct words){
		    &self.namespace, self.namespace[0] == '\0' ? 0 : 1};
	}
	text_add(out, "match: [");
	peer_print(out, &self.peer);
	text_add(out, "]\n");
}

static struct model_edit
suggest_exception(struct arena *arena, const struct edit_wish *wish)
{
	const struct verdict *verdict = wish->verdict;
	bool inward = verdict->boundary->inward;
	struct made_peer made;
	struct text text;

	make_peer(arena, &made, inward ? verdict->client : verdict->server,
	    inward ? wish->client : wish->server, false);
	text_init(&text, YAML_MAXIMUM);
	text_format(&text, "- {%s: ", inward ? "from" : "to");
	peer_print(&text, &made.peer);
	text_add_char(&text, '}');
	return (struct model_edit){
	    .kind = EDIT_EXCEPTION,
	    .place = keep_place(arena, &verdict->boundary->place),
	    .name = arena_text(arena, verdict->segment->name),
	    .inward = inward,
	    .yaml = keep(arena, &text),
	};
}

/*
 * Shipped models are everybody's, what a pod declares is the deployment's and
 * on no line of a file, and an earlier edit is in no file yet.
 */
static bool
is_editable(const struct model *model)
{
	return model->layer > LAYER_LIBRARY && model->place.line > 0 &&
	       strcmp(model->place.file, EDIT_FILE) != 0;
}

/*
 * Of the models of one end, the one whose entry came nearest.  Needs go only
 * to a model that has some: its first would be an opinion that it never had.
 */
static const struct model *
model_to_edit(const struct verdict *verdict)
{
	const struct identity *self =
	    verdict->entry_provides ? verdict->server : verdict->client;

	if (verdict->entry != NULL || verdict->entry_provides)
		return verdict->model;
	for (size_t i = 0; i < self->model_count; i++)
		if (self->models[i]->needs.given)
			return self->models[i];
	return verdict->model;
}

struct model_edit
model_edit_suggest(struct arena *arena, const struct library *library,
    const struct edit_wish *wish)
{
	const struct verdict *verdict = wish->verdict;
	bool inward = verdict->entry_provides;
	const struct identity *self =
	    inward ? verdict->server : verdict->client;
	const struct identity *other =
	    inward ? verdict->client : verdict->server;
	const struct model *model;
	struct model_edit edit = {.inward = inward};
	struct made_peer made;
	struct text text;

	if (verdict->boundary != NULL)
		return suggest_exception(arena, wish);
	model = model_to_edit(verdict);
	edit.kind = is_editable(model) ? EDIT_ENTRY : EDIT_MODEL;
	edit.place = keep_place(arena, &model->place);
	edit.name = arena_text(arena, model->name);
	make_peer(arena, &made, other, inward ? wish->client : wish->server,
	    share_namespace(self, other));
	text_init(&text, YAML_MAXIMUM);
	if (edit.kind == EDIT_MODEL) {
		text_format(&text, "model: %s\n",
		    free_name(
			arena, "", short_name(self), "-also", NULL, library));
		print_match(arena, &text, self);
		text_format(
		    &text, "adds: true\n%s:\n  ", model_edit_key(&edit));
	}
	print_item(&text, wish,
	    free_name(arena, inward ? "from-" : "to-", short_name(other), "",
		inward ? &model->provides : &model->needs, library),
	    inward ? "from" : "to", &made.peer);
	edit.yaml = keep(arena, &text);
	return edit;
}

static const enum application *
keep_applications(struct arena *arena, const enum application *at, size_t count)
{
	enum application *kept = arena_array(arena, count, sizeof(*kept));

	for (size_t i = 0; i < count; i++)
		kept[i] = at[i];
	return kept;
}

/* Whether the entry expects every one of the ports. */
static bool
entry_has_ports(const struct entry *entry, const struct identity *server,
    const struct ports *ports)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_range *one = &ports->at[i];

		if (!entry_port_fits(
			entry, server, one->protocol, one->first) ||
		    !entry_port_fits(entry, server, one->protocol, one->last))
			return false;
	}
	return entry->ports.count > 0;
}

const enum application *
model_edit_applications(const struct verdict *verdict, const struct appid *seen,
    const struct ports *ports, struct arena *arena, size_t *count)
{
	const struct entry *entry = verdict->entry;

	*count = 0;
	if (seen->confidence == APP_DPI &&
	    seen->application != APPLICATION_UNKNOWN &&
	    seen->application != APPLICATION_OTHER) {
		*count = 1;
		return keep_applications(arena, &seen->application, 1);
	}
	if (entry == NULL || !entry_has_ports(entry, verdict->server, ports))
		return NULL;
	*count = entry->application_count;
	return keep_applications(arena, entry->applications, *count);
}
