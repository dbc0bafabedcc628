/* CSV as spreadsheets write it (RFC 4180): quoted fields, doubled quotes, CRLF or LF, a byte order mark in front. All is text. */
#ifndef ENROLLCTL_CSV_H
#define ENROLLCTL_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "bytes.h"

enum { CSV_COLUMNS = 16 };

struct csv_row {
	size_t line; /* where it begins, for messages */
	size_t n;
	const char *fields[CSV_COLUMNS];
};

struct csv {
	struct csv_row *rows; /* the heading included, blank lines left out */
	size_t n;
	size_t fault_line; /* where csv_read gave up */
};

/**
 * csv_read(arena, text, csv):
 * Split valid UTF-8 ${text} into rows. Returns false if a quote is not closed, a row has more than CSV_COLUMNS fields
 * (fault_line says where) or memory ends.
 */
bool csv_read(struct arena *arena, struct bytes text, struct csv *csv);

#endif
