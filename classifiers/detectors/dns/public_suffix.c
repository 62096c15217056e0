#include "classifiers/detectors/dns/public_suffix.h"

#include <libpsl.h>

size_t
public_suffix_domain(const char *name)
{
	const char *domain = psl_registrable_domain(psl_builtin(), name);

	return domain == NULL ? 0 : (size_t)(domain - name);
}

bool
public_suffix_is(const char *name)
{
	return psl_is_public_suffix2(psl_builtin(), name,
		   PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}
