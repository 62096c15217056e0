#include "sensor/run/observation.h"

const char *
observation_kind_name(enum observation_kind kind)
{
	switch (kind) {
	case OBSERVED_PACKET:
		return "packet";
	case OBSERVED_READY:
		return "ready";
	case OBSERVED_ANSWER:
		return "answer";
	case OBSERVED_MESSAGE:
		return "message";
	case OBSERVED_PROGRESS:
		return "progress";
	case OBSERVED_END:
		return "end";
	case OBSERVED_CLOCK:
		return "clock";
	}
	return "";
}
