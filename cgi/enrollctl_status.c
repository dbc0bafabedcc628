/*
 * enrollctl status: one screen for the opening morning. Each program is asked twice for its figures, two seconds apart; what
 * lies between tells how busy it is now. Below that what only the database knows. Nothing on it belongs to one family.
 */
#include "enrollctl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#include "clock.h"
#include "conf.h"
#include "fetch.h"

enum { PROGRAMS = 8, BUCKETS = 16, APART_MS = 2000, TIMEOUT_MS = 2000, OVERDUE_S = 300, UNCHAINED_S = 600, DISK_PERCENT = 10 };

/* What one program said at one instant, added up over its routes; health and figures asked for are no parent's requests. */
struct sample {
	bool is_up;
	uint64_t requests, busy, faults, buckets[BUCKETS];
	double bounds[BUCKETS];
	size_t n_buckets;
	uint64_t hash_running, hash_slots, hash_waiting, db_borrowed, db_limit, workers_busy, workers;
	bool is_counterpart_down;
};

static const char *const names[PROGRAMS] = { "register", "session", "wechat", "recover", "bind", "license", "enroll", "content" };

struct figure_row {
	const char *code, *name, *label;
	int64_t value;
};

static const struct db_field figure_fields[] = {
	{ DB_TEXT, offsetof(struct figure_row, name) },
	{ DB_TEXT, offsetof(struct figure_row, label) },
	{ DB_INT, offsetof(struct figure_row, value) },
};

const struct door figures_door = {
	.name = "figures",
	.sql = "select * from enroll.figures()",
	.out = figure_fields,
	.n_out = sizeof figure_fields / sizeof *figure_fields,
	.code_offset = offsetof(struct figure_row, code),
};

static const struct db_field activity_fields[] = {
	{ DB_TEXT, offsetof(struct activity_row, action) },
	{ DB_INT, offsetof(struct activity_row, n_ok) },
	{ DB_INT, offsetof(struct activity_row, n_other) },
	{ DB_INT, offsetof(struct activity_row, n_connections) },
	{ DB_INT, offsetof(struct activity_row, max_connections) },
};

const struct door activity_door = {
	.name = "operator_activity",
	.sql = "select * from enroll.operator_activity()",
	.out = activity_fields,
	.n_out = sizeof activity_fields / sizeof *activity_fields,
	.code_offset = offsetof(struct activity_row, code),
};

static unsigned n_remarks;

/* One thing to look at, with what to type. */
static void __attribute__((format(printf, 1, 2)))
look_at(const char *format, ...)
{
	va_list arguments;

	n_remarks++;
	(void)printf("! ");
	va_start(arguments, format);
	(void)vprintf(format, arguments);
	va_end(arguments);
	(void)putchar('\n');
}

/* Is ${line} the figure ${name}, with any labels? */
static bool
is_figure(const char *line, const char *name)
{
	size_t length = strlen(name);

	return strncmp(line, "enroll_", 7) == 0 && strncmp(line + 7, name, length) == 0 &&
	       (line[7 + length] == '{' || line[7 + length] == ' ');
}

static void
take_bucket(struct sample *sample, const char *line, uint64_t value)
{
	const char *bound = strstr(line, "le=\"");
	double seconds = bound != NULL ? strtod(bound + 4, NULL) : 0; /* strtod knows +Inf */
	size_t i = 0;

	while (i < sample->n_buckets && sample->bounds[i] != seconds)
		i++;
	if (i == BUCKETS)
		return;
	if (i == sample->n_buckets)
		sample->bounds[sample->n_buckets++] = seconds;
	sample->buckets[i] += value;
}

static void
take_request(struct sample *sample, const char *line, uint64_t value)
{
	sample->requests += value;
	if (strstr(line, "code=\"busy\"") != NULL || strstr(line, "code=\"too_many_attempts\"") != NULL)
		sample->busy += value;
	if (strstr(line, "code=\"internal\"") != NULL || strstr(line, "code=\"unavailable\"") != NULL)
		sample->faults += value;
}

static void
take_line(struct sample *sample, const char *line)
{
	const struct {
		const char *name;
		uint64_t *value;
	} plain[] = {
		{ "hash_running", &sample->hash_running },
		{ "hash_slots", &sample->hash_slots },
		{ "hash_waiting", &sample->hash_waiting },
		{ "db_connections_borrowed", &sample->db_borrowed },
		{ "db_connections_limit", &sample->db_limit },
		{ "workers_busy", &sample->workers_busy },
		{ "workers", &sample->workers },
	};
	const char *space = strrchr(line, ' ');
	uint64_t value = space != NULL ? strtoull(space + 1, NULL, 10) : 0;

	if (strstr(line, "/health\"") != NULL || strstr(line, "/metrics\"") != NULL)
		return;
	if (is_figure(line, "requests_total"))
		take_request(sample, line, value);
	else if (is_figure(line, "request_seconds_bucket"))
		take_bucket(sample, line, value);
	else if (is_figure(line, "breaker_open"))
		sample->is_counterpart_down |= value > 0;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (is_figure(line, plain[i].name))
			*plain[i].value = value;
}

/* Ask all programs at once. */
static void
take_samples(struct sample samples[static PROGRAMS])
{
	struct arena *arena = operator_request()->arena;
	struct fetch_call calls[PROGRAMS];

	memset(samples, 0, PROGRAMS * sizeof *samples);
	for (size_t i = 0; i < PROGRAMS; i++)
		calls[i] = (struct fetch_call){ .counterpart = names[i],
			.method = "GET",
			.url = operator_watch_url(names[i], "metrics"),
			.timeout_ms = TIMEOUT_MS };
	fetch_all(arena, calls, PROGRAMS);
	for (size_t i = 0; i < PROGRAMS; i++) {
		char *text = (char *)calls[i].answer.data, *rest, *line;

		samples[i].is_up = calls[i].result == FETCH_OK && calls[i].http == 200;
		if (!samples[i].is_up)
			continue;
		for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
			take_line(&samples[i], line);
	}
}

/* The bound in milliseconds that ${share} of the requests between two samples stayed under; 0 without requests, -1 beyond all. */
static double
quantile_ms(const struct sample *before, const struct sample *after, double share)
{
	size_t last = after->n_buckets;
	uint64_t all;

	if (last == 0)
		return 0;
	all = after->buckets[last - 1] - before->buckets[last - 1];
	for (size_t i = 0; all > 0 && i + 1 < last; i++)
		if ((double)(after->buckets[i] - before->buckets[i]) >= share * (double)all)
			return after->bounds[i] * 1000;
	return all > 0 ? -1 : 0;
}

/* A bound as the table shows it: "≤5", or "—" where nobody asked. */
static void
write_bound(double ms, char *out, size_t size)
{
	if (ms == 0)
		(void)snprintf(out, size, "-");
	else if (ms < 0)
		(void)snprintf(out, size, ">5000");
	else
		(void)snprintf(out, size, "<%g", ms);
}

static void
show_program(const char *name, const struct sample *before, const struct sample *after)
{
	char p50[16], p99[16], hash[48], pool[48], workers[48];

	if (!after->is_up) {
		(void)printf("%-9s 没有应答\n", name);
		look_at("%s 没有应答 → systemctl status enroll-%s；journalctl -u enroll-%s -n 50", name, name, name);
		return;
	}
	write_bound(quantile_ms(before, after, 0.5), p50, sizeof p50);
	write_bound(quantile_ms(before, after, 0.99), p99, sizeof p99);
	(void)snprintf(
	    hash, sizeof hash, "%" PRIu64 "/%" PRIu64 " +%" PRIu64, after->hash_running, after->hash_slots, after->hash_waiting);
	(void)snprintf(pool, sizeof pool, "%" PRIu64 "/%" PRIu64, after->db_borrowed, after->db_limit);
	(void)snprintf(workers, sizeof workers, "%" PRIu64 "/%" PRIu64, after->workers_busy, after->workers);
	(void)printf("%-9s 正常 %8.1f %8s %8s %8" PRIu64 " %8" PRIu64 " %9s %7s %7s  %s\n", name,
	    (double)(after->requests - before->requests) * 1000 / (double)APART_MS, p50, p99, after->busy - before->busy,
	    after->faults - before->faults, workers, hash, pool, after->is_counterpart_down ? "断开" : "正常");
	if (after->faults > before->faults)
		look_at("%s 刚才有 %" PRIu64 " 个请求出错 → journalctl -u enroll-%s -p err -n 50", name,
		    after->faults - before->faults, name);
	if (after->is_counterpart_down)
		look_at("%s 连不上外部系统，家长看到“稍后自动继续” → journalctl -u enroll-%s | grep breaker", name, name);
}

static void
show_programs(void)
{
	const struct timespec apart = { APART_MS / 1000, APART_MS % 1000 * 1000000L };
	static struct sample before[PROGRAMS], after[PROGRAMS];

	take_samples(before);
	(void)nanosleep(&apart, NULL);
	take_samples(after);
	(void)printf("程序      状态  每秒请求   p50毫秒   p99毫秒  请稍等     出错      线程    散列  数据库  外部系统\n");
	for (size_t i = 0; i < PROGRAMS; i++)
		/* One that came up in between has begun to count anew. */
		show_program(
		    names[i], before[i].is_up && before[i].requests <= after[i].requests ? &before[i] : &after[i], &after[i]);
}

static const char *
action_words(const char *action)
{
	static const char *const words[][2] = { { "register", "注册" }, { "sign_in", "密码登录" },
		{ "wechat_callback", "微信登录" }, { "recover_password", "找回密码" }, { "bind", "绑定" },
		{ "authorize", "授权" }, { "application_save", "保存报名" }, { "application_submit", "提交报名" } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i][0], action) == 0)
			return words[i][1];
	return action;
}

static void
show_activity(void)
{
	struct db_rows rows;
	const struct activity_row *row;
	enum status st = db_call_rows(operator_request(), &activity_door, NULL, sizeof(struct activity_row), &rows);

	if (st != STATUS_OK || rows.n == 0) {
		look_at("数据库没有正常应答（%s） → systemctl status postgresql；enrollctl check", status_code(st));
		return;
	}
	row = rows.items;
	(void)printf("\n最近五分钟（成功/未成）：");
	for (size_t i = 0; i < rows.n; i++)
		(void)printf(
		    "%s%s %" PRId64 "/%" PRId64, i > 0 ? " · " : "", action_words(row[i].action), row[i].n_ok, row[i].n_other);
	(void)printf("\n数据库连接：%" PRId64 "/%" PRId64 "\n", row->n_connections, row->max_connections);
	if (row->n_connections * 10 > row->max_connections * 9)
		look_at("数据库连接快用完了 → enrollctl check；必要时调大 max_connections 并重启 PostgreSQL");
}

static void
show_children(const struct figure_row *row, size_t n)
{
	static const char *const words[][2] = { { "registered", "已注册" }, { "bound", "已绑定" }, { "authorized", "已授权" },
		{ "draft", "草稿" }, { "withdrawn", "已撤回" }, { "returned", "退回修改" }, { "submitted", "已提交" },
		{ "accepted", "审核通过" }, { "not_admitted", "未录取" }, { "admitted", "录取" } };

	(void)printf("孩子所在步骤：");
	for (size_t i = 0; i < n; i++)
		for (size_t w = 0; strcmp(row[i].name, "children") == 0 && w < sizeof words / sizeof *words; w++)
			if (strcmp(words[w][0], row[i].label) == 0)
				(void)printf("%s %" PRId64 "  ", words[w][1], row[i].value);
	(void)putchar('\n');
}

static void
show_figures(void)
{
	struct db_rows rows;
	const struct figure_row *row;

	if (db_call_rows(operator_request(), &figures_door, NULL, sizeof(struct figure_row), &rows) != STATUS_OK)
		return;
	row = rows.items;
	show_children(row, rows.n);
	for (size_t i = 0; i < rows.n; i++) {
		if (strcmp(row[i].name, "errands_pending") == 0)
			(void)printf(
			    "等待省平台的%s：%" PRId64 "  ", strcmp(row[i].label, "bind") == 0 ? "绑定" : "授权", row[i].value);
		else if (strcmp(row[i].name, "outbox_waiting") == 0)
			(void)printf("待发消息：%" PRId64 "  ", row[i].value);
		if (strcmp(row[i].name, "outbox_overdue_seconds") == 0 && row[i].value > OVERDUE_S)
			look_at("有消息 %" PRId64 " 秒没有发出 → journalctl -u enroll-courier -n 50", row[i].value);
		if (strcmp(row[i].name, "audit_unchained_seconds") == 0 && row[i].value > UNCHAINED_S)
			look_at("审计 %" PRId64 " 秒没有串链 → systemctl restart enroll-courier", row[i].value);
	}
	(void)putchar('\n');
}

static void
show_disk(void)
{
	struct statvfs disk;
	unsigned long percent;

	if (statvfs("/var", &disk) != 0 || disk.f_blocks == 0)
		return;
	percent = (unsigned long)(disk.f_bavail * 100 / disk.f_blocks);
	(void)printf("磁盘 /var 剩余：%lu%%\n", percent);
	if (percent < DISK_PERCENT)
		look_at("磁盘快满了 → du -xh /var | sort -h | tail");
}

int
status_command(int argc, char **argv)
{
	char now[30];

	(void)argv;
	if (argc != 0)
		return EXIT_USAGE;
	clock_rfc3339(clock_wall_ms(), now);
	(void)printf("入学报名平台  %.10s %.8s  %s\n\n", now, now + 11, conf_text("public_url"));
	show_programs();
	show_activity();
	show_figures();
	show_disk();
	if (n_remarks > 0)
		return operator_fail("\n有 %u 处要看，见上面带 ! 的行。", n_remarks);
	operator_say("\n一切平静。");
	return EXIT_DONE;
}
