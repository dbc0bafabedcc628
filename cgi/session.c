/*
 * 登录: sign in by phone and password, who am I, sign out. No sign-in waits for WeChat or the province. What a parent does with
 * his account once he is in stands in session_list.c, session_account.c and session_handoff.c.
 */
#include <string.h>

#include "form.h"
#include "keys.h"
#include "password.h"
#include "service.h"
#include "session.h"
#include "signin.h"
#include "words.h"

struct attempt {
	/* What the parent sends. */
	const char *phone, *password;
	bool is_move_wechat;

	/* What the doors take and give. */
	uint8_t phone_index[SEAL_INDEX_SIZE];
	const char *hash, *costs, *rehash, *kind;
	struct bytes key;
	bool is_right;
	struct signin signin;
};

struct outcome {
	const char *code, *answer;
};

/* What session_begin tells: the hash to judge by, what all hashes in use cost, and which counter was booked. */
struct chance {
	const char *code, *hash, *costs, *kind;
	struct bytes key;
	int64_t retry_after_s;
};

static const struct form_field attempt_fields[] = {
	{ .name = "phone", .rule = FORM_PHONE, .offset = offsetof(struct attempt, phone) },
	{ .name = "password", .rule = FORM_PASSWORD, .offset = offsetof(struct attempt, password) },
	{ .name = "move_wechat", .rule = FORM_BOOL, .offset = offsetof(struct attempt, is_move_wechat), .is_optional = true },
};

static const struct db_field begin_in[] = {
	{ DB_REF, 0 },
	{ DB_ADDRESS, 0 },
	{ DB_DEVICE, 0 },
	{ DB_WECHAT, 0 },
	{ DB_INDEX, offsetof(struct attempt, phone_index) },
};

static const struct db_field begin_out[] = {
	{ DB_INT, offsetof(struct chance, retry_after_s) },
	{ DB_TEXT, offsetof(struct chance, hash) },
	{ DB_TEXT, offsetof(struct chance, costs) },
	{ DB_TEXT, offsetof(struct chance, kind) },
	{ DB_BYTES, offsetof(struct chance, key) },
};

static const struct door begin_door = {
	.name = "session_begin",
	.sql = "select * from enroll.session_begin($1,$2,$3,$4,$5)",
	.in = begin_in,
	.n_in = sizeof begin_in / sizeof *begin_in,
	.out = begin_out,
	.n_out = sizeof begin_out / sizeof *begin_out,
	.code_offset = offsetof(struct chance, code),
};

static const struct db_field finish_in[] = {
	{ DB_REF, 0 },
	{ DB_ADDRESS, 0 },
	{ DB_WECHAT, 0 },
	{ DB_INDEX, offsetof(struct attempt, phone_index) },
	{ DB_BOOL, offsetof(struct attempt, is_right) },
	{ DB_TEXT, offsetof(struct attempt, hash) },
	{ DB_TEXT, offsetof(struct attempt, rehash) },
	{ DB_HASH, offsetof(struct attempt, signin.token_hash) },
	{ DB_HASH, offsetof(struct attempt, signin.device_hash) },
	{ DB_TEXT, offsetof(struct attempt, signin.device_name) },
	{ DB_BOOL, offsetof(struct attempt, is_move_wechat) },
	{ DB_TEXT, offsetof(struct attempt, kind) },
	{ DB_BYTES, offsetof(struct attempt, key) },
};

static const struct db_field answer_out[] = {
	{ DB_JSON, offsetof(struct outcome, answer) },
};

static const struct door finish_door = {
	.name = "session_finish",
	.sql = "select * from enroll.session_finish($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)",
	.in = finish_in,
	.n_in = sizeof finish_in / sizeof *finish_in,
	.out = answer_out,
	.n_out = sizeof answer_out / sizeof *answer_out,
	.code_offset = offsetof(struct outcome, code),
};

static const struct db_field drop_in[] = {
	{ DB_REF, 0 },
	{ DB_TEXT, offsetof(struct attempt, kind) },
	{ DB_BYTES, offsetof(struct attempt, key) },
};

static const struct door drop_door = {
	.name = "session_drop",
	.sql = "select * from enroll.session_drop($1,$2,$3)",
	.in = drop_in,
	.n_in = sizeof drop_in / sizeof *drop_in,
};

static const struct db_field signed_in_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
};

static const struct db_field get_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_WECHAT, 0 },
};

static const struct door get_door = {
	.name = "session_get",
	.sql = "select * from enroll.session_get($1,$2,$3)",
	.in = get_in,
	.n_in = sizeof get_in / sizeof *get_in,
	.out = answer_out,
	.n_out = sizeof answer_out / sizeof *answer_out,
	.code_offset = offsetof(struct outcome, code),
};

static const struct door idle_door = {
	.name = "session_idle",
	.sql = "select * from enroll.session_idle($1,$2)",
	.in = signed_in_in,
	.n_in = sizeof signed_in_in / sizeof *signed_in_in,
	.out = answer_out,
	.n_out = sizeof answer_out / sizeof *answer_out,
	.code_offset = offsetof(struct outcome, code),
};

static const struct door end_door = {
	.name = "session_end",
	.sql = "select * from enroll.session_end($1,$2)",
	.in = signed_in_in,
	.n_in = sizeof signed_in_in / sizeof *signed_in_in,
};

/* May this phone's password be tried now? Books the attempt. */
static enum status
begin(struct request *req, struct attempt *in)
{
	struct chance chance = { 0 };
	enum status st;

	if (!seal_index("phone", in->phone, in->phone_index))
		return STATUS_INTERNAL;
	st = db_call(req, &begin_door, in, &chance);
	req->retry_after_s = (int)chance.retry_after_s;
	in->hash = chance.hash;
	in->costs = chance.costs;
	in->kind = chance.kind;
	in->key = chance.key;
	return st;
}

/*
 * Judge the password; an unknown phone has no hash and costs the same. An outdated hash is made anew while the password is
 * at hand: if there is no slot for that, the next sign-in will do it.
 */
static enum status
judge(struct request *req, struct attempt *in)
{
	char *rehash = arena_alloc(req->arena, PASSWORD_HASH_SIZE);
	bool is_outdated = false;
	enum status st = STATUS_INTERNAL;

	if (rehash != NULL)
		st = password_verify(in->password, in->hash, in->costs, req->deadline_ms, &in->is_right, &is_outdated);
	if (st != STATUS_OK)
		(void)db_call(req, &drop_door, in, NULL);
	else if (in->is_right && is_outdated && password_hash(in->password, req->deadline_ms, rehash) == STATUS_OK)
		in->rehash = rehash;
	return st;
}

/* POST /api/session */
static enum status
session_post(struct request *req, struct reply *rep)
{
	struct attempt *in = arena_alloc(req->arena, sizeof *in);
	struct outcome out = { 0 };
	enum status st;

	if (in == NULL)
		return STATUS_INTERNAL;
	if ((st = form_read(req, attempt_fields, sizeof attempt_fields / sizeof *attempt_fields, in)) != STATUS_OK)
		return st;
	if ((st = begin(req, in)) != STATUS_OK)
		return st;
	if ((st = judge(req, in)) != STATUS_OK)
		return st;

	/* Right or wrong, the door writes it down; only if it was right, the browser gets its cookies. */
	signin_prepare(req, &in->signin);
	if ((st = db_call(req, &finish_door, in, &out)) == STATUS_BAD_CREDENTIALS)
		req->detail = words_sentence("sign_in_wrong");
	if (st != STATUS_OK)
		return st;
	if (!signin_cookies(req, rep, &in->signin))
		return STATUS_INTERNAL;
	return reply_text(req, rep, 200, out.answer);
}

/* GET /api/session */
static enum status
session_get(struct request *req, struct reply *rep)
{
	struct outcome out = { 0 };
	enum status st;

	if ((st = db_call(req, &get_door, NULL, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.answer);
}

/* GET /api/session/idle: how long it lasts if nothing is done; to ask is no activity. */
static enum status
session_idle_get(struct request *req, struct reply *rep)
{
	struct outcome out = { 0 };
	enum status st;

	if ((st = db_call(req, &idle_door, NULL, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.answer);
}

/* DELETE /api/session */
static enum status
session_delete(struct request *req, struct reply *rep)
{
	enum status st;

	if ((st = db_call(req, &end_door, NULL, NULL)) != STATUS_OK)
		return st;
	if (!reply_cookie(req, rep, "__Host-session", "", 0))
		return STATUS_INTERNAL;
	return reply_empty(rep);
}

static const struct route routes[] = {
	{ "POST", "/api/session", session_post, ROUTE_ORIGIN | ROUTE_JSON },
	{ "GET", "/api/session", session_get, ROUTE_SESSION },
	{ "DELETE", "/api/session", session_delete, ROUTE_ORIGIN | ROUTE_SESSION },
	{ "GET", "/api/session/idle", session_idle_get, ROUTE_SESSION },
	{ "GET", "/api/sessions", sessions_get, ROUTE_SESSION },
	{ "DELETE", "/api/sessions", sessions_delete, ROUTE_ORIGIN | ROUTE_SESSION },
	{ "DELETE", "/api/sessions/{id}", session_one_delete, ROUTE_ORIGIN | ROUTE_SESSION },
	{ "PUT", "/api/account/password", account_password_put, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "PUT", "/api/account/phone", account_phone_put, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "POST", "/api/account/code", account_code_post, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "POST", "/api/account/close", account_close_post, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "POST", "/api/handoffs", handoffs_post, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "POST", "/api/handoffs/open", handoff_open_post, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "GET", "/api/handoffs/{id}", handoff_get, ROUTE_SESSION },
};

static const struct door *const doors[] = { &begin_door, &finish_door, &drop_door, &get_door, &idle_door, &end_door,
	&session_list_door, &session_end_one_door, &session_end_others_door, &account_begin_door, &account_drop_door,
	&account_password_door, &account_phone_door, &account_code_door, &account_close_door, &handoff_start_door,
	&handoff_get_door, &handoff_open_door };

int
main(int argc, char **argv)
{
	const struct service service = {
		.name = "session",
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.doors = doors,
		.n_doors = sizeof doors / sizeof *doors,
		.keys = keys_of("session"),
	};

	return service_main(argc, argv, &service);
}
