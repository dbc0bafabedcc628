/*
 * Bodies with lists in them, which lib/form's tables do not cover. Each function takes one member out of req->json, judges
 * and folds it, and hands it on as JSON; what is left is for form_read, which refuses anything unknown.
 */
#include "sandbox.h"

#include <json-c/json.h>
#include <string.h>

#include "clock.h"
#include "fold.h"
#include "form.h"

enum { LIST_MAX = 64 };

static const char *const license_types[] = { "household_register", "identity_credential", "real_estate", "birth_certificate",
	NULL };

/* One element of a list, named ${name}, judged into the array ${out}. */
typedef enum status element_reader(struct request *req, const char *name, struct json_object *element, struct json_object *out);

/* A person's fields, by their names in the struct. */
static const struct form_field person_fields[] = {
	{ "name", FORM_NAME, offsetof(struct sandbox_person, name), false, 0, NULL },
	{ "id_no", FORM_ID_NO, offsetof(struct sandbox_person, id_no), false, 0, NULL },
};

/* Take ${member} out of the body; the caller puts it. NULL if it is missing or null. */
static struct json_object *
take(struct request *req, const char *member)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(req->json, member, &value))
		return NULL;
	(void)json_object_get(value);
	json_object_object_del(req->json, member);
	return value;
}

enum status
sandbox_take_person(struct request *req, const char *member, struct sandbox_person *out)
{
	struct json_object *value = take(req, member);
	enum status st;

	if (value == NULL)
		return form_error(req, member, "required");
	st = json_object_is_type(value, json_type_object)
		 ? form_read_object(req, member, value, person_fields, sizeof person_fields / sizeof *person_fields, out)
		 : form_error(req, member, "type");
	(void)json_object_put(value);
	return st;
}

/* Read the list ${member} element by element; the judged list, as JSON, goes to ${out}. */
static enum status
take_list(struct request *req, const char *member, element_reader *read_element, const char **out)
{
	struct json_object *value = take(req, member), *list;
	enum status st = STATUS_OK;

	*out = NULL;
	if (value == NULL)
		return STATUS_OK;
	list = json_object_new_array();
	if (!json_object_is_type(value, json_type_array))
		st = form_error(req, member, "type");
	else if (json_object_array_length(value) > LIST_MAX)
		st = form_error(req, member, "too_long");
	for (size_t i = 0; st == STATUS_OK && i < json_object_array_length(value); i++) {
		const char *name = arena_printf(req->arena, "%s.%zu", member, i);

		st = name == NULL ? STATUS_INTERNAL : read_element(req, name, json_object_array_get_idx(value, i), list);
	}
	if (st == STATUS_OK && (*out = arena_strdup(req->arena, json_object_to_json_string(list))) == NULL)
		st = STATUS_INTERNAL;
	(void)json_object_put(list);
	(void)json_object_put(value);
	return st;
}

/* Add {first: a, second: b} to a list. */
static enum status
add_pair(struct json_object *list, const char *first, const char *a, const char *second, const char *b)
{
	struct json_object *pair = json_object_new_object();

	(void)json_object_object_add(pair, first, json_object_new_string(a));
	(void)json_object_object_add(pair, second, json_object_new_string(b));
	return json_object_array_add(list, pair) == 0 ? STATUS_OK : STATUS_INTERNAL;
}

static enum status
read_person(struct request *req, const char *name, struct json_object *element, struct json_object *out)
{
	struct sandbox_person person = { 0 };
	enum status st;

	if (!json_object_is_type(element, json_type_object))
		return form_error(req, name, "type");
	st = form_read_object(req, name, element, person_fields, sizeof person_fields / sizeof *person_fields, &person);
	return st != STATUS_OK ? st : add_pair(out, "name", person.name, "id_no", person.id_no.number);
}

enum status
sandbox_take_people(struct request *req, const char *member, const char **out)
{
	return take_list(req, member, read_person, out);
}

static enum status
read_license(struct request *req, const char *name, struct json_object *element, struct json_object *out)
{
	if (!json_object_is_type(element, json_type_string))
		return form_error(req, name, "type");
	for (const char *const *type = license_types; *type != NULL; type++)
		if (strcmp(*type, json_object_get_string(element)) == 0)
			return json_object_array_add(out, json_object_get(element)) == 0 ? STATUS_OK : STATUS_INTERNAL;
	return form_error(req, name, "format");
}

enum status
sandbox_take_licenses(struct request *req, const char *member, const char **out)
{
	return take_list(req, member, read_license, out);
}

static enum status
read_holding(struct request *req, const char *name, struct json_object *element, struct json_object *out)
{
	struct holding {
		const char *type;
		struct identity holder;
	} in = { 0 };
	static const struct form_field fields[] = {
		{ "type", FORM_CHOICE, offsetof(struct holding, type), false, 0, license_types },
		{ "holder_id_no", FORM_ID_NO, offsetof(struct holding, holder), false, 0, NULL },
	};
	enum status st;

	if (!json_object_is_type(element, json_type_object))
		return form_error(req, name, "type");
	st = form_read_object(req, name, element, fields, sizeof fields / sizeof *fields, &in);
	return st != STATUS_OK ? st : add_pair(out, "type", in.type, "holder_id_no", in.holder.number);
}

enum status
sandbox_take_holdings(struct request *req, const char *member, const char **out)
{
	return take_list(req, member, read_holding, out);
}

static enum status
read_number(struct request *req, const char *name, struct json_object *element, struct json_object *out)
{
	struct identity identity;
	const char *folded, *fault;

	if (!json_object_is_type(element, json_type_string))
		return form_error(req, name, "type");
	if ((folded = fold_number(req->arena, json_object_get_string(element))) == NULL)
		return STATUS_INTERNAL;
	if ((fault = identity_read(folded, clock_beijing_date(clock_wall_ms()), &identity)) != NULL)
		return form_error(req, name, fault);
	return json_object_array_add(out, json_object_new_string(identity.number)) == 0 ? STATUS_OK : STATUS_INTERNAL;
}

enum status
sandbox_take_numbers(struct request *req, const char *member, const char **out)
{
	return take_list(req, member, read_number, out);
}

static enum status
read_item(struct request *req, const char *name, struct json_object *element, struct json_object *out)
{
	struct item {
		const char *key, *type;
	} in = { 0 };
	static const struct form_field fields[] = {
		{ "key", FORM_TEXT, offsetof(struct item, key), false, 8, NULL },
		{ "type", FORM_CHOICE, offsetof(struct item, type), false, 0, license_types },
	};
	enum status st;

	if (!json_object_is_type(element, json_type_object))
		return form_error(req, name, "type");
	st = form_read_object(req, name, element, fields, sizeof fields / sizeof *fields, &in);
	return st != STATUS_OK ? st : add_pair(out, "key", in.key, "type", in.type);
}

enum status
sandbox_take_items(struct request *req, const char *member, const char **out)
{
	return take_list(req, member, read_item, out);
}

enum status
sandbox_take_int(struct request *req, const char *member, int64_t max, int64_t fallback, int64_t *out)
{
	struct json_object *value = take(req, member);
	enum status st = STATUS_OK;

	*out = fallback;
	if (value == NULL)
		return STATUS_OK;
	*out = json_object_get_int64(value);
	if (!json_object_is_type(value, json_type_int))
		st = form_error(req, member, "type");
	else if (*out < 0 || *out > max)
		st = form_error(req, member, "format");
	(void)json_object_put(value);
	return st;
}
