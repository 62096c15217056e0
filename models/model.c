#include "models/model.h"

const char *
severity_name(enum severity severity)
{
	switch (severity) {
	case SEVERITY_LOW:
		return "low";
	case SEVERITY_MEDIUM:
		return "medium";
	case SEVERITY_HIGH:
		return "high";
	case SEVERITY_CRITICAL:
		return "critical";
	}
	return "medium";
}

const char *
layer_name(enum layer layer)
{
	switch (layer) {
	case LAYER_GENERAL:
		return "general";
	case LAYER_LIBRARY:
		return "library";
	case LAYER_LEARNED:
		return "learned";
	case LAYER_OPERATOR:
		return "operator";
	}
	return "library";
}

const char *
same_kind_name(enum same_kind kind)
{
	switch (kind) {
	case SAME_APPLICATION:
		return "application";
	case SAME_NAMESPACE:
		return "namespace";
	case SAME_SEGMENT:
		return "segment";
	case SAME_NODE:
		return "node";
	case SAME_LABEL:
		return "label";
	}
	return "label";
}
