/*
 * Bodies lie in the request's arena. A problem is always made, even when memory has ended: then from a text that needs none.
 */
#include "reply.h"

#include <json-c/json.h>
#include <string.h>

#include "words.h"

/* When there was no room for the words. */
static const char bare_problem[] =
    "{\"type\":\"about:blank\",\"title\":\"Internal error\",\"status\":500,\"code\":\"internal\",\"ref\":\"\","
    "\"detail\":\"系统出了点问题，请稍后再试。\"}";

static struct bytes
text_bytes(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static void
set_body(struct reply *rep, int http, const char *content_type, struct bytes body)
{
	rep->http = http;
	rep->content_type = content_type;
	rep->body = body;
}

/* Serialize ${json} into the arena and release it; data is NULL if memory ended. */
static struct bytes
serialize(struct arena *arena, struct json_object *json)
{
	size_t length = 0;
	const char *text =
	    json_object_to_json_string_length(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	const char *copy = text != NULL ? arena_strndup(arena, text, length) : NULL;

	(void)json_object_put(json);
	return (struct bytes){ (const uint8_t *)copy, copy != NULL ? length : 0 };
}

enum status
reply_json(struct request *req, struct reply *rep, int http, struct json_object *json)
{
	struct bytes body = serialize(req->arena, json);

	if (body.data == NULL)
		return STATUS_INTERNAL;
	set_body(rep, http, "application/json", body);
	return STATUS_OK;
}

enum status
reply_text(struct request *req, struct reply *rep, int http, const char *json_text)
{
	(void)req;
	if (json_text == NULL)
		return STATUS_INTERNAL;
	set_body(rep, http, "application/json", text_bytes(json_text));
	return STATUS_OK;
}

enum status
reply_bytes(struct request *req, struct reply *rep, const char *content_type, struct bytes data)
{
	(void)req;
	if (data.data == NULL)
		return STATUS_INTERNAL;
	set_body(rep, 200, content_type, data);
	return STATUS_OK;
}

enum status
reply_empty(struct reply *rep)
{
	set_body(rep, 204, NULL, (struct bytes){ NULL, 0 });
	return STATUS_OK;
}

enum status
reply_redirect(struct request *req, struct reply *rep, const char *location)
{
	/* "//host" and "/\host" are other sites to a browser, not own paths. */
	bool is_path = location[0] == '/' && location[1] != '/' && location[1] != '\\';
	bool is_url = strncmp(location, "https://", 8) == 0 || strncmp(location, "http://", 7) == 0;

	if ((!is_path && !is_url) || !reply_header(req, rep, "Location", location))
		return STATUS_INTERNAL;
	set_body(rep, 302, NULL, (struct bytes){ NULL, 0 });
	return STATUS_OK;
}

bool
reply_header(struct request *req, struct reply *rep, const char *name, const char *value)
{
	const char *copy;

	for (const unsigned char *c = (const unsigned char *)value; *c != '\0'; c++)
		if (*c < 0x20 || *c == 0x7f)
			return false;
	if (rep->n_headers == REPLY_HEADERS || (copy = arena_strdup(req->arena, value)) == NULL)
		return false;
	rep->headers[rep->n_headers].name = name;
	rep->headers[rep->n_headers++].value = copy;
	return true;
}

bool
reply_cookie(struct request *req, struct reply *rep, const char *name, const char *token, int max_age_s)
{
	const char *age = "", *value;

	/* Whatever could end the value would add attributes of its own. */
	if (max_age_s != 0 && strpbrk(token, ";, \"\\") != NULL)
		return false;
	if (max_age_s >= 0 && (age = arena_printf(req->arena, "; Max-Age=%d", max_age_s)) == NULL)
		return false;
	value =
	    arena_printf(req->arena, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax%s", name, max_age_s != 0 ? token : "", age);
	return value != NULL && reply_header(req, rep, "Set-Cookie", value);
}

static struct json_object *
errors_json(const struct request *req)
{
	struct json_object *list = json_object_new_array();

	for (unsigned i = 0; i < req->n_errors; i++) {
		struct json_object *entry = json_object_new_object();

		(void)json_object_object_add(entry, "field", json_object_new_string(req->errors[i].field));
		(void)json_object_object_add(entry, "code", json_object_new_string(req->errors[i].code));
		(void)json_object_object_add(entry, "message", json_object_new_string(req->errors[i].message));
		(void)json_object_array_add(list, entry);
	}
	return list;
}

/* The headers that go with a refusal. */
static void
problem_headers(struct request *req, struct reply *rep, enum status status)
{
	if (status == STATUS_METHOD_NOT_ALLOWED && req->allow != NULL)
		(void)reply_header(req, rep, "Allow", req->allow);
	if (status == STATUS_TOO_MANY_ATTEMPTS || status == STATUS_BUSY) {
		int usual_s = status == STATUS_BUSY ? 2 : 60;
		const char *wait = arena_printf(req->arena, "%d", req->retry_after_s > 0 ? req->retry_after_s : usual_s);

		(void)reply_header(req, rep, "Retry-After", wait != NULL ? wait : "60");
	}
}

void
reply_problem(struct request *req, struct reply *rep, enum status status)
{
	struct json_object *problem = json_object_new_object();
	struct bytes body;

	*rep = (struct reply){ .status = status };
	problem_headers(req, rep, status);
	(void)json_object_object_add(problem, "type", json_object_new_string("about:blank"));
	(void)json_object_object_add(problem, "title", json_object_new_string(words_title(status)));
	(void)json_object_object_add(problem, "status", json_object_new_int(status_http(status)));
	(void)json_object_object_add(problem, "code", json_object_new_string(status_code(status)));
	(void)json_object_object_add(problem, "ref", json_object_new_string(req->ref));
	(void)json_object_object_add(
	    problem, "detail", json_object_new_string(req->detail != NULL ? req->detail : words_detail(status)));
	if (req->n_errors > 0 && status == STATUS_VALIDATION_FAILED)
		(void)json_object_object_add(problem, "errors", errors_json(req));

	body = serialize(req->arena, problem);
	if (body.data != NULL)
		set_body(rep, status_http(status), "application/problem+json", body);
	else
		set_body(rep, 500, "application/problem+json", text_bytes(bare_problem));
}
