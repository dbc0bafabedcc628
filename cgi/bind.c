/*
 * bind: the account's students, and the first step, 绑定学生信息. Seals the numbers of further children, opens numbers for
 * the launch alone, and asks the digital space until it has its final word.
 */
#include <stddef.h>
#include <string.h>

#include "asker.h"
#include "errand.h"
#include "form.h"
#include "keys.h"
#include "name.h"
#include "service.h"
#include "space.h"
#include "words.h"

/* What a parent says of a child; on PATCH everything may be left out. */
struct child {
	const char *name;
	struct identity id_no;
	bool is_consented;
	const char *register_place, *route;
	bool is_register_name_taken;

	/* Made of it. */
	const char *student; /* the row: new, or the one of the path */
	const char *name_mask, *id_no_mask, *birth_date;
	struct bytes id_no_sealed, id_no_index;
	char id[37];
};

struct child_answer {
	const char *code, *json;
	bool is_same; /* the guardian's own number */
	int64_t retry_after_s;
};

#define AT(member) offsetof(struct child, member)
static const struct db_field add_in[] = { { DB_SESSION, 0 }, { DB_REF, 0 }, { DB_UUID, AT(student) }, { DB_TEXT, AT(name) },
	{ DB_TEXT, AT(name_mask) }, { DB_BYTES, AT(id_no_sealed) }, { DB_BYTES, AT(id_no_index) }, { DB_TEXT, AT(id_no_mask) },
	{ DB_TEXT, AT(birth_date) }, { DB_BOOL, AT(id_no.is_female) } };
static const struct db_field change_in[] = { { DB_SESSION, 0 }, { DB_REF, 0 }, { DB_UUID, AT(student) },
	{ DB_TEXT, AT(register_place) }, { DB_TEXT, AT(route) }, { DB_TEXT, AT(name) }, { DB_TEXT, AT(name_mask) },
	{ DB_BYTES, AT(id_no_sealed) }, { DB_BYTES, AT(id_no_index) }, { DB_TEXT, AT(id_no_mask) }, { DB_TEXT, AT(birth_date) },
	{ DB_BOOL, AT(id_no.is_female) }, { DB_BOOL, AT(is_register_name_taken) } };
static const struct db_field remove_in[] = { { DB_SESSION, 0 }, { DB_REF, 0 }, { DB_UUID, AT(student) } };
static const struct db_field child_out[] = { { DB_JSON, offsetof(struct child_answer, json) },
	{ DB_BOOL, offsetof(struct child_answer, is_same) }, { DB_INT, offsetof(struct child_answer, retry_after_s) } };

static const struct door student_add = { "student_add", "select * from enroll.student_add($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
	add_in, sizeof add_in / sizeof *add_in, child_out, 3, offsetof(struct child_answer, code) };
static const struct door student_change = { "student_change",
	"select * from enroll.student_change($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)", change_in,
	sizeof change_in / sizeof *change_in, child_out, 3, offsetof(struct child_answer, code) };
static const struct door student_remove = { "student_remove", "select * from enroll.student_remove($1,$2,$3)", remove_in,
	sizeof remove_in / sizeof *remove_in, NULL, 0, 0 };

/* Seal, index and mask what was typed, for the row child->student. */
static enum status
seal_child(struct request *req, struct child *child)
{
	struct date birth = child->id_no.birth;
	uint8_t *index = arena_alloc(req->arena, SEAL_INDEX_SIZE);

	if (child->name != NULL && (child->name_mask = name_mask(req->arena, child->name)) == NULL)
		return STATUS_INTERNAL;
	if (child->id_no.number[0] == '\0')
		return STATUS_OK;
	child->id_no_mask = seal_mask_id_no(req->arena, child->id_no.number);
	child->birth_date = arena_printf(req->arena, "%04d-%02d-%02d", birth.year, birth.month, birth.day);
	if (index == NULL || child->id_no_mask == NULL || child->birth_date == NULL ||
	    !seal_index("id_no", child->id_no.number, index) ||
	    !seal_put(req->arena, SEAL_IDENTITY, "student.id_no", child->student, child->id_no.number, &child->id_no_sealed))
		return STATUS_INTERNAL;
	child->id_no_index = (struct bytes){ index, SEAL_INDEX_SIZE };
	return STATUS_OK;
}

/* Call the door; a number that is the guardian's own is a fault of that field. */
static enum status
call(struct request *req, const struct door *door, const struct child *child, struct child_answer *answer)
{
	enum status st = db_call(req, door, child, answer);

	req->retry_after_s = (int)answer->retry_after_s;
	return answer->is_same ? form_error(req, "id_no", "same_as") : st;
}

/* POST /api/students: a further child. */
static enum status
students_post(struct request *req, struct reply *rep)
{
	static const struct form_field fields[] = {
		{ .name = "name", .rule = FORM_NAME, .offset = AT(name) },
		{ .name = "id_no", .rule = FORM_ID_NO, .offset = AT(id_no) },
		{ .name = "consent", .rule = FORM_TRUE, .offset = AT(is_consented) },
	};
	struct child *child = arena_alloc(req->arena, sizeof *child);
	struct child_answer answer = { 0 };
	enum status st;

	if (child == NULL)
		return STATUS_INTERNAL;
	if ((st = form_read(req, fields, sizeof fields / sizeof *fields, child)) != STATUS_OK)
		return st;
	seal_uuid(child->id);
	child->student = child->id;
	if ((st = seal_child(req, child)) != STATUS_OK)
		return st;
	if ((st = call(req, &student_add, child, &answer)) == STATUS_WRONG_STATE)
		req->detail = words_sentence("students_full");
	if (st != STATUS_OK)
		return st;
	return reply_text(req, rep, strcmp(answer.code, "created") == 0 ? 201 : 200, answer.json);
}

/* PATCH /api/students/{id}: where the register is, the route, a correction, or the register's spelling. */
static enum status
student_patch(struct request *req, struct reply *rep)
{
	static const char *const places[] = { "guangdong", "other_province", "hong_kong_macao_taiwan", "foreign", NULL };
	static const char *const routes[] = { "licences", "materials", "in_person", NULL };
	static const struct form_field fields[] = {
		{ .name = "register_place",
		    .rule = FORM_CHOICE,
		    .offset = AT(register_place),
		    .is_optional = true,
		    .choices = places },
		{ .name = "route", .rule = FORM_CHOICE, .offset = AT(route), .is_optional = true, .choices = routes },
		{ .name = "name", .rule = FORM_NAME, .offset = AT(name), .is_optional = true },
		{ .name = "id_no", .rule = FORM_ID_NO, .offset = AT(id_no), .is_optional = true },
		{ .name = "take_register_name", .rule = FORM_BOOL, .offset = AT(is_register_name_taken), .is_optional = true },
	};
	struct child *child = arena_alloc(req->arena, sizeof *child);
	struct child_answer answer = { 0 };
	enum status st;

	if (child == NULL)
		return STATUS_INTERNAL;
	if ((st = form_read(req, fields, sizeof fields / sizeof *fields, child)) != STATUS_OK)
		return st;
	if ((child->student = request_uuid(req, 0)) == NULL)
		return STATUS_NOT_FOUND;
	if ((st = seal_child(req, child)) != STATUS_OK || (st = call(req, &student_change, child, &answer)) != STATUS_OK)
		return st;
	return reply_text(req, rep, 200, answer.json);
}

/* DELETE /api/students/{id}: one entered by mistake. */
static enum status
student_delete(struct request *req, struct reply *rep)
{
	const struct child child = { .student = request_uuid(req, 0) };
	enum status st;

	if (child.student == NULL)
		return STATUS_NOT_FOUND;
	if ((st = db_call(req, &student_remove, &child, NULL)) != STATUS_OK)
		return st;
	return reply_empty(rep);
}
#undef AT

/* POST /api/bindings */
static enum status
bindings_post(struct request *req, struct reply *rep)
{
	static const char *const licenses[] = { "birth_certificate", "identity_credential", "household_register", NULL };
	static const struct errand_kind kind = { "bind", "/bind", "/api/bindings/notify", licenses };

	return errand_launch(req, rep, &kind);
}

static const struct route routes[] = {
	{ "POST", "/api/students", students_post, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "PATCH", "/api/students/{id}", student_patch, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "DELETE", "/api/students/{id}", student_delete, ROUTE_ORIGIN | ROUTE_SESSION },
	{ "POST", "/api/bindings", bindings_post, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "POST", "/api/bindings/return", errand_return, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "POST", "/api/bindings/notify", errand_notify, ROUTE_JSON },
	{ "GET", "/api/bindings/{id}", errand_get, ROUTE_SESSION },
	{ "GET", "/api/bindings/{id}/events", errand_events, ROUTE_SESSION },
};

static const struct door *const doors[] = { &student_add, &student_change, &student_remove, &errand_begin_door,
	&errand_launched_door, &errand_get_door, &errand_return_door, &errand_hint_door, &errand_due_door, &errand_settle_door,
	&errand_events_door };

static int64_t
work(struct request *req)
{
	return errand_work(req, false);
}

static bool
start(void)
{
	return space_open() && asker_start(work);
}

int
main(int argc, char **argv)
{
	const struct service service = { .name = "bind",
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.doors = doors,
		.n_doors = sizeof doors / sizeof *doors,
		.keys = keys_of("bind"),
		.start = start,
		.stop = asker_stop };

	return service_main(argc, argv, &service);
}
