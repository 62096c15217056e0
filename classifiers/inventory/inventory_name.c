#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"

/* Labels that name the application a person uses, best first. */
static const char *const name_labels[] = {
    "service.istio.io/canonical-name",
    "app.kubernetes.io/name",
    "app",
    "com.docker.compose.service",
    "com.docker.swarm.service.name",
};

struct owner {
	const char *kind, *name;
};

/*
 * A Deployment names its ReplicaSets `<name>-<hash>`, and the hash is also a
 * label of their pods.
 */
static bool
guess_deployment(
    struct arena *arena, const struct workload *workload, struct owner *owner)
{
	const char *hash = labels_get(&workload->labels, "pod-template-hash");
	size_t length = strlen(owner->name);
	size_t tail = hash == NULL ? 0 : strlen(hash);

	if (tail == 0 || length < tail + 2 ||
	    owner->name[length - tail - 1] != '-' ||
	    strcmp(owner->name + length - tail, hash) != 0)
		return false;
	owner->kind = "Deployment";
	owner->name = arena_text_n(arena, owner->name, length - tail - 1);
	return true;
}

/* A CronJob names its Jobs `<name>-<minutes since 1970>`. */
static bool
guess_cron_job(struct arena *arena, struct owner *owner)
{
	size_t length = strlen(owner->name), stem = length;

	while (stem > 0 && owner->name[stem - 1] >= '0' &&
	       owner->name[stem - 1] <= '9')
		stem--;
	if (stem == length || stem < 2 || owner->name[stem - 1] != '-')
		return false;
	owner->kind = "CronJob";
	owner->name = arena_text_n(arena, owner->name, stem - 1);
	return true;
}

static void
guess(struct arena *arena, const struct workload *workload, struct owner *owner)
{
	if (strcmp(owner->kind, "ReplicaSet") == 0)
		guess_deployment(arena, workload, owner);
	else if (strcmp(owner->kind, "Job") == 0)
		guess_cron_job(arena, owner);
}

/* Whether the record is that of the owner that the fact names. */
static bool
is_owner(const struct draft_owner *record, const struct fact_workload *fact)
{
	size_t namespace = strlen(fact->workload.namespace);
	size_t kind = strlen(fact->owner_kind);
	const char *id = record->id;

	return strncmp(id, fact->workload.namespace, namespace) == 0 &&
	       id[namespace] == '/' &&
	       strncmp(id + namespace + 1, fact->owner_kind, kind) == 0 &&
	       id[namespace + 1 + kind] == '/' &&
	       strcmp(id + namespace + kind + 2, fact->owner_name) == 0;
}

/*
 * Walks up from the direct owner.  A node owns its static pods in the API, but
 * is no application.
 */
static struct owner
find_root(struct arena *arena, const struct draft_owner *record,
    const struct fact_workload *fact)
{
	struct owner owner = {fact->owner_kind, fact->owner_name};

	if (owner.kind[0] == '\0' || owner.name[0] == '\0' ||
	    strcmp(owner.kind, "Node") == 0)
		return (struct owner){"", ""};
	if (record != NULL && !is_owner(record, fact))
		record = NULL;
	for (int i = 0; i < CHAIN_MAXIMUM; i++) {
		if (record == NULL || !record->life.known) {
			guess(arena, &fact->workload, &owner);
			break;
		}
		if (record->kind[0] == '\0')
			break;
		owner = (struct owner){record->kind, record->name};
		record = record->owner;
	}
	return owner;
}

static bool
name_by_label(struct arena *arena, struct workload *workload)
{
	for (size_t i = 0; i < sizeof(name_labels) / sizeof(*name_labels);
	     i++) {
		const char *value =
		    labels_get(&workload->labels, name_labels[i]);

		if (value == NULL || value[0] == '\0')
			continue;
		workload->application = value;
		workload->application_source =
		    arena_format(arena, "label %s", name_labels[i]);
		return true;
	}
	return false;
}

static void
name_by_image(struct workload *workload)
{
	workload->application = workload->name;
	workload->application_source = "name";
	if (workload->container_count > 0 &&
	    workload->containers[0].image.base[0] != '\0') {
		workload->application = workload->containers[0].image.base;
		workload->application_source = "image";
	}
}

/* Orchestrators without owners state their kind; Kubernetes' bare pod. */
static const char *
bare_kind(const struct workload *workload)
{
	if (workload->kind[0] != '\0')
		return workload->kind;
	return strcmp(workload->orchestrator, "kubernetes") == 0 ? "Pod" : "";
}

void
workload_name(struct arena *arena, const struct draft_owner *owner,
    const struct fact_workload *fact, struct workload *workload)
{
	struct owner root = find_root(arena, owner, fact);

	workload->kind = root.kind[0] == '\0' ? bare_kind(workload)
					      : arena_text(arena, root.kind);
	if (fact->annotation[0] != '\0') {
		workload->application = fact->annotation;
		workload->application_source = "annotation hedgerow.io/app";
	} else if (name_by_label(arena, workload)) {
		return;
	} else if (root.name[0] != '\0') {
		workload->application = arena_text(arena, root.name);
		workload->application_source =
		    arena_format(arena, "owner %s", root.kind);
	} else {
		name_by_image(workload);
	}
}
