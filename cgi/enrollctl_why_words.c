/*
 * Codes of the trail and their words. A fault is judged from the code, and where the same code can be two parties' fault, from
 * the action that it ended: the first line of the table that fits both counts.
 */
#include "enrollctl_why.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *action, *words;
} actions[] = {
	{ "register", "注册账号" },
	{ "sign_in", "用密码登录" },
	{ "sign_out", "退出登录" },
	{ "session_end", "结束一个登录" },
	{ "session_end_others", "结束其他登录" },
	{ "account_change", "修改密码或手机号（登录后）" },
	{ "account_password", "修改密码（登录后）" },
	{ "account_phone", "修改手机号（登录后）" },
	{ "account_close", "申请注销账号" },
	{ "account_erase", "注销到期，删除资料" },
	{ "handoff_start", "换手机接着办：出二维码" },
	{ "handoff_open", "换手机接着办：另一部手机打开" },
	{ "phone_code", "获取短信验证码" },
	{ "wechat_authorize", "去微信授权" },
	{ "wechat_callback", "从微信回来" },
	{ "wechat_sign_in", "微信自动登录" },
	{ "wechat_link", "关联微信" },
	{ "wechat_unlink", "解除微信关联" },
	{ "wechat_name", "给微信起名字" },
	{ "wechat_moved_away", "微信被关联到别的账号" },
	{ "recover_password", "找回密码" },
	{ "recover_phone", "修改手机号（四项信息）" },
	{ "recover_undo", "点开“这不是我”" },
	{ "limit_lifted", "解除账号受限" },
	{ "face_check", "人脸核验" },
	{ "confirm_in_person", "现场核对身份（工作人员）" },
	{ "confirm_by_hand", "当面核验孩子（工作人员）" },
	{ "wechat_renew", "更新微信接口凭证" },
	{ "account_remove", "删除冒用的账号（工作人员）" },
	{ "trial_remove", "删除试走的家庭（工作人员）" },
	{ "student_add", "添加孩子" },
	{ "student_change", "修改孩子信息或选择途径" },
	{ "student_remove", "移除孩子" },
	{ "student_taken", "孩子由另一位家长核验，本账号的登记停止" },
	{ "student_free", "另一位家长不再登记这个孩子，本账号可以继续办理" },
	{ "bind_begin", "发起绑定学生信息" },
	{ "bind_launch", "打开个人数字空间（绑定）" },
	{ "bind_return", "从个人数字空间返回（绑定）" },
	{ "bind_notice", "省平台通知（绑定）" },
	{ "bind_ask", "向省平台询问结果（绑定）" },
	{ "bind", "绑定学生信息的结果" },
	{ "authorize_begin", "发起电子证照授权" },
	{ "authorize_launch", "打开个人数字空间（授权）" },
	{ "authorize_return", "从个人数字空间返回（授权）" },
	{ "authorize_notice", "省平台通知（授权）" },
	{ "authorize_ask", "向省平台询问结果（授权）" },
	{ "authorize_sign", "签署电子证照授权" },
	{ "authorize", "电子证照授权的结果" },
	{ "authorization_revoke", "撤回授权" },
	{ "authorization_revoked", "撤回后不再是已授权" },
	{ "authorization_expired", "授权到期" },
	{ "license_fetch", "向电子证照系统取证照" },
	{ "license_archive", "保存证照的归档文件" },
	{ "application_save", "保存报名表" },
	{ "application_submit", "提交报名" },
	{ "application_withdraw", "撤回报名" },
	{ "message application_submitted", "通知：报名已提交" },
	{ "message application_withdrawn", "通知：报名已撤回" },
	{ "message student_taken", "通知：孩子由另一位家长核验" },
	{ "message student_proven", "通知：孩子的核验已完成" },
	{ "message student_not_added", "通知：授权里没有孩子" },
	{ "message authorize_incomplete", "通知：授权还差一项" },
	{ "message bind_incomplete", "通知：绑定还差一项" },
	{ "message student_confirmed", "通知：孩子已当面核验" },
	{ "message student_free", "通知：孩子可以继续办理" },
	{ "message password_recovered", "通知：密码被找回" },
	{ "message phone_changed", "通知：手机号被更换" },
	{ "message password_changed", "通知：密码被修改" },
	{ "message change_undone", "通知：修改被撤销" },
	{ "message account_closing", "通知：账号申请注销" },
	{ "message account_kept", "通知：注销申请已取消" },
	{ "message wechat_moved", "通知：微信关联到了别的账号" },
};

static const struct {
	const char *action; /* its beginning */
	const char *outcome;
	struct why_outcome told;
} outcomes[] = {
	{ "license_fetch", "done", { "取到了", NULL } },
	{ "license_fetch", "due", { "证照系统暂时取不到，会自动再试", "省平台" } },
	{ "license_fetch", "failed", { "证照系统一天都取不到，请家长重新签署", "省平台" } },
	{ "license_archive", "not_found", { "授权已撤回，没有保存", NULL } },
	{ "", "register_unavailable", { "证照系统没有应答，会自动再试", "省平台" } },
	{ "", "consent_withdrawn", { "家长在省平台撤回了授权", "家长" } },
	{ "", "license_not_held", { "家长没有申领这份证照", "家长" } },
	{ "", "license_unreadable", { "证照系统给的证照读不出来", "省平台" } },
	{ "wechat_renew", "refused", { "微信说这一版不再有效，已换新的", "微信" } },
	{ "wechat_", "provider_unavailable", { "微信没有应答", "微信" } },
	{ "wechat_", "forbidden", { "不是这个浏览器发起的、已过期，或在微信里点了拒绝", "家长" } },
	{ "wechat_", "not_linked", { "这个微信没有关联账号，请用密码登录", NULL } },
	{ "wechat_", "not_automatic", { "这个微信退出过登录，请用密码登录", NULL } },
	{ "wechat_", "virtual_account", { "微信只给了临时身份（快照页），请点“使用完整服务”或用密码登录", "微信" } },
	{ "wechat_", "signed_in", { "本来就已登录", NULL } },
	{ "bind_notice", "forbidden", { "通知的签名不对，没有采用", "省平台" } },
	{ "authorize_notice", "forbidden", { "通知的签名不对，没有采用", "省平台" } },
	{ "bind_ask", "identified", { "做完了人脸识别", NULL } },
	{ "bind_ask", "completed", { "办完了", NULL } },
	{ "authorize_ask", "identified", { "做完了人脸识别", NULL } },
	{ "authorize_ask", "completed", { "办完了", NULL } },
	{ "bind_ask", "forbidden", { "省平台答的不是这次办理，没有采用", "省平台" } },
	{ "authorize_ask", "forbidden", { "省平台答的不是这次办理，没有采用", "省平台" } },
	{ "message", "delivered", { "送达", NULL } },
	{ "message", "waiting", { "等待发送", NULL } },
	{ "message", "not_follower", { "没有关注公众号，改发短信", "家长" } },
	{ "message", "lost", { "发送时程序中断，可能已送达，会再发一次", "我们" } },
	{ "message", "not_makeable", { "消息无法生成", "我们" } },
	{ "message", "http_410", { "网关说号码不存在", "家长" } },
	{ "message", "", { "没有送达", "短信网关" } },
	{ "face_check", "ok", { "通过", NULL } },
	{ "", "ok", { "成功", NULL } },
	{ "", "created", { "成功", NULL } },
	{ "", "bound", { "绑定成功", NULL } },
	{ "", "authorized", { "授权完成", NULL } },
	{ "", "replayed", { "重复的请求，给了上次的答复", NULL } },
	{ "", "dropped", { "没有判断：太忙，或新的填写有误", NULL } },
	{ "", "unchanged", { "没有变化", NULL } },
	{ "", "incomplete", { "没有办完", "家长" } },
	{ "", "denied", { "在省平台上点了拒绝", "家长" } },
	{ "", "expired", { "没有在期限内办完", "家长" } },
	{ "", "bad_credentials", { "填的信息对不上", "家长" } },
	{ "", "too_many_attempts", { "试得太多，要等一会儿", "家长" } },
	{ "", "phone_taken", { "手机号已注册过别的账号", "家长" } },
	{ "", "guardian_taken", { "这位家长已有账号，应找回密码", "家长" } },
	{ "", "student_taken", { "孩子已由另一位家长核验", "家长" } },
	{ "", "validation_failed", { "填写有误或不完整", "家长" } },
	{ "", "not_signed_in", { "没有登录，或登录已过期", "家长" } },
	{ "", "identity_check_required", { "账号受限，要先做人脸核验", "家长" } },
	{ "", "not_found", { "没有这一项，或不是这位家长的", "家长" } },
	{ "", "wrong_state", { "这一步现在不能办", "家长" } },
	{ "", "version_conflict", { "在另一处改过，要先看最新的", "家长" } },
	{ "", "season_closed", { "不在开放时间内", "家长" } },
	{ "", "forbidden", { "不允许", "家长" } },
	{ "", "key_reused", { "页面重用了请求编号", "我们" } },
	{ "", "provider_unavailable", { "省平台没有应答", "省平台" } },
	{ "", "busy", { "太忙，请家长稍候再试", "我们" } },
	{ "", "unavailable", { "系统暂时不可用", "我们" } },
	{ "", "internal", { "系统出错", "我们" } },
};

const char *
why_action(const char *action)
{
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (strcmp(actions[i].action, action) == 0)
			return actions[i].words;
	return action;
}

struct why_outcome
why_outcome(const char *action, const char *outcome)
{
	for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
		if (strncmp(outcomes[i].action, action, strlen(outcomes[i].action)) == 0 &&
		    (outcomes[i].outcome[0] == '\0' || strcmp(outcomes[i].outcome, outcome) == 0))
			return outcomes[i].told;
	return (struct why_outcome){ outcome, NULL };
}
