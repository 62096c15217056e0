#include <string.h>

#include "classifiers/sources/kubernetes_parts.h"
#include "sensor/base/arena.h"

/*
 * Annotations that name an address of the node: where its tunnels end, or what
 * its side of the pod network is called.  Flannel: Documentation/kubernetes.md;
 * Calico: libcalico-go's Kubernetes node resource; Cilium: pkg/annotation, the
 * old names and the new.
 */
static const char *const address_annotations[] = {
    "flannel.alpha.coreos.com/public-ip",
    "flannel.alpha.coreos.com/public-ip-overwrite",
    "flannel.alpha.coreos.com/public-ipv6",
    "flannel.alpha.coreos.com/public-ipv6-overwrite",
    "projectcalico.org/IPv4Address",
    "projectcalico.org/IPv6Address",
    "projectcalico.org/IPv4IPIPTunnelAddr",
    "projectcalico.org/IPv4VXLANTunnelAddr",
    "projectcalico.org/IPv6VXLANTunnelAddr",
    "projectcalico.org/IPv4WireguardInterfaceAddr",
    "projectcalico.org/IPv6WireguardInterfaceAddr",
    "io.cilium.network.ipv4-cilium-host",
    "io.cilium.network.ipv6-cilium-host",
    "network.cilium.io/ipv4-cilium-host",
    "network.cilium.io/ipv6-cilium-host",
};

struct prefix_list {
	struct prefix *at;
	size_t count;
};

/* `10.0.0.5` or `10.0.0.5/24`: the address with its network's length. */
static void
add_interface(
    struct arena *arena, struct address_list *addresses, const char *text)
{
	if (text != NULL)
		kubernetes_add_address(arena, addresses,
		    arena_text_n(arena, text, strcspn(text, "/")));
}

static void
add_prefix(struct prefix_list *list, const char *text)
{
	struct prefix prefix;

	if (text == NULL || prefix_parse(text, &prefix) != NULL)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].length == prefix.length &&
		    address_equal(&list->at[i].base, &prefix.base))
			return;
	if (list->count <= INVENTORY_ADDRESSES_MAXIMUM)
		list->at[list->count++] = prefix;
}

static struct prefix_list
read_pod_networks(const struct kubernetes_reading *reading)
{
	const struct json *all = json_get(reading->spec, "podCIDRs");
	struct prefix_list list = {
	    .at = arena_array(reading->arena, INVENTORY_ADDRESSES_MAXIMUM + 1,
		sizeof(struct prefix)),
	};

	add_prefix(&list, json_get_text(reading->spec, "podCIDR"));
	for (size_t i = 0; i < json_count(all); i++)
		add_prefix(&list, json_text(json_at(all, i)));
	return list;
}

/*
 * The bridge takes the first host of a pod network (the CNI host-local
 * plug-in's default gateway), and flannel's VXLAN device the network's own
 * address (flannel pkg/backend/vxlan: a /32 of the lease's base).
 */
static void
add_network_addresses(const struct kubernetes_reading *reading,
    const struct prefix_list *networks, bool flannel,
    struct address_list *addresses)
{
	char printed[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < networks->count; i++) {
		struct address first = prefix_first_host(&networks->at[i]);

		address_print(&first, printed);
		kubernetes_add_address(reading->arena, addresses, printed);
		if (!flannel)
			continue;
		address_print(&networks->at[i].base, printed);
		kubernetes_add_address(reading->arena, addresses, printed);
	}
}

void
kubernetes_read_node(const struct kubernetes_reading *reading)
{
	const struct json *annotations =
	    json_get(reading->metadata, "annotations");
	const struct json *stated = json_get(reading->status, "addresses");
	struct prefix_list networks = read_pod_networks(reading);
	struct address_list addresses = {0};
	struct fact fact = kubernetes_fact(reading, FACT_NODE, reading->name);

	for (size_t i = 0; i < json_count(stated); i++)
		kubernetes_add_address(reading->arena, &addresses,
		    json_get_text(json_at(stated, i), "address"));
	for (size_t i = 0;
	     i < sizeof(address_annotations) / sizeof(*address_annotations);
	     i++)
		add_interface(reading->arena, &addresses,
		    json_get_text(annotations, address_annotations[i]));
	add_network_addresses(reading, &networks,
	    json_get(annotations, address_annotations[0]) != NULL, &addresses);
	fact.node = (struct fact_node){
	    .node.name = reading->name,
	    .node.labels =
		kubernetes_labels(reading->arena, reading->metadata, "labels"),
	    .addresses = addresses.at,
	    .address_count = addresses.count,
	    .pod_networks = networks.at,
	    .pod_network_count = networks.count,
	};
	kubernetes_give(reading, &fact);
}
