#include "alerts/catalog.h"

const struct signature *
catalog_deviation(enum deviation deviation)
{
	if (deviation == DEVIATION_NONE)
		return NULL;
	for (size_t i = 0; i < catalog_signature_count; i++)
		if (catalog_signatures[i].deviation == deviation)
			return &catalog_signatures[i];
	return NULL;
}

const struct signature *
catalog_find(int64_t gid, int64_t id)
{
	for (size_t i = 0; i < catalog_signature_count; i++)
		if (catalog_signatures[i].gid == gid &&
		    catalog_signatures[i].id == id)
			return &catalog_signatures[i];
	return NULL;
}

const struct signature *
catalog_detection(uint32_t id)
{
	for (size_t i = 0; i < catalog_signature_count; i++)
		if (catalog_signatures[i].id == id &&
		    catalog_signatures[i].detector != NULL)
			return &catalog_signatures[i];
	return NULL;
}

int
catalog_eve_severity(enum severity severity)
{
	switch (severity) {
	case SEVERITY_LOW:
		return 3;
	case SEVERITY_MEDIUM:
		return 2;
	case SEVERITY_HIGH:
	case SEVERITY_CRITICAL:
		return 1;
	}
	return 3;
}
