/*
 * What parents read from C. Short and spoken: what happened, what it means, what to press; no blame, no jargon. Tables
 * only, so that the wording can be reviewed, and changed, by someone who reads no C.
 */
#include "words.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *title, *detail;
} statuses[STATUS_COUNT] = {
	[STATUS_OK] = { "OK", "" },
	[STATUS_VALIDATION_FAILED] = { "Validation failed", "有几处需要改一下，请看标出的地方。" },
	[STATUS_MALFORMED_REQUEST] = { "Malformed request", "刚才的内容没有完整送到。请刷新页面再试一次。" },
	[STATUS_UNSUPPORTED_MEDIA_TYPE] = { "Unsupported media type", "这种格式读不了。请刷新页面再试一次。" },
	[STATUS_TOO_LARGE] = { "Too large", "内容太大，没有收下。请删减后再试。" },
	[STATUS_NOT_FOUND] = { "Not found", "没有找到您要的内容。请回首页重新进入。" },
	[STATUS_METHOD_NOT_ALLOWED] = { "Method not allowed", "这个地址不能这样打开。请回首页重新进入。" },
	[STATUS_NOT_SIGNED_IN] = { "Not signed in", "还没有登录，或者登录已经过期。请登录后继续。" },
	[STATUS_BAD_CREDENTIALS] = { "Bad credentials", "填写的内容和登记的对不上。请核对后再试。" },
	[STATUS_WRONG_ORIGIN] = { "Wrong origin", "这次操作不是从本平台的页面发出的，没有办理。请从首页进入后再试。" },
	[STATUS_IDENTITY_CHECK_REQUIRED] = { "Identity check required",
	    "这个账号刚凭资料找回过。为了保护孩子的信息，请先做一次人脸识别（绑定学生信息），做完就能继续；不方便的，可以到现场核"
	    "验。" },
	[STATUS_FORBIDDEN] = { "Forbidden", "这个账号不能办这一步。需要帮助，请拨打咨询电话。" },
	[STATUS_PHONE_TAKEN] = { "Phone taken", "这个手机号已经注册过账号。是您注册的，请直接登录或找回密码；不是您注册的（例如新"
						"办的号码），请换一个手机号，或者拨打咨询电话。" },
	[STATUS_STUDENT_TAKEN] = { "Student taken",
	    "这个孩子已经在另一个账号里完成核验。请先问问家里人；不是家里人办的，请拨打咨询电话，我们会核实。" },
	[STATUS_GUARDIAN_TAKEN] = { "Guardian taken",
	    "这个家长身份证号已经注册过账号。请用“找回密码”取回；不是您本人注册的，请拨打咨询电话或到现场办理。" },
	[STATUS_VERSION_CONFLICT] = { "Version conflict", "这一页刚在别处改过。您填的内容还在，请对照后再保存。" },
	[STATUS_WRONG_STATE] = { "Wrong state", "按现在的进度，这一步还不能办，或者已经办过。请刷新页面看看进度。" },
	[STATUS_SEASON_CLOSED] = { "Season closed", "现在不在办理时间内。开放时间请看首页。" },
	[STATUS_PRECONDITION_REQUIRED] = { "Precondition required", "页面不是最新的。请刷新后再保存。" },
	[STATUS_KEY_REUSED] = { "Key reused", "这次提交的内容和刚才的不一样。请刷新页面再提交一次。" },
	[STATUS_TOO_MANY_ATTEMPTS] = { "Too many attempts", "试的次数多了，为了保护账号先停一会儿。请稍后再试。" },
	[STATUS_BUSY] = { "Busy", "现在办理的人多，请稍等，页面会自己再试。先后不影响录取。" },
	[STATUS_PROVIDER_UNAVAILABLE] = { "Provider unavailable", "省里的平台暂时没有回应。请过几分钟再试，不用从头开始。" },
	[STATUS_UNAVAILABLE] = { "Unavailable", "系统正在恢复，这一步还没有办成。请过一会儿再试。" },
	[STATUS_INTERNAL] = { "Internal error",
	    "系统出了点问题，这一步没有办成。请再试一次；还是不行，请拨打咨询电话，报出求助编号。" },
};

struct wording {
	const char *field, *code, *text;
};

/* The words of one field. */
static const struct wording field_words[] = {
	{ "student_name", "required", "请填写学生姓名。" },
	{ "student_id_no", "required", "请填写学生身份证号。" },
	{ "student_id_no", "same_as", "学生和家长的身份证号一样了，请核对。" },
	{ "guardian_name", "required", "请填写家长姓名。" },
	{ "guardian_id_no", "required", "请填写家长身份证号。" },
	{ "guardian_id_no", "same_as", "家长和学生的身份证号一样了，请核对。" },
	{ "guardian_id_no", "birth_date", "身份证号里的出生日期不对，或者未满 18 岁。账号要由成年的家长注册。" },
	{ "name", "required", "请填写姓名。" },
	{ "id_no", "required", "请填写身份证号。" },
	{ "id_no", "same_as", "这个身份证号和家长的一样了，请核对。" },

	{ "phone", "required", "请填写手机号。" },
	{ "phone", "format", "请填写 11 位的大陆手机号。没有的，可以填家里人的号码，或者拨打咨询电话。" },
	{ "new_phone", "required", "请填写新手机号。" },
	{ "new_phone", "format", "新手机号要填 11 位的大陆手机号。" },
	{ "new_phone", "same_as", "新手机号和旧手机号一样，请填写要换成的号码。" },
	{ "old_phone", "required", "请填写旧手机号。" },
	{ "old_phone", "format", "旧手机号要填 11 位的大陆手机号。" },

	{ "phone_code", "required", "请填写短信验证码。没有收到的，点“发送验证码”。" },
	{ "phone_code", "type", "验证码没有正确送到。请再填一次。" },
	{ "phone_code", "format", "验证码是 6 位数字，请照短信填写。" },
	{ "phone_code", "checksum", "验证码不对，或者已经过期。请照最新的一条短信填写；还是不行，请重新获取一个。" },

	{ "password", "required", "请填写密码。" },
	{ "password", "too_short", "密码至少 8 位。" },
	{ "password", "too_long", "密码最多 64 位，请缩短一些。" },
	{ "password", "format", "密码里有输入法带来的符号或汉字。请切换到英文键盘再输入。" },
	{ "password", "format_sign", "密码里的“%s”不是英文键盘上的符号。请切换到英文键盘再输入。" },
	{ "password", "weak", "密码要有大写字母、小写字母、数字和特殊符号，并且不含姓名、手机号和身份证号后六位。" },
	{ "password", "common", "这个密码太常见，容易被猜到。请换一个。" },
	{ "password", "same_as", "新密码和旧密码一样，请换一个。" },
	{ "old_password", "required", "请填写现在的密码。" },

	{ "consent", "required", "请阅读同意书并勾选“同意”。" },
	{ "token", "required", "链接不完整。请从短信或微信消息里重新打开。" },
	{ "token", "format", "链接不完整。请从短信或微信消息里重新打开。" },
	{ "register_place", "required", "请选择孩子户口在哪里。" },
	{ "register_place", "format", "请在列出的几项里选择孩子户口在哪里。" },
	{ "route", "format", "请在列出的办理方式里选择一种。" },
	{ "page", "format", "没有这一步。请回首页重新进入。" },
	{ "student_ids", "format", "没有找到要办理的孩子。请刷新页面再试。" },

	{ "ethnicity", "required", "请选择民族。" },
	{ "nationality", "required", "请填写国籍。" },
	{ "birthplace", "required", "请填写出生地。" },
	{ "health", "required", "请选择健康状况。" },
	{ "kind", "required", "请选择类型。" },
	{ "head_name", "required", "请填写户主姓名。" },
	{ "household.household", "required", "已按电子证照填好，请打开这一页核对，再点“下一步”。" },
	{ "student.student", "required", "请打开这一页核对，再点“下一步”。" },
	{ "residence.residence", "required", "请打开这一页核对，再点“下一步”。" },
	{ "wishes.wishes", "required", "请打开这一页填写，再点“下一步”。" },
	{ "relation_to_head", "required", "请选择孩子与户主的关系。" },
	{ "address", "required", "请填写地址。" },
	{ "certificate_no", "required", "请填写产权证号。没有的，请改选其他住房类型。" },
	{ "owner_name", "required", "请填写产权人姓名。" },
	{ "owner_relation", "required", "请选择产权人与孩子的关系。" },
	{ "guardians", "required", "请至少填写一位监护人。" },
	{ "relation", "required", "请选择与孩子的关系。" },
	{ "schools", "required", "请至少选择一所学校。" },
	{ "schools", "too_long", "选的学校多了，请减少几所。" },
	{ "accept_arrangement", "required", "请选择是否服从统筹安排。" },
	{ "student.birth_date", "birth_date", "孩子的出生日期不在今年的招生范围内。范围见首页，有疑问请拨打咨询电话。" },
	{ "route.route", "required", "请先回答“孩子户口在哪里”。" },
	{ "binding.student", "required", "还没有绑定学生信息。请先办第一步；不方便的，可以改为到校核验或到现场办理。" },
	{ "authorization.household_register", "required",
	    "还没有完成电子证照授权，家长和孩子的居民户口簿都要授权。请先办第二步；不方便的，可以改为到校核验或到现场办理。" },
	{ "wishes.schools", "format", "选的学校里有今年不招生的，请重新选择。" },
	{ "guardians.0.id_no", "same_as", "这个身份证号和学生的一样了，请核对。" },
	{ "guardians.1.id_no", "same_as", "这个身份证号和学生的或第一位监护人的一样了，请核对。" },
	{ "guardians", "too_long", "最多填写两位监护人。" },
	{ "verify_in_person", "required", "请勾选“到校核验”，开学前带材料到学校核对。" },
};

/* The words of a kind of field, found by how its name ends. */
static const struct wording kind_words[] = {
	{ "id_no", "too_short", "身份证号要 18 位，现在少了几位。" },
	{ "id_no", "too_long", "身份证号要 18 位，现在多了几位。" },
	{ "id_no", "format", "身份证号前 17 位是数字，最后一位是数字或 X。" },
	{ "id_no", "region", "身份证号开头的地区不存在，请对照证件再看一遍。" },
	{ "id_no", "birth_date", "身份证号里的出生日期不存在或还没有到，请看第 7 到 14 位。" },
	{ "id_no", "checksum", "身份证号有一位不对，请对照证件逐位核对。" },
	{ "id_no", "foreign_form",
	    "这像是其他证件的号码，这里要填 18 位。15 位的旧身份证请先换领新证；持通行证、护照的，请填居住证或永久居留身份证上的 "
	    "18 位号码，没有的请拨打咨询电话，到现场办理。" },
	{ "id_no", "type", "身份证号没有正确送到。请刷新页面再填一次。" },
	{ "name", "too_long", "姓名最多 50 个字，请核对。" },
	{ "name", "format", "姓名请用汉字或字母，中间的点可以照常输入。有打不出的字，请先用同音字代替，办理时会按户口簿更正。" },
	{ "phone", "type", "手机号没有正确送到。请刷新页面再填一次。" },
	{ "password", "type", "密码没有正确送到。请刷新页面再填一次。" },
	{ "address", "too_long", "地址最多 200 个字，请缩短一些。" },
	{ "_on", "format", "请填写正确的日期，例如 2019-09-01。" },
	{ "since", "format", "请填写正确的日期，例如 2019-09-01。" },
};

/* The words of a code. */
static const struct wording code_words[] = {
	{ "", "required", "这一项还没有填写。" },
	{ "", "type", "这一项没有正确送到。请刷新页面再填一次。" },
	{ "", "too_short", "这一项太短，请核对。" },
	{ "", "too_long", "这一项太长，请缩短一些。" },
	{ "", "format", "这一项写得不对，请核对。" },
	{ "", "checksum", "号码有一位不对，请逐位核对。" },
	{ "", "region", "号码开头的地区不存在，请核对。" },
	{ "", "birth_date", "出生日期不对，请核对。" },
	{ "", "same_as", "这一项和另一项一样了，请核对。" },
	{ "", "weak", "密码要有大写字母、小写字母、数字和特殊符号。" },
	{ "", "common", "这个密码太常见，请换一个。" },
	{ "", "unknown", "页面不是最新的，送来了多余的内容。请刷新页面再试。" },
};

/* What a binding or an authorization still lacks. */
static const struct wording missing_words[] = {
	{ "", "not_verified", "还没有完成人脸识别。请再次打开，点“开始人脸识别验证”；总是通不过的，可以到现场核验。" },
	{ "", "other_person", "做人脸识别的不是注册这个账号的家长。请由注册时填写的家长本人再做一次。" },
	{ "", "name_differs", "身份证号对得上，姓名和登记的写法不同。请看下面两种写法，点一下就能改成户口簿上的。" },
	{ "", "ward_not_linked", "还没有关联孩子。请再次打开，在“广东省出生医学证明”里点“关联被监护人”，关联成功后返回。" },
	{ "", "household_register_not_claimed", "还没有申领孩子的“广东省居民户口簿”。请再次打开，勾选后点“申领”。" },
	{ "", "identity_credential_not_claimed", "还没有申领孩子的“广东省居民身份电子凭证”。请再次打开，勾选后点“申领”。" },
	{ "", "student_not_added",
	    "未添加学生信息：您已签署，但授权里没有孩子。请再次打开，拉到最下面点“添加”，选好孩子再签署一次。" },
	{ "", "household_register_not_ticked",
	    "您已签署，但没有勾选“广东省居民户口簿”。请再次打开，家长和孩子的都勾上，再签署一次。" },
	{ "", "not_signed", "还没有签署授权。请再次打开，勾选“我已认真阅读并同意”，再点“签署授权”。" },
	{ "", "denied", "这一次没有办成：人脸识别没有通过，或者选了不同意。请再次打开试一次；不方便的，可以改为到校核验。" },
	{ "", "expired", "这一次已经过期。请点“立即绑定”重新打开。" },
	{ "", "student_taken",
	    "这个孩子已经在另一个账号里完成核验。请先问问家里人；不是家里人办的，请拨打咨询电话，我们会核实。" },
	{ "", "consent_withdrawn", "授权已撤回或已失效，取不到户口簿。请再次打开，重新签署一次。" },
	{ "", "license_not_held",
	    "还没有申领“广东省居民户口簿”，所以取不到。请先在“证照数据管理”里申领，再回来签署一次；没有的，可以改为到校核验。" },
	{ "", "license_unreadable", "户口簿已授权，但内容读不出来。请再签署一次；还是不行，请改为到校核验或拨打咨询电话。" },
	{ "", "register_unavailable", "证照系统暂时没有回应，我们会自己再试，不用重新签署。您可以先离开，过一会儿再来看。" },
};

/* Sentences that handlers ask for by name. */
static const struct wording sentences[] = {
	/* The steps of a binding and of an authorization. */
	{ "", "step_verify", "人脸识别" },
	{ "", "students_full", "一个账号最多登记 19 个孩子。登记错的，请先从账号里移除。" },
	{ "", "step_link", "关联孩子" },
	{ "", "step_claim", "申领证照" },
	{ "", "step_bound", "绑定完成" },
	{ "", "step_sign", "签署授权" },
	{ "", "step_fetch", "核对户口簿" },
	{ "", "step_authorized", "授权完成" },

	/* What happened on a binding or an authorization. */
	{ "", "errand_begun", "开始办理" },
	{ "", "errand_opened", "打开个人数字空间" },
	{ "", "errand_not_opened", "个人数字空间没有回应，没有打开" },
	{ "", "errand_identified", "做完人脸识别" },
	{ "", "errand_returned", "您从个人数字空间返回" },
	{ "", "errand_noticed", "收到省平台的通知" },
	{ "", "errand_asked", "向省平台核对：您已办完" },
	{ "", "errand_not_asked", "省平台没有回应，我们继续再问" },
	{ "", "errand_denied", "人脸识别没有通过，或者您选了不同意" },
	{ "", "errand_timed_out", "没有在期限内办完" },
	{ "", "errand_signed", "您签署了授权" },
	{ "", "errand_fetched", "取证照资料" },
	{ "", "errand_bound", "绑定完成" },
	{ "", "errand_authorized", "授权完成" },
	{ "", "errand_incomplete", "还差一步" },
	{ "", "errand_lifted", "确认是您本人，账号恢复正常" },
	{ "", "errand_revoked", "您撤回了授权，取得的证照资料已删除" },
	{ "", "errand_ended", "授权到期，取得的证照资料已删除" },
	{ "", "fetch_fetched", "已取得" },
	{ "", "fetch_consent_withdrawn", "授权已撤回或失效，要重新签署" },
	{ "", "fetch_license_not_held", "没有申领" },
	{ "", "fetch_license_unreadable", "内容读不出来" },
	{ "", "fetch_register_unavailable", "证照系统没有回应，我们会自己再试" },

	/* How an authorization stands, on its receipt. */
	{ "", "receipt_in_force", "有效" },
	{ "", "receipt_revoked", "家长已撤回" },
	{ "", "receipt_expired", "已到期" },

	/* The history of an application. */
	{ "", "event_started", "开始填写" },
	{ "", "event_submitted", "已提交" },
	{ "", "event_withdrawn", "已撤回" },
	{ "", "event_returned", "退回修改" },
	{ "", "event_accepted", "审核通过" },
	{ "", "event_admitted", "录取" },
	{ "", "event_not_admitted", "未录取" },
	{ "", "event_student_taken", "孩子已由另一位家长完成核验，这份报名停止办理" },

	{ "", "sign_in_wrong", "手机号或密码不对。请核对后再试，忘记了可以点“找回密码”。" },
	{ "", "old_password_wrong", "现在的密码不对。请核对后再试，忘记了可以点“找回密码”。" },
	{ "", "account_kept",
	    "账号里有已提交的报名，要按规定保存，现在不能注销。可以先撤回报名再注销；已审核的，请拨打咨询电话。" },
	{ "", "account_wrong", "密码或旧手机号不对。请核对后再试；旧手机号不记得了，可以先做一次人脸识别。" },
	{ "", "facts_wrong", "填写的内容和登记的对不上。请对照证件核对后再试；还是不行，请拨打咨询电话。" },
	{ "", "code_too_soon", "验证码发得太密了。请先看看这个手机收到的短信。" },
	{ "", "undo_used", "这个链接已经用过或者过期。需要帮助，请拨打咨询电话。" },
	{ "", "wechat_unavailable", "微信暂时没有回应。请用手机号和密码登录。" },
	{ "", "wechat_name", "给微信起的名字要 1 到 20 个字，例如：妈妈的微信。" },
	{ "", "handoff_gone", "这个二维码已经用过或者过期。请在第一部手机上换一个新码，再扫一次。" },
	{ "", "handoff_other", "这个二维码是另一个账号的。请退出登录，换成第一部手机上的账号，再扫一次。" },
	{ "", "face_not_needed", "人脸识别总是通不过的，可以到现场核验，不影响报名。" },
};

/* The text for exactly ${field} and ${code}, or NULL. */
static const char *
find_exact(const struct wording *table, size_t n, const char *field, const char *code)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].field, field) == 0 && strcmp(table[i].code, code) == 0)
			return table[i].text;
	return NULL;
}

/* The text for ${code} of the first kind that ${field} ends in, or NULL. */
static const char *
find_kind(const char *field, const char *code)
{
	size_t length = strlen(field);

	for (size_t i = 0; i < sizeof kind_words / sizeof *kind_words; i++) {
		size_t end = strlen(kind_words[i].field);

		if (length >= end && strcmp(field + length - end, kind_words[i].field) == 0 &&
		    strcmp(kind_words[i].code, code) == 0)
			return kind_words[i].text;
	}
	return NULL;
}

const char *
words_detail(enum status status)
{
	return statuses[status].detail;
}

const char *
words_title(enum status status)
{
	return statuses[status].title;
}

const char *
words_field(const char *field, const char *code)
{
	const size_t n = sizeof field_words / sizeof *field_words, n_codes = sizeof code_words / sizeof *code_words;
	const char *last = strrchr(field, '.'), *text;

	last = last != NULL ? last + 1 : field;
	if ((text = find_exact(field_words, n, field, code)) != NULL || (text = find_exact(field_words, n, last, code)) != NULL ||
	    (text = find_kind(last, code)) != NULL || (text = find_exact(code_words, n_codes, "", code)) != NULL)
		return text;
	return "这一项需要改一下，请核对。";
}

const char *
words_missing(const char *code)
{
	const char *text = find_exact(missing_words, sizeof missing_words / sizeof *missing_words, "", code);

	return text != NULL ? text : "还差一步。请再次打开，按提示办完。";
}

const char *
words_sentence(const char *name)
{
	return find_exact(sentences, sizeof sentences / sizeof *sentences, "", name);
}
