/* The four facts: what they must be to one another, and what a password must not hold of them. */
#include "facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"

static struct request req;
static struct facts facts;

/* A family with valid numbers: an adult, and a child born in 2021. */
static int
setup(void **state)
{
	const struct date today = clock_beijing_date(clock_wall_ms());

	(void)state;
	req = (struct request){ .arena = arena_new(1 << 20) };
	facts = (struct facts){ .student_name = "温雨棠", .guardian_name = "D'ARCY ANN" };
	if (req.arena == NULL || identity_read("441402202106159910", today, &facts.student) != NULL)
		return -1;
	return identity_read("11010519491231002X", today, &facts.guardian) == NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(req.arena);
	return 0;
}

static void
assert_error(const char *field, const char *code)
{
	assert_int_equal(req.n_errors, 1);
	assert_string_equal(req.errors[0].field, field);
	assert_string_equal(req.errors[0].code, code);
}

static void
a_family_is_a_family(void **state)
{
	(void)state;
	assert_int_equal(facts_judge(&req, &facts), STATUS_OK);
	assert_int_equal(req.n_errors, 0);
}

static void
the_guardian_is_not_the_student(void **state)
{
	(void)state;
	facts.guardian = facts.student;
	assert_int_equal(facts_judge(&req, &facts), STATUS_VALIDATION_FAILED);
	assert_error("guardian_id_no", "same_as");
}

static void
the_guardian_is_an_adult(void **state)
{
	(void)state;
	assert_null(identity_read("441402202106159937", clock_beijing_date(clock_wall_ms()), &facts.guardian));
	assert_int_equal(facts_judge(&req, &facts), STATUS_VALIDATION_FAILED);
	assert_error("guardian_id_no", "birth_date");
}

static void
what_the_form_found_wrong_is_passed_over(void **state)
{
	(void)state;
	facts = (struct facts){ 0 };
	assert_int_equal(facts_judge(&req, &facts), STATUS_OK);
	assert_int_equal(facts_judge_password(&req, &facts, NULL, NULL), STATUS_OK);
	assert_int_equal(facts_judge_password(&req, &facts, NULL, "Kuvat4m2!"), STATUS_OK);
}

static void
a_password_holds_none_of_the_facts(void **state)
{
	static const char *const bad[] = { "Kv!13800000000", "Kv#159910q", "Kv#31002xq", "Kv9#d'arcy ann", "Kv9#D'ARCY ANN",
		"Kv9#d'arcyann", "Kv9#d'arcy,ann" };

	(void)state;
	assert_int_equal(facts_judge_password(&req, &facts, "13800000000", "Kuvat4m2!"), STATUS_OK);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		req.n_errors = 0;
		assert_int_equal(facts_judge_password(&req, &facts, "13800000000", bad[i]), STATUS_VALIDATION_FAILED);
		assert_error("password", "weak");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_family_is_a_family, setup, teardown),
		cmocka_unit_test_setup_teardown(the_guardian_is_not_the_student, setup, teardown),
		cmocka_unit_test_setup_teardown(the_guardian_is_an_adult, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_form_found_wrong_is_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(a_password_holds_none_of_the_facts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
