/*
 * Records from anywhere: whatever is read is a flow within its bounds, and
 * whatever is not has a reason.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/record_read.h"
#include "sensor/base/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_fault fault;
	struct json *record = json_parse((const char *)data, size, &fault);
	struct record_fault wrong = {NULL, NULL};
	struct flow flow;
	struct appid appid;

	if (record == NULL)
		return 0;
	switch (record_read(record, &flow, &appid, &wrong)) {
	case RECORD_FLOW:
	case RECORD_ALERT:
		assert(flow.client == 0);
		assert(appid.application < APPLICATION_COUNT);
		assert(appid.carrier < APPLICATION_COUNT);
		assert(flow.protocol == PROTOCOL_TCP || !flow.midstream);
		assert(wrong.key == NULL);
		break;
	case RECORD_ELSE:
		assert(wrong.key == NULL);
		break;
	case RECORD_WRONG:
		assert(wrong.key != NULL && wrong.message != NULL);
		break;
	}
	json_free(record);
	return 0;
}
