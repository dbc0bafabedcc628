/*
 * The audit trail's chain is made in the database, batch by batch; here its head is carried out of it. Whoever rewrites the
 * trail would have to rewrite the anchor file too, which another system may collect.
 */
#include "courier.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "log.h"

enum { BATCH = 1000, BATCHES_AT_ONCE = 20, ANCHOR_MS = 10000, HEX_SIZE = 65 };

struct chain_in {
	int64_t limit;
};

struct chain_out {
	const char *code, *hash;
	int64_t n, seq;
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

/* Append the head; on the disk before it counts as anchored. */
static bool
append_anchor(const char *path, const struct chain_out *head)
{
	FILE *file = fopen(path, "a");
	bool is_written;
	char now[30];

	if (file == NULL)
		return false;
	clock_rfc3339(clock_wall_ms(), now);
	is_written = fprintf(file, "%s %lld %s\n", now, (long long)head->seq, head->hash) > 0 && fflush(file) == 0 &&
		     fsync(fileno(file)) == 0;
	return fclose(file) == 0 && is_written;
}

/* Anchor the head if it is a new one and the last was written a while ago. */
static void
anchor(const struct chain_out *head)
{
	static int64_t anchored_ms = -ANCHOR_MS, anchored_seq = -1;
	const char *path = conf_text("audit_anchor_file");

	if (path[0] == '\0' || head->hash == NULL || head->seq == anchored_seq || clock_monotonic_ms() - anchored_ms < ANCHOR_MS)
		return;
	anchored_ms = clock_monotonic_ms();
	if (append_anchor(path, head))
		anchored_seq = head->seq;
	else
		log_event(LOG_ERROR, NULL, "anchor", "cannot append to %s", path);
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
	anchor(&out);
	return true;
}
