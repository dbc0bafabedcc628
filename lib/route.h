/*
 * Routes: the one place where requests are refused before a handler sees them, in the contract's order: 404, 405, 413,
 * repeated header 400, origin 403, 415, missing key 400, JSON 400, session 401 (no cookie), then the handler: fields 422 …
 */
#ifndef ROUTE_H
#define ROUTE_H

#include <stddef.h>

#include "db.h"
#include "reply.h"
#include "request.h"

enum route_flags {
	ROUTE_ORIGIN = 1 << 0,       /* must come from our own pages */
	ROUTE_JSON = 1 << 1,         /* takes a JSON object */
	ROUTE_KEY = 1 << 2,          /* needs Idempotency-Key; req->fingerprint is set */
	ROUTE_SESSION = 1 << 3,      /* needs the session cookie; whether it is good, only the door knows */
	ROUTE_MATCH = 1 << 4,        /* needs If-Match (428) */
	ROUTE_LOCAL = 1 << 5,        /* for local addresses only; 404 for others */
	ROUTE_PUBLIC_CACHE = 1 << 6, /* may be cached; all else is no-store */
	ROUTE_LIST = 1 << 7          /* with ROUTE_JSON: takes a JSON array as well */
};

struct route {
	const char *method, *path; /* "/api/students/{id}"; a {…} takes one segment of 1-64 characters of [A-Za-z0-9._-] */
	enum status (*handler)(struct request *req, struct reply *rep);
	unsigned flags;
};

struct service;

/* Says whether a session is good. A service with a ROUTE_SESSION route prepares it; service_main sees to that. */
extern const struct door route_session_door;

/**
 * route_serve(service, req, rep):
 * Find the route, judge the request, call the handler, turn its status into ${rep}: a complete answer in every case. A
 * field error on a signed-in route is answered only to a good session: route_session_door is asked first. Where two routes fit a
 * path, the earlier in the table is taken.
 */
void route_serve(const struct service *service, struct request *req, struct reply *rep);

#endif
