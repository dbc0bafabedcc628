/* enrollctl season: when this year's enrolment opens and closes, and who is of age. */
#include "enrollctl.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "json.h"

enum { STAMP_SIZE = 40, MS_A_DAY = 86400000 };

struct season_in {
	int64_t year;
	const char *register_from, *opens_at, *closes_at, *birth_from, *birth_to;
};

struct season_out {
	const char *code;
	const char *season; /* JSON, as GET /api/season answers */
};

static const struct db_field season_fields[] = {
	{ DB_INT, offsetof(struct season_in, year) },
	{ DB_TEXT, offsetof(struct season_in, register_from) },
	{ DB_TEXT, offsetof(struct season_in, opens_at) },
	{ DB_TEXT, offsetof(struct season_in, closes_at) },
	{ DB_TEXT, offsetof(struct season_in, birth_from) },
	{ DB_TEXT, offsetof(struct season_in, birth_to) },
};

static const struct db_field season_out_fields[] = { { DB_JSON, offsetof(struct season_out, season) } };

const struct door season_set_door = {
	.name = "operator_season_set",
	.sql = "select * from enroll.operator_season_set($1,$2,$3,$4,$5,$6)",
	.in = season_fields,
	.n_in = sizeof season_fields / sizeof *season_fields,
	.out = season_out_fields,
	.n_out = 1,
	.code_offset = offsetof(struct season_out, code),
};

const struct door season_show_door = {
	.name = "operator_season_show",
	.sql = "select * from enroll.operator_season_show()",
	.out = season_out_fields,
	.n_out = 1,
	.code_offset = offsetof(struct season_out, code),
};

/* Hand it to the door, say what became of it. */
static int
set_season(const struct season_in *in)
{
	struct season_out out = { 0 };
	enum status st = db_call(operator_request(), &season_set_door, in, &out);

	if (st == STATUS_MALFORMED_REQUEST)
		return operator_fail("时间写法应为 2027-05-01 或 2027-05-01T09:00+08:00，日期写法应为 2020-09-01。");
	if (st == STATUS_WRONG_STATE)
		return operator_fail("先后不对：应为 register-from ≤ opens < closes，birth-from < birth-to。");
	if (st != STATUS_OK)
		return operator_unreachable(st);
	operator_say("招生季已设置：%s", out.season);
	return EXIT_DONE;
}

int
season_set_command(int argc, char **argv)
{
	struct option_text options[] = { { "register-from", NULL }, { "opens", NULL }, { "closes", NULL }, { "birth-from", NULL },
		{ "birth-to", NULL } };
	struct season_in in = { 0 };
	char *end;

	if (argc < 1 || !operator_options(argc - 1, argv + 1, options, sizeof options / sizeof *options))
		return EXIT_USAGE;
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].value == NULL) {
			operator_fail("缺少 --%s。", options[i].name);
			return EXIT_USAGE;
		}
	in.year = strtol(argv[0], &end, 10);
	if (*end != '\0' || in.year < 2000 || in.year > 2100)
		return operator_fail("年份 %s 应为四位数字，如 2027。", argv[0]);
	in.register_from = options[0].value;
	in.opens_at = options[1].value;
	in.closes_at = options[2].value;
	in.birth_from = options[3].value;
	in.birth_to = options[4].value;
	return set_season(&in);
}

/* The year of the season that is there, so that a demo kept over New Year keeps its schools; else this year. */
static int64_t
sample_year(struct date today)
{
	struct season_out out = { 0 };
	struct json_object *season = NULL;
	int64_t year = 0;

	if (db_call(operator_request(), &season_show_door, NULL, &out) == STATUS_OK)
		season = json_read((struct bytes){ (const uint8_t *)out.season, strlen(out.season) });
	year = json_object_get_int64(json_object_object_get(season, "year"));
	(void)json_object_put(season);
	return year > 0 ? year : today.year;
}

/* The demo's season: open since a month ago, for eleven months more, for whoever was born in the last ten years. */
int
season_sample_command(int argc, char **argv)
{
	int64_t now_ms = clock_wall_ms();
	struct date today = clock_beijing_date(now_ms);
	char from[STAMP_SIZE], opens[STAMP_SIZE], closes[STAMP_SIZE], birth_from[STAMP_SIZE], birth_to[STAMP_SIZE];
	struct season_in in = { 0, from, opens, closes, birth_from, birth_to };

	(void)argv;
	if (argc != 0)
		return EXIT_USAGE;
	if (conf_is_production())
		return operator_fail("正式环境不能使用示例招生季。请运行 enrollctl season set …");
	clock_rfc3339(now_ms - 31 * (int64_t)MS_A_DAY, from);
	clock_rfc3339(now_ms - 30 * (int64_t)MS_A_DAY, opens);
	clock_rfc3339(now_ms + 330 * (int64_t)MS_A_DAY, closes);
	(void)snprintf(birth_from, sizeof birth_from, "%04d-01-01", today.year - 10);
	(void)snprintf(birth_to, sizeof birth_to, "%04d-%02d-%02d", today.year, today.month, today.day);
	in.year = sample_year(today);
	return set_season(&in);
}

int
season_show_command(int argc, char **argv)
{
	struct season_out out = { 0 };
	enum status st;

	(void)argv;
	if (argc != 0)
		return EXIT_USAGE;
	st = db_call(operator_request(), &season_show_door, NULL, &out);
	if (st == STATUS_NOT_FOUND)
		return operator_fail("还没有招生季。请运行 enrollctl season set …（演示环境：enrollctl season sample）");
	if (st != STATUS_OK)
		return operator_unreachable(st);
	operator_say("%s", out.season);
	return EXIT_DONE;
}
