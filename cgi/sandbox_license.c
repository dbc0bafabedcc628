/*
 * The e-license system, in the shape seen in Guangdong integrations. Whatever it refuses it refuses in an
 * HTTP 200 with ack_code FAILURE and errors [{code,message}]:
 *   LOGIN_FAILED · PARAMETER_INVALID · ACCESS_TOKEN_INVALID (also when it has expired, after ten minutes)
 *   AUTHORIZATION_CODE_INVALID, _EXPIRED, _USED (by another request_id for the same holder) · AUTH_CODE_INVALID
 * license_type is the contract's word (household_register …); data_fields: see sql/sandbox/license_fields.sql.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "form.h"
#include "sandbox.h"

struct login_in {
	const char *app_key, *app_secret, *account, *password;
	const char *token;
};

struct auth_in {
	const char *token, *holder, *item_code, *item_name, *biz_num, *request_id, *authorization_code;
	int64_t page_size, page_index;
};

struct get_in {
	const char *token, *auth_code;
};

struct get_out {
	const char *code, *body, *license_code, *name;
};

static const struct db_field login_fields[] = { { DB_TEXT, offsetof(struct login_in, token) } };
static const struct db_field auth_fields[] = { { DB_TEXT, offsetof(struct auth_in, token) },
	{ DB_TEXT, offsetof(struct auth_in, holder) }, { DB_TEXT, offsetof(struct auth_in, request_id) },
	{ DB_TEXT, offsetof(struct auth_in, authorization_code) }, { DB_INT, offsetof(struct auth_in, page_size) },
	{ DB_INT, offsetof(struct auth_in, page_index) } };
static const struct db_field get_fields[] = { { DB_TEXT, offsetof(struct get_in, token) },
	{ DB_TEXT, offsetof(struct get_in, auth_code) } };
static const struct db_field get_out_fields[] = { { DB_TEXT, offsetof(struct get_out, body) },
	{ DB_TEXT, offsetof(struct get_out, license_code) }, { DB_TEXT, offsetof(struct get_out, name) } };

const struct door sandbox_door_license_login = { "license_login", "select * from sandbox.license_login($1)", login_fields, 1,
	sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_license_auth = { "license_auth", "select * from sandbox.license_auth($1,$2,$3,$4,$5,$6)",
	auth_fields, 6, sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_license_get = { "license_get", "select * from sandbox.license_get($1,$2)", get_fields, 2,
	get_out_fields, 3, offsetof(struct get_out, code) };

static const char *
failure(struct request *req, const char *code, const char *message)
{
	return arena_printf(
	    req->arena, "{\"ack_code\":\"FAILURE\",\"errors\":[{\"code\":\"%s\",\"message\":\"%s\"}]}", code, message);
}

static enum status
fail(struct request *req, struct reply *rep, const char *code, const char *message)
{
	return reply_text(req, rep, 200, failure(req, code, message));
}

/* The access token of a call; none that holds while the fault lasts. */
static const char *
token_of(const struct request *req, const struct sandbox_fault *fault)
{
	return sandbox_fault_is(fault, "token_expired") ? "" : request_query(req, "access_token");
}

/* What a fault makes get_license and archive say no to, in the register's words; NULL: nothing. */
static const char *
refusal(struct request *req, const struct sandbox_fault *fault)
{
	static const struct {
		const char *fault, *code, *message;
	} known[] = { { "withdrawn", "AUTHORIZATION_WITHDRAWN", "授权人已撤回授权" },
		{ "no_document", "LICENSE_NOT_FOUND", "证照不存在" } };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (sandbox_fault_is(fault, known[i].fault))
			return failure(req, known[i].code, known[i].message);
	return NULL;
}

/* Does a configured secret say the same? */
static bool
is_secret(const char *key, const char *given)
{
	char right[256];
	bool is_same = conf_secret(key, right, sizeof right) && strlen(given) == strlen(right) &&
		       CRYPTO_memcmp(given, right, strlen(right)) == 0;

	OPENSSL_cleanse(right, sizeof right);
	return is_same;
}

static enum status
login(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	static const struct form_field fields[] = {
		{ "app_key", FORM_TEXT, offsetof(struct login_in, app_key), false, 0, NULL },
		{ "app_secret", FORM_TEXT, offsetof(struct login_in, app_secret), false, 0, NULL },
		{ "account", FORM_TEXT, offsetof(struct login_in, account), false, 0, NULL },
		{ "password", FORM_TEXT, offsetof(struct login_in, password), false, 0, NULL },
	};
	struct login_in in = { 0 };
	struct sandbox_answer out = { 0 };
	char token[44];
	enum status st;

	(void)fault;
	if (form_read(req, fields, sizeof fields / sizeof *fields, &in) != STATUS_OK)
		return fail(req, rep, "PARAMETER_INVALID", "参数不完整");
	if (strcmp(in.app_key, conf_text("license_app_key")) != 0 || strcmp(in.account, conf_text("license_account")) != 0 ||
	    !is_secret("license_app_secret_file", in.app_secret) || !is_secret("license_password_file", in.password))
		return fail(req, rep, "LOGIN_FAILED", "账号或密码错误");
	seal_token(token);
	in.token = token;
	if ((st = db_call(req, &sandbox_door_license_login, &in, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.body);
}

/* POST …/security/login. */
enum status
sandbox_license_login(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "license", login);
}

static enum status
auth(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	static const struct form_field fields[] = {
		{ "identity_number", FORM_TEXT, offsetof(struct auth_in, holder), false, 0, NULL },
		{ "service_item_code", FORM_TEXT, offsetof(struct auth_in, item_code), false, 0, NULL },
		{ "service_item_name", FORM_TEXT, offsetof(struct auth_in, item_name), true, 0, NULL },
		{ "biz_num", FORM_TEXT, offsetof(struct auth_in, biz_num), true, 0, NULL },
		{ "request_id", FORM_TEXT, offsetof(struct auth_in, request_id), false, 0, NULL },
		{ "authorization_code", FORM_TEXT, offsetof(struct auth_in, authorization_code), false, 0, NULL },
	};
	enum { PAGE_SIZE = 20, PAGE_SIZE_MAX = 150, PAGES_MAX = 1000 };
	struct auth_in in = { 0 };
	struct sandbox_answer out = { 0 };
	enum status st;

	if (sandbox_take_int(req, "page_size", PAGE_SIZE_MAX, PAGE_SIZE, &in.page_size) != STATUS_OK ||
	    sandbox_take_int(req, "page_index", PAGES_MAX, 1, &in.page_index) != STATUS_OK || in.page_size == 0 ||
	    in.page_index == 0 || form_read(req, fields, sizeof fields / sizeof *fields, &in) != STATUS_OK)
		return fail(req, rep, "PARAMETER_INVALID", "参数不完整或格式错误");
	in.token = token_of(req, fault);
	if ((st = db_call(req, &sandbox_door_license_auth, &in, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.body);
}

/* POST …/license/auth. */
enum status
sandbox_license_auth(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "license", auth);
}

static enum status
get(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	const struct get_in in = { token_of(req, fault), request_query(req, "auth_code") };
	const char *no = refusal(req, fault);
	struct get_out out = { 0 };
	enum status st;

	if (no != NULL)
		return reply_text(req, rep, 200, no);
	if ((st = db_call(req, &sandbox_door_license_get, &in, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.body);
}

/* GET …/license/get_license. */
enum status
sandbox_license_get(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "license", get);
}

/* A PDF of one page with one line of ASCII. NULL beyond the arena's limit. */
static const char *
make_pdf(struct arena *arena, const char *line)
{
	const char *text = arena_printf(arena, "BT /F1 14 Tf 72 720 Td (%s) Tj ET", line);
	const char *objects[] = { "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>", NULL,
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>" };
	enum { N = sizeof objects / sizeof *objects };
	const char *pdf = "%PDF-1.4\n", *table = "0000000000 65535 f \n";
	size_t start;

	if (text != NULL)
		objects[3] = arena_printf(arena, "<</Length %zu>>\nstream\n%s\nendstream", strlen(text), text);
	for (size_t i = 0; i < N && pdf != NULL && table != NULL && objects[3] != NULL; i++) {
		table = arena_printf(arena, "%s%010zu 00000 n \n", table, strlen(pdf));
		pdf = arena_printf(arena, "%s%zu 0 obj\n%s\nendobj\n", pdf, i + 1, objects[i]);
	}
	if (pdf == NULL || table == NULL || objects[3] == NULL)
		return NULL;
	start = strlen(pdf);
	return arena_printf(arena, "%sxref\n0 %d\n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", pdf, N + 1,
	    table, N + 1, start);
}

static enum status
archive(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	const struct get_in in = { token_of(req, fault), request_query(req, "auth_code") };
	struct get_out out = { 0 };
	const char *line, *pdf, *no = refusal(req, fault);
	unsigned char *coded;
	enum status st;

	if (no != NULL)
		return reply_text(req, rep, 200, no);
	if ((st = db_call(req, &sandbox_door_license_get, &in, &out)) != STATUS_OK)
		return st;
	/* A failure has no licence. */
	if (out.license_code == NULL)
		return reply_text(req, rep, 200, out.body);
	if ((line = arena_printf(req->arena, "SAMPLE - sandbox licence %s", out.license_code)) == NULL ||
	    (pdf = make_pdf(req->arena, line)) == NULL ||
	    (coded = arena_alloc(req->arena, 4 * ((strlen(pdf) + 2) / 3) + 1)) == NULL)
		return STATUS_INTERNAL;
	(void)EVP_EncodeBlock(coded, (const unsigned char *)pdf, (int)strlen(pdf));
	return reply_text(req, rep, 200,
	    arena_printf(req->arena,
		"{\"ack_code\":\"SUCCESS\",\"errors\":[],\"data\":{\"file_name\":\"%s.pdf\",\"file_data\":\"%s\"}}",
		out.license_code, (const char *)coded));
}

/* GET …/license/archive. */
enum status
sandbox_license_archive(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "license", archive);
}
