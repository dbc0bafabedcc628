/* What is counted comes out as Prometheus reads it. */
#include "metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "route.h"

static const struct route routes[] = { { "GET", "/api/session", NULL, 0 }, { "POST", "/api/students/{id}", NULL, 0 } };
static struct arena *arena;

static void
has(const char *text, const char *line)
{
	const char *found = strstr(text, line);

	if (found == NULL || (found != text && found[-1] != '\n') || found[strlen(line)] != '\n')
		fail_msg("no line: %s\nin:\n%s", line, text);
}

static void
counts_by_route_and_code(void **state)
{
	const char *text;

	(void)state;
	for (int i = 0; i < 3; i++) {
		metrics_begin();
		metrics_end(&routes[0], STATUS_OK, 900, 2);
	}
	metrics_begin();
	metrics_end(&routes[1], STATUS_BUSY, 6000000, 0);
	metrics_begin();
	metrics_end(NULL, STATUS_NOT_FOUND, 1, -1);
	metrics_begin();

	text = metrics_text(arena);
	assert_non_null(text);
	has(text, "enroll_requests_total{program=\"session\",method=\"GET\",route=\"/api/session\",code=\"ok\"} 3");
	has(text, "enroll_requests_total{program=\"session\",method=\"POST\",route=\"/api/students/{id}\",code=\"busy\"} 1");
	has(text, "enroll_requests_total{program=\"session\",method=\"\",route=\"none\",code=\"not_found\"} 1");
	has(text, "enroll_workers{program=\"session\"} 7");
	has(text, "enroll_workers_busy{program=\"session\"} 1");
}

static void
buckets_add_up(void **state)
{
	const char *text = metrics_text(arena);

	(void)state;
	has(text, "enroll_request_seconds_bucket{program=\"session\",method=\"GET\",route=\"/api/session\",le=\"0.001\"} 3");
	has(text, "enroll_request_seconds_bucket{program=\"session\",method=\"GET\",route=\"/api/session\",le=\"+Inf\"} 3");
	has(text, "enroll_request_seconds_sum{program=\"session\",method=\"GET\",route=\"/api/session\"} 0.002700");
	/* Longer than any bound: in the last bucket alone. */
	has(text, "enroll_request_seconds_bucket{program=\"session\",method=\"POST\",route=\"/api/students/{id}\",le=\"5\"} 0");
	has(text,
	    "enroll_request_seconds_bucket{program=\"session\",method=\"POST\",route=\"/api/students/{id}\",le=\"+Inf\"} 1");
	has(text, "enroll_queue_seconds_count{program=\"session\"} 5");
	has(text, "enroll_queue_seconds_bucket{program=\"session\",le=\"0.001\"} 2");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(counts_by_route_and_code), cmocka_unit_test(buckets_add_up) };
	int failed;

	arena = arena_new(1 << 20);
	if (arena == NULL || !metrics_open("session", routes, sizeof routes / sizeof *routes, 7))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
