/*
 * enrollctl school import: the season's schools from a spreadsheet saved as CSV UTF-8. The first line names the columns, in any
 * order: 学校代码 学校名称 地址 电话 学区 (places, separated by ；). All or nothing: one wrong line imports none.
 */
#include "enrollctl.h"
#include "enrollctl_csv.h"

#include <string.h>

enum { FILE_LIMIT = 4 << 20 };

/* In the order of the door's parameters; the first two must be there. */
static const char *const headings[] = { "学校代码", "学校名称", "地址", "电话", "学区" };

enum { CODE, NAME, ADDRESS, PHONE, PLACES, N_COLUMNS };

struct school_in {
	struct db_list codes, names, addresses, phones, places;
};

struct school_out {
	const char *code;
	int64_t n_schools, n_places, n_withdrawn;
	const char *fault; /* the school code that the door refuses */
};

static const struct db_field school_in_fields[] = {
	{ DB_TEXTS, offsetof(struct school_in, codes) },
	{ DB_TEXTS, offsetof(struct school_in, names) },
	{ DB_TEXTS, offsetof(struct school_in, addresses) },
	{ DB_TEXTS, offsetof(struct school_in, phones) },
	{ DB_TEXTS, offsetof(struct school_in, places) },
};

static const struct db_field school_out_fields[] = {
	{ DB_INT, offsetof(struct school_out, n_schools) },
	{ DB_INT, offsetof(struct school_out, n_places) },
	{ DB_INT, offsetof(struct school_out, n_withdrawn) },
	{ DB_TEXT, offsetof(struct school_out, fault) },
};

const struct door school_import_door = {
	.name = "operator_school_import",
	.sql = "select * from enroll.operator_school_import($1,$2,$3,$4,$5)",
	.in = school_in_fields,
	.n_in = sizeof school_in_fields / sizeof *school_in_fields,
	.out = school_out_fields,
	.n_out = sizeof school_out_fields / sizeof *school_out_fields,
	.code_offset = offsetof(struct school_out, code),
};

/* Which column of the file holds which heading? Returns false after naming one that is missing. */
static bool
find_columns(const struct csv_row *heading, size_t columns[static N_COLUMNS])
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		columns[i] = CSV_COLUMNS;
		for (size_t k = 0; k < heading->n; k++)
			if (strcmp(heading->fields[k], headings[i]) == 0)
				columns[i] = k;
		if (columns[i] == CSV_COLUMNS && i <= NAME) {
			operator_fail(
			    "第一行里没有“%s”一列。第一行应为：学校代码,学校名称,地址,电话,学区。如果第一行看起来没有错，请另存为"
			    "“CSV UTF-8”再试。(save as UTF-8)",
			    headings[i]);
			return false;
		}
	}
	return true;
}

/* One column of all rows; what a row does not have is "". Returns false if memory ends. */
static bool
take_column(const struct csv *csv, size_t column, struct db_list *out)
{
	const char **items = (const char **)arena_alloc(operator_request()->arena, csv->n * sizeof *items);

	if (items == NULL)
		return false;
	for (size_t i = 1; i < csv->n; i++)
		items[i - 1] = column < csv->rows[i].n ? csv->rows[i].fields[column] : "";
	*out = (struct db_list){ items, csv->n - 1 };
	return true;
}

/* Every row needs code and name. */
static bool
has_musts(const struct csv *csv, const struct school_in *in)
{
	for (size_t i = 0; i < in->codes.n; i++)
		if (in->codes.items[i][0] == '\0' || in->names.items[i][0] == '\0') {
			operator_fail("第 %zu 行缺少学校代码或学校名称，没有导入任何学校。", csv->rows[i + 1].line);
			return false;
		}
	return true;
}

static int
import(const struct school_in *in)
{
	struct school_out out = { 0 };
	enum status st = db_call(operator_request(), &school_import_door, in, &out);

	if (st == STATUS_NOT_FOUND)
		return operator_fail("还没有招生季，学校名单无处可放。请先运行 enrollctl season set …");
	if (st == STATUS_VALIDATION_FAILED)
		return operator_fail("学校代码 %s 出现两次，或名称、学区过长过短；没有导入任何学校。", out.fault);
	if (st != STATUS_OK)
		return operator_unreachable(st);
	operator_say("已导入 %lld 所学校、%lld 个学区地名；%lld 所不再招生。", (long long)out.n_schools, (long long)out.n_places,
	    (long long)out.n_withdrawn);
	return EXIT_DONE;
}

int
school_import_command(int argc, char **argv)
{
	size_t columns[N_COLUMNS];
	struct school_in in;
	struct bytes text;
	struct csv csv;

	if (argc != 1)
		return EXIT_USAGE;
	if (!operator_read_file(argv[0], FILE_LIMIT, &text) || !operator_is_utf8(argv[0], text))
		return EXIT_FAULT;
	if (!csv_read(operator_request()->arena, text, &csv))
		return operator_fail("第 %zu 行读不懂：引号没有成对，或列太多。没有导入任何学校。", csv.fault_line);
	if (csv.n < 2)
		return operator_fail("文件里没有学校。");
	if (!find_columns(&csv.rows[0], columns))
		return EXIT_FAULT;
	if (!take_column(&csv, columns[CODE], &in.codes) || !take_column(&csv, columns[NAME], &in.names) ||
	    !take_column(&csv, columns[ADDRESS], &in.addresses) || !take_column(&csv, columns[PHONE], &in.phones) ||
	    !take_column(&csv, columns[PLACES], &in.places))
		return operator_fail("内存不足。");
	return has_musts(&csv, &in) ? import(&in) : EXIT_FAULT;
}
