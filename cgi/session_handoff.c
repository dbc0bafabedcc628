/*
 * 换手机接着办: a QR code that opens the same step on another phone. What it carries is a random token in the fragment of a
 * page's address, and what the token stands for is the name of a step: no session and no right. The other phone signs in by
 * itself, to the same account, and only then learns which step. The token is stored hashed and shown once, in this answer.
 */
#include <json-c/json.h>
#include <string.h>

#include "conf.h"
#include "form.h"
#include "qr.h"
#include "seal.h"
#include "session.h"
#include "words.h"

/* 43 characters of base64url, and NUL. */
enum { TOKEN_SIZE = 44 };

struct handoff {
	/* What the parent sends. */
	const char *page, *student, *section, *token;

	/* What the doors take. */
	const char *id;
	uint8_t token_hash[SEAL_HASH_SIZE];
};

struct shown {
	const char *code, *answer;
};

#define AT(member) offsetof(struct handoff, member)

static const char *const pages[] = { "steps", "bind", "authorize", "apply", NULL };
static const char *const sections[] = { "student", "household", "residence", "guardians", "wishes", "check", NULL };

static const struct form_field start_fields[] = {
	{ .name = "page", .rule = FORM_CHOICE, .offset = AT(page), .choices = pages },
	{ .name = "student_id", .rule = FORM_UUID, .offset = AT(student), .is_optional = true },
	{ .name = "section", .rule = FORM_CHOICE, .offset = AT(section), .choices = sections, .is_optional = true },
};

static const struct form_field open_fields[] = {
	{ .name = "token", .rule = FORM_TOKEN, .offset = AT(token) },
};

static const struct db_field start_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_HASH, AT(token_hash) },
	{ DB_TEXT, AT(page) },
	{ DB_UUID, AT(student) },
	{ DB_TEXT, AT(section) },
};

static const struct db_field shown_out[] = {
	{ DB_JSON, offsetof(struct shown, answer) },
};

const struct door handoff_start_door = {
	.name = "handoff_start",
	.sql = "select * from enroll.handoff_start($1,$2,$3,$4,$5,$6)",
	.in = start_in,
	.n_in = sizeof start_in / sizeof *start_in,
	.out = shown_out,
	.n_out = sizeof shown_out / sizeof *shown_out,
	.code_offset = offsetof(struct shown, code),
};

static const struct db_field open_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_HASH, AT(token_hash) },
};

const struct door handoff_open_door = {
	.name = "handoff_open",
	.sql = "select * from enroll.handoff_open($1,$2,$3)",
	.in = open_in,
	.n_in = sizeof open_in / sizeof *open_in,
	.out = shown_out,
	.n_out = sizeof shown_out / sizeof *shown_out,
	.code_offset = offsetof(struct shown, code),
};

static const struct db_field get_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_UUID, AT(id) },
};

const struct door handoff_get_door = {
	.name = "handoff_get",
	.sql = "select * from enroll.handoff_get($1,$2,$3)",
	.in = get_in,
	.n_in = sizeof get_in / sizeof *get_in,
	.out = shown_out,
	.n_out = sizeof shown_out / sizeof *shown_out,
	.code_offset = offsetof(struct shown, code),
};

static void
hash_token(const char *token, uint8_t hash[static SEAL_HASH_SIZE])
{
	seal_hash((struct bytes){ (const uint8_t *)token, strlen(token) }, hash);
}

/* What the door says, the address for the other phone, and its picture. */
static enum status
answer_start(struct request *req, struct reply *rep, const char *answer, const char *token)
{
	const char *url = arena_printf(req->arena, "%s/handoff#%s", conf_text("public_url"), token);
	struct json_object *json = json_tokener_parse(answer);
	struct bytes picture;

	if (url == NULL || json == NULL || !qr_svg(req->arena, url, "换手机办理的二维码", &picture)) {
		(void)json_object_put(json);
		return STATUS_INTERNAL;
	}
	json_object_object_add(json, "url", json_object_new_string(url));
	json_object_object_add(json, "qr", json_object_new_string_len((const char *)picture.data, (int)picture.size));
	return reply_json(req, rep, 201, json);
}

/* POST /api/handoffs */
enum status
handoffs_post(struct request *req, struct reply *rep)
{
	char *token = arena_alloc(req->arena, TOKEN_SIZE);
	struct handoff in = { 0 };
	struct shown out = { 0 };
	enum status st;

	if (token == NULL)
		return STATUS_INTERNAL;
	if ((st = form_read(req, start_fields, sizeof start_fields / sizeof *start_fields, &in)) != STATUS_OK)
		return st;
	seal_token(token);
	hash_token(token, in.token_hash);
	if ((st = db_call(req, &handoff_start_door, &in, &out)) != STATUS_OK)
		return st;
	return answer_start(req, rep, out.answer, token);
}

/* POST /api/handoffs/open */
enum status
handoff_open_post(struct request *req, struct reply *rep)
{
	struct handoff in = { 0 };
	struct shown out = { 0 };
	enum status st;

	if ((st = form_read(req, open_fields, sizeof open_fields / sizeof *open_fields, &in)) != STATUS_OK)
		return st;
	hash_token(in.token, in.token_hash);
	if ((st = db_call(req, &handoff_open_door, &in, &out)) == STATUS_NOT_FOUND)
		req->detail = words_sentence("handoff_gone");
	else if (st == STATUS_FORBIDDEN)
		req->detail = words_sentence("handoff_other");
	return st == STATUS_OK ? reply_text(req, rep, 200, out.answer) : st;
}

/* GET /api/handoffs/{id}: the first phone asks what became of it. */
enum status
handoff_get(struct request *req, struct reply *rep)
{
	const struct handoff in = { .id = request_uuid(req, 0) };
	struct shown out = { 0 };
	enum status st = in.id != NULL ? db_call(req, &handoff_get_door, &in, &out) : STATUS_NOT_FOUND;

	return st == STATUS_OK ? reply_text(req, rep, 200, out.answer) : st;
}
#undef AT
