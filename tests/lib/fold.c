/* Folding: what keyboards, copied text and chat programs put around what a parent meant. */
#include "fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

struct pair {
	const char *typed, *folded;
};

static int
setup(void **state)
{
	return (*state = arena_new(8 << 20)) == NULL;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
check(void **state, char *(*fold)(struct arena *, const char *), const struct pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *folded = fold(*state, pairs[i].typed);

		assert_non_null(folded);
		assert_string_equal(folded, pairs[i].folded);
	}
}

#define CHECK(fold, pairs) check(state, fold, pairs, sizeof(pairs) / sizeof((pairs)[0]))

static void
text_loses_marks_and_blanks_at_its_ends_and_is_composed(void **state)
{
	static const struct pair pairs[] = {
		{ "", "" },
		{ "  a b\t\n", "a b" },
		{ "\u3000林晓雨\u00a0", "林晓雨" },
		{ "\u200b林\u200d晓\u00ad雨\ufeff", "林晓雨" },
		{ "\u202e林\u2066晓\u200f雨", "林晓雨" },
		{ "林\ufe0f晓\U000e0100雨", "林晓雨" },
		{ "\u200b \u200b林 \u200b", "林" },
		{ "e\u0301", "é" },
		/* A joiner between letter and accent does not save it from NFC. */
		{ "e\u200d\u0301", "é" },
		/* Compatibility ideographs, in and beyond the first plane. */
		{ "\uf9e1晓棠", "李晓棠" },
		{ "\U0002f800", "丽" },
		/* These twelve in the same block are ideographs of their own. */
		{ "\ufa0e", "\ufa0e" },
		{ "\U0002cc56", "\U0002cc56" },
		{ "\ue854", "\ue854" },
		{ " \t\u3000 ", "" },
	};

	CHECK(fold_text, pairs);
}

static void
numbers_lose_blanks_and_dashes_and_come_to_ascii(void **state)
{
	static const struct pair pairs[] = {
		{ "44140220210307994Ⅹ", "44140220210307994X" },
		{ "44140220210307994ⅹ", "44140220210307994X" },
		{ "44140220210307994x", "44140220210307994X" },
		{ "44140220210307994ｘ", "44140220210307994X" },
		{ "４４１４０２２０２１０６１５９９１０", "441402202106159910" },
		{ "441402 20210615 9910", "441402202106159910" },
		{ "441402-20210615–9910—", "441402202106159910" },
		{ "199\ufe0d00000003", "19900000003" },
		{ "19900000005 ", "19900000005" },
		{ "+86 199 0000 0005", "19900000005" },
		{ "\u202a+8619900000005\u202c", "19900000005" },
		{ "0086-19900000005", "19900000005" },
		{ "＋８６１９９０００００００５", "19900000005" },
		/* One prefix, not two. */
		{ "+8686", "86" },
		{ "+860086", "0086" },
		{ "8619900000005", "8619900000005" },
		{ "h12345678", "H12345678" },
		{ "+", "+" },
		{ "-", "" },
	};

	CHECK(fold_number, pairs);
}

static void
names_get_the_one_dot_between_han_only(void **state)
{
	static const struct pair pairs[] = {
		{ "阿依努尔•买买提", "阿依努尔·买买提" },
		{ "阿依努尔・买买提", "阿依努尔·买买提" },
		{ "阿依努尔‧买买提", "阿依努尔·买买提" },
		{ "阿依努尔･买买提", "阿依努尔·买买提" },
		{ "阿依努尔．买买提", "阿依努尔·买买提" },
		{ "阿依努尔.买买提", "阿依努尔·买买提" },
		{ "阿依努尔·买买提", "阿依努尔·买买提" },
		{ "阿.买•提", "阿·买·提" },
		{ "\U0002cc56.\U00030000", "\U0002cc56·\U00030000" },
		{ ".阿买.", ".阿买." },
		{ "J. R. SMITH", "J. R. SMITH" },
		{ "D’ARCY ANN", "D'ARCY ANN" },
		{ " 林晓雨 ", "林晓雨" },
	};

	CHECK(fold_name, pairs);
}

static void
lengths_are_counted_in_code_points(void **state)
{
	(void)state;
	assert_int_equal(fold_length(""), 0);
	assert_int_equal(fold_length("温\u4bcc"), 2);
	assert_int_equal(fold_length("李\U0002cc56"), 2);
}

static void
what_is_no_utf8_is_not_folded(void **state)
{
	assert_null(fold_text(*state, "a\xff"));
	assert_null(fold_text(*state, "\xed\xa0\x80"));
	assert_null(fold_name(*state, "\xc0\x80"));
}

static void
a_small_arena_makes_no_fold_but_no_harm(void **state)
{
	struct arena *small = arena_new(24);

	(void)state;
	assert_non_null(small);
	assert_null(fold_name(small, "林晓雨林晓雨林晓雨"));
	arena_free(small);
}

/* Random texts of what could matter: folding twice is folding once, and nothing invisible stays. */
static void
folding_twice_is_folding_once(void **state)
{
	static const int32_t alphabet[] = { ' ', 'a', 'X', '.', '-', '+', '8', '6', '0', 0xAD, 0xB7, 0x301, 0x300, 0x327, 0x200D,
		0x202E, 0x2022, 0x3000, 0xFE0F, 0xE0101, 0x674E, 0xF9E1, 0x2CC56, 0x2169, 0xFF14, 0x1100, 0x1161, 0xFF65, 0x34F,
		0x2019 };
	char *(*const folds[])(struct arena *, const char *) = { fold_text, fold_name };

	srand(7);
	for (int round = 0; round < 20000; round++) {
		utf8proc_uint8_t text[64];
		size_t size = 0;
		int length = rand() % 9;

		for (int i = 0; i < length; i++)
			size += (size_t)utf8proc_encode_char(
			    alphabet[(size_t)rand() % (sizeof alphabet / sizeof alphabet[0])], text + size);
		text[size] = '\0';
		for (size_t f = 0; f < 2; f++) {
			char *once = folds[f](*state, (const char *)text), *twice;

			assert_non_null(once);
			assert_non_null(twice = folds[f](*state, once));
			assert_string_equal(once, twice);
			assert_null(strstr(once, "\u200d"));
			assert_null(strstr(once, "\ufe0f"));
		}
		arena_reset(*state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_loses_marks_and_blanks_at_its_ends_and_is_composed),
		cmocka_unit_test(numbers_lose_blanks_and_dashes_and_come_to_ascii),
		cmocka_unit_test(names_get_the_one_dot_between_han_only),
		cmocka_unit_test(lengths_are_counted_in_code_points),
		cmocka_unit_test(what_is_no_utf8_is_not_folded),
		cmocka_unit_test(a_small_arena_makes_no_fold_but_no_harm),
		cmocka_unit_test(folding_twice_is_folding_once),
	};

	return cmocka_run_group_tests_name("fold", tests, setup, teardown);
}
