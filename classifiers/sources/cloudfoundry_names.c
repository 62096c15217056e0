#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/cloudfoundry_parts.h"
#include "classifiers/sources/rack.h"
#include "sensor/base/arena.h"

/* A guid is a UUID's text; Diego's process guid has a version's after it. */
#define GUID_LENGTH 36

/* --- blocks -------------------------------------------------------------- */

struct packing {
	char *at; /* NULL while counting */
	size_t used;
};

static const char *
pack(struct packing *packing, const char *text)
{
	size_t length = strnlen(text, INVENTORY_TEXT_MAXIMUM);
	char *copy = packing->at == NULL ? NULL : packing->at + packing->used;

	packing->used += length + 1;
	if (copy == NULL)
		return NULL;
	memcpy(copy, text, length);
	return copy;
}

/* `labels` of `to` has room where it is to be filled. */
static void
pack_named(struct packing *packing, const struct cloudfoundry_named *from,
    struct cloudfoundry_named *to, struct label *labels)
{
	to->name = pack(packing, from->name);
	to->parent = pack(packing, from->parent);
	for (size_t i = 0; i < from->labels.count; i++) {
		struct label label = {
		    pack(packing, from->labels.at[i].key),
		    pack(packing, from->labels.at[i].value),
		};

		if (labels != NULL)
			labels[i] = label;
	}
}

static struct cloudfoundry_named *
make_named(const struct cloudfoundry_named *from)
{
	size_t room = sizeof(*from) + from->labels.count * sizeof(struct label);
	struct packing packing = {0};
	struct cloudfoundry_named *named, counted;
	struct label *labels;

	pack_named(&packing, from, &counted, NULL);
	named = allocate(1, room + packing.used);
	labels = (struct label *)(named + 1);
	packing.at = (char *)named + room;
	packing.used = 0;
	pack_named(&packing, from, named, labels);
	named->labels = (struct labels){labels, from->labels.count};
	named->size = room + packing.used;
	return named;
}

static bool
same(const struct cloudfoundry_named *a, const struct cloudfoundry_named *b)
{
	if (strcmp(a->name, b->name) != 0 ||
	    strcmp(a->parent, b->parent) != 0 ||
	    a->labels.count != b->labels.count)
		return false;
	for (size_t i = 0; i < a->labels.count; i++)
		if (strcmp(a->labels.at[i].key, b->labels.at[i].key) != 0 ||
		    strcmp(a->labels.at[i].value, b->labels.at[i].value) != 0)
			return false;
	return true;
}

/* What is told again says nothing new. */
static void
note(struct cloudfoundry *foundry, struct rack *rack, const char *guid,
    const struct cloudfoundry_named *from)
{
	const struct cloudfoundry_named *known = rack_get(rack, guid);
	struct cloudfoundry_named *named;

	if (guid[0] == '\0')
		return;
	named = make_named(from);
	if (known != NULL && same(known, named)) {
		free(named);
		return;
	}
	if (rack_put(rack, guid, named))
		foundry->names_changed = true;
}

/* --- desired LRPs -------------------------------------------------------- */

struct tags {
	struct arena *arena;
	struct label_set *set;
};

/* `{"static": "web"}`; what is dynamic differs from instance to instance. */
static void
add_tag(const char *key, const struct json *value, void *context)
{
	struct tags *tags = context;
	const char *text = json_get_text(value, "static");

	if (text != NULL)
		label_set_add(tags->arena, tags->set, key, text);
}

/* `docker:///library/redis#7.2`, or `preloaded:cflinuxfs4`. */
static const char *
read_image(struct arena *arena, const char *rootfs)
{
	size_t length;
	char *image;

	if (strncmp(rootfs, "docker://", 9) != 0)
		return rootfs;
	rootfs += 9;
	rootfs += strspn(rootfs, "/");
	length = strlen(rootfs);
	image = arena_text_n(arena, rootfs, length);
	for (size_t i = 0; i < length; i++)
		if (image[i] == '#')
			image[i] = ':';
	return image;
}

static void
learn_desired(struct cloudfoundry *foundry, const struct json *object)
{
	struct arena *arena = arena_new();
	struct label_set set = {0};
	struct tags tags = {arena, &set};
	struct cloudfoundry_named named = {
	    .name = read_image(arena, field_text(object, "rootfs")),
	    .parent = field_text(object, "log_guid"),
	};

	json_each(json_get(object, "metric_tags"), add_tag, &tags);
	named.labels = label_set_labels(&set);
	note(foundry, foundry->desired, field_text(object, "process_guid"),
	    &named);
	arena_free(arena);
}

void
cloudfoundry_forget(struct cloudfoundry *foundry, const char *process_guid)
{
	rack_remove(foundry->desired, process_guid);
}

/* --- resources ----------------------------------------------------------- */

static const char *
related(const struct json *object, const char *what)
{
	const struct json *one =
	    json_get(json_get(object, "relationships"), what);

	return field_text(json_get(one, "data"), "guid");
}

/* `https://api.example.org/v3/apps/<guid>`: what the link points at. */
static const char *
linked(const struct json *object, const char *what)
{
	const char *href =
	    field_text(json_get(json_get(object, "links"), what), "href");
	const char *slash = strrchr(href, '/');

	return slash == NULL ? "" : slash + 1;
}

enum resource {
	RESOURCE_NONE,
	RESOURCE_APP,
	RESOURCE_PROCESS,
	RESOURCE_SPACE,
	RESOURCE_ORGANIZATION,
};

/* Only a resource's link to itself says what it is. */
static enum resource
resource_of(const struct json *object)
{
	const char *href =
	    field_text(json_get(json_get(object, "links"), "self"), "href");

	if (!json_is_string(json_get(object, "guid")))
		return RESOURCE_NONE;
	if (strstr(href, "/v3/apps/") != NULL)
		return RESOURCE_APP;
	if (strstr(href, "/v3/processes/") != NULL)
		return RESOURCE_PROCESS;
	if (strstr(href, "/v3/spaces/") != NULL)
		return RESOURCE_SPACE;
	if (strstr(href, "/v3/organizations/") != NULL)
		return RESOURCE_ORGANIZATION;
	return RESOURCE_NONE;
}

/* Where a label may not have what is to be said, an annotation may. */
static void
add_annotation(struct arena *arena, struct label_set *set,
    const struct json *annotations, const char *key)
{
	const char *value = json_get_text(annotations, key);

	if (value != NULL)
		label_set_add(arena, set, key, value);
}

static void
learn_app(struct cloudfoundry *foundry, const struct json *object)
{
	const struct json *metadata = json_get(object, "metadata");
	const struct json *annotations = json_get(metadata, "annotations");
	struct arena *arena = arena_new();
	struct label_set set = {0};
	struct cloudfoundry_named named = {
	    .name = field_text(object, "name"),
	    .parent = related(object, "space"),
	};

	label_set_add_object(arena, &set, json_get(metadata, "labels"));
	add_annotation(arena, &set, annotations, "hedgerow.io/app");
	add_annotation(arena, &set, annotations, "hedgerow.io/provides");
	add_annotation(arena, &set, annotations, "hedgerow.io/needs");
	named.labels = label_set_labels(&set);
	note(foundry, foundry->apps, field_text(object, "guid"), &named);
	arena_free(arena);
}

static void
learn_process(struct cloudfoundry *foundry, const struct json *object)
{
	struct cloudfoundry_named named = {
	    .name = field_text(object, "type"),
	    .parent = related(object, "app"),
	};

	/* The relationship came later than the link. */
	if (named.parent[0] == '\0')
		named.parent = linked(object, "app");
	note(foundry, foundry->processes, field_text(object, "guid"), &named);
}

static bool
learn_resource(struct cloudfoundry *foundry, const struct json *object)
{
	struct cloudfoundry_named named = {
	    .name = field_text(object, "name"), .parent = ""};
	const char *guid = field_text(object, "guid");

	switch (resource_of(object)) {
	case RESOURCE_APP:
		learn_app(foundry, object);
		return true;
	case RESOURCE_PROCESS:
		learn_process(foundry, object);
		return true;
	case RESOURCE_SPACE:
		named.parent = related(object, "organization");
		note(foundry, foundry->spaces, guid, &named);
		return true;
	case RESOURCE_ORGANIZATION:
		note(foundry, foundry->organizations, guid, &named);
		return true;
	case RESOURCE_NONE:
		break;
	}
	return false;
}

static void
learn_list(struct cloudfoundry *foundry, const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++)
		(void)learn_resource(foundry, json_at(list, i));
}

/* What was asked to be included is beside the resources. */
static void
learn_page(struct cloudfoundry *foundry, const struct json *object)
{
	const struct json *included = json_get(object, "included");

	learn_list(foundry, json_get(object, "resources"));
	learn_list(foundry, json_get(included, "apps"));
	learn_list(foundry, json_get(included, "spaces"));
	learn_list(foundry, json_get(included, "organizations"));
}

bool
cloudfoundry_learn(struct cloudfoundry *foundry, const struct json *object)
{
	switch (cloudfoundry_kind_of(object)) {
	case CLOUDFOUNDRY_DESIRED:
		learn_desired(foundry, object);
		return true;
	case CLOUDFOUNDRY_RESOURCE:
		return learn_resource(foundry, object);
	case CLOUDFOUNDRY_PAGE:
		learn_page(foundry, object);
		return true;
	case CLOUDFOUNDRY_NONE:
	case CLOUDFOUNDRY_ACTUAL:
	case CLOUDFOUNDRY_EVENT:
		break;
	}
	return false;
}

enum cloudfoundry_kind
cloudfoundry_kind_of(const struct json *object)
{
	if (json_is_array(json_get(object, "resources")) &&
	    json_is_object(json_get(object, "pagination")))
		return CLOUDFOUNDRY_PAGE;
	if (json_is_string(json_get(object, "process_guid"))) {
		if (json_is_string(json_get(object, "instance_guid")) ||
		    json_get(object, "index") != NULL)
			return CLOUDFOUNDRY_ACTUAL;
		if (json_get(object, "rootfs") != NULL ||
		    json_get(object, "instances") != NULL)
			return CLOUDFOUNDRY_DESIRED;
		return CLOUDFOUNDRY_NONE;
	}
	if (json_is_object(json_get(object, "data")) &&
	    strstr(field_text(object, "type"), "_lrp_") != NULL)
		return CLOUDFOUNDRY_EVENT;
	return resource_of(object) == RESOURCE_NONE ? CLOUDFOUNDRY_NONE
						    : CLOUDFOUNDRY_RESOURCE;
}

/* --- who an instance is -------------------------------------------------- */

static void
add_labels(
    struct arena *arena, struct label_set *set, const struct labels *labels)
{
	for (size_t i = 0; i < labels->count; i++)
		label_set_add(
		    arena, set, labels->at[i].key, labels->at[i].value);
}

static const char *
either(const char *first, const char *second)
{
	return first[0] != '\0' ? first : second;
}

static const struct cloudfoundry_named *
find(const struct rack *rack, const char *guid)
{
	return guid[0] == '\0' ? NULL : rack_get(rack, guid);
}

/*
 * The app's guid: as tagged, as the desired LRP or the process says, or the
 * process' own, for that of an app's web process is the app's.
 */
static const char *
app_guid(const struct cloudfoundry *foundry, struct arena *arena,
    const struct cloudfoundry_names *names, const char *process_guid,
    const struct cloudfoundry_named *desired)
{
	const char *own = arena_text_n(
	    arena, process_guid, strnlen(process_guid, GUID_LENGTH));
	const struct cloudfoundry_named *process =
	    find(foundry->processes, own);
	const char *tagged = label_set_get(&names->labels, "app_id");

	if (tagged[0] != '\0')
		return tagged;
	if (desired != NULL && desired->parent[0] != '\0')
		return desired->parent;
	if (process != NULL && process->parent[0] != '\0')
		return process->parent;
	return own;
}

static void
ask_controller(const struct cloudfoundry *foundry, struct arena *arena,
    struct cloudfoundry_names *names, const char *guid)
{
	const struct cloudfoundry_named *app = find(foundry->apps, guid);
	const struct cloudfoundry_named *space, *organization;

	if (app == NULL)
		return;
	add_labels(arena, &names->labels, &app->labels);
	names->application = either(names->application, app->name);
	space = find(foundry->spaces, app->parent);
	if (space == NULL)
		return;
	names->space = either(names->space, space->name);
	organization = find(foundry->organizations, space->parent);
	if (organization != NULL)
		names->organization =
		    either(names->organization, organization->name);
}

struct cloudfoundry_names
cloudfoundry_find_names(const struct cloudfoundry *foundry, struct arena *arena,
    const char *process_guid, const struct labels *own)
{
	const struct cloudfoundry_named *desired =
	    find(foundry->desired, process_guid);
	struct cloudfoundry_names names = {.image = ""};

	add_labels(arena, &names.labels, own);
	if (desired != NULL) {
		add_labels(arena, &names.labels, &desired->labels);
		names.image = desired->name;
	}
	names.application = label_set_get(&names.labels, "app_name");
	names.space = label_set_get(&names.labels, "space_name");
	names.organization = label_set_get(&names.labels, "organization_name");
	names.process_type = label_set_get(&names.labels, "process_type");
	ask_controller(foundry, arena, &names,
	    app_guid(foundry, arena, &names, process_guid, desired));
	return names;
}
