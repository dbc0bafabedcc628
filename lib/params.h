/* Binding between C structs and libpq's parameters and columns, driven by the doors' tables. Used by lib/db alone. */
#ifndef PARAMS_H
#define PARAMS_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "db.h"

enum { PARAMS_MAX = 48 };

struct params {
	size_t n;
	const char *values[PARAMS_MAX];
	int lengths[PARAMS_MAX];
	int formats[PARAMS_MAX];
};

/**
 * params_in(req, door, in, params):
 * Bind the fields of ${in} and of ${req} by ${door}'s table; memory comes from the request's arena. bytea and arrays go
 * binary, all else as text. Returns false if there are too many, memory ends, or a UUID in a list is none.
 */
bool params_in(struct request *req, const struct door *door, const void *in, struct params *params);

/**
 * params_out(arena, field, result, row, column, out):
 * Copy one value into the struct ${out}. Returns false if memory ends or the field's kind cannot come out.
 */
bool params_out(struct arena *arena, const struct db_field *field, const PGresult *result, int row, int column, void *out);

#endif
