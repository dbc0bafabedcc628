/*
 * A breaker a counterpart: after 5 failures in a row calls are refused for a second, then one may try; if it succeeds all
 * may again. Used by lib/fetch, and read by lib/metrics and lib/service.
 */
#ifndef BREAKER_H
#define BREAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * breaker_allows(counterpart, now_ms):
 * May a call to ${counterpart} (a literal: its address is kept) be made at ${now_ms} (clock_monotonic_ms)? Whoever is told yes
 * reports with breaker_report.
 */
bool breaker_allows(const char *counterpart, int64_t now_ms);

/**
 * breaker_report(counterpart, is_good, now_ms):
 * Say how a call ended that breaker_allows has allowed.
 */
void breaker_report(const char *counterpart, bool is_good, int64_t now_ms);

/**
 * breaker_room(counterpart, most, now_ms):
 * How many calls to ${counterpart} are worth preparing now? ${most}; 1 where only a try is allowed; 0 while all are refused.
 */
size_t breaker_room(const char *counterpart, size_t most, int64_t now_ms);

enum breaker_end { BREAKER_GOOD, BREAKER_BAD, BREAKER_REFUSED, BREAKER_ENDS };

struct breaker_figures {
	const char *counterpart;
	bool is_open;                 /* the last calls failed, and none has succeeded since */
	uint64_t ended[BREAKER_ENDS]; /* calls since the start, by how they ended */
};

/**
 * breaker_read(i, figures):
 * Fill ${figures} with breaker number ${i}. Returns false if there are no more.
 */
bool breaker_read(size_t i, struct breaker_figures *figures);

#endif
