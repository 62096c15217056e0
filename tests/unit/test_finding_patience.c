/* What detectors raise may be quiet for a day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerts/finding.h"
#include "classifiers/detectors/detector.h"
#include "unit/finding_scene.h"

static void
raise_at(struct heard *heard, struct scene *scene, int second)
{
	struct sighted_end subject = {.key = 1};
	struct detector detector = {.name = "scan"};
	struct anomaly anomaly = {.signature = 2001,
	    .subject = &subject,
	    .count = 1,
	    .confidence = 80,
	    .sentence = "it scans"};

	subject.party = &scene->about.client;
	findings_add_anomaly(heard->findings, &detector, &anomaly,
	    &scene->about, after_seconds(second));
}

static void
what_is_slow_is_one_finding(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 8);
	for (int i = 0; i <= 10; i++)
		raise_at(&heard, &s, i * 1800);
	assert_int_equal(heard.alerts, 1);
	assert_int_equal(heard.closed, 0);
	/* A deviation is not as patient. */
	add(&heard, &s, 18001);
	findings_expire(heard.findings, after_seconds(18901));
	assert_int_equal(heard.closed, 1);
	findings_expire(heard.findings, after_seconds(18000 + 86399));
	assert_int_equal(heard.closed, 1);
	findings_expire(heard.findings, after_seconds(18000 + 86400));
	assert_int_equal(heard.closed, 2);
	raise_at(&heard, &s, 18000 + 86401);
	assert_int_equal(heard.alerts, 3);
	heard_release(&heard);
}

static void
patience_takes_nobodys_room(void **state)
{
	struct heard heard;
	struct scene s;

	(void)state;
	scene_make(&s);
	heard_init(&heard, 2);
	raise_at(&heard, &s, 0);
	s.about.client.attribution = ATTRIBUTION_EXTERNAL;
	s.about.client.address = scene_address("192.0.2.1");
	add(&heard, &s, 1);
	s.about.client.address = scene_address("192.0.2.2");
	text_clear(&heard.log);
	/* The longest quiet one goes, whichever it is. */
	add(&heard, &s, 2);
	assert_int_equal(heard.closed, 1);
	assert_null(strstr(heard.log.at, "closed 192.0.2.1 "));
	s.about.client.address = scene_address("192.0.2.3");
	add(&heard, &s, 3);
	assert_non_null(strstr(heard.log.at, "closed 192.0.2.1 "));
	heard_release(&heard);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_slow_is_one_finding),
	    cmocka_unit_test(patience_takes_nobodys_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
