/*
 * WeChat's web authorization as its documents describe it: an authorize page on which one chooses who one is, and the exchange
 * of a one-time code. Errors of the exchange come as HTTP 200 with errcode. A user's openid follows from the name alone, so
 * that tests know nothing but names; the user named 快照 (or snapshot) is the virtual account of a snapshot page.
 */
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "sandbox.h"

struct code_in {
	const char *code, *openid;
	bool is_snapshot;
};

struct exchange_in {
	const char *code, *token, *refresh;
};

static const struct db_field code_fields[] = { { DB_TEXT, offsetof(struct code_in, code) },
	{ DB_TEXT, offsetof(struct code_in, openid) }, { DB_BOOL, offsetof(struct code_in, is_snapshot) } };
static const struct db_field exchange_fields[] = { { DB_TEXT, offsetof(struct exchange_in, code) },
	{ DB_TEXT, offsetof(struct exchange_in, token) }, { DB_TEXT, offsetof(struct exchange_in, refresh) } };

const struct door sandbox_door_wechat_code_put = { "wechat_code_put", "select * from sandbox.wechat_code_put($1,$2,$3)",
	code_fields, 3, NULL, 0, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_wechat_exchange = { "wechat_exchange", "select * from sandbox.wechat_exchange($1,$2,$3)",
	exchange_fields, 3, sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };

/* What stands in the authorize URL. */
struct authorization {
	const char *appid, *redirect_uri, *scope, *state, *user;
};

/* The text with what HTML would take for itself escaped; at most six bytes for one. NULL beyond the arena's limit. */
static const char *
escape_html(struct arena *arena, const char *text)
{
	char *out = arena_alloc(arena, 6 * strlen(text) + 1), *at = out;

	for (; out != NULL && *text != '\0'; text++) {
		const char *escaped = *text == '&'   ? "&amp;"
				      : *text == '<' ? "&lt;"
				      : *text == '>' ? "&gt;"
				      : *text == '"' ? "&quot;"
						     : NULL;

		if (escaped != NULL)
			at += sprintf(at, "%s", escaped);
		else
			*at++ = *text;
	}
	return out;
}

/* The text as a query's value. NULL beyond the arena's limit. */
static const char *
escape_query(struct arena *arena, const char *text)
{
	char *out = arena_alloc(arena, 3 * strlen(text) + 1), *at = out;

	for (; out != NULL && *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr("-._~", c) != NULL)
			*at++ = *text;
		else
			at += sprintf(at, "%%%02X", c);
	}
	return out;
}

/* 28 characters, as WeChat's are, the same for the same name. NULL beyond the arena's limit. */
static const char *
openid_of(struct arena *arena, const char *name)
{
	const char *seed = arena_printf(arena, "openid:%s", name);
	unsigned char text[4 * ((SEAL_HASH_SIZE + 2) / 3) + 1];
	uint8_t hash[SEAL_HASH_SIZE];

	if (seed == NULL)
		return NULL;
	seal_hash((struct bytes){ (const uint8_t *)seed, strlen(seed) }, hash);
	(void)EVP_EncodeBlock(text, hash, SEAL_HASH_SIZE);
	for (unsigned char *c = text; *c != '\0'; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	return arena_printf(arena, "o%.27s", (const char *)text);
}

static enum status
answer_html(struct request *req, struct reply *rep, int http, const char *html)
{
	if (html == NULL)
		return STATUS_INTERNAL;
	*rep = (struct reply){
		.http = http, .content_type = "text/html; charset=utf-8", .body = { (const uint8_t *)html, strlen(html) }
	};
	/* Chromium holds a form's redirects to form-action too, and they lead to the platform, which is this origin. */
	return reply_header(req, rep, "Content-Security-Policy", "default-src 'self'; form-action 'self'") ? STATUS_OK
													   : STATUS_INTERNAL;
}

#define PAGE_HEAD                                                                                                                \
	"<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n"                                             \
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>微信登录（演示沙盒）</title>\n"        \
	"<link rel=\"stylesheet\" href=\"/sandbox/sandbox.css\">\n</head>\n<body class=\"wechat\">\n"                            \
	"<header>\n<p class=\"notice\">演示沙盒，不是真的微信</p>\n</header>\n<main>\n"
#define PAGE_FOOT "</main>\n</body>\n</html>\n"

/* The page that WeChat shows instead, with its own numbers. */
static enum status
refuse(struct request *req, struct reply *rep, const char *error)
{
	return answer_html(req, rep, 400, arena_printf(req->arena, PAGE_HEAD "<h1>无法打开</h1>\n<p>%s</p>\n" PAGE_FOOT, error));
}

/* Who opens this page? A list of users as links, one more by name, and a refusal. */
static enum status
show_choice(struct request *req, struct reply *rep, const struct authorization *a)
{
	static const char *const users[] = { "妈妈", "爸爸", "奶奶", "快照" };
	const char *query = escape_html(req->arena, req->query), *links = "";
	const char *appid = escape_html(req->arena, a->appid), *uri = escape_html(req->arena, a->redirect_uri);
	const char *scope = escape_html(req->arena, a->scope), *state = escape_html(req->arena, a->state);

	if (query == NULL || appid == NULL || uri == NULL || scope == NULL || state == NULL)
		return STATUS_INTERNAL;
	for (size_t i = 0; links != NULL && i < sizeof users / sizeof *users; i++)
		links = arena_printf(req->arena, "%s<li><a class=\"row\" href=\"?%s&amp;user=%s\">%s%s</a></li>\n", links, query,
		    escape_query(req->arena, users[i]), users[i], i == 3 ? "（快照页虚拟账号）" : "");
	if (links == NULL)
		return STATUS_INTERNAL;
	return answer_html(req, rep, 200,
	    arena_printf(req->arena,
		PAGE_HEAD
		"<h1>用哪个微信打开</h1>\n<p>梅江区入学报名 申请获取您的微信身份</p>\n<ul class=\"list\">\n%s</ul>\n"
		"<form method=\"get\">\n<input type=\"hidden\" name=\"appid\" value=\"%s\">\n"
		"<input type=\"hidden\" name=\"redirect_uri\" value=\"%s\">\n"
		"<input type=\"hidden\" name=\"response_type\" value=\"code\">\n"
		"<input type=\"hidden\" name=\"scope\" value=\"%s\">\n<input type=\"hidden\" name=\"state\" value=\"%s\">\n"
		"<label for=\"user\">别的微信用户，随便起个名字</label>\n"
		"<input class=\"field\" id=\"user\" name=\"user\" required maxlength=\"40\" autocomplete=\"off\">\n"
		"<button class=\"button\" type=\"submit\">用这个微信登录</button>\n</form>\n"
		"<p><a class=\"button plain\" href=\"?%s&amp;user=\">拒绝</a></p>\n" PAGE_FOOT,
		links, appid, uri, scope, state, query));
}

/* Back to the platform with a code, or with the state alone. */
static enum status
send_back(struct request *req, struct reply *rep, const struct authorization *a, bool is_forged)
{
	const char *state = escape_query(req->arena, a->state), *location;
	char joint = strchr(a->redirect_uri, '?') != NULL ? '&' : '?';
	char code[44];
	struct code_in in = { code, a->user[0] != '\0' ? openid_of(req->arena, a->user) : "",
		strcmp(a->user, "快照") == 0 || strcmp(a->user, "snapshot") == 0 };
	enum status st;

	if (state == NULL || in.openid == NULL)
		return STATUS_INTERNAL;
	if (a->user[0] == '\0') {
		location = arena_printf(req->arena, "%s%cstate=%s", a->redirect_uri, joint, state);
		return location == NULL ? STATUS_INTERNAL : reply_redirect(req, rep, location);
	}
	seal_token(code);
	if ((st = db_call(req, &sandbox_door_wechat_code_put, &in, NULL)) != STATUS_OK)
		return st;
	location = arena_printf(
	    req->arena, "%s%ccode=%s&state=%s%s", a->redirect_uri, joint, code, state, is_forged ? "https://i.example" : "");
	return location == NULL ? STATUS_INTERNAL : reply_redirect(req, rep, location);
}

/* Is it a page of the one platform that this WeChat knows? */
static bool
is_own_page(const char *uri)
{
	size_t length = strlen(conf_text("public_url"));

	return strncmp(uri, conf_text("public_url"), length) == 0 && uri[length] == '/';
}

static enum status
authorize(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	struct authorization a = { request_query(req, "appid"), request_query(req, "redirect_uri"), request_query(req, "scope"),
		request_query(req, "state"), request_query(req, "user") };
	const char *type = request_query(req, "response_type");

	if (a.appid == NULL || strcmp(a.appid, conf_text("wechat_appid")) != 0)
		return refuse(req, rep, "appid 参数错误（10013）");
	if (a.redirect_uri == NULL || !is_own_page(a.redirect_uri))
		return refuse(req, rep, "redirect_uri 域名与后台配置不一致（10003）");
	if (type == NULL || strcmp(type, "code") != 0 || a.scope == NULL ||
	    (strcmp(a.scope, "snsapi_base") != 0 && strcmp(a.scope, "snsapi_userinfo") != 0))
		return refuse(req, rep, "scope 参数错误或没有 scope 权限（10005）");
	if (a.state == NULL)
		a.state = "";
	if (a.user == NULL)
		return show_choice(req, rep, &a);
	return send_back(req, rep, &a, sandbox_fault_is(fault, "forge"));
}

/* GET …/connect/oauth2/authorize: the parent's browser comes here. */
enum status
sandbox_wechat_authorize(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "wechat_page", authorize);
}

static enum status
access_token(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	const char *appid = request_query(req, "appid"), *secret = request_query(req, "secret");
	char right_secret[256], token[44], refresh[44];
	struct exchange_in in = { request_query(req, "code"), token, refresh };
	struct sandbox_answer out = { 0 };
	bool is_right;
	enum status st;

	(void)fault;
	if (appid == NULL || strcmp(appid, conf_text("wechat_appid")) != 0)
		return reply_text(req, rep, 200, "{\"errcode\":40013,\"errmsg\":\"invalid appid\"}");
	if (!conf_secret("wechat_secret_file", right_secret, sizeof right_secret))
		return STATUS_INTERNAL;
	is_right = secret != NULL && strcmp(secret, right_secret) == 0;
	OPENSSL_cleanse(right_secret, sizeof right_secret);
	if (!is_right)
		return reply_text(req, rep, 200, "{\"errcode\":40125,\"errmsg\":\"invalid appsecret\"}");
	if (in.code == NULL)
		return reply_text(req, rep, 200, "{\"errcode\":41008,\"errmsg\":\"missing code\"}");
	seal_token(token);
	seal_token(refresh);
	if ((st = db_call(req, &sandbox_door_wechat_exchange, &in, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.body);
}

/* GET …/sns/oauth2/access_token: the platform exchanges the code. */
enum status
sandbox_wechat_access_token(struct request *req, struct reply *rep)
{
	return sandbox_with_fault(req, rep, "wechat", access_token);
}
