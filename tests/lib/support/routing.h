/* A small table of routes, a request that passes all its gates, and a database that is played. For tests of lib/route. */
#ifndef SUPPORT_ROUTING_H
#define SUPPORT_ROUTING_H

#include "route.h"

/* What the handler and the session door shall say, and how often they were called. routing_request sets all to nothing. */
extern struct routing {
	enum status handler_says, door_says;
	unsigned handled, asked;
} routing;

/**
 * routing_open(state), routing_close(state):
 * A token key, a configuration with public_url https://a.example, an arena: cmocka's group setup and teardown.
 */
int routing_open(void **state);
int routing_close(void **state);

/**
 * routing_body(text):
 * Return ${text} as a body.
 */
struct bytes routing_body(const char *text);

/**
 * routing_request(method, path):
 * Return a request that passes every gate of POST /api/things, with this ${method} and ${path}.
 */
struct request routing_request(const char *method, const char *path);

/**
 * routing_serve(req, rep):
 * Serve and return the HTTP status; releases what lib/server would.
 */
int routing_serve(struct request *req, struct reply *rep);

/**
 * routing_header(rep, name):
 * Return the value of header ${name}, or NULL.
 */
const char *routing_header(const struct reply *rep, const char *name);

/**
 * assert_refused(req, code), assert_served(req):
 * Serve and see that it is refused with ${code} and the handler not called; or answered by it.
 */
void assert_refused(struct request req, const char *code);
void assert_served(struct request req);

#endif
