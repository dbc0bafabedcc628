/* The gateway's signature: what we sign we accept, and nothing else. */
#include "gateway.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"

/* What the request at hand carries. */
static const char *paasid, *timestamp, *nonce, *signature;

static const char *
header(const struct request *req, const char *cgi_name)
{
	(void)req;
	if (strcmp(cgi_name, "HTTP_X_TIF_PAASID") == 0)
		return paasid;
	if (strcmp(cgi_name, "HTTP_X_TIF_TIMESTAMP") == 0)
		return timestamp;
	if (strcmp(cgi_name, "HTTP_X_TIF_NONCE") == 0)
		return nonce;
	return strcmp(cgi_name, "HTTP_X_TIF_SIGNATURE") == 0 ? signature : NULL;
}

static struct request req = { .header = header };

static int
setup(void **state)
{
	(void)state;
	return (req.arena = arena_new(1 << 20)) == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(req.arena);
	return 0;
}

static const char *
value_of(const char *line, const char *name)
{
	assert_memory_equal(line, name, strlen(name));
	return line + strlen(name);
}

/* Sign a call and lay its headers before the reader. */
static void
sign_now(void)
{
	const char *const *lines = gateway_sign(req.arena, "meijiang", "secret", clock_wall_ms());

	assert_non_null(lines);
	paasid = value_of(lines[0], "x-tif-paasid: ");
	timestamp = value_of(lines[1], "x-tif-timestamp: ");
	nonce = value_of(lines[2], "x-tif-nonce: ");
	signature = value_of(lines[3], "x-tif-signature: ");
	assert_null(lines[4]);
}

static bool
verify(const char *token, int64_t now_ms)
{
	const char *seen = NULL;

	return gateway_verify(&req, token, now_ms, &seen) && strcmp(seen, nonce) == 0;
}

static void
what_was_signed_is_accepted_in_either_case(void **state)
{
	char lower[65];

	(void)state;
	sign_now();
	assert_string_equal(paasid, "meijiang");
	assert_int_equal(strspn(signature, "0123456789ABCDEF"), 64);
	assert_true(verify("secret", clock_wall_ms()));
	for (size_t i = 0; i <= 64; i++)
		lower[i] = (char)tolower((unsigned char)signature[i]);
	signature = lower;
	assert_true(verify("secret", clock_wall_ms()));
}

/* sha256sum of "1767225600" "token" "abc" "1767225600". */
static void
a_signature_made_elsewhere_is_accepted(void **state)
{
	(void)state;
	paasid = "p";
	timestamp = "1767225600";
	nonce = "abc";
	signature = "7a42532163da98e020b618b56d07e710edd98b9cb285a8b32884e3a96f3c6bff";
	assert_true(verify("token", 1767225600000));
	assert_false(verify("other", 1767225600000));
}

static void
three_hundred_seconds_either_way_and_no_more(void **state)
{
	int64_t signed_at = 1767225600000;

	a_signature_made_elsewhere_is_accepted(state);
	assert_true(verify("token", signed_at + 300000));
	assert_true(verify("token", signed_at - 300000));
	assert_false(verify("token", signed_at + 301000));
	assert_false(verify("token", signed_at - 301000));
}

static void
a_missing_or_changed_header_is_refused(void **state)
{
	const char **const headers[] = { &paasid, &timestamp, &nonce, &signature };
	static const char *const wrong[] = { "", "1767225601", "-1767225600", "17672256000000000", " 1767225600", "x", "a b",
		"\x80" };

	for (size_t i = 0; i < 4; i++) {
		a_signature_made_elsewhere_is_accepted(state);
		*headers[i] = NULL;
		assert_false(verify("token", 1767225600000));
		for (size_t w = 0; w < sizeof wrong / sizeof wrong[0]; w++) {
			a_signature_made_elsewhere_is_accepted(state);
			*headers[i] = wrong[w];
			/* The name of the system is no part of the signature. */
			if (i != 0 || wrong[w][0] == '\0')
				assert_false(verify("token", 1767225600000));
		}
	}
}

static void
two_signatures_have_two_nonces(void **state)
{
	const char *first;

	(void)state;
	sign_now();
	first = nonce;
	sign_now();
	assert_string_not_equal(first, nonce);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_signed_is_accepted_in_either_case),
		cmocka_unit_test(a_signature_made_elsewhere_is_accepted),
		cmocka_unit_test(three_hundred_seconds_either_way_and_no_more),
		cmocka_unit_test(a_missing_or_changed_header_is_refused),
		cmocka_unit_test(two_signatures_have_two_nonces),
	};

	return cmocka_run_group_tests_name("gateway", tests, setup, teardown);
}
