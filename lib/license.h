/*
 * The adapter of the e-license system (电子证照): log in, ask which licences an authorization opens for a holder, fetch them.
 * The only file that knows its URLs and shapes; how data_fields is written, lib/license_fields knows.
 */
#ifndef LICENSE_H
#define LICENSE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "bytes.h"

/* Why something did not come, in the parent's terms: sign again, apply for it first, name it, wait for us to try again. */
enum license_failure { LICENSE_OK, LICENSE_WITHDRAWN, LICENSE_NOT_HELD, LICENSE_UNREADABLE, LICENSE_UNAVAILABLE };

/* One licence, or why it did not come. */
struct license_document {
	const char *type; /* "household_register" … */
	enum license_failure failure;
	const char *number;    /* NULL if there is none */
	const char *issued_on; /* "2020-03-01", NULL if unknown */
	const char *json;      /* {"number","holder_name","issuer","issued_on","fields":{…}}: what is sealed */
	const char *auth_code; /* opens its archive */
};

/* The archive of a licence, as the register keeps it. */
struct license_archive {
	const char *kind; /* "pdf", "ofd" */
	struct bytes data;
};

/* What one holder has signed. */
struct license_request {
	const char *request_id; /* committed before the call, the same after a crash */
	const char *holder_id_no;
	const char *authorization_code;
	const char *types; /* those wanted, joined by commas */

	/* Filled. */
	enum license_failure failure; /* of the whole; documents are then none */
	struct license_document *documents;
	size_t n_documents;
};

/**
 * license_open():
 * Read URL, credentials and CA from the configuration. Call once, before threads start. Returns false (logged) if a secret
 * is missing.
 */
bool license_open(void);

/**
 * license_failure_name(failure):
 * Return the state that the doors know ("fetched", "consent_withdrawn", "license_not_held" …).
 */
const char *license_failure_name(enum license_failure failure);

/**
 * license_fetch(arena, requests, n):
 * Fetch what ${n} requests want, beside each other; each ends with its documents or its failure. An expired token is
 * replaced by logging in again once.
 */
void license_fetch(struct arena *arena, struct license_request *requests, size_t n);

/**
 * license_fetch_archive(arena, auth_code, limit_bytes, out):
 * Fetch the archive that ${auth_code} opens. Returns false (logged) if there is none, it is larger than ${limit_bytes}, or
 * neither a PDF nor an OFD file.
 */
bool license_fetch_archive(struct arena *arena, const char *auth_code, size_t limit_bytes, struct license_archive *out);

#endif
