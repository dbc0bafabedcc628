/* What the parts of the wechat executable tell one another: URLs, and who WeChat says is there. */
#ifndef WECHAT_H
#define WECHAT_H

#include <stdbool.h>

#include "arena.h"
#include "db.h"
#include "reply.h"
#include "request.h"
#include "status.h"

struct wechat_person {
	const char *openid;
	bool is_virtual; /* WeChat's account for snapshot pages: nobody, and never linked */
};

/**
 * wechat_open_secret():
 * Read the app secret; call once, before threads start. Returns false (logged) without one.
 */
bool wechat_open_secret(void);

/**
 * wechat_wipe_secret():
 * Wipe it.
 */
void wechat_wipe_secret(void);

/**
 * wechat_secret():
 * Return it, for the body of a call; it is neither copied nor logged.
 */
const char *wechat_secret(void);

/**
 * wechat_exchange(req, code, person):
 * Ask WeChat who ${code} stands for. STATUS_OK, STATUS_BUSY (too many are asking) or STATUS_PROVIDER_UNAVAILABLE (no answer,
 * or an errcode, which is logged).
 */
enum status wechat_exchange(struct request *req, const char *code, struct wechat_person *person);

/**
 * wechat_authorize_url(arena, state):
 * Return where WeChat asks for the parent and comes back to our callback with ${state}; NULL beyond the arena's limit.
 */
const char *wechat_authorize_url(struct arena *arena, const char *state);

/**
 * wechat_exchange_url(arena, secret, code):
 * Return where a code is exchanged; it holds the secret, so it is never logged. NULL beyond the arena's limit.
 */
const char *wechat_exchange_url(struct arena *arena, const char *secret, const char *code);

/**
 * wechat_login_url(arena, next, why):
 * Return the login page that leads on to ${next} (NULL: home) and says ${why} (or NULL).
 */
const char *wechat_login_url(struct arena *arena, const char *next, const char *why);

/**
 * wechat_is_own_page(path):
 * Is ${path} a page of this site to every browser? Only signs that no browser rewrites, no segment that one would resolve,
 * nothing that could become a second slash, and not the API, which is no page.
 */
bool wechat_is_own_page(const char *path);

/**
 * wechat_ticket(req, ticket):
 * Give the ticket that WeChat's script is signed with, from the database, renewed if it is due and nobody else is at it. In the
 * request's arena. STATUS_NOT_SIGNED_IN, STATUS_BUSY (the first one is being fetched) or STATUS_PROVIDER_UNAVAILABLE.
 */
enum status wechat_ticket(struct request *req, const char **ticket);

/**
 * wechat_jssdk_get(req, rep):
 * GET /api/wechat/jssdk?url=
 */
enum status wechat_jssdk_get(struct request *req, struct reply *rep);

extern const struct door wechat_credential_take_door, wechat_credential_put_door, wechat_credential_drop_door;

#endif
