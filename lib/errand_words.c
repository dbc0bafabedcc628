/* One pass over the answer: students[].missing[] and steps[], or a list of events. The sentences themselves stand in lib/words.c.
 */
#include "errand_words.h"

#include <json-c/json.h>
#include <string.h>

#include "words.h"

static const char *
member(struct json_object *object, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(object, name, &value) ? json_object_get_string(value) : NULL;
}

/* {"code"} becomes {"code","message"}; the two spellings of name_differs go into its message. */
static enum status
say_missing(struct request *req, struct json_object *item)
{
	const char *code = member(item, "code"), *typed = member(item, "typed"), *spelt = member(item, "register");
	const char *message = words_missing(code);

	if (spelt != NULL)
		message = arena_printf(req->arena, "%s您填写的是“%s”，登记的是“%s”。", message, typed, spelt);
	if (message == NULL)
		return STATUS_INTERNAL;
	json_object_object_add(item, "message", json_object_new_string(message));
	return STATUS_OK;
}

static enum status
say_student(struct request *req, struct json_object *student)
{
	struct json_object *missing = json_object_object_get(student, "missing");
	enum status st = STATUS_OK;

	for (size_t i = 0; st == STATUS_OK && i < json_object_array_length(missing); i++)
		st = say_missing(req, json_object_array_get_idx(missing, i));
	return st;
}

static enum status
say_step(struct request *req, struct json_object *step)
{
	const char *title = words_sentence(arena_printf(req->arena, "step_%s", member(step, "key")));

	if (title == NULL)
		return STATUS_INTERNAL;
	json_object_object_add(step, "title", json_object_new_string(title));
	return STATUS_OK;
}

enum status
errand_words(struct request *req, struct reply *rep, const char *text)
{
	struct json_object *answer = json_tokener_parse(text), *students, *steps;
	enum status st = STATUS_OK;

	if (answer == NULL)
		return STATUS_INTERNAL;
	students = json_object_object_get(answer, "students");
	for (size_t i = 0; st == STATUS_OK && i < json_object_array_length(students); i++)
		st = say_student(req, json_object_array_get_idx(students, i));
	steps = json_object_object_get(answer, "steps");
	for (size_t i = 0; st == STATUS_OK && i < json_object_array_length(steps); i++)
		st = say_step(req, json_object_array_get_idx(steps, i));
	if (st != STATUS_OK) {
		json_object_put(answer);
		return st;
	}
	return reply_json(req, rep, 200, answer);
}

/* What is missing: ["code"] becomes [{"code","message"}]. */
static struct json_object *
missing_list(struct json_object *codes)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(codes); i++) {
		const char *code = json_object_get_string(json_object_array_get_idx(codes, i));
		struct json_object *item = json_object_new_object();

		json_object_object_add(item, "code", json_object_new_string(code));
		json_object_object_add(item, "message", json_object_new_string(words_missing(code)));
		json_object_array_add(list, item);
	}
	return list;
}

/* Which licences came: {"household_register":"fetched"} becomes [{"license","state","message"}]. */
static struct json_object *
license_list(struct request *req, struct json_object *states)
{
	struct json_object *list = json_object_new_array();

	json_object_object_foreach(states, license, value)
	{
		const char *state = json_object_get_string(value), *name = arena_printf(req->arena, "fetch_%s", state);
		const char *message = name != NULL ? words_sentence(name) : NULL;
		struct json_object *item = json_object_new_object();

		json_object_object_add(item, "license", json_object_new_string(license));
		json_object_object_add(item, "state", json_object_new_string(state));
		json_object_object_add(item, "message", json_object_new_string(message != NULL ? message : ""));
		json_object_array_add(list, item);
	}
	return list;
}

static enum status
say_event(struct request *req, struct json_object *event)
{
	const char *name = arena_printf(req->arena, "errand_%s", member(event, "kind"));
	const char *title = name != NULL ? words_sentence(name) : NULL;
	struct json_object *part;

	if (title == NULL)
		return STATUS_INTERNAL;
	json_object_object_add(event, "title", json_object_new_string(title));
	if (json_object_object_get_ex(event, "missing", &part))
		json_object_object_add(event, "missing", missing_list(part));
	if (json_object_object_get_ex(event, "licenses", &part))
		json_object_object_add(event, "licenses", license_list(req, part));
	return STATUS_OK;
}

enum status
errand_event_words(struct request *req, struct reply *rep, const char *text)
{
	struct json_object *events = json_tokener_parse(text), *answer;
	enum status st = STATUS_OK;

	if (events == NULL)
		return STATUS_INTERNAL;
	for (size_t i = 0; st == STATUS_OK && i < json_object_array_length(events); i++)
		st = say_event(req, json_object_array_get_idx(events, i));
	if (st != STATUS_OK) {
		json_object_put(events);
		return st;
	}
	answer = json_object_new_object();
	json_object_object_add(answer, "events", events);
	return reply_json(req, rep, 200, answer);
}
