/*
 * One round of asking. What is due is taken under a lease, asked beside each other, and each answer goes through the one
 * door that judges. Numbers become blind indexes here; the database compares those.
 */
#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "errand.h"
#include "fetch.h"
#include "log.h"
#include "name.h"
#include "space.h"

/* So many at once; the wait after a fault of our own database. */
enum { ROUND = 32, FAULT_WAIT_MS = 500, REFUSED_WAIT_MS = 100, DOOR_LIMIT_MS = 5000, DAY_MS = 24 * 3600 * 1000 };

static atomic_bool has_begun;

struct due_in {
	int64_t limit;
	bool is_first; /* of this process: nobody holds a lease any more */
};

struct due_row {
	const char *code, *id, *session_id;
	int64_t wait_ms;
};

static const struct db_field due_in[] = { { DB_INT, offsetof(struct due_in, limit) },
	{ DB_BOOL, offsetof(struct due_in, is_first) } };
static const struct db_field due_out[] = { { DB_UUID, offsetof(struct due_row, id) },
	{ DB_TEXT, offsetof(struct due_row, session_id) }, { DB_INT, offsetof(struct due_row, wait_ms) } };

const struct door errand_due_door = { "errand_due", "select * from enroll.errand_due($1,$2)", due_in, 2, due_out,
	sizeof due_out / sizeof *due_out, offsetof(struct due_row, code) };

struct settle_in {
	const char *id;
	uint8_t state_hash[SEAL_HASH_SIZE];
	const char *status; /* NULL: could not be asked */
	struct bytes subject_index;
	const char *subject_name, *subject_mask;
	int64_t subject_level, verified_ms;
	struct db_blobs ward_indexes;
	struct db_list ward_names, ward_masks;
	struct db_list claimed_types;
	struct db_blobs claimed_holders;
	char signing[37];
	const char *signing_text;
	struct bytes signing_code;
	int64_t signed_ms, expires_ms;
	struct db_list scope_types;
	struct db_blobs scope_holders;
};

#define AT(member) offsetof(struct settle_in, member)
static const struct db_field settle_in[] = { { DB_REF, 0 }, { DB_UUID, AT(id) }, { DB_HASH, AT(state_hash) },
	{ DB_TEXT, AT(status) }, { DB_BYTES, AT(subject_index) }, { DB_TEXT, AT(subject_name) }, { DB_TEXT, AT(subject_mask) },
	{ DB_INT, AT(subject_level) }, { DB_INT, AT(verified_ms) }, { DB_BLOBS, AT(ward_indexes) }, { DB_TEXTS, AT(ward_names) },
	{ DB_TEXTS, AT(ward_masks) }, { DB_TEXTS, AT(claimed_types) }, { DB_BLOBS, AT(claimed_holders) },
	{ DB_UUID, AT(signing_text) }, { DB_BYTES, AT(signing_code) }, { DB_INT, AT(signed_ms) }, { DB_INT, AT(expires_ms) },
	{ DB_TEXTS, AT(scope_types) }, { DB_BLOBS, AT(scope_holders) } };
#undef AT

const struct door errand_settle_door = { "errand_settle",
	"select * from enroll.errand_settle($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)", settle_in,
	sizeof settle_in / sizeof *settle_in, NULL, 0, 0 };

/* The blind index of an identity number. */
static bool
index_number(struct arena *arena, const char *id_no, struct bytes *out)
{
	uint8_t *index = arena_alloc(arena, SEAL_INDEX_SIZE);

	if (index == NULL || !seal_index("id_no", id_no, index))
		return false;
	*out = (struct bytes){ index, SEAL_INDEX_SIZE };
	return true;
}

/* A name and its mask; "" where the register gave none that is one. */
static bool
mask_name(struct arena *arena, const char *name, const char **out_name, const char **out_mask)
{
	*out_name = name != NULL ? name : "";
	*out_mask = name != NULL ? name_mask(arena, name) : "";
	return *out_mask != NULL;
}

static bool
fill_wards(struct arena *arena, const struct space_news *news, struct settle_in *in)
{
	size_t n = news->n_wards;
	struct bytes *indexes = arena_alloc(arena, (n + 1) * sizeof *indexes);
	const char **names = (const char **)arena_alloc(arena, (n + 1) * sizeof *names),
		   **masks = (const char **)arena_alloc(arena, (n + 1) * sizeof *masks);

	if (indexes == NULL || names == NULL || masks == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!index_number(arena, news->wards[i].id_no, &indexes[i]) ||
		    !mask_name(arena, news->wards[i].name, &names[i], &masks[i]))
			return false;
	in->ward_indexes = (struct db_blobs){ indexes, n };
	in->ward_names = (struct db_list){ names, n };
	in->ward_masks = (struct db_list){ masks, n };
	return true;
}

static bool
fill_holdings(
    struct arena *arena, const struct space_holding *holdings, size_t n, struct db_list *types, struct db_blobs *holders)
{
	const char **names = (const char **)arena_alloc(arena, (n + 1) * sizeof *names);
	struct bytes *indexes = arena_alloc(arena, (n + 1) * sizeof *indexes);

	if (names == NULL || indexes == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		names[i] = holdings[i].type;
		if (!index_number(arena, holdings[i].holder_id_no, &indexes[i]))
			return false;
	}
	*types = (struct db_list){ names, n };
	*holders = (struct db_blobs){ indexes, n };
	return true;
}

/*
 * The authorization's code is sealed with the licence key: who only binds neither holds that key nor reads a code. It counts
 * until the province's end or ours, whichever is earlier.
 */
static bool
fill_signing(struct arena *arena, const struct space_news *news, struct settle_in *in)
{
	if (news->code == NULL)
		return true;
	seal_uuid(in->signing);
	in->signing_text = in->signing;
	in->signed_ms = news->signed_ms;
	in->expires_ms = news->signed_ms + (int64_t)conf_number("authorization_max_days") * DAY_MS;
	if (news->expires_ms > 0 && news->expires_ms < in->expires_ms)
		in->expires_ms = news->expires_ms;
	return seal_put(arena, SEAL_LICENSE, "signing.code", in->signing, news->code, &in->signing_code);
}

/* From the news to the door's parameters. */
static bool
fill(struct arena *arena, const struct space_news *news, struct settle_in *in)
{
	in->status = space_status_name(news->status);
	seal_hash((struct bytes){ (const uint8_t *)news->state, strlen(news->state) }, in->state_hash);
	if (news->has_subject) {
		in->subject_level = news->level;
		in->verified_ms = news->verified_ms;
		if (!index_number(arena, news->subject.id_no, &in->subject_index) ||
		    !mask_name(arena, news->subject.name, &in->subject_name, &in->subject_mask))
			return false;
	}
	return fill_wards(arena, news, in) &&
	       fill_holdings(arena, news->claimed, news->n_claimed, &in->claimed_types, &in->claimed_holders) &&
	       fill_holdings(arena, news->scope, news->n_scope, &in->scope_types, &in->scope_holders) &&
	       fill_signing(arena, news, in);
}

/* Settle one answer, or that there was none. */
static void
settle(struct request *req, const struct due_row *due, const struct fetch_call *call, bool is_signing)
{
	struct settle_in in = { .id = due->id };
	struct space_news news;

	if (space_read(req->arena, call, is_signing, &news) && !fill(req->arena, &news, &in)) {
		log_event(LOG_ERROR, req->ref, "errand_settle", "the answer does not fit into memory");
		in = (struct settle_in){ .id = due->id };
	}
	req->deadline_ms = clock_monotonic_ms() + DOOR_LIMIT_MS;
	(void)db_call(req, &errand_settle_door, &in, NULL);
}

int64_t
errand_work(struct request *req, bool is_signing)
{
	struct due_in in = { (int64_t)fetch_room("space", ROUND), false };
	const struct due_row *due;
	struct fetch_call *calls;
	struct db_rows rows;

	/* While the breaker refuses nothing is taken, so that all are still due when the space is back. */
	if (in.limit == 0)
		return REFUSED_WAIT_MS;
	in.is_first = !atomic_exchange(&has_begun, true);
	if (db_call_rows(req, &errand_due_door, &in, sizeof *due, &rows) != STATUS_OK || rows.n == 0)
		return FAULT_WAIT_MS;
	due = rows.items;
	if (strcmp(due->code, "idle") == 0)
		return due->wait_ms;
	if ((calls = arena_alloc(req->arena, rows.n * sizeof *calls)) == NULL)
		return FAULT_WAIT_MS;
	for (size_t i = 0; i < rows.n; i++)
		if (!space_ask(req->arena, due[i].session_id, &calls[i]))
			return FAULT_WAIT_MS;
	fetch_all(req->arena, calls, rows.n);
	for (size_t i = 0; i < rows.n; i++)
		settle(req, &due[i], &calls[i], is_signing);
	return 0;
}
