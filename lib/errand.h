/*
 * An errand: one trip of a family to the digital space, to bind or to authorize. Both steps walk the same road (launch, ask,
 * judge, return, notice); what differs stands in a struct errand_kind. Which step a door serves, the database role decides.
 */
#ifndef ERRAND_H
#define ERRAND_H

#include <stdint.h>

#include "db.h"
#include "reply.h"
#include "request.h"

struct errand_kind {
	const char *purpose;         /* the space's word: "bind", "authorize" */
	const char *page;            /* ours, where the parent comes back: "/bind" */
	const char *notify;          /* ours, for notices: "/api/bindings/notify" */
	const char *const *licenses; /* what the parent is asked to claim or sign, NULL-terminated */
};

/* The doors that every errand needs, for the service's list. */
extern const struct door errand_begin_door, errand_launched_door, errand_get_door, errand_return_door, errand_hint_door,
    errand_due_door, errand_settle_door, errand_events_door;

/**
 * errand_launch(req, rep, kind):
 * POST: open a session in the digital space for the chosen students. 201, or 200 with the pending one of this browser.
 */
enum status errand_launch(struct request *req, struct reply *rep, const struct errand_kind *kind);

/**
 * errand_get(req, rep):
 * GET: where the errand {id} stands, from our own state alone.
 */
enum status errand_get(struct request *req, struct reply *rep);

/**
 * errand_events(req, rep):
 * GET events: what happened on the errand {id}, oldest first, in the parent's words.
 */
enum status errand_events(struct request *req, struct reply *rep);

/**
 * errand_return(req, rep):
 * POST return: the launching browser brings the one-time code.
 */
enum status errand_return(struct request *req, struct reply *rep);

/**
 * errand_notify(req, rep):
 * POST notify: the provider's signed hint.
 */
enum status errand_notify(struct request *req, struct reply *rep);

/**
 * errand_work(req, is_signing):
 * One round for the asking threads: ask the space about the errands that are due and settle what it says; an authorization in
 * it counts only where one was asked for (${is_signing}). Returns the milliseconds until more is due.
 */
int64_t errand_work(struct request *req, bool is_signing);

#endif
