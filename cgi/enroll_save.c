/*
 * Saving one section. Numbers and phones of guardians are sealed here, each under the row it will stand in, so the rows are
 * read first; whether what was read is still true, the door finds by the version.
 */
#include "enroll.h"

#include <json-c/json.h>
#include <stdint.h>
#include <string.h>

#include "clock.h"
#include "identity.h"
#include "phone.h"

#define N(array) (sizeof(array) / sizeof *(array))

struct save_in {
	const char *student_id, *section;
	int64_t version;
	uint8_t fingerprint[SEAL_HASH_SIZE];
	const char *data, *problems, *blank;
	struct db_list ids, id_no_masks, id_no_problems, phone_masks, phone_problems;
	struct db_blobs id_nos, id_no_indexes, phones, phone_indexes;
	struct db_list sources;
};

struct save_out {
	const char *code, *problems;
	int64_t version;
};

static const struct db_field save_in_fields[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_UUID, offsetof(struct save_in, student_id) },
	{ DB_TEXT, offsetof(struct save_in, section) },
	{ DB_INT, offsetof(struct save_in, version) },
	{ DB_HASH, offsetof(struct save_in, fingerprint) },
	{ DB_JSON, offsetof(struct save_in, data) },
	{ DB_JSON, offsetof(struct save_in, problems) },
	{ DB_JSON, offsetof(struct save_in, blank) },
	{ DB_UUIDS, offsetof(struct save_in, ids) },
	{ DB_BLOBS, offsetof(struct save_in, id_nos) },
	{ DB_BLOBS, offsetof(struct save_in, id_no_indexes) },
	{ DB_TEXTS, offsetof(struct save_in, id_no_masks) },
	{ DB_TEXTS, offsetof(struct save_in, id_no_problems) },
	{ DB_BLOBS, offsetof(struct save_in, phones) },
	{ DB_BLOBS, offsetof(struct save_in, phone_indexes) },
	{ DB_TEXTS, offsetof(struct save_in, phone_masks) },
	{ DB_TEXTS, offsetof(struct save_in, phone_problems) },
	{ DB_TEXTS, offsetof(struct save_in, sources) },
};

static const struct db_field save_out_fields[] = {
	{ DB_INT, offsetof(struct save_out, version) },
	{ DB_JSON, offsetof(struct save_out, problems) },
};

const struct door application_save_door = {
	.name = "application_save",
	.sql = "select * from enroll.application_save($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19)",
	.in = save_in_fields,
	.n_in = N(save_in_fields),
	.out = save_out_fields,
	.n_out = N(save_out_fields),
	.code_offset = offsetof(struct save_out, code),
};

/* The guardians as the door takes them: one element an entry in each list. */
struct sealed {
	const char *ids[GUARDIANS_MAX];
	const char *id_no_masks[GUARDIANS_MAX], *id_no_problems[GUARDIANS_MAX];
	const char *phone_masks[GUARDIANS_MAX], *phone_problems[GUARDIANS_MAX];
	struct bytes id_nos[GUARDIANS_MAX], id_no_indexes[GUARDIANS_MAX];
	struct bytes phones[GUARDIANS_MAX], phone_indexes[GUARDIANS_MAX];
};

static bool
make_index(struct request *req, const char *field, const char *value, struct bytes *out)
{
	uint8_t *index = arena_alloc(req->arena, SEAL_INDEX_SIZE);

	*out = (struct bytes){ index, SEAL_INDEX_SIZE };
	return index != NULL && seal_index(field, value, index);
}

/* What is wrong with a guardian's identity number, "" if nothing. */
static const char *
judge_id_no(const char *id_no)
{
	struct date today = clock_beijing_date(clock_wall_ms());
	struct identity identity;
	const char *code = identity_read(id_no, today, &identity);

	if (code != NULL)
		return code;
	return identity_is_adult(&identity, today) ? "" : "birth_date";
}

static bool
seal_id_no(struct request *req, const char *id_no, size_t i, struct sealed *out)
{
	out->id_no_masks[i] = out->id_no_problems[i] = "";
	if (id_no == NULL)
		return true;
	out->id_no_problems[i] = judge_id_no(id_no);
	out->id_no_masks[i] = seal_mask_id_no(req->arena, id_no);
	return out->id_no_masks[i] != NULL && make_index(req, "id_no", id_no, &out->id_no_indexes[i]) &&
	       seal_put(req->arena, SEAL_IDENTITY, "section.id_no", out->ids[i], id_no, &out->id_nos[i]);
}

static bool
seal_phone(struct request *req, const char *phone, size_t i, struct sealed *out)
{
	const char *code;

	out->phone_masks[i] = out->phone_problems[i] = "";
	if (phone == NULL)
		return true;
	code = phone_check(phone);
	out->phone_problems[i] = code != NULL ? code : "";
	out->phone_masks[i] = code == NULL ? phone_mask(req->arena, phone) : "***";
	return out->phone_masks[i] != NULL && make_index(req, "phone", phone, &out->phone_indexes[i]) &&
	       seal_put(req->arena, SEAL_CONTACT, "section.phone", out->ids[i], phone, &out->phones[i]);
}

/* Seal the guardians into ${in}. */
static enum status
seal_guardians(struct request *req, const struct section_answers *answers, struct save_in *in)
{
	struct sealed *sealed = arena_alloc(req->arena, sizeof *sealed);
	struct application stored = { 0 };
	size_t n = answers->n_guardians;
	enum status st = application_open(req, &stored);

	if (st != STATUS_OK)
		return st;
	if (sealed == NULL)
		return STATUS_INTERNAL;
	for (size_t i = 0; i < n; i++) {
		char *id = arena_alloc(req->arena, 37);

		if (id == NULL)
			return STATUS_INTERNAL;
		seal_uuid(id);
		sealed->ids[i] = stored.guardians[i].id != NULL ? stored.guardians[i].id : id;
		if (!seal_id_no(req, answers->guardians[i].id_no, i, sealed) ||
		    !seal_phone(req, answers->guardians[i].phone, i, sealed))
			return STATUS_INTERNAL;
	}
	in->ids = (struct db_list){ sealed->ids, n };
	in->id_no_masks = (struct db_list){ sealed->id_no_masks, n };
	in->id_no_problems = (struct db_list){ sealed->id_no_problems, n };
	in->phone_masks = (struct db_list){ sealed->phone_masks, n };
	in->phone_problems = (struct db_list){ sealed->phone_problems, n };
	in->id_nos = (struct db_blobs){ sealed->id_nos, n };
	in->id_no_indexes = (struct db_blobs){ sealed->id_no_indexes, n };
	in->phones = (struct db_blobs){ sealed->phones, n };
	in->phone_indexes = (struct db_blobs){ sealed->phone_indexes, n };
	return STATUS_OK;
}

static enum status
answer_saved(struct request *req, struct reply *rep, const struct save_out *out)
{
	struct json_object *answer, *problems = enroll_door_json(out->problems);
	enum status st = problems != NULL ? application_add_messages(req, problems) : STATUS_INTERNAL;

	if (st == STATUS_OK)
		st = application_add_etag(req, rep, out->version);
	if (st != STATUS_OK) {
		(void)json_object_put(problems);
		return st;
	}
	answer = json_object_new_object();
	(void)json_object_object_add(answer, "version", json_object_new_int64(out->version));
	(void)json_object_object_add(answer, "problems", problems);
	return reply_json(req, rep, 200, answer);
}

/* PUT /api/applications/{student_id}/sections/{section} */
enum status
application_save(struct request *req, struct reply *rep)
{
	struct save_in in = { .student_id = req->params[0], .section = req->params[1] };
	struct section_answers answers;
	struct save_out out = { 0 };
	const char *label = arena_printf(req->arena, "section %s %s", in.student_id, in.section);
	enum status st;

	if (!enroll_is_uuid(in.student_id) || !section_exists(in.section))
		return STATUS_NOT_FOUND;
	if ((st = section_read(req, in.section, &answers)) != STATUS_OK)
		return st;

	/* An ETag that is none of ours is one that we no longer have. */
	if (!request_if_match(req, &in.version) || in.version > INT32_MAX)
		in.version = -1;
	if (label == NULL || !seal_fingerprint(label, req->body, in.fingerprint))
		return STATUS_INTERNAL;
	if ((st = prefill_blank(req, in.student_id, &in.blank)) != STATUS_OK)
		return st;
	in.data = answers.data;
	in.problems = answers.problems;
	if (!answers.is_guardians &&
	    (st = prefill_sources(req, in.student_id, in.section, answers.data, &in.sources)) != STATUS_OK)
		return st;
	if (answers.is_guardians && (st = seal_guardians(req, &answers, &in)) != STATUS_OK)
		return st;
	if ((st = db_call(req, &application_save_door, &in, &out)) != STATUS_OK)
		return st;
	return answer_saved(req, rep, &out);
}
