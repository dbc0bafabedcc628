/*
 * Workers wait on the set of connections, read a request (lib/exchange), have it served, write the answer. The main thread
 * only waits for the signal and, ten times a second, has connections shut down on which a request or an answer takes longer
 * than it may as a whole: a receive timeout bounds one read, and drops of one byte each would hold a worker for ever.
 *
 * The end: leave the listener, serve until nothing has come for a moment, answering without keep-alive; then receive no more
 * on idle connections, serve what had come on them at that instant, and go.
 */
#include "server.h"

#include <json-c/json.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "clock.h"
#include "connections.h"
#include "exchange.h"
#include "log.h"
#include "metrics.h"
#include "notify.h"
#include "route.h"

enum {
	TICK_MS = 100,
	READ_BUDGET_MS = 1000,
	WRITE_BUDGET_MS = 2000,
	QUIET_MS = 30,
	DRAIN_STEP_MS = 3,
	ARENA_LIMIT = 16 * 1024 * 1024,
	CONNECTIONS_MAX = 1024,
	DESCRIPTORS_SPARE = 128 /* for PostgreSQL, outbound calls, files */
};

struct worker {
	const struct server *server;
	struct connections *connections;
	const atomic_bool *is_draining;
	struct arena *arena;
	struct exchange exchange;
	pthread_t thread;

	/* For the watchdog. */
	atomic_bool is_busy;
	atomic_ulong n_served;
};

/* All of them, and what the watchdog last saw. */
struct crew {
	struct worker *workers;
	unsigned n;
	unsigned long n_served;
	int64_t period_ms, looked_ms;
};

/* Log and count one request that has been served since ${began_us}. */
static void
record(const struct server *server, const struct request *req, const struct reply *rep, int64_t began_us)
{
	int64_t spent_us = clock_monotonic_us() - began_us;
	/* The deadline counts from nginx's clock, so what is gone of it at the beginning was spent on the way. */
	int64_t waited_ms = server->timeout_ms - (req->deadline_ms - began_us / 1000);
	const struct log_answer answer = { .ref = req->ref,
		.method = req->method,
		.pattern = req->route != NULL ? req->route->path : "",
		.code = status_code(rep->status),
		.http = rep->http,
		.waited_ms = (long)(waited_ms > 0 ? waited_ms : 0),
		.spent_ms = (long)(spent_us / 1000),
		.database_ms = (long)(req->database_us / 1000) };

	log_request(&answer);
	metrics_end(req->route, rep->status, spent_us, answer.waited_ms);
}

/* One request on a readable connection. Returns whether the connection is still open. */
static bool
serve_one(struct worker *worker, struct connection *connection)
{
	struct request req;
	struct reply rep = { 0 };
	int64_t began_ms = clock_monotonic_ms(), began_us;
	bool is_open;

	/* Is a whole request there within its time? */
	connections_watch(connection, began_ms + READ_BUDGET_MS);
	if (!exchange_read(&worker->exchange, connection->fcgi_fd, worker->arena, worker->server->timeout_ms, &req))
		return false;
	connections_watch(connection, INT64_MAX);

	began_us = clock_monotonic_us();
	metrics_begin();
	worker->server->serve(worker->server->context, &req, &rep);
	record(worker->server, &req, &rep, began_us);

	/* From here on the request's texts are gone, all but its JSON. */
	connections_watch(connection, clock_monotonic_ms() + WRITE_BUDGET_MS);
	is_open = exchange_write(&worker->exchange, &req, &rep, !atomic_load(worker->is_draining));
	connections_watch(connection, INT64_MAX);
	(void)json_object_put(req.json);
	return is_open;
}

static void *
worker_run(void *argument)
{
	struct worker *worker = argument;
	struct connection *connection;

	while ((connection = connections_wait(worker->connections)) != NULL) {
		bool is_open;

		atomic_store(&worker->is_busy, true);
		is_open = serve_one(worker, connection);
		arena_reset(worker->arena);
		(void)atomic_fetch_add(&worker->n_served, 1);
		atomic_store(&worker->is_busy, false);
		if (is_open)
			connections_give_back(worker->connections, connection);
		else
			connections_close(worker->connections, connection);
	}
	return NULL;
}

/* Start the workers. Returns how many run. */
static unsigned
start_workers(
    const struct server *server, struct connections *connections, const atomic_bool *is_draining, struct worker *workers)
{
	unsigned n = 0;

	for (; n < server->workers; n++) {
		struct worker *worker = &workers[n];

		*worker = (struct worker){ .server = server, .connections = connections, .is_draining = is_draining };
		if ((worker->arena = arena_new(ARENA_LIMIT)) == NULL)
			break;
		if (pthread_create(&worker->thread, NULL, worker_run, worker) != 0) {
			arena_free(worker->arena);
			break;
		}
	}
	if (n < server->workers)
		log_event(LOG_ERROR, NULL, "workers", "only %u of %u threads start", n, server->workers);
	return n;
}

/* Two descriptors a connection, within what the system lets us have. */
static size_t
connection_limit(void)
{
	struct rlimit limit;
	size_t n;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 64;
	if (limit.rlim_cur < limit.rlim_max) {
		rlim_t wanted = 2 * CONNECTIONS_MAX + DESCRIPTORS_SPARE;
		rlim_t soft = limit.rlim_cur;

		limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
		if (limit.rlim_cur <= soft || setrlimit(RLIMIT_NOFILE, &limit) != 0)
			limit.rlim_cur = soft;
	}
	n = limit.rlim_cur > DESCRIPTORS_SPARE + 16 ? (size_t)(limit.rlim_cur - DESCRIPTORS_SPARE) / 2 : 8;
	return n < CONNECTIONS_MAX ? n : CONNECTIONS_MAX;
}

static void
end_signals(sigset_t *signals)
{
	(void)sigemptyset(signals);
	(void)sigaddset(signals, SIGTERM);
	(void)sigaddset(signals, SIGINT);
}

void
server_block_signals(void)
{
	sigset_t signals;

	end_signals(&signals);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

/* Is some worker free, or has one finished something since the last look? If not, nobody is served here any more. */
static bool
crew_is_alive(struct crew *crew)
{
	unsigned long n_served = 0, n_before = crew->n_served;
	bool is_one_free = false;

	for (unsigned i = 0; i < crew->n; i++) {
		n_served += atomic_load(&crew->workers[i].n_served);
		is_one_free |= !atomic_load(&crew->workers[i].is_busy);
	}
	crew->n_served = n_served;
	return is_one_free || n_served != n_before;
}

/* Tell the watchdog in time that we live; systemd starts another instead of one that is silent. */
static void
tell_watchdog(struct crew *crew, int64_t now_ms)
{
	if (crew->period_ms == 0 || now_ms - crew->looked_ms < crew->period_ms)
		return;
	crew->looked_ms = now_ms;
	if (crew_is_alive(crew))
		notify_send("WATCHDOG=1");
	else
		log_event(LOG_ERROR, NULL, "stuck", "all %u workers are busy and none gets done", crew->n);
}

/* Keep watch until the signal. */
static void
watch(struct connections *connections, struct crew *crew)
{
	const struct timespec tick = { 0, TICK_MS * 1000000L };
	sigset_t signals;

	end_signals(&signals);
	while (sigtimedwait(&signals, NULL, &tick) < 0) {
		int64_t now_ms = clock_monotonic_ms();

		connections_tick(connections, now_ms);
		tell_watchdog(crew, now_ms);
	}
}

static void
drain_step(struct connections *connections)
{
	const struct timespec step = { 0, DRAIN_STEP_MS * 1000000L };

	(void)nanosleep(&step, NULL);
	connections_tick(connections, clock_monotonic_ms());
}

/* Answer what has come, within what a request may take. */
static void
drain(const struct server *server, struct connections *connections)
{
	int64_t now_ms = clock_monotonic_ms(), until_ms = now_ms + server->timeout_ms + READ_BUDGET_MS + WRITE_BUDGET_MS;

	connections_leave(connections);
	while ((now_ms = clock_monotonic_ms()) < until_ms && !connections_are_quiet(connections, now_ms, QUIET_MS))
		drain_step(connections);

	connections_let_go(connections);
	while (clock_monotonic_ms() < until_ms && connections_count(connections) > 0)
		drain_step(connections);
}

bool
server_run(const struct server *server)
{
	struct worker *workers = calloc(server->workers, sizeof *workers);
	struct connections *connections;
	atomic_bool is_draining = false;
	unsigned n = 0;
	bool is_whole = false;

	server_block_signals();
	if (workers == NULL || !exchange_setup() || (connections = connections_open(server->socket, connection_limit())) == NULL)
		goto err0;
	n = start_workers(server, connections, &is_draining, workers);
	is_whole = n == server->workers;
	if (is_whole) {
		struct crew crew = {
			.workers = workers, .n = n, .period_ms = notify_watchdog_ms(), .looked_ms = clock_monotonic_ms()
		};

		log_event(LOG_INFO, NULL, "started", "%u workers", n);
		notify_send("READY=1");
		watch(connections, &crew);
		notify_send("STOPPING=1");
		atomic_store(&is_draining, true);
		drain(server, connections);
	}

	connections_stop(connections);
	for (unsigned i = 0; i < n; i++) {
		(void)pthread_join(workers[i].thread, NULL);
		arena_free(workers[i].arena);
	}
	connections_free(connections);
	if (is_whole)
		log_event(LOG_INFO, NULL, "stopped", "drained");
err0:
	free(workers);
	return is_whole;
}
