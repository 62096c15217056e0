#include <string.h>

#include "classifiers/sources/kubernetes_parts.h"
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

/* A service that is made anew under its name is another: its uid tells. */
void
kubernetes_read_service(const struct kubernetes_reading *reading)
{
	const char *uid = kubernetes_text(reading->metadata, "uid");
	struct address_list addresses = read_addresses(reading);
	struct fact fact = kubernetes_fact(reading, FACT_SERVICE,
	    uid[0] != '\0'
		? uid
		: fact_id(reading->arena, reading->namespace, reading->name));
	struct service *service = &fact.service.service;

	fact.service.selector =
	    kubernetes_labels(reading->arena, reading->spec, "selector");
	*service = (struct service){
	    .namespace = reading->namespace,
	    .name = reading->name,
	    .addresses = addresses.at,
	    .address_count = addresses.count,
	    .since = INSTANT_PAST,
	    .until = INSTANT_FUTURE,
	};
	(void)kubernetes_time(
	    reading->metadata, "creationTimestamp", &service->since);
	read_ports(reading, service);
	kubernetes_give(reading, &fact);
}

void
kubernetes_read_endpoints(const struct kubernetes_reading *reading)
{
	const char *service =
	    kubernetes_text(json_get(reading->metadata, "labels"),
		"kubernetes.io/service-name");
	const struct json *endpoints = json_get(reading->object, "endpoints");
	struct fact fact = kubernetes_fact(reading, FACT_BACKENDS,
	    fact_id(reading->arena, reading->namespace, reading->name));
	struct address_list addresses = {.maximum = INVENTORY_BACKENDS_MAXIMUM};

	if (service[0] == '\0')
		return;
	for (size_t i = 0; i < json_count(endpoints); i++)
		add_each(reading->arena, &addresses,
		    json_get(json_at(endpoints, i), "addresses"));
	fact.backends = (struct fact_backends){
	    .namespace = reading->namespace,
	    .service = service,
	    .addresses = addresses.at,
	    .address_count = addresses.count,
	};
	kubernetes_give(reading, &fact);
}
