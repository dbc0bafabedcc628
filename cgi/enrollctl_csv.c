/*
 * One pass over a copy of the text, in place: without its quotes a field is never longer than it was, so it can stand where it
 * stood, and its NUL where its separator was. Numbers stay text: "0012" is "0012".
 */
#include "enrollctl_csv.h"

#include <string.h>

struct cursor {
	char *at;
	size_t line;
};

/* Take the quoted field at the cursor; NULL if it is never closed. The cursor ends behind the closing quote. */
static char *
take_quoted(struct cursor *c, char **end)
{
	char *start = ++c->at, *out = start;

	for (; *c->at != '\0'; c->at++) {
		if (*c->at == '"') {
			c->at++;
			if (*c->at != '"') {
				*end = out;
				return start;
			}
		}
		if (*c->at == '\n')
			c->line++;
		*out++ = *c->at;
	}
	return NULL;
}

static char *
take_plain(struct cursor *c, char **end)
{
	char *start = c->at;

	c->at += strcspn(c->at, ",\n");
	*end = c->at;
	while (*end > start && ((*end)[-1] == '\r' || (*end)[-1] == ' '))
		(*end)--;
	return start;
}

/* Take one row; the cursor ends at the next one. */
static bool
take_row(struct cursor *c, struct csv_row *row)
{
	row->line = c->line;
	while (row->n < CSV_COLUMNS) {
		char *end, separator;
		char *field = *c->at == '"' ? take_quoted(c, &end) : take_plain(c, &end);

		if (field == NULL)
			return false;
		c->at += strspn(c->at, " \r");
		separator = *c->at;
		*end = '\0';
		row->fields[row->n++] = field;
		if (separator == '\n')
			c->line++;
		if (separator != '\0')
			c->at++;
		if (separator != ',')
			return separator == '\n' || separator == '\0';
	}
	return false;
}

static bool
is_blank(const struct csv_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->fields[i][0] != '\0')
			return false;
	return true;
}

bool
csv_read(struct arena *arena, struct bytes text, struct csv *csv)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct cursor c = { arena_strndup(arena, (const char *)text.data, text.size), 1 };
	size_t limit = 2;

	*csv = (struct csv){ 0 };
	if (c.at == NULL)
		return false;
	if (strncmp(c.at, mark, sizeof mark - 1) == 0)
		c.at += sizeof mark - 1;
	for (const char *feed = c.at; (feed = strchr(feed, '\n')) != NULL; feed++)
		limit++;
	if ((csv->rows = arena_alloc(arena, limit * sizeof *csv->rows)) == NULL)
		return false;
	while (*c.at != '\0') {
		struct csv_row *row = &csv->rows[csv->n];

		if (!take_row(&c, row)) {
			csv->fault_line = row->line;
			return false;
		}
		if (is_blank(row))
			*row = (struct csv_row){ 0 };
		else
			csv->n++;
	}
	return true;
}
