/*
 * The asking threads: the province's answers come to us, no handler waits for them. They work off a table of work in the
 * database (what is due, under a lease, past what another thread holds), so that a killed process costs no more than a lease.
 * A notice, a return or a parent who begins to wait wakes them at once.
 */
#ifndef ASKER_H
#define ASKER_H

#include <stdbool.h>
#include <stdint.h>

#include "request.h"

/**
 * asker_start(work):
 * Start the threads. Each calls ${work} with a request of its own for one round of what is due; it returns the milliseconds
 * until more is due, 0 for at once. Returns false (logged) if they cannot be started.
 */
bool asker_start(int64_t (*work)(struct request *req));

/**
 * asker_wake():
 * Something may be due now: look at once. Without threads it does nothing.
 */
void asker_wake(void);

/**
 * asker_stop():
 * Let the threads finish their round and end.
 */
void asker_stop(void);

#endif
