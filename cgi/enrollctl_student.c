/*
 * enrollctl student: what the desk confirms about one child, in place of what the province would have said. Both numbers are
 * typed at prompts; what is shown are masks and states; before anything changes the operator chooses what he has seen.
 */
#include <stdio.h>
#include <string.h>

#include "enrollctl.h"
#include "enrollctl_prompt.h"

struct find_in {
	struct prompt_person guardian, child;
};

struct student {
	const char *code, *id, *guardian, *student, *binding, *authorization, *seen;
	int64_t n_rivals;
	bool is_taken;
};

struct decision {
	const char *id, *seen, *what, *reason;
};

static const struct db_field find_in[] = {
	{ DB_BYTES, offsetof(struct find_in, guardian.id_no_index) },
	{ DB_BYTES, offsetof(struct find_in, guardian.phone_index) },
	{ DB_BYTES, offsetof(struct find_in, child.id_no_index) },
};

static const struct db_field find_out[] = {
	{ DB_UUID, offsetof(struct student, id) },
	{ DB_TEXT, offsetof(struct student, guardian) },
	{ DB_TEXT, offsetof(struct student, student) },
	{ DB_TEXT, offsetof(struct student, binding) },
	{ DB_TEXT, offsetof(struct student, authorization) },
	{ DB_INT, offsetof(struct student, n_rivals) },
	{ DB_BOOL, offsetof(struct student, is_taken) },
	{ DB_TEXT, offsetof(struct student, seen) },
};

const struct door student_find_door = {
	.name = "operator_student_find",
	.sql = "select * from enroll.operator_student_find($1,$2,$3)",
	.in = find_in,
	.n_in = sizeof find_in / sizeof *find_in,
	.out = find_out,
	.n_out = sizeof find_out / sizeof *find_out,
	.code_offset = offsetof(struct student, code),
};

static const struct db_field confirm_in[] = {
	{ DB_UUID, offsetof(struct decision, id) },
	{ DB_TEXT, offsetof(struct decision, seen) },
	{ DB_TEXT, offsetof(struct decision, what) },
	{ DB_TEXT, offsetof(struct decision, reason) },
};

const struct door student_confirm_door = {
	.name = "operator_student_confirm",
	.sql = "select * from enroll.operator_student_confirm($1,$2,$3,$4)",
	.in = confirm_in,
	.n_in = sizeof confirm_in / sizeof *confirm_in,
};

static const char *
state_words(const char *status)
{
	static const struct {
		const char *status, *words;
	} table[] = {
		{ "none", "还没开始" },
		{ "pending", "正在核对" },
		{ "bound", "已绑定" },
		{ "authorized", "已授权" },
		{ "incomplete", "还差一项" },
		{ "expired", "已到期" },
		{ "revoked", "已撤回" },
		{ "confirmed_by_hand", "已当面核验" },
		{ "student_taken", "已由另一位家长核验" },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(table[i].status, status) == 0)
			return table[i].words;
	return status;
}

/* Ask whom it is about and show the child. Returns EXIT_DONE if it was found. */
static int
find_student(struct student *student)
{
	struct find_in in = { 0 };
	enum status st;

	if (!prompt_person("家长的手机号或身份证件号码：", true, &in.guardian) ||
	    !prompt_person("孩子的身份证件号码：", false, &in.child))
		return EXIT_FAULT;
	st = db_call(operator_request(), &student_find_door, &in, student);
	if (st == STATUS_NOT_FOUND)
		return operator_fail("这位家长没有账号，或账号里没有这个孩子。");
	if (st != STATUS_OK)
		return operator_unreachable(st);
	operator_say("家长 %s，孩子 %s。绑定：%s；授权：%s。", student->guardian, student->student, state_words(student->binding),
	    state_words(student->authorization));
	if (student->n_rivals > 0)
		operator_say("另有 %lld 个账号也登记了这个孩子，都没有核验过；确认后它们的登记停止，并会收到通知。",
		    (long long)student->n_rivals);
	if (student->is_taken)
		operator_say("这个孩子已由另一位家长核验。请先联系双方。");
	return EXIT_DONE;
}

/* Which of the two did the desk see papers for? NULL: nothing is to change. */
static const char *
ask_what(void)
{
	const char *typed =
	    prompt_line("已当面核对什么？1 监护关系（绑定） 2 家长和孩子的户口簿（授权） 3 两样都核对了。请输入数字：");

	if (typed == NULL || strlen(typed) != 1)
		return NULL;
	return *typed == '1' ? "binding" : *typed == '2' ? "authorization" : *typed == '3' ? "both" : NULL;
}

int
student_confirm_command(int argc, char **argv)
{
	struct student student = { 0 };
	struct decision in = { .reason = operator_reason(argc, argv) };
	enum status st;
	int rc;

	if (in.reason == NULL)
		return EXIT_USAGE;
	if ((rc = find_student(&student)) != EXIT_DONE)
		return rc;
	if ((in.what = ask_what()) == NULL || !prompt_is_sure("确认请输入“是”："))
		return operator_fail("没有改动。");
	in.id = student.id;
	in.seen = student.seen;
	st = db_call(operator_request(), &student_confirm_door, &in, NULL);
	if (st == STATUS_STUDENT_TAKEN)
		return operator_fail("这个孩子已由另一位家长核验，没有改动。请联系双方，核实后再办。");
	if (st == STATUS_WRONG_STATE)
		return operator_fail(
		    "没有改动：要确认的已经办好，或还没有绑定就确认授权，或刚才又有变化。请重新执行，再看一遍。");
	if (st != STATUS_OK)
		return operator_unreachable(st);
	operator_say("已确认，家长会收到通知。");
	return EXIT_DONE;
}
