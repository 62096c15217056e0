#include "classifiers/dns_local.h"

#include <string.h>
#include <strings.h>

/*
 * RFC 6761 and 6762's `local`, under which Kubernetes' domain is unless an
 * operator chose another; `arpa` belongs to nobody who could answer freely.
 */
bool
dns_label_is_local(const char *label, size_t size)
{
	const char *local = size == 3   ? "svc"
			    : size == 4 ? "arpa"
			    : size == 5 ? "local"
			    : size == 9 ? "localhost"
					: NULL;

	return local != NULL && strncasecmp(label, local, size) == 0;
}

bool
dns_name_is_local(const char *name, size_t length)
{
	const char *dot = memrchr(name, '.', length);

	return dot != NULL &&
	       dns_label_is_local(dot + 1, (size_t)(name + length - dot) - 1);
}
