/*
 * One request over libfcgi: parameters and body in, a reply out. All that must be known of libfcgi's inside, which lib/server
 * relies on (FCGX_Request's ipcFd, keepConnection, detached), stands in this file's .c and nowhere else.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <fcgiapp.h>
#include <stdbool.h>

#include "arena.h"
#include "reply.h"
#include "request.h"

struct exchange {
	FCGX_Request fcgi;
};

/**
 * exchange_setup():
 * Prepare libfcgi; call once, before threads start. Returns false if it refuses.
 */
bool exchange_setup(void);

/**
 * exchange_read(exchange, fd, arena, timeout_ms, req):
 * Read one whole request from the readable connection ${fd} into ${req}: memory is from ${arena} or lives until
 * exchange_write. ${timeout_ms} is what a request may take, counted from nginx's clock. Returns false if there is no whole
 * request; then ${fd} is closed.
 */
bool exchange_read(struct exchange *exchange, int fd, struct arena *arena, long timeout_ms, struct request *req);

/**
 * exchange_write(exchange, req, rep, is_kept):
 * Write ${rep} and end the request. Returns whether the connection is still open: nginx and we (${is_kept}) want to keep it.
 */
bool exchange_write(struct exchange *exchange, const struct request *req, const struct reply *rep, bool is_kept);

#endif
