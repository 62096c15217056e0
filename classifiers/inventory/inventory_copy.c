#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"

static struct image
copy_image(struct arena *arena, const struct image *image, uint64_t *cut)
{
	return (struct image){
	    .name = copy_text(arena, image->name, cut),
	    .registry = copy_text(arena, image->registry, cut),
	    .repository = copy_text(arena, image->repository, cut),
	    .base = copy_text(arena, image->base, cut),
	    .tag = copy_text(arena, image->tag, cut),
	    .digest = copy_text(arena, image->digest, cut),
	};
}

static struct container
copy_container(
    struct arena *arena, const struct container *container, uint64_t *cut)
{
	struct container copy = {
	    .name = copy_text(arena, container->name, cut),
	    .image = copy_image(arena, &container->image, cut),
	    .port_count = container->port_count,
	};
	struct container_port *ports = copy_array(arena, container->ports,
	    &copy.port_count, sizeof(*ports), INVENTORY_PORTS_MAXIMUM, cut);

	for (size_t i = 0; i < copy.port_count; i++)
		ports[i].name = copy_text(arena, ports[i].name, cut);
	copy.ports = ports;
	return copy;
}

/* The schemes are constants of ours, wherever the fact was made. */
static const char *
probe_scheme(const char *scheme)
{
	static const char *const schemes[] = {"http", "https", "grpc", "tcp"};

	for (size_t i = 0; scheme != NULL && i < 4; i++)
		if (strcmp(scheme, schemes[i]) == 0)
			return schemes[i];
	return "tcp";
}

static void
copy_arrays(struct arena *arena, const struct workload *workload,
    struct workload *copy, uint64_t *cut)
{
	struct container *containers;
	struct probe *probes;

	containers =
	    copy_array(arena, workload->containers, &copy->container_count,
		sizeof(*containers), INVENTORY_CONTAINERS_MAXIMUM, cut);
	for (size_t i = 0; i < copy->container_count; i++)
		containers[i] =
		    copy_container(arena, &workload->containers[i], cut);
	copy->containers = containers;
	probes = copy_array(arena, workload->probes, &copy->probe_count,
	    sizeof(*probes), INVENTORY_PORTS_MAXIMUM, cut);
	for (size_t i = 0; i < copy->probe_count; i++)
		probes[i].scheme = probe_scheme(probes[i].scheme);
	copy->probes = probes;
	copy->addresses =
	    copy_array(arena, workload->addresses, &copy->address_count,
		sizeof(struct address), INVENTORY_ADDRESSES_MAXIMUM, cut);
}

static struct workload
copy_workload_itself(
    struct arena *arena, const struct workload *workload, uint64_t *cut)
{
	struct workload copy = *workload;

	copy.id = copy_text(arena, workload->id, cut);
	copy.cluster = copy_text(arena, workload->cluster, cut);
	copy.orchestrator = copy_text(arena, workload->orchestrator, cut);
	copy.namespace = copy_text(arena, workload->namespace, cut);
	copy.name = copy_text(arena, workload->name, cut);
	copy.application = copy_text(arena, workload->application, cut);
	copy.application_source =
	    copy_text(arena, workload->application_source, cut);
	copy.kind = copy_text(arena, workload->kind, cut);
	copy.node = copy_text(arena, workload->node, cut);
	copy.provides = copy_text(arena, workload->provides, cut);
	copy.needs = copy_text(arena, workload->needs, cut);
	copy.labels = copy_labels(arena, &workload->labels, cut);
	copy.namespace_labels =
	    copy_labels(arena, &workload->namespace_labels, cut);
	copy_arrays(arena, workload, &copy, cut);
	return copy;
}

struct fact_workload
copy_workload(
    struct arena *arena, const struct fact_workload *fact, uint64_t *cut)
{
	return (struct fact_workload){
	    .workload = copy_workload_itself(arena, &fact->workload, cut),
	    .owner_kind = copy_text(arena, fact->owner_kind, cut),
	    .owner_name = copy_text(arena, fact->owner_name, cut),
	    .annotation = copy_text(arena, fact->annotation, cut),
	};
}

static struct service
copy_service_itself(
    struct arena *arena, const struct service *service, uint64_t *cut)
{
	struct service copy = *service;
	struct service_port *ports;

	copy.cluster = copy_text(arena, service->cluster, cut);
	copy.namespace = copy_text(arena, service->namespace, cut);
	copy.name = copy_text(arena, service->name, cut);
	copy.addresses =
	    copy_array(arena, service->addresses, &copy.address_count,
		sizeof(struct address), INVENTORY_ADDRESSES_MAXIMUM, cut);
	ports = copy_array(arena, service->ports, &copy.port_count,
	    sizeof(*ports), INVENTORY_PORTS_MAXIMUM, cut);
	for (size_t i = 0; i < copy.port_count; i++) {
		ports[i].name = copy_text(arena, ports[i].name, cut);
		ports[i].target_name =
		    copy_text(arena, ports[i].target_name, cut);
	}
	copy.ports = ports;
	copy.backends = NULL;
	copy.backend_count = 0;
	return copy;
}

struct fact_service
copy_service(
    struct arena *arena, const struct fact_service *fact, uint64_t *cut)
{
	return (struct fact_service){
	    .service = copy_service_itself(arena, &fact->service, cut),
	    .selector = copy_labels(arena, &fact->selector, cut),
	};
}

struct fact_node
copy_node(struct arena *arena, const struct fact_node *fact, uint64_t *cut)
{
	struct fact_node copy = *fact;

	copy.node = (struct node){
	    .cluster = copy_text(arena, fact->node.cluster, cut),
	    .name = copy_text(arena, fact->node.name, cut),
	    .labels = copy_labels(arena, &fact->node.labels, cut),
	    .since = INSTANT_PAST,
	    .until = INSTANT_FUTURE,
	};
	copy.addresses = copy_array(arena, fact->addresses, &copy.address_count,
	    sizeof(struct address), INVENTORY_ADDRESSES_MAXIMUM, cut);
	copy.pod_networks =
	    copy_array(arena, fact->pod_networks, &copy.pod_network_count,
		sizeof(struct prefix), INVENTORY_ADDRESSES_MAXIMUM, cut);
	return copy;
}

/* An operator wrote the zone, so its prefixes are as many as he likes. */
struct zone
copy_zone(struct arena *arena, const struct zone *zone, uint64_t *cut)
{
	struct zone copy = *zone;

	copy.name = copy_text(arena, zone->name, cut);
	copy.prefixes = copy_array(arena, zone->prefixes, &copy.prefix_count,
	    sizeof(struct prefix), INVENTORY_MAXIMUM, cut);
	copy.labels = copy_labels(arena, &zone->labels, cut);
	return copy;
}
