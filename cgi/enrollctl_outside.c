/*
 * enrollctl check, outside: the way to WeChat and the province is gone once as the programs go it (outbound_proxy, CA), and what
 * comes back says what is missing. WeChat's token is asked for as "stable", which ends nobody else's.
 */
#include "enrollctl_check.h"

#include <json-c/json.h>
#include <openssl/crypto.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "enrollctl.h"
#include "fetch.h"
#include "json.h"

enum { TIMEOUT_MS = 5000, SKEW_LIMIT_S = 60, SECRET_SIZE = 256 };

static const struct counterpart {
	const char *name, *words, *url_key, *ca_key;
} counterparts[] = {
	{ "wechat", "微信", "wechat_api", "wechat_ca" },
	{ "space", "个人数字空间", "space_url", "space_ca" },
	{ "license", "电子证照系统", "license_url", "license_ca" },
};

/* Can it be reached, and what does its clock say? What it answers to a bare path does not matter. */
static void
check_counterpart(const struct counterpart *one)
{
	struct fetch_call call = { .counterpart = one->name,
		.method = "GET",
		.url = arena_printf(operator_request()->arena, "%s/", conf_text(one->url_key)),
		.ca_file = conf_text(one->ca_key),
		.timeout_ms = TIMEOUT_MS };
	int64_t skew_s;

	if (conf_text(one->url_key)[0] == '\0') {
		check_finding("在配置文件里填写。", "没有配置%s的地址 %s。", one->words, one->url_key);
		return;
	}
	if (call.url == NULL || fetch_one(operator_request()->arena, &call) != FETCH_OK) {
		check_finding("上面的日志行有原因；检查本机到外网的路由、防火墙、outbound_proxy 和证书设置。", "连不上%s：%s",
		    one->words, conf_text(one->url_key));
		return;
	}
	skew_s = call.date_s != 0 ? clock_wall_ms() / 1000 - call.date_s : 0;
	if (skew_s > SKEW_LIMIT_S || skew_s < -SKEW_LIMIT_S)
		check_finding(
		    "运行 timedatectl 查看；打开时间同步：timedatectl set-ntp true。相差 300 秒起对方会拒绝我们的签名。",
		    "本机时钟与%s相差 %lld 秒。", one->words, (long long)skew_s);
}

/* The text of member ${name}, in the arena, NULL if it is no text; ${errcode} and ${errmsg} of what WeChat answered. */
static const char *
read_answer(struct bytes answer, const char *name, int64_t *errcode, const char **errmsg)
{
	struct json_object *json = json_read(answer), *member;
	const char *value = NULL;

	*errcode = -1;
	*errmsg = "";
	if (json_object_is_type(json, json_type_object)) {
		*errcode = json_object_object_get_ex(json, "errcode", &member) ? json_object_get_int64(member) : 0;
		if (json_object_object_get_ex(json, "errmsg", &member) && json_object_is_type(member, json_type_string))
			*errmsg = arena_strdup(operator_request()->arena, json_object_get_string(member));
		if (json_object_object_get_ex(json, name, &member) && json_object_is_type(member, json_type_string))
			value = arena_strdup(operator_request()->arena, json_object_get_string(member));
	}
	(void)json_object_put(json);
	return value;
}

/* WeChat's error codes, and what the operator does about each. */
static void
explain(const char *what, int64_t errcode, const char *errmsg)
{
	static const struct {
		int64_t code;
		const char *remedy;
	} known[] = {
		{ 40164, "把上面信息里的 IP 地址填到：微信公众平台 → 设置与开发 → 基本配置 → IP 白名单。" },
		{ 40013, "核对配置项 wechat_appid 与公众平台上的 AppID。" },
		{ 40125, "核对 wechat_secret_file 里的 AppSecret；在公众平台重置过的话要换成新的。" },
		{ 48001, "这个公众号没有该接口的权限；确认是已认证的服务号。" },
		{ 45009, "今天的调用次数用完了，明天恢复；或在公众平台清零。" },
	};
	const char *remedy = "按微信的错误码到公众平台文档“全局返回码”查找。";

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].code == errcode)
			remedy = known[i].remedy;
	check_finding(remedy, "取不到微信的%s：%lld %s", what, (long long)errcode, errmsg != NULL ? errmsg : "");
}

/* Returns the access token, or NULL after saying why there is none. */
static const char *
take_token(void)
{
	struct arena *arena = operator_request()->arena;
	struct json_object *body = json_object_new_object();
	struct fetch_call call = { .counterpart = "wechat",
		.method = "POST",
		.url = arena_printf(arena, "%s/cgi-bin/stable_token", conf_text("wechat_api")),
		.ca_file = conf_text("wechat_ca"),
		.timeout_ms = TIMEOUT_MS };
	char secret[SECRET_SIZE];
	const char *token, *errmsg;
	int64_t errcode;

	if (!conf_secret("wechat_secret_file", secret, sizeof secret)) {
		(void)json_object_put(body);
		check_finding("以 root 运行本命令；确认文件里是公众平台的 AppSecret。", "读不到 wechat_secret_file：%s",
		    conf_text("wechat_secret_file"));
		return NULL;
	}
	(void)json_object_object_add(body, "grant_type", json_object_new_string("client_credential"));
	(void)json_object_object_add(body, "appid", json_object_new_string(conf_text("wechat_appid")));
	(void)json_object_object_add(body, "secret", json_object_new_string(secret));
	OPENSSL_cleanse(secret, sizeof secret);
	call.body = arena_strdup(arena, json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN));
	(void)json_object_put(body);
	/* If it cannot be reached at all, check_counterpart has said so. */
	if (call.url == NULL || call.body == NULL || fetch_one(arena, &call) != FETCH_OK)
		return NULL;
	if ((token = read_answer(call.answer, "access_token", &errcode, &errmsg)) == NULL)
		explain("access_token", errcode, errmsg);
	return token;
}

static void
check_ticket(const char *token)
{
	struct arena *arena = operator_request()->arena;
	struct fetch_call call = { .counterpart = "wechat",
		.method = "GET",
		.url =
		    arena_printf(arena, "%s/cgi-bin/ticket/getticket?access_token=%s&type=jsapi", conf_text("wechat_api"), token),
		.ca_file = conf_text("wechat_ca"),
		.timeout_ms = TIMEOUT_MS };
	const char *errmsg;
	int64_t errcode;

	if (call.url != NULL && fetch_one(arena, &call) == FETCH_OK &&
	    read_answer(call.answer, "ticket", &errcode, &errmsg) == NULL)
		explain("jsapi_ticket", errcode, errmsg);
}

void
check_outside(void)
{
	const char *token;

	for (size_t i = 0; i < sizeof counterparts / sizeof *counterparts; i++)
		check_counterpart(&counterparts[i]);
	if (conf_text("wechat_api")[0] != '\0' && (token = take_token()) != NULL)
		check_ticket(token);
}
