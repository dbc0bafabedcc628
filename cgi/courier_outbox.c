/*
 * The outbox holds templates and recipients, sealed; the text is made at the last moment and kept nowhere. At least once: a
 * message that was delivered while we died comes again. The hook (message_url) is the district's gateway for SMS and WeChat.
 */
#include "courier.h"

#include <json-c/json.h>
#include <string.h>

#include "conf.h"
#include "fetch.h"
#include "log.h"
#include "seal.h"

enum { BATCH = 32 };

struct take_in {
	int64_t limit;
};

struct message {
	const char *code, *id, *template, *detail, *phone_id, *wechat_id;
	struct bytes phone, openid, token;
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

/* {"channel", "to", "text"}, or NULL if the recipient does not open or there is no such template. */
static char *
make_body(struct arena *arena, const struct message *message)
{
	bool is_sms = message->phone_id != NULL;
	const char *to = is_sms ? seal_get(arena, SEAL_CONTACT, "phone.phone", message->phone_id, message->phone)
				: seal_get(arena, SEAL_CONTACT, "wechat.openid", message->wechat_id, message->openid);
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

/* Judge one answer of the hook. */
static void
settle_call(struct arena *arena, const struct message *message, const struct fetch_call *call)
{
	const char *failure = NULL;

	if (call->result != FETCH_OK)
		failure = "no_answer";
	else if (call->http < 200 || call->http > 299)
		failure = arena_printf(arena, "http_%ld", call->http);
	if (failure != NULL)
		log_event(LOG_WARNING, NULL, "outbox", "message %s (%s): %s", message->id, message->template, failure);
	settle(arena, message->id, failure, false);
}

int
deliver_outbox(struct arena *arena)
{
	const struct take_in in = { BATCH };
	const struct message *messages;
	struct fetch_call calls[BATCH];
	size_t places[BATCH], n = 0;
	struct db_rows rows;
	struct request req;

	if (conf_text("message_url")[0] == '\0')
		return 0;
	db_worker_request(arena, &req);
	if (db_call_rows(&req, &take_door, &in, sizeof(struct message), &rows) != STATUS_OK)
		return -1;
	messages = rows.items;
	for (size_t i = 0; i < rows.n && i < BATCH; i++) {
		const char *body = make_body(arena, &messages[i]);

		if (body == NULL) {
			log_event(
			    LOG_ERROR, NULL, "outbox", "message %s (%s) cannot be made", messages[i].id, messages[i].template);
			settle(arena, messages[i].id, "not_makeable", true);
			continue;
		}
		places[n] = i;
		calls[n++] = (struct fetch_call){ .counterpart = "message",
			.method = "POST",
			.url = conf_text("message_url"),
			.body = body,
			.timeout_ms = conf_number("outbound_timeout_ms") };
	}
	fetch_all(arena, calls, n);
	for (size_t i = 0; i < n; i++)
		settle_call(arena, &messages[places[i]], &calls[i]);
	return (int)rows.n;
}
