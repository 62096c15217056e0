/*
 * Detectors of what is asked of web servers again and again: passwords in
 * forms, paths of a list, names of secrets, a cloud's credentials.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/login/login_form.h"
#include "detector_stage.h"

/* A request and its answer in a connection of their own. */
static void
ask(struct stage *stage, const char *client, const char *server,
    const char *request, uint32_t code, const char *answer)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 80);

	stage_answer(&flow, APPLICATION_HTTP);
	stage_ready(stage, &flow);
	stage_message(stage, &flow, MESSAGE_HTTP_REQUEST, true, 0, request,
	    strlen(request));
	stage_message(stage, &flow, MESSAGE_HTTP_RESPONSE, false, code, answer,
	    strlen(answer));
	stage_finish(stage, &flow);
}

static void
get(struct stage *stage, const char *client, const char *headers,
    const char *path, uint32_t code, const char *answer)
{
	char request[1024];

	snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: shop.example\r\n%s\r\n", path, headers);
	ask(stage, client, "shop/front", request, code, answer);
}

#define REFUSED                                                                \
	"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "       \
	"5123\r\n\r\n<!doctype html><title>Log in</title>"
#define WRONG                                                                  \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"            \
	"{\"error\":\"invalid user or password\"}"
#define BACK "HTTP/1.1 302 Found\r\nLocation: /login?error\r\n\r\n"
#define ON   "HTTP/1.1 302 Found\r\nLocation: /a\r\nSet-Cookie: s=1\r\n\r\n"
#define TOKEN                                                                  \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"            \
	"{\"token\":\"0123\"}"

static void
post(struct stage *stage, const char *client, const char *headers,
    const char *body, uint32_t code, const char *answer)
{
	char request[1024];

	snprintf(request, sizeof(request),
	    "POST /login HTTP/1.1\r\nHost: shop.example\r\n%sContent-Type: "
	    "application/x-www-form-urlencoded\r\n\r\n%s",
	    headers, body);
	ask(stage, client, "shop/front", request, code, answer);
}

/* --- forms ---------------------------------------------------------------- */

static void
try_passwords(struct stage *stage, const char *client, int count, double pause,
    const char *answer, uint32_t code)
{
	double at = (double)(stage->now.ns - 1700000000 * NS_PER_SECOND) / 1e9;

	for (int i = 0; i < count; i++) {
		char body[128];

		stage_at(stage, at + i * pause);
		snprintf(body, sizeof(body),
		    "csrf=%d&username=admin&password=x%d", i * 7, i);
		post(stage, client, "", body, code, answer);
	}
}

static void
test_guessing_in_a_form(void **state)
{
	static const struct {
		const char *answer;
		uint32_t code;
	} ways[] = {{REFUSED, 200}, {WRONG, 200}, {BACK, 302},
	    {"HTTP/1.1 422 Unprocessable\r\n\r\n", 422}};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct stage *stage = stage_new(&detector_login_forms);

		try_passwords(stage, "203.0.113.9", 40, 0.5, ways[i].answer,
		    ways[i].code);
		assert_int_equal(stage_findings(stage, 0), 1);
		assert_string_equal(
		    stage_found(stage, 2023)->subject, "203.0.113.9");
		assert_string_equal(stage_found(stage, 2023)->about, "/login");
		/* One of them was right. */
		post(stage, "203.0.113.9", "", "username=admin&password=right",
		    302, ON);
		assert_int_equal(stage_findings(stage, 2026), 1);
		stage_free(stage);
	}
}

/* Each of 30 addresses tries four passwords; `fields` has the name's number,
 * then the password's. */
static struct stage *
try_from_many(const char *fields, int names, bool some_let_in)
{
	struct stage *stage = stage_new(&detector_login_forms);

	for (int i = 0; i < 120; i++) {
		char client[32], name[32], body[160];
		bool let_in = some_let_in && i % 3 == 0;

		stage_at(stage, i * 0.05);
		snprintf(client, sizeof(client), "203.0.113.%d", 1 + i % 30);
		snprintf(name, sizeof(name), "user%d", i % 30 % names);
		snprintf(body, sizeof(body), "%s%s&password=x%d", fields,
		    *fields == '\0' ? "" : name, i);
		post(stage, client, "", body, let_in ? 302 : 200,
		    let_in ? ON : WRONG);
	}
	return stage;
}

static void
test_many_addresses_guess_one_name(void **state)
{
	struct stage *stage = try_from_many("username=", 1, false);

	(void)state;
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, 2023)->subject, "shop/front");
	assert_string_equal(stage_found(stage, 2023)->object, "");
	stage_free(stage);
	/* People who mistype their own, a form for a code, and where some are
	 * let in. */
	stage = try_from_many("username=", 30, false);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
	stage = try_from_many("", 1, false);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
	stage = try_from_many("username=", 1, true);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
test_few_or_slow_tries_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_login_forms);

	(void)state;
	try_passwords(stage, "203.0.113.9", 11, 0.5, BACK, 302);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_at(stage, 3600);
	try_passwords(stage, "203.0.113.10", 60, 20, BACK, 302);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* A program that was given an old password sends a new token with it. */
static void
test_same_password_again_is_a_retry(void **state)
{
	struct stage *stage = stage_new(&detector_login_forms);

	(void)state;
	for (int i = 0; i < 300; i++) {
		char body[128];

		stage_at(stage, i);
		snprintf(body, sizeof(body),
		    "csrf=%d&username=robot&password=old", i);
		post(stage, "ops/robot", "", body, 200, REFUSED);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* Behind a proxy without a header of its own; some mistype. */
static void
test_many_people_are_none(void **state)
{
	static const struct {
		const char *yes;
		uint32_t code;
	} ways[] = {{ON, 302}, {TOKEN, 200}, {REFUSED, 200}};

	(void)state;
	for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
		struct stage *stage = stage_new(&detector_login_forms);

		for (int i = 0; i < 200; i++) {
			char body[128];

			stage_at(stage, i * 0.3);
			snprintf(body, sizeof(body),
			    "username=user%d&password=pw%d", i, i * 3);
			if (i % 6 == 0)
				post(stage, "203.0.113.1", "",
				    "username=tom&password=mistyped", 302,
				    BACK);
			post(stage, "203.0.113.1", "", body, ways[way].code,
			    ways[way].yes);
		}
		assert_int_equal(stage_findings(stage, 0), 0);
		stage_free(stage);
	}
}

static void
test_people_behind_a_proxy_are_told_apart(void **state)
{
	struct stage *stage = stage_new(&detector_login_forms);

	(void)state;
	for (int i = 0; i < 100; i++) {
		char header[64], body[64];

		stage_at(stage, i * 0.5);
		snprintf(header, sizeof(header),
		    "X-Forwarded-For: 198.51.100.%d\r\n", i % 50);
		snprintf(body, sizeof(body), "user=admin%d&pwd=p%d", i % 50, i);
		post(stage, "ingress/nginx", header, body, 200, REFUSED);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	for (int i = 0; i < 30; i++) {
		char body[64];

		stage_at(stage, 100 + i);
		snprintf(body, sizeof(body), "user=admin&pwd=p%d", i);
		post(stage, "ingress/nginx",
		    "X-Forwarded-For: 10.9.9.9, 198.51.100.77\r\n", body, 200,
		    REFUSED);
	}
	assert_int_equal(stage_findings(stage, 2023), 1);
	stage_free(stage);
}

static void
test_spraying_and_stuffing(void **state)
{
	struct stage *spray = stage_new(&detector_login_forms);
	struct stage *stuff = stage_new(&detector_login_forms);

	(void)state;
	for (int i = 0; i < 40; i++) {
		char body[128];

		stage_at(spray, i);
		snprintf(body, sizeof(body), "log=user%d&pwd=Winter2024", i);
		post(spray, "203.0.113.9", "", body, 200, REFUSED);
		stage_at(stuff, i);
		snprintf(body, sizeof(body), "email=u%d@x&password=%d", i, i);
		post(stuff, "203.0.113.9", "", body, 200, WRONG);
	}
	assert_int_equal(stage_findings(spray, 0), 1);
	assert_int_equal(stage_findings(spray, 2024), 1);
	assert_int_equal(stage_findings(stuff, 0), 1);
	assert_int_equal(stage_findings(stuff, 2025), 1);
	stage_free(spray);
	stage_free(stuff);
}

/* Accounts are made with a first password; and one is typed into a form that
 * says at each key how good it is. */
static void
test_forms_that_are_no_guess(void **state)
{
	static const char made[] = "HTTP/1.1 201 Created\r\nContent-Type: "
				   "application/json\r\n\r\n{\"id\":7}";
	static const char key[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	struct stage *make = stage_new(&detector_login_forms);
	struct stage *type = stage_new(&detector_login_forms);

	(void)state;
	for (int i = 0; i < 36; i++) {
		char body[128];

		stage_at(make, i);
		snprintf(body, sizeof(body), "user=u%d&password=First1", i);
		post(make, "203.0.113.9", "", body, 201, made);
		stage_at(type, i * 0.3);
		snprintf(
		    body, sizeof(body), "user=anna&password=%.*s", i + 1, key);
		post(type, "203.0.113.9", "", body, 422, WRONG);
	}
	assert_int_equal(stage_findings(make, 0), 0);
	assert_int_equal(stage_findings(type, 0), 0);
	stage_free(make);
	stage_free(type);
}

/* Twenty addresses of one /64 try twenty passwords each. */
static void
test_a_network_of_six_in_a_form(void **state)
{
	struct stage *stage = stage_new(&detector_login_forms);

	(void)state;
	for (int i = 0; i < 400; i++) {
		char client[48], body[128];

		stage_at(stage, i * 0.1);
		snprintf(client, sizeof(client), "2001:db8:7::%x", 1 + i % 20);
		snprintf(
		    body, sizeof(body), "username=u%d&password=p%d", i, i * 3);
		post(stage, client, "", body, 200, WRONG);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_int_equal(stage_findings(stage, 2025), 1);
	stage_free(stage);
}

static struct login_form
read_form(const char *request)
{
	struct login_form form;

	if (!login_form_read((const uint8_t *)request, strlen(request), &form))
		form.password = 0;
	return form;
}

static void
test_forms_of_many_kinds(void **state)
{
	static const char *const forms[] = {
	    "POST /a HTTP/1.1\r\n\r\nlog=admin&pwd=secret",
	    "POST /a HTTP/1.1\r\n\r\nuser[login]=admin&user[password]=secret",
	    "POST /a HTTP/1.1\r\n\r\n{\"username\": \"admin\", \"password\" : "
	    "\"secret\"}",
	    "POST /a HTTP/1.1\r\n\r\n{\"a\":[\"b\",\"c\"],\"auth\":{\"user\":"
	    "\"admin\",\"pass\":\"secret\"}}",
	    "GET /a?username=admin&password=secret&Login=Login HTTP/1.1\r\n",
	};
	static const char *const calls[] = {
	    "POST /xmlrpc.php HTTP/1.1\r\n\r\n<?xml?><methodName>wp."
	    "getUsersBlogs</methodName><value>admin</value><value>a</value>",
	    "POST /xmlrpc.php HTTP/1.1\r\n\r\n<?xml?><methodName>wp."
	    "getUsersBlogs</methodName><value><string>admin</string></value>"
	    "<value>b</value>",
	};
	static const char *const none[] = {
	    "POST /a HTTP/1.1\r\n\r\nname=tom&text=hello",
	    "GET /search?q=password HTTP/1.1\r\n",
	    "POST /a HTTP/1.1\r\n\r\n{\"note\":\"my password\"}",
	    "POST /a HTTP/1.1\r\n",
	    "POST",
	};
	struct login_form first = read_form(forms[0]);

	(void)state;
	assert_int_not_equal(first.password, 0);
	for (size_t i = 1; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct login_form one = read_form(forms[i]);

		if (one.name != first.name || one.password != first.password)
			fail_msg("%s", forms[i]);
	}
	assert_int_equal(read_form(calls[0]).name, first.name);
	assert_int_equal(read_form(calls[1]).name, first.name);
	assert_int_not_equal(
	    read_form(calls[0]).password, read_form(calls[1]).password);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (read_form(none[i]).password != 0)
			fail_msg("%s", none[i]);
}

/* --- paths ---------------------------------------------------------------- */

#define MISSING "HTTP/1.1 404 Not Found\r\n\r\n"

static void
test_directories_are_guessed(void **state)
{
	static const char *const words[] = {"admin", "backup", "old", "test",
	    "login", "private", "dev", "api", "shop", "data"};
	struct stage *stage = stage_new(&detector_path_guessing);

	(void)state;
	for (int i = 0; i < 300; i++) {
		char path[64];

		stage_at(stage, i * 0.05);
		snprintf(path, sizeof(path), "/%s%s.php", words[i % 10],
		    words[i / 10 % 10]);
		get(stage, "203.0.113.9", "", path, 404, MISSING);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, 2141)->subject, "203.0.113.9");
	assert_string_equal(stage_found(stage, 2141)->object, "shop/front");
	stage_free(stage);
}

/* Part of the list lies where a password is asked for: that says nothing. */
static void
test_passwords_on_the_way_hide_no_guessing(void **state)
{
	static const char refusal[] = "HTTP/1.1 401 Unauthorized\r\n\r\n";
	struct stage *stage = stage_new(&detector_path_guessing);

	(void)state;
	for (int i = 0; i < 400; i++) {
		bool locked = i % 4 == 0;
		char path[64];

		stage_at(stage, i * 0.005);
		snprintf(path, sizeof(path), "/%s%c%c%c", locked ? "admin" : "",
		    'a' + i % 26, 'k' + i / 26 % 10, 'a' + i / 7 % 20);
		get(stage, "203.0.113.9", "", path, locked ? 401 : 404,
		    locked ? refusal : MISSING);
		/* Who has no password anywhere guesses none. */
		get(stage, "203.0.113.10", "", path, 401, refusal);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, 2141)->subject, "203.0.113.9");
	stage_free(stage);
}

static void
test_what_is_missing_without_guessing(void **state)
{
	struct stage *stage = stage_new(&detector_path_guessing);

	(void)state;
	for (int i = 0; i < 2000; i++) {
		char path[128], header[64];

		stage_at(stage, i * 0.05);
		/* A page whose parts were not deployed. */
		snprintf(path, sizeof(path), "/static/%d/chunk-%dabc.js", i % 7,
		    i % 150);
		get(stage, "203.0.113.9", "", path, 404, MISSING);
		/* The same few paths, again and again. */
		snprintf(path, sizeof(path), "/api/part%c", 'a' + i % 20);
		get(stage, "203.0.113.10", "", path, 404, MISSING);
		/* A cache that is asked for hashes, and a table for numbers. */
		snprintf(path, sizeof(path), "/cache/%08x%08x%08x%08x",
		    (uint32_t)i * 2654435761U, (uint32_t)i * 40503U,
		    (uint32_t)i + 77, (uint32_t)i * 97);
		get(stage, "ci/build", "", path, 404, MISSING);
		snprintf(path, sizeof(path), "/users/%d", i);
		get(stage, "203.0.113.11", "", path, 404, MISSING);
		/* A package manager that asks one registry after the other. */
		snprintf(path, sizeof(path), "/simple/package-%c%c/",
		    'a' + i % 26, 'a' + i / 26 % 26);
		get(stage, "ci/pip", "", path, 404, MISSING);
		/* Many people behind a proxy, a link each. */
		snprintf(header, sizeof(header),
		    "X-Forwarded-For: 10.%d.%d.1\r\n", i % 100, i % 90);
		snprintf(path, sizeof(path), "/blog/post-%c%c%c", 'a' + i % 26,
		    'a' + i / 26 % 26, 'a' + i % 25);
		get(stage, "ingress/nginx", header, path, 404, MISSING);
		/* A crawler, most of whose links are right. */
		get(stage, "203.0.113.12", "", path, i % 3 == 0 ? 404 : 200,
		    i % 3 == 0 ? MISSING : REFUSED);
	}
	if (stage->found_count > 0)
		fail_msg("%s", stage->found[0].sentence);
	stage_free(stage);
}

/* --- secrets -------------------------------------------------------------- */

static void
test_secrets_are_asked_for(void **state)
{
	struct stage *stage = stage_new(&detector_secret_paths);

	(void)state;
	stage_at(stage, 60);
	get(stage, "203.0.113.9", "", "/.env", 404, MISSING);
	stage_at(stage, 90);
	get(stage, "203.0.113.9", "", "/.Git/config", 404, MISSING);
	assert_int_equal(stage_findings(stage, 0), 0);
	get(stage, "203.0.113.9", "", "/actuator/env", 404, MISSING);
	assert_int_equal(stage_findings(stage, 2142), 1);
	assert_non_null(strstr(stage_found(stage, 2142)->evidence,
	    "\"first\":\"2023-11-14T22:14:20.000"));
	assert_int_equal(stage_findings(stage, 2143), 0);
	stage_free(stage);
}

static void
test_secrets_are_served(void **state)
{
	static const char text[] =
	    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
	    "9\r\n\r\nKEY=value";
	struct stage *stage = stage_new(&detector_secret_paths);

	(void)state;
	/* Pages of one-page applications, looks at repositories, monitoring. */
	get(stage, "203.0.113.9", "", "/.env", 200, REFUSED);
	get(stage, "203.0.113.8", "", "/group/app/-/raw/main/.npmrc", 200,
	    text);
	get(stage, "ops/admin", "", "/actuator/heapdump", 200, text);
	get(stage, "ops/admin", "", "/server-status", 200, text);
	get(stage, "ops/admin", "", "/actuator/env", 200, text);
	get(stage, "203.0.113.9", "", "/environment", 200, text);
	get(stage, "203.0.113.9", "", "/.well-known/security.txt", 200, text);
	assert_int_equal(stage_findings(stage, 0), 0);
	get(stage, "203.0.113.9", "", "/.git/config?x=1", 200, text);
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, 2143)->object, "shop/front");
	stage_free(stage);
}

/* Git clones from files, and asks for HEAD once it has seen `info/refs`. */
static void
a_clone_takes_no_secrets(void **state)
{
	static const char agent[] = "User-Agent: git/2.39.5\r\n";
	static const char head[] =
	    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
	    "21\r\n\r\nref: refs/heads/main\n";
	struct stage *stage = stage_new(&detector_secret_paths);

	(void)state;
	get(stage, "ci/runner", agent,
	    "/site/.git/info/refs?service=git-upload-pack", 200, head);
	get(stage, "ci/runner", agent, "/site/.git/HEAD", 200, head);
	assert_int_equal(stage_findings(stage, 0), 0);
	/* Another program, or from outside, or without its beginning; and the
	 * name stands there as it is. */
	get(stage, "ci/runner", "", "/site/.git/HEAD", 200, head);
	get(stage, "dev/shell", agent, "/site/.git/HEAD", 200, head);
	get(stage, "203.0.113.9", agent, "/site/.git/info/refs", 200, head);
	get(stage, "203.0.113.9", agent, "/site/.git/HEAD", 200, head);
	get(stage, "ci/other", agent, "/site/.git/info/refs", 200, head);
	get(stage, "ci/other", agent, "/.env", 200, head);
	assert_int_equal(stage_findings(stage, 2143), 4);
	assert_non_null(
	    strstr(stage_found(stage, 2143)->sentence, "/.git/HEAD"));
	stage_free(stage);
}

/* --- behind a proxy ------------------------------------------------------- */

/* From outside to a proxy in clear, and on by the proxy: two connections. */
static size_t
seen_twice(const struct detector *detector, bool before, bool behind, bool post,
    const char *answer, uint32_t code)
{
	struct stage *stage = stage_new(detector);
	size_t found;

	for (int i = 0; i < 200; i++) {
		char path[64] = "POST /login", request[512];

		stage_at(stage, i * 0.2);
		if (!post)
			snprintf(path, sizeof(path), "GET /x%c%c", 'a' + i % 26,
			    'a' + i / 26 % 26);
		snprintf(request, sizeof(request),
		    "%s HTTP/1.1\r\nHost: a\r\nAuthorization: Basic %d\r\n"
		    "X-Forwarded-For: 203.0.113.9\r\n\r\nuser=a&pass=%d",
		    path, i, i);
		if (before)
			ask(stage, "203.0.113.9", "edge/proxy", request, code,
			    answer);
		if (behind)
			ask(stage, "edge/proxy", "shop/front", request, code,
			    answer);
	}
	found = stage_findings(stage, 0);
	if (before)
		assert_string_equal(stage->found[0].subject, "203.0.113.9");
	stage_free(stage);
	return found;
}

static void
test_who_is_seen_twice_is_one(void **state)
{
	static const struct {
		const struct detector *detector;
		bool post;
		const char *answer;
		uint32_t code;
	} cases[] = {
	    {&detector_login_forms, true, WRONG, 200},
	    {&detector_path_guessing, false, MISSING, 404},
	    {&detector_brute_force, true, "HTTP/1.1 401 No\r\n\r\n", 401},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int way = 1; way < 4; way++)
			if (seen_twice(cases[i].detector, way & 1, way & 2,
				cases[i].post, cases[i].answer,
				cases[i].code) != 1)
				fail_msg("case %zu, way %d", i, way);
}

/* --- the cloud ------------------------------------------------------------ */

#define ROLE "/latest/meta-data/iam/security-credentials/"

static void
ask_cloud(struct stage *stage, const char *client, const char *server,
    const char *agent, const char *path)
{
	char request[512];

	snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: x\r\nUser-Agent: %s\r\n\r\n", path,
	    agent);
	ask(stage, client, server, request, 200,
	    "HTTP/1.1 200 OK\r\n\r\nnode-role");
}

static void
test_credentials_of_the_cloud(void **state)
{
	static const char *const asked[][2] = {
	    {"169.254.169.254", ROLE},
	    {"169.254.169.254", "/computeMetadata/v1/instance/service-accounts/"
				"default/token"},
	    {"169.254.169.254", "/metadata/identity/oauth2/token?resource=x"},
	    {"fd00:ec2::254", "/latest/user-data"},
	    {"10.244.9.9", "http://169.254.169.254/latest/meta-data/iam/"
			   "security-credentials/x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		struct stage *stage = stage_new(&detector_cloud_metadata);

		for (int n = 0; n < 3; n++) {
			struct stage_flow flow = stage_flow(
			    stage, "shop/carts", asked[i][0], PROTOCOL_TCP, 80);
			char request[512];

			snprintf(request, sizeof(request),
			    "GET %s HTTP/1.1\r\nUser-Agent: curl/8\r\n\r\n",
			    asked[i][1]);
			flow.sighting.verdict = VERDICT_UNMODELLED;
			stage_answer(&flow, APPLICATION_HTTP);
			stage_message(stage, &flow, MESSAGE_HTTP_REQUEST, true,
			    0, request, strlen(request));
		}
		assert_int_equal(stage_findings(stage, 0), 1);
		assert_in_range(stage_found(stage, 2140)->confidence, 80, 95);
		stage_free(stage);
	}
}

static void
test_who_may_ask_the_cloud(void **state)
{
	struct stage *stage = stage_new(&detector_cloud_metadata);
	struct container driver = {.image = {.base = "aws-ebs-csi-driver"}};
	struct stage_end *end = stage_end_of(stage, "kube-system/ebs");
	struct stage_flow flow;

	(void)state;
	end->workload.containers = &driver;
	end->workload.container_count = 1;
	/* A node, a driver, what a model allows, and what is no secret. */
	ask_cloud(stage, "node:a", "169.254.169.254", "curl/8", ROLE);
	flow = stage_flow(
	    stage, "kube-system/ebs", "169.254.169.254", PROTOCOL_TCP, 80);
	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_message(stage, &flow, MESSAGE_HTTP_REQUEST, true, 0,
	    "GET " ROLE " HTTP/1.1\r\n\r\n",
	    strlen("GET " ROLE " HTTP/1.1\r\n\r\n"));
	ask_cloud(stage, "shop/carts", "169.254.169.254", "curl/8", ROLE);
	flow = stage_flow(
	    stage, "shop/other", "169.254.169.254", PROTOCOL_TCP, 80);
	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_message(stage, &flow, MESSAGE_HTTP_REQUEST, true, 0,
	    "GET /latest/meta-data/placement/region HTTP/1.1\r\n\r\n", 55);
	assert_int_equal(stage_findings(stage, 0), 0);
	/* A library of the cloud asks by itself. */
	stage_message(stage, &flow, MESSAGE_HTTP_REQUEST, true, 0,
	    "GET " ROLE " HTTP/1.1\r\nUser-Agent: Boto3/1.2\r\n\r\n",
	    strlen("GET " ROLE " HTTP/1.1\r\nUser-Agent: Boto3/1.2\r\n\r\n"));
	assert_int_equal(stage_found(stage, 2140)->confidence, 50);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_guessing_in_a_form),
	    cmocka_unit_test(test_few_or_slow_tries_are_none),
	    cmocka_unit_test(test_same_password_again_is_a_retry),
	    cmocka_unit_test(test_many_people_are_none),
	    cmocka_unit_test(test_people_behind_a_proxy_are_told_apart),
	    cmocka_unit_test(test_spraying_and_stuffing),
	    cmocka_unit_test(test_forms_that_are_no_guess),
	    cmocka_unit_test(test_a_network_of_six_in_a_form),
	    cmocka_unit_test(test_forms_of_many_kinds),
	    cmocka_unit_test(test_directories_are_guessed),
	    cmocka_unit_test(test_what_is_missing_without_guessing),
	    cmocka_unit_test(test_secrets_are_asked_for),
	    cmocka_unit_test(test_secrets_are_served),
	    cmocka_unit_test(a_clone_takes_no_secrets),
	    cmocka_unit_test(test_who_is_seen_twice_is_one),
	    cmocka_unit_test(test_credentials_of_the_cloud),
	    cmocka_unit_test(test_who_may_ask_the_cloud),
	    cmocka_unit_test(test_passwords_on_the_way_hide_no_guessing),
	    cmocka_unit_test(test_many_addresses_guess_one_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
