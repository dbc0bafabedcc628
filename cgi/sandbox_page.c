/*
 * What the parent's pages ask and do (nginx/html/sandbox/space.html): the session's own address is the key to it, as in the
 * real mini-program, and people go by a key of the session, so that no full number reaches the page.
 */
#include "form.h"
#include "sandbox.h"

struct page_in {
	const char *id;
	const char *items;
	bool is_refusal;
};

struct face_out {
	const char *code;
	bool is_recognized;
};

struct link_in {
	const char *id, *name, *number;
};

static const struct db_field id_field[] = { { DB_UUID, offsetof(struct page_in, id) } };
static const struct db_field items_fields[] = { { DB_UUID, offsetof(struct page_in, id) },
	{ DB_JSON, offsetof(struct page_in, items) } };
static const struct db_field leave_fields[] = { { DB_UUID, offsetof(struct page_in, id) },
	{ DB_BOOL, offsetof(struct page_in, is_refusal) } };
static const struct db_field link_fields[] = { { DB_UUID, offsetof(struct link_in, id) },
	{ DB_TEXT, offsetof(struct link_in, name) }, { DB_TEXT, offsetof(struct link_in, number) } };
static const struct db_field face_fields[] = { { DB_BOOL, offsetof(struct face_out, is_recognized) } };

const struct door sandbox_door_page_view = { "page_view", "select * from sandbox.page_view($1)", id_field, 1,
	sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_page_face = { "page_face", "select * from sandbox.page_face($1)", id_field, 1, face_fields, 1,
	offsetof(struct face_out, code) };
const struct door sandbox_door_page_link = { "page_link", "select * from sandbox.page_link($1,$2,$3)", link_fields, 3,
	sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_page_claim = { "page_claim", "select * from sandbox.page_claim($1,$2)", items_fields, 2,
	sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_page_sign = { "page_sign", "select * from sandbox.page_sign($1,$2)", items_fields, 2, NULL, 0,
	offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_page_leave = { "page_leave", "select * from sandbox.page_leave($1,$2)", leave_fields, 2, NULL, 0,
	offsetof(struct sandbox_answer, code) };

/* GET /sandbox/space/{id}: the one page for every session; nginx sends it. */
enum status
sandbox_page_get(struct request *req, struct reply *rep)
{
	*rep = (struct reply){ .http = 200, .content_type = "text/html; charset=utf-8", .body = { (const uint8_t *)"", 0 } };
	return reply_header(req, rep, "X-Accel-Redirect", "/sandbox/space.html") ? STATUS_OK : STATUS_INTERNAL;
}

/* Read a body that has nothing but what was taken from it already. */
static enum status
nothing_else(struct request *req)
{
	struct page_in unused;

	return form_read(req, NULL, 0, &unused);
}

/* GET /sandbox/space/{id}/view: what there is to see. */
enum status
sandbox_page_view(struct request *req, struct reply *rep)
{
	const struct page_in in = { .id = sandbox_session_id(req) };
	struct sandbox_answer out = { 0 };
	enum status st;

	if (in.id == NULL)
		return STATUS_NOT_FOUND;
	if ((st = db_call(req, &sandbox_door_page_view, &in, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.body);
}

/* POST /sandbox/space/{id}/face: 开始人脸识别验证. */
enum status
sandbox_page_face(struct request *req, struct reply *rep)
{
	const struct page_in in = { .id = sandbox_session_id(req) };
	struct face_out out = { 0 };
	enum status st;

	if (in.id == NULL)
		return STATUS_NOT_FOUND;
	if ((st = nothing_else(req)) != STATUS_OK || (st = db_call(req, &sandbox_door_page_face, &in, &out)) != STATUS_OK)
		return st;
	sandbox_notice_wake();
	return reply_text(req, rep, 200, out.is_recognized ? "{\"is_recognized\":true}" : "{\"is_recognized\":false}");
}

/* POST /sandbox/space/{id}/link: 关联被监护人. */
enum status
sandbox_page_link(struct request *req, struct reply *rep)
{
	static const struct form_field fields[] = {
		{ "name", FORM_NAME, offsetof(struct sandbox_person, name), false, 0, NULL },
		{ "id_no", FORM_ID_NO, offsetof(struct sandbox_person, id_no), false, 0, NULL },
	};
	struct sandbox_person child = { 0 };
	struct link_in in = { .id = sandbox_session_id(req) };
	struct sandbox_answer out = { 0 };
	enum status st;

	if (in.id == NULL)
		return STATUS_NOT_FOUND;
	if ((st = form_read(req, fields, sizeof fields / sizeof *fields, &child)) != STATUS_OK)
		return st;
	in.name = child.name;
	in.number = child.id_no.number;
	if ((st = db_call(req, &sandbox_door_page_link, &in, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.body);
}

/* POST /sandbox/space/{id}/claim: 申领, after 同意. */
enum status
sandbox_page_claim(struct request *req, struct reply *rep)
{
	struct page_in in = { .id = sandbox_session_id(req) };
	struct sandbox_answer out = { 0 };
	enum status st;

	if (in.id == NULL)
		return STATUS_NOT_FOUND;
	if ((st = sandbox_take_items(req, "items", &in.items)) != STATUS_OK || (st = nothing_else(req)) != STATUS_OK)
		return st;
	if (in.items == NULL)
		return form_error(req, "items", "required");
	if ((st = db_call(req, &sandbox_door_page_claim, &in, &out)) != STATUS_OK)
		return st;
	sandbox_notice_wake();
	return reply_text(req, rep, 200, out.body);
}

/* POST /sandbox/space/{id}/sign: 签署授权. */
enum status
sandbox_page_sign(struct request *req, struct reply *rep)
{
	struct page_in in = { .id = sandbox_session_id(req) };
	enum status st;

	if (in.id == NULL)
		return STATUS_NOT_FOUND;
	if ((st = sandbox_take_items(req, "items", &in.items)) != STATUS_OK || (st = nothing_else(req)) != STATUS_OK)
		return st;
	if (in.items == NULL)
		return form_error(req, "items", "required");
	if ((st = db_call(req, &sandbox_door_page_sign, &in, NULL)) != STATUS_OK)
		return st;
	sandbox_notice_wake();
	return reply_empty(rep);
}

/* POST /sandbox/space/{id}/leave: 返回, or a refusal. */
enum status
sandbox_page_leave(struct request *req, struct reply *rep)
{
	static const struct form_field fields[] = {
		{ "is_refusal", FORM_BOOL, offsetof(struct page_in, is_refusal), true, 0, NULL },
	};
	struct page_in in = { 0 };
	enum status st;

	if ((st = form_read(req, fields, sizeof fields / sizeof *fields, &in)) != STATUS_OK)
		return st;
	if ((in.id = sandbox_session_id(req)) == NULL)
		return STATUS_NOT_FOUND;
	if ((st = db_call(req, &sandbox_door_page_leave, &in, NULL)) != STATUS_OK)
		return st;
	sandbox_notice_wake();
	return reply_empty(rep);
}
