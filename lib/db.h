/*
 * The database: a request borrows one of at most db_connections (4) for one call of one door. A door is one SQL function,
 * one statement, one transaction. Statements are prepared once a connection; after a lost connection they are prepared
 * again. Parameters are plain and typed, bound from a table of {kind, offset}: C knows no quoting.
 */
#ifndef DB_H
#define DB_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "request.h"
#include "status.h"

enum db_kind {
	/* Taken from the request, no offset. */
	DB_SESSION, /* bytea: hash of the session token, null without one */
	DB_DEVICE,  /* bytea: hash of the device token, null without one */
	DB_WECHAT,  /* bytea: hash of the wechat visit token, null without one */
	DB_REF,     /* text */
	DB_ADDRESS, /* bytea: blind index of the peer address */
	/* In and out, at the offset. */
	DB_TEXT,  /* const char *; NULL is null */
	DB_BYTES, /* struct bytes; data NULL is null */
	DB_HASH,  /* uint8_t[SEAL_HASH_SIZE], in only */
	DB_INDEX, /* uint8_t[SEAL_INDEX_SIZE], in only */
	DB_UUID,  /* const char *; NULL is null */
	DB_UUIDS, /* struct db_list */
	DB_TEXTS, /* struct db_list, in only */
	DB_BLOBS, /* struct db_blobs: bytea[], in only */
	DB_INT,   /* int64_t */
	DB_BOOL,  /* bool */
	DB_JSON   /* const char *: jsonb */
};

struct db_field {
	enum db_kind kind;
	size_t offset;
};

struct db_list {
	const char *const *items;
	size_t n; /* items NULL: null */
};

struct db_blobs {
	const struct bytes *items;
	size_t n;
};

/*
 * The first column of every door is its result code; out fields follow in order. A null arrives as NULL, 0 or false. The
 * out struct is filled whatever the code, so that a handler may look at a code of its door alone ("in_progress") before
 * it looks at the status.
 */
struct door {
	const char *name;
	const char *sql; /* "select * from enroll.register_begin($1,$2)" */
	const struct db_field *in;
	size_t n_in;
	const struct db_field *out;
	size_t n_out;
	size_t code_offset; /* const char *: the code, in the out struct (which there must be if n_out > 0) */
};

struct db_rows {
	size_t n;
	void *items; /* n structs, one after the other, in the arena */
};

/**
 * db_open(conninfo, role, doors, n_doors):
 * Remember how to connect; connections are made when they are first needed. Returns false if memory ends.
 */
bool db_open(const char *conninfo, const char *role, const struct door *const *doors, size_t n_doors);

/**
 * db_call(req, door, in, out):
 * Call ${door} with the struct ${in}; fill the struct ${out} (both may be NULL where the door has no fields) from its one
 * row. Returns the status of the code; STATUS_UNAVAILABLE without a database or beyond the deadline, STATUS_INTERNAL for
 * an error of the door itself (SQLSTATE and constraint are logged).
 */
enum status db_call(struct request *req, const struct door *door, const void *in, void *out);

/**
 * db_call_rows(req, door, in, row_size, rows):
 * As db_call, for a door of many rows (for workers): every row is filled into a struct of ${row_size}; codes are not judged.
 */
enum status db_call_rows(struct request *req, const struct door *door, const void *in, size_t row_size, struct db_rows *rows);

/**
 * db_is_up(deadline_ms):
 * Does the database answer? For health.
 */
bool db_is_up(int64_t deadline_ms);

struct db_figures {
	uint64_t limit, open, borrowed; /* connections, now */
	uint64_t refused;               /* calls that got none in time, since the start */
};

struct db_door_figures {
	const char *name;
	uint64_t calls, errors, spent_us; /* since the start; errors: without a usable answer */
};

/**
 * db_read(figures), db_read_door(i, figures):
 * Fill ${figures} with the pool's, with those of door number ${i}. db_read_door returns false if there are no more.
 */
void db_read(struct db_figures *figures);
bool db_read_door(size_t i, struct db_door_figures *figures);

/**
 * db_worker_request(arena, req, name):
 * Make ${req} usable for calls from a thread that serves no request: a deadline 5 s from now, ref "00000000".
 */
void db_worker_request(struct arena *arena, struct request *req);

#endif
