/*
 * Each rule is a function that takes the value, folds and judges it, and writes what it judged to its place in the struct;
 * one table leads from a field's rule to its function.
 */
#include "rule.h"

#include <json-c/json.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "clock.h"
#include "db.h"
#include "fold.h"
#include "identity.h"
#include "name.h"
#include "phone.h"

enum {
	TYPED_MAX = 16 * 1024,    /* bytes of a text that are folded at all: no honest field comes near */
	PASSWORD_MAX = 64 * 1024, /* bytes */
	TEXT_DEFAULT = 200,
	UUIDS_DEFAULT = 8,
	UUID_LENGTH = 36,
	TOKEN_LENGTH = 43,
	CODE_LENGTH = 6
};

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static const char *
out_of_memory(struct rule_call *call)
{
	call->is_out_of_memory = true;
	return NULL;
}

/* The bytes of a JSON string without NUL, at most ${limit} of them. */
static const char *
string_of(struct json_object *value, size_t limit, const char **text)
{
	size_t size;

	if (!json_object_is_type(value, json_type_string))
		return "type";
	*text = json_object_get_string(value);
	size = (size_t)json_object_get_string_len(value);
	if (size > limit)
		return "too_long";
	return strlen(*text) == size ? NULL : "format";
}

/* As typed, and not longer than anybody types: folded. */
static const char *
folded_of(struct rule_call *call, struct json_object *value, char *(*fold)(struct arena *, const char *), const char **out)
{
	const char *code, *typed;

	*out = "";
	if ((code = string_of(value, TYPED_MAX, &typed)) != NULL)
		return code;
	if ((*out = fold(call->arena, typed)) == NULL) {
		*out = "";
		return out_of_memory(call);
	}
	return NULL;
}

/* Keep a copy of ${text} at ${at}. */
static const char *
keep(struct rule_call *call, const char *text, void *at)
{
	char *copy = arena_strdup(call->arena, text);

	if (copy == NULL)
		return out_of_memory(call);
	*(const char **)at = copy;
	return NULL;
}

static const char *
read_name(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	const char *code, *name;

	(void)field;
	if ((code = folded_of(call, value, fold_name, &name)) != NULL || (code = name_check(name)) != NULL)
		return code;
	*(const char **)at = name;
	return NULL;
}

static const char *
read_id_no(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	const char *code, *number;
	struct identity identity;

	(void)field;
	if ((code = folded_of(call, value, fold_number, &number)) != NULL)
		return code;
	if ((code = identity_read(number, clock_beijing_date(clock_wall_ms()), &identity)) == NULL) {
		*(struct identity *)at = identity;
		return NULL;
	}
	/* A number of another document: the code stays, the words say what its holder does. */
	if ((strcmp(code, "too_short") == 0 || strcmp(code, "format") == 0) && identity_is_foreign_form(number))
		call->words = "foreign_form";
	return code;
}

static const char *
read_phone(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	const char *code, *phone;

	(void)field;
	if ((code = folded_of(call, value, fold_number, &phone)) != NULL)
		return strcmp(code, "too_long") == 0 ? "format" : code;
	if ((code = phone_check(phone)) != NULL)
		return code;
	*(const char **)at = phone;
	return NULL;
}

static const char *
read_password(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	const char *code, *password;

	(void)field;
	if ((code = string_of(value, PASSWORD_MAX, &password)) != NULL)
		return code;
	if (password[0] == '\0')
		return "required";
	code = keep(call, password, at);

	/* The arena's copy is wiped with the request; json-c's, which nobody else will, here. */
	OPENSSL_cleanse((char *)password, strlen(password));
	return code;
}

static bool
has_control(const char *text)
{
	int32_t c;

	for (utf8proc_ssize_t n; *text != '\0'; text += n) {
		n = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);
		if (n <= 0 || utf8proc_category(c) == UTF8PROC_CATEGORY_CC)
			return true;
	}
	return false;
}

static const char *
read_text(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	const char *code, *text;

	if ((code = folded_of(call, value, fold_text, &text)) != NULL)
		return code;
	if (text[0] == '\0')
		return "required";
	if (fold_length(text) > (field->limit > 0 ? field->limit : TEXT_DEFAULT))
		return "too_long";
	if (has_control(text))
		return "format";
	*(const char **)at = text;
	return NULL;
}

static const char *
read_bool(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	(void)call;
	if (!json_object_is_type(value, json_type_boolean))
		return "type";
	if (field->rule == FORM_TRUE && !json_object_get_boolean(value))
		return "required";
	*(bool *)at = json_object_get_boolean(value) != 0;
	return NULL;
}

/* A UUID in its usual form; kept in lower case, as the database gives it back. */
static const char *
uuid_of(struct rule_call *call, struct json_object *value, const char **out)
{
	const char *code, *text;
	char *copy;

	if ((code = string_of(value, TYPED_MAX, &text)) != NULL)
		return code;
	if (text[0] == '\0')
		return "required";
	if (strlen(text) != UUID_LENGTH)
		return "format";
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_hyphen ? text[i] != '-' : strchr("0123456789abcdefABCDEF", text[i]) == NULL)
			return "format";
	}
	if ((copy = arena_strdup(call->arena, text)) == NULL)
		return out_of_memory(call);
	for (char *c = copy; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'F')
			*c = (char)(*c - 'A' + 'a');
	*out = copy;
	return NULL;
}

static const char *
read_uuid(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	(void)field;
	return uuid_of(call, value, (const char **)at);
}

static bool
is_listed(const char *const *items, size_t n, const char *item)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(items[i], item) == 0)
			return true;
	return false;
}

static const char *
read_uuids(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	size_t limit = field->limit > 0 ? field->limit : UUIDS_DEFAULT, length, n = 0;
	const char **items, *code, *item = NULL;

	if (!json_object_is_type(value, json_type_array))
		return "type";
	length = json_object_array_length(value);
	if (length == 0 && !field->is_optional)
		return "required";
	if ((items = (const char **)arena_alloc(call->arena, (limit + 1) * sizeof *items)) == NULL)
		return out_of_memory(call);
	for (size_t i = 0; i < length; i++) {
		/* Empty is no way to leave one out here. */
		if ((code = uuid_of(call, json_object_array_get_idx(value, i), &item)) != NULL)
			return strcmp(code, "required") == 0 ? "format" : code;
		if (item == NULL || is_listed(items, n, item))
			continue;
		if (n == limit)
			return "too_long";
		items[n++] = item;
	}
	*(struct db_list *)at = (struct db_list){ items, n };
	return NULL;
}

static const char *
read_choice(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	const char *code, *text;

	(void)call;
	if ((code = string_of(value, TYPED_MAX, &text)) != NULL)
		return code;
	if (text[0] == '\0')
		return "required";
	for (const char *const *choice = field->choices; *choice != NULL; choice++) {
		if (strcmp(*choice, text) == 0) {
			*(const char **)at = *choice;
			return NULL;
		}
	}
	return "format";
}

static const char *
read_token(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	const char *code, *text;

	(void)field;
	if ((code = string_of(value, TYPED_MAX, &text)) != NULL)
		return code;
	if (text[0] == '\0')
		return "required";
	if (strlen(text) != TOKEN_LENGTH || strspn(text, base64url) != TOKEN_LENGTH)
		return "format";
	return keep(call, text, at);
}

static const char *
read_code(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	const char *refusal, *code;

	(void)field;
	if ((refusal = folded_of(call, value, fold_number, &code)) != NULL)
		return refusal;
	if (code[0] == '\0')
		return "required";
	if (strlen(code) != CODE_LENGTH || strspn(code, "0123456789") != CODE_LENGTH)
		return "format";
	*(const char **)at = code;
	return NULL;
}

static const char *
read_date(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	static const char digits[] = "0123456789";
	const char *code, *text;
	struct date date;

	(void)field;
	if ((code = string_of(value, TYPED_MAX, &text)) != NULL)
		return code;
	if (text[0] == '\0')
		return "required";
	if (strspn(text, digits) != 4 || text[4] != '-' || strspn(text + 5, digits) != 2 || text[7] != '-' ||
	    strspn(text + 8, digits) != 2 || text[10] != '\0')
		return "format";
	date.year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0';
	date.month = (text[5] - '0') * 10 + text[6] - '0';
	date.day = (text[8] - '0') * 10 + text[9] - '0';
	return date.year > 0 && clock_is_day(date) ? keep(call, text, at) : "format";
}

static const char *(*const rules[])(struct rule_call *, const struct form_field *, struct json_object *, void *) = {
	[FORM_NAME] = read_name,
	[FORM_ID_NO] = read_id_no,
	[FORM_PHONE] = read_phone,
	[FORM_PASSWORD] = read_password,
	[FORM_TEXT] = read_text,
	[FORM_TRUE] = read_bool,
	[FORM_BOOL] = read_bool,
	[FORM_UUID] = read_uuid,
	[FORM_UUIDS] = read_uuids,
	[FORM_CHOICE] = read_choice,
	[FORM_TOKEN] = read_token,
	[FORM_CODE] = read_code,
	[FORM_DATE] = read_date,
};

const char *
rule_apply(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at)
{
	call->words = NULL;
	return rules[field->rule](call, field, value, at);
}
