/*
 * A cell a route and code, a histogram a route. What other nouns know of themselves (hash slots, connections, breakers) is read
 * from them when somebody asks. Prometheus adds up histograms itself, so each count stands in one bucket here and is added up
 * in writing.
 */
#include "metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "breaker.h"
#include "clock.h"
#include "db.h"
#include "hasher.h"
#include "route.h"

enum { BUCKETS = 12 };

/* Upper bounds in microseconds; the last bucket has none. */
static const int64_t bounds_us[BUCKETS] = { 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000,
	5000000 };

struct histogram {
	atomic_uint_fast64_t buckets[BUCKETS + 1], sum_us;
};

/* One a route, and a last one for what found none. */
struct cell {
	atomic_uint_fast64_t codes[STATUS_COUNT];
	struct histogram spent;
};

static struct {
	const char *program;
	const struct route *routes;
	size_t n_routes;
	unsigned workers;
	int64_t started_ms;
	struct cell *cells;
	struct histogram waited;
	atomic_uint_fast64_t n_busy;
} metrics;

bool
metrics_open(const char *program, const struct route *routes, size_t n_routes, unsigned workers)
{
	metrics.program = program;
	metrics.routes = routes;
	metrics.n_routes = n_routes;
	metrics.workers = workers;
	metrics.started_ms = clock_wall_ms();
	metrics.cells = calloc(n_routes + 1, sizeof *metrics.cells);
	return metrics.cells != NULL;
}

static void
observe(struct histogram *histogram, int64_t us)
{
	size_t i = 0;

	while (i < BUCKETS && us > bounds_us[i])
		i++;
	atomic_fetch_add_explicit(&histogram->buckets[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&histogram->sum_us, us > 0 ? (uint64_t)us : 0, memory_order_relaxed);
}

void
metrics_begin(void)
{
	atomic_fetch_add_explicit(&metrics.n_busy, 1, memory_order_relaxed);
}

void
metrics_end(const struct route *route, enum status status, int64_t spent_us, int64_t waited_ms)
{
	size_t i = route != NULL ? (size_t)(route - metrics.routes) : metrics.n_routes;

	atomic_fetch_sub_explicit(&metrics.n_busy, 1, memory_order_relaxed);
	if (metrics.cells == NULL || i > metrics.n_routes || status >= STATUS_COUNT)
		return;
	atomic_fetch_add_explicit(&metrics.cells[i].codes[status], 1, memory_order_relaxed);
	observe(&metrics.cells[i].spent, spent_us);
	observe(&metrics.waited, waited_ms * 1000);
}

static void
head(FILE *out, const char *name, const char *type, const char *help)
{
	(void)fprintf(out, "# HELP enroll_%s %s\n# TYPE enroll_%s %s\n", name, help, name, type);
}

/* One figure without labels of its own. */
static void
figure(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
	head(out, name, type, help);
	(void)fprintf(out, "enroll_%s{program=\"%s\"} %" PRIu64 "\n", name, metrics.program, value);
}

/* ${labels}: "" or more labels, each after a comma. */
static void
write_histogram(FILE *out, const char *name, const char *labels, struct histogram *histogram)
{
	uint64_t n = 0;

	for (size_t i = 0; i < BUCKETS; i++) {
		n += atomic_load(&histogram->buckets[i]);
		(void)fprintf(out, "enroll_%s_bucket{program=\"%s\"%s,le=\"%g\"} %" PRIu64 "\n", name, metrics.program, labels,
		    (double)bounds_us[i] / 1e6, n);
	}
	n += atomic_load(&histogram->buckets[BUCKETS]);
	(void)fprintf(out, "enroll_%s_bucket{program=\"%s\"%s,le=\"+Inf\"} %" PRIu64 "\n", name, metrics.program, labels, n);
	(void)fprintf(out, "enroll_%s_sum{program=\"%s\"%s} %.6f\n", name, metrics.program, labels,
	    (double)atomic_load(&histogram->sum_us) / 1e6);
	(void)fprintf(out, "enroll_%s_count{program=\"%s\"%s} %" PRIu64 "\n", name, metrics.program, labels, n);
}

/* Labels of route number ${i}; the last stands for paths that there are not. */
static void
route_labels(size_t i, char *labels, size_t size)
{
	const struct route *route = i < metrics.n_routes ? &metrics.routes[i] : NULL;

	(void)snprintf(labels, size, ",method=\"%s\",route=\"%s\"", route != NULL ? route->method : "",
	    route != NULL ? route->path : "none");
}

static bool
is_counted(struct cell *cell)
{
	for (size_t code = 0; code < STATUS_COUNT; code++)
		if (atomic_load(&cell->codes[code]) > 0)
			return true;
	return false;
}

static void
write_requests(FILE *out)
{
	char labels[256];

	head(out, "requests_total", "counter", "Requests answered, by route and the contract's code.");
	for (size_t i = 0; i <= metrics.n_routes; i++) {
		route_labels(i, labels, sizeof labels);
		for (size_t code = 0; code < STATUS_COUNT; code++) {
			uint64_t n = atomic_load(&metrics.cells[i].codes[code]);

			if (n > 0)
				(void)fprintf(out, "enroll_requests_total{program=\"%s\"%s,code=\"%s\"} %" PRIu64 "\n",
				    metrics.program, labels, status_code((enum status)code), n);
		}
	}
	head(out, "request_seconds", "histogram", "Time from taking a request up to its answer.");
	for (size_t i = 0; i <= metrics.n_routes; i++) {
		route_labels(i, labels, sizeof labels);
		if (is_counted(&metrics.cells[i]))
			write_histogram(out, "request_seconds", labels, &metrics.cells[i].spent);
	}
	head(out, "queue_seconds", "histogram", "Time a request had waited between nginx and a worker.");
	write_histogram(out, "queue_seconds", "", &metrics.waited);
	figure(out, "workers", "gauge", "Worker threads.", metrics.workers);
	figure(out, "workers_busy", "gauge", "Worker threads with a request in hand.", atomic_load(&metrics.n_busy));
}

static void
write_hashing(FILE *out)
{
	struct hasher_figures figures;

	hasher_read(&figures);
	figure(out, "hash_slots", "gauge", "Passwords that may be hashed at once.", figures.slots);
	figure(out, "hash_running", "gauge", "Passwords being hashed.", figures.running);
	figure(out, "hash_waiting", "gauge", "Requests that wait for a hash slot.", figures.waiting);
	figure(out, "hash_total", "counter", "Passwords hashed.", figures.done);
	figure(out, "hash_refused_total", "counter", "Requests told busy for want of a hash slot.", figures.refused);
}

static void
write_database(FILE *out)
{
	struct db_figures figures;
	struct db_door_figures door;

	db_read(&figures);
	figure(out, "db_connections_limit", "gauge", "Connections this program may hold.", figures.limit);
	figure(out, "db_connections", "gauge", "Connections that are open.", figures.open);
	figure(out, "db_connections_borrowed", "gauge", "Connections in use.", figures.borrowed);
	figure(out, "db_refused_total", "counter", "Calls that got no connection in time.", figures.refused);
	head(out, "door_errors_total", "counter", "Calls of a door without a usable answer.");
	for (size_t i = 0; db_read_door(i, &door); i++)
		if (door.errors > 0)
			(void)fprintf(out, "enroll_door_errors_total{program=\"%s\",door=\"%s\"} %" PRIu64 "\n", metrics.program,
			    door.name, door.errors);
	head(out, "door_seconds", "summary", "Time in the database, by door.");
	for (size_t i = 0; db_read_door(i, &door); i++)
		if (door.calls > 0)
			(void)fprintf(out,
			    "enroll_door_seconds_sum{program=\"%s\",door=\"%s\"} %.6f\n"
			    "enroll_door_seconds_count{program=\"%s\",door=\"%s\"} %" PRIu64 "\n",
			    metrics.program, door.name, (double)door.spent_us / 1e6, metrics.program, door.name, door.calls);
}

static void
write_counterparts(FILE *out)
{
	static const char *const states[] = { "good", "bad", "refused" };
	struct breaker_figures figures;

	head(out, "breaker_open", "gauge", "1 while calls to a counterpart are refused at once.");
	for (size_t i = 0; breaker_read(i, &figures); i++)
		(void)fprintf(out, "enroll_breaker_open{program=\"%s\",counterpart=\"%s\"} %d\n", metrics.program,
		    figures.counterpart, figures.is_open ? 1 : 0);
	head(out, "calls_total", "counter", "Calls to a counterpart, by how they ended.");
	for (size_t i = 0; breaker_read(i, &figures); i++)
		for (size_t s = 0; s < sizeof states / sizeof *states; s++)
			(void)fprintf(out, "enroll_calls_total{program=\"%s\",counterpart=\"%s\",result=\"%s\"} %" PRIu64 "\n",
			    metrics.program, figures.counterpart, states[s], figures.ended[s]);
}

/* Resident memory in bytes, 0 where /proc does not say: the second number of statm, in pages. */
static uint64_t
resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[128] = "";
	char *rest = line;

	if (file == NULL)
		return 0;
	if (fgets(line, sizeof line, file) == NULL)
		line[0] = '\0';
	(void)fclose(file);
	(void)strtoull(line, &rest, 10);
	return strtoull(rest, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

const char *
metrics_text(struct arena *arena)
{
	char *text = NULL;
	const char *copy = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	write_requests(out);
	write_hashing(out);
	write_database(out);
	write_counterparts(out);
	figure(out, "start_time_seconds", "gauge", "When the process started, seconds since 1970.",
	    (uint64_t)metrics.started_ms / 1000);
	figure(out, "resident_bytes", "gauge", "Resident memory.", resident_bytes());
	if (fclose(out) == 0)
		copy = arena_strndup(arena, text, size);
	free(text);
	return copy;
}
