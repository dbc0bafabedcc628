/*
 * The connections of a server: one epoll set that all workers wait on, so that none is tied to a kept connection. A
 * connection is idle (in the set, costing no worker) or held by the one worker that was told it is readable.
 */
#ifndef CONNECTIONS_H
#define CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection {
	int fd;      /* ours: waited on and, if it takes too long, shut down */
	int fcgi_fd; /* the same connection for libfcgi, which closes it whenever it likes */

	/* For connections.c alone. */
	struct connection *previous, *next;
	_Atomic int64_t until_ms;
	bool is_idle, is_leaving;
};

struct connections;

/**
 * connections_open(socket, limit):
 * Return a set that accepts from the listening ${socket} and holds about ${limit} connections (the longest idle gives way),
 * or NULL after logging why not.
 */
struct connections *connections_open(int socket, size_t limit);

/**
 * connections_wait(set):
 * Return a readable connection, which is the caller's until it is given back or closed; NULL when the set has stopped.
 */
struct connection *connections_wait(struct connections *set);

/**
 * connections_watch(connection, until_ms):
 * Shut ${connection} down at the first connections_tick after ${until_ms} (clock_monotonic_ms): what is read or written then
 * ends at once. INT64_MAX: never.
 */
void connections_watch(struct connection *connection, int64_t until_ms);

/**
 * connections_give_back(set, connection):
 * ${connection} is idle again.
 */
void connections_give_back(struct connections *set, struct connection *connection);

/**
 * connections_close(set, connection):
 * Forget ${connection}; libfcgi has closed its side.
 */
void connections_close(struct connections *set, struct connection *connection);

/**
 * connections_tick(set, now_ms):
 * Shut down what is held beyond its time. To be called about ten times a second.
 */
void connections_tick(struct connections *set, int64_t now_ms);

/**
 * connections_leave(set):
 * Accept no more; whoever connects now waits for another process on the same socket.
 */
void connections_leave(struct connections *set);

/**
 * connections_are_quiet(set, now_ms, for_ms):
 * Is no connection held, and has none been readable for ${for_ms}?
 */
bool connections_are_quiet(struct connections *set, int64_t now_ms, int64_t for_ms);

/**
 * connections_let_go(set):
 * Receive no more on the idle ones. What has already come is still served, then they close.
 */
void connections_let_go(struct connections *set);

/**
 * connections_count(set):
 * Return how many connections are open.
 */
size_t connections_count(struct connections *set);

/**
 * connections_stop(set):
 * connections_wait returns NULL from now on, to everybody.
 */
void connections_stop(struct connections *set);

/**
 * connections_free(set):
 * Close what is left. Nobody may wait any more.
 */
void connections_free(struct connections *set);

#endif
