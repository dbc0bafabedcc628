/*
 * enrollctl check: is everything that opening day needs in its place? Each finding is one line that says what is wrong and one
 * that says what to type. Nothing found: exit status 0. A check that cannot be made is a finding too.
 */
#include "enrollctl_check.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "enrollctl.h"
#include "fetch.h"
#include "migrate.h"

enum {
	HEARTBEAT_LIMIT_S = 60,
	OVERDUE_LIMIT_S = 300,
	MUTE_LIMIT_S = 30, /* so that a start with old messages and a hook that is not up yet is no finding */
	MUTE_ATTEMPTS = 2,
	CHAIN_LIMIT_S = 600,
	CONNINFO_SIZE = 1024,
	HEALTH_TIMEOUT_MS = 3000
};

struct check_out {
	const char *code, *season;
	int64_t n_schools, n_guides, n_policies, n_consents;
	const char *heartbeat_age_s, *unchained_age_s, *overdue_s, *mute_s; /* as text: null is not 0 */
	int64_t n_mute, n_waiting, n_failed;
	const char *last_failed;
	int64_t n_unerased;
	const char *last_unerased;
};

static const struct db_field check_fields[] = {
	{ DB_TEXT, offsetof(struct check_out, season) },
	{ DB_INT, offsetof(struct check_out, n_schools) },
	{ DB_INT, offsetof(struct check_out, n_guides) },
	{ DB_INT, offsetof(struct check_out, n_policies) },
	{ DB_INT, offsetof(struct check_out, n_consents) },
	{ DB_TEXT, offsetof(struct check_out, heartbeat_age_s) },
	{ DB_TEXT, offsetof(struct check_out, unchained_age_s) },
	{ DB_TEXT, offsetof(struct check_out, overdue_s) },
	{ DB_TEXT, offsetof(struct check_out, mute_s) },
	{ DB_INT, offsetof(struct check_out, n_mute) },
	{ DB_INT, offsetof(struct check_out, n_waiting) },
	{ DB_INT, offsetof(struct check_out, n_failed) },
	{ DB_TEXT, offsetof(struct check_out, last_failed) },
	{ DB_INT, offsetof(struct check_out, n_unerased) },
	{ DB_TEXT, offsetof(struct check_out, last_unerased) },
};

const struct door check_door = {
	.name = "operator_check",
	.sql = "select * from enroll.operator_check()",
	.out = check_fields,
	.n_out = sizeof check_fields / sizeof *check_fields,
	.code_offset = offsetof(struct check_out, code),
};

struct grants_row {
	const char *code, *finding;
};

static const struct db_field grants_fields[] = { { DB_TEXT, offsetof(struct grants_row, finding) } };

const struct door grants_door = {
	.name = "operator_grants",
	.sql = "select * from enroll.operator_grants()",
	.out = grants_fields,
	.n_out = 1,
	.code_offset = offsetof(struct grants_row, code),
};

static unsigned n_findings;

void
check_finding(const char *remedy, const char *format, ...)
{
	va_list arguments;

	n_findings++;
	(void)printf("✗ ");
	va_start(arguments, format);
	(void)vprintf(format, arguments);
	va_end(arguments);
	(void)printf("\n  → %s\n", remedy);
}

void
check_found(void)
{
	n_findings++;
}

/* One remark: worth knowing, but nothing to be done now. */
static void __attribute__((format(printf, 1, 2)))
remark(const char *format, ...)
{
	va_list arguments;

	(void)printf("· ");
	va_start(arguments, format);
	(void)vprintf(format, arguments);
	va_end(arguments);
	(void)putchar('\n');
}

static bool
is_older(const char *age_s, long limit_s)
{
	return age_s != NULL && strtol(age_s, NULL, 10) > limit_s;
}

/* WeChat compares redirect_uri with what was registered, so the public URL must be plain. */
static void
check_public_url(void)
{
	static const char remedy[] = "修改配置文件里的 public_url，例如 public_url = https://ruxue.example.cn，然后重启服务。";
	const char *url = conf_text("public_url");
	const char *host = strstr(url, "://") != NULL ? strstr(url, "://") + 3 : url;
	size_t host_size = strcspn(host, ":/?#");
	bool is_local = host_size == strlen("localhost") && strncmp(host, "localhost", host_size) == 0 && !conf_is_production();

	for (const char *c = url; *c != '\0'; c++)
		if (isupper((unsigned char)*c)) {
			check_finding(remedy, "public_url 含有大写字母：%s", url);
			break;
		}
	if (strpbrk(host, "/?#") != NULL)
		check_finding(remedy, "public_url 后面带有路径：%s。微信回调地址会对不上（10003）。", url);
	if (is_local)
		return;
	if (strncmp(url, "https://", 8) != 0)
		check_finding(remedy, "public_url 不是 https 开头：%s。家长的浏览器和微信只认 https。", url);
	if (host[host_size] == ':')
		check_finding(remedy, "public_url 带有端口：%s。微信网页授权不接受端口。", url);
}

static void
check_migrations(void)
{
	char conninfo[CONNINFO_SIZE];
	enum migrate_result result = MIGRATE_FAILED;

	if (snprintf(conninfo, sizeof conninfo, "%s user=%s", conf_text("database"), conf_text("migrate_user")) <
	    (int)sizeof conninfo)
		result = migrate_check(conninfo, conf_text("sql_dir"));
	if (result == MIGRATE_PENDING)
		check_finding("运行 enrollctl migrate", "数据库结构不是最新的，或有人手工改了函数的权限。");
	else if (result != MIGRATE_OK)
		check_finding("看上面的日志行；确认能以 migrate_user 连接数据库、sql_dir 可读。", "无法核对数据库结构。");
}

static void
check_grants(void)
{
	struct db_rows rows;
	enum status st = db_call_rows(operator_request(), &grants_door, NULL, sizeof(struct grants_row), &rows);
	const struct grants_row *row = rows.items;

	if (st != STATUS_OK)
		check_finding("运行 enrollctl migrate", "无法核对数据库权限（%s）。", status_code(st));
	for (size_t i = 0; st == STATUS_OK && i < rows.n; i++)
		check_finding("运行 enrollctl migrate；仍有此项时，查明是谁手工改了权限。", "数据库权限不对：%s", row[i].finding);
}

/* What the district must have prepared: season, schools, texts. */
static void
check_preparations(const struct check_out *out)
{
	if (out->season == NULL)
		check_finding("运行 enrollctl season set 年份 …（演示环境：enrollctl season sample）", "还没有招生季。");
	else if (strcmp(out->season, "closed") == 0)
		check_finding("新的一年请运行 enrollctl season set 年份 …", "招生季已经结束。");
	if (out->n_schools == 0)
		check_finding("运行 enrollctl school import 文件.csv", "本季没有学校。");
	if (out->n_guides == 0)
		check_finding("运行 enrollctl content publish guide 文件.md", "没有发布系统操作指南。");
	if (out->n_policies == 0)
		check_finding("运行 enrollctl content publish policy 文件.md", "没有发布政策文件。");
	if (out->n_consents == 0)
		check_finding("运行 enrollctl content publish consent 文件.md", "没有发布同意书，家长无法注册。");
}

static void
check_courier(const struct check_out *out)
{
	if (out->heartbeat_age_s == NULL || is_older(out->heartbeat_age_s, HEARTBEAT_LIMIT_S))
		check_finding("运行 systemctl restart enroll-courier，再看它的日志（演示环境：conf/demo 会自动重启）",
		    "信使（courier）超过 %d 秒没有心跳，短信不会发出。", HEARTBEAT_LIMIT_S);
	if (is_older(out->unchained_age_s, CHAIN_LIMIT_S))
		check_finding("查找长时间未结束的数据库事务：select * from pg_stat_activity", "审计记录有 %s 秒没有串链。",
		    out->unchained_age_s);
	if (out->n_unerased > 0)
		check_finding("看信使（courier）和数据库的日志，按错误码处理；之后每小时自动重试",
		    "有 %lld 个已到期的注销账号没能删除，最近一次的错误码（SQLSTATE）：%s。", (long long)out->n_unerased,
		    out->last_unerased);
}

/*
 * Does anybody hear of what happens to his account? Nobody does while no channel works, and then a recovery by somebody else goes
 * unnoticed. One message that was given up is history: a remark.
 */
static void
check_messages(const struct check_out *out)
{
	if (conf_text("message_url")[0] == '\0')
		check_finding("在配置文件里填写短信网关的地址 message_url，然后重启 courier",
		    "没有配置消息渠道：密码被找回、手机号被更换时，家长收不到任何通知。");
	else if (is_older(out->mute_s, MUTE_LIMIT_S) && out->n_mute >= MUTE_ATTEMPTS)
		check_finding("检查配置项 message_url 指向的短信网关；恢复后未发的消息会自动补发",
		    "没有一个消息渠道可用：%s 秒以来的 %lld 次发送全部失败，密码被找回、手机号被更换时，家长收不到通知。",
		    out->mute_s, (long long)out->n_mute);
	else if (is_older(out->overdue_s, OVERDUE_LIMIT_S))
		check_finding("看信使（courier）的日志", "有消息到时间 %s 秒了还没有发送。", out->overdue_s);
	if (out->n_waiting > 0)
		remark("有 %lld 条消息没有发成功，正在等待重试。", (long long)out->n_waiting);
	if (out->n_failed > 0)
		remark("最近七天有 %lld 条消息最终没有送达，最近一条：%s。经过在 enroll.delivery 表里。",
		    (long long)out->n_failed, out->last_failed);
}

/* Could every program have all its connections at once, and the operator one more? */
static void
check_connections(void)
{
	enum { POOLS = 9, SPARE = 10 };
	struct db_rows rows;
	const struct activity_row *row;
	long wanted = POOLS * conf_number("db_connections") + SPARE;

	if (db_call_rows(operator_request(), &activity_door, NULL, sizeof *row, &rows) != STATUS_OK || rows.n == 0)
		return;
	row = rows.items;
	if (row->max_connections < wanted)
		check_finding("调大 postgresql.conf 的 max_connections 后重启 PostgreSQL，或调小配置项 db_connections。",
		    "数据库最多接受 %lld 个连接，各程序合计需要 %ld 个。", (long long)row->max_connections, wanted);
}

static void
check_database(void)
{
	struct check_out out = { 0 };
	enum status st = db_call(operator_request(), &check_door, NULL, &out);

	if (st != STATUS_OK) {
		check_finding("确认 PostgreSQL 在运行、配置项 database 正确，再运行 enrollctl migrate",
		    "数据库没有正常应答（%s）。", status_code(st));
		return;
	}
	check_grants();
	check_preparations(&out);
	check_courier(&out);
	check_messages(&out);
	check_connections();
}

/* The way a parent's request comes: through nginx at the public URL. */
static void
check_site(void)
{
	struct arena *arena = operator_request()->arena;
	struct fetch_call call = { .counterpart = "site",
		.method = "GET",
		.url = arena_printf(arena, "%s/login", conf_text("public_url")),
		.timeout_ms = HEALTH_TIMEOUT_MS };

	if (call.url == NULL || fetch_one(arena, &call) != FETCH_OK)
		check_finding("确认 nginx 在运行（systemctl status nginx）、域名解析正确；从单位内部绕不出去的，在 /etc/hosts "
			      "里写 127.0.0.1 和主机名。",
		    "本机打不开家长访问的网址 %s", conf_text("public_url"));
	else if (call.http == 503)
		check_finding("维护完了运行 enrollctl maintenance off", "网站正在维护，家长看到的是维护页面。");
	else if (call.http != 200)
		check_finding(
		    "运行 enrollctl site 重写网站配置，再看 nginx 的日志。", "家长访问的网址 %s 回答 %ld。", call.url, call.http);
}

static void
check_health(void)
{
	static const char *const names[] = { "register", "session", "wechat", "recover", "bind", "license", "enroll", "content" };
	enum { N = sizeof names / sizeof *names };
	struct arena *arena = operator_request()->arena;

	for (size_t i = 0; i < N; i++) {
		struct fetch_call call = { .counterpart = names[i],
			.method = "GET",
			.url = operator_watch_url(names[i], "health"),
			.timeout_ms = HEALTH_TIMEOUT_MS };

		if (call.url == NULL || fetch_one(arena, &call) != FETCH_OK)
			check_finding(
			    "确认 nginx 在运行；网站配置是旧的就运行 enrollctl site", "%s 没有应答：%s", names[i], call.url);
		else if (call.http != 200)
			check_finding("看这个程序的日志；演示环境会自动重启，正式环境运行 systemctl restart enroll-程序名",
			    "%s 不健康（HTTP %ld）。", names[i], call.http);
	}
}

int
check_command(int argc, char **argv)
{
	(void)argv;
	if (argc != 0)
		return EXIT_USAGE;
	check_public_url();
	check_keys();
	check_secrets();
	check_migrations();
	check_database();
	check_site();
	check_health();
	check_outside();
	check_certificate();
	check_dumps();
	check_disk();
	if (n_findings > 0)
		return operator_fail("共 %u 个问题。", n_findings);
	operator_say("一切正常。");
	return EXIT_DONE;
}
