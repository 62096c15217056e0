#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/sources/inventory_native.h"
#include "fact_text.h"
#include "sensor/base/report.h"

struct taken {
	struct text text;
	size_t count;
	char name[64], application[64], id[64];
	size_t addresses, ports;
};

static bool
take(const struct fact *fact, void *context)
{
	struct taken *taken = context;

	taken->count++;
	tell_fact(&taken->text, fact);
	if (fact->kind != FACT_WORKLOAD)
		return true;
	(void)snprintf(taken->name, sizeof(taken->name), "%s",
	    fact->workload.workload.name);
	(void)snprintf(taken->application, sizeof(taken->application), "%s",
	    fact->workload.annotation);
	(void)snprintf(taken->id, sizeof(taken->id), "%s", fact->id);
	taken->addresses = fact->workload.workload.address_count;
	taken->ports = fact->workload.workload.container_count == 0
			   ? 0
			   : fact->workload.workload.containers[0].port_count;
	return true;
}

/* Reads; what was reported is in `said`. */
static enum inventory_file_status
read_text(struct taken *taken, const char *text, char said[2048])
{
	struct report *report = report_new();
	struct fact_taker taker = {take, taken};
	FILE *out = fmemopen(said, 2048, "w");
	enum inventory_file_status status;

	*taken = (struct taken){0};
	text_init(&taken->text, (size_t)1 << 20);
	assert_true(inventory_native_is(text, strlen(text)));
	status =
	    inventory_native_read(&taker, "file", text, strlen(text), report);
	said[0] = '\0';
	report_print(report, out);
	assert_int_equal(fclose(out), 0);
	report_free(report);
	text_release(&taken->text);
	return status;
}

static void
yaml_names_hosts_and_zones(void **state)
{
	struct taken taken;
	char said[2048];

	(void)state;
	assert_int_equal(read_text(&taken,
			     "# legacy\n---\ninventory: 1\ncluster: dc\n"
			     "zones:\n"
			     "  - {name: office, cidr: 10.9.0.0/16}\n"
			     "workloads:\n"
			     "  - name: ledger-1\n"
			     "    application: ledger\n"
			     "    addresses: [10.40.0.5, \"2001:db8::5\"]\n"
			     "    ports: [1521, 8080/tcp/http]\n",
			     said),
	    INVENTORY_READ);
	assert_string_equal(said, "");
	assert_int_equal(taken.count, 2);
	assert_string_equal(taken.name, "ledger-1");
	assert_string_equal(taken.application, "ledger");
	assert_string_equal(taken.id, "static:dc:/ledger-1");
	assert_int_equal(taken.addresses, 2);
	assert_int_equal(taken.ports, 2);
}

/* All of the mistakes, each in its place, and not one fact. */
static void
yaml_with_mistakes_is_refused(void **state)
{
	static const char *const expected[] = {"file:3:5: error: unknown key "
					       "`lables`",
	    "`labels`", "file:2:11: error: `10.9.0.1/16`",
	    "file:6:17: error: `10.400.0.5` is no IP address",
	    "file:7:12: error: `http` is no port",
	    "file:8:5: error: a workload needs `addresses:`"};
	struct taken taken;
	char said[2048];

	(void)state;
	assert_int_equal(read_text(&taken,
			     "zones:\n"
			     "  - cidr: 10.9.0.1/16\n"
			     "    lables: {}\n"
			     "workloads:\n"
			     "  - name: a\n"
			     "    addresses: [10.400.0.5]\n"
			     "    ports: http\n"
			     "  - name: b\n"
			     "inventory: 1\n",
			     said),
	    INVENTORY_REFUSED);
	assert_int_equal(taken.count, 0);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (strstr(said, expected[i]) == NULL)
			print_error("no %s in:\n%s\n", expected[i], said);
		assert_non_null(strstr(said, expected[i]));
	}
}

static void
a_version_is_needed(void **state)
{
	struct taken taken;
	char said[2048];

	(void)state;
	assert_int_equal(
	    read_text(&taken, "inventory: 2\n", said), INVENTORY_REFUSED);
	assert_non_null(strstr(said, "inventory: 1"));
}

#define NODE "{\"v\":1,\"fact\":\"node\",\"id\":\"n\",\"name\":\"n\"}\n"

static void
records_are_read_line_by_line(void **state)
{
	struct taken taken;
	char said[2048];

	(void)state;
	assert_int_equal(
	    read_text(&taken, NODE "\n" NODE, said), INVENTORY_READ);
	assert_int_equal(taken.count, 2);
	assert_int_equal(
	    read_text(&taken, NODE "{\"v\":1,\"fact\":\"nod\"}\n" NODE, said),
	    INVENTORY_PARTLY);
	assert_int_equal(taken.count, 2);
	assert_non_null(strstr(said, "file:2: error: no record has the kind"));
	assert_int_equal(
	    read_text(&taken, NODE "{\"v\":1,\"fact", said), INVENTORY_PARTLY);
	assert_non_null(strstr(said, "warning: the last line is only half"));
	assert_int_equal(taken.count, 1);
}

static void
other_forms_are_left_to_others(void **state)
{
	static const char *const others[] = {"", "\n\n", "{}", "[]",
	    "{\"kind\":\"List\"}", "model: a\n", "{\"v\":1}", "# only\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(inventory_native_is(others[i], strlen(others[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(yaml_names_hosts_and_zones),
	    cmocka_unit_test(yaml_with_mistakes_is_refused),
	    cmocka_unit_test(a_version_is_needed),
	    cmocka_unit_test(records_are_read_line_by_line),
	    cmocka_unit_test(other_forms_are_left_to_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
