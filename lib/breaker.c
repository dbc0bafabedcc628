/* A handful of counterparts, found by name in a table that only grows; one lock, held for a few instructions. */
#include "breaker.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "log.h"

enum { COUNTERPARTS_MAX = 16, FAILURES_MAX = 5, PAUSE_MS = 1000 };

struct breaker {
	const char *counterpart;
	int failures;        /* in a row */
	int64_t open_until;  /* once there are FAILURES_MAX */
	int64_t tried_since; /* when the one that may try began; 0: nobody tries */
	uint64_t ended[BREAKER_ENDS];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct breaker breakers[COUNTERPARTS_MAX];

/* The breaker of ${counterpart}, made if it is new; NULL if the table is full. */
static struct breaker *
find(const char *counterpart)
{
	for (size_t i = 0; i < COUNTERPARTS_MAX; i++) {
		if (breakers[i].counterpart == NULL)
			breakers[i].counterpart = counterpart;
		if (strcmp(breakers[i].counterpart, counterpart) == 0)
			return &breakers[i];
	}
	return NULL;
}

/* One may try after the pause; if it never reports, another after one more. */
static bool
may_try(const struct breaker *b, int64_t now_ms)
{
	return now_ms >= b->open_until && now_ms - b->tried_since >= PAUSE_MS;
}

bool
breaker_allows(const char *counterpart, int64_t now_ms)
{
	bool is_allowed = true;
	struct breaker *b;

	(void)pthread_mutex_lock(&lock);
	if ((b = find(counterpart)) != NULL && b->failures >= FAILURES_MAX) {
		is_allowed = may_try(b, now_ms);
		if (is_allowed)
			b->tried_since = now_ms;
		else
			b->ended[BREAKER_REFUSED]++;
	}
	(void)pthread_mutex_unlock(&lock);
	return is_allowed;
}

size_t
breaker_room(const char *counterpart, size_t most, int64_t now_ms)
{
	size_t room = most;
	const struct breaker *b;

	(void)pthread_mutex_lock(&lock);
	if ((b = find(counterpart)) != NULL && b->failures >= FAILURES_MAX)
		room = may_try(b, now_ms) ? 1 : 0;
	(void)pthread_mutex_unlock(&lock);
	return room;
}

void
breaker_report(const char *counterpart, bool is_good, int64_t now_ms)
{
	bool is_news = false;
	struct breaker *b;

	(void)pthread_mutex_lock(&lock);
	if ((b = find(counterpart)) != NULL) {
		is_news = is_good ? b->failures >= FAILURES_MAX : b->failures == FAILURES_MAX - 1;
		b->failures = is_good ? 0 : b->failures + (b->failures < FAILURES_MAX);
		b->tried_since = 0;
		b->ended[is_good ? BREAKER_GOOD : BREAKER_BAD]++;
		if (b->failures >= FAILURES_MAX)
			b->open_until = now_ms + PAUSE_MS;
	}
	(void)pthread_mutex_unlock(&lock);
	if (is_news)
		log_event(is_good ? LOG_INFO : LOG_WARNING, NULL, is_good ? "breaker_closed" : "breaker_open", "%s", counterpart);
}

bool
breaker_read(size_t i, struct breaker_figures *figures)
{
	bool is_there = false;

	(void)pthread_mutex_lock(&lock);
	if (i < COUNTERPARTS_MAX && breakers[i].counterpart != NULL) {
		const struct breaker *b = &breakers[i];

		is_there = true;
		*figures = (struct breaker_figures){ .counterpart = b->counterpart, .is_open = b->failures >= FAILURES_MAX };
		memcpy(figures->ended, b->ended, sizeof b->ended);
	}
	(void)pthread_mutex_unlock(&lock);
	return is_there;
}
