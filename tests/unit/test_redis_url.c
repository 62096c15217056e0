#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

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
		assert_string_equal(or_none(url->host), or_none(cases[i].host));
		assert_string_equal(or_none(url->path), or_none(cases[i].path));
		assert_string_equal(or_none(url->user), or_none(cases[i].user));
		assert_string_equal(
		    or_none(url->password), or_none(cases[i].password));
		assert_string_equal(redis_url_shown(url), cases[i].shown);
		assert_int_equal(url->port, cases[i].port);
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
	    {"redis-sentinel://h", "Sentinel"},
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_what_is_documented),
	    cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
