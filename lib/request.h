/* A request as handlers see it: everything already read, bounded and, by lib/route, judged. */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "bytes.h"
#include "seal.h"
#include "status.h"

struct json_object;
struct route;

enum { REQUEST_PARAMS = 2, REQUEST_ERRORS = 32, REQUEST_BODY_LIMIT = 64 * 1024 };

/* A cookie's token as the doors know it: its SHA-256. */
struct token {
	bool is_present;
	uint8_t hash[SEAL_HASH_SIZE];
};

struct field_error {
	const char *field, *code, *message;
};

struct request {
	struct arena *arena;
	char ref[9];                        /* 求助编号, made by nginx */
	const char *method;                 /* "HEAD" arrives as "GET" */
	const char *path;                   /* decoded by nginx */
	const char *query;                  /* raw, "" if none */
	const char *params[REQUEST_PARAMS]; /* what stood at {…} in the route's path, in order */
	const struct route *route;
	bool is_door_called; /* set by lib/db: has the session been judged by a door? */
	int64_t deadline_ms; /* clock_monotonic_ms */
	int64_t database_us; /* spent in doors; counted by lib/db, for the log */

	/* What lib/server saw and lib/route refuses, each in its turn. */
	bool is_head;             /* the body is not sent */
	bool is_stale;            /* waited longer than request_timeout_ms before it came to us */
	bool is_too_large;        /* body over REQUEST_BODY_LIMIT; it is not kept */
	bool has_repeated_header; /* one that must be single came twice, or joined by a comma */

	struct bytes body;
	const char *content_type, *origin, *sec_fetch_site, *if_match, *idempotency_key, *user_agent, *address;

	struct token session, device, wechat; /* the cookies __Host-session, __Host-device, __Host-wechat */
	uint8_t fingerprint[SEAL_HASH_SIZE];  /* of the raw body, where the route has ROUTE_KEY */

	struct json_object *json; /* the body, where the route has ROUTE_JSON; an object, released by lib/server */

	/* For the problem document, should there be one. */
	struct field_error errors[REQUEST_ERRORS];
	unsigned n_errors;
	int retry_after_s;  /* for too_many_attempts and busy */
	const char *detail; /* words of its own instead of the code's */
	const char *allow;  /* for method_not_allowed */

	/* What comes from gateways, header by header: "HTTP_X_TIF_NONCE" → value or NULL. */
	const char *(*header)(const struct request *req, const char *cgi_name);
	void *fcgi;
};

/**
 * request_query(req, name):
 * Return the decoded value of ${name} in the query string, or NULL if it is missing or given twice or not valid UTF-8.
 */
const char *request_query(const struct request *req, const char *name);

/**
 * request_if_match(req, version):
 * Read the version out of If-Match ("3", W/"3"). Returns false if it is missing or none of our ETags.
 */
bool request_if_match(const struct request *req, int64_t *version);

/**
 * request_uuid(req, n):
 * Return what stood at {…} number ${n} (from 0) of the route if it is a UUID, else NULL: then there is no such thing.
 */
const char *request_uuid(const struct request *req, unsigned n);

/**
 * request_cookie(headers, n, name, token):
 * Find cookie ${name} in ${n} Cookie headers and hash its token of 43 base64url characters into ${token}. One of another
 * shape, or given twice with different values, counts as absent.
 */
void request_cookie(const char *const *headers, size_t n, const char *name, struct token *token);

#endif
