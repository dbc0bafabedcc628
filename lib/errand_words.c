/* One pass over the answer: students[].missing[] and steps[]. The sentences themselves stand in lib/words.c. */
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
