/* A bounded number at once. */
#include "slots.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { LIMIT = 4, THREADS = 8, TIMES = 2000 };

static struct slots slots;
static atomic_int inside, most;

static void
the_last_free_slot_is_the_last(void **state)
{
	struct slots few = { 0 };

	(void)state;
	for (int i = 0; i < LIMIT; i++)
		assert_true(slots_take(&few, LIMIT));
	assert_false(slots_take(&few, LIMIT));
	slots_give(&few);
	assert_true(slots_take(&few, LIMIT));
	assert_false(slots_take(&few, LIMIT));
}

static void *
take_and_give(void *unused)
{
	(void)unused;
	for (int i = 0; i < TIMES; i++) {
		int now, seen;

		if (!slots_take(&slots, LIMIT))
			continue;
		now = atomic_fetch_add(&inside, 1) + 1;
		seen = atomic_load(&most);
		while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
			continue;
		atomic_fetch_sub(&inside, 1);
		slots_give(&slots);
	}
	return NULL;
}

static void
never_more_than_the_limit_are_inside(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_in_range(atomic_load(&most), 1, LIMIT);
	assert_int_equal(atomic_load(&slots.taken), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_free_slot_is_the_last),
		cmocka_unit_test(never_more_than_the_limit_are_inside),
	};

	return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
