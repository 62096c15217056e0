#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/sources/docker.h"
#include "classifiers/sources/inventory_forms.h"
#include "fact_lines.h"
#include "json_mutants.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/base/json_read.h"

/* What the example files have; all made with a real engine, 20.10.24. */
#define BARE                                                                   \
	"docker::54fb46916d57d31d31463edab20b24961f6fe7f640a9677339b2b9886f6d" \
	"622c"
#define CART                                                                   \
	"docker::6d2970f0e1633c5424b11897a619c5b12958916a8b03742e57ec952733d3" \
	"4736"
#define HOSTY                                                                  \
	"docker::7f002ecb1dd4591f178e6c3a2a85d23b4b2a82e15f17c4d3037de7ea9438" \
	"054f"
#define WAS                                                                    \
	"docker::000000000000d31d31463edab20b24961f6fe7f640a9677339b2b9886f6d" \
	"622c"
#define DAY     "@2026-11-21T"
#define REDIS   " image=ib/redis:7.2 "
#define TASK1   "i1of19haai5cpyfhln9ylh014"
#define TASK2   "h9oviqlo7xztumwb4hva7eo99"
#define SERVICE "h3whywv9hynq62zwdpzee0i0f"

static struct json *
parse(const char *text)
{
	struct json_fault fault;

	return json_parse(text, strlen(text), &fault);
}

/* What a document of an engine says, as lines; for text_release(). */
static struct text
read_document(const struct json *document)
{
	struct text out;
	struct fact_taker taker = {fact_lines_take, &out};
	struct inventory_form_reading *reading;
	const struct inventory_form *form = inventory_form_of(document);

	text_init(&out, 1 << 20);
	if (form == NULL)
		return out;
	reading = inventory_form_begin(form, &taker);
	inventory_form_learn(reading, document);
	(void)inventory_form_give(reading, document);
	inventory_form_end(reading);
	return out;
}

static void
assert_says(const char *text, const char *expected)
{
	struct json *document = parse(text);
	struct text out;

	assert_non_null(document);
	out = read_document(document);
	assert_string_equal(out.at, expected);
	text_release(&out);
	json_free(document);
}

static void
assert_file_says(const char *path, const char *expected)
{
	size_t size;
	char *octets;

	assert_int_equal(file_read(path, 1 << 20, &octets, &size), 0);
	octets = realloc(octets, size + 1);
	assert_non_null(octets);
	octets[size] = '\0';
	assert_says(octets, expected);
	free(octets);
}

static void
inspected_containers(void **state)
{
	(void)state;
	assert_file_says("tests/data/inventory/docker_inspect.json",
	    "workload " BARE DAY "11:26:13.389237Z /bare kind=Container owner= "
	    "node=vm at 172.17.0.2 fd00:d0c::242:ac11:2 ports 53/17 "
	    "6379/6" REDIS "labels=0 11:26:13.389..future\n"
	    "workload " CART DAY "11:03:03.711043Z shop/shop-cart-1 "
	    "kind=Service owner= node=vm at 172.30.0.2 fd00:30::2 ports 53/17 "
	    "6379/6" REDIS "labels=2 11:03:03.711..future\n"
	    "workload " HOSTY DAY "11:03:03.886411Z /hosty kind=Container "
	    "owner= node=vm host at ports 53/17 6379/6" REDIS
	    "labels=0 11:03:03.886..future\n"
	    "gone workload " WAS DAY "11:26:13.389237Z 11:26:13.447\n"
	    "node vm vm at 172.17.0.1 fd00:d0c::1 172.30.0.1 fd00:30::1 "
	    "networks 172.17.0.0/16 fd00:d0c::/64 172.30.0.0/24 "
	    "fd00:30::/64\n");
}

static void
listed_containers(void **state)
{
	(void)state;
	assert_file_says("tests/data/inventory/docker_list.json",
	    "workload swarm::" TASK2 " shop/shop_web.2." TASK2 " kind=Service "
	    "owner= node=docker at 10.0.0.5 10.77.0.4 ports 53/17 6379/6" REDIS
	    "labels=7 11:04:18.000..future\n"
	    "workload swarm::" TASK1 " shop/shop_web.1." TASK1 " kind=Service "
	    "owner= node=docker at 10.0.0.4 10.77.0.3 ports 53/17 6379/6" REDIS
	    "labels=7 11:04:18.000..future\n"
	    "workload " HOSTY " /hosty kind=Container owner= node=docker host "
	    "at ports" REDIS "labels=0 11:03:03.000..future\n"
	    "workload " CART " shop/shop-cart-1 kind=Service owner= "
	    "node=docker at 172.30.0.2 fd00:30::2 ports 53/17 6379/6" REDIS
	    "labels=2 11:03:03.000..future\n");
}

/* A task has the addresses of all its networks, docker_gwbridge too. */
static void
swarm_objects(void **state)
{
	(void)state;
	assert_file_says("tests/data/inventory/swarm_inspect.json",
	    "service " SERVICE " shop/shop_web at 10.0.0.3 10.77.0.2 ports "
	    "8080/6->80 com.docker.swarm.service.id=" SERVICE "\n"
	    "node vm vm at 172.17.0.1 10.0.0.2 10.77.0.5 172.18.0.1 "
	    "172.18.0.2 networks 10.0.0.0/24 10.77.0.0/24 172.18.0.0/16\n"
	    "workload swarm::" TASK1 " shop/shop_web.1." TASK1 " kind=Service "
	    "owner= node=vm at 10.0.0.4 10.77.0.3 172.18.0.4 ports" REDIS
	    "labels=7 11:04:18.206..future\n"
	    "workload swarm::" TASK2 " shop/shop_web.2." TASK2 " kind=Service "
	    "owner= node=vm at 10.0.0.5 10.77.0.4 172.18.0.3 ports" REDIS
	    "labels=7 11:04:18.206..future\n");
}

/* A task that ended had its addresses from when it was made until then. */
static void
tasks_that_moved(void **state)
{
	static const char *const final_states[] = {"complete", "shutdown",
	    "failed", "rejected", "remove", "orphaned", NULL};
	char text[1024], expected[1024];

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		const char *word = i == 6   ? "running"
				   : i == 7 ? "assigned"
					    : final_states[i];

		snprintf(text, sizeof(text),
		    "[{\"ID\":\"t\",\"Version\":{\"Index\":7},\"CreatedAt\":"
		    "\"2026-11-21T08:00:00Z\",\"Spec\":{\"ContainerSpec\":{"
		    "\"Image\":\"redis:7\"}},\"ServiceID\":\"s\",\"NodeID\":"
		    "\"n\",\"DesiredState\":\"shutdown\",\"Status\":{\"State\":"
		    "\"%s\",\"Timestamp\":\"2026-11-21T09:00:00Z\"},"
		    "\"NetworksAttachments\":[{\"Addresses\":[\"10.0.1.5/24\","
		    "\"fd00::5/64\"]}]}]",
		    word);
		snprintf(expected, sizeof(expected),
		    "workload swarm::t /s.n.t kind=Service owner= node=n at "
		    "10.0.1.5 fd00::5 ports image=redis:7 labels=5 "
		    "08:00:00.000..%s\n",
		    i < 6 ? "09:00:00.000" : "future");
		assert_says(text, expected);
	}
}

static void
networks_of_other_drivers_are_not_the_engines(void **state)
{
	(void)state;
	assert_says(
	    "[{\"Id\":\"a\",\"Name\":\"lan\",\"Driver\":\"macvlan\",\"IPAM\":{"
	    "\"Config\":[{\"Subnet\":\"192.168.1.0/24\",\"Gateway\":"
	    "\"192.168.1.1\"}]}},{\"Id\":\"b\",\"Name\":\"o\",\"Driver\":"
	    "\"overlay\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.9.0.0/24\","
	    "\"Gateway\":\"10.9.0.1\"}]}},{\"Id\":\"c\",\"Name\":\"b\","
	    "\"Driver\":\"bridge\",\"IPAM\":{\"Config\":[{\"Subnet\":"
	    "\"10.8.0.0/24\",\"Gateway\":\"10.8.0.254\"}]}},"
	    "{\"ServerVersion\":\"28.2\",\"Name\":\"host-a\"}]",
	    "node host-a host-a at 10.8.0.254 networks 10.9.0.0/24 "
	    "10.8.0.0/24\n");
}

#define STOPPED(status, finished)                                              \
	"{\"Id\":\"c\",\"Config\":{},\"State\":{\"Status\":\"" status          \
	"\",\"StartedAt\":\"2026-11-21T08:00:00Z\",\"FinishedAt\":\"" finished \
	"\"}}"

static void
ends_are_never_before_the_start(void **state)
{
	(void)state;
	assert_says("[" STOPPED("exited", "2026-11-21T09:00:00Z") "]",
	    "gone workload docker::c" DAY "08:00:00.000000Z 09:00:00.000\n");
	assert_says("[" STOPPED("dead", "2026-11-21T07:00:00Z") "]",
	    "gone workload docker::c" DAY "08:00:00.000000Z 08:00:00.000\n");
	assert_says("[" STOPPED("restarting", "0001-01-01T00:00:00Z") "]",
	    "gone workload docker::c" DAY "08:00:00.000000Z 08:00:00.000\n");
}

#define RUNNING(labels, ports)                                                 \
	"[{\"Id\":\"c\",\"Name\":\"/n\",\"Config\":{\"Image\":\"i\","          \
	"\"Labels\":" labels ",\"ExposedPorts\":" ports                        \
	"},\"State\":{\"Status\":"                                             \
	"\"running\",\"StartedAt\":\"2026-11-21T08:00:00Z\"}}]"

static void
odd_ports_are_none(void **state)
{
	(void)state;
	assert_says(RUNNING("null",
			"{\"0/tcp\":{},\"65536/tcp\":{},\"-1/tcp\":{},"
			"\" 5/tcp\":{},\"80\":{},\"80/quic\":{},\"/tcp\":{},"
			"\"\":{},\"99999999999999999999999/tcp\":{},"
			"\"443/TCP\":{},\"443/sctp\":{}}"),
	    "workload docker::c" DAY "08:00:00.000000Z /n kind=Container "
	    "owner= node=docker at ports 443/6 443/132 image=i: labels=0 "
	    "08:00:00.000..future\n");
}

static void
hostile_labels_are_labels(void **state)
{
	(void)state;
	assert_says(RUNNING("{\"a\":\"\\u0001\\\"\\n\",\"b\":7,\"\":\"x\","
			    "\"com.docker.compose.project\":\"p\\n/q\"}",
			"7"),
	    "workload docker::c" DAY "08:00:00.000000Z p\n/q/n "
	    "kind=Container owner= node=docker at ports image=i: labels=3 "
	    "08:00:00.000..future\n");
}

static bool
take_nothing(const struct fact *fact, void *context)
{
	(void)fact;
	(void)context;
	return true;
}

static void
read_mutant(const char *mutant)
{
	struct json *document = parse(mutant);
	struct text out;

	/* Two members of one name are no JSON here. */
	if (document == NULL)
		return;
	out = read_document(document);
	text_release(&out);
	json_free(document);
}

static void
members_of_any_type(void **state)
{
	static const char *const paths[] = {
	    "tests/data/inventory/docker_inspect.json",
	    "tests/data/inventory/swarm_inspect.json"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t size;
		char *octets;

		assert_int_equal(
		    file_read(paths[i], 1 << 20, &octets, &size), 0);
		octets = realloc(octets, size + 1);
		assert_non_null(octets);
		octets[size] = '\0';
		assert_true(json_mutants(octets, read_mutant) > 1000);
		free(octets);
	}
}

/* What a collector does: the id that a start has is found again at its end. */
static void
restarts_are_other_workloads(void **state)
{
	struct fact_taker taker = {take_nothing, NULL};
	struct docker *docker = docker_new("c", &taker);
	struct arena *arena = arena_new();
	struct json *object = parse(STOPPED("exited", "2026-11-21T09:00:00Z"));
	struct json *never = parse("{\"Id\":\"c\",\"Config\":{},\"State\":{}}");

	(void)state;
	assert_string_equal(docker_workload_id(docker, arena, object),
	    "docker:c:c@2026-11-21T08:00:00.000000Z");
	assert_null(docker_workload_id(docker, arena, never));
	json_free(object);
	json_free(never);
	arena_free(arena);
	docker_free(docker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(inspected_containers),
	    cmocka_unit_test(listed_containers),
	    cmocka_unit_test(swarm_objects),
	    cmocka_unit_test(tasks_that_moved),
	    cmocka_unit_test(networks_of_other_drivers_are_not_the_engines),
	    cmocka_unit_test(ends_are_never_before_the_start),
	    cmocka_unit_test(odd_ports_are_none),
	    cmocka_unit_test(hostile_labels_are_labels),
	    cmocka_unit_test(members_of_any_type),
	    cmocka_unit_test(restarts_are_other_workloads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
