#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

static void
gives_zeroed_aligned_and_separate_memory(void **state)
{
	struct arena *arena = arena_new();
	unsigned char *pieces[500];

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		size_t size = i * 37 % 9000 + 1;

		pieces[i] = arena_take(arena, size);
		assert_int_equal(
		    (uintptr_t)pieces[i] % alignof(max_align_t), 0);
		for (size_t j = 0; j < size; j++)
			assert_int_equal(pieces[i][j], 0);
		memset(pieces[i], (int)(i % 255 + 1), size);
	}
	for (size_t i = 0; i < 500; i++)
		for (size_t j = 0; j < i * 37 % 9000 + 1; j++)
			assert_int_equal(pieces[i][j], i % 255 + 1);
	arena_free(arena);
	arena_free(NULL);
}

static void
counts_what_it_takes(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(arena_size(arena), 0);
	(void)arena_take(arena, 1);
	assert_in_range(arena_size(arena), 1, 8192);
	(void)arena_take(arena, 3000000);
	assert_in_range(arena_size(arena), 3000000, 3100000);
	arena_free(arena);
}

static void
copies_texts(void **state)
{
	struct arena *arena = arena_new();
	char text[] = "frontend";
	char *copy = arena_text(arena, text);

	(void)state;
	text[0] = 'F';
	assert_string_equal(copy, "frontend");
	assert_null(arena_text(arena, NULL));
	assert_string_equal(arena_text_n(arena, text, 5), "Front");
	assert_string_equal(arena_text_n(arena, NULL, 0), "");
	assert_string_equal(
	    arena_format(arena, "%s:%d", text, 7), "Frontend:7");
	assert_int_equal(
	    strlen(arena_format(arena, "%*s", 20000, "right")), 20000);
	arena_free(arena);
}

static void
allocates_zeroed(void **state)
{
	unsigned char *memory = allocate(100, 3);

	(void)state;
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(memory[i], 0);
	memory[299] = 9;
	memory = reallocate(memory, 1000, 3);
	assert_int_equal(memory[299], 9);
	free(memory);
	memory = allocate(0, 0);
	assert_non_null(memory);
	free(memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_zeroed_aligned_and_separate_memory),
	    cmocka_unit_test(counts_what_it_takes),
	    cmocka_unit_test(copies_texts),
	    cmocka_unit_test(allocates_zeroed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
