#include "classifiers/inventory/workload.h"
#include "models/export_parts.h"
#include "models/identity.h"
#include "models/policy_walk.h"
#include "sensor/base/arena.h"
#include "sensor/base/map.h"
#include "sensor/base/text.h"

#define GROUPS_MAXIMUM ((size_t)1 << 22)
#define KEY_MAXIMUM    ((size_t)16 * 1024 * 1024)
/* Names of Kubernetes objects have 253 letters at most; ours get a suffix. */
#define OBJECT_MAXIMUM 50

/*
 * Labels that people choose pods by, the most telling first (Kubernetes:
 * "Recommended Labels"; the others are older habits).
 */
static const char *const telling[] = {
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "app",
    "k8s-app",
    "name",
    "component",
    "tier",
    "role",
};

/* Labels that change with every release: a last resort. */
static const char *const fleeting[] = {
    "app.kubernetes.io/version",
    "app.kubernetes.io/managed-by",
    "helm.sh/chart",
    "version",
    "chart",
};

#define TELLING  (sizeof(telling) / sizeof(telling[0]))
#define FLEETING (sizeof(fleeting) / sizeof(fleeting[0]))

/* --- groups --------------------------------------------------------------- */

static const struct workload *
example(const struct group *group)
{
	return group->end.standins[0].identity->workload;
}

static bool
can_be_chosen(const struct identity *identity)
{
	return identity->kind == IDENTITY_WORKLOAD &&
	       identity->workload->namespace[0] != '\0' &&
	       !identity->workload->host_network;
}

/* What labels show of a workload; the NULs between are part of it. */
static void
group_key(struct text *key, const struct workload *workload)
{
	const struct labels *labels = &workload->labels;

	text_add_n(key, workload->cluster, strlen(workload->cluster) + 1);
	text_add_n(key, workload->namespace, strlen(workload->namespace) + 1);
	for (size_t i = 0; i < labels->count; i++) {
		const struct label *one = &labels->at[i];

		if (identity_label_is_volatile(one->key))
			continue;
		text_add_n(key, one->key, strlen(one->key) + 1);
		text_add_n(key, one->value, strlen(one->value) + 1);
	}
}

static struct group *
new_group(struct arena *arena, const struct identity *identity)
{
	struct group *group = arena_take(arena, sizeof(*group));

	group->end.name = identity->name;
	group->cluster = identity->workload->cluster;
	group->namespace = identity->workload->namespace;
	group->provides = group->needs = true;
	return group;
}

static void
join(struct arena *arena, struct group *group, const struct identity *identity)
{
	struct end *end = &group->end;
	struct standin *grown;
	bool provides = identity->states_provides;
	bool needs = identity->states_needs;

	if (end->standin_count > 0) {
		group->mixed_provides |= provides != group->provides;
		group->mixed_needs |= needs != group->needs;
	}
	group->provides &= provides;
	group->needs &= needs;
	grown = arena_array(arena, end->standin_count + 1, sizeof(*grown));
	if (end->standin_count > 0)
		memcpy(
		    grown, end->standins, end->standin_count * sizeof(*grown));
	grown[end->standin_count++].identity = identity;
	end->standins = grown;
}

/* --- labels that choose --------------------------------------------------- */

static bool
has_label(const struct group *group, const struct label *label)
{
	const char *value = labels_get(&example(group)->labels, label->key);

	return value != NULL && strcmp(value, label->value) == 0;
}

/* Whether the labels chosen so far choose the rival as well. */
static bool
chooses(const struct group *group, const struct group *rival)
{
	if (strcmp(group->namespace, rival->namespace) != 0 ||
	    strcmp(group->cluster, rival->cluster) != 0)
		return false;
	for (size_t i = 0; i < group->with_count; i++)
		if (!has_label(rival, group->with[i]))
			return false;
	for (size_t i = 0; i < group->without_count; i++)
		if (labels_get(&example(rival)->labels, group->without[i]) !=
		    NULL)
			return false;
	return true;
}

/* Takes a label if it shuts a rival out; the first one in any case. */
static void
consider(
    const struct groups *groups, struct group *group, const struct label *label)
{
	for (size_t i = 0; i < group->with_count; i++)
		if (group->with[i] == label)
			return;
	if (group->with_count == 0) {
		group->with[group->with_count++] = label;
		return;
	}
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *rival = groups->at[i];

		if (rival != group && chooses(group, rival) &&
		    !has_label(rival, label)) {
			group->with[group->with_count++] = label;
			return;
		}
	}
}

static bool
is_one_of(const char *key, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

static void
consider_all(const struct groups *groups, struct group *group)
{
	const struct labels *labels = &example(group)->labels;

	for (size_t t = 0; t < TELLING; t++)
		for (size_t i = 0; i < labels->count; i++)
			if (strcmp(labels->at[i].key, telling[t]) == 0)
				consider(groups, group, &labels->at[i]);
	for (int last = 0; last < 2; last++)
		for (size_t i = 0; i < labels->count; i++) {
			const char *key = labels->at[i].key;

			if (!identity_label_is_volatile(key) &&
			    is_one_of(key, fleeting, FLEETING) == (last == 1))
				consider(groups, group, &labels->at[i]);
		}
}

/* A rival that has all our labels has one more, or it would be of us. */
static void
shut_out(struct arena *arena, struct group *group, const struct group *rival)
{
	const struct labels *theirs = &example(rival)->labels;
	const char **grown;

	for (size_t i = 0; i < theirs->count; i++) {
		const char *key = theirs->at[i].key;

		if (identity_label_is_volatile(key) ||
		    labels_get(&example(group)->labels, key) != NULL)
			continue;
		grown = arena_array(
		    arena, group->without_count + 1, sizeof(char *));
		if (group->without_count > 0)
			memcpy(grown, group->without,
			    group->without_count * sizeof(char *));
		grown[group->without_count++] = key;
		group->without = grown;
		return;
	}
}

static void
choose_labels(
    struct arena *arena, const struct groups *groups, struct group *group)
{
	group->with = arena_array(
	    arena, example(group)->labels.count, sizeof(struct label *));
	consider_all(groups, group);
	for (size_t i = 0; i < groups->count; i++)
		if (groups->at[i] != group && chooses(group, groups->at[i]))
			shut_out(arena, group, groups->at[i]);
}

/* --- names ---------------------------------------------------------------- */

/* RFC 1123 labels, as Kubernetes wants them: a-z, 0-9 and inner hyphens. */
static void
name_object(struct arena *arena, struct map *names, struct group *group)
{
	const char *application = example(group)->application;
	size_t length = strnlen(application, OBJECT_MAXIMUM);
	char *name = arena_text_n(arena, application, length);
	const char *key;

	for (char *c = name; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
		else if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9'))
			*c = '-';
	}
	while (length > 0 && name[length - 1] == '-')
		name[--length] = '\0';
	group->object = arena_format(arena, "hedgerow-%s", name);
	key = arena_format(arena, "%s/%s", group->namespace, group->object);
	for (unsigned n = 2; map_get_text(names, key) != NULL; n++) {
		group->object = arena_format(arena, "hedgerow-%s-%u", name, n);
		key = arena_format(
		    arena, "%s/%s", group->namespace, group->object);
	}
	map_put_text(names, key, group);
}

static void
lose_what_labels_hide(struct export *export, const struct group *group)
{
	struct text about;

	if (group->end.standin_count == 1)
		return;
	text_init(&about, KEY_MAXIMUM);
	text_format(&about, "%zu kinds of %s", group->end.standin_count,
	    group->end.name);
	export_lose(export, "what labels do not show",
	    "pods that differ in image, kind or ports only are one, and may "
	    "do what any of them may",
	    about.at);
	if (group->mixed_provides || group->mixed_needs)
		export_lose(export, "the whole policy of a pod",
		    "it has the labels of a pod without a model, which must "
		    "stay free",
		    about.at);
	text_release(&about);
}

static void
lose_clusters(struct export *export, const struct groups *groups)
{
	for (size_t i = 1; i < groups->count; i++)
		if (strcmp(groups->at[i]->cluster, groups->at[0]->cluster) != 0)
			export_lose(export, "the cluster",
			    "objects of all clusters are here; apply each "
			    "where its pods are",
			    NULL);
}

struct groups
export_groups(struct export *export)
{
	struct arena *arena = export->arena;
	struct identities ends = policy_walk_ends(export->policy,
	    export->library, export->inventory, export->at, arena);
	struct groups groups = {
	    .at = arena_array(arena, ends.count, sizeof(struct group *))};
	struct map *by_key = map_new(GROUPS_MAXIMUM);
	struct map *names = map_new(GROUPS_MAXIMUM);

	for (size_t i = 0; i < ends.count; i++) {
		struct group *group;
		struct text key;

		if (!can_be_chosen(ends.at[i]))
			continue;
		text_init(&key, KEY_MAXIMUM);
		group_key(&key, ends.at[i]->workload);
		group = map_get(by_key, key.at, key.length);
		if (group == NULL) {
			group = new_group(arena, ends.at[i]);
			groups.at[groups.count++] = group;
			map_put(by_key, arena_text_n(arena, key.at, key.length),
			    key.length, group);
		}
		text_release(&key);
		join(arena, group, ends.at[i]);
	}
	for (size_t i = 0; i < groups.count; i++) {
		choose_labels(arena, &groups, groups.at[i]);
		name_object(arena, names, groups.at[i]);
		lose_what_labels_hide(export, groups.at[i]);
	}
	lose_clusters(export, &groups);
	map_free(by_key);
	map_free(names);
	return groups;
}
