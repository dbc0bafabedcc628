/* data_fields: JSON in single quotes, as the e-license system and its careless cousins write it. */
#include "license_fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

static int
setup(void **state)
{
	return (*state = arena_new(256 << 20)) == NULL;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* Is ${field} of ${text} exactly ${value}? NULL: is ${text} refused? "-": is there no such field? */
static void
assert_field(void **state, const char *text, const char *field, const char *value)
{
	struct json_object *fields = license_fields_read(*state, text), *got = NULL;

	if (value == NULL) {
		if (fields != NULL)
			print_error("read: %s\n", text);
		assert_null(fields);
		return;
	}
	if (fields == NULL)
		print_error("not read: %s\n", text);
	assert_non_null(fields);
	if (strcmp(value, "-") == 0) {
		assert_false(json_object_object_get_ex(fields, field, &got));
	} else {
		assert_true(json_object_object_get_ex(fields, field, &got));
		assert_string_equal(json_object_get_string(got), value);
	}
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
	assert_field(state, "{'a':'D''ARCY','b':''}", "a", "D'ARCY");
	assert_field(state, "{'a':'x'}y','b':'z'}", "a", "x'}y");
	assert_field(state, "{\"CYRMC\": \"D'ARCY ANN\", 'b': None}", "CYRMC", "D'ARCY ANN");
}

static void
proper_json_is_understood_too(void **state)
{
	static const char *const text = "{ \"ZZHM\" : \"44\" , \"n\" : 12.5 , \"t\" : true , \"o\" : null }";

	assert_field(state, text, "ZZHM", "44");
	assert_field(state, text, "n", "12.5");
	assert_field(state, text, "t", "true");
	assert_field(state, text, "o", "");
	assert_field(state, "{\n  \"ZZHM\": \"44\",\n  \"户主\": \"温\"\n}\n", "户主", "温");
}

static void
what_cousins_write_is_read(void **state)
{
	assert_field(state, "\xEF\xBB\xBF{'a':'x',}", "a", "x");
	assert_field(state, "{'a':'x','b':'y' , }", "b", "y");
	assert_field(state, "｛'a'：'x'，'b'：'y'｝", "b", "y");
	assert_field(state, "{'a':'４４１４，x'}", "a", "４４１４，x");
	assert_field(state, "{&quot;a&quot;:&quot;x&quot;,&quot;b&quot;:null}", "a", "x");
	assert_field(state, "{&#39;a&#39;:&#39;D\\&#39;ARCY&#39;}", "a", "D'ARCY");
	assert_field(state, "{'a':'D&#39;ARCY &amp; CO','b':'A&B'}", "a", "D'ARCY & CO");
	assert_field(state, "{'a':'D&#39;ARCY &amp; CO','b':'A&B'}", "b", "A&B");
	assert_field(state, "{'a': None, 'b': True, 'c': -0.5e+3}", "c", "-0.5e+3");
	assert_field(state, "{'a':'第一行\\n第二行'}", "a", "第一行 第二行");
	assert_field(state, "{'a':'x\\xb7y'}", "a", "x·y");
}

static void
what_is_no_text_is_passed_over(void **state)
{
	assert_field(state, "{'a':{'b':null},'c':'x'}", "a", "-");
	assert_field(state, "{'a':{'b':null},'c':'x'}", "c", "x");
	assert_field(state, "{'c':'x','a':[{'b':'it's'},'y',1,[]],'d':'z'}", "d", "z");
	assert_field(state, "{'a':{'c':'inner'},'c':'outer'}", "c", "outer");
	assert_field(state, "{'a':[],'a':'x'}", "a", NULL);
	assert_field(state, "{'a':'x','a':'x'}", "a", NULL);
}

static void
a_picture_is_passed_over(void **state)
{
	char *text = arena_alloc(*state, 40000), *at = text;

	at += sprintf(at, "{'ZP':'");
	memset(at, 'A', 30000);
	(void)sprintf(at + 30000, "','b':'y'}");
	assert_field(state, text, "ZP", "-");
	assert_field(state, text, "b", "y");
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
	assert_field(state, "{'a':'x\\\\y\\u6e29\\uD873\\uDC56/\\/'}", "a", "x\\y温\U0002cc56//");
	assert_field(state, "{'a':'\\ud800'}", "a", NULL);
	assert_field(state, "{'a':'\\u0000'}", "a", NULL);
	assert_field(state, "{'a':'\\u0007'}", "a", NULL);
	assert_field(state, "{'a':'\\uzzzz'}", "a", NULL);
	assert_field(state, "{'a':'\\q'}", "a", NULL);
}

static void
what_is_doubtful_is_refused(void **state)
{
	static const char *const texts[] = { "", "x", "{", "{'a'", "{'a':", "{'a':'b", "{'a':'b'", "{'a' 'b'}", "{'a':'b'} x",
		"[]", "{'a':'b\\", "{a:'b'}", "{'a':}", "{'a':'x,'b':'y'}", "{'a':'D'','b':''}", "{'a':'x','y','b':'z'}",
		"{'a':'x''b':'y'}", "{'a':x','b':'y'}", "{'a':abc}", "{'a':01}", "{'a':1.}", "{'a':--1}", "{'a':'x'},'b':'y'}",
		"{'a':'x',,'b':'y'}", "{,'a':'x'}", "{'a':'\x01'}", "{'a':'\xff'}", "{'a':'\xe6\xb8'}", "{'':'x'}", "{'a b':'x'}",
		"{'a':'x';'b':'y'}", "{'a':[1,2}", "{'a':{'b':'c'}", "{'a':['b']", "{'a':[[[[[[[[[[1]]]]]]]]]]}" };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_field(state, texts[i], "a", NULL);
}

static void
a_text_cut_anywhere_is_refused_and_read_within_its_bounds(void **state)
{
	static const char text[] = "{'CYRMC':'D\\'ARCY ANN','ZZMC':'\"户口簿\"','n':12,'l':['x',{'y':null}],'u':'\\u6e29'}";

	for (size_t i = 0; i < sizeof text - 1; i++)
		assert_null(license_fields_read(*state, arena_strndup(*state, text, i)));
}

/* ---- mutations --------------------------------------------------------------------------------------------------------- */

enum { N_FIELDS = 5 };

/* Texts, and where each field begins and ends in them, key and comma included. */
static const struct sample {
	const char *fields[N_FIELDS]; /* as they stand, without commas */
	const char *keys[N_FIELDS], *values[N_FIELDS];
	const char *between, *end;
} samples[] = {
	{ { "'ZZMC':'广东省居民户口簿'", "'ZZHM':'441402000012345'", "'CYRMC':'D\\'ARCY ANN'", "'HJDZ':'金山街道1号'",
	      "'QRRQ':'2015-03-01'" },
	    { "ZZMC", "ZZHM", "CYRMC", "HJDZ", "QRRQ" },
	    { "广东省居民户口簿", "441402000012345", "D'ARCY ANN", "金山街道1号", "2015-03-01" }, ",", "}" },
	{ { "\"A\" : \"x\"", "\"B\" : 12", "\"C\" : null", "\"D\" : \"O'NEIL\"", "\"E\" : \"\"" }, { "A", "B", "C", "D", "E" },
	    { "x", "12", "", "O'NEIL", "" }, " ,\n ", "\n}" },
	{ { "'A':'D'ARCY'", "'B':{'x':null}", "'C':['1','2']", "'D':'a', b'", "'E':'z'" }, { "A", "B", "C", "D", "E" },
	    { "D'ARCY", NULL, NULL, "a', b", "z" }, ",", ",}" },
};

/*
 * What came of a mutation in or beside the fields ${hit}: refused; or every other field as it was. The field that was hit may
 * read otherwise, for its own letters are what was changed.
 */
static void
assert_nothing_strange(struct json_object *fields, const struct sample *sample, const size_t hit[3], const char *text)
{
	if (fields == NULL)
		return;
	for (size_t i = 0; i < N_FIELDS; i++) {
		struct json_object *got = NULL;
		bool is_there = json_object_object_get_ex(fields, sample->keys[i], &got);

		if (i == hit[0] || i == hit[1] || i == hit[2])
			continue;
		if (is_there != (sample->values[i] != NULL) ||
		    (is_there && strcmp(json_object_get_string(got), sample->values[i]) != 0)) {
			print_error("%s of %s\n", sample->keys[i], text);
			fail();
		}
	}
	json_object_put(fields);
}

/* Build the sample's text; ${owner} says for each byte to which field it belongs. */
static char *
build(struct arena *arena, const struct sample *sample, size_t *owner)
{
	char *text = arena_alloc(arena, 1024), *at = text;

	*at++ = '{';
	owner[0] = N_FIELDS;
	for (size_t i = 0; i < N_FIELDS; i++) {
		const char *between = i + 1 < N_FIELDS ? sample->between : sample->end;

		for (const char *c = sample->fields[i]; *c != '\0'; c++) {
			owner[at - text] = i;
			*at++ = *c;
		}
		for (const char *c = between; *c != '\0'; c++) {
			owner[at - text] = N_FIELDS;
			*at++ = *c;
		}
	}
	owner[at - text] = N_FIELDS;
	return text;
}

/* A changed key is another field: then the sample's own must not be there, and no other may be. */
static void
mutations_are_refused_or_harm_nobody_else(void **state)
{
	static const char signs[] = "'\"\\,:{}[]x1 &;";
	static const size_t nothing[] = { N_FIELDS, N_FIELDS, N_FIELDS };
	size_t owner[1024];

	for (size_t s = 0; s < sizeof samples / sizeof *samples; s++) {
		char *text = build(*state, &samples[s], owner);
		size_t length = strlen(text);

		assert_nothing_strange(license_fields_read(*state, text), &samples[s], nothing, text);
		assert_field(state, text, samples[s].keys[0], samples[s].values[0]);
		for (size_t at = 0; at < length; at++) {
			const size_t hit[] = { owner[at], owner[at > 0 ? at - 1 : 0], owner[at + 1] };
			char *mutant = arena_printf(*state, "%.*s%s", (int)at, text, text + at + 1);

			assert_nothing_strange(license_fields_read(*state, mutant), &samples[s], hit, mutant);
			for (const char *sign = signs; *sign != '\0'; sign++) {
				mutant = arena_printf(*state, "%.*s%c%s", (int)at, text, *sign, text + at + 1);
				assert_nothing_strange(license_fields_read(*state, mutant), &samples[s], hit, mutant);
				mutant = arena_printf(*state, "%.*s%c%s", (int)at, text, *sign, text + at);
				assert_nothing_strange(license_fields_read(*state, mutant), &samples[s], hit, mutant);
			}
		}
	}
}

/* Bytes at random over bytes at random: nothing is read beyond the text, and what is read is UTF-8 without controls. */
static void
noise_is_survived(void **state)
{
	static const char parts[][8] = { "{", "}", "[", "]", ":", ",", "'", "\"", "\\", "\\u", "6e29", "'a'", "'b':", "null",
		"温", "\xe6", "&#39;", " ", "-1", "；", "，", "：", "\xEF\xBB\xBF" };
	unsigned seed = 1;

	for (int round = 0; round < 100000; round++) {
		char text[256] = "{";
		struct json_object *fields;

		for (int n = 0; n < 24; n++) {
			seed = seed * 1103515245U + 12345U;
			(void)strcat(text, parts[(seed >> 16) % (sizeof parts / sizeof *parts)]);
		}
		fields = license_fields_read(*state, arena_strdup(*state, text));
		if (fields != NULL)
			json_object_put(fields);
		if (round % 1000 == 0)
			arena_reset(*state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_inside_a_value_stay),
		cmocka_unit_test(proper_json_is_understood_too),
		cmocka_unit_test(what_cousins_write_is_read),
		cmocka_unit_test(what_is_no_text_is_passed_over),
		cmocka_unit_test(a_picture_is_passed_over),
		cmocka_unit_test(an_empty_object_is_one),
		cmocka_unit_test(escapes_are_read),
		cmocka_unit_test(what_is_doubtful_is_refused),
		cmocka_unit_test(a_text_cut_anywhere_is_refused_and_read_within_its_bounds),
		cmocka_unit_test(mutations_are_refused_or_harm_nobody_else),
		cmocka_unit_test(noise_is_survived),
	};

	return cmocka_run_group_tests_name("license_fields", tests, setup, teardown);
}
