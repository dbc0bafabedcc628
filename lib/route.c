/*
 * A request passes a row of gates, one function each, in the order that the contract fixes; the first that does not return
 * STATUS_OK decides the answer. So the order can be read off one table, and a route's flags say which gates it has.
 */
#include "route.h"

#include <json-c/json.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "conf.h"
#include "form.h"
#include "hex.h"
#include "json.h"
#include "log.h"
#include "seal.h"
#include "service.h"

enum { SEGMENT_MAX = 64, KEY_MIN = 8, KEY_MAX = 64 };

static const struct db_field session_in[] = { { DB_SESSION, 0 } };

const struct door route_session_door = {
	.name = "session_check",
	.sql = "select * from enroll.session_check($1)",
	.in = session_in,
	.n_in = 1,
};

/* The length of a path's segment that may stand for {…}, 0 if it may not. */
static size_t
parameter_length(const char *at)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t length = strspn(at, allowed);

	return length <= SEGMENT_MAX && (at[length] == '/' || at[length] == '\0') ? length : 0;
}

/* Does ${path} fit ${pattern}? Notes where the {…} begin in ${params}, with their lengths. */
static bool
fits(const char *pattern, const char *path, const char *params[static REQUEST_PARAMS], size_t lengths[static REQUEST_PARAMS])
{
	size_t n = 0;

	memset(lengths, 0, REQUEST_PARAMS * sizeof *lengths);
	while (*pattern != '\0') {
		if (*pattern == '{') {
			size_t length = parameter_length(path);

			if (length == 0 || n == REQUEST_PARAMS)
				return false;
			params[n] = path;
			lengths[n++] = length;
			path += length;
			pattern = strchr(pattern, '}') + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

static bool
is_local(const struct request *req)
{
	static const char *const local[] = { "127.0.0.1", "::1", "unix:" };

	for (size_t i = 0; req->address != NULL && i < sizeof local / sizeof *local; i++)
		if (strcmp(req->address, local[i]) == 0)
			return true;
	return false;
}

/* Add ${method} to the list in req->allow. */
static bool
allow(struct request *req, const char *method)
{
	const char *word = strcmp(method, "GET") == 0 ? "GET, HEAD" : method;

	req->allow = req->allow == NULL ? word : arena_printf(req->arena, "%s, %s", req->allow, word);
	return req->allow != NULL;
}

/* 404, 405: which route is it? */
static enum status
find(const struct service *service, struct request *req)
{
	const char *params[REQUEST_PARAMS] = { NULL };
	size_t lengths[REQUEST_PARAMS] = { 0 };

	req->allow = NULL;
	for (size_t i = 0; i < service->n_routes; i++) {
		const struct route *route = &service->routes[i];

		if (!fits(route->path, req->path, params, lengths) || ((route->flags & ROUTE_LOCAL) != 0 && !is_local(req)))
			continue;
		if (strcmp(route->method, req->method) != 0) {
			if (!allow(req, route->method))
				return STATUS_INTERNAL;
			continue;
		}
		req->route = route;
		for (size_t p = 0; p < REQUEST_PARAMS; p++)
			if (lengths[p] > 0 && (req->params[p] = arena_strndup(req->arena, params[p], lengths[p])) == NULL)
				return STATUS_INTERNAL;
		return STATUS_OK;
	}
	return req->allow == NULL ? STATUS_NOT_FOUND : STATUS_METHOD_NOT_ALLOWED;
}

/* 403: does it come from our own pages? What the browser says about the origin beats what it says about the site. */
static enum status
check_origin(struct request *req)
{
	bool is_own;

	if (req->origin != NULL)
		is_own = strcmp(req->origin, conf_text("public_url")) == 0;
	else
		is_own = req->sec_fetch_site != NULL && strcmp(req->sec_fetch_site, "same-origin") == 0;
	return is_own ? STATUS_OK : STATUS_WRONG_ORIGIN;
}

/* 415: is it JSON, in UTF-8 if it says so at all? */
static enum status
check_type(struct request *req)
{
	static const char json[] = "application/json";
	const char *type = req->content_type, *charset;

	if (type == NULL || strncasecmp(type, json, sizeof json - 1) != 0 || strchr("; \t", type[sizeof json - 1]) == NULL)
		return STATUS_UNSUPPORTED_MEDIA_TYPE;
	if ((charset = strcasestr(type, "charset=")) == NULL)
		return STATUS_OK;
	charset += strlen("charset=");
	charset += *charset == '"';
	return strncasecmp(charset, "utf-8", 5) == 0 ? STATUS_OK : STATUS_UNSUPPORTED_MEDIA_TYPE;
}

/* What tells one caller's use of a key from another's: route and session. */
static const char *
fingerprint_label(struct request *req)
{
	char session[2 * SEAL_HASH_SIZE + 1] = "";

	if (req->session.is_present)
		hex_write(req->session.hash, SEAL_HASH_SIZE, session);
	return arena_printf(req->arena, "idempotency %s %s %s", req->method, req->path, session);
}

/* 400: the key, 8-64 visible characters, and the body's fingerprint that goes with it. */
static enum status
check_key(struct request *req)
{
	const char *key = req->idempotency_key, *label;
	size_t length = key != NULL ? strlen(key) : 0;

	if (length < KEY_MIN || length > KEY_MAX)
		return STATUS_MALFORMED_REQUEST;
	for (size_t i = 0; i < length; i++)
		if (key[i] <= ' ' || key[i] > '~')
			return STATUS_MALFORMED_REQUEST;
	if ((label = fingerprint_label(req)) == NULL || !seal_fingerprint(label, req->body, req->fingerprint))
		return STATUS_INTERNAL;
	return STATUS_OK;
}

/* 400: a JSON object, or an array where the route says so. */
static enum status
check_json(struct request *req)
{
	/* JSON's null is well-formed, and no tree to json-c. */
	req->json = json_read(req->body);
	return req->json != NULL || json_is_strict(req->body) ? STATUS_OK : STATUS_MALFORMED_REQUEST;
}

static enum status
check_size(struct request *req)
{
	return req->is_too_large ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status
check_headers(struct request *req)
{
	return req->has_repeated_header ? STATUS_MALFORMED_REQUEST : STATUS_OK;
}

static enum status
check_session(struct request *req)
{
	return req->session.is_present ? STATUS_OK : STATUS_NOT_SIGNED_IN;
}

static enum status
check_match(struct request *req)
{
	return req->if_match != NULL ? STATUS_OK : STATUS_PRECONDITION_REQUIRED;
}

/* The contract's order of refusals, after 404 and 405. Flags 0: at every route. */
static const struct gate {
	unsigned flags;
	enum status (*check)(struct request *req);
} gates[] = {
	{ 0, check_size },
	{ 0, check_headers },
	{ ROUTE_ORIGIN, check_origin },
	{ ROUTE_JSON, check_type },
	{ ROUTE_KEY, check_key },
	{ ROUTE_JSON, check_json },
	{ ROUTE_SESSION, check_session },
	{ ROUTE_MATCH, check_match },
};

/* Field errors on a signed-in route are for a good session only; if no door has judged it yet, ask one. */
static enum status
check_before_fields(struct request *req)
{
	enum status st;

	if ((req->route->flags & ROUTE_SESSION) == 0 || req->is_door_called)
		return STATUS_VALIDATION_FAILED;
	if ((st = db_call(req, &route_session_door, NULL, NULL)) == STATUS_OK)
		return STATUS_VALIDATION_FAILED;
	req->detail = NULL;
	return st;
}

/* The handler, if the body is of the shape that it takes: anything else that is well-formed is a fault of type. */
static enum status
handle(struct request *req, struct reply *rep)
{
	bool is_list = (req->route->flags & ROUTE_LIST) != 0 && json_object_is_type(req->json, json_type_array);

	if ((req->route->flags & ROUTE_JSON) != 0 && !is_list && !json_object_is_type(req->json, json_type_object))
		return form_error(req, "", "type");
	return req->route->handler(req, rep);
}

/* All gates, then the handler. */
static enum status
judge(const struct service *service, struct request *req, struct reply *rep)
{
	enum status st;

	/* Too old to be worth answering: whoever asked has gone, or asks again. */
	if (req->is_stale)
		return STATUS_BUSY;
	if ((st = find(service, req)) != STATUS_OK)
		return st;
	for (size_t i = 0; i < sizeof gates / sizeof *gates; i++)
		if ((gates[i].flags == 0 || (req->route->flags & gates[i].flags) != 0) && (st = gates[i].check(req)) != STATUS_OK)
			return st;

	st = handle(req, rep);
	if (st == STATUS_VALIDATION_FAILED)
		return check_before_fields(req);
	if (st == STATUS_OK && rep->http == 0) {
		log_event(LOG_ERROR, req->ref, "no_reply", "%s %s", req->method, req->route->path);
		return STATUS_INTERNAL;
	}
	return st;
}

void
route_serve(const struct service *service, struct request *req, struct reply *rep)
{
	enum status st = judge(service, req, rep);
	bool is_cacheable = st == STATUS_OK && (req->route->flags & ROUTE_PUBLIC_CACHE) != 0;

	if (st != STATUS_OK)
		reply_problem(req, rep, st);
	if (!is_cacheable)
		(void)reply_header(req, rep, "Cache-Control", "no-store");
	(void)reply_header(req, rep, "X-Content-Type-Options", "nosniff");
}
