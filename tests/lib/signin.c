/* Signing in: what a browser gets, and that a known one keeps its mark. */
#include "signin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct request req;
static struct reply rep;

static int
setup(void **state)
{
	(void)state;
	req = (struct request){ .arena = arena_new(1 << 20) };
	rep = (struct reply){ 0 };
	return req.arena != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(req.arena);
	return 0;
}

/* The hash that the doors get is the cookie's. */
static void
assert_hash_of(const char *token, const uint8_t hash[static SEAL_HASH_SIZE])
{
	uint8_t expected[SEAL_HASH_SIZE];

	assert_int_equal(strlen(token), 43);
	seal_hash((struct bytes){ (const uint8_t *)token, strlen(token) }, expected);
	assert_memory_equal(hash, expected, sizeof expected);
}

static void
a_new_browser_gets_a_session_and_a_mark(void **state)
{
	struct signin signin = { 0 };

	(void)state;
	signin_prepare(&req, &signin);
	assert_hash_of(signin.token, signin.token_hash);
	assert_hash_of(signin.device_token, signin.device_hash);
	assert_string_not_equal(signin.token, signin.device_token);
	assert_true(signin_cookies(&req, &rep, &signin));
	assert_int_equal(rep.n_headers, 2);
	assert_non_null(strstr(rep.headers[0].value, "__Host-session="));
	assert_non_null(strstr(rep.headers[0].value, "Max-Age=43200"));
	assert_non_null(strstr(rep.headers[1].value, "__Host-device="));
}

static void
a_known_browser_keeps_its_mark(void **state)
{
	struct signin signin = { 0 };

	(void)state;
	req.device.is_present = true;
	memset(req.device.hash, 7, sizeof req.device.hash);
	signin_prepare(&req, &signin);
	assert_memory_equal(signin.device_hash, req.device.hash, sizeof req.device.hash);
	assert_true(signin_cookies(&req, &rep, &signin));
	assert_int_equal(rep.n_headers, 1);
	assert_true(signin_device_cookie(&req, &rep, &signin));
	assert_int_equal(rep.n_headers, 1);
}

static void
a_device_is_called_what_a_parent_calls_it(void **state)
{
	static const struct {
		const char *user_agent, *name;
	} cases[] = {
		{ "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) MicroMessenger/8.0.50", "iPhone · 微信" },
		{ "Mozilla/5.0 (Linux; Android 14)", "安卓手机" },
		{ "Mozilla/5.0 (Windows NT 10.0)", "Windows 电脑" },
		{ "curl/8", "其他设备" },
		{ NULL, "其他设备" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct signin signin = { 0 };

		req.user_agent = cases[i].user_agent;
		signin_prepare(&req, &signin);
		assert_string_equal(signin.device_name, cases[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_new_browser_gets_a_session_and_a_mark, setup, teardown),
		cmocka_unit_test_setup_teardown(a_known_browser_keeps_its_mark, setup, teardown),
		cmocka_unit_test_setup_teardown(a_device_is_called_what_a_parent_calls_it, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
