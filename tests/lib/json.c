/* Strict JSON: what the standard's own suite says, and what json-c alone would let through. */
#include "json.h"

#include <dirent.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"

#define SUITE "../shared/data/JSONTestSuite"

static struct bytes
text_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static void
well_formed_values_pass(void **state)
{
	static const char *const good[] = { "{}", " [ ] ", "null", "-0", "0.5e-10", "1E400", "123456789012345678901234567890",
		"\"\\u0000\"", "\"\\ud834\\udd1e\"", "\"\xf0\x9d\x84\x9e\"", "{\"a\":1,\"b\":{\"a\":1}}", "[{\"a\":1},{\"a\":2}]",
		"{\"\":0}", "{\"a\\u0000\":1,\"a\":2}", "{\"\\u0061\":1,\"A\":1}", "\t\n\r [1]\n",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(json_is_strict(text_of(good[i])));
}

static void
what_json_c_forgives_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
		"{\"x\":{\"b\":1,\"c\":2,\"b\":3}}", "{\"\":0,\"\":1}", "{\"\xc3\xa9\":1,\"\\u00e9\":2}", "NaN", "Infinity", "-",
		"+1", "01", ".5", "1.", "1e", "0x1", "'a'", "{a:1}", "\"a", "\"\n\"", "\"\t\"", "\"\x01\"", "\"\\x\"",
		"\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
		"\"\xf4\x90\x80\x80\"", "\"\xe4\xb8\"", "{} {}", "{}x", "{}\xef\xbb\xbf", "\xef\xbb\xbf{}", "// x\n{}", "{/**/}",
		"tru", "nulll", "True", "[1 2]", "{\"a\" 1}", "]", "{]", "[}" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_false(json_is_strict(text_of(bad[i])));
		assert_null(json_read(text_of(bad[i])));
	}
	assert_false(json_is_strict((struct bytes){ (const uint8_t *)"{}\0", 3 }));
	assert_false(json_is_strict((struct bytes){ (const uint8_t *)"\"\0\"", 3 }));
	assert_false(json_is_strict((struct bytes){ NULL, 0 }));
}

static void
depth_ends_at_thirty_two_and_sixty_thousand_brackets_are_nothing(void **state)
{
	static char text[60001];

	(void)state;
	memset(text, '[', 32);
	memset(text + 32, ']', 32);
	assert_true(json_is_strict(text_of(text)));
	json_object_put(json_read(text_of(text)));
	memset(text, '[', 33);
	memset(text + 33, ']', 33);
	assert_false(json_is_strict(text_of(text)));
	memset(text, '[', 60000);
	assert_false(json_is_strict(text_of(text)));
}

/* 64 KiB of keys, all different but the last: judged in the time of a sort. */
static void
many_keys_are_compared_quickly(void **state)
{
	static char text[1 << 17];
	size_t used = 1;
	int64_t start;

	(void)state;
	text[0] = '{';
	for (int i = 0; i < 9000; i++)
		used += (size_t)snprintf(text + used, 12, "\"%x\":0,", i);
	(void)snprintf(text + used, 12, "\"%x\":0}", 9000);
	start = clock_monotonic_ms();
	assert_true(json_is_strict(text_of(text)));
	(void)snprintf(text + used, 12, "\"%x\":0}", 4711);
	assert_false(json_is_strict(text_of(text)));
	assert_true(clock_monotonic_ms() - start < 500);
}

static void
a_nul_in_a_string_keeps_its_length_and_in_a_key_makes_no_known_key(void **state)
{
	struct json_object *value = json_read(text_of("{\"name\":\"a\\u0000b\",\"phone\\u0000\":\"1\"}")), *name;

	(void)state;
	assert_non_null(value);
	assert_true(json_object_object_get_ex(value, "name", &name));
	assert_int_equal(json_object_get_string_len(name), 3);
	assert_false(json_object_object_get_ex(value, "phone", NULL));
	assert_true(json_object_object_get_ex(value, "phone\ufffd", NULL));
	json_object_put(value);
}

static void
numbers_beyond_every_type_are_still_numbers(void **state)
{
	struct json_object *value =
	    json_read(text_of("[441402202106159910,99999999999999999999999,-99999999999999999999999,1e400]"));

	(void)state;
	assert_non_null(value);
	assert_int_equal(json_object_array_length(value), 4);
	for (size_t i = 0; i < 4; i++)
		assert_false(json_object_is_type(json_object_array_get_idx(value, i), json_type_string));
	json_object_put(value);
}

/* y_: must pass. n_: must not. i_: as you like; we refuse what is no Unicode, and take big numbers. */
static void
the_json_test_suite_is_judged_as_it_says(void **state)
{
	static uint8_t text[1 << 20];
	DIR *dir = opendir(SUITE);
	struct dirent *entry;
	int n = 0;

	(void)state;
	if (dir == NULL) {
		print_message("no JSONTestSuite in " SUITE ": passed over\n");
		skip();
	}
	while ((entry = readdir(dir)) != NULL) {
		char path[512];
		bool is_strict;
		FILE *file;
		size_t size;

		if (entry->d_name[0] == '\0' || entry->d_name[1] != '_')
			continue;
		(void)snprintf(path, sizeof path, SUITE "/%s", entry->d_name);
		assert_non_null(file = fopen(path, "rb"));
		size = fread(text, 1, sizeof text, file);
		assert_int_equal(fclose(file), 0);
		is_strict = json_is_strict((struct bytes){ text, size });
		/* The suite lets parsers take the last of two equal keys; the contract does not. */
		if (strncmp(entry->d_name, "y_object_duplicated_key", 23) == 0)
			assert_false(is_strict);
		else if (entry->d_name[0] != 'i' && is_strict != (entry->d_name[0] == 'y'))
			fail_msg("%s: strict is %d", entry->d_name, is_strict);
		if (is_strict)
			json_object_put(json_read((struct bytes){ text, size }));
		n++;
	}
	(void)closedir(dir);
	assert_true(n > 100);
}

/* Bytes thrown at random: whatever passes, json-c parses too. */
static void
what_passes_parses(void **state)
{
	static const char alphabet[] = "{}[]\",:\\u0d8n tf1.e-\xe4\xb8\xad";
	char text[24];

	(void)state;
	srand(11);
	for (int round = 0; round < 200000; round++) {
		size_t size = (size_t)rand() % sizeof text;
		struct json_object *value;

		for (size_t i = 0; i < size; i++)
			text[i] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
		if (!json_is_strict((struct bytes){ (const uint8_t *)text, size }))
			continue;
		value = json_read((struct bytes){ (const uint8_t *)text, size });
		assert_true(value != NULL || memchr(text, 'n', size) != NULL);
		json_object_put(value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed_values_pass),
		cmocka_unit_test(what_json_c_forgives_is_refused),
		cmocka_unit_test(depth_ends_at_thirty_two_and_sixty_thousand_brackets_are_nothing),
		cmocka_unit_test(many_keys_are_compared_quickly),
		cmocka_unit_test(a_nul_in_a_string_keeps_its_length_and_in_a_key_makes_no_known_key),
		cmocka_unit_test(numbers_beyond_every_type_are_still_numbers),
		cmocka_unit_test(the_json_test_suite_is_judged_as_it_says),
		cmocka_unit_test(what_passes_parses),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
