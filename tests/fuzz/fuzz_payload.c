/*
 * All payload classifiers over any octets.  The first octet chooses the
 * transport, the rest is a payload.
 */
#include <stdlib.h>

#include "classifiers/payload/payload.h"
#include "sensor/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct payload_verdict verdict)
{
	if (verdict.answer == PAYLOAD_NO)
		return;
	if (verdict.application <= APPLICATION_OTHER ||
	    verdict.application >= APPLICATION_COUNT)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t protocols[] = {
	    PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_SCTP};
	payload_classifier *const *all = payload_classifiers();
	struct payload_view view;

	if (size < 2)
		return 0;
	view = (struct payload_view){
	    data + 1, size - 1, protocols[data[0] % sizeof(protocols)]};
	for (size_t i = 0; all[i] != NULL; i++)
		check(all[i](&view));
	check(payload_classify(&view));
	return 0;
}
