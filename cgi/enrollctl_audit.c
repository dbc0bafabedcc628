/*
 * enrollctl audit verify: is the audit trail whole? The chain is recomputed here, from the first row on, or from the hash of the
 * last checkpoint after a pruning; nothing that the database says of its own soundness counts. Beside the chain run the lines of
 * the anchor file: each must stand in the chain, so that a chain which was made anew betrays itself, and so does one whose tail
 * is gone. The first bad row is named and ends the search.
 */
#include "enrollctl.h"

#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "enrollctl_anchor.h"
#include "seal.h"

enum { PAGE_ROWS = 2000, PAGE_ARENA_BYTES = 32 << 20 };

struct state_out {
	const char *code;
	int64_t head_seq, anchored_seq;
};

struct checkpoint {
	const char *code;
	int64_t first_seq, seq;
	struct bytes hash;
	const char *young_from;
};

struct page_in {
	int64_t after, limit;
};

struct link {
	const char *code;
	int64_t seq, audit_id;
	struct bytes hash;
	const char *body, *at, *action, *ref;
	bool is_anchored;
};

struct stray {
	const char *code;
	int64_t audit_id;
	const char *at, *action, *ref;
	bool is_inserted;
};

static const struct db_field state_fields[] = {
	{ DB_INT, offsetof(struct state_out, head_seq) },
	{ DB_INT, offsetof(struct state_out, anchored_seq) },
};

static const struct db_field checkpoint_fields[] = {
	{ DB_INT, offsetof(struct checkpoint, first_seq) },
	{ DB_INT, offsetof(struct checkpoint, seq) },
	{ DB_BYTES, offsetof(struct checkpoint, hash) },
	{ DB_TEXT, offsetof(struct checkpoint, young_from) },
};

static const struct db_field page_in_fields[] = {
	{ DB_INT, offsetof(struct page_in, after) },
	{ DB_INT, offsetof(struct page_in, limit) },
};

static const struct db_field page_fields[] = {
	{ DB_INT, offsetof(struct link, seq) },
	{ DB_BYTES, offsetof(struct link, hash) },
	{ DB_INT, offsetof(struct link, audit_id) },
	{ DB_TEXT, offsetof(struct link, body) },
	{ DB_TEXT, offsetof(struct link, at) },
	{ DB_TEXT, offsetof(struct link, action) },
	{ DB_TEXT, offsetof(struct link, ref) },
	{ DB_BOOL, offsetof(struct link, is_anchored) },
};

static const struct db_field stray_fields[] = {
	{ DB_INT, offsetof(struct stray, audit_id) },
	{ DB_TEXT, offsetof(struct stray, at) },
	{ DB_TEXT, offsetof(struct stray, action) },
	{ DB_TEXT, offsetof(struct stray, ref) },
	{ DB_BOOL, offsetof(struct stray, is_inserted) },
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

const struct door audit_state_door = { "operator_audit_state", "select * from enroll.operator_audit_state()", NULL, 0,
	state_fields, COUNT(state_fields), offsetof(struct state_out, code) };
const struct door audit_checkpoints_door = { "operator_audit_checkpoints", "select * from enroll.operator_audit_checkpoints()",
	NULL, 0, checkpoint_fields, COUNT(checkpoint_fields), offsetof(struct checkpoint, code) };
const struct door audit_page_door = { "operator_audit_page", "select * from enroll.operator_audit_page($1,$2)", page_in_fields,
	COUNT(page_in_fields), page_fields, COUNT(page_fields), offsetof(struct link, code) };
const struct door audit_stray_door = { "operator_audit_stray", "select * from enroll.operator_audit_stray()", NULL, 0,
	stray_fields, COUNT(stray_fields), offsetof(struct stray, code) };

/* How far we are. */
struct walk {
	struct anchor anchor;
	int64_t anchored_seq; /* up to here the database knows that anchors were written */
	int64_t seq;          /* the last that was good, 0 before the first */
	uint8_t hash[SEAL_HASH_SIZE];
	size_t hash_size; /* 0 before the first row of all */
	int64_t good_seq; /* the last that agreed with an anchor */
	uint64_t n_rows, n_anchors, n_checkpoints;
};

static int
anchor_is_spoiled(const struct walk *walk)
{
	return operator_fail("锚点文件第 %zu 行不是信使写的格式，或顺序不对：锚点文件被改动过。", walk->anchor.line);
}

/*
 * Hold one place of the chain against the anchor file. Lines before it are of rows that a pruning has taken. must_be: the file
 * has to have a line for it. time, if not NULL, is set to the line's time if there is one.
 */
static int
compare_anchor(struct walk *walk, int64_t seq, struct bytes hash, bool must_be, const char **time)
{
	struct anchor *anchor = &walk->anchor;

	while (anchor->seq < seq)
		if (!anchor_next(anchor))
			return anchor_is_spoiled(walk);
	if (anchor->seq != seq)
		return must_be ? operator_fail(
				     "锚点文件缺少链上第 %lld 行的记录，数据库记得写过：锚点文件被截短或删改。", (long long)seq)
			       : EXIT_DONE;
	if (hash.size != SEAL_HASH_SIZE || memcmp(anchor->hash, hash.data, SEAL_HASH_SIZE) != 0)
		return operator_fail("链上第 %lld 行的散列与锚点文件第 %zu 行（%s）不符：第 %lld 行到第 %lld "
				     "行之间有记录被改写、删除或插入后重新串链。",
		    (long long)seq, anchor->line, anchor->time, (long long)walk->good_seq + 1, (long long)seq);
	walk->good_seq = seq;
	walk->n_anchors++;
	if (time != NULL)
		*time = anchor->time;
	return EXIT_DONE;
}

static void
step(struct walk *walk, int64_t seq, struct bytes hash)
{
	walk->seq = seq;
	walk->hash_size = hash.size;
	memcpy(walk->hash, hash.data, hash.size);
}

/* A checkpoint goes on where the one before ended, stands in the anchor file, and took nothing younger than 190 days. */
static int
check_checkpoint(struct walk *walk, const struct checkpoint *point)
{
	bool must_be = walk->anchor.seq <= point->seq;
	const char *time = NULL;
	int rc;

	if (point->first_seq != walk->seq + 1 || point->hash.size != SEAL_HASH_SIZE)
		return operator_fail("检查点不连续：链上第 %lld 行到第 %lld 行没有检查点，也没有记录。", (long long)walk->seq + 1,
		    (long long)point->first_seq - 1);
	if ((rc = compare_anchor(walk, point->seq, point->hash, must_be, &time)) != EXIT_DONE)
		return rc;
	if (time != NULL && strcmp(time, point->young_from) > 0)
		return operator_fail("链上第 %lld 行到第 %lld 行不满 190 天就被清理：锚点文件第 %zu 行记着 %s。",
		    (long long)point->first_seq, (long long)point->seq, walk->anchor.line, time);
	step(walk, point->seq, point->hash);
	walk->n_checkpoints++;
	return EXIT_DONE;
}

static int
check_checkpoints(struct walk *walk)
{
	struct db_rows rows;
	enum status st = db_call_rows(operator_request(), &audit_checkpoints_door, NULL, sizeof(struct checkpoint), &rows);
	const struct checkpoint *points = rows.items;
	int rc = EXIT_DONE;

	if (st != STATUS_OK)
		return operator_unreachable(st);
	for (size_t i = 0; i < rows.n && rc == EXIT_DONE; i++)
		rc = check_checkpoint(walk, &points[i]);
	return rc;
}

/* Is ${link} the next, and its hash that of the one before and of its own row? */
static int
check_link(struct walk *walk, const struct link *link)
{
	uint8_t hash[SEAL_HASH_SIZE], text[64 << 10];
	size_t size;

	if (link->seq != walk->seq + 1)
		return operator_fail("审计链缺了第 %lld 行（下一行是第 %lld 行，编号 %lld）：有记录被删除。",
		    (long long)walk->seq + 1, (long long)link->seq, (long long)link->audit_id);
	if (link->body == NULL)
		return operator_fail(
		    "链上第 %lld 行的审计记录（编号 %lld）被删除。", (long long)link->seq, (long long)link->audit_id);
	size = strlen(link->body);
	if (size > sizeof text - SEAL_HASH_SIZE)
		return operator_fail("编号 %lld 的审计记录太长。", (long long)link->audit_id);
	memcpy(text, walk->hash, walk->hash_size);
	memcpy(text + walk->hash_size, link->body, size);
	seal_hash((struct bytes){ text, walk->hash_size + size }, hash);
	if (link->hash.size != SEAL_HASH_SIZE || memcmp(hash, link->hash.data, SEAL_HASH_SIZE) != 0)
		return operator_fail(
		    "链上第 %lld 行与散列不符：编号 %lld 的审计记录（%s，%s，求助编号 %s）被改动，或它前面有记录被删除、插入。",
		    (long long)link->seq, (long long)link->audit_id, link->at, link->action, link->ref);
	step(walk, link->seq, link->hash);
	walk->n_rows++;
	return compare_anchor(walk, link->seq, link->hash, link->is_anchored && link->seq <= walk->anchored_seq, NULL);
}

/* All of the chain, page by page, in memory that is used again. */
static int
check_chain(struct walk *walk, struct arena *arena)
{
	struct db_rows rows;
	int rc = EXIT_DONE;

	do {
		const struct page_in in = { walk->seq, PAGE_ROWS };
		const struct link *links;
		struct request req;
		enum status st;

		db_worker_request(arena, &req);
		if ((st = db_call_rows(&req, &audit_page_door, &in, sizeof(struct link), &rows)) != STATUS_OK)
			return operator_unreachable(st);
		links = rows.items;
		for (size_t i = 0; i < rows.n && rc == EXIT_DONE; i++)
			rc = check_link(walk, &links[i]);
		arena_reset(arena);
	} while (rc == EXIT_DONE && rows.n > 0);
	return rc;
}

/* What was anchored beyond the end is gone. */
static int
check_tail(struct walk *walk)
{
	int64_t last = walk->anchored_seq;

	while (walk->anchor.seq != INT64_MAX) {
		last = walk->anchor.seq > last ? walk->anchor.seq : last;
		if (!anchor_next(&walk->anchor))
			return anchor_is_spoiled(walk);
	}
	if (last > walk->seq)
		return operator_fail("审计链到第 %lld 行为止，锚点却记到第 %lld 行：链尾从第 %lld 行起被删除。",
		    (long long)walk->seq, (long long)last, (long long)walk->seq + 1);
	return EXIT_DONE;
}

static int
check_strays(void)
{
	struct db_rows rows;
	enum status st = db_call_rows(operator_request(), &audit_stray_door, NULL, sizeof(struct stray), &rows);
	const struct stray *stray = rows.items;

	if (st != STATUS_OK)
		return operator_unreachable(st);
	if (rows.n == 0)
		return EXIT_DONE;
	return operator_fail("编号 %lld 的审计记录（%s，%s，求助编号 %s）%s", (long long)stray->audit_id, stray->at,
	    stray->action, stray->ref,
	    stray->is_inserted ? "不在链上，却排在链尾之前：是后来插入的。"
			       : "超过十分钟没有串链：请确认信使（courier）在运行；若在运行，它是后来插入的。");
}

static int
verify(struct walk *walk, struct arena *arena)
{
	int rc;

	if ((rc = check_checkpoints(walk)) != EXIT_DONE || (rc = check_chain(walk, arena)) != EXIT_DONE ||
	    (rc = check_tail(walk)) != EXIT_DONE || (rc = check_strays()) != EXIT_DONE)
		return rc;
	operator_say("审计记录完整：链上到第 %lld 行，验证了 %llu 行、%llu 个锚点、%llu 个检查点。", (long long)walk->seq,
	    (unsigned long long)walk->n_rows, (unsigned long long)walk->n_anchors, (unsigned long long)walk->n_checkpoints);
	if (walk->good_seq < walk->seq)
		operator_say("最近的锚点是第 %lld 行，之后的 %lld 行只有链本身作证。", (long long)walk->good_seq,
		    (long long)(walk->seq - walk->good_seq));
	return EXIT_DONE;
}

int
audit_verify_command(int argc, char **argv)
{
	struct option_text options[] = { { "anchor", NULL } };
	struct state_out state = { 0 };
	struct walk walk = { 0 };
	struct arena *arena;
	const char *path;
	enum status st;
	int rc;

	if (!operator_options(argc, argv, options, COUNT(options)))
		return EXIT_USAGE;
	path = options[0].value != NULL ? options[0].value : conf_text("audit_anchor_file");
	/* First the database's word, then the file: a line is written before the database knows of it. */
	if ((st = db_call(operator_request(), &audit_state_door, NULL, &state)) != STATUS_OK)
		return operator_unreachable(st);
	walk.anchored_seq = state.anchored_seq;
	if ((arena = arena_new(PAGE_ARENA_BYTES)) == NULL)
		return operator_fail("内存不足。");
	if (path[0] == '\0')
		rc = operator_fail("没有配置 audit_anchor_file：没有锚点，链尾被删就看不出来。");
	else if (!anchor_open(&walk.anchor, path))
		rc = walk.anchor.line > 0 ? anchor_is_spoiled(&walk)
					  : operator_fail("读不了锚点文件 %s。请用有权限的用户运行本命令。", path);
	else
		rc = verify(&walk, arena);
	anchor_close(&walk.anchor);
	arena_free(arena);
	return rc;
}
