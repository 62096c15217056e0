#include "classifiers/inventory/fact_alike.h"

#include <string.h>

static bool
texts_equal(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

/* Equal, or not known yet in one of them. */
static bool
texts_agree(const char *a, const char *b)
{
	return a == NULL || b == NULL || a[0] == '\0' || b[0] == '\0' ||
	       strcmp(a, b) == 0;
}

static bool
ports_equal(const struct container *a, const struct container *b)
{
	if (a->port_count != b->port_count)
		return false;
	for (size_t i = 0; i < a->port_count; i++)
		if (a->ports[i].number != b->ports[i].number ||
		    a->ports[i].protocol != b->ports[i].protocol ||
		    !texts_equal(a->ports[i].name, b->ports[i].name))
			return false;
	return true;
}

static bool
containers_alike(const struct workload *a, const struct workload *b)
{
	if (a->container_count != b->container_count)
		return false;
	for (size_t i = 0; i < a->container_count; i++) {
		const struct container *one = &a->containers[i];
		const struct container *other = &b->containers[i];

		if (!texts_equal(one->name, other->name) ||
		    !texts_equal(one->image.name, other->image.name) ||
		    !texts_agree(one->image.digest, other->image.digest) ||
		    !ports_equal(one, other))
			return false;
	}
	return true;
}

static bool
probes_equal(const struct workload *a, const struct workload *b)
{
	if (a->probe_count != b->probe_count)
		return false;
	for (size_t i = 0; i < a->probe_count; i++)
		if (a->probes[i].port != b->probes[i].port ||
		    !texts_equal(a->probes[i].scheme, b->probes[i].scheme))
			return false;
	return true;
}

bool
fact_workload_alike(
    const struct fact_workload *a, const struct fact_workload *b)
{
	const struct workload *one = &a->workload;
	const struct workload *other = &b->workload;

	return one->host_network == other->host_network &&
	       texts_equal(one->namespace, other->namespace) &&
	       texts_equal(one->name, other->name) &&
	       texts_equal(one->kind, other->kind) &&
	       texts_equal(one->provides, other->provides) &&
	       texts_equal(one->needs, other->needs) &&
	       texts_equal(a->annotation, b->annotation) &&
	       texts_equal(a->owner_kind, b->owner_kind) &&
	       texts_equal(a->owner_name, b->owner_name) &&
	       texts_agree(one->node, other->node) &&
	       labels_equal(&one->labels, &other->labels) &&
	       containers_alike(one, other) && probes_equal(one, other);
}

static bool
has_address(const struct workload *workload, const struct address *address)
{
	for (size_t i = 0; i < workload->address_count; i++)
		if (address_equal(&workload->addresses[i], address))
			return true;
	return false;
}

bool
fact_workload_moved(
    const struct fact_workload *before, const struct fact_workload *now)
{
	const struct workload *one = &before->workload;

	/* None at all: they are not published, or not any more. */
	for (size_t i = 0;
	     now->workload.address_count > 0 && i < one->address_count; i++)
		if (!has_address(&now->workload, &one->addresses[i]))
			return true;
	return false;
}
