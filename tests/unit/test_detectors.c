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

#include "classifiers/detectors/detectors_state.h"
#include "classifiers/detectors/scanner.h"
#include "sensor/base/text.h"
#include "tests/detector_stage.h"

/* --- memory --------------------------------------------------------------- */

static const struct hash_key secret = {{5, 6}};

struct kept {
	uint64_t key, value;
};

/* What a memory of that capacity should hold, the latest used first. */
struct naive {
	struct kept at[8];
	size_t count, capacity;
};

static struct kept *
naive_use(struct naive *naive, uint64_t key)
{
	for (size_t i = 0; i < naive->count; i++)
		if (naive->at[i].key == key) {
			struct kept one = naive->at[i];

			memmove(naive->at + 1, naive->at, i * sizeof(one));
			naive->at[0] = one;
			return &naive->at[0];
		}
	return NULL;
}

static struct kept *
naive_get(struct naive *naive, uint64_t key)
{
	struct kept *found = naive_use(naive, key);

	if (found != NULL)
		return found;
	if (naive->count < naive->capacity)
		naive->count++;
	memmove(naive->at + 1, naive->at,
	    (naive->count - 1) * sizeof(naive->at[0]));
	naive->at[0] = (struct kept){key, 0};
	return &naive->at[0];
}

static void
naive_drop(struct naive *naive, uint64_t key)
{
	if (naive_use(naive, key) == NULL)
		return;
	naive->count--;
	memmove(naive->at, naive->at + 1, naive->count * sizeof(naive->at[0]));
}

static void
a_memory_forgets_what_was_used_longest_ago(void **state)
{
	struct memory *memory = memory_new(8, 3, sizeof(uint64_t), &secret);
	struct naive naive[2] = {{.capacity = 8}, {.capacity = 3}};
	uint64_t random = 12345;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		enum memory_class class;
		uint64_t key, oldest, *value;
		struct kept *kept;

		random = random * 6364136223846793005 + 1442695040888963407;
		class = random >> 33 & 1;
		key = (random >> 40) % 14;
		if ((random >> 50) % 8 == 0) {
			memory_drop(memory, class, key);
			naive_drop(&naive[class], key);
		} else if ((random >> 50) % 8 == 1) {
			value = memory_find(memory, class, key);
			kept = naive_use(&naive[class], key);
			assert_int_equal(value == NULL, kept == NULL);
		} else {
			bool is_new;

			value = memory_get(memory, class, key, &is_new);
			kept = naive_get(&naive[class], key);
			assert_int_equal(is_new, kept->value == 0);
			assert_int_equal(*value, kept->value);
			*value = kept->value = random | 1;
		}
		value = memory_oldest(memory, class, &oldest);
		if (naive[class].count == 0)
			assert_null(value);
		else
			assert_int_equal(oldest,
			    naive[class].at[naive[class].count - 1].key);
		assert_int_equal(memory_counts(memory).held,
		    naive[0].count + naive[1].count);
	}
	assert_true(memory_counts(memory).evicted > 1000);
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
    .name = "echo",
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

	(void)state;
	stage_set(stage, "least", 1);
	stage->lost_ppm = DETECTORS_LOSS_BOUND + 1;
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 0), 0);
	assert_int_equal(detectors_counts_of(stage->row, 0).lossy, 1);
	stage->lost_ppm = DETECTORS_LOSS_BOUND;
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 2001), 1);
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
	assert_string_equal(left_out.at, " echo.flows");
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
	    cmocka_unit_test(a_memory_forgets_what_was_used_longest_ago),
	    cmocka_unit_test(strangers_cannot_push_out_workloads),
	    cmocka_unit_test(what_makes_room_leaves_nothing_behind),
	    cmocka_unit_test(a_detector_sees_what_it_wants),
	    cmocka_unit_test(settings_are_the_operators),
	    cmocka_unit_test(loss_silences_what_goes_by_absence),
	    cmocka_unit_test(what_is_remembered_is_restored),
	    cmocka_unit_test(another_meaning_is_not_restored),
	    cmocka_unit_test(a_damaged_state_is_told),
	    cmocka_unit_test(some_flows_have_settings_of_their_own),
	    cmocka_unit_test(every_detector_is_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
