/* The same life for every executable: configuration, keys, doors, its own threads, the server, the end. */
#include "service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "breaker.h"
#include "clock.h"
#include "conf.h"
#include "log.h"
#include "metrics.h"
#include "server.h"

enum { ROUTES_MAX = 64, DOORS_MAX = 64, HEALTH_WAIT_MS = 1000 };

/* GET /api/NAME/health: is this process good for anything just now? */
static enum status
health_get(struct request *req, struct reply *rep)
{
	int64_t deadline_ms = clock_monotonic_ms() + HEALTH_WAIT_MS;

	bool is_up = db_is_up(deadline_ms < req->deadline_ms ? deadline_ms : req->deadline_ms);
	const char *word = is_up ? "ok" : "unavailable", *outbound = "";
	struct breaker_figures figures;

	/* A counterpart that is down is told, but leaves this process as good as it is. */
	for (size_t i = 0; breaker_read(i, &figures) && outbound != NULL; i++)
		outbound = arena_printf(req->arena, "%s%s\"%s\":\"%s\"", outbound, i > 0 ? "," : "", figures.counterpart,
		    figures.is_open ? "unavailable" : "ok");
	return reply_text(req, rep, is_up ? 200 : 503,
	    outbound == NULL
		? NULL
		: arena_printf(req->arena, "{\"status\":\"%s\",\"database\":\"%s\",\"outbound\":{%s}}", word, word, outbound));
}

/* GET /api/NAME/metrics: how is it doing? */
static enum status
metrics_get(struct request *req, struct reply *rep)
{
	const char *text = metrics_text(req->arena);

	if (text == NULL)
		return STATUS_INTERNAL;
	return reply_bytes(
	    req, rep, "text/plain; version=0.0.4; charset=utf-8", (struct bytes){ (const uint8_t *)text, strlen(text) });
}

/* A service with what every one has: routes for health and metrics and, where sessions are, the door that knows good ones. */
struct whole {
	struct service service;
	struct route routes[ROUTES_MAX];
	const struct door *doors[DOORS_MAX];
	char health_path[64], metrics_path[64];
};

static bool
complete(const struct service *service, struct whole *whole)
{
	bool has_sessions = false;

	if (service->n_routes + 2 > ROUTES_MAX || service->n_doors + 1 > DOORS_MAX)
		return false;
	whole->service = *service;
	whole->service.routes = whole->routes;
	whole->service.doors = whole->doors;

	/* These stand first, or "/api/content/{kind}" would take them. */
	(void)snprintf(whole->health_path, sizeof whole->health_path, "/api/%s/health", service->name);
	(void)snprintf(whole->metrics_path, sizeof whole->metrics_path, "/api/%s/metrics", service->name);
	whole->routes[0] = (struct route){ "GET", whole->health_path, health_get, ROUTE_LOCAL };
	whole->routes[1] = (struct route){ "GET", whole->metrics_path, metrics_get, ROUTE_LOCAL };
	whole->service.n_routes += 2;
	for (size_t i = 0; i < service->n_routes; i++) {
		whole->routes[i + 2] = service->routes[i];
		has_sessions |= (service->routes[i].flags & ROUTE_SESSION) != 0;
	}
	for (size_t i = 0; i < service->n_doors; i++)
		whole->doors[i] = service->doors[i];
	if (has_sessions)
		whole->doors[whole->service.n_doors++] = &route_session_door;
	return true;
}

static void
serve(const void *context, struct request *req, struct reply *rep)
{
	route_serve(context, req, rep);
}

static int
print_routes(const struct service *service)
{
	for (size_t i = 0; i < service->n_routes; i++)
		printf("%s %s\n", service->routes[i].method, service->routes[i].path);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Is descriptor 0 the listening socket that whoever started us holds? */
static bool
has_socket(void)
{
	int is_listening = 0;
	socklen_t size = sizeof is_listening;

	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0 && is_listening != 0)
		return true;
	log_event(LOG_ERROR, NULL, "start", "descriptor 0 is not a listening socket");
	return false;
}

/* No core file, nothing for others to read: this process holds keys. */
static void
close_doors_behind(void)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	(void)setrlimit(RLIMIT_CORE, &none);
}

/* A service with a database of its own is its own role there; the others are enroll_NAME in the platform's. */
static bool
open_database(const struct service *service)
{
	char role[64];

	(void)snprintf(role, sizeof role, "%s%s", service->database == NULL ? "enroll_" : "", service->name);
	return db_open(
	    conf_text(service->database != NULL ? service->database : "database"), role, service->doors, service->n_doors);
}

static int
run(const struct service *service)
{
	struct server server = { .socket = STDIN_FILENO, .serve = serve, .context = service };
	bool is_done;

	if (service->keys != 0 && !seal_open_keys(conf_keys_dir(), service->keys))
		return EXIT_FAILURE;
	if (!open_database(service)) {
		log_event(LOG_ERROR, NULL, "start", "the database pool cannot be made");
		return EXIT_FAILURE;
	}
	server.workers = (unsigned)conf_number("workers");
	server.timeout_ms = conf_number("request_timeout_ms");
	if (!metrics_open(service->name, service->routes, service->n_routes, server.workers))
		return EXIT_FAILURE;

	/* Its own threads must not catch the signal that ends us. */
	server_block_signals();
	if (service->start != NULL && !service->start()) {
		log_event(LOG_ERROR, NULL, "start", "the service does not start");
		return EXIT_FAILURE;
	}
	is_done = server_run(&server);
	if (service->stop != NULL)
		service->stop();
	return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
service_main(int argc, char **argv, const struct service *service)
{
	static struct whole whole;

	log_open(service->name);
	close_doors_behind();
	if (!complete(service, &whole)) {
		log_event(LOG_ERROR, NULL, "start", "more routes or doors than service.c has room for");
		return EXIT_FAILURE;
	}
	if (argc == 2 && strcmp(argv[1], "--routes") == 0)
		return print_routes(&whole.service);
	if (argc != 3 || strcmp(argv[1], "--config") != 0) {
		(void)fprintf(stderr, "usage: %s --config FILE | --routes\n", service->name);
		return 2;
	}
	return has_socket() && conf_open(argv[2]) ? run(&whole.service) : EXIT_FAILURE;
}
