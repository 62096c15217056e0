/*
 * Reads the input as an inventory file, publishes it, and asks who held each
 * address that any workload has, at the edges of its life.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "classifiers/inventory.h"
#include "classifiers/inventory_file.h"
#include "sensor/base/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ask(const struct inventory *inventory, const struct address *address,
    struct instant at)
{
	struct party party =
	    inventory_who(inventory, INVENTORY_ANY, address, at);

	assert(address_equal(&party.address, address));
	assert((party.workload != NULL) ==
	       (party.attribution == ATTRIBUTION_EXACT));
	assert((party.service != NULL) ==
	       (party.attribution == ATTRIBUTION_SERVICE));
	assert(party.workload == NULL || workload_alive(party.workload, at));
	/* What anybody ever held is no outsider's. */
	assert(party.attribution != ATTRIBUTION_EXTERNAL);
	assert(inventory_age(inventory, INVENTORY_ANY, at) >= -1);
}

static void
ask_about(const struct inventory *inventory, const struct workload *workload)
{
	assert(workload->application != NULL);
	assert(workload->application_source[0] != '\0');
	for (size_t i = 1; i < workload->labels.count; i++)
		assert(strcmp(workload->labels.at[i - 1].key,
			   workload->labels.at[i].key) < 0);
	for (size_t i = 0; i < workload->address_count; i++) {
		const struct address *address = &workload->addresses[i];

		ask(inventory, address, workload->since);
		ask(inventory, address, workload->until);
		ask(inventory, address, INSTANT_PAST);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	enum inventory_file_status status = inventory_file_parse(
	    draft, "fuzz", (const char *)data, size, report);
	struct inventory *inventory = inventory_publish(draft, report);

	assert(status != INVENTORY_REFUSED || report_errors(report) > 0);
	for (size_t i = 0; i < inventory_workload_count(inventory); i++)
		ask_about(inventory, inventory_workload(inventory, i));
	for (size_t i = 0; i < inventory_service_count(inventory); i++) {
		const struct service *service = inventory_service(inventory, i);

		for (size_t a = 0; a < service->address_count; a++)
			ask(inventory, &service->addresses[a], service->since);
	}
	inventory_free(inventory);
	inventory_draft_free(draft);
	report_free(report);
	return 0;
}
