/* 登录设备: the account's own sessions, seen and ended one by one or all but this one. */
#include "session.h"

struct listing {
	const char *code, *answer;
};

struct choice {
	const char *id;
};

static const struct db_field listing_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
};

static const struct db_field listing_out[] = {
	{ DB_JSON, offsetof(struct listing, answer) },
};

const struct door session_list_door = {
	.name = "session_list",
	.sql = "select * from enroll.session_list($1,$2)",
	.in = listing_in,
	.n_in = sizeof listing_in / sizeof *listing_in,
	.out = listing_out,
	.n_out = sizeof listing_out / sizeof *listing_out,
	.code_offset = offsetof(struct listing, code),
};

const struct door session_end_others_door = {
	.name = "session_end_others",
	.sql = "select * from enroll.session_end_others($1,$2)",
	.in = listing_in,
	.n_in = sizeof listing_in / sizeof *listing_in,
};

static const struct db_field choice_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_UUID, offsetof(struct choice, id) },
};

const struct door session_end_one_door = {
	.name = "session_end_one",
	.sql = "select * from enroll.session_end_one($1,$2,$3)",
	.in = choice_in,
	.n_in = sizeof choice_in / sizeof *choice_in,
};

/* GET /api/sessions */
enum status
sessions_get(struct request *req, struct reply *rep)
{
	struct listing out = { 0 };
	enum status st;

	if ((st = db_call(req, &session_list_door, NULL, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.answer);
}

/* DELETE /api/sessions: all but this one. */
enum status
sessions_delete(struct request *req, struct reply *rep)
{
	enum status st = db_call(req, &session_end_others_door, NULL, NULL);

	return st == STATUS_OK ? reply_empty(rep) : st;
}

/* DELETE /api/sessions/{id} */
enum status
session_one_delete(struct request *req, struct reply *rep)
{
	const struct choice choice = { .id = request_uuid(req, 0) };
	enum status st = choice.id != NULL ? db_call(req, &session_end_one_door, &choice, NULL) : STATUS_NOT_FOUND;

	return st == STATUS_OK ? reply_empty(rep) : st;
}
