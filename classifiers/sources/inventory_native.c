#include "classifiers/sources/inventory_native.h"

#include <string.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/image.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/inventory_record.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"
#include "sensor/base/report.h"
#include "sensor/base/yaml_read.h"

/* Of the YAML form. */
#define VERSION "1"

struct reading {
	const struct fact_taker *taker; /* NULL while it is only checked */
	struct arena *arena;
	const char *path;
	struct report *report;
	const char *cluster;
};

/* --- what it is ----------------------------------------------------------- */

static const char *
line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline == NULL ? end : newline;
}

static bool
is_blank(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
		at++;
	return at == end;
}

/* The first line that says something: no comment, no start of a document. */
static const char *
first_line(const char *at, const char *end)
{
	while (at < end) {
		const char *stop = line_end(at, end);

		if (!is_blank(at, stop) && *at != '#' &&
		    !(stop - at >= 3 && memcmp(at, "---", 3) == 0))
			return at;
		at = stop == end ? end : stop + 1;
	}
	return end;
}

static bool
is_record_line(const char *at, const char *end)
{
	struct json_fault fault;
	struct json *json = json_parse(at, (size_t)(end - at), &fault);
	bool is = inventory_record_is_one(json);

	json_free(json);
	return is;
}

static bool
is_yaml(const char *at, const char *end)
{
	static const char *const keys[] = {
	    "inventory:", "cluster:", "zones:", "workloads:"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t length = strlen(keys[i]);

		if ((size_t)(end - at) >= length &&
		    memcmp(at, keys[i], length) == 0)
			return true;
	}
	return false;
}

bool
inventory_native_is(const char *octets, size_t size)
{
	const char *end = octets + size;
	const char *at = first_line(octets, end);

	return is_yaml(at, end) || (at < end && *at == '{' &&
				       is_record_line(at, line_end(at, end)));
}

/* --- records -------------------------------------------------------------- */

/* Whoever writes the file may be in the middle of its last line. */
static bool
fault_line(const struct reading *reading, uint32_t line, bool ended,
    const struct json_fault *fault)
{
	struct place place = {reading->path, line, fault->column};

	if (ended)
		report_error(reading->report, place,
		    "not JSON (%s); the line was left out", fault->message);
	else
		report_warning(reading->report, place,
		    "the last line is only half written (%s), and was left "
		    "out",
		    fault->message);
	return false;
}

static bool
read_line(const struct reading *reading, const char *at, const char *end,
    uint32_t line, bool ended)
{
	char words[INVENTORY_RECORD_FAULT_SIZE];
	struct json_fault fault;
	struct json *json = json_parse(at, (size_t)(end - at), &fault);
	struct arena *arena;
	struct fact fact;
	bool good;

	if (json == NULL)
		return fault_line(reading, line, ended, &fault);
	arena = arena_new();
	good = inventory_record_read(arena, json, &fact, words);
	if (good)
		(void)fact_give(reading->taker, &fact);
	else
		report_error(reading->report,
		    (struct place){reading->path, line, 0},
		    "%s; the record was left out", words);
	arena_free(arena);
	json_free(json);
	return good;
}

static enum inventory_file_status
read_records(const struct reading *reading, const char *octets, const char *end)
{
	size_t read = 0, unread = 0;
	uint32_t line = 0;

	for (const char *at = octets; at < end; line++) {
		const char *stop = line_end(at, end);

		if (is_blank(at, stop))
			;
		else if (read_line(reading, at, stop, line + 1, stop < end))
			read++;
		else
			unread++;
		at = stop == end ? end : stop + 1;
	}
	if (unread == 0)
		return INVENTORY_READ;
	return read == 0 ? INVENTORY_REFUSED : INVENTORY_PARTLY;
}

/* --- YAML: its nodes ------------------------------------------------------ */

static struct place
place_of(const struct reading *reading, const struct yaml_node *node)
{
	return (struct place){reading->path, node->line, node->column};
}

static bool
is_one_of(const char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

/* Complains of keys that are none of `known`; false if it is no mapping. */
static bool
check_keys(const struct reading *reading, const struct yaml_node *node,
    const char *what, const char *const *known)
{
	if (node->kind != YAML_MAPPING) {
		report_error(reading->report, place_of(reading, node),
		    "%s should be keys and values, such as `%s: ...`", what,
		    known[0]);
		return false;
	}
	for (size_t i = 0; i < node->count; i++) {
		const char *key = node->keys[i]->scalar;
		const char *nearest = nearest_word(key, known);

		if (is_one_of(known, key))
			continue;
		report_error(reading->report, place_of(reading, node->keys[i]),
		    "unknown key `%.64s` of %s%s%s%s", key, what,
		    nearest == NULL ? "" : "; did you mean `",
		    nearest == NULL ? "" : nearest,
		    nearest == NULL ? "" : "`?");
	}
	return true;
}

static const char *
text_of(const struct reading *reading, const struct yaml_node *mapping,
    const char *key)
{
	const struct yaml_node *node = yaml_get(mapping, key);

	if (node == NULL)
		return "";
	if (node->kind == YAML_SCALAR)
		return node->scalar;
	report_error(reading->report, place_of(reading, node),
	    "`%s` should be one text", key);
	return "";
}

static const char *
needed_of(const struct reading *reading, const struct yaml_node *mapping,
    const char *what, const char *key)
{
	const char *text = text_of(reading, mapping, key);

	if (text[0] == '\0')
		report_error(reading->report, place_of(reading, mapping),
		    "%s needs `%s:`", what, key);
	return text;
}

static struct instant
time_of(const struct reading *reading, const struct yaml_node *mapping,
    const char *key, struct instant otherwise)
{
	const char *text = text_of(reading, mapping, key);
	struct instant at = otherwise;

	if (text[0] != '\0' && !instant_parse(text, &at))
		report_error(reading->report,
		    place_of(reading, yaml_get(mapping, key)),
		    "`%.40s` is no time: write it as 2026-11-21T06:27:31Z",
		    text);
	return at;
}

/* A list, or a single item as a list of itself; each a text. */
static size_t
items_of(const struct reading *reading, const struct yaml_node *mapping,
    const char *key, const struct yaml_node ***items)
{
	const struct yaml_node *node = yaml_get(mapping, key);
	size_t count = node == NULL                  ? 0
		       : node->kind == YAML_SEQUENCE ? node->count
						     : 1;
	size_t good = 0;

	*items = arena_array(reading->arena, count, sizeof(**items));
	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *item =
		    node->kind == YAML_SEQUENCE ? node->values[i] : node;

		if (item->kind == YAML_SCALAR)
			(*items)[good++] = item;
		else
			report_error(reading->report, place_of(reading, item),
			    "`%s` should be a list of texts", key);
	}
	return good;
}

static struct labels
labels_of(const struct reading *reading, const struct yaml_node *mapping)
{
	const struct yaml_node *node = yaml_get(mapping, "labels");
	struct label *labels;

	if (node == NULL)
		return (struct labels){0};
	if (node->kind != YAML_MAPPING) {
		report_error(reading->report, place_of(reading, node),
		    "`labels` should be keys and values, such as {site: a}");
		return (struct labels){0};
	}
	labels = arena_array(reading->arena, node->count, sizeof(*labels));
	for (size_t i = 0; i < node->count; i++) {
		const struct yaml_node *value = node->values[i];

		if (value->kind != YAML_SCALAR)
			report_error(reading->report, place_of(reading, value),
			    "a label's value should be one text");
		labels[i] = (struct label){node->keys[i]->scalar,
		    value->kind == YAML_SCALAR ? value->scalar : ""};
	}
	return (struct labels){labels, node->count};
}

/* --- YAML: zones and workloads -------------------------------------------- */

static void
give(const struct reading *reading, const struct yaml_node *node,
    const struct fact *fact)
{
	if (!inventory_record_may_be_written(fact))
		report_error(reading->report, place_of(reading, node),
		    "a name here is too long, or has quotes or control "
		    "characters");
	else if (reading->taker != NULL)
		(void)fact_give(reading->taker, fact);
}

static void
read_zone(const struct reading *reading, const struct yaml_node *node)
{
	static const char *const keys[] = {"name", "cidr", "labels", NULL};
	const struct yaml_node **items;
	struct prefix *prefixes;
	struct fact fact = {
	    .kind = FACT_ZONE, .cluster = reading->cluster, .at = INSTANT_PAST};
	size_t count;

	if (!check_keys(reading, node, "a zone", keys))
		return;
	count = items_of(reading, node, "cidr", &items);
	prefixes = arena_array(reading->arena, count, sizeof(*prefixes));
	if (yaml_get(node, "cidr") == NULL)
		report_error(reading->report, place_of(reading, node),
		    "a zone needs `cidr:`, such as [10.99.0.0/24]");
	for (size_t i = 0; i < count; i++) {
		const char *wrong =
		    prefix_parse(items[i]->scalar, &prefixes[i]);

		if (wrong != NULL)
			report_error(reading->report,
			    place_of(reading, items[i]), "`%.60s`: %s",
			    items[i]->scalar, wrong);
	}
	fact.zone = (struct zone){
	    .name = needed_of(reading, node, "a zone", "name"),
	    .prefixes = prefixes,
	    .prefix_count = count,
	    .labels = labels_of(reading, node),
	};
	fact.id = fact.zone.name;
	if (fact.id[0] != '\0')
		give(reading, node, &fact);
}

static void
read_addresses(const struct reading *reading, const struct yaml_node *node,
    struct workload *workload)
{
	const struct yaml_node **items;
	size_t count = items_of(reading, node, "addresses", &items);
	struct address *addresses =
	    arena_array(reading->arena, count, sizeof(*addresses));

	if (count == 0)
		report_error(reading->report, place_of(reading, node),
		    "a workload needs `addresses:`, such as [10.40.0.5]");
	for (size_t i = 0; i < count; i++)
		if (!address_parse(items[i]->scalar, &addresses[i]))
			report_error(reading->report,
			    place_of(reading, items[i]),
			    "`%.60s` is no IP address", items[i]->scalar);
	workload->addresses = addresses;
	workload->address_count = count;
}

static void
read_container(const struct reading *reading, const struct yaml_node *node,
    struct workload *workload)
{
	const char *image = text_of(reading, node, "image");
	const struct yaml_node **items;
	size_t count = items_of(reading, node, "ports", &items);
	struct container_port *ports =
	    arena_array(reading->arena, count, sizeof(*ports));
	struct container *container =
	    arena_take(reading->arena, sizeof(*container));

	for (size_t i = 0; i < count; i++)
		if (!inventory_record_parse_port(items[i]->scalar, &ports[i]))
			report_error(reading->report,
			    place_of(reading, items[i]),
			    "`%.60s` is no port: write 8080, 8080/tcp or "
			    "8080/tcp/http",
			    items[i]->scalar);
	if (image[0] == '\0' && count == 0)
		return;
	*container = (struct container){
	    .name = workload->name,
	    .image = image_split(reading->arena, image),
	    .ports = ports,
	    .port_count = count,
	};
	workload->containers = container;
	workload->container_count = 1;
}

static void
read_workload(const struct reading *reading, const struct yaml_node *node)
{
	static const char *const keys[] = {"name", "addresses", "application",
	    "namespace", "image", "ports", "labels", "node", "since", "until",
	    "provides", "needs", NULL};
	struct fact fact = {.kind = FACT_WORKLOAD,
	    .cluster = reading->cluster,
	    .at = INSTANT_PAST};
	struct workload *workload = &fact.workload.workload;

	if (!check_keys(reading, node, "a workload", keys))
		return;
	*workload = (struct workload){
	    .cluster = reading->cluster,
	    .orchestrator = "static",
	    .namespace = text_of(reading, node, "namespace"),
	    .name = needed_of(reading, node, "a workload", "name"),
	    .node = text_of(reading, node, "node"),
	    .labels = labels_of(reading, node),
	    .provides = text_of(reading, node, "provides"),
	    .needs = text_of(reading, node, "needs"),
	    .since = time_of(reading, node, "since", INSTANT_PAST),
	    .until = time_of(reading, node, "until", INSTANT_FUTURE),
	};
	read_addresses(reading, node, workload);
	read_container(reading, node, workload);
	fact.id = arena_format(reading->arena, "static:%s:%s/%s",
	    reading->cluster, workload->namespace, workload->name);
	workload->id = fact.id;
	fact.workload.owner_kind = "";
	fact.workload.owner_name = "";
	fact.workload.annotation = text_of(reading, node, "application");
	give(reading, node, &fact);
}

static void
read_each(const struct reading *reading, const struct yaml_node *root,
    const char *key,
    void (*read)(const struct reading *reading, const struct yaml_node *node))
{
	const struct yaml_node *list = yaml_get(root, key);

	if (list == NULL)
		return;
	if (list->kind != YAML_SEQUENCE) {
		report_error(reading->report, place_of(reading, list),
		    "`%s` should be a list: begin each item with `- name:`",
		    key);
		return;
	}
	for (size_t i = 0; i < list->count; i++)
		read(reading, list->values[i]);
}

static void
read_root(struct reading *reading, const struct yaml_node *root)
{
	static const char *const keys[] = {
	    "inventory", "cluster", "zones", "workloads", NULL};

	if (!check_keys(reading, root, "an inventory", keys))
		return;
	if (strcmp(text_of(reading, root, "inventory"), VERSION) != 0)
		report_error(reading->report, place_of(reading, root),
		    "an inventory begins with `inventory: " VERSION
		    "`, the version of this form");
	reading->cluster = text_of(reading, root, "cluster");
	read_each(reading, root, "zones", read_zone);
	read_each(reading, root, "workloads", read_workload);
}

/* First all of it for its mistakes; facts are given of what has none. */
static enum inventory_file_status
read_yaml(struct reading *reading, const char *octets, size_t size)
{
	const struct fact_taker *taker = reading->taker;
	struct yaml_node **roots;
	size_t errors = report_errors(reading->report);
	size_t count = yaml_read(reading->arena, reading->path, octets, size,
	    reading->report, &roots);

	reading->taker = NULL;
	for (size_t i = 0; i < count; i++)
		read_root(reading, roots[i]);
	if (report_errors(reading->report) > errors)
		return INVENTORY_REFUSED;
	reading->taker = taker;
	for (size_t i = 0; i < count; i++)
		read_root(reading, roots[i]);
	return INVENTORY_READ;
}

/* --- the door ------------------------------------------------------------- */

enum inventory_file_status
inventory_native_read(const struct fact_taker *taker, const char *path,
    const char *octets, size_t size, struct report *report)
{
	const char *end = octets + size;
	const char *first = first_line(octets, end);
	struct reading reading = {.taker = taker,
	    .arena = arena_new(),
	    .path = path,
	    .report = report,
	    .cluster = ""};
	enum inventory_file_status status =
	    first < end && *first == '{' ? read_records(&reading, octets, end)
					 : read_yaml(&reading, octets, size);

	arena_free(reading.arena);
	return status;
}
