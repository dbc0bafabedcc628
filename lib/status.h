/* The outcome of anything that can end a request: one name for C, for the doors' result codes and for the contract. */
#ifndef STATUS_H
#define STATUS_H

enum status {
	STATUS_OK,
	STATUS_VALIDATION_FAILED,
	STATUS_MALFORMED_REQUEST,
	STATUS_UNSUPPORTED_MEDIA_TYPE,
	STATUS_TOO_LARGE,
	STATUS_NOT_FOUND,
	STATUS_METHOD_NOT_ALLOWED,
	STATUS_NOT_SIGNED_IN,
	STATUS_BAD_CREDENTIALS,
	STATUS_WRONG_ORIGIN,
	STATUS_IDENTITY_CHECK_REQUIRED,
	STATUS_FORBIDDEN,
	STATUS_PHONE_TAKEN,
	STATUS_STUDENT_TAKEN,
	STATUS_GUARDIAN_TAKEN,
	STATUS_VERSION_CONFLICT,
	STATUS_WRONG_STATE,
	STATUS_SEASON_CLOSED,
	STATUS_PRECONDITION_REQUIRED,
	STATUS_KEY_REUSED,
	STATUS_TOO_MANY_ATTEMPTS,
	STATUS_BUSY,
	STATUS_PROVIDER_UNAVAILABLE,
	STATUS_UNAVAILABLE,
	STATUS_INTERNAL,
	STATUS_COUNT
};

/**
 * status_code(status):
 * Return the contract's stable code of ${status} ("phone_taken"), "ok" for STATUS_OK.
 */
const char *status_code(enum status status);

/**
 * status_http(status):
 * Return the HTTP status that goes with ${status}; 200 for STATUS_OK.
 */
int status_http(enum status status);

/**
 * status_from_code(code):
 * Return the status whose code is ${code}; "ok", "created" and "replayed" are STATUS_OK, anything unknown STATUS_INTERNAL.
 */
enum status status_from_code(const char *code);

#endif
