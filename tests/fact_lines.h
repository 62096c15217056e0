/*
 * fact_lines -- facts as lines of text, for tests to compare.
 *
 * `workload ID namespace/name kind=.. owner=.. node=.. at ADDRESSES ports PORTS
 * image=.. since..until`, `gone workload ID TIME`, and so on; times without
 * their date where it is that of the example files.
 */
#ifndef TESTS_FACT_LINES_H
#define TESTS_FACT_LINES_H

#include "classifiers/inventory/fact.h"
#include "sensor/base/text.h"

static void
fact_lines_time(struct text *out, struct instant at)
{
	char printed[INSTANT_TEXT_SIZE];

	if (at.ns == INSTANT_PAST.ns) {
		text_add(out, "past");
	} else if (at.ns == INSTANT_FUTURE.ns) {
		text_add(out, "future");
	} else {
		instant_print(at, printed);
		text_add_n(out, printed + 11, 12);
	}
}

static void
fact_lines_addresses(
    struct text *out, const struct address *addresses, size_t count)
{
	char printed[ADDRESS_TEXT_SIZE];

	text_add(out, " at");
	for (size_t i = 0; i < count; i++) {
		address_print(&addresses[i], printed);
		text_format(out, " %s", printed);
	}
}

static const char *
fact_lines_text(const char *text)
{
	return text == NULL ? "" : text;
}

static void
fact_lines_workload(struct text *out, const struct fact_workload *fact)
{
	const struct workload *workload = &fact->workload;
	const struct container *container = workload->containers;

	text_format(out, " %s/%s kind=%s owner=%s node=%s%s",
	    fact_lines_text(workload->namespace), workload->name,
	    fact_lines_text(workload->kind), fact_lines_text(fact->owner_name),
	    fact_lines_text(workload->node),
	    workload->host_network ? " host" : "");
	fact_lines_addresses(out, workload->addresses, workload->address_count);
	text_add(out, " ports");
	for (size_t i = 0; i < container->port_count; i++)
		text_format(out, " %u/%u%s%s", container->ports[i].number,
		    container->ports[i].protocol,
		    container->ports[i].name[0] == '\0' ? "" : "=",
		    container->ports[i].name);
	text_format(out, " image=%s:%s labels=%zu ",
	    container->image.repository, container->image.tag,
	    workload->labels.count);
	fact_lines_time(out, workload->since);
	text_add(out, "..");
	fact_lines_time(out, workload->until);
}

static void
fact_lines_service(struct text *out, const struct fact_service *fact)
{
	const struct service *service = &fact->service;

	text_format(out, " %s/%s", service->namespace, service->name);
	fact_lines_addresses(out, service->addresses, service->address_count);
	text_add(out, " ports");
	for (size_t i = 0; i < service->port_count; i++)
		text_format(out, " %u/%u->%u", service->ports[i].port,
		    service->ports[i].protocol, service->ports[i].target);
	for (size_t i = 0; i < fact->selector.count; i++)
		text_format(out, " %s=%s", fact->selector.at[i].key,
		    fact->selector.at[i].value);
}

static void
fact_lines_node(struct text *out, const struct fact_node *fact)
{
	char printed[ADDRESS_TEXT_SIZE];

	text_format(out, " %s", fact->node.name);
	fact_lines_addresses(out, fact->addresses, fact->address_count);
	text_add(out, " networks");
	for (size_t i = 0; i < fact->pod_network_count; i++) {
		prefix_print(&fact->pod_networks[i], printed);
		text_format(out, " %s", printed);
	}
}

/* Takes a fact for a fact_taker whose context is a text. */
static bool
fact_lines_take(const struct fact *fact, void *context)
{
	struct text *out = context;

	text_format(out, "%s%s %s", fact->gone ? "gone " : "",
	    fact_kind_name(fact->kind), fact_lines_text(fact->id));
	if (fact->gone) {
		text_add(out, " ");
		fact_lines_time(out, fact->at);
	} else if (fact->kind == FACT_WORKLOAD) {
		fact_lines_workload(out, &fact->workload);
	} else if (fact->kind == FACT_SERVICE) {
		fact_lines_service(out, &fact->service);
	} else if (fact->kind == FACT_NODE) {
		fact_lines_node(out, &fact->node);
	}
	text_add(out, "\n");
	return true;
}

#endif
