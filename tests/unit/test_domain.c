#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/domain.h"
#include "tests/unit/flowtable_scene.h"

static const struct place start = {"--domain", 1, 1};

/* Domains of texts that are all right. */
static struct domains *
declared(const char *const *texts)
{
	struct domains *domains = domains_new();
	struct report *report = report_new();

	for (; *texts != NULL; texts++)
		domains_add(domains, *texts, report, start);
	assert_int_equal(report_errors(report), 0);
	assert_int_equal(report_warnings(report), 0);
	report_free(report);
	return domains;
}

static struct frame
tagged(uint16_t outer, uint16_t inner)
{
	struct frame frame =
	    made_frame(made_key(PROTOCOL_UDP, 9, 40000, 1, 53), 10);

	frame.vlans[0] = outer;
	frame.vlans[1] = inner;
	frame.vlan_count = (uint8_t)((outer != 0) + (inner != 0));
	return frame;
}

static const char *
name_of(const struct domains *domains, struct frame frame, uint16_t otherwise)
{
	domains_settle(domains, &frame, otherwise);
	assert_int_equal(frame.key.domain, frame.quoted.domain);
	return domains_name(domains, frame.key.domain);
}

static void
test_innermost_evidence_decides(void **state)
{
	struct domains *domains = declared((const char *const[]){
	    "prod-a=vlan:100,vlan:4094", "prod-b=vni:4096", "prod-a=vni:0",
	    "edge=interface:eth1", "prod-b=vlan:200", NULL});
	struct frame frame = tagged(0, 0);
	uint16_t edge = domains_of_interface(domains, "eth1");

	(void)state;
	assert_int_equal(domains_of_interface(domains, "eth"), 0);
	assert_int_equal(domains_of_interface(domains, NULL), 0);
	assert_null(name_of(domains, frame, 0));
	assert_string_equal(name_of(domains, frame, edge), "edge");
	assert_string_equal(name_of(domains, tagged(100, 0), edge), "prod-a");
	assert_string_equal(name_of(domains, tagged(100, 200), edge), "prod-b");
	assert_string_equal(name_of(domains, tagged(4094, 7), edge), "prod-a");
	assert_string_equal(name_of(domains, tagged(7, 0), edge), "edge");
	assert_null(name_of(domains, tagged(7, 0), 0));
	frame = tagged(100, 0);
	frame.tunnel = (struct tunnel){.kind = TUNNEL_VXLAN, .id = 4096};
	assert_string_equal(name_of(domains, frame, edge), "prod-b");
	frame.tunnel.id = 4097;
	assert_string_equal(name_of(domains, frame, edge), "prod-a");
	frame.tunnel.id = 0;
	frame.vlan_count = 0;
	assert_string_equal(name_of(domains, frame, edge), "prod-a");
	frame.tunnel.kind = TUNNEL_IPIP;
	assert_string_equal(name_of(domains, frame, edge), "edge");
	domains_free(domains);
}

/* Tunnels in any order, each found, and none between them. */
static void
test_many_tunnels(void **state)
{
	struct domains *domains = domains_new();
	struct report *report = report_new();
	char text[64];

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		unsigned number = i * 7919 % 500;

		snprintf(
		    text, sizeof(text), "d%u=vni:%u", number % 10, number * 3);
		domains_add(domains, text, report, start);
	}
	assert_int_equal(report_errors(report), 0);
	for (uint32_t number = 0; number < 1500; number++) {
		struct frame frame = tagged(0, 0);
		const char *name;

		frame.tunnel =
		    (struct tunnel){.kind = TUNNEL_GENEVE, .id = number};
		name = name_of(domains, frame, 0);
		snprintf(text, sizeof(text), "d%u", number / 3 % 10);
		if (number % 3 == 0)
			assert_string_equal(name, text);
		else
			assert_null(name);
	}
	report_free(report);
	domains_free(domains);
}

/* What is printed about one text. */
static void
assert_complaint(const char *text, const char *expected)
{
	struct domains *domains = domains_new();
	struct report *report = report_new();
	char printed[1024] = "";
	FILE *out = fmemopen(printed, sizeof(printed), "w");

	assert_non_null(out);
	domains_add(domains, text, report, start);
	report_print(report, out);
	fclose(out);
	assert_string_equal(printed, expected);
	report_free(report);
	domains_free(domains);
}

static void
test_every_mistake_is_said(void **state)
{
	(void)state;
	assert_complaint("prod",
	    "--domain:1:1: error: `prod` is not NAME=vlan:N, NAME=vni:N or "
	    "NAME=interface:NAME\n");
	assert_complaint("=vlan:1",
	    "--domain:1:1: error: a domain's name has 1 to 63 characters\n");
	assert_complaint("Prod=vlan:1",
	    "--domain:1:1: error: `P` in a domain's name; it is made of a-z, "
	    "0-9, `-`, `.` and `_`\n");
	assert_complaint("a=vlam:1",
	    "--domain:1:3: error: `vlam` is not vlan:, vni: or interface:; "
	    "did you mean vlan\n");
	assert_complaint(
	    "a=", "--domain:1:3: error: `` is not vlan:, vni: or interface:\n");
	assert_complaint("a=vlan:0,vlan:4095,vlan:1x,vlan:,vlan:-1",
	    "--domain:1:8: error: `0` is no number from 1 to 4094\n"
	    "--domain:1:15: error: `4095` is no number from 1 to 4094\n"
	    "--domain:1:25: error: `1x` is no number from 1 to 4094\n"
	    "--domain:1:33: error: `` is no number from 1 to 4094\n"
	    "--domain:1:39: error: `-1` is no number from 1 to 4094\n");
	assert_complaint("a=vni:4294967296,vni:99999999999999999999",
	    "--domain:1:7: error: `4294967296` is no number from 0 to "
	    "4294967295\n"
	    "--domain:1:22: error: `99999999999999999999` is no number from "
	    "0 to 4294967295\n");
	assert_complaint("a=interface:",
	    "--domain:1:13: error: an interface's name is missing\n");
	assert_complaint("a=vlan:5,vlan:5",
	    "--domain:1:15: warning: this is said already\n");
}

static void
test_one_evidence_for_two_domains(void **state)
{
	struct domains *domains = domains_new();
	struct report *report = report_new();

	(void)state;
	domains_add(domains, "a=vlan:5,vni:5,interface:5", report, start);
	domains_add(
	    domains, "b=vlan:5,vni:5,interface:5,vlan:6", report, start);
	assert_int_equal(report_errors(report), 3);
	assert_string_equal(name_of(domains, tagged(5, 0), 0), "a");
	assert_string_equal(name_of(domains, tagged(6, 0), 0), "b");
	report_free(report);
	domains_free(domains);
}

/* The same pair of addresses and ports, in two clusters. */
static void
test_domains_part_flows(void **state)
{
	struct domains *domains =
	    declared((const char *const[]){"a=vlan:100", "b=vlan:200", NULL});
	struct frame one = tagged(100, 0), other = tagged(200, 0);
	struct bench bench;
	struct flow *flow;

	(void)state;
	domains_settle(domains, &one, 0);
	domains_settle(domains, &other, 0);
	bench_open(&bench, 4);
	flow = hear(&bench, 1, one);
	assert_int_equal(flow->sequence, 1);
	assert_int_equal(flow->domain, one.key.domain);
	flow = hear(&bench, 1, other);
	assert_int_equal(flow->sequence, 2);
	assert_false(flow->answered);
	other.key = made_reverse(other.key);
	domains_settle(domains, &other, 0);
	flow = hear(&bench, 2, other);
	assert_int_equal(flow->sequence, 2);
	assert_true(flow->answered);
	flow = hear(&bench, 2, tagged(100, 0)); /* in no domain */
	assert_int_equal(flow->sequence, 3);
	assert_int_equal(flow->packets[0] + flow->packets[1], 1);
	bench_close(&bench);
	assert_true(flow_id(&bench.ended[0]) != flow_id(&bench.ended[1]));
	domains_free(domains);
}

static void
test_errors_are_of_their_domain(void **state)
{
	struct domains *domains =
	    declared((const char *const[]){"a=vlan:100", "b=vlan:200", NULL});
	struct frame ask = tagged(100, 0), error;
	struct bench bench;
	struct flow *flow;

	(void)state;
	domains_settle(domains, &ask, 0);
	error = made_error(1, ask.key, 3, 3);
	bench_open(&bench, 4);
	flow = hear(&bench, 1, ask);
	error.vlan_count = 1;
	error.vlans[0] = 200;
	domains_settle(domains, &error, 0);
	(void)hear(&bench, 1, error);
	assert_false(flow->refused);
	error.vlans[0] = 100;
	domains_settle(domains, &error, 0);
	(void)hear(&bench, 1, error);
	assert_true(flow->refused);
	bench_close(&bench);
	domains_free(domains);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_innermost_evidence_decides),
	    cmocka_unit_test(test_many_tunnels),
	    cmocka_unit_test(test_every_mistake_is_said),
	    cmocka_unit_test(test_one_evidence_for_two_domains),
	    cmocka_unit_test(test_domains_part_flows),
	    cmocka_unit_test(test_errors_are_of_their_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
