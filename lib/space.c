/*
 * Every call carries the gateway's four headers (lib/gateway). A session is opened once for a family and asked about until
 * its final word. Answers are judged here: an unknown status, a URL that is none or a list without end is no answer; one person
 * or licence without a number that can be one is passed over, and spoils no others.
 */
#include "space.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "fold.h"
#include "gateway.h"
#include "json.h"
#include "log.h"
#include "name.h"
#include "reader.h"

/* More than a family can have; a longer list is no answer. */
enum { PEOPLE_MAX = 64, HOLDINGS_MAX = 512, ANSWER_MAX = 256 * 1024, URL_MAX = 2000, EVENT_MAX = 200 };

static char token[256];

static const char *const status_names[] = { "created", "identified", "completed", "denied", "expired" };

bool
space_open(void)
{
	return conf_secret("space_token_file", token, sizeof token);
}

const char *
space_status_name(enum space_status status)
{
	return status_names[status];
}

/* A signed call to ${path} of the space. */
static bool
prepare(struct arena *arena, const char *method, const char *path, const char *body, struct fetch_call *call)
{
	*call = (struct fetch_call){ .counterpart = "space",
		.method = method,
		.url = arena_printf(arena, "%s%s", conf_text("space_url"), path),
		.headers = gateway_sign(arena, conf_text("space_paasid"), token, clock_wall_ms()),
		.body = body,
		.ca_file = conf_text("space_ca"),
		.timeout_ms = conf_number("outbound_timeout_ms"),
		.limit_bytes = ANSWER_MAX };
	return call->url != NULL && call->headers != NULL;
}

/* The JSON object of a 200 or 201, which the caller puts; NULL and a log line without one. */
static struct json_object *
read_object(const struct fetch_call *call)
{
	struct json_object *json = NULL;

	if (call->result == FETCH_OK && (call->http == 200 || call->http == 201))
		json = json_read(call->answer);
	if (json != NULL && !json_object_is_type(json, json_type_object)) {
		json_object_put(json);
		json = NULL;
	}
	if (json == NULL && call->result == FETCH_OK)
		log_event(LOG_WARNING, NULL, "space_answer", "%s: no usable answer, HTTP %ld", call->method, call->http);
	return json;
}

static struct json_object *
person_json(const struct space_person *person)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "name", json_object_new_string(person->name));
	json_object_object_add(json, "id_no", json_object_new_string(person->id_no));
	return json;
}

static const char *
launch_body(struct arena *arena, const struct space_launch *launch)
{
	struct json_object *json = json_object_new_object(), *students = json_object_new_array(),
			   *licenses = json_object_new_array();
	const char *body;

	json_object_object_add(json, "purpose", json_object_new_string(launch->purpose));
	json_object_object_add(json, "state", json_object_new_string(launch->state));
	json_object_object_add(json, "return_url", json_object_new_string(launch->return_url));
	json_object_object_add(json, "notify_url", json_object_new_string(launch->notify_url));
	json_object_object_add(json, "guardian", person_json(&launch->guardian));
	for (size_t i = 0; i < launch->n_students; i++)
		json_object_array_add(students, person_json(&launch->students[i]));
	json_object_object_add(json, "students", students);
	for (const char *const *type = launch->licenses; *type != NULL; type++)
		json_object_array_add(licenses, json_object_new_string(*type));
	json_object_object_add(json, "licenses", licenses);
	body = arena_strdup(arena, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	return body;
}

/* A page that a parent may be sent to. */
static bool
is_page(const char *url)
{
	if (url == NULL || strpbrk(url, " \"<>\\") != NULL)
		return false;
	return strncmp(url, "https://", 8) == 0 || (strncmp(url, "http://", 7) == 0 && !conf_is_production());
}

enum status
space_start(struct arena *arena, const struct space_launch *launch, struct space_session *session)
{
	struct fetch_call call;
	struct json_object *json;

	if (!prepare(arena, "POST", "/v1/sessions", launch_body(arena, launch), &call) || call.body == NULL)
		return STATUS_INTERNAL;
	fetch_one(arena, &call);
	if ((json = read_object(&call)) == NULL)
		return STATUS_PROVIDER_UNAVAILABLE;
	session->id = reader_token(arena, json, "session_id");
	session->launch_url = reader_text(arena, json, "launch_url", URL_MAX);
	session->expires_ms = reader_time_ms(json, "expires_at");
	json_object_put(json);
	if (session->id != NULL && is_page(session->launch_url) && session->expires_ms > 0)
		return STATUS_OK;
	log_event(LOG_WARNING, NULL, "space_answer", "a launch without a usable session, URL or time");
	return STATUS_PROVIDER_UNAVAILABLE;
}

bool
space_ask(struct arena *arena, const char *session_id, struct fetch_call *call)
{
	const char *path = arena_printf(arena, "/v1/sessions/%s", session_id);

	return path != NULL && prepare(arena, "GET", path, NULL, call);
}

/* Fold a person; a number that is missing makes it nobody, a name that is none is left out. */
static bool
read_person(struct arena *arena, struct json_object *json, struct space_person *out)
{
	const char *name = reader_text(arena, json, "name", 1000), *id_no = reader_text(arena, json, "id_no", 100);

	out->name = name != NULL ? fold_name(arena, name) : NULL;
	if (out->name != NULL && name_check(out->name) != NULL)
		out->name = NULL;
	out->id_no = id_no != NULL ? fold_number(arena, id_no) : NULL;
	return out->id_no != NULL;
}

/* Something of an answer is passed over; what it was names nobody. */
static void
log_passed_over(const char *what, size_t n)
{
	if (n > 0)
		log_event(LOG_WARNING, NULL, "space_answer", "GET: passed over in %s: %zu", what, n);
}

static bool
read_people(struct arena *arena, struct json_object *json, const char *name, const struct space_person **out, size_t *n_out)
{
	size_t n;
	struct json_object *list = reader_list(json, name, &n);
	struct space_person *people = arena_alloc(arena, (n + 1) * sizeof *people);

	*out = people;
	*n_out = 0;
	if (people == NULL || n > PEOPLE_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (read_person(arena, json_object_array_get_idx(list, i), &people[*n_out]))
			++*n_out;
	log_passed_over(name, n - *n_out);
	return true;
}

static bool
read_holdings(struct arena *arena, struct json_object *json, const char *name, const struct space_holding **out, size_t *n_out)
{
	size_t n;
	struct json_object *list = reader_list(json, name, &n);
	struct space_holding *holdings = arena_alloc(arena, (n + 1) * sizeof *holdings);

	*out = holdings;
	*n_out = 0;
	if (holdings == NULL || n > HOLDINGS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(list, i);
		const char *id_no = reader_text(arena, item, "holder_id_no", 100);

		holdings[*n_out].type = reader_token(arena, item, "type");
		holdings[*n_out].holder_id_no = id_no != NULL ? fold_number(arena, id_no) : NULL;
		if (holdings[*n_out].type != NULL && holdings[*n_out].holder_id_no != NULL)
			++*n_out;
	}
	log_passed_over(name, n - *n_out);
	return true;
}

/* "L2" is 2; anything else that is no level is 0, which counts for nothing. */
static int
read_level(struct arena *arena, struct json_object *subject)
{
	const char *level = reader_text(arena, subject, "level", 8);

	return level != NULL && level[0] == 'L' && level[1] >= '0' && level[1] <= '3' && level[2] == '\0' ? level[1] - '0' : 0;
}

static bool
read_status(struct arena *arena, struct json_object *json, enum space_status *out)
{
	const char *name = reader_text(arena, json, "status", 20);

	for (size_t i = 0; name != NULL && i < sizeof status_names / sizeof *status_names; i++)
		if (strcmp(name, status_names[i]) == 0) {
			*out = (enum space_status)i;
			return true;
		}
	return false;
}

static bool
read_news(struct arena *arena, struct json_object *json, bool is_signing, struct space_news *news)
{
	struct json_object *part;

	*news = (struct space_news){ .state = reader_text(arena, json, "state", 200) };
	if (news->state == NULL || !read_status(arena, json, &news->status))
		return false;
	if (json_object_object_get_ex(json, "subject", &part) && part != NULL) {
		news->has_subject = read_person(arena, part, &news->subject);
		log_passed_over("subject", news->has_subject ? 0 : 1);
		news->level = news->has_subject ? read_level(arena, part) : 0;
		news->verified_ms = reader_time_ms(part, "verified_at");
	}
	if (is_signing && json_object_object_get_ex(json, "authorization", &part) && part != NULL) {
		news->code = reader_text(arena, part, "code", 1000);
		news->signed_ms = reader_time_ms(part, "signed_at");
		news->expires_ms = reader_time_ms(part, "expires_at");
		if (news->code == NULL || news->signed_ms == 0 ||
		    !read_holdings(arena, part, "scope", &news->scope, &news->n_scope))
			return false;
	}
	return read_people(arena, json, "wards", &news->wards, &news->n_wards) &&
	       read_holdings(arena, json, "claimed", &news->claimed, &news->n_claimed);
}

bool
space_read(struct arena *arena, const struct fetch_call *call, bool is_signing, struct space_news *news)
{
	struct json_object *json = read_object(call);
	bool is_read;

	if (json == NULL)
		return false;
	is_read = read_news(arena, json, is_signing, news);
	json_object_put(json);
	if (!is_read)
		log_event(LOG_WARNING, NULL, "space_answer", "GET: an answer that does not make sense");
	return is_read;
}

enum status
space_notice(struct request *req, struct space_notice *notice, const char **nonce)
{
	if (!gateway_verify(req, token, clock_wall_ms(), nonce)) {
		log_event(LOG_WARNING, req->ref, "space_notice", "refused: signature, time or headers");
		return STATUS_FORBIDDEN;
	}
	notice->event_id = reader_text(req->arena, req->json, "event_id", EVENT_MAX);
	notice->session_id = reader_token(req->arena, req->json, "session_id");
	return notice->event_id != NULL && notice->session_id != NULL ? STATUS_OK : STATUS_MALFORMED_REQUEST;
}
