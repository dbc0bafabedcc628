#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
a_field_has_its_own_words_else_its_kinds_else_the_codes(void **state)
{
	(void)state;
	assert_string_equal(words_field("phone", "required"), "请填写手机号。");
	assert_string_equal(words_field("guardians[1].phone", "required"), "请填写手机号。");
	assert_string_equal(words_field("student_id_no", "checksum"), words_field("guardian_id_no", "checksum"));
	assert_string_not_equal(words_field("student_id_no", "checksum"), words_field("other", "checksum"));
	assert_string_not_equal(words_field("id_no", "foreign_form"), words_field("id_no", "format"));
	assert_string_equal(words_field("moved_in_on", "format"), words_field("household.since", "format"));
	assert_string_not_equal(words_field("moved_in_on", "format"), words_field("other", "format"));
}

static void
every_field_code_and_every_lack_has_words(void **state)
{
	static const char *const codes[] = { "required", "type", "too_short", "too_long", "format", "checksum", "region",
		"birth_date", "same_as", "weak", "common", "unknown" };
	static const char *const lacks[] = { "not_verified", "other_person", "name_differs", "ward_not_linked",
		"household_register_not_claimed", "identity_credential_not_claimed", "student_not_added",
		"household_register_not_ticked", "not_signed", "denied", "expired" };

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		assert_string_not_equal(words_field("x", codes[i]), words_field("x", "nonsense"));
	for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
		assert_string_not_equal(words_missing(lacks[i]), words_missing("nonsense"));
	/* The handbook's own pitfall, in its words. */
	assert_non_null(strstr(words_missing("student_not_added"), "未添加学生信息"));
	assert_non_null(strstr(words_missing("student_not_added"), "添加"));
	assert_non_null(words_sentence("sign_in_wrong"));
	assert_null(words_sentence("nonsense"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_field_has_its_own_words_else_its_kinds_else_the_codes),
		cmocka_unit_test(every_field_code_and_every_lack_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
