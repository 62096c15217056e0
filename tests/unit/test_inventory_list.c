#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/inventory/fact.h"
#include "classifiers/inventory/inventory.h"
#include "classifiers/sources/inventory_list.h"
#include "sensor/base/json_list.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"

/* Texts are written with ' for ", which no text in them has. */
static char *
quoted(const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	for (char *c = copy; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return copy;
}

static bool
gather(const struct json_piece *piece, void *context)
{
	text_format(
	    context, "%u:%.*s;", piece->line, (int)piece->size, piece->octets);
	return true;
}

/* Whatever the parts in which it comes, the objects are the same. */
static void
assert_split(const char *text, const char *pieces, const char *rest)
{
	static const char *const omitted[] = {"env", NULL};
	char *octets = quoted(text), *wanted = quoted(pieces);
	char *around = quoted(rest);
	size_t length = strlen(octets), size;
	const char *octet;

	for (size_t step = 1; step <= length; step++) {
		struct text out;
		struct json_list *list;

		text_init(&out, 4096);
		list = json_list_new("items", gather, &out);
		json_list_omit(list, omitted);
		for (size_t at = 0; at < length; at += step)
			assert_true(json_list_feed(list, octets + at,
			    length - at < step ? length - at : step));
		assert_string_equal(out.length == 0 ? "" : out.at, wanted);
		octet = json_list_rest(list, &size);
		assert_int_equal(size, strlen(around));
		assert_memory_equal(octet, around, size);
		json_list_free(list);
		text_release(&out);
	}
	free(octets);
	free(wanted);
	free(around);
}

static void
objects_come_in_any_parts(void **state)
{
	(void)state;
	assert_split("{'kind':'List','items':[{'a':'}]\\\\','b':{}},5,\n"
		     "{'x':1}],'more':[{'c':1}]}",
	    "1:{'a':'}]\\\\','b':{}};2:{'x':1};",
	    "{'kind':'List','items':[0,5,\n0],'more':[{'c':1}]}");
	assert_split("{'items':[{'spec':{'env':[{'name':'x'}],'y':2}}]}",
	    "1:{'spec':{'env':0,'y':2}};", "{'items':[0]}");
	/* Only the outermost `items` are the list's. */
	assert_split(
	    "{'a':{'items':[{'b':1}]}}", "", "{'a':{'items':[{'b':1}]}}");
}

static enum inventory_list_status
read_lossy(const char *text, size_t *workloads, size_t *left_out,
    struct json_fault *fault)
{
	struct inventory_list_losses losses;
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	struct fact_taker taker = inventory_taker(draft);
	struct inventory_list *list = inventory_list_new(&taker, "c");
	char *octets = quoted(text);
	enum inventory_list_status status;
	struct inventory *inventory;

	for (size_t i = 0; i < strlen(octets); i++)
		(void)inventory_list_feed(list, octets + i, 1);
	status = inventory_list_end(list, &losses, fault);
	if (left_out != NULL)
		*left_out = losses.left_out;
	inventory = inventory_publish(draft, report);
	*workloads = inventory_workload_count(inventory);
	inventory_free(inventory);
	inventory_draft_free(draft);
	report_free(report);
	free(octets);
	return status;
}

static enum inventory_list_status
read_list(const char *text, size_t *workloads, struct json_fault *fault)
{
	return read_lossy(text, workloads, NULL, fault);
}

#define POD(name) "{'kind':'Pod','metadata':{'name':'" name "'}}"

static void
lists_are_read_item_by_item(void **state)
{
	struct json_fault fault;
	size_t workloads;

	(void)state;
	assert_int_equal(
	    read_list("{'kind':'List','items':[" POD("a") "," POD("b") "]}",
		&workloads, &fault),
	    LIST_READ);
	assert_int_equal(workloads, 2);
	/* The kind may come last, and then the items wait for it. */
	assert_int_equal(read_list("{'items':[{'metadata':{'name':'a'}}],"
				   "'kind':'PodList'}",
			     &workloads, &fault),
	    LIST_READ);
	assert_int_equal(workloads, 1);
	assert_int_equal(
	    read_list("{'items':[" POD("a") "]}", &workloads, &fault),
	    LIST_NO_KIND);
}

static void
faults_name_their_line(void **state)
{
	struct json_fault fault;
	size_t workloads, left_out;

	(void)state;
	/* Of an item it costs that item only. */
	assert_int_equal(read_lossy("{'kind':'List',\n'items':[\n" POD(
					"a") ",\n"
					     "{'kind':\n x},"
					     "{'kind':{}{}}," POD("b") "]}",
			     &workloads, &left_out, &fault),
	    LIST_READ);
	assert_int_equal(fault.line, 5);
	assert_int_equal(left_out, 2);
	assert_int_equal(workloads, 2);
	assert_int_equal(
	    read_list("{'kind':'List','items':[\n" POD("a") "\n" POD("b") "]}",
		&workloads, &fault),
	    LIST_FAULTY);
	assert_int_equal(fault.line, 3);
	assert_int_equal(
	    read_list("{'kind':'List','items':[" POD("a"), &workloads, &fault),
	    LIST_FAULTY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(objects_come_in_any_parts),
	    cmocka_unit_test(lists_are_read_item_by_item),
	    cmocka_unit_test(faults_name_their_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
