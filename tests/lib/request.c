#include "request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define TOKEN_A "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
#define TOKEN_B "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-_"

static struct arena *arena;

static void
assert_query(const char *query, const char *name, const char *wanted)
{
	const struct request req = { .arena = arena, .query = query };
	const char *found = request_query(&req, name);

	if (wanted == NULL)
		assert_null(found);
	else
		assert_string_equal(found, wanted);
}

static void
a_query_is_decoded_or_refused(void **state)
{
	(void)state;
	assert_query("", "code", NULL);
	assert_query("code=abc", "code", "abc");
	assert_query("code=", "code", "");
	assert_query("code", "code", NULL);
	assert_query("a=1&code=a%2Fb+c&b=2", "code", "a/b c");
	assert_query("xcode=1&code2=3", "code", NULL);
	assert_query("name=%E6%9E%97", "name", "林");
	assert_query("code=1&code=2", "code", NULL);
	assert_query("code=%zz", "code", NULL);
	assert_query("code=%4", "code", NULL);
	assert_query("code=%", "code", NULL);
	assert_query("code=a%00b", "code", NULL);
	assert_query("code=%ff", "code", NULL);
	assert_query("code=%ed%a0%80", "code", NULL);
	assert_query("&&code=1&&", "code", "1");
}

static void
if_match_reads_our_etags_only(void **state)
{
	static const char *const wrong[] = { NULL, "", "3", "\"\"", "\"3", "\"3\" ", "\"-3\"", "\"x\"", "*", "W/3",
		"\"9999999999999999999\"", "\"1\", \"2\"" };
	int64_t version = 0;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(request_if_match(&(struct request){ .if_match = wrong[i] }, &version));
	assert_true(request_if_match(&(struct request){ .if_match = "\"0\"" }, &version));
	assert_int_equal(version, 0);
	assert_true(request_if_match(&(struct request){ .if_match = "W/\"123456789012345678\"" }, &version));
	assert_int_equal(version, 123456789012345678);
}

static bool
has_session(const char *first, const char *second)
{
	const char *const headers[] = { first, second };
	struct token token = { .is_present = true };

	request_cookie(headers, second != NULL ? 2 : 1, "__Host-session", &token);
	return token.is_present;
}

static void
a_cookie_counts_only_in_its_shape_and_if_it_is_one(void **state)
{
	const char *const header = "a=b; __Host-session=" TOKEN_A;
	struct token token;
	uint8_t hash[SEAL_HASH_SIZE];

	(void)state;
	request_cookie(&header, 1, "__Host-session", &token);
	assert_true(token.is_present);
	seal_hash((struct bytes){ (const uint8_t *)TOKEN_A, 43 }, hash);
	assert_memory_equal(token.hash, hash, sizeof hash);

	assert_true(has_session("__Host-session=" TOKEN_B ";x=y", NULL));
	assert_true(has_session("__Host-session=" TOKEN_A "; __Host-session=" TOKEN_A, NULL));
	assert_true(has_session("x=y", "__Host-session=" TOKEN_A));
	assert_false(has_session("__Host-session=" TOKEN_A "; __Host-session=" TOKEN_B, NULL));
	assert_false(has_session("__Host-session=" TOKEN_A, "__Host-session=" TOKEN_B));
	assert_false(has_session("__Host-session=" TOKEN_A "; __Host-session=", NULL));
	assert_false(has_session("__Host-session=" TOKEN_A "x", NULL));
	assert_false(has_session("__Host-session=\"" TOKEN_A "\"", NULL));
	assert_false(has_session("__Host-session=abc", NULL));
	assert_false(has_session("X__Host-session=" TOKEN_A, NULL));
	assert_false(has_session("__host-session=" TOKEN_A, NULL));
	assert_false(has_session("__Host-session", NULL));
	assert_false(has_session(";;;", ""));
}

static void
only_uuids_are_ids(void **state)
{
	struct request req = { .params = { "0c9ab2b0-7d5e-4b7c-9b39-1e2f3a4b5c6D", "none" } };

	(void)state;
	assert_string_equal(request_uuid(&req, 0), req.params[0]);
	assert_null(request_uuid(&req, 1));
	assert_null(request_uuid(&req, 2));
	req.params[0] = "0c9ab2b0-7d5e-4b7c-9b39-1e2f3a4b5c6g";
	assert_null(request_uuid(&req, 0));
	req.params[0] = "0c9ab2b0.7d5e-4b7c-9b39-1e2f3a4b5c6d";
	assert_null(request_uuid(&req, 0));
}

static int
open_arena(void **state)
{
	(void)state;
	return (arena = arena_new(1 << 20)) != NULL ? 0 : -1;
}

static int
close_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_is_decoded_or_refused),
		cmocka_unit_test(if_match_reads_our_etags_only),
		cmocka_unit_test(a_cookie_counts_only_in_its_shape_and_if_it_is_one),
		cmocka_unit_test(only_uuids_are_ids),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
