#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void
assert_date(int64_t wall_ms, int year, int month, int day)
{
	struct date date = clock_beijing_date(wall_ms);

	assert_int_equal(date.year, year);
	assert_int_equal(date.month, month);
	assert_int_equal(date.day, day);
}

static void
the_date_is_beijings_whatever_the_servers_zone(void **state)
{
	static const char *const zones[] = { "UTC", "America/Los_Angeles", "Asia/Shanghai" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(setenv("TZ", zones[i], 1), 0);
		tzset();
		/* 16:30 UTC is half past midnight of the next day. */
		assert_date(1780245000000, 2026, 6, 1);
		assert_date(1780243199999, 2026, 5, 31);
		assert_date(1780243200000, 2026, 6, 1);
		/* Leap day, and before 1970. */
		assert_date(1709136000000, 2024, 2, 29);
		assert_date(-28800001, 1969, 12, 31);
		assert_date(-28800000, 1970, 1, 1);
	}
}

static void
a_day_is_one_of_the_calendar(void **state)
{
	(void)state;
	assert_true(clock_is_day((struct date){ 2020, 2, 29 }));
	assert_true(clock_is_day((struct date){ 1, 1, 1 }));
	assert_false(clock_is_day((struct date){ 2021, 2, 29 }));
	assert_false(clock_is_day((struct date){ 2020, 13, 1 }));
	assert_false(clock_is_day((struct date){ 2020, 4, 31 }));
	assert_false(clock_is_day((struct date){ 0, 3, 1 }));
}

static void
times_are_written_with_beijings_offset(void **state)
{
	char out[30];

	(void)state;
	clock_rfc3339(1780275600000, out);
	assert_string_equal(out, "2026-06-01T09:00:00.000+08:00");
	clock_rfc3339(1780275600007, out);
	assert_string_equal(out, "2026-06-01T09:00:00.007+08:00");
	clock_rfc3339(-1, out);
	assert_string_equal(out, "1970-01-01T07:59:59.999+08:00");
}

static void
the_monotonic_clock_never_goes_back(void **state)
{
	int64_t before_ms = clock_monotonic_ms();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now_ms = clock_monotonic_ms();

		assert_true(now_ms >= before_ms);
		before_ms = now_ms;
	}
	assert_true(llabs(clock_wall_ms() / 1000 - (int64_t)time(NULL)) <= 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_date_is_beijings_whatever_the_servers_zone),
		cmocka_unit_test(a_day_is_one_of_the_calendar),
		cmocka_unit_test(times_are_written_with_beijings_offset),
		cmocka_unit_test(the_monotonic_clock_never_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
