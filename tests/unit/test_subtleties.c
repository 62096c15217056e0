/*
 * The subtleties that others get wrong, and where each is held to here.
 *
 *  1 flow before metadata     cli/metadata_order.sh; test_late; test_late_world
 *  2 an address is reused     address_goes_to_the_next_within_a_second;
 *                             live/redis_order.sh
 *  3 terminating pods         a_flow_is_its_beginnings
 *  4 clocks that disagree     clocks_that_disagree_keep_the_order
 *  5 host network             a_nodes_pods_are_candidates; test_judge
 *  6 ClusterIP and DNAT       replay/dnat, replay/dnat-before;
 *                             test_translation
 *  7 NodePort, SNAT           test_translation (a node behind a service);
 *                             test_judge (test_masqueraded_is_the_nodes)
 *  8 masquerade at the uplink test_judge (test_masqueraded_is_the_nodes)
 *  9 encapsulation            test_frame; test_flow_duplicate
 * 10 duplicates               test_flow_duplicate
 * 11 direction without SYN    test_attribute; test_flowtable
 * 12 application late         test_appid; test_judge (port guess)
 * 13 probes, DNS, API server  test_library_flows (models/platform)
 * 14 init and debug           what_only_starts_or_debugs_is_no_container
 * 15 shared namespaces        test_mesh; test_library_flows (istio, linkerd)
 * 16 dual stack               both_families_are_one; test_inventory
 * 17 overlapping addresses    test_inventory_times; cli/domain.sh
 * 18 names and addresses      test_dns_answers; test_judge_outside
 * 19 loss, one-way capture    cli/loss.sh; test_flow_tcp (gaps); test_flowtable
 * 20 half-open, scans         test_flow_tcp (scans); test_judge (attempt)
 * 21 rolling updates          old_and_new_are_right_together
 * 22 source down              silence_is_no_violation; test_inventory_times
 * 23 ICMP errors, fragments   test_flowtable; test_reassembly
 * 24 suppression              test_finding (check_sum); cli/loss.sh (what a
 *                             replay prints)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/appid.h"
#include "classifiers/attribute.h"
#include "classifiers/sources/inventory_file.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/flow.h"

/* One event of a watch log; ' stands for ". */
#define EVENT(time, type, object)                                              \
	"{'time':'2026-11-21T06:" time "Z','type':'" type "','object':" object \
	"}\n"

/* A pod of web, or of what `more` says, in the middle of its spec. */
#define POD(name, version, address, more)                                      \
	"{'kind':'Pod','metadata':{'name':'" name "','namespace':'shop',"      \
	"'uid':'" name "','resourceVersion':'" version "',"                    \
	"'labels':{'app':'" name "'}},'spec':{" more "},"                      \
	"'status':{'startTime':'2026-11-21T06:00:00Z','podIP':'" address       \
	"','podIPs':[{'ip':'" address "'}]}}"

static struct inventory *
read_log(const char *log, int64_t patience)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	struct inventory *inventory;
	struct text octets;

	text_init(&octets, 65536);
	for (const char *c = log; *c != '\0'; c++)
		text_add_char(&octets, *c == '\'' ? '"' : *c);
	inventory_set_patience(draft, patience);
	assert_int_equal(inventory_file_parse(
			     draft, "log", octets.at, octets.length, report),
	    INVENTORY_READ);
	inventory = inventory_publish(draft, report);
	inventory_draft_free(draft);
	report_free(report);
	text_release(&octets);
	return inventory;
}

static struct instant
time_of(const char *minutes)
{
	char text[40];
	struct instant at;

	(void)snprintf(text, sizeof(text), "2026-11-21T06:%sZ", minutes);
	assert_true(instant_parse(text, &at));
	return at;
}

static struct party
who(const struct inventory *inventory, const char *text, const char *minutes)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return inventory_who(
	    inventory, INVENTORY_ANY, &address, time_of(minutes));
}

static void
assert_is(struct party party, const char *name)
{
	assert_string_equal(attribution_name(party.attribution), "exact");
	assert_string_equal(party.workload->name, name);
}

/* 2: A goes at 10:00.2, B comes at 10:01 with its address. */
static void
address_goes_to_the_next_within_a_second(void **state)
{
	struct inventory *inventory = read_log(
	    EVENT("01:00", "ADDED", POD("a", "5", "10.0.0.1", ""))
		EVENT("10:00.2", "DELETED", POD("a", "7", "10.0.0.1", ""))
		    EVENT("10:01", "ADDED",
			"{'kind':'Pod','metadata':{'name':'b',"
			"'namespace':'shop','uid':'b','resourceVersion':'8'},"
			"'status':{'startTime':'2026-11-21T06:10:00Z',"
			"'podIP':'10.0.0.1'}}"),
	    0);

	(void)state;
	assert_is(who(inventory, "10.0.0.1", "10:00.1"), "a");
	assert_is(who(inventory, "10.0.0.1", "10:00.2"), "b");
	assert_is(who(inventory, "10.0.0.1", "10:01"), "b");
	inventory_free(inventory);
}

/* 3: what began with A is A's, though its FIN comes when A is gone. */
static void
a_flow_is_its_beginnings(void **state)
{
	struct inventory *inventory = read_log(
	    EVENT("01:00", "ADDED", POD("a", "5", "10.0.0.1", ""))
		EVENT("02:00", "ADDED", POD("c", "6", "10.0.0.3", ""))
		    EVENT("10:00", "DELETED", POD("a", "7", "10.0.0.1", "")),
	    0);
	struct flow flow = {.protocol = PROTOCOL_TCP,
	    .packets = {1, 1},
	    .first = time_of("09:59"),
	    .last = time_of("10:30")};
	struct appid_flow appid = {0};
	struct party client, server;

	(void)state;
	assert_true(address_parse("10.0.0.1", &flow.ends[0].address));
	assert_true(address_parse("10.0.0.3", &flow.ends[1].address));
	flow.direction = DIRECTION_HANDSHAKE;
	assert_true(attribute_flow(
	    inventory, INVENTORY_ANY, NULL, &flow, &appid, &client, &server));
	assert_is(flow.client == 0 ? client : server, "a");
	assert_is(flow.client == 0 ? server : client, "c");
	inventory_free(inventory);
}

/* 4: the later version says an earlier time; versions are the order. */
static void
clocks_that_disagree_keep_the_order(void **state)
{
	struct inventory *inventory = read_log(
	    EVENT("05:00", "ADDED", POD("a", "5", "10.0.0.1", ""))
		EVENT("04:59", "MODIFIED",
		    "{'kind':'Pod','metadata':{'name':'a',"
		    "'namespace':'shop','uid':'a','resourceVersion':'6',"
		    "'labels':{'app':'new'}},'status':{'podIP':'10.0.0.1',"
		    "'startTime':'2026-11-21T06:00:00Z'}}"),
	    0);

	(void)state;
	assert_string_equal(
	    who(inventory, "10.0.0.1", "05:01").workload->application, "new");
	inventory_free(inventory);
}

/* 5: a node and whatever is on its network; never one of them for sure. */
static void
a_nodes_pods_are_candidates(void **state)
{
	struct inventory *inventory =
	    read_log(EVENT("01:00", "ADDED",
			 POD("proxy", "5", "172.16.0.1",
			     "'hostNetwork':true,'nodeName':'n1'"))
			 EVENT("01:00", "ADDED",
			     POD("agent", "6", "172.16.0.1",
				 "'hostNetwork':true,'nodeName':'n1'")),
		0);
	struct party party = who(inventory, "172.16.0.1", "02:00");

	(void)state;
	assert_string_equal(attribution_name(party.attribution), "ambiguous");
	assert_int_equal(party.node->host_workload_count, 2);
	inventory_free(inventory);
}

/* 14: nor does it make another state of the pod. */
static void
what_only_starts_or_debugs_is_no_container(void **state)
{
	struct inventory *inventory = read_log(
	    EVENT("01:00", "ADDED",
		POD("a", "5", "10.0.0.1",
		    "'containers':[{'name':'web','image':'nginx:1'}],"
		    "'initContainers':[{'name':'wait','image':'postgres'}]"))
		EVENT("02:00", "MODIFIED",
		    POD("a", "6", "10.0.0.1",
			"'containers':[{'name':'web','image':'nginx:1'}],"
			"'initContainers':[{'name':'wait',"
			"'image':'postgres'}],"
			"'ephemeralContainers':[{'name':'debug',"
			"'image':'busybox'}]")),
	    0);
	struct party party = who(inventory, "10.0.0.1", "03:00");

	(void)state;
	assert_int_equal(party.workload->container_count, 1);
	assert_string_equal(party.workload->containers[0].image.base, "nginx");
	assert_int_equal(inventory_workload_count(inventory), 1);
	inventory_free(inventory);
}

/* 16 */
static void
both_families_are_one(void **state)
{
	struct inventory *inventory = read_log(
	    EVENT("01:00", "ADDED",
		"{'kind':'Pod','metadata':{'name':'a','namespace':'shop'},"
		"'status':{'podIP':'10.0.0.1','podIPs':[{'ip':'10.0.0.1'},"
		"{'ip':'fd00::1'}]}}"),
	    0);

	(void)state;
	assert_ptr_equal(who(inventory, "10.0.0.1", "02:00").workload,
	    who(inventory, "fd00::1", "02:00").workload);
	assert_is(who(inventory, "fd00::1", "02:00"), "a");
	inventory_free(inventory);
}

/* 21: the container of a pod is changed while it lives. */
static void
old_and_new_are_right_together(void **state)
{
	struct inventory *inventory = read_log(
	    EVENT("01:00", "ADDED",
		POD("a", "5", "10.0.0.1",
		    "'containers':[{'name':'web','image':'nginx:1'}]"))
		EVENT("02:00", "ADDED",
		    POD("b", "6", "10.0.0.2",
			"'containers':[{'name':'web','image':'nginx:2'}]"))
		    EVENT("05:00", "MODIFIED",
			POD("a", "7", "10.0.0.1",
			    "'containers':[{'name':'web',"
			    "'image':'nginx:2'}]")),
	    0);

	(void)state;
	assert_string_equal(who(inventory, "10.0.0.1", "04:00")
				.workload->containers[0]
				.image.tag,
	    "1");
	assert_string_equal(who(inventory, "10.0.0.2", "04:00")
				.workload->containers[0]
				.image.tag,
	    "2");
	assert_string_equal(who(inventory, "10.0.0.1", "05:00")
				.workload->containers[0]
				.image.tag,
	    "2");
	inventory_free(inventory);
}

/* 22: what is stale is nobody's for sure, and bookmarks are signs of life. */
static void
silence_is_no_violation(void **state)
{
	struct inventory *inventory =
	    read_log(EVENT("01:00", "ADDED", POD("a", "5", "10.0.0.1", ""))
			 EVENT("20:00", "BOOKMARK", "{'kind':'Pod'}"),
		300 * NS_PER_SECOND);

	(void)state;
	assert_is(who(inventory, "10.0.0.1", "05:00"), "a");
	assert_string_equal(
	    attribution_name(who(inventory, "10.0.0.1", "07:00").attribution),
	    "stale");
	assert_is(who(inventory, "10.0.0.1", "20:30"), "a");
	inventory_free(inventory);
}

/*
 * Quotes, line breaks, half text and objects of no shape hurt nobody: not the
 * pod that has them, which keeps its state, and not those beside it.
 */
static void
hostile_labels_hurt_nobody(void **state)
{
	struct inventory *inventory = read_log(
	    EVENT("01:00", "ADDED", POD("a", "5", "10.0.0.1", ""))
		EVENT("02:00", "MODIFIED",
		    "{'kind':'Pod','metadata':{'name':'a','namespace':'shop',"
		    "'uid':'a','resourceVersion':'6','labels':{'app':'a',"
		    "'x\\n\\\\\\u0000':'\\u0007\\n{}\xff\\ud800'}},"
		    "'status':{'podIP':'10.0.0.1','podIPs':['10.0.0.1',"
		    "{'ip':'not an address'},{'ip':'10.0.0.1'}]}}")
		    EVENT("03:00", "ADDED", "{'kind':'Pod','metadata':{}}")
			EVENT("03:00", "ADDED", "{'kind':'Pod'}") EVENT(
			    "03:00", "ADDED", POD("b", "9", "10.0.0.2", "")),
	    0);
	struct party party = who(inventory, "10.0.0.1", "04:00");

	(void)state;
	assert_is(party, "a");
	assert_string_equal(
	    labels_get(&party.workload->labels, "x\n\\\xef\xbf\xbd"),
	    "\a\n{}?\xef\xbf\xbd");
	assert_is(who(inventory, "10.0.0.2", "04:00"), "b");
	inventory_free(inventory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(address_goes_to_the_next_within_a_second),
	    cmocka_unit_test(a_flow_is_its_beginnings),
	    cmocka_unit_test(clocks_that_disagree_keep_the_order),
	    cmocka_unit_test(a_nodes_pods_are_candidates),
	    cmocka_unit_test(what_only_starts_or_debugs_is_no_container),
	    cmocka_unit_test(both_families_are_one),
	    cmocka_unit_test(old_and_new_are_right_together),
	    cmocka_unit_test(silence_is_no_violation),
	    cmocka_unit_test(hostile_labels_hurt_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
