/* enroll: the season, the schools, and the applications (enroll_application.c). */
#include "enroll.h"

#include <json-c/json.h>
#include <string.h>

#include "form.h"
#include "keys.h"
#include "service.h"

#define N(array) (sizeof(array) / sizeof *(array))

struct school_in {
	const char *address; /* NULL: the plain list */
};

struct answer_out {
	const char *code;
	const char *answer;
};

static const struct db_field ref_fields[] = { { DB_REF, 0 } };

static const struct db_field school_fields[] = {
	{ DB_REF, 0 },
	{ DB_TEXT, offsetof(struct school_in, address) },
};

static const struct db_field answer_fields[] = { { DB_JSON, offsetof(struct answer_out, answer) } };

static const struct door season_door = {
	.name = "season_get",
	.sql = "select * from enroll.season_get($1)",
	.in = ref_fields,
	.n_in = N(ref_fields),
	.out = answer_fields,
	.n_out = N(answer_fields),
	.code_offset = offsetof(struct answer_out, code),
};

static const struct door school_door = {
	.name = "school_list",
	.sql = "select * from enroll.school_list($1,$2)",
	.in = school_fields,
	.n_in = N(school_fields),
	.out = answer_fields,
	.n_out = N(answer_fields),
	.code_offset = offsetof(struct answer_out, code),
};

bool
enroll_is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < sizeof form; i++) {
		bool fits =
		    form[i] == 'x' ? text[i] != '\0' && strchr("0123456789abcdefABCDEF", text[i]) != NULL : text[i] == form[i];

		if (!fits)
			return false;
	}
	return true;
}

char *
enroll_copy_json(struct arena *arena, struct json_object *json)
{
	size_t length = 0;
	const char *text =
	    json_object_to_json_string_length(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);

	return text != NULL ? arena_strndup(arena, text, length) : NULL;
}

/* GET /api/season */
static enum status
season_get(struct request *req, struct reply *rep)
{
	struct answer_out out = { 0 };
	enum status st = db_call(req, &season_door, NULL, &out);

	return st != STATUS_OK ? st : reply_text(req, rep, 200, out.answer);
}

static enum status
answer_schools(struct request *req, struct reply *rep, const struct school_in *in)
{
	struct answer_out out = { 0 };
	enum status st = db_call(req, &school_door, in, &out);

	return st != STATUS_OK ? st : reply_text(req, rep, 200, out.answer);
}

/* GET /api/schools */
static enum status
schools_get(struct request *req, struct reply *rep)
{
	const struct school_in in = { NULL };

	return answer_schools(req, rep, &in);
}

/* POST /api/schools/search: the catchment's own first. A POST, so that the address stands in no URL and no log. */
static enum status
schools_search(struct request *req, struct reply *rep)
{
	static const struct form_field fields[] = {
		{ .name = "address", .rule = FORM_TEXT, .offset = offsetof(struct school_in, address) },
	};
	struct school_in in = { 0 };
	enum status st = form_read(req, fields, N(fields), &in);

	return st != STATUS_OK ? st : answer_schools(req, rep, &in);
}

enum { READS = ROUTE_SESSION, WRITES = ROUTE_SESSION | ROUTE_ORIGIN };

static const struct route routes[] = {
	{ "GET", "/api/season", season_get, 0 },
	{ "GET", "/api/schools", schools_get, 0 },
	{ "POST", "/api/schools/search", schools_search, ROUTE_ORIGIN | ROUTE_JSON },
	{ "GET", "/api/applications/{student_id}", application_get, READS },
	{ "PUT", "/api/applications/{student_id}/sections/{section}", application_save,
	    WRITES | ROUTE_JSON | ROUTE_LIST | ROUTE_MATCH },
	{ "POST", "/api/applications/{student_id}/submit", application_submit, WRITES | ROUTE_KEY },
	{ "POST", "/api/applications/{student_id}/withdraw", application_withdraw, WRITES | ROUTE_KEY },
	{ "GET", "/api/applications/{student_id}/events", application_events, READS },
};

static const struct door *const doors[] = { &season_door, &school_door, &application_get_door, &application_save_door,
	&application_submit_door, &application_withdraw_door, &application_events_door, &application_licenses_door };

int
main(int argc, char **argv)
{
	const struct service service = {
		.name = "enroll",
		.routes = routes,
		.n_routes = N(routes),
		.doors = doors,
		.n_doors = N(doors),
		.keys = keys_of("enroll"),
	};

	return service_main(argc, argv, &service);
}
