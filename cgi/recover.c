/*
 * 找回密码 and 修改手机号 by the four facts: as the handbook promises; afterwards the account is limited, and its owner, who is
 * told, can undo it (这不是我).
 */
#include <string.h>

#include "facts.h"
#include "form.h"
#include "keys.h"
#include "password.h"
#include "phone.h"
#include "phone_code.h"
#include "service.h"
#include "signin.h"
#include "undo.h"
#include "words.h"

struct recovery {
	/* What the parent sends. */
	struct facts facts; /* first: see FACTS_FIELDS */
	const char *password, *old_phone, *new_phone, *phone_code;
	bool is_old_phone_lost;

	/* What the doors take and give. */
	const char *kind, *hash, *phone_id, *phone_mask;
	struct bytes key, sealed_phone, code_hash;
	struct db_blobs phones_in_password;
	uint8_t old_phone_index[SEAL_INDEX_SIZE], new_phone_index[SEAL_INDEX_SIZE];
	struct signin signin;
	struct undo undo;
};

/* What the parent sends to undo a change, and what the door takes of it. */
struct regret {
	const char *token;
	uint8_t token_hash[SEAL_HASH_SIZE];
};

/* What recover_begin and recover_phone tell. */
struct chance {
	const char *code, *kind;
	struct bytes key;
	int64_t retry_after_s;
};

static const struct form_field password_fields[] = {
	FACTS_FIELDS,
	{ .name = "password", .rule = FORM_PASSWORD, .offset = offsetof(struct recovery, password) },
	{ .name = "old_phone_lost",
	    .rule = FORM_BOOL,
	    .offset = offsetof(struct recovery, is_old_phone_lost),
	    .is_optional = true },
};

static const struct form_field phone_fields[] = {
	FACTS_FIELDS,
	{ .name = "old_phone", .rule = FORM_PHONE, .offset = offsetof(struct recovery, old_phone) },
	{ .name = "new_phone", .rule = FORM_PHONE, .offset = offsetof(struct recovery, new_phone) },
	{ .name = "old_phone_lost",
	    .rule = FORM_BOOL,
	    .offset = offsetof(struct recovery, is_old_phone_lost),
	    .is_optional = true },
	PHONE_CODE_FIELD(offsetof(struct recovery, phone_code)),
};

static const struct form_field regret_fields[] = {
	{ .name = "token", .rule = FORM_TOKEN, .offset = offsetof(struct regret, token) },
};

static const struct db_field begin_in[] = {
	{ DB_REF, 0 },
	{ DB_ADDRESS, 0 },
	{ DB_DEVICE, 0 },
	{ DB_WECHAT, 0 },
	{ DB_INDEX, offsetof(struct recovery, facts.guardian_index) },
	{ DB_INDEX, offsetof(struct recovery, facts.student_index) },
};

static const struct db_field begin_out[] = {
	{ DB_INT, offsetof(struct chance, retry_after_s) },
	{ DB_TEXT, offsetof(struct chance, kind) },
	{ DB_BYTES, offsetof(struct chance, key) },
};

static const struct door begin_door = {
	.name = "recover_begin",
	.sql = "select * from enroll.recover_begin($1,$2,$3,$4,$5,$6)",
	.in = begin_in,
	.n_in = sizeof begin_in / sizeof *begin_in,
	.out = begin_out,
	.n_out = sizeof begin_out / sizeof *begin_out,
	.code_offset = offsetof(struct chance, code),
};

static const struct db_field drop_in[] = {
	{ DB_REF, 0 },
	{ DB_INDEX, offsetof(struct recovery, facts.guardian_index) },
	{ DB_INDEX, offsetof(struct recovery, facts.student_index) },
	{ DB_TEXT, offsetof(struct recovery, kind) },
	{ DB_BYTES, offsetof(struct recovery, key) },
};

static const struct door drop_door = {
	.name = "recover_drop",
	.sql = "select * from enroll.recover_drop($1,$2,$3,$4,$5)",
	.in = drop_in,
	.n_in = sizeof drop_in / sizeof *drop_in,
};

static const struct db_field finish_in[] = {
	{ DB_REF, 0 },
	{ DB_ADDRESS, 0 },
	{ DB_WECHAT, 0 },
	{ DB_INDEX, offsetof(struct recovery, facts.guardian_index) },
	{ DB_TEXT, offsetof(struct recovery, facts.guardian_name) },
	{ DB_INDEX, offsetof(struct recovery, facts.student_index) },
	{ DB_TEXT, offsetof(struct recovery, facts.student_name) },
	{ DB_TEXT, offsetof(struct recovery, hash) },
	{ DB_HASH, offsetof(struct recovery, signin.token_hash) },
	{ DB_HASH, offsetof(struct recovery, signin.device_hash) },
	{ DB_TEXT, offsetof(struct recovery, signin.device_name) },
	{ DB_BOOL, offsetof(struct recovery, is_old_phone_lost) },
	{ DB_TEXT, offsetof(struct recovery, kind) },
	{ DB_BYTES, offsetof(struct recovery, key) },
	{ DB_BLOBS, offsetof(struct recovery, phones_in_password) },
	UNDO_FIELDS(offsetof(struct recovery, undo)),
};

static const struct door finish_door = {
	.name = "recover_finish",
	.sql = "select * from enroll.recover_finish($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)",
	.in = finish_in,
	.n_in = sizeof finish_in / sizeof *finish_in,
};

static const struct db_field phone_in[] = {
	{ DB_REF, 0 },
	{ DB_ADDRESS, 0 },
	{ DB_DEVICE, 0 },
	{ DB_WECHAT, 0 },
	{ DB_INDEX, offsetof(struct recovery, facts.guardian_index) },
	{ DB_TEXT, offsetof(struct recovery, facts.guardian_name) },
	{ DB_INDEX, offsetof(struct recovery, facts.student_index) },
	{ DB_TEXT, offsetof(struct recovery, facts.student_name) },
	{ DB_INDEX, offsetof(struct recovery, old_phone_index) },
	{ DB_UUID, offsetof(struct recovery, phone_id) },
	{ DB_BYTES, offsetof(struct recovery, sealed_phone) },
	{ DB_INDEX, offsetof(struct recovery, new_phone_index) },
	{ DB_TEXT, offsetof(struct recovery, phone_mask) },
	{ DB_HASH, offsetof(struct recovery, signin.device_hash) },
	{ DB_BOOL, offsetof(struct recovery, is_old_phone_lost) },
	UNDO_FIELDS(offsetof(struct recovery, undo)),
	{ DB_BYTES, offsetof(struct recovery, code_hash) },
};

static const struct db_field phone_out[] = {
	{ DB_INT, offsetof(struct chance, retry_after_s) },
};

static const struct door phone_door = {
	.name = "recover_phone",
	.sql = "select * from enroll.recover_phone($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19)",
	.in = phone_in,
	.n_in = sizeof phone_in / sizeof *phone_in,
	.out = phone_out,
	.n_out = sizeof phone_out / sizeof *phone_out,
	.code_offset = offsetof(struct chance, code),
};

static const struct db_field code_in[] = {
	{ DB_REF, 0 },
	{ DB_ADDRESS, 0 },
	PHONE_CODE_FIELDS,
};

static const struct db_field code_out[] = {
	PHONE_CODE_OUT,
};

static const struct door code_door = {
	.name = "recover_code",
	.sql = "select * from enroll.recover_code($1,$2,$3,$4,$5,$6,$7)",
	.in = code_in,
	.n_in = sizeof code_in / sizeof *code_in,
	.out = code_out,
	.n_out = sizeof code_out / sizeof *code_out,
	.code_offset = offsetof(struct phone_code, code),
};

static const struct db_field undo_in[] = {
	{ DB_REF, 0 },
	{ DB_HASH, offsetof(struct regret, token_hash) },
	{ DB_DEVICE, 0 },
};

static const struct door undo_door = {
	.name = "recover_undo",
	.sql = "select * from enroll.recover_undo($1,$2,$3)",
	.in = undo_in,
	.n_in = sizeof undo_in / sizeof *undo_in,
};

/* Hash the new password into the arena; should there be no slot, nothing is booked. */
static enum status
hash(struct request *req, struct recovery *in)
{
	char *hashed = arena_alloc(req->arena, PASSWORD_HASH_SIZE);
	enum status st = hashed != NULL ? password_hash(in->password, req->deadline_ms, hashed) : STATUS_INTERNAL;

	in->hash = hashed;
	if (st != STATUS_OK)
		(void)db_call(req, &drop_door, in, NULL);
	return st;
}

/* POST /api/recover/password */
static enum status
password_post(struct request *req, struct reply *rep)
{
	struct recovery *in = arena_alloc(req->arena, sizeof *in);
	struct chance chance = { 0 };
	enum status st;

	if (in == NULL)
		return STATUS_INTERNAL;
	st = form_read(req, password_fields, sizeof password_fields / sizeof *password_fields, in);
	if (st != STATUS_OK && st != STATUS_VALIDATION_FAILED)
		return st;
	if (facts_judge_password(req, &in->facts, NULL, in->password) != STATUS_OK || st != STATUS_OK)
		return STATUS_VALIDATION_FAILED;
	if (!facts_index(&in->facts) || !facts_phones(req->arena, in->password, &in->phones_in_password))
		return STATUS_INTERNAL;

	/* May these facts be tried? */
	st = db_call(req, &begin_door, in, &chance);
	req->retry_after_s = (int)chance.retry_after_s;
	in->kind = chance.kind;
	in->key = chance.key;
	if (st != STATUS_OK)
		return st;

	/* Hashed before the facts are judged: right and wrong ones take the same time. */
	if ((st = hash(req, in)) != STATUS_OK)
		return st;
	signin_prepare(req, &in->signin);
	if (!undo_make(req->arena, &in->undo))
		return STATUS_INTERNAL;
	if ((st = db_call(req, &finish_door, in, NULL)) == STATUS_BAD_CREDENTIALS)
		req->detail = words_sentence("facts_wrong");
	if (st == STATUS_VALIDATION_FAILED)
		return form_error(req, "password", "weak");
	if (st != STATUS_OK)
		return st;
	if (!signin_cookies(req, rep, &in->signin))
		return STATUS_INTERNAL;
	return reply_empty(rep);
}

/* Index both numbers, seal the new one for its row, and hash the code that proves it. */
static bool
make_phone(struct request *req, struct recovery *in)
{
	char id[37];

	seal_uuid(id);
	in->phone_id = arena_strdup(req->arena, id);
	in->phone_mask = phone_mask(req->arena, in->new_phone);
	return in->phone_id != NULL && in->phone_mask != NULL &&
	       seal_put(req->arena, SEAL_CONTACT, "phone.phone", in->phone_id, in->new_phone, &in->sealed_phone) &&
	       seal_index("phone", in->old_phone, in->old_phone_index) &&
	       seal_index("phone", in->new_phone, in->new_phone_index) &&
	       phone_code_hash(req->arena, "recover", in->new_phone, in->phone_code, &in->code_hash);
}

/* POST /api/recover/phone */
static enum status
phone_post(struct request *req, struct reply *rep)
{
	struct recovery *in = arena_alloc(req->arena, sizeof *in);
	struct chance chance = { 0 };
	enum status st;

	if (in == NULL)
		return STATUS_INTERNAL;
	if ((st = form_read(req, phone_fields, phone_code_fields(sizeof phone_fields / sizeof *phone_fields), in)) != STATUS_OK)
		return st;
	if (strcmp(in->old_phone, in->new_phone) == 0)
		return form_error(req, "new_phone", "same_as");
	if (!facts_index(&in->facts) || !make_phone(req, in) || !undo_make(req->arena, &in->undo))
		return STATUS_INTERNAL;

	/* One door judges and changes. The browser is marked, so that a later face check in it knows its own. */
	signin_prepare(req, &in->signin);
	st = db_call(req, &phone_door, in, &chance);
	req->retry_after_s = (int)chance.retry_after_s;
	if (st == STATUS_BAD_CREDENTIALS)
		req->detail = words_sentence("facts_wrong");
	if (st == STATUS_VALIDATION_FAILED)
		return phone_code_wrong(req);
	if (st != STATUS_OK)
		return st;
	if (!signin_device_cookie(req, rep, &in->signin))
		return STATUS_INTERNAL;
	return reply_empty(rep);
}

/* POST /api/recover/code: for the new number; whoever asks is not signed in. */
static enum status
code_post(struct request *req, struct reply *rep)
{
	return phone_code_send(req, rep, "recover", &code_door);
}

/* POST /api/recover/undo: whoever holds the token may, signed in or not. */
static enum status
undo_post(struct request *req, struct reply *rep)
{
	struct regret in = { 0 };
	enum status st;

	if ((st = form_read(req, regret_fields, sizeof regret_fields / sizeof *regret_fields, &in)) != STATUS_OK)
		return st;
	seal_hash((struct bytes){ (const uint8_t *)in.token, strlen(in.token) }, in.token_hash);
	if ((st = db_call(req, &undo_door, &in, NULL)) == STATUS_NOT_FOUND)
		req->detail = words_sentence("undo_used");
	return st == STATUS_OK ? reply_empty(rep) : st;
}

static const struct route routes[] = {
	{ "POST", "/api/recover/password", password_post, ROUTE_ORIGIN | ROUTE_JSON },
	{ "POST", "/api/recover/phone", phone_post, ROUTE_ORIGIN | ROUTE_JSON },
	{ "POST", "/api/recover/code", code_post, ROUTE_ORIGIN | ROUTE_JSON },
	{ "POST", "/api/recover/undo", undo_post, ROUTE_ORIGIN | ROUTE_JSON },
};

static const struct door *const doors[] = { &begin_door, &drop_door, &finish_door, &phone_door, &code_door, &undo_door };

int
main(int argc, char **argv)
{
	const struct service service = {
		.name = "recover",
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.doors = doors,
		.n_doors = sizeof doors / sizeof *doors,
		.keys = keys_of("recover"),
	};

	return service_main(argc, argv, &service);
}
