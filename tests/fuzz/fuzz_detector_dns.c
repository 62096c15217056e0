/* DNS messages as detectors read them. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "classifiers/detectors/dns/dns_seen.h"
#include "classifiers/detectors/dns/public_suffix.h"
#include "classifiers/detectors/measures/letters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dns_names names;
	const struct hash_key key = {{1, 2}};
	struct dns_query query;
	struct dns_seen seen;
	bool read = dns_query_read(data, size, &query);

	assert(query.length == strlen(query.name));
	assert(query.length < DNS_QUERY_NAME_SIZE);
	assert(!read || query.fault != DNS_CUT || query.response);
	assert(public_suffix_domain(query.name) <= query.length);
	dns_seen_read(&seen, &names, &key, data, size);
	assert(seen.read == read);
	assert(!read || seen.start <= query.length);
	assert(letters_entropy(data, size) <= 8000);
	letters_familiarity(data, size);
	return 0;
}
