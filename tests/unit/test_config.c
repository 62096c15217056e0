#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerts/journal.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/base/yaml_read.h"
#include "sensor/domain.h"
#include "sensor/live/config.h"
#include "sensor/live/run_options.h"
#include "sensor/live/run_settings.h"
#include "sensor/live/setting.h"

struct scene {
	struct arena *arena;
	struct report *report;
	struct domains *domains;
	struct live_settings settings;
	char said[8192]; /* of the report */
	bool fine;
};

static struct scene *
parse(const char *text)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	FILE *out = tmpfile();

	assert_non_null(out);
	scene->arena = arena_new();
	scene->report = report_new();
	scene->settings = live_settings_default("host");
	scene->fine = config_parse("c.yaml", text, strlen(text), scene->arena,
	    &scene->settings, &scene->domains, scene->report);
	report_print(scene->report, out);
	rewind(out);
	scene->said[fread(scene->said, 1, sizeof(scene->said) - 1, out)] = 0;
	(void)fclose(out);
	return scene;
}

static void
end(struct scene *scene)
{
	arena_free(scene->arena);
	report_free(scene->report);
	domains_free(scene->domains);
	free(scene);
}

static const char everything[] =
    "interfaces: [eth1, {name: eth2, domain: b}]\n"
    "sensor: edge\nconfine: false\nmetrics: '[::1]:9'\n"
    "capture: {filter: not port 22, ring: 64MiB, workers: 3,\n"
    "  promiscuous: false}\n"
    "limits: {flows: 1000}\n"
    "domains: {a: [vlan:7, vni:8], c: vlan:9}\n"
    "models: {directories: [/m, /n], shipped: false,\n"
    "  databases: /d.mmdb}\n"
    "inventory: {redis: 'redis://r', files: /f, saved: /s}\n"
    "alerts: {file: /a, format: ecs, update: 90s, quiet: 2h}\n"
    "flows: {file: /l}\nstats: {file: /t, interval: 2m}\n"
    "evidence: {file: /e, size: 1GiB, files: 3, memory: 4MiB,\n"
    "  packets: 5, octets: 8KiB, follow: 1m}\n"
    "journal: {directory: /j, sync: every, size: 2GiB, age: 7d}\n"
    "sinks: ['file:/k', 'syslog+udp://h']\n";

static void
check_capture(const struct scene *scene)
{
	const struct live_settings *got = &scene->settings;

	assert_int_equal(got->interface_count, 2);
	assert_string_equal(got->interfaces[0], "eth1");
	assert_string_equal(got->interfaces[1], "eth2");
	assert_int_equal(domains_of_interface(scene->domains, "eth1"), 0);
	assert_string_equal(domains_name(scene->domains,
				domains_of_interface(scene->domains, "eth2")),
	    "b");
	assert_int_equal(domains_count(scene->domains), 3);
	assert_string_equal(got->sensor, "edge");
	assert_false(got->confined);
	assert_string_equal(got->metrics, "[::1]:9");
	assert_string_equal(got->filter, "not port 22");
	assert_int_equal(got->buffer, 64 << 20);
	assert_int_equal(got->workers, 3);
	assert_false(got->promiscuous);
	assert_int_equal(got->flow_capacity, 1000);
}

static void
check_world(const struct live_settings *got)
{
	assert_int_equal(got->paths.model_count, 2);
	assert_string_equal(got->paths.models[1], "/n");
	assert_true(got->paths.no_library);
	assert_false(got->paths.no_general);
	assert_string_equal(got->paths.geo[0], "/d.mmdb");
	assert_string_equal(got->paths.redis, "redis://r");
	assert_string_equal(got->paths.inventory[0], "/f");
	assert_string_equal(got->saved, "/s");
	assert_string_equal(got->alerts, "/a");
	assert_int_equal(got->format, FORMAT_ECS);
	assert_int_equal(got->times.update, 90 * NS_PER_SECOND);
	assert_int_equal(got->times.quiet, 7200 * NS_PER_SECOND);
	assert_string_equal(got->flows, "/l");
	assert_string_equal(got->stats, "/t");
	assert_int_equal(got->stats_seconds, 120);
}

static void
check_proof(const struct live_settings *got)
{
	assert_string_equal(got->witness.file.path, "/e");
	assert_int_equal(got->witness.file.size, 1 << 30);
	assert_int_equal(got->witness.file.count, 3);
	assert_int_equal(got->witness.evidence.memory, 4 << 20);
	assert_int_equal(got->witness.evidence.packets, 5);
	assert_int_equal(got->witness.evidence.octets, 8192);
	assert_int_equal(got->witness.follow, 60 * NS_PER_SECOND);
	assert_string_equal(got->delivery.journal, "/j");
	assert_int_equal(got->delivery.sync, JOURNAL_SYNC_EVERY);
	assert_int_equal(got->delivery.maximum, INT64_C(2) << 30);
	assert_int_equal(got->delivery.age, 7 * 86400 * NS_PER_SECOND);
	assert_int_equal(got->delivery.sink_count, 2);
	assert_string_equal(got->delivery.sinks[1], "syslog+udp://h");
}

/* Every kind of value comes to where it belongs. */
static void
takes_everything(void **state)
{
	struct scene *scene = parse(everything);

	(void)state;
	assert_string_equal(scene->said, "");
	assert_true(scene->fine);
	check_capture(scene);
	check_world(&scene->settings);
	check_proof(&scene->settings);
	end(scene);
}

static void
nothing_is_the_default(void **state)
{
	struct scene *scene = parse("# nothing\n");
	struct live_settings usual = live_settings_default("host");

	(void)state;
	assert_true(scene->fine);
	assert_memory_equal(&scene->settings, &usual, sizeof(usual));
	end(scene);
}

static const char mistakes[] =
    "interface: [eth1]\n"
    "interfaces: [eth1, {name: eth2, domian: p}, eth1, {domain: x}]\n"
    "capture:\n"
    "  rign: 64MiB\n"
    "  ring: 64\n"
    "  promiscuous: yes\n"
    "alerts: {format: natvie, update: 5, quiet: 1.5h}\n"
    "evidence: {packets: 0, memory: 1PiB, size: [1]}\n"
    "domains: {a: vlan:9999}\n"
    "models: /etc\n"
    "stats: {interval: 500ms}\n"
    "limits: {flows: 99999999999999999999}\n"
    "sensor:\n"
    "inventory: {files: [a, {}]}\n"
    "nonsense: 1\n"
    "sinks: [syslog+tpc://h]\n";
static const char *const expected[] = {
    "c.yaml:1:1: error: unknown key 'interface'; did you mean "
    "'interfaces'?",
    "c.yaml:2:33: error: unknown key 'domian' of an interface; did "
    "you mean 'domain'?",
    "c.yaml:2:45: error: interface 'eth1' stands twice",
    "c.yaml:2:51: error: an interface needs its 'name'",
    "c.yaml:4:3: error: unknown key 'rign' of capture; did you mean "
    "'ring'?",
    "c.yaml:5:9: error: ring: '64' is not 1MiB to 1GiB",
    "c.yaml:6:16: error: promiscuous: 'yes' is not true or false",
    "c.yaml:7:18: error: format: 'natvie' is not native, ecs, ocsf, "
    "cef, leef or syslog; did you mean native",
    "c.yaml:7:34: error: update: '5' is not 1s to 7d",
    "c.yaml:7:44: error: quiet: '1.5h' is not 1s to 7d",
    "c.yaml:8:21: error: packets: '0' is not 1 to 1024",
    "c.yaml:8:32: error: memory: '1PiB' is not 1MiB to 16GiB",
    "c.yaml:8:44: error: 'size' takes one word, not a list or a "
    "mapping",
    "c.yaml:9:19: error: `9999` is no number",
    "c.yaml:10:9: error: 'models' takes a mapping",
    "c.yaml:11:19: error: interval: '500ms' is not 1s to 1d",
    "c.yaml:12:17: error: flows: '99999999999999999999' is not 1 to ",
    "error: 'sensor' has no value",
    "c.yaml:14:24: error: 'files' takes one word",
    "c.yaml:15:1: error: unknown key 'nonsense'; known: ",
    "c.yaml:16:9: error: ",
};

/* Every mistake, at its place, with the nearest right word. */
static void
says_every_mistake(void **state)
{
	struct scene *scene = parse(mistakes);
	size_t lines = 0;

	(void)state;
	assert_false(scene->fine);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		if (strstr(scene->said, expected[i]) == NULL)
			fail_msg(
			    "not said: %s\nbut:\n%s", expected[i], scene->said);
	for (const char *c = scene->said; *c != '\0'; c++)
		lines += *c == '\n';
	/* The domain's mistake may be said in several ways. */
	assert_true(lines >= sizeof(expected) / sizeof(expected[0]));
	assert_int_equal(report_errors(scene->report),
	    sizeof(expected) / sizeof(expected[0]));
	end(scene);
}

static void
is_one_document(void **state)
{
	struct scene *scene = parse("sensor: a\n---\nsensor: b\n");

	(void)state;
	assert_false(scene->fine);
	assert_non_null(
	    strstr(scene->said, "c.yaml:3:1: error: a configuration is one"));
	end(scene);
	scene = parse("[eth1]\n");
	assert_non_null(
	    strstr(scene->said, "c.yaml:1:1: error: a configuration is a"));
	end(scene);
	scene = parse("sensor: [\n");
	assert_non_null(strstr(scene->said, "c.yaml:2:1: error: "));
	end(scene);
}

/* --- the sample ----------------------------------------------------------- */

static char *
read_sample(void)
{
	char *octets = NULL;
	size_t size;

	assert_int_equal(
	    file_read("deploy/hedgerow.yaml", CONFIG_MAXIMUM, &octets, &size),
	    0);
	return octets;
}

/* What has a `# ` before a key that is written small becomes a line of it. */
static void
uncomment(char *text)
{
	for (char *line = text; line != NULL && *line != '\0';) {
		char *end = strchr(line, '\n');
		char *mark = line + strspn(line, " ");

		if (strncmp(mark, "# ", 2) == 0) {
			size_t word =
			    strspn(mark + 2, "abcdefghijklmnopqrstuvwxyz");

			if ((word > 0 &&
				strncmp(mark + 2 + word, ": ", 2) == 0) ||
			    strncmp(mark + 2, "- {", 3) == 0) {
				memmove(mark, mark + 2, strlen(mark + 2) + 1);
				end = strchr(line, '\n');
			}
		}
		line = end == NULL ? NULL : end + 1;
	}
}

/* The sample says what holds without it. */
static void
the_sample_is_the_default(void **state)
{
	char *text = read_sample();
	struct scene *scene = parse(text);
	struct live_settings usual = live_settings_default("host");
	const struct live_settings *got = &scene->settings;

	(void)state;
	assert_string_equal(scene->said, "");
	assert_int_equal(got->interface_count, 1);
	assert_string_equal(got->user, LIVE_USER);
	assert_string_equal(got->control, LIVE_CONTROL);
	assert_int_equal(got->buffer, CAPTURE_LIVE_BUFFER);
	assert_int_equal(got->flow_capacity, usual.flow_capacity);
	assert_string_equal(got->alerts, usual.alerts);
	assert_int_equal(got->stats_seconds, usual.stats_seconds);
	assert_memory_equal(&got->times, &usual.times, sizeof(usual.times));
	assert_memory_equal(&got->witness.evidence, &usual.witness.evidence,
	    sizeof(usual.witness.evidence));
	assert_int_equal(got->witness.file.size, usual.witness.file.size);
	assert_int_equal(got->witness.file.count, usual.witness.file.count);
	assert_int_equal(got->witness.follow, usual.witness.follow);
	assert_int_equal(got->confined, usual.confined);
	assert_int_equal(got->quiet, usual.quiet);
	assert_int_equal(got->promiscuous, usual.promiscuous);
	assert_int_equal(got->paths.no_library, usual.paths.no_library);
	end(scene);
	free(text);
}

/* And it has every key that there is. */
static void
the_sample_has_every_key(void **state)
{
	char *text = read_sample();
	struct arena *arena = arena_new();
	struct report *report = report_new();
	struct yaml_node **documents;
	struct scene *scene;
	size_t rows;
	const struct setting *row = setting_rows(&rows);

	(void)state;
	uncomment(text);
	scene = parse(text);
	assert_string_equal(scene->said, "");
	assert_int_equal(
	    yaml_read(arena, "sample", text, strlen(text), report, &documents),
	    1);
	for (size_t i = 0; i < rows; i++, row++) {
		const struct yaml_node *section = documents[0];

		if (row->section[0] != '\0')
			section = yaml_get(section, row->section);
		if (yaml_get(section, row->key) == NULL)
			fail_msg("no %s %s", row->section, row->key);
	}
	assert_int_equal(scene->settings.interface_count, 2);
	assert_int_equal(scene->settings.paths.model_count, 1);
	assert_int_equal(scene->settings.paths.geo_count, 1);
	assert_int_equal(scene->settings.paths.inventory_count, 1);
	assert_non_null(scene->settings.paths.redis);
	assert_int_equal(domains_count(scene->domains), 2);
	end(scene);
	report_free(report);
	arena_free(arena);
	free(text);
}

/* --- with the command line ------------------------------------------------ */

static const struct option_row rows[RUN_ROW_COUNT] = {RUN_ROWS};
static const struct option_table table = {.usage = "hedgerow run",
    .summary = "",
    .rows = rows,
    .count = RUN_ROW_COUNT,
    .operands = true,
    .examples = ""};

/* What the command line says wins; a list there is the whole list. */
static void
the_command_line_wins(void **state)
{
	char path[] = "/tmp/hedgerow-config-XXXXXX";
	int descriptor = mkstemp(path);
	static const char text[] =
	    "interfaces: [eth1, eth2]\nsensor: file\n"
	    "capture: {ring: 2MiB, filter: port 1}\n"
	    "models: {directories: [/one, /two]}\n"
	    "alerts: {file: /file}\nstats: {interval: 3m}\n";
	char word[][20] = {"--sensor", "line", "-i", "eth7", "--buffer", "5",
	    "-i", "eth8", "--config", "", "--stats-interval", "7", "port", "2"};
	char *arguments[14];
	struct run_options options = {.table = &table};

	(void)state;
	assert_int_equal(
	    write(descriptor, text, sizeof(text) - 1), sizeof(text) - 1);
	(void)close(descriptor);
	for (size_t i = 0; i < 14; i++)
		arguments[i] = word[i];
	arguments[9] = path;
	assert_int_equal(
	    run_settings_read(&options, 14, arguments), OPTIONS_GO);
	assert_string_equal(options.config, path);
	assert_string_equal(options.settings.sensor, "line");
	assert_string_equal(options.settings.alerts, "/file");
	assert_int_equal(options.settings.interface_count, 2);
	assert_string_equal(options.settings.interfaces[0], "eth7");
	assert_string_equal(options.settings.interfaces[1], "eth8");
	assert_int_equal(options.settings.buffer, 5 << 20);
	assert_int_equal(options.settings.stats_seconds, 7);
	assert_string_equal(options.settings.filter, "port 2");
	assert_int_equal(options.settings.paths.model_count, 2);
	run_options_release(&options);
	assert_int_equal(unlink(path), 0);
}

/* --- the environment ------------------------------------------------------ */

/* What is said of an environment, with these arguments after it. */
static enum options_status
walk(struct run_options *options, const char *const *environment, char *said)
{
	char **before = environ, **words;
	char word[][20] = {"--stats-interval", "7", "-i", "eth8"};
	char *arguments[] = {word[0], word[1], word[2], word[3]};
	FILE *out = tmpfile();
	int saved = dup(STDERR_FILENO);
	enum options_status status;
	size_t got;

	assert_non_null(out);
	assert_true(saved >= 0);
	(void)fflush(stderr);
	(void)dup2(fileno(out), STDERR_FILENO);
	*options = (struct run_options){.table = &table};
	/* Nobody writes to it. */
	memcpy(&words, &environment, sizeof(words));
	environ = words;
	status = run_settings_read(options, 4, arguments);
	environ = before;
	(void)fflush(stderr);
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	rewind(out);
	got = fread(said, 1, 4095, out);
	said[got] = '\0';
	(void)fclose(out);
	return status;
}

static void
the_environment_wins_over_the_file(void **state)
{
	char path[] = "/tmp/test_config_XXXXXX", config[64], said[4096];
	static const char text[] =
	    "interfaces: [eth1]\nstats: {interval: 2m}\nconfine: false\n"
	    "models: {directories: [/m], shipped: false}\nsensor: file\n"
	    "capture: {ring: 9MiB}\njournal: {directory: /j, sync: never}\n";
	const char *environment[] = {"PATH=/bin", config, "HEDGEROW_SENSOR=e",
	    "HEDGEROW_STATS_INTERVAL=5", "HEDGEROW_NO_CONFINE=false",
	    "HEDGEROW_NO_LIBRARY=false", "HEDGEROW_QUIET=true",
	    "HEDGEROW_MODELS=/a  /b", "HEDGEROW_INTERFACE=eth5 eth6",
	    "HEDGEROW_JOURNAL_SYNC=every", "HEDGEROW_CAPTURE_FILTER=port 1",
	    "HEDGEROW_SERVICE_HOST=10.0.0.1", "HEDGEROW_PORT_9847_TCP=x",
	    "HEDGEROW_STATE=", NULL};
	int descriptor = mkstemp(path);
	struct run_options options;

	(void)state;
	assert_int_equal(
	    write(descriptor, text, sizeof(text) - 1), sizeof(text) - 1);
	(void)close(descriptor);
	(void)snprintf(config, sizeof(config), "HEDGEROW_CONFIG=%s", path);
	assert_int_equal(walk(&options, environment, said), OPTIONS_GO);
	assert_string_equal(said, "");
	assert_string_equal(options.config, path);
	assert_string_equal(options.settings.sensor, "e");
	assert_int_equal(options.settings.stats_seconds, 7);
	assert_int_equal(options.settings.interface_count, 1);
	assert_string_equal(options.settings.interfaces[0], "eth8");
	assert_true(options.settings.confined);
	assert_false(options.settings.paths.no_library);
	assert_true(options.settings.quiet);
	assert_int_equal(options.settings.paths.model_count, 2);
	assert_string_equal(options.settings.paths.models[1], "/b");
	assert_int_equal(options.settings.buffer, 9 << 20);
	assert_int_equal(options.settings.delivery.sync, JOURNAL_SYNC_EVERY);
	assert_string_equal(options.settings.filter, "port 1");
	assert_null(options.settings.state);
	run_options_release(&options);
	assert_int_equal(unlink(path), 0);
}

/* Each mistake with the word that stands there, and all of them at once. */
static void
mistakes_of_the_environment_are_said(void **state)
{
	const char *environment[] = {"HEDGEROW_STATS_INTERVALL=5",
	    "HEDGEROW_BUFFER=much", "HEDGEROW_QUIET=yes",
	    "HEDGEROW_XYZZYQUUX=1", "HEDGEROW_METRICS=nowhere", NULL};
	struct run_options options;
	char said[4096];

	(void)state;
	assert_int_equal(walk(&options, environment, said), OPTIONS_WRONG);
	assert_non_null(strstr(said, "no setting HEDGEROW_STATS_INTERVALL"));
	assert_non_null(strstr(said, "did you mean HEDGEROW_STATS_INTERVAL?"));
	assert_non_null(strstr(said, "HEDGEROW_BUFFER: 'much'"));
	assert_non_null(strstr(said, "HEDGEROW_QUIET: 'yes' is not true"));
	assert_non_null(strstr(
	    said, "HEDGEROW_XYZZYQUUX in the environment is no setting"));
	assert_non_null(strstr(said, "HEDGEROW_METRICS: 'nowhere' is not "));
	run_options_release(&options);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_everything),
	    cmocka_unit_test(nothing_is_the_default),
	    cmocka_unit_test(says_every_mistake),
	    cmocka_unit_test(is_one_document),
	    cmocka_unit_test(the_sample_is_the_default),
	    cmocka_unit_test(the_sample_has_every_key),
	    cmocka_unit_test(the_command_line_wins),
	    cmocka_unit_test(the_environment_wins_over_the_file),
	    cmocka_unit_test(mistakes_of_the_environment_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
