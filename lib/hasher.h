/*
 * Threads of low priority that hash: hash_slots of them over one short queue, so that a storm of sign-ins leaves everything
 * else its share of the processors. Used by lib/password alone.
 */
#ifndef HASHER_H
#define HASHER_H

#include <stdbool.h>
#include <stdint.h>

#include "status.h"

/**
 * hasher_run(work, argument, deadline_ms):
 * Have ${work}(${argument}) run on a hashing thread and wait for it. Waits in the queue until ${deadline_ms}
 * (clock_monotonic_ms); once begun it is waited for. STATUS_OK: it ran; STATUS_BUSY: the queue is full or time is up;
 * STATUS_INTERNAL: no thread could be started.
 */
enum status hasher_run(void (*work)(void *argument), void *argument, int64_t deadline_ms);

struct hasher_figures {
	uint64_t slots, running, waiting; /* now */
	uint64_t done, refused;           /* since the start */
};

/**
 * hasher_read(figures):
 * Fill ${figures} with what is going on.
 */
void hasher_read(struct hasher_figures *figures);

#endif
