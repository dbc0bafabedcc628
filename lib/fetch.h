/*
 * Outbound HTTP by libcurl: connect and total timeout, a size limit, no redirects, no proxy but outbound_proxy, TLS
 * verification, and a breaker a counterpart: after 5 failures in a row it answers at once for a second, then lets one call try.
 */
#ifndef FETCH_H
#define FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "bytes.h"

enum fetch_result { FETCH_OK, FETCH_FAILED, FETCH_BREAKER_OPEN };

struct fetch_call {
	const char
	    *counterpart; /* "space", "license", "wechat", "wechat_script", "message", "notice": breaker and log go by it */
	const char *method, *url;
	const char *const *headers; /* NULL-terminated "Name: value", or NULL */
	const char *body;           /* JSON, or NULL */
	const char *ca_file;        /* "" or NULL: the system's */
	const char *unix_socket;    /* "" or NULL: none */
	long timeout_ms;            /* total; connect is at most half of it */
	size_t limit_bytes;         /* of the answer; 0: 1 MiB */

	/* Filled. */
	enum fetch_result result;
	long http;
	int64_t date_s;      /* their clock: the Date header, seconds since 1970, 0 without one */
	struct bytes answer; /* in the arena, NUL after its end */
};

/**
 * fetch_one(arena, call):
 * Make one call and wait for it. The result stands in ${call} and is returned.
 */
enum fetch_result fetch_one(struct arena *arena, struct fetch_call *call);

/**
 * fetch_all(arena, calls, n):
 * Make ${n} calls beside each other (curl's multi interface, at most 32 at once to one host) and wait for all.
 */
void fetch_all(struct arena *arena, struct fetch_call *calls, size_t n);

/**
 * fetch_room(counterpart, most):
 * How many calls to ${counterpart} are worth preparing now: ${most}, 1 or none, as its breaker says.
 */
size_t fetch_room(const char *counterpart, size_t most);

#endif
