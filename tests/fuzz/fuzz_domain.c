/* What an operator writes about domains, one text a line. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ask(const struct domains *domains, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i + 4 <= size; i += 4) {
		struct frame frame = {
		    .vlan_count = data[i] % 4,
		    .vlans = {data[i + 1], data[i + 2], data[i + 3]},
		    .tunnel.kind = (enum tunnel_kind)(data[i] / 4 % 6),
		    .tunnel.id = data[i + 3],
		};

		domains_settle(domains, &frame, 0);
		assert((domains_name(domains, frame.key.domain) == NULL) ==
		       (frame.key.domain == 0));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct domains *domains = domains_new();
	struct report *report = report_new();
	char *text = malloc(size + 1), *rest;
	uint32_t line = 0;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	for (char *at = strtok_r(text, "\n", &rest); at != NULL;
	     at = strtok_r(NULL, "\n", &rest))
		domains_add(
		    domains, at, report, (struct place){"fuzz", ++line, 1});
	ask(domains, data, size);
	free(text);
	report_free(report);
	domains_free(domains);
	return 0;
}
