/* A bounded number of things at once: whoever comes beyond is told "busy" at once instead of waiting in a line. */
#ifndef SLOTS_H
#define SLOTS_H

#include <stdatomic.h>
#include <stdbool.h>

struct slots {
	atomic_long taken;
};

/**
 * slots_take(slots, limit):
 * Take one of ${limit} slots. Returns false if all are taken; else the caller gives it back.
 */
bool slots_take(struct slots *slots, long limit);

/**
 * slots_give(slots):
 * Give back what slots_take took.
 */
void slots_give(struct slots *slots);

#endif
