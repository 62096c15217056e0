/*
 * Reads the input as an inventory file, publishes it, and asks who held each
 * address that any workload has, at the edges of its life.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/inventory_file.h"
#include "classifiers/sources/inventory_list.h"
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

static void
ask_about_all(const struct inventory *inventory)
{
	for (size_t i = 0; i < inventory_workload_count(inventory); i++)
		ask_about(inventory, inventory_workload(inventory, i));
	for (size_t i = 0; i < inventory_service_count(inventory); i++) {
		const struct service *service = inventory_service(inventory, i);

		for (size_t a = 0; a < service->address_count; a++)
			ask(inventory, &service->addresses[a], service->since);
	}
	for (size_t i = 0; i < inventory_address_count(inventory); i++)
		ask(inventory, inventory_address(inventory, i), INSTANT_PAST);
}

/* A long list is read in parts; the same octets, in parts of five. */
static void
read_in_parts(struct inventory_draft *draft, const char *octets, size_t size)
{
	struct fact_taker taker = inventory_taker(draft);
	struct inventory_list *list = inventory_list_new(&taker, "");
	struct inventory_list_losses losses;
	struct json_fault fault;

	for (size_t at = 0; at < size; at += 5)
		if (!inventory_list_feed(
			list, octets + at, size - at < 5 ? size - at : 5))
			break;
	(void)inventory_list_end(list, &losses, &fault);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	enum inventory_file_status status = inventory_file_parse(
	    draft, "fuzz", (const char *)data, size, report);
	struct inventory *inventory = inventory_publish(draft, report), *next;

	assert(status != INVENTORY_REFUSED || report_errors(report) > 0);
	ask_about_all(inventory);
	read_in_parts(draft, (const char *)data, size);
	if (inventory_workload_count(inventory) > 0)
		(void)inventory_forget(
		    draft, inventory_workload(inventory, 0)->until);
	next = inventory_publish(draft, report);
	ask_about_all(next);
	ask_about_all(inventory);
	inventory_free(inventory);
	inventory_draft_free(draft);
	inventory_free(next);
	report_free(report);
	return 0;
}
