/*
 * Notices to the platform: a session has moved. A thread leases what is due, sends it signed, and writes down what became of
 * it; what was not delivered comes again. So each arrives at least once, in no certain order, as from the real gateway.
 */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "conf.h"
#include "fetch.h"
#include "gateway.h"
#include "log.h"
#include "sandbox.h"

enum {
	LOOK_MS = 500,
	SWEEP_MS = 60000,
	ARENA_SIZE = 4 << 20,
	NOTICES_MAX = 16,
	TIMEOUT_MS = 3000,
	HUGE_SIZE = 100000,
	HOUR_MS = 3600000
};

struct notice {
	const char *code, *event_id, *notify_url, *body, *fault;
};

struct done_in {
	const char *event_id;
	bool is_delivered;
};

static const struct db_field due_fields[] = { { DB_UUID, offsetof(struct notice, event_id) },
	{ DB_TEXT, offsetof(struct notice, notify_url) }, { DB_TEXT, offsetof(struct notice, body) },
	{ DB_TEXT, offsetof(struct notice, fault) } };
static const struct db_field done_fields[] = { { DB_UUID, offsetof(struct done_in, event_id) },
	{ DB_BOOL, offsetof(struct done_in, is_delivered) } };

const struct door sandbox_door_notice_due = { "notice_due", "select * from sandbox.notice_due()", NULL, 0, due_fields, 4,
	offsetof(struct notice, code) };
const struct door sandbox_door_notice_done = { "notice_done", "select * from sandbox.notice_done($1,$2)", done_fields, 2, NULL, 0,
	offsetof(struct sandbox_answer, code) };
const struct door sandbox_door_sweep = { "sweep", "select * from sandbox.sweep()", NULL, 0, NULL, 0,
	offsetof(struct sandbox_answer, code) };

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_stopping, is_woken;
	char token[256];
} sender = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Faults that spoil what is sent: such a notice is not worth repeating. */
static bool
is_spoiled(const struct notice *notice)
{
	static const char *const faults[] = { "garbage", "truncate", "huge", "forge", "clock_off" };

	for (size_t i = 0; notice->fault != NULL && i < sizeof faults / sizeof *faults; i++)
		if (strcmp(notice->fault, faults[i]) == 0)
			return true;
	return false;
}

/* The body as the fault leaves it. NULL beyond the arena's limit. */
static const char *
body_of(struct arena *arena, const struct notice *notice)
{
	char *body;

	if (strcmp(notice->fault, "garbage") == 0)
		return "<html><body>System maintenance</body></html>";
	if (strcmp(notice->fault, "truncate") == 0)
		return arena_strndup(arena, notice->body, strlen(notice->body) / 2);
	if (strcmp(notice->fault, "huge") != 0)
		return notice->body;
	/* Blanks behind it: still JSON, but longer than anybody should read. */
	if ((body = arena_alloc(arena, HUGE_SIZE + 1)) == NULL)
		return NULL;
	memset(body, ' ', HUGE_SIZE);
	memcpy(body, notice->body, strlen(notice->body));
	return body;
}

/* Fill the call that brings a notice. Returns false if memory ends. */
static bool
prepare(struct arena *arena, const struct notice *notice, struct fetch_call *call)
{
	bool is_forged = strcmp(notice->fault, "forge") == 0, is_off = strcmp(notice->fault, "clock_off") == 0;
	const char *const *headers = gateway_sign(
	    arena, conf_text("space_paasid"), is_forged ? "forged" : sender.token, clock_wall_ms() + (is_off ? HOUR_MS : 0));

	*call = (struct fetch_call){ .counterpart = "notice",
		.method = "POST",
		.url = notice->notify_url,
		.headers = headers,
		.body = body_of(arena, notice),
		.timeout_ms = TIMEOUT_MS };
	return headers != NULL && call->body != NULL;
}

/* Send what is due. Returns false if there was nothing. */
static bool
send_due(struct arena *arena)
{
	struct fetch_call calls[NOTICES_MAX];
	struct request req;
	struct db_rows rows;
	const struct notice *notices;

	arena_reset(arena);
	db_worker_request(arena, &req);
	if (db_call_rows(&req, &sandbox_door_notice_due, NULL, sizeof *notices, &rows) != STATUS_OK || rows.n == 0)
		return false;
	notices = rows.items;
	for (size_t i = 0; i < rows.n && i < NOTICES_MAX; i++)
		if (!prepare(arena, &notices[i], &calls[i])) {
			log_event(LOG_ERROR, NULL, "notice_memory", "%zu notices wait", rows.n);
			return false;
		}
	fetch_all(arena, calls, rows.n);

	for (size_t i = 0; i < rows.n; i++) {
		bool is_accepted = calls[i].result == FETCH_OK && calls[i].http >= 200 && calls[i].http < 300;
		const struct done_in done = { notices[i].event_id, is_accepted || is_spoiled(&notices[i]) };

		db_worker_request(arena, &req);
		/* If this is not written down, the lease runs out and the notice comes again. */
		if (db_call(&req, &sandbox_door_notice_done, &done, NULL) != STATUS_OK)
			log_event(LOG_WARNING, NULL, "notice_done", "a notice will come again");
	}
	return true;
}

/* Wait until somebody wakes us, or it is time to look. Returns false when the program ends. */
static bool
wait_for_work(void)
{
	struct timespec until;
	bool is_going_on;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += LOOK_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&sender.lock);
	while (!sender.is_stopping && !sender.is_woken && pthread_cond_timedwait(&sender.changed, &sender.lock, &until) == 0)
		continue;
	sender.is_woken = false;
	is_going_on = !sender.is_stopping;
	pthread_mutex_unlock(&sender.lock);
	return is_going_on;
}

static void *
work(void *context)
{
	struct arena *arena = context;
	int64_t sweep_at_ms = clock_monotonic_ms() + SWEEP_MS;

	while (wait_for_work()) {
		while (send_due(arena))
			continue;
		if (clock_monotonic_ms() >= sweep_at_ms) {
			struct request req;

			arena_reset(arena);
			db_worker_request(arena, &req);
			if (db_call(&req, &sandbox_door_sweep, NULL, NULL) != STATUS_OK)
				log_event(LOG_WARNING, NULL, "sweep", "old rows stay for another minute");
			sweep_at_ms = clock_monotonic_ms() + SWEEP_MS;
		}
	}
	arena_free(arena);
	return NULL;
}

bool
sandbox_notice_start(void)
{
	struct arena *arena = arena_new(ARENA_SIZE);

	if (arena == NULL || !conf_secret("space_token_file", sender.token, sizeof sender.token) ||
	    pthread_cond_init(&sender.changed, NULL) != 0 || pthread_create(&sender.thread, NULL, work, arena) != 0) {
		arena_free(arena);
		return false;
	}
	return true;
}

void
sandbox_notice_stop(void)
{
	pthread_mutex_lock(&sender.lock);
	sender.is_stopping = true;
	pthread_cond_signal(&sender.changed);
	pthread_mutex_unlock(&sender.lock);
	(void)pthread_join(sender.thread, NULL);
}

void
sandbox_notice_wake(void)
{
	pthread_mutex_lock(&sender.lock);
	sender.is_woken = true;
	pthread_cond_signal(&sender.changed);
	pthread_mutex_unlock(&sender.lock);
}
