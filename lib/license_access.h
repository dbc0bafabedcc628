/* Calls to the e-license system: the access token, and what its SUCCESS and FAILURE say. Used by lib/license alone. */
#ifndef LICENSE_ACCESS_H
#define LICENSE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "license.h"

struct json_object;

struct license_call {
	const char *counterpart; /* whose breaker it is: NULL for the licences themselves */
	const char *method;
	const char *target; /* path and query, ending in "?" or "&": the access token is added */
	const char *body;   /* JSON, or NULL */
	size_t limit_bytes; /* of the answer; 0: 1 MiB */

	/* Filled. */
	enum license_failure failure;
	struct json_object *json; /* of a SUCCESS, for the caller to put; else NULL */
};

/**
 * license_access_open():
 * Read the secrets from the files that the configuration names. Returns false (logged) if one is missing.
 */
bool license_access_open(void);

/**
 * license_access_call(arena, calls, n):
 * Make ${n} calls beside each other with the access token, logging in first if there is none, and once more for those whose
 * token was refused.
 */
void license_access_call(struct arena *arena, struct license_call *calls, size_t n);

#endif
