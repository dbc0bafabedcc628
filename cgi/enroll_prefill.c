/*
 * What the family's licences already say, the parent need not type: one table maps a licence's fields (by the names seen in
 * Guangdong) to the application's. Only sections that were never saved are filled; a saved field that still reads as the licence
 * does keeps its mark in "sources". A licence that cannot be read is passed over: the parent types instead.
 */
#include "enroll.h"

#include <json-c/json.h>
#include <string.h>

#include "fold.h"
#include "json.h"
#include "log.h"

#define N(array) (sizeof(array) / sizeof *(array))

struct licenses_in {
	const char *student_id;
};

struct license_row {
	const char *code, *id, *type, *issued_on;
	bool is_students;
	struct bytes data;
};

static const struct db_field in_fields[] = {
	{ DB_SESSION, 0 },
	{ DB_REF, 0 },
	{ DB_UUID, offsetof(struct licenses_in, student_id) },
};

static const struct db_field out_fields[] = {
	{ DB_UUID, offsetof(struct license_row, id) },
	{ DB_TEXT, offsetof(struct license_row, type) },
	{ DB_BOOL, offsetof(struct license_row, is_students) },
	{ DB_TEXT, offsetof(struct license_row, issued_on) },
	{ DB_BYTES, offsetof(struct license_row, data) },
};

const struct door application_licenses_door = {
	.name = "application_licenses",
	.sql = "select * from enroll.application_licenses($1,$2,$3)",
	.in = in_fields,
	.n_in = N(in_fields),
	.out = out_fields,
	.n_out = N(out_fields),
	.code_offset = offsetof(struct license_row, code),
};

/* The first licence that has the field wins; rows come newest first. */
static const struct mapping {
	const char *type;
	bool is_students;
	const char *from, *section, *field;
} mappings[] = {
	{ "household_register", true, "HB", "household", "kind" },
	{ "household_register", true, "HZ_XM", "household", "head_name" },
	{ "household_register", true, "YHZGXDM", "household", "relation_to_head" },
	{ "household_register", true, "HJDZ", "household", "address" },
	{ "household_register", true, "QRRQ", "household", "moved_in_on" },
	{ "household_register", true, "MZ", "student", "ethnicity" },
	{ "real_estate", false, "ZZHM", "residence", "certificate_no" },
	{ "real_estate", false, "CYRMC", "residence", "owner_name" },
	{ "real_estate", false, "ZL", "residence", "address" },
};

/* What a licence gives for a field, in the field's one form; NULL if it is of no use. */
static const char *
licence_value(struct request *req, const struct mapping *mapping, struct json_object *fields)
{
	struct json_object *value = json_object_object_get(fields, mapping->from);
	const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";

	if (text[0] == '\0')
		return NULL;
	if (fold_length(text) > TEXT_LIMIT)
		return NULL;
	if (strcmp(mapping->field, "moved_in_on") == 0)
		return value_is_date(text) ? text : NULL;
	if (strcmp(mapping->field, "ethnicity") == 0 || strcmp(mapping->field, "relation_to_head") == 0)
		return value_is_code(text) ? text : NULL;
	if (strcmp(mapping->field, "certificate_no") == 0)
		return value_certificate(req->arena, text);
	return text;
}

static enum status
add_source(struct request *req, const struct mapping *mapping, const struct license_row *row, struct json_object *sources)
{
	const char *key = arena_printf(req->arena, "%s.%s", mapping->section, mapping->field);
	struct json_object *source;

	if (key == NULL)
		return STATUS_INTERNAL;
	if (json_object_object_get(sources, key) != NULL)
		return STATUS_OK;
	source = json_object_new_object();
	(void)json_object_object_add(source, "license", json_object_new_string(row->type));
	(void)json_object_object_add(source, "issued_on", row->issued_on != NULL ? json_object_new_string(row->issued_on) : NULL);
	(void)json_object_object_add(sources, key, source);
	return STATUS_OK;
}

/* One field from one licence: fill it where nothing was saved, mark it where it reads alike. */
static enum status
fill_field(struct request *req, const struct mapping *mapping, const struct license_row *row, struct json_object *fields,
    struct json_object *answer, struct json_object *saved)
{
	struct json_object *sections = json_object_object_get(answer, "sections");
	struct json_object *section = json_object_object_get(sections, mapping->section), *present;
	const char *value = licence_value(req, mapping, fields);

	if (value == NULL || section == NULL)
		return STATUS_OK;
	present = json_object_object_get(section, mapping->field);
	if (present == NULL && json_object_object_get(saved, mapping->section) == NULL)
		(void)json_object_object_add(section, mapping->field, json_object_new_string(value));
	else if (present == NULL || strcmp(json_object_get_string(present), value) != 0)
		return STATUS_OK;
	return add_source(req, mapping, row, json_object_object_get(answer, "sources"));
}

static enum status
fill_from(struct request *req, const struct license_row *row, struct json_object *answer, struct json_object *saved)
{
	const char *text = seal_get(req->arena, SEAL_LICENSE, "license.data", row->id, row->data);
	struct json_object *license = text != NULL ? json_read((struct bytes){ (const uint8_t *)text, strlen(text) }) : NULL;
	struct json_object *fields = json_object_object_get(license, "fields");
	enum status st = STATUS_OK;

	if (!json_object_is_type(fields, json_type_object))
		log_event(LOG_WARNING, req->ref, "license_unreadable", "license %s gives nothing to prefill", row->id);
	else
		for (size_t i = 0; st == STATUS_OK && i < N(mappings); i++)
			if (strcmp(mappings[i].type, row->type) == 0 && mappings[i].is_students == row->is_students)
				st = fill_field(req, &mappings[i], row, fields, answer, saved);
	(void)json_object_put(license);
	return st;
}

enum status
prefill(struct request *req, const char *student_id, struct json_object *answer, struct json_object *saved)
{
	const struct licenses_in in = { student_id };
	struct db_rows rows;
	enum status st = db_call_rows(req, &application_licenses_door, &in, sizeof(struct license_row), &rows);
	const struct license_row *row = rows.items;

	for (size_t i = 0; st == STATUS_OK && i < rows.n; i++)
		st = fill_from(req, &row[i], answer, saved);
	return st;
}

enum status
prefill_blank(struct request *req, const char *student_id, const char **out)
{
	static const char empty[] =
	    "{\"sections\":{\"student\":{},\"household\":{},\"residence\":{},\"wishes\":{}},\"sources\":{}}";
	struct json_object *answer = enroll_door_json(empty);
	enum status st = answer != NULL ? prefill(req, student_id, answer, NULL) : STATUS_INTERNAL;

	if (st == STATUS_OK && !section_blank(req, json_object_object_get(answer, "sections"), out))
		st = STATUS_INTERNAL;
	(void)json_object_put(answer);
	return st;
}

void
prefill_lost(struct json_object *answer)
{
	struct json_object *known = json_object_object_get(answer, "sources"),
			   *old = json_object_object_get(answer, "lost_sources");
	struct json_object *lost = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(old); i++) {
		struct json_object *field = json_object_array_get_idx(old, i);

		if (json_object_object_get(known, json_object_get_string(field)) == NULL)
			(void)json_object_array_add(lost, json_object_get(field));
	}
	(void)json_object_object_add(answer, "lost_sources", lost);
}

enum status
prefill_sources(struct request *req, const char *student_id, const char *section, const char *data, struct db_list *out)
{
	struct json_object *answer = json_object_new_object(), *sections = json_object_new_object(),
			   *sources = json_object_new_object();
	struct json_object *saved = json_object_new_object();
	const char **fields = (const char **)arena_alloc(req->arena, N(mappings) * sizeof *fields);
	enum status st;
	size_t n = 0;

	(void)json_object_object_add(sections, section, enroll_door_json(data));
	(void)json_object_object_add(saved, section, json_object_new_boolean(1));
	(void)json_object_object_add(answer, "sections", sections);
	(void)json_object_object_add(answer, "sources", sources);
	st = fields != NULL ? prefill(req, student_id, answer, saved) : STATUS_INTERNAL;
	if (st == STATUS_OK) {
		json_object_object_foreach(sources, key, source)
		{
			(void)source;
			fields[n] = arena_strdup(req->arena, key + strlen(section) + 1);
			if (fields[n++] == NULL)
				st = STATUS_INTERNAL;
		}
	}
	*out = (struct db_list){ fields, n };
	(void)json_object_put(saved);
	(void)json_object_put(answer);
	return st;
}
