#include "models/example.h"

#include <string.h>

#include "classifiers/inventory/workload.h"
#include "sensor/base/arena.h"

static struct labels
copy_labels(struct arena *arena, const struct labels *labels)
{
	struct label *at = arena_array(arena, labels->count, sizeof(*at));

	for (size_t i = 0; i < labels->count; i++) {
		at[i].key = arena_text(arena, labels->at[i].key);
		at[i].value = arena_text(arena, labels->at[i].value);
	}
	return (struct labels){at, labels->count};
}

static struct image
copy_image(struct arena *arena, const struct image *image)
{
	return (struct image){
	    .name = arena_text(arena, image->name),
	    .registry = arena_text(arena, image->registry),
	    .repository = arena_text(arena, image->repository),
	    .base = arena_text(arena, image->base),
	    .tag = arena_text(arena, image->tag),
	    .digest = arena_text(arena, image->digest),
	};
}

static struct container
copy_container(struct arena *arena, const struct container *container)
{
	struct container_port *ports =
	    arena_array(arena, container->port_count, sizeof(*ports));

	for (size_t i = 0; i < container->port_count; i++) {
		ports[i] = container->ports[i];
		ports[i].name = arena_text(arena, ports[i].name);
	}
	return (struct container){
	    .name = arena_text(arena, container->name),
	    .image = copy_image(arena, &container->image),
	    .ports = ports,
	    .port_count = container->port_count,
	};
}

static void
copy_containers(struct arena *arena, struct workload *workload)
{
	struct container *containers =
	    arena_array(arena, workload->container_count, sizeof(*containers));
	struct probe *probes =
	    arena_array(arena, workload->probe_count, sizeof(*probes));

	for (size_t i = 0; i < workload->container_count; i++)
		containers[i] = copy_container(arena, &workload->containers[i]);
	for (size_t i = 0; i < workload->probe_count; i++) {
		probes[i] = workload->probes[i];
		probes[i].scheme = arena_text(arena, probes[i].scheme);
	}
	workload->containers = containers;
	workload->probes = probes;
}

const struct workload *
example_workload(struct arena *arena, const struct workload *workload)
{
	struct workload *copy = arena_take(arena, sizeof(*copy));

	*copy = *workload;
	copy->id = arena_text(arena, workload->id);
	copy->cluster = arena_text(arena, workload->cluster);
	copy->orchestrator = arena_text(arena, workload->orchestrator);
	copy->namespace = arena_text(arena, workload->namespace);
	copy->name = arena_text(arena, workload->name);
	copy->application = arena_text(arena, workload->application);
	copy->application_source =
	    arena_text(arena, workload->application_source);
	copy->kind = arena_text(arena, workload->kind);
	copy->node = arena_text(arena, workload->node);
	copy->labels = copy_labels(arena, &workload->labels);
	copy->namespace_labels =
	    copy_labels(arena, &workload->namespace_labels);
	copy->provides = arena_text(arena, workload->provides);
	copy->needs = arena_text(arena, workload->needs);
	copy->addresses = NULL;
	copy->address_count = 0;
	copy_containers(arena, copy);
	return copy;
}

const struct node *
example_node(struct arena *arena, const struct node *node)
{
	struct node *copy = arena_take(arena, sizeof(*copy));

	copy->cluster = arena_text(arena, node->cluster);
	copy->name = arena_text(arena, node->name);
	copy->labels = copy_labels(arena, &node->labels);
	return copy;
}

const struct zone *
example_zone(struct arena *arena, const struct zone *zone)
{
	struct zone *copy = arena_take(arena, sizeof(*copy));
	struct prefix *prefixes =
	    arena_array(arena, zone->prefix_count, sizeof(*prefixes));

	if (zone->prefix_count > 0)
		memcpy(prefixes, zone->prefixes,
		    zone->prefix_count * sizeof(*prefixes));
	copy->name = arena_text(arena, zone->name);
	copy->prefixes = prefixes;
	copy->prefix_count = zone->prefix_count;
	copy->labels = copy_labels(arena, &zone->labels);
	return copy;
}
