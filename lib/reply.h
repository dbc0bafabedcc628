/* The answer: one status, headers, one body. Handlers fill it; only lib/server writes it out. */
#ifndef REPLY_H
#define REPLY_H

#include <stdbool.h>

#include "bytes.h"
#include "request.h"
#include "status.h"

struct json_object;

enum { REPLY_HEADERS = 12 };

struct reply {
	enum status status; /* what became of the request; set by lib/route */
	int http;
	const char *content_type; /* NULL: no body */
	struct bytes body;
	struct {
		const char *name, *value;
	} headers[REPLY_HEADERS];
	unsigned n_headers;
};

/**
 * reply_json(req, rep, http, json):
 * Answer with ${json}, which is serialized and released here.
 */
enum status reply_json(struct request *req, struct reply *rep, int http, struct json_object *json);

/**
 * reply_text(req, rep, http, json_text):
 * Answer with JSON that a door has already made.
 */
enum status reply_text(struct request *req, struct reply *rep, int http, const char *json_text);

/**
 * reply_bytes(req, rep, content_type, data):
 * Answer 200 with ${data}, which must outlive the request's arena or lie in it.
 */
enum status reply_bytes(struct request *req, struct reply *rep, const char *content_type, struct bytes data);

/**
 * reply_empty(rep):
 * Answer 204.
 */
enum status reply_empty(struct reply *rep);

/**
 * reply_redirect(req, rep, location):
 * Answer 302 to ${location} (an absolute URL, or an own path).
 */
enum status reply_redirect(struct request *req, struct reply *rep, const char *location);

/**
 * reply_header(req, rep, name, value):
 * Add a header; ${value} without control characters, else it is left out and false returned.
 */
bool reply_header(struct request *req, struct reply *rep, const char *name, const char *value);

/**
 * reply_cookie(req, rep, name, token, max_age_s):
 * Set ${name} (__Host-…) to ${token}: Path=/, Secure, HttpOnly, SameSite=Lax. ${max_age_s} 0 deletes it, -1 ends with the
 * browser.
 */
bool reply_cookie(struct request *req, struct reply *rep, const char *name, const char *token, int max_age_s);

/**
 * reply_problem(req, rep, status):
 * Make the RFC 9457 problem of ${status} from what ${req} carries (errors, detail, retry_after_s, allow). Whatever ${rep} held
 * is gone, cookies included: what failed leaves nothing in the browser.
 */
void reply_problem(struct request *req, struct reply *rep, enum status status);

#endif
