/*
 * Forms: from a JSON object to a struct that the rest trusts, driven by a table that names each field once. Folds first,
 * then judges, then stores what was judged. All faults of a form are found at once; each lands in req->errors.
 *
 * Absent, null and (after folding) empty are one thing: "required" where the field is needed, the struct's zero where it is
 * optional. A field with a fault keeps the struct's zero too, and the right ones are filled in all the same. A password is
 * wiped out of req->json once it is copied, so a form is read once.
 */
#ifndef FORM_H
#define FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "clock.h"
#include "identity.h"
#include "request.h"
#include "status.h"

enum form_rule {
	FORM_NAME,     /* const char * */
	FORM_ID_NO,    /* struct identity */
	FORM_PHONE,    /* const char * */
	FORM_PASSWORD, /* const char *, only typed and bounded (64 KiB); the caller judges new ones with form_password */
	FORM_TEXT,     /* const char *, folded, at most ${limit} code points (200 if 0), no control characters */
	FORM_TRUE,     /* bool that must be true, else "required"; where it is optional, false is absent */
	FORM_BOOL,     /* bool */
	FORM_UUID,     /* const char * */
	FORM_UUIDS,    /* struct db_list, at most ${limit} (8 if 0) different ones; an empty list is "required" unless optional */
	FORM_CHOICE,   /* const char *, one of ${choices} */
	FORM_TOKEN,    /* const char *, 43 base64url characters */
	FORM_CODE,     /* const char *, folded, six digits */
	FORM_DATE      /* const char *, "2019-09-01", a day of the calendar */
};

struct form_field {
	const char *name;
	enum form_rule rule;
	size_t offset;
	bool is_optional; /* absent and null leave the struct's zero */
	size_t limit;
	const char *const *choices; /* NULL-terminated */
};

/**
 * form_read(req, fields, n, out):
 * Read req->json by ${fields} into the zeroed struct ${out}. STATUS_OK or STATUS_VALIDATION_FAILED with req->errors.
 */
enum status form_read(struct request *req, const struct form_field *fields, size_t n, void *out);

/**
 * form_read_object(req, prefix, json, fields, n, out):
 * The same for an object inside: errors are named "${prefix}.field" (or plain without a prefix).
 */
enum status form_read_object(
    struct request *req, const char *prefix, struct json_object *json, const struct form_field *fields, size_t n, void *out);

/**
 * form_error(req, field, code):
 * Add a fault that only the handler can see ("same_as" …), with the words that go with it. Returns STATUS_VALIDATION_FAILED.
 */
enum status form_error(struct request *req, const char *field, const char *code);

/**
 * form_password(req, field, password, avoid, n_avoid):
 * Judge a new password by password_check; what is wrong lands in req->errors, with the sign that no English keyboard gives.
 * NULL, which form_read has found wrong, is passed over. Returns STATUS_OK or STATUS_VALIDATION_FAILED.
 */
enum status form_password(struct request *req, const char *field, const char *password, const char *const *avoid, size_t n_avoid);

#endif
