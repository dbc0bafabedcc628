/*
 * What stands behind WeChat's script: the platform's access token, the ticket that it buys, and the check of a page's signature,
 * which the stand-in of the script (nginx/html/sandbox/wechat/open/js) asks for. WeChat's errors come as HTTP 200 with errcode.
 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "form.h"
#include "jssdk.h"
#include "sandbox.h"

struct token_in {
	const char *grant_type, *appid, *secret;
	bool is_forced;
	const char *token;
};

struct ticket_in {
	const char *token, *ticket;
};

static const struct db_field token_fields[] = { { DB_TEXT, offsetof(struct token_in, token) },
	{ DB_BOOL, offsetof(struct token_in, is_forced) } };
static const struct db_field ticket_fields[] = { { DB_TEXT, offsetof(struct ticket_in, token) },
	{ DB_TEXT, offsetof(struct ticket_in, ticket) } };

const struct door sandbox_door_wechat_token = { "wechat_token", "select * from sandbox.wechat_token($1,$2)", token_fields, 2,
	sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_wechat_ticket = { "wechat_ticket", "select * from sandbox.wechat_ticket($1,$2)", ticket_fields, 2,
	sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_wechat_tickets = { "wechat_tickets", "select * from sandbox.wechat_tickets()", NULL, 0,
	sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };

static enum status
token(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	static const struct form_field fields[] = {
		{ "grant_type", FORM_TEXT, offsetof(struct token_in, grant_type), false, 0, NULL },
		{ "appid", FORM_TEXT, offsetof(struct token_in, appid), false, 0, NULL },
		{ "secret", FORM_TEXT, offsetof(struct token_in, secret), false, 0, NULL },
		{ "force_refresh", FORM_BOOL, offsetof(struct token_in, is_forced), true, 0, NULL },
	};
	struct token_in in = { 0 };
	struct sandbox_answer out = { 0 };
	char right_secret[256], fresh[44];
	bool is_right;
	enum status st;

	(void)fault;
	if ((st = form_read(req, fields, sizeof fields / sizeof *fields, &in)) != STATUS_OK)
		return st;
	if (strcmp(in.grant_type, "client_credential") != 0)
		return reply_text(req, rep, 200, "{\"errcode\":40002,\"errmsg\":\"invalid grant_type\"}");
	if (strcmp(in.appid, conf_text("wechat_appid")) != 0)
		return reply_text(req, rep, 200, "{\"errcode\":40013,\"errmsg\":\"invalid appid\"}");
	if (!conf_secret("wechat_secret_file", right_secret, sizeof right_secret))
		return STATUS_INTERNAL;
	is_right = strcmp(in.secret, right_secret) == 0;
	OPENSSL_cleanse(right_secret, sizeof right_secret);
	if (!is_right)
		return reply_text(req, rep, 200, "{\"errcode\":40125,\"errmsg\":\"invalid appsecret\"}");
	seal_token(fresh);
	in.token = fresh;
	if ((st = db_call(req, &sandbox_door_wechat_token, &in, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.body);
}

/* POST …/cgi-bin/stable_token: the platform asks for its access token. */
enum status
sandbox_wechat_token(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "wechat", token);
}

static enum status
ticket(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	const char *type = request_query(req, "type");
	struct ticket_in in = { .token = request_query(req, "access_token") };
	struct sandbox_answer out = { 0 };
	char fresh[44];
	enum status st;

	(void)fault;
	if (type == NULL || strcmp(type, "jsapi") != 0)
		return reply_text(req, rep, 200, "{\"errcode\":40097,\"errmsg\":\"invalid args\"}");
	seal_token(fresh);
	in.ticket = fresh;
	if ((st = db_call(req, &sandbox_door_wechat_ticket, &in, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.body);
}

/* GET …/cgi-bin/ticket/getticket: and for the ticket that it buys. */
enum status
sandbox_wechat_ticket(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "wechat", ticket);
}

/* Was the page signed with one of the tickets in ${tickets}? */
static bool
is_signed(struct request *req, char *tickets)
{
	const char *appid = request_query(req, "appid"), *nonce = request_query(req, "nonce"), *url = request_query(req, "url");
	const char *timestamp = request_query(req, "timestamp"), *given = request_query(req, "signature");
	char right[JSSDK_SIGNATURE_SIZE], *rest = NULL;

	if (appid == NULL || nonce == NULL || url == NULL || timestamp == NULL || given == NULL ||
	    strcmp(appid, conf_text("wechat_appid")) != 0)
		return false;
	for (const char *one = strtok_r(tickets, " ", &rest); one != NULL; one = strtok_r(NULL, " ", &rest))
		if (jssdk_sign(req->arena, one, nonce, strtoll(timestamp, NULL, 10), url, right) && strcmp(right, given) == 0)
			return true;
	return false;
}

static enum status
verify(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	struct sandbox_answer out = { 0 };
	char *tickets;
	enum status st;

	(void)fault;
	if ((st = db_call(req, &sandbox_door_wechat_tickets, NULL, &out)) != STATUS_OK)
		return st;
	if ((tickets = arena_strdup(req->arena, out.body)) == NULL)
		return STATUS_INTERNAL;
	return reply_text(req, rep, 200, is_signed(req, tickets) ? "{\"ok\":true}" : "{\"ok\":false}");
}

/* GET …/script/verify: what WeChat's script asks WeChat itself. */
enum status
sandbox_wechat_verify(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "weapp", verify);
}
