/* data_fields: JSON in single quotes, as the e-license system and its careless cousins write it. */
#include "license_fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

static int
setup(void **state)
{
	return (*state = arena_new(16 << 20)) == NULL;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* Is ${field} of ${text} exactly ${value}? NULL: is ${text} refused? */
static void
assert_field(void **state, const char *text, const char *field, const char *value)
{
	struct json_object *fields = license_fields_read(*state, text);

	if (value == NULL) {
		assert_null(fields);
		return;
	}
	assert_non_null(fields);
	assert_string_equal(json_object_get_string(json_object_object_get(fields, field)), value);
	json_object_put(fields);
}

static void
quotes_inside_a_value_stay(void **state)
{
	static const char *const text = "{'CYRMC':'D\\'ARCY ANN','ZZMC':'\"户口簿\"'}";

	assert_field(state, text, "CYRMC", "D'ARCY ANN");
	assert_field(state, text, "ZZMC", "\"户口簿\"");
	assert_field(state, "{'CYRMC':'D'ARCY ANN','ZZMC':'x'}", "CYRMC", "D'ARCY ANN");
	assert_field(state, "{'ZL':'A', B','ZZMC':'x'}", "ZL", "A', B");
	assert_field(state, "{'a':'it's','b':'y'}", "b", "y");
}

static void
proper_json_is_understood_too(void **state)
{
	static const char *const text = "{ \"ZZHM\" : \"44\" , \"n\" : 12.5 , \"t\" : true , \"o\" : null }";

	assert_field(state, text, "ZZHM", "44");
	assert_field(state, text, "n", "12.5");
	assert_field(state, text, "t", "true");
	assert_field(state, text, "o", "");
}

static void
an_empty_object_is_one(void **state)
{
	struct json_object *fields = license_fields_read(*state, " {} ");

	assert_int_equal(json_object_object_length(fields), 0);
	json_object_put(fields);
}

static void
escapes_are_read(void **state)
{
	assert_field(state, "{'a':'x\\\\y\\n\\u6e29\\uD873\\uDC56/\\/'}", "a", "x\\y\n温\U0002cc56//");
	assert_field(state, "{'a':'\\ud800'}", "a", NULL);
	assert_field(state, "{'a':'\\u0000'}", "a", NULL);
	assert_field(state, "{'a':'\\uzzzz'}", "a", NULL);
}

static void
what_is_no_object_of_texts_is_refused(void **state)
{
	static const char *const texts[] = { "", "x", "{", "{'a'", "{'a':", "{'a':'b", "{'a':'b'", "{'a' 'b'}", "{'a':'b'} x",
		"{'a':{'b':'c'}}", "{'a':['b']}", "[]", "{'a':'b\\", "{a:'b'}", "{'a':}" };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_null(license_fields_read(*state, texts[i]));
}

static void
a_text_cut_anywhere_is_refused_and_read_within_its_bounds(void **state)
{
	static const char text[] = "{'CYRMC':'D\\'ARCY ANN','ZZMC':'\"户口簿\"','n':12,'u':'\\u6e29'}";

	for (size_t i = 0; i < sizeof text - 1; i++)
		assert_null(license_fields_read(*state, arena_strndup(*state, text, i)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_inside_a_value_stay),
		cmocka_unit_test(proper_json_is_understood_too),
		cmocka_unit_test(an_empty_object_is_one),
		cmocka_unit_test(escapes_are_read),
		cmocka_unit_test(what_is_no_object_of_texts_is_refused),
		cmocka_unit_test(a_text_cut_anywhere_is_refused_and_read_within_its_bounds),
	};

	return cmocka_run_group_tests_name("license_fields", tests, setup, teardown);
}
