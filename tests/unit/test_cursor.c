#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sensor/base/cursor.h"

static const uint8_t octets[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

static void
reads_both_orders(void **state)
{
	struct cursor c = cursor_over(octets, sizeof(octets));

	(void)state;
	assert_int_equal(cursor_be16(&c), 0x0102);
	assert_int_equal(cursor_le16(&c), 0x0403);
	assert_int_equal(cursor_be24(&c), 0x050607);
	assert_int_equal(cursor_left(&c), 3);
	c = cursor_over(octets, sizeof(octets));
	assert_int_equal(cursor_be32(&c), 0x01020304);
	assert_int_equal(cursor_le32(&c), 0x08070605);
	assert_int_equal(cursor_u8(&c), 9);
	assert_ptr_equal(cursor_take(&c, 1), octets + 9);
	assert_int_equal(cursor_left(&c), 0);
	assert_false(c.short_read);
}

static void
latches_a_short_read(void **state)
{
	struct cursor c = cursor_over(octets, 3);

	(void)state;
	assert_int_equal(cursor_u8(&c), 1);
	assert_null(cursor_take(&c, 3));
	assert_true(c.short_read);
	assert_int_equal(cursor_u8(&c), 0);
	assert_int_equal(cursor_be16(&c), 0);
	assert_int_equal(cursor_be24(&c), 0);
	assert_int_equal(cursor_be32(&c), 0);
	assert_int_equal(cursor_le16(&c), 0);
	assert_int_equal(cursor_le32(&c), 0);
	assert_null(cursor_take(&c, 0));
	c = cursor_over(octets, 3);
	assert_null(cursor_take(&c, SIZE_MAX));
}

/* Half a number must not be mistaken for a small one. */
static void
reads_no_half_numbers(void **state)
{
	struct cursor c = cursor_over(octets, 3);

	(void)state;
	assert_int_equal(cursor_be32(&c), 0);
	assert_true(c.short_read);
	c = cursor_over(octets, 3);
	assert_int_equal(cursor_le32(&c), 0);
	assert_true(c.short_read);
	c = cursor_over(octets, 1);
	assert_int_equal(cursor_be16(&c), 0);
	assert_true(c.short_read);
	c = cursor_over(octets, 2);
	assert_int_equal(cursor_be24(&c), 0);
	assert_true(c.short_read);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_both_orders),
	    cmocka_unit_test(latches_a_short_read),
	    cmocka_unit_test(reads_no_half_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
