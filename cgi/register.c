/*
 * 注册账号: one account for one guardian and one child. It signs nobody in, and sends no message but
 * the code that proves the phone, where one is asked for.
 */
#include <string.h>
#include <time.h>

#include "clock.h"
#include "facts.h"
#include "form.h"
#include "keys.h"
#include "name.h"
#include "password.h"
#include "phone.h"
#include "phone_code.h"
#include "service.h"

enum { REPEAT_MS = 100, REPEAT_LIMIT_MS = 2000, CONSENT_VERSION_LIMIT = 40 };

/* A person as the tables hold one. */
struct person {
	const char *id, *name_mask, *id_no_mask;
	struct bytes id_no;
};

struct registration {
	/* What the parent sends. */
	struct facts facts; /* first: see FACTS_FIELDS */
	const char *phone, *password, *consent_version, *phone_code;
	bool consent;

	/* What is made of it for the doors. */
	const char *key;
	uint8_t fingerprint[SEAL_HASH_SIZE], phone_index[SEAL_INDEX_SIZE];
	struct person guardian, student;
	const char *birth_date, *phone_id, *phone_mask, *password_hash;
	struct bytes sealed_phone, code_hash; /* of phone_code, where one is asked for */
};

struct outcome {
	const char *code, *answer;
	int64_t retry_after_s;
};

static const struct form_field registration_fields[] = {
	FACTS_FIELDS,
	{ .name = "phone", .rule = FORM_PHONE, .offset = offsetof(struct registration, phone) },
	{ .name = "password", .rule = FORM_PASSWORD, .offset = offsetof(struct registration, password) },
	{ .name = "consent", .rule = FORM_TRUE, .offset = offsetof(struct registration, consent) },
	{ .name = "consent_version",
	    .rule = FORM_TEXT,
	    .offset = offsetof(struct registration, consent_version),
	    .is_optional = true,
	    .limit = CONSENT_VERSION_LIMIT },
	PHONE_CODE_FIELD(offsetof(struct registration, phone_code)),
};

static const struct db_field begin_in[] = {
	{ DB_REF, 0 },
	{ DB_ADDRESS, 0 },
	{ DB_TEXT, offsetof(struct registration, key) },
	{ DB_HASH, offsetof(struct registration, fingerprint) },
	{ DB_INDEX, offsetof(struct registration, phone_index) },
	{ DB_INDEX, offsetof(struct registration, facts.guardian_index) },
	{ DB_INDEX, offsetof(struct registration, facts.student_index) },
	{ DB_BYTES, offsetof(struct registration, code_hash) },
};

static const struct db_field begin_out[] = {
	{ DB_INT, offsetof(struct outcome, retry_after_s) },
	{ DB_JSON, offsetof(struct outcome, answer) },
};

static const struct door begin_door = {
	.name = "register_begin",
	.sql = "select * from enroll.register_begin($1,$2,$3,$4,$5,$6,$7,$8)",
	.in = begin_in,
	.n_in = sizeof begin_in / sizeof *begin_in,
	.out = begin_out,
	.n_out = sizeof begin_out / sizeof *begin_out,
	.code_offset = offsetof(struct outcome, code),
};

static const struct db_field finish_in[] = {
	{ DB_REF, 0 },
	{ DB_ADDRESS, 0 },
	{ DB_TEXT, offsetof(struct registration, key) },
	{ DB_UUID, offsetof(struct registration, guardian.id) },
	{ DB_TEXT, offsetof(struct registration, facts.guardian_name) },
	{ DB_TEXT, offsetof(struct registration, guardian.name_mask) },
	{ DB_BYTES, offsetof(struct registration, guardian.id_no) },
	{ DB_INDEX, offsetof(struct registration, facts.guardian_index) },
	{ DB_TEXT, offsetof(struct registration, guardian.id_no_mask) },
	{ DB_UUID, offsetof(struct registration, phone_id) },
	{ DB_BYTES, offsetof(struct registration, sealed_phone) },
	{ DB_INDEX, offsetof(struct registration, phone_index) },
	{ DB_TEXT, offsetof(struct registration, phone_mask) },
	{ DB_TEXT, offsetof(struct registration, password_hash) },
	{ DB_UUID, offsetof(struct registration, student.id) },
	{ DB_TEXT, offsetof(struct registration, facts.student_name) },
	{ DB_TEXT, offsetof(struct registration, student.name_mask) },
	{ DB_BYTES, offsetof(struct registration, student.id_no) },
	{ DB_INDEX, offsetof(struct registration, facts.student_index) },
	{ DB_TEXT, offsetof(struct registration, student.id_no_mask) },
	{ DB_TEXT, offsetof(struct registration, birth_date) },
	{ DB_BOOL, offsetof(struct registration, facts.student.is_female) },
	{ DB_TEXT, offsetof(struct registration, consent_version) },
	{ DB_BYTES, offsetof(struct registration, code_hash) },
};

static const struct db_field finish_out[] = {
	{ DB_JSON, offsetof(struct outcome, answer) },
};

static const struct door finish_door = {
	.name = "register_finish",
	.sql = "select * from enroll.register_finish($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,"
	       "$22,$23,$24)",
	.in = finish_in,
	.n_in = sizeof finish_in / sizeof *finish_in,
	.out = finish_out,
	.n_out = sizeof finish_out / sizeof *finish_out,
	.code_offset = offsetof(struct outcome, code),
};

static const struct db_field drop_in[] = {
	{ DB_REF, 0 },
	{ DB_TEXT, offsetof(struct registration, key) },
};

static const struct door drop_door = {
	.name = "register_drop",
	.sql = "select * from enroll.register_drop($1,$2)",
	.in = drop_in,
	.n_in = sizeof drop_in / sizeof *drop_in,
};

static const struct db_field code_in[] = {
	{ DB_REF, 0 },
	{ DB_ADDRESS, 0 },
	PHONE_CODE_FIELDS,
};

static const struct db_field code_out[] = {
	PHONE_CODE_OUT,
};

static const struct door code_door = {
	.name = "register_code",
	.sql = "select * from enroll.register_code($1,$2,$3,$4,$5,$6,$7)",
	.in = code_in,
	.n_in = sizeof code_in / sizeof *code_in,
	.out = code_out,
	.n_out = sizeof code_out / sizeof *code_out,
	.code_offset = offsetof(struct phone_code, code),
};

/* Read the form; every fault of it is found at once, also those that lie between fields. */
static enum status
read_registration(struct request *req, struct registration *in)
{
	const size_t n_fields = phone_code_fields(sizeof registration_fields / sizeof *registration_fields);
	enum status st = form_read(req, registration_fields, n_fields, in);

	if (st != STATUS_OK && st != STATUS_VALIDATION_FAILED)
		return st;
	if (facts_judge(req, &in->facts) != STATUS_OK)
		st = STATUS_VALIDATION_FAILED;
	if (facts_judge_password(req, &in->facts, in->phone, in->password) != STATUS_OK)
		st = STATUS_VALIDATION_FAILED;
	return st;
}

/* Give a person an id, masks, and the number sealed for that row. */
static bool
make_person(struct request *req, const char *place, const char *name, const struct identity *identity, struct person *person)
{
	char id[37];

	seal_uuid(id);
	person->id = arena_strdup(req->arena, id);
	person->name_mask = name_mask(req->arena, name);
	person->id_no_mask = seal_mask_id_no(req->arena, identity->number);
	return person->id != NULL && person->name_mask != NULL && person->id_no_mask != NULL &&
	       seal_put(req->arena, SEAL_IDENTITY, place, person->id, identity->number, &person->id_no);
}

/* What register_finish stores. */
static bool
make_account(struct request *req, struct registration *in)
{
	const struct date birth = in->facts.student.birth;
	char phone_id[37];

	seal_uuid(phone_id);
	in->phone_id = arena_strdup(req->arena, phone_id);
	in->phone_mask = phone_mask(req->arena, in->phone);
	in->birth_date = arena_printf(req->arena, "%04d-%02d-%02d", birth.year, birth.month, birth.day);
	return in->phone_id != NULL && in->phone_mask != NULL && in->birth_date != NULL &&
	       seal_put(req->arena, SEAL_CONTACT, "phone.phone", in->phone_id, in->phone, &in->sealed_phone) &&
	       make_person(req, "guardian.id_no", in->facts.guardian_name, &in->facts.guardian, &in->guardian) &&
	       make_person(req, "student.id_no", in->facts.student_name, &in->facts.student, &in->student);
}

/* Ask register_begin; while the same key is at work elsewhere, wait for what comes of it. */
static enum status
begin(struct request *req, struct registration *in, struct outcome *out)
{
	const struct timespec pause = { 0, REPEAT_MS * 1000000L };
	int64_t until_ms = clock_monotonic_ms() + REPEAT_LIMIT_MS;
	enum status st;

	in->key = req->idempotency_key;
	memcpy(in->fingerprint, req->fingerprint, sizeof in->fingerprint);
	if (!facts_index(&in->facts) || !seal_index("phone", in->phone, in->phone_index) ||
	    !phone_code_hash(req->arena, "register", in->phone, in->phone_code, &in->code_hash))
		return STATUS_INTERNAL;
	while ((st = db_call(req, &begin_door, in, out)) == STATUS_BUSY && clock_monotonic_ms() < until_ms)
		(void)nanosleep(&pause, NULL);
	req->retry_after_s = (int)out->retry_after_s;
	return st == STATUS_VALIDATION_FAILED ? phone_code_wrong(req) : st;
}

/* Hash the password into the arena; should there be no slot, the key is free again. */
static enum status
hash(struct request *req, struct registration *in)
{
	char *hashed = arena_alloc(req->arena, PASSWORD_HASH_SIZE);
	enum status st = hashed != NULL ? password_hash(in->password, req->deadline_ms, hashed) : STATUS_INTERNAL;

	in->password_hash = hashed;
	if (st != STATUS_OK)
		(void)db_call(req, &drop_door, in, NULL);
	return st;
}

/* POST /api/register */
static enum status
register_post(struct request *req, struct reply *rep)
{
	struct registration *in = arena_alloc(req->arena, sizeof *in);
	struct outcome out = { 0 };
	enum status st;

	if (in == NULL)
		return STATUS_INTERNAL;
	/* What did the parent send, and is it right by itself? */
	if ((st = read_registration(req, in)) != STATUS_OK)
		return st;

	/* Sealed and masked before anything is booked: what fails here leaves nothing. */
	if (!make_account(req, in))
		return STATUS_INTERNAL;

	/* Answered before, tried too often, or taken? */
	if ((st = begin(req, in, &out)) != STATUS_OK)
		return st;
	if (out.answer != NULL)
		return reply_text(req, rep, 201, out.answer);

	/* The password never goes further than this. */
	if ((st = hash(req, in)) != STATUS_OK)
		return st;

	/* One door, one transaction: account, child, consent, audit, idempotency. */
	if ((st = db_call(req, &finish_door, in, &out)) != STATUS_OK)
		return st == STATUS_VALIDATION_FAILED ? phone_code_wrong(req) : st;
	return reply_text(req, rep, 201, out.answer);
}

/* POST /api/register/code */
static enum status
code_post(struct request *req, struct reply *rep)
{
	return phone_code_send(req, rep, "register", &code_door);
}

static const struct route routes[] = {
	{ "POST", "/api/register", register_post, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_KEY },
	{ "POST", "/api/register/code", code_post, ROUTE_ORIGIN | ROUTE_JSON },
};

static const struct door *const doors[] = { &begin_door, &finish_door, &drop_door, &code_door };

int
main(int argc, char **argv)
{
	const struct service service = {
		.name = "register",
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.doors = doors,
		.n_doors = sizeof doors / sizeof *doors,
		.keys = keys_of("register"),
	};

	return service_main(argc, argv, &service);
}
