/* Phones: the form only, and what is shown of one. */
#include "phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fold.h"

static void
mainland_numbers_are_accepted_as_typed(void **state)
{
	static const char *const typed[] = { "19900000001", " 199 0000 0001", "+86 199-0000-0001", "008619900000001",
		"13000000000", "1９９0000000１", "199\ufe0d00000003" };
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++)
		assert_null(phone_check(fold_number(arena, typed[i])));
	arena_free(arena);
}

static void
every_fault_but_an_empty_one_is_format(void **state)
{
	static const char *const wrong[] = { "1", "1990000000", "199000000011", "12900000000", "29900000000", "1990000000X",
		"8619900000001", "+85291234567", "１", "电话" };

	(void)state;
	assert_string_equal(phone_check(""), "required");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_non_null(phone_check(wrong[i]));
		assert_string_equal(phone_check(wrong[i]), "format");
	}
}

static void
a_mask_hides_the_middle_four(void **state)
{
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	assert_string_equal(phone_mask(arena, "13800005678"), "138****5678");
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mainland_numbers_are_accepted_as_typed),
		cmocka_unit_test(every_fault_but_an_empty_one_is_format),
		cmocka_unit_test(a_mask_hides_the_middle_four),
	};

	return cmocka_run_group_tests_name("phone", tests, NULL, NULL);
}
