/* A counter that may overshoot for an instant and is then taken back: never more than the limit get through. */
#include "slots.h"

bool
slots_take(struct slots *slots, long limit)
{
	if (atomic_fetch_add(&slots->taken, 1) < limit)
		return true;
	atomic_fetch_sub(&slots->taken, 1);
	return false;
}

void
slots_give(struct slots *slots)
{
	atomic_fetch_sub(&slots->taken, 1);
}
