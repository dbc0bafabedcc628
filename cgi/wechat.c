/*
 * Signing in by WeChat: off to WeChat, and back with a code (snsapi_base: nothing is asked of the parent). The visit, held by
 * the cookie __Host-wechat, ties the state to this browser and remembers the WeChat just seen; the code is exchanged once,
 * whoever calls how often. Whatever goes wrong on the way back ends on the login page, never in JSON: a person is looking.
 * A link is made at the next sign-in by password, which is session's; it is named and taken off here.
 * wechat_jssdk signs pages for WeChat's script.
 */
#include <json-c/json.h>
#include <openssl/crypto.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "conf.h"
#include "form.h"
#include "hex.h"
#include "keys.h"
#include "qr.h"
#include "service.h"
#include "signin.h"
#include "wechat.h"
#include "words.h"

enum { VISIT_AGE_S = 600, CODE_LIMIT = 512, REPEAT_MS = 50, REPEAT_LIMIT_MS = 4000, NAME_LIMIT = 20, FOLLOW_MODULE_PX = 8 };

/* A state is hexadecimal: WeChat passes on letters and digits only. */
enum { STATE_SIZE = 2 * SEAL_HASH_SIZE + 1 };

struct visit {
	/* What the browser brings or gets. */
	const char *next, *code;
	char token[44], state[STATE_SIZE];

	/* What the doors take. */
	uint8_t token_hash[SEAL_HASH_SIZE], state_hash[SEAL_HASH_SIZE];
	struct bytes code_hash; /* data NULL: the parent refused */
	const char *row;
	struct bytes openid;
	uint8_t openid_index[SEAL_INDEX_SIZE];
	bool is_virtual;
	struct signin signin;
};

/* Which link the parent takes off, or names. */
struct choice {
	const char *id, *name;
};

/* What wechat_begin tells. */
struct progress {
	const char *code, *next;
	bool is_exchange;
};

/* What wechat_finish tells. */
struct outcome {
	const char *code;
	bool is_signed_in, is_opened, is_virtual, is_linked;
};

static const struct db_field authorize_in[] = {
	{ DB_REF, 0 },
	{ DB_HASH, offsetof(struct visit, token_hash) },
	{ DB_HASH, offsetof(struct visit, state_hash) },
	{ DB_TEXT, offsetof(struct visit, next) },
};

static const struct door authorize_door = {
	.name = "wechat_authorize",
	.sql = "select * from enroll.wechat_authorize($1,$2,$3,$4)",
	.in = authorize_in,
	.n_in = sizeof authorize_in / sizeof *authorize_in,
};

static const struct db_field begin_in[] = {
	{ DB_REF, 0 },
	{ DB_WECHAT, 0 },
	{ DB_HASH, offsetof(struct visit, state_hash) },
	{ DB_BYTES, offsetof(struct visit, code_hash) },
};

static const struct db_field begin_out[] = {
	{ DB_BOOL, offsetof(struct progress, is_exchange) },
	{ DB_TEXT, offsetof(struct progress, next) },
};

static const struct door begin_door = {
	.name = "wechat_begin",
	.sql = "select * from enroll.wechat_begin($1,$2,$3,$4)",
	.in = begin_in,
	.n_in = sizeof begin_in / sizeof *begin_in,
	.out = begin_out,
	.n_out = sizeof begin_out / sizeof *begin_out,
	.code_offset = offsetof(struct progress, code),
};

static const struct db_field seen_in[] = {
	{ DB_REF, 0 },
	{ DB_WECHAT, 0 },
	{ DB_BYTES, offsetof(struct visit, code_hash) },
	{ DB_UUID, offsetof(struct visit, row) },
	{ DB_BYTES, offsetof(struct visit, openid) },
	{ DB_INDEX, offsetof(struct visit, openid_index) },
	{ DB_BOOL, offsetof(struct visit, is_virtual) },
};

static const struct door seen_door = {
	.name = "wechat_seen",
	.sql = "select * from enroll.wechat_seen($1,$2,$3,$4,$5,$6,$7)",
	.in = seen_in,
	.n_in = sizeof seen_in / sizeof *seen_in,
};

static const struct db_field drop_in[] = {
	{ DB_REF, 0 },
	{ DB_WECHAT, 0 },
};

static const struct door drop_door = {
	.name = "wechat_drop",
	.sql = "select * from enroll.wechat_drop($1,$2)",
	.in = drop_in,
	.n_in = sizeof drop_in / sizeof *drop_in,
};

static const struct db_field finish_in[] = {
	{ DB_REF, 0 },
	{ DB_WECHAT, 0 },
	{ DB_SESSION, 0 },
	{ DB_HASH, offsetof(struct visit, signin.token_hash) },
	{ DB_HASH, offsetof(struct visit, signin.device_hash) },
	{ DB_TEXT, offsetof(struct visit, signin.device_name) },
};

static const struct db_field finish_out[] = {
	{ DB_BOOL, offsetof(struct outcome, is_signed_in) },
	{ DB_BOOL, offsetof(struct outcome, is_opened) },
	{ DB_BOOL, offsetof(struct outcome, is_virtual) },
	{ DB_BOOL, offsetof(struct outcome, is_linked) },
};

static const struct door finish_door = {
	.name = "wechat_finish",
	.sql = "select * from enroll.wechat_finish($1,$2,$3,$4,$5,$6)",
	.in = finish_in,
	.n_in = sizeof finish_in / sizeof *finish_in,
	.out = finish_out,
	.n_out = sizeof finish_out / sizeof *finish_out,
	.code_offset = offsetof(struct outcome, code),
};

static const struct db_field unlink_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_UUID, offsetof(struct choice, id) },
};

static const struct door unlink_door = {
	.name = "wechat_unlink",
	.sql = "select * from enroll.wechat_unlink($1,$2,$3)",
	.in = unlink_in,
	.n_in = sizeof unlink_in / sizeof *unlink_in,
};

static const struct form_field name_fields[] = {
	{ .name = "name", .rule = FORM_TEXT, .offset = offsetof(struct choice, name), .limit = NAME_LIMIT },
};

static const struct db_field name_in[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_UUID, offsetof(struct choice, id) },
	{ DB_TEXT, offsetof(struct choice, name) },
};

static const struct door name_door = {
	.name = "wechat_name",
	.sql = "select * from enroll.wechat_name($1,$2,$3,$4)",
	.in = name_in,
	.n_in = sizeof name_in / sizeof *name_in,
};

/* Send the browser to the login page, which says why and leads on to ${next}. */
static enum status
to_login(struct request *req, struct reply *rep, const char *next, const char *why)
{
	const char *location = wechat_login_url(req->arena, next, why);

	return reply_redirect(req, rep, location != NULL ? location : "/login");
}

static void
hash_text(const char *text, uint8_t hash[static SEAL_HASH_SIZE])
{
	seal_hash((struct bytes){ (const uint8_t *)text, strlen(text) }, hash);
}

/* Make the visit's token and state. */
static void
make_visit(struct visit *visit)
{
	char random[44];
	uint8_t hash[SEAL_HASH_SIZE];

	seal_token(visit->token);
	hash_text(visit->token, visit->token_hash);
	seal_token(random);
	hash_text(random, hash);
	hex_write(hash, sizeof hash, visit->state);
	hash_text(visit->state, visit->state_hash);
	OPENSSL_cleanse(random, sizeof random);
}

/* GET /api/wechat/authorize?next=/path */
static enum status
authorize_get(struct request *req, struct reply *rep)
{
	struct visit *visit = arena_alloc(req->arena, sizeof *visit);
	const char *next = request_query(req, "next"), *location;
	enum status st;

	if (visit == NULL)
		return STATUS_INTERNAL;
	visit->next = next != NULL && wechat_is_own_page(next) ? next : "/";
	make_visit(visit);
	if ((st = db_call(req, &authorize_door, visit, NULL)) != STATUS_OK)
		return st;
	location = wechat_authorize_url(req->arena, visit->state);
	if (location == NULL || !reply_cookie(req, rep, "__Host-wechat", visit->token, VISIT_AGE_S))
		return STATUS_INTERNAL;
	return reply_redirect(req, rep, location);
}

/* Seal the openid for the row that a link would have. */
static enum status
seal_person(struct request *req, const struct wechat_person *person, struct visit *visit)
{
	char row[37];

	seal_uuid(row);
	visit->row = arena_strdup(req->arena, row);
	visit->is_virtual = person->is_virtual;
	if (visit->row == NULL ||
	    !seal_put(req->arena, SEAL_CONTACT, "wechat.openid", visit->row, person->openid, &visit->openid) ||
	    !seal_index("openid", person->openid, visit->openid_index))
		return STATUS_INTERNAL;
	return STATUS_OK;
}

/* Exchange the code and write down who was seen; what fails ends the visit, for those who wait as well. */
static enum status
exchange(struct request *req, struct visit *visit)
{
	struct wechat_person person = { 0 };
	enum status st = wechat_exchange(req, visit->code, &person);

	if (st == STATUS_OK)
		st = seal_person(req, &person, visit);
	if (st != STATUS_OK) {
		(void)db_call(req, &drop_door, NULL, NULL);
		return st;
	}
	return db_call(req, &seen_door, visit, NULL);
}

/* Whose turn is the exchange? A second call of the same callback waits for the result of the first. */
static enum status
begin(struct request *req, struct visit *visit, struct progress *progress)
{
	const struct timespec pause = { 0, REPEAT_MS * 1000000L };
	int64_t until_ms = clock_monotonic_ms() + REPEAT_LIMIT_MS;
	enum status st;

	while ((st = db_call(req, &begin_door, visit, progress)) == STATUS_BUSY && clock_monotonic_ms() < until_ms)
		(void)nanosleep(&pause, NULL);
	return st;
}

/* Read code and state out of the query. Without a code the parent has refused. */
static void
read_callback(struct request *req, struct visit *visit)
{
	const char *state = request_query(req, "state"), *code = request_query(req, "code");
	uint8_t *hash = arena_alloc(req->arena, SEAL_HASH_SIZE);

	hash_text(state != NULL ? state : "", visit->state_hash);
	if (code == NULL || *code == '\0' || strlen(code) > CODE_LIMIT || hash == NULL)
		return;
	visit->code = code;
	hash_text(code, hash);
	visit->code_hash = (struct bytes){ hash, SEAL_HASH_SIZE };
}

/* GET /api/wechat/callback?code&state */
static enum status
callback_get(struct request *req, struct reply *rep)
{
	struct visit *visit = arena_alloc(req->arena, sizeof *visit);
	struct progress progress = { 0 };
	struct outcome out = { 0 };
	enum status st;

	if (visit == NULL)
		return to_login(req, rep, NULL, "unavailable");
	read_callback(req, visit);
	st = begin(req, visit, &progress);
	if (st == STATUS_FORBIDDEN)
		return to_login(req, rep, progress.next, visit->code == NULL ? "denied" : "again");
	if (st == STATUS_OK && progress.is_exchange)
		st = exchange(req, visit);
	if (st != STATUS_OK)
		return to_login(req, rep, progress.next, "unavailable");

	/* Sign in, if this WeChat is linked; the clean URL no longer holds the code. */
	signin_prepare(req, &visit->signin);
	if (db_call(req, &finish_door, visit, &out) != STATUS_OK)
		return to_login(req, rep, progress.next, "unavailable");
	if (!out.is_signed_in)
		return to_login(req, rep, progress.next, out.is_virtual ? "virtual" : out.is_linked ? "linked" : NULL);
	if (out.is_opened && !signin_cookies(req, rep, &visit->signin))
		return to_login(req, rep, progress.next, "unavailable");
	return reply_redirect(req, rep, progress.next);
}

/* GET /api/wechat/follow: which official account a parent follows to receive messages; nothing where none is configured. */
static enum status
follow_get(struct request *req, struct reply *rep)
{
	const char *name = conf_text("wechat_follow_name"), *url = conf_text("wechat_follow_url");
	struct json_object *answer = json_object_new_object();

	if (*name != '\0')
		json_object_object_add(answer, "name", json_object_new_string(name));
	if (*url != '\0')
		json_object_object_add(answer, "url", json_object_new_string(url));
	return reply_json(req, rep, 200, answer);
}

/* GET /api/wechat/follow.png: the same as a picture that WeChat reads under a long press. */
static enum status
follow_png_get(struct request *req, struct reply *rep)
{
	const char *url = conf_text("wechat_follow_url");
	struct bytes picture;

	if (*url == '\0')
		return STATUS_NOT_FOUND;
	if (!qr_png(req->arena, url, FOLLOW_MODULE_PX, &picture))
		return STATUS_INTERNAL;
	return reply_bytes(req, rep, "image/png", picture);
}

/* PATCH /api/wechat/{id} */
static enum status
wechat_patch(struct request *req, struct reply *rep)
{
	struct choice in = { 0 };
	enum status st = form_read(req, name_fields, sizeof name_fields / sizeof *name_fields, &in);

	/* The words of "name" are those of a person's. */
	for (unsigned i = 0; i < req->n_errors; i++)
		if (strcmp(req->errors[i].field, "name") == 0)
			req->errors[i].message = words_sentence("wechat_name");
	if (st != STATUS_OK)
		return st;
	if ((in.id = request_uuid(req, 0)) == NULL)
		return STATUS_NOT_FOUND;
	st = db_call(req, &name_door, &in, NULL);
	return st == STATUS_OK ? reply_empty(rep) : st;
}

/* DELETE /api/wechat/{id} */
static enum status
wechat_delete(struct request *req, struct reply *rep)
{
	const struct choice choice = { .id = request_uuid(req, 0) };
	enum status st = choice.id != NULL ? db_call(req, &unlink_door, &choice, NULL) : STATUS_NOT_FOUND;

	return st == STATUS_OK ? reply_empty(rep) : st;
}

static const struct route routes[] = {
	{ "GET", "/api/wechat/authorize", authorize_get, 0 },
	{ "GET", "/api/wechat/callback", callback_get, 0 },
	{ "GET", "/api/wechat/follow", follow_get, ROUTE_PUBLIC_CACHE },
	{ "GET", "/api/wechat/follow.png", follow_png_get, ROUTE_PUBLIC_CACHE },
	{ "PATCH", "/api/wechat/{id}", wechat_patch, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "GET", "/api/wechat/jssdk", wechat_jssdk_get, ROUTE_SESSION },
	{ "DELETE", "/api/wechat/{id}", wechat_delete, ROUTE_ORIGIN | ROUTE_SESSION },
};

static const struct door *const doors[] = { &authorize_door, &begin_door, &seen_door, &drop_door, &finish_door, &unlink_door,
	&name_door, &wechat_credential_take_door, &wechat_credential_put_door, &wechat_credential_drop_door };

int
main(int argc, char **argv)
{
	const struct service service = {
		.name = "wechat",
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.doors = doors,
		.n_doors = sizeof doors / sizeof *doors,
		.keys = keys_of("wechat"),
		.start = wechat_open_secret,
		.stop = wechat_wipe_secret,
	};

	return service_main(argc, argv, &service);
}
