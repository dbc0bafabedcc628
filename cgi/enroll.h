/* What the files of enroll share: the sections of an application, their prefilling, and the handlers by noun. */
#ifndef ENROLL_H
#define ENROLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"
#include "reply.h"
#include "route.h"

struct json_object;

/* TEXT_LIMIT: code points of one answer. */
enum { GUARDIANS_MAX = 2, TEXT_LIMIT = 200 };

/* One guardian's number and phone as they were sent; NULL keeps what is stored. */
struct guardian_answer {
	const char *id_no, *phone;
};

/* A section as it came: normalized, and what is wrong in it. */
struct section_answers {
	const char *data;     /* JSON */
	const char *problems; /* JSON array of {section, field, code} */
	bool is_guardians;    /* the section of that name, whose numbers stand apart: */
	struct guardian_answer guardians[GUARDIANS_MAX];
	size_t n_guardians;
};

/* An application as its door gives it; guardians: the sealed phones, by the row they stand in. */
struct application {
	const char *code, *answer, *saved;
	int64_t version;
	bool is_limited;
	struct {
		const char *id;
		struct bytes phone;
	} guardians[GUARDIANS_MAX];
};

/**
 * section_exists(name):
 * Is ${name} a section of an application?
 */
bool section_exists(const char *name);

/**
 * section_read(req, name, out):
 * Read req->json as section ${name}. STATUS_VALIDATION_FAILED, with req->errors, only for what cannot be kept: unknown fields,
 * wrong types, overlong texts. All else is kept and, where it would not do for a submission, listed in ${out}->problems.
 */
enum status section_read(struct request *req, const char *name, struct section_answers *out);

/**
 * section_blank(req, shown, out):
 * Make the JSON {"student":[problems…],…} of what each section lacks while it was never saved, by what is ${shown} of it (the
 * "sections" of prefill_blank). Returns false if memory ends.
 */
bool section_blank(struct request *req, struct json_object *shown, const char **out);

/**
 * value_certificate(arena, folded):
 * Return the number of a real-estate certificate in its one form: no blanks, brackets full-width, digits ASCII; NULL if memory
 * ends.
 */
char *value_certificate(struct arena *arena, const char *folded);

/**
 * value_is_code(text):
 * Is ${text} a code of the national lists that an application asks for (two digits)? Which of them exist, the doors know.
 */
bool value_is_code(const char *text);

/**
 * value_is_date(text):
 * Is ${text} a day of the calendar, "2019-09-01"?
 */
bool value_is_date(const char *text);

/**
 * prefill(req, student_id, answer, saved):
 * Put into ${answer} (GET /api/applications/{student_id}) what the family's licences say of the sections that are not in
 * ${saved}, and into its "sources" each field that stands as a licence has it.
 */
enum status prefill(struct request *req, const char *student_id, struct json_object *answer, struct json_object *saved);

/**
 * prefill_lost(answer):
 * Of "lost_sources" in ${answer}, leave those fields alone that no licence stands behind any more ("sources", after prefill).
 */
void prefill_lost(struct json_object *answer);

/**
 * prefill_sources(req, student_id, section, data, out):
 * Which fields of ${data} (JSON, the whole section ${section}) read as the family's licences do?
 */
enum status prefill_sources(
    struct request *req, const char *student_id, const char *section, const char *data, struct db_list *out);

/**
 * prefill_blank(req, student_id, out):
 * Make what the doors are told of sections that were never saved (section_blank), by what the family's licences put into them:
 * what is shown and what is judged are one.
 */
enum status prefill_blank(struct request *req, const char *student_id, const char **out);

/**
 * enroll_is_uuid(text):
 * Is ${text} a UUID as our doors take it?
 */
bool enroll_is_uuid(const char *text);

/**
 * enroll_copy_json(arena, json):
 * Serialize ${json} into the arena; the caller still puts it. Returns NULL if memory ends.
 */
char *enroll_copy_json(struct arena *arena, struct json_object *json);

/**
 * enroll_door_json(text):
 * Parse JSON that a door made; NULL if it is none. The caller puts it.
 */
struct json_object *enroll_door_json(const char *text);

/**
 * application_open(req, out):
 * Ask the door for the application of the student in the path.
 */
enum status application_open(struct request *req, struct application *out);

/**
 * application_add_messages(req, problems):
 * Give every problem of the list the words that a parent reads.
 */
enum status application_add_messages(struct request *req, struct json_object *problems);

/**
 * application_add_etag(req, rep, version):
 * Say in ETag which version was answered.
 */
enum status application_add_etag(struct request *req, struct reply *rep, int64_t version);

/* Handlers of an application. */
enum status application_get(struct request *req, struct reply *rep);
enum status application_save(struct request *req, struct reply *rep);
enum status application_submit(struct request *req, struct reply *rep);
enum status application_withdraw(struct request *req, struct reply *rep);
enum status application_events(struct request *req, struct reply *rep);

/* Their doors. */
extern const struct door application_get_door, application_save_door, application_submit_door, application_withdraw_door,
    application_events_door, application_licenses_door;

#endif
