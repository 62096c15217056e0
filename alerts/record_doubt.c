#include "alerts/record_doubt.h"

#include <stddef.h>

#include "alerts/record_flow.h"
#include "sensor/base/json_write.h"

void
record_put_doubts(struct json_writer *json, unsigned doubts)
{
	static const char *const names[RECORD_DOUBTS] = {
	    "packet-loss", "clock-step"};

	if (doubts == 0)
		return;
	json_array_open(json, "doubts");
	for (unsigned i = 0; i < RECORD_DOUBTS; i++)
		if ((doubts >> i & 1) != 0)
			json_put_string(json, NULL, names[i]);
	json_array_close(json);
}

const char *
record_interface(
    const struct record_source *source, const struct record_flow *about)
{
	return about == NULL || about->interface == NULL ? source->interface
							 : about->interface;
}
