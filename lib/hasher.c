/*
 * Jobs lie on the stacks of those who wait for them, linked into one queue. A thread of its own is needed because a process
 * without privileges may lower its priority but never raise it again: the thread that serves a request must keep its own.
 */
#include "hasher.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "log.h"

enum { NICE = 10 };

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE };

struct job {
	struct job *next;
	void (*work)(void *);
	void *argument;
	enum job_state state;
	pthread_cond_t changed;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_work = PTHREAD_COND_INITIALIZER;
static struct job *first, **last = &first;
static long n_waiting, n_running, n_threads;
static uint64_t n_done, n_refused;

static struct job *
next_job(void)
{
	struct job *job = first;

	if ((first = job->next) == NULL)
		last = &first;
	n_waiting--;
	return job;
}

static void *
hash_forever(void *unused)
{
	(void)unused;
	if (setpriority(PRIO_PROCESS, (id_t)gettid(), NICE) != 0)
		log_event(LOG_WARNING, NULL, "hasher_priority", "%s", strerror(errno));
	(void)pthread_mutex_lock(&lock);
	for (;;) {
		struct job *job;

		while (first == NULL)
			(void)pthread_cond_wait(&has_work, &lock);
		job = next_job();
		job->state = JOB_RUNNING;
		n_running++;
		(void)pthread_mutex_unlock(&lock);
		job->work(job->argument);
		(void)pthread_mutex_lock(&lock);
		n_running--;
		n_done++;
		job->state = JOB_DONE;
		(void)pthread_cond_signal(&job->changed);
	}
	return NULL;
}

/* Start the threads, which stay as long as the process; signals are for others. */
static void
start_threads(void)
{
	long slots = conf_number("hash_slots");
	sigset_t all, before;
	pthread_t thread;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (n_threads < (slots > 0 ? slots : 1) && pthread_create(&thread, NULL, hash_forever, NULL) == 0) {
		(void)pthread_detach(thread);
		n_threads++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (n_threads == 0)
		log_event(LOG_ERROR, NULL, "hasher_threads", "no thread could be started");
}

static void
remove_job(const struct job *gone)
{
	struct job **link = &first;

	while (*link != gone)
		link = &(*link)->next;
	if ((*link = gone->next) == NULL)
		last = link;
	n_waiting--;
}

/* Wait until ${job} is done, or, while it has not begun, until the deadline. */
static enum status
wait_for(struct job *job, int64_t deadline_ms)
{
	struct timespec until = { deadline_ms / 1000, deadline_ms % 1000 * 1000000 };

	while (job->state == JOB_WAITING)
		if (pthread_cond_timedwait(&job->changed, &lock, &until) == ETIMEDOUT && job->state == JOB_WAITING) {
			remove_job(job);
			return STATUS_BUSY;
		}
	while (job->state != JOB_DONE)
		(void)pthread_cond_wait(&job->changed, &lock);
	return STATUS_OK;
}

enum status
hasher_run(void (*work)(void *argument), void *argument, int64_t deadline_ms)
{
	struct job job = { .work = work, .argument = argument, .state = JOB_WAITING };
	enum status st = STATUS_BUSY;
	pthread_condattr_t attr;

	(void)pthread_once(&once, start_threads);
	if (n_threads == 0)
		return STATUS_INTERNAL;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&job.changed, &attr);
	(void)pthread_condattr_destroy(&attr);

	(void)pthread_mutex_lock(&lock);
	/* Of those who wait, as many as there are idle threads are as good as running. */
	if (n_running + n_waiting < n_threads + conf_number("hash_queue")) {
		*last = &job;
		last = &job.next;
		n_waiting++;
		(void)pthread_cond_signal(&has_work);
		st = wait_for(&job, deadline_ms);
	}
	n_refused += st == STATUS_BUSY;
	(void)pthread_mutex_unlock(&lock);
	(void)pthread_cond_destroy(&job.changed);
	/* The job has left the queue by now, begun or given up. NOLINTNEXTLINE(clang-analyzer-core.StackAddressEscape) */
	return st;
}

void
hasher_read(struct hasher_figures *figures)
{
	(void)pthread_mutex_lock(&lock);
	*figures = (struct hasher_figures){ .slots = (uint64_t)conf_number("hash_slots"),
		.running = (uint64_t)n_running,
		.waiting = (uint64_t)n_waiting,
		.done = n_done,
		.refused = n_refused };
	(void)pthread_mutex_unlock(&lock);
}
