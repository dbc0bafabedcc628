/*
 * enrollctl: the operator's command. "enrollctl [--config FILE] NOUN [VERB] …": one table of commands, one file a noun. It
 * works through doors of its own as enroll_operator; only migrate needs more and connects as migrate_user.
 */
#include "enrollctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utf8proc.h>

#include "clock.h"
#include "conf.h"
#include "enrollctl_script.h"
#include "fold.h"
#include "log.h"
#include "migrate.h"

enum { ARENA_BYTES = 64 << 20, CONNINFO_SIZE = 1024, CALL_TIMEOUT_MS = 30000, REASON_LIMIT = 200 };

static const char default_config[] = "/etc/enroll/enroll.conf";

static struct arena *arena;
static struct request request;

static const struct command commands[] = {
	{ "migrate", NULL, "", "建立或升级数据库", migrate_command, false },
	{ "season", "set", "年份 --register-from 时间 --opens 时间 --closes 时间 --birth-from 日期 --birth-to 日期", "设置招生季",
	    season_set_command, true },
	{ "season", "sample", "", "设置一个始终开放的示例招生季（仅限演示环境）", season_sample_command, true },
	{ "season", "show", "", "显示当前招生季", season_show_command, true },
	{ "school", "import", "文件.csv", "导入本季学校名单和学区", school_import_command, true },
	{ "content", "publish", "guide|policy|consent 文件.md …", "发布操作指南、政策文件或同意书", content_publish_command,
	    true },
	{ "password", "calibrate", "", "测算适合本机的密码散列强度", password_calibrate_command, false },
	{ "account", "confirm-in-person", "--reason 说明", "当面核对身份后解除账号受限（号码在提示后输入）",
	    account_confirm_command, true },
	{ "account", "remove", "--reason 说明", "删除冒用他人号码、从未核验过的账号（号码在提示后输入）", account_remove_command,
	    true },
	{ "account", "remove-trial", "", "删除 enrollctl walk 刚试走的家庭（会话在提示后输入）", account_remove_trial_command,
	    true },
	{ "student", "confirm-by-hand", "--reason 说明", "当面核对监护关系和户口簿后确认孩子的绑定和授权（号码在提示后输入）",
	    student_confirm_command, true },
	{ "qr", NULL, "[--svg 文件] [--png 文件]", "生成报名登记二维码", qr_command, false },
	{ "why", NULL, "[求助编号]", "一家人办了什么、得到什么答复、是谁的原因；手机号和身份证号按提示输入", why_command, true },
	{ "daily", "freeze", "", "写下今天 17:00 的日报数据（由定时器调用）", daily_freeze_command, true },
	{ "receipt", "key", "", "显示验证授权回执用的公钥（PEM）", receipt_key_command, false },
	{ "receipt", "verify", "[文件|-] [--key 公钥文件]",
	    "验证授权回执是不是本平台签发的；内容来自文件、标准输入或提示，不写在命令行上", receipt_verify_command, false },
	{ "audit", "verify", "[--anchor 文件]", "验证审计记录：有没有被改动、删除或插入", audit_verify_command, true },
	{ "status", NULL, "", "一屏看清现在忙不忙、哪里要看（开放报名的早上用）", status_command, true },
	{ "check", NULL, "", "检查整套系统，逐条说明问题和处理办法", check_command, true },
	{ "conf", NULL, "配置项", "显示一个配置项的值", conf_command, false },
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static const struct door *const doors[] = { &season_set_door, &season_show_door, &school_import_door, &content_publish_door,
	&check_door, &grants_door, &audit_state_door, &audit_checkpoints_door, &audit_page_door, &audit_stray_door, &why_door,
	&account_find_door, &account_confirm_door, &account_remove_door, &trial_remove_door, &daily_freeze_door,
	&student_find_door, &student_confirm_door, &figures_door, &activity_door };

void
operator_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vprintf(format, arguments);
	va_end(arguments);
	(void)putchar('\n');
}

int
operator_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	(void)fputc('\n', stderr);
	return EXIT_FAULT;
}

struct request *
operator_request(void)
{
	if (request.arena == NULL)
		db_worker_request(arena, &request);
	request.deadline_ms = clock_monotonic_ms() + CALL_TIMEOUT_MS;
	return &request;
}

const char *
operator_watch_url(const char *name, const char *what)
{
	long port = conf_number("metrics_port");

	return port != 0 ? arena_printf(arena, "http://127.0.0.1:%ld/api/%s/%s", port, name, what)
			 : arena_printf(arena, "%s/api/%s/%s", conf_text("public_url"), name, what);
}

int
operator_unreachable(enum status st)
{
	return operator_fail(
	    "数据库没有正常应答（%s）。请运行 enrollctl check 查看原因；如果刚升级过程序，请先运行 enrollctl migrate。",
	    status_code(st));
}

bool
operator_read_file(const char *path, size_t limit_bytes, struct bytes *out)
{
	FILE *file = fopen(path, "rb");
	char *text = arena_alloc(arena, limit_bytes + 2);
	size_t n;

	if (file == NULL || text == NULL) {
		operator_fail("打不开文件 %s。请检查文件名和读取权限。", path);
		if (file != NULL)
			(void)fclose(file);
		return false;
	}
	n = fread(text, 1, limit_bytes + 1, file);
	(void)fclose(file);
	if (n == 0 || n > limit_bytes) {
		operator_fail("文件 %s 是空的，或超过 %zu KB。", path, limit_bytes / 1024);
		return false;
	}
	text[n] = '\0';
	*out = (struct bytes){ (const uint8_t *)text, n };
	return true;
}

bool
operator_write_file(const char *path, struct bytes data)
{
	FILE *file = fopen(path, "wb");
	bool is_written = file != NULL && fwrite(data.data, 1, data.size, file) == data.size;

	if (file != NULL && fclose(file) != 0)
		is_written = false;
	if (!is_written)
		operator_fail("写不了文件 %s。请检查文件夹是否存在、是否有写入权限和剩余空间。", path);
	return is_written;
}

bool
operator_is_utf8(const char *path, struct bytes text)
{
	const uint8_t *at = text.data;
	utf8proc_ssize_t left = (utf8proc_ssize_t)text.size;

	while (left > 0) {
		utf8proc_int32_t sign;
		utf8proc_ssize_t n = utf8proc_iterate(at, left, &sign);

		if (n <= 0 || sign == 0) {
			operator_fail("文件 %s 不是 UTF-8 编码（可能是 GBK）。请用 Excel 或 WPS 打开后另存为“CSV UTF-8”，"
				      "或用记事本另存为 UTF-8，再试一次。(save as UTF-8)",
			    path);
			return false;
		}
		at += n;
		left -= n;
	}
	return true;
}

bool
operator_options(int argc, char **argv, struct option_text *options, size_t n)
{
	for (int i = 0; i < argc; i += 2) {
		struct option_text *found = NULL;

		for (size_t k = 0; k < n; k++)
			if (strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i] + 2, options[k].name) == 0)
				found = &options[k];
		if (found == NULL || found->value != NULL || i + 1 >= argc) {
			operator_fail("参数 %s %s。", argv[i],
			    found == NULL          ? "无法识别"
			    : found->value != NULL ? "重复了"
						   : "后面缺少内容");
			return false;
		}
		found->value = argv[i + 1];
	}
	return true;
}

const char *
operator_reason(int argc, char **argv)
{
	struct option_text reason = { "reason", NULL };

	if (!operator_options(argc, argv, &reason, 1))
		return NULL;
	if (reason.value == NULL || *reason.value == '\0' || fold_length(reason.value) > REASON_LIMIT) {
		operator_fail("请写明原因：--reason 说明（%d 字以内，不要写姓名和号码）。", REASON_LIMIT);
		return NULL;
	}
	return reason.value;
}

/* "enrollctl migrate": the one command that needs a superuser. */
int
migrate_command(int argc, char **argv)
{
	char conninfo[CONNINFO_SIZE];

	(void)argv;
	if (argc != 0)
		return EXIT_USAGE;
	if (snprintf(conninfo, sizeof conninfo, "%s user=%s application_name=enrollctl", conf_text("database"),
		conf_text("migrate_user")) >= (int)sizeof conninfo)
		return operator_fail("配置项 database 太长。");
	if (migrate_run(conninfo, conf_text("sql_dir")) != MIGRATE_OK)
		return operator_fail("数据库没有升级，保持原样；原因见上面的日志行。");
	operator_say("数据库已是最新。");
	return EXIT_DONE;
}

static int
print_usage(void)
{
	(void)fprintf(stderr, "用法：enrollctl [--config 配置文件] 命令\n\n");
	for (size_t i = 0; i < N_COMMANDS; i++) {
		const struct command *c = &commands[i];

		(void)fprintf(stderr, "  %s%s%s %s\n      %s\n", c->noun, c->verb != NULL ? " " : "",
		    c->verb != NULL ? c->verb : "", c->arguments, c->purpose);
	}
	script_usage();
	return EXIT_USAGE;
}

/* Find the command and how many words name it. */
static const struct command *
find_command(int argc, char **argv, int *n_words)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		const struct command *c = &commands[i];

		*n_words = c->verb != NULL ? 2 : 1;
		if (argc < *n_words || strcmp(argv[0], c->noun) != 0)
			continue;
		if (c->verb == NULL || strcmp(argv[1], c->verb) == 0)
			return c;
	}
	return NULL;
}

/* A receipt can be verified on any machine; where there is a configuration it says where the keys lie. */
static bool
needs_configuration(const struct command *command, bool is_named)
{
	return command->run != receipt_verify_command || is_named || access(default_config, R_OK) == 0;
}

int
main(int argc, char **argv)
{
	const char *config = default_config;
	const struct command *command;
	int at = 1, n_words, rc;

	log_open("enrollctl");
	if (argc > 2 && strcmp(argv[1], "--config") == 0) {
		config = argv[2];
		at = 3;
	}
	if (at < argc && (rc = script_run(config, argc - at, argv + at)) != EXIT_USAGE)
		return rc;
	if (at >= argc || (command = find_command(argc - at, argv + at, &n_words)) == NULL)
		return print_usage();
	if (needs_configuration(command, at > 1) && !conf_open(config))
		return operator_fail("配置文件 %s 有误；原因见上面的日志行。", config);
	if ((arena = arena_new(ARENA_BYTES)) == NULL)
		return operator_fail("内存不足。");
	if (command->needs_database && !db_open(conf_text("database"), "enroll_operator", doors, sizeof doors / sizeof *doors))
		return operator_fail("内存不足。");
	rc = command->run(argc - at - n_words, argv + at + n_words);
	arena_free(arena);
	return rc == EXIT_USAGE ? print_usage() : rc;
}
