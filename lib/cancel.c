/*
 * PQcancel waits for the postmaster, and for ever if that hangs, which is just when requests time out. So it waits in a
 * thread of its own, one at a time: if one is still waiting, another would wait too.
 */
#include "cancel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

static atomic_bool is_waiting;

static void *
wait_for_postmaster(void *argument)
{
	char error[256];

	(void)PQcancel(argument, error, sizeof error);
	PQfreeCancel(argument);
	atomic_store(&is_waiting, false);
	return NULL;
}

void
cancel_send(PGconn *pg)
{
	PGcancel *cancel;
	pthread_t thread;

	if (atomic_exchange(&is_waiting, true))
		return;
	if ((cancel = PQgetCancel(pg)) != NULL && pthread_create(&thread, NULL, wait_for_postmaster, cancel) == 0) {
		(void)pthread_detach(thread);
		return;
	}
	PQfreeCancel(cancel);
	atomic_store(&is_waiting, false);
}
