/*
 * For programs: particular families, a parent's steps without a parent, faults. No origin is asked for;
 * what keeps strangers out is that nothing of this exists in production.
 */
#include "form.h"
#include "sandbox.h"

struct family_in {
	const char *name, *number, *children, *licenses, *wards_linked, *face, *level;
};

struct session_in {
	const char *id, *what, *scope;
};

struct fault_in {
	const char *target, *fault;
	int64_t delay_ms, times;
	const char *times_text; /* NULL: until it is switched off */
};

static const struct db_field family_fields[] = { { DB_TEXT, offsetof(struct family_in, name) },
	{ DB_TEXT, offsetof(struct family_in, number) }, { DB_JSON, offsetof(struct family_in, children) },
	{ DB_JSON, offsetof(struct family_in, licenses) }, { DB_JSON, offsetof(struct family_in, wards_linked) },
	{ DB_TEXT, offsetof(struct family_in, face) }, { DB_TEXT, offsetof(struct family_in, level) } };
static const struct db_field session_fields[] = { { DB_UUID, offsetof(struct session_in, id) },
	{ DB_TEXT, offsetof(struct session_in, what) }, { DB_JSON, offsetof(struct session_in, scope) } };
static const struct db_field fault_fields[] = { { DB_TEXT, offsetof(struct fault_in, target) },
	{ DB_TEXT, offsetof(struct fault_in, fault) }, { DB_TEXT, offsetof(struct fault_in, times_text) },
	{ DB_INT, offsetof(struct fault_in, delay_ms) } };

const struct door sandbox_door_family_put = { "family_put", "select * from sandbox.family_put($1,$2,$3,$4,$5,$6,$7)",
	family_fields, 7, NULL, 0, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_session_do = { "session_do", "select * from sandbox.session_do($1,$2,$3)", session_fields, 3, NULL,
	0, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_session_summary = { "session_summary", "select * from sandbox.session_summary($1)", session_fields,
	1, sandbox_answer_fields, 1, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_fault_set = { "fault_set", "select * from sandbox.fault_set($1,$2,$3::integer,$4)", fault_fields,
	4, NULL, 0, offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_license_logout = { "license_logout", "select * from sandbox.license_logout()", NULL, 0, NULL, 0,
	offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_overview = { "overview", "select * from sandbox.overview()", NULL, 0, sandbox_answer_fields, 1,
	offsetof(struct sandbox_answer, code) };

/* POST /sandbox/control/families: a particular family; what is left out is as for anybody. */
enum status
sandbox_control_families(struct request *req, struct reply *rep)
{
	static const char *const faces[] = { "self", "other", "fails", NULL };
	static const char *const levels[] = { "L0", "L1", "L2", "L3", NULL };
	static const struct form_field fields[] = {
		{ "face", FORM_CHOICE, offsetof(struct family_in, face), true, 0, faces },
		{ "level", FORM_CHOICE, offsetof(struct family_in, level), true, 0, levels },
	};
	struct sandbox_person guardian = { 0 };
	struct family_in in = { 0 };
	enum status st;

	if ((st = sandbox_take_person(req, "guardian", &guardian)) != STATUS_OK ||
	    (st = sandbox_take_people(req, "children", &in.children)) != STATUS_OK ||
	    (st = sandbox_take_holdings(req, "licenses", &in.licenses)) != STATUS_OK ||
	    (st = sandbox_take_numbers(req, "wards_linked", &in.wards_linked)) != STATUS_OK ||
	    (st = form_read(req, fields, sizeof fields / sizeof *fields, &in)) != STATUS_OK)
		return st;
	in.name = guardian.name;
	in.number = guardian.id_no.number;
	if ((st = db_call(req, &sandbox_door_family_put, &in, NULL)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 201, "{}");
}

/* POST /sandbox/control/sessions/{id}: what the parent would have done on the pages. */
enum status
sandbox_control_session_do(struct request *req, struct reply *rep)
{
	static const char *const deeds[] = { "complete", "forget_child", "identify", "deny", NULL };
	static const struct form_field fields[] = {
		{ "do", FORM_CHOICE, offsetof(struct session_in, what), false, 0, deeds },
	};
	struct session_in in = { 0 };
	enum status st;

	if ((st = sandbox_take_holdings(req, "scope", &in.scope)) != STATUS_OK ||
	    (st = form_read(req, fields, sizeof fields / sizeof *fields, &in)) != STATUS_OK)
		return st;
	if ((in.id = sandbox_session_id(req)) == NULL)
		return STATUS_NOT_FOUND;
	if ((st = db_call(req, &sandbox_door_session_do, &in, NULL)) != STATUS_OK)
		return st;
	sandbox_notice_wake();
	return reply_empty(rep);
}

/* GET /sandbox/control/sessions/{id}: where it stands, and the way back. */
enum status
sandbox_control_session(struct request *req, struct reply *rep)
{
	const struct session_in in = { .id = sandbox_session_id(req) };
	struct sandbox_answer out = { 0 };
	enum status st;

	if (in.id == NULL)
		return STATUS_NOT_FOUND;
	if ((st = db_call(req, &sandbox_door_session_summary, &in, &out)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, out.body);
}

/* POST /sandbox/control/faults: switch a fault on, for some calls or until it is switched off. */
enum status
sandbox_control_faults(struct request *req, struct reply *rep)
{
	static const char *const targets[] = { "space", "license", "notify", "wechat", "weapp", "message", NULL };
	static const char *const faults[] = { "none", "slow", "hang", "refuse", "http_500", "garbage", "truncate", "huge", "drop",
		"duplicate", "reorder", "late", "forge", "failure", "clock_off", "token_expired", "other_person", "low_level",
		"no_birth_certificate", "revoked", "not_issued", "withdrawn", "no_document", "not_follower", NULL };
	static const struct form_field fields[] = {
		{ "target", FORM_CHOICE, offsetof(struct fault_in, target), false, 0, targets },
		{ "fault", FORM_CHOICE, offsetof(struct fault_in, fault), false, 0, faults },
	};
	enum { TIMES_MAX = 1000000, DELAY_MAX_MS = 60000 };
	struct fault_in in = { 0 };
	enum status st;

	if ((st = sandbox_take_int(req, "times", TIMES_MAX, -1, &in.times)) != STATUS_OK ||
	    (st = sandbox_take_int(req, "delay_ms", DELAY_MAX_MS, 0, &in.delay_ms)) != STATUS_OK ||
	    (st = form_read(req, fields, sizeof fields / sizeof *fields, &in)) != STATUS_OK)
		return st;
	if (in.times >= 0 && (in.times_text = arena_printf(req->arena, "%lld", (long long)in.times)) == NULL)
		return STATUS_INTERNAL;
	if ((st = db_call(req, &sandbox_door_fault_set, &in, NULL)) != STATUS_OK)
		return st;
	return reply_empty(rep);
}

/* DELETE /sandbox/control/tokens: every access token of the e-license system and of WeChat expires now. */
enum status
sandbox_control_tokens(struct request *req, struct reply *rep)
{
	enum status st = db_call(req, &sandbox_door_license_logout, NULL, NULL);

	return st != STATUS_OK ? st : reply_empty(rep);
}

/* GET /sandbox/control/overview: for the page of people. */
enum status
sandbox_control_overview(struct request *req, struct reply *rep)
{
	struct sandbox_answer out = { 0 };
	enum status st = db_call(req, &sandbox_door_overview, NULL, &out);

	return st != STATUS_OK ? st : reply_text(req, rep, 200, out.body);
}
