#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/image.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/inventory_record.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"

struct reading {
	struct arena *arena;
	const struct json *record;
	char *fault; /* INVENTORY_RECORD_FAULT_SIZE; empty while all is well */
};

/* The first fault stays: those after it may well follow from it. */
__attribute__((format(printf, 2, 3))) static void
complain(const struct reading *reading, const char *format, ...)
{
	va_list arguments;

	if (reading->fault[0] != '\0')
		return;
	va_start(arguments, format);
	(void)vsnprintf(
	    reading->fault, INVENTORY_RECORD_FAULT_SIZE, format, arguments);
	va_end(arguments);
}

/* --- single members ------------------------------------------------------- */

/* A member's text, "" when it is absent. */
static const char *
text_of(
    const struct reading *reading, const struct json *object, const char *key)
{
	const struct json *value = json_get(object, key);

	if (value == NULL)
		return "";
	if (!json_is_string(value)) {
		complain(reading, "\"%s\" should be a text", key);
		return "";
	}
	return json_text(value);
}

static const char *
take_text(const struct reading *reading, const char *key)
{
	return text_of(reading, reading->record, key);
}

static const char *
take_needed(const struct reading *reading, const char *key)
{
	const char *value = take_text(reading, key);

	if (value[0] == '\0')
		complain(reading, "a record of this kind needs \"%s\"", key);
	return value;
}

/* A list of at most `maximum` elements; more are left out. */
static size_t
list_of(const struct reading *reading, const struct json *object,
    const char *key, size_t maximum, const struct json **list)
{
	size_t count;

	*list = json_get(object, key);
	if (*list != NULL && !json_is_array(*list))
		complain(reading, "\"%s\" should be a list", key);
	count = json_count(*list);
	return count < maximum ? count : maximum;
}

static struct instant
take_time(
    const struct reading *reading, const char *key, struct instant otherwise)
{
	const char *text = take_text(reading, key);
	struct instant at = otherwise;

	if (text[0] != '\0' && !instant_parse(text, &at))
		complain(reading,
		    "\"%s\" should be a time such as 2026-11-21T06:27:31Z, "
		    "not \"%.40s\"",
		    key, text);
	return at;
}

/* Texts are for numbers that need more than 63 bits. */
static uint64_t
take_version(const struct reading *reading)
{
	const struct json *value = json_get(reading->record, "version");
	const char *digits = json_text(value);
	int64_t number = json_number(value, -1);
	unsigned long long large;
	char *end;

	if (value == NULL)
		return 0;
	if (number >= 0)
		return (uint64_t)number;
	if (digits != NULL && digits[0] >= '0' && digits[0] <= '9') {
		errno = 0;
		large = strtoull(digits, &end, 10);
		if (*end == '\0' && errno == 0)
			return large;
	}
	complain(reading, "\"version\" should be a number from 0");
	return 0;
}

static uint16_t
port_of(const struct reading *reading, const struct json *object,
    const char *key, bool needed)
{
	int64_t number = json_get_integer(
	    object, key, json_get(object, key) == NULL && !needed ? 0 : -1);

	if (number < 0 || number > UINT16_MAX) {
		complain(reading, "\"%s\" should be a port, 0 to 65535", key);
		return 0;
	}
	return (uint16_t)number;
}

/* --- small texts ---------------------------------------------------------- */

/* A decimal number up to `maximum` that `stop` or the end ends. */
static bool
parse_number(const char **at, unsigned maximum, char stop, unsigned *out)
{
	const char *start = *at;

	*out = 0;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		*out = *out * 10 + (unsigned)(**at - '0');
		if (*out > maximum)
			return false;
	}
	return *at > start && (**at == stop || **at == '\0');
}

static bool
parse_protocol(const char *text, size_t length, uint8_t *protocol)
{
	static const struct {
		const char *name;
		uint8_t number;
	} names[] = {{"tcp", 6}, {"udp", 17}, {"sctp", 132}};
	unsigned number;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == length &&
		    strncasecmp(names[i].name, text, length) == 0) {
			*protocol = names[i].number;
			return true;
		}
	if (!parse_number(&text, UINT8_MAX, '/', &number))
		return false;
	*protocol = (uint8_t)number;
	return true;
}

bool
inventory_record_parse_port(const char *text, struct container_port *port)
{
	const char *at = text;
	const char *slash;
	unsigned number;

	if (!parse_number(&at, UINT16_MAX, '/', &number))
		return false;
	*port = (struct container_port){
	    .number = (uint16_t)number, .protocol = 6, .name = ""};
	if (*at == '\0')
		return true;
	at++;
	slash = strchr(at, '/');
	if (slash != NULL)
		port->name = slash + 1;
	return parse_protocol(at,
	    slash == NULL ? strlen(at) : (size_t)(slash - at), &port->protocol);
}

/* --- lists ---------------------------------------------------------------- */

static void
take_addresses(const struct reading *reading, const char *key, size_t maximum,
    const struct address **out, size_t *out_count)
{
	const struct json *list;
	size_t count = list_of(reading, reading->record, key, maximum, &list);
	struct address *addresses =
	    arena_array(reading->arena, count, sizeof(*addresses));

	for (size_t i = 0; i < count; i++) {
		const char *text = json_text(json_at(list, i));

		if (text == NULL || !address_parse(text, &addresses[i]))
			complain(reading,
			    "\"%s\" should list IP addresses, not \"%.50s\"",
			    key, text == NULL ? "a number or list" : text);
	}
	*out = addresses;
	*out_count = count;
}

static void
prefixes_of(const struct reading *reading, const struct json *object,
    const char *key, const struct prefix **out, size_t *out_count)
{
	const struct json *list;
	size_t count =
	    list_of(reading, object, key, INVENTORY_ADDRESSES_MAXIMUM, &list);
	struct prefix *prefixes =
	    arena_array(reading->arena, count, sizeof(*prefixes));

	for (size_t i = 0; i < count; i++) {
		const char *text = json_text(json_at(list, i));
		const char *wrong = text == NULL
					? "it is no text"
					: prefix_parse(text, &prefixes[i]);

		if (wrong != NULL)
			complain(reading,
			    "\"%s\" should list networks, not \"%.50s\": %s",
			    key, text == NULL ? "" : text, wrong);
	}
	*out = prefixes;
	*out_count = count;
}

struct label_reading {
	const struct reading *reading;
	const char *name;
	struct label *at;
	size_t count;
};

static void
take_label(const char *key, const struct json *value, void *context)
{
	struct label_reading *labels = context;

	if (labels->count == INVENTORY_LABELS_MAXIMUM)
		return;
	if (!json_is_string(value)) {
		complain(labels->reading, "a label in \"%s\" is no text",
		    labels->name);
		return;
	}
	labels->at[labels->count++] =
	    (struct label){.key = key, .value = json_text(value)};
}

static void
count_member(const char *key, const struct json *value, void *context)
{
	size_t *count = context;

	(void)key;
	(void)value;
	(*count)++;
}

static struct labels
take_labels(const struct reading *reading, const char *name)
{
	const struct json *object = json_get(reading->record, name);
	struct label_reading labels = {.reading = reading, .name = name};
	size_t count = 0;

	if (object == NULL)
		return (struct labels){0};
	if (!json_is_object(object))
		complain(reading, "\"%s\" should be an object", name);
	json_each(object, count_member, &count);
	labels.at = arena_array(reading->arena, count, sizeof(*labels.at));
	json_each(object, take_label, &labels);
	return (struct labels){labels.at, labels.count};
}

/* --- workloads ------------------------------------------------------------ */

static void
read_container(const struct reading *reading, const struct json *value,
    struct container *container)
{
	const struct json *list;
	size_t count =
	    list_of(reading, value, "ports", INVENTORY_PORTS_MAXIMUM, &list);
	struct container_port *ports =
	    arena_array(reading->arena, count, sizeof(*ports));

	if (!json_is_object(value))
		complain(reading, "\"containers\" should list objects");
	for (size_t i = 0; i < count; i++) {
		const char *text = json_text(json_at(list, i));

		if (text == NULL ||
		    !inventory_record_parse_port(text, &ports[i]))
			complain(reading,
			    "a container's port should be a text such as "
			    "\"8080/tcp\" or \"8080/tcp/http\"");
	}
	*container = (struct container){
	    .name = text_of(reading, value, "name"),
	    .image =
		image_split(reading->arena, text_of(reading, value, "image")),
	    .ports = ports,
	    .port_count = count,
	};
	if (container->image.digest[0] == '\0')
		container->image.digest = text_of(reading, value, "digest");
}

static void
read_containers(const struct reading *reading, struct workload *workload)
{
	const struct json *list;
	size_t count = list_of(reading, reading->record, "containers",
	    INVENTORY_CONTAINERS_MAXIMUM, &list);
	struct container *containers =
	    arena_array(reading->arena, count, sizeof(*containers));

	for (size_t i = 0; i < count; i++)
		read_container(reading, json_at(list, i), &containers[i]);
	workload->containers = containers;
	workload->container_count = count;
}

static bool
parse_probe(const char *text, struct probe *probe)
{
	static const char *const schemes[] = {"http", "https", "tcp", "grpc"};
	unsigned port;

	if (text == NULL || !parse_number(&text, UINT16_MAX, '/', &port) ||
	    *text != '/')
		return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strcmp(text + 1, schemes[i]) == 0) {
			*probe = (struct probe){(uint16_t)port, schemes[i]};
			return true;
		}
	return false;
}

static void
read_probes(const struct reading *reading, struct workload *workload)
{
	const struct json *list;
	size_t count = list_of(
	    reading, reading->record, "probes", INVENTORY_PORTS_MAXIMUM, &list);
	struct probe *probes =
	    arena_array(reading->arena, count, sizeof(*probes));

	for (size_t i = 0; i < count; i++)
		if (!parse_probe(json_text(json_at(list, i)), &probes[i]))
			complain(reading,
			    "\"probes\" should list texts such as "
			    "\"8080/http\", of http, https, tcp or grpc");
	workload->probes = probes;
	workload->probe_count = count;
}

static void
read_workload(const struct reading *reading, struct fact *fact)
{
	struct workload *workload = &fact->workload.workload;

	*workload = (struct workload){
	    .id = fact->id,
	    .cluster = fact->cluster,
	    .orchestrator = take_needed(reading, "orchestrator"),
	    .namespace = take_text(reading, "namespace"),
	    .name = take_text(reading, "name"),
	    .kind = take_text(reading, "kind"),
	    .node = take_text(reading, "node"),
	    .host_network =
		json_is_true(json_get(reading->record, "host_network")),
	    .since = take_time(reading, "since", INSTANT_PAST),
	    .until = take_time(reading, "until", INSTANT_FUTURE),
	    .labels = take_labels(reading, "labels"),
	    .provides = take_text(reading, "provides"),
	    .needs = take_text(reading, "needs"),
	    .version = fact->version,
	};
	take_addresses(reading, "addresses", INVENTORY_ADDRESSES_MAXIMUM,
	    &workload->addresses, &workload->address_count);
	read_containers(reading, workload);
	read_probes(reading, workload);
	fact->workload.annotation = take_text(reading, "application");
	fact->workload.owner_kind = take_text(reading, "owner_kind");
	fact->workload.owner_name = take_text(reading, "owner_name");
}

/* --- services ------------------------------------------------------------- */

static uint8_t
protocol_of(const struct reading *reading, const struct json *object)
{
	const char *text = text_of(reading, object, "protocol");
	uint8_t protocol = 6;

	if (text[0] != '\0' && !parse_protocol(text, strlen(text), &protocol))
		complain(reading,
		    "\"protocol\" should be tcp, udp, sctp or a number, not "
		    "\"%.20s\"",
		    text);
	return protocol;
}

static void
read_service(const struct reading *reading, struct fact *fact)
{
	struct service *service = &fact->service.service;
	const struct json *list;
	size_t count = list_of(
	    reading, reading->record, "ports", INVENTORY_PORTS_MAXIMUM, &list);
	struct service_port *ports =
	    arena_array(reading->arena, count, sizeof(*ports));

	for (size_t i = 0; i < count; i++) {
		const struct json *port = json_at(list, i);

		ports[i] = (struct service_port){
		    .port = port_of(reading, port, "port", true),
		    .protocol = protocol_of(reading, port),
		    .name = text_of(reading, port, "name"),
		    .target = port_of(reading, port, "target", false),
		    .target_name = text_of(reading, port, "target_name"),
		    .node_port = port_of(reading, port, "node_port", false),
		};
	}
	*service = (struct service){
	    .namespace = take_text(reading, "namespace"),
	    .name = take_needed(reading, "name"),
	    .ports = ports,
	    .port_count = count,
	    .since = take_time(reading, "since", INSTANT_PAST),
	    .until = INSTANT_FUTURE,
	};
	take_addresses(reading, "addresses", INVENTORY_ADDRESSES_MAXIMUM,
	    &service->addresses, &service->address_count);
	fact->service.selector = take_labels(reading, "selector");
}

/* --- NetworkPolicies ------------------------------------------------------ */

static struct label_rule
rule_of(const struct reading *reading, const struct json *value)
{
	static const char *const tests[] = {
	    "in", "not-in", "exists", "does-not-exist", "never"};
	const char *test = text_of(reading, value, "test");
	const struct json *list;
	size_t count =
	    list_of(reading, value, "values", NETWORK_LABELS_MAXIMUM, &list);
	const char **values =
	    arena_array(reading->arena, count, sizeof(*values));
	size_t number = 0;

	while (number < sizeof(tests) / sizeof(tests[0]) &&
	       strcmp(tests[number], test) != 0)
		number++;
	if (number == sizeof(tests) / sizeof(tests[0])) {
		complain(reading,
		    "\"test\" should be in, not-in, exists, does-not-exist or "
		    "never, not \"%.20s\"",
		    test);
		number = LABEL_RULE_NEVER;
	}
	for (size_t i = 0; i < count; i++) {
		values[i] = json_text(json_at(list, i));
		if (values[i] == NULL) {
			complain(reading, "\"values\" should list texts");
			values[i] = "";
		}
	}
	return (struct label_rule){.key = text_of(reading, value, "key"),
	    .test = (enum label_rule_test)number,
	    .values = values,
	    .value_count = count};
}

static struct label_selector
selector_of(
    const struct reading *reading, const struct json *object, const char *key)
{
	const struct json *list;
	size_t count =
	    list_of(reading, object, key, NETWORK_LABELS_MAXIMUM, &list);
	struct label_rule *rules =
	    arena_array(reading->arena, count, sizeof(*rules));

	for (size_t i = 0; i < count; i++)
		rules[i] = rule_of(reading, json_at(list, i));
	return (struct label_selector){rules, count};
}

static struct network_peer
peer_of(const struct reading *reading, const struct json *value,
    const char *namespace)
{
	struct network_peer peer = {
	    .namespace = namespace,
	    .has_pods = json_get(value, "pods") != NULL,
	    .has_namespaces = json_get(value, "namespaces") != NULL,
	    .has_block = json_get(value, "block") != NULL,
	    .pods = selector_of(reading, value, "pods"),
	    .namespaces = selector_of(reading, value, "namespaces"),
	};

	if (!peer.has_block)
		return peer;
	peer.block_is_faulty =
	    prefix_parse(text_of(reading, value, "block"), &peer.block) != NULL;
	prefixes_of(
	    reading, value, "except", &peer.excepts, &peer.except_count);
	return peer;
}

static struct network_rule
network_rule_of(const struct reading *reading, const struct json *value,
    const char *namespace)
{
	const struct json *peers, *ports;
	struct network_rule rule = {
	    .peer_count =
		list_of(reading, value, "peers", NETWORK_PEERS_MAXIMUM, &peers),
	    .port_count =
		list_of(reading, value, "ports", NETWORK_PEERS_MAXIMUM, &ports),
	};
	struct network_peer *read_peers =
	    arena_array(reading->arena, rule.peer_count, sizeof(*read_peers));
	struct network_port *read_ports =
	    arena_array(reading->arena, rule.port_count, sizeof(*read_ports));

	for (size_t i = 0; i < rule.peer_count; i++)
		read_peers[i] = peer_of(reading, json_at(peers, i), namespace);
	for (size_t i = 0; i < rule.port_count; i++) {
		const struct json *port = json_at(ports, i);

		read_ports[i] = (struct network_port){
		    .protocol = protocol_of(reading, port),
		    .first = port_of(reading, port, "first", false),
		    .last = port_of(reading, port, "last", true),
		    .name = text_of(reading, port, "name"),
		};
	}
	rule.peers = read_peers;
	rule.ports = read_ports;
	return rule;
}

static void
read_rules(const struct reading *reading, const char *key,
    const char *namespace, const struct network_rule **out, size_t *out_count)
{
	const struct json *list;
	size_t count = list_of(
	    reading, reading->record, key, NETWORK_RULES_MAXIMUM, &list);
	struct network_rule *rules =
	    arena_array(reading->arena, count, sizeof(*rules));

	for (size_t i = 0; i < count; i++)
		rules[i] =
		    network_rule_of(reading, json_at(list, i), namespace);
	*out = rules;
	*out_count = count;
}

static void
read_policy(const struct reading *reading, struct network_policy *policy,
    uint64_t version)
{
	const struct json *ways = json_get(reading->record, "ways");

	*policy = (struct network_policy){
	    .namespace = take_text(reading, "namespace"),
	    .name = take_needed(reading, "name"),
	    .selector = selector_of(reading, reading->record, "selector"),
	    .version = version,
	};
	for (size_t i = 0; i < json_count(ways); i++) {
		const char *way = json_text(json_at(ways, i));

		policy->ingress |= way != NULL && strcmp(way, "ingress") == 0;
		policy->egress |= way != NULL && strcmp(way, "egress") == 0;
	}
	if (!policy->ingress && !policy->egress)
		complain(
		    reading, "\"ways\" should list ingress, egress or both");
	read_rules(reading, "ingress", policy->namespace,
	    &policy->ingress_rules, &policy->ingress_count);
	read_rules(reading, "egress", policy->namespace, &policy->egress_rules,
	    &policy->egress_count);
}

/* --- all kinds ------------------------------------------------------------ */

static void
read_node(const struct reading *reading, struct fact_node *node)
{
	*node = (struct fact_node){
	    .node = {.name = take_needed(reading, "name"),
		.labels = take_labels(reading, "labels")},
	};
	take_addresses(reading, "addresses", INVENTORY_ADDRESSES_MAXIMUM,
	    &node->addresses, &node->address_count);
	prefixes_of(reading, reading->record, "pod_networks",
	    &node->pod_networks, &node->pod_network_count);
}

static void
read_backends(const struct reading *reading, struct fact_backends *backends)
{
	*backends = (struct fact_backends){
	    .namespace = take_text(reading, "namespace"),
	    .service = take_needed(reading, "service"),
	};
	take_addresses(reading, "addresses", INVENTORY_BACKENDS_MAXIMUM,
	    &backends->addresses, &backends->address_count);
}

static void
read_node_address(
    const struct reading *reading, struct fact_node_address *node_address)
{
	const char *address = take_needed(reading, "address");

	*node_address =
	    (struct fact_node_address){.node = take_needed(reading, "node")};
	if (!address_parse(address, &node_address->address))
		complain(reading,
		    "\"address\" should be an IP address, not \"%.50s\"",
		    address);
}

static void
read_zone(const struct reading *reading, struct zone *zone)
{
	*zone = (struct zone){
	    .name = take_needed(reading, "name"),
	    .labels = take_labels(reading, "labels"),
	};
	prefixes_of(reading, reading->record, "cidr", &zone->prefixes,
	    &zone->prefix_count);
}

static void
read_content(const struct reading *reading, struct fact *fact)
{
	switch (fact->kind) {
	case FACT_WORKLOAD:
		read_workload(reading, fact);
		break;
	case FACT_OWNER:
		fact->owner = (struct fact_owner){
		    .namespace = take_text(reading, "namespace"),
		    .kind = take_needed(reading, "kind"),
		    .name = take_needed(reading, "name"),
		    .owner_kind = take_text(reading, "owner_kind"),
		    .owner_name = take_text(reading, "owner_name"),
		};
		break;
	case FACT_SERVICE:
		read_service(reading, fact);
		break;
	case FACT_BACKENDS:
		read_backends(reading, &fact->backends);
		break;
	case FACT_NODE:
		read_node(reading, &fact->node);
		break;
	case FACT_NODE_ADDRESS:
		read_node_address(reading, &fact->node_address);
		break;
	case FACT_NAMESPACE:
		fact->namespace = (struct namespace){
		    .name = take_needed(reading, "name"),
		    .labels = take_labels(reading, "labels"),
		};
		break;
	case FACT_ZONE:
		read_zone(reading, &fact->zone);
		break;
	case FACT_POLICY:
		read_policy(reading, &fact->policy, fact->version);
		break;
	case FACT_SEEN:
		break;
	}
}

static void
read_kind(const struct reading *reading, struct fact *fact)
{
	const char *kind = take_needed(reading, "fact");
	int64_t version = json_get_integer(reading->record, "v", 0);

	if (version != INVENTORY_RECORD_VERSION)
		complain(reading,
		    "\"v\" should be %d, the only version of records there is",
		    INVENTORY_RECORD_VERSION);
	if (!fact_kind_of(kind, &fact->kind))
		complain(reading, "no record has the kind \"%.40s\"", kind);
}

bool
inventory_record_is_one(const struct json *value)
{
	return json_get(value, "v") != NULL &&
	       json_is_string(json_get(value, "fact"));
}

bool
inventory_record_read(struct arena *arena, const struct json *record,
    struct fact *fact, char fault[INVENTORY_RECORD_FAULT_SIZE])
{
	struct reading reading = {arena, record, fault};

	fault[0] = '\0';
	*fact = (struct fact){0};
	read_kind(&reading, fact);
	fact->cluster = take_text(&reading, "cluster");
	fact->id = fact->kind == FACT_SEEN ? take_text(&reading, "id")
					   : take_needed(&reading, "id");
	fact->gone = json_is_true(json_get(record, "gone"));
	fact->version = take_version(&reading);
	fact->at = take_time(&reading, "at", INSTANT_PAST);
	if (fault[0] == '\0' && !fact->gone)
		read_content(&reading, fact);
	if (fault[0] == '\0' && !inventory_record_may_be_written(fact))
		complain(&reading,
		    "\"id\" should have 1 to %zu octets, and \"id\" and "
		    "\"cluster\" no quotes or control characters",
		    INVENTORY_RECORD_ID_MAXIMUM);
	return fault[0] == '\0';
}
