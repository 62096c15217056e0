/*
 * A ring between a writer and a reader: what is read is what was written, in
 * its order, whatever the sizes; and what a hostile writer puts there is
 * refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/base/ring.h"

#define CAPACITY 4096
#define MOST     1500

struct pair {
	_Alignas(64) uint8_t memory[RING_HEADER + CAPACITY];
	struct ring writer, reader;
};

static int
set_up(void **state)
{
	struct pair *pair = aligned_alloc(64, sizeof(*pair));

	memset(pair, 0, sizeof(*pair));
	pair->writer = ring_writer(pair->memory, CAPACITY);
	pair->reader = ring_reader(pair->memory, CAPACITY);
	*state = pair;
	return 0;
}

static int
tear_down(void **state)
{
	free(*state);
	return 0;
}

/* The octets of the record of that number. */
static size_t
make_record(uint8_t record[MOST], uint32_t number)
{
	size_t size = number * 7919U % MOST;

	for (size_t i = 0; i < size; i++)
		record[i] = (uint8_t)(number + i);
	return size;
}

static void
check_next(struct pair *pair, uint32_t number)
{
	uint8_t expected[MOST], record[MOST];
	size_t wanted = make_record(expected, number), size;
	uint32_t kind;

	assert_true(
	    ring_read(&pair->reader, &kind, record, sizeof(record), &size));
	assert_int_equal(kind, number);
	assert_int_equal(size, wanted);
	assert_memory_equal(record, expected, size);
}

static void
test_what_was_written(void **state)
{
	struct pair *pair = *state;
	uint8_t record[MOST];
	uint32_t written = 0, read = 0, full = 0;

	while (read < 5000) {
		size_t size = make_record(record, written);

		if (ring_write(&pair->writer, written, record, size)) {
			written++;
			continue;
		}
		full++;
		assert_true(ring_room(&pair->writer) < size);
		/* Sometimes one, sometimes all. */
		for (uint32_t n = read % 3 == 0 ? 1 : written - read; n > 0;
		     n--)
			check_next(pair, read++);
	}
	assert_true(full > 100);
	assert_true(ring_waiting(&pair->writer) == 0 || written > read);
}

static void
test_pieces_come_whole(void **state)
{
	struct pair *pair = *state;
	uint32_t kind;
	char record[16];
	size_t size;

	assert_true(ring_begin(&pair->writer, 7, 6));
	ring_put(&pair->writer, "abc", 3);
	assert_false(
	    ring_read(&pair->reader, &kind, record, sizeof(record), &size));
	ring_put(&pair->writer, "def", 3);
	ring_end(&pair->writer);
	assert_true(
	    ring_read(&pair->reader, &kind, record, sizeof(record), &size));
	assert_int_equal(size, 6);
	assert_memory_equal(record, "abcdef", 6);
}

/* A writer that dies leaves nothing of the record at hand; the next goes on. */
static void
test_another_writer_goes_on(void **state)
{
	struct pair *pair = *state;
	uint32_t kind;
	char record[16];
	size_t size;

	assert_true(ring_write(&pair->writer, 1, "one", 3));
	assert_true(ring_begin(&pair->writer, 2, 6));
	ring_put(&pair->writer, "abc", 3);
	pair->writer = ring_writer(pair->memory, CAPACITY);
	assert_true(ring_write(&pair->writer, 3, "three", 5));
	assert_true(
	    ring_read(&pair->reader, &kind, record, sizeof(record), &size));
	assert_int_equal(kind, 1);
	assert_true(
	    ring_read(&pair->reader, &kind, record, sizeof(record), &size));
	assert_int_equal(kind, 3);
	assert_memory_equal(record, "three", 5);
}

static void
test_wakes_who_sleeps(void **state)
{
	struct pair *pair = *state;
	uint32_t kind;
	char record[16];
	size_t size;

	assert_false(ring_wake(&pair->writer));
	assert_true(ring_sleep(&pair->reader));
	assert_true(ring_write(&pair->writer, 1, "one", 3));
	assert_true(ring_wake(&pair->writer));
	assert_false(ring_wake(&pair->writer));
	assert_false(ring_sleep(&pair->reader));
	assert_true(
	    ring_read(&pair->reader, &kind, record, sizeof(record), &size));
	assert_true(ring_sleep(&pair->reader));
}

/* A head or a size that cannot be: broken, until what is there is let go. */
static void
test_hostile_writer(void **state)
{
	struct pair *pair = *state;
	uint32_t kind, far = 1U << 31;
	uint64_t head = UINT64_C(1) << 60;
	char record[16];
	size_t size;

	assert_true(ring_write(&pair->writer, 1, "one", 3));
	memcpy(pair->memory + RING_HEADER, &far, sizeof(far)); /* its size */
	assert_false(
	    ring_read(&pair->reader, &kind, record, sizeof(record), &size));
	assert_true(pair->reader.broken);
	ring_skip(&pair->reader);
	assert_true(ring_write(&pair->writer, 2, "two", 3));
	assert_true(
	    ring_read(&pair->reader, &kind, record, sizeof(record), &size));
	assert_int_equal(kind, 2);
	memcpy(pair->memory, &head, sizeof(head)); /* the writer's place */
	assert_false(
	    ring_read(&pair->reader, &kind, record, sizeof(record), &size));
	assert_true(pair->reader.broken);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_what_was_written, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_pieces_come_whole, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_another_writer_goes_on, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_wakes_who_sleeps, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_hostile_writer, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
