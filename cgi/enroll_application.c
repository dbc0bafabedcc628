/*
 * An application as its guardian reads, submits and takes it back (enroll_save.c: and fills). What a section lacks, C knows from
 * its tables and tells the doors ("blank"); what stands sealed, only C opens; everything else, and all decisions, are the doors'.
 */
#include "enroll.h"

#include <json-c/json.h>
#include <stdint.h>
#include <string.h>

#include "form.h"
#include "json.h"
#include "words.h"

#define N(array) (sizeof(array) / sizeof *(array))

struct get_in {
	const char *student_id, *blank;
};

static const struct db_field get_in_fields[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_UUID, offsetof(struct get_in, student_id) },
	{ DB_JSON, offsetof(struct get_in, blank) },
};

static const struct db_field application_fields[] = {
	{ DB_JSON, offsetof(struct application, answer) },
	{ DB_INT, offsetof(struct application, version) },
	{ DB_BOOL, offsetof(struct application, is_limited) },
	{ DB_JSON, offsetof(struct application, saved) },
	{ DB_UUID, offsetof(struct application, guardians[0].id) },
	{ DB_BYTES, offsetof(struct application, guardians[0].phone) },
	{ DB_UUID, offsetof(struct application, guardians[1].id) },
	{ DB_BYTES, offsetof(struct application, guardians[1].phone) },
};

const struct door application_get_door = {
	.name = "application_get",
	.sql = "select * from enroll.application_get($1,$2,$3,$4)",
	.in = get_in_fields,
	.n_in = N(get_in_fields),
	.out = application_fields,
	.n_out = N(application_fields),
	.code_offset = offsetof(struct application, code),
};

enum status
application_open(struct request *req, struct application *out)
{
	struct get_in in = { .student_id = req->params[0] };
	enum status st;

	if (!enroll_is_uuid(in.student_id))
		return STATUS_NOT_FOUND;
	if ((st = prefill_blank(req, in.student_id, &in.blank)) != STATUS_OK)
		return st;
	return db_call(req, &application_get_door, &in, out);
}

struct json_object *
enroll_door_json(const char *text)
{
	return text != NULL ? json_read((struct bytes){ (const uint8_t *)text, strlen(text) }) : NULL;
}

static const char *
member(struct json_object *object, const char *name)
{
	const char *text = json_object_get_string(json_object_object_get(object, name));

	return text != NULL ? text : "";
}

/* "household.address": how a problem's field is called outside its section. */
static const char *
problem_field(struct request *req, struct json_object *problem)
{
	return arena_printf(req->arena, "%s.%s", member(problem, "section"), member(problem, "field"));
}

enum status
application_add_messages(struct request *req, struct json_object *problems)
{
	for (size_t i = 0; problems != NULL && i < json_object_array_length(problems); i++) {
		struct json_object *problem = json_object_array_get_idx(problems, i);
		const char *field = problem_field(req, problem);

		if (field == NULL)
			return STATUS_INTERNAL;
		(void)json_object_object_add(
		    problem, "message", json_object_new_string(words_field(field, member(problem, "code"))));
	}
	return STATUS_OK;
}

/* The phones that this family gave for its guardians, in clear for the family itself. */
static void
add_phones(struct request *req, const struct application *out, struct json_object *answer)
{
	struct json_object *list = json_object_object_get(json_object_object_get(answer, "sections"), "guardians");

	for (size_t i = 0; i < GUARDIANS_MAX && list != NULL && i < json_object_array_length(list); i++) {
		const char *phone;

		if (out->guardians[i].phone.data == NULL)
			continue;
		phone = seal_get(req->arena, SEAL_CONTACT, "section.phone", out->guardians[i].id, out->guardians[i].phone);
		if (phone != NULL)
			(void)json_object_object_add(json_object_array_get_idx(list, i), "phone", json_object_new_string(phone));
	}
}

enum status
application_add_etag(struct request *req, struct reply *rep, int64_t version)
{
	const char *etag = arena_printf(req->arena, "\"%lld\"", (long long)version);

	return etag != NULL && reply_header(req, rep, "ETag", etag) ? STATUS_OK : STATUS_INTERNAL;
}

/* GET /api/applications/{student_id} */
enum status
application_get(struct request *req, struct reply *rep)
{
	struct application out = { 0 };
	struct json_object *answer, *saved;
	enum status st = application_open(req, &out);

	if (st != STATUS_OK)
		return st;
	answer = enroll_door_json(out.answer);
	saved = enroll_door_json(out.saved);
	st = answer != NULL && saved != NULL ? STATUS_OK : STATUS_INTERNAL;

	/* While limited, what was filled in stays closed. */
	if (st == STATUS_OK && !out.is_limited) {
		add_phones(req, &out, answer);
		st = prefill(req, req->params[0], answer, saved);
		prefill_lost(answer);
	}
	if (st == STATUS_OK)
		st = application_add_messages(req, json_object_object_get(answer, "problems"));
	if (st == STATUS_OK)
		st = application_add_etag(req, rep, out.version);
	(void)json_object_put(saved);
	if (st == STATUS_OK)
		return reply_json(req, rep, 200, answer);
	(void)json_object_put(answer);
	return st;
}

struct answer_in {
	const char *student_id, *key, *blank;
	uint8_t fingerprint[SEAL_HASH_SIZE];
};

struct answer_out {
	const char *code, *answer, *problems;
};

static const struct db_field submit_in_fields[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_UUID, offsetof(struct answer_in, student_id) },
	{ DB_TEXT, offsetof(struct answer_in, key) },
	{ DB_HASH, offsetof(struct answer_in, fingerprint) },
	{ DB_JSON, offsetof(struct answer_in, blank) },
};

static const struct db_field submit_out_fields[] = {
	{ DB_JSON, offsetof(struct answer_out, answer) },
	{ DB_JSON, offsetof(struct answer_out, problems) },
};

/* Withdrawing takes all but the last, and answers without problems; so does the history, with neither key nor fingerprint. */
const struct door application_submit_door = {
	.name = "application_submit",
	.sql = "select * from enroll.application_submit($1,$2,$3,$4,$5,$6)",
	.in = submit_in_fields,
	.n_in = N(submit_in_fields),
	.out = submit_out_fields,
	.n_out = N(submit_out_fields),
	.code_offset = offsetof(struct answer_out, code),
};

const struct door application_withdraw_door = {
	.name = "application_withdraw",
	.sql = "select * from enroll.application_withdraw($1,$2,$3,$4,$5)",
	.in = submit_in_fields,
	.n_in = N(submit_in_fields) - 1,
	.out = submit_out_fields,
	.n_out = 1,
	.code_offset = offsetof(struct answer_out, code),
};

const struct door application_events_door = {
	.name = "application_events",
	.sql = "select * from enroll.application_events($1,$2,$3)",
	.in = submit_in_fields,
	.n_in = 3,
	.out = submit_out_fields,
	.n_out = 1,
	.code_offset = offsetof(struct answer_out, code),
};

/* The student in the path, the key and what it stands for. */
static enum status
read_call(struct request *req, struct answer_in *in)
{
	in->student_id = req->params[0];
	in->key = req->idempotency_key;
	memcpy(in->fingerprint, req->fingerprint, sizeof in->fingerprint);
	return enroll_is_uuid(in->student_id) ? STATUS_OK : STATUS_NOT_FOUND;
}

/* What stands against the submission, beside its fields. */
static enum status
refuse(struct request *req, const char *problems_text)
{
	struct json_object *problems = enroll_door_json(problems_text);
	size_t n = problems != NULL ? json_object_array_length(problems) : 0;
	enum status st = n > 0 ? STATUS_VALIDATION_FAILED : STATUS_INTERNAL;

	for (size_t i = 0; i < n && st == STATUS_VALIDATION_FAILED && req->n_errors < REQUEST_ERRORS; i++) {
		struct json_object *problem = json_object_array_get_idx(problems, i);
		const char *field = problem_field(req, problem);
		const char *code = arena_strdup(req->arena, member(problem, "code"));

		st = field != NULL && code != NULL ? form_error(req, field, code) : STATUS_INTERNAL;
	}
	(void)json_object_put(problems);
	return st;
}

/* POST /api/applications/{student_id}/submit */
enum status
application_submit(struct request *req, struct reply *rep)
{
	struct answer_in in = { 0 };
	struct answer_out out = { 0 };
	enum status st;

	if ((st = read_call(req, &in)) != STATUS_OK || (st = prefill_blank(req, in.student_id, &in.blank)) != STATUS_OK)
		return st;
	st = db_call(req, &application_submit_door, &in, &out);
	if (st == STATUS_VALIDATION_FAILED)
		return refuse(req, out.problems);
	return st != STATUS_OK ? st : reply_text(req, rep, 200, out.answer);
}

/* POST /api/applications/{student_id}/withdraw */
enum status
application_withdraw(struct request *req, struct reply *rep)
{
	struct answer_in in = { 0 };
	struct answer_out out = { 0 };
	enum status st;

	if ((st = read_call(req, &in)) != STATUS_OK)
		return st;
	st = db_call(req, &application_withdraw_door, &in, &out);
	return st != STATUS_OK ? st : reply_text(req, rep, 200, out.answer);
}

/* GET /api/applications/{student_id}/events: each with its words. */
enum status
application_events(struct request *req, struct reply *rep)
{
	struct answer_in in = { 0 };
	struct answer_out out = { 0 };
	struct json_object *answer, *events;
	enum status st;

	if ((st = read_call(req, &in)) != STATUS_OK || (st = db_call(req, &application_events_door, &in, &out)) != STATUS_OK)
		return st;
	if ((events = enroll_door_json(out.answer)) == NULL)
		return STATUS_INTERNAL;
	for (size_t i = 0; i < json_object_array_length(events); i++) {
		struct json_object *event = json_object_array_get_idx(events, i);
		const char *name = arena_printf(req->arena, "event_%s", member(event, "kind"));
		const char *title = name != NULL ? words_sentence(name) : NULL;

		(void)json_object_object_add(event, "title", json_object_new_string(title != NULL ? title : ""));
	}
	answer = json_object_new_object();
	(void)json_object_object_add(answer, "events", events);
	return reply_json(req, rep, 200, answer);
}
