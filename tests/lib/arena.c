#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { LIMIT = 256 * 1024 };

static void
memory_is_zeroed_aligned_and_apart(void **state)
{
	struct arena *arena = arena_new(LIMIT);
	unsigned char *previous = NULL;

	(void)state;
	for (size_t size = 0; size < 300; size++) {
		unsigned char *at = arena_alloc(arena, size);

		assert_non_null(at);
		assert_int_equal((uintptr_t)at % _Alignof(max_align_t), 0);
		assert_ptr_not_equal(at, previous);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(at[i], 0);
		memset(at, 0xff, size);
		previous = at;
	}
	arena_free(arena);
}

static void
no_more_than_the_limit_is_handed_out(void **state)
{
	struct arena *arena = arena_new(LIMIT);

	(void)state;
	assert_null(arena_alloc(arena, LIMIT + 1));
	assert_null(arena_alloc(arena, SIZE_MAX));
	assert_null(arena_alloc(arena, SIZE_MAX - 8));
	assert_null(arena_strndup(arena, "x", SIZE_MAX));
	assert_non_null(arena_alloc(arena, LIMIT - 16));
	assert_non_null(arena_alloc(arena, 16));
	assert_null(arena_alloc(arena, 1));
	assert_null(arena_printf(arena, "%d", 1));

	/* A reset gives all of it back. */
	arena_reset(arena);
	assert_non_null(arena_alloc(arena, LIMIT));
	arena_free(arena);
}

static void
what_was_handed_out_is_wiped_at_reset(void **state)
{
	struct arena *arena = arena_new(LIMIT);
	char *secret = arena_strdup(arena, "Kuvat4m2!");

	(void)state;
	assert_non_null(arena_alloc(arena, LIMIT / 2));
	arena_reset(arena);
	/* The first chunk is kept, so the old address can still be looked at, and is handed out again, zeroed. */
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(secret[i], 0);
	assert_ptr_equal(arena_alloc(arena, 10), secret);
	arena_free(arena);
	arena_free(NULL);
}

static void
texts_are_copied_and_formatted(void **state)
{
	struct arena *arena = arena_new(LIMIT);
	static char text[40000];

	(void)state;
	memset(text, 'a', sizeof text - 1);
	assert_string_equal(arena_strdup(arena, ""), "");
	assert_string_equal(arena_strndup(arena, "林晓雨", 6), "林晓");
	assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
	/* Longer than a chunk, too. */
	assert_string_equal(arena_strdup(arena, text), text);
	assert_int_equal(strlen(arena_printf(arena, "%s%s", text, text)), 2 * (sizeof text - 1));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(no_more_than_the_limit_is_handed_out),
		cmocka_unit_test(what_was_handed_out_is_wiped_at_reset),
		cmocka_unit_test(texts_are_copied_and_formatted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
