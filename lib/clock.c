/* China has one time zone and no summer time since 1991, so its calendar is UTC's moved by eight hours: no tzdata needed. */
#include "clock.h"

#include <stdio.h>
#include <time.h>

enum { BEIJING_OFFSET_S = 8 * 3600 };

static int64_t
now_ms(clockid_t which)
{
	struct timespec now;

	(void)clock_gettime(which, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_monotonic_ms(void)
{
	return now_ms(CLOCK_MONOTONIC);
}

int64_t
clock_monotonic_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_wall_ms(void)
{
	return now_ms(CLOCK_REALTIME);
}

/* Beijing's clock at ${wall_ms}, broken down; the milliseconds go to ${ms}. */
static struct tm
beijing(int64_t wall_ms, int *ms)
{
	int64_t seconds = wall_ms / 1000, rest = wall_ms % 1000;
	struct tm out = { 0 };
	time_t shifted;

	/* Before 1970 the remainder is negative. */
	if (rest < 0) {
		rest += 1000;
		seconds--;
	}
	shifted = (time_t)(seconds + BEIJING_OFFSET_S);
	(void)gmtime_r(&shifted, &out);
	*ms = (int)rest;
	return out;
}

struct date
clock_beijing_date(int64_t wall_ms)
{
	int ms;
	struct tm t = beijing(wall_ms, &ms);

	return (struct date){ t.tm_year + 1900, t.tm_mon + 1, t.tm_mday };
}

bool
clock_is_day(struct date d)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;

	if (d.year < 1 || d.month < 1 || d.month > 12)
		return false;
	return d.day >= 1 && d.day <= days[d.month - 1] + (d.month == 2 && is_leap);
}

void
clock_rfc3339(int64_t wall_ms, char out[static 30])
{
	int ms;
	struct tm t = beijing(wall_ms, &ms);
	char date[20];

	(void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &t);
	(void)snprintf(out, 30, "%s.%03d+08:00", date, ms);
}
