/* The digital space's answers: what is understood, and what is no answer. */
#include "space.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "log.h"

static int
setup(void **state)
{
	log_open("test");
	return (*state = arena_new(16 << 20)) == NULL;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static bool
read_answer(void **state, long http, const char *text, struct space_news *news)
{
	const struct fetch_call call = {
		.method = "GET", .result = FETCH_OK, .http = http, .answer = { (const uint8_t *)text, strlen(text) }
	};

	return space_read(*state, &call, true, news);
}

#define HEAD "{\"session_id\":\"s\",\"state\":\"t\""

static void
a_session_just_opened_has_nothing_yet(void **state)
{
	struct space_news news;

	assert_true(read_answer(state, 200, HEAD ",\"status\":\"created\",\"wards\":[],\"claimed\":[]}", &news));
	assert_int_equal(news.status, SPACE_CREATED);
	assert_string_equal(news.state, "t");
	assert_false(news.has_subject);
	assert_null(news.code);
	assert_int_equal(news.n_wards, 0);
}

static void
a_completed_authorization_is_read_whole_and_folded(void **state)
{
	static const char *const text =
	    HEAD ",\"status\":\"completed\","
		 "\"subject\":{\"name\":\" 阿依努尔•买买提 \",\"id_no\":\"44140220210307994ｘ\",\"level\":\"L2\","
		 "\"verified_at\":\"2026-11-25T12:00:00.5+08:00\"},"
		 "\"wards\":[{\"name\":\"\",\"id_no\":\"441402202106159910\"}],"
		 "\"claimed\":[{\"type\":\"household_register\",\"holder_id_no\":\"441402202106159910\"}],"
		 "\"authorization\":{\"code\":\"c+/=\",\"signed_at\":\"2026-11-25T04:00:00Z\","
		 "\"scope\":[{\"type\":\"real_estate\",\"holder_id_no\":\"44140220210307994X\"}]}}";
	struct space_news news;

	assert_true(read_answer(state, 200, text, &news));
	assert_int_equal(news.status, SPACE_COMPLETED);
	assert_string_equal(news.subject.name, "阿依努尔·买买提");
	assert_string_equal(news.subject.id_no, "44140220210307994X");
	assert_int_equal(news.level, 2);
	assert_int_equal(news.verified_ms, 1795579200500);
	assert_null(news.wards[0].name);
	assert_string_equal(news.claimed[0].type, "household_register");
	assert_string_equal(news.code, "c+/=");
	assert_int_equal(news.signed_ms, 1795579200000);
	assert_int_equal(news.expires_ms, 0);
	assert_string_equal(news.scope[0].holder_id_no, "44140220210307994X");
}

static void
a_level_that_is_none_counts_for_nothing(void **state)
{
	static const char *const levels[] = { "L4", "2", "l2", "L2x", "" };
	struct space_news news;
	char text[200];

	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		snprintf(text, sizeof text, HEAD ",\"status\":\"identified\",\"subject\":{\"id_no\":\"44\",\"level\":\"%s\"}}",
		    levels[i]);
		assert_true(read_answer(state, 200, text, &news));
		assert_int_equal(news.level, 0);
	}
}

static void
what_makes_no_sense_is_no_answer(void **state)
{
	static const char *const texts[] = { "", "[]", "null", "{", "{}", HEAD "}", HEAD ",\"status\":\"finished\"}",
		"{\"status\":\"created\"}", HEAD ",\"status\":\"completed\",\"authorization\":{\"code\":\"c\"}}",
		HEAD ",\"status\":\"created\",\"status\":\"completed\"}" };
	struct space_news news;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(read_answer(state, 200, texts[i], &news));
	assert_false(read_answer(state, 500, HEAD ",\"status\":\"created\"}", &news));
	assert_false(read_answer(state, 404, HEAD ",\"status\":\"created\"}", &news));
}

static void
what_has_no_number_is_passed_over_and_spoils_nothing(void **state)
{
	static const char *const text =
	    HEAD ",\"status\":\"completed\",\"subject\":{},"
		 "\"wards\":[1,{\"name\":\"温\"},{\"name\":\"温\",\"id_no\":\"441402202106159910\"},null],"
		 "\"claimed\":[{\"type\":\"a b\",\"holder_id_no\":\"1\"},{\"type\":\"real_estate\"},"
		 "{\"type\":\"household_register\",\"holder_id_no\":\"44\"}]}";
	struct space_news news;

	assert_true(read_answer(state, 200, text, &news));
	assert_false(news.has_subject);
	assert_int_equal(news.level, 0);
	assert_int_equal(news.n_wards, 1);
	assert_string_equal(news.wards[0].id_no, "441402202106159910");
	assert_int_equal(news.n_claimed, 1);
	assert_string_equal(news.claimed[0].type, "household_register");
	assert_string_equal(news.claimed[0].holder_id_no, "44");
}

static void
where_nothing_is_signed_an_authorization_is_not_looked_at(void **state)
{
	static const char *const texts[] = { HEAD ",\"status\":\"completed\",\"authorization\":{}}",
		HEAD ",\"status\":\"completed\",\"authorization\":{\"code\":\"c\",\"signed_at\":\"2026-11-25T04:00:00Z\"}}" };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct fetch_call call = { .method = "GET",
			.result = FETCH_OK,
			.http = 200,
			.answer = { (const uint8_t *)texts[i], strlen(texts[i]) } };
		struct space_news news;

		assert_true(space_read(*state, &call, false, &news));
		assert_null(news.code);
	}
}

static void
a_time_that_is_not_said_is_not_made_up(void **state)
{
	struct space_news news;

	assert_true(
	    read_answer(state, 200, HEAD ",\"status\":\"identified\",\"subject\":{\"id_no\":\"44\",\"level\":\"L2\"}}", &news));
	assert_true(news.has_subject);
	assert_int_equal(news.verified_ms, 0);
}

static void
an_answer_that_never_came_is_none(void **state)
{
	const struct fetch_call call = { .method = "GET", .result = FETCH_FAILED };
	struct space_news news;

	assert_false(space_read(*state, &call, true, &news));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_just_opened_has_nothing_yet),
		cmocka_unit_test(a_completed_authorization_is_read_whole_and_folded),
		cmocka_unit_test(a_level_that_is_none_counts_for_nothing),
		cmocka_unit_test(what_makes_no_sense_is_no_answer),
		cmocka_unit_test(what_has_no_number_is_passed_over_and_spoils_nothing),
		cmocka_unit_test(where_nothing_is_signed_an_authorization_is_not_looked_at),
		cmocka_unit_test(a_time_that_is_not_said_is_not_made_up),
		cmocka_unit_test(an_answer_that_never_came_is_none),
	};

	return cmocka_run_group_tests_name("space", tests, setup, teardown);
}
