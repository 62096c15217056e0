#include "classifiers/detectors/dns/resolvers.h"

#include <string.h>

struct resolver_entry {
	uint64_t first;   /* client that it answered */
	uint64_t second;  /* another one, or 0 */
	uint64_t by_name; /* 1: metadata say so */
};

/* Images of DNS servers, by the last part of their names: Kubernetes' own
 * (CoreDNS, kube-dns, NodeLocal DNSCache), what K3s and RKE2 call their copies
 * of them, and the usual ones of Docker Hub. */
static const char *const images[] = {"coredns", "mirrored-coredns-coredns",
    "hardened-coredns", "k8s-dns-kube-dns", "k8s-dns-dnsmasq-nanny",
    "k8s-dns-node-cache", "mirrored-k8s-dns-node-cache",
    "hardened-dns-node-cache", "dnsmasq", "unbound", "bind9", "bind", "named",
    "pdns-recursor", "powerdns-recursor", "dnsdist", "knot-resolver", "pihole",
    "adguardhome", "consul", NULL};

static bool
listed(const char *name, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (strcmp(name, *list) == 0)
			return true;
	}
	return false;
}

bool
resolvers_by_name(const struct sighted_end *end)
{
	const struct workload *workload = end->party->workload;
	const struct service *service = end->party->service;
	const char *label;

	/* Every cluster has the service under this name, whatever is behind it
	 * (Kubernetes DNS specification). */
	if (service != NULL)
		return strcmp(service->name, "kube-dns") == 0 ||
		       strcmp(service->name, "coredns") == 0;
	if (workload == NULL)
		return false;
	label = labels_get(&workload->labels, "k8s-app");
	if (label != NULL && strcmp(label, "kube-dns") == 0)
		return true;
	for (size_t i = 0; i < workload->container_count; i++) {
		if (listed(workload->containers[i].image.base, images))
			return true;
	}
	return false;
}

static enum memory_class
class_of(const struct sighted_end *end)
{
	return end->inside ? MEMORY_INSIDE : MEMORY_OUTSIDE;
}

void
resolvers_open(struct resolvers *resolvers, const struct hash_key *key)
{
	resolvers->memory =
	    memory_new(4096, 512, sizeof(struct resolver_entry), key);
}

void
resolvers_close(struct resolvers *resolvers)
{
	memory_free(resolvers->memory);
}

static bool
is_one(const struct resolver_entry *entry)
{
	return entry->second != 0 || entry->by_name != 0;
}

/* Its image is looked at once. */
static struct resolver_entry *
known_of(struct resolvers *resolvers, const struct sighted_end *end)
{
	struct resolver_entry *entry;
	bool new;

	entry = memory_get(resolvers->memory, class_of(end), end->key, &new);
	if (new)
		entry->by_name = resolvers_by_name(end);
	return entry;
}

static bool
is_answered(const struct sighting *sighting)
{
	return sighting->kind == SIGHTED_READY
		   ? sighting->appid.confidence == APP_DPI &&
			 sighting->flow->answered
		   : sighting->kind == SIGHTED_MESSAGE &&
			 sighting->message.kind == MESSAGE_DNS_ANSWER &&
			 !sighting->message.from_client;
}

void
resolvers_learn_dns(
    struct resolvers *resolvers, const struct sighting *sighting)
{
	const struct sighted_end *server = &sighting->server;
	struct resolver_entry *entry;

	if (!is_answered(sighting) || server->key == sighting->client.key)
		return;
	entry = known_of(resolvers, server);
	if (is_one(entry))
		return;
	if (entry->first == 0)
		entry->first = sighting->client.key;
	else if (entry->first != sighting->client.key)
		entry->second = sighting->client.key;
}

bool
resolvers_has(struct resolvers *resolvers, const struct sighted_end *end)
{
	return is_one(known_of(resolvers, end));
}

static void
look_for_one(enum memory_class class, uint64_t key, void *entry, void *context)
{
	bool *found = context;

	(void)key;
	*found |= class == MEMORY_INSIDE && is_one(entry);
}

bool
resolvers_known(struct resolvers *resolvers)
{
	bool found = false;

	memory_walk(resolvers->memory, look_for_one, &found);
	return found;
}
