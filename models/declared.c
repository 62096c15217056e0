#include "models/declared.h"

#include <string.h>

#include "classifiers/application.h"
#include "classifiers/inventory/workload.h"
#include "models/identity.h"
#include "sensor/base/arena.h"
#include "sensor/frame.h"

/* Distinct ports of one workload: more than any real one declares. */
#define DECLARED_MAXIMUM 256

struct declared_port {
	uint8_t protocol;
	uint16_t number;
	const char *name; /* or "" */
};

struct declared_ports {
	struct declared_port at[DECLARED_MAXIMUM];
	size_t count;
};

/* --- which ports ---------------------------------------------------------- */

/* The first name that is given counts; the container's own comes first. */
static void
port_add(struct declared_ports *ports, uint8_t protocol, uint16_t number,
    const char *name)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->at[i].protocol == protocol &&
		    ports->at[i].number == number) {
			if (ports->at[i].name[0] == '\0')
				ports->at[i].name = name;
			return;
		}
	if (ports->count < DECLARED_MAXIMUM)
		ports->at[ports->count++] =
		    (struct declared_port){protocol, number, name};
}

/* A probe alone is for the kubelet, and declares nothing to anybody else. */
static void
collect(const struct identity *identity, struct declared_ports *ports)
{
	const struct workload *workload = identity->workload;

	ports->count = 0;
	if (workload == NULL)
		return;
	for (size_t c = 0; c < workload->container_count; c++)
		for (size_t p = 0; p < workload->containers[c].port_count;
		     p++) {
			const struct container_port *port =
			    &workload->containers[c].ports[p];

			port_add(
			    ports, port->protocol, port->number, port->name);
		}
	for (size_t i = 0; i < identity->alias_count; i++) {
		const struct port_alias *alias = &identity->aliases[i];

		port_add(ports, alias->protocol, alias->target, alias->name);
	}
	if (ports->count == 0)
		return;
	for (size_t i = 0; i < workload->probe_count; i++)
		port_add(ports, PROTOCOL_TCP, workload->probes[i].port, "");
}

/* --- what is spoken there ------------------------------------------------- */

/*
 * Names that mean the web, before a hyphen too (`http-metrics`), after the rule
 * by which Istio chooses a port's protocol: istio.io, "Protocol Selection".  It
 * is only told from what is no web at all: a port called `http` that has TLS
 * is common, and so is the other way round.
 */
static const char *const web_names[] = {"http", "https", "http2", "h2c", "grpc",
    "web", "www", "ws", "wss", "websocket"};
static const enum application web[] = {
    APPLICATION_HTTP, APPLICATION_TLS, APPLICATION_PROXY};

static bool
is_web(const char *name)
{
	size_t length = strcspn(name, "-");

	for (size_t i = 0; i < sizeof(web_names) / sizeof(web_names[0]); i++)
		if (strlen(web_names[i]) == length &&
		    strncmp(name, web_names[i], length) == 0)
			return true;
	return false;
}

/* Any other name counts whole: `mysql-exporter` speaks no MySQL. */
static void
name_application(
    struct arena *arena, const struct declared_port *port, struct entry *entry)
{
	enum application *one;

	if (is_web(port->name)) {
		entry->applications = web;
		entry->application_count = sizeof(web) / sizeof(web[0]);
		return;
	}
	if (application_find(port->name) == APPLICATION_UNKNOWN ||
	    application_find(port->name) == APPLICATION_OTHER)
		return;
	one = arena_array(arena, 2, sizeof(*one));
	one[0] = application_find(port->name);
	one[1] = APPLICATION_TLS;
	entry->applications = one;
	entry->application_count = 2;
}

static struct entry
entry_of(struct arena *arena, const struct entry *entry,
    const struct declared_port *port)
{
	struct port_range *range = arena_take(arena, sizeof(*range));
	struct entry out = *entry;

	*range = (struct port_range){
	    .protocol = port->protocol,
	    .first = port->number,
	    .last = port->number,
	};
	out.ports = (struct ports){.at = range, .count = 1};
	if (out.application_count == 0)
		name_application(arena, port, &out);
	return out;
}

static struct entries
entries_of(struct arena *arena, const struct entries *entries,
    const struct declared_ports *ports)
{
	size_t most = 0, count = 0;
	struct entry *at;

	for (size_t i = 0; i < entries->count; i++)
		most += entries->at[i].ports.declared ? ports->count + 1 : 1;
	at = arena_array(arena, most, sizeof(*at));
	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->at[i];

		if (!entry->ports.declared) {
			at[count++] = *entry;
			continue;
		}
		for (size_t p = 0; p < ports->count; p++)
			at[count++] = entry_of(arena, entry, &ports->at[p]);
		if (entry->ports.count > 0) {
			at[count] = *entry;
			at[count++].ports.declared = false;
		}
	}
	return (struct entries){entries->given, at, count};
}

static bool
is_asked(const struct model *model)
{
	for (size_t i = 0; i < model->provides.count; i++)
		if (model->provides.at[i].ports.declared)
			return true;
	return false;
}

const struct model *
declared_model(struct arena *arena, const struct model *model,
    const struct identity *identity)
{
	struct declared_ports ports;
	struct model *own;

	if (!is_asked(model))
		return model;
	collect(identity, &ports);
	if (ports.count == 0 && model->layer == LAYER_GENERAL)
		return NULL;
	own = arena_take(arena, sizeof(*own));
	*own = *model;
	own->provides = entries_of(arena, &model->provides, &ports);
	return own;
}
