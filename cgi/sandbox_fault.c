/*
 * Faults of the other side, for every call that the platform makes. What each does to a call:
 *   slow      the answer comes after delay_ms (1 s)      hang       after 10 s or delay_ms, if longer
 *   refuse    nothing is done, 503                       http_500   nothing is done, 500
 *   drop      done, but the connection breaks            garbage    done, but the answer is no JSON
 *   truncate  done, half the answer                      huge       done, an answer of 2 MiB
 *   duplicate every list of the answer doubled           reorder    every list of the answer reversed
 *   forge     state and holder_identity_num are another's; in WeChat's redirect something is glued to the state
 *   late      space: the session as it was at its start; others: as slow
 *   failure   nothing is done, and a 200 says so: ack_code FAILURE, errcode -1
 * What is true of one counterpart alone does nothing elsewhere:
 *   clock_off       space: its clock is so far off that no signature of ours holds, 403
 *   token_expired   license: no access token holds, a fresh one neither
 *   other_person    space: another's face            low_level   space: a face check of level L1
 *   no_birth_certificate  space: no child is linked  revoked, not_issued   license: no licence is in force
 *   withdrawn, no_document   license: get_license and archive say FAILURE, the consent is withdrawn or there is no such licence
 *   not_follower    message: WeChat's errcode 43004 for every WeChat user
 *   weapp is the check behind WeChat's script: http_500 and refuse refuse the signature, garbage accepts it and leaves the tag
 *   empty, drop and hang leave the page without a word
 * For notices (sql/sandbox/session_advance.sql, sandbox_notice.c): slow and late come after delay_ms (2 s); hang, refuse and drop
 * never come; duplicate comes twice; reorder brings the first after the last; forge has a wrong signature, clock_off a time that
 * is an hour ahead; garbage, truncate and huge spoil the body; all others mean nothing there.
 */
#include <json-c/json.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "sandbox.h"

enum {
	SLOW_MS = 1000,
	HANG_MS = 10000,
	SLEEPERS_MAX = 8, /* so that a hanging sandbox can still be told to stop hanging */
	HUGE_SIZE = 2 << 20
};

static atomic_int n_sleepers;

struct take_in {
	const char *target;
};

static const struct db_field take_in[] = { { DB_TEXT, offsetof(struct take_in, target) } };
static const struct db_field take_out[] = { { DB_TEXT, offsetof(struct sandbox_fault, name) },
	{ DB_INT, offsetof(struct sandbox_fault, delay_ms) } };

const struct door sandbox_door_fault_take = { "fault_take", "select * from sandbox.fault_take($1)", take_in, 1, take_out, 2,
	offsetof(struct sandbox_fault, code) };

bool
sandbox_fault_is(const struct sandbox_fault *fault, const char *name)
{
	return strcmp(fault->name, name) == 0;
}

/* Keep the platform waiting. Returns false if too many are kept waiting already. */
static bool
sleep_ms(int64_t ms)
{
	const struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };
	bool may_sleep = atomic_fetch_add(&n_sleepers, 1) < SLEEPERS_MAX;

	if (may_sleep)
		(void)nanosleep(&time, NULL);
	(void)atomic_fetch_sub(&n_sleepers, 1);
	return may_sleep;
}

static void
answer_text(struct reply *rep, int http, const char *content_type, const char *text)
{
	*rep = (struct reply){ .http = http, .content_type = content_type, .body = { (const uint8_t *)text, strlen(text) } };
}

/* nginx closes the connection without a word (location /sandbox/.dropped); elsewhere it is an empty 502. */
static void
answer_dropped(struct request *req, struct reply *rep)
{
	answer_text(rep, 502, "text/plain", "");
	(void)reply_header(req, rep, "X-Accel-Redirect", "/sandbox/.dropped");
}

static char huge[HUGE_SIZE];

static void
fill_huge(void)
{
	static const char head[] = "{\"padding\":\"";

	memset(huge, 'x', HUGE_SIZE - 1);
	memcpy(huge, head, sizeof head - 1);
	memcpy(huge + HUGE_SIZE - 3, "\"}", 3);
}

/* A well-formed answer that is far too long. */
static void
answer_huge(struct reply *rep)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, fill_huge);
	answer_text(rep, 200, "application/json", huge);
}

/* What a fault makes a member of an answer say, as JSON. */
static const struct lie {
	const char *fault, *member, *value;
} lies[] = {
	{ "forge", "state", "\"441402198001010010\"" },
	{ "forge", "holder_identity_num", "\"441402198001010010\"" },
	{ "other_person", "subject", "{\"name\":\"陈亮\",\"id_no\":\"441402198001010010\",\"level\":\"L2\"}" },
	{ "low_level", "level", "\"L1\"" },
	{ "no_birth_certificate", "wards", "[]" },
	{ "revoked", "license_status", "\"REVOKED\"" },
	{ "not_issued", "license_status", "\"PENDING\"" },
};

/* What ${fault} makes of ${member}; NULL: it stays as it is. */
static const char *
lie_of(const struct sandbox_fault *fault, const char *member)
{
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
		if (sandbox_fault_is(fault, lies[i].fault) && strcmp(member, lies[i].member) == 0)
			return lies[i].value;
	return NULL;
}

/* The value with every list in it reversed or doubled, and members changed, as the fault says. The caller puts it. */
static struct json_object *
distorted(struct json_object *value, const struct sandbox_fault *fault)
{
	struct json_object *out;

	if (json_object_is_type(value, json_type_array)) {
		size_t n = json_object_array_length(value);
		bool is_reversed = sandbox_fault_is(fault, "reorder");

		out = json_object_new_array();
		for (size_t i = 0; i < n; i++) {
			struct json_object *element = json_object_array_get_idx(value, is_reversed ? n - 1 - i : i);

			(void)json_object_array_add(out, distorted(element, fault));
			if (sandbox_fault_is(fault, "duplicate"))
				(void)json_object_array_add(out, distorted(element, fault));
		}
		return out;
	}
	if (!json_object_is_type(value, json_type_object))
		return json_object_get(value);
	out = json_object_new_object();
	json_object_object_foreach(value, name, member)
	{
		const char *lie = lie_of(fault, name);

		(void)json_object_object_add(out, name, lie != NULL ? json_tokener_parse(lie) : distorted(member, fault));
	}
	return out;
}

static enum status
distort(struct request *req, struct reply *rep, const struct sandbox_fault *fault)
{
	struct json_object *json = rep->content_type != NULL ? json_read(rep->body) : NULL;
	struct json_object *out;

	if (json == NULL)
		return STATUS_OK;
	out = distorted(json, fault);
	(void)json_object_put(json);
	return reply_json(req, rep, rep->http, out);
}

/* What the fault does to an answer that is ready. */
static enum status
spoil(struct request *req, struct reply *rep, const char *target, const struct sandbox_fault *fault)
{
	bool is_late_session = strcmp(target, "space") == 0 && sandbox_fault_is(fault, "late");

	if (sandbox_fault_is(fault, "slow") || (sandbox_fault_is(fault, "late") && !is_late_session)) {
		if (!sleep_ms(fault->delay_ms > 0 ? fault->delay_ms : SLOW_MS))
			return STATUS_BUSY;
	} else if (sandbox_fault_is(fault, "hang")) {
		if (!sleep_ms(fault->delay_ms > HANG_MS ? fault->delay_ms : HANG_MS))
			return STATUS_BUSY;
	} else if (sandbox_fault_is(fault, "drop")) {
		answer_dropped(req, rep);
	} else if (sandbox_fault_is(fault, "garbage")) {
		answer_text(rep, 200, "text/html", "<html><body>System maintenance</body></html>");
	} else if (sandbox_fault_is(fault, "truncate")) {
		rep->body.size /= 2;
	} else if (sandbox_fault_is(fault, "huge")) {
		answer_huge(rep);
	} else {
		return distort(req, rep, fault);
	}
	return STATUS_OK;
}

/* Does the fault keep the call from being done at all? Then it is answered here. */
static bool
is_refused(struct reply *rep, const char *target, const struct sandbox_fault *fault)
{
	if (sandbox_fault_is(fault, "refuse"))
		answer_text(rep, 503, "text/plain", "fault\n");
	else if (sandbox_fault_is(fault, "http_500"))
		answer_text(rep, 500, "text/plain", "fault\n");
	else if (sandbox_fault_is(fault, "failure"))
		answer_text(rep, 200, "application/json",
		    "{\"ack_code\":\"FAILURE\",\"errors\":[{\"code\":\"SYSTEM_BUSY\",\"message\":\"系统繁忙，请稍后再试\"}],"
		    "\"errcode\":-1,\"errmsg\":\"system error\"}");
	else if (sandbox_fault_is(fault, "clock_off") && strcmp(target, "space") == 0)
		answer_text(rep, 403, "text/plain", "timestamp\n");
	else
		return false;
	return true;
}

enum status
sandbox_with_fault(struct request *req, struct reply *rep, const char *target, sandbox_handler *handle)
{
	const struct take_in in = { target };
	struct sandbox_fault fault = { 0 };
	enum status st = db_call(req, &sandbox_door_fault_take, &in, &fault);

	if (st != STATUS_OK)
		return st;
	if (is_refused(rep, target, &fault))
		return STATUS_OK;
	st = handle(req, rep, &fault);
	return st != STATUS_OK || sandbox_fault_is(&fault, "none") ? st : spoil(req, rep, target, &fault);
}
