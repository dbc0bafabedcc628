/*
 * The handlers. A launch is two doors with the call between them: our row with its state is committed before the space is
 * called, and no transaction is held meanwhile. The one-time code goes into the return_url's fragment and nowhere else; the
 * database knows its hash.
 */
#include "errand.h"

#include <string.h>
#include <time.h>

#include "asker.h"
#include "clock.h"
#include "conf.h"
#include "errand_words.h"
#include "form.h"
#include "log.h"
#include "signin.h"
#include "slots.h"
#include "space.h"

/* How long a second launch of the same waits for the first, and how often it looks. */
enum { TWIN_WAIT_MS = 2000, TWIN_PAUSE_MS = 100, BUSY_RETRY_S = 2 };

static struct slots outbound;

struct begin_in {
	char id[37];
	const char *id_text;
	uint8_t state_hash[SEAL_HASH_SIZE], code_hash[SEAL_HASH_SIZE];
	struct db_list student_ids;
};

/* One person of the family; the guardian first. */
struct begin_row {
	const char *code, *answer, *person_id, *name;
	struct bytes id_no;
	bool is_guardian;
	int64_t retry_after_s;
};

static const struct db_field begin_in[] = { { DB_SESSION, 0 }, { DB_REF, 0 }, { DB_DEVICE, 0 },
	{ DB_UUID, offsetof(struct begin_in, id_text) }, { DB_HASH, offsetof(struct begin_in, state_hash) },
	{ DB_HASH, offsetof(struct begin_in, code_hash) }, { DB_UUIDS, offsetof(struct begin_in, student_ids) } };
static const struct db_field begin_out[] = { { DB_JSON, offsetof(struct begin_row, answer) },
	{ DB_UUID, offsetof(struct begin_row, person_id) }, { DB_TEXT, offsetof(struct begin_row, name) },
	{ DB_BYTES, offsetof(struct begin_row, id_no) }, { DB_BOOL, offsetof(struct begin_row, is_guardian) },
	{ DB_INT, offsetof(struct begin_row, retry_after_s) } };

const struct door errand_begin_door = { "errand_begin", "select * from enroll.errand_begin($1,$2,$3,$4,$5,$6,$7)", begin_in,
	sizeof begin_in / sizeof *begin_in, begin_out, sizeof begin_out / sizeof *begin_out, offsetof(struct begin_row, code) };

struct launched_in {
	const char *id;
	const char *session_id, *launch_url; /* NULL: the space could not be reached */
	int64_t expires_ms;
};

/* What most doors here answer: a code and JSON, and whether the asking threads have something to do. */
struct answer {
	const char *code, *json;
	bool is_woken;
};

static const struct db_field launched_in[] = { { DB_SESSION, 0 }, { DB_REF, 0 }, { DB_UUID, offsetof(struct launched_in, id) },
	{ DB_TEXT, offsetof(struct launched_in, session_id) }, { DB_TEXT, offsetof(struct launched_in, launch_url) },
	{ DB_INT, offsetof(struct launched_in, expires_ms) } };
static const struct db_field answer_out[] = { { DB_JSON, offsetof(struct answer, json) },
	{ DB_BOOL, offsetof(struct answer, is_woken) } };

const struct door errand_launched_door = { "errand_launched", "select * from enroll.errand_launched($1,$2,$3,$4,$5,$6)",
	launched_in, sizeof launched_in / sizeof *launched_in, answer_out, 1, offsetof(struct answer, code) };

struct get_in {
	const char *id;
};

static const struct db_field get_in[] = { { DB_SESSION, 0 }, { DB_UUID, offsetof(struct get_in, id) } };

const struct door errand_get_door = { "errand_get", "select * from enroll.errand_get($1,$2)", get_in,
	sizeof get_in / sizeof *get_in, answer_out, 2, offsetof(struct answer, code) };

const struct door errand_events_door = { "errand_events", "select * from enroll.errand_events($1,$2)", get_in,
	sizeof get_in / sizeof *get_in, answer_out, 1, offsetof(struct answer, code) };

struct return_in {
	uint8_t code_hash[SEAL_HASH_SIZE];
};

static const struct db_field return_in[] = { { DB_SESSION, 0 }, { DB_REF, 0 }, { DB_DEVICE, 0 },
	{ DB_HASH, offsetof(struct return_in, code_hash) } };

const struct door errand_return_door = { "errand_return", "select * from enroll.errand_return($1,$2,$3,$4)", return_in,
	sizeof return_in / sizeof *return_in, answer_out, 1, offsetof(struct answer, code) };

struct hint_in {
	uint8_t nonce_hash[SEAL_HASH_SIZE];
	const char *event_id, *session_id;
};

static const struct db_field hint_in[] = { { DB_REF, 0 }, { DB_HASH, offsetof(struct hint_in, nonce_hash) },
	{ DB_TEXT, offsetof(struct hint_in, event_id) }, { DB_TEXT, offsetof(struct hint_in, session_id) } };

const struct door errand_hint_door = { "errand_hint", "select * from enroll.errand_hint($1,$2,$3,$4)", hint_in,
	sizeof hint_in / sizeof *hint_in, NULL, 0, 0 };

static void
hash_text(const char *text, uint8_t out[static SEAL_HASH_SIZE])
{
	seal_hash((struct bytes){ (const uint8_t *)text, strlen(text) }, out);
}

/* Mark the browser that launches, if it is not yet marked: only it may bring the code back. */
static enum status
mark_device(struct request *req, struct reply *rep)
{
	struct signin *signin = arena_alloc(req->arena, sizeof *signin);

	if (req->device.is_present)
		return STATUS_OK;
	if (signin == NULL)
		return STATUS_INTERNAL;
	signin_prepare(req, signin);
	if (!signin_device_cookie(req, rep, signin))
		return STATUS_INTERNAL;
	memcpy(req->device.hash, signin->device_hash, SEAL_HASH_SIZE);
	req->device.is_present = true;
	return STATUS_OK;
}

/* Call the first door; while this browser's own launch of the same is at work, wait for it. */
static enum status
begin(struct request *req, const struct begin_in *in, struct db_rows *rows, const struct begin_row **first)
{
	const struct timespec pause = { 0, TWIN_PAUSE_MS * 1000000L };
	int64_t until_ms = clock_monotonic_ms() + TWIN_WAIT_MS;
	enum status st;

	for (;;) {
		if ((st = db_call_rows(req, &errand_begin_door, in, sizeof(struct begin_row), rows)) != STATUS_OK)
			return st;
		if (rows->n == 0)
			return STATUS_INTERNAL;
		*first = rows->items;
		req->retry_after_s = (int)(*first)->retry_after_s;
		if (strcmp((*first)->code, "in_progress") != 0)
			return status_from_code((*first)->code);
		if (clock_monotonic_ms() >= until_ms) {
			req->retry_after_s = BUSY_RETRY_S;
			return STATUS_BUSY;
		}
		nanosleep(&pause, NULL);
	}
}

/* Open the numbers of the family, for the launch alone. */
static bool
open_family(struct request *req, const struct db_rows *rows, struct space_person *people)
{
	const struct begin_row *row = rows->items;

	for (size_t i = 0; i < rows->n; i++) {
		const char *place = row[i].is_guardian ? "guardian.id_no" : "student.id_no";

		people[i].name = row[i].name;
		people[i].id_no = seal_get(req->arena, SEAL_IDENTITY, place, row[i].person_id, row[i].id_no);
		if (people[i].id_no == NULL)
			return false;
	}
	return true;
}

/* The call between the doors. */
static enum status
start(struct request *req, const struct errand_kind *kind, const struct db_rows *rows, const char *id, const char *state,
    const char *code, struct space_session *session)
{
	struct space_person *people = arena_alloc(req->arena, rows->n * sizeof *people);
	struct space_launch launch = { .purpose = kind->purpose,
		.state = state,
		.return_url = arena_printf(req->arena, "%s%s#code=%s&id=%s", conf_text("public_url"), kind->page, code, id),
		.notify_url = arena_printf(req->arena, "%s%s", conf_text("public_url"), kind->notify),
		.licenses = kind->licenses };
	enum status st;

	if (people == NULL || launch.return_url == NULL || launch.notify_url == NULL || !open_family(req, rows, people))
		return STATUS_INTERNAL;
	launch.guardian = people[0];
	launch.students = people + 1;
	launch.n_students = rows->n - 1;
	if (!slots_take(&outbound, conf_number("outbound_slots"))) {
		req->retry_after_s = BUSY_RETRY_S;
		return STATUS_BUSY;
	}
	st = space_start(req->arena, &launch, session);
	slots_give(&outbound);
	return st;
}

enum status
errand_launch(struct request *req, struct reply *rep, const struct errand_kind *kind)
{
	static const struct form_field fields[] = { { .name = "student_ids",
	    .rule = FORM_UUIDS,
	    .offset = offsetof(struct begin_in, student_ids),
	    .is_optional = true } };
	struct begin_in in = { 0 };
	const struct begin_row *first;
	struct space_session session = { 0 };
	struct launched_in launched;
	struct answer answer = { 0 };
	struct db_rows family;
	char state[44], code[44];
	enum status st, started;

	/* For whom, and from which browser? */
	if ((st = form_read(req, fields, 1, &in)) != STATUS_OK || (st = mark_device(req, rep)) != STATUS_OK)
		return st;

	/* Our own record first, or the pending one of this browser. */
	seal_uuid(in.id);
	in.id_text = in.id;
	seal_token(state);
	seal_token(code);
	hash_text(state, in.state_hash);
	hash_text(code, in.code_hash);
	if ((st = begin(req, &in, &family, &first)) != STATUS_OK)
		return st;
	if (strcmp(first->code, "replayed") == 0)
		return reply_text(req, rep, 200, first->answer);

	/* Then the space, holding no transaction; whatever came of it is recorded. */
	started = start(req, kind, &family, in.id, state, code, &session);
	launched = (struct launched_in){ in.id, session.id, session.launch_url, session.expires_ms };
	if (started != STATUS_OK)
		launched = (struct launched_in){ .id = in.id };
	st = db_call(req, &errand_launched_door, &launched, &answer);
	if (started != STATUS_OK || st != STATUS_OK)
		return started != STATUS_OK ? started : st;
	asker_wake();
	return reply_text(req, rep, 201, answer.json);
}

enum status
errand_get(struct request *req, struct reply *rep)
{
	const struct get_in in = { request_uuid(req, 0) };
	struct answer answer = { 0 };
	enum status st;

	if (in.id == NULL)
		return STATUS_NOT_FOUND;
	if ((st = db_call(req, &errand_get_door, &in, &answer)) != STATUS_OK)
		return st;
	if (answer.is_woken)
		asker_wake();
	return errand_words(req, rep, answer.json);
}

enum status
errand_events(struct request *req, struct reply *rep)
{
	const struct get_in in = { request_uuid(req, 0) };
	struct answer answer = { 0 };
	enum status st;

	if (in.id == NULL)
		return STATUS_NOT_FOUND;
	if ((st = db_call(req, &errand_events_door, &in, &answer)) != STATUS_OK)
		return st;
	return errand_event_words(req, rep, answer.json);
}

enum status
errand_return(struct request *req, struct reply *rep)
{
	struct form {
		const char *code;
	} form = { 0 };
	static const struct form_field fields[] = {
		{ .name = "code", .rule = FORM_TOKEN, .offset = offsetof(struct form, code) }
	};
	struct return_in in;
	struct answer answer = { 0 };
	enum status st;

	if ((st = form_read(req, fields, 1, &form)) != STATUS_OK)
		return st;
	hash_text(form.code, in.code_hash);
	if ((st = db_call(req, &errand_return_door, &in, &answer)) != STATUS_OK)
		return st;
	asker_wake();
	return errand_words(req, rep, answer.json);
}

enum status
errand_notify(struct request *req, struct reply *rep)
{
	struct space_notice notice;
	struct hint_in in;
	const char *nonce;
	enum status st;

	/* Who says so? The signature covers no body, which is why a notice is only a hint. */
	if ((st = space_notice(req, &notice, &nonce)) != STATUS_OK)
		return st;
	hash_text(nonce, in.nonce_hash);
	in.event_id = notice.event_id;
	in.session_id = notice.session_id;
	if ((st = db_call(req, &errand_hint_door, &in, NULL)) != STATUS_OK)
		return st;
	asker_wake();
	return reply_empty(rep);
}
