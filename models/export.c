#include "models/export.h"

#include "models/export_parts.h"
#include "models/identity.h"
#include "models/library.h"
#include "models/policy.h"
#include "models/policy_print.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_write.h"
#include "sensor/base/map.h"
#include "sensor/base/text.h"

#define LOSSES_MAXIMUM ((size_t)1 << 22)
#define LINE_MAXIMUM   ((size_t)16 * 1024)

struct target {
	const char *name;
	void (*write)(struct export *export);
};

static const struct target targets[] = {
    [EXPORT_NFTABLES] = {"nftables", export_nftables},
    [EXPORT_IPTABLES] = {"iptables", export_iptables},
    [EXPORT_NETWORKPOLICY] = {"networkpolicy", export_networkpolicy},
    [EXPORT_CILIUM] = {"cilium", export_cilium},
    [EXPORT_CALICO] = {"calico", export_calico},
    [EXPORT_JSON] = {"json", export_json},
};

#define TARGET_COUNT (sizeof(targets) / sizeof(targets[0]))

static const char *const names[] = {
    "nftables", "iptables", "networkpolicy", "cilium", "calico", "json", NULL};

/* --- losses --------------------------------------------------------------- */

struct loss {
	const char *what, *why; /* constant texts */
	const char *about;      /* or NULL */
};

const char *
export_harmless(struct arena *arena, const char *text)
{
	char *copy = arena_text(arena, text);

	for (char *c = copy; *c != '\0'; c++)
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\'' ||
		    *c == '\\')
			*c = '?';
	return copy;
}

void
export_lose(
    struct export *export, const char *what, const char *why, const char *about)
{
	char *key = arena_format(
	    export->arena, "%s\n%s\n%s", what, why, about == NULL ? "" : about);
	struct loss *loss;

	if (map_get_text(export->losses, key) != NULL)
		return;
	loss = arena_take(export->arena, sizeof(*loss));
	*loss = (struct loss){.what = what, .why = why};
	if (about != NULL)
		loss->about = export_harmless(export->arena, about);
	map_put_text(export->losses, key, loss);
}

static bool
names_application(const struct entry *entry)
{
	return entry != NULL && entry->application_count > 0;
}

static bool
peers_name_hosts(const struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++) {
		const struct external *external = peers->at[i].external;

		if (external != NULL &&
		    external->dns.count + external->sni.count +
			    external->countries.count + external->asn_count >
			0)
			return true;
	}
	return false;
}

static bool
names_hosts(const struct entry *entry)
{
	return entry != NULL && peers_name_hosts(&entry->peers);
}

static void
lose_about(struct export *export, const char *what, const char *why,
    const struct statement *statement)
{
	struct text about;

	text_init(&about, LINE_MAXIMUM);
	statement_print(&about, statement);
	export_lose(export, what, why, about.at);
	text_release(&about);
}

void
export_lose_names(struct export *export, const struct statement *statement)
{
	if ((statement->client->kind == IDENTITY_EXTERNAL &&
		names_hosts(statement->provides)) ||
	    (statement->server->kind == IDENTITY_EXTERNAL &&
		names_hosts(statement->needs)))
		lose_about(export, "names, countries and numbers of networks",
		    "any address fits that the statement's networks have",
		    statement);
}

void
export_lose_unjudged(struct export *export, const struct statement *statement)
{
	if (statement_is_unjudged(statement))
		lose_about(export, "what the models leave unjudged",
		    "it is opened, for to drop it would be to judge it",
		    statement);
}

void
export_lose_unseen(struct export *export, const struct statement *statement)
{
	if (names_application(statement->provides) ||
	    names_application(statement->needs))
		lose_about(export, "the application",
		    "only the port is checked, not what is spoken on it",
		    statement);
	export_lose_names(export, statement);
}

static void
lose_boundary_unseen(
    struct export *export, const struct segment *segment, size_t index)
{
	const struct boundary *boundary = &segment->boundaries[index];

	if (peers_name_hosts(&boundary->peers) ||
	    peers_name_hosts(&boundary->except))
		export_lose(export, "a segment's boundary",
		    "it asks for names, countries or numbers of networks, "
		    "which an address does not show",
		    arena_format(export->arena, "segment %s, %s:%u",
			segment->name, boundary->place.file,
			boundary->place.line));
}

static void
lose_boundaries_unseen(struct export *export)
{
	size_t count = library_segment_count(export->library);

	for (size_t i = 0; i < count; i++) {
		const struct segment *segment =
		    library_segment(export->library, i);

		for (size_t b = 0; b < segment->boundary_count; b++)
			lose_boundary_unseen(export, segment, b);
	}
}

void
export_origin(struct text *out, const struct statement *statement)
{
	const struct entry *provides = statement->provides;
	const struct entry *needs = statement->needs;

	switch (statement->origin) {
	case STATEMENT_MODEL:
		if (provides != NULL)
			text_format(out, "%s.provides.%s",
			    statement->provider->name, provides->name);
		if (provides != NULL && needs != NULL)
			text_add(out, " + ");
		if (needs != NULL)
			text_format(out, "%s.needs.%s", statement->needer->name,
			    needs->name);
		break;
	case STATEMENT_PROBE:
		text_add(out, "probe port of the pod");
		break;
	case STATEMENT_PORT:
		text_add(out, "declared port of a pod without probes");
		break;
	}
}

static void
write_loss(const struct loss *loss, struct json_writer *json)
{
	json_put_string(json, "lost", loss->what);
	json_put_string(json, "why", loss->why);
	json_put_string(json, "statement", loss->about);
	json_object_close(json);
}

void
export_write_losses(
    const struct export *export, struct json_writer *json, const char *key)
{
	json_array_open(json, key);
	for (size_t i = 0; i < map_count(export->losses); i++) {
		json_object_open(json, NULL);
		write_loss(map_at(export->losses, i), json);
	}
	json_array_close(json);
}

static void
write_loss_lines(const struct export *export, struct text *out)
{
	for (size_t i = 0; i < map_count(export->losses); i++) {
		struct json_writer json = json_to(out);

		json_object_open(&json, NULL);
		json_put_string(&json, "target", targets[export->format].name);
		write_loss(map_at(export->losses, i), &json);
		text_add_char(out, '\n');
	}
}

/* --- the head ------------------------------------------------------------- */

/* Losses of one kind stand together, under their first. */
static bool
said_before(const struct export *export, size_t index)
{
	const struct loss *loss = map_at(export->losses, index);

	for (size_t i = 0; i < index; i++) {
		const struct loss *one = map_at(export->losses, i);

		if (one->what == loss->what && one->why == loss->why)
			return true;
	}
	return false;
}

static void
write_head(const struct export *export, struct text *out)
{
	size_t count = map_count(export->losses);
	char at[INSTANT_TEXT_SIZE] = "the latest that is known";

	if (export->options.at.ns != INSTANT_PAST.ns)
		instant_print(export->options.at, at);
	text_format(out, "# Made by hedgerow policy compile --format %s%s\n",
	    targets[export->format].name,
	    export->options.enforce ? " --enforce" : "");
	text_format(out, "# Workloads as of: %s.\n#\n", at);
	text_format(out, "# What this cannot say (%zu):\n", count);
	for (size_t i = 0; i < count; i++) {
		const struct loss *loss = map_at(export->losses, i);

		if (said_before(export, i))
			continue;
		text_format(out, "#\n# %s: %s\n", loss->what, loss->why);
		for (size_t j = i; j < count; j++) {
			const struct loss *one = map_at(export->losses, j);

			if (one->what == loss->what && one->why == loss->why &&
			    one->about != NULL)
				text_format(out, "#   %s\n", one->about);
		}
	}
	text_add_char(out, '\n');
}

/* --- the whole ------------------------------------------------------------ */

bool
export_format_find(const char *name, enum export_format *out)
{
	for (size_t i = 0; i < TARGET_COUNT; i++)
		if (strcmp(targets[i].name, name) == 0) {
			*out = (enum export_format)i;
			return true;
		}
	return false;
}

const char *const *
export_format_names(void)
{
	return names;
}

size_t
export_policy(struct policy *policy, const struct library *library,
    const struct inventory *inventory, enum export_format format,
    const struct export_options *options, struct text *out)
{
	struct text body;
	struct export export = {
	    .policy = policy,
	    .library = library,
	    .inventory = inventory,
	    .format = format,
	    .options = *options,
	    .at = options->at,
	    .arena = arena_new(),
	    .losses = map_new(LOSSES_MAXIMUM),
	    .body = &body,
	};
	size_t losses;

	/* Whoever lives now lives just before the end of time. */
	if (export.at.ns == INSTANT_PAST.ns)
		export.at.ns = INSTANT_FUTURE.ns - 1;
	text_init(&body, EXPORT_MAXIMUM);
	export.ends = export_ends(&export);
	lose_boundaries_unseen(&export);
	targets[format].write(&export);
	losses = map_count(export.losses);
	if (options->losses) {
		write_loss_lines(&export, out);
	} else {
		if (format != EXPORT_JSON)
			write_head(&export, out);
		text_add_n(out, body.at, body.length);
	}
	text_release(&body);
	map_free(export.losses);
	arena_free(export.arena);
	return losses;
}
