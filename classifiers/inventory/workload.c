#include "classifiers/inventory/workload.h"

#include <string.h>

bool
labels_equal(const struct labels *a, const struct labels *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->at[i].key, b->at[i].key) != 0 ||
		    strcmp(a->at[i].value, b->at[i].value) != 0)
			return false;
	return true;
}

const char *
labels_get(const struct labels *labels, const char *key)
{
	size_t low = 0, high = labels->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(key, labels->at[middle].key);

		if (order == 0)
			return labels->at[middle].value;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *
workload_label(const struct workload *workload, const char *key)
{
	const char *value = labels_get(&workload->labels, key);

	if (value != NULL)
		return value;
	return labels_get(&workload->namespace_labels, key);
}

uint16_t
service_target(const struct service_port *port, const struct workload *workload)
{
	if (port->target_name[0] == '\0')
		return port->target != 0 ? port->target : port->port;
	for (size_t c = 0; c < workload->container_count; c++)
		for (size_t p = 0; p < workload->containers[c].port_count;
		     p++) {
			const struct container_port *one =
			    &workload->containers[c].ports[p];

			if (one->protocol == port->protocol &&
			    strcmp(one->name, port->target_name) == 0)
				return one->number;
		}
	return 0;
}
