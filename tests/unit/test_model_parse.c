#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>

#include "classifiers/inventory/workload.h"
#include "models/library.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Loads one text as the operator's; what was reported goes to *said. */
static struct library *
parsed(const char *text, char **said)
{
	const char *name = "t";
	enum layer layer = LAYER_OPERATOR;
	struct report *report = report_new();
	struct library *library =
	    library_parse(&name, &text, &layer, 1, report);
	size_t size;
	FILE *out;

	*said = NULL;
	out = open_memstream(said, &size);
	assert_non_null(out);
	report_print(report, out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(library == NULL, report_errors(report) > 0);
	report_free(report);
	return library;
}

/* --- mistakes ------------------------------------------------------------- */

struct mistake {
	const char *text;
	const char *place;    /* line:column */
	const char *fragment; /* of the message */
};

/* A model whose third line is its only entry. */
#define PROVIDES(entry) "model: m\nmatch: {image: m}\nprovides: [{" entry "}]\n"
#define FROM(peer)      PROVIDES("from: {" peer "}")
#define MATCH(selector) "model: m\nmatch: {" selector "}\n"
#define MODEL(line)     "model: m\nmatch: {image: m}\n" line "\n"
#define SEGMENT(line)   "segment: s\nmatch: {namespace: s}\n" line "\n"

static const struct mistake mistakes[] = {
    /* documents */
    {"modle: m\n", "1:1", "did you mean 'model'?"},
    {"colour: red\n", "1:1", "known: model, fragment, segment, zone"},
    {"- model: m\n", "1:1", "a document begins with"},
    {"just words\n", "1:1", "a document begins with"},
    {"{}\n", "1:1", "a document begins with"},
    {"model: [\n", "2:1", "not valid YAML"},
    /* models */
    {"model: m\n", "1:1", "a model needs 'match'"},
    {MODEL("origin: genral"), "3:9", "did you mean 'general'?"},
    {MODEL("needs: [{port: declared}]"), "3:16", "belongs under 'provides'"},
    {PROVIDES("judged: no"), "3:21", "'judged' is true or false"},
    {"model:\nmatch: {image: m}\n", "1:7", "'model' has no value"},
    {"model: {a: b}\nmatch: {image: m}\n", "1:8", "not a mapping"},
    {"model: \"a b\"\nmatch: {image: m}\n", "1:8", "a name begins with"},
    {"model: -a\nmatch: {image: m}\n", "1:8", "a name begins with"},
    {MODEL("provdes: []"), "3:1", "did you mean 'provides'?"},
    {MODEL("version: 0"), "3:10", "a whole number from 1"},
    {MODEL("version: 4294967296"), "3:10", "a whole number from 1"},
    {MODEL("version: 1.2"), "3:10", "a whole number from 1"},
    {MODEL("severity: hihg"), "3:11", "did you mean 'high'?"},
    {MODEL("severity: [high]"), "3:11", "takes a word, not a list"},
    {MODEL("origin: library"), "3:9", "unknown origin 'library'"},
    {MODEL("adds: maybe"), "3:7", "'adds' is true or false"},
    {MODEL("tags: [a]"), "3:7", "'tags' takes keys and values"},
    {MODEL("tags: {a: [b]}"), "3:11", "takes a word, not a list"},
    {MODEL("describes: [a]"), "3:12", "'describes' takes a text"},
    {MODEL("role:"), "3:6", "'role' has no value"},
    {MODEL("needs:"), "3:7", "write [] for none"},
    {MODEL("needs: none"), "3:8", "write [] for none"},
    {MODEL("extends: nobody"), "3:10", "unknown model 'nobody'"},
    {MODEL("extends: m"), "3:10", "'m' extends itself"},
    /* match */
    {"model: m\nmatch: []\n", "2:8", "nothing could ever match"},
    {"model: m\nmatch: {}\n", "2:8", "would choose everything"},
    {"model: m\nmatch: redis\n", "2:8", "'key: value' pairs"},
    {MATCH("imgae: m"), "2:9", "did you mean 'image'?"},
    {MATCH("image: []"), "2:16", "'image' is an empty list"},
    {MATCH("image: [a, ]b"), "2:21", "not valid YAML"},
    {MATCH("image: [a, {b: c}]"), "2:20", "not a mapping"},
    {MATCH("image: \"mongo:4\""), "2:16", "write 'mongo'"},
    {MATCH("image: [a, \"mongo@sha256\"]"), "2:20", "write 'mongo'"},
    {MATCH("serves: mongdb"), "2:17", "unknown application 'mongdb'"},
    {MATCH("serves: [redis]"), "2:17", "takes a word, not a list"},
    {MATCH("zone: lan"), "2:15", "unknown zone 'lan'"},
    {MATCH("labels: env"), "2:17", "takes labels and values"},
    {MATCH("labels: {}"), "2:17", "takes labels and values"},
    {MATCH("labels: {a: }"), "2:21", "'labels' has no value"},
    {MATCH("labels: {a: []}"), "2:21", "an empty list of values"},
    {MATCH("labels: {\"!\": true}"), "2:18", "needs a label after it"},
    /* entries */
    {PROVIDES(""), "3:12", "{from: {any: true}}"},
    {MODEL("needs: [x]"), "3:9", "'key: value' pairs"},
    {PROVIDES("prot: tcp/1"), "3:13", "did you mean 'port'?"},
    {PROVIDES("to: []"), "3:13", "'to' does not belong under 'provides'"},
    {MODEL("needs: [{from: []}]"), "3:10", "here it is 'to'"},
    {PROVIDES("app: rediss"), "3:18", "did you mean 'redis'?"},
    {PROVIDES("app: [redis, unknown]"), "3:26", "unknown application"},
    {PROVIDES("app: []"), "3:18", "'app' is an empty list"},
    {PROVIDES("name: a b"), "3:19", "a name begins with"},
    {PROVIDES("messages: {htpt: {}}"), "3:24", "did you mean 'http'?"},
    {PROVIDES("messages: all"), "3:23", "'key: value' pairs"},
    {PROVIDES("use: none"), "3:12", "unknown fragment 'none'"},
    {MODEL("needs: [{use: f, port: 1}]\n---\nfragment: f\nneeds: []"), "3:18",
	"unknown key of 'use' 'port'"},
    {MODEL("needs: [{name: a, port: 1}, {name: a}]"), "3:29",
	"entry 'a' is already in this list, from line 3"},
    /* ports */
    {PROVIDES("port: 0"), "3:19", "ports go from 1 to 65535"},
    {PROVIDES("port: tcp/65536"), "3:19", "ports go from 1 to 65535"},
    {PROVIDES("port: 99999999999999999999"), "3:19", "ports go from 1"},
    {PROVIDES("port: tcp/0-10"), "3:19", "'tcp/1-65535' for all"},
    {PROVIDES("port: tcp/8010-8000"), "3:19", "write 'tcp/8000-8010'"},
    {PROVIDES("port: 8010-8000"), "3:19", "write '8000-8010'"},
    {PROVIDES("port: 80/tcp"), "3:19", "write 'tcp/80'"},
    {PROVIDES("port: tpc/80"), "3:19", "did you mean 'tcp'?"},
    {PROVIDES("port: tcp"), "3:19", "write 'tcp/1-65535'"},
    {PROVIDES("port: tcp/http"), "3:19", "comes a number or a range"},
    {PROVIDES("port: tcp/"), "3:19", "comes a number or a range"},
    {PROVIDES("port: tcp/1-"), "3:19", "comes a number or a range"},
    {PROVIDES("port: icmp/8"), "3:19", "write 'icmp'"},
    {PROVIDES("port: HTTP"), "3:19", "neither a port nor a port's name"},
    {PROVIDES("port: a--b"), "3:19", "neither a port nor a port's name"},
    {PROVIDES("port: -80"), "3:19", "neither a port nor a port's name"},
    {PROVIDES("port: a-name-too-long1"), "3:19", "neither a port"},
    {PROVIDES("port: [80, {a: b}]"), "3:24", "not a mapping"},
    {PROVIDES("port: []"), "3:19", "'port' is an empty list"},
    /* peers */
    {PROVIDES("from: database"), "3:19", "e.g. {role: database}"},
    {PROVIDES("from: "), "3:19", "or [] for nobody"},
    {PROVIDES("from: {}"), "3:19", "write {any: true}"},
    {PROVIDES("from: [[]]"), "3:20", "'key: value' pairs"},
    {FROM("rol: x"), "3:20", "did you mean 'role'?"},
    {FROM("role: aplication"), "3:26", "did you mean 'application'?"},
    {FROM("role: [application, x]"), "3:40", "unknown role 'x'"},
    {FROM("model: n"), "3:27", "did you mean 'm'?"},
    {FROM("segment: s"), "3:29", "unknown segment 's'"},
    {FROM("zone: z"), "3:26", "unknown zone 'z'"},
    {FROM("any: false"), "3:25", "'any' can only be true"},
    {FROM("node: 1"), "3:26", "'node' can only be true"},
    {FROM("namespace: \"a\\tb\""), "3:31", "a control character"},
    {FROM("same: namspace"), "3:26", "did you mean 'namespace'?"},
    {FROM("same: label"), "3:26", "write e.g. 'label:env'"},
    {FROM("same: \"label:\""), "3:26", "write e.g. 'label:env'"},
    {FROM("same: []"), "3:26", "'same' is an empty list"},
    {FROM("external: true"), "3:30", "{} for any outside address"},
    {FROM("external: {ip: 1}"), "3:31", "unknown key of 'external' 'ip'"},
    {FROM("external: {cidr: 10.0.0.1/8}"), "3:37", "10.0.0.1/8"},
    {FROM("external: {cidr: []}"), "3:37", "'cidr' is an empty list"},
    {FROM("external: {country: us}"), "3:40", "two capital letters"},
    {FROM("external: {asn: AS1}"), "3:36", "a whole number from 1"},
    /* fragments */
    {"fragment: f\n", "1:1", "needs 'provides' or 'needs'"},
    {"fragment: f\nmatch: {image: f}\nneeds: []\n", "2:1",
	"unknown key of a fragment 'match'"},
    {"fragment: f\nneeds: [{use: g}]\n", "2:9", "cannot use another"},
    /* segments */
    {"segment: s\n", "1:1", "a segment needs 'match'"},
    {"segment: s\nmatch: {serves: redis}\n", "2:17", "chooses a model"},
    {SEGMENT("isolat: []"), "3:1", "did you mean 'isolate'?"},
    {SEGMENT("isolate: {}"), "3:10", "'from' or 'to', one of them"},
    {SEGMENT("isolate: {from: {any: true}, to: {any: true}}"), "3:10",
	"write two entries"},
    {SEGMENT("isolate: {from: []}"), "3:10", "isolates from nobody"},
    {SEGMENT("isolate: {to: {any: true}, except: {from: {any: true}}}"), "3:36",
	"is written with 'to', not 'from'"},
    {SEGMENT("isolate: {to: {any: true}, except: {node: true}}"), "3:36",
	"{to: {zone: NAME}}"},
    {SEGMENT("isolate: {to: {any: true}, except: all}"), "3:36",
	"'key: value' pairs"},
    {SEGMENT("compliance: []"), "3:13", "'compliance' is an empty list"},
    {SEGMENT("severity: worst"), "3:11", "unknown severity 'worst'"},
    {SEGMENT("models: [{zone: z}]"), "3:10", "takes models"},
    {SEGMENT("models: [{model: n}]"), "3:10", "a model needs 'match'"},
    /* zones */
    {"zone: z\n", "1:1", "a zone needs 'cidr'"},
    {"zone: z\ncidr: 10.0.0.0/33\n", "2:7", "10.0.0.0/33"},
    {"zone: z\ncidr: 10.0.0.0/8\nlabels: [a]\n", "3:9", "labels and values"},
    {"zone: z\ncidr: 10.0.0.0/8\nname: z\n", "3:1", "unknown key of a zone"},
};

static size_t
occurrences(const char *text, const char *of)
{
	size_t count = 0;

	for (; (text = strstr(text, of)) != NULL; text += strlen(of))
		count++;
	return count;
}

/* Whether that is the one error that was reported. */
static bool
says_only(const char *said, const struct mistake *mistake)
{
	const char *line;
	char start[64];

	(void)snprintf(start, sizeof(start), "t:%s: error: ", mistake->place);
	line = strstr(said, start);
	return line != NULL && (line == said || line[-1] == '\n') &&
	       strstr(line, mistake->fragment) != NULL &&
	       occurrences(said, ": error: ") == 1;
}

/* Exactly one mistake each, at its place, in its words. */
static void
finds_every_mistake(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(mistakes); i++) {
		const struct mistake *one = &mistakes[i];
		char *said;

		assert_null(parsed(one->text, &said));
		if (!says_only(said, one)) {
			print_error("of\n%swas said\n%snot %s: %s\n", one->text,
			    said, one->place, one->fragment);
			wrong++;
		}
		free(said);
	}
	assert_int_equal(wrong, 0);
}

static void
reports_all_mistakes_of_a_text(void **state)
{
	char *said;

	(void)state;
	assert_null(parsed("model: a\n"
			   "match: {imag: x}\n"
			   "provides:\n"
			   "  - port: tcp/0\n"
			   "    app: reddis\n"
			   "    from: {rol: x}\n"
			   "---\n"
			   "model: b\n",
	    &said));
	assert_non_null(strstr(said, "t:2:9: error"));
	assert_non_null(strstr(said, "t:4:11: error"));
	assert_non_null(strstr(said, "t:5:10: error"));
	assert_non_null(strstr(said, "t:6:12: error"));
	assert_non_null(strstr(said, "t:8:1: error"));
	free(said);
}

static void
warns_of_what_is_not_judged(void **state)
{
	struct library *library;
	char *said;

	(void)state;
	library = parsed("model: m\n"
			 "match: {image: m}\n"
			 "needs:\n"
			 "  - messages: {http: {methods: [GET]}}\n"
			 "    to:\n"
			 "      external:\n"
			 "        dns: a.example\n"
			 "        sni: [b, c]\n"
			 "        country: US\n"
			 "        asn: 64500\n",
	    &said);
	assert_non_null(library);
	assert_string_equal(said,
	    "t:4:15: warning: 'messages' is not judged yet: any message "
	    "fits\n");
	assert_true(library_model(library, 0)->needs.at[0].has_messages);
	free(said);
	library_free(library);
}

static void
tells_names_of_hosts_from_addresses(void **state)
{
	static const char text[] = "model: m\n"
				   "match: {image: m}\n"
				   "needs:\n"
				   "  - to:\n"
				   "      external:\n"
				   "        dns: [\"*.example\", a.example.]\n"
				   "        sni: \"https://b.example\"\n";
	char *said;

	(void)state;
	assert_null(parsed(text, &said));
	assert_string_equal(said,
	    "t:6:28: error: 'dns' takes names of hosts as "
	    "\"*.example.com\", without scheme, port, path or final dot\n"
	    "t:7:14: error: 'sni' takes names of hosts as "
	    "\"*.example.com\", without scheme, port, path or final dot\n");
	free(said);
}

/* --- structure ------------------------------------------------------------ */

static struct library *
good(const char *text)
{
	char *said;
	struct library *library = parsed(text, &said);

	if (library == NULL || said[0] != '\0')
		fail_msg("of\n%swas said\n%s", text, said);
	free(said);
	return library;
}

static void
reads_the_parts_of_a_model(void **state)
{
	struct library *library = good("model: mongodb\n"
				       "version: 7\n"
				       "describes: MongoDB\n"
				       "match:\n"
				       "  - image: [mongo, \"*/mongo\"]\n"
				       "  - {namespace: a, application: b,\n"
				       "     kind: c, orchestrator: d,\n"
				       "     cluster: e, serves: redis}\n"
				       "role: database\n"
				       "provides: []\n"
				       "tags: {data: customer, n: 1}\n"
				       "severity: critical\n"
				       "adds: true\n");
	const struct model *m = library_find(library, "mongodb");

	(void)state;
	assert_int_equal(library_model_count(library), 1);
	assert_ptr_equal(library_model(library, 0), m);
	assert_int_equal(m->version, 7);
	assert_string_equal(m->describes, "MongoDB");
	assert_int_equal(m->selector_count, 2);
	assert_int_equal(m->selectors[0].images.count, 2);
	assert_string_equal(m->selectors[0].images.at[1], "*/mongo");
	assert_int_equal(m->selectors[0].serves, APPLICATION_UNKNOWN);
	assert_string_equal(m->selectors[1].namespaces.at[0], "a");
	assert_string_equal(m->selectors[1].applications.at[0], "b");
	assert_string_equal(m->selectors[1].kinds.at[0], "c");
	assert_string_equal(m->selectors[1].orchestrators.at[0], "d");
	assert_string_equal(m->selectors[1].clusters.at[0], "e");
	assert_int_equal(m->selectors[1].serves, APPLICATION_REDIS);
	assert_int_equal(m->selectors[1].place.line, 6);
	assert_string_equal(m->role, "database");
	assert_true(m->provides.given);
	assert_int_equal(m->provides.count, 0);
	assert_false(m->needs.given);
	assert_int_equal(m->tag_count, 2);
	assert_string_equal(m->tags[1].key, "n");
	assert_string_equal(m->tags[1].value, "1");
	assert_int_equal(m->severity, SEVERITY_CRITICAL);
	assert_int_equal(m->layer, LAYER_OPERATOR);
	assert_true(m->adds);
	assert_null(m->segment);
	library_free(library);
}

static void
fills_in_what_a_model_leaves_out(void **state)
{
	struct library *library =
	    good("model: m\nmatch: {image: m}\norigin: learned\n");
	const struct model *m = library_model(library, 0);

	(void)state;
	assert_int_equal(m->version, 1);
	assert_string_equal(m->describes, "");
	assert_null(m->role);
	assert_int_equal(m->severity, SEVERITY_MEDIUM);
	assert_int_equal(m->layer, LAYER_LEARNED);
	assert_false(m->adds);
	assert_false(m->provides.given);
	library_free(library);
}

static void
reads_the_parts_of_an_entry(void **state)
{
	struct library *library = good("model: m\nmatch: {image: m}\n"
				       "provides:\n"
				       "  - name: client\n"
				       "    app: [redis, tls]\n"
				       "    from: []\n"
				       "  - app: redis\n"
				       "  - port: [declared, tcp/9]\n"
				       "    judged: false\n");
	const struct entries *e = &library_model(library, 0)->provides;

	(void)state;
	assert_int_equal(e->count, 3);
	assert_true(e->at[2].ports.declared);
	assert_int_equal(e->at[2].ports.count, 1);
	assert_true(e->at[2].unjudged);
	assert_false(e->at[1].ports.declared);
	assert_false(e->at[1].unjudged);
	assert_string_equal(e->at[0].name, "client");
	assert_int_equal(e->at[0].place.line, 4);
	assert_int_equal(e->at[0].application_count, 2);
	assert_int_equal(e->at[0].applications[1], APPLICATION_TLS);
	assert_int_equal(e->at[0].ports.count, 0);
	assert_true(e->at[0].peers.given);
	assert_int_equal(e->at[0].peers.count, 0);
	assert_string_equal(e->at[1].name, "provides-2");
	assert_false(e->at[1].peers.given);
	assert_false(e->at[1].has_messages);
	library_free(library);
}

static void
reads_every_form_of_port(void **state)
{
	static const struct {
		const char *text;
		size_t count;
		struct port_range first;
	} forms[] = {
	    {PROVIDES("port: tcp/27017"), 1, {IPPROTO_TCP, 27017, 27017, NULL}},
	    {PROVIDES("port: udp/53"), 1, {IPPROTO_UDP, 53, 53, NULL}},
	    {PROVIDES("port: sctp/1-65535"), 1, {IPPROTO_SCTP, 1, 65535, NULL}},
	    {PROVIDES("port: tcp/8000-8010"), 1,
		{IPPROTO_TCP, 8000, 8010, NULL}},
	    {PROVIDES("port: any/80"), 1, {0, 80, 80, NULL}},
	    {PROVIDES("port: 8080"), 1, {0, 8080, 8080, NULL}},
	    {PROVIDES("port: 8000-8010"), 1, {0, 8000, 8010, NULL}},
	    {PROVIDES("port: metrics"), 1, {0, 0, 0, "metrics"}},
	    {PROVIDES("port: http-2"), 1, {0, 0, 0, "http-2"}},
	    {PROVIDES("port: icmp"), 2, {IPPROTO_ICMP, 0, 65535, NULL}},
	    {PROVIDES("port: icmpv6"), 1, {IPPROTO_ICMPV6, 0, 65535, NULL}},
	    {PROVIDES("port: [tcp/1, udp/2, web]"), 3,
		{IPPROTO_TCP, 1, 1, NULL}},
	    {PROVIDES("port: any, app: redis"), 0, {0, 0, 0, NULL}},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(forms); i++) {
		struct library *library = good(forms[i].text);
		const struct ports *ports =
		    &library_model(library, 0)->provides.at[0].ports;

		assert_int_equal(ports->count, forms[i].count);
		if (ports->count > 0) {
			const struct port_range *p = &ports->at[0];

			assert_int_equal(p->protocol, forms[i].first.protocol);
			assert_int_equal(p->first, forms[i].first.first);
			assert_int_equal(p->last, forms[i].first.last);
			assert_int_equal(
			    p->name == NULL, forms[i].first.name == NULL);
			if (p->name != NULL)
				assert_string_equal(
				    p->name, forms[i].first.name);
		}
		library_free(library);
	}
}

static void
reads_every_key_of_a_peer(void **state)
{
	struct library *library =
	    good("zone: z\ncidr: 10.0.0.0/8\n"
		 "---\nsegment: s\nmatch: {namespace: s}\n"
		 "---\nmodel: m\nmatch: {image: m}\nrole: r\n"
		 "needs:\n"
		 "  - to:\n"
		 "      - {application: [a, n/b], model: m, role: [r, "
		 "application],\n"
		 "         namespace: \"n*\", segment: s, zone: z}\n"
		 "      - same: [application, namespace, segment, node, "
		 "label:env]\n"
		 "      - {any: true, node: true, external: {}}\n"
		 "      - external: {cidr: [192.0.2.0/24, 2001:db8::/32]}\n");
	const struct peers *to = &library_model(library, 0)->needs.at[0].peers;

	(void)state;
	assert_int_equal(to->count, 4);
	assert_string_equal(to->at[0].applications.at[1], "n/b");
	assert_string_equal(to->at[0].models.at[0], "m");
	assert_string_equal(to->at[0].roles.at[1], "application");
	assert_string_equal(to->at[0].namespaces.at[0], "n*");
	assert_string_equal(to->at[0].segments.at[0], "s");
	assert_string_equal(to->at[0].zones.at[0], "z");
	assert_false(to->at[0].any || to->at[0].node);
	assert_null(to->at[0].external);
	assert_int_equal(to->at[1].same_count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(to->at[1].sames[i].kind, i);
	assert_string_equal(to->at[1].sames[4].label, "env");
	assert_true(to->at[2].any && to->at[2].node);
	assert_int_equal(to->at[2].external->prefix_count, 0);
	assert_int_equal(to->at[3].external->prefix_count, 2);
	assert_int_equal(to->at[3].external->prefixes[0].length, 120);
	assert_int_equal(to->at[3].external->prefixes[1].length, 32);
	assert_int_equal(to->at[3].place.line, 16);
	assert_int_equal(to->at[3].place.column, 9);
	library_free(library);
}

static void
reads_every_test_of_a_label(void **state)
{
	struct library *library =
	    good(MATCH("labels: {a: b, c: [d, \"\"], e: \"*\", f: [\"*\"], "
		       "\"!g\": , h: \"\"}"));
	const struct label_tests *l =
	    &library_model(library, 0)->selectors[0].labels;

	(void)state;
	assert_int_equal(l->count, 6);
	assert_int_equal(l->at[0].test, LABEL_ONE_OF);
	assert_string_equal(l->at[0].values.at[0], "b");
	assert_int_equal(l->at[1].values.count, 2);
	assert_string_equal(l->at[1].values.at[1], "");
	assert_int_equal(l->at[2].test, LABEL_PRESENT);
	assert_int_equal(l->at[3].test, LABEL_PRESENT);
	assert_int_equal(l->at[4].test, LABEL_ABSENT);
	assert_string_equal(l->at[4].key, "g");
	assert_int_equal(l->at[5].test, LABEL_ONE_OF);
	assert_string_equal(l->at[5].values.at[0], "");
	library_free(library);
}

static void
reads_segments(void **state)
{
	struct library *library =
	    good("segment: ib\n"
		 "match: [{namespace: \"ib-*\", labels: {env: production}}]\n"
		 "isolate:\n"
		 "  - from: {labels: {env: preproduction}}\n"
		 "  - to: {external: {}}\n"
		 "    except: [{to: {zone: z}}, {to: [{node: true}, {any: "
		 "true}]}]\n"
		 "compliance: [PCI-DSS 1.3, FFIEC]\n"
		 "severity: critical\n"
		 "models:\n"
		 "  - {model: n, match: {image: n}}\n"
		 "---\nzone: z\ncidr: [10.0.0.0/8]\nlabels: {b: 2, a: 1}\n");
	const struct segment *s = library_segment(library, 0);
	const struct zone *z = library_zone(library, 0);

	(void)state;
	assert_int_equal(library_segment_count(library), 1);
	assert_string_equal(s->name, "ib");
	assert_int_equal(s->selector_count, 1);
	assert_int_equal(s->boundary_count, 2);
	assert_true(s->boundaries[0].inward);
	assert_false(s->boundaries[0].except.given);
	assert_int_equal(s->boundaries[0].peers.count, 1);
	assert_false(s->boundaries[1].inward);
	assert_non_null(s->boundaries[1].peers.at[0].external);
	assert_int_equal(s->boundaries[1].except.count, 3);
	assert_string_equal(s->boundaries[1].except.at[0].zones.at[0], "z");
	assert_true(s->boundaries[1].except.at[2].any);
	assert_int_equal(s->compliance.count, 2);
	assert_string_equal(s->compliance.at[0], "PCI-DSS 1.3");
	assert_int_equal(s->severity, SEVERITY_CRITICAL);
	assert_int_equal(s->layer, LAYER_OPERATOR);
	assert_ptr_equal(library_model(library, 0)->segment, s);
	assert_int_equal(library_zone_count(library), 1);
	assert_int_equal(z->prefix_count, 1);
	assert_int_equal(z->labels.count, 2);
	assert_string_equal(z->labels.at[0].key, "a");
	library_free(library);
}

/* One mapping is a list of one, wherever a list is expected. */
static void
takes_one_for_a_list_of_one(void **state)
{
	struct library *library =
	    good("match: {image: m}\nmodel: m\n"
		 "needs: {app: redis, port: tcp/1, to: {same: namespace}}\n");
	const struct model *m = library_model(library, 0);

	(void)state;
	assert_int_equal(m->selector_count, 1);
	assert_int_equal(m->needs.count, 1);
	assert_int_equal(m->needs.at[0].peers.count, 1);
	assert_int_equal(m->needs.at[0].application_count, 1);
	library_free(library);
}

static void
names_what_it_names(void **state)
{
	(void)state;
	assert_string_equal(severity_name(SEVERITY_LOW), "low");
	assert_string_equal(severity_name(SEVERITY_CRITICAL), "critical");
	assert_string_equal(layer_name(LAYER_LIBRARY), "library");
	assert_string_equal(layer_name(LAYER_LEARNED), "learned");
	assert_string_equal(layer_name(LAYER_OPERATOR), "operator");
	assert_string_equal(same_kind_name(SAME_LABEL), "label");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_every_mistake),
	    cmocka_unit_test(reports_all_mistakes_of_a_text),
	    cmocka_unit_test(warns_of_what_is_not_judged),
	    cmocka_unit_test(tells_names_of_hosts_from_addresses),
	    cmocka_unit_test(reads_the_parts_of_a_model),
	    cmocka_unit_test(fills_in_what_a_model_leaves_out),
	    cmocka_unit_test(reads_the_parts_of_an_entry),
	    cmocka_unit_test(reads_every_form_of_port),
	    cmocka_unit_test(reads_every_key_of_a_peer),
	    cmocka_unit_test(reads_every_test_of_a_label),
	    cmocka_unit_test(reads_segments),
	    cmocka_unit_test(takes_one_for_a_list_of_one),
	    cmocka_unit_test(names_what_it_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
