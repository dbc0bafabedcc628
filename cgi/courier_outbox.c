/*
 * The outbox holds templates and recipients, sealed; the text is made at the last moment and kept nowhere. At least once: a
 * message that was delivered while we died comes again, marked by the same Idempotency-Key. The hook (message_url) is the
 * district's gateway for SMS and WeChat; conf/README.md says what it receives and what its answers mean.
 *
 * Delivery has a thread of its own, so that a hook that hangs keeps nobody from chaining the audit trail.
 */
#include "courier.h"

#include <json-c/json.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "conf.h"
#include "fetch.h"
#include "json.h"
#include "log.h"
#include "seal.h"

enum {
	BATCH = 32,
	PAUSE_MS = 1000,
	ARENA_BYTES = 8 << 20,
	ANSWER_LIMIT_BYTES = 64 << 10,
	N_HEADERS = 3,
	/* What WeChat says where trying again cannot help. */
	ERRCODE_NO_SUCH_OPENID = 40003,
	ERRCODE_NOT_FOLLOWER = 43004
};

struct take_in {
	int64_t limit;
};

struct message {
	const char *code, *id, *template, *detail, *phone_id, *wechat_id;
	struct bytes phone, openid, token;
	int64_t attempt;
	bool is_bare; /* to a number that need not be an account's: the phone is sealed for the message itself */
};

struct settle_in {
	const char *id, *failure;
	bool is_final;
};

struct settle_out {
	const char *code;
};

static const struct db_field take_in_fields[] = { { DB_INT, offsetof(struct take_in, limit) } };

static const struct db_field message_fields[] = {
	{ DB_UUID, offsetof(struct message, id) },
	{ DB_TEXT, offsetof(struct message, template) },
	{ DB_TEXT, offsetof(struct message, detail) },
	{ DB_UUID, offsetof(struct message, phone_id) },
	{ DB_BYTES, offsetof(struct message, phone) },
	{ DB_UUID, offsetof(struct message, wechat_id) },
	{ DB_BYTES, offsetof(struct message, openid) },
	{ DB_BYTES, offsetof(struct message, token) },
	{ DB_INT, offsetof(struct message, attempt) },
	{ DB_BOOL, offsetof(struct message, is_bare) },
};

static const struct db_field settle_fields[] = {
	{ DB_UUID, offsetof(struct settle_in, id) },
	{ DB_TEXT, offsetof(struct settle_in, failure) },
	{ DB_BOOL, offsetof(struct settle_in, is_final) },
};

const struct door take_door = {
	.name = "courier_take",
	.sql = "select * from enroll.courier_take($1)",
	.in = take_in_fields,
	.n_in = sizeof take_in_fields / sizeof *take_in_fields,
	.out = message_fields,
	.n_out = sizeof message_fields / sizeof *message_fields,
	.code_offset = offsetof(struct message, code),
};

const struct door settle_door = {
	.name = "courier_settle",
	.sql = "select * from enroll.courier_settle($1,$2,$3)",
	.in = settle_fields,
	.n_in = sizeof settle_fields / sizeof *settle_fields,
	.code_offset = offsetof(struct settle_out, code),
};

/* Say what became of a message. If that fails its lease runs out and it is delivered again. */
static void
settle(struct arena *arena, const char *id, const char *failure, bool is_final)
{
	const struct settle_in in = { id, failure, is_final };
	struct settle_out out = { 0 };
	struct request req;

	db_worker_request(arena, &req);
	if (db_call(&req, &settle_door, &in, &out) != STATUS_OK)
		log_event(LOG_WARNING, NULL, "outbox", "message %s could not be settled, it may arrive twice", id);
}

/* Who receives ${message}, in clear; NULL if it does not open. */
static const char *
recipient(struct arena *arena, const struct message *message)
{
	if (message->wechat_id != NULL)
		return seal_get(arena, SEAL_CONTACT, "wechat.openid", message->wechat_id, message->openid);
	if (message->is_bare)
		return seal_get(arena, SEAL_CONTACT, "outbox.phone", message->id, message->phone);
	return seal_get(arena, SEAL_CONTACT, "phone.phone", message->phone_id, message->phone);
}

/* {"channel", "to", "text"}, or NULL if the recipient does not open or there is no such template. */
static char *
make_body(struct arena *arena, const struct message *message)
{
	bool is_sms = message->wechat_id == NULL;
	const char *to = recipient(arena, message);
	const char *token =
	    message->token.data == NULL ? NULL : seal_get(arena, SEAL_CONTACT, "outbox.token", message->id, message->token);
	const char *text = texts_message(arena, message->template, message->detail, token);
	struct json_object *json;
	char *body;

	if (to == NULL || text == NULL)
		return NULL;
	json = json_object_new_object();
	(void)json_object_object_add(json, "channel", json_object_new_string(is_sms ? "sms" : "wechat"));
	(void)json_object_object_add(json, "to", json_object_new_string(to));
	(void)json_object_object_add(json, "text", json_object_new_string(text));
	body = arena_strdup(arena, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	(void)json_object_put(json);
	return body;
}

/* The errcode of an answer in WeChat's manner; 0 if it has none. */
static int
errcode_of(struct bytes answer)
{
	struct json_object *json = answer.size > 0 ? json_read(answer) : NULL;
	int errcode =
	    json_object_is_type(json, json_type_object) ? json_object_get_int(json_object_object_get(json, "errcode")) : 0;

	(void)json_object_put(json);
	return errcode;
}

/* Why an attempt failed, NULL if it did not; ${is_final} if no other attempt can do better. */
static const char *
failure_of(struct arena *arena, const struct message *message, const struct fetch_call *call, bool *is_final)
{
	int errcode;

	*is_final = false;
	if (call->result != FETCH_OK)
		return "no_answer";
	if (call->http < 200 || call->http > 299) {
		*is_final = call->http == 410;
		return arena_printf(arena, "http_%ld", call->http);
	}
	if ((errcode = errcode_of(call->answer)) == 0)
		return NULL;
	*is_final = message->wechat_id != NULL && (errcode == ERRCODE_NOT_FOLLOWER || errcode == ERRCODE_NO_SUCH_OPENID);
	return errcode == ERRCODE_NOT_FOLLOWER ? "not_follower" : arena_printf(arena, "errcode_%d", errcode);
}

/* Judge one answer of the hook. */
static void
settle_call(struct arena *arena, const struct message *message, const struct fetch_call *call)
{
	bool is_final;
	const char *failure = failure_of(arena, message, call, &is_final);

	if (failure != NULL)
		log_event(LOG_WARNING, NULL, "outbox", "message %s (%s), attempt %lld: %s%s", message->id, message->template,
		    (long long)message->attempt, failure, is_final ? ", for good" : "");
	settle(arena, message->id, failure, is_final);
}

/* The call that brings ${message} to the hook. Returns false if it cannot be made. */
static bool
make_call(struct arena *arena, const struct message *message, struct fetch_call *call)
{
	const char **headers = (const char **)arena_alloc(arena, N_HEADERS * sizeof *headers);

	*call = (struct fetch_call){ .counterpart = "message",
		.method = "POST",
		.url = conf_text("message_url"),
		.headers = headers,
		.body = make_body(arena, message),
		.timeout_ms = conf_number("outbound_timeout_ms"),
		.limit_bytes = ANSWER_LIMIT_BYTES };
	if (headers == NULL || call->body == NULL)
		return false;
	headers[0] = arena_printf(arena, "Idempotency-Key: %s", message->id);
	headers[1] = arena_printf(arena, "Attempt: %lld", (long long)message->attempt);
	return headers[0] != NULL && headers[1] != NULL;
}

/* Deliver the messages that are due, as many as one batch takes. Returns how many it took, -1 without the database. */
static int
deliver(struct arena *arena)
{
	const struct take_in in = { BATCH };
	const struct message *messages;
	struct fetch_call calls[BATCH];
	size_t places[BATCH], n = 0;
	struct db_rows rows;
	struct request req;

	db_worker_request(arena, &req);
	if (db_call_rows(&req, &take_door, &in, sizeof(struct message), &rows) != STATUS_OK)
		return -1;
	messages = rows.items;
	for (size_t i = 0; i < rows.n && i < BATCH; i++) {
		if (make_call(arena, &messages[i], &calls[n])) {
			places[n++] = i;
			continue;
		}
		log_event(LOG_ERROR, NULL, "outbox", "message %s (%s) cannot be made", messages[i].id, messages[i].template);
		settle(arena, messages[i].id, "not_makeable", true);
	}
	fetch_all(arena, calls, n);
	for (size_t i = 0; i < n; i++)
		settle_call(arena, &messages[places[i]], &calls[i]);
	return (int)rows.n;
}

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t told;
	bool is_told_to_stop;
	struct arena *arena;
} worker = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Wait ${ms}, or until we are told to stop. Returns true if we are. */
static bool
is_told_to_stop(long ms)
{
	struct timespec until;
	bool is_told;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	pthread_mutex_lock(&worker.lock);
	while (ms > 0 && !worker.is_told_to_stop && pthread_cond_timedwait(&worker.told, &worker.lock, &until) == 0)
		;
	is_told = worker.is_told_to_stop;
	pthread_mutex_unlock(&worker.lock);
	return is_told;
}

/* As long as there is more to deliver, go on without a pause. */
static void *
work(void *unused)
{
	int n = 0;

	(void)unused;
	while (!is_told_to_stop(n > 0 ? 0 : PAUSE_MS)) {
		n = deliver(worker.arena);
		arena_reset(worker.arena);
	}
	return NULL;
}

bool
outbox_start(void)
{
	pthread_condattr_t monotonic;

	if (conf_text("message_url")[0] == '\0') {
		log_event(LOG_WARNING, NULL, "no_message_url", "message_url is not set: messages wait in the outbox");
		return true;
	}
	if ((worker.arena = arena_new(ARENA_BYTES)) == NULL || pthread_condattr_init(&monotonic) != 0)
		return false;
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	if (pthread_cond_init(&worker.told, &monotonic) != 0 || pthread_create(&worker.thread, NULL, work, NULL) != 0) {
		arena_free(worker.arena);
		worker.arena = NULL;
	}
	pthread_condattr_destroy(&monotonic);
	return worker.arena != NULL;
}

void
outbox_stop(void)
{
	if (worker.arena == NULL)
		return;
	pthread_mutex_lock(&worker.lock);
	worker.is_told_to_stop = true;
	pthread_cond_signal(&worker.told);
	pthread_mutex_unlock(&worker.lock);
	(void)pthread_join(worker.thread, NULL);
	arena_free(worker.arena);
}
