/* What the files of the sandbox share: its doors, the reading of bodies with lists in them, faults, and its handlers. */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "db.h"
#include "identity.h"
#include "reply.h"
#include "request.h"

/* Most of the sandbox's functions answer in JSON that is passed on as it is. */
struct sandbox_answer {
	const char *code, *body;
};

extern const struct db_field sandbox_answer_fields[1];

/* A person in a body: {"name","id_no"}. */
struct sandbox_person {
	const char *name;
	struct identity id_no;
};

/* What must go wrong with one call. */
struct sandbox_fault {
	const char *code, *name; /* "none" when nothing is to go wrong */
	int64_t delay_ms;
};

typedef enum status sandbox_handler(struct request *req, struct reply *rep, const struct sandbox_fault *fault);

/**
 * sandbox_session_id(req):
 * Return the session's id from the path if it is a UUID, else NULL: there is no such session.
 */
const char *sandbox_session_id(const struct request *req);

/**
 * sandbox_take_person(req, member, out):
 * Read the object ${member} of req->json into ${out} and remove it, so that form_read may judge the rest.
 */
enum status sandbox_take_person(struct request *req, const char *member, struct sandbox_person *out);

/**
 * sandbox_take_people(req, member, out), sandbox_take_licenses, sandbox_take_holdings, sandbox_take_numbers:
 * The same for a list of persons, of license types, of {type,holder_id_no}, of identity numbers: checked and folded, as JSON
 * in ${out}; NULL if ${member} is missing.
 */
enum status sandbox_take_people(struct request *req, const char *member, const char **out);
enum status sandbox_take_licenses(struct request *req, const char *member, const char **out);
enum status sandbox_take_holdings(struct request *req, const char *member, const char **out);
enum status sandbox_take_numbers(struct request *req, const char *member, const char **out);

/**
 * sandbox_take_items(req, member, out):
 * The same for the pages' own list of {key,type}.
 */
enum status sandbox_take_items(struct request *req, const char *member, const char **out);

/**
 * sandbox_take_int(req, member, max, fallback, out):
 * The same for a whole number from 0 to ${max}; ${fallback} if it is missing.
 */
enum status sandbox_take_int(struct request *req, const char *member, int64_t max, int64_t fallback, int64_t *out);

/**
 * sandbox_with_fault(req, rep, target, handle):
 * Answer a call of ${target} by ${handle}, with whatever fault is switched on for it.
 */
enum status sandbox_with_fault(struct request *req, struct reply *rep, const char *target, sandbox_handler *handle);

/**
 * sandbox_fault_is(fault, name):
 * Is it this one?
 */
bool sandbox_fault_is(const struct sandbox_fault *fault, const char *name);

/**
 * sandbox_notice_start(), sandbox_notice_stop():
 * The thread that sends notices to the platform.
 */
bool sandbox_notice_start(void);
void sandbox_notice_stop(void);

/**
 * sandbox_notice_wake():
 * A session has moved: there is something to send.
 */
void sandbox_notice_wake(void);

/**
 * sandbox_migrate():
 * Build the schema anew in the sandbox's database if the files in sql_dir/sandbox have changed. Returns false (logged) if not.
 */
bool sandbox_migrate(void);

/* The handlers, by file. */
enum status sandbox_wechat_authorize(struct request *req, struct reply *rep);
enum status sandbox_wechat_access_token(struct request *req, struct reply *rep);

enum status sandbox_wechat_token(struct request *req, struct reply *rep);
enum status sandbox_wechat_ticket(struct request *req, struct reply *rep);
enum status sandbox_wechat_verify(struct request *req, struct reply *rep);

enum status sandbox_space_post(struct request *req, struct reply *rep);
enum status sandbox_space_get(struct request *req, struct reply *rep);

enum status sandbox_page_get(struct request *req, struct reply *rep);
enum status sandbox_page_view(struct request *req, struct reply *rep);
enum status sandbox_page_face(struct request *req, struct reply *rep);
enum status sandbox_page_link(struct request *req, struct reply *rep);
enum status sandbox_page_claim(struct request *req, struct reply *rep);
enum status sandbox_page_sign(struct request *req, struct reply *rep);
enum status sandbox_page_leave(struct request *req, struct reply *rep);

enum status sandbox_license_login(struct request *req, struct reply *rep);
enum status sandbox_license_auth(struct request *req, struct reply *rep);
enum status sandbox_license_get(struct request *req, struct reply *rep);
enum status sandbox_license_archive(struct request *req, struct reply *rep);

enum status sandbox_control_families(struct request *req, struct reply *rep);
enum status sandbox_control_session_do(struct request *req, struct reply *rep);
enum status sandbox_control_session(struct request *req, struct reply *rep);
enum status sandbox_control_faults(struct request *req, struct reply *rep);
enum status sandbox_control_tokens(struct request *req, struct reply *rep);
enum status sandbox_control_overview(struct request *req, struct reply *rep);

enum status sandbox_messages_post(struct request *req, struct reply *rep);
enum status sandbox_messages_get(struct request *req, struct reply *rep);

/* The doors, by file; sandbox.c lists them for the database. */
extern const struct door sandbox_door_fault_take;
extern const struct door sandbox_door_nonce_use, sandbox_door_session_create, sandbox_door_session_read;
extern const struct door sandbox_door_page_view, sandbox_door_page_face, sandbox_door_page_link, sandbox_door_page_claim,
    sandbox_door_page_sign, sandbox_door_page_leave;
extern const struct door sandbox_door_license_login, sandbox_door_license_auth, sandbox_door_license_get;
extern const struct door sandbox_door_family_put, sandbox_door_session_do, sandbox_door_session_summary, sandbox_door_fault_set,
    sandbox_door_license_logout, sandbox_door_overview;
extern const struct door sandbox_door_message_put, sandbox_door_message_list;
extern const struct door sandbox_door_wechat_code_put, sandbox_door_wechat_exchange;
extern const struct door sandbox_door_wechat_token, sandbox_door_wechat_ticket, sandbox_door_wechat_tickets;
extern const struct door sandbox_door_notice_due, sandbox_door_notice_done, sandbox_door_sweep;

#endif
