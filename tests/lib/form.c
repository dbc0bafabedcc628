/* Forms: every rule through the table, all faults at once, and nothing in the struct that was not judged. */
#include "form.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "db.h"
#include "json.h"

struct everything {
	const char *name, *phone, *password, *text, *uuid, *choice, *token, *date, *code;
	struct identity id_no;
	struct db_list uuids;
	bool consent, flag;
};

static const char *const choices[] = { "guangdong", "foreign", NULL };

#define AT(member) offsetof(struct everything, member)
static const struct form_field needed[] = {
	{ "name", FORM_NAME, AT(name), false, 0, NULL },
	{ "id_no", FORM_ID_NO, AT(id_no), false, 0, NULL },
	{ "phone", FORM_PHONE, AT(phone), false, 0, NULL },
	{ "password", FORM_PASSWORD, AT(password), false, 0, NULL },
	{ "text", FORM_TEXT, AT(text), false, 5, NULL },
	{ "consent", FORM_TRUE, AT(consent), false, 0, NULL },
	{ "flag", FORM_BOOL, AT(flag), false, 0, NULL },
	{ "uuid", FORM_UUID, AT(uuid), false, 0, NULL },
	{ "uuids", FORM_UUIDS, AT(uuids), false, 2, NULL },
	{ "choice", FORM_CHOICE, AT(choice), false, 0, choices },
	{ "token", FORM_TOKEN, AT(token), false, 0, NULL },
	{ "date", FORM_DATE, AT(date), false, 0, NULL },
	{ "code", FORM_CODE, AT(code), false, 0, NULL },
};
enum { FIELDS = sizeof needed / sizeof *needed };

static struct form_field optional[FIELDS];
static struct request req;

static int
setup(void **state)
{
	(void)state;
	memcpy(optional, needed, sizeof needed);
	for (size_t i = 0; i < FIELDS; i++)
		optional[i].is_optional = true;
	return (req.arena = arena_new(16 << 20)) == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(req.arena);
	return 0;
}

static enum status
read_fields(const struct form_field *fields, const char *text, struct everything *out)
{
	enum status st;

	*out = (struct everything){ 0 };
	req.n_errors = 0;
	req.json = json_read((struct bytes){ (const uint8_t *)text, strlen(text) });
	assert_non_null(req.json);
	st = form_read(&req, fields, FIELDS, out);
	json_object_put(req.json);
	return st;
}

/* The code at ${field}, or "" if nothing is wrong there. */
static const char *
code_at(const char *field)
{
	for (unsigned i = 0; i < req.n_errors; i++)
		if (strcmp(req.errors[i].field, field) == 0)
			return req.errors[i].code;
	return "";
}

/* Is ${value} (JSON) at ${field} refused with ${code}, by optional fields, which are all else absent? */
static void
assert_fault(const char *field, const char *value, const char *code)
{
	struct everything out;
	const char *text = arena_printf(req.arena, "{\"%s\":%s}", field, value);

	assert_int_equal(read_fields(optional, text, &out), STATUS_VALIDATION_FAILED);
	assert_int_equal(req.n_errors, 1);
	assert_string_equal(code_at(field), code);
	assert_true(strlen(req.errors[0].message) > 3);
}

static void
a_right_form_fills_the_struct_with_what_was_judged(void **state)
{
	struct everything out;

	(void)state;
	assert_int_equal(
	    read_fields(needed,
		"{\"name\":\" 阿依努尔•买买提 \",\"id_no\":\"441402 20210615 9910\",\"phone\":\"+86 199\\ufe0d0000 0003\","
		"\"password\":\" Kuvat4m! \",\"text\":\"梅江 1\",\"consent\":true,\"flag\":false,"
		"\"uuid\":\"0B6A1D9E-0000-4000-8000-000000000001\",\"uuids\":[\"0b6a1d9e-0000-4000-8000-000000000001\","
		"\"0B6A1D9E-0000-4000-8000-000000000001\",\"0b6a1d9e-0000-4000-8000-000000000002\"],\"choice\":\"foreign\","
		"\"token\":\"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-_\",\"date\":\"2020-02-29\",\"code\":\" ０12 345\"}",
		&out),
	    STATUS_OK);
	assert_int_equal(req.n_errors, 0);
	assert_string_equal(out.name, "阿依努尔·买买提");
	assert_string_equal(out.id_no.number, "441402202106159910");
	assert_string_equal(out.phone, "19900000003");
	assert_string_equal(out.password, " Kuvat4m! ");
	assert_string_equal(out.text, "梅江 1");
	assert_true(out.consent);
	assert_false(out.flag);
	assert_string_equal(out.uuid, "0b6a1d9e-0000-4000-8000-000000000001");
	assert_int_equal(out.uuids.n, 2);
	assert_string_equal(out.uuids.items[1], "0b6a1d9e-0000-4000-8000-000000000002");
	assert_string_equal(out.choice, "foreign");
	assert_string_equal(out.token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-_");
	assert_string_equal(out.code, "012345");
	assert_string_equal(out.date, "2020-02-29");
}

static void
absent_null_and_empty_are_required_of_needed_fields(void **state)
{
	static const char *const texts[] = { "{}",
		"{\"name\":null,\"id_no\":null,\"phone\":null,\"password\":null,\"text\":null,\"consent\":null,\"flag\":null,"
		"\"uuid\":null,\"uuids\":null,\"choice\":null,\"token\":null,\"date\":null,\"code\":null}",
		"{\"name\":\" \",\"id_no\":\"-\",\"phone\":\"\\u200b\",\"password\":\"\",\"text\":\"\\u3000\",\"consent\":false,"
		"\"flag\":null,\"uuid\":\"\",\"uuids\":[],\"choice\":\"\",\"token\":\"\",\"date\":\"\",\"code\":\" - \"}" };
	struct everything out, zero = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(read_fields(needed, texts[i], &out), STATUS_VALIDATION_FAILED);
		assert_int_equal(req.n_errors, FIELDS);
		for (size_t f = 0; f < FIELDS; f++)
			assert_string_equal(code_at(needed[f].name), "required");
		assert_memory_equal(&out, &zero, sizeof out);
		/* The same is nothing at all to fields that need not be there. */
		assert_int_equal(read_fields(optional, texts[i], &out), STATUS_OK);
		if (i < 2)
			assert_memory_equal(&out, &zero, sizeof out);
	}
	/* An empty list is said to be there: its meaning is the handler's. */
	assert_non_null(out.uuids.items);
	assert_int_equal(out.uuids.n, 0);
}

static void
another_json_type_is_type(void **state)
{
	static const char *const values[] = { "441402202106159910", "19900000001", "1e400", "1.5", "{}", "{\"a\":1}" };

	(void)state;
	for (size_t f = 0; f < FIELDS; f++)
		for (size_t v = 0; v < sizeof values / sizeof values[0]; v++)
			assert_fault(needed[f].name, values[v], "type");
	assert_fault("phone", "[\"19900000001\",\"19900000002\"]", "type");
	assert_fault("name", "true", "type");
	assert_fault("consent", "\"true\"", "type");
	assert_fault("flag", "1", "type");
	assert_fault("uuids", "\"0b6a1d9e-0000-4000-8000-000000000001\"", "type");
	assert_fault("uuids", "[1]", "type");
	assert_fault("uuids", "[null]", "type");
}

static void
a_nul_is_format_at_its_field_and_unknown_in_a_key(void **state)
{
	static const char *const texts[] = { "name", "id_no", "phone", "password", "text", "uuid", "choice", "token", "date",
		"code" };
	struct everything out;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_fault(texts[i], "\"a\\u0000b\"", "format");
	assert_int_equal(read_fields(optional, "{\"phone\\u0000\":\"19900000001\"}", &out), STATUS_VALIDATION_FAILED);
	assert_int_equal(req.n_errors, 1);
	assert_string_equal(req.errors[0].code, "unknown");
	assert_null(out.phone);
}

static void
each_rule_says_what_is_wrong(void **state)
{
	(void)state;
	assert_fault("name", "\"温\\ue854\"", "format");
	assert_fault("id_no", "\"441402202106159911\"", "checksum");
	assert_fault("id_no", "\"999840198506139826\"", "region");
	assert_fault("id_no", "\"441402202102299895\"", "birth_date");
	assert_fault("id_no", "\"4414022021061599100\"", "too_long");
	assert_fault("phone", "\"1990000000\"", "format");
	assert_fault("text", "\"梅江区一二三\"", "too_long");
	assert_fault("text", "\"a\\nb\"", "format");
	assert_fault("text", "\"a\\u0085b\"", "format");
	assert_fault("consent", "0", "type");
	assert_fault("uuid", "\"0b6a1d9e-0000-4000-8000-00000000000g\"", "format");
	assert_fault("uuid", "\"0b6a1d9e00004000800000000000000001aa\"", "format");
	assert_fault("uuids", "[\"x\"]", "format");
	assert_fault("uuids", "[\"\"]", "format");
	assert_fault("choice", "\"Guangdong\"", "format");
	assert_fault("token", "\"abc\"", "format");
	assert_fault("code", "\"12345\"", "format");
	assert_fault("code", "\"1234567\"", "format");
	assert_fault("code", "\"12345a\"", "format");
	assert_fault("code", "123456", "type");
	assert_fault("date", "\"2021-02-29\"", "format");
	assert_fault("date", "\"2021-2-9\"", "format");
	assert_fault("date", "\"0000-01-01\"", "format");
	assert_fault("date", "\"2021-02-01T00:00\"", "format");
	assert_fault("uuids",
	    "[\"0b6a1d9e-0000-4000-8000-000000000001\",\"0b6a1d9e-0000-4000-8000-000000000002\","
	    "\"0b6a1d9e-0000-4000-8000-000000000003\"]",
	    "too_long");
}

static void
another_documents_number_keeps_its_code_and_gets_words_of_its_own(void **state)
{
	const char *plain;

	(void)state;
	assert_fault("id_no", "\"4414022021\"", "too_short");
	plain = req.errors[0].message;
	assert_fault("id_no", "\"441402880412985\"", "too_short");
	assert_string_not_equal(req.errors[0].message, plain);
	assert_fault("id_no", "\"h12345678\"", "too_short");
	assert_string_not_equal(req.errors[0].message, plain);
}

static void
all_faults_come_at_once_and_unknown_fields_with_them(void **state)
{
	struct everything out;

	(void)state;
	assert_int_equal(read_fields(optional, "{\"name\":1,\"phone\":\"2\",\"x\":null,\"text\":\"ok\",\"name2\":\"b\"}", &out),
	    STATUS_VALIDATION_FAILED);
	assert_int_equal(req.n_errors, 4);
	assert_string_equal(code_at("name"), "type");
	assert_string_equal(code_at("phone"), "format");
	assert_string_equal(code_at("x"), "unknown");
	assert_string_equal(code_at("name2"), "unknown");
	/* What was right is there. */
	assert_string_equal(out.text, "ok");
}

static void
errors_are_bounded_in_number_and_size(void **state)
{
	static char text[40000] = "{";
	struct everything out;
	size_t used = 1;

	(void)state;
	for (int i = 0; i < 2000; i++)
		used += (size_t)snprintf(text + used, 16, "\"k%d\":0,", i);
	(void)snprintf(text + used - 1, 2, "}");
	assert_int_equal(read_fields(optional, text, &out), STATUS_VALIDATION_FAILED);
	assert_int_equal(req.n_errors, REQUEST_ERRORS);

	/* A long key is cut between two characters. */
	used = 2;
	memcpy(text, "{\"", 2);
	for (int i = 0; i < 100; i++)
		used += (size_t)snprintf(text + used, 4, "林");
	(void)snprintf(text + used, 5, "\":0}");
	assert_int_equal(read_fields(optional, text, &out), STATUS_VALIDATION_FAILED);
	assert_int_equal(strlen(req.errors[0].field), 63);
}

static void
endless_texts_are_refused_by_length(void **state)
{
	static char text[60010];

	(void)state;
	memset(text, 'a', sizeof text - 1);
	text[0] = '"';
	text[60000] = '"';
	text[60001] = '\0';
	assert_fault("name", text, "too_long");
	assert_fault("id_no", text, "too_long");
	assert_fault("text", text, "too_long");
	assert_fault("phone", text, "format");
}

static void
objects_inside_name_their_faults_by_path(void **state)
{
	static const char text[] = "{\"phone\":\"1\",\"x\":1}";
	struct json_object *json = json_read((struct bytes){ (const uint8_t *)text, sizeof text - 1 });
	struct everything out = { 0 };

	(void)state;
	req.n_errors = 0;
	assert_int_equal(form_read_object(&req, "guardians[0]", json, optional, FIELDS, &out), STATUS_VALIDATION_FAILED);
	assert_string_equal(code_at("guardians[0].phone"), "format");
	assert_string_equal(code_at("guardians[0].x"), "unknown");
	json_object_put(json);
	assert_int_equal(form_read_object(&req, "guardians[1]", NULL, optional, FIELDS, &out), STATUS_VALIDATION_FAILED);
	assert_string_equal(code_at("guardians[1]"), "type");
}

static void
a_password_is_wiped_from_the_json_it_came_in(void **state)
{
	static const char text[] = "{\"password\":\"Kuvat4m!\"}";
	struct json_object *password;
	struct everything out = { 0 };

	(void)state;
	req.n_errors = 0;
	req.json = json_read((struct bytes){ (const uint8_t *)text, sizeof text - 1 });
	assert_int_equal(form_read(&req, optional, FIELDS, &out), STATUS_OK);
	assert_string_equal(out.password, "Kuvat4m!");
	assert_true(json_object_object_get_ex(req.json, "password", &password));
	assert_string_equal(json_object_get_string(password), "");
	json_object_put(req.json);
}

static void
a_new_password_is_judged_and_its_strange_sign_shown(void **state)
{
	static const char *const avoid[] = { "19900000001" };

	(void)state;
	req.n_errors = 0;
	assert_int_equal(form_password(&req, "password", NULL, avoid, 1), STATUS_OK);
	assert_int_equal(form_password(&req, "password", "Kuvat4m2!", avoid, 1), STATUS_OK);
	assert_int_equal(req.n_errors, 0);
	assert_int_equal(form_password(&req, "password", "Kuvat4m2！", avoid, 1), STATUS_VALIDATION_FAILED);
	assert_string_equal(code_at("password"), "format");
	assert_non_null(strstr(req.errors[0].message, "“！”"));
	assert_non_null(strstr(req.errors[0].message, "英文键盘"));
	req.n_errors = 0;
	assert_int_equal(form_password(&req, "password", "Ab!19900000001", avoid, 1), STATUS_VALIDATION_FAILED);
	assert_string_equal(code_at("password"), "weak");
}

static void
a_full_arena_is_an_error_of_ours(void **state)
{
	struct arena *whole = req.arena;
	struct everything out;

	(void)state;
	assert_non_null(req.arena = arena_new(64));
	assert_int_equal(
	    read_fields(optional, "{\"name\":\"林晓雨林晓雨林晓雨林晓雨林晓雨林晓雨林晓雨\"}", &out), STATUS_INTERNAL);
	arena_free(req.arena);
	req.arena = whole;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_form_fills_the_struct_with_what_was_judged),
		cmocka_unit_test(absent_null_and_empty_are_required_of_needed_fields),
		cmocka_unit_test(another_json_type_is_type),
		cmocka_unit_test(a_nul_is_format_at_its_field_and_unknown_in_a_key),
		cmocka_unit_test(each_rule_says_what_is_wrong),
		cmocka_unit_test(another_documents_number_keeps_its_code_and_gets_words_of_its_own),
		cmocka_unit_test(all_faults_come_at_once_and_unknown_fields_with_them),
		cmocka_unit_test(errors_are_bounded_in_number_and_size),
		cmocka_unit_test(endless_texts_are_refused_by_length),
		cmocka_unit_test(objects_inside_name_their_faults_by_path),
		cmocka_unit_test(a_password_is_wiped_from_the_json_it_came_in),
		cmocka_unit_test(a_new_password_is_judged_and_its_strange_sign_shown),
		cmocka_unit_test(a_full_arena_is_an_error_of_ours),
	};

	return cmocka_run_group_tests_name("form", tests, setup, teardown);
}
