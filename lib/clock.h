/* Time: milliseconds for deadlines, Beijing's calendar for people. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct date {
	int year, month, day;
};

/**
 * clock_monotonic_ms():
 * Return milliseconds of a clock that never goes back; for timeouts inside this process.
 */
int64_t clock_monotonic_ms(void);

/**
 * clock_monotonic_us():
 * The same clock in microseconds; for figures.
 */
int64_t clock_monotonic_us(void);

/**
 * clock_wall_ms():
 * Return milliseconds since 1970, UTC.
 */
int64_t clock_wall_ms(void);

/**
 * clock_beijing_date(wall_ms):
 * Return the date in Beijing (UTC+8, no summer time) at ${wall_ms}.
 */
struct date clock_beijing_date(int64_t wall_ms);

/**
 * clock_is_day(date):
 * Is ${date} a day of the (Gregorian) calendar?
 */
bool clock_is_day(struct date date);

/**
 * clock_rfc3339(wall_ms, out):
 * Write ${wall_ms} as RFC 3339 with Beijing's offset ("2026-06-01T09:00:00.000+08:00") to ${out}, 30 bytes with the NUL.
 */
void clock_rfc3339(int64_t wall_ms, char out[static 30]);

#endif
