/*
 * 广东省个人数字空间 as the platform calls it: a session is opened for a parent, and asked about. Both calls
 * carry the gateway's signature, and a nonce is good once.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "form.h"
#include "gateway.h"
#include "sandbox.h"

struct nonce_in {
	const char *nonce;
};

struct create_in {
	const char *public_url, *purpose, *state, *return_url, *notify_url, *name, *number, *students, *licenses;
};

struct read_in {
	const char *id;
	bool is_late;
};

static const struct db_field nonce_fields[] = { { DB_TEXT, offsetof(struct nonce_in, nonce) } };
static const struct db_field create_fields[] = { { DB_TEXT, offsetof(struct create_in, public_url) },
	{ DB_TEXT, offsetof(struct create_in, purpose) }, { DB_TEXT, offsetof(struct create_in, state) },
	{ DB_TEXT, offsetof(struct create_in, return_url) }, { DB_TEXT, offsetof(struct create_in, notify_url) },
	{ DB_TEXT, offsetof(struct create_in, name) }, { DB_TEXT, offsetof(struct create_in, number) },
	{ DB_JSON, offsetof(struct create_in, students) }, { DB_JSON, offsetof(struct create_in, licenses) } };
static const struct db_field read_fields[] = { { DB_UUID, offsetof(struct read_in, id) },
	{ DB_BOOL, offsetof(struct read_in, is_late) } };

const struct door sandbox_door_nonce_use = { "nonce_use", "select * from sandbox.nonce_use($1)", nonce_fields, 1, NULL, 0,
	offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_session_create = { "session_create",
	"select * from sandbox.session_create($1,$2,$3,$4,$5,$6,$7,$8,$9)", create_fields, 9, sandbox_answer_fields, 1,
	offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_session_read = { "session_read", "select * from sandbox.session_read($1,$2)", read_fields, 2,
	sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };

/* Signed by the platform that we know, just now, and not seen before. */
static enum status
check_signature(struct request *req)
{
	const char *paasid = req->header(req, "HTTP_X_TIF_PAASID");
	struct nonce_in in = { 0 };
	char token[256];
	bool is_signed;

	if (!conf_secret("space_token_file", token, sizeof token))
		return STATUS_INTERNAL;
	is_signed = gateway_verify(req, token, clock_wall_ms(), &in.nonce);
	OPENSSL_cleanse(token, sizeof token);
	if (!is_signed || paasid == NULL || strcmp(paasid, conf_text("space_paasid")) != 0)
		return STATUS_FORBIDDEN;
	return db_call(req, &sandbox_door_nonce_use, &in, NULL);
}

static enum status
create(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	static const char *const purposes[] = { "bind", "authorize", NULL };
	enum { URL_MAX = 2000 };
	static const struct form_field fields[] = {
		{ "purpose", FORM_CHOICE, offsetof(struct create_in, purpose), false, 0, purposes },
		{ "state", FORM_TEXT, offsetof(struct create_in, state), false, 0, NULL },
		{ "return_url", FORM_TEXT, offsetof(struct create_in, return_url), false, URL_MAX, NULL },
		{ "notify_url", FORM_TEXT, offsetof(struct create_in, notify_url), false, URL_MAX, NULL },
	};
	struct sandbox_person guardian = { 0 };
	struct create_in in = { .public_url = conf_text("public_url") };
	struct sandbox_answer out = { 0 };
	enum status st;

	(void)fault;
	if ((st = check_signature(req)) != STATUS_OK)
		return st;
	if ((st = sandbox_take_person(req, "guardian", &guardian)) != STATUS_OK ||
	    (st = sandbox_take_people(req, "students", &in.students)) != STATUS_OK ||
	    (st = sandbox_take_licenses(req, "licenses", &in.licenses)) != STATUS_OK ||
	    (st = form_read(req, fields, sizeof fields / sizeof *fields, &in)) != STATUS_OK)
		return st;
	in.name = guardian.name;
	in.number = guardian.id_no.number;
	if ((st = db_call(req, &sandbox_door_session_create, &in, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.body);
}

/* POST /sandbox/space-api/v1/sessions. */
enum status
sandbox_space_post(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "space", create);
}

static enum status
read_session(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	const struct read_in in = { sandbox_session_id(req), sandbox_fault_is(fault, "late") };
	struct sandbox_answer out = { 0 };
	enum status st;

	if ((st = check_signature(req)) != STATUS_OK)
		return st;
	if (in.id == NULL)
		return STATUS_NOT_FOUND;
	if ((st = db_call(req, &sandbox_door_session_read, &in, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.body);
}

/* GET /sandbox/space-api/v1/sessions/{id}. */
enum status
sandbox_space_get(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "space", read_session);
}
