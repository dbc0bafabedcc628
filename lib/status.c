/* One row a status: its contract code and its HTTP status. The doors' result codes are the same words. */
#include "status.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *code;
	int http;
} statuses[STATUS_COUNT] = {
	[STATUS_OK] = { "ok", 200 },
	[STATUS_VALIDATION_FAILED] = { "validation_failed", 422 },
	[STATUS_MALFORMED_REQUEST] = { "malformed_request", 400 },
	[STATUS_UNSUPPORTED_MEDIA_TYPE] = { "unsupported_media_type", 415 },
	[STATUS_TOO_LARGE] = { "too_large", 413 },
	[STATUS_NOT_FOUND] = { "not_found", 404 },
	[STATUS_METHOD_NOT_ALLOWED] = { "method_not_allowed", 405 },
	[STATUS_NOT_SIGNED_IN] = { "not_signed_in", 401 },
	[STATUS_BAD_CREDENTIALS] = { "bad_credentials", 401 },
	[STATUS_WRONG_ORIGIN] = { "wrong_origin", 403 },
	[STATUS_IDENTITY_CHECK_REQUIRED] = { "identity_check_required", 403 },
	[STATUS_FORBIDDEN] = { "forbidden", 403 },
	[STATUS_PHONE_TAKEN] = { "phone_taken", 409 },
	[STATUS_STUDENT_TAKEN] = { "student_taken", 409 },
	[STATUS_GUARDIAN_TAKEN] = { "guardian_taken", 409 },
	[STATUS_VERSION_CONFLICT] = { "version_conflict", 409 },
	[STATUS_WRONG_STATE] = { "wrong_state", 409 },
	[STATUS_SEASON_CLOSED] = { "season_closed", 409 },
	[STATUS_PRECONDITION_REQUIRED] = { "precondition_required", 428 },
	[STATUS_KEY_REUSED] = { "key_reused", 422 },
	[STATUS_TOO_MANY_ATTEMPTS] = { "too_many_attempts", 429 },
	[STATUS_BUSY] = { "busy", 503 },
	[STATUS_PROVIDER_UNAVAILABLE] = { "provider_unavailable", 503 },
	[STATUS_UNAVAILABLE] = { "unavailable", 503 },
	[STATUS_INTERNAL] = { "internal", 500 },
};

const char *
status_code(enum status status)
{
	return statuses[status].code;
}

int
status_http(enum status status)
{
	return statuses[status].http;
}

enum status
status_from_code(const char *code)
{
	if (code == NULL)
		return STATUS_INTERNAL;
	if (strcmp(code, "created") == 0 || strcmp(code, "replayed") == 0)
		return STATUS_OK;
	for (size_t i = 0; i < STATUS_COUNT; i++)
		if (strcmp(code, statuses[i].code) == 0)
			return (enum status)i;
	return STATUS_INTERNAL;
}
