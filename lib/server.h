/*
 * The FastCGI server: worker threads over one set of connections, a watchdog that no slow peer outlasts, and an end that
 * loses nothing. It knows requests and replies, not what they are about.
 */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>

#include "reply.h"
#include "request.h"

struct server {
	int socket;       /* listening; bound by whoever started us, it outlives us */
	unsigned workers; /* threads */
	long timeout_ms;  /* what a request may take, from nginx's clock */
	void (*serve)(const void *context, struct request *req, struct reply *rep);
	const void *context;
};

/**
 * server_run(server):
 * Serve until SIGTERM or SIGINT, which are blocked in the calling thread and all that it starts later; then answer what has
 * come, close, and return. Returns false (logged) if it could not start. Call once, from the main thread.
 */
bool server_run(const struct server *server);

/**
 * server_block_signals():
 * Block what server_run waits for; a program that starts threads before server_run calls it before them.
 */
void server_block_signals(void);

#endif
