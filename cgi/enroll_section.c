/*
 * The sections of an application: one table names each field once. What comes is brought to its one form and kept, whatever
 * it is worth: a draft is saved before it is judged, so that nothing typed is lost. Refused is only what cannot be kept. The
 * judgement comes back as problems; what only the database knows (codes, schools, sealed numbers) the doors add.
 */
#include "enroll.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "fold.h"
#include "form.h"
#include "name.h"

#define N(array) (sizeof(array) / sizeof *(array))

enum { LIST_LIMIT = 8 };

enum answer_kind {
	ANSWER_TEXT,
	ANSWER_NAME,
	ANSWER_DATE,
	ANSWER_CHOICE,
	ANSWER_CERTIFICATE,
	ANSWER_BOOL,
	ANSWER_UUIDS,
	ANSWER_CODES,
	ANSWER_NUMBER /* sealed, so not in the data: identity number or phone of a guardian */
};

struct answer {
	const char *name;
	enum answer_kind kind;
	bool is_required; /* for submission */
	const char *const *choices;
};

static const char *const residence_kinds[] = { "own", "grandparents", "self_built", "public_rental", "rental", "other", NULL };
static const char *const certificate_kinds[] = { "real_estate", "old_certificate", "contract", "other", NULL };

static const struct answer student_answers[] = {
	{ "former_name", ANSWER_NAME, false, NULL },
	{ "ethnicity", ANSWER_TEXT, true, NULL },
	{ "nationality", ANSWER_TEXT, true, NULL },
	{ "birthplace", ANSWER_TEXT, true, NULL },
	{ "health", ANSWER_TEXT, true, NULL },
};

static const struct answer household_answers[] = {
	{ "kind", ANSWER_TEXT, true, NULL },
	{ "head_name", ANSWER_NAME, true, NULL },
	{ "relation_to_head", ANSWER_TEXT, true, NULL },
	{ "address", ANSWER_TEXT, true, NULL },
	{ "moved_in_on", ANSWER_DATE, true, NULL },
};

static const struct answer residence_answers[] = {
	{ "same_as_household", ANSWER_BOOL, true, NULL },
	{ "kind", ANSWER_CHOICE, true, residence_kinds },
	{ "certificate_kind", ANSWER_CHOICE, false, certificate_kinds },
	{ "certificate_no", ANSWER_CERTIFICATE, false, NULL },
	{ "owner_name", ANSWER_NAME, false, NULL },
	{ "owner_relation", ANSWER_TEXT, false, NULL },
	{ "address", ANSWER_TEXT, false, NULL }, /* required unless it is the household's */
	{ "since", ANSWER_DATE, false, NULL },
};

static const struct answer guardian_answers[] = {
	{ "relation", ANSWER_TEXT, true, NULL }, { "name", ANSWER_NAME, true, NULL }, { "id_no", ANSWER_NUMBER, false, NULL },
	{ "phone", ANSWER_NUMBER, false, NULL },
	{ "holder", ANSWER_BOOL, false, NULL }, /* as GET gives it; whose entry it is, the number says */
};

static const struct answer wishes_answers[] = {
	{ "schools", ANSWER_UUIDS, true, NULL },
	{ "accept_arrangement", ANSWER_BOOL, true, NULL },
	{ "sibling", ANSWER_TEXT, false, NULL },
	{ "together_with", ANSWER_UUIDS, false, NULL },
	{ "care", ANSWER_CODES, false, NULL },
};

static const struct section {
	const char *name;
	const struct answer *answers;
	size_t n;
} sections[] = {
	{ "student", student_answers, N(student_answers) },
	{ "household", household_answers, N(household_answers) },
	{ "residence", residence_answers, N(residence_answers) },
	{ "guardians", guardian_answers, N(guardian_answers) },
	{ "wishes", wishes_answers, N(wishes_answers) },
};

static const struct section *
find_section(const char *name)
{
	for (size_t i = 0; i < N(sections); i++)
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	return NULL;
}

static const struct answer *
find_answer(const struct section *section, const char *name)
{
	for (size_t i = 0; i < section->n; i++)
		if (strcmp(section->answers[i].name, name) == 0)
			return &section->answers[i];
	return NULL;
}

bool
section_exists(const char *name)
{
	return find_section(name) != NULL;
}

/* A text without NUL, line feeds and their like, folded as its kind wants it. */
static enum status
fold_answer(struct request *req, const char *field, const struct answer *answer, struct json_object *value, char **out)
{
	const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;

	if (text == NULL)
		return form_error(req, field, "type");
	if (strlen(text) != (size_t)json_object_get_string_len(value))
		return form_error(req, field, "format");
	switch (answer->kind) {
	case ANSWER_NAME:
		*out = fold_name(req->arena, text);
		break;
	case ANSWER_NUMBER:
		*out = fold_number(req->arena, text);
		break;
	default:
		*out = fold_text(req->arena, text);
	}
	if (*out != NULL && answer->kind == ANSWER_CERTIFICATE)
		*out = value_certificate(req->arena, *out);
	if (*out == NULL)
		return STATUS_INTERNAL;
	for (const unsigned char *c = (const unsigned char *)*out; *c != '\0'; c++)
		if (*c < 0x20 || *c == 0x7f)
			return form_error(req, field, "format");
	return fold_length(*out) <= TEXT_LIMIT ? STATUS_OK : form_error(req, field, "too_long");
}

/* A list of UUIDs, or of codes (a-z and _). */
static enum status
take_list(
    struct request *req, const char *field, const struct answer *answer, struct json_object *value, struct json_object *data)
{
	struct json_object *list;

	if (!json_object_is_type(value, json_type_array))
		return form_error(req, field, "type");
	if (json_object_array_length(value) > LIST_LIMIT)
		return form_error(req, field, "too_long");
	list = json_object_new_array();
	(void)json_object_object_add(data, answer->name, list);
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		struct json_object *item = json_object_array_get_idx(value, i);
		const char *text = json_object_is_type(item, json_type_string) ? json_object_get_string(item) : NULL;

		if (text == NULL)
			return form_error(req, field, "type");
		if (answer->kind == ANSWER_UUIDS ? !enroll_is_uuid(text)
						 : strlen(text) > 40 || text[strspn(text, "abcdefghijklmnopqrstuvwxyz_")] != '\0')
			return form_error(req, field, "format");
		(void)json_object_array_add(list, json_object_get(item));
	}
	return STATUS_OK;
}

/* Keep one answer in ${data}; a sealed one goes to ${guardian}. */
static enum status
take_answer(struct request *req, const char *field, const struct answer *answer, struct json_object *value,
    struct json_object *data, struct guardian_answer *guardian)
{
	enum status st;
	char *text = NULL;

	if (answer->kind == ANSWER_BOOL) {
		if (!json_object_is_type(value, json_type_boolean))
			return form_error(req, field, "type");
		(void)json_object_object_add(data, answer->name, json_object_get(value));
		return STATUS_OK;
	}
	if (answer->kind == ANSWER_UUIDS || answer->kind == ANSWER_CODES)
		return take_list(req, field, answer, value, data);
	if ((st = fold_answer(req, field, answer, value, &text)) != STATUS_OK || text == NULL)
		return st;
	if (answer->kind != ANSWER_NUMBER)
		(void)json_object_object_add(data, answer->name, json_object_new_string(text));
	else if (text[0] != '\0' && strchr(text, '*') == NULL)
		*(strcmp(answer->name, "id_no") == 0 ? &guardian->id_no : &guardian->phone) = text;
	return STATUS_OK;
}

/* All answers of one object; every fault is found. */
static enum status
take_object(struct request *req, const struct section *section, const char *prefix, struct json_object *json,
    struct json_object *data, struct guardian_answer *guardian)
{
	enum status result = STATUS_OK;

	if (!json_object_is_type(json, json_type_object))
		return form_error(req, prefix, "type");
	json_object_object_foreach(json, name, value)
	{
		const struct answer *answer = find_answer(section, name);
		const char *field = arena_printf(req->arena, "%s%s", prefix, name);
		enum status st = STATUS_OK;

		if (field == NULL)
			return STATUS_INTERNAL;
		if (answer == NULL)
			st = form_error(req, field, "unknown");
		else if (value != NULL)
			st = take_answer(req, field, answer, value, data, guardian);
		if (st == STATUS_INTERNAL)
			return st;
		if (st != STATUS_OK)
			result = st;
	}
	return result;
}

static const char *
judge_choice(const char *const *choices, const char *text)
{
	for (size_t i = 0; choices[i] != NULL; i++)
		if (strcmp(choices[i], text) == 0)
			return NULL;
	return "format";
}

/* What is wrong with this answer, or NULL. */
static const char *
judge_answer(const struct answer *answer, struct json_object *value)
{
	const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
	bool is_empty = value == NULL || (text != NULL && text[0] == '\0') ||
			(json_object_is_type(value, json_type_array) && json_object_array_length(value) == 0);

	if (is_empty)
		return answer->is_required ? "required" : NULL;
	if (text == NULL)
		return NULL;
	switch (answer->kind) {
	case ANSWER_NAME:
		return name_check(text);
	case ANSWER_DATE:
		return value_is_date(text) ? NULL : "format";
	case ANSWER_CHOICE:
		return judge_choice(answer->choices, text);
	default:
		return NULL;
	}
}

static void
add_problem(struct json_object *problems, const char *section, const char *prefix, const char *field, const char *code)
{
	struct json_object *problem = json_object_new_object();
	char name[64];

	(void)snprintf(name, sizeof name, "%s%s", prefix, field);
	(void)json_object_object_add(problem, "section", json_object_new_string(section));
	(void)json_object_object_add(problem, "field", json_object_new_string(name));
	(void)json_object_object_add(problem, "code", json_object_new_string(code));
	(void)json_object_array_add(problems, problem);
}

/* What this section would lack if it were submitted. */
static void
judge_object(const struct section *section, const char *prefix, struct json_object *data, struct json_object *problems)
{
	for (size_t i = 0; i < section->n; i++) {
		const struct answer *answer = &section->answers[i];
		const char *code = judge_answer(answer, json_object_object_get(data, answer->name));

		if (code != NULL)
			add_problem(problems, section->name, prefix, answer->name, code);
	}
	if (section->answers == residence_answers) {
		struct json_object *address = json_object_object_get(data, "address");

		if (!json_object_get_boolean(json_object_object_get(data, "same_as_household")) &&
		    (address == NULL || json_object_get_string_len(address) == 0))
			add_problem(problems, section->name, prefix, "address", "required");
	}
}

/* The list of guardians: the section itself, or {"guardians": […]}. */
static enum status
read_guardians(struct request *req, const struct section *section, struct section_answers *out, struct json_object *data,
    struct json_object *problems)
{
	struct json_object *list = req->json;

	if (json_object_is_type(list, json_type_object))
		list = json_object_object_get(list, "guardians");
	if (!json_object_is_type(list, json_type_array))
		return form_error(req, "guardians", "type");
	if (json_object_array_length(list) > GUARDIANS_MAX)
		return form_error(req, "guardians", "too_long");
	out->n_guardians = json_object_array_length(list);
	if (out->n_guardians == 0)
		add_problem(problems, section->name, "", section->name, "required");
	for (size_t i = 0; i < out->n_guardians; i++) {
		struct json_object *entry = json_object_new_object();
		const char *prefix = i == 0 ? "0." : "1.";
		enum status st;

		(void)json_object_array_add(data, entry);
		st = take_object(req, section, prefix, json_object_array_get_idx(list, i), entry, &out->guardians[i]);
		if (st != STATUS_OK)
			return st;
		json_object_object_del(entry, "holder");
		judge_object(section, prefix, entry, problems);
	}
	return STATUS_OK;
}

enum status
section_read(struct request *req, const char *name, struct section_answers *out)
{
	const struct section *section = find_section(name);
	bool is_list = section->answers == guardian_answers;
	struct json_object *data = is_list ? json_object_new_array() : json_object_new_object();
	struct json_object *problems = json_object_new_array();
	enum status st;

	*out = (struct section_answers){ .is_guardians = is_list };
	if (is_list) {
		st = read_guardians(req, section, out, data, problems);
	} else {
		st = take_object(req, section, "", req->json, data, &out->guardians[0]);
		judge_object(section, "", data, problems);
	}
	if (st == STATUS_OK) {
		out->data = enroll_copy_json(req->arena, data);
		out->problems = enroll_copy_json(req->arena, problems);
		if (out->data == NULL || out->problems == NULL)
			st = STATUS_INTERNAL;
	}
	(void)json_object_put(problems);
	(void)json_object_put(data);
	return st;
}

bool
section_blank(struct request *req, struct json_object *shown, const char **out)
{
	struct json_object *blank = json_object_new_object();

	for (size_t i = 0; i < N(sections); i++) {
		struct json_object *problems = json_object_new_array();

		/* The account holder stands there already; only the relation is not known. */
		if (sections[i].answers == guardian_answers)
			add_problem(problems, sections[i].name, "0.", "relation", "required");
		else
			judge_object(&sections[i], "", json_object_object_get(shown, sections[i].name), problems);
		(void)json_object_object_add(blank, sections[i].name, problems);
	}
	*out = enroll_copy_json(req->arena, blank);
	(void)json_object_put(blank);
	return *out != NULL;
}
