/*
 * Fetching. A request's id was committed when the signing was judged, so that a crash repeats the same request; numbers and
 * codes are opened for the call, and what comes back is sealed before it is stored.
 */
#include "license_work.h"

#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "fetch.h"
#include "license.h"
#include "log.h"

enum { ROUND = 16, FAULT_WAIT_MS = 500, REFUSED_WAIT_MS = 100, DOOR_LIMIT_MS = 5000 };

/* An archive comes as Base64 in JSON, is decoded and sealed: so many times its size, and this for the rest. */
enum { ARCHIVE_ROOM = 12, ARCHIVE_ROOM_LEAST = 1 << 20 };

static atomic_bool has_begun;

struct due_in {
	int64_t limit;
	bool is_first; /* of this process: nobody holds a lease any more */
};

struct due_row {
	const char *code, *request_id, *signing_id;
	struct bytes signing_code;
	const char *holder_id;
	bool is_guardian;
	struct bytes id_no;
	const char *types;
	int64_t wait_ms;
};

#define AT(member) offsetof(struct due_row, member)
static const struct db_field due_in[] = { { DB_INT, offsetof(struct due_in, limit) },
	{ DB_BOOL, offsetof(struct due_in, is_first) } };
static const struct db_field due_out[] = { { DB_UUID, AT(request_id) }, { DB_UUID, AT(signing_id) },
	{ DB_BYTES, AT(signing_code) }, { DB_UUID, AT(holder_id) }, { DB_BOOL, AT(is_guardian) }, { DB_BYTES, AT(id_no) },
	{ DB_TEXT, AT(types) }, { DB_INT, AT(wait_ms) } };
#undef AT

const struct door license_due_door = { "license_due", "select * from enroll.license_due($1,$2)", due_in, 2, due_out,
	sizeof due_out / sizeof *due_out, offsetof(struct due_row, code) };

/* One element a document. */
struct store_in {
	const char *request_id, *failure;
	struct db_list ids, types, states;
	struct db_blobs data;
	struct db_list masks, issued_on;
};

#define AT(member) offsetof(struct store_in, member)
static const struct db_field store_in[] = { { DB_REF, 0 }, { DB_UUID, AT(request_id) }, { DB_TEXT, AT(failure) },
	{ DB_UUIDS, AT(ids) }, { DB_TEXTS, AT(types) }, { DB_TEXTS, AT(states) }, { DB_BLOBS, AT(data) }, { DB_TEXTS, AT(masks) },
	{ DB_TEXTS, AT(issued_on) } };
#undef AT

const struct door license_store_door = { "license_store", "select * from enroll.license_store($1,$2,$3,$4,$5,$6,$7,$8,$9)",
	store_in, sizeof store_in / sizeof *store_in, NULL, 0, 0 };

struct archive_in {
	const char *license_id;
	struct bytes archive;
	const char *kind;
};

static const struct db_field archive_in[] = { { DB_REF, 0 }, { DB_UUID, offsetof(struct archive_in, license_id) },
	{ DB_BYTES, offsetof(struct archive_in, archive) }, { DB_TEXT, offsetof(struct archive_in, kind) } };

const struct door license_archive_door = { "license_archive_put", "select * from enroll.license_archive_put($1,$2,$3,$4)",
	archive_in, sizeof archive_in / sizeof *archive_in, NULL, 0, 0 };

/* The columns of a request's documents, side by side. */
struct columns {
	const char **ids, **types, **states, **masks, **issued_on;
	struct bytes *data;
};

static bool
make_columns(struct arena *arena, size_t n, struct columns *c)
{
	const char **texts = (const char **)arena_alloc(arena, (n + 1) * 5 * sizeof *texts);

	c->data = arena_alloc(arena, (n + 1) * sizeof *c->data);
	if (texts == NULL || c->data == NULL)
		return false;
	c->ids = texts;
	c->types = c->ids + n + 1;
	c->states = c->types + n + 1;
	c->masks = c->states + n + 1;
	c->issued_on = c->masks + n + 1;
	return true;
}

/* The first and the last character of a number, whatever its length. */
static char *
mask_number(struct arena *arena, const char *number)
{
	size_t first = 1, last = strlen(number);

	while (((unsigned char)number[first] & 0xC0) == 0x80)
		first++;
	do
		last--;
	while (last > first && ((unsigned char)number[last] & 0xC0) == 0x80);
	return arena_printf(arena, "%.*s******%s", (int)first, number, last > first ? number + last : "");
}

/* Seal one document into its columns. */
static bool
put_document(struct arena *arena, const struct license_document *document, struct columns *c, size_t i)
{
	char *id = arena_alloc(arena, 37);

	if (id == NULL)
		return false;
	seal_uuid(id);
	c->ids[i] = id;
	c->types[i] = document->type;
	c->states[i] = license_failure_name(document->failure);
	c->issued_on[i] = document->issued_on != NULL ? document->issued_on : "";
	c->masks[i] = "";
	c->data[i] = (struct bytes){ NULL, 0 };
	if (document->failure != LICENSE_OK)
		return true;
	if (document->number != NULL && (c->masks[i] = mask_number(arena, document->number)) == NULL)
		return false;
	return seal_put(arena, SEAL_LICENSE, "license.data", id, document->json, &c->data[i]);
}

/* One licence's archive, in memory of its own: it is far larger than all else in a round. Without it the licence stands. */
static void
keep_archive(const char *license_id, const struct license_document *document)
{
	size_t limit_bytes = (size_t)conf_number("license_archive_max_kb") * 1024;
	struct arena *arena = arena_new(ARCHIVE_ROOM * limit_bytes + ARCHIVE_ROOM_LEAST);
	struct archive_in in = { .license_id = license_id };
	struct license_archive archive;
	struct request req;

	if (arena == NULL)
		return;
	db_worker_request(arena, &req);
	if (license_fetch_archive(arena, document->auth_code, limit_bytes, &archive) &&
	    seal_put_bytes(arena, SEAL_LICENSE, "license.archive", license_id, archive.data, &in.archive)) {
		in.kind = archive.kind;
		req.deadline_ms = clock_monotonic_ms() + DOOR_LIMIT_MS;
		(void)db_call(&req, &license_archive_door, &in, NULL);
	}
	arena_free(arena);
}

/* Store what came. Returns the ids of the documents, NULL if they could not be stored. */
static const char *const *
store(struct request *req, const struct license_request *request)
{
	size_t n = request->n_documents;
	struct store_in in = { .request_id = request->request_id };
	struct columns c;

	if (!make_columns(req->arena, n, &c))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (!put_document(req->arena, &request->documents[i], &c, i))
			return NULL;
	if (request->failure != LICENSE_OK)
		in.failure = license_failure_name(request->failure);
	in.ids = (struct db_list){ c.ids, n };
	in.types = (struct db_list){ c.types, n };
	in.states = (struct db_list){ c.states, n };
	in.data = (struct db_blobs){ c.data, n };
	in.masks = (struct db_list){ c.masks, n };
	in.issued_on = (struct db_list){ c.issued_on, n };
	req->deadline_ms = clock_monotonic_ms() + DOOR_LIMIT_MS;
	return db_call(req, &license_store_door, &in, NULL) == STATUS_OK ? c.ids : NULL;
}

/* Store what came for all, and fetch archives only then: nobody waits for somebody else's. */
static void
store_all(struct request *req, const struct license_request *requests, size_t n)
{
	const char *const *ids[ROUND];

	for (size_t i = 0; i < n; i++)
		ids[i] = store(req, &requests[i]);
	if (strcmp(conf_text("license_archive"), "keep") != 0)
		return;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; ids[i] != NULL && k < requests[i].n_documents; k++)
			if (requests[i].documents[k].failure == LICENSE_OK)
				keep_archive(ids[i][k], &requests[i].documents[k]);
}

/* Open what the calls need. A code that does not open (a lost key) can only be signed anew. */
static bool
open_request(struct request *req, const struct due_row *due, struct license_request *out)
{
	const char *place = due->is_guardian ? "guardian.id_no" : "student.id_no";

	*out = (struct license_request){ .request_id = due->request_id,
		.holder_id_no = seal_get(req->arena, SEAL_IDENTITY, place, due->holder_id, due->id_no),
		.authorization_code = seal_get(req->arena, SEAL_LICENSE, "signing.code", due->signing_id, due->signing_code),
		.types = due->types };
	return out->holder_id_no != NULL && out->authorization_code != NULL;
}

int64_t
license_work(struct request *req)
{
	struct due_in in = { (int64_t)fetch_room("license", ROUND), false };
	const struct due_row *due;
	struct license_request *requests;
	struct db_rows rows;
	size_t n = 0;

	/* While the breaker refuses nothing is taken, so that all are still due when the system is back. */
	if (in.limit == 0)
		return REFUSED_WAIT_MS;
	in.is_first = !atomic_exchange(&has_begun, true);
	req->deadline_ms = clock_monotonic_ms() + DOOR_LIMIT_MS;
	if (db_call_rows(req, &license_due_door, &in, sizeof *due, &rows) != STATUS_OK || rows.n == 0)
		return FAULT_WAIT_MS;
	due = rows.items;
	if (strcmp(due->code, "idle") == 0)
		return due->wait_ms;
	if ((requests = arena_alloc(req->arena, rows.n * sizeof *requests)) == NULL)
		return FAULT_WAIT_MS;
	for (size_t i = 0; i < rows.n; i++) {
		if (open_request(req, &due[i], &requests[n])) {
			n++;
		} else {
			requests[n].failure = LICENSE_WITHDRAWN;
			(void)store(req, &requests[n]);
		}
	}
	license_fetch(req->arena, requests, n);
	store_all(req, requests, n);
	return 0;
}
