/* Which route a request finds, the order of refusals, and what goes with every answer. */
#include "route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/routing.h"

static void
paths_are_found_and_their_parameters_taken(void **state)
{
	struct request req = routing_request("PUT", "/api/things/a-B_c.9/parts/wishes");
	struct reply rep;
	char longest[128];

	(void)state;
	assert_int_equal(routing_serve(&req, &rep), 200);
	assert_string_equal(req.params[0], "a-B_c.9");
	assert_string_equal(req.params[1], "wishes");

	assert_refused(routing_request("GET", "/api/nothing"), "not_found");
	assert_refused(routing_request("GET", "/api/things/"), "not_found");
	assert_refused(routing_request("GET", "//api/things"), "not_found");
	assert_refused(routing_request("GET", "/API/things"), "not_found");
	assert_refused(routing_request("GET", "/api/thing"), "not_found");
	assert_refused(routing_request("GET", ""), "not_found");
	assert_refused(routing_request("DELETE", "/api/things/a%b"), "not_found");
	assert_refused(routing_request("DELETE", "/api/things/a/b"), "not_found");
	(void)snprintf(longest, sizeof longest, "/api/things/%064d", 1);
	assert_served(routing_request("DELETE", longest));
	(void)snprintf(longest, sizeof longest, "/api/things/%065d", 1);
	assert_refused(routing_request("DELETE", longest), "not_found");
}

static void
another_method_is_told_which_there_are(void **state)
{
	struct request req = routing_request("PATCH", "/api/things");
	struct reply rep;

	(void)state;
	assert_int_equal(routing_serve(&req, &rep), 405);
	assert_string_equal(routing_header(&rep, "Allow"), "GET, HEAD, POST");
	req = routing_request("GET", "/api/things/lists");
	assert_int_equal(routing_serve(&req, &rep), 405);
	assert_string_equal(routing_header(&rep, "Allow"), "POST, DELETE");
}

/* Break everything, then mend gate by gate: each time the next refusal of the contract's row shows. */
static void
refusals_come_in_the_contracts_order(void **state)
{
	struct request req = routing_request("PATCH", "/api/nothing");

	(void)state;
	req.is_too_large = req.has_repeated_header = req.is_stale = true;
	req.origin = "https://b.example";
	req.content_type = "text/plain";
	req.idempotency_key = NULL;
	req.if_match = NULL;
	req.body = routing_body("[");
	req.session.is_present = false;
	assert_refused(req, "busy");
	req.is_stale = false;
	assert_refused(req, "not_found");
	req.path = "/api/things";
	assert_refused(req, "method_not_allowed");
	req.method = "POST";
	assert_refused(req, "too_large");
	req.is_too_large = false;
	assert_refused(req, "malformed_request");
	req.has_repeated_header = false;
	assert_refused(req, "wrong_origin");
	req.origin = "https://a.example";
	assert_refused(req, "unsupported_media_type");
	req.content_type = "application/json";
	assert_refused(req, "malformed_request");
	req.idempotency_key = "key-0001";
	assert_refused(req, "malformed_request");
	req.body = routing_body("{}");
	assert_refused(req, "not_signed_in");
	req.session.is_present = true;
	assert_refused(req, "precondition_required");
	req.if_match = "\"1\"";
	assert_served(req);
}

static void
json_that_is_no_object_is_well_formed_and_refused(void **state)
{
	static const char *const bodies[] = { "[]", "1", "\"x\"", "null", "true" };

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct request req = routing_request("POST", "/api/things");

		req.body = routing_body(bodies[i]);
		assert_refused(req, "validation_failed");
	}
}

static void
field_errors_are_told_to_good_sessions_only(void **state)
{
	struct request req = routing_request("POST", "/api/things");
	struct reply rep;

	(void)state;
	routing.handler_says = STATUS_VALIDATION_FAILED;
	assert_int_equal(routing_serve(&req, &rep), 422);
	assert_int_equal(routing.asked, 1);
	assert_non_null(strstr((const char *)rep.body.data, "\"phone\""));

	req = routing_request("POST", "/api/things");
	routing.handler_says = STATUS_VALIDATION_FAILED;
	routing.door_says = STATUS_NOT_SIGNED_IN;
	assert_int_equal(routing_serve(&req, &rep), 401);
	assert_null(strstr((const char *)rep.body.data, "\"phone\""));

	req = routing_request("POST", "/api/things");
	routing.handler_says = STATUS_VALIDATION_FAILED;
	routing.door_says = STATUS_UNAVAILABLE;
	assert_int_equal(routing_serve(&req, &rep), 503);

	/* A door that was called has judged the session; where none is needed nobody asks. */
	req = routing_request("POST", "/api/things");
	routing.handler_says = STATUS_VALIDATION_FAILED;
	req.is_door_called = true;
	assert_int_equal(routing_serve(&req, &rep), 422);
	req = routing_request("GET", "/api/things");
	routing.handler_says = STATUS_VALIDATION_FAILED;
	assert_int_equal(routing_serve(&req, &rep), 422);
	assert_int_equal(routing.asked, 0);
}

static void
local_routes_exist_for_local_addresses_only(void **state)
{
	static const char *const local[] = { "127.0.0.1", "::1", "unix:" }, *const foreign[] = { "203.0.113.9", "127.0.0.11",
		"127.0.0.1, 203.0.113.9", "", "::1%lo", "::ffff:127.0.0.1" };

	(void)state;
	for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
		struct request req = routing_request("GET", "/api/inside");

		req.address = local[i];
		assert_served(req);
	}
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		struct request req = routing_request("GET", "/api/inside");

		req.address = foreign[i];
		assert_refused(req, "not_found");
		req.method = "POST";
		assert_refused(req, "not_found");
	}
}

static void
nothing_is_stored_on_the_way_but_what_is_public(void **state)
{
	struct request req = routing_request("GET", "/api/things");
	struct reply rep;

	(void)state;
	assert_int_equal(routing_serve(&req, &rep), 200);
	assert_string_equal(routing_header(&rep, "Cache-Control"), "no-store");
	assert_string_equal(routing_header(&rep, "X-Content-Type-Options"), "nosniff");
	req = routing_request("GET", "/api/public");
	assert_int_equal(routing_serve(&req, &rep), 200);
	assert_null(routing_header(&rep, "Cache-Control"));
	req = routing_request("GET", "/api/public");
	routing.handler_says = STATUS_UNAVAILABLE;
	assert_int_equal(routing_serve(&req, &rep), 503);
	assert_string_equal(routing_header(&rep, "Cache-Control"), "no-store");
	req = routing_request("GET", "/api/forgetful");
	assert_int_equal(routing_serve(&req, &rep), 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_found_and_their_parameters_taken),
		cmocka_unit_test(another_method_is_told_which_there_are),
		cmocka_unit_test(refusals_come_in_the_contracts_order),
		cmocka_unit_test(json_that_is_no_object_is_well_formed_and_refused),
		cmocka_unit_test(field_errors_are_told_to_good_sessions_only),
		cmocka_unit_test(local_routes_exist_for_local_addresses_only),
		cmocka_unit_test(nothing_is_stored_on_the_way_but_what_is_public),
	};

	return cmocka_run_group_tests(tests, routing_open, routing_close);
}
