/*
 * enrollctl account: what the desk does about one account. The phone or identity number is typed at a prompt; what is shown
 * are masks; before anything changes the operator is asked once more.
 */
#include <stdio.h>
#include <string.h>

#include "enrollctl.h"
#include "enrollctl_prompt.h"
#include "seal.h"

struct account {
	const char *code, *id, *name, *phone, *limited_since, *recovered_at, *device, *seen;
	int64_t n_students;
	bool is_proven;
};

struct decision {
	const char *id, *seen, *reason;
};

struct decided {
	const char *code;
	bool is_password_void;
};

static const struct db_field find_in_fields[] = {
	{ DB_BYTES, offsetof(struct prompt_person, id_no_index) },
	{ DB_BYTES, offsetof(struct prompt_person, phone_index) },
};

static const struct db_field account_fields[] = {
	{ DB_UUID, offsetof(struct account, id) },
	{ DB_TEXT, offsetof(struct account, name) },
	{ DB_TEXT, offsetof(struct account, phone) },
	{ DB_INT, offsetof(struct account, n_students) },
	{ DB_BOOL, offsetof(struct account, is_proven) },
	{ DB_TEXT, offsetof(struct account, limited_since) },
	{ DB_TEXT, offsetof(struct account, recovered_at) },
	{ DB_TEXT, offsetof(struct account, device) },
	{ DB_TEXT, offsetof(struct account, seen) },
};

const struct door account_find_door = {
	.name = "operator_account_find",
	.sql = "select * from enroll.operator_account_find($1,$2)",
	.in = find_in_fields,
	.n_in = sizeof find_in_fields / sizeof *find_in_fields,
	.out = account_fields,
	.n_out = sizeof account_fields / sizeof *account_fields,
	.code_offset = offsetof(struct account, code),
};

static const struct db_field confirm_fields[] = {
	{ DB_UUID, offsetof(struct decision, id) },
	{ DB_TEXT, offsetof(struct decision, seen) },
	{ DB_TEXT, offsetof(struct decision, reason) },
};

static const struct db_field decided_fields[] = {
	{ DB_BOOL, offsetof(struct decided, is_password_void) },
};

const struct door account_confirm_door = {
	.name = "operator_account_confirm",
	.sql = "select * from enroll.operator_account_confirm($1,$2,$3)",
	.in = confirm_fields,
	.n_in = sizeof confirm_fields / sizeof *confirm_fields,
	.out = decided_fields,
	.n_out = sizeof decided_fields / sizeof *decided_fields,
	.code_offset = offsetof(struct decided, code),
};

static const struct db_field remove_fields[] = {
	{ DB_UUID, offsetof(struct decision, id) },
	{ DB_TEXT, offsetof(struct decision, reason) },
};

const struct door account_remove_door = {
	.name = "operator_account_remove",
	.sql = "select * from enroll.operator_account_remove($1,$2)",
	.in = remove_fields,
	.n_in = sizeof remove_fields / sizeof *remove_fields,
	.code_offset = offsetof(struct decided, code),
};

struct trial {
	uint8_t session[SEAL_HASH_SIZE];
};

static const struct db_field trial_fields[] = { { DB_HASH, offsetof(struct trial, session) } };

const struct door trial_remove_door = {
	.name = "operator_trial_remove",
	.sql = "select * from enroll.operator_trial_remove($1)",
	.in = trial_fields,
	.n_in = 1,
	.code_offset = offsetof(struct decided, code),
};

/* Ask whom it is about and show the account. Returns EXIT_DONE if it was found. */
static int
find_account(struct account *account)
{
	struct prompt_person in = { 0 };
	enum status st;

	if (!prompt_person("家长的手机号或身份证件号码：", true, &in))
		return EXIT_FAULT;
	st = db_call(operator_request(), &account_find_door, &in, account);
	if (st == STATUS_NOT_FOUND)
		return operator_fail("没有这个账号。");
	if (st != STATUS_OK)
		return operator_unreachable(st);
	operator_say("家长 %s，手机 %s，孩子 %lld 个，%s核验过身份。", account->name,
	    account->phone != NULL ? account->phone : "无", (long long)account->n_students, account->is_proven ? "" : "没有");
	if (account->recovered_at != NULL)
		operator_say("最近一次凭资料找回：%s。", account->recovered_at);
	if (account->limited_since != NULL)
		operator_say("账号受限，自 %s 起；最近一次操作的设备：%s。", account->limited_since,
		    account->device != NULL ? account->device : "不详");
	return EXIT_DONE;
}

int
account_confirm_command(int argc, char **argv)
{
	struct account account = { 0 };
	struct decision in = { .reason = operator_reason(argc, argv) };
	struct decided out = { 0 };
	enum status st;
	int rc;

	if (in.reason == NULL)
		return EXIT_USAGE;
	if ((rc = find_account(&account)) != EXIT_DONE)
		return rc;
	if (!prompt_is_sure(account.limited_since != NULL
				? "已当面核对身份证，并且上面的找回是家长本人用自己的设备做的。确认请输入“是”："
				: "已当面核对身份证。确认请输入“是”："))
		return operator_fail("没有改动。");
	in.id = account.id;
	in.seen = account.seen;
	st = db_call(operator_request(), &account_confirm_door, &in, &out);
	if (st == STATUS_WRONG_STATE)
		return operator_fail("就在刚才账号又有变化，没有改动。请重新执行，再看一遍。");
	if (st != STATUS_OK)
		return operator_unreachable(st);
	operator_say("已确认是本人，账号不再受限；其他设备上的登录和修改已作废。");
	if (out.is_password_void)
		operator_say("账号现在没有密码。请家长先用“找回密码”设一个，再执行一次本命令。");
	return EXIT_DONE;
}

int
account_remove_command(int argc, char **argv)
{
	struct account account = { 0 };
	struct decision in = { .reason = operator_reason(argc, argv) };
	struct decided out = { 0 };
	enum status st;
	int rc;

	if (in.reason == NULL)
		return EXIT_USAGE;
	if ((rc = find_account(&account)) != EXIT_DONE)
		return rc;
	if (!prompt_is_sure("将删除这个账号及其全部资料，不能恢复。确认请输入“是”："))
		return operator_fail("没有改动。");
	in.id = account.id;
	st = db_call(operator_request(), &account_remove_door, &in, &out);
	if (st == STATUS_FORBIDDEN)
		return operator_fail(
		    "账号已经核验过身份或孩子，不能删除。家长可用“找回密码”取回，或当面核对后执行 confirm-in-person。");
	if (st == STATUS_WRONG_STATE)
		return operator_fail("账号里有已审核的报名，不能删除。");
	if (st != STATUS_OK)
		return operator_unreachable(st);
	operator_say("已删除。手机号和身份证件号码可以重新注册。");
	return EXIT_DONE;
}

/* What "enrollctl walk" ends with: the account whose session cookie is typed goes, if it is of this hour. */
int
account_remove_trial_command(int argc, char **argv)
{
	struct trial in;
	struct decided out = { 0 };
	const char *token;
	enum status st;

	(void)argv;
	if (argc != 0)
		return EXIT_USAGE;
	if ((token = prompt_line("试走家庭的会话：")) == NULL)
		return operator_fail("没有输入。");
	seal_hash((struct bytes){ (const uint8_t *)token, strlen(token) }, in.session);
	st = db_call(operator_request(), &trial_remove_door, &in, &out);
	if (st == STATUS_NOT_SIGNED_IN || st == STATUS_IDENTITY_CHECK_REQUIRED || st == STATUS_FORBIDDEN)
		return operator_fail("这不是一小时内试走的家庭，没有删除。");
	return st == STATUS_OK ? EXIT_DONE : operator_unreachable(st);
}
