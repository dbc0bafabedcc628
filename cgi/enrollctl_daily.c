/* enrollctl daily freeze: the day's figures for the report. A timer calls it at 17:00 in Beijing. */
#include "enrollctl.h"

#include <stddef.h>

struct daily_out {
	const char *code, *day;
	int64_t rows;
};

static const struct db_field daily_out_fields[] = { { DB_TEXT, offsetof(struct daily_out, day) },
	{ DB_INT, offsetof(struct daily_out, rows) } };

const struct door daily_freeze_door = {
	.name = "operator_daily_freeze",
	.sql = "select * from enroll.operator_daily_freeze()",
	.out = daily_out_fields,
	.n_out = sizeof daily_out_fields / sizeof *daily_out_fields,
	.code_offset = offsetof(struct daily_out, code),
};

int
daily_freeze_command(int argc, char **argv)
{
	struct daily_out out = { 0 };
	enum status st;

	(void)argv;
	if (argc != 0)
		return EXIT_USAGE;
	st = db_call(operator_request(), &daily_freeze_door, NULL, &out);
	if (st != STATUS_OK)
		return operator_unreachable(st);
	operator_say(out.rows > 0 ? "%s 的日报数据已写下，%lld 行。" : "%s 的日报数据此前已写下，或还没有数据；没有改动。",
	    out.day, (long long)out.rows);
	return EXIT_DONE;
}
