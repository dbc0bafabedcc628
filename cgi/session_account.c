/*
 * 修改密码, 修改手机号 and 注销账号 while signed in. The old password is tried like at a sign-in: booked, verified outside of any
 * transaction, judged by a second door. The owner is told of each; a change with the link that undoes it.
 */
#include <string.h>

#include "form.h"
#include "password.h"
#include "phone.h"
#include "phone_code.h"
#include "session.h"
#include "undo.h"
#include "words.h"

enum { NAMES_LIMIT = 20 };

struct change {
	/* What the parent sends. */
	const char *old_password, *password;
	const char *old_phone, *new_phone, *phone_code;

	/* What account_begin tells. */
	const char *code, *old_hash, *names, *current_phone_id;
	struct bytes current_phone;
	int64_t retry_after_s;
	bool is_old_phone_needed;

	/* What the doors that follow take. */
	bool is_right;
	const char *hash, *phone_id, *phone_mask;
	struct bytes sealed_phone, old_phone_index, code_hash;
	uint8_t new_phone_index[SEAL_INDEX_SIZE];
	struct undo undo;
};

#define AT(member) offsetof(struct change, member)

static const struct form_field password_fields[] = {
	{ .name = "old_password", .rule = FORM_PASSWORD, .offset = AT(old_password), .is_optional = true },
	{ .name = "password", .rule = FORM_PASSWORD, .offset = AT(password) },
};

static const struct form_field phone_fields[] = {
	{ .name = "password", .rule = FORM_PASSWORD, .offset = AT(old_password) },
	{ .name = "new_phone", .rule = FORM_PHONE, .offset = AT(new_phone) },
	{ .name = "old_phone", .rule = FORM_PHONE, .offset = AT(old_phone), .is_optional = true },
	PHONE_CODE_FIELD(AT(phone_code)),
};

static const struct form_field close_fields[] = {
	{ .name = "password", .rule = FORM_PASSWORD, .offset = AT(old_password) },
};

static const struct db_field begin_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
};

/* kind and key are the doors' own business. */
static const struct db_field begin_out[] = {
	{ DB_INT, AT(retry_after_s) },
	{ DB_TEXT, AT(old_hash) },
	{ DB_TEXT, AT(names) },
	{ DB_UUID, AT(current_phone_id) },
	{ DB_BYTES, AT(current_phone) },
	{ DB_BOOL, AT(is_old_phone_needed) },
};

const struct door account_begin_door = {
	.name = "account_begin",
	.sql = "select * from enroll.account_begin($1,$2)",
	.in = begin_in,
	.n_in = sizeof begin_in / sizeof *begin_in,
	.out = begin_out,
	.n_out = sizeof begin_out / sizeof *begin_out,
	.code_offset = AT(code),
};

const struct door account_drop_door = {
	.name = "account_drop",
	.sql = "select * from enroll.account_drop($1,$2)",
	.in = begin_in,
	.n_in = sizeof begin_in / sizeof *begin_in,
};

static const struct db_field password_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_BOOL, AT(is_right) },
	{ DB_TEXT, AT(old_hash) },
	{ DB_TEXT, AT(hash) },
	UNDO_FIELDS(AT(undo)),
};

const struct door account_password_door = {
	.name = "account_password",
	.sql = "select * from enroll.account_password($1,$2,$3,$4,$5,$6,$7,$8)",
	.in = password_in,
	.n_in = sizeof password_in / sizeof *password_in,
};

static const struct db_field phone_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_BOOL, AT(is_right) },
	{ DB_TEXT, AT(old_hash) },
	{ DB_BYTES, AT(old_phone_index) },
	{ DB_UUID, AT(phone_id) },
	{ DB_BYTES, AT(sealed_phone) },
	{ DB_INDEX, AT(new_phone_index) },
	{ DB_TEXT, AT(phone_mask) },
	UNDO_FIELDS(AT(undo)),
	{ DB_BYTES, AT(code_hash) },
};

static const struct db_field phone_out[] = {
	{ DB_INT, AT(retry_after_s) },
};

const struct door account_phone_door = {
	.name = "account_phone",
	.sql = "select * from enroll.account_phone($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)",
	.in = phone_in,
	.n_in = sizeof phone_in / sizeof *phone_in,
	.out = phone_out,
	.n_out = sizeof phone_out / sizeof *phone_out,
	.code_offset = AT(code),
};

static const struct db_field code_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_ADDRESS, 0 },
	PHONE_CODE_FIELDS,
};

static const struct db_field code_out[] = {
	PHONE_CODE_OUT,
};

const struct door account_code_door = {
	.name = "account_code",
	.sql = "select * from enroll.account_code($1,$2,$3,$4,$5,$6,$7,$8)",
	.in = code_in,
	.n_in = sizeof code_in / sizeof *code_in,
	.out = code_out,
	.n_out = sizeof code_out / sizeof *code_out,
	.code_offset = offsetof(struct phone_code, code),
};

static const struct db_field close_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_BOOL, AT(is_right) },
	{ DB_TEXT, AT(old_hash) },
};

const struct door account_close_door = {
	.name = "account_close",
	.sql = "select * from enroll.account_close($1,$2,$3,$4)",
	.in = close_in,
	.n_in = sizeof close_in / sizeof *close_in,
};

/* Take the booking back and pass on why nothing was judged. */
static enum status
drop(struct request *req, enum status st)
{
	(void)db_call(req, &account_drop_door, NULL, NULL);
	return st;
}

/* May the password be tried? Books it. */
static enum status
begin(struct request *req, struct change *in)
{
	enum status st = db_call(req, &account_begin_door, NULL, in);

	req->retry_after_s = (int)in->retry_after_s;
	return st;
}

/* A new password holds neither the account's phone nor a name of the family, and is not the old one. */
static enum status
judge_new(struct request *req, struct change *in)
{
	const char *avoid[NAMES_LIMIT + 1] = { NULL };
	char *rest = NULL, *names = arena_strdup(req->arena, in->names);
	size_t n = 0;

	if (names == NULL)
		return STATUS_INTERNAL;
	if (in->current_phone.data != NULL)
		avoid[n++] = seal_get(req->arena, SEAL_CONTACT, "phone.phone", in->current_phone_id, in->current_phone);
	for (char *name = strtok_r(names, "\n", &rest); name != NULL && n <= NAMES_LIMIT; name = strtok_r(NULL, "\n", &rest))
		avoid[n++] = name;
	if (form_password(req, "password", in->password, avoid, n) != STATUS_OK)
		return STATUS_VALIDATION_FAILED;
	if (in->old_hash != NULL && in->old_password == NULL)
		return form_error(req, "old_password", "required");
	if (in->old_password != NULL && strcmp(in->old_password, in->password) == 0)
		return form_error(req, "password", "same_as");
	return STATUS_OK;
}

/* Is the old password right? Where none counts, none is asked for. */
static enum status
verify(struct request *req, struct change *in)
{
	bool is_outdated;

	if (in->old_hash == NULL && in->old_password == NULL)
		return STATUS_OK;
	return password_verify(in->old_password, in->old_hash, NULL, req->deadline_ms, &in->is_right, &is_outdated);
}

/* Hash the new password, if the old one was right or none is needed; the door judges all the same. */
static enum status
hash(struct request *req, struct change *in)
{
	char *hashed = arena_alloc(req->arena, PASSWORD_HASH_SIZE);

	if (hashed == NULL)
		return STATUS_INTERNAL;
	in->hash = hashed;
	return in->is_right || in->old_hash == NULL ? password_hash(in->password, req->deadline_ms, hashed) : STATUS_OK;
}

/* PUT /api/account/password */
enum status
account_password_put(struct request *req, struct reply *rep)
{
	struct change *in = arena_alloc(req->arena, sizeof *in);
	enum status st;

	if (in == NULL)
		return STATUS_INTERNAL;
	st = form_read(req, password_fields, sizeof password_fields / sizeof *password_fields, in);
	if (st != STATUS_OK && st != STATUS_VALIDATION_FAILED)
		return st;
	if (form_password(req, "password", in->password, NULL, 0) != STATUS_OK || st != STATUS_OK)
		return STATUS_VALIDATION_FAILED;

	if ((st = begin(req, in)) != STATUS_OK)
		return st;
	if ((st = judge_new(req, in)) != STATUS_OK || (st = verify(req, in)) != STATUS_OK || (st = hash(req, in)) != STATUS_OK)
		return drop(req, st);
	if (!undo_make(req->arena, &in->undo))
		return STATUS_INTERNAL;
	if ((st = db_call(req, &account_password_door, in, NULL)) == STATUS_BAD_CREDENTIALS)
		req->detail = words_sentence("old_password_wrong");
	return st == STATUS_OK ? reply_empty(rep) : st;
}

/* Index both numbers, seal the new one for its row, and hash the code that proves it. */
static bool
make_phone(struct request *req, struct change *in)
{
	uint8_t *old_index = arena_alloc(req->arena, SEAL_INDEX_SIZE);
	char id[37];

	seal_uuid(id);
	in->phone_id = arena_strdup(req->arena, id);
	in->phone_mask = phone_mask(req->arena, in->new_phone);
	if (old_index == NULL || in->phone_id == NULL || in->phone_mask == NULL)
		return false;
	if (in->old_phone != NULL) {
		if (!seal_index("phone", in->old_phone, old_index))
			return false;
		in->old_phone_index = (struct bytes){ old_index, SEAL_INDEX_SIZE };
	}
	return seal_put(req->arena, SEAL_CONTACT, "phone.phone", in->phone_id, in->new_phone, &in->sealed_phone) &&
	       seal_index("phone", in->new_phone, in->new_phone_index) &&
	       phone_code_hash(req->arena, "account", in->new_phone, in->phone_code, &in->code_hash);
}

/* PUT /api/account/phone */
enum status
account_phone_put(struct request *req, struct reply *rep)
{
	struct change *in = arena_alloc(req->arena, sizeof *in);
	enum status st;

	if (in == NULL)
		return STATUS_INTERNAL;
	if ((st = form_read(req, phone_fields, phone_code_fields(sizeof phone_fields / sizeof *phone_fields), in)) != STATUS_OK)
		return st;
	if (in->old_phone != NULL && strcmp(in->old_phone, in->new_phone) == 0)
		return form_error(req, "new_phone", "same_as");
	if (!make_phone(req, in) || !undo_make(req->arena, &in->undo))
		return STATUS_INTERNAL;

	if ((st = begin(req, in)) != STATUS_OK)
		return st;
	if (in->is_old_phone_needed && in->old_phone == NULL)
		return drop(req, form_error(req, "old_phone", "required"));
	if ((st = verify(req, in)) != STATUS_OK)
		return drop(req, st);
	st = db_call(req, &account_phone_door, in, in);
	req->retry_after_s = (int)in->retry_after_s;
	if (st == STATUS_BAD_CREDENTIALS)
		req->detail = words_sentence("account_wrong");
	else if (st == STATUS_VALIDATION_FAILED)
		return drop(req, phone_code_wrong(req));
	return st == STATUS_OK ? reply_empty(rep) : st;
}

/* POST /api/account/code: for the new number. */
enum status
account_code_post(struct request *req, struct reply *rep)
{
	return phone_code_send(req, rep, "account", &account_code_door);
}

/* POST /api/account/close */
enum status
account_close_post(struct request *req, struct reply *rep)
{
	struct change *in = arena_alloc(req->arena, sizeof *in);
	enum status st;

	if (in == NULL)
		return STATUS_INTERNAL;
	if ((st = form_read(req, close_fields, sizeof close_fields / sizeof *close_fields, in)) != STATUS_OK)
		return st;
	if ((st = begin(req, in)) != STATUS_OK)
		return st;
	if ((st = verify(req, in)) != STATUS_OK)
		return drop(req, st);
	st = db_call(req, &account_close_door, in, NULL);
	if (st == STATUS_BAD_CREDENTIALS)
		req->detail = words_sentence("old_password_wrong");
	else if (st == STATUS_WRONG_STATE)
		req->detail = words_sentence("account_kept");
	if (st != STATUS_OK)
		return st;
	return reply_cookie(req, rep, "__Host-session", "", 0) ? reply_empty(rep) : STATUS_INTERNAL;
}
#undef AT
