/*
 * The adapter of 广东省个人数字空间, where parents show their face, link their child and sign: launch a session, ask how far
 * it has come, read a notice. What lifts an account's limit rests on one thing that only the space can see to: it sends to
 * return_url the browser that showed the face, at the session's final word, and nobody else. The only file that knows the space's
 * URLs and shapes; a district's real gateway is a change here and in the configuration. Everything that comes back is folded and
 * checked, and lives in the arena.
 */
#ifndef SPACE_H
#define SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "fetch.h"
#include "request.h"
#include "status.h"

struct space_person {
	const char *name; /* NULL if it is no name */
	const char *id_no;
};

/* One licence of one holder: claimed or signed. */
struct space_holding {
	const char *type, *holder_id_no;
};

struct space_launch {
	const char *purpose; /* "bind" or "authorize" */
	const char *state;   /* ours, random; comes back with every answer */
	const char *return_url, *notify_url;
	struct space_person guardian;
	const struct space_person *students;
	size_t n_students;
	const char *const *licenses; /* NULL-terminated */
};

struct space_session {
	const char *id, *launch_url;
	int64_t expires_ms;
};

enum space_status { SPACE_CREATED, SPACE_IDENTIFIED, SPACE_COMPLETED, SPACE_DENIED, SPACE_EXPIRED };

/* How far a session has come. */
struct space_news {
	const char *state;
	enum space_status status;
	bool has_subject;            /* has a face been verified? */
	struct space_person subject; /* whose */
	int level;                   /* of 粤信签, 0-3 */
	int64_t verified_ms;         /* 0: not said */
	const struct space_person *wards;
	size_t n_wards;
	const struct space_holding *claimed;
	size_t n_claimed;
	const char *code;              /* the authorization's, NULL without one */
	int64_t signed_ms, expires_ms; /* 0: not said */
	const struct space_holding *scope;
	size_t n_scope;
};

struct space_notice {
	const char *event_id, *session_id;
};

/**
 * space_open():
 * Read URL, credentials and CA from the configuration. Call once, before threads start. Returns false (logged) if the
 * token is missing.
 */
bool space_open(void);

/**
 * space_status_name(status):
 * Return the contract's word for ${status}.
 */
const char *space_status_name(enum space_status status);

/**
 * space_start(arena, launch, session):
 * Open a session for a family. STATUS_OK, or STATUS_PROVIDER_UNAVAILABLE if the space cannot be reached or does not make sense.
 */
enum status space_start(struct arena *arena, const struct space_launch *launch, struct space_session *session);

/**
 * space_ask(arena, session_id, call):
 * Make ${call} the question how far ${session_id} has come, for fetch_all. Returns false if memory ends.
 */
bool space_ask(struct arena *arena, const char *session_id, struct fetch_call *call);

/**
 * space_read(arena, call, is_signing, news):
 * Read the answer of an asked ${call}; an authorization in it only if one was asked for (${is_signing}). Returns false if there
 * is none, or one that does not make sense (logged).
 */
bool space_read(struct arena *arena, const struct fetch_call *call, bool is_signing, struct space_news *news);

/**
 * space_notice(req, notice, nonce):
 * Judge the signature of a notice and read it; ${nonce} for the door, which knows what was seen before. STATUS_OK,
 * STATUS_FORBIDDEN for a bad signature, STATUS_MALFORMED_REQUEST for a body that is no notice.
 */
enum status space_notice(struct request *req, struct space_notice *notice, const char **nonce);

#endif
