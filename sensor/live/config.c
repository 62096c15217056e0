#include "sensor/live/config.h"

#include <stdlib.h>
#include <string.h>

#include "alerts/sink_url.h"
#include "classifiers/redis/redis.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/base/yaml_read.h"
#include "sensor/domain.h"
#include "sensor/live/live.h"
#include "sensor/live/setting.h"

/* Keys of one mapping, the table's and those that are read here. */
#define KEYS_MAXIMUM 40

struct config {
	const char *path;
	struct arena *arena;
	struct live_settings *settings;
	struct domains **domains;
	struct report *report;
};

/* A key that no row of the table has, and what reads it. */
struct list_key {
	const char *section, *key;
	void (*read)(struct config *config, const struct yaml_node *node);
};

static struct place
place_of(const struct config *config, const struct yaml_node *node)
{
	return (struct place){config->path, node->line, node->column};
}

/* --- words ---------------------------------------------------------------- */

/* Nothing, which YAML calls null. */
static bool
is_nothing(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR &&
	       (node->scalar[0] == '\0' ||
		   (node->plain && (strcmp(node->scalar, "~") == 0 ||
				       strcmp(node->scalar, "null") == 0)));
}

/* A text, which is none when nothing stands there. */
static const char *
word_of(struct config *config, const struct yaml_node *node, const char *what)
{
	if (node->kind == YAML_SCALAR && !is_nothing(node))
		return node->scalar;
	report_error(config->report, place_of(config, node),
	    node->kind == YAML_SCALAR ? "'%s' has no value; leave it out, or "
					"write one"
				      : "'%s' takes one word, not a list or a "
					"mapping",
	    what);
	return NULL;
}

static size_t
list_count(const struct yaml_node *node)
{
	return node->kind == YAML_SEQUENCE ? node->count : 1;
}

/* One thing is a list of one. */
static const struct yaml_node *
list_at(const struct yaml_node *node, size_t index)
{
	return node->kind == YAML_SEQUENCE ? node->values[index] : node;
}

static void
complain_unknown(struct config *config, const struct yaml_node *key,
    const char *where, const char *const *known)
{
	const char *nearest = nearest_word(key->scalar, known);
	struct text hint;

	text_init(&hint, 1024);
	if (nearest != NULL)
		text_format(&hint, "; did you mean '%s'?", nearest);
	for (size_t i = 0; nearest == NULL && known[i] != NULL; i++)
		text_format(
		    &hint, "%s%s", i == 0 ? "; known: " : ", ", known[i]);
	report_error(config->report, place_of(config, key),
	    "unknown key '%.80s'%s%s%s", key->scalar,
	    where[0] == '\0' ? "" : " of ", where, hint.at);
	text_release(&hint);
}

/* --- paths ---------------------------------------------------------------- */

/* Takes each path of a list into an array that has a bound. */
static void
read_paths(struct config *config, const struct yaml_node *node,
    const char *what, const char **paths, size_t *count)
{
	for (size_t i = 0; i < list_count(node); i++) {
		const struct yaml_node *item = list_at(node, i);
		const char *path = word_of(config, item, what);

		if (path != NULL && *count == SETUP_PATHS_MAXIMUM)
			report_error(config->report, place_of(config, item),
			    "more than %d %s", SETUP_PATHS_MAXIMUM, what);
		else if (path != NULL)
			paths[(*count)++] = path;
	}
}

static void
read_models(struct config *config, const struct yaml_node *node)
{
	struct setup_paths *paths = &config->settings->paths;

	read_paths(
	    config, node, "directories", paths->models, &paths->model_count);
}

static void
read_databases(struct config *config, const struct yaml_node *node)
{
	struct setup_paths *paths = &config->settings->paths;

	read_paths(config, node, "databases", paths->geo, &paths->geo_count);
}

static void
read_files(struct config *config, const struct yaml_node *node)
{
	struct setup_paths *paths = &config->settings->paths;

	read_paths(
	    config, node, "files", paths->inventory, &paths->inventory_count);
}

static void
read_redis(struct config *config, const struct yaml_node *node)
{
	const char *word = word_of(config, node, "redis");
	char fault[REDIS_FAULT_SIZE];
	struct redis_url *url;

	if (word == NULL)
		return;
	/* `@FILE` is read when it is needed. */
	url = word[0] == '@' ? NULL : redis_url_parse(word, fault);
	redis_url_free(url);
	if (url == NULL && word[0] != '@')
		report_error(
		    config->report, place_of(config, node), "%s", fault);
	config->settings->paths.redis = word;
}

/* A flag that says the opposite of what the settings have. */
static void
read_unless(struct config *config, const struct yaml_node *node,
    const char *what, bool *out)
{
	const char *word = word_of(config, node, what);

	if (word == NULL)
		return;
	if (strcmp(word, "true") != 0 && strcmp(word, "false") != 0)
		report_error(config->report, place_of(config, node),
		    "'%.40s' is not true or false", word);
	*out = strcmp(word, "false") == 0;
}

static void
read_shipped(struct config *config, const struct yaml_node *node)
{
	read_unless(
	    config, node, "shipped", &config->settings->paths.no_library);
}

static void
read_general(struct config *config, const struct yaml_node *node)
{
	read_unless(
	    config, node, "general", &config->settings->paths.no_general);
}

/* --- networks ------------------------------------------------------------- */

/*
 * Declares `name=what`.
 *
 * before     octets of that before the one which stands at the node
 */
static void
declare(struct config *config, const struct yaml_node *node, const char *name,
    const char *what, size_t before)
{
	struct place place = place_of(config, node);
	struct text text;

	if (place.column > before)
		place.column -= (uint32_t)before;

	if (*config->domains == NULL)
		*config->domains = domains_new();
	text_init(&text, 4096);
	text_format(&text, "%s=%s", name, what);
	domains_add(*config->domains, text.at, config->report, place);
	text_release(&text);
}

static void
read_domain(
    struct config *config, const char *name, const struct yaml_node *node)
{
	for (size_t i = 0; i < list_count(node); i++) {
		const struct yaml_node *item = list_at(node, i);
		const char *what = word_of(config, item, name);

		if (what != NULL)
			declare(config, item, name, what, strlen(name) + 1);
	}
}

/* `prod-a: [vlan:100, vni:4096]` */
static void
read_domains(struct config *config, const struct yaml_node *node)
{
	if (node->kind != YAML_MAPPING) {
		report_error(config->report, place_of(config, node),
		    "'domains' takes a mapping, such as {prod-a: vlan:100}");
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		read_domain(config, node->keys[i]->scalar, node->values[i]);
}

static void
add_interface(
    struct config *config, const struct yaml_node *node, const char *name)
{
	struct live_settings *settings = config->settings;

	for (size_t i = 0; i < settings->interface_count; i++)
		if (strcmp(settings->interfaces[i], name) == 0) {
			report_error(config->report, place_of(config, node),
			    "interface '%.40s' stands twice", name);
			return;
		}
	if (settings->interface_count == LIVE_INTERFACES)
		report_error(config->report, place_of(config, node),
		    "more than %d interfaces", LIVE_INTERFACES);
	else
		settings->interfaces[settings->interface_count++] = name;
}

/* `{name: eth1, domain: prod-a}` */
static void
read_interface(struct config *config, const struct yaml_node *node)
{
	static const char *const known[] = {"name", "domain", NULL};
	const struct yaml_node *name = yaml_get(node, "name");
	const struct yaml_node *domain = yaml_get(node, "domain");
	const char *named, *network = NULL;
	struct text what;

	for (size_t i = 0; i < node->count; i++)
		if (strcmp(node->keys[i]->scalar, "name") != 0 &&
		    strcmp(node->keys[i]->scalar, "domain") != 0)
			complain_unknown(
			    config, node->keys[i], "an interface", known);
	if (name == NULL) {
		report_error(config->report, place_of(config, node),
		    "an interface needs its 'name'");
		return;
	}
	named = word_of(config, name, "name");
	if (domain != NULL)
		network = word_of(config, domain, "domain");
	if (named == NULL)
		return;
	add_interface(config, name, named);
	if (network == NULL)
		return;
	text_init(&what, 256);
	text_format(&what, "interface:%s", named);
	declare(config, domain, network, what.at, 0);
	text_release(&what);
}

static void
read_interfaces(struct config *config, const struct yaml_node *node)
{
	for (size_t i = 0; i < list_count(node); i++) {
		const struct yaml_node *item = list_at(node, i);
		const char *name;

		if (item->kind == YAML_MAPPING) {
			read_interface(config, item);
			continue;
		}
		name = word_of(config, item, "interfaces");
		if (name != NULL)
			add_interface(config, item, name);
	}
}

/* --- sinks ---------------------------------------------------------------- */

static void
read_sinks(struct config *config, const struct yaml_node *node)
{
	struct live_delivery_settings *delivery = &config->settings->delivery;

	for (size_t i = 0; i < list_count(node); i++) {
		const struct yaml_node *item = list_at(node, i);
		const char *word = word_of(config, item, "sinks");
		char fault[SINK_FAULT_SIZE];
		struct sink_url *url;

		if (word == NULL)
			continue;
		url = sink_url_parse(word, fault);
		sink_url_free(url);
		if (url == NULL)
			report_error(config->report, place_of(config, item),
			    "%s", fault);
		else if (delivery->sink_count == LIVE_DELIVERY_SINKS)
			report_error(config->report, place_of(config, item),
			    "more than %d sinks", LIVE_DELIVERY_SINKS);
		else
			delivery->sinks[delivery->sink_count++] = word;
	}
}

/* --- the document --------------------------------------------------------- */

static const struct list_key list_keys[] = {
    {"", "interfaces", read_interfaces},
    {"", "domains", read_domains},
    {"", "sinks", read_sinks},
    {"models", "directories", read_models},
    {"models", "shipped", read_shipped},
    {"models", "general", read_general},
    {"models", "databases", read_databases},
    {"inventory", "redis", read_redis},
    {"inventory", "files", read_files},
};

#define LIST_KEYS (sizeof(list_keys) / sizeof(list_keys[0]))

static void
add_word(const char **words, size_t *count, const char *word)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(words[i], word) == 0)
			return;
	if (*count < KEYS_MAXIMUM)
		words[(*count)++] = word;
}

/* Every key of a section; of "", the sections, too. */
static void
find_words(const char *section, const char *words[KEYS_MAXIMUM + 1])
{
	size_t row_count, count = 0;
	const struct setting *rows = setting_rows(&row_count);

	for (size_t i = 0; i < row_count; i++) {
		if (strcmp(rows[i].section, section) == 0)
			add_word(words, &count, rows[i].key);
		else if (section[0] == '\0')
			add_word(words, &count, rows[i].section);
	}
	for (size_t i = 0; i < LIST_KEYS; i++) {
		if (strcmp(list_keys[i].section, section) == 0)
			add_word(words, &count, list_keys[i].key);
		else if (section[0] == '\0')
			add_word(words, &count, list_keys[i].section);
	}
	words[count] = NULL;
}

static bool
is_word(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

static void
take_setting(struct config *config, const struct setting *row,
    const struct yaml_node *node)
{
	const char *word = word_of(config, node, row->key);
	char fault[SETTING_FAULT_SIZE];

	if (word != NULL &&
	    !setting_take(row, word, false, config->settings, fault))
		report_error(config->report, place_of(config, node), "%s: %s",
		    row->key, fault);
}

/* Reads what a key of a section says; false when it is none's. */
static bool
read_key(struct config *config, const char *section,
    const struct yaml_node *key, const struct yaml_node *value)
{
	size_t count;
	const struct setting *rows = setting_rows(&count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].section, section) == 0 &&
		    strcmp(rows[i].key, key->scalar) == 0) {
			take_setting(config, &rows[i], value);
			return true;
		}
	for (size_t i = 0; i < LIST_KEYS; i++)
		if (strcmp(list_keys[i].section, section) == 0 &&
		    strcmp(list_keys[i].key, key->scalar) == 0) {
			list_keys[i].read(config, value);
			return true;
		}
	return false;
}

static void
read_section(
    struct config *config, const char *section, const struct yaml_node *node)
{
	const char *words[KEYS_MAXIMUM + 1];

	if (is_nothing(node))
		return; /* all of its keys are commented out */
	if (node->kind != YAML_MAPPING) {
		report_error(config->report, place_of(config, node),
		    "'%s' takes a mapping of its keys", section);
		return;
	}
	find_words(section, words);
	for (size_t i = 0; i < node->count; i++)
		if (!read_key(config, section, node->keys[i], node->values[i]))
			complain_unknown(config, node->keys[i], section, words);
}

static void
read_document(struct config *config, const struct yaml_node *node)
{
	const char *words[KEYS_MAXIMUM + 1];

	if (node->kind != YAML_MAPPING) {
		report_error(config->report, place_of(config, node),
		    "a configuration is a mapping, such as 'interfaces: "
		    "[eth1]'");
		return;
	}
	find_words("", words);
	for (size_t i = 0; i < node->count; i++) {
		const struct yaml_node *key = node->keys[i];

		if (read_key(config, "", key, node->values[i]))
			continue;
		if (is_word(key->scalar, words))
			read_section(config, key->scalar, node->values[i]);
		else
			complain_unknown(config, key, "", words);
	}
}

bool
config_parse(const char *path, const char *octets, size_t size,
    struct arena *arena, struct live_settings *settings,
    struct domains **domains, struct report *report)
{
	struct config config = {path, arena, settings, domains, report};
	size_t before = report_errors(report);
	struct yaml_node **documents;
	size_t count = yaml_read(arena, path, octets, size, report, &documents);

	if (count > 1)
		report_error(report, place_of(&config, documents[1]),
		    "a configuration is one document");
	if (count > 0)
		read_document(&config, documents[0]);
	return report_errors(report) == before;
}

bool
config_read(const char *path, struct arena *arena,
    struct live_settings *settings, struct domains **domains,
    struct report *report)
{
	char *octets = NULL;
	size_t size = 0;
	int error = file_read(path, CONFIG_MAXIMUM, &octets, &size);
	bool fine;

	if (error != 0) {
		report_error(report, (struct place){path, 0, 0},
		    "cannot be read: %s", strerror(-error));
		return false;
	}
	fine =
	    config_parse(path, octets, size, arena, settings, domains, report);
	free(octets);
	return fine;
}
