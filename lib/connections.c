/*
 * Each connection has two descriptors. libfcgi closes its own at any error, inside a call; if that were the only one, its
 * number could belong to another worker's connection by the time the watchdog shuts it down. Ours is closed under the lock,
 * and everybody who touches a connection that he does not hold has the lock.
 */
#include "connections.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

enum { IO_TIMEOUT_S = 1, NO_DESCRIPTOR_PAUSE_MS = 5 };

/* A ring through a head, the longest in it first. */
struct connections {
	int socket, epoll, stopping;
	size_t limit;
	pthread_mutex_t lock;
	struct connection idle, held; /* heads */
	size_t n_idle, n_held;        /* held: by a worker, one that is just being taken in included */
	bool has_left;
	_Atomic int64_t last_event_ms;
};

static void
ring_init(struct connection *head)
{
	head->previous = head->next = head;
}

static void
ring_remove(struct connection *c)
{
	c->previous->next = c->next;
	c->next->previous = c->previous;
}

static void
ring_append(struct connection *head, struct connection *c)
{
	c->previous = head->previous;
	c->next = head;
	head->previous->next = c;
	head->previous = c;
}

/* Have ${fd} reported by ${pointer}. */
static bool
arm(struct connections *set, int operation, int fd, uint32_t events, void *pointer)
{
	struct epoll_event event = { .events = events, .data.ptr = pointer };

	return epoll_ctl(set->epoll, operation, fd, &event) == 0;
}

struct connections *
connections_open(int socket, size_t limit)
{
	struct connections *set = calloc(1, sizeof *set);
	int flags = fcntl(socket, F_GETFL);

	if (set == NULL)
		goto err0;
	set->socket = socket;
	set->limit = limit;
	set->last_event_ms = clock_monotonic_ms();
	ring_init(&set->idle);
	ring_init(&set->held);
	if (flags < 0 || fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0 || pthread_mutex_init(&set->lock, NULL) != 0)
		goto err1;
	if ((set->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		goto err2;
	if ((set->stopping = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
		goto err3;
	/* The set itself stands for "stop", NULL for the listener. */
	if (!arm(set, EPOLL_CTL_ADD, socket, EPOLLIN | EPOLLEXCLUSIVE, NULL) ||
	    !arm(set, EPOLL_CTL_ADD, set->stopping, EPOLLIN, set))
		goto err4;
	return set;

err4:
	(void)close(set->stopping);
err3:
	(void)close(set->epoll);
err2:
	(void)pthread_mutex_destroy(&set->lock);
err1:
	free(set);
err0:
	log_event(LOG_ERROR, NULL, "listen", "errno %d", errno);
	return NULL;
}

/* Ask the longest idle connection to leave: it becomes readable, with an end or with what had just come. */
static bool
evict(struct connections *set)
{
	bool is_found = false;

	(void)pthread_mutex_lock(&set->lock);
	for (struct connection *c = set->idle.next; c != &set->idle && !is_found; c = c->next)
		if (!c->is_leaving) {
			is_found = c->is_leaving = true;
			(void)shutdown(c->fd, SHUT_RD);
		}
	(void)pthread_mutex_unlock(&set->lock);
	return is_found;
}

static void
pause_ms(long ms)
{
	const struct timespec pause = { 0, ms * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/* Wrap an accepted descriptor. */
static struct connection *
connection_new(int fd)
{
	const struct timeval limit = { .tv_sec = IO_TIMEOUT_S };
	struct connection *c = calloc(1, sizeof *c);

	if (c == NULL)
		goto err0;
	c->fd = fd;
	if ((c->fcgi_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
		goto err1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0)
		goto err2;
	return c;

err2:
	(void)close(c->fcgi_fd);
err1:
	free(c);
err0:
	return NULL;
}

/* Take one connection from the listener: one only, so that others find workers of their own. */
static void
take_in(struct connections *set)
{
	struct connection *c;
	int fd = -1;

	/* Counted at once, so that the end does not come between. */
	(void)pthread_mutex_lock(&set->lock);
	errno = 0;
	if (!set->has_left && (fd = accept4(set->socket, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		set->n_held++;
	(void)pthread_mutex_unlock(&set->lock);
	if (fd < 0) {
		/* Without a free descriptor the listener stays readable: do not spin on it. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			(void)evict(set);
			pause_ms(NO_DESCRIPTOR_PAUSE_MS);
		}
		return;
	}
	if ((c = connection_new(fd)) == NULL) {
		log_event(LOG_WARNING, NULL, "accept", "no room for a connection, errno %d", errno);
		(void)evict(set);
		(void)close(fd);
		(void)pthread_mutex_lock(&set->lock);
		set->n_held--;
		(void)pthread_mutex_unlock(&set->lock);
		return;
	}
	(void)pthread_mutex_lock(&set->lock);
	set->n_held--;
	c->is_idle = true;
	ring_append(&set->idle, c);
	set->n_idle++;
	(void)pthread_mutex_unlock(&set->lock);
	if (connections_count(set) > set->limit)
		(void)evict(set);
	if (!arm(set, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLONESHOT, c)) {
		(void)close(c->fcgi_fd);
		connections_close(set, c);
	}
}

struct connection *
connections_wait(struct connections *set)
{
	for (;;) {
		struct epoll_event event;
		struct connection *c;
		int n = epoll_wait(set->epoll, &event, 1, -1);

		if (n < 0 && errno != EINTR) {
			log_event(LOG_ERROR, NULL, "wait", "errno %d", errno);
			return NULL;
		}
		if (n != 1)
			continue;
		if (event.data.ptr == set)
			return NULL;
		set->last_event_ms = clock_monotonic_ms();
		if ((c = event.data.ptr) == NULL) {
			take_in(set);
			continue;
		}
		(void)pthread_mutex_lock(&set->lock);
		ring_remove(c);
		ring_append(&set->held, c);
		c->is_idle = false;
		c->until_ms = INT64_MAX;
		set->n_idle--;
		set->n_held++;
		(void)pthread_mutex_unlock(&set->lock);
		return c;
	}
}

void
connections_watch(struct connection *connection, int64_t until_ms)
{
	connection->until_ms = until_ms;
}

void
connections_give_back(struct connections *set, struct connection *connection)
{
	(void)pthread_mutex_lock(&set->lock);
	ring_remove(connection);
	ring_append(&set->idle, connection);
	connection->is_idle = true;
	set->n_held--;
	set->n_idle++;
	/* Once armed it may be another worker's, which closes it under this lock at the earliest. */
	(void)arm(set, EPOLL_CTL_MOD, connection->fd, EPOLLIN | EPOLLONESHOT, connection);
	(void)pthread_mutex_unlock(&set->lock);
}

void
connections_close(struct connections *set, struct connection *connection)
{
	(void)pthread_mutex_lock(&set->lock);
	ring_remove(connection);
	if (connection->is_idle)
		set->n_idle--;
	else
		set->n_held--;
	(void)close(connection->fd);
	(void)pthread_mutex_unlock(&set->lock);
	free(connection);
}

void
connections_tick(struct connections *set, int64_t now_ms)
{
	(void)pthread_mutex_lock(&set->lock);
	for (struct connection *c = set->held.next; c != &set->held; c = c->next)
		if (c->until_ms < now_ms)
			(void)shutdown(c->fd, SHUT_RDWR);
	(void)pthread_mutex_unlock(&set->lock);
}

void
connections_leave(struct connections *set)
{
	(void)pthread_mutex_lock(&set->lock);
	set->has_left = true;
	(void)pthread_mutex_unlock(&set->lock);
	(void)epoll_ctl(set->epoll, EPOLL_CTL_DEL, set->socket, NULL);
	set->last_event_ms = clock_monotonic_ms();
}

bool
connections_are_quiet(struct connections *set, int64_t now_ms, int64_t for_ms)
{
	bool is_quiet;

	(void)pthread_mutex_lock(&set->lock);
	is_quiet = set->n_held == 0 && now_ms - set->last_event_ms >= for_ms;
	(void)pthread_mutex_unlock(&set->lock);
	return is_quiet;
}

void
connections_let_go(struct connections *set)
{
	while (evict(set))
		continue;
}

size_t
connections_count(struct connections *set)
{
	size_t n;

	(void)pthread_mutex_lock(&set->lock);
	n = set->n_idle + set->n_held;
	(void)pthread_mutex_unlock(&set->lock);
	return n;
}

void
connections_stop(struct connections *set)
{
	/* The counter stays up, so everybody sees it. */
	(void)eventfd_write(set->stopping, 1);
}

void
connections_free(struct connections *set)
{
	struct connection *next;

	for (struct connection *c = set->idle.next; c != &set->idle; c = next) {
		next = c->next;
		(void)close(c->fcgi_fd);
		(void)close(c->fd);
		free(c);
	}
	(void)close(set->stopping);
	(void)close(set->epoll);
	(void)pthread_mutex_destroy(&set->lock);
	free(set);
}
