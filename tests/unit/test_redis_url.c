#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classifiers/redis/redis_parts.h"

static const char *
or_none(const char *text)
{
	return text == NULL ? "(none)" : text;
}

static void
reads_what_is_documented(void **state)
{
	static const struct {
		const char *text, *host, *path, *user, *password, *shown;
		uint16_t port, database;
	} cases[] = {
	    {"redis://localhost", "localhost", NULL, NULL, NULL,
		"redis://localhost", 6379, 0},
	    {"redis://h:1/", "h", NULL, NULL, NULL, "redis://h:1/", 1, 0},
	    {"redis://u:p@h:6380/15", "h", NULL, "u", "p",
		"redis://u@h:6380/15", 6380, 15},
	    {"redis://:p%40%2fq@h", "h", NULL, NULL, "p@/q", "redis://h", 6379,
		0},
	    {"redis://u:p@q@h", "h", NULL, "u", "p@q", "redis://u@h", 6379, 0},
	    {"redis://[fd00::1]:7/2", "fd00::1", NULL, NULL, NULL,
		"redis://[fd00::1]:7/2", 7, 2},
	    {"unix:///run/redis.sock", NULL, "/run/redis.sock", NULL, NULL,
		"unix:///run/redis.sock", 0, 0},
	    {"unix:/run/r?db=3", NULL, "/run/r", NULL, NULL, "unix:/run/r?db=3",
		0, 3},
	    {"unix://u:p@/run/r", NULL, "/run/r", "u", "p", "unix://u@/run/r",
		0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char fault[REDIS_FAULT_SIZE] = "";
		struct redis_url *url = redis_url_parse(cases[i].text, fault);

		assert_string_equal(fault, "");
		assert_non_null(url);
		assert_string_equal(
		    or_none(url->server.host), or_none(cases[i].host));
		assert_string_equal(or_none(url->path), or_none(cases[i].path));
		assert_string_equal(or_none(url->user), or_none(cases[i].user));
		assert_string_equal(
		    or_none(url->password), or_none(cases[i].password));
		assert_string_equal(redis_url_shown(url), cases[i].shown);
		assert_int_equal(url->server.port, cases[i].port);
		assert_int_equal(url->database, cases[i].database);
		redis_url_free(url);
	}
}

static void
says_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *fault;
	} cases[] = {
	    {"", "no Redis URL"},
	    {"localhost:6379", "no Redis URL"},
	    {"http://h", "no Redis URL"},
	    {"rediss://h", "TLS"},
	    {"redis-sentinel://h", "sentinel://host"},
	    {"sentinel://h", "no name of a primary"},
	    {"sentinel:///main", "no host"},
	    {"sentinel://h,,g/main", "no host"},
	    {"sentinel://h:0x/main", "no port"},
	    {"sentinel://h/main/x", "no database"},
	    {"sentinel://a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q/main", "more than"},
	    {"redis://", "no host"},
	    {"redis://h:70000", "no port"},
	    {"redis://h:", "no port"},
	    {"redis://h/x", "no database"},
	    {"redis://u@h", "without a password"},
	    {"redis://u:%zz@h", "hexadecimal"},
	    {"redis://u:%00@h", "hexadecimal"},
	    {"redis://u:p%4@h", "hexadecimal"},
	    {"unix://run/r", "begins with a slash"},
	    {"unix:///r?database=3", "?db=N"},
	    {"unix:///r?db=", "no database"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char fault[REDIS_FAULT_SIZE] = "";

		assert_null(redis_url_parse(cases[i].text, fault));
		if (strstr(fault, cases[i].fault) == NULL)
			print_error("%s: %s\n", cases[i].text, fault);
		assert_non_null(strstr(fault, cases[i].fault));
	}
}

static void
sentinels_are_places_and_a_name(void **state)
{
	char fault[REDIS_FAULT_SIZE] = "";
	struct redis_url *url = redis_url_parse(
	    "sentinel://u:p@one,[fd00::2]:7,three:8/my%20primary/4", fault);

	(void)state;
	assert_string_equal(fault, "");
	assert_non_null(url);
	assert_int_equal(url->sentinel_count, 3);
	assert_string_equal(url->sentinels[0].host, "one");
	assert_int_equal(url->sentinels[0].port, 26379);
	assert_string_equal(url->sentinels[1].host, "fd00::2");
	assert_int_equal(url->sentinels[1].port, 7);
	assert_string_equal(url->sentinels[2].host, "three");
	assert_int_equal(url->sentinels[2].port, 8);
	assert_string_equal(url->primary, "my primary");
	assert_int_equal(url->database, 4);
	assert_string_equal(url->user, "u");
	assert_string_equal(url->password, "p");
	assert_null(url->server.host);
	assert_string_equal(redis_url_shown(url),
	    "sentinel://u@one,[fd00::2]:7,three:8/my%20primary/4");
	redis_url_free(url);
}

/* The words of an option are everybody's to read. */
static void
a_password_need_not_be_an_argument(void **state)
{
	char path[] = "/tmp/hedgerow-url-XXXXXX", argument[64];
	char fault[REDIS_FAULT_SIZE] = "";
	int file = mkstemp(path);
	struct redis_url *url;

	(void)state;
	assert_true(file >= 0);
	assert_int_equal(write(file, "redis://u:secret@h:1\nmore\n", 26), 26);
	(void)close(file);
	(void)snprintf(argument, sizeof(argument), "@%s", path);
	url = redis_url_argument(argument, fault);
	assert_non_null(url);
	assert_string_equal(url->password, "secret");
	assert_string_equal(url->server.host, "h");
	assert_string_equal(redis_url_shown(url), "redis://u@h:1");
	redis_url_free(url);
	(void)unlink(path);
	assert_null(redis_url_argument(argument, fault));
	assert_non_null(strstr(fault, "cannot be read"));

	assert_int_equal(setenv("REDIS_PASSWORD", "p@ss", 1), 0);
	url = redis_url_argument("redis://u@h", fault);
	assert_non_null(url);
	assert_string_equal(url->user, "u");
	assert_string_equal(url->password, "p@ss");
	redis_url_free(url);
	url = redis_url_argument("unix:///run/r", fault);
	assert_null(url->user);
	assert_string_equal(url->password, "p@ss");
	redis_url_free(url);
	/* What is written in the URL is meant. */
	url = redis_url_argument("redis://u:own@h", fault);
	assert_string_equal(url->password, "own");
	redis_url_free(url);
	assert_int_equal(unsetenv("REDIS_PASSWORD"), 0);
	assert_null(redis_url_argument("redis://u@h", fault));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_what_is_documented),
	    cmocka_unit_test(says_what_is_wrong),
	    cmocka_unit_test(sentinels_are_places_and_a_name),
	    cmocka_unit_test(a_password_need_not_be_an_argument),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
