/* What names a sink, what is wrong with it, and what its cursor is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "alerts/sink_url.h"

static struct sink_url *
parse(const char *text)
{
	char fault[SINK_FAULT_SIZE] = "";
	struct sink_url *url = sink_url_parse(text, fault);

	if (url == NULL)
		fail_msg("%s: %s", text, fault);
	return url;
}

static void
test_parts(void **state)
{
	struct sink_url *url = parse("syslog+tls://[2001:db8::1]:6515?ca=/etc/"
				     "ca%20x.pem&format=cef#west");

	(void)state;
	assert_int_equal(url->kind, SINK_SYSLOG_TLS);
	assert_string_equal(url->host, "2001:db8::1");
	assert_string_equal(url->port, "6515");
	assert_string_equal(url->ca, "/etc/ca x.pem");
	assert_int_equal(url->format, FORMAT_CEF);
	assert_string_equal(url->name, "west");
	sink_url_free(url);
	url = parse("elastic+https://me:p%40ss@es.test/logs-x-y");
	assert_string_equal(url->user, "me");
	assert_string_equal(url->password, "p@ss");
	assert_string_equal(url->port, "9200");
	assert_string_equal(url->path, "/logs-x-y");
	assert_null(strstr(url->shown, "p@ss"));
	assert_null(strstr(url->shown, "p%40ss"));
	assert_true(url->secure);
	assert_int_equal(url->format, FORMAT_ECS);
	sink_url_free(url);
	url = parse("file:/var/log/a?format=ocsf");
	assert_string_equal(url->path, "/var/log/a");
	assert_int_equal(url->format, FORMAT_OCSF);
	sink_url_free(url);
}

/* Names are for files, and differ where URLs do. */
static void
test_names(void **state)
{
	struct sink_url *a = parse("file:/a/b"), *b = parse("file:/a_b");
	struct sink_url *c = parse("file:x#../../etc/passwd");

	(void)state;
	assert_string_not_equal(a->name, b->name);
	assert_null(strchr(a->name, '/'));
	assert_null(strchr(c->name, '/'));
	sink_url_free(a);
	sink_url_free(b);
	sink_url_free(c);
}

static void
test_mistakes(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
	    {"", "is no sink"},
	    {"syslog://host", "syslog+udp://"},
	    {"file:", "without a path"},
	    {"syslog+tcp://", "without a host"},
	    {"syslog+tcp://:514", "without a host"},
	    {"redis://host:6379", "which stream"},
	    {"elastic+https://host", "which data stream"},
	    {"file:x?formt=ecs", "did you mean `format`"},
	    {"file:x?format=json", "not native"},
	    {"file:x?settle=soon", "not a number"},
	    {"file:x?insecure=yes", "write 0 or 1"},
	    {"file:x?insecure", "key=value"},
	    {"file:x?ca=100%", "ca has a % that"},
	    {"redis://u%zz@host/s", "the user has a % that"},
	    {"redis://u:p%00@host/s", "the password has a % that"},
	};
	char fault[SINK_FAULT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		fault[0] = '\0';
		assert_null(sink_url_parse(wrong[i].text, fault));
		if (strstr(fault, wrong[i].says) == NULL)
			fail_msg("%s: %s", wrong[i].text, fault);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
