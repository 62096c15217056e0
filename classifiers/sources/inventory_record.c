#include "classifiers/sources/inventory_record.h"

#include <inttypes.h>
#include <string.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

/* A record on its way to a sink. */
struct writing {
	const struct inventory_record_sink *sink;
	struct text nested; /* the value that is being made */
	struct json_writer json;
	uint64_t *cut;
	bool overflow;
};

/* --- texts ---------------------------------------------------------------- */

/* Whether a text stands in JSON as it is. */
static bool
is_clean(const char *value)
{
	struct text quoted;
	struct json_writer json;
	size_t length = strlen(value);
	bool clean;

	/* An octet becomes 6 at most, so nothing is left out. */
	text_init(&quoted, 6 * length + 2);
	json = json_to(&quoted);
	json_put_string_n(&json, NULL, value, length);
	clean = quoted.length == length + 2 &&
		memcmp(quoted.at + 1, value, length) == 0;
	text_release(&quoted);
	return clean;
}

/* The length to which a text is written, never within a UTF-8 sequence. */
static size_t
cut_length(const char *value, uint64_t *cut)
{
	size_t length = strnlen(value, INVENTORY_TEXT_MAXIMUM + 1);

	if (length <= INVENTORY_TEXT_MAXIMUM)
		return length;
	(*cut)++;
	length = INVENTORY_TEXT_MAXIMUM;
	while (length > 0 && ((unsigned char)value[length] & 0xc0) == 0x80)
		length--;
	return length;
}

static size_t
cut_count(size_t count, size_t maximum, uint64_t *cut)
{
	if (count > maximum)
		(*cut)++;
	return count < maximum ? count : maximum;
}

/* --- single fields -------------------------------------------------------- */

static void
put_n(struct writing *writing, const char *name, enum record_form form,
    const char *value, size_t length)
{
	struct inventory_record_field field = {name, form, value, length};

	writing->sink->put(&field, writing->sink->context);
}

static void
put_text(struct writing *writing, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		put_n(writing, name, RECORD_TEXT, value,
		    cut_length(value, writing->cut));
}

static void
put_number(struct writing *writing, const char *name, uint64_t value)
{
	char printed[24];
	int length = snprintf(printed, sizeof(printed), "%" PRIu64, value);

	/* JSON here has 64 bits with a sign; a larger one is a text. */
	put_n(writing, name, value > INT64_MAX ? RECORD_TEXT : RECORD_NUMBER,
	    printed, (size_t)length);
}

static void
put_truth(struct writing *writing, const char *name, bool value)
{
	if (value)
		put_n(writing, name, RECORD_TRUTH, "true", 4);
}

/* As RFC 3339 with as many digits of a second as it has, none or nine. */
static void
put_time(struct writing *writing, const char *name, struct instant at)
{
	char printed[INSTANT_TEXT_SIZE + 12];
	int64_t fraction = at.ns % NS_PER_SECOND;

	if (at.ns == INSTANT_PAST.ns || at.ns == INSTANT_FUTURE.ns)
		return;
	instant_print(at, printed);
	if (fraction < 0)
		fraction += NS_PER_SECOND;
	if (fraction == 0)
		(void)snprintf(printed + 19, sizeof(printed) - 19, "Z");
	else
		(void)snprintf(printed + 19, sizeof(printed) - 19,
		    ".%09" PRId64 "Z", fraction);
	put_n(writing, name, RECORD_TEXT, printed, strlen(printed));
}

/* --- nested values -------------------------------------------------------- */

static struct json_writer *
nest(struct writing *writing)
{
	text_clear(&writing->nested);
	writing->json = json_to(&writing->nested);
	return &writing->json;
}

static void
put_nested(struct writing *writing, const char *name)
{
	writing->overflow |= writing->nested.overflow;
	put_n(writing, name, RECORD_NESTED, writing->nested.at,
	    writing->nested.length);
}

static void
add_text(struct writing *writing, const char *key, const char *value)
{
	if (value != NULL && value[0] != '\0')
		json_put_string_n(&writing->json, key, value,
		    cut_length(value, writing->cut));
}

static bool
label_is_new(const struct labels *labels, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(labels->at[i].key, labels->at[index].key) == 0)
			return false;
	return true;
}

/* Objects with one key twice, or with a key that is no text, are unreadable. */
static void
put_labels(
    struct writing *writing, const char *name, const struct labels *labels)
{
	struct json_writer *json = nest(writing);
	size_t count =
	    cut_count(labels->count, INVENTORY_LABELS_MAXIMUM, writing->cut);

	if (count == 0)
		return;
	json_object_open(json, NULL);
	for (size_t i = 0; i < count; i++) {
		const char *key = labels->at[i].key;
		size_t length = cut_length(labels->at[i].value, writing->cut);
		char *value = strndup(labels->at[i].value, length);

		if (value == NULL ||
		    strnlen(key, INVENTORY_TEXT_MAXIMUM + 1) >
			INVENTORY_TEXT_MAXIMUM ||
		    !is_clean(key) || !label_is_new(labels, i))
			(*writing->cut)++;
		else
			json_put_member(json, key, value);
		free(value);
	}
	json_object_close(json);
	put_nested(writing, name);
}

static void
put_addresses(struct writing *writing, const char *name,
    const struct address *addresses, size_t count, size_t maximum)
{
	struct json_writer *json = nest(writing);
	char printed[ADDRESS_TEXT_SIZE];

	if (count == 0)
		return;
	json_array_open(json, NULL);
	for (size_t i = 0; i < cut_count(count, maximum, writing->cut); i++) {
		address_print(&addresses[i], printed);
		json_put_string(json, NULL, printed);
	}
	json_array_close(json);
	put_nested(writing, name);
}

static void
add_prefixes(struct writing *writing, const char *key,
    const struct prefix *prefixes, size_t count)
{
	char printed[ADDRESS_TEXT_SIZE];

	json_array_open(&writing->json, key);
	for (size_t i = 0; i < count; i++) {
		prefix_print(&prefixes[i], printed);
		json_put_string(&writing->json, NULL, printed);
	}
	json_array_close(&writing->json);
}

static void
put_prefixes(struct writing *writing, const char *name,
    const struct prefix *prefixes, size_t count)
{
	if (count == 0)
		return;
	(void)nest(writing);
	add_prefixes(writing, NULL, prefixes,
	    cut_count(count, INVENTORY_ADDRESSES_MAXIMUM, writing->cut));
	put_nested(writing, name);
}

/* The three protocols that an orchestrator knows by name, others by number. */
static void
print_protocol(uint8_t protocol, char out[8])
{
	if (protocol == 6 || protocol == 17 || protocol == 132)
		(void)snprintf(out, 8, "%s",
		    protocol == 6    ? "tcp"
		    : protocol == 17 ? "udp"
				     : "sctp");
	else
		(void)snprintf(out, 8, "%u", (unsigned)protocol);
}

/* --- workloads ------------------------------------------------------------ */

/* `8080/tcp`, or `8080/tcp/http` when it has a name. */
static void
add_container_port(struct writing *writing, const struct container_port *port)
{
	struct text line;
	char protocol[8];
	const char *name = port->name == NULL ? "" : port->name;
	int length = (int)cut_length(name, writing->cut);

	text_init(&line, INVENTORY_TEXT_MAXIMUM + 32);
	print_protocol(port->protocol, protocol);
	text_format(&line, "%u/%s%s%.*s", (unsigned)port->number, protocol,
	    length == 0 ? "" : "/", length, name);
	json_put_string(&writing->json, NULL, line.at);
	text_release(&line);
}

static void
add_container(struct writing *writing, const struct container *container)
{
	struct json_writer *json = &writing->json;
	size_t ports = cut_count(
	    container->port_count, INVENTORY_PORTS_MAXIMUM, writing->cut);

	json_object_open(json, NULL);
	add_text(writing, "name", container->name);
	add_text(writing, "image", container->image.name);
	/* The orchestrator may know better than the name what was pulled. */
	if (container->image.name == NULL ||
	    strchr(container->image.name, '@') == NULL)
		add_text(writing, "digest", container->image.digest);
	if (ports > 0) {
		json_array_open(json, "ports");
		for (size_t i = 0; i < ports; i++)
			add_container_port(writing, &container->ports[i]);
		json_array_close(json);
	}
	json_object_close(json);
}

static void
put_containers(struct writing *writing, const struct workload *workload)
{
	struct json_writer *json = nest(writing);
	size_t count = cut_count(workload->container_count,
	    INVENTORY_CONTAINERS_MAXIMUM, writing->cut);

	if (count == 0)
		return;
	json_array_open(json, NULL);
	for (size_t i = 0; i < count; i++)
		add_container(writing, &workload->containers[i]);
	json_array_close(json);
	put_nested(writing, "containers");
}

/* `8080/http`: the port, and the scheme of the question. */
static void
put_probes(struct writing *writing, const struct workload *workload)
{
	struct json_writer *json = nest(writing);
	size_t count = cut_count(
	    workload->probe_count, INVENTORY_PORTS_MAXIMUM, writing->cut);

	if (count == 0)
		return;
	json_array_open(json, NULL);
	for (size_t i = 0; i < count; i++) {
		char probe[32];

		(void)snprintf(probe, sizeof(probe), "%u/%.16s",
		    (unsigned)workload->probes[i].port,
		    workload->probes[i].scheme);
		json_put_string(json, NULL, probe);
	}
	json_array_close(json);
	put_nested(writing, "probes");
}

static void
put_workload(struct writing *writing, const struct fact_workload *fact)
{
	const struct workload *workload = &fact->workload;

	put_text(writing, "orchestrator", workload->orchestrator);
	put_text(writing, "namespace", workload->namespace);
	put_text(writing, "name", workload->name);
	put_text(writing, "application", fact->annotation);
	put_text(writing, "kind", workload->kind);
	put_text(writing, "owner_kind", fact->owner_kind);
	put_text(writing, "owner_name", fact->owner_name);
	put_addresses(writing, "addresses", workload->addresses,
	    workload->address_count, INVENTORY_ADDRESSES_MAXIMUM);
	put_text(writing, "node", workload->node);
	put_truth(writing, "host_network", workload->host_network);
	put_time(writing, "since", workload->since);
	put_time(writing, "until", workload->until);
	put_labels(writing, "labels", &workload->labels);
	put_containers(writing, workload);
	put_probes(writing, workload);
	put_text(writing, "provides", workload->provides);
	put_text(writing, "needs", workload->needs);
}

/* --- services ------------------------------------------------------------- */

static void
add_protocol(struct writing *writing, uint8_t protocol)
{
	char printed[8];

	print_protocol(protocol, printed);
	json_put_string(&writing->json, "protocol", printed);
}

static void
add_service_port(struct writing *writing, const struct service_port *port)
{
	struct json_writer *json = &writing->json;

	json_object_open(json, NULL);
	json_put_int(json, "port", port->port);
	add_protocol(writing, port->protocol);
	add_text(writing, "name", port->name);
	if (port->target != 0)
		json_put_int(json, "target", port->target);
	add_text(writing, "target_name", port->target_name);
	if (port->node_port != 0)
		json_put_int(json, "node_port", port->node_port);
	json_object_close(json);
}

static void
put_service_ports(struct writing *writing, const struct service *service)
{
	struct json_writer *json = nest(writing);
	size_t count = cut_count(
	    service->port_count, INVENTORY_PORTS_MAXIMUM, writing->cut);

	if (count == 0)
		return;
	json_array_open(json, NULL);
	for (size_t i = 0; i < count; i++)
		add_service_port(writing, &service->ports[i]);
	json_array_close(json);
	put_nested(writing, "ports");
}

static void
put_service(struct writing *writing, const struct fact_service *fact)
{
	put_text(writing, "namespace", fact->service.namespace);
	put_text(writing, "name", fact->service.name);
	put_addresses(writing, "addresses", fact->service.addresses,
	    fact->service.address_count, INVENTORY_ADDRESSES_MAXIMUM);
	put_service_ports(writing, &fact->service);
	put_labels(writing, "selector", &fact->selector);
	put_time(writing, "since", fact->service.since);
}

/* --- NetworkPolicies ------------------------------------------------------ */

/* In the order of enum label_rule_test. */
static const char *const rule_tests[] = {
    "in", "not-in", "exists", "does-not-exist", "never"};

static void
add_selector(struct writing *writing, const char *key,
    const struct label_selector *selector)
{
	struct json_writer *json = &writing->json;

	json_array_open(json, key);
	for (size_t i = 0; i < selector->count; i++) {
		const struct label_rule *rule = &selector->at[i];

		json_object_open(json, NULL);
		add_text(writing, "key", rule->key);
		json_put_string(json, "test", rule_tests[rule->test]);
		json_array_open(json, "values");
		for (size_t k = 0; k < rule->value_count; k++)
			json_put_string_n(json, NULL, rule->values[k],
			    cut_length(rule->values[k], writing->cut));
		json_array_close(json);
		json_object_close(json);
	}
	json_array_close(json);
}

static void
add_peer(struct writing *writing, const struct network_peer *peer)
{
	struct json_writer *json = &writing->json;
	char printed[ADDRESS_TEXT_SIZE];

	json_object_open(json, NULL);
	if (peer->has_pods)
		add_selector(writing, "pods", &peer->pods);
	if (peer->has_namespaces)
		add_selector(writing, "namespaces", &peer->namespaces);
	if (peer->has_block) {
		/* One that is no network fits nobody, but must be kept. */
		prefix_print(&peer->block, printed);
		json_put_string(
		    json, "block", peer->block_is_faulty ? "none" : printed);
		add_prefixes(
		    writing, "except", peer->excepts, peer->except_count);
	}
	json_object_close(json);
}

static void
add_network_port(struct writing *writing, const struct network_port *port)
{
	struct json_writer *json = &writing->json;

	json_object_open(json, NULL);
	add_protocol(writing, port->protocol);
	json_put_int(json, "first", port->first);
	json_put_int(json, "last", port->last);
	add_text(writing, "name", port->name);
	json_object_close(json);
}

static void
put_rules(struct writing *writing, const char *name,
    const struct network_rule *rules, size_t count)
{
	struct json_writer *json = nest(writing);

	if (count == 0)
		return;
	json_array_open(json, NULL);
	for (size_t i = 0; i < count; i++) {
		json_object_open(json, NULL);
		json_array_open(json, "peers");
		for (size_t k = 0; k < rules[i].peer_count; k++)
			add_peer(writing, &rules[i].peers[k]);
		json_array_close(json);
		json_array_open(json, "ports");
		for (size_t k = 0; k < rules[i].port_count; k++)
			add_network_port(writing, &rules[i].ports[k]);
		json_array_close(json);
		json_object_close(json);
	}
	json_array_close(json);
	put_nested(writing, name);
}

static void
put_policy(struct writing *writing, const struct network_policy *policy)
{
	struct json_writer *json;

	put_text(writing, "namespace", policy->namespace);
	put_text(writing, "name", policy->name);
	json = nest(writing);
	json_array_open(json, NULL);
	if (policy->ingress)
		json_put_string(json, NULL, "ingress");
	if (policy->egress)
		json_put_string(json, NULL, "egress");
	json_array_close(json);
	put_nested(writing, "ways");
	(void)nest(writing);
	add_selector(writing, NULL, &policy->selector);
	put_nested(writing, "selector");
	put_rules(
	    writing, "ingress", policy->ingress_rules, policy->ingress_count);
	put_rules(
	    writing, "egress", policy->egress_rules, policy->egress_count);
}

/* --- all kinds ------------------------------------------------------------ */

static void
put_node(struct writing *writing, const struct fact_node *node)
{
	put_text(writing, "name", node->node.name);
	put_addresses(writing, "addresses", node->addresses,
	    node->address_count, INVENTORY_ADDRESSES_MAXIMUM);
	put_prefixes(writing, "pod_networks", node->pod_networks,
	    node->pod_network_count);
	put_labels(writing, "labels", &node->node.labels);
}

static void
put_owner(struct writing *writing, const struct fact_owner *owner)
{
	put_text(writing, "namespace", owner->namespace);
	put_text(writing, "kind", owner->kind);
	put_text(writing, "name", owner->name);
	put_text(writing, "owner_kind", owner->owner_kind);
	put_text(writing, "owner_name", owner->owner_name);
}

static void
put_content(struct writing *writing, const struct fact *fact)
{
	char address[ADDRESS_TEXT_SIZE];

	switch (fact->kind) {
	case FACT_WORKLOAD:
		put_workload(writing, &fact->workload);
		break;
	case FACT_OWNER:
		put_owner(writing, &fact->owner);
		break;
	case FACT_SERVICE:
		put_service(writing, &fact->service);
		break;
	case FACT_BACKENDS:
		put_text(writing, "namespace", fact->backends.namespace);
		put_text(writing, "service", fact->backends.service);
		put_addresses(writing, "addresses", fact->backends.addresses,
		    fact->backends.address_count, INVENTORY_BACKENDS_MAXIMUM);
		break;
	case FACT_NODE:
		put_node(writing, &fact->node);
		break;
	case FACT_NODE_ADDRESS:
		address_print(&fact->node_address.address, address);
		put_text(writing, "node", fact->node_address.node);
		put_text(writing, "address", address);
		break;
	case FACT_NAMESPACE:
		put_text(writing, "name", fact->namespace.name);
		put_labels(writing, "labels", &fact->namespace.labels);
		break;
	case FACT_ZONE:
		put_text(writing, "name", fact->zone.name);
		put_prefixes(writing, "cidr", fact->zone.prefixes,
		    fact->zone.prefix_count);
		put_labels(writing, "labels", &fact->zone.labels);
		break;
	case FACT_POLICY:
		put_policy(writing, &fact->policy);
		break;
	case FACT_SEEN:
		break;
	}
}

bool
inventory_record_may_be_written(const struct fact *fact)
{
	const char *id = fact->id == NULL ? "" : fact->id;
	const char *cluster = fact->cluster == NULL ? "" : fact->cluster;

	/* Only the source of a FACT_SEEN may be nameless. */
	return (id[0] != '\0' || fact->kind == FACT_SEEN) &&
	       strnlen(id, INVENTORY_RECORD_ID_MAXIMUM + 1) <=
		   INVENTORY_RECORD_ID_MAXIMUM &&
	       strnlen(cluster, INVENTORY_RECORD_ID_MAXIMUM + 1) <=
		   INVENTORY_RECORD_ID_MAXIMUM &&
	       is_clean(id) && is_clean(cluster);
}

bool
inventory_record_fields(const struct fact *fact,
    const struct inventory_record_sink *sink, uint64_t *cut)
{
	struct writing writing = {.sink = sink, .cut = cut};

	if (!inventory_record_may_be_written(fact))
		return false;
	text_init(&writing.nested, INVENTORY_RECORD_MAXIMUM);
	put_number(&writing, "v", INVENTORY_RECORD_VERSION);
	put_text(&writing, "fact", fact_kind_name(fact->kind));
	put_text(&writing, "cluster", fact->cluster);
	put_text(&writing, "id", fact->id);
	put_truth(&writing, "gone", fact->gone);
	if (!fact->gone)
		put_content(&writing, fact);
	if (fact->version != 0)
		put_number(&writing, "version", fact->version);
	put_time(&writing, "at", fact->at);
	text_release(&writing.nested);
	return !writing.overflow;
}

static void
put_in_line(const struct inventory_record_field *field, void *context)
{
	struct text *out = context;
	struct json_writer json = json_to(out);

	if (out->length > 0 && out->at[out->length - 1] != '{')
		text_add_char(out, ',');
	if (field->form == RECORD_TEXT) {
		json_put_string_n(
		    &json, field->name, field->value, field->length);
		return;
	}
	text_format(out, "\"%s\":", field->name);
	text_add_n(out, field->value, field->length);
}

bool
inventory_record_line(struct text *out, const struct fact *fact, uint64_t *cut)
{
	struct inventory_record_sink sink = {put_in_line, out};
	bool written;

	text_add_char(out, '{');
	written = inventory_record_fields(fact, &sink, cut);
	text_add_char(out, '}');
	return written && !out->overflow;
}

/* --- from the fields of a hash -------------------------------------------- */

static const char *const plain_names[] = {
    "v", "version", "gone", "host_network", NULL};
static const char *const nested_names[] = {"addresses", "labels", "containers",
    "probes", "selector", "ports", "pod_networks", "cidr", "ways", "ingress",
    "egress", NULL};
static const char *const text_names[] = {"fact", "cluster", "id", "at",
    "orchestrator", "namespace", "name", "application", "kind", "owner_kind",
    "owner_name", "node", "since", "until", "provides", "needs", "service",
    "address", NULL};

/* What a 64 bit number with a sign surely holds; longer ones are texts. */
#define DIGITS_SAFE ((size_t)18)

static bool
is_one_of(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

void
inventory_record_join_open(struct text *out)
{
	text_clear(out);
	text_add_char(out, '{');
}

void
inventory_record_join(
    struct text *out, const char *name, const char *value, size_t length)
{
	struct inventory_record_field field = {
	    name, RECORD_NESTED, value, length};

	if (is_one_of(text_names, name) ||
	    (strcmp(name, "version") == 0 && length > DIGITS_SAFE))
		field.form = RECORD_TEXT;
	else if (!is_one_of(plain_names, name) &&
		 !is_one_of(nested_names, name))
		return;
	put_in_line(&field, out);
}

void
inventory_record_join_close(struct text *out)
{
	text_add_char(out, '}');
}
