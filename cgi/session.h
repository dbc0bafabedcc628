/* What the files of session share: the handlers and doors beyond signing in and out. */
#ifndef SESSION_H
#define SESSION_H

#include "db.h"
#include "reply.h"

/* session_list.c: where the account is signed in. */
enum status sessions_get(struct request *req, struct reply *rep);
enum status sessions_delete(struct request *req, struct reply *rep);
enum status session_one_delete(struct request *req, struct reply *rep);

extern const struct door session_list_door, session_end_one_door, session_end_others_door;

/* session_account.c: what a parent changes while signed in. */
enum status account_password_put(struct request *req, struct reply *rep);
enum status account_phone_put(struct request *req, struct reply *rep);
enum status account_code_post(struct request *req, struct reply *rep);
enum status account_close_post(struct request *req, struct reply *rep);

extern const struct door account_begin_door, account_drop_door, account_password_door, account_phone_door, account_code_door,
    account_close_door;

/* session_handoff.c: the same step on another phone. */
enum status handoffs_post(struct request *req, struct reply *rep);
enum status handoff_open_post(struct request *req, struct reply *rep);
enum status handoff_get(struct request *req, struct reply *rep);

extern const struct door handoff_start_door, handoff_open_door, handoff_get_door;

#endif
