/*
 * Figures of this process, as Prometheus reads them (text format 0.0.4): requests by route and code, how long they took and how
 * long they had waited, hash slots, the database pool, doors, breakers, memory. Counted in atomics: nothing is locked for a
 * request. No label holds anything that a parent typed.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "status.h"

struct route;

/**
 * metrics_open(program, routes, n_routes, workers):
 * Name what is counted; call once, before threads start. ${routes} must live as long as the process. Returns false if
 * memory ends.
 */
bool metrics_open(const char *program, const struct route *routes, size_t n_routes, unsigned workers);

/**
 * metrics_begin(), metrics_end(route, status, spent_us, waited_ms):
 * A worker takes up a request; it has been answered at ${route} (NULL: none) with ${status} after ${spent_us} microseconds,
 * having waited ${waited_ms} from nginx to us. Without metrics_open they do nothing.
 */
void metrics_begin(void);
void metrics_end(const struct route *route, enum status status, int64_t spent_us, int64_t waited_ms);

/**
 * metrics_text(arena):
 * Return all figures as they are now, or NULL if memory ends.
 */
const char *metrics_text(struct arena *arena);

#endif
