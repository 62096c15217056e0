/*
 * A request's head is divided once, and says what is not in it: against the
 * readers who would find it, and against a divider that takes its time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/detectors/http/exploit_match.h"
#include "classifiers/detectors/http/exploit_request.h"
#include "classifiers/detectors/http/http_framing.h"
#include "classifiers/detectors/http/http_head.h"
#include "classifiers/detectors/login/credential.h"
#include "classifiers/detectors/login/login_form.h"
#include "classifiers/messages/http_traits.h"
#include "classifiers/messages/messages.h"

#define REQUEST_MOST 4096

static uint32_t
draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)*seed * below >> 32);
}

/* --- requests ------------------------------------------------------------- */

#define PICK(seed, list) list[draw(seed, sizeof(list) / sizeof(list[0]))]

static const char *const beginnings[] = {"GET /cart HTTP/1.1",
    "GET /login?user=a&PassWord=b HTTP/1.1", "POST /login HTTP/1.1",
    "PUT /a?pwd=1 HTTP/1.0", "GET http://a?pass=1/x?y=2 HTTP/1.1", "POST",
    "DELETE /items/7", "", " GET / HTTP/1.1", "HEAD /?a=?passwd=x HTTP/1.1"};

static const char *const headers[] = {"Host: shop.example", "Accept: */*",
    "Authorization: Basic YTpi", "aUTHORIZATION:x", " Authorization: y",
    "Authorization : z", "Proxy-Authorization: Digest", "Connection: close",
    "Content-Length: 17", "content-length:3", "Content-Length: 3, 3",
    "Content-Length: -1", "Content-Length : 5", "Content-Length",
    "\tContent-Length: 9", "Content-Length: ", "Content-Length: 0x1",
    "Transfer-Encoding: chunked", "transfer-encoding: xchunked",
    "Transfer-Encoding : chunked", "Content-Type: application/json",
    "Content-Type: application/x-www-form-urlencoded", "X", "x:", ":", " ",
    "\t", "User-Agent: Mozilla/5.0 (X11)", "ETag: \"x\"", "tracestate: a=b",
    "Sec-CH-UA: \"q\"", "Cookie: a=b; c=d", "X-Pass: pwd", "\r"};

static const char *const ends[] = {
    "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r\r\n", " \r\n"};

static const char *const bodies[] = {"", "name=a&password=b",
    "{\"user\": \"a\", \"pAss\": \"b\"}", "{\"pass\": 1}", "{\"a\":\"b\"}",
    "user=a&pwd=b", "pwd", "passwd",
    "<methodCall><methodName>wp.getUsersBlogs</methodName><value>a</value>",
    "0123456789abcdefpas", "0123456789abcdefpwd=1", "p", "pw", "\r\n\r\npass=1",
    "x\r\n\r\n<methodName>wp.getUsersBlogs</methodName><value>a</value>",
    "a=1&bcdefghijklm=1&passphrase=2"};

static size_t
make_request(uint32_t *seed, char *out)
{
	size_t size = 0, lines = draw(seed, 9);

#define ADD(text)                                                              \
	size += (size_t)snprintf(out + size, REQUEST_MOST - size, "%s", text)
	if (draw(seed, 50) == 0)
		lines += 60;
	ADD(PICK(seed, beginnings));
	ADD(PICK(seed, ends));
	for (size_t i = 0; i < lines; i++) {
		ADD(PICK(seed, headers));
		ADD(PICK(seed, ends));
	}
	ADD(PICK(seed, ends));
	ADD(PICK(seed, bodies));
#undef ADD
	for (uint32_t i = draw(seed, 4) == 0 ? draw(seed, 4) : 0; i > 0; i--)
		out[draw(seed, (uint32_t)size)] = (char)draw(seed, 256);
	return draw(seed, 8) == 0 ? draw(seed, (uint32_t)size + 1) : size;
}

/* --- the same, slowly ----------------------------------------------------- */

static void
trim(const char **at, const char **end)
{
	while (*at < *end && strchr(" \t", **at) != NULL && **at != '\0')
		++*at;
	while (*at < *end && ((*end)[-1] == '\r' || (*end)[-1] == ' '))
		--*end;
}

static bool
is_one_of(const char *at, const char *end, const char *const *list)
{
	for (; *list != NULL; list++) {
		const char *name = *list;
		const char *one = at;

		while (one < end && *name != '\0' &&
		       (*one == *name || (*one | 0x20) == *name)) {
			one++;
			name++;
		}
		if (one == end && *name == '\0')
			return true;
	}
	return false;
}

static void
compare_lines(const struct http_head *head, const char *at, const char *end)
{
	static const char *const dull[] = {"accept", "accept-encoding",
	    "connection", "content-length", "date", "if-none-match", "etag",
	    "sec-ch-ua", "traceparent", "tracestate", "baggage", NULL};
	size_t count = 0;

	for (int i = 0; i <= HTTP_HEAD_LINES && at < end; i++) {
		const char *stop = at, *from = at, *to, *colon;

		while (stop < end && *stop != '\n')
			stop++;
		to = stop;
		at = stop + (stop < end);
		trim(&from, &to);
		if (i == 0)
			continue;
		if (from == to)
			break;
		for (colon = from; colon < to && *colon != ':';)
			colon++;
		stop = to;
		to = colon;
		colon += colon < stop;
		trim(&colon, &stop);
		if (colon == stop)
			continue;
		assert_true(count < head->count);
		assert_ptr_equal(head->lines[count].name.at, from);
		assert_int_equal(head->lines[count].name.size, to - from);
		assert_ptr_equal(head->lines[count].value.at, colon);
		assert_int_equal(head->lines[count].value.size, stop - colon);
		assert_int_equal(head->lines[count].kind == HTTP_LINE_DULL,
		    is_one_of(from, to, dull));
		count++;
	}
	assert_int_equal(count, head->count);
	assert_int_equal(head->rest.size, end - at);
}

static uint32_t
traits_of(const uint8_t *octets, size_t size)
{
	const uint8_t *stop = memchr(octets, '\n', size);
	size_t line = (size_t)((stop == NULL ? octets + size : stop) - octets);

	if (line > 0 && octets[line - 1] == '\r')
		line--;
	return http_traits_of(octets, size, line).has;
}

/* What shards say of the same, before anybody divides it. */
static void
compare_traits(const uint8_t *octets, size_t size)
{
	uint32_t has = traits_of(octets, size);
	struct login_form form;

	if (credential_of_http(octets, size) != 0)
		assert_int_not_equal(
		    has & (TRAIT_CREDENTIALS | TRAIT_PASSWORD), 0);
	if (login_form_read(octets, size, &form))
		assert_int_not_equal(has & TRAIT_PASSWORD, 0);
	if (http_framing_fault(octets, size) != NULL)
		assert_int_not_equal(has & TRAIT_ODD_LENGTH, 0);
}

static void
test_what_is_not_said_is_not_there(void **state)
{
	uint32_t seed = 7, quiet = 0, asked = 0;
	char request[REQUEST_MOST];

	(void)state;
	for (int i = 0; i < 60000; i++) {
		size_t size = make_request(&seed, request);
		uint8_t *exact = malloc(size + !size);
		struct http_head head;
		struct login_form form;

		assert_non_null(exact);
		memcpy(exact, request, size);
		http_head_read(&head, exact, size);
		compare_lines(
		    &head, (const char *)exact, (const char *)exact + size);
		if (credential_of_http(exact, size) != 0) {
			assert_true(head.authorizes || head.logs_in);
			asked++;
		}
		if (login_form_read(exact, size, &form))
			assert_true(head.logs_in);
		if (http_framing_fault(exact, size) != NULL)
			assert_true(head.frames);
		compare_traits(exact, size);
		quiet += !head.authorizes && !head.logs_in && !head.frames;
		free(exact);
	}
	/* Neither is rare here. */
	assert_in_range(quiet, 1000, 59000);
	assert_in_range(asked, 1000, 59000);
}

static void
test_ordinary_requests_say_nothing(void **state)
{
	static const char *const ordinary[] = {
	    "GET /cart?id=7&page=2 HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\n"
	    "Accept: */*\r\nCookie: session=1\r\n\r\n",
	    "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json"
	    "\r\nContent-Length: 31\r\n\r\n{\"item\": 7, \"place\": \"Spain\"}",
	    "GET /cart HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++) {
		struct http_head head;

		http_head_read(
		    &head, (const uint8_t *)ordinary[i], strlen(ordinary[i]));
		assert_false(head.authorizes);
		assert_false(head.frames);
		assert_false(head.logs_in);
		assert_int_equal(traits_of((const uint8_t *)ordinary[i],
				     strlen(ordinary[i])),
		    TRAIT_HTTP_REQUEST);
	}
}

static const char *const targets[] = {"/cart", "/a?b=1&c=2", "/x?y=/z",
    "/../../etc/passwd", "/?id=1'%20or%201=1--", "/?cmd=id", "/a/%2e%2e/",
    "/?a=1&command=whoami", "/c99.php", "http://h/p?q=1", "/ x y",
    "/?u=169.254.169.254", "/search?q=red+socks"};
static const char *const values[] = {"Host: a", "Cookie: a=b",
    "X: ${jndi:ldap://a/b}", "X: () { :;}; x", "X: 1' or '1'='1",
    "User-Agent: sqlmap/1.7", "User-Agent: Mozilla/5.0 (X11)",
    "Referer: http://a/b.png", "Content-Type: application/json",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Type: application/x-java-serialized-object", " folded",
    "X: <script>alert(1)</script>", "X: \xe2\x80"};
static const char *const posted[] = {"", "{\"a\": 1}",
    "{\"a\": \"1 union select 2\"}", "a=1' or '1'='1&b=2",
    "{\"a\": \"rO0ABXNy012345678901234567890123456789012\"}",
    "{\"a\":{\"$ne\":1}}", "cmd=id&x=1", "O:4:\"Name\":1:{}",
    "{\"x\":\"class.module.classLoader\"}", "<?php system($_GET[1]);",
    "{\"x\":\"bash -c {http}\"}", "a long line of words, and no more"};

static size_t
make_attack(uint32_t *seed, char *request)
{
	size_t size =
	    (size_t)snprintf(request, REQUEST_MOST, "%s %s HTTP/1.1\r\n",
		draw(seed, 2) == 0 ? "GET" : "POST", PICK(seed, targets));

	for (uint32_t n = draw(seed, 6); n > 0; n--)
		size += (size_t)snprintf(request + size, REQUEST_MOST - size,
		    "%s\r\n", PICK(seed, values));
	size += (size_t)snprintf(
	    request + size, REQUEST_MOST - size, "\r\n%s", PICK(seed, posted));
	return draw(seed, 5) == 0 ? draw(seed, (uint32_t)size) : size;
}

/* Attacks in every part: found where shards say that something is odd, as if
 * they had said that all of it is. */
static void
test_attacks_are_odd(void **state)
{
	struct exploit_needs *needs = malloc(sizeof(*needs));
	struct exploit_found *all = malloc(sizeof(*all));
	struct exploit_found *said = malloc(sizeof(*said));
	uint32_t seed = 11, found = 0, quiet = 0;
	char request[REQUEST_MOST];

	(void)state;
	assert_true(needs != NULL && all != NULL && said != NULL);
	exploit_needs_make(needs, &(struct hash_key){{1, 2}});
	for (int i = 0; i < 30000; i++) {
		size_t size = make_attack(&seed, request);
		uint8_t *exact = malloc(size + !size);
		struct http_head head;
		uint32_t has;

		assert_non_null(exact);
		memcpy(exact, request, size);
		has = traits_of(exact, size);
		http_head_read(&head, exact, size);
		memset(needs->agents, 0, sizeof(needs->agents));
		(void)exploit_request_read(
		    needs, head.request, &head, UINT32_MAX, all);
		memset(needs->agents, 0, sizeof(needs->agents));
		(void)exploit_request_read(
		    needs, head.request, &head, has | TRAIT_NEW_AGENT, said);
		assert_int_equal(all->exploit, said->exploit);
		found += all->exploit != EXPLOIT_NONE;
		quiet += (has & (TRAIT_ODD_TARGET | TRAIT_ODD_HEADER |
				    TRAIT_ODD_BODY)) == 0;
		free(exact);
	}
	assert_in_range(found, 1000, 29000);
	assert_in_range(quiet, 300, 29000);
	free(needs);
	free(all);
	free(said);
}

/* --- what tells ----------------------------------------------------------- */

static bool
tells(const uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t next = i + 1 < size ? at[i + 1] : 0;

		if (at[i] >= 128 ||
		    (at[i] != 0 && strchr("'`<{$\\#", at[i]) != NULL) ||
		    (at[i] == '.' &&
			(next == '.' || next == 'p' || next == 'P')) ||
		    (at[i] == '(' && (next == ')' || next == 's')) ||
		    (at[i] == 'O' && next == '0' && size >= 40))
			return true;
	}
	return false;
}

/* Values are looked at sixteen octets at a time. */
static void
test_every_octet_of_a_value_tells(void **state)
{
	static const char rare[] = "'`<{$\\#..pP()sO0\x80\xff\x7f";
	uint32_t seed = 3;

	(void)state;
	for (int i = 0; i < 40000; i++) {
		size_t size = draw(&seed, 70);
		uint8_t *exact = malloc(size + !size);

		assert_non_null(exact);
		for (size_t o = 0; o < size; o++)
			exact[o] = (uint8_t)("ab./(O0p"[draw(&seed, 8)]);
		for (uint32_t n = draw(&seed, 3); n > 0 && size > 0; n--)
			exact[draw(&seed, (uint32_t)size)] =
			    (uint8_t)rare[draw(&seed, sizeof(rare) - 1)];
		if (draw(&seed, 2) == 0)
			for (size_t o = 0; o < size; o++)
				exact[o] = exact[o] == '.' ? '-' : exact[o];
		assert_int_equal(exploit_may_be(EXPLOIT_IN_HEADER, exact, size),
		    tells(exact, size));
		free(exact);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_not_said_is_not_there),
	    cmocka_unit_test(test_attacks_are_odd),
	    cmocka_unit_test(test_ordinary_requests_say_nothing),
	    cmocka_unit_test(test_every_octet_of_a_value_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
