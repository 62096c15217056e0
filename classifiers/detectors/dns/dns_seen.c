#include "classifiers/detectors/dns/dns_seen.h"

#include "classifiers/detectors/dns/public_suffix.h"
#include "classifiers/dns_local.h"

static uint16_t
start_of(struct dns_names *names, const char *name, uint64_t hash)
{
	size_t bucket = hash % DNS_NAMES_KEPT;
	uint8_t *latest = &names->latest[bucket];

	if (names->kept[bucket][*latest].hash != hash)
		*latest ^= 1;
	if (names->kept[bucket][*latest].hash != hash)
		names->kept[bucket][*latest] = (struct dns_name_kept){
		    hash, (uint16_t)public_suffix_domain(name)};
	return names->kept[bucket][*latest].start;
}

void
dns_seen_read(struct dns_seen *seen, struct dns_names *names,
    const struct hash_key *key, const uint8_t *octets, size_t size)
{
	const struct dns_query *query = &seen->query;

	seen->read = dns_query_read(octets, size, &seen->query);
	if (!seen->read)
		return;
	seen->local = dns_name_is_local(query->name, query->length);
	seen->hash = hash_octets(key, query->name, query->length);
	seen->start =
	    seen->local ? 0 : start_of(names, query->name, seen->hash);
}
