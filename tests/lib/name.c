/* Names: who may be called what, and what strangers see of it. */
#include "name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fold.h"

static int
setup(void **state)
{
	return (*state = arena_new(1 << 20)) == NULL;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
real_names_are_accepted(void **state)
{
	static const char *const names[] = { "林晓雨", "温\u4bcc", "李\U0002cc56", "李\U000323b0", "阿依努尔·买买提", "阿·买·提",
		"〇", "D'ARCY ANN", "SMITH, JOHN", "Jean-Luc", "J. R. SMITH", "NGUYỄN THỊ", "José", "A" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_null(name_check(names[i]));
}

static void
what_no_register_holds_is_refused(void **state)
{
	static const char *const names[] = { "温\ue854", "李\U000f0000", "林 晓雨", "林a", "·林", "林·", "林··雨", "林1", "R2D2",
		"-", ". ,", "林\x01", "林\n雨", "😀", "ひらがな", "Иван", "<b>", "林;", "\U0002fffe" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_non_null(name_check(names[i]));
		assert_string_equal(name_check(names[i]), "format");
	}
	assert_string_equal(name_check(""), "required");
}

static void
fifty_code_points_pass_and_fifty_one_do_not(void **state)
{
	char name[51 * 4 + 1] = "";

	(void)state;
	for (int i = 0; i < 50; i++)
		strcat(name, "\U00020000");
	assert_null(name_check(name));
	strcat(name, "\U00020000");
	assert_string_equal(name_check(name), "too_long");
}

static void
every_dot_of_a_keyboard_makes_one_name(void **state)
{
	static const char *const typed[] = { "阿依努尔•买买提", "阿依努尔・买买提", "阿依努尔‧买买提", "阿依努尔･买买提",
		"阿依努尔．买买提", "阿依努尔.买买提" };

	for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
		char *name = fold_name(*state, typed[i]);

		assert_null(name_check(name));
		assert_string_equal(name, "阿依努尔·买买提");
	}
}

static void
case_blanks_and_comma_do_not_decide(void **state)
{
	(void)state;
	assert_true(name_equal("SMITH, JOHN", "Smith John"));
	assert_true(name_equal("SMITH,JOHN", "smith  john "));
	assert_true(name_equal("José", "JOSÉ"));
	assert_true(name_equal("林晓雨", "林晓雨"));
	assert_true(name_equal("", " ,"));
	assert_false(name_equal("林晓雨", "林晓"));
	assert_false(name_equal("林晓", "林晓雨"));
	assert_false(name_equal("温\u9814", "温\U0002cc56"));
	assert_false(name_equal("SMITH JOHN", "JOHN SMITH"));
}

static void
a_mask_keeps_the_ends_of_three_and_the_first_of_two(void **state)
{
	assert_string_equal(name_mask(*state, "林晓雨"), "林*雨");
	assert_string_equal(name_mask(*state, "欧阳晓雨"), "欧**雨");
	assert_string_equal(name_mask(*state, "温\u4bcc"), "温*");
	assert_string_equal(name_mask(*state, "李\U0002cc56"), "李*");
	assert_string_equal(name_mask(*state, "\U0002cc56林\U0002cc56"), "\U0002cc56*\U0002cc56");
	assert_string_equal(name_mask(*state, "林"), "*");
	assert_string_equal(name_mask(*state, ""), "*");
	assert_string_equal(name_mask(*state, "D'ARCY"), "D****Y");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_names_are_accepted),
		cmocka_unit_test(what_no_register_holds_is_refused),
		cmocka_unit_test(fifty_code_points_pass_and_fifty_one_do_not),
		cmocka_unit_test(every_dot_of_a_keyboard_makes_one_name),
		cmocka_unit_test(case_blanks_and_comma_do_not_decide),
		cmocka_unit_test(a_mask_keeps_the_ends_of_three_and_the_first_of_two),
	};

	return cmocka_run_group_tests_name("name", tests, setup, teardown);
}
