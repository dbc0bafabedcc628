/* One walk over the table, which lib/rule judges field by field, and one over the object for what stands in no table. */
#include "form.h"

#include <json-c/json.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "password.h"
#include "rule.h"
#include "words.h"

enum { KEY_SHOWN = 64 }; /* bytes of an unknown key that are given back */

/* One form being read. */
struct reading {
	struct request *req;
	const char *prefix;
	struct rule_call rule;
	bool is_bad;
};

static enum status
add_error(struct request *req, const char *field, const char *code, const char *message)
{
	if (req->n_errors < REQUEST_ERRORS)
		req->errors[req->n_errors++] = (struct field_error){ field, code, message };
	return STATUS_VALIDATION_FAILED;
}

enum status
form_error(struct request *req, const char *field, const char *code)
{
	return add_error(req, field, code, words_field(field, code));
}

/* Book a fault of ${name}, with the form's prefix before it. */
static void
fault(struct reading *form, const char *name, const char *code)
{
	const char *field = name;

	form->is_bad = true;
	if (form->prefix[0] != '\0' && (field = arena_printf(form->req->arena, "%s.%s", form->prefix, name)) == NULL) {
		form->rule.is_out_of_memory = true;
		return;
	}
	(void)add_error(form->req, field, code, words_field(field, form->rule.words != NULL ? form->rule.words : code));
}

static void
read_field(struct reading *form, struct json_object *json, const struct form_field *field, void *out)
{
	struct json_object *value = NULL;
	const char *code = "required";

	form->rule.words = NULL;
	/* Null is found, as a NULL value: it is absent. */
	if (json_object_object_get_ex(json, field->name, &value) && value != NULL)
		code = rule_apply(&form->rule, field, value, (char *)out + field->offset);
	if (code == NULL || (field->is_optional && strcmp(code, "required") == 0))
		return;
	fault(form, field->name, code);
}

/* Of a key that nobody asked for: as much as fits, cut between characters. */
static const char *
shown_key(struct arena *arena, const char *key)
{
	size_t size = strlen(key);

	if (size > KEY_SHOWN)
		for (size = KEY_SHOWN; ((unsigned char)key[size] & 0xC0) == 0x80;)
			size--;
	return arena_strndup(arena, key, size);
}

static void
find_unknown(struct reading *form, struct json_object *json, const struct form_field *fields, size_t n)
{
	form->rule.words = NULL;
	json_object_object_foreach(json, key, value)
	{
		const char *shown;
		size_t i = 0;

		(void)value;
		while (i < n && strcmp(fields[i].name, key) != 0)
			i++;
		if (i < n)
			continue;
		/* What is beyond the list of errors needs no words. */
		form->is_bad = true;
		if (form->req->n_errors == REQUEST_ERRORS)
			return;
		if ((shown = shown_key(form->req->arena, key)) == NULL)
			form->rule.is_out_of_memory = true;
		else
			fault(form, shown, "unknown");
	}
}

enum status
form_read_object(
    struct request *req, const char *prefix, struct json_object *json, const struct form_field *fields, size_t n, void *out)
{
	struct reading form = { .req = req, .prefix = prefix != NULL ? prefix : "", .rule = { .arena = req->arena } };

	if (!json_object_is_type(json, json_type_object))
		return form_error(req, form.prefix, "type");
	for (size_t i = 0; i < n; i++)
		read_field(&form, json, &fields[i], out);
	find_unknown(&form, json, fields, n);
	if (form.rule.is_out_of_memory)
		return STATUS_INTERNAL;
	return form.is_bad ? STATUS_VALIDATION_FAILED : STATUS_OK;
}

enum status
form_read(struct request *req, const struct form_field *fields, size_t n, void *out)
{
	return form_read_object(req, NULL, req->json, fields, n, out);
}

/* The first character of ${password} that no English keyboard gives and that can be shown; NULL if there is none. */
static char *
foreign_sign(struct arena *arena, const char *password)
{
	int32_t c;

	for (utf8proc_ssize_t n; *password != '\0'; password += n) {
		n = utf8proc_iterate((const utf8proc_uint8_t *)password, -1, &c);
		if (n <= 0)
			return NULL;
		if (c > 0x7E && utf8proc_charwidth(c) > 0)
			return arena_strndup(arena, password, (size_t)n);
	}
	return NULL;
}

enum status
form_password(struct request *req, const char *field, const char *password, const char *const *avoid, size_t n_avoid)
{
	const char *code, *words, *place, *sign;
	char *message;

	if (password == NULL || (code = password_check(password, avoid, n_avoid)) == NULL)
		return STATUS_OK;
	if (strcmp(code, "format") != 0 || (sign = foreign_sign(req->arena, password)) == NULL)
		return form_error(req, field, code);

	/* Show the sign: a full-width ！ looks much like the one that was meant. */
	words = words_field("password", "format_sign");
	if ((place = strstr(words, "%s")) == NULL)
		return form_error(req, field, code);
	message = arena_printf(req->arena, "%.*s%s%s", (int)(place - words), words, sign, place + 2);
	return message != NULL ? add_error(req, field, code, message) : STATUS_INTERNAL;
}
