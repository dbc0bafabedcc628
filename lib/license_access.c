/*
 * The access token is shared by all threads; it is thrown away when the system says that it no longer holds, and what was
 * refused is asked once more with a fresh one. Failures come as HTTP 200 with ack_code FAILURE and a code in errors.
 */
#include "license_access.h"

#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "fetch.h"
#include "json.h"
#include "log.h"
#include "reader.h"

enum { TEXT_MAX = 1000, SECRET_SIZE = 256, TOKEN_SIZE = 256 };

static struct {
	pthread_mutex_t lock;
	char app_secret[SECRET_SIZE], password[SECRET_SIZE];
	char token[TOKEN_SIZE]; /* "" without one */
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

bool
license_access_open(void)
{
	return conf_secret("license_app_secret_file", state.app_secret, SECRET_SIZE) &&
	       conf_secret("license_password_file", state.password, SECRET_SIZE);
}

/* Does ${text} hold one of the NULL-terminated ${words}? */
static bool
holds_any(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strstr(text, *words) != NULL)
			return true;
	return false;
}

/*
 * What a FAILURE means. Codes differ from gateway to gateway, so their words decide: about the token, about a document that
 * is not there, about the consent (a code used before included: only signing again helps); all else passes by itself.
 * Returns whether the token was refused.
 */
static bool
judge_failure(struct arena *arena, struct json_object *json, struct license_call *call)
{
	static const char *const token_words[] = { "ACCESS_TOKEN", "access_token", NULL };
	static const char *const absent_words[] = { "NOT_FOUND", "NOT_EXIST", "NO_SUCH", "NOT_HELD", "NO_LICENSE", "NO_DOCUMENT",
		"不存在", "未找到", "未查询到", NULL };
	static const char *const consent_words[] = { "AUTHORIZATION", "AUTH_CODE", "CONSENT", "REVOKED", "WITHDRAWN", "授权",
		"用证码", NULL };
	size_t n;
	struct json_object *errors = reader_list(json, "errors", &n),
			   *first = n > 0 ? json_object_array_get_idx(errors, 0) : NULL;
	const char *code = reader_text(arena, first, "code", 100), *message = reader_text(arena, first, "message", TEXT_MAX);
	const char *text = arena_printf(arena, "%s %s", code != NULL ? code : "", message != NULL ? message : "");

	call->failure = LICENSE_UNAVAILABLE;
	log_event(LOG_WARNING, NULL, "license_failure", "code %s", code != NULL ? code : "none");
	if (text == NULL)
		return false;
	if (holds_any(text, token_words))
		return true;
	if (holds_any(text, absent_words))
		call->failure = LICENSE_NOT_HELD;
	else if (holds_any(text, consent_words))
		call->failure = LICENSE_WITHDRAWN;
	return false;
}

/* Read what a finished call brought. Returns whether the token was refused. */
static bool
read_answer(struct arena *arena, const struct fetch_call *fetched, struct license_call *call)
{
	struct json_object *json = NULL;
	const char *ack;
	bool is_refused = false;

	call->failure = LICENSE_UNAVAILABLE;
	if (fetched->result != FETCH_OK)
		return false;
	if (fetched->http == 200)
		json = json_read(fetched->answer);
	ack = reader_text(arena, json, "ack_code", 20);
	if (ack != NULL && strcmp(ack, "SUCCESS") == 0) {
		call->failure = LICENSE_OK;
		call->json = json;
		return false;
	}
	if (ack != NULL)
		is_refused = judge_failure(arena, json, call);
	else
		log_event(LOG_WARNING, NULL, "license_answer", "no usable answer, HTTP %ld", fetched->http);
	json_object_put(json);
	return is_refused;
}

static struct fetch_call
prepare(struct arena *arena, const struct license_call *call, const char *token)
{
	return (struct fetch_call){ .counterpart = call->counterpart != NULL ? call->counterpart : "license",
		.method = call->method,
		.url = arena_printf(arena, "%s%s%s", conf_text("license_url"), call->target, token),
		.body = call->body,
		.ca_file = conf_text("license_ca"),
		.limit_bytes = call->limit_bytes,
		.timeout_ms = conf_number("outbound_timeout_ms") };
}

/* Log in for a new token, with the lock held. */
static bool
log_in(struct arena *arena)
{
	struct json_object *json = json_object_new_object();
	struct license_call call = { .method = "POST", .target = "/license-app/v1/security/login" };
	struct fetch_call fetched;
	const char *token;

	json_object_object_add(json, "app_key", json_object_new_string(conf_text("license_app_key")));
	json_object_object_add(json, "app_secret", json_object_new_string(state.app_secret));
	json_object_object_add(json, "account", json_object_new_string(conf_text("license_account")));
	json_object_object_add(json, "password", json_object_new_string(state.password));
	call.body =
	    arena_strdup(arena, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	fetched = prepare(arena, &call, "");
	if (call.body == NULL || fetched.url == NULL)
		return false;
	fetch_one(arena, &fetched);
	(void)read_answer(arena, &fetched, &call);
	token = reader_token(arena, call.json, "access_token");
	json_object_put(call.json);
	if (token != NULL)
		snprintf(state.token, sizeof state.token, "%s", token);
	return token != NULL;
}

/* The token to use; a new one if there is none, or if it is still the ${refused} one. NULL if logging in failed. */
static const char *
take_token(struct arena *arena, const char *refused)
{
	const char *token = NULL;

	pthread_mutex_lock(&state.lock);
	if (refused != NULL && strcmp(state.token, refused) == 0)
		state.token[0] = '\0';
	if (state.token[0] != '\0' || log_in(arena))
		token = arena_printf(arena, "access_token=%s", state.token);
	pthread_mutex_unlock(&state.lock);
	return token;
}

/* One round with ${token}. Fills ${refused} with those that must be asked again; returns how many. */
static size_t
call_round(struct arena *arena, struct license_call *const *calls, size_t n, const char *token, struct license_call **refused)
{
	struct fetch_call *fetched = arena_alloc(arena, (n + 1) * sizeof *fetched);
	size_t n_refused = 0;

	if (fetched == NULL)
		return 0;
	for (size_t i = 0; i < n; i++) {
		fetched[i] = prepare(arena, calls[i], token);
		if (fetched[i].url == NULL)
			return 0;
	}
	fetch_all(arena, fetched, n);
	for (size_t i = 0; i < n; i++)
		if (read_answer(arena, &fetched[i], calls[i]))
			refused[n_refused++] = calls[i];
	return n_refused;
}

void
license_access_call(struct arena *arena, struct license_call *calls, size_t n)
{
	struct license_call **asked = (struct license_call **)arena_alloc(arena, (n + 1) * sizeof *asked);
	const char *token = NULL;

	for (size_t i = 0; i < n; i++) {
		calls[i].failure = LICENSE_UNAVAILABLE;
		calls[i].json = NULL;
		if (asked != NULL)
			asked[i] = &calls[i];
	}
	if (asked == NULL)
		return;
	for (int round = 0; round < 2 && n > 0; round++) {
		if ((token = take_token(arena, token != NULL ? strchr(token, '=') + 1 : NULL)) == NULL)
			return;
		n = call_round(arena, asked, n, token, asked);
	}
}
