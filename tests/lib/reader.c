/* One member of an answer at a time: what has the wrong type, size or signs is as good as missing. */
#include "reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

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
texts_have_a_type_a_size_and_no_control_characters(void **state)
{
	struct json_object *json = json_tokener_parse(
	    "{\"a\":\"温\",\"n\":1,\"e\":\"\",\"c\":\"x\\ny\",\"z\":\"x\\u0000y\",\"b\":\"x\\u0001y\",\"o\":null}");

	assert_string_equal(reader_text(*state, json, "a", 3), "温");
	assert_null(reader_text(*state, json, "a", 2));
	assert_null(reader_text(*state, json, "n", 10));
	assert_null(reader_text(*state, json, "e", 10));
	assert_null(reader_text(*state, json, "c", 10));
	assert_null(reader_text(*state, json, "z", 10));
	assert_string_equal(reader_lines(*state, json, "c", 10), "x\ny");
	assert_null(reader_lines(*state, json, "z", 10));
	assert_null(reader_lines(*state, json, "b", 10));
	assert_null(reader_text(*state, json, "o", 10));
	assert_null(reader_text(*state, json, "missing", 10));
	assert_null(reader_text(*state, NULL, "a", 10));
	json_object_put(json);
}

static void
a_token_may_stand_in_a_url(void **state)
{
	struct json_object *json = json_tokener_parse("{\"a\":\"A9._~-\",\"s\":\"a/b\",\"q\":\"a?b\",\"u\":\"温\"}");

	assert_string_equal(reader_token(*state, json, "a"), "A9._~-");
	assert_null(reader_token(*state, json, "s"));
	assert_null(reader_token(*state, json, "q"));
	assert_null(reader_token(*state, json, "u"));
	json_object_put(json);
}

static void
times_are_read_with_their_offset_and_fraction(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = { { "1970-01-01T00:00:01Z", 1000 }, { "2026-06-01T09:00:00.25+08:00", 1780275600250 },
		{ "2026-06-01T01:00:00.250999Z", 1780275600250 }, { "2026-05-31T20:00:00-05:00", 1780275600000 },
		{ "2026-06-01", 0 }, { "2026-06-01T09:00:00", 0 }, { "2026-06-01T09:00:00+0800x", 0 }, { "yesterday", 0 },
		{ "", 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct json_object *json = json_object_new_object();

		json_object_object_add(json, "t", json_object_new_string(cases[i].text));
		assert_int_equal(reader_time_ms(json, "t"), cases[i].ms);
		json_object_put(json);
	}
}

static void
dates_are_read_in_the_forms_that_licences_print(void **state)
{
	static const struct {
		const char *text, *date;
	} cases[] = { { "2020-03-01", "2020-03-01" }, { "2020-3-1T00:00:00", "2020-03-01" }, { "2020年3月1日", "2020-03-01" },
		{ "20200301", "2020-03-01" }, { "2020-02-30", NULL }, { "长期", NULL }, { "2020", NULL },
		{ "2020-13-01", NULL } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct json_object *json = json_object_new_object();
		const char *date;

		json_object_object_add(json, "d", json_object_new_string(cases[i].text));
		date = reader_date(*state, json, "d");
		if (cases[i].date == NULL)
			assert_null(date);
		else
			assert_string_equal(date, cases[i].date);
		json_object_put(json);
	}
}

static void
what_is_no_list_is_an_empty_one(void **state)
{
	struct json_object *json = json_tokener_parse("{\"a\":[1,2],\"o\":{}}");
	size_t n;

	(void)state;
	assert_non_null(reader_list(json, "a", &n));
	assert_int_equal(n, 2);
	assert_null(reader_list(json, "o", &n));
	assert_int_equal(n, 0);
	assert_null(reader_list(NULL, "a", &n));
	json_object_put(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_have_a_type_a_size_and_no_control_characters),
		cmocka_unit_test(a_token_may_stand_in_a_url),
		cmocka_unit_test(times_are_read_with_their_offset_and_fraction),
		cmocka_unit_test(dates_are_read_in_the_forms_that_licences_print),
		cmocka_unit_test(what_is_no_list_is_an_empty_one),
	};

	return cmocka_run_group_tests_name("reader", tests, setup, teardown);
}
