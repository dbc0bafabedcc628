/*
 * The audit trail's chain is made in the database, batch by batch; here its head is carried out of it: into a file that nobody
 * but us appends to, and into the system's log, which another machine may collect. Whoever rewrites the trail would have to
 * rewrite those too. A line of the file is "TIME SEQ HASH"; enrollctl audit verify reads them.
 */
#include "courier.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "courier_syslog.h"
#include "log.h"

enum { BATCH = 1000, BATCHES_AT_ONCE = 20, ANCHOR_MS = 10000, LINE_SIZE = 160 };

struct chain_in {
	int64_t limit;
};

struct chain_out {
	const char *code, *hash;
	int64_t n, seq;
};

struct anchor_in {
	int64_t seq;
	const char *hash;
};

struct anchor_out {
	const char *code;
};

static const struct db_field in_fields[] = { { DB_INT, offsetof(struct chain_in, limit) } };

static const struct db_field out_fields[] = {
	{ DB_INT, offsetof(struct chain_out, n) },
	{ DB_INT, offsetof(struct chain_out, seq) },
	{ DB_TEXT, offsetof(struct chain_out, hash) },
};

const struct door chain_door = {
	.name = "courier_chain",
	.sql = "select * from enroll.courier_chain($1)",
	.in = in_fields,
	.n_in = sizeof in_fields / sizeof *in_fields,
	.out = out_fields,
	.n_out = sizeof out_fields / sizeof *out_fields,
	.code_offset = offsetof(struct chain_out, code),
};

static const struct db_field anchor_fields[] = {
	{ DB_INT, offsetof(struct anchor_in, seq) },
	{ DB_TEXT, offsetof(struct anchor_in, hash) },
};

const struct door anchor_door = {
	.name = "courier_anchor",
	.sql = "select * from enroll.courier_anchor($1,$2)",
	.in = anchor_fields,
	.n_in = sizeof anchor_fields / sizeof *anchor_fields,
	.code_offset = offsetof(struct anchor_out, code),
};

/* Append the head in one write; on the disk before it counts as anchored. */
static bool
append_anchor(const char *path, const struct chain_out *head)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	char line[LINE_SIZE], now[30];
	bool is_written;
	int length;

	if (fd < 0)
		return false;
	clock_rfc3339(clock_wall_ms(), now);
	length = snprintf(line, sizeof line, "%s %lld %s\n", now, (long long)head->seq, head->hash);
	is_written = length > 0 && length < LINE_SIZE && write(fd, line, (size_t)length) == (ssize_t)length && fsync(fd) == 0;
	return close(fd) == 0 && is_written;
}

/* Anchor the head if it is a new one and the last was written a while ago. */
static void
anchor(struct arena *arena, const struct chain_out *head)
{
	static int64_t anchored_ms = -ANCHOR_MS, anchored_seq = -1;
	const char *path = conf_text("audit_anchor_file");
	const struct anchor_in in = { head->seq, head->hash };
	struct anchor_out out = { 0 };
	struct request req;

	if (path[0] == '\0' || head->hash == NULL || head->seq == anchored_seq || clock_monotonic_ms() - anchored_ms < ANCHOR_MS)
		return;
	anchored_ms = clock_monotonic_ms();
	if (!append_anchor(path, head)) {
		log_event(LOG_ERROR, NULL, "anchor", "cannot append to %s", path);
		return;
	}
	syslog_anchor(head->seq, head->hash);
	/* Only now the database knows of the line, so that one it knows of and the file lacks was cut out. */
	db_worker_request(arena, &req);
	if (db_call(&req, &anchor_door, &in, &out) == STATUS_OK)
		anchored_seq = head->seq;
}

bool
chain_audit(struct arena *arena)
{
	const struct chain_in in = { BATCH };
	struct chain_out out = { 0 };

	for (int i = 0; i < BATCHES_AT_ONCE; i++) {
		struct request req;

		db_worker_request(arena, &req);
		if (db_call(&req, &chain_door, &in, &out) != STATUS_OK)
			return false;
		if (out.n < BATCH)
			break;
	}
	anchor(arena, &out);
	return true;
}
