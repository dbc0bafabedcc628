/*
 * Every message that a parent receives, in one table. In braces: {detail} what the outbox carries, {url} the public URL, {undo}
 * the 这不是我 link, {code} the code that proves a phone, {hotline} the telephone number. Never a name, a number or a link that
 * asks for a password.
 */
#include "courier.h"

#include <string.h>

#include "conf.h"

static const char signature[] = "【梅江区入学报名】";

static const struct text {
	const char *template, *text;
	const char *with_undo; /* where there is a token; NULL: the same */
} texts[] = {
	{ "application_submitted", "报名已提交，回执号 {detail}。进度可登录 {url}/ 查看，报名先后不影响录取。咨询 {hotline}。",
	    NULL },
	{ "application_withdrawn", "报名（回执号 {detail}）已撤回。修改后可以再次提交：{url}/ 。咨询 {hotline}。", NULL },
	{ "student_taken",
	    "您账号里的一个孩子已由另一位家长完成核验，您名下的登记已停止，相关报名由对方办理。如有疑问请先问问家里人，或拨打 "
	    "{hotline}。",
	    NULL },
	{ "student_proven",
	    "您孩子的核验已完成。此前有其他账号也登记了这个孩子，已停止其登记。不需要您做任何事，咨询 {hotline}。", NULL },
	{ "student_not_added",
	    "您已签署电子证照授权，但授权里没有孩子。请打开 {url}/authorize ，按页面提示把孩子加上，签过的不用再签。咨询 "
	    "{hotline}。",
	    NULL },
	{ "authorize_incomplete", "您的电子证照授权还差一项。请打开 {url}/authorize 看还差什么，办好的不用再办。咨询 {hotline}。",
	    NULL },
	{ "bind_incomplete", "您办理的绑定学生信息还差一项。请打开 {url}/bind 看还差什么，办好的不用再办。咨询 {hotline}。",
	    NULL },
	{ "student_confirmed",
	    "您孩子的资料已由工作人员当面核验，不用再做人脸识别。进度可登录 {url}/ 查看。不是您本人办理的，请拨打 {hotline}。",
	    NULL },
	{ "student_free",
	    "您名下曾因另一位家长完成核验而停止的登记，现在可以继续办理了：请登录 {url}/ 重新绑定学生信息。咨询 {hotline}。",
	    NULL },
	{ "password_recovered", "您的账号刚刚重设了密码。是您本人操作的，不用理会；不是的，请马上拨打 {hotline}。",
	    "您的账号刚刚重设了密码。是您本人操作的，不用理会；这不是我，请在 72 小时内打开：{undo}" },
	{ "phone_changed", "您的账号刚刚更换了手机号。是您本人操作的，不用理会；不是的，请马上拨打 {hotline}。",
	    "您的账号刚刚更换了手机号。是您本人操作的，不用理会；这不是我，请在 72 小时内打开：{undo}" },
	{ "password_changed", "您的账号刚刚修改了密码。是您本人操作的，不用理会；不是的，请马上拨打 {hotline}。",
	    "您的账号刚刚修改了密码。是您本人操作的，不用理会；这不是我，请在 72 小时内打开：{undo}" },
	{ "change_undone",
	    "您账号最近的一次修改刚刚被撤销，账号恢复到修改之前。是您本人操作的，不用理会；不是的，请登录后做一次人脸识别，或拨打"
	    " "
	    "{hotline}。",
	    NULL },
	{ "account_closing",
	    "您的账号已申请注销，7 天后将删除账号和全部资料。要保留账号，请在此之前登录一次：{url}/login "
	    "。不是您本人申请的，请登录后修改"
	    "密码，或拨打 {hotline}。",
	    NULL },
	{ "account_kept", "您的账号刚刚登录过，注销申请已取消，账号和资料照常保留。咨询 {hotline}。", NULL },
	{ "phone_code",
	    "验证码 {code}，用于在入学报名平台登记这个手机号，10 分钟内有效，请不要告诉别人。不是您本人操作的，不用理会。",
	    NULL },
	{ "phone_code_taken",
	    "有人想在入学报名平台登记这个手机号，但它已经注册过账号，所以没有发验证码。是您注册的，请直接登录或找回密码：{url}/"
	    "login "
	    "；不是您注册的（例如新办的号码），请换一个手机号，或拨打 {hotline}。不是您本人操作的，不用理会。",
	    NULL },
	{ "wechat_moved", "原来关联您账号的一个微信刚刚关联到了别的账号。不是您本人操作的，请拨打 {hotline}。", NULL },
};

/* The value of the placeholder at ${at} ("{detail}…") and its length there; NULL if it is none. */
static const char *
placeholder(const char *at, const char *detail, const char *token, const char *undo, size_t *length)
{
	const struct {
		const char *name, *value;
	} known[] = {
		{ "{detail}", detail != NULL ? detail : "" },
		{ "{url}", conf_text("public_url") },
		{ "{undo}", undo != NULL ? undo : "" },
		{ "{code}", token != NULL ? token : "" },
		{ "{hotline}", conf_text("hotline") },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strncmp(at, known[i].name, strlen(known[i].name)) == 0) {
			*length = strlen(known[i].name);
			return known[i].value;
		}
	return NULL;
}

/* Put the values in their places. */
static char *
expand(struct arena *arena, const char *text, const char *detail, const char *token, const char *undo)
{
	char *out = arena_strdup(arena, signature);

	while (out != NULL && *text != '\0') {
		size_t length = strcspn(text, "{");
		const char *value;

		if (length > 0) {
			out = arena_printf(arena, "%s%.*s", out, (int)length, text);
		} else if ((value = placeholder(text, detail, token, undo, &length)) != NULL) {
			out = arena_printf(arena, "%s%s", out, value);
		} else {
			length = 1;
			out = arena_printf(arena, "%s{", out);
		}
		text += length;
	}
	return out;
}

char *
texts_message(struct arena *arena, const char *template, const char *detail, const char *token)
{
	const char *undo = NULL;

	if (token != NULL && (undo = arena_printf(arena, "%s/undo#%s", conf_text("public_url"), token)) == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(texts[i].template, template) == 0)
			return expand(arena, undo != NULL && texts[i].with_undo != NULL ? texts[i].with_undo : texts[i].text,
			    detail, token, undo);
	return NULL;
}
