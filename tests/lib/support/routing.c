#include "routing.h"

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

struct routing routing;

static struct arena *arena;

/* In place of lib/db.c. */
enum status
db_call(struct request *req, const struct door *door, const void *in, void *out)
{
	(void)in;
	(void)out;
	assert_ptr_equal(door, &route_session_door);
	req->is_door_called = true;
	routing.asked++;
	return routing.door_says;
}

static enum status
handle(struct request *req, struct reply *rep)
{
	routing.handled++;
	if (routing.handler_says == STATUS_VALIDATION_FAILED) {
		req->errors[0] = (struct field_error){ "phone", "format", "…" };
		req->n_errors = 1;
	}
	return routing.handler_says != STATUS_OK ? routing.handler_says : reply_text(req, rep, 200, "{}");
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

struct bytes
routing_body(const char *text)
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

struct request
routing_request(const char *method, const char *path)
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
		.body = routing_body("{\"a\":1}"),
		.header = no_header };

	request_cookie(cookies, 1, "__Host-session", &req.session);
	routing.handler_says = routing.door_says = STATUS_OK;
	routing.handled = routing.asked = 0;
	return req;
}

int
routing_serve(struct request *req, struct reply *rep)
{
	*rep = (struct reply){ 0 };
	route_serve(&service, req, rep);
	(void)json_object_put(req->json);
	req->json = NULL;
	return rep->http;
}

void
assert_refused(struct request req, const char *code)
{
	struct reply rep;
	struct json_object *problem, *value;

	assert_int_equal(routing_serve(&req, &rep), status_http(status_from_code(code)));
	assert_int_equal(routing.handled, 0);
	assert_string_equal(rep.content_type, "application/problem+json");
	problem = json_tokener_parse((const char *)rep.body.data);
	assert_true(json_object_object_get_ex(problem, "code", &value));
	assert_string_equal(json_object_get_string(value), code);
	assert_true(json_object_object_get_ex(problem, "ref", &value));
	assert_string_equal(json_object_get_string(value), "12345678");
	(void)json_object_put(problem);
}

void
assert_served(struct request req)
{
	struct reply rep;

	assert_int_equal(routing_serve(&req, &rep), 200);
	assert_int_equal(routing.handled, 1);
	routing.handled = 0;
}

const char *
routing_header(const struct reply *rep, const char *name)
{
	for (unsigned i = 0; i < rep->n_headers; i++)
		if (strcmp(rep->headers[i].name, name) == 0)
			return rep->headers[i].value;
	return NULL;
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

int
routing_open(void **state)
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

int
routing_close(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}
