#include <string.h>

#include "classifiers/kubernetes_parts.h"
#include "sensor/base/arena.h"

static void
add_each(struct arena *arena, struct address_list *addresses,
    const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++)
		kubernetes_add_address(
		    arena, addresses, json_text(json_at(list, i)));
}

/* A headless service's address is the word None, which is no address. */
static struct address_list
read_addresses(const struct kubernetes_reading *reading)
{
	const struct json *ingress =
	    json_get(json_get(reading->status, "loadBalancer"), "ingress");
	struct address_list addresses = {0};

	kubernetes_add_address(reading->arena, &addresses,
	    json_get_text(reading->spec, "clusterIP"));
	add_each(
	    reading->arena, &addresses, json_get(reading->spec, "clusterIPs"));
	add_each(
	    reading->arena, &addresses, json_get(reading->spec, "externalIPs"));
	for (size_t i = 0; i < json_count(ingress); i++)
		kubernetes_add_address(reading->arena, &addresses,
		    json_get_text(json_at(ingress, i), "ip"));
	return addresses;
}

/* A target that is not given is the port itself. */
static struct service_port
read_port(const struct json *object)
{
	struct service_port port = {
	    .port = kubernetes_port(object, "port"),
	    .protocol = kubernetes_protocol(object),
	    .name = kubernetes_text(object, "name"),
	    .target = kubernetes_port(object, "targetPort"),
	    .target_name = kubernetes_text(object, "targetPort"),
	    .node_port = kubernetes_port(object, "nodePort"),
	};

	if (port.target == 0 && port.target_name[0] == '\0')
		port.target = port.port;
	return port;
}

static void
read_ports(const struct kubernetes_reading *reading, struct service *service)
{
	const struct json *list = json_get(reading->spec, "ports");
	struct service_port *ports =
	    arena_array(reading->arena, json_count(list), sizeof(*ports));
	size_t count = 0;

	for (size_t i = 0; i < json_count(list); i++) {
		struct service_port port = read_port(json_at(list, i));

		if (port.port != 0 && port.protocol != 0)
			ports[count++] = port;
	}
	service->ports = ports;
	service->port_count = count;
}

void
kubernetes_read_service(const struct kubernetes_reading *reading)
{
	struct address_list addresses = read_addresses(reading);
	struct service_fact fact = {
	    .service =
		{
		    .namespace = reading->namespace,
		    .name = reading->name,
		    .addresses = addresses.at,
		    .address_count = addresses.count,
		    .since = INSTANT_PAST,
		    .until = reading->event == KUBERNETES_DELETED
				 ? reading->at
				 : INSTANT_FUTURE,
		},
	    .selector =
		kubernetes_labels(reading->arena, reading->spec, "selector"),
	    .version = reading->version,
	};

	(void)kubernetes_time(
	    reading->metadata, "creationTimestamp", &fact.service.since);
	read_ports(reading, &fact.service);
	inventory_put_service(reading->draft, &fact);
}

/* Endpoints that are gone stay: who held their address when says the rest. */
void
kubernetes_read_endpoints(const struct kubernetes_reading *reading)
{
	const char *service =
	    kubernetes_text(json_get(reading->metadata, "labels"),
		"kubernetes.io/service-name");
	const struct json *endpoints = json_get(reading->object, "endpoints");
	struct address_list addresses = {0};

	if (service[0] == '\0')
		return;
	for (size_t i = 0; i < json_count(endpoints); i++) {
		addresses.count = 0;
		add_each(reading->arena, &addresses,
		    json_get(json_at(endpoints, i), "addresses"));
		for (size_t a = 0; a < addresses.count; a++)
			inventory_put_backend(reading->draft,
			    reading->namespace, service, &addresses.at[a]);
	}
}
