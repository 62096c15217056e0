/*
 * Beacons, strobes and long connections; RITA's measures beside naive ones.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/measures/rhythm.h"
#include "tests/detector_stage.h"

#define BEACON 2030
#define STROBE 2031
#define LONG   2032

static uint64_t
next_random(uint64_t *random)
{
	*random = *random * 6364136223846793005 + 1442695040888963407;
	return *random >> 33;
}

/* 0 to 1 */
static double
fraction(uint64_t *random)
{
	return (double)(next_random(random) % 1000000) / 1e6;
}

static void
call(struct stage *stage, const char *client, const char *server,
    enum verdict_kind verdict, uint64_t octets)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 443);

	flow.sighting.verdict = verdict;
	stage_answer(&flow, APPLICATION_TLS);
	stage_send(stage, &flow, true, 5, octets);
	stage_send(stage, &flow, false, 3, 2000);
	stage_send(stage, &flow, true, 1, 60);
	stage_send(stage, &flow, false, 2, 1000);
	stage_over(stage, &flow);
}

/* Calls every `period` seconds with that jitter, up or down. */
static void
calls(struct stage *stage, const char *client, enum verdict_kind verdict,
    int count, double period, double jitter, uint64_t seed)
{
	double at = 100;
	uint64_t random = seed * 977 + 5;

	for (int i = 0; i < count; i++) {
		stage_at(stage, at);
		call(stage, client, "203.0.113.66", verdict, 700);
		at += period * (1 + jitter * (2 * fraction(&random) - 1));
	}
}

static void
beacons_with_jitter_are_found(void **state)
{
	static const double jitters[] = {0, 0.1, 0.3, 0.5};
	int found = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (uint64_t seed = 0; seed < 50; seed++) {
			struct stage *stage = stage_new(&detector_beacon);

			calls(stage, "shop/web", VERDICT_DEVIATION, 20, 5,
			    jitters[i], seed);
			assert_in_range(stage_findings(stage, 0), 0, 1);
			found += stage_findings(stage, BEACON) == 1;
			stage_free(stage);
		}
	/* Of 200; 20 events of the widest jitter may look otherwise. */
	assert_in_range(found, 196, 200);
}

/* Two or three connections a beat, in any order, of different sizes. */
static void
several_connections_are_one_beat(void **state)
{
	(void)state;
	for (int each = 2; each <= 4; each++) {
		struct stage *stage = stage_new(&detector_beacon);
		uint64_t random = 3;

		for (int i = 0; i < 16 * each; i++) {
			stage_at(stage, 100 + i / each * 30 + i % each * 0.4 +
					    0.3 * fraction(&random));
			call(stage, "shop/web", "203.0.113.66",
			    VERDICT_DEVIATION,
			    (uint64_t)(i + i / each) % (uint64_t)each * 500 +
				300);
		}
		assert_int_equal(stage_findings(stage, BEACON), 1);
		stage_free(stage);
	}
}

/* Who reads: each page brings some connections, at a time that is his. */
static void
pages_that_somebody_reads_are_none(void **state)
{
	int found = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct stage *stage = stage_new(&detector_beacon);
		uint64_t random = seed * 31 + 7;
		double at = 100;

		for (int page = 0; page < 30; page++) {
			uint64_t each = 1 + next_random(&random) % 4;

			for (uint64_t i = 0; i < each; i++) {
				stage_at(stage, at + 0.1 * (double)i);
				call(stage, "shop/web", "203.0.113.66",
				    VERDICT_DEVIATION,
				    300 + next_random(&random) % 2000);
			}
			at += 1 - 20 * log(1 - fraction(&random) * 0.999);
		}
		found += stage_findings(stage, BEACON) > 0;
		stage_free(stage);
	}
	assert_in_range(found, 0, 3);
}

static void
what_models_allow_is_none(void **state)
{
	struct stage *stage = stage_new(&detector_beacon);

	(void)state;
	calls(stage, "mon/prometheus", VERDICT_ALLOWED, 200, 15, 0, 1);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* A job of each night; and what a connection that paused goes on as. */
static void
timetables_and_connections_that_go_on_are_none(void **state)
{
	(void)state;
	for (int midstream = 0; midstream < 2; midstream++) {
		struct stage *stage = stage_new(&detector_beacon);
		double period = midstream ? 700 : 86400;

		for (int i = 0; i < 30; i++) {
			struct stage_flow flow;

			stage_at(stage, i * period);
			flow = stage_flow(stage, "shop/web", "203.0.113.9",
			    PROTOCOL_TCP, 443);
			flow.sighting.verdict = VERDICT_UNMODELLED;
			flow.flow.midstream = midstream;
			stage_answer(&flow, APPLICATION_TLS);
			stage_send(stage, &flow, true, 3, 700);
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, 0), 0);
		stage_free(stage);
	}
}

static void
probes_inside_that_no_model_is_about_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_beacon);

	(void)state;
	for (int i = 0; i < 200; i++) {
		stage_at(stage, i * 10);
		call(stage, "node:a", "shop/web", VERDICT_UNMODELLED, 200);
		call(stage, "shop/web", "shop/db", VERDICT_UNKNOWN, 200);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* Hello, the server's certificate, and the alert of who does not believe it. */
static void
handshakes_that_are_given_up_are_none(void **state)
{
	struct stage *stage = stage_new(&detector_beacon);

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct stage_flow flow = stage_flow(
		    stage, "shop/web", "203.0.113.66", PROTOCOL_TCP, 443);

		flow.sighting.verdict = VERDICT_UNMODELLED;
		stage_at(stage, 10 + i * 2);
		stage_answer(&flow, APPLICATION_TLS);
		stage_send(stage, &flow, true, 1, 500);
		stage_send(stage, &flow, false, 3, 3000);
		stage_send(stage, &flow, true, 1, 60);
		flow.turns = 2; /* the first of them turned nothing */
		stage_over(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* A crawler's fifteen calls to each of many sites, at random. */
static void
few_events_at_random_are_none(void **state)
{
	int found = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 400; seed++) {
		struct stage *stage = stage_new(&detector_beacon);
		uint64_t random = seed * 31 + 7;
		double at = 100;

		for (int i = 0; i < 15; i++) {
			stage_at(stage, at);
			call(stage, "shop/web", "203.0.113.66",
			    VERDICT_UNMODELLED,
			    300 + next_random(&random) % 9000);
			at += -30 * log(1 - fraction(&random));
		}
		found += stage_findings(stage, BEACON) > 0;
		stage_free(stage);
	}
	assert_in_range(found, 0, 4);
}

/* Exponential intervals and sizes that vary, as people make them. */
static void
events_at_random_are_none(void **state)
{
	int found = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct stage *stage = stage_new(&detector_beacon);
		uint64_t random = seed * 31 + 7;
		double at = 100;

		for (int i = 0; i < 30; i++) {
			stage_at(stage, at);
			call(stage, "shop/web", "203.0.113.66",
			    VERDICT_DEVIATION,
			    400 + next_random(&random) % 6000);
			at += -10 * log(1 - fraction(&random));
		}
		found += stage_findings(stage, 0) > 0;
		stage_free(stage);
	}
	assert_in_range(found, 0, 8);
}

static void
a_name_with_many_addresses_is_one_destination(void **state)
{
	struct stage *stage = stage_new(&detector_beacon);

	(void)state;
	for (int i = 0; i < 20; i++) {
		char address[32];
		struct stage_end *end;

		snprintf(address, sizeof(address), "203.0.113.%d", i);
		end = stage_end_of(stage, address);
		end->outside.server_name = "cdn.example";
		stage_at(stage, i * 5);
		call(stage, "shop/web", address, VERDICT_DEVIATION, 700);
	}
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, BEACON)->about, "cdn.example");
	stage_free(stage);
}

static void
requests_on_one_connection_are_events(void **state)
{
	static const char request[] = "GET /task HTTP/1.1\r\n\r\n";
	struct stage *stage = stage_new(&detector_beacon);
	struct stage_flow flow =
	    stage_flow(stage, "shop/web", "203.0.113.9", PROTOCOL_TCP, 80);

	(void)state;
	flow.sighting.verdict = VERDICT_UNMODELLED;
	stage_answer(&flow, APPLICATION_HTTP);
	stage_ready(stage, &flow);
	for (int i = 0; i < 20; i++) {
		stage_at(stage, i * 7);
		stage_message(stage, &flow, MESSAGE_HTTP_REQUEST, true, 0,
		    request, sizeof(request) - 1);
	}
	stage_finish(stage, &flow);
	assert_int_equal(stage_findings(stage, BEACON), 1);
	stage_free(stage);
}

static void
a_beat_within_one_connection_is_found(void **state)
{
	struct stage *stage = stage_new(&detector_beacon);
	struct stage_flow flow =
	    stage_flow(stage, "shop/web", "203.0.113.9", PROTOCOL_TCP, 443);

	(void)state;
	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_answer(&flow, APPLICATION_TLS);
	stage_ready(stage, &flow);
	for (int i = 1; i < 30; i++) {
		stage_at(stage, i * 15);
		stage_send(stage, &flow, true, 1, 120);
		stage_progress(stage, &flow);
	}
	assert_int_equal(stage_findings(stage, BEACON), 1);
	stage_free(stage);
}

/* The server pings each half minute, and the client says that it is there. */
static void
answers_to_a_servers_pings_are_none(void **state)
{
	(void)state;
	for (int client_first = 0; client_first < 2; client_first++) {
		struct stage *stage = stage_new(&detector_beacon);
		struct stage_flow flow = stage_flow(
		    stage, "shop/web", "203.0.113.9", PROTOCOL_TCP, 443);

		flow.sighting.verdict = VERDICT_UNMODELLED;
		stage_answer(&flow, APPLICATION_TLS);
		stage_ready(stage, &flow);
		for (int i = 1; i < 60; i++) {
			stage_at(stage, i * 30);
			stage_send(stage, &flow, client_first, 1, 80);
			/* Seen with the first packet after a pause. */
			stage_progress(stage, &flow);
			stage_at(stage, i * 30 + 0.02);
			stage_send(stage, &flow, !client_first, 1, 80);
		}
		assert_int_equal(stage_findings(stage, BEACON), client_first);
		stage_free(stage);
	}
}

static void
a_strobe_is_found(void **state)
{
	struct stage *stage = stage_new(&detector_beacon);
	uint64_t random = 3;

	(void)state;
	stage_set(stage, "strobe", 1000);
	for (int i = 0; i < 1100; i++) {
		stage_at(stage, i + fraction(&random));
		call(stage, "shop/web", "203.0.113.66", VERDICT_DEVIATION,
		    next_random(&random) % 9000);
	}
	assert_int_equal(stage_findings(stage, STROBE), 1);
	stage_free(stage);
}

/* A million destinations: bounded, and the beacon is found all the same. */
static void
strange_destinations_do_not_exhaust_it(void **state)
{
	struct stage *stage = stage_new(&detector_beacon);
	struct stage_flow flow;
	uint64_t other = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		stage_at(stage, i * 5);
		call(stage, "shop/web", "203.0.113.66", VERDICT_DEVIATION, 700);
		flow = stage_flow(
		    stage, "shop/bad", "203.0.113.1", PROTOCOL_TCP, 443);
		flow.sighting.verdict = VERDICT_DEVIATION;
		stage_answer(&flow, APPLICATION_TLS);
		for (int j = 0; j < 4000; j++) {
			flow.sighting.server.key =
			    ++other * UINT64_C(0x9e3779b97f4a7c15);
			flow.sighting.server.outside = NULL;
			stage_finish(stage, &flow);
		}
	}
	assert_int_equal(stage_findings(stage, BEACON), 1);
	assert_in_range(detectors_counts_of(stage->row, 0).held, 1, 10000);
	stage_free(stage);
}

/* A health check that is told each time that it has to log in first. */
static void
who_is_turned_away_each_time_is_none(void **state)
{
	(void)state;
	for (int fails = 0; fails < 2; fails++) {
		struct stage *stage = stage_new(&detector_beacon);

		for (int i = 0; i < 40; i++) {
			struct stage_flow flow;

			stage_at(stage, 100 + i * 20.0);
			flow = stage_flow(stage, "shop/web", "shop/cache",
			    PROTOCOL_TCP, 6379);
			flow.sighting.verdict = VERDICT_DEVIATION;
			stage_answer(&flow, APPLICATION_REDIS);
			stage_send(stage, &flow, true, 1, 80);
			stage_send(stage, &flow, false, 1, 90);
			stage_message(stage, &flow, MESSAGE_AUTHENTICATION,
			    false, (uint32_t)fails, "-NOAUTH", 7);
			stage_over(stage, &flow);
			flow = stage_flow(
			    stage, "shop/web", "shop/api", PROTOCOL_TCP, 80);
			flow.sighting.verdict = VERDICT_DEVIATION;
			stage_answer(&flow, APPLICATION_HTTP);
			stage_message(stage, &flow, MESSAGE_HTTP_REQUEST, true,
			    0, "GET / HTTP/1.1\r\n\r\n", 18);
			stage_message(stage, &flow, MESSAGE_HTTP_RESPONSE,
			    false, fails ? 401 : 200, "HTTP/1.1 ", 9);
			stage_over(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, BEACON), fails ? 0 : 2);
		stage_free(stage);
	}
}

/* What asks whether the other end of a tunnel is there. */
static void
keepalives_of_ssh_are_none(void **state)
{
	(void)state;
	for (int ssh = 0; ssh < 2; ssh++) {
		struct stage *stage = stage_new(&detector_beacon);
		struct stage_flow flow = stage_flow(
		    stage, "shop/web", "203.0.113.9", PROTOCOL_TCP, 22);

		flow.sighting.verdict = VERDICT_UNMODELLED;
		stage_answer(
		    &flow, ssh ? APPLICATION_SSH : APPLICATION_UNKNOWN);
		for (int i = 0; i < 40; i++) {
			stage_at(stage, 100 + i * 15.0);
			stage_send(stage, &flow, true, 1, 100);
			stage_send(stage, &flow, false, 1, 90);
			stage_progress(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, BEACON), !ssh);
		stage_free(stage);
	}
}

/* --- long connections ----------------------------------------------------- */

static size_t
stay_at(const char *client, const char *server, bool named,
    enum verdict_kind verdict, double hours)
{
	struct stage *stage = stage_new(&detector_long_connection);
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 443);
	struct stage_end *away = stage_end_of(stage, server);
	size_t times = 0;

	if (named)
		away->outside.server_name = "chat.example";

	flow.sighting.verdict = verdict;
	stage_answer(&flow, APPLICATION_TLS);
	for (double at = 0; at <= hours * 3600; at += 30) {
		stage_at(stage, at);
		stage_send(stage, &flow, true, 1, 100);
		stage_progress(stage, &flow);
	}
	assert_in_range(stage_findings(stage, 0), 0, 1);
	if (stage_findings(stage, LONG) == 1)
		times = stage_found(stage, LONG)->times;
	stage_free(stage);
	return times;
}

static size_t
stay(const char *client, const char *server, enum verdict_kind verdict,
    double hours)
{
	return stay_at(client, server, false, verdict, hours);
}

static void
long_connections_are_said_at_each_step(void **state)
{
	(void)state;
	assert_int_equal(
	    stay("shop/web", "203.0.113.9", VERDICT_UNMODELLED, 0.9), 0);
	assert_int_equal(
	    stay("shop/web", "203.0.113.9", VERDICT_UNMODELLED, 1.1), 1);
	assert_int_equal(
	    stay("shop/web", "203.0.113.9", VERDICT_DEVIATION, 13), 4);
	assert_int_equal(
	    stay("203.0.113.9", "shop/web", VERDICT_DEVIATION, 5), 2);
	/* What a server with a name pushes, for half a day. */
	assert_int_equal(
	    stay_at("shop/web", "203.0.113.9", true, VERDICT_UNMODELLED, 3), 0);
	assert_int_equal(
	    stay_at("shop/web", "203.0.113.9", true, VERDICT_UNMODELLED, 5), 1);
	/* A browser's tab stays open; nobody said that it may not. */
	assert_int_equal(
	    stay("203.0.113.9", "shop/web", VERDICT_UNMODELLED, 5), 0);
	assert_int_equal(
	    stay("shop/web", "203.0.113.9", VERDICT_ALLOWED, 13), 0);
	assert_int_equal(
	    stay("shop/web", "shop/db", VERDICT_UNMODELLED, 13), 0);
}

/* A shell that stays is a shell; another connection of that pair is none. */
static void
a_connection_that_was_named_is_no_long_one_besides(void **state)
{
	(void)state;
	for (int shell = 0; shell < 2; shell++) {
		struct stage *stage = stage_new_beside(
		    &detector_long_connection, &detector_shells);
		struct stage_flow flow = stage_flow(
		    stage, "shop/web", "203.0.113.9", PROTOCOL_TCP, 4444);

		flow.sighting.verdict = VERDICT_UNMODELLED;
		stage_answer(&flow, APPLICATION_UNKNOWN);
		if (shell)
			stage_message(stage, &flow, MESSAGE_OPENING, true, 0,
			    "bash: no job control in this shell\n"
			    "www-data@web:/$ ",
			    51);
		for (int i = 0; i <= 200; i++) {
			stage_at(stage, i * 30);
			stage_send(stage, &flow, true, 1, 100);
			stage_progress(stage, &flow);
		}
		assert_int_equal(stage_findings(stage, LONG), !shell);
		assert_true(stage_findings(stage, 0) == 1);
		stage_free(stage);
	}
}

/* What passed on a clock that was set did not pass for the connection. */
static void
a_clock_that_was_set_makes_no_long_connection(void **state)
{
	struct stage *stage = stage_new(&detector_long_connection);
	struct stage_flow flow =
	    stage_flow(stage, "shop/web", "203.0.113.9", PROTOCOL_TCP, 443);

	(void)state;
	flow.sighting.verdict = VERDICT_UNMODELLED;
	stage_answer(&flow, APPLICATION_TLS);
	stage_send(stage, &flow, true, 1, 100);
	stage_progress(stage, &flow);
	stage_at(stage, 5 * 3600 + 1200);
	flow.sighting.stepped = 5 * 3600 * NS_PER_SECOND;
	stage_send(stage, &flow, true, 1, 100);
	stage_progress(stage, &flow);
	assert_int_equal(stage_findings(stage, LONG), 0);
	stage_at(stage, 6 * 3600 + 1200);
	stage_send(stage, &flow, true, 1, 100);
	stage_progress(stage, &flow);
	assert_int_equal(stage_findings(stage, LONG), 1);
	stage_free(stage);
}

/* --- RITA's measures, naively --------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double
naive_quantile(int64_t *values, size_t count, double which)
{
	qsort(values, count, sizeof(*values), compare);
	return (double)values[(size_t)floor(which * (double)(count - 1) + 0.5)];
}

static double
naive_regularity(int64_t *values, size_t count)
{
	double q1 = naive_quantile(values, count, 0.25);
	double q2 = naive_quantile(values, count, 0.5);
	double q3 = naive_quantile(values, count, 0.75), skew = 0, close;
	int64_t away[64];

	if (q2 <= 0)
		return 0;
	if (q3 - q1 >= 10 && q2 != q1 && q2 != q3)
		skew = (q1 + q3 - 2 * q2) / (q3 - q1);
	for (size_t i = 0; i < count; i++)
		away[i] = (int64_t)fabs((double)values[i] - q2);
	close = (q2 - naive_quantile(away, count, 0.5)) / q2;
	if (close < 0)
		close = 0;
	return (1 - fabs(skew) + close) / 2;
}

static void
naive_bars(
    const int64_t *times, size_t count, double *histogram, double *duration)
{
	double bars[24] = {0}, mean = (double)count / 24, variance = 0;
	double used = 0, run = 0, longest = 0, cv, most = 0, best = 0;

	for (size_t i = 0; i < count; i++)
		bars[(int)floor((double)(times[i] - times[0]) /
				((double)(times[count - 1] - times[0]) + 1) *
				24)]++;
	for (int i = 0; i < 24; i++) {
		variance += (bars[i] - mean) * (bars[i] - mean) / 24;
		used += bars[i] > 0;
		run = bars[i] > 0 ? run + 1 : 0;
		longest = fmax(longest, run);
		most = fmax(most, bars[i]);
	}
	cv = fmax(0, 1 - sqrt(variance) / mean);
	/* Every pair of groups. */
	for (int a = 1; a <= 20; a++)
		for (int b = a + 1; b <= 20; b++) {
			double in = 0;

			for (int i = 0; i < 24; i++) {
				int group = (int)(bars[i] * 20 / most);

				in += group == a || group == b;
			}
			best = fmax(best, in);
		}
	*histogram = fmax(cv, fmin(1, best / 23));
	*duration = fmin(1, fmax(used / 24, longest / 12));
}

static void
the_measures_are_ritas(void **state)
{
	uint64_t random = 17;

	(void)state;
	for (int run = 0; run < 3000; run++) {
		size_t count = 4 + next_random(&random) % 61;
		int64_t times[64], sizes[64], at = 1000000, gaps[64];
		int64_t sorted[64], by_size[64];
		double spread = (double)(next_random(&random) % 3000);
		struct rhythm rhythm;
		double histogram = -1, duration = -1, score;

		for (size_t i = 0; i < count; i++) {
			at += 1 + (int64_t)(2000 + spread * fraction(&random));
			times[i] = sorted[i] = at;
			sizes[i] = by_size[i] =
			    300 + (int64_t)(next_random(&random) % 200);
		}
		for (size_t i = 1; i < count; i++)
			gaps[i - 1] = sorted[i] - sorted[i - 1];
		/* In any order. */
		for (size_t i = 0; i < count; i++) {
			size_t j = next_random(&random) % count;
			int64_t other = times[i];

			times[i] = times[j];
			times[j] = other;
		}
		rhythm = rhythm_of(times, sizes, count);
		assert_true(fabs(rhythm.times -
				 naive_regularity(gaps, count - 1)) < 1e-9);
		assert_true(fabs(rhythm.sizes -
				 naive_regularity(by_size, count)) < 1e-9);
		score = (rhythm.times + rhythm.sizes) / 2;
		if (count >= RHYTHM_BARRED) {
			naive_bars(sorted, count, &histogram, &duration);
			score = score / 2 + (histogram + duration) / 4;
		}
		assert_true(fabs(rhythm.histogram - histogram) < 1e-9);
		assert_true(fabs(rhythm.duration - duration) < 1e-9);
		assert_true(fabs(rhythm.score - score) < 1e-9);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(beacons_with_jitter_are_found),
	    cmocka_unit_test(several_connections_are_one_beat),
	    cmocka_unit_test(pages_that_somebody_reads_are_none),
	    cmocka_unit_test(what_models_allow_is_none),
	    cmocka_unit_test(timetables_and_connections_that_go_on_are_none),
	    cmocka_unit_test(probes_inside_that_no_model_is_about_are_none),
	    cmocka_unit_test(handshakes_that_are_given_up_are_none),
	    cmocka_unit_test(few_events_at_random_are_none),
	    cmocka_unit_test(events_at_random_are_none),
	    cmocka_unit_test(a_name_with_many_addresses_is_one_destination),
	    cmocka_unit_test(requests_on_one_connection_are_events),
	    cmocka_unit_test(a_beat_within_one_connection_is_found),
	    cmocka_unit_test(answers_to_a_servers_pings_are_none),
	    cmocka_unit_test(a_strobe_is_found),
	    cmocka_unit_test(strange_destinations_do_not_exhaust_it),
	    cmocka_unit_test(who_is_turned_away_each_time_is_none),
	    cmocka_unit_test(keepalives_of_ssh_are_none),
	    cmocka_unit_test(long_connections_are_said_at_each_step),
	    cmocka_unit_test(
		a_connection_that_was_named_is_no_long_one_besides),
	    cmocka_unit_test(a_clock_that_was_set_makes_no_long_connection),
	    cmocka_unit_test(the_measures_are_ritas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
