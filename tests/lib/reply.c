#include "reply.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "words.h"

static struct arena *arena;

static struct request
request(void)
{
	return (struct request){ .arena = arena, .ref = "48213907" };
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
a_problem_says_what_the_contract_wants(void **state)
{
	static const char wanted[] =
	    "{\"type\":\"about:blank\",\"title\":\"Validation failed\",\"status\":422,"
	    "\"code\":\"validation_failed\",\"ref\":\"48213907\",\"detail\":\"有几处需要改一下，请看标出的地方。\","
	    "\"errors\":[{\"field\":\"student_id_no\",\"code\":\"checksum\",\"message\":\"错\"}]}";
	struct request req = request();
	struct reply rep = { 0 };

	(void)state;
	req.errors[0] = (struct field_error){ "student_id_no", "checksum", "错" };
	req.n_errors = 1;
	reply_problem(&req, &rep, STATUS_VALIDATION_FAILED);
	assert_int_equal(rep.http, 422);
	assert_string_equal(rep.content_type, "application/problem+json");
	assert_int_equal(rep.body.size, strlen(wanted));
	assert_memory_equal(rep.body.data, wanted, rep.body.size);

	/* Field errors are told with validation_failed alone. */
	reply_problem(&req, &rep, STATUS_NOT_SIGNED_IN);
	assert_null(memmem(rep.body.data, rep.body.size, "errors", 6));
}

static void
every_status_has_a_problem_of_its_own(void **state)
{
	(void)state;
	for (int status = STATUS_VALIDATION_FAILED; status < STATUS_COUNT; status++) {
		struct request req = request();
		struct reply rep = { 0 };

		reply_problem(&req, &rep, (enum status)status);
		assert_int_equal(rep.http, status_http((enum status)status));
		assert_true(rep.http >= 400);
		assert_true(strlen(words_title((enum status)status)) > 0);
		assert_true(strlen(words_detail((enum status)status)) > 0);
		assert_int_equal(status_from_code(status_code((enum status)status)), status);
		assert_int_equal(
		    header_of(&rep, "Retry-After") != NULL, status == STATUS_BUSY || status == STATUS_TOO_MANY_ATTEMPTS);
	}
	assert_int_equal(status_from_code("created"), STATUS_OK);
	assert_int_equal(status_from_code("replayed"), STATUS_OK);
	assert_int_equal(status_from_code("nonsense"), STATUS_INTERNAL);
	assert_int_equal(status_from_code(NULL), STATUS_INTERNAL);
}

static void
a_problem_leaves_nothing_of_the_answer_before(void **state)
{
	struct request req = request();
	struct reply rep = { 0 };

	(void)state;
	assert_true(reply_cookie(&req, &rep, "__Host-session", "abc", -1));
	req.retry_after_s = 17;
	req.detail = "自己的话";
	reply_problem(&req, &rep, STATUS_TOO_MANY_ATTEMPTS);
	assert_null(header_of(&rep, "Set-Cookie"));
	assert_string_equal(header_of(&rep, "Retry-After"), "17");
	assert_non_null(memmem(rep.body.data, rep.body.size, req.detail, strlen(req.detail)));
}

static void
a_problem_is_made_even_without_memory(void **state)
{
	struct arena *small = arena_new(0);
	struct request req = { .arena = small, .ref = "48213907" };
	struct reply rep = { 0 };
	struct json_object *problem;

	(void)state;
	reply_problem(&req, &rep, STATUS_BUSY);
	assert_int_equal(rep.http, 500);
	problem = json_tokener_parse((const char *)rep.body.data);
	assert_non_null(problem);
	(void)json_object_put(problem);
	arena_free(small);
}

static void
cookies_carry_every_attribute(void **state)
{
	struct request req = request();
	struct reply rep = { 0 };

	(void)state;
	assert_true(reply_cookie(&req, &rep, "__Host-session", "abc-_", -1));
	assert_true(reply_cookie(&req, &rep, "__Host-device", "abc", 600));
	assert_true(reply_cookie(&req, &rep, "__Host-wechat", "ignored", 0));
	assert_false(reply_cookie(&req, &rep, "__Host-wechat", "a; Domain=b", -1));
	assert_int_equal(rep.n_headers, 3);
	assert_string_equal(rep.headers[0].value, "__Host-session=abc-_; Path=/; Secure; HttpOnly; SameSite=Lax");
	assert_string_equal(rep.headers[1].value, "__Host-device=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
	assert_string_equal(rep.headers[2].value, "__Host-wechat=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
}

static void
headers_cannot_be_split_and_redirects_lead_where_they_say(void **state)
{
	static const char *const bad[] = { "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "",
		"/a\r\nSet-Cookie: b" };
	struct request req = request();
	struct reply rep = { 0 };

	(void)state;
	assert_false(reply_header(&req, &rep, "ETag", "a\r\nb"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(reply_redirect(&req, &rep, bad[i]), STATUS_INTERNAL);
	assert_int_equal(rep.n_headers, 0);
	assert_int_equal(reply_redirect(&req, &rep, "/login"), STATUS_OK);
	assert_int_equal(rep.http, 302);
	assert_string_equal(header_of(&rep, "Location"), "/login");
	for (unsigned i = 1; i < REPLY_HEADERS; i++)
		assert_true(reply_header(&req, &rep, "X", "y"));
	assert_false(reply_header(&req, &rep, "X", "y"));
}

static void
bodies_of_every_kind(void **state)
{
	struct request req = request();
	struct reply rep = { 0 };
	struct json_object *json = json_object_new_object();

	(void)state;
	(void)json_object_object_add(json, "path", json_object_new_string("/梅江"));
	assert_int_equal(reply_json(&req, &rep, 201, json), STATUS_OK);
	assert_int_equal(rep.http, 201);
	assert_string_equal((const char *)rep.body.data, "{\"path\":\"/梅江\"}");
	assert_int_equal(reply_text(&req, &rep, 200, NULL), STATUS_INTERNAL);
	assert_int_equal(reply_bytes(&req, &rep, "image/png", (struct bytes){ NULL, 0 }), STATUS_INTERNAL);
	assert_int_equal(reply_empty(&rep), STATUS_OK);
	assert_int_equal(rep.http, 204);
	assert_null(rep.content_type);
	assert_int_equal(rep.body.size, 0);
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
		cmocka_unit_test(a_problem_says_what_the_contract_wants),
		cmocka_unit_test(every_status_has_a_problem_of_its_own),
		cmocka_unit_test(a_problem_leaves_nothing_of_the_answer_before),
		cmocka_unit_test(a_problem_is_made_even_without_memory),
		cmocka_unit_test(cookies_carry_every_attribute),
		cmocka_unit_test(headers_cannot_be_split_and_redirects_lead_where_they_say),
		cmocka_unit_test(bodies_of_every_kind),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
