/* The secret, and the call that needs it in its URL: a code for an openid. WeChat's errors come as HTTP 200 with an errcode. */
#include <json-c/json.h>
#include <openssl/crypto.h>
#include <string.h>

#include "conf.h"
#include "fetch.h"
#include "json.h"
#include "log.h"
#include "slots.h"
#include "wechat.h"

enum { SECRET_SIZE = 256, OPENID_LIMIT = 128, ANSWER_LIMIT = 64 * 1024 };

static char secret[SECRET_SIZE];
static struct slots slots;

bool
wechat_open_secret(void)
{
	return conf_secret("wechat_secret_file", secret, sizeof secret);
}

void
wechat_wipe_secret(void)
{
	OPENSSL_cleanse(secret, sizeof secret);
}

const char *
wechat_secret(void)
{
	return secret;
}

/* A whole number of WeChat's answer; 0 if there is none. */
static int
number_of(struct json_object *answer, const char *name)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(answer, name, &value) ? json_object_get_int(value) : 0;
}

/* Read who is there out of WeChat's answer. Returns false if it names nobody. */
static bool
read_person(struct arena *arena, struct json_object *answer, struct wechat_person *person)
{
	struct json_object *value = NULL;
	const char *openid;

	if (!json_object_is_type(answer, json_type_object) || number_of(answer, "errcode") != 0 ||
	    !json_object_object_get_ex(answer, "openid", &value) || !json_object_is_type(value, json_type_string))
		return false;
	openid = json_object_get_string(value);
	if (*openid == '\0' || strlen(openid) > OPENID_LIMIT || strlen(openid) != (size_t)json_object_get_string_len(value))
		return false;
	person->openid = arena_strdup(arena, openid);
	person->is_virtual = number_of(answer, "is_snapshotuser") == 1;
	return person->openid != NULL;
}

/* Make the call. Returns the answer's JSON, which the caller puts, or NULL. */
static struct json_object *
fetch_answer(struct arena *arena, const char *code)
{
	struct fetch_call call = {
		.counterpart = "wechat",
		.method = "GET",
		.url = wechat_exchange_url(arena, secret, code),
		.ca_file = conf_text("wechat_ca"),
		.timeout_ms = conf_number("outbound_timeout_ms"),
		.limit_bytes = ANSWER_LIMIT,
	};

	if (call.url == NULL || fetch_one(arena, &call) != FETCH_OK || call.http != 200)
		return NULL;
	return json_read(call.answer);
}

enum status
wechat_exchange(struct request *req, const char *code, struct wechat_person *person)
{
	struct json_object *answer;
	bool is_read;

	if (!slots_take(&slots, conf_number("outbound_slots")))
		return STATUS_BUSY;
	answer = fetch_answer(req->arena, code);
	slots_give(&slots);
	is_read = answer != NULL && read_person(req->arena, answer, person);
	if (!is_read)
		log_event(LOG_WARNING, req->ref, "wechat_exchange", "no openid, errcode %d",
		    json_object_is_type(answer, json_type_object) ? number_of(answer, "errcode") : -1);
	(void)json_object_put(answer);
	return is_read ? STATUS_OK : STATUS_PROVIDER_UNAVAILABLE;
}
