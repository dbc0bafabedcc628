/* The order of refusals, one gate after the other, with a database that is played here. */
#include "route.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf.h"
#include "service.h"

static struct arena *arena;
static unsigned handled, asked;
static enum status handler_says, door_says;

/* In place of lib/db.c. */
enum status
db_call(struct request *req, const struct door *door, const void *in, void *out)
{
	(void)in;
	(void)out;
	assert_ptr_equal(door, &route_session_door);
	req->is_door_called = true;
	asked++;
	return door_says;
}

static enum status
handle(struct request *req, struct reply *rep)
{
	handled++;
	if (handler_says == STATUS_VALIDATION_FAILED) {
		req->errors[0] = (struct field_error){ "phone", "format", "…" };
		req->n_errors = 1;
	}
	return handler_says != STATUS_OK ? handler_says : reply_text(req, rep, 200, "{}");
}

static enum status
forget_to_reply(struct request *req, struct reply *rep)
{
	(void)req;
	(void)rep;
	return STATUS_OK;
}

static const struct route routes[] = {
	{ "GET", "/api/things", handle, 0 },
	{ "POST", "/api/things", handle, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_KEY | ROUTE_SESSION | ROUTE_MATCH },
	{ "POST", "/api/things/lists", handle, ROUTE_JSON | ROUTE_LIST },
	{ "DELETE", "/api/things/{id}", handle, ROUTE_ORIGIN | ROUTE_SESSION },
	{ "PUT", "/api/things/{id}/parts/{part}", handle, 0 },
	{ "GET", "/api/public", handle, ROUTE_PUBLIC_CACHE },
	{ "GET", "/api/inside", handle, ROUTE_LOCAL },
	{ "GET", "/api/forgetful", forget_to_reply, 0 },
};

static const struct service service = { .name = "test", .routes = routes, .n_routes = sizeof routes / sizeof *routes };

static struct bytes
bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static const char *
no_header(const struct request *req, const char *cgi_name)
{
	(void)req;
	(void)cgi_name;
	return NULL;
}

/* A request that passes every gate of POST /api/things. */
static struct request
good(const char *method, const char *path)
{
	const char *const cookies[] = { "__Host-session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ" };
	struct request req = { .arena = arena,
		.ref = "12345678",
		.method = method,
		.path = path,
		.query = "",
		.address = "203.0.113.9",
		.origin = "https://a.example",
		.content_type = "application/json",
		.idempotency_key = "key-0001",
		.if_match = "\"1\"",
		.body = bytes_of("{\"a\":1}"),
		.header = no_header };

	request_cookie(cookies, 1, "__Host-session", &req.session);
	handler_says = door_says = STATUS_OK;
	handled = asked = 0;
	return req;
}

/* Serve and return the HTTP status; releases what lib/server would. */
static int
serve(struct request *req, struct reply *rep)
{
	*rep = (struct reply){ 0 };
	route_serve(&service, req, rep);
	(void)json_object_put(req->json);
	req->json = NULL;
	return rep->http;
}

/* Serve and see that ${code} is refused, the handler untouched. */
static void
assert_refused(struct request req, const char *code)
{
	struct reply rep;
	struct json_object *problem, *value;

	assert_int_equal(serve(&req, &rep), status_http(status_from_code(code)));
	assert_int_equal(handled, 0);
	assert_string_equal(rep.content_type, "application/problem+json");
	problem = json_tokener_parse((const char *)rep.body.data);
	assert_true(json_object_object_get_ex(problem, "code", &value));
	assert_string_equal(json_object_get_string(value), code);
	assert_true(json_object_object_get_ex(problem, "ref", &value));
	assert_string_equal(json_object_get_string(value), "12345678");
	(void)json_object_put(problem);
}

static void
assert_served(struct request req)
{
	struct reply rep;

	assert_int_equal(serve(&req, &rep), 200);
	assert_int_equal(handled, 1);
	handled = 0;
}

static const char *
header_of(const struct reply *rep, const char *name)
{
	for (unsigned i = 0; i < rep->n_headers; i++)
		if (strcmp(rep->headers[i].name, name) == 0)
			return rep->headers[i].value;
	return NULL;
}

static void
paths_are_found_and_their_parameters_taken(void **state)
{
	struct request req = good("PUT", "/api/things/a-B_c.9/parts/wishes");
	struct reply rep;
	char longest[128];

	(void)state;
	assert_int_equal(serve(&req, &rep), 200);
	assert_string_equal(req.params[0], "a-B_c.9");
	assert_string_equal(req.params[1], "wishes");

	assert_refused(good("GET", "/api/nothing"), "not_found");
	assert_refused(good("GET", "/api/things/"), "not_found");
	assert_refused(good("GET", "//api/things"), "not_found");
	assert_refused(good("GET", "/API/things"), "not_found");
	assert_refused(good("GET", "/api/thing"), "not_found");
	assert_refused(good("GET", ""), "not_found");
	assert_refused(good("DELETE", "/api/things/a%b"), "not_found");
	assert_refused(good("DELETE", "/api/things/a/b"), "not_found");
	(void)snprintf(longest, sizeof longest, "/api/things/%064d", 1);
	assert_served(good("DELETE", longest));
	(void)snprintf(longest, sizeof longest, "/api/things/%065d", 1);
	assert_refused(good("DELETE", longest), "not_found");
}

static void
another_method_is_told_which_there_are(void **state)
{
	struct request req = good("PATCH", "/api/things");
	struct reply rep;

	(void)state;
	assert_int_equal(serve(&req, &rep), 405);
	assert_string_equal(header_of(&rep, "Allow"), "GET, HEAD, POST");
	req = good("GET", "/api/things/lists");
	assert_int_equal(serve(&req, &rep), 405);
	assert_string_equal(header_of(&rep, "Allow"), "POST, DELETE");
}

/* Break everything, then mend gate by gate: each time the next refusal of the contract's row shows. */
static void
refusals_come_in_the_contracts_order(void **state)
{
	struct request req = good("PATCH", "/api/nothing");

	(void)state;
	req.is_too_large = req.has_repeated_header = req.is_stale = true;
	req.origin = "https://b.example";
	req.content_type = "text/plain";
	req.idempotency_key = NULL;
	req.if_match = NULL;
	req.body = bytes_of("[");
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
	req.body = bytes_of("{}");
	assert_refused(req, "not_signed_in");
	req.session.is_present = true;
	assert_refused(req, "precondition_required");
	req.if_match = "\"1\"";
	assert_served(req);
}

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
		struct request req = good("DELETE", "/api/things/1");

		req.origin = cases[i].origin;
		req.sec_fetch_site = cases[i].site;
		if (cases[i].is_own)
			assert_served(req);
		else
			assert_refused(req, "wrong_origin");
	}
}

static void
only_json_objects_in_utf8_are_taken(void **state)
{
	static const char *const right[] = { "application/json", "Application/JSON", "application/json; charset=utf-8",
		"application/json;charset=\"UTF-8\"" };
	static const char *const wrong[] = { "application/jsonp", "text/json", "", "application/json; charset=gbk",
		"application/x-www-form-urlencoded" };
	static const char *const bodies[] = { "", "null", "[]", "1", "\"a\"", "{\"a\":1,\"a\":2}", "{}x", "{\"a\":NaN}" };

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		struct request req = good("POST", "/api/things");

		req.content_type = right[i];
		assert_served(req);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct request req = good("POST", "/api/things");

		req.content_type = wrong[i];
		assert_refused(req, "unsupported_media_type");
	}
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct request req = good("POST", "/api/things");

		req.body = bytes_of(bodies[i]);
		assert_refused(req, "malformed_request");
	}
	{
		struct request req = good("POST", "/api/things/lists");

		req.body = bytes_of("[1]");
		assert_served(req);
	}
}

static void
a_key_has_8_to_64_visible_characters(void **state)
{
	static const char *const wrong[] = { "", "1234567", "1234 5678", "12345678\t", "12345678\xe4\xb8\xad",
		"12345678901234567890123456789012345678901234567890123456789012345" };
	struct request req = good("POST", "/api/things"), other;
	struct reply rep;
	uint8_t fingerprint[SEAL_HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		other = good("POST", "/api/things");
		other.idempotency_key = wrong[i];
		assert_refused(other, "malformed_request");
	}

	/* The fingerprint tells bodies, callers and routes apart. */
	assert_int_equal(serve(&req, &rep), 200);
	memcpy(fingerprint, req.fingerprint, sizeof fingerprint);
	assert_int_equal(serve(&req, &rep), 200);
	assert_memory_equal(fingerprint, req.fingerprint, sizeof fingerprint);
	req.body = bytes_of("{\"a\":2}");
	assert_int_equal(serve(&req, &rep), 200);
	assert_memory_not_equal(fingerprint, req.fingerprint, sizeof fingerprint);
	req = good("POST", "/api/things");
	req.session.hash[0] ^= 1;
	assert_int_equal(serve(&req, &rep), 200);
	assert_memory_not_equal(fingerprint, req.fingerprint, sizeof fingerprint);
}

static void
field_errors_are_told_to_good_sessions_only(void **state)
{
	struct request req = good("POST", "/api/things");
	struct reply rep;

	(void)state;
	handler_says = STATUS_VALIDATION_FAILED;
	assert_int_equal(serve(&req, &rep), 422);
	assert_int_equal(asked, 1);
	assert_non_null(strstr((const char *)rep.body.data, "\"phone\""));

	req = good("POST", "/api/things");
	handler_says = STATUS_VALIDATION_FAILED;
	door_says = STATUS_NOT_SIGNED_IN;
	assert_int_equal(serve(&req, &rep), 401);
	assert_null(strstr((const char *)rep.body.data, "\"phone\""));

	req = good("POST", "/api/things");
	handler_says = STATUS_VALIDATION_FAILED;
	door_says = STATUS_UNAVAILABLE;
	assert_int_equal(serve(&req, &rep), 503);

	/* A door that was called has judged the session; where none is needed nobody asks. */
	req = good("POST", "/api/things");
	handler_says = STATUS_VALIDATION_FAILED;
	req.is_door_called = true;
	assert_int_equal(serve(&req, &rep), 422);
	req = good("GET", "/api/things");
	handler_says = STATUS_VALIDATION_FAILED;
	assert_int_equal(serve(&req, &rep), 422);
	assert_int_equal(asked, 0);
}

static void
local_routes_exist_for_local_addresses_only(void **state)
{
	static const char *const local[] = { "127.0.0.1", "::1", "unix:" }, *const foreign[] = { "203.0.113.9", "127.0.0.11",
		"127.0.0.1, 203.0.113.9", "", "::1%lo", "::ffff:127.0.0.1" };

	(void)state;
	for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
		struct request req = good("GET", "/api/inside");

		req.address = local[i];
		assert_served(req);
	}
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		struct request req = good("GET", "/api/inside");

		req.address = foreign[i];
		assert_refused(req, "not_found");
		req.method = "POST";
		assert_refused(req, "not_found");
	}
}

static void
nothing_is_stored_on_the_way_but_what_is_public(void **state)
{
	struct request req = good("GET", "/api/things");
	struct reply rep;

	(void)state;
	assert_int_equal(serve(&req, &rep), 200);
	assert_string_equal(header_of(&rep, "Cache-Control"), "no-store");
	assert_string_equal(header_of(&rep, "X-Content-Type-Options"), "nosniff");
	req = good("GET", "/api/public");
	assert_int_equal(serve(&req, &rep), 200);
	assert_null(header_of(&rep, "Cache-Control"));
	req = good("GET", "/api/public");
	handler_says = STATUS_UNAVAILABLE;
	assert_int_equal(serve(&req, &rep), 503);
	assert_string_equal(header_of(&rep, "Cache-Control"), "no-store");
	req = good("GET", "/api/forgetful");
	assert_int_equal(serve(&req, &rep), 500);
}

static bool
write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	if (out == NULL)
		return false;
	(void)fputs(text, out);
	return fclose(out) == 0;
}

/* A token key and a configuration, read and gone. */
static int
open_all(void **state)
{
	char folder[] = "/tmp/enroll-route-XXXXXX", key[64], conf[64];
	bool is_open;

	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(key, sizeof key, "%s/token.1", folder);
	(void)snprintf(conf, sizeof conf, "%s/conf", folder);
	is_open = write_file(key, "01234567890123456789012345678901") && seal_open_keys(folder, 1u << SEAL_TOKEN) &&
		  write_file(conf, "public_url = https://a.example\n") && conf_open(conf);
	(void)unlink(key);
	(void)unlink(conf);
	(void)rmdir(folder);
	arena = arena_new(1 << 20);
	return is_open && arena != NULL ? 0 : -1;
}

static int
close_all(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_found_and_their_parameters_taken),
		cmocka_unit_test(another_method_is_told_which_there_are),
		cmocka_unit_test(refusals_come_in_the_contracts_order),
		cmocka_unit_test(writes_come_from_our_own_pages),
		cmocka_unit_test(only_json_objects_in_utf8_are_taken),
		cmocka_unit_test(a_key_has_8_to_64_visible_characters),
		cmocka_unit_test(field_errors_are_told_to_good_sessions_only),
		cmocka_unit_test(local_routes_exist_for_local_addresses_only),
		cmocka_unit_test(nothing_is_stored_on_the_way_but_what_is_public),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
