#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/inventory_file.h"
#include "sensor/base/report.h"

#define DIRECTORY "tests/data/inventory/"

struct read_file {
	enum inventory_file_status status;
	struct inventory *inventory;
	struct report *report;
	char printed[1024];
};

static struct read_file
finish(enum inventory_file_status status, struct inventory_draft *draft,
    struct report *report)
{
	struct read_file file = {.status = status, .report = report};
	FILE *out = fmemopen(file.printed, sizeof(file.printed), "w");

	assert_non_null(out);
	report_print(report, out);
	fclose(out);
	file.inventory = inventory_publish(draft, report);
	inventory_draft_free(draft);
	return file;
}

static struct read_file
read_path(const char *path)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();

	return finish(inventory_file_read(draft, path, report), draft, report);
}

static struct read_file
read_text(const char *text)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();

	return finish(
	    inventory_file_parse(draft, "file", text, strlen(text), report),
	    draft, report);
}

static void
release(struct read_file *file)
{
	inventory_free(file->inventory);
	report_free(file->report);
}

static struct party
who(const struct read_file *file, const char *address, const char *time)
{
	struct address parsed;
	struct instant at;

	assert_true(address_parse(address, &parsed));
	assert_true(instant_parse(time, &at));
	return inventory_who(file->inventory, INVENTORY_ANY, &parsed, at);
}

/* What each example file says of an address at a time. */
static const struct {
	const char *path, *address, *time;
	enum attribution attribution;
	const char *name, *source;
} cases[] = {
    {"docker_inspect.json", "172.30.0.2", "2026-11-21T11:05:00Z",
	ATTRIBUTION_EXACT, "cart", "label com.docker.compose.service"},
    {"docker_inspect.json", "fd00:30::2", "2026-11-21T11:05:00Z",
	ATTRIBUTION_EXACT, "cart", "label com.docker.compose.service"},
    {"docker_inspect.json", "172.30.0.2", "2026-11-21T11:03:00Z",
	ATTRIBUTION_UNATTRIBUTED, NULL, NULL},
    {"docker_inspect.json", "172.30.0.9", "2026-11-21T11:05:00Z",
	ATTRIBUTION_UNATTRIBUTED, NULL, NULL},
    {"docker_inspect.json", "172.30.0.1", "2026-11-21T11:05:00Z",
	ATTRIBUTION_AMBIGUOUS, "vm", NULL},
    {"docker_inspect.json", "198.51.100.1", "2026-11-21T11:05:00Z",
	ATTRIBUTION_EXTERNAL, NULL, NULL},
    {"docker_list.json", "172.30.0.2", "2026-11-21T11:05:00Z",
	ATTRIBUTION_EXACT, "cart", "label com.docker.compose.service"},
    {"swarm_inspect.json", "10.77.0.4", "2026-11-21T11:05:00Z",
	ATTRIBUTION_EXACT, "shop_web", "label com.docker.swarm.service.name"},
    {"swarm_inspect.json", "172.18.0.3", "2026-11-21T11:05:00Z",
	ATTRIBUTION_EXACT, "shop_web", "label com.docker.swarm.service.name"},
    {"swarm_inspect.json", "10.77.0.2", "2026-11-21T11:05:00Z",
	ATTRIBUTION_SERVICE, "shop_web", NULL},
    {"swarm_inspect.json", "10.0.0.2", "2026-11-21T11:05:00Z", ATTRIBUTION_NODE,
	"vm", NULL},
    {"mesos_state.json", "9.0.1.2", "2026-11-21T08:05:00Z", ATTRIBUTION_EXACT,
	"web", "owner App"},
    {"mesos_state.json", "9.0.1.2", "2026-11-21T07:45:00Z",
	ATTRIBUTION_UNATTRIBUTED, NULL, NULL},
    {"mesos_state.json", "9.0.1.2", "2026-11-21T07:15:00Z", ATTRIBUTION_EXACT,
	"web", "owner App"},
    {"mesos_state.json", "10.0.0.11", "2026-11-21T08:05:00Z",
	ATTRIBUTION_AMBIGUOUS, "10.0.0.11", NULL},
    {"mesos_subscribe.recordio", "9.0.2.4", "2026-11-21T08:00:15Z",
	ATTRIBUTION_EXACT, "cart", "owner App"},
    {"cloudfoundry.jsonl", "10.255.2.2", "2026-11-21T08:05:00Z",
	ATTRIBUTION_EXACT, "cache", "owner App"},
    {"cloudfoundry.jsonl", "10.255.2.3", "2026-11-21T08:05:00Z",
	ATTRIBUTION_EXACT, "orders", "owner App"},
    {"cloudfoundry.jsonl", "10.0.1.10", "2026-11-21T08:05:00Z",
	ATTRIBUTION_NODE, "cell-0", NULL},
};

static const char *
name_of(const struct party *party)
{
	if (party->workload != NULL)
		return party->workload->application;
	if (party->service != NULL)
		return party->service->name;
	return party->node == NULL ? NULL : party->node->name;
}

static void
examples_name_their_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char path[128];
		struct read_file file;
		struct party party;

		snprintf(path, sizeof(path), DIRECTORY "%s", cases[i].path);
		file = read_path(path);
		assert_int_equal(file.status, INVENTORY_READ);
		assert_string_equal(file.printed, "");
		party = who(&file, cases[i].address, cases[i].time);
		if (party.attribution != cases[i].attribution)
			fail_msg("%s %s: %s", cases[i].path, cases[i].address,
			    attribution_name(party.attribution));
		if (cases[i].name == NULL)
			assert_null(name_of(&party));
		else
			assert_string_equal(name_of(&party), cases[i].name);
		if (cases[i].source != NULL)
			assert_string_equal(party.workload->application_source,
			    cases[i].source);
		release(&file);
	}
}

/* A virtual address leads to the tasks that say that they are its service's. */
static void
services_have_their_tasks(void **state)
{
	struct read_file file = read_path(DIRECTORY "swarm_inspect.json");
	struct party party = who(&file, "10.77.0.2", "2026-11-21T11:05:00Z");

	(void)state;
	assert_non_null(party.service);
	assert_int_equal(party.service->backend_count, 2);
	release(&file);
}

#define LRP(instance, address)                                                 \
	"{\"process_guid\":\"p\",\"index\":0,\"instance_guid\":\"" instance    \
	"\",\"state\":\"RUNNING\",\"since\":5,\"instance_address\":\"" address \
	"\"}"

static void
assert_reads(const char *text, enum inventory_file_status status,
    size_t workloads, const char *message)
{
	struct read_file file = read_text(text);

	assert_int_equal(file.status, status);
	assert_int_equal(inventory_workload_count(file.inventory), workloads);
	if (strstr(file.printed, message) == NULL)
		fail_msg("no '%s' in: %s", message, file.printed);
	release(&file);
}

static void
lines_that_are_wrong(void **state)
{
	(void)state;
	assert_reads(LRP("a", "10.0.0.1"), INVENTORY_READ, 1, "");
	assert_reads(LRP("a", "10.0.0.1") "\n" LRP("b", "10.0.0.2") "\n",
	    INVENTORY_READ, 2, "");
	assert_reads(LRP("a", "10.0.0.1") "\n{\"x\":1}\n" LRP("b", "10.0.0.2"),
	    INVENTORY_PARTLY, 2, "file:2: error: not of the form");
	assert_reads(LRP("a", "10.0.0.1") "\n{\"process_guid\":\n",
	    INVENTORY_PARTLY, 1, "file:2");
	assert_reads(LRP("a", "10.0.0.1") "\n{\"process_gu", INVENTORY_PARTLY,
	    1, "half written");
	assert_reads("{\"x\":1}", INVENTORY_REFUSED, 0, "no known form");
	assert_reads("[{\"x\":1}]", INVENTORY_REFUSED, 0, "no known form");
	assert_reads("{\"x\":1}\n{\"x\":2}\n", INVENTORY_REFUSED, 0, "");
}

#define ADDED                                                                  \
	"{\"type\":\"TASK_ADDED\",\"task_added\":{\"task\":{\"name\":\"t\","   \
	"\"task_id\":{\"value\":\"t\"},\"state\":\"TASK_RUNNING\"}}}"

/* One hostile object among others, and what is left of the whole. */
static void
objects_that_are_wrong(void **state)
{
	static const char docker[] =
	    "[\n{\"Id\":\"a\",\"Name\":\"/good\",\"State\":{\"Status\":"
	    "\"running\",\"StartedAt\":\"2026-11-21T08:00:00Z\"},\"Config\":"
	    "{\"Image\":\"redis:7\",\"Labels\":{}},\"NetworkSettings\":"
	    "{\"Networks\":{\"bridge\":{\"IPAddress\":\"172.17.0.2\"}}}},\n"
	    "{\"Id\":\"b\",\"Name\":\"/odd\",\"Config\":{\"Labels\":"
	    "{\"x\":\"1\",\"x\":\"2\"}}}]";
	static const char mesos[] =
	    "{\"slaves\":[],\"frameworks\":[{\"id\":\"F\",\"name\":"
	    "\"marathon\",\"tasks\":[\n{\"id\":\"web\",\"name\":\"web\","
	    "\"state\":\"TASK_RUNNING\",\"statuses\":[{\"state\":"
	    "\"TASK_RUNNING\",\"timestamp\":1795248000.0,"
	    "\"container_status\":{\"network_infos\":[{\"ip_addresses\":"
	    "[{\"ip_address\":\"9.0.1.2\"}]}]}}]},\n{\"id\":\"odd\",\"name\":"
	    "\"odd\",\"state\":\"TASK_RUNNING\",\"resources\":{\"cpus\":"
	    "99999999999999999999999}}]}]}";
	static const struct {
		const char *text, *name, *place;
	} wrong[] = {
	    {docker, "good", "file:3:"},
	    {mesos, "web", "file:3:"},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct read_file file = read_text(wrong[i].text);

		assert_int_equal(file.status, INVENTORY_PARTLY);
		assert_int_equal(inventory_workload_count(file.inventory), 1);
		assert_string_equal(
		    inventory_workload(file.inventory, 0)->name, wrong[i].name);
		assert_non_null(strstr(file.printed, wrong[i].place));
		assert_non_null(strstr(file.printed, "1 such objects"));
		release(&file);
	}
}

static void
streams_that_are_wrong(void **state)
{
	char text[512];
	int size = (int)strlen(ADDED);

	(void)state;
	snprintf(text, sizeof(text), "%d\n" ADDED, size);
	assert_reads(text, INVENTORY_READ, 1, "");
	snprintf(text, sizeof(text), "%d\n" ADDED "20\n{\"type\":", size);
	assert_reads(text, INVENTORY_READ, 1, "half written");
	snprintf(text, sizeof(text), "%d\n" ADDED "x", size);
	assert_reads(text, INVENTORY_PARTLY, 1, "after record 1");
	snprintf(text, sizeof(text), "%d\n" ADDED "2\n{}", size);
	assert_reads(text, INVENTORY_PARTLY, 1, "record 2 of the stream");
	assert_reads("2\n{}", INVENTORY_REFUSED, 0, "record 1 of the stream");
	assert_reads("99999999999999999999999\n{}", INVENTORY_REFUSED, 0,
	    "no stream of records");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(examples_name_their_addresses),
	    cmocka_unit_test(services_have_their_tasks),
	    cmocka_unit_test(lines_that_are_wrong),
	    cmocka_unit_test(objects_that_are_wrong),
	    cmocka_unit_test(streams_that_are_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
