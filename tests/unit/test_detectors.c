/*
 * The row of detectors and what they remember in: one that raises all it sees,
 * and a memory beside a naive list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/detectors/beside.h"
#include "classifiers/detectors/detectors_state.h"
#include "classifiers/detectors/scan/scanner.h"
#include "sensor/base/text.h"
#include "tests/detector_stage.h"

/* --- memory --------------------------------------------------------------- */

static const struct hash_key secret = {{5, 6}};

/* What a memory of that capacity should hold: places in a circle. */
struct naive {
	struct {
		uint64_t key, value;
		bool held, asked;
	} at[8];
	size_t free[8], free_count; /* places, the one to be taken next last */
	size_t capacity, hand, evicted;
};

static struct naive
naive_new(size_t capacity)
{
	struct naive naive = {.capacity = capacity, .free_count = capacity};

	for (size_t i = 0; i < capacity; i++)
		naive.free[i] = capacity - 1 - i;
	return naive;
}

static size_t
naive_count(const struct naive *naive)
{
	return naive->capacity - naive->free_count;
}

/* Its value, or NULL. */
static uint64_t *
naive_find(struct naive *naive, uint64_t key)
{
	for (size_t i = 0; i < naive->capacity; i++)
		if (naive->at[i].held && naive->at[i].key == key) {
			naive->at[i].asked = true;
			return &naive->at[i].value;
		}
	return NULL;
}

static void
naive_drop(struct naive *naive, uint64_t key)
{
	for (size_t i = 0; i < naive->capacity; i++)
		if (naive->at[i].held && naive->at[i].key == key) {
			naive->at[i].held = false;
			naive->free[naive->free_count++] = i;
		}
}

static uint64_t *
naive_get(struct naive *naive, uint64_t key)
{
	uint64_t *found = naive_find(naive, key);
	size_t place;

	if (found != NULL)
		return found;
	while (naive->free_count == 0) {
		place = naive->hand++ % naive->capacity;
		if (!naive->at[place].asked) {
			naive_drop(naive, naive->at[place].key);
			naive->evicted++;
		}
		naive->at[place].asked = false;
	}
	place = naive->free[--naive->free_count];
	naive->at[place].key = key;
	naive->at[place].value = 0;
	naive->at[place].held = true;
	naive->at[place].asked = false;
	return &naive->at[place].value;
}

static void
see_entry(enum memory_class class, uint64_t key, void *entry, void *context)
{
	struct naive *naive = context;
	uint64_t *kept = naive_find(&naive[class], key);

	assert_non_null(kept);
	assert_int_equal(*(uint64_t *)entry, *kept);
	naive_drop(&naive[class], key);
}

static void
a_memory_forgets_what_nobody_asked_for(void **state)
{
	struct memory *memory = memory_new(8, 3, sizeof(uint64_t), &secret);
	struct naive naive[2] = {naive_new(8), naive_new(3)};
	uint64_t random = 12345;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		enum memory_class class;
		uint64_t key, *value, *kept;

		random = random * 6364136223846793005 + 1442695040888963407;
		class = random >> 33 & 1;
		key = (random >> 40) % 14;
		if ((random >> 50) % 8 == 0) {
			memory_drop(memory, class, key);
			naive_drop(&naive[class], key);
		} else if ((random >> 50) % 8 == 1) {
			value = memory_find(memory, class, key);
			kept = naive_find(&naive[class], key);
			assert_int_equal(value == NULL, kept == NULL);
		} else {
			bool is_new;

			value = memory_get(memory, class, key, &is_new);
			kept = naive_get(&naive[class], key);
			assert_int_equal(is_new, *kept == 0);
			assert_int_equal(*value, *kept);
			*value = *kept = random | 1;
		}
		assert_int_equal(memory_counts(memory).held,
		    naive_count(&naive[0]) + naive_count(&naive[1]));
		assert_int_equal(memory_counts(memory).evicted,
		    naive[0].evicted + naive[1].evicted);
	}
	assert_true(memory_counts(memory).evicted > 1000);
	memory_walk(memory, see_entry, naive);
	assert_int_equal(naive_count(&naive[0]) + naive_count(&naive[1]), 0);
	memory_free(memory);
}

static void
strangers_cannot_push_out_workloads(void **state)
{
	struct memory *memory = memory_new(4, 4, 8, &secret);
	uint64_t *value = memory_get(memory, MEMORY_INSIDE, 7, NULL);

	(void)state;
	*value = 99;
	for (uint64_t i = 0; i < 100000; i++)
		(void)memory_get(memory, MEMORY_OUTSIDE, i, NULL);
	value = memory_find(memory, MEMORY_INSIDE, 7);
	assert_non_null(value);
	assert_int_equal(*value, 99);
	assert_int_equal(memory_counts(memory).held, 5);
	memory_free(memory);
}

static void
clear_scanner(void *entry)
{
	scanner_clear(entry);
}

/* Fewer targets than its rings hold, as many, and more than twice that. */
static void
what_makes_room_leaves_nothing_behind(void **state)
{
	static const struct scanner blank;
	struct memory *memory = memory_new(1, 1, sizeof(blank), &secret);
	struct flow flow = {.protocol = PROTOCOL_TCP, .first_packet = 77};
	struct attempt attempt = {.outcome = OUTCOME_FAILED,
	    .technique = TECHNIQUE_SYN,
	    .proven = true,
	    .port = 80};

	(void)state;
	memory_clear_by(memory, clear_scanner);
	for (uint32_t count = 0; count < 300; count++) {
		bool is_new;
		struct scanner *scanner =
		    memory_get(memory, MEMORY_OUTSIDE, count + 1, &is_new);

		assert_true(is_new);
		assert_memory_equal(scanner, &blank, sizeof(blank));
		flow.first.ns = count * NS_PER_SECOND;
		for (uint32_t i = 0; i < count; i++) {
			assert_true(
			    scanner_failed(scanner, i + 1, &attempt, &flow));
			scanner_served(scanner, i + 1000, &attempt, &flow);
		}
		scanner->probes = scanner->scanning = 1;
		if (count > 0)
			assert_false(scanner_failed(
			    scanner, count + 999, &attempt, &flow));
	}
	memory_free(memory);
}

/* What scanner_shape() says, by comparing each target with each. */
static struct scan_shape
naive_shape(const struct scanner *scanner, uint32_t at, uint32_t window)
{
	struct scan_shape shape = {0};

	for (int i = 0; i < SCANNER_TRIED; i++) {
		const struct tried *one = &scanner->tried[i], *other;
		uint32_t ports = 0, hosts = 0;
		bool was_before = false;

		if (scanner->targets[i] == 0 || one->patient ||
		    (at > one->last && at - one->last > window))
			continue;
		for (int k = 0; k < SCANNER_TRIED; k++) {
			other = &scanner->tried[k];
			if (scanner->targets[k] == 0 || other->patient)
				continue;
			ports += other->host == one->host;
			hosts += other->port == one->port;
			was_before |= k < i && other->host == one->host;
		}
		shape.targets++;
		shape.hosts += !was_before;
		if (ports > shape.ports)
			shape.ports = ports;
		if (hosts > shape.port_hosts) {
			shape.port_hosts = hosts;
			shape.port = one->port;
		}
	}
	return shape;
}

static void
targets_are_grouped_by_host_and_by_port(void **state)
{
	uint64_t random = 99;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct scanner scanner = {0};
		struct scan_shape shape, naive;

		for (int t = 0; t < SCANNER_TRIED; t++) {
			struct tried *one = &scanner.tried[t];

			random = random * 6364136223846793005 + 1;
			scanner.targets[t] = (random >> 40) % 8 == 0 ? 0 : 1;
			one->patient = (random >> 44) % 8 == 0;
			/* From all one host to each another. */
			one->host =
			    (uint32_t)((random >> 20) % (uint32_t)(1 + i % 99));
			one->port =
			    (uint16_t)((random >> 50) % (uint32_t)(1 + i % 31));
			one->last = (uint32_t)((random >> 55) % 16);
		}
		shape = scanner_shape(&scanner, 15 * NS_PER_SECOND, 12);
		naive = naive_shape(&scanner, 15, 12);
		assert_int_equal(shape.targets, naive.targets);
		assert_int_equal(shape.hosts, naive.hosts);
		assert_int_equal(shape.ports, naive.ports);
		assert_int_equal(shape.port, naive.port);
		assert_int_equal(shape.port_hosts, naive.port_hosts);
	}
}

/* --- the row -------------------------------------------------------------- */

static const struct detector_setting settings[] = {
    {"least", "flows", 3, 1, 100, "flows before it says so", "made up"},
};

struct echo {
	struct detector_host *host;
	struct memory *memory;
};

static void *
echo_open(struct detector_host *host)
{
	struct echo *echo = calloc(1, sizeof(*echo));

	assert_non_null(echo);
	echo->host = host;
	echo->memory = memory_new(16, 16, 8, detector_key(host));
	return echo;
}

static void
echo_close(void *state)
{
	struct echo *echo = state;

	memory_free(echo->memory);
	free(echo);
}

static void
echo_see(void *state, const struct sighting *sighting)
{
	struct echo *echo = state;
	uint64_t *flows =
	    memory_get(echo->memory, MEMORY_INSIDE, sighting->client.key, NULL);
	struct anomaly anomaly = {
	    .signature = 2001,
	    .subject = &sighting->client,
	    .confidence = 90,
	    .count = 1,
	    .sentence = "it was seen",
	    .silent_if = "it had not been seen",
	};

	if ((double)++*flows >= detector_setting(echo->host, 0, sighting))
		detector_raise(echo->host, &anomaly, sighting);
}

static struct memory *
echo_memory(void *state, size_t index, const char **name)
{
	*name = "flows";
	return index == 0 ? ((struct echo *)state)->memory : NULL;
}

static const struct detector echo = {
    .name = "-echo", /* no evidence */
    .settings = settings,
    .setting_count = 1,
    .kinds = 1 << SIGHTED_READY | 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_BANNER,
    .by_absence = true,
    .open = echo_open,
    .close = echo_close,
    .see = echo_see,
    .memory = echo_memory,
};

static void
a_detector_sees_what_it_wants(void **state)
{
	struct stage *stage = stage_new(&echo);
	struct stage_flow flow =
	    stage_flow(stage, "shop/carts", "shop/db", PROTOCOL_TCP, 5432);

	(void)state;
	stage_over(stage, &flow); /* its end is not wanted */
	stage_message(stage, &flow, MESSAGE_BANNER, false, 0, "hello", 5);
	stage_message(stage, &flow, MESSAGE_TLS, false, 0, "hello", 5);
	assert_int_equal(detectors_counts_of(stage->row, 0).told, 2);
	assert_int_equal(stage_findings(stage, 0), 0);
	flow = stage_flow(stage, "shop/carts#2", "10.0.0.1", PROTOCOL_UDP, 53);
	stage_ready(stage, &flow); /* the third of that workload */
	assert_int_equal(stage_findings(stage, 2001), 1);
	assert_string_equal(stage_found(stage, 2001)->subject, "shop/carts");
	assert_int_equal(detectors_counts_of(stage->row, 0).held, 1);
	stage_free(stage);
}

/* One that was accepted and one that deviates, inside; one across that nobody
 * answered nor judged, and one that says something. */
static void
see_sorts_of_flows(struct stage *stage)
{
	struct stage_flow flow;

	flow = stage_flow(stage, "shop/carts", "shop/db", PROTOCOL_TCP, 5432);
	flow.flow.answered = true;
	flow.sighting.verdict = VERDICT_ALLOWED;
	stage_ready(stage, &flow);
	flow.flow.answered = false;
	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_ready(stage, &flow);
	flow = stage_flow(stage, "shop/carts", "10.9.9.9", PROTOCOL_UDP, 53);
	flow.sighting.verdict = VERDICT_UNKNOWN;
	flow.sighting.judged = false;
	stage_ready(stage, &flow);
	flow = stage_flow(stage, "shop/carts", "10.9.9.9", PROTOCOL_TCP, 80);
	flow.sighting.verdict = VERDICT_ALLOWED;
	stage_ready(stage, &flow);
	stage_message(stage, &flow, MESSAGE_BANNER, false, 0, "hello", 5);
}

static void
a_detector_is_told_of_the_flows_it_wants(void **state)
{
	static const struct {
		uint32_t flows, message_flows;
		uint64_t told;
	} cases[] = {{0, 0, 5}, {FLOWS_TCP, 0, 4}, {FLOWS_CROSSING, 0, 3},
	    {FLOWS_TCP | FLOWS_CROSSING, 0, 2}, {FLOWS_JUDGED, 0, 4},
	    {FLOWS_ACCEPTED, 0, 2}, {FLOWS_UNEXPECTED, 0, 3},
	    {FLOWS_UNEXPECTED | FLOWS_CROSSING, 0, 2}, {0, FLOWS_TCP, 5},
	    {0, FLOWS_ACCEPTED, 4}, {0, FLOWS_UNEXPECTED, 4},
	    {FLOWS_ACCEPTED, FLOWS_ACCEPTED, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct detector choosy = echo;
		struct stage *stage;

		choosy.flows = cases[i].flows;
		choosy.message_flows = cases[i].message_flows;
		stage = stage_new(&choosy);
		see_sorts_of_flows(stage);
		assert_int_equal(
		    detectors_counts_of(stage->row, 0).told, cases[i].told);
		stage_free(stage);
	}
}

/* Where nobody knows where addresses are, there is nothing to be learnt. */
static void
a_detector_by_place_needs_places(void **state)
{
	struct detector placed = echo;
	const struct detector *table[] = {&placed};
	const struct flow flow = {.protocol = PROTOCOL_TCP};
	const struct sighting ready = {.kind = SIGHTED_READY, .flow = &flow};
	struct detectors_parts parts = {.table = table, .count = 1};

	(void)state;
	placed.by_place = true;
	for (uint64_t told = 0; told < 2; told++) {
		struct detectors *row;

		parts.nowhere = told == 0;
		row = detectors_new(&parts);
		detectors_see(row, &ready);
		assert_int_equal(detectors_counts_of(row, 0).told, told);
		detectors_free(row);
	}
}

static void
settings_are_the_operators(void **state)
{
	struct stage *stage = stage_new(&echo);
	struct stage_flow flow =
	    stage_flow(stage, "shop/carts", "shop/db", PROTOCOL_TCP, 5432);

	(void)state;
	stage_set(stage, "least", 1);
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 2001), 1);
	stage->tuned.sets_off = stage->tuned.off = true;
	detectors_tune(stage->row, &stage->tuning);
	stage_ready(stage, &flow);
	assert_int_equal(stage_found(stage, 2001)->times, 1);
	assert_int_equal(detectors_counts_of(stage->row, 0).off, 1);
	assert_int_equal(detectors_counts_of(stage->row, 0).raised, 2);
	stage_free(stage);
}

static void
loss_silences_what_goes_by_absence(void **state)
{
	struct stage *stage = stage_new(&echo);
	struct stage_flow flow =
	    stage_flow(stage, "shop/carts", "shop/db", PROTOCOL_TCP, 5432);

	/* The third of a workload is said. */
	(void)state;
	stage->lost_ppm = DETECTORS_LOSS_BOUND + 1;
	for (int i = 0; i < 3; i++)
		stage_ready(stage, &flow);
	assert_int_equal(detectors_counts_of(stage->row, 0).told, 0);
	assert_int_equal(detectors_counts_of(stage->row, 0).lossy, 3);
	stage->lost_ppm = DETECTORS_LOSS_BOUND;
	stage_ready(stage, &flow);
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 2001), 1);
	assert_int_equal(detectors_counts_of(stage->row, 0).lossy, 3);
	stage_free(stage);
}

/* --- what is kept --------------------------------------------------------- */

static uint64_t
value_of(struct stage *stage, const char *workload)
{
	const char *name;
	struct memory *memory = detectors_memory(stage->row, 0, 0, &name);
	uint64_t *value =
	    memory_find(memory, MEMORY_INSIDE, stage_key(workload));

	return value == NULL ? 0 : *value;
}

static struct stage *
busy_stage(const struct detector *detector)
{
	static const char *const clients[] = {
	    "shop/a", "shop/b", "shop/c", "shop/a", "shop/a"};
	struct stage *stage = stage_new(detector);

	for (size_t i = 0; i < 5; i++) {
		struct stage_flow flow = stage_flow(
		    stage, clients[i], "shop/db", PROTOCOL_TCP, 5432);

		stage_ready(stage, &flow);
	}
	return stage;
}

static void
what_is_remembered_is_restored(void **state)
{
	struct stage *stage = busy_stage(&echo), *after = stage_new(&echo);
	char fault[DETECTORS_STATE_FAULT];
	struct text left_out;
	struct hash_key key;
	size_t size;
	uint8_t *octets = detectors_save(stage->row, &size);

	(void)state;
	text_init(&left_out, 1000);
	assert_true(detectors_state_check(octets, size, &key, fault));
	assert_int_equal(
	    detectors_restore(after->row, octets, size, &left_out), 3);
	assert_int_equal(left_out.length, 0);
	assert_int_equal(value_of(after, "shop/a"), 3);
	assert_int_equal(value_of(after, "shop/b"), 1);
	assert_int_equal(value_of(after, "shop/d"), 0);
	/* What was used longest ago is the first to make room here too. */
	free(octets);
	octets = detectors_save(after->row, &size);
	assert_true(detectors_state_check(octets, size, &key, fault));
	free(octets);
	text_release(&left_out);
	stage_free(stage);
	stage_free(after);
}

static void
note_restored(void *owner, bool whole)
{
	*(int *)owner = whole ? 1 : 2;
}

/* Tables beside the row: entries of zeroes stay so, a table of another size is
 * said and the rest is none of it. */
static void
what_is_beside_is_restored(void **state)
{
	uint64_t numbers[2][100] = {{[3] = 7, [99] = 9}}, other[2] = {5, 6};
	int restored = 0;
	struct beside beside = {
	    .name = "somebody",
	    .tables = {{"numbers", numbers[0], 8, 100}, {"other", other, 8, 2}},
	    .table_count = 2,
	    .restored = note_restored,
	    .owner = &restored,
	};
	struct stage *stage = busy_stage(&echo), *after = stage_new(&echo);
	struct text left_out;
	size_t size;
	uint8_t *octets;

	(void)state;
	text_init(&left_out, 1000);
	detectors_set_beside(stage->row, &beside);
	octets = detectors_save(stage->row, &size);
	beside.tables[0].at = numbers[1];
	detectors_set_beside(after->row, &beside);
	assert_int_equal(
	    detectors_restore(after->row, octets, size, &left_out), 3 + 4);
	assert_int_equal(restored, 1);
	assert_memory_equal(numbers[0], numbers[1], sizeof(numbers[0]));
	beside.tables[1].size = 16;
	detectors_set_beside(after->row, &beside);
	(void)detectors_restore(after->row, octets, size, &left_out);
	assert_int_equal(restored, 2);
	assert_string_equal(left_out.at, " somebody.other");
	free(octets);
	text_release(&left_out);
	stage_free(stage);
	stage_free(after);
}

static void
another_meaning_is_not_restored(void **state)
{
	struct detector newer = echo;
	struct stage *stage = busy_stage(&echo), *after;
	struct text left_out;
	size_t size;
	uint8_t *octets = detectors_save(stage->row, &size);

	(void)state;
	newer.revision = echo.revision + 1;
	after = stage_new(&newer);
	text_init(&left_out, 1000);
	assert_int_equal(
	    detectors_restore(after->row, octets, size, &left_out), 0);
	assert_string_equal(left_out.at, " -echo.flows");
	assert_int_equal(value_of(after, "shop/a"), 0);
	free(octets);
	text_release(&left_out);
	stage_free(stage);
	stage_free(after);
}

/* Cut anywhere, or with any octet changed. */
static void
a_damaged_state_is_told(void **state)
{
	struct stage *stage = busy_stage(&echo);
	char fault[DETECTORS_STATE_FAULT];
	struct hash_key key;
	size_t size;
	uint8_t *octets = detectors_save(stage->row, &size);

	(void)state;
	for (size_t i = 0; i < size; i++)
		assert_false(detectors_state_check(octets, i, &key, fault));
	for (size_t i = 0; i < size; i++) {
		octets[i] ^= 0x40;
		/* The secret is not checked: another one is as good. */
		if (i < 16 || i >= 32)
			assert_false(
			    detectors_state_check(octets, size, &key, fault));
		octets[i] ^= 0x40;
	}
	assert_true(detectors_state_check(octets, size, &key, fault));
	free(octets);
	stage_free(stage);
}

/* --- settings ------------------------------------------------------------- */

static const char *const words_of_all[] = {"shop/a"};

static void
some_flows_have_settings_of_their_own(void **state)
{
	struct stage *stage = stage_new(&echo);
	const struct peer peers[] = {{.applications = {words_of_all, 1}}};
	struct tuned tuned[] = {
	    {.is_for = true,
		.client = {true, peers, 1},
		.sets = 1,
		.values = {1}},
	    {.sets_severity = true, .severity = SEVERITY_LOW},
	};
	struct stage_flow flow =
	    stage_flow(stage, "shop/b", "shop/db", PROTOCOL_TCP, 5432);

	(void)state;
	stage->list = (struct tuned_list){tuned, 2};
	stage->tuning = (struct tuning){&stage->list, 1};
	detectors_tune(stage->row, &stage->tuning);
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 0), 0);
	flow = stage_flow(stage, "shop/a", "shop/db", PROTOCOL_TCP, 5432);
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, 2001)->subject, "shop/a");
	/* By application and port as well. */
	tuned[0].client.given = false;
	tuned[0].application_count = 1;
	tuned[0].applications = (enum application[]){APPLICATION_REDIS};
	flow = stage_flow(stage, "shop/c", "shop/db", PROTOCOL_TCP, 5432);
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 0), 1);
	stage_answer(&flow, APPLICATION_REDIS);
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 0), 2);
	stage_free(stage);
}

static void
every_detector_is_well_formed(void **state)
{
	(void)state;
	assert_true(detectors_count <= DETECTORS_MAXIMUM);
	for (size_t i = 0; i < detectors_count; i++) {
		const struct detector *one = detectors_all[i];

		assert_true(one->name[0] != '\0' && one->kinds != 0);
		assert_true(strlen(one->name) < 32);
		assert_int_equal(one->messages != 0,
		    (one->kinds & 1 << SIGHTED_MESSAGE) != 0);
		assert_true(one->setting_count <= DETECTOR_SETTINGS_MAXIMUM);
		for (size_t s = 0; s < one->setting_count; s++) {
			const struct detector_setting *setting =
			    &one->settings[s];

			assert_true(setting->least <= setting->standard &&
				    setting->standard <= setting->most);
			assert_true(strlen(setting->meaning) > 0 &&
				    strlen(setting->source) > 0);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_memory_forgets_what_nobody_asked_for),
	    cmocka_unit_test(strangers_cannot_push_out_workloads),
	    cmocka_unit_test(what_makes_room_leaves_nothing_behind),
	    cmocka_unit_test(targets_are_grouped_by_host_and_by_port),
	    cmocka_unit_test(a_detector_sees_what_it_wants),
	    cmocka_unit_test(a_detector_is_told_of_the_flows_it_wants),
	    cmocka_unit_test(a_detector_by_place_needs_places),
	    cmocka_unit_test(settings_are_the_operators),
	    cmocka_unit_test(loss_silences_what_goes_by_absence),
	    cmocka_unit_test(what_is_remembered_is_restored),
	    cmocka_unit_test(what_is_beside_is_restored),
	    cmocka_unit_test(another_meaning_is_not_restored),
	    cmocka_unit_test(a_damaged_state_is_told),
	    cmocka_unit_test(some_flows_have_settings_of_their_own),
	    cmocka_unit_test(every_detector_is_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
