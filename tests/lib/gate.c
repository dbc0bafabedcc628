/* Gate by gate: what lib/route lets through and what it refuses. */
#include "route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/routing.h"

static void
writes_come_from_our_own_pages(void **state)
{
	static const struct {
		const char *origin, *site;
		bool is_own;
	} cases[] = {
		{ "https://a.example", NULL, true },
		{ "https://a.example", "cross-site", true },
		{ NULL, "same-origin", true },
		{ NULL, NULL, false },
		{ NULL, "same-site", false },
		{ NULL, "none", false },
		{ "https://b.example", "same-origin", false },
		{ "https://a.example.b.example", NULL, false },
		{ "http://a.example", NULL, false },
		{ "https://a.example/", NULL, false },
		{ "null", "same-origin", false },
		{ "", "same-origin", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct request req = routing_request("DELETE", "/api/things/1");

		req.origin = cases[i].origin;
		req.sec_fetch_site = cases[i].site;
		if (cases[i].is_own)
			assert_served(req);
		else
			assert_refused(req, "wrong_origin");
	}
}

static void
only_strict_json_in_utf8_is_taken(void **state)
{
	static const char *const right[] = { "application/json", "Application/JSON", "application/json; charset=utf-8",
		"application/json;charset=\"UTF-8\"" };
	static const char *const wrong[] = { "application/jsonp", "text/json", "", "application/json; charset=gbk",
		"application/x-www-form-urlencoded" };
	static const char *const bodies[] = { "", "[", "{\"a\":1,\"a\":2}", "{}x", "{\"a\":NaN}" };

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		struct request req = routing_request("POST", "/api/things");

		req.content_type = right[i];
		assert_served(req);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct request req = routing_request("POST", "/api/things");

		req.content_type = wrong[i];
		assert_refused(req, "unsupported_media_type");
	}
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct request req = routing_request("POST", "/api/things");

		req.body = routing_body(bodies[i]);
		assert_refused(req, "malformed_request");
	}
	{
		struct request req = routing_request("POST", "/api/things/lists");

		req.body = routing_body("[1]");
		assert_served(req);
	}
}

static void
a_key_has_8_to_64_visible_characters(void **state)
{
	static const char *const wrong[] = { "", "1234567", "1234 5678", "12345678\t", "12345678\xe4\xb8\xad",
		"12345678901234567890123456789012345678901234567890123456789012345" };
	struct request req = routing_request("POST", "/api/things"), other;
	struct reply rep;
	uint8_t fingerprint[SEAL_HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		other = routing_request("POST", "/api/things");
		other.idempotency_key = wrong[i];
		assert_refused(other, "malformed_request");
	}

	/* The fingerprint tells bodies, callers and routes apart. */
	assert_int_equal(routing_serve(&req, &rep), 200);
	memcpy(fingerprint, req.fingerprint, sizeof fingerprint);
	assert_int_equal(routing_serve(&req, &rep), 200);
	assert_memory_equal(fingerprint, req.fingerprint, sizeof fingerprint);
	req.body = routing_body("{\"a\":2}");
	assert_int_equal(routing_serve(&req, &rep), 200);
	assert_memory_not_equal(fingerprint, req.fingerprint, sizeof fingerprint);
	req = routing_request("POST", "/api/things");
	req.session.hash[0] ^= 1;
	assert_int_equal(routing_serve(&req, &rep), 200);
	assert_memory_not_equal(fingerprint, req.fingerprint, sizeof fingerprint);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_come_from_our_own_pages),
		cmocka_unit_test(only_strict_json_in_utf8_is_taken),
		cmocka_unit_test(a_key_has_8_to_64_visible_characters),
	};

	return cmocka_run_group_tests(tests, routing_open, routing_close);
}
