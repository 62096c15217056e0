#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classifiers/collect/kubeconfig.h"
#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"

struct result {
	struct arena *arena;
	struct kubernetes_access access;
	bool fine;
	char printed[2048];
};

static void
print_report(struct result *result, struct report *report)
{
	FILE *out = fmemopen(result->printed, sizeof(result->printed), "w");

	assert_non_null(out);
	report_print(report, out);
	assert_int_equal(fclose(out), 0);
}

static void
parse_two(struct result *result, const char *context, const char *first,
    const char *second)
{
	struct kubeconfig_text texts[] = {
	    {"/etc/one/config", first, strlen(first)},
	    {"two", second, strlen(second)},
	};
	struct report *report = report_new();

	*result = (struct result){.arena = arena_new()};
	result->fine = kubeconfig_parse(result->arena, texts,
	    second[0] == '\0' ? 1 : 2, context, report, &result->access);
	assert_int_equal(result->fine, report_errors(report) == 0);
	print_report(result, report);
	report_free(report);
}

/* A text is refused with these words. */
static void
refused(const char *text, const char *words)
{
	struct result result;

	parse_two(&result, NULL, text, "");
	assert_false(result.fine);
	if (strstr(result.printed, words) == NULL)
		fail_msg("no `%s` in: %s", words, result.printed);
	arena_free(result.arena);
}

#define CONTEXT                                                                \
	"contexts: [{name: x, context: {cluster: c, user: u}}]\n"              \
	"current-context: x\n"
#define CLUSTER "clusters: [{name: c, cluster: {server: 'https://k:6443/'}}]\n"

/* As `kubectl config view` prints it, with all that is used. */
static void
whole(void **state)
{
	struct result result;

	(void)state;
	parse_two(&result, NULL,
	    "apiVersion: v1\n"
	    "clusters:\n"
	    "- cluster:\n"
	    "    certificate-authority: ca.pem\n"
	    "    server: https://[2001:db8::1]:6443/k8s/clusters/c-1/\n"
	    "    tls-server-name: kube.example\n"
	    "    proxy-url: socks5://proxy:1080\n"
	    "  name: prod\n"
	    "contexts:\n"
	    "- context:\n"
	    "    cluster: prod\n"
	    "    namespace: shop\n"
	    "    user: me\n"
	    "  name: me@prod\n"
	    "current-context: me@prod\n"
	    "kind: Config\n"
	    "preferences: {}\n"
	    "users:\n"
	    "- name: me\n"
	    "  user:\n"
	    "    client-certificate: ../me.pem\n"
	    "    client-key: /keys/me.key\n"
	    "    token: s3same\n",
	    "");
	assert_string_equal(result.printed, "");
	assert_true(result.fine);
	assert_string_equal(result.access.cluster, "prod");
	assert_string_equal(result.access.server,
	    "https://[2001:db8::1]:6443/k8s/clusters/c-1");
	assert_string_equal(result.access.server_name, "kube.example");
	assert_string_equal(result.access.proxy, "socks5://proxy:1080");
	assert_string_equal(result.access.authorities.file, "/etc/one/ca.pem");
	assert_string_equal(
	    result.access.certificate.file, "/etc/one/../me.pem");
	assert_string_equal(result.access.key.file, "/keys/me.key");
	assert_string_equal(result.access.token, "s3same");
	assert_false(result.access.insecure);
	arena_free(result.arena);
}

/* `-----BEGIN X-----\n` and its like, of every length modulo three. */
static void
certificates_as_data(void **state)
{
	static const char *const texts[][2] = {
	    {"LS0tLS1CRUdJTiBY", "-----BEGIN X"},
	    {"LS0tLS1CRUdJTiBYWQ==", "-----BEGIN XY"},
	    {"LS0tLS1CRUdJ\n  TiBYWVo=", "-----BEGIN XYZ"},
	};
	struct result result;
	char text[512];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(text, sizeof(text),
		    "clusters:\n- name: c\n  cluster:\n"
		    "    server: https://k\n"
		    "    certificate-authority: beside\n"
		    "    certificate-authority-data: \"%s\"\n" CONTEXT
		    "users: [{name: u, user: {}}]\n",
		    texts[i][0]);
		parse_two(&result, NULL, text, "");
		assert_string_equal(result.printed, "");
		/* The data goes before the file. */
		assert_null(result.access.authorities.file);
		assert_int_equal(
		    result.access.authorities.size, strlen(texts[i][1]));
		assert_memory_equal(result.access.authorities.octets,
		    texts[i][1], strlen(texts[i][1]));
		arena_free(result.arena);
	}
	refused("clusters:\n- name: c\n  cluster: {server: 'https://k',\n"
		"    certificate-authority-data: 'LS0tL'}\n" CONTEXT
		"users: [{name: u}]\n",
	    "config:4:");
	refused("clusters: [{name: c, cluster: {server: 'https://k',"
		"certificate-authority-data: 'aGVsbG8='}}]\n" CONTEXT
		"users: [{name: u, user: {}}]\n",
	    "is no PEM in base64");
	refused("clusters: [{name: c, cluster: {server: 'https://k',"
		"certificate-authority-data: 'a=Gb'}}]\n" CONTEXT
		"users: [{name: u, user: {}}]\n",
	    "is no base64");
}

/* As kubectl merges: of the same name the first file's counts. */
static void
several_files(void **state)
{
	struct result result;

	(void)state;
	parse_two(&result, NULL, CLUSTER "users: [{name: u, user: {}}]\n",
	    "clusters: [{name: c, cluster: {server: 'https://other'}}]\n"
	    "users: null\n" CONTEXT);
	assert_true(result.fine);
	assert_string_equal(result.access.server, "https://k:6443");
	arena_free(result.arena);
	/* --context goes before what is current. */
	parse_two(&result, "y",
	    CLUSTER CONTEXT "users: [{name: u, user: {tokenFile: t}}]\n",
	    "contexts: [{name: y, context: {cluster: d, user: v}}]\n"
	    "clusters: [{name: d, cluster: {server: 'https://d'}}]\n"
	    "users: [{name: v, user: {tokenFile: t}}]\n");
	assert_true(result.fine);
	assert_string_equal(result.access.server, "https://d");
	assert_string_equal(result.access.token_file, "t");
	arena_free(result.arena);
}

static void
mistakes_have_places(void **state)
{
	(void)state;
	refused("contexts: [", "config:");
	refused("- a\n", "config:1:1: error: no kubeconfig");
	refused(CLUSTER, "no current-context");
	refused("current-context: prof\n"
		"contexts: [{name: prod, context: {}}]\n",
	    "config:1:18: error: no context is called prof; did you mean prod");
	refused("clusters: []\n" CONTEXT, "config:2:41: error: no cluster is "
					  "called c");
	refused("clusters: {c: d}\n" CONTEXT, "clusters is a list");
	refused("clusters: [{name: c}]\n" CONTEXT, "nothing under `cluster:`");
	refused("clusters: [{name: c, cluster: {server: ''}}]\n" CONTEXT,
	    "has no server");
	refused("clusters: [{name: c, cluster: {server: 'k:6443'}}]\n" CONTEXT,
	    "is no URL");
	refused("clusters: [{name: c, cluster: {server: [a]}}]\n" CONTEXT,
	    "server is not a text");
	refused("clusters: [{name: c, cluster: {server: "
		"\"https://k\\n\"}}]\n" CONTEXT,
	    "control character");
	refused("clusters: [{name: c, cluster: {server: 'https://k',\n"
		"  insecure-skip-tls-verify: yes}}]\n" CONTEXT,
	    "is true or false, not yes");
	refused("clusters: [{name: c, cluster: {server: 'https://k', "
		"insecure-skip-tls-verify: true, certificate-authority: "
		"a}}]\n" CONTEXT "users: [{name: u, user: {}}]\n",
	    "remove one");
	refused(CLUSTER CONTEXT "users: [{name: u, user: {client-key: k}}]\n",
	    "client-key without a client-certificate");
}

/* What is not done is refused in words that say what to do. */
static void
other_methods(void **state)
{
	(void)state;
	refused(CLUSTER CONTEXT
	    "users: [{name: u, user: {exec: {command: aws}}}]\n",
	    "kubectl create token");
	refused(CLUSTER CONTEXT
	    "users: [{name: u, user: {auth-provider: {name: gcp}}}]\n",
	    "auth-provider");
	refused(CLUSTER CONTEXT
	    "users: [{name: u, user: {username: a, password: b}}]\n",
	    "password");
}

static void
typing_mistakes_are_told(void **state)
{
	struct result result;

	(void)state;
	parse_two(&result, NULL,
	    "clusters: [{name: c, cluster: {server: 'https://k',\n"
	    "  certificate-autority: a, extensions: []}}]\n" CONTEXT
	    "users: [{name: u, user: {}}]\n",
	    "");
	assert_true(result.fine);
	assert_non_null(strstr(
	    result.printed, "config:2:3: warning: certificate-autority"));
	assert_null(strstr(result.printed, "extensions"));
	arena_free(result.arena);
}

/* Nothing secret goes where everybody can read it. */
static void
plain_servers_get_no_token(void **state)
{
	struct result result;

	(void)state;
	parse_two(&result, NULL,
	    "clusters: [{name: c, cluster: {server: 'http://k'}}]\n" CONTEXT
	    "users: [{name: u, user: {token: s3same}}]\n",
	    "");
	assert_true(result.fine);
	assert_null(result.access.token);
	assert_non_null(strstr(result.printed, "is not encrypted"));
	assert_null(strstr(result.printed, "s3same"));
	arena_free(result.arena);
}

static void
write_file(const char *directory, const char *name, const char *text)
{
	char path[256];
	FILE *out;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	out = fopen(path, "w");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void
remove_file(const char *directory, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(unlink(path), 0);
}

/* A pod's account: the token is read each time, for it rotates. */
static void
in_a_pod(void **state)
{
	char directory[] = "/tmp/hedgerow-kubeconfig-XXXXXX";
	struct result result = {.arena = arena_new()};
	struct report *report = report_new();
	struct text token;

	(void)state;
	assert_non_null(mkdtemp(directory));
	text_init(&token, KUBECONFIG_TOKEN_MAXIMUM);
	/* What is missing is said, each by its name. */
	assert_false(kubeconfig_in_cluster(result.arena, directory, "10.96.0.1",
	    "443", report, &result.access));
	assert_int_equal(report_errors(report), 2);
	report_free(report);
	report = report_new();
	write_file(directory, "ca.crt", "-----BEGIN CERTIFICATE-----\n");
	write_file(directory, "token", " first\n");
	assert_true(kubeconfig_in_cluster(result.arena, directory,
	    "2001:db8::1", "443", report, &result.access));
	assert_string_equal(result.access.server, "https://[2001:db8::1]:443");
	assert_int_equal(kubernetes_access_token(&result.access, &token), 0);
	assert_string_equal(token.at, "first");
	write_file(directory, "token", "second");
	assert_int_equal(kubernetes_access_token(&result.access, &token), 0);
	assert_string_equal(token.at, "second");
	write_file(directory, "token", " \n");
	assert_int_equal(
	    kubernetes_access_token(&result.access, &token), -EINVAL);
	write_file(directory, "token", "two\nlines");
	assert_int_equal(
	    kubernetes_access_token(&result.access, &token), -EINVAL);
	remove_file(directory, "token");
	assert_int_equal(
	    kubernetes_access_token(&result.access, &token), -ENOENT);
	remove_file(directory, "ca.crt");
	assert_int_equal(rmdir(directory), 0);
	text_release(&token);
	report_free(report);
	arena_free(result.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole),
	    cmocka_unit_test(certificates_as_data),
	    cmocka_unit_test(several_files),
	    cmocka_unit_test(mistakes_have_places),
	    cmocka_unit_test(other_methods),
	    cmocka_unit_test(typing_mistakes_are_told),
	    cmocka_unit_test(plain_servers_get_no_token),
	    cmocka_unit_test(in_a_pod),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
