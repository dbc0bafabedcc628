/* Identity numbers: the cases people met, and two properties over thousands of made-up ones. */
#include "identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fold.h"

static const struct date today = { 2026, 6, 1 };

/* Write 17 digits and their check character, by the table of GB 11643 rather than by the code's own way. */
static void
complete(const char *first, char out[static 19])
{
	static const int weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	int sum = 0;

	for (size_t i = 0; i < 17; i++)
		sum += (first[i] - '0') * weights[i];
	(void)snprintf(out, 19, "%.17s%c", first, "10X98765432"[sum % 11]);
}

static const char *
verdict(const char *first)
{
	struct identity identity = { 0 };
	char number[19];

	complete(first, number);
	return identity_read(number, today, &identity);
}

static void
assert_code(const char *number, const char *code)
{
	struct identity identity = { 0 };
	const char *found = identity_read(number, today, &identity);

	assert_non_null(found);
	assert_string_equal(found, code);
	assert_string_equal(identity.number, "");
}

static void
a_right_number_is_read(void **state)
{
	struct identity identity;

	(void)state;
	assert_null(identity_read("441402202106159910", today, &identity));
	assert_string_equal(identity.number, "441402202106159910");
	assert_int_equal(identity.birth.year, 2021);
	assert_int_equal(identity.birth.month, 6);
	assert_int_equal(identity.birth.day, 15);
	assert_false(identity.is_female);
	assert_null(identity_read("441402202106159937", today, &identity));
	assert_null(identity_read("44140220210307994X", today, &identity));
	assert_true(identity.is_female);
}

static void
the_foreigners_card_has_its_province_after_the_nine(void **state)
{
	struct identity identity;

	(void)state;
	assert_null(identity_read("944840198506139822", today, &identity));
	assert_int_equal(identity.birth.year, 1985);
	assert_int_equal(identity.birth.month, 6);
	assert_int_equal(identity.birth.day, 13);
	assert_code("999840198506139826", "region");
}

static void
faults_are_found_in_the_agreed_order(void **state)
{
	(void)state;
	assert_code("", "required");
	assert_code("441402880412985", "too_short");
	assert_code("4414022021061599100", "too_long");
	assert_code("44140220210615991A", "format");
	assert_code("4414022021061599X0", "format");
	assert_code("44140220210615991x", "format");
	assert_code("四四一四零二二零二一零六一五九九一零", "format");
	assert_code("991402202106159910", "region");
	assert_code("001402202106159910", "region");
	assert_code("441402202102299895", "birth_date");
	assert_code("441402202106159911", "checksum");
}

static void
the_calendar_decides_and_today_is_the_last_day(void **state)
{
	struct identity identity;

	(void)state;
	assert_null(identity_read("441402202002299898", today, &identity));
	assert_null(verdict("44140220260601001"));
	assert_string_equal(verdict("44140220260602001"), "birth_date");
	assert_string_equal(verdict("44140220260701001"), "birth_date");
	assert_string_equal(verdict("44140220270101001"), "birth_date");
	assert_string_equal(verdict("44140220210431001"), "birth_date");
	assert_string_equal(verdict("44140220211301001"), "birth_date");
	assert_string_equal(verdict("44140220210001001"), "birth_date");
	assert_string_equal(verdict("44140220210100001"), "birth_date");
	assert_string_equal(verdict("44140219000229001"), "birth_date");
	assert_string_equal(verdict("44140218990101001"), "birth_date");
	assert_null(verdict("44140220000229001"));
}

static void
beijings_day_has_come_while_greenwich_still_waits(void **state)
{
	/* 2026-06-01 00:30 in Beijing is 16:30 the day before, UTC. */
	struct date beijing = clock_beijing_date(1780245000000);

	(void)state;
	assert_int_equal(beijing.year, 2026);
	assert_int_equal(beijing.month, 6);
	assert_int_equal(beijing.day, 1);
}

static void
permits_carry_exactly_their_six_digits(void **state)
{
	(void)state;
	assert_null(verdict("81000020190901001"));
	assert_null(verdict("82000020190901001"));
	assert_null(verdict("83000020190901001"));
	assert_string_equal(verdict("81000120190901001"), "region");
	assert_string_equal(verdict("82010020190901001"), "region");
	assert_string_equal(verdict("83000320190901001"), "region");
	assert_string_equal(verdict("84000020190901001"), "region");
}

static void
retired_counties_keep_their_people(void **state)
{
	(void)state;
	assert_null(verdict("44142119870412001"));
	assert_null(verdict("44000019870412001"));
}

static void
an_adult_is_eighteen_on_the_day(void **state)
{
	struct identity identity = { .birth = { 2008, 6, 1 } };

	(void)state;
	assert_true(identity_is_adult(&identity, today));
	identity.birth.day = 2;
	assert_false(identity_is_adult(&identity, today));
	identity.birth = (struct date){ 2008, 2, 29 };
	assert_false(identity_is_adult(&identity, (struct date){ 2026, 2, 28 }));
	assert_true(identity_is_adult(&identity, (struct date){ 2026, 3, 1 }));
}

static void
other_documents_are_known_by_their_form(void **state)
{
	static const char *const yes[] = { "441402880412985", "H12345678", "M1234567890", "E12345678", "EA1234567",
		"USA110089010101" };
	static const char *const no[] = { "", "4414022021061599", "441402202106159910", "ABCDEFGHI", "12345678",
		"44140220210615991X" };

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		assert_true(identity_is_foreign_form(yes[i]));
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		assert_false(identity_is_foreign_form(no[i]));
}

/* Every change of one character, and every swap of unequal neighbours, of ${number} is refused. */
static void
assert_slips_are_refused(const char *number)
{
	struct identity identity;
	char slip[19];

	assert_null(identity_read(number, today, &identity));
	for (size_t i = 0; i < 18; i++) {
		for (const char *c = "0123456789X"; *c != '\0'; c++) {
			memcpy(slip, number, sizeof slip);
			slip[i] = *c;
			if (*c != number[i])
				assert_non_null(identity_read(slip, today, &identity));
		}
		if (i == 17 || number[i] == number[i + 1])
			continue;
		memcpy(slip, number, sizeof slip);
		slip[i] = number[i + 1];
		slip[i + 1] = number[i];
		assert_non_null(identity_read(slip, today, &identity));
	}
}

static void
every_slip_of_a_finger_is_refused(void **state)
{
	static const char *const regions[] = { "441402", "110101", "650000", "810000", "820000", "830000", "944840", "911036" };
	char first[32], number[19];

	(void)state;
	srand(20260601);
	for (int round = 0; round < 2000; round++) {
		(void)snprintf(first, sizeof first, "%s%04d%02d%02d%03d", regions[rand() % 8], 1950 + rand() % 76,
		    1 + rand() % 12, 1 + rand() % 28, rand() % 1000);
		complete(first, number);
		assert_slips_are_refused(number);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_number_is_read),
		cmocka_unit_test(the_foreigners_card_has_its_province_after_the_nine),
		cmocka_unit_test(faults_are_found_in_the_agreed_order),
		cmocka_unit_test(the_calendar_decides_and_today_is_the_last_day),
		cmocka_unit_test(beijings_day_has_come_while_greenwich_still_waits),
		cmocka_unit_test(permits_carry_exactly_their_six_digits),
		cmocka_unit_test(retired_counties_keep_their_people),
		cmocka_unit_test(an_adult_is_eighteen_on_the_day),
		cmocka_unit_test(other_documents_are_known_by_their_form),
		cmocka_unit_test(every_slip_of_a_finger_is_refused),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
