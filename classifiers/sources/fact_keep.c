#include "classifiers/sources/fact_keep.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "sensor/base/arena.h"

/*
 * Packs twice: with `at` NULL it only counts, so that the block is as large as
 * what goes into it.
 */
struct packing {
	uint8_t *at;
	size_t used;
};

static void *
pack(struct packing *packing, const void *octets, size_t size)
{
	void *room;

	packing->used = (packing->used + alignof(max_align_t) - 1) &
			~(alignof(max_align_t) - 1);
	room = packing->at == NULL ? NULL : packing->at + packing->used;
	packing->used += size;
	if (room != NULL && size > 0)
		memcpy(room, octets, size);
	return room;
}

static const char *
pack_text(struct packing *packing, const char *text)
{
	size_t length;
	char *copy;

	if (text == NULL || text[0] == '\0')
		return "";
	length = strnlen(text, INVENTORY_TEXT_MAXIMUM);
	copy = packing->at == NULL ? NULL : (char *)packing->at + packing->used;
	packing->used += length + 1;
	if (copy == NULL)
		return "";
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

static size_t
lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

static struct labels
pack_labels(struct packing *packing, const struct labels *labels)
{
	size_t count = lesser(labels->count, INVENTORY_LABELS_MAXIMUM);
	struct label *at = pack(packing, labels->at, count * sizeof(*at));

	for (size_t i = 0; i < count; i++) {
		struct label label = {
		    pack_text(packing, labels->at[i].key),
		    pack_text(packing, labels->at[i].value),
		};

		if (at != NULL)
			at[i] = label;
	}
	return (struct labels){at, count};
}

static struct container
pack_container(struct packing *packing, const struct container *container)
{
	const struct image *image = &container->image;
	struct container copy = {
	    .name = pack_text(packing, container->name),
	    .image.name = pack_text(packing, image->name),
	    .image.registry = pack_text(packing, image->registry),
	    .image.repository = pack_text(packing, image->repository),
	    .image.base = pack_text(packing, image->base),
	    .image.tag = pack_text(packing, image->tag),
	    .image.digest = pack_text(packing, image->digest),
	    .port_count =
		lesser(container->port_count, INVENTORY_PORTS_MAXIMUM),
	};
	struct container_port *ports =
	    pack(packing, container->ports, copy.port_count * sizeof(*ports));

	for (size_t i = 0; i < copy.port_count; i++) {
		const char *name = pack_text(packing, container->ports[i].name);

		if (ports != NULL)
			ports[i].name = name;
	}
	copy.ports = ports;
	return copy;
}

static void
pack_containers(struct packing *packing, struct workload *workload)
{
	const struct container *from = workload->containers;
	size_t count =
	    lesser(workload->container_count, INVENTORY_CONTAINERS_MAXIMUM);
	struct container *at = pack(packing, from, count * sizeof(*at));

	for (size_t i = 0; i < count; i++) {
		struct container copy = pack_container(packing, &from[i]);

		if (at != NULL)
			at[i] = copy;
	}
	workload->containers = at;
	workload->container_count = count;
}

static void
pack_probes(struct packing *packing, struct workload *workload)
{
	const struct probe *from = workload->probes;
	size_t count = lesser(workload->probe_count, INVENTORY_PORTS_MAXIMUM);
	struct probe *at = pack(packing, from, count * sizeof(*at));

	for (size_t i = 0; i < count; i++) {
		const char *scheme = pack_text(packing, from[i].scheme);

		if (at != NULL)
			at[i].scheme = scheme;
	}
	workload->probes = at;
	workload->probe_count = count;
}

static struct workload
pack_workload(struct packing *packing, const struct workload *from)
{
	struct workload copy = *from;

	copy.id = pack_text(packing, from->id);
	copy.cluster = pack_text(packing, from->cluster);
	copy.orchestrator = pack_text(packing, from->orchestrator);
	copy.namespace = pack_text(packing, from->namespace);
	copy.name = pack_text(packing, from->name);
	copy.application = pack_text(packing, from->application);
	copy.application_source = pack_text(packing, from->application_source);
	copy.kind = pack_text(packing, from->kind);
	copy.node = pack_text(packing, from->node);
	copy.provides = pack_text(packing, from->provides);
	copy.needs = pack_text(packing, from->needs);
	copy.labels = pack_labels(packing, &from->labels);
	copy.namespace_labels = pack_labels(packing, &from->namespace_labels);
	pack_containers(packing, &copy);
	pack_probes(packing, &copy);
	copy.address_count =
	    lesser(from->address_count, INVENTORY_ADDRESSES_MAXIMUM);
	copy.addresses = pack(packing, from->addresses,
	    copy.address_count * sizeof(*copy.addresses));
	return copy;
}

static void
pack_fact(struct packing *packing, const struct fact *from)
{
	struct fact *room = pack(packing, from, sizeof(*from));
	struct fact copy = *from;

	copy.cluster = pack_text(packing, from->cluster);
	copy.id = pack_text(packing, from->id);
	copy.workload.owner_kind =
	    pack_text(packing, from->workload.owner_kind);
	copy.workload.owner_name =
	    pack_text(packing, from->workload.owner_name);
	copy.workload.annotation =
	    pack_text(packing, from->workload.annotation);
	copy.workload.workload =
	    pack_workload(packing, &from->workload.workload);
	if (room != NULL)
		*room = copy;
}

struct fact *
fact_keep(const struct fact *fact)
{
	struct packing packing = {0};

	assert(fact->kind == FACT_WORKLOAD);
	pack_fact(&packing, fact);
	packing.at = allocate(1, packing.used);
	packing.used = 0;
	pack_fact(&packing, fact);
	return (struct fact *)(void *)packing.at;
}
