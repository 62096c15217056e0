#include "classifiers/detectors/public_suffix.h"

#include <libpsl.h>

size_t
public_suffix_domain(const char *name)
{
	const char *domain = psl_registrable_domain(psl_builtin(), name);

	return domain == NULL ? 0 : (size_t)(domain - name);
}
