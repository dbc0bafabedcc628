/*
 * A small pool of libpq connections, each with every door of the executable prepared. A call borrows one, sends the
 * statement, polls its socket to the deadline and reads the one result; nothing is held between calls. A connection that
 * times out is cancelled and dropped, never reused: what it was doing is settled by the idempotency of the writes. One that
 * died while idle is seen before it is used, so that a restarted PostgreSQL costs no request after the outage.
 */
#include "db.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cancel.h"
#include "clock.h"
#include "conf.h"
#include "log.h"
#include "params.h"

/* No call may keep a parent waiting longer than this, whatever his request's deadline: PostgreSQL hangs or is gone. */
enum { CALL_LIMIT_MS = 2500, CONNECTIONS_MAX = 16 };

/* A call that took longer is named in the log, with its reference and without a parameter. */
enum { SLOW_MS = 500 };

struct connection {
	PGconn *pg; /* NULL until first needed, and after a fault */
	bool is_borrowed;
	bool is_warned; /* in the call under way */
};

/* What a door has cost since the start. */
struct tally {
	atomic_uint_fast64_t calls, errors, spent_us;
};

static struct pool {
	pthread_mutex_t lock;
	pthread_cond_t returned;
	struct connection connections[CONNECTIONS_MAX];
	size_t n_connections;
	const char *conninfo, *role;
	const struct door *const *doors;
	size_t n_doors;
	struct tally *tallies; /* one a door */
	atomic_uint_fast64_t n_refused;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

bool
db_open(const char *conninfo, const char *role, const struct door *const *doors, size_t n_doors)
{
	pthread_condattr_t monotonic;
	long n = conf_number("db_connections");

	if (n < 1 || n > CONNECTIONS_MAX || pthread_condattr_init(&monotonic) != 0)
		return false;
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	if (pthread_cond_init(&pool.returned, &monotonic) != 0)
		return false;
	pthread_condattr_destroy(&monotonic);
	pool.n_connections = (size_t)n;
	pool.conninfo = strdup(conninfo);
	pool.role = strdup(role);
	pool.doors = doors;
	pool.n_doors = n_doors;
	pool.tallies = calloc(n_doors + 1, sizeof *pool.tallies);
	return pool.conninfo != NULL && pool.role != NULL && pool.tallies != NULL;
}

/* Borrow a connection until the deadline, one that is already open if there is a choice. */
static struct connection *
borrow(int64_t deadline_ms)
{
	const struct timespec until = { deadline_ms / 1000, (long)(deadline_ms % 1000) * 1000000 };
	struct connection *found = NULL;
	int rc = 0;

	pthread_mutex_lock(&pool.lock);
	for (;;) {
		for (size_t i = 0; i < pool.n_connections; i++) {
			struct connection *c = &pool.connections[i];
			if (!c->is_borrowed && (found == NULL || (found->pg == NULL && c->pg != NULL)))
				found = c;
		}
		if (found != NULL || rc == ETIMEDOUT)
			break;
		rc = pthread_cond_timedwait(&pool.returned, &pool.lock, &until);
	}
	if (found != NULL)
		found->is_borrowed = true;
	pthread_mutex_unlock(&pool.lock);
	return found;
}

static void
give_back(struct connection *c)
{
	pthread_mutex_lock(&pool.lock);
	c->is_borrowed = false;
	pthread_cond_signal(&pool.returned);
	pthread_mutex_unlock(&pool.lock);
}

static void
drop(struct connection *c)
{
	PQfinish(c->pg);
	c->pg = NULL;
}

/* Wait until the socket is ready. Returns false at the deadline. */
static bool
wait_socket(PGconn *pg, short events, int64_t deadline_ms)
{
	for (;;) {
		struct pollfd p = { .fd = PQsocket(pg), .events = events };
		int64_t left_ms = deadline_ms - clock_monotonic_ms();
		int n;

		if (p.fd < 0 || left_ms <= 0)
			return false;
		if ((n = poll(&p, 1, (int)left_ms)) > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

/* Read the one result of what was sent; NULL at the deadline or when the connection broke. The caller clears it. */
static PGresult *
read_result(PGconn *pg, int64_t deadline_ms)
{
	PGresult *first = NULL, *next;
	int unsent;

	while ((unsent = PQflush(pg)) == 1)
		if (!wait_socket(pg, POLLOUT | POLLIN, deadline_ms) || PQconsumeInput(pg) == 0)
			return NULL;
	if (unsent < 0)
		return NULL;
	for (;;) {
		while (PQisBusy(pg))
			if (!wait_socket(pg, POLLIN, deadline_ms) || PQconsumeInput(pg) == 0) {
				PQclear(first);
				return NULL;
			}
		if ((next = PQgetResult(pg)) == NULL)
			return first;
		if (first == NULL)
			first = next;
		else
			PQclear(next);
	}
}

/* Prepare every door; false if one fails. */
static bool
prepare_doors(PGconn *pg, int64_t deadline_ms)
{
	for (size_t i = 0; i < pool.n_doors; i++) {
		const struct door *door = pool.doors[i];
		PGresult *result;
		bool is_prepared;

		if (PQsendPrepare(pg, door->name, door->sql, 0, NULL) == 0)
			return false;
		result = read_result(pg, deadline_ms);
		is_prepared = PQresultStatus(result) == PGRES_COMMAND_OK;
		if (!is_prepared) {
			const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
			log_event(
			    LOG_ERROR, NULL, "db_prepare", "%s: SQLSTATE %s", door->name, sqlstate != NULL ? sqlstate : "none");
		}
		PQclear(result);
		if (!is_prepared)
			return false;
	}
	return true;
}

/*
 * Server notices may print values; they are not for our log. A warning is what PostgreSQL gives when somebody cancels a commit
 * that waits for a synchronous standby: the call succeeds, but nobody else has it yet. No door of ours warns.
 */
static void
take_notice(void *connection, const PGresult *notice)
{
	const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (severity != NULL && strcmp(severity, "WARNING") == 0)
		((struct connection *)connection)->is_warned = true;
}

/* Connect as the executable's role and prepare. */
static bool
connect_and_prepare(struct connection *c, int64_t deadline_ms)
{
	const char *const keys[] = { "dbname", "user", "application_name", "client_encoding", NULL };
	const char *const values[] = { pool.conninfo, pool.role, pool.role, "UTF8", NULL };
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	c->pg = PQconnectStartParams(keys, values, 1);
	if (c->pg == NULL || PQstatus(c->pg) == CONNECTION_BAD)
		goto err;
	while (state != PGRES_POLLING_OK) {
		if (state == PGRES_POLLING_FAILED ||
		    !wait_socket(c->pg, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_ms))
			goto err;
		state = PQconnectPoll(c->pg);
	}
	PQsetNoticeReceiver(c->pg, take_notice, c);
	if (PQsetnonblocking(c->pg, 1) != 0 || !prepare_doors(c->pg, deadline_ms))
		goto err;
	return true;

err:
	log_event(LOG_ERROR, NULL, "db_connect", "no connection as %s", pool.role);
	drop(c);
	return false;
}

/* Is an idle connection still good? PostgreSQL says goodbye on the socket when it stops. */
static bool
is_alive(PGconn *pg)
{
	struct pollfd p = { .fd = PQsocket(pg), .events = POLLIN };

	if (p.fd < 0 || PQstatus(pg) != CONNECTION_OK)
		return false;
	if (poll(&p, 1, 0) == 0)
		return true;
	return PQconsumeInput(pg) == 1 && PQstatus(pg) == CONNECTION_OK && (p.revents & (POLLHUP | POLLERR)) == 0;
}

/* Borrow a connection that is ready for a call. */
static struct connection *
borrow_ready(int64_t deadline_ms)
{
	struct connection *c = borrow(deadline_ms);

	if (c == NULL)
		return NULL;
	if (c->pg != NULL && !is_alive(c->pg))
		drop(c);
	if (c->pg == NULL && !connect_and_prepare(c, deadline_ms)) {
		give_back(c);
		return NULL;
	}
	return c;
}

/* What an error of the server means to the parent: "try again" for timeouts, locks and shutdowns, else a fault of ours. */
static enum status
judge_error(const struct request *req, const struct door *door, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	static const char *const passing[] = { "57", "08", "53", "40", "55" };

	log_event(LOG_ERROR, req->ref, "db_error", "%s: SQLSTATE %s constraint %s", door->name,
	    sqlstate != NULL ? sqlstate : "none", constraint != NULL ? constraint : "none");
	for (size_t i = 0; sqlstate != NULL && i < sizeof passing / sizeof *passing; i++)
		if (strncmp(sqlstate, passing[i], 2) == 0)
			return STATUS_UNAVAILABLE;
	return STATUS_INTERNAL;
}

/*
 * Add a call that began at ${began_us} to the door's figures and to the request's. A slow one is named with the process of
 * PostgreSQL that it ran in, which leads from PostgreSQL's log to the reference.
 */
static void
book(struct request *req, const struct door *door, int backend, int64_t began_us, bool is_error)
{
	int64_t spent_us = clock_monotonic_us() - began_us;
	size_t i = 0;

	req->database_us += spent_us;
	if (spent_us > SLOW_MS * 1000L)
		log_event(
		    LOG_WARNING, req->ref, "slow_door", "%s: %ld ms, backend %d", door->name, (long)(spent_us / 1000), backend);
	while (i < pool.n_doors && pool.doors[i] != door)
		i++;
	atomic_fetch_add_explicit(&pool.tallies[i].calls, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&pool.tallies[i].errors, is_error, memory_order_relaxed);
	atomic_fetch_add_explicit(&pool.tallies[i].spent_us, (uint64_t)spent_us, memory_order_relaxed);
}

/* Send the call and read its result; the caller clears it. */
static enum status
run(struct request *req, const struct door *door, const struct params *params, PGresult **out)
{
	int64_t deadline_ms = clock_monotonic_ms() + CALL_LIMIT_MS, began_us;
	struct connection *c;
	enum status st = STATUS_OK;
	int backend;

	*out = NULL;
	req->is_door_called = true;
	if (req->deadline_ms < deadline_ms)
		deadline_ms = req->deadline_ms;
	if ((c = borrow_ready(deadline_ms)) == NULL) {
		atomic_fetch_add_explicit(&pool.n_refused, 1, memory_order_relaxed);
		return STATUS_UNAVAILABLE;
	}
	backend = PQbackendPID(c->pg);
	began_us = clock_monotonic_us();
	c->is_warned = false;
	if (PQsendQueryPrepared(c->pg, door->name, (int)params->n, params->values, params->lengths, params->formats, 0) == 0 ||
	    (*out = read_result(c->pg, deadline_ms)) == NULL) {
		log_event(LOG_ERROR, req->ref, "db_call", "%s: no answer", door->name);
		if (PQstatus(c->pg) == CONNECTION_OK)
			cancel_send(c->pg);
		drop(c);
		st = STATUS_UNAVAILABLE;
	} else if (PQresultStatus(*out) != PGRES_TUPLES_OK) {
		st = judge_error(req, door, *out);
	} else if (c->is_warned) {
		/* Done here, not confirmed elsewhere: whoever asks again finds it done. */
		log_event(LOG_ERROR, req->ref, "db_unconfirmed", "%s: PostgreSQL warned", door->name);
		st = STATUS_UNAVAILABLE;
	}
	book(req, door, backend, began_us, st != STATUS_OK);
	if (c->pg != NULL && PQstatus(c->pg) != CONNECTION_OK)
		drop(c);
	give_back(c);
	return st;
}

/* Fill one struct from one row: the code, then the out fields in order. */
static enum status
fill_row(struct request *req, const struct door *door, const PGresult *result, int row, void *out)
{
	const struct db_field code = { DB_TEXT, door->code_offset };

	if (PQnfields(result) != (int)door->n_out + 1) {
		log_event(LOG_ERROR, req->ref, "db_columns", "%s: %d columns", door->name, PQnfields(result));
		return STATUS_INTERNAL;
	}
	if (out == NULL)
		return STATUS_OK;
	if (!params_out(req->arena, &code, result, row, 0, out))
		return STATUS_INTERNAL;
	for (size_t i = 0; i < door->n_out; i++)
		if (!params_out(req->arena, &door->out[i], result, row, (int)i + 1, out))
			return STATUS_INTERNAL;
	return STATUS_OK;
}

enum status
db_call(struct request *req, const struct door *door, const void *in, void *out)
{
	struct params params;
	PGresult *result;
	enum status st = STATUS_INTERNAL;

	if (!params_in(req, door, in, &params))
		return STATUS_INTERNAL;
	if ((st = run(req, door, &params, &result)) == STATUS_OK) {
		if (PQntuples(result) != 1)
			st = STATUS_INTERNAL;
		else if ((st = fill_row(req, door, result, 0, out)) == STATUS_OK)
			st = status_from_code(PQgetvalue(result, 0, 0));
	}
	if (st == STATUS_INTERNAL)
		log_event(LOG_ERROR, req->ref, "db_result", "%s: no usable result", door->name);
	PQclear(result);
	return st;
}

enum status
db_call_rows(struct request *req, const struct door *door, const void *in, size_t row_size, struct db_rows *rows)
{
	struct params params;
	PGresult *result;
	enum status st;

	rows->n = 0;
	rows->items = NULL;
	if (!params_in(req, door, in, &params))
		return STATUS_INTERNAL;
	if ((st = run(req, door, &params, &result)) == STATUS_OK) {
		size_t n = (size_t)PQntuples(result);

		rows->items = arena_alloc(req->arena, (n + 1) * row_size);
		if (rows->items == NULL)
			st = STATUS_INTERNAL;
		for (size_t i = 0; st == STATUS_OK && i < n; i++)
			st = fill_row(req, door, result, (int)i, (char *)rows->items + i * row_size);
		if (st == STATUS_OK)
			rows->n = n;
	}
	PQclear(result);
	return st;
}

bool
db_is_up(int64_t deadline_ms)
{
	struct connection *c = borrow_ready(deadline_ms);
	PGresult *result = NULL;
	bool is_up;

	if (c == NULL)
		return false;
	if (PQsendQuery(c->pg, "select") == 1)
		result = read_result(c->pg, deadline_ms);
	is_up = PQresultStatus(result) == PGRES_TUPLES_OK;
	PQclear(result);
	if (!is_up)
		drop(c);
	give_back(c);
	return is_up;
}

void
db_read(struct db_figures *figures)
{
	*figures = (struct db_figures){ .limit = pool.n_connections, .refused = atomic_load(&pool.n_refused) };
	pthread_mutex_lock(&pool.lock);
	for (size_t i = 0; i < pool.n_connections; i++) {
		/* A borrowed one is its borrower's to look into; it is open, or about to be. */
		figures->borrowed += pool.connections[i].is_borrowed;
		figures->open += pool.connections[i].is_borrowed || pool.connections[i].pg != NULL;
	}
	pthread_mutex_unlock(&pool.lock);
}

bool
db_read_door(size_t i, struct db_door_figures *figures)
{
	if (i >= pool.n_doors)
		return false;
	*figures = (struct db_door_figures){ .name = pool.doors[i]->name,
		.calls = atomic_load(&pool.tallies[i].calls),
		.errors = atomic_load(&pool.tallies[i].errors),
		.spent_us = atomic_load(&pool.tallies[i].spent_us) };
	return true;
}

/* A worker's request has no headers. */
static const char *
no_header(const struct request *req, const char *cgi_name)
{
	(void)req;
	(void)cgi_name;
	return NULL;
}

void
db_worker_request(struct arena *arena, struct request *req)
{
	*req = (struct request){ .arena = arena,
		.ref = "00000000",
		.method = "",
		.path = "",
		.query = "",
		.deadline_ms = clock_monotonic_ms() + 5000,
		.header = no_header };
}
