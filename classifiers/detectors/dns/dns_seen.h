/*
 * dns_seen -- a DNS message, read once for all detectors that look into it.
 *
 * Whose a name is takes the list of public suffixes some thousand instructions,
 * and programs ask for few names, each many times: so what was made of the last
 * ones is kept.  It changes what is done, not what is found.  One thread at a
 * time; every octet is hostile.
 */
#ifndef CLASSIFIERS_DETECTORS_DNS_DNS_SEEN_H
#define CLASSIFIERS_DETECTORS_DNS_DNS_SEEN_H

#include "classifiers/detectors/dns/dns_query.h"
#include "sensor/base/hash.h"

struct dns_seen {
	struct dns_query query;
	bool read; /* its question could be; else only `query.fault` is valid */
	bool local;     /* dns_name_is_local() */
	uint64_t hash;  /* of the name */
	uint16_t start; /* of its registered domain; 0: nothing before it */
};

/* Two to a bucket, a power of two of buckets. */
#define DNS_NAMES_KEPT 512

/* Zeroed to begin with. */
struct dns_names {
	struct dns_name_kept {
		uint64_t hash;
		uint16_t start;
	} kept[DNS_NAMES_KEPT][2];
	uint8_t latest[DNS_NAMES_KEPT]; /* of the two, by use */
};

/*
 * Reads a message.
 *
 * key        secret, so that nobody makes a name that is taken for another
 */
void dns_seen_read(struct dns_seen *seen, struct dns_names *names,
    const struct hash_key *key, const uint8_t *octets, size_t size);

#endif
