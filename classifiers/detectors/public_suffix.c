#include "classifiers/detectors/public_suffix.h"

#include <libpsl.h>

size_t
public_suffix_domain(const char *name)
{
	const char *domain = psl_registrable_domain(psl_builtin(), name);

	return domain == NULL ? 0 : (size_t)(domain - name);
}

size_t
public_suffix_recall(struct public_suffix_memo *memo,
    const struct hash_key *key, const char *name, size_t length)
{
	uint64_t hash = hash_octets(key, name, length);
	size_t at = hash % PUBLIC_SUFFIX_KEPT;

	if (memo->kept[at].name != hash) {
		memo->kept[at].name = hash;
		memo->kept[at].start = public_suffix_domain(name);
	}
	return memo->kept[at].start;
}
