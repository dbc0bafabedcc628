/*
 * enrollctl why: what did this family do, what did we answer, and whose fault was it? Asked by the reference that the parent
 * reads out, or by a phone or identity number, which is typed at a prompt and never stands on the command line, where every user
 * of the machine and the shell's history would see it.
 */
#include "enrollctl_why.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "enrollctl.h"
#include "fold.h"
#include "identity.h"
#include "keys.h"
#include "phone.h"
#include "words.h"

enum { REF_DIGITS = 8, ANSWER_SIZE = 128, DATE_SIZE = 10, TIME_SIZE = 8 };

struct why_in {
	const char *ref;
	struct bytes phone_index, id_no_index;
};

struct why_row {
	const char *code, *guardian_id, *family, *registered_at, *at, *ref;
	bool is_asked;
	const char *action, *outcome, *student, *missing, *channel, *role;
};

static const struct db_field in_fields[] = {
	{ DB_TEXT, offsetof(struct why_in, ref) },
	{ DB_BYTES, offsetof(struct why_in, phone_index) },
	{ DB_BYTES, offsetof(struct why_in, id_no_index) },
};

static const struct db_field row_fields[] = {
	{ DB_UUID, offsetof(struct why_row, guardian_id) },
	{ DB_TEXT, offsetof(struct why_row, family) },
	{ DB_TEXT, offsetof(struct why_row, registered_at) },
	{ DB_TEXT, offsetof(struct why_row, at) },
	{ DB_TEXT, offsetof(struct why_row, ref) },
	{ DB_BOOL, offsetof(struct why_row, is_asked) },
	{ DB_TEXT, offsetof(struct why_row, action) },
	{ DB_TEXT, offsetof(struct why_row, outcome) },
	{ DB_TEXT, offsetof(struct why_row, student) },
	{ DB_TEXT, offsetof(struct why_row, missing) },
	{ DB_TEXT, offsetof(struct why_row, channel) },
	{ DB_TEXT, offsetof(struct why_row, role) },
};

const struct door why_door = {
	.name = "operator_why",
	.sql = "select * from enroll.operator_why($1,$2,$3)",
	.in = in_fields,
	.n_in = sizeof in_fields / sizeof *in_fields,
	.out = row_fields,
	.n_out = sizeof row_fields / sizeof *row_fields,
	.code_offset = offsetof(struct why_row, code),
};

static bool
is_ref(const char *text)
{
	return strlen(text) == REF_DIGITS && strspn(text, "0123456789") == REF_DIGITS;
}

/* What is still missing, a sentence each. */
static void
say_missing(const char *missing)
{
	char *codes = arena_strdup(operator_request()->arena, missing), *rest = NULL;

	for (char *code = codes == NULL ? NULL : strtok_r(codes, ",", &rest); code != NULL; code = strtok_r(NULL, ",", &rest))
		operator_say("                         · %s", words_missing(code));
}

/* "→ 2026-11-25 12:40:43  用密码登录：填的信息对不上（家长的原因） 求助编号 48213907" */
static void
say_row(const struct why_row *row)
{
	struct why_outcome outcome = why_outcome(row->action, row->outcome);
	const char *channel = row->channel == NULL ? "" : strcmp(row->channel, "sms") == 0 ? "（短信）" : "（微信）";
	bool has_ref = strcmp(row->ref, "00000000") != 0;

	(void)printf("%s %.*s %.*s  %s%s%s%s：%s", row->is_asked ? "→" : " ", DATE_SIZE, row->at, TIME_SIZE,
	    row->at + DATE_SIZE + 1, why_action(row->action), channel, row->student != NULL ? " " : "",
	    row->student != NULL ? row->student : "", outcome.words);
	if (outcome.words == row->outcome || (outcome.fault != NULL && strcmp(outcome.fault, "短信网关") == 0))
		(void)printf(" [%s]", row->outcome);
	if (outcome.fault != NULL)
		(void)printf("（%s的原因）", outcome.fault);
	if (has_ref)
		(void)printf("  求助编号 %s", row->ref);
	(void)putchar('\n');
	if (row->missing != NULL)
		say_missing(row->missing);
}

static int
tell(const struct why_in *in)
{
	struct db_rows rows;
	enum status st = db_call_rows(operator_request(), &why_door, in, sizeof(struct why_row), &rows);
	const struct why_row *row = rows.items;
	const char *family = "";

	if (st != STATUS_OK)
		return operator_unreachable(st);
	if (rows.n == 0 && in->ref != NULL)
		return operator_fail("审计记录里没有求助编号 %s：可能抄错了，或请求没到数据库就被退回（填写格式不对、系统太忙）。"
				     "请在程序日志里查找这个编号。",
		    in->ref);
	if (rows.n == 0)
		return operator_fail("没有账号用过这个号码。请核对号码，或改用家长看到的八位求助编号。");
	for (size_t i = 0; i < rows.n; i++, row++) {
		const char *whose = row->guardian_id != NULL ? row->guardian_id : "nobody";

		if (strcmp(family, whose) != 0) {
			if (row->guardian_id != NULL)
				operator_say("家长 %s，%.*s 注册", row->family, DATE_SIZE, row->registered_at);
			else
				operator_say("没有认出是哪个账号的尝试");
			family = whose;
		}
		say_row(row);
	}
	return EXIT_DONE;
}

/* Read one line from the operator, folded; NULL if there is none. */
static char *
ask(void)
{
	char line[ANSWER_SIZE];

	if (isatty(STDIN_FILENO))
		(void)fprintf(stderr, "求助编号、手机号或身份证号：");
	if (fgets(line, sizeof line, stdin) == NULL)
		return NULL;
	return fold_number(operator_request()->arena, line);
}

int
why_command(int argc, char **argv)
{
	static uint8_t index[SEAL_INDEX_SIZE];
	const struct bytes indexed = { index, sizeof index };
	struct why_in in = { 0 };
	struct identity identity;
	const char *asked;

	if (argc > 1)
		return EXIT_USAGE;
	if (argc == 1 && !is_ref(argv[0]))
		return operator_fail(
		    "命令行上只能写八位的求助编号。手机号和身份证号请不要写在命令行上：运行 enrollctl why，按提示输入。");
	asked = argc == 1 ? argv[0] : ask();
	if (asked == NULL)
		return operator_fail("没有读到要查的编号或号码。");
	if (is_ref(asked)) {
		in.ref = asked;
		return tell(&in);
	}
	if (!seal_open_keys(conf_text("keys_dir"), keys_of("enrollctl")))
		return operator_fail("打不开密钥；请用有权限的用户运行本命令。");
	if (phone_check(asked) == NULL && seal_index("phone", asked, index))
		in.phone_index = indexed;
	else if (identity_read(asked, clock_beijing_date(clock_wall_ms()), &identity) == NULL &&
		 seal_index("id_no", identity.number, index))
		in.id_no_index = indexed;
	else
		return operator_fail("这既不是八位求助编号，也不是正确的手机号或身份证号。请核对后再输入一次。");
	return tell(&in);
}
