/*
 * The ticket that WeChat's script is signed with, and the access token that buys it. Both lie sealed in the database, so that
 * all threads and processes use the same; the door tells one caller at a time to renew, the others go on with the old one.
 * A token that WeChat refuses (40001, 42001, 40014) is dropped by its version, so it is renewed once, whoever was told so.
 * "stable_token" is asked, not "token": it takes the secret in the body and ends nobody else's token.
 */
#include <ctype.h>
#include <json-c/json.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "conf.h"
#include "fetch.h"
#include "json.h"
#include "log.h"
#include "reader.h"
#include "slots.h"
#include "wechat.h"

/* After a renewal that failed nobody tries, or waits for another to, for as long as the door keeps the lease. */
enum { FAILED_MS = 5000 };

enum { WAIT_MS = 3000, PAUSE_MS = 100, BUSY_RETRY_S = 2, VALUE_LIMIT = 512, ANSWER_LIMIT = 64 * 1024, LIFE_MAX_S = 86400 };

struct credential {
	const char *code, *version; /* version NULL: there is none that holds */
	struct bytes value;
	bool is_renewer, is_refused;
};

struct take_in {
	const char *kind;
};

struct put_in {
	const char *kind, *version; /* to drop: NULL says that the renewal failed */
	struct bytes value;
	int64_t expires_s;
};

static const struct db_field take_in[] = { { DB_SESSION, 0 }, { DB_TEXT, offsetof(struct take_in, kind) } };
static const struct db_field take_out[] = { { DB_UUID, offsetof(struct credential, version) },
	{ DB_BYTES, offsetof(struct credential, value) }, { DB_BOOL, offsetof(struct credential, is_renewer) },
	{ DB_BOOL, offsetof(struct credential, is_refused) } };
static const struct db_field put_in[] = { { DB_REF, 0 }, { DB_TEXT, offsetof(struct put_in, kind) },
	{ DB_UUID, offsetof(struct put_in, version) }, { DB_BYTES, offsetof(struct put_in, value) },
	{ DB_INT, offsetof(struct put_in, expires_s) } };

const struct door wechat_credential_take_door = { "wechat_credential_take", "select * from enroll.wechat_credential_take($1,$2)",
	take_in, 2, take_out, 4, offsetof(struct credential, code) };
const struct door wechat_credential_put_door = { "wechat_credential_put",
	"select * from enroll.wechat_credential_put($1,$2,$3,$4,$5)", put_in, 5, NULL, 0, 0 };
const struct door wechat_credential_drop_door = { "wechat_credential_drop",
	"select * from enroll.wechat_credential_drop($1,$2,$3)", put_in, 3, NULL, 0, 0 };

static const char token_kind[] = "access_token", ticket_kind[] = "jsapi_ticket";
static struct slots slots, waiters;
static atomic_int_fast64_t failed_until_ms;

static bool
is_failing(void)
{
	return clock_monotonic_ms() < atomic_load(&failed_until_ms);
}

/* Ask again while somebody fetches what is not there, and may yet. */
static enum status
wait_for(struct request *req, const struct take_in *in, struct credential *out)
{
	const struct timespec pause = { 0, PAUSE_MS * 1000000L };
	int64_t until_ms = clock_monotonic_ms() + WAIT_MS;
	enum status st = STATUS_BUSY;

	while (st == STATUS_BUSY && !is_failing() && clock_monotonic_ms() < until_ms) {
		(void)nanosleep(&pause, NULL);
		st = db_call(req, &wechat_credential_take_door, in, out);
	}
	return st;
}

/*
 * Take what is there. While somebody fetches the first one, half of the workers may wait for it: the others sign parents in, who
 * need none.
 */
static enum status
take(struct request *req, const char *kind, struct credential *out)
{
	const struct take_in in = { kind };
	enum status st = db_call(req, &wechat_credential_take_door, &in, out);

	if (st == STATUS_BUSY && slots_take(&waiters, conf_number("workers") / 2)) {
		st = wait_for(req, &in, out);
		slots_give(&waiters);
	}
	if (st == STATUS_BUSY && is_failing())
		return STATUS_PROVIDER_UNAVAILABLE;
	if (st == STATUS_BUSY)
		req->retry_after_s = BUSY_RETRY_S;
	return st;
}

static const char *
open_value(struct request *req, const struct credential *credential)
{
	return seal_get(req->arena, SEAL_CONTACT, "wechat_credential.value", credential->version, credential->value);
}

static void
drop(struct request *req, const char *kind, const char *version)
{
	const struct put_in in = { .kind = kind, .version = version };

	if (version == NULL)
		atomic_store(&failed_until_ms, clock_monotonic_ms() + FAILED_MS);
	(void)db_call(req, &wechat_credential_drop_door, &in, NULL);
}

/* A whole number of WeChat's answer; 0 if there is none. */
static int64_t
number_of(struct json_object *answer, const char *name)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(answer, name, &value) ? json_object_get_int64(value) : 0;
}

/* A token or ticket, which may stand in a URL as it is; NULL if it is none. */
static const char *
value_of(struct arena *arena, struct json_object *answer, const char *member)
{
	const char *value = reader_text(arena, answer, member, VALUE_LIMIT);

	for (const char *c = value; c != NULL && *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("-._~", *c) == NULL)
			return NULL;
	return value;
}

/* Ask WeChat for what stands in ${member}. On success it is kept and returned in ${value}; else ${errcode} says what it said. */
static enum status
renew(struct request *req, const char *kind, struct fetch_call *call, const char *member, const char **value, int64_t *errcode)
{
	struct put_in in = { .kind = kind };
	struct json_object *answer = NULL;
	char version[37];

	*errcode = -1;
	*value = NULL;
	call->counterpart = "wechat_script";
	call->ca_file = conf_text("wechat_ca");
	call->timeout_ms = conf_number("outbound_timeout_ms");
	call->limit_bytes = ANSWER_LIMIT;
	if (!slots_take(&slots, conf_number("outbound_slots"))) {
		req->retry_after_s = BUSY_RETRY_S;
		return STATUS_BUSY;
	}
	if (fetch_one(req->arena, call) == FETCH_OK && call->http == 200)
		answer = json_read(call->answer);
	slots_give(&slots);
	if (json_object_is_type(answer, json_type_object)) {
		*errcode = number_of(answer, "errcode");
		*value = *errcode == 0 ? value_of(req->arena, answer, member) : NULL;
		in.expires_s = number_of(answer, "expires_in");
	}
	(void)json_object_put(answer);
	if (*value == NULL || in.expires_s <= 0 || in.expires_s > LIFE_MAX_S) {
		log_event(LOG_WARNING, req->ref, "wechat_renew", "%s: none, errcode %lld", kind, (long long)*errcode);
		*value = NULL;
		return STATUS_PROVIDER_UNAVAILABLE;
	}
	seal_uuid(version);
	in.version = version;
	if (!seal_put(req->arena, SEAL_CONTACT, "wechat_credential.value", version, *value, &in.value))
		return STATUS_INTERNAL;
	atomic_store(&failed_until_ms, 0);
	return db_call(req, &wechat_credential_put_door, &in, NULL);
}

static enum status
renew_token(struct request *req, bool is_refused, const char **token)
{
	struct json_object *body = json_object_new_object();
	struct fetch_call call = { .method = "POST",
		.url = arena_printf(req->arena, "%s/cgi-bin/stable_token", conf_text("wechat_api")) };
	int64_t errcode;
	enum status st;

	json_object_object_add(body, "grant_type", json_object_new_string("client_credential"));
	json_object_object_add(body, "appid", json_object_new_string(conf_text("wechat_appid")));
	json_object_object_add(body, "secret", json_object_new_string(wechat_secret()));
	json_object_object_add(body, "force_refresh", json_object_new_boolean(is_refused));
	call.body = arena_strdup(
	    req->arena, json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	(void)json_object_put(body);
	if (call.url == NULL || call.body == NULL)
		return STATUS_INTERNAL;
	if ((st = renew(req, token_kind, &call, "access_token", token, &errcode)) != STATUS_OK)
		drop(req, token_kind, NULL);
	return st;
}

/* The access token, a new one where one is due; the old one while the renewal fails and it still holds. */
static enum status
take_token(struct request *req, const char **token, const char **version)
{
	struct credential held = { 0 };
	enum status st = take(req, token_kind, &held);

	*version = held.version;
	if (st != STATUS_OK)
		return st;
	if (held.is_renewer && (renew_token(req, held.is_refused, token) == STATUS_OK || held.version == NULL)) {
		*version = NULL;
		return *token != NULL ? STATUS_OK : STATUS_PROVIDER_UNAVAILABLE;
	}
	return (*token = open_value(req, &held)) != NULL ? STATUS_OK : STATUS_INTERNAL;
}

/* Does WeChat say that the token no longer holds? */
static bool
is_token_refused(int64_t errcode)
{
	return errcode == 40001 || errcode == 42001 || errcode == 40014;
}

/* Buy a new ticket; a token that is refused is replaced, and asked with once more. */
static enum status
renew_ticket(struct request *req, const char **ticket)
{
	enum status st = STATUS_PROVIDER_UNAVAILABLE;

	for (int round = 0; round < 2; round++) {
		const char *token = NULL, *version;
		struct fetch_call call = { .method = "GET" };
		int64_t errcode;

		if ((st = take_token(req, &token, &version)) != STATUS_OK)
			return st;
		call.url = arena_printf(
		    req->arena, "%s/cgi-bin/ticket/getticket?access_token=%s&type=jsapi", conf_text("wechat_api"), token);
		if (call.url == NULL)
			return STATUS_INTERNAL;
		st = renew(req, ticket_kind, &call, "ticket", ticket, &errcode);
		if (st == STATUS_OK || version == NULL || !is_token_refused(errcode))
			return st;
		drop(req, token_kind, version);
	}
	return st;
}

enum status
wechat_ticket(struct request *req, const char **ticket)
{
	struct credential held = { 0 };
	enum status st = take(req, ticket_kind, &held);

	*ticket = NULL;
	if (st != STATUS_OK)
		return st;
	if (held.is_renewer) {
		if ((st = renew_ticket(req, ticket)) == STATUS_OK)
			return st;
		drop(req, ticket_kind, NULL);
		if (held.version == NULL)
			return st;
	}
	return (*ticket = open_value(req, &held)) != NULL ? STATUS_OK : STATUS_INTERNAL;
}
