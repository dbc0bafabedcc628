/* The asking threads: they work, sleep, wake and end. */
#include "asker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"
#include "log.h"

static atomic_long rounds;
static atomic_llong wait_ms;

/* One round: as long as the test says until there is more. */
static int64_t
work(struct request *req)
{
	(void)req;
	atomic_fetch_add(&rounds, 1);
	return atomic_load(&wait_ms);
}

static void
pause_ms(long ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

/* Wait until there were ${n} rounds; returns how long that took. */
static int64_t
wait_for(long n)
{
	int64_t began_ms = clock_monotonic_ms();

	while (atomic_load(&rounds) < n && clock_monotonic_ms() < began_ms + 5000)
		pause_ms(1);
	return clock_monotonic_ms() - began_ms;
}

static void
they_sleep_until_woken_and_end_when_told(void **state)
{
	long before;

	(void)state;
	atomic_store(&wait_ms, 1000000);
	assert_true(asker_start(work));
	assert_true(wait_for(2) < 1000);
	pause_ms(100);
	assert_int_equal(atomic_load(&rounds), 2);

	/* Both wake at once. */
	asker_wake();
	assert_true(wait_for(4) < 500);

	/* Nobody sleeps for longer than a second, whatever the table says. */
	assert_true(wait_for(6) < 2500);

	/* Zero means that there is more: they go on by themselves. */
	before = atomic_load(&rounds);
	atomic_store(&wait_ms, 0);
	asker_wake();
	assert_true(wait_for(before + 100) < 2000);

	asker_stop();
	before = atomic_load(&rounds);
	pause_ms(50);
	assert_int_equal(atomic_load(&rounds), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_sleep_until_woken_and_end_when_told),
	};

	log_open("test");
	return cmocka_run_group_tests_name("asker", tests, NULL, NULL);
}
