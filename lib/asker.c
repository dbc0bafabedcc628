/*
 * Two threads, so that a counterpart that hangs holds up one round and not everybody. Waking counts up a number: a thread
 * that was at work when it happened sees that the number has moved, and looks again instead of sleeping.
 */
#include "asker.h"

#include <pthread.h>
#include <time.h>

#include "arena.h"
#include "clock.h"
#include "db.h"
#include "log.h"

/* Sleep no longer than a second: another process may have put work there. After a fault of our own, half of that. */
enum { THREADS = 2, SLEEP_MAX_MS = 1000, ARENA_BYTES = 64 * 1024 * 1024 };

static struct {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	unsigned long wakes;
	bool is_stopping;
	unsigned n_threads;
	pthread_t threads[THREADS];
	int64_t (*work)(struct request *req);
} asker = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Sleep until ${wait_ms} are over, somebody wakes us (the number is no longer ${seen}), or it is time to end. */
static void
sleep_until_due(int64_t wait_ms, unsigned long seen)
{
	int64_t until_ms = clock_monotonic_ms() + (wait_ms < SLEEP_MAX_MS ? wait_ms : SLEEP_MAX_MS);
	const struct timespec until = { until_ms / 1000, (long)(until_ms % 1000) * 1000000 };
	int rc = 0;

	while (rc == 0 && asker.wakes == seen && !asker.is_stopping)
		rc = pthread_cond_timedwait(&asker.moved, &asker.lock, &until);
}

static void *
run(void *unused)
{
	struct arena *arena = arena_new(ARENA_BYTES);

	(void)unused;
	pthread_mutex_lock(&asker.lock);
	while (!asker.is_stopping && arena != NULL) {
		unsigned long seen = asker.wakes;
		struct request req;
		int64_t wait_ms;

		pthread_mutex_unlock(&asker.lock);
		db_worker_request(arena, &req);
		wait_ms = asker.work(&req);
		arena_reset(arena);
		pthread_mutex_lock(&asker.lock);
		if (wait_ms > 0)
			sleep_until_due(wait_ms, seen);
	}
	pthread_mutex_unlock(&asker.lock);
	arena_free(arena);
	return NULL;
}

bool
asker_start(int64_t (*work)(struct request *req))
{
	pthread_condattr_t monotonic;

	asker.work = work;
	if (pthread_condattr_init(&monotonic) != 0)
		return false;
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&asker.moved, &monotonic);
	pthread_condattr_destroy(&monotonic);
	for (; asker.n_threads < THREADS; asker.n_threads++)
		if (pthread_create(&asker.threads[asker.n_threads], NULL, run, NULL) != 0) {
			log_event(LOG_ERROR, NULL, "asker_start", "no thread");
			return false;
		}
	return true;
}

void
asker_wake(void)
{
	pthread_mutex_lock(&asker.lock);
	asker.wakes++;
	if (asker.n_threads > 0)
		pthread_cond_broadcast(&asker.moved);
	pthread_mutex_unlock(&asker.lock);
}

void
asker_stop(void)
{
	pthread_mutex_lock(&asker.lock);
	asker.is_stopping = true;
	if (asker.n_threads > 0)
		pthread_cond_broadcast(&asker.moved);
	pthread_mutex_unlock(&asker.lock);
	while (asker.n_threads > 0)
		pthread_join(asker.threads[--asker.n_threads], NULL);
}
