#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>

#include "model_equal.h"

#include "sensor/base/file.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct library *
parsed(const char *text, enum layer layer)
{
	const char *name = "t";
	struct report *report = report_new();
	struct library *library =
	    library_parse(&name, &text, &layer, 1, report);

	if (library == NULL) {
		report_print(report, stderr);
		fail_msg("of\n%s", text);
	}
	report_free(report);
	return library;
}

/* Everything that the language can say, and texts that need care in YAML. */
static const char everything[] =
    "zone: lan\ncidr: 10.0.0.0/8\n"
    "---\n"
    "segment: bank\nmatch: {namespace: \"ib-*\"}\n"
    "models:\n"
    "  - {model: nested, match: {image: n}, needs: []}\n"
    "  - {model: full, match: {image: n}, extends: full, provides: []}\n"
    "---\n"
    "segment: empty\nmatch: {namespace: none}\n"
    "---\n"
    "fragment: dns\n"
    "needs:\n"
    "  - {app: dns, port: [udp/53, tcp/53], to: {role: r}}\n"
    "---\n"
    "model: full\n"
    "version: 9\n"
    "describes: \"two\\nlines, \\\"quoted\\\" \\\\ \\t\\u2028\\xe9\\uFEFF\"\n"
    "match:\n"
    "  - {image: [a, \"*/a\"], namespace: [x, y], application: \"z*\",\n"
    "     kind: Job, orchestrator: kubernetes, cluster: \"1\", zone: lan,\n"
    "     labels: {a: b, c: [d, \"\"], e: \"*\", \"!f g\": 1}, serves: tls}\n"
    "role: r\n"
    "provides:\n"
    "  - {name: any}\n"
    "  - {name: nobody, from: []}\n"
    "  - {app: [redis, http], port: [tcp/1, udp/2-3, 4, 5-6, web, icmp,\n"
    "     icmpv6, sctp/7], messages: {http: {}}}\n"
    "  - port: icmpv6\n"
    "    from:\n"
    "      - {any: true}\n"
    "      - {node: true, same: [node, \"label:a b\", label:env.x/y]}\n"
    "      - {application: \"shop/*\", model: [full, nested], role: [r,\n"
    "         application], namespace: \"a?\", segment: bank, zone: lan,\n"
    "         labels: {\"yes\": \"no\", \"!\\\"\": x}, same: segment}\n"
    "      - {external: {}}\n"
    "      - {external: {cidr: [192.0.2.0/24, \"::1\"], dns: \"*.a.b\",\n"
    "         sni: [c, d], country: [US, NO], asn: [1, 4294967295]}}\n"
    "needs: [{use: dns}]\n"
    "tags: {data: customer, \"on\": \"~\", n: 007, \"a: b\": \" c \"}\n"
    "severity: low\n"
    "adds: true\n"
    "---\n"
    "model: learned\norigin: learned\nmatch: {image: \"null\"}\n";

static void
loads_to_what_was_printed(void **state)
{
	struct library *library = parsed(everything, LAYER_OPERATOR);
	struct library *again;
	struct text out, repeated;

	(void)state;
	text_init(&out, 1 << 20);
	text_init(&repeated, 1 << 20);
	library_as_text(&out, library, LAYER_OPERATOR);
	assert_false(out.overflow);
	again = parsed(out.at, LAYER_OPERATOR);
	assert_int_equal(library_model_count(again), 4);
	if (!libraries_equal(library, again))
		fail_msg("%s", out.at);
	library_as_text(&repeated, again, LAYER_OPERATOR);
	assert_string_equal(out.at, repeated.at);
	text_release(&out);
	text_release(&repeated);
	library_free(again);
	library_free(library);
}

static void
prints_what_a_person_would_write(void **state)
{
	struct library *library =
	    parsed("model: mongodb\n"
		   "match: [{image: [mongo, \"*/mongo\"]}, {serves: redis}]\n"
		   "role: database\n"
		   "provides:\n"
		   "  - app: redis\n"
		   "    port: tcp/27017\n"
		   "    from: [{role: application, same: namespace},\n"
		   "      {role: database, same: label:env}]\n"
		   "  - from: {same: application}\n"
		   "needs: []\n"
		   "tags: {data: customer}\n",
		LAYER_OPERATOR);
	struct text out;

	(void)state;
	text_init(&out, 4096);
	model_print(&out, library_model(library, 0));
	assert_string_equal(out.at,
	    "---\n"
	    "model: mongodb\n"
	    "version: 1\n"
	    "match:\n"
	    "  - {image: [mongo, \"*/mongo\"]}\n"
	    "  - {serves: redis}\n"
	    "role: database\n"
	    "provides:\n"
	    "  - name: provides-1\n"
	    "    app: redis\n"
	    "    port: tcp/27017\n"
	    "    from: [{role: application, same: namespace}, "
	    "{role: database, same: label:env}]\n"
	    "  - name: provides-2\n"
	    "    from: {same: application}\n"
	    "needs: []\n"
	    "tags: {data: customer}\n"
	    "severity: medium\n");
	text_release(&out);
	library_free(library);
}

static void
prints_parts_that_were_left_out(void **state)
{
	const struct peers peers = {.given = false};
	const struct peers nobody = {.given = true};
	const struct ports ports = {0};
	const struct entry entry = {0};
	struct text out;

	(void)state;
	text_init(&out, 4096);
	peers_print(&out, &peers);
	text_add_char(&out, ' ');
	peers_print(&out, &nobody);
	text_add_char(&out, ' ');
	ports_print(&out, &ports);
	text_add_char(&out, ' ');
	applications_print(&out, &entry);
	assert_string_equal(out.at, "{any: true} [] any any");
	text_release(&out);
}

static void
prints_ports(void **state)
{
	const struct port_range at[] = {{IPPROTO_TCP, 80, 80, NULL},
	    {IPPROTO_ICMP, 0, 65535, NULL}, {IPPROTO_ICMPV6, 0, 65535, NULL},
	    {IPPROTO_ICMPV6, 0, 65535, NULL}, {0, 1, 2, NULL},
	    {0, 0, 0, "web"}};
	const struct ports ports = {.at = at, .count = LENGTH(at)};
	const struct ports icmp = {.at = &at[1], .count = 2};
	struct text out;

	(void)state;
	text_init(&out, 4096);
	ports_print(&out, &ports);
	text_add_char(&out, ' ');
	ports_print(&out, &icmp);
	assert_string_equal(out.at, "[tcp/80, icmp, icmpv6, 1-2, web] icmp");
	text_release(&out);
}

/* The shipped library, as far as it lies beside the tests. */
static void
prints_the_shipped_library(void **state)
{
	static const struct library_source sources[] = {
	    {"models/library", LAYER_LIBRARY},
	    {"models/platform", LAYER_LIBRARY},
	};
	struct report *report = report_new();
	struct library *library, *again;
	struct text out;

	(void)state;
	if (!file_is_directory(sources[0].path))
		skip();
	library = library_load(sources, LENGTH(sources), report);
	if (library == NULL)
		report_print(report, stderr);
	assert_non_null(library);
	text_init(&out, 1 << 24);
	library_as_text(&out, library, LAYER_LIBRARY);
	assert_false(out.overflow);
	again = parsed(out.at, LAYER_LIBRARY);
	assert_true(libraries_equal(library, again));
	text_release(&out);
	library_free(again);
	library_free(library);
	report_free(report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(loads_to_what_was_printed),
	    cmocka_unit_test(prints_what_a_person_would_write),
	    cmocka_unit_test(prints_parts_that_were_left_out),
	    cmocka_unit_test(prints_ports),
	    cmocka_unit_test(prints_the_shipped_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
